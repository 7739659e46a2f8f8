"""The pilot of a car: who engages it, what ends it, and that nothing but a hand at the wheel raises it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.apps.twins.intents import Peers
from sim.core.declarations import Role
from sim.core.device import (
    Actuate,
    Booted,
    CancelTimer,
    Commanded,
    Crashed,
    Effect,
    Learned,
    Linked,
    Peer,
    Provision,
    Sensed,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.surroundings import RoadAhead
from sim.devices.car import Car
from sim.devices.car.commands import DRIVER_ASSISTANCE, REMOTE_DRIVING
from sim.devices.car.features import CarFeatures
from sim.devices.car.pilot import DEADLINE, HOLDING, HOLDS_MS, LOCK_OUT, Pilot
from tests.senses import START_MS, FakeSenses, moment

CLEAR = RoadAhead(lidar="ok", sight_m=200.0, marked=True, separated=True)
PEOPLE: dict[str, Role] = {"lin": "owner", "tao": "child", "jun": "guest"}
DRIVING: dict[str, Any] = {
    "assistance": "off",
    "cruise_kmh": 100.0,
    "hands_on": True,
    "eyes_on_road": True,
    "belted": True,
    "stalk": "none",
    "stalk_presses": 0,
    "gear": "D",
    "speed_kmh": 90.0,
    "door_driver": "closed",
    "door_passenger": "closed",
    "door_rear_left": "closed",
    "door_rear_right": "closed",
}


class Cockpit:
    """A pilot at work: what it wants is done, as the world would, and its timers are kept."""

    def __init__(self, road: RoadAhead = CLEAR, driver: str | None = "lin", **facts: Any) -> None:
        self.facts = {**DRIVING, **facts}
        self.road, self.driver = road, driver
        self.passed_ms = 0
        self.timers: dict[str, int] = {}
        self.pilot = Pilot.new("su7", Car.Config(), {})
        self.pilot = self.pilot.provisioned(Provision(seed=bytes(32), boot=1, now_ms=START_MS, people=PEOPLE))
        self.step(Booted())

    def step(self, stimulus: Stimulus) -> None:
        """Let the pilot take a step, and let happen what it wants."""
        senses = FakeSenses(
            {name: value for name, value in self.facts.items() if value is not None},
            holder=self.driver,
            road=self.road,
        )
        self.pilot, effects = self.pilot.step(moment(senses, self.passed_ms), stimulus)
        for effect in effects:
            self._do(effect)

    def _do(self, effect: Effect) -> None:
        match effect:
            case Actuate(changes=changes):
                self.facts.update(changes)
                self.step(Sensed())
            case StartTimer(name=name, delay_ms=delay_ms):
                self.timers[name] = self.passed_ms + delay_ms
            case CancelTimer(name=name):
                self.timers.pop(name, None)
            case _:
                msg = f"a pilot does not want this: {effect}"
                raise AssertionError(msg)

    def set(self, **facts: Any) -> None:
        """Let facts change; None is a sensor that fails."""
        self.facts.update(facts)
        self.step(Sensed())

    def press(self, stalk: str = "lane") -> None:
        """Press the stalk and let go of it."""
        self.set(stalk=stalk, stalk_presses=self.facts["stalk_presses"] + 1)
        self.set(stalk="none")

    def later(self, passed_ms: int) -> None:
        """Let time pass."""
        until_ms = self.passed_ms + passed_ms
        while due := [(at, name) for name, at in self.timers.items() if at <= until_ms]:
            at_ms, name = min(due)
            del self.timers[name]
            self.passed_ms = at_ms
            self.step(TimerFired(name))
        self.passed_ms = until_ms

    def shows(self, name: str) -> Any:
        """Return what it reports."""
        return next(getattr(one, name) for one in self.pilot.report() if name in type(one).model_fields)


@pytest.mark.parametrize("stalk", ["cruise", "lane"])
def test_a_press_engages_it(stalk: str) -> None:
    """A press engages it."""
    car = Cockpit()
    car.press(stalk)
    assert (car.shows("assistance"), car.shows("refused"), car.shows("cruise_kmh")) == (stalk, "", 100.0)
    assert car.shows("warning") == "none"


@pytest.mark.parametrize(
    ("why", "road", "driver", "facts"),
    [
        ("driver_not_permitted", CLEAR, "tao", {}),
        ("driver_not_permitted", CLEAR, None, {}),
        ("door_open", CLEAR, "lin", {"door_passenger": "open"}),
        ("door_open", CLEAR, "lin", {"door_rear_left": None}),
        ("not_moving_forward", CLEAR, "lin", {"gear": "R"}),
        ("not_moving_forward", CLEAR, "lin", {"speed_kmh": 0.0}),
        ("not_moving_forward", CLEAR, "lin", {"speed_kmh": None}),
        ("belt_open", CLEAR, "lin", {"belted": False}),
        ("belt_open", CLEAR, "lin", {"belted": None}),
        ("hands_off", CLEAR, "lin", {"hands_on": False}),
        ("eyes_off", CLEAR, "lin", {"eyes_on_road": None}),
        ("too_little_sight", replace(CLEAR, sight_m=29.0), "lin", {}),
        ("no_lane_markings", replace(CLEAR, marked=False), "lin", {}),
        ("road_not_suitable", replace(CLEAR, separated=False), "jun", {}),
        ("no_lidar", replace(CLEAR, dark=True, lidar="none"), "lin", {}),
    ],
)
def test_it_says_why_it_is_not_engaged(
    why: str, road: RoadAhead, driver: str | None, facts: dict[str, Any]
) -> None:
    """It says why it is not engaged."""
    car = Cockpit(road, driver, **facts)
    car.press()
    assert (car.facts["assistance"], car.shows("refused")) == ("off", why)


def test_without_the_feature_it_is_not_engaged() -> None:
    """Without the feature it is not engaged."""
    car = Cockpit()
    car.pilot = replace(car.pilot, entitled=False)
    car.press()
    assert (car.facts["assistance"], car.shows("refused")) == ("off", "not_entitled")


def test_while_software_is_changed_it_is_not_engaged() -> None:
    """Also not while new software runs that has not proved itself yet."""
    car = Cockpit()
    car.pilot = replace(car.pilot, updating=True)
    car.press()
    assert (car.facts["assistance"], car.shows("refused")) == ("off", "updating")


def test_an_open_belt_is_a_request_at_once_and_then_a_stop() -> None:
    """A belt that is closed again ends the warning."""
    car = Cockpit()
    car.press()
    car.set(belted=False)
    assert car.shows("warning") == "request"
    car.later(9_999)
    assert (car.shows("warning"), car.shows("assistance")) == ("escalated", "lane")
    car.set(belted=True)
    assert car.shows("warning") == "none"
    car.set(belted=False)
    car.later(10_000)
    assert car.facts["assistance"] == "stopping"


def test_in_the_dark_without_lidar_it_keeps_a_distance_all_the_same() -> None:
    """In the dark without lidar it keeps a distance all the same."""
    car = Cockpit(replace(CLEAR, dark=True, lidar="none"))
    car.press("cruise")
    assert car.shows("assistance") == "cruise"


def test_hands_off_stops_it_and_locks_it_out() -> None:
    """Hands off stops it and locks it out."""
    car = Cockpit()
    car.press()
    car.set(hands_on=False)
    car.later(4_999)
    assert car.shows("warning") == "none"
    car.later(1)
    assert car.shows("warning") == "request"
    car.later(10_000)
    assert (car.shows("warning"), car.shows("assistance")) == ("escalated", "lane")
    car.later(5_000)
    assert (car.shows("warning"), car.shows("assistance")) == ("stopping", "stopping")
    assert car.facts["hazard_lights"] is True
    car.set(assistance="off", speed_kmh=0.0)
    car.set(hands_on=True, speed_kmh=90.0)
    car.press()
    assert (car.shows("refused"), car.shows("locked_out")) == ("locked_out", True)
    assert Pilot.new("su7", Car.Config(), car.pilot.kept()).monitor.locked_out(START_MS + car.passed_ms)
    car.later(1_800_000)
    assert car.shows("locked_out") is False
    car.press()
    assert car.shows("assistance") == "lane"


@pytest.mark.parametrize("away", [{"hands_on": False}, {"eyes_on_road": False}, {"eyes_on_road": None}])
def test_who_comes_back_ends_the_stop(away: dict[str, Any]) -> None:
    """Whoever comes back ends the stop."""
    car = Cockpit()
    car.press()
    car.set(**away)
    car.later(20_000)
    assert car.facts["assistance"] == "stopping"
    car.set(speed_kmh=50.0)
    assert car.facts["assistance"] == "stopping"
    car.set(**dict.fromkeys(away, True))
    assert (car.facts["assistance"], car.facts["hazard_lights"]) == ("off", False)


@pytest.mark.parametrize("gone", [{"gear": "N"}, {"door_driver": "open"}])
def test_what_cannot_go_on_is_stopped(gone: dict[str, Any]) -> None:
    """What cannot go on is stopped."""
    car = Cockpit()
    car.press()
    car.set(**gone)
    assert car.facts["assistance"] == "stopping"


def test_with_nobody_at_the_wheel_it_stops_and_nobody_ends_it() -> None:
    """With nobody at the wheel it stops and nobody ends it."""
    car = Cockpit()
    car.press()
    car.driver = None
    car.set(hands_on=False)
    assert car.facts["assistance"] == "stopping"
    car.set(hands_on=True)
    assert car.facts["assistance"] == "stopping"


def test_lane_keeping_ends_where_the_lanes_do() -> None:
    """Lane keeping ends where the lanes do."""
    car = Cockpit()
    car.press()
    car.road = replace(CLEAR, marked=False)
    car.step(Sensed())
    assert (car.shows("assistance"), car.shows("refused")) == ("cruise", "no_lane_markings")


def test_too_little_sight_is_a_request_and_then_a_stop() -> None:
    """Too little sight is a request and then a stop."""
    car = Cockpit()
    car.press()
    car.road = replace(CLEAR, sight_m=20.0)
    car.step(Sensed())
    assert car.shows("warning") == "request"
    car.later(10_000)
    assert car.facts["assistance"] == "stopping"


def test_a_driver_who_ends_it_is_not_watched_any_more() -> None:
    """A driver who ends it is not watched any more."""
    car = Cockpit()
    car.press()
    car.set(hands_on=False)
    car.set(assistance="off")
    car.later(60_000)
    assert (car.shows("warning"), DEADLINE in car.timers) == ("none", False)


def test_without_power_the_driver_has_the_car_or_it_stops() -> None:
    """Without power the driver has the car or it stops."""
    with_hands, without = Cockpit(), Cockpit()
    for car in (with_hands, without):
        car.press()
    with_hands.step(Crashed("pilot", up=False))
    assert (with_hands.facts["assistance"], with_hands.pilot.up) == ("off", False)

    without.set(hands_on=False)
    without.step(Crashed("pilot", up=False))
    assert without.facts["assistance"] == "holding"
    without.later(HOLDS_MS - 1)
    assert without.facts["assistance"] == "holding"
    without.later(1)
    assert (without.facts["assistance"], without.shows("warning")) == ("stopping", "stopping")
    without.set(hands_on=True)
    assert without.facts["assistance"] == "off"


def test_a_hand_at_the_wheel_ends_the_holding_too() -> None:
    """A hand at the wheel ends the holding too."""
    car = Cockpit()
    car.press()
    car.set(hands_on=False)
    car.step(Crashed("pilot", up=False))
    car.set(hands_on=True)
    assert car.facts["assistance"] == "off"
    car.later(HOLDS_MS)
    car.step(TimerFired(HOLDING))
    assert car.facts["assistance"] == "off"


def test_nothing_resumes_after_a_crash_even_with_the_stalk_still_pressed() -> None:
    """Nothing resumes after a crash even with the stalk still pressed."""
    car = Cockpit()
    car.step(Crashed("pilot", up=False))
    car.step(Crashed("pilot", up=True))
    assert car.pilot.up
    car.step(Crashed("pilot", up=False))
    car.set(stalk="lane", stalk_presses=1)
    car.step(Crashed("pilot", up=True))
    car.step(Sensed())
    assert car.facts["assistance"] == "off"


def test_before_it_has_looked_it_says_nothing() -> None:
    """Before it has looked it says nothing."""
    assert Pilot.new("su7", Car.Config(), {}).report() == ()


FRAMES: st.SearchStrategy[Stimulus] = st.sampled_from(
    [
        *(
            Commanded(command(), "t", "phone", "lin", START_MS + 30_000)
            for command in (*DRIVER_ASSISTANCE, *REMOTE_DRIVING)
        ),
        *(TimerFired(name) for name in (DEADLINE, LOCK_OUT, HOLDING, "telemetry", "sleep", "location")),
        *(Crashed("pilot", up=up) for up in (True, False)),
        *(Booted(), Sensed(), Learned("phone"), Linked(up=False), Linked(up=True)),
    ]
)


@given(
    frames=st.lists(
        st.tuples(
            FRAMES,
            st.sampled_from(["off", "stopping", "holding", "cruise", "lane"]),
            st.booleans(),
            st.booleans(),
        ),
        max_size=20,
    )
)
def test_no_sequence_of_frames_raises_the_assistance(frames: list[tuple[Stimulus, str, bool, bool]]) -> None:
    """Whatever is sent, due or broken: without a press of the stalk it only ever asks for less."""
    rank = ["off", "stopping", "holding", "cruise", "lane"]
    car = Car.new("su7", Car.Config(model="su7-luxury"), {})
    for number, (stimulus, assistance, hands, eyes) in enumerate(frames):
        facts = {**DRIVING, "assistance": assistance, "hands_on": hands, "eyes_on_road": eyes}
        senses = FakeSenses(facts, holder="lin", road=CLEAR)
        car, effects = car.step(moment(senses, number * 4_000), stimulus)
        for effect in effects:
            if isinstance(effect, Actuate) and "assistance" in effect.changes:
                assert rank.index(effect.changes["assistance"]) <= rank.index(assistance)


def test_what_the_car_was_not_subscribed_to_the_pilot_is_not_entitled_to() -> None:
    """What is engaged stays engaged while the car moves; it is over when the car has stood."""
    car = Car.new("su7", Car.Config(model="su7-luxury"), {})
    features = car.parts["features"]
    assert isinstance(features, CarFeatures)
    service = Peers({"shop": Peer("subscriptions", None, shared=False, key=bytes(32))})
    sold = replace(features, leases=features.leases.provided(service))
    car = replace(car, parts={**car.parts, "features": sold})
    for assistance, speed_kmh, entitled in (("off", 90.0, False), ("lane", 90.0, True), ("off", 0.0, False)):
        facts = {**DRIVING, "assistance": assistance, "speed_kmh": speed_kmh}
        for _ in range(2):
            car, _effects = car.step(moment(FakeSenses(facts, holder="lin", road=CLEAR)), Sensed())
        pilot = car.parts["pilot"]
        assert isinstance(pilot, Pilot)
        assert pilot.entitled is entitled
