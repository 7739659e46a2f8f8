"""Recordings from files, as `carhome run --record` writes them: one record on each line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sim.core.errors import RecordingError
from sim.shell.files import nothing_at


def read_records(path: str) -> Iterator[dict[str, Any]]:
    """Yield the records of a recording.

    Raises:
        RecordingError: when it cannot be read, or is no recording.
        UsageError: when it is not there.
    """
    if not Path(path).is_file():
        raise nothing_at(path)
    try:
        with Path(path).open(encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, start=1):
                record = _record(line)
                if record is None:
                    sentence = f"line {number} of `{path}` is no record of a run, or only a piece of one"
                    raise RecordingError(sentence, help_text="`carhome run --record` writes a recording")
                yield record
    except OSError as error:
        sentence = f"`{path}` cannot be read: {(error.strerror or 'unreadable').lower()}"
        raise RecordingError(sentence) from None


def _record(line: str) -> dict[str, Any] | None:
    """Return the record on a line; None when there is none, or only a piece of one."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) and "kind" in record else None
