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
from sim.report.folding import COLUMNS_MAX, columns_of, counted, fold, visible
from sim.report.style import Style
from sim.scenario.model import Remark, Scenario, Verdict
from sim.scenario.run import CaseResult, Failure
from sim.scenario.watching import Comparison
from sim.world.trace import Record

_GLYPHS: dict[Verdict, str] = {"pass": "✓", "fail": "✗", "unknown": "?", "skipped": "-", "error": "!"}
_KINDS = {"forbidden": "✕", "not_permitted": "∅", "not_evaluated": "⚠", "refused": "✕"}
"""Kinds of no: a rule forbids it, no rule permits it, a rule could not be evaluated, none was asked."""
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
    if brief and result.verdict == "pass":
        refusals = list(_refusals_in_brief(result.denials, columns_of(lines[-1]), style))
    else:
        refusals = list(_refusals(result.denials, style))
    lines[0] = f"  {colour}{verdict}{style.end}  {lines[0][len(begun) :]}"
    return "\n".join(lines) + "".join(refusals)


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
    refused = counted(sum(len(one.denials) for one in results), "refusal")
    messages = counted(sum(one.messages for one in results), "message")
    simulated = show_duration(sum(one.simulated_ms for one in results))
    return f"\n{', '.join(shown)}; {refused}, {messages}, {simulated} simulated in {wall_s:.1f} s"


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


def _refusals_in_brief(denials: Sequence[Record], used: int, style: Style) -> Iterator[str]:
    """Yield the rules that refused, behind `used` columns or, if they do not fit there, below."""
    rules = ", ".join(dict.fromkeys(visible(named(one["decision"])) for one in denials))
    if not rules:
        return
    words = "refused by "
    fits = used + 2 + columns_of(words + rules) <= COLUMNS_MAX
    first, *others = [rules] if fits else fold(rules, " " * 10 + words)
    yield "  " if fits else "\n" + " " * 10
    yield f"{style.faint}{words}{style.end}{first.strip().removeprefix(words)}"
    yield from (f"\n{line}" for line in others)


def _refusals(denials: Sequence[Record], style: Style) -> Iterator[str]:
    """Yield denied commands, line by line; what a decision says is said once, where it comes first."""
    said: list[list[str]] = []
    for record in denials:
        yield from (f"\n{line}" for line in _refusal(record, style))
        details = list(_details(record["decision"]))
        if details not in said:
            said.append(details)
            for detail in details:
                yield from (f"\n{line}" for line in fold(visible(detail), " " * 17))


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
    if decision["because"]:
        yield f"because {decision['because']}"
    for one in decision["clauses"]:
        rule = f" ({one['rule']})" if one["rule"] and len(decision["clauses"]) > 1 else ""
        yield f"missing: {one['clause']}{rule}"
    if decision["article"] and decision["quote"]:
        yield f"article {decision['article']}: “{decision['quote']}”"
    if decision["instead"]:
        yield f"instead: {decision['instead']}"
