"""When two values are equal, and what sets contain."""

from collections.abc import Iterable

import z3

from sim.analysis.symbolic.formulas import (
    FALSE,
    TRUE,
    Formula,
    both,
    conjunction,
    constant,
    disjunction,
    equality,
    opposite,
)
from sim.analysis.symbolic.shapes import Plain, Reference, UnsupportedError
from sim.analysis.symbolic.values import (
    ActionName,
    Entity,
    Field,
    Record,
    Scalar,
    SetLiteral,
    SymbolicSet,
    Unmodelled,
    Value,
)


def equal(left: Value, right: Value) -> Formula:
    """Return when two values are equal; values of different types never are.

    Raises:
        UnsupportedError: when one is of a type the prover does not model.
    """
    match left, right:
        case Unmodelled(type=name), _:
            raise UnsupportedError(construct=f"the type `{name}`")
        case _, Unmodelled(type=name):
            raise UnsupportedError(construct=f"the type `{name}`")
        case Scalar(kind=here), Scalar(kind=there):
            return equality(left.formula, right.formula) if here == there else FALSE
        case Entity(type=here), Entity(type=there):
            return equality(left.formula, right.formula) if here == there else FALSE
        case ActionName(), ActionName():
            return constant(value=left == right)
        case Record(), Record():
            return _equal_records(left, right)
        case ((SymbolicSet() | SetLiteral()), (SymbolicSet() | SetLiteral())):
            return _equal_sets(left, right)
        case _:
            return FALSE


def _equal_records(left: Record, right: Record) -> Formula:
    """Two records are equal when they have the same fields with equal values."""
    return conjunction(
        _equal_fields(left.fields.get(name), right.fields.get(name))
        for name in dict.fromkeys((*left.fields, *right.fields))
    )


def _equal_fields(left: Field | None, right: Field | None) -> Formula:
    """Two fields are equal when neither is there, or both with equal values."""
    if left is None or right is None:
        there = left or right
        return TRUE if there is None else opposite(there.present)
    same = disjunction((opposite(left.present), equal(left.value, right.value)))
    return both(equality(left.present, right.present), same)


def _equal_sets(left: SymbolicSet | SetLiteral, right: SymbolicSet | SetLiteral) -> Formula:
    if isinstance(left, SymbolicSet) and isinstance(right, SymbolicSet) and left.element == right.element:
        return equality(left.formula, right.formula)
    return both(contains_all(left, right), contains_all(right, left))


def contains(container: SymbolicSet | SetLiteral, item: Value) -> Formula:
    """Return when a set has an element."""
    if isinstance(container, SetLiteral):
        return disjunction(equal(other, item) for other in container.items)
    if isinstance(item, Scalar | Entity) and _fits(container, item):
        return z3.Select(container.formula, item.formula)
    return FALSE


def contains_all(container: SymbolicSet | SetLiteral, part: SymbolicSet | SetLiteral) -> Formula:
    """Return when a set has every element of another."""
    if isinstance(part, SetLiteral):
        return conjunction(contains(container, item) for item in part.items)
    # An element of another type cannot be in `part`, so those do not count.
    fitting = container if isinstance(container, SetLiteral) or container.element == part.element else None
    if fitting is None:
        return is_empty(part)
    whole = fitting.formula if isinstance(fitting, SymbolicSet) else _array(part, fitting.items)
    return z3.IsSubset(part.formula, whole)


def contains_any(container: SymbolicSet | SetLiteral, part: SymbolicSet | SetLiteral) -> Formula:
    """Return when two sets share an element."""
    if isinstance(part, SetLiteral):
        return disjunction(contains(container, item) for item in part.items)
    if isinstance(container, SetLiteral):
        return disjunction(contains(part, item) for item in container.items)
    if container.element != part.element:
        return FALSE
    return overlapping(container.formula, part.formula)


def overlapping(left: Formula, right: Formula) -> Formula:
    """Return when two arrays share an element."""
    return z3.SetIntersect(left, right) != z3.EmptySet(left.sort().domain())


def is_empty(container: SymbolicSet | SetLiteral) -> Formula:
    """Return when a set has no element."""
    if isinstance(container, SetLiteral):
        return constant(value=not container.items)
    return container.formula == z3.EmptySet(container.formula.sort().domain())


def _fits(container: SymbolicSet, item: Value) -> bool:
    """Say whether a set can have an element of the type of `item`."""
    match container.element, item:
        case Plain(kind=here), Scalar(kind=there):
            return here == there
        case Reference(entity=name), Entity(type=type_name):
            return name == type_name
        case _:
            return False


def _array(like: SymbolicSet, items: Iterable[Value]) -> Formula:
    """Return those items that a set of the type of `like` can have, as an array."""
    array = z3.EmptySet(like.formula.sort().domain())
    for item in items:
        if isinstance(item, Scalar | Entity) and _fits(like, item):
            array = z3.SetAdd(array, item.formula)
    return array
