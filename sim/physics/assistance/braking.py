"""Emergency braking: when it must begin, and whether a collision could have been avoided at all.

The brake answers after `LATENCY_S`, its deceleration grows by `RAMP`, and ends at what the road gives. Both
figures are those of the careful driver of UN Regulation No. 157, annex 4, appendix 3: 0.774 g within 0.6 s.
"""

from math import inf, sqrt
from typing import NamedTuple

from sim.physics.assistance.following import Ahead

LATENCY_S = 0.1
"""From the demand until the brake grips, s (UN R157, 5.2.5.2, counts 0.1 s)."""
RAMP = 12.65
"""How fast the deceleration grows, m/s³."""
SPARE_M = 1.0
"""What is to be left of the gap (assumption)."""
SPARE_S = 0.02
"""What is to be left more, in seconds of driving (assumption: 0.7 m at 120 km/h)."""
EASE_M = 1.0
"""How much more gap lets it ease again (assumption)."""
REACTION_S = 0.35
"""How long after the danger can be known the oracle brakes: UN R157, 5.2.5.2."""


class Own(NamedTuple):
    """A car that may brake: its speed, m/s, its acceleration, m/s², and the hardest it can brake, m/s²."""

    speed: float
    acceleration: float
    most: float


def _phases(own: Own, latency_s: float) -> tuple[tuple[float, float, float, float, float], ...]:
    """Return how it goes on when it brakes: (begin s, way m, speed, acceleration, change of that) each."""
    first = min(own.acceleration, 0.0)
    grips_s = latency_s
    full_s = grips_s + max(own.most + first, 0.0) / RAMP
    speed_1 = max(own.speed + first * grips_s, 0.0)
    way_1 = (own.speed + speed_1) / 2 * grips_s
    rise = full_s - grips_s
    speed_2 = speed_1 + first * rise - RAMP * rise * rise / 2
    way_2 = way_1 + speed_1 * rise + first * rise * rise / 2 - RAMP * rise**3 / 6
    return (
        (0.0, 0.0, own.speed, first, 0.0),
        (grips_s, way_1, speed_1, first, -RAMP),
        (full_s, way_2, speed_2, -own.most, 0.0),
    )


def _equal_s(phase: tuple[float, float, float, float, float], ahead: Ahead) -> list[float]:
    """Return when, from the beginning of all, the speeds are equal if a phase went on for ever."""
    begin, _, speed, acceleration, change = phase
    difference = speed - ahead.speed - ahead.acceleration * begin
    slope = acceleration - ahead.acceleration
    if not change:
        return [begin - difference / slope] if slope else []
    root = slope * slope - 2 * change * difference
    if root < 0:
        return []
    return [begin + (sign * sqrt(root) - slope) / change for sign in (-1, 1)]


def _stands_s(phases: tuple[tuple[float, float, float, float, float], ...]) -> float:
    """Return when it stands, s."""
    (_, _, speed_0, _, _), (grips_s, _, speed_1, first, _), (full_s, _, speed_2, hardest, _) = phases
    if speed_1 <= 0:
        return speed_0 / -first if first else 0.0
    if speed_2 > 0:
        return full_s - speed_2 / hardest
    return grips_s + (first + sqrt(first * first + 2 * RAMP * speed_1)) / RAMP


def least_gap_m(own: Own, ahead: Ahead, latency_s: float) -> float:
    """Return the least gap there will be, metres, when full braking is asked for now; negative when it hits.

    The one ahead goes on as it does until it stands. The gap is looked at where it can be least: where speeds
    are equal, and at both standstills.
    """
    phases = _phases(own, latency_s)
    stands_s = _stands_s(phases)
    its = ahead.acceleration
    it_stands_s = ahead.speed / -its if its < -1e-9 else inf
    times = [stands_s, min(it_stands_s, stands_s)]
    for phase in phases:
        times += [at_s for at_s in _equal_s(phase, ahead) if 0 < at_s < stands_s]
    least = ahead.gap_m
    for at_s in times:
        begin, way, speed, acceleration, change = next(one for one in reversed(phases) if at_s >= one[0])
        q = at_s - begin
        own_m = way + speed * q + acceleration * q * q / 2 + change * q * q * q / 6
        theirs_s = min(at_s, it_stands_s)
        least = min(least, ahead.gap_m + ahead.speed * theirs_s + its * theirs_s**2 / 2 - own_m)
    return least


def must_brake(own: Own, ahead: Ahead, step_s: float) -> bool:
    """Say whether full braking must be asked for now, because a step later it might be too late.

    Nothing is braked for that neither comes nearer nor brakes harder than the car itself.
    """
    if own.speed <= ahead.speed and ahead.acceleration >= own.acceleration - 0.5:
        return False
    spare_m = SPARE_M + SPARE_S * own.speed
    if _stops_within(own, ahead.gap_m - spare_m, step_s):
        return False
    return least_gap_m(own, ahead, LATENCY_S + step_s) < spare_m


def too_near(own: Own, ahead: Ahead, step_s: float) -> bool:
    """Say whether full braking must be asked for because the one ahead may brake fully at any moment.

    It is the safe distance of Shalev-Shwartz, Shammah, Shashua: On a formal model of safe and scalable
    self-driving cars, 2017, arXiv:1708.06374, definition 1, with the brake of this car and the same road for
    both. Nothing is braked for that does not come nearer.
    """
    if own.speed <= ahead.speed or _stops_within(own, ahead.gap_m, step_s):
        return False
    return _clear_m(own, ahead, step_s) < 0


def keeps_clear(own: Own, ahead: Ahead, step_s: float) -> bool:
    """Say whether it may ease: `EASE_M` more than that distance is left."""
    return _clear_m(own, ahead, step_s) > SPARE_M + SPARE_S * own.speed + EASE_M


def _stops_within(own: Own, metres: float, step_s: float) -> bool:
    """Say whether it stands after so many metres for certain: whoever is ahead matters to no brake then."""
    before_s = LATENCY_S + step_s + own.most / RAMP
    return own.speed * before_s + own.speed * own.speed / (2 * own.most) < metres


def _clear_m(own: Own, ahead: Ahead, step_s: float) -> float:
    """Return the least gap there will be when both brake as hard as they can, metres."""
    hardest = ahead._replace(acceleration=min(ahead.acceleration, -own.most))
    return least_gap_m(own, hardest, LATENCY_S + step_s)
