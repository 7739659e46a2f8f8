"""`carhome policy diff`: who gains and who loses by other rules."""

import sys
from pathlib import Path

from sim.analysis.properties.claims import BUILT_IN
from sim.analysis.properties.comparison import compare
from sim.analysis.sampling.enumeration import Trees
from sim.policy.cedar import ROLES
from sim.policy.rules import RuleBook
from sim.report.policy.changes import difference_lines
from sim.report.style import style_for
from sim.shell.exits import Exit
from sim.shell.files import added_rule_files, nothing_at, rule_files, shown
from sim.shell.policy.output import print_json, print_lines
from sim.shell.policy.shelf import RuleShelf
from sim.shell.terminal import sees_colour


def compare_rules(before: str, after: str, *, as_json: bool) -> Exit:
    """Show every sort of request that other rules answer otherwise; return 1 when there is one.

    Args:
        before: `built-in`, a file of rules, or a folder that is added to the built-in rules.
        after: the same.
        as_json: whether one object per change goes to standard output, and nothing else does.

    Raises:
        PolicyError, UsageError: when rules cannot be, or are not there.
    """
    shelf = RuleShelf()
    sides = (rules_at(shelf, before), rules_at(shelf, after))
    difference = compare(*sides, shelf.schema, shelf.closed_prover, fixed=ROLES)
    changes = (*difference.gains, *difference.losses, *difference.reasons)
    if as_json:
        print_json(change.to_record() for change in changes)
    else:
        print_lines(difference_lines(difference, style_for(colour=sees_colour(sys.stdout))))
    return Exit.FAILED if changes or difference.doubts else Exit.HELD


def rules_at(shelf: RuleShelf, given: str) -> Trees:
    """Return the rules that a word of the command line or of a claims file names.

    Args:
        shelf: whose words the rules use.
        given: `built-in`, a file of rules, which then are all there are, or a folder whose rules are added
            to the built-in ones.

    Raises:
        PolicyError: when rules cannot be.
        UsageError: when there is nothing.
    """
    if given == BUILT_IN:
        return shelf.rules.built_in.trees
    path = Path(given)
    if path.is_file():
        return RuleBook.read([(shown(path), shelf.read(path))], shelf.vocabulary).trees
    if path.is_dir():
        return RuleBook.read(rule_files(), shelf.vocabulary, added_rule_files(path, shelf.read)).trees
    raise nothing_at(given)
