"""A judge of assisted drives who shares no code with them: how far one sees, how one brakes, what may happen.

The numbers are written down here once more. A collision counts as avoidable when a careful driver, who
begins to brake 0.35 s after the danger can be seen (UN R157, 5.2.5.2), would have stood before it: from where
the car was then, or, before whoever was in the lane from the beginning, from where the speed of the beginning
leads.
"""

from collections.abc import Iterator
from math import exp, inf, log, sqrt

from sim.physics.assistance.assisted import Assisted
from sim.physics.assistance.others import RoadUser
from sim.physics.assistance.sight import Air, Sensors

REACTS_MS = 350
GROWS = 12.65
"""How fast the deceleration of a brake grows, m/s³."""
LOOKS_MS = 10
OVER = 0.8
"""By how much, m/s, a speed that is limited may be passed while the car eases into it (as measured)."""
SEEN_M = {"lidar": 200.0, "day": 150.0, "lit": 120.0, "unlit": 60.0}
"""Ranges in clear air."""


def reach_m(air: Air, sensors: Sensors, *, lit: bool) -> float:
    """Return how far somebody is seen, metres."""
    reach = 0.0
    if sensors.lidar:
        clear_m = SEEN_M["lidar"] * max(0.0, 1 - 0.01 * air.rain_mm_per_h)
        reach = clear_m
        if air.visibility_m is not None:
            beta = log(20) / air.visibility_m
            for _ in range(100):  # Newton's method for R exp(beta R) = R0.
                reach -= (reach * exp(beta * reach) - clear_m) / (exp(beta * reach) * (1 + beta * reach))
    if sensors.camera:
        seen_m = SEEN_M["day"] if not air.dark else SEEN_M["lit" if lit else "unlit"]
        seen_m *= max(0.0, 1 - 0.015 * air.rain_mm_per_h)
        reach = max(reach, min(seen_m, inf if air.visibility_m is None else air.visibility_m / 2))
    return reach


def safe_speed(air: Air, sensors: Sensors) -> float:
    """Return the speed, m/s, from which 3 m/s² after 1.5 s end 5 m before what is just seen and unlit."""
    left_m = max(reach_m(air, sensors, lit=False) - 5, 0.0)
    return sqrt(4.5 * 4.5 + 6 * left_m) - 4.5


def faults(found: Assisted) -> Iterator[str]:
    """Yield what a drive did wrong in its first minute."""
    hit, situation = found.collision, found.situation
    if hit is not None and avoidable(found):
        yield f"hits {hit.name} though it need not"
    until_ms = 60_000 if hit is None else hit.at_ms
    states = [found.state(at_ms) for at_ms in range(0, min(until_ms, found.arrival_ms), 200)]
    most = max(states[0].speed, safe_speed(situation.air, situation.sensors)) + OVER
    if max(one.speed for one in states) > most:
        yield "goes faster than it sees"
    if max(abs(one.steered.offset_m) for one in states) > 0.3:
        yield "leaves the middle of its lane"
    for cap in situation.line.caps:
        if any(one.speed > cap.speed + OVER for one in states if cap.at_m <= one.way_m < cap.until_m):
            yield "goes faster than it may"
    wanted = min(situation.set_speed, most)
    free = not situation.users and not situation.line.caps
    if free and (states[-1].speed < 0.9 * wanted or any(one.braking_ms for one in states)):
        yield "dawdles on a free road"


def avoidable(found: Assisted) -> bool:
    """Say whether a careful driver would have avoided the collision that a drive ends with."""
    hit = found.collision
    assert hit is not None
    user = next(one for one in found.situation.users if one.name == hit.name)
    since_ms, since_m, speed = None, 0.0, 0.0
    for at_ms in range(0, hit.at_ms, LOOKS_MS):
        state = found.state(at_ms)
        if not _in_danger(found, user, at_ms, state.way_m, state.speed):
            since_ms = None
        elif since_ms is None:
            since_ms, since_m, speed = at_ms, state.way_m, state.speed
    if since_ms is not None and _stands_before(found, user, since_ms, since_m, speed):
        return True
    if user.appears_ms > 0 or found.situation.assistance not in {"cruise", "lane"}:
        return False
    begin = found.state(0).speed
    for at_ms in range(0, hit.at_ms, LOOKS_MS):
        if _in_danger(found, user, at_ms, begin * at_ms / 1000, begin):
            return _stands_before(found, user, at_ms, begin * at_ms / 1000, begin)
    return True


def _in_danger(found: Assisted, user: RoadUser, at_ms: int, way_m: float, speed: float) -> bool:
    """Say whether somebody is next in the lane, seen, and comes nearer or brakes."""
    others = [one for one in found.situation.users if one.in_lane(at_ms) and one.at(at_ms).at_m > way_m - 4]
    if not others or min(others, key=lambda one: one.at(at_ms).at_m) is not user:
        return False
    here = user.at(at_ms)
    lit = user.lit and max(here.speed, user.phases[0].speed) > 0.5
    seen = here.at_m - way_m <= reach_m(found.situation.air, found.situation.sensors, lit=lit)
    return seen and (here.speed < speed - 0.1 or here.acceleration < -0.1)


def _stands_before(found: Assisted, user: RoadUser, at_ms: int, way_m: float, speed: float) -> bool:
    """Say whether who brakes after a while, from a speed that is kept so long, hits nobody."""
    rain = found.situation.air.rain_mm_per_h
    hardest = 8.0 if rain == 0 else 6.5 if rain < 20 else 5.5
    braked_ms, deceleration = at_ms + REACTS_MS, 0.0
    while speed > 0:
        if at_ms >= braked_ms:
            deceleration = min(deceleration + GROWS * 0.005, hardest)
        way_m += speed * 0.005 - deceleration * 0.005**2 / 2
        speed -= deceleration * 0.005
        at_ms += 5
        if user.in_lane(at_ms) and user.at(at_ms).at_m <= way_m:
            return False
    return True
