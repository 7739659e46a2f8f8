"""The ground truth: what is physically so, whatever any device believes or any message says.

Between two events the truth is a function of the time, so that it can be asked about any instant
without being stepped there. Only three things change it: a person or nature (`people`), a motor that
a device drives (`actuate`), and a scenario's `given`.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from sim.core.device import Device
from sim.core.household import DeviceEntry, Household
from sim.core.surroundings import Aboard, View
from sim.physics.daylight import daylight
from sim.physics.room_air import OUTDOOR_UG_PER_M3
from sim.physics.travel import Way
from sim.world.truth.air import Air
from sim.world.truth.dues import Dues
from sim.world.truth.places import Places
from sim.world.truth.rooms import OUTDOOR_START_C, FrontDoor, Rooms, RoomTruth
from sim.world.truth.traffic import RoadTruth
from sim.world.truth.vehicles import DRIVEN, QUIET, Vehicles
from sim.world.truth.wheel import HANDS, Wheel

RADIO_REACH_M = 100.0
"""How far apart two devices can still range each other; Bluetooth LE in the open (assumption)."""
MOTION = frozenset({"speed_kmh", "gear", "driver", *HANDS})
"""Physical facts that belong to the person behind the wheel."""


CLEAR_M = 10_000.0
"""From this visibility on the air counts as clear, metres: no fog (1 km) and no mist (5 km) of WMO-No. 8."""


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
        self.dues = Dues(household, self.places, start_ms)
        self.roads = RoadTruth(household.map, utc_offset_ms)
        self._road_sensors = tuple(
            name for name, entry in household.devices.items() if kinds[entry.kind].sees_roads
        )
        self.outdoor_c = OUTDOOR_START_C
        self.outdoor_pm25_ug_per_m3 = OUTDOOR_UG_PER_M3
        self.rain_mm_per_h = 0.0
        self.visibility_m: float | None = None
        """How far one sees through the fog, metres; None in clear air."""
        self.wheel = Wheel()
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
        self.cars = tuple(name for name, facts in self._physical.items() if hasattr(facts, "speed_kmh"))
        self.vehicles = Vehicles(household, self.places, start_ms)
        self.rooms = Rooms(household, self._physical, start_ms)
        self.air = Air()
        self.keys = tuple(name for name, entry in household.devices.items() if kinds[entry.kind].holds_keys)
        """Devices that can be digital keys."""
        self._wall_clock_at_zero = datetime(1970, 1, 1) + timedelta(milliseconds=utc_offset_ms)  # noqa: DTZ001  # a wall clock has no zone
        for name, entry in household.devices.items():
            self._place_at_start(name, entry, start_ms)

    # --- reading -------------------------------------------------------------------------------------

    def physical(self, device: str, now_ms: int) -> Any:
        """Return the physical facts of a device at an instant."""
        facts = self._physical[device]
        if hasattr(facts, "filter_mg"):
            return replace(facts, filter_mg=self.rooms.filter_mg(device, now_ms))
        if device in self.cars:
            return replace(facts, **self.vehicles.live(device, facts, now_ms, self.outdoor_c))
        return facts

    def fact(self, device: str, field: str, now_ms: int) -> Any:
        """Return one physical fact of a device at an instant."""
        if field == "filter_mg":
            return self.rooms.filter_mg(device, now_ms)
        facts = self._physical[device]
        if field in DRIVEN and device in self.cars:
            return self.vehicles.fact(device, facts, field, now_ms, self.outdoor_c)
        return getattr(facts, field)

    def bend(self, device: str, field: str, now_ms: int) -> float:
        """Return a number that falls and then rises between two events, with its least where a fact turns."""
        return self.vehicles.bend(device, self._physical[device], field, now_ms, self.outdoor_c)

    def quantity(self, device: str, field: str, now_ms: int) -> tuple[Any] | None:
        """Return what a device reports under a name, as it truly is; None for what is nothing physical."""
        if hasattr(self._physical[device], field):
            return (self.fact(device, field, now_ms),)
        room = self.room_of(device) if field in {"room_c", "pm25_ug_per_m3"} else None
        if room is not None:
            return (room.heat.temperature_at(now_ms) if field == "room_c" else room.air.pm25_at(now_ms),)
        if field in {"latitude_deg", "longitude_deg"}:
            return (self.places.location(device, now_ms)[field == "longitude_deg"],)
        return None

    def room_of(self, device: str) -> RoomTruth | None:
        """Return the room a device stands in, or None."""
        return self.rooms.of(device)

    def load_w(self, device: str) -> float:
        """Return the power that is drawn through a plug, W; 0 for any other device."""
        return self.rooms.load_w(device)

    def person_at(self, device: str) -> str | None:
        """Return who has a device in hand: holder, wearer, or the driver of the car it is built into."""
        entry = self.household.devices[device]
        holder: str | None = self._physical[entry.car or device].holder()
        return holder

    def dock_driver(self, device: str) -> str | None:
        """Return who sits at the wheel of the car in whose holder a device is; None if nobody or in none."""
        car = getattr(self._physical[device], "docked_in", None)
        driver: str | None = None if car is None else self._physical[car].holder()
        return driver

    def aboard(self, device: str, now_ms: int) -> Aboard:
        """Return what a car's wires tell a screen in it; nothing to what is in no car."""
        car = self.household.devices[device].car or getattr(self._physical[device], "docked_in", None)
        if car is None:
            return Aboard()
        driver = self._physical[car].holder()
        heard = not self.blind.keys() & {(car, "gear"), (car, "speed_kmh")}
        return Aboard(
            stands=heard and not self._under_way(car, now_ms),
            passenger=any(
                person != driver and self.places.carrier(person) == car for person in self.household.people
            ),
        )

    def drives(self, person: str | None, now_ms: int) -> bool:
        """Say whether somebody sits at the wheel of a car that moves or is in gear."""
        return any(
            self._under_way(car, now_ms)
            for car in self.cars
            if person is not None and self._physical[car].holder() == person
        )

    def _under_way(self, car: str, now_ms: int) -> bool:
        moves: bool = self.fact(car, "gear", now_ms) != "P" or self.fact(car, "speed_kmh", now_ms) > 0
        return moves

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
            lamp_on=self.rooms.lit(here),
            daylight=daylight(minutes, local.timetuple().tm_yday, latitude),
            people=tuple(person for person in self.household.people if self.inside.get(person) == here),
            movements=room.movements,
        )

    def local_time(self, now_ms: int) -> datetime:
        """Return what the clocks on the wall show, without a zone."""
        return self._wall_clock_at_zero + timedelta(milliseconds=now_ms)

    # --- changing ------------------------------------------------------------------------------------

    def change(self, device: str, changes: Mapping[str, Any], now_ms: int) -> None:
        """Set physical facts of a device, and let everything that follows from them follow."""
        self.rooms.before(device, now_ms)
        self._arrive(device, now_ms)
        plugged_in = getattr(self._physical[device], "plugged_in", None)
        self._physical[device] = replace(self._physical[device], **changes)
        if changes.get("plugged_in", plugged_in) is not plugged_in:
            self._meter(device, now_ms)
        self._follow(device, now_ms, felt=not QUIET.issuperset(changes))

    def actuate(self, device: str, changes: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
        """Move what a device's motors can move, and return what did; what is jammed stays as it is.

        Where nothing moves, no sensor has anything to see: a device that tries again whenever it
        senses something would try for ever.
        """
        # INVARIANT: no device has a motor for these; only a person in the car changes them (M34).
        assert MOTION.isdisjoint(changes), "a device tried to drive the car"
        facts = self._physical[device]
        if "assistance" in changes:
            changes = self.wheel.checked(device, facts.assistance, changes, now_ms)
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
        self.rooms.before(device, now_ms)
        self._arrive(device, now_ms)
        without = self._physical[device].without_power()
        if without != self._physical[device]:
            self._physical[device] = without
            self._follow(device, now_ms)

    def set_outdoor(self, outdoor_c: float, now_ms: int) -> None:
        """Change the weather; every room and every outdoor sensor feels it."""
        for car in self.cars:
            self._arrive(car, now_ms)
        self.outdoor_c = outdoor_c
        self.rooms.set_outdoor_c(outdoor_c, now_ms)
        self.touched += [name for name, entry in self.household.devices.items() if entry.home]

    def set_outdoor_pm25(self, pm25_ug_per_m3: float, now_ms: int) -> None:
        """Let a haze come or go; every room breathes it."""
        self.outdoor_pm25_ug_per_m3 = pm25_ug_per_m3
        self.rooms.set_outdoor_pm25(pm25_ug_per_m3, now_ms)

    def set_sight(self, rain_mm_per_h: float | None, visibility_m: float | None) -> None:
        """Let it rain, or let fog come or go; None leaves each as it is, and cars look around."""
        if rain_mm_per_h is not None:
            self.rain_mm_per_h = rain_mm_per_h
        if visibility_m is not None:
            self.visibility_m = visibility_m if visibility_m < CLEAR_M else None
        self.touched += self.cars

    def set_room_pm25(self, home: str, room: str, pm25_ug_per_m3: float) -> None:
        """Start a room with some dust in its air."""
        truth = self.rooms[home, room]
        truth.air = replace(truth.air, pm25_ug_per_m3=pm25_ug_per_m3)

    def go_inside(self, person: str, to: tuple[str, str] | None) -> None:
        """Let somebody go into a room, walk about in it, or leave whatever room it was (None)."""
        left = self.inside.pop(person, None)
        if to is not None:
            self.inside[person] = to
        for key in dict.fromkeys(one for one in (left, to) if one is not None):
            self.rooms[key].movements += 1
            self.touched += self.rooms.eyes(key)

    def set_room_c(self, home: str, room: str, temperature_c: float) -> None:
        """Start a room at a temperature."""
        truth = self.rooms[home, room]
        truth.heat = replace(truth.heat, temperature_c=temperature_c)

    def sees_roads(self, device: str) -> bool:
        """Say whether a device has detectors along the roads."""
        return device in self._road_sensors

    def touch_road_sensors(self) -> None:
        """Let whoever has detectors along the roads see that something has changed there."""
        self.touched += self._road_sensors

    def touch(self, device: str) -> None:
        """Let a device look at its sensors, and the screens that are wired to it, if it is a car."""
        self._touch_car(device)

    def since(self, car: str) -> object:
        """Return what a car's energy is counted from: another object whenever something has changed."""
        return self._physical[car]

    def power_turns_ms(self, car: str, now_ms: int) -> int | None:
        """Return when the motors of a car that drives next get less; None when they do not on its way."""
        return self.vehicles.power_turns_ms(car, self._physical[car], now_ms, self.outdoor_c)

    def held_m_per_s(self, car: str, now_ms: int) -> tuple[float, float]:
        """Return the fastest that the motors of a car can hold, m/s, and how hard the road slows it, m/s²."""
        return self.vehicles.held_m_per_s(car, self._physical[car], now_ms, self.outdoor_c)

    def feel_speed(self, car: str) -> None:
        """Let a car on its way notice that it drives at another speed now."""
        self._touch_car(car)

    def seat(self, person: str, car: str | None, now_ms: int) -> None:
        """Let somebody ride with a car, or get out of the one they are in; its screens feel the seat."""
        was = self.places.carrier(person)
        self.places.carry(person, car, now_ms)
        for one in self.cars:
            if one in {was, car}:
                self.touched += self._screens_in(one)

    def depart(self, car: str, path: Way, now_ms: int) -> None:
        """Send a car on its way: what it has used so far is drawn from its battery first."""
        self._arrive(car, now_ms)
        self.dues.drove(car, now_ms)
        self.dues.departs(car, now_ms)
        self.places.move(car, path)
        self._touch_car(car)

    def halt(self, car: str, now_ms: int) -> None:
        """Stop a car where it is."""
        self._arrive(car, now_ms)
        self.dues.drove(car, now_ms)
        self.places.put(car, self.places.position(car, now_ms), now_ms)
        self.dues.stopped(car, now_ms)
        self._touch_car(car)

    def hold(self, device: str, person: str | None, now_ms: int) -> None:
        """Let a device move with a person, or lie where it is: in a car, it rides on with that."""
        self._physical[device] = self._physical[device].held_by(person)
        self.places.carry(device, person or self.places.vehicle(device), now_ms)
        self.touched.append(device)

    def dock(self, device: str, car: str, now_ms: int) -> None:
        """Put a device into the holder of a car, with which it rides until somebody takes it out."""
        self._physical[device] = replace(self._physical[device].held_by(None), docked_in=car)
        self.places.carry(device, car, now_ms)
        self.touched.append(device)

    def steal(self, device: str, thief: str, to: str, now_ms: int) -> None:
        """Let a thief take a portable device, and stand beside something with it."""
        self.places.put(thief, self.places.position(to, now_ms), now_ms)
        self.hold(device, thief, now_ms)

    # --- consequences --------------------------------------------------------------------------------

    def _follow(self, device: str, now_ms: int, *, felt: bool = True) -> None:
        facts = self._physical[device]
        feeders = self.rooms.after(device, now_ms)
        if not felt:
            return
        if any(field.name == "driver" for field in fields(facts)):
            self._touch_car(device)
        else:
            self.touched.append(device)
        self.touched += feeders

    def _meter(self, car: str, now_ms: int) -> None:
        """Let a charger count from now on, or say what it counted."""
        facts, percent = self._physical[car], self.fact(car, "battery_percent", now_ms)
        if facts.plugged_in:
            point = self.vehicles.charging_point(car, now_ms)
            self.dues.plugged_in(car, point, percent, now_ms)
        else:
            config: Any = self.household.devices[car].config
            self.dues.unplugged(car, percent, config.energy.pack.capacity_kwh)

    def _arrive(self, device: str, now_ms: int) -> None:
        """Count the energy of a car from now on; nothing for what is no car."""
        if device in self.cars:
            facts = self._physical[device]
            self._physical[device] = self.vehicles.arrived(device, facts, now_ms, self.outdoor_c)

    def _touch_car(self, car: str) -> None:
        self.touched.append(car)
        self.touched += self._screens_in(car)

    def _screens_in(self, car: str) -> list[str]:
        return [
            name
            for name, entry in self.household.devices.items()
            if entry.car == car or self._displays_in(name, car)
        ]

    def _displays_in(self, device: str, car: str) -> bool:
        """Say whether a device that fits a car's holder is in that car, docked or in somebody's hands."""
        if not hasattr(self._physical[device], "docked_in"):
            return False
        return car in {self.places.carrier(device), self.places.vehicle(device)}

    def _place_at_start(self, name: str, entry: DeviceEntry, start_ms: int) -> None:
        if entry.home is not None:
            self.places.carry(name, entry.home, start_ms)
        elif entry.car is not None:
            self.places.carry(name, entry.car, start_ms)
        elif (dock := getattr(entry.config, "dock", None)) is not None:
            self.dock(name, dock, start_ms)
        elif entry.config.owner is not None and self._physical[name].portable:
            self.hold(name, entry.config.owner, start_ms)
