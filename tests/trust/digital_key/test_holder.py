"""The holder: it answers its own car only, each challenge once, and never goes back with a counter."""

from dataclasses import replace
from typing import Any

import pytest

from sim.core.messages import INTEGER_MAX, dump_json
from sim.trust.digital_key import KeyHolder, KeyReader, Refused
from sim.trust.digital_key.holder import NONCES_MAX
from sim.trust.envelope import seal
from tests.trust.digital_key.forging import resigned, said
from tests.trust.digital_key.street import CAR, Street, identity, kid, nonces, signed, with_kid


def refusal(outcome: object) -> str:
    """Return the code of a refusal."""
    assert isinstance(outcome, Refused), outcome
    return outcome.code


def answered(street: Street, challenge: object, car: str = CAR) -> object:
    """Return what the phone says to a challenge."""
    street.holders["phone"], outcome = street.holders["phone"].answer(
        car, challenge, "unlock", "biometric", "c-0"
    )
    return outcome


def ordered(street: Street, session: object, now_ms: int | None = None) -> Any:
    """Return the phone's remote command for a session."""
    told_ms = street.now_ms if now_ms is None else now_ms
    street.holders["phone"], outcome = street.holders["phone"].command(CAR, session, "lock", "r-0", told_ms)
    return outcome


def test_fake_car_is_not_answered() -> None:
    """Its key is not the pinned one, whichever key id it writes."""
    street = Street()
    challenge = street.hello("phone")
    fake = resigned("mallory", challenge)

    assert refusal(answered(street, fake)) == "UNKNOWN_KEY"
    assert refusal(answered(street, with_kid(fake, CAR))) == "BAD_SIGNATURE"
    assert not isinstance(answered(street, challenge), Refused)


def test_challenge_of_another_car_is_not_answered() -> None:
    """A relay brings the challenge of a real car elsewhere, with another key and another name."""
    street = Street()
    holder = street.holders["phone"].paired_with(
        "yu7", identity("yu7").key.public_key().public_bytes_raw(), "owner"
    )
    street.holders["phone"] = holder
    challenge = street.hello("phone")

    assert refusal(answered(street, challenge, car="yu7")) == "UNKNOWN_KEY"
    assert refusal(answered(street, resigned(CAR, challenge, car="yu7"))) == "WRONG_CAR"
    assert refusal(answered(street, challenge, car="r1")) == "UNKNOWN_CAR"


def test_challenge_is_answered_once() -> None:
    """A challenge of yesterday is not answered, even when it is the car's own."""
    street = Street()
    challenge = street.hello("phone")
    assert not isinstance(answered(street, challenge), Refused)

    assert refusal(answered(street, challenge)) == "STALE_CHALLENGE"


def test_challenge_to_the_hello_of_another_device_is_not_answered() -> None:
    """The nonce is not its own."""
    street = Street()

    assert refusal(answered(street, street.hello("watch"))) == "STALE_CHALLENGE"


def test_answers_to_several_hellos_are_all_taken() -> None:
    """Two buttons pressed one after the other are two conversations; only the oldest of many is given up."""
    street = Street()
    challenges = [street.hello("phone") for _ in range(NONCES_MAX + 1)]

    assert refusal(answered(street, challenges[0])) == "STALE_CHALLENGE"
    assert all(not isinstance(answered(street, one), Refused) for one in challenges[1:])


@pytest.mark.parametrize("rubbish", [None, "challenge", {}, [], 7])
def test_what_is_no_challenge_is_not_answered(rubbish: object) -> None:
    """Whatever came in its place."""
    street = Street()

    assert refusal(answered(street, rubbish)) == "DECODING"
    assert refusal(ordered(street, rubbish)) == "DECODING"


def test_ephemeral_key_that_gives_everybody_the_same_secret_is_not_used() -> None:
    """Not even when the car signs it; the challenge is used up."""
    street = Street()
    weak = resigned(CAR, street.hello("phone"), ephemeral="00" * 32)

    assert refusal(answered(street, weak)) == "DECODING"
    assert refusal(answered(street, weak)) == "STALE_CHALLENGE"


def test_both_sides_derive_the_same_public_id() -> None:
    """The radio answers under the id by which the car asks."""
    street = Street()
    asked: list[bytes] = []

    def ranging(session: bytes) -> tuple[None, None, None]:
        asked.append(session)
        return (None, None, None)

    challenge = street.hello("phone")
    holder, proof = street.holders["phone"].answer(CAR, challenge, "unlock", "biometric", "c-0")
    assert not isinstance(proof, Refused)
    envelope, session = proof

    street.reader.authorise(envelope, "phone", "unlock", "c-0", street.now_ms, ranging)

    assert asked == [session]
    assert len(session) == 16
    assert holder.nonces.drawn > street.holders["phone"].nonces.drawn


def test_session_serves_several_commands() -> None:
    """The car's clock is carried on by the holder's own; each command has its own counter."""
    street = Street()
    session = street.ask_session("phone")
    first = said(ordered(street, session))
    street.later(1_000)
    second = said(ordered(street, session))

    assert (first["counter"], second["counter"]) == (1, 2)
    assert second["expires_ms"] - first["expires_ms"] == 1_000


def test_command_lives_for_five_seconds_unless_somebody_says_otherwise() -> None:
    """By the car's clock, which began with its epoch."""
    street = Street()

    assert said(ordered(street, street.ask_session("phone")))["expires_ms"] == 5_000


def test_older_session_is_not_taken() -> None:
    """Once a newer one was, the older is a replay; so is one that another device asked for."""
    street = Street()
    older, newer = street.ask_session("phone"), street.ask_session("phone")
    ordered(street, older)
    ordered(street, newer)

    assert refusal(ordered(street, older)) == "STALE_CHALLENGE"
    assert refusal(ordered(street, street.ask_session("watch"))) == "STALE_CHALLENGE"
    assert not isinstance(ordered(street, newer), Refused)


def test_session_of_a_fake_car_is_not_taken() -> None:
    """Else it could set the clock."""
    street = Street()
    session = resigned("mallory", street.ask_session("phone"), clock_ms=10**12)

    assert refusal(ordered(street, session)) == "UNKNOWN_KEY"
    assert refusal(ordered(street, with_kid(session, CAR))) == "BAD_SIGNATURE"


def test_time_that_is_none_of_the_epoch_is_no_expiry() -> None:
    """A clock that falls back before the epoch began, or a car's that is at its end."""
    street = Street()
    session = street.ask_session("phone")
    ordered(street, session)

    assert refusal(ordered(street, session, now_ms=street.now_ms - 10_000)) == "EXPIRED"
    at_its_end = resigned(CAR, street.ask_session("phone"), clock_ms=INTEGER_MAX)
    assert refusal(ordered(street, at_its_end)) == "EXPIRED"


def test_counter_follows_the_highest_either_side_has_seen() -> None:
    """A car that has seen more than the holder remembers is believed; one that has seen less is not."""
    street = Street()
    ahead = resigned(CAR, street.ask_session("phone"), counter=41)
    assert said(ordered(street, ahead))["counter"] == 42

    assert said(ordered(street, street.ask_session("phone")))["counter"] == 43


def test_counter_survives_a_restart_and_a_new_pairing() -> None:
    """Else a restarted phone would repeat counters, and be refused."""
    street = Street()
    ordered(street, street.ask_session("phone"))
    holder = street.holders["phone"]
    kept = holder.kept()
    street.holders["phone"] = KeyHolder.restarted("phone", identity("phone"), kept, nonces("phone", 2))
    assert dump_json(kept)
    assert said(ordered(street, street.ask_session("phone")))["counter"] == 2

    street.holders["phone"] = street.holders["phone"].paired_with(CAR, street.reader.public_key, "owner")

    assert said(ordered(street, street.ask_session("phone")))["counter"] == 3


def test_serial_of_grants_survives_a_restart() -> None:
    """Else a grant of after would be staler than one of before."""
    street = Street()
    street.shared("jun_phone")
    kept = street.holders["phone"].kept()
    street.holders["phone"] = KeyHolder.restarted("phone", identity("phone"), kept, nonces("phone", 2))

    assert said(street.shared("jun_phone"))["serial"] == 2


def test_shared_key_makes_a_car_known() -> None:
    """The friend's phone pins the car's key that came with it."""
    street = Street()
    fresh = KeyHolder.new("jun_phone", identity("jun_phone"), nonces("jun_phone"))

    taken, refused = fresh.take_grant(CAR, street.reader.public_key, street.shared("jun_phone"))

    assert refused is None
    assert taken.cars[CAR].public_key == street.reader.public_key
    assert taken.cars[CAR].role == "friend"


def test_shared_key_never_changes_a_known_car() -> None:
    """An invitation cannot put another key in the place of the pinned one, nor make an owner a friend."""
    street = Street()
    holder = street.holders["phone"]
    grant = street.shared("phone", by="watch")

    same, refused = holder.take_grant(CAR, street.reader.public_key, grant)
    assert (same, refused) == (holder, None)
    unchanged, refused = holder.take_grant(CAR, b"\7" * 32, grant)
    assert refusal(refused) == "WRONG_CAR"
    assert unchanged == holder


def test_what_is_shared_with_others_is_not_taken() -> None:
    """Another device's key, another car's, or no grant at all."""
    street = Street()
    holder = KeyHolder.new("eve", identity("eve"), nonces("eve"))
    public_key = street.reader.public_key

    for grant, code in (
        (street.shared("jun_phone"), "WRONG_KEY"),
        (resigned("phone", street.shared("eve"), car="yu7"), "WRONG_CAR"),
        (resigned("phone", street.shared("eve"), device="jun_phone"), "WRONG_KEY"),
        (signed("phone", "key.grant", b"{}"), "DECODING"),
        (seal(identity("phone"), "key.revoke", b"{}"), "WRONG_TYPE"),
        (None, "DECODING"),
    ):
        unchanged, refused = holder.take_grant(CAR, public_key, grant)
        assert refusal(refused) == code
        assert unchanged == holder


def test_a_restart_must_count() -> None:
    """A boot that was there before would draw the same numbers: that is a bug of whoever starts it."""
    street = Street()

    with pytest.raises(AssertionError):
        KeyHolder.restarted("phone", identity("phone"), street.holders["phone"].kept(), nonces("phone", 1))
    with pytest.raises(AssertionError):
        KeyReader.restarted(
            CAR, identity(CAR), street.reader.powers, street.reader.kept(), nonces(CAR, 1), street.now_ms
        )


def test_nothing_secret_is_printed() -> None:
    """Neither seeds nor codes nor ephemeral keys are in what a log could show, and none is kept in flash."""
    street = Street()
    challenge = street.hello("phone")
    street.reader, code = street.reader.open_pairing(street.now_ms)
    (transaction,) = street.reader.transactions.values()
    shown = "".join(map(repr, (street.reader, street.holders, code, transaction, street.reader.pairing)))
    kept = dump_json([street.reader.kept(), *(holder.kept() for holder in street.holders.values())]).decode()
    assert challenge

    for device in street.holders:
        assert kid(device)  # each has a key of its own
    secrets = [code.secret, transaction.ephemeral, street.reader.nonces.seed]
    secrets += [identity(device).key.private_bytes_raw() for device in (*street.holders, CAR)]
    secrets += [holder.nonces.seed for holder in street.holders.values()]
    for secret in secrets:
        assert repr(secret) not in shown
        assert secret.hex() not in shown
        assert secret.hex() not in kept
        assert repr(secret)[2:-1] not in kept


def test_same_run_gives_the_same_bytes() -> None:
    """No chance anywhere: two streets that live the same day say the same."""

    def day() -> bytes:
        street = Street()
        challenge = street.hello("phone")
        answer = street.answer("phone", challenge)
        session = street.ask_session("watch")
        return dump_json([challenge, answer, session, street.shared("jun_phone"), street.reader.kept()])

    assert day() == day()


def test_states_are_values() -> None:
    """Nothing is changed in place: an earlier state still is what it was."""
    street = Street()
    before = street.reader
    copy = replace(before)
    street.near("phone")
    street.remote("phone")
    street.show(street.shared("jun_phone"))
    street.revoke("jun_phone")

    assert before == copy
    assert before != street.reader
