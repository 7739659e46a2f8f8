"""People, homes, rooms and devices as data: what a household file says, once it is checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sim.core.device import IN_HOMES, Config, Role
from sim.core.roads import ChargingPoint, Road, RoadMap, SpotOnMap
from sim.core.units import (
    CubicMetres,
    JoulesPerKelvin,
    WattsPerKelvin,
    fact_name,
)

_STRICT = ConfigDict(
    frozen=True, extra="forbid", alias_generator=fact_name, validate_by_name=True, validate_by_alias=True
)


class Person(BaseModel):
    """Somebody of the household, or a guest of it."""

    model_config = _STRICT

    role: Role


class Room(BaseModel):
    """A room as one lump of heat (see `physics.room_heat`)."""

    model_config = _STRICT

    volume_m3: CubicMetres = Field(gt=0)
    heat_loss_w_per_k: WattsPerKelvin = Field(gt=0)
    heat_capacity_j_per_k: JoulesPerKelvin = Field(gt=0)


class Home(BaseModel):
    """A home: where it stands, its rooms, and the charger for its cars."""

    model_config = _STRICT

    position: tuple[Annotated[float, Field(ge=-90, le=90)], Annotated[float, Field(ge=-180, le=180)]]
    """Latitude and longitude, degrees (WGS 84)."""
    rooms: dict[str, Room] = Field(default={}, max_length=32)
    charger: ChargingPoint | None = None


@dataclass(frozen=True)
class DeviceEntry:
    """One device of a household.

    Attributes:
        name: its name.
        kind: which class of `sim.devices` it is.
        config: its other fields, checked by that class's `Config`.
        enrolled: whether the household knows its key; strangers are not enrolled.
    """

    name: str
    kind: str
    config: Config
    enrolled: bool = True

    @cached_property
    def home(self) -> str | None:
        """The home it stands in, or None."""
        return getattr(self.config, "home", None)

    @cached_property
    def room(self) -> str | None:
        """The room it stands in, or None."""
        return getattr(self.config, "room", None)

    @cached_property
    def car(self) -> str | None:
        """The car it is built into, or None."""
        return getattr(self.config, "car", None)


@dataclass(frozen=True, slots=True)
class Household:
    """A checked household: every name in it that refers to something refers to something there.

    Attributes:
        name: first level of its topics.
        people: name to person, in file order.
        homes: name to home, in file order.
        devices: name to device, strangers last, in file order.
        places: name to place outside the homes, in file order.
        roads: name to road between homes and places, in file order.
    """

    name: str
    people: Mapping[str, Person]
    homes: Mapping[str, Home]
    devices: Mapping[str, DeviceEntry]
    places: Mapping[str, SpotOnMap] = field(default_factory=dict)
    roads: Mapping[str, Road] = field(default_factory=dict)

    @property
    def map(self) -> RoadMap:
        """What its navigation systems know: homes, places, chargers that anybody may use, and roads."""
        homes = {name: home.position for name, home in self.homes.items()}
        positions = {**homes, **{name: place.position for name, place in self.places.items()}}
        chargers = {name: one.charger.power_w for name, one in self.places.items() if one.charger is not None}
        return RoadMap(positions, chargers, self.roads)

    def role_of(self, device: str) -> Role | None:
        """Return what the owner of a device may do at most; None for a device that nobody owns."""
        owner = self.devices[device].config.owner
        return None if owner is None else self.people[owner].role

    def others(self, device: str, kinds: tuple[str, ...]) -> list[str]:
        """Return the other devices of some kinds, in file order.

        Args:
            device: the one that is left out.
            kinds: names of kinds; `IN_HOMES` stands for whatever is installed in a home.
        """
        return [
            name
            for name, entry in self.devices.items()
            if name != device and (entry.kind in kinds or (IN_HOMES in kinds and entry.home is not None))
        ]
