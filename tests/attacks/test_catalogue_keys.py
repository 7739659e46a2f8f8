"""Rows 19 to 21, 33 and 34 of the catalogue: relays, remote driving, and keys that are guessed or lent on.

`tests/wire/test_attacks_on_the_broker.py` has the whole catalogue.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from sim.core.asking import LockCar, OpenBoot, StartCar, UnlockCar
from sim.core.messages import Frame, dump_json
from sim.devices.attackers.relay import RelayKey, ShortenRound
from sim.devices.car.commands import REMOTE_DRIVING
from sim.devices.dashboard import OpenPairing
from sim.scenario.model import Given
from sim.trust.digital_key.messages import Pair, sign
from sim.trust.envelope import seal
from sim.trust.key_talks import PairKey, RevokeKey, ShareKey
from tests.attacks.raids import (
    BEFORE_THE_CAR,
    HOUR_MS,
    MALLORYS,
    House,
    Refusal,
    away,
    forbidden,
    key,
    opened,
    outsider,
    refused,
    requesting,
    retouched,
    signed_in,
)

MINUTE_MS = 60_000
OPENINGS = {"unlock": UnlockCar, "open_boot": OpenBoot, "start": StartCar}
ACTIONS = [command.action for command in REMOTE_DRIVING]


def in_range_rule(action: str) -> str:
    """Return which rule refuses a key that is too far away."""
    return "start-at-the-wheel" if action == "start" else "key-in-range"


# --- 19 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shortened", [False, True])
@pytest.mark.parametrize(
    ("metres", "code"), [(15.0, "TOO_FAR"), (80.0, "TOO_FAR"), (2_000.0, "RANGING_FAILED")]
)
def test_row_19_relay_of_a_key(metres: float, code: str, shortened: bool) -> None:  # noqa: FBT001  # a row
    """Two radios carry the call to a watch far away, and its true answer back: the distance stays."""

    def story(house: House) -> None:
        if shortened:
            house.attack(lambda: house.use("radios", ShortenRound(car="su7")))
        house.attack(lambda: house.use("radios", RelayKey(car="su7", key="watch", action="unlock")))
        house.advance(MINUTE_MS)

    refused(story, forbidden("watch", "unlock", "key", code, "key-in-range"), given=away(metres))


@pytest.mark.parametrize("action", ["open_boot", "open_windows", "start"])
def test_row_19_relayed_call_for_what_no_handle_asks(action: str) -> None:
    """A call for anything but the doors is nobody's wish: no key answers it, however near its person."""

    def story(house: House) -> None:
        house.stage.partition("phone", 20_000)
        house.attack(lambda: house.use("radios", RelayKey(car="su7", key="phone", action=action)))
        house.does("lin", "walk", to="su7", until_m=0.6)
        house.advance(MINUTE_MS)

    refused(story, given=away(20.0))


def test_row_19_relayed_call_that_waits_for_its_person_to_come() -> None:
    """A call is answered within two seconds or never: no gap in the network keeps it until she is there."""

    def story(house: House) -> None:
        house.stage.partition("phone", 20_000)
        house.attack(lambda: house.use("radios", RelayKey(car="su7", key="phone", action="unlock")))
        house.does("lin", "walk", to="su7", until_m=1.0)
        house.advance(MINUTE_MS)

    refused(story, forbidden("phone", "key_hello", "freshness", "EXPIRED", None), given=away(20.0))


@pytest.mark.parametrize("metres", [2.1, 80.0])
def test_row_19_key_that_says_how_near_it_is(metres: float) -> None:
    """A phone whose own key signs a distance says something that no answer says: it is not read at all."""

    def story(house: House) -> None:
        house.attack(lambda: house.say("phone", claiming(house, "phone", distance_cm=50)))
        house.advance(MINUTE_MS)

    refused(story, forbidden("phone", "unlock", "key", "DECODING", "fresh-key-only"), given=away(metres))


def claiming(house: House, device: str, **said: Any) -> Frame:
    """Return an order to unlock with a fresh, truly signed answer that says more than it should."""
    holder, challenge = house.challenged(device, house.holder(device))
    _, answer = holder.answer("su7", challenge, "unlock", "biometric", "forged-unlock")
    assert isinstance(answer, tuple)
    more = dump_json({**signed_in(answer[0]), **said})
    proof = seal(key(device), "key.auth", more)
    return house.signed(device, "unlock", {"proof": proof}, order_id="forged-unlock", worn=True, by="lin")


def test_row_19_radio_beside_the_car_without_the_key_that_answered() -> None:
    """A phone at home answers truly, and a radio beside the car answers the rounds of another session."""

    def story(house: House) -> None:
        house.use("mei_phone", UnlockCar(car="su7"))
        house.advance(1_000)

        def answer() -> None:
            holder, challenge = house.challenged("phone", house.holder("phone"))
            _, found = holder.answer("su7", challenge, "unlock", "biometric", "forged-unlock")
            assert isinstance(found, tuple)
            house.truth.air.answer(bytes(16), "jun_phone")
            order = house.signed(
                "phone", "unlock", {"proof": found[0]}, order_id="forged-unlock", worn=True, by="lin"
            )
            house.say("phone", order)

        house.attack(answer)
        house.advance(MINUTE_MS)

    refused(story, forbidden("phone", "unlock", "key", "RANGING_FAILED", "key-in-range"), given=away(50.0))


# --- 20 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sender", ["phone", "watch", "dash"])
@pytest.mark.parametrize("action", ACTIONS)
def test_row_20_owner_drives_from_afar_with_a_valid_signature(action: str, sender: str) -> None:
    """Seven ways to drive, the owner's three devices, all signed and fresh, beside the car: never."""

    def story(house: House) -> None:
        house.attack(lambda: house.use(sender, requesting(action), "lin"))
        house.advance(MINUTE_MS)

    house = refused(story, forbidden(sender, action, "policy", None, "no-remote-driving"))
    assert house.truth.fact("su7", "speed_kmh", house.now_ms) == 0


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("carrier", ["itself", "unlock", "lock"])
def test_row_20_owners_key_signs_a_motion(action: str, carrier: str) -> None:
    """The owner's digital key answers a challenge with a motion: it moves nothing, whatever it travels in."""
    name = action if carrier == "itself" else carrier

    def story(house: House) -> None:
        def drive() -> None:
            holder, challenge = house.challenged("phone", house.holder("phone"))
            _, answer = holder.answer("su7", challenge, action, "biometric", "forged-motion")
            assert isinstance(answer, tuple)
            order = house.signed(
                "phone", name, {"proof": answer[0]}, order_id="forged-motion", worn=True, by="lin"
            )
            house.say("phone", order)

        house.attack(drive)
        house.advance(MINUTE_MS)

    refused(
        story,
        {
            "itself": forbidden("phone", action, "policy", None, "no-remote-driving"),
            "unlock": forbidden("phone", "unlock", "key", "WRONG_COMMAND", "fresh-key-only"),
            "lock": forbidden("phone", "lock", "key", "WRONG_TYPE", "fresh-key-only"),
        }[carrier],
    )


# --- 21 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sender", ["phone", "watch"])
@pytest.mark.parametrize("action", OPENINGS)
@pytest.mark.parametrize(
    ("metres", "code"), [(2.5, "TOO_FAR"), (99.0, "TOO_FAR"), (5_000.0, "RANGING_FAILED")]
)
def test_row_21_owner_opens_from_afar(metres: float, code: str, action: str, sender: str) -> None:
    """The owner's own key, worn and fresh, opens nothing that it is not beside."""

    def story(house: House) -> None:
        house.attack(lambda: house.use(sender, OPENINGS[action](car="su7")))
        house.advance(MINUTE_MS)

    refused(story, forbidden(sender, action, "key", code, in_range_rule(action)), given=away(metres))


@pytest.mark.parametrize(
    ("proof", "code", "rule"),
    [(False, "NO_PROOF", "key-or-built-in"), (True, "WRONG_TYPE", "fresh-key-only")],
)
def test_row_21_command_from_afar_says_unlock(proof: bool, code: str, rule: str) -> None:  # noqa: FBT001  # a row
    """A word for the car's clock opens nothing: what opens is an answer, and nothing else is one."""

    def story(house: House) -> None:
        def ask() -> None:
            holder, request = house.holder("phone").ask_session("su7")
            house.say("phone", house.signed("phone", "key_session", {"request": request}, order_id="asks"))
            session = house.reply("asks", "phone").data["session"]
            _, word = holder.command("su7", session, "unlock", "forged-unlock", house.now_ms)
            args = {"proof": word} if proof else {}
            house.say("phone", house.signed("phone", "unlock", args, order_id="forged-unlock", worn=True))

        house.attack(ask)
        house.advance(MINUTE_MS)

    refused(story, forbidden("phone", "unlock", "key", code, rule))


def test_row_21_word_that_says_unlock_in_a_command_that_says_lock() -> None:
    """A command to lock, which needs no nearness, with a word to unlock in it: it is not what it says."""

    def story(house: House) -> None:
        def ask() -> None:
            holder, request = house.holder("phone").ask_session("su7")
            house.say("phone", house.signed("phone", "key_session", {"request": request}, order_id="asks"))
            session = house.reply("asks", "phone").data["session"]
            _, word = holder.command("su7", session, "unlock", "forged-unlock", house.now_ms)
            house.say("phone", house.signed("phone", "lock", {"proof": word}, order_id="forged-unlock"))

        house.attack(ask)
        house.advance(MINUTE_MS)

    refused(story, forbidden("phone", "lock", "key", "WRONG_COMMAND", "fresh-key-only"))


# --- 33 -------------------------------------------------------------------------------------------


def granted(house: House, by: str, rights: set[str], begins_ms: int = 0, ends_ms: int = HOUR_MS) -> Any:
    """Return a grant for the outsider's key, signed by somebody's digital key."""
    public = outsider(house).public_key
    now_ms = house.now_ms
    _, grant = house.holder(by).grant("su7", "tv", public, rights, now_ms + begins_ms, now_ms + ends_ms)
    return grant


def by_a_friend(house: House) -> Any:
    """Return what a friend shares on."""
    return granted(house, "jun_phone", {"unlock"})


def by_a_member(house: House) -> Any:
    """Return what a member shares, who is no owner."""
    return granted(house, "mei_phone", {"unlock"})


def over_broad(house: House) -> Any:
    """Return what an owner was made to share: a right that no key has."""
    return granted(house, "phone", {"unlock", "summon"})


def expired(house: House) -> Any:
    """Return what an owner has shared until an hour ago."""
    return granted(house, "phone", {"unlock"}, -2 * HOUR_MS, -HOUR_MS)


def not_begun(house: House) -> Any:
    """Return what an owner has shared for tomorrow."""
    return granted(house, "phone", {"unlock"}, 24 * HOUR_MS, 25 * HOUR_MS)


def widened(house: House) -> Any:
    """Return a true grant whose rights were changed."""
    return retouched(granted(house, "phone", {"lock"}), "rights", ["unlock"])


def self_made(house: House) -> Any:
    """Return what the outsider has signed itself."""
    holder = outsider(house)
    _, grant = holder.grant("su7", "tv", holder.public_key, {"unlock"}, 0, house.now_ms + HOUR_MS)
    return grant


def of_somebody_else(house: House) -> Any:
    """Return the grant that is another device's."""
    return house.wallet("jun_phone").grants["su7"]


@pytest.mark.parametrize(
    ("share", "code"),
    [
        (by_a_friend, "NOT_OWNER"),
        (by_a_member, "NOT_OWNER"),
        (over_broad, "RIGHTS"),
        (expired, "KEY_EXPIRED"),
        (not_begun, "KEY_EXPIRED"),
        (widened, "BAD_SIGNATURE"),
        (self_made, "UNKNOWN_KEY"),
        (of_somebody_else, "UNKNOWN_KEY"),
    ],
)
def test_row_33_grant_that_gives_nothing(share: Callable[[House], Any], code: str) -> None:
    """Only an owner's key shares, only rights that there are, for one key, and for its time."""

    def story(house: House) -> None:
        house.use("phone", ShareKey(car="su7", to="jun_phone"))
        house.use("jun_phone", UnlockCar(car="su7"))
        house.advance(1_000)

        def show() -> None:
            _, hello = outsider(house).hello("su7")
            house.say("tv", house.signed("tv", "key_hello", {"hello": hello, "grant": share(house)}))

        house.attack(show)
        house.advance(MINUTE_MS)

    refused(story, forbidden("tv", "key_hello", "key", code, "fresh-key-only"))


@pytest.mark.parametrize("by", ["jun_phone", "mei_phone"])
def test_row_33_friend_or_member_revokes_the_owner(by: str) -> None:
    """Only an owner's key revokes: the owner's watch opens the car afterwards."""

    def story(house: House) -> None:
        house.use("phone", ShareKey(car="su7", to="jun_phone"))
        house.use("jun_phone", UnlockCar(car="su7"))
        house.advance(1_000)
        house.use("phone", LockCar(car="su7"))
        house.advance(1_000)

        def revoke() -> None:
            _, message = house.holder(by).revoke("su7", key("watch").kid)
            house.say(by, house.signed(by, "key_revoke", {"revoke": message}))

        house.attack(revoke)
        house.use("watch", UnlockCar(car="su7"))
        house.advance(MINUTE_MS)

    house = refused(story, forbidden(by, "key_revoke", "key", "NOT_OWNER", "fresh-key-only"))
    assert not house.truth.fact("su7", "locked", house.now_ms)


@pytest.mark.parametrize("act", [UnlockCar(car="su7"), StartCar(car="su7"), OpenBoot(car="su7")])
def test_row_33_courier_does_more_than_was_shared(act: Any) -> None:
    """A courier's key opens the boot once: a door, the motor and the boot once more are refused."""
    code = "USED_UP" if act.action() == "open_boot" else "RIGHTS"

    def story(house: House) -> None:
        house.use("phone", ShareKey(car="su7", to="jun_phone", role="courier"))
        house.use("jun_phone", OpenBoot(car="su7"))
        house.advance(1_000)
        house.attack(lambda: house.use("jun_phone", act))
        house.advance(MINUTE_MS)

    refused(story, forbidden("jun_phone", act.action(), "key", code, "fresh-key-only"))


def test_row_33_revoked_grant_is_shown_again() -> None:
    """A grant that was taken back stays dead, however often its true signature is shown."""

    def story(house: House) -> None:
        house.use("phone", ShareKey(car="su7", to="jun_phone"))
        house.use("jun_phone", UnlockCar(car="su7"))
        house.advance(1_000)
        house.use("phone", RevokeKey(car="su7", device="jun_phone"))
        house.advance(1_000)
        house.attack(lambda: house.use("jun_phone", UnlockCar(car="su7")))
        house.advance(MINUTE_MS)

    refused(story, forbidden("jun_phone", "key_hello", "key", "REVOKED", "fresh-key-only"))


# --- 34 -------------------------------------------------------------------------------------------

AT_THE_WHEEL = Given(
    physical={**BEFORE_THE_CAR.physical, "su7": {"locked": True, "driver": "lin"}},
    people={"jun": {"from": ("su7", 1.0)}},
)
"""Lin sits in her car with both watches on, and can have it show a code."""
NOT_PAIRED = forbidden("tv", "key_pair", "key", "NOT_PAIRING", "fresh-key-only")
GUESSED = forbidden("tv", "key_pair", "key", "PAIR_MAC", "fresh-key-only")


def show_code(house: House) -> None:
    """Have the car show a code."""
    house.use("dash", OpenPairing(), "lin")


def guess(house: House) -> None:
    """Let the television say that it has read the code."""
    public = key("tv").key.public_key().public_bytes_raw().hex()
    message = sign(key("tv"), Pair(car="su7", device="tv", public_key=public, mac="0" * 64))
    house.say("tv", house.signed("tv", "key_pair", {"pair": message}))


def pair_honestly(house: House) -> None:
    """Let the new watch read the code."""
    house.use("new_watch", PairKey(car="su7"))
    house.advance(1_000)


def test_row_34_code_is_guessed() -> None:
    """Three guesses, and the guesser has no code any more; the new watch still becomes a key."""

    def story(house: House) -> None:
        show_code(house)
        for _ in range(5):
            house.attack(lambda: guess(house))
        pair_honestly(house)
        house.use("new_watch", StartCar(car="su7"))
        house.advance(MINUTE_MS)

    house = refused(story, *[GUESSED] * 3, *[NOT_PAIRED] * 2, given=AT_THE_WHEEL)
    assert house.truth.fact("su7", "drive_ready", house.now_ms)


@pytest.mark.parametrize("shown", [False, True])
def test_row_34_code_is_used_late_or_was_never_shown(shown: bool) -> None:  # noqa: FBT001  # a row
    """Whoever has read the code has two minutes for it."""

    def story(house: House) -> None:
        if shown:
            show_code(house)
        _, message = house.holder("new_watch").pair(seen(house)) if shown else (None, None)
        house.advance(121_000)
        if message is None:
            house.attack(lambda: guess(house))
        else:
            order = house.signed("new_watch", "key_pair", {"pair": message})
            house.attack(lambda: house.say("new_watch", order))
        house.advance(MINUTE_MS)

    refusal = replace(NOT_PAIRED, sender="new_watch") if shown else NOT_PAIRED
    refused(story, refusal, given=AT_THE_WHEEL)


def seen(house: House) -> Any:
    """Return the code on the car's screen."""
    return house.truth.air.shown["su7"]


def test_row_34_code_is_used_a_second_time() -> None:
    """A code makes one key: who has photographed the screen comes too late."""

    def story(house: House) -> None:
        show_code(house)
        code = seen(house)
        pair_honestly(house)
        _, message = outsider(house).pair(code)
        house.attack(lambda: house.say("tv", house.signed("tv", "key_pair", {"pair": message})))
        house.advance(MINUTE_MS)

    refused(story, NOT_PAIRED, given=AT_THE_WHEEL)


def test_row_34_captured_pairing_from_another_device() -> None:
    """The proof of the code names the device that has read it: from another one it is nothing."""

    def story(house: House) -> None:
        show_code(house)

        def copy() -> None:
            _, message = house.holder("new_watch").pair(seen(house))
            house.say("tv", house.signed("tv", "key_pair", {"pair": message}))

        house.attack(copy)
        pair_honestly(house)
        house.advance(MINUTE_MS)

    refusal = forbidden("tv", "key_pair", "key", "WRONG_SENDER", "fresh-key-only")
    refused(story, refusal, given=AT_THE_WHEEL)


def swapped(message: Mapping[str, Any]) -> Any:
    """Return a pairing with another public key, signed by that one, and the captured proof of the code."""
    public = MALLORYS.key.public_key().public_bytes_raw().hex()
    fields = {**signed_in(message), "public_key": public}
    return seal(MALLORYS, "key.pair", dump_json(fields))


def only_the_key(message: Mapping[str, Any]) -> Any:
    """Return a pairing with another public key under the old signature."""
    public = MALLORYS.key.public_key().public_bytes_raw().hex()
    return retouched(message, "public_key", public)


@pytest.mark.parametrize(("swap", "code"), [(swapped, "PAIR_MAC"), (only_the_key, "UNKNOWN_KEY")])
def test_row_34_man_in_the_middle_swaps_the_key(swap: Callable[[Any], Any], code: str) -> None:
    """Who owns the watch's line and its message key cannot put another digital key in its place."""

    def story(house: House) -> None:
        show_code(house)

        def swap_key() -> None:
            _, message = house.holder("new_watch").pair(seen(house))
            house.say("new_watch", house.signed("new_watch", "key_pair", {"pair": swap(message)}))

        house.attack(swap_key)
        pair_honestly(house)
        house.use("new_watch", StartCar(car="su7"))
        house.advance(MINUTE_MS)

    refusal = forbidden("new_watch", "key_pair", "key", code, "fresh-key-only")
    refused(story, refusal, given=AT_THE_WHEEL)


def test_row_34_man_in_the_middle_without_the_watchs_message_key() -> None:
    """Without that key the order around the pairing is not even read."""

    def story(house: House) -> None:
        show_code(house)
        pair_honestly(house)
        show_code(house)
        _, order = opened(house.sent("new_watch", "key_pair"))
        args = {"pair": swapped(order.args["pair"])}
        frame = house.signed("new_watch", "key_pair", args, signer=MALLORYS)
        house.attack(lambda: house.say("new_watch", frame))
        house.advance(MINUTE_MS)

    refused(
        story,
        Refusal("new_watch", "key_pair", "signature", "UNKNOWN_KEY", "signed-command-only"),
        given=AT_THE_WHEEL,
    )
