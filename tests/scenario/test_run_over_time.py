"""Stories played: waiting until something is so, and what must hold throughout, to the millisecond."""

import pytest

from sim.physics.heat_pump import heating_w
from sim.physics.room_heat import RoomHeat
from sim.scenario.run import UNTIL_MAX_MS
from tests.scenario.stories import HEAD, NEAR, STEPS, UNLOCK, fails, passes, play

COLD = HEAD + (
    "given: {heater: {mode: heat, target: 25 °C, room: 12 °C}, weather: {outdoor: -8 °C}}\nsteps:\n"
)
"""The living room is heated from 12 °C at -8 °C outside."""


def warm_ms(threshold_c: float) -> int:
    """Return when the living room of `COLD` reaches a temperature: 75 m³ with 120 W/K and 1.8 MJ/K."""
    room = RoomHeat(12.0, 0, 120.0, 1.8e6, heating_w(2_500, -8.0), -8.0)
    found = room.crossing_ms(threshold_c, rising=True)
    assert found is not None
    return found


# --- advance --------------------------------------------------------------------------------------


def test_advance_passes_exactly_its_time() -> None:
    """Time passes to the millisecond, and nothing is asserted by it."""
    result = play(STEPS + "  - advance: 1h\n  - advance: 1ms\n")

    assert (result.simulated_ms, result.asserted) == (3_600_001, 0)


@pytest.mark.parametrize("threshold_c", [12.5, 15.0, 20.0, 24.99])
def test_advance_until_a_temperature_stops_at_its_first_millisecond(threshold_c: float) -> None:
    """The instant is the one that the closed solution of the room's heat has, wherever events fall."""
    result = passes(COLD + f"  - advance: {{until: {{heater.room: '>= {threshold_c} °C'}}}}\n")

    assert result.simulated_ms == warm_ms(threshold_c)


def test_advance_until_a_range_stops_at_its_near_end() -> None:
    """A range narrower than what passes between two events is not jumped over."""
    result = passes(
        COLD + "  - advance: {until: {heater.room: 15.0001..15.0002 °C}}\n    within: 1h\n"
        "  - expect: {heater.room: 15.0001..15.0002 °C}\n"
    )

    assert result.simulated_ms == warm_ms(15.0001)


def test_advance_until_one_of_several_ranges_stops_at_the_first() -> None:
    """A list of ranges is looked at end by end."""
    result = passes(COLD + "  - advance: {until: {heater.room: [17..17.001 °C, 15..15.001 °C]}}\n")

    assert result.simulated_ms == warm_ms(15.0)


def test_advance_until_stops_at_an_event() -> None:
    """A car that is left alone sleeps after ten minutes."""
    assert passes(STEPS + "  - advance: {until: {su7.asleep: true}}\n").simulated_ms == 600_000


def test_advance_until_what_is_already_so_takes_no_time() -> None:
    """What holds now is not waited for."""
    assert passes(COLD + "  - advance: {until: {heater.room: '<= 12 °C'}}\n").simulated_ms == 0


def test_advance_until_fails_at_its_bound() -> None:
    """`within` bounds the wait."""
    assert fails(COLD + "  - advance: {until: {heater.room: '>= 20 °C'}}\n    within: 1s\n") == (
        "`heater.room`: expected >= 20 °C, got 12.002 °C within 1 s",
        5,
        1_000,
    )


def test_advance_until_without_a_bound_waits_a_week() -> None:
    """What has not come by then is taken not to come."""
    assert fails(STEPS + "  - advance: {until: {su7.locked: false}}\n") == (
        "`su7.locked`: expected false, got true within 7 d",
        4,
        UNTIL_MAX_MS,
    )


def test_advance_until_ends_early_when_a_command_has_ended_otherwise() -> None:
    """Nothing is waited for that cannot come any more."""
    assert fails(NEAR + UNLOCK + "  - advance: {until: {key: expired}}\n") == (
        "`key`: expected expired, got done",
        8,
        250,
    )


def test_advance_until_two_things_hold_together() -> None:
    """A moment between two events, at which one has begun and the other not yet ceased, is found."""
    text = COLD + (
        "  - advance: {until: {heater.room: '>= 15 °C', lin.from_home: '<= 0 m'}}\n"
        "  - advance: {until: {heater.room: '>= 15.001 °C', weather.outdoor: -8 °C}}\n"
        "  - expect: {heater.room: 15.001..15.002 °C}\n"
    )

    assert passes(text).simulated_ms == warm_ms(15.001)


# --- always ---------------------------------------------------------------------------------------


def test_always_fails_at_the_first_millisecond_between_events() -> None:
    """What must never be is found to the millisecond, although nothing happens then."""
    text = (
        COLD.replace("steps:", "always:\n  - never: {heater.room: '>= 15 °C'}\nsteps:") + "  - advance: 1h\n"
    )

    assert fails(text) == ("`heater.room` must never be >= 15 °C, but it is 15 °C", 5, warm_ms(15.0))


def test_always_expect_fails_when_it_ceases_to_hold() -> None:
    """What must always be is watched in the same way."""
    text = COLD.replace("steps:", "always:\n  - expect: {heater.room: '< 15 °C', su7.locked: true}\nsteps:")

    assert fails(text + "  - advance: 1h\n") == (
        "`heater.room` must always be < 15 °C, but it is 15 °C",
        5,
        warm_ms(15.0),
    )


def test_always_is_looked_at_from_the_beginning() -> None:
    """What is wrong at the start fails before the first step."""
    text = HEAD + "always:\n  - never: {su7.locked: true}\nsteps:\n" + UNLOCK

    assert fails(text) == ("`su7.locked` must never be true, but it is true", 4, 0)


def test_always_is_looked_at_after_every_event() -> None:
    """An event in the middle of a wait for something else fails the story there."""
    text = NEAR.replace("steps:", "always:\n  - never: {su7.locked: false}\nsteps:") + UNLOCK

    assert fails(text + "  - expect: {key: done}\n    within: 5s\n") == (
        "`su7.locked` must never be false, but it is false",
        5,
        250,
    )


def test_always_looks_after_what_a_person_does() -> None:
    """A hand or the weather changes the world without any message."""
    text = HEAD + "always:\n  - never: {weather.outdoor: '> 30 °C'}\nsteps:\n"

    assert fails(text + "  - do: weather.set\n    with: {outdoor: 35 °C}\n")[2] == 0


PASSING = HEAD + "given: {lin: {from_home: 450 m}, su7: {gear: D, speed: 60 km/h, driver: mei}}\n"
"""Mei drives east at 60 km/h, and passes Lin, who stands 450 m off, after 27 s: between two events."""
NEAR_AFTER_MS = 26_701
"""5 m before that: 445 m at 16.67 m/s take 26,700 ms, and then it is 5 m and not less."""


def test_never_sees_what_is_passed_between_two_events() -> None:
    """Whoever is driven past is near for a moment only, between two reports of the car."""
    text = PASSING + "steps:\n  - never: {lin.from_su7: '< 5 m'}\n    for: 1m\n"

    sentence, line, at_ms = fails(text)

    assert sentence.startswith("`lin.from_su7` must never be < 5 m, but it is 4.9")
    assert (line, at_ms) == (5, NEAR_AFTER_MS)


def test_always_sees_what_is_passed_between_two_events() -> None:
    """The same holds for what must hold throughout."""
    text = PASSING + "always:\n  - never: {lin.from_su7: '< 5 m'}\nsteps:\n  - advance: 1m\n"

    assert fails(text)[1:] == (5, NEAR_AFTER_MS)


def test_advance_until_somebody_is_passed() -> None:
    """The wait ends on the way there, not at the next event after it."""
    result = passes(PASSING + "steps:\n  - advance: {until: {lin.from_su7: '<= 50 m'}}\n    within: 1m\n")

    # 400 m at 60 km/h take exactly 24 s.
    assert result.simulated_ms == 24_000


def test_never_sees_a_home_that_is_passed() -> None:
    """Where somebody is, is at a home or away; whoever passes one is there for a while."""
    text = HEAD + (
        "given: {su7: {from_lin: 0 m, gear: D, speed: 250 km/h, driver: mei}}\nsteps:\n"
        "  - advance: {until: {su7.at: away}}\n"
    )

    # A home ends after 100 m: at 69.4 m/s after 1.44 s, long before the car says where it is.
    assert passes(text).simulated_ms == 1_441
