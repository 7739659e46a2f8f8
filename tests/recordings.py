"""What every shipped scenario records in memory: played once in a test session, for every worker of it.

Tests that look at the same records from different sides ask here, and whoever asks first plays. What was
played lies in the session's temporary folder; two workers that ask at once both play, and write the same.
"""

import contextlib
import json
import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from sim.core.household import Household
from sim.core.messages import dump_json
from sim.report.console import case_lines
from sim.report.style import style_for
from sim.scenario.model import Scenario
from sim.scenario.run import CaseResult, Performance, perform
from sim.shell.files import Shelf, find_scenarios
from sim.world.network.link import Publish, Round
from sim.world.stage import Cast
from sim.world.trace import Record

PROJECT = Path(__file__).parents[1]
FILES = [str(path.relative_to(PROJECT)) for path in find_scenarios([str(PROJECT / "scenarios")])]
"""Every shipped scenario, from the project's folder, in the order in which a run plays them."""

Traffic: TypeAlias = list[tuple[str, str, str]]
"""(write or read, device, topic) of whatever passed the broker: once for each case."""


class Stories:
    """Every shipped scenario, read when first asked for; households and rules are shared among them."""

    def __init__(self) -> None:
        # All are kept: the shelf and the links tell households apart by which object they are.
        self._scenarios: dict[str, Scenario] = {}

    @cached_property
    def shelf(self) -> Shelf:
        """The shipped households, kinds and rules."""
        with contextlib.chdir(PROJECT):
            return Shelf()

    def scenario(self, file: str) -> Scenario:
        """Return a scenario."""
        if file not in self._scenarios:
            with contextlib.chdir(PROJECT):
                self._scenarios[file] = self.shelf.scenario(Path(file))
        return self._scenarios[file]

    def household(self, file: str) -> tuple[Household, int]:
        """Return who plays in a scenario, and the seed of it."""
        scenario = self.scenario(file)
        return scenario.household, scenario.seed

    def performances(self, scenario: Scenario, *, permissions: bool = True) -> list[Performance]:
        """Return a performance of every case of a scenario, on a link that has permissions or not."""
        with contextlib.chdir(PROJECT):
            cast = Cast(
                household=scenario.household,
                kinds=self.shelf.kinds,
                policy=self.shelf.policy(scenario.household),
                seed=scenario.seed,
                permissions=permissions,
            )
        return [perform(scenario, case, cast) for case in scenario.cases]


class Recordings:
    """The records in memory of every shipped scenario, and what passed the broker meanwhile.

    Args:
        folder: where they lie, and where those that are played now go; shared by the workers of a session.
    """

    def __init__(self, folder: Path) -> None:
        self.stories = Stories()
        self._folder = folder

    def lines(self, file: str) -> list[str]:
        """Return the records of a scenario as a recording has them, of all its cases in order."""
        return self._played(file).read_text(encoding="utf-8").split("\n")[:-1]

    def records(self, file: str) -> list[Record]:
        """Return the records of a scenario, as they are read from a recording."""
        return [json.loads(line) for line in self.lines(file)]

    def shown(self, file: str) -> list[str]:
        """Return the lines that a run prints about the cases of a scenario."""
        return self._shown(self._played(file)).read_text(encoding="utf-8").split("\n")[:-1]

    def traffic(self, file: str) -> Traffic:
        """Return what passed the broker in a scenario."""
        text = self._traffic(self._played(file)).read_text(encoding="utf-8")
        return [(verb, device, topic) for verb, device, topic in json.loads(text)]

    def _played(self, file: str) -> Path:
        """Return the recording of a scenario; play the scenario if nobody has yet."""
        recording = self._folder / f"{file.replace('/', '~')}.ndjson"
        if not recording.exists():
            records: list[bytes] = []
            passed: Traffic = []
            shown = ""
            performances = self.stories.performances(self.stories.scenario(file))
            for performance in performances:
                seen: dict[tuple[str, str, str], None] = {}
                result = _play(performance, seen)
                records += map(dump_json, result.records)
                passed += seen
                shown += f"{case_lines(result, style_for(colour=False), brief=len(performances) > 1)}\n"
            _write(self._shown(recording), shown.encode())
            _write(self._traffic(recording), dump_json(passed))
            _write(recording, b"".join(one + b"\n" for one in records))  # Last: whoever sees it has all.
        return recording

    @staticmethod
    def _shown(recording: Path) -> Path:
        return recording.with_suffix(".shown")

    @staticmethod
    def _traffic(recording: Path) -> Path:
        return recording.with_suffix(".traffic")


def _play(performance: Performance, seen: dict[tuple[str, str, str], None]) -> CaseResult:
    """Play in memory, as `play_in_memory` does, and note what passes the broker."""
    try:
        step = next(performance)
        while True:
            deliveries = step.expected if isinstance(step, Round) else ()
            if isinstance(step, Round):
                seen.update(dict.fromkeys(_written(step)))
            seen.update(dict.fromkeys(("read", one.receiver, one.frame.topic) for one in deliveries))
            step = performance.send(deliveries)
    except StopIteration as end:
        result: CaseResult = end.value
        return result


def _written(round_: Round) -> Iterator[tuple[str, str, str]]:
    for operation in round_.operations:
        if isinstance(operation, Publish) and operation.allowed:
            yield "write", operation.device, operation.frame.topic


def _write(path: Path, content: bytes) -> None:
    """Write a file that other workers see whole or not at all."""
    part = path.with_suffix(f"{path.suffix}.{os.getpid()}")
    part.write_bytes(content)
    part.replace(path)
