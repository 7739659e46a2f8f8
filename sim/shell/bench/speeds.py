"""Runs and replays over brokers, and runs in memory: messages and simulated time per second."""

import gc
import time
from collections.abc import AsyncIterator, Mapping
from itertools import count
from typing import Self

from sim.core.errors import BrokerError
from sim.shell.bench.material import Material, Recording, Story
from sim.shell.bench.replay import Replay, without_waiting
from sim.shell.bench.series import Measured
from sim.shell.brokers.endpoint import Endpoint
from sim.shell.brokers.mqtt_link import MqttLink
from sim.shell.playing import play, play_in_memory
from sim.world.network.link import Round

MESSAGES = "messages/s"
SIMULATED = "simulated s/s"
IN_MEMORY = "run in memory"


class Speeds:
    """Measures one material on some brokers; used as `async with`.

    Args:
        material: what is played.
        brokers: what people call a broker, to its endpoint for each story.
    """

    def __init__(self, material: Material, brokers: Mapping[str, tuple[Endpoint, ...]]) -> None:
        self._material = material
        self._brokers = brokers
        self._links = {name: tuple(MqttLink(one) for one in endpoints) for name, endpoints in brokers.items()}
        self._visits = count(1)
        self._recordings = {
            name: tuple(
                story.record(permissions=endpoint.permissions)
                for story, endpoint in zip(material.stories, endpoints, strict=True)
            )
            for name, endpoints in brokers.items()
        }

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for links in self._links.values():
            for link in links:
                await link.aclose()

    async def measure(self) -> AsyncIterator[Measured]:
        """Play everything once in every way."""
        gc.collect()
        gc.freeze()  # What the bench itself keeps must not slow down what it measures.
        seconds = [seconds_in_memory(story) for story in self._material.stories]
        yield Measured(IN_MEMORY, MESSAGES, self._material.messages / sum(seconds))
        for name, endpoints in self._brokers.items():
            recordings = self._recordings[name]
            messages = sum(one.messages for one in recordings)
            pairs = list(zip(self._links[name], self._material.stories, strict=True))
            seconds = [await seconds_over(link, story) for link, story in pairs]
            yield Measured(run_over(name), MESSAGES, messages / sum(seconds))
            yield Measured(
                day_over(name), SIMULATED, self._longest(recordings) / seconds[self._material.longest]
            )
            for series, waiting in ((bare_in_rounds(name), True), (bare_at_once(name), False)):
                spent = [
                    await self._seconds_of_replay(endpoint, one, waiting=waiting)
                    for endpoint, one in zip(endpoints, recordings, strict=True)
                ]
                yield Measured(series, MESSAGES, messages / sum(spent))

    async def _seconds_of_replay(self, endpoint: Endpoint, recording: Recording, *, waiting: bool) -> float:
        rounds: list[Round] = list(recording.rounds) if waiting else without_waiting(recording.rounds)
        async with Replay(endpoint, self._visits) as replay:
            began_s = time.perf_counter()
            await replay.play(rounds)
            return time.perf_counter() - began_s

    def _longest(self, recordings: tuple[Recording, ...]) -> float:
        return recordings[self._material.longest].result.simulated_ms / 1_000


def run_over(broker: str) -> str:
    """Return the series of whole runs over a broker."""
    return f"run over {broker}"


def day_over(broker: str) -> str:
    """Return the series of simulated time over a broker."""
    return f"longest story over {broker}"


def bare_in_rounds(broker: str) -> str:
    """Return the series of plain clients that wait after each round."""
    return f"bare aiomqtt over {broker}, in the run's rounds"


def bare_at_once(broker: str) -> str:
    """Return the series of plain clients that do not wait between rounds."""
    return f"bare aiomqtt over {broker}, all at once"


def seconds_in_memory(story: Story) -> float:
    """Return how long a story takes in memory."""
    began_s = time.perf_counter()
    play_in_memory(story.performance(permissions=True))
    return time.perf_counter() - began_s


async def seconds_over(link: MqttLink, story: Story) -> float:
    """Return how long a story takes over a broker.

    Raises:
        BrokerError: when the broker failed meanwhile.
    """
    began_s = time.perf_counter()
    performance = story.performance(permissions=link.permissions)
    result = await play(performance, link, None, story.scenario.start_ms)
    seconds = time.perf_counter() - began_s
    if result.verdict == "error":
        raise BrokerError(result.note)
    await link.clear()
    return seconds
