"""`carhome check`: files held against everything that can be known without running them."""

import sys
from collections.abc import Sequence
from pathlib import Path

from sim.report.console import remark_line
from sim.report.folding import counted
from sim.report.style import style_for
from sim.shell.exits import Exit
from sim.shell.files import Shelf
from sim.shell.running import load_all
from sim.shell.terminal import sees_colour


def check(paths: Sequence[str], policies: Path | None = None) -> Exit:
    """Check every scenario that paths name; print errors and remarks.

    Args:
        paths: files and folders.
        policies: folder with rules of the user's, which scenarios may name, or None.
    """
    scenarios, broken = load_all(Shelf(policies), paths)
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
    sense = "makes sense" if len(scenarios) == 1 else "make sense"
    found = f"{counted(len(scenarios), 'scenario')} with {counted(cases, 'case')} {sense}"
    sys.stdout.write(f"{style.good}✓{style.end} {found}\n")
    return Exit.HELD
