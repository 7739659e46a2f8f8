"""Two recordings held against each other, and every story played over a broker."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterable

import pytest

from sim.core.messages import dump_json
from sim.report.difference import explain, first_difference
from sim.scenario.model import Scenario
from sim.shell.brokers import open_broker
from sim.shell.brokers.mqtt_link import MqttLink
from sim.shell.playing import play, play_in_memory
from sim.world.network.link import Grants, LinkPlan
from sim.world.network.permissions import grants
from sim.world.trace import Record
from tests.recordings import PROJECT, Stories

BROKER_SECONDS_MAX = 600.0
"""A bound for a broker that hangs; all scenarios over one take a minute where nobody else works."""


def assert_same(one: list[str], other: list[str], names: tuple[str, str]) -> None:
    """Hold two recordings against each other; the message shows the first difference only."""
    if one == other:
        return
    difference = first_difference(one, other)
    if difference is None:
        pytest.fail(f"{names[0]} and {names[1]} did not play the same cases", pytrace=False)
    pytest.fail(explain(difference, *names), pytrace=False)


def lines(records: list[Record]) -> list[str]:
    """Return records as a recording has them."""
    return [dump_json(record).decode() for record in records]


def first_case(records: list[str]) -> list[str]:
    """Return the records of the first case of a recording: every case begins with who plays in it."""
    begun = [number for number, line in enumerate(records) if json.loads(line)["kind"] == "run"]
    return records[: begun[1]] if len(begun) > 1 else records


def played_in_memory(stories: Stories, files: Iterable[str]) -> dict[str, list[str]]:
    """Return what the first case of some scenarios records in memory."""
    with contextlib.chdir(PROJECT):
        first = {file: stories.performances(stories.scenario(file))[0] for file in files}
        return {file: lines(play_in_memory(performance).records) for file, performance in first.items()}


def played_over(
    broker: str, stories: Stories, files: Iterable[str], *, first_only: bool = False
) -> dict[str, list[str]]:
    """Return what scenarios record over a broker, without those that it cannot play.

    Args:
        broker: which.
        stories: the scenarios.
        files: which of them.
        first_only: whether only the first case of each is played.
    """
    with contextlib.chdir(PROJECT):
        return asyncio.run(_over(broker, stories, files, 1 if first_only else None))


async def _over(
    broker: str, stories: Stories, chosen: Iterable[str], most: int | None
) -> dict[str, list[str]]:
    """Play over one broker after the other."""
    played: dict[str, list[str]] = {}
    async with asyncio.timeout(BROKER_SECONDS_MAX):
        for plan, files in _by_plan(stories, chosen, everybody=broker == "embedded"):
            async with _link(broker, plan) as link:
                for file in files:
                    scenario = stories.scenario(file)
                    if link.permissions or "permissions" not in scenario.needs:
                        played[file] = await _records(link, stories, scenario, most)
    return played


def _by_plan(
    stories: Stories, files: Iterable[str], *, everybody: bool
) -> Iterable[tuple[LinkPlan, list[str]]]:
    """Return the scenarios that one broker serves: those whose households have the same permissions.

    Args:
        stories: the scenarios.
        files: which of them.
        everybody: whether it serves all households of a name, as one can that enforces no permissions.
    """
    found: dict[tuple[object, ...], tuple[str, dict[str, Grants], list[str]]] = {}
    for file in files:
        household = stories.scenario(file).household
        may = grants(household, stories.shelf.kinds)
        key = (household.name, *(() if everybody else may.items()))
        _, known, served = found.setdefault(key, (household.name, {}, []))
        known.update(may)
        served.append(file)
    return [(LinkPlan(name, known), served) for name, known, served in found.values()]


async def _records(link: MqttLink, stories: Stories, scenario: Scenario, most: int | None) -> list[str]:
    """Play the cases of a scenario, or so many at most, and return what they record."""
    records: list[str] = []
    for performance in stories.performances(scenario, permissions=link.permissions)[:most]:
        records += lines((await play(performance, link, None, scenario.start_ms)).records)
        await link.clear()
    return records


@contextlib.asynccontextmanager
async def _link(broker: str, plan: LinkPlan) -> AsyncIterator[MqttLink]:
    async with open_broker(broker, plan, {}) as endpoint, MqttLink(endpoint) as link:
        yield link
