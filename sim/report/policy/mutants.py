"""How good the tests of the rules are, for people and for machines."""

from collections.abc import Iterator, Sequence
from typing import Any

from sim.analysis.mutation.scoring import Fate, Score, Status, scores
from sim.report.folding import columns_of, counted, fold, visible
from sim.report.style import Style

_COLUMNS: dict[str, tuple[Status, ...]] = {
    "all": ("rejected", "equal", "killed", "survived", "unknown"),
    "void": ("rejected",),
    "equal": ("equal",),
    "killed": ("killed",),
    "alive": ("survived", "unknown"),
}
"""What the columns count; `void` is what the validator rejects, `alive` what no test notices."""


def fate_record(fate: Fate) -> dict[str, Any]:
    """Return what became of one mutant as JSON values."""
    question = fate.question
    return {
        "rule": fate.mutant.rule,
        "file": fate.file,
        "operator": fate.mutant.operator,
        "change": fate.mutant.change,
        "status": fate.status,
        "killer": fate.killer or None,
        "request": None if question is None else question.to_record(),
        "note": fate.note or None,
    }


def mutation_lines(fates: Sequence[Fate], wall_s: float, style: Style) -> Iterator[str]:
    """Yield a table of scores, every survivor with the rule and the change, and a last line."""
    by_file = scores(fates)
    total = Score()
    for fate in fates:
        total.add(fate)
    width = max(columns_of(visible(file)) for file in (*by_file, "all"))
    headings = "".join(f"{heading:>8}" for heading in (*_COLUMNS, "score"))
    yield style.faint + " " * width + headings + style.end
    for file, score in by_file.items():
        yield _row(visible(file), width, score, style)
    if len(by_file) > 1:
        yield _row("all", width, total, style)
    for fate in fates:
        if fate.status in {"survived", "unknown"}:
            yield from _survivor(fate, style)
    yield ""
    sign = f"{style.good}✓{style.end}" if total.apart == total.of("killed") else f"{style.bad}✗{style.end}"
    apart = f"{total.of('killed'):,} of {counted(total.apart, 'mutant')} that can be told apart"
    yield f"{sign} the tests notice {apart}: {percent(total)} in {wall_s:.1f} s"


def percent(score: Score) -> str:
    """Return a score as a percentage that is never rounded up to what it is not."""
    return f"{int(score.value * 1000) / 10:g} %"


def _row(name: str, width: int, score: Score, style: Style) -> str:
    numbers = (score.of(*statuses) for statuses in _COLUMNS.values())
    colour = style.good if score.apart == score.of("killed") else style.bad
    padding = " " * (width - columns_of(name))
    cells = "".join(f"{number:>8,}" for number in numbers)
    return f"{name}{padding}{cells}{colour}{percent(score):>8}{style.end}"


def _survivor(fate: Fate, style: Style) -> Iterator[str]:
    yield ""
    mutant = fate.mutant
    where = f" ({mutant.place})" if mutant.place is not None else ""
    verb = "no test notices" if fate.status == "survived" else "it is not known whether a test could notice"
    yield from fold(visible(f"{mutant.rule}: {mutant.change}{where}"), f"{style.bad}✗{style.end} ", "  ")
    yield from fold(visible(f"{verb}: {fate.note}" if fate.note else verb), "  ")
    if fate.question is not None:
        yield from fold(visible(f"what tells it apart: {fate.question}"), "  ", "    ")
