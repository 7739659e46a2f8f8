"""Light as the camera takes it in."""

import pytest

from sim.physics.exposure import DAYLIGHT_LEVELS, light_of
from sim.physics.interior import HEIGHT, WIDTH, background


@pytest.mark.parametrize(
    ("daylight", "level"), [(0, 0), (0.0004, 0), (0.01, 2), (0.25, 12), (1, 24), (1.5, 24), (-1, 0)]
)
def test_light_opens_up_in_the_dark(daylight: float, level: int) -> None:
    """The level follows the square root of daylight, within its bounds."""
    assert light_of(lamp_on=False, daylight=daylight).level == level <= DAYLIGHT_LEVELS


def test_infrared_needs_darkness() -> None:
    """Infrared light is used only when there is neither lamp nor day."""
    assert light_of(lamp_on=False, daylight=0).infrared
    assert not light_of(lamp_on=True, daylight=0).infrared
    assert not light_of(lamp_on=False, daylight=0.1).infrared


def test_background_is_drawn_once() -> None:
    """The same room in the same light is the same picture, not another drawing of it."""
    light = light_of(lamp_on=True, daylight=0.3)

    assert background("living", light) is background("living", light)
    assert background("living", light).size == (WIDTH, HEIGHT)
