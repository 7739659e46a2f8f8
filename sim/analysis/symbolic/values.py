"""The values of Cedar as the prover holds them: their types are known, their contents are formulas."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from sim.analysis.symbolic.formulas import Formula
from sim.analysis.symbolic.shapes import PlainKind, RecordOf, Shape


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """A Boolean, Long or String."""

    kind: PlainKind
    formula: Formula


@dataclass(frozen=True, slots=True, eq=False)
class Entity:
    """An entity of a known type."""

    type: str
    formula: Formula


@dataclass(frozen=True, slots=True)
class ActionName:
    """An action or a group of actions; every environment has one action, so nothing is open about it."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class SymbolicSet:
    """A set of the context or of an entity: an array from its elements' sort to truth values."""

    element: Shape
    formula: Formula


@dataclass(frozen=True, slots=True, eq=False)
class SetLiteral:
    """A set that a rule spells out; its elements may be of several types."""

    items: tuple["Value", ...]


class Field(NamedTuple):
    """A field of a record: whether it is there, and its value if so."""

    present: Formula
    value: "Value"


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """A record with its fields; what is not listed is not there."""

    fields: Mapping[str, Field]


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A record of the context or of an entity, of which no field was asked for yet.

    Attributes:
        shape: its fields.
        path: where it stands, as the names of its terms begin.
        owner: the entity it belongs to; None for the context.
    """

    shape: RecordOf
    path: str
    owner: Entity | None


@dataclass(frozen=True, slots=True)
class Unmodelled:
    """A value of a type the prover does not model: asking whether it is there is all one can do."""

    type: str


Value: TypeAlias = Scalar | Entity | ActionName | SymbolicSet | SetLiteral | Record | Region | Unmodelled
