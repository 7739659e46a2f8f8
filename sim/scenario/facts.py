"""Facts: what a path such as `su7.locked` or `dash.shows.heater.room` means, and which values it takes.

    <home>.<room>.temperature | lamp | pm25     <person>.at | position | in | from_<thing>
    weather.outdoor | pm25                      <device>.at | position | room | online | from_<thing>
    <device>.<fact>                             what is physically true of it; else what it reports
    <device>.believes.<fact>                    what it reports of itself, true or not
    <device>.believes.<other>.<fact>[.age]      what it last heard of another, however old
    <device>.shows.<other>.<fact>[.age]         what it shows of another: `unknown` rather than stale
    <device>.shows.<other>                      `known` or `unknown` as a whole

Every fact can be read for any instant between now and the next event, because between events the
truth is a function of the time.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from sim.core.beliefs import UNKNOWN, Beliefs
from sim.core.declarations import field_names
from sim.core.device import Device, Listed, Refers
from sim.core.household import DeviceEntry, Household
from sim.core.units import DURATION, LENGTH, MASS_CONCENTRATION, RAINFALL, TEMPERATURE, fact_name
from sim.scenario.listing import listed
from sim.scenario.values import BOOLEAN, POSITION, Choice, Quantity, ValueType, value_type
from sim.world.stage import Stage
from sim.world.truth import CLEAR_M
from sim.world.truth.people import NATURE
from sim.world.truth.vehicles import CABIN, DRIVEN

NOBODY = "none"
"""Stands where a person's name could."""

Read = Callable[[Stage, int], Any]
"""Reads a fact from a stage, as it is at a time (milliseconds since 1970)."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a scenario can ask about.

    Attributes:
        path: as the scenario writes it.
        type: which values it takes.
        read: how to read it.
        bends: what it depends on that first falls and then rises between two events: the distance to
            something that is passed.
        moves: whether it changes between two events, as temperatures and distances do.
        hears: whether it depends on what a device has heard of others.
    """

    path: str
    type: ValueType
    read: Read
    bends: tuple[Read, ...] = ()
    moves: bool = False
    hears: bool = False


_MOVING = frozenset({"at", "position", "room", "temperature", "pm25", "filter", *map(fact_name, DRIVEN)})
"""Last words of the paths whose facts change between two events; distances are told by `from_`."""


_TURNING: Mapping[str, str] = {
    fact_name(field_name): field_name for field_name in (*sorted(CABIN), "battery_temperature_c")
}
"""Facts of a car that can rise and then fall between two events, and their fields."""


class UnknownFactError(LookupError):
    """Raised when a path means nothing.

    Attributes:
        part: the part of the path that is not known.
        known: what could stand there.
    """

    def __init__(self, part: str, known: list[str]) -> None:
        super().__init__(part)
        self.part = part
        self.known = known


class Facts:
    """Every fact of a household.

    Args:
        household: whose facts.
        kinds: kind name to class.
    """

    def __init__(self, household: Household, kinds: Mapping[str, type[Device]]) -> None:
        self._household = household
        self._kinds = kinds

    @property
    def household(self) -> Household:
        """Whose facts they are."""
        return self._household

    @property
    def kinds(self) -> Mapping[str, type[Device]]:
        """Kind name to class."""
        return self._kinds

    def roots(self) -> list[str]:
        """Return every word a path can begin with."""
        household = self._household
        return [NATURE, *household.homes, *household.people, *household.devices]

    def find(self, path: str) -> Fact:
        """Return the fact a path means.

        Raises:
            UnknownFactError: naming the first part that is not known, and what is.
        """
        root, *rest = path.split(".")
        household = self._household
        if root == NATURE:
            found = self._of_weather()
        elif root in household.homes:
            found = self._of_home(root)
        elif root in household.people:
            found = self._of_person(root)
        elif root in household.devices:
            if rest and rest[0] in {"shows", "believes"}:
                return self._of_reader(path, root, rest[0], rest[1:])
            found = self._of_device(root)
        else:
            raise UnknownFactError(root, self.roots())
        name = ".".join(rest)
        if name not in found:
            raise UnknownFactError(name, list(found))
        kind, read = found[name]
        moves = name.startswith("from_") or name.rsplit(".", maxsplit=1)[-1] in _MOVING
        return Fact(path, kind, read, self._bends(root, name), moves=moves)

    def _bends(self, thing: str, name: str) -> tuple[Read, ...]:
        if name.startswith("from_"):
            return (_distance(thing, name.removeprefix("from_")),)
        if name in _TURNING and thing in self._household.devices:
            return (_turn(thing, _TURNING[name]),)
        spots = self._household.map.positions
        return tuple(_distance(thing, spot) for spot in spots) if name == "at" else ()

    def _of_weather(self) -> dict[str, tuple[ValueType, Read]]:
        return {
            "outdoor": (Quantity(TEMPERATURE), lambda stage, _: stage.truth.outdoor_c),
            "pm25": (Quantity(MASS_CONCENTRATION), lambda stage, _: stage.truth.outdoor_pm25_ug_per_m3),
            "rain": (Quantity(RAINFALL), lambda stage, _: stage.truth.rain_mm_per_h),
            "visibility": (Quantity(LENGTH), lambda stage, _: stage.truth.visibility_m or CLEAR_M),
        }

    def _of_home(self, home: str) -> dict[str, tuple[ValueType, Read]]:
        found: dict[str, tuple[ValueType, Read]] = {
            "doors.open": (BOOLEAN, lambda stage, _: stage.truth.front_doors[home].open),
            "doors.locked": (BOOLEAN, lambda stage, _: stage.truth.front_doors[home].locked),
        }
        for room in self._household.homes[home].rooms:
            key = (home, room)
            found[f"{room}.temperature"] = (Quantity(TEMPERATURE), _room_c(key))
            found[f"{room}.lamp"] = (Choice(("on", "off")), _lamp(key))
            found[f"{room}.lit"] = (BOOLEAN, _lit(key))
            found[f"{room}.pm25"] = (Quantity(MASS_CONCENTRATION), _room_pm25(key))
        return found

    def _of_person(self, person: str) -> dict[str, tuple[ValueType, Read]]:
        found = self._of_thing(person)
        cars = tuple(name for name, entry in self._household.devices.items() if entry.kind == "car")
        found["in"] = (Choice((*cars, NOBODY)), lambda stage, _: stage.truth.places.carrier(person) or NOBODY)
        rooms = tuple(room for home in self._household.homes.values() for room in home.rooms)
        found["room"] = (
            Choice((*rooms, NOBODY)),
            lambda stage, _: stage.truth.inside.get(person, ("", NOBODY))[1],
        )
        return found

    def _of_thing(self, name: str) -> dict[str, tuple[ValueType, Read]]:
        """Return where a person or device is."""
        found: dict[str, tuple[ValueType, Read]] = {
            "at": (
                Choice((*self._household.homes, *self._household.places, "away")),
                lambda stage, at_ms: stage.truth.places.at(name, at_ms),
            ),
            "position": (POSITION, lambda stage, at_ms: stage.truth.places.position(name, at_ms)),
        }
        for other in (*self.roots()[1:], *self._household.places):
            if other != name:
                found[f"from_{other}"] = (Quantity(LENGTH), _distance(name, other))
        return found

    def _of_device(self, device: str) -> dict[str, tuple[ValueType, Read]]:
        entry = self._household.devices[device]
        kind = self._kinds[entry.kind]
        found = self._of_thing(device)
        found["online"] = (BOOLEAN, lambda stage, _: stage.network.connected(device))
        if entry.room is not None:
            key = (entry.home or "", entry.room)
            found["room"] = (Quantity(TEMPERATURE), _room_c(key))
        for name, field_name, annotation in facet_fields(kind):
            values = self._values(entry, annotation)
            found.setdefault(name, (values, _reported(device, field_name)))
            found[f"believes.{name}"] = (values, _reported(device, field_name))
        for name, field_name, annotation in physical_fields(kind):
            if names_a_person(annotation):
                people = Choice((*self._household.people, NOBODY))
                found[name] = (people, _person(device, field_name))
            else:
                found[name] = (value_type(annotation), _physical(device, field_name))
        return found

    def _of_reader(self, path: str, reader: str, mode: str, rest: list[str]) -> Fact:
        """Return what one device believes or shows, of itself or of another."""
        reads = self._kinds[self._household.devices[reader].kind].reads
        others = self._household.others(reader, reads)
        if mode == "believes" and (not rest or rest[0] not in others):
            own = self._of_device(reader)
            name = ".".join([mode, *rest])
            if name in own:
                return Fact(path, *own[name])
        if not rest or rest[0] not in others:
            raise UnknownFactError(rest[0] if rest else mode, others)
        other, *words = rest
        if not words and mode == "shows":
            return Fact(path, Choice(("known", UNKNOWN)), _shown_at_all(reader, other), hears=True)
        return self._of_report(path, reader, mode, other, words)

    def _of_report(self, path: str, reader: str, mode: str, other: str, words: list[str]) -> Fact:
        of_age = bool(words) and words[-1] == "age"
        name = ".".join(words[:-1] if of_age else words)
        if name == "online" and not of_age:
            return Fact(
                path, BOOLEAN, lambda stage, _: beliefs_of(stage, reader).about(other).online, hears=True
            )
        entry = self._household.devices[other]
        kind = self._kinds[entry.kind]
        known = {fact: (field_name, annotation) for fact, field_name, annotation in facet_fields(kind)}
        if name not in known:
            right = [f"{fact}.age" for fact in known] if of_age else ["online", *known]
            raise UnknownFactError(".".join(words), right)
        field_name, annotation = known[name]
        values = self._values(entry, annotation)
        if of_age:
            return Fact(path, Quantity(DURATION), _age(reader, other, field_name), moves=True, hears=True)
        if mode == "shows":
            return Fact(
                path,
                values,
                lambda stage, _: beliefs_of(stage, reader).shown(other, field_name),
                hears=True,
            )
        return Fact(path, values, _believed(reader, other, field_name), hears=True)

    def _values(self, entry: DeviceEntry, annotation: Any) -> ValueType:
        """Return which values something takes that a device reports: names only as far as they are there."""
        household = self._household
        for mark in get_args(annotation)[1:] if get_origin(annotation) is Annotated else ():
            if isinstance(mark, Listed):
                return Choice((*listed(mark, household, [entry]), NOBODY))
            if isinstance(mark, Refers) and mark.to == "device":
                devices = (one.name for one in household.devices.values() if mark.kind in {None, one.kind})
                return Choice((*devices, NOBODY))
        return value_type(annotation)


def facet_fields(kind: type[Device]) -> Iterator[tuple[str, str, Any]]:
    """Yield (fact name, field name, annotation) of everything a kind reports."""
    for facet in kind.facets:
        for field_name, annotation in get_type_hints(facet, include_extras=True).items():
            if field_name in facet.model_fields:
                yield fact_name(field_name), field_name, annotation


def physical_fields(kind: type[Device]) -> Iterator[tuple[str, str, Any]]:
    """Yield (fact name, field name, annotation) of everything physical about a kind."""
    hints = get_type_hints(kind.Physical, include_extras=True)
    for one in fields(kind.Physical):
        yield fact_name(one.name), one.name, hints[one.name]


def names_a_person(annotation: Any) -> bool:
    """Say whether a field holds the name of a person, or nobody's."""
    return any(isinstance(mark, Refers) and mark.to == "person" for mark in get_args(annotation))


def beliefs_of(stage: Stage, reader: str) -> Beliefs:
    """Return what a device has heard."""
    return stage.nodes[reader].beliefs


def _room_c(key: tuple[str, str]) -> Read:
    return lambda stage, at_ms: stage.truth.rooms[key].heat.temperature_at(at_ms)


def _room_pm25(key: tuple[str, str]) -> Read:
    return lambda stage, at_ms: stage.truth.rooms[key].air.pm25_at(at_ms)


def _lit(key: tuple[str, str]) -> Read:
    return lambda stage, _: stage.truth.rooms.lit(key)


def _turn(device: str, field_name: str) -> Read:
    return lambda stage, at_ms: stage.truth.bend(device, field_name, at_ms)


def _lamp(key: tuple[str, str]) -> Read:
    return lambda stage, _: "on" if stage.truth.rooms[key].lamp_on else "off"


def _distance(one: str, other: str) -> Read:
    return lambda stage, at_ms: stage.truth.places.distance_m(one, other, at_ms)


def _physical(device: str, field_name: str) -> Read:
    return lambda stage, at_ms: stage.truth.fact(device, field_name, at_ms)


def _person(device: str, field_name: str) -> Read:
    return lambda stage, at_ms: stage.truth.fact(device, field_name, at_ms) or NOBODY


def _reported(device: str, field_name: str) -> Read:
    def read(stage: Stage, _: int) -> Any:
        for report in stage.nodes[device].reports():
            # Invariants ask after every event, and a pydantic model is slow to say what it has.
            if field_name in field_names(type(report)):
                return getattr(report, field_name)
        return None

    return read


def _believed(reader: str, other: str, field_name: str) -> Read:
    def read(stage: Stage, _: int) -> Any:
        known = beliefs_of(stage, reader).raw(other, field_name)
        return UNKNOWN if known is None else known[0]

    return read


def _age(reader: str, other: str, field_name: str) -> Read:
    def read(stage: Stage, at_ms: int) -> Any:
        known = beliefs_of(stage, reader).raw(other, field_name)
        return UNKNOWN if known is None else at_ms - known[1]

    return read


def _shown_at_all(reader: str, other: str) -> Read:
    def read(stage: Stage, _: int) -> str:
        beliefs = beliefs_of(stage, reader)
        names = [name for facet in beliefs.about(other).facets.values() for name in facet.values]
        shown = [beliefs.shown(other, name) for name in names]
        return "known" if any(value != UNKNOWN for value in shown) else UNKNOWN

    return read
