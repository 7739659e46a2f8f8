"""Situations of assisted drives for tests: a straight line, and two hundred chances."""

from dataclasses import replace
from math import inf, sqrt
from random import Random

from sim.physics.assistance.assisted import Assisted
from sim.physics.assistance.following import TIME_GAP_S
from sim.physics.assistance.lane import Bend
from sim.physics.assistance.line import Cap, Leg, Line
from sim.physics.assistance.loop import Assistance, Now, Situation
from sim.physics.assistance.others import RoadUser, planned
from sim.physics.assistance.sight import Air, Sensors
from tests.physics.judge import safe_speed


def straight(length_m: float = 1_000_000.0) -> Line:
    """Return a straight line without limits."""
    return Line((Leg((0.0, 0.0), (length_m, 0.0), length_m),))


def drive(  # noqa: PLR0913  # what a situation has
    *users: RoadUser,
    kmh: float,
    assistance: Assistance = "lane",
    set_kmh: float | None = None,
    line: Line | None = None,
    air: Air | None = None,
    lidar: bool = True,
    camera: bool = True,
) -> Assisted:
    """Return a drive that begins at a speed, on a straight line unless another is given."""
    situation = Situation(
        assistance,
        (kmh if set_kmh is None else set_kmh) / 3.6,
        line or straight(),
        users,
        air or Air(),
        Sensors(lidar=lidar, camera=camera),
    )
    return Assisted(situation, Now(0, 0.0, kmh / 3.6))


def chance(seed: int) -> Assisted:
    """Return one of many situations: one ahead brakes, cuts in, leaves the lane before something, and so on.

    Everybody else is as hard as it can be: they brake harder than the car can, and cut in at 3 metres. Every
    third road has a sign and bends. What is set may be faster than what can be seen.
    """
    dice = Random(seed)  # noqa: S311  # chance must repeat with the seed
    air = Air(
        dark=dice.random() < 0.4,
        rain_mm_per_h=dice.choice((0.0, 0.0, 0.0, 10.0, 30.0)),
        visibility_m=dice.choice((None, None, None, 300.0, 100.0)),
    )
    sensors = Sensors(lidar=dice.random() < 0.5)
    speed = min(dice.uniform(50, 125) / 3.6, safe_speed(air, sensors))
    gap_m = (2 + speed * TIME_GAP_S) / (1 - (1 / 1.1) ** 4) ** 0.5
    users = _USERS[seed % len(_USERS)](dice, speed, gap_m, air.most_braking_m_per_s2)
    line = _winding(dice) if dice.random() < 1 / 3 else straight()
    wanted = dice.choice((speed * 1.1, 130 / 3.6))
    assistance = dice.choice(_ENGAGED)
    return Assisted(Situation(assistance, wanted, line, users, air, sensors), Now(0, 0.0, speed))


_ENGAGED: tuple[Assistance, ...] = ("cruise", "lane")


def _winding(dice: Random) -> Line:
    """Return a line with two bends and a sign, as `line_of` makes it of a road."""
    bends, at_m = [], 0.0
    for _ in range(2):
        at_m += dice.uniform(350, 600)
        radius_m = dice.uniform(130, 800)
        bends.append(Bend(at_m, max(radius_m, 250.0), dice.choice((-1, 1)) / radius_m))
        at_m += bends[-1].length_m
    caps = [Cap(one.at_m, one.at_m + one.length_m, sqrt(2 / abs(one.curvature)), "bend") for one in bends]
    sign_m = dice.uniform(400, 1_500)
    caps.append(Cap(sign_m, sign_m + 500, dice.choice((40, 60, 80)) / 3.6, "sign"))
    return Line(straight().legs, tuple(sorted(caps)), tuple(bends))


def _brakes(dice: Random, speed: float, gap_m: float, most: float) -> tuple[RoadUser, ...]:
    plan = [(dice.uniform(2, 6), 0.0), (dice.uniform(1, 8), -dice.uniform(2, most + 1))]
    return (planned("1", gap_m, speed, plan),)


def _cuts_in(dice: Random, speed: float, _gap_m: float, most: float) -> tuple[RoadUser, ...]:
    begins_s, cut_m = dice.uniform(1, 5), dice.uniform(3, 60)
    its = max(0.0, speed - dice.uniform(-3, 18))
    plan = [(dice.uniform(0, 3), 0.0), (dice.uniform(0, 4), -dice.uniform(0, most + 1))]
    user = planned("1", speed * begins_s + cut_m, its, plan, begins_s * 1000)
    return (RoadUser("1", user.phases, appears_ms=begins_s * 1000),)


def _reveals(dice: Random, speed: float, gap_m: float, _most: float) -> tuple[RoadUser, ...]:
    leaves_s = dice.uniform(3, 8)
    first = RoadUser("1", planned("1", gap_m, speed, []).phases, leaves_ms=leaves_s * 1000)
    return (first, planned("2", speed * leaves_s + gap_m + dice.uniform(15, 120), 0.0, []))


def _stands(dice: Random, _speed: float, _gap_m: float, _most: float) -> tuple[RoadUser, ...]:
    return (planned("1", dice.uniform(250, 600), 0.0, []),)


def _slow(dice: Random, speed: float, _gap_m: float, _most: float) -> tuple[RoadUser, ...]:
    return (planned("1", dice.uniform(150, 400), speed * dice.uniform(0.2, 0.8), []),)


def _waves(dice: Random, speed: float, gap_m: float, _most: float) -> tuple[RoadUser, ...]:
    plan = [(dice.uniform(3, 8), dice.uniform(-3, 2)) for _ in range(9)]
    return (planned("1", gap_m, speed, plan),)


def _goes_round(dice: Random, speed: float, gap_m: float, _most: float) -> tuple[RoadUser, ...]:
    stands = planned("2", gap_m + dice.uniform(100, 500), 0.0, [])
    return (planned("1", gap_m, speed, []), replace(stands, lit=dice.random() < 0.5))


def _nobody(_dice: Random, _speed: float, _gap_m: float, _most: float) -> tuple[RoadUser, ...]:
    return ()


_USERS = (_brakes, _cuts_in, _reveals, _stands, _slow, _waves, _goes_round, _nobody)


def least_gap_m(found: Assisted, until_ms: int = 60_000) -> float:
    """Return the least gap to whoever is in the lane, looked at every 50 ms."""
    least = inf
    for at_ms in range(0, until_ms, 50):
        state = found.state(at_ms)
        for user in found.situation.users:
            if user.in_lane(at_ms) and user.at(at_ms).at_m > state.way_m - 4:
                least = min(least, user.at(at_ms).at_m - state.way_m)
    return least
