"""Households as data: what a device's configuration says of where it is."""

import pytest
from pydantic import ValidationError

from sim.core.device import IN_HOMES, Config
from sim.core.household import DeviceEntry, Home, Household, Person, Room
from sim.core.units import WRITTEN_BY_A_PERSON


class Placed(Config):
    """A configuration with all three places."""

    home: str | None = "home"
    room: str | None = "hall"
    car: str | None = "su7"


def test_device_says_where_it_is_when_its_kind_has_places() -> None:
    """Home, room and car come from the configuration."""
    entry = DeviceEntry("x", "thing", Placed())

    assert (entry.home, entry.room, entry.car) == ("home", "hall", "su7")


def test_device_without_places_is_nowhere() -> None:
    """A kind that has no such fields has no such place."""
    entry = DeviceEntry("x", "thing", Config())

    assert (entry.home, entry.room, entry.car) == (None, None, None)


def test_room_is_written_with_units() -> None:
    """Quantities have units, and what loses no heat at all is no room."""
    written = {"volume": "40 m³", "heat_loss": "100 W/K", "heat_capacity": "1 MJ/K"}

    room = Room.model_validate(written, context=WRITTEN_BY_A_PERSON)

    assert room.heat_capacity_j_per_k == 1_000_000
    with pytest.raises(ValidationError):
        Room.model_validate({**written, "heat_loss": "0 W/K"}, context=WRITTEN_BY_A_PERSON)


def test_home_stands_on_the_earth() -> None:
    """A latitude beyond the pole is refused."""
    room = Room(volume_m3=1, heat_loss_w_per_k=1, heat_capacity_j_per_k=1)

    with pytest.raises(ValidationError):
        Home(position=(91, 0), rooms={"hall": room})


def test_others_are_found_by_kind_or_by_standing_in_a_home() -> None:
    """A device is never its own other, and `IN_HOMES` finds whatever is installed in a home."""
    entries = [
        DeviceEntry("su7", "car", Config()),
        DeviceEntry("phone", "phone", Config()),
        DeviceEntry("heater", "climate", Placed()),
        DeviceEntry("camera", "camera", Placed()),
    ]
    household = Household("home", {}, {}, {entry.name: entry for entry in entries})

    assert household.others("phone", ("car", "phone")) == ["su7"]
    assert household.others("phone", ("car", IN_HOMES)) == ["su7", "heater", "camera"]
    assert household.others("heater", (IN_HOMES,)) == ["camera"]


def test_role_of_a_device_is_that_of_its_owner() -> None:
    """What may be done with a device depends on whose it is; one that nobody owns has no role."""
    entries = {
        name: DeviceEntry(name, "thing", Config(owner=owner)) for name, owner in (("a", "jun"), ("b", None))
    }
    household = Household("home", {"jun": Person(role="guest")}, {}, entries)

    assert household.role_of("a") == "guest"
    assert household.role_of("b") is None
