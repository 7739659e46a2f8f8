"""Steering in a lane: Stanley's law on a kinematic bicycle, through bends with clothoids.

δ = -ψ - arctan(k e / (k_soft + v)) with the errors of the front axle: Hoffmann, Tomlin, Montemerlo, Thrun:
Autonomous automobile trajectory tracking for off-road driving, American Control Conference 2007, 2296-2301.
Lateral acceleration stays at or below 3 m/s² and its rate at or below 5 m/s³ (UN Regulation No. 79, 5.6.2.1).
"""

from collections.abc import Sequence
from math import atan, cos, sin, tan
from typing import NamedTuple

GAIN_PER_S = 0.5
"""k. At motorway speed 1/s swings at the limit of the lateral acceleration, 0.5/s does not (measured with
this model)."""
SOFT_M_PER_S = 1.0
"""k_soft: keeps it calm at a crawl (assumption)."""
WHEELBASE_M = 3.0
"""Of a Xiaomi SU7: 3,000 mm (its data sheet)."""
STEERING_MOST_RAD = 0.6
"""How far the front wheels turn (assumption: 34°)."""
STEERING_RATE_RAD_PER_S = 0.35
"""How fast a steering motor turns them (assumption)."""
LAG_S = 0.15
"""Lag of first order of the steering (assumption)."""
LATERAL_MOST = 3.0
"""m/s²: UN R79, 5.6.2.1, for cars from 60 km/h."""
LATERAL_JERK_MOST = 5.0
"""m/s³, as there."""


class Bend(NamedTuple):
    """A bend: where it begins, how long it is, clothoids included, and its curvature, 1/m, left positive.

    A third of its length is its clothoid in, a third that out (assumption: with A between R/3 and R, as roads
    are laid out).
    """

    at_m: float
    length_m: float
    curvature: float

    def at(self, metres: float) -> float:
        """Return the curvature at a place, 1/m; 0 outside."""
        third_m = self.length_m / 3
        inside_m = min(metres - self.at_m, self.at_m + self.length_m - metres)
        return self.curvature * min(max(inside_m / third_m, 0.0), 1.0)


class Steered(NamedTuple):
    """How a car stands in its lane.

    Attributes:
        offset_m: of its rear axle from the middle of the lane, left positive.
        heading_rad: against the lane.
        steering_rad: of its front wheels.
        asked_rad: what the steering is asked for, and answers a step later.
    """

    offset_m: float = 0.0
    heading_rad: float = 0.0
    steering_rad: float = 0.0
    asked_rad: float = 0.0

    @property
    def calm(self) -> bool:
        """Whether it keeps the middle of a straight lane, to a centimetre."""
        return abs(self.offset_m) < 0.01 and abs(self.heading_rad) < 1e-4 and abs(self.steering_rad) < 1e-4


STRAIGHT = Steered()
"""A car in the middle of its lane."""


def curvature(bends: Sequence[Bend], metres: float) -> float:
    """Return the curvature of a way at a place, 1/m."""
    return sum(one.at(metres) for one in bends)


def steered(before: Steered, speed: float, here: float, step_s: float) -> Steered:
    """Return how the car stands after a step.

    Args:
        before: how it stands.
        speed: how fast it goes, m/s.
        here: curvature of the lane, 1/m.
        step_s: how long the step is, s.
    """
    offset, heading, steering, delayed = before
    front_m = offset + WHEELBASE_M * sin(heading) - 0.5 * here * WHEELBASE_M**2
    asked = -(heading - here * WHEELBASE_M) - atan(GAIN_PER_S * front_m / (SOFT_M_PER_S + speed))
    squared = max(speed, 1.0) ** 2
    most = min(STEERING_MOST_RAD, LATERAL_MOST * WHEELBASE_M / squared)
    asked = min(max(asked, -most), most)
    rate = min(STEERING_RATE_RAD_PER_S, LATERAL_JERK_MOST * WHEELBASE_M / squared) * step_s
    steering += min(max((delayed - steering) * min(1.0, step_s / LAG_S), -rate), rate)
    along_m = speed * cos(heading) / (1 - here * offset) * step_s
    offset += speed * sin(heading) * step_s
    heading += speed * tan(steering) / WHEELBASE_M * step_s - here * along_m
    return Steered(offset, heading, steering, asked)
