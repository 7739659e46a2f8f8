"""What the road asks of a car."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.physics.road_load import air_kg_per_m3
from tests.cars import BASE

speeds = st.floats(1, 60)


def test_air_is_as_dense_as_the_standard_atmosphere() -> None:
    """1.225 kg/m³ at 15 °C (ISO 2533)."""
    assert air_kg_per_m3(15) == pytest.approx(1.225, abs=1e-3)


def test_force_is_rolling_and_air() -> None:
    """By hand: 2,080 kg x 9.80665 x 0.008 and half of 1.184 kg/m³ x 0.195 x 2.34 m² x (30 m/s)²."""
    assert BASE.body.force_n(30, 25) == pytest.approx(163.2 + 243.1, abs=0.2)


def test_a_hill_costs_its_height_and_gives_back_less() -> None:
    """At a slope of 5 % the weight pulls with sin(atan(0.05)) of it."""
    up, flat = BASE.body.force_n(10, 25, 0.05), BASE.body.force_n(10, 25)
    pull_n = 2_080 * 9.80665 * 0.05 / sqrt(1 + 0.05**2)

    assert up - flat == pytest.approx(pull_n, rel=2e-3)
    down_w = BASE.body.driving_w(10, 25, -0.05)
    assert down_w == pytest.approx(BASE.body.force_n(10, 25, -0.05) * 10 * 0.8)
    assert down_w < 0


def test_a_stop_costs_what_braking_does_not_give_back() -> None:
    """1.4 stops at 50 km/h from 2,080 kg: 0.35 of the energy of motion each, 101 kJ for a kilometre."""
    speed = 50 / 3.6
    extra_j_per_m = (BASE.body.driving_w(speed, 25, 0, 1.4) - BASE.body.driving_w(speed, 25)) / speed

    assert extra_j_per_m * 1000 == pytest.approx(
        1.4 * 1.03 * 2_080 * speed**2 / 2 * (1 / 0.87 - 0.8), rel=1e-9
    )
    assert 95_000 < extra_j_per_m * 1000 < 105_000


@given(speeds, speeds, st.floats(-30, 40), st.floats(-30, 40))
def test_faster_and_colder_take_more(slow: float, fast: float, cold_c: float, warm_c: float) -> None:
    """For every metre."""
    slow, fast = sorted((slow, fast))
    cold_c, warm_c = sorted((cold_c, warm_c))

    assert BASE.body.force_n(slow, warm_c) <= BASE.body.force_n(fast, warm_c)
    assert BASE.body.force_n(fast, warm_c) <= BASE.body.force_n(fast, cold_c)
