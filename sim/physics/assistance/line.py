"""The line a car follows on the plane: the rest of its way, with the limits and bends of the roads."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from math import sqrt
from typing import Literal, NamedTuple

from sim.core.roads import Road
from sim.physics.assistance.lane import Bend
from sim.physics.travel import Journey, Path, Point, distance_m

BEND_LATERAL = 2.0
"""How much lateral acceleration a bend is driven with, m/s² (assumption: below the 3 m/s² of UN R79)."""

LimitedBy = Literal["", "sight", "bend", "sign", "crowd", "ahead"]
"""What keeps a car below the speed that is set."""


class Cap(NamedTuple):
    """A part of the line with a limit: from where to where, metres, how fast, m/s, and what says so."""

    at_m: float
    until_m: float
    speed: float
    why: LimitedBy


@dataclass(frozen=True, slots=True)
class Leg:
    """A straight part of the line, which belongs to one road.

    Attributes:
        start: where it begins, on the plane.
        end: where it ends.
        length_m: along the road, above 0.
        road: name of the road; empty off the roads.
        origin: place where the road begins, as it is driven.
        to: place where it leads.
        done_m: metres of the road that lie before the leg.
    """

    start: Point
    end: Point
    length_m: float
    road: str = ""
    origin: str = ""
    to: str = ""
    done_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """See the module.

    Attributes:
        legs: its parts in order, at least one.
        caps: limits of signs, of the crowd and of bends, in order of their begin.
        bends: in order.
    """

    legs: tuple[Leg, ...]
    caps: tuple[Cap, ...] = ()
    bends: tuple[Bend, ...] = ()
    _ends_m: tuple[float, ...] = field(init=False, repr=False, compare=False, default=())

    def __post_init__(self) -> None:
        ends_m = tuple(accumulate(leg.length_m for leg in self.legs))
        object.__setattr__(self, "_ends_m", ends_m)

    @property
    def length_m(self) -> float:
        """How long it is, metres."""
        return self._ends_m[-1]

    @property
    def crossings(self) -> tuple[tuple[float, str], ...]:
        """Where roads end, metres, and which ones, in order: at crossings, and at the end of all."""
        onward = ((one.road, one.origin) for one in self.legs[1:])
        ways = zip(self.legs, (*onward, None), self._ends_m, strict=True)
        return tuple((end_m, leg.road) for leg, then, end_m in ways if (leg.road, leg.origin) != then)

    def leg(self, metres: float) -> tuple[Leg, float]:
        """Return the leg at a place of the line, and how far it is into it, metres."""
        index = min(bisect_right(self._ends_m, metres), len(self.legs) - 1)
        leg = self.legs[index]
        return leg, metres - (self._ends_m[index] - leg.length_m)

    def point(self, metres: float) -> Point:
        """Return where on the plane a place of the line is."""
        leg, into_m = self.leg(metres)
        share = min(max(into_m / leg.length_m, 0.0), 1.0)
        (x, y), (end_x, end_y) = leg.start, leg.end
        return (x + (end_x - x) * share, y + (end_y - y) * share)


def line_of(way: Path | Journey, now_ms: int, roads: Mapping[str, Road]) -> Line:
    """Return the rest of a way as a line; roads say which bends and signs there are.

    Where the way is slower than its road usually is, there is a crowd, and nobody goes faster than it there.
    """
    if isinstance(way, Path):
        here = way.position(now_ms)
        return Line((Leg(here, way.end, max(distance_m(here, way.end), 1e-6)),))
    legs: list[Leg] = []
    caps: list[Cap] = []
    bends: dict[tuple[str, str, int], Bend] = {}
    at_m = 0.0
    for one in way.stretches:
        share = one.share(now_ms)
        if share == 1.0:
            continue
        road = roads[one.road]
        length_m = one.length_m * (1 - share)
        done_m = one.done * road.length_m + one.length_m * share
        start = way.position(now_ms) if share > 0 else one.start
        legs.append(Leg(start, one.end, length_m, one.road, one.origin, one.to, done_m))
        if road.limit_kmh is not None:
            caps.append(Cap(at_m, at_m + length_m, road.limit_kmh / 3.6, "sign"))
        if one.speed_m_per_s < road.speed_kmh / 3.6 - 1e-9:
            caps.append(Cap(at_m, at_m + length_m, one.speed_m_per_s, "crowd"))
        for index, bend in _bends(road, at_m - done_m, forwards=one.origin == road.from_):
            if bend.at_m + bend.length_m > at_m and bend.at_m < at_m + length_m:
                bends.setdefault((one.road, one.origin, index), bend)
        at_m += length_m
    caps += [
        Cap(one.at_m, one.at_m + one.length_m, sqrt(BEND_LATERAL / abs(one.curvature)), "bend")
        for one in bends.values()
    ]
    return Line(tuple(legs), tuple(sorted(caps)), tuple(sorted(bends.values())))


def _bends(road: Road, begins_m: float, *, forwards: bool) -> Iterator[tuple[int, Bend]]:
    """Yield the bends of a road that begins at a place of the line, in either direction."""
    for index, one in enumerate(road.bends):
        curvature = (1 if one.turns == "left" else -1) / one.radius_m
        if forwards:
            yield index, Bend(begins_m + one.at_m, one.length_m, curvature)
        else:
            at_m = road.length_m - one.at_m - one.length_m
            yield index, Bend(begins_m + at_m, one.length_m, -curvature)
