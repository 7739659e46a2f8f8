"""The parts of the protocol, each against a plain model of what it should do."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sim.trust.digital_key import FOR_EVER_MS, EnrolledKey, Nonces, Powers, in_range
from sim.trust.digital_key.agreement import ephemeral_public, pairing_proof, proves_pairing, ranging_id
from sim.trust.digital_key.counters import COUNTER_MAX, WINDOW, Counters
from sim.trust.digital_key.lockout import FAILURES_MAX, LOCKOUT_MS, SENDERS_MAX, Failures
from sim.trust.digital_key.outcomes import Authorised
from sim.trust.digital_key.ranging import distance_cm
from sim.trust.digital_key.results import RESULTS_MAX, Results
from sim.trust.digital_key.sharing import terms_of
from tests.trust.digital_key.street import POWERS


@given(st.lists(st.integers(-2, 80) | st.integers(COUNTER_MAX - 40, COUNTER_MAX + 2), max_size=60))
def test_each_counter_is_taken_once(arrivals: list[int]) -> None:
    """Against a set of everything ever seen: nothing twice, and nothing refused within the window."""
    counters, seen = Counters(), set[int]()
    for counter in arrivals:
        highest = max(seen, default=0)
        taken = counters.taken(counter)
        if not 1 <= counter <= COUNTER_MAX:
            assert taken == "BAD_COUNTER"
        elif counter in seen or counter < highest - WINDOW:
            assert taken == "REPEATED_COUNTER"
        else:
            assert isinstance(taken, Counters)
            counters = taken
            seen.add(counter)
    assert counters.highest == max(seen, default=0)
    assert 0 <= counters.below < 1 << WINDOW


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 10_000)), max_size=40),
    st.integers(0, 2 * LOCKOUT_MS),
)
def test_sender_is_locked_out_for_five_failures_within_half_a_minute(
    failures: list[tuple[str, int]], later_ms: int
) -> None:
    """Against a list of everything that ever failed."""
    now_ms, book, history = 0, Failures(), list[tuple[str, int]]()
    for sender, passed_ms in failures:
        now_ms += passed_ms
        book = book.counted(sender, now_ms)
        history.append((sender, now_ms))
    now_ms += later_ms
    for sender in "abcd":
        lately = [one for one in history if one[0] == sender and now_ms - one[1] < LOCKOUT_MS]
        assert book.locked_out(sender, now_ms) is (len(lately) >= FAILURES_MAX)


def test_senders_are_remembered_up_to_a_limit() -> None:
    """Whoever failed longest ago is forgotten first."""
    book = Failures()
    for number in range(SENDERS_MAX + 1):
        book = book.counted(f"s{number}", number)
    book = book.counted("s1", SENDERS_MAX + 1)

    assert len(book.by_sender) == SENDERS_MAX
    assert "s0" not in book.by_sender
    assert list(book.by_sender)[-1] == "s1"


def test_results_are_remembered_up_to_a_limit() -> None:
    """The oldest is forgotten first."""
    results = Results()
    for number in range(RESULTS_MAX + 1):
        results = results.with_result(f"c-{number}", b"d", Authorised("kid", "phone", "lock", "none"))

    assert results.known("kid", "c-0", b"d") is None
    assert isinstance(results.known("kid", "c-1", b"d"), Authorised)
    assert len(results.by_command) == RESULTS_MAX


@example([0.0, 0.0, 0.0], "start")
@given(st.lists(st.none() | st.floats(), max_size=5), st.sampled_from(["unlock", "start"]))
def test_key_is_in_range_only_when_all_three_rounds_say_so(rounds: list[float | None], action: str) -> None:
    """Against the sentence itself, in metres."""
    limit_m = 0.8 if action == "start" else 2.0
    near = [metre is not None and 0 <= metre <= limit_m for metre in rounds]

    assert in_range(rounds, action) is (len(rounds) == 3 and all(near))
    measured_cm = distance_cm(rounds)
    if measured_cm is not None:
        metres = [metre for metre in rounds if metre is not None]
        assert measured_cm == math.ceil(max(metres) * 100)


def test_nonces_never_repeat() -> None:
    """Not within a boot, not across boots, not between purposes or devices; and the seed is not shown."""
    drawn = []
    for seed in (b"a" * 32, b"b" * 32):
        for boot in (1, 2, 256):
            nonces = Nonces(seed, boot)
            for _ in range(20):
                drawn.append(nonces.draw(16, "challenge")[1])
                nonces, one = nonces.draw(16, "epoch")
                drawn.append(one)

    assert len(set(drawn)) == len(drawn)
    assert all(len(one) == 16 for one in drawn)
    assert Nonces(b"a" * 32, 1).draw(16, "epoch") == Nonces(b"a" * 32, 1).draw(16, "epoch")
    assert "a" * 4 not in repr(Nonces(b"a" * 32, 1)).replace("Nonces", "")


@given(
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=32, max_size=32),
)
def test_both_sides_agree_and_nobody_else(one: bytes, other: bytes, third: bytes) -> None:
    """The public id of a ranging session takes one of the two private keys, and the challenge."""
    challenge = b"c" * 32
    session = ranging_id(one, ephemeral_public(other), challenge)

    assert session == ranging_id(other, ephemeral_public(one), challenge)
    assert session != ranging_id(one, ephemeral_public(other), b"d" * 32)
    if ephemeral_public(third) not in {ephemeral_public(one), ephemeral_public(other)}:
        assert session != ranging_id(third, ephemeral_public(other), challenge)


@pytest.mark.parametrize("point", [b"\0" * 32, b"\1" + b"\0" * 31])
def test_point_that_gives_everybody_the_same_secret_gives_none(point: bytes) -> None:
    """RFC 7748, section 6.1: an all-zero secret must be noticed."""
    assert ranging_id(b"\7" * 32, point, b"c" * 32) is None


def test_proof_of_a_code_is_for_one_car_device_and_pair_of_keys() -> None:
    """Anything else changed, and it is no proof."""
    keys = (b"d" * 32, b"c" * 32)
    proof = pairing_proof(b"s" * 16, "su7", "phone", *keys)

    assert proves_pairing(proof, b"s" * 16, "su7", "phone", keys)
    assert not proves_pairing(proof, b"t" * 16, "su7", "phone", keys)
    assert not proves_pairing(proof, b"s" * 16, "yu7", "phone", keys)
    assert not proves_pairing(proof, b"s" * 16, "su7", "watch", keys)
    assert not proves_pairing(proof, b"s" * 16, "su7", "phone", keys[::-1])
    assert not proves_pairing(b"", b"s" * 16, "su7", "phone", keys)


def test_key_survives_flash() -> None:
    """What is kept and restored is the same key, paired or shared."""
    paired = EnrolledKey.paired("phone", b"p" * 32, "owner", POWERS.grantable)
    shared = EnrolledKey("jun", b"j" * 32, "friend", frozenset({"unlock"}), 1, 2, 3, "0" * 16, 4)

    assert EnrolledKey.restored(paired.kept()) == paired
    assert EnrolledKey.restored(shared.kept()) == shared
    assert paired.not_after_ms == FOR_EVER_MS


def test_no_key_can_have_what_no_key_has() -> None:
    """Whatever else a car lists it under."""
    powers = Powers(
        near=frozenset({"unlock", "summon"}),
        remote=frozenset({"steer"}),
        never=frozenset({"summon", "steer"}),
    )

    assert powers.grantable == {"unlock"}


def test_usual_keys() -> None:
    """A courier opens the boot once; a valet starts the car and never sees the boot; nobody drives."""
    assert terms_of("courier").rights == {"open_boot"}
    assert terms_of("courier").uses == 1
    assert terms_of("valet").rights == {"unlock", "start", "lock"}
    assert terms_of("friend").rights == POWERS.grantable
    assert terms_of("valet").for_ms < terms_of("friend").for_ms
