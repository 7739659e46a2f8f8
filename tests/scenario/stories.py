"""Scenario texts read and played in memory: the household, kinds and rules that ship, without a shell."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import sim.policy
from sim.core.device import Device
from sim.core.errors import HouseholdError, ScenarioError
from sim.core.household import Household
from sim.documents.reading import Node, read_document
from sim.policy.cedar import CedarDecisionPoint
from sim.policy.rules import RuleBook
from sim.policy.schema import Vocabulary
from sim.scenario.households import household_of
from sim.scenario.loading import Library, load_scenario
from sim.scenario.model import Scenario
from sim.scenario.run import CaseResult, perform
from sim.world.kinds import kinds
from sim.world.network.link import Round
from sim.world.stage import Cast
from sim.world.trace import Record

PROJECT = Path(__file__).parents[2]
RULES = Path(sim.policy.__file__).parent / "rules"
KINDS = kinds()

HEAD = "scenario: A story\nhousehold: wang\n"
STEPS = HEAD + "steps:\n"
NEAR = HEAD + "given: {lin: {from_su7: 1 m}}\nsteps:\n"
UNLOCK = "  - do: phone.unlock\n    with: {car: su7}\n    as: key\n"
"""Lin unlocks from beside the car, on lines 5 to 7; the bolt moves after 250 ms."""
"""The first three lines of a file: what follows begins on line 4."""


@dataclass(frozen=True)
class House:
    """A household file of a test, its kinds, and who decides there."""

    name: str
    text: str
    kinds: Mapping[str, type[Device]]

    def document(self, name: str) -> Node | None:
        """Return the household's document when it is the one that is asked for."""
        if name != self.name:
            return None
        return read_document(f"households/{name}.household.yaml", self.text, HouseholdError)

    def household(self, name: str) -> Household | None:
        """Return the household when it is the one that is asked for."""
        document = self.document(name)
        return None if document is None else household_of(document, self.kinds)

    def library(self) -> Library:
        """Return everything that a file can refer to."""
        return Library(
            kinds=self.kinds,
            rules=tuple(_rules(tuple(self.kinds.values())).rules),
            household=self.household,
            household_document=self.document,
            household_names=(self.name,),
        )


WANG = House("wang", (PROJECT / "households" / "wang.household.yaml").read_text(encoding="utf-8"), KINDS)


@cache
def _rules(kinds_: tuple[type[Device], ...]) -> RuleBook:
    files = [(path.name, path.read_text(encoding="utf-8")) for path in sorted(RULES.glob("*.cedar"))]
    return RuleBook.read(files, Vocabulary.of(kinds_))


def load(text: str, house: House = WANG) -> Scenario:
    """Return the scenario in a text."""
    return load_scenario("a.scenario.yaml", text, house.library())


def refusal(text: str, house: House = WANG) -> ScenarioError:
    """Return the error that a text is refused with; nothing of it can be run."""
    with pytest.raises(ScenarioError) as caught:
        load(text, house)
    return caught.value


def play(
    text: str,
    house: House = WANG,
    case: int = 0,
    sink: Callable[[Record], None] | None = None,
) -> CaseResult:
    """Return what becomes of a case."""
    scenario = load(text, house)
    policy = CedarDecisionPoint(_rules(tuple(house.kinds.values())), scenario.household)
    cast = Cast(scenario.household, house.kinds, policy, scenario.seed)
    performance = perform(scenario, scenario.cases[case], cast, sink)
    asked = next(performance)
    while True:
        try:
            asked = performance.send(asked.expected if isinstance(asked, Round) else ())
        except StopIteration as end:
            result: CaseResult = end.value
            return result


def passes(text: str, house: House = WANG) -> CaseResult:
    """Return what becomes of a case that must pass; say why it does not."""
    result = play(text, house)
    assert result.verdict == "pass", result.failure or result.note
    return result


def fails(text: str, house: House = WANG) -> tuple[str, int, int]:
    """Return why a case fails, on which line, and after how many milliseconds."""
    result = play(text, house)
    assert result.verdict == "fail"
    assert result.failure is not None
    return result.failure.sentence, result.failure.place.line, result.failure.at_ms
