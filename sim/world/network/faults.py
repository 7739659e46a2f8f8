"""What can go wrong on a link: loss, delay, duplicates, disorder and partition, by the run's own dice.

A fault is a rule on one device's link, seeded, with an end. The link below is never damaged: what is
lost is never published, what is late is published later, so that every link sees the same run.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from sim.core.messages import Frame

KEEP_ALIVE_MS = 60_000
"""How often a client says that it is still there (MQTT 5.0, section 3.1.2.10)."""
CUT_OFF_AFTER_MS = KEEP_ALIVE_MS * 3 // 2
"""When a broker gives a silent client up: one and a half keep-alives (the same section)."""

Direction = Literal["both", "out", "in"]


@dataclass(frozen=True, slots=True)
class LinkFault:
    """One rule on a link; several may hold at once.

    Attributes:
        loss_percent: share of messages that vanish.
        delay_ms: how much later messages come.
        duplicate_percent: share of messages that come twice.
        reorder_ms: messages are late by a random time up to this, and so overtake each other.
        direction: `out` of the device, `in` to it, or `both`.
    """

    loss_percent: float = 0.0
    delay_ms: int = 0
    duplicate_percent: float = 0.0
    reorder_ms: int = 0
    direction: Direction = "both"


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one message: when its copies arrive, as delays in milliseconds; none means lost."""

    delays_ms: tuple[int, ...] = (0,)

    @property
    def untouched(self) -> bool:
        """Whether the message goes through as if nothing were broken."""
        return self.delays_ms == (0,)


UNTOUCHED = Fate()


def _nothing() -> None:
    """Cancel nothing."""


@dataclass(slots=True)
class LinkState:
    """Everything that is wrong with one device's link.

    Attributes:
        rules: the faults that hold, in the order they began.
        joined: whether the device has a connection, or one that is about to be made.
        cuts: how many partitions hold now; the link is whole at 0.
        give_up: cancels the moment at which the broker gives the device up; it counts from the first cut.
        held_out: what the device sent into the partition; TCP sends it again if the link heals in time.
        held_in: what was sent to the device meanwhile.
    """

    rules: list[LinkFault] = field(default_factory=list)
    joined: bool = False
    cuts: int = 0
    give_up: Callable[[], None] = _nothing
    held_out: list[tuple[Frame, str | None]] = field(default_factory=list)
    held_in: list[Frame] = field(default_factory=list)

    def part(self) -> bool:
        """End the connection, with everything that was still under way on it; say whether there was one."""
        joined, self.joined = self.joined, False
        self.held_out.clear()
        self.held_in.clear()
        return joined

    def fate(self, dice: Random, direction: Literal["out", "in"]) -> Fate:
        """Throw the dice for one message."""
        rules = [rule for rule in self.rules if rule.direction in {"both", direction}]
        if not rules:
            return UNTOUCHED
        delay_ms = 0
        copies = 1
        for rule in rules:
            if rule.loss_percent and dice.uniform(0, 100) < rule.loss_percent:
                return Fate(())
            if rule.duplicate_percent and dice.uniform(0, 100) < rule.duplicate_percent:
                copies = 2
            delay_ms += rule.delay_ms
            if rule.reorder_ms:
                delay_ms += dice.randrange(rule.reorder_ms + 1)
        return Fate((delay_ms,) * copies)


def describe(fault: Any) -> dict[str, Any]:
    """Return the fields of a fault that are set, for its record."""
    return {name: value for name in fault.__slots__ if (value := getattr(fault, name))}
