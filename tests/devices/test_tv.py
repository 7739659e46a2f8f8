"""The television: whatever it is to show switches it on, and off it plays nothing."""

from collections.abc import Mapping
from typing import Any

import pytest

from sim.apps.displays import PlayVideo, ShowCamera, Video, ViewCamera, WatchVideo
from sim.apps.handoff import PlayerReport
from sim.apps.media import PlayMusic
from sim.core.asking import SetClimate
from sim.core.device import Act, Asked, Command, Draw, Learned, Presence, Request, Settle
from sim.devices.tv import PressPower, SwitchTv, Tv, TvReport
from tests.senses import FakeSenses, acted, commanded, moment

AT = moment(FakeSenses())
HERE = Tv.Config(home="home", room="living_room")


def new(given: Mapping[str, Any] | None = None) -> Tv:
    """Return a television."""
    return Tv.new("tv", HERE, given or {})


def power(tv: Tv) -> str:
    """Return whether it is on, as it reports."""
    return next(one.power for one in tv.report() if isinstance(one, TvReport))


@pytest.mark.parametrize(
    ("act", "target", "action", "arguments"),
    [
        (PressPower(power="on"), "tv", "switch_tv", {"power": "on"}),
        (WatchVideo(title="Hero"), "tv", "play_video", {"title": "Hero", "position_ms": 0}),
        (ViewCamera(camera="camera"), "tv", "show_camera", {"camera": "camera"}),
        (SetClimate(device="heater", mode="off"), "heater", "set_climate", {"mode": "off"}),
    ],
)
def test_tv_passes_a_touch_on(act: Act, target: str, action: str, arguments: Mapping[str, Any]) -> None:
    """What is about itself, it asks itself."""
    _, effects = new().step(AT, acted(act, by="mei"))

    assert effects == (Request("t1", target, action, arguments, by="mei"),)


@pytest.mark.parametrize(
    "command",
    [SwitchTv(power="on"), PlayVideo(title="Hero"), PlayMusic(title="Moon"), ShowCamera(camera="c")],
)
def test_tv_is_switched_on_by_whatever_it_is_to_do(command: Command) -> None:
    """And draws nothing before."""
    assert power(new()) == "off"
    assert new().drawn(AT) == {}

    on, _ = new().step(AT, commanded(command))

    assert power(on) == "on"
    assert list(on.drawn(AT)) == ["tv"]
    assert on.step(AT, Learned("heater"))[0].power == "on"


def test_tv_that_is_off_plays_nothing() -> None:
    """The film is gone, and the music pauses."""
    tv, _ = new().step(AT, commanded(PlayVideo(title="Hero")))
    tv, _ = tv.step(AT, commanded(PlayMusic(title="Moon")))

    off, effects = tv.step(AT, commanded(SwitchTv(power="off")))

    assert [one.answer.status for one in effects if isinstance(one, Settle)] == ["done"]
    assert effects[-1] == Draw()
    assert [one.video for one in off.report() if isinstance(one, Video)] == ["none"]
    assert [one.music for one in off.report() if isinstance(one, PlayerReport)] == ["paused"]


def test_tv_remembers_whether_it_was_on() -> None:
    """Across a power cut; a scenario may say so, too."""
    assert power(new({"power": "on"})) == "on"
    assert power(new(new({"power": "on"}).kept())) == "on"
    assert {"power", "volume", "entitlement"} <= set(Tv.settable())


def test_tv_tells_the_rules_that_it_is_a_tv() -> None:
    """It moves nowhere."""
    tv = new({"entitlement": "trial"})
    asked = Asked("play_video", PlayVideo(title="Hero"), "tv", "mei", Presence())

    assert tv.circumstances(AT, asked) == Tv.Circumstances(display="tv", entitlement="trial")


def test_tv_draws_the_film_that_is_on_it() -> None:
    """As a card, with its title for those before it only."""
    tv, _ = new().step(AT, commanded(PlayVideo(title="Hero")))

    cards = {card["id"]: card for card in tv.drawn(AT)["tv"]["cards"]}
    assert cards["video"]["lines"] == ["•••", "playing at 0 s"]
