"""What somebody's habit is, out of what was observed of it: no model, the last observations themselves.

An estimate is the mean of what agrees with the weighted median, weights halving every ten days. The median is
not moved by an odd day, the mean uses all that is left, and what is old counts less, so that a habit may
change. Unless enough agrees there is no estimate: silence is better than a guess. Weighted medians: F. Y.
Edgeworth, “On a new method of reducing observations”, Philosophical Magazine 25, 1888. What was measured of
this and of others is in DECISIONS.md, 50.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from math import fsum
from typing import Literal

HALF_LIFE_DAYS = 10.0
"""After how many days an observation counts half (the best of six that were tried, DECISIONS.md, 50)."""
AGREEING_MIN = 3
SHARE_MIN = 0.6
"""How many days must agree, and with which part of the weight, for anything to be said (as above)."""
LAST_DAYS = 10
"""How many days a reason looks back on (assumption: what a person would count)."""
DAY_MINUTES = 1_440
WEEKEND_FROM = 5
"""First day of the weekend, Monday being 0; public holidays are not known (assumption)."""

Habit = Literal["cabin_temperature", "home_temperature", "seat", "departure"]
PartOfDay = Literal["night", "morning", "afternoon", "evening"]

BEGINS: Mapping[PartOfDay, int] = {"night": 0, "morning": 240, "afternoon": 660, "evening": 1_020}
"""Minute of the day at which each part begins: 00:00, 04:00, 11:00 and 17:00 (assumption)."""
NEAR: Mapping[Habit, int] = {"cabin_temperature": 20, "home_temperature": 20, "seat": 5, "departure": 30}
"""Within how much of the median a day agrees: 2 °C, 2 °C, 5 % of the rail, 30 min (as the half-life)."""
RANGES: Mapping[Habit, tuple[int, int]] = {
    "cabin_temperature": (160, 300),
    "home_temperature": (160, 300),
    "seat": (0, 100),
    "departure": (0, DAY_MINUTES - 1),
}
"""Smallest and largest value: tenths of a degree Celsius, per cent of the rail, minute of the day."""


@dataclass(frozen=True, slots=True, order=True)
class Observation:
    """What somebody did once.

    Attributes:
        day: which day, 1 being 1 January of the year 1.
        minute: of the day, by the clock on the wall.
        id: names it for ever, so that what is heard twice counts once.
        habit: what it is about.
        value: see `RANGES`.
        device: where it was done.
        place: the car or climate unit it was done to.
    """

    day: int
    minute: int
    id: str
    habit: Habit
    value: int
    device: str
    place: str

    @property
    def bucket(self) -> "Bucket":
        """Which days and hours it speaks for."""
        return Bucket.of(self.day, self.minute)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Days and hours in which somebody does the same.

    Attributes:
        weekend: whether it is Saturday or Sunday.
        part: part of the day.
    """

    weekend: bool
    part: PartOfDay

    @classmethod
    def of(cls, day: int, minute: int) -> "Bucket":
        """Return the bucket of a minute of a day."""
        part = max((begin, name) for name, begin in BEGINS.items() if begin <= minute)[1]
        return cls(date.fromordinal(day).weekday() >= WEEKEND_FROM, part)

    def words(self) -> str:
        """Return what people call it: `workday mornings`."""
        return f"{'weekend' if self.weekend else 'workday'} {self.part}s"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What somebody does as a rule.

    Attributes:
        habit: what it is about.
        bucket: when.
        value: see `RANGES`.
        agreeing: how many of the last days agree.
        days: how many last days there are, ten at most.
        devices: where those were observed, by name.
        place: the car or climate unit it was last done to.
    """

    habit: Habit
    bucket: Bucket
    value: int
    agreeing: int
    days: int
    devices: tuple[str, ...]
    place: str

    def reason(self) -> str:
        """Return why it is suggested: `23 °C on 9 of your last 10 workday mornings, set at dash`."""
        how = "seen" if self.habit == "departure" else "set"
        where = " and ".join(self.devices)
        kept = f"on {self.agreeing} of your last {self.days} {self.bucket.words()}"
        return f"{shown(self.habit, self.value)} {kept}, {how} at {where}"


def day_and_minute(local_time: str) -> tuple[int, int]:
    """Return day, 1 being 1 January of the year 1, and minute of it, for `2026-01-12 17:40:00`."""
    day, clock = local_time.split(" ")
    return date.fromisoformat(day).toordinal(), int(clock[:2]) * 60 + int(clock[3:5])


def shown(habit: Habit, value: int) -> str:
    """Return a value for people: `23 °C`, `40 %`, `07:40`."""
    match habit:
        case "departure":
            return f"{value // 60:02}:{value % 60:02}"
        case "seat":
            return f"{value} %"
        case _:
            return f"{value / 10:g} °C"


def estimate(observations: Iterable[Observation], habit: Habit, day: int, minute: int) -> Estimate | None:
    """Return what somebody does at this time of such a day; None while too little agrees.

    Args:
        observations: of one person, in any order; one that is there twice counts once.
        habit: what it is about.
        day: today.
        minute: of the day.
    """
    bucket = Bucket.of(day, minute)
    every = (one for one in observations if one.habit == habit and one.bucket == bucket and one.day <= day)
    days = _one_a_day(habit, every)
    if not days:
        return None
    weighed = sorted((one.value, 0.5 ** ((day - one.day) / HALF_LIFE_DAYS)) for one in days)
    centre = _median(weighed)
    agreeing = [(value, weight) for value, weight in weighed if abs(value - centre) <= NEAR[habit]]
    weight = fsum(weight for _, weight in agreeing)
    if len(agreeing) < AGREEING_MIN or weight < SHARE_MIN * fsum(weight for _, weight in weighed):
        return None
    mean = fsum(value * weight for value, weight in agreeing) / weight
    last = days[-LAST_DAYS:]
    kept = [one for one in last if abs(one.value - centre) <= NEAR[habit]]
    devices = tuple(sorted({one.device for one in kept}))
    return Estimate(habit, bucket, _rounded(habit, mean), len(kept), len(last), devices, days[-1].place)


def _one_a_day(habit: Habit, every: Iterable[Observation]) -> list[Observation]:
    """Return what counts of each day, oldest first: the first departure, and how a thing was left."""
    ordered = sorted(set(every), reverse=habit == "departure")
    return sorted({one.day: one for one in ordered}.values())


def _median(weighed: list[tuple[int, float]]) -> int:
    """Return the value at which half of the weight is reached."""
    half = fsum(weight for _, weight in weighed) / 2
    sums = accumulate(weight for _, weight in weighed)
    return next(value for (value, _), reached in zip(weighed, sums, strict=True) if reached >= half)


def _rounded(habit: Habit, mean: float) -> int:
    """Return a value as people set it: half degrees, whole per cent, whole minutes."""
    step = 5 if habit in {"cabin_temperature", "home_temperature"} else 1
    return round(mean / step) * step
