"""Trips of an electric car: with how many stops it arrives first, and with how much left."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.roads import RoadMap
from sim.physics.roads import FREE, RoadNetwork, Traffic
from sim.physics.trips import PLUGGING_MS, Departure, Trip, Vehicle, plan_trip
from tests.cars import BASE, LUXURY, even
from tests.maps import BEIJING_MS, at, road

LONG = RoadMap(
    {"home": (40.0, 116.5), "inn": (41.0, 116.5), "detour": (41.0, 117.5), "coast": (42.5, 116.5)},
    {"inn": 120_000.0, "detour": 240_000.0},
    {
        "motorway": road("home", "inn", 150, 110),
        "coast_road": road("inn", "coast", 250, 110),
        "country_road": road("home", "detour", 180, 90),
        "back_road": road("detour", "coast", 260, 90),
    },
)
MILD = even(15.0, 21.0, 60.0)


def trip(
    percent: float, vehicle: Vehicle = MILD, traffic: Traffic = FREE, goal: str = "coast"
) -> Trip | None:
    """Return the trip from home at nine."""
    departure = Departure("home", at("09:00"), percent)
    return plan_trip(RoadNetwork(LONG, BEIJING_MS), vehicle, departure, goal, traffic)


def charged(percent: float, vehicle: Vehicle = MILD) -> list[tuple[str, float]]:
    """Return where one charges on the way, and up to what."""
    planned = trip(percent, vehicle)
    assert planned is not None
    return [(stop.place, stop.until_percent) for stop in planned.stops]


def test_a_battery_that_suffices_makes_no_stop() -> None:
    """A short way: 150 km take 22.5 of 60 kWh."""
    planned = trip(60, goal="inn")

    assert planned is not None
    assert planned.stops == ()
    assert planned.arrival_percent == pytest.approx(60 - 37.5, abs=0.1)
    assert planned.length_m == 150_000


def test_the_stop_is_as_short_as_the_reserve_allows() -> None:
    """From the inn it takes 62.5 % to the coast, and ten are to be left: 75 is the next multiple of five."""
    planned = trip(95)

    assert charged(95) == [("inn", 75)]
    assert planned is not None
    stop = planned.stops[0]
    assert stop.from_percent == pytest.approx(95 - 37.5, abs=0.1)
    ((_, takes_ms),) = MILD.charging_ms(stop.from_percent, [75.0], 120_000.0)
    assert stop.leaves_ms - stop.arrives_ms == PLUGGING_MS + takes_ms
    assert planned.arrival_percent == pytest.approx(12.5, abs=0.1)
    assert planned.arrival_ms > planned.start_ms


def test_in_hard_frost_the_same_trip_takes_more_charge() -> None:
    """The cabin is heated all the way, tyres and air resist more, and cold cells lose more."""
    mild, frost = Vehicle(BASE, 21.0, 21.0), Vehicle(BASE, -20.0, -20.0)
    hour = (100_000.0, 3_600_000)

    assert BASE.climate_w(21.0) == pytest.approx(0, abs=1)
    assert BASE.climate_w(38.0) > 0
    assert frost.used_percent(*hour) > 1.5 * mild.used_percent(*hour)
    assert replace(frost, battery_c=20.0).used_percent(*hour) < frost.used_percent(*hour)
    assert mild.used_percent(0.0, 0) == 0


def test_hills_and_stops_take_more_and_a_descent_gives_back() -> None:
    """The same way back is cheaper where it led up, and steep enough it even gains."""
    car = Vehicle(BASE, 21.0)
    up, flat, down = (car.used_percent(10_000, 600_000, slope) for slope in (0.06, 0.0, -0.06))

    assert up > flat > 0 > down
    assert car.used_percent(10_000, 600_000, stops=1.4) > flat


def test_what_the_cold_withholds_is_no_reserve() -> None:
    """A cold pack keeps a part for itself, and the reserve beside it."""
    cold = replace(Vehicle(BASE, 21.0), battery_c=-20.0)
    departure = Departure("home", at("09:00"), 60.0)

    assert cold.reserved_percent == pytest.approx(35)
    assert MILD.reserved_percent == 0
    assert plan_trip(RoadNetwork(LONG, BEIJING_MS), Vehicle(BASE, 21.0), departure, "inn") is not None
    assert plan_trip(RoadNetwork(LONG, BEIJING_MS), cold, departure, "inn") is None


def test_a_frozen_pack_is_heated_at_a_charger_and_one_that_needs_no_heat_is_not() -> None:
    """Lithium iron phosphate takes its time to warm up; sodium charges at once."""
    ((_, base_ms),) = Vehicle(BASE, -20.0, -20.0).charging_ms(20.0, [25.0], 250_000.0)
    ((_, luxury_ms),) = Vehicle(LUXURY, -20.0, -20.0).charging_ms(20.0, [25.0], 250_000.0)

    assert base_ms > 20 * 60_000
    assert luxury_ms < 6 * 60_000


def test_a_closed_road_leads_by_another_charger() -> None:
    """The motorway is closed, the country road is not."""
    planned = trip(95, traffic=Traffic(frozenset({"motorway"})))

    assert planned is not None
    assert [lane.road for lane in planned.lanes] == ["country_road", "back_road"]
    assert [stop.place for stop in planned.stops] == ["detour"]


def test_who_cannot_reach_a_charger_has_no_trip() -> None:
    """Twenty per cent are 80 km; the reserve is not touched for a plan."""
    assert trip(20) is None
    assert trip(95, traffic=Traffic(frozenset({"motorway", "country_road"}))) is None


def test_a_place_without_a_road_has_no_trip() -> None:
    """Nothing is searched for."""
    island = RoadMap({**LONG.positions, "island": (43.0, 120.0)}, LONG.chargers, LONG.roads)
    departure = Departure("home", at("09:00"), 90)

    assert plan_trip(RoadNetwork(island, BEIJING_MS), MILD, departure, "island") is None


def test_a_charger_that_is_too_weak_to_be_worth_waiting_for_is_no_stop() -> None:
    """A tenth of a watt does not fill a battery within a month."""
    dead = RoadMap(LONG.positions, {"inn": 0.1}, LONG.roads)
    departure = Departure("home", at("09:00"), 95)

    assert plan_trip(RoadNetwork(dead, BEIJING_MS), MILD, departure, "coast") is None


@given(st.floats(0, 100), st.floats(-30, 40), st.sampled_from(["inn", "detour", "coast"]))
def test_every_trip_keeps_the_reserve_at_every_charger(percent: float, outdoor_c: float, goal: str) -> None:
    """And adds up: what is driven and charged is what is left."""
    vehicle = replace(MILD, outdoor_c=outdoor_c)
    planned = trip(percent, vehicle, goal=goal)
    if planned is None:
        return
    network = RoadNetwork(LONG, BEIJING_MS)
    left, now_ms, stops = percent, planned.start_ms, list(planned.stops)
    place = "home"
    for lane in planned.lanes:
        if stops and stops[0].place == place:
            stop = stops.pop(0)
            assert stop.from_percent == pytest.approx(left)
            assert stop.arrives_ms == now_ms
            left, now_ms = stop.until_percent, stop.leaves_ms
        arrives_ms = network.arrival_ms(lane, now_ms, FREE)
        left = min(100.0, left - vehicle.used_percent(lane.details.length_m, arrives_ms - now_ms))
        now_ms, place = arrives_ms, lane.end
        assert left >= 10
    assert planned.arrival_ms == now_ms
    assert planned.arrival_percent == pytest.approx(left)


@given(st.floats(10, 100), st.floats(0, 50))
def test_a_fuller_battery_never_arrives_later(percent: float, more: float) -> None:
    """What is in it already need not be charged."""
    fuller = min(100.0, percent + more)
    one, other = trip(percent), trip(fuller)
    if one is not None:
        assert other is not None
        assert other.arrival_ms <= one.arrival_ms
