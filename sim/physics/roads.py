"""Driving along roads whose speed depends on the time of the day: how long it takes, and the fastest way.

On every road one drives at the speed that holds at that moment, also when it changes in the middle of the
road, so whoever sets out later never arrives earlier (FIFO): Sung, Bell, Seong, Park: Shortest paths in a
network with time-dependent flow speeds, European Journal of Operational Research 121 (2000) 32-39,
doi:10.1016/S0377-2217(99)00035-1. With FIFO the label-setting search of Dijkstra stays exact: Dreyfus: An
appraisal of some shortest-path algorithms, Operations Research 17 (1969) 395-412. It is directed by the time
that the rest would take with every road at its best, which is never more than it takes: Hart, Nilsson,
Raphael, IEEE Transactions on Systems Science and Cybernetics 4 (1968) 100-107.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import floor
from typing import TYPE_CHECKING

from sim.core.errors import MissingPartError
from sim.core.roads import DAY_MS, Position, Road, RoadMap
from sim.physics.travel import Journey, Point, Stretch, distance_m, local_plane

if TYPE_CHECKING:
    from networkx import MultiDiGraph

CIRCUITY = 1.25
"""How much longer the way by streets is than the straight line.

Within the 1.18 to 1.42 of twenty metropolitan areas in Levinson, El-Geneidy: The minimum circuity frontier
and the journey to work, Regional Science and Urban Economics 39 (2009) 732-738.
"""
STREET_KMH = 30.0
"""How fast one drives to the next road of the map (assumption: the speed limit of residential streets)."""
AT_PLACE_M = 300.0
"""Within this distance of a place one is at it (assumption: a block)."""


@dataclass(frozen=True)
class Traffic:
    """What is known of the roads at a moment, beside the time of the day.

    Attributes:
        closed: roads that cannot be driven.
        slow_kmh: roads that are driven at most so fast, km/h.
    """

    closed: frozenset[str] = frozenset()
    slow_kmh: Mapping[str, float] = field(default_factory=dict)


FREE = Traffic()
"""Nothing is known to be in the way."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A road in one of its directions.

    Attributes:
        road: its name.
        start: place where it begins.
        end: place where it ends.
        details: length and speeds.
    """

    road: str
    start: str
    end: str
    details: Road


class RoadNetwork:
    """The roads of a map as a graph.

    Args:
        roads: the map.
        utc_offset_ms: how far the clocks that the rush hours go by are ahead of UTC.

    Raises:
        MissingPartError: networkx is not installed.
    """

    def __init__(self, roads: RoadMap, utc_offset_ms: int) -> None:
        try:
            import networkx as nx  # noqa: PLC0415  # an optional part, and slow to load
        except ModuleNotFoundError:
            sentence = "roads are planned with the library `networkx`, which is not installed"
            help_text = 'install it with: pip install "carhome[calendar]"'
            raise MissingPartError(sentence, help_text=help_text) from None
        self._networkx = nx
        self.map = roads
        self._utc_offset_ms = utc_offset_ms
        self.points = {name: local_plane(one, roads.origin) for name, one in roads.positions.items()}
        graph = nx.MultiDiGraph()
        graph.add_nodes_from(roads.positions)
        for name, road in roads.roads.items():
            ends = [(road.from_, road.to), (road.to, road.from_)]
            best_kmh = max([road.speed_kmh, *(one.speed_kmh for one in road.rush)])
            for start, end in ends if road.both_ways else ends[:1]:
                lane = Lane(name, start, end, road)
                graph.add_edge(start, end, key=name, lane=lane, best_ms=road.length_m / best_kmh * 3600)
        self.graph: MultiDiGraph[str] = graph

    def lanes_from(self, place: str) -> Iterator[Lane]:
        """Yield every road that leaves a place, in the order of the map."""
        for _, _, lane in self.graph.out_edges(place, data="lane"):
            yield lane

    def lane(self, road: str, start: str) -> Lane | None:
        """Return a road as it is driven from one of its ends, or None when it is not."""
        return next((lane for lane in self.lanes_from(start) if lane.road == road), None)

    def least_ms(self, goal: str) -> Mapping[str, int]:
        """Return the time to a goal from every place that leads there, with all roads at their best."""
        back = self.graph.reverse(copy=False)
        times: Mapping[str, float] = self._networkx.single_source_dijkstra_path_length(
            back, goal, weight="best_ms"
        )
        # A millionth less, so that no rounding makes it more than the sum of what it is the sum of.
        return {place: floor(time * (1 - 1e-6)) for place, time in times.items()}

    def drive(self, lane: Lane, start_ms: int, traffic: Traffic, done: float = 0.0) -> tuple[Stretch, ...]:
        """Return how a road is driven from one end to the other.

        Args:
            lane: the road and its direction.
            start_ms: when, milliseconds since 1970.
            traffic: what is known; nothing is said of whether the road is closed.
            done: share of it that is driven already, 0 to below 1.
        """
        begin, end = self.points[lane.start], self.points[lane.end]
        length_m = lane.details.length_m
        left_m, now_ms = length_m * (1 - done), start_ms
        slow_kmh = traffic.slow_kmh.get(lane.road)
        stretches: list[Stretch] = []
        while left_m > 0:
            clock_ms = (now_ms + self._utc_offset_ms) % DAY_MS
            kmh = lane.details.speed_at_kmh(clock_ms)
            speed_m_per_s = (kmh if slow_kmh is None else min(kmh, slow_kmh)) / 3.6
            change_ms = now_ms + lane.details.next_change_ms(clock_ms) - clock_ms
            reach_m = min(speed_m_per_s * (change_ms - now_ms) / 1000, left_m)
            behind, ahead = 1 - left_m / length_m, 1 - (left_m - reach_m) / length_m
            stretches.append(
                Stretch(
                    road=lane.road,
                    start=_along(begin, end, behind),
                    end=_along(begin, end, ahead),
                    start_ms=now_ms,
                    length_m=reach_m,
                    speed_m_per_s=speed_m_per_s,
                    origin=lane.start,
                    to=lane.end,
                    done=behind,
                )
            )
            left_m -= reach_m
            now_ms = change_ms
        return tuple(stretches)

    def arrival_ms(self, lane: Lane, start_ms: int, traffic: Traffic) -> int:
        """Return when one is at the end of a road, having set out at its beginning."""
        return self.drive(lane, start_ms, traffic)[-1].end_ms

    def fastest(
        self, start: str, goal: str, start_ms: int, traffic: Traffic = FREE
    ) -> tuple[Lane, ...] | None:
        """Return the roads of the fastest way, the first of equals in the order of the map.

        Args:
            start: place where one sets out.
            goal: place where one wants to be.
            start_ms: when one sets out, milliseconds since 1970.
            traffic: what is known of the roads.

        Returns:
            The roads in order, none when one is there already; None when no open road leads there.
        """
        least_ms = self.least_ms(goal)
        best: dict[str, tuple[int, Lane | None]] = {start: (start_ms, None)}
        waiting = [(start_ms + least_ms.get(start, 0), 0, start)]
        settled: set[str] = set()
        count = 0
        while waiting:
            _, _, place = heappop(waiting)
            if place == goal:
                return _traced(best, goal)
            if place in settled:
                continue
            settled.add(place)
            for lane in self.lanes_from(place):
                if lane.road in traffic.closed or lane.end not in least_ms:
                    continue
                there_ms = self.arrival_ms(lane, best[place][0], traffic)
                if lane.end not in best or there_ms < best[lane.end][0]:
                    best[lane.end] = (there_ms, lane)
                    count += 1
                    heappush(waiting, (there_ms + least_ms[lane.end], count, lane.end))
        return None

    def journey(self, lanes: tuple[Lane, ...], start_ms: int, traffic: Traffic = FREE) -> Journey:
        """Return the drive along roads that follow each other, at least one, without a stop."""
        stretches: tuple[Stretch, ...] = ()
        for lane in lanes:
            stretches += self.drive(lane, stretches[-1].end_ms if stretches else start_ms, traffic)
        return Journey(stretches)

    def nearest(self, position: Position) -> tuple[str, float]:
        """Return the place of the map that is nearest to a position, and how far away it is, metres."""
        here = local_plane(position, self.map.origin)
        return min(
            ((name, distance_m(here, point)) for name, point in self.points.items()), key=lambda one: one[1]
        )


def access_ms(away_m: float) -> int:
    """Return how long it takes by small streets to a place on the map, 0 for whoever is there already.

    Args:
        away_m: straight distance to it, metres.
    """
    return 0 if away_m <= AT_PLACE_M else round(away_m * CIRCUITY / STREET_KMH * 3600)


def _traced(best: Mapping[str, tuple[int, Lane | None]], goal: str) -> tuple[Lane, ...]:
    lanes: list[Lane] = []
    place = goal
    while (lane := best[place][1]) is not None:
        lanes.append(lane)
        place = lane.start
    return tuple(reversed(lanes))


def _along(start: Point, end: Point, share: float) -> Point:
    """Return the point after a share of the way; the very end at 1, where what follows begins."""
    if share == 1:
        return end
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
