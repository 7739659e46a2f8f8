"""What became of claims, at a terminal, as records and as JUnit's XML."""

import json
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from sim.analysis.properties.claims import Claim, ClaimResult, ClaimsFile, judge_claims
from sim.analysis.question import Question, Uid
from sim.core.errors import Place
from sim.policy.cedar import ROLES
from sim.policy.engine import Verdict
from sim.policy.rules import RuleBook
from sim.policy.schema import Vocabulary
from sim.report.folding import columns_of
from sim.report.policy.claims import claim_lines, claim_record, junit, summary_line
from sim.report.style import COLOURED, PLAIN
from tests.policy.small_home import KINDS, shipped_rules

PLACE = Place("home.claims.yaml", 7, 11)
LIN = {"uid": {"type": "Person", "id": "lin"}, "attrs": {}, "parents": [{"type": "Role", "id": "owner"}]}
PHONE = {
    "uid": {"type": "Device", "id": "phone"},
    "attrs": {"kind": "phone", "enrolled": True, "owner": {"__entity": {"type": "Person", "id": "lin"}}},
    "parents": [],
}
QUESTION = Question(
    Uid("Person", "lin"),
    "unlock",
    Uid("Car", "su7"),
    {"moving": True, "sender": {"__entity": {"type": "Device", "id": "phone"}}},
    [*ROLES, LIN, PHONE],
)


def claim(**changes: Any) -> Claim:
    """Return a claim."""
    settings: Mapping[str, Any] = {"name": "nothing opens while moving", "kind": "never", "place": PLACE}
    return Claim(**{**settings, **changes})


PROVED = ClaimResult(claim(rows=("M34", "M37")), "proved", checked=546)
HELD = ClaimResult(claim(), "held", note="held for 9 requests; not a proof", checked=9)
UNKNOWN = ClaimResult(claim(), "unknown", note="it took too long")
REFUTED = ClaimResult(
    claim(robust=True),
    "refuted",
    QUESTION,
    Verdict("permitted", ("everything is permitted", "household-key")),
)
COMPARED = ClaimResult(
    claim(kind="same-as", target="built-in"),
    "refuted",
    QUESTION,
    Verdict("permitted", ("own",)),
    Verdict("not_permitted"),
)


def lines(result: ClaimResult) -> list[str]:
    """Return what a terminal without colours shows."""
    return list(claim_lines(result, PLAIN))


def test_claim_that_is_proved_is_one_line() -> None:
    """What is proved needs no more than its name and its rows."""
    assert lines(PROVED) == ["  ✓ proved  nothing opens while moving (M34, M37)"]


def test_claim_that_only_held_says_that_it_is_no_proof() -> None:
    """What was only looked at has another glyph and another word, and says how far was looked."""
    assert lines(HELD) == ["  ~ held  nothing opens while moving", "      held for 9 requests; not a proof"]


def test_claim_that_is_unknown_says_where_and_why() -> None:
    """What nobody can tell is no proof either."""
    assert lines(UNKNOWN) == [
        "  ? unknown  nothing opens while moving",
        "      home.claims.yaml:7:11",
        "      it took too long",
    ]


def test_claim_that_is_refuted_shows_the_request_and_the_answer() -> None:
    """Where the claim stands, who asks what, what that rests on, and which rules allow it."""
    shown = lines(REFUTED)
    text = " ".join(" ".join(shown).split())

    assert shown[:2] == ["  ✗ refuted  nothing opens while moving", "      home.claims.yaml:7:11"]
    assert 'for instance: Person::"lin" asks Car::"su7" to unlock, context {"moving": true' in text
    assert 'where Person::"lin" is in Role::"owner"' in text
    assert 'where Device::"phone" has kind "phone", enrolled true, owner Person::"lin"' in text
    assert "permitted (`household-key`) by the rules in force, with everything else permitted" in text
    assert 'where Role::"owner"' not in text


def test_claim_about_other_rules_shows_their_answer_as_well() -> None:
    """Two sets of rules, two answers."""
    *_, last_but_one, last = lines(COMPARED)

    assert last_but_one == "      permitted (`own`) by the rules in force"
    assert last == "      not permitted by built-in"


@pytest.mark.parametrize("result", [PROVED, HELD, UNKNOWN, REFUTED, COMPARED])
def test_lines_fit_a_terminal(result: ClaimResult) -> None:
    """No line is wider than 80 columns, and colours only add to what is there."""
    assert all(columns_of(line) <= 80 for line in lines(result))
    coloured = "\n".join(claim_lines(result, COLOURED))
    for name in ("good", "bad", "doubt", "faint", "end"):
        coloured = coloured.replace(getattr(COLOURED, name), "")
    assert coloured.split("\n") == lines(result)


def test_names_cannot_colour_the_terminal() -> None:
    """What a user wrote is shown, and not obeyed."""
    (line,) = lines(ClaimResult(claim(name="\x1b[31mred"), "proved"))

    assert "\x1b" not in line
    assert r"\x1b[31mred" in line


def test_summary_counts_each_sort_and_calls_only_proofs_proved() -> None:
    """What is left out is nought, but for what is proved."""
    assert summary_line([PROVED, PROVED], 0.32, PLAIN) == "\n2 proved; 2 claims in 0.3 s"
    assert summary_line([PROVED, HELD, UNKNOWN, REFUTED], 1, PLAIN) == (
        "\n1 proved, 1 refuted, 1 unknown, 1 held, which is no proof; 4 claims in 1.0 s"
    )
    assert summary_line([REFUTED], 1, PLAIN) == "\n0 proved, 1 refuted; 1 claim in 1.0 s"


def test_record_says_everything() -> None:
    """Programs get the request, the answers, and whether it was proved."""
    record = claim_record(COMPARED)

    assert json.loads(json.dumps(record)) == record
    assert record == {
        "kind": "policy_claim",
        "file": "home.claims.yaml",
        "line": 7,
        "name": "nothing opens while moving",
        "claims": "same-as",
        "robust": False,
        "rows": [],
        "target": "built-in",
        "status": "refuted",
        "note": None,
        "checked": 0,
        "question": QUESTION.to_record(),
        "verdict": {"outcome": "permitted", "rules": ["own"], "errors": []},
        "against": {"outcome": "not_permitted", "rules": [], "errors": []},
    }
    assert claim_record(PROVED)["verdict"] is None
    assert claim_record(PROVED)["question"] is None


def test_junit_has_a_case_for_each_claim() -> None:
    """What is refuted is a failure, what is unknown an error, and the counts say so."""
    text = junit([("a.claims.yaml", [PROVED, HELD, UNKNOWN]), ("b.claims.yaml", [REFUTED])])

    root = ET.fromstring(text)  # noqa: S314  # written just now
    first, second = root
    counts = {"tests": "4", "failures": "1", "errors": "1", "skipped": "0"}
    assert {name: root.get(name) for name in counts} == counts
    assert (first.get("name"), first.get("tests"), second.get("failures")) == ("a.claims.yaml", "3", "1")
    assert [[child.tag for child in case] for case in first] == [[], ["system-out"], ["error"]]
    failure = second[0][0]
    assert failure.tag == "failure"
    assert failure.get("message", "").startswith('for instance: Person::"lin" asks Car::"su7" to unlock')
    assert "permitted (`household-key`) by the rules in force" in (failure.text or "")
    assert (second[0].get("file"), second[0].get("line")) == ("home.claims.yaml", "7")


def test_claims_of_a_file_are_shown_from_end_to_end() -> None:
    """A file is read, judged and shown: what holds, and what does not with the engine's answer."""
    book = RuleBook.read(shipped_rules(), Vocabulary.of(KINDS))
    text = """
claims:
  - name: remote driving is never allowed
    robust: true
    never: permit (principal, action in Action::"RemoteDriving", resource);
  - name: nobody locks
    never: permit (principal, action == Action::"lock", resource);
"""
    claims = ClaimsFile.read("home.claims.yaml", text, book.vocabulary)

    results = list(judge_claims(claims, book, book, fixed=ROLES))
    shown = [line for result in results for line in lines(result)]

    assert shown[0] == "  ~ held  remote driving is never allowed"
    assert "  ✗ refuted  nobody locks" in shown
    assert any("by the rules in force" in line for line in shown)
