"""Two radios that carry a car's call to a key far away, and its answer back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Self

from sim.core import device as core
from sim.core.device import (
    Acted,
    Answer,
    Booted,
    Effect,
    Moment,
    Overheard,
    Refers,
    Relay,
    Settle,
    Shorten,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.devices.attackers.attempts import Attempt, Attempts, settled

PAUSES_MS = (1_000, 10_000, 60_000, 600_000)
"""Between the tries of a relentless pair; the last one goes on."""
TRIES_MAX = 150
"""How often a relentless pair tries: for a day."""
WANTED = ("unlock", "open_boot", "start")


class RelayKey(core.Act, verb="relay"):
    """Carry the call of a car to a key, as if somebody pulled the handle with the key beside it."""

    car: Annotated[str, Refers("device", "car")]
    key: Annotated[str, Refers("device")]
    action: str = "unlock"


class ShortenRound(core.Act, verb="shorten"):
    """Make one ranging round in three come out shorter, from now on: so much a radio without keys can do."""

    car: Annotated[str, Refers("device", "car")]


@dataclass(frozen=True)
class RelayPair(core.Device):
    """One pair of radios; they have no key and change no bit of what they carry.

    Attributes:
        against: cars that a relentless pair works at.
        keys: keys that it carries their calls to.
        attempts: acts whose outcome is not known yet.
        tries: how often a relentless pair has tried.
    """

    class Config(core.Config):
        """Whether it acts by itself, and with what."""

        relentless: bool = False
        against: tuple[Annotated[str, Refers("device", "car")], ...] = ()
        keys: tuple[Annotated[str, Refers("device")], ...] = ()

    kind: ClassVar[str] = "relay"
    acts: ClassVar = (RelayKey, ShortenRound)
    trusted: ClassVar[bool] = False
    overhears: ClassVar[bool] = True

    against: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    attempts: Attempts = ()
    tries: int = 0

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the pair."""
        return cls(name, against=config.against, keys=config.keys) if config.relentless else cls(name)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Carry calls; see what the car makes of the answers."""
        match stimulus:
            case Acted(act=RelayKey(car=car, key=key, action=action), ticket=ticket):
                attempt = Attempt(ticket, key, car, action)
                return replace(self, attempts=(*self.attempts, attempt)), (Relay(car, key, action),)
            case Acted(act=ShortenRound(car=car), ticket=ticket):
                return self, (Shorten(car), Settle(ticket, Answer("done")))
            case Overheard():
                attempts, answers = settled(self.attempts, stimulus)
                return (replace(self, attempts=attempts) if answers else self), answers
            case Booted() if self.against:
                shortened = tuple(Shorten(car) for car in self.against)
                return self, (*shortened, StartTimer("relay", PAUSES_MS[0]))
            case TimerFired(name="relay") if self.tries < TRIES_MAX:
                return self._try()
            case _:
                return self, ()

    def _try(self) -> tuple[Self, tuple[Effect, ...]]:
        """Carry the calls of every car to every key, for one thing that opens it after the other."""
        wanted = WANTED[self.tries % len(WANTED)]
        calls = tuple(Relay(car, key, wanted) for car in self.against for key in self.keys)
        tries = self.tries + 1
        pause_ms = PAUSES_MS[min(tries, len(PAUSES_MS) - 1)]
        return replace(self, tries=tries), (*calls, StartTimer("relay", pause_ms))
