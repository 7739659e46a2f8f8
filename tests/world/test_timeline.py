"""Virtual time: in order, ties as they were planned, never back, nothing jumped over."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.world.timeline import Timeline


def play(timeline: Timeline) -> None:
    """Run everything, at its time."""
    while (due_ms := timeline.next_due_ms()) is not None:
        timeline.advance(due_ms)
        for action in timeline.take_due():
            action()


def ignore(_: Callable[[], None]) -> None:
    """Leave what is planned as it is."""


@given(st.lists(st.integers(0, 20), max_size=30))
def test_actions_run_by_time_and_ties_in_the_order_of_planning(dues_ms: list[int]) -> None:
    """Sorting is stable: what was planned first runs first."""
    timeline = Timeline(0)
    ran: list[tuple[int, int]] = []
    for index, due_ms in enumerate(dues_ms):
        timeline.at(due_ms, lambda key=(due_ms, index): ran.append(key))  # type: ignore[misc]  # a default binds it

    play(timeline)

    assert ran == sorted(ran)
    assert len(ran) == len(dues_ms)


def test_action_planned_for_the_past_is_due_now() -> None:
    """Time never runs back, not even for a late plan."""
    timeline = Timeline(100)

    timeline.at(50, lambda: None)

    assert timeline.next_due_ms() == 100
    assert len(list(timeline.take_due())) == 1
    assert timeline.next_due_ms() is None


def test_cancelled_action_does_not_run() -> None:
    """What is cancelled is not due, and cancelling it again does nothing."""
    timeline = Timeline(0)
    ran: list[str] = []
    cancel = timeline.at(10, lambda: ran.append("a"))
    timeline.at(20, lambda: ran.append("b"))

    cancel()
    cancel()

    assert timeline.next_due_ms() == 20
    play(timeline)
    assert ran == ["b"]


def test_action_cancelled_by_one_of_the_same_instant_does_not_run() -> None:
    """A timer that is stopped in its very last millisecond is stopped."""
    timeline = Timeline(0)
    ran: list[str] = []
    cancels: list[Callable[[], None]] = []

    def cancel_all() -> None:
        for cancel in cancels:
            cancel()

    timeline.at(10, cancel_all)
    cancels.append(timeline.at(10, lambda: ran.append("late")))
    timeline.at(10, lambda: ran.append("kept"))

    play(timeline)

    assert ran == ["kept"]


def test_action_planned_by_one_of_the_same_instant_waits_for_the_next_look() -> None:
    """What an action plans for now does not cut in before the others of its instant."""
    timeline = Timeline(0)
    ran: list[str] = []
    timeline.at(0, lambda: ignore(timeline.at(0, lambda: ran.append("second"))))
    timeline.at(0, lambda: ran.append("first"))

    for action in timeline.take_due():
        action()

    assert ran == ["first"]
    assert timeline.next_due_ms() == 0


def test_clock_does_not_run_back() -> None:
    """Running back is a bug."""
    with pytest.raises(AssertionError, match="runs back"):
        Timeline(10).advance(9)


def test_clock_does_not_jump_over_what_is_due() -> None:
    """Forgetting something due is a bug."""
    timeline = Timeline(0)
    timeline.at(5, lambda: None)

    timeline.advance(5)

    with pytest.raises(AssertionError, match="jumped over"):
        timeline.advance(6)
