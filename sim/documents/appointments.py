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
from sim.documents.recurrence import CANDIDATE_YEARS, COUNT_MAX, PARTS, DayRule, begun_anew

FILE_CHARACTERS_MAX = 262_144
"""Longest file: some years of a busy calendar."""
EVENTS_MAX = 500
"""Most appointments of a file; a series is one, and each day that was moved is one more."""
SERIES_MAX = 50
"""Most series of a file."""
ZONE_RULES_MAX = 200
"""Most rules by which the zones of a file change their time; programs write those of all years."""
OCCURRENCES_MAX = 1_000
"""Most occurrences that are looked at in one window."""
TITLE_CHARACTERS_MAX = 200
YEARS = range(1970, 2101)
"""Years in which a series may begin, so that its days can be counted in no time."""
WINDOW_MS_MAX = 34 * 86_400_000
"""Longest window: a month, and a day more on both sides."""
DAYS_OF_A_RULE = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
"""How often an appointment may recur; RFC 5545 also has hours and less, to which nobody drives."""
_TIMES_OF_A_RULE = ("BYHOUR", "BYMINUTE", "BYSECOND")
_SHOWN = frozenset(
    {
        *("BEGIN", "END", "VERSION", "CALSCALE", "METHOD", "TZID", "TZOFFSETFROM", "TZOFFSETTO"),
        *("DTSTART", "DTEND", "DTSTAMP", "DURATION", "RECURRENCE-ID", "RRULE", "RDATE", "EXDATE", "EXRULE"),
        *("CLASS", "STATUS", "SEQUENCE", "PRIORITY", "TRANSP", "CREATED", "LAST-MODIFIED"),
    }
)
"""Lines that are shown with their values: what they can say, they say about times. Nobody knows what the
others tell: titles, places, people, and what a program added."""
_VALUE = r"(?:\"[^\"]*\"|[^\";:,]*)"
_LINE = re.compile(rf"([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+={_VALUE}(?:,{_VALUE})*)*):(.*)")
"""A content line (RFC 5545, section 3.1): name, parameters, value."""
_TZID = re.compile(r";TZID=\"?([^\";:]*)", re.IGNORECASE)
_NEEDED = ("UID", "DTSTART")
_CHANGES_OF_TIME = ("STANDARD", "DAYLIGHT")
_OF_A_ZONE = date(YEARS[0], 1, 1)
"""From when on a zone's rule is asked for a day; it names the same ones in every cycle of years."""
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
_NAME = re.compile(r"[A-Za-z0-9-]+(?=[:;])")
_MASK = "•••"
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


@dataclass(frozen=True, eq=False)
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
            until_ms: first millisecond after it; a longer window than 34 days ends earlier.
            utc_offset_ms: zone of those that name none, and of days.
        """
        until_ms = min(until_ms, from_ms + WINDOW_MS_MAX)
        zone = timezone(timedelta(milliseconds=utc_offset_ms))
        # A day more on both sides: what names no zone is only placed afterwards.
        begin, end = (datetime.fromtimestamp(one / 1000, UTC) for one in (from_ms, until_ms))
        day = timedelta(days=1)
        days = _series_from(self, begin.year - 1).between(begin - day, end + day)
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


@lru_cache(maxsize=64)
def _series_from(calendar: Calendar, year: int) -> Any:
    """Return what lists the days of a calendar's appointments, from the year after the given one on.

    It remembers the days that it has counted, so that a day that is looked at again costs nothing.
    """
    import recurring_ical_events  # noqa: PLC0415  # an optional part, which reading has loaded already

    before = date(min(max(year, YEARS[0]), YEARS[-1]), 1, 1)
    anew = calendar.parsed.copy()
    anew.subcomponents = [_begun_anew(one, before) for one in calendar.parsed.subcomponents]
    return recurring_ical_events.of(anew, skip_bad_series=True)


def _begun_anew(component: Any, before: date) -> Any:
    """Return a component that is a series as one that begins later, and any other as it is."""
    if component.name != "VEVENT" or "RRULE" not in component or "RECURRENCE-ID" in component:
        return component
    start = component["DTSTART"].dt
    later = begun_anew(start, component["RRULE"], before)
    if later == start:
        return component
    anew = component.copy()
    for name in ("DTSTART", "DTEND"):
        if name in component:
            anew.pop(name)
            anew.add(name, later if name == "DTSTART" else later + (component[name].dt - start))
    return anew


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
    _check_series(events)
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
        shown = self._shown(row)
        column = min(column, len(shown) + 1)
        return Place(self._file_name, row + 1, column, max(1, len(shown) - column + 1), shown)

    def _shown(self, row: int) -> str:
        """Return a row as errors show it: of what may be private there is the name only."""
        begins = row
        while begins > 0 and self._rows[begins][:1] in {" ", "\t"}:
            begins -= 1
        match = _NAME.match(self._rows[begins])
        name = match[0] if match else ""
        if name.upper() in _SHOWN:
            return self._rows[row][:200]
        return f"{name[:60]}:{_MASK}" if begins == row and name else _MASK

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
        zone_rules: list[_Line] = []
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
            else:
                self._read_inside(opened[-1].value.upper(), line, found, zone_rules)
        if opened:
            sentence = f"`BEGIN:{opened[-1].value[:40]}` is never closed"
            raise _refusal(opened[-1].place, sentence, "end it with `END:…`")
        return events

    def _read_inside(
        self, component: str, line: _Line, found: dict[str, _Line], zone_rules: list[_Line]
    ) -> None:
        """Take note of a line of an appointment, or of a rule of a zone."""
        if component == "VEVENT":
            self._check_once(line, found)
            found[line.name] = line
        elif component in _CHANGES_OF_TIME and line.name == "RRULE":
            zone_rules.append(line)
            _check_zone_rule(line, len(zone_rules))

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


def _check_series(events: list[_Event]) -> None:
    """Refuse more series than a calendar has; each is counted from where it begins."""
    series = [event.lines["RRULE"] for event in events if "RRULE" in event.lines]
    if len(series) > SERIES_MAX:
        sentence = f"there are more than {SERIES_MAX} series of appointments"
        raise _refusal(series[SERIES_MAX].place, sentence, "keep those that matter")


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
        # What a line tells that may be private, the library's words repeat.
        told = line is not None and line.name in _SHOWN
        shown = f" `{line.value[:60]}` cannot be read: {message}" if line and told else " cannot be read"
        raise _refusal(place, f"`{str(name)[:60]}`{shown}")
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        if name in event.lines:
            _check_zone(event.lines[name], component[name].dt)
    start = component["DTSTART"].dt
    if start.year not in YEARS:
        sentence = f"an appointment begins between {YEARS[0]} and {YEARS[-1]}, not in {start.year}"
        raise _refusal(event.lines["DTSTART"].place, sentence)
    _check_end(event, component, start)
    if "RRULE" in event.lines:
        _check_rule(event.lines["RRULE"], component["RRULE"], start)


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


def _check_rule(line: _Line, rule: Any, start: date) -> None:
    """Refuse a series that recurs more often than daily, or never, or makes more work than it is worth."""
    often = str(next(iter(rule.get("FREQ", [""])), "")).upper()
    if often not in DAYS_OF_A_RULE or any(name in rule for name in _TIMES_OF_A_RULE):
        words = ", ".join(f"`{word}`" for word in DAYS_OF_A_RULE)
        sentence = f"an appointment recurs {words} at its time of the day, not as `{line.value[:60]}`"
        raise _refusal(line.place, sentence)
    _check_days(line, rule, start)


def _check_zone_rule(line: _Line, number: int) -> None:
    """Refuse a zone whose time does not change once a year; its days are counted for every appointment."""
    from icalendar import vRecur  # noqa: PLC0415  # an optional part, which reading has loaded already

    if number > ZONE_RULES_MAX:
        sentence = f"zones change their time by more than {ZONE_RULES_MAX} rules"
        raise _refusal(line.place, sentence, "keep the zones that matter")
    try:
        rule = vRecur.from_ical(line.value)
    except ValueError:
        raise _refusal(line.place, f"`RRULE` `{line.value[:60]}` cannot be read") from None
    often = [str(one).upper() for one in rule.get("FREQ", ())]
    if often != ["YEARLY"] or any(len(rule.get(name, ())) > 1 for name in _TIMES_OF_A_RULE):
        raise _refusal(line.place, f"a zone changes its time `YEARLY`, not as `{line.value[:60]}`")
    _check_days(line, {name: rule[name] for name in rule if name not in _TIMES_OF_A_RULE}, _OF_A_ZONE)


def _check_days(line: _Line, rule: Mapping[str, Any], start: date) -> None:
    """Refuse a rule by days that names none, for which the library would look until the year 9999."""
    interval = next(iter(rule.get("INTERVAL", [1])), 1)
    if interval < 1:
        # The library would count for ever.
        raise _refusal(line.place, f"an appointment recurs at intervals of 1 or more, not of {interval}")
    strange = next((name for name in rule if name not in PARTS), None)
    if strange is not None:
        sentence = f"`{strange[:40]}` is no part of a rule by days"
        raise _refusal(
            line.place, sentence, f"known here: {', '.join(f'`{part}`' for part in sorted(PARTS))}"
        )
    if next(iter(rule.get("COUNT", [1])), 1) > COUNT_MAX:
        raise _refusal(line.place, f"a series has at most {COUNT_MAX:,} days when they are counted")
    if DayRule.of(rule, start).first_day(date(start.year, start.month, start.day)) is None:
        sentence = f"no day of the next {CANDIDATE_YEARS} years is as `{line.value[:60]}` says"
        raise _refusal(line.place, sentence, "name a day that comes, or delete the rule")
