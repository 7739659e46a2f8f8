"""What a kind of device declares: its arguments, commands, acts, reports and physical facts.

A declaration is a class with typed fields; units are part of a field's name on the wire and of its
value in a scenario. `core.device` gathers them behind one name.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.fields import FieldInfo

from sim.core.units import fact_name

Role = Literal["owner", "member", "child", "guest"]
"""What a person may do at most; owners are members too."""

Tier = Literal["parked", "anytime", "never"]
"""When an action is allowed: only while the car stands (the default), always, or never from a message."""

Voice = Literal["inside", "outside"]
"""Where a voice was heard that asked for something: in the car or home, or from outside, through a window."""

COMMAND_TTL_MS = 30_000
"""How long a command lives unless it says otherwise: long enough to wake a car, too short to surprise."""

DataKind = Literal[
    "camera_frame",
    "location",
    "clipboard_secret",
    "clipboard",
    "message",
    "file",
    "calendar",
    "payment",
    "voice",
    "usage",
    "presence",
]
"""What sort of datum a field is whose way through the household is followed (see `Carries`).

`usage` is what somebody plays or uses, `presence` that somebody is there, `location` where somebody or their
car is or goes, `calendar` what or when an appointment is, `clipboard_secret` what a password manager marked.
"""

_CAMEL = re.compile(r"(?<!^)(?=[A-Z])")


class Arguments(BaseModel):
    """Named arguments with units: `target_c` on the wire, `target: 21 °C` in a scenario."""

    model_config = ConfigDict(
        frozen=True,
        defer_build=True,
        extra="forbid",
        alias_generator=fact_name,
        validate_by_name=True,
        validate_by_alias=True,
        arbitrary_types_allowed=False,
    )

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Leave out what is private: a traceback or a log is no place for it."""
        shown: Iterator[tuple[str | None, Any]] = iter(super().__repr_args__())
        return ((name, value) for name, value in shown if name is None or not is_private(type(self), name))


@dataclass(frozen=True, slots=True)
class Refers:
    """Marks an argument as the name of something: `Annotated[str, Refers("device", "camera")]`."""

    to: Literal["device", "person", "home", "room", "road", "spot", "place"]
    """A spot is a home or a place of the map; a place is anything that is somewhere: a person, a device."""
    kind: str | None = None
    """For a device, of which kind it must be."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Marks a field as names that devices list in their entries: `Annotated[str, Listed(("bundles",))]`.

    Of a fact it is the device's own entry, of a command that of the device which is asked, of an act any.
    """

    sections: tuple[str, ...] = ()
    """Sections of the entry whose keys they are; `shops.goods` are the goods of every shop."""
    places: bool = False
    """Whether homes and places of the map are meant as well."""
    people: bool = False
    """Whether the people of the household are."""
    devices: bool = False
    """Whether its devices are."""


@dataclass(frozen=True, slots=True)
class Private:
    """Marks an argument as nobody's business: `Annotated[str, Private()]`.

    What a person says in it reaches the device, and is masked wherever the program prints or records it.
    """


@dataclass(frozen=True, slots=True)
class Carries:
    """Marks a field as a datum whose way is followed: `Annotated[Degrees, Carries("location")]`.

    Whoever is delivered a message with something in that field has received the datum, and the run records
    it as a flow; of a sealed letter only who can open it. Nothing is inferred from a field's name.
    """

    kind: DataKind
    letter: str = ""
    """Purpose of the letter that the field is; empty for what travels openly."""
    when: str = ""
    """Name of what the letter must say is true for the datum to be in it; empty for any letter."""


@cache
def carried(model: type[BaseModel]) -> tuple[tuple[str, Carries], ...]:
    """Return the fields of a command or facet that carry something, each once for every sort of datum."""
    return tuple(
        (name, mark)
        for name, declared in model.model_fields.items()
        for mark in declared.metadata
        if isinstance(mark, Carries)
    )


@dataclass(frozen=True, slots=True)
class FileText:
    """Marks a field that is the text of a file: people write the file's name, `calendar: lin.ics`.

    Files with a folder of their own are named without suffix, and some come with the program: their name
    stays.
    """

    suffix: str
    """How its name ends."""
    check: Callable[[str, str], object]
    """Reads (file name, text), and raises a `SimError` with the place in it when it cannot be."""
    folder: str = ""
    """Where such files lie, beside the file that names one; empty for right beside it."""
    known: Callable[[], Collection[str]] = tuple
    """Returns the names that need no file of the user's."""


@cache
def field_names(model: type[BaseModel]) -> frozenset[str]:
    """Return the names of the fields of a declaration; pydantic is slow to say them."""
    return frozenset(model.model_fields)


def file_text_of(hint: Any) -> FileText | None:
    """Return what sort of file a field or an annotation is the text of; None for any other."""
    marks = hint.metadata if isinstance(hint, FieldInfo) else get_args(hint)
    return next((mark for mark in marks if isinstance(mark, FileText)), None)


def is_private(model: type[Arguments], argument: str) -> bool:
    """Say whether an argument is masked, by its field name or its name in a scenario."""
    return any(
        argument in {name, declared.alias} and any(isinstance(mark, Private) for mark in declared.metadata)
        for name, declared in model.model_fields.items()
    )


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
    """Person the device belongs to; whoever uses it acts as its owner, unless it is one that people share."""


class Command(Arguments):
    """Something a device can be asked over the network; the class name is the command's name.

    Class arguments:
        group: action groups that rules can name, such as `HomeControl`.
        tier: when it is allowed; `parked` unless said otherwise.
        near: whether the asker's distance is measured and handed to the rules.
        ttl_ms: how long the asker keeps trying.
        returns: what the data of its answer carries, by name.
    """

    action: ClassVar[str] = ""
    groups: ClassVar[tuple[str, ...]] = ()
    tier: ClassVar[Tier] = "parked"
    near: ClassVar[bool] = False
    ttl_ms: ClassVar[int] = COMMAND_TTL_MS
    returns: ClassVar[Mapping[str, Carries]] = {}

    def __init_subclass__(  # a command declares exactly these
        cls,
        *,
        group: str | tuple[str, ...] = (),
        tier: Tier = "parked",
        near: bool = False,
        ttl_ms: int = COMMAND_TTL_MS,
        returns: Mapping[str, Carries] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        cls.action = _CAMEL.sub("_", cls.__name__).lower()
        cls.groups = (group,) if isinstance(group, str) else group
        cls.tier = tier
        cls.near = near
        cls.ttl_ms = ttl_ms
        if returns is not None:
            cls.returns = returns


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
        readers: kinds that may read it; all that read the device unless said otherwise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    facet: ClassVar[str] = ""
    when_offline: ClassVar[Literal["unknown", "last"]] = "unknown"
    readers: ClassVar[tuple[str, ...] | None] = None

    def __init_subclass__(
        cls,
        *,
        when_offline: Literal["unknown", "last"] = "unknown",
        readers: tuple[str, ...] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        cls.facet = _CAMEL.sub("_", cls.__name__).lower()
        cls.when_offline = when_offline
        cls.readers = readers


@dataclass(frozen=True, slots=True)
class Physical:
    """What is physically true of a device; the world owns it, the device only senses and actuates it.

    Some names have a meaning to the world: `heat_w` warms the room the device stands in and `lit_percent`
    lights it; what it cleans out of the air is in `filter_mg`; `power` lets current through to what a plug
    feeds; whatever has a `shutter` has an eye on its room.
    """

    portable: ClassVar[bool] = False
    """Whether a person can carry the device; `held_by` must work then."""
    derived: ClassVar[frozenset[str]] = frozenset()
    """Facts that follow from others, or from what the device does: no scenario can begin with them."""

    def holder(self) -> str | None:
        """Return the person who has the device in hand, on the wrist, or sits at its wheel; or None."""
        return None

    def without_power(self) -> Self:
        """Return the facts after the device lost power: a motor stands still, a bolt stays where it is."""
        return self

    def cleans_m3_per_h(self, config: Any) -> float:  # noqa: ARG002  # kinds use it
        """Return the clean air it delivers to its room, m³/h, by its entry in the household file."""
        return 0.0

    def draws_w(self, config: Any) -> float:  # noqa: ARG002  # kinds use it
        """Return the electrical power it draws from the mains, W, by its entry in the household file."""
        return 0.0

    def held_by(self, person: str | None) -> Self:
        """Return the facts after somebody took the device (a person) or put it down (None)."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the rules are told about a command beside who asks what; kinds subclass it with their own facts.

    Attributes:
        moving: whether the thing commanded is in motion; unknown counts as moving.
        code: reason code of a check that the device itself made and that did not hold, such as
            `STALE_CHALLENGE`; None when there is none. The rules refuse what has one.
    """

    moving: bool = False
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Presence:
    """What a device senses of its person and signs into a command.

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
        ticket: the command's id; empty for what nobody vouches for.
        voice: where the voice was heard that asked for it; None when it was done by hand.
    """

    action: str
    command: Command | None
    sender: str
    by: str | None
    presence: Presence
    ticket: str = ""
    voice: Voice | None = None
