"""Plots as SVG: a number of a device, true and believed, over the time of a case; and end values as bars."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, inf, log10
from typing import Final

from sim.core.units import (
    ENERGY,
    POWER,
    RATIO,
    SLOPE,
    SPEED,
    TEMPERATURE,
    Dimension,
    show_duration,
)
from sim.report.folding import cut
from sim.report.html.markup import Content, Markup, element, joined
from sim.report.html.series import Line, Plot, Point
from sim.report.quantities import measured

WIDTH: Final = 360
HEIGHT: Final = 150
_LEFT: Final = 8
_RIGHT: Final = 352
_TOP: Final = 24
_BOTTOM: Final = 126
"""Where lines are drawn, in the units of the drawing."""
_BAR: Final = 32
"""Height of a bar with the words above it."""
_LABEL_COLUMNS: Final = 38
"""How much text fits beside the value of a bar."""

SPANS_MIN: Final[Mapping[str, float]] = {
    RATIO.name: 5.0,
    SLOPE.name: 1.0,
    TEMPERATURE.name: 1.0,
    SPEED.name: 5.0,
    POWER.name: 10.0,
    ENERGY.name: 0.1,
}
"""Least span of a scale, in the unit of the dimension: 0.03 % are no crash (assumption)."""
SHARE_MIN: Final = 0.02
"""Least span of a scale as a part of the greatest value: 20 m of 286 km are no fall (assumption)."""
FULL: Final = 100.0
"""What a part of a whole is not above, in percent."""
_STEPS: Final = 8
"""About how many steps a scale has; its ends are whole steps."""
_ROUNDING: Final = 1e-6
"""Which part of a step the last bits of a number may add: 80.00000001 % needs no scale to 85 %."""
_LATE: Final = 0.01
"""Which part of a case the truth may be unknown at its end before that is said."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The values between which a quantity is drawn.

    Attributes:
        least: at the bottom.
        most: at the top, above `least`.
    """

    least: float
    most: float


def scale_of(plots: Iterable[Plot]) -> Scale:
    """Return the scale on which every line of some plots of one quantity fits; one plot at least.

    Its ends are round numbers, and it is never so narrow that noise looks like an event.
    """
    drawn = list(plots)
    dimension = drawn[0].dimension
    values = [value for plot in drawn for line in plot.lines for _, value in line.points]
    least, most = min(values), max(values)
    span = max(
        most - least,
        SPANS_MIN.get(dimension.name, 0.0),
        SHARE_MIN * max(abs(least), abs(most)),
    )
    span = span or 1.0
    lowest = dimension.least if dimension.least is not None and least >= dimension.least else -inf
    highest = FULL if dimension is RATIO and most <= FULL else inf
    # In the middle of what is drawn, but where nothing can be.
    bottom = max(lowest, min(least - (span - (most - least)) / 2, highest - span))
    step = _round_step(span / _STEPS)
    low = floor(bottom / step + _ROUNDING) * step
    high = ceil((bottom + span) / step - _ROUNDING) * step
    return Scale(max(low, lowest), min(high, highest))


def _round_step(step: float) -> float:
    """Return 1, 2 or 5 times a power of ten, at most a step (Heckbert, "Nice numbers", 1990)."""
    power = 10.0 ** floor(log10(step))
    return next(times for times in (5, 2, 1) if times * power <= step * (1 + 1e-9) or times == 1) * power


def chart(plot: Plot, ended_ms: int, scale: Scale | None = None, *, whole: bool = True) -> Markup:
    """Return a plot with its legend.

    Args:
        plot: what is drawn.
        ended_ms: when the case ended, milliseconds since it began.
        scale: on which it is drawn; one of its own if None.
        whole: whether a line in steps goes on until the end.
    """
    on = scale or scale_of([plot])
    values = [value for line in plot.lines for _, value in line.points]
    paper = _Paper(max(1, ended_ms), on)
    low, high = (measured(value, plot.dimension, max(values)) for value in (min(values), max(values)))
    drawing = element(
        "svg",
        element("title", f"{plot.name}, from {low} to {high}"),
        element("line", class_="axis", x1=_LEFT, x2=_RIGHT, y1=_BOTTOM, y2=_BOTTOM),
        element("line", class_="axis", x1=_LEFT, x2=_RIGHT, y1=_TOP, y2=_TOP),
        element("text", measured(on.most, plot.dimension, on.most), x=_LEFT, y=_TOP - 6),
        element("text", measured(on.least, plot.dimension, on.most), x=_LEFT, y=_BOTTOM + 16),
        element("text", show_duration(ended_ms), x=_RIGHT, y=_BOTTOM + 16, text_anchor="end"),
        *(
            element("polyline", class_=f"line l{index}", points=paper.path(line, ended_ms, whole=whole))
            for index, line in _numbered(plot.lines)
        ),
        *(paper.end(line) for line in plot.lines if whole and breaks_off(line, ended_ms)),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
    )
    caption = element("figcaption", plot.name, " ", _legend(plot, ended_ms if whole else 0))
    return element("figure", caption, drawing, class_="plot")


def breaks_off(line: Line, ended_ms: int) -> bool:
    """Say whether the truth was not looked at any more before the case ended, and may have gone anywhere."""
    return line.name == "true" and not line.stepped and line.points[-1][0] < ended_ms * (1 - _LATE)


def _numbered(lines: Sequence[Line]) -> list[tuple[int, Line]]:
    """Return lines with the number of their colour: 0 is what is true."""
    first = 0 if lines[0].name == "true" else 1
    numbered = list(enumerate(lines, start=first))
    return numbered[::-1]  # The truth is drawn last, above what is believed.


def _legend(plot: Plot, ended_ms: int) -> Markup:
    marks = [
        element("span", line.name, class_=f"key k{index}") for index, line in _numbered(plot.lines)[::-1]
    ]
    drawn = sum(1 for line in plot.lines if line.name != "true")
    who = " who read it" if plot.device else ""
    more = element("span", f"and {plot.readers - drawn} more{who}", class_="faint")
    remarks: list[Content] = [more] if plot.readers > drawn else []
    for line in plot.lines:
        if breaks_off(line, ended_ms):
            last = show_duration(line.points[-1][0])
            remarks.append(
                element("div", f"true is known until {last}: nobody heard of it later", class_="faint")
            )
    return joined(*marks, *remarks)


def corners(line: Line, ended_ms: int) -> tuple[Point, ...]:
    """Return the corners of a line; one in steps goes sideways first, and on until a case ends."""
    if not line.stepped:
        return line.points
    points = [*line.points, (ended_ms, line.points[-1][1])]
    found: list[Point] = []
    for index, (t, value) in enumerate(points):
        if index:
            found.append((t, points[index - 1][1]))
        found.append((t, value))
    return tuple(found)


class _Paper:
    """From times and values to the drawing."""

    def __init__(self, ended_ms: int, scale: Scale) -> None:
        self._ended_ms = ended_ms
        self._scale = scale

    def path(self, line: Line, ended_ms: int, *, whole: bool) -> str:
        """Return a line as the corners of a `polyline`."""
        points = corners(line, ended_ms) if whole else line.points
        return " ".join("{:.1f},{:.1f}".format(*self._at(*one)) for one in points)

    def end(self, line: Line) -> Markup:
        """Return the mark of where a line breaks off."""
        x, y = self._at(*line.points[-1])
        return element("circle", class_="end", cx=f"{x:.1f}", cy=f"{y:.1f}", r=3)

    def _at(self, t: int, value: float) -> tuple[float, float]:
        on = self._scale
        x = _LEFT + (_RIGHT - _LEFT) * t / self._ended_ms
        return x, _BOTTOM - (_BOTTOM - _TOP) * (value - on.least) / (on.most - on.least)


@dataclass(frozen=True, slots=True)
class Bar:
    """One value.

    Attributes:
        label: whose it is.
        value: in the unit of its dimension.
        colour: number of its colour, from 1 to 6.
    """

    label: str
    value: float
    colour: int


def bars(name: str, dimension: Dimension, drawn: Sequence[Bar]) -> Markup:
    """Return values as bars from zero, one below the other, each with its label and its number."""
    least, most = min(0.0, *(one.value for one in drawn)), max(0.0, *(one.value for one in drawn))
    span = (most - least) or 1.0
    per_unit = (_RIGHT - _LEFT) / span
    zero = _LEFT - least * per_unit
    parts: list[Markup] = []
    for index, one in enumerate(drawn):
        y = _BAR * index
        text = measured(one.value, dimension, max(abs(least), abs(most)))
        begin = zero + min(0.0, one.value) * per_unit
        parts.append(element("text", cut(one.label, _LABEL_COLUMNS), x=_LEFT, y=y + 14))
        parts.append(element("text", text, x=_RIGHT, y=y + 14, text_anchor="end"))
        wide = f"{max(1.0, abs(one.value) * per_unit):.1f}"
        parts.append(
            element("rect", class_=f"b{one.colour}", x=f"{begin:.1f}", y=y + 18, width=wide, height=9)
        )
    drawing = element(
        "svg",
        element("title", f"{name} at the end"),
        *parts,
        viewBox=f"0 0 {WIDTH} {_BAR * len(drawn)}",
        role="img",
    )
    return element("figure", element("figcaption", name, " at the end"), drawing, class_="plot")
