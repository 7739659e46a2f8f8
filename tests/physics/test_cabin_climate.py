"""What a car's climate unit moves for its electricity."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.physics.cabin_climate import (
    COMPRESSOR_W_MAX,
    PTC_W_MAX,
    electricity_w,
    heat_limits_w,
    heat_w,
)
from sim.physics.heat_pump import cooling_cop, heating_cop

outdoors = st.floats(-40, 50)


def test_climate_heats_with_its_pump_first_and_its_resistance_after() -> None:
    """Up to its limit the compressor heats; beyond it a watt more is a watt of heat."""
    assert heat_w(1_000, 0, 0) == pytest.approx(1_000 * heating_cop(0))
    assert heat_w(COMPRESSOR_W_MAX + 500, 0, 0) == pytest.approx(COMPRESSOR_W_MAX * heating_cop(0) + 500)


def test_climate_cools_with_its_pump_alone() -> None:
    """Cooling takes heat out of the cabin, and ends at the compressor's limit."""
    assert heat_w(0, 1_000, 35) == pytest.approx(-1_000 * cooling_cop(35))
    assert electricity_w(-1e6, 35) == (0.0, COMPRESSOR_W_MAX)


@given(outdoors, st.floats(-20_000, 20_000))
def test_climate_moves_what_is_wanted_as_far_as_it_can(outdoor_c: float, wanted_w: float) -> None:
    """Within its limits it moves exactly what is wanted; beyond them, what it can."""
    least_w, most_w = heat_limits_w(outdoor_c)
    heater_w, cooler_w = electricity_w(wanted_w, outdoor_c)

    assert heat_w(heater_w, cooler_w, outdoor_c) == pytest.approx(
        min(max(wanted_w, least_w), most_w), abs=1e-6
    )
    assert 0 <= heater_w <= COMPRESSOR_W_MAX + PTC_W_MAX
    assert 0 <= cooler_w <= COMPRESSOR_W_MAX
    assert heater_w == 0 or cooler_w == 0


@given(outdoors, st.floats(0, 20_000), st.floats(0, 5_000))
def test_climate_takes_more_for_more(outdoor_c: float, wanted_w: float, more_w: float) -> None:
    """More heat never takes less electricity."""
    assert electricity_w(wanted_w + more_w, outdoor_c)[0] >= electricity_w(wanted_w, outdoor_c)[0]
