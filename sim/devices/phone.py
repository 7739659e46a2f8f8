"""A person's phone: the app that shows the car and the home, and asks things of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from sim.core import device as core
from sim.core.asking import (
    Ask,
    AskDevice,
    CloseWindows,
    LockCar,
    OpenBoot,
    OpenWindows,
    RefreshCar,
    RequestAction,
    SetClimate,
    SetConsent,
    UnlockCar,
)
from sim.core.device import IN_HOMES, Acted, Effect, Moment, PersonOrNobody, Presence, Stimulus


@dataclass(frozen=True)
class Phone(core.Device):
    """One phone; what it shows is what it believes, each value with its age."""

    @dataclass(frozen=True, slots=True)
    class Physical(core.Physical):
        """Who carries it, if anybody."""

        portable: ClassVar[bool] = True

        carrier: PersonOrNobody = None

        def holder(self) -> str | None:
            """Return who carries it."""
            return self.carrier

        def held_by(self, person: str | None) -> Self:
            """Take it, or put it down."""
            return replace(self, carrier=person)

    kind: ClassVar[str] = "phone"
    acts: ClassVar = (
        UnlockCar,
        LockCar,
        OpenBoot,
        OpenWindows,
        CloseWindows,
        RefreshCar,
        SetClimate,
        SetConsent,
        RequestAction,
        AskDevice,
    )
    reads: ClassVar = ("car", IN_HOMES)
    asks: ClassVar = ("car", IN_HOMES)
    listens: ClassVar[bool] = True
    personal: ClassVar[bool] = True

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the phone."""
        return cls(name)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Send what a person asks."""
        match stimulus:
            case Acted(act=Ask() as ask, ticket=ticket, by=by):
                return self, (ask.request(ticket, by),)
            case _:
                return self, ()

    def presence(self, at: Moment) -> Presence:
        """Sign into every command whether somebody carries the phone."""
        return Presence(worn=at.senses.own("carrier") is not None)
