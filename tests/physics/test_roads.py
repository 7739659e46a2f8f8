"""Driving along roads: how long it takes at which time of the day, and the fastest way."""

import sys
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.core.errors import MissingPartError
from sim.core.roads import DAY_MS, Road, RoadMap
from sim.physics.roads import FREE, RoadNetwork, Traffic, access_ms
from tests.maps import BEIJING_MS, MIDNIGHT_MS, SQUARE, TWO_WAYS, at, road, rush, square

KMH = st.integers(min_value=5, max_value=120).map(float)
CLOCKS = st.integers(min_value=0, max_value=24 * 4).map(lambda quarters: quarters * 900_000)


@st.composite
def roads(draw: st.DrawFn) -> Road:
    """Draw a road of the square with up to two rush hours."""
    start, end = draw(st.permutations(list(SQUARE)))[:2]
    times = sorted(draw(st.sets(CLOCKS, min_size=4, max_size=4)))
    rushes = [
        {"from_ms": times[0], "until_ms": times[1], "speed_kmh": draw(KMH)},
        {"from_ms": times[2], "until_ms": times[3], "speed_kmh": draw(KMH)},
    ][: draw(st.integers(0, 2))]
    return Road.model_validate(
        {
            "from_": start,
            "to": end,
            "length_m": draw(st.integers(15_000, 60_000)),
            "speed_kmh": draw(KMH),
            "rush": rushes,
            "both_ways": draw(st.booleans()),
        }
    )


MAPS = st.lists(roads(), min_size=1, max_size=6).map(
    lambda drawn: RoadMap(SQUARE, {}, {f"road_{number}": one for number, one in enumerate(drawn)})
)
STARTS = st.integers(MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS - 1)


def network(roads: RoadMap = TWO_WAYS) -> RoadNetwork:
    """Return the graph of a map in Beijing."""
    return RoadNetwork(roads, BEIJING_MS)


def way(clock: str, traffic: Traffic = FREE, roads: RoadMap = TWO_WAYS) -> list[str] | None:
    """Return the fastest way from home to the office at a time."""
    lanes = network(roads).fastest("home", "office", at(clock), traffic)
    return None if lanes is None else [lane.road for lane in lanes]


def minutes(clock: str, roads: RoadMap = TWO_WAYS) -> float:
    """Return how long the fastest way takes at a time."""
    graph = network(roads)
    lanes = graph.fastest("home", "office", at(clock))
    assert lanes is not None
    return (graph.journey(lanes, at(clock)).arrival_ms - at(clock)) / 60_000


def test_the_short_way_is_the_fastest_while_nobody_else_drives() -> None:
    """22 km at 60 km/h."""
    assert way("05:00") == ["south", "east"]
    assert minutes("05:00") == 22


def test_in_the_rush_the_long_way_is_faster() -> None:
    """10 km at 20 km/h are half an hour."""
    assert way("07:30") == ["west", "north"]
    assert minutes("07:30") == 28


def test_a_rush_that_begins_on_the_road_slows_down_what_is_left_of_it() -> None:
    """Five minutes at 60 km/h are 5 km; the other 5 km take a quarter of an hour."""
    only = square(south=road("home", "office", 14, 60, rush=[rush("07:00", "09:00", 20)]))
    graph = network(only)
    lane = graph.lane("south", "home")
    assert lane is not None
    stretches = graph.drive(lane, at("06:55"), FREE)

    assert [(one.length_m, round(one.speed_m_per_s * 3.6, 9)) for one in stretches] == [
        (5000, 60),
        (9000, 20),
    ]
    assert stretches[-1].end_ms == at("07:27")


def test_a_drive_over_midnight_finds_the_next_days_hours() -> None:
    """The clock begins anew."""
    night = square(south=road("home", "office", 30, 60, rush=[rush("00:00", "01:00", 30)]))
    graph = network(night)
    lane = graph.lane("south", "home")
    assert lane is not None

    assert graph.arrival_ms(lane, at("23:40"), FREE) == at("24:20")


def test_a_closed_road_is_left_out_and_a_slow_one_is_compared() -> None:
    """What is known of the roads changes the way."""
    assert way("05:00", Traffic(frozenset({"east"}))) == ["west", "north"]
    assert way("05:00", Traffic(slow_kmh={"south": 10.0})) == ["west", "north"]
    assert way("05:00", Traffic(slow_kmh={"south": 59.0})) == ["south", "east"]
    assert way("05:00", Traffic(slow_kmh={"south": 99.0})) == ["south", "east"]


def test_where_every_way_is_closed_there_is_none() -> None:
    """Nor is there one to a place without a road."""
    assert way("05:00", Traffic(frozenset({"east", "north"}))) is None
    island = square(south=road("home", "mill", 10, 60))
    assert network(island).fastest("home", "office", at("05:00")) is None
    assert network(island).fastest("office", "home", at("05:00")) is None


def test_a_crossing_that_is_reached_in_two_ways_counts_once() -> None:
    """The slower arrival is left alone, also while the rest takes longer than at its best."""
    late = [rush("05:00", "12:00", 20)]
    roads = square(
        direct=road("home", "mill", 30, 60),
        first=road("home", "bridge", 12, 60),
        second=road("bridge", "mill", 14, 60),
        last=road("mill", "office", 40, 60, rush=late),
    )

    assert way("05:00", roads=roads) == ["first", "second", "last"]


def test_who_is_there_already_needs_no_road() -> None:
    """The way is empty."""
    assert network().fastest("home", "home", at("05:00")) == ()


def test_a_one_way_road_is_driven_in_its_direction_only() -> None:
    """And back by the other."""
    ring = square(
        out=road("home", "office", 14, 60, both_ways=False),
        back=road("office", "home", 20, 60, both_ways=False),
    )
    graph = network(ring)
    there, back = graph.fastest("home", "office", at("05:00")), graph.fastest("office", "home", at("05:00"))
    assert there is not None
    assert back is not None
    assert [lane.road for lane in (*there, *back)] == ["out", "back"]
    assert graph.lane("out", "office") is None


@given(MAPS, STARTS, st.integers(0, DAY_MS))
def test_who_sets_out_later_never_arrives_earlier(drawn: RoadMap, start_ms: int, later_ms: int) -> None:
    """First in, first out, on every road."""
    graph = network(drawn)
    for _, _, lane in graph.graph.edges(data="lane"):
        early, late = (graph.arrival_ms(lane, one, FREE) for one in (start_ms, start_ms + later_ms))
        assert early <= late


@given(MAPS, STARTS)
def test_no_other_way_is_faster(drawn: RoadMap, start_ms: int) -> None:
    """Held against every way without a circle."""
    graph = network(drawn)
    found = graph.fastest("home", "office", start_ms)
    ways = list(nx.all_simple_edge_paths(graph.graph, "home", "office"))
    if found is None:
        assert ways == []
        return
    arrivals = []
    for edges in ways:
        now_ms = start_ms
        for begin, _, name in edges:
            lane = graph.lane(name, begin)
            assert lane is not None
            now_ms = graph.arrival_ms(lane, now_ms, FREE)
        arrivals.append(now_ms)
    assert graph.journey(found, start_ms).arrival_ms == min(arrivals)


@given(MAPS)
def test_without_rush_hours_it_is_what_networkx_says(drawn: RoadMap) -> None:
    """Dijkstra's algorithm with constant times, but for a millisecond at each crossing."""
    calm = {name: one.model_copy(update={"rush": []}) for name, one in drawn.roads.items()}
    graph = network(RoadMap(SQUARE, {}, calm))
    assume(nx.has_path(graph.graph, "home", "office"))
    found = graph.fastest("home", "office", at("05:00"))
    assert found is not None
    takes_ms = graph.journey(found, at("05:00")).arrival_ms - at("05:00")
    best_ms = nx.dijkstra_path_length(graph.graph, "home", "office", weight="best_ms")
    assert -1e-5 <= takes_ms - best_ms <= len(found)


@given(MAPS, STARTS, st.floats(0, 1))
def test_a_journey_goes_on_without_a_jump(drawn: RoadMap, start_ms: int, share: float) -> None:
    """Each stretch begins where and when the one before ends, and all of the road is driven."""
    graph = network(drawn)
    lanes = graph.fastest("home", "office", start_ms)
    assume(lanes is not None)
    assert lanes is not None
    journey = graph.journey(lanes, start_ms)

    assert journey.start_ms == start_ms
    for one, following in pairwise(journey.stretches):
        assert one.end == pytest.approx(following.start)
        assert following.start_ms == one.end_ms
    assert journey.end == graph.points["office"]
    whole_m = sum(lane.details.length_m for lane in lanes)
    assert journey.driven_m(journey.arrival_ms) == pytest.approx(whole_m)
    middle_ms = round(start_ms + share * (journey.arrival_ms - start_ms))
    assert 0 <= journey.driven_m(middle_ms) <= whole_m + 1e-6


def test_the_rest_of_a_road_is_driven_from_where_one_is() -> None:
    """Half of 14 km at 60 km/h."""
    graph = network()
    lane = graph.lane("west", "home")
    assert lane is not None

    (rest,) = graph.drive(lane, at("05:00"), FREE, done=0.5)
    assert (rest.length_m, rest.done, rest.end_ms) == (7000, 0.5, at("05:07"))


def test_the_nearest_place_is_found_and_how_far_it_is() -> None:
    """A hundredth of a degree north of home."""
    name, away_m = network().nearest((40.01, 116.5))

    assert name == "home"
    assert away_m == pytest.approx(1112, abs=1)


def test_from_beside_the_roads_it_takes_small_streets() -> None:
    """A kilometre as the crow flies is 1.25 km at 30 km/h; at a place it takes nothing."""
    assert access_ms(1000) == 150_000
    assert access_ms(299) == 0


def test_without_networkx_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Roads are an optional part."""
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(MissingPartError) as caught:
        network()
    assert "carhome[calendar]" in (caught.value.help_text or "")
