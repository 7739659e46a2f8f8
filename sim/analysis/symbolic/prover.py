"""The prover: what rules can and cannot do, over all requests and all stores that conform to the schema."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias

from sim.analysis.evaluation.likeness import Likeness
from sim.analysis.evaluation.words import Environment
from sim.analysis.question import Finding, Question
from sim.analysis.symbolic.answers import Answer, unequal_answers, unequal_decisions
from sim.analysis.symbolic.footprint import Footprint
from sim.analysis.symbolic.formulas import FALSE, Formula, both, disjunction, is_false, opposite
from sim.analysis.symbolic.replay import Engine, Fate
from sim.analysis.symbolic.rules import NEVER, NamedBody, Rules, Translations
from sim.analysis.symbolic.search import Goal, Search
from sim.analysis.symbolic.shapes import Shapes
from sim.analysis.symbolic.sorts import Sorts
from sim.policy.engine import Verdict

Among: TypeAlias = Collection[Environment] | None
"""The environments to search; None for all."""


class Prover:
    """Searches for requests of a kind; where there is none, that is a proof.

    Each method says which request it searches for. `proved` says that no request over any store that
    conforms to the schema is one. Rules are given under their ids; an id means the same rule wherever two
    sets are compared. `among` are the environments to search, normally all.

    Args:
        schema: in Cedar's JSON form, without namespaces.
        closed: whether only stores count in which everything is there that is referred to.
        fixed: entities that are in every store exactly as they are given, in Cedar's JSON form; what
            they are in must be among them.
        timeout_ms: how long the solver may take for one kind of request.
        excluded_actions: actions that are not asked about.

    Attributes:
        environments: every kind of request that is searched.

    Raises:
        UnsupportedError: when the schema has namespaces or enumerated entity types.
        PolicyError: when a fixed entity is in something that is not fixed.
    """

    def __init__(
        self,
        schema: Mapping[str, Any],
        *,
        closed: bool = False,
        fixed: Sequence[Mapping[str, Any]] = (),
        timeout_ms: int = 10_000,
        excluded_actions: Collection[str] = (),
    ) -> None:
        shapes = Shapes.read(schema)
        sorts = Sorts(shapes)
        self._translations = Translations(sorts)
        self._search = Search(sorts, fixed, closed=closed, timeout_ms=timeout_ms)
        self._engine = Engine(schema)
        self._likeness = Likeness(schema)
        self.environments = tuple(
            environment for environment in shapes.environments() if environment.action not in excluded_actions
        )
        self._order = {environment: place for place, environment in enumerate(self.environments)}

    # --- about one set of rules ---------------------------------------------------------------------

    def never(self, rules: Rules, area: Rules, *, robust: bool = False, among: Among = None) -> Finding:
        """Search for a request that some rule of `area` matches and that is allowed.

        Args:
            rules: the rules in question.
            area: what is meant; of these rules only their matches count.
            robust: with one more rule that permits everything; what is proved then, forbids do.
            among: the environments to search.
        """
        return self._inside(
            area,
            rules,
            lambda answer: answer.allowed(robust=robust),
            lambda question: self._engine.verdict(rules, question, robust=robust).allowed,
            among,
        )

    def always(self, rules: Rules, area: Rules, *, among: Among = None) -> Finding:
        """Search for a request that some rule of `area` matches and that is refused."""
        return self._inside(
            area,
            rules,
            lambda answer: opposite(answer.allowed()),
            lambda question: not self._engine.verdict(rules, question).allowed,
            among,
        )

    def can_match(self, rules: Rules, rule: str, *, among: Among = None) -> Finding:
        """Search for a request that a rule matches."""
        return self.satisfiable(rules, rule, "matches", among=among)

    def can_err(self, rules: Rules, rule: str, *, among: Among = None) -> Finding:
        """Search for a request at which evaluating a rule is an error."""
        return self.satisfiable(rules, rule, "errs", among=among)

    def satisfiable(self, rules: Rules, rule: str, fate: Fate, *, among: Among = None) -> Finding:
        """Search for a request at which a rule matches, errs, or does neither."""
        bodies = self._translations.bodies({rule: rules[rule]})

        def goal(environment: Environment) -> Goal:
            translation = self._translations.of(bodies[0].body, environment)
            condition = {
                "matches": translation.match,
                "errs": translation.error,
                "neither": opposite(disjunction((translation.match, translation.error))),
            }[fate]
            return Goal(condition, translation.footprint)

        return self._run(
            goal,
            lambda question: self._engine.fate(rules[rule], question) == fate,
            among,
            {rule: rules[rule]},
        )

    def matters(self, rules: Rules, rule: str, *, among: Among = None) -> Finding:
        """Search for a request whose answer is another when a rule is left out."""
        return self.differ(rules, {name: other for name, other in rules.items() if name != rule}, among=among)

    def uncovered(self, forbids: Rules, areas: Rules, *, among: Among = None) -> Finding:
        """Search for a request that some forbid of `forbids` matches and no rule of `areas` matches."""
        wanted = {name: rule for name, rule in forbids.items() if rule.effect == "forbid"}
        bodies, covering = self._translations.bodies(wanted), self._translations.bodies(areas)

        def goal(environment: Environment) -> Goal:
            hit = self._answer(bodies, environment)
            if not hit.rules:
                return _NOTHING
            covered = self._answer(covering, environment)
            return _goal(both(hit.any_match, opposite(covered.any_match)), hit, covered)

        def confirmed(question: Question) -> bool:
            hit = self._engine.any_matches(wanted, question)
            return hit and not self._engine.any_matches(areas, question)

        return self._run(goal, confirmed, among, wanted, areas)

    # --- about two sets of rules --------------------------------------------------------------------

    def same(self, one: Rules, other: Rules, *, among: Among = None) -> Finding:
        """Search for a request that only one of two sets of rules allows."""
        return self.differ_in_decision(one, other, among=among)

    def differ_in_decision(self, one: Rules, other: Rules, *, among: Among = None) -> Finding:
        """Search for a request that only one of two sets of rules allows."""
        return self._compare(
            one, other, unequal_decisions, lambda question: self._unlike(one, other, question), among
        )

    def differ_robustly(self, one: Rules, other: Rules, *, among: Among = None) -> Finding:
        """Search for a request that only one of two sets allows, each with a rule that permits everything."""
        return self._compare(
            one,
            other,
            lambda here, there: unequal_decisions(here, there, robust=True),
            lambda question: self._unlike(one, other, question, robust=True),
            among,
        )

    def narrower(self, one: Rules, other: Rules, *, among: Among = None) -> Finding:
        """Search for a request that `one` allows and `other` does not."""

        def only_here(here: Answer, there: Answer) -> Formula:
            return FALSE if here == there else both(here.allowed(), opposite(there.allowed()))

        def confirmed(question: Question) -> bool:
            here, there = self._verdicts(one, other, question)
            return here.allowed and not there.allowed

        return self._compare(one, other, only_here, confirmed, among)

    def differ(self, one: Rules, other: Rules, *, among: Among = None) -> Finding:
        """Search for a request whose answer, or the rules that determine it, differ between two sets."""

        def confirmed(question: Question) -> bool:
            here, there = self._verdicts(one, other, question)
            return (here.outcome, here.rules) != (there.outcome, there.rules)

        return self._compare(one, other, unequal_answers, confirmed, among)

    # --- what they share ----------------------------------------------------------------------------

    def _inside(
        self,
        area: Rules,
        rules: Rules,
        wrong: Callable[[Answer], Formula],
        confirmed: Callable[[Question], bool],
        among: Among,
    ) -> Finding:
        """Search an area for a request that is answered in a way it should not be."""
        meant, bodies = self._translations.bodies(area), self._translations.bodies(rules)

        def goal(environment: Environment) -> Goal:
            inside = self._answer(meant, environment)
            if is_false(inside.any_match):
                return _NOTHING
            answer = self._answer(bodies, environment)
            return _goal(both(inside.any_match, wrong(answer)), inside, answer)

        return self._run(
            goal,
            lambda question: confirmed(question) and self._engine.any_matches(area, question),
            among,
            area,
            rules,
        )

    def _compare(
        self,
        one: Rules,
        other: Rules,
        unequal: Callable[[Answer, Answer], Formula],
        confirmed: Callable[[Question], bool],
        among: Among,
    ) -> Finding:
        """Search for a request that two sets of rules answer differently."""
        bodies, others = self._translations.bodies(one), self._translations.bodies(other)

        def goal(environment: Environment) -> Goal:
            here, there = self._answer(bodies, environment), self._answer(others, environment)
            return _goal(unequal(here, there), here, there)

        return self._run(goal, confirmed, among, one, other)

    def _run(
        self,
        goal: Callable[[Environment], Goal],
        confirmed: Callable[[Question], bool],
        among: Among,
        *asked: Rules,
    ) -> Finding:
        """Search one of each class of environments that the rules which are asked cannot tell apart."""
        environments = self._chosen(among)
        rules = [rule for side in asked for rule in side.values()]
        return self._search.run(self._likeness.representatives(environments, rules), goal, confirmed)

    def _chosen(self, among: Among) -> tuple[Environment, ...]:
        """Return the environments to search, in the order of the schema."""
        if among is None:
            return self.environments
        places = {self._order[one] for one in among if one in self._order}
        return tuple(self.environments[place] for place in sorted(places))

    def _answer(self, bodies: Sequence[NamedBody], environment: Environment) -> Answer:
        """Return what rules answer in one environment."""
        found = []
        for name, effect, body in bodies:
            translation = self._translations.of(body, environment)
            if translation is not NEVER:
                found.append((name, effect, translation))
        return Answer(tuple(found))

    def _verdicts(
        self, one: Rules, other: Rules, question: Question, *, robust: bool = False
    ) -> tuple[Verdict, Verdict]:
        return (
            self._engine.verdict(one, question, robust=robust),
            self._engine.verdict(other, question, robust=robust),
        )

    def _unlike(self, one: Rules, other: Rules, question: Question, *, robust: bool = False) -> bool:
        here, there = self._verdicts(one, other, question, robust=robust)
        return here.allowed != there.allowed


_NOTHING = Goal(FALSE, Footprint())
"""There is nothing to search for."""


def _goal(condition: Formula, *answers: Answer) -> Goal:
    """Return what to search for; where it is decided that there is nothing, no term needs looking at."""
    if is_false(condition):
        return _NOTHING
    return Goal(condition, Footprint.union(answer.footprint() for answer in answers))
