"""The cabin: warm in time and not before, ended with a reason; and seats that stand still in a moving car."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.core.device import Crashed, TimerFired
from sim.devices.car.cabin import CONTROL_MS, HOLD_MS, LOOK_AGAIN_MS, WAIT_MS, CabinControl, Energy
from sim.devices.car.commands import Lock, MoveSeat, Precondition, SetCabin, StopPreconditioning
from sim.devices.car.seats import PATIENCE_MS, SEAT_MS_PER_PERCENT, SWITCH_MS
from sim.physics.cabin_climate import heat_w
from sim.physics.cabin_heat import CabinHeat
from tests.devices.bays import Bay
from tests.senses import commanded, moment

HOUR_MS = 3_600_000
NINE_MS = 9 * HOUR_MS
"""An hour and a half after the bays' clocks begin."""


class WarmBay(Bay):
    """A bay in which the cabin obeys its physics."""

    def later(self, passed_ms: int) -> None:
        """Let time pass; between two timers the cabin warms by what the car has switched on."""
        until_ms = self.passed_ms + passed_ms
        while self.passed_ms < until_ms:
            next_ms = min([*self.timers.values(), until_ms])
            self._warm(max(next_ms - self.passed_ms, 0))
            super().later(max(next_ms - self.passed_ms, 0))

    def _warm(self, passed_ms: int) -> None:
        facts = self.facts
        heat = CabinHeat(
            facts["cabin_c"],
            facts["interior_c"],
            0,
            self.outdoor_c,
            heat_w(facts["heater_w"], facts["cooler_w"], self.outdoor_c),
        ).at(passed_ms)
        facts.update(cabin_c=heat.air_c, interior_c=heat.interior_c)


def cold(**changes: Any) -> WarmBay:
    """Return a bay at -10 °C with a car that has stood there overnight, without a cable."""
    usual: dict[str, Any] = {"plugged_in": False, "cabin_c": -10.0, "interior_c": -10.0, "outdoor_c": -10.0}
    return WarmBay(**{**usual, **changes})


# --- preparing it ------------------------------------------------------------------------------------


def test_cabin_is_heated_at_once_and_kept_for_half_an_hour() -> None:
    """Full power first, then just enough; and after half an hour without anybody it ends by itself."""
    bay = cold()

    assert bay.ask(Precondition(target_c=21.0)) == "done"
    assert bay.shows("climate_state") == "preconditioning"
    assert bay.shows("climate_power_w") == 5_000
    bay.later(5 * 60_000)
    assert bay.facts["cabin_c"] == pytest.approx(21.0, abs=0.1)
    assert 0 < bay.shows("climate_power_w") < 5_000
    assert bay.shows("cabin_c") == 21.0
    bay.later(HOLD_MS)
    assert bay.shows("climate_state") == "off"
    assert bay.shows("climate_ended") == "its time was over and nobody had come"
    assert bay.facts["heater_w"] == 0


def test_cabin_is_cooled_in_summer() -> None:
    """A cabin at 55 °C is brought to 24 °C by cooling."""
    bay = WarmBay(outdoor_c=36.0, cabin_c=55.0, interior_c=50.0)
    bay.ask(Precondition(target_c=24.0))

    assert (bay.facts["cooler_w"], bay.facts["heater_w"]) == (2_000, 0)
    bay.later(20 * 60_000)
    assert bay.facts["cabin_c"] == pytest.approx(24.0, abs=0.2)


@settings(deadline=None, max_examples=8)
@given(st.floats(-25, 40), st.floats(16, 30))
def test_cabin_is_ready_in_time_and_begins_as_late_as_it_can(outdoor_c: float, target_c: float) -> None:
    """At its time the cabin is as wanted; and it was not begun a minute before it had to be."""
    bay = WarmBay(outdoor_c=outdoor_c, cabin_c=outdoor_c, interior_c=outdoor_c)
    bay.ask(Precondition(target_c=target_c, ready_by_ms=NINE_MS))
    while bay.shows("climate_state") == "planned":
        bay.later(10_000)
    begun_ms = bay.passed_ms
    bay.later(HOUR_MS + HOUR_MS // 2 - begun_ms)

    assert bay.facts["cabin_c"] == pytest.approx(target_c, abs=0.15)
    assert begun_ms >= HOUR_MS + HOUR_MS // 2 - 25 * 60_000


def test_cabin_looks_at_the_weather_again_while_it_waits() -> None:
    """When it has become colder meanwhile, it begins earlier."""
    mild, colder = cold(outdoor_c=10.0), cold(outdoor_c=10.0)
    for bay in (mild, colder):
        bay.facts.update(cabin_c=10.0, interior_c=10.0)
        bay.ask(Precondition(target_c=21.0, ready_by_ms=NINE_MS))
    colder.outdoor_c = -20.0
    for bay in (mild, colder):
        bay.later(LOOK_AGAIN_MS)
        bay.later(HOUR_MS - LOOK_AGAIN_MS)

    assert colder.timers["cabin plan"] < mild.timers["cabin plan"]


def test_cabin_that_cannot_be_ready_in_time_says_so_and_begins() -> None:
    """A minute is too little to warm a frozen cabin: it does what it can."""
    bay = cold()

    told = bay.ask(Precondition(target_c=30.0, ready_by_ms=7 * HOUR_MS + 31 * 60_000))
    assert told == "done: there is too little time to be ready by then: it begins at once"
    assert bay.shows("climate_state") == "preconditioning"


def test_cabin_that_is_as_wanted_already_waits_to_the_last() -> None:
    """Where nothing is to be done, it is switched on half a minute before its time."""
    bay = WarmBay(outdoor_c=21.0, cabin_c=21.0, interior_c=21.0)
    bay.ask(Precondition(target_c=21.0, ready_by_ms=NINE_MS))
    bay.later(HOUR_MS + HOUR_MS // 2 - CONTROL_MS - 1_000)
    assert bay.shows("climate_state") == "planned"
    bay.later(2_000)
    assert bay.shows("climate_state") == "preconditioning"
    bay.later(CONTROL_MS + WAIT_MS)
    assert bay.shows("climate_state") == "off"


def test_cabin_ends_when_the_battery_falls_to_its_reserve() -> None:
    """What is kept for driving is kept; with a cable in, nothing is."""
    bay, plugged = cold(battery_percent=20.4), cold(battery_percent=20.4, plugged_in=True)
    for one in (bay, plugged):
        one.ask(Precondition(target_c=21.0))
        one.facts["battery_percent"] = 19.9
        one.later(CONTROL_MS)

    assert bay.shows("climate_ended") == "the battery fell to its reserve of 20 %"
    assert plugged.shows("climate_state") == "preconditioning"
    assert (bay.facts["grid_supply"], plugged.facts["grid_supply"]) == (False, True)


def test_cabin_ends_when_nobody_knows_the_charge() -> None:
    """A reserve that nobody can see is not trusted."""
    bay = cold()
    bay.ask(Precondition(target_c=21.0))
    bay.facts["battery_percent"] = None
    bay.later(CONTROL_MS)

    assert bay.shows("climate_ended") == "nobody knows how full the battery is: its sensor is silent"


def test_cabin_is_not_prepared_any_more_once_the_car_is_driven_off() -> None:
    """Who drives sets the cabin; a plan for later ends as well."""
    bay, planned = cold(), cold()
    bay.ask(Precondition(target_c=21.0))
    planned.ask(Precondition(target_c=21.0, ready_by_ms=NINE_MS))
    for one in (bay, planned):
        one.set(gear="D", speed_kmh=30.0)

    assert bay.shows("climate_ended") == planned.shows("climate_ended") == "the car was driven off"
    assert "cabin" not in bay.timers
    assert "cabin plan" not in planned.timers


def test_cabin_is_prepared_on_although_a_sensor_of_the_motion_fails() -> None:
    """An unknown gear is no drive."""
    bay = cold()
    bay.ask(Precondition(target_c=21.0))
    bay.set(gear=None)

    assert bay.shows("climate_state") == "preconditioning"


def test_cabin_that_is_stopped_stops_and_a_new_wish_replaces_the_old() -> None:
    """Stopping ends what the app began, now or later; with nothing to stop, it is so already."""
    bay = cold()
    bay.ask(Precondition(target_c=21.0), "now")
    bay.ask(Precondition(target_c=18.0, ready_by_ms=NINE_MS), "later")
    assert (bay.shows("climate_state"), bay.facts["heater_w"]) == ("planned", 0)

    assert bay.ask(StopPreconditioning(), "stop") == "done"
    assert bay.shows("climate_ended") == "it was stopped"
    assert bay.ask(StopPreconditioning(), "again") == "done"


def test_cabin_without_its_thermometer_is_not_heated() -> None:
    """Nobody heats what nobody measures; the last reading stays with its age."""
    bay = cold(cabin_c=None)

    sentence = "failed: nobody knows how warm the cabin is: its thermometer is silent"
    assert bay.ask(Precondition(target_c=21.0)) == sentence
    assert bay.ask(SetCabin(target_c=21.0), "set") == sentence
    assert bay.shows("cabin_c") is None


def test_cabin_whose_thermometer_fails_meanwhile_is_not_heated_blindly() -> None:
    """The climate unit stands still until there is a reading again; a plan begins at its very time."""
    bay, planned = Bay(outdoor_c=-10.0, cabin_c=-10.0), Bay(outdoor_c=-10.0, cabin_c=-10.0)
    bay.ask(Precondition(target_c=21.0))
    planned.ask(Precondition(target_c=21.0, ready_by_ms=NINE_MS))
    for one in (bay, planned):
        one.facts["cabin_c"] = None
    bay.later(CONTROL_MS)
    planned.later(HOUR_MS + HOUR_MS // 2 - 1_000)

    assert bay.facts["heater_w"] == 0
    assert bay.shows("cabin_c") == -10.0
    assert planned.shows("climate_state") == "planned"


def test_cabin_takes_the_seats_to_be_as_warm_as_the_air_where_nobody_sees_them() -> None:
    """Without the infrared sensor it works on, a little less exactly."""
    bay = Bay(outdoor_c=-10.0, cabin_c=-10.0, interior_c=None)

    assert bay.ask(Precondition(target_c=21.0)) == "done"
    assert bay.shows("climate_power_w") == 5_000


# --- within it ---------------------------------------------------------------------------------------


def test_riders_set_their_cabin_and_switch_it_off() -> None:
    """They take over what was prepared, with its target unless they say another."""
    bay = cold()
    bay.ask(Precondition(target_c=23.0))
    bay.holder = "lin"

    assert bay.ask(SetCabin(), "on") == "done"
    assert (bay.shows("climate_state"), bay.shows("climate_target_c")) == ("on", 23.0)
    bay.set(gear="D", speed_kmh=30.0)
    bay.later(2 * HOUR_MS)
    assert bay.shows("climate_state") == "on"
    assert bay.ask(SetCabin(climate="off"), "off") == "done"
    assert bay.shows("climate_ended") == "it was switched off in the car"
    assert bay.ask(SetCabin(climate="off"), "again") == "done"
    assert bay.ask(SetCabin(), "anew") == "done"
    assert bay.shows("climate_target_c") == 21.0


def test_riders_are_told_that_the_battery_is_empty() -> None:
    """An empty battery heats nobody, and riders may use what is left of a low or unknown one."""
    empty, low, unknown = cold(battery_percent=0.0), cold(battery_percent=3.0), cold(battery_percent=None)

    assert empty.ask(SetCabin()) == "failed: the battery is empty"
    assert low.ask(SetCabin()) == unknown.ask(SetCabin()) == "done"


def test_cabin_is_switched_off_when_the_car_falls_asleep() -> None:
    """Who gets out and forgets it heats for ten minutes at most; what is prepared keeps it awake."""
    riders, app = cold(), cold()
    riders.ask(SetCabin())
    app.ask(Precondition(target_c=21.0))
    for one in (riders, app):
        one.step(TimerFired("sleep"))

    assert riders.shows("climate_ended") == "nobody was in the car any more"
    assert (riders.shows("asleep"), app.shows("asleep")) == (True, False)
    assert riders.facts["electronics_w"] == 8.0


# --- without power -----------------------------------------------------------------------------------


def test_cabin_without_power_does_nothing_and_says_so() -> None:
    """Heat pump and heaters stand still; every command fails at once, and works again after."""
    bay = cold()
    bay.ask(Precondition(target_c=21.0))
    bay.ask(MoveSeat(seat="driver", position_percent=80.0), "seat")
    bay.step(Crashed("cabin", up=False))

    assert (bay.facts["heater_w"], bay.shows("cabin_up")) == (0.0, False)
    assert bay.said("seat") == "failed: the cabin controller lost power before it was carried out"
    assert bay.ask(Precondition(target_c=21.0), "dead") == "failed: the cabin controller does not answer"
    for timer in ("cabin", "cabin plan", "telemetry", "seat driver", "seat driver motor"):
        bay.step(TimerFired(timer))
    bay.set(locked=False)
    assert bay.facts["heater_w"] == 0.0
    bay.step(Crashed("cabin", up=True))
    assert bay.shows("climate_ended") == "the cabin controller lost power"
    assert bay.ask(Precondition(target_c=21.0), "again") == "done"


def test_pilot_without_power_changes_nothing_else() -> None:
    """The pilot obeys no message, so nothing that is asked of the car needs it."""
    bay = cold()
    bay.step(Crashed("pilot", up=False))

    assert bay.shows("pilot_up") is False
    assert bay.ask(Precondition(target_c=21.0)) == "done"
    bay.step(Crashed("pilot", up=True))
    bay.step(Crashed("cockpit", up=True))
    assert bay.shows("pilot_up") is True


def test_cabin_does_only_what_cabins_do() -> None:
    """A command that is no cabin's reaches nothing in it."""
    at = moment(cold().senses)

    _, effects = CabinControl().carry_out(commanded(Lock()), at, Energy(50.0, plugged_in=False))

    assert [one.answer.reason for one in effects] == ["nothing in this cabin can do that"]  # type: ignore[union-attr]


# --- seats -------------------------------------------------------------------------------------------


def test_seat_moves_and_heats_and_says_so() -> None:
    """A seat's motor needs its time for the way; `done` is what its sensor says."""
    bay = Bay()
    bay.ask(MoveSeat(seat="driver", position_percent=80.0, heating=2))
    bay.later(SWITCH_MS + 30 * SEAT_MS_PER_PERCENT - 1)
    assert bay.facts["seat_driver_percent"] == 50.0
    bay.later(1)

    assert bay.said() == "done"
    assert (bay.shows("seat_driver_percent"), bay.shows("seat_driver_heating")) == (80.0, 2)
    assert bay.shows("seat_passenger_percent") == 50.0
    bay.ask(MoveSeat(seat="driver", position_percent=80.0), "already")
    bay.later(SWITCH_MS)
    assert bay.said("already") == "done"


def test_seat_stays_where_it_is_once_the_car_moves() -> None:
    """What was permitted while the car stood is not carried out once it does not."""
    bay = Bay()
    bay.ask(MoveSeat(seat="driver", position_percent=80.0))
    bay.set(gear="D")
    bay.later(HOUR_MS // 60)

    assert bay.said() == "failed: the car began to move before it was carried out"
    assert bay.facts["seat_driver_percent"] == 50.0


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({}, "the passenger's seat did not do what it was told"),
        (
            {"seat_passenger_percent": None},
            "nobody knows whether the passenger's seat moved: its sensor is silent",
        ),
    ],
)
def test_seat_that_is_stuck_has_failed(facts: Mapping[str, Any], sentence: str) -> None:
    """A stuck seat, and one that nobody sees, are told apart."""
    bay = Bay(**facts)
    bay.jammed.add("seat_passenger_percent")
    bay.ask(MoveSeat(seat="passenger", position_percent=10.0))
    bay.ask(MoveSeat(seat="driver", heating=1), "other")
    bay.later(100 * SEAT_MS_PER_PERCENT + SWITCH_MS + PATIENCE_MS)

    assert bay.said() == f"failed: {sentence}"
    assert bay.said("other") == "done"


def test_seat_does_what_it_was_told_last() -> None:
    """A later command for the same seat overrides an earlier one."""
    bay = Bay()
    bay.ask(MoveSeat(seat="driver", position_percent=0.0), "back")
    bay.ask(MoveSeat(seat="driver", position_percent=60.0), "forth")
    bay.later(20_000)

    assert bay.said("back") == "failed: a later command overrode it"
    assert (bay.said("forth"), bay.facts["seat_driver_percent"]) == ("done", 60.0)


def test_seat_command_that_says_nothing_is_refused() -> None:
    """A seat that is told neither where nor how warm was told nothing."""
    with pytest.raises(ValidationError, match="nothing is said of the seat"):
        MoveSeat(seat="driver")
