"""Rows 18 and 45 of the catalogue: what is old, reordered, spliced or endless, and clocks that are moved.

`tests/wire/test_attacks_on_the_broker.py` has the whole catalogue.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from sim.core.asking import LockCar, RefreshCar, SetClimate, UnlockCar
from sim.core.messages import Frame, dump_json
from sim.devices.dashboard import OpenPairing
from sim.trust.digital_key import Session
from sim.trust.digital_key.messages import OneKey, read
from sim.trust.envelope import seal
from sim.trust.key_talks import PairKey, RevokeKey, ShareKey
from sim.world.network.faults import LinkFault
from tests.attacks.raids import (
    HOUR_MS,
    House,
    Refusal,
    decided,
    forbidden,
    framed,
    identity,
    key,
    opened,
    refused,
    retouched,
    signed_in,
)

MINUTE_MS = 60_000
"""Open: a clock that goes back by less than the silence since the last message is not noticed."""


def never_delivered(house: House, device: str, act: UnlockCar | LockCar) -> None:
    """Let a device ask for something, whose command reaches everybody in the line but the car.

    The device then loses its power for a moment, so that it repeats nothing by itself.
    """
    opening = "key_hello" if isinstance(act, UnlockCar) else "key_session"
    house.as_soon_as(decided(opening), lambda: house.lose("su7", "in", 1))
    house.use(device, act)
    house.stage.crash(device, None, 10)
    house.advance(20)


def proof_in(frame: Frame) -> Mapping[str, Any]:
    """Return the proof of a key that everybody can read in a captured command."""
    _, order = opened(frame)
    found = order.args["proof"]
    assert isinstance(found, Mapping)
    return found


# --- 18: replay -------------------------------------------------------------------------------------


def unlocked(house: House) -> None:
    """Let the watch open the car, and the phone close it."""
    house.use("watch", UnlockCar(car="su7"))
    house.advance(1_000)
    house.use("phone", LockCar(car="su7"))
    house.advance(1_000)


def again_under_another_id(house: House) -> Frame:
    """Return a new order with the proof of an old one."""
    return house.signed("watch", "unlock", {"proof": proof_in(house.sent("watch", "unlock"))}, worn=True)


def again_under_the_same_id(house: House) -> Frame:
    """Return another order under the id of an old one, with its proof."""
    event, order = opened(house.sent("watch", "unlock"))
    return house.signed("watch", "unlock", order.args, order_id=event.id, worn=True)


def remote_again_under_another_id(house: House) -> Frame:
    """Return a new order with the word of an old one."""
    return house.signed("phone", "lock", {"proof": proof_in(house.sent("phone", "lock"))})


def remote_word_as_an_answer(house: House) -> Frame:
    """Return an order to unlock with the word that has locked."""
    return house.signed("phone", "unlock", {"proof": proof_in(house.sent("phone", "lock"))}, worn=True)


@pytest.mark.parametrize(
    ("forge", "refusal"),
    [
        (again_under_another_id, forbidden("watch", "unlock", "key", "WRONG_COMMAND", "fresh-key-only")),
        (
            again_under_the_same_id,
            forbidden("watch", "unlock", "freshness", "CMD_ID_REUSED", "fresh-command-only"),
        ),
        (remote_again_under_another_id, forbidden("phone", "lock", "key", "WRONG_COMMAND", "fresh-key-only")),
        (remote_word_as_an_answer, forbidden("phone", "unlock", "key", "WRONG_TYPE", "fresh-key-only")),
    ],
)
def test_row_18_old_proof_in_a_new_order(forge: Callable[[House], Frame], refusal: Refusal) -> None:
    """Who has even the message key of a device makes nothing of a proof that was used."""

    def story(house: House) -> None:
        unlocked(house)
        frame = forge(house)
        house.attack(lambda: house.say(refusal.sender, frame))
        house.advance(MINUTE_MS)

    refused(story, refusal)


def test_row_18_every_message_comes_twice() -> None:
    """A network that doubles every message of everybody changes nothing: each command is done once."""

    def story(house: House) -> None:
        for device in ("watch", "phone", "su7", "heater"):
            house.attack(house.stage.break_link, device, LinkFault(duplicate_percent=100), None)
        unlocked(house)
        for act in (SetClimate(device="heater", mode="heat"), SetClimate(device="heater", mode="off")):
            house.use("phone", act)
            house.advance(1_000)
        house.advance(MINUTE_MS)

    house = refused(story)
    assert (house.allowed("unlock"), house.allowed("lock")) == (1, 1)


@pytest.mark.parametrize(
    ("meanwhile_ms", "restart", "code"),
    [(2_000, False, "EXPIRED"), (25_000, False, "EXPIRED"), (3_000, True, "STALE_CHALLENGE")],
)
def test_row_18_answer_that_was_never_delivered(meanwhile_ms: int, restart: bool, code: str) -> None:  # noqa: FBT001  # a row
    """An answer that never reached the car is worth nothing two seconds later, or after a restart."""

    def story(house: House) -> None:
        house.attack(lambda: never_delivered(house, "watch", UnlockCar(car="su7")))
        if restart:
            house.stage.crash("su7", None, 1_000)
        house.advance(meanwhile_ms - 20)
        house.attack(lambda: house.say("watch", house.sent("watch", "unlock")))
        house.advance(MINUTE_MS)

    refused(story, forbidden("watch", "unlock", "key", code, "fresh-key-only"))


# --- 18: splice -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("renamed", "code"), [(False, "STALE_CHALLENGE"), (True, "BAD_SIGNATURE")])
def test_row_18_captured_answer_spliced_to_a_new_challenge(renamed: bool, code: str) -> None:  # noqa: FBT001  # a row
    """A captured greeting is answered by a new challenge, and the captured answer fits the old one only."""

    def story(house: House) -> None:
        def splice() -> None:
            never_delivered(house, "watch", UnlockCar(car="su7"))
            house.advance(2_500)
            _, hello = opened(house.sent("watch", "key_hello"))
            _, unlock = opened(house.sent("watch", "unlock"))
            house.say("watch", house.signed("watch", "key_hello", hello.args, order_id="forged-hello"))
            challenge = house.reply("forged-hello", "watch").data["challenge"]
            proof = unlock.args["proof"]
            if renamed:
                proof = retouched(proof, "transaction", signed_in(challenge)["transaction"])
            house.say(
                "watch", house.signed("watch", "unlock", {"proof": proof}, order_id=unlock.id, worn=True)
            )

        house.attack(splice)
        house.advance(MINUTE_MS)

    refused(story, forbidden("watch", "unlock", "key", code, "fresh-key-only"))


# --- 18: order --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("others", "refusals"), [(2, 0), (32, 0), (33, 1), (40, 1)])
def test_row_18_remote_commands_out_of_order(others: int, refusals: int) -> None:
    """A word that was overtaken by up to 32 others is heard once; by more, nobody can tell its age."""

    def story(house: House) -> None:
        house.use("watch", UnlockCar(car="su7"))
        house.advance(1_000)
        never_delivered(house, "phone", LockCar(car="su7"))
        for _ in range(others):
            house.use("phone", RefreshCar(car="su7"))
            house.advance(250)
        if refusals == 0:
            house.say("phone", house.sent("phone", "lock"))
        house.attack(lambda: house.say("phone", house.sent("phone", "lock")))
        house.advance(MINUTE_MS)

    repeated = forbidden("phone", "lock", "key", "REPEATED_COUNTER", "fresh-key-only")
    refused(story, *[repeated] * refusals)


def test_row_18_word_to_a_car_that_has_restarted() -> None:
    """A restarted car has a new epoch: whatever was said to the old one is void, however fresh it is."""

    def story(house: House) -> None:
        house.use("watch", UnlockCar(car="su7"))
        house.advance(1_000)
        house.attack(lambda: never_delivered(house, "phone", LockCar(car="su7")))
        house.stage.crash("su7", None, 1_000)
        house.advance(2_000)
        house.attack(lambda: house.say("phone", house.sent("phone", "lock")))
        house.advance(MINUTE_MS)

    refused(story, forbidden("phone", "lock", "key", "INCORRECT_EPOCH", "fresh-key-only"))


# --- 18: NaN ----------------------------------------------------------------------------------------

NO_NUMBERS = [
    "NaN",
    "Infinity",
    "1e999",
    "1.5e12",
    '"1800000000000"',
    "true",
    "null",
    "[]",
    "9007199254740993",
]


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_row_18_order_whose_expiry_is_no_number(number: str) -> None:
    """A valid signature over an expiry that is no whole number: the order is not read, whoever signed it."""

    def story(house: House) -> None:
        _, order = opened(house.signed("mei_phone", "set_climate", {"mode": "heat"}, to="heater", by="mei"))
        signed = order.to_bytes().replace(str(order.expires_ms).encode(), number.encode())
        envelope = seal(identity("mei_phone"), "command", signed)
        frame = framed("mei_phone", "heater", "set_climate", order.id, envelope)
        house.attack(lambda: house.say("mei_phone", frame))
        house.advance(MINUTE_MS)

    refusal = Refusal("mei_phone", "set_climate", "signature", "DECODING", "signed-command-only", "heater")
    refused(story, refusal)


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_row_18_word_of_a_key_whose_expiry_is_no_number(number: str) -> None:
    """A key of the car signs a word that shall never expire: it is not read, and does not wait for later."""

    def story(house: House) -> None:
        house.attack(lambda: house.say("mei_phone", _endless(house, number)))
        house.advance(MINUTE_MS)

    refused(story, forbidden("mei_phone", "lock", "key", "DECODING", "fresh-key-only"))


def _endless(house: House, number: str) -> Frame:
    """Return an order to lock, with a truly signed word in it whose expiry is anything."""
    holder, request = house.holder("mei_phone").ask_session("su7")
    house.say("mei_phone", house.signed("mei_phone", "key_session", {"request": request}, order_id="asks"))
    session = house.reply("asks", "mei_phone").data["session"]
    car = OneKey("su7", holder.cars["su7"].public_key)
    told = read(session, Session, car).message
    word = {
        "car": "su7",
        "epoch": told.epoch,
        "expires_ms": 424_242,
        "counter": 1,
        "action": "lock",
        "command_id": "forged-lock",
    }
    signed = dump_json(word).replace(b"424242", number.encode())
    proof = seal(key("mei_phone"), "key.command", signed)
    return house.signed("mei_phone", "lock", {"proof": proof}, order_id="forged-lock")


# --- 45 ---------------------------------------------------------------------------------------------


def set_clock(house: House, device: str, ahead_ms: int) -> None:
    """Move a device's clock, as whoever owns its time server can do."""
    house.stage.skew_clock(device, ahead_ms, None)


@pytest.mark.parametrize("act", [UnlockCar(car="su7"), LockCar(car="su7")])
def test_row_45_cars_clock_is_set_back_to_revive_what_has_expired(act: Any) -> None:
    """The car's clock is set back to when a captured command was fresh: for the car no time goes back."""

    def story(house: House) -> None:
        if isinstance(act, LockCar):
            house.use("watch", UnlockCar(car="su7"))
        house.advance(1_000)
        house.attack(lambda: never_delivered(house, "watch", act))
        house.advance(31 * MINUTE_MS)
        house.attack(lambda: set_clock(house, "su7", -31 * MINUTE_MS))
        house.attack(lambda: house.say("watch", house.sent("watch", act.action())))
        house.advance(MINUTE_MS)

    refused(story, forbidden("watch", act.action(), "freshness", "EXPIRED", None))


def test_row_45_heaters_clock_is_set_back_to_revive_what_has_expired() -> None:
    """A command that never reached the heater is not carried out 40 minutes later by a clock set back."""

    def story(house: House) -> None:
        def capture() -> None:
            house.lose("heater", "in", 31_000)
            house.use("phone", SetClimate(device="heater", mode="heat", target_c=25.0))

        house.attack(capture)
        house.advance(40 * MINUTE_MS)
        house.attack(lambda: set_clock(house, "heater", -40 * MINUTE_MS))
        house.attack(lambda: house.say("phone", house.sent("phone", "set_climate", "heater")))
        house.advance(MINUTE_MS)

    refused(story, Refusal("phone", "set_climate", "freshness", "EXPIRED", None, "heater"))


@pytest.mark.parametrize("opening", ["key_hello", "key_session"])
def test_row_45_cars_clock_is_set_back_in_the_midst_of_a_talk(opening: str) -> None:
    """Between challenge and answer the car's clock is set back: for the talk no time goes back."""
    act = UnlockCar(car="su7") if opening == "key_hello" else LockCar(car="su7")

    def story(house: House) -> None:
        house.attack(
            lambda: house.as_soon_as(decided(opening), lambda: set_clock(house, "su7", -10 * MINUTE_MS))
        )
        house.use("watch", act)
        house.advance(MINUTE_MS)

    refused(story)


@pytest.mark.parametrize(
    ("ahead_ms", "code", "layer", "rule"),
    [
        (HOUR_MS, "EXPIRED", "freshness", None),
        (5_000, "EXPIRED", "key", "fresh-key-only"),
    ],
)
def test_row_45_cars_clock_jumps_between_challenge_and_answer(
    ahead_ms: int, code: str, layer: str, rule: str | None
) -> None:
    """A clock that jumps makes commands end earlier, and never later: nothing opens by it."""

    def story(house: House) -> None:
        def jump() -> None:
            house.as_soon_as(decided("key_hello"), lambda: set_clock(house, "su7", ahead_ms))
            house.as_soon_as(_refused_once, lambda: house.stage.crash("watch", None, 10))
            house.use("watch", UnlockCar(car="su7"))

        house.attack(jump)
        house.advance(MINUTE_MS)

    refused(story, Refusal("watch", "unlock", layer, code, rule))


def _refused_once(record: Mapping[str, Any]) -> bool:
    return record["kind"] == "decision" and not record["decision"]["allowed"]


@pytest.mark.parametrize(
    ("ahead_ms", "code", "rule"),
    [
        (2 * HOUR_MS, "TTL_TOO_LONG", "fresh-command-only"),
        (-HOUR_MS, "EXPIRED", None),
    ],
)
def test_row_45_phones_clock_is_wrong_before_it_asks(ahead_ms: int, code: str, rule: str | None) -> None:
    """A phone whose clock was moved is refused for it, and told why; the car believes its own clock."""

    def story(house: House) -> None:
        def ask() -> None:
            set_clock(house, "phone", ahead_ms)
            house.use("phone", LockCar(car="su7"))

        house.attack(ask)
        house.advance(MINUTE_MS)

    refused(story, forbidden("phone", "key_session", "freshness", code, rule))


def test_row_45_phones_clock_is_set_forward_so_that_its_word_lives_longer() -> None:
    """A word signed by a clock 50 minutes ahead is void by the car's own clock when it comes 40 later."""

    def story(house: House) -> None:
        def capture() -> None:
            set_clock(house, "phone", 50 * MINUTE_MS)
            never_delivered(house, "phone", LockCar(car="su7"))

        house.attack(capture)
        house.advance(40 * MINUTE_MS)
        house.attack(lambda: house.say("phone", house.sent("phone", "lock")))
        house.advance(MINUTE_MS)

    refused(story, forbidden("phone", "lock", "key", "EXPIRED", "fresh-key-only"))


@pytest.mark.parametrize(
    ("ahead_ms", "refusal"),
    [
        (20 * MINUTE_MS, forbidden("phone", "lock", "key", "EXPIRED", "fresh-key-only")),
        (-20 * MINUTE_MS, forbidden("phone", "lock", "freshness", "EXPIRED", None)),
    ],
)
def test_row_45_phones_clock_jumps_in_the_midst_of_a_talk(ahead_ms: int, refusal: Refusal) -> None:
    """A phone whose clock jumps between the car's clock and its own word is late, either way."""

    def story(house: House) -> None:
        house.use("watch", UnlockCar(car="su7"))
        house.advance(1_000)

        def clock() -> None:
            set_clock(house, "phone", ahead_ms)

        def jump() -> None:
            house.as_soon_as(decided("key_session"), clock)
            house.use("phone", LockCar(car="su7"))

        house.attack(jump)
        house.advance(MINUTE_MS)

    refused(story, refusal)


@pytest.mark.parametrize(
    ("rewound", "refusal"),
    [
        (("su7",), forbidden("jun_phone", "key_hello", "key", "KEY_EXPIRED", "fresh-key-only")),
        (("su7", "jun_phone"), forbidden("jun_phone", "key_hello", "freshness", "EXPIRED", None)),
    ],
)
def test_row_45_clocks_are_set_back_to_revive_a_friends_key(
    rewound: tuple[str, ...], refusal: Refusal
) -> None:
    """A shared key whose time is over stays over, though the car, or both, are told that it is not yet."""

    def story(house: House) -> None:
        house.use("phone", ShareKey(car="su7", to="jun_phone", for_ms=HOUR_MS))
        house.use("jun_phone", UnlockCar(car="su7"))
        house.advance(1_000)
        house.use("phone", LockCar(car="su7"))
        house.advance(2 * HOUR_MS)

        def rewind() -> None:
            for device in rewound:
                set_clock(house, device, -2 * HOUR_MS)
            house.use("jun_phone", UnlockCar(car="su7"))

        house.attack(rewind)
        house.advance(MINUTE_MS)

    refused(story, refusal)


def test_row_45_cars_clock_is_set_back_to_revive_a_revoked_key() -> None:
    """What was revoked is dead at any time, also at one before it was revoked, and after a restart."""

    def story(house: House) -> None:
        house.use("phone", ShareKey(car="su7", to="jun_phone"))
        house.use("jun_phone", UnlockCar(car="su7"))
        house.advance(1_000)
        house.use("phone", RevokeKey(car="su7", device="jun_phone"))
        house.advance(10 * MINUTE_MS)

        def rewind() -> None:
            set_clock(house, "su7", -10 * MINUTE_MS)
            house.stage.crash("su7", None, 1_000)
            house.advance(2_000)
            house.use("jun_phone", UnlockCar(car="su7"))

        house.attack(rewind)
        house.advance(MINUTE_MS)

    refusal = forbidden("jun_phone", "key_hello", "key", "REVOKED", "fresh-key-only")
    refused(story, refusal, late=True, restarts=1)


@pytest.mark.parametrize(
    ("ahead_ms", "refusal"),
    [
        (-MINUTE_MS, forbidden("new_watch", "key_pair", "freshness", "EXPIRED", None)),
        (3 * MINUTE_MS, forbidden("new_watch", "key_pair", "key", "NOT_PAIRING", "fresh-key-only")),
    ],
)
def test_row_45_clocks_are_moved_while_a_code_is_shown(ahead_ms: int, refusal: Refusal) -> None:
    """A code does not live longer by clocks that go back, and ends early by a car's that jumps."""

    def story(house: House) -> None:
        house.does("lin", "puts_on", device="new_watch")
        house.use("phone", UnlockCar(car="su7"))
        house.advance(1_000)
        house.does("lin", "enters", car="su7")
        house.use("dash", OpenPairing(), "lin")

        def late() -> None:
            set_clock(house, "su7", ahead_ms)
            set_clock(house, "new_watch", ahead_ms)
            house.use("new_watch", PairKey(car="su7"))

        house.attack(late)
        house.advance(MINUTE_MS)

    refused(story, refusal)
