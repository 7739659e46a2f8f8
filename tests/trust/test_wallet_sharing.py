"""Keys that are paired, shared and taken back: who may, what is signed, and what nobody may choose."""

from dataclasses import replace
from typing import Any

import pytest

from sim.core.asking import (
    LockCar,
    UnlockCar,
)
from sim.core.device import Answer, Answered, Moment, Request
from sim.devices.dashboard import OpenPairing
from sim.trust.digital_key import KeyHolder, PairingCode, PresenceProof, key_id_of
from sim.trust.key_talks import REVOCATION_MS, PairKey, RevokeKey, ShareKey
from sim.trust.wallet import Wallet
from sim.world.provisioning import provisions
from tests.devices.talks import KINDS, Asking, Kerb, household
from tests.senses import START_MS, FakeSenses, moment

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


# --- pairing -----------------------------------------------------------------------------------------------


def test_wallet_pairs_by_the_code_that_it_reads() -> None:
    """The code is read, the car confirms, and then the device is a key that survives a restart."""
    kerb = Kerb()
    kerb.do("dash", OpenPairing(), "d-1")
    kerb.talk()

    kerb.do("new_phone", PairKey(car=CAR), "n-1")
    assert not kerb.phone("new_phone").wallet.opens(CAR, "unlock")
    kerb.talk()

    assert kerb.lifecycle("n-1") == ["accepted", "done"]
    assert kerb.phone("new_phone").wallet.pairing == {}
    kerb.restart("new_phone")
    assert kerb.outcome("new_phone", UNLOCK, "n-2") == "done"


def test_wallet_pairs_with_nothing_where_there_is_no_code() -> None:
    """An empty screen, and a screen that shows something else, fail at once."""
    kerb = Kerb()
    assert kerb.outcome("new_phone", PairKey(car=CAR), "n-1") == "failed"
    assert kerb.why("n-1") == "no pairing code of su7 is in sight"

    kerb.air.show(CAR, "https://example.org")
    assert kerb.outcome("new_phone", PairKey(car=CAR), "n-2") == "failed"


def test_wallet_that_the_car_does_not_pair_is_no_key() -> None:
    """A code that is void makes no key, and is forgotten."""
    kerb = Kerb()
    kerb.air.show(CAR, PairingCode(CAR, b"\1" * 32, b"\2" * 16))

    assert kerb.outcome("new_phone", PairKey(car=CAR), "n-1") == "denied NOT_PAIRING"
    after = kerb.phone("new_phone").wallet
    assert after.pairing == {}
    assert not after.opens(CAR, "unlock")


def test_wallet_friend_who_is_paired_shows_no_grant_any_more() -> None:
    """A paired key needs no signature of somebody else, and is not at the mercy of one."""
    kerb = Kerb()
    kerb.outcome("phone", SHARE, "s-1")
    assert kerb.phone("jun_phone").wallet.grants
    kerb.do("dash", OpenPairing(), "d-1")
    kerb.talk()
    kerb.outcome("jun_phone", UNLOCK, "j-1")

    assert kerb.outcome("jun_phone", PairKey(car=CAR), "j-2") == "done"
    assert kerb.phone("jun_phone").wallet.grants == {}
    assert holder_of(kerb.phone("jun_phone").wallet).cars[CAR].role == "owner"


def test_wallet_code_is_in_no_repr() -> None:
    """A code that was read is printed nowhere."""
    code = PairingCode(CAR, b"\1" * 32, b"\2" * 16)
    at = Moment(START_MS, FakeSenses(codes={CAR: code}), NOW.beliefs)

    after, _ = wallet("new_phone").pair(at, PairKey(car=CAR), "n-1")

    assert after.pairing == {"n-1": code}
    assert "\\x02" not in repr(after)
    assert code.secret.hex() not in repr(after)


# --- sharing -----------------------------------------------------------------------------------------------


def test_wallet_shares_a_key_that_opens_the_car() -> None:
    """The friend's phone offers its public key, the owner's signs it, and the car sees it when first used."""
    kerb = Kerb()
    kerb.do("phone", SHARE, "s-1")
    assert kerb.under_way() == [("phone", "jun_phone", "offer_key")]
    kerb.talk()

    assert kerb.lifecycle("s-1") == ["accepted", "done"]
    assert kerb.outcome("jun_phone", UNLOCK, "j-1") == "done"
    kerb.restart("jun_phone")
    assert kerb.outcome("jun_phone", LOCK, "j-2") == "done"


@pytest.mark.parametrize(
    ("act", "used", "not_after_ms", "not_before_ms"),
    [
        (ShareKey(car=CAR, to="jun_phone", role="valet", for_ms=60_000), None, 60_000, 0),
        (ShareKey(car=CAR, to="jun_phone", role="courier", after_ms=500), 1, 14_400_500, 500),
        (ShareKey(car=CAR, to="jun_phone", role="courier", uses=3), 3, 14_400_000, 0),
    ],
)
def test_wallet_shares_on_the_terms_that_were_chosen(
    act: ShareKey, used: int | None, not_after_ms: int, not_before_ms: int
) -> None:
    """Rights and uses are those of the role unless said otherwise, and the time is counted from its begin."""
    kerb = Kerb()
    assert kerb.outcome("phone", act, "s-1") == "done"
    kerb.now_ms = START_MS + 500
    kerb.do("jun_phone", UNLOCK, "j-1")
    kerb.talk()

    reader = kerb.car.keys.reader
    assert reader is not None
    (key,) = (one for one in reader.keys.values() if one.device == "jun_phone")
    assert (key.uses_left, key.role, key.serial) == (used, "friend", 1)
    assert (key.not_before_ms, key.not_after_ms) == (START_MS + not_before_ms, START_MS + not_after_ms)


@pytest.mark.parametrize("terms", [{"for_ms": 10**16}, {"after_ms": 10**16}])
def test_wallet_shares_for_no_longer_than_for_ever(terms: dict[str, int]) -> None:
    """A time beyond the largest number of a message is as good as for ever, and breaks nothing."""
    kerb = Kerb()

    assert kerb.outcome("phone", ShareKey(car=CAR, to="jun_phone", **terms), "s-1") == "done"
    outcome = "denied KEY_EXPIRED" if "after_ms" in terms else "done"
    assert kerb.outcome("jun_phone", UNLOCK, "j-1") == outcome


def test_wallet_shares_no_key_that_it_has_not() -> None:
    """A device that is no key of the car has nothing to share."""
    kerb = Kerb()

    assert kerb.outcome("kai_phone", SHARE, "s-1") == "failed"
    assert kerb.why("s-1") == "this is no key of su7"


@pytest.mark.parametrize("carrier", ["jun", None])
@pytest.mark.parametrize("act", [SHARE, RevokeKey(car=CAR, device="watch")])
def test_wallet_signs_nothing_for_whoever_has_taken_the_phone(carrier: str | None, act: Any) -> None:
    """Sharing and revoking take the owner's face or finger: a thief does neither with her phone."""
    kerb = Kerb()
    kerb.change("phone", carrier=carrier)

    assert kerb.outcome("phone", act, "s-1") == "failed"
    assert kerb.why("s-1") == "the phone does not know that its owner is there"
    assert kerb.outcome("watch", UNLOCK, "w-1") == "done"


def test_wallet_signs_nothing_when_the_phone_is_taken_while_the_other_offers() -> None:
    """The owner must be there when it is signed, not only when the button is pressed."""
    kerb = Kerb()
    kerb.do("phone", SHARE, "s-1")
    kerb.change("phone", carrier="jun")
    kerb.talk()

    assert kerb.said("s-1") == "failed"
    assert kerb.phone("jun_phone").wallet.grants == {}
    assert "jun_phone" not in kerb.phone().wallet.shared


@pytest.mark.parametrize("key", [None, 5, "", "ab", "g" * 64, "A" * 64, "00" * 33])
def test_wallet_signs_nothing_that_is_no_key(key: object) -> None:
    """What the other phone offers must be 32 bytes in lower-case hex."""
    kerb = Kerb()
    kerb.do("phone", SHARE, "s-1")
    kerb.hand_over_until_answered()
    kerb.tamper(public_key=key)
    kerb.talk()

    assert (kerb.said("s-1"), kerb.why("s-1")) == ("failed", "what jun_phone offered is no key")
    assert kerb.phone().wallet.sharing == {}


def test_wallet_passes_on_why_the_other_phone_offers_nothing() -> None:
    """A phone that does not answer gets no key."""
    kerb = Kerb()
    kerb.do("phone", SHARE, "s-1")
    kerb.lose(kerb.post[0])
    kerb.talk()

    assert kerb.said("s-1") == "expired"
    assert kerb.phone().wallet.sharing == {}


def test_wallet_takes_no_forged_key_for_a_car_that_it_is_paired_with() -> None:
    """Whoever sends a grant for somebody's paired phone does not choose what it shows to the car."""
    kerb = Kerb()
    forger = holder_of(wallet("mei_phone"))
    phone = holder_of(kerb.phone().wallet)
    _, forged = forger.grant(CAR, "phone", phone.public_key, {"unlock"}, 0, START_MS * 2)
    key = phone.cars[CAR].public_key.hex()
    arguments = {"car": CAR, "car_public_key": key, "grant": forged}
    kerb.told["m-1"] = []
    kerb.ask(Asking("mei_phone", Request("m-1", "phone", "take_key", arguments, "mei"), START_MS + 30_000))
    kerb.talk()

    assert kerb.why("m-1") == "this is a key of su7 already, and needs no shared one"
    assert kerb.outcome("phone", UNLOCK, "a-1") == "done"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"car_public_key": "no key"}, "that is no car's key"),
        ({"car": "su8"}, "the message is for another car (WRONG_CAR)"),
        ({"grant": {}}, "the envelope does not have exactly the fields v, typ, kid, p and sig (DECODING)"),
    ],
)
def test_wallet_takes_nothing_that_is_no_key_for_it(changes: dict[str, Any], sentence: str) -> None:
    """What does not fit is refused with a sentence, and the next one that fits is taken."""
    kerb = Kerb()
    kerb.do("phone", SHARE, "s-1")
    letter = kerb.hand_over_until("take_key")
    arguments = {**letter.request.arguments, **changes}
    kerb.post[0] = replace(letter, request=replace(letter.request, arguments=arguments))
    kerb.talk()

    assert (kerb.said("s-1"), kerb.why("s-1")) == ("failed", sentence)
    assert kerb.phone("jun_phone").wallet.grants == {}
    assert kerb.outcome("phone", SHARE, "s-2") == "done"
    assert kerb.outcome("jun_phone", UNLOCK, "j-1") == "done"


# --- revoking ----------------------------------------------------------------------------------------------


def test_wallet_revokes_what_it_has_shared() -> None:
    """The car confirms, the owner is shown so, and the friend's key is dead."""
    kerb = Kerb()
    kerb.outcome("phone", SHARE, "s-1")
    kerb.outcome("jun_phone", UNLOCK, "j-1")
    assert kerb.phone().wallet.revocation == "none"

    assert kerb.outcome("phone", REVOKE, "r-1") == "done"
    assert kerb.phone().wallet.revocation == "done"
    assert kerb.phone().wallet.revoking == {}
    assert kerb.outcome("jun_phone", UNLOCK, "j-2") == "denied REVOKED"


@pytest.mark.parametrize(
    ("device", "act"),
    [
        ("phone", RevokeKey(car=CAR, device="kai_phone")),
        ("phone", RevokeKey(car="su8", device="watch")),
        ("kai_phone", RevokeKey(car=CAR, device="watch")),
    ],
)
def test_wallet_revokes_nothing_that_it_does_not_know(device: str, act: RevokeKey) -> None:
    """A device that never had a key, a car that is not its own, a phone that is no key."""
    kerb = Kerb()

    assert kerb.outcome(device, act, "r-1") == "failed"
    assert kerb.why("r-1") == f"{act.device} has no key of {act.car} that could be revoked here"


def test_wallet_revocation_is_pending_until_the_car_has_heard_it() -> None:
    """While the car is out of reach it is shown as pending; as soon as the car is back it is sent again."""
    kerb = Kerb()
    kerb.outcome("phone", SHARE, "s-1")
    kerb.set_online("phone", online=False)
    kerb.do("phone", REVOKE, "r-1")
    kerb.talk()
    kerb.post.clear()

    assert kerb.phone().wallet.revocation == "pending"
    kerb.step("phone", Answered("r-1", CAR, Answer("expired")))
    assert kerb.phone().wallet.revocation == "pending"

    kerb.set_online("phone", online=True)
    assert kerb.under_way() == [("phone", CAR, "key_revoke")]
    assert isinstance(kerb.post[0], Asking)
    assert (kerb.post[0].request.ticket, kerb.post[0].request.expires_in_ms) == (
        "r-1-again-1",
        REVOCATION_MS,
    )
    kerb.talk()

    assert kerb.phone().wallet.revocation == "done"
    assert kerb.outcome("jun_phone", UNLOCK, "j-1") == "denied REVOKED"


def test_wallet_revocation_is_sent_once_each_time_the_car_comes_back() -> None:
    """News of a car that was there all the time send nothing; another absence does."""
    kerb = Kerb()
    kerb.outcome("phone", SHARE, "s-1")
    kerb.do("phone", REVOKE, "r-1")
    kerb.post.clear()

    kerb.set_online("phone", online=True)
    assert kerb.post == []
    kerb.set_online("phone", online=False)
    assert kerb.post == []
    kerb.set_online("phone", online=True)
    kerb.post.clear()
    kerb.set_online("phone", online=False)
    kerb.set_online("phone", online=True)

    (letter,) = kerb.post
    assert isinstance(letter, Asking)
    assert letter.request.ticket == "r-1-again-2"


@pytest.mark.parametrize("status", ["failed", "expired"])
def test_wallet_revocation_that_came_to_nothing_is_sent_again(status: Any) -> None:
    """A car too busy to listen, or a word that grew too old, confirms nothing: it goes out once more."""
    kerb = Kerb()
    kerb.outcome("phone", SHARE, "s-1")
    kerb.do("phone", REVOKE, "r-1")
    kerb.post.clear()
    kerb.step("phone", Answered("r-1", CAR, Answer("accepted")))
    kerb.step("phone", Answered("r-1", CAR, Answer(status)))
    assert kerb.phone().wallet.revocation == "pending"

    kerb.set_online("phone", online=True)
    assert kerb.under_way() == [("phone", CAR, "key_revoke")]
    kerb.talk()

    assert kerb.phone().wallet.revocation == "done"


def test_wallet_revocation_that_the_car_refuses_is_over() -> None:
    """A member's phone may not revoke; the car says so, and nothing is pending."""
    kerb = Kerb()

    assert kerb.outcome("mei_phone", RevokeKey(car=CAR, device="watch"), "r-1") == "denied NOT_OWNER"
    assert kerb.phone("mei_phone").wallet.revocation == "none"


def test_wallet_that_restarts_sends_its_revocations_again() -> None:
    """What no car has confirmed survives the phone's restart, and goes out at the first news of the car."""
    kerb = Kerb()
    kerb.outcome("phone", SHARE, "s-1")
    kerb.set_online("phone", online=False)
    kerb.do("phone", REVOKE, "r-1")
    kerb.restart("phone")
    assert kerb.phone().wallet.revocation == "pending"

    kerb.set_online("phone", online=True)
    kerb.talk()

    assert kerb.phone().wallet.revocation == "done"
    assert kerb.outcome("jun_phone", UNLOCK, "j-1") == "denied REVOKED"
    kerb.restart("phone")
    assert kerb.phone().wallet.revocation == "done"


def test_wallet_that_restarts_before_the_car_has_answered_sends_it_again() -> None:
    """A word that was under way to a reachable car is not taken for heard after the phone's restart."""
    kerb = Kerb()
    kerb.outcome("phone", SHARE, "s-1")
    kerb.do("phone", REVOKE, "r-1")
    kerb.restart("phone")
    assert kerb.post == []

    kerb.set_online("phone", online=True)

    assert kerb.under_way() == [("phone", CAR, "key_revoke")]


def test_wallet_revokes_every_key_that_a_device_ever_had() -> None:
    """A friend's phone that has offered a new key does not keep the old one when it is revoked."""
    kerb = Kerb()
    kerb.outcome("phone", SHARE, "s-1")
    other = holder_of(wallet("kai_phone")).public_key
    kerb.do("phone", SHARE, "s-2")
    kerb.hand_over_until_answered()
    kerb.tamper(public_key=other.hex())
    kerb.talk()
    assert kerb.outcome("jun_phone", UNLOCK, "j-1") == "done"

    kerb.do("phone", REVOKE, "r-1")
    assert [one.request.ticket for one in kerb.post if isinstance(one, Asking)] == ["r-1", "r-1-key-1"]
    assert kerb.phone().wallet.revocation == "pending"
    kerb.talk()

    assert kerb.phone().wallet.revocation == "done"
    assert kerb.outcome("jun_phone", UNLOCK, "j-2") == "denied REVOKED"
    reader = kerb.car.keys.reader
    assert reader is not None
    assert reader.register.is_revoked(key_id_of(other))


@pytest.mark.parametrize("whose", ["phone", "watch"])
def test_wallet_shares_no_key_that_is_anothers(whose: str) -> None:
    """A friend who offers the owner's own key, or the watch's, would have it revoked with his."""
    kerb = Kerb()
    key = holder_of(kerb.phone("phone").wallet if whose == "phone" else kerb.watch.wallet).public_key
    kerb.do("phone", SHARE, "s-1")
    kerb.hand_over_until_answered()
    kerb.tamper(public_key=key.hex())
    kerb.talk()

    assert kerb.why("s-1") == "what jun_phone offered is another device's key"
    assert "jun_phone" not in kerb.phone().wallet.shared


def test_wallet_signs_no_key_that_was_revoked_meanwhile() -> None:
    """An offer that is held back until the key was revoked is not signed any more."""
    kerb = Kerb()
    kerb.outcome("phone", SHARE, "s-1")
    kerb.do("phone", SHARE, "s-2")
    kerb.hand_over_until_answered()
    kerb.do("phone", REVOKE, "r-1")

    assert (kerb.said("s-2"), kerb.why("s-2")) == ("failed", "the key was revoked before it was shared")
    kerb.talk()

    assert kerb.phone().wallet.revocation == "done"
    assert kerb.outcome("jun_phone", UNLOCK, "j-1") == "denied REVOKED"


def test_wallet_sharing_the_same_key_twice_revokes_it_once() -> None:
    """A key that was shared anew is still one key."""
    kerb = Kerb()
    kerb.outcome("phone", SHARE, "s-1")
    kerb.outcome("phone", SHARE, "s-2")

    assert len(kerb.phone().wallet.shared["jun_phone"]) == 1
