"""Who gains and who loses by other rules, for people."""

from collections.abc import Iterator

from sim.analysis.properties.comparison import Change, Difference
from sim.report.folding import counted, fold, visible
from sim.report.style import Style


def difference_lines(difference: Difference, style: Style) -> Iterator[str]:
    """Yield every sort of request that is answered otherwise, with one request that shows it."""
    for change in difference.gains:
        yield from _change(change, f"{style.bad}+{style.end} ", "may now")
    for change in difference.losses:
        yield from _change(change, f"{style.doubt}-{style.end} ", "may no longer")
    for change in difference.reasons:
        yield from _change(change, f"{style.faint}~{style.end} ", "is answered by other rules for")
    for doubt in difference.doubts:
        principal, action, resource = doubt.environment
        sentence = f"{principal}, {action} on {resource}: {doubt.note}"
        yield from fold(visible(sentence), f"{style.doubt}?{style.end} ", "  ")
    gains, losses = len(difference.gains), len(difference.losses)
    if gains or losses or difference.reasons:
        yield ""
        sorts = counted(gains + losses + len(difference.reasons), "sort")
        yield (
            f"{sorts} of requests answered otherwise: {gains:,} gained, {losses:,} lost, "
            f"{len(difference.reasons):,} by other rules"
        )
    elif difference.is_proved:
        yield f"{style.good}✓{style.end} every request is answered as before, by the same rules: proved"
    else:
        yield f"{style.doubt}?{style.end} no difference was found, which is not a proof"


def _change(change: Change, mark: str, verb: str) -> Iterator[str]:
    what = f"{change.environment.action} on {change.environment.resource}"
    yield from fold(visible(f"{change.who} {verb} {what}"), mark, "  ")
    before, after = (
        f"{verdict.outcome.replace('_', ' ')}{' by ' + ', '.join(verdict.rules) if verdict.rules else ''}"
        for verdict in (change.before, change.after)
    )
    yield from fold(visible(f"{before} → {after}"), "    ", "      ")
    yield from fold(visible(f"such as: {change.question}"), "    ", "      ")
