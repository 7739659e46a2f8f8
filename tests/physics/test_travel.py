"""Positions and near approaches on a plane of metres."""

from math import cos, radians

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.physics.travel import (
    EARTH_RADIUS_M,
    WALKING_M_PER_S,
    Journey,
    Path,
    Point,
    Stretch,
    distance_m,
    local_plane,
    standing,
)

coordinates = st.floats(-1_000, 1_000, allow_subnormal=False)
points = st.tuples(coordinates, coordinates)
paths = st.builds(
    Path, start=points, end=points, start_ms=st.integers(0, 10**9), speed_m_per_s=st.floats(0.1, 50)
)


def test_path_is_walked_at_its_speed() -> None:
    """Fourteen metres at walking speed take ten seconds, and half of them five."""
    walk = Path((0, 0), (14, 0), 1_000, WALKING_M_PER_S)

    assert walk.arrival_ms == 11_000
    assert walk.position(6_000) == pytest.approx((7, 0))


def test_path_waits_before_and_stays_after() -> None:
    """Before a path begins one stands at its start, after arrival exactly at its end."""
    walk = Path((0.1, 0.2), (3.3, 7.7), 1_000, 1.4)

    assert walk.position(0) == walk.position(1_000) == (0.1, 0.2)
    assert walk.position(walk.arrival_ms) == walk.position(walk.arrival_ms + 5) == (3.3, 7.7)
    assert walk.position(walk.arrival_ms - 1) != (3.3, 7.7)


def test_standing_stays() -> None:
    """Somebody standing has arrived, and is nowhere else at any time."""
    alice = standing((3, 4), 500)

    assert alice.arrival_ms == alice.closest_ms((0, 0)) == 500
    assert alice.position(0) == alice.position(10**9) == (3, 4)
    assert alice.within_ms((0, 0), 5) == 500
    assert alice.within_ms((0, 0), 4.99) is None


def test_path_to_elsewhere_at_speed_zero_is_a_bug() -> None:
    """A path that could never arrive cannot be made, nor one that runs backwards."""
    with pytest.raises(AssertionError, match="no arrival"):
        Path((0, 0), (1, 0), 0, 0)
    with pytest.raises(AssertionError, match="forwards"):
        Path((0, 0), (1, 0), 0, -1)


def test_walk_towards_a_car_comes_within_reach() -> None:
    """Walking ten metres to a car one is within 1.5 m after 8.5 m."""
    walk = Path((10, 0), (0, 0), 0, 1)

    assert walk.within_ms((0, 0), 1.5) == 8_500
    assert walk.within_ms((0, 0), 20) == 0


def test_passing_by_comes_no_nearer_than_the_perpendicular() -> None:
    """Passing at 3 m one is closest abeam, within 5 m from 4 m before it, and never within 2 m."""
    drive = Path((-10, 3), (10, 3), 0, 2)

    assert drive.closest_ms((0, 0)) == 5_000
    assert drive.within_ms((0, 0), 5) == 3_000
    assert drive.within_ms((0, 0), 2) is None


def test_closest_beyond_an_end_is_that_end() -> None:
    """A path that leads away is closest at its start, one that stops short at its end."""
    walk = Path((5, 0), (10, 0), 100, 1)

    assert walk.closest_ms((0, 0)) == 100
    assert walk.closest_ms((20, 1)) == walk.arrival_ms


@settings(deadline=None)
@given(paths, points, st.floats(0, 2_000), st.floats(0, 1))
def test_within_is_the_first_millisecond(
    path: Path, point: tuple[float, float], reach: float, share: float
) -> None:
    """At the answer the point is in reach, a millisecond earlier not; without one it never is."""
    first_ms = path.within_ms(point, reach)
    sometime_ms = path.start_ms + round(share * (path.arrival_ms - path.start_ms))

    if first_ms is None:
        assert distance_m(path.position(sometime_ms), point) > reach - 1e-9
    else:
        assert distance_m(path.position(first_ms), point) <= reach
        assert first_ms == path.start_ms or distance_m(path.position(first_ms - 1), point) > reach


@settings(deadline=None)
@given(paths, points, st.floats(0, 1))
def test_closest_is_nowhere_farther(path: Path, point: tuple[float, float], share: float) -> None:
    """At no millisecond of a path is one nearer than at the closest."""
    sometime_ms = path.start_ms + round(share * (path.arrival_ms - path.start_ms))
    nearest_m = distance_m(path.position(path.closest_ms(point)), point)

    assert nearest_m <= distance_m(path.position(sometime_ms), point) + 1e-9


@given(paths, st.integers(0, 10**9))
def test_path_never_outruns_its_speed(path: Path, elapsed_ms: int) -> None:
    """Within a second nobody gets farther than the speed says."""
    now_ms = path.start_ms + elapsed_ms
    moved_m = distance_m(path.position(now_ms), path.position(now_ms + 1_000))

    assert moved_m <= path.speed_m_per_s * (1 + 1e-9) + 1e-9


def test_local_plane_is_east_and_north_of_its_origin() -> None:
    """A degree north is 111.2 km; a degree east is less by the cosine of the latitude."""
    degree_m = EARTH_RADIUS_M * radians(1)

    assert local_plane((40, 116), (40, 116)) == (0, 0)
    assert local_plane((41, 116), (40, 116)) == pytest.approx((0, degree_m))
    assert local_plane((40, 115), (40, 116)) == pytest.approx((-degree_m * cos(radians(40)), 0))


def test_local_plane_takes_the_short_way_over_the_date_line() -> None:
    """From 179.9° east to 179.9° west it is a fifth of a degree."""
    east_m, north_m = local_plane((0, -179.9), (0, 179.9))

    assert east_m == pytest.approx(EARTH_RADIUS_M * radians(0.2))
    assert north_m == 0


def test_earth_radius_is_the_mean_of_the_ellipsoid() -> None:
    """The radius is (2a + b) / 3 of WGS 84."""
    a_m, flattening = 6_378_137.0, 1 / 298.257223563

    assert pytest.approx(EARTH_RADIUS_M, abs=0.05) == (2 * a_m + a_m * (1 - flattening)) / 3


# --- journeys along roads ---------------------------------------------------------------------------


def bend(start_ms: int, length_m: float, kmh: float, begin: Point, end: Point) -> Stretch:
    """Return a stretch of a road from one point to another."""
    return Stretch("road", begin, end, start_ms, length_m, kmh / 3.6, "home", "office", 0.0)


DRIVE = Journey((bend(1_000, 900, 32.4, (0, 0), (600, 0)), bend(101_000, 500, 36, (600, 0), (600, 500))))
"""900 m at 9 m/s, drawn as 600 m; and then 500 m at 10 m/s."""


def test_a_journey_is_driven_stretch_by_stretch() -> None:
    """On a bending road one is seen to go more slowly than one drives."""
    assert (DRIVE.start, DRIVE.end, DRIVE.start_ms, DRIVE.arrival_ms) == ((0, 0), (600, 500), 1_000, 151_000)
    assert DRIVE.position(0) == DRIVE.position(1_000) == (0, 0)
    assert DRIVE.position(51_000) == pytest.approx((300, 0))
    assert DRIVE.position(126_000) == pytest.approx((600, 250))
    assert DRIVE.position(151_000) == DRIVE.position(999_000) == (600, 500)


def test_a_journey_tells_how_far_and_how_fast() -> None:
    """Along the road, not along the line on the map."""
    assert DRIVE.driven_m(51_000) == pytest.approx(450)
    assert DRIVE.driven_m(151_000) == pytest.approx(1400)
    assert [DRIVE.speed_at(ms) * 3.6 for ms in (0, 1_000, 101_000, 151_000)] == pytest.approx(
        [0, 32.4, 36, 0]
    )
    assert [DRIVE.next_change_ms(ms) for ms in (1_000, 101_000)] == [101_000, 151_000]


@given(paths, st.integers(0, 10**9))
def test_a_path_tells_how_far_and_how_fast_as_well(path: Path, later_ms: int) -> None:
    """Distance is speed times time until the arrival."""
    now_ms = path.start_ms + later_ms
    length_m = distance_m(path.start, path.end)

    assert path.driven_m(now_ms) == pytest.approx(min(path.speed_m_per_s * later_ms / 1000, length_m))
    assert path.speed_at(now_ms) == (path.speed_m_per_s if now_ms < path.arrival_ms else 0)
    assert path.next_change_ms(now_ms) == path.arrival_ms
