"""The car: three layers of every lock, a gateway that never sleeps, and no way to drive it from afar."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sim.core.beliefs import UNKNOWN
from sim.core.device import (
    Actuate,
    Asked,
    Booted,
    CancelTimer,
    Command,
    Crashed,
    Effect,
    Learned,
    Presence,
    Sensed,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.devices.car import LOCATION_EVERY_MS, TELEMETRY_EVERY_MS, Car
from sim.devices.car.body import BOLT_MS, JOBS_MAX, PATIENCE_MS, WINDOWS_MS
from sim.devices.car.commands import (
    REMOTE_DRIVING,
    CloseWindows,
    KeyHello,
    Lock,
    NearCommand,
    OpenBoot,
    OpenWindows,
    Refresh,
    Start,
    Unlock,
)
from sim.devices.car.facets import UNSENSED, Battery, Doors, Motion, Sleep
from sim.devices.car.gateway import PENDING_MAX, SLEEP_AFTER_MS, WAKE_MS
from sim.trust.digital_key import Refused
from sim.trust.wallet import Wallet
from sim.world.provisioning import provisions
from tests.devices.talks import KINDS, PARKED, household
from tests.senses import START_MS, FakeSenses, beside, commanded, moment, settled

PROVISIONS = provisions(household(), KINDS, 7)
DRIVING = {**PARKED, "gear": "D", "speed_kmh": 62.04}


def senses(facts: Mapping[str, Any] = PARKED, holder: str | None = None, **changes: Any) -> FakeSenses:
    """Return what the car senses while its key lies on the driver's seat."""
    return FakeSenses({**facts, **changes}, holder=holder, ranging=beside)


def stepped(
    car: Car, stimulus: Stimulus, facts: FakeSenses | None = None, at_ms: int = 0
) -> tuple[Car, tuple[Effect, ...]]:
    """Return the car and its effects after a stimulus."""
    return car.step(moment(facts or senses(), at_ms), stimulus)


def new(**given: Any) -> Car:
    """Return a car from the factory, with the keys it is delivered with."""
    return Car.new("su7", Car.Config(), given).provisioned(replace(PROVISIONS["su7"], now_ms=START_MS))


def awake() -> Car:
    """Return a parked, locked car that has looked around."""
    return stepped(new(), Booted())[0]


def sleeping() -> Car:
    """Return the same car asleep."""
    return stepped(new(asleep=True), Booted())[0]


def ordered(
    car: Car, command: NearCommand, ticket: str = "t1", expires_ms: int = 30_000, at_ms: int = 0
) -> tuple[Car, tuple[Effect, ...]]:
    """Return the car and its effects after a phone beside it has proved its key and asked for something."""
    at = moment(senses(), at_ms)
    holder = Wallet.made("phone", PROVISIONS["phone"], {}).holder
    assert holder is not None
    holder, hello = holder.hello("su7")
    car, effects = car.considered(at, asked(KeyHello(hello=hello), "hello")).step(
        at, commanded(KeyHello(hello=hello), "hello")
    )
    (challenge,) = (one.answer.data["challenge"] for one in effects if isinstance(one, Settle))
    _, answer = holder.answer("su7", challenge, command.action, "biometric", ticket)
    assert not isinstance(answer, Refused)
    proved = type(command)(proof=dict(answer[0]))
    car = car.considered(at, asked(proved, ticket))
    assert car.circumstances(at, asked(proved, ticket)).code is None
    return car.step(at, commanded(proved, ticket, expires_ms=expires_ms))


def asked(command: Command, ticket: str = "t1") -> Asked:
    """Return a command of Lin's phone on its way through the rules."""
    return Asked(command.action, command, "phone", "lin", Presence(worn=True), ticket)


def doors(car: Car) -> Doors:
    """Return what the car reports of its doors."""
    return next(one for one in car.report() if isinstance(one, Doors))


def timers(effects: tuple[Effect, ...]) -> dict[str, int]:
    """Return the timers that some effects start."""
    return {one.name: one.delay_ms for one in effects if isinstance(one, StartTimer)}


def answers(effects: tuple[Effect, ...]) -> list[tuple[str, str]]:
    """Return status and reason of every answer among some effects."""
    return [(one.answer.status, one.answer.reason) for one in effects if isinstance(one, Settle)]


# --- looking around ----------------------------------------------------------------------------------


def test_car_from_the_factory_knows_nothing_and_counts_as_moving() -> None:
    """What was never sensed is unknown, and an unknown motion is a motion."""
    reports = new().report()

    assert doors(new()) == Doors(locked=None, asked=None, boot=None, windows=None)
    assert UNSENSED in reports
    assert UNSENSED.moving
    assert not [one for one in reports if isinstance(one, Battery)]


def test_car_that_boots_looks_at_everything_and_plans_its_sleep() -> None:
    """After booting, every switch, the motion and the battery are reported; 80 % of 73.6 kWh are 479 km."""
    car, effects = stepped(new(), Booted())

    assert doors(car) == Doors(locked=True, asked=None, boot="closed", windows="closed")
    assert Motion(gear="P", speed_kmh=0.0, moving=False) in car.report()
    assert Battery(battery_percent=80.0, range_m=460_000.0) in car.report()
    assert Sleep(asleep=False) in car.report()
    assert timers(effects) == {"sleep": SLEEP_AFTER_MS, "telemetry": TELEMETRY_EVERY_MS}


@pytest.mark.parametrize(
    ("gear", "speed_kmh", "moving"),
    [
        ("P", 0.0, False),
        ("P", 0.1, True),
        ("N", 0.0, True),
        ("D", 62.0, True),
        (None, 0.0, True),
        ("P", None, True),
        (None, None, True),
    ],
)
def test_car_motion_unknown_counts_as_moving(gear: str | None, speed_kmh: float | None, moving: bool) -> None:  # noqa: FBT001  # a column of the table
    """Only a known P and a known standstill count as not moving, for the report and for the rules."""
    at = moment(senses(gear=gear, speed_kmh=speed_kmh))

    car, _ = new().step(at, Booted())

    assert car.motion.moving is moving
    assert car.circumstances(at, Asked("lock", Lock(), "phone", "lin", Presence())).moving is moving


def test_car_whose_battery_sensor_fails_keeps_the_last_value() -> None:
    """A failed sensor does not turn a known battery into nothing, and does not invent one either."""
    blind = senses(battery_percent=None)
    known, _ = stepped(awake(), TimerFired("telemetry"), blind)
    unknown, _ = stepped(new(), Booted(), blind)

    assert known.powertrain.battery == Battery(battery_percent=80.0, range_m=460_000.0)
    assert unknown.powertrain.battery is None


def test_car_measures_its_battery_every_half_minute_while_awake() -> None:
    """A sleeping car measures nothing, and begins again when it wakes."""
    lower = senses(battery_percent=79.96)
    car, effects = stepped(awake(), TimerFired("telemetry"), lower)
    asleep, again = stepped(sleeping(), TimerFired("telemetry"), senses(battery_percent=50.0))

    assert car.powertrain.battery is not None
    assert car.powertrain.battery.battery_percent == 80.0
    _, woken = stepped(sleeping(), TimerFired("wake"), lower)
    assert timers(effects) == {"telemetry": TELEMETRY_EVERY_MS}
    assert "telemetry" not in timers(again)
    assert timers(woken)["telemetry"] == TELEMETRY_EVERY_MS
    assert asleep.powertrain.battery == sleeping().powertrain.battery


def test_car_says_where_it_is_while_it_moves() -> None:
    """The location is measured when the car sets off, then every ten seconds, and not while it stands."""
    away = replace(senses(DRIVING, holder="lin"), place=(40.123456, 116.6))
    set_off, effects = stepped(awake(), Sensed(), away)
    went_on, again = stepped(set_off, TimerFired("location"), replace(away, place=(40.2, 116.6)))
    stood, at_rest = stepped(went_on, TimerFired("location"))

    assert set_off.location is not None
    assert set_off.location.latitude_deg == 40.12346
    assert timers(effects)["location"] == LOCATION_EVERY_MS
    assert went_on.location is not None
    assert went_on.location.latitude_deg == 40.2
    assert timers(again) == {"location": LOCATION_EVERY_MS}
    assert timers(at_rest) == {}
    assert stood.location is not None


# --- the three layers of a lock -------------------------------------------------------------------------


def test_car_unlock_is_asked_then_real_then_believed() -> None:
    """`done` is said only once the switch at the bolt agrees with what was asked."""
    car, effects = ordered(awake(), Unlock())

    assert doors(car) == Doors(locked=True, asked="unlocked", boot="closed", windows="closed")
    assert settled(effects) == [("t1", "forwarded")]
    assert timers(effects)["bolt motor"] == BOLT_MS
    assert timers(effects)["bolt"] == BOLT_MS + PATIENCE_MS

    car, effects = stepped(car, TimerFired("bolt motor"), at_ms=BOLT_MS)

    assert effects == (Actuate({"locked": False}),)

    car, effects = stepped(car, Sensed(), senses(locked=False), BOLT_MS)

    assert doors(car).locked is False
    assert CancelTimer("bolt") in effects
    assert settled(effects) == [("t1", "done")]


@pytest.mark.parametrize(
    ("command", "field", "value", "motor_ms"),
    [
        (Unlock(), "locked", False, BOLT_MS),
        (OpenBoot(), "boot", "open", BOLT_MS),
        (OpenWindows(), "windows", "open", WINDOWS_MS),
        (Start(), "drive_ready", True, BOLT_MS),
    ],
)
def test_car_moves_the_part_that_is_asked_for(
    command: NearCommand, field: str, value: object, motor_ms: int
) -> None:
    """Every command drives its own motor for as long as that motor needs."""
    part = {"locked": "bolt", "drive_ready": "starter"}.get(field, field)
    car, effects = ordered(awake(), command)
    car, moved = stepped(car, TimerFired(f"{part} motor"), at_ms=motor_ms)
    car, done = stepped(car, Sensed(), FakeSenses({**PARKED, field: value}))

    assert timers(effects)[f"{part} motor"] == motor_ms
    assert moved == (Actuate({field: value}),)
    assert settled(done) == [("t1", "done")]


@pytest.mark.parametrize("command", [Lock(), CloseWindows(), Refresh()])
def test_car_that_is_already_so_answers_at_once(command: Command) -> None:
    """Where there is nothing to move, nothing moves and the answer is `done`."""
    _, effects = stepped(awake(), commanded(command))

    assert settled(effects) == [("t1", "forwarded"), ("t1", "done")]
    assert not [one for one in effects if isinstance(one, Actuate)]


def test_car_whose_bolt_jams_answers_failed_with_what_the_switch_says() -> None:
    """Asked and believed stay apart when the bolt does not move, and the asker learns which is which."""
    car, _ = ordered(awake(), Unlock())
    car, unmoved = stepped(car, Sensed(), at_ms=BOLT_MS)
    car, effects = stepped(car, TimerFired("bolt"), at_ms=BOLT_MS + PATIENCE_MS)

    assert settled(unmoved) == []
    assert answers(effects) == [("failed", "the bolt did not move: its switch says locked is true")]
    assert doors(car) == Doors(locked=True, asked="unlocked", boot="closed", windows="closed")
    assert stepped(car, TimerFired("bolt"))[1] == ()


def test_car_whose_switch_is_blind_says_that_nobody_knows() -> None:
    """A silent switch is not taken for a moved bolt, nor for one that stays."""
    car, _ = ordered(awake(), Unlock())
    car, _ = stepped(car, Sensed(), senses(locked=None))
    car, effects = stepped(car, TimerFired("bolt"), senses(locked=None))

    assert answers(effects) == [("failed", "nobody knows whether the bolt moved: its switch is silent")]
    assert doors(car).locked is None


def test_car_gives_up_one_part_and_goes_on_with_another() -> None:
    """The parts are independent: a jammed boot does not end the windows' way."""
    car, _ = ordered(awake(), OpenBoot(), ticket="boot")
    car, _ = ordered(car, OpenWindows(), ticket="windows")
    car, effects = stepped(car, TimerFired("boot"))
    _, done = stepped(car, Sensed(), senses(windows="open"))

    assert settled(effects) == [("boot", "failed")]
    assert settled(done) == [("windows", "done")]


def test_car_lock_while_it_unlocks_overrides_the_unlocking() -> None:
    """While the bolt runs, its switch tells of the past: a lock command must not be `done` by it."""
    car, _ = ordered(awake(), Unlock(), ticket="open")
    car, effects = stepped(car, commanded(Lock(), ticket="close"), at_ms=100)

    assert settled(effects) == [("close", "forwarded"), ("open", "failed")]
    assert answers(effects)[1] == ("failed", "a later command overrode it")
    assert timers(effects)["bolt motor"] == BOLT_MS

    car, on_the_way = stepped(car, Sensed(), senses(locked=False), BOLT_MS)
    car, effects = stepped(car, Sensed(), senses(locked=True), 100 + BOLT_MS)

    assert settled(on_the_way) == []
    assert settled(effects) == [("close", "done")]
    assert doors(car).asked == "locked"


def test_car_that_is_asked_the_same_twice_answers_both() -> None:
    """A second command for the same thing does not override the first: both are done by one movement."""
    car, _ = ordered(awake(), Unlock(), ticket="one")
    car, effects = ordered(car, Unlock(), ticket="two")
    _, done = stepped(car, Sensed(), senses(locked=False))

    assert settled(effects) == [("two", "forwarded")]
    assert settled(done) == [("one", "done"), ("two", "done")]


def test_car_motor_is_not_begun_anew_by_repetitions() -> None:
    """Who asks the same five times a second does not keep the bolt from ever moving."""
    car, effects = ordered(awake(), Unlock(), ticket="first")
    assert timers(effects)["bolt motor"] == BOLT_MS

    for number in range(JOBS_MAX - 1):
        car, effects = ordered(car, Unlock(), ticket=f"again-{number}")
        assert "bolt motor" not in timers(effects)
    car, effects = ordered(car, Unlock(), ticket="one-too-many")

    assert answers(effects)[-1] == ("failed", f"{JOBS_MAX} commands wait for the bolt")
    assert len(car.body.jobs) == JOBS_MAX


def test_car_body_without_power_does_nothing_and_says_so() -> None:
    """A crashed body controller forgets what it knew, and every command to it fails at once."""
    car, effects = stepped(awake(), Crashed("body", up=False))

    assert effects == ()
    assert doors(car) == Doors(locked=None, asked=None, boot=None, windows=None)
    assert doors(stepped(car, Sensed())[0]).locked is None
    assert answers(ordered(car, Unlock())[1])[1] == (
        "failed",
        "the body controller does not answer",
    )


def test_car_body_that_loses_power_answers_for_everything_it_had_begun() -> None:
    """Nobody else will: each unfinished command fails at once, for its motor stops."""
    car, _ = ordered(awake(), Unlock(), ticket="one")
    car, _ = ordered(car, OpenWindows(), ticket="two")

    car, effects = stepped(car, Crashed("body", up=False))

    assert settled(effects) == [("one", "failed"), ("two", "failed")]
    sentence = "the body controller lost power before it was carried out"
    assert answers(effects) == [("failed", sentence)] * 2
    assert stepped(car, TimerFired("bolt"))[1] == stepped(car, Crashed("body", up=False))[1] == ()


def test_car_body_that_restarts_looks_again_and_forgets_what_was_asked() -> None:
    """After a restart the switches are read anew; an unfinished job is not taken up again."""
    car, _ = ordered(awake(), Unlock())
    car, _ = stepped(car, Crashed("body", up=False))
    car, effects = stepped(car, Crashed("body", up=True), senses(locked=False))

    assert effects == ()
    assert doors(car) == Doors(locked=False, asked=None, boot="closed", windows="closed")
    assert stepped(car, TimerFired("bolt"))[1] == ()


# --- sleep ----------------------------------------------------------------------------------------------


def test_car_asleep_wakes_for_a_command_and_then_hands_it_on() -> None:
    """The life of a command to a sleeping car: waking, then forwarded, then done."""
    car, effects = ordered(sleeping(), Unlock())

    assert settled(effects) == [("t1", "waking")]
    assert timers(effects) == {"wake": WAKE_MS}
    assert not [one for one in effects if isinstance(one, Actuate)]

    car, effects = stepped(car, TimerFired("wake"), at_ms=WAKE_MS)

    assert not car.gateway.asleep
    assert settled(effects) == [("t1", "forwarded")]
    assert timers(effects)["sleep"] == SLEEP_AFTER_MS


def test_car_waking_takes_more_commands_without_waking_twice() -> None:
    """Commands that come while the car wakes wait in order and are handed on together."""
    car, _ = ordered(sleeping(), Unlock(), ticket="one")
    car, effects = stepped(car, commanded(Refresh(), ticket="two"), at_ms=100)
    _, handed_on = stepped(car, TimerFired("wake"), at_ms=WAKE_MS)

    assert settled(effects) == [("two", "waking")]
    assert timers(effects) == {}
    assert settled(handed_on) == [("one", "forwarded"), ("two", "forwarded"), ("two", "done")]


@pytest.mark.parametrize(("expires_ms", "status"), [(WAKE_MS, "expired"), (WAKE_MS + 1, "forwarded")])
def test_car_command_that_expires_while_waking_is_never_carried_out(expires_ms: int, status: str) -> None:
    """The end of a command's life is exclusive: at that very millisecond it is too late."""
    car, _ = ordered(sleeping(), Unlock(), expires_ms=expires_ms)
    _, effects = stepped(car, TimerFired("wake"), at_ms=WAKE_MS)

    assert settled(effects) == [("t1", status)]
    assert ("bolt motor" in timers(effects)) is (status == "forwarded")


@pytest.mark.parametrize("facts", [DRIVING, {}], ids=["moving", "motion unknown"])
def test_car_that_sets_off_while_it_wakes_opens_nothing(facts: dict[str, Any]) -> None:
    """What was permitted to a parked car is not carried out by one that moves by then."""
    car, _ = ordered(sleeping(), Unlock())
    _, effects = stepped(car, TimerFired("wake"), FakeSenses(facts), WAKE_MS)

    assert answers(effects) == [("failed", "the car began to move before it was carried out")]
    assert "bolt motor" not in timers(effects)


@pytest.mark.parametrize("command", [Unlock(), OpenBoot(), OpenWindows()])
def test_car_that_sets_off_while_a_motor_runs_opens_nothing(command: NearCommand) -> None:
    """A motor that would open something gives up when the car moves before it has run its time."""
    car, effects = ordered(awake(), command)
    motor = next(name for name in timers(effects) if name.endswith(" motor"))
    car, effects = stepped(car, TimerFired(motor), FakeSenses({**PARKED, **DRIVING}), BOLT_MS)

    assert answers(effects) == [("failed", "the car began to move before it was carried out")]
    assert not [one for one in effects if isinstance(one, Actuate)]
    assert car.body.jobs == ()


def test_car_closes_while_it_moves() -> None:
    """What makes the car safer goes on although it has set off."""
    open_car, _ = stepped(awake(), Sensed(), senses(locked=False))
    car, _ = stepped(open_car, commanded(Lock()), senses(locked=False))
    _, effects = stepped(
        car, TimerFired("bolt motor"), FakeSenses({**PARKED, **DRIVING, "locked": False}), BOLT_MS
    )

    assert effects == (Actuate({"locked": True}),)


def test_car_motor_without_a_job_moves_nothing() -> None:
    """A motor whose controller has lost power meanwhile stands still."""
    car, _ = ordered(awake(), Unlock())
    car, _ = stepped(car, Crashed("body", up=False))
    _, effects = stepped(car, TimerFired("bolt motor"), at_ms=BOLT_MS)

    assert effects == ()


def test_car_waking_takes_a_bounded_number_of_commands() -> None:
    """More commands than can wait fail at once, with the reason."""
    car = sleeping()
    for number in range(PENDING_MAX):
        car, _ = stepped(car, commanded(Refresh(), ticket=f"t{number}"))

    _, effects = stepped(car, commanded(Refresh(), ticket="late"))

    assert answers(effects) == [("failed", "32 commands already wait for the car to wake")]


@pytest.mark.parametrize(
    ("facts", "holder", "asleep"),
    [(PARKED, None, True), (PARKED, "lin", False), (DRIVING, None, False), ({}, None, False)],
    ids=["parked and empty", "somebody at the wheel", "moving", "motion unknown"],
)
def test_car_sleeps_after_ten_minutes_only_when_parked_and_empty(
    facts: Mapping[str, Any],
    holder: str | None,
    asleep: bool,  # noqa: FBT001  # a column of the table
) -> None:
    """Nobody is left in a car that falls asleep, and none falls asleep on the road."""
    car, effects = stepped(awake(), TimerFired("sleep"), FakeSenses(facts, holder=holder))

    idle = (Actuate({"electronics_w": 8.0, "grid_supply": False}),) if asleep else ()
    assert (Sleep(asleep=asleep) in car.report(), effects) == (True, idle)


def test_car_asleep_does_not_wake_by_its_own_sleep_timer() -> None:
    """The timer of a sleep that already came changes nothing, whatever is sensed then."""
    car, _ = stepped(sleeping(), TimerFired("sleep"), senses(holder="lin"))

    assert car.gateway.asleep


def test_car_asleep_wakes_at_a_touch_and_stays_awake_after_another() -> None:
    """A hand on the door wakes the car once; an awake one puts its sleep off."""
    car, effects = stepped(sleeping(), Sensed())
    waking, again = stepped(car, Sensed(), at_ms=100)
    woken, _ = stepped(waking, TimerFired("wake"), at_ms=WAKE_MS)
    _, put_off = stepped(woken, Sensed())

    assert timers(effects) == {"wake": WAKE_MS}
    assert again == ()
    assert not woken.gateway.asleep
    assert timers(put_off) == {"sleep": SLEEP_AFTER_MS}


# --- what it never does -----------------------------------------------------------------------------------


@pytest.mark.parametrize("command", REMOTE_DRIVING, ids=lambda one: one.action)
def test_car_has_no_part_for_driving_from_afar(command: type[Command]) -> None:
    """Even past every rule, a command to drive reaches nothing that could carry it out."""
    car, effects = stepped(awake(), commanded(command()))

    assert answers(effects)[-1] == ("failed", "no part of this car can do that")
    assert not [one for one in effects if isinstance(one, Actuate)]
    assert car.motion == awake().motion


def test_car_ignores_what_does_not_concern_it() -> None:
    """News of other devices and timers of nobody change nothing."""
    car = awake()

    assert stepped(car, Learned("phone")) == (car, ())
    assert stepped(car, TimerFired(UNKNOWN)) == (car, ())
    assert stepped(car, Crashed("cockpit", up=False)) == (car, ())


def test_car_a_scenario_can_begin_asleep() -> None:
    """`given: {su7: {asleep: true}}` is state the car knows of."""
    assert list(Car.settable()) == ["asleep", "charge_limit"]
    assert new(asleep=True).gateway.asleep


def test_car_physical_facts_name_the_driver_as_holder() -> None:
    """Whoever sits at the wheel has the car in hand."""
    assert Car.Physical(driver="lin").holder() == "lin"
    assert Car.Physical().holder() is None
