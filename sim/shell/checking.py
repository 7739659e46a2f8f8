"""`carhome check`: files held against everything that can be known without running them."""

import sys
from collections.abc import Sequence

from sim.report.console import remark_line
from sim.report.style import style_for
from sim.shell.exits import Exit
from sim.shell.files import Shelf
from sim.shell.running import load_all
from sim.shell.terminal import sees_colour


def check(paths: Sequence[str]) -> Exit:
    """Check every scenario that paths name; print errors and remarks."""
    scenarios, broken = load_all(Shelf(), paths)
    style = style_for(colour=sees_colour(sys.stdout))
    for scenario in scenarios:
        for remark in scenario.remarks:
            sys.stdout.write(remark_line(remark, style) + "\n")
    cases = sum(len(scenario.cases) for scenario in scenarios)
    if broken:
        return Exit.BAD_INPUT
    if not scenarios:
        sys.stderr.write("nothing matched: there is no scenario file\n")
        return Exit.NOTHING
    sys.stdout.write(f"{style.good}✓{style.end} {len(scenarios)} scenarios with {cases} cases make sense\n")
    return Exit.HELD
