"""Beside the car: whoever is not there, not fresh, not enrolled, not worn or not asked for opens nothing."""

import math

from sim.core.messages import dump_json
from sim.trust.digital_key import Authorised, KeyReader, Refused
from tests.trust.digital_key.cases import case
from tests.trust.digital_key.forging import resigned, retold, said
from tests.trust.digital_key.street import (
    CAR,
    HOUR_MS,
    NEVER,
    Street,
    signed,
    with_kid,
    without_results,
)


def fill(street: Street, guests: int) -> None:
    """Let friends open as many conversations as they may."""
    for guest in ("jun_phone", "courier_phone", "eve", "mallory")[:guests]:
        street.show(street.shared(guest))
        for _ in range(2):
            assert not isinstance(street.hello(guest), Refused)


# --- what works ---------------------------------------------------------------------------------------


@case
def key_beside_the_car_unlocks(reader: type[KeyReader]) -> None:
    """The owner's phone, at the handle, in the hand."""
    street = Street(reader)

    street.expect_opened(street.near("phone"), "phone", "unlock")


@case
def key_inside_the_car_starts(reader: type[KeyReader]) -> None:
    """The owner's watch, on the wrist, at the wheel."""
    street = Street(reader)

    street.expect_opened(street.near("watch", "start", "wrist_unlocked"), "watch", "start")


@case
def key_of_a_member_opens_the_boot(reader: type[KeyReader]) -> None:
    """Members have paired keys."""
    street = Street(reader)

    street.expect_opened(street.near("mei_phone", "open_boot"), "mei_phone", "open_boot")


# --- replay, splice, reorder --------------------------------------------------------------------------


@case
def same_answer_again_does_nothing_more(reader: type[KeyReader]) -> None:
    """A broker delivers twice: the car says the same, and does not act a second time."""
    street = Street(reader)
    answer = street.answer("phone", street.hello("phone"))
    first = street.present(answer, "phone")
    street.expect_opened(first, "phone", "unlock")

    again = street.present(answer, "phone")

    assert isinstance(again, Authorised)
    assert again.repeated
    assert len(street.opened) == 1


@case
def captured_answer_is_stale_once_it_is_forgotten(reader: type[KeyReader]) -> None:
    """The challenge was used up, also when 256 other commands came between."""
    street = Street(reader)
    answer = street.answer("phone", street.hello("phone"))
    street.expect_opened(street.present(answer, "phone"), "phone", "unlock")
    without_results(street)

    street.expect(street.present(answer, "phone"), "STALE_CHALLENGE", opened=1)


@case
def refused_answer_is_used_up(reader: type[KeyReader]) -> None:
    """An answer from too far away is not good a second later, when the key has come near."""
    street = Street(reader)
    street.metres["phone"] = 80
    answer = street.answer("phone", street.hello("phone"))
    street.expect(street.present(answer, "phone"), "TOO_FAR")
    street.metres["phone"] = 0.5

    street.expect(street.present(answer, "phone"), "STALE_CHALLENGE")


@case
def answer_that_was_held_back_fits_no_newer_challenge(reader: type[KeyReader]) -> None:
    """Somebody jams an answer, waits for the owner's next try, and sends the first."""
    street = Street(reader)
    held_back = street.answer("phone", street.hello("phone"))
    street.later(2_500)
    street.hello("phone")

    street.expect(street.present(held_back, "phone"), "STALE_CHALLENGE")


@case
def answer_spliced_to_a_new_challenge_is_not_signed(reader: type[KeyReader]) -> None:
    """Nobody but the key can name another challenge."""
    street = Street(reader)
    captured = street.answer("phone", street.hello("phone"))
    street.later(3_000)
    fresh = said(street.answer("phone", street.hello("phone")))
    spliced = retold(captured, transaction=fresh["transaction"], challenge=fresh["challenge"])

    street.expect(street.present(spliced, "phone"), "BAD_SIGNATURE")


@case
def answer_to_another_challenge_of_the_same_key_is_stale(reader: type[KeyReader]) -> None:
    """The digest of the very challenge is signed: naming its transaction is not enough."""
    street = Street(reader)
    one, other = street.hello("phone"), street.hello("phone")
    answer = street.answer("phone", one)
    mixed = resigned("phone", answer, challenge=said(street.answer("phone", other))["challenge"])

    street.expect(street.present(mixed, "phone"), "STALE_CHALLENGE")
    street.expect(street.present(answer, "phone"), "STALE_CHALLENGE")


@case
def answer_after_two_seconds_is_too_late(reader: type[KeyReader]) -> None:
    """One millisecond earlier it was not."""
    street = Street(reader)
    late = street.answer("phone", street.hello("phone"))
    street.later(2_000)
    street.expect(street.present(late, "phone"), "EXPIRED")
    in_time = street.answer("phone", street.hello("phone"))
    street.later(1_999)

    street.expect_opened(street.present(in_time, "phone"), "phone", "unlock")


@case
def answer_after_a_restart_is_stale(reader: type[KeyReader]) -> None:
    """Conversations end with the power."""
    street = Street(reader)
    answer = street.answer("phone", street.hello("phone"))
    street.restart()

    street.expect(street.present(answer, "phone"), "STALE_CHALLENGE")


@case
def answer_after_the_clock_was_set_back_is_stale(reader: type[KeyReader]) -> None:
    """Nobody knows how much time has passed, so no challenge outlives it."""
    street = Street(reader)
    answer = street.answer("phone", street.hello("phone"))
    street.later(-1)

    street.expect(street.present(answer, "phone"), "STALE_CHALLENGE")
    street.expect_opened(street.near("phone"), "phone", "unlock")


@case
def answer_after_the_clock_jumped_ahead_is_too_late(reader: type[KeyReader]) -> None:
    """A jump makes a challenge end earlier, never later."""
    street = Street(reader)
    answer = street.answer("phone", street.hello("phone"))
    street.later(HOUR_MS)

    street.expect(street.present(answer, "phone"), "EXPIRED")


@case
def command_id_is_good_for_one_answer(reader: type[KeyReader]) -> None:
    """The same id with other signed bytes is refused, and neither is carried out again."""
    street = Street(reader)
    first = street.present(
        street.answer("phone", street.hello("phone"), "unlock", "c-7"), "phone", "unlock", "c-7"
    )
    street.expect_opened(first, "phone", "unlock")
    other = street.answer("phone", street.hello("phone"), "open_boot", "c-7")

    street.expect(street.present(other, "phone", "open_boot", "c-7"), "CMD_ID_REUSED", opened=1)


@case
def answer_is_for_the_action_it_names(reader: type[KeyReader]) -> None:
    """A signed unlock cannot travel with a command that starts the car."""
    street = Street(reader)
    answer = street.answer("phone", street.hello("phone"), "unlock")

    street.expect(street.present(answer, "phone", "start"), "WRONG_COMMAND")


@case
def answer_is_for_the_command_it_names(reader: type[KeyReader]) -> None:
    """Nor with another command of the same name."""
    street = Street(reader)
    answer = street.answer("phone", street.hello("phone"), "unlock", "c-1")

    street.expect(street.present(answer, "phone", "unlock", "c-2"), "WRONG_COMMAND")


@case
def answer_that_was_carried_out_serves_no_other_command(reader: type[KeyReader]) -> None:
    """The same bytes are the same again only beside the same command."""
    street = Street(reader)
    answer = street.answer("phone", street.hello("phone"))
    street.expect_opened(street.present(answer, "phone"), "phone", "unlock")

    street.expect(street.present(answer, "phone", "start"), "WRONG_COMMAND", opened=1)
    street.expect(street.present(answer, "phone", "unlock", "c-9"), "WRONG_COMMAND", opened=1)


# --- distance -----------------------------------------------------------------------------------------


@case
def relay_cannot_bring_a_watch_nearer(reader: type[KeyReader]) -> None:
    """The watch is at home, 80 m away; a relay carries every message, and light takes its time."""
    street = Street(reader)
    street.metres["watch"] = 80

    outcome = street.near("watch", presence="wrist_unlocked")

    street.expect(outcome, "TOO_FAR")
    assert isinstance(outcome, Refused)
    assert outcome.distance_cm == 8_000


@case
def near_radio_without_the_key_answers_no_round(reader: type[KeyReader]) -> None:
    """A relay's own radio beside the car has not derived what the rounds are keyed by."""
    street = Street(reader)
    answer = street.answer("watch", street.hello("watch"))
    street.radios = {b"guess of the relay": "mallory"}

    street.expect(street.present(answer, "watch"), "RANGING_FAILED")


@case
def one_shortened_round_is_not_enough(reader: type[KeyReader]) -> None:
    """By luck a round can be made shorter without the key; three in a row cannot."""
    street = Street(reader)
    street.rounds = (30.0, 0.1, 30.0)

    street.expect(street.near("phone"), "TOO_FAR")


@case
def every_round_must_be_answered(reader: type[KeyReader]) -> None:
    """Two near rounds and a missing one are no distance."""
    street = Street(reader)
    for rounds in ((0.5, 0.5, None), (None, 0.5, 0.5), (), (0.5, 0.5), (0.5, 0.5, 0.5, 0.5)):
        street.rounds = rounds
        street.expect(street.near("phone"), "RANGING_FAILED")


@case
def round_that_is_no_distance_has_failed(reader: type[KeyReader]) -> None:
    """NaN is not near, and neither is anything below nothing."""
    street = Street(reader)
    for metre in (math.nan, math.inf, -math.inf, -0.1):
        street.rounds = (0.5, metre, 0.5)
        street.expect(street.near("phone"), "RANGING_FAILED")


@case
def distance_in_a_message_is_no_distance(reader: type[KeyReader]) -> None:
    """A thief with the watch's own key claims to be at the handle, 80 m away."""
    street = Street(reader)
    street.metres["watch"] = 80
    answer = street.answer("watch", street.hello("watch"))
    claimed = resigned("watch", answer, distance_cm=50)

    street.expect(street.present(claimed, "watch"), "DECODING")


@case
def unlock_reaches_two_metres(reader: type[KeyReader]) -> None:
    """And not a centimetre more."""
    street = Street(reader)
    street.metres["phone"] = 2.001
    street.expect(street.near("phone"), "TOO_FAR")
    street.metres["phone"] = 2.0

    outcome = street.near("phone")

    street.expect_opened(outcome, "phone", "unlock")
    assert isinstance(outcome, Authorised)
    assert outcome.distance_cm == 200


@case
def start_needs_the_key_inside(reader: type[KeyReader]) -> None:
    """Beside the door, where it unlocks, it does not start."""
    street = Street(reader)
    street.metres["phone"] = 0.801
    street.expect(street.near("phone", "start"), "TOO_FAR")
    street.expect_opened(street.near("phone", "unlock"), "phone", "unlock")
    street.metres["phone"] = 0.8

    street.expect_opened(street.near("phone", "start"), "phone", "start", opened=2)


@case
def ephemeral_key_that_gives_everybody_the_same_secret_is_no_key(reader: type[KeyReader]) -> None:
    """An enrolled device cannot choose a session key that a relay knows, too."""
    street = Street(reader)
    answer = street.answer("phone", street.hello("phone"))
    weak = resigned("phone", answer, ephemeral="00" * 32)

    street.expect(street.present(weak, "phone"), "RANGING_FAILED")


# --- presence and actions -----------------------------------------------------------------------------


@case
def watch_off_the_wrist_opens_nothing(reader: type[KeyReader]) -> None:
    """It signs the truth; the car refuses, and knows where it was."""
    street = Street(reader)

    outcome = street.near("watch", presence="none")

    street.expect(outcome, "NO_PRESENCE")
    assert isinstance(outcome, Refused)
    assert outcome.distance_cm == 50


@case
def nobody_moves_the_car_from_beside_it(reader: type[KeyReader]) -> None:
    """Not the owner, not with a fresh answer, not at the handle."""
    street = Street(reader)
    for action in NEVER:
        street.expect(street.near("phone", action), "UNSAFE_REMOTE_MOTION")


@case
def motion_is_refused_before_rights_are_looked_at(reader: type[KeyReader]) -> None:
    """A courier who asks to summon the car is told what matters."""
    street = Street(reader)
    street.show(street.shared("courier_phone", "open_boot", uses=1))

    street.expect(street.near("courier_phone", "summon"), "UNSAFE_REMOTE_MOTION")


@case
def unknown_action_is_none(reader: type[KeyReader]) -> None:
    """What a car does not do beside it, it does for no key."""
    street = Street(reader)
    for action in ("fly", "lock", "refresh"):
        street.expect(street.near("phone", action), "INVALID_COMMAND")


# --- who ----------------------------------------------------------------------------------------------


@case
def key_of_a_stranger_is_unknown(reader: type[KeyReader]) -> None:
    """Mallory has a broker account, a car's public key and a key of his own."""
    street = Street(reader)

    street.expect(street.hello("mallory"), "UNKNOWN_KEY")


@case
def stranger_under_the_key_id_of_the_watch_is_not_the_watch(reader: type[KeyReader]) -> None:
    """A key id is a claim; the signature is the proof."""
    street = Street(reader)
    _, hello = street.holders["mallory"].hello(CAR)

    street.expect(street.say_hello(with_kid(hello, "watch"), "mallory"), "BAD_SIGNATURE")
    answer = street.answer("watch", street.hello("watch"))
    forged = with_kid(resigned("mallory", answer), "watch")
    street.expect(street.present(forged, "watch"), "BAD_SIGNATURE")


@case
def hello_of_the_owner_from_another_device_is_refused(reader: type[KeyReader]) -> None:
    """The broker proves who sends; a captured hello starts nothing for whoever captured it."""
    street = Street(reader)

    street.expect(street.hello("phone", sender="mallory"), "SENDER_KEY_MISMATCH")


@case
def captured_answer_from_another_device_ends_nothing(reader: type[KeyReader]) -> None:
    """Eve repeats what she overheard before the owner's own message arrives; the owner still opens."""
    street = Street(reader)
    answer = street.answer("phone", street.hello("phone"))
    street.expect(street.present(answer, "eve"), "SENDER_KEY_MISMATCH")

    street.expect_opened(street.present(answer, "phone"), "phone", "unlock")


@case
def friend_cannot_use_up_the_challenge_of_the_owner(reader: type[KeyReader]) -> None:
    """A key that names somebody else's transaction leaves it where it is."""
    street = Street(reader)
    street.show(street.shared("jun_phone"))
    answer = street.answer("phone", street.hello("phone"))
    own = street.answer("jun_phone", street.hello("jun_phone"))
    meddling = resigned("jun_phone", own, transaction=said(answer)["transaction"])
    street.expect(street.present(meddling, "jun_phone"), "STALE_CHALLENGE")

    street.expect_opened(street.present(answer, "phone"), "phone", "unlock")


@case
def hello_for_another_car_is_refused(reader: type[KeyReader]) -> None:
    """Each message names its car."""
    street = Street(reader)
    _, hello = street.holders["phone"].hello(CAR)

    street.expect(street.say_hello(resigned("phone", hello, car="yu7"), "phone"), "WRONG_CAR")


@case
def answer_for_another_car_is_refused(reader: type[KeyReader]) -> None:
    """So does the answer, and a wrong one uses its challenge up like any other."""
    street = Street(reader)
    answer = street.answer("phone", street.hello("phone"))

    street.expect(street.present(resigned("phone", answer, car="yu7"), "phone"), "WRONG_CAR")
    street.expect(street.present(answer, "phone"), "STALE_CHALLENGE")


# --- floods -------------------------------------------------------------------------------------------


@case
def stranger_locks_out_himself_only(reader: type[KeyReader]) -> None:
    """Five bad signatures under the owner's key id shut out who sent them, and not the owner."""
    street = Street(reader)
    _, hello = street.holders["mallory"].hello(CAR)
    for _ in range(5):
        street.expect(street.say_hello(with_kid(hello, "phone"), "mallory"), "BAD_SIGNATURE")
    street.expect(street.say_hello(with_kid(hello, "phone"), "mallory"), "LOCKED_OUT")

    street.expect_opened(street.near("phone"), "phone", "unlock")


@case
def locked_out_sender_is_heard_by_no_door(reader: type[KeyReader]) -> None:
    """Hello, answer, session, command, grant, revocation and pairing are all shut."""
    street = Street(reader)
    street.reader, code = street.reader.open_pairing(street.now_ms)
    for _ in range(5):
        street.hello("mallory")
    street.expect(street.hello("mallory"), "LOCKED_OUT")
    street.expect(street.hello("mallory", grant=street.shared("mallory")), "LOCKED_OUT")
    street.expect(street.present({}, "mallory"), "LOCKED_OUT")
    street.expect(street.ask_session("mallory"), "LOCKED_OUT")
    street.expect(street.send({}, "mallory"), "LOCKED_OUT")
    street.expect(street.revoke("phone", by="mallory"), "LOCKED_OUT")
    _, pair = street.holders["mallory"].pair(code)

    _, outcome = street.reader.pair(pair, "mallory", street.now_ms)

    street.expect(outcome, "LOCKED_OUT")


@case
def locked_out_sender_is_heard_again_after_half_a_minute(reader: type[KeyReader]) -> None:
    """Being shut out is not for ever, and trying meanwhile does not make it longer."""
    street = Street(reader)
    for _ in range(5):
        street.expect(street.present({}, "phone"), "DECODING")
    street.later(29_999)
    street.expect(street.near("phone"), "LOCKED_OUT")
    street.later(1)

    street.expect_opened(street.near("phone"), "phone", "unlock")


@case
def late_far_and_lent_keys_are_not_locked_out(reader: type[KeyReader]) -> None:
    """Pulling the handle too early is no attack."""
    street = Street(reader)
    street.metres["phone"] = 5
    for _ in range(10):
        street.expect(street.near("phone"), "TOO_FAR")
        street.expect(street.near("phone", presence="none"), "NO_PRESENCE")
    street.metres["phone"] = 1

    street.expect_opened(street.near("phone"), "phone", "unlock")


@case
def third_hello_of_a_sender_ends_its_first(reader: type[KeyReader]) -> None:
    """A sender has two conversations with the car, and is never kept waiting by its own."""
    street = Street(reader)
    answers = [street.answer("phone", street.hello("phone"), "unlock", f"c-{n}") for n in range(3)]

    street.expect(street.present(answers[0], "phone", "unlock", "c-0"), "STALE_CHALLENGE")
    street.expect_opened(street.present(answers[1], "phone", "unlock", "c-1"), "phone", "unlock")
    street.expect_opened(street.present(answers[2], "phone", "unlock", "c-2"), "phone", "unlock", opened=2)


@case
def friends_keep_no_owner_waiting(reader: type[KeyReader]) -> None:
    """When eight conversations are open a member waits, and an owner takes the place of a friend's oldest."""
    street = Street(reader)
    street.show(street.shared("mallory"))
    oldest, other = (street.answer("mallory", street.hello("mallory"), command_id=f"c-{n}") for n in "12")
    fill(street, 3)
    street.expect(street.hello("mei_phone"), "BUSY")

    street.expect_opened(street.near("phone"), "phone", "unlock")
    street.expect(street.present(oldest, "mallory", "unlock", "c-1"), "STALE_CHALLENGE", opened=1)
    street.expect_opened(street.near("watch"), "watch", "unlock", opened=2)
    street.expect_opened(street.present(other, "mallory", "unlock", "c-2"), "mallory", "unlock", opened=3)


@case
def room_comes_back_when_challenges_are_over(reader: type[KeyReader]) -> None:
    """Whoever opens conversations and never answers is in the way for two seconds."""
    street = Street(reader)
    fill(street, 4)
    street.expect(street.near("mei_phone"), "BUSY")
    street.later(2_000)

    street.expect_opened(street.near("mei_phone"), "mei_phone", "unlock")


# --- what is no message -------------------------------------------------------------------------------


@case
def what_is_no_envelope_is_refused(reader: type[KeyReader]) -> None:
    """Whatever stands where an envelope should."""
    heaps: tuple[object, ...] = (None, [], "unlock", 5, math.nan, {}, {"v": 1})
    for rubbish in heaps:
        street = Street(reader)
        street.expect(street.present(rubbish, "phone"), "DECODING")


@case
def other_version_and_any_algorithm_are_refused(reader: type[KeyReader]) -> None:
    """There is nothing to downgrade to."""
    street = Street(reader)
    answer = street.answer("phone", street.hello("phone"))

    street.expect(street.present({**answer, "v": 0}, "phone"), "VERSION")
    street.expect(street.present({**answer, "alg": "none"}, "phone"), "DECODING")


@case
def message_never_passes_for_one_of_another_type(reader: type[KeyReader]) -> None:
    """The type is signed: a remote command is no answer, whatever it is labelled."""
    street = Street(reader)
    command = street.order("phone", street.ask_session("phone"))

    street.expect(street.present(command, "phone"), "WRONG_TYPE")
    street.expect(street.present({**command, "typ": "key.auth"}, "phone"), "BAD_SIGNATURE")


@case
def oversized_message_is_not_looked_at(reader: type[KeyReader]) -> None:
    """Beyond 4,096 bytes not even the signature is."""
    street = Street(reader)
    answer = street.answer("phone", street.hello("phone"))

    street.expect(street.present({**answer, "p": "A" * 5_000}, "phone"), "TOO_BIG")


@case
def signed_rubbish_is_refused(reader: type[KeyReader]) -> None:
    """An enrolled key can sign anything, and only exactly a message is one."""
    street = Street(reader)
    answer = street.answer("phone", street.hello("phone"))
    good = dump_json(said(answer))
    for payload in (
        b"",
        b"[]",
        b"\xff\xfe",
        good[:-1],
        good + b" {}",
        good.replace(b'"car":"su7"', b'"car":"su7","car":"su7"'),
        dump_json({**said(answer), "more": 1}),
        dump_json({name: value for name, value in said(answer).items() if name != "presence"}),
        dump_json({**said(answer), "presence": "asleep"}),
        dump_json({**said(answer), "action": "Unlock"}),
        dump_json({**said(answer), "ephemeral": said(answer)["ephemeral"].upper()}),
        dump_json({**said(answer), "command_id": "c-0\n"}),
    ):
        fresh = Street(reader)
        fresh.expect(fresh.present(signed("phone", "key.auth", payload), "phone"), "DECODING")
