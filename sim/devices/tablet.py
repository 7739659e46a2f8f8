"""A tablet: a second display of the car, to entertain or to work, and what a person carries home from it.

In the holder of a car it is not before the driver, so films and pictures may be on it at any speed, but no
film while the driver is alone, and no picture of the home while a guest or a child drives. In the hands of
somebody who drives it is before the driver. What it shows of others it has heard itself: a card that the
dashboard mirrors to it is drawn from its own beliefs, and is `unknown` when nobody can vouch for it. When the
connection is gone it says so, takes pictures of rooms away, and plays a film on for as long as its buffer
lasts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Self

from sim.apps import infotainment
from sim.apps.app import moves
from sim.apps.displays import Entitlement, Wheel
from sim.apps.entitlements.terms import ENTITLED
from sim.apps.habits.observing import HomeHabits
from sim.apps.leased_displays import LeasedDisplays
from sim.apps.media import Loudspeaker, MusicPlayer
from sim.apps.screens.surface import Arrange, Screened, ShowCard, Surface
from sim.apps.twins.twin import Twin
from sim.core import device as core
from sim.core.asking import Ask, AskDevice, LockCar, RequestAction, SetClimate
from sim.core.device import (
    IN_HOMES,
    Acted,
    Asked,
    Booted,
    Effect,
    Moment,
    PersonOrNobody,
    Refers,
    Sensed,
    Stimulus,
)
from sim.core.parts import Part


class Mount(core.Facet):
    """In which car's holder it is; None for in none."""

    docked_in: str | None


@dataclass(frozen=True)
class TabletDisplay(LeasedDisplays):
    """Its one display, which is before the driver only in the hands of somebody who drives."""

    at_rest: ClassVar = {"tablet": "home"}

    def entitled(self, at: Moment) -> Entitlement:
        """Return how films stand: by its own leases, and in a car's holder by the car's as well."""
        own, car = super().entitled(at), at.senses.own("docked_in")
        if car is None or not self.sold:
            return own
        there = infotainment.entitled_in(car, at, self.over_ms)
        return there if there in ENTITLED or own == "absent" else own

    def ends_ms(self, at: Moment) -> int | None:
        """Return when the lease for films ends of the car in whose holder it is."""
        car = at.senses.own("docked_in")
        return infotainment.ends_in(car, at) if car is not None and self.sold else None

    def forbidden(self, at: Moment) -> str | None:
        """Return the display while whoever has it in hand drives."""
        return "tablet" if at.senses.at_wheel() else None

    def unattended(self, at: Moment) -> frozenset[str]:
        """Return the display in the holder of a car that moves with nobody but its driver."""
        car = at.senses.own("docked_in")
        alone = car is not None and moves(at, car) and not at.senses.aboard().passenger
        return frozenset({"tablet"}) if alone else frozenset()

    def wheel(self, at: Moment) -> Wheel | None:
        """Return who sits at the wheel of the car in whose holder it is."""
        return None if at.senses.own("docked_in") is None else self.sits(at.senses.dock_driver())

    def told(self, at: Moment, asked: Asked) -> Mapping[str, Any]:
        """Tell the rules that in the hands of somebody who drives it is a driver's display."""
        told = super().told(at, asked)
        return {**told, "display": "driver"} if at.senses.at_wheel() else told


@dataclass(frozen=True)
class TabletTwin(Twin, settings=("volume_percent", "language", "temperature_unit", "do_not_disturb")):
    """Its settings."""


@dataclass(frozen=True)
class TabletScreen(Surface):
    """Its screen, to which others mirror cards."""

    screen: ClassVar = "tablet"
    commands: ClassVar = (*Surface.commands, ShowCard)
    acts: ClassVar = (*Surface.acts, Arrange)


@dataclass(frozen=True)
class Tablet(Screened):
    """One tablet, used by whoever has it in hand.

    Attributes:
        docked_in: the car whose holder it is in, as its contacts say.
    """

    class Config(core.Config):
        """In which car's holder it is when a story begins; else its owner carries it."""

        dock: Annotated[str | None, Refers("device", "car")] = None

    @dataclass(frozen=True, slots=True)
    class Physical(core.Physical):
        """Who carries it, or in which car's holder it is."""

        portable: ClassVar[bool] = True

        carrier: PersonOrNobody = None
        docked_in: str | None = None

        def holder(self) -> str | None:
            """Return who carries it."""
            return self.carrier

        def held_by(self, person: str | None) -> Self:
            """Take it in hand, also out of its holder, or put it down."""
            return replace(self, carrier=person, docked_in=None)

    kind: ClassVar[str] = "tablet"
    Circumstances: ClassVar = infotainment.Circumstances
    made_of: ClassVar[Mapping[str, type[Part]]] = {
        "display": TabletDisplay,
        "screen": TabletScreen,
        "player": MusicPlayer,  # in front of the other apps, and so it speaks first
        **infotainment.APPS,
        "sound": Loudspeaker,
        "twin": TabletTwin,
        "habits": HomeHabits,
    }
    displays: ClassVar = ("tablet",)
    shared: ClassVar[bool] = True
    listens: ClassVar[bool] = True
    takes_letters: ClassVar[bool] = True
    acts: ClassVar = (SetClimate, LockCar, RequestAction, AskDevice)
    facets: ClassVar = (Mount,)
    reads: ClassVar = ("car", IN_HOMES)
    heeds: ClassVar = ()
    asks: ClassVar = ("car", IN_HOMES)

    docked_in: str | None = None

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Pass touches on, and notice the holder; the apps see everything."""
        after, effects = super().step(at, stimulus)
        match stimulus:
            case Acted(act=Ask() as ask, ticket=ticket, by=by):
                return after, (ask.request(ticket, by), *effects)
            case Booted() | Sensed():
                return replace(after, docked_in=at.senses.own("docked_in")), effects
            case _:
                return after, effects

    def report(self) -> tuple[core.Facet, ...]:
        """Report the holder, and what the apps say."""
        return (Mount(docked_in=self.docked_in), *super().report())

    def told(self, at: Moment, asked: Asked) -> Mapping[str, Any]:
        """Tell the rules whether the car moves that it is in; what is not known counts as moving.

        In somebody's hand it senses only whether that is a driver's; whoever holds it looks at it.
        """
        if self.docked_in is None:
            return {"moving": at.senses.at_wheel()}
        return {"moving": moves(at, self.docked_in), "passenger_present": at.senses.aboard().passenger}
