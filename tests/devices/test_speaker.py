"""The speaker: what is asked at it, it asks of others in the name of whoever asked."""

from sim.apps.media import PlayMusic
from sim.core.asking import AskDevice
from sim.core.device import Request, Settle
from sim.devices.speaker import Speaker
from tests.senses import FakeSenses, acted, commanded, moment


def new() -> Speaker:
    """Return a speaker from the factory."""
    return Speaker.new("speaker", Speaker.Config(home="home", room="living_room"), {})


def test_speaker_passes_on_what_is_asked_at_it() -> None:
    """To the device it is about."""
    ask = AskDevice(device="heater", name="set_climate", values={"mode": "heat"})

    speaker = new()
    after, effects = speaker.step(moment(FakeSenses()), acted(ask, by="mei"))

    assert after is speaker
    assert effects == (Request("t1", "heater", "set_climate", {"mode": "heat"}, by="mei"),)


def test_speaker_is_asked_for_music_like_any_other_player() -> None:
    """It is shared, hears whoever speaks near it, and takes sealed letters."""
    _, effects = new().step(moment(FakeSenses()), commanded(PlayMusic(title="Jasmine Flower")))

    assert [one.answer.status for one in effects if isinstance(one, Settle)] == ["done"]
    assert Speaker.shared
    assert Speaker.listens
    assert Speaker.takes_letters
