"""How much work a recurrence rule makes (RFC 5545, section 3.3.10), before anybody lists its days.

Which days a rule names is known to `dateutil`, which looks for the next one until the year 9999 when there is
none. So a rule is first asked for a day, in a bounded number of steps; and a series that began long ago is
begun anew near the days that are wanted, so that nobody counts through the years in between.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from typing import Any, Self, TypeVar

CANDIDATE_YEARS = 40
CANDIDATES_MAX = CANDIDATE_YEARS * 366
"""Days that are looked at for one that a rule names: a date falls on each day of the week within 40 years,
also across a year such as 2100 (RFC 5545 has no other cycle; the Gregorian one repeats in 28 years)."""
COUNT_MAX = 4_000
"""Most days of a series that is counted: ten years of every day."""
PARTS = frozenset(
    {
        *("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY"),
        *("BYYEARDAY", "BYWEEKNO", "BYSETPOS"),
    }
)
"""Parts of a rule by days; other libraries know more, such as Easter."""
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
CYCLE_YEARS = 28
"""After so many years every date falls on the same day of the week, up to the year 2099."""
_LAST_YEAR_OF_CYCLES = 2099
_DAY = re.compile(r"([+-]?\d*)([A-Z]{2})")

Start = TypeVar("Start", bound=date)


@dataclass(frozen=True, slots=True)
class DayRule:
    """A rule by days, as `dateutil` understands it.

    Attributes:
        often: `DAILY`, `WEEKLY`, `MONTHLY` or `YEARLY`.
        interval: every how many of these.
        numbers: the values of the parts `BYMONTH`, `BYMONTHDAY`, `BYYEARDAY`, `BYWEEKNO` and `BYSETPOS`.
        weekdays: days of the week, Monday is 0.
        nth: days of the week with which one of the month or year, from its end when negative.
        week_begins: the day of the week with which weeks begin.
    """

    often: str
    interval: int
    numbers: Mapping[str, frozenset[int]]
    weekdays: frozenset[int]
    nth: frozenset[tuple[int, int]]
    week_begins: int

    @classmethod
    def of(cls, parts: Mapping[str, Any], start: date) -> Self:
        """Return the rule with some parts, each a list; what it leaves open is as on its first day."""
        often = str(parts["FREQ"][0]).upper()
        names = ("BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS")
        numbers = {name: frozenset(int(one) for one in parts.get(name, ())) for name in names}
        days = [_DAY.fullmatch(str(one).upper()) for one in parts.get("BYDAY", ())]
        named = [(int(one[1] or 0), WEEKDAYS.index(one[2])) for one in days if one is not None]
        counts = often in {"MONTHLY", "YEARLY"}
        weekdays = frozenset(day for which, day in named if not (which and counts))
        if not (named or numbers["BYMONTHDAY"] or numbers["BYYEARDAY"] or numbers["BYWEEKNO"]):
            if often == "WEEKLY":
                weekdays = frozenset({start.weekday()})
            elif counts:
                numbers["BYMONTHDAY"] = frozenset({start.day})
                if often == "YEARLY":
                    numbers["BYMONTH"] = numbers["BYMONTH"] or frozenset({start.month})
        return cls(
            often=often,
            interval=int(parts.get("INTERVAL", [1])[0]),
            numbers=numbers,
            weekdays=weekdays,
            nth=frozenset((which, day) for which, day in named if which and counts),
            week_begins=WEEKDAYS.index(str(parts.get("WKST", ["MO"])[0]).upper()),
        )

    def first_day(self, start: date) -> date | None:
        """Return the first day that the rule names, or None when `CANDIDATES_MAX` days have none."""
        left = CANDIDATES_MAX
        for first, last in self._periods(start):
            days = [date.fromordinal(one) for one in range(first, last + 1)]
            named = [day for day in days if self._names(day)]
            places = self.numbers["BYSETPOS"]
            if places:
                chosen = [one - 1 if one > 0 else len(named) + one for one in sorted(places)]
                named = sorted(named[one] for one in chosen if 0 <= one < len(named))
            found = next((day for day in named if day >= start), None)
            left -= len(days)
            if found is not None or left <= 0:
                return found
        return None

    def _periods(self, start: date) -> Iterator[tuple[int, int]]:
        """Yield first and last day of every period that the rule looks at, as ordinals."""
        if self.often in {"DAILY", "WEEKLY"}:
            days = 1 if self.often == "DAILY" else 7
            back = 0 if days == 1 else (start.weekday() - self.week_begins) % 7
            begin = max(1, start.toordinal() - back)
            step = days * self.interval
            yield from ((one, one + days - 1) for one in range(begin, date.max.toordinal() - days, step))
            return
        months = 1 if self.often == "MONTHLY" else 12
        first = start.year * 12 + (start.month - 1 if months == 1 else 0)
        for month in range(first, MAXYEAR * 12 + 12 - months, months * self.interval):
            begins, ends = divmod(month, 12), divmod(month + months, 12)
            yield date(begins[0], begins[1] + 1, 1).toordinal(), date(ends[0], ends[1] + 1, 1).toordinal() - 1

    def _names(self, day: date) -> bool:
        """Say whether a day is one of those that every part names."""
        in_month = monthrange(day.year, day.month)[1]
        year_begins, year_ends = date(day.year, 1, 1).toordinal(), date(day.year, 12, 31).toordinal()
        ordinal = day.toordinal()
        week, weeks = day.isocalendar().week, date(day.year, 12, 28).isocalendar().week
        readings = {
            "BYMONTH": {day.month},
            "BYMONTHDAY": {day.day, day.day - in_month - 1},
            "BYYEARDAY": {ordinal - year_begins + 1, ordinal - year_ends - 1},
            "BYWEEKNO": {week, week - weeks - 1},
        }
        if any(self.numbers[name] and not self.numbers[name] & read for name, read in readings.items()):
            return False
        if self.weekdays and day.weekday() not in self.weekdays:
            return False
        if not self.nth:
            return True
        if self.often == "MONTHLY" or self.numbers["BYMONTH"]:
            which = {(day.day - 1) // 7 + 1, -((in_month - day.day) // 7 + 1)}
        else:
            which = {(ordinal - year_begins) // 7 + 1, -((year_ends - ordinal) // 7 + 1)}
        return any((one, day.weekday()) in self.nth for one in which)


def begun_anew(start: Start, parts: Mapping[str, Any], before: date) -> Start:
    """Return a later first day of the same series, at most some cycles before a day.

    From that day on it names the same days. A series whose days are counted begins where it begins.

    Args:
        start: its first day, or time.
        parts: its rule, each part a list.
        before: no later than this.
    """
    day = date(start.year, start.month, start.day)
    if "COUNT" in parts or day >= before:
        return start
    often = str(parts["FREQ"][0]).upper()
    interval = int(parts.get("INTERVAL", [1])[0])
    if often in {"DAILY", "WEEKLY"}:
        step = interval if often == "DAILY" else 7 * interval
        return start + timedelta(days=(before - day).days // step * step)
    step = CYCLE_YEARS * interval
    years = (min(before.year - 1, _LAST_YEAR_OF_CYCLES) - day.year) // step * step
    return start.replace(year=day.year + years) if years > 0 else start
