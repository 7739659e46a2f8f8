"""Appointments written into a calendar: what the reader of calendars makes of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.roads import DAY_MS
from sim.documents.appointments import Appointment, read_calendar
from sim.documents.calendar_writing import OCTETS_MAX, with_appointment, without_appointment

START_MS = 1_768_215_600_000
"""Monday 12 January 2026, 19:00 in Beijing."""
ZONE_MS = 8 * 3_600_000
OWN = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//carhome//calendar of Lin//EN
BEGIN:VEVENT
UID:review
DTSTART;TZID=Asia/Shanghai:20260112T090000
DTEND;TZID=Asia/Shanghai:20260112T100000
SUMMARY:Design review
END:VEVENT
END:VCALENDAR
"""


def written(
    text: str = "", title: str = "Jade Garden", location: str = "office", uid: str = "table-1"
) -> str:
    """Return a calendar with a table in it."""
    return with_appointment(text, uid, START_MS, START_MS + 7_200_000, title, location, START_MS - DAY_MS)


def listed(text: str) -> list[Appointment]:
    """Return what stands in a calendar on that day and the days around it."""
    return list(read_calendar("lin.ics", text).between(START_MS - DAY_MS, START_MS + DAY_MS, ZONE_MS))


def test_appointment_is_read_as_it_was_written() -> None:
    """Into a calendar that was empty."""
    (one,) = listed(written())

    assert (one.uid, one.starts_ms, one.ends_ms) == ("table-1", START_MS, START_MS + 7_200_000)
    assert (one.title, one.location, one.private, one.all_day) == ("Jade Garden", "office", False, False)


def test_what_stood_there_stays() -> None:
    """A second one joins it, the same one replaces itself, and without it all is as before."""
    both = written(OWN)
    moved = with_appointment(both, "table-1", START_MS + 1_800_000, START_MS + 9_000_000, "Tea", "", 0)

    assert [one.uid for one in listed(both)] == ["review", "table-1"]
    assert [(one.title, one.starts_ms - START_MS) for one in listed(moved)][1:] == [("Tea", 1_800_000)]
    assert without_appointment(moved, "table-1").split() == OWN.split()


@pytest.mark.parametrize("text", ["", OWN])
def test_taking_out_what_is_not_there_changes_nothing(text: str) -> None:
    """Nor does it make a calendar out of nothing."""
    assert without_appointment(text, "table-9").split() == text.split()


def test_calendar_without_its_end_loses_nothing() -> None:
    """An event that never ended is left as it was, and what is added comes last."""
    broken = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:table-1"

    assert without_appointment(broken, "table-1").split() == broken.split()
    assert "SUMMARY:Jade Garden" in written("BEGIN:VCALENDAR")


def test_long_line_is_folded() -> None:
    """Between characters, and read as one again."""
    text = written(title="翡" * 60)

    assert listed(text)[0].title == "翡" * 60
    assert max(len(line.encode()) for line in text.split("\r\n")) <= OCTETS_MAX


@given(
    title=st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=64),
    location=st.text("ab,;\\翡翠园 ", max_size=64),
)
def test_whatever_it_is_called_survives(title: str, location: str) -> None:
    """Commas, backslashes and Chinese too, and no line is longer than a line may be."""
    text = written(title=title, location=location)
    (one,) = listed(text)

    assert one.title == " ".join(title.split())
    assert one.location == " ".join(location.split())
    assert all(len(line.encode()) <= OCTETS_MAX for line in text.split("\r\n"))
