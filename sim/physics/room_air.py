"""The fine dust (PM2.5) in a room's air: what comes in or is made inside, settles or is filtered.

V dC/dt = a P V C_out + S - (a + k) V C - Q C

is the one-compartment mass balance of indoor particles (Nazaroff: Indoor particle dynamics, Indoor Air
14, suppl. 7, 2004, pages 175-183), with air that is mixed at once. Between two changes of S, Q and C_out it
has the closed solution that `RoomAir.pm25_at` evaluates.
"""

from dataclasses import dataclass, replace
from math import expm1

AIR_EXCHANGE_PER_H = 0.5
"""a, how often an hour outdoor air replaces the room's: the least of a habitable room (EN 12831, 2003)."""
PENETRATION = 1.0
"""P, the share of outdoor PM2.5 that comes through the cracks with the air (Özkaynak et al.: Personal
exposure to airborne particles and metals, J. Expo. Anal. Environ. Epidemiol. 6(1), 1996, pages 57-78)."""
DEPOSITION_PER_H = 0.39
"""k, the share of indoor PM2.5 that settles in an hour (the same)."""
COOKING_UG_PER_H = 1_700 * 60.0
"""S, what a meal on the stove brings into the air, µg/h: 1.7 mg a minute (the same)."""
OUTDOOR_UG_PER_M3 = 15.0
"""What is outdoors unless somebody says otherwise: a clean day, the 24-hour guideline of the WHO (Global air
quality guidelines, 2021)."""

_MS_PER_H = 3_600_000
_UG_PER_MG = 1_000


@dataclass(frozen=True, slots=True)
class RoomAir:
    """A room whose inputs have been constant since `at_ms`.

    Attributes:
        pm25_ug_per_m3: C, concentration at `at_ms`, µg/m³, 0 or more.
        at_ms: when that was, and when the inputs last changed.
        volume_m3: V, m³, above 0.
        outdoor_ug_per_m3: C_out, µg/m³, 0 or more.
        source_ug_per_h: S, what is made inside, µg/h, 0 or more.
        clean_m3_per_h: Q, clean air that purifiers deliver, m³/h, 0 or more.
    """

    pm25_ug_per_m3: float
    at_ms: int
    volume_m3: float
    outdoor_ug_per_m3: float = OUTDOOR_UG_PER_M3
    source_ug_per_h: float = 0.0
    clean_m3_per_h: float = 0.0

    @property
    def loss_per_h(self) -> float:
        """The share of what is in the air that goes in an hour: carried out, settled and filtered."""
        return AIR_EXCHANGE_PER_H + DEPOSITION_PER_H + self.clean_m3_per_h / self.volume_m3

    @property
    def balance_ug_per_m3(self) -> float:
        """The concentration at which as much goes as comes, µg/m³."""
        brought = AIR_EXCHANGE_PER_H * PENETRATION * self.outdoor_ug_per_m3
        return (brought + self.source_ug_per_h / self.volume_m3) / self.loss_per_h

    def pm25_at(self, now_ms: int) -> float:
        """Return the concentration at `now_ms`, not before `at_ms`, in µg/m³.

        C(t) = C0 + (C_balance - C0) * (1 - exp(-loss t)).
        """
        gone = -expm1(-self.loss_per_h * self._elapsed_h(now_ms))
        return self.pm25_ug_per_m3 + (self.balance_ug_per_m3 - self.pm25_ug_per_m3) * gone

    def cleaned_mg(self, now_ms: int) -> float:
        """Return what the filters have taken out of the air between `at_ms` and `now_ms`, mg.

        The integral of Q C(t): Q (C_balance t + (C0 - C_balance) (1 - exp(-loss t)) / loss).
        """
        elapsed_h, loss = self._elapsed_h(now_ms), self.loss_per_h
        above = self.pm25_ug_per_m3 - self.balance_ug_per_m3
        passed = self.balance_ug_per_m3 * elapsed_h - above * expm1(-loss * elapsed_h) / loss
        return self.clean_m3_per_h * passed / _UG_PER_MG

    def with_inputs(
        self,
        now_ms: int,
        *,
        outdoor_ug_per_m3: float | None = None,
        source_ug_per_h: float | None = None,
        clean_m3_per_h: float | None = None,
    ) -> "RoomAir":
        """Return the room as it is at `now_ms`, with other inputs from there on; None leaves one as it is."""
        return replace(
            self,
            pm25_ug_per_m3=self.pm25_at(now_ms),
            at_ms=now_ms,
            outdoor_ug_per_m3=self.outdoor_ug_per_m3 if outdoor_ug_per_m3 is None else outdoor_ug_per_m3,
            source_ug_per_h=self.source_ug_per_h if source_ug_per_h is None else source_ug_per_h,
            clean_m3_per_h=self.clean_m3_per_h if clean_m3_per_h is None else clean_m3_per_h,
        )

    def _elapsed_h(self, now_ms: int) -> float:
        assert now_ms >= self.at_ms, "asked before its last change"  # INVARIANT
        return (now_ms - self.at_ms) / _MS_PER_H


def indoors(outdoor_ug_per_m3: float) -> float:
    """Return the concentration of a closed room in which nothing is cooked and nothing cleaned, µg/m³.

    It is a P / (a + k) of what is outdoors, the infiltration factor of the same mass balance.
    """
    return outdoor_ug_per_m3 * AIR_EXCHANGE_PER_H * PENETRATION / (AIR_EXCHANGE_PER_H + DEPOSITION_PER_H)
