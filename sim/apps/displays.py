"""Pictures and films on the displays of a device: which is where, and which must go when a car moves.

A device has one or more displays, each of which shows one thing: what it shows at rest, the picture of a
camera, or a film. Before the driver's eyes there is neither while the car moves, or while nobody knows
whether it does; and while nobody sits there but the driver, no film is beside them either. A picture of a
room is gone when the connection is: nobody could say how old it has become. It is gone as well after five
minutes, when the consent of whoever looked is withdrawn, and, in a car, when the driver's seat becomes empty
or somebody sits in it who is not of the grown-up household.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias, get_args

from pydantic import Field

from sim.apps.app import HOUSEHOLD
from sim.apps.entitlements.leases import SERVICE_KIND
from sim.apps.entitlements.terms import ENTITLED
from sim.apps.screens.model import Card, Line
from sim.apps.screens.model import Display as DisplayClass
from sim.core.declarations import Private
from sim.core.device import (
    IN_HOMES,
    Act,
    Acted,
    Answer,
    Answered,
    Asked,
    Booted,
    CancelTimer,
    Carries,
    Command,
    Commanded,
    Draw,
    Effect,
    Facet,
    Learned,
    Linked,
    Moment,
    Provision,
    Refers,
    Request,
    Role,
    Sensed,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.parts import Part
from sim.core.units import Milliseconds

JPEG_BYTES_MAX = 32_768
"""Largest picture a display takes."""
WAITING_MAX = 4
"""Most pictures on their way at once."""
BUFFER_MS = 50_000
"""How long a film plays on without a connection: what players keep ahead (Android ExoPlayer,
`DefaultLoadControl.DEFAULT_MAX_BUFFER_MS`); that the buffer is full when the loss is noticed is assumed."""
BUFFER_TIMER = "film buffer"
FILM_TERM = "film term"
"""Timer to the end of what films are entitled by, as somebody else has told it."""
PICTURE_MS = 300_000
"""How long a picture of a room stays at most (assumption: it has been seen by then, and is old)."""
PICTURE_TIMER = "picture on "
"""Beginning of the name of the timer of a display."""

Title = Annotated[str, Private(), Field(min_length=1, max_length=120)]
"""What a film is called; nobody's business but of those who watch it."""
Entitlement = Literal["trial", "paid", "grace", "expired", "refunded", "absent"]
"""What has become of the subscription to films."""
ENTITLEMENTS: tuple[Entitlement, ...] = get_args(Entitlement)
FilmState = Literal["none", "playing", "paused", "stalled"]
Wheel = Literal["household", "others", "nobody"]
"""Who sits at the wheel: somebody of the grown-up household, somebody else, or nobody."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on a display.

    Attributes:
        camera: who took it.
        taken: when, by the camera's clock.
        by: who looks.
        jpeg: its bytes.
    """

    camera: str
    taken: str
    by: str | None
    jpeg: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Film:
    """A film on a display; where it is, is a function of the time.

    Attributes:
        title: what is shown.
        state: whether it plays, was stopped by somebody, or has run out of its buffer.
        position_ms: where it was at `since_ms`, milliseconds from its beginning.
        since_ms: when it last began or stopped, by the device's clock.
    """

    title: str
    state: Literal["playing", "paused", "stalled"]
    position_ms: int
    since_ms: int

    def at(self, now_ms: int) -> int:
        """Return where it is at an instant; a clock that is put back plays nothing backwards."""
        return self.position_ms + (max(0, now_ms - self.since_ms) if self.state == "playing" else 0)

    def turned(self, state: Literal["playing", "paused", "stalled"], now_ms: int) -> "Film":
        """Return the film playing on, or stopped, from where it is."""
        return Film(self.title, state, self.at(now_ms), now_ms)


Shown: TypeAlias = Picture | Film


class ViewCamera(Act):
    """Touch a camera's card: show its room here."""

    camera: Annotated[str, Refers("device", "camera")]


class WatchVideo(Act, verb="play_video"):
    """Play a film here."""

    title: Title
    position_ms: Milliseconds = Field(default=0, ge=0)


class PauseVideo(Act):
    """Stop the film, and keep its place."""


class ResumeVideo(Act):
    """Let the film play on; the same rules are asked as for its beginning."""


class ShowCamera(Command, group=("Screen", "DriverDisplay"), tier="anytime"):
    """Show a camera here."""

    camera: str


class PlayVideo(Command, group=("Media", "Video", "Subscribed"), tier="anytime"):
    """Play a film here."""

    title: Annotated[Title, Carries("usage")]
    position_ms: Milliseconds = Field(default=0, ge=0)


class Pictures(Facet):
    """What the display shows, and whose picture is on it."""

    display: str
    picture_from: str | None
    picture_taken: str | None
    picture_bytes: int


class Video(Facet):
    """The film that is there, never what it is called, and where it was when it last began or stopped."""

    video: Annotated[FilmState, Carries("usage")]
    video_display: str | None
    video_position_ms: Milliseconds
    entitlement: Entitlement


@dataclass(frozen=True)
class Displays(Part):
    """The displays of one device; see the module.

    A subclass names them, each by its class; one with several says which one an act or a command is about.

    Attributes:
        device: whose they are.
        on: display to what it shows; one that is not there shows what it does at rest.
        latest: the picture that came last, also when it is no longer shown.
        waiting: request, ticket, display and viewer of every picture on its way.
        entitlement: what has become of the subscription to films, when it last looked.
        sold: whether the household has a subscription service; else a scenario says how they stand.
        linked: whether the device has its connection; films come over it.
        people: who there is, and in which role.
        ours: whether somebody of the grown-up household sat at the wheel when it last looked.
        until_ms: the end that the timer to it is set to; None while nobody tells one.
        over_ms: the latest such end that has passed, whatever the clock says since.
    """

    at_rest: ClassVar[Mapping[str, str]] = {}
    """Display to what it shows when nothing else is on it."""
    commands: ClassVar[tuple[type[Command], ...]] = (ShowCamera, PlayVideo)
    acts: ClassVar[tuple[type[Act], ...]] = (ViewCamera, WatchVideo, PauseVideo, ResumeVideo)
    facets: ClassVar[tuple[type[Facet], ...]] = (Pictures, Video)
    reads: ClassVar[tuple[str, ...]] = (IN_HOMES,)
    heeds: ClassVar[tuple[str, ...] | None] = ("car", "camera")
    asks: ClassVar[tuple[str, ...]] = (IN_HOMES,)

    device: str = ""
    on: Mapping[str, Shown] = field(default_factory=dict)
    latest: Picture | None = None
    waiting: tuple[tuple[str, str, str, str | None], ...] = ()
    entitlement: Entitlement = "absent"
    sold: bool = False
    linked: bool = True
    people: Mapping[str, Role] = field(default_factory=dict)
    ours: bool = False
    until_ms: int | None = None
    over_ms: int = 0

    @classmethod
    def settable(cls) -> Mapping[str, Any]:
        """A scenario says what has become of the subscription to films."""
        return {"entitlement": Entitlement}

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:  # the protocol
        """Return the displays at rest."""
        return cls(device=device, entitlement=given.get("entitlement", "absent"))

    def provisioned(self, provision: Provision) -> Self:
        """Return the displays that know the household."""
        return replace(self, people=provision.people, sold=bool(provision.of_kind(SERVICE_KIND)))

    def kept(self) -> Mapping[str, Any]:
        """Keep the subscription; what was on the displays is gone with the power."""
        return {"entitlement": self.entitlement}

    # --- what a subclass may say otherwise -----------------------------------------------------------

    def display_of(self, wish: Act | Command) -> str:  # a device with several uses it
        """Return which display an act or a command is about."""
        return next(iter(self.at_rest))

    def camera_request(self, act: ViewCamera) -> Command:
        """Return what the device asks itself before it shows a camera."""
        return ShowCamera(camera=act.camera)

    def film_request(self, title: str, position_ms: int, act: Act | None) -> Command:  # as above
        """Return what the device asks itself before it plays a film; without an act, to play it on."""
        return PlayVideo(title=title, position_ms=position_ms)

    def entitled(self, at: Moment) -> Entitlement:  # a device in a car, or with leases, uses it
        """Return what has become of the subscription to films."""
        return self.entitlement

    def forbidden(self, at: Moment) -> str | None:  # a device in a car uses it
        """Return the display that must show neither pictures nor films now, or None."""
        return None

    def unattended(self, at: Moment) -> frozenset[str]:  # as above
        """Return the displays that nobody but the driver of a moving car could look at."""
        return frozenset()

    def ends_ms(self, at: Moment) -> int | None:  # as above
        """Return when what somebody else tells of the subscription to films ends, milliseconds since 1970."""
        return None

    def wheel(self, at: Moment) -> Wheel | None:  # as above
        """Return who sits at the wheel of the car that the displays are in; None if they are in none."""
        return None

    def sits(self, driver: str | None) -> Wheel:
        """Return what somebody at the wheel, or nobody, is to the household."""
        if driver is None:
            return "nobody"
        return "household" if self.people.get(driver) in HOUSEHOLD else "others"

    # --- what happens ----------------------------------------------------------------------------------

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Show, play, stop and clear."""
        match stimulus:
            case Acted():
                return self._touched(at, stimulus)
            case Commanded(command=ShowCamera() as show, ticket=ticket, by=by):
                return self._fetch(ticket, show, by)
            case Commanded(command=PlayVideo(), ticket=ticket) if not self.linked:
                return self, (Settle(ticket, Answer("failed", f"{self.device} has no connection")),)
            case Commanded(command=PlayVideo() as play, ticket=ticket):
                film = Film(play.title, "playing", play.position_ms, at.now_ms)
                shown = self._showing(self.display_of(play), film)
                return shown, (Settle(ticket, Answer("done")), Draw())
            case Answered(ticket=fetch, target=camera, answer=answer) if answer.final:
                return self._fetched(at, fetch, camera, answer)
            case Booted() | Learned() | Sensed():
                after, effects = self.reconsidered(at)
                after, more = after._looked(at)
                return after, (*effects, *more)
            case Linked(up=up):
                return self._linked(at, up=up)
            case TimerFired(name="film buffer"):
                return self._turned(at, "playing", "stalled")
            case TimerFired(name="film term") if self.until_ms is not None:
                return replace(self, over_ms=max(self.over_ms, self.until_ms)).reconsidered(at)
            case TimerFired(name=name) if name.startswith(PICTURE_TIMER):
                return self._faded(name.removeprefix(PICTURE_TIMER))
            case _:
                return self, ()

    def told(self, at: Moment, asked: Asked) -> Mapping[str, Any]:  # the protocol
        """Tell the rules which display is meant, what has become of the subscription, and who drives."""
        display = None if asked.command is None else self.display_of(asked.command)
        entitlement = self.entitled(at)
        facts = {"display": display, "entitlement": None if entitlement == "absent" else entitlement}
        wheel = self.wheel(at) if asked.action == ShowCamera.action else None
        # An empty seat is no guest: then the fact is not there.
        return facts if wheel in {None, "nobody"} else {**facts, "guest_drives": wheel == "others"}

    def report(self) -> tuple[Facet, ...]:
        """Report what is shown."""
        return (
            Pictures(display=self.word(next(iter(self.at_rest))), **self.picture_words()),
            self.video(),
        )

    def word(self, display: str) -> str:
        """Return what a display shows, in a word: the camera, `video`, or what it shows at rest."""
        match self.on.get(display):
            case Picture(camera=camera):
                return camera
            case Film():
                return "video"
            case _:
                return self.at_rest[display]

    def picture_words(self) -> dict[str, Any]:
        """Return what a facet says of the latest picture."""
        latest = self.latest
        return {
            "picture_from": None if latest is None else latest.camera,
            "picture_taken": None if latest is None else latest.taken,
            "picture_bytes": 0 if latest is None else len(latest.jpeg),
        }

    def video(self) -> Video:
        """Return what is reported of the film."""
        for display, shown in self.on.items():
            if isinstance(shown, Film):
                return Video(
                    video=shown.state,
                    video_display=display,
                    video_position_ms=shown.position_ms,
                    entitlement=self.entitlement,
                )
        return Video(
            video="none",
            video_display=None,
            video_position_ms=0,
            entitlement=self.entitlement,
        )

    def cards(self, at: Moment, display: DisplayClass) -> tuple[Card, ...]:
        """Return the picture or film on a class of display as a card."""
        match self.on.get(display):
            case Picture(camera=camera, taken=taken):
                return (Card("picture", "camera", camera, (Line(taken),), picture="photo"),)
            case Film(title=title, state=state) as film:
                second = film.at(at.now_ms) // 1_000
                lines = (Line(title, private=True), Line(f"{state} at {second} s"))
                return (Card("video", "media", "film", lines, picture="video"),)
            case _:
                return ()

    # --- inside ----------------------------------------------------------------------------------------

    def _touched(self, at: Moment, acted: Acted) -> tuple[Self, tuple[Effect, ...]]:
        ticket, by = acted.ticket, acted.by
        match acted.act:
            case ViewCamera() as view:
                wish = self.camera_request(view)
            case WatchVideo(title=title, position_ms=position_ms) as watch:
                wish = self.film_request(title, position_ms, watch)
            case ResumeVideo() if (film := self._film()) is not None:
                wish = self.film_request(film.title, film.at(at.now_ms), None)
            case PauseVideo() if self._film() is not None:
                paused, effects = self._turned(at, "playing", "paused")
                return paused, (Settle(ticket, Answer("done")), *effects)
            case _:
                return self, (Settle(ticket, Answer("failed", f"no film is on {self.device}")),)
        return self, (Request.of(wish, ticket=ticket, target=self.device, by=by),)

    def _film(self) -> Film | None:
        return next((shown for shown in self.on.values() if isinstance(shown, Film)), None)

    def _showing(self, display: str, shown: Shown) -> Self:
        """Return the displays with something on one of them; there is one film at most."""
        others = {
            name: one
            for name, one in self.on.items()
            if name != display and not (isinstance(shown, Film) and isinstance(one, Film))
        }
        return replace(self, on={**others, display: shown})

    def _fetch(self, ticket: str, show: ShowCamera, by: str | None) -> tuple[Self, tuple[Effect, ...]]:
        if len(self.waiting) == WAITING_MAX:
            sentence = f"{WAITING_MAX} pictures are on their way already"
            return self, (Settle(ticket, Answer("failed", sentence)),)
        fetch = f"{ticket}-picture"
        waiting = (*self.waiting, (fetch, ticket, self.display_of(show), by))
        return replace(self, waiting=waiting), (Request(fetch, show.camera, "snapshot", by=by),)

    def _fetched(
        self, at: Moment, fetch: str, camera: str, answer: Answer
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Show a picture that arrived, or pass on why it did not."""
        found = next((entry for entry in self.waiting if entry[0] == fetch), None)
        if found is None:
            return self, ()
        _, ticket, display, by = found
        screens = replace(self, waiting=tuple(entry for entry in self.waiting if entry != found))
        if answer.status != "done":
            return screens, (Settle(ticket, answer),)
        if display == self.forbidden(at):
            sentence = "the car began to move before the picture came"
            return screens, (Settle(ticket, Answer("failed", sentence)),)
        if _withdrawn(at, camera, by):
            sentence = "the consent was withdrawn before the picture came"
            return screens, (Settle(ticket, Answer("failed", sentence)),)
        jpeg = _jpeg(answer.data.get("jpeg_base64"))
        taken = answer.data.get("taken")
        if jpeg is None or not isinstance(taken, str):
            return screens, (Settle(ticket, Answer("failed", "what the camera sent is no picture")),)
        picture = Picture(camera, taken[:32], by, jpeg)
        shown = replace(screens._showing(display, picture), latest=picture)
        fades = StartTimer(PICTURE_TIMER + display, PICTURE_MS)
        return shown, (Settle(ticket, Answer("done")), Draw(), fades)

    def _looked(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Look who is there, and take away what must not be seen; a film is gone with its place."""
        wheel = self.wheel(at)
        others = wheel == "others" or (wheel == "nobody" and self.ours)
        ours = wheel == "household"
        seen = self if ours == self.ours else replace(self, ours=ours)
        effects: tuple[Effect, ...] = ()
        if others and self.waiting:
            late = Answer("failed", "nobody of the household sat at the wheel any more when the picture came")
            effects = tuple(Settle(ticket, late) for _, ticket, _, _ in self.waiting)
            seen = replace(seen, waiting=())
        if not self.on and self.latest is None:
            return seen, effects
        driver, unattended = self.forbidden(at), self.unattended(at)

        def stays(shown: Shown | None) -> bool:
            return not isinstance(shown, Picture) or not (others or _withdrawn(at, shown.camera, shown.by))

        on = {
            name: one
            for name, one in self.on.items()
            if name != driver and stays(one) and not (isinstance(one, Film) and name in unattended)
        }
        latest = self.latest if stays(self.latest) else None
        if on == self.on and latest is self.latest:
            return seen, effects
        return replace(seen, on=on, latest=latest), (*effects, Draw())

    def reconsidered(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Note what has become of the subscription; a film that is not paid for any more stops.

        What somebody else has told ends at its term, also when nothing is heard of them any more.
        """
        seen, timed = self._timed(at)
        entitlement = seen.entitled(at)
        if entitlement == seen.entitlement:
            return seen, timed
        seen = replace(seen, entitlement=entitlement)
        if entitlement in ENTITLED:
            return seen, timed
        stopped, effects = seen._turned(at, "playing", "paused")
        stopped, more = stopped._turned(at, "stalled", "paused")
        return stopped, (*timed, *effects, *more)

    def _timed(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Look again when what was told ends: a timer counts time that passes, whatever a clock says."""
        until_ms = self.ends_ms(at)
        if until_ms == self.until_ms:
            return self, ()
        left_ms = 0 if until_ms is None else until_ms - at.now_ms
        timer = (StartTimer(FILM_TERM, left_ms),) if left_ms > 0 else ()
        return replace(self, until_ms=until_ms), timer

    def _faded(self, display: str) -> tuple[Self, tuple[Effect, ...]]:
        """Take away a picture that has been on a display long enough, and what is kept of none that is."""
        on = {name: one for name, one in self.on.items() if name != display or isinstance(one, Film)}
        latest = self.latest if self.latest in on.values() else None
        return replace(self, on=on, latest=latest), (Draw(),)

    def _linked(self, at: Moment, *, up: bool) -> tuple[Self, tuple[Effect, ...]]:
        if up:
            again, effects = replace(self, linked=True)._turned(at, "stalled", "playing")
            return again, (CancelTimer(BUFFER_TIMER), *effects)
        films = {name: one for name, one in self.on.items() if isinstance(one, Film)}
        alone, effects = replace(self, linked=False, on=films, latest=None)._looked(at)
        return alone, (StartTimer(BUFFER_TIMER, BUFFER_MS), *effects)

    def _turned(
        self, at: Moment, state: FilmState, to: Literal["playing", "paused", "stalled"]
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Let the film that is in one state go over to another; no other film does anything."""
        turned = {
            name: one.turned(to, at.now_ms) if isinstance(one, Film) and one.state == state else one
            for name, one in self.on.items()
        }
        return (self, ()) if turned == self.on else (replace(self, on=turned), (Draw(),))


def _withdrawn(at: Moment, camera: str, by: str | None) -> bool:
    """Say whether a camera has reported that somebody's consent to look was withdrawn."""
    reported = at.beliefs.raw(camera, "withdrawn")
    return reported is not None and by in reported[0]


def _jpeg(text: object) -> bytes | None:
    """Return the bytes of a JPEG within the limit (it begins with the SOI marker FF D8), or None."""
    if not isinstance(text, str) or len(text) > JPEG_BYTES_MAX * 4 // 3 + 4:
        return None
    try:
        picture = base64.b64decode(text, validate=True)
    except ValueError:  # Characters that are none of base64's, or too few of them.
        return None
    return picture if picture.startswith(b"\xff\xd8") and len(picture) <= JPEG_BYTES_MAX else None
