"""Numbers over time: what was true of a device, and what others believed of it.

A number is drawn when its field has a unit and it changes. What is true is known where the world was looked
at: when something happened to the device, and whenever somebody heard of it. A reader holds a value until the
next one comes, so a belief is drawn in steps.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final

from sim.core.units import ANGLE, DURATION, POWER, SPEED, Dimension, fact_name
from sim.report.html.chapters import Chapter
from sim.report.quantities import dimension_of

POINTS_MAX: Final = 240
"""How many stretches a line is thinned to; of each the least and the greatest value are kept."""
READERS_MAX: Final = 3
"""How many readers' beliefs are drawn beside the truth."""
PLOTS_MAX: Final = 24
"""How many plots a case has."""

Point = tuple[int, float]
"""Milliseconds since the case began, and a value."""

_STEPPED: Final = (POWER, SPEED)
"""What is switched, and stays until it is switched again; everything else goes gradually."""
_NOT_DRAWN: Final = (DURATION, ANGLE)
"""Durations run by themselves, and a latitude says nothing without its longitude."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plot.

    Attributes:
        name: whose: `true`, or the reader.
        points: in order of time.
        stepped: whether a value stays until the next one.
    """

    name: str
    points: tuple[Point, ...]
    stepped: bool


@dataclass(frozen=True, slots=True)
class Plot:
    """One number of one device.

    Attributes:
        device: whose; empty when its lines are of several.
        fact: the name a scenario has for it.
        dimension: what it measures.
        lines: the truth first, as far as it is known, then beliefs.
        readers: how many devices believed something of it.
    """

    device: str
    fact: str
    dimension: Dimension
    lines: tuple[Line, ...]
    readers: int

    @property
    def name(self) -> str:
        """What it is called: `su7.battery`, or `battery` when it compares several devices."""
        return f"{self.device}.{self.fact}" if self.device else self.fact


@dataclass(slots=True)
class _Gathered:
    dimension: Dimension
    true: list[Point] = field(default_factory=list)
    believed: dict[str, list[Point]] = field(default_factory=dict)


def plots(chapter: Chapter) -> list[Plot]:
    """Return everything of a case that is drawn, those with the most to see first."""
    return changing(numbers(chapter))


def changing(found: Iterable[Plot]) -> list[Plot]:
    """Return those plots in which something changes, or somebody is wrong; most to see first."""
    kept = [one for one in found if len({value for line in one.lines for _, value in line.points}) > 1]
    return sorted(kept, key=lambda plot: (-turns(plot), plot.device, plot.fact))


def numbers(chapter: Chapter) -> list[Plot]:
    """Return every number of a case that has a unit, changing or not, in the order it was first known."""
    gathered: dict[tuple[str, str], _Gathered] = {}
    for record in chapter.of("truth", "belief"):
        believed = record["kind"] == "belief"
        device = record["source" if believed else "device"]
        for name, value in _numbers(record["true" if believed else "facts"]):
            _of(gathered, device, name).true.append((record["t"], value))
        for name, value in _numbers(record["values"]) if believed else ():
            _of(gathered, device, name).believed.setdefault(record["device"], []).append((record["t"], value))
    return [
        _plot(device, name, one)
        for (device, name), one in gathered.items()
        if one.dimension not in _NOT_DRAWN
    ]


def _of(gathered: dict[tuple[str, str], _Gathered], device: str, name: str) -> _Gathered:
    if (device, name) not in gathered:
        dimension = dimension_of(name)
        assert dimension is not None  # `_numbers` yields no other
        gathered[device, name] = _Gathered(dimension)
    return gathered[device, name]


def _numbers(values: dict[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in values.items():
        if type(value) in {int, float} and isfinite(value) and dimension_of(name) is not None:
            yield name, float(value)


def _plot(device: str, name: str, one: _Gathered) -> Plot:
    lines = []
    if one.true:
        lines.append(Line("true", thinned(_changes(one.true)), one.dimension in _STEPPED))
    told = sorted(one.believed.items(), key=lambda pair: (-len(_changes(pair[1])), pair[0]))
    lines += [Line(reader, thinned(_changes(points)), stepped=True) for reader, points in told[:READERS_MAX]]
    return Plot(device, fact_name(name), one.dimension, tuple(lines), len(told))


def _changes(points: list[Point]) -> list[Point]:
    """Return the points at which a value begins or ends: those between two alike say nothing."""
    return [
        point
        for index, point in enumerate(points)
        if index in {0, len(points) - 1} or not points[index - 1][1] == point[1] == points[index + 1][1]
    ]


def turns(plot: Plot) -> int:
    """Return how much there is to see in a plot: the points of its longest line."""
    return max(len(line.points) for line in plot.lines)


def thinned(points: list[Point]) -> tuple[Point, ...]:
    """Return a line of few points that looks the same: its ends, and the extremes of each stretch of time."""
    if len(points) <= 2 * POINTS_MAX:
        return tuple(points)
    began, ended = points[0][0], points[-1][0]
    stretches: dict[int, list[Point]] = {}
    for point in points:
        stretches.setdefault((point[0] - began) * POINTS_MAX // max(1, ended - began + 1), []).append(point)
    kept = {points[0], points[-1]}
    for stretch in stretches.values():
        kept |= {min(stretch, key=lambda one: one[1]), max(stretch, key=lambda one: one[1])}
    return tuple(sorted(kept))
