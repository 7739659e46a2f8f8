"""Stories about batteries, chargers and cabins: what they begin with, and how exactly they are watched."""

import pytest

from sim.core.roads import ChargingPoint
from tests.scenario.stories import HEAD, STEPS, WANG, fails, passes, refusal


@pytest.mark.parametrize(
    "fact", ["charge_power: 7 kW", "heater: 1 kW", "electronics: 5 W", "grid_supply: true"]
)
def test_beginning_with_what_follows_from_other_things_is_refused(fact: str) -> None:
    """Nobody gives a current that a relay would have to carry first."""
    error = refusal(HEAD + f"given: {{su7: {{{fact}}}}}\nsteps:\n  - expect: {{su7.online: true}}\n")

    assert error.sentence == f"`su7` has no `{fact.partition(':')[0]}` that can be given"


def test_car_has_stood_outdoors_for_long_unless_a_story_says_otherwise() -> None:
    """Cabin, seats and battery are as warm as it is outdoors; who gives a cabin gives its seats too."""
    passes(
        HEAD + "given: {weather: {outdoor: -12 °C}}\nsteps:\n"
        "  - expect: {su7.cabin: -12 °C, su7.interior: -12 °C, su7.battery_temperature: -12 °C}\n"
    )
    passes(
        HEAD + "given: {weather: {outdoor: -12 °C}, su7: {cabin: 20 °C}}\nsteps:\n"
        "  - expect: {su7.cabin: 20 °C, su7.interior: 20 °C, su7.battery_temperature: -12 °C}\n"
    )
    passes(HEAD + "given: {su7: {cabin: 20 °C, interior: 5 °C}}\nsteps:\n  - expect: {su7.interior: 5 °C}\n")


def test_cabin_that_turns_between_two_events_is_caught_at_its_turn() -> None:
    """Seats warmed by hot air reach a peak while nothing happens; a story that waits for it sees it."""
    passes(
        HEAD + "given: {su7: {cabin: 60 °C, interior: 10 °C, asleep: true}}\nsteps:\n"
        "  - expect: {su7.interior: '>= 13 °C'}\n    within: 1h\n"
        "  - expect: {su7.interior: '<= 11 °C'}\n    within: 10h\n"
    )


def test_battery_that_warms_and_cools_is_caught_at_its_turn() -> None:
    """Charged fast, a battery warms until the charging fades."""
    house = WANG.text.replace("power: 7 kW\n      price", "power: 200 kW\n      price")
    assert house != WANG.text
    given = "given: {su7: {battery: 20 %, plugged_in: true, charging: true, charge_limit: 100 %}}\n"
    passes(
        HEAD + given + "steps:\n  - expect: {su7.battery_temperature: '>= 20 °C'}\n    within: 3h\n",
        type(WANG)("wang", house, WANG.kinds),
    )


def test_failed_command_may_be_asked_for_its_reason() -> None:
    """A command that failed has a reason, and nothing else of a denial."""
    ask = "  - do: phone.start_charging\n    with: {car: su7}\n    as: start\n"
    passes(STEPS + ask + "  - expect: {start: failed, reason: no cable}\n    within: 2s\n")
    sentence, _, _ = fails(STEPS + ask + "  - expect: {start: failed, reason: the moon}\n    within: 2s\n")
    error = refusal(STEPS + ask + "  - expect: {start: failed, rule: parked-only}\n")

    assert "no cable is plugged in" in sentence
    assert error.sentence == "`start` must be `denied` for a rule or reason to be expected"


def test_household_has_a_charger_with_prices() -> None:
    """The charger of the home that ships costs half at night."""
    household = WANG.household("wang")
    assert household is not None
    charger = household.homes["home"].charger

    assert isinstance(charger, ChargingPoint)
    assert (charger.power_w, charger.price_at(0), charger.price_at(12 * 3_600_000)) == (7_000, 31, 62)
