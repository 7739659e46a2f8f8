"""Rooms: what devices and people do to their heat, air and light, and what a plug does to what it feeds."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from sim.core.device import Device
from sim.devices.camera import Camera
from sim.devices.climate import Climate
from sim.devices.light import Light
from sim.devices.plug import Plug
from sim.devices.purifier import Purifier
from sim.physics.air_purifier import FILTER_CAPACITY_MG, delivered_m3_per_h
from sim.physics.room_air import COOKING_UG_PER_H, OUTDOOR_UG_PER_M3, indoors
from sim.world.truth import Truth
from sim.world.truth.people import ImpossibleActError, SetWeather
from tests.stages import KINDS, START_MS, Theatre

FLAT = """
household: home
people: {lin: {role: owner}, mei: {role: member}}
homes:
  home:
    position: [40.0, 116.5]
    rooms:
      hall: {volume: 75 m³, heat_loss: 100 W/K, heat_capacity: 1 MJ/K}
      attic: {volume: 40 m³, heat_loss: 100 W/K, heat_capacity: 1 MJ/K}
devices:
  light: {kind: light, home: home, room: hall}
  camera: {kind: camera, home: home, room: hall}
  purifier: {kind: purifier, home: home, room: hall}
  small: {kind: purifier, home: home, room: hall, cadr: 100 m³/h}
  heater: {kind: climate, home: home, room: hall}
  plug: {kind: plug, home: home, room: hall, feeds: heater}
  spare: {kind: plug, home: home, room: hall}
  button: {kind: button, owner: lin}
"""
APPLIANCES: Mapping[str, type[Device]] = {
    **KINDS,
    **{kind.kind: kind for kind in (Camera, Climate, Light, Plug, Purifier)},
}
HOUR_MS = 3_600_000
HALL, ATTIC = ("home", "hall"), ("home", "attic")


def theatre(**given: Mapping[str, Any]) -> Theatre:
    """Return a stage with a flat."""
    return Theatre(FLAT, kinds=APPLIANCES, given=given)


@pytest.fixture
def truth() -> Truth:
    """The truth of a flat in which nothing is switched on."""
    return theatre().truth


# --- air ------------------------------------------------------------------------------------------


def test_rooms_begin_with_what_comes_in_on_a_clean_day(truth: Truth) -> None:
    """Nothing is cooked and nothing is cleaned."""
    air = truth.rooms[HALL].air

    assert air.pm25_at(START_MS + HOUR_MS) == pytest.approx(indoors(OUTDOOR_UG_PER_M3))
    assert truth.outdoor_pm25_ug_per_m3 == OUTDOOR_UG_PER_M3


def test_haze_comes_into_every_room(truth: Truth) -> None:
    """Weather sets temperature, dust, or both; what is not said stays."""
    SetWeather(pm25_ug_per_m3=300.0).perform(truth, START_MS)
    SetWeather(outdoor_c=-5.0).perform(truth, START_MS)

    assert (truth.outdoor_c, truth.outdoor_pm25_ug_per_m3) == (-5.0, 300.0)
    for room in truth.rooms.values():
        assert room.air.pm25_at(START_MS + 100 * HOUR_MS) == pytest.approx(indoors(300))
        assert room.heat.outdoor_c == -5.0


def test_meals_add_up_and_end(truth: Truth) -> None:
    """Two are cooked at once; each ends when it is done."""
    truth.rooms.cook(HALL, 1, START_MS)
    truth.rooms.cook(HALL, 1, START_MS)
    assert truth.rooms[HALL].air.source_ug_per_h == 2 * COOKING_UG_PER_H

    truth.rooms.cook(HALL, -1, START_MS + HOUR_MS)
    assert truth.rooms[HALL].air.source_ug_per_h == COOKING_UG_PER_H
    assert truth.rooms[ATTIC].air.source_ug_per_h == 0


def test_purifiers_of_a_room_clean_it_together_and_share_the_dust(truth: Truth) -> None:
    """400 and 100 m³/h: the filters fill four to one, and no dust is lost on the way."""
    truth.set_room_pm25("home", "hall", 200.0)
    truth.change("purifier", {"level": 3}, START_MS)
    truth.change("small", {"level": 3}, START_MS)
    end_ms = START_MS + HOUR_MS
    room = truth.rooms[HALL]
    caught_mg = room.air.cleaned_mg(end_ms)

    big, small = (truth.fact(name, "filter_mg", end_ms) for name in ("purifier", "small"))

    assert room.air.clean_m3_per_h == 500
    assert (big / small, big + small) == pytest.approx((4, caught_mg))
    assert truth.physical("purifier", end_ms).filter_mg == big
    assert truth.rooms[ATTIC].air.clean_m3_per_h == 0


def test_filter_keeps_what_it_caught_when_something_changes(truth: Truth) -> None:
    """Whether the fan, the weather or the stove changes: what is in the filter stays in it, and counts on."""
    happenings: list[Callable[[int], None]] = [
        lambda at_ms: truth.set_outdoor_pm25(300.0, at_ms),
        lambda at_ms: truth.rooms.cook(HALL, 1, at_ms),
        lambda at_ms: truth.change("purifier", {"level": 1}, at_ms),
        lambda at_ms: truth.lose_power("purifier", at_ms),
    ]
    truth.set_room_pm25("home", "hall", 200.0)
    truth.change("purifier", {"level": 3}, START_MS)
    caught = [truth.fact("purifier", "filter_mg", START_MS)]
    for hours, happens in enumerate(happenings, start=1):
        at_ms = START_MS + hours * HOUR_MS
        before = truth.fact("purifier", "filter_mg", at_ms)
        happens(at_ms)
        assert truth.fact("purifier", "filter_mg", at_ms) == pytest.approx(before)
        caught.append(before)

    assert caught == sorted(set(caught))
    assert truth.fact("purifier", "filter_mg", START_MS + 9 * HOUR_MS) == caught[-1]


def test_clogged_filter_delivers_less(truth: Truth) -> None:
    """Half when it is full; a new one all of it."""
    truth.change("purifier", {"level": 3, "filter_mg": FILTER_CAPACITY_MG}, START_MS)
    assert truth.rooms[HALL].air.clean_m3_per_h == pytest.approx(200)

    truth.change("purifier", {"filter_mg": 0.0, "filter_serial": 2}, START_MS + HOUR_MS)
    assert truth.rooms[HALL].air.clean_m3_per_h == pytest.approx(delivered_m3_per_h(400, 3, 0))
    assert truth.fact("purifier", "filter_mg", START_MS + HOUR_MS) == 0


def test_device_without_a_room_has_no_air() -> None:
    """A filter in nobody's room catches nothing."""
    stage = theatre()

    assert stage.truth.rooms.of("button") is None
    assert stage.truth.quantity("purifier", "pm25_ug_per_m3", START_MS) == pytest.approx(
        (indoors(OUTDOOR_UG_PER_M3),)
    )


# --- light and motion -----------------------------------------------------------------------------


def test_room_is_lit_by_its_switch_or_any_light(truth: Truth) -> None:
    """The camera's picture follows."""
    assert not truth.rooms.lit(HALL)
    truth.change("light", {"lit_percent": 1.0}, START_MS)
    assert truth.rooms.lit(HALL)
    assert not truth.rooms.lit(ATTIC)
    view = truth.view("camera", START_MS)
    assert view is not None
    assert view.lamp_on

    truth.change("light", {"lit_percent": 0.0}, START_MS)
    truth.rooms[HALL].lamp_on = True
    assert truth.rooms.lit(HALL)


def test_camera_notices_who_comes_walks_about_and_goes() -> None:
    """Each is one movement in its room; what happens next door is none."""
    stage = theatre()
    for count, room in enumerate(("hall", "hall", "attic"), start=1):
        stage.does("mei", "goes_into", room=room)
        assert stage.truth.rooms[HALL].movements == count
        assert len(stage.published("camera/event/motion_seen")) == count
    stage.does("mei", "walk", to="home")

    assert (stage.truth.rooms[HALL].movements, stage.truth.rooms[ATTIC].movements) == (3, 2)
    assert stage.truth.inside == {}


# --- by hand --------------------------------------------------------------------------------------


def test_cook_stands_in_the_room_until_the_meal_is_done() -> None:
    """The story goes on; half an hour later nothing fumes any more."""
    stage = theatre()
    course = stage.does("mei", "cooks", room="hall", for_ms=HOUR_MS)
    before = stage.truth.rooms[HALL].air.pm25_at(stage.now_ms)
    stage.advance(HOUR_MS)

    assert (course.takes_ms, course.ends_ms) == (0, START_MS + HOUR_MS)
    assert stage.truth.inside == {"mei": HALL}
    assert stage.truth.rooms[HALL].air.pm25_at(stage.now_ms) > before + 100
    assert (stage.truth.rooms[HALL].meals, stage.truth.rooms[HALL].air.source_ug_per_h) == (0, 0)


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [("closes_shutter", {"camera": "camera"}), ("replaces_filter", {"purifier": "purifier"})],
)
def test_hands_reach_what_stands_in_the_room(verb: str, arguments: dict[str, str]) -> None:
    """From the next room, or from outside, they do not."""
    stage = theatre()
    (device,) = arguments.values()
    for room in (None, "attic"):
        if room is not None:
            stage.does("mei", "goes_into", room=room)
        with pytest.raises(ImpossibleActError, match=f"mei is not in the room of {device}"):
            stage.does("mei", verb, **arguments)
    stage.does("mei", "goes_into", room="hall")
    stage.does("mei", verb, **arguments)
    facts = stage.truth.physical(device, stage.now_ms)

    if device == "camera":
        assert facts.shutter == "closed"
    else:
        assert (facts.filter_serial, facts.filter_mg) == (2, 0)


# --- plugs ----------------------------------------------------------------------------------------


def test_plug_takes_its_appliance_off_the_mains_and_back() -> None:
    """It goes as in a power cut, its will included, and starts anew with what it remembers."""
    stage = theatre(heater={"mode": "heat", "target": 25.0})
    stage.truth.change("plug", {"power": "off"}, stage.now_ms)
    stage.settle()
    assert stage.stage.down == {"heater": 1}
    assert stage.records("connection", device="heater", state="lost")
    assert stage.truth.fact("heater", "heat_w", stage.now_ms) == 0

    stage.advance(60_000)
    stage.truth.change("plug", {"power": "on"}, stage.now_ms)
    stage.settle()
    assert stage.stage.down == {}
    assert stage.node("heater").boot == 2
    assert stage.truth.fact("heater", "heat_w", stage.now_ms) > 0


def test_appliance_whose_plug_is_off_at_the_start_is_not_there() -> None:
    """It connects when somebody switches the plug on, and not before."""
    stage = Theatre(FLAT, kinds=APPLIANCES, given={"heater": {"mode": "heat"}}, opened=False)
    stage.truth.change("plug", {"power": "off"}, stage.now_ms)
    stage.run(stage.stage.open())
    assert not stage.records("connection", device="heater")
    assert stage.records("connection", device="light", state="connected")

    stage.truth.change("plug", {"power": "on"}, stage.now_ms)
    stage.settle()
    assert stage.records("connection", device="heater", state="connected")


def test_appliance_that_has_failed_too_needs_both_mended() -> None:
    """A plug that is switched on does not wake what has crashed for its own reasons."""
    stage = theatre()
    stage.stage.crash("heater", None, 60_000)
    stage.truth.change("plug", {"power": "off"}, stage.now_ms)
    stage.settle()
    stage.truth.change("plug", {"power": "on"}, stage.now_ms)
    stage.settle()
    assert stage.stage.down == {"heater": 1}

    stage.advance(60_000)
    assert stage.stage.down == {}


def test_plug_meters_what_its_appliance_draws(truth: Truth) -> None:
    """Nothing while it is off, nothing when it feeds nothing."""
    assert (truth.load_w("plug"), truth.load_w("spare"), truth.load_w("light")) == (0, 0, 0)
    truth.change("heater", {"heat_w": 9_000.0}, START_MS)
    assert truth.load_w("plug") == 2_500
    assert "plug" in truth.touched

    truth.change("plug", {"power": "off"}, START_MS)
    assert truth.load_w("plug") == 0
