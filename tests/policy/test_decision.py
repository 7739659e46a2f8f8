"""Decisions as records and as replies."""

import json
from dataclasses import replace
from typing import get_args

from sim.core.device import Circumstances, Presence
from sim.policy.decision import AccessRequest, Decision, FailedClause, Kind

DENIED = Decision(
    "not_permitted",
    (),
    "no rule permits `heat` for a guest on a climate",
    instead="ask a member of the household",
    clauses=(FailedClause("household-runs-the-home", 'principal in Role::"member"'),),
)


def test_decision_is_allowed_only_when_permitted() -> None:
    """Nothing but a permit allows."""
    allowed = [kind for kind in get_args(Kind) if Decision(kind, (), "").allowed]

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
        "layer",
        "code",
        "because",
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
        "layer": None,
        "code": None,
        "because": "",
    }


def test_denial_tells_the_asker_which_check_did_not_hold() -> None:
    """Whoever was refused at the key learns the code, the line of defence, and what was found."""
    refused = replace(DENIED, layer="key", code="TOO_FAR", because="the key is too far away")

    denial = refused.denial()

    assert (denial["layer"], denial["code"], denial["because"]) == (
        "key",
        "TOO_FAR",
        "the key is too far away",
    )


def test_refusal_of_an_earlier_check_is_no_permission_and_names_no_rule() -> None:
    """What no rule was asked about is on record like every denial."""
    refused = Decision("refused", (), "too late", layer="freshness", code="EXPIRED")

    assert not refused.allowed
    assert refused.to_record()["kind"] == "refused"
    assert refused.to_record()["rules"] == []


def test_record_of_a_request_says_what_the_rules_were_told() -> None:
    """The moment, as JSON values; who asks whom for what stands beside it."""
    request = AccessRequest(
        action="unlock",
        principal="lin",
        authenticated=True,
        sender="phone",
        resource="su7",
        circumstances=Circumstances(moving=True, code="TOO_FAR"),
        presence=Presence(worn=True),
        expires_in_ms=30,
        voice="inside",
    )

    assert request.to_record() == {
        "authenticated": True,
        "fresh": True,
        "built_in": False,
        "voice": "inside",
        "expires_in_ms": 30,
        "worn": True,
        "circumstances": {"moving": True, "code": "TOO_FAR"},
    }
