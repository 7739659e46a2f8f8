"""Expressions of rules compiled to Python closures, which evaluate them as Cedar does.

An expression errs where Cedar's does: when an attribute is missing, a value has the wrong type, or a
number does not fit 64 bits. Rules that have not been validated can be evaluated too.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import singledispatch
from operator import attrgetter, ge, gt, le, lt
from typing import Any, Final, Literal, TypeAlias

from cedarpy import pst

from sim.analysis.evaluation.tree import children
from sim.analysis.evaluation.values import LONG_MAX, LONG_MIN, Record, keyed, value_text
from sim.analysis.question import Uid
from sim.core.errors import PolicyError

Truth: TypeAlias = bool | Literal["error"] | None
"""What became of a condition; None when it was not reached."""


class SkipError(Exception):
    """Raised when a rule errs: Cedar skips it then."""


@dataclass(slots=True)
class Moment:
    """One request while it is answered; `seen` has the conditions met so far, when they are watched."""

    principal: Uid
    action: Uid
    resource: Uid
    context: Record
    attributes: Mapping[Uid, Record]
    ancestors: Mapping[Uid, frozenset[Uid]]
    seen: dict[int, Truth]


Step: TypeAlias = Callable[[Moment], Any]
Watch: TypeAlias = Callable[[Step], Step]
NO_ANCESTORS: Final[frozenset[Uid]] = frozenset()
_UNKNOWN_NODE = "is not known here"


def unwatched(step: Step) -> Step:
    """Return a step as it is: nobody watches."""
    return step


def truth(expr: pst.Expr, watch: Watch = unwatched) -> Step:
    """Return what evaluates a condition to True or False; every atom in it is given to `watch`."""
    match expr:
        case pst.BinaryOp(op="and", left=left, right=right):
            first, second = truth(left, watch), truth(right, watch)
            return lambda moment: first(moment) and second(moment)
        case pst.BinaryOp(op="or", left=left, right=right):
            first, second = truth(left, watch), truth(right, watch)
            return lambda moment: first(moment) or second(moment)
        case pst.UnaryOp(op="not", arg=arg):
            inner = truth(arg, watch)
            return lambda moment: not inner(moment)
        case pst.IfThenElse():
            test, then, otherwise = (truth(part, watch) for part in children(expr))
            return lambda moment: then(moment) if test(moment) else otherwise(moment)
        case pst.BoolLit(value=value):
            return lambda _: value
        case _:
            step = value_of(expr)
            return watch(step if _is_condition(expr) else _boolean(step))


def _is_condition(expr: pst.Expr) -> bool:
    """Say whether an expression is true or false whenever it does not err."""
    match expr:
        case pst.HasAttr() | pst.Like() | pst.Is() | pst.UnaryOp(op="is_empty"):
            return True
        case pst.BinaryOp(op=op):
            return op not in ("add", "sub", "mul")
        case _:
            return False


def _boolean(step: Step) -> Step:
    def check(moment: Moment) -> Any:
        value = step(moment)
        if value is True or value is False:
            return value
        raise _wrong_type(value, "true or false")

    return check


def _wrong_type(value: Any, wanted: str) -> SkipError:
    return SkipError(f"`{value_text(value)}` is not {wanted}")


@singledispatch
def value_of(expr: pst.Expr) -> Step:
    """Return what evaluates an expression.

    Raises:
        PolicyError: when it is nothing that is known here.
    """
    msg = f"`{type(expr).__name__.lower()}` {_UNKNOWN_NODE}"
    raise PolicyError(msg)


@value_of.register
def _(expr: pst.Var) -> Step:
    return attrgetter(expr.name)


@value_of.register
def _(expr: pst.BoolLit | pst.LongLit | pst.StringLit) -> Step:
    value = expr.value
    return lambda _: value


@value_of.register
def _(expr: pst.EntityLit) -> Step:
    uid = uid_of(expr.value)
    return lambda _: uid


def uid_of(entity: pst.EntityOrSlot) -> Uid:
    """Return the name of an entity; raises `PolicyError` for a slot."""
    if isinstance(entity, pst.Slot):
        msg = f"`?{entity.name}` is filled in by nothing here"
        raise PolicyError(msg)
    return Uid(str(entity.type), entity.id)


@value_of.register
def _(expr: pst.GetAttr) -> Step:
    name = expr.attr
    if expr.base == pst.Var("context"):

        def from_context(moment: Moment) -> Any:
            if name in moment.context:
                return moment.context[name]
            raise _absent(name)

        return from_context
    base = value_of(expr.base)

    def read(moment: Moment) -> Any:
        attributes = _attributes(base(moment), moment)
        if attributes is None or name not in attributes:
            raise _absent(name)
        return attributes[name]

    return read


def _absent(name: str) -> SkipError:
    return SkipError(f"there is no attribute `{name}`")


def _attributes(value: Any, moment: Moment) -> Record | None:
    """Return the attributes of a record or an entity; None when there is no such entity."""
    if type(value) is Uid:
        return moment.attributes.get(value)
    if type(value) is Record:
        return value
    raise _wrong_type(value, "a record or an entity")


@value_of.register
def _(expr: pst.HasAttr) -> Step:
    first, *more = expr.attrs
    if more:
        rest = pst.HasAttr(pst.GetAttr(expr.base, first), tuple(more))
        return truth(pst.BinaryOp("and", pst.HasAttr(expr.base, (first,)), rest))
    if expr.base == pst.Var("context"):
        return lambda moment: first in moment.context
    base = value_of(expr.base)
    return lambda moment: first in (_attributes(base(moment), moment) or ())


@value_of.register
def _(expr: pst.Like) -> Step:
    base = value_of(expr.base)
    signs = (".*" if isinstance(sign, pst.Wildcard) else re.escape(sign.value) for sign in expr.pattern)
    matches = re.compile("".join(signs), re.DOTALL).fullmatch

    def like(moment: Moment) -> bool:
        value = base(moment)
        if type(value) is not str:
            raise _wrong_type(value, "a text")
        return matches(value) is not None

    return like


@value_of.register
def _(expr: pst.Is) -> Step:
    base, wanted = value_of(expr.base), str(expr.entity_type)
    if expr.in_expr is not None:
        return truth(
            pst.BinaryOp(
                "and", pst.Is(expr.base, expr.entity_type, None), pst.BinaryOp("in", expr.base, expr.in_expr)
            )
        )

    def is_of_type(moment: Moment) -> bool:
        value = base(moment)
        if type(value) is not Uid:
            raise _wrong_type(value, "an entity")
        return value.type == wanted

    return is_of_type


@value_of.register
def _(expr: pst.IfThenElse) -> Step:
    test, then, otherwise = truth(expr.cond), value_of(expr.then_expr), value_of(expr.else_expr)
    return lambda moment: then(moment) if test(moment) else otherwise(moment)


@value_of.register
def _(expr: pst.Set) -> Step:
    steps = tuple(map(value_of, expr.elements))
    return lambda moment: frozenset([keyed(step(moment)) for step in steps])


@value_of.register
def _(expr: pst.Record) -> Step:
    steps = {name: value_of(part) for name, part in expr.fields.items()}
    return lambda moment: Record((name, step(moment)) for name, step in steps.items())


@value_of.register
def _(expr: pst.UnaryOp) -> Step:
    if expr.op == "not":
        return truth(expr)
    arg = value_of(expr.arg)
    match expr.op:
        case "neg":
            return lambda moment: _fitting(-_long(arg(moment)))
        case "is_empty":
            return lambda moment: not _set(arg(moment))
        case _:
            msg = f"`{expr.op}` {_UNKNOWN_NODE}"
            raise PolicyError(msg)


_COMPARISONS: Final[Mapping[str, Callable[[int, int], bool]]] = {
    "less": lt,
    "less_eq": le,
    "greater": gt,
    "greater_eq": ge,
}


@value_of.register
def _(expr: pst.BinaryOp) -> Step:
    if expr.op in ("and", "or"):
        return truth(expr)
    left, right = value_of(expr.left), value_of(expr.right)
    if expr.op in _COMPARISONS:
        compare = _COMPARISONS[expr.op]
        return lambda moment: compare(_long(left(moment)), _long(right(moment)))
    if expr.op in _OPERATIONS:
        operation = _OPERATIONS[expr.op]
        return lambda moment: operation(left(moment), right(moment))
    if expr.op == "in":
        return lambda moment: _is_in(left(moment), right(moment), moment)
    msg = f"`{expr.op}` {_UNKNOWN_NODE}"
    raise PolicyError(msg)


def _same(left: Any, right: Any) -> bool:
    return type(left) is type(right) and bool(left == right)


_OPERATIONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "eq": _same,
    "not_eq": lambda left, right: not _same(left, right),
    "add": lambda left, right: _fitting(_long(left) + _long(right)),
    "sub": lambda left, right: _fitting(_long(left) - _long(right)),
    "mul": lambda left, right: _fitting(_long(left) * _long(right)),
    "contains": lambda left, right: keyed(right) in _set(left),
    "contains_all": lambda left, right: _set(left) >= _set(right),
    "contains_any": lambda left, right: not _set(left).isdisjoint(_set(right)),
}


def _long(value: Any) -> int:
    if type(value) is int:
        return value
    raise _wrong_type(value, "a number")


def _fitting(number: int) -> int:
    if LONG_MIN <= number <= LONG_MAX:
        return number
    msg = "a number does not fit 64 bits"
    raise SkipError(msg)


def _set(value: Any) -> frozenset[Any]:
    if type(value) is frozenset:
        return value
    raise _wrong_type(value, "a set")


def _is_in(entity: Any, groups: Any, moment: Moment) -> bool:
    if type(entity) is not Uid:
        raise _wrong_type(entity, "an entity")
    ancestors = moment.ancestors.get(entity, NO_ANCESTORS)
    if type(groups) is Uid:
        return entity == groups or groups in ancestors
    for group in _set(groups):
        if type(group) is not Uid:
            raise _wrong_type(group, "an entity")
    return entity in groups or not ancestors.isdisjoint(groups)
