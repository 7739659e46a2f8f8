"""The air of a room as one lump of heat that is heated and leaks to the outdoors.

C dT/dt = P - H (T - T_out)

is the lumped-capacitance model with one node, also called 1R1C (Incropera, DeWitt, Bergman, Lavine:
Fundamentals of Heat and Mass Transfer, 6th ed. 2007, section 5.1 and 5.3). Between two changes of P
and T_out it has the closed solution that `RoomHeat.temperature_at` evaluates.
"""

from bisect import bisect_left
from dataclasses import dataclass, replace
from math import expm1

CROSSING_MS_MAX = 400 * 86_400_000
"""How far ahead a crossing is looked for: 400 days, more than a year of seasons (a choice of ours)."""


@dataclass(frozen=True, slots=True)
class RoomHeat:
    """A room whose inputs have been constant since `at_ms`.

    Attributes:
        temperature_c: air temperature at `at_ms`, °C.
        at_ms: when that was, and when the inputs last changed.
        heat_loss_w_per_k: H, heat lost per kelvin above outdoors, W/K, 0 (no loss) or more.
        heat_capacity_j_per_k: C, heat that warms the room by a kelvin, J/K, above 0.
        heat_w: P, heat brought in, W; negative while it is being cooled.
        outdoor_c: T_out, °C.
    """

    temperature_c: float
    at_ms: int
    heat_loss_w_per_k: float
    heat_capacity_j_per_k: float
    heat_w: float
    outdoor_c: float

    def temperature_at(self, now_ms: int) -> float:
        """Return the temperature at `now_ms`, not before `at_ms`, in °C.

        T(t) = T0 + (P - H (T0 - T_out)) / H * (1 - exp(-H t / C)); the limit for H = 0 is a straight
        line. `expm1` keeps every digit when t is small against C / H.
        """
        assert now_ms >= self.at_ms, "asked before its last change"  # INVARIANT
        elapsed_s = (now_ms - self.at_ms) / 1000
        loss, capacity = self.heat_loss_w_per_k, self.heat_capacity_j_per_k
        net_w = self.heat_w - loss * (self.temperature_c - self.outdoor_c)
        if loss == 0:
            return self.temperature_c + net_w * elapsed_s / capacity
        return self.temperature_c - net_w / loss * expm1(-loss * elapsed_s / capacity)

    def with_inputs(
        self, now_ms: int, *, heat_w: float | None = None, outdoor_c: float | None = None
    ) -> "RoomHeat":
        """Return the room as it is at `now_ms`, with other inputs from there on; None leaves one as it is."""
        return replace(
            self,
            temperature_c=self.temperature_at(now_ms),
            at_ms=now_ms,
            heat_w=self.heat_w if heat_w is None else heat_w,
            outdoor_c=self.outdoor_c if outdoor_c is None else outdoor_c,
        )

    def crossing_ms(self, threshold_c: float, *, rising: bool) -> int | None:
        """Return the first millisecond at which the room is at or beyond a threshold.

        The temperature only ever moves towards its balance, so the answer is found by halving the
        time ahead: about 35 looks at the closed solution, and `temperature_at` agrees with the result
        to the last bit. Solving for t by a logarithm would not, where the curve is flat.

        Args:
            threshold_c: the temperature to reach, °C.
            rising: True for "at least", False for "at most".

        Returns:
            The time in milliseconds, `at_ms` if it is so already, or None if it does not happen
            within `CROSSING_MS_MAX`.
        """

        def is_beyond(now_ms: int) -> bool:
            temperature_c = self.temperature_at(now_ms)
            return temperature_c >= threshold_c if rising else temperature_c <= threshold_c

        if is_beyond(self.at_ms):
            return self.at_ms
        ahead = range(self.at_ms, self.at_ms + CROSSING_MS_MAX + 1)
        first = bisect_left(ahead, True, key=is_beyond)  # noqa: FBT003  # the value looked for
        return ahead[first] if first < len(ahead) else None
