"""What became of claims about rules: lines for people, records for programs, JUnit's XML for both.

Glyph and word always say the same thing, so that nothing depends on colour; and what is no proof is
never called one.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.analysis.properties.claims import Claim, ClaimResult, Status
from sim.analysis.question import Question, Uid
from sim.analysis.sampling.enumeration import BLANKET
from sim.policy.engine import Verdict
from sim.report.folding import counted, fold, visible
from sim.report.junit import Group, Outcome, junit_text
from sim.report.style import Style

_GLYPHS: Mapping[Status, str] = {
    "proved": "✓ proved",
    "refuted": "✗ refuted",
    "unknown": "? unknown",
    "held": "~ held",
}
_INDENT = " " * 6


def claim_lines(result: ClaimResult, style: Style) -> Iterator[str]:
    """Yield what became of a claim: its name, and below it what refutes it or why nothing is known.

    Args:
        result: what became of the claim.
        style: colours.
    """
    status, claim = result.status, result.claim
    begun = f"  {_GLYPHS[status]}  "
    first, *others = fold(visible(f"{claim.name}{_rows(claim)}"), begun)
    yield f"  {_colour(status, style)}{_GLYPHS[status]}{style.end}  {first[len(begun) :]}"
    yield from others
    if status in ("refuted", "unknown"):
        yield f"{_INDENT}{style.faint}{visible(str(claim.place))}{style.end}"
    if result.note:
        yield from fold(visible(result.note), _INDENT)
    for line in _counterexample(result):
        yield from fold(visible(line), _INDENT, _INDENT + "  ")


def summary_line(results: Sequence[ClaimResult], wall_s: float, style: Style) -> str:
    """Return the end of a run: how many claims were proved, refuted, left unknown, or only held."""
    counts = {status: sum(one.status == status for one in results) for status in _GLYPHS}
    shown = [
        f"{_colour(status, style)}{count:,} {status}{style.end}"
        for status, count in counts.items()
        if count or status == "proved"
    ]
    no_proof = ", which is no proof" if counts["held"] else ""
    return f"\n{', '.join(shown)}{no_proof}; {counted(len(results), 'claim')} in {wall_s:.1f} s"


def claim_record(result: ClaimResult) -> dict[str, Any]:
    """Return what became of a claim as JSON values."""
    claim, question = result.claim, result.question
    return {
        "kind": "policy_claim",
        "file": claim.place.file,
        "line": claim.place.line,
        "name": claim.name,
        "claims": claim.kind,
        "robust": claim.robust,
        "rows": list(claim.rows),
        "target": claim.target or None,
        "status": result.status,
        "note": result.note or None,
        "checked": result.checked,
        "question": question and question.to_record(),
        "verdict": _verdict_record(result.verdict),
        "against": _verdict_record(result.against),
    }


def junit(judged: Sequence[tuple[str, Sequence[ClaimResult]]]) -> str:
    """Return all results as a JUnit XML file, which continuous integration reads.

    What is refuted is a failure; what is unknown is an error, as nothing is known.

    Args:
        judged: name of each claims file, with what became of its claims.
    """
    groups = [Group(file, file, [_outcome(result) for result in results]) for file, results in judged]
    return junit_text("carhome policy prove", groups)


def _outcome(result: ClaimResult) -> Outcome:
    place, name = result.claim.place, result.claim.name
    if result.status == "refuted":
        lines = list(_counterexample(result))
        return Outcome(place.file, name, place, "failure", lines[0], lines)
    if result.status == "unknown":
        return Outcome(place.file, name, place, "error", result.note)
    return Outcome(place.file, name, place, lines=[result.note] if result.note else [])


# --- one claim --------------------------------------------------------------------------------------


def _colour(status: Status, style: Style) -> str:
    return {"proved": style.good, "refuted": style.bad}.get(status, style.doubt)


def _rows(claim: Claim) -> str:
    return f" ({', '.join(claim.rows)})" if claim.rows else ""


def _counterexample(result: ClaimResult) -> Iterator[str]:
    """Yield the request that refutes a claim, and the engine's answer to it."""
    question, verdict = result.question, result.verdict
    if question is None or verdict is None:
        return
    yield f"for instance: {question}"
    yield from _surroundings(question)
    beside = ", with everything else permitted" if result.claim.robust else ""
    yield f"{_answered(verdict)} by the rules in force{beside}"
    if result.against is not None:
        yield f"{_answered(result.against)} by {result.claim.target}"


def _surroundings(question: Question) -> Iterator[str]:
    """Yield what the question rests on: what each entity in it is in, and its attributes."""
    named = dict.fromkeys(
        (str(question.principal), str(question.resource), *map(_value, question.context.values()))
    )
    for entity in question.entities:
        name = _name(entity["uid"])
        if name not in named:
            continue
        if entity["parents"]:
            yield f"where {name} is in {' and '.join(map(_name, entity['parents']))}"
        if entity["attrs"]:
            facts = (f"{fact} {_value(value)}" for fact, value in entity["attrs"].items())
            yield f"where {name} has {', '.join(facts)}"


def _name(written: Mapping[str, str]) -> str:
    return str(Uid(written["type"], written["id"]))


def _value(value: Any) -> str:
    if isinstance(value, Mapping) and "__entity" in value:
        return _name(value["__entity"])
    return json.dumps(value, ensure_ascii=False)


def _answered(verdict: Verdict) -> str:
    rules = ", ".join(f"`{rule}`" for rule in verdict.rules if rule != BLANKET.id)
    words = verdict.outcome.replace("_", " ")
    return f"{words} ({rules})" if rules else words


def _verdict_record(verdict: Verdict | None) -> dict[str, Any] | None:
    if verdict is None:
        return None
    return {"outcome": verdict.outcome, "rules": list(verdict.rules), "errors": list(verdict.errors)}
