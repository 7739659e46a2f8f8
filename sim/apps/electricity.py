"""The electricity meter in a household appliance: what it draws now, and what it has used."""

from dataclasses import dataclass

from sim.core.device import Facet
from sim.core.units import KilowattHours, Watts

MS_W_PER_KWH = 3_600_000_000
"""Watt milliseconds in a kilowatt hour."""


class Meter(Facet):
    """What is drawn now, and all that was used since the appliance was made."""

    draw_w: Watts
    energy_kwh: KilowattHours


@dataclass(frozen=True, slots=True)
class ElectricityMeter:
    """A meter that is read whenever the power changes.

    Attributes:
        used_kwh: energy used up to `read_ms`.
        draw_w: power since then.
        read_ms: when it was read last; None before the first time.
    """

    used_kwh: float = 0.0
    draw_w: float = 0.0
    read_ms: int | None = None

    def read(self, now_ms: int, draw_w: float) -> "ElectricityMeter":
        """Return the meter after what was drawn up to now, W, was counted; `draw_w` is drawn from now on."""
        # A clock that is put back gives no energy back.
        since_ms = 0 if self.read_ms is None else max(0, now_ms - self.read_ms)
        return ElectricityMeter(self.used_kwh + self.draw_w * since_ms / MS_W_PER_KWH, draw_w, now_ms)

    def report(self) -> Meter:
        """Return the meter as readers see it: tenths of a watt, thousandths of a kilowatt hour."""
        return Meter(draw_w=round(self.draw_w, 1), energy_kwh=round(self.used_kwh, 3))
