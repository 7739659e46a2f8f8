"""Quantities: every unit there is, and a sentence for every other way to write one."""

from contextlib import suppress
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

from sim.core.units import (
    ANGLE,
    DIMENSIONS,
    DURATION,
    LENGTH,
    SPEED,
    TEMPERATURE,
    WRITTEN_BY_A_PERSON,
    Celsius,
    Dimension,
    Measured,
    Milliseconds,
    fact_name,
    show_duration,
)

ONE_OF_EACH = {
    "duration": {"ms": 1, "s": 1_000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000},
    "temperature": {"°C": 1, "C": 1, "K": -272.15, "°F": -17.2222222},
    "angle": {"°": 1},
    "distance": {"m": 1, "cm": 0.01, "mm": 0.001, "km": 1_000},
    "speed": {"km/h": 1, "m/s": 3.6},
    "power": {"W": 1, "kW": 1_000},
    "energy": {"kWh": 1, "Wh": 0.001, "MJ": 0.2777778},
    "ratio": {"%": 1},
    "volume": {"m³": 1, "m3": 1, "l": 0.001},
    "heat loss": {"W/K": 1, "kW/K": 1_000},
    "heat capacity": {"J/K": 1, "kJ/K": 1_000, "MJ/K": 1_000_000},
    "flow": {"m³/h": 1, "m3/h": 1, "l/s": 3.6},
    "concentration": {"µg/m³": 1, "μg/m³": 1, "ug/m3": 1, "mg/m³": 1_000},
    "mass": {"mg": 1, "g": 1_000},
    "colour temperature": {"K": 1},
    "luminous flux": {"lm": 1},
    "acceleration": {"m/s²": 1, "m/s2": 1},
    "rainfall": {"mm/h": 1},
    "consumption": {"kWh/100km": 1, "Wh/km": 0.1},
    "weight": {"kg": 1, "t": 1_000},
    "area": {"m²": 1, "m2": 1},
    "voltage": {"V": 1, "mV": 0.001},
    "charge rate": {"C": 1},
}
"""What `1 <unit>` is in the dimension's own unit."""


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda dimension: dimension.name)
def test_every_unit_is_converted(dimension: Dimension) -> None:
    """One of each unit is what it is in the unit values are kept in, with and without a space."""
    expected = ONE_OF_EACH[dimension.name]

    assert {unit: dimension.parse(f"1 {unit}") for unit in dimension.units} == pytest.approx(expected)
    assert {unit: dimension.parse(f" 1{unit} ") for unit in dimension.units} == pytest.approx(expected)


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda dimension: dimension.name)
def test_unit_of_another_dimension_is_refused_with_the_known_ones(dimension: Dimension) -> None:
    """A wrong unit is answered by the right ones."""
    with pytest.raises(ValueError, match=f"`parsec` is not a unit of {dimension.name}; use one of `"):
        dimension.parse("1 parsec")


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda dimension: dimension.name)
def test_number_without_a_unit_is_refused_with_an_example(dimension: Dimension) -> None:
    """A bare number says nothing, and the example that is offered is itself accepted."""
    with pytest.raises(ValueError, match="`20` has no unit, write a"):
        dimension.parse("20")
    assert dimension.parse(dimension.example.strip("`"))


@pytest.mark.parametrize(
    "text", ["", "warm", "°C", "1.2.3 °C", "1,5 °C", "- 5 °C", "1__0 °C", "nan °C", "inf"]
)
def test_text_that_is_no_number_is_refused(text: str) -> None:
    """What does not begin with a number is no quantity; what follows the number must be a unit."""
    with pytest.raises(ValueError, match=r"is not a (temperature, write|unit of temperature)"):
        TEMPERATURE.parse(text)


@pytest.mark.parametrize(
    ("text", "value"), [("1_000 m", 1000), ("1e3 m", 1000), ("+.5 m", None), ("2.5E-1 km", 250), ("0.0 m", 0)]
)
def test_number_may_be_spelt_as_people_do(text: str, value: float | None) -> None:
    """Underscores and exponents are numbers; a dot needs a digit before it."""
    if value is None:
        with pytest.raises(ValueError, match="is not a distance"):
            LENGTH.parse(text)
    else:
        assert LENGTH.parse(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["-273.15 °C", "0 K", "-459.67 °F"])
def test_absolute_zero_is_a_temperature_in_every_unit(text: str) -> None:
    """The least temperature there is can be written down."""
    assert TEMPERATURE.parse(text) == pytest.approx(-273.15)


@pytest.mark.parametrize("text", ["-273.16 °C", "-0.01 K", "-459.68 °F"])
def test_temperature_below_absolute_zero_is_refused(text: str) -> None:
    """Nothing is colder than 0 K."""
    with pytest.raises(ValueError, match=r"below the least temperature there is, -273\.15 °C"):
        TEMPERATURE.parse(text)


def test_quantity_that_cannot_be_negative_is_refused_below_zero() -> None:
    """There is no distance, speed or duration below nothing."""
    with pytest.raises(ValueError, match="`-1 ms` is below the least duration there is, 0 ms"):
        DURATION.parse("-1 ms")
    with pytest.raises(ValueError, match="below the least speed there is, 0 km/h"):
        SPEED.parse("-1 m/s")


@pytest.mark.parametrize("text", ["400 d", "9600h", "34_560_000_000 ms"])
def test_duration_of_four_hundred_days_is_the_longest(text: str) -> None:
    """No story is longer than a year and a month."""
    assert DURATION.parse(text) == 400 * 86_400_000


@pytest.mark.parametrize("text", ["401 d", "1e300 d", "34_560_000_001 ms"])
def test_duration_beyond_any_story_is_refused(text: str) -> None:
    """What would run for ever, or past the last year there is, is a slip."""
    with pytest.raises(ValueError, match=f"`{text}` is above the largest duration there can be, 400 d"):
        DURATION.parse(text)


@pytest.mark.parametrize("text", ["1e400 m", "1e306 km"])
def test_quantity_beyond_floats_is_refused(text: str) -> None:
    """What overflows is too large, whether before or after the conversion."""
    with pytest.raises(ValueError, match="is too large"):
        LENGTH.parse(text)


def test_duration_is_a_whole_number_of_milliseconds() -> None:
    """Time is an integer."""
    assert DURATION.parse("1.5 s") == 1500
    assert isinstance(DURATION.parse("1.5 s"), int)


@given(st.sampled_from(DIMENSIONS), st.text())
def test_any_text_is_a_quantity_or_refused(dimension: Dimension, text: str) -> None:
    """Nothing but a value that exists or a refusal comes of any text."""
    value = None
    with suppress(ValueError):
        value = dimension.parse(text)

    assert value is None or dimension.least is None or value >= dimension.least
    assert value is None or dimension.most is None or value <= dimension.most


@pytest.mark.parametrize(
    ("value", "text"),
    [(21.0, "21 °C"), (-0.0001, "0 °C"), (100.0, "100 °C"), (-0.5, "-0.5 °C"), (1 / 3, "0.333 °C")],
)
def test_value_is_shown_without_digits_that_say_nothing(value: float, text: str) -> None:
    """Three decimals at most, and no negative nothing."""
    assert TEMPERATURE.show(value) == text


@pytest.mark.parametrize(
    ("duration_ms", "text"),
    [
        (0, "0 ms"),
        (999, "999 ms"),
        (1_000, "1 s"),
        (1_250, "1.25 s"),
        (59_999, "59.999 s"),
        (60_000, "1 m"),
        (200_000, "3 m 20 s"),
        (7_500_000, "2 h 5 m"),
        (86_400_000, "1 d"),
        (90_061_000, "1 d 1 h"),
    ],
)
def test_duration_is_shown_in_two_units_at_most(duration_ms: int, text: str) -> None:
    """A duration is shown as people say it."""
    assert show_duration(duration_ms) == text
    assert DURATION.show(duration_ms) == text


@pytest.mark.parametrize(
    ("field_name", "name"),
    [
        ("room_c", "room"),
        ("speed_kmh", "speed"),
        ("expires_in_ms", "expires_in"),
        ("heat_loss_w_per_k", "heat_loss"),
        ("consumption_kwh_per_100km", "consumption"),
        ("latitude_deg", "latitude"),
        ("battery_percent", "battery"),
        ("_c", "_c"),
        ("locked", "locked"),
    ],
)
def test_fact_is_called_like_its_field_without_the_unit(field_name: str, name: str) -> None:
    """The longest ending that is a unit goes; a name is never left empty."""
    assert fact_name(field_name) == name


def test_angle_is_shown_in_degrees() -> None:
    """A latitude is a number of degrees, south of the equator a negative one."""
    assert ANGLE.parse("-33.9°") == -33.9
    assert ANGLE.show(-33.9) == "-33.9 °"


class Oven(BaseModel):
    """Something with quantities."""

    heat_c: Celsius = 20.0
    hold_ms: Annotated[Milliseconds, Field(le=60_000)] = 0


def test_field_takes_a_bare_number_from_the_wire() -> None:
    """JSON has numbers without units; the field's name says which it is."""
    assert Oven.model_validate({"heat_c": 180.5, "hold_ms": 5}) == Oven(heat_c=180.5, hold_ms=5)


def test_field_in_a_persons_file_needs_its_unit() -> None:
    """What a person writes has a unit, or is refused with the sentence of the dimension."""
    written = {"heat_c": "180 °C", "hold_ms": "5 s"}

    assert Oven.model_validate(written, context=WRITTEN_BY_A_PERSON) == Oven(heat_c=180, hold_ms=5_000)
    with pytest.raises(ValidationError, match="`180` has no unit, write a temperature as `20 °C`"):
        Oven.model_validate({"heat_c": 180}, context=WRITTEN_BY_A_PERSON)


def test_field_keeps_its_own_bounds_beside_its_unit() -> None:
    """A bound counts in the unit of the field."""
    with pytest.raises(ValidationError, match="less than or equal to 60000"):
        Oven.model_validate({"hold_ms": "2 m"})


def test_schema_of_a_field_names_its_unit() -> None:
    """JSON Schema has no word for units, so the field says it under its own."""
    assert Oven.model_json_schema()["properties"]["heat_c"]["x-unit"] == "°C"


def test_marks_of_the_same_dimension_are_equal() -> None:
    """A mark is a value, so that models can be compared."""
    assert Measured(TEMPERATURE) == Measured(TEMPERATURE)
