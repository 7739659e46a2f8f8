"""What phones have not been told yet: each in its own time, the newest of each booking, until it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from sim.apps.app import settled
from sim.apps.marketplace_messages import TakeBooking
from sim.apps.patience import Patience
from sim.core.device import Answered, Effect, Moment, Request

NEWS_MS = 600_000
"""How long one message is under way; then the phone is left alone for a while, and told anew."""
UNTOLD_MAX = 500
"""Most messages that wait; the oldest go first (assumption)."""
PURPOSE = "news"

Entry = tuple[str, str]
"""A phone, and the booking it is to hear of."""


@dataclass(frozen=True, slots=True)
class News:
    """What is to be told to whom.

    Attributes:
        sender: name of the service.
        boot: how often it has started.
        sent: how many messages it has sent since.
        untold: whom to tell of what, oldest first.
        telling: phone, booking and its version, as far as that is under way, by ticket.
        patience: which phones are left alone for a while, since they did not answer.
    """

    sender: str = ""
    boot: int = 1
    sent: int = 0
    untold: tuple[Entry, ...] = ()
    telling: Mapping[str, tuple[str, str, int]] = field(default_factory=dict)
    patience: Patience = field(default_factory=lambda: Patience(PURPOSE))

    @classmethod
    def restarted(cls, sender: str, kept: Any) -> Self:
        """Return what was not told before a restart."""
        return cls(sender, untold=tuple((phone, booking) for phone, booking in kept))

    def kept(self) -> list[list[str]]:
        """Return what a restart must not forget."""
        return [list(entry) for entry in self.untold]

    def of(self, phones: tuple[str, ...], booking: str) -> Self:
        """Return the news with a booking that some phones are to hear of."""
        added = tuple((phone, booking) for phone in phones)
        rest = tuple(entry for entry in self.untold if entry not in added)
        return replace(self, untold=(*rest, *added)[-UNTOLD_MAX:])

    def told(self, message: Callable[[str, str], TakeBooking | None]) -> tuple[Self, tuple[Effect, ...]]:
        """Tell every phone that waits for nothing the oldest that it has not heard.

        Args:
            message: what a phone is told of a booking; None when there is nothing to tell any more.
        """
        news, effects = self, tuple[Effect, ...]()
        for phone, booking in self.untold:
            busy = any(one == phone for one, _, _ in news.telling.values())
            if busy or not news.patience.allows(phone, busy=busy):
                continue
            command = message(phone, booking)
            if command is None:
                news = replace(news, untold=tuple(one for one in news.untold if one != (phone, booking)))
                continue
            ticket = f"{news.sender}-{PURPOSE}-{news.boot}-{news.sent + 1}"
            telling = {**news.telling, ticket: (phone, booking, command.version)}
            news = replace(news, sent=news.sent + 1, telling=telling)
            request = Request.of(command, ticket=ticket, target=phone)
            effects += (replace(request, expires_in_ms=NEWS_MS),)
        return news, effects

    def answered(
        self, at: Moment, told: Answered, version: Callable[[str], int]
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Take note of an answer; what has changed meanwhile is still to be told.

        Args:
            at: when.
            told: a final answer to one of its own messages.
            version: version of a booking as it is now.
        """
        phone, booking, sent = self.telling[told.ticket]
        telling = {ticket: one for ticket, one in self.telling.items() if ticket != told.ticket}
        news = replace(self, telling=telling)
        if not settled(told.answer):
            patience, effects = self.patience.in_vain(at, phone)
            return replace(news, patience=patience), effects
        news = replace(news, patience=self.patience.answered(phone))
        if version(booking) != sent:
            return news, ()
        return replace(news, untold=tuple(one for one in news.untold if one != (phone, booking))), ()

    def due(self, timer: str) -> Self:
        """Return the news after a pause is over."""
        return replace(self, patience=self.patience.due(timer))
