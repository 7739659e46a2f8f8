"""Music by a command, and the volume that a twin keeps."""

from typing import Any

import pytest

from sim.apps.handoff import PlayerReport, Plays
from sim.apps.media import (
    Loudspeaker,
    MusicPlayer,
    PauseMusic,
    PlayMusic,
    SetVolume,
    TouchPause,
    TouchPlay,
    TurnVolume,
)
from sim.apps.twins.wishes import ApplySetting
from sim.core import device as core
from sim.core.device import (
    Answer,
    Answered,
    Booted,
    Effect,
    Provision,
    Request,
    Settle,
)
from tests.senses import START_MS, FakeSenses, acted, commanded, moment

PROVISION = Provision(b"\1" * 32, boot=3, now_ms=START_MS)


def player() -> MusicPlayer:
    """Return a player with nothing to play."""
    return MusicPlayer.new("speaker", core.Config(), {}).provisioned(PROVISION)


def at(now_ms: int = 0) -> core.Moment:
    """Return a moment after the start."""
    return moment(FakeSenses(), now_ms)


def music(part: MusicPlayer) -> tuple[str, int | None]:
    """Return whether music plays, and where it was when that began."""
    (report,) = (one for one in part.report() if isinstance(one, PlayerReport))
    return report.music, report.music_position_ms


def failure(effects: tuple[Effect, ...]) -> str:
    """Return why a ticket failed."""
    (settled,) = effects
    assert isinstance(settled, Settle)
    assert settled.answer.status == "failed"
    return settled.answer.reason


@pytest.mark.parametrize(
    ("act", "action", "arguments"),
    [
        (TouchPlay(title="Jasmine Flower"), "play_music", {"title": "Jasmine Flower", "position_ms": 0}),
        (TouchPlay(), "play_music", {"position_ms": 0}),
        (TouchPause(), "pause_music", {}),
    ],
)
def test_a_touch_is_asked_of_the_device_itself(act: core.Act, action: str, arguments: dict[str, Any]) -> None:
    """By whoever touched."""
    assert player().step(at(), acted(act, by="jun"))[1] == (
        Request("t1", "speaker", action, arguments, by="jun"),
    )


def test_music_is_where_the_time_has_brought_it() -> None:
    """It begins where it is told to, pauses where it is, and goes on from there."""
    part, effects = player().step(at(), commanded(PlayMusic(title="Jasmine Flower", position_ms=5_000)))
    assert effects == (Settle("t1", Answer("done")),)
    assert music(part) == ("playing", 5_000)

    part, effects = part.step(at(60_000), commanded(PauseMusic()))
    assert effects == (Settle("t1", Answer("done")),)
    assert music(part) == ("paused", 65_000)

    part, effects = part.step(at(90_000), commanded(PlayMusic()))
    assert effects == (Settle("t1", Answer("done")),)
    assert music(part) == ("playing", 65_000)


@pytest.mark.parametrize("command", [PlayMusic(), PauseMusic()])
def test_without_music_there_is_nothing_to_go_on_with(command: core.Command) -> None:
    """It says so."""
    assert failure(player().step(at(), commanded(command))[1]) == "no music is on speaker"


def test_music_that_was_begun_otherwise_is_the_same_music() -> None:
    """It is a session of the player."""
    part, _ = player().step(at(), acted(Plays(session="music", title="Jasmine Flower")))

    assert music(part.step(at(1_000), commanded(PauseMusic()))[0]) == ("paused", 1_000)
    assert music(part.hushed(at(2_000))) == ("paused", 2_000)
    assert player().hushed(at()) == player()


def speaker() -> Loudspeaker:
    """Return a loudspeaker."""
    return Loudspeaker.new("speaker", core.Config(), {}).provisioned(PROVISION)


def test_the_volume_is_wished_of_the_twin() -> None:
    """And the command is done when the twin has applied it."""
    _, (touch,) = speaker().step(at(), acted(TurnVolume(volume_percent=40.0)))
    assert touch == Request("t1", "speaker", "set_volume", {"volume_percent": 40.0}, by="lin")

    waiting, (wish,) = speaker().step(at(), commanded(SetVolume(volume_percent=40.0)))
    assert isinstance(wish, Request)
    assert (wish.ticket, wish.target, wish.action) == ("speaker-volume-3-1", "speaker", "choose_setting")
    assert wish.arguments == {"scope": "speaker", "setting": "volume_percent", "value": 40.0}

    applied = ApplySetting(intent="i", setting="volume_percent", value=40.0)
    after, effects = waiting.step(at(), commanded(applied, ticket="t9"))
    assert effects == (Settle("t1", Answer("done")),)
    assert after.waiting == ()
    other = ApplySetting(intent="i", setting="language", value="en")
    assert waiting.step(at(), commanded(other)) == (waiting, ())


def test_a_volume_that_the_rules_refuse_is_refused() -> None:
    """Their answer is the answer; others leave it waiting."""
    waiting, (wish,) = speaker().step(at(), commanded(SetVolume(volume_percent=40.0)))
    assert isinstance(wish, Request)
    denied = Answer("denied", "not yours")

    after, effects = waiting.step(at(), Answered(wish.ticket, "speaker", denied))

    assert effects == (Settle("t1", denied),)
    assert after.waiting == ()
    assert waiting.step(at(), Answered("t9", "speaker", denied)) == (waiting, ())
    assert waiting.step(at(), Answered(wish.ticket, "speaker", Answer("accepted"))) == (waiting, ())
    assert waiting.step(at(), Booted()) == (waiting, ())
