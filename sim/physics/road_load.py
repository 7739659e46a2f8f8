"""What the road asks of a car's battery: rolling, air, slopes and stops.

At the wheel F = m g sin(a) + c_rr m g cos(a) + rho c_d A v² / 2 (Guzzella and Sciarretta: Vehicle Propulsion
Systems, 3rd edition, Springer 2013, chapter 2). Rolling grows in the cold by a share for each kelvin below 25
°C (UN Regulation No. 117, annex 6, 6.2), and air is an ideal gas at 101,325 Pa (ISO 2533). Between wheel and
battery a share is lost, in both directions. A stop costs what speeding up takes beyond what slowing down
gives back: k m v²/2 (1/to_wheel - from_wheel), by the first law. Wind, snow and bends are left out.
"""

from dataclasses import dataclass
from math import atan, cos, sin

from sim.core import vehicle
from sim.physics.cells import KELVIN, WARM_C

GRAVITY = 9.80665
"""m/s² (ISO 80000-3)."""
AIR_J_PER_KG_K = 287.05
"""Gas constant of dry air (ISO 2533)."""
PRESSURE_PA = 101_325.0


def air_kg_per_m3(outdoor_c: float) -> float:
    """Return the density of dry air at sea level."""
    return PRESSURE_PA / (AIR_J_PER_KG_K * (outdoor_c + KELVIN))


@dataclass(frozen=True, slots=True)
class Body:
    """A car on a road.

    Attributes:
        mass_kg: m, with who is in it.
        rotating_mass: k, a factor.
        drag_m2: c_d A.
        rolling: c_rr at 25 °C.
        rolling_per_k: its share more for each kelvin below.
        to_wheel: from the battery to the wheel.
        from_wheel: from the wheel to the battery.
        auxiliaries_w: what its electronics draw while it drives.
    """

    mass_kg: float
    rotating_mass: float
    drag_m2: float
    rolling: float
    rolling_per_k: float
    to_wheel: float
    from_wheel: float
    auxiliaries_w: float

    def force_n(self, speed_m_per_s: float, outdoor_c: float, slope: float = 0.0) -> float:
        """Return the force at the wheels at a constant speed, N; below 0 where it must be held back.

        Args:
            speed_m_per_s: the speed.
            outdoor_c: temperature of air and tyres, °C.
            slope: metres up for each metre ahead.
        """
        weight_n, angle = self.mass_kg * GRAVITY, atan(slope)
        rolling = self.rolling * (1 + self.rolling_per_k * (WARM_C - outdoor_c))
        air_n = air_kg_per_m3(outdoor_c) * self.drag_m2 * speed_m_per_s**2 / 2
        return weight_n * (sin(angle) + rolling * cos(angle)) + air_n

    def driving_w(
        self, speed_m_per_s: float, outdoor_c: float, slope: float = 0.0, stops_per_km: float = 0.0
    ) -> float:
        """Return what driving draws from the battery, without auxiliaries, W; below 0 while it gains.

        Args:
            speed_m_per_s: the speed between the stops.
            outdoor_c: temperature of air and tyres, °C.
            slope: metres up for each metre ahead.
            stops_per_km: how often it brakes to a standstill and speeds up again.
        """
        force_n = self.force_n(speed_m_per_s, outdoor_c, slope)
        drawn_n = force_n / self.to_wheel if force_n > 0 else force_n * self.from_wheel
        swing_j = self.rotating_mass * self.mass_kg * speed_m_per_s**2 / 2
        stops_n = stops_per_km / 1000 * swing_j * (1 / self.to_wheel - self.from_wheel)
        return (drawn_n + stops_n) * speed_m_per_s


def body_of(model: vehicle.VehicleModel) -> Body:
    """Return the body of a model."""
    body = model.body
    return Body(
        mass_kg=body.mass_kg[0] + body.payload_kg[0],
        rotating_mass=body.rotating_mass[0],
        drag_m2=body.drag_coefficient[0] * body.frontal_area_m2[0],
        rolling=body.rolling_resistance[0],
        rolling_per_k=body.rolling_per_kelvin[0],
        to_wheel=body.to_wheel[0],
        from_wheel=body.from_wheel[0],
        auxiliaries_w=body.auxiliaries_w[0],
    )
