"""What a model of a car does where its file has a band: the figure that has to lie within.

Mixed driving is that of `car_energy`, with the cabin at 22 °C; it is charged with the pack's heater on where
there is one and the cold is in the way.
"""

from dataclasses import replace
from typing import Final

from sim.core.bands import (
    AnyBand,
    ChargingBand,
    ConsumptionBand,
    HeatingBand,
    PowerBand,
    RangeBand,
    ShareBand,
)
from sim.physics.battery import J_PER_KWH, Battery
from sim.physics.car_energy import Car

CABIN_C: Final = 22.0
"""How warm the cabin is kept where others measured ranges, °C (Autohome, AAA: 22 to 24 °C)."""
MILD_C: Final = 23.0
"""Where ranges are compared with, °C (the test cell of CLTC, GB/T 38146.1, and of WLTP)."""
LONGEST_MS: Final = 30 * 86_400_000
"""How far ahead is looked; nothing that drives or charges takes longer."""


def driven_m(car: Car, outdoor_c: float, pack_c: float) -> float:
    """Return how far a full battery goes in mixed driving until it gives no more, metres."""
    drawn_w, speed_m_per_s = car.mixed_w(outdoor_c, CABIN_C)
    full = Battery(100, pack_c, car.pack, load_w=drawn_w, outdoor_c=outdoor_c)
    empty_ms = full.sinks_ms(0.0, LONGEST_MS)
    assert empty_ms is not None, "a drive that never ends"  # INVARIANT: mixed driving draws something
    return speed_m_per_s * empty_ms / 1000


def charged_ms(car: Car, band: ChargingBand | PowerBand) -> int | None:
    """Return how long charging between two charges takes; None where it never gets there."""
    pack = car.pack
    heated = pack.too_cold(band.from_percent, band.pack_c, pack.given_w(band.power_w))
    battery = Battery(
        band.from_percent,
        band.pack_c,
        pack,
        cable_w=band.power_w,
        charging=True,
        outdoor_c=band.outdoor_c,
    )
    return replace(battery, heater_w=pack.heater_w if heated else 0.0).reaches_ms(band.to_percent)


def measured(car: Car, band: AnyBand) -> float:
    """Return what a model does where a band is told, in the unit of the band's bounds."""
    match band:
        case RangeBand():
            return driven_m(car, band.outdoor_c, band.pack_c)
        case ShareBand():
            return driven_m(car, band.outdoor_c, band.pack_c) / driven_m(car, MILD_C, MILD_C)
        case ConsumptionBand():
            speed_m_per_s = band.speed_kmh / 3.6
            drawn_w = car.body.driving_w(speed_m_per_s, band.outdoor_c) + car.body.auxiliaries_w
            return drawn_w / speed_m_per_s * 100_000 / J_PER_KWH
        case HeatingBand():
            return car.climate_w(band.outdoor_c, band.cabin_c)
        case ChargingBand():
            takes_ms = charged_ms(car, band)
            return LONGEST_MS if takes_ms is None else takes_ms
        case _:  # `PowerBand`; there is no other
            takes_ms = charged_ms(car, band) or LONGEST_MS
            stored_j = (band.to_percent - band.from_percent) / car.pack.percent_per_j
            return stored_j / takes_ms * 1000
