"""Commands that a sensor must confirm: what was driven has not moved yet.

An appliance says `done` when its own sensor says so, and not before; when that does not come in time, it says
that it could not, and waits no longer. Who asked first is answered with who asked last: the last word counts.
"""

from dataclasses import dataclass
from typing import Any

from sim.core.device import Answer, Effect, Settle, StartTimer

OBEYS_WITHIN_MS = 1_000
"""How long a command waits for its sensor before it is given up (assumption)."""


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """Commands about one quantity that its sensor has not confirmed yet.

    Attributes:
        wanted: what was asked last; None when nothing is.
        tickets: of the commands, oldest first.
    """

    wanted: Any = None
    tickets: tuple[str, ...] = ()

    def asked(self, ticket: str, wanted: Any) -> "Unconfirmed":
        """Return them with one more, which counts for all."""
        return Unconfirmed(wanted, (*self.tickets, ticket))

    def sensed(self, value: Any) -> tuple["Unconfirmed", tuple[Effect, ...]]:
        """Answer all of them if the quantity is as it was asked last; a blind sensor confirms none."""
        if value != self.wanted:
            return self, ()
        return Unconfirmed(), tuple(Settle(ticket, Answer("done")) for ticket in self.tickets)

    def deadline(self) -> tuple[Effect, ...]:
        """Return the timer `obey`, after which they are to be given up; nothing when none is left."""
        return (StartTimer("obey", OBEYS_WITHIN_MS),) if self.tickets else ()

    def given_up(self, reason: str) -> tuple["Unconfirmed", tuple[Effect, ...]]:
        """Answer all of them that it could not be done, with the reason in a sentence."""
        return Unconfirmed(), tuple(Settle(ticket, Answer("failed", reason)) for ticket in self.tickets)
