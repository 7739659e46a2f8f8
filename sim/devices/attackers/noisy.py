"""A device that belongs to the household and floods it: broken, or in wrong hands."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field

from sim.core import device as core
from sim.core.asking import Ask, AskDevice
from sim.core.device import (
    IN_HOMES,
    Acted,
    Answer,
    Booted,
    Effect,
    Moment,
    Refers,
    Request,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)

TICK_MS = 100
"""How often it sends what has gathered meanwhile."""
TTL_MS = 100
"""How long each of its commands lives: it does not wait for answers."""
RELENTLESS_COUNT = 100
"""How many commands a relentless one sends to each: five times what a device takes of one sender at once."""


class Flood(core.Act):
    """Send so many commands, so many a second, each signed and each another one."""

    target: Annotated[str, Refers("device")]
    action: str = Field(default="refresh", pattern=r"^[a-z][a-z0-9_]{0,31}$")
    count: int = Field(default=300, ge=1, le=10_000)
    per_second: int = Field(default=100, ge=10, le=500)


class Noise(core.Facet):
    """How much it has sent: a state message for each tick."""

    commands_sent: int


@dataclass(frozen=True, slots=True)
class Course:
    """A flood under way: its act, what is left of it, and the ticket it follows."""

    flood: Flood
    left: int
    ticket: str | None


@dataclass(frozen=True)
class Noisy(core.Device):
    """One noisy neighbour, with a valid account and key.

    Attributes:
        against: whom a relentless one floods, one after the other.
        course: the flood under way, if there is one.
        sent: how many commands it has sent.
    """

    class Config(core.Config):
        """Whether it acts by itself, and against whom."""

        relentless: bool = False
        against: tuple[Annotated[str, Refers("device")], ...] = ()

    kind: ClassVar[str] = "noisy"
    acts: ClassVar = (Flood, AskDevice)
    facets: ClassVar = (Noise,)
    asks: ClassVar = ("car", IN_HOMES)
    """It acts as its owner, whom it does not have: what it says of a person is worth nothing."""

    against: tuple[str, ...] = ()
    course: Course | None = None
    sent: int = 0

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the device, quiet so far."""
        return cls(name, against=config.against if config.relentless else ())

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Flood, tick by tick."""
        match stimulus:
            case Acted(act=Ask() as ask, ticket=ticket, by=by):
                return self, (ask.request(ticket, by),)
            case Acted(act=Flood() as flood, ticket=ticket):
                return replace(self, course=Course(flood, flood.count, ticket)), (StartTimer("flood", 1),)
            case Booted():
                return self._next()
            case TimerFired(name="flood") if self.course is not None:
                return self._tick(self.course)
            case _:
                return self, ()

    def report(self) -> tuple[core.Facet, ...]:
        """Report how much it has sent."""
        return (Noise(commands_sent=self.sent),)

    def _tick(self, course: Course) -> tuple[Self, tuple[Effect, ...]]:
        flood = course.flood
        now = min(course.left, flood.per_second * TICK_MS // 1_000)
        requests = tuple(
            Request(f"{self.name}-flood-{self.sent + n}", flood.target, flood.action, expires_in_ms=TTL_MS)
            for n in range(1, now + 1)
        )
        after = replace(self, sent=self.sent + now, course=replace(course, left=course.left - now))
        if course.left > now:
            return after, (*requests, StartTimer("flood", TICK_MS))
        over = () if course.ticket is None else (Settle(course.ticket, Answer("done")),)
        following, timers = after._next()
        return following, (*requests, *over, *timers)

    def _next(self) -> tuple[Self, tuple[Effect, ...]]:
        """Turn to the next whom a relentless one floods."""
        if not self.against:
            return replace(self, course=None), ()
        flood = Flood(target=self.against[0], count=RELENTLESS_COUNT)
        course = Course(flood, flood.count, None)
        return replace(self, against=self.against[1:], course=course), (StartTimer("flood", TICK_MS),)
