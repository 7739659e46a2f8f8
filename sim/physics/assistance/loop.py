"""The control loops of a car for one step: following, emergency braking, steering, and the safe stop."""

from dataclasses import dataclass, field
from math import inf
from typing import Literal, NamedTuple

from sim.physics.assistance import braking, following
from sim.physics.assistance.following import STANDING_GAP_M, Ahead
from sim.physics.assistance.lane import STRAIGHT, Steered, curvature, steered
from sim.physics.assistance.line import LimitedBy, Line
from sim.physics.assistance.others import Phase, RoadUser
from sim.physics.assistance.sight import Air, Sensors, sight_m, speed_for_sight

Assistance = Literal["off", "stopping", "holding", "cruise", "lane"]
"""What assists: nothing but emergency braking, the safe stop in the lane, keeping lane and speed for the
seconds in which nobody controls, adaptive cruise control, and that with lane keeping; in the order of how
much it does."""

CREEPS = 0.05
"""Below this speed, m/s, a car behind somebody who stands stands as well: its brake holds it (assumption)."""
STEP_S = 0.05
"""Cycle of the loops, s (assumption: 20 Hz, as radars and cameras deliver)."""
STOP_MOST = 4.0
"""How hard the safe stop brakes, m/s²: UN R157, 5.5.1."""
STOP_JERK = 2.5
"""How fast its deceleration grows, m/s³ (assumption: the least of ISO 15622)."""
EASE_JERK = 3.0
"""How fast deceleration eases and acceleration grows, m/s³ (assumption)."""
CAR_M = 4.0
"""Who is farther behind a car's front than this is not ahead any more (assumption: about a car)."""
CRAWLS = 0.5
"""Below this speed, m/s, something counts as standing: no lights of its own are expected (assumption)."""


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a drive follows from, but its state.

    Attributes:
        assistance: what assists.
        set_speed: the speed that is set, m/s, above 0.
        line: the way.
        users: the others in the lane, their places as metres of the line.
        air: light, rain and fog.
        sensors: which of them work.
        most_speed: the fastest that the motors can hold, m/s; 0 when they get no power.
        drag: how hard the road slows it down above that, m/s², 0 or more.
    """

    assistance: Assistance
    set_speed: float
    line: Line
    users: tuple[RoadUser, ...] = ()
    air: Air = field(default_factory=Air)
    sensors: Sensors = field(default_factory=Sensors)
    most_speed: float = inf
    drag: float = 0.0


class Now(NamedTuple):
    """The state of a car at an instant.

    Attributes:
        at_ms: when.
        way_m: metres of the line.
        speed: m/s.
        acceleration: m/s².
        steered: how it stands in its lane.
        braking_ms: since when emergency braking is asked for; None when it is not.
    """

    at_ms: float
    way_m: float
    speed: float
    acceleration: float = 0.0
    steered: Steered = STRAIGHT
    braking_ms: float | None = None


class Nearest(NamedTuple):
    """Who is next in the lane, how, and whether the car's sensors see it."""

    user: RoadUser
    phase: Phase
    seen: bool


def nearest(situation: Situation, now: Now) -> Nearest | None:
    """Return who is next in the lane; one hides whatever is behind it."""
    found: tuple[RoadUser, Phase] | None = None
    for user in situation.users:
        if user.in_lane(now.at_ms):
            phase = user.at(now.at_ms)
            if phase.at_m > now.way_m - CAR_M and (found is None or phase.at_m < found[1].at_m):
                found = (user, phase)
    if found is None:
        return None
    user, phase = found
    lit = user.lit and (phase.speed > CRAWLS or user.phases[0].speed > CRAWLS)
    reach_m = sight_m(situation.sensors, situation.air, lit=lit)
    return Nearest(user, phase, phase.at_m - now.way_m <= reach_m)


def allowed(situation: Situation, way_m: float) -> tuple[float, LimitedBy]:
    """Return how fast the car may go at a place, m/s, and what says so; nothing when the driver does."""
    speed, why = situation.set_speed, ""
    by_sight = speed_for_sight(sight_m(situation.sensors, situation.air))
    limits: list[tuple[float, LimitedBy]] = [(by_sight, "sight")]
    limits += [(one.speed, one.why) for one in situation.line.caps if one.at_m <= way_m < one.until_m]
    least, by = min(limits)
    return (least, by) if least < speed else (speed, why)  # type: ignore[return-value]


def _for_caps(situation: Situation, now: Now) -> float:
    """Return the acceleration that limits ahead ask for, m/s²; 0 when none does yet."""
    asked = 0.0
    for one in situation.line.caps:
        away_m = one.at_m - now.way_m
        if away_m > 0 and one.speed < now.speed:
            asked = min(asked, following.for_limit(now.speed, one.speed, away_m))
    return asked


def _asked(situation: Situation, now: Now, ahead: Ahead | None) -> tuple[float, float]:
    """Return the acceleration that the assistance asks for, m/s², and how fast braking may grow, m/s³."""
    limits = following.limits(now.speed)
    if situation.assistance in {"off", "holding"}:
        return -situation.drag if now.speed > situation.most_speed else 0.0, limits.jerk
    wanted, _ = allowed(situation, now.way_m)
    asked = following.guarded(now.speed, max(wanted, 0.1), ahead)
    asked = min(limits.up, max(-limits.down, asked))
    if situation.assistance == "stopping":
        return min(asked, -STOP_MOST), max(STOP_JERK, limits.jerk if asked < -STOP_MOST else 0.0)
    limit = _for_caps(situation, now)
    return (min(asked, max(limit, -limits.down)) if limit < 0 else asked), limits.jerk


def _emergency(situation: Situation, now: Now, ahead: Ahead | None) -> float | None:
    """Return since when emergency braking is asked for, or None.

    While something assists, also whoever may yet brake as hard as the road lets them is braked for.
    """
    if ahead is None:
        return None
    own = braking.Own(now.speed, now.acceleration, situation.air.most_braking_m_per_s2)
    assists = situation.assistance != "off"
    must = braking.must_brake(own, ahead, STEP_S)
    if now.braking_ms is None:
        return now.at_ms if must or (assists and braking.too_near(own, ahead, STEP_S)) else None
    goes_away = now.speed < ahead.speed - 0.5 and ahead.gap_m > STANDING_GAP_M and not must
    eases = assists and braking.keeps_clear(own, ahead, STEP_S)
    return None if now.speed <= CREEPS or goes_away or eases else now.braking_ms


def stepped(situation: Situation, now: Now, found: Nearest | None, step_s: float = STEP_S) -> Now:
    """Return the state a step later.

    Args:
        situation: what it follows from.
        now: the state.
        found: who is next in the lane, as `nearest` says.
        step_s: how long the step is, s.
    """
    ahead = None
    if found is not None and found.seen:
        ahead = Ahead(max(found.phase.at_m - now.way_m, 0.01), found.phase.speed, found.phase.acceleration)
    braking_ms = _emergency(situation, now, ahead)
    most = situation.air.most_braking_m_per_s2
    if braking_ms is not None and now.at_ms - braking_ms >= braking.LATENCY_S * 1000 - 1e-6:
        asked, jerk = -most, braking.RAMP
    else:
        asked, jerk = _asked(situation, now, ahead)
    change = max(asked, -most) - now.acceleration
    change = min(max(change, -jerk * step_s), EASE_JERK * step_s)
    acceleration = now.acceleration + change
    speed = now.speed + acceleration * step_s
    if ahead is not None and ahead.speed == 0 and speed < CREEPS and ahead.gap_m < STANDING_GAP_M + 1:
        way_m, speed, acceleration = now.way_m, 0.0, 0.0
    elif speed <= 0:
        way_m = now.way_m + (now.speed**2 / (-2 * acceleration) if acceleration < 0 else 0.0)
        speed, acceleration = 0.0, 0.0
    else:
        way_m = now.way_m + (now.speed + speed) / 2 * step_s
    standing = now.steered
    if situation.assistance in {"lane", "holding", "stopping"} and speed > 0:
        standing = steered(now.steered, now.speed, curvature(situation.line.bends, now.way_m), step_s)
    return Now(now.at_ms + step_s * 1000, way_m, speed, acceleration, standing, braking_ms)
