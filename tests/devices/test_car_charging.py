"""Charging: done when the relay agrees, or a reason; a limit, a schedule, and a cable that is held."""

import pytest

from sim.core.device import Crashed, Sensed, TimerFired
from sim.core.roads import ChargingPoint
from sim.devices.car.charging import PENDING_MAX, RELAY_MS
from sim.devices.car.commands import (
    Lock,
    ScheduleCharging,
    SetChargeLimit,
    StartCharging,
    StopCharging,
    Unplug,
)
from sim.devices.car.readings import Readings, next_ms
from sim.devices.car.tariffs import Slot, cheapest, cost
from tests.cars import BASE
from tests.devices.bays import NIGHT, Bay
from tests.senses import START_MS, commanded, moment

HOUR_MS = 3_600_000
SEVEN_MS = 7 * HOUR_MS
MIDNIGHT_MS = START_MS - 7 * HOUR_MS - HOUR_MS // 2


# --- starting and stopping ---------------------------------------------------------------------------


def test_charging_starts_when_the_relay_says_so() -> None:
    """The car answers `done` by the relay's own contact, and says what it charges with and for how long."""
    bay = Bay()

    assert bay.ask(StartCharging()) == "done"
    assert bay.facts["charging"] is True
    bay.set(charge_power_w=7_000.0)
    assert (bay.shows("charging_state"), bay.shows("charge_power_w")) == ("charging", 7_000)
    # 30 % of 73.6 kWh at 7 kW less the losses, less 100 W
    assert bay.shows("time_to_limit_ms") == 218 * 60_000
    assert bay.ask(StartCharging(), "again") == "done"


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"plugged_in": False}, "no cable is plugged in"),
        ({"plugged_in": None}, "nobody knows whether a cable is in: its sensor is silent"),
        ({"battery_percent": 100.0}, "the battery is full"),
        ({"battery_percent": 80.0}, "the charge limit of 80 % is reached"),
        ({"battery_percent": None}, "nobody knows how full the battery is: its sensor is silent"),
        ({"charger": None}, "the cable leads to no charger"),
    ],
)
def test_charging_that_cannot_start_says_why(facts: dict[str, object], sentence: str) -> None:
    """Each hindrance has its own sentence, and nothing moves."""
    bay = Bay(**facts)  # type: ignore[arg-type]  # columns of a table

    assert bay.ask(StartCharging()) == f"failed: {sentence}"
    assert bay.facts["charging"] is False


def test_charging_whose_relay_sticks_has_failed_and_shows_faulted() -> None:
    """After a second without the contact's word the command has failed, with what the contact says."""
    bay = Bay()
    bay.jammed.add("charging")
    bay.ask(StartCharging())
    bay.later(RELAY_MS)

    assert bay.said() == "failed: the charger did not start: its relay is open"
    assert bay.shows("charging_state") == "faulted"
    assert bay.shows("charging_reason") == "the charger did not start: its relay is open"
    bay.jammed.clear()
    assert bay.ask(StartCharging()) == "done"
    assert bay.shows("charging_reason") == ""


def test_charging_whose_contact_is_silent_is_not_believed() -> None:
    """A contact that says nothing is neither open nor closed."""
    bay = Bay(charging=None)
    bay.jammed.add("charging")
    bay.ask(StartCharging())
    bay.later(RELAY_MS)

    assert bay.said() == "failed: the charger did not start: its contact is silent"
    assert bay.shows("charging_state") is None


def test_charging_stops_and_stays_stopped() -> None:
    """Stopping is done by the contact too; where nothing is charged there is nothing to stop."""
    bay = Bay()
    bay.ask(StartCharging())

    assert bay.ask(StopCharging(), "stop") == "done"
    assert bay.facts["charging"] is False
    assert "charge limit" not in bay.timers
    assert bay.ask(StopCharging(), "again") == "done"


def test_charging_that_does_not_stop_says_so() -> None:
    """A relay that is stuck closed is told as it is."""
    bay = Bay()
    bay.ask(StartCharging())
    bay.jammed.add("charging")
    bay.ask(StopCharging(), "stop")
    bay.later(RELAY_MS)

    assert bay.said("stop") == "failed: the charger did not stop: its relay is closed"


def test_charging_that_is_stopped_before_it_began_was_overridden() -> None:
    """Of two commands that want opposite things the later one counts."""
    bay = Bay()
    bay.jammed.add("charging")
    bay.ask(StartCharging(), "start")
    bay.ask(StopCharging(), "stop")

    assert bay.said("start") == "failed: a later command overrode it"
    assert bay.said("stop") == "done"


def test_charging_takes_a_bounded_number_of_commands() -> None:
    """More commands than can wait for the relay fail at once."""
    bay = Bay()
    bay.jammed.add("charging")
    for number in range(PENDING_MAX):
        bay.ask(StartCharging(), f"t{number}")

    assert bay.ask(StartCharging(), "late") == f"failed: {PENDING_MAX} commands wait for the charger"


def test_charging_ends_when_the_cable_is_pulled_out() -> None:
    """Who pulls the cable out ends whatever waits for it, and a schedule with it."""
    bay = Bay()
    bay.jammed.add("charging")
    bay.ask(StartCharging())
    bay.set(plugged_in=False)

    assert bay.said() == "failed: the cable was pulled out"
    assert bay.shows("charging_state") == "unplugged"


def test_charger_does_only_what_chargers_do() -> None:
    """A command that is no charger's reaches nothing in it."""
    bay = Bay()
    seen = Readings.of(moment(bay.senses), BASE.pack)

    _, effects = bay.car.powertrain.charger.carry_out(commanded(Lock()), seen)

    assert [one.answer.reason for one in effects] == ["no charger of this car can do that"]  # type: ignore[union-attr]


# --- the limit -----------------------------------------------------------------------------------------


def test_charging_ends_at_the_limit() -> None:
    """The relay opens when the limit is reached, and the state says which limit it was."""
    bay = Bay(battery_percent=79.9)
    bay.ask(StartCharging())
    bay.later(bay.timers["charge limit"] - bay.passed_ms - 1)
    assert bay.facts["charging"] is True
    bay.facts["battery_percent"] = 80.0
    bay.later(bay.timers["charge limit"] - bay.passed_ms)

    assert bay.facts["charging"] is False
    assert bay.shows("charging_state") == "limit_reached"
    bay.set(battery_percent=100.0)
    assert bay.shows("charging_state") == "full"


def test_charging_that_takes_longer_than_calculated_goes_on() -> None:
    """At the calculated time the charger looks again instead of believing its own sum."""
    bay = Bay(battery_percent=79.9)
    bay.ask(StartCharging())
    bay.later(bay.timers["charge limit"] - bay.passed_ms)

    assert bay.facts["charging"] is True
    assert bay.timers["charge limit"] > bay.passed_ms


def test_charging_stops_when_the_limit_is_put_below_what_is_there() -> None:
    """A new limit counts at once, and is kept."""
    bay = Bay(battery_percent=70.0)
    bay.ask(StartCharging())

    assert bay.ask(SetChargeLimit(limit_percent=60.0), "limit") == "done"
    assert bay.facts["charging"] is False
    assert bay.car.kept()["charge_limit"] == 60.0
    assert Bay(given=bay.car.kept()).shows("charge_limit_percent") == 60.0


def test_charging_against_a_load_that_eats_all_of_it_names_no_time() -> None:
    """Where the car uses more than the cable brings, no limit will be reached, and none is promised."""
    bay = Bay(heater_w=9_000.0)
    bay.ask(StartCharging())

    assert bay.shows("charging_state") == "charging"
    assert bay.shows("time_to_limit_ms") is None
    assert "charge limit" not in bay.timers


def test_charging_with_an_unknown_charge_names_no_time() -> None:
    """A battery sensor that fails while it charges ends nothing, and nothing is guessed."""
    bay = Bay()
    bay.ask(StartCharging())
    bay.set(battery_percent=None)

    assert bay.shows("charging_state") == "charging"
    assert bay.shows("time_to_limit_ms") is None


# --- the schedule --------------------------------------------------------------------------------------


def test_charging_by_schedule_waits_for_the_cheap_hours() -> None:
    """At half past seven in the morning, the cheap hours before the next seven begin at 23:00."""
    bay = Bay()

    assert bay.ask(ScheduleCharging(ready_by_ms=SEVEN_MS)) == "done"
    assert bay.shows("charging_state") == "scheduled"
    assert bay.shows("charging_begins_ms") == 15 * HOUR_MS + HOUR_MS // 2
    # 30 % of 73.6 kWh with the losses, at 30
    assert bay.shows("charging_cost") == round(0.3 * 73 / 0.88 * 30)
    bay.later(15 * HOUR_MS)
    assert bay.facts["charging"] is False
    bay.later(HOUR_MS)
    assert bay.facts["charging"] is True
    bay.later(4 * HOUR_MS)
    assert bay.facts["charging"] is False


def test_charging_by_schedule_is_forgotten_when_told_to_start_or_stop() -> None:
    """Whoever starts or stops by hand has another plan."""
    bay = Bay()
    bay.ask(ScheduleCharging(ready_by_ms=SEVEN_MS, limit_percent=60.0))
    assert bay.shows("charge_limit_percent") == 60.0
    bay.ask(StopCharging(), "stop")

    assert (bay.shows("charging_state"), bay.shows("charging_cost")) == ("plugged", None)
    bay.later(24 * HOUR_MS)
    assert bay.facts["charging"] is False


@pytest.mark.parametrize(
    ("charger", "ready_by_ms", "sentence"),
    [
        (None, SEVEN_MS, "the cable leads to no charger"),
        (ChargingPoint(power_w=7_000), SEVEN_MS, "the charger tells no prices"),
        (
            NIGHT,
            10 * HOUR_MS,
            "it takes 3 h 38 m to reach 80 %, and there are only 2 h 30 m until then",
        ),
        (ChargingPoint(power_w=100, price=1), SEVEN_MS, "this charger never gets the battery to 80 %"),
    ],
)
def test_charging_by_schedule_that_is_not_possible_says_why(
    charger: ChargingPoint | None, ready_by_ms: int, sentence: str
) -> None:
    """No schedule, no change: each reason has its own sentence."""
    bay = Bay(charger)

    assert bay.ask(ScheduleCharging(ready_by_ms=ready_by_ms)) == f"failed: {sentence}"
    assert bay.shows("charging_begins_ms") is None


def test_charging_by_schedule_goes_on_after_a_restart() -> None:
    """Limit and schedule are in flash: a power cut in the evening leaves no empty battery in the morning."""
    before = Bay()
    before.ask(ScheduleCharging(ready_by_ms=SEVEN_MS))
    after = Bay(given=before.car.kept())

    assert after.shows("charging_state") == "scheduled"
    after.later(16 * HOUR_MS)
    assert after.facts["charging"] is True


def test_charging_by_schedule_whose_hour_comes_without_a_charger_shows_why() -> None:
    """Nobody asked just then, so the reason is in what the car shows."""
    bay = Bay()
    bay.ask(ScheduleCharging(ready_by_ms=SEVEN_MS))
    bay.charger = None
    bay.later(16 * HOUR_MS)

    assert bay.shows("charging_state") == "faulted"
    assert bay.shows("charging_reason") == "the cable leads to no charger"


def test_charging_by_schedule_whose_relay_sticks_shows_why() -> None:
    """A relay that does not close in the night is told in the morning."""
    bay = Bay()
    bay.ask(ScheduleCharging(ready_by_ms=SEVEN_MS))
    bay.jammed.add("charging")
    bay.later(16 * HOUR_MS)

    assert bay.shows("charging_reason") == "the charger did not start: its relay is open"


def test_charging_by_schedule_ends_when_the_battery_is_at_its_limit_before() -> None:
    """What was charged meanwhile needs no schedule any more."""
    bay = Bay()
    bay.ask(ScheduleCharging(ready_by_ms=SEVEN_MS))
    bay.facts["battery_percent"] = 80.0
    bay.later(16 * HOUR_MS)

    assert bay.facts["charging"] is False
    assert bay.shows("charging_state") == "limit_reached"


def test_relay_timer_of_a_charge_that_goes_on_changes_nothing() -> None:
    """A relay that has closed meanwhile is no fault."""
    bay = Bay()
    bay.ask(StartCharging())
    bay.step(TimerFired("relay"))

    assert bay.shows("charging_state") == "charging"


# --- the cable -----------------------------------------------------------------------------------------


def test_cable_that_is_plugged_in_is_held() -> None:
    """Nobody but who opens the car pulls a plugged-in cable out."""
    bay = Bay(plugged_in=False, cable_locked=False)
    bay.set(plugged_in=True)

    assert bay.facts["cable_locked"] is True


def test_cable_is_not_held_while_the_body_is_down() -> None:
    """The latch is the body's: without it a cable lies loose in its socket."""
    bay = Bay(plugged_in=False, cable_locked=False)
    bay.step(Crashed("body", up=False))
    bay.set(plugged_in=True)

    assert bay.facts["cable_locked"] is False


def test_cable_is_let_go_of_after_charging_has_stopped() -> None:
    """Unplugging ends the charging and the schedule first, then the latch opens."""
    bay = Bay()
    bay.ask(StartCharging())
    at = moment(bay.senses, bay.passed_ms)
    bay.car, effects = bay.car._carried_out(at, commanded(Unplug(), "off"))

    assert [one for one in effects if getattr(one, "changes", None) == {"charging": False}]
    assert "latch motor" in [getattr(one, "name", "") for one in effects]


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"plugged_in": False}, "no cable is plugged in"),
        ({"plugged_in": None}, "nobody knows whether a cable is in: its sensor is silent"),
    ],
)
def test_cable_that_is_not_there_is_not_let_go_of(facts: dict[str, object], sentence: str) -> None:
    """Where there is no cable, or nobody knows, unplugging has failed."""
    bay = Bay(**facts)  # type: ignore[arg-type]  # a column of the table
    at = moment(bay.senses)

    _, effects = bay.car._carried_out(at, commanded(Unplug()))

    assert [one.answer.reason for one in effects] == [sentence]  # type: ignore[union-attr]


# --- the powertrain without power -----------------------------------------------------------------------


def test_powertrain_without_power_charges_nothing_and_says_so() -> None:
    """It opens its relay, answers for what waited, and does not know whether the car moves."""
    bay = Bay()
    bay.jammed.add("charging")
    bay.ask(StartCharging())
    bay.step(Crashed("powertrain", up=False))

    assert bay.said() == "failed: the powertrain controller lost power before it was carried out"
    assert bay.shows("powertrain_up") is False
    assert (bay.shows("gear"), bay.shows("moving")) == (None, True)
    assert bay.shows("charging_state") is None
    assert bay.ask(StopCharging(), "stop") == "failed: the powertrain controller does not answer"
    assert bay.car.powertrain.let_go(moment(bay.senses))[2] == "the powertrain controller does not answer"
    before = bay.car
    bay.step(TimerFired("charge limit"))
    bay.step(Sensed())
    assert bay.car.powertrain == before.powertrain


def test_powertrain_that_restarts_goes_on_with_the_schedule() -> None:
    """Limit and schedule survive, and the motion is known again."""
    bay = Bay()
    bay.ask(ScheduleCharging(ready_by_ms=SEVEN_MS))
    bay.step(Crashed("powertrain", up=False))
    bay.step(Crashed("powertrain", up=True))

    assert (bay.shows("moving"), bay.shows("charging_state")) == (False, "scheduled")


# --- tariffs -------------------------------------------------------------------------------------------


def test_cheapest_hours_are_chosen_first_and_earlier_ones_of_equal_price() -> None:
    """Of a whole day, the night comes first; what it lacks is taken from the earliest dear hour."""
    now_ms = MIDNIGHT_MS + 20 * HOUR_MS
    ready_ms = MIDNIGHT_MS + 31 * HOUR_MS
    short = cheapest(NIGHT, MIDNIGHT_MS, now_ms, ready_ms, 2 * HOUR_MS)
    long = cheapest(NIGHT, MIDNIGHT_MS, now_ms, ready_ms, 9 * HOUR_MS)
    night_ms, midnight_ms = MIDNIGHT_MS + 23 * HOUR_MS, MIDNIGHT_MS + 24 * HOUR_MS

    assert short == (
        Slot(night_ms, midnight_ms, 30),
        Slot(midnight_ms, midnight_ms + HOUR_MS, 30),
    )
    assert long is not None
    assert long[0] == Slot(now_ms, now_ms + HOUR_MS, 60)
    assert sum(slot.takes_ms for slot in long) == 9 * HOUR_MS
    assert cheapest(NIGHT, MIDNIGHT_MS, now_ms, ready_ms, 12 * HOUR_MS) is None
    assert cheapest(ChargingPoint(power_w=7_000), MIDNIGHT_MS, now_ms, ready_ms, HOUR_MS) is None


def test_cost_is_spread_over_the_slots() -> None:
    """Half the time at 30 and half at 60 is 45 for a kilowatt hour."""
    assert cost((Slot(0, HOUR_MS, 30), Slot(HOUR_MS, 2 * HOUR_MS, 60)), 10.0) == 450


def test_time_of_the_day_comes_next_after_now() -> None:
    """The very moment itself is a day away."""
    day_ms = 24 * HOUR_MS

    assert next_ms(SEVEN_MS, 0, SEVEN_MS) == SEVEN_MS + day_ms
    assert next_ms(SEVEN_MS, 0, SEVEN_MS - 1) == SEVEN_MS
    assert next_ms(0, 0, day_ms - 1) == day_ms


# --- cold -------------------------------------------------------------------------------------------

FAST = ChargingPoint.model_validate({"power_w": 120_000.0})


def test_a_frozen_battery_is_heated_while_it_charges_and_no_longer() -> None:
    """The heater is switched on with the relay, and off with it or when its thermostat has opened."""
    bay = Bay(FAST, outdoor_c=-20.0, battery_temperature_c=-20.0, battery_heater_w=0.0)
    assert bay.facts["battery_heater_w"] == 0
    bay.ask(StartCharging())
    assert bay.facts["battery_heater_w"] == 7_000
    assert bay.shows("time_to_limit_ms") > 30 * 60_000
    bay.set(battery_temperature_c=10.0)
    assert bay.facts["battery_heater_w"] == 7_000  # the thermostat has not opened yet
    bay.facts["battery_heater_w"] = 0.0  # and now it has
    bay.set(battery_temperature_c=15.0)
    assert bay.car.powertrain.heating_w == 0
    bay.set(battery_temperature_c=-5.0)
    assert bay.facts["battery_heater_w"] == 7_000
    bay.ask(StopCharging())
    assert bay.facts["battery_heater_w"] == 0


def test_a_wall_box_gives_the_heater_what_it_has() -> None:
    """6.16 kW less what the car's electronics draw, in whole tens of watts; a warm battery needs none."""
    bay = Bay(NIGHT, outdoor_c=-20.0, battery_temperature_c=-20.0, battery_heater_w=0.0)
    bay.ask(StartCharging())
    assert bay.facts["battery_heater_w"] == 6_060
    mild = Bay(NIGHT, battery_temperature_c=5.0, battery_heater_w=0.0)
    mild.ask(StartCharging())
    assert mild.facts["battery_heater_w"] == 0


def test_a_controller_without_power_heats_nothing() -> None:
    """Neither does one whose thermometer is silent."""
    bay = Bay(FAST, outdoor_c=-20.0, battery_temperature_c=-20.0, battery_heater_w=0.0)
    bay.ask(StartCharging())
    bay.step(Crashed("powertrain", up=False))
    assert bay.facts["battery_heater_w"] == 0
    blind = Bay(FAST, outdoor_c=-20.0, battery_temperature_c=None, battery_heater_w=0.0)
    blind.ask(StartCharging())
    assert blind.facts["battery_heater_w"] == 0
