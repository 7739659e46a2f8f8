"""Films on a display: by the leases of the device itself, of the car it is in, or by what a scenario says."""

from typing import Any

import pytest

from sim.apps.displays import FILM_TERM
from sim.apps.entitlements.leases import TIMER, GrantFeature, WithdrawFeature, sealed
from sim.core.beliefs import Belief, Beliefs
from sim.core.device import (
    Asked,
    Booted,
    Commanded,
    Draw,
    Learned,
    Linked,
    Moment,
    Presence,
    Provision,
    Sensed,
    Settle,
    StartTimer,
    TimerFired,
)
from sim.devices.dashboard import Dashboard, PlayVideo
from sim.devices.tablet import Tablet
from sim.devices.tv import Tv, TvDisplay
from tests.leases import HOUR, PEERS, SHOP, lease
from tests.senses import START_MS, FakeSenses, moment

SOLD = Provision(b"t" * 32, 1, START_MS, peers=PEERS)


def order(command: Any) -> Commanded:
    """Return a permitted command."""
    return Commanded(command, "t1", "shop", None, START_MS + 30_000)


def grant(device: str) -> Commanded:
    """Return a permitted grant."""
    return order(GrantFeature(feature="entertainment", lease=sealed(SHOP, lease(device))))


def telly(kept: Any = None) -> TvDisplay:
    """Return the display of a television whose household has a subscription service."""
    config = Tv.Config(home="home", room="living_room")
    display, _ = TvDisplay.new("tv", config, kept or {}).provisioned(SOLD).step(now(), Booted())
    return display


def now(at_ms: int = 0, beliefs: Beliefs | None = None, **facts: Any) -> Moment:
    """Return a moment."""
    return moment(FakeSenses(facts), at_ms, beliefs or Beliefs())


def test_a_television_plays_by_its_own_lease() -> None:
    """And tells the rules how it stands."""
    display = telly()
    asked = Asked("play_video", PlayVideo(title="x"), "tv", "lin", Presence())
    assert (display.entitlement, display.told(now(), asked)["entitlement"]) == ("absent", None)

    display, effects = display.step(now(), grant("tv"))

    assert any(isinstance(one, Settle) and one.answer.status == "done" for one in effects)
    assert (display.entitlement, display.told(now(), asked)["entitlement"]) == ("paid", "paid")
    restarted = telly(display.kept())
    assert restarted.entitlement == "paid"


@pytest.mark.parametrize("state", ["playing", "stalled"])
def test_a_film_stops_where_it_is_when_the_lease_ends(state: str) -> None:
    """By the device's own clock, or because it was withdrawn."""
    display, _ = telly().step(now(), grant("tv"))
    display, _ = display.step(now(), order(PlayVideo(title="x")))
    if state == "stalled":
        display, _ = display.step(now(), Linked(up=False))
        display, _ = display.step(now(), TimerFired("film buffer"))
    assert display.video().video == state

    ended = sealed(SHOP, lease("tv", 2, refunded=True))
    display, effects = display.step(now(), order(WithdrawFeature(feature="entertainment", lease=ended)))

    assert (display.video().video, display.video().entitlement) == ("paused", "refunded")
    assert Draw() in effects


def test_a_lease_ends_by_the_devices_own_timer() -> None:
    """Without a link."""
    display, _ = telly().step(now(), grant("tv"))

    for _ in range(6):
        display, _ = display.step(now(HOUR), TimerFired(TIMER))

    assert display.entitlement == "expired"


def test_what_is_granted_at_home_is_nothing_that_driving_relies_on() -> None:
    """The rules hear so, also of a withdrawal."""
    display = telly()

    for command in (
        GrantFeature(feature="entertainment", lease={}),
        WithdrawFeature(feature="entertainment", lease={}),
    ):
        asked = Asked(command.action, command, "shop", None, Presence())
        assert display.told(now(), asked) == {"safety_relevant": False}


def test_without_a_subscription_service_a_scenario_says_how_it_stands() -> None:
    """As it always did."""
    config = Tv.Config(home="home", room="living_room")
    display = TvDisplay.new("tv", config, {"entitlement": "grace"}).provisioned(Provision(b"t" * 32, 1, 0))

    assert display.entitled(now()) == "grace"


def says(entertainment: str, until_ms: object = START_MS + HOUR) -> Beliefs:
    """Return the beliefs of somebody who has heard what the car says of its films."""
    values = {"entertainment": entertainment, "entertainment_until_ms": until_ms}
    return Beliefs().heard("su7", "features", Belief(values, START_MS, (1, 1), "last"))


def test_the_screens_of_a_car_play_by_the_cars_lease() -> None:
    """What the car has never said, or what is no standing, entitles to nothing."""
    board: Any = Dashboard.new("dash", Dashboard.Config(car="su7"), {}).provisioned(SOLD)
    displays = board.parts["displays"]

    assert displays.entitled(now()) == "absent"
    assert displays.entitled(now(beliefs=says("paid"))) == "paid"
    assert displays.entitled(now(beliefs=says("for ever"))) == "absent"
    board, _ = board.step(now(beliefs=says("expired")), Learned("su7"))
    assert board.parts["displays"].entitlement == "expired"
    unsold: Any = Dashboard.new("dash", Dashboard.Config(car="su7"), {"entitlement": "paid"})
    assert unsold.parts["displays"].entitled(now()) == "paid"


def test_a_tablet_plays_by_the_cars_lease_in_its_holder_and_by_its_own_elsewhere() -> None:
    """Whoever carries it."""
    tablet: Any = Tablet.new("tablet", Tablet.Config(owner="mei"), {}).provisioned(SOLD)
    display, _ = tablet.parts["display"].step(now(), grant("tablet"))

    assert display.entitled(now()) == "paid"
    assert display.entitled(now(docked_in="su7")) == "paid"
    assert display.entitled(now(docked_in="su7", beliefs=says("expired"))) == "paid"
    assert display.entitled(now(docked_in="su7", beliefs=says("grace"))) == "grace"
    bare: Any = Tablet.new("tablet", Tablet.Config(owner="mei"), {}).provisioned(SOLD)
    assert bare.parts["display"].entitled(now(docked_in="su7")) == "absent"
    assert bare.parts["display"].entitled(now(docked_in="su7", beliefs=says("expired"))) == "expired"
    plain: Any = Tablet.new("tablet", Tablet.Config(owner="mei"), {"entitlement": "paid"})
    assert plain.parts["display"].entitled(now(docked_in="su7")) == "paid"


@pytest.mark.parametrize("until_ms", [START_MS + HOUR, None, "later"])
def test_what_the_car_said_of_its_lease_holds_no_longer_than_the_lease(until_ms: object) -> None:
    """Also when nothing is heard of the car any more; without a term it does not hold at all."""
    told = says("paid", until_ms)
    board: Any = Dashboard.new("dash", Dashboard.Config(car="su7"), {}).provisioned(SOLD)
    displays = board.parts["displays"]

    before, after = (displays.entitled(now(at_ms, beliefs=told)) for at_ms in (HOUR - 1, HOUR))

    assert (before, after) == ("paid" if until_ms == START_MS + HOUR else "expired", "expired")


@pytest.mark.parametrize("docked", [False, True])
@pytest.mark.parametrize("clock_ms", [HOUR, 1_000])
def test_a_film_stops_with_the_lease_that_was_told_though_the_car_has_no_link(
    docked: bool,  # noqa: FBT001  # a column of the table
    clock_ms: int,
) -> None:
    """By a timer, which counts time that passes: also on a screen whose clock was set back meanwhile."""
    told, facts = says("paid"), dict[str, Any](docked_in="su7")
    name = "display" if docked else "displays"
    dash = Dashboard.new("dash", Dashboard.Config(car="su7"), {})
    screen: Any = Tablet.new("tablet", Tablet.Config(), {}) if docked else dash
    display = screen.provisioned(SOLD).parts[name]
    display, effects = display.step(now(beliefs=told, **facts), Learned("su7"))
    assert effects == (StartTimer(FILM_TERM, HOUR),)
    display, effects = display.step(now(1_000, beliefs=told, **facts), Learned("su7"))
    assert effects == ()
    display, _ = display.step(now(beliefs=told, **facts), order(PlayVideo(title="x")))

    display, effects = display.step(now(clock_ms, beliefs=told, **facts), TimerFired(FILM_TERM))

    assert (display.video().video, display.video().entitlement) == ("paused", "expired")
    assert Draw() in effects
    display, effects = display.step(
        now(2_000, beliefs=says("paid", START_MS + 2 * HOUR), **facts), Learned("su7")
    )
    assert (display.video().entitlement, effects) == ("paid", (StartTimer(FILM_TERM, 2 * HOUR - 2_000),))


def test_a_timer_that_belongs_to_no_term_any_more_ends_nothing() -> None:
    """A tablet that was taken out of the holder meanwhile; a term that is over already needs no timer."""
    screen: Any = Tablet.new("tablet", Tablet.Config(), {}).provisioned(SOLD)
    display = screen.parts["display"]
    display, effects = display.step(now(HOUR, beliefs=says("paid"), docked_in="su7"), Learned("su7"))
    assert (display.entitlement, effects) == ("expired", ())

    out, _ = display.step(now(HOUR, beliefs=says("paid")), Sensed())

    assert out.step(now(HOUR), TimerFired(FILM_TERM)) == (out, ())
