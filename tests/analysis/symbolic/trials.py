"""The prover's translation against Cedar itself, in three ways that find different mistakes.

random_trial  data first: what does the translation say of requests that are drawn at random?
              A law that says too much shows here, as real data contradicts it.
guided_trial  rule first: the solver picks data for which a rule matches, errs, or does neither.
              A law that is missing shows here, as the solver invents what cannot be.
like_trial    strings against patterns, literally.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import cedarpy
import z3
from cedarpy import pst

from sim.analysis.evaluation.words import Environment
from sim.analysis.question import Question
from sim.analysis.symbolic import UnsupportedError, axioms, patterns
from sim.analysis.symbolic.answers import Answer
from sim.analysis.symbolic.facts import Facts, Store
from sim.analysis.symbolic.footprint import Footprint
from sim.analysis.symbolic.formulas import opposite, string_literal
from sim.analysis.symbolic.replay import Fate
from sim.analysis.symbolic.rules import NEVER, Translation, Translations
from sim.analysis.symbolic.shapes import Shapes
from sim.analysis.symbolic.sorts import Sorts
from sim.analysis.symbolic.witness import Witness
from sim.policy.engine import judge
from sim.policy.source import policies_of
from tests.analysis.symbolic.drafts import Drafts, rules_of

TIMEOUT_MS = 5_000
BATCHES_PER_STORE = 4
REQUESTS_PER_BATCH = 24
STRANGE = 0.2
"""How often rules are asked about a kind of request whose types they were not written for."""
ENOUGH = 20
"""More mismatches tell no more."""
Outcomes = Mapping[str, Fate]


@dataclass(slots=True)
class Tally:
    """What a trial did.

    Attributes:
        requests: requests answered by both sides.
        fates: how many rules matched, erred, or did neither.
        refused: rules that use what the prover does not model.
        late: queries the solver gave up on.
        mismatches: where the two sides disagreed.
        enough: after how many of these the trial ends.
    """

    enough: int
    requests: int = 0
    fates: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    late: int = 0
    mismatches: list[str] = field(default_factory=list)

    @property
    def over(self) -> bool:
        """Whether the trial need not go on."""
        return len(self.mismatches) >= self.enough

    def count(self, fates: Sequence[str]) -> None:
        """Count what became of rules."""
        self.requests += 1
        for fate in fates:
            self.fates[fate] = self.fates.get(fate, 0) + 1


class Cedar:
    """The engine under one schema, asked about several rules at once."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.schema = cedarpy.Schema.from_json_str(json.dumps(schema))

    def entities(self, store: Sequence[Mapping[str, Any]]) -> cedarpy.Entities:
        """Return a store as the engine takes it."""
        return cedarpy.Entities.from_json_str(json.dumps(store, ensure_ascii=False), self.schema)

    def fates(
        self, permits: cedarpy.PolicySet, names: Sequence[str], question: Question, store: cedarpy.Entities
    ) -> dict[str, Fate]:
        """Return what becomes of each rule, all of them made permits."""
        answer = cedarpy.is_authorized(question.to_json(), permits, store, self.schema)
        told = answer.diagnostics.errors
        assert answer.decision is not cedarpy.Decision.NoDecision, told
        erring = {name for name in names if any(f"`{name}`" in error for error in told)}
        assert len(erring) == len(told), told
        return {
            name: "matches" if name in answer.diagnostics.reasons else "errs" if name in erring else "neither"
            for name in names
        }


def permits_of(rules: Mapping[str, pst.Template]) -> cedarpy.PolicySet:
    """Return rules as permits, so that the engine tells of each whether it matches."""
    return policies_of({name: replace(rule, effect="permit") for name, rule in rules.items()})


@dataclass(frozen=True, slots=True)
class Subject:
    """Some rules in one environment, as text and as formulas."""

    environment: Environment
    rules: Mapping[str, pst.Template]
    translations: Mapping[str, Translation]

    @classmethod
    def of(cls, sorts: Sorts, environment: Environment, rules: Mapping[str, pst.Template]) -> "Subject":
        """Translate rules."""
        work = Translations(sorts)
        translated = {name: work.of(work.body(rule), environment) for name, rule in rules.items()}
        return cls(environment, rules, translated)

    @property
    def footprint(self) -> Footprint:
        """Every term the rules look at."""
        return Footprint.union(translation.footprint for translation in self.translations.values())


class _Data:
    """One store, said to the solver."""

    def __init__(self, sorts: Sorts, drafts: Drafts, store: Sequence[Mapping[str, Any]]) -> None:
        self.store = Store(store)
        self.footprint = Footprint()
        facts = Facts(sorts, self.footprint)
        for uid in drafts.names():
            facts.tell_entity(self.store, uid)
        self.told = tuple(facts.told)


class _Asked:
    """Some rules over one store, and requests one after the other."""

    def __init__(self, sorts: Sorts, subject: Subject, data: _Data) -> None:
        self._sorts = sorts
        self._subject = subject
        footprint = subject.footprint
        facts = Facts(sorts, Footprint.union((data.footprint,)))
        for uid in [uid for uid in footprint.literals if uid not in data.footprint.literals]:
            facts.tell_entity(data.store, uid)
        # The laws are about the rules' own terms; the data only adds which names are different.
        footprint.literals |= data.footprint.literals
        self._solver = z3.SimpleSolver()
        self._solver.set(timeout=TIMEOUT_MS)
        self._solver.add(*axioms.laws(sorts, footprint, closed=False), *data.told, *facts.told)
        self._flags: dict[str, Any] = {}
        answer = Answer(
            tuple(
                (name, subject.rules[name].effect, translation)
                for name, translation in subject.translations.items()
                if translation is not NEVER
            )
        )
        for name, translation in subject.translations.items():
            self._flag(f"{name} matches", translation.match)
            self._flag(f"{name} errs", translation.error)
        self._flag("allowed", answer.allowed())
        # Once, so that the solver need not take in the store again for every request.
        self._solver.check()

    def _flag(self, name: str, formula: Any) -> None:
        self._flags[name] = z3.Bool(f"flag {name}")
        self._solver.add(self._flags[name] == formula)

    def disagreement(self, question: Question, outcomes: Outcomes, *, allowed: bool) -> str | None:
        """Return how the translation disagrees with the engine; None when it must agree."""
        solver, sorts, environment = self._solver, self._sorts, self._subject.environment
        expected = {"allowed": allowed}
        for name, fate in outcomes.items():
            expected |= {f"{name} matches": fate == "matches", f"{name} errs": fate == "errs"}
        facts = Facts(sorts, Footprint())
        solver.push()
        try:
            facts.told.append(
                sorts.principal(environment).formula == facts.literal(question.principal).formula
            )
            facts.told.append(sorts.resource(environment).formula == facts.literal(question.resource).formula)
            context = sorts.shapes.actions[environment.action].context
            facts.tell_record(context, "context", None, question.context)
            solver.add(*facts.told)
            if solver.check() != z3.sat:
                return "the data contradicts the laws"
            wrong = [flag != expected[name] for name, flag in self._flags.items()]
            solver.add(z3.Or(*wrong))
            if solver.check() == z3.sat:
                model = solver.model()
                said = {name: z3.is_true(model.eval(flag)) for name, flag in self._flags.items()}
                return f"expected {expected}, got {said}"
            return None
        finally:
            solver.pop()


def random_trial(
    schema: Mapping[str, Any],
    seed: int,
    batches: int,
    *,
    rules: Mapping[str, pst.Template] | None = None,
    enough: int = ENOUGH,
) -> Tally:
    """Draw a store, rules four at a time, and requests; compare what both sides say of each rule.

    Args:
        schema: in Cedar's JSON form.
        seed: of everything drawn.
        batches: how often.
        rules: use these instead of drawing any.
        enough: stop after so many mismatches.
    """
    shapes = Shapes.read(schema)
    drafts, sorts, cedar, tally = Drafts(shapes, seed), Sorts(shapes), Cedar(schema), Tally(enough)
    for number in range(batches):
        if tally.over:
            break
        if number % BATCHES_PER_STORE == 0:
            store = drafts.store(drafts.rng.choice((0, 0, 0.25)))
            data, entities = _Data(sorts, drafts, store), cedar.entities(store)
        environment = written_for = drafts.environment()
        if drafts.rng.random() < STRANGE:
            environment = drafts.environment()
        drawn = rules if rules is not None else rules_of(drafts.rules(written_for, 4))
        try:
            asked = _Asked(sorts, Subject.of(sorts, environment, drawn), data)
        except UnsupportedError:
            tally.refused += 1
            continue
        permits, policies = permits_of(drawn), policies_of(drawn)
        for _ in range(REQUESTS_PER_BATCH):
            question = drafts.question(environment, store)
            fates = cedar.fates(permits, list(drawn), question, entities)
            allowed = judge(question.to_json(), policies, entities, cedar.schema).allowed
            difference = asked.disagreement(question, fates, allowed=allowed)
            if difference is not None:
                tally.mismatches.append(f"{environment} {policies} {question}: {difference}")
            tally.count(list(fates.values()))
    return tally


def guided_trial(
    schema: Mapping[str, Any],
    seed: int,
    count: int,
    *,
    texts: Sequence[str] | None = None,
    among: Sequence[Environment] | None = None,
    enough: int = ENOUGH,
) -> Tally:
    """Let the solver pick requests for which a rule matches, errs or does neither, and ask Cedar.

    Args:
        schema: in Cedar's JSON form.
        seed: of everything drawn.
        count: how many rules to draw.
        texts: use these rules, in every environment, instead of drawing any.
        among: the environments for them; None for all.
        enough: stop after so many mismatches.
    """
    shapes = Shapes.read(schema)
    drafts, sorts, cedar, tally = Drafts(shapes, seed), Sorts(shapes), Cedar(schema), Tally(enough)
    subjects: list[tuple[Environment, str]] = []
    for text in texts or ():
        subjects += [(environment, text) for environment in among or shapes.environments()]
    for _ in range(count):
        environment = written_for = drafts.environment()
        if drafts.rng.random() < STRANGE:
            environment = drafts.environment()
        subjects.append((environment, drafts.rules(written_for, 1)))
    for environment, text in subjects:
        if tally.over:
            break
        rules = rules_of(text)
        try:
            subject = Subject.of(sorts, environment, rules)
        except UnsupportedError:
            tally.refused += 1
            continue
        _guide(sorts, cedar, subject, tally, closed=drafts.rng.random() < 0.3)
    return tally


def _guide(sorts: Sorts, cedar: Cedar, subject: Subject, tally: Tally, *, closed: bool) -> None:
    """Let the solver pick up to three requests for one rule."""
    ((name, translation),) = subject.translations.items()
    if translation is NEVER:
        return
    footprint, permits = subject.footprint, permits_of(subject.rules)
    solver = z3.SimpleSolver()
    solver.set(timeout=TIMEOUT_MS)
    solver.add(*axioms.laws(sorts, footprint, closed=closed))
    goals: dict[Fate, Any] = {
        "matches": translation.match,
        "errs": translation.error,
        "neither": opposite(z3.Or(translation.match, translation.error)),
    }
    for fate, goal in goals.items():
        solver.push()
        solver.add(goal)
        result = solver.check()
        if result == z3.sat:
            problem = _replayed(sorts, cedar, subject, solver.model(), footprint, permits, {name: fate})
            tally.count([fate])
            if problem is not None:
                tally.mismatches.append(f"{subject.environment} {permits}: {problem}")
        elif result == z3.unknown:
            tally.late += 1
        solver.pop()


def _replayed(  # noqa: PLR0913, PLR0917  # everything a replay takes
    sorts: Sorts,
    cedar: Cedar,
    subject: Subject,
    model: Any,
    footprint: Footprint,
    permits: cedarpy.PolicySet,
    wanted: Outcomes,
) -> str | None:
    """Return how the engine disagrees with a model; None when it agrees."""
    try:
        question = Witness(sorts, model, footprint, Store(())).question(subject.environment)
    except UnsupportedError as error:
        return f"the model cannot be written down: {error}"
    try:
        store = cedar.entities(question.entities)
    except ValueError as error:
        return f"no such store: {error}"
    got = cedar.fates(permits, list(wanted), question, store)
    return None if got == wanted else f"wanted {wanted}, got {got}: {question}"


LIKE_PIECES = ("a", "b", "aa", "ab", "", "é", "\n", "*", "\\", "A", "\\u{41}", "日", "_", ".", "[a]")


def like_trial(seed: int, pairs: int, *, enough: int = ENOUGH) -> Tally:
    """Hold strings against patterns, by Cedar and by the solver; neither has anything left to choose."""
    rng = random.Random(seed)  # noqa: S311  # drawn for tests
    tally, solver = Tally(enough), z3.SimpleSolver()
    while tally.requests < pairs and not tally.over:
        drawn = [_like_pair(rng) for _ in range(40)]
        text = "\n".join(
            f"permit (principal, action, resource) when {{ {_cedar(subject)} like {pattern} }};"
            for subject, pattern in drawn
        )
        policies = cedarpy.PolicySet.from_str(text)
        request = {"principal": 'U::"u"', "action": 'Action::"a"', "resource": 'R::"r"', "context": {}}
        matching = cedarpy.is_authorized(request, policies, []).diagnostics.reasons
        rules = policies.to_pst().static_policies
        for number, (subject, _) in enumerate(drawn):
            name = f"policy{number}"
            (clause,) = rules[name].clauses
            assert isinstance(clause.expr, pst.Like)
            formula = patterns.matches(string_literal(subject), clause.expr.pattern)
            said = solver.check(formula) == z3.sat
            if said != (name in matching):
                tally.mismatches.append(f"{subject!r} like {drawn[number][1]}: {said}")
            tally.count(["matches" if name in matching else "neither"])
    return tally


def _like_pair(rng: random.Random) -> tuple[str, str]:
    """Draw a pattern, and a string that often just matches it and often just does not."""
    pieces = LIKE_PIECES if rng.random() < 0.5 else ("a", "b", "aa")
    subject, pattern = "", ""
    for _ in range(rng.randrange(6)):
        piece = rng.choice(pieces)
        if rng.random() < 0.4:
            pattern += "*"
            subject += "".join(rng.choices(pieces, k=rng.randrange(3)))
        else:
            pattern += _cedar(piece)[1:-1].replace("*", "\\*")
            subject += piece
    if subject and rng.random() < 0.5:
        lost = rng.randrange(len(subject))
        subject = subject[:lost] + subject[lost + 1 :]
    return subject, f'"{pattern}"'


def _cedar(text: str) -> str:
    """Return a string as Cedar writes it."""
    return json.dumps(text, ensure_ascii=False)
