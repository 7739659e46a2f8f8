"""Records cut into chapters: one for each case that was played."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sim.core.errors import RecordingError
from sim.world.trace import Record

HELP = "`carhome run --record` writes one; record the run again with this version of carhome"


@dataclass(frozen=True, slots=True)
class Chapter:
    """One case.

    Attributes:
        run: the record that begins it.
        records: all of them, in order.
    """

    run: Record
    records: tuple[Record, ...]

    @property
    def verdict(self) -> Record | None:
        """The record of how it ended; None when the recording breaks off before."""
        last = self.records[-1]
        return last if last["kind"] == "verdict" else None

    @property
    def word(self) -> str:
        """How it ended: `pass`, `fail`, `unknown`, `skipped`, `error`, or `unfinished`."""
        return "unfinished" if self.verdict is None else str(self.verdict["verdict"])

    @property
    def ended_ms(self) -> int:
        """When its last record was made, milliseconds since it began."""
        return int(self.records[-1]["t"])

    def of(self, *kinds: str) -> Iterator[Record]:
        """Yield its records of some kinds, in order."""
        return (one for one in self.records if one["kind"] in kinds)


def chapters(records: Iterable[Record]) -> list[Chapter]:
    """Return the cases of some records.

    Raises:
        RecordingError: when they do not begin with a run, or one of them is no record.
    """
    found: list[list[Record]] = []
    for number, record in enumerate(records, start=1):
        if not _is_record(record):
            sentence = f"record {number} has no `n`, `t` and `kind`"
            raise RecordingError(sentence, help_text=HELP)
        if record["kind"] == "run":
            found.append([])
        if not found:
            sentence = "the recording does not begin with a run"
            raise RecordingError(sentence, help_text=HELP)
        found[-1].append(record)
    if not found:
        sentence = "the recording is empty"
        raise RecordingError(sentence, help_text=HELP)
    return [Chapter(one[0], tuple(one)) for one in found]


def _is_record(record: Any) -> bool:
    return (
        isinstance(record, dict)
        and type(record.get("t")) is int
        and type(record.get("n")) is int
        and isinstance(record.get("kind"), str)
    )
