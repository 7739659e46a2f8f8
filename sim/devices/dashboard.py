"""The screens of a car: one before the driver, one before the passenger, and the home at a touch.

What a person touches here passes the same rules as a message from afar: the dashboard asks itself
before it shows anything, and while the car moves, or nobody knows whether it does, no picture of a
room comes before the driver's eyes.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Literal, Self

from sim.core import device as core
from sim.core.asking import Ask, AskDevice, LockCar, RequestAction, SetClimate
from sim.core.device import (
    IN_HOMES,
    Acted,
    Answer,
    Answered,
    Asked,
    Commanded,
    Effect,
    Learned,
    Moment,
    Refers,
    Request,
    Settle,
    Stimulus,
)
from sim.core.parts import Assembled, Part

Display = Literal["driver", "passenger"]
JPEG_BYTES_MAX = 32_768
"""Largest picture a display takes."""


class ViewCamera(core.Act):
    """Touch the camera's card: show its room on a display."""

    camera: Annotated[str, Refers("device", "camera")]
    display: Display = "passenger"


class OpenPairing(core.Act):
    """Touch “add a key”: the car shows a code for two minutes."""


class ShowCamera(core.Command, group=("Screen", "DriverDisplay"), tier="anytime"):
    """Show a camera on a display; the rules know which."""

    camera: str
    display: Display


class Screens(core.Facet):
    """What each display shows, and the picture that is on one of them."""

    driver_display: str
    passenger_display: str
    picture_from: str | None
    picture_taken: str | None
    picture_bytes: int


@dataclass(frozen=True)
class Dashboard(Assembled):
    """One dashboard.

    Attributes:
        car: the car it is built into.
        driver_display: `driving`, or the camera it shows.
        passenger_display: `home`, or the camera it shows.
        picture_from: camera of the latest picture.
        picture_taken: when that was taken, by the camera's clock.
        picture: its JPEG bytes.
        waiting: display and ticket for each picture on its way, by the ticket of its request.
    """

    class Config(core.Config):
        """Which car it is built into."""

        car: Annotated[str, Refers("device", "car")]

    @dataclass(frozen=True, slots=True)
    class Circumstances(core.Circumstances):
        """On which display something is to be shown."""

        display: str | None = None

    kind: ClassVar[str] = "dashboard"
    made_of: ClassVar[Mapping[str, type[Part]]] = {}
    shared: ClassVar[bool] = True
    commands: ClassVar = (ShowCamera,)
    acts: ClassVar = (SetClimate, ViewCamera, LockCar, OpenPairing, RequestAction, AskDevice)
    facets: ClassVar = (Screens,)
    reads: ClassVar = ("car", IN_HOMES)
    asks: ClassVar = ("car", IN_HOMES)
    listens: ClassVar[bool] = True

    car: str = ""
    driver_display: str = "driving"
    passenger_display: str = "home"
    picture_from: str | None = None
    picture_taken: str | None = None
    picture: bytes = b""
    waiting: tuple[tuple[str, str, Display], ...] = ()

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the dashboard with nothing on its screens yet."""
        return cls(name, cls.new_parts(name, config, given), car=config.car)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Pass touches on and show pictures; the apps see the same."""
        board, effects = self._displayed(at, stimulus)
        after, wanted = super(Dashboard, board).step(at, stimulus)
        return after, (*effects, *wanted)

    def _displayed(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Pass touches on, show pictures, clear the driver's display when the car moves."""
        match stimulus:
            case Acted(act=Ask() as ask, ticket=ticket, by=by):
                return self, (ask.request(ticket, by),)
            case Acted(act=OpenPairing(), ticket=ticket, by=by):
                return self, (Request(ticket, self.car, "open_pairing", by=by),)
            case Acted(act=ViewCamera(camera=camera, display=display), ticket=ticket, by=by):
                wish = ShowCamera(camera=camera, display=display)
                return self, (Request.of(wish, ticket=ticket, target=self.name, by=by),)
            case Commanded(command=ShowCamera(camera=camera, display=display), ticket=ticket, by=by):
                fetch = f"{ticket}-picture"
                waiting = (*self.waiting, (fetch, ticket, display))
                return replace(self, waiting=waiting), (Request(fetch, camera, "snapshot", by=by),)
            case Answered(ticket=fetch, target=camera, answer=answer) if answer.final:
                return self._fetched(at, fetch, camera, answer)
            case Learned(device=self.car) if self.moving(at):
                return replace(self, driver_display="driving"), ()
            case _:
                return self, ()

    def report(self) -> tuple[core.Facet, ...]:
        """Report what is on the screens."""
        return (
            Screens(
                driver_display=self.driver_display,
                passenger_display=self.passenger_display,
                picture_from=self.picture_from,
                picture_taken=self.picture_taken,
                picture_bytes=len(self.picture),
            ),
            *super().report(),
        )

    def told(self, at: Moment, asked: Asked) -> Mapping[str, Any]:
        """Tell the rules whether the car moves, and which display is meant."""
        display = asked.command.display if isinstance(asked.command, ShowCamera) else None
        return {"moving": self.moving(at), "display": display}

    def moving(self, at: Moment) -> bool:
        """Say whether the car moves, as far as it is known here; what is not known counts as moving."""
        return at.beliefs.shown(self.car, "moving") is not False

    def _fetched(
        self, at: Moment, fetch: str, camera: str, answer: Answer
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Show a picture that arrived, or pass on why it did not."""
        found = next((entry for entry in self.waiting if entry[0] == fetch), None)
        if found is None:
            return self, ()
        _, ticket, display = found
        board = replace(self, waiting=tuple(entry for entry in self.waiting if entry != found))
        if answer.status != "done":
            return board, (Settle(ticket, answer),)
        if display == "driver" and self.moving(at):
            return board, (Settle(ticket, Answer("failed", "the car began to move before the picture came")),)
        picture = _jpeg(answer.data.get("jpeg_base64"))
        taken = answer.data.get("taken")
        if picture is None or not isinstance(taken, str):
            return board, (Settle(ticket, Answer("failed", "what the camera sent is no picture")),)
        shown = replace(board, picture=picture, picture_from=camera, picture_taken=taken)
        if display == "driver":
            shown = replace(shown, driver_display=camera)
        else:
            shown = replace(shown, passenger_display=camera)
        return shown, (Settle(ticket, Answer("done")),)


def _jpeg(text: object) -> bytes | None:
    """Return the bytes of a JPEG within the limit (it begins with the SOI marker FF D8), or None."""
    if not isinstance(text, str) or len(text) > JPEG_BYTES_MAX * 4 // 3 + 4:
        return None
    try:
        picture = base64.b64decode(text, validate=True)
    except ValueError:  # Characters that are none of base64's, or too few of them.
        return None
    return picture if picture.startswith(b"\xff\xd8") and len(picture) <= JPEG_BYTES_MAX else None
