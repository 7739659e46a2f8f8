"""What the rules make of a key's proof, over every code and in every combination: in doubt, never."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim.core.device import Circumstances, Presence
from sim.core.household import DeviceEntry, Household, Person
from sim.devices.car import Car
from sim.policy.cedar import CedarDecisionPoint
from sim.policy.decision import AccessRequest
from sim.policy.rules import RuleBook
from sim.policy.schema import DRIVING, Vocabulary
from sim.trust.digital_key import SENTENCES, START_CM_MAX, UNLOCK_CM_MAX
from sim.world.kinds import kinds
from tests.policy.small_home import RULES, CarCircumstances, asked, household, shipped_rules

BLANKET = '@id("anything") @reason("x") permit (principal, action, resource);'
PEOPLE = ("lin", "mei", "tao", "jun", "eve", None)
OPENS = ("unlock", "open_boot", "open_windows", "start")
CLOSES = ("lock", "close_windows", "refresh")

CODES = st.sampled_from(sorted(SENTENCES)) | st.text(min_size=1, max_size=12)
"""Every reason of the digital key, and any that nobody has thought of yet."""


@pytest.fixture(scope="module")
def shipped() -> CedarDecisionPoint:
    """The shipped rules over the shipped kinds."""
    name = "driver_assistance.cedar"  # the shipped car has commands for it, the small one has none
    files = [*shipped_rules(), (name, (RULES / name).read_text(encoding="utf-8"))]
    return CedarDecisionPoint(RuleBook.read(files, Vocabulary.of(kinds().values())), family())


@pytest.fixture(scope="module")
def reckless(vocabulary: Vocabulary) -> CedarDecisionPoint:
    """The shipped rules over the small kinds, beside one that permits everything to everybody."""
    files = [*shipped_rules(), ("more.cedar", BLANKET)]
    return CedarDecisionPoint(RuleBook.read(files, vocabulary), household())


def family() -> Household:
    """Return a household of shipped kinds with the people of the small home."""
    devices = kinds()
    entries = [
        DeviceEntry("su7", "car", devices["car"].Config(owner="lin")),
        DeviceEntry("dash", "dashboard", devices["dashboard"].Config.model_validate({"car": "su7"})),
        DeviceEntry("phone", "phone", devices["phone"].Config(owner="lin")),
        DeviceEntry("watch", "watch", devices["watch"].Config(owner="lin")),
    ]
    people = {
        "lin": Person(role="owner"),
        "mei": Person(role="member"),
        "tao": Person(role="child"),
        "jun": Person(role="guest"),
    }
    return Household("wang", people, {}, {entry.name: entry for entry in entries})


def requests(
    *, actions: st.SearchStrategy[str], facts: st.SearchStrategy[Circumstances]
) -> st.SearchStrategy[AccessRequest]:
    """Return requests to the car by anybody, from anything, however good they look otherwise."""
    return st.builds(
        asked,
        action=actions,
        resource=st.just("su7"),
        principal=st.sampled_from(PEOPLE),
        sender=st.sampled_from(["phone", "watch", "dash", "su7", "ghost"]),
        authenticated=st.booleans(),
        fresh=st.booleans(),
        built_in=st.booleans(),
        circumstances=facts,
        presence=st.builds(Presence, worn=st.sampled_from([None, True, False])),
        expires_in_ms=st.integers(-1, 3_600_000),
    )


def facts(
    kind: type[Circumstances], codes: st.SearchStrategy[str | None]
) -> st.SearchStrategy[Circumstances]:
    """Return what a car can tell about a command, possible or not."""
    return st.builds(
        kind,
        moving=st.booleans(),
        code=codes,
        distance_cm=st.sampled_from([None, 0, 79, 80, 81, 199, 200, 201, 10_000]),
        key_role=st.sampled_from([None, "owner", "member", "friend", "thief"]),
        asker_drives=st.booleans(),
    )


CAR_ACTIONS = tuple(command.action for command in Car.commands)
SMALL_ACTIONS = (
    "steer",
    "unlock",
    "open_boot",
    "start",
    "lock",
    "unplug",
    "refresh_status",
    "key_hello",
    "open_pairing",
)


def perfect(code: str, action: str = "unlock") -> AccessRequest:
    """Return the best request there is, but for what the car found."""
    best = CarCircumstances(code=code, distance_cm=0, key_role="owner")
    return asked(action, circumstances=best, built_in=True)


@pytest.mark.parametrize("code", [*SENTENCES, "UNHEARD_OF", "", "no_proof", "TOO_FAR "])
@pytest.mark.parametrize("action", SMALL_ACTIONS)
def test_nothing_is_permitted_whose_proof_did_not_hold(
    reckless: CedarDecisionPoint, action: str, code: str
) -> None:
    """Whatever the reason, and whatever else is true: an owner, at the wheel, under a rule for everything."""
    decision = reckless.decide(perfect(code, action))

    assert decision.kind == "forbidden"


@settings(deadline=None)
@given(request_=requests(actions=st.sampled_from(SMALL_ACTIONS), facts=facts(CarCircumstances, CODES)))
@example(request_=perfect("NO_PROOF", "lock"))
def test_no_combination_makes_up_for_a_proof_that_did_not_hold(
    reckless: CedarDecisionPoint, request_: AccessRequest
) -> None:
    """Even with a rule that permits everything, a code is never overruled."""
    assert not reckless.decide(request_).allowed


@settings(deadline=None)
@given(request_=requests(actions=st.sampled_from(CAR_ACTIONS), facts=facts(Car.Circumstances, CODES)))
def test_shipped_car_does_nothing_whose_proof_did_not_hold(
    shipped: CedarDecisionPoint, request_: AccessRequest
) -> None:
    """The same over the commands of the car as it ships; no rule errs on the way."""
    decision = shipped.decide(request_)

    assert decision.kind == "forbidden"
    assert decision.errors == ()


@settings(deadline=None)
@given(request_=requests(actions=st.sampled_from(CAR_ACTIONS), facts=facts(Car.Circumstances, st.none())))
def test_what_opens_the_car_is_near_worn_parked_signed_and_of_now(
    shipped: CedarDecisionPoint, request_: AccessRequest
) -> None:
    """Whatever was permitted had all of it; and nothing that moves the car ever is."""
    decision = shipped.decide(request_)

    assert decision.errors == ()
    if not decision.allowed:
        return
    told = request_.circumstances
    assert isinstance(told, Car.Circumstances)
    assert request_.authenticated
    assert request_.fresh
    assert request_.action not in DRIVING
    if request_.action in OPENS:
        limit_cm = START_CM_MAX if request_.action == "start" else UNLOCK_CM_MAX
        assert told.distance_cm is not None
        assert told.distance_cm <= limit_cm
        assert request_.presence.worn is True
        assert not told.moving
        assert told.key_role is not None or request_.built_in
        assert request_.principal in {"lin", "mei"} or told.key_role == "friend"
    if request_.action in CLOSES:
        assert told.key_role is not None or request_.built_in
    if request_.action == "start":
        assert request_.principal != "tao" or request_.sender == "ghost"
    if request_.action == "open_pairing":
        assert request_.principal == "lin"
        assert request_.built_in
        assert told.asker_drives


@settings(deadline=None)
@given(role=st.sampled_from(["owner", "member"]), action=st.sampled_from(OPENS), watch=st.booleans())
def test_household_beside_its_parked_car_is_never_kept_out(
    shipped: CedarDecisionPoint, role: str, action: str, *, watch: bool
) -> None:
    """The rules refuse nobody whose key is proved, near and worn: security that annoys is switched off."""
    request = asked(
        action,
        principal="lin" if role == "owner" else "mei",
        sender="watch" if watch else "phone",
        circumstances=Car.Circumstances(distance_cm=80, key_role=role, asker_drives=True),
    )

    assert shipped.decide(request).rules == ("household-key",)


def test_limits_of_the_rules_are_those_of_the_protocol() -> None:
    """Two metres and eighty centimetres, written in both."""
    text = dict(shipped_rules())["digital_key.cedar"]

    assert f"context.distance_cm <= {UNLOCK_CM_MAX}" in text
    assert f"context.distance_cm <= {START_CM_MAX}" in text


def test_codes_that_rules_name_are_codes() -> None:
    """A code that was renamed would disarm a rule unseen."""
    text = dict(shipped_rules())["digital_key.cedar"]

    named = {word for word in text.replace('"', " ").split() if word.isupper() and "_" in word}
    assert named == {"NO_PROOF", "TOO_FAR", "RANGING_FAILED", "NO_PRESENCE"}
    assert named <= set(SENTENCES)


@pytest.mark.parametrize("principal", ["lin", "mei"])
def test_members_become_keys_by_the_code_on_the_screen(shipped: CedarDecisionPoint, principal: str) -> None:
    """Whoever reads the code must belong to the household, or a guest on the next seat would be an owner."""
    told = Car.Circumstances()

    assert shipped.decide(asked("key_pair", principal=principal, circumstances=told)).rules == (
        "household-becomes-keys",
    )
    for stranger in ("jun", "tao"):
        denied = shipped.decide(asked("key_pair", principal=stranger, circumstances=told))
        assert denied.kind == "not_permitted"
