"""Rules, suites and claims from files, and a prover where one is installed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cedarpy

from sim.analysis.recorded import Recorded, recorded_decisions
from sim.analysis.suites.reading import SUITE_SUFFIX, Suite, read_suite
from sim.policy.cedar import ROLES, CedarDecisionPoint
from sim.policy.schema import NOTHING
from sim.scenario.model import Case, Scenario
from sim.scenario.run import CaseResult, perform
from sim.shell.files import (
    SCENARIO_SUFFIX,
    Shelf,
    built_in_files,
    find_scenarios,
    hinted,
    nothing_at,
    shown,
)
from sim.shell.playing import play_in_memory
from sim.world.stage import Cast

if TYPE_CHECKING:
    from sim.analysis.symbolic import Prover

CLAIMS_SUFFIX = ".claims.yaml"

Text = tuple[str, str]
"""Name and text of a file."""


class RuleShelf(Shelf):
    """Everything a command about rules needs from files, each read once.

    Args:
        policies: folder with rules of the user's, beside those that come with the program; or None.
    """

    def __init__(self, policies: Path | None = None) -> None:
        super().__init__(policies)
        self._folder = policies

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The words of the rules as a Cedar schema."""
        return self.vocabulary.to_json()

    @cached_property
    def prover(self) -> "Prover | None":
        """Whoever proves things about rules, over all stores; None where no solver is installed."""
        return self._prover(closed=False)

    @cached_property
    def closed_prover(self) -> "Prover | None":
        """The same over all stores in which nobody and nothing is missing, as in a household."""
        return self._prover(closed=True)

    def _prover(self, *, closed: bool) -> "Prover | None":
        try:
            from sim.analysis.symbolic import Prover  # noqa: PLC0415  # z3 is an extra
        except ModuleNotFoundError:
            return None
        return Prover(self.schema, closed=closed, fixed=ROLES, excluded_actions=(NOTHING,))

    def suites(self, paths: Sequence[str]) -> Iterator[Suite]:
        """Yield the suites that paths name; without any, those that come with the program and the user's.

        Raises:
            PolicyError, UsageError: when a suite cannot be, or a path is not there.
        """
        effects = {name: rule.effect for name, rule in self.rules.rules.items()}
        for name, text in self.texts(paths, SUITE_SUFFIX):
            with hinted("suite"):
                suite = read_suite(name, text, self.schema, effects)
            yield suite

    def texts(self, paths: Sequence[str], suffix: str) -> list[Text]:
        """Return the files with a suffix that paths name; without any paths, all there are.

        Raises:
            UsageError: when a path is not there, or a file cannot be read.
        """
        if not paths:
            return built_in_files(suffix) + (self._below(self._folder, suffix) if self._folder else [])
        found: list[Text] = []
        for given in paths:
            path = Path(given)
            if path.is_file():
                found.append((shown(path), self.read(path)))
            elif path.is_dir():
                found += self._below(path, suffix)
            else:
                raise nothing_at(given)
        return found

    def _below(self, folder: Path, suffix: str) -> list[Text]:
        return [(shown(path), self.read(path)) for path in sorted(folder.rglob(f"*{suffix}"))]

    def decisions(self, paths: Sequence[str]) -> list[Recorded]:
        """Return every decision of the scenarios that paths name, as they play in memory.

        Raises:
            ScenarioError, HouseholdError, UsageError: when a scenario cannot be.
        """
        found: list[Recorded] = []
        for path in find_scenarios(paths):
            scenario = self.scenario(path)
            for case in scenario.cases:
                found += recorded_decisions(self.play(scenario, case).records, self.kinds, self.rules)
        return found

    def play(self, scenario: Scenario, case: Case, policies: cedarpy.PolicySet | None = None) -> CaseResult:
        """Play a case in memory.

        Args:
            scenario: its scenario.
            case: the case.
            policies: the rules, changed; None for as they are.

        Raises:
            PolicyError: when the devices refuse to start under such rules.
        """
        household = scenario.household
        if policies is None:
            point = self.policy(household)
        else:
            point = CedarDecisionPoint(replace(self.rules, policies=policies), household)
        cast = Cast(household, self.kinds, point, scenario.seed)
        return play_in_memory(perform(scenario, case, cast))


def sorted_by_kind(paths: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return paths of scenarios, or folders of them, and then the others.

    A folder belongs to the scenarios if any lies in it.
    """
    scenarios = [path for path in paths if _has_scenarios(Path(path))]
    return scenarios, [path for path in paths if path not in scenarios]


def _has_scenarios(path: Path) -> bool:
    if path.is_dir():
        return any(path.rglob(f"*{SCENARIO_SUFFIX}"))
    return path.name.endswith(SCENARIO_SUFFIX)
