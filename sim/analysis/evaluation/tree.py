"""Rules as trees: their conditions, their text, and where in its file each expression stands.

The trees are cedarpy's own (`cedarpy.pst`). An atomic condition, or atom, is a part of a clause that is
true or false by itself: it has no `&&`, `||`, `!` or `if` around other conditions.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from functools import singledispatch
from typing import Any, Final, TypeAlias

from cedarpy import pst

from sim.core.errors import Place, PolicyError
from sim.policy.rules import Rule
from sim.policy.source import Passage, passages

OPERATORS: Final = {
    "eq": "==",
    "not_eq": "!=",
    "less": "<",
    "less_eq": "<=",
    "greater": ">",
    "greater_eq": ">=",
    "and": "&&",
    "or": "||",
    "add": "+",
    "sub": "-",
    "mul": "*",
    "in": "in",
}
"""The tree's name of each operator that stands between its operands, and how Cedar writes it."""

METHODS: Final = {
    "contains": "contains",
    "contains_all": "containsAll",
    "contains_any": "containsAny",
    "is_empty": "isEmpty",
}
"""The same for operators written as `set.name(…)`."""

SIGNS: Final = {"not": "!", "neg": "-"}
"""The same for operators written before their operand."""

_IF, _OR, _AND, _RELATION, _SUM, _PRODUCT, _UNARY, _MEMBER = range(8)
_LEVELS: Final = {"or": _OR, "and": _AND, "add": _SUM, "sub": _SUM, "mul": _PRODUCT}

_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_RESERVED = frozenset({"true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar"})
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}

Constraint: TypeAlias = pst.PrincipalOrResourceConstraint | pst.ActionConstraint


# --- parts --------------------------------------------------------------------------------------------


def children(expr: pst.Expr) -> tuple[pst.Expr, ...]:
    """Return the expressions directly inside another, as they are written from left to right."""
    match expr:
        case pst.Set():
            return expr.elements
        case pst.Record():
            return tuple(expr.fields.values())
        case _:
            values = (getattr(expr, field.name) for field in fields(expr))
            return tuple(value for value in values if isinstance(value, pst.Expr))


def with_children(expr: pst.Expr, parts: Sequence[pst.Expr]) -> pst.Expr:
    """Return an expression with other expressions inside: as many as `children` gives, in that order."""
    match expr:
        case pst.Set():
            return pst.Set(tuple(parts))
        case pst.Record():
            return pst.Record(pst.FrozenMap(zip(expr.fields, parts, strict=True)))
        case _:
            names = [f.name for f in fields(expr) if isinstance(getattr(expr, f.name), pst.Expr)]
            changes: Mapping[str, Any] = dict(zip(names, parts, strict=True))
            return replace(expr, **changes)


def nodes(template: pst.Template) -> Iterator[pst.Expr]:
    """Yield every expression of the clauses of a rule: each before those inside it, left to right."""
    for clause in template.clauses:
        yield from _nodes_of(clause.expr)


def _nodes_of(expr: pst.Expr) -> Iterator[pst.Expr]:
    yield expr
    for part in children(expr):
        yield from _nodes_of(part)


def atoms(template: pst.Template) -> tuple[pst.Expr, ...]:
    """Return the atomic conditions of a rule, in the order of its clauses and from left to right.

    `true` and `false` are none: they are never anything else.
    """
    found = list(nodes(template))
    return tuple(found[position] for position in atom_positions(template))


def atoms_of(condition: pst.Expr) -> tuple[pst.Expr, ...]:
    """Return the atomic conditions of a clause, or of a part of it that is true or false."""
    inner = _junction(condition)
    if inner is not None:
        return tuple(atom for part in inner for atom in atoms_of(part))
    return () if isinstance(condition, pst.BoolLit) else (condition,)


def _junction(condition: pst.Expr) -> tuple[pst.Expr, ...] | None:
    """Return the conditions that `&&`, `||`, `!` or `if` puts together; None for any other expression."""
    match condition:
        case pst.BinaryOp(op="and" | "or") | pst.UnaryOp(op="not") | pst.IfThenElse():
            return children(condition)
        case _:
            return None


def atom_positions(template: pst.Template) -> Iterator[int]:
    """Yield the positions of the atoms of a rule among its `nodes`, from 0."""

    def below(condition: pst.Expr, position: int) -> Iterator[int]:
        inner = _junction(condition)
        if inner is None:
            if not isinstance(condition, pst.BoolLit):
                yield position
            return
        position += 1
        for part in inner:
            yield from below(part, position)
            position += sum(1 for _ in _nodes_of(part))

    start = 0
    for clause in template.clauses:
        yield from below(clause.expr, start)
        start += sum(1 for _ in _nodes_of(clause.expr))


# --- text ---------------------------------------------------------------------------------------------


def text_of(expr: pst.Expr) -> str:
    """Return an expression as one line of Cedar text, with no more brackets than it needs.

    Raises:
        PolicyError: when it calls a function of an extension, or has a slot of a template.
    """
    return _text(expr, _IF)


def clause_text(clause: pst.Clause) -> str:
    """Return a clause as one line: `unless { context.fresh }`."""
    word = "when" if isinstance(clause, pst.When) else "unless"
    return f"{word} {{ {text_of(clause.expr)} }}"


def scope_text(template: pst.Template) -> tuple[str, str, str]:
    """Return what a rule says of principal, action and resource."""
    return (
        _constraint("principal", template.principal),
        _constraint("action", template.action),
        _constraint("resource", template.resource),
    )


def quoted(text: str) -> str:
    """Return a string as Cedar writes it."""
    return f'"{"".join(map(_escaped, text))}"'


def entity_text(uid: pst.EntityUid) -> str:
    """Return an entity as Cedar writes it."""
    return f"{uid.type}::{quoted(uid.id)}"


def is_name(word: str) -> bool:
    """Say whether an attribute of that name may stand after a dot, without quotes."""
    return _WORD.fullmatch(word) is not None and word not in _RESERVED


def _escaped(sign: str) -> str:
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    return sign if sign.isprintable() else f"\\u{{{ord(sign):x}}}"


def _constraint(variable: str, constraint: Constraint) -> str:
    match constraint:
        case pst.ScopeAny():
            return variable
        case pst.ScopeIs(entity_type=entity_type):
            return f"{variable} is {entity_type}"
        case pst.ScopeIsIn(entity_type=entity_type, entity=entity):
            return f"{variable} is {entity_type} in {_entity(entity)}"
        case pst.ActionIn(entities=(entity,)) | pst.ScopeIn(entity=entity):
            return f"{variable} in {_entity(entity)}"
        case pst.ActionIn():
            return f"{variable} in [{', '.join(map(_entity, constraint.entities))}]"
        case _:
            return f"{variable} == {_entity(constraint.entity)}"


def _entity(entity: pst.EntityOrSlot) -> str:
    return entity_text(entity) if isinstance(entity, pst.EntityUid) else f"?{entity.name}"


def _bracketed(text: str, level: int, wanted: int) -> str:
    """Return text of a level, in brackets where something that binds tighter is wanted."""
    return f"({text})" if level < wanted else text


@singledispatch
def _text(expr: pst.Expr, wanted: int) -> str:  # noqa: ARG001  # the others need it
    msg = f"`{type(expr).__name__.lower()}` cannot be written here"
    raise PolicyError(msg)


@_text.register
def _(expr: pst.Var, _: int) -> str:
    return expr.name


@_text.register
def _(expr: pst.BoolLit, _: int) -> str:
    return "true" if expr.value else "false"


@_text.register
def _(expr: pst.LongLit, wanted: int) -> str:
    return _bracketed(str(expr.value), _MEMBER if expr.value >= 0 else _UNARY, wanted)


@_text.register
def _(expr: pst.StringLit, _: int) -> str:
    return quoted(expr.value)


@_text.register
def _(expr: pst.EntityLit, _: int) -> str:
    return entity_text(expr.value)


@_text.register
def _(expr: pst.UnaryOp, wanted: int) -> str:
    if expr.op in METHODS:
        return f"{_text(expr.arg, _MEMBER)}.{METHODS[expr.op]}()"
    if expr.op not in SIGNS:
        msg = f"`{expr.op}` is a function of an extension, which is not known here"
        raise PolicyError(msg)
    inner = _text(expr.arg, _MEMBER)
    if expr.op == "neg" and inner.isdigit():
        inner = f"({inner})"  # `-3` is a number, `-(3)` what is meant
    return _bracketed(f"{SIGNS[expr.op]}{inner}", _UNARY, wanted)


@_text.register
def _(expr: pst.BinaryOp, wanted: int) -> str:
    if expr.op in METHODS:
        return f"{_text(expr.left, _MEMBER)}.{METHODS[expr.op]}({_text(expr.right, _IF)})"
    if expr.op not in OPERATORS:
        msg = f"`{expr.op}` is a function of an extension, which is not known here"
        raise PolicyError(msg)
    level = _LEVELS.get(expr.op, _RELATION)
    left = _text(expr.left, _SUM if level == _RELATION else level)
    text = f"{left} {OPERATORS[expr.op]} {_text(expr.right, level + 1)}"
    return _bracketed(text, level, wanted)


@_text.register
def _(expr: pst.GetAttr, _: int) -> str:
    base = _text(expr.base, _MEMBER)
    return f"{base}.{expr.attr}" if is_name(expr.attr) else f"{base}[{quoted(expr.attr)}]"


@_text.register
def _(expr: pst.HasAttr, wanted: int) -> str:
    *before, last = expr.attrs
    if before and not all(map(is_name, expr.attrs)):
        inner = pst.GetAttr(expr.base, before[0])
        first, rest = pst.HasAttr(expr.base, (before[0],)), pst.HasAttr(inner, expr.attrs[1:])
        return _text(pst.BinaryOp("and", first, rest), wanted)
    path = ".".join(expr.attrs) if is_name(last) else quoted(last)
    return _bracketed(f"{_text(expr.base, _SUM)} has {path}", _RELATION, wanted)


@_text.register
def _(expr: pst.Like, wanted: int) -> str:
    signs = ("*" if isinstance(sign, pst.Wildcard) else _in_pattern(sign.value) for sign in expr.pattern)
    return _bracketed(f'{_text(expr.base, _SUM)} like "{"".join(signs)}"', _RELATION, wanted)


def _in_pattern(sign: str) -> str:
    return "\\*" if sign == "*" else _escaped(sign)


@_text.register
def _(expr: pst.Is, wanted: int) -> str:
    among = "" if expr.in_expr is None else f" in {_text(expr.in_expr, _SUM)}"
    return _bracketed(f"{_text(expr.base, _SUM)} is {expr.entity_type}{among}", _RELATION, wanted)


@_text.register
def _(expr: pst.IfThenElse, wanted: int) -> str:
    condition, then, otherwise = (_text(part, _IF) for part in children(expr))
    return _bracketed(f"if {condition} then {then} else {otherwise}", _IF, wanted)


@_text.register
def _(expr: pst.Set, _: int) -> str:
    return f"[{', '.join(map(text_of, expr.elements))}]"


@_text.register
def _(expr: pst.Record, _: int) -> str:
    pairs = ((name if is_name(name) else quoted(name), part) for name, part in expr.fields.items())
    return f"{{{', '.join(f'{name}: {text_of(part)}' for name, part in pairs)}}}"


# --- places -------------------------------------------------------------------------------------------


def places(rule: Rule, template: pst.Template) -> tuple[Place, ...]:
    """Return where each of the atoms of a rule stands, in the order of `atoms`.

    Args:
        rule: the rule as it was read.
        template: the same as a tree.
    """
    found = node_places(rule, template)
    return tuple(found[position] for position in atom_positions(template))


def node_places(rule: Rule, template: pst.Template) -> tuple[Place, ...]:
    """Return where each of the `nodes` of a rule stands; the rule's place where that cannot be told."""
    passage = _passage(rule)
    reading = _Reading(passage)
    try:
        for body, clause in zip(_bodies(passage), template.clauses, strict=True):
            reading.position = body
            reading.take(clause.expr)
    except (_LostError, ValueError):
        return tuple(rule.place for _ in nodes(template))
    spans = (replace(passage, tokens=passage.tokens[start:end]).place for start, end in reading.spans)
    first = rule.place
    return tuple(
        replace(place, source_line=first.source_line) if place.line == first.line else place
        for place in spans
    )


def _passage(rule: Rule) -> Passage:
    """Return the tokens of a rule where they stand in its file; what is before them there is blank."""
    before = "\n" * (rule.place.line - 1) + " " * (rule.place.column - 1)
    return passages(rule.place.file, before + rule.text)[0]


def _bodies(passage: Passage) -> Iterator[int]:
    """Yield where what a clause says begins, among the tokens of a rule."""
    depth = 0
    words = [token.text for token in passage.tokens]
    for position, word in enumerate(words):
        depth += (word in ("(", "[", "{")) - (word in (")", "]", "}"))
        if depth == 1 and word == "{" and words[position - 1] in ("when", "unless"):
            yield position + 1


class _LostError(Exception):
    """Raised when the tokens are not those of the tree."""


class _Reading:
    """Follows a tree along the tokens of its rule; both have the same order, but for redundant brackets.

    Attributes:
        position: the next token.
        spans: first token and the one after the last, for every expression so far, as `nodes` orders them.
    """

    def __init__(self, passage: Passage) -> None:
        self.words = [token.text for token in passage.tokens]
        self.position = 0
        self.spans: list[tuple[int, int]] = []

    def take(self, expr: pst.Expr) -> None:
        """Read one expression and note where it and all in it stand.

        Raises:
            _LostError: when it does not stand here.
        """
        while self._next == "(":
            self.position += 1
        slot = len(self.spans)
        start = self.position
        self.spans.append((start, start))
        if isinstance(expr, pst.HasAttr) and self._next == ".":
            self._take_rest_of_path(expr, slot)
            return
        _follow(expr, self)
        self.spans[slot] = self._balanced(start, self.position)

    def word(self, *wanted: str) -> None:
        """Read one of some words and signs, over brackets that close something redundant.

        Raises:
            _LostError: when something else stands here.
        """
        while self._next == ")" and ")" not in wanted:
            self.position += 1
        if self._next not in wanted:
            raise _LostError
        self.position += 1

    def any_word(self) -> str:
        """Read whatever word stands here."""
        word = self._next
        self.position += 1
        return word

    def comma(self) -> None:
        """Read a comma, if one stands here."""
        while self._next == ")":
            self.position += 1
        self.position += self._next == ","

    def goes_on_with(self, word: str) -> bool:
        """Say whether a word stands here."""
        return self._next == word

    @property
    def _next(self) -> str:
        if self.position >= len(self.words):
            raise _LostError
        return self.words[self.position]

    def _take_rest_of_path(self, expr: pst.HasAttr, slot: int) -> None:
        """Read `.b` of `context has a.b`, which is `context has a && context.a has b` in the tree."""
        self.position += 2
        inside = sum(1 for _ in _nodes_of(expr))
        self.spans[slot:] = [(self.position - 1, self.position)] * inside

    def _balanced(self, start: int, end: int) -> tuple[int, int]:
        """Return a span with the brackets that belong to it, such as the first of `(a + b) * c`."""
        depth, lowest = 0, 0
        for word in self.words[start:end]:
            depth += (word == "(") - (word == ")")
            lowest = min(lowest, depth)
        return start + lowest, end + depth - lowest


@singledispatch
def _follow(expr: pst.Expr, reading: _Reading) -> None:  # noqa: ARG001  # the others need it
    reading.any_word()  # a variable or a literal


@_follow.register
def _(expr: pst.LongLit, reading: _Reading) -> None:
    if expr.value < 0:
        reading.word("-")
    reading.any_word()


@_follow.register
def _(expr: pst.EntityLit, reading: _Reading) -> None:
    _follow_name(expr.value.type, reading)
    reading.word("::")
    reading.any_word()


def _follow_name(entity_type: pst.EntityType, reading: _Reading) -> None:
    reading.any_word()
    for _ in entity_type.namespace:
        reading.word("::")
        reading.any_word()


@_follow.register
def _(expr: pst.UnaryOp, reading: _Reading) -> None:
    if expr.op in SIGNS:
        reading.word(SIGNS[expr.op])
        reading.take(expr.arg)
        return
    reading.take(expr.arg)
    _follow_call(expr.op, reading)
    reading.word(")")


@_follow.register
def _(expr: pst.BinaryOp, reading: _Reading) -> None:
    reading.take(expr.left)
    if expr.op in OPERATORS:
        if not reading.goes_on_with("."):
            reading.word(OPERATORS[expr.op])
        reading.take(expr.right)
        return
    _follow_call(expr.op, reading)
    reading.take(expr.right)
    reading.word(")")


def _follow_call(name: str, reading: _Reading) -> None:
    reading.word(".")
    reading.word(METHODS.get(name, ""))
    reading.word("(")


@_follow.register
def _(expr: pst.GetAttr, reading: _Reading) -> None:
    reading.take(expr.base)
    reading.word(".", "[")
    in_quotes = reading.any_word().startswith('"')
    if in_quotes:
        reading.word("]")


@_follow.register
def _(expr: pst.HasAttr, reading: _Reading) -> None:
    reading.take(expr.base)
    reading.word("has")
    reading.any_word()


@_follow.register
def _(expr: pst.Like, reading: _Reading) -> None:
    reading.take(expr.base)
    reading.word("like")
    reading.any_word()


@_follow.register
def _(expr: pst.Is, reading: _Reading) -> None:
    reading.take(expr.base)
    reading.word("is")
    _follow_name(expr.entity_type, reading)
    if expr.in_expr is not None:
        reading.word("in")
        reading.take(expr.in_expr)


@_follow.register
def _(expr: pst.IfThenElse, reading: _Reading) -> None:
    for word, part in zip(("if", "then", "else"), children(expr), strict=True):
        reading.word(word)
        reading.take(part)


@_follow.register
def _(expr: pst.Set, reading: _Reading) -> None:
    reading.word("[")
    for element in expr.elements:
        reading.take(element)
        reading.comma()
    reading.word("]")


@_follow.register
def _(expr: pst.Record, reading: _Reading) -> None:
    names = {quoted(name): name for name in expr.fields} | {name: name for name in expr.fields}
    first = len(reading.spans)
    taken: dict[str, list[tuple[int, int]]] = {}
    reading.word("{")
    for _ in expr.fields:
        name = names.get(reading.any_word())
        if name is None:
            raise _LostError
        reading.word(":")
        before = len(reading.spans)
        reading.take(expr.fields[name])
        taken[name] = reading.spans[before:]
        reading.comma()
    reading.word("}")
    # The tree sorts the names.
    reading.spans[first:] = [span for name in expr.fields for span in taken[name]]
