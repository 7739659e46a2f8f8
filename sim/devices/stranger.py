"""Somebody whom the household does not know: a broker account at most, and no enrolled key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from pydantic import Field

from sim.core import device as core
from sim.core.asking import Ask, AskDevice, LockCar, OpenBoot, RequestAction, SetClimate, UnlockCar
from sim.core.device import IN_HOMES, Acted, Effect, Moment, PublishRaw, Stimulus


class Publish(core.Act):
    """Put any text on any topic, as `mosquitto_pub` would."""

    topic: str = Field(min_length=1, max_length=256, pattern=r"^[^+#]+$")
    text: str = Field(default="", max_length=4_096)
    retain: bool = False


@dataclass(frozen=True)
class Stranger(core.Device):
    """One stranger, who signs with a key that nobody has enrolled."""

    kind: ClassVar[str] = "stranger"
    acts: ClassVar = (UnlockCar, LockCar, OpenBoot, SetClimate, RequestAction, AskDevice, Publish)
    asks: ClassVar = ("car", IN_HOMES)
    trusted: ClassVar[bool] = False

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the stranger."""
        return cls(name)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Try whatever the scenario says."""
        match stimulus:
            case Acted(act=Ask() as ask, ticket=ticket, by=by):
                return self, (ask.request(ticket, by),)
            case Acted(act=Publish(topic=topic, text=text, retain=retain), ticket=ticket):
                return self, (PublishRaw(ticket, topic, text.encode(), retain),)
            case _:
                return self, ()
