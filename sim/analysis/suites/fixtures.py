"""What tests of rules stand on: a store of entities, and the values of a file held against the schema.

Whoever writes a test names an entity in short: `lin` is `Person::"lin"`, anything else is written with its
type, `Car::su7`. The base store holds the household that every suite can count on:

    lin (owner), mei (member), tao (child), jun (guest)      Person
    Stranger::mallory                                        whoever proves nothing
    Device::phone, watch, dashboard, …                       senders: one for each type that can be asked
    Car::su7, Car::car, Camera::camera, …                    what is asked: one for each type, owned by lin
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sim.analysis.evaluation.words import Attributes, Words
from sim.analysis.question import Uid
from sim.core.errors import Place, PolicyError, SimError, did_you_mean
from sim.documents.reading import Entry, Mistake, Node, short

PERSON = "Person"
"""The type of a name without a type."""
LONG_MIN, LONG_MAX = -(2**63), 2**63 - 1
"""Smallest and largest whole number of Cedar."""

_ROLES = {"member": (), "owner": ("member",), "child": (), "guest": ()}
_PEOPLE = {"lin": "owner", "mei": "member", "tao": "child", "jun": "guest"}
_OWNER = "lin"
_SENDERS = {"phone": "phone", "watch": "watch", "dashboard": "dashboard", "su7": "car", "mallory": "stranger"}
_UNTRUSTED = "stranger"
_ENTITY_NAME = re.compile(r'(?:([A-Za-z_]\w*)::)?("?)([^\s"*:]+)\2', re.ASCII)
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,30}", re.ASCII)
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_EXPECTED = {
    "Boolean": "`true` or `false`",
    "Long": "a whole number",
    "String": "text",
    "Entity": "the name of a `{name}`",
    "Set": "a list",
    "Record": "keys with values",
}


def refusal(mistake: Mistake, sentence: str, place: Place, help_text: str | None = None) -> SimError:
    """Return the error to raise for a mistake in a test file."""
    return mistake.of(PolicyError, sentence, place, help_text)


def written(uid: Uid) -> str:
    """Return the name of an entity as test files have it."""
    return uid.id if uid.type == PERSON else f"{uid.type}::{uid.id}"


def meant(name: str) -> Uid:
    """Return the entity whose name `written` returned."""
    type_name, _, known = name.rpartition("::")
    return Uid(type_name or PERSON, known)


# --- what a schema says of actions ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asking:
    """An action: the types that may ask it, the types it may be asked of, and what is told about it."""

    principals: tuple[str, ...]
    resources: tuple[str, ...]
    facts: Attributes


def askings(words: Words) -> dict[str, Asking]:
    """Return every action that can be asked; groups are none."""
    found: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for principal, action, resource in words.environments:
        principals, resources = found.setdefault(action, ({}, {}))
        principals[principal] = resources[resource] = None
    return {
        action: Asking(tuple(principals), tuple(resources), words.context(action))
        for action, (principals, resources) in found.items()
    }


def action_groups(words: Words) -> dict[str, tuple[str, ...]]:
    """Return every group of actions with the actions in it, at any depth."""
    found: dict[str, tuple[str, ...]] = {}
    for action in askings(words):
        for group in words.groups(action):
            if group != action:
                found[group] = (*found.get(group, ()), action)
    return found


def is_required(attribute: Mapping[str, Any]) -> bool:
    """Say whether an attribute is always there; Cedar's default."""
    return bool(attribute.get("required", True))


# --- the base store ---------------------------------------------------------------------------------


def base_entities(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the entities that every suite can count on, as Cedar's entity JSON.

    Whatever the schema has no type for is left out, and so is an entity whose type demands an attribute
    other than `kind`, `enrolled` and `owner`.
    """
    words = Words(schema)
    found: dict[Uid, dict[str, Any]] = {}
    for uid, values, parents in _household(words):
        attributes = _fitting(words, uid.type, values)
        if attributes is not None and uid not in found:
            found[uid] = {"uid": uid.to_json(), "attrs": attributes, "parents": parents}
    return list(found.values())


def _household(words: Words) -> Iterator[tuple[Uid, dict[str, Any], list[dict[str, str]]]]:
    """Yield entities with the values they would have, and what they are in."""
    owned = {"owner": {"__entity": Uid(PERSON, _OWNER).to_json()}} if PERSON in words.types else {}
    for role, above in _ROLES.items():
        yield Uid("Role", role), {}, [Uid("Role", one).to_json() for one in above]
    for name, role in _PEOPLE.items():
        yield Uid(PERSON, name), {}, [Uid("Role", role).to_json()] if "Role" in words.types else []
    yield Uid("Stranger", "mallory"), {}, []
    resources = dict.fromkeys(environment.resource for environment in words.environments)
    asked = {name: _kind(name) for name in resources if name not in {"Role", PERSON, "Device"}}
    for name, kind in {**_SENDERS, **{kind: kind for kind in asked.values()}}.items():
        trusted = kind != _UNTRUSTED
        yield Uid("Device", name), {"kind": kind, "enrolled": trusted, **(owned if trusted else {})}, []
    if "Car" in asked:
        yield Uid("Car", "su7"), owned, []
    for name, kind in asked.items():
        yield Uid(name, kind), owned, []


def _kind(type_name: str) -> str:
    """Return the kind of a type: `AirConditioner` is `air_conditioner`."""
    return _CAPITAL.sub("_", type_name).lower()


def _fitting(words: Words, type_name: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the values that a type has attributes for; None when it is no type or demands more."""
    shape = words.attributes(type_name) if type_name in words.types else None
    if shape is None or any(is_required(one) and name not in values for name, one in shape.items()):
        return None
    return {name: value for name, value in values.items() if name in shape}


# --- a suite's own store ----------------------------------------------------------------------------


class Fixtures:
    """The store of one suite: the base store with the changes that a file makes to it.

    Args:
        schema: the Cedar schema in its JSON form.
        changes: name of each new or changed entity to its attributes; `in` names what it is in.

    Raises:
        PolicyError: for a type, attribute or entity that is not there, or a value that does not fit.
    """

    def __init__(self, schema: Mapping[str, Any], changes: Mapping[str, Entry]) -> None:
        self.words = Words(schema)
        self._above_types = {
            name: tuple(one.get("memberOfTypes", ())) for name, one in schema[""]["entityTypes"].items()
        }
        self._used: set[Uid] = set()
        self._entities = {Uid.of(one["uid"]): one for one in base_entities(schema)}
        self._changes: dict[Uid, Entry] = {}
        for entry in changes.values():
            uid = self._parsed(entry.key)
            if uid in self._changes:
                sentence = f"`{entry.key.value}` is the same entity as `{self._changes[uid].key.value}`"
                raise refusal(Mistake.DUPLICATE_KEY, sentence, entry.key.place, "keep one of them")
            self._changes[uid] = entry
        for uid in self._changes:
            self._entities.setdefault(uid, {"uid": uid.to_json(), "attrs": {}, "parents": []})
        for uid, entry in self._changes.items():
            self._change(uid, entry)
        for uid, entry in self._changes.items():
            if uid in self._above(uid):
                sentence = f"`{entry.key.value}` is in itself"
                raise refusal(Mistake.WRONG_VALUE, sentence, entry.key.place)

    def entities(self) -> tuple[dict[str, Any], ...]:
        """Return every entity, as Cedar's entity JSON."""
        return tuple(self._entities.values())

    def people(self) -> tuple[Uid, ...]:
        """Return all people of the store; whoever asks uses each of them."""
        found = tuple(uid for uid in self._entities if uid.type == PERSON)
        self._used.update(found)
        return found

    def has(self, name: str) -> bool:
        """Say whether a name is that of a person."""
        return Uid(PERSON, name) in self._entities

    def uid(self, name: Node) -> Uid:
        """Return the entity that a name means, and take it as used.

        Raises:
            PolicyError: when there is none.
        """
        uid = self._parsed(name)
        if uid not in self._entities:
            sentence = f"there is no entity `{short(str(name.value))}`"
            known = [written(one) for one in self._entities]
            raise refusal(Mistake.UNKNOWN_NAME, sentence, name.place, did_you_mean(str(name.value), known))
        self._used.add(uid)
        return uid

    def check_used(self) -> None:
        """Refuse a change to the store that no test can notice.

        Raises:
            PolicyError: when an entity of the file is named nowhere else in it.
        """
        for uid, entry in self._changes.items():
            if uid not in self._used:
                sentence = f"no test uses the entity `{entry.key.value}`"
                raise refusal(Mistake.UNKNOWN_NAME, sentence, entry.key.place, "delete it, or name it")

    def value(self, name: str, node: Node, attribute: Mapping[str, Any]) -> Any:
        """Return a value as Cedar's JSON.

        Args:
            name: how sentences call it.
            node: what the file says.
            attribute: its type, as the schema has it.

        Raises:
            PolicyError: when it is of another type.
        """
        match attribute["type"], node.value:
            case ("Boolean", bool()):
                return node.value
            case ("Long", int() | str()) if not isinstance(node.value, bool):
                return _whole_number(name, node)
            case ("String", str()):
                return node.value
            case ("Entity", str()):
                return {"__entity": self._entity_of(name, node, attribute["name"]).to_json()}
            case ("Set", tuple()):
                return [self.value(f"an entry of {name}", item, attribute["element"]) for item in node.items]
            case ("Record", Mapping()):
                return self.record(name, node, attribute["attributes"])
            case _:
                raise _wrong_type(name, node, attribute)

    def record(self, name: str, node: Node, attributes: Attributes) -> dict[str, Any]:
        """Return keys with values as Cedar's JSON; a value that is left empty is not there.

        Raises:
            PolicyError: for an unknown key, a missing one, or a value of another type.
        """
        for key, entry in node.entries.items():
            if key not in attributes:
                sentence = f"`{name}` has no attribute `{short(key)}`"
                raise refusal(
                    Mistake.UNKNOWN_KEY,
                    sentence,
                    entry.key.place,
                    did_you_mean(key, attributes) or "delete it",
                )
        given = {key: entry.value for key, entry in node.entries.items() if entry.value.value is not None}
        check_complete(name, given, attributes, node.place)
        return {key: self.value(key, value, attributes[key]) for key, value in given.items()}

    def _parsed(self, name: Node) -> Uid:
        """Return the entity a name would mean, if its type is one."""
        match = _ENTITY_NAME.fullmatch(str(name.value))
        if match is None:
            sentence = f"`{short(str(name.value))}` is not the name of an entity"
            raise refusal(
                Mistake.NOT_A_NAME, sentence, name.place, "write a person as `lin`, others `Car::su7`"
            )
        type_name = match[1] or PERSON
        if type_name not in self.words.types:
            sentence = f"there is no entity type `{short(type_name)}`"
            help_text = did_you_mean(type_name, self.words.types)
            raise refusal(Mistake.UNKNOWN_NAME, sentence, name.place, help_text)
        return Uid(type_name, match[3])

    def _entity_of(self, name: str, node: Node, type_name: str) -> Uid:
        uid = self.uid(node)
        if uid.type != type_name:
            raise _wrong_type(name, node, {"type": "Entity", "name": type_name})
        return uid

    def _change(self, uid: Uid, entry: Entry) -> None:
        """Lay what the file says of an entity over what the base store says."""
        said, shape = dict(entry.value.entries), self.words.attributes(uid.type)
        place, entity = entry.key.place, self._entities[uid]
        parents = said.pop("in", None)
        for key, one in said.items():
            if key not in shape:
                sentence = f"a `{uid.type}` has no attribute `{short(key)}`"
                known = [*shape, *(["in"] if self._above_types[uid.type] else [])]
                raise refusal(Mistake.UNKNOWN_KEY, sentence, one.key.place, did_you_mean(key, known))
        attributes = {key: value for key, value in entity["attrs"].items() if key not in said}
        for key, one in said.items():
            if one.value.value is not None:
                attributes[key] = self.value(key, one.value, shape[key])
        check_complete(str(entry.key.value), attributes, shape, place)
        above = entity["parents"] if parents is None else self._parents(uid.type, parents)
        self._entities[uid] = {**entity, "attrs": attributes, "parents": above}

    def _parents(self, type_name: str, written_in: Entry) -> list[dict[str, str]]:
        """Return what an entity is in; a name without a type is of the first type it may be in."""
        allowed = self._above_types[type_name]
        if not allowed:
            sentence = f"a `{type_name}` cannot be in anything"
            raise refusal(Mistake.UNKNOWN_KEY, sentence, written_in.key.place)
        if not isinstance(written_in.value.value, tuple):
            raise _wrong_type(str(written_in.key.value), written_in.value, {"type": "Set"})
        found = []
        for item in written_in.value.items:
            name = str(item.value)
            uid = self.uid(item if "::" in name else Node(f"{allowed[0]}::{name}", item.place))
            if uid.type not in allowed:
                sentence = f"a `{type_name}` cannot be in a `{uid.type}`"
                raise refusal(Mistake.WRONG_VALUE, sentence, item.place)
            found.append(uid.to_json())
        return found

    def _above(self, uid: Uid) -> set[Uid]:
        """Return everything an entity is in, at any distance."""
        found: set[Uid] = set()
        waiting = [uid]
        while waiting:
            for parent in self._entities[waiting.pop()]["parents"]:
                above = Uid.of(parent)
                if above not in found:
                    found.add(above)
                    waiting.append(above)
        return found


def check_complete(name: str, given: Iterable[str], attributes: Attributes, place: Place) -> None:
    """Refuse values that leave out what is always there.

    Raises:
        PolicyError: with the first attribute that is missing.
    """
    missing = next((key for key, one in attributes.items() if is_required(one) and key not in given), None)
    if missing is not None:
        help_text = f"say `{missing}: …`, here or in a layer below"
        raise refusal(Mistake.MISSING_KEY, f"`{missing}` is missing for `{name}`", place, help_text)


def _whole_number(name: str, node: Node) -> int:
    """Return a whole number; one that YAML would not keep exactly is written in quotes."""
    if _WHOLE_NUMBER.fullmatch(str(node.value)) is None:
        raise _wrong_type(name, node, {"type": "Long"})
    number = int(str(node.value))
    if not LONG_MIN <= number <= LONG_MAX:
        sentence = f"`{name}` is `{number}`, which does not fit into 64 bits"
        raise refusal(Mistake.NUMBER, sentence, node.place, f"the largest is `{LONG_MAX}`")
    return number


def _wrong_type(name: str, node: Node, attribute: Mapping[str, Any]) -> SimError:
    stands = {dict: "has keys with values", tuple: "is a list", type(None): "is empty"}.get(type(node.value))
    expected = _EXPECTED[attribute["type"]].format(**attribute)
    sentence = f"`{name}` {stands or f'is `{short(node.written)}`'}, expected {expected}"
    is_text = attribute["type"] == "String" and stands is None
    help_text = f'put it in quotes: `"{node.written}"`' if is_text else f"write {expected}"
    return refusal(Mistake.WRONG_VALUE, sentence, node.place, help_text)
