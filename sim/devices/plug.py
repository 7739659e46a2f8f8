"""A plug between the mains and another appliance: it switches it on and off, and meters it.

What it feeds has no power at all while it is off, and starts anew when it is on. Its relay is a bistable one,
as in most plugs: it stays as it is when the plug itself loses power.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal, Self

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

LOOK_EVERY_MS = 60_000
"""How often it reads its meter (assumption)."""
REPORT_EVERY_MS = 600_000
"""How often it reports even what has not changed, so that readers see that it is alive (assumption)."""

Power = Literal["on", "off"]


class SwitchPlug(core.Command, group="HomeControl", tier="anytime"):
    """Let current through, or not."""

    power: Power


class PlugReport(core.Facet):
    """Whether current gets through, as its contacts say; null while they do not."""

    power: Power | None


@dataclass(frozen=True)
class Plug(core.Device):
    """One plug.

    Attributes:
        feeds: whether something of the household is plugged into it.
        power: what its contacts last said.
        meter: what goes through it.
        unconfirmed: commands whose relay has not moved yet.
    """

    class Config(core.Config):
        """Where it is, and which device of the same home is plugged into it."""

        home: Annotated[str, Refers("home")]
        room: str
        feeds: Annotated[str | None, Refers("device")] = None

    @dataclass(frozen=True, slots=True)
    class Physical(core.Physical):
        """Whether the contacts are closed."""

        power: Power = "on"

    kind: ClassVar[str] = "plug"
    commands: ClassVar = (SwitchPlug,)
    facets: ClassVar = (PlugReport, Meter)

    power: Power | None = None
    meter: ElectricityMeter = field(default_factory=ElectricityMeter)
    unconfirmed: Unconfirmed = field(default_factory=Unconfirmed)

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:  # the world knows
        """Return the plug; how its relay lies, it has to look."""
        return cls(name, meter=ElectricityMeter(given.get("used_kwh", 0.0)))

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Throw the relay, and answer once it has moved."""
        match stimulus:
            case Booted():
                timers = (StartTimer("look", LOOK_EVERY_MS), StartTimer("report", REPORT_EVERY_MS))
                return self._looked(at), timers
            case Commanded(command=SwitchPlug(power=power), ticket=ticket):
                asked = replace(self, unconfirmed=self.unconfirmed.asked(ticket, power))
                plug, done = asked._confirmed(at)
                return plug, done or (Actuate({"power": power}), *plug.unconfirmed.deadline())
            case Sensed():
                return self._confirmed(at)
            case TimerFired(name="obey"):
                waiting, told = self.unconfirmed.given_up(f"the relay of {self.name} is stuck")
                return replace(self, unconfirmed=waiting), told
            case TimerFired(name="look"):
                return self._looked(at), (StartTimer("look", LOOK_EVERY_MS),)
            case TimerFired(name="report"):
                again = (Report("plug_report"), Report("meter"), StartTimer("report", REPORT_EVERY_MS))
                return self._looked(at), again
            case _:
                return self, ()

    def kept(self) -> Mapping[str, Any]:
        """Remember what it has counted; the relay remembers itself."""
        return {"used_kwh": self.meter.used_kwh}

    def report(self) -> tuple[core.Facet, ...]:
        """Report relay and meter."""
        return (PlugReport(power=self.power), self.meter.report())

    def _confirmed(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Look, and answer what has come true."""
        waiting, done = self.unconfirmed.sensed(at.senses.own("power"))
        return replace(self._looked(at), unconfirmed=waiting), done

    def _looked(self, at: Moment) -> Self:
        meter = self.meter.read(at.now_ms, at.senses.load_w())
        return replace(self, power=at.senses.own("power"), meter=meter)
