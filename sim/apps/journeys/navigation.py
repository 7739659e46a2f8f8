"""What every navigation system does: find a place by its name, know the traffic it has heard of, tell a plan.

A plan rests on what was heard of the roads, never on how they are. News that are too old are left out of it,
and it says so.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sim.core.beliefs import Beliefs
from sim.core.device import Moment
from sim.core.errors import did_you_mean
from sim.core.roads import Position, RoadMap
from sim.core.units import show_duration
from sim.physics.roads import AT_PLACE_M, FREE, Lane, RoadNetwork, Traffic, access_ms
from sim.physics.travel import Point, distance_m, local_plane

NEWS_MS_MAX = 1_800_000
"""How old news of the roads may be to plan with: half an hour, six reports of the service (assumption)."""
ON_ROAD_M = 1_000.0
"""How far beside the straight line of its road a car may be: roads bend (assumption)."""
QUARTER_MS = 900_000
"""Every zone of the world is ahead of UTC by a multiple of a quarter of an hour (IANA time zone database)."""
REPORT = "traffic_report"
PLACE_CHARACTERS_MAX = 64


class NoSuchPlaceError(LookupError):
    """Raised when a map has no place of a name; its text is one sentence with a suggestion."""


def find_place(roads: RoadMap, said: str) -> str:
    """Return the place of a map that somebody means.

    Args:
        roads: the map.
        said: as it was typed or spoken: `Badaling`, `zhangjiakou`, `the-office`.

    Raises:
        NoSuchPlaceError: when there is none.
    """
    wanted = re.sub(r"[\s-]+", "_", said.strip().lower()).removeprefix("the_")
    if wanted in roads.positions:
        return wanted
    shown = said if len(said) <= PLACE_CHARACTERS_MAX else said[: PLACE_CHARACTERS_MAX - 1] + "…"
    help_text = did_you_mean(wanted, roads.positions)
    hint = f" ({help_text})" if help_text else ""
    msg = f"there is no place `{shown}` on the map{hint}"
    raise NoSuchPlaceError(msg)


@dataclass(frozen=True, slots=True)
class RoadNews:
    """What was heard of the roads.

    Attributes:
        traffic: what to plan with; nothing when the news are too old.
        age_ms: how old they are; None when none were ever heard.
    """

    traffic: Traffic = FREE
    age_ms: int | None = None

    @property
    def known(self) -> bool:
        """Whether they are new enough to plan with."""
        return self.age_ms is not None and self.age_ms <= NEWS_MS_MAX

    @property
    def caveat(self) -> str:
        """What a plan says of news that it could not use; empty when it could."""
        if self.age_ms is None:
            return "nothing was heard of the traffic"
        return "" if self.known else f"the last news of the traffic are {show_duration(self.age_ms)} old"


def heard_news(beliefs: Beliefs, now_ms: int) -> RoadNews:
    """Return what a device has heard of the roads, from whichever service reported last."""
    reports = [one.facets[REPORT] for one in beliefs.of.values() if REPORT in one.facets]
    if not reports:
        return RoadNews()
    latest = max(reports, key=lambda one: one.sampled_ms)
    age_ms = max(0, now_ms - latest.sampled_ms)
    if age_ms > NEWS_MS_MAX:
        return RoadNews(age_ms=age_ms)
    slow = dict(zip(latest.values["slow"], latest.values["slowed_to_kmh"], strict=False))
    # A report is a message like any other: a speed that cannot be is no news.
    slow_kmh: Mapping[str, float] = {road: speed for road, speed in slow.items() if speed > 0}
    return RoadNews(Traffic(frozenset(latest.values["closed"]), slow_kmh), age_ms)


def zone_offset_ms(at: Moment) -> int:
    """Return how far the clock on the wall is ahead of UTC, milliseconds."""
    wall = datetime.strptime(at.senses.local_time(), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    ahead_ms = round(wall.timestamp() * 1000) - at.now_ms
    # A device's own clock may be wrong by minutes; the zone is not.
    return round(ahead_ms / QUARTER_MS) * QUARTER_MS


def clock(now_ms: int, offset_ms: int) -> str:
    """Return a time as people read it, to the minute: `2026-01-12 07:40`."""
    local = datetime.fromtimestamp(now_ms / 1000, UTC) + timedelta(milliseconds=offset_ms)
    return f"{local:%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a plan begins.

    Attributes:
        place: the place of the map that is reached first.
        at_ms: when.
        length_m: how far it is until there, metres.
        on: the road one is on, or None.
    """

    place: str
    at_ms: int
    length_m: float = 0.0
    on: Lane | None = None


def whereabouts(
    network: RoadNetwork, position: Position, now_ms: int, route: tuple[Lane, ...], traffic: Traffic
) -> Whereabouts:
    """Return where a car is on the map: at a place, on a road of its route, or somewhere beside the roads.

    Args:
        network: the roads.
        position: latitude and longitude, degrees.
        now_ms: now.
        route: the roads that it was to take; none when it stands.
        traffic: what is known of the roads.
    """
    place, away_m = network.nearest(position)
    if away_m <= AT_PLACE_M:
        return Whereabouts(place, now_ms)
    here = local_plane(position, network.map.origin)
    ways = [(*_beside(here, network.points[one.start], network.points[one.end]), one) for one in route]
    found = min(ways, key=lambda way: way[0], default=None)
    if found is not None and found[0] <= ON_ROAD_M:
        _, done, lane = found
        rest = network.drive(lane, now_ms, traffic, min(done, 1 - 1e-9))
        return Whereabouts(lane.end, rest[-1].end_ms, lane.details.length_m * (1 - done), lane)
    return Whereabouts(place, now_ms + access_ms(away_m), away_m)


def _beside(here: Point, start: Point, end: Point) -> tuple[float, float]:
    """Return how far a point is from a straight line, metres, and which share of that lies behind it."""
    length_m = distance_m(start, end)
    east, north = (end[0] - start[0]) / length_m, (end[1] - start[1]) / length_m
    along_m = (here[0] - start[0]) * east + (here[1] - start[1]) * north
    share = min(max(along_m / length_m, 0.0), 1.0)
    foot = (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
    return distance_m(here, foot), share


def listed(words: list[str]) -> str:
    """Return words as a sentence has them: `a`, `a and b`, `a, b and c`; underscores become spaces."""
    plain = [word.replace("_", " ") for word in words]
    return " and ".join([", ".join(plain[:-1]), plain[-1]] if len(plain) > 1 else plain)


def why_not(network: RoadNetwork, start: str, goal: str, traffic: Traffic) -> str:
    """Return why no way leads to a goal: no road at all, or every way is closed; empty if one does."""
    if network.fastest(start, goal, 0, traffic) is not None:
        return ""
    if network.fastest(start, goal, 0) is None:
        return f"no road leads from {listed([start])} to {listed([goal])}"
    closed = [road for road in network.map.roads if road in traffic.closed]
    return f"every way to {listed([goal])} is closed: {listed(closed)}"
