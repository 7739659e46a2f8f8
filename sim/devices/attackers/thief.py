"""Somebody who takes a key away and presses its buttons."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Literal, Self

from sim.core import device as core
from sim.core.asking import LockCar, OpenBoot, StartCar, UnlockCar
from sim.core.device import (
    Acted,
    Answer,
    Effect,
    Moment,
    Overheard,
    Press,
    Refers,
    Settle,
    Stimulus,
    Take,
)
from sim.devices.attackers.attempts import Attempt, Attempts, settled

BUTTONS = {"unlock": UnlockCar, "open_boot": OpenBoot, "start": StartCar, "lock": LockCar}


class TakeAway(core.Act, verb="take"):
    """Take a portable device from whoever has it, and stand beside something with it."""

    device: Annotated[str, Refers("device")]
    to: Annotated[str, Refers("place")]


class PressButton(core.Act, verb="press"):
    """Press a button of a device that was taken."""

    device: Annotated[str, Refers("device")]
    car: Annotated[str, Refers("device", "car")]
    button: Literal["unlock", "open_boot", "start", "lock"] = "unlock"


@dataclass(frozen=True)
class Thief(core.Device):
    """One thief: no account, no key, but hands; he sees what becomes of what he presses.

    Attributes:
        taken: what he has taken.
        attempts: buttons whose outcome is not known yet.
    """

    kind: ClassVar[str] = "thief"
    acts: ClassVar = (TakeAway, PressButton)
    trusted: ClassVar[bool] = False
    overhears: ClassVar[bool] = True

    taken: frozenset[str] = frozenset()
    attempts: Attempts = ()

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the thief, with empty hands."""
        return cls(name)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Take, press, and see."""
        match stimulus:
            case Acted(act=TakeAway(device=device, to=to), ticket=ticket):
                return replace(self, taken=self.taken | {device}), (
                    Take(device, to),
                    Settle(ticket, Answer("done")),
                )
            case Acted(act=PressButton(device=device), ticket=ticket) if device not in self.taken:
                sentence = f"{self.name} does not have {device}"
                return self, (Settle(ticket, Answer("failed", sentence)),)
            case Acted(act=PressButton(device=device, car=car, button=button), ticket=ticket):
                attempt = Attempt(ticket, device, car, button)
                pressed = Press(ticket, device, BUTTONS[button](car=car))
                return replace(self, attempts=(*self.attempts, attempt)), (pressed,)
            case Overheard():
                attempts, answers = settled(self.attempts, stimulus)
                return (replace(self, attempts=attempts) if answers else self), answers
            case _:
                return self, ()
