"""Daylight from the height of the sun."""

from math import radians, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.physics.daylight import daylight

SUMMER, WINTER, SPRING = 172, 355, 81
"""Day of year of the solstices and of the equinox."""

minutes = st.floats(0, 1440)
days = st.integers(1, 366)
latitudes = st.floats(-90, 90)


@pytest.mark.parametrize(("day", "height_deg"), [(SUMMER, 73.45), (SPRING, 50), (WINTER, 26.55)])
def test_daylight_at_noon_is_the_sine_of_the_suns_height(day: int, height_deg: float) -> None:
    """At 40° north the noon sun stands at 50° plus the declination."""
    assert daylight(720, day, 40) == pytest.approx(sin(radians(height_deg)), abs=1e-4)


def test_daylight_at_midnight_is_none() -> None:
    """At 40° north every midnight is dark."""
    assert [daylight(0, day, 40) for day in (SUMMER, SPRING, WINTER)] == [0, 0, 0]


def test_daylight_beyond_the_polar_circle_lasts_or_fails_all_day() -> None:
    """At 75° north the midsummer sun does not set and the midwinter sun does not rise."""
    assert daylight(0, SUMMER, 75) > 0
    assert daylight(720, WINTER, 75) == 0


def test_daylight_at_the_equinox_begins_at_six() -> None:
    """At the equinox the sun rises at six and sets at eighteen."""
    assert daylight(350, SPRING, 40) == 0 < daylight(370, SPRING, 40)
    assert daylight(1090, SPRING, 40) == 0 < daylight(1070, SPRING, 40)


@given(minutes, days, latitudes)
def test_daylight_stays_between_0_and_1(minute: float, day: int, latitude: float) -> None:
    """Daylight is a share."""
    assert 0 <= daylight(minute, day, latitude) <= 1


@given(minutes, days, latitudes)
def test_daylight_is_alike_before_and_after_noon(minute: float, day: int, latitude: float) -> None:
    """Morning mirrors afternoon."""
    assert daylight(minute, day, latitude) == pytest.approx(daylight(1440 - minute, day, latitude), abs=1e-9)


@given(minutes, days, latitudes)
def test_daylight_is_brightest_at_noon(minute: float, day: int, latitude: float) -> None:
    """No minute of a day is brighter than its noon."""
    assert daylight(minute, day, latitude) <= daylight(720, day, latitude) + 1e-9
