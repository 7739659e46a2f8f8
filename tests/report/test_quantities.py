"""Numbers of records for people: the unit from the name of the field, and no digit that says nothing."""

from typing import Any

import pytest

from sim.core.units import DURATION, LENGTH, POWER, RATIO, Dimension
from sim.report.quantities import dimension_of, field_shown, measured, rounded


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("heat_w", 3865.6199999999994, "heat 3.866 kW"),
        ("heat_w", 999.96, "heat 1000 W"),
        ("heat_w", 0.0, "heat 0 W"),
        ("cabin_c", -20.000000000000004, "cabin -20 °C"),
        ("lit_percent", 45, "lit 45 %"),
        ("left_ms", 3_725_000, "left 1 h 2 m"),
        ("late_ms", -1_500, "late -1.5 s"),
        ("range_m", 285_992.4, "range 286 km"),
        ("level", 3, "level 3"),
        ("weight", 1 / 3, "weight 0.3333"),
        ("locked", True, "locked true"),
        ("heated_c", False, "heated_c false"),
        ("gear", "P", "gear P"),
        ("wearer", None, "wearer None"),
    ],
)
def test_field_is_told_with_its_unit(name: str, value: Any, shown: str) -> None:
    """What has no unit stays as it is, but for digits that only a computer has."""
    assert field_shown(name, value) == shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (12_345.6, "12346"),
        (79.974, "79.97"),
        (0.00012345, "0.0001234"),
        (100.0, "100"),
    ],
)
def test_number_has_few_digits_and_no_power_of_ten(value: float, text: str) -> None:
    """Four of them, and none behind the point that is a naught."""
    assert rounded(value) == text


def test_values_beside_each_other_have_one_unit() -> None:
    """0 km to 7 km, and not 0 m to 7 km."""
    assert (measured(0.0, LENGTH, 7_000.0), measured(7_000.0, LENGTH, 7_000.0)) == ("0 km", "7 km")
    assert measured(500.0, POWER) == "500 W"
    assert measured(250.0, RATIO) == "250 %"


@pytest.mark.parametrize(
    ("name", "dimension"),
    [("a_w", POWER), ("a_ms", DURATION), ("a", None), ("_w", None), ("a_w_per_m", None)],
)
def test_field_without_an_ending_has_no_dimension(name: str, dimension: Dimension | None) -> None:
    """The longest ending counts; an ending alone is a name."""
    found = dimension_of(name)

    assert found is dimension or (name == "a_w_per_m" and found is not POWER)
