"""Recurrence rules: whether they name a day at all, and from when on their days have to be counted."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # it has no types
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.documents.recurrence import CANDIDATES_MAX, WEEKDAYS, DayRule, begun_anew

START = date(1970, 1, 1)
BEFORE = date(2027, 1, 1)


def parts(rule: str) -> dict[str, Any]:
    """Return the parts of a rule as the library has them."""
    pairs = (one.split("=") for one in rule.split(";"))
    return {name: value.split(",") for name, value in pairs}


def first(rule: str, start: date = START) -> date | None:
    """Return the first day of a rule."""
    return DayRule.of(parts(rule), start).first_day(start)


@pytest.mark.parametrize(
    ("rule", "day"),
    [
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", None),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", None),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", date(1972, 2, 29)),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", date(1988, 2, 29)),
        ("FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29", date(1972, 2, 29)),
        ("FREQ=YEARLY;BYYEARDAY=366", date(1972, 12, 31)),
        ("FREQ=YEARLY;BYYEARDAY=-1;BYMONTH=11", None),
        ("FREQ=YEARLY;BYWEEKNO=53;BYDAY=SA", date(1971, 1, 2)),
        ("FREQ=YEARLY;BYWEEKNO=30;BYMONTH=1", None),
        ("FREQ=YEARLY;BYDAY=53TH", date(1970, 12, 31)),
        ("FREQ=YEARLY;BYDAY=54TH", None),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", date(1970, 3, 29)),
        ("FREQ=MONTHLY;BYDAY=5FR", date(1970, 1, 30)),
        ("FREQ=MONTHLY;BYDAY=6FR", None),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1", date(1970, 1, 27)),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", None),
        ("FREQ=MONTHLY;BYSETPOS=1;BYMONTHDAY=1,15", START),
        ("FREQ=WEEKLY;WKST=SU", START),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=1TU", date(1970, 1, 13)),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=MO", None),
        ("FREQ=DAILY;INTERVAL=70000;BYMONTH=2;BYMONTHDAY=30", None),
        ("FREQ=YEARLY;INTERVAL=9000;BYMONTH=2;BYMONTHDAY=29", None),
        ("FREQ=YEARLY", START),
        ("FREQ=YEARLY;BYMONTH=5", date(1970, 5, 1)),
        ("FREQ=MONTHLY", START),
    ],
)
def test_a_rule_has_a_first_day_or_none(rule: str, day: date | None) -> None:
    """It is looked for as far as its cycle of years goes, and not to the year 9999."""
    assert first(rule) == day


RULES = st.builds(
    lambda often, interval, others: ";".join([f"FREQ={often}", f"INTERVAL={interval}", *others]),
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 5),
    st.tuples(
        st.sampled_from(["WKST=MO", "WKST=SU"]),
        st.sampled_from(["BYMONTH=2", "BYMONTH=1,7", "BYMONTH=12", "WKST=MO"]),
        st.sampled_from(["BYMONTHDAY=29", "BYMONTHDAY=-1,15", "BYYEARDAY=60,-60", "WKST=MO"]),
        st.sampled_from(["BYDAY=MO", "BYDAY=-1FR", "BYDAY=2SU,3SU", "BYDAY=SA,SU", "WKST=MO"]),
        st.sampled_from(["BYSETPOS=1", "BYSETPOS=-2", "WKST=MO", "WKST=MO"]),
    ).map(lambda them: [one for one in dict.fromkeys(them) if one != "WKST=MO"]),
)


@given(RULES, st.dates(date(1970, 1, 1), date(2030, 1, 1)))
def test_the_first_day_is_the_one_that_the_library_lists(rule: str, start: date) -> None:
    """Whatever the rule is made of, as long as it names a day."""
    found = first(rule, start)
    assume(found is not None)
    listed = next(iter(rrulestr(rule, dtstart=datetime.combine(start, datetime.min.time()))))

    # Of the days of a week before the first one the library does not know when it counts positions.
    if "BYSETPOS" not in rule:
        assert listed.date() == found


@given(RULES, st.dates(date(1970, 1, 1), date(2020, 1, 1)))
def test_a_series_that_begins_anew_has_the_same_days(rule: str, start: date) -> None:
    """From then on; and it begins where it could have begun before."""
    assume(first(rule, start) is not None)
    begin = datetime.combine(start, datetime.min.time())
    later = begun_anew(begin, parts(rule), BEFORE)
    window = (datetime(2027, 1, 1), datetime(2029, 1, 1))  # noqa: DTZ001  # times without a zone, as in files

    assert later <= window[0]
    assert (later - begin).days >= 0
    # A week before, the first of a rule's periods may be cut.
    listed = rrulestr(rule, dtstart=begin).between(*window, inc=True)
    assert rrulestr(rule, dtstart=later).between(*window, inc=True) == listed


def test_a_series_begins_anew_near_the_days_that_are_wanted() -> None:
    """Days and weeks at once, months and years within one cycle; those that are counted never."""
    at_nine = datetime(1970, 1, 1, 9, tzinfo=UTC)

    assert begun_anew(at_nine, parts("FREQ=DAILY"), BEFORE) == datetime(2027, 1, 1, 9, tzinfo=UTC)
    assert BEFORE - begun_anew(START, parts("FREQ=WEEKLY"), BEFORE) < timedelta(days=7)
    assert begun_anew(START, parts("FREQ=MONTHLY"), BEFORE) == date(2026, 1, 1)
    assert begun_anew(START, parts("FREQ=YEARLY"), date(2110, 1, 1)) == date(2082, 1, 1)
    assert begun_anew(START, parts("FREQ=YEARLY;INTERVAL=3"), BEFORE) == START
    assert begun_anew(START, parts("FREQ=DAILY;COUNT=10"), BEFORE) == START
    assert begun_anew(BEFORE, parts("FREQ=DAILY"), START) == BEFORE


def test_no_rule_is_asked_for_more_days_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, and not timed."""
    looked_at: list[date] = []
    names = DayRule._names  # what is counted

    def counted(rule: DayRule, day: date) -> bool:
        looked_at.append(day)
        return names(rule, day)

    monkeypatch.setattr(DayRule, "_names", counted)
    for often in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        looked_at.clear()
        assert first(f"FREQ={often};BYMONTH=2;BYMONTHDAY=30") is None
        assert CANDIDATES_MAX <= len(looked_at) < CANDIDATES_MAX + 366


def test_days_of_the_week_are_those_of_the_standard() -> None:
    """Monday first (RFC 5545 has no other names)."""
    assert [first(f"FREQ=WEEKLY;BYDAY={day}") for day in WEEKDAYS] == [
        date(1970, 1, day) for day in (5, 6, 7, 1, 2, 3, 4)
    ]
