"""A run for people at a terminal of 80 columns: each case in a line, each refusal with its rule and reason.

Glyph and word always say the same thing, so that nothing depends on colour. Only a path, or another
word without spaces, may be wider than the terminal.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.core.errors import Place
from sim.core.units import show_duration
from sim.report.chronicle import chronicle_line, named
from sim.report.diagnostic import snippet
from sim.report.folding import COLUMNS_MAX, columns_of, fold, visible
from sim.report.style import Style
from sim.scenario.model import Remark, Scenario, Verdict
from sim.scenario.run import CaseResult, Failure
from sim.scenario.watching import Comparison
from sim.world.trace import Record

_GLYPHS: dict[Verdict, str] = {"pass": "✓", "fail": "✗", "unknown": "?", "skipped": "-", "error": "!"}
_KINDS = {"forbidden": "✕", "not_permitted": "∅", "not_evaluated": "⚠"}
"""Three kinds of no: a rule forbids it, no rule permits it, a rule could not be evaluated."""
_KIND_WORDS = {
    "forbidden": "forbidden by",
    "not_permitted": "not permitted by",
    "not_evaluated": "not evaluated",
}
_INDENT = " " * 4


def scenario_heading(scenario: Scenario, style: Style) -> str:
    """Return the lines above a scenario's cases: an empty one, its file and its title."""
    title = "\n".join(fold(visible(scenario.title)))
    return f"\n{style.faint}{visible(scenario.file)}{style.end}\n{style.strong}{title}{style.end}"


def remark_line(remark: Remark, style: Style) -> str:
    """Return a remark about something that may not be meant, below the place it is about."""
    sentence = "\n".join(fold(visible(remark.sentence), "    "))
    return f"  {style.doubt}note{style.end}: {visible(str(remark.place))}\n{sentence}"


def case_lines(result: CaseResult, style: Style, *, brief: bool) -> str:
    """Return what became of a case, with its refusals below it.

    Args:
        result: the case.
        style: colours.
        brief: whether refusals are only named, because the scenario has many cases alike.
    """
    colour = {"pass": style.good, "fail": style.bad, "error": style.bad}.get(result.verdict, style.doubt)
    verdict = f"{_GLYPHS[result.verdict]} {result.verdict}"
    name = visible(result.case) or f"{result.asserted} held, {show_duration(result.simulated_ms)}"
    note = f": {visible(result.note)}" if result.note else ""
    begun = f"  {verdict}  "
    lines = fold(name + note, begun)
    lines[0] = f"  {colour}{verdict}{style.end}  {lines[0][len(begun) :]}"
    if brief and result.verdict == "pass":
        lines += _refusals_in_brief(result.denials, style)
    else:
        lines += _refusals(result.denials, style)
    return "\n".join(lines)


def failure_lines(failure: Failure, rerun: str, style: Style) -> str:
    """Return everything a reader needs to mend a failed case.

    Args:
        failure: why the case failed.
        rerun: the command that replays it.
        style: colours.
    """
    begun = f"{_INDENT}after {show_duration(failure.at_ms)}: "
    lines = fold(visible(failure.sentence), begun, _INDENT)
    lines += [_INDENT + line for line in snippet(failure.place, colour=bool(style.end))]
    negated = _verb(failure.place) == "never"
    for one in failure.comparisons:
        lines += _comparison(one, style, negated=negated)
    if failure.records:
        lines.append(f"{_INDENT}{style.faint}what happened last:{style.end}")
        lines += [chronicle_line(record, _INDENT) for record in failure.records]
    lines.append(f"{_INDENT}{style.faint}again:{style.end} {visible(rerun)}")
    return "\n".join(lines)


def summary_line(results: Sequence[CaseResult], wall_s: float, style: Style) -> str:
    """Return the end of a run: an empty line, how the cases ended, and how much happened."""
    counts = {verdict: sum(1 for one in results if one.verdict == verdict) for verdict in _GLYPHS}
    colours = {"pass": style.good, "fail": style.bad, "error": style.bad}
    words = {"pass": "passed", "fail": "failed", "unknown": "unknown", "skipped": "skipped", "error": "error"}
    shown = [
        f"{colours.get(verdict, style.doubt)}{count} {words[verdict]}{style.end}"
        for verdict, count in counts.items()
        if count or verdict == "pass"
    ]
    refused = sum(len(one.denials) for one in results)
    messages = sum(one.messages for one in results)
    simulated = show_duration(sum(one.simulated_ms for one in results))
    return (
        f"\n{', '.join(shown)}; {refused} refusals, {messages:,} messages,"
        f" {simulated} simulated in {wall_s:.1f} s"
    )


def _comparison(one: Comparison, style: Style, *, negated: bool) -> Iterator[str]:
    """Return a condition beside what is so; one that must never hold is bad when it does."""
    good = one.holds is not negated
    expected = f"never {one.expected}" if negated else one.expected
    glyph = "✓" if good else "✗"
    begun = f"{_INDENT}{glyph} "
    first, *others = fold(visible(f"{one.name}: expected {expected}, got {one.actual}"), begun)
    yield f"{_INDENT}{style.good if good else style.bad}{glyph}{style.end} {first[len(begun) :]}"
    yield from others


def _verb(place: Place) -> str:
    """Return the key that a step's place underlines."""
    return place.source_line[place.column - 1 :][: place.length]


def _refusals_in_brief(denials: Sequence[Record], style: Style) -> Iterator[str]:
    """Return the rules that refused, each once."""
    for kind, words in _KIND_WORDS.items():
        decisions = [one["decision"] for one in denials if one["decision"]["kind"] == kind]
        rules = ", ".join(dict.fromkeys(visible(named(decision)) for decision in decisions))
        if rules:
            begun = f"{_INDENT}{_KINDS[kind]} {words} "
            first, *others = fold(rules, begun)
            yield f"{_INDENT}{style.bad}{_KINDS[kind]}{style.end} {words} {first[len(begun) :]}"
            yield from others


def _refusals(denials: Sequence[Record], style: Style) -> Iterator[str]:
    """Return denied commands; what a decision says is said once, where it was made first."""
    said: list[Mapping[str, Any]] = []
    for record in denials:
        yield from _refusal(record, style)
        if record["decision"] not in said:
            said.append(record["decision"])
            for detail in _details(record["decision"]):
                yield from fold(visible(detail), " " * 17)


def _refusal(record: Record, style: Style) -> Iterator[str]:
    """Return when and whom somebody asked for what, and which rule refused."""
    decision = record["decision"]
    rule = visible(named(decision))
    who = f"{record['sender']} → {record['device']}  {record['action']}"
    head = visible(f"{show_duration(record['t']):>9}  {who}")
    glyph = f"{style.bad}{_KINDS[decision['kind']]}{style.end}"
    if columns_of(f"{_INDENT}✕ {head}  {rule}") <= COLUMNS_MAX:
        yield f"{_INDENT}{glyph} {head}  {style.strong}{rule}{style.end}"
    else:
        yield f"{_INDENT}{glyph} {head}"
        yield from (f"{style.strong}{line}{style.end}" for line in fold(rule, " " * 17))


def _details(decision: Mapping[str, Any]) -> Iterator[str]:
    """Yield why, what would have had to be so, which article says it, and what is allowed instead."""
    yield decision["reason"]
    for one in decision["clauses"]:
        rule = f" ({one['rule']})" if one["rule"] and len(decision["clauses"]) > 1 else ""
        yield f"missing: {one['clause']}{rule}"
    if decision["article"] and decision["quote"]:
        yield f"article {decision['article']}: “{decision['quote']}”"
    if decision["instead"]:
        yield f"instead: {decision['instead']}"
