"""Assisted drives in the world: who may raise the assistance, and what cars do with others before them."""

from itertools import pairwise
from typing import Any

import pytest

from sim.devices.car import Car
from sim.physics.assistance.assisted import Assisted
from sim.physics.assistance.line import Leg, Line
from sim.physics.assistance.loop import Now, Situation
from sim.physics.assistance.others import planned
from sim.scenario.households import read_household
from sim.world.truth import MOTION, Truth
from sim.world.truth.assisting import has_lidar, replanned
from sim.world.truth.driving import by_roads
from sim.world.truth.people import on_the_way
from sim.world.truth.wheel import PRESS_MS, Press, Wheel
from tests.scenario.stories import HEAD, KINDS, WANG, fails, passes
from tests.stages import START_MS

ROADS = """household:
  extends: wang
  roads:
    ring: {from: home, to: badaling, length: 60 km, speed: 100 km/h, lanes: 3, separated: true}
    lane_less: {from: home, to: badaling, length: 80 km, speed: 90 km/h}
"""
NOON = "start: 2026-01-12T12:00:00+08:00\n"
GIVEN = "given: {su7: {driver: lin, locked: false}}\nsteps:\n"
BEGIN = HEAD.replace("household: wang\n", ROADS) + NOON + GIVEN
DRIVE = "  - do: lin.drives\n    with: {car: su7, to: badaling, by: [ring]}\n"
ENGAGE = "  - do: lin.engages_pilot\n    with: {car: su7, set: 90 km/h}\n  - expect: {su7.assistance: lane}\n"


def press(assistance: str = "lane") -> Wheel:
    """Return a wheel at which somebody has pressed the stalk at 0."""
    wheel = Wheel()
    wheel.press("su7", Press(assistance, 90.0, PRESS_MS))  # type: ignore[arg-type]  # a parameter of the test
    return wheel


def test_a_press_raises_it_once() -> None:
    """A press raises it once."""
    wheel = press()
    raised = wheel.checked("su7", "off", {"assistance": "lane"}, PRESS_MS)
    assert raised == {"assistance": "lane", "cruise_kmh": 90.0}
    with pytest.raises(AssertionError, match="nobody pressed"):
        wheel.checked("su7", "off", {"assistance": "cruise"}, PRESS_MS)


@pytest.mark.parametrize(
    ("pressed", "wanted", "at_ms", "why"),
    [("lane", "lane", PRESS_MS + 1, "long ago"), ("cruise", "lane", 0, "more than was pressed")],
)
def test_a_press_raises_it_in_time_and_no_further(pressed: str, wanted: str, at_ms: int, why: str) -> None:
    """A press raises it in time and no further."""
    with pytest.raises(AssertionError, match=why):
        press(pressed).checked("su7", "off", {"assistance": wanted}, at_ms)


@pytest.mark.parametrize("lower", ["lane", "cruise", "holding", "stopping", "off"])
def test_it_can_be_lowered_without_a_press(lower: str) -> None:
    """It can be lowered without a press."""
    assert Wheel().checked("su7", "lane", {"assistance": lower}, 0) == {"assistance": lower}


def test_a_device_cannot_move_hands_eyes_or_stalk() -> None:
    """They belong to the driver, as speed and gear do."""
    assert {"hands_on", "eyes_on_road", "belted", "stalk", "stalk_presses", "cruise_kmh"} <= MOTION


def test_a_jam_slows_an_assisted_car_and_its_end_lets_it_go() -> None:
    """A jam slows an assisted car and its end lets it go."""
    passes(
        BEGIN
        + DRIVE
        + ENGAGE
        + "  - advance: 1m\n  - do: roads.slow\n    with: {road: ring, speed: 50 km/h}\n"
        + "  - expect: {su7.speed: 49..51 km/h, su7.limited_by: crowd}\n    within: 60s\n"
        + "  - do: roads.open\n    with: {road: ring}\n"
        + "  - expect: {su7.speed: 89..91 km/h}\n    within: 60s\n"
    )


def test_an_assisted_car_arrives_and_is_parked() -> None:
    """An assisted car arrives and is parked."""
    passes(
        BEGIN
        + DRIVE
        + ENGAGE
        + "  - advance: {until: {su7.gear: P}}\n    within: 1h\n"
        + "  - expect: {su7.at: badaling, su7.assistance: off, su7.speed: 0 km/h}\n"
    )


def battery_after(text: str) -> float:
    """Return what is left after half an hour, when the car is parked."""
    end = "  - advance: 30m\n  - do: lin.parks\n    with: {car: su7}\n  - expect: {su7.gear: P}\n"
    played = passes(text + end)
    seen = [one["facts"] for one in played.records if one["kind"] == "truth" and one["device"] == "su7"]
    return float([facts["battery_percent"] for facts in seen if "battery_percent" in facts][-1])


def test_what_the_battery_gives_is_the_same_by_hand_and_assisted() -> None:
    """As fast as the road is: the loops are no reason to use more."""
    assisted = battery_after(BEGIN + DRIVE + ENGAGE.replace("90 km/h", "100 km/h"))
    assert battery_after(BEGIN + DRIVE) == pytest.approx(assisted, abs=0.2)
    assert assisted < 75


@pytest.mark.parametrize(
    ("profile", "clock", "before", "after_ms"),
    [
        ("gb", "12:00:00", "  - advance: 7333ms\n", 20_000),
        ("gb", "23:00:00", "  - advance: 61017ms\n", 20_000),
        ("gb", "12:00:00", "  - do: weather.set\n    with: {visibility: 120 m}\n  - advance: 20s\n", 20_000),
        ("gb", "12:00:00", "  - fault: {sensor: su7.camera_clean}\n  - advance: 1s\n", 20_000),
        ("gb", "16:45:00", "  - fault: {link: su7, partition: true}\n  - advance: 9m\n", 20_000),
        ("un_r79", "23:00:00", "  - advance: 1ms\n", 60_000),
    ],
)
def test_hands_off_stops_after_the_stated_time(profile: str, clock: str, before: str, after_ms: int) -> None:
    """By day and night, in fog, with a dirty lens, without a link: as docs/household.md says it."""
    car = f"  devices: {{ours: {{kind: car, model: luxury, owner: lin, attention_profile: {profile}}}}}\n"
    text = (
        BEGIN.replace(NOON, car + NOON).replace("12:00:00", clock)
        + DRIVE
        + ENGAGE
        + before
        + "  - expect: {su7.assistance: lane}\n  - do: lin.takes_hands_off\n    with: {car: su7}\n"
        + f"  - never: {{su7.assistance: stopping}}\n    for: {after_ms - 1}ms\n"
        + "  - expect: {su7.assistance: stopping, su7.hazard_lights: true}\n    within: 1ms\n"
        + "  - expect: {su7.speed: 0 km/h, su7.collided: false}\n    within: 9s\n"
    )
    passes(text.replace("su7", "ours").replace("luxury", "su7-luxury"))


def test_the_energy_of_an_assisted_drive_is_booked_to_the_last_thousandth() -> None:
    """What is gone from the charge has moved the car, fed its electronics, or warms the pack and the air.

    The ledger knows the distance of every minute and the two warmths of the pack, and nothing of how the
    battery is counted; somebody cuts in, brakes to a crawl and drives off again.
    """
    truth = Truth(WANG.household("wang"), KINDS, START_MS, 0)  # type: ignore[arg-type]  # it is there
    config: Any = truth.household.devices["su7"].config
    body, pack, minutes = config.energy.body, config.energy.pack, 40
    user = planned("1", 60.0, 25.0, [(60.0, 0.0), (11.0, -2.0), (120.0, 0.0), (12.0, 2.0)], START_MS)
    line = Line((Leg((0.0, 0.0), (200_000.0, 0.0), 200_000.0),))
    drive = Assisted(Situation("lane", 28.0, line, (user,)), Now(START_MS, 0.0, 25.0))
    truth.depart("su7", drive, START_MS)
    used_j, lost_j, warmth = 0.0, 0.0, list[float]()
    for minute in range(minutes + 1):
        at_ms = START_MS + minute * 60_000
        warmth.append(truth.fact("su7", "battery_temperature_c", at_ms))
        if minute < minutes:
            speed = (drive.driven_m(at_ms + 60_000) - drive.driven_m(at_ms)) / 60
            used_j += (body.driving_w(speed, truth.outdoor_c) + body.auxiliaries_w) * 60
    for before_c, after_c in pairwise(warmth):
        lost_j += pack.heat_loss_w_per_k * ((before_c + after_c) / 2 - truth.outdoor_c) * 60
    gone_percent = 80 - truth.fact("su7", "battery_percent", START_MS + minutes * 60_000)
    stored_j = (warmth[-1] - warmth[0]) * pack.heat_j_per_k
    assert gone_percent / pack.percent_per_j == pytest.approx(used_j + lost_j + stored_j, rel=1e-3)
    assert gone_percent > 2


def test_a_gate_is_passed_once_however_the_drive_is_cut() -> None:
    """In the millisecond before its end, in that millisecond and after; also when the car arrives there."""
    roads = read_household("toll.household.yaml", TOLL, KINDS)
    for cut_ms in (-1, 0, 1, 30):
        truth = Truth(roads, KINDS, START_MS, 0)
        truth.change(
            "su7", {"driver": "lin", "gear": "D", "assistance": "cruise", "cruise_kmh": 72.0}, START_MS
        )
        truth.depart("su7", by_roads(truth, "su7", "c", ["ring", "on"], START_MS), START_MS)
        assert list(replanned(truth, START_MS)) == ["su7"]
        gate_ms = truth.places.path("su7").next_change_ms(START_MS + 60_000)
        course = on_the_way(truth, "su7", START_MS)
        for at_ms in sorted({gate_ms + cut_ms, gate_ms, gate_ms + 100}):
            if at_ms == gate_ms and course.then is not None and cut_ms >= 0:
                course.then(at_ms)
            path = truth.places.path("su7")
            assert isinstance(path, Assisted)
            truth.depart("su7", path.again(path.situation, at_ms), at_ms)
            truth.dues.drove("su7", at_ms)
        assert [due.order for due in truth.dues.of("su7")] == [f"toll:gate:su7:{gate_ms}"], cut_ms
        path = truth.places.path("su7")
        end_ms = path.arrival_ms
        for at_ms in (end_ms - 1, end_ms, end_ms + 1):
            truth.dues.drove("su7", at_ms)
        assert [due.merchant for due in truth.dues.of("su7")] == ["gate", "end"]


TOLL = """household: toll
people: {lin: {role: owner}}
homes: {a: {position: [40.0, 116.0]}}
places: {b: {position: [40.0, 116.02]}, c: {position: [40.0, 116.04]}}
roads:
  ring: {from: a, to: b, length: 2 km, speed: 72 km/h, toll: {plaza: gate, amount: 500}}
  on: {from: b, to: c, length: 2 km, speed: 72 km/h, toll: {plaza: end, amount: 500}}
devices: {su7: {kind: car, owner: lin}}
"""


def test_a_speed_is_set_anew_while_it_assists_and_not_before() -> None:
    """A speed is set anew while it assists and not before."""
    passes(
        BEGIN
        + DRIVE
        + "  - do: lin.sets_cruise\n    with: {car: su7, set: 70 km/h}\n    as: early\n"
        + '  - expect: {early: failed, reason: "nothing assists in su7: engages_pilot first"}\n'
        + ENGAGE
        + "  - do: lin.sets_cruise\n    with: {car: su7, set: 70 km/h}\n"
        + "  - expect: {su7.speed: 69..71 km/h, su7.cruise: 70 km/h}\n    within: 60s\n"
    )


def test_somebody_ahead_drives_off_and_the_car_follows() -> None:
    """Somebody ahead drives off and the car follows."""
    passes(
        BEGIN
        + DRIVE
        + ENGAGE
        + "  - do: road_users.cuts_in\n    with: {before: su7, at: 60 m, speed: 80 km/h}\n"
        + "  - advance: 5s\n  - do: road_users.brakes\n    with: {before: su7, by: 2 m/s²}\n"
        + "  - expect: {su7.speed: < 2 km/h, su7.gap: < 5 m}\n    within: 60s\n"
        + "  - do: road_users.drives_off\n    with: {before: su7, to: 60 km/h}\n"
        + "  - expect: {su7.speed: 58..61 km/h}\n    within: 60s\n"
    )


def test_nobody_is_before_a_car_that_stands() -> None:
    """Nobody is before a car that stands."""
    failed = fails(BEGIN + "  - do: road_users.stands\n    with: {before: su7, at: 50 m}\n")
    assert "su7 is not under way: nobody is before it" in failed[0]


def test_nobody_brakes_where_nobody_is() -> None:
    """Nobody brakes where nobody is."""
    failed = fails(BEGIN + DRIVE + "  - do: road_users.brakes\n    with: {before: su7}\n")
    assert "nobody is before su7" in failed[0]


def test_more_than_a_dozen_and_some_are_too_many() -> None:
    """More than a dozen and some are too many."""
    one = "  - do: road_users.cuts_in\n    with: {before: su7, at: %d m, speed: 200 km/h}\n"
    failed = fails(BEGIN + DRIVE + "".join(one % (1_000 + number) for number in range(17)))
    assert "there are 16 before su7 already" in failed[0]


def test_with_the_car_s_power_gone_and_no_hands_on_the_brakes_stop_it() -> None:
    """With the car's power gone and no hands on the brakes stop it."""
    passes(
        BEGIN
        + DRIVE
        + ENGAGE
        + "  - do: lin.takes_hands_off\n    with: {car: su7}\n  - fault: {crash: su7, for: 1m}\n"
        + "  - expect: {su7.assistance: stopping}\n"
        + "  - expect: {su7.speed: 0 km/h, su7.assistance: off}\n    within: 10s\n"
        + "  - never: {su7.assistance: [cruise, lane]}\n    for: 5m\n"
    )


def test_with_hands_on_a_car_without_power_is_the_driver_s() -> None:
    """With hands on a car without power is the driver's."""
    passes(
        BEGIN
        + DRIVE
        + ENGAGE
        + "  - fault: {crash: su7, for: 1m}\n  - expect: {su7.assistance: off, su7.speed: '> 50 km/h'}\n"
    )


def test_off_the_roads_it_drives_on_by_hand_as_fast_as_it_is() -> None:
    """Off the roads it drives on by hand as fast as it is."""
    passes(
        BEGIN
        + "  - do: lin.drives\n    with: {car: su7, speed: 60 km/h}\n"
        + "  - do: lin.engages_pilot\n    with: {car: su7, lanes: false, set: 40 km/h}\n"
        + "  - advance: 1m\n  - do: lin.disengages_pilot\n    with: {car: su7}\n"
        + "  - advance: 1m\n  - expect: {su7.speed: 39..41 km/h, su7.assistance: off}\n"
    )


def test_dusk_is_noticed_under_way() -> None:
    """The sun sets at 16:49 by this model; ten minutes later at the latest the light is looked at again."""
    passes(
        BEGIN.replace("12:00:00", "16:40:00")
        + DRIVE
        + ENGAGE
        + "  - fault: {sensor: su7.lidar_clean}\n  - advance: 1m\n"
        + "  - expect: {su7.assistance: lane, su7.lidar: blind}\n  - advance: 30m\n"
        + "  - expect: {su7.assistance: cruise, su7.refused: no_lidar, su7.speed: 49..53 km/h}\n"
    )


@pytest.mark.parametrize(
    ("model", "stated", "has"),
    [
        ("su7-base", None, False),
        ("su7-luxury", None, True),
        ("su7-base", True, True),
        ("su7-luxury", False, False),
    ],
)
def test_lidar_is_the_model_s_unless_the_household_says_otherwise(
    model: str,
    stated: bool | None,  # noqa: FBT001  # a column of the table
    has: bool,  # noqa: FBT001
) -> None:
    """A car has the lidar that its model's file names; an entry with `lidar` is believed instead."""
    assert has_lidar(Car.Config(model=model, lidar=stated)) is has
