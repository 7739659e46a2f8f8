"""Claims held against very many requests: what can be said where no solver is installed.

The requests are made of boundary values: all of them where they are few, else every pair of values, a
sample, and whatever lies beside those that come nearest to refuting the claim. What is found is a
counterexample, as the engine confirms it. What is not found may be there all the same.

    Reasoner        whoever answers claims: the prover, or an enumeration
    Enumeration     answers them over boundary values
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol, TypeAlias

import cedarpy
from cedarpy import pst

from sim.analysis.evaluation.compiled import CompiledRules, Store
from sim.analysis.evaluation.values import TypedSchema
from sim.analysis.evaluation.words import Environment, Words, reach
from sim.analysis.question import Finding, Question, ask
from sim.analysis.sampling.boundaries import Boundaries, Space
from sim.analysis.sampling.combinations import Row, neighbours
from sim.policy.engine import Verdict
from sim.policy.source import policies_of

Trees: TypeAlias = Mapping[str, pst.Template]
"""Id to rule."""

QUESTIONS_MAX = 50_000
"""Most requests of one search, shared out among the environments, besides those near to a refutation."""
QUESTIONS_MIN = 60
"""Fewest requests of an environment that has as many."""
NEAR_MAX = 2_000
"""Most requests near to a refutation, in one environment."""
STARTS = 3
"""From how many requests of an environment the search goes on, step by step."""

BLANKET = pst.Template(
    "everything is permitted", "permit", pst.ScopeAny(), pst.ScopeAny(), pst.ScopeAny(), (), pst.FrozenMap()
)
"""The rule that permits everything, so that only what is forbidden is refused; no user's id has spaces."""


def with_blanket(rules: Trees) -> Trees:
    """Return rules with one more, which permits everything."""
    return {**rules, BLANKET.id: BLANKET}


def forbids_of(rules: Trees) -> Trees:
    """Return the rules that forbid."""
    return {name: rule for name, rule in rules.items() if rule.effect == "forbid"}


def matching(rules: Trees) -> Trees:
    """Return rules that forbid whatever the given ones match: an answer `forbidden` says that one does."""
    return {name: replace(rule, effect="forbid") for name, rule in rules.items()}


Among: TypeAlias = Collection[Any] | None
"""The environments that are looked at, as (principal type, action, resource type); None for all."""


class Reasoner(Protocol):
    """Whoever answers claims about rules.

    Of every method: `proved` means that it is so for all requests, `refuted` that the question that was
    found shows the contrary, `unknown` neither. `among` are the environments that are looked at.
    """

    def never(self, rules: Trees, area: Trees, /, *, robust: bool = False, among: Among = None) -> Finding:
        """Say whether the rules allow nothing that a rule of `area` matches.

        Args:
            rules: what decides.
            area: what the claim is about; only what these rules match counts.
            robust: whether everything else is permitted, so that only forbids can make it so.
            among: the environments that are looked at.
        """
        ...

    def always(self, rules: Trees, area: Trees, /) -> Finding:
        """Say whether the rules allow everything that a rule of `area` matches."""
        ...

    def same(self, one: Trees, other: Trees, /) -> Finding:
        """Say whether two sets of rules allow the same."""
        ...

    def narrower(self, one: Trees, other: Trees, /, *, among: Among = None) -> Finding:
        """Say whether the first set of rules allows nothing that the other does not."""
        ...

    def uncovered(self, forbids: Trees, areas: Trees, /) -> Finding:
        """Say whether a rule of `areas` matches whatever one of `forbids` does."""
        ...

    def can_match(self, rules: Trees, name: str, /, *, among: Among = None) -> Finding:
        """Say whether a rule never matches; a question refutes it."""
        ...

    def can_err(self, rules: Trees, name: str, /) -> Finding:
        """Say whether a rule never errs; a question refutes it."""
        ...

    def matters(self, rules: Trees, name: str, /) -> Finding:
        """Say whether every answer stays the same without a rule; a question refutes it."""
        ...

    def differ(self, one: Trees, other: Trees, /, *, among: Among = None) -> Finding:
        """Say whether two sets of rules answer the same, by the same rules; a question refutes it."""
        ...


@dataclass(frozen=True, slots=True)
class Searched(Finding):
    """What a search over some requests came to; never a proof.

    Attributes:
        checked: how many requests were looked at.
        held: whether the claim held for all of them.
    """

    checked: int = 0
    held: bool = False


_Distance: TypeAlias = Callable[[Sequence[Verdict]], int]
"""How far the answers of all sides are from refuting a claim; 0 is a refutation."""


class _Search(NamedTuple):
    """What is looked for.

    Attributes:
        sides: sets of rules that are all asked.
        distance: how far their answers are from a refutation.
        concerns: whether a refutation can be in an environment.
        among: the environments that are looked at, or None.
    """

    sides: tuple[Trees, ...]
    distance: _Distance
    concerns: Callable[[Environment], bool]
    among: Among = None


class Enumeration:
    """Answers claims over requests made of boundary values.

    Args:
        schema: Cedar's JSON schema, without namespaces.
        fixed: entities that are exactly as given, as Cedar's entity JSON.
        questions_max: most requests of one search, besides those near to a refutation.
    """

    def __init__(
        self,
        schema: Mapping[str, Any],
        *,
        fixed: Sequence[Mapping[str, Any]] = (),
        questions_max: int = QUESTIONS_MAX,
    ) -> None:
        self._schema = schema
        self._typed = TypedSchema(schema)
        self._engine_schema = cedarpy.Schema.from_json_str(json.dumps(schema))
        self._words = Words(schema)
        self._fixed = tuple(fixed)
        self._questions_max = questions_max

    def never(self, rules: Trees, area: Trees, /, *, robust: bool = False, among: Among = None) -> Searched:
        """Look for a request in an area that the rules allow."""
        rules = with_blanket(rules) if robust else rules
        return self._refuted_by_an_answer(rules, area, _to_be_allowed, among)

    def always(self, rules: Trees, area: Trees, /) -> Searched:
        """Look for a request in an area that the rules refuse."""
        return self._refuted_by_an_answer(rules, area, lambda answer: int(answer.allowed), None)

    def _refuted_by_an_answer(
        self, rules: Trees, area: Trees, wanted: Callable[[Verdict], int], among: Among
    ) -> Searched:
        def distance(answers: Sequence[Verdict]) -> int:
            answer, inside = answers
            return wanted(answer) + (0 if _is_matched(inside) else 2)

        sides = (rules, matching(area))
        return self._look(_Search(sides, distance, self._touching(area.values()), among))

    def same(self, one: Trees, other: Trees, /) -> Searched:
        """Look for a request that only one of two sets of rules allows."""

        def distance(answers: Sequence[Verdict]) -> int:
            left, right = answers
            return 0 if left.allowed is not right.allowed else 1 + min(map(_to_be_allowed, answers))

        return self._look(_Search((one, other), distance, self._differing(one, other)))

    def narrower(self, one: Trees, other: Trees, /, *, among: Among = None) -> Searched:
        """Look for a request that the first set of rules allows and the other does not."""

        def distance(answers: Sequence[Verdict]) -> int:
            left, right = answers
            return _to_be_allowed(left) + int(right.allowed)

        return self._look(_Search((one, other), distance, self._differing(one, other), among))

    def uncovered(self, forbids: Trees, areas: Trees, /) -> Searched:
        """Look for a request that one of the forbids matches and none of the areas."""

        def distance(answers: Sequence[Verdict]) -> int:
            forbidden, covered = answers
            return len(covered.rules) + int(not _is_matched(forbidden))

        sides = (matching(forbids), matching(areas))
        return self._look(_Search(sides, distance, self._touching(forbids.values())))

    def can_match(self, rules: Trees, name: str, /, *, among: Among = None) -> Searched:
        """Look for a request that a rule matches."""
        sides = (matching({name: rules[name]}),)
        concerns = self._touching([rules[name]])
        return self._look(_Search(sides, lambda answers: int(not _is_matched(answers[0])), concerns, among))

    def can_err(self, rules: Trees, name: str, /) -> Searched:
        """Look for a request about which a rule errs."""
        concerns = self._touching([rules[name]])
        return self._look(
            _Search(({name: rules[name]},), lambda answers: int(not answers[0].errors), concerns)
        )

    def matters(self, rules: Trees, name: str, /) -> Searched:
        """Look for a request that is answered otherwise without a rule."""
        return self.differ(rules, {other: rule for other, rule in rules.items() if other != name})

    def differ(self, one: Trees, other: Trees, /, *, among: Among = None) -> Searched:
        """Look for a request that two sets of rules answer otherwise, or by other rules."""

        def distance(answers: Sequence[Verdict]) -> int:
            left, right = ((answer.outcome, answer.rules) for answer in answers)
            return 0 if left != right else 1 + min(len(answer.rules) for answer in answers)

        return self._look(_Search((one, other), distance, self._differing(one, other), among))

    # --- which environments ---

    def _touching(self, rules: Iterable[pst.Template]) -> Callable[[Environment], bool]:
        """Return what says whether some of these rules can match in an environment."""
        touched = frozenset[Environment]().union(*(reach(rule, self._words) for rule in rules))
        return touched.__contains__

    def _differing(self, one: Trees, other: Trees) -> Callable[[Environment], bool]:
        """Return what says whether two sets of rules are not the same in an environment."""
        left, right = (
            {name: rule for name, rule in side.items() if there.get(name) != rule}
            for side, there in ((one, other), (other, one))
        )
        return self._touching((*left.values(), *right.values()))

    # --- the search ---

    def _look(self, search: _Search) -> Searched:
        """Return the first refutation that the engine confirms, or how far was looked."""
        boundaries = Boundaries(
            (rule for side in search.sides for rule in side.values()), self._schema, fixed=self._fixed
        )
        spaces = [
            boundaries.space(one)
            for one in boundaries.environments
            if (search.among is None or one in search.among) and search.concerns(one)
        ]
        if not spaces:
            return Searched("proved", note="no request can be of this kind")
        share = _share([space.size for space in spaces], self._questions_max)
        compiled = [CompiledRules(side, self._typed) for side in search.sides]
        stores = [Store(universe, self._typed) for universe in boundaries.universes]
        checked = 0
        for space in spaces:
            walk = _Walk(space, search.distance, compiled, stores)
            row = walk.refutation(share)
            checked += walk.asked
            if row is not None:
                return self._confirmed(search, space.question(row), checked)
        note = f"held for {checked:,} requests of boundary values; not a proof: install carhome[verify]"
        return Searched("unknown", note=note, environments=len(spaces), checked=checked, held=True)

    def _confirmed(self, search: _Search, question: Question, checked: int) -> Searched:
        """Return a refutation if it is one to the engine as well."""
        answers = [ask(policies_of(side), self._engine_schema, question) for side in search.sides]
        if search.distance(answers) == 0:
            return Searched("refuted", question, checked=checked)
        note = "the engine does not confirm a counterexample, so one of the two ways to answer is wrong"
        return Searched("unknown", note=note, checked=checked)


def _share(sizes: Sequence[int], total: int) -> int:
    """Return how many requests an environment may have so that all of them come to about `total`."""
    left = total
    for position, size in enumerate(sorted(sizes)):
        share = left // (len(sizes) - position)
        if size > share:
            return max(QUESTIONS_MIN, share)
        left -= size
    return max(sizes)


class _Walk:
    """The requests of one environment, looked at until one refutes the claim."""

    def __init__(
        self, space: Space, distance: _Distance, sides: Sequence[CompiledRules], stores: Sequence[Store]
    ) -> None:
        self._space = space
        self._distance = distance
        self._sides = sides
        self._stores = stores
        self._seen: dict[Row, int] = {}

    @property
    def asked(self) -> int:
        """How many requests were looked at."""
        return len(self._seen)

    def refutation(self, limit: int) -> Row | None:
        """Return a row that refutes the claim, or None.

        Args:
            limit: most requests to look at before the search goes on near to a refutation.
        """
        rows, complete = self._space.rows(limit)
        for row in rows:
            if self._at(row) == 0:
                return row
        if complete:
            return None
        best = sorted(rows, key=self._at)[:STARTS]
        found = (self._descended(start, limit + NEAR_MAX) for start in best)
        return next((row for row in found if row is not None), None)

    def _descended(self, row: Row, limit: int) -> Row | None:
        """Return a refutation reached by changing one value or two, nearer each time, or None."""
        while len(self._seen) < limit:
            nearer = next(self._nearer(row, limit), None)
            if nearer is None:
                return None
            if self._at(nearer) == 0:
                return nearer
            row = nearer
        return None

    def _nearer(self, row: Row, limit: int) -> Iterator[Row]:
        for other in neighbours(row, self._space.sizes, 2):
            if len(self._seen) >= limit:
                return
            if self._at(other) < self._at(row):
                yield other

    def _at(self, row: Row) -> int:
        """Return how far a request is from a refutation."""
        if row not in self._seen:
            case = self._space.case(row)
            store, action = self._stores[case.universe], self._space.environment.action
            self._seen[row] = self._distance(
                [
                    side.answer_in(store, case.principal, action, case.resource, case.context)
                    for side in self._sides
                ]
            )
        return self._seen[row]


def _is_matched(answer: Verdict) -> bool:
    """Say whether one of the rules that `matching` gave has matched."""
    return answer.outcome == "forbidden"


def _to_be_allowed(answer: Verdict) -> int:
    """Return how much stands between a request and being allowed."""
    match answer.outcome:
        case "permitted":
            return 0
        case "forbidden":
            return 1 + len(answer.rules)
        case _:
            return 1
