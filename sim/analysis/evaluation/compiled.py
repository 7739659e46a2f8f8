"""Rules compiled to Python closures: the same answers as Cedar's, much faster, and with a view inside.

This serves coverage, explanations and mutants, where millions of answers are wanted, or the value of a
single condition. It never decides in a device: there, Cedar itself does. Tests hold the two against
each other.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any, Final

from cedarpy import pst

from sim.analysis.evaluation.closures import (
    NO_ANCESTORS,
    Moment,
    SkipError,
    Step,
    Truth,
    Watch,
    truth,
    uid_of,
    unwatched,
    value_of,
)
from sim.analysis.evaluation.tree import atoms_of, children, clause_text, scope_text, text_of
from sim.analysis.evaluation.values import (
    MisfitError,
    Record,
    Store,
    TypedSchema,
    value_text,
)
from sim.analysis.question import Question, Uid
from sim.core.errors import PolicyError
from sim.policy.engine import Verdict

__all__ = ["AtomTrace", "ClauseTrace", "CompiledRules", "Reading", "RuleTrace", "ScopeTrace", "Store"]

# --- what happens inside a rule -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reading:
    """A value that a condition looks at.

    Attributes:
        path: as it is written: `context.distance_cm`.
        value: as Cedar text; None when there is no such value.
    """

    path: str
    value: str | None

    def __str__(self) -> str:
        return f"{self.path} is {'absent' if self.value is None else self.value}"


@dataclass(frozen=True, slots=True)
class AtomTrace:
    """An atomic condition, in the order of `tree.atoms`.

    Attributes:
        text: as Cedar text.
        value: what became of it.
        readings: the values it looks at; empty when it was not reached.
    """

    text: str
    value: Truth
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class ClauseTrace:
    """A `when` or `unless`.

    Attributes:
        text: the clause as Cedar text.
        unless: whether it is an `unless`.
        value: what became of the condition in it; for `unless`, the rule goes on when it is False.
        atoms: its atomic conditions.
    """

    text: str
    unless: bool
    value: Truth
    atoms: tuple[AtomTrace, ...]

    @property
    def holds(self) -> Truth:
        """Whether the rule goes on after it."""
        return self.value if self.value in (None, "error") else self.value != self.unless


@dataclass(frozen=True, slots=True)
class ScopeTrace:
    """What a rule says of principal, action or resource, and whether that fits."""

    text: str
    fits: bool


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """What became of one rule.

    Attributes:
        scope: whether its scope fits; otherwise no clause is reached.
        clauses: its clauses in order.
        matches: whether it applies.
        error: whether it erred, so that Cedar skips it.
        parts: what it says of principal, action and resource.
    """

    scope: bool
    clauses: tuple[ClauseTrace, ...]
    matches: bool
    error: bool
    parts: tuple[ScopeTrace, ScopeTrace, ScopeTrace]


# --- compiling rules ----------------------------------------------------------------------------------


class _Rule:
    """One compiled rule."""

    def __init__(self, template: pst.Template) -> None:
        self.template = template
        self.permits = template.effect == "permit"
        self.action = _action_uids(template.action)
        self.principal = _Constraint(template.principal)
        self.resource = _Constraint(template.resource)
        self.condition = _conjunction([_clause(clause) for clause in template.clauses])

    def fits_action(self, action: Uid, groups: frozenset[Uid]) -> bool:
        """Say whether an action in these groups is one that the rule is about."""
        return self.action is None or any(
            uid == action or (isinstance(self.template.action, pst.ActionIn) and uid in groups)
            for uid in self.action
        )

    @cached_property
    def scope(self) -> tuple[str, str, str]:
        """Return what it says of principal, action and resource."""
        return scope_text(self.template)

    @cached_property
    def watched(self) -> "tuple[_WatchedClause, ...]":
        """Return the clauses with a view inside."""
        found: list[_WatchedClause] = []
        for clause in self.template.clauses:
            found.append(_WatchedClause(clause, sum(len(before.atoms) for before in found)))
        return tuple(found)


def _action_uids(constraint: pst.ActionConstraint) -> tuple[Uid, ...] | None:
    """Return the actions and groups that a rule is about; None when it is about all."""
    match constraint:
        case pst.ScopeAny():
            return None
        case pst.ActionEq(entity=entity):
            return (uid_of(entity),)
        case _:
            return tuple(map(uid_of, constraint.entities))


class _Constraint:
    """What a rule says of the principal or of the resource."""

    def __init__(self, constraint: pst.PrincipalOrResourceConstraint) -> None:
        self._type: str | None = None
        self._equal: Uid | None = None
        self._among: Uid | None = None
        match constraint:
            case pst.ScopeAny():
                pass
            case pst.ScopeIs(entity_type=entity_type):
                self._type = str(entity_type)
            case pst.ScopeIsIn(entity_type=entity_type, entity=entity):
                self._type, self._among = str(entity_type), uid_of(entity)
            case pst.ScopeIn(entity=entity):
                self._among = uid_of(entity)
            case _:
                self._equal = uid_of(constraint.entity)

    def can_fit(self, type_name: str, ancestors: frozenset[str]) -> bool:
        """Say whether an entity of a type, which can be in those of other types, may fit."""
        if self._type not in (None, type_name):
            return False
        if self._equal is not None:
            return self._equal.type == type_name
        return self._among is None or self._among.type == type_name or self._among.type in ancestors

    @property
    def open(self) -> "_Constraint | None":
        """What is left to ask once the types fit; None when that is all."""
        return None if self._equal is None and self._among is None else self

    def fits(self, uid: Uid, ancestors: Mapping[Uid, frozenset[Uid]]) -> bool:
        """Say whether an entity fits."""
        if self._equal is not None:
            return uid == self._equal
        return (self._type is None or self._type == uid.type) and (
            self._among is None or uid == self._among or self._among in ancestors.get(uid, NO_ANCESTORS)
        )


def _clause(clause: pst.Clause, watch: Watch = unwatched) -> Step:
    inner = truth(clause.expr, watch)
    return inner if isinstance(clause, pst.When) else lambda moment: not inner(moment)


def _conjunction(steps: Sequence[Step]) -> Step:
    if not steps:
        return lambda _: True
    return reduce(_both, steps)


def _both(first: Step, second: Step) -> Step:
    return lambda moment: first(moment) and second(moment)


class _WatchedClause:
    """A clause that notes what becomes of each of its atoms; they are counted from `first`."""

    def __init__(self, clause: pst.Clause, first: int) -> None:
        self.text = clause_text(clause)
        self.unless = isinstance(clause, pst.Unless)
        self.first = first
        self.atoms = tuple((text_of(atom), _paths(atom)) for atom in atoms_of(clause.expr))
        self._next = first
        self._step = truth(clause.expr, self._watch)

    def _watch(self, step: Step) -> Step:
        number = self._next
        self._next += 1

        def watching(moment: Moment) -> Any:
            moment.seen[number] = "error"
            moment.seen[number] = value = step(moment)
            return value

        return watching

    def holds(self, moment: Moment) -> bool:
        """Say whether the rule goes on after it; raises `SkipError` when it errs."""
        return self._step(moment) is not self.unless

    def run(self, moment: Moment) -> ClauseTrace:
        """Return what becomes of it."""
        value: Truth
        try:
            value = self._step(moment)
        except SkipError:
            value = "error"
        return self.trace(value, moment)

    def trace(self, value: Truth, moment: Moment) -> ClauseTrace:
        """Return what became of it."""
        atoms = tuple(
            AtomTrace(
                text, moment.seen.get(number), _readings(paths, moment) if number in moment.seen else ()
            )
            for number, (text, paths) in enumerate(self.atoms, start=self.first)
        )
        return ClauseTrace(self.text, self.unless, value, atoms)


def _paths(expr: pst.Expr) -> tuple[tuple[str, Step], ...]:
    """Return the values that an expression looks at: what each is called, and what finds it."""
    found: dict[str, Step] = {}

    def visit(part: pst.Expr) -> None:
        if isinstance(part, pst.HasAttr):
            visit(reduce(pst.GetAttr, part.attrs, part.base))
            return
        root: pst.Expr = part
        while isinstance(root, pst.GetAttr):
            root = root.base
        if isinstance(root, pst.Var):
            found.setdefault(text_of(part), value_of(part))
        else:
            for inner in children(part):
                visit(inner)

    visit(expr)
    return tuple(found.items())


def _readings(paths: Sequence[tuple[str, Step]], moment: Moment) -> tuple[Reading, ...]:
    found = []
    for path, step in paths:
        try:
            found.append(Reading(path, value_text(step(moment))))
        except SkipError:
            found.append(Reading(path, None))
    return tuple(found)


# --- answering ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Plan:
    """What has to be looked at for requests of one kind.

    Attributes:
        action: the action.
        context: reads a context.
        enumerated: whether only some ids of the principal or the resource exist.
        rules: ids of the rules that may apply, whether each permits, what is left to ask of principal and
            resource, and its condition.
    """

    action: Uid
    context: Callable[[Any], Record]
    enumerated: bool
    rules: tuple[tuple[str, bool, _Constraint | None, _Constraint | None, Step], ...]


class CompiledRules:
    """Some rules, compiled. Their answers are Cedar's, but for the wording of errors.

    It never decides in a device: it is for coverage, explanations and mutants.

    Args:
        rules: id to rule.
        schema: Cedar's schema in its JSON form, or already typed.

    Raises:
        PolicyError: when a rule or the schema uses extensions, tags, slots or namespaces.
    """

    def __init__(self, rules: Mapping[str, pst.Template], schema: TypedSchema | Mapping[str, Any]) -> None:
        self.schema = schema if isinstance(schema, TypedSchema) else TypedSchema(schema)
        self._rules = {name: _compiled(name, template) for name, template in rules.items()}
        self._plans: dict[tuple[str, str, str], _Plan] = {}

    def replaced(self, name: str, template: pst.Template | None) -> "CompiledRules":
        """Return the same rules but for one, which is another, new or (None) gone; only it is compiled."""
        other = CompiledRules({}, self.schema)
        other._rules = {**self._rules}
        if template is None:
            other._rules.pop(name, None)
        else:
            other._rules[name] = _compiled(name, template)
        return other

    def store(self, entities: Sequence[Mapping[str, Any]]) -> Store:
        """Return entities ready to be asked about, any number of times."""
        return Store(entities, self.schema)

    def answer(self, question: Question) -> Verdict:
        """Return what Cedar would answer, failing closed.

        Raises:
            PolicyError: when the entities do not conform to the schema.
        """
        store = Store(question.entities, self.schema)
        return self.answer_in(store, question.principal, question.action, question.resource, question.context)

    def answer_in(
        self, store: Store, principal: Uid, action: str, resource: Uid, context: Mapping[str, Any]
    ) -> Verdict:
        """Return what Cedar would answer about entities that are prepared.

        Args:
            store: the entities, of the same schema.
            principal: who asks.
            action: the action's name.
            resource: what is asked.
            context: what is known of the moment, as JSON values.
        """
        try:
            plan, moment = self._begin(store, principal, action, resource, context)
        except MisfitError as error:
            return Verdict("not_evaluated", (), (str(error),))
        return _decide(plan, moment)

    def look_in(
        self, store: Store, principal: Uid, action: str, resource: Uid, context: Mapping[str, Any]
    ) -> tuple[Verdict, Mapping[str, Mapping[int, Truth]] | None]:
        """Return the same answer, and what became of the conditions that were reached.

        Returns:
            The answer; and for each rule whose scope fits, the number of each atom that was reached, in the
            order of `tree.atoms`, and its value. None in its place when the request does not conform to the
            schema.
        """
        try:
            plan, moment = self._begin(store, principal, action, resource, context)
        except MisfitError as error:
            return Verdict("not_evaluated", (), (str(error),)), None
        seen: dict[str, Mapping[int, Truth]] = {}
        for name, *_ in _applicable(plan, moment):
            moment.seen = {}
            with suppress(SkipError):
                all(clause.holds(moment) for clause in self._rules[name].watched)
            seen[name] = moment.seen
        return _decide(plan, moment), seen

    def trace(self, question: Question) -> Mapping[str, RuleTrace]:
        """Return what becomes of each rule, in the order of the rules.

        Raises:
            PolicyError: when the request or the entities do not conform to the schema.
        """
        store = Store(question.entities, self.schema)
        return self.trace_in(store, question.principal, question.action, question.resource, question.context)

    def trace_in(
        self, store: Store, principal: Uid, action: str, resource: Uid, context: Mapping[str, Any]
    ) -> Mapping[str, RuleTrace]:
        """Return what becomes of each rule, about entities that are prepared.

        Raises:
            PolicyError: when the request does not conform to the schema.
        """
        try:
            _, moment = self._begin(store, principal, action, resource, context)
        except MisfitError as error:
            msg = f"the request does not conform to the schema: {error}"
            raise PolicyError(msg) from None
        return {name: _trace(rule, moment) for name, rule in self._rules.items()}

    def _begin(
        self, store: Store, principal: Uid, action: str, resource: Uid, context: Mapping[str, Any]
    ) -> tuple[_Plan, Moment]:
        """Return what is needed to answer a request.

        Raises:
            MisfitError: when it does not conform to the schema.
        """
        kind = principal.type, action, resource.type
        plan = self._plans.get(kind)
        if plan is None:
            plan = self._plans[kind] = self._plan(*kind)
        if plan.enumerated:
            self.schema.uid(principal)
            self.schema.uid(resource)
        read = plan.context(context)
        return plan, Moment(principal, plan.action, resource, read, store.attributes, store.ancestors, {})

    def _plan(self, principal: str, action: str, resource: str) -> _Plan:
        shape = self.schema.actions.get(action)
        if shape is None or principal not in shape.principals or resource not in shape.resources:
            msg = f"no `{principal}` asks for `{action}` of a `{resource}`"
            raise MisfitError(msg)
        uid = Uid("Action", action)
        ours, theirs = self.schema.entities[principal], self.schema.entities[resource]
        found = []
        for name in sorted(self._rules):
            rule = self._rules[name]
            if (
                rule.fits_action(uid, shape.ancestors)
                and rule.principal.can_fit(principal, ours.ancestors)
                and rule.resource.can_fit(resource, theirs.ancestors)
            ):
                found.append((name, rule.permits, rule.principal.open, rule.resource.open, rule.condition))
        enumerated = ours.ids is not None or theirs.ids is not None
        return _Plan(uid, shape.context, enumerated, tuple(found))


_NOT_PERMITTED: Final = Verdict("not_permitted")


def _decide(plan: _Plan, moment: Moment) -> Verdict:
    """Return the answer of the rules that may apply."""
    permits: list[str] = []
    forbids: list[str] = []
    errors: list[str] = []
    for name, permit, condition in _applicable(plan, moment):
        try:
            if condition(moment):
                (permits if permit else forbids).append(name)
        except SkipError as error:
            errors.append(f"rule `{name}` was skipped: {error}")
    if forbids:
        return Verdict("forbidden", tuple(forbids), tuple(errors))
    if errors:
        return Verdict("not_evaluated", (), tuple(errors))
    return Verdict("permitted", tuple(permits)) if permits else _NOT_PERMITTED


def _applicable(plan: _Plan, moment: Moment) -> Iterator[tuple[str, bool, Step]]:
    """Yield the rules whose scope fits: id, whether it permits, and its condition."""
    for name, permit, of_principal, of_resource, condition in plan.rules:
        if of_principal is not None and not of_principal.fits(moment.principal, moment.ancestors):
            continue
        if of_resource is not None and not of_resource.fits(moment.resource, moment.ancestors):
            continue
        yield name, permit, condition


def _compiled(name: str, template: pst.Template) -> _Rule:
    try:
        return _Rule(template)
    except PolicyError as error:
        msg = f"rule `{name}` cannot be evaluated here: {error.sentence}"
        raise PolicyError(msg) from None


def _trace(rule: _Rule, moment: Moment) -> RuleTrace:
    """Return what becomes of a rule."""
    principal, action, resource = rule.scope
    groups = moment.ancestors.get(moment.action, NO_ANCESTORS)
    parts = (
        ScopeTrace(principal, rule.principal.fits(moment.principal, moment.ancestors)),
        ScopeTrace(action, rule.fits_action(moment.action, groups)),
        ScopeTrace(resource, rule.resource.fits(moment.resource, moment.ancestors)),
    )
    scope = all(part.fits for part in parts)
    moment.seen.clear()
    going = scope
    clauses = []
    for clause in rule.watched:
        trace = clause.run(moment) if going else clause.trace(None, moment)
        going = going and trace.holds is True
        clauses.append(trace)
    error = any(clause.value == "error" for clause in clauses)
    return RuleTrace(scope, tuple(clauses), matches=going, error=error, parts=parts)
