"""Effects: what a device wants done; the node around it does it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias

from sim.core.declarations import COMMAND_TTL_MS, Act, Command, Voice
from sim.core.stimuli import Answer


@dataclass(frozen=True, slots=True)
class Request:
    """Send a command; its answers come back as `Answered` with the same ticket.

    Attributes:
        ticket: names the command for its whole life; an act's own ticket makes the act follow it.
        target: device that is asked; the device itself is allowed and passes the same rules.
        action: name of the command.
        arguments: the arguments as they go on the wire.
        by: person on whose behalf.
        expires_in_ms: how long it may be carried out; it is never carried out later.
        voice: where the voice was heard that asked for it. The node says so of whatever follows from a
            spoken sentence at once; a device names it for what it asks later, and cannot take it back.
    """

    ticket: str
    target: str
    action: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    by: str | None = None
    expires_in_ms: int = COMMAND_TTL_MS
    voice: Voice | None = None

    @classmethod
    def of(cls, command: Command, *, ticket: str, target: str, by: str | None = None) -> Self:
        """Return the request for a typed command, with the command's own time to live."""
        return cls(
            ticket=ticket,
            target=target,
            action=command.action,
            arguments=command.model_dump(exclude_none=True),
            by=by,
            expires_in_ms=command.ttl_ms,
        )


@dataclass(frozen=True, slots=True)
class Settle:
    """Say how far a command or an act has come; after a final answer the ticket is closed."""

    ticket: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Emit:
    """Publish an event, in the past tense: `unlocked`, `motion_seen`."""

    name: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """Publish a facet although it may not have changed: it was measured anew, and its age begins again."""

    facet: str


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Start a named timer; a running one of the same name is replaced, so no stale one fires."""

    name: str
    delay_ms: int


@dataclass(frozen=True, slots=True)
class CancelTimer:
    """Stop a named timer; nothing happens when it does not run."""

    name: str


@dataclass(frozen=True, slots=True)
class Actuate:
    """Move something physical: fields of the device's `Physical`, after the time the motor needs."""

    changes: Mapping[str, Any]
    after_ms: int = 0


@dataclass(frozen=True, slots=True)
class WatchFor:
    """Ask for `Crossed(name)` once the room's temperature is at or beyond a threshold, °C."""

    name: str
    at_least_c: float | None = None
    at_most_c: float | None = None


@dataclass(frozen=True, slots=True)
class StopWatching:
    """Forget a threshold."""

    name: str


@dataclass(frozen=True, slots=True)
class AnswerRanging:
    """Let the device's radio answer ranging rounds that are keyed by a session's key.

    Attributes:
        session: public id of that key, 16 bytes.
    """

    session: bytes


@dataclass(frozen=True, slots=True)
class StopRanging:
    """Let the device's radio answer no ranging any more."""


@dataclass(frozen=True, slots=True)
class ShowCode:
    """Show a code on the device's screen, for a camera right before it; None takes it away.

    It never travels over the link and is in no record: whoever reads it has to be there.
    """

    code: object | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Draw:
    """Draw the device's displays anew (see `Device.drawn`): noted for whoever watches, never sent."""


@dataclass(frozen=True, slots=True)
class Persist:
    """Write to the device's storage; `Persisted` with the same ticket says what came of it.

    The writes of a device happen one after another, in the order in which they were asked for. With the
    power gone, those that have not happened never do (see `core.storage`).

    Attributes:
        ticket: names the write.
        write: what the storage is to do, as plain data of its own kind.
    """

    ticket: str
    write: object = field(repr=False)


# What only attackers do; ordinary devices have no use for it.


@dataclass(frozen=True, slots=True)
class PublishRaw:
    """Put bytes on any topic.

    Attributes:
        ticket: follows what the broker says to it.
        topic: where to.
        payload: the bytes.
        retain: whether the broker is asked to keep them.
        through: device on whose connection they travel, when somebody sits in its line; None for one's
            own.
    """

    ticket: str
    topic: str
    payload: bytes
    retain: bool = False
    through: str | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """Take a portable thing away from whoever has it, and carry it to something else.

    Attributes:
        device: what is taken.
        to: beside what the thief stands with it from now on.
    """

    device: str
    to: str


@dataclass(frozen=True, slots=True)
class Press:
    """Press the buttons of a device that was taken; `ticket` is closed when they were pressed."""

    ticket: str
    device: str
    act: Act


@dataclass(frozen=True, slots=True)
class Relay:
    """Carry a car's call to a key that is far away, and its answer back (see `Polled`)."""

    car: str
    key: str
    action: str


@dataclass(frozen=True, slots=True)
class Shorten:
    """Make one ranging round in three at a car come out shorter, from now on (see `world.truth.air`)."""

    car: str


Effect: TypeAlias = (
    Request
    | Settle
    | Emit
    | Report
    | StartTimer
    | CancelTimer
    | Actuate
    | WatchFor
    | StopWatching
    | AnswerRanging
    | StopRanging
    | ShowCode
    | Draw
    | Persist
    | PublishRaw
    | Take
    | Press
    | Relay
    | Shorten
)
