"""`python -m sim.shell.bench`: measure, and print the table."""

import asyncio
import contextlib
import gc
import os
import platform
import sys
from collections.abc import Sequence

import click

from sim.core.errors import MissingPartError, SimError
from sim.core.messages import dump_json
from sim.report.diagnostic import render
from sim.shell.bench import starting, table
from sim.shell.bench.deciding import BARE_ENGINE, THROUGH_POINT, Decisions
from sim.shell.bench.house import HOUSE_IN_MEMORY, House, house_over
from sim.shell.bench.material import Material
from sim.shell.bench.series import Results, Target
from sim.shell.bench.signing import BARE, ENVELOPE, Signatures
from sim.shell.bench.speeds import IN_MEMORY, Speeds, bare_in_rounds, day_over, run_over
from sim.shell.brokers import open_broker
from sim.shell.brokers.endpoint import Endpoint
from sim.shell.cli import SWEEPS
from sim.shell.exits import Exit
from sim.shell.terminal import sees_colour

STORIES = "scenarios/family-day"
HOUSE = "scenarios/house-day"
SMALL_SCENARIO = "scenarios/watch-key/near.scenario.yaml"
BROKERS = {"mosquitto": "Mosquitto", "embedded": "embedded"}
MOSQUITTO, EMBEDDED = BROKERS.values()
DECISIONS = 2_000
"""How many decisions one repetition takes."""
SIGNATURES = 200
"""How many turns of ten signatures one repetition takes, of each sort."""

TARGETS = (
    Target(
        "run over Mosquitto / bare aiomqtt in the same rounds",
        run_over(MOSQUITTO),
        bare_in_rounds(MOSQUITTO),
        0.5,
    ),
    Target("run in memory / run over Mosquitto", IN_MEMORY, run_over(MOSQUITTO), 3),
    Target("run over embedded / run over Mosquitto", run_over(EMBEDDED), run_over(MOSQUITTO), 0.3),
    Target("house of 20 devices / run, in memory", HOUSE_IN_MEMORY, IN_MEMORY, 0.5),
    Target("house of 20 devices / run, over Mosquitto", house_over(MOSQUITTO), run_over(MOSQUITTO), 0.5),
    Target("longest story over Mosquitto", day_over(MOSQUITTO), None, 20_000, unit="simulated s/s"),
    Target(
        "carhome --help, beyond bare Python",
        starting.HELP,
        starting.BARE_PYTHON,
        100,
        at_least=False,
        difference=True,
        unit="ms",
    ),
    Target("decisions as a node asks / bare cedarpy", THROUGH_POINT, BARE_ENGINE, 0.6),
    Target("envelope sealed and opened / bare cryptography", ENVELOPE, BARE, 1.3, at_least=False),
)


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--house", default=HOUSE, metavar="PATH", help="Day of a house full of devices.")
@click.option("--small", default=SMALL_SCENARIO, metavar="FILE", help="Scenario whose start-up is measured.")
@click.option("--repetitions", type=click.IntRange(1, 1_000), default=5, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the raw numbers instead of the table.")
def bench(paths: tuple[str, ...], house: str, small: str, repetitions: int, *, as_json: bool) -> None:
    """Measure runs of scenarios beside what this machine can do at all; the family's day by default."""
    try:
        _bench(paths or (STORIES,), house, small, repetitions, as_json=as_json)
    except SimError as error:
        sys.stderr.write(render(error, colour=sees_colour(sys.stderr)) + "\n")
        sys.exit(int(Exit.of_error(error)))


def _bench(paths: Sequence[str], house: str, small: str, repetitions: int, *, as_json: bool) -> None:
    gc.set_threshold(*SWEEPS)  # as the command does
    material, house_day = Material(paths), Material((house,))
    decisions = Decisions(material, DECISIONS)
    _progress(f"{_described(material)}; {decisions.distinct} decisions, {decisions.denied} of them denials")
    results, labels = asyncio.run(_measured(material, house_day, decisions, small, repetitions))
    if as_json:
        reached = [
            {"name": target.name, "bound": target.bound, "reached": spread and spread.median}
            for target in TARGETS
            for spread in (results.reached(target),)
        ]
        raw = {"stories": list(paths), "brokers": labels, "series": results.to_json(), "targets": reached}
        sys.stdout.write(dump_json(raw).decode() + "\n")
        return
    brokers = [name for name in BROKERS.values() if run_over(name) in results.values]
    print(f"{_described(material)}, {repetitions} interleaved repetitions")  # noqa: T201  # the result
    print("\n".join(labels))  # noqa: T201
    print("\n" + table.measurements(results, brokers))  # noqa: T201
    print("\n" + table.targets(results, TARGETS))  # noqa: T201


async def _measured(
    material: Material, house_day: Material, decisions: Decisions, small: str, repetitions: int
) -> tuple[Results, list[str]]:
    results = Results()
    async with contextlib.AsyncExitStack() as stack:
        brokers = await _open_brokers(stack, material)
        speeds = await stack.enter_async_context(Speeds(material, brokers))
        houses = await stack.enter_async_context(House(house_day, await _open_brokers(stack, house_day)))
        signatures = Signatures(SIGNATURES)
        list(starting.measure(small))  # The first start fills the system's caches.
        for repetition in range(repetitions):
            _progress(f"repetition {repetition + 1} of {repetitions}")
            async for measured in speeds.measure():
                results.add(measured)
            async for measured in houses.measure():
                results.add(measured)
            for measured in (*starting.measure(small), *decisions.measure(), *signatures.measure()):
                results.add(measured)
    labels = [f"Python {platform.python_version()}, {os.cpu_count()} processors"]
    return results, labels + [endpoints[0].label for endpoints in brokers.values()]


async def _open_brokers(
    stack: contextlib.AsyncExitStack, material: Material
) -> dict[str, tuple[Endpoint, ...]]:
    """Return the brokers that are installed, each with an endpoint for every story."""
    opened: dict[str, tuple[Endpoint, ...]] = {}
    for choice, name in BROKERS.items():
        try:
            opened[name] = tuple(
                [
                    await stack.enter_async_context(open_broker(choice, story.plan, os.environ))
                    for story in material.stories
                ]
            )
        except MissingPartError as missing:
            _progress(f"not measured: {missing}")
    return opened


def _described(material: Material) -> str:
    simulated_h = sum(one.result.simulated_ms for one in material.recordings) / 3_600_000
    verdicts = ", ".join(dict.fromkeys(one.result.verdict for one in material.recordings))
    titles = "; ".join(dict.fromkeys(one.scenario.title for one in material.stories))
    return f"{titles} ({verdicts}): {material.messages:,} messages in {simulated_h:.1f} simulated hours"


def _progress(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    bench()
