"""Two sets of rules side by side: who gains, who loses, and what is decided by other rules than before.

Each sort of request is looked at by itself: the type of who asks and the role, the action, and the type
of what is asked. For each, one request shows what has changed, and the engine has answered it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal, NamedTuple, TypeAlias

import cedarpy
from cedarpy import pst

from sim.analysis.evaluation.words import Environment, Words, fits
from sim.analysis.question import Finding, Question, Uid, ask
from sim.analysis.sampling.enumeration import Enumeration, Reasoner, Trees
from sim.policy.engine import Verdict
from sim.policy.source import policies_of

QUESTIONS_MAX = 4_000
"""Most requests that are looked at for one sort of request, where there is no prover."""

Direction: TypeAlias = Literal["gains", "loses", "otherwise"]
"""Allowed only by the new rules; only by the old ones; or decided the same, but by other rules."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changes for one sort of request.

    Attributes:
        direction: who is better off.
        environment: principal type, action and resource type.
        groups: what the principal is in: roles; None where roles make no difference.
        question: one such request.
        before: the engine's answer to it by the old rules.
        after: the engine's answer by the new ones.
    """

    direction: Direction
    environment: Environment
    groups: tuple[Uid, ...] | None
    question: Question
    before: Verdict
    after: Verdict

    @property
    def who(self) -> str:
        """Who it is, for people: `Person in member`."""
        principal = self.environment.principal
        if self.groups is None:
            return principal
        return f"{principal} in {' and '.join(group.id for group in self.groups) or 'no role'}"

    def to_record(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "kind": "change",
            "direction": self.direction,
            "who": self.who,
            "action": self.environment.action,
            "resource": self.environment.resource,
            "question": self.question.to_record(),
            "before": {"outcome": self.before.outcome, "rules": list(self.before.rules)},
            "after": {"outcome": self.after.outcome, "rules": list(self.after.rules)},
        }


class Doubt(NamedTuple):
    """An environment of which it is not known whether anything else changes, and why."""

    environment: Environment
    note: str


@dataclass(frozen=True, slots=True)
class Difference:
    """How two sets of rules differ.

    Attributes:
        gains: what only the new rules allow.
        losses: what only the old rules allow.
        reasons: what other rules decide than before, where nobody gains or loses.
        doubts: environments in which something else may change; none where all is proved.
    """

    gains: tuple[Change, ...] = ()
    losses: tuple[Change, ...] = ()
    reasons: tuple[Change, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def is_proved(self) -> bool:
        """Whether it is proved that nothing else changes."""
        return not self.doubts


def compare(
    old: Trees,
    new: Trees,
    schema: Mapping[str, Any],
    reasoner: Reasoner | None = None,
    *,
    fixed: Sequence[Mapping[str, Any]] = (),
) -> Difference:
    """Return who gains and who loses by new rules.

    Args:
        old: the rules before.
        new: the rules after.
        schema: the schema of both, as Cedar's JSON, without namespaces.
        reasoner: the prover; without one, requests of boundary values are looked at.
        fixed: entities that are exactly as given, as Cedar's entity JSON.
    """
    someone = reasoner or Enumeration(schema, fixed=fixed, questions_max=QUESTIONS_MAX)
    return _Comparison(old, new, schema, someone, [Uid.of(entity["uid"]) for entity in fixed]).difference()


class _Comparison:
    """Compares two sets of rules, one environment after the other."""

    def __init__(
        self, old: Trees, new: Trees, schema: Mapping[str, Any], reasoner: Reasoner, known: Sequence[Uid]
    ) -> None:
        self._old = old
        self._new = new
        self._words = Words(schema)
        self._schema = cedarpy.Schema.from_json_str(json.dumps(schema))
        self._reasoner = reasoner
        self._policies = policies_of(old), policies_of(new)
        named = (
            Uid(str(uid.type), uid.id)
            for rule in (*old.values(), *new.values())
            for uid in pst.entity_uids(rule)
        )
        self._entities = sorted({*known, *named})
        self._doubts: dict[Doubt, None] = {}

    def difference(self) -> Difference:
        """Return how they differ."""
        changes: dict[Direction, list[Change]] = {"gains": [], "loses": [], "otherwise": []}
        for environment in self._words.environments:
            if self._fitting(self._old, environment) == self._fitting(self._new, environment):
                continue
            found = [
                *self._allowed_only(environment, self._new, self._old, "gains"),
                *self._allowed_only(environment, self._old, self._new, "loses"),
            ]
            for change in found or self._otherwise(environment):
                changes[change.direction].append(change)
        gains, losses, reasons = map(tuple, changes.values())
        return Difference(gains, losses, reasons, tuple(self._doubts))

    def _fitting(self, rules: Trees, environment: Environment) -> dict[str, Any]:
        """Return what decides in an environment; what annotations say does not."""
        return {
            name: (rule.effect, rule.principal, rule.action, rule.resource, rule.clauses)
            for name, rule in rules.items()
            if fits(rule, environment, self._words)
        }

    def _allowed_only(
        self, environment: Environment, one: Trees, other: Trees, direction: Direction
    ) -> Iterator[Change]:
        """Yield what one set of rules allows and the other does not: a request for each role."""
        some = self._found(self._reasoner.narrower(one, other, among=[environment]), environment)
        if some is None:
            return
        alone = False
        for group in self._groups(environment.principal):
            only = {**one, _ELSEWHERE: _forbid_others(group)}
            found = self._found(self._reasoner.narrower(only, other, among=[environment]), environment)
            if found is not None:
                alone = True
                yield self._change(direction, environment, found)
        if not alone:  # there are no roles, or it takes several of them at once
            yield self._change(direction, environment, some)

    def _otherwise(self, environment: Environment) -> Iterator[Change]:
        """Yield a request that other rules decide, though nobody gains or loses."""
        found = self._found(self._reasoner.differ(self._old, self._new, among=[environment]), environment)
        if found is not None:
            change = self._change("otherwise", environment, found)
            if change.before.allowed is change.after.allowed:
                yield change

    def _found(self, found: Finding, environment: Environment) -> Question | None:
        """Return the question that was found; where nobody can tell, that is noted."""
        if found.outcome == "unknown":
            self._doubts[Doubt(environment, found.note)] = None
        return found.question

    def _change(self, direction: Direction, environment: Environment, question: Question) -> Change:
        before, after = (ask(policies, self._schema, question) for policies in self._policies)
        groups = self._groups_of(question) if self._roles(environment.principal) else None
        return Change(direction, environment, groups, question, before, after)

    # --- roles ---

    def _roles(self, type_name: str) -> tuple[Uid, ...]:
        """Return the entities that principals of a type can be in."""
        above = self._words.types_above(type_name)
        return tuple(uid for uid in self._entities if uid.type in above)

    def _groups(self, type_name: str) -> Iterator[pst.Expr]:
        """Yield a condition for principals in no role, then for each role, for those in nothing beside it."""
        roles = self._roles(type_name)
        if roles:
            yield _in_no(roles)
            yield from (_in_only(role, roles) for role in roles)

    def _groups_of(self, question: Question) -> tuple[Uid, ...]:
        """Return the roles that are next to who asks."""
        store = {Uid.of(entity["uid"]): entity for entity in question.entities}
        principal = store.get(question.principal, {"parents": ()})
        return tuple(sorted(Uid.of(parent) for parent in principal["parents"]))


_ELSEWHERE = "somebody else asks"
"""Id of the rule that forbids everything to everybody but some; no user's id has spaces."""


def _forbid_others(group: pst.Expr) -> pst.Template:
    anything = pst.ScopeAny()
    return pst.Template(
        _ELSEWHERE, "forbid", anything, anything, anything, (pst.Unless(group),), pst.FrozenMap()
    )


def _is_in(role: Uid) -> pst.Expr:
    return pst.BinaryOp("in", pst.Var("principal"), _literal(role))


def _literal(uid: Uid) -> pst.Expr:
    return pst.EntityLit(pst.EntityUid(pst.EntityType(uid.type), uid.id))


def _in_no(roles: Sequence[Uid]) -> pst.Expr:
    none: Iterator[pst.Expr] = (pst.UnaryOp("not", _is_in(role)) for role in roles)
    return reduce(_both, none)


def _in_only(role: Uid, roles: Sequence[Uid]) -> pst.Expr:
    """Return a condition: in a role, and in another one only if that comes with it."""
    others = (
        pst.BinaryOp(
            "or", pst.UnaryOp("not", _is_in(other)), pst.BinaryOp("in", _literal(role), _literal(other))
        )
        for other in roles
        if other != role
    )
    return reduce(_both, others, _is_in(role))


def _both(one: pst.Expr, other: pst.Expr) -> pst.Expr:
    return pst.BinaryOp("and", one, other)
