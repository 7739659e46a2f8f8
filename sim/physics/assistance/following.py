"""How a car keeps its distance: the ACC model of Kesting, Treiber and Helbing, with limits and a guard.

Its core is the Intelligent Driver Model: a [1 - (v/v0)⁴ - (s*/s)²] with s* = s0 + max(0, vT + vΔv / 2√(ab)):
Treiber, Hennecke, Helbing: Congested traffic states in empirical observations and microscopic simulations,
Physical Review E 62 (2000) 1805. The ACC model keeps it from overreacting to those that cut in, by the
constant-acceleration heuristic: Kesting, Treiber, Helbing: Enhanced intelligent driver model to access the
impact of driving strategies on traffic capacity, Philosophical Transactions of the Royal Society A 368 (2010)
4585, arXiv:0912.3613. That heuristic trusts the one ahead not to be standing, so alone it always ends in
emergency braking before what stands; hence the guard.
"""

from math import sqrt, tanh
from typing import NamedTuple

TIME_GAP_S = 1.5
"""T: the gap in time to the one ahead (2010, table 1)."""
STANDING_GAP_M = 2.0
"""s0: the gap that is left when both stand (likewise)."""
ACCELERATION = 1.4
"""a: how hard it speeds up, m/s² (likewise)."""
COMFORTABLE = 2.0
"""b: how hard it likes to brake, m/s² (likewise)."""
COOLNESS = 0.99
"""c: how far it trusts the heuristic (likewise)."""
GUARD_FROM = 1.5
"""From which deceleration on the guard speaks, m/s² (assumption: below `COMFORTABLE`, so that it begins in
time)."""
LIMIT_FROM = 1.0
"""How hard it brakes for a limit or a bend ahead, m/s² (assumption: what passengers hardly notice)."""


class Ahead(NamedTuple):
    """The one ahead: the gap to it, metres, its speed, m/s, and its acceleration, m/s²."""

    gap_m: float
    speed: float
    acceleration: float


def idm(speed: float, wanted: float, ahead: Ahead | None) -> float:
    """Return the acceleration of the Intelligent Driver Model, m/s².

    Above the wanted speed the free part is that of the improved model, which never brakes harder than
    `COMFORTABLE` for a limit (Treiber, Kesting: Traffic Flow Dynamics, 2013, section 11.3.7).

    Args:
        speed: own speed, m/s.
        wanted: speed on a free road, m/s, above 0.
        ahead: the one ahead, or None.
    """
    if speed <= wanted:
        free = ACCELERATION * (1 - (speed / wanted) ** 4)
    else:
        free = -COMFORTABLE * (1 - (wanted / speed) ** (ACCELERATION * 4 / COMFORTABLE))
    if ahead is None:
        return free
    closing = speed - ahead.speed
    dynamic = speed * TIME_GAP_S + speed * closing / (2 * sqrt(ACCELERATION * COMFORTABLE))
    share = (STANDING_GAP_M + max(0.0, dynamic)) / ahead.gap_m
    return free - ACCELERATION * share * share


def acc(speed: float, wanted: float, ahead: Ahead | None) -> float:
    """Return the acceleration of the ACC model, m/s²; the arguments are those of `idm`."""
    by_idm = idm(speed, wanted, ahead)
    if ahead is None:
        return by_idm
    gap, leader, its = ahead
    its = min(its, ACCELERATION)
    closing = speed - leader
    if leader * closing <= -2 * gap * its:
        below = leader * leader - 2 * gap * its
        heuristic = speed * speed * its / below if below > 0 else its
    else:
        heuristic = its - max(closing, 0.0) ** 2 / (2 * gap)
    if by_idm >= heuristic:
        return by_idm
    cautious = heuristic + COMFORTABLE * tanh((by_idm - heuristic) / COMFORTABLE)
    return (1 - COOLNESS) * by_idm + COOLNESS * cautious


def guarded(speed: float, wanted: float, ahead: Ahead | None) -> float:
    """Return the acceleration of the ACC model, or less where that would not do.

    It brakes at least as hard as brings it to the speed of the one ahead `STANDING_GAP_M` behind it, once
    that takes more than `GUARD_FROM`.
    """
    asked = acc(speed, wanted, ahead)
    if ahead is None or speed <= ahead.speed:
        return asked
    room_m = max(ahead.gap_m - STANDING_GAP_M, 0.1)
    needed = (speed - ahead.speed) ** 2 / (2 * room_m) - min(ahead.acceleration, 0.0)
    return min(asked, -needed) if needed > GUARD_FROM else asked


class Limits(NamedTuple):
    """What an ACC may do at a speed: accelerations in m/s², the rate at which it may brake harder, m/s³."""

    up: float
    down: float
    jerk: float


def limits(speed: float) -> Limits:
    """Return the limits of ISO 15622:2018, 6.4: those of 5 m/s and less, of 20 m/s and more, or between."""
    share = min(max((speed - 5) / 15, 0.0), 1.0)
    return Limits(up=4.0 - 2.0 * share, down=5.0 - 1.5 * share, jerk=5.0 - 2.5 * share)


def for_limit(speed: float, allowed: float, away_m: float) -> float:
    """Return the acceleration that respects a lower speed ahead, m/s²; 0 while it is too early to brake.

    Args:
        speed: own speed, m/s.
        allowed: speed there, m/s.
        away_m: how far away that is, metres, above 0.
    """
    needed = (speed * speed - allowed * allowed) / (2 * away_m)
    return -needed if needed > LIMIT_FROM else 0.0
