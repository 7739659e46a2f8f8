"""What a car may do because of a subscription: by its leases, and never ended under the wheels."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.apps.entitlements.leases import TIMER, GrantFeature, WithdrawFeature, sealed
from sim.apps.entitlements.terms import FEATURES
from sim.core.device import (
    Answer,
    Asked,
    Booted,
    Command,
    Commanded,
    Effect,
    Emit,
    Linked,
    Moment,
    Presence,
    Provision,
    Sensed,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.devices.car.commands import Refresh
from sim.devices.car.features import CarFeatures, Features, PlanSmartRoute, UseFeature, moves
from tests.leases import HOUR, PEERS, SHOP, lease
from tests.senses import START_MS, FakeSenses, moment

PARKED = {"gear": "P", "speed_kmh": 0.0}
DRIVING = {"gear": "D", "speed_kmh": 100.0}


class Car:
    """The features of a car, the facts that its sensors say, and what came of it all."""

    def __init__(self, *, sold: bool = True, **kept: Any) -> None:
        """Start it, parked."""
        provision = Provision(b"c" * 32, 1, START_MS, peers=PEERS if sold else {})
        self.features = CarFeatures.new("su7", None, kept).provisioned(provision)
        self.facts: dict[str, Any] = dict(PARKED)
        self.at_ms = 0
        self.happens(Booted())

    @property
    def now(self) -> Moment:
        """The moment."""
        return moment(FakeSenses(self.facts), self.at_ms)

    def happens(self, stimulus: Stimulus) -> tuple[Effect, ...]:
        """Let something happen."""
        self.features, effects = self.features.step(self.now, stimulus)
        return effects

    def asks(self, command: Command) -> tuple[Effect, ...]:
        """Let a permitted command arrive."""
        return self.happens(Commanded(command, "t1", "dash", "lin", START_MS + self.at_ms + 30_000))

    def leased(self, *features: str, hours: int = 1, number: int = 1) -> None:
        """Let the service grant features for some hours from the start."""
        for feature in features:
            one = lease(number=number, hours=hours, feature=feature)
            self.asks(GrantFeature(feature=feature, lease=sealed(SHOP, one)))

    def drives(self) -> None:
        """Somebody drives off."""
        self.facts = dict(DRIVING)
        self.happens(Sensed())

    def parks(self) -> tuple[Effect, ...]:
        """And parks."""
        self.facts = dict(PARKED)
        return self.happens(Sensed())

    def told(self, command: Command | None, action: str = "") -> Any:
        """Return what the rules are told of a command."""
        asked = Asked(action or (command.action if command else ""), command, "dash", "lin", Presence())
        return self.features.told(self.now, asked)

    @property
    def shown(self) -> Features:
        """What it reports."""
        (report,) = self.features.report()
        assert isinstance(report, Features)
        return report


def test_a_household_without_a_service_has_a_car_that_came_with_everything() -> None:
    """It reports no subscriptions, and the rules are told that it is paid."""
    car = Car(sold=False)

    assert car.features.report() == ()
    assert all(car.features.permits(one, START_MS, in_use=False, moving=False) for one in FEATURES)
    told = car.told(UseFeature(feature="assisted_driving"))
    assert told == {"in_use": False, "safety_relevant": True, "entitlement": "paid"}


def test_without_a_lease_nothing_may_be_used() -> None:
    """The rules are told of no entitlement, and so they refuse."""
    car = Car()

    assert car.told(UseFeature(feature="entertainment")) == {"in_use": False, "safety_relevant": False}
    assert not car.features.permits("entertainment", START_MS, in_use=True, moving=True)
    assert (car.shown.entertainment, car.shown.in_use, car.shown.lease_numbers) == ("absent", [], {})


def test_a_lease_lets_a_feature_be_used_and_switched_off() -> None:
    """The rules hear how it stands."""
    car = Car()
    car.leased("entertainment", number=7)

    assert car.asks(UseFeature(feature="entertainment")) == (Settle("t1", Answer("done")),)
    assert (car.shown.entertainment, car.shown.in_use) == ("paid", ["entertainment"])
    assert car.shown.lease_numbers == {"entertainment": 7}
    assert car.told(UseFeature(feature="entertainment"))["entitlement"] == "paid"
    car.asks(UseFeature(feature="entertainment", on=False))
    assert car.shown.in_use == []


def test_the_rules_hear_of_the_feature_that_is_meant() -> None:
    """A smart route is smart navigation; what names no feature says nothing."""
    car = Car()
    car.leased("smart_navigation")

    assert car.told(PlanSmartRoute(to="office"))["entitlement"] == "paid"
    assert car.told(Refresh()) == {}
    assert car.told(None, "use_feature") == {}
    withdrawn = WithdrawFeature(feature="assisted_driving", lease={})
    assert car.told(withdrawn)["safety_relevant"] is True


def test_parked_everything_ends_with_its_lease() -> None:
    """And says so."""
    car = Car()
    car.leased("assisted_driving", "entertainment")
    car.asks(UseFeature(feature="assisted_driving"))
    car.at_ms = HOUR
    car.features, _ = car.features.step(car.now, Linked(up=False))
    assert car.shown.in_use == ["assisted_driving"]

    effects = car.happens(TimerFired(TIMER))
    while any(isinstance(one, StartTimer) for one in effects):
        effects = car.happens(TimerFired(TIMER))

    assert effects == (Emit("feature_ended", {"feature": "assisted_driving", "standing": "expired"}),)
    assert (car.shown.in_use, car.shown.held_over) == ([], [])


def _expired_under_way() -> Car:
    """Return a car on the road whose every lease has just ended, with two features in use."""
    car = Car()
    car.leased("assisted_driving", "entertainment")
    car.asks(UseFeature(feature="assisted_driving"))
    car.asks(UseFeature(feature="entertainment"))
    car.drives()
    car.at_ms = HOUR
    effects = car.happens(TimerFired(TIMER))
    while any(isinstance(one, StartTimer) for one in effects):
        effects = car.happens(TimerFired(TIMER))
    return car


def test_under_way_only_what_nobody_relies_on_ends() -> None:
    """What driving relies on goes on, and is said to."""
    car = _expired_under_way()

    assert (car.shown.assisted_driving, car.shown.in_use) == ("expired", ["assisted_driving"])
    assert car.shown.held_over == ["assisted_driving"]
    assert car.told(UseFeature(feature="assisted_driving")) == {
        "in_use": True,
        "safety_relevant": True,
        "entitlement": "expired",
    }


def test_it_ends_once_the_car_is_parked() -> None:
    """Not when it only stands in traffic, or when a sensor is silent."""
    car = _expired_under_way()
    car.facts = {"gear": "D", "speed_kmh": 0.0}
    car.happens(Sensed())
    assert car.shown.held_over == ["assisted_driving"]
    car.facts = {"speed_kmh": 0.0}
    car.happens(Sensed())
    assert car.shown.held_over == ["assisted_driving"]

    assert car.parks() == (Emit("feature_ended", {"feature": "assisted_driving", "standing": "expired"}),)
    assert car.shown.in_use == []


@pytest.mark.parametrize("mode", ["off", "stopping", "holding", "cruise", "lane"])
def test_a_pilot_that_the_stalk_engaged_is_in_use_as_well(mode: str) -> None:
    """Nobody switched it on here; it goes on over the end of its lease, and is said to."""
    car = Car()
    car.leased("assisted_driving")
    car.facts = {**DRIVING, "assistance": mode}
    car.happens(Sensed())
    car.at_ms += HOUR
    for _ in range(6):
        car.happens(TimerFired(TIMER))

    engaged = ["assisted_driving"] if mode in {"cruise", "lane"} else []

    assert car.shown.assisted_driving == "expired"
    assert (car.shown.in_use, car.shown.held_over) == (engaged, engaged)
    assert car.told(UseFeature(feature="assisted_driving"))["in_use"] is bool(engaged)
    assert car.told(UseFeature(feature="smart_navigation"))["in_use"] is False
    assert car.parks() == ()
    assert (car.shown.in_use, car.shown.held_over) == ([], [])


def test_it_says_until_when_films_are_entitled_to() -> None:
    """Whoever believes it without hearing more knows when to stop."""
    car = Car()
    assert car.shown.entertainment_until_ms is None

    car.leased("entertainment", hours=3)

    assert car.shown.entertainment_until_ms == START_MS + 3 * HOUR


def test_a_restart_under_way_ends_nothing() -> None:
    """Leases and what was in use are kept."""
    before = _expired_under_way()
    after = Car.__new__(Car)
    after.facts, after.at_ms = dict(DRIVING), HOUR
    kept = before.features.kept()
    provision = Provision(b"c" * 32, 2, START_MS, peers=PEERS)
    after.features = CarFeatures.new("su7", None, kept).provisioned(provision)

    after.happens(Booted())

    assert after.shown == before.shown


def test_what_does_not_concern_it_changes_nothing() -> None:
    """A link that comes, a sensor that says the same."""
    car = Car()
    before = car.features

    assert car.happens(Linked(up=True)) == ()
    assert car.happens(Sensed()) == ()
    assert car.features is before


@pytest.mark.parametrize(
    ("facts", "moving"),
    [
        (PARKED, False),
        (DRIVING, True),
        ({"gear": "D", "speed_kmh": 0.0}, True),
        ({"gear": "P", "speed_kmh": 1.0}, True),
        ({"gear": "P"}, True),
        ({}, True),
    ],
)
def test_what_is_not_known_counts_as_moving(facts: dict[str, Any], *, moving: bool) -> None:
    """Parked is a known P and a known standstill."""
    assert moves(moment(FakeSenses(facts))) is moving


EVENTS = st.lists(
    st.sampled_from(["hour", "refund", "grant", "tick", "sense", "boot", "other"]), min_size=1, max_size=12
)


@given(events=EVENTS)
def test_nothing_takes_assistance_away_under_way(events: list[str]) -> None:
    """Time, a permitted grant, restarts and even a lease that ends it: it goes on until the car is parked."""
    car = Car()
    car.leased("assisted_driving")
    car.asks(UseFeature(feature="assisted_driving"))
    car.drives()
    number = 1

    for event in events:
        number += 1
        match event:
            case "hour":
                car.at_ms += HOUR
            case "refund":
                # The rules let no such message through while the car moves; the car does not depend on it.
                ended = sealed(SHOP, lease(number=number, feature="assisted_driving", refunded=True))
                car.asks(WithdrawFeature(feature="assisted_driving", lease=ended))
            case "grant":
                car.leased("assisted_driving", number=number)
            case "tick":
                car.happens(TimerFired(TIMER))
            case "sense":
                car.happens(Sensed())
            case "boot":
                kept = car.features.kept()
                provision = Provision(b"c" * 32, 2, START_MS, peers=PEERS)
                car.features = CarFeatures.new("su7", None, kept).provisioned(provision)
                car.happens(Booted())
            case _:
                car.happens(TimerFired("telemetry"))
        now_ms = START_MS + car.at_ms
        assert car.features.in_use == {"assisted_driving"}
        assert car.features.permits("assisted_driving", now_ms, in_use=True, moving=True)

    car.parks()
    entitled = car.features.standings["assisted_driving"] == "paid"
    assert car.features.in_use == ({"assisted_driving"} if entitled else set())


def test_leases_of_another_car_are_not_taken() -> None:
    """Each device has its own."""
    car = Car()
    command = GrantFeature(feature="entertainment", lease=sealed(SHOP, lease()))

    foreign = command.model_copy(update={"lease": sealed(SHOP, lease("su8"))})
    (answer,) = car.asks(foreign)
    assert answer == Settle("t1", Answer("failed", "the lease is for `entertainment` of `su8`"))
