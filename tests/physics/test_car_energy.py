"""Charge and range of the car."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.physics.car_energy import range_km, soc_after

percents = st.floats(0, 100)
distances = st.floats(0, 1_000)
consumptions = st.floats(5, 40)
capacities = st.floats(10, 150)


def test_soc_falls_by_what_was_driven() -> None:
    """100 km at 15 kWh/100 km take 15 kWh, a fifth of a battery of 75 kWh."""
    assert soc_after(80, 100, 15, 75) == pytest.approx(60)


def test_soc_of_an_empty_battery_stays_zero() -> None:
    """Driving farther than the range leaves nothing, not less than nothing."""
    assert soc_after(10, 100, 20, 75) == 0


def test_range_is_energy_over_consumption() -> None:
    """Half of 75 kWh at 15 kWh/100 km is 250 km."""
    assert range_km(50, 15, 75) == pytest.approx(250)


@given(percents, consumptions, capacities)
def test_driving_the_range_empties_the_battery(soc: float, consumption: float, capacity: float) -> None:
    """Range and charge agree on when the battery is empty."""
    reach = range_km(soc, consumption, capacity)

    assert soc_after(soc, reach, consumption, capacity) == pytest.approx(0, abs=1e-9)


@given(percents, distances, distances, consumptions, capacities)
def test_two_drives_take_what_one_takes(
    soc: float, first: float, second: float, consumption: float, capacity: float
) -> None:
    """Stopping on the way costs nothing."""
    in_two = soc_after(soc_after(soc, first, consumption, capacity), second, consumption, capacity)

    assert in_two == pytest.approx(soc_after(soc, first + second, consumption, capacity), abs=1e-9)
