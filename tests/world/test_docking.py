"""Docking: a tablet is put into a car's holder by hand, rides with it, and is taken out by hand."""

import pytest

from sim.core.surroundings import Aboard
from sim.devices.car import Car
from sim.devices.tablet import Tablet
from sim.world.senses import TruthSenses
from sim.world.truth.people import ImpossibleActError
from tests.scenario.stories import passes
from tests.stages import HOME, KINDS, Theatre

TABLETS = HOME.replace(
    "devices:",
    "devices:\n  su7: {kind: car, owner: lin}\n  tablet: {kind: tablet, owner: mei}\n"
    "  second: {kind: tablet, dock: su7}",
)


@pytest.fixture
def theatre() -> Theatre:
    """Mei with her tablet beside an unlocked car, in which another one is docked."""
    stage = Theatre(TABLETS, kinds={**KINDS, "car": Car, "tablet": Tablet})
    stage.truth.change("su7", {"locked": False}, stage.now_ms)
    return stage


def refusal(stage: Theatre, person: str, device: str) -> str:
    """Return why a tablet cannot be docked."""
    with pytest.raises(ImpossibleActError) as caught:
        stage.does(person, "docks", device=device, car="su7")
    return str(caught.value)


def test_a_tablet_is_in_its_holder_from_the_beginning_if_its_entry_says_so(theatre: Theatre) -> None:
    """It is where the car is; one with an owner is where that person is."""
    assert theatre.truth.fact("second", "docked_in", theatre.now_ms) == "su7"
    assert theatre.truth.places.carrier("second") == "su7"
    assert theatre.truth.places.carrier("tablet") == "mei"


def test_only_who_sits_in_the_car_with_a_tablet_in_hand_docks_it(theatre: Theatre) -> None:
    """Nobody docks from outside, or somebody else's, or twice."""
    assert refusal(theatre, "mei", "tablet") == "mei is not in su7"
    theatre.does("lin", "enters", car="su7")
    assert refusal(theatre, "lin", "tablet") == "lin does not have tablet"

    theatre.does("mei", "enters", car="su7", seat="passenger")
    theatre.does("mei", "docks", device="tablet", car="su7")

    assert theatre.truth.physical("tablet", theatre.now_ms) == Tablet.Physical(docked_in="su7")
    assert theatre.truth.places.carrier("tablet") == "su7"
    assert refusal(theatre, "mei", "tablet") == "mei does not have tablet"


def test_a_docked_tablet_is_taken_out_by_whoever_can_reach_it(theatre: Theatre) -> None:
    """Then it is in that hand, and in no holder."""
    theatre.does("mei", "enters", car="su7", seat="passenger")
    theatre.does("mei", "puts_on", device="second")

    assert theatre.truth.physical("second", theatre.now_ms) == Tablet.Physical(carrier="mei")
    assert theatre.truth.places.carrier("second") == "mei"


def test_a_tablet_feels_who_drives(theatre: Theatre) -> None:
    """In its holder it senses who sits at the wheel, in a hand whether that is a driver's."""
    docked, held = (TruthSenses(theatre.truth, theatre.timeline, name) for name in ("second", "tablet"))
    assert (docked.dock_driver(), held.dock_driver(), held.at_wheel()) == (None, None, False)

    theatre.does("mei", "enters", car="su7")
    assert (docked.dock_driver(), held.dock_driver(), held.at_wheel()) == ("mei", None, False)

    theatre.truth.change("su7", {"gear": "D"}, theatre.now_ms)
    assert theatre.truth.touched == ["su7", "tablet", "second"]
    assert (docked.at_wheel(), held.at_wheel()) == (False, True)
    theatre.truth.change("su7", {"gear": "P", "speed_kmh": 5.0}, theatre.now_ms)
    assert held.at_wheel()


def test_a_story_can_begin_with_a_tablet_in_its_holder() -> None:
    """It rides with the car from the first moment."""
    passes(
        """scenario: A story
household: {extends: wang, devices: {tablet: {kind: tablet, owner: mei}}}
given:
  su7: {gear: P, from_home: 5 km}
  tablet: {docked_in: su7}
steps:
  - expect: {tablet.docked_in: su7, tablet.from_su7: 0 m, tablet.from_home: 5 km}
"""
    )


def aboard(stage: Theatre, device: str) -> Aboard:
    """Return what a car's wires tell a device."""
    return TruthSenses(stage.truth, stage.timeline, device).aboard()


def test_a_cars_wires_tell_what_is_in_its_holder_whether_it_stands_and_who_sits_there(
    theatre: Theatre,
) -> None:
    """Nobody else is told, and a sensor that says nothing does not say that it stands."""
    parked, riding = Aboard(stands=True), Aboard(stands=True, passenger=True)
    assert [aboard(theatre, one) for one in ("second", "tablet", "su7")] == [parked, Aboard(), Aboard()]
    theatre.does("lin", "enters", car="su7")
    assert aboard(theatre, "second") == parked
    theatre.does("mei", "enters", car="su7", seat="passenger")
    assert aboard(theatre, "second") == riding

    for field, value in (("gear", "N"), ("speed_kmh", 3.0)):
        theatre.truth.change("su7", {field: value}, theatre.now_ms)
        assert aboard(theatre, "second") == Aboard(stands=False, passenger=True)
        theatre.truth.change("su7", {"gear": "P", "speed_kmh": 0.0}, theatre.now_ms)
        theatre.truth.blind["su7", field] = 1
        assert aboard(theatre, "second") == Aboard(stands=False, passenger=True)
        theatre.truth.blind.clear()


def test_screens_feel_it_when_somebody_sits_down_in_their_car_or_gets_out(theatre: Theatre) -> None:
    """Also the one that they carry, which is in the car then; and nothing else does."""
    theatre.truth.touched.clear()
    theatre.truth.seat("mei", "su7", theatre.now_ms)
    assert (theatre.truth.touched, aboard(theatre, "second").passenger) == (["tablet", "second"], True)
    theatre.truth.touched.clear()
    theatre.truth.seat("mei", None, theatre.now_ms)
    assert (theatre.truth.touched, aboard(theatre, "second").passenger) == (["second"], False)
    theatre.truth.touched.clear()
    theatre.truth.touch("su7")
    assert theatre.truth.touched == ["su7", "second"]
