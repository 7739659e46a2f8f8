"""What a Cedar schema says, in a form the prover can walk: types resolved, groups and hierarchies closed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sim.analysis.evaluation.words import Environment
from sim.core.errors import PolicyError

PlainKind = Literal["Boolean", "Long", "String"]

_PLAIN: Mapping[str, PlainKind] = {
    "Boolean": "Boolean",
    "Bool": "Boolean",
    "Long": "Long",
    "String": "String",
}


class UnsupportedError(PolicyError):
    """Raised when rules or a schema use what the prover does not model; then nothing is proved.

    Args:
        construct: what it is, in Cedar's words.
    """

    def __init__(self, *, construct: str) -> None:
        super().__init__(f"the prover knows nothing of {construct}")
        self.construct = construct


@dataclass(frozen=True, slots=True)
class Plain:
    """A Boolean, Long or String."""

    kind: PlainKind


@dataclass(frozen=True, slots=True)
class Reference:
    """An entity of one type."""

    entity: str


@dataclass(frozen=True, slots=True)
class SetOf:
    """A set."""

    element: "Shape"


@dataclass(frozen=True, slots=True)
class RecordOf:
    """A record; attributes that are not listed are not there."""

    attributes: Mapping[str, "Attribute"]


@dataclass(frozen=True, slots=True)
class Foreign:
    """A type the prover does not model; harmless while no rule asks for its value."""

    name: str


Shape: TypeAlias = Plain | Reference | SetOf | RecordOf | Foreign


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute: its type, and whether it is always there."""

    shape: Shape
    required: bool


@dataclass(frozen=True, slots=True)
class ActionShape:
    """An action: itself and every group it is in, who may ask it of what, and its context."""

    groups: frozenset[str]
    principals: tuple[str, ...]
    resources: tuple[str, ...]
    context: RecordOf


@dataclass(frozen=True, slots=True)
class Shapes:
    """A schema without namespaces.

    Attributes:
        entities: type of entity to its attributes.
        above: type of entity to the types that such an entity can be in, sorted.
        actions: action or group to what is known of it, in the order of the schema.
    """

    entities: Mapping[str, RecordOf]
    above: Mapping[str, tuple[str, ...]]
    actions: Mapping[str, ActionShape]

    @classmethod
    def read(cls, schema: Mapping[str, Any]) -> "Shapes":
        """Return what a schema in Cedar's JSON form says.

        Raises:
            UnsupportedError: when it has namespaces or enumerated entity types.
        """
        if set(schema) != {""}:
            raise UnsupportedError(construct="namespaces")
        space = schema[""]
        reader = _Reader(space)
        entities = {name: reader.entity(told) for name, told in space["entityTypes"].items()}
        parents = {name: told.get("memberOfTypes", ()) for name, told in space["entityTypes"].items()}
        above = {name: tuple(sorted(_reachable(parents[name], parents))) for name in parents}
        groups = {
            name: [group["id"] for group in told.get("memberOf") or ()]
            for name, told in space["actions"].items()
        }
        actions = {
            name: reader.action(told, frozenset(_reachable([name], groups)))
            for name, told in space["actions"].items()
        }
        return cls(entities, above, actions)

    def environments(self) -> Iterator[Environment]:
        """Yield every kind of request there can be, in the order of the schema."""
        for name, action in self.actions.items():
            for principal in action.principals:
                for resource in action.resources:
                    yield Environment(principal, name, resource)


def _reachable(start: Iterable[str], arrows: Mapping[str, Iterable[str]]) -> set[str]:
    """Return everything that arrows lead to, the start included."""
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting.extend(arrows.get(here, ()))
    return found


class _Reader:
    """Reads the types of one schema; names of common types are replaced by what they stand for."""

    def __init__(self, space: Mapping[str, Any]) -> None:
        self._common = space.get("commonTypes", {})
        self._entities = space["entityTypes"]

    def entity(self, told: Mapping[str, Any]) -> RecordOf:
        """Return the attributes of a type of entity."""
        if "enum" in told:
            raise UnsupportedError(construct="enumerated entity types")
        return self._record(told.get("shape"))

    def action(self, told: Mapping[str, Any], groups: frozenset[str]) -> ActionShape:
        """Return what is known of an action; a mere group applies to nothing."""
        applies = told.get("appliesTo") or {}
        return ActionShape(
            groups=groups,
            principals=tuple(applies.get("principalTypes", ())),
            resources=tuple(applies.get("resourceTypes", ())),
            context=self._record(applies.get("context")),
        )

    def _record(self, told: Mapping[str, Any] | None) -> RecordOf:
        """Return a type that can only be a record."""
        shape = RecordOf({}) if told is None else self._shape(told)
        if not isinstance(shape, RecordOf):
            raise UnsupportedError(construct="attributes that are no record")
        return shape

    def _shape(self, told: Mapping[str, Any]) -> Shape:
        """Return any type."""
        match told["type"]:
            case "Set":
                return SetOf(self._shape(told["element"]))
            case "Record":
                return RecordOf(
                    {
                        name: Attribute(self._shape(attribute), attribute.get("required", True))
                        for name, attribute in told["attributes"].items()
                    }
                )
            case "Entity" | "EntityOrCommon" | "Extension":
                return self._named(told["name"])
            case name:
                return self._named(name)

    def _named(self, name: str) -> Shape:
        """Return the type of a name."""
        if name in self._common:
            return self._shape(self._common[name])
        if name in self._entities:
            return Reference(name)
        if name in _PLAIN:
            return Plain(_PLAIN[name])
        return Foreign(name)
