"""An air purifier: how fast it runs, what it measures, and when its filter is full."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.apps.electricity import Meter
from sim.core.device import (
    Actuate,
    Booted,
    Effect,
    Learned,
    Report,
    Sensed,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.devices.purifier import (
    GOOD_UG_PER_M3,
    LOOK_EVERY_MS,
    POOR_UG_PER_M3,
    REPORT_EVERY_MS,
    Filter,
    Purifier,
    PurifierReport,
    SetPurifier,
)
from sim.physics.air_purifier import FILTER_CAPACITY_MG, delivered_m3_per_h, purifier_w
from tests.senses import FakeSenses, commanded, moment, settled

CONFIG = Purifier.Config(home="home", room="living_room")
HOUR_MS = 3_600_000


def new(**given_: Any) -> Purifier:
    """Return a purifier."""
    return Purifier.new("purifier", CONFIG, given_)


def stepped(  # everything a purifier senses
    unit: Purifier,
    stimulus: Stimulus,
    dust: float | None = 10.0,
    *,
    level: int | None = 0,
    serial: int | None = 1,
    at_ms: int = 0,
) -> tuple[Purifier, tuple[Effect, ...]]:
    """Return what becomes of a purifier; None for what a blind sensor does not say."""
    sensed = {"level": level, "filter_serial": serial}
    facts = {name: value for name, value in sensed.items() if value is not None}
    return unit.step(moment(FakeSenses(facts, dust=dust), at_ms), stimulus)


def driven(effects: tuple[Effect, ...]) -> list[Any]:
    """Return the levels at which the fan is told to run."""
    return [one.changes["level"] for one in effects if isinstance(one, Actuate)]


@pytest.mark.parametrize(
    ("dust", "level"),
    [
        (0.0, 1),
        (GOOD_UG_PER_M3, 1),
        (GOOD_UG_PER_M3 + 0.1, 2),
        (POOR_UG_PER_M3, 2),
        (POOR_UG_PER_M3 + 0.1, 3),
        (900.0, 3),
    ],
)
def test_purifier_runs_as_fast_as_the_air_demands(dust: float, level: int) -> None:
    """Up to the limit of clean districts slowly, beyond that of the others at full speed."""
    unit, effects = stepped(new(), commanded(SetPurifier(power="on", mode="auto")), dust)

    assert driven(effects) == [level]
    assert settled(effects) == [("t1", "done")]
    assert unit.report()[0] == PurifierReport(
        power="on", mode="auto", level=level, pm25_ug_per_m3=float(round(dust))
    )


def test_purifier_slows_down_only_well_below_a_limit() -> None:
    """34 µg/m³ is not clean enough to slow down after 36, and 29 is."""
    unit, _ = stepped(new(power="on"), Booted(), 36.0)
    still, nothing = stepped(unit, TimerFired("look"), 34.0, level=2)
    slower, effects = stepped(still, TimerFired("look"), 29.0, level=2)

    assert (unit.wanted_level, still.wanted_level, slower.wanted_level) == (2, 2, 1)
    assert (driven(nothing), driven(effects)) == ([], [1])


@pytest.mark.parametrize(
    ("wish", "mode", "level"),
    [
        (SetPurifier(power="on", mode="sleep"), "sleep", 1),
        (SetPurifier(power="on", level=3), "manual", 3),
        (SetPurifier(power="on", mode="sleep", level=3), "sleep", 1),
        (SetPurifier(power="on", mode="manual"), "manual", 2),
        (SetPurifier(mode="manual"), "manual", 0),
    ],
)
def test_purifier_runs_as_people_say(wish: SetPurifier, mode: str, level: int) -> None:
    """A level alone means manual; `sleep` is the lowest whatever the air; off is off."""
    unit, _ = stepped(new(set_level=2), commanded(wish), 500.0)

    assert (unit.mode, unit.wanted_level) == (mode, level)


def test_purifier_that_restarts_goes_on_as_it_was_set() -> None:
    """Settings, filter and meter survive a power cut; the fan is driven anew."""
    unit, _ = stepped(new(caught=3_000.0), commanded(SetPurifier(power="on", level=2)))
    again = new(**unit.kept())
    _, effects = stepped(again, Booted())

    assert (again.power, again.mode, again.manual_level, again.serial) == ("on", "manual", 2, 1)
    assert again.report()[1] == Filter(filter_remaining_percent=75.0, filter_due=False)
    assert driven(effects) == [2]
    assert StartTimer("look", LOOK_EVERY_MS) in effects
    assert StartTimer("report", REPORT_EVERY_MS) in effects


def test_purifier_reckons_what_its_filter_has_caught() -> None:
    """An hour at the highest level in 100 µg/m³ is 40 mg; without dust or without a fan it is nothing."""
    unit, _ = stepped(new(power="on", mode="manual", set_level=3), Booted(), 100.0, level=3)
    unit, _ = stepped(unit, TimerFired("look"), 100.0, level=3, at_ms=HOUR_MS)
    clean, _ = stepped(unit, TimerFired("look"), 0.0, level=0, at_ms=HOUR_MS)
    later, _ = stepped(clean, TimerFired("look"), 0.0, level=0, at_ms=5 * HOUR_MS)

    assert unit.caught_mg == pytest.approx(40.0)
    assert later.caught_mg == pytest.approx(unit.caught_mg)


def test_purifier_with_a_blind_dust_sensor_goes_on_as_before() -> None:
    """It shows no dust that it has not measured, keeps its level, and reckons no dust."""
    unit, _ = stepped(new(power="on"), Booted(), 100.0, level=3)
    blind, effects = stepped(unit, TimerFired("look"), None, level=3, at_ms=HOUR_MS)

    assert blind.report()[0] == PurifierReport(power="on", mode="auto", level=3, pm25_ug_per_m3=None)
    assert driven(effects) == []
    assert blind.caught_mg == 0.0


def test_purifier_asks_for_a_new_filter_and_knows_it_by_its_tag() -> None:
    """Five per cent are left: a new one is due. The number on the tag tells that it came."""
    worn, _ = stepped(new(caught=FILTER_CAPACITY_MG * 0.95), Booted())
    blind, _ = stepped(worn, Sensed(), serial=None)
    renewed, _ = stepped(blind, Sensed(), serial=2)

    assert worn.report()[1] == Filter(filter_remaining_percent=5.0, filter_due=True)
    assert blind.report()[1] == worn.report()[1]
    assert renewed.report()[1] == Filter(filter_remaining_percent=100.0, filter_due=False)


def test_purifier_meters_its_fan() -> None:
    """An hour at the highest level takes 30 Wh; it reports even what has not changed."""
    unit, _ = stepped(new(power="on", mode="manual", set_level=3), Booted(), level=3)
    unit, effects = stepped(unit, TimerFired("report"), level=3, at_ms=HOUR_MS)

    assert unit.report()[2] == Meter(draw_w=30.0, energy_kwh=0.03)
    assert [one.facet for one in effects if isinstance(one, Report)] == [
        "purifier_report",
        "filter",
        "meter",
    ]


def test_purifier_that_does_not_obey_is_told_again() -> None:
    """A fan that was jammed runs as soon as it can, and nobody has to ask again."""
    unit, first = stepped(new(), commanded(SetPurifier(power="on", level=3)), level=0)
    _, second = stepped(unit, Sensed(), level=0)

    assert driven(first) == driven(second) == [3]


def test_purifier_without_power_stands_still() -> None:
    """Its filter stays as it is."""
    running = Purifier.Physical(level=3, filter_mg=500.0, filter_serial=2)
    stopped = running.without_power()

    assert stopped == Purifier.Physical(level=0, filter_mg=500.0, filter_serial=2)
    assert running.cleans_m3_per_h(CONFIG) == delivered_m3_per_h(400.0, 3, 500.0)
    assert stopped.cleans_m3_per_h(CONFIG) == 0
    assert (running.draws_w(CONFIG), stopped.draws_w(CONFIG)) == (purifier_w(3), purifier_w(0))


@pytest.mark.parametrize("values", [{"level": 0}, {"level": 4}, {"mode": "turbo"}])
def test_purifier_takes_no_setting_that_it_has_not(values: dict[str, Any]) -> None:
    """Off is no level."""
    with pytest.raises(ValidationError):
        SetPurifier.model_validate(values, by_name=True)


def test_purifier_begins_as_a_scenario_says() -> None:
    """A scenario may set what people set, and begin with a filter that is not new."""
    given_ = {"power": "on", "mode": "manual", "set_level": 2, "caught": 6_000.0}
    unit = new(**given_)

    assert set(Purifier.settable()) == set(given_)
    assert (unit.wanted_level, unit.report()[1]) == (
        2,
        Filter(filter_remaining_percent=50.0, filter_due=False),
    )


def test_purifier_ignores_what_does_not_concern_it() -> None:
    """News of others change nothing."""
    assert stepped(new(), Learned("su7")) == (new(), ())


@given(st.lists(st.floats(0, 500), min_size=1, max_size=40))
def test_purifier_level_follows_the_dust_within_its_band(dusts: list[float]) -> None:
    """Whatever the air did before, the level is what it demands now, or one that its band still allows."""
    unit = new(power="on")
    for dust in dusts:
        unit, _ = stepped(unit, TimerFired("look"), dust)
        demanded = 1 + (dust > GOOD_UG_PER_M3) + (dust > POOR_UG_PER_M3)
        allowed = 1 + (dust > GOOD_UG_PER_M3 - 5) + (dust > POOR_UG_PER_M3 - 5)
        assert demanded <= unit.wanted_level <= allowed
