"""A car's battery between two events: its charge and its warmth, as functions of the time.

Charge is energy, in percent of what the warm pack holds. At the terminals flows what a cable or the wheels
bring beyond the car's loads, or what the loads take beyond that, and I²R of it stays in the pack as heat
(Guzzella and Sciarretta: Vehicle Propulsion Systems, 3rd edition, Springer 2013, chapter 4.5):

    d(soc)/dt = 100 (P - loss(P)) / E        C dT/dt = loss(P) + heater - H (T - T_out)

Charged, a pack takes the least of what comes, what its curve allows at this charge, and what its cells bear
at this temperature; emptied, it gives until only that is left which the cold withholds. The curve, the
voltage, the resistance and both limits are held constant within each percent and each kelvin, as controllers
hold them in tables. So in every cell of that grid the power is constant, the charge a straight line and the
warmth an exponential; the way through the cells is exact however many hours it takes. The scope has no
ageing, no cooling circuit and no warmth of the drive.
"""

from dataclasses import dataclass, field, replace
from math import ceil, expm1, floor, inf, log1p

from sim.core import vehicle
from sim.physics.cells import Cells, Curve, on_curve

HORIZON_MS = 30 * 86_400_000
"""How far ahead a charge is looked for: 30 days, more than any charger takes (a choice of ours)."""
J_PER_KWH = 3_600_000
AC_W_MAX = 43_500.0
"""A stronger charger is one of direct current: alternating ends at 3 x 63 A (IEC 61851-1, 62196-2)."""
_NO_CHARGE = 1e-9
"""Percent that are nothing: rounding, a few joules."""
GENTLE_W = 1_000.0
"""Below this no inner loss is counted: at 1 kW it is less than a watt and a half, also at -20 °C."""


@dataclass(frozen=True, slots=True)
class Pack:
    """What a battery can do.

    Attributes:
        cells: its chemistry.
        capacity_kwh: E, energy at 25 °C, above 0.
        curve_w: the most it takes over the charge, W over percent, at its terminals.
        ac_w: the most the car draws of alternating current, W.
        ac_efficiency: of that the share that gets to pack and loads.
        dc_efficiency: the same of direct current.
        heat_j_per_k: C, above 0.
        heat_loss_w_per_k: H, to outdoors.
        heater_w: power of its heater; 0 without one.
        heater_until_c: where the heater's thermostat opens, °C.
    """

    cells: Cells
    capacity_kwh: float
    curve_w: Curve
    ac_w: float
    ac_efficiency: float
    dc_efficiency: float
    heat_j_per_k: float
    heat_loss_w_per_k: float
    heater_w: float = 0.0
    heater_until_c: float = 0.0
    _memory: dict[tuple[int, int], tuple[float, float, float]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Limit, loss per square watt and floor of the cells of the grid that have been asked for."""

    @property
    def percent_per_j(self) -> float:
        """By how much a joule raises the charge."""
        return 100 / (self.capacity_kwh * J_PER_KWH)

    def efficiency(self, cable_w: float) -> float:
        """Return which share of a charger's power gets to pack and loads."""
        return self.ac_efficiency if cable_w <= AC_W_MAX else self.dc_efficiency

    def given_w(self, cable_w: float) -> float:
        """Return what gets to pack and loads of what a charger can give, W."""
        drawn_w = min(cable_w, self.ac_w) if cable_w <= AC_W_MAX else cable_w
        return drawn_w * self.efficiency(cable_w)

    def too_cold(self, percent: float, cells_c: float, offered_w: float) -> bool:
        """Say whether cold keeps the pack from taking what is offered, and its heater would help."""
        if cells_c >= self.heater_until_c or not self.heater_w:
            return False
        rate_w = self.cells.most_per_h(floor(cells_c) + 0.5) * self.capacity_kwh * 1000
        return rate_w < min(offered_w, on_curve(self.curve_w, percent))

    def cell(self, percent: int, degree: int) -> tuple[float, float, float]:
        """Return what holds within a percent and a kelvin: most power in, loss per W², and what is withheld.

        Args:
            percent: the charge, rounded down, 0 to 99.
            degree: the temperature, rounded down, °C.
        """
        known = self._memory.get((percent, degree))
        if known is None:
            middle, warmth_c = percent + 0.5, degree + 0.5
            energy_w = self.capacity_kwh * 1000
            rate_w = self.cells.most_per_h(warmth_c) * energy_w
            loss = self.cells.lost_share_at_1c(middle, warmth_c) / energy_w
            known = self._memory[percent, degree] = (
                min(on_curve(self.curve_w, middle), rate_w),
                loss,
                self.cells.reserved_percent(warmth_c),
            )
        return known


def pack_of(model: vehicle.VehicleModel) -> Pack:
    """Return the pack of a model."""
    pack, charging = model.pack, model.charging
    return Pack(
        cells=Cells.of(model),
        capacity_kwh=pack.capacity_kwh[0],
        curve_w=charging.dc.points,
        ac_w=charging.ac_w[0],
        ac_efficiency=charging.ac_efficiency[0],
        dc_efficiency=charging.dc_efficiency[0],
        heat_j_per_k=pack.heat_capacity_j_per_k[0],
        heat_loss_w_per_k=pack.heat_loss_w_per_k[0],
        heater_w=0.0 if pack.heater is None else pack.heater.power_w[0],
        heater_until_c=0.0 if pack.heater is None else pack.heater.until_c[0],
    )


@dataclass(frozen=True, slots=True)
class _Piece:
    """A while in which everything is constant.

    Attributes:
        power_w: into the pack at its terminals; negative while it gives.
        stored_w: into its charge, W.
        heat_w: into its warmth, by losses and heater.
        bounds: charge and temperature at which something else holds; None where nothing is reached.
        still: whether the temperature stays where it is, between a cell that warms it and one that cools it.
    """

    power_w: float = 0.0
    stored_w: float = 0.0
    heat_w: float = 0.0
    percent: float | None = None
    warmer_c: float = inf
    colder_c: float = -inf
    still: bool = False


@dataclass(frozen=True, slots=True)
class Battery:
    """A battery whose inputs have been constant since `at_ms`.

    Attributes:
        percent: state of charge at `at_ms`, 0 to 100.
        temperature_c: its warmth at `at_ms`, °C.
        pack: what it can do.
        at_ms: when that was.
        load_w: what the car uses, beside the pack's heater; negative while the wheels bring something back.
        cable_w: what the cable can bring, 0 without one or while its relays are open.
        charging: whether the pack may be charged from it; else the cable only carries the loads.
        outdoor_c: outdoor temperature, °C.
        heater_w: power of the pack's heater; 0 once its thermostat has opened.
    """

    percent: float
    temperature_c: float
    pack: Pack
    at_ms: int = 0
    load_w: float = 0.0
    cable_w: float = 0.0
    charging: bool = False
    outdoor_c: float = 10.0
    heater_w: float = 0.0

    @property
    def power_w(self) -> float:
        """Power into the pack at `at_ms`, W; negative while it empties, 0 when full or at its end."""
        return self._piece(self.percent, self.temperature_c, self.heats_w).power_w

    @property
    def drawn_w(self) -> float:
        """Power that the cable carries at `at_ms`, W."""
        if not self.cable_w:
            return 0.0
        if self._spare_w(self.heats_w) < 0:
            return self.pack.given_w(self.cable_w) / self.pack.efficiency(self.cable_w)
        return (self.power_w + self.load_w + self.heats_w) / self.pack.efficiency(self.cable_w)

    @property
    def reserved_percent(self) -> float:
        """What the cold withholds of the charge."""
        return self.pack.cells.reserved_percent(self.temperature_c)

    @property
    def heats_w(self) -> float:
        """Power that its heater is switched to, W; none where it is warm enough for the thermostat."""
        return self.heater_w if self.temperature_c < self.pack.heater_until_c else 0.0

    def _spare_w(self, heater_w: float) -> float:
        return self.pack.given_w(self.cable_w) - self.load_w - heater_w

    def at(self, now_ms: int) -> "Battery":
        """Return the battery as it is at `now_ms`, not before `at_ms`."""
        assert now_ms >= self.at_ms, "asked before its last change"  # INVARIANT
        left_s = (now_ms - self.at_ms) / 1000
        percent, warm_c, heater_w = self.percent, self.temperature_c, self.heats_w
        while left_s > 0:
            piece = self._piece(percent, warm_c, heater_w)
            percent, warm_c, heater_w, takes_s = self._after(piece, percent, warm_c, heater_w, left_s)
            left_s -= takes_s
        return replace(self, percent=percent, temperature_c=warm_c, heater_w=heater_w, at_ms=now_ms)

    def reaches_ms(self, percent: float) -> int | None:
        """Return the first millisecond with at least that charge; None if not within 30 days."""
        if self.percent >= percent:
            return self.at_ms
        here, warm_c, heater_w, passed_s = self.percent, self.temperature_c, self.heats_w, 0.0
        while passed_s * 1000 < HORIZON_MS:
            piece = self._piece(here, warm_c, heater_w)
            left_s = HORIZON_MS / 1000 - passed_s
            after, warm_c, heater_w, takes_s = self._after(piece, here, warm_c, heater_w, left_s)
            if after >= percent:
                per_s = piece.stored_w * self.pack.percent_per_j
                return self._first_ms(percent, (passed_s + (percent - here) / per_s) * 1000)
            here, passed_s = after, passed_s + takes_s
        return None

    def sinks_ms(self, left_percent: float, until_ms: int) -> int | None:
        """Return the first millisecond at which no more can be used than that; None when it is not by then.

        Args:
            left_percent: charge beyond what the cold withholds, 0 to 100.
            until_ms: how far it is looked ahead, not before `at_ms`.
        """
        here, warm_c, heater_w, passed_s = self.percent, self.temperature_c, self.heats_w, 0.0
        left_s = (until_ms - self.at_ms) / 1000
        while True:
            piece = self._piece(here, warm_c, heater_w)
            # On the edge of two cells of the grid the colder one may count.
            degree = floor(warm_c) - (1 if piece.warmer_c <= warm_c else 0)
            level = self.pack.cell(0, degree)[2] + left_percent
            if here <= level + _NO_CHARGE:
                return self.at_ms + ceil(passed_s * 1000 - 1e-3)
            if passed_s >= left_s:
                return None
            per_s = piece.stored_w * self.pack.percent_per_j
            sinks_s = (level - here) / per_s if per_s < 0 else inf
            most_s = min(left_s - passed_s, sinks_s)
            here, warm_c, heater_w, takes_s = self._after(piece, here, warm_c, heater_w, most_s)
            here = level if takes_s == sinks_s else here
            passed_s += takes_s

    @property
    def left_percent(self) -> float:
        """How much of the charge can still be used: what the cold withholds is not in it."""
        return max(0.0, self.percent - self.pack.cell(0, floor(self.temperature_c))[2])

    def _first_ms(self, percent: float, passed_ms: float) -> int:
        """Return the first whole millisecond, where rounding leaves two in doubt by what `at` says."""
        near_ms = round(passed_ms)
        if abs(passed_ms - near_ms) > 1e-3:
            return self.at_ms + ceil(passed_ms)
        first_ms = self.at_ms + max(near_ms - 1, 0)
        while self.at(first_ms).percent < percent:
            first_ms += 1
        return first_ms

    # --- one cell of the grid --------------------------------------------------------------------------

    def _piece(self, percent: float, warm_c: float, heater_w: float) -> _Piece:
        """Return what holds from a charge and a temperature on."""
        degree = floor(warm_c)
        here = self._within(percent, degree, heater_w)
        if warm_c != degree or self._balance_c(here, warm_c) >= degree:
            return here
        # On the edge of two cells: it cools out of the warmer one, into the colder one if that cools it too.
        colder = self._within(percent, degree - 1, heater_w)
        if self._balance_c(colder, warm_c) <= degree:
            return colder
        return replace(here, still=True)

    def _within(self, percent: float, degree: int, heater_w: float) -> _Piece:
        pack, spare_w = self.pack, self._spare_w(heater_w)
        thermostat_c = pack.heater_until_c if heater_w else inf
        warmer_c, colder_c = min(degree + 1.0, thermostat_c), float(degree)
        if spare_w >= 0:
            if not (self.charging or self.load_w < 0) or percent >= 100 or spare_w == 0:
                return _Piece(heat_w=heater_w, warmer_c=thermostat_c)
            index = floor(percent)
            most_w, loss, _ = pack.cell(index, degree)
            power_w = min(spare_w, most_w)
            lost_w = loss * power_w**2
            return _Piece(power_w, power_w - lost_w, lost_w + heater_w, index + 1.0, warmer_c, colder_c)
        index = max(ceil(percent) - 1, 0)
        _, loss, reserved = pack.cell(index, degree)
        if percent <= reserved:
            # Nothing runs any more; warmth may bring some of it back.
            return _Piece(warmer_c=degree + 1.0)
        if spare_w > -GENTLE_W:
            return self._gentle(percent, degree, spare_w, heater_w)
        lost_w = loss * spare_w**2
        return _Piece(
            spare_w, spare_w - lost_w, lost_w + heater_w, max(float(index), reserved), warmer_c, colder_c
        )

    def _gentle(self, percent: float, degree: int, spare_w: float, heater_w: float) -> _Piece:
        """Return what holds while so little is used that only what the cold withholds counts."""
        thermostat_c = self.pack.heater_until_c if heater_w else inf
        coldest = min(degree, floor(self.outdoor_c))
        reserved = self.pack.cell(0, coldest)[2]
        if percent > reserved:
            return _Piece(spare_w, spare_w, heater_w, reserved, warmer_c=thermostat_c)
        reserved = self.pack.cell(0, degree)[2]
        warmer_c = min(degree + 1.0, thermostat_c)
        return _Piece(spare_w, spare_w, heater_w, reserved, warmer_c=warmer_c, colder_c=float(degree))

    def _balance_c(self, piece: _Piece, warm_c: float) -> float:
        """Return where the temperature of a piece would end."""
        loss = self.pack.heat_loss_w_per_k
        if loss > 0:
            return self.outdoor_c + piece.heat_w / loss
        return inf if piece.heat_w > 0 else warm_c

    def _after(
        self, piece: _Piece, percent: float, warm_c: float, heater_w: float, left_s: float
    ) -> tuple[float, float, float, float]:
        """Return charge, temperature and heater when a piece or the time is over, and how long that takes."""
        per_s = piece.stored_w * self.pack.percent_per_j
        charge_s = (piece.percent - percent) / per_s if piece.percent is not None and per_s else inf
        bound_c, warmth_s = (inf, inf) if piece.still else self._leaves(piece, warm_c)
        takes_s = min(left_s, charge_s, warmth_s)
        if takes_s == charge_s:
            assert piece.percent is not None  # INVARIANT: it takes no time to get nowhere
            percent = piece.percent
        else:
            percent += per_s * takes_s
        if takes_s == warmth_s:
            warm_c = bound_c
        elif not piece.still:
            warm_c = self._warmed(piece, warm_c, takes_s)
        tripped = heater_w > 0 and warm_c >= self.pack.heater_until_c
        return percent, warm_c, 0.0 if tripped else heater_w, takes_s

    def _leaves(self, piece: _Piece, warm_c: float) -> tuple[float, float]:
        """Return which temperature bounds a piece, and when it is reached, s."""
        pack = self.pack
        to_c = self._balance_c(piece, warm_c)
        bound_c = piece.warmer_c if to_c > warm_c else piece.colder_c
        between = min(warm_c, to_c) < bound_c < max(warm_c, to_c) and abs(bound_c) != inf
        if not between:
            return inf, inf
        if not pack.heat_loss_w_per_k:
            return bound_c, (bound_c - warm_c) * pack.heat_j_per_k / piece.heat_w
        lag_s = pack.heat_j_per_k / pack.heat_loss_w_per_k
        return bound_c, lag_s * log1p((warm_c - bound_c) / (bound_c - to_c))

    def _warmed(self, piece: _Piece, warm_c: float, elapsed_s: float) -> float:
        """Return the temperature after a while, °C; a bound is reached at its own time only."""
        pack = self.pack
        if not pack.heat_loss_w_per_k:
            return min(warm_c + piece.heat_w * elapsed_s / pack.heat_j_per_k, piece.warmer_c)
        to_c = self._balance_c(piece, warm_c)
        after_c = warm_c + (warm_c - to_c) * expm1(-elapsed_s * pack.heat_loss_w_per_k / pack.heat_j_per_k)
        return min(after_c, piece.warmer_c) if to_c > warm_c else max(after_c, piece.colder_c)
