"""A phone's and a watch's keys in conversation: what they prove, try again and keep."""

from dataclasses import replace
from typing import Any

import pytest

from sim.core.asking import (
    AskDevice,
    CloseWindows,
    LockCar,
    OpenBoot,
    OpenWindows,
    RequestAction,
    SetClimate,
    UnlockCar,
)
from sim.core.device import Answer, Answered, Polled, Provision, Settle, StopRanging
from sim.devices.car.gateway import WAKE_MS
from sim.trust.digital_key import CHALLENGE_MS, KeyHolder, PairingCode, PresenceProof
from sim.trust.key_talks import PairKey, RevokeKey, ShareKey
from sim.trust.wallet import TRIES_MAX, Wallet
from sim.world.provisioning import provisions
from tests.devices.talks import KINDS, Asking, Kerb, Reply, household
from tests.senses import FakeSenses, moment

CAR = "su7"
UNLOCK = UnlockCar(car=CAR)
LOCK = LockCar(car=CAR)
SHARE = ShareKey(car=CAR, to="jun_phone")
REVOKE = RevokeKey(car=CAR, device="jun_phone")
PROVISIONS = provisions(household(), KINDS, 7)
NOW = moment(FakeSenses())
WORN: PresenceProof = "biometric"


def wallet(device: str = "phone") -> Wallet:
    """Return the wallet of a device as it was delivered."""
    return Wallet.made(device, PROVISIONS[device], {})


def holder_of(owner: Wallet) -> KeyHolder:
    """Return the keys in a wallet."""
    assert owner.holder is not None
    return owner.holder


# --- conversations ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("button", "first", "second"),
    [
        (UNLOCK, "key_hello", "unlock"),
        (OpenBoot(car=CAR), "key_hello", "open_boot"),
        (OpenWindows(car=CAR), "key_hello", "open_windows"),
        (LOCK, "key_session", "lock"),
        (CloseWindows(car=CAR), "key_session", "close_windows"),
        (RequestAction(car=CAR, name="refresh"), "key_session", "refresh"),
    ],
)
def test_wallet_asks_the_car_before_it_commands_it(button: Any, first: str, second: str) -> None:
    """What opens the car begins with a hello, what closes it with the car's clock; then the command goes."""
    kerb = Kerb()

    kerb.do("phone", button, "a-1")
    assert kerb.under_way() == [("phone", CAR, first)]
    letter = kerb.hand_over_until(second)

    assert letter.request.ticket == "a-1-1"
    assert set(letter.request.arguments) == {"proof"}
    assert letter.request.by == "lin"


@pytest.mark.parametrize(
    ("device", "button"),
    [
        ("new_phone", UNLOCK),
        ("phone", RequestAction(car=CAR, name="steer")),
        ("phone", SetClimate(device="heater", mode="heat")),
        ("watch", AskDevice(device="heater", name="unlock")),
    ],
)
def test_wallet_asks_plainly_what_no_key_is_for(device: str, button: Any) -> None:
    """Where the device is no key, or the action none for keys, one command goes as it is."""
    before = wallet(device)

    after, effects = before.ask(NOW, button, "a-1", "lin")

    assert after is before
    assert effects == (button.request("a-1", "lin"),)


def test_wallet_command_brings_its_own_arguments_and_never_a_planted_proof() -> None:
    """Whatever somebody writes into the arguments, the proof is the device's own."""
    kerb = Kerb()

    planted = AskDevice(device=CAR, name="lock", values={"proof": {"typ": "planted"}})
    kerb.do("phone", planted, "a-1")
    letter = kerb.hand_over_until("lock")

    assert letter.request.arguments["proof"]["typ"] == "key.command"


def test_wallet_conversation_lives_as_long_as_its_button() -> None:
    """What the first message took is not added to the life of the second."""
    kerb = Kerb()
    kerb.do("phone", UnlockCar(car=CAR, expires_in_ms=1_000), "a-1")
    assert isinstance(kerb.post[0], Asking)
    assert kerb.post[0].request.expires_in_ms == 1_000

    kerb.now_ms += 400
    letter = kerb.hand_over_until("unlock")

    assert letter.request.expires_in_ms == 600


def test_wallet_tells_every_step_of_the_command_and_none_of_what_goes_before() -> None:
    """The button follows the command; that a challenge was accepted is nobody's business."""
    kerb = Kerb(asleep=True)

    assert kerb.outcome("phone", UNLOCK, "a-1") == "done"
    assert kerb.lifecycle("a-1") == ["accepted", "waking", "forwarded", "done"]
    assert kerb.phone().wallet.conversations == {}


def test_wallet_radio_is_silent_after_the_conversation() -> None:
    """Once the car has answered, no radio answers any more."""
    kerb = Kerb()
    kerb.do("phone", UNLOCK, "a-1")
    kerb.hand_over_until("unlock")
    assert list(kerb.air.answering.values()) == ["phone"]

    kerb.talk()
    kerb.later(1_000)

    assert kerb.air.answering == {}


def test_wallet_settles_with_a_silent_radio() -> None:
    """The last word of a conversation reaches the button, and the radio stops in the same step."""
    kerb = Kerb()
    kerb.do("phone", UNLOCK, "a-1")
    kerb.lose(kerb.hand_over_until("unlock"))
    (reply,) = kerb.post
    assert isinstance(reply, Reply)

    effects = kerb.step("phone", Answered(reply.ticket, CAR, reply.answer))

    assert effects == (Settle("a-1", Answer("expired")), StopRanging())


def test_wallet_radio_goes_on_for_a_command_that_still_waits() -> None:
    """The end of one command silences no other: the car that wakes ranges for the one that waits."""
    kerb = Kerb(asleep=True)
    kerb.do("phone", UNLOCK, "a-1")
    kerb.talk()

    # A remote command that dies on its way ends while the first waits.
    kerb.do("phone", LOCK, "a-2")
    kerb.lose(kerb.hand_over_until("lock"))
    kerb.talk()
    assert kerb.said("a-2") == "expired"
    kerb.later(WAKE_MS + 5_000)

    assert kerb.said("a-1") == "done"


def test_wallet_ignores_answers_that_belong_to_no_conversation() -> None:
    """An answer under an unknown ticket changes nothing and sends nothing."""
    before = wallet()

    after, effects = before.answered(NOW, Answered("t-9", CAR, Answer("done")), WORN)

    assert after is before
    assert effects == ()


# --- again ------------------------------------------------------------------------------------------------


def test_wallet_that_is_too_late_for_its_challenge_begins_again() -> None:
    """An answer that comes after two seconds is refused; the next conversation is in time."""
    kerb = Kerb()
    kerb.do("phone", UNLOCK, "a-1")
    kerb.hand_over_until("unlock")

    kerb.now_ms += CHALLENGE_MS
    kerb.hand_over_until_answered()
    kerb.hand_over()

    assert kerb.under_way() == [("phone", CAR, "key_hello")]
    kerb.talk()
    kerb.later(1_000)
    assert kerb.said("a-1") == "done"
    assert "denied" not in kerb.lifecycle("a-1")[1:]


@pytest.mark.parametrize(
    ("button", "second", "code"), [(UNLOCK, "unlock", "STALE_CHALLENGE"), (LOCK, "lock", "INCORRECT_EPOCH")]
)
def test_wallet_begins_again_where_the_car_has_restarted(button: Any, second: str, code: str) -> None:
    """A restart voids challenges and clocks; a new conversation mends it, and the button is `done`."""
    kerb = Kerb()
    kerb.do("phone", button, "a-1")
    letter = kerb.hand_over_until(second)
    kerb.restart(CAR)
    kerb.post.append(letter)

    reply = kerb.hand_over_until_answered()
    assert reply.answer.denial == {"code": code}
    kerb.talk()
    kerb.later(1_000)

    assert kerb.said("a-1") == "done"


def test_wallet_gives_up_after_three_tries() -> None:
    """A car that is always too late ends it with the last refusal, and nothing has opened."""
    kerb = Kerb()
    kerb.do("phone", UNLOCK, "a-1")
    tickets = []
    for _ in range(TRIES_MAX):
        tickets.append(kerb.hand_over_until("unlock").request.ticket)
        kerb.now_ms += CHALLENGE_MS
        kerb.hand_over_until_answered()
        kerb.hand_over()
        kerb.hand_over()

    assert tickets == ["a-1-1", "a-1-2", "a-1-3"]
    assert kerb.said("a-1") == "denied EXPIRED"
    assert kerb.post == []
    assert kerb.air.answering == {}
    assert kerb.actuated == []


def test_wallet_begins_nothing_again_that_nobody_waits_for() -> None:
    """Whoever pressed has stopped waiting: a refusal that could be mended is final."""
    kerb = Kerb()
    kerb.do("phone", UnlockCar(car=CAR, expires_in_ms=CHALLENGE_MS + 1), "a-1")
    kerb.hand_over_until("unlock")
    kerb.now_ms += CHALLENGE_MS
    kerb.hand_over_until_answered()
    kerb.now_ms += 1
    kerb.talk()

    assert kerb.said("a-1") == "denied EXPIRED"
    assert kerb.post == []


def test_wallet_tries_nothing_again_that_a_new_conversation_cannot_mend() -> None:
    """A key that is too far away is refused once."""
    kerb = Kerb()
    kerb.metres["phone"] = 5.0
    kerb.do("phone", UNLOCK, "a-1")
    kerb.talk()

    assert kerb.lifecycle("a-1") == ["denied"]
    assert kerb.said("a-1") == "denied TOO_FAR"


def test_wallet_hello_that_is_refused_ends_the_conversation() -> None:
    """A revoked key learns it from the answer to its hello."""
    kerb = Kerb()
    kerb.outcome("phone", RevokeKey(car=CAR, device="mei_phone"), "r-1")

    assert kerb.outcome("mei_phone", UNLOCK, "m-1") == "denied REVOKED"
    assert kerb.outcome("mei_phone", LOCK, "m-2") == "denied REVOKED"


def test_wallet_tells_when_nobody_answers() -> None:
    """A hello that is lost expires, and with it the button."""
    kerb = Kerb()
    kerb.do("phone", UNLOCK, "a-1")
    kerb.lose(kerb.post[0])
    kerb.talk()

    assert kerb.said("a-1") == "expired"
    assert kerb.phone().wallet.conversations == {}


# --- challenges that are none -------------------------------------------------------------------------------


def test_wallet_answers_no_challenge_of_another_car() -> None:
    """What the pinned key has not signed is not answered: no proof, no radio."""
    kerb = Kerb()
    kerb.do("phone", UNLOCK, "a-1")
    challenge = dict(kerb.hand_over_until_answered().answer.data["challenge"])
    kerb.tamper(challenge={**challenge, "sig": "A" * 86})
    kerb.talk()

    assert kerb.why("a-1") == (
        "su7 did not answer as its key should: the signature does not fit the bytes (BAD_SIGNATURE)"
    )
    assert kerb.air.answering == {}
    assert kerb.phone().wallet.conversations == {}


@pytest.mark.parametrize("data", [{}, {"challenge": None}, {"challenge": "x"}, {"challenge": {"v": 1}}])
def test_wallet_answers_nothing_that_is_no_challenge(data: dict[str, Any]) -> None:
    """Whatever comes in its place, the button fails and says why."""
    kerb = Kerb()
    kerb.do("phone", UNLOCK, "a-1")
    kerb.hand_over_until_answered()
    kerb.tamper(**data)
    kerb.talk()

    assert kerb.said("a-1") == "failed"
    assert kerb.why("a-1").endswith("(DECODING)")


@pytest.mark.parametrize(("button", "field"), [(UNLOCK, "challenge"), (LOCK, "session")])
def test_wallet_answers_no_challenge_twice(button: Any, field: str) -> None:
    """What was answered once is stale: it echoes a nonce that nobody waits for."""
    kerb = Kerb()
    kerb.do("phone", button, "a-1")
    old = kerb.hand_over_until_answered().answer.data[field]
    kerb.talk()
    kerb.later(1_000)
    kerb.do("phone", button, "a-2")
    newest = kerb.hand_over_until_answered().answer.data[field]
    kerb.talk()
    kerb.later(1_000)
    assert newest != old

    kerb.do("phone", button, "a-3")
    kerb.hand_over_until_answered()
    kerb.tamper(**{field: old})
    kerb.talk()

    assert kerb.said("a-3") == "failed"
    assert kerb.why("a-3").endswith("(STALE_CHALLENGE)")


# --- calls -----------------------------------------------------------------------------------------------


def test_wallet_answers_the_call_of_its_car() -> None:
    """Nobody presses anything: a hand on the handle is enough, each pull under a ticket of its own."""
    kerb = Kerb()
    kerb.pull_handle("watch")
    kerb.talk()
    kerb.later(1_000)

    assert kerb.facts[CAR]["locked"] is False
    kerb.pull_handle("watch")
    assert isinstance(kerb.post[0], Asking)
    assert kerb.post[0].request.ticket == "watch-call-1-2-hello-1"
    kerb.pull_handle("watch")
    assert len(kerb.post) == 1, "a second pull within a second is not answered"
    kerb.restart("watch")
    kerb.pull_handle("watch")
    assert isinstance(kerb.post[0], Asking)
    assert kerb.post[0].request.ticket == "watch-call-2-1-hello-1"
    assert kerb.post[0].request.by == "lin"


@pytest.mark.parametrize(
    "call", [Polled("su8", "unlock"), Polled(CAR, "steer")], ids=["another car", "no action of keys"]
)
def test_wallet_answers_no_call_that_is_not_for_its_keys(call: Polled) -> None:
    """A car that it has no key of, and what no key is for, get silence."""
    before = wallet("watch")

    assert before.polled(NOW, call, "lin") == (before, ())


# --- what is kept ------------------------------------------------------------------------------------------


def test_wallet_is_delivered_with_the_cars_and_keys_of_its_household() -> None:
    """It knows the car, what its own key is to it, and the other keys that could be revoked."""
    phone, member, unpaired = wallet("phone"), wallet("mei_phone"), wallet("new_phone")

    assert {name: car.role for name, car in holder_of(phone).cars.items()} == {CAR: "owner"}
    assert {name: car.role for name, car in holder_of(member).cars.items()} == {CAR: "member"}
    assert holder_of(unpaired).cars == {}
    assert set(phone.shared) == {"phone", "mei_phone", "watch"}
    assert unpaired.shared == {}


def test_wallet_that_was_never_provisioned_has_no_key_and_nothing_to_keep() -> None:
    """Before a device was given its secret, every button is a plain command and no code is read."""
    empty = Wallet()
    code = FakeSenses(codes={CAR: PairingCode(CAR, b"\1" * 32, b"\2" * 16)})

    assert empty.kept() == {}
    assert not empty.opens(CAR, "unlock")
    assert empty.pair(replace(NOW, senses=code), PairKey(car=CAR), "n-1")[0] is empty
    assert empty.share(SHARE, "s-1", "lin", WORN) == (
        empty,
        (Settle("s-1", Answer("failed", "this is no key of su7")),),
    )


def test_wallet_counter_goes_on_after_a_restart() -> None:
    """A phone that restarts does not use a counter again that the car has seen."""
    kerb = Kerb()
    kerb.outcome("phone", LOCK, "a-1")
    kerb.outcome("phone", LOCK, "a-2")

    kerb.restart("phone")

    assert kerb.outcome("phone", LOCK, "a-3") == "done"
    assert holder_of(kerb.phone().wallet).cars[CAR].counter == 3


def test_wallet_secret_is_in_no_repr() -> None:
    """Neither the seed nor the private key is printed with a provision or a wallet."""
    provision = Provision(b"\7" * 32, 1, 0)

    printed = repr(provision) + repr(Wallet.made("phone", provision, {}))

    assert "\\x07" not in printed
    assert (b"\7" * 32).hex() not in printed
