"""The gateway's keys: what proves itself opens the car once, and what went away meanwhile opens nothing."""

from dataclasses import replace
from typing import Any

import pytest

from sim.core.asking import CloseWindows as CloseWindowsOf
from sim.core.asking import LockCar, OpenBoot, RefreshCar, StartCar, UnlockCar
from sim.core.device import Answer, Asked, Command, Commanded, Presence, Settle, ShowCode
from sim.devices.car import Car
from sim.devices.car.commands import (
    KeyPair,
    KeyRevoke,
    KeySession,
    Lock,
    OpenPairing,
    Refresh,
    Steer,
    Unlock,
)
from sim.devices.car.declared import CarCircumstances
from sim.devices.car.gateway import WAKE_MS
from sim.devices.car.keys import RESULTS_OF_SENDER_MAX, Keys
from sim.devices.dashboard import OpenPairing as TouchAddKey
from sim.trust.digital_key import PAIRING_MS, Authorised, PairingCode, Refused
from sim.trust.key_talks import PairKey, RevokeKey, ShareKey
from tests.devices.talks import Asking, Kerb
from tests.senses import START_MS, FakeSenses, beside, moment

CAR = "su7"
UNLOCK = UnlockCar(car=CAR)
BOOT = OpenBoot(car=CAR)


def asked(command: Command, sender: str = "phone", ticket: str = "x-1") -> Asked:
    """Return a command on its way through the rules."""
    return Asked(command.action, command, sender, "lin", Presence(worn=True), ticket)


def seen(**of_the_key: Any) -> CarCircumstances:
    """Return what a parked car with 80 % in its battery tells the rules, beside what it found of a key."""
    return CarCircumstances(battery_pct=80, plugged_in=False, **of_the_key)


def told(kerb: Kerb, letter: Asking) -> CarCircumstances:
    """Return what the rules would be told of a letter, which is not delivered."""
    model = next(one for one in kerb.car.commands if one.action == letter.request.action)
    wish = asked(model(**letter.request.arguments), letter.sender, letter.request.ticket)
    at = kerb.moment(CAR)
    rules_told = kerb.car.considered(at, wish).circumstances(at, wish)
    assert isinstance(rules_told, CarCircumstances)
    return rules_told


def shared(kerb: Kerb, to: str = "jun_phone", **terms: Any) -> None:
    """Let Lin share a key."""
    assert kerb.outcome("phone", ShareKey(car=CAR, to=to, **terms), f"share-{to}") == "done"


def waiting(kerb: Kerb, ticket: str = "a-1", sender: str = "phone", button: Any = UNLOCK) -> None:
    """Press a button before a sleeping car, and talk until the command waits for it to wake."""
    kerb.do(sender, button, ticket)
    kerb.talk()
    assert kerb.said(ticket) == "waking"


# --- who opens it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sender", ["phone", "mei_phone", "watch"])
def test_car_opens_to_every_key_it_was_delivered_with(sender: str) -> None:
    """Three messages and a motor: challenge, answer, and the bolt moves."""
    kerb = Kerb()

    assert kerb.outcome(sender, UNLOCK, "a-1") == "done"
    assert kerb.lifecycle("a-1") == ["accepted", "forwarded", "done"]
    assert kerb.actuated == [{"locked": False}]


@pytest.mark.parametrize("sender", ["jun_phone", "new_phone", "dash"])
def test_car_refuses_to_open_without_a_proof(sender: str) -> None:
    """A command without a key's answer is refused, however near its sender is by name."""
    kerb = Kerb()
    at = replace(kerb.moment(CAR), senses=FakeSenses(kerb.facts[CAR], distances_m={sender: 0.5}))
    car = kerb.car.considered(at, asked(Unlock(), sender))

    assert car.circumstances(at, asked(Unlock(), sender)) == seen(code="NO_PROOF")


@pytest.mark.parametrize(("metres", "distance_cm"), [(0.5, 50), (1.499, 150), (2.0, 200)])
def test_car_measures_the_key_that_proved_itself(metres: float, distance_cm: int) -> None:
    """The rules get the distance of the radio that has the proof's key, in whole centimetres, rounded up."""
    kerb = Kerb()
    kerb.metres["watch"] = metres
    kerb.do("watch", UNLOCK, "a-1")

    found = told(kerb, kerb.hand_over_until("unlock"))

    assert found == seen(distance_cm=distance_cm, key_role="owner")


@pytest.mark.parametrize(
    ("metres", "code", "distance_cm"),
    [(2.01, "TOO_FAR", 201), (80.0, "TOO_FAR", 8000), (None, "RANGING_FAILED", None)],
)
def test_car_refuses_a_key_that_is_not_beside_it(
    metres: float | None, code: str, distance_cm: int | None
) -> None:
    """How far away it was is said with the refusal; a radio that is not heard has no distance."""
    kerb = Kerb()
    kerb.metres["watch"] = metres
    kerb.do("watch", UNLOCK, "a-1")

    assert told(kerb, kerb.hand_over_until("unlock")) == seen(code=code, distance_cm=distance_cm)
    kerb.talk()
    assert kerb.said("a-1") == f"denied {code}"
    assert kerb.actuated == []


@pytest.mark.parametrize(("metres", "outcome"), [(0.8, "done"), (0.81, "denied TOO_FAR")])
def test_car_starts_for_a_key_at_its_wheel_only(metres: float, outcome: str) -> None:
    """Starting takes the key within 80 cm of the driver's seat."""
    kerb = Kerb()
    kerb.metres["watch"] = metres

    assert kerb.outcome("watch", StartCar(car=CAR), "a-1") == outcome
    assert kerb.facts[CAR]["drive_ready"] is (outcome == "done")


@pytest.mark.parametrize("button", [LockCar(car=CAR), CloseWindowsOf(car=CAR), RefreshCar(car=CAR)])
def test_car_closes_for_a_key_that_is_anywhere(button: Any) -> None:
    """A remote command is told by its role, and has no distance."""
    kerb = Kerb()
    kerb.metres["mei_phone"] = None
    kerb.do("mei_phone", button, "a-1")

    assert told(kerb, kerb.hand_over_until(button.action())) == seen(key_role="member")
    kerb.talk()
    assert kerb.said("a-1") == "done"


def test_car_does_what_is_built_into_it_without_a_key() -> None:
    """The dashboard locks with no proof; whether it may is for the rules."""
    kerb = Kerb()
    kerb.change(CAR, locked=False)

    assert kerb.outcome("dash", LockCar(car=CAR), "a-1") == "done"
    assert kerb.facts[CAR]["locked"] is True


def test_car_answers_keys_while_it_sleeps() -> None:
    """Challenge and session are the gateway's own business: nothing wakes for them."""
    kerb = Kerb(asleep=True)

    kerb.do("phone", UNLOCK, "a-1")
    kerb.do("phone", LockCar(car=CAR), "a-2")
    kerb.hand_over_until("unlock")

    assert kerb.car.gateway.asleep
    assert not kerb.car.gateway.waking


# --- one proof, one act -------------------------------------------------------------------------------------


def test_car_takes_an_answer_from_the_device_it_belongs_to_only() -> None:
    """Whoever has overheard a proof and sends it himself is refused, and the owner's still counts."""
    kerb = Kerb()
    kerb.do("phone", UNLOCK, "a-1")
    letter = kerb.hand_over_until("unlock")

    stolen = Asking("mei_phone", letter.request, letter.expires_ms)
    kerb.post.insert(0, stolen)
    kerb.hand_over()
    (reply,) = [one for one in kerb.post if one is not letter]
    kerb.post.remove(reply)
    assert not isinstance(reply, Asking)
    assert reply.answer.denial == {"code": "SENDER_KEY_MISMATCH"}
    kerb.talk()
    kerb.later(1_000)

    assert kerb.said("a-1") == "done"


@pytest.mark.parametrize(("ticket", "code"), [("a-1-1", "CMD_ID_REUSED"), ("other", "WRONG_COMMAND")])
def test_car_acts_once_on_a_proof(ticket: str, code: str) -> None:
    """The same signed bytes open nothing again, under their own id or another."""
    kerb = Kerb()
    kerb.do("phone", UNLOCK, "a-1")
    letter = kerb.hand_over_until("unlock")
    kerb.talk()
    kerb.later(1_000)
    kerb.change(CAR, locked=True)

    kerb.ask(replace(letter, request=replace(letter.request, ticket=ticket)))

    (reply,) = kerb.post
    assert not isinstance(reply, Asking)
    assert reply.answer == Answer("denied", denial={"code": code})
    assert kerb.facts[CAR]["locked"] is True


def test_car_has_used_up_a_challenge_whatever_the_rules_say() -> None:
    """A proof that was considered and then refused by a rule is worth nothing when it comes again."""
    kerb = Kerb()
    kerb.do("phone", UNLOCK, "a-1")
    letter = kerb.hand_over_until("unlock")
    wish = asked(Unlock(**letter.request.arguments), "phone", "a-1-1")
    at = kerb.moment(CAR)

    first = kerb.car.considered(at, wish)
    again = first.considered(at, wish)

    assert first.circumstances(at, wish).code is None
    assert again.circumstances(at, wish).code == "CMD_ID_REUSED"


def test_car_command_inherits_no_proof_of_another_under_its_id() -> None:
    """A proof whose command the rules refused is not lent to a later command that brings none."""
    kerb = Kerb()
    kerb.do("phone", UNLOCK, "a-1")
    letter = kerb.hand_over_until("unlock")
    at = kerb.moment(CAR)
    car = kerb.car.considered(at, asked(Unlock(**letter.request.arguments), "phone", "a-1-1"))

    without = asked(Lock(), "phone", "a-1-1")
    assert car.considered(at, without).circumstances(at, without) == seen()
    assert car.considered(at, asked(Lock(), "watch", "a-1-1")).keys.results == car.keys.results


def test_car_results_of_one_sender_make_room_for_its_own() -> None:
    """Whoever fills the car's memory forgets his own proofs, and nobody else's."""
    kerb = Kerb(asleep=True)
    waiting(kerb)
    car, at = kerb.car, kerb.moment(CAR)

    for number in range(RESULTS_OF_SENDER_MAX + 1):
        car = car.considered(at, asked(Unlock(), "mei_phone", f"m-{number}"))

    assert isinstance(car.keys.result("phone", "a-1-1"), Authorised)
    assert car.keys.result("mei_phone", "m-0") is None
    assert isinstance(car.keys.result("mei_phone", "m-1"), Refused)


@pytest.mark.parametrize("button", [UNLOCK, LockCar(car=CAR)])
def test_car_does_nothing_for_a_proof_that_is_gone(button: Any) -> None:
    """A key that drives out its own proof while the car wakes is not obeyed without it."""
    kerb = Kerb(asleep=True)
    waiting(kerb, button=button)

    for number in range(RESULTS_OF_SENDER_MAX):
        wish = asked(Unlock(), "phone", f"m-{number}")
        kerb.devices[CAR] = kerb.car.considered(kerb.moment(CAR), wish)
    kerb.later(WAKE_MS)

    assert (kerb.said("a-1"), kerb.why("a-1")) == ("failed", "its proof is gone")
    assert kerb.actuated == []


def test_car_opens_for_no_command_that_it_has_not_considered() -> None:
    """Even past every rule, what opens the car needs a proof; what closes it, or is built in, does not."""
    kerb = Kerb()
    at = kerb.moment(CAR)

    def carried_out(command: Command) -> Answer:
        _, effects = kerb.car.step(at, Commanded(command, "t1", "phone", "lin", START_MS + 1_000))
        return next(one.answer for one in reversed(effects) if isinstance(one, Settle))

    assert carried_out(Unlock()) == Answer("failed", "its proof is gone")
    assert carried_out(Refresh()).status == "done"
    assert carried_out(Steer()) == Answer("failed", "no part of this car can do that")


# --- what changes while the car wakes -----------------------------------------------------------------------


@pytest.mark.parametrize("metres", [2.5, None], ids=["walked away", "radio silent"])
def test_car_whose_key_goes_away_while_it_wakes_opens_nothing(metres: float | None) -> None:
    """It ranges again at the instant of the act: a key that is gone by then opens nothing."""
    kerb = Kerb(asleep=True)
    waiting(kerb)

    kerb.metres["phone"] = metres
    kerb.later(WAKE_MS + 5_000)

    assert kerb.why("a-1") == "the key went away before it was carried out"
    assert kerb.lifecycle("a-1") == ["accepted", "waking", "failed"]
    assert kerb.actuated == []


def test_car_that_wakes_to_a_key_still_there_opens() -> None:
    """The very case in which nothing changed."""
    kerb = Kerb(asleep=True)
    waiting(kerb)

    kerb.later(WAKE_MS + 5_000)

    assert kerb.lifecycle("a-1") == ["accepted", "waking", "forwarded", "done"]


def test_car_starts_for_no_key_that_got_out_while_it_woke() -> None:
    """A key that is near enough to unlock is too far away to start."""
    kerb = Kerb(asleep=True)
    waiting(kerb, button=StartCar(car=CAR))

    kerb.metres["phone"] = 1.5
    kerb.later(WAKE_MS + 5_000)

    assert kerb.said("a-1") == "failed"
    assert kerb.actuated == []


def test_car_opens_for_no_key_that_was_revoked_while_it_woke() -> None:
    """The rights are looked at once more at the instant of the act."""
    kerb = Kerb(asleep=True)
    shared(kerb)
    waiting(kerb, "j-1", "jun_phone")

    kerb.do("phone", RevokeKey(car=CAR, device="jun_phone"), "r-1")
    kerb.talk()
    kerb.later(WAKE_MS)

    assert kerb.said("r-1") == "done"
    assert (kerb.said("j-1"), kerb.why("j-1")) == (
        "failed",
        "the key, or the key that shared it, has been revoked",
    )
    assert kerb.actuated == []


def test_car_opens_for_no_key_that_ended_while_it_woke() -> None:
    """A key that is valid when it asks and over when the car is awake opens nothing."""
    kerb = Kerb(asleep=True)
    shared(kerb, for_ms=10_000 + WAKE_MS)  # the sharing itself takes ten seconds here
    waiting(kerb, "j-1", "jun_phone")

    kerb.later(WAKE_MS)

    assert (kerb.said("j-1"), kerb.why("j-1")) == ("failed", "the key is not valid now")


def test_car_courier_with_two_proofs_under_way_opens_the_boot_once() -> None:
    """A single use is spent in the step that acts: of two that were authorised, one is carried out."""
    kerb = Kerb(asleep=True)
    shared(kerb, "kai_phone", role="courier")
    waiting(kerb, "k-1", "kai_phone", BOOT)
    # The phone answers one session; its thief has built a radio that answers both.
    session = next(iter(kerb.air.answering))
    waiting(kerb, "k-2", "kai_phone", BOOT)
    kerb.air.answering[session] = "kai_phone"

    assert {one for key, one in kerb.car.keys.results.items() if key[0] == "kai_phone"} == {
        kerb.car.keys.result("kai_phone", "k-1-1"),
        kerb.car.keys.result("kai_phone", "k-2-1"),
    }
    assert isinstance(kerb.car.keys.result("kai_phone", "k-2-1"), Authorised)
    kerb.later(WAKE_MS + 5_000)

    assert kerb.said("k-1") == "done"
    assert (kerb.said("k-2"), kerb.why("k-2")) == (
        "failed",
        "the key has been used as often as its owner allowed",
    )
    assert kerb.actuated == [{"boot": "open"}]


def test_car_courier_opens_the_boot_once_and_never_again() -> None:
    """After its use the key is refused, also when it shows its grant again or the car has restarted."""
    kerb = Kerb()
    shared(kerb, "kai_phone", role="courier")

    assert kerb.outcome("kai_phone", UNLOCK, "k-0") == "denied RIGHTS"
    assert kerb.outcome("kai_phone", BOOT, "k-1") == "done"
    assert kerb.outcome("kai_phone", BOOT, "k-2") == "denied USED_UP"
    kerb.restart(CAR)
    assert kerb.outcome("kai_phone", BOOT, "k-3") == "denied USED_UP"


# --- pairing ---------------------------------------------------------------------------------------------


def test_car_shows_a_code_that_makes_one_key() -> None:
    """Who reads the code on the screen has a key; then the code is gone, and nobody else has one by it."""
    kerb = Kerb()
    kerb.change("new_phone", carrier="lin")
    assert kerb.outcome("new_phone", UNLOCK, "n-1") == "denied NO_PROOF"
    assert kerb.outcome("dash", TouchAddKey(), "d-1") == "done"

    assert isinstance(kerb.air.shown[CAR], PairingCode)
    kerb.do("new_phone", PairKey(car=CAR), "n-2")
    kerb.do("jun_phone", PairKey(car=CAR), "j-1")
    kerb.talk()

    assert (kerb.said("n-2"), kerb.said("j-1")) == ("done", "denied NOT_PAIRING")
    assert CAR not in kerb.air.shown
    assert kerb.outcome("new_phone", UNLOCK, "n-3") == "done"
    assert kerb.outcome("jun_phone", UNLOCK, "j-2") == "denied NO_PROOF"


def test_car_takes_its_code_away_after_two_minutes() -> None:
    """The screen is empty then, and whoever has a picture of it reads a void code."""
    kerb = Kerb()
    kerb.do("dash", TouchAddKey(), "d-1")
    kerb.talk()
    code = kerb.air.shown[CAR]

    kerb.later(PAIRING_MS - 1)
    assert CAR in kerb.air.shown
    kerb.later(1)
    assert CAR not in kerb.air.shown
    kerb.air.show(CAR, code)

    assert kerb.outcome("new_phone", PairKey(car=CAR), "n-1") == "denied NOT_PAIRING"


def test_car_pairs_nobody_whom_the_rules_refuse() -> None:
    """A key is enrolled when the rules have let it, and not when it is only considered."""
    kerb = Kerb()
    kerb.do("dash", TouchAddKey(), "d-1")
    kerb.talk()
    kerb.do("new_phone", PairKey(car=CAR), "n-1")
    (letter,) = kerb.post
    assert isinstance(letter, Asking)
    wish = asked(KeyPair(**letter.request.arguments), "new_phone", "n-1")
    at = kerb.moment(CAR)
    before = kerb.car.keys.kept()["register"]

    considered = kerb.car.considered(at, wish)

    assert considered.circumstances(at, wish) == seen()
    assert considered.keys.kept()["register"] == before


def test_car_pairing_that_ends_before_it_is_carried_out_fails() -> None:
    """What was let by the rules and comes too late all the same enrols nobody."""
    kerb = Kerb()
    kerb.do("dash", TouchAddKey(), "d-1")
    kerb.talk()
    kerb.do("new_phone", PairKey(car=CAR), "n-1")
    (letter,) = kerb.post
    assert isinstance(letter, Asking)
    late = Commanded(KeyPair(**letter.request.arguments), "n-1", "new_phone", "lin", START_MS + 900_000)

    kerb.later(PAIRING_MS)
    effects = kerb.step(CAR, late)

    assert effects == (Settle("n-1", Answer("failed", "the car shows no code that could still be used")),)


def test_car_counts_who_guesses_the_code() -> None:
    """Three failures with one code, and the sender has lost it, whatever the rules say; others have not."""
    kerb = Kerb()
    kerb.do("dash", TouchAddKey(), "d-1")
    kerb.talk()
    code = kerb.air.shown[CAR]
    assert isinstance(code, PairingCode)
    kerb.air.show(CAR, replace(code, secret=b"a guess, 16 byte"))
    outcomes = [kerb.outcome("jun_phone", PairKey(car=CAR), f"j-{number}") for number in range(4)]
    kerb.air.show(CAR, code)

    assert outcomes == ["denied PAIR_MAC"] * 3 + ["denied NOT_PAIRING"]
    assert kerb.outcome("new_phone", PairKey(car=CAR), "n-1") == "done"


def test_car_that_restarts_shows_no_code() -> None:
    """The code of before is void, and its screen is empty."""
    kerb = Kerb()
    kerb.do("dash", TouchAddKey(), "d-1")
    kerb.talk()
    code = kerb.air.shown[CAR]

    kerb.restart(CAR)
    assert CAR not in kerb.air.shown
    kerb.air.show(CAR, code)
    assert kerb.outcome("new_phone", PairKey(car=CAR), "n-1") == "denied NOT_PAIRING"


def test_car_new_code_replaces_the_old_one() -> None:
    """A second touch shows another code, and its two minutes begin anew."""
    kerb = Kerb()
    kerb.do("dash", TouchAddKey(), "d-1")
    kerb.talk()
    first = kerb.air.shown[CAR]
    kerb.later(PAIRING_MS - 1)
    kerb.do("dash", TouchAddKey(), "d-2")
    kerb.talk()
    kerb.later(PAIRING_MS - 1)

    assert kerb.air.shown[CAR] != first


def test_car_code_is_in_no_repr() -> None:
    """The secret of a code is printed nowhere, not even where an effect is."""
    kerb = Kerb()
    car, effects = kerb.car.step(
        kerb.moment(CAR), Commanded(OpenPairing(), "t1", "dash", "lin", START_MS + 1_000)
    )

    code = next(one.code for one in effects if isinstance(one, ShowCode))
    assert isinstance(code, PairingCode)
    assert repr(code.secret) not in repr(effects) + repr(car)
    assert code.secret.hex() not in repr(effects) + repr(car)


# --- restarts and factories --------------------------------------------------------------------------------


def test_car_that_restarts_keeps_its_tombstones_and_its_keys() -> None:
    """A revoked key stays dead, a shared one alive, and whoever was paired opens the car as before."""
    kerb = Kerb()
    shared(kerb, "jun_phone")
    shared(kerb, "kai_phone")
    assert kerb.outcome("jun_phone", UNLOCK, "j-1") == "done"
    assert kerb.outcome("kai_phone", UNLOCK, "k-1") == "done"
    assert kerb.outcome("phone", RevokeKey(car=CAR, device="jun_phone"), "r-1") == "done"

    kerb.restart(CAR)

    assert kerb.outcome("jun_phone", UNLOCK, "j-2") == "denied REVOKED"
    assert kerb.outcome("kai_phone", UNLOCK, "k-2") == "done"
    assert kerb.outcome("watch", LockCar(car=CAR), "w-1") == "done"


def test_car_without_provision_opens_to_nobody() -> None:
    """Before it was given its secrets a car knows no key, keeps none, and considers nothing."""
    car = Car.new(CAR, Car.Config(), {})
    at = moment(FakeSenses(ranging=beside))
    wish = asked(Unlock(proof={"v": 1}))

    assert car.considered(at, wish) == car
    assert car.kept()["keys"] == {}
    assert car.keys == Keys()
    assert car.told(at, wish).get("key_role") is None


def test_car_tells_who_shared_and_who_owns() -> None:
    """The role of a shared key is a friend's, whoever holds it."""
    kerb = Kerb()
    shared(kerb)
    kerb.do("jun_phone", UNLOCK, "j-1")

    assert told(kerb, kerb.hand_over_until("unlock")).key_role == "friend"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (KeySession(request={}), "DECODING"),
        (KeyRevoke(revoke={}), "DECODING"),
        (KeyPair(pair={}), "NOT_PAIRING"),
        (Unlock(proof={}), "DECODING"),
        (Lock(proof={}), "DECODING"),
    ],
    ids=lambda value: getattr(value, "action", value),
)
def test_car_tells_the_rules_what_is_wrong_with_a_message(command: Command, code: str) -> None:
    """Every message of a key that comes to nothing has a reason code, which no rule permits."""
    kerb = Kerb()
    at = kerb.moment(CAR)

    assert kerb.car.considered(at, asked(command)).circumstances(at, asked(command)).code == code


def test_car_revokes_at_an_owners_word_only() -> None:
    """A member's phone signs as well as an owner's, and takes back nothing by it."""
    kerb = Kerb()

    assert kerb.outcome("mei_phone", RevokeKey(car=CAR, device="watch"), "m-1") == "denied NOT_OWNER"
    assert kerb.outcome("watch", UNLOCK, "w-1") == "done"
