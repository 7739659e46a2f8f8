"""Why nothing permitted a request, clause by clause."""

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core.device import Presence
from sim.policy.cedar import CedarDecisionPoint
from sim.policy.clauses import Probes
from sim.policy.decision import AccessRequest, FailedClause
from sim.policy.rules import RuleBook
from sim.policy.schema import Vocabulary
from tests.policy.small_home import CarCircumstances, asked, household, shipped_rules

EXTRA = """
@id("slow") @reason("x")
permit (principal in Role::"owner", action == Action::"unplug", resource is Car)
when { context has sender && context.sender.kind == "phone" && context.expires_in_ms < 9000 }
unless { context has worn && !context.worn || context.expires_in_ms < 0 };

@id("service") @reason("x") @instead("ask Lin")
permit (principal, action == Action::"unplug", resource == Car::"other");
"""


@pytest.fixture(scope="module")
def fussy(vocabulary: Vocabulary) -> CedarDecisionPoint:
    """The shipped rules and two that permit unplugging under many conditions."""
    return CedarDecisionPoint(
        RuleBook.read([*shipped_rules(), ("extra.cedar", EXTRA)], vocabulary), household()
    )


@pytest.mark.parametrize(
    ("request_", "rule", "clause"),
    [
        (asked("unplug", sender="watch"), "slow", 'context.sender.kind == "phone"'),
        (asked("unplug"), "slow", "context.expires_in_ms < 9000"),
        (
            asked("unplug", expires_in_ms=1, presence=Presence(worn=False)),
            "slow",
            "!(context has worn && !context.worn)",
        ),
        (asked("unplug", expires_in_ms=-1), "slow", "!(context.expires_in_ms < 0)"),
    ],
)
def test_first_false_condition_is_named(
    fussy: CedarDecisionPoint, request_: AccessRequest, rule: str, clause: str
) -> None:
    """Of a permit whose scope fits, the first condition that is false is named in the rule's own words."""
    decision = fussy.decide(request_)

    assert decision.kind == "not_permitted"
    assert decision.clauses == (FailedClause(rule, clause),)
    assert decision.instead is None


def test_scope_is_named_when_only_the_action_fits(fussy: CedarDecisionPoint) -> None:
    """Where no scope fits, every permit of the action says which part of its scope is false."""
    decision = fussy.decide(asked("unplug", principal="jun"))

    assert decision.clauses == (
        FailedClause("slow", 'principal in Role::"owner"'),
        FailedClause("service", 'resource == Car::"other"'),
    )
    assert decision.instead == "ask Lin"


def test_permit_that_fits_has_no_clause_left(fussy: CedarDecisionPoint) -> None:
    """Once every clause holds, the permit permits."""
    decision = fussy.decide(asked("unplug", expires_in_ms=5000))

    assert decision.rules == ("slow",)


def test_no_permit_for_an_action_is_said_in_a_sentence(point: CedarDecisionPoint) -> None:
    """Where no permit names the action, one sentence says so: what, for whom, on what."""
    decision = point.decide(asked("unplug", principal="mei"))

    assert decision.reason == "no rule permits `unplug` for a member on a car"
    assert decision.clauses == (FailedClause(None, decision.reason),)


ANYTHING = st.builds(
    asked,
    action=st.sampled_from(["unplug", "unlock", "lock", "refresh_status"]),
    principal=st.sampled_from(["lin", "mei", "tao", "jun", None]),
    sender=st.sampled_from(["phone", "watch", "mallory", "nobody"]),
    circumstances=st.builds(CarCircumstances, distance_cm=st.sampled_from([None, 150, 300])),
    presence=st.builds(Presence, worn=st.sampled_from([None, True, False])),
    expires_in_ms=st.sampled_from([-1, 5000, 9000]),
)


@settings(deadline=None)
@given(request_=ANYTHING)
def test_probes_hold_together_exactly_when_their_permit_does(
    fussy: CedarDecisionPoint, request_: AccessRequest
) -> None:
    """Taking a rule apart loses nothing: it applies if and only if each of its clauses is true."""
    question = fussy._question(request_, fussy._targets["su7"])
    permits = [rule for rule in fussy._book.rules.values() if rule.effect == "permit"]
    probes = Probes.into(permits)
    alone = cedarpy.PolicySet.from_str("\n".join(rule.text for rule in permits))

    applying = cedarpy.is_authorized(question, alone, fussy._entities, fussy._book.schema)
    holding = cedarpy.is_authorized(question, probes.policies, fussy._entities, fussy._book.schema)

    whole = set(applying.diagnostics.id_annotations_by_reason.values())
    held = set(holding.diagnostics.reasons)
    assert whole == {rule for rule, parts in probes.of.items() if all(part.id in held for part in parts)}
