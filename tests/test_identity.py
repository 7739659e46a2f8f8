"""The same scenario and seed give the same records, byte for byte, over every link and in every process."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sim.core.household import Household
from sim.core.messages import dump_json
from sim.report.difference import explain, first_difference
from sim.scenario.model import Scenario
from sim.scenario.run import CaseResult, Performance, perform
from sim.shell.brokers import open_broker
from sim.shell.files import Shelf, find_scenarios
from sim.shell.mqtt_link import MqttLink
from sim.shell.playing import play, play_in_memory
from sim.trust.derivation import digital_key, seed_for_scenario
from sim.trust.identity import Identity
from sim.world.link import LinkPlan
from sim.world.permissions import grants
from sim.world.stage import Cast
from sim.world.trace import Record

PROJECT = Path(__file__).parents[1]
FILES = [str(path.relative_to(PROJECT)) for path in find_scenarios([str(PROJECT / "scenarios")])]
BROKER_SECONDS_MAX = 300.0
"""A bound for a broker that hangs; all scenarios over one take some seconds."""
PROCESS_SECONDS_MAX = 300.0

REMOTE_DRIVING = ("steer", "accelerate", "brake", "shift", "release_parking_brake", "summon", "park_remotely")


class _Stories:
    """Every shipped scenario, loaded once, and its records over each link, made when first asked for."""

    def __init__(self) -> None:
        self._shelf = Shelf()
        self._scenarios = {file: self._shelf.scenario(Path(file)) for file in FILES}
        self._records: dict[str, dict[str, list[Record]]] = {}

    def records(self, file: str, link: str) -> list[Record]:
        """Return the records of a scenario over a link, of all its cases in order."""
        if link not in self._records:
            self._records[link] = self._in_memory() if link == "memory" else asyncio.run(self._over(link))
        return self._records[link][file]

    def household(self, file: str) -> tuple[Household, int]:
        """Return who plays in a scenario, and the seed of it."""
        return self._scenarios[file].household, self._scenarios[file].seed

    def needs_permissions(self, file: str) -> bool:
        """Say whether a scenario is about a broker's permissions."""
        return "permissions" in self._scenarios[file].needs

    def _in_memory(self) -> dict[str, list[Record]]:
        return {
            file: [
                record
                for performance in self._performances(scenario, permissions=True)
                for record in play_in_memory(performance).records
            ]
            for file, scenario in self._scenarios.items()
        }

    async def _over(self, broker: str) -> dict[str, list[Record]]:
        """Play everything over one broker for each household, and all households one after the other."""
        played: dict[str, list[Record]] = {}
        async with asyncio.timeout(BROKER_SECONDS_MAX), contextlib.AsyncExitStack() as stack:
            links: dict[int, MqttLink] = {}
            for file, scenario in self._scenarios.items():
                key = id(scenario.household)
                if key not in links:
                    links[key] = await stack.enter_async_context(self._link(broker, scenario))
                link = links[key]
                if link.permissions or not self.needs_permissions(file):
                    played[file] = []
                    for performance in self._performances(scenario, permissions=link.permissions):
                        result: CaseResult = await play(performance, link, None, scenario.start_ms)
                        played[file] += result.records
                        await link.clear()
        return played

    @contextlib.asynccontextmanager
    async def _link(self, broker: str, scenario: Scenario) -> AsyncIterator[MqttLink]:
        plan = LinkPlan(scenario.household.name, grants(scenario.household, self._shelf.kinds))
        async with open_broker(broker, plan, {}) as endpoint, MqttLink(endpoint) as link:
            yield link

    def _performances(self, scenario: Scenario, *, permissions: bool) -> list[Performance]:
        cast = Cast(
            household=scenario.household,
            kinds=self._shelf.kinds,
            policy=self._shelf.policy(scenario.household),
            seed=scenario.seed,
            permissions=permissions,
        )
        return [perform(scenario, case, cast) for case in scenario.cases]


@pytest.fixture(scope="module")
def stories() -> _Stories:
    """Every shipped scenario."""
    with contextlib.chdir(PROJECT):
        return _Stories()


def lines(records: list[Record]) -> list[str]:
    """Return records as a recording has them."""
    return [dump_json(record).decode() for record in records]


def assert_same(one: list[str], other: list[str], names: tuple[str, str]) -> None:
    """Hold two recordings against each other; the message shows the first difference only."""
    difference = first_difference(one, other)
    if difference is not None:
        pytest.fail(explain(difference, *names), pytrace=False)


@pytest.mark.network
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("broker", ["mosquitto", "embedded"])
def test_records_over_a_broker_are_those_in_memory(stories: _Stories, broker: str, file: str) -> None:
    """A broker adds, loses and reorders nothing; one without permissions is not asked for them."""
    if broker == "embedded" and stories.needs_permissions(file):
        with pytest.raises(KeyError):
            stories.records(file, broker)
        return

    assert_same(
        lines(stories.records(file, "memory")), lines(stories.records(file, broker)), ("memory", broker)
    )


@pytest.mark.parametrize("file", FILES)
def test_scenario_passes(stories: _Stories, file: str) -> None:
    """Every shipped scenario holds, in all its cases."""
    verdicts = [one for one in stories.records(file, "memory") if one["kind"] == "verdict"]

    assert {(one["verdict"], one["text"]) for one in verdicts} == {("pass", "")}
    assert all(one["asserted"] > 0 for one in verdicts)


@pytest.mark.parametrize("file", FILES)
def test_every_denial_says_why(stories: _Stories, file: str) -> None:
    """A refusal names rules, failed clauses or a check's code; remote driving always quotes the article."""
    for record in stories.records(file, "memory"):
        if record["kind"] != "decision" or record["decision"]["allowed"]:
            continue
        decision = record["decision"]
        assert decision["reason"], record
        assert decision["layer"], record
        assert decision["kind"] in {"forbidden", "not_permitted", "refused"}, record
        assert decision["errors"] == [], record
        if decision["kind"] == "refused":
            assert decision["code"], record
            assert decision["layer"] in {"rate", "freshness"}, record
            continue  # No rule was asked: too many, or too late.
        assert decision["rules"] or decision["clauses"], record
        assert (decision["code"] is None) == (decision["layer"] == "policy"), record
        assert bool(decision["because"]) == (decision["layer"] != "policy"), record
        if record["action"] in REMOTE_DRIVING:
            assert "no-remote-driving" in decision["rules"], record
            assert decision["article"], record
            assert decision["quote"], record


@pytest.mark.parametrize("file", FILES)
def test_records_are_a_graph_of_causes(stories: _Stories, file: str) -> None:
    """Records count up, never go back in time, and no cause comes after what it caused."""
    for case in _cases(stories.records(file, "memory")):
        known = {None}
        assert [one["n"] for one in case] == list(range(1, len(case) + 1))
        assert [one["t"] for one in case] == sorted(one["t"] for one in case)
        for record in case:
            known |= {record.get("id"), record.get("command")}
            assert record["cause"] in known, record


def _cases(records: list[Record]) -> list[list[Record]]:
    cases: list[list[Record]] = []
    for record in records:
        if record["kind"] == "run":
            cases.append([])
        cases[-1].append(record)
    return cases


def test_records_do_not_depend_on_hash_seeds(stories: _Stories) -> None:
    """Two processes that order sets differently record the same, which is what this one recorded."""
    code = "from sim.shell.cli import main; main()"
    command = [sys.executable, "-c", code, "run", "scenarios", "--broker", "memory", "--json"]
    outputs = [
        subprocess.run(  # our own command
            command,
            cwd=PROJECT,
            env={**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
            capture_output=True,
            check=False,
            timeout=PROCESS_SECONDS_MAX,
        ).stdout.decode()
        for seed in ("0", "1")
    ]
    ours = [line for file in FILES for line in lines(stories.records(file, "memory"))]

    assert_same(outputs[0].splitlines(), outputs[1].splitlines(), ("hash seed 0", "hash seed 1"))
    assert_same(outputs[0].splitlines(), ours, ("hash seed 0", "this process"))


def test_no_secret_of_a_device_is_in_a_record(stories: _Stories) -> None:
    """Whoever reads a recording can forge nothing: neither seeds nor private keys are in it."""
    for file in FILES:
        household, seed = stories.household(file)
        secrets = [seed_for_scenario(seed, household.name, name) for name in household.devices]
        secrets += [
            key.private_bytes_raw()
            for name, one in zip(household.devices, tuple(secrets), strict=True)
            for key in (digital_key(name, one).key, Identity.for_scenario(seed, household.name, name).key)
        ]
        spelt = {
            text
            for secret in secrets
            for text in (secret.hex(), urlsafe_b64encode(secret).decode().rstrip("="), repr(secret))
        }
        text = "\n".join(lines(stories.records(file, "memory")))
        assert [one for one in spelt if one in text] == []


def test_no_wall_clock_and_no_broker_is_in_a_record(stories: _Stories) -> None:
    """What the records say is virtual: no port, no file of this machine, no time but the scenario's."""
    for file in FILES:
        for line in lines(stories.records(file, "memory")):
            assert "127.0.0.1" not in line
            assert str(PROJECT) not in line
            assert json.loads(line)["t"] >= 0
