"""The powertrain controller: it senses gear and speed, measures the battery, and has the on-board charger.

It has no say over the motion: nothing that reaches it by message can change it.
"""

from dataclasses import dataclass, field, replace
from typing import Final, Literal, Self

from sim.core.device import Actuate, Answer, Commanded, Effect, Moment, Settle
from sim.devices.car.charging import OnboardCharger
from sim.devices.car.facets import Battery, Charging, Motion, Reserve
from sim.devices.car.readings import Readings
from sim.physics.battery import Pack
from sim.physics.car_energy import Car
from sim.physics.running_out import LOW_PERCENT, DrivePower

REASONS: Final = {
    "no": "",
    "low": "the battery is low: charge soon",
    "limited": "the battery is nearly empty: the motors get less power",
    "empty": "the battery is empty: the car rolls to a stop; charge it",
}
"""What the driver is told."""


@dataclass(frozen=True, slots=True)
class Powertrain:
    """The powertrain controller's state.

    Attributes:
        energy: what its model needs for driving, and its battery.
        up: whether it has power and runs.
        charger: the on-board charger.
        battery: what it last measured; None before it has.
        reserve: that little is left; None before it was so for the first time.
        heating_w: what it has set the battery's heater to.
    """

    energy: Car
    up: bool = True
    charger: OnboardCharger = field(default_factory=OnboardCharger)
    battery: Battery | None = None
    reserve: Reserve | None = None
    heating_w: float = 0.0

    @property
    def pack(self) -> Pack:
        """The battery that was built in."""
        return self.energy.pack

    def motion(self, at: Moment) -> Motion:
        """Return the motion as it is sensed; only a known P and a known standstill count as not moving."""
        gear = at.senses.own("gear") if self.up else None
        speed_kmh = at.senses.own("speed_kmh") if self.up else None
        moving = not (gear == "P" and speed_kmh == 0)
        return Motion(gear=gear, speed_kmh=None if speed_kmh is None else round(speed_kmh, 1), moving=moving)

    def percent(self, at: Moment) -> float | None:
        """Return the state of charge, or None when nobody knows it."""
        percent: float | None = at.senses.own("battery_percent") if self.up else None
        return percent

    def plugged_in(self, at: Moment) -> bool | None:
        """Return whether a cable is in, or None when nobody knows it."""
        plugged_in: bool | None = at.senses.own("plugged_in") if self.up else None
        return plugged_in

    @property
    def busy(self) -> bool:
        """Whether it charges or is about to, so that the car stays awake."""
        report = self.charger.report
        return bool(self.charger.pending) or (report is not None and report.charging_state == "charging")

    def reports(self) -> tuple[Battery | Charging | Reserve, ...]:
        """Return what it measured so far; nothing of the charger while it has no power."""
        return tuple(one for one in (self.battery, self.charger.report, self.reserve) if one is not None)

    # --- looking -------------------------------------------------------------------------------------

    def looked(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Measure the battery to a tenth of a percent, and look at the charger's contacts."""
        if not self.up:
            return self, ()
        seen = Readings.of(at, self.pack)
        charger, effects = self.charger.looked(seen)
        powertrain, heating = replace(self, charger=charger)._measured(seen)._heated(seen)
        return powertrain, (*effects, *heating)

    def due(self, timer: str, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Follow a timer of the charger: its relay, its limit or its schedule."""
        if not self.up:
            return self, ()
        seen = Readings.of(at, self.pack)
        follow = {"relay": self.charger.gave_up, "charge plan": self.charger.planned}
        charger, effects = follow.get(timer, self.charger.looked)(seen)
        return replace(self, charger=charger)._measured(seen), effects

    def _measured(self, seen: Readings) -> Self:
        if seen.percent is None:
            return self
        battery = seen.charged(seen.percent)
        left_m = self.energy.range_m(battery, seen.outdoor_c)
        return replace(
            self,
            reserve=self._reserve(battery.left_percent, seen.drive_power),
            battery=Battery(
                battery_percent=round(seen.percent, 1),
                range_m=round(left_m / 1000) * 1000.0,
                battery_temperature_c=None if seen.battery_c is None else round(seen.battery_c, 1),
            ),
        )

    def _reserve(self, left_percent: float, drive_power: DrivePower | None) -> Reserve | None:
        """Return what the driver is told of what is left; nothing before it is little for the first time."""
        state: Literal["no", "low", "limited", "empty"] = "low" if left_percent <= LOW_PERCENT else "no"
        if drive_power in {"limited", "none"}:
            state = "limited" if drive_power == "limited" else "empty"
        if state == "no" and self.reserve is None:
            return None
        return Reserve(low_battery=state, low_battery_reason=REASONS[state])

    def _heated(self, seen: Readings) -> tuple[Self, tuple[Effect, ...]]:
        """Warm the battery as long as it is charged and the cold is in the way."""
        wanted_w = seen.wanted_heating_w if seen.relay else 0.0
        if wanted_w == self.heating_w:
            return self, ()
        return replace(self, heating_w=wanted_w), (Actuate({"battery_heater_w": wanted_w}),)

    # --- commands ------------------------------------------------------------------------------------

    def carry_out(self, order: Commanded, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Let the charger do what was asked."""
        if not self.up:
            sentence = "the powertrain controller does not answer"
            return self, (Settle(order.ticket, Answer("failed", sentence)),)
        charger, effects = self.charger.carry_out(order, Readings.of(at, self.pack))
        return replace(self, charger=charger), effects

    def let_go(self, at: Moment) -> tuple[Self, tuple[Effect, ...], str]:
        """Stop charging so that the cable can be let go of; the text says why it cannot."""
        if not self.up:
            return self, (), "the powertrain controller does not answer"
        seen = Readings.of(at, self.pack)
        if not seen.plugged_in:
            silent = "nobody knows whether a cable is in: its sensor is silent"
            return self, (), silent if seen.plugged_in is None else "no cable is plugged in"
        charger, effects = self.charger.let_go(seen)
        return replace(self, charger=charger), effects, ""

    # --- power ---------------------------------------------------------------------------------------

    def lost_power(self) -> tuple[Self, tuple[Effect, ...]]:
        """Open the relay; what it had measured stays with its age."""
        charger, effects = self.charger.lost_power()
        cold = Actuate({"battery_heater_w": 0.0})
        return replace(self, up=False, charger=charger, heating_w=0.0), (*effects, cold)

    def restarted(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Look at everything, and go on with the schedule."""
        seen = Readings.of(at, self.pack)
        charger, effects = self.charger.planned(seen)
        return replace(self, up=True, charger=charger)._measured(seen), effects
