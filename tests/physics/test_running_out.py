"""The last of a battery: when it sinks to a level, and what a car does with what is left."""

from dataclasses import replace
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core.bands import ChargingBand, PowerBand
from sim.physics.battery import J_PER_KWH, Battery
from sim.physics.promises import LONGEST_MS, measured
from sim.physics.running_out import (
    BRAKES_M_PER_S2,
    CRAWL_M_PER_S,
    LIMITED_PER_H,
    LIMITED_PERCENT,
    cut_off_percent,
    drive_power,
    limited_m_per_s,
    rolling_m_per_s2,
    turns_at_percent,
)
from tests.cars import BASE, LUXURY, SUV, holding

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from([BASE, LUXURY]),
    st.floats(5, 95),
    st.floats(-30, 40),
    st.floats(-30, 40),
    st.sampled_from([500.0, 3_000.0, 18_000.0, 60_000.0]),
    st.sampled_from([0.0, 2.0, 40.0]),
)
def test_a_battery_sinks_to_a_level_when_it_is_said(
    car: object, percent: float, pack_c: float, outdoor_c: float, load_w: float, left: float
) -> None:
    """Not a second before is less left than that, and then no more; where it is not by then, more is left."""
    battery = Battery(percent, pack_c, car.pack, load_w=load_w, outdoor_c=outdoor_c)  # type: ignore[attr-defined]
    due_ms = battery.sinks_ms(left, DAY_MS)
    if due_ms is None:
        assert battery.at(DAY_MS).left_percent > left
        return
    assert due_ms <= DAY_MS
    if due_ms == 0:
        assert battery.left_percent <= left + 2  # the colder cell of the grid may count on its edge
        return
    before, after = battery.at(max(due_ms - 1_000, 0)), battery.at(due_ms)
    assert battery.sinks_ms(left, due_ms) == due_ms
    assert battery.sinks_ms(left, due_ms - 1) is None
    assert after.left_percent <= left + 2  # likewise
    assert 0 <= due_ms <= DAY_MS
    if floor(before.temperature_c) == floor(after.temperature_c):
        assert before.left_percent >= left
        assert after.left_percent == pytest.approx(left, abs=0.01)


def test_a_battery_that_is_charged_sinks_to_nothing() -> None:
    """Neither does one at rest."""
    assert Battery(50, 20, BASE.pack, cable_w=7_000, charging=True).sinks_ms(10, DAY_MS) is None
    assert Battery(50, 20, BASE.pack).sinks_ms(10, DAY_MS) is None
    assert Battery(50, 25, BASE.pack).sinks_ms(50, DAY_MS) == 0


@pytest.mark.parametrize("car", [BASE, LUXURY, SUV])
def test_near_empty_the_power_that_is_left_holds_a_speed(car: object) -> None:
    """Slower uphill, no faster downhill, and never slower than somebody who pushes."""
    body, capacity_kwh = car.body, car.pack.capacity_kwh  # type: ignore[attr-defined]
    flat, up, steep, down = (limited_m_per_s(body, capacity_kwh, 20.0, one) for one in (0.0, 0.04, 0.3, -0.1))

    drawn_w = body.driving_w(flat, 20.0) + body.auxiliaries_w
    assert drawn_w == pytest.approx(LIMITED_PER_H * capacity_kwh * 1000, rel=1e-4)
    assert 40 / 3.6 < flat < 110 / 3.6
    assert CRAWL_M_PER_S < up < flat == down
    assert steep == pytest.approx(CRAWL_M_PER_S)


def test_rolling_takes_from_the_motion_what_the_road_takes() -> None:
    """By the first law: k m v² / 2 is the work of the road until it stands; downhill the driver brakes."""
    body, speed = BASE.body, 20.0
    slows = rolling_m_per_s2(body, speed, 20.0)
    way_m, work_j = 0.0, 0.0
    for step in range(10_000):
        now = speed * (1 - step / 10_000)
        work_j += body.force_n(now, 20.0) * now * (speed / slows / 10_000)
        way_m += now * speed / slows / 10_000

    assert work_j == pytest.approx(body.rotating_mass * body.mass_kg * speed**2 / 2, rel=1e-3)
    assert 500 < way_m < 2_500
    assert rolling_m_per_s2(body, speed, 20.0, slope=-0.05) == BRAKES_M_PER_S2
    assert rolling_m_per_s2(body, speed, 20.0, slope=0.05) > 4 * slows


def test_what_rolling_takes_is_kept_for_it() -> None:
    """A heated cabin needs more; a small battery keeps a larger share."""
    cut_off = cut_off_percent(BASE, 25.0, 0.0)

    assert 0 < cut_off < cut_off_percent(BASE, 25.0, 5_000.0) < LIMITED_PERCENT
    moving_j = BASE.body.rotating_mass * BASE.body.mass_kg / 2 * limited_m_per_s(BASE.body, 73.0, 25.0) ** 2
    assert cut_off / 100 * 73 * J_PER_KWH > moving_j / BASE.body.to_wheel
    assert cut_off_percent(holding(BASE, 20.0), 25.0, 0.0) > 0


@pytest.mark.parametrize(
    ("percent", "power", "turns_at"),
    [(50.0, "full", LIMITED_PERCENT), (1.5, "limited", None), (0.01, "none", None)],
)
def test_what_the_motors_get_follows_from_what_is_left(
    percent: float, power: str, turns_at: float | None
) -> None:
    """And at how much they next get less."""
    battery = Battery(percent, 26.0, BASE.pack)

    assert drive_power(BASE, battery, 26.0, 0.0) == power
    expected = turns_at if power != "limited" else cut_off_percent(BASE, 26.0, 0.0)
    assert turns_at_percent(BASE, battery, 26.0, 0.0) == expected


def test_what_is_never_charged_takes_the_longest_there_is() -> None:
    """A frozen pack without a heater in a frost that stays."""
    frozen = replace(BASE, pack=replace(BASE.pack, heater_w=0.0))
    given = {
        "basis": "assumed",
        "source": "assumed",
        "outdoor_c": -20.0,
        "pack_c": -20.0,
        "power_w": 250_000.0,
        "from_percent": 10.0,
        "to_percent": 80.0,
    }
    time = ChargingBand.model_validate({**given, "measure": "charging time", "least_ms": 1, "most_ms": 2})
    power = PowerBand.model_validate({**given, "measure": "charging power", "least_w": 1.0, "most_w": 2.0})

    assert measured(frozen, time) == LONGEST_MS
    assert measured(frozen, power) == pytest.approx(0.7 * 73 * J_PER_KWH / LONGEST_MS * 1000)
