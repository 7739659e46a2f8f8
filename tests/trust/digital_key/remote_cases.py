"""From afar: the car's own epoch, clock and counters decide, and what opens it is not for sale there."""

from sim.core.messages import dump_json
from sim.trust.digital_key import Authorised, KeyReader
from tests.trust.digital_key.cases import case
from tests.trust.digital_key.forging import resigned, said
from tests.trust.digital_key.street import HOUR_MS, NEVER, Street, signed, with_kid, without_results


@case
def owner_locks_from_afar(reader: type[KeyReader]) -> None:
    """Closing is safe from anywhere; no distance, no presence."""
    street = Street(reader)
    street.metres["phone"] = None

    outcome = street.remote("phone")

    street.expect_opened(outcome, "phone", "lock")
    assert isinstance(outcome, Authorised)
    assert (outcome.distance_cm, outcome.presence, outcome.ranging_id) == (None, "none", None)


@case
def same_command_again_does_nothing_more(reader: type[KeyReader]) -> None:
    """A broker delivers twice; the car says the same."""
    street = Street(reader)
    order = street.order("phone", street.ask_session("phone"))
    street.expect_opened(street.send(order, "phone"), "phone", "lock")

    again = street.send(order, "phone")

    assert isinstance(again, Authorised)
    assert again.repeated
    assert len(street.opened) == 1


@case
def captured_command_repeats_a_counter(reader: type[KeyReader]) -> None:
    """Also when the car remembers its command id no more."""
    street = Street(reader)
    order = street.order("phone", street.ask_session("phone"))
    street.expect_opened(street.send(order, "phone"), "phone", "lock")
    without_results(street)

    street.expect(street.send(order, "phone"), "REPEATED_COUNTER", opened=1)


@case
def commands_that_overtake_each_other_are_each_done_once(reader: type[KeyReader]) -> None:
    """Third, first, second; and none of them again."""
    street = Street(reader)
    session = street.ask_session("phone")
    orders = [(f"r-{n}", street.order("phone", session, "lock", f"r-{n}")) for n in range(3)]
    for opened, (command_id, order) in enumerate((orders[2], orders[0], orders[1]), start=1):
        outcome = street.send(order, "phone", "lock", command_id)
        street.expect_opened(outcome, "phone", "lock", opened=opened)
    without_results(street)

    for command_id, order in orders:
        street.expect(street.send(order, "phone", "lock", command_id), "REPEATED_COUNTER", opened=3)


@case
def command_that_fell_out_of_the_window_is_refused(reader: type[KeyReader]) -> None:
    """33 places down nobody can tell whether it was seen; 32 places down it was not."""
    street = Street(reader)
    session = street.ask_session("phone")
    orders = [(f"r-{n}", street.order("phone", session, "lock", f"r-{n}")) for n in range(34)]
    street.expect_opened(street.send(orders[33][1], "phone", "lock", "r-33"), "phone", "lock")

    street.expect(street.send(orders[0][1], "phone", "lock", "r-0"), "REPEATED_COUNTER", opened=1)
    street.expect_opened(street.send(orders[1][1], "phone", "lock", "r-1"), "phone", "lock", opened=2)


@case
def command_of_an_earlier_epoch_is_dead(reader: type[KeyReader]) -> None:
    """The car restarted since; counters begin anew, and so does the epoch."""
    street = Street(reader)
    order = street.order("phone", street.ask_session("phone"))
    street.restart()

    street.expect(street.send(order, "phone"), "INCORRECT_EPOCH")
    street.expect_opened(street.remote("phone"), "phone", "lock")


@case
def command_that_was_done_is_not_done_again_after_a_restart(reader: type[KeyReader]) -> None:
    """A sender repeats what was not answered; results outlive the power."""
    street = Street(reader)
    order = street.order("phone", street.ask_session("phone"))
    street.expect_opened(street.send(order, "phone"), "phone", "lock")
    street.restart()

    again = street.send(order, "phone")

    assert isinstance(again, Authorised)
    assert again.repeated
    assert len(street.opened) == 1


@case
def command_of_before_the_clock_was_set_back_is_dead(reader: type[KeyReader]) -> None:
    """A clock that goes back gives no command a longer life."""
    street = Street(reader)
    order = street.order("phone", street.ask_session("phone"))
    street.later(-HOUR_MS)

    street.expect(street.send(order, "phone"), "INCORRECT_EPOCH")
    street.expect_opened(street.remote("phone"), "phone", "lock")


@case
def every_time_the_clock_is_set_back_is_a_new_epoch(reader: type[KeyReader]) -> None:
    """Twice in a row, with nothing in between; and counters begin anew."""
    street = Street(reader)
    street.expect_opened(street.remote("phone"), "phone", "lock")
    told = []
    for _ in range(3):
        street.later(-1)
        told.append(said(street.ask_session("phone")))

    assert len({one["epoch"] for one in told}) == len(told)
    assert {one["counter"] for one in told} == {0}


@case
def command_that_was_held_back_is_too_late(reader: type[KeyReader]) -> None:
    """It lives for five seconds, by the car's clock."""
    street = Street(reader)
    order = street.order("phone", street.ask_session("phone"))
    street.later(5_000)
    street.expect(street.send(order, "phone"), "EXPIRED")
    order = street.order("phone", street.ask_session("phone"), command_id="r-1")
    street.later(4_999)

    street.expect_opened(street.send(order, "phone", command_id="r-1"), "phone", "lock")


@case
def command_cannot_live_long(reader: type[KeyReader]) -> None:
    """Half a minute and no longer, whoever signs it."""
    street = Street(reader)
    session = street.ask_session("phone")
    too_long = street.order("phone", session, ttl_ms=30_001)
    street.expect(street.send(too_long, "phone"), "TTL_TOO_LONG")
    longest = street.order("phone", session, command_id="r-1", ttl_ms=30_000)

    street.expect_opened(street.send(longest, "phone", command_id="r-1"), "phone", "lock")


@case
def wrong_clock_of_a_phone_does_not_matter(reader: type[KeyReader]) -> None:
    """An hour ahead or behind: it speaks by the car's clock."""
    for opened, wrong_ms in enumerate((HOUR_MS, -HOUR_MS, -2 * 10**12)):
        street = Street(reader)
        told_ms = street.now_ms + wrong_ms
        order = street.order("phone", street.ask_session("phone"), "lock", f"r-{opened}", clock_ms=told_ms)
        street.expect_opened(street.send(order, "phone", "lock", f"r-{opened}"), "phone", "lock")


@case
def clock_of_a_phone_that_jumps_makes_nothing_live_longer(reader: type[KeyReader]) -> None:
    """Ahead, its commands are refused for living too long; back, for being over."""
    street = Street(reader)
    street.later(2 * HOUR_MS)
    session = street.ask_session("phone")
    street.expect_opened(street.send(street.order("phone", session), "phone"), "phone", "lock")
    ahead = street.order("phone", session, "lock", "r-1", clock_ms=street.now_ms + HOUR_MS)
    back = street.order("phone", session, "lock", "r-2", clock_ms=street.now_ms - HOUR_MS)

    street.expect(street.send(ahead, "phone", "lock", "r-1"), "TTL_TOO_LONG", opened=1)
    street.expect(street.send(back, "phone", "lock", "r-2"), "EXPIRED", opened=1)


@case
def expiry_that_is_no_number_is_no_expiry(reader: type[KeyReader]) -> None:
    """NaN is neither before nor after any deadline: a command with it would live for ever."""
    street = Street(reader)
    order = street.order("phone", street.ask_session("phone"))
    for spelling in (b"NaN", b"Infinity", b"-1", b"1e3", b"5000.0", b"true", b"null", b'"5000"', b"9" * 20):
        payload = dump_json({**said(order), "expires_ms": 0}).replace(
            b'"expires_ms":0', b'"expires_ms":' + spelling
        )
        fresh = Street(reader)
        fresh.expect(fresh.send(signed("phone", "key.command", payload), "phone"), "DECODING")


@case
def counter_is_a_counter(reader: type[KeyReader]) -> None:
    """From one to 2^32 - 1; nothing switches the check off."""
    street = Street(reader)
    order = street.order("phone", street.ask_session("phone"))
    for counter in (0, -1, 2**32, 2**53 - 1):
        street.expect(street.send(resigned("phone", order, counter=counter), "phone"), "BAD_COUNTER")
    others: tuple[object, ...] = (True, 1.0, None, "1")
    for other in others:
        fresh = Street(reader)
        fresh.expect(fresh.send(resigned("phone", order, counter=other), "phone"), "DECODING")
    last = resigned("phone", order, counter=2**32 - 1)

    street.expect_opened(street.send(last, "phone"), "phone", "lock")


@case
def nothing_opens_from_afar(reader: type[KeyReader]) -> None:
    """Not for the owner, not with a fresh command, not from beside the car either."""
    street = Street(reader)
    for action in ("unlock", "open_boot", "open_windows", "start"):
        street.expect(street.remote("phone", action), "NEEDS_PROXIMITY")


@case
def nobody_moves_the_car_from_afar(reader: type[KeyReader]) -> None:
    """Whoever asks, whatever right was granted."""
    street = Street(reader)
    for action in NEVER:
        street.expect(street.remote("phone", action), "UNSAFE_REMOTE_MOTION")


@case
def unknown_remote_action_is_none(reader: type[KeyReader]) -> None:
    """What a car does not do from afar."""
    street = Street(reader)

    street.expect(street.remote("phone", "fly"), "INVALID_COMMAND")


@case
def refused_command_has_used_its_counter(reader: type[KeyReader]) -> None:
    """What came in time and was refused for what it asks cannot come again."""
    street = Street(reader)
    order = street.order("phone", street.ask_session("phone"), "unlock")
    street.expect(street.send(order, "phone", "unlock"), "NEEDS_PROXIMITY")

    street.expect(street.send(order, "phone", "unlock"), "REPEATED_COUNTER")


@case
def remote_command_is_for_the_command_it_names(reader: type[KeyReader]) -> None:
    """Neither its action nor its id can be another's."""
    street = Street(reader)
    order = street.order("phone", street.ask_session("phone"), "lock", "r-1")

    street.expect(street.send(order, "phone", "close_windows", "r-1"), "WRONG_COMMAND")
    street.expect(street.send(order, "phone", "lock", "r-2"), "WRONG_COMMAND")


@case
def remote_command_id_is_good_for_one_command(reader: type[KeyReader]) -> None:
    """The same id with other signed bytes is refused."""
    street = Street(reader)
    session = street.ask_session("phone")
    street.expect_opened(street.send(street.order("phone", session), "phone"), "phone", "lock")
    other = street.order("phone", session, "close_windows")

    street.expect(street.send(other, "phone", "close_windows"), "CMD_ID_REUSED", opened=1)


@case
def remote_command_for_another_car_is_refused(reader: type[KeyReader]) -> None:
    """Each message names its car."""
    street = Street(reader)
    order = street.order("phone", street.ask_session("phone"))

    street.expect(street.send(resigned("phone", order, car="yu7"), "phone"), "WRONG_CAR")


@case
def stranger_gets_no_session(reader: type[KeyReader]) -> None:
    """Neither with a key of his own, nor under another's id, nor with a captured request."""
    street = Street(reader)
    _, request = street.holders["mallory"].ask_session("su7")

    street.expect(street.ask_session("mallory"), "UNKNOWN_KEY")
    street.reader, forged = street.reader.session(with_kid(request, "phone"), "mallory", street.now_ms)
    street.expect(forged, "BAD_SIGNATURE")
    street.expect(street.ask_session("phone", sender="mallory"), "SENDER_KEY_MISMATCH")


@case
def captured_command_from_another_device_is_refused(reader: type[KeyReader]) -> None:
    """Eve sends what she overheard, first; the owner's own still counts."""
    street = Street(reader)
    order = street.order("phone", street.ask_session("phone"))
    street.expect(street.send(order, "eve"), "SENDER_KEY_MISMATCH")

    street.expect_opened(street.send(order, "phone"), "phone", "lock")


@case
def tampered_command_is_not_signed(reader: type[KeyReader]) -> None:
    """Not one byte may change."""
    street = Street(reader)
    order = street.order("phone", street.ask_session("phone"))
    tampered = {**order, "p": resigned("phone", order, action="refresh")["p"]}

    street.expect(street.send(tampered, "phone", "refresh"), "BAD_SIGNATURE")


@case
def command_is_no_revocation(reader: type[KeyReader]) -> None:
    """Relabelled, its signature does not fit."""
    street = Street(reader)
    order = street.order("phone", street.ask_session("phone"))
    street.reader, outcome = street.reader.revoke({**order, "typ": "key.revoke"}, "phone", street.now_ms)

    street.expect(outcome, "BAD_SIGNATURE")
