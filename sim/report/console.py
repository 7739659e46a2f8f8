"""A run for people at a terminal of 80 columns: each case in a line, each refusal with its rule and reason.

Glyph and word always say the same thing, so that nothing depends on colour.
"""

import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from sim.core.errors import Place
from sim.core.units import show_duration
from sim.report.diagnostic import visible
from sim.report.style import Style
from sim.scenario.model import Remark, Scenario, Verdict
from sim.scenario.run import CaseResult, Failure
from sim.world.trace import Record

COLUMNS = 80
_GLYPHS: dict[Verdict, str] = {"pass": "✓", "fail": "✗", "unknown": "?", "skipped": "-", "error": "!"}
_KINDS = {"forbidden": "✕", "not_permitted": "∅", "not_evaluated": "⚠"}
"""Three kinds of no: a rule forbids it, no rule permits it, a rule could not be evaluated."""
SHOWN_TEXT_MAX = 200
"""Longest payload of a record that a failure shows, in characters."""


def scenario_heading(scenario: Scenario, style: Style) -> str:
    """Return the lines above a scenario's cases: its file and its title."""
    file, title = visible(scenario.file), visible(scenario.title)
    return f"{style.faint}{file}{style.end}\n{style.strong}{title}{style.end}"


def remark_line(remark: Remark, style: Style) -> str:
    """Return a remark about something that may not be meant."""
    return f"{style.doubt}note{style.end}: {visible(str(remark.place))}: {visible(remark.sentence)}"


def case_lines(result: CaseResult, style: Style, *, brief: bool) -> str:
    """Return what became of a case, with its refusals below it.

    Args:
        result: the case.
        style: colours.
        brief: whether refusals are only named, because the scenario has many cases alike.
    """
    colour = {"pass": style.good, "fail": style.bad, "error": style.bad}.get(result.verdict, style.doubt)
    held = f"{result.asserted} held, {show_duration(result.simulated_ms)}"
    name = visible(result.case) or held
    note = f": {visible(result.note)}" if result.note else ""
    lines = [f"  {colour}{_GLYPHS[result.verdict]} {result.verdict}{style.end} {name}{note}"]
    if brief and result.verdict == "pass":
        rules = dict.fromkeys(_named(one["decision"]) for one in result.denials)
        if rules:
            lines[0] += f"  {style.faint}refused by{style.end} {', '.join(rules)}"
        return "\n".join(lines)
    for record in result.denials:
        lines += _refusal(record, style)
    return "\n".join(lines)


def failure_lines(failure: Failure, rerun: str, style: Style) -> str:
    """Return everything a reader needs to mend a failed case.

    Args:
        failure: why the case failed.
        rerun: the command that replays it.
        style: colours.
    """
    place = failure.place
    lines = [
        f"{style.bad}failed{style.end}: {visible(failure.sentence)}",
        f"  --> {visible(str(place))}, {show_duration(failure.at_ms)} after the beginning",
        *_snippet(place),
    ]
    for one in failure.comparisons:
        mark = f"{style.good}✓{style.end}" if one.holds else f"{style.bad}✗{style.end}"
        compared = f"{one.name}: expected {one.expected}, got {one.actual}"
        lines.append(f"  {mark} {visible(compared)}")
    if failure.records:
        lines.append(f"  {style.faint}what happened last:{style.end}")
        lines += [f"    {_line_of(record)}" for record in failure.records]
    lines.append(f"  {style.faint}again:{style.end} {visible(rerun)}")
    return "\n".join(lines)


def summary_line(results: Sequence[CaseResult], wall_s: float, style: Style) -> str:
    """Return the last line of a run."""
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
        f"{', '.join(shown)}; {refused} refusals, {messages:,} messages,"
        f" {simulated} simulated in {wall_s:.1f} s"
    )


def _refusal(record: Record, style: Style) -> Iterable[str]:
    """Return a denied command: when, who asked whom for what, which rule, why, and what is allowed."""
    decision = record["decision"]
    who = f"{visible(str(record['sender']))} → {visible(str(record['device']))}"
    head = f"{show_duration(record['t']):>9}  {who}  {visible(str(record['action']))}"
    glyph = f"{style.bad}{_KINDS[decision['kind']]}{style.end}"
    yield f"    {glyph} {head}  {style.strong}{_named(decision)}{style.end}"
    details = [visible(decision["reason"])]
    if decision["article"] and decision["quote"]:
        details.append(f"article {decision['article']}: “{visible(decision['quote'])}”")
    if decision["instead"]:
        details.append(f"instead: {visible(decision['instead'])}")
    for detail in details:
        yield textwrap.fill(
            detail, COLUMNS, initial_indent=" " * 17, subsequent_indent=" " * 17, break_on_hyphens=False
        )


def _named(decision: Any) -> str:  # noqa: ANN401  # a decision as recorded
    """Return the rules that decided, or the clauses that failed."""
    if decision["rules"]:
        return ", ".join(decision["rules"])
    clauses = [
        f"{one['rule']}: {one['clause']}" if one["rule"] else one["clause"] for one in decision["clauses"]
    ]
    return visible("; ".join(clauses) or decision["kind"])


def _snippet(place: Place) -> list[str]:
    gutter = " " * len(str(place.line))
    return [f"  {gutter} |", f"  {place.line} | {visible(place.source_line.rstrip())}"]


def _line_of(record: Record) -> str:
    """Return a record in one line."""
    when = show_duration(record["t"])
    match record["kind"]:
        case "message":
            shown = record.get("signed", record.get("data", record.get("raw")))
            text = f"{record['device']} published {record['topic']} {shown}"
        case "command":
            text = f"{record['command']} is {record['status']} {record['reason']}"
        case "decision":
            decision = record["decision"]
            asked = f"{record['sender']}'s {record['action']}"
            text = f"{record['device']} decided {asked}: {decision['kind']} {_named(decision)}"
        case _:
            fields = {key: value for key, value in record.items() if key not in {"n", "t", "kind", "cause"}}
            text = f"{record['kind']} {fields}"
    short = text if len(text) <= SHOWN_TEXT_MAX else text[: SHOWN_TEXT_MAX - 1] + "…"
    return f"{when:>9}  {visible(short)}"
