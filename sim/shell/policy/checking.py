"""`carhome policy check`: rules held against the words of devices, each other, and the broker."""

import sys
from pathlib import Path

from sim.analysis.properties.lint import lint
from sim.analysis.properties.publishing import command_grants
from sim.analysis.sampling.enumeration import Enumeration
from sim.policy.cedar import ROLES
from sim.report.folding import counted
from sim.report.policy.remarks import grant_lines, grant_record, is_doubtful, remark_lines
from sim.report.style import style_for
from sim.scenario.households import read_household
from sim.shell.exits import Exit
from sim.shell.files import read_text, shown
from sim.shell.policy.output import print_json, print_lines
from sim.shell.policy.proving import claims_of
from sim.shell.policy.shelf import RuleShelf
from sim.shell.terminal import sees_colour


def check_rules(policies: Path | None, *, strict: bool, as_json: bool) -> Exit:
    """Read rules, suites and claims, and remark on what may not be meant.

    Args:
        policies: folder of the user's, or None.
        strict: whether a remark is a failure.
        as_json: whether one object per remark goes to standard output, and nothing else does.
    """
    shelf = RuleShelf(policies)
    suites, claims = list(shelf.suites(())), list(claims_of(shelf, ()))
    only = None if policies is None else {rule.id for rule in shelf.rules.rules.values() if rule.added}
    remarks = lint(shelf.rules, shelf.closed_prover, only=only, fixed=ROLES)
    if as_json:
        print_json(remark.to_record() for remark in remarks)
        return Exit.FAILED if strict and remarks else Exit.HELD
    style = style_for(colour=sees_colour(sys.stdout))
    for remark in remarks:
        print_lines([*remark_lines(remark, style), ""])
    cases = sum(len(suite.cases) for suite in suites)
    number = sum(len(file.claims) for file in claims)
    added = f" ({len(only):,} of your own)" if only is not None else ""
    found = (
        f"{counted(len(shelf.rules.rules), 'rule')}{added}, {counted(len(suites), 'suite')} with "
        f"{counted(cases, 'case')}, {counted(number, 'claim')}: {counted(len(remarks), 'remark')}"
    )
    print_lines([f"{style.good}✓{style.end} {found}"])
    return Exit.FAILED if strict and remarks else Exit.HELD


def check_broker(household: Path, policies: Path | None, *, as_json: bool) -> Exit:
    """Hold what the broker lets devices publish against what the rules could ever allow.

    Args:
        household: the household's file.
        policies: folder of the user's, or None.
        as_json: whether one object per granted command goes to standard output, and nothing else does.
    """
    shelf = RuleShelf(policies)
    home = read_household(shown(household), read_text(household), shelf.kinds)
    reasoner = shelf.closed_prover or Enumeration(shelf.schema, fixed=ROLES)
    found = list(command_grants(home, shelf.kinds, shelf.rules, reasoner))
    if as_json:
        print_json(map(grant_record, found))
    else:
        print_lines(grant_lines(home.name, found, style_for(colour=sees_colour(sys.stdout))))
    return Exit.FAILED if any(map(is_doubtful, found)) else Exit.HELD
