"""An air purifier's fan and filter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.physics.air_purifier import (
    FILTER_CAPACITY_MG,
    RATED_W,
    SPEEDS,
    STANDBY_W,
    delivered_m3_per_h,
    purifier_w,
    remaining_percent,
)

levels = st.sampled_from(sorted(SPEEDS))


def test_new_filter_at_the_highest_level_delivers_what_the_data_sheet_says() -> None:
    """400 m³/h at 30 W; at rest it delivers nothing and listens."""
    assert delivered_m3_per_h(400, 3, 0) == 400
    assert purifier_w(3) == RATED_W
    assert delivered_m3_per_h(400, 0, 0) == 0
    assert purifier_w(0) == STANDBY_W


def test_full_filter_delivers_half() -> None:
    """That is what the cumulate clean mass means."""
    assert delivered_m3_per_h(400, 3, FILTER_CAPACITY_MG) == pytest.approx(200)
    assert remaining_percent(FILTER_CAPACITY_MG) == 0
    assert remaining_percent(FILTER_CAPACITY_MG / 4) == pytest.approx(75)


@given(levels, levels, st.floats(0, 1e6), st.floats(0, 1e6))
def test_more_speed_never_delivers_less_and_more_dust_never_more(
    slow: int, fast: int, clean_mg: float, dirty_mg: float
) -> None:
    """Flow and power rise with the level; the flow falls with the dust, and never below nothing."""
    slow, fast = sorted((slow, fast))
    clean_mg, dirty_mg = sorted((clean_mg, dirty_mg))

    assert delivered_m3_per_h(400, slow, clean_mg) <= delivered_m3_per_h(400, fast, clean_mg)
    assert purifier_w(slow) <= purifier_w(fast)
    assert 0 <= delivered_m3_per_h(400, fast, dirty_mg) <= delivered_m3_per_h(400, fast, clean_mg)
    assert 0 <= remaining_percent(dirty_mg) <= remaining_percent(clean_mg) <= 100


def test_slow_fan_is_thrifty() -> None:
    """The cube of the speed: two thirds of the air for a third of the power."""
    assert purifier_w(2) == pytest.approx(STANDBY_W + (RATED_W - STANDBY_W) * 0.65**3)
    assert delivered_m3_per_h(400, 2, 0) / purifier_w(2) > delivered_m3_per_h(400, 3, 0) / purifier_w(3)
