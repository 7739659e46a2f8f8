"""The ground truth: what is physically so, whatever any device believes or any message says.

Between two events the truth is a function of the time, so that it can be asked about any instant
without being stepped there. Only three things change it: a person or nature (`people`), a motor that
a device drives (`actuate`), and a scenario's `given`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sim.core.device import Device
from sim.core.household import DeviceEntry, Household
from sim.core.surroundings import View
from sim.physics.car_energy import soc_after
from sim.physics.daylight import daylight
from sim.physics.room_heat import RoomHeat
from sim.physics.travel import Path
from sim.world.air import Air
from sim.world.places import Places

RADIO_REACH_M = 100.0
"""How far apart two devices can still range each other; Bluetooth LE in the open (assumption)."""
MOTION = frozenset({"speed_kmh", "gear", "driver"})
"""Physical facts that belong to the person behind the wheel."""
DRIVEN = frozenset({"battery_percent", "speed_kmh"})
"""Physical facts that change with the time while a car drives."""
ROOM_START_C = 20.0
OUTDOOR_START_C = 10.0


@dataclass(slots=True)
class RoomTruth:
    """One room: its heat, its lamp, and who is in it."""

    heat: RoomHeat
    lamp_on: bool = False


@dataclass(slots=True)
class FrontDoor:
    """The door of a home; nothing in a household has a motor for it, only hands move it."""

    open: bool = False
    locked: bool = True


class Truth:
    """See the module.

    Args:
        household: what there is.
        kinds: kind name to class, for the physical facts a device begins with.
        start_ms: when the run begins, milliseconds since 1970.
        utc_offset_ms: how far the wall clocks of the household are ahead of UTC.
    """

    def __init__(
        self, household: Household, kinds: Mapping[str, type[Device]], start_ms: int, utc_offset_ms: int
    ) -> None:
        self.household = household
        self.places = Places(household, start_ms)
        self.outdoor_c = OUTDOOR_START_C
        self.rooms: dict[tuple[str, str], RoomTruth] = {
            (home_name, room_name): RoomTruth(
                RoomHeat(
                    temperature_c=ROOM_START_C,
                    at_ms=start_ms,
                    heat_loss_w_per_k=room.heat_loss_w_per_k,
                    heat_capacity_j_per_k=room.heat_capacity_j_per_k,
                    heat_w=0.0,
                    outdoor_c=self.outdoor_c,
                )
            )
            for home_name, home in household.homes.items()
            for room_name, room in home.rooms.items()
        }
        self.front_doors = {home: FrontDoor() for home in household.homes}
        self.inside: dict[str, tuple[str, str]] = {}
        """Which room a person is in, if any."""
        self.blind: dict[tuple[str, str], int] = {}
        """Sensors that have failed, (device, field), each with how many faults keep it so."""
        self.jammed: dict[tuple[str, str], int] = {}
        """Moving parts that are stuck, likewise."""
        self.touched: list[str] = []
        """Devices whose sensors have something new to see; the stage empties it."""
        self._physical: dict[str, Any] = {
            name: kinds[entry.kind].Physical() for name, entry in household.devices.items()
        }
        self.air = Air()
        self.keys = tuple(name for name, entry in household.devices.items() if kinds[entry.kind].holds_keys)
        """Devices that can be digital keys."""
        self._utc_offset = timedelta(milliseconds=utc_offset_ms)
        for name, entry in household.devices.items():
            self._place_at_start(name, entry, start_ms)

    # --- reading -------------------------------------------------------------------------------------

    def physical(self, device: str, now_ms: int) -> Any:
        """Return the physical facts of a device at an instant."""
        facts = self._physical[device]
        driven = self._driven(device, now_ms)
        return replace(facts, **driven) if driven else facts

    def _driven(self, device: str, now_ms: int) -> dict[str, float]:
        """Return the facts that change while a car drives; nothing for what does not drive."""
        facts = self._physical[device]
        if not hasattr(facts, "speed_kmh"):
            return {}
        path = self.places.path(device)
        if path.speed_m_per_s == 0:
            return {}
        driven_until_ms = min(now_ms, path.arrival_ms)
        driven_km = path.speed_m_per_s * (driven_until_ms - path.start_ms) / 1e6
        config: Any = self.household.devices[device].config
        soc = soc_after(
            facts.battery_percent, driven_km, config.consumption_kwh_per_100km, config.capacity_kwh
        )
        speed_kmh = path.speed_m_per_s * 3.6 if now_ms < path.arrival_ms else 0.0
        return {"battery_percent": soc, "speed_kmh": speed_kmh}

    def fact(self, device: str, field: str, now_ms: int) -> Any:
        """Return one physical fact of a device at an instant."""
        value = getattr(self._physical[device], field)
        return self._driven(device, now_ms).get(field, value) if field in DRIVEN else value

    def quantity(self, device: str, field: str, now_ms: int) -> tuple[Any] | None:
        """Return what a device reports under a name, as it truly is; None for what is nothing physical."""
        if hasattr(self._physical[device], field):
            return (self.fact(device, field, now_ms),)
        room = self.room_of(device)
        if field == "room_c" and room is not None:
            return (room.heat.temperature_at(now_ms),)
        if field in {"latitude_deg", "longitude_deg"}:
            return (self.places.location(device, now_ms)[field == "longitude_deg"],)
        return None

    def room_of(self, device: str) -> RoomTruth | None:
        """Return the room a device stands in, or None."""
        entry = self.household.devices[device]
        return self.rooms.get((entry.home, entry.room)) if entry.home and entry.room else None

    def person_at(self, device: str) -> str | None:
        """Return who has a device in hand: holder, wearer, or the driver of the car it is built into."""
        entry = self.household.devices[device]
        holder: str | None = self._physical[entry.car or device].holder()
        return holder

    def view(self, device: str, now_ms: int) -> View | None:
        """Return what can be seen of the room a device stands in."""
        entry = self.household.devices[device]
        room = self.room_of(device)
        if room is None or entry.home is None or entry.room is None:
            return None
        local = self.local_time(now_ms)
        minutes = local.hour * 60 + local.minute + local.second / 60
        latitude = self.household.homes[entry.home].position[0]
        here = (entry.home, entry.room)
        return View(
            room=entry.room,
            lamp_on=room.lamp_on,
            daylight=daylight(minutes, local.timetuple().tm_yday, latitude),
            people=tuple(person for person in self.household.people if self.inside.get(person) == here),
        )

    def local_time(self, now_ms: int) -> datetime:
        """Return what the clocks on the wall show, without a zone."""
        return (datetime.fromtimestamp(now_ms / 1000, UTC) + self._utc_offset).replace(tzinfo=None)

    # --- changing ------------------------------------------------------------------------------------

    def change(self, device: str, changes: Mapping[str, Any], now_ms: int) -> None:
        """Set physical facts of a device, and let everything that follows from them follow."""
        self._physical[device] = replace(self._physical[device], **changes)
        self._follow(device, now_ms)

    def actuate(self, device: str, changes: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
        """Move what a device's motors can move, and return what did; what is jammed stays as it is.

        Where nothing moves, no sensor has anything to see: a device that tries again whenever it
        senses something would try for ever.
        """
        # INVARIANT: no device has a motor for these; only a person in the car changes them (M34).
        assert MOTION.isdisjoint(changes), "a device tried to drive the car"
        facts = self._physical[device]
        moved = {
            field: value
            for field, value in changes.items()
            if (device, field) not in self.jammed and getattr(facts, field) != value
        }
        if moved:
            self.change(device, moved, now_ms)
        return moved

    def lose_power(self, device: str, now_ms: int) -> None:
        """Let a device's motors stop, its screen go dark and its radio fall silent; the rest stays."""
        self.air.silence(device)
        self.air.show(device, None)
        without = self._physical[device].without_power()
        if without != self._physical[device]:
            self._physical[device] = without
            self._follow(device, now_ms)

    def set_outdoor(self, outdoor_c: float, now_ms: int) -> None:
        """Change the weather; every room and every outdoor sensor feels it."""
        self.outdoor_c = outdoor_c
        for room in self.rooms.values():
            room.heat = room.heat.with_inputs(now_ms, outdoor_c=outdoor_c)
        self.touched += [name for name, entry in self.household.devices.items() if entry.home]

    def set_room_c(self, home: str, room: str, temperature_c: float) -> None:
        """Start a room at a temperature."""
        truth = self.rooms[home, room]
        truth.heat = replace(truth.heat, temperature_c=temperature_c)

    def depart(self, car: str, path: Path, now_ms: int) -> None:
        """Send a car on its way: what it has used so far is drawn from its battery first."""
        self._draw_battery(car, now_ms)
        self.places.move(car, path)
        self._touch_car(car)

    def halt(self, car: str, now_ms: int) -> None:
        """Stop a car where it is."""
        self._draw_battery(car, now_ms)
        self.places.put(car, self.places.position(car, now_ms), now_ms)
        self._touch_car(car)

    def hold(self, device: str, person: str | None, now_ms: int) -> None:
        """Let a device move with a person, or lie where it is: in a car, it rides on with that."""
        self._physical[device] = self._physical[device].held_by(person)
        self.places.carry(device, person or self.places.vehicle(device), now_ms)
        self.touched.append(device)

    def steal(self, device: str, thief: str, to: str, now_ms: int) -> None:
        """Let a thief take a portable device, and stand beside something with it."""
        self.places.put(thief, self.places.position(to, now_ms), now_ms)
        self.hold(device, thief, now_ms)

    # --- consequences --------------------------------------------------------------------------------

    def _follow(self, device: str, now_ms: int) -> None:
        facts = self._physical[device]
        room = self.room_of(device)
        if room is not None and hasattr(facts, "heat_w"):
            room.heat = room.heat.with_inputs(now_ms, heat_w=self._heat_in_room(device))
        if any(field.name == "driver" for field in fields(facts)):
            self._touch_car(device)
        else:
            self.touched.append(device)

    def _heat_in_room(self, device: str) -> float:
        here = self.household.devices[device]
        return sum(
            getattr(self._physical[name], "heat_w", 0.0)
            for name, entry in self.household.devices.items()
            if (entry.home, entry.room) == (here.home, here.room)
        )

    def _draw_battery(self, car: str, now_ms: int) -> None:
        # What is stored is for a standing car; while it goes, its path has the speed.
        self._physical[car] = replace(self.physical(car, now_ms), speed_kmh=0.0)

    def _touch_car(self, car: str) -> None:
        self.touched.append(car)
        self.touched += [name for name, entry in self.household.devices.items() if entry.car == car]

    def _place_at_start(self, name: str, entry: DeviceEntry, start_ms: int) -> None:
        if entry.home is not None:
            self.places.carry(name, entry.home, start_ms)
        elif entry.car is not None:
            self.places.carry(name, entry.car, start_ms)
        elif entry.config.owner is not None and self._physical[name].portable:
            self.hold(name, entry.config.owner, start_ms)
