"""`carhome diff`: two recordings from files."""

import sys
from collections.abc import Iterator
from pathlib import Path

from sim.core.errors import RecordingError
from sim.report.difference import compare, explain
from sim.report.folding import counted, visible
from sim.shell.exits import Exit


def compare_files(left: Path, right: Path) -> Exit:
    """Print the first difference between two recordings.

    Raises:
        RecordingError: when one of them cannot be read, or is no recording.
    """
    comparison = compare(_lines(left), _lines(right))
    if comparison.left_out:
        count = counted(len(comparison.left_out), "case")
        sys.stdout.write(f"not compared, because one of them skipped it: {count}\n")
        for name in comparison.left_out:
            sys.stdout.write(visible(f"  {name}") + "\n")
    if comparison.difference is None:
        sys.stdout.write(visible(f"{left} and {right} are the same") + "\n")
        return Exit.HELD
    for line in explain(comparison.difference, str(left), str(right)).split("\n"):
        sys.stdout.write(visible(line) + "\n")
    return Exit.FAILED


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            for line in file:
                yield line.removesuffix("\n")
    except OSError as error:
        sentence = f"`{path}` cannot be read: {(error.strerror or 'unreadable').lower()}"
        raise RecordingError(sentence) from None
    except UnicodeDecodeError:
        sentence = f"`{path}` is not UTF-8 text"
        raise RecordingError(sentence, help_text="`carhome run --record` writes a recording") from None
