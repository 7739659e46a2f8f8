"""Where a phone is, told to those of the household who may read it, if its owner wants that.

A phone does not say where it is unless its entry says `shares_location: true`. It then looks once a minute,
and reports when it is 50 m from where it last said it was: platforms call that a significant change (Apple's
Core Location names 500 m or more for its service of that name, which spares the battery more and would see an
arrival too late).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Self

from sim.core.device import Booted, Carries, Effect, Facet, Moment, StartTimer, Stimulus, TimerFired
from sim.core.parts import Part
from sim.core.units import Degrees
from sim.physics.travel import distance_m, local_plane

LOOK_EVERY_MS = 60_000
"""How often the satellites are looked at (assumption)."""
SIGNIFICANT_M = 50.0
"""How far it must have moved to say so, in metres (assumption; half of what counts as being at home)."""
DIGITS = 5
"""To how many decimals of a degree a position is told: about a metre."""
TIMER = "location"


class Location(Facet, when_offline="last"):
    """Where it is, to five decimals of a degree: about a metre."""

    latitude_deg: Annotated[Degrees, Carries("location")]
    longitude_deg: Annotated[Degrees, Carries("location")]


@dataclass(frozen=True)
class Locating(Part):
    """The satellites' receiver of a phone.

    Attributes:
        shared: whether the household may know where it is.
        where: where it last said it was, degrees; None before it has looked, or when it tells nobody.
    """

    facets: ClassVar = (Location,)

    shared: bool = False
    where: tuple[float, float] | None = None

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the receiver before it has looked."""
        del device, given
        return cls(shared=config.shares_location)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Look now and then, as long as somebody may know."""
        match stimulus:
            case Booted() | TimerFired(name="location") if self.shared:
                return self._looked(at), (StartTimer(TIMER, LOOK_EVERY_MS),)
            case _:
                return self, ()

    def report(self) -> tuple[Facet, ...]:
        """Report where it was last seen."""
        if self.where is None:
            return ()
        latitude_deg, longitude_deg = self.where
        return (Location(latitude_deg=latitude_deg, longitude_deg=longitude_deg),)

    def _looked(self, at: Moment) -> Self:
        latitude_deg, longitude_deg = at.senses.location()
        here = (round(latitude_deg, DIGITS), round(longitude_deg, DIGITS))
        if self.where is not None and distance_m(local_plane(here, self.where), (0.0, 0.0)) < SIGNIFICANT_M:
            return self
        return replace(self, where=here)
