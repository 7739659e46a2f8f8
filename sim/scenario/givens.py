"""`given`: how the world is at the start, every value held against the fact it sets."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from sim.core.declarations import file_text_of
from sim.core.device import Device
from sim.core.errors import ScenarioError, did_you_mean
from sim.core.household import DeviceEntry, Household
from sim.core.units import Celsius, Metres, MicrogramsPerCubicMetre, MillimetresPerHour
from sim.documents.reading import Entry, Mistake
from sim.documents.shape import validate
from sim.scenario.attachments import Attachments, attached, no_files
from sim.scenario.facts import NOBODY, names_a_person, physical_fields
from sim.scenario.model import Given
from sim.world.truth.people import NATURE

RoomC = Annotated[Celsius, Field(ge=-60, le=60)]
Dust = Annotated[MicrogramsPerCubicMetre, Field(ge=0, le=2_000)]
Rain = Annotated[MillimetresPerHour, Field(ge=0, le=300)]
Visibility = Annotated[Metres, Field(ge=10, le=100_000)]
Distance = Annotated[Metres, Field(ge=0, le=20_000_000)]
"""Half the way round the earth."""


def read_given(
    entry: Entry | None,
    household: Household,
    kinds: Mapping[str, type[Device]],
    files: Attachments = no_files,
) -> Given:
    """Return the world at the start.

    Args:
        entry: `given` and what stands behind it; None leaves everything as it is by itself.
        household: whose world.
        kinds: kind name to class.
        files: where the files are that it names.

    Raises:
        ScenarioError: for a name that is not there or a value that cannot be.
    """
    reader = _Reader(household, kinds, files)
    for root, one in ({} if entry is None else entry.value.entries).items():
        validate(one.value, dict[str, Any], ScenarioError, key=one.key)
        reader.read(root, one)
    return reader.given()


class _Reader:
    def __init__(self, household: Household, kinds: Mapping[str, type[Device]], files: Attachments) -> None:
        self._household = household
        self._kinds = kinds
        self._files = files
        self._weather: dict[str, float] = {}
        self._rooms: dict[tuple[str, str], dict[str, Any]] = {}
        self._doors: dict[str, dict[str, bool]] = {}
        self._people: dict[str, dict[str, Any]] = {}
        self._physical: dict[str, dict[str, Any]] = {}
        self._state: dict[str, dict[str, Any]] = {}
        self._away: dict[str, tuple[str, float]] = {}

    def given(self) -> Given:
        """Return what was read."""
        return Given(
            outdoor_c=self._weather.get("outdoor"),
            outdoor_pm25_ug_per_m3=self._weather.get("pm25"),
            rain_mm_per_h=self._weather.get("rain"),
            visibility_m=self._weather.get("visibility"),
            rooms=self._rooms,
            doors=self._doors,
            people=self._people,
            physical=self._physical,
            state=self._state,
            away=self._away,
        )

    def read(self, root: str, entry: Entry) -> None:
        """Take what is given of one thing."""
        household = self._household
        if root == NATURE:
            for name, one in entry.value.entries.items():
                types = {"outdoor": RoomC, "pm25": Dust, "rain": Rain, "visibility": Visibility}
                self._must_be(name, one, list(types), root)
                self._weather[name] = _value(one, types[name])
        elif root in household.homes:
            self._read_home(root, entry)
        elif root in household.people:
            for name, one in entry.value.entries.items():
                self._read_of_person(root, name, one)
        elif root in household.devices:
            for name, one in entry.value.entries.items():
                self._read_of_device(household.devices[root], name, one)
        else:
            known = [NATURE, *household.homes, *household.people, *household.devices]
            sentence = f"there is no `{root}` in household {household.name}"
            raise Mistake.UNKNOWN_NAME.of(ScenarioError, sentence, entry.key.place, did_you_mean(root, known))

    def _read_home(self, home: str, entry: Entry) -> None:
        rooms = list(self._household.homes[home].rooms)
        for room, one in entry.value.entries.items():
            self._must_be(room, one, ["doors", *rooms], home)
            validate(one.value, dict[str, Any], ScenarioError, key=one.key)
            if room == "doors":
                self._read_doors(home, one)
                continue
            facts = self._rooms.setdefault((home, room), {})
            for name, value in one.value.entries.items():
                types: dict[str, Any] = {"temperature": RoomC, "lamp": Literal["on", "off"], "pm25": Dust}
                self._must_be(name, value, list(types), f"{home}.{room}")
                facts[name] = _value(value, types[name])

    def _read_doors(self, home: str, entry: Entry) -> None:
        for name, value in entry.value.entries.items():
            self._must_be(name, value, ["open", "locked"], f"{home}.doors")
            self._doors.setdefault(home, {})[name] = _value(value, bool)

    def _read_of_person(self, person: str, name: str, entry: Entry) -> None:
        facts = self._people.setdefault(person, {})
        things = [other for other in self._things() if other != person]
        spots = (*self._household.homes, *self._household.places)
        rooms = tuple(room for home in self._household.homes.values() for room in home.rooms)
        cars = tuple(one.name for one in self._household.devices.values() if one.kind == "car")
        words = {name: known for name, known in (("at", spots), ("room", rooms), ("in", cars)) if known}
        self._must_be(name, entry, [*words, *(f"from_{other}" for other in things)], person)
        if name in words:
            facts[name] = _value(entry, Literal[words[name]])
        elif "from" in facts:
            self._refuse_second_distance(person, facts["from"][0], entry)
        else:
            facts["from"] = (name.removeprefix("from_"), _value(entry, Distance))

    def _read_of_device(self, device: DeviceEntry, name: str, entry: Entry) -> None:
        kind = self._kinds[device.kind]
        derived = kind.Physical.derived
        physical = {
            fact: (field, hint) for fact, field, hint in physical_fields(kind) if field not in derived
        }
        state = dict(kind.settable())
        movable = device.home is None and device.car is None
        others = [other for other in self._things() if other != device.name] if movable else []
        extra = ["room"] if device.room is not None else []
        known = [*physical, *state, *extra, *(f"from_{other}" for other in others)]
        self._must_be(name, entry, known, device.name)
        if name in state:
            value = _value(entry, state[name])
            mark = file_text_of(state[name])
            if mark is not None:
                value = attached(mark, entry.value, self._files, ScenarioError)
            self._state.setdefault(device.name, {})[name] = value
        elif name in physical:
            field, hint = physical[name]
            self._physical.setdefault(device.name, {})[field] = self._physical_value(entry, hint)
        elif name == "room":
            key = (device.home or "", device.room or "")
            self._rooms.setdefault(key, {})["temperature"] = _value(entry, RoomC)
        elif device.name in self._away:
            self._refuse_second_distance(device.name, self._away[device.name][0], entry)
        else:
            self._away[device.name] = (name.removeprefix("from_"), _value(entry, Distance))

    def _physical_value(self, entry: Entry, hint: Any) -> Any:
        if not names_a_person(hint):
            return _value(entry, hint)
        person = _value(entry, Literal[(*self._household.people, NOBODY)])
        return None if person == NOBODY else person

    def _refuse_second_distance(self, name: str, other: str, entry: Entry) -> None:
        sentence = f"where `{name}` is, is already said by `from_{other}`"
        raise Mistake.NAME_TAKEN.of(ScenarioError, sentence, entry.key.place, "delete one of them")

    def _things(self) -> list[str]:
        household = self._household
        return [*household.homes, *household.places, *household.people, *household.devices]

    def _must_be(self, name: str, entry: Entry, known: list[str], of: str) -> None:
        if name not in known:
            sentence = f"`{of}` has no `{name}` that can be given"
            raise Mistake.UNKNOWN_NAME.of(ScenarioError, sentence, entry.key.place, did_you_mean(name, known))


def _value(entry: Entry, hint: Any) -> Any:
    """Return a value of a type; a person's quantities need their unit."""
    adapter: TypeAdapter[Any] = TypeAdapter(hint)
    return validate(entry.value, adapter, ScenarioError, key=entry.key)
