"""The day of a house full of devices, beside the day of the family: messages per second on every link."""

import gc
from collections.abc import AsyncIterator, Mapping
from typing import Self

from sim.shell.bench.material import Material
from sim.shell.bench.series import Measured
from sim.shell.bench.speeds import MESSAGES, seconds_in_memory, seconds_over
from sim.shell.brokers.endpoint import Endpoint
from sim.shell.brokers.mqtt_link import MqttLink

HOUSE_IN_MEMORY = "house of 20 devices in memory"


class House:
    """Measures one house's day; used as `async with`.

    Args:
        material: the day.
        brokers: what people call a broker, to its endpoint for each story of the day.
    """

    def __init__(self, material: Material, brokers: Mapping[str, tuple[Endpoint, ...]]) -> None:
        self._material = material
        self._links = {name: tuple(MqttLink(one) for one in endpoints) for name, endpoints in brokers.items()}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for links in self._links.values():
            for link in links:
                await link.aclose()

    async def measure(self) -> AsyncIterator[Measured]:
        """Play the day once on every link."""
        gc.collect()
        gc.freeze()
        stories, messages = self._material.stories, self._material.messages
        seconds = [seconds_in_memory(story) for story in stories]
        yield Measured(HOUSE_IN_MEMORY, MESSAGES, messages / sum(seconds))
        for name, links in self._links.items():
            spent = [await seconds_over(link, story) for link, story in zip(links, stories, strict=True)]
            yield Measured(house_over(name), MESSAGES, messages / sum(spent))


def house_over(broker: str) -> str:
    """Return the series of the house's day over a broker."""
    return f"house of 20 devices over {broker}"
