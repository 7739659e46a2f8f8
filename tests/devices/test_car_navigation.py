"""The navigation of a car: a way that is shown, planned anew, and never driven by itself."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sim.core.beliefs import Belief, Beliefs
from sim.core.device import (
    Booted,
    Command,
    Learned,
    Moment,
    Provision,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.roads import RoadMap
from sim.devices.car import Car
from sim.devices.car.commands import ClearDestination, SetDestination
from sim.devices.car.navigation import LOOK_EVERY_MS, NO_ROUTE, TIMER, Navigation, Route
from sim.physics.roads import Traffic
from tests.maps import TWO_WAYS, road
from tests.senses import START_MS, FakeSenses, commanded, settled

HOME, OFFICE = (40.0, 116.5), (40.1, 116.6)
FAR = RoadMap(
    {**TWO_WAYS.positions, "coast": (44.0, 116.6)},
    {"office": 120_000.0},
    {**TWO_WAYS.roads, "coast_road": road("office", "coast", 450, 100)},
)


def navigation(roads: RoadMap = FAR) -> Navigation:
    """Return the navigation of a car with a map."""
    return replace(Navigation.of(Car.Config(), {}), map=roads)


def now(
    at_ms: int = 0, place: tuple[float, float] = HOME, beliefs: Beliefs | None = None, **facts: Any
) -> Moment:
    """Return a moment in the car, at 7:30 and later."""
    wall = f"2026-01-12 {7 + (30 + at_ms // 60_000) // 60:02}:{(30 + at_ms // 60_000) % 60:02}:00"
    senses = FakeSenses({"battery_percent": 60.0, **facts}, place=place, outdoor=15.0, wall_clock=wall)
    return Moment(START_MS + at_ms, senses, Beliefs() if beliefs is None else beliefs)


def closed(*roads: str, sequence: int = 1) -> Beliefs:
    """Return the beliefs of a car that has heard of closed roads."""
    values: Mapping[str, Any] = {"closed": list(roads), "slow": [], "slowed_to_kmh": []}
    return Beliefs().heard("traffic", "traffic_report", Belief(values, START_MS, (1, sequence), "last"))


def towards(
    said: str, at: Moment | None = None, before: Navigation | None = None
) -> tuple[Navigation, Settle]:
    """Return the navigation after somebody has named a place, and what it answered."""
    after, effects = (before or navigation()).towards(at or now(), "t1", said)
    answered = effects[0]
    assert isinstance(answered, Settle)
    assert effects[1:] in {(), (StartTimer(TIMER, LOOK_EVERY_MS),)}
    return after, answered


def test_it_shows_the_way_and_why() -> None:
    """At 7:30 by the bridge."""
    after, answered = towards("office")

    assert answered.answer.status == "done"
    assert answered.answer.data == after.route.model_dump()
    assert after.route == Route(
        destination="office",
        roads=["west", "north"],
        stops=[],
        arrives="2026-01-12 07:58",
        trip_ms=28 * 60_000,
        distance_m=28_000.0,
        arrival_battery_percent=56.6,
        route_why="the battery suffices, with 57 % left; 15 °C outside; nothing was heard of the traffic",
    )


def test_it_says_where_it_charges_until_when_and_up_to_what() -> None:
    """At the office, on the way to the coast."""
    after, _ = towards("coast")

    assert after.route.stops == ["office"]
    assert after.route.route_why.startswith("charges at office from 57 to 95 %, 29 m, until 08:26; 15 °C")


@pytest.mark.parametrize(
    ("said", "facts", "sentence"),
    [
        ("ofice", {}, "there is no place `ofice` on the map (did you mean `office`?)"),
        ("office", {"battery_percent": None}, "nobody knows how full the battery is: its sensor is silent"),
        (
            "office",
            {"battery_percent": 11.0},
            "office is too far: with 11 % in the battery and 15 °C outside",
        ),
    ],
)
def test_where_there_is_no_way_it_says_why_and_keeps_the_old_one(
    said: str, facts: Mapping[str, Any], sentence: str
) -> None:
    """The way to the mill stays."""
    before, _ = towards("mill")
    after, answered = towards(said, now(**facts), before)

    assert (after, answered.answer.status) == (before, "failed")
    assert sentence in answered.answer.reason


def test_news_of_a_closed_road_lead_another_way() -> None:
    """And it says so; news that change nothing are left alone."""
    before, _ = towards("office", now(beliefs=closed()))
    after = before.heard(now(beliefs=closed("north", sequence=2)))

    assert after.route.roads == ["south", "east"]
    assert after.route.route_why.startswith("north is closed; the battery suffices")
    assert after.heard(now(beliefs=closed("north", sequence=3))) is after


def test_a_slow_road_that_is_avoided_is_named() -> None:
    """It is not closed."""
    values = {"closed": [], "slow": ["west"], "slowed_to_kmh": [10.0]}
    beliefs = Beliefs().heard("traffic", "traffic_report", Belief(values, START_MS, (1, 1), "last"))
    after, _ = towards("office", now(beliefs=beliefs))

    assert after.route.route_why.startswith("west is slow today; the battery suffices")


def test_when_every_way_is_closed_the_destination_stays_and_the_way_goes() -> None:
    """Until a road is open again."""
    before, _ = towards("office")
    after = before.heard(now(beliefs=closed("east", "north")))

    assert (after.route.destination, after.route.roads, after.route.arrives) == ("office", [], None)
    assert after.route.route_why == "every way to office is closed: east and north"
    assert after.traffic == Traffic(frozenset({"east", "north"}))
    assert after.heard(now(beliefs=closed(sequence=2))).route.roads == ["west", "north"]


def test_on_the_way_the_plan_goes_on_from_the_road_one_is_on() -> None:
    """After seven minutes, in the middle of the western road."""
    before, _ = towards("office")
    after, effects = before.looked(now(7 * 60_000, (40.05, 116.5), battery_percent=58.9))

    assert after.route.roads == ["west", "north"]
    assert after.route.arrives in {"2026-01-12 07:57", "2026-01-12 07:58"}
    assert after.route.distance_m == pytest.approx(21_000, abs=50)
    assert effects == (StartTimer(TIMER, LOOK_EVERY_MS),)


def test_a_battery_that_empties_faster_is_noticed_on_the_way() -> None:
    """And the way is gone."""
    before, _ = towards("office")
    after, _ = before.looked(now(7 * 60_000, (40.05, 116.5), battery_percent=12.0))

    assert "too far" in after.route.route_why


def test_at_its_destination_it_shows_nothing_any_more() -> None:
    """Once the car stands; elsewhere it plans anew."""
    before, _ = towards("office")

    assert before.moved(now(place=OFFICE), moving=False).route == NO_ROUTE
    assert before.moved(now(place=OFFICE), moving=True).route.trip_ms == 0
    assert before.moved(now(), moving=False).route.destination == "office"


def test_without_a_destination_nothing_is_looked_at() -> None:
    """No timer goes on."""
    idle = navigation()

    assert idle.looked(now()) == (idle, ())
    assert idle.heard(now(beliefs=closed("east"))) is idle
    assert idle.moved(now(), moving=True) is idle


def test_a_restart_keeps_the_destination_and_plans_anew() -> None:
    """What the flash has."""
    before, _ = towards("office")
    kept = before.kept()
    restarted = replace(Navigation.of(Car.Config(), kept), map=FAR)

    assert restarted.route.roads == []
    assert restarted.looked(now())[0].route == before.route
    assert before.cleared().kept() == {"destination": None}


# --- in the car --------------------------------------------------------------------------------------

STANDING: Mapping[str, Any] = {"gear": "P", "speed_kmh": 0.0, "plugged_in": False, "locked": True}


def car(**given: Any) -> Car:
    """Return a car that stands at home, with the map."""
    made = Car.new("su7", Car.Config(), given).provisioned(Provision(bytes(32), 1, 0, map=FAR))
    return made.step(now(**STANDING), Booted())[0]


def way(of: Car) -> Route:
    """Return what the car reports of its way."""
    return next(one for one in of.report() if isinstance(one, Route))


def after(of: Car, *stimuli: Stimulus, beliefs: Beliefs | None = None) -> Car:
    """Return the car after some things have happened."""
    for one in stimuli:
        of = of.step(now(beliefs=beliefs, **STANDING), one)[0]
    return of


def test_the_gateway_hands_a_destination_to_the_navigation() -> None:
    """And takes it away again; nothing moves."""
    shown = after(car(), commanded(SetDestination(to="office")))
    cleared, effects = shown.step(now(**STANDING), commanded(ClearDestination()))

    assert way(shown).destination == "office"
    assert shown.motion.moving is False
    assert settled(effects)[-1] == ("t1", "done")
    assert way(cleared) == NO_ROUTE


def test_an_awake_car_plans_anew_when_it_hears_of_the_roads_and_every_few_minutes() -> None:
    """What is closed is left out."""
    shown = after(car(), commanded(SetDestination(to="office")))
    detour = after(shown, Learned("traffic"), beliefs=closed("north"))

    assert way(detour).roads == ["south", "east"]
    assert way(after(detour, TimerFired(TIMER))).roads == ["west", "north"]


def test_a_sleeping_car_plans_nothing_until_it_wakes() -> None:
    """Then it shows the way as it is."""
    command: Command = SetDestination(to="office")
    asleep = car(asleep=True, navigation={"destination": "office"})
    assert after(asleep, Learned("traffic"), TimerFired(TIMER)).navigation == asleep.navigation
    woken = after(asleep, commanded(command), TimerFired("wake"))
    assert way(woken).roads == ["west", "north"]
    assert woken.kept()["navigation"] == {"destination": "office"}
