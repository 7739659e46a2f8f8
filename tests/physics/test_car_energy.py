"""How far a battery lasts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.physics.car_energy import range_km


@given(st.floats(1, 100), st.floats(1, 200))
def test_range_is_driven_until_the_battery_is_empty(consumption: float, capacity_kwh: float) -> None:
    """Driving through the whole range takes the whole capacity."""
    reach_km = range_km(100, consumption, capacity_kwh)

    assert reach_km * consumption / 100 == pytest.approx(capacity_kwh)


def test_range_follows_the_charge() -> None:
    """Half a battery goes half as far."""
    assert range_km(50, 12.3, 73.6) == pytest.approx(299.2, abs=0.1)
