"""What a node wants of whatever it runs on: the stage of a scenario, or a live household."""

from collections.abc import Mapping
from typing import Any, Protocol

from sim.core.beliefs import Belief
from sim.core.device import (
    AnswerRanging,
    Persist,
    Press,
    Relay,
    Shorten,
    ShowCode,
    StopRanging,
    Take,
    WatchFor,
)
from sim.core.messages import Frame


class Port(Protocol):
    """The surroundings of one node, seen from inside."""

    def now_ms(self) -> int:
        """Return the time by this device's own clock, milliseconds since 1970."""
        ...

    def uptime_ms(self) -> int:
        """Return a time that only ever goes on, whatever is done to the clock, from any beginning."""
        ...

    def publish(self, frame: Frame, ticket: str | None = None, through: str | None = None) -> None:
        """Put a frame on the link; a refusal comes back to `Node.refused` with the ticket.

        Args:
            frame: what is published.
            ticket: what a refusal is about.
            through: another device on whose connection the frame travels.
        """
        ...

    def start_timer(self, name: str, delay_ms: int) -> None:
        """Call `Node.timer` with `name` after `delay_ms`; a running timer of that name is replaced."""
        ...

    def cancel_timer(self, name: str) -> None:
        """Stop a timer."""
        ...

    def actuate(self, changes: Mapping[str, Any], after_ms: int) -> None:
        """Move physical parts of this device."""
        ...

    def persist(self, wanted: Persist) -> None:
        """Write to this device's storage, and call `Node.persisted` when it is done."""
        ...

    def radiate(self, effect: AnswerRanging | StopRanging | ShowCode) -> None:
        """Answer ranging, stop that, or show a code."""
        ...

    def assault(self, effect: Take | Press | Relay | Shorten) -> None:
        """Do what only attackers do with the things of others."""
        ...

    def watch(self, wanted: WatchFor) -> None:
        """Call `Node.crossed` once the threshold is reached."""
        ...

    def stop_watching(self, name: str) -> None:
        """Forget a threshold."""
        ...

    def believe(self, source: str, facet: str, belief: Belief, cause: str | None) -> None:
        """Record what this device has just heard of another one."""
        ...

    def believe_online(self, source: str, cause: str | None, *, online: bool) -> None:
        """Record that another device has come, or gone, as this device has heard."""
        ...

    def note(self, kind: str, cause: str | None, **fields: Any) -> None:
        """Add a record to the trace."""
        ...
