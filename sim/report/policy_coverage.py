"""What the tests of the rules reach, for people and for machines: four numbers, never mixed into one."""

from collections.abc import Iterator
from typing import Any

from sim.analysis.suites.coverage import Condition, Count, Coverage, Totals
from sim.report.folding import fold, visible
from sim.report.style import Style

UNASKED_MAX = 12
"""Most kinds of requests nobody made that are listed; the record has all of them."""

_NAMES = {
    "rules": "rules that decided something",
    "conditions": "conditions seen both true and false",
    "environments": "kinds of requests that were made",
    "mutants": "planted mistakes that were noticed",
}


def coverage_record(coverage: Coverage, totals: Totals) -> dict[str, Any]:
    """Return the numbers, and everything that was not reached, as JSON values."""
    return {
        **{name: _count_record(getattr(totals, name)) for name in _NAMES},
        "silent_rules": list(coverage.silent),
        "half_seen": [
            {
                "rule": one.rule,
                "condition": one.text,
                "place": str(one.place),
                "true": one.true,
                "false": one.false,
                "errors": one.errors,
            }
            for one in coverage.half_seen
        ],
        "unasked": [list(one) for one in coverage.unasked],
    }


def coverage_lines(coverage: Coverage, totals: Totals, style: Style) -> Iterator[str]:
    """Yield what was not reached, and then the numbers."""
    for rule in coverage.silent:
        yield from fold(visible(f"{rule} decided nothing"), f"{style.doubt}○{style.end} ", "  ")
    for condition in coverage.half_seen:
        yield from fold(visible(_half(condition)), f"{style.doubt}◐{style.end} ", "  ")
    unasked = coverage.unasked
    for principal, action, resource in unasked[:UNASKED_MAX]:
        sentence = f"nobody asked as {principal} for {action} on {resource}"
        yield from fold(visible(sentence), f"{style.faint}·{style.end} ", "  ")
    if len(unasked) > UNASKED_MAX:
        yield f"{style.faint}· and {len(unasked) - UNASKED_MAX} more kinds of requests{style.end}"
    if coverage.silent or coverage.half_seen or unasked:
        yield ""
    for name, words in _NAMES.items():
        yield _number(words, getattr(totals, name), style)


def _half(condition: Condition) -> str:
    missing = " or ".join(str(value).lower() for value in condition.missing)
    where = f" ({condition.place})" if condition.place is not None else ""
    return f"{condition.rule}: `{condition.text}` was never {missing}{where}"


def _number(words: str, count: Count | None, style: Style) -> str:
    if count is None:
        return f"{words:<38}{style.faint}not counted: use --mutants{style.end}"
    colour = style.good if count.reached == count.total else style.doubt
    return f"{words:<38}{colour}{count.reached:>6,} of {count.total:,}{style.end}"


def _count_record(count: Count | None) -> dict[str, Any] | None:
    return None if count is None else {"reached": count.reached, "total": count.total}
