"""How a home camera takes in the light of its room: in colours, or in the greys of its own infrared light.

A camera for day and night has a filter before its sensor that keeps infrared light out by day. When it gets
too dark it swings the filter away and switches infrared LEDs on: people see nothing of them, and the picture
has no colours. How dark that is differs from model to model; here it is less than a step of brightness
(assumption).
"""

from dataclasses import dataclass

DAYLIGHT_LEVELS = 24
"""How many brightnesses of the day are told apart, so that few backgrounds are drawn and kept."""


@dataclass(frozen=True, slots=True)
class Light:
    """What lights a room, coarse enough to be a key.

    Attributes:
        lamp_on: whether the lamp is lit.
        level: daylight in steps of brightness as the camera shows it, 0 to `DAYLIGHT_LEVELS`.
    """

    lamp_on: bool
    level: int

    @property
    def infrared(self) -> bool:
        """Whether it is so dark that the camera turns to its own infrared light and sees no colours."""
        return not self.lamp_on and self.level == 0

    @property
    def day(self) -> float:
        """Daylight as the camera shows it, 0 to 1."""
        return self.level / DAYLIGHT_LEVELS


def light_of(*, lamp_on: bool, daylight: float) -> Light:
    """Return the light for a lamp and a daylight of 0 to 1.

    The square root stands for the camera's exposure, which opens up as it gets darker (an assumption,
    as is every other number of the picture: it only has to look right).
    """
    return Light(lamp_on, round(DAYLIGHT_LEVELS * min(max(daylight, 0.0), 1.0) ** 0.5))
