"""The heat of a car's cabin as two lumps: its air, and the interior that the air washes around.

    C_a dT_a/dt = Q - G (T_a - T_out) - K (T_a - T_i)
    C_i dT_i/dt = S - B (T_i - T_out) - K (T_i - T_a)

Lumped models with one node of air and one of interior mass are usual for cabins: Torregrosa-Jaime, Bjurling,
Corberán, Di Sciullo, Payá: Transient thermal model of a vehicle's cabin validated under variable ambient
conditions, Applied Thermal Engineering 75 (2015) 45-53; Marshall et al.: Thermal management of vehicle
cabins, external surfaces, and onboard electronics: an overview, Engineering 5 (2019) 954-969. The scope is
sensible heat of well-mixed air: no humidity, no people's warmth, no wind.

Between two changes of Q, S and T_out the pair is x' = A (x - x*), whose exact solution needs the exponential
of a 2 x 2 matrix: with m half its trace and q half the difference of its eigenvalues, exp(At) = exp(mt)
(cosh(qt) I + sinh(qt)/q (A - m I)), by Cayley-Hamilton (Bernstein and So: Some explicit formulas for the
matrix exponential, IEEE Transactions on Automatic Control 38 (1993) 1228-1232).
"""

from dataclasses import dataclass, replace
from math import exp, hypot, sqrt


@dataclass(frozen=True, slots=True)
class Cabin:
    """What a cabin is made of; all above 0 (assumptions for a mid-size saloon).

    Attributes:
        air_j_per_k: C_a, heat capacity of the air and of what follows it at once: 3 m³ of air have 3.6 kJ/K,
            and ducts, linings and the film of every surface the rest.
        interior_j_per_k: C_i, of seats, dashboard and trim: about 100 kg at 1.2 kJ/(kg K).
        interior_w_per_k: K, between air and interior: about 10 m² at 8 W/(m² K).
        glass_w_per_k: G, from the air to outdoors, through 3 m² of glass, by leaks, and by the fresh air of
            `aired`. body_w_per_k: B, from the interior to outdoors, through roof, floor and doors.
    """

    air_j_per_k: float = 20_000.0
    interior_j_per_k: float = 120_000.0
    interior_w_per_k: float = 80.0
    glass_w_per_k: float = 45.0
    body_w_per_k: float = 15.0

    @property
    def loss_w_per_k(self) -> float:
        """What it loses for each kelvin that its air is kept warmer than outdoors, W/K."""
        through_trim = self.interior_w_per_k * self.body_w_per_k
        return self.glass_w_per_k + through_trim / (self.interior_w_per_k + self.body_w_per_k)

    def aired(self, ventilation_w_per_k: float) -> "Cabin":
        """Return the cabin with fresh air blown through it, as long as somebody breathes it."""
        return replace(self, glass_w_per_k=self.glass_w_per_k + ventilation_w_per_k)


@dataclass(frozen=True, slots=True)
class CabinHeat:
    """A cabin whose inputs have been constant since `at_ms`.

    Attributes:
        air_c: T_a at `at_ms`, °C.
        interior_c: T_i at `at_ms`, °C.
        at_ms: when that was.
        outdoor_c: T_out, °C.
        heat_w: Q, heat brought into the air, W; negative while it is cooled.
        interior_w: S, heat brought into the interior, W: by the sun through the glass, or by seat heaters.
        cabin: what it is made of.
    """

    air_c: float
    interior_c: float
    at_ms: int
    outdoor_c: float
    heat_w: float = 0.0
    interior_w: float = 0.0
    cabin: Cabin = Cabin()

    def at(self, now_ms: int) -> "CabinHeat":
        """Return the cabin as it is at `now_ms`, not before `at_ms`."""
        assert now_ms >= self.at_ms, "asked before its last change"  # INVARIANT
        elapsed_s = (now_ms - self.at_ms) / 1000
        mean, half = self._rates()
        slow, fast = exp((mean + half) * elapsed_s), exp((mean - half) * elapsed_s)
        air_to_c, interior_to_c = self.balance_c()
        values = [
            towards + even * (slow + fast) / 2 + odd * (slow - fast) / 2
            for towards, (even, odd) in zip((air_to_c, interior_to_c), self._modes(), strict=True)
        ]
        return replace(self, air_c=values[0], interior_c=values[1], at_ms=now_ms)

    def balance_c(self) -> tuple[float, float]:
        """Return where air and interior end if nothing changes any more, °C."""
        cabin = self.cabin
        inner, glass, body = cabin.interior_w_per_k, cabin.glass_w_per_k, cabin.body_w_per_k
        loss = glass * body + inner * (glass + body)
        air_k = ((inner + body) * self.heat_w + inner * self.interior_w) / loss
        interior_k = (inner * self.heat_w + (inner + glass) * self.interior_w) / loss
        return self.outdoor_c + air_k, self.outdoor_c + interior_k

    def bend(self, now_ms: int) -> tuple[float, float]:
        """Return for air and interior a number that falls to 0 where its temperature turns, and then rises.

        The slope is a sum of two exponentials; divided by the slower one it moves in one direction only, so
        a temperature turns once at most between two changes.
        """
        elapsed_s = (now_ms - self.at_ms) / 1000
        mean, half = self._rates()
        ratio = exp(-2 * half * elapsed_s)
        air, interior = (
            abs((mean + half) * (even + odd) + (mean - half) * (even - odd) * ratio)
            for even, odd in self._modes()
        )
        return air, interior

    def heat_for_w(self, air_c: float, after_ms: int) -> float:
        """Return the constant heat that brings the air to a temperature after a while, W; negative to cool.

        The temperature then is a straight line over the heat, so two looks find it.

        Args:
            air_c: temperature wanted, °C.
            after_ms: when, milliseconds from `at_ms`, above 0.
        """
        probe_w = 1000.0
        without_c = replace(self, heat_w=0.0).at(self.at_ms + after_ms).air_c
        with_c = replace(self, heat_w=probe_w).at(self.at_ms + after_ms).air_c
        return (air_c - without_c) * probe_w / (with_c - without_c)

    def _rates(self) -> tuple[float, float]:
        """Return m and q, in 1/s; both eigenvalues m + q and m - q are real and below 0."""
        cabin = self.cabin
        inner = cabin.interior_w_per_k
        air = -(cabin.glass_w_per_k + inner) / cabin.air_j_per_k
        interior = -(cabin.body_w_per_k + inner) / cabin.interior_j_per_k
        coupling = inner / sqrt(cabin.air_j_per_k * cabin.interior_j_per_k)
        return (air + interior) / 2, hypot((air - interior) / 2, coupling)

    def _modes(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return for air and interior the factors of cosh and of sinh, K."""
        cabin = self.cabin
        inner = cabin.interior_w_per_k
        mean, half = self._rates()
        air_to_c, interior_to_c = self.balance_c()
        air_k, interior_k = self.air_c - air_to_c, self.interior_c - interior_to_c
        air = -(cabin.glass_w_per_k + inner) / cabin.air_j_per_k - mean
        interior = -(cabin.body_w_per_k + inner) / cabin.interior_j_per_k - mean
        return (
            (air_k, (air * air_k + inner / cabin.air_j_per_k * interior_k) / half),
            (interior_k, (inner / cabin.interior_j_per_k * air_k + interior * interior_k) / half),
        )
