"""What a device under test senses: a handful of values instead of a world, and moments made of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.core.beliefs import Belief, Beliefs
from sim.core.device import Act, Acted, Command, Commanded, Effect, Moment, Settle
from sim.core.dues import Due
from sim.core.roads import ChargingPoint
from sim.core.surroundings import Aboard, RoadAhead, View

START_MS = 1_768_174_200_000
"""Monday 12 January 2026, 07:30 in Beijing."""

Rounds = tuple[float | None, ...]
"""What three ranging rounds say, in metres."""


def silence(_: bytes) -> Rounds:
    """Return what is heard where no radio answers."""
    return (None, None, None)


def beside(_: bytes) -> Rounds:
    """Return what is heard where a key lies on the driver's seat, whichever it is."""
    return (0.5, 0.5, 0.5)


@dataclass(frozen=True)
class FakeSenses:
    """Senses with settled answers; see `sim.core.surroundings.Senses`.

    Attributes:
        facts: physical facts of the device itself; one that is not there has a blind sensor.
        distances_m: distance to others; who is not there is out of reach.
        ranging: what three ranging rounds of a session say.
        codes: what others show on their screens, right before the device.
        room: temperature of the room, °C.
        outdoor: outdoor temperature, °C.
        dust: fine dust in the room's air, µg/m³.
        load: power drawn through the device, W.
        seen: what can be seen.
        holder: who has the device in hand.
        charger: what a plugged-in cable leads to.
        place: latitude and longitude, degrees.
        wall_clock: time on the wall.
        closed: roads that are closed.
        slow_kmh: roads that are slow, km/h.
        wheel: who sits at the wheel of the car in whose holder the device is.
        driving: whether whoever has the device in hand drives.
        wires: what the car's wires tell: it stands, and somebody sits beside the driver.
        demands: what the roadside demands.
        road: what a car sees of the road.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    distances_m: Mapping[str, float] = field(default_factory=dict)
    ranging: Callable[[bytes], Rounds] = silence
    codes: Mapping[str, object] = field(default_factory=dict)
    room: float | None = None
    outdoor: float = 10.0
    dust: float | None = None
    load: float = 0.0
    seen: View | None = None
    holder: str | None = None
    charger: ChargingPoint | None = None
    place: tuple[float, float] = (40.0, 116.5)
    wall_clock: str = "2026-01-12 07:30:00"
    closed: tuple[str, ...] = ()
    slow_kmh: Mapping[str, float] = field(default_factory=dict)
    wheel: str | None = None
    driving: bool = False
    wires: Aboard = field(default_factory=lambda: Aboard(stands=True, passenger=True))
    demands: tuple[Due, ...] = ()
    road: RoadAhead = field(default_factory=RoadAhead)

    def own(self, field: str) -> Any:
        """Return a fact, or None."""
        return self.facts.get(field)

    def distance_m(self, other: str) -> float | None:
        """Return a distance, or None."""
        return self.distances_m.get(other)

    def ranged_m(self, session: bytes) -> Rounds:
        """Return three rounds."""
        return self.ranging(session)

    def code(self, other: str) -> object | None:
        """Return a code, or None."""
        return self.codes.get(other)

    def room_c(self) -> float | None:
        """Return the room's temperature."""
        return self.room

    def room_pm25_ug_per_m3(self) -> float | None:
        """Return the fine dust in the room."""
        return self.dust

    def load_w(self) -> float:
        """Return what is drawn through the device."""
        return self.load

    def closed_roads(self) -> tuple[str, ...]:
        """Return the closed roads."""
        return self.closed

    def slow_roads_kmh(self) -> Mapping[str, float]:
        """Return the slow roads."""
        return self.slow_kmh

    def road_ahead(self) -> RoadAhead:
        """Return what is seen of the road."""
        return self.road

    def charging_point(self) -> ChargingPoint | None:
        """Return what the charger tells, when a cable is in."""
        return self.charger if self.facts.get("plugged_in") else None

    def dues(self) -> tuple[Due, ...]:
        """Return what the roadside demands."""
        return self.demands

    def location(self) -> tuple[float, float]:
        """Return latitude and longitude."""
        return self.place

    def outdoor_c(self) -> float:
        """Return the outdoor temperature."""
        return self.outdoor

    def view(self) -> View | None:
        """Return what can be seen."""
        return self.seen

    def person(self) -> str | None:
        """Return who has the device in hand."""
        return self.holder

    def dock_driver(self) -> str | None:
        """Return who sits at the wheel, or None."""
        return self.wheel

    def aboard(self) -> Aboard:
        """Return what the car's wires tell."""
        return self.wires

    def at_wheel(self) -> bool:
        """Say whether whoever has it in hand drives."""
        return self.driving

    def local_time(self) -> str:
        """Return the time on the wall."""
        return self.wall_clock


NOTHING_HEARD = Beliefs()


def moment(senses: FakeSenses, at_ms: int = 0, beliefs: Beliefs = NOTHING_HEARD) -> Moment:
    """Return the moment `at_ms` after the start."""
    return Moment(START_MS + at_ms, senses, beliefs)


def heard(device: str, facet: str, *, online: bool = True, **values: Any) -> Beliefs:
    """Return the beliefs of somebody who heard one report of a device."""
    report = Belief(values, START_MS, (1, 1), "unknown")
    return NOTHING_HEARD.heard(device, facet, report).online(device, online=online)


def commanded(
    command: Command, ticket: str = "t1", by: str | None = "lin", expires_ms: int = 30_000
) -> Commanded:
    """Return a permitted command from the phone that expires so long after the start."""
    return Commanded(command, ticket, "phone", by, START_MS + expires_ms)


def acted(act: Act, ticket: str = "t1", by: str | None = "lin") -> Acted:
    """Return what a person does with the device."""
    return Acted(act, ticket, by)


def settled(effects: tuple[Effect, ...]) -> list[tuple[str, str]]:
    """Return ticket and status of every answer among some effects."""
    return [(one.ticket, one.answer.status) for one in effects if isinstance(one, Settle)]
