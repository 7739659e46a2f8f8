"""A lamp on the network: on and off, brighter and darker, warmer and colder.

It says `done` when its LEDs shine as they were told, and not before; what it was set to survives a power cut.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from sim.apps.electricity import ElectricityMeter, Meter
from sim.apps.feedback import Unconfirmed
from sim.core import device as core
from sim.core.device import (
    Actuate,
    Booted,
    Commanded,
    Effect,
    Moment,
    Refers,
    Report,
    Sensed,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.units import Kelvins, Lumens, Percent
from sim.physics.lamp import USUAL_LM, lamp_w

REPORT_EVERY_MS = 600_000
"""How often it reports even what has not changed, so that readers see that it is alive (assumption)."""

Power = Literal["on", "off"]
Brightness = Annotated[Percent, Field(ge=1, le=100)]
ColourTemperature = Annotated[Kelvins, Field(ge=2_700, le=6_500)]
"""From the light of a bulb to that of an overcast day."""


class SetLight(core.Command, group="HomeControl", tier="anytime"):
    """Set power, brightness, colour temperature, or several of them; what is not given stays."""

    power: Power | None = None
    brightness_percent: Brightness | None = None
    colour_temperature_k: ColourTemperature | None = None


class LightReport(core.Facet):
    """What it is set to."""

    power: Power
    brightness_percent: Percent
    colour_temperature_k: Kelvins


@dataclass(frozen=True)
class Light(core.Device):
    """One lamp.

    Attributes:
        luminous_flux_lm: its light at full brightness.
        power: whether it is to shine.
        brightness_percent: how brightly, when it does.
        colour_temperature_k: of which colour.
        meter: what it uses.
        unconfirmed: commands whose light is not there yet.
    """

    class Config(core.Config):
        """Where it hangs, and how bright it can be."""

        home: Annotated[str, Refers("home")]
        room: str
        luminous_flux_lm: Lumens = Field(default=USUAL_LM, gt=0, le=100_000)

    @dataclass(frozen=True, slots=True)
    class Physical(core.Physical):
        """How brightly it shines, % of what it can; 0 when it is dark."""

        lit_percent: Percent = 0.0

        def without_power(self) -> Self:
            """Go dark."""
            return replace(self, lit_percent=0.0)

        def draws_w(self, config: Any) -> float:
            """Return what the LEDs and the radio draw."""
            return lamp_w(config.luminous_flux_lm, self.lit_percent)

    kind: ClassVar[str] = "light"
    commands: ClassVar = (SetLight,)
    facets: ClassVar = (LightReport, Meter)

    luminous_flux_lm: float = USUAL_LM
    power: Power = "off"
    brightness_percent: float = 100.0
    colour_temperature_k: float = 2_700.0
    meter: ElectricityMeter = field(default_factory=ElectricityMeter)
    unconfirmed: Unconfirmed = field(default_factory=Unconfirmed)

    @classmethod
    def settable(cls) -> Mapping[str, Any]:
        """A scenario may set what people set."""
        return {"power": Power, "brightness": Brightness, "colour_temperature": ColourTemperature}

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the lamp, dark unless a scenario says otherwise or it shone before a power cut."""
        return cls(
            name,
            luminous_flux_lm=config.luminous_flux_lm,
            power=given.get("power", "off"),
            brightness_percent=given.get("brightness", 100.0),
            colour_temperature_k=given.get("colour_temperature", 2_700.0),
            meter=ElectricityMeter(given.get("used_kwh", 0.0)),
        )

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Shine as set, and answer once it does."""
        match stimulus:
            case Booted():
                lamp, effects = self._driven(at)
                return lamp, (*effects, StartTimer("report", REPORT_EVERY_MS))
            case Commanded(command=SetLight() as wish, ticket=ticket):
                lamp = replace(self, **wish.model_dump(exclude_none=True))
                asked = self.unconfirmed.asked(ticket, lamp.wanted_percent)
                lamp, effects = replace(lamp, unconfirmed=asked)._driven(at)
                return lamp, (*effects, *lamp.unconfirmed.deadline())
            case Sensed():
                return self._settled(at)
            case TimerFired(name="obey"):
                return self._given_up(at)
            case TimerFired(name="report"):
                again = (Report("light_report"), Report("meter"), StartTimer("report", REPORT_EVERY_MS))
                return replace(self, meter=self._metered(at)), again
            case _:
                return self, ()

    def kept(self) -> Mapping[str, Any]:
        """Remember what it was set to, and what it has used."""
        return {
            "power": self.power,
            "brightness": self.brightness_percent,
            "colour_temperature": self.colour_temperature_k,
            "used_kwh": self.meter.used_kwh,
        }

    def report(self) -> tuple[core.Facet, ...]:
        """Report the settings and the meter."""
        settings = LightReport(
            power=self.power,
            brightness_percent=self.brightness_percent,
            colour_temperature_k=self.colour_temperature_k,
        )
        return (settings, self.meter.report())

    @property
    def wanted_percent(self) -> float:
        """How brightly it is to shine."""
        return self.brightness_percent if self.power == "on" else 0.0

    def _driven(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Drive the LEDs, unless they shine as they should already."""
        lamp, effects = self._settled(at)
        if at.senses.own("lit_percent") == self.wanted_percent:
            return lamp, effects
        return lamp, (*effects, Actuate({"lit_percent": self.wanted_percent}))

    def _settled(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Answer what has come true."""
        waiting, done = self.unconfirmed.sensed(at.senses.own("lit_percent"))
        return replace(self, meter=self._metered(at), unconfirmed=waiting), done

    def _given_up(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Say that the light has not come, and go by what there is: it shall not come hours later."""
        waiting, told = self.unconfirmed.given_up(f"the LEDs of {self.name} do not obey")
        lit_percent = at.senses.own("lit_percent")
        power: Power = self.power if lit_percent is None else "on" if lit_percent > 0 else "off"
        return replace(self, power=power, unconfirmed=waiting), told

    def _metered(self, at: Moment) -> ElectricityMeter:
        """Read the meter; what a blind sensor does not say is as it was."""
        lit_percent = at.senses.own("lit_percent")
        draw_w = self.meter.draw_w if lit_percent is None else lamp_w(self.luminous_flux_lm, lit_percent)
        return self.meter.read(at.now_ms, draw_w)
