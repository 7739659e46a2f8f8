"""Why a request was answered as it was, for people at a terminal of 80 columns.

First the answer, then the rules with what they looked at, then what would be allowed. Glyph and word
always say the same thing, so that nothing depends on colour.
"""

from collections.abc import Iterator

from sim.analysis.explanation.nearest import Nearest, Offer
from sim.analysis.explanation.reasons import Check, Condition, Explanation, RuleReading
from sim.report.folding import counted, fold, visible
from sim.report.style import Style

OFFERS_MAX = 3
"""How many other actions are named; the record has all of them."""

_KINDS = {"permitted": "✓", "forbidden": "✕", "not_permitted": "∅", "not_evaluated": "⚠", "refused": "✕"}


def explanation_lines(explanation: Explanation, style: Style) -> str:
    """Return an explanation as lines of text, without a newline at the end.

    Args:
        explanation: why a request was answered as it was.
        style: colours.
    """
    return "\n".join(_lines(explanation, style))


def _lines(explanation: Explanation, style: Style) -> Iterator[str]:
    kind = explanation.kind
    colour = {"permitted": style.good, "not_evaluated": style.doubt}.get(kind, style.bad)
    mark = f"{_KINDS[kind]} {kind.replace('_', ' ')}:"
    yield from _marked(mark, explanation.sentence, "", colour, style)
    if explanation.check is not None:
        yield from fold(visible(_found(explanation.check)), "  ")
    if explanation.help_text is not None:
        yield from fold(visible(explanation.help_text), "  ")
    if explanation.differs:
        yield from _marked("note:", explanation.differs, "  ", style.doubt, style)
    quoted: list[str] = []
    for rule in explanation.rules:
        yield from _head(rule, f"{rule.effect}s it ({rule.place})", style)
        yield from fold(visible(rule.reason), "    ")
        yield from _conditions(rule, style)
        yield from _source(rule, quoted)
        yield from _way_out(rule, explanation.nearest, style)
    for rule in explanation.permits:
        yield from _head(rule, f"would permit it ({rule.place}), but", style)
        yield from _conditions(rule, style, hindering=True)
    for rule in explanation.erring:
        yield from _head(rule, f"could not be evaluated ({rule.place})", style)
        yield from _conditions(rule, style)
    for error in explanation.errors:
        yield from fold(visible(error), "  ", "    ")
    if explanation.nearest is not None:
        if explanation.unknown_command is None:
            yield from _nearest(explanation.nearest, style)
        yield from _others(explanation.nearest, style)


def _found(check: Check) -> str:
    """Return what a check found, and which it was."""
    what = f"because {check.because}" if check.because else "refused by a check before the rules"
    return f"{what} ({check.layer}, {check.code})" if check.code else f"{what} ({check.layer})"


def _marked(mark: str, text: str, indent: str, colour: str, style: Style) -> Iterator[str]:
    """Yield text behind a coloured mark."""
    begun = f"{indent}{mark} "
    first, *others = fold(visible(text), begun, f"{indent}  ")
    yield f"{indent}{colour}{mark}{style.end} {first[len(begun) :]}"
    yield from others


def _head(rule: RuleReading, does: str, style: Style) -> Iterator[str]:
    yield from _marked(visible(rule.id), does, "  ", style.strong, style)


def _conditions(rule: RuleReading, style: Style, *, hindering: bool = False) -> Iterator[str]:
    """Yield the conditions that made a rule what it was, each with what it is.

    What is true hinders, too, where a rule wants it not to be.
    """
    for condition in rule.conditions:
        glyph, colour = _glyph(condition, style)
        if hindering and condition.value is True:
            glyph, colour = "✗", style.bad
        yield from _marked(glyph, str(condition), "    ", colour, style)


def _glyph(condition: Condition, style: Style) -> tuple[str, str]:
    """Return the glyph of a condition's value, and its colour."""
    match condition.value:
        case True:
            return "✓", style.good
        case False:
            return "✗", style.bad
        case _:
            return "!", style.doubt


def _source(rule: RuleReading, quoted: list[str]) -> Iterator[str]:
    """Yield the article a rule comes from; what has been quoted is not quoted again."""
    if rule.article and rule.quote:
        source = f"article {rule.article}: “{rule.quote}”"
        if source not in quoted:
            quoted.append(source)
            yield from fold(visible(source), "    ")


def _way_out(rule: RuleReading, nearest: Nearest | None, style: Style) -> Iterator[str]:
    """Yield what a rule allows instead, unless the nearest allowed request says so."""
    said = () if nearest is None else nearest.changes
    if rule.effect == "forbid" and rule.instead and not any(rule.instead in one.phrase for one in said):
        yield from _marked("instead:", rule.instead, "    ", style.faint, style)


def _nearest(nearest: Nearest, style: Style) -> Iterator[str]:
    """Yield what would have to be otherwise."""
    match nearest.outcome:
        case "found":
            changes = counted(len(nearest.changes), "change") if nearest.changes else ""
            what = "; ".join(part for part in (changes, nearest.note) if part)
            yield from _marked("nearest allowed:", what, "  ", style.good, style)
            for change in nearest.changes:
                yield from fold(visible(change.phrase), "    - ")
        case "never":
            yield from _marked("never allowed:", nearest.note, "  ", style.bad, style)
        case _:
            yield from _marked("perhaps never allowed:", nearest.note, "  ", style.doubt, style)


def _others(nearest: Nearest, style: Style) -> Iterator[str]:
    """Yield other actions that are allowed."""
    offers = nearest.others[:OFFERS_MAX]
    if offers:
        shown = "; ".join(map(_offer, offers))
        yield from _marked("allowed instead:", shown, "  ", style.good, style)


def _offer(offer: Offer) -> str:
    supposed = " and ".join(change.phrase for change in offer.changes)
    return f"`{offer.action}`" + (f", if {supposed}" if supposed else "")
