"""Places: who stands where, and who moves with whom."""

import pytest

from sim.core.household import Household
from sim.physics.travel import Path
from sim.scenario.households import read_household
from sim.world.truth.places import NEAR_HOME_M, Places
from tests.stages import HOME, KINDS, START_MS

TWO_HOMES = HOME.replace(
    "devices:",
    "  cabin: {position: [40.1, 116.5], rooms: {den: {volume: 40 m³, heat_loss: 100 W/K, "
    "heat_capacity: 1 MJ/K}}}\ndevices:",
)


@pytest.fixture
def places() -> Places:
    """Everybody at the first of two homes, eleven kilometres apart."""
    return Places(read_household("two.household.yaml", TWO_HOMES, KINDS), START_MS)


def test_everybody_begins_at_the_first_home(places: Places) -> None:
    """Its place is the origin; the other home is a tenth of a degree north."""
    assert (
        places.position("lin", START_MS)
        == places.position("button", START_MS)
        == places.homes["home"]
        == (0, 0)
    )
    assert places.homes["cabin"] == pytest.approx((0, 11_119.5), abs=0.1)
    assert places.at("lin", START_MS) == "home"


def test_household_without_homes_begins_at_the_origin() -> None:
    """Nobody is at any home then."""
    places = Places(Household("x", {}, {}, {}), START_MS)

    assert places.homes == {}
    assert not places.knows("lin")


def test_names_are_known_or_not(places: Places) -> None:
    """People, devices and homes have a place, others do not."""
    assert [places.knows(name) for name in ("lin", "lamp", "mallory", "cabin", "ghost")] == [True] * 4 + [
        False
    ]


def test_thing_moves_with_whoever_carries_it(places: Places) -> None:
    """A thing in a pocket in a car is where the car is."""
    places.carry("button", "lin", START_MS)
    places.carry("lin", "lamp", START_MS)
    places.move("lamp", Path((0, 0), (100, 0), START_MS, 10.0))

    assert places.position("button", START_MS + 5_000) == (50, 0)
    assert places.carrier("button") == "lin"
    assert places.vehicle("button") == "lamp"
    assert places.vehicle("lin") is None


def test_thing_put_down_stays_where_it_was(places: Places) -> None:
    """Whoever carried it goes on alone."""
    places.carry("button", "lin", START_MS)
    places.move("lin", Path((0, 0), (100, 0), START_MS, 10.0))
    assert places.path("lin").arrival_ms == START_MS + 10_000

    places.carry("button", None, START_MS + 3_000)
    places.carry("button", None, START_MS + 3_000)

    assert places.position("button", START_MS + 9_000) == (30, 0)
    assert places.distance_m("button", "lin", START_MS + 10_000) == 70
    assert places.carrier("button") is None


def test_being_at_a_home_ends_at_its_street(places: Places) -> None:
    """A hundred metres are at home, one millimetre more is away."""
    places.put("lin", (NEAR_HOME_M, 0), START_MS)
    assert places.at("lin", START_MS) == "home"

    places.put("lin", (NEAR_HOME_M + 0.001, 0), START_MS)
    assert places.at("lin", START_MS) == "away"

    places.put("lin", places.homes["cabin"], START_MS)
    assert places.at("lin", START_MS) == "cabin"


def test_location_is_in_degrees(places: Places) -> None:
    """A satellite receiver says what the household file says."""
    assert places.location("lin", START_MS) == pytest.approx((40.0, 116.5))
    assert places.location("cabin", START_MS) == pytest.approx((40.1, 116.5))
