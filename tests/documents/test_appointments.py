"""Calendars as files: what is an appointment in them, and what is refused at its line."""

import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.errors import CalendarError, MissingPartError
from sim.documents.appointments import (
    EVENTS_MAX,
    FILE_CHARACTERS_MAX,
    SERIES_MAX,
    TITLE_CHARACTERS_MAX,
    ZONE_RULES_MAX,
    Appointment,
    _Source,
    read_calendar,
)
from tests.maps import BEIJING_MS, MIDNIGHT_MS, at

DAY_MS = 86_400_000
REVIEW = """\
UID:review
DTSTART;TZID=Asia/Shanghai:20260112T090000
DTEND;TZID=Asia/Shanghai:20260112T100000
SUMMARY:Design review
LOCATION:Office\\, third floor"""
STANDUP = """\
UID:standup
DTSTART;TZID=Asia/Shanghai:20260112T091500
DURATION:PT15M
RRULE:FREQ=DAILY;COUNT=5
EXDATE;TZID=Asia/Shanghai:20260113T091500
SUMMARY:Stand-up
CLASS:PRIVATE"""
MOVED = """\
UID:standup
RECURRENCE-ID;TZID=Asia/Shanghai:20260114T091500
DTSTART;TZID=Asia/Shanghai:20260114T110000
DURATION:PT15M
SUMMARY:Stand-up with guests"""
CALLED_OFF = """\
UID:standup
RECURRENCE-ID;TZID=Asia/Shanghai:20260115T091500
DTSTART;TZID=Asia/Shanghai:20260115T091500
STATUS:CANCELLED"""


def calendar(*events: str) -> str:
    """Return a calendar with some appointments, with the line ends of RFC 5545."""
    bodies = [f"BEGIN:VEVENT\n{event}\nEND:VEVENT" for event in events]
    text = "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", *bodies, "END:VCALENDAR", ""])
    return text.replace("\n", "\r\n")


def week(*events: str, days: int = 7) -> tuple[Appointment, ...]:
    """Return the appointments of the week from that Monday."""
    read = read_calendar("lin.ics", calendar(*events))
    return read.between(MIDNIGHT_MS, MIDNIGHT_MS + days * DAY_MS, BEIJING_MS)


def clocks(*events: str) -> list[str]:
    """Return day and time of each appointment of that week, in Beijing."""
    return [
        f"{datetime.fromtimestamp((one.starts_ms + BEIJING_MS) / 1000, UTC):%d %H:%M}"
        for one in week(*events)
    ]


def refusal(text: str) -> tuple[str, int, int]:
    """Return why a text is no calendar, and on which line and column."""
    with pytest.raises(CalendarError) as caught:
        read_calendar("lin.ics", text)
    place = caught.value.place
    assert place is not None
    assert place.file == "lin.ics"
    return caught.value.sentence, place.line, place.column


# --- what is read ------------------------------------------------------------------------------------


def test_an_appointment_has_a_time_a_place_and_a_title() -> None:
    """As it stands in the file."""
    (review,) = week(REVIEW)

    assert (review.starts_ms, review.ends_ms) == (at("09:00"), at("10:00"))
    assert (review.title, review.location) == ("Design review", "Office, third floor")
    assert not review.private
    assert not review.all_day


def test_a_series_has_days_that_are_left_out_moved_and_called_off() -> None:
    """Tuesday is an exception, Wednesday was moved, Thursday called off."""
    assert clocks(STANDUP, MOVED, CALLED_OFF) == ["12 09:15", "14 11:00", "16 09:15"]


def test_a_day_that_was_moved_is_still_known_by_when_it_was_to_be() -> None:
    """And the others by when they are."""
    monday, wednesday, _ = week(STANDUP, MOVED, CALLED_OFF)

    assert monday.planned_ms == monday.starts_ms
    assert wednesday.planned_ms == at("09:15") + 2 * DAY_MS


def test_a_day_out_of_a_private_series_is_private_although_it_does_not_say_so() -> None:
    """Whoever moves a day often loses its class on the way."""
    assert [one.private for one in week(STANDUP, MOVED, CALLED_OFF)] == [True, True, True]


@pytest.mark.parametrize(
    ("line", "private"),
    [("", False), ("CLASS:PUBLIC", False), ("CLASS:CONFIDENTIAL", True), ("CLASS:X-SECRET", True)],
)
def test_what_is_not_said_to_be_public_is_private(line: str, private: bool) -> None:  # noqa: FBT001  # a table
    """Also a class that nobody knows (RFC 5545, section 3.8.1.3)."""
    (one,) = week(f"{REVIEW}\n{line}" if line else REVIEW)
    assert one.private is private


def test_zones_are_those_of_the_file_of_the_world_or_of_the_household() -> None:
    """Nine o'clock in Berlin is 16:00 in Beijing; a time without a zone is the household's."""
    berlin = REVIEW.replace("Asia/Shanghai", "Europe/Berlin")
    floating = REVIEW.replace(";TZID=Asia/Shanghai", "").replace("review", "floating")
    world = "UID:utc\nDTSTART:20260112T030000Z"

    assert clocks(berlin, floating, world) == ["12 09:00", "12 11:00", "12 16:00"]


def test_a_zone_can_be_described_in_the_file() -> None:
    """As calendars of some offices do."""
    own = (
        "BEGIN:VTIMEZONE\r\nTZID:Own\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0700\r\n"
        "TZOFFSETTO:+0700\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT"
    )
    text = calendar(REVIEW.replace("Asia/Shanghai", "Own")).replace("BEGIN:VEVENT", own)

    (one,) = read_calendar("lin.ics", text).between(MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS, BEIJING_MS)
    assert one.starts_ms == at("10:00")


def test_two_files_can_call_different_zones_the_same() -> None:
    """What one file describes is not remembered for another."""
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Ours\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0{0}00\r\n"
        "TZOFFSETTO:+0{0}00\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT"
    )
    plain = calendar(REVIEW.replace("Asia/Shanghai", "Ours"))
    starts = [
        read_calendar("lin.ics", plain.replace("BEGIN:VEVENT", zone.format(ahead)))
        .between(MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS, BEIJING_MS)[0]
        .starts_ms
        for ahead in (7, 5)
    ]

    assert starts == [at("10:00"), at("12:00")]


def test_a_day_without_a_time_is_the_households_day() -> None:
    """From midnight on; an event without an end ends at once."""
    (birthday,) = week("UID:b\nDTSTART;VALUE=DATE:20260113")

    assert birthday.all_day
    assert (birthday.starts_ms - at("00:00"), birthday.ends_ms - birthday.starts_ms) == (DAY_MS, DAY_MS)


def test_alarms_and_todos_are_left_alone() -> None:
    """They are nothing one drives to."""
    alarm = f"{REVIEW}\nBEGIN:VALARM\nTRIGGER:-PT15M\nACTION:DISPLAY\nDESCRIPTION:go\nEND:VALARM"
    todo = "BEGIN:VTODO\r\nUID:t\r\nSUMMARY:buy milk\r\nEND:VTODO\r\nEND:VCALENDAR"
    text = calendar(alarm).replace("END:VCALENDAR", todo)

    (one,) = read_calendar("lin.ics", text).between(MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS, BEIJING_MS)
    assert one.title == "Design review"


def test_long_lines_are_folded_and_long_titles_cut() -> None:
    """Control characters become spaces, so that nobody forges a line on a screen."""
    folded = REVIEW.replace("Design review", "Design\n  review\\nand\\tmore" + " and more" * 100)
    (one,) = week(folded)

    assert one.title.startswith("Design review and")
    assert len(one.title) == TITLE_CHARACTERS_MAX
    assert one.title.isprintable()


def test_only_what_begins_in_the_window_is_in_it() -> None:
    """And no window is longer than a month."""
    read = read_calendar("lin.ics", calendar(REVIEW, "UID:x\nDTSTART:20260401T000000Z"))

    assert read.between(at("09:00"), at("09:01"), BEIJING_MS) != ()
    assert read.between(at("09:01"), at("12:00"), BEIJING_MS) == ()
    assert len(read.between(at("00:00"), at("00:00") + 300 * DAY_MS, BEIJING_MS)) == 1


def test_titles_are_in_no_repr() -> None:
    """A traceback is no place for them."""
    (one,) = week(REVIEW)
    assert "Design" not in repr(one)


# --- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sentence", "line", "column"),
    [
        ("", "a file has one calendar, which begins with `BEGIN:VCALENDAR`", 1, 1),
        ("hello", "this line has no value", 1, 4),
        ("A:b", "a file has one calendar", 1, 1),
        ("BEGIN:VEVENT", "a file has one calendar", 1, 1),
        ("BEGIN:VCALENDAR\nFOO;X=1\nEND:VCALENDAR", "this line has no value", 2, 4),
        ("BEGIN:VCALENDAR\n:x\nEND:VCALENDAR", "this line has no value", 2, 1),
        ("BEGIN:VCALENDAR", "`BEGIN:VCALENDAR` is never closed", 1, 1),
        ("BEGIN:VCALENDAR\nEND:VEVENT", "`END:VEVENT` closes nothing, and `VCALENDAR` is open", 2, 1),
        ("END:VCALENDAR", "`END:VCALENDAR` closes nothing", 1, 1),
        ("BEGIN:VCALENDAR\nBEGIN:VCALENDAR", "there is a calendar in the calendar", 2, 1),
        (calendar(REVIEW) * 2, "a file has one calendar", 12, 1),
        (calendar(REVIEW) + "X:y", "a file has one calendar", 12, 1),
        (calendar("DTSTART:20260112T090000Z"), "the appointment has no `UID`", 4, 1),
        (calendar("UID:x"), "the appointment has no `DTSTART`", 4, 1),
        (calendar("UID:x\nDTSTART:2026O112"), "`DTSTART` `2026O112` cannot be read", 6, 1),
        (calendar("UID:x\nDTSTART:18880101T000000Z"), "begins between 1970 and 2100, not in 1888", 6, 1),
        (calendar(REVIEW.replace("Shanghai", "Shangri-La")), "no time zone `Asia/Shangri-La`", 6, 1),
        (calendar(REVIEW.replace("T100000", "T080000")), "ends 1 h before it begins", 7, 1),
        (
            calendar(REVIEW.replace("DTEND;TZID=Asia/Shanghai:20260112T100000", "DTEND;VALUE=DATE:20260113")),
            "both days, or both times",
            7,
            1,
        ),
        (calendar("UID:x\nDTSTART:20260112T090000Z\nDURATION:1 hour"), "`DURATION` `1 hour` cannot be", 7, 1),
        (calendar(STANDUP.replace("DAILY", "SECONDLY")), "not as `FREQ=SECONDLY;COUNT=5`", 8, 1),
        (calendar(STANDUP.replace("COUNT=5", "BYHOUR=1,2,3")), "not as `FREQ=DAILY;BYHOUR=1,2,3`", 8, 1),
        (calendar(f"{STANDUP}\nRRULE:FREQ=HOURLY"), "`RRULE` stands twice in one appointment", 12, 1),
        (calendar(STANDUP.replace("COUNT=5", "INTERVAL=0")), "intervals of 1 or more, not of 0", 8, 1),
        (calendar(f"{REVIEW}\nDURATION:PT1H"), "a `DTEND` or a `DURATION`, not both", 10, 1),
        (calendar(f"{REVIEW}\nBEGIN:VEVENT"), "an appointment in the appointment", 10, 1),
    ],
)
def test_what_is_no_calendar_is_refused_at_its_line(text: str, sentence: str, line: int, column: int) -> None:
    """With one sentence in the words of the file."""
    said, said_line, said_column = refusal(text)

    assert sentence in said
    assert (said_line, said_column) == (line, column)


NEVER = "UID:x\nDTSTART:19700101T090000\nRRULE:FREQ={often};BYMONTH=2;BYMONTHDAY=30"
ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:Own\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0700\r\n"
    "TZOFFSETTO:+0700\r\n{rule}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT"
)


def zoned(*rules: str) -> str:
    """Return a calendar whose zone changes its time by some rules."""
    zone = ZONE.format(rule="\r\n".join(f"RRULE:{rule}" for rule in rules))
    return calendar("UID:x\nDTSTART;TZID=Own:20260112T090000").replace("BEGIN:VEVENT", zone)


@pytest.mark.parametrize(
    ("text", "sentence", "line"),
    [
        (calendar(NEVER.format(often="DAILY")), "no day of the next 40 years is as `FREQ=DAILY;BYM", 7),
        (calendar(NEVER.format(often="YEARLY")), "no day of the next 40 years is as", 7),
        (calendar(STANDUP.replace("COUNT=5", "BYEASTER=1")), "`BYEASTER` is no part of a rule by days", 8),
        (calendar(STANDUP.replace("COUNT=5", "COUNT=100000000")), "a series has at most 4,000 days", 8),
        (zoned("FREQ=DAILY"), "a zone changes its time `YEARLY`, not as `FREQ=DAILY`", 10),
        (zoned("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "no day of the next 40 years is as", 10),
        (zoned("FREQ=YEARLY;BYMINUTE=1,2,3"), "a zone changes its time `YEARLY`, not as", 10),
        (zoned("FREQ=YEARLY;INTERVAL=x"), "`RRULE` `FREQ=YEARLY;INTERVAL=x` cannot be read", 10),
        (zoned(*["FREQ=YEARLY"] * (ZONE_RULES_MAX + 1)), "by more than 200 rules", 10 + ZONE_RULES_MAX),
    ],
)
def test_a_rule_for_which_one_would_count_for_ever_is_refused(text: str, sentence: str, line: int) -> None:
    """At its line, before anybody counts."""
    said, said_line, _ = refusal(text)

    assert sentence in said
    assert said_line == line


def test_a_zone_may_say_at_which_hour_its_time_changes() -> None:
    """As some programs write it."""
    read = read_calendar("lin.ics", zoned("FREQ=YEARLY;BYMINUTE=0;BYHOUR=2;BYDAY=1SU;BYMONTH=11"))
    assert [one.starts_ms for one in read.between(MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS, BEIJING_MS)]


def test_a_calendar_has_so_many_series() -> None:
    """Also when each by itself would be quick."""
    rule = "FREQ=YEARLY;BYMONTHDAY=1,2,3,4,5,6,7,8,9,10;BYSETPOS=-1"
    many = [f"UID:{number}\nDTSTART:19700101T090000\nRRULE:{rule}" for number in range(SERIES_MAX + 1)]

    said, line, _ = refusal(calendar(*many))
    assert said == f"there are more than {SERIES_MAX} series of appointments"
    assert line == 3 + 5 * SERIES_MAX + 4


def calls_of(work: Callable[[], object]) -> int:
    """Return how many functions are called by some work, those of libraries too."""
    calls = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


def test_old_series_are_not_counted_from_where_they_began() -> None:
    """Fifty daily series since 1970 take as many steps as fifty of this year, and twice not twice as many."""
    begins, ends = MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS

    def steps(year: int) -> tuple[int, int]:
        rule = "RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR,SA,SU"
        many = [f"UID:{one}\nDTSTART:{year}0101T000000\nDTEND:{year}0101T010000\n{rule}" for one in range(50)]
        read = read_calendar("lin.ics", calendar(*many))
        assert len(read.between(begins, ends, BEIJING_MS)) == SERIES_MAX
        again = calls_of(lambda: read.between(begins, ends, BEIJING_MS))
        # Another day of the same year: nothing is counted anew, only looked at.
        return again, calls_of(lambda: read.between(begins + DAY_MS, ends + DAY_MS, BEIJING_MS))

    old, new = steps(1970), steps(2025)
    assert old == pytest.approx(new, rel=0.1)
    assert max(old) < 100_000


def test_an_old_series_has_its_days_today() -> None:
    """With its length, whether the file says when it ends, how long it takes, or nothing."""
    old = REVIEW.replace("20260112", "19700105") + "\nRRULE:FREQ=WEEKLY"
    short = (
        "UID:short\nDTSTART;TZID=Asia/Shanghai:19700101T120000\nDURATION:PT15M\nRRULE:FREQ=DAILY;INTERVAL=3"
    )
    review, *others = sorted(week(old, short), key=lambda one: one.uid)

    assert (review.starts_ms, review.ends_ms) == (at("09:00"), at("10:00"))
    assert {one.ends_ms - one.starts_ms for one in others} == {900_000}
    assert clocks(short) == ["13 12:00", "16 12:00"]


@pytest.mark.parametrize(
    "event",
    [
        "SUMMARY:Quokka one\nSUMMARY:Quokka two",
        "LOCATION:Quokka\nLOCATION:Quokka",
        "DESCRIPTION:Quokka\nSUMMARY:a\nX-ALT;X=Quokka",
        "Quokka",
        "Quokka with me",
        "DESCRIPTION:Quokka\n Quokka: Quokka\n\tQuokka\nATTACH;ENCODING=BASE64;VALUE=BINARY:Quokka!",
        "GEO:Quokka",
        "COMMENT:Quokka\nATTENDEE;CN=Quokka",
        "SUMMARY:Quokka\nBEGIN:VEVENT",
    ],
)
def test_a_broken_calendar_shows_nothing_of_what_an_appointment_is_about(event: str) -> None:
    """Of a line that may tell it, errors show the name."""
    with pytest.raises(CalendarError) as caught:
        read_calendar("lin.ics", calendar(f"UID:x\nDTSTART:20260112T090000Z\nCLASS:PRIVATE\n{event}"))
    place = caught.value.place

    assert place is not None
    assert "Quokka" not in str(caught.value) + place.source_line
    assert 1 <= place.column <= len(place.source_line) + 1


def test_a_line_that_goes_on_is_shown_as_where_it_began() -> None:
    """What follows a title is title, also when it is the place of a mistake."""
    source = _Source("lin.ics", "DTSTART:2026\n 0112\nSUMMARY:Quokka\n  Quokka\n Quokka:x")

    lines = [source.place(row).source_line for row in range(5)]
    assert lines == ["DTSTART:2026", " 0112", "SUMMARY:•••", "•••", "•••"]


def test_a_calendar_has_its_limits() -> None:
    """In characters and in appointments."""
    assert "longer than 262,144 characters" in refusal("X" * (FILE_CHARACTERS_MAX + 1))[0]
    many = [f"UID:{number}\nDTSTART:20260112T090000Z" for number in range(EVENTS_MAX + 1)]
    assert f"more than {EVENTS_MAX} appointments" in refusal(calendar(*many))[0]


def test_what_the_libraries_will_not_have_is_refused_without_their_words() -> None:
    """They would repeat titles in their messages."""
    until = STANDUP.replace("COUNT=5", "UNTIL=20260118")
    own = calendar(REVIEW.replace("Asia/Shanghai", "Own"))
    bad_zone = own.replace("BEGIN:VEVENT", "BEGIN:VTIMEZONE\r\nTZID:Own\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT")

    assert refusal(bad_zone) == ("the calendar contradicts itself", 1, 1)
    assert clocks(until) != []


@given(st.text(max_size=200))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    """Whatever stands between the first and the last line."""
    with suppress(CalendarError):
        read_calendar("x.ics", f"BEGIN:VCALENDAR\n{text}\nEND:VCALENDAR")


@given(st.lists(st.sampled_from([*REVIEW.split("\n"), *STANDUP.split("\n"), *MOVED.split("\n")]), max_size=8))
def test_no_mixture_of_lines_does_more_than_be_refused(lines: list[str]) -> None:
    """What is read can be listed."""
    try:
        read = read_calendar("x.ics", calendar("\n".join(lines) or "X:y"))
    except CalendarError:
        return
    found = read.between(MIDNIGHT_MS, MIDNIGHT_MS + 7 * DAY_MS, BEIJING_MS)
    assert all(one.starts_ms <= one.ends_ms for one in found)


@pytest.mark.parametrize("part", ["icalendar", "recurring_ical_events"])
def test_without_its_libraries_the_sentence_says_what_to_install(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calendars are an optional part."""
    monkeypatch.setitem(sys.modules, part, None)
    with pytest.raises(MissingPartError) as caught:
        read_calendar(f"{part}.ics", calendar(REVIEW))
    assert "carhome[calendar]" in (caught.value.help_text or "")
