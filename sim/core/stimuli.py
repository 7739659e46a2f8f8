"""Stimuli: what happens to a device, one at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from sim.core.declarations import Act, Command, Voice

Status = Literal["accepted", "waking", "forwarded", "done", "denied", "expired", "failed"]
"""Life cycle of a command; the last four are final."""

FINAL: frozenset[Status] = frozenset({"done", "denied", "expired", "failed"})


@dataclass(frozen=True, slots=True)
class Booted:
    """The device has power and is connected."""


@dataclass(frozen=True, slots=True)
class Acted:
    """A person did something with the device; `ticket` follows what becomes of it.

    `voice` says where a voice was heard that did it; None when a hand did.
    """

    act: Act
    ticket: str
    by: str | None
    voice: Voice | None = None


@dataclass(frozen=True, slots=True)
class Commanded:
    """A command that was checked and permitted; answer it by `Settle(ticket, …)`.

    `expires_ms` is the instant after which it must not be carried out any more, by this device's clock.
    """

    command: Command
    ticket: str
    sender: str
    by: str | None
    expires_ms: int
    voice: Voice | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a command.

    Attributes:
        status: where in its life cycle it is.
        reason: one sentence for people; empty when there is nothing to explain.
        denial: for `denied`: kind, rules, clauses, article, quote, instead.
        data: what the command returns.
    """

    status: Status
    reason: str = ""
    denial: Mapping[str, Any] | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def final(self) -> bool:
        """Whether nothing can follow."""
        return self.status in FINAL


@dataclass(frozen=True, slots=True)
class Answered:
    """A command this device sent has come one step further."""

    ticket: str
    target: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer this device started is due."""

    name: str


@dataclass(frozen=True, slots=True)
class Learned:
    """What this device believes of another one has changed.

    Attributes:
        device: the other one.
        parts: names of this device's parts that act on whatever that one reports (`heeds`); None for news
            that is everybody's: that it came or went, or told something for the first time.
    """

    device: str
    parts: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """The device's own connection is gone (`up` False), as far as it can tell, or stands again."""

    up: bool


@dataclass(frozen=True, slots=True)
class Sensed:
    """A physical fact of this device has changed; `senses.own` has the new values."""


@dataclass(frozen=True, slots=True)
class Crossed:
    """A reading has crossed the threshold that `WatchFor` named."""

    name: str


@dataclass(frozen=True, slots=True)
class Crashed:
    """One of the device's controllers has lost power (`up` False) or has it again (`up` True)."""

    controller: str
    up: bool


@dataclass(frozen=True, slots=True)
class Persisted:
    """The device's storage has performed the write that `Persist` named; `result` is what it says."""

    ticket: str
    result: Any = None


@dataclass(frozen=True, slots=True)
class Polled:
    """A car within radio reach asks for a key, because somebody pulls its handle.

    Attributes:
        car: which car.
        action: what the key is wanted for.
    """

    car: str
    action: str


@dataclass(frozen=True, slots=True)
class Overheard:
    """A message of somebody else passed by; only attackers that listen in get this.

    Attributes:
        device: who sent it.
        topic: where to.
        payload: its bytes.
    """

    device: str
    topic: str
    payload: bytes


Stimulus: TypeAlias = (
    Booted
    | Acted
    | Commanded
    | Answered
    | TimerFired
    | Learned
    | Linked
    | Sensed
    | Crossed
    | Crashed
    | Persisted
    | Polled
    | Overheard
)
