"""Assisted drives: two hundred situations, what stands, bends, fog, and a planted mistake that they find."""

from collections.abc import Callable
from dataclasses import replace
from math import inf

import pytest

from sim.physics.assistance import assisted, braking, following, loop, sight
from sim.physics.assistance.assisted import Assisted
from sim.physics.assistance.following import Ahead
from sim.physics.assistance.lane import STRAIGHT, Bend
from sim.physics.assistance.line import Cap, Leg, Line
from sim.physics.assistance.loop import Now
from sim.physics.assistance.others import planned
from sim.physics.assistance.sight import Air, Sensors
from tests.physics.drives import chance, drive, least_gap_m, straight
from tests.physics.judge import faults

SEEDS = range(200)


@pytest.fixture(autouse=True)
def _a_minute_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assisted, "HORIZON_MS", 60_000)


def test_no_collision_that_could_be_avoided_happens() -> None:
    """Nor is it too fast, off its lane or slow for nothing; what happens are cut-ins at a few metres."""
    drives = [chance(seed) for seed in SEEDS]
    assert {seed: found for seed, one in enumerate(drives) if (found := list(faults(one)))} == {}
    hits = {seed: hit for seed, one in enumerate(drives) if (hit := one.collision) is not None}
    assert {seed % 8 for seed in hits} == {1}
    assert not any(hit.avoidable for hit in hits.values())
    assert 1 <= len(hits) <= 5


def late(patch: pytest.MonkeyPatch) -> None:
    """Let the brake grip 0.6 s later than is thought."""
    usual = braking.least_gap_m
    patch.setattr(braking, "least_gap_m", lambda own, ahead, latency_s: usual(own, ahead, latency_s - 0.6))
    patch.setattr(braking, "LATENCY_S", 0.7)


def optimist(patch: pytest.MonkeyPatch) -> None:
    """Let it forget how slowly a brake grips, and overrate it."""

    def least_gap_m(own: braking.Own, ahead: Ahead, _latency_s: float) -> float:
        return ahead.gap_m - max(own.speed - ahead.speed, 0.0) ** 2 / (2 * (own.most + 2))

    patch.setattr(braking, "least_gap_m", least_gap_m)


def wrong_sign(patch: pytest.MonkeyPatch) -> None:
    """Let whoever comes nearer go away, and the other way round."""

    def turned(own: braking.Own, ahead: Ahead) -> Ahead:
        return ahead._replace(speed=max(2 * own.speed - ahead.speed, 0.0))

    must_brake, guarded = braking.must_brake, following.guarded
    patch.setattr(braking, "must_brake", lambda own, one, step_s: must_brake(own, turned(own, one), step_s))
    patch.setattr(braking, "too_near", lambda *_: False)

    def followed(speed: float, wanted: float, ahead: Ahead | None) -> float:
        own = braking.Own(speed, 0.0, 8.0)
        return guarded(speed, wanted, None if ahead is None else turned(own, ahead))

    patch.setattr(following, "guarded", followed)


def sees_by(patch: pytest.MonkeyPatch, lidar: bool) -> None:  # noqa: FBT001  # as it is said of sensors
    """Let every car have a lidar that works, or none."""
    usual = sight.sight_m

    def sight_m(sensors: Sensors, air: Air, *, lit: bool = False) -> float:
        return usual(replace(sensors, lidar=lidar), air, lit=lit)

    patch.setattr(loop, "sight_m", sight_m)


BUGS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], int, str]] = {
    "a late brake": (late, 1, "though it need not"),
    "an overrated brake": (optimist, 1, "though it need not"),
    "a wrong sign": (wrong_sign, 4, "though it need not"),
    "a lidar that is not there": (lambda patch: sees_by(patch, lidar=True), 3, "faster than it sees"),
    "a lidar that is ignored": (lambda patch: sees_by(patch, lidar=False), 7, "dawdles"),
    "whoever is passed is not noticed": (
        lambda patch: patch.setattr(assisted, "_hidden_s", lambda *_: inf),
        6,
        "though it need not",
    ),
    "no brake before whoever may yet brake": (
        lambda patch: patch.setattr(braking, "too_near", lambda *_: False),
        1,
        "though it need not",
    ),
    "no look at limits": (
        lambda patch: patch.setattr(loop, "_for_caps", lambda *_: 0.0),
        7,
        "faster than it may",
    ),
}
"""What is planted, in which sort of situation it shows, and how."""


@pytest.mark.parametrize("name", BUGS)
def test_planted_mistakes_are_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each in one of the two hundred situations at the latest."""
    plant, sort, complaint = BUGS[name]
    plant(monkeypatch)
    assert any(complaint in fault for seed in SEEDS[sort::8] for fault in faults(chance(seed)))


def test_oracle_is_no_judge_that_always_acquits() -> None:
    """It lets off nobody before whom there was room enough."""
    danger = Now(0, 0.0, 20.0)
    assert assisted.avoidable(danger, planned("1", 60.0, 0.0, []), 8.0)
    assert not assisted.avoidable(danger, planned("1", 25.0, 0.0, []), 8.0)
    assert not assisted.avoidable(danger._replace(speed=0.0), planned("1", -1.0, 0.0, []), 8.0)


@pytest.mark.parametrize(("kmh", "lidar"), [(105, True), (90, False)])
def test_before_what_stands_it_stands_without_emergency_braking(kmh: float, *, lidar: bool) -> None:
    """Before what stands it stands without emergency braking."""
    found = drive(planned("1", 600.0, 0.0, []), kmh=kmh, lidar=lidar)
    assert found.speed_at(50_000) == 0.0
    assert 1.9 < least_gap_m(found) < 2.5
    assert all(found.state(at_ms).braking_ms is None for at_ms in range(0, 60_000, 100))


@pytest.mark.parametrize("kmh", [40, 80, 120])
def test_behind_somebody_it_keeps_the_gap_in_time(kmh: float) -> None:
    """Behind somebody it keeps the gap in time."""
    found = drive(planned("1", 80.0, kmh / 3.6, []), kmh=kmh, set_kmh=130, air=Air())
    ahead = found.nearest(59_000)
    assert ahead is not None
    gap_m = ahead.phase.at_m - found.state(59_000).way_m
    assert gap_m / (kmh / 3.6) > 1.5
    assert found.limited_by(59_000) in {"ahead", "sight"}


def test_it_follows_whoever_stops_and_drives_off() -> None:
    """It follows whoever stops and drives off."""
    plan = [(5.0, 0.0), (10.0, -2.0), (10.0, 0.0), (8.0, 2.0)]
    found = drive(planned("1", 40.0, 20.0, plan), kmh=72, set_kmh=100)
    assert found.speed_at(25_000) < 1.0  # it creeps up to the gap that is left when both stand
    assert found.speed_at(55_000) > 14
    assert least_gap_m(found) > 1.5


def test_one_hides_another_until_it_leaves() -> None:
    """One hides another until it leaves."""
    first = planned("1", 50.0, 25.0, [])
    hidden = planned("2", 400.0, 0.0, [])
    found = drive(first.leaving(8_000), hidden, kmh=90)
    before, after = found.nearest(7_900), found.nearest(9_000)
    assert before is not None
    assert before.user.name == "1"
    assert after is not None
    assert after.user.name == "2"


def test_by_hand_only_emergency_braking_helps() -> None:
    """By hand only emergency braking helps."""
    found = drive(planned("1", 300.0, 0.0, []), kmh=100, assistance="off")
    speeds = [found.speed_at(at_ms) for at_ms in range(0, 6_000, 500)]
    assert set(speeds) == {100 / 3.6}
    assert found.state(11_000).braking_ms is not None
    assert found.speed_at(20_000) == 0.0
    assert found.collision is None


def test_emergency_braking_ends_when_the_other_is_faster() -> None:
    """Emergency braking ends when the other is faster."""
    user = planned("1", 30.0, 10.0, [(1.5, 0.0), (6.0, 4.0)])
    found = drive(user, kmh=100, assistance="off")
    begins_ms = next(at for at in range(0, 9_000, 50) if found.state(at).braking_ms is not None)
    ends_ms = next(at for at in range(begins_ms, 20_000, 50) if found.state(at).braking_ms is None)
    assert found.speed_at(ends_ms + 5_000) > 0
    assert found.collision is None


def test_what_it_does_not_see_it_hits() -> None:
    """In fog by hand, far too fast for it."""
    found = drive(planned("1", 200.0, 0.0, []), kmh=120, assistance="off", air=Air(visibility_m=30))
    hit = found.collision
    assert hit is not None
    assert not hit.avoidable
    assert found.speed_at(hit.at_ms) == 0.0
    assert found.next_change_ms(hit.at_ms - 1) == hit.at_ms
    assert hit.closing > 10


@pytest.mark.parametrize(
    ("radius_m", "kmh", "off_m"), [(1_000, 120, 0.02), (650, 120, 0.03), (400, 100, 0.05), (125, 60, 0.1)]
)
def test_in_bends_it_keeps_its_lane(radius_m: float, kmh: float, off_m: float) -> None:
    """In bends it keeps its lane."""
    length_m = 3 * kmh
    line = Line(
        straight(5_000).legs, (), (Bend(100, length_m, 1 / radius_m), Bend(900, length_m, -1 / radius_m))
    )
    found = drive(kmh=kmh, line=line, air=Air())
    states = [found.state(at_ms) for at_ms in range(0, 50_000, 50)]
    assert max(abs(one.steered.offset_m) for one in states) < off_m
    assert max(abs(one.steered.steering_rad) for one in states) * (kmh / 3.6) ** 2 / 3 <= 3.0


def test_off_the_middle_it_comes_back_without_swinging() -> None:
    """Off the middle it comes back without swinging."""
    begin = Now(0, 0.0, 120 / 3.6, steered=STRAIGHT._replace(offset_m=0.5))
    found = Assisted(drive(kmh=120).situation, begin)
    assert abs(found.state(20_000).steered.offset_m) < 0.05
    assert max(-found.state(at_ms).steered.offset_m for at_ms in range(0, 40_000, 50)) < 0.25


@pytest.mark.parametrize("assistance", ["off", "cruise"])
def test_without_lane_keeping_the_driver_steers(assistance: loop.Assistance) -> None:
    """Without lane keeping the driver'steers."""
    line = Line(straight(5_000).legs, (), (Bend(100, 300, 1 / 400),))
    found = drive(kmh=80, line=line, assistance=assistance)
    assert all(found.state(at_ms).steered == STRAIGHT for at_ms in range(0, 20_000, 100))


def test_limits_ahead_are_kept_when_they_begin() -> None:
    """Limits ahead are kept when they begin."""
    line = Line(straight(5_000).legs, (Cap(1_000, 1_400, 15.0, "bend"), Cap(2_500, 3_000, 20.0, "sign")))
    found = drive(kmh=100, line=line)
    for at_ms in range(0, 60_000, 100):
        state = found.state(at_ms)
        if 1_000 <= state.way_m < 1_400:
            assert state.speed < 15.6
            assert found.limited_by(at_ms) == "bend"
        assert state.acceleration > -1.5
    assert found.limited_by(100) == ""


def test_a_stop_stays_below_its_limits_and_in_the_lane() -> None:
    """A stop stays below its limits and in the lane."""
    line = Line(straight(5_000).legs, (), (Bend(10, 600, 1 / 400),))
    found = drive(kmh=100, assistance="stopping", line=line)
    states = [found.state(at_ms) for at_ms in range(0, 12_000, 50)]
    assert states[-1].speed == 0.0
    assert min(one.acceleration for one in states) >= -4.0
    assert max(abs(one.steered.offset_m) for one in states) < 0.15
    assert found.speed_at(50_000) == 0.0


def test_a_stop_brakes_harder_for_whoever_is_ahead() -> None:
    """A stop brakes harder for whoever is ahead."""
    found = drive(planned("1", 55.0, 0.0, []), kmh=80, assistance="stopping")
    assert found.collision is None
    assert least_gap_m(found) > 0.5


def test_holding_keeps_speed_and_still_brakes_for_an_emergency() -> None:
    """Holding keeps speed and still brakes for an emergency."""
    found = drive(planned("1", 200.0, 0.0, []), kmh=80, assistance="holding", set_kmh=120)
    assert found.speed_at(3_000) == 80 / 3.6
    assert found.collision is None
    assert found.speed_at(20_000) == 0.0


def test_nothing_in_the_way_costs_two_states_and_arrives() -> None:
    """Nothing in the way costs two states and arrives."""
    line = straight(1_000)
    found = drive(kmh=72, line=line)
    assert found.arrival_ms == 50_000
    assert found.position(50_000) == found.end == (1_000.0, 0.0)
    assert found.position(25_000) == pytest.approx((500.0, 0.0))
    assert found.driven_m(10_000) == pytest.approx(200.0)
    assert found.speed_at(50_000) == 0.0
    assert found.start == (0.0, 0.0)
    assert len(found._course.states) <= 3


def test_without_an_end_in_sight_it_is_calculated_to_its_horizon() -> None:
    """Without an end in sight it is calculated to its horizon."""
    found = drive(kmh=72)
    assert found.arrival_ms > 300 * 86_400_000
    assert found.next_change_ms(0) == found.horizon_ms
    assert found.speed_at(59_000) == 20.0


def test_cut_anywhere_it_goes_on_as_it_would_have() -> None:
    """A cut moves the grid by less than a step, so it looks around some milliseconds sooner or later."""
    whole = drive(planned("1", 60.0, 20.0, [(3.0, 0.0), (4.0, -3.0)]), kmh=90)
    for cut_ms, off_m in ((1_000, 0.01), (4_530, 0.5), (7_777, 0.5)):
        rest = whole.again(whole.situation, cut_ms)
        for at_ms in range(cut_ms, 40_000, 1_000):
            assert rest.state(at_ms).way_m == pytest.approx(whole.state(at_ms).way_m, abs=off_m)


def test_two_runs_are_the_same() -> None:
    """Two runs are the same."""
    first, second = chance(5), chance(5)
    assert [first.state(at_ms) for at_ms in range(0, 60_000, 50)] == [
        second.state(at_ms) for at_ms in range(0, 60_000, 50)
    ]


def test_turning_points_are_where_something_turns() -> None:
    """Turning points are where something turns."""
    found = drive(planned("1", 400.0, 0.0, []), kmh=90)
    turns_ms = []
    at_ms = 0
    while (at_ms := found.next_change_ms(at_ms)) < found.horizon_ms:
        turns_ms.append(at_ms)
    assert 2 <= len(turns_ms) <= 8
    assert turns_ms == sorted(set(turns_ms))
    assert found.speed_at(turns_ms[-1]) == 0.0


def test_a_line_of_legs_is_followed_round_its_corner() -> None:
    """A line of legs is followed round its corner."""
    legs = (Leg((0.0, 0.0), (100.0, 0.0), 100.0), Leg((100.0, 0.0), (100.0, 100.0), 200.0))
    found = drive(kmh=36, line=Line(legs))
    assert found.position(5_000) == pytest.approx((50.0, 0.0))
    assert found.position(20_000) == pytest.approx((100.0, 50.0))
    assert found.arrival_ms == 30_000


def test_r157_cut_ins_that_must_be_avoided_are() -> None:
    """UN R157, 5.2.5.2: TTC > v_rel / (2 · 6 m/s²) + 0.35 s, on a dry road; the other keeps its speed."""
    for kmh in (60, 90, 120):
        for slower in (5.0, 10.0, 15.0):
            gap_m = (slower / 12 + 0.36) * slower
            found = drive(planned("1", gap_m, kmh / 3.6 - slower, []), kmh=kmh)
            assert found.collision is None, (kmh, slower)
            assert least_gap_m(found, 20_000) < inf


def test_whoever_is_hidden_and_brakes_is_seen_in_time() -> None:
    """The one ahead goes round somebody who brakes to a standstill behind it."""
    hidden = planned("2", 300.0, 25.0, [(9.0, 0.0), (7.0, -4.0)])
    found = drive(planned("1", 60.0, 25.0, []), hidden, kmh=90)
    assert found.collision is None
    assert found.speed_at(55_000) == 0.0


def test_ends_of_roads_are_turning_points() -> None:
    """One for each millisecond: a road of a millimetre ends in that of the one before it."""
    roads = (("r", 500.005), ("s", 0.001), ("t", 500.0))
    legs, at_m = [], 0.0
    for name, length_m in roads:
        legs.append(Leg((at_m, 0.0), (at_m + length_m, 0.0), length_m, name, "a", "b"))
        at_m += length_m
    found = drive(kmh=72, line=Line(tuple(legs)))
    assert found.next_change_ms(0) == 25_001
    assert found.next_change_ms(25_001) == found.arrival_ms == 50_001


def test_a_danger_that_is_over_is_not_held_against_the_car() -> None:
    """Somebody slower has gone, and another of that name cuts in at two metres: no brake avoids that."""
    before = drive(planned("1", 70.0, 15.0, []), kmh=90)
    here_m = before.state(2_000).way_m
    other = planned("1", here_m + 2, 10.0, [], 2_000)
    hit = before.again(replace(before.situation, users=(other,)), 2_000).collision
    assert hit is not None
    assert not hit.avoidable
