"""How far a car's sensors see, by light, rain and fog, and how fast it may go for what it sees.

Fog weakens a laser's light on both of its ways: R · exp(βR) = R0, the lidar equation with the same
reflectivity, where β = ln 20 / visibility (Koschmieder 1924 with the contrast threshold of 5 % of the
meteorological optical range, WMO-No. 8). A visibility of 40 m leaves 27 m of lidar.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import exp, inf, log, sqrt

LIDAR_M = 200.0
"""Range of a lidar on something dark (10 % reflectivity) in clear air: Hesai AT128, 200 m."""
CAMERA_BY_DAY_M = 150.0
"""At which distance a camera tells by day that something stands on the road (assumption)."""
CAMERA_LIT_M = 120.0
"""The same in the dark, of what has lights of its own (assumption)."""
CAMERA_UNLIT_M = 60.0
"""The same in the dark, of what has none (assumption; low beams light unlit things up to 91 to 137 m: AAA,
headlight research of 2015)."""
LIDAR_RAIN_LOSS = 0.01
"""Share of its range a lidar loses with every mm/h: Virginia Tech Transportation Institute, Sensor and system
response to rainfall rate."""
CAMERA_RAIN_LOSS = 0.015
"""The same for cameras: 60 % at 40 mm/h, as there."""
CAMERA_FOG_SHARE = 0.5
"""Which share of the visibility a camera sees: it needs a contrast of about 0.2 where Koschmieder's eye needs
0.05, ln 5 / ln 20 = 0.54 (assumption, rounded down)."""

STANDS_WITH_M_PER_S2 = 3.0
"""With which deceleration a car is to come to a stand within its sight: below what the ACC may brake at any
speed, and below what a wet road gives (assumption)."""
STANDS_AFTER_S = 1.5
"""How long after it sees something (assumption): with it 120 m of sight allow 80 km/h, as reported of the
Chinese standard for combined driver assistance, in force 2027."""
STANDS_BEFORE_M = 5.0
"""How far before it (assumption)."""


@dataclass(frozen=True, slots=True)
class Air:
    """What lies between a sensor and what it is to see.

    Attributes:
        dark: whether the sun is down.
        rain_mm_per_h: how hard it rains, mm/h, 0 or more.
        visibility_m: meteorological optical range, metres; None in clear air.
    """

    dark: bool = False
    rain_mm_per_h: float = 0.0
    visibility_m: float | None = None

    @property
    def most_braking_m_per_s2(self) -> float:
        """The hardest a car can brake on this road, m/s².

        8.0 dry, 6.5 wet, 5.5 from 20 mm/h on (assumption: within friction coefficients of 0.8 and 0.55 to
        0.65 of dry and wet asphalt).
        """
        if self.rain_mm_per_h <= 0:
            return 8.0
        return 6.5 if self.rain_mm_per_h < 20 else 5.5


@dataclass(frozen=True, slots=True)
class Sensors:
    """Which sensors of a car work."""

    lidar: bool = True
    camera: bool = True


@lru_cache(maxsize=256)
def lidar_m(air: Air) -> float:
    """Return how far a lidar sees something dark, metres; darkness changes nothing."""
    clear_m = LIDAR_M * max(0.0, 1 - LIDAR_RAIN_LOSS * air.rain_mm_per_h)
    if air.visibility_m is None:
        return clear_m
    beta = log(20.0) / air.visibility_m
    low, high = 0.0, clear_m
    for _ in range(40):  # 200 m halved forty times is less than a nanometre
        middle = (low + high) / 2
        if middle * exp(beta * middle) < clear_m:
            low = middle
        else:
            high = middle
    return low


@lru_cache(maxsize=256)
def camera_m(air: Air, *, lit: bool) -> float:
    """Return how far a camera sees something, metres; what is `lit` has lights of its own."""
    in_the_dark = CAMERA_LIT_M if lit else CAMERA_UNLIT_M
    reach_m = in_the_dark if air.dark else CAMERA_BY_DAY_M
    reach_m *= max(0.0, 1 - CAMERA_RAIN_LOSS * air.rain_mm_per_h)
    return min(reach_m, inf if air.visibility_m is None else CAMERA_FOG_SHARE * air.visibility_m)


def sight_m(sensors: Sensors, air: Air, *, lit: bool = False) -> float:
    """Return how far the better of the working sensors sees, metres; 0 when none works."""
    return max(
        lidar_m(air) if sensors.lidar else 0.0,
        camera_m(air, lit=lit) if sensors.camera else 0.0,
    )


def speed_for_sight(reach_m: float) -> float:
    """Return the highest speed, m/s, from which a car stands within its sight, `STANDS_BEFORE_M` to spare.

    v · t + v² / 2b = reach, solved for v.
    """
    braking, after = STANDS_WITH_M_PER_S2, STANDS_AFTER_S
    left_m = max(reach_m - STANDS_BEFORE_M, 0.0)
    return sqrt((braking * after) ** 2 + 2 * braking * left_m) - braking * after
