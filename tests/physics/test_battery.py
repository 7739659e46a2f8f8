"""A battery between two events: exact in every phase, and no energy comes from nowhere."""

from dataclasses import replace
from itertools import pairwise
from math import exp

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.physics.battery import J_PER_KWH, Battery, Pack

HOUR_MS = 3_600_000
packs = st.builds(
    Pack,
    capacity_kwh=st.floats(20, 150),
    charge_w_max=st.floats(20_000, 300_000),
    charge_w_full=st.floats(500, 15_000),
    knee_percent=st.floats(10, 90),
    efficiency=st.floats(0.7, 1.0),
    loss_share=st.floats(0, 0.1),
    heat_j_per_k=st.floats(1e5, 1e6),
    heat_loss_w_per_k=st.floats(0, 50),
)
batteries = st.builds(
    Battery,
    percent=st.floats(0, 100),
    temperature_c=st.floats(-30, 50),
    at_ms=st.integers(0, 10**12),
    load_w=st.floats(0, 10_000),
    cable_w=st.one_of(st.just(0.0), st.floats(1_000, 350_000)),
    charging=st.booleans(),
    outdoor_c=st.floats(-30, 45),
    pack=packs,
)
SLOW = Battery(percent=50, temperature_c=20, at_ms=0, cable_w=7_000, charging=True, outdoor_c=20)
FAST = replace(SLOW, percent=10, cable_w=150_000)


def test_battery_charges_in_a_straight_line_below_the_knee() -> None:
    """7 kW less the losses are 6.16 kW: in an hour 8.37 % of 73.6 kWh."""
    assert SLOW.at(HOUR_MS).percent == pytest.approx(50 + 100 * 6.16 / 73.6)
    assert SLOW.drawn_w == 7_000


def test_battery_takes_less_and_less_above_the_knee() -> None:
    """Charged fast, the power falls from the knee on, and reaches full in bounded time."""
    powers = [FAST.at(minutes * 60_000).power_w for minutes in range(0, 120, 5)]

    assert powers[0] == pytest.approx(132_000)
    assert all(later <= earlier + 1e-6 for earlier, later in pairwise(powers))
    assert FAST.at(2 * HOUR_MS).percent == 100.0
    assert FAST.at(2 * HOUR_MS).power_w == 0.0


def test_battery_loads_come_from_the_cable_first() -> None:
    """Whatever the car uses is taken from the cable before anything is charged."""
    loaded = replace(SLOW, load_w=2_000)

    assert loaded.power_w == pytest.approx(6_160 - 2_000)
    assert loaded.drawn_w == pytest.approx(7_000)
    assert replace(loaded, charging=False).power_w == 0
    assert replace(loaded, charging=False).drawn_w == pytest.approx(2_000 / 0.88)
    assert replace(loaded, load_w=8_160).power_w == pytest.approx(-2_000)
    assert replace(loaded, load_w=8_160).drawn_w == 7_000
    assert replace(loaded, cable_w=0).drawn_w == 0


def test_battery_empties_and_stays_empty() -> None:
    """1 kW empties 5 % of 73.6 kWh in 3.68 h, and an empty battery gives nothing more."""
    low = Battery(percent=5, temperature_c=20, at_ms=0, load_w=1_000, outdoor_c=20)

    assert low.at(int(3.68 * HOUR_MS) - 60_000).percent > 0
    assert low.at(4 * HOUR_MS).percent == 0.0
    assert low.at(4 * HOUR_MS).power_w == 0.0


def test_battery_warms_by_its_losses_and_cools_to_outdoors() -> None:
    """With a constant power it ends where the losses leave as fast as they come; left alone, at outdoors."""
    pack = replace(SLOW.pack, heat_loss_w_per_k=10.0)
    drained = Battery(percent=100, temperature_c=0, at_ms=0, load_w=500, pack=replace(pack, capacity_kwh=1e6))
    idle = Battery(percent=50, temperature_c=30, at_ms=0, outdoor_c=5, pack=pack)
    lag_s = pack.heat_j_per_k / pack.heat_loss_w_per_k

    assert drained.at(1_000 * HOUR_MS).temperature_c == pytest.approx(10 + 0.03 * 500 / 10)
    assert idle.at(round(lag_s * 1000)).temperature_c == pytest.approx(5 + 25 * exp(-1))


def test_battery_asked_before_its_last_change_is_a_bug() -> None:
    """A battery does not answer for what was before its last change."""
    with pytest.raises(AssertionError, match="before its last change"):
        replace(SLOW, at_ms=10).at(9)


@settings(deadline=None, max_examples=15)
@given(batteries)
def test_battery_jump_equals_small_steps(start: Battery) -> None:
    """Ten hours at once and in ten thousand steps give the same within a millionth."""
    stepped = start
    for step in range(1, 10_001):
        stepped = stepped.at(start.at_ms + step * 3_600)
    jumped = start.at(start.at_ms + 10 * HOUR_MS)

    assert stepped.percent == pytest.approx(jumped.percent, abs=1e-6)
    assert stepped.temperature_c == pytest.approx(jumped.temperature_c, abs=1e-6)


@settings(deadline=None)
@given(batteries, st.integers(0, 20 * HOUR_MS), st.integers(0, 20 * HOUR_MS))
def test_battery_moves_one_way_and_within_its_bounds(start: Battery, one_ms: int, other_ms: int) -> None:
    """Between two events the charge never turns back, and is never below 0 or above 100 %."""
    earlier, later = (start.at(start.at_ms + one) for one in sorted((one_ms, other_ms)))
    sign = 1 if start.power_w > 0 else -1

    assert 0 <= later.percent <= 100
    assert sign * (later.percent - earlier.percent) >= -1e-9


@settings(deadline=None)
@given(batteries, st.integers(0, 5 * HOUR_MS))
def test_battery_keeps_its_energy(start: Battery, after_ms: int) -> None:
    """The charge grows by the power into the pack, and nothing comes out of the cable that did not go in."""
    here = start.at(start.at_ms + after_ms)
    soon = here.at(here.at_ms + 10)
    assume(here.power_w == 0 or 1e-3 < here.percent < 100 - 1e-3)
    stored_w = (soon.percent - here.percent) / 100 * here.pack.capacity_kwh * J_PER_KWH / 0.01

    assert stored_w == pytest.approx(here.power_w, rel=1e-2, abs=50)
    if here.cable_w and here.percent > 0:  # an empty one cannot give what the cable lacks
        assert here.power_w + here.load_w <= here.pack.efficiency * here.drawn_w + 1e-6
        assert here.drawn_w <= here.cable_w + 1e-6


@settings(deadline=None, max_examples=50)
@given(batteries, st.floats(1, 100))
def test_battery_says_to_the_millisecond_when_a_charge_is_reached(start: Battery, percent: float) -> None:
    """At the millisecond that is named the charge is there, and one before it is not."""
    reached_ms = start.reaches_ms(percent)

    if reached_ms is None:
        assert start.at(start.at_ms + 20 * 24 * HOUR_MS).percent < percent
    else:
        assert start.at(reached_ms).percent >= percent
        assert reached_ms == start.at_ms or start.at(reached_ms - 1).percent < percent


@given(batteries, st.floats(1_000, 50_000))
def test_battery_with_a_stronger_cable_is_never_emptier(start: Battery, more_w: float) -> None:
    """More power from the cable leaves no less in the battery."""
    stronger = replace(start, cable_w=start.cable_w + more_w)

    assert stronger.at(start.at_ms + HOUR_MS).percent >= start.at(start.at_ms + HOUR_MS).percent - 1e-9
