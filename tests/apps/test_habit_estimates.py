"""A habit is found in two weeks, an odd day does not move it, and what is not sure is not said."""

from collections.abc import Callable, Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.apps.habits.estimates import (
    BEGINS,
    Bucket,
    Habit,
    Observation,
    PartOfDay,
    day_and_minute,
    estimate,
    shown,
)
from tests.apps.habitual import EVENING, MONDAY, MORNING, observation, true_departure, true_tenths, two_weeks

SEEDS = 300
WORKDAYS = [day for day in range(14) if day % 7 < 5]


def test_what_is_suggested_is_right_in_99_of_100_cases() -> None:
    """Within 1 °C and 10 min, over two weeks of 300 people; and something is said in most cases."""
    right = wrong = silent = 0
    for seed in range(SEEDS):
        seen = list(two_weeks(seed))
        for day in (14, 19):  # a Monday and a Saturday
            leaves = true_departure(day)
            cases: list[tuple[Habit, int, int, int]] = [
                ("departure", leaves, leaves, 10),
                ("cabin_temperature", leaves, true_tenths(day), 10),
                ("cabin_temperature", EVENING, true_tenths(day, evening=True), 10),
            ]
            for habit, minute, truth, near in cases:
                known = estimate(seen, habit, MONDAY + day, minute)
                if known is None:
                    silent += 1
                elif abs(known.value - truth) <= near:
                    right += 1
                else:
                    wrong += 1

    assert right + wrong + silent == SEEDS * 6
    assert wrong <= 0.01 * (right + wrong)
    assert silent <= 0.05 * SEEDS * 6


def people(
    true: Callable[[int], int], days: int, *, habit: Habit, seeds: int = 40
) -> Iterator[list[Observation]]:
    """Yield what was observed of several people: scatter of 5 min or 0.5 °C, and odd days, one in 14."""
    for seed in range(seeds):
        chance = Random(seed)  # noqa: S311  # made-up people, no secret
        seen = []
        for day in range(days):
            odd = chance.choice((-1, 1)) * (chance.random() < 1 / 14)
            value = true(day) + chance.gauss(0, 5) + odd * (100 if habit == "departure" else 40)
            if habit == "departure":
                late, minute = divmod(round(value), 1_440)
                seen.append(observation(day + late, minute, habit, minute))
            else:
                seen.append(observation(day, min(300, max(160, round(value / 5) * 5))))
        yield seen


OTHER_HABITS: list[tuple[str, Habit, Callable[[int], int], int, int, int, float]] = [
    ("at 6:15, at the weekend 9:30", "departure", lambda day: 375 if day % 7 < 5 else 570, 14, 14, 300, 0),
    ("the weekend of the same", "departure", lambda day: 375 if day % 7 < 5 else 570, 14, 19, 300, 0.1),
    ("before midnight", "departure", lambda _: 1_438, 14, 14, 1_200, 0.1),
    ("after midnight", "departure", lambda _: 3, 14, 14, 0, 0.1),
    ("at 11, where morning ends", "departure", lambda _: 658, 14, 14, 600, 0.1),
    ("an hour later for two weeks", "departure", lambda day: 460 + 60 * (day >= 14), 28, 28, 300, 0.2),
    ("20 min later for two weeks", "departure", lambda day: 460 + 20 * (day >= 14), 28, 28, 300, 0),
    ("cold, at the edge", "cabin_temperature", lambda _: 165, 14, 14, MORNING, 0),
    ("hot, at the edge", "cabin_temperature", lambda _: 295, 14, 14, MORNING, 0),
    (
        "warmer at weekends",
        "cabin_temperature",
        lambda day: 190 if day % 7 < 5 else 250,
        14,
        19,
        MORNING,
        0.1,
    ),
    (
        "5 °C more for two weeks",
        "cabin_temperature",
        lambda day: 200 + 50 * (day >= 14),
        28,
        28,
        MORNING,
        0.2,
    ),
    (
        "2 °C more for two weeks",
        "cabin_temperature",
        lambda day: 200 + 20 * (day >= 14),
        28,
        28,
        MORNING,
        0.1,
    ),
]


@pytest.mark.parametrize(
    ("habit", "true", "days", "asked", "minute", "silence"),
    [case[1:] for case in OTHER_HABITS],
    ids=[case[0] for case in OTHER_HABITS],
)
def test_other_habits_are_found_within_a_degree_and_ten_minutes(  # columns of the table
    habit: Habit, true: Callable[[int], int], days: int, asked: int, minute: int, silence: float
) -> None:
    """After two weeks, or two weeks after they have changed; nothing wrong is said, seldom nothing."""
    found = [estimate(seen, habit, MONDAY + asked, minute) for seen in people(true, days, habit=habit)]
    values = [known.value for known in found if known is not None]

    assert all(abs((value - true(asked) + 720) % 1_440 - 720) <= 10 for value in values)
    assert len(found) - len(values) <= silence * len(found)


def test_an_estimate_says_why() -> None:
    """How often of the last ten such days, and at which devices."""
    seen = [observation(day, 230) for day in WORKDAYS[:9]]
    seen.append(observation(11, 270, device="phone"))

    known = estimate(seen, "cabin_temperature", MONDAY + 14, MORNING)

    assert known is not None
    assert known.reason() == "23 °C on 9 of your last 10 workday mornings, set at dash"


def test_a_departure_is_seen_and_the_devices_are_named() -> None:
    """What two devices have seen is one habit."""
    seen = [
        observation(day, 460, "departure", device=device)
        for day, device in zip(WORKDAYS, ["dash", "phone"] * 5, strict=True)
    ]

    known = estimate(seen, "departure", MONDAY + 14, 240)

    assert known is not None
    assert known.reason() == "07:40 on 10 of your last 10 workday mornings, seen at dash and phone"
    assert known.value == 460


@pytest.mark.parametrize(
    "values",
    [[], [230], [230, 230], [200, 230, 260], [200, 200, 260, 260], [230, 230, 260, 290, 170]],
    ids=str,
)
def test_too_little_that_agrees_is_no_habit(values: list[int]) -> None:
    """Silence is better than a guess."""
    seen = [observation(day, value) for day, value in enumerate(values)]
    assert estimate(seen, "cabin_temperature", MONDAY + 4, MORNING) is None


def test_one_odd_day_moves_nothing() -> None:
    """Neither does a day in the other half of the week, nor what is yet to come."""
    seen = [observation(day, 230) for day in range(4)]
    odd = [observation(4, 300), observation(5, 170), observation(6, 170), observation(30, 170)]

    known = estimate([*seen, *odd], "cabin_temperature", MONDAY + 7, MORNING)

    assert known is not None
    assert (known.value, known.agreeing, known.days) == (230, 4, 5)


def test_a_habit_that_has_changed_is_followed() -> None:
    """After three weeks of the new one, the old one is no longer said."""
    old = [observation(day, 200) for day in range(60) if day % 7 < 5]
    new = [observation(day, 250) for day in range(60, 81) if day % 7 < 5]

    known = estimate([*old, *new], "cabin_temperature", MONDAY + 84, MORNING)

    assert known is not None
    assert known.value == 250


def test_of_a_day_the_last_setting_and_the_first_departure_count() -> None:
    """Whoever turns the heat up and down has settled at the end; whoever comes back has left before."""
    warmth = [observation(day, value, minute=400 + value) for day in range(3) for value in (200, 240)]
    leaving = [observation(day, minute, "departure", minute) for day in range(3) for minute in (460, 600)]

    assert getattr(estimate(warmth, "cabin_temperature", MONDAY + 3, MORNING), "value", None) == 240
    assert getattr(estimate(leaving, "departure", MONDAY + 3, MORNING), "value", None) == 460


@given(st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(chance: Random) -> None:
    """What two devices tell twice, in any order, comes to the same."""
    seen = list(two_weeks(3))
    shuffled = [*seen, *seen[::3]]
    chance.shuffle(shuffled)

    usual: list[tuple[Habit, int]] = [("departure", MORNING), ("cabin_temperature", EVENING)]
    for habit, minute in usual:
        assert estimate(shuffled, habit, MONDAY + 14, minute) == estimate(seen, habit, MONDAY + 14, minute)


@pytest.mark.parametrize(
    ("day", "minute", "weekend", "part"),
    [
        (0, 0, False, "night"),
        (4, 239, False, "night"),
        (4, 240, False, "morning"),
        (5, 660, True, "afternoon"),
        (6, 1_439, True, "evening"),
        (7, 1_019, False, "afternoon"),
    ],
)
def test_days_and_hours_in_which_people_do_the_same(
    day: int,
    minute: int,
    weekend: bool,  # noqa: FBT001  # a column of the table
    part: PartOfDay,
) -> None:
    """Every minute is in one part of the day, and none reaches over midnight."""
    assert Bucket.of(MONDAY + day, minute) == Bucket(weekend, part)
    assert list(BEGINS.values()) == sorted(BEGINS.values())


@pytest.mark.parametrize(
    ("habit", "value", "text"),
    [("cabin_temperature", 235, "23.5 °C"), ("seat", 40, "40 %"), ("departure", 460, "07:40")],
)
def test_values_are_shown_for_people(habit: Habit, value: int, text: str) -> None:
    """Each in its unit."""
    assert shown(habit, value) == text


def test_wall_clock_becomes_day_and_minute() -> None:
    """As observations have them."""
    assert day_and_minute("2026-01-12 07:40:59") == (MONDAY, MORNING)
