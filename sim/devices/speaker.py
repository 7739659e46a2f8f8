"""A speaker in a room: it plays music, and listens to whoever speaks near it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from sim.apps.media import Loudspeaker, MusicPlayer
from sim.apps.twins.twin import Twin
from sim.core import device as core
from sim.core.asking import Ask, AskDevice, SetClimate
from sim.core.device import IN_HOMES, Acted, Effect, Moment, Refers, Stimulus
from sim.core.parts import Assembled, Part


@dataclass(frozen=True)
class SpeakerTwin(Twin, settings=("volume_percent", "language", "do_not_disturb")):
    """Its settings."""


@dataclass(frozen=True)
class Speaker(Assembled):
    """One speaker; what is said to it is asked in the name of whoever said it."""

    class Config(core.Config):
        """Where it stands."""

        home: Annotated[str, Refers("home")]
        room: str

    kind: ClassVar[str] = "speaker"
    made_of: ClassVar[Mapping[str, type[Part]]] = {
        "player": MusicPlayer,
        "sound": Loudspeaker,
        "twin": SpeakerTwin,
    }
    takes_letters: ClassVar[bool] = True
    shared: ClassVar[bool] = True
    listens: ClassVar[bool] = True
    acts: ClassVar = (SetClimate, AskDevice)
    reads: ClassVar = ("car", IN_HOMES)
    heeds: ClassVar = ()
    asks: ClassVar = ("car", IN_HOMES)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple["Speaker", tuple[Effect, ...]]:
        """Pass on what is asked; the apps see everything."""
        after, effects = super().step(at, stimulus)
        match stimulus:
            case Acted(act=Ask() as ask, ticket=ticket, by=by):
                return after, (ask.request(ticket, by), *effects)
            case _:
                return after, effects
