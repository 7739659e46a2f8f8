"""Where everything is: who walks, who rides in what; between events a function of the time."""

from collections.abc import Mapping

from sim.core.household import Household
from sim.physics.roads import AT_PLACE_M
from sim.physics.travel import Journey, Point, Way, distance_m, local_plane, on_earth, standing

NEAR_HOME_M = 100.0
"""Within this distance of a home, a thing counts as being at it; a plot with its street (assumption)."""


class Places:
    """Positions on a plane in metres, the first home at its origin.

    Args:
        household: whose homes, places, people and devices are placed.
        start_ms: since when everybody stands where they stand.
    """

    def __init__(self, household: Household, start_ms: int) -> None:
        self._household = household
        origin = household.map.origin
        self._origin = origin
        self._homes = {name: local_plane(home.position, origin) for name, home in household.homes.items()}
        self._spots = {name: local_plane(one.position, origin) for name, one in household.places.items()}
        first: Point = next(iter(self._homes.values()), (0.0, 0.0))
        free = [*household.people, *household.devices]
        self._paths: dict[str, Way] = {name: standing(first, start_ms) for name in free}
        self._carried: dict[str, str] = {}

    @property
    def homes(self) -> Mapping[str, Point]:
        """Name of each home to where it stands."""
        return self._homes

    def carry(self, name: str, carrier: str | None, now_ms: int) -> None:
        """Let a person, car or thing move with another from now on; None puts it down where it is."""
        if carrier is None:
            self._paths[name] = standing(self.position(name, now_ms), now_ms)
            self._carried.pop(name, None)
        else:
            self._carried[name] = carrier

    def carrier(self, name: str) -> str | None:
        """Return what something moves with, or None when it stands or goes by itself."""
        return self._carried.get(name)

    def vehicle(self, name: str) -> str | None:
        """Return what the carrier of something rides in, or None."""
        return self._carried.get(self._carried.get(name, ""))

    def put(self, name: str, point: Point, now_ms: int) -> None:
        """Place something that goes by itself."""
        self._paths[name] = standing(point, now_ms)

    def move(self, name: str, path: Way) -> None:
        """Send something on its way."""
        self._paths[name] = path

    def path(self, name: str) -> Way:
        """Return the way something is on."""
        return self._paths[name]

    def journeys(self, now_ms: int) -> list[tuple[str, Journey]]:
        """Return everything that is under way on roads, with its way."""
        return [
            (name, path)
            for name, path in self._paths.items()
            if isinstance(path, Journey) and now_ms < path.arrival_ms
        ]

    def knows(self, name: str) -> bool:
        """Say whether there is a person, device, home or place of that name."""
        return name in self._homes or name in self._spots or name in self._paths

    def position(self, name: str, now_ms: int) -> Point:
        """Return where a person, device, home or place is, metres east and north of the first home."""
        if name in self._homes:
            return self._homes[name]
        if name in self._spots:
            return self._spots[name]
        carrier = self._carried.get(name)
        if carrier is not None:
            return self.position(carrier, now_ms)
        return self._paths[name].position(now_ms)

    def location(self, name: str, now_ms: int) -> tuple[float, float]:
        """Return where something is on the earth: latitude and longitude, degrees."""
        return on_earth(self.position(name, now_ms), self._origin)

    def distance_m(self, one: str, other: str, now_ms: int) -> float:
        """Return how far apart two things are, in metres."""
        return distance_m(self.position(one, now_ms), self.position(other, now_ms))

    def at(self, name: str, now_ms: int) -> str:
        """Return the home or the place something is at, or `away`."""
        here = self.position(name, now_ms)
        for home, point in self._homes.items():
            if distance_m(here, point) <= NEAR_HOME_M:
                return home
        for place, point in self._spots.items():
            if distance_m(here, point) <= AT_PLACE_M:
                return place
        return "away"
