"""Values and conditions: `21 °C`, `">= 20 °C"`, `[D, R, N]`, `changed`, `unknown`, held against a fact."""

import math
import re
import types
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import eq, ge, gt, le, lt, ne
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from sim.core.beliefs import UNKNOWN
from sim.core.errors import did_you_mean
from sim.core.units import DURATION, Dimension, Measured, show_duration

_COMPARISON = re.compile(r"(>=|<=|!=|==|>|<)\s*(.+)", re.DOTALL)
_RANGE = re.compile(r"([+-]?[\d._]+)\s*\.\.\s*([+-]?[\d._]+\s*\D*)", re.DOTALL)
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": ge,
    "<=": le,
    "!=": ne,
    "==": eq,
    ">": gt,
    "<": lt,
}
_ORDERED = {">=", "<=", ">", "<"}
_POSITION_TOLERANCE_M = 0.01
_SEVERAL = (tuple, list)
NOTHING = "none"
"""What a list of names is when it is empty."""
_ROUNDING = 1e-9
"""Values this close are the same: 60 km/h is 16.6… m/s, and comes back as 60.00000000000001 km/h."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a unit."""

    dimension: Dimension

    @property
    def name(self) -> str:
        """How an error text calls it."""
        return f"a {self.dimension.name}, such as {self.dimension.example}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words."""

    words: tuple[str, ...]

    @property
    def name(self) -> str:
        """How an error text calls it."""
        return "one of " + ", ".join(f"`{word}`" for word in self.words)


@dataclass(frozen=True, slots=True)
class Plain:
    """True or false, a number, text, a list of names or a position."""

    name: str
    types: tuple[type, ...]


BOOLEAN = Plain("`true` or `false`", (bool,))
NUMBER = Plain("a number without a unit", (int, float))
TEXT = Plain("text", (str,))
NAMES = Plain("a name", (str,))
POSITION = Plain("`changed`: a position is only compared with itself", ())

ValueType: TypeAlias = Quantity | Choice | Plain


class WrongValueError(ValueError):
    """Raised when a written value cannot belong to a fact; one sentence, and what to do."""

    def __init__(self, sentence: str, help_text: str | None = None) -> None:
        super().__init__(sentence)
        self.help_text = help_text


@dataclass(frozen=True, slots=True)
class Condition:
    """What a fact must be.

    Attributes:
        text: as people read it.
        holds: whether a value, compared with the one at the step's beginning, fulfils it.
        edges: for a condition with several ends, such as a range: one test for each of them, which
            turns once while the value moves in one direction.
    """

    text: str
    holds: Callable[[Any, Any], bool]
    edges: tuple[Callable[[Any, Any], bool], ...] = ()


def value_type(annotation: Any) -> ValueType:
    """Return which values a field of a device takes.

    Optional fields take `unknown` as well, which every condition knows.
    """
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        for mark in marks:
            if isinstance(mark, Measured):
                return Quantity(mark.dimension)
        return value_type(inner)
    if get_origin(annotation) in {Union, types.UnionType}:
        kept = [one for one in get_args(annotation) if one is not type(None)]
        return value_type(kept[0])
    if get_origin(annotation) is Literal:
        return Choice(tuple(str(word) for word in get_args(annotation)))
    several = get_args(annotation) if get_origin(annotation) is list else ()
    if several and get_origin(several[0]) is Literal:
        return Choice((*map(str, get_args(several[0])), NOTHING))
    simple: dict[Any, ValueType] = {bool: BOOLEAN, int: NUMBER, float: NUMBER}
    return simple.get(annotation, NAMES if get_origin(annotation) in {list, tuple} else TEXT)


def condition(written: object, kind: ValueType) -> Condition:
    """Return the condition a written value states.

    Args:
        written: a scalar or list as the document has it.
        kind: which values the fact takes.

    Raises:
        WrongValueError: when no value of the fact could ever fulfil it, or a unit is missing.
    """
    if written is None or written == [] or isinstance(written, dict):
        msg = f"no value stands here, expected {kind.name}"
        raise WrongValueError(msg)
    if isinstance(written, list):
        return _any_of([condition(one, kind) for one in written])
    if written == "changed":
        return Condition("changed", _changed)
    if written == UNKNOWN:
        return Condition(UNKNOWN, lambda value, _: _is_unknown(value))
    if isinstance(written, str) and kind is not TEXT:
        comparison = _COMPARISON.fullmatch(written)
        if comparison is not None:
            return _comparison(comparison[1], comparison[2], kind)
        span = _RANGE.fullmatch(written)
        if span is not None and isinstance(kind, Quantity):
            return _span(span[1], span[2], kind)
    return _equal("==", written, kind)


def show(value: Any, kind: ValueType) -> str:
    """Return a fact's value for people."""
    if _is_unknown(value):
        return UNKNOWN if value is None or value == UNKNOWN else str(value)
    if isinstance(kind, Quantity):
        return show_duration(value) if kind.dimension is DURATION else kind.dimension.show(float(value))
    if kind is POSITION:
        return f"({value[0]:.1f} m east, {value[1]:.1f} m north)"
    if isinstance(value, _SEVERAL):
        return ", ".join(map(str, value)) or NOTHING
    return str(value).lower() if isinstance(value, bool) else str(value)


def _comparison(operator: str, rest: str, kind: ValueType) -> Condition:
    if operator in {"==", "!="}:
        if rest == UNKNOWN:
            return Condition(f"{operator} {rest}", partial(_is_known, operator == "!="))
        return _equal(operator, rest, kind)
    if not isinstance(kind, Quantity) and kind is not NUMBER:
        msg = f"`{operator}` compares quantities, but this is {kind.name}"
        raise WrongValueError(msg)
    wanted = _parse(rest, kind)
    return Condition(f"{operator} {rest}", partial(_compare, _OPERATORS[operator], wanted))


def _span(low: str, high: str, kind: Quantity) -> Condition:
    unit = high.lstrip("+-0123456789._ ")
    least, most = _parse(f"{low} {unit}", kind), _parse(high, kind)
    if least > most:
        msg = f"`{low}..{high}` is empty: a range begins with its lower end"
        raise WrongValueError(msg)
    at_least, at_most = partial(_compare, ge, least), partial(_compare, le, most)
    return Condition(
        f"{low} to {high}",
        lambda value, before: at_least(value, before) and at_most(value, before),
        (at_least, at_most),
    )


def _equal(operator: str, written: object, kind: ValueType) -> Condition:
    wanted = _parse(written, kind)
    text = show(wanted, kind) if not isinstance(written, str) else written
    shown = text if operator == "==" else f"{operator} {text}"
    return Condition(shown, partial(_compare, _OPERATORS[operator], wanted))


def _parse(written: object, kind: ValueType) -> Any:
    """Return the value that is written, in the unit the fact is kept in."""
    match kind:
        case Quantity(dimension=dimension):
            try:
                return dimension.parse(written if isinstance(written, str) else str(written))
            except ValueError as error:
                raise WrongValueError(str(error)) from None
        case Choice(words=words):
            word = str(written).lower() if isinstance(written, bool) else str(written)
            if word not in words:
                msg = f"`{word}` is not {kind.name}"
                raise WrongValueError(msg, did_you_mean(word, [*words, UNKNOWN]))
            return word
        case _:
            return _plain(written, kind)


def _plain(written: object, kind: Plain) -> Any:
    if isinstance(written, str) and kind is BOOLEAN and written in {"true", "false"}:
        return written == "true"
    if isinstance(written, str) and kind is NUMBER:
        return _number(written)
    if isinstance(written, kind.types) and (kind is BOOLEAN or not isinstance(written, bool)):
        return written
    shown = str(written).lower() if isinstance(written, bool) else written
    msg = f"`{shown}` is not {kind.name}"
    raise WrongValueError(msg)


def _number(written: str) -> float:
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        msg = f"`{written}` is not {NUMBER.name}"
        raise WrongValueError(msg)
    return number


def _compare(operator: Callable[[Any, Any], bool], wanted: Any, value: Any, _: Any) -> bool:
    if isinstance(value, float):
        return bool(operator(wanted if abs(value - wanted) <= _ROUNDING else value, wanted))
    if isinstance(value, _SEVERAL):
        there = wanted in value or (wanted == NOTHING and not value)
        return there is (operator is eq)
    if value is None:
        return bool(operator(wanted, "none")) if isinstance(wanted, str) else operator is ne
    if value == UNKNOWN:
        return operator is ne and bool(wanted != UNKNOWN)
    return bool(operator(value, wanted))


def _changed(value: Any, before: Any) -> bool:
    if isinstance(value, tuple) and value and isinstance(value[0], float):
        moved_m = max(abs(a - b) for a, b in zip(value, before, strict=True))
        return bool(moved_m > _POSITION_TOLERANCE_M)
    return bool(value != before)


def _any_of(conditions: list[Condition]) -> Condition:
    text = " or ".join(one.text for one in conditions)
    edges = tuple(edge for one in conditions for edge in one.edges or (one.holds,))
    return Condition(text, lambda value, before: any(one.holds(value, before) for one in conditions), edges)


def _is_known(wanted: bool, value: Any, _: Any) -> bool:  # noqa: FBT001  # values have many types; partially applied
    return _is_unknown(value) is not wanted


def _is_unknown(value: Any) -> bool:
    return value is None or value == UNKNOWN
