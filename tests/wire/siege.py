"""A story that goes on while somebody attacks its broker: real devices, whom nothing may reach.

The link keeps a ledger of every delivery: a message that reaches a device and that no device of the
story sent ends the story with an error. And the same scenario and seed give the same records on every
link, so a story that went as it goes in memory, record by record, was not touched: no other message,
no other decision, no other movement of a bolt.
"""

import asyncio
from collections.abc import Callable
from functools import cache
from pathlib import Path

from sim.core.errors import BrokerError
from sim.core.household import DeviceEntry, Household
from sim.core.messages import Frame
from sim.scenario.run import CaseResult, Performance, perform
from sim.shell.brokers.mqtt_link import MqttLink
from sim.shell.files import Shelf
from sim.shell.playing import play_in_memory
from sim.world.network.link import Delivery, LinkPlan, Operation, Publish, Round
from sim.world.network.permissions import grants
from sim.world.stage import Cast
from tests.scenario.stories import PROJECT
from tests.wire.homes import EVERYTHING, KINDS, SOUNDER, wang
from tests.wire.private import Broker
from tests.wire.raw import NOT_AUTHORIZED

STORY = PROJECT / "scenarios" / "watch-key" / "far.scenario.yaml"
"""The watch is refused from afar, unlocks the car beside it, and locks it again."""
TV = "tv"
"""A compromised device: its account and its password are good, and it may ask what any device may ask."""

_SHELF = Shelf()


def besieged_house() -> Household:
    """Return the household of the story with the compromised device in it."""
    house = wang()
    tv = DeviceEntry(TV, "stranger", KINDS["stranger"].Config(), enrolled=False)
    return Household(house.name, house.people, house.homes, {**house.devices, TV: tv})


def besieged_plan() -> LinkPlan:
    """Return the permissions of that household, and the sounder's."""
    house = besieged_house()
    return LinkPlan(house.name, {**grants(house, KINDS), SOUNDER: EVERYTHING})


def performances(story: Path) -> list[Performance]:
    """Return every case of a shipped scenario, ready to be played."""
    scenario = _SHELF.scenario(story)
    cast = Cast(scenario.household, KINDS, _SHELF.policy(scenario.household), scenario.seed)
    return [perform(scenario, case, cast) for case in scenario.cases]


@cache
def undisturbed() -> CaseResult:
    """Return how the story ends in memory, where nobody attacks."""
    result = play_in_memory(performances(STORY)[0])
    assert result.verdict == "pass"
    assert [one["device"] for one in result.records if one["kind"] == "change"].count("su7") > 1
    return result


def under(broker: Broker, attack: Callable[[], None]) -> CaseResult:
    """Return how the story ends when somebody attacks while the car is asked to open."""
    return asyncio.run(_play(broker, attack))


def play_over(broker: Broker, story: Path) -> list[CaseResult]:
    """Return how every case of a shipped scenario ends over the broker."""
    return asyncio.run(_play_all(broker, story))


def withstands(broker: Broker, attack: Callable[[], None]) -> None:
    """Assert that the story goes as if nobody attacked."""
    result = under(broker, attack)

    assert result.verdict == "pass", result.note
    assert result.records == undisturbed().records


def about(said: list[str], *words: str) -> list[str]:
    """Return the lines of a log that have all of some words."""
    return [line for line in said if all(word in line for word in words)]


def is_refused(broker: Broker, *frames: Frame) -> None:
    """Assert that the tv is refused on each topic, in one line of log each, and that nothing comes of it."""
    codes: list[int] = []
    with broker.wire(TV) as tv, broker.saying() as said:
        withstands(broker, lambda: codes.extend(tv.publish_each(frames)))

    assert codes == [NOT_AUTHORIZED] * len(frames)
    denied = about(said, "Denied PUBLISH")
    assert [line.split("'")[1] for line in denied] == [frame.topic for frame in frames]
    assert len(about(denied, "from wang.tv ")) == len(frames)


def is_hung_up_on(broker: Broker, attempt: bytes, reason: int | None, complaint: str) -> None:
    """Assert that bytes from the tv end its connection, with one complaint, and that nothing comes of it."""
    codes: list[int | None] = []
    with broker.wire(TV) as tv, broker.saying() as said:

        def attack() -> None:
            tv.send(attempt)
            codes.append(tv.hung_up())

        withstands(broker, attack)

    assert codes == [reason]
    assert len(about(said, complaint)) == len(about(said, "wang.tv", "disconnect")) == 1


async def _play(broker: Broker, attack: Callable[[], None]) -> CaseResult:
    waiting = True

    def look(round_: Round) -> None:
        nonlocal waiting
        if waiting and any(map(_asks, round_.operations)):
            waiting = False
            attack()

    result = None
    try:
        async with MqttLink(broker.endpoint) as link:
            result = await _perform(performances(STORY)[0], link, look)
    finally:
        if result is None or result.verdict == "error":
            _sweep(broker)
    assert not waiting, "nobody attacked"
    return result


def _sweep(broker: Broker) -> None:
    """Remove what a broken story left behind, so that it breaks no other."""
    with broker.wire(SOUNDER) as sounder:
        sounder.subscribe("carhome/#")
        sounder.ping()
        kept = dict.fromkeys(frame.topic for frame in sounder.heard if frame.retain)
        sounder.publish_each(Frame(topic, b"", retain=True) for topic in kept)
        sounder.disconnect()


async def _play_all(broker: Broker, story: Path) -> list[CaseResult]:
    async with MqttLink(broker.endpoint) as link:
        return [await _perform(one, link, lambda _round: None) for one in performances(story)]


async def _perform(performance: Performance, link: MqttLink, look: Callable[[Round], None]) -> CaseResult:
    """Play over a link and look at every round once it is over."""
    try:
        step = next(performance)
        while True:
            deliveries: tuple[Delivery, ...] = ()
            try:
                if isinstance(step, Round):
                    deliveries = await link.exchange(step)
                    look(step)
            except BrokerError as lost:
                step = performance.throw(lost)
            else:
                step = performance.send(deliveries)
    except StopIteration as end:
        result: CaseResult = end.value
    if result.verdict != "error":
        await link.clear()
    return result


def _asks(operation: Operation) -> bool:
    return isinstance(operation, Publish) and "/su7/cmd/watch/" in operation.frame.topic
