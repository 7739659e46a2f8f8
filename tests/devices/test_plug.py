"""A plug: its relay, what goes through it, and what happens to what it feeds."""

from typing import Any

from sim.apps.electricity import Meter
from sim.apps.feedback import OBEYS_WITHIN_MS, Unconfirmed
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
from sim.devices.plug import LOOK_EVERY_MS, REPORT_EVERY_MS, Plug, PlugReport, SwitchPlug
from tests.senses import FakeSenses, commanded, moment, settled

HOUR_MS = 3_600_000


def new(**given: Any) -> Plug:
    """Return a plug before a heater."""
    return Plug.new("plug", Plug.Config(home="home", room="living_room", feeds="heater"), given)


def stepped(
    plug: Plug, stimulus: Stimulus, power: str | None = "on", load_w: float = 0.0, at_ms: int = 0
) -> tuple[Plug, tuple[Effect, ...]]:
    """Return what becomes of a plug whose relay lies so; None for contacts that tell nothing."""
    facts = {} if power is None else {"power": power}
    return plug.step(moment(FakeSenses(facts, load=load_w), at_ms), stimulus)


def test_plug_says_done_when_its_relay_has_moved() -> None:
    """The command throws it; the contacts settle it."""
    plug, asked = stepped(new(), commanded(SwitchPlug(power="off")))
    still, nothing = stepped(plug, Sensed(), "on")
    moved, answered = stepped(still, Sensed(), "off")

    assert Actuate({"power": "off"}) in asked
    assert StartTimer("obey", OBEYS_WITHIN_MS) in asked
    assert (settled(asked), settled(nothing)) == ([], [])
    assert settled(answered) == [("t1", "done")]
    assert moved.report()[0] == PlugReport(power="off")
    assert stepped(moved, TimerFired("obey"), "off")[1] == ()


def test_plug_that_lies_so_already_says_so_at_once() -> None:
    """Nothing is thrown, and whoever asked for the other a moment before is answered too."""
    plug, _ = stepped(new(), commanded(SwitchPlug(power="off")), "on")
    plug, effects = stepped(plug, commanded(SwitchPlug(power="on"), "t2"), "on")

    assert settled(effects) == [("t1", "done"), ("t2", "done")]
    assert not [one for one in effects if isinstance(one, Actuate)]
    assert plug.unconfirmed == Unconfirmed()


def test_plug_whose_relay_is_stuck_says_so() -> None:
    """And reports what its contacts say."""
    plug, _ = stepped(new(), commanded(SwitchPlug(power="off")))
    plug, effects = stepped(plug, TimerFired("obey"))

    assert [(one.ticket, one.answer.reason) for one in effects if isinstance(one, Settle)] == [
        ("t1", "the relay of plug is stuck")
    ]
    assert plug.report()[0] == PlugReport(power="on")


def test_plug_with_dumb_contacts_does_not_know() -> None:
    """It says nothing of its relay, and cannot confirm that it moved."""
    plug, _ = stepped(new(), Booted(), None)
    plug, effects = stepped(plug, commanded(SwitchPlug(power="on")), None)

    assert plug.report()[0] == PlugReport(power=None)
    assert settled(effects) == []


def test_plug_meters_what_goes_through_it() -> None:
    """An hour at 2.5 kW, read every minute and when something changes; a restart forgets nothing."""
    plug, timers = stepped(new(), Booted(), load_w=2_500.0)
    plug, again = stepped(plug, TimerFired("look"), load_w=2_500.0, at_ms=HOUR_MS // 2)
    plug, _ = stepped(plug, Sensed(), load_w=0.0, at_ms=HOUR_MS)
    plug, reported = stepped(plug, TimerFired("report"), load_w=0.0, at_ms=2 * HOUR_MS)

    assert timers == (StartTimer("look", LOOK_EVERY_MS), StartTimer("report", REPORT_EVERY_MS))
    assert again == (StartTimer("look", LOOK_EVERY_MS),)
    assert plug.report()[1] == Meter(draw_w=0.0, energy_kwh=2.5)
    assert [one.facet for one in reported if isinstance(one, Report)] == ["plug_report", "meter"]
    assert new(**plug.kept()).report()[1] == Meter(draw_w=0.0, energy_kwh=2.5)


def test_plug_without_power_keeps_its_relay() -> None:
    """It is a bistable one."""
    for power in ("on", "off"):
        assert Plug.Physical(power=power).without_power() == Plug.Physical(power=power)


def test_plug_ignores_what_does_not_concern_it() -> None:
    """News of others change nothing."""
    assert stepped(new(), Learned("su7")) == (new(), ())
    assert stepped(new(), TimerFired("sleep")) == (new(), ())
