"""How bright the day is, from the height of the sun.

Declination after Cooper: The absorption of radiation in solar stills, Solar Energy 12 (1969) 333-346;
height of the sun after Duffie, Beckman: Solar Engineering of Thermal Processes, 4th ed. 2013, eq. 1.6.5.
"""

from math import cos, radians, sin

_MINUTES_A_DAY = 1440
_NOON_MIN = 720


def daylight(local_time_minutes: float, day_of_year: int, latitude_deg: float) -> float:
    """Return the daylight from 0 (sun below the horizon) to 1 (sun overhead).

    It is the sine of the sun's height, the share of its beam that falls on level ground: 0.96 at a
    summer noon and 0.45 at a winter noon at 40° north. Assumptions: local time is taken for solar time
    (off by up to about two hours where zones are wide or clocks are put forward); a clear sky; no twilight.

    Args:
        local_time_minutes: minutes since local midnight.
        day_of_year: 1 for the first of January, to 366.
        latitude_deg: degrees, north positive, -90 to 90.
    """
    declination = radians(23.45) * sin(radians(360 * (284 + day_of_year) / 365))
    hour_angle = radians(360 * (local_time_minutes - _NOON_MIN) / _MINUTES_A_DAY)
    latitude = radians(latitude_deg)
    height_sine = sin(latitude) * sin(declination) + cos(latitude) * cos(declination) * cos(hour_angle)
    return min(max(height_sine, 0.0), 1.0)
