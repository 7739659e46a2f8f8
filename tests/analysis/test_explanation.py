"""Why a request was answered as it was: every word of it is what the engine says, too."""

import json
from dataclasses import replace
from typing import Any

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.analysis.explanation.neighbourhood import PreparedBook
from sim.analysis.explanation.reasons import Check, Condition, Explanation, explain
from sim.analysis.question import Question, Uid, ask
from sim.analysis.symbolic import Prover
from sim.core.device import Presence
from sim.core.errors import PolicyError
from sim.policy.decision import AccessRequest, Decision
from sim.policy.schema import UNKNOWN
from sim.shell.files import Shelf
from tests.analysis.asking import ANYBODY, POINT, SHIPPED, at_till, forbid, permit, question, till
from tests.policy.small_home import CarCircumstances, asked

FAR = CarCircumstances(distance_cm=350, key_role="owner")


def told(request: AccessRequest) -> Explanation:
    """Return why the small home answers a request as it does, as it is recorded."""
    recorded = POINT.decide(request).to_record()
    return explain(SHIPPED, question(request), recorded=recorded, command=request.action)


def said(conditions: tuple[Condition, ...]) -> list[str]:
    """Return conditions as people read them."""
    return [str(condition) for condition in conditions]


# --- each kind ------------------------------------------------------------------------------------------


def test_permitted_names_the_permit_and_what_it_asked() -> None:
    """What is permitted has the permit with its place and source, and all that it asked is so."""
    explained = told(asked("unlock"))

    (rule,) = explained.rules
    assert explained.kind == "permitted"
    assert explained.sentence == (
        'the rules permit `unlock` of `Car::"su7"` to `Person::"lin"` in `owner` and `member`'
    )
    assert (rule.id, rule.effect, rule.article) == ("household-key", "permit", "003")
    assert rule.place.file == "digital_key.cedar"
    assert said(rule.conditions) == [
        '`principal in Role::"member"` is true: `Person::"lin"` is in `owner` and `member`',
        '`action in Action::"NearAccess"` is true: `unlock` is in `NearAccess` and `ParkedOnly`',
        '`resource is Car` is true: resource is `Car::"su7"`',
    ]
    assert explained.nearest is None


def test_forbidden_names_every_forbid_with_the_values_it_looked_at() -> None:
    """What is forbidden has each rule that forbids it, with the condition that made it apply."""
    explained = told(asked("unlock", circumstances=FAR, presence=Presence()))

    assert explained.kind == "forbidden"
    assert {rule.id: said(rule.conditions)[1:] for rule in explained.rules} == {
        "key-in-range": ["`context.distance_cm <= 200` is false: `context.distance_cm` is 350"],
        "key-needs-wearer": ["`context has worn` is false: `context.worn` is absent"],
    }
    assert explained.rules[0].instead == "come within 2 m of the car, or lock it from where you are"
    assert explained.nearest is not None
    assert len(explained.nearest.changes) == 2


def test_not_permitted_lists_every_permit_of_the_action_the_nearest_first() -> None:
    """Where no rule permits, each that could says the first thing that is not so."""
    explained = told(asked("unlock", principal="jun"))

    assert explained.kind == "not_permitted"
    assert {rule.id: said(rule.conditions) for rule in explained.permits} == {
        "shared-key": ['`context.key_role == "friend"` is false: `context.key_role` is "owner"'],
        "household-key": ['`principal in Role::"member"` is false: `Person::"jun"` is in `guest`'],
    }
    assert explained.permits[0].id == "shared-key"
    assert explained.rules == ()


def test_permits_are_as_near_as_the_decision_says() -> None:
    """The nearest permits are those that a decision of the home names."""
    request = asked("unlock", principal="jun")

    clauses = POINT.decide(request).clauses

    near = [rule.id for rule in told(request).permits]
    assert near[: len(clauses)] == [clause.rule for clause in clauses]


def test_not_evaluated_names_the_rule_that_erred() -> None:
    """What could not be evaluated has the rule, the condition and the engine's own words."""
    rules = till(ANYBODY, forbid("context has spent && context.spent + context.amount > 9"))

    explained = explain(rules, at_till(spent=2**63 - 1))

    (rule,) = explained.erring
    assert explained.kind == "not_evaluated"
    assert rule.id == "r1"
    assert said(rule.conditions) == [
        (
            "`context.spent + context.amount > 9` errs: `context.spent` is 9223372036854775807, "
            "`context.amount` is 90"
        )
    ]
    assert len(explained.errors) == 1
    assert "overflow" in explained.errors[0]
    assert explained.sentence.startswith("the rules could not be evaluated for `pay` of ")
    assert explained.nearest is not None
    assert explained.nearest.outcome == "found"


def test_request_that_does_not_conform_says_so() -> None:
    """A moment of another schema has the engine's words and nothing to look into."""
    explained = explain(till(ANYBODY), at_till(amount=None))

    assert explained.kind == "not_evaluated"
    assert explained.errors
    assert (explained.rules, explained.erring, explained.nearest) == ((), (), None)


def test_entities_that_do_not_conform_are_refused() -> None:
    """Entities of another schema are a mistake in the question."""
    broken = replace(at_till(), entities=[{"uid": {"type": "Ghost", "id": "x"}, "attrs": {}, "parents": []}])

    with pytest.raises(PolicyError, match="does not conform"):
        explain(till(ANYBODY), broken)


@pytest.mark.parametrize("request_", [None, at_till()])
def test_what_an_earlier_check_refused_is_said_in_its_words(request_: Question | None) -> None:
    """Where no rule was asked, there is the check, and no rule is named."""
    refused = Decision(
        "refused", (), "it came 300 ms after it had expired", layer="freshness", code="EXPIRED"
    )

    explained = explain(till(ANYBODY), request_, recorded=refused.to_record())

    assert (explained.kind, explained.sentence) == ("refused", "it came 300 ms after it had expired")
    assert explained.check == Check("freshness", "EXPIRED", "")
    assert explained.rules == ()
    assert (explained.nearest is None) is (request_ is None)


def test_what_an_earlier_check_refused_may_be_asked_once_more() -> None:
    """Had the check held, the rules would allow it as it is; or they would want something else, too."""
    refused = Decision("refused", (), "too many", layer="rate", code="RATE_LIMIT").to_record()

    allowed = explain(till(ANYBODY), at_till(), recorded=refused).nearest
    denied = explain(SHIPPED, question(asked("unlock", circumstances=FAR)), recorded=refused).nearest

    assert allowed is not None
    assert (allowed.outcome, allowed.changes, allowed.question) == ("found", (), at_till())
    assert allowed.note == "the same, sent once more when the check holds: the rules allow it"
    assert denied is not None
    assert [change.fact for change in denied.changes] == ["context.distance_cm"]


def test_nothing_cannot_be_explained() -> None:
    """There must be a request or a decision."""
    with pytest.raises(PolicyError, match="nothing to explain"):
        explain(till(ANYBODY), None)


def test_check_that_made_rules_refuse_is_told_beside_them() -> None:
    """Where a check found fault and rules refused for it, both are told."""
    request = asked("unlock", circumstances=replace(FAR, code="TOO_FAR"))
    recorded = {
        **POINT.decide(request).to_record(),
        "layer": "key",
        "code": "TOO_FAR",
        "because": "the key is too far away",
    }

    explained = explain(SHIPPED, question(request), recorded=recorded)

    assert explained.kind == "forbidden"
    assert explained.check == Check("key", "TOO_FAR", "the key is too far away")


# --- unknown commands -----------------------------------------------------------------------------------


def test_unknown_command_says_what_may_have_been_meant() -> None:
    """A command that the device does not have is said to be that, with the nearest that it has."""
    explained = told(asked("unlok"))

    assert explained.kind == "not_permitted"
    assert explained.sentence == '`Car::"su7"` is a `Car`, which has no command `unlok`'
    assert (explained.unknown_command, explained.help_text) == ("unlok", "did you mean `unlock`?")
    assert explained.nearest is not None
    assert explained.nearest.question is None


def test_command_of_another_kind_is_unknown() -> None:
    """A command that only other devices have is unknown to this one."""
    explained = explain(SHIPPED, replace(question(asked("heat", "heater")), action="lock"))

    assert explained.kind == "not_evaluated"
    assert explained.unknown_command == "lock"
    assert explained.sentence == '`Climate::"heater"` is a `Climate`, which has no command `lock`'


def test_unknown_command_may_be_forbidden_first() -> None:
    """That a command is not signed is said even if there is no such command."""
    explained = told(asked("unlok", authenticated=False))

    assert (explained.kind, explained.rules[0].id) == ("forbidden", "signed-command-only")
    assert explained.help_text == "did you mean `unlock`?"


def test_unknown_command_is_never_permitted() -> None:
    """Not even a rule that permits everything permits what the device cannot do."""
    told_at_all = at_till(action=UNKNOWN, amount=None, cap=None, approved=None)

    explained = explain(till(ANYBODY), told_at_all, command="pays")

    assert (explained.kind, explained.rules) == ("not_permitted", ())
    assert explained.help_text == "did you mean `pay`?"


# --- recordings -----------------------------------------------------------------------------------------


def test_rules_that_answer_otherwise_than_recorded_say_so() -> None:
    """What was decided by other rules than today's is not passed off as theirs."""
    request = asked("unlock", circumstances=FAR)
    recorded = {**POINT.decide(request).to_record(), "kind": "permitted", "rules": ["old-key", "older-key"]}

    explained = explain(SHIPPED, question(request), recorded=recorded)

    assert explained.differs == (
        "the rules now answer `forbidden` by `key-in-range`; "
        "recorded was `permitted` by `old-key` and `older-key`"
    )


def test_denials_without_a_rule_differ_in_kind() -> None:
    """Where no rule determined it, the kind alone is compared."""
    guest = asked("snapshot", "camera", principal="jun")
    recorded = {**POINT.decide(guest).to_record(), "kind": "not_evaluated"}

    assert told(guest).differs == ""
    assert explain(SHIPPED, question(guest), recorded=recorded).differs == (
        "the rules now answer `not_permitted`; recorded was `not_evaluated`"
    )


# --- inside a condition ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "moment", "expected"),
    [
        # Of `&&` the first that is false; all of them when they are true.
        ("context.approved && context.moving", {}, ["`context.approved` is false"]),
        ("!context.approved && context.moving", {}, ["`context.moving` is false"]),
        # Of `||` all, as all of them are false.
        ("context.approved || context.moving", {},
         ["`context.approved` is false", "`context.moving` is false"]),
        ("!(context.fresh || context.moving)", {}, ["`context.fresh` is true"]),
        # Of `if` the question and the branch that was taken.
        (
            "if context.approved then context.moving else context.amount < 5",
            {},
            ["`context.approved` is false", "`context.amount < 5` is false: `context.amount` is 90"],
        ),
        (
            "if context.approved then context.moving else context.amount < 5",
            {"approved": True},
            ["`context.approved` is true", "`context.moving` is false"],
        ),
        # A literal looks at nothing, so the clause stands for itself.
        ("context.fresh && false", {}, ["`when { context.fresh && false }` is false"]),
        ('principal in Role::"guest"', {},
         ['`principal in Role::"guest"` is false: `principal` is `Person::"lin"` in `owner` and `member`']),
        ('resource == Till::"other"', {},
         ['`resource == Till::"other"` is false: `resource` is `Till::"till"`']),
        ("context has spent && context.spent < 3", {"spent": 4},
         ["`context.spent < 3` is false: `context.spent` is 4"]),
    ],
)  # fmt: skip
def test_of_a_condition_only_what_decided_is_told(
    condition: str, moment: dict[str, Any], expected: list[str]
) -> None:
    """Of a long condition, those parts are told that give it its value."""
    explained = explain(till(permit(condition)), at_till(**moment))

    (rule,) = explained.permits
    assert said(rule.conditions) == expected


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("context has spent && context.spent + 1 > 0", "`context.spent + 1 > 0` errs"),
        ("!(context has spent && context.spent + 1 > 0)", "`context.spent + 1 > 0` errs"),
        (
            "if (context has spent && context.spent + 1 > 0) then context.approved else context.moving",
            "`context.spent + 1 > 0` errs",
        ),
    ],
)
def test_condition_that_errs_is_told(test: str, expected: str) -> None:
    """Of a condition that errs, what erred is told."""
    explained = explain(till(permit(test)), at_till(spent=2**63 - 1))

    (rule,) = explained.erring
    assert [str(condition).partition(":")[0] for condition in rule.conditions] == [expected]


def test_scope_that_is_nowhere_in_is_in_nothing() -> None:
    """Whoever has no role is in nothing, and who is not whom a rule names is told by name."""
    rules = till(
        'permit (principal in Role::"member", action == Action::"pay", resource);',
        'permit (principal == Person::"kim", action == Action::"pay", resource);',
    )

    explained = explain(rules, at_till("nobody"))

    assert [said(rule.conditions) for rule in explained.permits] == [
        ['`principal in Role::"member"` is false: `Person::"nobody"` is in nothing'],
        ['`principal == Person::"kim"` is false: principal is `Person::"nobody"`'],
    ]
    assert explained.nearest is not None
    assert said(explain(rules, at_till("mei")).rules[0].conditions)[1] == (
        '`action == Action::"pay"` is true: action is `pay`'
    )


# --- all of it is what the engine says ------------------------------------------------------------------


def holds(prepared: PreparedBook, one: Question, condition: str) -> bool:
    """Return what the engine makes of one condition alone."""
    alone = cedarpy.PolicySet.from_str(f"permit (principal, action, resource) when {{ {condition} }};")
    return ask(alone, prepared.book.schema, one).allowed


def check(prepared: PreparedBook, explained: Explanation) -> None:
    """Hold every condition of an explanation against the engine."""
    assert explained.question is not None
    for rule in (*explained.rules, *explained.permits):
        assert rule.conditions or prepared.book.rules[rule.id].scope == ("principal", "action", "resource")
        for condition in rule.conditions:
            if not condition.text.startswith("when {"):
                assert condition.value is holds(prepared, explained.question, condition.text)


BUILT_IN = PreparedBook(Shelf().rules)
BUILT_IN_PROVER = Prover(BUILT_IN.schema)


@pytest.mark.parametrize("rule", list(BUILT_IN.trees))
def test_every_shipped_rule_can_be_explained(rule: str) -> None:
    """For every shipped rule there is a request that it determines, and the explanation says so."""
    trees = BUILT_IN.trees
    if trees[rule].effect == "forbid":
        finding = BUILT_IN_PROVER.can_match(trees, rule)
    else:
        finding = BUILT_IN_PROVER.never(trees, {rule: trees[rule]})
    assert finding.question is not None

    explained = explain(BUILT_IN, finding.question, BUILT_IN_PROVER)

    assert rule in [one.id for one in explained.rules]
    assert explained.kind == ("forbidden" if trees[rule].effect == "forbid" else "permitted")
    check(BUILT_IN, explained)


REQUESTS = st.builds(
    asked,
    action=st.sampled_from(["unlock", "start", "lock", "refresh_status", "unplug", "open_pairing", "steer"]),
    principal=st.sampled_from(["lin", "mei", "tao", "jun", None]),
    sender=st.sampled_from(["phone", "watch", "mallory", "nobody"]),
    authenticated=st.booleans(),
    built_in=st.booleans(),
    circumstances=st.builds(
        CarCircumstances,
        moving=st.booleans(),
        code=st.sampled_from([None, "NO_PROOF", "TOO_FAR", "REVOKED"]),
        distance_cm=st.sampled_from([None, 60, 150, 300]),
        key_role=st.sampled_from([None, "owner", "friend"]),
    ),
    presence=st.builds(Presence, worn=st.sampled_from([None, True, False])),
)


@settings(max_examples=60)
@given(request_=REQUESTS)
def test_explanation_agrees_with_the_decision(request_: AccessRequest) -> None:
    """Whatever is asked, kind and rules are those of the home's decision, and every condition is as told."""
    decision = POINT.decide(request_)

    explained = told(request_)

    assert explained.kind == decision.kind
    assert [rule.id for rule in explained.rules] == list(decision.rules)
    assert explained.differs == ""
    check(SHIPPED, explained)


def test_condition_with_the_wrong_value_is_noticed() -> None:
    """The check above would see a condition that is told to be what it is not."""
    explained = told(asked("unlock", circumstances=FAR))
    (rule,) = explained.rules
    wrong = replace(rule, conditions=(Condition("context.distance_cm <= 200", value=True, facts=()),))

    with pytest.raises(AssertionError):
        check(SHIPPED, replace(explained, rules=(wrong,)))


def test_record_holds_json_values() -> None:
    """What a machine reads has the same, with places as text."""
    forbidden = told(asked("unlock", circumstances=FAR)).to_record()
    refused = explain(
        SHIPPED, None, recorded=Decision("refused", (), "too many", layer="rate", code="TOO_MANY").to_record()
    ).to_record()

    for record in (forbidden, refused):
        assert json.loads(json.dumps(record)) == record
    assert list(forbidden) == list(refused)
    assert forbidden["rules"][0]["place"].startswith("digital_key.cedar:")
    assert forbidden["rules"][0]["conditions"][1]["value"] is False
    assert forbidden["nearest"]["changes"][0]["after"] == 200
    assert refused["check"] == {"layer": "rate", "code": "TOO_MANY", "because": ""}
    assert Uid("Car", "su7").to_json() == forbidden["request"]["resource"]
