"""Parts of devices on a stage: sensors, clocks, thresholds, timers, and what passes through the air."""

import json

from sim.core.device import WatchFor
from sim.world.network.link import Publish
from tests.stages import LAMPS, SESSION, Theatre

# --- parts and clocks -----------------------------------------------------------------------------


def test_blind_sensor_says_nothing_until_it_is_mended() -> None:
    """The device looks when it goes blind and when it sees again; what is true stays so."""
    theatre = Theatre()
    theatre.press("on")
    theatre.stage.break_part("sensor", "lamp", "on", 1_000)
    theatre.settle()
    assert theatre.lamp().on is None
    assert theatre.truth.fact("lamp", "on", theatre.now_ms) is True

    theatre.advance(1_000)

    assert theatre.lamp().on is True


def test_broken_parts_that_overlap_hold_until_the_last_is_mended() -> None:
    """Two faults of one sensor are two."""
    theatre = Theatre()
    theatre.stage.break_part("sensor", "lamp", "on", 1_000)
    theatre.stage.break_part("sensor", "lamp", "on", 2_000)

    theatre.advance(1_999)
    assert theatre.lamp().on is None
    theatre.advance(1)

    assert theatre.lamp().on is False
    assert theatre.truth.blind == {}


def test_jammed_part_does_not_move() -> None:
    """A motor that runs moves nothing, and afterwards it does again."""
    theatre = Theatre()
    theatre.stage.break_part("jam", "lamp", "on", 1_000)
    theatre.press("on")
    assert theatre.lamp().on is False
    theatre.advance(1_000)

    theatre.press("soon")
    assert theatre.lamp().on is False
    theatre.advance(250)

    assert theatre.lamp().on is True
    assert theatre.records("change")[-1]["changes"] == {"on": True}


def test_skewed_clock_is_the_devices_own_and_is_set_right_again() -> None:
    """What it writes is by its own clock; the stage's does not move."""
    theatre = Theatre()
    theatre.stage.skew_clock("lamp", 10_000, 1_000)
    theatre.press("tell")
    theatre.advance(1_000)
    theatre.press("tell")
    theatre.stage.skew_clock("lamp", -1, None)

    theatre.press("tell")

    times = [json.loads(publish.frame.payload)["time"] for publish in told(theatre)]
    assert times == ["2026-01-12T07:30:10.000Z", "2026-01-12T07:30:01.000Z", "2026-01-12T07:30:00.999Z"]


def told(theatre: Theatre) -> list[Publish]:
    """Return the events that were published."""
    operations = [operation for one in theatre.rounds for operation in one.operations]
    return [
        operation
        for operation in operations
        if isinstance(operation, Publish) and "/event/" in operation.frame.topic
    ]


# --- thresholds -----------------------------------------------------------------------------------


def test_threshold_is_crossed_in_the_very_millisecond() -> None:
    """The hall warms by 3 kW and the device is told once, exactly then."""
    theatre = Theatre()
    theatre.node("lamp")._perform(WatchFor("edge", at_least_c=25.0))
    theatre.press("warm")
    heat = theatre.truth.rooms["home", "hall"].heat
    crossing_ms = heat.crossing_ms(25.0, rising=True)
    assert crossing_ms is not None

    theatre.advance(crossing_ms - theatre.now_ms - 1)
    before = theatre.lamp().felt
    theatre.advance(1)

    assert theatre.lamp().felt == (*before, "crossed edge")
    assert heat.temperature_at(theatre.now_ms) >= 25.0 > heat.temperature_at(theatre.now_ms - 1)


def test_threshold_is_planned_anew_when_the_room_changes() -> None:
    """Cooling instead of warming: the edge is never reached, or another one is."""
    theatre = Theatre()
    theatre.node("lamp")._perform(WatchFor("edge", at_least_c=25.0))
    theatre.press("warm")
    theatre.press("cool")
    theatre.advance(3_600_000)
    assert theatre.lamp().felt == ()

    theatre.node("lamp")._perform(WatchFor("edge", at_most_c=-19.0))
    theatre.advance(100 * 3_600_000)

    assert theatre.lamp().felt == ("crossed edge",)


def test_threshold_that_is_forgotten_is_not_crossed() -> None:
    """Stopping, a crash and a new one of the same name all forget it."""
    theatre = Theatre()
    theatre.press("warm")
    theatre.node("lamp")._perform(WatchFor("edge", at_least_c=25.0))
    theatre.press("unwatch")
    theatre.advance(3_600_000)
    assert theatre.lamp().felt == ()
    theatre.node("lamp")._perform(WatchFor("edge", at_least_c=38.0))
    theatre.stage.crash("lamp", None, None)

    theatre.advance(100 * 3_600_000)

    assert theatre.lamp().felt == ()


# --- timers ---------------------------------------------------------------------------------------


def test_timer_that_is_started_again_replaces_the_running_one() -> None:
    """No stale one fires."""
    theatre = Theatre()
    theatre.press("remind")

    theatre.advance(4_999)
    assert theatre.lamp().felt == ()
    theatre.advance(1)

    assert theatre.lamp().felt == ("timer reminder",)


def test_timer_that_is_cancelled_does_not_fire() -> None:
    """And cancelling what does not run does nothing."""
    theatre = Theatre()
    theatre.press("remind")

    theatre.press("forget")
    theatre.advance(10_000)

    assert theatre.lamp().felt == ()


# --- what passes through the air ------------------------------------------------------------------


def test_radio_answers_a_session_until_it_stops() -> None:
    """The device says when, and the world remembers whose radio it is."""
    theatre = Theatre(LAMPS)

    theatre.press("answer")
    assert theatre.truth.air.answering == {SESSION: "lamp"}
    theatre.press("answer", lamp="lamp2")
    assert theatre.truth.air.answering == {SESSION: "lamp2"}
    theatre.press("hush")
    assert theatre.truth.air.answering == {SESSION: "lamp2"}
    theatre.press("hush", lamp="lamp2")

    assert theatre.truth.air.answering == {}


def test_screen_shows_a_code_until_it_is_blank() -> None:
    """And whatever it shows is in no record of the run."""
    theatre = Theatre()

    theatre.press("show")
    assert theatre.truth.air.shown == {"lamp": "a secret"}
    theatre.press("blank")

    assert theatre.truth.air.shown == {}
    assert "a secret" not in json.dumps(theatre.trace.records)


def test_crash_silences_the_radio_and_darkens_the_screen() -> None:
    """A restart brings neither back."""
    theatre = Theatre()
    theatre.press("answer")
    theatre.press("show")

    theatre.stage.crash("lamp", None, 1_000)
    assert (theatre.truth.air.answering, theatre.truth.air.shown) == ({}, {})
    theatre.advance(1_000)

    assert (theatre.truth.air.answering, theatre.truth.air.shown) == ({}, {})


def test_report_of_what_was_measured_again_is_published_again() -> None:
    """Its age begins anew, although nothing changed."""
    theatre = Theatre()
    theatre.press("now")
    count = len(theatre.published("/state/light"))

    theatre.press("again")

    values = [record["data"]["values"] for record in theatre.published("/state/light")[count:]]
    assert values == [{"on": False, "did": ["now", "again"]}] * 2
