"""The traffic service: it has detectors along the roads, and tells everybody which are closed or slow.

It is the only way in which a car or a phone hears of a closed road; who cannot hear it plans with what it
heard last, and knows how old that is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from sim.core import device as core
from sim.core.device import Booted, Effect, Moment, Report, Sensed, StartTimer, Stimulus, TimerFired

REPORT_EVERY_MS = 300_000
"""How often it says anew what has not changed, so that readers see that it is alive (assumption)."""


class TrafficReport(core.Facet, when_offline="last"):
    """The roads that are not as on any other day; the speeds are those of `slow`, in its order, km/h."""

    closed: list[str]
    slow: list[str]
    slowed_to_kmh: list[float]


@dataclass(frozen=True)
class TrafficService(core.Device):
    """One service.

    Attributes:
        closed: roads on which nobody drives.
        slow_kmh: roads that are slower than on any other day, and how fast one drives there.
    """

    kind: ClassVar[str] = "traffic"
    facets: ClassVar = (TrafficReport,)
    sees_roads: ClassVar[bool] = True

    closed: tuple[str, ...] = ()
    slow_kmh: Mapping[str, float] | None = None

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:  # noqa: ARG003  # the protocol
        """Return the service, which has seen nothing yet."""
        return cls(name)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Look at the detectors, and report."""
        match stimulus:
            case Booted():
                return self._looked(at), (StartTimer("report", REPORT_EVERY_MS),)
            case Sensed():
                return self._looked(at), ()
            case TimerFired():
                again = StartTimer("report", REPORT_EVERY_MS)
                return self._looked(at), (Report("traffic_report"), again)
            case _:
                return self, ()

    def _looked(self, at: Moment) -> Self:
        return replace(self, closed=at.senses.closed_roads(), slow_kmh=at.senses.slow_roads_kmh())

    def report(self) -> tuple[core.Facet, ...]:
        """Report the roads, once it has looked."""
        if self.slow_kmh is None:
            return ()
        slow = list(self.slow_kmh)
        speeds = [round(self.slow_kmh[road], 1) for road in slow]
        return (TrafficReport(closed=list(self.closed), slow=slow, slowed_to_kmh=speeds),)
