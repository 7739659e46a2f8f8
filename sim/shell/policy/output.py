"""What commands about rules print and write: JSON lines, JUnit files, and how far long work has come."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

Thing = TypeVar("Thing")

STEP = 100
"""How many things pass between two lines of progress where the reader is no terminal."""


def print_json(records: Iterable[Mapping[str, Any]]) -> None:
    """Print one object per line, in ASCII: what a rule's author wrote reaches no terminal as it is."""
    for record in records:
        sys.stdout.write(json.dumps(record, separators=(",", ":")) + "\n")


def print_lines(lines: Iterable[str]) -> None:
    """Print lines."""
    for line in lines:
        sys.stdout.write(line + "\n")


def with_progress(things: Iterable[Thing], what: str) -> Iterator[Thing]:
    """Yield things, saying on standard error how many there were: in place on a terminal, else now and then.

    Args:
        things: what takes long to make.
        what: what one of them is, in the plural.
    """
    in_place = sys.stderr.isatty()
    count = 0
    for count, thing in enumerate(things, start=1):
        if in_place:
            sys.stderr.write(f"\r{count:,} {what}")
        elif count % STEP == 0:
            sys.stderr.write(f"{count:,} {what}\n")
        sys.stderr.flush()
        yield thing
    if in_place and count:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
