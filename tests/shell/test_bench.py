"""The bench measures what it says, on a story small enough to be a test; how fast it is does not matter."""

import asyncio
import json
import os
from itertools import count, pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.shell.bench import table
from sim.shell.bench.__main__ import TARGETS, bench
from sim.shell.bench.deciding import BARE_ENGINE, THROUGH_POINT, Decisions
from sim.shell.bench.material import Material
from sim.shell.bench.replay import Replay, without_waiting
from sim.shell.bench.series import Measured, Results, Spread, Target
from sim.shell.bench.signing import BARE, ENVELOPE, ORDER_BYTES, Signatures
from sim.shell.bench.speeds import IN_MEMORY, Speeds, bare_at_once, bare_in_rounds, day_over, run_over
from sim.shell.brokers import open_broker
from sim.world.network.link import Publish
from sim.world.node.orders import Order

HOUSEHOLD = """\
household: small
people: {ann: {role: owner}}
homes:
  home:
    position: [40.0, 116.0]
    rooms: {den: {volume: 40 m³, heat_loss: 70 W/K, heat_capacity: 1.0 MJ/K}}
devices:
  car: {kind: car, owner: ann}
  phone: {kind: phone, owner: ann}
  heater: {kind: climate, home: home, room: den, power: 1 kW}
"""

SCENARIO = """\
scenario: The phone sets the heater, loses its link for a while, and may not drive the car
household: small
start: 2026-01-12T08:00:00+00:00
given: {heater: {power: off, room: 20 °C}}
steps:
  - do: phone.set_climate
    with: {device: heater, mode: heat, target: 21 °C}
    as: heat
  - expect: {heat: done}
    within: 5s
  - fault: {link: phone, partition: true, for: 5m}
  - advance: 10m
  - do: phone.request
    with: {car: car, action: steer}
    as: steer
  - expect: {steer: denied, rule: no-remote-driving}
    within: 5s
"""


@pytest.fixture
def story_file(tmp_path: Path) -> Path:
    """Write a scenario with its household, and return where the scenario is."""
    (tmp_path / "households").mkdir()
    (tmp_path / "households" / "small.household.yaml").write_text(HOUSEHOLD, encoding="utf-8")
    path = tmp_path / "small.scenario.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


@pytest.fixture
def material(story_file: Path) -> Material:
    """Return the small story as material."""
    return Material([str(story_file)])


def test_recording_has_the_run_s_messages_and_decisions(material: Material) -> None:
    """A recording counts as many messages as the run, and notes a permitted and a denied request."""
    (recording,) = material.recordings

    assert recording.result.verdict == "pass"
    assert recording.messages == recording.result.messages > 20
    assert [one.action for one in recording.requests] == ["set_climate", "steer"]
    assert material.longest == 0


def test_without_waiting_keeps_every_message_and_the_changes_of_connections(material: Material) -> None:
    """Merged rounds hold the same in the same order, and still part where connections change."""
    rounds = material.recordings[0].rounds

    merged = without_waiting(rounds)

    assert len(merged) < len(rounds)
    assert [one for round_ in merged for one in round_.operations] == [
        one for round_ in rounds for one in round_.operations
    ]
    assert [one for round_ in merged for one in round_.expected] == [
        one for round_ in rounds for one in round_.expected
    ]
    sorts = [isinstance(round_.operations[0], Publish) for round_ in merged]
    assert (True, True) not in set(pairwise(sorts))


@pytest.mark.network
@pytest.mark.parametrize("choice", ["mosquitto", "embedded"])
def test_replay_receives_everything_and_leaves_nothing_behind(material: Material, choice: str) -> None:
    """Plain clients get every delivery, cuts included, and a second replay finds no leftovers."""

    async def replay_twice() -> None:
        async with open_broker(choice, material.stories[0].plan, os.environ) as endpoint:
            recording = material.stories[0].record(permissions=endpoint.permissions)
            visits = count(1)
            for rounds in (recording.rounds, without_waiting(recording.rounds)):
                async with Replay(endpoint, visits) as replay:
                    await replay.play(rounds)

    asyncio.run(replay_twice())


@pytest.mark.network
@pytest.mark.mosquitto
def test_speeds_measure_memory_broker_and_bare_clients(material: Material) -> None:
    """One repetition measures the run in memory and, for a broker, run, story and both replays."""

    async def measured() -> list[Measured]:
        async with (
            open_broker("mosquitto", material.stories[0].plan, os.environ) as endpoint,
            Speeds(material, {"M": (endpoint,)}) as speeds,
        ):
            return [one async for one in speeds.measure()]

    found = asyncio.run(measured())

    names = [one.series for one in found]
    assert names == [IN_MEMORY, run_over("M"), day_over("M"), bare_in_rounds("M"), bare_at_once("M")]
    assert all(one.value > 0 for one in found)


def test_decisions_are_asked_in_both_ways(material: Material) -> None:
    """The same requests, some of them denials, go through the decision point and to the bare engine."""
    decisions = Decisions(material, 6)

    names = [one.series for one in decisions.measure()]

    assert names == [THROUGH_POINT, BARE_ENGINE]
    assert (decisions.distinct, decisions.denied) == (2, 1)


def test_signatures_are_measured_in_both_ways() -> None:
    """An order of the size it says is sealed and opened, and the same bytes are signed and verified."""
    signatures = Signatures(2)

    found = list(signatures.measure())

    assert [one.series for one in found] == [ENVELOPE, BARE]
    assert all(one.value > 0 for one in found)
    assert len(signatures.payload) == ORDER_BYTES
    assert Order.read(signatures.payload).to == "car"


def test_ratio_is_taken_between_values_of_the_same_repetition() -> None:
    """Drift that changes both series alike leaves their ratio alone."""
    results = Results()
    for drift in (1.0, 2.0, 5.0):
        results.add(Measured("fast", "x/s", 30 * drift))
        results.add(Measured("slow", "x/s", 10 * drift))

    assert results.ratio("fast", "slow") == Spread(3, 3, 3)
    assert results.spread("slow") == Spread(20, 10, 50)
    assert results.ratio("fast", "absent") is None


def test_target_says_whether_it_is_met_or_was_not_measured() -> None:
    """Ratios, differences and plain values are held against their bounds; what is missing is said."""
    results = Results()
    results.add(Measured("help", "ms", 70))
    results.add(Measured("bare", "ms", 20))
    wanted = (
        Target("ratio", "help", "bare", 4),
        Target("difference", "help", "bare", 100, at_least=False, difference=True, unit="ms"),
        Target("plain", "help", None, 70, unit="ms"),
        Target("missing", "help", "absent", 1),
        Target("missing as well", "absent", None, 1),
        Target("missing too", "absent", "bare", 1, difference=True),
    )

    lines = table.targets(results, wanted).splitlines()[1:]

    assert [line.split()[-2:] for line in lines[:3]] == [["NOT", "met"], ["50", "met"], ["70", "met"]]
    assert all(line.endswith(table.NOT_MEASURED) for line in lines[3:])


def test_table_has_aligned_columns_units_and_the_ratio_to_the_ceiling() -> None:
    """Each series shows median, spread and unit, and beside the lock-step ceiling where units agree."""
    results = Results()
    results.add(Measured(run_over("M"), "messages/s", 1_500))
    results.add(Measured(bare_in_rounds("M"), "messages/s", 2_000))
    results.add(Measured("other", "ms", 12.5))

    heading, run, bare, other = table.measurements(results, ["M"]).splitlines()

    assert heading.split()[:4] == ["median", "least", "most", "unit"]
    assert run.split()[-5:] == ["1,500", "1,500", "1,500", "messages/s", "0.75"]
    assert bare.endswith("1.00")
    assert other.split()[1:] == ["12.50", "12.50", "12.50", "ms"]


def once(story_file: Path) -> list[str]:
    """Return the arguments that measure everything once, on the small story."""
    file = str(story_file)
    return [file, "--house", file, "--small", file, "--repetitions", "1"]


def test_bench_prints_raw_numbers_as_json(story_file: Path) -> None:
    """`--json` prints the values of every series and every target, and exits 0 whatever they are."""
    outcome = CliRunner().invoke(bench, [*once(story_file), "--json"])

    assert outcome.exit_code == 0, outcome.output
    raw = json.loads(outcome.stdout)
    assert len(raw["series"][IN_MEMORY]["values"]) == 1
    assert [one["name"] for one in raw["targets"]] == [target.name for target in TARGETS]


def test_bench_prints_both_tables(story_file: Path) -> None:
    """Without options the measurements and the targets are printed for people."""
    outcome = CliRunner().invoke(bench, once(story_file))

    assert outcome.exit_code == 0, outcome.output
    assert IN_MEMORY in outcome.stdout
    assert all(target.name in outcome.stdout for target in TARGETS)


def test_bench_without_a_story_for_every_broker_says_so(story_file: Path) -> None:
    """What needs a broker with permissions is left out, and without anything there is nothing to measure."""
    story_file.write_text("needs: [permissions]\n" + SCENARIO, encoding="utf-8")

    outcome = CliRunner().invoke(bench, [str(story_file)])

    assert outcome.exit_code == 2
    assert "no scenario is left to measure with" in outcome.stderr


def test_bench_without_its_files_says_so(tmp_path: Path) -> None:
    """A path that is not there is an error of the user's, in one sentence and with its exit code."""
    outcome = CliRunner().invoke(bench, [str(tmp_path / "absent")])

    assert outcome.exit_code == 2
    assert "there is no file or folder" in outcome.stderr
