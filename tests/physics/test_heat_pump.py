"""Heat moved by a climate unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.physics.heat_pump import cooling_cop, cooling_w, heating_cop, heating_w
from sim.physics.room_heat import RoomHeat

outdoors = st.floats(-60, 60)


@pytest.mark.parametrize(
    ("outdoor_c", "cop"),
    [
        (-20, 1.818),  # lift 60 K, the end of the fit: 6.81 - 7.26 + 2.268
        (-8, 2.45352),  # lift 48 K: 6.81 - 5.808 + 1.45152
        (10, 3.747),  # lift 30 K: 6.81 - 3.63 + 0.567
        (25, 5.13675),  # lift 15 K, the other end: 6.81 - 1.815 + 0.14175
    ],
)
def test_heating_follows_the_published_curve(outdoor_c: float, cop: float) -> None:
    """The COP of heating is that of the fit at the lift from outdoors to 40 °C."""
    assert heating_cop(outdoor_c) == pytest.approx(cop)


def test_cop_outside_the_fit_is_that_of_its_end() -> None:
    """Beyond the measured range the COP neither rises nor falls."""
    assert heating_cop(-50) == heating_cop(-20)
    assert heating_cop(40) == heating_cop(25)
    assert cooling_cop(10) == cooling_cop(27)


def test_cooling_on_a_hot_day_is_that_of_a_good_unit() -> None:
    """At 35 °C the cooling COP lies between 3 and 4, as of split units on the market."""
    assert cooling_cop(35) == pytest.approx(3.36027)  # lift 23 K: 6.81 - 2.783 + 0.33327 - 1


@given(outdoors, outdoors)
def test_cop_falls_with_the_lift(one_c: float, other_c: float) -> None:
    """Heating gets harder the colder it is outside, cooling the hotter it is."""
    colder, warmer = sorted((one_c, other_c))

    assert heating_cop(colder) <= heating_cop(warmer)
    assert cooling_cop(colder) >= cooling_cop(warmer) > 0


@given(st.floats(0, 10_000), outdoors)
def test_heat_moved_is_proportional_to_electricity(electrical_w: float, outdoor_c: float) -> None:
    """Heat is a positive number, electricity times COP, both ways."""
    assert heating_w(electrical_w, outdoor_c) == electrical_w * heating_cop(outdoor_c) >= electrical_w
    assert cooling_w(electrical_w, outdoor_c) == electrical_w * cooling_cop(outdoor_c) >= 0


def test_unit_warms_a_winter_room_within_ninety_minutes() -> None:
    """2.5 kW of electricity bring a room of 120 W/K and 1.8 MJ/K from 12 to 20 °C at -8 °C in time."""
    room = RoomHeat(
        temperature_c=12,
        at_ms=0,
        heat_loss_w_per_k=120,
        heat_capacity_j_per_k=1.8e6,
        heat_w=heating_w(2_500, -8),
        outdoor_c=-8,
    )
    warm_ms = room.crossing_ms(20, rising=True)

    assert warm_ms is not None
    assert 70 * 60_000 < warm_ms < 90 * 60_000  # 74 minutes: 15,000 s * ln(31.1 / 23.1)
