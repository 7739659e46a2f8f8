"""Trips of an electric car: with how many stops it arrives first, and with how much left."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.roads import RoadMap
from sim.physics.battery import Pack
from sim.physics.cabin_heat import CabinHeat
from sim.physics.roads import FREE, RoadNetwork, Traffic
from sim.physics.trips import PLUGGING_MS, Departure, Trip, Vehicle, plan_trip
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
MILD = Vehicle(15.0, 21.0, Pack(capacity_kwh=60.0))


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
    takes_ms = MILD.charging_ms(stop.from_percent, 75.0, 120_000.0)
    assert takes_ms is not None
    assert stop.leaves_ms - stop.arrives_ms == PLUGGING_MS + takes_ms
    assert planned.arrival_percent == pytest.approx(12.5, abs=0.1)
    assert planned.arrival_ms > planned.start_ms


def test_in_hard_frost_the_same_trip_takes_more_charge() -> None:
    """The cabin is heated all the way."""
    frost = replace(MILD, outdoor_c=-20.0)

    assert charged(95, frost)[0][1] > charged(95)[0][1]
    assert frost.climate_w > MILD.climate_w == pytest.approx(0, abs=1)
    assert replace(MILD, outdoor_c=38.0).climate_w > 0


def test_the_heat_that_is_held_is_the_cabins_own_balance() -> None:
    """With the heat of the pump at -20 °C its air stays at 21 °C."""
    frost = replace(MILD, outdoor_c=-20.0)
    still = CabinHeat(air_c=21.0, interior_c=21.0, at_ms=0, outdoor_c=-20.0)
    needed_w = still.heat_for_w(21.0, 48 * 3_600_000)

    pumped_w = replace(still, heat_w=needed_w).balance_c()[0]
    assert pumped_w == pytest.approx(21.0, abs=1e-3)
    # Electricity is less than heat as long as the heat pump does it.
    assert 0 < frost.climate_w < needed_w


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
        left -= vehicle.used_percent(lane.details.length_m, arrives_ms - now_ms)
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
