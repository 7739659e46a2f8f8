"""What a home camera sees: a real JPEG, lit by the lamp and the sky alone, so that it can prove them."""

from dataclasses import dataclass
from importlib.util import find_spec

from sim.core.errors import MissingPartError
from sim.physics.exposure import light_of


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a frame depends on; equal scenes give equal bytes.

    Attributes:
        camera: the camera's name, burnt into the picture.
        room: the room it looks into, burnt in too; rooms differ in their colours.
        local_time: date and time at the home, burnt in, as `2026-01-12 17:40:00`.
        lamp_on: whether the room's lamp is lit.
        daylight: from 0 (night) to 1 (sun overhead).
        people: who stands in the room, in the order of the household; the first five are drawn.
        seed: chooses the sensor noise.
    """

    camera: str
    room: str
    local_time: str
    lamp_on: bool
    daylight: float
    people: tuple[str, ...]
    seed: int


def infrared(*, lamp_on: bool, daylight: float) -> bool:
    """Say whether a camera sees a room by its own infrared light only, and therefore in greys."""
    return light_of(lamp_on=lamp_on, daylight=daylight).infrared


def render(scene: Scene) -> bytes:
    """Return the frame as JPEG: 320 by 180 pixels, quality 70, at most 24 KiB, marked SIMULATED.

    Raises:
        MissingPartError: Pillow is not installed.
    """
    if find_spec("PIL") is None:
        sentence = "a camera needs the library `pillow` to draw its frames"
        raise MissingPartError(sentence, help_text='install it with: pip install "carhome[camera]"')
    from sim.physics.painting import paint  # noqa: PLC0415  # needs Pillow, and 40 ms of start-up

    return paint(
        camera=scene.camera,
        room=scene.room,
        local_time=scene.local_time,
        light=(scene.lamp_on, scene.daylight),
        people=scene.people,
        seed=scene.seed,
    )
