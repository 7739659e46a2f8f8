"""Chargers as a household file says them: one price at any time of the day, or none at all."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.core.roads import DAY_MS, ChargingPoint
from sim.core.units import WRITTEN_BY_A_PERSON

HOUR_MS = 3_600_000


def written(**entries: Any) -> ChargingPoint:
    """Return a charger as somebody writes it."""
    return ChargingPoint.model_validate({"power": "7 kW", **entries}, context=WRITTEN_BY_A_PERSON)


def test_charger_has_another_price_at_night() -> None:
    """A time over midnight counts on both sides of it, from its beginning until before its end."""
    point = written(price=62, tariff=[{"from": "23:00", "until": "07:00", "price": 31}])
    prices = [point.price_at(hour * HOUR_MS) for hour in (0, 6, 7, 22, 23)]

    assert prices == [31, 31, 62, 62, 31]
    assert point.edges_ms == (0, 7 * HOUR_MS, 23 * HOUR_MS, DAY_MS)


def test_charger_may_have_a_time_within_the_day() -> None:
    """Several times of the day may have prices of their own."""
    point = written(
        price=62,
        tariff=[
            {"from": "12:00", "until": "14:00", "price": 50},
            {"from": "18:00", "until": "21:00", "price": 90},
        ],
    )

    assert [point.price_at(hour * HOUR_MS) for hour in (12, 14, 20)] == [50, 62, 90]


def test_charger_without_prices_says_nothing_of_them() -> None:
    """What is not written is unknown, not free."""
    assert written().price_at(0) is None
    assert written(price=0).price_at(0) == 0


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({"tariff": [{"from": "23:00", "until": "07:00", "price": 31}]}, "a tariff needs a `price`"),
        (
            {
                "price": 62,
                "tariff": [
                    {"from": "23:00", "until": "07:00", "price": 31},
                    {"from": "06:00", "until": "08:00", "price": 50},
                ],
            },
            "two times of a tariff overlap",
        ),
        ({"price": 62, "tariff": [{"from": "7", "until": "08:00", "price": 1}]}, "is no time of the day"),
        ({"price": -1}, "greater than or equal to 0"),
    ],
)
def test_charger_that_cannot_be_is_refused(entries: dict[str, Any], sentence: str) -> None:
    """One sentence says what is wrong."""
    with pytest.raises(ValidationError, match=sentence):
        written(**entries)


@given(st.integers(0, 23), st.integers(0, 23), st.integers(0, DAY_MS - 1))
def test_charger_has_exactly_one_price_at_any_time(begin: int, end: int, clock_ms: int) -> None:
    """Whatever the times are, a price holds at every moment of the day."""
    point = written(price=62, tariff=[{"from": f"{begin:02}:00", "until": f"{end:02}:00", "price": 31}])
    hour = clock_ms // HOUR_MS
    cheap = begin <= hour < end if begin < end else hour >= begin or hour < end

    assert point.price_at(clock_ms) == (31 if cheap else 62)
