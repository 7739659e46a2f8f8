"""How good the tests of the rules are: planted mistakes, and which of them a test notices.

Each rule is changed in many small ways, one at a time. A change that cannot be a rule is *rejected* by the
validator; one that a test notices is *killed*. Of the rest, one that answers every request as before, for
the same reasons, is *equal*: nobody could tell it apart. What is left has *survived*, and a request that
tells it apart shows what no test asks. The score is killed / (killed + survived + unknown).

The method: Martin and Xie, "A fault model and mutation testing of access control policies" (WWW 2007),
https://doi.org/10.1145/1242572.1242663
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import cedarpy
from cedarpy import pst

from sim.analysis.evaluation.compiled import CompiledRules
from sim.analysis.mutation.mutants import Mutant, mutants_of, validates
from sim.analysis.question import Question
from sim.analysis.recorded import Recorded
from sim.analysis.sampling.enumeration import Reasoner
from sim.policy.engine import Verdict
from sim.policy.rules import RuleBook
from sim.policy.source import policies_of

Rules = Mapping[str, pst.Template]
Status = Literal["rejected", "killed", "equal", "survived", "unknown"]
CaseKey = tuple[str, str]
"""A scenario's file, and the name of one of its cases."""

REPLAYS_MAX = 12
"""How many scenarios are played again to kill one mutant; the most telling ones come first."""


class Detector(Protocol):
    """Anything that can notice a change of the rules."""

    def killer(self, rule: str, rules: Rules) -> str | None:
        """Return the name of a test that fails once one rule is changed, or None.

        Args:
            rule: id of the rule that is changed or gone.
            rules: all rules after the change.
        """
        ...


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one mutant.

    Attributes:
        mutant: the change.
        file: where its rule stands.
        status: what became of it.
        killer: the test that noticed it; empty unless it was killed.
        question: for a survivor, a request that tells it apart.
        note: for `unknown`, why.
    """

    mutant: Mutant
    file: str
    status: Status
    killer: str = ""
    question: Question | None = None
    note: str = ""


@dataclass(slots=True)
class Score:
    """Mutants counted by what became of them."""

    counts: dict[Status, int] = field(default_factory=dict)

    def add(self, fate: Fate) -> None:
        """Count one."""
        self.counts[fate.status] = self.counts.get(fate.status, 0) + 1

    def of(self, *statuses: Status) -> int:
        """Return how many had one of these ends."""
        return sum(self.counts.get(status, 0) for status in statuses)

    @property
    def apart(self) -> int:
        """How many can be told apart, as far as is known."""
        return self.of("killed", "survived", "unknown")

    @property
    def value(self) -> float:
        """Killed among those that can be told apart, from 0 to 1; 1 when there are none."""
        return self.of("killed") / self.apart if self.apart else 1.0


def scores(fates: Iterable[Fate]) -> dict[str, Score]:
    """Return the score of each rule file, in the order of the fates."""
    found: dict[str, Score] = {}
    for fate in fates:
        found.setdefault(fate.file, Score()).add(fate)
    return found


def changed(rules: Rules, mutant: Mutant) -> dict[str, pst.Template]:
    """Return the rules with one mutant in the place of its original, or without that rule."""
    given = {name: mutant.template if name == mutant.rule else one for name, one in rules.items()}
    return {name: one for name, one in given.items() if one is not None}


def mutate(book: RuleBook, only: Iterable[str], tests: Sequence[Detector], apart: Reasoner) -> Iterator[Fate]:
    """Yield the fate of every mutant of some rules.

    Args:
        book: the rules.
        only: ids of those to change.
        tests: what may notice; the cheapest first.
        apart: asked about what no test has noticed.
    """
    rules = book.trees
    for name in only:
        file = book.rules[name].place.file
        for mutant in mutants_of(rules[name], book.vocabulary.to_json(), book.rules[name]):
            yield _fate(book, mutant, file, tests, apart)


def _fate(book: RuleBook, mutant: Mutant, file: str, tests: Sequence[Detector], apart: Reasoner) -> Fate:
    after = changed(book.trees, mutant)
    if not validates(book.trees, mutant, book.schema):
        return Fate(mutant, file, "rejected")
    for one in tests:
        killer = one.killer(mutant.rule, after)
        if killer is not None:
            return Fate(mutant, file, "killed", killer)
    finding = apart.differ(book.trees, after)
    match finding.outcome:
        case "proved":
            return Fate(mutant, file, "equal")
        case "refuted":
            return Fate(mutant, file, "survived", question=finding.question)
        case _:
            return Fate(mutant, file, "unknown", note=finding.note)


class ScenarioTests:
    """Scenarios as tests of the rules.

    A scenario's run hangs on its decisions: one whose recorded requests are all answered as before runs as
    before. Only where an answer has changed is it played again, and it must fail to have noticed.

    Args:
        recorded: every decision of every scenario, as they are played with the rules unchanged.
        book: the rules.
        passes: plays a case once more under other rules, and says whether it still passes.
    """

    def __init__(
        self,
        recorded: Iterable[Recorded],
        book: RuleBook,
        passes: Callable[[CaseKey, cedarpy.PolicySet], bool],
    ) -> None:
        self._schema = book.vocabulary.to_json()
        self._rules = book.trees
        self._passes = passes
        before = CompiledRules(self._rules, self._schema)
        self._asked = [
            ((one.file, one.case), one.question, before.answer(one.question))
            for one in recorded
            if one.question is not None
        ]
        self._alone: dict[str, list[Verdict]] = {}

    def killer(self, rule: str, rules: Rules) -> str | None:
        """Return the first scenario that fails, or None."""
        for case in self._touched(rule, rules)[:REPLAYS_MAX]:
            if not self._passes(case, policies_of(rules)):
                return " ".join(part for part in case if part)
        return None

    def _touched(self, rule: str, rules: Rules) -> list[CaseKey]:
        """Return the cases in which an answer changes, first those in which a no becomes a yes or back."""
        here = {name: one for name, one in rules.items() if name == rule}
        now = CompiledRules(here, self._schema)
        after = CompiledRules(rules, self._schema)
        outcomes: dict[CaseKey, None] = {}
        reasons: dict[CaseKey, None] = {}
        for (case, question, before), alone in zip(self._asked, self._answers(rule), strict=True):
            if now.answer(question) == alone:
                continue
            verdict = after.answer(question)
            if verdict.allowed != before.allowed:
                outcomes[case] = None
            elif (verdict.outcome, verdict.rules) != (before.outcome, before.rules):
                reasons[case] = None
        return list(dict.fromkeys((*outcomes, *reasons)))

    def _answers(self, rule: str) -> list[Verdict]:
        """Return what one rule alone, unchanged, makes of everything that was asked."""
        if rule not in self._alone:
            alone = CompiledRules({rule: self._rules[rule]}, self._schema)
            self._alone = {rule: [alone.answer(question) for _, question, _ in self._asked]}
        return self._alone[rule]
