"""What a car does with the last of its charge: it warns, gives less power, and rolls to a stop.

Makers tell that power is reduced near empty, but not by how much or from where on, so the three steps are
assumptions: a warning at `LOW_PERCENT`, from `LIMITED_PERCENT` on no more than `LIMITED_PER_H` of the energy
for each hour, and an end while just so much is left as rolling to a standstill takes. What rolls is slowed by
the road's force F over k m (Guzzella and Sciarretta: Vehicle Propulsion Systems, 3rd edition, Springer 2013,
chapter 2). The books hold no kinetic energy: speeding up was not drawn when the drive began, so the work of
the road is drawn from the battery also while the car rolls, and the last of the charge pays for it.
"""

from functools import lru_cache
from math import sqrt
from typing import Final, Literal

from sim.physics.battery import J_PER_KWH, Battery
from sim.physics.car_energy import Car
from sim.physics.road_load import Body

LOW_PERCENT: Final = 10.0
"""At how much that the car can still use it warns (assumption)."""
LIMITED_PERCENT: Final = 2.0
"""At how much that it can still use its power is limited (assumption)."""
LIMITED_PER_H: Final = 0.1
"""Which share of its energy for each hour it gives then to wheels and auxiliaries (assumption)."""
CRAWL_M_PER_S: Final = 2.0
"""How fast it is at least while it still drives (assumption: somebody who pushes it is no slower)."""
FAST_M_PER_S: Final = 70.0
"""The most that is looked at: 250 km/h, as fast as a story drives."""
BRAKES_M_PER_S2: Final = 0.3
"""How much a driver who rolls to a stop brakes where it goes down (assumption: gently)."""

DrivePower = Literal["full", "limited", "none"]
"""What the motors get."""


@lru_cache(maxsize=256)
def limited_m_per_s(body: Body, capacity_kwh: float, outdoor_c: float, slope: float = 0.0) -> float:
    """Return how fast a car goes with the power that it gives near empty, m/s, `CRAWL_M_PER_S` or more.

    Downhill it goes no faster than on the flat.

    Args:
        body: the car.
        capacity_kwh: energy of its battery.
        outdoor_c: temperature of air and tyres, °C.
        slope: metres up for each metre ahead.
    """
    most_w = LIMITED_PER_H * capacity_kwh * 1000 - body.auxiliaries_w
    slowest, fastest = CRAWL_M_PER_S, FAST_M_PER_S
    while fastest - slowest > 1e-6:
        middle = (slowest + fastest) / 2
        drawn_w = body.driving_w(middle, outdoor_c, max(slope, 0.0))
        slowest, fastest = (middle, fastest) if drawn_w <= most_w else (slowest, middle)
    return slowest


def rolling_m_per_s2(body: Body, speed_m_per_s: float, outdoor_c: float, slope: float = 0.0) -> float:
    """Return the constant deceleration from a speed by which the road takes what the motion holds, m/s².

    Over a constant deceleration the mean of v² along the way is half of its first value.
    """
    force_n = body.force_n(speed_m_per_s / sqrt(2), outdoor_c, slope)
    return max(force_n / (body.rotating_mass * body.mass_kg), BRAKES_M_PER_S2 if slope < 0 else 0.0)


def cut_off_percent(car: Car, outdoor_c: float, comfort_w: float) -> float:
    """Return at how much of usable charge the motors get nothing more: what rolling to a stop takes, percent.

    Args:
        car: the model.
        outdoor_c: temperature of air and tyres, °C.
        comfort_w: what heating, cooling and seats draw, W.
    """
    body = car.body
    speed = limited_m_per_s(body, car.pack.capacity_kwh, outdoor_c)
    takes_s = speed / rolling_m_per_s2(body, speed, outdoor_c)
    moving_j = body.rotating_mass * body.mass_kg * speed**2 / 2 / body.to_wheel
    around_j = (body.auxiliaries_w + comfort_w) * takes_s
    lost = 1 + LIMITED_PER_H * car.pack.cells.lost_share_at_1c(0.0, min(outdoor_c, 0.0))
    return (moving_j + around_j) * lost / (car.pack.capacity_kwh * J_PER_KWH) * 100


def drive_power(car: Car, battery: Battery, outdoor_c: float, comfort_w: float) -> DrivePower:
    """Return what the motors of a car get with what is left in its battery."""
    left = battery.left_percent
    if left > max(LIMITED_PERCENT, cut_off_percent(car, outdoor_c, comfort_w)):
        return "full"
    return "limited" if left > cut_off_percent(car, outdoor_c, comfort_w) else "none"


def turns_at_percent(car: Car, battery: Battery, outdoor_c: float, comfort_w: float) -> float | None:
    """Return at how much of usable charge the motors next get less, percent; None when they get nothing."""
    cut_off = cut_off_percent(car, outdoor_c, comfort_w)
    levels = {"full": max(LIMITED_PERCENT, cut_off), "limited": cut_off, "none": None}
    return levels[drive_power(car, battery, outdoor_c, comfort_w)]
