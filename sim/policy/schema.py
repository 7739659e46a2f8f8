"""The words rules may use, gathered from the kinds of devices and written down as a Cedar schema.

    Person in Role      lin in owner, owner in member
    Stranger            whoever cannot prove to be acting for a person of the household
    Device              a sender, with its kind, owner and whether it is enrolled
    Car, Camera, …      one type for each kind: what is asked
    Action              every command; its groups, `ParkedOnly` or `Never` after its tier,
                        and `NearAccess` when it is near

Rule files name groups and the acts of driving whether or not a device declares them, so those are
always part of the schema. So are commands that a user foresees: no device has them yet.
The format: https://docs.cedarpolicy.com/schema/json-schema.html
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import NoneType, UnionType
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints

from sim.core.device import Command, Device, Tier
from sim.core.errors import Place, PolicyError

REMOTE_DRIVING = "RemoteDriving"
"""The group of everything that would move a car."""

DRIVING = ("steer", "accelerate", "brake", "shift", "release_parking_brake", "summon", "park_remotely")
"""Acts of driving: always in group `RemoteDriving`, whichever device is asked and whatever it declares."""

NEAR_ACCESS = "NearAccess"
NEVER = "Never"
PARKED_ONLY = "ParkedOnly"

GROUPS = (
    REMOTE_DRIVING,
    NEAR_ACCESS,
    "Secure",
    "HomeControl",
    "CameraView",
    "CameraConsent",
    "Screen",
    "DriverDisplay",
    "Theme",
    "CarApp",
    "KeyExchange",
    "KeyEnrolment",
    "KeyPairing",
    "KeySharing",
    PARKED_ONLY,
    NEVER,
)
"""Groups a rule may name even while no device has a command in them."""

CONVERSATION = ("KeyExchange", "KeyEnrolment", "KeySharing")
"""Groups of what devices ask each other by themselves: no person asks for it."""

UNKNOWN = "unknown"
"""The action that stands for every command the device asked does not have."""

NOTHING = "nothing"
"""Sole member of groups without commands: Cedar takes a rule over an empty group for a mistake."""

_TIER_GROUPS: Mapping[Tier, tuple[str, ...]] = {"parked": (PARKED_ONLY,), "anytime": (), "never": (NEVER,)}

_TYPES: Mapping[Any, str] = {bool: "Boolean", int: "Long", str: "String"}

Attributes: TypeAlias = Mapping[str, Mapping[str, Any]]

_COMMON: Attributes = {
    "authenticated": {"type": "Boolean", "required": True},
    "sender": {"type": "Entity", "name": "Device", "required": False},
    "moving": {"type": "Boolean", "required": True},
    "expires_in_ms": {"type": "Long", "required": True},
    "worn": {"type": "Boolean", "required": False},
    "fresh": {"type": "Boolean", "required": True},
    "built_in": {"type": "Boolean", "required": True},
    "code": {"type": "String", "required": False},
    "voice": {"type": "String", "required": False},
}
"""What every rule can know of every request."""

_OWNER: Attributes = {"owner": {"type": "Entity", "name": "Person", "required": False}}
_DEVICE: Attributes = {
    "kind": {"type": "String", "required": True},
    "enrolled": {"type": "Boolean", "required": True},
    **_OWNER,
}
ASKERS = ("Person", "Stranger")
"""Types of whoever asks."""
_RESERVED = ("Action", "Device", "Person", "Role")


@dataclass(frozen=True, slots=True)
class Action:
    """One command as rules see it.

    Attributes:
        name: the command's name.
        groups: every group it is in, in the order of declaration.
        kinds: kinds of devices that have it.
        facts: what those kinds tell about it, beside what is common to all requests.
        foreseen: kinds that are to have it, and do not have it yet.
    """

    name: str
    groups: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    facts: Attributes = field(default_factory=dict)
    foreseen: tuple[str, ...] = ()

    @property
    def never(self) -> bool:
        """Whether no message may ever cause it."""
        return NEVER in self.groups


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A command that rules weigh before any device has it.

    Attributes:
        kind: the kind of device that is to have it; there need be none of that name yet.
        action: its name.
        groups: every group it is in, those of its tier and nearness too.
        facts: what that kind is to tell about it, beside what is common to all requests.
        place: where it is written.
    """

    kind: str
    action: str
    groups: tuple[str, ...]
    facts: Attributes
    place: Place


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every word a rule may use.

    Attributes:
        types: kind of device to the name of its type, in the order given.
        told: kind of device to the circumstances it tells, beside those common to all requests.
        actions: name to command; the acts of driving first, then in the order of the kinds.
    """

    types: Mapping[str, str]
    told: Mapping[str, tuple[str, ...]]
    actions: Mapping[str, Action]

    @classmethod
    def of(cls, kinds: Iterable[type[Device]], foreseen: Iterable[Foreseen] = ()) -> "Vocabulary":
        """Return the words that these kinds of devices bring along, and those that are foreseen.

        Raises:
            PolicyError: when a kind has a name that rules use for something else, a circumstance rules
                cannot weigh, or a command that contradicts the same command of another kind, or what
                was foreseen of it.
        """
        kinds = tuple(kinds)
        types: dict[str, str] = {}
        told: dict[str, tuple[str, ...]] = {}
        actions = {name: Action(name, (REMOTE_DRIVING, NEVER)) for name in DRIVING}
        for kind in kinds:
            types[kind.kind] = _type_name(kind.kind)
            facts = _facts(kind)
            told[kind.kind] = tuple(facts)
            for command in kind.commands:
                action = _action(kind.kind, command, facts)
                known = actions.get(action.name)
                actions[action.name] = action if known is None else _merged(known, action)
        own = {kind.kind: _facts(kind) for kind in kinds}
        for one in foreseen:
            types.setdefault(one.kind, _foreseen_type(one))
            told.setdefault(one.kind, ())
            known = actions.get(one.action)
            actions[one.action] = _foretold(known, one, own.get(one.kind, {}))
        return cls(types, told, actions)

    def facts(self, kind: str, action: str) -> tuple[str, ...] | None:
        """Return which circumstances of a kind count for a command; None when it has no such command."""
        known = self.actions.get(action)
        if known is None or not (known.never or kind in known.kinds):
            return None
        return tuple(fact for fact in self.told[kind] if fact in known.facts)

    def to_json(self) -> dict[str, Any]:
        """Return the Cedar schema in its JSON form."""
        everything = list(dict.fromkeys(("Stranger", *self.types.values())))
        actions: dict[str, Any] = {group: {} for group in self.groups}
        for action in self.actions.values():
            types = (
                everything
                if action.never
                else [self.types[kind] for kind in (*action.kinds, *action.foreseen)]
            )
            actions[action.name] = _applies(action.groups, types, action.facts)
        in_use = {group for action in self.actions.values() for group in action.groups}
        empty = tuple(group for group in self.groups if group not in in_use)
        actions[UNKNOWN] = _applies((), everything, {})
        actions[NOTHING] = _applies(empty, everything, {})
        entities: dict[str, Any] = {
            "Role": {"memberOfTypes": ["Role"]},
            "Person": {"memberOfTypes": ["Role"]},
            "Device": {"shape": _record(_DEVICE)},
        }
        entities |= {name: {"shape": _record(_OWNER)} for name in everything}
        return {"": {"entityTypes": entities, "actions": actions}}

    @property
    def groups(self) -> tuple[str, ...]:
        """Every group a rule may name."""
        declared = (group for action in self.actions.values() for group in action.groups)
        return tuple(dict.fromkeys((*GROUPS, *declared)))


def _type_name(kind: str) -> str:
    """Return the type of a kind: `air_conditioner` is `AirConditioner`."""
    name = "".join(word.capitalize() for word in re.split("[-_]", kind))
    if name in _RESERVED:
        msg = f"kind `{kind}` cannot be a type of the rules, where `{name}` means something else"
        raise PolicyError(msg, help_text="give the kind another name")
    return name


def _facts(kind: type[Device]) -> Attributes:
    """Return the circumstances of a kind, beside those common to all requests, as attributes."""
    hints = get_type_hints(kind.Circumstances)
    names = [field.name for field in fields(kind.Circumstances) if field.name not in {"moving", "code"}]
    return {name: _attribute(kind.kind, name, hints[name]) for name in names}


def _attribute(kind: str, name: str, hint: Any) -> Mapping[str, Any]:
    """Return how Cedar types one circumstance; `None` in a hint makes it optional."""
    if name in _COMMON:
        msg = f"circumstance `{name}` of kind `{kind}` has a name that every request uses already"
        raise PolicyError(msg, help_text="give it another name")
    options = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    present = [option for option in options if option is not NoneType]
    if len(present) != 1 or present[0] not in _TYPES:
        msg = f"circumstance `{name}` of kind `{kind}` is nothing that rules can weigh"
        raise PolicyError(msg, help_text="use bool, int or str, with `| None` when it can be absent")
    return {"type": _TYPES[present[0]], "required": len(present) == len(options)}


def groups_of(declared: Iterable[str], tier: Tier, *, near: bool) -> tuple[str, ...]:
    """Return every group of a command: those it declares, that of nearness, and that of its tier."""
    declared = tuple(declared)
    tier = "never" if REMOTE_DRIVING in declared else tier
    return tuple(dict.fromkeys((*declared, *((NEAR_ACCESS,) if near else ()), *_TIER_GROUPS[tier])))


def _action(kind: str, command: type[Command], facts: Attributes) -> Action:
    """Return one command of one kind; what no message may cause has nothing to weigh."""
    groups = groups_of(command.groups, command.tier, near=command.near)
    return Action(command.action, groups, (kind,), {} if NEVER in groups else facts)


def _merged(one: Action, other: Action, place: Place | None = None) -> Action:
    """Return a command that two kinds have; rules see one action, so it must mean the same to both."""
    (kind,) = (*other.kinds, *other.foreseen)
    if set(one.groups) != set(other.groups):
        here, there = (" and ".join(f"`{group}`" for group in action.groups) for action in (one, other))
        msg = (
            f"command `{one.name}` is in {here or 'no group'}, but for kind `{kind}` in {there or 'no group'}"
        )
        help_text = "declare the same group, tier and nearness in every kind"
        raise PolicyError(msg, place=place, help_text=help_text)
    facts: dict[str, Mapping[str, Any]] = {}
    for name in (*one.facts, *(name for name in other.facts if name not in one.facts)):
        told = [action.facts[name] for action in (one, other) if name in action.facts]
        if told[0]["type"] != told[-1]["type"]:
            msg = f"circumstance `{name}` of command `{one.name}` has another type in kind `{kind}`"
            raise PolicyError(msg, place=place, help_text="use one type, or another name")
        facts[name] = {**told[0], "required": len(told) == 2 and all(fact["required"] for fact in told)}
    return replace(
        one, kinds=(*one.kinds, *other.kinds), facts=facts, foreseen=(*one.foreseen, *other.foreseen)
    )


def _foreseen_type(one: Foreseen) -> str:
    try:
        return _type_name(one.kind)
    except PolicyError as error:
        raise PolicyError(error.sentence, place=one.place, help_text=error.help_text) from None


def _foretold(known: Action | None, one: Foreseen, own: Attributes) -> Action:
    """Return a command with what is foreseen of it; a kind that has it must be as it was foreseen.

    Args:
        known: the same command of other kinds, or of this one, as far as gathered.
        one: what is foreseen.
        own: what the kind tells already about every one of its commands.
    """
    for name, attribute in one.facts.items():
        if name in _COMMON:
            msg = f"fact `{name}` has a name that every request uses already"
            raise PolicyError(msg, place=one.place, help_text="give it another name")
        if name in own and own[name]["type"] != attribute["type"]:
            msg = f"kind `{one.kind}` tells `{name}` as {own[name]['type']}, not as {attribute['type']}"
            raise PolicyError(msg, place=one.place, help_text="use one type, or another name")
    arrived = known is not None and one.kind in known.kinds
    if arrived and (missing := [name for name in one.facts if name not in own]):
        msg = f"kind `{one.kind}` has `{one.action}` now, and does not tell `{missing[0]}`"
        raise PolicyError(msg, place=one.place, help_text="let it tell the fact, or foresee it no longer")
    if known is not None and one.kind in known.foreseen:
        msg = f"command `{one.action}` of kind `{one.kind}` is foreseen twice"
        raise PolicyError(msg, place=one.place, help_text="give it another name")
    facts = {} if NEVER in one.groups else {**one.facts, **own}
    action = Action(one.action, one.groups, (), facts, (one.kind,))
    if known is None:
        return action
    merged = _merged(known, action, one.place)
    return known if arrived else merged


def _applies(groups: Iterable[str], types: list[str], facts: Attributes) -> dict[str, Any]:
    """Return an action of the schema."""
    return {
        "memberOf": [{"id": group} for group in groups],
        "appliesTo": {
            "principalTypes": list(ASKERS),
            "resourceTypes": types,
            "context": _record({**_COMMON, **facts}),
        },
    }


def _record(attributes: Attributes) -> dict[str, Any]:
    return {"type": "Record", "attributes": {name: dict(attribute) for name, attribute in attributes.items()}}
