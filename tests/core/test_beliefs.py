"""Beliefs: the newest report of each facet, and what may be shown of it."""

from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from sim.core.beliefs import UNKNOWN, Belief, Beliefs


def report(
    seq: int, *, boot: int = 1, when_offline: Literal["unknown", "last"] = "unknown", **values: object
) -> Belief:
    """Return a report that was measured at its sequence number."""
    return Belief(values, seq, (boot, seq), when_offline)


def test_nothing_is_known_of_whom_nobody_heard() -> None:
    """Before the first message everything is unknown."""
    beliefs = Beliefs()

    assert beliefs.about("su7").online is None
    assert beliefs.raw("su7", "locked") is None
    assert beliefs.shown("su7", "locked") == UNKNOWN


def test_report_of_an_online_device_is_shown_with_its_age() -> None:
    """What an online device says is shown."""
    beliefs = Beliefs().online("su7", online=True).heard("su7", "doors", report(3, locked=True))

    assert beliefs.shown("su7", "locked") is True
    assert beliefs.raw("su7", "locked") == (True, 3)
    assert beliefs.shown("su7", "speed_kmh") == UNKNOWN
    assert beliefs.raw("su7", "speed_kmh") is None


def test_report_of_a_device_that_is_gone_is_unknown_unless_it_may_be_kept() -> None:
    """Once the will came, a door may be anything; a battery is shown as it was last."""
    beliefs = Beliefs().online("su7", online=True).heard("su7", "doors", report(1, locked=True))
    beliefs = beliefs.heard("su7", "battery", report(2, when_offline="last", battery_percent=80))

    beliefs = beliefs.online("su7", online=False)

    assert beliefs.shown("su7", "locked") == UNKNOWN
    assert beliefs.raw("su7", "locked") == (True, 1)
    assert beliefs.shown("su7", "battery_percent") == 80


def test_report_that_is_not_newer_changes_nothing() -> None:
    """The same object comes back, so that nobody is told of it."""
    beliefs = Beliefs().heard("su7", "doors", report(5, locked=True))

    assert beliefs.heard("su7", "doors", report(5, locked=False)) is beliefs
    assert beliefs.heard("su7", "doors", report(4, locked=False)) is beliefs


def test_report_after_a_restart_is_newer_whatever_its_number() -> None:
    """The boot number counts first."""
    beliefs = Beliefs().heard("su7", "doors", report(5, locked=True))

    beliefs = beliefs.heard("su7", "doors", report(1, boot=2, locked=False))

    assert beliefs.raw("su7", "locked") == (False, 1)


def test_who_hears_nothing_any_more_vouches_for_nobody() -> None:
    """Values are kept; whether their source is still there is not known, so what may change is unknown."""
    beliefs = Beliefs().heard("su7", "doors", report(1, locked=True)).online("su7", online=True)

    cut_off = beliefs.out_of_reach()

    assert cut_off.about("su7").online is None
    assert cut_off.shown("su7", "locked") == UNKNOWN
    assert cut_off.raw("su7", "locked") == (True, 1)
    assert cut_off.online("su7", online=True) == beliefs


@given(st.permutations(range(1, 6)))
def test_order_of_arrival_does_not_matter(order: list[int]) -> None:
    """Whatever order a broker delivers, the newest report is believed."""
    beliefs = Beliefs()

    for seq in order:
        beliefs = beliefs.heard("su7", "doors", report(seq, locked=seq))

    assert beliefs.raw("su7", "locked") == (5, 5)
