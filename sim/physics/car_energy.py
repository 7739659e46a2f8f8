"""How far a car goes: the road's load, the heating and the cold pack, over a mix of town and country.

The mix is that of the US test cycles whose mean is 48 km/h: UDDS, 12.07 km at a mean of 31.5 km/h with 17
stops, and HWFET, 16.45 km at 77.7 km/h without one (40 CFR part 86, appendix I; part 600, appendix I).
Between its stops UDDS is driven at about 50 km/h and HWFET at 80 (assumptions: the speeds whose air drag is
about that of the cycle).
"""

from dataclasses import dataclass

from sim.core import vehicle
from sim.physics.battery import J_PER_KWH, Battery, Pack, pack_of
from sim.physics.cabin_climate import electricity_w
from sim.physics.cabin_heat import Cabin
from sim.physics.road_load import Body, body_of

CABIN_C = 21.0
"""How warm the cabin is kept on the way, °C (assumption: what people set)."""


@dataclass(frozen=True, slots=True)
class Going:
    """A part of the mix.

    Attributes:
        length_m: how long it is.
        mean_m_per_s: how fast one gets on.
        speed_m_per_s: how fast one drives between the stops.
        stops_per_km: how often one stops.
    """

    length_m: float
    mean_m_per_s: float
    speed_m_per_s: float
    stops_per_km: float


MIXED = (
    Going(12_070, 31.5 / 3.6, 52 / 3.6, 17 / 12.07),
    Going(16_450, 77.7 / 3.6, 82 / 3.6, 0.0),
)


@dataclass(frozen=True, slots=True)
class Car:
    """Everything of a model that energy depends on.

    Attributes:
        body: what driving takes.
        pack: the battery.
        cabin: the cabin with its windows shut and nobody in it.
        aired: the same with fresh air for people blown through it.
    """

    body: Body
    pack: Pack
    cabin: Cabin
    aired: Cabin

    def climate_w(self, outdoor_c: float, cabin_c: float = CABIN_C) -> float:
        """Return the power that keeps the cabin of a car with people in it at a temperature, W."""
        heat_w = self.aired.loss_w_per_k * (cabin_c - outdoor_c)
        heating_w, cooling_w = electricity_w(heat_w, outdoor_c)
        return heating_w + cooling_w

    def mixed_w(self, outdoor_c: float, cabin_c: float = CABIN_C) -> tuple[float, float]:
        """Return the mean power of mixed driving at the pack's terminals, W, and the mean speed, m/s."""
        length_m = sum(one.length_m for one in MIXED)
        takes_s = sum(one.length_m / one.mean_m_per_s for one in MIXED)
        drawn_j = sum(
            self.body.driving_w(one.speed_m_per_s, outdoor_c, stops_per_km=one.stops_per_km)
            * one.length_m
            / one.speed_m_per_s
            for one in MIXED
        )
        around_w = self.body.auxiliaries_w + self.climate_w(outdoor_c, cabin_c)
        return drawn_j / takes_s + around_w, length_m / takes_s

    def range_m(self, battery: Battery, outdoor_c: float, cabin_c: float = CABIN_C) -> float:
        """Return how far the car goes in mixed driving until its battery gives no more, metres.

        What the cells lose inside is counted at the warmth that they have now; as driving warms them a
        little, a cold pack goes a little farther than this.
        """
        drawn_w, speed_m_per_s = self.mixed_w(outdoor_c, cabin_c)
        left_percent = max(0.0, battery.percent - battery.reserved_percent)
        rate_per_h = drawn_w / (self.pack.capacity_kwh * 1000)
        lost = rate_per_h * self.pack.cells.lost_share_at_1c(50.0, battery.temperature_c)
        left_j = left_percent / 100 * self.pack.capacity_kwh * J_PER_KWH
        return left_j / (drawn_w * (1 + lost)) * speed_m_per_s


def car_of(model: vehicle.VehicleModel) -> Car:
    """Return what energy depends on in a model of a car."""
    cabin = Cabin()
    return Car(body_of(model), pack_of(model), cabin, cabin.aired(model.body.ventilation_w_per_k[0]))
