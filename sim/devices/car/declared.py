"""What a household file may say of a car, what is physically true of it, and what it tells the rules."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field

from sim.core import device as core
from sim.core.device import PersonOrNobody
from sim.core.units import Celsius, Kmh, Metres, Percent, Watts
from sim.devices.car.attention import ProfileName
from sim.devices.car.facets import Gear, Opening
from sim.devices.car.modelled import CAR_FILE
from sim.documents.vehicles import vehicle_of
from sim.physics.car_energy import Car as Energy
from sim.physics.car_energy import car_of


class CarConfig(core.Config):
    """Its model, which is a vehicle file, and what its electronics draw.

    What stands idle draws 100 W awake and 8 W asleep, a third of a percent of the battery a day
    (assumption).
    `lidar` says whether this very car has one; without a word it has what its model has.
    `attention_profile` says after how many seconds its pilot warns (see `attention`).
    """

    model: Annotated[str, CAR_FILE] = "su7-base"
    awake_w: Watts = Field(default=100.0, ge=0, le=2_000)
    asleep_w: Watts = Field(default=8.0, ge=0, le=2_000)
    attention_profile: ProfileName = "gb"
    lidar: bool | None = None

    @property
    def hardware(self) -> str:
        """What its software is made for: the name of its model, also when the household brings the file."""
        return vehicle_of(self.model).model

    @property
    def energy(self) -> Energy:
        """What energy depends on in this model: the same object for every car of it."""
        return _energy(self.model)


@lru_cache(maxsize=64)
def _energy(model: str) -> Energy:
    return car_of(vehicle_of(model))


@dataclass(frozen=True, slots=True)
class CarPhysical(core.Physical):
    """What is physically true of a car.

    How it moves (`gear`, `speed_kmh`, `driver`) belongs to whoever drives it. `charging` and
    `grid_supply` are relays: the first lets the cable charge the battery, the second only carry what the
    car uses. `battery_heater_w` falls to 0 by itself where its thermostat opens. `drive_power` is what the
    motors get with what is left in the battery. The seats stand between 0 % (at the wheel) and 100 %. Hands,
    eyes, belt and the stalk are the driver's; what assists the car can only lower by itself.
    """

    derived: ClassVar[frozenset[str]] = frozenset(
        {
            *("charge_power_w", "electronics_w", "heater_w", "cooler_w", "battery_heater_w", "grid_supply"),
            *(
                "drive_power",
                "assistance",
                "cruise_kmh",
                "stalk",
                "stalk_presses",
                "emergency_braking",
                "gap_m",
            ),
            *("lane_offset_m", "collided", "impact_kmh", "collision_avoidable"),
        }
    )

    locked: bool = True
    door_driver: Opening = "closed"
    door_passenger: Opening = "closed"
    door_rear_left: Opening = "closed"
    door_rear_right: Opening = "closed"
    boot: Opening = "closed"
    windows: Opening = "closed"
    battery_percent: Annotated[Percent, Field(le=100)] = 80.0
    gear: Gear = "P"
    speed_kmh: Annotated[Kmh, Field(le=250)] = 0.0
    driver: PersonOrNobody = None
    drive_ready: bool = False
    plugged_in: bool = False
    cable_locked: bool = False
    charging: bool = False
    grid_supply: bool = False
    electronics_w: Watts = 0.0
    heater_w: Watts = 0.0
    cooler_w: Watts = 0.0
    battery_heater_w: Watts = 0.0
    cabin_c: Annotated[Celsius, Field(ge=-60, le=90)] = 10.0
    interior_c: Annotated[Celsius, Field(ge=-60, le=90)] = 10.0
    battery_temperature_c: Annotated[Celsius, Field(ge=-60, le=90)] = 10.0
    charge_power_w: Watts = 0.0
    drive_power: Literal["full", "limited", "none"] = "full"
    seat_driver_percent: Annotated[Percent, Field(le=100)] = 50.0
    seat_passenger_percent: Annotated[Percent, Field(le=100)] = 50.0
    seat_driver_heating: Annotated[int, Field(ge=0, le=3)] = 0
    seat_passenger_heating: Annotated[int, Field(ge=0, le=3)] = 0

    assistance: Literal["off", "stopping", "holding", "cruise", "lane"] = "off"
    cruise_kmh: Annotated[Kmh, Field(le=250)] = 0.0
    hands_on: bool = True
    eyes_on_road: bool = True
    belted: bool = True
    stalk: Literal["none", "cruise", "lane"] = "none"
    stalk_presses: int = 0
    hazard_lights: bool = False
    lidar_clean: bool = True
    camera_clean: bool = True
    emergency_braking: bool = False
    gap_m: Metres | None = None
    lane_offset_m: Metres = 0.0
    collided: bool = False
    impact_kmh: Kmh = 0.0
    collision_avoidable: bool = False

    def without_power(self) -> Self:
        """Open every relay: nothing is heated, cooled or charged; the cable stays where it is."""
        return replace(
            self,
            charging=False,
            grid_supply=False,
            electronics_w=0.0,
            heater_w=0.0,
            cooler_w=0.0,
            battery_heater_w=0.0,
            seat_driver_heating=0,
            seat_passenger_heating=0,
            # The brakes have a supply of their own: with nobody's hands on the wheel they stop the car.
            assistance="stopping" if self.assistance != "off" and not self.hands_on else "off",
        )

    def holder(self) -> str | None:
        """Return who sits at the wheel."""
        return self.driver


@dataclass(frozen=True, slots=True)
class CarCircumstances(core.Circumstances):
    """What the car found about the key that asks.

    Attributes:
        distance_cm: how far away it is, measured by the car; None when out of reach or not measured.
        key_role: whose key has proved itself: `owner`, `member`, `friend` or `courier`; None when none
            has.
        asker_drives: whether the person who is said to ask sits at the wheel, as the car sees.
        battery_pct: state of charge in whole percent, rounded down; None when nobody knows.
        plugged_in: whether a charging cable is in; None when nobody knows.
        off_place: whether the car stands elsewhere than where the key was shared for; None for a key that
            is bound to no place.
        entitlement: how the feature that is meant was subscribed to; None when it never was.
        in_use: whether it is switched on.
        safety_relevant: whether driving relies on it then.
        verified: whether the release that is meant is signed by those who may, and still vouched for.
        newer: whether it is newer than what the car has had; None when nobody knows.
        fits: whether it is made for this hardware; None when nobody knows.
    """

    distance_cm: int | None = None
    key_role: str | None = None
    asker_drives: bool = False
    battery_pct: int | None = None
    plugged_in: bool | None = None
    off_place: bool | None = None
    entitlement: str | None = None
    in_use: bool | None = None
    safety_relevant: bool | None = None
    verified: bool | None = None
    newer: bool | None = None
    fits: bool | None = None
