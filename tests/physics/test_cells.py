"""Cells in warmth and cold, held against the published numbers that their tables are made of."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.physics.cells import Curve, on_curve
from tests.cars import BASE, LUXURY

LINE: Curve = ((0.0, 1.0), (10.0, 3.0), (20.0, 2.0))


def test_a_curve_is_straight_between_its_points_and_level_beyond() -> None:
    """At its points it is exact."""
    assert [on_curve(LINE, where) for where in (-5, 0, 5, 10, 15, 20, 30)] == [1, 1, 2, 3, 2.5, 2, 2]


@given(st.floats(-50, 60))
def test_a_curve_stays_within_its_points(where: float) -> None:
    """Nothing overshoots."""
    assert 1 <= on_curve(LINE, where) <= 3


def test_resistance_grows_in_the_cold_as_it_was_measured() -> None:
    """Naumann: 1.45 times at 10 °C; 3 to 4 times at -20 °C, within what pages say (2.5 to 5)."""
    cells = BASE.pack.cells

    assert cells.resistance(25) == 1
    assert cells.resistance(10) == pytest.approx(1.45, abs=0.01)
    assert cells.resistance(40) == pytest.approx(0.72, abs=0.02)
    assert 3 < cells.resistance(-20) < 4


def test_cold_withholds_a_third_of_one_chemistry_and_a_tenth_of_the_other() -> None:
    """All of it is back at 25 °C."""
    base, luxury = BASE.pack.cells, LUXURY.pack.cells

    assert base.reserved_percent(-20) == pytest.approx(35)
    assert luxury.reserved_percent(-20) == pytest.approx(10)
    assert base.reserved_percent(25) == luxury.reserved_percent(40) == 0


def test_how_fast_they_may_be_charged_rises_with_warmth_until_nothing_limits() -> None:
    """In frost one takes nothing, the other its own energy in an hour."""
    assert BASE.pack.cells.most_per_h(-5) == 0
    assert LUXURY.pack.cells.most_per_h(-20) == 1
    assert BASE.pack.cells.most_per_h(25) == inf


def test_losses_at_1c_are_two_percent() -> None:
    """0.060 V of 3.3 V, and 0.075 V of 3.07 V; both are small beside 100 %."""
    assert BASE.pack.cells.lost_share_at_1c(50, 25) == pytest.approx(0.0176, abs=1e-4)
    assert LUXURY.pack.cells.lost_share_at_1c(50, 25) == pytest.approx(0.0247, abs=1e-4)
