"""The meter of an appliance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.apps.electricity import ElectricityMeter, Meter

HOUR_MS = 3_600_000


def test_meter_counts_what_was_drawn_until_it_is_read() -> None:
    """Half an hour at 2 kW is a kilowatt hour; what comes next is counted at the next reading."""
    meter = ElectricityMeter().read(0, 2_000).read(HOUR_MS // 2, 100)

    assert meter.used_kwh == pytest.approx(1.0)
    assert meter.report() == Meter(draw_w=100.0, energy_kwh=1.0)
    assert meter.read(HOUR_MS * 3 // 2, 0).used_kwh == pytest.approx(1.1)


def test_meter_that_was_never_read_has_counted_nothing() -> None:
    """What was drawn before the first reading nobody knows."""
    assert ElectricityMeter().read(10 * HOUR_MS, 2_000).used_kwh == 0


@given(st.lists(st.tuples(st.integers(0, 10**9), st.floats(0, 10_000)), max_size=20))
def test_meter_never_runs_backwards(readings: list[tuple[int, float]]) -> None:
    """Whatever the clock does, what was used stays used."""
    meter = ElectricityMeter()
    for now_ms, draw_w in readings:
        later = meter.read(now_ms, draw_w)
        assert later.used_kwh >= meter.used_kwh
        meter = later
