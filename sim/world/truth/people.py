"""What persons and nature do to the truth: the verbs of `do: lin.walk` and `do: weather.set`.

These are physical acts, not messages: a hand on a door, a foot on a pedal. They are the only way in
which a car moves.
"""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.core.device import Arguments, Refers
from sim.core.units import (
    LENGTH,
    Celsius,
    Kmh,
    Metres,
    MicrogramsPerCubicMetre,
    MillimetresPerHour,
    Milliseconds,
)
from sim.physics.travel import WALKING_M_PER_S, Path, Point, Way, distance_m
from sim.world.truth import Truth
from sim.world.truth.air import CALL_REACH_M, Call
from sim.world.truth.driving import NoWayError, by_roads
from sim.world.truth.rooms import FrontDoor
from sim.world.truth.vehicles import CABLE_M

ARM_M = 2.0
"""How near somebody must be to touch something: an arm and a step (assumption)."""
ENDLESS_ROAD_M = 1_000_000.0
"""How far a car goes that is driven without a destination: farther than any battery."""


class ImpossibleActError(Exception):
    """Raised when the world does not allow an act: nobody drives a car without sitting in it."""


@dataclass(frozen=True, slots=True)
class Course:
    """How an act goes on after it began.

    Attributes:
        takes_ms: how long the person is busy; the story waits for it.
        ends_ms: when something follows from it, or None.
        then: what follows, given the time; it may return how things go on after it.
    """

    takes_ms: int = 0
    ends_ms: int | None = None
    then: "Callable[[int], Course | None] | None" = None


class PersonAct(Arguments):
    """Something a person does with body and hands; the class name is the verb."""

    @classmethod
    def verb(cls) -> str:
        """Return the verb as a scenario writes it: `TakesOff` is `takes_off`."""
        return "".join("_" + c.lower() if c.isupper() else c for c in cls.__name__).lstrip("_")

    @abstractmethod
    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Change the truth.

        Raises:
            ImpossibleActError: when the world does not allow it.
        """


class Walk(PersonAct):
    """Walk to a person, device or home, and stop at a distance from it."""

    to: Annotated[str, Refers("place")]
    until_m: Metres = Field(default=0.0, ge=0)

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Go at the speed of a comfortable walk; the story waits until the person is there."""
        _on_foot(truth, person)
        here = truth.places.position(person, now_ms)
        there = truth.places.position(self.to, now_ms)
        goal = _towards(here, there, self.until_m)
        path = Path(start=here, end=goal, start_ms=now_ms, speed_m_per_s=WALKING_M_PER_S)
        truth.go_inside(person, None)
        truth.places.move(person, path)
        return Course(takes_ms=path.arrival_ms - now_ms)


class GoesInto(PersonAct):
    """Go into a room of a home one is at."""

    room: Annotated[str, Refers("room")]
    home: Annotated[str, Refers("home")] = "home"

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Stand in the room, where its camera sees one."""
        _on_foot(truth, person)
        _in_reach_of_room(truth, person, self.home, self.room, now_ms)
        truth.go_inside(person, (self.home, self.room))
        return Course()


class SwitchesLamp(PersonAct):
    """Press the light switch of a room."""

    room: Annotated[str, Refers("room")]
    lamp: Literal["on", "off"]
    home: Annotated[str, Refers("home")] = "home"

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Light the room, or darken it."""
        _on_foot(truth, person)
        _in_reach_of_room(truth, person, self.home, self.room, now_ms)
        truth.rooms[self.home, self.room].lamp_on = self.lamp == "on"
        return Course()


class Cooks(PersonAct):
    """Cook in a room of a home one is at; the story goes on meanwhile."""

    room: Annotated[str, Refers("room")]
    home: Annotated[str, Refers("home")] = "home"
    for_ms: Milliseconds = Field(default=1_800_000, ge=60_000, le=86_400_000)

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Let a meal fume until it is done."""
        _on_foot(truth, person)
        _in_reach_of_room(truth, person, self.home, self.room, now_ms)
        key = (self.home, self.room)
        truth.go_inside(person, key)
        truth.rooms.cook(key, 1, now_ms)
        return Course(ends_ms=now_ms + self.for_ms, then=lambda at_ms: truth.rooms.cook(key, -1, at_ms))


class ClosesShutter(PersonAct):
    """Push the shutter of a camera shut, in the room it looks into; the motor can open it again."""

    camera: Annotated[str, Refers("device", "camera")]

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Cover the lens."""
        _in_the_room_of(truth, person, self.camera)
        truth.change(self.camera, {"shutter": "closed"}, now_ms)
        return Course()


class ReplacesFilter(PersonAct):
    """Put a new filter into an air purifier, in the room it stands in."""

    purifier: Annotated[str, Refers("device", "purifier")]

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Throw the old one away; the new one has another number on its tag."""
        _in_the_room_of(truth, person, self.purifier)
        serial = truth.physical(self.purifier, now_ms).filter_serial
        truth.change(self.purifier, {"filter_serial": serial + 1, "filter_mg": 0.0}, now_ms)
        return Course()


class OpensDoor(PersonAct):
    """Open the front door of a home one is at; from outside only an unlocked one."""

    home: Annotated[str, Refers("home")] = "home"

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Turn the handle."""
        _on_foot(truth, person)
        _at_home(truth, person, self.home, now_ms)
        door = truth.front_doors[self.home]
        if door.locked and truth.inside.get(person, ("", ""))[0] != self.home:
            msg = f"the front door of {self.home} is locked"
            raise ImpossibleActError(msg)
        door.open, door.locked = True, False
        return Course()


class ClosesDoor(PersonAct):
    """Close the front door of a home one is at, and lock it or not."""

    home: Annotated[str, Refers("home")] = "home"
    lock: bool = True

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Pull it shut."""
        _on_foot(truth, person)
        _at_home(truth, person, self.home, now_ms)
        truth.front_doors[self.home] = FrontDoor(open=False, locked=self.lock)
        return Course()


class TakesOff(PersonAct):
    """Take a wearable off, or put a phone down."""

    device: Annotated[str, Refers("device")]

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Leave the device where the person is."""
        if truth.person_at(self.device) != person:
            msg = f"{person} does not have {self.device}"
            raise ImpossibleActError(msg)
        truth.hold(self.device, None, now_ms)
        return Course()


class PutsOn(PersonAct):
    """Put a wearable on, or take a phone in hand; it may belong to somebody else."""

    device: Annotated[str, Refers("device")]

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Carry the device from now on."""
        if not truth.physical(self.device, now_ms).portable:
            msg = f"{self.device} cannot be carried"
            raise ImpossibleActError(msg)
        _within_reach(truth, person, self.device, now_ms)
        truth.hold(self.device, person, now_ms)
        return Course()


class Docks(PersonAct):
    """Put a tablet that one has in hand into the holder of the car one sits in."""

    device: Annotated[str, Refers("device", "tablet")]
    car: Annotated[str, Refers("device", "car")]

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Let go of it; whoever takes it out again puts it on."""
        _inside(truth, person, self.car)
        if truth.person_at(self.device) != person:
            msg = f"{person} does not have {self.device}"
            raise ImpossibleActError(msg)
        truth.dock(self.device, self.car, now_ms)
        return Course()


class PullsHandle(PersonAct):
    """Pull a car's door handle: the car calls for a key, and a key that is there opens it."""

    car: Annotated[str, Refers("device", "car")]

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Let the car's call reach every key around it."""
        _on_foot(truth, person)
        _within_reach(truth, person, self.car, now_ms)
        near = (key for key in truth.keys if truth.places.distance_m(key, self.car, now_ms) <= CALL_REACH_M)
        truth.air.calls += [Call(self.car, key, "unlock") for key in near]
        return Course()


class Enters(PersonAct):
    """Sit down in a car; its doors must be unlocked."""

    car: Annotated[str, Refers("device", "car")]
    seat: Literal["driver", "passenger"] = "driver"

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Take the seat and move with the car."""
        _on_foot(truth, person)
        _within_reach(truth, person, self.car, now_ms)
        facts = truth.physical(self.car, now_ms)
        if facts.locked:
            msg = f"{self.car} is locked"
            raise ImpossibleActError(msg)
        _standing(truth, self.car, now_ms)
        if self.seat == "driver" and facts.driver is not None:
            msg = f"{facts.driver} sits in the driver's seat of {self.car}"
            raise ImpossibleActError(msg)
        truth.go_inside(person, None)
        truth.seat(person, self.car, now_ms)
        if self.seat == "driver":
            truth.change(self.car, {"driver": person}, now_ms)
        return Course()


class Leaves(PersonAct):
    """Get out of a car that stands."""

    car: Annotated[str, Refers("device", "car")]

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Stand beside the car."""
        _inside(truth, person, self.car)
        _standing(truth, self.car, now_ms)
        facts = truth.physical(self.car, now_ms)
        truth.seat(person, None, now_ms)
        if facts.driver == person:
            # It switches itself off with nobody at the wheel, so that nobody else drives off with it.
            truth.change(self.car, {"driver": None, "drive_ready": False}, now_ms)
        return Course()


class Drives(PersonAct):
    """Drive from the driver's seat, to a place or just along; on arrival the car is parked.

    With `by: roads` one takes the fastest way along the roads, as fast as one drives there at that time of
    the day; with a list of roads, that way.
    """

    car: Annotated[str, Refers("device", "car")]
    speed_kmh: Kmh | None = Field(default=None, gt=0, le=250)
    to: Annotated[str | None, Refers("place")] = None
    by: Literal["roads"] | list[str] | None = Field(default=None, max_length=64)

    @model_validator(mode="after")
    def _speed_or_roads(self) -> Self:
        if self.by is None and self.speed_kmh is None:
            msg = "how fast is not said: write `speed`, or `by: roads`"
            raise ValueError(msg)
        if self.by is not None and (self.speed_kmh is not None or self.to is None):
            msg = "by roads one drives `to` a place, and the roads say how fast"
            raise ValueError(msg)
        return self

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Put the car in gear and go; the story does not wait for the arrival."""
        _behind_the_wheel(truth, self.car, person, now_ms)
        if truth.physical(self.car, now_ms).plugged_in:
            msg = f"{self.car} is plugged in, and does not drive off with the cable"
            raise ImpossibleActError(msg)
        if truth.fact(self.car, "drive_power", now_ms) == "none":
            msg = f"the battery of {self.car} is empty: plug it in before it drives again"
            raise ImpossibleActError(msg)
        path = self._way(truth, now_ms)
        truth.change(self.car, {"gear": "D", "hands_on": True, "eyes_on_road": True, "belted": True}, now_ms)
        truth.depart(self.car, path, now_ms)
        return on_the_way(truth, self.car, now_ms)

    def _way(self, truth: Truth, now_ms: int) -> Way:
        if self.by is not None and self.to is not None:
            try:
                return by_roads(truth, self.car, self.to, self.by, now_ms)
            except NoWayError as no_way:
                raise ImpossibleActError(str(no_way)) from None
        assert self.speed_kmh is not None, "a drive without speed or roads"  # INVARIANT: see above
        here = truth.places.position(self.car, now_ms)
        east = (here[0] + ENDLESS_ROAD_M, here[1])
        goal = east if self.to is None else truth.places.position(self.to, now_ms)
        return Path(start=here, end=goal, start_ms=now_ms, speed_m_per_s=self.speed_kmh / 3.6)


def on_the_way(truth: Truth, car: str, now_ms: int) -> Course:
    """Return how a drive goes on: the car feels where its speed changes, and is parked where it ends.

    It also ends where the car has rolled to a stop with an empty battery.
    """
    path = truth.places.path(car)

    def go_on(at_ms: int) -> Course | None:
        if truth.places.path(car) != path:
            return None  # It was parked, or drives elsewhere by now.
        truth.dues.drove(car, at_ms)
        if at_ms < path.arrival_ms and not _stranded(truth, car, at_ms):
            truth.feel_speed(car)
            return Course(ends_ms=path.next_change_ms(at_ms), then=go_on)
        truth.halt(car, at_ms)
        truth.change(car, {"gear": "P"}, at_ms)
        return None

    return Course(ends_ms=path.next_change_ms(now_ms), then=go_on)


def _stranded(truth: Truth, car: str, now_ms: int) -> bool:
    """Say whether a car stands and has nothing left to drive on with."""
    stands: bool = truth.fact(car, "speed_kmh", now_ms) == 0
    return stands and bool(truth.fact(car, "drive_power", now_ms) == "none")


class Parks(PersonAct):
    """Stop and put the car in park, from the driver's seat."""

    car: Annotated[str, Refers("device", "car")]

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Stand still in P."""
        _behind_the_wheel(truth, self.car, person, now_ms)
        truth.halt(self.car, now_ms)
        truth.change(self.car, {"gear": "P"}, now_ms)
        return Course()


class PlugsIn(PersonAct):
    """Plug the cable of a charger into a car that stands beside it."""

    car: Annotated[str, Refers("device", "car")]

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Push the plug in; the car may hold on to it."""
        _on_foot(truth, person)
        _within_reach(truth, person, self.car, now_ms)
        facts = truth.physical(self.car, now_ms)
        if facts.plugged_in:
            msg = f"{self.car} is plugged in already"
            raise ImpossibleActError(msg)
        _standing(truth, self.car, now_ms)
        if truth.vehicles.charging_point(self.car, now_ms) is None:
            msg = f"no charger is within {LENGTH.show(CABLE_M)} of {self.car}"
            raise ImpossibleActError(msg)
        truth.change(self.car, {"plugged_in": True}, now_ms)
        return Course()


class Unplugs(PersonAct):
    """Pull the cable out of a car; a car that holds on to it must have let go first."""

    car: Annotated[str, Refers("device", "car")]

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Pull the plug out; a contact that breaks opens the relays."""
        _on_foot(truth, person)
        _within_reach(truth, person, self.car, now_ms)
        facts = truth.physical(self.car, now_ms)
        if not facts.plugged_in:
            msg = f"{self.car} is not plugged in"
            raise ImpossibleActError(msg)
        if facts.cable_locked:
            msg = f"{self.car} holds on to the cable: `unplug` lets go of it"
            raise ImpossibleActError(msg)
        truth.change(self.car, {"plugged_in": False, "charging": False, "grid_supply": False}, now_ms)
        return Course()


class Opens(PersonAct):
    """Open a door of a car by hand; from outside only an unlocked one."""

    car: Annotated[str, Refers("device", "car")]
    part: Literal["driver", "passenger", "rear_left", "rear_right"] = "driver"

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Pull the handle."""
        _within_reach(truth, person, self.car, now_ms)
        facts = truth.physical(self.car, now_ms)
        if facts.locked and facts.driver != person:
            msg = f"{self.car} is locked"
            raise ImpossibleActError(msg)
        truth.change(self.car, {f"door_{self.part}": "open"}, now_ms)
        return Course()


class Closes(PersonAct):
    """Close a door or the boot of a car by hand."""

    car: Annotated[str, Refers("device", "car")]
    part: Literal["driver", "passenger", "rear_left", "rear_right", "boot"] = "driver"

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Push it shut."""
        _within_reach(truth, person, self.car, now_ms)
        field = "boot" if self.part == "boot" else f"door_{self.part}"
        truth.change(self.car, {field: "closed"}, now_ms)
        return Course()


PERSON_ACTS: dict[str, type[PersonAct]] = {
    act.verb(): act
    for act in (
        Walk,
        GoesInto,
        SwitchesLamp,
        Cooks,
        ClosesShutter,
        ReplacesFilter,
        PullsHandle,
        OpensDoor,
        ClosesDoor,
        TakesOff,
        PutsOn,
        Docks,
        Enters,
        Leaves,
        Drives,
        Parks,
        PlugsIn,
        Unplugs,
        Opens,
        Closes,
    )
}
"""Verb to act, for every person."""


class SetWeather(Arguments):
    """What nature does: `do: weather.set`."""

    outdoor_c: Celsius | None = Field(default=None, ge=-60, le=60)
    pm25_ug_per_m3: MicrogramsPerCubicMetre | None = Field(default=None, ge=0, le=2_000)
    """Fine dust outdoors; monitors of cities end at about 1,000 µg/m³."""
    rain_mm_per_h: MillimetresPerHour | None = Field(default=None, ge=0, le=300)
    """Rain; cloudbursts end at about 300 mm/h (WMO records are of minutes)."""
    visibility_m: Metres | None = Field(default=None, ge=10, le=100_000)
    """How far one sees: fog below 1 km, clear air from 10 km on."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            msg = "the weather is set to nothing: write `outdoor`, `pm25`, `rain` or `visibility`"
            raise ValueError(msg)
        return self

    def perform(self, truth: Truth, now_ms: int) -> None:
        """Change what is given of the weather."""
        if self.outdoor_c is not None:
            truth.set_outdoor(self.outdoor_c, now_ms)
        if self.pm25_ug_per_m3 is not None:
            truth.set_outdoor_pm25(self.pm25_ug_per_m3, now_ms)
        if self.rain_mm_per_h is not None or self.visibility_m is not None:
            truth.set_sight(self.rain_mm_per_h, self.visibility_m)


NATURE = "weather"
"""The name under which nature acts."""

NATURE_ACTS: dict[str, type[SetWeather]] = {"set": SetWeather}


def _on_foot(truth: Truth, person: str) -> None:
    carrier = truth.places.carrier(person)
    if carrier is not None:
        msg = f"{person} sits in {carrier}"
        raise ImpossibleActError(msg)


def _inside(truth: Truth, person: str, car: str) -> None:
    if truth.places.carrier(person) != car:
        msg = f"{person} is not in {car}"
        raise ImpossibleActError(msg)


def _standing(truth: Truth, car: str, now_ms: int) -> None:
    if truth.physical(car, now_ms).speed_kmh > 0:
        msg = f"{car} is moving"
        raise ImpossibleActError(msg)


def _within_reach(truth: Truth, person: str, thing: str, now_ms: int) -> None:
    away_m = truth.places.distance_m(person, thing, now_ms)
    if away_m > ARM_M:
        msg = f"{person} is {LENGTH.show(away_m)} away from {thing}"
        raise ImpossibleActError(msg)


def _in_reach_of_room(truth: Truth, person: str, home: str, room: str, now_ms: int) -> None:
    if (home, room) not in truth.rooms:
        msg = f"`{home}` has no room `{room}`"
        raise ImpossibleActError(msg)
    _at_home(truth, person, home, now_ms)


def _in_the_room_of(truth: Truth, person: str, device: str) -> None:
    entry = truth.household.devices[device]
    if truth.inside.get(person) != (entry.home, entry.room):
        msg = f"{person} is not in the room of {device}"
        raise ImpossibleActError(msg)


def _at_home(truth: Truth, person: str, home: str, now_ms: int) -> None:
    if truth.places.at(person, now_ms) != home:
        msg = f"{person} is not at {home}"
        raise ImpossibleActError(msg)


def _behind_the_wheel(truth: Truth, car: str, person: str, now_ms: int) -> None:
    if truth.physical(car, now_ms).driver != person:
        msg = f"{person} does not sit in the driver's seat of {car}"
        raise ImpossibleActError(msg)


def _towards(here: Point, there: Point, until_m: float) -> Point:
    """Return the point on the way from here to there that is `until_m` before the end."""
    whole_m = distance_m(here, there)
    if whole_m <= until_m:
        return here
    share = (whole_m - until_m) / whole_m
    return (here[0] + (there[0] - here[0]) * share, here[1] + (there[1] - here[1]) * share)
