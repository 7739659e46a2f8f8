"""Rates: a flood is cut to its rate and noticed once, and nobody else pays for it."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.topics import (
    command_topic,
    decision_topic,
    event_topic,
    online_topic,
    parse_topic,
    reply_topic,
    state_topic,
)
from sim.world.node.rates import (
    COMMAND_BURST,
    COMMANDS_PER_SECOND,
    NOBODY,
    REPORT_BURST,
    REPORTS_PER_SECOND,
    SENDERS_MAX,
    Admission,
    Rates,
    Spell,
    sender_of,
)
from tests.stages import START_MS

BURST = 5
PER_SECOND = 2
FILLED_MS = 2_500  # 5 tokens at 2 a second

bursts = st.integers(1, 30)
per_second = st.integers(1, 2_000)
pauses_ms = st.lists(st.integers(0, 40) | st.integers(0, 3_000), max_size=80)


def rates(senders_max: int = SENDERS_MAX) -> Rates:
    """Return small buckets."""
    return Rates(BURST, PER_SECOND, senders_max=senders_max)


def admitted(buckets: Rates, sender: str, times_ms: Iterable[int]) -> list[Admission]:
    """Return what becomes of messages of one sender, so long after the start each."""
    return [buckets.admit(sender, START_MS + time_ms) for time_ms in times_ms]


def drained(buckets: Rates, sender: str = "tv", at_ms: int = 0) -> None:
    """Let a sender use up its burst."""
    assert admitted(buckets, sender, [at_ms] * BURST) == ["passed"] * BURST


def times_of(gaps_ms: Iterable[int]) -> list[int]:
    """Return the times of messages with such pauses between them."""
    now_ms = 0
    return [now_ms := now_ms + gap_ms for gap_ms in gaps_ms]


# --- one sender -----------------------------------------------------------------------------------


def test_flood_of_commands_passes_its_burst_and_no_more() -> None:
    """Of 300 commands in one instant 20 pass, one is a first refusal, and the rest is one more of it."""
    answers = admitted(Rates(COMMAND_BURST, COMMANDS_PER_SECOND), "tv", [0] * 300)

    assert answers == ["passed"] * 20 + ["first_refusal"] + ["further_refusal"] * 279


def test_flood_for_ten_seconds_passes_at_its_rate() -> None:
    """Of 3,000 commands at 300 a second, the burst of 20 passes and 10 more in each full second."""
    answers = admitted(Rates(COMMAND_BURST, COMMANDS_PER_SECOND), "tv", (n * 10 // 3 for n in range(3_000)))

    assert answers.count("passed") == 20 + 99  # the last one comes at 9.996 s
    assert answers.count("first_refusal") == 1


def test_everything_kept_on_a_reconnect_passes() -> None:
    """Two hundred reports in one instant are no flood, and 50 a second are none for ever."""
    buckets = Rates(REPORT_BURST, REPORTS_PER_SECOND)

    assert set(admitted(buckets, "car", [0] * 200)) == {"passed"}
    assert set(admitted(buckets, "car", range(20, 60_000, 20))) == {"passed"}
    assert buckets.admit("car", START_MS + 59_999) == "first_refusal"


def test_token_comes_back_to_the_millisecond() -> None:
    """At two a second the next one passes 500 ms after the burst, and not 1 ms before."""
    buckets = rates()
    drained(buckets)

    assert admitted(buckets, "tv", [499, 500, 500, 999, 1_000]) == [
        *("first_refusal", "passed", "further_refusal", "further_refusal", "passed")
    ]


def test_bucket_never_holds_more_than_its_burst() -> None:
    """A year of silence buys one burst."""
    buckets = rates()
    drained(buckets)
    year_ms = 365 * 86_400_000

    drained(buckets, at_ms=year_ms)

    assert buckets.admit("tv", START_MS + year_ms) == "first_refusal"


@pytest.mark.parametrize(("burst", "rate", "senders"), [(0, 1, 1), (1, 0, 1), (1, 1, 0), (-1, 1, 1)])
def test_rate_that_lets_nothing_pass_is_a_bug(burst: int, rate: int, senders: int) -> None:
    """Nobody may be shut out by a number."""
    with pytest.raises(AssertionError, match="lets nothing pass"):
        Rates(burst, rate, senders_max=senders)


@given(bursts, per_second, pauses_ms)
def test_no_window_passes_more_than_burst_and_rate(burst: int, rate: int, gaps_ms: list[int]) -> None:
    """From any message that passes to any other, it is at most a burst and what the time between brings."""
    times_ms = times_of(gaps_ms)
    answers = admitted(Rates(burst, rate), "tv", times_ms)

    passed_ms = [at for at, answer in zip(times_ms, answers, strict=True) if answer == "passed"]
    for first, began_ms in enumerate(passed_ms):
        for last, ended_ms in enumerate(passed_ms[first:], start=first):
            assert (last - first + 1 - burst) * 1_000 <= rate * (ended_ms - began_ms)


@given(bursts, per_second, pauses_ms)
def test_nothing_is_refused_that_fits(burst: int, rate: int, gaps_ms: list[int]) -> None:
    """A message is refused only if one more would be too many in some window that ends with it."""
    times_ms = times_of(gaps_ms)
    buckets = Rates(burst, rate)
    passed_ms: list[int] = []
    for at_ms in times_ms:
        fits = all(
            (len(passed_ms) - first + 1 - burst) * 1_000 <= rate * (at_ms - began_ms)
            for first, began_ms in enumerate(passed_ms)
        )
        assert (buckets.admit("tv", START_MS + at_ms) == "passed") is fits
        if fits:
            passed_ms.append(at_ms)


@given(bursts, per_second, st.integers(0, 500), st.integers(1, 200))
def test_honest_sender_is_never_refused(burst: int, rate: int, extra_ms: int, count: int) -> None:
    """Whoever sends at the rate or slower passes for ever."""
    gap_ms = -(-1_000 // rate) + extra_ms

    assert set(admitted(Rates(burst, rate), "phone", (n * gap_ms for n in range(count)))) == {"passed"}


# --- the clock ------------------------------------------------------------------------------------


def test_clock_that_is_set_back_refills_nothing_and_counts_from_there() -> None:
    """An hour backwards brings no token; half a second later there is one, and not an hour later."""
    buckets = rates()
    drained(buckets)

    assert admitted(buckets, "tv", [-3_600_000, -3_599_501, -3_599_500, -3_599_500]) == [
        *("first_refusal", "further_refusal", "passed", "further_refusal")
    ]


@given(bursts, per_second, st.lists(st.integers(-3_000, 500), max_size=60))
def test_wandering_clock_passes_no_more_than_its_steps_forward_bring(
    burst: int, rate: int, steps_ms: list[int]
) -> None:
    """Steps backwards never refill, whatever comes after them."""
    answers = admitted(Rates(burst, rate), "tv", times_of(steps_ms))

    forward_ms = sum(max(0, step_ms) for step_ms in steps_ms[1:])
    assert (answers.count("passed") - burst) * 1_000 <= rate * forward_ms


# --- many senders ---------------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.sampled_from(["phone", "tv", "tv", "tv", "watch"])), max_size=80
    )
)
def test_flood_costs_nobody_else_anything(events: list[tuple[int, str]]) -> None:
    """What becomes of a sender's messages is the same with and without everybody else's."""
    times_ms = times_of(gap_ms for gap_ms, _ in events)
    together = rates()
    mixed = [
        (sender, at_ms, together.admit(sender, at_ms))
        for at_ms, (_, sender) in zip(times_ms, events, strict=True)
    ]

    for name in ("phone", "tv", "watch"):
        alone = rates()
        assert [answer for sender, _, answer in mixed if sender == name] == [
            alone.admit(name, at_ms) for sender, at_ms, _ in mixed if sender == name
        ]


def test_forgotten_sender_is_no_different_from_a_new_one() -> None:
    """Full buckets make room, each for one; whoever had one begins with a full one again."""
    buckets = rates(senders_max=2)
    for name in ("older", "old"):
        drained(buckets, name)

    for name in ("new", "newer"):
        drained(buckets, name, at_ms=FILLED_MS)
    assert len(buckets) == 2

    for name in ("older", "old"):
        drained(buckets, name, at_ms=2 * FILLED_MS)
        assert admitted(buckets, name, [2 * FILLED_MS]) == ["first_refusal"]


def test_limited_sender_is_never_forgotten() -> None:
    """Many new names buy a flood nothing, and let no other bucket be filled before its time."""
    buckets = rates(senders_max=2)
    drained(buckets, "tv")
    assert admitted(buckets, "tv", [0]) == ["first_refusal"]
    drained(buckets, "dash")

    for number in range(BURST):
        assert admitted(buckets, f"name-{number}", [0]) == ["passed"]

    assert admitted(buckets, "tv", [0]) == ["further_refusal"]
    assert admitted(buckets, "dash", [0]) == ["first_refusal"]
    assert admitted(buckets, "name-9", [0]) == ["first_refusal"]
    assert admitted(buckets, "name-10", [0]) == ["further_refusal"]


def test_spell_that_nobody_has_taken_note_of_is_not_forgotten() -> None:
    """A bucket that is full again stays until its spell was returned."""
    buckets = rates(senders_max=1)
    drained(buckets)
    admitted(buckets, "tv", [0])

    assert admitted(buckets, "new", [FILLED_MS]) == ["passed"]
    assert buckets.ended(START_MS + FILLED_MS) == (Spell("tv", START_MS, 1),)
    assert buckets.wait_ms(START_MS + FILLED_MS) is None


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 12)), max_size=120))
def test_any_number_of_names_passes_no_more_than_the_places_there_are(events: list[tuple[int, int]]) -> None:
    """Each place and the shared one pass a burst and their rate, however many names are tried."""
    buckets = rates(senders_max=3)
    times_ms = times_of(gap_ms for gap_ms, _ in events)

    answers = [
        buckets.admit(f"name-{name}", at_ms) for at_ms, (_, name) in zip(times_ms, events, strict=True)
    ]

    if times_ms:
        elapsed_ms = times_ms[-1] - times_ms[0]
        assert len(buckets) <= 3 + 1
        assert answers.count("passed") <= (3 + 1) * (BURST + PER_SECOND * elapsed_ms / 1_000)


def test_senders_that_share_a_bucket_have_a_spell_together() -> None:
    """There is no name to blame, and still one beginning and one end."""
    buckets = rates(senders_max=1)
    drained(buckets, "tv")
    for number in range(BURST):
        admitted(buckets, f"name-{number}", [0])

    assert admitted(buckets, "name-8", [0]) == ["first_refusal"]
    assert admitted(buckets, "name-9", [0]) == ["further_refusal"]
    assert buckets.ended(START_MS + FILLED_MS) == (Spell(None, START_MS, 2),)


# --- a flood is one spell -------------------------------------------------------------------------


def test_flood_has_one_beginning_and_one_end() -> None:
    """However long it lasts, and though some of it passes, it is returned once, with its count."""
    buckets = rates()
    answers = admitted(buckets, "tv", range(0, 60_000, 100))
    over_ms = START_MS + 59_900 + FILLED_MS

    assert answers.count("first_refusal") == 1
    assert buckets.ended(over_ms - 1) == ()
    refused = answers.count("first_refusal") + answers.count("further_refusal")
    # The sixth comes at 500 ms, and finds the token of half a second.
    assert buckets.ended(over_ms) == (Spell("tv", START_MS + 600, refused),)
    assert buckets.ended(over_ms) == ()


def test_second_flood_begins_anew() -> None:
    """What was returned is over."""
    buckets = rates()
    drained(buckets)
    assert admitted(buckets, "tv", [0]) == ["first_refusal"]
    assert len(buckets.ended(START_MS + FILLED_MS)) == 1

    drained(buckets, at_ms=FILLED_MS)
    assert admitted(buckets, "tv", [FILLED_MS]) == ["first_refusal"]
    assert buckets.ended(START_MS + 2 * FILLED_MS) == (Spell("tv", START_MS + FILLED_MS, 1),)


def test_two_floods_end_in_the_order_in_which_they_began() -> None:
    """Each when it is over by itself."""
    buckets = rates()
    for sender, at_ms in (("tv", 0), ("noisy", 100)):
        drained(buckets, sender, at_ms)
        admitted(buckets, sender, [at_ms, at_ms])

    assert [spell.sender for spell in buckets.ended(START_MS + FILLED_MS)] == ["tv"]
    assert [spell.sender for spell in buckets.ended(START_MS + FILLED_MS + 100)] == ["noisy"]


def test_wait_says_when_the_next_spell_can_be_over() -> None:
    """It is the time until then; none where there is no flood, and at least 1 ms where one is overdue."""
    buckets = rates()
    assert buckets.wait_ms(START_MS) is None
    drained(buckets)
    assert buckets.wait_ms(START_MS) is None
    admitted(buckets, "tv", [0])

    assert buckets.quiet_ms == FILLED_MS
    assert buckets.wait_ms(START_MS) == FILLED_MS
    assert buckets.wait_ms(START_MS + 1_000) == FILLED_MS - 1_000
    assert buckets.wait_ms(START_MS + 9_000) == 1

    drained(buckets, "noisy", at_ms=1_000)
    admitted(buckets, "noisy", [1_000])
    assert buckets.wait_ms(START_MS + 1_000) == FILLED_MS - 1_000


def test_spell_is_not_over_before_an_empty_bucket_is_full() -> None:
    """At three a second the one token takes 334 ms, not 333."""
    assert Rates(1, 3).quiet_ms == 334


def test_clock_that_is_set_back_does_not_prolong_a_spell() -> None:
    """An hour backwards, the flood is over after the same quiet."""
    buckets = rates()
    drained(buckets)
    admitted(buckets, "tv", [0])
    back_ms = START_MS - 3_600_000

    assert buckets.wait_ms(back_ms) == FILLED_MS
    assert buckets.ended(back_ms) == ()
    assert buckets.ended(back_ms + FILLED_MS) == (Spell("tv", START_MS, 1),)


@given(bursts, per_second, pauses_ms)
def test_every_refusal_is_counted_in_exactly_one_spell(burst: int, rate: int, gaps_ms: list[int]) -> None:
    """Whoever comes back when it is told to sees as many spells end as began, with all that was refused."""
    buckets = Rates(burst, rate)
    answers: list[Admission] = []
    spells: list[Spell] = []
    wake_ms: int | None = None
    for at_ms in [*times_of(gaps_ms), 10**9]:
        while wake_ms is not None and wake_ms <= at_ms:
            spells += buckets.ended(wake_ms)
            rest_ms = buckets.wait_ms(wake_ms)
            wake_ms = None if rest_ms is None else wake_ms + rest_ms
        if at_ms < 10**9:
            answers.append(buckets.admit("tv", at_ms))
            rest_ms = buckets.wait_ms(at_ms)
            wake_ms = None if rest_ms is None else at_ms + rest_ms

    assert len(spells) == answers.count("first_refusal")
    refused = answers.count("first_refusal") + answers.count("further_refusal")
    assert sum(spell.refused for spell in spells) == refused
    assert wake_ms is None


# --- who is the sender ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("topic", "sender"),
    [
        (command_topic("home", "car", "tv", "unlock"), "tv"),
        (reply_topic("home", "car", "phone", "phone-act-1"), "car"),
        (state_topic("home", "car", "doors"), "car"),
        (event_topic("home", "camera", "motion"), "camera"),
        (decision_topic("home", "car"), "car"),
        (online_topic("home", "car"), "car"),
        ("carhome/home/car/nonsense", NOBODY),
    ],
)
def test_sender_is_who_the_broker_lets_write_there(topic: str, sender: str) -> None:
    """A command's sender is named in its topic, everything else is its device's own; no payload is asked."""
    assert sender_of(parse_topic(topic)) == sender
