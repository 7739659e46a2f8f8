"""Values of rules in Python: contexts and entities as JSON, held against the schema and read into them.

    Boolean, Long, String   bool, int, str
    Entity                  Uid
    Set                     frozenset of what `keyed` makes of its elements
    Record                  Record

What does not conform to the schema is a `MisfitError`, as it is for the engine.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sim.analysis.evaluation.tree import is_name, quoted
from sim.analysis.question import Uid
from sim.core.errors import PolicyError

LONG_MIN: Final = -(2**63)
LONG_MAX: Final = 2**63 - 1

Reader: TypeAlias = Callable[[Any], Any]
"""Returns a JSON value as a value of rules; raises `MisfitError` when it does not conform."""

_NOTHING: Final = {"type": "Record", "attributes": {}}


class MisfitError(Exception):
    """Raised when a value, an entity or a request does not conform to the schema."""


class Record(dict[str, Any]):
    """Attributes with their values; `true` and 1 are not the same in it, as they would be in Python."""

    def __eq__(self, other: object) -> bool:
        return type(other) is Record and keyed(self) == keyed(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # a dict, as before


def keyed(value: Any) -> Any:
    """Return a value as an element of a set: hashable, and `true` different from 1."""
    if type(value) is bool:
        return (value,)
    if type(value) is Record:
        return "record", frozenset((name, keyed(part)) for name, part in value.items())
    return value


def value_text(value: Any) -> str:
    """Return a value, or an element of a set, as Cedar text; sets and records sorted."""
    match value:
        case bool() | (bool(),):
            return str(value if isinstance(value, bool) else value[0]).lower()
        case int():
            return str(value)
        case str():
            return quoted(value)
        case Uid():
            return f"{value.type}::{quoted(value.id)}"
        case Record() | ("record", _):
            pairs = value.items() if isinstance(value, Record) else value[1]
            return f"{{{', '.join(sorted(f'{_name(name)}: {value_text(part)}' for name, part in pairs))}}}"
        case _:
            return f"[{', '.join(sorted(map(value_text, value)))}]"


def _name(name: str) -> str:
    return name if is_name(name) else quoted(name)


@dataclass(frozen=True, slots=True)
class EntityShape:
    """A type of entities.

    Attributes:
        attributes: reads the attributes of one.
        ancestors: types of entities it can be in.
        ids: the only ids there are; None when any will do.
    """

    attributes: Reader
    ancestors: frozenset[str]
    ids: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class ActionShape:
    """An action.

    Attributes:
        principals: types of those who can ask for it.
        resources: types of what can be asked.
        context: reads the context of a request.
        ancestors: every group it is in.
    """

    principals: tuple[str, ...]
    resources: tuple[str, ...]
    context: Reader
    ancestors: frozenset[Uid]


class TypedSchema:
    """A schema, ready to read values by.

    Args:
        schema: Cedar's schema in its JSON form.

    Raises:
        PolicyError: when it has namespaces or uses types of extensions, which are not known here.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        if list(schema) != [""]:
            msg = "a schema with namespaces cannot be read here"
            raise PolicyError(msg)
        self._commons: Mapping[str, Any] = schema[""].get("commonTypes", {})
        self._declared: Mapping[str, Any] = schema[""]["entityTypes"]
        parents = {name: tuple(entity.get("memberOfTypes", ())) for name, entity in self._declared.items()}
        self.entities: Mapping[str, EntityShape] = {
            name: EntityShape(
                self._reader(entity.get("shape", _NOTHING)),
                frozenset(_above(name, parents)),
                frozenset(entity["enum"]) if "enum" in entity else None,
            )
            for name, entity in self._declared.items()
        }
        actions: Mapping[str, Any] = schema[""]["actions"]
        groups = {name: tuple(group["id"] for group in _groups(action)) for name, action in actions.items()}
        self.actions: Mapping[str, ActionShape] = {
            name: self._action(action, _above(name, groups)) for name, action in actions.items()
        }

    @property
    def environments(self) -> tuple[tuple[str, str, str], ...]:
        """Every kind of request: type of the principal, action, type of the resource."""
        return tuple(
            (principal, name, resource)
            for name, action in self.actions.items()
            for principal in action.principals
            for resource in action.resources
        )

    def uid(self, uid: Uid) -> Uid:
        """Return the name of an entity if there can be such an entity.

        Raises:
            MisfitError: when its type is not declared, or does not have that id.
        """
        shape = self.entities.get(uid.type)
        if shape is None:
            msg = f"there is no type `{uid.type}`"
            raise MisfitError(msg)
        if shape.ids is not None and uid.id not in shape.ids:
            msg = f"there is no `{uid}`"
            raise MisfitError(msg)
        return uid

    def _action(self, action: Mapping[str, Any], groups: Iterable[str]) -> ActionShape:
        applies = (action or {}).get("appliesTo") or {}
        return ActionShape(
            tuple(applies.get("principalTypes", ())),
            tuple(applies.get("resourceTypes", ())),
            self._reader(applies.get("context", _NOTHING)),
            frozenset(Uid("Action", group) for group in groups),
        )

    def _reader(self, declared: Mapping[str, Any]) -> Reader:
        """Return what reads values of a type."""
        match declared:
            case {"type": "Record"}:
                return self._record_reader(declared.get("attributes", {}))
            case {"type": "Set", "element": element}:
                return _set_reader(self._reader(element))
            case {"type": "Entity", "name": name}:
                return self._entity_reader(name)
            case {"type": "EntityOrCommon", "name": name} | {"type": name}:
                return self._named_reader(name.removeprefix("__cedar::"))
            case _:
                msg = f"type `{declared}` of the schema is not known here"
                raise PolicyError(msg)

    def _named_reader(self, name: str) -> Reader:
        if name in self._commons:
            return self._reader(self._commons[name])
        if name in self._declared:
            return self._entity_reader(name)
        if name not in _PRIMITIVES:
            msg = f"type `{name}` of the schema is not known here"
            raise PolicyError(msg)
        return _PRIMITIVES[name]

    def _entity_reader(self, name: str) -> Reader:
        def read(value: Any) -> Uid:
            match value:
                case {"__entity": {"type": str(found), "id": str(of)}} | {"type": str(found), "id": str(of)}:
                    if found == name:
                        return self.uid(Uid(found, of))
                case _:
                    pass
            msg = f"`{value}` is no `{name}`"
            raise MisfitError(msg)

        return read

    def _record_reader(self, attributes: Mapping[str, Any]) -> Reader:
        readers = {name: self._reader(attribute) for name, attribute in attributes.items()}
        as_they_are = {name: _AS_THEY_ARE.get(reader) for name, reader in readers.items()}
        required = {name for name, attribute in attributes.items() if attribute.get("required", True)}

        def read(value: Any) -> Record:
            if not isinstance(value, Mapping):
                msg = f"`{value}` has no attributes"
                raise MisfitError(msg)
            found = Record(value)
            for name, part in value.items():
                if name not in readers:
                    msg = f"attribute `{name}` is not declared"
                    raise MisfitError(msg)
                if as_they_are[name] is not type(part):  # spares half the time
                    found[name] = readers[name](part)
            if not required <= found.keys():
                msg = f"attribute `{min(required - found.keys())}` is missing"
                raise MisfitError(msg)
            return found

        return read


def _read_boolean(value: Any) -> bool:
    if type(value) is not bool:
        msg = f"`{value}` is neither true nor false"
        raise MisfitError(msg)
    return value


def _read_long(value: Any) -> int:
    if type(value) is not int or not LONG_MIN <= value <= LONG_MAX:
        msg = f"`{value}` is no whole number of 64 bits"
        raise MisfitError(msg)
    return value


def _read_string(value: Any) -> str:
    if type(value) is not str:
        msg = f"`{value}` is no text"
        raise MisfitError(msg)
    return value


_PRIMITIVES: Final[Mapping[str, Reader]] = {
    "Boolean": _read_boolean,
    "Bool": _read_boolean,
    "Long": _read_long,
    "String": _read_string,
}
_AS_THEY_ARE: Final[Mapping[Reader, type]] = {_read_boolean: bool, _read_string: str}
"""What any value of a type is fit for."""


def _set_reader(element: Reader) -> Reader:
    def read(value: Any) -> frozenset[Any]:
        if not isinstance(value, list | tuple):
            msg = f"`{value}` is no list"
            raise MisfitError(msg)
        return frozenset(keyed(element(part)) for part in value)

    return read


def _groups(action: Mapping[str, Any] | None) -> Iterable[Mapping[str, Any]]:
    return (action or {}).get("memberOf") or ()


def _above(name: str, parents: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return all parents, their parents and so on; a name can be above itself."""
    found: dict[str, None] = {}
    waiting = list(parents.get(name, ()))
    while waiting:
        parent = waiting.pop()
        if parent not in found:
            found[parent] = None
            waiting += parents.get(parent, ())
    return tuple(found)


class Store:
    """Entities with their attributes and everything they are in.

    Args:
        entities: every entity that is there, as Cedar's entity JSON: `uid`, `attrs`, `parents`.
        schema: the schema they conform to; actions and their groups come from it.

    Attributes:
        attributes: entity to its attributes.
        ancestors: entity to what it is in, directly or not.

    Raises:
        PolicyError: when they do not conform, when one is there twice, or is in itself.
    """

    def __init__(
        self, entities: Iterable[Mapping[str, Any]], schema: TypedSchema | Mapping[str, Any]
    ) -> None:
        typed = schema if isinstance(schema, TypedSchema) else TypedSchema(schema)
        self.attributes: dict[Uid, Record] = {}
        parents: dict[Uid, tuple[Uid, ...]] = {}
        for entity in entities:
            uid = _uid(entity["uid"])
            if uid.type == "Action":  # those of the schema count
                continue
            above = tuple(map(_uid, entity.get("parents", ())))
            try:
                attributes = typed.entities[typed.uid(uid).type].attributes(entity.get("attrs", {}))
            except MisfitError as error:
                msg = f"entity `{uid}` does not conform to the schema: {error}"
                raise PolicyError(msg) from None
            if self.attributes.get(uid, attributes) != attributes or parents.get(uid, above) != above:
                msg = f"entity `{uid}` is there twice"
                raise PolicyError(msg)
            self.attributes[uid], parents[uid] = attributes, above
        self.ancestors: dict[Uid, frozenset[Uid]] = {uid: _ancestors(uid, parents, typed) for uid in parents}
        for name, action in typed.actions.items():
            uid = Uid("Action", name)
            self.attributes[uid], self.ancestors[uid] = Record(), action.ancestors


def _uid(value: Mapping[str, Any]) -> Uid:
    found = value.get("__entity", value)
    return Uid(found["type"], found["id"])


def _ancestors(uid: Uid, parents: Mapping[Uid, Iterable[Uid]], schema: TypedSchema) -> frozenset[Uid]:
    found: dict[Uid, None] = {}
    waiting = list(parents[uid])
    while waiting:
        parent = waiting.pop()
        if parent == uid:
            msg = f"entity `{uid}` is in itself"
            raise PolicyError(msg)
        if parent.type not in schema.entities[uid.type].ancestors:
            msg = f"entity `{uid}` cannot be in `{parent}`"
            raise PolicyError(msg)
        if parent not in found:
            found[parent] = None
            waiting += parents.get(parent, ())
    return frozenset(found)
