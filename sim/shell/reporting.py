"""`carhome report` and `carhome run --report`: what happened, as one HTML file."""

import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from sim.report.folding import counted, visible
from sim.report.html import page
from sim.shell.exits import Exit
from sim.shell.recordings import read_records
from sim.shell.targets import Target, check_folders, check_targets, write_whole
from sim.world.trace import Record

QUIET_SECONDS: Final = 1.0
"""How long a report may take before a terminal is told how far it is; also how often."""
_CLEAR: Final = "\r\x1b[K"
"""Back to the beginning of the line, and empty it (ECMA-48, EL)."""


def report_target(to: Path) -> Target:
    """Return the file of a report."""
    return Target("the report", to)


def report_recording(recording: str, to: Path) -> Exit:
    """Write the report of a recording.

    Raises:
        RecordingError: when it cannot be read, or is no recording.
        UsageError: when the report would overwrite it, or cannot be put there.
        MachineError: when it cannot be written.
    """
    check_targets([report_target(to)], [Path(recording)])
    check_folders([report_target(to)])
    write_report(read_records(recording), to)
    return Exit.HELD


def write_report(records: Iterable[Record], to: Path) -> None:
    """Write the report of some records, and say on standard error where it is.

    Raises:
        RecordingError: when they are no records of a run.
        MachineError: when it cannot be written.
    """
    try:
        text = page(_counted_aloud(records)).encode()
    finally:
        _on_terminal("")
    write_whole(report_target(to), text)
    sys.stderr.write(visible(f"report: {to}, {counted(len(text), 'byte')}") + "\n")


def _counted_aloud(records: Iterable[Record]) -> Iterator[Record]:
    """Yield records; when it takes long, and standard error is a terminal, say how many there were."""
    told = time.monotonic()
    number = 0
    for number, record in enumerate(records, start=1):
        if time.monotonic() - told > QUIET_SECONDS:
            told = time.monotonic()
            _on_terminal(f"report: {counted(number, 'record')} read")
        yield record
    _on_terminal(f"report: writing what {counted(number, 'record')} tell")


def _on_terminal(line: str) -> None:
    """Show a line in place of the one before, if anybody looks at it."""
    if is_terminal():
        sys.stderr.write(_CLEAR + line)
        sys.stderr.flush()


def is_terminal() -> bool:
    """Say whether standard error is a terminal."""
    return sys.stderr.isatty()
