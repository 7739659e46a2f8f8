"""An air purifier: it takes the fine dust out of its room's air, as fast as the dust demands.

In `auto` it follows its own sensor. Its filter bears a tag with a number; how full it is the purifier
reckons from the dust it has measured and the air it has moved, and says when a new one is due.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from sim.apps.electricity import ElectricityMeter, Meter
from sim.core import device as core
from sim.core.device import (
    Actuate,
    Answer,
    Booted,
    Commanded,
    Effect,
    Moment,
    Refers,
    Report,
    Sensed,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.units import CubicMetresPerHour, MicrogramsPerCubicMetre, Milligrams, Percent
from sim.physics.air_purifier import CADR_M3_PER_H, delivered_m3_per_h, purifier_w, remaining_percent

GOOD_UG_PER_M3 = 35.0
"""Up to here the lowest level will do: the 24-hour limit of class 1 (GB 3095-2012, table 1)."""
POOR_UG_PER_M3 = 75.0
"""Beyond this the highest level is needed: the 24-hour limit of class 2 (the same)."""
BAND_UG_PER_M3 = 5.0
"""How far below a limit the air must be before it slows down, so that it does not hunt (assumption)."""
DUE_PERCENT = 5.0
"""When it asks for a new filter (assumption; makers warn at 5 to 10 %)."""
LOOK_EVERY_MS = 60_000
"""How often it looks at its sensor and meter (assumption)."""
REPORT_EVERY_MS = 600_000
"""How often it reports even what has not changed, so that readers see that it is alive (assumption)."""

_MS_PER_H = 3_600_000
_UG_PER_MG = 1_000

Power = Literal["on", "off"]
Mode = Literal["auto", "sleep", "manual"]
Level = Annotated[int, Field(ge=1, le=3)]


class SetPurifier(core.Command, group="HomeControl", tier="anytime"):
    """Set power, mode, level, or several of them; a level alone means `manual`, what is not given stays."""

    power: Power | None = None
    mode: Mode | None = None
    level: Level | None = None


class PurifierReport(core.Facet):
    """What it is set to, what it does, and the air it measures."""

    power: Power
    mode: Mode
    level: int
    pm25_ug_per_m3: MicrogramsPerCubicMetre | None


class Filter(core.Facet):
    """How much of the filter is left, as the purifier reckons, and whether a new one is due."""

    filter_remaining_percent: Percent
    filter_due: bool


@dataclass(frozen=True)
class Purifier(core.Device):
    """One purifier.

    Attributes:
        cadr_m3_per_h: clean air it delivers at its best.
        power: whether it is switched on.
        mode: who chooses the level: the air (`auto`), the night (`sleep`, the lowest), or people.
        manual_level: what people have chosen.
        auto_level: what the air last asked for.
        pm25_ug_per_m3: what its sensor last said, to a whole microgram; None before it has looked.
        serial: number on the tag of its filter; None before it has looked.
        caught_mg: what it reckons to have caught with that filter.
        reckoned_ms: up to when; None before the first time.
        ran_level: the level at which the fan has run since then.
        meter: what it uses.
    """

    class Config(core.Config):
        """Where it stands, and how much clean air it delivers."""

        home: Annotated[str, Refers("home")]
        room: str
        cadr_m3_per_h: CubicMetresPerHour = Field(default=CADR_M3_PER_H, gt=0, le=2_000)

    @dataclass(frozen=True, slots=True)
    class Physical(core.Physical):
        """Its fan and its filter.

        Attributes:
            level: of the fan, 0 (it stands still) to 3.
            filter_mg: the dust in the filter.
            filter_serial: the number on its tag.
        """

        level: Annotated[int, Field(ge=0, le=3)] = 0
        filter_mg: Milligrams = 0.0
        filter_serial: int = 1

        def without_power(self) -> Self:
            """Let the fan stand still."""
            return replace(self, level=0)

        def cleans_m3_per_h(self, config: Any) -> float:
            """Return what comes through its filter as that was when the fan was last set."""
            return delivered_m3_per_h(config.cadr_m3_per_h, self.level, self.filter_mg)

        def draws_w(self, config: Any) -> float:
            """Return what fan and radio draw."""
            return purifier_w(self.level)

    kind: ClassVar[str] = "purifier"
    commands: ClassVar = (SetPurifier,)
    facets: ClassVar = (PurifierReport, Filter, Meter)

    cadr_m3_per_h: float = CADR_M3_PER_H
    power: Power = "off"
    mode: Mode = "auto"
    manual_level: int = 1
    auto_level: int = 1
    pm25_ug_per_m3: float | None = None
    serial: int | None = None
    caught_mg: float = 0.0
    reckoned_ms: int | None = None
    ran_level: int = 0
    meter: ElectricityMeter = field(default_factory=ElectricityMeter)

    @classmethod
    def settable(cls) -> Mapping[str, Any]:
        """A scenario may set what people set, and begin with a filter that is not new."""
        return {"power": Power, "mode": Mode, "set_level": Level, "caught": Milligrams}

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the purifier, off unless a scenario says otherwise or it was on before a power cut."""
        return cls(
            name,
            cadr_m3_per_h=config.cadr_m3_per_h,
            power=given.get("power", "off"),
            mode=given.get("mode", "auto"),
            manual_level=given.get("set_level", 1),
            serial=given.get("serial"),
            caught_mg=given.get("caught", 0.0),
            meter=ElectricityMeter(given.get("used_kwh", 0.0)),
        )

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Regulate whenever something relevant happens."""
        match stimulus:
            case Booted():
                unit, effects = self._regulated(at)
                timers = (StartTimer("look", LOOK_EVERY_MS), StartTimer("report", REPORT_EVERY_MS))
                return unit, (*effects, *timers)
            case Commanded(command=SetPurifier(power=power, mode=mode, level=level), ticket=ticket):
                wanted = replace(
                    self,
                    power=power or self.power,
                    mode=mode or ("manual" if level is not None else self.mode),
                    manual_level=level or self.manual_level,
                )
                unit, effects = wanted._regulated(at)  # it is the unit itself, one step on
                return unit, (*effects, Settle(ticket, Answer("done")))
            case Sensed():
                return self._regulated(at)
            case TimerFired(name="look"):
                unit, effects = self._regulated(at)
                return unit, (*effects, StartTimer("look", LOOK_EVERY_MS))
            case TimerFired(name="report"):
                unit, effects = self._regulated(at)
                reports = (Report("purifier_report"), Report("filter"), Report("meter"))
                return unit, (*effects, *reports, StartTimer("report", REPORT_EVERY_MS))
            case _:
                return self, ()

    def kept(self) -> Mapping[str, Any]:
        """Remember the settings, the filter and the meter across a power cut."""
        return {
            "power": self.power,
            "mode": self.mode,
            "set_level": self.manual_level,
            "serial": self.serial,
            "caught": self.caught_mg,
            "used_kwh": self.meter.used_kwh,
        }

    def report(self) -> tuple[core.Facet, ...]:
        """Report settings, air, filter and consumption."""
        left_percent = round(remaining_percent(self.caught_mg), 1)
        return (
            PurifierReport(
                power=self.power,
                mode=self.mode,
                level=self.wanted_level,
                pm25_ug_per_m3=self.pm25_ug_per_m3,
            ),
            Filter(filter_remaining_percent=left_percent, filter_due=left_percent <= DUE_PERCENT),
            self.meter.report(),
        )

    @property
    def wanted_level(self) -> int:
        """The level at which the fan is to run; 0 when it is off."""
        levels = {"auto": self.auto_level, "sleep": 1, "manual": self.manual_level}
        return levels[self.mode] if self.power == "on" else 0

    def _regulated(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Measure, choose a level, and drive the fan when something changes."""
        unit = self._measured(at)
        if at.senses.own("level") == unit.wanted_level:
            return unit, ()
        return unit, (Actuate({"level": unit.wanted_level}),)

    def _measured(self, at: Moment) -> Self:
        """Read sensor, tag and meter, and reckon what the filter has caught since the last time."""
        dust, serial = at.senses.room_pm25_ug_per_m3(), at.senses.own("filter_serial")
        level: int = at.senses.own("level") or 0
        since_ms = 0 if self.reckoned_ms is None else max(0, at.now_ms - self.reckoned_ms)
        air_m3 = delivered_m3_per_h(self.cadr_m3_per_h, self.ran_level, self.caught_mg) * since_ms / _MS_PER_H
        mean = dust if self.pm25_ug_per_m3 is None or dust is None else (self.pm25_ug_per_m3 + dust) / 2
        caught_mg = self.caught_mg + air_m3 * (mean or 0.0) / _UG_PER_MG
        renewed = serial is not None and self.serial is not None and serial != self.serial
        return replace(
            self,
            pm25_ug_per_m3=None if dust is None else float(round(dust)),
            auto_level=self.auto_level if dust is None else _level(dust, self.auto_level),
            serial=self.serial if serial is None else serial,
            caught_mg=0.0 if renewed else caught_mg,
            reckoned_ms=at.now_ms,
            ran_level=level,
            meter=self.meter.read(at.now_ms, purifier_w(level)),
        )


def _level(dust: float, before: int) -> int:
    """Return the level that the air asks for; it goes up at a limit, and down a little below it."""
    up = 1 + (dust > GOOD_UG_PER_M3) + (dust > POOR_UG_PER_M3)
    down = 1 + (dust > GOOD_UG_PER_M3 - BAND_UG_PER_M3) + (dust > POOR_UG_PER_M3 - BAND_UG_PER_M3)
    return max(up, min(before, down))
