"""Appointments out of iCalendar files (RFC 5545), as phones and servers exchange them.

What a line says and which days a rule names is known to `icalendar` and `recurring-ical-events`; here it is
held against what can be an appointment, and what does not fit is refused at its line. Alarms, to-dos and
journals are left alone, and so are cancelled appointments.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from sim.core.errors import CalendarError, MissingPartError, Place
from sim.core.units import show_duration

FILE_CHARACTERS_MAX = 262_144
"""Longest file: some years of a busy calendar."""
EVENTS_MAX = 500
"""Most appointments of a file; a series is one, and each day that was moved is one more."""
OCCURRENCES_MAX = 1_000
"""Most occurrences that are looked at in one window."""
TITLE_CHARACTERS_MAX = 200
YEARS = range(1970, 2101)
"""Years in which a series may begin, so that its days can be counted in no time."""
WINDOW_MS_MAX = 32 * 86_400_000
DAYS_OF_A_RULE = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
"""How often an appointment may recur; RFC 5545 also has hours and less, to which nobody drives."""
_TIMES_OF_A_RULE = ("BYHOUR", "BYMINUTE", "BYSECOND")
_VALUE = r"(?:\"[^\"]*\"|[^\";:,]*)"
_LINE = re.compile(rf"([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+={_VALUE}(?:,{_VALUE})*)*):(.*)")
"""A content line (RFC 5545, section 3.1): name, parameters, value."""
_TZID = re.compile(r";TZID=\"?([^\";:]*)", re.IGNORECASE)
_NEEDED = ("UID", "DTSTART")
_ONCE = frozenset(
    {
        "UID",
        "DTSTART",
        "DTEND",
        "DURATION",
        "RECURRENCE-ID",
        "RRULE",
        "SUMMARY",
        "LOCATION",
        "CLASS",
        "STATUS",
    }
)
"""What an appointment has at most once (RFC 5545, section 3.6.1)."""
_BEGINS = "a file has one calendar, which begins with `BEGIN:VCALENDAR`"


@dataclass(frozen=True, slots=True)
class Appointment:
    """One appointment, or one day of a series.

    Attributes:
        uid: which, the same for every day of a series.
        planned_ms: when it was to begin before anybody moved this day of the series; tells the days apart.
        starts_ms: when it begins, milliseconds since 1970.
        ends_ms: when it ends, not before it begins.
        title: what it is about.
        location: where, as the calendar has it; empty when it says nothing.
        private: whether its title is only for its owner: its class is not public.
        all_day: whether it is about a day and not about a time.
    """

    uid: str
    planned_ms: int
    starts_ms: int
    ends_ms: int
    title: str = field(repr=False)
    location: str
    private: bool
    all_day: bool


@dataclass(frozen=True)
class Calendar:
    """A calendar that has been read.

    Attributes:
        parsed: what `icalendar` made of the file.
        private: uids of appointments whose titles are only for their owner; a day that was moved out of such
            a series is private too, also when nobody has said so again.
    """

    parsed: Any = field(repr=False)
    private: frozenset[str] = frozenset()

    def between(self, from_ms: int, until_ms: int, utc_offset_ms: int) -> tuple[Appointment, ...]:
        """Return the appointments that begin in a window, by time and then by uid.

        Args:
            from_ms: first millisecond of the window, since 1970.
            until_ms: first millisecond after it; a longer window than 32 days ends earlier.
            utc_offset_ms: zone of those that name none, and of days.
        """
        import recurring_ical_events  # noqa: PLC0415  # an optional part, which reading has loaded already

        until_ms = min(until_ms, from_ms + WINDOW_MS_MAX)
        zone = timezone(timedelta(milliseconds=utc_offset_ms))
        # A day more on both sides: what names no zone is only placed afterwards.
        begin, end = (datetime.fromtimestamp(one / 1000, UTC) for one in (from_ms, until_ms))
        day = timedelta(days=1)
        days = recurring_ical_events.of(self.parsed, skip_bad_series=True).between(begin - day, end + day)
        kept = (event for event in islice(days, OCCURRENCES_MAX) if not _cancelled(event))
        found = (self._appointment(event, zone) for event in kept)
        inside = [one for one in found if from_ms <= one.starts_ms < until_ms]
        return tuple(sorted(inside, key=lambda one: (one.starts_ms, one.uid, one.planned_ms)))

    def _appointment(self, event: Any, zone: timezone) -> Appointment:
        start = event["DTSTART"].dt
        starts_ms, ends_ms = _instant_ms(start, zone), _instant_ms(event["DTEND"].dt, zone)
        planned = event.get("RECURRENCE-ID")
        return Appointment(
            uid=str(event["UID"]),
            planned_ms=starts_ms if planned is None else _instant_ms(planned.dt, zone),
            starts_ms=starts_ms,
            ends_ms=max(starts_ms, ends_ms),
            title=_plain(str(event.get("SUMMARY", ""))),
            location=_plain(str(event.get("LOCATION", ""))),
            private=str(event["UID"]) in self.private,
            all_day=not isinstance(start, datetime),
        )


def _cancelled(event: Any) -> bool:
    return str(event.get("STATUS", "")).upper() == "CANCELLED"


def _private(event: Any) -> bool:
    """Say whether an appointment is private; a class that is not known counts as it (RFC 5545, 3.8.1.3)."""
    return str(event.get("CLASS", "PUBLIC")).upper() != "PUBLIC"


def _instant_ms(when: date, zone: timezone) -> int:
    """Return a time or the beginning of a day in milliseconds; one without a zone is of the given one."""
    moment = when if isinstance(when, datetime) else datetime.combine(when, time())
    return round((moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).timestamp() * 1000)


def _plain(text: str) -> str:
    """Return text as one line that can be shown: no control characters, and not too long."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return words if len(words) <= TITLE_CHARACTERS_MAX else words[: TITLE_CHARACTERS_MAX - 1] + "…"


# --- reading -----------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def read_calendar(file_name: str, text: str) -> Calendar:
    """Return the calendar in a file.

    Args:
        file_name: as places shall show it.
        text: the whole file.

    Raises:
        CalendarError: with its place, for the first thing that cannot be.
        MissingPartError: the libraries that read calendars are not installed.
    """
    try:
        import recurring_ical_events  # noqa: PLC0415  # an optional part, and slow to load
        from icalendar import Calendar as Parsed  # noqa: PLC0415
        from icalendar.timezone import tzp  # noqa: PLC0415
    except ModuleNotFoundError:
        sentence = "a calendar is read with the libraries `icalendar` and `recurring-ical-events`"
        help_text = 'install them with: pip install "carhome[calendar]"'
        raise MissingPartError(sentence, help_text=help_text) from None
    source = _Source(file_name, text)
    events = source.events()
    # The library remembers the zones that files describe, by name; one file's must not become another's.
    tzp.use_default()
    try:
        parsed = Parsed.from_ical(text)
        components = parsed.walk("VEVENT")
        for lines, component in zip(events, components, strict=True):
            _check_event(lines, component)
        begin = datetime(YEARS[0], 1, 1, tzinfo=UTC)
        recurring_ical_events.of(parsed).between(begin, begin + timedelta(days=1))
    except CalendarError:
        raise
    except Exception:  # noqa: BLE001  # libraries over foreign text raise what they like, and name no line
        raise _refusal(source.place(0), "the calendar contradicts itself") from None
    return Calendar(parsed, frozenset(str(one["UID"]) for one in components if _private(one)))


def _refusal(place: Place, sentence: str, help_text: str | None = None) -> CalendarError:
    return CalendarError(sentence, place=place, help_text=help_text)


class _Line(NamedTuple):
    """A content line: its name in capitals, its parameters, its value and where it begins."""

    name: str
    parameters: str
    value: str
    place: Place


class _Event(NamedTuple):
    """The lines of an appointment, by name, the first of each; and where it begins."""

    lines: Mapping[str, _Line]
    place: Place


class _Source:
    """The lines of a file, joined where they were folded (RFC 5545, section 3.1)."""

    def __init__(self, file_name: str, text: str) -> None:
        self._file_name = file_name
        self._text = text
        self._rows = text.replace("\r\n", "\n").split("\n")

    def place(self, row: int, column: int = 1) -> Place:
        """Return the place of a row, counted from 0."""
        shown = self._rows[row][:200]
        return Place(self._file_name, row + 1, column, max(1, len(shown) - column + 1), shown)

    def events(self) -> list[_Event]:
        """Return the appointments, once everything is closed that is opened.

        Raises:
            CalendarError: for the first line that cannot be.
        """
        if len(self._text) > FILE_CHARACTERS_MAX:
            sentence = f"the calendar is longer than {FILE_CHARACTERS_MAX:,} characters"
            raise _refusal(self.place(0), sentence, "keep the years that matter")
        events: list[_Event] = []
        opened: list[_Line] = []
        found: dict[str, _Line] = {}
        over = False
        for line in self._lines():
            if not opened and over:
                raise _refusal(line.place, _BEGINS)
            if line.name == "BEGIN":
                self._check_beginning(line, opened, len(events))
                opened.append(line)
                found = {} if line.value.upper() == "VEVENT" else found
            elif line.name == "END":
                begun = self._closed(line, opened)
                over = not opened
                if line.value.upper() == "VEVENT":
                    events.append(_Event(found, begun.place))
            elif not opened:
                raise _refusal(line.place, _BEGINS)
            elif opened[-1].value.upper() == "VEVENT":
                self._check_once(line, found)
                found[line.name] = line
        if opened:
            sentence = f"`BEGIN:{opened[-1].value[:40]}` is never closed"
            raise _refusal(opened[-1].place, sentence, "end it with `END:…`")
        return events

    def _closed(self, line: _Line, opened: list[_Line]) -> _Line:
        """Return the beginning of what a line ends."""
        begun = opened.pop() if opened else None
        if begun is None or begun.value.upper() != line.value.upper():
            wanted = f", and `{begun.value[:40]}` is open" if begun else ""
            raise _refusal(line.place, f"`END:{line.value[:40]}` closes nothing{wanted}")
        return begun

    def _check_once(self, line: _Line, found: Mapping[str, _Line]) -> None:
        if line.name in _ONCE and line.name in found:
            raise _refusal(line.place, f"`{line.name}` stands twice in one appointment")
        if {line.name, *found} >= {"DTEND", "DURATION"}:
            raise _refusal(line.place, "an appointment has a `DTEND` or a `DURATION`, not both")

    def _check_beginning(self, line: _Line, opened: list[_Line], events: int) -> None:
        what = line.value.upper()
        if not opened and what != "VCALENDAR":
            raise _refusal(line.place, _BEGINS)
        if opened and what == "VCALENDAR":
            raise _refusal(line.place, "there is a calendar in the calendar")
        if what == "VEVENT" and any(one.value.upper() == what for one in opened):
            raise _refusal(line.place, "there is an appointment in the appointment")
        if what == "VEVENT" and events >= EVENTS_MAX:
            raise _refusal(line.place, f"there are more than {EVENTS_MAX} appointments")

    def _lines(self) -> Iterator[_Line]:
        """Yield every line, joined; an empty file has none, and is no calendar."""
        begun: tuple[int, str] | None = None
        seen = False
        for row, text in [*enumerate(self._rows), (len(self._rows), "")]:
            if text[:1] in {" ", "\t"} and begun is not None:
                begun = (begun[0], begun[1] + text[1:])
                continue
            if begun is not None:
                yield self._line(*begun)
                seen = True
            begun = (row, text) if text.strip() else None
        if not seen:
            raise _refusal(self.place(0), _BEGINS)

    def _line(self, row: int, text: str) -> _Line:
        match = _LINE.fullmatch(text)
        if match is None:
            column = len(re.match(r"[A-Za-z0-9-]*", text)[0]) + 1  # type: ignore[index]  # it matches nothing, too
            help_text = "a line of a calendar is `NAME:value`; a longer one goes on after a space"
            raise _refusal(self.place(row, column), "this line has no value", help_text)
        name, parameters, value = match.groups()
        return _Line(name.upper(), parameters, value, self.place(row))


def _check_event(event: _Event, component: Any) -> None:
    """Refuse an appointment that could not be placed in time.

    Raises:
        CalendarError: at the line that is wrong.
    """
    for name in _NEEDED:
        if name not in event.lines:
            raise _refusal(event.place, f"the appointment has no `{name}`")
    for name, message in component.errors:
        line = event.lines.get(str(name).upper())
        place = event.place if line is None else line.place
        shown = "" if line is None else f" `{line.value[:60]}`"
        raise _refusal(place, f"`{name}`{shown} cannot be read: {message}")
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        if name in event.lines:
            _check_zone(event.lines[name], component[name].dt)
    start = component["DTSTART"].dt
    if start.year not in YEARS:
        sentence = f"an appointment begins between {YEARS[0]} and {YEARS[-1]}, not in {start.year}"
        raise _refusal(event.lines["DTSTART"].place, sentence)
    _check_end(event, component, start)
    if "RRULE" in event.lines:
        _check_rule(event.lines["RRULE"], component["RRULE"])


def _check_zone(line: _Line, when: date) -> None:
    named = _TZID.search(line.parameters)
    if named is not None and isinstance(when, datetime) and when.tzinfo is None:
        sentence = f"there is no time zone `{named[1][:40]}`"
        help_text = "use a name such as `Asia/Shanghai`, or describe the zone by `BEGIN:VTIMEZONE`"
        raise _refusal(line.place, sentence, help_text)


def _check_end(event: _Event, component: Any, start: date) -> None:
    """Refuse an end before the beginning, or of another sort."""
    if "DTEND" not in event.lines:
        return
    end, place = component["DTEND"].dt, event.lines["DTEND"].place
    if isinstance(end, datetime) != isinstance(start, datetime):
        raise _refusal(place, "`DTSTART` and `DTEND` are both days, or both times")
    early_ms = _instant_ms(start, UTC) - _instant_ms(end, UTC)
    if early_ms > 0:
        sentence = f"the appointment ends {show_duration(early_ms)} before it begins"
        raise _refusal(place, sentence)


def _check_rule(line: _Line, rule: Any) -> None:
    """Refuse a series that recurs more often than daily."""
    several = rule if isinstance(rule, list) else [rule]
    for one in several:
        often = str(next(iter(one.get("FREQ", [""])), "")).upper()
        interval = next(iter(one.get("INTERVAL", [1])), 1)
        if interval < 1:
            # The library would count for ever.
            raise _refusal(line.place, f"an appointment recurs at intervals of 1 or more, not of {interval}")
        if often not in DAYS_OF_A_RULE or any(name in one for name in _TIMES_OF_A_RULE):
            words = ", ".join(f"`{word}`" for word in DAYS_OF_A_RULE)
            sentence = f"an appointment recurs {words} at its time of the day, not as `{line.value[:60]}`"
            raise _refusal(line.place, sentence)
