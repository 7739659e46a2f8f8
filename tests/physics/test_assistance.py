"""What assists a driver, piece by piece: sight, following, braking, steering, the others, the line."""

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.roads import BendOfRoad, Road
from sim.physics.assistance import following
from sim.physics.assistance.braking import LATENCY_S, RAMP, Own, least_gap_m, must_brake
from sim.physics.assistance.following import Ahead
from sim.physics.assistance.lane import STRAIGHT, Bend, curvature, steered
from sim.physics.assistance.line import Leg, Line, line_of
from sim.physics.assistance.loop import allowed
from sim.physics.assistance.others import Phase, RoadUser, planned
from sim.physics.assistance.sight import Air, Sensors, camera_m, lidar_m, sight_m, speed_for_sight
from sim.physics.travel import Journey, Path, Stretch
from tests.physics.drives import drive

# --- sight ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("air", "lidar", "camera", "lit"),
    [
        (Air(), 200, 150, 150),
        (Air(dark=True), 200, 60, 120),
        (Air(rain_mm_per_h=30), 140, 82.5, 82.5),
        (Air(visibility_m=300), 85.3, 150, 150),
        (Air(visibility_m=100), 47.8, 50, 50),
        (Air(visibility_m=40), 26.8, 20, 20),
        (Air(rain_mm_per_h=200), 0, 0, 0),
    ],
)
def test_how_far_sensors_see(air: Air, lidar: float, camera: float, lit: float) -> None:
    """How far sensors see."""
    assert lidar_m(air) == pytest.approx(lidar, abs=0.1)
    assert camera_m(air, lit=False) == pytest.approx(camera)
    assert camera_m(air, lit=True) == pytest.approx(lit)


def test_fog_weakens_both_ways_of_the_light() -> None:
    """The light that comes back is as much as from 200 m of clear air: R⁴ of the equation is in neither."""
    reach_m = lidar_m(Air(visibility_m=120))
    assert log(reach_m) + log(20) / 120 * reach_m == pytest.approx(log(200.0))


def test_the_better_sensor_counts_and_none_sees_nothing() -> None:
    """The better sensor counts and none sees nothing."""
    fog = Air(visibility_m=300)
    assert sight_m(Sensors(), fog) == 150
    assert sight_m(Sensors(camera=False), fog) == lidar_m(fog)
    assert sight_m(Sensors(lidar=False, camera=False), fog) == 0


@pytest.mark.parametrize(("reach_m", "kmh"), [(200, 108), (150, 91), (120, 80), (60, 51), (48, 44)])
def test_speed_for_sight(reach_m: float, kmh: float) -> None:
    """120 m at 80 km/h is as reported of the Chinese standard in force 2027."""
    speed = speed_for_sight(reach_m)
    assert speed * 3.6 == pytest.approx(kmh, abs=0.7)
    assert speed * 1.5 + speed**2 / 6 == pytest.approx(reach_m - 5)


def test_without_sight_nothing_goes() -> None:
    """Without sight nothing goes."""
    assert speed_for_sight(3.0) == 0.0


def test_wet_roads_brake_less() -> None:
    """Wet roads brake less."""
    most = [Air(rain_mm_per_h=rain).most_braking_m_per_s2 for rain in (0, 5, 19.9, 20)]
    assert most == [8.0, 6.5, 6.5, 5.5]


# --- following -----------------------------------------------------------------------------------------


def test_at_its_speed_on_a_free_road_it_neither_speeds_up_nor_brakes() -> None:
    """At its speed on a free road it neither speeds up nor brakes."""
    assert following.acc(25.0, 25.0, None) == 0.0
    assert following.idm(0.0, 25.0, None) == following.ACCELERATION
    assert -following.COMFORTABLE < following.idm(40.0, 20.0, None) < -1


@given(speed=st.floats(0.1, 40), gap=st.floats(1, 200), closing=st.floats(-15, 15), its=st.floats(-9, 3))
def test_guard_only_ever_brakes_harder(speed: float, gap: float, closing: float, its: float) -> None:
    """Guard only ever brakes harder."""
    ahead = Ahead(gap, max(speed - closing, 0.0), its)
    assert following.guarded(speed, 30.0, ahead) <= following.acc(speed, 30.0, ahead)


def test_who_cuts_in_at_the_same_speed_is_not_braked_for_hard() -> None:
    """That is what the ACC model is for; the plain model brakes more than twice as hard."""
    ahead = Ahead(20.0, 30.0, 0.0)
    assert following.acc(30.0, 33.0, ahead) > -2.5
    assert following.idm(30.0, 33.0, ahead) < -5


def test_one_ahead_that_stands_and_brakes_is_understood() -> None:
    """One ahead that stands and brakes is understood."""
    assert following.acc(10.0, 30.0, Ahead(30.0, 0.0, 0.0)) < 0
    assert following.acc(10.0, 30.0, Ahead(15.0, 9.0, -3.0)) < -1
    assert following.acc(0.0, 30.0, Ahead(10.0, 0.0, 0.0)) > 0


def test_limits_are_those_of_the_standard() -> None:
    """Limits are those of the standard."""
    assert following.limits(3.0) == (4.0, 5.0, 5.0)
    assert following.limits(30.0) == (2.0, 3.5, 2.5)
    assert following.limits(12.5) == pytest.approx((3.0, 4.25, 3.75))


def test_limit_ahead_is_braked_for_when_it_is_time() -> None:
    """Limit ahead is braked for when it is time."""
    assert following.for_limit(25.0, 20.0, 500.0) == 0.0
    assert following.for_limit(25.0, 20.0, 100.0) == pytest.approx(-1.125)


# --- braking -------------------------------------------------------------------------------------------


@given(
    speed=st.floats(0.5, 45),
    acceleration=st.floats(-8, 2),
    gap=st.floats(1, 150),
    theirs=st.floats(0, 45),
    its=st.floats(-9, 2),
)
def test_predicted_least_gap_is_what_comes_of_braking(
    speed: float, acceleration: float, gap: float, theirs: float, its: float
) -> None:
    """Against the same motion in steps of a millisecond."""
    own, ahead = Own(speed, acceleration, 8.0), Ahead(gap, theirs, its)
    way, v, a, at_s, least = 0.0, speed, min(acceleration, 0.0), 0.0, gap
    while v > 0 and at_s < 30:
        if at_s >= LATENCY_S:
            a = max(a - RAMP * 0.001, -8.0)
        after = max(v + a * 0.001, 0.0)
        way += (v + after) / 2 * 0.001
        v, at_s = after, at_s + 0.001
        moved_s = min(at_s, theirs / -its) if its < -1e-9 else at_s
        least = min(least, gap + theirs * moved_s + its * moved_s**2 / 2 - way)
    assert least_gap_m(own, ahead, LATENCY_S) == pytest.approx(least, abs=0.12)


def test_nothing_is_braked_for_that_goes_away() -> None:
    """Nothing is braked for that goes away."""
    assert not must_brake(Own(20.0, 0.0, 8.0), Ahead(1.0, 25.0, 0.0), 0.05)
    assert must_brake(Own(20.0, 0.0, 8.0), Ahead(10.0, 10.0, 0.0), 0.05)
    assert must_brake(Own(20.0, 0.0, 8.0), Ahead(2.0, 21.0, -8.0), 0.05)


# --- steering ------------------------------------------------------------------------------------------


def test_bend_begins_and_ends_with_a_clothoid() -> None:
    """Bend begins and ends with a clothoid."""
    bend = Bend(100.0, 300.0, 0.01)
    assert [bend.at(at) for at in (50, 100, 150, 200, 250, 300, 350, 400, 450)] == pytest.approx(
        [0, 0, 0.005, 0.01, 0.01, 0.01, 0.005, 0, 0]
    )
    assert curvature((bend, Bend(400.0, 300.0, -0.01)), 500.0) == -0.01


@pytest.mark.parametrize("off_m", [0.5, -0.5])
def test_steering_goes_back_to_the_middle(off_m: float) -> None:
    """Steering goes back to the middle."""
    assert steered(STRAIGHT._replace(offset_m=off_m), 20.0, 0.0, 0.05).asked_rad * off_m < 0
    assert steered(STRAIGHT, 20.0, 0.0, 0.05) == STRAIGHT
    assert not STRAIGHT._replace(offset_m=off_m).calm


# --- the others ----------------------------------------------------------------------------------------


def test_somebody_follows_a_plan_and_stands_where_it_stops() -> None:
    """Somebody follows a plan and stands where it stops."""
    user = planned("1", 50.0, 10.0, [(2.0, 0.0), (10.0, -5.0), (4.0, 2.0)], since_ms=1_000)
    assert user.at(3_000) == Phase(3_000, 70.0, 10.0, -5.0)
    assert user.at(5_000)[1:] == (80.0, 0.0, 0.0)
    assert user.at(12_900)[1:3] == (80.0, 0.0)
    assert user.at(15_000)[1:3] == pytest.approx((84.0, 4.0))
    assert user.at(60_000).acceleration == 0.0
    assert user.edges_ms(4_000) == [5_000.0, 13_000.0, 17_000.0]


def test_somebody_changes_speed_and_leaves() -> None:
    """Somebody changes speed and leaves."""
    user = planned("1", 0.0, 20.0, []).changing(1_000, 10.0, 5.0)
    assert user.at(2_000)[1:] == pytest.approx((37.5, 15.0, -5.0))
    assert user.at(10_000)[1:] == pytest.approx((50.0 + 70.0, 10.0, 0.0))
    assert user.changing(5_000, 10.0, 1.0).at(6_000).speed == 10.0
    assert user.changing(5_000, 15.0, 1.0).at(6_000).acceleration == 1.0
    gone = user.leaving(7_000)
    assert (gone.in_lane(6_999), gone.in_lane(7_000)) == (True, False)
    assert not RoadUser("1", user.phases, appears_ms=100).in_lane(99)


# --- the line ------------------------------------------------------------------------------------------


def _road(**more: object) -> Road:
    return Road.model_validate({"from": "a", "to": "b", "length_m": 1_000.0, "speed_kmh": 72.0, **more})


def _stretch(*, origin: str = "a", kmh: float = 72.0, done: float = 0.0, start_ms: int = 0) -> Stretch:
    length_m = 1_000.0 * (1 - done) if done else 1_000.0
    to = "b" if origin == "a" else "a"
    return Stretch("r", (0.0, 0.0), (900.0, 0.0), start_ms, length_m, kmh / 3.6, origin, to, done)


BEND = {"at": 100.0, "length": 300.0, "radius": 200.0, "turns": "right"}


def test_line_of_a_road_has_its_sign_and_its_bend_in_either_direction() -> None:
    """Line of a road has its sign and its bend in either direction."""
    roads = {"r": _road(limit_kmh=60.0, bends=[BEND], lanes=2)}
    there = line_of(Journey((_stretch(),)), 0, roads)
    back = line_of(Journey((_stretch(origin="b"),)), 0, roads)
    assert there.bends == (Bend(100.0, 300.0, -1 / 200),)
    assert back.bends == (Bend(600.0, 300.0, 1 / 200),)
    assert [one.why for one in there.caps] == ["sign", "bend"]
    assert there.caps[1].speed == pytest.approx(20.0)
    assert there.length_m == 1_000.0
    speed, why = allowed(drive(kmh=100, line=there).situation, 50.0)
    assert (speed, why) == (60 / 3.6, "sign")


def test_line_of_what_is_left_begins_here() -> None:
    """Line of what is left begins here."""
    roads = {"r": _road(bends=[BEND])}
    line = line_of(Journey((_stretch(),)), 10_000, roads)
    assert line.legs[0].done_m == pytest.approx(200.0)
    assert [(round(one.at_m, 6), one.curvature) for one in line.bends] == [(-100.0, -1 / 200)]
    assert line.point(0.0) == pytest.approx((180.0, 0.0))
    assert line_of(Journey((_stretch(),)), 30_000, roads).bends == ()


def test_crowd_is_a_limit_where_the_road_is_slower_than_usual() -> None:
    """Crowd is a limit where the road is slower than usual."""
    roads = {"r": _road()}
    two = Journey((_stretch(kmh=36), _stretch(kmh=72, start_ms=100_000)))
    line = line_of(two, 0, roads)
    assert [(one.until_m, one.why) for one in line.caps] == [(1_000.0, "crowd")]
    assert line_of(two, 120_000, roads).caps == ()


def test_line_off_the_roads_is_straight() -> None:
    """Line off the roads is straight."""
    line = line_of(Path((0.0, 0.0), (300.0, 400.0), 0, 10.0), 10_000, {})
    assert line == Line((Leg((60.0, 80.0), (300.0, 400.0), 400.0),))


def test_bends_of_a_road_do_not_overlap_nor_leave_it() -> None:
    """Bends of a road do not overlap nor leave it."""
    assert BendOfRoad.model_validate(BEND).radius_m == 200
    with pytest.raises(ValueError, match="two bends of a road overlap"):
        _road(bends=[BEND, {**BEND, "at": 350.0}])
    with pytest.raises(ValueError, match="behind the end"):
        _road(bends=[{**BEND, "at": 800.0}])
