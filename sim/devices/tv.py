"""A television: films and music in a room, the household's cards, and an ear for whoever speaks near it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Literal, Self

from sim.apps.displays import PlayVideo, ShowCamera
from sim.apps.leased_displays import LeasedDisplays
from sim.apps.media import Loudspeaker, MusicPlayer, PlayMusic
from sim.apps.screens.surface import Screened, Surface
from sim.apps.twins.twin import Twin
from sim.core import device as core
from sim.core.asking import Ask, AskDevice, SetClimate
from sim.core.device import (
    IN_HOMES,
    Acted,
    Answer,
    Commanded,
    Draw,
    Effect,
    Moment,
    Refers,
    Request,
    Settle,
    Stimulus,
)
from sim.core.parts import Part

Power = Literal["on", "off"]


class SwitchTv(core.Command, group="HomeControl", tier="anytime"):
    """Switch it on or off."""

    power: Power


class PressPower(core.Act, verb="switch_tv"):
    """Press its power button."""

    power: Power


class TvReport(core.Facet):
    """Whether it is on."""

    power: Power


@dataclass(frozen=True)
class TvDisplay(LeasedDisplays):
    """Its one display."""

    at_rest: ClassVar = {"tv": "home"}

    def dark(self) -> Self:
        """Return the display with nothing on it."""
        return replace(self, on={}, latest=None)


@dataclass(frozen=True)
class TvTwin(Twin, settings=("volume_percent", "language", "temperature_unit", "do_not_disturb")):
    """Its settings."""


@dataclass(frozen=True)
class TvScreen(Surface):
    """Its screen."""

    screen: ClassVar = "tv"


@dataclass(frozen=True)
class Tv(Screened):
    """One television; whatever it is to show or play switches it on.

    Attributes:
        power: whether it is on.
    """

    class Config(core.Config):
        """Where it stands."""

        home: Annotated[str, Refers("home")]
        room: str

    @dataclass(frozen=True, slots=True)
    class Circumstances(core.Circumstances):
        """Which display it is, what has become of the subscription to films, and what is withdrawn."""

        display: str | None = None
        entitlement: str | None = None
        safety_relevant: bool | None = None

    kind: ClassVar[str] = "tv"
    made_of: ClassVar[Mapping[str, type[Part]]] = {
        "display": TvDisplay,
        "player": MusicPlayer,
        "sound": Loudspeaker,
        "screen": TvScreen,
        "twin": TvTwin,
    }
    displays: ClassVar = ("tv",)
    shared: ClassVar[bool] = True
    listens: ClassVar[bool] = True
    takes_letters: ClassVar[bool] = True
    commands: ClassVar = (SwitchTv,)
    acts: ClassVar = (PressPower, SetClimate, AskDevice)
    facets: ClassVar = (TvReport,)
    reads: ClassVar = ("car", IN_HOMES)
    heeds: ClassVar = ()
    asks: ClassVar = ("car", IN_HOMES)

    power: Power = "off"

    @classmethod
    def settable(cls) -> Mapping[str, Any]:
        """A scenario may switch it on."""
        return {**super().settable(), "power": Power}

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return it, off unless a scenario says otherwise."""
        return cls(name, cls.new_parts(name, config, given), power=given.get("power", "off"))

    def kept(self) -> Mapping[str, Any]:
        """Keep what the apps keep, and whether it was on."""
        return {**super().kept(), "power": self.power}

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Switch, and pass touches on; the apps see everything."""
        after, effects = super().step(at, stimulus)
        match stimulus:
            case Acted(act=PressPower(power=power), ticket=ticket, by=by):
                wish = SwitchTv(power=power)
                return after, (Request.of(wish, ticket=ticket, target=self.name, by=by), *effects)
            case Acted(act=Ask() as ask, ticket=ticket, by=by):
                return after, (ask.request(ticket, by), *effects)
            case Commanded(command=SwitchTv(power=power), ticket=ticket):
                return after._switched(at, power), (Settle(ticket, Answer("done")), *effects, Draw())
            case Commanded(command=PlayVideo() | ShowCamera() | PlayMusic()):
                return after._switched(at, "on"), effects
            case _:
                return after, effects

    def report(self) -> tuple[core.Facet, ...]:
        """Report whether it is on, and what the apps say."""
        return (TvReport(power=self.power), *super().report())

    def drawn(self, at: Moment) -> Mapping[str, Any]:
        """Return what it shows, nothing while it is off."""
        return super().drawn(at) if self.power == "on" else {}

    def _switched(self, at: Moment, power: Power) -> Self:
        """Return it on, or off with nothing left that plays."""
        if power == "on":
            return replace(self, power=power)
        parts = {name: _stilled(part, at) for name, part in self.parts.items()}
        return replace(self, power=power, parts=parts)


def _stilled(part: Part, at: Moment) -> Part:
    match part:
        case TvDisplay():
            return part.dark()
        case MusicPlayer():
            return part.hushed(at)
        case _:
            return part
