"""A phone says where it is when its owner wants that, and only when it has moved."""

from types import SimpleNamespace
from typing import Any

import pytest

from sim.apps.location import LOOK_EVERY_MS, SIGNIFICANT_M, Locating, Location
from sim.core.device import Booted, Sensed, StartTimer, TimerFired
from tests.senses import FakeSenses, moment

LOOK = TimerFired("location")
M_PER_DEGREE = 111_195.0
"""Metres in a degree of latitude, on the mean sphere."""


def receiver(*, shared: bool) -> Locating:
    """Return a receiver that was just switched on."""
    config: Any = SimpleNamespace(shares_location=shared)
    return Locating.new("phone", config, {}).step(moment(FakeSenses()), Booted())[0]


def test_phone_tells_nobody_unless_its_owner_wants_it() -> None:
    """Without the setting there is no report, and no timer that would look."""
    silent = receiver(shared=False)

    assert silent.report() == ()
    assert silent.step(moment(FakeSenses()), LOOK) == (silent, ())


def test_phone_looks_again_and_again() -> None:
    """Every look starts the next one."""
    _, effects = receiver(shared=True).step(moment(FakeSenses()), LOOK)

    assert effects == (StartTimer("location", LOOK_EVERY_MS),)


@pytest.mark.parametrize(("moved_m", "reported"), [(SIGNIFICANT_M - 1, False), (SIGNIFICANT_M + 1, True)])
def test_phone_reports_when_it_has_moved(moved_m: float, reported: bool) -> None:  # noqa: FBT001  # a column
    """A few steps through the flat are nobody's business."""
    before = receiver(shared=True)

    after, _ = before.step(moment(FakeSenses(place=(40.0 + moved_m / M_PER_DEGREE, 116.5))), LOOK)

    assert (after.report() != before.report()) is reported


def test_phone_tells_a_metre_and_no_less() -> None:
    """Five decimals of a degree; what else happens changes nothing."""
    phone, _ = receiver(shared=True).step(moment(FakeSenses(place=(41.123456789, 116.987654321))), LOOK)

    assert phone.report() == (Location(latitude_deg=41.12346, longitude_deg=116.98765),)
    assert phone.step(moment(FakeSenses()), Sensed()) == (phone, ())
