"""The energy of cars: what people, chargers, weather and roads do to batteries and cabins."""

from dataclasses import replace
from typing import Any

import pytest

from sim.devices.car import Car
from sim.physics.travel import Path
from sim.scenario.households import read_household
from sim.world.senses import TruthSenses
from sim.world.timeline import Timeline
from sim.world.truth import Truth
from sim.world.truth.people import ImpossibleActError
from sim.world.truth.vehicles import CABLE_M, QUIET
from tests.cars import BASE
from tests.stages import HOME, KINDS, START_MS, Theatre

CARS = HOME.replace("    rooms:", "    charger: {power: 7 kW, price: 60}\n    rooms:").replace(
    "devices:",
    "places:\n  station: {position: [40.1, 116.5], charger: {power: 120 kW}}\n"
    "devices:\n  su7: {kind: car, owner: lin}\n"
    "  old: {kind: car}",
)
EVERY = {**KINDS, "car": Car}
HOUR_MS = 3_600_000


@pytest.fixture
def truth() -> Truth:
    """Two cars at home beside a charger."""
    return Truth(read_household("cars.household.yaml", CARS, EVERY), EVERY, START_MS, 0)


@pytest.fixture
def theatre() -> Theatre:
    """The same as a stage, with Lin beside the cars."""
    return Theatre(CARS, kinds=EVERY)


def percent(truth: Truth, at_ms: int, car: str = "su7") -> float:
    """Return the charge of a car after a while."""
    return float(truth.fact(car, "battery_percent", START_MS + at_ms))


# --- batteries -------------------------------------------------------------------------------------


def test_car_that_stands_uses_what_its_electronics_draw(truth: Truth) -> None:
    """146 W for five hours are 1 % of 73 kWh."""
    truth.change("su7", {"electronics_w": 146.0}, START_MS)

    assert percent(truth, 5 * HOUR_MS) == pytest.approx(79.0)
    assert percent(truth, 5 * HOUR_MS, "old") == 80.0


def test_car_that_drives_uses_no_more_for_its_electronics(truth: Truth) -> None:
    """They are among its auxiliaries; what warms the cabin comes on top."""
    truth.change("su7", {"electronics_w": 500.0, "heater_w": 1_000.0}, START_MS)
    truth.depart("su7", Path((0, 0), (100_000, 0), START_MS, 100 / 3.6), START_MS)

    driven_kw = (BASE.body.driving_w(100 / 3.6, 10.0) + BASE.body.auxiliaries_w) / 1000
    after_hour = 80 - (driven_kw + 1) / 73 * 100
    assert percent(truth, HOUR_MS) == pytest.approx(after_hour, abs=0.15)  # and what the cells lose
    assert percent(truth, 2 * HOUR_MS) == pytest.approx(percent(truth, HOUR_MS) - 1.5 / 73 * 100, abs=0.01)
    assert truth.fact("su7", "speed_kmh", START_MS + 2 * HOUR_MS) == 0


def test_car_charges_only_with_cable_relay_and_charger(truth: Truth) -> None:
    """A cable that leads nowhere, and a relay that is open, charge nothing."""
    later_ms = START_MS + HOUR_MS
    for changes in ({"plugged_in": True}, {"charging": True}):
        one = Truth(truth.household, EVERY, START_MS, 0)
        one.change("su7", changes, START_MS)
        assert one.fact("su7", "charge_power_w", later_ms) == 0
    truth.change("su7", {"plugged_in": True, "charging": True}, START_MS)

    assert truth.fact("su7", "charge_power_w", later_ms) == pytest.approx(7_000)
    assert truth.physical("su7", later_ms).battery_percent == pytest.approx(80 + 100 * 6.16 / 73, rel=1e-3)
    assert truth.fact("su7", "battery_temperature_c", later_ms) > 10


def test_car_draws_its_loads_from_the_cable_when_it_may(truth: Truth) -> None:
    """With the second relay the cable carries what the car uses, and the battery stays as it is."""
    truth.change("su7", {"plugged_in": True, "grid_supply": True, "heater_w": 2_000.0}, START_MS)

    assert percent(truth, HOUR_MS) == 80.0
    assert truth.fact("su7", "charge_power_w", START_MS + HOUR_MS) == pytest.approx(2_000 / 0.88)


def test_charger_is_the_nearest_one_within_its_cable(truth: Truth) -> None:
    """At home it is the home's, at a place that place's, and in between there is none."""
    home = truth.vehicles.charging_point("su7", START_MS)
    truth.places.put("su7", (0, CABLE_M + 0.1), START_MS)
    nowhere = truth.vehicles.charging_point("su7", START_MS)
    truth.places.put("su7", truth.places.position("station", START_MS), START_MS)
    station = truth.vehicles.charging_point("su7", START_MS)

    assert home is not None
    assert (home.power_w, home.price) == (7_000, 60)
    assert nowhere is None
    assert station is not None
    assert station.power_w == 120_000


def test_car_hears_of_the_charger_over_the_cable_only(truth: Truth) -> None:
    """Without a cable nothing is told; and what is no car hears nothing."""
    timeline = Timeline(START_MS)
    car, lamp = TruthSenses(truth, timeline, "su7"), TruthSenses(truth, timeline, "lamp")

    assert car.charging_point() is None
    truth.change("su7", {"plugged_in": True}, START_MS)
    point = car.charging_point()
    assert point is not None
    assert point.power_w == 7_000
    assert lamp.charging_point() is None
    truth.blind["su7", "plugged_in"] = 1
    assert car.charging_point() is None


# --- cabins ----------------------------------------------------------------------------------------


def test_cabin_follows_the_weather_and_what_warms_it(truth: Truth) -> None:
    """Left alone it ends as cold as outdoors; a heater and a heated seat warm it."""
    truth.set_outdoor(-10.0, START_MS)
    truth.change("old", {"heater_w": 1_000.0, "seat_driver_heating": 3}, START_MS)
    later_ms = START_MS + 20 * HOUR_MS

    assert truth.fact("su7", "cabin_c", later_ms) == pytest.approx(-10, abs=0.1)
    assert truth.fact("old", "cabin_c", later_ms) > 15
    assert truth.fact("old", "interior_c", later_ms) > 10
    assert truth.fact("su7", "battery_temperature_c", later_ms) < 10


def test_cabin_remembers_what_was_before_the_weather_changed(truth: Truth) -> None:
    """A change of the weather begins from what had become of the cabin by then."""
    truth.set_outdoor(-10.0, START_MS)
    halfway_ms = START_MS + HOUR_MS
    before_c = truth.fact("su7", "cabin_c", halfway_ms)
    truth.set_outdoor(30.0, halfway_ms)

    assert truth.fact("su7", "cabin_c", halfway_ms) == pytest.approx(before_c)
    assert truth.fact("su7", "cabin_c", halfway_ms + 40 * HOUR_MS) == pytest.approx(30, abs=0.1)


def test_facts_that_turn_have_their_least_bend_there(truth: Truth) -> None:
    """Seats that warm air has heated go on warming after it was switched off, and then cool."""
    truth.change("su7", {"cabin_c": 40.0, "interior_c": 0.0}, START_MS)
    minutes = range(90)
    values = [truth.fact("su7", "interior_c", START_MS + minute * 60_000) for minute in minutes]
    bends = [truth.bend("su7", "interior_c", START_MS + minute * 60_000) for minute in minutes]
    airs = [truth.bend("su7", "cabin_c", START_MS + minute * 60_000) for minute in minutes]

    assert abs(values.index(max(values)) - bends.index(min(bends))) <= 1
    assert min(airs) >= 0
    truth.change("su7", {"battery_temperature_c": 25.0}, START_MS)
    assert truth.bend("su7", "battery_temperature_c", START_MS) == -25.0


# --- power and touch -------------------------------------------------------------------------------


def test_car_without_power_opens_every_relay(truth: Truth) -> None:
    """Nothing is heated or charged any more; what was charged until then is kept."""
    on = {"plugged_in": True, "charging": True, "heater_w": 500.0, "seat_driver_heating": 2}
    truth.change("su7", on, START_MS)
    truth.lose_power("su7", START_MS + HOUR_MS)
    after: Any = truth.physical("su7", START_MS + 2 * HOUR_MS)

    assert (after.charging, after.heater_w, after.seat_driver_heating) == (False, 0.0, 0)
    assert after.plugged_in is True
    assert after.battery_percent > 80


def test_car_does_not_feel_its_own_currents(truth: Truth) -> None:
    """What a car switches by itself touches nobody: else it would wake itself for ever."""
    truth.touched.clear()
    truth.actuate("su7", dict.fromkeys(sorted(QUIET), 1.0), START_MS)
    assert truth.touched == []
    truth.actuate("su7", {"cable_locked": True}, START_MS)

    assert truth.touched == ["su7"]


# --- hands -----------------------------------------------------------------------------------------


def refusal(theatre: Theatre, verb: str) -> str:
    """Return why Lin cannot do something with the car's cable, or with the car."""
    with pytest.raises(ImpossibleActError) as caught:
        theatre.does("lin", verb, car="su7", **({"speed_kmh": 30} if verb == "drives" else {}))
    return str(caught.value)


def facts(theatre: Theatre) -> Any:
    """Return what is so of the car."""
    return theatre.truth.physical("su7", theatre.now_ms)


def test_cable_is_plugged_in_and_pulled_out_by_hand(theatre: Theatre) -> None:
    """The car holds on to it while it is in; once it lets go, a hand pulls it out and all relays open."""
    assert refusal(theatre, "unplugs") == "su7 is not plugged in"
    theatre.does("lin", "plugs_in", car="su7")
    theatre.advance(1_000)

    assert (facts(theatre).plugged_in, facts(theatre).cable_locked) == (True, True)
    assert refusal(theatre, "plugs_in") == "su7 is plugged in already"
    assert refusal(theatre, "unplugs") == "su7 holds on to the cable: `unplug` lets go of it"
    theatre.truth.change("su7", {"cable_locked": False, "charging": True}, theatre.now_ms)
    theatre.does("lin", "unplugs", car="su7")
    assert (facts(theatre).plugged_in, facts(theatre).charging) == (False, False)


def test_cable_needs_a_charger_and_a_car_that_stands(theatre: Theatre) -> None:
    """Cables have an end."""
    theatre.truth.places.put("su7", (0, 50), theatre.now_ms)
    theatre.truth.places.put("lin", (0, 50), theatre.now_ms)
    assert refusal(theatre, "plugs_in") == "no charger is within 10 m of su7"
    here = theatre.truth.places.position("su7", theatre.now_ms)
    path = Path(here, (here[0] + 1e6, 0), theatre.now_ms, 0.001)
    theatre.truth.depart("su7", path, theatre.now_ms)

    assert refusal(theatre, "plugs_in") == "su7 is moving"


def test_car_does_not_drive_off_with_its_cable(theatre: Theatre) -> None:
    """Nobody tears a charger off its wall."""
    theatre.truth.change("su7", {"locked": False, "plugged_in": True}, theatre.now_ms)
    theatre.does("lin", "enters", car="su7")

    assert refusal(theatre, "drives") == "su7 is plugged in, and does not drive off with the cable"


def test_kept_facts_of_a_car_are_those_of_a_standing_one(truth: Truth) -> None:
    """While it goes, its way has the speed; what is kept has none."""
    kept = truth.vehicles.arrived(
        "su7", replace(truth.physical("su7", START_MS), speed_kmh=30.0), START_MS, 10.0
    )

    assert kept.speed_kmh == 0.0


# --- roads and frost --------------------------------------------------------------------------------

HILLS = CARS.replace(
    "devices:",
    "roads:\n"
    "  pass: {from: home, to: station, length: 20 km, speed: 60 km/h, slope: 3 %}\n"
    "  streets: {from: home, to: station, length: 20 km, speed: 60 km/h, stops: 2}\n"
    "  plain: {from: home, to: station, length: 20 km, speed: 60 km/h}\n"
    "devices:",
)


def driven(road: str, start: str = "home") -> float:
    """Return what is left after a road."""
    truth = Truth(read_household("hills.household.yaml", HILLS, EVERY), EVERY, START_MS, 0)
    network = truth.roads.network
    truth.places.put("su7", truth.places.position(start, START_MS), START_MS)
    lane = network.lane(road, start)
    assert lane is not None
    truth.depart("su7", network.journey((lane,), START_MS), START_MS)
    jumped = percent(truth, 2 * HOUR_MS)
    halfway_ms = START_MS + 600_000
    truth.change("su7", {"electronics_w": 0.0}, halfway_ms)
    assert percent(truth, 2 * HOUR_MS) == pytest.approx(jumped, abs=1e-6)
    return jumped


def test_slopes_and_stops_of_roads_take_energy() -> None:
    """Up takes more than the plain, down less, and stop and go more; to look in between changes nothing."""
    plain = driven("plain")

    assert driven("pass") < plain - 3
    assert driven("pass", "station") > plain + 1.5
    assert driven("streets") < plain - 0.5


def test_heater_of_a_battery_stops_by_itself(truth: Truth) -> None:
    """Its thermostat opens at 15 °C; a car that loses power heats no longer either."""
    truth.change("su7", {"battery_heater_w": 5_000.0}, START_MS)
    assert truth.fact("su7", "battery_heater_w", START_MS + 60_000) == 5_000
    assert truth.fact("su7", "battery_heater_w", START_MS + HOUR_MS) == 0
    assert truth.fact("su7", "battery_temperature_c", START_MS + HOUR_MS) == pytest.approx(15, abs=0.5)
    truth.lose_power("su7", START_MS + 60_000)
    assert truth.fact("su7", "battery_heater_w", START_MS + 60_000) == 0


def test_cabin_with_somebody_in_it_is_aired(truth: Truth) -> None:
    """Fresh air takes warmth out of it."""
    for driver, heat in (("lin", "su7"), (None, "old")):
        truth.change(heat, {"driver": driver, "heater_w": 1_000.0}, START_MS)

    assert (
        truth.fact("su7", "cabin_c", START_MS + HOUR_MS)
        < truth.fact("old", "cabin_c", START_MS + HOUR_MS) - 5
    )
