"""Decisions as records and as replies."""

import json

from sim.policy.decision import Decision, FailedClause

DENIED = Decision(
    "not_permitted",
    (),
    "no rule permits `heat` for a guest on a climate",
    instead="ask a member of the household",
    clauses=(FailedClause("household-runs-the-home", 'principal in Role::"member"'),),
)


def test_decision_is_allowed_only_when_permitted() -> None:
    """Nothing but a permit allows."""
    allowed = [
        kind
        for kind in ("permitted", "forbidden", "not_permitted", "not_evaluated")
        if Decision(kind, (), "").allowed
    ]

    assert allowed == ["permitted"]


def test_record_is_json_in_a_fixed_order() -> None:
    """A record survives JSON unchanged, and its keys always come in the same order."""
    record = DENIED.to_record()

    assert json.loads(json.dumps(record)) == record
    assert list(record) == [
        "allowed",
        "kind",
        "rules",
        "reason",
        "article",
        "quote",
        "instead",
        "clauses",
        "errors",
    ]


def test_denial_tells_the_asker_what_was_missing_but_not_the_engines_words() -> None:
    """A reply explains the denial without repeating errors of the engine."""
    assert DENIED.denial() == {
        "kind": "not_permitted",
        "rules": [],
        "clauses": [{"rule": "household-runs-the-home", "clause": 'principal in Role::"member"'}],
        "article": None,
        "quote": None,
        "instead": "ask a member of the household",
    }
