"""Whoever weakens a built-in forbid turns a claim of the mission red."""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace

import cedarpy
import pytest
from cedarpy import pst

from sim.analysis.evaluation.tree import nodes
from sim.analysis.evaluation.words import Environment, Words, reach
from sim.analysis.mutation.mutants import Mutant, mutants_of, validates
from sim.analysis.properties.claims import Bench, Claim, ClaimsFile, judge_claims
from sim.analysis.question import Question, ask
from sim.analysis.sampling.enumeration import Reasoner, Trees, forbids_of, matching, with_blanket
from sim.analysis.symbolic import Prover
from sim.policy.cedar import ROLES
from sim.policy.rules import RuleBook
from sim.policy.source import policies_of
from sim.shell.files import Shelf, built_in_files

EXCEPTIONS = (
    "context.authenticated",
    "context.fresh",
    "!context.moving",
    "context has code",
    "principal is Person",
    'principal == Person::"lin"',
    'resource == Car::"su7"',
)
"""Conditions under which somebody may want a forbid not to apply."""

BOOK = Shelf().rules
FORBIDS = forbids_of(BOOK.trees)


def mission() -> ClaimsFile:
    """Return the claims of the mission."""
    (file,) = built_in_files("mission.claims.yaml")
    return ClaimsFile.read(*file, BOOK.vocabulary)


def weakenings(rule: pst.Template, book: RuleBook) -> Iterator[tuple[str, Trees]]:
    """Yield what may be a weaker form of a forbid: what was done, and the rule, or nothing if it is gone."""
    schema = book.vocabulary.to_json()
    for mutant in mutants_of(rule, schema):
        if _still_forbids(mutant) and validates(book.trees, mutant, book.schema):
            yield mutant.change, {} if mutant.template is None else {rule.id: mutant.template}
    for text in EXCEPTIONS:
        written = cedarpy.policies_to_pst(f"forbid (principal, action, resource) unless {{ {text} }};")
        (exception,) = written.static_policies.values()
        yield (
            f"`unless {{ {text} }}` was added",
            {rule.id: replace(rule, clauses=rule.clauses + exception.clauses)},
        )


def _still_forbids(mutant: Mutant) -> bool:
    return mutant.template is None or mutant.template.effect == "forbid"


class Guard:
    """The claims of the mission, on guard over the forbids.

    Args:
        claims: the claims.
        prover: who finds what a weaker rule lets through.
    """

    def __init__(self, claims: ClaimsFile, prover: Reasoner) -> None:
        self._claims = [claim for claim in claims.claims if claim.robust]
        self._areas = policies_of(matching(claims.robust_areas))
        self._prover = prover
        self._schema = BOOK.vocabulary.to_json()
        self._words = Words(self._schema)
        self._reached = {name: reach(other, self._words) for name, other in FORBIDS.items()}
        self._found: dict[str, list[Question]] = {}

    def let_through(self, rule: pst.Template, weaker: Trees) -> Question | None:
        """Return a request that is refused with a forbid and let through with a weaker one, or None.

        Raises:
            AssertionError: when the solver does not know.
        """
        one, other = with_blanket(_replaced(FORBIDS, rule, weaker)), with_blanket(FORBIDS)
        known = self._found.setdefault(rule.id, [])
        policies = policies_of(one)
        for question in known:  # each was refused before; what let one change through often lets another
            if ask(policies, BOOK.schema, question).allowed:
                return question
        found = self._prover.narrower(one, other, among=self._environments(rule))
        assert found.outcome != "unknown", found.note
        known += [found.question] if found.question else []
        return found.question

    def red(self, rule: pst.Template, weaker: Trees, question: Question) -> Claim | None:
        """Return a claim that a request refutes under a weaker rule, as the engine sees it, or None."""
        rules = _replaced(BOOK.trees, rule, weaker)
        bench = Bench(rules, BOOK.trees, self._schema, {}, self._prover)
        near = ask(self._areas, BOOK.schema, question).rules
        concerned = (claim for claim in self._claims if not claim.area.keys().isdisjoint(near))
        return next((one for one in concerned if bench.refuted_by(one, question).status == "refuted"), None)

    def is_refuted(self, rule: pst.Template, weaker: Trees, claim: Claim, question: Question) -> bool:
        """Say whether the prover finds by itself that a claim no longer holds."""
        rules = _replaced(BOOK.trees, rule, weaker)
        among = [Environment(question.principal.type, question.action, question.resource.type)]
        return self._prover.never(rules, claim.area, robust=True, among=among).outcome == "refuted"

    def _environments(self, rule: pst.Template) -> Collection[Environment]:
        """Return where a rule counts; of those in which the forbids can tell nothing apart, only one."""
        found: dict[object, Environment] = {}
        looked_at = list(nodes(rule))
        inside = reach(rule, self._words)
        # The last one counts: a car, where there is one, as an exception names one.
        for one in sorted(self._words.environments, key=lambda one: one.resource == "Car"):
            if one in inside:
                forbids = tuple(name for name, reached in self._reached.items() if one in reached)
                action = one.action if pst.Var("action") in looked_at else _told_apart(one.action, forbids)
                resource = one.resource if pst.Var("resource") in looked_at else ""
                context = tuple(self._words.context(one.action))
                found[one.principal, forbids, context, action, resource] = one
        return found.values()


def _told_apart(action: str, forbids: Collection[str]) -> frozenset[str]:
    """Return by what the conditions of forbids could tell a command: names of it, and of its groups."""
    looking = [name for name in forbids if pst.Var("action") in nodes(FORBIDS[name])]
    named = {word for name in looking for word in re.findall(r'Action::"(\w+)"', BOOK.rules[name].text)}
    known = BOOK.vocabulary.actions.get(action)
    return frozenset(named & {action, *(known.groups if known else ())})


def _replaced(rules: Trees, rule: pst.Template, other: Trees) -> Trees:
    return {**{name: tree for name, tree in rules.items() if name != rule.id}, **other}


@pytest.fixture(scope="module")
def prover() -> Prover:
    """Whoever finds what a weaker rule lets through, over the stores there can be."""
    return Prover(BOOK.vocabulary.to_json(), closed=True, fixed=ROLES)


@pytest.fixture(scope="module")
def guard(prover: Prover) -> Guard:
    """The claims of the mission."""
    return Guard(mission(), prover)


def test_every_claim_of_the_mission_is_proved() -> None:
    """The claims hold for all requests, whatever is missing in the household."""
    prover = Prover(BOOK.vocabulary.to_json(), fixed=ROLES)
    results = list(judge_claims(mission(), BOOK, BOOK.built_in, prover))

    assert [one for one in results if one.status != "proved"] == []
    assert {one.claim.kind for one in results} >= {"never", "always", "narrower-than", "covers"}


@pytest.mark.parametrize("name", FORBIDS)
def test_whoever_weakens_a_forbid_turns_a_claim_red(guard: Guard, name: str) -> None:
    """Of every weaker form of a forbid, the engine allows a request that a claim says is never allowed."""
    rule = FORBIDS[name]
    weaker = 0
    for change, trees in weakenings(rule, BOOK):
        question = guard.let_through(rule, trees)
        if question is not None:
            weaker += 1
            assert guard.red(rule, trees, question) is not None, f"{change}: {question}"

    assert weaker >= 3


@pytest.mark.parametrize("name", FORBIDS)
def test_prover_finds_that_a_claim_is_red_when_its_forbid_is_gone(guard: Guard, name: str) -> None:
    """Without a forbid, the prover itself refutes the claim that stands for it."""
    rule = FORBIDS[name]
    question = guard.let_through(rule, {})
    assert question is not None, f"nothing depends on `{name}`"
    claim = guard.red(rule, {}, question)
    assert claim is not None

    assert guard.is_refuted(rule, {}, claim, question)
    assert not guard.is_refuted(rule, {name: rule}, claim, question)


def test_guard_notices_that_a_claim_is_missing(prover: Prover) -> None:
    """Where no claim stands for a forbid, its weaker forms go unnoticed: so the guard can fail."""
    claims = mission()
    kept = tuple(one for one in claims.claims if "M34" not in one.rows)
    areas = {name: rule for one in kept if one.robust for name, rule in one.area.items()}
    guard = Guard(replace(claims, claims=kept, robust_areas=areas), prover)
    rule = FORBIDS["no-remote-driving"]
    question = guard.let_through(rule, {})

    assert question is not None
    assert guard.red(rule, {}, question) is None
