"""What driving takes, and how far a battery lasts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.physics.car_energy import driving_w, range_km

speeds_kmh = st.floats(0, 250)
consumptions = st.floats(1, 100)


def test_driving_takes_energy_per_distance_times_speed() -> None:
    """100 km/h at 15 kWh/100 km are 15 kWh in an hour."""
    assert driving_w(100, 15) == pytest.approx(15_000)
    assert driving_w(0, 15) == 0


@given(speeds_kmh, consumptions, st.floats(1, 200))
def test_range_is_driven_until_the_battery_is_empty(
    speed_kmh: float, consumption: float, capacity_kwh: float
) -> None:
    """Driving through the whole range takes the whole capacity, whatever the speed."""
    reach_km = range_km(100, consumption, capacity_kwh)
    hours = reach_km / speed_kmh if speed_kmh > 1 else 0.0

    assert driving_w(speed_kmh, consumption) / 1000 * hours == pytest.approx(capacity_kwh if hours else 0)


def test_range_follows_the_charge() -> None:
    """Half a battery goes half as far."""
    assert range_km(50, 12.3, 73.6) == pytest.approx(299.2, abs=0.1)
