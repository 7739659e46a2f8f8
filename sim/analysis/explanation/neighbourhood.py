"""The requests around one request: the same asker, action and device at other moments.

A search changes as few facts of the moment as possible. It only ever changes a fact that a refusing rule
weighs, and tries every such fact, so no smaller change is missed among the values worth trying: both truth
values, every number a rule compares with and its neighbours, every word a rule names, and where a
comparison of two facts turns.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, TypeAlias

from cedarpy import pst

from sim.analysis.evaluation.closures import Moment, SkipError, Step, value_of
from sim.analysis.evaluation.compiled import CompiledRules
from sim.analysis.evaluation.tree import atoms, children
from sim.analysis.evaluation.values import MisfitError, Store
from sim.analysis.evaluation.words import Environment, Words
from sim.analysis.question import Question, Uid, ask
from sim.analysis.sampling.boundaries import LONG_MAX, LONG_MIN, Boundaries
from sim.analysis.sampling.literals import Literals, literals_of
from sim.core.errors import PolicyError
from sim.policy.engine import Verdict
from sim.policy.rules import RuleBook

EVALUATIONS_MAX: Final = 20_000
"""How many requests of one asker are tried before the search gives up."""

WORTH_HAVING: Final[Mapping[str, Any]] = {"authenticated": True, "fresh": True, "code": None}
"""Facts that are nobody's to choose, with the one value that is worth having; None is absent."""

_EVERY_FACT: Final = "*"
"""Stands for the facts of a rule that weighs the context as a whole."""

_State: TypeAlias = tuple[tuple[str, str], ...]
"""Changed facts with their values as JSON text, sorted by name; `null` is absent."""


@dataclass(frozen=True)
class PreparedBook:
    """A book of rules made ready for many questions about it."""

    book: RuleBook

    @property
    def trees(self) -> Mapping[str, pst.Template]:
        """Id to rule, as a tree; the weightiest first."""
        return self.book.trees

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The words of the rules, as Cedar's JSON schema."""
        return self.book.vocabulary.to_json()

    @cached_property
    def compiled(self) -> CompiledRules:
        """The rules as functions."""
        return CompiledRules(self.trees, self.schema)

    @cached_property
    def boundaries(self) -> Boundaries:
        """The values worth trying."""
        return Boundaries(self.trees.values(), self.schema)

    @cached_property
    def literals(self) -> Literals:
        """What the rules compare facts with."""
        return Literals.joined([literals_of(tree, self.words) for tree in self.trees.values()])

    @property
    def words(self) -> Words:
        """The schema, looked up."""
        return self.boundaries.words

    @cached_property
    def facts(self) -> Mapping[str, frozenset[str]]:
        """Id of each rule to the facts of the moment that it weighs."""
        return {
            rule: frozenset(fact for atom in atoms(tree) for fact in _facts_in(atom))
            for rule, tree in self.trees.items()
        }

    @cached_property
    def comparisons(self) -> Mapping[str, tuple["Comparison", ...]]:
        """Id of each rule to its conditions that have two sides."""
        return {
            rule: tuple(Comparison(atom) for atom in atoms(tree) if isinstance(atom, pst.BinaryOp))
            for rule, tree in self.trees.items()
        }

    def knows(self, question: Question) -> bool:
        """Say whether somebody of that type can ask a device of that type for the action at all."""
        asked = Environment(question.principal.type, question.action, question.resource.type)
        return asked in self.words.environments


class Neighbourhood:
    """The requests around one.

    Args:
        prepared: the rules.
        question: the request; somebody of its asker's type can ask its device for its action.
        store: its entities, ready to be asked about.
        only: facts that may change; every fact of the moment unless given.

    Attributes:
        tried: how many requests were looked at.
        exhausted: whether those were all that a search can reach.
        barrier: a rule that forbids it and weighs no fact that may change; None when there is none.

    Raises:
        PolicyError: when the request does not conform to the schema.
    """

    def __init__(
        self,
        prepared: PreparedBook,
        question: Question,
        store: Store,
        *,
        only: Collection[str] | None = None,
    ) -> None:
        self.tried = 0
        self.exhausted = True
        self.barrier: str | None = None
        self._prepared = prepared
        self._question = question
        self._store = store
        known = prepared.words.context(question.action)
        self._told = {name: known[name] for name in known if only is None or name in only}
        self._fixed: dict[str, tuple[Any, ...]] = {}
        try:
            self._moment(question.context)
        except MisfitError as error:
            msg = f"the request does not conform to the schema: {error}"
            raise PolicyError(msg) from None

    @cached_property
    def _in_scope(self) -> Sequence[str]:
        """The rules whose scope fits, which no fact of the moment can change."""
        asked = self._question
        traces = self._prepared.compiled.trace_in(
            self._store, asked.principal, asked.action, asked.resource, asked.context
        )
        return [rule for rule in self._prepared.trees if traces[rule].scope]

    def search(self, changes_max: int | None = None) -> Question | None:
        """Return the nearest request that is allowed, or None; the engine has allowed it.

        Args:
            changes_max: how many facts may change; any number unless given.
        """
        frontier: Mapping[_State, None] = {(): None}
        changes = 0
        while frontier and (changes_max is None or changes <= changes_max):
            verdicts: dict[_State, Verdict] = {}
            for state in frontier:
                if self.tried == EVALUATIONS_MAX:
                    self.exhausted = False
                    return None
                self.tried += 1
                verdicts[state] = self._answer(state)
            allowed = [state for state, verdict in verdicts.items() if verdict.allowed]
            if allowed:
                return self._confirmed(allowed)
            frontier = self._farther(verdicts)
            changes += 1
        self.exhausted = not frontier
        return None

    def _answer(self, state: _State) -> Verdict:
        asked = self._question
        context = self._context(state)
        return self._prepared.compiled.answer_in(
            self._store, asked.principal, asked.action, asked.resource, context
        )

    def _context(self, state: _State) -> dict[str, Any]:
        """Return what is known of the moment after some changes."""
        changed = {name: json.loads(text) for name, text in state}
        context = {**self._question.context, **changed}
        return {name: value for name, value in context.items() if value is not None}

    def _confirmed(self, allowed: Iterable[_State]) -> Question | None:
        """Return the cheapest request that the engine allows as well."""
        book = self._prepared.book
        for state in sorted(allowed, key=self._cost):
            question = replace(self._question, context=self._context(state))
            if ask(book.policies, book.schema, question).allowed:
                return question
        self.exhausted = False
        return None

    def _cost(self, state: _State) -> tuple[int, int, int, int, _State]:
        """Return what sorts changes of equally many facts: what people choose, by the smallest step, first.

        Where there is no step, as a fact was absent, a value that some rule names is better than its
        neighbours.
        """
        changed = [(name, json.loads(text)) for name, text in state]
        before = self._question.context
        choiceless = sum(name in WORTH_HAVING for name, _ in changed)
        steps = sum(
            abs(value - before[name]) for name, value in changed if _are_numbers(value, before.get(name))
        )
        literals = self._prepared.literals
        unnamed = sum(value not in literals.of(("context", name)) for name, value in changed)
        positions = sum(_position(self._fixed_values(name), value) for name, value in changed)
        return choiceless, steps, unnamed, positions, state

    # --- steps ----------------------------------------------------------------------------------------

    def _farther(self, verdicts: Mapping[_State, Verdict]) -> Mapping[_State, None]:
        """Return the requests one change farther off.

        INVARIANT: whatever is allowed and holds the changes of a refused request also holds one of the
        steps from it, provided that the values it takes are tried.
        """
        found: dict[_State, None] = {}
        for state, verdict in verdicts.items():
            context = self._context(state)
            for name in self._to_blame(verdict, {name for name, _ in state}):
                for value in self._values(name, context):
                    found[tuple(sorted((*state, (name, json.dumps(value, sort_keys=True)))))] = None
            if len(found) > EVALUATIONS_MAX:
                break
        return found

    def _to_blame(self, verdict: Verdict, changed: Collection[str]) -> list[str]:
        """Return facts of which at least one has to change; those that have changed already are settled."""
        facts, trees = self._prepared.facts, self._prepared.trees
        match verdict.outcome:
            case "forbidden":
                # Each of these rules has to stop applying, so it is enough to look at the narrowest.
                rules = [min(verdict.rules, key=lambda rule: (len(facts[rule]), rule))]
            case "not_permitted":
                rules = [rule for rule in self._in_scope if trees[rule].effect == "permit"]
            case _:
                rules = list(self._in_scope)
        weighed = frozenset[str]().union(*(facts[rule] for rule in rules))
        to_blame = [name for name in self._told if not weighed.isdisjoint((name, _EVERY_FACT))]
        if verdict.outcome == "forbidden" and not to_blame:
            self.barrier = rules[0]
        return [name for name in to_blame if name not in changed]

    def _fixed_values(self, name: str) -> tuple[Any, ...]:
        """Return the values of a fact that are worth trying whatever the other facts are."""
        if name not in self._fixed:
            self._fixed[name] = self._worth_trying(name)
        return self._fixed[name]

    def _worth_trying(self, name: str) -> tuple[Any, ...]:
        if name in WORTH_HAVING:
            return (WORTH_HAVING[name],)
        attribute = self._told[name]
        if attribute["type"] != "Entity":
            return self._prepared.boundaries.values(self._question.action, name)
        there = (Uid(**entity["uid"]) for entity in self._question.entities)
        of_type = ({"__entity": uid.to_json()} for uid in there if uid.type == attribute["name"])
        return (*of_type, *(() if attribute["required"] else (None,)))

    def _values(self, name: str, context: Mapping[str, Any]) -> Iterator[Any]:
        """Yield the values of a fact that are worth trying, other than the one it has."""
        seen = [context.get(name)]
        for value in (*self._fixed_values(name), *self._turns(name, context)):
            if value not in seen:
                seen.append(value)
                yield value

    def _turns(self, name: str, context: Mapping[str, Any]) -> Iterator[int]:
        """Yield where comparisons of a number with other facts turn."""
        if self._told[name]["type"] != "Long":
            return
        weighing = (one for rule in self._in_scope for one in self._prepared.comparisons[rule])
        for comparison in weighing:
            if name in comparison.facts:
                at_zero, at_one = (
                    comparison.gap(self._moment({**context, name: number})) for number in (0, 1)
                )
                if at_zero is not None and at_one is not None and at_zero != at_one:
                    turn = -at_zero // (at_one - at_zero)
                    near = (turn, turn - 1, turn + 1)
                    yield from (number for number in near if LONG_MIN <= number <= LONG_MAX)

    def _moment(self, context: Mapping[str, Any]) -> Moment:
        asked, schema = self._question, self._prepared.compiled.schema
        return Moment(
            asked.principal,
            Uid("Action", asked.action),
            asked.resource,
            schema.actions[asked.action].context(context),
            self._store.attributes,
            self._store.ancestors,
            {},
        )


class Comparison:
    """An atomic condition with two sides, which may be numbers.

    Attributes:
        facts: the facts of the moment that it weighs.
    """

    def __init__(self, atom: pst.BinaryOp) -> None:
        self.facts = frozenset(_facts_in(atom))
        self._sides: tuple[Step, Step] = (value_of(atom.left), value_of(atom.right))

    def gap(self, moment: Moment) -> int | None:
        """Return by how much the left is larger than the right; None unless both are numbers."""
        try:
            left, right = (side(moment) for side in self._sides)
        except SkipError:
            return None
        return left - right if _are_numbers(left, right) else None


def _facts_in(expr: pst.Expr) -> Iterator[str]:
    """Yield the facts of the moment that an expression weighs."""
    match expr:
        case pst.GetAttr(base=pst.Var(name="context"), attr=name):
            yield name
        case pst.HasAttr(base=pst.Var(name="context"), attrs=(name, *_)):
            yield name
        case pst.Var(name="context"):
            yield _EVERY_FACT
        case _:
            for part in children(expr):
                yield from _facts_in(part)


def _are_numbers(*values: Any) -> bool:
    return all(type(value) is int for value in values)


def _position(values: tuple[Any, ...], value: Any) -> int:
    """Return where a value stands, behind all others if it is not among them."""
    return values.index(value) if value in values else len(values)
