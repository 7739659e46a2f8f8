"""The vehicle file that a car names, held against what a car can be: its losses, and its own bands.

What a file says is checked number by number and curve by curve where it is read (`documents.vehicles`); what
follows from all of it together is calculated here, as it will be in a run.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from sim.core.bands import AnyBand, ChargingBand, ConsumptionBand, HeatingBand, PowerBand, RangeBand
from sim.core.errors import VehicleError
from sim.core.vehicle import VehicleModel
from sim.documents.curves import Flaw
from sim.documents.reading import Mistake, read_document
from sim.documents.vehicles import VEHICLE_FILE, read_vehicle
from sim.physics.battery import Pack, pack_of
from sim.physics.car_energy import car_of
from sim.physics.promises import measured

COLDEST_C, WARMEST_C = -40, 60
"""Between which temperatures batteries are, °C (assumption: as data sheets of cells allow them)."""
LOST_MOST: Final = 0.5
"""Which share of what is charged or drawn may at most be lost inside (a choice of ours: beyond it the current
is no longer the power over the open-circuit voltage, as the formula of the losses takes it)."""
DRAWN_PER_H: Final = 1.0
"""At which discharge that must hold, as power over energy, 1/h, from `LOW_PERCENT` on (assumption)."""
LOW_PERCENT: Final = 10
"""Below this charge a pack need not give so much."""


def read_car(file_name: str, text: str) -> VehicleModel:
    """Return the model that a file describes, as `documents.vehicles.read_vehicle` does.

    Raises:
        VehicleError: with its place, for the first thing that cannot be; also when the model leaves a band of
            its own file.
    """
    model = read_vehicle(file_name, text)
    flaw = next(flaws(model), None)
    if flaw is not None:
        place = read_document(file_name, text, VehicleError).at(flaw.path).place
        raise Mistake.WRONG_VALUE.of(VehicleError, flaw.sentence, place, flaw.help_text)
    return model


def flaws(model: VehicleModel) -> Iterator[Flaw]:
    """Yield what cannot be in a model, or is not as its own bands say."""
    yield from _losses(pack_of(model))
    car = car_of(model)
    for index, band in enumerate(model.bands):
        value, (least, most) = measured(car, band), band.bounds
        if not least <= value <= most:
            sentence = f"by this file the {band.measure} is {_shown(band, value)}, outside of its band"
            help_text = "correct the numbers it follows from, or the band"
            yield Flaw(("bands", index, "least" if value < least else "most"), sentence, help_text)


def _shown(band: AnyBand, value: float) -> str:
    """Return a figure of a band for people."""
    match band:
        case RangeBand():
            return f"{value / 1000:.0f} km"
        case ConsumptionBand():
            return f"{value:.1f} kWh/100km"
        case ChargingBand():
            return f"{value / 60_000:.1f} min"
        case HeatingBand() | PowerBand():
            return f"{value / 1000:.1f} kW"
        case _:  # `ShareBand`; there is no other
            return f"{value:.2f}"


def _losses(pack: Pack) -> Iterator[Flaw]:
    """Yield where more would be lost inside than a pack can lose, at the most power that its file permits."""
    for degree in range(COLDEST_C, WARMEST_C):
        for percent in range(100):
            most_w, loss_per_w, _ = pack.cell(percent, degree)
            drawn_w = DRAWN_PER_H * pack.capacity_kwh * 1000 if percent >= LOW_PERCENT else 0.0
            lost = loss_per_w * max(most_w, drawn_w)
            if lost > LOST_MOST:
                sentence = (
                    f"at {degree} °C and {percent} % these cells would lose {lost:.0%} of their power inside"
                )
                help_text = "lower `volts_at_1c`, `resistance_by_warmth` or `charge_rate`"
                yield Flaw(("cells", "volts_at_1c"), sentence, help_text)


CAR_FILE = replace(VEHICLE_FILE, check=read_car)
"""How a car names its model: `model: su7-base`."""
