"""Who is where on a plane of metres: straight paths, journeys along roads, and when one nears a point."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from math import ceil, cos, degrees, floor, hypot, radians, remainder
from typing import Protocol

Point = tuple[float, float]
"""East and north of the origin, in metres."""

WALKING_M_PER_S = 1.4
"""Comfortable walking speed of an adult.

Within the means of 1.27 to 1.46 m/s over age and sex in Bohannon: Comfortable and maximum walking
speed of adults aged 20-79 years, Age and Ageing 26 (1997) 15-19, doi:10.1093/ageing/26.1.15.
"""

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius (2a + b) / 3 of WGS 84, a = 6,378,137 m, 1/f = 298.257223563 (NIMA TR8350.2, 2000)."""


@dataclass(frozen=True, slots=True)
class Path:
    """A straight walk or drive from `start` to `end`; somebody standing is a path of speed 0.

    Attributes:
        start: where it begins, metres.
        end: where it ends, metres; equal to `start` when the speed is 0.
        start_ms: when it begins; before that, one stands at `start`.
        speed_m_per_s: constant speed, 0 or more.
    """

    start: Point
    end: Point
    start_ms: int
    speed_m_per_s: float
    _duration_ms: float = field(init=False, repr=False, compare=False, default=0.0)

    def __post_init__(self) -> None:
        assert self.speed_m_per_s >= 0, "a path runs forwards"  # INVARIANT
        length_m = distance_m(self.start, self.end)
        if length_m:
            assert self.speed_m_per_s > 0, "no arrival at speed 0"  # INVARIANT
            # Kept, because positions are asked for thousands of times; frozen, hence the detour.
            object.__setattr__(self, "_duration_ms", length_m / self.speed_m_per_s * 1000)

    @property
    def arrival_ms(self) -> int:
        """The first millisecond at which the end is reached; `start_ms` for somebody standing."""
        return self.start_ms + ceil(self._duration_ms)

    def position(self, now_ms: int) -> Point:
        """Return where one is at `now_ms`, in metres; exactly `end` from `arrival_ms` on."""
        elapsed_ms = now_ms - self.start_ms
        if elapsed_ms <= 0:
            return self.start
        if elapsed_ms >= self._duration_ms:
            return self.end
        share = elapsed_ms / self._duration_ms
        return _between(self.start, self.end, share)

    def driven_m(self, now_ms: int) -> float:
        """Return how far one has come since `start_ms`, metres."""
        return self.speed_m_per_s * min(max(now_ms - self.start_ms, 0.0), self._duration_ms) / 1000

    def speed_at(self, now_ms: int) -> float:
        """Return the speed at `now_ms`, metres per second; 0 from the arrival on."""
        return self.speed_m_per_s if now_ms < self.arrival_ms else 0.0

    def next_change_ms(self, now_ms: int) -> int:  # noqa: ARG002  # as a journey is asked
        """Return when the speed next changes: at the arrival."""
        return self.arrival_ms

    def closest_ms(self, point: Point) -> int:
        """Return the first millisecond at which one is nearest to a fixed point.

        The foot of the perpendicular from the point onto the path, which is where the derivative of
        the squared distance is zero; beyond the ends of the path it is the end in question.
        """
        length_m = distance_m(self.start, self.end)
        if length_m == 0:
            return self.start_ms
        along_x, along_y = (self.end[0] - self.start[0]) / length_m, (self.end[1] - self.start[1]) / length_m
        foot_m = (point[0] - self.start[0]) * along_x + (point[1] - self.start[1]) * along_y
        share = min(max(foot_m / length_m, 0.0), 1.0)
        exact_ms = share * self._duration_ms
        candidates = (self.start_ms + floor(exact_ms), self.start_ms + ceil(exact_ms))
        return min(candidates, key=lambda now_ms: distance_m(self.position(now_ms), point))

    def within_ms(self, point: Point, within_m: float) -> int | None:
        """Return the first millisecond, from `start_ms` on, at which a fixed point is within a distance.

        The distance only shrinks until the closest instant, so halving that time finds the answer, and
        `distance_m(position(answer), point) <= within_m` holds to the last bit.

        Args:
            point: where the fixed point is, metres.
            within_m: the distance, metres.

        Returns:
            The time in milliseconds, or None if the path never comes so near.
        """
        approach = range(self.start_ms, self.closest_ms(point) + 1)
        first = bisect_left(
            approach,
            True,  # noqa: FBT003  # the value looked for
            key=lambda now_ms: distance_m(self.position(now_ms), point) <= within_m,
        )
        return approach[first] if first < len(approach) else None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a journey at one speed.

    A road bends, so it is longer than the straight line between the ends; on the plane one is seen to go
    straight, so much more slowly.

    Attributes:
        road: name of the road it is on.
        start: where it begins, metres.
        end: where it ends, metres.
        start_ms: when it begins.
        length_m: along the road, metres, above 0.
        speed_m_per_s: along the road, above 0.
        origin: name of the place where the road begins.
        to: name of the place where it leads.
        done: share of the road that lies before the stretch, 0 to below 1.
    """

    road: str
    start: Point
    end: Point
    start_ms: int
    length_m: float
    speed_m_per_s: float
    origin: str
    to: str
    done: float

    @property
    def end_ms(self) -> int:
        """The first millisecond at which its end is reached."""
        # Half an hour is not a millisecond more because of its last bit.
        return self.start_ms + ceil(self._duration_ms - 1e-6)

    @property
    def _duration_ms(self) -> float:
        return self.length_m / self.speed_m_per_s * 1000

    def share(self, now_ms: int) -> float:
        """Return which share of it is behind one at `now_ms`, 0 to 1."""
        if now_ms >= self.end_ms:
            return 1.0
        return max((now_ms - self.start_ms) / self._duration_ms, 0.0)


@dataclass(frozen=True, slots=True)
class Journey:
    """A drive along roads: stretches that follow each other without a stop; asked as a `Path` is.

    Attributes:
        stretches: one after the other, each beginning at the millisecond and the point at which the one
            before it ends; at least one.
    """

    stretches: tuple[Stretch, ...]

    @property
    def start(self) -> Point:
        """Where it begins, metres."""
        return self.stretches[0].start

    @property
    def end(self) -> Point:
        """Where it ends, metres."""
        return self.stretches[-1].end

    @property
    def start_ms(self) -> int:
        """When it begins."""
        return self.stretches[0].start_ms

    @property
    def arrival_ms(self) -> int:
        """The first millisecond at which the end is reached."""
        return self.stretches[-1].end_ms

    def now_on(self, now_ms: int) -> Stretch:
        """Return the stretch one is on at `now_ms`; the first before the start, the last after the end."""
        index = bisect_right(self.stretches, now_ms, key=lambda one: one.start_ms) - 1
        return self.stretches[max(index, 0)]

    def position(self, now_ms: int) -> Point:
        """Return where one is at `now_ms`, in metres; exactly `end` from `arrival_ms` on."""
        here = self.now_on(now_ms)
        share = here.share(now_ms)
        return here.end if share == 1.0 else _between(here.start, here.end, share)

    def driven_m(self, now_ms: int) -> float:
        """Return how far one has come since `start_ms`, along the roads, metres."""
        return sum(one.length_m * one.share(now_ms) for one in self.stretches)

    def speed_at(self, now_ms: int) -> float:
        """Return the speed at `now_ms`, metres per second; 0 before the start and from the arrival on."""
        if not self.start_ms <= now_ms < self.arrival_ms:
            return 0.0
        return self.now_on(now_ms).speed_m_per_s

    def next_change_ms(self, now_ms: int) -> int:
        """Return when the next stretch after `now_ms` begins; the arrival when there is none."""
        return next((one.start_ms for one in self.stretches if one.start_ms > now_ms), self.arrival_ms)


class Way(Protocol):
    """How somebody or something moves: a `Path`, a `Journey`, or a drive that is assisted."""

    @property
    def start_ms(self) -> int:
        """When it begins."""
        ...

    @property
    def arrival_ms(self) -> int:
        """The first millisecond at which its end is reached."""
        ...

    def position(self, now_ms: int) -> Point:
        """Return where one is, in metres."""
        ...

    def driven_m(self, now_ms: int) -> float:
        """Return how far one has come since `start_ms`, metres."""
        ...

    def speed_at(self, now_ms: int) -> float:
        """Return the speed, metres per second."""
        ...

    def next_change_ms(self, now_ms: int) -> int:
        """Return when the speed next changes: at the arrival at the latest."""
        ...


def standing(point: Point, since_ms: int) -> Path:
    """Return the path of somebody who stands at `point`, in metres, since `since_ms`."""
    return Path(point, point, since_ms, 0.0)


def distance_m(a: Point, b: Point) -> float:
    """Return the straight distance between two points in metres."""
    return hypot(b[0] - a[0], b[1] - a[1])


def local_plane(latitude_longitude: tuple[float, float], origin: tuple[float, float]) -> Point:
    """Return metres east and north of an origin, from degrees.

    The equirectangular projection about the origin's latitude (Snyder: Map Projections, USGS
    Professional Paper 1395, 1987, chapter 12), on a sphere. Against the ellipsoid it is off by less
    than 1 % of the distance, within some tens of kilometres of the origin and away from the poles.

    Args:
        latitude_longitude: where, degrees north and degrees east.
        origin: what is to be (0, 0), degrees north and degrees east.
    """
    east_deg = remainder(latitude_longitude[1] - origin[1], 360)  # the short way over the date line
    north_deg = latitude_longitude[0] - origin[0]
    return (
        EARTH_RADIUS_M * radians(east_deg) * cos(radians(origin[0])),
        EARTH_RADIUS_M * radians(north_deg),
    )


def on_earth(point: Point, origin: tuple[float, float]) -> tuple[float, float]:
    """Return degrees north and degrees east of a point on the plane; the inverse of `local_plane`.

    Args:
        point: metres east and north of the origin.
        origin: what is (0, 0), degrees north and degrees east.
    """
    north_deg = origin[0] + degrees(point[1] / EARTH_RADIUS_M)
    east_deg = origin[1] + degrees(point[0] / (EARTH_RADIUS_M * cos(radians(origin[0]))))
    return (north_deg, remainder(east_deg, 360))


def _between(start: Point, end: Point, share: float) -> Point:
    """Return the point after a share from 0 to 1 of the way."""
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
