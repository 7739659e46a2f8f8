"""What the sensors behind the gateway say at one moment, in one record."""

from dataclasses import dataclass
from typing import Any, Self

from sim.core.device import Moment
from sim.core.roads import DAY_MS, ChargingPoint
from sim.physics.battery import Battery, Pack
from sim.physics.cabin_climate import SEAT_LEVEL_W
from sim.physics.running_out import DrivePower

SEATS = ("driver", "passenger")


@dataclass(frozen=True, slots=True)
class Readings:
    """One look at everything electrical; None is what a sensor does not say.

    Attributes:
        now_ms: when, by the car's clock.
        midnight_ms: the last midnight of the clocks on the wall, by the car's clock.
        outdoor_c: outdoor temperature, °C.
        percent: state of charge.
        battery_c: how warm the battery is, °C.
        plugged_in: whether a cable is in.
        cable_locked: whether the car holds on to it.
        relay: whether the battery is being charged.
        drawn_w: what the cable carries, W.
        load_w: what the car uses besides, W.
        point: what the charger tells over the cable; None without one.
        heating_w: what the pack's heater draws, W.
        pack: the battery that was built in.
        drive_power: what the motors get.
    """

    now_ms: int
    midnight_ms: int
    outdoor_c: float
    percent: float | None
    battery_c: float | None
    plugged_in: bool | None
    cable_locked: bool | None
    relay: bool | None
    drawn_w: float | None
    load_w: float
    point: ChargingPoint | None
    heating_w: float
    pack: Pack
    drive_power: DrivePower | None = None

    @classmethod
    def of(cls, at: Moment, pack: Pack) -> Self:
        """Return what the sensors say now."""
        own = at.senses.own
        plugged_in = own("plugged_in")
        return cls(
            now_ms=at.now_ms,
            midnight_ms=midnight_ms(at),
            outdoor_c=at.senses.outdoor_c(),
            percent=own("battery_percent"),
            battery_c=own("battery_temperature_c"),
            plugged_in=plugged_in,
            cable_locked=own("cable_locked"),
            relay=own("charging"),
            drawn_w=own("charge_power_w"),
            load_w=sum(_watts(own(name)) for name in ("electronics_w", "heater_w", "cooler_w")) + seats_w(at),
            point=at.senses.charging_point() if plugged_in else None,
            heating_w=_watts(own("battery_heater_w")),
            pack=pack,
            drive_power=own("drive_power"),
        )

    @property
    def wanted_heating_w(self) -> float:
        """What the pack's heater is to draw while it is charged, W.

        It begins where the cold limits the charging, and goes on until its thermostat opens.
        """
        if self.battery_c is None or self.percent is None or self.battery_c >= self.pack.heater_until_c:
            return 0.0
        given_w = 0.0 if self.point is None else self.pack.given_w(self.point.power_w)
        offered_w = max(0.0, given_w - self.load_w)
        if not self.heating_w and not self.pack.too_cold(self.percent, self.battery_c, offered_w):
            return 0.0
        return min(self.pack.heater_w, offered_w // 10 * 10)

    def charged(self, percent: float) -> Battery:
        """Return the battery as charging now would begin with it, from a charge in percent."""
        return Battery(
            percent=percent,
            temperature_c=self.outdoor_c if self.battery_c is None else self.battery_c,
            at_ms=self.now_ms,
            load_w=self.load_w,
            cable_w=0.0 if self.point is None else self.point.power_w,
            charging=True,
            outdoor_c=self.outdoor_c,
            heater_w=self.wanted_heating_w,
            pack=self.pack,
        )

    def charging_ms(self, percent: float) -> int | None:
        """Return how long charging takes from now to a charge; None when it never gets there."""
        if self.percent is None:
            return None
        reached_ms = self.charged(self.percent).reaches_ms(percent)
        return None if reached_ms is None else reached_ms - self.now_ms


def midnight_ms(at: Moment) -> int:
    """Return the last midnight of the clocks on the wall, by the car's clock, which tells milliseconds."""
    hours, minutes, seconds = (int(part) for part in at.senses.local_time()[-8:].split(":"))
    return at.now_ms - ((hours * 60 + minutes) * 60 + seconds) * 1000 - at.now_ms % 1000


def next_ms(clock_ms: int, midnight_ms: int, now_ms: int) -> int:
    """Return when a time of the day, in milliseconds since midnight, comes next after now."""
    return now_ms + (midnight_ms + clock_ms - now_ms - 1) % DAY_MS + 1


def seats_w(at: Moment) -> float:
    """Return the power into the heated seats, W."""
    return SEAT_LEVEL_W * sum(_watts(at.senses.own(f"seat_{seat}_heating")) for seat in SEATS)


def _watts(value: Any) -> float:
    """Return a reading, and nothing where there is none."""
    return 0.0 if value is None else float(value)
