"""Rules with one small mistake each: what a good test suite would notice.

    remove-rule, flip-effect                           the whole rule
    drop-clause, when-unless                           a clause
    and-or, drop-operand, drop-not, negate, if-branch  how conditions are put together
    relational, constant, string, boolean              what is compared
    drop-has, like, set-element, attribute             what is looked at
    drop-action, widen-action, widen-principal, widen-resource

After Martin and Xie, "A fault model and mutation testing of access control policies" (WWW 2007),
https://doi.org/10.1145/1242572.1242663
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any, Final

import cedarpy
from cedarpy import pst

from sim.analysis.evaluation.tree import (
    OPERATORS,
    Constraint,
    atom_positions,
    children,
    clause_text,
    node_places,
    nodes,
    quoted,
    scope_text,
    text_of,
    with_children,
)
from sim.analysis.evaluation.values import LONG_MAX, LONG_MIN
from sim.core.errors import Place
from sim.policy.rules import Rule

MUTATIONS: Final = (
    "remove-rule",
    "flip-effect",
    "drop-clause",
    "when-unless",
    "and-or",
    "drop-operand",
    "drop-not",
    "negate",
    "if-branch",
    "relational",
    "constant",
    "string",
    "boolean",
    "drop-has",
    "like",
    "set-element",
    "attribute",
    "drop-action",
    "widen-action",
    "widen-principal",
    "widen-resource",
)
"""Every way in which a rule is changed."""

_NEAR: Final[Mapping[pst.BinaryOpName, pst.BinaryOpName]] = {
    "less": "less_eq",
    "less_eq": "less",
    "greater": "greater_eq",
    "greater_eq": "greater",
    "eq": "not_eq",
    "not_eq": "eq",
}
_TRUE: Final = pst.BoolLit(value=True)
_WORDS_MAX: Final = 80


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule with one change.

    Attributes:
        rule: id of the rule.
        operator: one of `MUTATIONS`.
        change: what was done, as a sentence for people.
        template: the changed rule; None when it is gone.
        place: where the change is; None when nobody said where the rule stands.
    """

    rule: str
    operator: str
    change: str
    template: pst.Template | None
    place: Place | None = None


def mutants_of(
    template: pst.Template, schema: Mapping[str, Any], rule: Rule | None = None
) -> Iterator[Mutant]:
    """Yield every mutant of a rule, always in the same order; none means the same as the rule or another.

    Args:
        template: the rule as a tree.
        schema: Cedar's schema in its JSON form; it says which attributes have equal types.
        rule: the rule as it was read; it says where things stand.
    """
    places = None if rule is None else node_places(rule, template)
    seen = [_meaning(template)]
    for change in _changes(template, _Types(schema, template)):
        meaning = _meaning(change.template)
        if meaning in seen:
            continue
        seen.append(meaning)
        place = rule.place if rule is not None else None
        if places is not None and change.position is not None:
            place = places[change.position]
        yield Mutant(template.id, change.operator, change.sentence, change.template, place)


def validates(rules: Mapping[str, pst.Template], mutant: Mutant, schema: cedarpy.Schema) -> bool:
    """Say whether Cedar's strict validation lets a mutant pass; rules without a rule always do.

    Args:
        rules: all rules, unchanged; each is valid or not whatever the others say.
        mutant: a mutant of one of them.
        schema: the words of the rules.
    """
    assert mutant.rule in rules
    if mutant.template is None:
        return True
    alone = pst.PolicySet(pst.FrozenMap(), pst.FrozenMap({mutant.rule: mutant.template}), ())
    return cedarpy.validate_policies(str(cedarpy.PolicySet.from_pst(alone)), schema).validation_passed


# --- which attributes are alike -----------------------------------------------------------------------


class _Types:
    """Types of what a rule looks at.

    Args:
        schema: Cedar's schema in its JSON form.
        template: the rule.
    """

    def __init__(self, schema: Mapping[str, Any], template: pst.Template) -> None:
        self._commons: Mapping[str, Any] = schema[""].get("commonTypes", {})
        self._entities: Mapping[str, Any] = schema[""]["entityTypes"]
        covered = [action for action in _covered(schema, template.action) if action.get("appliesTo")]
        self._variables = {
            "context": [action["appliesTo"].get("context", {"type": "Record"}) for action in covered],
            "principal": self._of_scope(covered, "principalTypes", template.principal),
            "resource": self._of_scope(covered, "resourceTypes", template.resource),
            "action": [],
        }
        guards = (node for node in nodes(template) if isinstance(node, pst.HasAttr))
        self._guarded = {(node.base, attr) for node in guards for attr in node.attrs}

    def alike(self, base: pst.Expr, attr: str) -> str | None:
        """Return the attribute most like another by name among those of equal type; None if there is none.

        One that may be absent counts only where the rule asks for it with `has`.
        """
        records = [record for record in self._records(base) if attr in record]
        candidates = [
            name
            for name in sorted(records[0] if records else ())
            if name != attr
            and all(
                name in record
                and _bare(record[name]) == _bare(record[attr])
                and (record[name].get("required", True) or (base, name) in self._guarded)
                for record in records
            )
        ]
        return max(candidates, key=lambda name: SequenceMatcher(None, attr, name).ratio(), default=None)

    def _of_scope(
        self, covered: list[Any], side: str, constraint: pst.PrincipalOrResourceConstraint
    ) -> list[Mapping[str, Any]]:
        names = dict.fromkeys(name for action in covered for name in action["appliesTo"].get(side, ()))
        wanted = str(constraint.entity_type) if isinstance(constraint, pst.ScopeIs | pst.ScopeIsIn) else None
        return [{"type": "Entity", "name": name} for name in names if wanted in (None, name)]

    def _types(self, expr: pst.Expr) -> list[Mapping[str, Any]]:
        """Return the types an expression can have; none when that is not looked into."""
        match expr:
            case pst.Var(name=name):
                return self._variables[name]
            case pst.EntityLit(value=uid):
                return [{"type": "Entity", "name": str(uid.type)}]
            case pst.GetAttr(base=base, attr=attr):
                return [record[attr] for record in self._records(base) if attr in record]
            case _:
                return []

    def _records(self, expr: pst.Expr) -> list[Mapping[str, Any]]:
        """Return the attributes that an expression can have, once for each of its types."""
        return [self._attributes(one) for one in self._types(expr)]

    def _attributes(self, declared: Mapping[str, Any]) -> Mapping[str, Any]:
        kind = declared["type"]
        name = declared.get("name", kind)
        if kind == "Record":
            found: Mapping[str, Any] = declared.get("attributes", {})
            return found
        if name in self._commons:
            return self._attributes(self._commons[name])
        if name in self._entities and "shape" in self._entities[name]:
            return self._attributes(self._entities[name]["shape"])
        return {}


def _covered(schema: Mapping[str, Any], constraint: pst.ActionConstraint) -> list[Mapping[str, Any]]:
    """Return the actions of a schema that a scope covers."""
    actions: Mapping[str, Any] = schema[""]["actions"]
    match constraint:
        case pst.ScopeAny():
            return [action for action in actions.values() if action]
        case pst.ActionEq(entity=entity):
            return [actions.get(entity.id) or {}]
        case _:
            wanted = {entity.id for entity in constraint.entities}
            return [action for name, action in actions.items() if action and _is_in(name, wanted, actions)]


def _is_in(name: str, wanted: set[str], actions: Mapping[str, Any]) -> bool:
    groups = (actions.get(name) or {}).get("memberOf") or ()
    return name in wanted or any(_is_in(group["id"], wanted, actions) for group in groups)


def _bare(declared: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: part for name, part in declared.items() if name not in ("required", "annotations")}


# --- all changes --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Change:
    """A mutant in the making; `position` is that of the changed expression among the `nodes`."""

    operator: str
    sentence: str
    template: pst.Template | None
    position: int | None = None


def _changes(template: pst.Template, types: _Types) -> Iterator[_Change]:
    yield _Change("remove-rule", "the rule was removed", None)
    other: pst.Effect = "forbid" if template.effect == "permit" else "permit"
    flipped = replace(template, effect=other)
    yield _Change("flip-effect", f"`{template.effect}` became `{other}`", flipped)
    yield from _scope_changes(template)
    yield from _clause_changes(template)
    atoms = frozenset(atom_positions(template))
    strings = _strings(template)
    position = 0
    for number, clause in enumerate(template.clauses):
        for edit in _edits(clause.expr, position, _Surroundings(atoms, strings, types)):
            clauses = list(template.clauses)
            clauses[number] = replace(clause, expr=edit.expr)
            changed = replace(template, clauses=tuple(clauses))
            yield _Change(edit.operator, edit.sentence, changed, edit.position)
        position += _size(clause.expr)


def _clause_changes(template: pst.Template) -> Iterator[_Change]:
    position = 0
    for number, clause in enumerate(template.clauses):
        before, after = template.clauses[:number], template.clauses[number + 1 :]
        dropped = replace(template, clauses=(*before, *after))
        yield _Change("drop-clause", f"`{_short(clause_text(clause))}` was dropped", dropped, position)
        is_when = isinstance(clause, pst.When)
        turned = pst.Unless(clause.expr) if is_when else pst.When(clause.expr)
        words = "`when` became `unless`" if is_when else "`unless` became `when`"
        sentence = f"{words} in `{_short(clause_text(clause))}`"
        yield _Change("when-unless", sentence, replace(template, clauses=(*before, turned, *after)), position)
        position += _size(clause.expr)


def _scope_changes(template: pst.Template) -> Iterator[_Change]:
    principal, action, resource = scope_text(template)
    if isinstance(template.action, pst.ActionIn) and len(template.action.entities) > 1:
        for number, entity in enumerate(template.action.entities):
            left = template.action.entities[:number] + template.action.entities[number + 1 :]
            changed = replace(template, action=pst.ActionIn(left))
            yield _Change(
                "drop-action", f"`{entity.type}::{quoted(entity.id)}` was dropped from `{action}`", changed
            )
    if not isinstance(template.action, pst.ScopeAny):
        widened = replace(template, action=pst.ScopeAny())
        yield _Change("widen-action", f"`{action}` became `action`", widened)
    for wide in _wider(template.principal):
        changed = replace(template, principal=wide)
        yield _Change("widen-principal", f"`{principal}` became `{scope_text(changed)[0]}`", changed)
    for wide in _wider(template.resource):
        changed = replace(template, resource=wide)
        yield _Change("widen-resource", f"`{resource}` became `{scope_text(changed)[2]}`", changed)


def _wider(constraint: pst.PrincipalOrResourceConstraint) -> Iterator[pst.PrincipalOrResourceConstraint]:
    if isinstance(constraint, pst.ScopeIsIn):
        yield pst.ScopeIs(constraint.entity_type)
    if not isinstance(constraint, pst.ScopeAny):
        yield pst.ScopeAny()


# --- changes inside clauses ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Edit:
    """A changed expression, and which of the `nodes` was changed in it."""

    operator: str
    sentence: str
    expr: pst.Expr
    position: int


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What an edit hangs on beside the expression.

    Attributes:
        atoms: positions of atomic conditions among the `nodes`.
        strings: what is compared, as Cedar text, to the literals it is compared with.
        types: types of attributes.
    """

    atoms: frozenset[int]
    strings: Mapping[str, tuple[str, ...]]
    types: _Types


def _words(expr: pst.Expr) -> str:
    return _short(text_of(expr))


def _short(text: str) -> str:
    """Return text that fits a sentence; the place says where the rest stands."""
    return text if len(text) <= _WORDS_MAX else f"{text[: _WORDS_MAX // 2]}…{text[-_WORDS_MAX // 2 :]}"


def _size(expr: pst.Expr) -> int:
    return 1 + sum(map(_size, children(expr)))


def _edits(expr: pst.Expr, position: int, around: _Surroundings) -> Iterator[_Edit]:
    """Yield every change of an expression or of one inside it."""
    for operator, sentence, changed in _edits_here(expr, around):
        yield _Edit(operator, sentence, changed, position)
    if position in around.atoms:
        yield _Edit("negate", f"`{_words(expr)}` was negated", pst.UnaryOp("not", expr), position)
    parts = children(expr)
    position += 1
    for number, part in enumerate(parts):
        # A number says little without what it is compared with.
        more = f" in `{_words(expr)}`" if isinstance(part, pst.LongLit | pst.BoolLit) else ""
        for edit in _edits(part, position, around):
            changed = with_children(expr, (*parts[:number], edit.expr, *parts[number + 1 :]))
            yield replace(edit, sentence=edit.sentence + more, expr=changed)
        position += _size(part)


_Here = Iterator[tuple[str, str, pst.Expr]]


def _edits_here(expr: pst.Expr, around: _Surroundings) -> _Here:
    """Yield what can be done to an expression itself: the operator, a sentence and the result."""
    match expr:
        case pst.BinaryOp(op="and" | "or"):
            yield from _of_junction(expr)
        case pst.BinaryOp():
            yield from _of_relation(expr, around)
        case pst.UnaryOp(op="not", arg=arg):
            yield "drop-not", f"`!` was dropped from `{_words(expr)}`", arg
        case pst.HasAttr():
            yield "drop-has", f"`{text_of(expr)}` became `true`", _TRUE
        case pst.Like():
            yield from _of_pattern(expr)
        case pst.IfThenElse(then_expr=then, else_expr=otherwise):
            yield "if-branch", f"`{_words(expr)}` became `{_words(then)}`", then
            yield "if-branch", f"`{_words(expr)}` became `{_words(otherwise)}`", otherwise
        case _:
            yield from _of_value(expr, around)


def _of_value(expr: pst.Expr, around: _Surroundings) -> _Here:
    match expr:
        case pst.LongLit() | pst.BoolLit():
            yield from _of_literal(expr)
        case pst.Set(elements=elements) if len(elements) > 1:
            for number, element in enumerate(elements):
                left = pst.Set(elements[:number] + elements[number + 1 :])
                yield "set-element", f"`{text_of(element)}` was dropped from `{_words(expr)}`", left
        case pst.GetAttr(base=base, attr=attr):
            other = around.types.alike(base, attr)
            if other is not None:
                changed = pst.GetAttr(base, other)
                yield "attribute", f"`{text_of(expr)}` became `{text_of(changed)}`", changed
        case _:
            pass


def _of_junction(expr: pst.BinaryOp) -> _Here:
    turned: pst.BinaryOpName = "or" if expr.op == "and" else "and"
    signs = f"`{OPERATORS[expr.op]}` became `{OPERATORS[turned]}`"
    yield "and-or", f"{signs} in `{_words(expr)}`", replace(expr, op=turned)
    for dropped, left in ((expr.left, expr.right), (expr.right, expr.left)):
        # Of `a && b && c`, one operand is dropped at a time: `a && b` is no operand of its own.
        if isinstance(dropped, pst.BinaryOp) and dropped.op == expr.op:
            continue
        is_guard = expr.op == "and" and isinstance(dropped, pst.HasAttr)
        sentence = f"`{_words(dropped)}` was dropped from `{_words(expr)}`"
        yield ("drop-has" if is_guard else "drop-operand"), sentence, left


def _of_relation(expr: pst.BinaryOp, around: _Surroundings) -> _Here:
    near = _NEAR.get(expr.op)
    if near is not None:
        signs = f"`{OPERATORS[expr.op]}` became `{OPERATORS[near]}`"
        yield "relational", f"{signs} in `{_words(expr)}`", replace(expr, op=near)
    for number, literals, subject in _comparisons(expr):
        known = around.strings[subject]
        for literal in literals:
            other = next((one for one in known if one not in literals), f"{literal}_")
            sides = [expr.left, expr.right]
            sides[number] = _with_string(sides[number], literal, other)
            sentence = f"`{quoted(literal)}` became `{quoted(other)}` in `{_words(expr)}`"
            yield "string", sentence, with_children(expr, sides)


def _comparisons(expr: pst.BinaryOp) -> Iterator[tuple[int, tuple[str, ...], str]]:
    """Yield which side has string literals, which, and what they are compared with."""
    if expr.op in ("eq", "not_eq", "contains", "contains_all", "contains_any"):
        for number, side, partner in ((0, expr.left, expr.right), (1, expr.right, expr.left)):
            parts = children(side) if isinstance(side, pst.Set) else (side,)
            literals = tuple(part.value for part in parts if isinstance(part, pst.StringLit))
            if literals:
                yield number, literals, text_of(partner)


def _with_string(side: pst.Expr, literal: str, other: str) -> pst.Expr:
    if side == pst.StringLit(literal):
        return pst.StringLit(other)
    return with_children(side, [_with_string(part, literal, other) for part in children(side)])


def _strings(template: pst.Template) -> Mapping[str, tuple[str, ...]]:
    """Return everything that is compared with string literals in a rule, and all of those, sorted."""
    found: dict[str, dict[str, None]] = {}
    for expr in nodes(template):
        if isinstance(expr, pst.BinaryOp):
            for _, literals, subject in _comparisons(expr):
                found.setdefault(subject, {}).update(dict.fromkeys(literals))
    return {subject: tuple(sorted(literals)) for subject, literals in found.items()}


def _of_literal(expr: pst.LongLit | pst.BoolLit) -> _Here:
    if isinstance(expr, pst.BoolLit):
        turned = pst.BoolLit(not expr.value)
        yield "boolean", f"`{text_of(expr)}` became `{text_of(turned)}`", turned
        return
    for number in (expr.value - 1, expr.value + 1):
        if LONG_MIN <= number <= LONG_MAX:
            yield "constant", f"`{expr.value}` became `{number}`", pst.LongLit(number)


def _of_pattern(expr: pst.Like) -> _Here:
    """Yield the pattern without one of its `*`, or with one more before or after it."""
    star = pst.Wildcard()
    pattern = expr.pattern
    others = [
        pattern[:n] + pattern[n + 1 :] for n, sign in enumerate(pattern) if isinstance(sign, pst.Wildcard)
    ]
    others += [(star, *pattern)] if pattern[:1] != (star,) else []
    others += [(*pattern, star)] if pattern[-1:] != (star,) else []
    for other in others:
        changed = replace(expr, pattern=other)
        yield "like", f"`{text_of(expr)}` became `{text_of(changed)}`", changed


# --- which changes mean the same ----------------------------------------------------------------------


def _meaning(template: pst.Template | None) -> tuple[Any, ...]:
    """Return what two rules have in common that differ in writing only."""
    if template is None:
        return ()
    scope: tuple[Constraint, ...] = template.principal, template.action, template.resource
    conjuncts: list[pst.Expr] = []
    for clause in template.clauses:
        condition = clause.expr if isinstance(clause, pst.When) else pst.UnaryOp("not", clause.expr)
        conjuncts += _conjuncts(_plain(condition))
    return template.effect, *scope, *conjuncts


def _plain(expr: pst.Expr) -> pst.Expr:
    """Return an expression without double negation, `!=` and `true &&`."""
    parts = tuple(map(_plain, children(expr)))
    plain = with_children(expr, parts)
    match plain:
        case pst.BinaryOp(op="not_eq"):
            return _plain(pst.UnaryOp("not", replace(plain, op="eq")))
        case pst.UnaryOp(op="not", arg=pst.UnaryOp(op="not", arg=inner)):
            return inner
        case pst.BinaryOp(op="and", left=left, right=right) if _TRUE in (left, right):
            return left if right == _TRUE else right
        case _:
            return plain


def _conjuncts(expr: pst.Expr) -> list[pst.Expr]:
    if isinstance(expr, pst.BinaryOp) and expr.op == "and":
        return [*_conjuncts(expr.left), *_conjuncts(expr.right)]
    return [] if expr == _TRUE else [expr]
