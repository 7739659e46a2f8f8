"""The gateway controller: on the network for ever, it wakes the rest of the car and hands commands on."""

from dataclasses import dataclass, replace
from typing import Self

from sim.core.device import Answer, Commanded, Effect, Settle, StartTimer

WAKE_MS = 800
"""How long the other controllers take to wake; a CAN network with selective wake-up needs well under a
second (assumption)."""
SLEEP_AFTER_MS = 600_000
"""How long a parked and empty car stays awake after the last thing that happened (assumption)."""
PENDING_MAX = 32
"""How many commands wait for the car to wake; more fail at once."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """The gateway's state.

    Attributes:
        asleep: whether the controllers behind it sleep.
        waking: whether they are on their way up.
        pending: commands that wait for them, in order.
    """

    asleep: bool = False
    waking: bool = False
    pending: tuple[Commanded, ...] = ()

    def take(self, order: Commanded) -> tuple[Self, tuple[Effect, ...]]:
        """Accept a permitted command; wake the car if it sleeps."""
        if len(self.pending) >= PENDING_MAX:
            sentence = f"{PENDING_MAX} commands already wait for the car to wake"
            return self, (Settle(order.ticket, Answer("failed", sentence)),)
        taken = replace(self, pending=(*self.pending, order))
        if not self.asleep:
            return taken, self.stay_awake()
        effects: tuple[Effect, ...] = (Settle(order.ticket, Answer("waking")),)
        if self.waking:
            return taken, effects
        return replace(taken, waking=True), (*effects, StartTimer("wake", WAKE_MS))

    def ready(self) -> tuple[Self, tuple[Commanded, ...]]:
        """Return the commands that can be handed on now: all once the car is awake."""
        if self.asleep:
            return self, ()
        return replace(self, pending=()), self.pending

    def touched(self) -> tuple[Self, tuple[Effect, ...]]:
        """Wake because somebody touched the car, or stay awake."""
        if not self.asleep:
            return self, self.stay_awake()
        if self.waking:
            return self, ()
        return replace(self, waking=True), (StartTimer("wake", WAKE_MS),)

    def woken(self) -> tuple[Self, tuple[Effect, ...]]:
        """The controllers are up."""
        return replace(self, asleep=False, waking=False), self.stay_awake()

    def stay_awake(self) -> tuple[Effect, ...]:
        """Put off the next sleep."""
        return (StartTimer("sleep", SLEEP_AFTER_MS),)

    def asleep_if(self, *, parked: bool) -> Self:
        """Fall asleep if nobody sits in a parked car; the next touch or command wakes it."""
        return replace(self, asleep=True) if parked else self

    def forwarded(self, order: Commanded) -> tuple[Effect, ...]:
        """Say that the body has it now."""
        return (Settle(order.ticket, Answer("forwarded")),)

    def too_late(self, order: Commanded) -> tuple[Effect, ...]:
        """Say that the car began to move while it woke: a parked car was permitted, not this one."""
        return (Settle(order.ticket, Answer("failed", "the car began to move before it was carried out")),)

    def expired(self, order: Commanded) -> tuple[Effect, ...]:
        """Say that it expired before the car was awake, so that it is never carried out."""
        return (Settle(order.ticket, Answer("expired", "it expired while the car was waking")),)
