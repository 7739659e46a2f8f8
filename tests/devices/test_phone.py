"""The phone: its buttons ask, its keys prove themselves, and both say whether its owner holds it."""

import pytest

from sim.core.asking import Ask, RefreshCar, SetClimate, SetConsent, UnlockCar
from sim.core.device import Act, Booted, Commanded, Learned, Presence, Request, Sensed, Settle, StopRanging
from sim.devices.car.gateway import WAKE_MS
from sim.devices.phone import Keys, OfferKey, Phone
from sim.trust.key_talks import PairKey, RevokeKey, ShareKey
from tests.devices.talks import Kerb
from tests.senses import START_MS, FakeSenses, acted, moment


def new() -> Phone:
    """Return a phone from the factory."""
    return Phone.new("phone", Phone.Config(owner="lin"), {})


@pytest.mark.parametrize(
    ("act", "target", "action", "arguments"),
    [
        (UnlockCar(car="su7"), "su7", "unlock", {}),
        (RefreshCar(car="su7"), "su7", "refresh", {}),
        (SetClimate(device="heater", target_c=22.0), "heater", "set_climate", {"target_c": 22.0}),
        (
            SetConsent(camera="camera", person="mei", granted=False),
            "camera",
            "set_consent",
            {"person": "mei", "granted": False},
        ),
    ],
)
def test_phone_button_sends_one_command(
    act: Act, target: str, action: str, arguments: dict[str, object]
) -> None:
    """What is touched becomes a command with its arguments, and the act follows it."""
    phone, effects = new().step(moment(FakeSenses()), acted(act))

    assert phone.wallet == new().wallet
    assert effects == (Request("t1", target, action, arguments, by="lin"),)


def test_phone_command_lives_as_long_as_the_button_says() -> None:
    """The time to live goes with the command."""
    _, (request,) = new().step(moment(FakeSenses()), acted(UnlockCar(car="su7", expires_in_ms=500)))

    assert isinstance(request, Request)
    assert request.expires_in_ms == 500


def test_phone_acts_are_all_commands() -> None:
    """Beside its apps, a phone can do nothing but ask, and become, share and take back a key."""
    of_apps = {act for app in Phone.made_of.values() for act in app.acts}
    own = {act for act in Phone.acts if not issubclass(act, Ask)} - of_apps
    assert own == {PairKey, ShareKey, RevokeKey}


@pytest.mark.parametrize(
    ("owner", "carrier", "worn"),
    [("lin", "lin", True), ("lin", None, False), ("lin", "jun", False), (None, None, False)],
)
def test_phone_signs_whether_its_owner_holds_it(owner: str | None, carrier: str | None, worn: bool) -> None:  # noqa: FBT001  # a column of the table
    """A phone that lies about, or is in somebody else's hand, says so; one of nobody vouches for nobody."""
    phone = Phone.new("phone", Phone.Config(owner=owner), {})
    at = moment(FakeSenses({"carrier": carrier}))

    assert phone.presence(at) == Presence(worn=worn)
    assert phone.proof(at) == ("biometric" if worn else "none")


def test_phone_ignores_what_does_not_concern_it() -> None:
    """A start, a touch, and news of a car to which nothing is owed change nothing."""
    held = moment(FakeSenses({"carrier": "lin"}))

    for stimulus in (Booted(), Sensed(), Learned("su7")):
        phone, effects = new().step(held, stimulus)
        assert phone.wallet == new().wallet
        assert not [one for one in effects if isinstance(one, Request | Settle)]


def test_phone_in_no_hand_or_another_opens_nothing() -> None:
    """It answers the car with the truth about its person, and the car refuses it."""
    kerb = Kerb()
    for number, carrier in enumerate(("jun", None)):
        kerb.change("phone", carrier=carrier)
        outcome = kerb.outcome("phone", UnlockCar(car="su7"), f"a-{number}")
        assert outcome == "denied NO_PRESENCE"

    assert kerb.actuated == []


@pytest.mark.parametrize(("carrier", "asked"), [("lin", 1), ("jun", 0), (None, 0)])
def test_phone_answers_the_call_of_a_car_in_its_owners_hand_only(carrier: str | None, asked: int) -> None:
    """A hand on the handle opens with the owner's phone in her pocket, not with one that was taken."""
    kerb = Kerb()
    kerb.change("phone", carrier=carrier)

    kerb.pull_handle("phone")

    assert len(kerb.post) == asked


@pytest.mark.parametrize("carrier", ["jun", None])
def test_phone_that_is_taken_while_the_car_wakes_opens_nothing(carrier: str | None) -> None:
    """Its radio falls silent with the hand that let go, though the thief stands beside the car."""
    kerb = Kerb(asleep=True)
    kerb.do("phone", UnlockCar(car="su7"), "a-1")
    kerb.talk()
    assert kerb.said("a-1") == "waking"

    kerb.change("phone", carrier=carrier)
    kerb.later(WAKE_MS + 5_000)

    assert kerb.said("a-1") == "failed"
    assert kerb.actuated == []


def test_phone_that_is_taken_answers_no_ranging() -> None:
    """The radio stops in the step in which the phone notices."""
    _, effects = new().step(moment(FakeSenses({"carrier": "jun"})), Sensed())

    assert effects == (StopRanging(),)


def test_phone_offers_its_public_key_to_whoever_may_ask() -> None:
    """What it offers is public; that it was asked for changes nothing."""
    kerb = Kerb()
    order = Commanded(OfferKey(car="su7"), "t-1", "mei_phone", "mei", START_MS + 30_000)

    after, effects = kerb.phone().step(kerb.moment("phone"), order)

    assert after is kerb.phone()
    (settled,) = effects
    assert isinstance(settled, Settle)
    assert set(settled.answer.data) == {"public_key"}


def test_phone_shows_what_became_of_revoked_keys() -> None:
    """Nothing, pending, done: the owner sees it on the screen."""
    kerb = Kerb()
    assert Keys(revocation="none") in kerb.phone().report()

    kerb.do("phone", RevokeKey(car="su7", device="watch"), "r-1")
    assert Keys(revocation="pending") in kerb.phone().report()
    kerb.talk()
    assert Keys(revocation="done") in kerb.phone().report()


def test_phone_keeps_its_keys_and_no_conversation() -> None:
    """What was under way when the power went is over; the next button opens the car as ever."""
    kerb = Kerb()
    kerb.do("phone", UnlockCar(car="su7"), "a-1")
    kerb.hand_over_until("unlock")

    kerb.restart("phone")

    assert kerb.phone().wallet.conversations == {}
    assert kerb.air.answering == {}
    assert kerb.outcome("phone", UnlockCar(car="su7"), "a-2") == "done"


def test_phone_is_taken_and_put_down() -> None:
    """Who carries a phone has it in hand."""
    taken = Phone.Physical().held_by("mei")

    assert Phone.Physical.portable
    assert (taken.holder(), taken.held_by(None).holder()) == ("mei", None)
