"""When to leave: as late as can be, with a battery that gets there."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.apps.journeys.departures import Plan, Setting, plan_departure
from sim.apps.journeys.navigation import RoadNews
from sim.core.roads import RoadMap
from sim.physics.roads import RoadNetwork, Traffic
from sim.physics.trips import Departure, plan_trip
from tests.cars import even
from tests.maps import BEIJING_MS, TWO_WAYS, at, road

NEWS = RoadNews(Traffic(), 0)
USUAL = Setting(
    now_ms=at("06:30"),
    due_ms=at("08:55"),
    goal="office",
    place="home",
    until_roads_ms=0,
    walk_ms=0,
    percent=60.0,
    plugged_in=False,
    vehicle=even(12.3, 15.0),
    news=NEWS,
)
LONG = RoadMap(
    {"home": (40.0, 116.5), "inn": (41.0, 116.5), "coast": (42.5, 116.5), "island": (43.0, 120.0)},
    {"inn": 120_000.0},
    {"motorway": road("home", "inn", 150, 100), "coast_road": road("inn", "coast", 250, 100)},
)
JOURNEY = replace(
    USUAL,
    goal="coast",
    due_ms=at("18:00"),
    percent=95.0,
    vehicle=even(15.0, 21.0, 60.0),
)


def plan(setting: Setting = USUAL, roads: RoadMap = TWO_WAYS, **but: object) -> Plan:
    """Return the plan of a morning, except for `but`."""
    made = plan_departure(RoadNetwork(roads, BEIJING_MS), replace(setting, **but))  # type: ignore[arg-type]  # a table's values
    assert made is not None
    return made


def roads_of(made: Plan) -> list[str]:
    """Return the roads of a plan."""
    return [lane.road for lane in made.trip.lanes]


def test_one_leaves_as_late_as_one_can() -> None:
    """In the rush the way by the bridge takes 28 minutes: at 8:27, not a minute earlier."""
    made = plan()

    assert (made.leave_ms, made.late_ms) == (at("08:27"), 0)
    assert roads_of(made) == ["west", "north"]
    assert made.charge == "suffices"
    assert made.why == "west and north takes 28 m; the battery suffices: 60 % now, 55 % there"


@given(st.integers(0, 180), st.integers(0, 20), st.floats(15, 100))
def test_a_minute_later_would_be_too_late(due_min: int, walk_min: int, percent: float) -> None:
    """Whenever one wants to be there."""
    due_ms = at("07:30") + due_min * 60_000
    made = plan(due_ms=due_ms, walk_ms=walk_min * 60_000, percent=percent)

    assert made.trip.arrival_ms <= due_ms
    network = RoadNetwork(TWO_WAYS, BEIJING_MS)
    later = Departure("home", made.trip.start_ms + 60_000, percent)
    trip = plan_trip(network, USUAL.vehicle, later, "office")
    assert trip is not None
    assert trip.arrival_ms > due_ms


def test_a_walk_to_the_car_counts() -> None:
    """Five minutes of it."""
    made = plan(walk_ms=300_000)

    assert made.leave_ms == at("08:22")
    assert "5 m on foot to the car" in made.why


def test_the_streets_to_the_first_road_count() -> None:
    """Two minutes in the car before the map begins."""
    assert plan(until_roads_ms=120_000).leave_ms == at("08:25")


def test_who_is_late_leaves_now_and_knows_by_how_much() -> None:
    """At 8:40 it takes until 9:08."""
    made = plan(now_ms=at("08:40"))

    assert (made.leave_ms, made.late_ms) == (at("08:40"), 780_000)
    assert made.why.startswith("13 m late; west and north")


def test_between_two_whole_minutes_one_leaves_at_once() -> None:
    """At 8:26:30 there is no whole minute left that is not too late."""
    made = plan(now_ms=at("08:26") + 59_500, due_ms=at("08:55") - 200)

    assert (made.leave_ms, made.late_ms) == (at("08:26") + 59_500, 0)


def test_it_says_which_road_is_closed_or_slow() -> None:
    """As far as it would have been the way."""
    closed = plan(news=RoadNews(Traffic(frozenset({"north"})), 0))
    slow = plan(news=RoadNews(Traffic(slow_kmh={"west": 10.0}), 0))
    both = plan(news=RoadNews(Traffic(frozenset({"south"}), {"west": 10.0}), 0))

    assert "north is closed" in closed.why
    assert "west is slow today" in slow.why
    assert "west is slow today" in both.why
    assert roads_of(closed) == roads_of(slow) == ["south", "east"]


def test_without_a_way_there_is_no_plan() -> None:
    """The island has no road."""
    network = RoadNetwork(LONG, BEIJING_MS)
    assert plan_departure(network, replace(JOURNEY, goal="island")) is None


@pytest.mark.parametrize(("outdoor_c", "ready_c"), [(9.9, 21.0), (10.0, None), (28.0, None), (28.1, 21.0)])
def test_on_a_mild_day_the_cabin_needs_nothing(outdoor_c: float, ready_c: float | None) -> None:
    """On any other it is to be ready, and the plan says how cold or hot it is."""
    vehicle = replace(USUAL.vehicle, outdoor_c=outdoor_c)

    assert replace(USUAL, vehicle=vehicle).ready_c == ready_c
    assert ("outside" in plan(vehicle=vehicle).why) is (ready_c is not None)


def test_old_news_are_named() -> None:
    """At the end of the sentence."""
    assert plan(news=RoadNews()).why.endswith("; nothing was heard of the traffic")


# --- the battery -------------------------------------------------------------------------------------


def test_a_battery_that_nobody_knows_is_said_to_be_unknown() -> None:
    """The time to leave is told all the same."""
    made = plan(percent=None)

    assert (made.charge, made.leave_ms) == ("unknown", at("08:27"))
    assert "nobody knows how full the battery is" in made.why


def test_plugged_in_it_is_charged_before() -> None:
    """To what the way, the reserve and a twentieth more ask for; to half at least."""
    short = plan(percent=12.0, plugged_in=True)
    far = plan(JOURNEY, LONG, goal="inn", percent=30.0, plugged_in=True)

    assert (short.charge, short.charge_to_percent) == ("before", 50)
    assert (far.charge, far.charge_to_percent) == ("before", 55)
    assert far.why.endswith("the battery has 30 % and is charged to 55 % before")


def test_a_way_longer_than_the_battery_is_begun_full_and_stops_on_the_way() -> None:
    """400 km take all of it."""
    made = plan(JOURNEY, LONG, plugged_in=True)

    assert (made.charge, made.charge_to_percent) == ("before", 100)
    assert [stop.place for stop in made.trip.stops] == ["inn"]


def test_not_plugged_in_it_charges_on_the_way_and_leaves_earlier() -> None:
    """At the inn."""
    made = plan(JOURNEY, LONG, plugged_in=False)
    full = plan(JOURNEY, LONG, plugged_in=True)

    assert (made.charge, made.charge_to_percent) == ("on_the_way", None)
    assert "charges on the way at inn" in made.why
    assert made.leave_ms < full.leave_ms


def test_where_it_does_not_even_get_to_a_charger_it_is_to_be_plugged_in() -> None:
    """Whatever it is at: unplugged, or unknown."""
    for plugged_in in (False, None):
        made = plan(JOURNEY, LONG, percent=20.0, plugged_in=plugged_in)
        assert made.charge == "plug_in"
        assert "the battery has 20 %, which does not get there: plug the car in" in made.why
