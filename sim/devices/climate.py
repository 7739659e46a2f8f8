"""The climate unit of a room: a heat pump that heats or cools until the room is as warm as wanted.

A thermostat with a band instead of a point, so that the compressor does not chatter: heating begins
just above the target and ends half a degree above it, cooling the other way round. The unit does not poll:
its sensor tells it when the room reaches the edge of the band.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from sim.apps.electricity import ElectricityMeter
from sim.core import device as core
from sim.core.device import (
    Actuate,
    Answer,
    Booted,
    Commanded,
    Crossed,
    Effect,
    Moment,
    Refers,
    Report,
    Sensed,
    Settle,
    StartTimer,
    Stimulus,
    StopWatching,
    TimerFired,
    WatchFor,
)
from sim.core.units import Celsius, KilowattHours, Watts
from sim.physics.heat_pump import cooling_w, heating_w

BAND_NEAR_C = 0.1
BAND_FAR_C = 0.5
"""Edges of the band beyond the target, K: work begins at the near one and ends at the far one."""
LOOK_EVERY_MS = 60_000
"""How often it looks at its thermometer and meter; what has changed is reported (assumption)."""
REPORT_EVERY_MS = 600_000
"""How often it reports even what has not changed, so that readers see that it is alive (assumption)."""

Mode = Literal["off", "heat", "cool"]
Target = Annotated[Celsius, Field(ge=16, le=30)]


class SetClimate(core.Command, group="HomeControl", tier="anytime"):
    """Set the mode, the target temperature, or both; what is not given stays."""

    mode: Mode | None = None
    target_c: Target | None = None


class ClimateReport(core.Facet):
    """What the unit says of itself and of the room's air."""

    mode: Mode
    target_c: Celsius
    working: bool
    room_c: Celsius | None


class Meter(core.Facet):
    """What the unit draws now, and all it has used since it was started."""

    power_w: Watts
    energy_kwh: KilowattHours


@dataclass(frozen=True)
class Climate(core.Device):
    """One unit.

    Attributes:
        power_w: electrical power while it works.
        mode: what it is set to.
        target_c: temperature it is set to.
        working: whether the compressor is to run.
        room_c: what its thermometer says, to a tenth of a degree; None before it has looked.
        meter: what it uses, since it was started.
    """

    class Config(core.Config):
        """Where it stands and how strong it is."""

        home: Annotated[str, Refers("home")]
        room: str
        power_w: Watts = Field(default=2_500, gt=0, le=20_000)

    @dataclass(frozen=True, slots=True)
    class Physical(core.Physical):
        """The heat it moves into the room, W; negative when it cools."""

        heat_w: float = 0.0

        def without_power(self) -> Self:
            """Stop the compressor."""
            return replace(self, heat_w=0.0)

        def draws_w(self, config: Any) -> float:
            """Return what the compressor draws while it moves heat."""
            drawn_w: float = config.power_w
            return drawn_w if self.heat_w else 0.0

    kind: ClassVar[str] = "climate"
    commands: ClassVar = (SetClimate,)
    facets: ClassVar = (ClimateReport, Meter)

    power_w: float
    mode: Mode = "off"
    target_c: float = 21.0
    working: bool = False
    room_c: float | None = None
    meter: ElectricityMeter = field(default_factory=ElectricityMeter)

    @classmethod
    def settable(cls) -> Mapping[str, Any]:
        """A scenario may switch it on or off, set its mode and its target."""
        return {"power": Literal["on", "off"], "mode": Mode, "target": Target}

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the unit, off unless a scenario says otherwise."""
        mode = given.get("mode", "heat" if given.get("power") == "on" else "off")
        return cls(name, power_w=config.power_w, mode=mode, target_c=given.get("target", 21.0))

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Regulate whenever something relevant happens."""
        match stimulus:
            case Booted():
                unit, effects = self._regulated(at)
                timers = (StartTimer("look", LOOK_EVERY_MS), StartTimer("report", REPORT_EVERY_MS))
                return unit, (*effects, *timers)
            case Commanded(command=SetClimate(mode=mode, target_c=target_c), ticket=ticket):
                wanted = replace(
                    self,
                    mode=self.mode if mode is None else mode,
                    target_c=self.target_c if target_c is None else target_c,
                )
                unit, effects = wanted._regulated(at)  # it is the unit itself, one step on
                return unit, (*effects, Settle(ticket, Answer("done")))
            case TimerFired(name="look"):
                return self._looked(at), (StartTimer("look", LOOK_EVERY_MS),)
            case TimerFired(name="report"):
                unit, effects = self._regulated(at)
                again = StartTimer("report", REPORT_EVERY_MS)
                return unit, (*effects, Report("climate_report"), Report("meter"), again)
            case Crossed() | Sensed():
                return self._regulated(at)
            case _:
                return self, ()

    def kept(self) -> Mapping[str, Any]:
        """Remember mode and target across a power cut."""
        return {"mode": self.mode, "target": self.target_c}

    def report(self) -> tuple[core.Facet, ...]:
        """Report mode, target, temperature and consumption."""
        return (
            ClimateReport(mode=self.mode, target_c=self.target_c, working=self.working, room_c=self.room_c),
            Meter(power_w=self.meter.draw_w, energy_kwh=round(self.meter.used_kwh, 3)),
        )

    def _looked(self, at: Moment) -> Self:
        """Read thermometer and meter; the power was constant since the meter was read last."""
        room_c = at.senses.room_c()
        return replace(
            self,
            room_c=None if room_c is None else round(room_c, 1),
            meter=self.meter.read(at.now_ms, self.meter.draw_w),
        )

    def _set(self, at: Moment, *, working: bool) -> Self:
        """Work from now on, or rest; the meter counts what was drawn before."""
        meter = self.meter.read(at.now_ms, self.power_w if working else 0.0)
        return replace(self, working=working, meter=meter)

    def _regulated(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Decide whether to work, and at which temperature to decide again."""
        room_c = at.senses.room_c()
        unit = self._looked(at)
        if self.mode == "off" or room_c is None:
            return unit._set(at, working=False), (*unit._move(0.0, at), StopWatching("edge"))
        sign = 1 if self.mode == "heat" else -1
        near_c = self.target_c + sign * BAND_NEAR_C
        far_c = self.target_c + sign * BAND_FAR_C
        # How far the room still is from an edge, in the direction in which the unit pushes.
        working = sign * (far_c - room_c) > 0 if self.working else sign * (near_c - room_c) >= 0
        heat_w = 0.0
        if working:
            outdoor_c = at.senses.outdoor_c()
            heat_w = heating_w(self.power_w, outdoor_c) if sign > 0 else -cooling_w(self.power_w, outdoor_c)
        edge_c = far_c if working else near_c
        rising = working == (sign > 0)
        watch = WatchFor("edge", at_least_c=edge_c) if rising else WatchFor("edge", at_most_c=edge_c)
        return unit._set(at, working=working), (*unit._move(heat_w, at), watch)

    def _move(self, heat_w: float, at: Moment) -> tuple[Effect, ...]:
        """Drive the compressor only when something changes, else every look would start a new one."""
        return () if at.senses.own("heat_w") == heat_w else (Actuate({"heat_w": heat_w}),)
