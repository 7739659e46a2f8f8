"""The rooms of the homes: their heat and their air, who is in them, and which plug feeds what.

What a device does to its room follows from its physical facts (see `core.declarations.Physical`): those are
kept by the truth, and read here.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from sim.core.household import Household, Room
from sim.physics.room_air import COOKING_UG_PER_H, OUTDOOR_UG_PER_M3, RoomAir, indoors
from sim.physics.room_heat import RoomHeat

ROOM_START_C = 20.0
OUTDOOR_START_C = 10.0

RoomKey = tuple[str, str]
"""A home and one of its rooms."""


@dataclass(slots=True)
class RoomTruth:
    """One room.

    Attributes:
        heat: how warm it is.
        air: how dusty its air is.
        lamp_on: whether the lamp is lit that hangs on the switch by the door.
        meals: how many are being cooked in it.
        movements: how often somebody has come, gone or walked about in it.
        cleaning: clean air that each of its purifiers delivers since the air last changed, m³/h.
    """

    heat: RoomHeat
    air: RoomAir
    lamp_on: bool = False
    meals: int = 0
    movements: int = 0
    cleaning: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class FrontDoor:
    """The door of a home; nothing in a household has a motor for it, only hands move it."""

    open: bool = False
    locked: bool = True


class Rooms(dict[RoomKey, RoomTruth]):
    """Every room of every home.

    Args:
        household: what there is.
        physical: device name to its physical facts; the truth's own, which changes them.
        start_ms: when the run begins, milliseconds since 1970.
    """

    def __init__(self, household: Household, physical: dict[str, Any], start_ms: int) -> None:
        super().__init__(
            ((home_name, room_name), _at_start(room, start_ms))
            for home_name, home in household.homes.items()
            for room_name, room in home.rooms.items()
        )
        self._devices = household.devices
        self._physical = physical
        wired = ((getattr(entry.config, "feeds", None), name) for name, entry in self._devices.items())
        self._feeders: dict[str, str] = {fed: plug for fed, plug in wired if fed is not None}
        self._unfed: frozenset[str] = frozenset()

    # --- reading -------------------------------------------------------------------------------------

    def of(self, device: str) -> RoomTruth | None:
        """Return the room a device stands in, or None."""
        return self.get(self._key(device))

    def inhabitants(self, key: RoomKey) -> list[str]:
        """Return the devices that stand in a room, in the order of the household."""
        return [name for name in self._devices if self._key(name) == key]

    def lit(self, key: RoomKey) -> bool:
        """Say whether a lamp shines in a room: the one on the switch, or any light."""
        lights = (getattr(self._physical[name], "lit_percent", 0.0) for name in self.inhabitants(key))
        return self[key].lamp_on or any(lit_percent > 0 for lit_percent in lights)

    def eyes(self, key: RoomKey) -> list[str]:
        """Return the devices of a room that see who moves in it."""
        return [name for name in self.inhabitants(key) if hasattr(self._physical[name], "shutter")]

    def has_current(self, device: str) -> bool:
        """Say whether the mains reach a device; they always do where there is no plug between."""
        feeder = self._feeders.get(device)
        return feeder is None or self._physical[feeder].power == "on"

    def load_w(self, plug: str) -> float:
        """Return the power that what a plug feeds draws through it, W."""
        fed = next((device for device, feeder in self._feeders.items() if feeder == plug), None)
        if fed is None or not self.has_current(fed):
            return 0.0
        drawn_w: float = self._physical[fed].draws_w(self._devices[fed].config)
        return drawn_w

    def filter_mg(self, device: str, now_ms: int) -> float:
        """Return the dust in a purifier's filter, mg, with what it has caught since the air last changed."""
        held_mg: float = self._physical[device].filter_mg
        room = self.of(device)
        if room is None or device not in room.cleaning:
            return held_mg
        return held_mg + room.air.cleaned_mg(now_ms) * room.cleaning[device] / room.air.clean_m3_per_h

    # --- changing ------------------------------------------------------------------------------------

    def before(self, device: str, now_ms: int) -> None:
        """Put into the filters what they have caught, because something about a purifier will change."""
        room = self.of(device)
        if room is not None and device in room.cleaning:
            self._renew_air(room, now_ms)

    def after(self, device: str, now_ms: int) -> list[str]:
        """Let a room follow what a device does now; return whose sensors have something new to see."""
        facts, room = self._physical[device], self.of(device)
        if room is not None and hasattr(facts, "heat_w"):
            here = self.inhabitants(self._key(device))
            heat_w = sum(getattr(self._physical[name], "heat_w", 0.0) for name in here)
            room.heat = room.heat.with_inputs(now_ms, heat_w=heat_w)
        if room is not None and hasattr(facts, "filter_mg"):
            self._renew_air(room, now_ms)
            room.cleaning = {
                name: flow
                for name in self.inhabitants(self._key(device))
                if (flow := self._physical[name].cleans_m3_per_h(self._devices[name].config)) > 0
            }
            room.air = room.air.with_inputs(now_ms, clean_m3_per_h=sum(room.cleaning.values()))
        feeder = self._feeders.get(device)
        return [] if feeder is None else [feeder]

    def set_outdoor_c(self, outdoor_c: float, now_ms: int) -> None:
        """Let every room leak to another temperature."""
        for room in self.values():
            room.heat = room.heat.with_inputs(now_ms, outdoor_c=outdoor_c)

    def set_outdoor_pm25(self, outdoor_ug_per_m3: float, now_ms: int) -> None:
        """Let other air come in through the cracks of every room."""
        for room in self.values():
            self._renew_air(room, now_ms)
            room.air = room.air.with_inputs(now_ms, outdoor_ug_per_m3=outdoor_ug_per_m3)

    def cook(self, key: RoomKey, meals: int, now_ms: int) -> None:
        """Put meals on the stove of a room, or take them off when negative."""
        room = self[key]
        room.meals += meals
        self._renew_air(room, now_ms)
        room.air = room.air.with_inputs(now_ms, source_ug_per_h=room.meals * COOKING_UG_PER_H)

    def switched(self) -> list[tuple[str, bool]]:
        """Return the devices that got (True) or lost the mains since this was last asked."""
        news = [(device, self.has_current(device)) for device in self._feeders]
        news = [(device, has) for device, has in news if has is (device in self._unfed)]
        self._unfed = (self._unfed | {device for device, has in news if not has}) - {
            device for device, has in news if has
        }
        return news

    def _renew_air(self, room: RoomTruth, now_ms: int) -> None:
        """Count from now on: the filters hold what they have caught so far."""
        for name in room.cleaning:
            caught_mg = self.filter_mg(name, now_ms)
            self._physical[name] = replace(self._physical[name], filter_mg=caught_mg)
        room.air = room.air.with_inputs(now_ms)

    def _key(self, device: str) -> RoomKey:
        entry = self._devices[device]
        return (entry.home or "", entry.room or "")


def _at_start(room: Room, start_ms: int) -> RoomTruth:
    heat = RoomHeat(
        temperature_c=ROOM_START_C,
        at_ms=start_ms,
        heat_loss_w_per_k=room.heat_loss_w_per_k,
        heat_capacity_j_per_k=room.heat_capacity_j_per_k,
        heat_w=0.0,
        outdoor_c=OUTDOOR_START_C,
    )
    return RoomTruth(heat, RoomAir(indoors(OUTDOOR_UG_PER_M3), start_ms, room.volume_m3))
