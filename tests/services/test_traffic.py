"""The traffic service: what its detectors see, and nothing else, is what it says."""

from sim.core.device import Booted, Learned, Report, Sensed, StartTimer, TimerFired
from sim.services.traffic import REPORT_EVERY_MS, TrafficReport, TrafficService
from tests.senses import FakeSenses, moment

SERVICE = TrafficService.new("traffic", TrafficService.Config(), {})
CALM = FakeSenses()
JAM = FakeSenses(closed=("ring",), slow_kmh={"bridge": 12.345})


def test_before_it_has_looked_it_says_nothing() -> None:
    """Nobody plans with a service that has just been switched on."""
    assert SERVICE.report() == ()


def test_it_reports_what_its_detectors_see() -> None:
    """Closed roads by name, slow ones with their speed."""
    started, effects = SERVICE.step(moment(JAM), Booted())

    assert effects == (StartTimer("report", REPORT_EVERY_MS),)
    assert started.report() == (TrafficReport(closed=["ring"], slow=["bridge"], slowed_to_kmh=[12.3]),)


def test_it_reports_at_once_when_a_road_changes() -> None:
    """And the road is open again when it is."""
    started, _ = SERVICE.step(moment(JAM), Booted())
    later, effects = started.step(moment(CALM, 1), Sensed())

    assert effects == ()
    assert later.report() == (TrafficReport(closed=[], slow=[], slowed_to_kmh=[]),)


def test_it_says_every_few_minutes_that_nothing_has_changed() -> None:
    """So that what is heard has an age that means something."""
    started, _ = SERVICE.step(moment(JAM), Booted())
    later, effects = started.step(moment(JAM, REPORT_EVERY_MS), TimerFired("report"))

    assert effects == (Report("traffic_report"), StartTimer("report", REPORT_EVERY_MS))
    assert later.report() == started.report()


def test_what_others_say_is_nothing_to_it() -> None:
    """It believes its detectors only."""
    assert SERVICE.step(moment(JAM), Learned("su7")) == (SERVICE, ())
