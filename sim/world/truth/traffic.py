"""The truth of the roads: which are closed or slow today, whatever any device has heard of it."""

from functools import cached_property

from sim.core.roads import RoadMap
from sim.physics.roads import RoadNetwork, Traffic


class RoadTruth:
    """See the module.

    Args:
        roads: the map of the household.
        utc_offset_ms: how far the clocks that the rush hours go by are ahead of UTC.
    """

    def __init__(self, roads: RoadMap, utc_offset_ms: int) -> None:
        self.map = roads
        self._utc_offset_ms = utc_offset_ms
        self._closed: dict[str, None] = {}
        self._slow_kmh: dict[str, float] = {}

    @cached_property
    def network(self) -> RoadNetwork:
        """The roads as a graph, made when somebody first drives on them."""
        return RoadNetwork(self.map, self._utc_offset_ms)

    @property
    def closed(self) -> tuple[str, ...]:
        """The closed roads, in the order in which they were closed."""
        return tuple(self._closed)

    @property
    def slow_kmh(self) -> dict[str, float]:
        """The slow roads and how fast one drives there, km/h, in the order in which they became slow."""
        return dict(self._slow_kmh)

    @property
    def traffic(self) -> Traffic:
        """All of it, as routes are planned with."""
        return Traffic(frozenset(self._closed), self.slow_kmh)

    def close(self, road: str) -> None:
        """Let nobody drive on a road any more."""
        self._closed[road] = None

    def slow(self, road: str, speed_kmh: float) -> None:
        """Let a road be driven at most so fast, km/h."""
        self._slow_kmh[road] = speed_kmh

    def open(self, road: str) -> None:
        """Let a road be driven as on any other day."""
        self._closed.pop(road, None)
        self._slow_kmh.pop(road, None)
