"""The screens of a car: one before the driver, one before the passenger, and the home at a touch.

What a person touches here passes the same rules as a message from afar: the dashboard asks itself
before it shows anything, and while the car moves, or nobody knows whether it does, no picture of a
room and no film comes before the driver's eyes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from sim.apps import advertising, displays, infotainment
from sim.apps.app import moves
from sim.apps.displays import Displays, Entitlement, Film, PauseVideo, ResumeVideo, Video, Wheel
from sim.apps.errands.ordering import Errands
from sim.apps.habits.observing import CarHabits
from sim.apps.payments.approvals import Approvals
from sim.apps.screens.surface import MirrorCard, Screened, Surface
from sim.apps.twins.twin import Twin
from sim.core import device as core
from sim.core.asking import (
    Ask,
    AskDevice,
    ClearDestination,
    LockCar,
    MoveSeat,
    Precondition,
    RequestAction,
    ScheduleCharging,
    SendDestination,
    SetCabin,
    SetChargeLimit,
    SetClimate,
    StartCharging,
    StopCharging,
    StopPreconditioning,
)
from sim.core.device import (
    IN_HOMES,
    Act,
    Acted,
    Asked,
    Command,
    Effect,
    Moment,
    Refers,
    Request,
    Stimulus,
)
from sim.core.parts import Part

Display = Literal["driver", "passenger"]


class ViewCamera(displays.ViewCamera):
    """Touch the camera's card: show its room on a display."""

    display: Display = "passenger"


class WatchVideo(displays.WatchVideo, verb="play_video"):
    """Play a film on a display."""

    display: Display = "passenger"


class OpenPairing(core.Act):
    """Touch “add a key”: the car shows a code for two minutes."""


class ShowCamera(displays.ShowCamera, group=("Screen", "DriverDisplay"), tier="anytime"):
    """Show a camera on a display; the rules know which."""

    display: Display


class PlayVideo(displays.PlayVideo, group=("Media", "Video", "Subscribed"), tier="anytime"):
    """Play a film on a display; the rules know which."""

    display: Display = Field(default="passenger")


class Screens(core.Facet):
    """What each display shows, and the picture that is on one of them."""

    driver_display: str
    passenger_display: str
    picture_from: str | None
    picture_taken: str | None
    picture_bytes: int


@dataclass(frozen=True)
class CarDisplays(Displays):
    """The two displays of a car.

    Attributes:
        car: the car they are built into.
    """

    at_rest: ClassVar = {"driver": "driving", "passenger": "home"}
    commands: ClassVar = (ShowCamera, PlayVideo)
    acts: ClassVar = (ViewCamera, WatchVideo, PauseVideo, ResumeVideo)
    facets: ClassVar = (Screens, Video)

    car: str = ""

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the displays with nothing on them yet."""
        return replace(super().new(device, config, given), car=config.car)

    def display_of(self, wish: Act | Command) -> str:
        """Return the display that is named, or the one the film is on."""
        return str(getattr(wish, "display", "passenger"))

    def camera_request(self, act: displays.ViewCamera) -> Command:
        """Return what the dashboard asks itself before it shows a camera."""
        return ShowCamera.model_validate({"camera": act.camera, "display": self.display_of(act)})

    def film_request(self, title: str, position_ms: int, act: Act | None) -> Command:
        """Return what the dashboard asks itself before it plays a film."""
        display = self._display_of_film() if act is None else self.display_of(act)
        return PlayVideo.model_validate({"title": title, "position_ms": position_ms, "display": display})

    def _display_of_film(self) -> str:
        return next(name for name, shown in self.on.items() if isinstance(shown, Film))

    def entitled(self, at: Moment) -> Entitlement:
        """Return how films stand by the leases of the car they are built into."""
        return infotainment.entitled_in(self.car, at, self.over_ms) if self.sold else super().entitled(at)

    def ends_ms(self, at: Moment) -> int | None:
        """Return when the car's lease for films ends."""
        return infotainment.ends_in(self.car, at) if self.sold else None

    def forbidden(self, at: Moment) -> str | None:
        """Return the driver's display while the car moves."""
        return "driver" if moves(at, self.car) else None

    def unattended(self, at: Moment) -> frozenset[str]:
        """Return the passenger's display while the car moves with nobody but its driver."""
        alone = moves(at, self.car) and not at.senses.aboard().passenger
        return frozenset({"passenger"}) if alone else frozenset()

    def wheel(self, at: Moment) -> Wheel | None:
        """Return who sits at the wheel of the car they are built into."""
        return self.sits(at.senses.person())

    def report(self) -> tuple[core.Facet, ...]:
        """Report what is on the displays."""
        screens = Screens(
            driver_display=self.word("driver"),
            passenger_display=self.word("passenger"),
            **self.picture_words(),
        )
        return (screens, self.video())


@dataclass(frozen=True)
class DashboardScreen(Surface):
    """The screen of a car, whose cards can be mirrored to a tablet."""

    screen: ClassVar = "dashboard"
    acts: ClassVar = (*Surface.acts, MirrorCard)


class CarTwin(Twin, settings=("language", "temperature_unit", "comfort_c")):
    """The settings of a car, which people share and make at its screen."""


@dataclass(frozen=True)
class CarAdvertising(advertising.CarAdvertising):
    """Advertising by what is done here, films among it."""

    acts: ClassVar = (*advertising.CarAdvertising.acts, WatchVideo)


@dataclass(frozen=True)
class Dashboard(Screened):
    """One dashboard.

    Attributes:
        car: the car it is built into.
    """

    class Config(core.Config):
        """Which car it is built into."""

        car: Annotated[str, Refers("device", "car")]

    kind: ClassVar[str] = "dashboard"
    Circumstances: ClassVar = infotainment.Circumstances
    made_of: ClassVar[Mapping[str, type[Part]]] = {
        "displays": CarDisplays,
        "screen": DashboardScreen,
        "twin": CarTwin,
        "approvals": Approvals,
        "habits": CarHabits,
        "advertising": CarAdvertising,
        "errands": Errands,
        **infotainment.APPS,
    }
    displays: ClassVar = ("driver", "passenger")
    shared: ClassVar[bool] = True
    takes_letters: ClassVar[bool] = True
    acts: ClassVar = (
        SetClimate,
        LockCar,
        OpenPairing,
        SendDestination,
        ClearDestination,
        StartCharging,
        StopCharging,
        SetChargeLimit,
        ScheduleCharging,
        Precondition,
        StopPreconditioning,
        SetCabin,
        MoveSeat,
        RequestAction,
        AskDevice,
    )
    reads: ClassVar = ("car", "subscriptions", IN_HOMES)
    heeds: ClassVar = ()
    asks: ClassVar = ("car", "subscriptions", IN_HOMES)
    listens: ClassVar[bool] = True

    car: str = ""

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the dashboard with nothing on its screens yet."""
        return cls(name, cls.new_parts(name, config, given), car=config.car)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Pass touches on; the apps see everything."""
        after, effects = super().step(at, stimulus)
        match stimulus:
            case Acted(act=Ask() as ask, ticket=ticket, by=by):
                return after, (ask.request(ticket, by), *effects)
            case Acted(act=OpenPairing(), ticket=ticket, by=by):
                return after, (Request(ticket, self.car, "open_pairing", by=by), *effects)
            case _:
                return after, effects

    def told(self, at: Moment, asked: Asked) -> Mapping[str, Any]:
        """Tell the rules whether the car moves, and whether anybody but its driver is in it."""
        return {"moving": self.driving(at), "passenger_present": at.senses.aboard().passenger}

    def driving(self, at: Moment) -> bool:
        """Say whether the car moves, as far as it is known here; what is not known counts as moving."""
        return moves(at, self.car)
