"""A home camera: on request it takes a real JPEG of its room, for those who may see it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Self
from zlib import crc32

from sim.core import device as core
from sim.core.device import Answer, Asked, Commanded, Effect, Emit, Moment, Refers, Settle, Stimulus
from sim.physics.picture import Scene, render


class Snapshot(core.Command, group="CameraView", tier="anytime"):
    """Take a picture now."""


class SetConsent(core.Command, group="CameraConsent", tier="anytime"):
    """Let a person see the camera, or no longer."""

    person: str
    granted: bool


class CameraReport(core.Facet):
    """How many pictures it took, and who may not see them."""

    pictures: int
    withdrawn: list[str]


@dataclass(frozen=True)
class Camera(core.Device):
    """One camera.

    Attributes:
        pictures: how many it has taken since it was started.
        withdrawn: people whose consent was withdrawn, in that order.
    """

    class Config(core.Config):
        """Where it hangs."""

        home: Annotated[str, Refers("home")]
        room: str

    @dataclass(frozen=True, slots=True)
    class Circumstances(core.Circumstances):
        """Whether the asker is one of those who may see it."""

        consented: bool = False

    kind: ClassVar[str] = "camera"
    events: ClassVar = ("picture_taken",)
    commands: ClassVar = (Snapshot, SetConsent)
    facets: ClassVar = (CameraReport,)

    pictures: int = 0
    withdrawn: tuple[str, ...] = ()

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the camera; whose consent was withdrawn before a restart is still withdrawn."""
        return cls(name, withdrawn=given.get("withdrawn", ()))

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Take pictures, keep the consents."""
        match stimulus:
            case Commanded(command=Snapshot(), ticket=ticket):
                return self._snapshot(at, ticket)
            case Commanded(command=SetConsent(person=person, granted=granted), ticket=ticket):
                others = tuple(name for name in self.withdrawn if name != person)
                withdrawn = others if granted else (*others, person)
                return replace(self, withdrawn=withdrawn), (Settle(ticket, Answer("done")),)
            case _:
                return self, ()

    def kept(self) -> Mapping[str, Any]:
        """Remember the consents: to forget one would show what nobody may see."""
        return {"withdrawn": self.withdrawn}

    def report(self) -> tuple[core.Facet, ...]:
        """Report pictures and consents."""
        return (CameraReport(pictures=self.pictures, withdrawn=list(self.withdrawn)),)

    def circumstances(self, at: Moment, asked: Asked) -> Circumstances:
        """Tell the rules whether the asker's consent stands."""
        return self.Circumstances(consented=asked.by is not None and asked.by not in self.withdrawn)

    def _snapshot(self, at: Moment, ticket: str) -> tuple[Self, tuple[Effect, ...]]:
        view = at.senses.view()
        if view is None:
            return self, (Settle(ticket, Answer("failed", f"{self.name} sees no room")),)
        taken = at.senses.local_time()
        scene = Scene(
            camera=self.name,
            room=view.room,
            local_time=taken,
            lamp_on=view.lamp_on,
            daylight=view.daylight,
            people=view.people,
            seed=crc32(self.name.encode()) + self.pictures,
        )
        frame = {
            "camera": self.name,
            "taken": taken,
            "media_type": "image/jpeg",
            "jpeg_base64": base64.b64encode(render(scene)).decode(),
        }
        effects = (Settle(ticket, Answer("done", data=frame)), Emit("picture_taken", {"taken": taken}))
        return replace(self, pictures=self.pictures + 1), effects
