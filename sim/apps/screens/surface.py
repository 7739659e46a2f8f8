"""The part of a device that keeps its screen: theme, focus, which cards there are, and which come first.

Nothing is published when a value on a card changes: whoever looks draws the values that are believed at that
moment. The set of cards is looked at a quarter of a second after something came or went, so that a start, at
which everybody comes at once, is one report and not twenty.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Protocol, Self, cast, runtime_checkable

from pydantic import Field

from sim.apps.screens.cards import device_cards, device_ids, own_card
from sim.apps.screens.model import APPS, WORK_APPS, Accent, Card, Display, Mode, Screen
from sim.apps.screens.rendering import render
from sim.apps.screens.theme import Choice, ChooseTheme, SetTheme, ThemeRegister
from sim.core.device import (
    IN_HOMES,
    Act,
    Acted,
    Answer,
    Answered,
    Booted,
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
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.parts import Assembled, Part

DRAW_AFTER_MS = 250
"""How long a screen waits for more to come before it draws its cards anew (assumption: not yet noticed)."""
TIMER = "screen"
ASK_AGAIN_MS = 300_000
"""After how long a screen is asked again that is there and has not answered about a theme (assumption)."""
ASK_TIMER = "theme"
FIRST_MAX = 16
"""Most cards that can be put first."""

Screenlike = Literal["phone", "dashboard", "tablet", "tv", "watch"]
Arrangement = Literal["infotainment", "work"]
SCREENS = ("dashboard", "phone", "tablet", "tv", "watch")
"""Kinds of devices that share one look."""


class OpenCard(Act):
    """Open a card, so that it shows more; without one go back to all of them."""

    card: str | None = Field(default=None, max_length=64)


class MirrorCard(Act):
    """Put a card of this screen first on another screen as well, or no longer."""

    card: str = Field(min_length=1, max_length=64)
    to: Annotated[str, Refers("device", "tablet")]
    shown: bool = True


class Arrange(Act):
    """Set a screen to entertain, or to work."""

    arrangement: Arrangement


class ShowCard(Command, group="Screen", tier="anytime"):
    """Put a card first, or back in its place; its values are those this screen itself has heard."""

    card: str = Field(min_length=1, max_length=64)
    shown: bool = True


class Look(Facet):
    """How the screen looks and what is on it, without one value of it."""

    screen: Screenlike
    owner: str | None
    theme: Mode
    accent: Accent
    chosen_ms: int
    chosen_on: str
    arrangement: Arrangement
    focus: str | None
    cards: list[str]
    first: list[str]
    link: Literal["up", "lost"]


@runtime_checkable
class ShowsCards(Protocol):
    """A part that has cards of its own to show."""

    def cards(self, at: Moment, display: Display) -> tuple[Card, ...]:
        """Return its cards on one of the device's displays."""
        ...


@dataclass(frozen=True)
class Surface(Part):
    """The screen of one device.

    Attributes:
        device: its name.
        owner: whose it is; None for a screen that everybody sees.
        register: the theme, and who else is to follow it.
        focus: id of the card that is open.
        first: ids of the cards that somebody put first.
        arrangement: whether it is set to entertain or to work.
        linked: whether the device has its connection.
        ids: the cards of others, as drawn last.
        seen: device to whether it was there and how many facets it had reported, as drawn last.
        waiting: whether it is about to draw.
    """

    screen: ClassVar[Screenlike] = "phone"
    commands: ClassVar[tuple[type[Command], ...]] = (SetTheme,)
    acts: ClassVar[tuple[type[Act], ...]] = (ChooseTheme, OpenCard)
    facets: ClassVar = (Look,)
    reads: ClassVar = ("car", *SCREENS, IN_HOMES)
    heeds: ClassVar = ()
    asks: ClassVar = SCREENS

    device: str = ""
    owner: str | None = None
    register: ThemeRegister = field(default_factory=lambda: ThemeRegister(""))
    focus: str | None = None
    first: tuple[str, ...] = ()
    arrangement: Arrangement = "infotainment"
    linked: bool = True
    ids: tuple[str, ...] = ()
    seen: Mapping[str, tuple[bool, int]] = field(default_factory=dict)
    waiting: bool = False

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the screen as it was kept, or as it comes from the factory."""
        kept = given.get("screen")
        choice = Choice() if kept is None else Choice.restored(kept["choice"])
        return cls(
            device=device,
            owner=config.owner,
            register=ThemeRegister(device, choice),
            first=() if kept is None else kept["first"],
            arrangement="infotainment" if kept is None else kept["arrangement"],
        )

    def provisioned(self, provision: Provision) -> Self:
        """Note how often the device has started."""
        return replace(self, register=replace(self.register, boot=provision.boot))

    def kept(self) -> Mapping[str, Any]:
        """Keep the theme and the arrangement; the focus is not worth it."""
        choice = self.register.choice.kept()
        return {"screen": {"choice": choice, "first": self.first, "arrangement": self.arrangement}}

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Follow touches, themes, and who comes and goes."""
        match stimulus:
            case Learned(device=device) if not self.waiting and self.seen.get(device) != _mark(at, device):
                return replace(self, waiting=True), (StartTimer(TIMER, DRAW_AFTER_MS),)
            case TimerFired(name="screen"):
                return self._drawn(at)
            case Answered(ticket=ticket, answer=answer):
                register = self.register.answered(ticket, answer)
                if register is self.register:
                    return self, ()
                if register.choice is not self.register.choice:
                    register, requests = register.asking(at.beliefs)
                    return replace(self, register=register), requests
                again = (StartTimer(ASK_TIMER, ASK_AGAIN_MS),) if answer.status == "expired" else ()
                return replace(self, register=register), again
            case TimerFired(name="theme"):
                register, requests = self.register.asking(at.beliefs)
                return replace(self, register=register), requests
            case Acted() | Commanded():
                return self._touched(at, stimulus)
            case Booted():
                return self, (Draw(),)
            case Linked(up=up):
                # Whoever is heard again after a silence is looked at anew.
                return replace(self, linked=up, seen={}), (Draw(),)
            case _:
                return self, ()

    def report(self) -> tuple[Facet, ...]:
        """Report how it looks."""
        choice = self.register.choice
        look = Look(
            screen=self.screen,
            owner=self.owner,
            theme=choice.theme.mode,
            accent=choice.theme.accent,
            chosen_ms=choice.at_ms,
            chosen_on=choice.on,
            arrangement=self.arrangement,
            focus=self.focus,
            cards=list(self.ids),
            first=list(self.first),
            link="up" if self.linked else "lost",
        )
        return (look,)

    def _drawn(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Look at who is there, and ask screens that do not follow yet."""
        register, requests = self.register.asking(at.beliefs)
        seen = {device: _mark(at, device) for device in at.beliefs.of}
        ids = device_ids(at.beliefs)
        drawn = replace(self, register=register, seen=seen, ids=ids, waiting=False)
        return drawn, (*requests, Draw())

    def _touched(self, at: Moment, stimulus: Acted | Commanded) -> tuple[Self, tuple[Effect, ...]]:
        ticket = stimulus.ticket
        match stimulus:
            case Acted(act=ChooseTheme(mode=mode, accent=accent), by=by):
                wish = SetTheme(mode=mode, accent=accent)
                return self, (Request.of(wish, ticket=ticket, target=self.device, by=by),)
            case Acted(act=OpenCard(card=card)):
                if card is not None and card not in self.shown_ids(at):
                    return self, (Settle(ticket, Answer("failed", f"{self.device} shows no card `{card}`")),)
                return replace(self, focus=card), (Settle(ticket, Answer("done")), Draw())
            case Acted(act=MirrorCard(card=card, to=to, shown=shown), by=by):
                show = ShowCard(card=card, shown=shown)
                return self, (Request.of(show, ticket=ticket, target=to, by=by),)
            case Acted(act=Arrange(arrangement=arrangement)):
                return replace(self, arrangement=arrangement), (Settle(ticket, Answer("done")), Draw())
            case Commanded(command=ShowCard(card=card, shown=shown)):
                return self._put_first(at, ticket, card, shown=shown)
            case Commanded(command=SetTheme() as wish, by=by, sender=sender):
                return self._themed(at, ticket, wish, by, sender)
            case _:
                return self, ()

    def _put_first(
        self, at: Moment, ticket: str, card: str, *, shown: bool
    ) -> tuple[Self, tuple[Effect, ...]]:
        others = tuple(one for one in self.first if one != card)
        if not shown:
            return replace(self, first=others), (Settle(ticket, Answer("done")), Draw())
        if card not in self.shown_ids(at):
            return self, (Settle(ticket, Answer("failed", f"{self.device} shows no card `{card}`")),)
        if len(others) == FIRST_MAX:
            return self, (Settle(ticket, Answer("failed", f"{FIRST_MAX} cards are first already")),)
        return replace(self, first=(card, *others)), (Settle(ticket, Answer("done")), Draw())

    def _themed(
        self, at: Moment, ticket: str, wish: SetTheme, by: str | None, sender: str
    ) -> tuple[Self, tuple[Effect, ...]]:
        if wish.chosen_ms is None:
            register, requests = self.register.chosen(at.now_ms, wish, by).asking(at.beliefs)
            return replace(self, register=register), (Settle(ticket, Answer("done")), Draw(), *requests)
        register, answer = self.register.passed_on(at.now_ms, wish, by, sender)
        if register is self.register:
            return self, (Settle(ticket, answer),)
        return replace(self, register=register), (Settle(ticket, answer), Draw())

    def shown_ids(self, at: Moment) -> tuple[str, ...]:
        """Return the ids of the cards there are now."""
        return device_ids(at.beliefs)


def _mark(at: Moment, device: str) -> tuple[bool, int]:
    known = at.beliefs.about(device)
    return (known.online is True, len(known.facets))


@dataclass(frozen=True)
class Screened(Assembled):
    """Base of a kind with a screen: one of its parts is a `Surface`."""

    displays: ClassVar[tuple[Display, ...]] = ()
    """The displays it has."""

    def drawn(self, at: Moment) -> Mapping[str, Any]:
        """Return what each display shows, with what is private masked."""
        return {display: self.rendered(at, display) for display in self.displays}

    def rendered(self, at: Moment, display: Display, *, masked: bool = True) -> dict[str, Any]:
        """Return what one display shows; `masked` only where nobody but those before it looks."""
        hour = int(at.senses.local_time()[11:13])
        screen = self._screen(at, display)
        return render(screen, display, hour=hour, driving=self.driving(at), masked=masked)

    def driving(self, at: Moment) -> bool:  # kinds in a car use it
        """Say whether the driver before the display drives, or nobody knows."""
        return False

    def _screen(self, at: Moment, display: Display) -> Screen:
        surface = next(part for part in self.parts.values() if isinstance(part, Surface))
        verbs = frozenset(act.verb for act in self.acts)
        work = surface.arrangement == "work"
        return Screen(
            theme=surface.register.choice.theme,
            cards=(*device_cards(at.beliefs, at.now_ms, verbs), *self._own_cards(at, display)),
            focus=surface.focus,
            first=surface.first,
            apps=WORK_APPS if work else APPS,
            banner="" if surface.linked else "no connection: what is shown is old, and says how old",
        )

    @classmethod
    @cache
    def _parts_with_cards(cls) -> frozenset[str]:
        """Return the names of the parts that have cards; asked once, because a protocol is slow to check."""
        return frozenset(name for name, part in cls.made_of.items() if issubclass(part, ShowsCards))

    def _own_cards(self, at: Moment, display: Display) -> Iterator[Card]:
        for name, part in self.parts.items():
            if name in self._parts_with_cards():
                yield from cast("ShowsCards", part).cards(at, display)
            else:
                for facet in part.reported:
                    card = own_card(facet)
                    if card is not None:
                        yield card
