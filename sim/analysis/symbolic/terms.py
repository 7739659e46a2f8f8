"""Cedar expressions as terms of the solver, in one environment.

Every expression becomes a value and a formula that says when evaluating it is an error; the value counts
only where there is none. What goes on where types are known to be wrong is an error whatever the request
is, and is raised as such here, because `&&`, `||` and `if` may never come to evaluate it.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import z3
from cedarpy import pst

from sim.analysis.evaluation.words import Environment
from sim.analysis.question import Uid
from sim.analysis.symbolic import equality, membership, patterns
from sim.analysis.symbolic.footprint import Footprint
from sim.analysis.symbolic.formulas import (
    FALSE,
    LONG_MAX,
    LONG_MIN,
    TRUE,
    Formula,
    both,
    choice,
    conjunction,
    constant,
    disjunction,
    either,
    is_false,
    is_true,
    opposite,
    string_literal,
)
from sim.analysis.symbolic.shapes import (
    Attribute,
    Foreign,
    Plain,
    RecordOf,
    Reference,
    SetOf,
    UnsupportedError,
)
from sim.analysis.symbolic.sorts import Sorts, construct_of, path_to
from sim.analysis.symbolic.values import (
    ActionName,
    Entity,
    Field,
    Record,
    Region,
    Scalar,
    SetLiteral,
    SymbolicSet,
    Unmodelled,
    Value,
)

_COMPARISONS: Mapping[str, Callable[[Any, Any], Formula]] = {
    "less": operator.lt,
    "less_eq": operator.le,
    "greater": operator.gt,
    "greater_eq": operator.ge,
}
_SUMS: Mapping[str, Callable[[Any, Any], Formula]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
}
_CONTAINMENTS: Mapping[str, Callable[[Any, Any], Formula]] = {
    "contains_all": equality.contains_all,
    "contains_any": equality.contains_any,
}


class CertainError(Exception):
    """Raised when evaluating an expression is an error for every request of the environment."""


class Outcome(NamedTuple):
    """What evaluating an expression comes to."""

    value: Value
    error: Formula


class Truth(NamedTuple):
    """What evaluating a condition comes to."""

    holds: Formula
    error: Formula


class Translator:
    """Translates expressions of one environment and notes which terms they look at.

    Args:
        sorts: of the schema.
        environment: the types of who asks and what is asked, and the action.
    """

    def __init__(self, sorts: Sorts, environment: Environment) -> None:
        self.footprint = Footprint()
        self._sorts = sorts
        self._shapes = sorts.shapes
        self.principal = self.footprint.add_entity(sorts.principal(environment))
        self.resource = self.footprint.add_entity(sorts.resource(environment))
        self.action = ActionName(environment.action)
        context = self._shapes.actions[environment.action].context
        self._variables: Mapping[str, Value] = {
            "principal": self.principal,
            "action": self.action,
            "resource": self.resource,
            "context": Region(context, "context", None),
        }
        self._nodes: Mapping[type, Callable[[Any], Outcome]] = {
            pst.Var: lambda node: Outcome(self._variables[node.name], FALSE),
            pst.BoolLit: lambda node: _boolean(constant(value=node.value), FALSE),
            pst.LongLit: lambda node: Outcome(Scalar("Long", z3.IntVal(node.value)), FALSE),
            pst.StringLit: self._string,
            pst.EntityLit: lambda node: Outcome(self.literal(node.value), FALSE),
            pst.UnaryOp: self._unary,
            pst.BinaryOp: self._binary,
            pst.GetAttr: self._attribute,
            pst.HasAttr: self._presence,
            pst.Like: self._like,
            pst.Is: self._is,
            pst.IfThenElse: self._if,
            pst.Set: self._set,
            pst.Record: self._record,
        }

    def outcome(self, expression: pst.Expr) -> Outcome:
        """Return what evaluating an expression comes to.

        Raises:
            CertainError: when it is an error whatever the request.
            UnsupportedError: when the prover does not model it.
        """
        translate = self._nodes.get(type(expression))
        if translate is None:
            raise UnsupportedError(construct="templates")
        return translate(expression)

    def attempt(self, expression: pst.Expr) -> Truth:
        """Return what evaluating a condition comes to, when it is evaluated at all."""
        try:
            return self._truth(expression)
        except CertainError:
            return Truth(FALSE, TRUE)

    def literal(self, uid: pst.EntityOrSlot) -> Entity | ActionName:
        """Return the entity or action of a name."""
        if isinstance(uid, pst.Slot):
            raise UnsupportedError(construct="templates")
        name = Uid(str(uid.type), uid.id)
        if name.type == "Action":
            return ActionName(name.id)
        return self.footprint.add_literal(name, self._sorts.literal(name))

    def member(self, entity: Entity | ActionName, of: Entity | ActionName) -> Formula:
        """Return when an entity is, or is in, another."""
        return membership.member(self._sorts, entity, of)

    # --- operands -----------------------------------------------------------------------------------

    def _truth(self, expression: pst.Expr) -> Truth:
        """Return a condition; anything but a Boolean is an error."""
        value, error = self.outcome(expression)
        if isinstance(value, Scalar) and value.kind == "Boolean":
            return Truth(value.formula, error)
        raise _mistyped(value)

    def _long(self, expression: pst.Expr) -> tuple[Formula, Formula]:
        """Return a number and when there is none; anything but a Long is an error."""
        value, error = self.outcome(expression)
        if isinstance(value, Scalar) and value.kind == "Long":
            return value.formula, error
        raise _mistyped(value)

    def _any_set(self, expression: pst.Expr) -> tuple[SymbolicSet | SetLiteral, Formula]:
        """Return a set; anything else is an error."""
        value, error = self.outcome(expression)
        if isinstance(value, SymbolicSet | SetLiteral):
            return value, error
        raise _mistyped(value)

    def _whole(self, expression: pst.Expr) -> Outcome:
        """Return a value to be compared; of a record every field counts."""
        value, error = self.outcome(expression)
        return Outcome(self._expanded(value), error)

    def _expanded(self, value: Value) -> Value:
        """Return a record with all its fields, and anything else as it is."""
        if isinstance(value, Record):
            fields = value.fields
        elif isinstance(value, Region):
            attributes = value.shape.attributes
            fields = {name: self._field(value, name, attributes[name]) for name in attributes}
        else:
            return value
        return Record({name: Field(there, self._expanded(held)) for name, (there, held) in fields.items()})

    # --- attributes ---------------------------------------------------------------------------------

    def _access(self, value: Value, name: str) -> Field | None:
        """Return an attribute, present only where the entity exists; None when there never is one."""
        match value:
            case Region():
                attribute = value.shape.attributes.get(name)
                return None if attribute is None else self._field(value, name, attribute)
            case Entity():
                region = Region(self._shapes.entities[value.type], value.type, value)
                field = self._access(region, name)
                return field and Field(both(self._sorts.exists(value), field.present), field.value)
            case Record():
                return value.fields.get(name)
            case ActionName():
                return None
            case _:
                raise _mistyped(value)

    def _field(self, region: Region, name: str, attribute: Attribute) -> Field:
        """Return one attribute of the context or of an entity that exists."""
        path = path_to(region.path, name)
        present = TRUE
        if not attribute.required:
            present = self._sorts.present(path, region.owner)
            self.footprint.options[present.get_id()] = present
        return Field(present, self._leaf(path, attribute, region.owner))

    def _leaf(self, path: str, attribute: Attribute, owner: Entity | None) -> Value:
        """Return the value of an attribute, and note it."""
        shape = attribute.shape
        if isinstance(shape, RecordOf):
            return Region(shape, path, owner)
        if isinstance(shape, Foreign):
            return Unmodelled(shape.name)
        if isinstance(shape, SetOf) and not isinstance(shape.element, Plain | Reference):
            return Unmodelled(construct_of(shape))
        term = self._sorts.value(path, shape, owner)
        if isinstance(shape, Reference):
            return self.footprint.add_entity(Entity(shape.entity, term))
        if isinstance(shape, SetOf):
            self.footprint.sets[term.get_id()] = term
            return SymbolicSet(shape.element, term)
        noted = {"Long": self.footprint.longs, "String": self.footprint.strings}.get(shape.kind)
        if noted is not None:
            noted[term.get_id()] = term
        return Scalar(shape.kind, term)

    def _attribute(self, node: pst.GetAttr) -> Outcome:
        value, error = self.outcome(node.base)
        field = self._access(value, node.attr)
        if field is None:
            raise CertainError
        return Outcome(field.value, either(error, opposite(field.present)))

    def _presence(self, node: pst.HasAttr) -> Outcome:
        """`a has b.c` means `a has b && a.b has c`."""
        value, error = self.outcome(node.base)
        present = TRUE
        for name in node.attrs:
            try:
                field = self._access(value, name)
            except CertainError:
                return _boolean(FALSE, either(error, present))
            if field is None:
                return _boolean(FALSE, error)
            present, value = both(present, field.present), field.value
        return _boolean(present, error)

    # --- logic --------------------------------------------------------------------------------------

    def _and(self, node: pst.BinaryOp) -> Outcome:
        """The right side is evaluated only where the left is true."""
        left, left_error = self._truth(node.left)
        if is_false(left):
            return _boolean(FALSE, left_error)
        right, right_error = self.attempt(node.right)
        return _boolean(both(left, right), either(left_error, both(left, right_error)))

    def _or(self, node: pst.BinaryOp) -> Outcome:
        """The right side is evaluated only where the left is false."""
        left, left_error = self._truth(node.left)
        if is_true(left):
            return _boolean(TRUE, left_error)
        right, right_error = self.attempt(node.right)
        return _boolean(either(left, right), either(left_error, both(opposite(left), right_error)))

    def _if(self, node: pst.IfThenElse) -> Outcome:
        """Only one of the branches is evaluated."""
        condition, error = self._truth(node.cond)
        if is_true(condition) or is_false(condition):
            value, branch_error = self.outcome(node.then_expr if is_true(condition) else node.else_expr)
            return Outcome(value, either(error, branch_error))
        yes, no = self._branch(node.then_expr), self._branch(node.else_expr)
        errors = choice(condition, TRUE if yes is None else yes.error, TRUE if no is None else no.error)
        if yes is None or no is None:
            certain = yes or no
            if certain is None:
                raise CertainError
            return Outcome(certain.value, either(error, errors))
        return Outcome(_merged(condition, yes.value, no.value), either(error, errors))

    def _branch(self, expression: pst.Expr) -> Outcome | None:
        """Return a branch of an `if`, or None when it is a certain error."""
        try:
            return self._whole(expression)
        except CertainError:
            return None

    # --- operators ----------------------------------------------------------------------------------

    def _unary(self, node: pst.UnaryOp) -> Outcome:
        match node.op:
            case "not":
                holds, error = self._truth(node.arg)
                return _boolean(opposite(holds), error)
            case "neg":
                number, error = self._long(node.arg)
                return self._number(-number, error)
            case "is_empty":
                container, error = self._any_set(node.arg)
                return _boolean(equality.is_empty(container), error)
            case name:
                raise UnsupportedError(construct=f"the function `{name}`")

    def _binary(self, node: pst.BinaryOp) -> Outcome:
        match node.op:
            case "and":
                return self._and(node)
            case "or":
                return self._or(node)
            case "eq" | "not_eq":
                return self._equality(node)
            case "in":
                return self._in(node)
            case "contains":
                container, error = self._any_set(node.left)
                item, item_error = self._whole(node.right)
                return _boolean(equality.contains(container, item), either(error, item_error))
            case name:
                return self._by_table(name, node)

    def _by_table(self, name: str, node: pst.BinaryOp) -> Outcome:
        """Translate an operator over two numbers or two sets."""
        if name in _CONTAINMENTS:
            container, error = self._any_set(node.left)
            part, part_error = self._any_set(node.right)
            return _boolean(_CONTAINMENTS[name](container, part), either(error, part_error))
        if name not in _COMPARISONS and name not in _SUMS:
            raise UnsupportedError(construct=f"the function `{name}`")
        left, left_error = self._long(node.left)
        right, right_error = self._long(node.right)
        error = either(left_error, right_error)
        if name in _COMPARISONS:
            return _boolean(_COMPARISONS[name](left, right), error)
        return self._number(_SUMS[name](left, right), error)

    def _number(self, number: Formula, error: Formula) -> Outcome:
        """Return what was computed; beyond 64 bits it is an error."""
        return Outcome(Scalar("Long", number), disjunction((error, number < LONG_MIN, number > LONG_MAX)))

    def _equality(self, node: pst.BinaryOp) -> Outcome:
        left, left_error = self._whole(node.left)
        right, right_error = self._whole(node.right)
        same = equality.equal(left, right)
        holds = same if node.op == "eq" else opposite(same)
        return _boolean(holds, either(left_error, right_error))

    def _in(self, node: pst.BinaryOp) -> Outcome:
        value, error = self.outcome(node.left)
        return self._contained(value, error, node.right)

    def _is(self, node: pst.Is) -> Outcome:
        """`a is T in b` means `a is T && a in b`."""
        value, error = self.outcome(node.base)
        if not isinstance(value, Entity | ActionName):
            raise _mistyped(value)
        fits = (value.type if isinstance(value, Entity) else "Action") == str(node.entity_type)
        if node.in_expr is None or not fits:
            return _boolean(constant(value=fits), error)
        return self._contained(value, error, node.in_expr)

    def _contained(self, value: Value, error: Formula, container: pst.Expr) -> Outcome:
        """Return when an entity is in another, or in one of a set."""
        whole, whole_error = self.outcome(container)
        if not isinstance(value, Entity | ActionName):
            raise _mistyped(value)
        error = either(error, whole_error)
        match whole:
            case Entity() | ActionName():
                return _boolean(self.member(value, whole), error)
            case SetLiteral(items=items):
                members = [item for item in items if isinstance(item, Entity | ActionName)]
                if len(members) < len(items):
                    raise CertainError
                return _boolean(disjunction(self.member(value, item) for item in members), error)
            case SymbolicSet(element=Reference()):
                return _boolean(membership.member_of_any(self._sorts, value, whole), error)
            case SymbolicSet():
                # Only an element that is no entity is an error, and an empty set has none.
                return _boolean(FALSE, either(error, opposite(equality.is_empty(whole))))
            case _:
                raise _mistyped(whole)

    def _string(self, node: pst.StringLit) -> Outcome:
        self.footprint.words[node.value] = None
        return Outcome(Scalar("String", string_literal(node.value)), FALSE)

    def _like(self, node: pst.Like) -> Outcome:
        value, error = self.outcome(node.base)
        if not (isinstance(value, Scalar) and value.kind == "String"):
            raise _mistyped(value)
        self.footprint.words[patterns.example(node.pattern)] = None
        return _boolean(patterns.matches(value.formula, node.pattern), error)

    def _set(self, node: pst.Set) -> Outcome:
        outcomes = [self.outcome(element) for element in node.elements]
        items = tuple(value for value, _ in outcomes)
        if not all(isinstance(item, Scalar | Entity | ActionName) for item in items):
            raise UnsupportedError(construct="sets of sets, of records or of extension types")
        return Outcome(SetLiteral(items), disjunction(error for _, error in outcomes))

    def _record(self, node: pst.Record) -> Outcome:
        outcomes = {name: self.outcome(held) for name, held in node.fields.items()}
        fields = {name: Field(TRUE, value) for name, (value, _) in outcomes.items()}
        return Outcome(Record(fields), disjunction(error for _, error in outcomes.values()))


def _boolean(holds: Formula, error: Formula) -> Outcome:
    return Outcome(Scalar("Boolean", holds), error)


def _mistyped(value: Value) -> Exception:
    """Return what to raise for an operand of a wrong type; of an unmodelled type nothing is known."""
    return (
        UnsupportedError(construct=f"the type `{value.type}`")
        if isinstance(value, Unmodelled)
        else CertainError()
    )


def _merged(condition: Formula, yes: Value, no: Value) -> Value:
    """Return the value of an `if`; both branches must be of one type."""
    match yes, no:
        case Scalar(kind=here), Scalar(kind=there) if here == there:
            merge = choice if here == "Boolean" else z3.If
            return Scalar(here, merge(condition, yes.formula, no.formula))
        case Entity(type=here), Entity(type=there) if here == there:
            return Entity(here, z3.If(condition, yes.formula, no.formula))
        case ActionName(), ActionName() if yes == no:
            return yes
        case Record(), Record():
            return _merged_records(condition, yes, no)
        case _:
            raise UnsupportedError(construct="`if` over sets or over values of several types")


def _merged_records(condition: Formula, yes: Record, no: Record) -> Record:
    """Return the record of an `if`; a field that one branch lacks is there only in the other."""
    fields = {}
    for name in dict.fromkeys((*yes.fields, *no.fields)):
        one, other = yes.fields.get(name), no.fields.get(name)
        if one is None or other is None:
            there = one or other
            present = conjunction(
                (condition if other is None else opposite(condition), there.present if there else FALSE)
            )
            fields[name] = Field(present, there.value if there else Unmodelled("nothing"))
        else:
            present = choice(condition, one.present, other.present)
            fields[name] = Field(present, _merged(condition, one.value, other.value))
    return Record(fields)
