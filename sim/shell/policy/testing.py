"""`carhome policy test`: suites of cases, held against the rules."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.analysis.suites.examination import Examiner, Result
from sim.analysis.suites.reading import Suite
from sim.report.policy.tests import junit, result_record, suite_lines, summary_line
from sim.report.style import style_for
from sim.shell.exits import Exit
from sim.shell.policy.output import print_json, print_lines
from sim.shell.policy.shelf import RuleShelf
from sim.shell.targets import Target, check_folders, check_targets, write_whole
from sim.shell.terminal import sees_colour


@dataclass(frozen=True, slots=True, kw_only=True)
class TestOptions:
    """What the command line says.

    Attributes:
        paths: suites and folders of them; all there are when empty.
        policies: folder of the user's, or None.
        only: part of suite, test, principal and action to select by, or None.
        junit: file to write a JUnit report to, or None.
        as_json: whether one object per case goes to standard output, and nothing else does.
    """

    __test__ = False  # pytest collects what begins with `Test`

    paths: tuple[str, ...]
    policies: Path | None = None
    only: str | None = None
    junit: Path | None = None
    as_json: bool = False


def run_suites(options: TestOptions) -> Exit:
    """Run every case that is asked for; return how to exit."""
    started = time.monotonic()
    shelf = RuleShelf(options.policies)
    suites = list(shelf.suites(options.paths))
    targets = [] if options.junit is None else [Target("the JUnit report", options.junit)]
    check_targets(targets, shelf.inputs)
    check_folders(targets)
    examiner = Examiner(shelf.rules.policies, shelf.schema)
    patterns = () if options.only is None else (options.only,)
    examined = [(suite, results) for suite in suites if (results := examiner.examine(suite, patterns))]
    asked = [result for _, found in examined for result in found]
    for one in targets:
        write_whole(one, junit(examined).encode())
    if options.as_json:
        print_json(map(result_record, asked))
    elif asked:
        _print(examined, asked, time.monotonic() - started)
    if not any(result.status in {"passed", "failed"} for result in asked):
        sys.stderr.write("nothing matched: no case was asked\n")
        return Exit.NOTHING
    return Exit.FAILED if any(result.status == "failed" for result in asked) else Exit.HELD


def _print(
    examined: Sequence[tuple[Suite, Sequence[Result]]], results: Sequence[Result], wall_s: float
) -> None:
    style = style_for(colour=sees_colour(sys.stdout))
    print_lines(suite_lines(suite, found, style) for suite, found in examined)
    print_lines([summary_line(results, wall_s, style)])
