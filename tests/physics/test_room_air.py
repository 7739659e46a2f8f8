"""The dust in a room's air between two changes of its inputs."""

from math import exp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.physics.room_air import (
    AIR_EXCHANGE_PER_H,
    COOKING_UG_PER_H,
    DEPOSITION_PER_H,
    PENETRATION,
    RoomAir,
    indoors,
)

HOUR_MS = 3_600_000

dust = st.floats(0, 2_000)
rooms = st.builds(
    RoomAir,
    pm25_ug_per_m3=dust,
    at_ms=st.integers(0, 10**12),
    volume_m3=st.floats(5, 500),
    outdoor_ug_per_m3=dust,
    source_ug_per_h=st.floats(0, 4 * COOKING_UG_PER_H),
    clean_m3_per_h=st.one_of(st.just(0.0), st.floats(1, 2_000)),
)


def room(**changes: float) -> RoomAir:
    """Return a room of 75 m³ without any dust, in clean air."""
    values: dict[str, float] = {"pm25_ug_per_m3": 0, "outdoor_ug_per_m3": 0, "volume_m3": 75}
    return RoomAir(at_ms=0, **(values | changes))


def test_dust_that_nothing_adds_to_goes_as_it_settles_and_is_aired() -> None:
    """After an hour e^-(0.5 + 0.39) of it is left."""
    assert room(pm25_ug_per_m3=100).pm25_at(HOUR_MS) == pytest.approx(100 * exp(-0.89))


def test_purifier_adds_its_air_to_the_losses() -> None:
    """150 m³ an hour clean a room of 75 m³ twice an hour."""
    assert room(clean_m3_per_h=150).loss_per_h == pytest.approx(2.89)
    assert room(pm25_ug_per_m3=100, clean_m3_per_h=150).pm25_at(HOUR_MS) == pytest.approx(100 * exp(-2.89))


def test_closed_room_ends_at_a_share_of_what_is_outdoors() -> None:
    """0.5 of 0.89: more than half of the haze is in the flat after long enough."""
    hazy = room(outdoor_ug_per_m3=250)

    assert hazy.pm25_at(1_000 * HOUR_MS) == pytest.approx(indoors(250)) == pytest.approx(140.449, abs=1e-3)


def test_meal_adds_what_a_meal_does() -> None:
    """Half an hour of 1.7 mg a minute in 75 m³ is 680 µg/m³, less what has gone meanwhile."""
    cooked = room(source_ug_per_h=COOKING_UG_PER_H).pm25_at(HOUR_MS // 2)

    assert cooked == pytest.approx(1_700 * 60 / 75 / 0.89 * (1 - exp(-0.445)))
    assert 500 < cooked < 680


def test_room_asked_before_its_last_change_is_a_bug() -> None:
    """A room does not answer for what was before its last change."""
    with pytest.raises(AssertionError, match="before its last change"):
        room().pm25_at(-1)


@settings(deadline=None, max_examples=15)
@given(rooms)
def test_jump_equals_small_steps(start: RoomAir) -> None:
    """Ten hours at once and in ten thousand steps give the same dust, and the same in the filter."""
    stepped, cleaned_mg = start, 0.0
    for step in range(1, 10_001):
        now_ms = start.at_ms + step * 3_600
        cleaned_mg += stepped.cleaned_mg(now_ms)
        stepped = stepped.with_inputs(now_ms)
    end_ms = start.at_ms + 10 * HOUR_MS

    assert stepped.pm25_ug_per_m3 == pytest.approx(start.pm25_at(end_ms), abs=1e-6)
    assert cleaned_mg == pytest.approx(start.cleaned_mg(end_ms), rel=1e-6, abs=1e-6)


@settings(deadline=None)
@given(rooms, st.integers(0, 30 * HOUR_MS), st.integers(0, 30 * HOUR_MS))
def test_dust_moves_one_way_and_not_past_its_balance(start: RoomAir, first_ms: int, second_ms: int) -> None:
    """Between changes the dust never turns back, never overshoots, and is never less than none."""
    earlier, later = sorted((first_ms, second_ms))
    before, after = start.pm25_at(start.at_ms + earlier), start.pm25_at(start.at_ms + later)
    balance = start.balance_ug_per_m3
    sign = 1 if balance >= start.pm25_ug_per_m3 else -1
    rounding = 1e-9 * (1 + balance + start.pm25_ug_per_m3)

    assert sign * (after - before) >= -rounding
    assert sign * (after - balance) <= rounding
    assert after >= -rounding


@settings(deadline=None)
@given(rooms, st.floats(0.1, 20))
def test_room_keeps_its_dust(start: RoomAir, time_constants: float) -> None:
    """What a room gains is what came in and was made, less what was aired out, settled and was filtered."""
    # Simpson's rule over 2,000 intervals stands for the integral of the concentration.
    hours, parts = time_constants / start.loss_per_h, 2_000
    end_ms = start.at_ms + round(hours * HOUR_MS)
    dusts = [start.pm25_at(start.at_ms + round(hours * HOUR_MS * k / parts)) for k in range(parts + 1)]
    passed = (dusts[0] + 4 * sum(dusts[1:-1:2]) + 2 * sum(dusts[2:-1:2]) + dusts[-1]) / (3 * parts) * hours
    volume_m3 = start.volume_m3
    came_ug = (
        AIR_EXCHANGE_PER_H * PENETRATION * volume_m3 * start.outdoor_ug_per_m3 + start.source_ug_per_h
    ) * hours
    went_ug = (AIR_EXCHANGE_PER_H + DEPOSITION_PER_H) * volume_m3 * passed
    filtered_ug = start.cleaned_mg(end_ms) * 1_000
    gained_ug = volume_m3 * (dusts[-1] - dusts[0])

    # Sampling is by whole milliseconds, so an interval can be off by half of one.
    turnover_ug = came_ug + went_ug + filtered_ug + volume_m3 * start.pm25_ug_per_m3
    assert gained_ug == pytest.approx(came_ug - went_ug - filtered_ug, abs=2e-3 * turnover_ug + 1e-6)
    assert filtered_ug == pytest.approx(start.clean_m3_per_h * passed, abs=2e-3 * turnover_ug + 1e-6)


@settings(deadline=None)
@given(rooms, st.floats(1, 2_000), st.integers(1, 30 * HOUR_MS))
def test_more_cleaning_never_leaves_more_dust(start: RoomAir, more_m3_per_h: float, elapsed_ms: int) -> None:
    """A stronger purifier is never worse."""
    stronger = start.with_inputs(start.at_ms, clean_m3_per_h=start.clean_m3_per_h + more_m3_per_h)
    end_ms = start.at_ms + elapsed_ms

    assert stronger.pm25_at(end_ms) <= start.pm25_at(end_ms) + 1e-9 * (1 + start.pm25_ug_per_m3)


def test_inputs_change_without_a_jump() -> None:
    """Each input changes alone, from the dust of the moment on."""
    start = room(pm25_ug_per_m3=80)
    hazy = start.with_inputs(HOUR_MS, outdoor_ug_per_m3=200)
    cooking = hazy.with_inputs(2 * HOUR_MS, source_ug_per_h=COOKING_UG_PER_H)
    cleaning = cooking.with_inputs(2 * HOUR_MS, clean_m3_per_h=300)

    assert hazy.pm25_at(HOUR_MS) == start.pm25_at(HOUR_MS)
    assert (hazy.outdoor_ug_per_m3, hazy.source_ug_per_h, hazy.at_ms) == (200, 0, HOUR_MS)
    assert (cooking.outdoor_ug_per_m3, cooking.source_ug_per_h) == (200, COOKING_UG_PER_H)
    assert (cleaning.source_ug_per_h, cleaning.clean_m3_per_h) == (COOKING_UG_PER_H, 300)
    assert cleaning.pm25_ug_per_m3 == hazy.pm25_at(2 * HOUR_MS)
