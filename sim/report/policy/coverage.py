"""What the tests of the rules reach, for people and for machines: four numbers, never mixed into one."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sim.analysis.suites.coverage import Condition, Count, Coverage, Totals
from sim.report.folding import fold, visible
from sim.report.style import Style

MISSED_MAX = 12
"""Most of each sort that are listed; the record has all of them."""

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


def coverage_lines(
    coverage: Coverage, totals: Totals, style: Style, own: Collection[str] = ()
) -> Iterator[str]:
    """Yield what was not reached, and then the numbers.

    Args:
        coverage: what was reached.
        totals: the numbers.
        style: colours.
        own: ids of the user's rules, which come first.
    """
    silent = [f"{rule} decided nothing" for rule in sorted(coverage.silent, key=lambda rule: rule not in own)]
    half_seen = sorted(coverage.half_seen, key=lambda condition: condition.rule not in own)
    unasked = [f"nobody asked as {who} for {action} on {what}" for who, action, what in coverage.unasked]
    yield from _missed(silent, "○", style.doubt, style)
    yield from _missed([_half(condition) for condition in half_seen], "◐", style.doubt, style)
    yield from _missed(unasked, "·", style.faint, style)
    if silent or half_seen or unasked:
        yield ""
    for name, words in _NAMES.items():
        yield _number(words, getattr(totals, name), style)


def _missed(sentences: Sequence[str], sign: str, colour: str, style: Style) -> Iterator[str]:
    """Yield some of what was not reached, and how much more there is."""
    for sentence in sentences[:MISSED_MAX]:
        yield from fold(visible(sentence), f"{colour}{sign}{style.end} ", "  ")
    if len(sentences) > MISSED_MAX:
        yield f"{style.faint}{sign} and {len(sentences) - MISSED_MAX:,} more; --json has them all{style.end}"


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
