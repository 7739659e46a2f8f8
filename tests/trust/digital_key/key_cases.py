"""Whose keys they are: pairing, sharing, spending and revoking, and what a restart must not forget."""

from typing import Any

from sim.core.messages import dump_json
from sim.trust.digital_key import Authorised, EnrolledKey, KeyReader, Paired, PairingCode, Refused
from sim.trust.digital_key.sharing import terms_of
from tests.trust.digital_key.cases import case
from tests.trust.digital_key.forging import resigned, retold, said
from tests.trust.digital_key.street import (
    CAR,
    HOUR_MS,
    NEVER,
    Envelope,
    Street,
    kid,
    signed,
    with_kid,
)


def code_of(street: Street) -> PairingCode:
    """Let the car show a code."""
    street.reader, code = street.reader.open_pairing(street.now_ms)
    return code


def pair_with(street: Street, code: PairingCode, device: str) -> Envelope:
    """Let a device sign that it has read a code."""
    street.holders[device], envelope = street.holders[device].pair(code)
    return envelope


def paired(street: Street, envelope: object, sender: str) -> Paired | Refused:
    """Show the car that a code was read."""
    street.reader, outcome = street.reader.pair(envelope, sender, street.now_ms)
    return outcome


# --- pairing ------------------------------------------------------------------------------------------


@case
def device_that_reads_the_code_becomes_an_owner(reader: type[KeyReader]) -> None:
    """It opens the car, and may share and revoke."""
    street = Street(reader)
    envelope = pair_with(street, code_of(street), "jun_phone")

    assert paired(street, envelope, "jun_phone") == Paired(kid("jun_phone"), "jun_phone", "owner")
    street.expect_opened(street.near("jun_phone"), "jun_phone", "unlock")
    assert isinstance(street.show(street.shared("eve", by="jun_phone")), EnrolledKey)


@case
def guesses_end_with_the_third(reader: type[KeyReader]) -> None:
    """Three wrong proofs, and the code is gone for whoever guessed; the owner still uses it."""
    street = Street(reader)
    code = code_of(street)
    wrong = PairingCode(CAR, code.car_public_key, b"0" * 16)
    for _ in range(3):
        street.expect(paired(street, pair_with(street, wrong, "mallory"), "mallory"), "PAIR_MAC")
    street.expect(paired(street, pair_with(street, code, "mallory"), "mallory"), "NOT_PAIRING")

    assert isinstance(paired(street, pair_with(street, code, "jun_phone"), "jun_phone"), Paired)
    street.expect(street.hello("mallory"), "UNKNOWN_KEY")


@case
def code_is_good_for_two_minutes(reader: type[KeyReader]) -> None:
    """And not a millisecond more."""
    street = Street(reader)
    late = pair_with(street, code_of(street), "jun_phone")
    street.later(120_000)
    street.expect(paired(street, late, "jun_phone"), "NOT_PAIRING")
    in_time = pair_with(street, code_of(street), "jun_phone")
    street.later(119_999)

    assert isinstance(paired(street, in_time, "jun_phone"), Paired)


@case
def code_is_good_for_one_key(reader: type[KeyReader]) -> None:
    """A photograph of the screen is worth nothing once the owner has paired."""
    street = Street(reader)
    code = code_of(street)
    assert isinstance(paired(street, pair_with(street, code, "jun_phone"), "jun_phone"), Paired)

    street.expect(paired(street, pair_with(street, code, "mallory"), "mallory"), "NOT_PAIRING")


@case
def nobody_pairs_with_a_car_that_shows_no_code(reader: type[KeyReader]) -> None:
    """Nor with the code of another day."""
    street = Street(reader)
    code = code_of(street)
    street.restart()

    street.expect(paired(street, pair_with(street, code, "mallory"), "mallory"), "NOT_PAIRING")


@case
def clock_that_is_set_back_ends_the_code(reader: type[KeyReader]) -> None:
    """Else it could be used for longer than two minutes."""
    street = Street(reader)
    envelope = pair_with(street, code_of(street), "mallory")
    street.later(-1)

    street.expect(paired(street, envelope, "mallory"), "NOT_PAIRING")


@case
def newer_code_voids_the_older(reader: type[KeyReader]) -> None:
    """One code at a time."""
    street = Street(reader)
    older = code_of(street)
    newer = code_of(street)
    assert len(newer.secret) == 16
    assert older.secret != newer.secret

    street.expect(paired(street, pair_with(street, older, "mallory"), "mallory"), "PAIR_MAC")


@case
def swapped_key_does_not_fit_the_proof(reader: type[KeyReader]) -> None:
    """Mallory puts his key under the proof that the owner's phone has sent."""
    street = Street(reader)
    honest = pair_with(street, code_of(street), "jun_phone")
    own = street.holders["mallory"].public_key.hex()

    swapped = resigned("mallory", honest, public_key=own, device="mallory")
    street.expect(paired(street, swapped, "mallory"), "PAIR_MAC")
    street.expect(paired(street, retold(honest, device="mallory"), "mallory"), "BAD_SIGNATURE")
    street.expect(paired(street, retold(honest, public_key=own), "mallory"), "UNKNOWN_KEY")


@case
def captured_pairing_makes_nobody_else_an_owner(reader: type[KeyReader]) -> None:
    """It names its device, and the broker proves who sends."""
    street = Street(reader)
    honest = pair_with(street, code_of(street), "jun_phone")

    street.expect(paired(street, honest, "mallory"), "WRONG_SENDER")
    assert isinstance(paired(street, honest, "jun_phone"), Paired)


@case
def code_of_another_car_is_none_of_this(reader: type[KeyReader]) -> None:
    """Nor is a pairing that names another."""
    street = Street(reader)
    code = code_of(street)
    other = PairingCode("yu7", code.car_public_key, code.secret)
    fake = PairingCode(CAR, b"\7" * 32, code.secret)

    street.expect(paired(street, pair_with(street, other, "mallory"), "mallory"), "WRONG_CAR")
    street.expect(paired(street, pair_with(street, fake, "mallory"), "mallory"), "PAIR_MAC")


@case
def revoked_key_never_pairs_again(reader: type[KeyReader]) -> None:
    """A tombstone is for ever; the device needs a new key."""
    street = Street(reader)
    assert street.revoke("watch") is None
    envelope = pair_with(street, code_of(street), "watch")

    street.expect(paired(street, envelope, "watch"), "REVOKED")


@case
def what_is_no_pairing_counts_as_a_guess(reader: type[KeyReader]) -> None:
    """Rubbish is no way to try for ever."""
    street = Street(reader)
    code_of(street)
    for rubbish in ({}, signed("mallory", "key.pair", b"{}"), signed("mallory", "key.hello", b"{}")):
        assert isinstance(paired(street, rubbish, "mallory"), Refused)

    street.expect(paired(street, {}, "mallory"), "NOT_PAIRING")


# --- sharing ------------------------------------------------------------------------------------------


@case
def friend_shows_the_grant_at_the_first_use(reader: type[KeyReader]) -> None:
    """The car was offline when the owner shared the key; the friend brings it along."""
    street = Street(reader)
    grant = street.shared("jun_phone", "unlock", "start")

    street.expect_opened(street.near("jun_phone", grant=grant), "jun_phone", "unlock")
    street.expect_opened(street.near("jun_phone", "start", grant=grant), "jun_phone", "start", opened=2)
    street.expect_opened(street.near("jun_phone"), "jun_phone", "unlock", opened=3)


@case
def friend_has_the_shared_rights_only(reader: type[KeyReader]) -> None:
    """Near and remote."""
    street = Street(reader)
    street.show(street.shared("jun_phone", "unlock"))

    street.expect(street.near("jun_phone", "start"), "RIGHTS")
    street.expect(street.remote("jun_phone", "lock"), "RIGHTS")


@case
def owner_may_share_everything_a_key_can_have(reader: type[KeyReader]) -> None:
    """All of it, and it works near and remote."""
    street = Street(reader)
    street.show(street.shared("jun_phone", *terms_of("friend").rights))

    street.expect_opened(street.near("jun_phone", "start"), "jun_phone", "start")
    street.expect_opened(street.remote("jun_phone"), "jun_phone", "lock", opened=2)


@case
def shared_key_has_its_time(reader: type[KeyReader]) -> None:
    """Not before it begins, and not from when it ends."""
    street = Street(reader)
    grant = street.shared("jun_phone", "unlock", "lock", after_ms=HOUR_MS, for_ms=HOUR_MS)
    street.expect(street.near("jun_phone", grant=grant), "KEY_EXPIRED")
    street.later(HOUR_MS - 1)
    street.expect(street.near("jun_phone"), "KEY_EXPIRED")
    street.later(1)
    street.expect_opened(street.near("jun_phone"), "jun_phone", "unlock")
    street.later(HOUR_MS)

    street.expect(street.near("jun_phone"), "KEY_EXPIRED", opened=1)
    street.expect(street.remote("jun_phone"), "KEY_EXPIRED", opened=1)
    street.expect(street.near("jun_phone", grant=grant), "KEY_EXPIRED", opened=1)


@case
def key_that_ends_between_challenge_and_answer_has_ended(reader: type[KeyReader]) -> None:
    """The answer counts, not the hello."""
    street = Street(reader)
    challenge = street.hello("jun_phone", grant=street.shared("jun_phone", for_ms=1_000))
    answer = street.answer("jun_phone", challenge)
    street.later(1_000)

    street.expect(street.present(answer, "jun_phone"), "KEY_EXPIRED")


@case
def clock_that_is_set_back_revives_no_key(reader: type[KeyReader]) -> None:
    """Neither while the car runs nor while its power is off."""
    for restart in (False, True):
        street = Street(reader)
        street.show(street.shared("jun_phone"))
        street.later(2 * HOUR_MS)
        street.expect(street.near("jun_phone"), "KEY_EXPIRED")
        street.later(-2 * HOUR_MS)
        if restart:
            street.restart()

        street.expect(street.near("jun_phone"), "KEY_EXPIRED")


@case
def nobody_shares_but_owners(reader: type[KeyReader]) -> None:
    """Depth one: neither a friend nor a member nor a stranger passes a key on."""
    street = Street(reader)
    street.show(street.shared("jun_phone", "unlock"))

    street.expect(street.show(street.shared("eve", by="jun_phone")), "NOT_OWNER")
    street.expect(street.show(street.shared("eve", by="mei_phone")), "NOT_OWNER")
    street.expect(street.show(street.shared("eve", by="mallory")), "UNKNOWN_KEY")
    street.expect(street.show(with_kid(street.shared("eve", by="mallory"), "phone")), "BAD_SIGNATURE")
    street.expect(street.hello("eve"), "UNKNOWN_KEY")


@case
def rights_that_no_key_can_have_are_not_shared(reader: type[KeyReader]) -> None:
    """Not driving, and nothing the car has never heard of."""
    street = Street(reader)
    for action in (*NEVER, "fly"):
        street.expect(street.show(street.shared("jun_phone", "unlock", action)), "RIGHTS")
    street.expect(street.hello("jun_phone"), "UNKNOWN_KEY")


@case
def grant_that_never_begins_is_none(reader: type[KeyReader]) -> None:
    """Its time must have a length, and not be over."""
    street = Street(reader)

    street.expect(street.show(street.shared("jun_phone", for_ms=0)), "KEY_EXPIRED")
    street.expect(street.show(street.shared("jun_phone", after_ms=-2 * HOUR_MS)), "KEY_EXPIRED")


@case
def grant_for_another_car_is_refused(reader: type[KeyReader]) -> None:
    """Each grant names its car."""
    street = Street(reader)

    street.expect(street.show(resigned("phone", street.shared("jun_phone"), car="yu7")), "WRONG_CAR")


@case
def shared_key_cannot_replace_a_paired_one(reader: type[KeyReader]) -> None:
    """An owner is not made a friend; shown with a hello, such a grant is passed over."""
    street = Street(reader)
    grant = street.shared("watch", "unlock")
    street.expect(street.show(grant), "ALREADY_ENROLLED")

    street.expect_opened(street.near("watch", "start", grant=grant), "watch", "start")


@case
def newer_grant_takes_the_place_of_the_older(reader: type[KeyReader]) -> None:
    """And the older never comes back, whoever shows it."""
    street = Street(reader)
    older = street.shared("jun_phone", "unlock", "start")
    newer = street.shared("jun_phone", "unlock")
    street.show(older)
    street.show(newer)
    street.expect(street.show(older), "STALE_GRANT")

    street.expect(street.near("jun_phone", "start", grant=older), "RIGHTS")
    street.expect_opened(street.near("jun_phone", grant=older), "jun_phone", "unlock")


@case
def shared_key_serves_its_own_device_only(reader: type[KeyReader]) -> None:
    """Copied to another phone, it is another sender's."""
    street = Street(reader)
    street.show(street.shared("jun_phone"))

    street.expect(street.hello("jun_phone", sender="eve"), "SENDER_KEY_MISMATCH")


@case
def bad_grant_beside_a_hello_counts_as_a_failure(reader: type[KeyReader]) -> None:
    """Whoever shows rubbish is locked out like whoever says it."""
    street = Street(reader)
    for _ in range(5):
        street.expect(street.hello("eve", grant=street.shared("eve", by="mallory")), "UNKNOWN_KEY")

    street.expect(street.hello("eve", grant=street.shared("eve")), "LOCKED_OUT")


# --- uses ---------------------------------------------------------------------------------------------


@case
def courier_opens_the_boot_once(reader: type[KeyReader]) -> None:
    """And shows the grant again in vain."""
    street = Street(reader)
    grant = street.shared("courier_phone", "open_boot", uses=1)
    street.expect_opened(street.near("courier_phone", "open_boot", grant=grant), "courier_phone", "open_boot")
    assert street.spent("courier_phone") is None

    street.expect(street.near("courier_phone", "open_boot"), "USED_UP", opened=1)
    street.expect(street.near("courier_phone", "open_boot", grant=grant), "USED_UP", opened=1)


@case
def remote_use_of_a_used_up_key_is_refused(reader: type[KeyReader]) -> None:
    """A use is a use, from anywhere."""
    street = Street(reader)
    street.show(street.shared("jun_phone", "lock", uses=1))
    street.expect_opened(street.remote("jun_phone"), "jun_phone", "lock")
    assert street.spent("jun_phone") is None

    street.expect(street.remote("jun_phone"), "USED_UP", opened=1)


@case
def use_that_was_refused_costs_nothing(reader: type[KeyReader]) -> None:
    """What the rules do not let the car do is not spent."""
    street = Street(reader)
    street.show(street.shared("courier_phone", "open_boot", uses=1))
    street.expect_opened(street.near("courier_phone", "open_boot"), "courier_phone", "open_boot")

    street.expect_opened(street.near("courier_phone", "open_boot"), "courier_phone", "open_boot", opened=2)


@case
def two_commands_on_their_way_spend_one_use(reader: type[KeyReader]) -> None:
    """Both were authorised before the car acted; it acts for the first."""
    street = Street(reader)
    street.show(street.shared("courier_phone", "open_boot", uses=1))
    street.expect_opened(street.near("courier_phone", "open_boot"), "courier_phone", "open_boot")
    street.expect_opened(street.near("courier_phone", "open_boot"), "courier_phone", "open_boot", opened=2)

    assert street.spent("courier_phone") is None
    street.expect(street.spent("courier_phone"), "USED_UP", opened=2)


@case
def grants_of_two_owners_are_not_used_in_turn(reader: type[KeyReader]) -> None:
    """Showing one and the other makes neither new."""
    street = Street(reader)
    grants = [street.shared("courier_phone", "open_boot", by=owner, uses=1) for owner in ("phone", "watch")]
    for grant in grants:
        street.show(grant)
        assert street.spent("courier_phone") is None

    for grant in grants:
        outcome = street.near("courier_phone", "open_boot", grant=grant)
        street.expect(outcome, "USED_UP")


@case
def paired_key_is_never_used_up(reader: type[KeyReader]) -> None:
    """Spending is for shared keys with a number of uses."""
    street = Street(reader)
    for _ in range(3):
        assert street.spent("phone") is None

    street.expect_opened(street.near("phone"), "phone", "unlock")


# --- revoking -----------------------------------------------------------------------------------------


@case
def revoked_key_opens_nothing(reader: type[KeyReader]) -> None:
    """Near or remote, and with the grant it was given."""
    street = Street(reader)
    grant = street.shared("jun_phone", "unlock", "lock")
    street.expect_opened(street.near("jun_phone", grant=grant), "jun_phone", "unlock")
    assert street.revoke("jun_phone") is None

    street.expect(street.near("jun_phone"), "REVOKED", opened=1)
    street.expect(street.remote("jun_phone"), "REVOKED", opened=1)
    street.expect(street.near("jun_phone", grant=grant), "REVOKED", opened=1)


@case
def grant_that_was_revoked_before_it_was_shown_is_dead(reader: type[KeyReader]) -> None:
    """A tombstone needs no key that the car knows."""
    street = Street(reader)
    grant = street.shared("jun_phone")
    assert street.revoke("jun_phone") is None

    street.expect(street.near("jun_phone", grant=grant), "REVOKED")
    street.expect(street.show(street.shared("jun_phone")), "REVOKED")


@case
def key_revoked_in_the_middle_of_a_conversation_is_revoked(reader: type[KeyReader]) -> None:
    """Its challenge is gone, whatever it answers; and so is a command that waits to be carried out."""
    street = Street(reader)
    street.show(street.shared("jun_phone"))
    answer = street.answer("jun_phone", street.hello("jun_phone"))
    assert street.revoke("jun_phone") is None

    street.expect(street.present(answer, "jun_phone"), "REVOKED")
    street.expect(street.spent("jun_phone"), "REVOKED")
    assert not street.reader.transactions


@case
def answer_of_a_key_that_was_revoked_since_is_not_repeated(reader: type[KeyReader]) -> None:
    """What was authorised once is not said again to a revoked key."""
    street = Street(reader)
    street.show(street.shared("jun_phone"))
    answer = street.answer("jun_phone", street.hello("jun_phone"))
    street.expect_opened(street.present(answer, "jun_phone"), "jun_phone", "unlock")
    assert street.revoke("jun_phone") is None

    street.expect(street.present(answer, "jun_phone"), "REVOKED", opened=1)


@case
def key_that_ends_while_the_car_wakes_is_not_spent(reader: type[KeyReader]) -> None:
    """The act counts, not the answer."""
    street = Street(reader)
    street.show(street.shared("jun_phone", for_ms=1_000))
    street.expect_opened(street.near("jun_phone"), "jun_phone", "unlock")
    street.later(1_000)

    street.expect(street.spent("jun_phone"), "KEY_EXPIRED", opened=1)


@case
def nobody_revokes_but_owners(reader: type[KeyReader]) -> None:
    """An owner is not locked out of the car by a friend, a member or a stranger."""
    street = Street(reader)
    street.show(street.shared("jun_phone"))

    street.expect(street.revoke("phone", by="jun_phone"), "NOT_OWNER")
    street.expect(street.revoke("phone", by="mei_phone"), "NOT_OWNER")
    street.expect(street.revoke("phone", by="mallory"), "UNKNOWN_KEY")
    street.expect_opened(street.near("phone"), "phone", "unlock")


@case
def revocation_comes_from_its_own_device(reader: type[KeyReader]) -> None:
    """And for its own car."""
    street = Street(reader)
    _, envelope = street.holders["phone"].revoke(CAR, kid("watch"))
    street.reader, outcome = street.reader.revoke(envelope, "mallory", street.now_ms)
    street.expect(outcome, "SENDER_KEY_MISMATCH")
    elsewhere = resigned("phone", envelope, car="yu7")
    street.reader, outcome = street.reader.revoke(elsewhere, "phone", street.now_ms)

    street.expect(outcome, "WRONG_CAR")
    street.expect_opened(street.near("watch"), "watch", "unlock")


@case
def keys_of_a_lost_owner_die_with_it(reader: type[KeyReader]) -> None:
    """Whoever found the phone may have shared keys; none of them is left, shown or not."""
    street = Street(reader)
    shown, not_shown = street.shared("jun_phone", by="watch"), street.shared("eve", by="watch")
    street.show(shown)
    street.hello("jun_phone")
    assert street.revoke("watch") is None

    street.expect(street.near("watch"), "REVOKED")
    street.expect(street.near("jun_phone"), "REVOKED")
    street.expect(street.near("jun_phone", grant=shown), "REVOKED")
    street.expect(street.near("eve", grant=not_shown), "REVOKED")
    street.expect(street.revoke("phone", by="watch"), "REVOKED")
    assert not street.reader.transactions


# --- power --------------------------------------------------------------------------------------------


@case
def restart_forgets_no_key_and_no_revocation(reader: type[KeyReader]) -> None:
    """Flash keeps keys, uses, tombstones, grants seen and results, again and again."""
    street = Street(reader)
    older = street.shared("courier_phone", "open_boot", "unlock", uses=2)
    grant = street.shared("courier_phone", "open_boot", uses=2)
    street.show(grant)
    assert street.spent("courier_phone") is None
    street.show(street.shared("jun_phone"))
    assert street.revoke("jun_phone") is None
    answer = street.answer("phone", street.hello("phone"), command_id="c-77")
    street.expect_opened(street.present(answer, "phone", command_id="c-77"), "phone", "unlock")
    street.restart()
    street.restart()

    again = street.present(answer, "phone", command_id="c-77")
    assert isinstance(again, Authorised)
    assert again.repeated
    street.expect(street.near("jun_phone"), "REVOKED", opened=1)
    street.expect(street.show(older), "STALE_GRANT", opened=1)
    outcome = street.near("courier_phone", "open_boot", grant=grant)
    street.expect_opened(outcome, "courier_phone", "open_boot", opened=2)
    assert street.spent("courier_phone") is None
    street.expect(street.near("courier_phone", "open_boot", grant=grant), "USED_UP", opened=2)
    street.expect_opened(street.near("mei_phone"), "mei_phone", "unlock", opened=3)


@case
def restart_draws_nothing_twice(reader: type[KeyReader]) -> None:
    """A challenge of before is none of after, so no answer fits both."""
    street = Street(reader)
    challenges: list[dict[str, Any]] = []
    for _ in range(3):
        challenges.extend(said(street.hello("phone")) for _ in range(3))
        street.restart()
    for name in ("transaction", "challenge", "ephemeral", "nonce"):
        assert len({one[name] for one in challenges}) == len(challenges)
    assert len({one["epoch"] for one in challenges}) == 3
    assert dump_json(street.reader.kept())
