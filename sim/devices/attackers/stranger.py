"""Somebody whom the household does not know: a broker account at most, and no enrolled key."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from sim.core import device as core
from sim.core.asking import Ask, AskDevice, LockCar, OpenBoot, RequestAction, SetClimate, UnlockCar
from sim.core.device import (
    IN_HOMES,
    Acted,
    Answer,
    Effect,
    Moment,
    Overheard,
    PublishRaw,
    Request,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.devices.attackers.attempts import Attempt, Attempts, settled
from sim.devices.attackers.forging import (
    NOTHING_HEARD,
    Capture,
    Publish,
    Replay,
    Tamper,
    Way,
    command_id,
    command_of,
    copied,
    tampered,
)

WAYS: tuple[Way, ...] = ("own_topic", "their_topic", "their_line")
AGAIN_AFTER_MS = 1_000
LATE_AFTER_MS = 39_000
"""From the second copies to the third: then a command of 30 s has expired."""
TURNED_MAX = 256
"""How many commands a relentless stranger turns against the household before giving up."""


@dataclass(frozen=True)
class Stranger(core.Device):
    """One stranger, who signs with a key that nobody has enrolled, and hears whatever passes.

    Attributes:
        relentless: whether every command that passes is copied and tampered with, on every way.
        capture: the commands that passed.
        attempts: acts whose outcome is not known yet.
        under_way: commands that will be copied once more, by their id.
    """

    class Config(core.Config):
        """Whether it acts by itself."""

        relentless: bool = False

    kind: ClassVar[str] = "stranger"
    shared: ClassVar[bool] = True
    acts: ClassVar = (
        UnlockCar,
        LockCar,
        OpenBoot,
        SetClimate,
        RequestAction,
        AskDevice,
        Publish,
        Replay,
        Tamper,
    )
    asks: ClassVar = ("car", IN_HOMES)
    trusted: ClassVar[bool] = False
    overhears: ClassVar[bool] = True

    relentless: bool = False
    capture: Capture = NOTHING_HEARD
    attempts: Attempts = ()
    under_way: Mapping[str, Overheard] = field(default_factory=dict)

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the stranger, who has heard nothing yet."""
        return cls(name, relentless=config.relentless)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Try whatever the scenario says, and remember what passes."""
        match stimulus:
            case Acted(act=Ask() as ask, ticket=ticket, by=by):
                return self, (ask.request(ticket, by),)
            case Acted(act=Publish(topic=topic, text=text, retain=retain), ticket=ticket):
                return self, (PublishRaw(ticket, topic, text.encode(), retain),)
            case Acted(act=Replay() as act, ticket=ticket):
                found = self.capture.command(act.of, act.action)
                return self._sent(ticket, found, act.through, retain=act.retain)
            case Acted(act=Tamper() as act, ticket=ticket):
                found = self.capture.command(act.of, act.action)
                changed = None if found is None else tampered(found, act.field, act.value)
                return self._sent(ticket, changed, act.through)
            case Overheard():
                return self._heard(at, stimulus)
            case TimerFired(name=name):
                return self._fired(at, name)
            case _:
                return self, ()

    def _sent(
        self, ticket: str, message: Overheard | None, way: Way, *, retain: bool = False
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Send a forged command, and look out for what is decided about it."""
        if message is None:
            return self, (Settle(ticket, Answer("failed", "no such command was overheard")),)
        sender = message.device if way == "their_line" else self.name
        # A command that a broker kept, or one without an id, is decided about without it.
        attempt = Attempt(ticket, sender, command=None if retain else command_id(message))
        attempts = (*self.attempts, attempt)
        return replace(self, attempts=attempts), (copied(message, self.name, ticket, way, retain=retain),)

    def _heard(self, at: Moment, passing: Overheard) -> tuple[Self, tuple[Effect, ...]]:
        attempts, answers = settled(self.attempts, passing)
        capture = self.capture.after(passing)
        if capture is self.capture and attempts is self.attempts:
            return self, ()
        after = replace(self, attempts=attempts, capture=capture)
        if capture is self.capture or not self.relentless or len(capture.seen) > TURNED_MAX:
            return after, answers
        topic, found = command_of(passing), command_id(passing)
        assert topic is not None, "what is captured is a command"  # INVARIANT
        assert found is not None, "what is captured has an id"  # INVARIANT
        asked = Request(f"{self.name}-{len(capture.seen)}", topic.device, topic.words[1])
        blows = after._blows(at, passing)
        after = replace(after, under_way={**self.under_way, found: passing})
        return after, (*answers, asked, *blows, StartTimer(f"again {found}", AGAIN_AFTER_MS))

    def _fired(self, at: Moment, name: str) -> tuple[Self, tuple[Effect, ...]]:
        when, _, found = name.partition(" ")
        message = self.under_way.get(found)
        if message is None:
            return self, ()
        if when == "again":
            return self, (*self._blows(at, message), StartTimer(f"late {found}", LATE_AFTER_MS))
        rest = {one: passed for one, passed in self.under_way.items() if one != found}
        planted = copied(message, self.name, f"{self.name}-plant", "own_topic", retain=True)
        return replace(self, under_way=rest), (*self._blows(at, message), planted)

    def _blows(self, at: Moment, message: Overheard) -> tuple[Effect, ...]:
        """Return copies on every way, and copies that shall live longer where somebody would read them."""
        longer = tampered(message, "expires_ms", at.now_ms + 120_000)
        forged = [(message, way) for way in WAYS]
        if longer is not None:
            forged += [(longer, "own_topic"), (longer, "their_line")]
        return tuple(copied(one, self.name, f"{self.name}-copy", way) for one, way in forged)
