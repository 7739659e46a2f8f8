"""A plug between the mains and another appliance: it switches it on and off, and meters it.

What it feeds has no power at all while it is off, and starts anew when it is on. Its relay is a bistable one,
as in most plugs: it stays as it is when the plug itself loses power.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal, Self

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

OBEYS_WITHIN_MS = 1_000
"""How long it waits for its relay before it says that it is stuck (assumption)."""
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
        wanted: what was asked last and is not so yet; None when nothing is.
        meter: what goes through it.
        unsettled: commands whose relay has not moved yet, oldest first.
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
    wanted: Power | None = None
    meter: ElectricityMeter = field(default_factory=ElectricityMeter)
    unsettled: tuple[str, ...] = ()

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
                if at.senses.own("power") == power:
                    # Whoever asked for the other before is answered too: the last one counts.
                    return replace(self._looked(at), wanted=None, unsettled=()), self._answers(ticket)
                plug = replace(self._looked(at), wanted=power, unsettled=(*self.unsettled, ticket))
                return plug, (Actuate({"power": power}), StartTimer("obey", OBEYS_WITHIN_MS))
            case Sensed() if self.wanted is not None and at.senses.own("power") == self.wanted:
                return replace(self._looked(at), wanted=None, unsettled=()), self._answers()
            case Sensed():
                return self._looked(at), ()
            case TimerFired(name="obey"):
                stuck = Answer("failed", f"the relay of {self.name} is stuck")
                settled = tuple(Settle(one, stuck) for one in self.unsettled)
                return replace(self, wanted=None, unsettled=()), settled
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

    def _answers(self, *more: str) -> tuple[Effect, ...]:
        return tuple(Settle(ticket, Answer("done")) for ticket in (*self.unsettled, *more))

    def _looked(self, at: Moment) -> Self:
        meter = self.meter.read(at.now_ms, at.senses.load_w())
        return replace(self, power=at.senses.own("power"), meter=meter)
