"""What is fuzzed of calendars: files that anybody can send, read line by line and by libraries."""

from typing import Final

from sim.core.errors import CalendarError
from sim.documents.appointments import (
    FILE_CHARACTERS_MAX,
    OCCURRENCES_MAX,
    TITLE_CHARACTERS_MAX,
    WINDOW_MS_MAX,
    read_calendar,
)
from tests.fuzz.readers import Target, same, sayable
from tests.maps import BEIJING_MS, MIDNIGHT_MS

_MEETING: Final = """\
UID:meeting
DTSTART;TZID=Asia/Shanghai:20260112T090000
DTEND;TZID=Asia/Shanghai:20260112T100000
SUMMARY:Design review
LOCATION:Office\\, third
  floor"""
_SERIES: Final = """\
UID:series
DTSTART;TZID=Asia/Shanghai:20260112T091500
DURATION:PT15M
RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU,WE;UNTIL=20260301T000000Z
EXDATE;TZID=Asia/Shanghai:20260113T091500
SUMMARY:Stand-up
CLASS:PRIVATE"""
_MOVED: Final = """\
UID:series
RECURRENCE-ID;TZID=Asia/Shanghai:20260114T091500
DTSTART:20260114T030000Z
SUMMARY:Stand-up with guests"""
_CANCELLED: Final = """\
UID:series
RECURRENCE-ID;TZID=Asia/Shanghai:20260119T091500
DTSTART;TZID=Asia/Shanghai:20260119T091500
STATUS:CANCELLED"""
_DAYS: Final = """\
UID:days
DTSTART;VALUE=DATE:20260113
DTEND;VALUE=DATE:20260115
RRULE:FREQ=MONTHLY;COUNT=3
RDATE;VALUE=DATE:20260120"""
_FLOATING: Final = """\
UID:floating
DTSTART:20260112T120000
RRULE:FREQ=YEARLY
BEGIN:VALARM
TRIGGER:-PT15M
ACTION:DISPLAY
END:VALARM"""
_OWN: Final = """\
UID:own
DTSTART;TZID=Own:20260112T090000"""
_ZONE: Final = """\
BEGIN:VTIMEZONE
TZID:Own
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0700
TZOFFSETTO:+0700
END:STANDARD
END:VTIMEZONE"""

WORDS: Final = (
    *("BEGIN", "END", "VCALENDAR", "VEVENT", "VTIMEZONE", "VALARM", "VTODO", "UID", "SUMMARY", "CLASS"),
    *("DTSTART;VALUE=DATE", "DTEND", "DURATION", "RECURRENCE-ID;RANGE=THISANDFUTURE", "EXDATE", "RDATE"),
    *("RRULE", "FREQ=HOURLY", "FREQ=DAILY;BYSETPOS=-1", "COUNT=0", "INTERVAL=99999999999", "BYDAY=-53MO"),
    *("BYMONTHDAY=31;BYMONTH=2", "UNTIL=00010101", "00010101", "99991231T235959Z", "20260229", "-P9999W"),
    *("TZID=Europe/Berlin", "19000101T000000Z/PT1H", "X-LONG", "\r\n ", "\n", "\x85", "\u2028"),
)
"""What calendars are made of, and what their readers stumble over."""


def calendars() -> list[bytes]:
    """Return calendars with one to all sorts of appointments, with the line ends of RFC 5545 and others."""
    parts = [[_event(one)] for one in (_MEETING, _DAYS, _FLOATING)]
    parts += [[_event(one) for one in (_SERIES, _MOVED, _CANCELLED)], [_ZONE, _event(_OWN)]]
    texts = [_calendar(*events) for events in [*parts, [text for events in parts for text in events]]]
    return [one.encode() for text in texts for one in (text.replace("\n", "\r\n"), text)]


def _event(lines: str) -> str:
    return f"BEGIN:VEVENT\n{lines}\nEND:VEVENT"


def _calendar(*components: str) -> str:
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//fuzz//EN")
    return "\n".join([*head, *components, "END:VCALENDAR", ""])


def check_calendar(data: bytes) -> bool:
    """Calendars: what is refused is refused at a line there is; what is read can be listed and shown."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False  # A file is handed on as text.
    try:
        read = read_calendar("fuzz.ics", text)
    except CalendarError as error:
        sayable(error)
        place = error.place
        assert place is not None
        assert 1 <= place.line <= text.count("\n") + 1
        assert place.column >= 1
        return False
    assert len(text) <= FILE_CHARACTERS_MAX
    until_ms = MIDNIGHT_MS + WINDOW_MS_MAX
    found = read.between(MIDNIGHT_MS, until_ms, BEIJING_MS)
    assert len(found) <= OCCURRENCES_MAX
    for one in found:
        assert MIDNIGHT_MS <= one.starts_ms < until_ms
        assert one.starts_ms <= one.ends_ms
        assert len(one.title) <= TITLE_CHARACTERS_MAX
        assert len(one.location) <= TITLE_CHARACTERS_MAX
        assert f"{one.title}{one.location}".isprintable()
    begins = [(one.starts_ms, one.uid, one.planned_ms) for one in found]
    assert begins == sorted(begins)
    # A narrower window shows the same appointments, and a day that is looked at twice is the same.
    noon_ms = MIDNIGHT_MS + WINDOW_MS_MAX // 2
    halves = (read.between(MIDNIGHT_MS, noon_ms, BEIJING_MS), read.between(noon_ms, until_ms, BEIJING_MS))
    same((*halves[0], *halves[1]), found)
    return True


CALENDARS: Final = {"calendar": Target(check_calendar, "calendars")}
"""The target of calendars, by name."""
