"""Six traps of the engine, each shown to be one, and shown to catch nobody here."""

import json
from typing import Any

import cedarpy
import pytest

from sim.analysis.properties.lint import lint
from sim.analysis.symbolic import Prover
from sim.core.errors import PolicyError
from sim.policy.cedar import CedarDecisionPoint
from sim.policy.engine import judge
from sim.policy.rules import RuleBook
from sim.policy.schema import DRIVING, Vocabulary
from sim.shell.files import Shelf
from tests.policy.small_home import CarCircumstances, asked, household

EVERYTHING = '@id("everything") @reason("r") permit (principal, action, resource);'
NOTES = '@reason("r") @instead("i") '
UNDRIVEN = f'@id("undriven") {NOTES} forbid (principal, action in Action::"RemoteDriving", resource);'


def rules_of(vocabulary: Vocabulary, *rules: str) -> RuleBook:
    """Return rules."""
    return RuleBook.read([("a.cedar", "\n".join(rules))], vocabulary)


def entities(point: CedarDecisionPoint, schema: cedarpy.Schema | None) -> cedarpy.Entities:
    """Return the small household as the engine takes it, parsed with a schema or without."""
    return cedarpy.Entities.from_json_str(json.dumps(point.entities), schema)


def test_1_groups_exist_only_in_entities_parsed_with_the_schema(vocabulary: Vocabulary) -> None:
    """Without it the forbid over a group is dead and the car is summoned; we parse with it."""
    rules = rules_of(vocabulary, EVERYTHING, UNDRIVEN)
    point = CedarDecisionPoint(rules, household())
    request = point.question(asked("summon"))

    careless = judge(request, rules.policies, entities(point, None), rules.schema)
    careful = judge(request, rules.policies, entities(point, rules.schema), rules.schema)

    assert careless.outcome == "permitted"
    assert careful.outcome == "forbidden"
    assert point.decide(asked("summon")).rules == ("undriven",)


@pytest.mark.parametrize("action", DRIVING)
def test_1_shipped_rule_stands_even_where_no_group_is_seen(action: str, book: RuleBook) -> None:
    """It names each act of driving beside their group."""
    point = CedarDecisionPoint(book, household())
    blanket = book.policies.with_added_str(EVERYTHING)
    blind = entities(point, None)

    verdict = judge(point.question(asked(action)), blanket, blind, book.schema)

    assert "no-remote-driving" in verdict.rules


def test_2_rule_that_errs_is_skipped_and_what_it_forbids_is_refused_all_the_same(
    vocabulary: Vocabulary,
) -> None:
    """The engine says Allow beside the error; that is worth nothing here."""
    erring = (
        '@id("erring") @reason("r") @instead("i") forbid (principal, action == Action::"lock", resource) '
        "when { context has sender && context.sender.enrolled };"
    )
    rules = rules_of(vocabulary, EVERYTHING, erring, UNDRIVEN)
    point = CedarDecisionPoint(rules, household())
    nobody = [one for one in point.entities if one["uid"] != {"type": "Device", "id": "phone"}]
    store = cedarpy.Entities.from_json_str(json.dumps(nobody), rules.schema)
    request = point.question(asked("lock"))

    naive = cedarpy.is_authorized(request, rules.policies, store, rules.schema)
    verdict = judge(request, rules.policies, store, rules.schema)

    assert naive.decision is cedarpy.Decision.Allow
    assert (verdict.outcome, verdict.allowed) == ("not_evaluated", False)
    assert len(verdict.errors) == 1


@pytest.mark.parametrize("context", [{}, {"moving": "yes"}])
def test_3_fact_that_is_missing_or_mistyped_is_no_silent_error(
    vocabulary: Vocabulary, context: dict[str, Any]
) -> None:
    """Without the schema on the call the forbid errs and the permit wins; with it nothing is decided."""
    forbid = f'@id("standing") {NOTES} forbid (principal, action, resource) when {{ context.moving }};'
    rules = rules_of(vocabulary, EVERYTHING, forbid, UNDRIVEN)
    point = CedarDecisionPoint(rules, household())
    request = {**point.question(asked("lock")), "context": json.dumps(context)}

    naive = cedarpy.is_authorized(request, rules.policies, entities(point, rules.schema))
    verdict = judge(request, rules.policies, entities(point, rules.schema), rules.schema)

    assert naive.decision is cedarpy.Decision.Allow
    assert verdict.outcome == "not_evaluated"
    assert verdict.errors


@pytest.mark.parametrize(
    "change",
    [
        {"action": {"type": "Action", "id": "fly"}},
        {"context": json.dumps({"authenticated": 1.5})},
        {"context": json.dumps({"expires_in_ms": 2**63})},
        {"principal": {"type": "Nobody", "id": "x"}},
    ],
)
def test_4_what_the_engine_cannot_judge_is_refused_and_recorded(
    vocabulary: Vocabulary, change: dict[str, Any]
) -> None:
    """It is neither Allow nor Deny and no exception: here it is a refusal of its own kind, with the error."""
    rules = rules_of(vocabulary, EVERYTHING, UNDRIVEN)
    point = CedarDecisionPoint(rules, household())
    request = {**point.question(asked("lock")), **change}

    naive = cedarpy.is_authorized(request, rules.policies, entities(point, rules.schema), rules.schema)
    verdict = judge(request, rules.policies, entities(point, rules.schema), rules.schema)

    assert naive.decision is cedarpy.Decision.NoDecision
    assert verdict.outcome == "not_evaluated"
    assert verdict.errors


def test_5_overflow_passes_validation_and_is_refused_and_remarked_upon(vocabulary: Vocabulary) -> None:
    """The validator proves that absent facts are guarded, not that a sum fits 64 bits."""
    overflowing = (
        '@id("sum") @reason("r") @instead("i") forbid (principal, action == Action::"unlock", resource) '
        "when { context has distance_cm && context.distance_cm + 1 > 200 };"
    )
    rules = rules_of(vocabulary, EVERYTHING, overflowing, UNDRIVEN)
    farthest = asked("unlock", circumstances=CarCircumstances(distance_cm=2**63 - 1))

    decision = CedarDecisionPoint(rules, household()).decide(farthest)

    assert (decision.kind, decision.allowed) == ("not_evaluated", False)
    assert decision.errors
    assert "errs" in {remark.oddity for remark in lint(rules) if remark.rule == "sum"}


def test_5_no_shipped_rule_can_err() -> None:
    """Every sum and difference of the shipped rules is bounded before it is made."""
    rules = Shelf().rules
    prover = Prover(rules.vocabulary.to_json(), closed=True)

    assert [name for name in rules.trees if prover.can_err(rules.trees, name).outcome != "proved"] == []


@pytest.mark.parametrize(
    "weakened",
    [
        "",
        UNDRIVEN.replace("resource);", "resource) unless { context.authenticated };"),
        UNDRIVEN.replace("resource);", "resource is Camera);"),
        UNDRIVEN.replace("(principal,", '(principal in Role::"guest",'),
        UNDRIVEN.replace("forbid", "permit"),
    ],
)
def test_6_nothing_starts_unless_driving_is_refused_beside_a_blanket_permit(
    vocabulary: Vocabulary, weakened: str
) -> None:
    """Each start asks for every act of driving with one more rule that permits everything."""
    with pytest.raises(PolicyError, match="nothing starts, as no rule always forbids `steer`"):
        CedarDecisionPoint(rules_of(vocabulary, EVERYTHING, weakened), household())
    CedarDecisionPoint(rules_of(vocabulary, EVERYTHING, UNDRIVEN), household())
