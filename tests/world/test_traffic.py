"""The truth of the roads, and who senses it."""

from sim.physics.roads import Traffic
from sim.world.truth.traffic import RoadTruth
from tests.maps import BEIJING_MS, TWO_WAYS
from tests.scenario.stories import HEAD, passes

CLOSED = "  - do: roads.close\n    with: {road: fifth_ring}\n"


def test_roads_are_closed_slowed_and_opened_again() -> None:
    """In the order in which it happened; a slow road can be closed as well."""
    truth = RoadTruth(TWO_WAYS, BEIJING_MS)
    truth.close("east")
    truth.slow("west", 20.0)
    truth.slow("east", 10.0)

    assert truth.closed == ("east",)
    assert truth.slow_kmh == {"west": 20.0, "east": 10.0}
    assert truth.traffic == Traffic(frozenset({"east"}), {"west": 20.0, "east": 10.0})
    truth.open("east")
    truth.open("north")
    assert truth.traffic == Traffic(frozenset(), {"west": 20.0})


def test_the_graph_is_made_once() -> None:
    """When somebody first drives."""
    truth = RoadTruth(TWO_WAYS, BEIJING_MS)
    assert truth.network is truth.network


def test_only_who_has_detectors_along_the_roads_senses_them() -> None:
    """The car hears of a closed road from the service, and without one it does not."""
    head = HEAD.replace("household: wang", "household: {extends: wang, devices: {traffic: {kind: traffic}}}")
    ask = "  - do: phone.send_destination\n    with: {car: su7, place: office}\n"
    start = "start: 2026-01-12T08:00:00+08:00\nsteps:\n" + ask

    passes(head + start + CLOSED + "  - expect: {su7.roads: fourth_ring}\n    within: 1s\n")
    passes(HEAD + start + CLOSED + "  - never: {su7.roads: fourth_ring}\n    for: 20m\n")
