"""Household files: what they describe is checked down to the last name, or refused at its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from sim.core import device as core
from sim.core.device import Device, Effect, Moment, Refers, Stimulus
from sim.core.errors import HouseholdError
from sim.core.household import Household
from sim.core.units import Milliseconds, Watts
from sim.scenario.households import household_schema, read_household
from sim.world.kinds import kinds as real_kinds

WANG = (Path(__file__).parents[2] / "households" / "wang.household.yaml").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Thing(Device):
    """A device that does nothing; kinds differ in what a file may say of them."""

    kind: ClassVar[str] = "phone"

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:  # noqa: ARG003  # the protocol
        """Return the device."""
        return cls(name)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:  # noqa: ARG002  # the protocol
        """Do nothing."""
        return self, ()


class Car(Thing):
    """What others are built into."""

    kind: ClassVar[str] = "car"


class Dashboard(Thing):
    """A part of a car."""

    class Config(core.Config):
        """Which car."""

        car: Annotated[str, Refers("device", "car")]

    kind: ClassVar[str] = "dashboard"


class Heater(Thing):
    """A device with a place and quantities."""

    class Config(core.Config):
        """Where it stands, how strong it is, and how long it runs."""

        home: Annotated[str | None, Refers("home")] = None
        room: str | None = None
        power_w: Watts = Field(gt=0)
        hold_ms: Milliseconds = 60_000
        rest_ms: Milliseconds | None = None

    kind: ClassVar[str] = "heater"


class Beacon(Thing):
    """A device that points at anything, by default at the home called `home`."""

    class Config(core.Config):
        """What it points at."""

        at: Annotated[str, Refers("place")] = "home"
        to: Annotated[str | None, Refers("device")] = None

    kind: ClassVar[str] = "beacon"


class Stranger(Thing):
    """A device nobody enrolled."""

    kind: ClassVar[str] = "stranger"
    trusted: ClassVar[bool] = False


KINDS: dict[str, type[Device]] = {one.kind: one for one in (Beacon, Car, Dashboard, Heater, Thing, Stranger)}

HEAD = """\
household: wang
people:
  lin: {role: owner}
homes:
  home:
    position: [40, 116.5]
    rooms:
      hall: {volume: 75 m³, heat_loss: 120 W/K, heat_capacity: 1.8 MJ/K}
devices:
"""


def read(devices: str, head: str = HEAD) -> Household:
    """Read a household with some devices."""
    return read_household("h.yaml", head + devices, KINDS)


def test_household_of_the_project_is_read() -> None:
    """The household that comes with the project fits the kinds that come with it."""
    household = read_household("wang.household.yaml", WANG, real_kinds())

    assert household.name == "wang"
    assert {name: person.role for name, person in household.people.items()} == {
        "lin": "owner",
        "mei": "member",
        "tao": "child",
        "jun": "guest",
    }
    assert list(household.homes["home"].rooms) == ["living_room", "bedroom"]
    assert household.homes["home"].rooms["bedroom"].heat_capacity_j_per_k == 1_000_000
    devices = ["su7", "dash", "phone", "mei_phone", "watch", "heater", "camera", "mallory"]
    assert list(household.devices) == devices
    assert [one.name for one in household.devices.values() if not one.enrolled] == ["mallory"]
    assert (household.devices["heater"].home, household.devices["heater"].room) == ("home", "living_room")
    assert household.devices["dash"].car == "su7"


@pytest.mark.parametrize("rooms", ["", ", rooms: {}"])
def test_household_home_may_have_no_rooms(rooms: str) -> None:
    """A place to drive to is enough of a home."""
    head = f"household: wang\npeople: {{}}\nhomes: {{office: {{position: [40, 116.5]{rooms}}}}}\ndevices:\n"

    household = read("  su7: {kind: car}\n", head)

    assert household.homes["office"].rooms == {}


def test_household_device_is_checked_by_its_kind() -> None:
    """A device's fields are those of its kind, with quantities in their unit."""
    household = read("  heater: {kind: heater, home: home, room: hall, power: 2.5 kW, hold: 2 m}\n")

    assert household.devices["heater"].config == Heater.Config(
        home="home", room="hall", power_w=2_500, hold_ms=120_000
    )


def test_household_references_may_be_left_out() -> None:
    """A device that names nobody and nothing is fine, and a place may be a person or a device."""
    household = read(
        "  heater: {kind: heater, power: 1 W}\n  b: {kind: beacon, at: lin, to: c}\n  c: {kind: beacon}\n"
    )

    assert household.devices["heater"].home is None
    assert list(household.devices) == ["heater", "b", "c"]


PHONE = "  phone: {kind: phone}\n"

BAD_DEVICES = [
    (
        "  su7: {kind: carr}\n",
        "HH201",
        10,
        15,
        "there is no kind of device called `carr`",
        "did you mean `car`?",
    ),
    ("  su7: {kind: 3}\n", "HH201", 10, 15, "there is no kind of device called `3`", None),
    (
        "  su7: {kindd: car}\n",
        "HH102",
        10,
        3,
        "key `kind` is missing in `su7`",
        "is `kindd` meant to be `kind`?",
    ),
    ("  su7: {}\n", "HH102", 10, 3, "key `kind` is missing in `su7`", "write what `su7` is: `kind: …`"),
    ("  su7: {kind: car, onwer: lin}\n", "HH101", 10, 20, "unknown key `onwer`", "did you mean `owner`?"),
    (
        "  su7: {kind: car, owner: ling}\n",
        "HH201",
        10,
        27,
        "there is no person called `ling`",
        "did you mean `lin`?",
    ),
    ("  dash: {kind: dashboard}\n", "HH102", 10, 3, "key `car` is missing in `dash`", None),
    (
        *("  car: {kind: car}\n  dash: {kind: dashboard, car: cra}\n", "HH201", 11, 32),
        *("there is no car called `cra`", "did you mean `car`?"),
    ),
    (
        *("  phone: {kind: phone}\n  dash: {kind: dashboard, car: phone}\n", "HH201", 11, 32),
        *("there is no car called `phone`", None),
    ),
    (
        *("  h: {kind: heater, power: 1 W, home: hom}\n", "HH201", 10, 39),
        *("there is no home called `hom`", "did you mean `home`?"),
    ),
    (
        *("  h: {kind: heater, power: 1 W, home: home, room: hal}\n", "HH201", 10, 51),
        *("there is no room of `home` called `hal`", "did you mean `hall`?"),
    ),
    (
        *("  h: {kind: heater, power: 1 W, room: hall}\n", "HH102", 10, 39),
        *("`h` has a room but no home", "say which home with `home: …`"),
    ),
    ("  dash: {kind: dashboard, car: lin}\n", "HH201", 10, 32, "there is no car called `lin`", None),
    ("  h: {kind: heater, power: 0 W}\n", "HH103", 10, 28, "`power` is `0 W`, expected more than 0", None),
    (
        *("  h: {kind: heater, power: 5}\n", "HH103", 10, 28),
        *("`5` has no unit, write a power as `20 W`", None),
    ),
    (
        "  h: {kind: heater, power_w: 5 K}\n",
        "HH103",
        10,
        30,
        "`K` is not a unit of power; use one of `W`, `kW`",
        None,
    ),
    ("  b: {kind: beacon, to: c}\n", "HH201", 10, 25, "there is no device called `c`", "known here: `b`"),
    ("  Su7: {kind: car}\n", "HH203", 10, 3, "`Su7` cannot be a name", None),
    ("  a/b: {kind: car}\n", "HH203", 10, 3, "`a/b` cannot be a name", None),
    (
        "  weather: {kind: car}\n",
        "HH202",
        10,
        3,
        "`weather` is already a reserved word",
        "choose another name",
    ),
    (
        *("  lin: {kind: phone}\n", "HH202", 10, 3),
        *("`lin` is already the name of a person, on line 3", "choose another name"),
    ),
    (
        *(PHONE + "strangers:\n  phone: {kind: stranger}\n", "HH202", 12, 3),
        *("`phone` is already the name of a device, on line 10", "choose another name"),
    ),
    (
        *("  mallory: {kind: stranger}\n", "HH204", 10, 19),
        *("`mallory` is a `stranger`, which belongs under `strangers`", None),
    ),
    (
        *(PHONE + "strangers:\n  eve: {kind: phone}\n", "HH204", 12, 15),
        *("`eve` is a `phone`, which belongs under `devices`", None),
    ),
    ("  su7: car\n", "HH103", 10, 8, "`su7` is `car`, expected keys with values, such as `key: value`", None),
    ("  {}\n", "HH103", 10, 3, "`devices` has 0 keys, expected at least 1", None),
    (
        *("".join(f"  d{n}: {{kind: car}}\n" for n in range(65)), "HH103", 10, 3),
        *("`devices` has 65 keys, expected at most 64", None),
    ),
]


@pytest.mark.parametrize(
    ("devices", "code", "line", "column", "sentence", "help_text"),
    BAD_DEVICES,
    ids=[row[4] for row in BAD_DEVICES],
)
def test_household_device_that_cannot_be_is_refused(
    devices: str, code: str, line: int, column: int, sentence: str, help_text: str | None
) -> None:
    """Whatever a device may not say is refused with its code, its place and one sentence."""
    with pytest.raises(HouseholdError) as caught:
        read(devices)

    error = caught.value
    assert error.place is not None
    assert (error.code, error.place.line, error.place.column) == (code, line, column)
    assert error.sentence == sentence
    assert help_text is None or error.help_text == help_text


BAD_HEADS = [
    ("lin: {role", "Lin: {role", "HH203", 3, 3, "`Lin` cannot be a name"),
    ("lin: {role", "always: {role", "HH202", 3, 3, "`always` is already a reserved word"),
    ("lin: {role", "home: {role", "HH202", 5, 3, "`home` is already the name of a person, on line 3"),
    (
        "role: owner",
        "role: onwer",
        "HH103",
        3,
        15,
        "`role` is `onwer`, expected one of `owner`, `member`, `child`, `guest`",
    ),
    ("household: wang", "household: Wang Family", "HH203", 1, 12, "`Wang Family` cannot be a name"),
    ("household: wang\n", "", "HH102", 1, 1, "key `household` is missing in the document"),
    ("people:", "poeple:", "HH101", 2, 1, "unknown key `poeple`"),
    ("hall:", "Hall:", "HH203", 8, 7, "`Hall` cannot be a name"),
    ("75 m³", "75", "HH103", 8, 22, "`75` has no unit, write a volume as `20 m³`"),
    ("120 W/K", "0 W/K", "HH103", 8, 40, "`heat_loss` is `0 W/K`, expected more than 0"),
    ("[40, 116.5]", "[116.5, 40]", "HH103", 6, 16, "entry 1 of `position` is `116.5`, expected at most 90"),
    ("[40, 116.5]", "[40]", "HH103", 6, 15, "`position` is a list of 1, expected at least 2"),
]


@pytest.mark.parametrize(
    ("right", "wrong", "code", "line", "column", "sentence"), BAD_HEADS, ids=[row[5] for row in BAD_HEADS]
)
def test_household_people_and_homes_that_cannot_be_are_refused(
    right: str, wrong: str, code: str, line: int, column: int, sentence: str
) -> None:
    """Whatever people and homes may not be is refused with its code, its place and one sentence."""
    with pytest.raises(HouseholdError) as caught:
        read(PHONE, HEAD.replace(right, wrong, 1))

    error = caught.value
    assert error.place is not None
    assert (error.code, error.place.line, error.place.column) == (code, line, column)
    assert error.sentence == sentence


def test_household_default_that_leads_nowhere_is_refused_at_the_device() -> None:
    """A field that is not written still has to lead somewhere."""
    with pytest.raises(HouseholdError, match="there is no place called `home`") as caught:
        read("  b: {kind: beacon}\n", "household: h\npeople: {lin: {role: owner}}\ndevices:\n")

    assert caught.value.place is not None
    assert (caught.value.place.line, caught.value.place.column) == (4, 3)


@given(st.integers(0, len(WANG) - 1), st.integers(0, 9), st.text("ab1 .\n:-,[]{}#'°", max_size=3))
def test_household_damaged_file_is_read_or_refused(at: int, deleted: int, inserted: str) -> None:
    """No damage to a household file makes reading it fail in any other way than with its own error."""
    text = WANG[:at] + inserted + WANG[at + deleted :]

    try:
        read_household("h.yaml", text, real_kinds())
    except HouseholdError as error:
        refused = error
    else:
        return
    assert refused.place is not None


def test_household_schema_knows_kinds_names_and_quantities() -> None:
    """The schema for editors is draft 7, decides by kind, and wants quantities with their units."""
    schema = household_schema(KINDS)
    devices = schema["properties"]["devices"]["additionalProperties"]
    heater = next(one["then"] for one in devices["allOf"] if one["then"]["title"] == "heater")

    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert devices["properties"]["kind"]["enum"] == ["beacon", "car", "dashboard", "heater", "phone"]
    assert schema["properties"]["strangers"]["additionalProperties"]["properties"]["kind"]["enum"] == [
        "stranger"
    ]
    assert schema["properties"]["people"]["propertyNames"] == {"pattern": "^[a-z0-9][a-z0-9_-]{0,31}$"}
    assert heater["additionalProperties"] is False
    assert heater["required"] == ["power"]
    assert heater["properties"]["power"]["type"] == "string"
    assert heater["properties"]["hold"]["default"] == "1 m"
    assert len(schema["definitions"]["Home"]["properties"]["position"]["items"]) == 2
    assert schema["definitions"]["Room"]["properties"]["volume"]["description"] == (
        "a volume with its unit, such as `20 m³`"
    )
