"""Made-up habits for tests: what somebody does, with the scatter and the odd days of people."""

from collections.abc import Iterator
from datetime import date
from random import Random

from sim.apps.habits.estimates import Habit, Observation

MONDAY = date(2026, 1, 12).toordinal()
MORNING, EVENING = 7 * 60 + 40, 18 * 60 + 30


def observation(
    day: int, value: int, habit: Habit = "cabin_temperature", minute: int = MORNING, device: str = "dash"
) -> Observation:
    """Return what was observed so many days after Monday 12 January 2026."""
    return Observation(MONDAY + day, minute, f"{device}-{habit}-{day}-{minute}", habit, value, device, "su7")


def true_departure(day: int) -> int:
    """Return when somebody leaves on such a day: at 7:40, at the weekend at 10:15."""
    return 10 * 60 + 15 if day % 7 >= 5 else MORNING


def true_tenths(day: int, *, evening: bool = False) -> int:
    """Return how warm they like it: 23 °C of a morning, at the weekend 22 °C, of an evening 21 °C."""
    if evening:
        return 210
    return 220 if day % 7 >= 5 else 230


def two_weeks(seed: int) -> Iterator[Observation]:
    """Yield two weeks of mornings and evenings.

    They scatter by 5 min and 0.5 °C (standard deviations, as temperatures are set: in half degrees); one day
    in 14 is odd: 90 to 120 min or 4 °C off.
    """
    chance = Random(seed)  # noqa: S311  # made-up people, no secret
    odd = chance.randrange(14)
    for day in range(14):
        off_min = chance.choice((-1, 1)) * chance.randint(90, 120) if day == odd else 0
        off_tenths = chance.choice((-40, 40)) if day == odd else 0
        leaves = true_departure(day) + round(chance.gauss(0, 5)) + off_min
        yield observation(day, leaves, "departure", leaves)
        for evening, minute in ((False, leaves), (True, EVENING)):
            scattered = round((true_tenths(day, evening=evening) / 10 + chance.gauss(0, 0.5)) * 2) * 5
            yield observation(day, min(300, max(160, scattered + off_tenths)), minute=minute)
