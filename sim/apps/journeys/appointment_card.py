"""The next appointment on a screen: when to leave, and what it is about where that is nobody else's business.

The title travels sealed, and only when its owner's phone sends it; what a screen reports is that there is a
card, never what stands on it.
"""

from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from sim.apps.app import App, done, refused
from sim.core.device import (
    Asked,
    Booted,
    Carries,
    Command,
    Commanded,
    Effect,
    Facet,
    Moment,
    Sensed,
    Stimulus,
)
from sim.trust.letters import LetterError

CardShows = Literal["none", "busy", "title"]


class ShowCalendar(Command, group=("Screen", "Private", "Calendar"), tier="anytime"):
    """Show when to leave for an appointment; with its title where there is one in the letter.

    Attributes:
        letter: the sealed title; None for a card without one, which shows that its owner is busy.
        private: whether the title is only for its owner; None when nobody knows.
        leave_by: when to leave, by the clock on the wall; None takes the card away.
    """

    letter: Annotated[dict[str, Any] | None, Carries("calendar", letter="calendar")] = Field(
        default=None, repr=False
    )
    private: bool | None = None
    leave_by: Annotated[str | None, Carries("calendar")] = Field(default=None, max_length=16)


class CalendarCard(Facet):
    """What the screen's card shows: nothing, that somebody is busy, or a title; never which."""

    card: CardShows
    card_from: str | None
    card_leave_by: Annotated[str | None, Carries("calendar")]


@dataclass(frozen=True)
class CalendarScreen(App):
    """The card on one screen.

    Attributes:
        shared_screen: whether others see it than whose device it is.
        title: what is shown of the appointment; empty for a card without it.
        card_from: the phone that sent it.
        leave_by: when to leave; None when there is no card.
    """

    purpose: ClassVar[str] = "calendar"
    commands: ClassVar = (ShowCalendar,)
    facets: ClassVar = (CalendarCard,)

    title: str = field(default="", repr=False)
    card_from: str | None = None
    leave_by: str | None = None

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Show what is permitted, and forget the title as soon as somebody else could read it."""
        match stimulus:
            case Booted():
                return self.looked(at), ()
            case Sensed():
                app = self.looked(at)
                return (app if app.takes or not app.title else replace(app, title="")), ()
            case Commanded(command=ShowCalendar() as wish, ticket=ticket, sender=sender):
                return self._shown(at, wish, ticket, sender)
            case _:
                return self, ()

    def _shown(
        self, at: Moment, wish: ShowCalendar, ticket: str, sender: str
    ) -> tuple[Self, tuple[Effect, ...]]:
        if wish.leave_by is None:
            if self.card_from != sender:
                return self, (done(ticket, "there is no such card"),)
            return replace(self, title="", card_from=None, leave_by=None), (done(ticket),)
        app, title = self.looked(at), ""
        if wish.letter is not None:
            try:
                app, said = app.opened(sender, ticket, wish.letter)
            except LetterError as error:
                return self, (refused(ticket, f"the title cannot be read: {error.sentence}"),)
            title = str(said.get("title", "")) if app.takes else ""
        shown = replace(app, title=title, card_from=sender, leave_by=wish.leave_by)
        without = wish.letter is not None and not app.takes
        reason = "without its title: nobody of the household sits before this screen" if without else ""
        return shown, (done(ticket, reason),)

    def told(self, at: Moment, asked: Asked) -> dict[str, Any]:
        """Tell the rules whether a private title is about to be shown where others see it."""
        wish = asked.command
        if not isinstance(wish, ShowCalendar):
            return {"private": None, "shared_screen": None}
        private = wish.private if wish.letter is not None else False
        return {"private": private, "shared_screen": self.owner is None or asked.by != self.owner}

    def report(self) -> tuple[Facet, ...]:
        """Report that there is a card."""
        shows: CardShows = "none" if self.leave_by is None else "title" if self.title else "busy"
        return (CalendarCard(card=shows, card_from=self.card_from, card_leave_by=self.leave_by),)
