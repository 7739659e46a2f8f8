"""The ground truth: a function of the time, changed by people, motors and weather only."""

from dataclasses import replace
from datetime import datetime

import pytest

from sim.devices.car import Car
from sim.physics.travel import Path
from sim.scenario.households import read_household
from sim.world.kinds import kinds
from sim.world.truth import Truth
from tests.cars import BASE
from tests.stages import HOME, KINDS, SESSION, START_MS

CARS = HOME.replace(
    "devices:",
    "devices:\n  su7: {kind: car, owner: lin}\n"
    "  stove: {kind: lamp, home: home, room: hall}\n  torch: {kind: lamp}\n"
    "  headlight: {kind: lamp, car: su7}",
)
HOUR_MS = 3_600_000


@pytest.fixture
def truth() -> Truth:
    """A car at home, two lamps in the hall, one lamp nowhere; two hours ahead of UTC."""
    kinds = {**KINDS, "car": Car}
    return Truth(read_household("cars.household.yaml", CARS, kinds), kinds, START_MS, 2 * HOUR_MS)


def drive(truth: Truth, to_m: float, kmh: float, at_ms: int = START_MS) -> None:
    """Send the car east."""
    here = truth.places.position("su7", at_ms)
    truth.depart("su7", Path(here, (here[0] + to_m, here[1]), at_ms, kmh / 3.6), at_ms)


# --- driving --------------------------------------------------------------------------------------


def used(speed_kmh: float) -> float:
    """Return what an hour at a speed takes at 10 °C by the forces on the car, percent."""
    drawn_w = BASE.body.driving_w(speed_kmh / 3.6, 10.0) + BASE.body.auxiliaries_w
    return drawn_w / 1000 / BASE.pack.capacity_kwh * 100


def test_battery_drains_with_every_metre(truth: Truth) -> None:
    """An hour at 50 km/h takes what the road asks for, half of it after half an hour."""
    drive(truth, 100_000, 50)

    half_way = truth.physical("su7", START_MS + HOUR_MS // 2)
    later = truth.physical("su7", START_MS + HOUR_MS)

    assert half_way.battery_percent == pytest.approx(80 - used(50) / 2, abs=0.05)
    assert (later.battery_percent, later.speed_kmh) == pytest.approx((80 - used(50), 50), abs=0.05)
    assert truth.fact("su7", "battery_percent", START_MS + HOUR_MS) == later.battery_percent
    assert truth.fact("su7", "locked", START_MS + HOUR_MS) is True


def test_battery_drains_until_arrival_only(truth: Truth) -> None:
    """50 km take an hour; after that nothing is used and the car stands."""
    drive(truth, 50_000, 50)

    arrived = truth.physical("su7", START_MS + 5 * HOUR_MS)

    assert arrived.battery_percent == pytest.approx(80 - used(50), abs=0.05)
    assert arrived.speed_kmh == 0


def test_battery_is_never_below_empty(truth: Truth) -> None:
    """A car that drives too far has what the cold withholds left, and not less."""
    drive(truth, 10**9, 50)

    assert truth.physical("su7", START_MS + 100 * HOUR_MS).battery_percent == pytest.approx(4, abs=0.5)


def test_battery_counts_both_parts_of_a_drive_at_two_speeds(truth: Truth) -> None:
    """What was used so far is drawn when the speed changes."""
    drive(truth, 10**6, 50)
    drive(truth, 10**6, 100, START_MS + HOUR_MS)

    assert truth.physical("su7", START_MS + 2 * HOUR_MS).battery_percent == pytest.approx(
        80 - used(50) - used(100), abs=0.1
    )


def test_car_that_is_stopped_stands_where_it_is(truth: Truth) -> None:
    """Its speed is nothing at once and for ever, and the charge stays."""
    drive(truth, 10**6, 50)

    truth.halt("su7", START_MS + HOUR_MS)

    for at_ms in (START_MS + HOUR_MS, START_MS + 9 * HOUR_MS):
        facts = truth.physical("su7", at_ms)
        assert (facts.speed_kmh, facts.battery_percent) == (0, pytest.approx(80 - used(50), abs=0.05))
        assert truth.places.position("su7", at_ms) == pytest.approx((50_000, 0))


def test_car_that_moves_is_felt_by_what_is_built_into_it(truth: Truth) -> None:
    """Departure and stop are something to look at."""
    truth.touched.clear()

    drive(truth, 10, 5)
    truth.halt("su7", START_MS)

    assert truth.touched == ["su7", "headlight", "su7", "headlight"]


# --- motors ---------------------------------------------------------------------------------------


def test_motor_moves_what_is_free_and_says_so(truth: Truth) -> None:
    """What moved comes back, and the device looks."""
    truth.touched.clear()

    moved = truth.actuate("su7", {"locked": False, "boot": "closed"}, START_MS)

    assert moved == {"locked": False}
    assert truth.physical("su7", START_MS).locked is False
    assert truth.touched == ["su7", "headlight"]


def test_motor_that_is_jammed_moves_nothing_and_nobody_looks(truth: Truth) -> None:
    """A device that tries again whenever it senses something would try for ever."""
    truth.jammed["su7", "locked"] = 1
    truth.touched.clear()

    assert truth.actuate("su7", {"locked": False}, START_MS) == {}
    assert truth.physical("su7", START_MS).locked is True
    assert truth.touched == []


@pytest.mark.parametrize("changes", [{"speed_kmh": 50.0}, {"gear": "D"}, {"driver": "lin"}, {"gear": "P"}])
def test_no_motor_drives_the_car(truth: Truth, changes: dict[str, object]) -> None:
    """There is no motor for speed, gear or driver: a device that tries is a bug, whatever it wants (M34)."""
    with pytest.raises(AssertionError, match="tried to drive the car"):
        truth.actuate("su7", changes, START_MS)


# --- heat -----------------------------------------------------------------------------------------


def test_heat_of_all_devices_in_a_room_adds_up(truth: Truth) -> None:
    """Two lamps of 500 W and 100 W/K of loss hold the hall 10 °C above outdoors."""
    truth.actuate("lamp", {"heat_w": 500.0}, START_MS)
    truth.actuate("stove", {"heat_w": 500.0}, START_MS)

    hall = truth.rooms["home", "hall"]

    assert hall.heat.heat_w == 1_000
    assert hall.heat.temperature_at(START_MS + 1_000 * HOUR_MS) == pytest.approx(20)


def test_heat_of_a_device_in_no_room_warms_nobody(truth: Truth) -> None:
    """A torch somewhere is only looked at."""
    truth.touched.clear()

    truth.actuate("torch", {"heat_w": 500.0}, START_MS)

    assert truth.room_of("torch") is None
    assert truth.rooms["home", "hall"].heat.heat_w == 0
    assert truth.touched == ["torch"]


def test_device_that_loses_power_heats_no_longer(truth: Truth) -> None:
    """Its compressor stops, the other one in the room goes on, and what it held it holds."""
    truth.change("lamp", {"heat_w": 300.0}, START_MS)
    truth.change("stove", {"heat_w": 500.0}, START_MS)
    truth.change("su7", {"locked": False}, START_MS)
    before = truth.physical("su7", START_MS)
    truth.touched.clear()

    truth.lose_power("lamp", START_MS)
    truth.lose_power("lamp", START_MS)
    truth.lose_power("su7", START_MS)

    assert truth.rooms["home", "hall"].heat.heat_w == 500.0
    assert truth.touched == ["lamp"]
    assert truth.physical("su7", START_MS) == before


def test_weather_is_felt_by_every_room_and_every_device_at_home(truth: Truth) -> None:
    """The room cools towards the new temperature from where it was."""
    truth.set_room_c("home", "hall", 25.0)
    truth.touched.clear()

    truth.set_outdoor(-10.0, START_MS)

    heat = truth.rooms["home", "hall"].heat
    assert heat.temperature_at(START_MS) == 25
    assert heat.temperature_at(START_MS + 1_000 * HOUR_MS) == pytest.approx(-10)
    assert truth.touched == ["stove", "lamp"]


# --- people, clocks and views ---------------------------------------------------------------------


def test_personal_device_begins_in_its_owners_hand(truth: Truth) -> None:
    """What has no owner or cannot be carried lies where it is."""
    assert truth.person_at("button") == "lin"
    assert truth.places.carrier("button") == "lin"
    assert truth.places.carrier("lamp") == "home"
    assert truth.places.carrier("su7") is None
    assert truth.person_at("mallory") is None


def test_device_built_into_a_car_is_where_the_car_is_and_in_its_drivers_hands(truth: Truth) -> None:
    """A dashboard has no place or person of its own."""
    truth.places.put("su7", (700, 0), START_MS)
    truth.touched.clear()

    truth.change("su7", {"driver": "mei"}, START_MS)

    assert truth.places.position("headlight", START_MS) == (700, 0)
    assert truth.person_at("headlight") == "mei"
    assert truth.touched == ["su7", "headlight"]


def test_thing_taken_off_stays_behind(truth: Truth) -> None:
    """Who took it off goes on without it."""
    truth.hold("button", None, START_MS)
    truth.places.put("lin", (500, 0), START_MS)

    assert truth.person_at("button") is None
    assert truth.places.position("button", START_MS) == (0, 0)


def test_thing_taken_off_in_a_car_rides_on_with_it(truth: Truth) -> None:
    """Nothing falls through the floor of a moving car."""
    truth.places.carry("lin", "su7", START_MS)
    drive(truth, 1_000, 36)

    truth.hold("button", None, START_MS + 10_000)

    assert truth.places.carrier("button") == "su7"
    assert truth.places.position("button", START_MS + 20_000) == (200, 0)


def test_wall_clock_is_ahead_of_utc_by_the_households_offset(truth: Truth) -> None:
    """A scenario's zone decides what clocks show."""
    assert truth.local_time(START_MS) == datetime(2026, 1, 12, 9, 30)  # noqa: DTZ001  # a wall clock has no zone


def test_view_shows_the_room_and_who_is_in_it(truth: Truth) -> None:
    """People come in the order of the household; the lamp and the daylight are those of the room."""
    truth.inside["mei"] = truth.inside["lin"] = ("home", "hall")
    truth.rooms["home", "hall"].lamp_on = True

    view = truth.view("lamp", START_MS)

    assert view is not None
    assert (view.room, view.lamp_on, view.people) == ("hall", True, ("lin", "mei"))
    assert 0 < view.daylight < 1


@pytest.mark.parametrize("device", ["torch", "su7"])
def test_view_of_a_device_in_no_room_is_nothing(truth: Truth, device: str) -> None:
    """There is nothing to see."""
    assert truth.view(device, START_MS) is None


def test_fact_of_a_standing_car_is_what_was_set(truth: Truth) -> None:
    """What a person changes is so at once."""
    before = truth.physical("su7", START_MS)

    truth.change("su7", {"windows": "open"}, START_MS)

    assert truth.physical("su7", START_MS) == replace(before, windows="open")


# --- radios and thieves ---------------------------------------------------------------------------


def test_device_that_loses_power_falls_silent_and_dark(truth: Truth) -> None:
    """Its radio answers no ranging, its screen shows no code; those of others go on."""
    truth.air.answer(SESSION, "button")
    truth.air.answer(b"lamps", "lamp")
    truth.air.show("button", "secret")
    truth.air.show("su7", "other secret")

    truth.lose_power("button", START_MS)

    assert truth.air.answering == {b"lamps": "lamp"}
    assert truth.air.shown == {"su7": "other secret"}


def test_thief_takes_a_thing_and_stands_beside_something_with_it(truth: Truth) -> None:
    """Whoever had it has it no more, and it has noticed; it goes where the thief goes."""
    truth.places.put("su7", (700, 0), START_MS)
    truth.touched.clear()

    truth.steal("button", "mallory", "su7", START_MS)

    assert truth.person_at("button") == "mallory"
    assert truth.places.position("button", START_MS) == (700, 0)
    assert truth.places.position("lin", START_MS) == (0, 0)
    assert truth.touched == ["button"]
    truth.places.put("mallory", (5, 5), START_MS)
    assert truth.places.position("button", START_MS) == (5, 5)


def test_keys_are_the_devices_that_can_be_one() -> None:
    """Phones and watches; no lamp opens a car."""
    devices = kinds()
    household = read_household(
        "a.household.yaml",
        "household: a\npeople: {lin: {role: owner}}\ndevices:\n  su7: {kind: car}\n"
        "  dash: {kind: dashboard, car: su7}\n  watch: {kind: watch, owner: lin}\n"
        "  phone: {kind: phone, owner: lin}",
        devices,
    )

    assert Truth(household, devices, START_MS, 0).keys == ("watch", "phone")
