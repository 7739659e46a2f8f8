"""A battery between two events: exact in every phase, and no energy comes from nowhere."""

from dataclasses import replace
from itertools import pairwise
from math import exp, floor

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.physics.battery import GENTLE_W, J_PER_KWH, Battery
from tests.cars import BASE, LUXURY

HOUR_MS = 3_600_000
packs = st.builds(
    replace,
    st.sampled_from([BASE.pack, LUXURY.pack]),
    capacity_kwh=st.floats(20, 150),
    ac_efficiency=st.floats(0.7, 1.0),
    dc_efficiency=st.floats(0.7, 1.0),
    heat_j_per_k=st.floats(1e5, 1e6),
    heat_loss_w_per_k=st.one_of(st.just(0.0), st.floats(1, 50)),
    heater_until_c=st.floats(5, 20),
)
batteries = st.builds(
    Battery,
    percent=st.floats(0, 100),
    temperature_c=st.floats(-30, 50),
    at_ms=st.integers(0, 10**12),
    load_w=st.one_of(st.floats(0, 10_000), st.floats(0, 120_000)),
    cable_w=st.one_of(st.just(0.0), st.floats(1_000, 350_000)),
    charging=st.booleans(),
    outdoor_c=st.floats(-30, 45),
    heater_w=st.sampled_from([0.0, 3_000.0, 7_000.0]),
    pack=packs,
)
SLOW = Battery(50, 25, BASE.pack, cable_w=7_000, charging=True, outdoor_c=25)
FAST = replace(SLOW, percent=10, cable_w=250_000)


def test_battery_charges_in_a_straight_line_from_a_wall_box() -> None:
    """7 kW less the charger's losses are 6.16 kW: in an hour 8.44 % of 73 kWh, less what the cells lose."""
    assert SLOW.at(HOUR_MS).percent == pytest.approx(50 + 100 * 6.16 / 73, rel=1e-3)
    assert SLOW.at(HOUR_MS).percent < 50 + 100 * 6.16 / 73
    assert SLOW.drawn_w == pytest.approx(7_000)
    assert replace(SLOW, cable_w=22_000).drawn_w == pytest.approx(11_000)  # what its own charger draws


def test_battery_follows_its_charge_curve() -> None:
    """Charged fast, the power is that of the curve in the middle of each percent, until it is full."""
    powers = [replace(FAST, percent=float(percent)).power_w for percent in range(10, 100, 5)]

    assert powers[0] == pytest.approx(164_500, abs=1)
    assert all(later <= earlier for earlier, later in pairwise(powers))
    assert FAST.at(3 * HOUR_MS).percent == 100.0
    assert FAST.at(3 * HOUR_MS).power_w == 0.0
    assert FAST.drawn_w == pytest.approx(164_500 / 0.92, abs=1)


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
    """0.9 kW empties 5 % of 73 kWh in 4.06 h, and an empty battery gives nothing more."""
    low = Battery(5, 25, BASE.pack, load_w=900, outdoor_c=25)

    assert low.at(int(4.05 * HOUR_MS) - 60_000).percent > 0
    assert low.at(5 * HOUR_MS).percent == 0.0
    assert low.at(5 * HOUR_MS).power_w == 0.0


@pytest.mark.parametrize("load_w", [500.0, 20_000.0])
def test_battery_keeps_what_the_cold_withholds_and_gives_it_back_in_warmth(load_w: float) -> None:
    """At -20 °C it ends with about a third of its charge; in spring it goes on with that."""
    frozen = Battery(36, -20, BASE.pack, load_w=load_w, outdoor_c=-20).at(20 * HOUR_MS)
    spring = replace(frozen, outdoor_c=20.0)

    assert 20 < frozen.percent <= 35.1
    assert frozen.power_w == 0
    assert spring.at(frozen.at_ms + 200 * HOUR_MS).percent < 10
    assert replace(frozen, percent=36.0, load_w=0.0).at(frozen.at_ms + HOUR_MS).percent == 36


def test_frozen_lithium_iron_phosphate_takes_nothing_until_it_is_heated() -> None:
    """The heater runs until its thermostat opens, and then charging is fast."""
    frozen = Battery(10, -20, BASE.pack, cable_w=250_000, charging=True, outdoor_c=-20)
    heated = replace(frozen, heater_w=7_000.0)
    opened = heated.at(HOUR_MS)

    assert frozen.power_w == 0
    assert frozen.reaches_ms(80) is None
    assert heated.drawn_w == pytest.approx(7_000 / 0.92)
    assert heated.at(HOUR_MS // 4).percent == 10
    assert opened.percent > 50
    assert opened.heater_w == 0
    assert replace(heated, temperature_c=16.0).heats_w == 0


def test_battery_takes_what_the_wheels_bring_and_no_more_than_cold_cells_bear() -> None:
    """Downhill it charges without a cable; in frost the brakes take it."""
    rolling = Battery(50, 25, BASE.pack, load_w=-20_000, outdoor_c=25)

    assert rolling.power_w == 20_000
    assert rolling.at(60_000).percent > 50
    assert replace(rolling, temperature_c=-5.0).power_w == 0


def test_battery_warms_by_its_losses_and_cools_to_outdoors() -> None:
    """Left alone it ends at outdoors; what is lost inside while it drives warms it."""
    idle = Battery(50, 30, BASE.pack, outdoor_c=5)
    lag_s = BASE.pack.heat_j_per_k / BASE.pack.heat_loss_w_per_k
    drives = Battery(90, 5, BASE.pack, load_w=20_000, outdoor_c=5)

    assert idle.at(round(lag_s * 1000)).temperature_c == pytest.approx(5 + 25 * exp(-1))
    assert 5.5 < drives.at(HOUR_MS).temperature_c < 10


def test_battery_asked_before_its_last_change_is_a_bug() -> None:
    """A battery does not answer for what was before its last change."""
    with pytest.raises(AssertionError, match="before its last change"):
        replace(SLOW, at_ms=10).at(9)


def test_warmth_between_two_cells_stays_where_one_warms_and_the_other_cools() -> None:
    """In the colder cell the resistance warms more than the warmer cell loses: it holds the very degree."""
    pack = replace(BASE.pack, heat_loss_w_per_k=20.0, heat_j_per_k=1e4)
    battery = Battery(90, 2.5, pack, load_w=15_000, outdoor_c=-12.0)
    steady = battery.at(4 * HOUR_MS // 2)

    assert steady.temperature_c == pytest.approx(round(steady.temperature_c), abs=0.5)
    assert steady.at(steady.at_ms + 60_000).temperature_c == pytest.approx(steady.temperature_c, abs=0.2)


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
    """Between two events the charge never turns back, and is never below 0 or above 100 %.

    With its heater off, which can take more than a cable brings until its thermostat opens.
    """
    start = replace(start, heater_w=0.0)
    earlier, later = (start.at(start.at_ms + one) for one in sorted((one_ms, other_ms)))
    sign = 1 if start.pack.given_w(start.cable_w) > start.load_w else -1

    assert 0 <= later.percent <= 100
    assert sign * (later.percent - earlier.percent) >= -1e-9


@settings(deadline=None)
@given(batteries, st.integers(0, 5 * HOUR_MS))
def test_battery_keeps_its_energy(start: Battery, after_ms: int) -> None:
    """Within a cell of the grid the charge grows by the power less its loss, and the cable has its limit."""
    here = start.at(start.at_ms + after_ms)
    soon = here.at(here.at_ms + 10)
    assume(
        floor(here.percent) == floor(soon.percent) and floor(here.temperature_c) == floor(soon.temperature_c)
    )
    assume(1e-3 < here.percent < 100 - 1e-3 and here.heater_w == soon.heater_w)
    stored_w = (soon.percent - here.percent) / 100 * here.pack.capacity_kwh * J_PER_KWH / 0.01
    rate_per_h = abs(here.power_w) / here.pack.capacity_kwh / 1000
    lost_w = (
        abs(here.power_w)
        * rate_per_h
        * here.pack.cells.lost_share_at_1c(floor(here.percent) + 0.5, floor(here.temperature_c) + 0.5)
    )

    assert stored_w == pytest.approx(
        here.power_w - lost_w, rel=1e-3, abs=max(lost_w, 1) if abs(here.power_w) <= GENTLE_W else 50
    )
    if here.cable_w and here.power_w >= 0 and here.drawn_w > 0:
        given_w = here.pack.given_w(here.cable_w)
        assert here.power_w <= max(given_w - here.load_w - here.heats_w, 0) + 1e-6
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
    """More power from the cable leaves no less in the battery.

    With its heater off: what is warmed gives back what the cold withholds, and that can be used up.
    """
    start = replace(start, heater_w=0.0)
    stronger = replace(start, cable_w=start.cable_w + more_w)

    assert stronger.at(start.at_ms + HOUR_MS).percent >= start.at(start.at_ms + HOUR_MS).percent - 1e-9
