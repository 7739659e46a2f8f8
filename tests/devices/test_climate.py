"""The climate unit: it keeps a room within a band, without chatter, and never heats while it cools."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.device import (
    Actuate,
    Booted,
    Crossed,
    Effect,
    Learned,
    Report,
    Sensed,
    StartTimer,
    Stimulus,
    StopWatching,
    TimerFired,
    WatchFor,
)
from sim.devices.climate import (
    BAND_FAR_C,
    BAND_NEAR_C,
    LOOK_EVERY_MS,
    REPORT_EVERY_MS,
    Climate,
    ClimateReport,
    Mode,
    SetClimate,
)
from sim.physics.heat_pump import cooling_w, heating_w
from sim.physics.room_heat import RoomHeat
from tests.senses import START_MS, FakeSenses, commanded, moment, settled

POWER_W = 2_500.0
HEATING_W = heating_w(POWER_W, -8.0)


def new(**given: Any) -> Climate:
    """Return a unit from the factory."""
    return Climate.new("heater", Climate.Config(home="home", room="living_room"), given)


def in_room(room_c: float | None, heat_w: float | None = 0.0, outdoor_c: float = -8.0) -> FakeSenses:
    """Return what the unit senses."""
    return FakeSenses({"heat_w": heat_w}, room=room_c, outdoor=outdoor_c)


def stepped(unit: Climate, stimulus: Stimulus, senses: FakeSenses) -> tuple[Climate, tuple[Effect, ...]]:
    """Return the unit and its effects after a stimulus."""
    return unit.step(moment(senses), stimulus)


def reported(unit: Climate) -> ClimateReport:
    """Return what the unit says of itself."""
    return next(one for one in unit.report() if isinstance(one, ClimateReport))


def test_climate_off_says_what_its_thermometer_says() -> None:
    """A unit that is off measures the room to a tenth of a degree and waits for nothing."""
    unit, effects = stepped(new(), Booted(), in_room(12.04))

    assert reported(unit) == ClimateReport(mode="off", target_c=21.0, working=False, room_c=12.0)
    assert effects == (
        StopWatching("edge"),
        StartTimer("look", LOOK_EVERY_MS),
        StartTimer("report", REPORT_EVERY_MS),
    )


def test_climate_without_a_room_does_not_work() -> None:
    """What cannot be measured is not heated, and its temperature is unknown."""
    unit, effects = stepped(new(mode="heat"), Booted(), in_room(None))

    assert reported(unit).room_c is None
    assert not reported(unit).working
    assert StopWatching("edge") in effects


@pytest.mark.parametrize(
    ("mode", "room_c", "heat_w", "watch"),
    [
        ("heat", 12.0, HEATING_W, WatchFor("edge", at_least_c=21.0 + BAND_FAR_C)),
        ("heat", 25.0, 0.0, WatchFor("edge", at_most_c=21.0 + BAND_NEAR_C)),
        ("cool", 30.0, -cooling_w(POWER_W, -8.0), WatchFor("edge", at_most_c=21.0 - BAND_FAR_C)),
        ("cool", 12.0, 0.0, WatchFor("edge", at_least_c=21.0 - BAND_NEAR_C)),
    ],
)
def test_climate_works_towards_its_target_only(
    mode: Mode, room_c: float, heat_w: float, watch: WatchFor
) -> None:
    """It heats a cold room and cools a warm one, and asks to be told at the edge of its band."""
    unit, effects = stepped(new(), commanded(SetClimate(mode=mode)), in_room(room_c))

    assert [one for one in effects if isinstance(one, Actuate)] == (
        [Actuate({"heat_w": heat_w})] if heat_w else []
    )
    assert watch in effects
    assert settled(effects) == [("t1", "done")]
    assert reported(unit).working is (heat_w != 0.0)


@pytest.mark.parametrize("mode", ["off", "heat", "cool"])
def test_climate_that_restarts_goes_on_as_it_was_set(mode: Mode) -> None:
    """Mode and target survive a power cut; its meter and thermometer begin anew."""
    unit, _ = stepped(new(), commanded(SetClimate(mode=mode, target_c=24.5)), in_room(10.0))

    again = new(**unit.kept())

    assert reported(again) == ClimateReport(mode=mode, target_c=24.5, working=False, room_c=None)
    assert again == new(mode=mode, target=24.5)


def test_climate_without_power_moves_no_heat() -> None:
    """The compressor stands still at once."""
    config = Climate.Config(home="home", room="living_room", power_w=POWER_W)
    cooling = Climate.Physical(heat_w=-3_000.0)

    assert cooling.without_power() == Climate.Physical(heat_w=0.0)
    assert (cooling.draws_w(config), cooling.without_power().draws_w(config)) == (POWER_W, 0)


def test_climate_command_keeps_what_it_does_not_name() -> None:
    """Mode and target are set apart from each other."""
    warmer, _ = stepped(new(mode="heat"), commanded(SetClimate(target_c=23.0)), in_room(20.0))
    cooler, _ = stepped(warmer, commanded(SetClimate(mode="cool")), in_room(20.0))

    assert (warmer.mode, warmer.target_c) == ("heat", 23.0)
    assert (cooler.mode, cooler.target_c) == ("cool", 23.0)


def test_climate_ends_at_the_far_edge_and_begins_again_at_the_near_one() -> None:
    """Between the edges it goes on with what it does: 21.3 °C is too warm to begin and too cold to end."""
    heating, _ = stepped(new(mode="heat"), Booted(), in_room(20.0))
    between, _ = stepped(heating, Sensed(), in_room(21.3, HEATING_W))
    rested, effects = stepped(between, Crossed("edge"), in_room(21.5, HEATING_W))
    cooled, _ = stepped(rested, Sensed(), in_room(21.3))
    begun, _ = stepped(cooled, Crossed("edge"), in_room(21.1))

    assert [one.working for one in (heating, between, rested, cooled, begun)] == [
        True,
        True,
        False,
        False,
        True,
    ]
    assert Actuate({"heat_w": 0.0}) in effects


def test_climate_looks_every_minute() -> None:
    """The room is measured anew even if nothing happens; who is told of it is for the node to see."""
    unit, effects = stepped(new(), TimerFired("look"), in_room(18.0))

    assert reported(unit).room_c == 18.0
    assert effects == (StartTimer("look", LOOK_EVERY_MS),)


def test_climate_reports_now_and_then_even_what_has_not_changed() -> None:
    """Readers see that it is alive, and ages begin again."""
    unit, effects = stepped(new(), TimerFired("report"), in_room(18.0))

    assert [one.facet for one in effects if isinstance(one, Report)] == [one.facet for one in unit.report()]
    assert StartTimer("report", REPORT_EVERY_MS) in effects


def test_climate_that_nothing_happens_to_reports_the_same() -> None:
    """A look that finds nothing new changes no report, so that nothing is published."""
    unit, _ = stepped(new(mode="heat"), Booted(), in_room(20.0))
    looked, effects = stepped(unit, Sensed(), in_room(20.02, HEATING_W))

    assert looked.report() == unit.report()
    assert not [one for one in effects if isinstance(one, Actuate)]


@pytest.mark.parametrize("felt_w", [0.0, None], ids=["jammed", "blind"])
def test_climate_tells_a_compressor_that_does_not_obey_again(felt_w: float | None) -> None:
    """A compressor that was jammed starts as soon as it can move, and nobody has to ask again."""
    unit, first = stepped(new(mode="heat"), Booted(), in_room(12.0))
    _, second = stepped(unit, Sensed(), in_room(12.0, felt_w))

    told = [one for effects in (first, second) for one in effects if isinstance(one, Actuate)]
    assert told == [Actuate({"heat_w": HEATING_W})] * 2


def test_climate_follows_the_weather() -> None:
    """A heat pump moves less heat when it is colder outside, and is driven accordingly."""
    unit, _ = stepped(new(mode="heat"), Booted(), in_room(12.0))
    _, effects = stepped(unit, Sensed(), in_room(12.0, HEATING_W, outdoor_c=-15.0))

    assert Actuate({"heat_w": heating_w(POWER_W, -15.0)}) in effects


def test_climate_ignores_what_does_not_concern_it() -> None:
    """News of other devices and foreign timers change nothing."""
    assert stepped(new(), Learned("su7"), in_room(20.0)) == (new(), ())
    assert stepped(new(), TimerFired("sleep"), in_room(20.0)) == (new(), ())


@pytest.mark.parametrize(
    ("given", "mode", "target_c"),
    [
        ({}, "off", 21.0),
        ({"power": "off"}, "off", 21.0),
        ({"power": "on"}, "heat", 21.0),
        ({"power": "on", "mode": "cool"}, "cool", 21.0),
        ({"target": 25.0}, "off", 25.0),
    ],
)
def test_climate_begins_as_a_scenario_says(given: dict[str, Any], mode: str, target_c: float) -> None:
    """A scenario may switch it on, and set its mode and target."""
    unit = new(**given)

    assert (unit.mode, unit.target_c) == (mode, target_c)
    assert set(given) <= set(Climate.settable())


MINUTE_MS = 60_000


@given(
    mode=st.sampled_from(["heat", "cool"]),
    target_c=st.floats(16, 30),
    start_c=st.floats(-10, 45),
    outdoor_c=st.floats(-25, 45),
    loss=st.floats(20, 400),
    capacity=st.floats(5e5, 2e7),
)
def test_climate_keeps_its_room_within_the_band_without_chatter(
    mode: Mode, target_c: float, start_c: float, outdoor_c: float, loss: float, capacity: float
) -> None:
    """Whatever room and weather: it pushes one way only, never twice in a second, and never past its band."""
    sign = 1 if mode == "heat" else -1
    room = RoomHeat(start_c, START_MS, loss, capacity, 0.0, outdoor_c)
    unit = new(mode=mode, target=target_c)
    now_ms = START_MS
    stimulus: Stimulus = Booted()
    changes: list[int] = []
    for _ in range(60):
        senses = FakeSenses({"heat_w": room.heat_w}, room=room.temperature_at(now_ms), outdoor=outdoor_c)
        before = unit.working
        unit, effects = unit.step(moment(senses, now_ms - START_MS), stimulus)
        changes += [now_ms] if unit.working is not before else []
        for one in effects:
            if isinstance(one, Actuate):
                room = room.with_inputs(now_ms, heat_w=one.changes["heat_w"])
        assert room.heat_w * sign >= 0
        assert (room.heat_w != 0) is unit.working
        due_ms = _due_ms(room, effects)
        if due_ms is None:
            break
        if unit.working:
            assert sign * (room.temperature_at(due_ms) - (target_c + sign * BAND_FAR_C)) < 1e-2
        now_ms, stimulus = due_ms, Crossed("edge")

    # The first look and the first crossing may fall together; from then on the band keeps them apart.
    assert all(later - earlier > 1_000 for earlier, later in pairwise(changes[1:]))


def _due_ms(room: RoomHeat, effects: tuple[Effect, ...]) -> int | None:
    """Return when the threshold that the unit watches is reached."""
    watch = next(one for one in effects if isinstance(one, WatchFor))
    if watch.at_least_c is not None:
        return room.crossing_ms(watch.at_least_c, rising=True)
    assert watch.at_most_c is not None
    return room.crossing_ms(watch.at_most_c, rising=False)


@given(st.floats(-20, 45), st.floats(16, 30), st.sampled_from(["off", "heat", "cool"]))
def test_climate_never_heats_and_cools_at_once(room_c: float, target_c: float, mode: Mode) -> None:
    """At every temperature, at most one of the two modes wants to work."""
    heats, cools = (
        stepped(new(mode=one, target=target_c), Booted(), in_room(room_c))[0].working
        for one in ("heat", "cool")
    )
    unit, _ = stepped(new(mode=mode, target=target_c), Booted(), in_room(room_c))

    assert not (heats and cools and abs(room_c - target_c) > BAND_NEAR_C)
    assert unit.working is (heats if mode == "heat" else cools if mode == "cool" else False)


def test_climate_meter_counts_only_while_it_works() -> None:
    """Half an hour at 2.5 kW is 1.25 kWh, and a unit at rest uses nothing."""
    working, _ = new(mode="heat").step(moment(in_room(12.0)), Booted())
    counted, _ = working.step(moment(in_room(12.0, HEATING_W), 1_800_000), Sensed())
    off, _ = counted.step(moment(in_room(12.0, HEATING_W), 1_800_000), commanded(SetClimate(mode="off")))
    later, _ = off.step(moment(in_room(12.0), 3_600_000), Sensed())

    assert counted.meter.used_kwh == pytest.approx(1.25)
    assert later.meter.used_kwh == counted.meter.used_kwh


def test_climate_meter_never_runs_backwards() -> None:
    """A clock that is put back does not give energy back."""
    working, _ = new(mode="heat").step(moment(in_room(12.0), 60_000), Booted())
    put_back, _ = working.step(moment(in_room(12.0, HEATING_W)), Sensed())

    assert put_back.meter.used_kwh == 0.0


def test_climate_unit_is_a_value() -> None:
    """A step leaves the unit it began with as it was."""
    unit = new()
    copy = replace(unit)
    stepped(unit, commanded(SetClimate(mode="heat")), in_room(12.0))

    assert unit == copy
