"""The protocol of a device: one stimulus in, a successor and effects out; no I/O, clock or chance.

A kind of device is one class in one file below `sim/devices/`. It declares what a household file may
say of it (`Config`), what is physically true of it (`Physical`), what it reports (facets), what it
can be asked over the network (`Command`) and what a person can do with it (`Act`), and it has one
`step`. Around it stands a node, which checks, signs, repeats and publishes; a device cannot forget
to ask for permission, because a command it sees is one that was permitted.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, Self, TypeAlias

from sim.core.beliefs import Beliefs
from sim.core.declarations import (
    COMMAND_TTL_MS,
    Act,
    Arguments,
    Asked,
    Carries,
    Circumstances,
    Command,
    Config,
    Facet,
    Listed,
    PersonOrNobody,
    Physical,
    Presence,
    Refers,
    Role,
    Tier,
    Voice,
    reference_of,
)
from sim.core.effects import (
    Actuate,
    AnswerRanging,
    CancelTimer,
    Draw,
    Effect,
    Emit,
    Persist,
    Press,
    PublishRaw,
    Relay,
    Report,
    Request,
    Settle,
    Shorten,
    ShowCode,
    StartTimer,
    StopRanging,
    StopWatching,
    Take,
    WatchFor,
)
from sim.core.roads import NO_MAP, RoadMap
from sim.core.stimuli import (
    FINAL,
    Acted,
    Answer,
    Answered,
    Booted,
    Commanded,
    Crashed,
    Crossed,
    Learned,
    Linked,
    Overheard,
    Persisted,
    Polled,
    Sensed,
    Status,
    Stimulus,
    TimerFired,
)
from sim.core.surroundings import Senses

__all__ = [
    "COMMAND_TTL_MS",
    "FINAL",
    "IN_HOMES",
    "Act",
    "Acted",
    "Actuate",
    "Answer",
    "AnswerRanging",
    "Answered",
    "Arguments",
    "Asked",
    "Booted",
    "CancelTimer",
    "Carries",
    "Circumstances",
    "Command",
    "Commanded",
    "Config",
    "Crashed",
    "Crossed",
    "Device",
    "Draw",
    "Effect",
    "Emit",
    "Facet",
    "Learned",
    "Linked",
    "Listed",
    "Moment",
    "Overheard",
    "Peer",
    "Persist",
    "Persisted",
    "PersonOrNobody",
    "Physical",
    "Polled",
    "Presence",
    "Press",
    "Provision",
    "PublishRaw",
    "Refers",
    "Relay",
    "Report",
    "Request",
    "Role",
    "Sensed",
    "Settle",
    "Shorten",
    "ShowCode",
    "StartTimer",
    "Status",
    "Stimulus",
    "StopRanging",
    "StopWatching",
    "Take",
    "Tier",
    "TimerFired",
    "Voice",
    "WatchFor",
    "reference_of",
]

IN_HOMES = "in homes"
"""In `reads` and `asks`: every kind of device that is installed in a home, also one written tomorrow."""


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


@dataclass(frozen=True, slots=True)
class Peer:
    """What a device of the household is told of another one, or of itself, to know whose word is whose.

    Attributes:
        kind: which kind it is.
        owner: person it belongs to, or None.
        shared: whether it asks for whoever uses it (see `Device.shared`).
        key: public Ed25519 key of 32 bytes that signs what others are to hand on.
    """

    kind: str
    owner: str | None
    shared: bool
    key: bytes


@dataclass(frozen=True, slots=True)
class Provision:
    """What a device is given in the factory, and again whenever it starts.

    Attributes:
        seed: its own secret, 32 bytes; every key and nonce of the device comes from it.
        boot: how often it has started, from 1.
        now_ms: when, by its own clock.
        paired: for a car the devices that are its keys, for a key the cars that it opens.
        owners: for a car those of its keys that may share and revoke keys, for a key the cars at which
            it may.
        keys: public digital keys, 32 bytes each, by name: of `paired`, and for a key those of the
            other keys of the same cars.
        people: who belongs to the household, or visits it, and in which role.
        boxes: public X25519 keys of 32 bytes, by name: of every other enrolled device that takes sealed
            letters.
        peers: every enrolled device by name, itself among them.
        map: places, roads and chargers, as navigation systems know them.
        software_root: the first metadata that a car's software is checked against (`trust.updates`); empty
            where nobody supplies software.
        maker: the secret of whoever makes that software, 32 bytes; only for what supplies it.
    """

    seed: bytes = field(repr=False)
    boot: int
    now_ms: int
    paired: tuple[str, ...] = ()
    owners: frozenset[str] = frozenset()
    keys: Mapping[str, bytes] = field(default_factory=dict)
    people: Mapping[str, Role] = field(default_factory=dict)
    boxes: Mapping[str, bytes] = field(default_factory=dict)
    peers: Mapping[str, Peer] = field(default_factory=dict, repr=False)
    map: RoadMap = field(default=NO_MAP, repr=False)
    software_root: bytes = field(default=b"", repr=False)
    maker: bytes = field(default=b"", repr=False)

    def of_kind(self, kind: str) -> tuple[str, ...]:
        """Return the enrolled devices of a kind, in the order of the household."""
        return tuple(name for name, peer in self.peers.items() if peer.kind == kind)

    def first_of(self, kind: str) -> str | None:
        """Return the first enrolled device of a kind, as there is one cloud; None for none."""
        return next(iter(self.of_kind(kind)), None)


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
    events: ClassVar[tuple[str, ...]] = ()
    """Names of the events it tells, in the past tense; the broker lets it tell no other."""
    tells: ClassVar[Mapping[str, Mapping[str, Carries]]] = {}
    """Event to what the data of it carries, by name; nothing for one that is not here."""
    reads: ClassVar[tuple[str, ...]] = ()
    """Kinds whose state it subscribes to; `IN_HOMES` stands for whatever is installed in a home."""
    sees: ClassVar[Mapping[str, tuple[type[Facet], ...]]] = {}
    """For a kind that it reads, which facets of it; all unless said here, none of `()` but that it is there.
    A service reads what it works with, and is not told where a car is or what is played in it."""
    heeds: ClassVar[tuple[str, ...] | None] = None
    """Kinds whose every report it acts on (`Learned`); all that it reads unless said otherwise. Of the others
    it knows what they report, and is only told when they come, go, or tell something for the first time."""
    heeding: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """The same for each of its parts, by name; empty for a device that is not made of parts."""
    asks: ClassVar[tuple[str, ...]] = ()
    """Kinds it may send commands to; `IN_HOMES` likewise."""
    controllers: ClassVar[tuple[str, ...]] = ()
    """Parts that can crash on their own: `fault: {crash: su7.body}`."""
    shared: ClassVar[bool] = False
    """Whether several people use it in turn, so that it says who does and is believed, as a car's screen is;
    any other device acts for its owner, whatever it claims, and without one for nobody."""
    listens: ClassVar[bool] = False
    """Whether it has a microphone: what is said near it can become an act."""
    trusted: ClassVar[bool] = True
    """Whether the household enrols its key; a stranger's is not."""
    holds_keys: ClassVar[bool] = False
    """Whether it can be a digital key of a car."""
    opens_to_keys: ClassVar[bool] = False
    """Whether digital keys can be paired with it."""
    subscribable: ClassVar[tuple[str, ...]] = ()
    """Features of it that can be subscribed to."""
    takes_letters: ClassVar[bool] = False
    """Whether other devices of the household may seal letters to it that nobody between can read."""
    sees_roads: ClassVar[bool] = False
    """Whether it has detectors along the roads, and senses which are closed or slow."""
    storage: ClassVar[type[Any] | None] = None
    """What it writes to, a class that follows `core.storage.Storage`: it survives the device, and what it
    holds is `given["storage"]` at every start."""
    supplies_software: ClassVar[bool] = False
    """Whether cars get their software from it."""
    overhears: ClassVar[bool] = False
    """Whether it hears what others send, as an attacker in their line does."""
    eavesdrops: ClassVar[bool] = False
    """Whether it subscribes to everything; what it may not read, the broker does not deliver."""

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

    def provisioned(self, provision: Provision) -> Self:  # noqa: ARG002  # kinds with keys use it
        """Return the device with the secrets it was given when it was made; a restart gives them again."""
        return self

    @classmethod
    def settable(cls) -> Mapping[str, Any]:
        """Return the state a scenario may set in `given`, beside the physical facts: name to type."""
        return {}

    @classmethod
    @cache
    def facet_named(cls, name: str) -> type[Facet]:
        """Return one of `facets` by its name.

        Raises:
            KeyError: when the kind reports nothing of that name.
        """
        return {facet.facet: facet for facet in cls.facets}[name]

    @classmethod
    @cache
    def parts_heeding(cls, kind: str, *, in_home: bool) -> tuple[str, ...]:
        """Return the names of the parts that act on whatever a device of some kind reports, in their order.

        Args:
            kind: which kind.
            in_home: whether that device is installed in a home.
        """
        return tuple(
            part for part, kinds in cls.heeding.items() if kind in kinds or (in_home and IN_HOMES in kinds)
        )

    @abstractmethod
    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Return what the device becomes, and what it wants done."""

    def report(self) -> tuple[Facet, ...]:
        """Return what the device says of itself; the node publishes what changed."""
        return ()

    def drawn(self, at: Moment) -> Mapping[str, Any]:  # noqa: ARG002  # kinds with a screen use it
        """Return what each of its displays shows now, as JSON values; nothing for what has no screen.

        It can be asked at any time, and is recorded: what is private is masked in it.
        """
        return {}

    def considered(self, at: Moment, asked: Asked) -> Self:  # noqa: ARG002  # kinds use them
        """Return the device after it has taken note of a command, before the rules are asked.

        What must be used up whatever the rules say, such as a challenge, is used up here.
        """
        return self

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
