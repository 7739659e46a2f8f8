"""The cabin's two lumps of heat: exact between changes, in balance with what goes in and out."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.physics.cabin_heat import Cabin, CabinHeat

HOUR_MS = 3_600_000
celsius = st.floats(-40, 60)
cabins = st.builds(
    Cabin,
    air_j_per_k=st.floats(5_000, 100_000),
    interior_j_per_k=st.floats(20_000, 500_000),
    interior_w_per_k=st.floats(5, 500),
    glass_w_per_k=st.floats(5, 200),
    body_w_per_k=st.floats(1, 100),
)
heats = st.builds(
    CabinHeat,
    air_c=celsius,
    interior_c=celsius,
    at_ms=st.integers(0, 10**12),
    outdoor_c=celsius,
    heat_w=st.floats(-8_000, 12_000),
    interior_w=st.floats(0, 2_000),
    cabin=cabins,
)


def stored_j(heat: CabinHeat) -> float:
    """Return the heat above 0 °C in both lumps."""
    return heat.cabin.air_j_per_k * heat.air_c + heat.cabin.interior_j_per_k * heat.interior_c


def test_cabin_left_alone_ends_as_warm_as_outdoors() -> None:
    """Without heat, both lumps end where it is outdoors."""
    warm = CabinHeat(air_c=21, interior_c=18, at_ms=0, outdoor_c=-10)
    end = warm.at(100 * HOUR_MS)

    assert end.air_c == pytest.approx(-10)
    assert end.interior_c == pytest.approx(-10)


def test_cabin_ends_where_losses_equal_the_heat() -> None:
    """In balance, what leaves through the glass and the body is what is brought in."""
    heated = CabinHeat(air_c=0, interior_c=0, at_ms=0, outdoor_c=0, heat_w=2_000, interior_w=100)
    air_c, interior_c = heated.balance_c()

    assert heated.at(100 * HOUR_MS).air_c == pytest.approx(air_c)
    assert heated.at(100 * HOUR_MS).interior_c == pytest.approx(interior_c)
    assert heated.cabin.glass_w_per_k * air_c + heated.cabin.body_w_per_k * interior_c == pytest.approx(2_100)


def test_cabin_asked_before_its_last_change_is_a_bug() -> None:
    """A cabin does not answer for what was before its last change."""
    with pytest.raises(AssertionError, match="before its last change"):
        CabinHeat(0, 0, 10, 0).at(9)


@settings(deadline=None, max_examples=15)
@given(heats)
def test_cabin_jump_equals_small_steps(start: CabinHeat) -> None:
    """Ten hours at once and in ten thousand steps give the same within a millionth."""
    stepped = start
    for step in range(1, 10_001):
        stepped = stepped.at(start.at_ms + step * 3_600)
    jumped = start.at(start.at_ms + 10 * HOUR_MS)

    assert stepped.air_c == pytest.approx(jumped.air_c, abs=1e-6)
    assert stepped.interior_c == pytest.approx(jumped.interior_c, abs=1e-6)


@settings(deadline=None, max_examples=50)
@given(heats)
def test_cabin_keeps_its_energy(start: CabinHeat) -> None:
    """What is stored grows by what is brought in less what leaks out: the rate at any instant says so."""
    cabin = start.cabin
    later = start.at(start.at_ms + 60_000)
    before, after = later.at(later.at_ms), later.at(later.at_ms + 1)
    leaks_w = cabin.glass_w_per_k * (later.air_c - later.outdoor_c) + cabin.body_w_per_k * (
        later.interior_c - later.outdoor_c
    )
    rate_w = (stored_j(after) - stored_j(before)) * 1000

    assert rate_w == pytest.approx(start.heat_w + start.interior_w - leaks_w, rel=1e-3, abs=5)


@settings(deadline=None)
@given(heats, st.floats(1, 5_000))
def test_cabin_with_more_heat_is_never_colder(start: CabinHeat, more_w: float) -> None:
    """More heat leaves neither lump colder, at any time."""
    warmer = replace(start, heat_w=start.heat_w + more_w)
    for minutes in (1, 10, 60, 600):
        now_ms = start.at_ms + minutes * 60_000
        assert warmer.at(now_ms).air_c >= start.at(now_ms).air_c - 1e-9
        assert warmer.at(now_ms).interior_c >= start.at(now_ms).interior_c - 1e-9


@settings(deadline=None)
@given(heats, celsius, st.integers(1_000, HOUR_MS))
def test_cabin_heat_for_a_target_brings_it_there(start: CabinHeat, target_c: float, after_ms: int) -> None:
    """The one power that is calculated for a target makes the air as warm as that, at that time."""
    there = replace(start, heat_w=start.heat_for_w(target_c, after_ms)).at(start.at_ms + after_ms)

    assert there.air_c == pytest.approx(target_c, abs=1e-6)


@settings(deadline=None)
@given(heats)
def test_cabin_turns_where_its_bend_is_least(start: CabinHeat) -> None:
    """The bend falls until the temperature turns and rises from there; on either side it moves one way."""
    times = [start.at_ms + minutes * 60_000 for minutes in range(0, 241, 4)]
    bends = [start.bend(now_ms)[0] for now_ms in times]
    least = bends.index(min(bends))
    assume(0 < least < len(times) - 1)
    airs = [start.at(now_ms).air_c for now_ms in times]
    before = [later - earlier for earlier, later in pairwise(airs[:least])]
    after = [later - earlier for earlier, later in pairwise(airs[least + 1 :])]

    assert all(step >= -1e-9 for step in before) or all(step <= 1e-9 for step in before)
    assert all(step >= -1e-9 for step in after) or all(step <= 1e-9 for step in after)


def test_cabin_that_was_heated_warms_its_seats_first_and_then_cools() -> None:
    """Switched off with warm air and cold seats, the interior warms on for a while: it turns once."""
    off = CabinHeat(air_c=25, interior_c=0, at_ms=0, outdoor_c=0)
    interiors = [off.at(minute * 60_000).interior_c for minute in range(60)]
    peak = interiors.index(max(interiors))

    assert 0 < peak < 59
    assert off.bend(peak * 60_000)[1] < off.bend(0)[1]
    assert off.bend(peak * 60_000)[1] < off.bend(59 * 60_000)[1]
