"""What a car reports of itself, one class for each topic."""

from typing import Annotated, Literal

from sim.core import device as core
from sim.core.units import Celsius, Degrees, Kmh, Metres, Milliseconds, Percent, Watts

Opening = Literal["open", "closed"]
Gear = Literal["P", "R", "N", "D"]
ChargingState = Literal["unplugged", "plugged", "scheduled", "charging", "limit_reached", "full", "faulted"]
ClimateState = Literal["off", "planned", "preconditioning", "on"]


class Doors(core.Facet):
    """Locks and openings as the body controller believes them."""

    locked: bool | None
    asked: Literal["locked", "unlocked"] | None
    boot: Opening | None
    windows: Opening | None


class Drive(core.Facet):
    """Whether it would drive off if somebody at its wheel pressed the pedal."""

    drive_ready: bool | None


class Motion(core.Facet):
    """How the car moves, as it senses it; what a sensor does not say is null."""

    gear: Gear | None
    speed_kmh: Kmh | None
    moving: bool


class CourierAccess(core.Facet, when_offline="last", readers=("dashboard", "phone", "watch")):
    """Which courier's key has opened the boot last, and when, milliseconds since 1970."""

    courier: Annotated[str, core.Refers("device", "phone")]
    courier_opened_ms: Annotated[int, core.Carries("presence")]
    courier_openings: Annotated[dict[str, int], core.Carries("presence")]
    """When each of the latest couriers' keys opened it, by key id, which says whose parcel that was."""


class Location(core.Facet, when_offline="last"):
    """Where it is, to five decimals of a degree: about a metre."""

    latitude_deg: Annotated[Degrees, core.Carries("location")]
    longitude_deg: Annotated[Degrees, core.Carries("location")]


UNSENSED = Motion(gear=None, speed_kmh=None, moving=True)
"""What a car says of its motion before it has looked: nothing, so it counts as moving."""


class Sleep(core.Facet, when_offline="last"):
    """Whether all but the gateway sleep."""

    asleep: bool


class Controllers(core.Facet):
    """Which of the controllers behind the gateway answer on the bus; the cockpit is a device of its own."""

    body_up: bool
    cabin_up: bool
    powertrain_up: bool
    pilot_up: bool


class Battery(core.Facet, when_offline="last"):
    """What is left; readers keep the last value and show its age."""

    battery_percent: Percent
    range_m: Metres
    battery_temperature_c: Celsius | None = None


class Reserve(core.Facet, when_offline="last", readers=("dashboard", "phone", "watch")):
    """That little is left to drive with, from the first time on; what cold withholds is not left."""

    low_battery: Literal["no", "low", "limited", "empty"]
    """`low` warns, `limited` drives with less power, and `empty` rolls to a stop and drives no more."""
    low_battery_reason: str
    """What the driver is told, in one sentence; empty when enough is left."""


class Charging(core.Facet):
    """What the on-board charger does; what its sensors do not say is null.

    Times are rounded up to whole minutes, and null where nothing is charged. The cost of a schedule is an
    estimate in the smallest unit of the charger's currency.
    """

    plugged_in: bool | None
    cable_locked: bool | None
    charging_state: ChargingState | None
    charge_power_w: Watts | None
    charge_limit_percent: Percent
    time_to_limit_ms: Milliseconds | None
    time_to_full_ms: Milliseconds | None
    charging_begins_ms: Milliseconds | None
    """How long from the report until the schedule begins."""
    charging_cost: int | None
    charging_reason: str
    """Why it is faulted, in one sentence; else empty."""


class CabinAir(core.Facet, when_offline="last"):
    """How warm the cabin is; readers keep the last value and show its age."""

    cabin_c: Celsius


class CabinClimate(core.Facet):
    """What the climate unit does, and why it last ended."""

    climate_state: ClimateState
    climate_target_c: Celsius | None
    climate_power_w: Watts
    climate_ended: str


class Seats(core.Facet):
    """How the front seats stand, and in which of three levels they are heated."""

    seat_driver_percent: Percent | None
    seat_passenger_percent: Percent | None
    seat_driver_heating: int | None
    seat_passenger_heating: int | None
