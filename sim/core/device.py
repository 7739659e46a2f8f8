"""The protocol of a device: one stimulus in, a successor and effects out; no I/O, clock or chance.

A kind of device is one class in one file below `sim/devices/`. It declares what a household file may
say of it (`Config`), what is physically true of it (`Physical`), what it reports (facets), what it
can be asked over the network (`Command`) and what a person can do with it (`Act`), and it has one
`step`. Around it stands a node, which checks, signs, repeats and publishes; a device cannot forget
to ask for permission, because a command it sees is one that was permitted.
"""

import re
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict

from sim.core.beliefs import Beliefs
from sim.core.surroundings import Senses
from sim.core.units import fact_name

Tier = Literal["parked", "anytime", "never"]
"""When an action is allowed: only while the car stands (the default), always, or never from a message."""

Status = Literal["accepted", "waking", "forwarded", "done", "denied", "expired", "failed"]
"""Life cycle of a command; the last four are final."""

FINAL: frozenset[Status] = frozenset({"done", "denied", "expired", "failed"})

COMMAND_TTL_MS = 30_000
"""How long a command lives unless it says otherwise: long enough to wake a car, too short to surprise."""

IN_HOMES = "in homes"
"""In `reads` and `asks`: every kind of device that is installed in a home, also one written tomorrow."""

_CAMEL = re.compile(r"(?<!^)(?=[A-Z])")


class Arguments(BaseModel):
    """Named arguments with units: `target_c` on the wire, `target: 21 °C` in a scenario."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=fact_name,
        validate_by_name=True,
        validate_by_alias=True,
        arbitrary_types_allowed=False,
    )


@dataclass(frozen=True, slots=True)
class Refers:
    """Marks an argument as the name of something: `Annotated[str, Refers("device", "camera")]`."""

    to: Literal["device", "person", "home", "room", "place"]
    """A place is anything that is somewhere: a person, a device or a home."""
    kind: str | None = None
    """For a device, of which kind it must be."""


def reference_of(model: type[Arguments], argument: str) -> Refers | None:
    """Return what an argument names, by its field name or its name in a scenario; None for a plain value."""
    for name, declared in model.model_fields.items():
        if argument in {name, declared.alias}:
            return next((mark for mark in declared.metadata if isinstance(mark, Refers)), None)
    return None


def _nobody(value: object) -> object:
    return None if value == "none" else value


PersonOrNobody = Annotated[str | None, Refers("person"), BeforeValidator(_nobody)]
"""A person's name, or `none` in a scenario."""


class Config(Arguments):
    """What a household file says of a device, beside its kind. Subclasses add fields."""

    owner: Annotated[str | None, Refers("person")] = None
    """Person the device belongs to; whoever uses a personal device acts as its owner."""


class Command(Arguments):
    """Something a device can be asked over the network; the class name is the command's name.

    Class arguments:
        group: action groups that rules can name, such as `HomeControl`.
        tier: when it is allowed; `parked` unless said otherwise.
        near: whether the asker's distance is measured and handed to the rules.
        ttl_ms: how long the asker keeps trying.
    """

    action: ClassVar[str] = ""
    groups: ClassVar[tuple[str, ...]] = ()
    tier: ClassVar[Tier] = "parked"
    near: ClassVar[bool] = False
    ttl_ms: ClassVar[int] = COMMAND_TTL_MS

    def __init_subclass__(
        cls,
        *,
        group: str | tuple[str, ...] = (),
        tier: Tier = "parked",
        near: bool = False,
        ttl_ms: int = COMMAND_TTL_MS,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        cls.action = _CAMEL.sub("_", cls.__name__).lower()
        cls.groups = (group,) if isinstance(group, str) else group
        cls.tier = tier
        cls.near = near
        cls.ttl_ms = ttl_ms


class Act(Arguments):
    """Something a person does with a device in hand: `do: dash.view_camera`.

    Class arguments:
        verb: what a scenario calls it; the class name in snake case unless said otherwise.
    """

    verb: ClassVar[str] = ""

    def __init_subclass__(cls, *, verb: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.verb = verb or _CAMEL.sub("_", cls.__name__).lower()


class Facet(BaseModel):
    """One retained topic of what a device reports; the class name is the facet's name.

    Class arguments:
        when_offline: what a reader shows once the device is gone: `unknown`, or the `last` value with
            its age.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    facet: ClassVar[str] = ""
    when_offline: ClassVar[Literal["unknown", "last"]] = "unknown"

    def __init_subclass__(
        cls,
        *,
        when_offline: Literal["unknown", "last"] = "unknown",
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        cls.facet = _CAMEL.sub("_", cls.__name__).lower()
        cls.when_offline = when_offline


@dataclass(frozen=True, slots=True)
class Physical:
    """What is physically true of a device; the world owns it, the device only senses and actuates it.

    One field name has a meaning to the world: `heat_w` warms the room the device stands in.
    """

    portable: ClassVar[bool] = False
    """Whether a person can carry the device; `held_by` must work then."""

    def holder(self) -> str | None:
        """Return the person who has the device in hand, on the wrist, or sits at its wheel; or None."""
        return None

    def without_power(self) -> Self:
        """Return the facts after the device lost power: a motor stands still, a bolt stays where it is."""
        return self

    def held_by(self, person: str | None) -> Self:
        """Return the facts after somebody took the device (a person) or put it down (None)."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the rules are told about a command beside who asks what; kinds subclass it with their own facts.

    Attributes:
        moving: whether the thing commanded is in motion; unknown counts as moving.
    """

    moving: bool = False


@dataclass(frozen=True, slots=True)
class Presence:
    """What a personal device senses of its person and signs into a command.

    Attributes:
        worn: whether it is on the wrist or in the hand; None when the device cannot tell.
    """

    worn: bool | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A command on its way through the rules.

    Attributes:
        action: the command's name.
        command: its arguments; None for an action that no device carries out.
        sender: the device that signed it, as the broker and the signature agree.
        by: the person on whose behalf, or None.
        presence: what the sender senses of that person.
    """

    action: str
    command: Command | None
    sender: str
    by: str | None
    presence: Presence


# --- stimuli: what happens to a device -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Booted:
    """The device has power and is connected."""


@dataclass(frozen=True, slots=True)
class Acted:
    """A person did something with the device; `ticket` follows what becomes of it."""

    act: Act
    ticket: str
    by: str | None


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
    """What this device believes of another one has changed."""

    device: str


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


Stimulus: TypeAlias = (
    Booted | Acted | Commanded | Answered | TimerFired | Learned | Sensed | Crossed | Crashed
)


# --- effects: what a device wants done --------------------------------------------------------------


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
    """

    ticket: str
    target: str
    action: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    by: str | None = None
    expires_in_ms: int = COMMAND_TTL_MS

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
class PublishRaw:
    """Put bytes on any topic: only attackers do, ordinary devices have no use for it."""

    ticket: str
    topic: str
    payload: bytes
    retain: bool = False


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
    | PublishRaw
)


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything around a step: the time, what can be sensed, and what others have reported.

    Attributes:
        now_ms: milliseconds since 1970 by the device's own clock.
        senses: the device's sensors.
        beliefs: what this device has heard of others.
    """

    now_ms: int
    senses: Senses
    beliefs: Beliefs


_Circumstances: TypeAlias = Circumstances  # inside `Device` the bare name is the class attribute


@dataclass(frozen=True)
class Device:
    """Base of every kind: a frozen state, its declarations, and `step`.

    Attributes:
        name: the device's name in its household.
    """

    kind: ClassVar[str]
    """What a household file calls it."""
    Config: ClassVar[type[Config]] = Config
    Physical: ClassVar[type[Physical]] = Physical
    Circumstances: ClassVar[type[Circumstances]] = Circumstances
    commands: ClassVar[tuple[type[Command], ...]] = ()
    acts: ClassVar[tuple[type[Act], ...]] = ()
    facets: ClassVar[tuple[type[Facet], ...]] = ()
    reads: ClassVar[tuple[str, ...]] = ()
    """Kinds whose state it subscribes to; `IN_HOMES` stands for whatever is installed in a home."""
    asks: ClassVar[tuple[str, ...]] = ()
    """Kinds it may send commands to; `IN_HOMES` likewise."""
    controllers: ClassVar[tuple[str, ...]] = ()
    """Parts that can crash on their own: `fault: {crash: su7.body}`."""
    personal: ClassVar[bool] = False
    """Whether whoever uses it acts as its owner, whatever it claims."""
    listens: ClassVar[bool] = False
    """Whether it has a microphone: what is said near it can become an act."""
    trusted: ClassVar[bool] = True
    """Whether the household enrols its key; a stranger's is not."""

    name: str

    @classmethod
    @abstractmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the device as it leaves the factory: everything it has not sensed is `unknown`.

        Args:
            name: its name.
            config: its entry in the household file, an instance of this kind's `Config`.
            given: state that a scenario sets at the start, by the names in `settable`.
        """

    @classmethod
    def settable(cls) -> Mapping[str, Any]:
        """Return the state a scenario may set in `given`, beside the physical facts: name to type."""
        return {}

    @abstractmethod
    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Return what the device becomes, and what it wants done."""

    def report(self) -> tuple[Facet, ...]:
        """Return what the device says of itself; the node publishes what changed."""
        return ()

    def circumstances(self, at: Moment, asked: Asked) -> _Circumstances:  # noqa: ARG002  # kinds use them
        """Return what the rules must know to judge `asked`."""
        return Circumstances()

    def kept(self) -> Mapping[str, Any]:
        """Return what survives a restart; `new` is given it, as it is given what a scenario sets."""
        return {}

    def presence(self, at: Moment) -> Presence:  # noqa: ARG002  # kinds use it
        """Return what the device senses of its person, for the commands it signs."""
        return Presence()

    def user(self, at: Moment) -> str | None:
        """Return the person on whose behalf the device asks when nobody is named."""
        return at.senses.person()
