"""How far a battery lasts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.physics.battery import Battery
from sim.physics.car_energy import MIXED, Car
from tests.cars import BASE, LUXURY, SUV

FULL = Battery(100, 25, BASE.pack)


def test_the_mix_gets_on_at_the_mean_of_the_test_cycles() -> None:
    """28.52 km in 35.7 minutes: 47.9 km/h."""
    _, speed_m_per_s = BASE.mixed_w(23)

    assert sum(one.length_m for one in MIXED) == 28_520
    assert speed_m_per_s * 3.6 == pytest.approx(47.9, abs=0.1)


@pytest.mark.parametrize("car", [BASE, LUXURY, SUV])
@pytest.mark.parametrize("outdoor_c", [23.0, 0.0, -20.0])
def test_range_is_driven_until_the_battery_gives_no_more(car: Car, outdoor_c: float) -> None:
    """What the car says is what driving so long takes, within a tenth, and rather too little when cold."""
    full = Battery(100, outdoor_c, car.pack, outdoor_c=outdoor_c)
    drawn_w, speed_m_per_s = car.mixed_w(outdoor_c)
    told_m = car.range_m(full, outdoor_c)
    driving = replace(full, load_w=drawn_w)

    assert driving.at(round(told_m / speed_m_per_s * 970)).power_w < 0
    assert driving.at(round(told_m / speed_m_per_s * 1_100)).power_w == 0


@given(st.floats(0, 100), st.floats(0, 100), st.floats(-25, 35))
def test_range_grows_with_the_charge_and_is_never_below_nothing(
    one: float, other: float, outdoor_c: float
) -> None:
    """What the cold withholds does not drive."""
    less, more = sorted((one, other))
    ranges = [BASE.range_m(Battery(percent, outdoor_c, BASE.pack), outdoor_c) for percent in (less, more)]

    assert 0 <= ranges[0] <= ranges[1]


def test_range_is_shorter_in_the_cold() -> None:
    """By heating, tyres, air and the cold pack."""
    ranges = [BASE.range_m(replace(FULL, temperature_c=c), c) for c in (23.0, 0.0, -20.0)]

    assert ranges == sorted(ranges, reverse=True)
    assert BASE.range_m(FULL, -20) > BASE.range_m(replace(FULL, temperature_c=-20), -20)
