"""Small maps of roads for tests, and times on a Monday in Beijing."""

from typing import Any

from sim.core.roads import Position, Road, RoadMap
from sim.core.units import WRITTEN_BY_A_PERSON

BEIJING_MS = 8 * 3_600_000
"""How far Beijing's clocks are ahead of UTC."""
MIDNIGHT_MS = 1_768_147_200_000
"""Monday 12 January 2026, 00:00 in Beijing."""

SQUARE: dict[str, Position] = {
    "home": (40.0, 116.5),
    "mill": (40.0, 116.6),
    "bridge": (40.1, 116.5),
    "office": (40.1, 116.6),
}
"""About 8.5 km from west to east and 11.1 km from south to north."""


def at(clock: str) -> int:
    """Return a time of that Monday, `07:30`, in milliseconds since 1970."""
    hours, minutes = clock.split(":")
    return MIDNIGHT_MS + (int(hours) * 60 + int(minutes)) * 60_000


def road(start: str, end: str, km: float, kmh: float, **more: Any) -> Road:
    """Return a road as a household file describes it."""
    written = {"from": start, "to": end, "length": f"{km} km", "speed": f"{kmh} km/h", **more}
    return Road.model_validate(written, context=WRITTEN_BY_A_PERSON)


def rush(begin: str, end: str, kmh: float) -> dict[str, str]:
    """Return a rush hour as a household file describes it."""
    return {"from": begin, "until": end, "speed": f"{kmh} km/h"}


def square(**roads: Road) -> RoadMap:
    """Return a map of the four places with some roads, by name."""
    return RoadMap(SQUARE, {}, roads)


TWO_WAYS = square(
    south=road("home", "mill", 10, 60, rush=[rush("07:00", "09:00", 20)]),
    east=road("mill", "office", 12, 60),
    west=road("home", "bridge", 14, 60),
    north=road("bridge", "office", 14, 60),
)
"""By the mill it is shorter, by the bridge nobody stands in a jam."""
