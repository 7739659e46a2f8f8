"""`carhome policy coverage`: which rules and conditions the tests reach."""

import sys
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from sim.analysis.mutation.scoring import Score
from sim.analysis.suites.coverage import Count, Coverage
from sim.policy.schema import NOTHING
from sim.report.folding import visible
from sim.report.policy.coverage import coverage_lines, coverage_record
from sim.report.style import style_for
from sim.shell.exits import Exit
from sim.shell.policy.mutating import MutateOptions, fates_of
from sim.shell.policy.output import print_json, print_lines
from sim.shell.policy.shelf import RuleShelf, sorted_by_kind
from sim.shell.targets import Target, check_folders, check_targets, write_whole
from sim.shell.terminal import sees_colour


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageOptions:
    """What the command line says.

    Attributes:
        paths: suites, scenarios, and folders of them; all suites there are when no suite is named.
        policies: folder of the user's, or None.
        mutants: whether to count planted mistakes, too, which takes longer.
        lcov: file to write an LCOV trace to, or None.
        min_conditions: exit with 1 when fewer conditions were seen both ways, in percent; or None.
        as_json: whether one object goes to standard output, and nothing else does.
    """

    paths: tuple[str, ...]
    policies: Path | None = None
    mutants: bool = False
    lcov: Path | None = None
    min_conditions: int | None = None
    as_json: bool = False


def cover(options: CoverageOptions) -> Exit:
    """Ask everything that the tests ask, and say what that reached; return how to exit."""
    shelf = RuleShelf(options.policies)
    coverage = Coverage(shelf.rules.trees, shelf.schema, shelf.rules.rules, left_out=(NOTHING,))
    if not _ask(shelf, coverage, options.paths):
        sys.stderr.write("nothing matched: no test asks anything\n")
        return Exit.NOTHING
    targets = [] if options.lcov is None else [Target("the LCOV trace", options.lcov)]
    check_targets(targets, shelf.inputs)
    check_folders(targets)
    totals = coverage.totals(_mutants(shelf, options) if options.mutants else None)
    for one in targets:
        write_whole(one, coverage.lcov(_real_paths(shelf)).encode())
    if options.as_json:
        print_json([coverage_record(coverage, totals)])
    else:
        own = {rule.id for rule in shelf.rules.rules.values() if rule.added}
        print_lines(coverage_lines(coverage, totals, style_for(colour=sees_colour(sys.stdout)), own))
    floor = options.min_conditions
    missed = floor is not None and totals.conditions.share * 100 < floor
    return Exit.FAILED if missed else Exit.HELD


def _ask(shelf: RuleShelf, coverage: Coverage, paths: tuple[str, ...]) -> int:
    """Add everything that suites and scenarios ask; return how much that was."""
    scenarios, suites = sorted_by_kind(paths)
    asked = 0
    for suite in shelf.suites(suites):
        store = coverage.compiled.store(suite.entities)
        for case in suite.cases:
            if not case.skipped:
                coverage.add_in(store, case.principal, case.action, case.resource, case.context)
                asked += 1
    for one in shelf.decisions(scenarios) if scenarios else ():
        if one.question is not None and one.decision["kind"] != "refused":
            coverage.add(one.question)
            asked += 1
    return asked


def _mutants(shelf: RuleShelf, options: CoverageOptions) -> Count:
    score = Score()
    for fate in fates_of(shelf, MutateOptions(paths=options.paths, policies=options.policies)):
        score.add(fate)
    return Count(score.of("killed"), score.apart)


def _real_paths(shelf: RuleShelf) -> dict[str, str]:
    """Return where the rules really lie, for editors, each on one line whatever it is called."""
    folder = resources.files("sim.policy")
    files = {rule.place.file: rule.added for rule in shelf.rules.rules.values()}
    return {name: visible(name if added else str(folder / name)) for name, added in files.items()}
