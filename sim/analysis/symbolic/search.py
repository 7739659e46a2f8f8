"""The search for one request: environment by environment, by the solver, and confirmed by the engine."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import z3

from sim.analysis.evaluation.words import Environment
from sim.analysis.question import Finding, Question
from sim.analysis.symbolic.axioms import laws
from sim.analysis.symbolic.facts import Facts, Fixed
from sim.analysis.symbolic.footprint import Footprint
from sim.analysis.symbolic.formulas import Formula, is_false
from sim.analysis.symbolic.shapes import UnsupportedError
from sim.analysis.symbolic.sorts import Sorts
from sim.analysis.symbolic.wishes import fulfilled, wishes
from sim.analysis.symbolic.witness import Witness

DOUBTS_MAX = 3
"""After so many environments without an answer in time, the rest is not waited for."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What to search for in one environment, and the terms that it looks at."""

    condition: Formula
    footprint: Footprint


class Search:
    """Searches under one schema.

    Args:
        sorts: of the schema.
        fixed: entities that are in every store exactly as they are given, in Cedar's JSON form.
        closed: whether everything is there that is referred to.
        timeout_ms: how long the solver may take in one environment.
    """

    def __init__(
        self, sorts: Sorts, fixed: Sequence[Mapping[str, Any]], *, closed: bool, timeout_ms: int
    ) -> None:
        self._sorts = sorts
        self._fixed = Fixed(fixed)
        self._closed = closed
        self._timeout_ms = timeout_ms

    def run(
        self,
        environments: Iterable[Environment],
        goal: Callable[[Environment], Goal],
        confirmed: Callable[[Question], bool],
    ) -> Finding:
        """Search environment by environment until a request is found and confirmed.

        Args:
            environments: where to search.
            goal: what to search for in each; raises UnsupportedError where that cannot be said.
            confirmed: asks the engine whether a request is what was searched for.
        """
        doubts: list[str] = []
        late = searched = 0
        for environment in environments:
            searched += 1
            try:
                question = self.question(environment, goal(environment))
            except UnsupportedError as error:
                doubts.append(error.sentence)
                continue
            except TimeoutError:
                late += 1
                doubts.append(f"the solver gave no answer within {self._timeout_ms} ms")
                if late == DOUBTS_MAX:
                    break
                continue
            if question is None:
                continue
            if self._certain(confirmed, question):
                return Finding("refuted", question, environments=searched)
            doubts.append("solver and engine disagree, which is a mistake of the prover")
        if doubts:
            return Finding("unknown", note="; ".join(dict.fromkeys(doubts)), environments=searched)
        return Finding("proved", environments=searched)

    def _certain(self, confirmed: Callable[[Question], bool], question: Question) -> bool:
        """Ask the engine; a store that it refuses to read confirms nothing."""
        try:
            return confirmed(question)
        except ValueError:
            return False

    def question(self, environment: Environment, goal: Goal) -> Question | None:
        """Return a request of one environment that fits a goal, or None when there is none.

        Raises:
            TimeoutError: when the solver finds no answer in time.
            UnsupportedError: when what it finds cannot be written down.
        """
        if is_false(goal.condition):
            return None
        footprint = Footprint.union((goal.footprint,))
        premises = self.premises(footprint)
        solver = z3.SimpleSolver()
        solver.set(timeout=self._timeout_ms)
        solver.add(goal.condition, *premises)
        result = solver.check()
        if result == z3.unsat:
            return None
        if result == z3.unknown:
            raise TimeoutError
        return self._readable(environment, [goal.condition, *premises], footprint)

    def premises(self, footprint: Footprint) -> list[Formula]:
        """Return what is certain of the terms of a footprint; fixed entities among them are noted there."""
        facts = Facts(self._sorts, footprint)
        self._fixed.add_to(footprint, facts)
        return [*laws(self._sorts, footprint, closed=self._closed), *facts.told]

    def _readable(
        self, environment: Environment, certain: Sequence[Formula], footprint: Footprint
    ) -> Question:
        """Return a request that is easy to read, the same for the same query.

        It is searched for in a context of its own, where nothing is left of earlier queries.
        """
        wanted = wishes(self._sorts, footprint)
        context = z3.Context()
        solver = z3.SimpleSolver(context)
        solver.set(timeout=self._timeout_ms, random_seed=0)
        solver.add(*(formula.translate(context) for formula in certain))
        model = fulfilled(solver, [wish.translate(context) for wish in wanted])
        if model is None:
            raise TimeoutError
        witness = Witness(self._sorts.copy(context), model, footprint.translated(context), self._fixed)
        return witness.question(environment)
