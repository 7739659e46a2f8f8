"""Two recordings held against each other, and every story played over a broker."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from sim.core.messages import dump_json
from sim.report.difference import explain, first_difference
from sim.scenario.model import Scenario
from sim.shell.brokers import open_broker
from sim.shell.mqtt_link import MqttLink
from sim.shell.playing import play
from sim.world.link import LinkPlan
from sim.world.permissions import grants
from sim.world.trace import Record
from tests.recordings import FILES, PROJECT, Stories

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


def played_over(broker: str, stories: Stories) -> dict[str, list[str]]:
    """Return what every scenario records over a broker, without those that it cannot play."""
    with contextlib.chdir(PROJECT):
        return asyncio.run(_over(broker, stories))


async def _over(broker: str, stories: Stories) -> dict[str, list[str]]:
    """Play everything over one broker for each household, and all households one after the other."""
    played: dict[str, list[str]] = {}
    async with asyncio.timeout(BROKER_SECONDS_MAX), contextlib.AsyncExitStack() as stack:
        links: dict[int, MqttLink] = {}
        for file in FILES:
            scenario = stories.scenario(file)
            key = id(scenario.household)
            if key not in links:
                links[key] = await stack.enter_async_context(_link(broker, stories, scenario))
            link = links[key]
            if link.permissions or "permissions" not in scenario.needs:
                played[file] = []
                for performance in stories.performances(scenario, permissions=link.permissions):
                    played[file] += lines((await play(performance, link, None, scenario.start_ms)).records)
                    await link.clear()
    return played


@contextlib.asynccontextmanager
async def _link(broker: str, stories: Stories, scenario: Scenario) -> AsyncIterator[MqttLink]:
    plan = LinkPlan(scenario.household.name, grants(scenario.household, stories.shelf.kinds))
    async with open_broker(broker, plan, {}) as endpoint, MqttLink(endpoint) as link:
        yield link
