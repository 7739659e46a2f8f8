"""Places and roads as a household file describes them."""

import pytest
from pydantic import ValidationError

from sim.core.roads import DAY_MS, NO_MAP, RoadMap
from tests.maps import SQUARE, road, rush


@pytest.mark.parametrize(
    ("begin", "end", "clock_ms"), [("00:00", "07:30", 27_000_000), ("23:59", "24:00", 86_400_000)]
)
def test_a_time_of_the_day_is_counted_from_midnight(begin: str, end: str, clock_ms: int) -> None:
    """The end of the day is `24:00`."""
    assert road("home", "mill", 10, 60, rush=[rush(begin, end, 20)]).rush[0].until_ms == clock_ms


@pytest.mark.parametrize("written", ["7:30", "24:01", "25:00", "07:60", "0730", "", "noon"])
def test_what_is_no_time_of_the_day_is_refused(written: str) -> None:
    """With how to write one."""
    with pytest.raises(ValidationError, match=r"is no time of the day, write it as `07:30`"):
        road("home", "mill", 10, 60, rush=[rush("00:00", written, 20)])


def test_a_rush_ends_after_it_begins() -> None:
    """One over midnight is two."""
    with pytest.raises(ValidationError, match="one over midnight is written as two"):
        road("home", "mill", 10, 60, rush=[rush("22:00", "06:00", 20)])


def test_a_road_has_one_speed_at_a_time() -> None:
    """Rushes may touch and not overlap."""
    with pytest.raises(ValidationError, match="two rushes of a road overlap"):
        road("home", "mill", 10, 60, rush=[rush("08:00", "10:00", 20), rush("07:00", "08:01", 30)])
    touching = road("home", "mill", 10, 60, rush=[rush("08:00", "10:00", 20), rush("07:00", "08:00", 30)])

    clocks = [6, 7, 8, 10]
    assert [touching.speed_at_kmh(hour * 3_600_000) for hour in clocks] == [60, 30, 20, 60]
    assert [touching.next_change_ms(hour * 3_600_000) / 3_600_000 for hour in clocks] == [7, 8, 10, 24]


def test_a_map_begins_at_its_first_place() -> None:
    """And one without places nowhere in particular."""
    assert RoadMap(SQUARE).origin == (40.0, 116.5)
    assert NO_MAP.origin == (0.0, 0.0)
    assert road("home", "mill", 10, 60).next_change_ms(0) == DAY_MS
