"""What a phone tells its owner, mirrored to the screens that the owner looks at.

Sender and body travel sealed from the phone to the screen; no report tells more than how many there are and
how much of them is shown. What is put away on one of them is put away on the others, in whatever order they
hear of it.

A screen that is built into a car has two displays. Before the driver stands who wrote and what, while the car
is parked, and who wrote, as soon as it moves or nobody knows whether it does; before the passenger stands
both. While a guest, a child or nobody sits at the wheel it shows nothing, and what was there is forgotten.
Any other screen, such as a tablet's, is a display by itself: in the hands of somebody who drives it is before
the driver, and in the holder of a car that a guest or a child drives it shows nothing.

A device with a `NotificationScreen` tells the rules `display`, `detail` and `guest_drives`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias

from pydantic import Field

from sim.apps.app import App, Company, done, refused, settled
from sim.core.declarations import DataKind, Private
from sim.core.device import (
    Act,
    Acted,
    Answered,
    Asked,
    Booted,
    Carries,
    Command,
    Commanded,
    Effect,
    Facet,
    Learned,
    Linked,
    Moment,
    Refers,
    Request,
    Sensed,
    Stimulus,
    TimerFired,
)
from sim.trust.letters import LetterError

NOTICES_MAX = 50
"""Notifications that a phone keeps; the oldest go first (Android keeps as many of one app)."""
MIRRORED_MAX = 8
"""The newest of them that are mirrored: what fits a list on a car's screen (assumption)."""
GONE_MAX = 100
"""How many put-away notifications a screen remembers, lest one that is late appear again."""
NUMBER_MAX = 2**31
APP_CHARACTERS_MAX = 32
SENDER_CHARACTERS_MAX = 64
BODY_CHARACTERS_MAX = 400

Detail = Literal["sender", "full"]
Shows = Literal["nothing", "sender", "full"]
Display: TypeAlias = Literal["driver", "passenger"]
Key: TypeAlias = tuple[str, int]
"""A phone, and the number of one of its notifications."""
News: TypeAlias = tuple[str, Key, str | None]
"""Whom to tell of which notification, and who put it away."""


class Receives(Act):
    """A message arrives from somebody outside the household."""

    app: Annotated[str, Private(), Field(min_length=1, max_length=APP_CHARACTERS_MAX)]
    sender: Annotated[str, Private(), Field(min_length=1, max_length=SENDER_CHARACTERS_MAX)]
    body: Annotated[str, Private(), Field(max_length=BODY_CHARACTERS_MAX)]


class Dismiss(Act):
    """Put a notification away, by its number on its phone, or all of them."""

    number: int | None = Field(default=None, ge=1, le=NUMBER_MAX)


class ShowOn(Act):
    """Show the newest notification, or another one, on a screen and display of one's choice."""

    to: Annotated[str, Refers("device")]
    display: Display | None = None
    detail: Detail | None = None
    number: int | None = Field(default=None, ge=1, le=NUMBER_MAX)


class DismissNotification(Command, group=("Screen", "Private"), tier="anytime"):
    """Put a notification of a phone away, because it was put away elsewhere."""

    phone: str = Field(max_length=64)
    number: int = Field(ge=1, le=NUMBER_MAX)


class ShowNotification(Command, group=("Screen", "Private", "Notification"), tier="anytime"):
    """Show a notification of the phone that asks.

    Without a display the screen finds the one that is right for whoever it belongs to; without a detail
    it shows as much as may be shown there.
    """

    number: int = Field(ge=1, le=NUMBER_MAX)
    display: Display | None = None
    detail: Detail | None = None
    letter: Annotated[
        dict[str, Any] | None,
        Carries("message", letter="note"),
        Carries("payment", letter="note", when="payment"),
        Carries("calendar", letter="note", when="calendar"),
    ] = Field(default=None, repr=False)


class NotificationsReport(Facet):
    """How many notifications a phone has; neither from whom nor what."""

    notifications: int
    latest_notification: int


class NoticesReport(Facet):
    """How many notifications a screen shows, and how much of them stands before whom."""

    notices: int
    driver_reads: Shows
    others_read: Shows


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification.

    Attributes:
        number: the phone counts them.
        app: which app shows it.
        sender: who wrote.
        body: what; None when that was not sent along.
        about: what it tells beside being a message, such as `payment`; empty for nothing else.
    """

    number: int
    app: str = field(repr=False)
    sender: str = field(repr=False)
    body: str | None = field(repr=False)
    about: str = ""

    def said(self, detail: Detail | None) -> dict[str, Any]:
        """Return what a letter says of it."""
        said: dict[str, Any] = {"app": self.app, "sender": self.sender}
        if self.about:
            said[self.about] = True
        return said if detail == "sender" or self.body is None else {**said, "body": self.body}


@dataclass(frozen=True, slots=True)
class Shown:
    """A notification on a screen.

    Attributes:
        phone: whose it is.
        notice: what it says.
        display: where it stands.
        detail: how much of it may be shown at most.
    """

    phone: str
    notice: Notice
    display: str
    detail: Detail

    @property
    def key(self) -> Key:
        """Which one it is."""
        return self.phone, self.notice.number


@dataclass(frozen=True)
class Dismissing(App):
    """What phone and screen have in common: telling others, until they know, what was put away here.

    Attributes:
        untold: whom to tell of which notification, with the rights of whoever put it away.
        telling: the same, as far as it is under way, by ticket.
    """

    untold: tuple[News, ...] = ()
    telling: Mapping[str, News] = field(default_factory=dict)

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return it with what others had not been told before a restart."""
        untold = given.get(f"{cls.purpose}_untold", ())
        kept = tuple((other, (phone, number), by) for other, phone, number, by in untold)
        return replace(super().new(device, config, given), untold=kept)

    def kept(self) -> Mapping[str, Any]:
        """Keep what others have not been told; no word of what was in it."""
        untold = [(other, *key, by) for other, key, by in self.untold]
        return {**super().kept(), f"{self.purpose}_untold": untold}

    def _telling(self, other: str, key: Key, by: str | None) -> Self:
        """Return it with something more to tell; the oldest is given up when there is too much."""
        rest = tuple(one for one in self.untold if one[:2] != (other, key))
        return replace(self, untold=(*rest, (other, key, by))[-GONE_MAX:])

    def _tell(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Tell whoever is there what they have not been told, a few at a time."""
        app, effects = self, ()
        for news in self.untold:
            other, (phone, number), by = news
            under_way = app.telling.values()
            full = len(under_way) >= MIRRORED_MAX or not app.patience.allows(other, busy=app._asks(other))
            if full or news in under_way or not at.beliefs.is_online(other):
                continue
            app, ticket = app.ticket()
            command = DismissNotification(phone=phone, number=number)
            app = replace(app, telling={**app.telling, ticket: news})
            effects += (Request.of(command, ticket=ticket, target=other, by=by),)  # type: ignore[assignment]
        return app, effects

    def _asks(self, other: str) -> bool:
        """Say whether something is asked of another device already."""
        return any(one == other for one, _, _ in self.telling.values())

    def _was_told(self, at: Moment, told: Answered) -> tuple[Self, tuple[Effect, ...]]:
        """Take note of an answer; what nobody knows to have arrived stays on the list."""
        entry = self.telling[told.ticket]
        rest = {ticket: one for ticket, one in self.telling.items() if ticket != told.ticket}
        untold = tuple(one for one in self.untold if not (settled(told.answer) and one == entry))
        return replace(self, telling=rest, untold=untold).heard(at, entry[0], told.answer)


@dataclass(frozen=True)
class Notifications(Dismissing):
    """The notifications of a phone.

    Attributes:
        notices: what is there, oldest first.
        latest: number of the latest.
        mirrored: which stand on which screen, and in which of its visits they were sent there.
        sending: screen, visit and number of what is under way, by ticket.
    """

    purpose: ClassVar[str] = "note"
    commands: ClassVar = (DismissNotification,)
    acts: ClassVar = (Receives, Dismiss, ShowOn)
    facets: ClassVar = (Company, NotificationsReport)
    reads: ClassVar = ("dashboard", "tablet")
    asks: ClassVar = ("dashboard", "tablet")

    notices: tuple[Notice, ...] = ()
    latest: int = 0
    mirrored: Mapping[str, tuple[int, tuple[int, ...]]] = field(default_factory=dict)
    sending: Mapping[str, tuple[str, int, int]] = field(default_factory=dict)

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return them; the phone goes on counting after a restart, and has forgotten what was there."""
        return replace(super().new(device, config, given), latest=given.get("notifications_counted", 0))

    def kept(self) -> Mapping[str, Any]:
        """Keep the count."""
        return {**super().kept(), "notifications_counted": self.latest}

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Take what arrives, mirror it to where its owner looks, and put away what was read."""
        match stimulus:
            case Acted(act=Receives(app=app, sender=sender, body=body), ticket=ticket):
                phone, effects = self.noticed(at, app, sender, body, "message")
                return phone, (done(ticket), *effects)
            case Acted(act=Dismiss(number=number), ticket=ticket):
                here = tuple(one.number for one in self.notices if number in {None, one.number})
                if not here:
                    return self, (refused(ticket, "there is no such notification"),)
                return self._without(at, here, None, (done(ticket),))
            case Acted(act=ShowOn() as act, ticket=ticket, by=by):
                return self._show(act, ticket, by)
            case Commanded(
                command=DismissNotification(phone=phone, number=number), ticket=ticket, sender=other
            ):
                if phone != self.device:
                    return self, (
                        refused(ticket, f"{self.device} does not have the notifications of {phone}"),
                    )
                return self._without(at, (number,), other, (done(ticket),))
            case Answered(ticket=ticket, answer=answer) if answer.final and ticket in self.telling:
                phone_, effects = self._was_told(at, stimulus)
                return phone_._mirrored(at, effects)
            case Answered(ticket=ticket, answer=answer) if answer.final and ticket in self.sending:
                screen, visit, number = self.sending[ticket]
                rest = {key: one for key, one in self.sending.items() if key != ticket}
                phone_, effects = replace(self, sending=rest).heard(at, screen, answer)
                if settled(answer):
                    phone_ = phone_._noted(screen, visit, number)
                return phone_._mirrored(at, effects)
            case TimerFired(name=name) if self.patience.is_due(name):
                return replace(self, patience=self.patience.due(name))._mirrored(at, ())
            case Booted() | Sensed() | Learned() | Linked():
                return self.looked(at)._mirrored(at, ())
            case _:
                return self, ()

    def noticed(
        self, at: Moment, app: str, sender: str, body: str, about: DataKind
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Show what an app of the phone itself has to say, and what sort of datum it tells by that."""
        notice = Notice(self.latest + 1, app, sender, body, about)
        notices = (*self.notices, notice)[-NOTICES_MAX:]
        return replace(self, latest=notice.number, notices=notices)._mirrored(at, ())

    def report(self) -> tuple[Facet, ...]:
        """Report how many there are."""
        report = NotificationsReport(notifications=len(self.notices), latest_notification=self.latest)
        return (self.company(), report)

    def _show(self, act: ShowOn, ticket: str, by: str | None) -> tuple[Self, tuple[Effect, ...]]:
        """Send one to a screen as the owner wants it; the rules say whether it may stand there."""
        wanted = (one for one in reversed(self.notices) if act.number in {None, one.number})
        notice = next(wanted, None)
        if notice is None:
            return self, (refused(ticket, "there is no such notification"),)
        try:
            phone, letter = self.sealed(act.to, ticket, notice.said(act.detail))
        except LetterError as error:
            return self, (refused(ticket, error.sentence),)
        command = ShowNotification(
            number=notice.number, display=act.display, detail=act.detail, letter=letter
        )
        return phone, (Request.of(command, ticket=ticket, target=act.to, by=by),)

    def _mirrored(self, at: Moment, effects: tuple[Effect, ...]) -> tuple[Self, tuple[Effect, ...]]:
        """Send the newest to every screen that serves the owner now, and tell what was put away."""
        phone = self
        for screen in self.others(at, "notices"):
            if not self.takes or not self.serves(at, screen, self.owner):
                continue
            visit = self.visit(at, screen)
            there = phone.mirrored.get(screen, (visit, ()))
            sent = there[1] if there[0] == visit else ()
            for notice in phone.notices[-MIRRORED_MAX:]:
                under_way = (screen, visit, notice.number)
                full = len(phone.sending) >= MIRRORED_MAX
                full = full or not phone.patience.allows(screen, busy=phone._asks(screen))
                if notice.number in sent or under_way in phone.sending.values() or full:
                    continue
                phone, ticket = phone.ticket()
                phone, letter = phone.sealed(screen, ticket, notice.said(None))
                phone = replace(phone, sending={**phone.sending, ticket: under_way})
                command = ShowNotification(number=notice.number, letter=letter)
                effects = (*effects, Request.of(command, ticket=ticket, target=screen, by=self.owner))
        phone, told = phone._tell(at)
        return phone, (*effects, *told)

    def _asks(self, other: str) -> bool:
        """Say whether something is asked of another device already, shown there or put away."""
        return super()._asks(other) or any(one == other for one, _, _ in self.sending.values())

    def _noted(self, screen: str, visit: int, number: int) -> Self:
        """Take note that a screen has had a notification."""
        before = self.mirrored.get(screen, (visit, ()))
        numbers = (*(before[1] if before[0] == visit else ()), number)[-NOTICES_MAX:]
        return replace(self, mirrored={**self.mirrored, screen: (visit, numbers)})

    def _without(
        self, at: Moment, numbers: tuple[int, ...], told_by: str | None, effects: tuple[Effect, ...]
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Put some away, and tell every screen that has them, or will, but the one that told it."""
        phone = replace(self, notices=tuple(one for one in self.notices if one.number not in numbers))
        had = [(screen, number) for screen, (_, there) in self.mirrored.items() for number in there]
        will = [(screen, number) for screen, _, number in self.sending.values()]
        for screen, number in dict.fromkeys((*had, *will)):
            if number in numbers and screen != told_by:
                phone = phone._telling(screen, (self.device, number), self.owner)
        after, told = phone._mirrored(at, ())
        return after, (*told, *effects)


@dataclass(frozen=True)
class NotificationScreen(Dismissing):
    """Notifications on a screen.

    Attributes:
        shown: what stands on it, by phone and there the oldest first.
        gone: what was put away, lest it appear again.
        moves: whether its car moves, as it last heard.
    """

    purpose: ClassVar[str] = "notice"
    subject: ClassVar[str] = "note"
    commands: ClassVar = (ShowNotification, DismissNotification)
    acts: ClassVar = (Dismiss,)
    facets: ClassVar = (Company, NoticesReport)
    reads: ClassVar = ("phone",)
    heeds: ClassVar = ("phone", "car")
    asks: ClassVar = ("phone",)

    shown: tuple[Shown, ...] = ()
    gone: tuple[Key, ...] = ()
    moves: bool = True

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Show, put away, and keep from the driver what is not to be read while driving."""
        match stimulus:
            case Commanded(command=ShowNotification()):
                return self._show(at, stimulus)
            case Commanded(command=DismissNotification()):
                return self._put_away(at, stimulus)
            case Acted(act=Dismiss(number=number), ticket=ticket, by=by):
                keys = tuple(one.key for one in self.shown if number in {None, one.notice.number})
                return self._touched(at, keys, ticket, by)
            case Answered(ticket=ticket, answer=answer) if answer.final and ticket in self.telling:
                screen, effects = self._was_told(at, stimulus)
                screen, told = screen._tell(at)
                return screen, (*effects, *told)
            case TimerFired(name=name) if self.patience.is_due(name):
                return replace(self, patience=self.patience.due(name))._tell(at)
            case Booted() | Sensed() | Learned() | Linked():
                screen, moves = self.looked(at), self.moving(at)
                shown = screen.shown if screen.takes else ()
                if (moves, shown) != (screen.moves, screen.shown):
                    screen = replace(screen, moves=moves, shown=shown)
                return screen._tell(at)
            case _:
                return self, ()

    def report(self) -> tuple[Facet, ...]:
        """Report how many stand there, and how much of them."""
        driver = [self.detail_of(one) for one in self.shown if one.display == "driver"]
        others = [self.detail_of(one) for one in self.shown if one.display != "driver"]
        report = NoticesReport(notices=len(self.shown), driver_reads=_most(driver), others_read=_most(others))
        return (self.company(), report)

    def detail_of(self, shown: Shown) -> Detail:
        """Return how much of a notification is shown now: before a driver who drives, who wrote."""
        return "sender" if self.moves and shown.display != "passenger" else shown.detail

    def told(self, at: Moment, asked: Asked) -> Mapping[str, Any]:
        """Tell the rules where it would stand, how much of it, and who drives."""
        if not isinstance(asked.command, ShowNotification):
            return {}
        display = self._display(at, asked.command, asked.by)
        hidden = self.moving(at) and display != "passenger"
        detail = asked.command.detail or ("sender" if hidden else "full")
        guest_drives = self.guest_drives(at)
        return {
            "display": "driver" if hidden else display,
            "detail": detail,
            "guest_drives": bool(guest_drives) if self.car is None else guest_drives,
        }

    def _display(self, at: Moment, command: ShowNotification, by: str | None) -> str:
        """Return where it belongs: before the driver if it is the driver's, else before the passenger."""
        if self.car is None:
            return "tablet"
        return command.display or ("driver" if by is not None and by == at.senses.person() else "passenger")

    def _show(self, at: Moment, asked: Commanded) -> tuple[Self, tuple[Effect, ...]]:
        command, ticket, phone = asked.command, asked.ticket, asked.sender
        assert isinstance(command, ShowNotification)  # INVARIANT: it is called for nothing else
        if not self.takes:
            return self, (refused(ticket, f"{self.device} shows no notifications now"),)
        try:
            screen, said = self.opened(phone, ticket, command.letter)
        except LetterError as error:
            return self, (refused(ticket, f"the letter is not believed: {error.sentence}"),)
        notice = _notice(command.number, said)
        if notice is None:
            return screen, (refused(ticket, "what the letter says is no notification"),)
        if (phone, notice.number) in self.gone:
            return screen, (done(ticket, "it was put away already"),)
        detail: Detail = command.detail or "full"
        one = Shown(phone, notice, self._display(at, command, asked.by), detail)
        rest = tuple(other for other in self.shown if other.key != one.key)
        shown = sorted((*rest, one), key=lambda other: other.key)
        return replace(screen, shown=tuple(shown)[-NOTICES_MAX:]), (done(ticket),)

    def _put_away(self, at: Moment, asked: Commanded) -> tuple[Self, tuple[Effect, ...]]:
        """Put away what its phone has put away, or whoever sits here; nobody else hides what is to come."""
        command, ticket, by = asked.command, asked.ticket, asked.by
        assert isinstance(command, DismissNotification)  # INVARIANT: it is called for nothing else
        key = (command.phone, command.number)
        if asked.sender == command.phone:
            # It may be on its way here, so it is remembered even if it has not been shown.
            return self._without((key,)), (done(ticket),)
        if asked.sender == self.device or (by is not None and by == at.senses.person()):
            return self._touched(at, tuple(one.key for one in self.shown if one.key == key), ticket, by)
        why = f"what {command.phone} shows here is put away there, or by whoever sits before {self.device}"
        return self, (refused(ticket, why),)

    def _touched(
        self, at: Moment, keys: tuple[Key, ...], ticket: str, by: str | None
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Put away what somebody has put away here, and tell the phones in that person's name."""
        if not keys:
            return self, (refused(ticket, "there is no such notification"),)
        screen = self._without(keys)
        for key in keys:
            screen = screen._telling(key[0], key, by or at.senses.person())
        screen, told = screen._tell(at)
        return screen, (*told, done(ticket))

    def _without(self, keys: tuple[Key, ...]) -> Self:
        shown = tuple(one for one in self.shown if one.key not in keys)
        gone = tuple(one for one in self.gone if one not in keys)
        return replace(self, shown=shown, gone=(*gone, *keys)[-GONE_MAX:])


def _notice(number: int, said: Mapping[str, Any]) -> Notice | None:
    """Return the notification in a letter; None when it is none."""
    app, sender, body = said.get("app"), said.get("sender"), said.get("body")
    if not (isinstance(app, str) and isinstance(sender, str) and (body is None or isinstance(body, str))):
        return None
    lengths = (len(app), APP_CHARACTERS_MAX), (len(sender), SENDER_CHARACTERS_MAX)
    if any(length > most for length, most in (*lengths, (len(body or ""), BODY_CHARACTERS_MAX))):
        return None
    return Notice(number, app, sender, body)


def _most(details: list[Detail]) -> Shows:
    """Return the most that any of them shows."""
    return "full" if "full" in details else "sender" if details else "nothing"
