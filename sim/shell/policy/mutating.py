"""`carhome policy mutate` and `suggest`: which planted mistakes no test notices, and tests that would."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cedarpy

from sim.analysis.mutation.scoring import CaseKey, Detector, Fate, ScenarioTests, mutate, scores
from sim.analysis.mutation.suggestion import suggestions, suite_text
from sim.analysis.recorded import recorded_decisions
from sim.analysis.sampling.enumeration import Enumeration
from sim.analysis.suites.examination import Battery
from sim.core.errors import PolicyError, UsageError, did_you_mean
from sim.policy.cedar import ROLES
from sim.report.folding import counted
from sim.report.policy.mutants import fate_record, mutation_lines
from sim.report.style import style_for
from sim.scenario.model import Case, Scenario
from sim.shell.exits import Exit
from sim.shell.files import find_scenarios
from sim.shell.policy.output import print_json, print_lines, with_progress
from sim.shell.policy.shelf import RuleShelf, sorted_by_kind
from sim.shell.terminal import sees_colour


@dataclass(frozen=True, slots=True, kw_only=True)
class MutateOptions:
    """What the command line says.

    Attributes:
        paths: suites, scenarios, and folders of them; all suites there are when no suite is named.
        policies: folder of the user's, or None.
        rules: ids of the rules to change; all when empty.
        min_score: exit with 1 when a file scores less, in percent; or None.
        as_json: whether one object per mutant goes to standard output, and nothing else does.
    """

    paths: tuple[str, ...]
    policies: Path | None = None
    rules: tuple[str, ...] = ()
    min_score: int | None = None
    as_json: bool = False


def mutate_rules(options: MutateOptions) -> Exit:
    """Change the rules in every small way, and say what the tests notice.

    Raises:
        UsageError: for a rule that is not there.
    """
    started = time.monotonic()
    shelf = RuleShelf(options.policies)
    fates = fates_of(shelf, options)
    if options.as_json:
        print_json(map(fate_record, fates))
    elif fates:
        style = style_for(colour=sees_colour(sys.stdout))
        print_lines(mutation_lines(fates, time.monotonic() - started, style))
    if not fates:
        sys.stderr.write("nothing matched: no rule can be changed\n")
        return Exit.NOTHING
    floor = options.min_score
    if floor is not None and any(score.value * 100 < floor for score in scores(fates).values()):
        return Exit.FAILED
    return Exit.HELD


def suggest_tests(options: MutateOptions) -> Exit:
    """Print a suite that would notice what the tests do not.

    Raises:
        UsageError: for a rule that is not there.
    """
    shelf = RuleShelf(options.policies)
    found = suggestions(shelf.rules, fates_of(shelf, options))
    if not found:
        sys.stderr.write("the tests notice every change of a rule that can be told apart\n")
        return Exit.HELD
    sys.stdout.write(suite_text("suggested", found, shelf.rules))
    kills = sum(len(one.fates) for one in found)
    sys.stderr.write(
        f"{counted(len(found), 'test')} would notice {counted(kills, 'change')}; "
        "read what each expects before you keep it\n"
    )
    return Exit.HELD


def fates_of(shelf: RuleShelf, options: MutateOptions) -> list[Fate]:
    """Return what becomes of every mutant that is asked for.

    Raises:
        UsageError: for a rule that is not there.
    """
    book = shelf.rules
    for name in options.rules:
        if name not in book.rules:
            sentence = f"there is no rule `{name}`"
            raise UsageError(sentence, help_text=did_you_mean(name, book.rules))
    scenarios, suites = sorted_by_kind(options.paths)
    tests: list[Detector] = [Battery(shelf.suites(suites), book.trees, shelf.schema)]
    tests += [_Stories(shelf, scenarios).tests()] if scenarios else []
    apart = shelf.closed_prover or Enumeration(shelf.schema, fixed=ROLES)
    only = options.rules or tuple(book.rules)
    return list(with_progress(mutate(book, only, tests, apart), "mutants"))


class _Stories:
    """Scenarios, to be played under the rules as they are and under others."""

    def __init__(self, shelf: RuleShelf, paths: Sequence[str]) -> None:
        self._shelf = shelf
        self._cases: dict[CaseKey, tuple[Scenario, Case]] = {}
        for path in find_scenarios(paths):
            scenario = shelf.scenario(path)
            for case in scenario.cases:
                self._cases[scenario.file, case.name] = (scenario, case)

    def tests(self) -> ScenarioTests:
        """Play every case once; those that do not pass are no tests.

        Raises:
            UsageError: when none passes.
        """
        decisions = []
        for scenario, case in self._cases.values():
            result = self._shelf.play(scenario, case)
            if result.verdict == "pass":
                decisions += list(recorded_decisions(result.records, self._shelf.kinds, self._shelf.rules))
            else:
                sys.stderr.write(f"left out: {scenario.file} {case.name} ends with {result.verdict}\n")
        return ScenarioTests(decisions, self._shelf.rules, self._passes)

    def _passes(self, key: CaseKey, policies: cedarpy.PolicySet) -> bool:
        try:
            return self._shelf.play(*self._cases[key], policies).verdict == "pass"
        except PolicyError:  # the devices refuse to start under such rules
            return False
