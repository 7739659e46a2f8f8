"""Two recordings side by side: the first record in which they differ, and where in it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sim.core.errors import Place, RecordingError


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two recordings part.

    Attributes:
        line: number of the line, from 1; in the first file when they differ.
        run: the scenario and case it belongs to, for people.
        t: milliseconds since that began; None when the line is no record.
        kind: what kind of record; None likewise.
        path: where in the record the first difference is; empty when one file has no such line.
        left: what the first file has there, as JSON; None when it ended before.
        right: what the second file has.
    """

    line: int
    run: str
    t: int | None
    kind: str | None
    path: str
    left: str | None
    right: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of holding two recordings against each other.

    Attributes:
        difference: the first one; None when they are the same bytes.
        left_out: cases that only one of them played, because the other's link could not show them.
    """

    difference: Difference | None
    left_out: tuple[str, ...] = ()


def first_difference(left: Iterable[str], right: Iterable[str]) -> Difference | None:
    """Return the first difference between two recordings, line by line; None when they are the same bytes.

    Raises:
        RecordingError: when a line in which they differ is no record.
    """
    return compare(left, right).difference


def compare(left: Iterable[str], right: Iterable[str]) -> Comparison:
    """Hold two recordings against each other, case by case; a case that one of them skipped is left out.

    Raises:
        RecordingError: when a line in which they differ is no record.
    """
    left_out = []
    for one, other in zip_longest(_cases(left), _cases(right)):
        if one is not None and other is not None and one.is_left_out_beside(other):
            left_out.append(_run_name(_parsed(one.lines[0], one.line)))
            continue
        difference = _first_in(one, other)
        if difference is not None:
            return Comparison(difference, tuple(left_out))
    return Comparison(None, tuple(left_out))


@dataclass(frozen=True, slots=True)
class _Case:
    """The lines of one case, and the number of the first."""

    line: int
    lines: list[str]

    @property
    def skipped(self) -> bool:
        """Whether its link could not show it."""
        return '"kind":"verdict"' in self.lines[-1] and '"verdict":"skipped"' in self.lines[-1]

    def is_left_out_beside(self, other: "_Case") -> bool:
        """Whether both are the same case, and only one of them was played."""
        return self.skipped is not other.skipped and self.lines[0] == other.lines[0]


def _cases(lines: Iterable[str]) -> Iterator[_Case]:
    """Yield the cases of a recording: each begins with a `run` record."""
    case = _Case(1, [])
    for number, line in enumerate(lines, start=1):
        if '"kind":"run"' in line and case.lines:
            yield case
            case = _Case(number, [])
        case.lines.append(line)
    if case.lines:
        yield case


def _first_in(one: _Case | None, other: _Case | None) -> Difference | None:
    """Return the first difference between two cases; a recording that ended has none left."""
    begun = one or other
    run = ""
    for offset, (left, right) in enumerate(
        zip_longest(one.lines if one else (), other.lines if other else ())
    ):
        number = (0 if begun is None else begun.line) + offset
        if left == right:
            if left is not None and '"kind":"run"' in left:
                run = _run_name(_parsed(left, number))
            continue
        if left is None or right is None:
            record = _parsed(right if left is None else left, number)
            return Difference(number, run, record.get("t"), record.get("kind"), "", _cut(left), _cut(right))
        return _compared(number, run, _parsed(left, number), _parsed(right, number))
    return None


def explain(difference: Difference, left_name: str, right_name: str) -> str:
    """Return the difference for people."""
    where = f"line {difference.line}"
    if difference.run:
        where += f", {difference.run}"
    if difference.t is not None:
        where += f", {difference.kind} at {difference.t} ms"
    if difference.left is None or difference.right is None:
        ended, other = (left_name, right_name) if difference.left is None else (right_name, left_name)
        return f"{where}: {ended} ends here, {other} goes on"
    at = f" at `{difference.path}`" if difference.path else ""
    return f"{where}{at}:\n  {left_name}: {difference.left}\n  {right_name}: {difference.right}"


def _compared(number: int, run: str, one: dict[str, Any], other: dict[str, Any]) -> Difference:
    path, left, right = _inside(one, other, "")
    return Difference(
        number, run, one.get("t"), one.get("kind"), path, _cut(_shown(left)), _cut(_shown(right))
    )


def _inside(one: Any, other: Any, path: str) -> tuple[str, Any, Any]:
    """Return the innermost place in which two JSON values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *(key for key in other if key not in one)]:
            if one.get(key, _Absent) != other.get(key, _Absent):
                inner = f"{path}.{key}" if path else key
                return _inside(one.get(key, _Absent), other.get(key, _Absent), inner)
    if isinstance(one, list) and isinstance(other, list):
        for index, (left, right) in enumerate(zip_longest(one, other, fillvalue=_Absent)):
            if left != right:
                return _inside(left, right, f"{path}[{index}]")
    return path, one, other


class _Absent:
    """Stands where one side has nothing."""


def _shown(value: Any) -> str:
    return "nothing" if value is _Absent else json.dumps(value, ensure_ascii=False)


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= 300 else text[:299] + "…"


def _run_name(record: dict[str, Any]) -> str:
    case = f" ({record['case']})" if record.get("case") else ""
    return f"{record.get('file')}{case}"


def _parsed(line: str, number: int) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        sentence = f"line {number} is not a record"
        raise RecordingError(
            sentence, place=Place("recording", number, 1), help_text="`carhome run --record` writes one"
        )
    return record
