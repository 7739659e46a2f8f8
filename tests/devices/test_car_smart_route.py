"""Smart routes: the way, and when in the next hours it takes least time, as long as it is subscribed to."""

from dataclasses import replace

from sim.apps.twins.intents import Peers
from sim.core.device import Settle, TimerFired
from sim.core.roads import RoadMap
from sim.devices.car import Car
from sim.devices.car.features import CarFeatures, PlanSmartRoute
from sim.devices.car.navigation import LOOK_EVERY_MS, TIMER
from tests.devices.test_car_navigation import STANDING, car, navigation, now, way
from tests.leases import PEERS
from tests.maps import TWO_WAYS, road, rush
from tests.senses import commanded, settled

JAMMED = RoadMap(
    TWO_WAYS.positions, {}, {"ring": road("home", "office", 20, 60, rush=[rush("07:00", "08:10", 10)])}
)


def test_it_finds_the_departure_after_the_rush_hour() -> None:
    """At 7:30 it takes long; at 8:15, the first of its departures after the jam, twenty minutes."""
    after, (told, _) = navigation(JAMMED).towards(now(), "t1", "office", smart=True)

    assert isinstance(told, Settle)
    assert told.answer.data["best_departure"] == "2026-01-12 08:15"
    assert after.route.trip_ms is not None
    assert after.route.saved_ms == after.route.trip_ms - 20 * 60_000


def test_an_ordinary_route_looks_for_none() -> None:
    """Nor one that begins to be shown anew after it was cleared."""
    after, _ = navigation(JAMMED).towards(now(), "t1", "office")
    assert after.route.best_departure is None

    smart, _ = navigation(JAMMED).towards(now(), "t1", "office", smart=True)
    assert not smart.cleared().smart
    plain, _ = smart.towards(now(), "t1", "office")
    assert plain.route.best_departure is None


def test_when_it_is_best_to_leave_now_nothing_is_saved() -> None:
    """By the bridge it takes as long at any time; and there is no other place to leave from on the way."""
    by_the_bridge = RoadMap(
        TWO_WAYS.positions, {}, {name: TWO_WAYS.roads[name] for name in ("west", "north")}
    )
    after, _ = navigation(by_the_bridge).towards(now(), "t1", "office", smart=True)
    assert (after.route.best_departure, after.route.saved_ms) == ("2026-01-12 07:30", 0)

    under_way = after.planned(now(10 * 60_000, place=(40.05, 116.5)), "office")
    assert under_way.route.roads
    assert under_way.route.best_departure is None
    there = after.planned(now(place=(40.1, 116.6)), "office")
    assert (there.route.roads, there.route.best_departure) == ([], None)


def test_a_departure_that_keeps_no_reserve_is_not_proposed() -> None:
    """In two hours the charge would be the same; where no way is, there is no best one."""
    after, (told, *_) = navigation(JAMMED).towards(now(battery_percent=1.0), "t1", "office", smart=True)

    assert isinstance(told, Settle)
    assert told.answer.status == "failed"
    assert after.route.best_departure is None


def test_a_restart_keeps_that_it_is_smart() -> None:
    """With its destination."""
    before, _ = navigation(JAMMED).towards(now(), "t1", "office", smart=True)

    assert before.kept() == {"destination": "office", "smart": True}
    assert type(before).of(Car.Config(), before.kept()).smart


def test_the_car_plans_it_by_message_and_no_longer_than_it_is_subscribed_to() -> None:
    """The way stays when the subscription ends; the best departure goes."""
    made, effects = car().step(now(**STANDING), commanded(PlanSmartRoute(to="office")))
    assert settled(effects)[-1] == ("t1", "done")
    assert way(made).best_departure is not None

    made, _ = made.step(now(LOOK_EVERY_MS, **STANDING), TimerFired(TIMER))
    assert way(made).best_departure is not None
    ended, _ = _with_service(made).step(now(2 * LOOK_EVERY_MS, **STANDING), TimerFired(TIMER))

    assert (way(ended).destination, way(ended).best_departure) == ("office", None)


def _with_service(made: Car) -> Car:
    """Return the car as if its household had begun to buy subscriptions, and had none."""
    features = made.parts["features"]
    assert isinstance(features, CarFeatures)
    leases = features.leases.provided(Peers(PEERS))
    return replace(made, parts={**made.parts, "features": replace(features, leases=leases)})
