"""Formulas, kept small while they are built, and the literals of strings.

What is already decided is decided here and not by the solver: most conditions of most rules are out of
scope in most environments, and then no solver is asked at all. `z3.simplify` is never used on what is
kept: it orders arguments by their age, and the same query would not always give the same answer.
"""

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

import z3

from sim.analysis.symbolic.shapes import UnsupportedError

Formula: TypeAlias = Any
"""An expression of z3, which has no types of its own."""

TRUE: Formula = z3.BoolVal(True)  # noqa: FBT003  # z3's own way
FALSE: Formula = z3.BoolVal(False)  # noqa: FBT003  # as above

LONG_MIN = -(1 << 63)
LONG_MAX = (1 << 63) - 1
CHARACTER_MAX = 0x2FFFF
"""The last character z3 knows. No formula can tell apart two characters it does not name, so proofs hold
for strings with later ones too; only literals cannot have them."""

_ESCAPE = re.compile(r"\\u\{([0-9a-fA-F]+)\}")


def constant(*, value: bool) -> Formula:
    """Return a truth value."""
    return TRUE if value else FALSE


def is_true(formula: Formula) -> bool:
    """Say whether a formula is decided, and true."""
    return bool(z3.is_true(formula))


def is_false(formula: Formula) -> bool:
    """Say whether a formula is decided, and false."""
    return bool(z3.is_false(formula))


def opposite(formula: Formula) -> Formula:
    """Return the negation."""
    if is_true(formula):
        return FALSE
    if is_false(formula):
        return TRUE
    if z3.is_not(formula):
        return formula.arg(0)
    return z3.Not(formula)


def conjunction(formulas: Iterable[Formula]) -> Formula:
    """Return that all hold."""
    open_ones: dict[int, Formula] = {}
    for formula in formulas:
        if is_false(formula):
            return FALSE
        if not is_true(formula):
            open_ones[formula.get_id()] = formula
    return _joined(z3.And, list(open_ones.values()), TRUE)


def disjunction(formulas: Iterable[Formula]) -> Formula:
    """Return that one holds."""
    open_ones: dict[int, Formula] = {}
    for formula in formulas:
        if is_true(formula):
            return TRUE
        if not is_false(formula):
            open_ones[formula.get_id()] = formula
    return _joined(z3.Or, list(open_ones.values()), FALSE)


def _joined(join: Any, formulas: list[Formula], empty: Formula) -> Formula:
    if not formulas:
        return empty
    return formulas[0] if len(formulas) == 1 else join(*formulas)


def both(left: Formula, right: Formula) -> Formula:
    """Return that two hold."""
    return conjunction((left, right))


def either(left: Formula, right: Formula) -> Formula:
    """Return that one of two holds."""
    return disjunction((left, right))


def choice(condition: Formula, yes: Formula, no: Formula) -> Formula:
    """Return one of two truth values."""
    return either(both(condition, yes), both(opposite(condition), no))


def equality(left: Formula, right: Formula) -> Formula:
    """Return that two terms of one sort are equal."""
    if left.eq(right):
        return TRUE
    for one, other in ((left, right), (right, left)):
        if is_true(one):
            return other
        if is_false(one):
            return opposite(other)
    return left == right


def difference(left: Formula, right: Formula) -> Formula:
    """Return that two terms of one sort are not equal."""
    return opposite(equality(left, right))


def string_literal(text: str) -> Formula:
    r"""Return a string as z3 writes it.

    z3 takes `\u{..}` inside a Python string for an escape, so everything beyond plain ASCII is escaped
    on purpose, and the backslash too.

    Raises:
        UnsupportedError: when a character is beyond what z3 knows.
    """
    if any(ord(character) > CHARACTER_MAX for character in text):
        raise UnsupportedError(construct="characters beyond U+2FFFF")
    plain = (
        character if " " <= character <= "~" and character != "\\" else f"\\u{{{ord(character):x}}}"
        for character in text
    )
    return z3.StringVal("".join(plain))


def string_text(literal: Formula) -> str:
    """Return the text of a string that the solver chose."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), literal.as_string())
