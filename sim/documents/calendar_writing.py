"""Appointments written into an iCalendar file (RFC 5545), and taken out of it again."""

from collections.abc import Iterator
from datetime import UTC, datetime

OCTETS_MAX = 75
"""Longest line, without its end (RFC 5545, section 3.1)."""
_END = "END:VCALENDAR"
_EMPTY = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//carhome//bookings//EN", _END)


def with_appointment(  # noqa: PLR0913, PLR0917  # an appointment is what it says in full
    text: str, uid: str, starts_ms: int, ends_ms: int, title: str, location: str, stamped_ms: int
) -> str:
    """Return a calendar with an appointment in it, in place of one of the same uid.

    Args:
        text: the calendar; empty for a new one.
        uid: names the appointment: ASCII, and short enough for one line.
        starts_ms: when it begins, milliseconds since 1970.
        ends_ms: when it ends.
        title: what it is about.
        location: where; empty to say nothing of it.
        stamped_ms: when it was written.
    """
    lines = _without(text.splitlines() or list(_EMPTY), uid)
    at = max((index for index, line in enumerate(lines) if line.strip().upper() == _END), default=len(lines))
    event = [
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{_instant(stamped_ms)}",
        f"DTSTART:{_instant(starts_ms)}",
        f"DTEND:{_instant(ends_ms)}",
        *_folded(f"SUMMARY:{_escaped(title)}"),
        *(_folded(f"LOCATION:{_escaped(location)}") if location else ()),
        "END:VEVENT",
    ]
    return _joined([*lines[:at], *event, *lines[at:]])


def without_appointment(text: str, uid: str) -> str:
    """Return a calendar without the appointment of a uid; nothing else of it changes."""
    return _joined(_without(text.splitlines(), uid)) if text else text


def _without(lines: list[str], uid: str) -> list[str]:
    """Return the lines without the events of a uid."""
    kept: list[str] = []
    event: list[str] | None = None
    for line in lines:
        word = line.strip()
        if word.upper() == "BEGIN:VEVENT":
            event = []
        if event is None:
            kept.append(line)
            continue
        event.append(line)
        if word.upper() == "END:VEVENT":
            kept += [] if f"UID:{uid}" in event else event
            event = None
    return kept + (event or [])


def _instant(at_ms: int) -> str:
    """Return an instant as a calendar has it, in UTC (RFC 5545, section 3.3.5)."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """Return a text with what has a meaning in a calendar escaped (RFC 5545, section 3.3.11)."""
    plain = " ".join(text.split())
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> Iterator[str]:
    """Yield a line in pieces of at most 75 octets, each after the first behind a space."""
    piece = ""
    for character in line:
        if len((piece + character).encode()) > OCTETS_MAX:
            yield piece
            piece = " "
        piece += character
    yield piece


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\r\n" for line in lines)
