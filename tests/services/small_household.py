"""Small households to speak in: homes and rooms, climate units and cars, no more than a test needs."""

from collections.abc import Mapping, Sequence

from sim.core.device import Config
from sim.core.household import DeviceEntry, Home, Household, Person, Room

FLAT = {"home": ("living_room", "bedroom", "kitchen", "study")}


class Standing(Config):
    """Where a climate unit stands."""

    home: str
    room: str


def household(
    *units: tuple[str, str, str],
    homes: Mapping[str, Sequence[str]] | None = None,
    cars: Sequence[str] = ("su7",),
) -> Household:
    """Return a household with climate units given as (name, home, room)."""
    room = Room(volume_m3=40, heat_loss_w_per_k=70, heat_capacity_j_per_k=1e6)
    entries = [
        *(DeviceEntry(car, "car", Config()) for car in cars),
        *(DeviceEntry(name, "climate", Standing(home=home, room=where)) for name, home, where in units),
    ]
    return Household(
        name="wang",
        people={"lin": Person(role="owner")},
        homes={
            name: Home(position=(40, 116), rooms=dict.fromkeys(rooms, room))
            for name, rooms in (FLAT if homes is None else homes).items()
        },
        devices={entry.name: entry for entry in entries},
    )


def one_heater() -> Household:
    """Return a flat with one unit, in the living room."""
    return household(("heater", "home", "living_room"))


def two_heaters() -> Household:
    """Return a flat with a unit in the living room and one in the bedroom."""
    return household(("heater", "home", "living_room"), ("bedroom_unit", "home", "bedroom"))
