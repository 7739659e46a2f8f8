"""A lamp: it shines as set, says so once it does, and remembers it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.apps.electricity import Meter
from sim.apps.feedback import OBEYS_WITHIN_MS
from sim.core.device import (
    Actuate,
    Booted,
    Effect,
    Learned,
    Report,
    Sensed,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.devices.light import REPORT_EVERY_MS, Light, LightReport, SetLight
from sim.physics.lamp import STANDBY_W, USUAL_LM, lamp_w
from tests.senses import FakeSenses, commanded, moment, settled

CONFIG = Light.Config(home="home", room="living_room")


def new(**given_: Any) -> Light:
    """Return a lamp."""
    return Light.new("lamp", CONFIG, given_)


def shining(lit_percent: float | None) -> FakeSenses:
    """Return the senses of a lamp that shines so brightly; None for a blind sensor."""
    return FakeSenses({} if lit_percent is None else {"lit_percent": lit_percent})


def stepped(
    lamp: Light, stimulus: Stimulus, lit_percent: float | None, at_ms: int = 0
) -> tuple[Light, tuple[Effect, ...]]:
    """Return what becomes of a lamp."""
    return lamp.step(moment(shining(lit_percent), at_ms), stimulus)


def driven(effects: tuple[Effect, ...]) -> list[Any]:
    """Return how brightly the LEDs are told to shine."""
    return [one.changes["lit_percent"] for one in effects if isinstance(one, Actuate)]


def test_light_says_done_when_it_shines_and_not_before() -> None:
    """The command drives the LEDs; their light settles it."""
    lamp, asked = stepped(new(), commanded(SetLight(power="on", brightness_percent=60.0)), 0.0)
    lit, answered = stepped(lamp, Sensed(), 60.0)

    assert driven(asked) == [60.0]
    assert settled(asked) == []
    assert StartTimer("obey", OBEYS_WITHIN_MS) in asked
    assert settled(answered) == [("t1", "done")]
    assert lit.report()[0] == LightReport(power="on", brightness_percent=60.0, colour_temperature_k=2_700.0)


def test_light_that_shines_so_already_says_so_at_once() -> None:
    """Only the colour changes: the LEDs are as bright as they should be."""
    lamp, effects = stepped(
        new(power="on", brightness=40.0), commanded(SetLight(colour_temperature_k=6_500.0)), 40.0
    )

    assert settled(effects) == [("t1", "done")]
    assert driven(effects) == []
    assert not [one for one in effects if isinstance(one, StartTimer)]
    assert lamp.report()[0] == LightReport(power="on", brightness_percent=40.0, colour_temperature_k=6_500.0)


def test_light_that_is_off_keeps_its_brightness_for_later() -> None:
    """Dimming a dark lamp lights nothing."""
    lamp, effects = stepped(new(), commanded(SetLight(brightness_percent=10.0)), 0.0)
    lamp, on = stepped(lamp, commanded(SetLight(power="on"), "t2"), 0.0)

    assert settled(effects) == [("t1", "done")]
    assert driven(on) == [10.0]
    assert lamp.wanted_percent == 10.0


def test_light_answers_everybody_whom_the_last_word_contradicts_not() -> None:
    """Two people ask in a row: both are answered when the light is as the last one wanted it."""
    lamp, _ = stepped(new(), commanded(SetLight(power="on", brightness_percent=60.0)), 0.0)
    lamp, _ = stepped(lamp, commanded(SetLight(brightness_percent=30.0), "t2"), 0.0)
    lamp, first = stepped(lamp, Sensed(), 60.0)
    _, second = stepped(lamp, Sensed(), 30.0)

    assert settled(first) == []
    assert settled(second) == [("t1", "done"), ("t2", "done")]


@pytest.mark.parametrize(("lit_percent", "power"), [(0.0, "off"), (55.0, "on"), (None, "on")])
def test_light_that_does_not_obey_goes_by_what_there_is(lit_percent: float | None, power: str) -> None:
    """It says so, and does not come on hours later; with a blind sensor it is taken for what was asked."""
    lamp, _ = stepped(new(), commanded(SetLight(power="on")), lit_percent)
    lamp, effects = stepped(lamp, TimerFired("obey"), lit_percent)

    assert settled(effects) == [("t1", "failed")]
    assert [one.answer.reason for one in effects if isinstance(one, Settle)] == [
        "the LEDs of lamp do not obey"
    ]
    assert lamp.power == power
    assert stepped(lamp, TimerFired("obey"), lit_percent)[1] == ()


def test_light_that_restarts_shines_as_it_was_set() -> None:
    """Settings and meter survive a power cut; the LEDs are driven anew."""
    lamp, _ = stepped(new(), commanded(SetLight(power="on", brightness_percent=35.0)), 0.0)
    again = new(**lamp.kept())
    booted, effects = stepped(again, Booted(), 0.0)

    assert again.report()[0] == lamp.report()[0]
    assert driven(effects) == [35.0]
    assert StartTimer("report", REPORT_EVERY_MS) in effects
    assert booted.meter.draw_w == STANDBY_W


def test_light_without_power_is_dark() -> None:
    """And draws what its radio draws when it has power again."""
    dark = Light.Physical(lit_percent=80.0).without_power()

    assert dark == Light.Physical(lit_percent=0.0)
    assert dark.draws_w(CONFIG) == STANDBY_W
    assert Light.Physical(lit_percent=80.0).draws_w(CONFIG) == lamp_w(USUAL_LM, 80.0)


def test_light_meters_what_it_draws() -> None:
    """An hour at full brightness, with a blind sensor at its end: the lamp draws on what it drew."""
    lamp, _ = stepped(new(power="on"), Sensed(), 100.0)
    reported, effects = stepped(lamp, TimerFired("report"), None, 3_600_000)

    assert reported.report()[1] == Meter(draw_w=7.8, energy_kwh=0.008)
    assert [one.facet for one in effects if isinstance(one, Report)] == ["light_report", "meter"]


@pytest.mark.parametrize(
    "values",
    [
        {"brightness_percent": 0.0},
        {"brightness_percent": 101.0},
        {"colour_temperature_k": 2_699.0},
        {"power": "dim"},
    ],
)
def test_light_takes_no_setting_that_no_lamp_has(values: dict[str, Any]) -> None:
    """Dark is off, and not a brightness of nothing."""
    with pytest.raises(ValidationError):
        SetLight.model_validate(values, by_name=True)


def test_light_begins_as_a_scenario_says() -> None:
    """A scenario may set what people set."""
    given_ = {"power": "on", "brightness": 20.0, "colour_temperature": 4_000.0}

    assert set(Light.settable()) == set(given_)
    assert new(**given_).report()[0] == LightReport(
        power="on", brightness_percent=20.0, colour_temperature_k=4_000.0
    )


@pytest.mark.parametrize("stimulus", [Learned("su7"), TimerFired("look")])
def test_light_ignores_what_does_not_concern_it(stimulus: Stimulus) -> None:
    """News of others change nothing."""
    assert stepped(new(), stimulus, 0.0) == (new(), ())


WISHES = st.builds(
    SetLight,
    power=st.sampled_from(["on", "off", None]),
    brightness_percent=st.sampled_from([None, 1.0, 50.0, 100.0]),
    colour_temperature_k=st.sampled_from([None, 2_700.0, 6_500.0]),
)


@given(st.lists(st.tuples(WISHES, st.booleans()), max_size=12))
def test_light_answers_every_command_exactly_once(wishes: list[tuple[SetLight, bool]]) -> None:
    """Whether its LEDs obey or not, nobody waits for ever and nobody is answered twice."""
    lamp, lit_percent, answered = new(), 0.0, []
    for number, (wish, obeys) in enumerate(wishes):
        lamp, effects = stepped(lamp, commanded(wish, f"t{number}"), lit_percent)
        answered += settled(effects)
        if obeys and driven(effects):
            lit_percent = driven(effects)[-1]
            lamp, effects = stepped(lamp, Sensed(), lit_percent)
            answered += settled(effects)
    lamp, effects = stepped(lamp, TimerFired("obey"), lit_percent)
    answered += settled(effects)

    assert sorted(ticket for ticket, _ in answered) == sorted(f"t{number}" for number in range(len(wishes)))
