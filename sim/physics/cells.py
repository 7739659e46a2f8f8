"""What cells do in warmth and cold: voltage, resistance, usable energy, and how fast they may be charged.

Resistance follows Arrhenius, R(T) = R_25 exp(B (1/T - 1/298.15 K)) (Plett: Battery Management Systems, volume
1, Artech House 2015, chapter 2, for the equivalent circuit; B from the vehicle file). In terms of a whole
pack only resistance times charge counts: a power of c times the energy per hour makes the voltage sink by c
times the volts at 1C. Everything else is tables, straight between their points and level beyond their ends.
"""

from bisect import bisect_right
from dataclasses import dataclass
from math import exp, inf

from sim.core import vehicle

KELVIN = 273.15
WARM_C = 25.0
"""Where capacity and resistance of cells are told."""

Curve = tuple[tuple[float, float], ...]


def on_curve(curve: Curve, where: float) -> float:
    """Return the value of a curve that is straight between its points and level beyond them."""
    after = bisect_right(curve, where, key=lambda point: point[0])
    if after in {0, len(curve)}:
        return curve[0 if after == 0 else -1][1]
    (before_x, before_y), (after_x, after_y) = curve[after - 1], curve[after]
    return before_y + (after_y - before_y) * (where - before_x) / (after_x - before_x)


@dataclass(frozen=True, slots=True)
class Cells:
    """A chemistry.

    Attributes:
        nominal_v: voltage that energy is told at, V.
        volts_at_1c: resistance times charge at 25 °C, V.
        arrhenius_k: B, K.
        open_circuit_v: volts over percent.
        usable: share of the energy over °C.
        rate_per_h: most charge rate over °C, 1/h; beyond its last point there is no limit.
    """

    nominal_v: float
    volts_at_1c: float
    arrhenius_k: float
    open_circuit_v: Curve
    usable: Curve
    rate_per_h: Curve

    @classmethod
    def of(cls, model: vehicle.VehicleModel) -> "Cells":
        """Return the cells of a model."""
        cells = model.cells
        return cls(
            nominal_v=cells.nominal_v[0],
            volts_at_1c=cells.volts_at_1c_v[0],
            arrhenius_k=cells.resistance_by_warmth_k[0],
            open_circuit_v=cells.open_circuit.points,
            usable=cells.usable.points,
            rate_per_h=cells.charge_rate.points,
        )

    def resistance(self, cells_c: float) -> float:
        """Return the resistance at a temperature as a multiple of that at 25 °C."""
        return exp(self.arrhenius_k * (1 / (cells_c + KELVIN) - 1 / (WARM_C + KELVIN)))

    def reserved_percent(self, cells_c: float) -> float:
        """Return how much of the charge the cold withholds, percent; it comes back with warmth."""
        return 100 * (1 - on_curve(self.usable, cells_c))

    def most_per_h(self, cells_c: float) -> float:
        """Return how fast cells of a temperature may be charged, as power over energy, 1/h."""
        return inf if cells_c >= self.rate_per_h[-1][0] else on_curve(self.rate_per_h, cells_c)

    def lost_share_at_1c(self, percent: float, cells_c: float) -> float:
        """Return which share of a power of 1C at the terminals is lost inside; it grows with the rate.

        I = P / U and the loss is I² R: with c = P / E the share is c (R Q) U_nominal / U².
        """
        volts = on_curve(self.open_circuit_v, percent)
        return self.volts_at_1c * self.resistance(cells_c) * self.nominal_v / volts**2
