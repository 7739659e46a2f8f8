"""What became of tests of rules: lines for people at a terminal, records for programs, JUnit's XML for both.

Glyph and word always say the same thing, so that nothing depends on colour.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sim.analysis.suites.examination import Result, Status, answer_of
from sim.analysis.suites.fixtures import written
from sim.analysis.suites.reading import Case, Suite
from sim.report.folding import counted, fold, visible
from sim.report.junit import Group, Outcome, junit_text
from sim.report.style import Style

CONDITIONS_MAX = 8
"""Most conditions shown below one failure at a terminal; records have all of them."""

_GLYPHS: Mapping[Status, str] = {
    "passed": "✓ pass",
    "failed": "✗ fail",
    "skipped": "- skipped",
    "todo": "? todo",
}


def suite_lines(suite: Suite, results: Sequence[Result], style: Style) -> str:
    """Return what became of a suite: its file, its title, and a line for each test with its faults below.

    Args:
        suite: the suite.
        results: what became of those of its cases that were selected, in the order of the file.
        style: colours.
    """
    lines = [
        "",
        f"{style.faint}{visible(suite.file)}{style.end}",
        *(f"{style.strong}{line}{style.end}" for line in fold(visible(suite.title))),
    ]
    for _, group in groupby(results, key=lambda one: one.case.test):
        lines += _test_lines(list(group), style)
    return "\n".join(lines)


def summary_line(results: Sequence[Result], wall_s: float, style: Style) -> str:
    """Return the end of a run: how many cases passed, failed, were skipped or are still to do."""
    counts = {status: sum(one.status == status for one in results) for status in _GLYPHS}
    colours = {"passed": style.good, "failed": style.bad}
    shown = [
        f"{colours.get(status, style.doubt)}{count:,} {status}{style.end}"
        for status, count in counts.items()
        if count or status == "passed"
    ]
    suites = counted(len({(one.case.place.file, one.case.suite) for one in results}), "suite")
    return f"\n{', '.join(shown)}; {suites} in {wall_s:.1f} s"


def result_record(result: Result) -> dict[str, Any]:
    """Return what became of a case as JSON values."""
    case, got = result.case, result.got
    return {
        "kind": "policy_test",
        "file": case.place.file,
        "line": case.place.line,
        "suite": case.suite,
        "test": case.test,
        "case": case.cell,
        "status": result.status,
        "reason": case.waiver.reason if case.waiver else None,
        "request": {
            "principal": str(case.principal),
            "action": case.action,
            "resource": str(case.resource),
            "context": dict(case.context),
        },
        "expected": {
            "answer": case.expected,
            "because": None if case.because is None else list(case.because),
            "errors": case.errors,
        },
        "got": got
        and {
            "answer": answer_of(got),
            "outcome": got.outcome,
            "because": sorted(got.rules),
            "errors": list(got.errors),
        },
        "faults": list(result.faults),
        "conditions": list(result.conditions),
    }


def junit(examined: Sequence[tuple[Suite, Sequence[Result]]]) -> str:
    """Return all results as a JUnit XML file, which continuous integration reads.

    What is still to do counts as skipped there.

    Args:
        examined: each suite with what became of its cases.
    """
    groups = [
        Group(suite.title, suite.file, [_outcome(result) for result in results])
        for suite, results in examined
    ]
    return junit_text("carhome policy test", groups)


def _outcome(result: Result) -> Outcome:
    case = result.case
    if case.waiver is not None:
        message = f"{case.waiver.kind}: {case.waiver.reason}"
        return Outcome(case.suite, case.name, case.place, "skipped", message)
    if result.faults:
        lines = (_asked(case), *result.faults, *result.conditions)
        return Outcome(case.suite, case.name, case.place, "failure", "; ".join(result.faults), lines)
    return Outcome(case.suite, case.name, case.place)


# --- one test at a terminal -------------------------------------------------------------------------


def _test_lines(results: Sequence[Result], style: Style) -> Iterator[str]:
    """Yield a test in one line, and below it each of its cases that is not as expected."""
    case = results[0].case
    failed = [one for one in results if one.status == "failed"]
    status: Status = "failed" if failed else results[0].status
    colour = {"passed": style.good, "failed": style.bad}.get(status, style.doubt)
    begun = f"  {_GLYPHS[status]}  "
    first, *others = fold(visible(f"{case.test}{_note(results, len(failed))}"), begun)
    yield f"  {colour}{_GLYPHS[status]}{style.end}  {first[len(begun) :]}"
    yield from others
    for result in failed:
        yield from _fault_lines(result, style)


def _note(results: Sequence[Result], failed: int) -> str:
    """Return what is said behind a test's name."""
    waiver, count = results[0].case.waiver, len(results)
    if waiver is None:
        if count == 1:
            return ""
        return f" ({failed} of {counted(count, 'case')} failed)" if failed else f" ({count:,} cases)"
    now = ""
    if waiver.kind == "todo":
        holding = sum(one.holds for one in results)
        now = "; it holds now, so delete `todo`" if holding == count else f"; {holding} of {count} hold"
    return f": {waiver.reason}{now}"


def _fault_lines(result: Result, style: Style) -> Iterator[str]:
    """Yield where a case stands, what it asks, what is wrong, and the conditions behind that."""
    yield f"      {style.faint}{visible(str(result.case.place))}{style.end}"
    yield from fold(visible(_asked(result.case)), " " * 6)
    for fault in result.faults:
        first, *others = fold(visible(fault), " " * 6)
        yield f"      {style.bad}{first[6:]}{style.end}"
        yield from others
    for condition in result.conditions[:CONDITIONS_MAX]:
        yield from fold(visible(condition), " " * 8)
    if len(result.conditions) > CONDITIONS_MAX:
        yield f"        and {counted(len(result.conditions) - CONDITIONS_MAX, 'more rule')} that could count"


def _asked(case: Case) -> str:
    """Return a request as one line: `lin: unlock Car::su7`."""
    return f"{written(case.principal)}: {case.action} {written(case.resource)}"
