"""A person's watch: a digital key that knows whether it is on a wrist."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from sim.core import device as core
from sim.core.asking import Ask, AskDevice, LockCar, OpenBoot, RequestAction, SetClimate, UnlockCar
from sim.core.device import (
    IN_HOMES,
    Acted,
    Booted,
    Effect,
    Moment,
    PersonOrNobody,
    Presence,
    Sensed,
    Stimulus,
)


class Wrist(core.Facet):
    """Whether the watch is worn, as its own sensor has it."""

    on_wrist: bool | None


@dataclass(frozen=True)
class Watch(core.Device):
    """One watch.

    Attributes:
        owner: whose key it is; on anybody else's wrist it vouches for nobody.
        on_wrist: what its skin sensor says; None before it has looked or while the sensor fails.
    """

    @dataclass(frozen=True, slots=True)
    class Physical(core.Physical):
        """On whose wrist it is, if on any."""

        portable: ClassVar[bool] = True

        on_wrist: bool = False
        wearer: PersonOrNobody = None

        def holder(self) -> str | None:
            """Return the wearer."""
            return self.wearer if self.on_wrist else None

        def held_by(self, person: str | None) -> Self:
            """Put it on, or take it off."""
            return replace(self, on_wrist=person is not None, wearer=person)

    kind: ClassVar[str] = "watch"
    acts: ClassVar = (UnlockCar, LockCar, OpenBoot, SetClimate, RequestAction, AskDevice)
    facets: ClassVar = (Wrist,)
    asks: ClassVar = ("car", IN_HOMES)
    personal: ClassVar[bool] = True

    owner: str | None = None
    on_wrist: bool | None = None

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the watch before it has looked at its sensor."""
        return cls(name, owner=config.owner)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Send what a person asks; notice when it is put on or taken off."""
        match stimulus:
            case Acted(act=Ask() as ask, ticket=ticket, by=by):
                return self, (ask.request(ticket, by),)
            case Booted() | Sensed():
                return replace(self, on_wrist=at.senses.own("on_wrist")), ()
            case _:
                return self, ()

    def report(self) -> tuple[core.Facet, ...]:
        """Report whether it is worn."""
        return (Wrist(on_wrist=self.on_wrist),)

    def presence(self, at: Moment) -> Presence:
        """Sign into every command whether its owner wears the watch at this instant.

        A watch locks itself when it is taken off, and only its owner unlocks it again.
        """
        on_wrist = at.senses.own("on_wrist")
        if on_wrist is None:
            return Presence()
        return Presence(worn=on_wrist and at.senses.own("wearer") == self.owner)
