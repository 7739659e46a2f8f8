"""The decision point: what the shipped rules say, and that whatever is in doubt is refused."""

import json
from dataclasses import replace
from typing import Any

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
FAR = CarCircumstances(distance_cm=8000, key_role="owner")
DRIVING_PAST = CarCircumstances(moving=True, distance_cm=150, key_role="owner")
AT_THE_WHEEL = CarCircumstances(distance_cm=80, key_role="owner", asker_drives=True)
BUILT_IN: dict[str, Any] = {
    "sender": "dash",
    "built_in": True,
    "presence": Presence(),
    "circumstances": CarCircumstances(),
}
"""What the car knows of a request from its own dashboard."""
AT_ITS_WHEEL: dict[str, Any] = {**BUILT_IN, "circumstances": CarCircumstances(asker_drives=True)}
"""The same, with the asker in the driver's seat."""


def at(distance_cm: int | None, key_role: str | None = "owner") -> CarCircumstances:
    """Return what the car finds of a key so far away."""
    return CarCircumstances(distance_cm=distance_cm, key_role=key_role)


def doubted(code: str, distance_cm: int | None = None) -> CarCircumstances:
    """Return what the car finds of a key whose proof did not hold."""
    return CarCircumstances(code=code, distance_cm=distance_cm)


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
        (asked("unlock", circumstances=at(200)), ["household-key"]),
        (asked("unlock", circumstances=at(200, "member"), principal="mei"), ["household-key"]),
        (asked("unlock", circumstances=at(150, "friend")), ["household-key", "shared-key"]),
        (asked("unlock", circumstances=at(150, "friend"), principal="jun"), ["shared-key"]),
        (asked("unlock", circumstances=at(150, "friend"), principal="tao"), ["shared-key"]),
        (asked("unlock", circumstances=at(150, "friend"), principal=None), ["shared-key"]),
        (asked("start", circumstances=AT_THE_WHEEL), ["household-key"]),
        (
            asked("start", circumstances=replace(at(0, "friend"), asker_drives=True), principal="jun"),
            ["shared-key"],
        ),
        (asked("lock", circumstances=at(None, "friend"), principal="jun"), ["shared-key"]),
        (asked("lock", **BUILT_IN), ["household-locks-from-anywhere"]),
        (asked("refresh_status", **BUILT_IN), ["household-uses-the-app"]),
        (asked("key_hello"), ["keys-talk-to-the-car"]),
        (
            asked("key_hello", principal=None, circumstances=CarCircumstances(moving=True)),
            ["keys-talk-to-the-car"],
        ),
        (asked("open_pairing", **AT_ITS_WHEEL), ["owner-pairs-keys-in-the-car"]),
        (asked("offer_key", "phone", principal="mei"), ["household-takes-shared-keys"]),
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
        (asked("lock", fresh=False), ["fresh-command-only"]),
        (asked("heat", "heater", fresh=False), ["fresh-command-only"]),
        (asked("lock", fresh=False, authenticated=False), ["signed-command-only", "fresh-command-only"]),
        (asked("steer", fresh=False), ["no-remote-driving", "fresh-command-only"]),
        (asked("unlock", circumstances=at(201)), ["key-in-range"]),
        (asked("unlock", circumstances=at(None)), ["key-in-range"]),
        (asked("unlock", circumstances=doubted("TOO_FAR", 201)), ["key-in-range"]),
        (asked("unlock", circumstances=doubted("TOO_FAR", 100)), ["key-in-range"]),
        (asked("unlock", circumstances=doubted("RANGING_FAILED")), ["key-in-range"]),
        (asked("unlock", circumstances=doubted("NO_PROOF")), ["key-or-built-in", "key-in-range"]),
        (asked("unlock", circumstances=doubted("NO_PROOF", 100)), ["key-or-built-in", "key-in-range"]),
        (asked("unlock", circumstances=doubted("NO_PRESENCE", 100)), ["key-needs-wearer"]),
        (
            asked("unlock", circumstances=doubted("NO_PRESENCE"), presence=Presence(worn=False)),
            ["key-in-range", "key-needs-wearer"],
        ),
        (asked("unlock", circumstances=doubted("REVOKED", 100)), ["fresh-key-only"]),
        (asked("unlock", circumstances=doubted("STALE_CHALLENGE")), ["fresh-key-only", "key-in-range"]),
        (asked("lock", circumstances=doubted("EXPIRED")), ["fresh-key-only"]),
        (asked("lock", circumstances=doubted("TOO_FAR")), ["fresh-key-only"]),
        (
            asked("lock", circumstances=doubted("NO_PROOF"), built_in=True),
            ["fresh-key-only"],
        ),
        (asked("key_hello", circumstances=doubted("UNKNOWN_KEY")), ["fresh-key-only"]),
        (asked("lock", circumstances=CarCircumstances()), ["key-or-built-in"]),
        (asked("refresh_status", circumstances=CarCircumstances()), ["key-or-built-in"]),
        (asked("unlock", circumstances=CarCircumstances()), ["key-or-built-in", "key-in-range"]),
        (asked("unlock", **BUILT_IN), ["key-in-range", "key-needs-wearer"]),
        (asked("start", circumstances=replace(AT_THE_WHEEL, distance_cm=81)), ["start-at-the-wheel"]),
        (asked("start", circumstances=at(80)), ["start-at-the-wheel"]),
        (asked("start", circumstances=at(None)), ["start-at-the-wheel", "key-in-range"]),
        (asked("start", circumstances=at(201)), ["start-at-the-wheel", "key-in-range"]),
        (
            asked("start", circumstances=doubted("TOO_FAR", 120)),
            ["start-at-the-wheel", "key-in-range"],
        ),
        (asked("start", circumstances=AT_THE_WHEEL, principal="tao"), ["no-child-at-the-wheel"]),
        (
            asked("start", circumstances=replace(at(80, "friend"), asker_drives=True), principal="tao"),
            ["no-child-at-the-wheel"],
        ),
        (asked("open_pairing", **{**BUILT_IN, "circumstances": DRIVING_PAST}), ["parked-only"]),
        (asked("unlock", presence=Presence()), ["key-needs-wearer"]),
        (asked("unlock", sender="watch", presence=Presence()), ["key-needs-wearer"]),
        (asked("unlock", sender="watch", presence=Presence(worn=False)), ["key-needs-wearer"]),
        (asked("unlock", circumstances=DRIVING_PAST), ["parked-only"]),
        (asked("unplug", circumstances=DRIVING_PAST), ["parked-only"]),
        (asked("snapshot", "camera", circumstances=CameraCircumstances()), ["camera-consent"]),
        (
            asked("show_camera", "dash", circumstances=DashboardCircumstances(moving=True, display="driver")),
            ["driver-display-parked-only"],
        ),
        (
            asked(
                "unlock",
                sender="watch",
                authenticated=False,
                circumstances=replace(FAR, moving=True),
                presence=Presence(),
            ),
            ["signed-command-only", "key-in-range", "key-needs-wearer", "parked-only"],
        ),
        (
            asked(
                "start",
                principal="tao",
                authenticated=True,
                fresh=False,
                circumstances=CarCircumstances(moving=True, code="REVOKED", distance_cm=300),
                presence=Presence(worn=False),
            ),
            [
                "fresh-key-only",
                "fresh-command-only",
                "start-at-the-wheel",
                "key-in-range",
                "key-needs-wearer",
                "no-child-at-the-wheel",
                "parked-only",
            ],
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
        (asked("unlock", principal="jun"), [("shared-key", 'context.key_role == "friend"')]),
        (
            asked("unlock", principal="jun", circumstances=at(100, "member")),
            [("shared-key", 'context.key_role == "friend"')],
        ),
        (asked("lock", principal="jun", **BUILT_IN), [("shared-key", "context has key_role")]),
        (asked("open_pairing"), [("owner-pairs-keys-in-the-car", "context.built_in")]),
        (
            asked("open_pairing", **BUILT_IN),
            [("owner-pairs-keys-in-the-car", "context.asker_drives")],
        ),
        (
            asked("open_pairing", principal="mei", **BUILT_IN),
            [("owner-pairs-keys-in-the-car", 'principal in Role::"owner"')],
        ),
        (
            asked("offer_key", "phone", principal="jun"),
            [("household-takes-shared-keys", 'principal in Role::"member"')],
        ),
        (
            asked("refresh_status", principal="jun", circumstances=at(100, "friend")),
            [("household-uses-the-app", 'principal in Role::"member"')],
        ),
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
        (
            asked("refresh_status", principal=None),
            [("household-uses-the-app", 'principal in Role::"member"')],
        ),
        (
            asked("refresh_status", principal="eve"),
            [("household-uses-the-app", 'principal in Role::"member"')],
        ),
        (
            asked("refresh_status", sender="mallory"),
            [("household-uses-the-app", 'principal in Role::"member"')],
        ),
        (
            asked("refresh_status", sender="ghost"),
            [("household-uses-the-app", 'principal in Role::"member"')],
        ),
        (asked("lock", sender="mallory"), [("shared-key", 'context.key_role == "friend"')]),
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
