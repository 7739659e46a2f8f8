"""The driver monitor: deadlines of two profiles, what is cleared, and the lock-out."""

import pytest

from sim.devices.car.attention import LOCKED_OUT_MS, Monitor, ProfileName, Warning_


def course(monitor: Monitor, until_ms: int) -> tuple[Monitor, list[tuple[int, Warning_]]]:
    """Return the monitor after a time, and when which warning came."""
    heard: list[tuple[int, Warning_]] = []
    while (due_ms := monitor.next_ms) is not None and due_ms <= until_ms:
        monitor = monitor.due(due_ms)
        heard.append((due_ms, monitor.warning))
    return monitor, heard


@pytest.mark.parametrize(
    ("profile", "seconds"), [("gb", (5, 15, 20)), ("un_r79", (15, 30, 60))], ids=["gb", "un_r79"]
)
def test_hands_off_is_requested_escalated_and_stopped(
    profile: ProfileName, seconds: tuple[int, int, int]
) -> None:
    """Hands off is requested escalated and stopped."""
    monitor, heard = course(Monitor(profile).saw("hands", 10_000, here=False), 200_000)

    stages: tuple[Warning_, ...] = ("request", "escalated", "stopping")
    assert heard == [(10_000 + s * 1_000, one) for s, one in zip(seconds, stages, strict=True)]
    assert monitor.locked_out(10_000 + seconds[2] * 1_000 + LOCKED_OUT_MS - 1)
    assert not monitor.locked_out(10_000 + seconds[2] * 1_000 + LOCKED_OUT_MS)


def test_hands_back_clear_everything_and_begin_anew() -> None:
    """Hands back clear everything and begin anew."""
    monitor, _ = course(Monitor().saw("hands", 0, here=False), 6_000)
    assert monitor.warning == "request"
    back = monitor.saw("hands", 6_000, here=True)
    assert (back.warning, back.next_ms) == ("none", None)
    assert back.saw("hands", 7_000, here=False).next_ms == 12_000


def test_who_is_away_stays_away_since_the_beginning() -> None:
    """Who is away stays away since the beginning."""
    monitor = Monitor().saw("eyes", 0, here=False).saw("eyes", 4_000, here=False)
    assert monitor.next_ms == 5_000


def test_the_strongest_of_two_warnings_is_given() -> None:
    """The strongest of two warnings is given."""
    both = Monitor().saw("hands", 0, here=False).saw("eyes", 0, here=False)
    monitor, heard = course(both, 9_000)
    assert heard == [(5_000, "request"), (8_000, "escalated")]
    assert monitor.saw("eyes", 9_000, here=True).warning == "request"


def test_what_is_overdue_is_caught_up_with_at_once() -> None:
    """What is overdue is caught up with at once."""
    late = Monitor().saw("hands", 0, here=False).due(16_000)
    assert (late.warning, late.next_ms) == ("escalated", 20_000)


def test_three_escalations_lock_out_without_a_stop() -> None:
    """Three escalations lock out without a stop."""
    monitor = Monitor()
    for begin_ms in (0, 600_000, 1_200_000):
        assert not monitor.locked_out(begin_ms)
        monitor, _ = course(monitor.saw("hands", begin_ms, here=False), begin_ms + 15_000)
        monitor = monitor.saw("hands", begin_ms + 16_000, here=True)
    assert monitor.locked_until_ms == 1_215_000 + LOCKED_OUT_MS


def test_escalations_of_long_ago_do_not_count() -> None:
    """Escalations of long ago do not count."""
    monitor = Monitor()
    for begin_ms in (0, 600_000, 2_400_000):
        monitor, _ = course(monitor.saw("hands", begin_ms, here=False), begin_ms + 15_000)
        monitor = monitor.saw("hands", begin_ms + 16_000, here=True)
    assert not monitor.locked_out(2_500_000)


def test_at_ease_it_watches_nobody() -> None:
    """At ease it watches nobody."""
    fresh = Monitor()
    assert fresh.at_ease() is fresh
    assert fresh.saw("sight", 0, here=False).at_ease().next_ms is None
