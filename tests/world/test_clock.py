"""The clock a node judges by: it follows the wall clock forward, never goes back, and forgives in time."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from sim.world.node.clock import STEP_OUT_MS, SteadyClock
from tests.senses import START_MS

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@dataclass
class Quartz:
    """A wall clock that can be moved, and a quartz that cannot."""

    uptime: int = 0
    skew: int = 0

    def now_ms(self) -> int:
        """Return what the wall clock says."""
        return START_MS + self.uptime + self.skew

    def uptime_ms(self) -> int:
        """Return how long it has been running."""
        return self.uptime


def clock_of(quartz: Quartz, not_before_ms: int = 0) -> SteadyClock:
    """Return the clock under test."""
    return SteadyClock(quartz, not_before_ms)  # type: ignore[arg-type]  # the two times of a port are all it uses


def test_follows_a_clock_that_nobody_moves() -> None:
    """With an honest wall clock it says the same."""
    quartz = Quartz()
    clock = clock_of(quartz)
    for _ in range(5):
        quartz.uptime += 777
        assert clock.now_ms() == quartz.now_ms()


def test_goes_forward_with_the_wall_clock_at_once() -> None:
    """What the wall clock says to be over is over."""
    quartz = Quartz()
    clock = clock_of(quartz)
    quartz.skew = HOUR_MS
    assert clock.now_ms() == START_MS + HOUR_MS


def test_does_not_follow_a_jump_of_a_day_that_does_not_last() -> None:
    """A clock that is a day ahead for a moment changes nothing; one that stays there is believed."""
    quartz = Quartz()
    clock = clock_of(quartz)
    quartz.skew = DAY_MS
    quartz.uptime += 2_000
    assert clock.now_ms() == START_MS + 2_000
    quartz.skew = 0
    quartz.uptime += HOUR_MS
    assert clock.now_ms() == quartz.now_ms()

    quartz.skew = DAY_MS
    clock.now_ms()
    quartz.uptime += STEP_OUT_MS - 1
    assert clock.now_ms() == quartz.now_ms() - DAY_MS
    quartz.uptime += 1
    assert clock.now_ms() == quartz.now_ms()


def test_goes_on_at_half_speed_until_the_wall_clock_has_caught_up() -> None:
    """A clock that was an hour ahead for a moment is right again after two hours, and never went back."""
    quartz = Quartz(skew=HOUR_MS)
    clock = clock_of(quartz)
    quartz.skew = 0
    quartz.uptime += HOUR_MS
    assert clock.now_ms() == START_MS + HOUR_MS + HOUR_MS // 2
    quartz.uptime += HOUR_MS
    assert clock.now_ms() == quartz.now_ms()
    quartz.uptime += 1
    assert clock.now_ms() == quartz.now_ms()


def test_begins_no_earlier_than_the_time_it_knew_before() -> None:
    """A restart with a clock that was set back while the power was off revives nothing."""
    quartz = Quartz(skew=-HOUR_MS)
    assert clock_of(quartz, START_MS).now_ms() == START_MS


@given(
    st.lists(
        st.tuples(st.integers(0, HOUR_MS), st.integers(-2 * HOUR_MS, 2 * HOUR_MS)), min_size=1, max_size=30
    )
)
def test_never_goes_back_and_never_stands(moves: list[tuple[int, int]]) -> None:
    """Whatever is done to the wall clock: time goes on, at half speed at least."""
    quartz = Quartz()
    clock = clock_of(quartz)
    before = clock.now_ms()
    for passed, skew in moves:
        quartz.uptime += passed
        quartz.skew = skew
        now = clock.now_ms()
        assert now >= before + passed // 2
        before = now


@given(st.integers(1, 500), st.integers(1, 3))
def test_half_speed_loses_nothing_to_rounding(steps: int, step_ms: int) -> None:
    """Asked after every millisecond or once, it says the same."""
    often, once = Quartz(skew=HOUR_MS), Quartz(skew=HOUR_MS)
    asked_often, asked_once = clock_of(often), clock_of(once)
    often.skew = once.skew = 0
    for _ in range(steps):
        often.uptime += step_ms
        asked_often.now_ms()
    once.uptime += steps * step_ms
    assert asked_often.now_ms() == asked_once.now_ms()
