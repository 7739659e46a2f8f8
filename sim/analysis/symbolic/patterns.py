"""`like`: a string against a pattern in which `*` stands for any characters, none included.

Most patterns need no regular expression: what begins, ends or contains is said by a predicate of its
own, which the solver decides in a fraction of the time.
"""

from collections.abc import Sequence

import z3
from cedarpy import pst

from sim.analysis.symbolic.formulas import TRUE, Formula, conjunction, string_literal


def matches(text: Formula, pattern: Sequence[pst.PatternElem]) -> Formula:
    """Return when a string matches a pattern."""
    first, *rest = _pieces(pattern)
    if not rest:
        return text == string_literal(first)
    last = rest.pop()
    inner = [piece for piece in rest if piece]
    if not inner:
        return _framed(text, first, last)
    if len(inner) == 1 and not first and not last:
        return _containing(text, inner[0])
    return z3.InRe(text, _expression(first, inner, last))


def example(pattern: Sequence[pst.PatternElem]) -> str:
    """Return the shortest string that matches a pattern."""
    return "".join(_pieces(pattern))


def _pieces(pattern: Sequence[pst.PatternElem]) -> list[str]:
    """Return the characters before, between and after the wildcards."""
    pieces = [""]
    for element in pattern:
        if isinstance(element, pst.Char):
            pieces[-1] += element.value
        else:
            pieces.append("")
    return pieces


def _framed(text: Formula, first: str, last: str) -> Formula:
    """Return when a string begins and ends so; the two may not overlap."""
    conditions = [
        z3.PrefixOf(string_literal(first), text) if first else TRUE,
        z3.SuffixOf(string_literal(last), text) if last else TRUE,
        z3.Length(text) >= len(first) + len(last) if first and last else TRUE,
    ]
    return conjunction(conditions)


def _containing(text: Formula, inner: str) -> Formula:
    """Return when a string contains another."""
    return z3.Contains(text, string_literal(inner))


def _expression(first: str, inner: Sequence[str], last: str) -> Formula:
    """Return a pattern as a regular expression."""
    anything = _anything()
    parts = [z3.Re(string_literal(first)), anything] if first else [anything]
    for piece in inner:
        parts += [z3.Re(string_literal(piece)), anything]
    if last:
        parts.append(z3.Re(string_literal(last)))
    return z3.Concat(*parts)


def _anything() -> Formula:
    """Return the regular expression of every string."""
    return z3.Full(z3.ReSort(z3.StringSort()))
