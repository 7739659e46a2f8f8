"""The energy of cars: what is in their batteries and how warm their cabins are, at any instant.

A car's physical facts are kept as they were when something about it last changed; from there on everything is
constant but what follows from the time, so an instant is looked at without being stepped to. Whatever changes
something first lets the car arrive at now (see `Truth.change`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf
from typing import Any, Final

from sim.core.household import Household
from sim.core.roads import ChargingPoint
from sim.physics.assistance.assisted import Assisted
from sim.physics.assistance.line import Leg
from sim.physics.battery import Battery
from sim.physics.cabin_climate import SEAT_LEVEL_W, heat_w
from sim.physics.cabin_heat import CabinHeat
from sim.physics.running_out import (
    DrivePower,
    drive_power,
    limited_m_per_s,
    rolling_m_per_s2,
    turns_at_percent,
)
from sim.physics.travel import Journey, Path, Stretch, Way
from sim.world.truth.places import Places

CABLE_M: Final = 10.0
"""How far a charging cable reaches from its home or place (assumption: 5 to 7.5 m of cable, and the plot)."""
CABIN: Final = frozenset({"cabin_c", "interior_c"})
BATTERY: Final = frozenset(
    {"battery_percent", "battery_temperature_c", "battery_heater_w", "charge_power_w", "drive_power"}
)
ASSISTED: Final = frozenset({"emergency_braking", "gap_m", "lane_offset_m"})
DRIVEN: Final = frozenset({"speed_kmh", *CABIN, *BATTERY, *ASSISTED})
"""Physical facts of a car that change with the time."""
QUIET: Final = frozenset({"heater_w", "cooler_w", "battery_heater_w", "electronics_w", "grid_supply"})
"""Currents that a car switches by itself: nobody touches it, so its sensors have nothing new to see."""
LOOK_MS: Final = 60_000
"""For how long the speed of an assisted drive is taken as its mean, when its energy is counted (a choice of
ours)."""


def acclimatised(outdoor_c: float) -> dict[str, float]:
    """Return the facts of a car that has stood outdoors for long."""
    return {"cabin_c": outdoor_c, "interior_c": outdoor_c, "battery_temperature_c": outdoor_c}


@dataclass(frozen=True, slots=True)
class _Look:
    """The battery of a car at an instant, and what it follows from."""

    facts: Any
    path: Way
    since_ms: int
    now_ms: int
    outdoor_c: float

    battery: Battery

    def sees(self, facts: Any, path: Way, since_ms: int, now_ms: int, outdoor_c: float) -> bool:
        """Say whether another look would see the very same."""
        return (
            self.now_ms == now_ms
            and self.facts is facts
            and self.path is path
            and self.since_ms == since_ms
            and self.outdoor_c == outdoor_c
        )


@dataclass(frozen=True, slots=True)
class _Going:
    """A while in which a car drives at one speed."""

    from_ms: int
    until_ms: int
    speed_m_per_s: float
    slope: float = 0.0
    stops_per_km: float = 0.0


class Vehicles:
    """Every car's energy; the facts themselves are kept by the truth.

    Args:
        household: what there is.
        places: where it is, and how it moves.
        start_ms: when the run begins.
    """

    def __init__(self, household: Household, places: Places, start_ms: int) -> None:
        self._household = household
        self._places = places
        self._since_ms = dict.fromkeys(household.devices, start_ms)
        homes = {name: home.charger for name, home in household.homes.items()}
        spots = {name: spot.charger for name, spot in household.places.items()}
        self._chargers = {name: point for name, point in (homes | spots).items() if point is not None}
        self._looked: dict[str, _Look] = {}
        """The battery of each car as it was looked at last: invariants ask after every event."""

    def live(self, car: str, facts: Any, now_ms: int, outdoor_c: float) -> dict[str, Any]:
        """Return every fact that changes with the time, as it is at an instant."""
        cabin = self._cabin(car, facts, now_ms, outdoor_c)
        battery = self._battery(car, facts, now_ms, outdoor_c)
        return {
            "speed_kmh": self._speed_kmh(car, facts, now_ms),
            "cabin_c": cabin.air_c,
            "interior_c": cabin.interior_c,
            **_facts_of(battery),
            "drive_power": self._drive_power(car, facts, battery, outdoor_c),
            **self._assisted(car, now_ms),
        }

    def fact(self, car: str, facts: Any, field: str, now_ms: int, outdoor_c: float) -> Any:
        """Return one of `DRIVEN`, and calculate no other."""
        if field == "speed_kmh":
            return self._speed_kmh(car, facts, now_ms)
        if field in ASSISTED:
            return self._assisted(car, now_ms)[field]
        if field in CABIN:
            cabin = self._cabin(car, facts, now_ms, outdoor_c)
            return cabin.air_c if field == "cabin_c" else cabin.interior_c
        battery = self._battery(car, facts, now_ms, outdoor_c)
        if field == "drive_power":
            return self._drive_power(car, facts, battery, outdoor_c)
        return _facts_of(battery)[field]

    def arrived(self, car: str, facts: Any, now_ms: int, outdoor_c: float) -> Any:
        """Return the facts as they are now, to be kept: everything is counted from here on.

        What is kept is for a standing car; while it goes, its path has the speed.
        """
        here = self.live(car, facts, now_ms, outdoor_c)
        self._since_ms[car] = now_ms
        return replace(facts, **{**here, "speed_kmh": 0.0})

    def bend(self, car: str, facts: Any, field: str, now_ms: int, outdoor_c: float) -> float:
        """Return a number that falls and then rises between two events, with its least where a fact turns.

        A cabin that was heated can go on warming its air for a while and then cool; a battery warms while it
        is charged fast, and cools when the charging fades.
        """
        if field in CABIN:
            heat = self._heat(car, facts, outdoor_c)
            return heat.bend(now_ms)[0 if field == "cabin_c" else 1]
        return -self._battery(car, facts, now_ms, outdoor_c).temperature_c

    def charging_point(self, car: str, now_ms: int) -> ChargingPoint | None:
        """Return the charger whose cable reaches a car; None where there is none."""
        reach = (
            (self._places.distance_m(car, name, now_ms), point) for name, point in self._chargers.items()
        )
        away_m, nearest = min(reach, key=lambda one: one[0], default=(CABLE_M + 1, None))
        return nearest if away_m <= CABLE_M else None

    def power_turns_ms(self, car: str, facts: Any, now_ms: int, outdoor_c: float) -> int | None:
        """Return when the motors of a car next get less, if it goes on as it does; None when they do not."""
        energy, path = self._config(car).energy, self._places.path(car)
        driving = self._battery(car, facts, now_ms, outdoor_c)
        level = turns_at_percent(energy, driving, outdoor_c, _comfort_w(facts))
        if level is None:
            return None
        until_ms = path.horizon_ms if isinstance(path, Assisted) else path.arrival_ms
        for going in self._goings(path, now_ms, until_ms):
            load_w = self._going_w(car, facts, going, outdoor_c)
            driving = replace(driving.at(going.from_ms), load_w=load_w)
            due_ms = driving.sinks_ms(level, going.until_ms)
            if due_ms is not None:
                return due_ms
            driving = driving.at(going.until_ms)
        return None

    def held_m_per_s(self, car: str, facts: Any, now_ms: int, outdoor_c: float) -> tuple[float, float]:
        """Return the fastest that the motors of a car can hold, m/s, and how hard the road slows it, m/s²."""
        power = self.fact(car, facts, "drive_power", now_ms, outdoor_c)
        if power == "full":
            return inf, 0.0
        energy, slope = self._config(car).energy, self._slope(car, now_ms)
        flat_m_per_s = limited_m_per_s(energy.body, energy.pack.capacity_kwh, outdoor_c)
        drag = rolling_m_per_s2(energy.body, flat_m_per_s, outdoor_c, slope)
        if power == "none":
            return 0.0, drag
        return limited_m_per_s(energy.body, energy.pack.capacity_kwh, outdoor_c, slope), drag

    def _slope(self, car: str, now_ms: int) -> float:
        """Return how much it goes up where a car is, metres for each metre ahead."""
        path = self._places.path(car)
        if isinstance(path, Journey):
            return self._road_slope(path.now_on(now_ms))
        if isinstance(path, Assisted):
            return self._road_slope(path.situation.line.leg(path.state(now_ms).way_m)[0])
        return 0.0

    def _road_slope(self, part: Leg | Stretch) -> float:
        return self._household.roads[part.road].climbs(part.origin) if part.road else 0.0

    def _config(self, car: str) -> Any:
        return self._household.devices[car].config

    def _drive_power(self, car: str, facts: Any, battery: Battery, outdoor_c: float) -> DrivePower:
        return drive_power(self._config(car).energy, battery, outdoor_c, _comfort_w(facts))

    def _going_w(self, car: str, facts: Any, going: _Going, outdoor_c: float) -> float:
        """Return what a car draws that drives; its own electronics are awake then, among the auxiliaries."""
        body = self._config(car).energy.body
        driven_w: float = body.driving_w(going.speed_m_per_s, outdoor_c, going.slope, going.stops_per_km)
        around_w: float = _comfort_w(facts) + body.auxiliaries_w
        return around_w + driven_w

    def _assisted(self, car: str, now_ms: int) -> dict[str, Any]:
        """Return what an assisted drive says of itself; by hand one keeps the middle of the lane."""
        path = self._places.path(car)
        if not isinstance(path, Assisted):
            return {"emergency_braking": False, "gap_m": None, "lane_offset_m": 0.0}
        state, found = path.state(now_ms), path.nearest(now_ms)
        return {
            "emergency_braking": state.braking_ms is not None,
            "gap_m": None if found is None else found.phase.at_m - state.way_m,
            "lane_offset_m": abs(state.steered.offset_m),
        }

    def _speed_kmh(self, car: str, facts: Any, now_ms: int) -> float:
        path = self._places.path(car)
        if path.arrival_ms == path.start_ms:
            standing_kmh: float = facts.speed_kmh
            return standing_kmh
        return path.speed_at(now_ms) * 3.6

    def _heat(self, car: str, facts: Any, outdoor_c: float) -> CabinHeat:
        """Return the cabin as it was when something last changed, with what warms it since.

        Fresh air is blown through it while somebody sits at the wheel.
        """
        energy = self._config(car).energy
        return CabinHeat(
            air_c=facts.cabin_c,
            interior_c=facts.interior_c,
            at_ms=self._since_ms[car],
            outdoor_c=outdoor_c,
            heat_w=heat_w(facts.heater_w, facts.cooler_w, outdoor_c),
            interior_w=_seats_w(facts),
            cabin=energy.cabin if facts.driver is None else energy.aired,
        )

    def _cabin(self, car: str, facts: Any, now_ms: int, outdoor_c: float) -> CabinHeat:
        return self._heat(car, facts, outdoor_c).at(now_ms)

    def _battery(self, car: str, facts: Any, now_ms: int, outdoor_c: float) -> Battery:
        path, since_ms, known = self._places.path(car), self._since_ms[car], self._looked.get(car)
        if known is None or not known.sees(facts, path, since_ms, now_ms, outdoor_c):
            battery = self._battery_at(car, facts, now_ms, outdoor_c)
            known = self._looked[car] = _Look(facts, path, since_ms, now_ms, outdoor_c, battery)
        return known.battery

    def _battery_at(self, car: str, facts: Any, now_ms: int, outdoor_c: float) -> Battery:
        since_ms = self._since_ms[car]
        point = None
        if facts.plugged_in and (facts.charging or facts.grid_supply):
            point = self.charging_point(car, now_ms)
        battery = Battery(
            percent=facts.battery_percent,
            temperature_c=facts.battery_temperature_c,
            at_ms=since_ms,
            load_w=_comfort_w(facts) + facts.electronics_w,
            heater_w=facts.battery_heater_w,
            cable_w=0.0 if point is None else point.power_w,
            charging=facts.charging,
            outdoor_c=outdoor_c,
            pack=self._config(car).energy.pack,
        )
        driving = battery
        for going in self._goings(self._places.path(car), since_ms, now_ms):
            load_w = self._going_w(car, facts, going, outdoor_c)
            driving = replace(driving.at(going.from_ms), load_w=load_w).at(going.until_ms)
        return replace(driving, load_w=battery.load_w).at(now_ms)

    def _goings(self, path: Way, since_ms: int, until_ms: int) -> Iterator[_Going]:
        """Yield how a car has driven within a while."""
        if isinstance(path, Journey):
            for one in path.stretches:
                road = self._household.roads[one.road]
                begins_ms, ends_ms = max(one.start_ms, since_ms), min(one.end_ms, until_ms)
                if begins_ms < ends_ms:
                    slope = road.climbs(one.origin)
                    yield _Going(begins_ms, ends_ms, one.speed_m_per_s, slope, road.stops)
            return
        begins_ms, ends_ms = max(path.start_ms, since_ms), min(path.arrival_ms, until_ms)
        if isinstance(path, Path):
            if begins_ms < ends_ms:
                yield _Going(begins_ms, ends_ms, path.speed_m_per_s)
            return
        assert isinstance(path, Assisted), "a way of a sort that is not known"  # INVARIANT
        while begins_ms < ends_ms:
            # On a grid from its start, so that it does not matter when one looks.
            edge_ms = path.start_ms + ((begins_ms - path.start_ms) // LOOK_MS + 1) * LOOK_MS
            until = min(edge_ms, ends_ms)
            from_m, to_m = path.state(begins_ms).way_m, path.state(until).way_m
            speed_m_per_s = max(to_m - from_m, 0.0) / (until - begins_ms) * 1000
            yield _Going(begins_ms, until, speed_m_per_s, self._mean_slope(path, from_m, to_m))
            begins_ms = until

    def _mean_slope(self, path: Assisted, from_m: float, to_m: float) -> float:
        """Return how much it goes up between two places of an assisted drive, metres for each metre ahead."""
        climbed_m, ends_m = 0.0, 0.0
        for leg in path.situation.line.legs:
            begins_m, ends_m = ends_m, ends_m + leg.length_m
            climbed_m += max(min(ends_m, to_m) - max(begins_m, from_m), 0.0) * self._road_slope(leg)
        return climbed_m / (to_m - from_m) if to_m > from_m else 0.0


def _facts_of(battery: Battery) -> dict[str, float]:
    """Return what is so of a car because of its battery."""
    return {
        "battery_percent": battery.percent,
        "battery_temperature_c": battery.temperature_c,
        "battery_heater_w": battery.heater_w,
        "charge_power_w": battery.drawn_w,
    }


def _comfort_w(facts: Any) -> float:
    """Return what heating, cooling and seats draw, W."""
    drawn_w: float = facts.heater_w + facts.cooler_w + _seats_w(facts)
    return drawn_w


def _seats_w(facts: Any) -> float:
    """Return the power into heated seats, W."""
    return SEAT_LEVEL_W * float(facts.seat_driver_heating + facts.seat_passenger_heating)
