"""Whole rules as terms: when one matches and when evaluating it is an error, in each environment."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from cedarpy import pst

from sim.analysis.evaluation.words import Environment
from sim.analysis.symbolic.footprint import Footprint
from sim.analysis.symbolic.formulas import (
    FALSE,
    TRUE,
    Formula,
    both,
    conjunction,
    constant,
    either,
    is_false,
    opposite,
)
from sim.analysis.symbolic.sorts import Sorts
from sim.analysis.symbolic.terms import Translator
from sim.analysis.symbolic.values import ActionName, Entity

Rules = Mapping[str, pst.Template]
"""Rules under their ids."""

BODIES_MAX = 1024
"""How many rules a prover remembers the terms of: a book and the changes to it, for a while."""


@dataclass(frozen=True, slots=True, eq=False)
class Translation:
    """One rule in one environment.

    Attributes:
        match: when it applies.
        error: when evaluating it is an error; the engine then skips it.
        footprint: the terms that both look at.
    """

    match: Formula
    error: Formula
    footprint: Footprint


NEVER = Translation(FALSE, FALSE, Footprint())
"""A rule that is out of scope."""


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """What a rule says, whatever it is called and whether it permits or forbids, and its translations."""

    template: pst.Template
    translations: dict[Environment, Translation] = field(default_factory=dict)


class NamedBody(NamedTuple):
    """A rule of a set of rules."""

    id: str
    effect: pst.Effect
    body: Body


class Translations:
    """The translations of rules under one schema; those used last are kept.

    Args:
        sorts: of the schema.
    """

    def __init__(self, sorts: Sorts) -> None:
        self._sorts = sorts
        self._bodies: OrderedDict[tuple[object, ...], Body] = OrderedDict()

    def bodies(self, rules: Rules) -> tuple[NamedBody, ...]:
        """Return rules with what is already known of them."""
        return tuple(NamedBody(name, rule.effect, self.body(rule)) for name, rule in rules.items())

    def body(self, rule: pst.Template) -> Body:
        """Return what a rule says, the same object for the same words."""
        words = (rule.principal, rule.action, rule.resource, rule.clauses)
        body = self._bodies.setdefault(words, Body(rule))
        self._bodies.move_to_end(words)
        if len(self._bodies) > BODIES_MAX:
            self._bodies.popitem(last=False)
        return body

    def of(self, body: Body, environment: Environment) -> Translation:
        """Return a rule in one environment.

        Raises:
            UnsupportedError: when the rule applies there and uses what the prover does not model.
        """
        known = body.translations.get(environment)
        if known is None:
            known = body.translations[environment] = self._translated(body.template, environment)
        return known

    def _translated(self, rule: pst.Template, environment: Environment) -> Translation:
        if is_false(self._action_fits(rule.action, environment)):
            return NEVER
        translator = Translator(self._sorts, environment)
        holds = conjunction(
            (
                scope(translator, rule.principal, translator.principal),
                scope(translator, rule.resource, translator.resource),
            )
        )
        if is_false(holds):
            return NEVER
        match, error = conditions(translator, rule.clauses, holds)
        return Translation(match, error, translator.footprint)

    def _action_fits(self, constraint: pst.ActionConstraint, environment: Environment) -> Formula:
        """Return whether the action of an environment is in the scope of a rule."""
        groups = self._sorts.shapes.actions[environment.action].groups
        match constraint:
            case pst.ActionEq(entity=uid):
                return constant(value=uid.id == environment.action)
            case pst.ActionIn(entities=uids):
                return constant(value=any(uid.id in groups for uid in uids))
            case _:
                return TRUE


def scope(translator: Translator, constraint: pst.PrincipalOrResourceConstraint, entity: Entity) -> Formula:
    """Return when the principal or the resource is in the scope of a rule; that is never an error."""
    match constraint:
        case pst.ScopeEq(entity=uid):
            named = translator.literal(uid)
            return _is(entity, named)
        case pst.ScopeIn(entity=uid):
            return translator.member(entity, translator.literal(uid))
        case pst.ScopeIs(entity_type=name):
            return constant(value=entity.type == str(name))
        case pst.ScopeIsIn(entity_type=name, entity=uid):
            if entity.type != str(name):
                return FALSE
            return translator.member(entity, translator.literal(uid))
        case _:
            return TRUE


def _is(entity: Entity, named: Entity | ActionName) -> Formula:
    if isinstance(named, ActionName) or named.type != entity.type:
        return FALSE
    return entity.formula == named.formula


def conditions(
    translator: Translator, clauses: tuple[pst.Clause, ...], holds: Formula
) -> tuple[Formula, Formula]:
    """Return when a rule matches and when it errs; a clause is evaluated only if all before it hold.

    Args:
        translator: of the environment.
        clauses: its `when` and `unless`, in their order.
        holds: when the scope fits.
    """
    error = FALSE
    for clause in clauses:
        truth = translator.attempt(clause.expr)
        error = either(error, both(holds, truth.error))
        holds = both(holds, truth.holds if isinstance(clause, pst.When) else opposite(truth.holds))
    return both(holds, opposite(error)), error
