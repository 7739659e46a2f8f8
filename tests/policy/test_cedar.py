"""The decision point: what the shipped rules say, and that whatever is in doubt is refused."""

import json
from dataclasses import replace

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core.device import Circumstances, Presence
from sim.core.errors import PolicyError
from sim.core.household import Household
from sim.policy.cedar import CedarDecisionPoint
from sim.policy.decision import AccessRequest, PolicyDecisionPoint
from sim.policy.rules import RuleBook
from sim.policy.schema import DRIVING, Vocabulary
from tests.policy.small_home import (
    CameraCircumstances,
    CarCircumstances,
    DashboardCircumstances,
    asked,
    household,
    shipped_rules,
)

BLANKET = '@id("anything") @reason("x") permit (principal, action, resource);'
FAR = CarCircumstances(distance_cm=8000)
DRIVING_PAST = CarCircumstances(moving=True, distance_cm=150)


def with_rule(vocabulary: Vocabulary, text: str) -> CedarDecisionPoint:
    """Return a decision point by the shipped rules and some more."""
    return CedarDecisionPoint(
        RuleBook.read([*shipped_rules(), ("more.cedar", text)], vocabulary), household()
    )


@pytest.mark.parametrize(
    ("request_", "rules"),
    [
        (asked("unlock"), ["household-key"]),
        (asked("open_boot", principal="mei"), ["household-key"]),
        (asked("unlock", sender="watch", presence=Presence(worn=True)), ["household-key"]),
        (asked("unlock", circumstances=CarCircumstances(distance_cm=200)), ["household-key"]),
        (asked("lock", circumstances=FAR), ["household-locks-from-anywhere"]),
        (asked("lock", circumstances=DRIVING_PAST), ["household-locks-from-anywhere"]),
        (asked("refresh_status"), ["household-uses-the-app"]),
        (asked("heat", "heater", sender="dash", principal="mei"), ["household-runs-the-home"]),
        (asked("snapshot", "camera"), ["household-views-camera"]),
        (asked("set_consent", "camera"), ["owner-gives-consent"]),
        (asked("show_camera", "dash"), ["household-uses-screens"]),
        (
            asked("show_camera", "dash", circumstances=DashboardCircumstances(display="driver")),
            ["household-uses-screens"],
        ),
        (
            asked("show_camera", "dash", circumstances=DashboardCircumstances(moving=True)),
            ["household-uses-screens"],
        ),
    ],
)
def test_what_is_safe_is_permitted(
    point: CedarDecisionPoint, request_: AccessRequest, rules: list[str]
) -> None:
    """The household does what it needs to, and the decision names the permit."""
    decision = point.decide(request_)

    assert decision.allowed
    assert list(decision.rules) == rules
    assert decision.clauses == ()


@pytest.mark.parametrize(
    ("request_", "rules"),
    [
        (asked("steer"), ["no-remote-driving"]),
        (asked("steer", sender="dash", circumstances=DRIVING_PAST), ["no-remote-driving"]),
        (asked("summon", "heater"), ["no-remote-driving"]),
        (
            asked("steer", principal=None, sender="mallory", authenticated=False),
            ["no-remote-driving", "signed-command-only"],
        ),
        (asked("lock", authenticated=False), ["signed-command-only"]),
        (asked("fly", sender="mallory", authenticated=False), ["signed-command-only"]),
        (asked("unlock", circumstances=FAR), ["key-in-range"]),
        (asked("unlock", circumstances=CarCircumstances(distance_cm=201)), ["key-in-range"]),
        (asked("unlock", circumstances=CarCircumstances()), ["key-in-range"]),
        (asked("unlock", sender="watch"), ["key-needs-wearer"]),
        (asked("unlock", sender="watch", presence=Presence(worn=False)), ["key-needs-wearer"]),
        (asked("unlock", circumstances=DRIVING_PAST), ["parked-only"]),
        (asked("unplug", circumstances=DRIVING_PAST), ["parked-only"]),
        (asked("snapshot", "camera", circumstances=CameraCircumstances()), ["camera-consent"]),
        (
            asked("show_camera", "dash", circumstances=DashboardCircumstances(moving=True, display="driver")),
            ["driver-display-parked-only"],
        ),
        (
            asked("unlock", sender="watch", authenticated=False, circumstances=replace(FAR, moving=True)),
            ["signed-command-only", "key-in-range", "key-needs-wearer", "parked-only"],
        ),
    ],
)
def test_what_is_unsafe_is_forbidden(
    point: CedarDecisionPoint, book: RuleBook, request_: AccessRequest, rules: list[str]
) -> None:
    """Every forbid that applies is named, the weightiest first, and that one speaks for all."""
    decision = point.decide(request_)

    first = book.rules[rules[0]]
    assert decision.kind == "forbidden"
    assert list(decision.rules) == rules
    assert (decision.reason, decision.article, decision.quote, decision.instead) == (
        first.reason,
        first.article,
        first.quote,
        first.instead,
    )


@pytest.mark.parametrize(
    ("request_", "clauses"),
    [
        (asked("unlock", principal="jun"), [("household-key", 'principal in Role::"member"')]),
        (
            asked("heat", "heater", principal="tao"),
            [("household-runs-the-home", 'principal in Role::"member"')],
        ),
        (
            asked("snapshot", "camera", principal="jun"),
            [("household-views-camera", 'principal in Role::"member"')],
        ),
        (
            asked("show_camera", "dash", principal="jun"),
            [("household-uses-screens", 'principal in Role::"member"')],
        ),
        (asked("lock", principal=None), [("household-locks-from-anywhere", 'principal in Role::"member"')]),
        (asked("lock", principal="eve"), [("household-locks-from-anywhere", 'principal in Role::"member"')]),
        (asked("lock", sender="mallory"), [("household-locks-from-anywhere", 'principal in Role::"member"')]),
        (asked("lock", sender="ghost"), [("household-locks-from-anywhere", 'principal in Role::"member"')]),
        (
            asked("set_consent", "camera", principal="mei"),
            [("owner-gives-consent", 'principal in Role::"owner"')],
        ),
        (asked("unplug"), [(None, "no rule permits `unplug` for an owner on a car")]),
        (asked("fly"), [(None, "a car has no command `fly`")]),
        (asked("unlock", "heater"), [(None, "a climate has no command `unlock`")]),
        (asked("unknown"), [(None, "a car has no command `unknown`")]),
        (asked("nothing"), [(None, "a car has no command `nothing`")]),
        (asked("HomeControl", "heater"), [(None, "a climate has no command `HomeControl`")]),
    ],
)
def test_what_nothing_permits_is_denied(
    point: CedarDecisionPoint, request_: AccessRequest, clauses: list[tuple[str | None, str]]
) -> None:
    """Without a permit the answer is no, with what the nearest permit would have needed."""
    decision = point.decide(request_)

    assert decision.kind == "not_permitted"
    assert decision.rules == ()
    assert [(clause.rule, clause.clause) for clause in decision.clauses] == clauses


def test_stranger_is_called_one(point: CedarDecisionPoint) -> None:
    """Whoever cannot prove to ask for a person is a stranger, whatever name is claimed."""
    decision = point.decide(asked("lock", sender="mallory", principal="lin"))

    assert decision.reason == "no rule permits `lock` for a stranger on a car"


def test_command_no_device_has_is_denied_even_where_everything_is_permitted(vocabulary: Vocabulary) -> None:
    """A rule that permits every action does not permit one that nobody can carry out."""
    decision = with_rule(vocabulary, BLANKET).decide(asked("fly"))

    assert decision.kind == "not_permitted"
    assert decision.reason == "a car has no command `fly`"


def test_decisions_repeat(book: RuleBook) -> None:
    """The same request gives the same record, byte for byte, also from another decision point."""
    requests = [
        asked("unlock", sender="watch", authenticated=False, circumstances=replace(FAR, moving=True)),
        asked("unlock", principal="jun"),
        asked("unlock"),
    ]

    records = [
        json.dumps(
            [CedarDecisionPoint(book, household()).decide(request).to_record() for request in requests]
        )
        for _ in range(5)
    ]

    assert len(set(records)) == 1


# --- traps of the engine ----------------------------------------------------------------------------


def test_group_is_dead_in_entities_without_a_schema_but_not_here(
    vocabulary: Vocabulary, point: CedarDecisionPoint
) -> None:
    """Entities parsed without the schema have no action groups; ours were parsed with it."""
    rules = 'permit (principal, action, resource); forbid (principal, action in Action::"Secure", resource);'
    question = point._question(asked("lock"), point._targets["su7"])
    careless = cedarpy.Entities.from_json_str(json.dumps(point._entity_list()))

    asked_carelessly = cedarpy.is_authorized(question, rules, careless, point._book.schema)
    decision = with_rule(
        vocabulary,
        f'{BLANKET} @id("no-lock") @reason("x") forbid (principal, action in Action::"Secure", resource);',
    ).decide(asked("lock"))

    assert asked_carelessly.allowed
    assert decision.rules == ("no-lock",)


def test_driving_is_forbidden_by_name_where_its_group_is_dead(
    point: CedarDecisionPoint, book: RuleBook
) -> None:
    """The rule against remote driving names the acts too, so it stands even in careless entities."""
    careless = cedarpy.Entities.from_json_str(json.dumps(point._entity_list()))
    blanket = book.policies.with_added_str("permit (principal, action, resource);")

    for action in DRIVING:
        question = point._question(asked(action), point._targets["su7"])
        answer = cedarpy.is_authorized(question, blanket, careless, book.schema)
        assert answer.diagnostics.reasons == ["no-remote-driving"]


def erring(effect: str, action: str) -> str:
    """Return a rule over an action that always errs: its sum does not fit 64 bits."""
    scope = f'(principal, action == Action::"{action}", resource)'
    return f'@id("errs") @reason("x") {effect} {scope} when {{ context.expires_in_ms + {2**63 - 1} > 0 }};'


def test_allow_beside_an_error_is_a_denial(vocabulary: Vocabulary) -> None:
    """A forbid that errs is skipped by the engine; its Allow then counts as doubt."""
    point = with_rule(
        vocabulary,
        erring("forbid", "lock"),
    )
    question = point._question(asked("lock"), point._targets["su7"])
    bare = cedarpy.is_authorized(question, point._book.policies, point._entities, point._book.schema)

    decision = point.decide(asked("lock"))

    assert bare.allowed
    assert (decision.kind, decision.rules) == ("not_evaluated", ())
    assert len(decision.errors) == 1
    assert "errs" in decision.errors[0]


def test_denial_by_default_beside_an_error_is_doubt_too(vocabulary: Vocabulary) -> None:
    """When the permit that was meant errs, nobody is told that no rule permits."""
    point = with_rule(
        vocabulary,
        erring("permit", "unplug"),
    )

    decision = point.decide(asked("unplug"))

    assert decision.kind == "not_evaluated"
    assert decision.reason == "the rules could not be evaluated, so the answer is no"
    assert len(decision.errors) == 1


def test_forbid_beside_an_error_still_speaks(vocabulary: Vocabulary) -> None:
    """A forbid that applies is the reason, and the error of another rule is kept."""
    point = with_rule(
        vocabulary,
        erring("forbid", "unlock"),
    )

    decision = point.decide(asked("unlock", circumstances=FAR))

    assert (decision.kind, decision.rules) == ("forbidden", ("key-in-range",))
    assert len(decision.errors) == 1


def test_device_outside_the_household_is_doubt(point: CedarDecisionPoint) -> None:
    """The engine would skip rules about an entity it does not have, so it is not asked about one."""
    decision = point.decide(asked("unlock", "ghost"))

    assert decision.kind == "not_evaluated"
    assert decision.errors == ("the household has no device `ghost`",)


@pytest.mark.parametrize(
    "request_",
    [
        asked("lock", expires_in_ms=2**63),
        asked("lock", circumstances=CarCircumstances(distance_cm=1.5)),  # type: ignore[arg-type]  # a broken device
        asked("lock", circumstances=CarCircumstances(moving="no")),  # type: ignore[arg-type]  # a broken device
        asked("lock", circumstances=CarCircumstances(moving=None)),  # type: ignore[arg-type]  # a broken device
    ],
)
def test_request_the_engine_cannot_judge_is_denied(
    point: CedarDecisionPoint, request_: AccessRequest
) -> None:
    """A fact that is missing, mistyped or too large is neither allowed nor an exception."""
    decision = point.decide(request_)

    assert decision.kind == "not_evaluated"
    assert decision.errors[0].startswith("failed to build request")


def test_engine_without_a_schema_skips_what_it_cannot_type(point: CedarDecisionPoint) -> None:
    """Why the schema goes with every call: without it, a mistyped fact silently disarms a forbid."""
    rules = (
        "permit (principal, action, resource); forbid (principal, action, resource) when { context.moving };"
    )
    question = {**point._question(asked("lock"), point._targets["su7"]), "context": '{"moving": "yes"}'}

    without = cedarpy.is_authorized(question, rules, point._entities)
    with_schema = cedarpy.is_authorized(question, rules, point._entities, point._book.schema)

    assert without.allowed
    assert with_schema.decision is cedarpy.Decision.NoDecision


# --- refusing to start ------------------------------------------------------------------------------


def weakened(rule: str) -> list[tuple[str, str]]:
    """Return the shipped rules with another one in place of that against remote driving."""
    other = f'@id("other") @reason("x") {rule}'
    return [(name, other if name == "remote_motion.cedar" else text) for name, text in shipped_rules()]


@pytest.mark.parametrize(
    "rule",
    [
        'permit (principal, action in Action::"RemoteDriving", resource);',
        'forbid (principal, action in Action::"RemoteDriving", resource) when { context.moving };',
        'forbid (principal, action in Action::"RemoteDriving", resource) unless { context.authenticated };',
        'forbid (principal is Stranger, action in Action::"RemoteDriving", resource);',
        'forbid (principal, action in Action::"RemoteDriving", resource is Car);',
        'forbid (principal, action in [Action::"steer", Action::"brake"], resource);',
    ],
)
def test_rules_that_could_ever_let_a_message_drive_do_not_start(vocabulary: Vocabulary, rule: str) -> None:
    """Whoever weakens the rule against remote driving is told so before anything runs."""
    book = RuleBook.read(weakened(rule), vocabulary)

    with pytest.raises(PolicyError) as caught:
        CedarDecisionPoint(book, household())

    assert caught.value.sentence.startswith("nothing starts, as no rule always forbids `")
    assert caught.value.help_text == "forbid it to everybody and without any condition"


def test_rules_without_the_one_against_driving_do_not_start(vocabulary: Vocabulary) -> None:
    """Leaving the file out is refused as well, although nothing permits driving either."""
    files = [(name, text) for name, text in shipped_rules() if name != "remote_motion.cedar"]

    with pytest.raises(PolicyError, match="no rule always forbids `steer`"):
        CedarDecisionPoint(RuleBook.read(files, vocabulary), household())


def test_rule_against_driving_by_group_alone_starts(vocabulary: Vocabulary) -> None:
    """The group is enough: naming each act is defence in depth, not a duty."""
    rule = 'forbid (principal, action in Action::"RemoteDriving", resource);'

    point = CedarDecisionPoint(RuleBook.read(weakened(rule), vocabulary), household())

    assert point.decide(asked("steer")).rules == ("other",)


def test_household_without_owner_or_device_starts(book: RuleBook) -> None:
    """A household that is still empty has nothing that could move, and still answers."""
    point = CedarDecisionPoint(book, Household("empty", {}, {}, {}))

    assert point.decide(asked("lock")).kind == "not_evaluated"


@pytest.fixture(scope="module")
def reckless(vocabulary: Vocabulary) -> PolicyDecisionPoint:
    """The shipped rules beside one that permits everything to everybody."""
    return with_rule(vocabulary, BLANKET)


TO_DRIVE = st.builds(
    asked,
    action=st.sampled_from(DRIVING),
    resource=st.sampled_from(list(household().devices)),
    principal=st.sampled_from(["lin", "mei", "tao", "jun", "eve", None]),
    sender=st.sampled_from([*household().devices, "ghost"]),
    authenticated=st.booleans(),
    circumstances=st.builds(Circumstances, moving=st.booleans()),
    presence=st.builds(Presence, worn=st.sampled_from([None, True, False])),
    expires_in_ms=st.integers(),
)


@settings(deadline=None)
@given(request_=TO_DRIVE)
def test_nobody_ever_drives_by_message(reckless: PolicyDecisionPoint, request_: AccessRequest) -> None:
    """No act of driving is allowed to anybody on any device, even with a rule that permits everything."""
    decision = reckless.decide(request_)

    assert not decision.allowed
    assert decision.rules[:1] == ("no-remote-driving",) or decision.kind == "not_evaluated"
