"""What a device may sense of the ground truth: the world answers, no message can.

`Senses` is a port: the world implements it over the truth, a test over a handful of values. A device
reads it inside `step`, so a reading is always of the very instant at which the device acts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from sim.core.dues import Due
from sim.core.roads import ChargingPoint


@dataclass(frozen=True, slots=True)
class View:
    """What a camera's lens sees of its room.

    Attributes:
        room: name of the room.
        lamp_on: whether the room's lamp is lit.
        daylight: how much daylight comes in, 0 (night) to 1 (noon in summer).
        people: who stands in the room, in the order of the household.
        movements: how often somebody has come, gone or walked about in it since the beginning.
    """

    room: str
    lamp_on: bool
    daylight: float
    people: tuple[str, ...]
    movements: int = 0


@dataclass(frozen=True, slots=True)
class RoadAhead:
    """What a car's sensors see of the road.

    Attributes:
        lidar: whether its lidar works; `none` when it has none.
        sight_m: how far it sees something dark on the road, metres.
        dark: whether the sun is down.
        marked: whether lanes are marked.
        separated: whether the directions are separated by a barrier.
        limited_by: what keeps an assisted car below the speed that is set; empty when nothing does.
    """

    lidar: Literal["ok", "blind", "none"] = "none"
    sight_m: float = 0.0
    dark: bool = False
    marked: bool = False
    separated: bool = False
    limited_by: Literal["", "sight", "bend", "sign", "crowd", "ahead"] = ""


@dataclass(frozen=True, slots=True)
class Aboard:
    """What a car tells over its own wires to a screen that is built into it, or is in its holder.

    As the bus of a vehicle does, whatever becomes of any message (Android Automotive's vehicle properties
    GEAR_SELECTION, PERF_VEHICLE_SPEED and SEAT_OCCUPANCY).

    Attributes:
        stands: whether it is in park and stands; False where a sensor says nothing, and in no car.
        passenger: whether somebody sits beside the driver, or behind.
    """

    stands: bool = False
    passenger: bool = False


class Senses(Protocol):
    """The sensors of one device."""

    def own(self, field: str) -> Any:
        """Return a physical fact of the device itself, or None while its sensor fails."""
        ...

    def distance_m(self, other: str) -> float | None:
        """Return the ranged distance to another device or person, in metres; None if out of radio reach."""
        ...

    def ranged_m(self, session: bytes) -> tuple[float | None, ...]:
        """Return what three ranging rounds say, in metres; None for a round that nobody answered.

        Args:
            session: public id of the key the rounds are keyed by. Whoever's radio has that key answers,
                wherever it is; no message can state a distance.
        """
        ...

    def code(self, other: str) -> object | None:
        """Return the code another device shows on its screen, to a camera right before it; or None."""
        ...

    def room_c(self) -> float | None:
        """Return the air temperature of the room the device stands in, °C; None if it is in none."""
        ...

    def room_pm25_ug_per_m3(self) -> float | None:
        """Return the fine dust in the air of the room the device stands in, µg/m³; None if it is in none."""
        ...

    def load_w(self) -> float:
        """Return the electrical power that is drawn through the device, W; 0 for what feeds nothing."""
        ...

    def closed_roads(self) -> tuple[str, ...]:
        """Return the roads on which nobody can drive; nothing without detectors along the roads."""
        ...

    def slow_roads_kmh(self) -> Mapping[str, float]:
        """Return the roads that are slower than on any other day, and how fast one drives there, km/h."""
        ...

    def road_ahead(self) -> RoadAhead:
        """Return what a car sees of the road; nothing at all for what is no car."""
        ...

    def charging_point(self) -> ChargingPoint | None:
        """Return what the charger tells over a plugged-in cable; None without one."""
        ...

    def dues(self) -> tuple[Due, ...]:
        """Return what the roadside has demanded of the car itself, oldest first: tolls, parking, charging."""
        ...

    def location(self) -> tuple[float, float]:
        """Return latitude and longitude by satellite, degrees (WGS 84)."""
        ...

    def outdoor_c(self) -> float:
        """Return the outdoor temperature, °C."""
        ...

    def view(self) -> View | None:
        """Return what can be seen of the room the device stands in; None if it is in none."""
        ...

    def person(self) -> str | None:
        """Return who has the device in hand: wearer, carrier, or driver of the car it is built into."""
        ...

    def dock_driver(self) -> str | None:
        """Return who sits at the wheel of the car in whose holder the device is; None if it is in none.

        Also None if nobody sits there. The holder's contacts tell it, as they tell a built-in screen.
        """
        ...

    def aboard(self) -> Aboard:
        """Return what the car's wires tell that the device is built into, or in whose holder it is."""
        ...

    def at_wheel(self) -> bool:
        """Say whether whoever has the device in hand sits at the wheel of a car that moves or is in gear."""
        ...

    def local_time(self) -> str:
        """Return the wall-clock time at the home as `2026-01-12 17:40:00`."""
        ...
