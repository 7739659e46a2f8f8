"""A compromised device of the household, such as a television: a valid account and key in wrong hands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Annotated, Any, ClassVar, Self, TypeAlias

from pydantic import Field

from sim.core import device as core
from sim.core.asking import (
    Ask,
    AskDevice,
    LockCar,
    OpenBoot,
    RequestAction,
    SetClimate,
    SetConsent,
    StartCar,
    UnlockCar,
)
from sim.core.device import (
    IN_HOMES,
    Acted,
    Answer,
    Booted,
    Effect,
    Moment,
    Overheard,
    PublishRaw,
    Refers,
    Request,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.devices.attackers.forging import NOTHING_HEARD, Capture, Publish, Replay, copied

TICK_MS = 150
"""Between two requests of a relentless one: slower than any rate limit, so that the rules have to refuse."""
DESIRES = (
    "unlock",
    "open_boot",
    "open_windows",
    "start",
    "lock",
    "key_session",
    "open_pairing",
    "summon",
    "set_climate",
    "set_consent",
    "snapshot",
    "show_camera",
    "offer_key",
)
"""What a relentless one asks for."""


Effects: TypeAlias = tuple[Effect, ...]


class Loot(core.Facet):
    """What the broker has delivered to it that was meant for others."""

    messages_read: int = Field(ge=0)


@dataclass(frozen=True)
class Eavesdropper(core.Device):
    """One compromised device.

    It is enrolled, so its signature holds; but nobody vouches for a person through it. Whatever it
    subscribes to, the broker delivers only what its account may read.

    Attributes:
        plan: what a relentless one will still try, tick by tick; nothing for one that waits.
        loot: messages of others that it was given.
        capture: the latest commands among them.
    """

    class Config(core.Config):
        """Whether it acts by itself: which devices it asks, whom it claims to ask for, where it forges."""

        relentless: bool = False
        against: tuple[Annotated[str, Refers("device")], ...] = ()
        claims: tuple[Annotated[str, Refers("person")], ...] = ()
        topics: tuple[str, ...] = ()

    kind: ClassVar[str] = "eavesdropper"
    acts: ClassVar = (
        UnlockCar,
        LockCar,
        OpenBoot,
        StartCar,
        SetClimate,
        SetConsent,
        RequestAction,
        AskDevice,
        Publish,
        Replay,
    )
    facets: ClassVar = (Loot,)
    asks: ClassVar = ("car", IN_HOMES)
    eavesdrops: ClassVar[bool] = True
    """It acts as its owner, whom it does not have: what it says of a person is worth nothing."""

    plan: tuple[Effects, ...] = ()
    loot: int = 0
    capture: Capture = NOTHING_HEARD

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the device, in wrong hands from the beginning."""
        return cls(name, plan=tuple(_plan(name, config)) if config.relentless else ())

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Ask and forge whatever the scenario says; read what comes."""
        match stimulus:
            case Acted(act=Ask() as ask, ticket=ticket, by=by):
                return self, (ask.request(ticket, by),)
            case Acted(act=Publish(topic=topic, text=text, retain=retain), ticket=ticket):
                return self, (PublishRaw(ticket, topic, text.encode(), retain),)
            case Acted(act=Replay() as act, ticket=ticket):
                found = self.capture.command(act.of, act.action)
                if found is None:
                    return self, (Settle(ticket, Answer("failed", f"{self.name} has read no such command")),)
                return self, (copied(found, self.name, ticket, act.through, retain=act.retain),)
            case Overheard(device=device) if device != self.name:
                return replace(self, loot=self.loot + 1, capture=self.capture.after(stimulus)), ()
            case Booted() | TimerFired(name="try"):
                if not self.plan:
                    return self, ()
                return replace(self, plan=self.plan[1:]), (*self.plan[0], StartTimer("try", TICK_MS))
            case _:
                return self, ()

    def report(self) -> tuple[core.Facet, ...]:
        """Report what it has read."""
        return (Loot(messages_read=self.loot),)


def _plan(name: str, config: Eavesdropper.Config) -> Iterator[Effects]:
    """Yield everything a relentless one tries, tick by tick: one forged message and one request each.

    Both at once, because what it forges is the broker's to refuse and counts against no device's rate limit.
    """
    forged = (
        PublishRaw(f"{name}-forged-{number}", topic, b"{}", retain=True)
        for number, topic in enumerate(config.topics)
    )
    asked = (
        Request(f"{name}-{target}-{action}-{by or 'nobody'}", target, action, by=by)
        for target in config.against
        for action in DESIRES
        for by in (None, *config.claims)
    )
    for pair in zip_longest(forged, asked):
        yield tuple(one for one in pair if one is not None)
