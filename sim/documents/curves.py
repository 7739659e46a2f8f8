"""What the curves and names of a vehicle file can be: the first point that no cell can have is pointed at.

A model of a car says of its curves only how long they are; what must rise, what must not fall and where they
begin and end is said here, where every point has its place in the file.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from sim.core.vehicle import ASSUMED, UNKNOWN, VehicleModel

DC_LEAST_W: Final = 500.0
"""The least that a curve of fast charging may say, W: 0 would never fill a battery (assumption)."""
DC_MOST_PER_H: Final = 15.0
"""The most, as power over energy, 1/h (assumption: twice what the fastest announced batteries take)."""
RATE_MOST_PER_H: Final = 15.0
"""The most charge rate of cells, 1/h (assumption, as above)."""
CELL_LEAST_V, CELL_MOST_V = 1.0, 5.0
"""Between which voltages a cell lies (assumption: titanate ends at 1.5 V, spinel at 4.9 V)."""
WARM_C: Final = 25.0
"""Where the energy of a pack is told."""
HEAT_J_PER_KWH: Final = (3_000.0, 60_000.0)
"""How much heat a pack takes up, J/K for each kWh (assumption: about 1 kJ/(kg K) at 50 to 300 Wh/kg)."""

Path = tuple[str | int, ...]
Curve = Sequence[tuple[float, float]]


class Flaw(NamedTuple):
    """What cannot be: where it stands, a sentence, and what to do."""

    path: Path
    sentence: str
    help_text: str


def flaws(model: VehicleModel) -> Iterator[Flaw]:
    """Yield what cannot be in a model whose numbers are each possible by themselves."""
    cells, pack = model.cells, model.pack
    for path, curve in (
        (("cells", "open_circuit"), cells.open_circuit.points),
        (("cells", "usable"), cells.usable.points),
        (("cells", "charge_rate"), cells.charge_rate.points),
        (("charging", "dc"), model.charging.dc.points),
    ):
        yield from _rising(path, curve)
    yield from _whole(("charging", "dc"), model.charging.dc.points, "a charge curve")
    yield from _whole(("cells", "open_circuit"), cells.open_circuit.points, "a voltage curve")
    yield from _voltages(model)
    yield from _usable(cells.usable.points)
    yield from _charging(model)
    least_j, most_j = (one * pack.capacity_kwh[0] for one in HEAT_J_PER_KWH)
    if not least_j <= pack.heat_capacity_j_per_k[0] <= most_j:
        sentence = (
            f"a pack of {pack.capacity_kwh[0]:g} kWh takes up between {least_j / 1000:.0f} and"
            f" {most_j / 1000:.0f} kJ/K of heat"
        )
        yield Flaw(("pack", "heat_capacity"), sentence, "about 1 kJ/K for each kilogram of cells is usual")
    yield from _names(model)


def _rising(path: Path, curve: Curve) -> Iterator[Flaw]:
    for index, (before, after) in enumerate(pairwise(curve), 1):
        if after[0] <= before[0]:
            sentence = "the points of a curve are in rising order: this one is not beyond the one before"
            yield Flaw((*path, "points", index), sentence, "put the points in order, each place once")


def _whole(path: Path, curve: Curve, called: str) -> Iterator[Flaw]:
    for index, end in ((0, 0), (len(curve) - 1, 100)):
        if curve[index][0] != end:
            sentence = f"{called} goes from `0 %` to `100 %`"
            yield Flaw((*path, "points", index), sentence, f"write a point for `{end} %`")


def _not_falling(path: Path, curve: Curve, sentence: str) -> Iterator[Flaw]:
    for index, (before, after) in enumerate(pairwise(curve), 1):
        if after[1] < before[1]:
            help_text = "look for a point that is mistyped, here or before it"
            yield Flaw((*path, "points", index, 1), sentence, help_text)


def _voltages(model: VehicleModel) -> Iterator[Flaw]:
    path, curve = ("cells", "open_circuit"), model.cells.open_circuit.points
    yield from _not_falling(path, curve, "the voltage of a cell does not fall while it is charged")
    for index, (_, volts) in enumerate(curve):
        if not CELL_LEAST_V <= volts <= CELL_MOST_V:
            sentence = f"the voltage of a cell lies between {CELL_LEAST_V:g} and {CELL_MOST_V:g} V"
            yield Flaw((*path, "points", index, 1), sentence, "write that of one cell, not of the pack")
    if not curve[0][1] <= model.cells.nominal_v[0] <= curve[-1][1]:
        sentence = "the nominal voltage lies within the voltage curve"
        yield Flaw(("cells", "nominal", 0), sentence, "take the voltage at about half the charge")


def _usable(curve: Curve) -> Iterator[Flaw]:
    path = ("cells", "usable")
    yield from _not_falling(path, curve, "warmer cells do not give less of their energy")
    before, after = curve[0], curve[-1]
    at_warm = [share for degrees, share in curve if degrees >= WARM_C]
    if after[0] < WARM_C or before[0] > WARM_C or at_warm[0] != 1:
        index = next((index for index, one in enumerate(curve) if one[0] >= WARM_C), len(curve) - 1)
        sentence = "the share is told of the energy at 25 °C, so it is 1 there"
        yield Flaw((*path, "points", index), sentence, "write a point `[25 °C, 1]`")


def _charging(model: VehicleModel) -> Iterator[Flaw]:
    rates, powers = model.cells.charge_rate.points, model.charging.dc.points
    path: Path = ("cells", "charge_rate")
    yield from _not_falling(path, rates, "warmer cells do not bear less charging")
    for index, (_, rate) in enumerate(rates):
        if rate > RATE_MOST_PER_H:
            sentence = f"no cell is charged faster than {RATE_MOST_PER_H:g} C"
            yield Flaw((*path, "points", index, 1), sentence, "1 C fills an empty battery within an hour")
    if not rates[-1][1]:
        sentence = "cells that may never be charged fill no battery"
        yield Flaw((*path, "points", len(rates) - 1, 1), sentence, "write how fast they bear it when warm")
    most_w = DC_MOST_PER_H * model.pack.capacity_kwh[0] * 1000
    for index, (_, power_w) in enumerate(powers):
        if not DC_LEAST_W <= power_w <= most_w:
            sentence = (
                f"a pack of {model.pack.capacity_kwh[0]:g} kWh takes between {DC_LEAST_W / 1000:g} and"
                f" {most_w / 1000:g} kW"
            )
            help_text = "a charge curve tells the most that a warm pack takes at each charge"
            yield Flaw(("charging", "dc", "points", index, 1), sentence, help_text)


def _names(model: VehicleModel) -> Iterator[Flaw]:
    if ASSUMED in model.sources:
        sentence = f"`{ASSUMED}` is no name for a source: it says that there is none"
        yield Flaw(("sources", ASSUMED), sentence, "call it otherwise")
    machines = model.machines
    for controller in type(machines.controllers).model_fields:
        chip: str = getattr(machines.controllers, controller)[0]
        if chip not in machines.chips and chip != UNKNOWN:
            known = ", ".join(f"`{one}`" for one in sorted(machines.chips)) or "none"
            sentence = f"`{controller}` runs on the chip `{chip}`, which this car does not have"
            help_text = f"its chips: {known}; write `{UNKNOWN}` where nobody says"
            yield Flaw(("machines", "controllers", controller, 0), sentence, help_text)
    for index, band in enumerate(model.bands):
        if (band.basis == "assumed") != (band.source == ASSUMED):
            sentence = f"a band has `basis: assumed` where its source is `{ASSUMED}`, and only there"
            yield Flaw(("bands", index, "basis"), sentence, "name its source, or call it assumed in both")
