"""Music by a command, and how loud: what speakers, televisions, tablets and dashboards have in common.

The music itself is a session of the player (`sim.apps.handoff`), so that what is begun by a command, by a
voice or by a touch moves on to the next device in the same way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field

from sim.apps.handoff import TITLE_CHARACTERS_MAX, Player
from sim.apps.twins.wishes import ApplySetting, wish
from sim.core.declarations import Private
from sim.core.device import (
    Act,
    Acted,
    Answer,
    Answered,
    Carries,
    Command,
    Commanded,
    Effect,
    Moment,
    Provision,
    Request,
    Settle,
    Stimulus,
)
from sim.core.parts import Part
from sim.core.units import Milliseconds, Percent

Title = Annotated[str | None, Private(), Field(min_length=1, max_length=TITLE_CHARACTERS_MAX)]
"""What music is called; nobody's business but of those who hear it."""


class PlayMusic(Command, group="Media", tier="anytime"):
    """Play music; without a title go on with what is there."""

    title: Annotated[Title, Carries("usage")] = None
    position_ms: Milliseconds = Field(default=0, ge=0)


class PauseMusic(Command, group="Media", tier="anytime"):
    """Stop the music, and keep its place."""


class SetVolume(Command, group="HomeControl", tier="anytime"):
    """Set how loud a device is."""

    volume_percent: Percent = Field(ge=0, le=100)


class TouchPlay(Act, verb="play_music"):
    """Touch “play” here."""

    title: Title = None


class TouchPause(Act, verb="pause_music"):
    """Touch “pause” here."""


class TurnVolume(Act, verb="set_volume"):
    """Turn the volume here."""

    volume_percent: Percent = Field(ge=0, le=100)


@dataclass(frozen=True)
class MusicPlayer(Player):
    """A player whose music can also be asked for by a command."""

    commands: ClassVar = (*Player.commands, PlayMusic, PauseMusic)  # type: ignore[assignment]  # more
    acts: ClassVar = (*Player.acts, TouchPlay, TouchPause)  # type: ignore[assignment]  # more

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Play and pause; everything else is the player's."""
        match stimulus:
            case Acted(act=TouchPlay(title=title), ticket=ticket, by=by):
                play = PlayMusic(title=title)
                return self, (Request.of(play, ticket=ticket, target=self.device, by=by),)
            case Acted(act=TouchPause(), ticket=ticket, by=by):
                return self, (Request.of(PauseMusic(), ticket=ticket, target=self.device, by=by),)
            case Commanded(command=PlayMusic(title=str() as title, position_ms=position_ms), ticket=ticket):
                player, effects = self.playing(at, "music", title, position_ms=position_ms)
                return player, (*effects, Settle(ticket, Answer("done")))
            case Commanded(command=PlayMusic() | PauseMusic(), ticket=ticket) if "music" not in self.sessions:
                return self, (Settle(ticket, Answer("failed", f"no music is on {self.device}")),)
            case Commanded(command=PlayMusic(), ticket=ticket):
                session = self.sessions["music"]
                position_ms = session.position_at(at.now_ms)
                player, effects = self.playing(at, "music", session.title, position_ms=position_ms)
                return player, (*effects, Settle(ticket, Answer("done")))
            case Commanded(command=PauseMusic(), ticket=ticket):
                return self.paused(at, "music"), (Settle(ticket, Answer("done")),)
            case _:
                return super().step(at, stimulus)

    def hushed(self, at: Moment) -> Self:
        """Return the player with its music paused, if there is any."""
        return self.paused(at, "music") if "music" in self.sessions else self


@dataclass(frozen=True)
class Loudspeaker(Part):
    """How loud a device is: one of the settings that its twin keeps, which this part sets.

    Attributes:
        device: its name.
        boot: how often it has started, and
        sent: how many wishes it has made since: tickets never repeat.
        waiting: ticket of each wish under way, and the command that it is for.
    """

    commands: ClassVar = (SetVolume, ApplySetting)
    acts: ClassVar = (TurnVolume,)

    device: str = ""
    boot: int = 1
    sent: int = 0
    waiting: tuple[tuple[str, str], ...] = ()

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:  # the protocol
        """Return the loudspeaker."""
        return cls(device)

    def provisioned(self, provision: Provision) -> Self:
        """Note how often the device has started."""
        return replace(self, boot=provision.boot)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:  # as above
        """Turn the volume: wish it of the twin, and answer when it holds."""
        match stimulus:
            case Acted(act=TurnVolume(volume_percent=volume), ticket=ticket, by=by):
                turn = SetVolume(volume_percent=volume)
                return self, (Request.of(turn, ticket=ticket, target=self.device, by=by),)
            case Commanded(command=SetVolume(volume_percent=volume), ticket=ticket, by=by):
                wished = f"{self.device}-volume-{self.boot}-{self.sent + 1}"
                request = wish("volume_percent", volume, ticket=wished, device=self.device, by=by)
                waiting = (*self.waiting, (wished, ticket))
                return replace(self, sent=self.sent + 1, waiting=waiting), (request,)
            case Commanded(command=ApplySetting(setting="volume_percent")):
                settled = tuple(Settle(ticket, Answer("done")) for _, ticket in self.waiting)
                return replace(self, waiting=()), settled
            case Answered(ticket=wished, answer=answer) if answer.final:
                refused = tuple(ticket for one, ticket in self.waiting if one == wished)
                waiting = tuple(entry for entry in self.waiting if entry[0] != wished)
                return replace(self, waiting=waiting), tuple(Settle(ticket, answer) for ticket in refused)
            case _:
                return self, ()
