"""A car's battery between two events: its charge and its warmth, as functions of the time.

Charge is energy counted in percent of the capacity: d(soc)/dt = 100 P / E, with P the power into the pack.
What a charger gives beyond the car's own loads goes in, but never more than the pack takes: a constant power
up to a knee, and from there a power that falls in a straight line with the charge, the envelope of
constant-current, constant-voltage charging (Marra, Yang, Træholt, Larsen, Rasmussen, You: Demand profile
study of battery electric vehicle under different charging options, IEEE PES General Meeting 2012). A straight
line makes the charge approach its end exponentially, so every phase has a closed solution.

The warmth is one lump: C dT/dt = f |P| - H (T - T_out), where a share f of the power is lost inside the pack.
The scope has no ageing, no cold cells and no cooling circuit.
"""

from bisect import bisect_left
from dataclasses import dataclass, replace
from math import exp, expm1, inf, log

HORIZON_MS = 30 * 86_400_000
"""How far ahead a charge is looked for: 30 days, more than any charger takes (a choice of ours)."""
J_PER_KWH = 3_600_000


@dataclass(frozen=True, slots=True)
class Pack:
    """What a battery can do; one record, so that a car of another make brings its own.

    Attributes:
        capacity_kwh: E, usable energy of the full pack, above 0.
        charge_w_max: power it takes below the knee, W (assumption for a 400 V saloon).
        charge_w_full: power it takes just before it is full, W, above 0 and below `charge_w_max`
            (assumption).
        knee_percent: from which charge on it takes less, below 100 (assumption).
        efficiency: of what the cable brings, the share that gets to pack and loads (assumption; what is lost
            is measured in Influence of charging losses on energy consumption and CO2 emissions of
            battery-electric vehicles, Vehicles 3 (2021) 736-748).
        loss_share: f, share of the power through the pack that warms it (assumption).
        heat_j_per_k: C, about 450 kg of cells at 1 kJ/(kg K) (Maleki et al.: Thermal properties of
            lithium-ion battery and components, Journal of The Electrochemical Society 146 (1999) 947).
        heat_loss_w_per_k: H, to outdoors (assumption).
    """

    capacity_kwh: float = 73.6
    charge_w_max: float = 140_000.0
    charge_w_full: float = 3_000.0
    knee_percent: float = 60.0
    efficiency: float = 0.88
    loss_share: float = 0.03
    heat_j_per_k: float = 450_000.0
    heat_loss_w_per_k: float = 8.0

    @property
    def slope_w(self) -> float:
        """By how much the power that it takes falls for each percent above the knee, W."""
        return (self.charge_w_max - self.charge_w_full) / (100 - self.knee_percent)

    @property
    def percent_per_j(self) -> float:
        """By how much a joule raises the charge."""
        return 100 / (self.capacity_kwh * J_PER_KWH)

    def knee_of(self, power_w: float) -> float:
        """Return from which charge on the pack takes no more than a power: `takes_w`, turned round."""
        return min(100.0, 100 - (min(power_w, self.charge_w_max) - self.charge_w_full) / self.slope_w)

    def takes_w(self, percent: float) -> float:
        """Return the most power that the pack takes at a charge, W; nothing once it is full."""
        if percent >= 100:
            return 0.0
        return min(self.charge_w_max, self.charge_w_full + self.slope_w * (100 - percent))


@dataclass(frozen=True, slots=True)
class Battery:
    """A battery whose inputs have been constant since `at_ms`.

    Attributes:
        percent: state of charge at `at_ms`, 0 to 100.
        temperature_c: its warmth at `at_ms`, °C.
        at_ms: when that was.
        load_w: what the car uses, 0 or more.
        cable_w: what the cable can bring, 0 without one or while its relays are open.
        charging: whether the pack may be charged from it; else the cable only carries the loads.
        outdoor_c: outdoor temperature, °C.
        pack: what it can do.
    """

    percent: float
    temperature_c: float
    at_ms: int
    load_w: float = 0.0
    cable_w: float = 0.0
    charging: bool = False
    outdoor_c: float = 10.0
    pack: Pack = Pack()

    @property
    def power_w(self) -> float:
        """Power into the pack at `at_ms`, W; negative while it empties, 0 when it is full or empty."""
        spare_w = self._spare_w
        if spare_w > 0:
            return min(spare_w, self.pack.takes_w(self.percent)) if self.charging else 0.0
        return spare_w if self.percent > 0 else 0.0

    @property
    def drawn_w(self) -> float:
        """Power that the cable carries at `at_ms`, W."""
        if self._spare_w < 0:
            return self.cable_w
        return (self.power_w + self.load_w) / self.pack.efficiency if self.cable_w else 0.0

    @property
    def _spare_w(self) -> float:
        return self.pack.efficiency * self.cable_w - self.load_w

    def at(self, now_ms: int) -> "Battery":
        """Return the battery as it is at `now_ms`, not before `at_ms`."""
        assert now_ms >= self.at_ms, "asked before its last change"  # INVARIANT
        battery, left_s = self, (now_ms - self.at_ms) / 1000
        while True:
            # By the charge and not by the power, which rounding may put on either side of the knee for ever.
            falls = battery.power_w > 0 and battery.percent >= self.pack.knee_of(self._spare_w)
            battery, left_s = battery._tapered(left_s) if falls else battery._steady(left_s)
            if left_s <= 0:
                return replace(battery, at_ms=now_ms)

    def reaches_ms(self, percent: float) -> int | None:
        """Return the first millisecond at which the charge is at least `percent`; None if not within 30 days.

        The charge moves in one direction only, so halving the time ahead finds it to the last bit of `at`.
        """
        ahead = range(self.at_ms, self.at_ms + HORIZON_MS + 1)
        first = bisect_left(
            ahead,
            True,  # noqa: FBT003  # the value looked for
            key=lambda now_ms: self.at(now_ms).percent >= percent,
        )
        return ahead[first] if first < len(ahead) else None

    def _steady(self, left_s: float) -> tuple["Battery", float]:
        """Go on at a constant power: to the end of the time, to where the taper begins, or to empty."""
        power_w = self.power_w
        per_s = power_w * self.pack.percent_per_j
        end_percent = self.pack.knee_of(power_w) if power_w > 0 else 0.0
        takes_s = (end_percent - self.percent) / per_s if per_s else inf
        if takes_s > left_s:
            end_percent, takes_s = self.percent + per_s * left_s, left_s
        warm_c = self._warmed(takes_s, abs(power_w), 0.0)
        return replace(self, percent=end_percent, temperature_c=warm_c), left_s - takes_s

    def _tapered(self, left_s: float) -> tuple["Battery", float]:
        """Go on above the knee: the power falls exponentially, until the pack is full or the time is over."""
        pack = self.pack
        rate_per_s = pack.slope_w * pack.percent_per_j
        rest = pack.charge_w_full / pack.slope_w  # how far beyond 100 % the exponential would end, percent
        gap = 100 - self.percent + rest
        takes_s = min(left_s, log(gap / rest) / rate_per_s)
        full = takes_s < left_s
        percent = 100.0 if full else 100 + rest - gap * exp(-rate_per_s * takes_s)
        warm_c = self._warmed(takes_s, pack.slope_w * gap, rate_per_s)
        return replace(self, percent=min(percent, 100.0), temperature_c=warm_c), left_s - takes_s

    def _warmed(self, elapsed_s: float, power_w: float, falls_per_s: float) -> float:
        """Return the warmth after a while of a power through the pack that falls exponentially, °C.

        The answer of a first-order lag to p exp(-kt): with a = H / C, (exp(-kt) - exp(-at)) / (a - k),
        written so that it keeps its digits where a and k are close, and never overflows.
        """
        pack = self.pack
        lag_per_s = pack.heat_loss_w_per_k / pack.heat_j_per_k
        apart = abs(lag_per_s - falls_per_s) * elapsed_s
        spread = -expm1(-apart) / apart if apart > 0 else 1.0
        answer_s = exp(-min(lag_per_s, falls_per_s) * elapsed_s) * elapsed_s * spread
        heated_k = pack.loss_share * power_w / pack.heat_j_per_k * answer_s
        return self.outdoor_c + (self.temperature_c - self.outdoor_c) * exp(-lag_per_s * elapsed_s) + heated_k
