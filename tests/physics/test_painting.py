"""A frame as it is put together."""

from sim.physics.exposure import light_of
from sim.physics.interior import background
from sim.physics.painting import paint


def test_painting_leaves_the_kept_room_clean() -> None:
    """Drawing people and texts on a frame changes nothing in the room kept for the next one."""
    light = light_of(lamp_on=True, daylight=0.5)
    before = background("study", light).tobytes()

    paint(
        camera="cam",
        room="study",
        local_time="2026-01-12 17:40:00",
        light=(True, 0.5),
        people=("mia",),
        seed=1,
    )

    assert background("study", light).tobytes() == before
