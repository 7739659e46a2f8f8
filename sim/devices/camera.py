"""A home camera: on request it takes a real JPEG of its room, for those who may see it.

A picture goes to whoever asked and nowhere else; what the camera tells everybody is that it took one, and
that something moves in its room. A shutter before the lens ends both. Anybody of the household closes it,
over the network or with a finger; over the network only the owner opens it.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Literal, Self
from zlib import crc32

from sim.core import device as core
from sim.core.device import (
    Actuate,
    Answer,
    Asked,
    Booted,
    Commanded,
    Effect,
    Emit,
    Moment,
    Refers,
    Sensed,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.physics.picture import Scene, infrared, render

SHUTTER_MOTOR_MS = 300
"""How long the motor of the shutter runs (assumption)."""
SHUTTER_GIVES_UP_MS = 1_000
"""How long the camera waits for it (assumption)."""

Shutter = Literal["open", "closed"]


class Snapshot(
    core.Command,
    group="CameraView",
    tier="anytime",
    returns={"jpeg_base64": core.Carries("camera_frame")},
):
    """Take a picture now."""


class SetConsent(core.Command, group="CameraConsent", tier="anytime"):
    """Let a person see the camera, or no longer."""

    person: str
    granted: bool


class CloseShutter(core.Command, group="HomeControl", tier="anytime"):
    """Cover the lens."""


class OpenShutter(core.Command, group="CameraConsent", tier="anytime"):
    """Uncover the lens."""


class CameraReport(core.Facet):
    """How many pictures it took, who may not see them, and whether the last was one by infrared light."""

    pictures: int
    withdrawn: list[str]
    infrared: bool | None


class Motion(core.Facet):
    """How often it has seen something move since it was started, and when that was last."""

    motions: int
    last_motion: Annotated[str | None, core.Carries("presence")]


class Lens(core.Facet):
    """Whether the lens is covered, as the camera feels it; null while it does not."""

    shutter: Shutter | None


@dataclass(frozen=True)
class Camera(core.Device):
    """One camera.

    Attributes:
        pictures: how many it has taken since it was started.
        withdrawn: people whose consent was withdrawn, in that order.
        infrared: whether the last one was taken by infrared light; None before the first.
        shutter: what it last felt of its shutter.
        movements: how many movements in its room it had seen, or was kept from seeing; None before it looked.
        motions: how many of them it has told.
        last_motion: when the last of these was, on the clock of the home.
        moving_shutter: commands that wait for the shutter, each with where it is to be, oldest first.
    """

    class Config(core.Config):
        """Where it hangs."""

        home: Annotated[str, Refers("home")]
        room: str

    @dataclass(frozen=True, slots=True)
    class Circumstances(core.Circumstances):
        """Whether the asker is one of those who may see it."""

        consented: bool = False

    @dataclass(frozen=True, slots=True)
    class Physical(core.Physical):
        """The shutter before the lens; without power it stays where it is."""

        shutter: Shutter = "open"

    kind: ClassVar[str] = "camera"
    events: ClassVar = ("picture_taken", "motion_seen")
    tells: ClassVar = {"motion_seen": {"seen": core.Carries("presence")}}
    commands: ClassVar = (Snapshot, SetConsent, CloseShutter, OpenShutter)
    facets: ClassVar = (CameraReport, Motion, Lens)

    pictures: int = 0
    withdrawn: tuple[str, ...] = ()
    infrared: bool | None = None
    shutter: Shutter | None = None
    movements: int | None = None
    motions: int = 0
    last_motion: str | None = None
    moving_shutter: tuple[tuple[str, Shutter], ...] = ()

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the camera; whose consent was withdrawn before a restart is still withdrawn."""
        return cls(name, withdrawn=given.get("withdrawn", ()))

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Take pictures, keep the consents, watch the room, move the shutter."""
        match stimulus:
            case Booted() | Sensed():
                return self._looked(at)
            case Commanded(command=CloseShutter(), ticket=ticket):
                return self._move_shutter(at, ticket, "closed")
            case Commanded(command=OpenShutter(), ticket=ticket):
                return self._move_shutter(at, ticket, "open")
            case TimerFired(name="shutter"):
                stuck = Answer("failed", f"the shutter of {self.name} is stuck")
                settled = tuple(Settle(ticket, stuck) for ticket, _ in self.moving_shutter)
                return replace(self, moving_shutter=()), settled
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
        pictures = CameraReport(
            pictures=self.pictures, withdrawn=list(self.withdrawn), infrared=self.infrared
        )
        motion = Motion(motions=self.motions, last_motion=self.last_motion)
        return (pictures, motion, Lens(shutter=self.shutter))

    def circumstances(self, at: Moment, asked: Asked) -> Circumstances:
        """Tell the rules whether the asker's consent stands."""
        return self.Circumstances(consented=asked.by is not None and asked.by not in self.withdrawn)

    def _looked(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Look at the shutter, and through it."""
        shutter = at.senses.own("shutter")
        done = tuple(Settle(one, Answer("done")) for one, wanted in self.moving_shutter if wanted == shutter)
        waiting = tuple(one for one in self.moving_shutter if one[1] != shutter)
        view = at.senses.view()
        movements = 0 if view is None else view.movements
        seen = replace(self, shutter=shutter, movements=movements, moving_shutter=waiting)
        stirred = self.movements is not None and movements != self.movements
        # What happened while the lens was covered is not told when it is uncovered.
        if stirred and self.shutter == shutter == "open":
            now = at.senses.local_time()
            told = replace(seen, motions=self.motions + 1, last_motion=now)
            return told, (*done, Emit("motion_seen", {"seen": now}))
        return seen, done

    def _move_shutter(self, at: Moment, ticket: str, wanted: Shutter) -> tuple[Self, tuple[Effect, ...]]:
        """Run the motor; the answer comes when the shutter is there."""
        if at.senses.own("shutter") == wanted and not self.moving_shutter:
            return self, (Settle(ticket, Answer("done")),)
        effects = (Actuate({"shutter": wanted}, SHUTTER_MOTOR_MS), StartTimer("shutter", SHUTTER_GIVES_UP_MS))
        return replace(self, moving_shutter=(*self.moving_shutter, (ticket, wanted))), effects

    def _snapshot(self, at: Moment, ticket: str) -> tuple[Self, tuple[Effect, ...]]:
        shutter = at.senses.own("shutter")
        if shutter != "open":
            sentence = f"{self.name} does not know whether its shutter is open"
            if shutter == "closed":
                sentence = f"the shutter of {self.name} is closed"
            return self, (Settle(ticket, Answer("failed", sentence)),)
        view = at.senses.view()
        if view is None:
            return self, (Settle(ticket, Answer("failed", f"{self.name} sees no room")),)
        taken = at.senses.local_time()
        in_greys = infrared(lamp_on=view.lamp_on, daylight=view.daylight)
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
        return replace(self, pictures=self.pictures + 1, infrared=in_greys), effects
