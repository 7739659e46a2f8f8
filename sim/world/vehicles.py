"""The energy of cars: what is in their batteries and how warm their cabins are, at any instant.

A car's physical facts are kept as they were when something about it last changed; from there on everything is
constant but what follows from the time, so an instant is looked at without being stepped to. Whatever changes
something first lets the car arrive at now (see `Truth.change`).
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from sim.core.household import Household
from sim.core.roads import ChargingPoint
from sim.physics.battery import J_PER_KWH, Battery, Pack
from sim.physics.cabin_climate import SEAT_LEVEL_W, heat_w
from sim.physics.cabin_heat import CabinHeat
from sim.physics.travel import Way
from sim.world.places import Places

CABLE_M: Final = 10.0
"""How far a charging cable reaches from its home or place (assumption: 5 to 7.5 m of cable, and the plot)."""
CABIN: Final = frozenset({"cabin_c", "interior_c"})
BATTERY: Final = frozenset({"battery_percent", "battery_temperature_c", "charge_power_w"})
DRIVEN: Final = frozenset({"speed_kmh", *CABIN, *BATTERY})
"""Physical facts of a car that change with the time."""
QUIET: Final = frozenset({"heater_w", "cooler_w", "electronics_w", "grid_supply"})
"""Currents that a car switches by itself: nobody touches it, so its sensors have nothing new to see."""


def acclimatised(outdoor_c: float) -> dict[str, float]:
    """Return the facts of a car that has stood outdoors for long."""
    return {"cabin_c": outdoor_c, "interior_c": outdoor_c, "battery_temperature_c": outdoor_c}


@dataclass(frozen=True, slots=True)
class _Look:
    """What a car's battery follows from at an instant."""

    facts: Any
    path: Way
    since_ms: int
    now_ms: int
    outdoor_c: float

    def sees_as(self, other: "_Look") -> bool:
        """Say whether another look sees the very same."""
        return (
            self.facts is other.facts
            and self.path is other.path
            and (self.since_ms, self.now_ms, self.outdoor_c)
            == (other.since_ms, other.now_ms, other.outdoor_c)
        )


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
        self._looked: dict[str, tuple[_Look, Battery]] = {}
        """The battery of each car as it was looked at last: invariants ask after every event."""

    def live(self, car: str, facts: Any, now_ms: int, outdoor_c: float) -> dict[str, float]:
        """Return every fact that changes with the time, as it is at an instant."""
        cabin = self._cabin(car, facts, now_ms, outdoor_c)
        battery = self._battery(car, facts, now_ms, outdoor_c)
        return {
            "speed_kmh": self._speed_kmh(car, facts, now_ms),
            "cabin_c": cabin.air_c,
            "interior_c": cabin.interior_c,
            "battery_percent": battery.percent,
            "battery_temperature_c": battery.temperature_c,
            "charge_power_w": battery.drawn_w,
        }

    def fact(self, car: str, facts: Any, field: str, now_ms: int, outdoor_c: float) -> float:
        """Return one of `DRIVEN`, and calculate no other."""
        if field == "speed_kmh":
            return self._speed_kmh(car, facts, now_ms)
        if field in CABIN:
            cabin = self._cabin(car, facts, now_ms, outdoor_c)
            return cabin.air_c if field == "cabin_c" else cabin.interior_c
        battery = self._battery(car, facts, now_ms, outdoor_c)
        return {
            "battery_percent": battery.percent,
            "battery_temperature_c": battery.temperature_c,
            "charge_power_w": battery.drawn_w,
        }[field]

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

    def _speed_kmh(self, car: str, facts: Any, now_ms: int) -> float:
        path = self._places.path(car)
        if path.arrival_ms == path.start_ms:
            standing_kmh: float = facts.speed_kmh
            return standing_kmh
        return path.speed_at(now_ms) * 3.6

    def _heat(self, car: str, facts: Any, outdoor_c: float) -> CabinHeat:
        """Return the cabin as it was when something last changed, with what warms it since."""
        return CabinHeat(
            air_c=facts.cabin_c,
            interior_c=facts.interior_c,
            at_ms=self._since_ms[car],
            outdoor_c=outdoor_c,
            heat_w=heat_w(facts.heater_w, facts.cooler_w, outdoor_c),
            interior_w=_seats_w(facts),
        )

    def _cabin(self, car: str, facts: Any, now_ms: int, outdoor_c: float) -> CabinHeat:
        return self._heat(car, facts, outdoor_c).at(now_ms)

    def _battery(self, car: str, facts: Any, now_ms: int, outdoor_c: float) -> Battery:
        look = _Look(facts, self._places.path(car), self._since_ms[car], now_ms, outdoor_c)
        known = self._looked.get(car)
        if known is None or not known[0].sees_as(look):
            known = self._looked[car] = (look, self._battery_at(car, facts, now_ms, outdoor_c))
        return known[1]

    def _battery_at(self, car: str, facts: Any, now_ms: int, outdoor_c: float) -> Battery:
        config: Any = self._household.devices[car].config
        since_ms = self._since_ms[car]
        comfort_w = facts.heater_w + facts.cooler_w + _seats_w(facts)
        point = None
        if facts.plugged_in and (facts.charging or facts.grid_supply):
            point = self.charging_point(car, now_ms)
        battery = Battery(
            percent=facts.battery_percent,
            temperature_c=facts.battery_temperature_c,
            at_ms=since_ms,
            load_w=comfort_w + facts.electronics_w,
            cable_w=0.0 if point is None else point.power_w,
            charging=facts.charging,
            outdoor_c=outdoor_c,
            pack=Pack(capacity_kwh=config.capacity_kwh),
        )
        path = self._places.path(car)
        driven_until_ms = min(now_ms, path.arrival_ms)
        if driven_until_ms <= max(since_ms, path.start_ms):
            return battery.at(now_ms)
        driven_km = (path.driven_m(driven_until_ms) - path.driven_m(since_ms)) / 1000
        # What the certificate says a kilometre takes includes the electronics.
        drive_j = driven_km * config.consumption_kwh_per_100km / 100 * J_PER_KWH
        drive_w = drive_j / ((driven_until_ms - since_ms) / 1000)
        arrived = replace(battery, load_w=comfort_w + drive_w).at(driven_until_ms)
        return replace(arrived, load_w=battery.load_w).at(now_ms)


def _seats_w(facts: Any) -> float:
    """Return the power into heated seats, W."""
    return SEAT_LEVEL_W * float(facts.seat_driver_heating + facts.seat_passenger_heating)
