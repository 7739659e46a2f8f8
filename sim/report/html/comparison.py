"""Cases of one scenario, and devices of one kind in it, beside each other: the same number on the same scale.

A story that is played in several versions is told by how they differ. One plot has a labelled line for each
version, and bars show where each ended, also when no time passed. What the steps of the story name comes
first: `base.range` in an expectation says that the range of `base` is what it is about.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from sim.core.units import show_duration
from sim.report.folding import counted, cut
from sim.report.html.chapters import Chapter
from sim.report.html.charts import Bar, Scale, bars, breaks_off, chart, corners, scale_of
from sim.report.html.markup import Content, Markup, element
from sim.report.html.series import Line, Plot, changing, numbers, turns
from sim.report.quantities import rounded

PICTURES_MAX: Final = 6
"""How many plots, and how many pictures with bars, a scenario has."""
LINES_MAX: Final = 6
"""How many lines such a plot has: as many as there are colours."""
BARS_MAX: Final = 12
"""How many bars such a picture has."""
_LABEL_COLUMNS: Final = 36
_BAND: Final = re.compile(r"\.\.|[<>]")
_PARAMETER: Final = re.compile(r", (?=\w+=)")

Quantity = tuple[str, str, str]
"""Kind of device, name of the fact, and unit."""


@dataclass(frozen=True, slots=True)
class Told:
    """A case with its numbers.

    Attributes:
        chapter: the case.
        index: which of the report it is, from 0.
        numbers: everything with a unit.
    """

    chapter: Chapter
    index: int
    numbers: tuple[Plot, ...]

    @classmethod
    def of(cls, chapter: Chapter, index: int) -> "Told":
        """Return a case with its numbers."""
        return cls(chapter, index, tuple(numbers(chapter)))

    def quantity(self, plot: Plot) -> Quantity:
        """Return what a plot of it shows: the same of another device of its kind can be held against it."""
        devices = self.chapter.run.get("devices")
        device: Any = devices.get(plot.device) if isinstance(devices, dict) else None
        kind = str(device["kind"]) if isinstance(device, dict) else plot.device
        return kind, plot.fact, plot.dimension.unit


@dataclass(frozen=True, slots=True)
class _Version:
    """One number of one device in one case."""

    told: Told
    plot: Plot

    @property
    def line(self) -> Line:
        """The truth, or where nobody knows it, what the reader believed that heard most."""
        return self.plot.lines[0]


def scenarios(told: Iterable[Told]) -> list[list[Told]]:
    """Return the cases of each scenario, in order."""

    def scenario(one: Told) -> str:
        return str(one.chapter.run.get("file"))

    return [list(them) for _, them in groupby(told, key=scenario)]


def scales(cases: Sequence[Told]) -> dict[Quantity, Scale]:
    """Return for each quantity the one scale on which all cases of a scenario, and all devices, show it."""
    found: dict[Quantity, list[Plot]] = {}
    for one in cases:
        for plot in changing(one.numbers):
            found.setdefault(one.quantity(plot), []).append(plot)
    return {quantity: scale_of(them) for quantity, them in found.items()}


def comparison(cases: Sequence[Told]) -> Markup | None:
    """Return the cases of one scenario beside each other; None when there is nothing to compare."""
    spoken = " ".join(str(step["text"]) for one in cases for step in one.chapter.of("step"))
    found = list(_compared(cases, spoken))
    over_time = [them for them in found if _moves(them)][:PICTURES_MAX]
    differing = [them for them in found if _differs(them, cases, spoken)]
    asserted = [them for them in differing if _asserts(spoken, them[0].plot)]
    at_end = (asserted or differing)[:PICTURES_MAX]
    pictures = [_overview(them, cases) for them in over_time] + [_ends(them, cases) for them in at_end]
    if not pictures:
        return None
    return element("div", *pictures, class_="plots")


def _compared(cases: Sequence[Told], spoken: str) -> Iterator[list[_Version]]:
    """Yield versions of the same quantity, two at least: first what the story names, then most to see."""
    by_quantity: dict[Quantity, list[_Version]] = {}
    for one in cases:
        for plot in one.numbers:
            by_quantity.setdefault(one.quantity(plot), []).append(_Version(one, plot))
    found = []
    for them in by_quantity.values():
        named = [one for one in them if _says(spoken, re.escape(one.plot.device))]
        asserted = [one for one in named if _asserts(spoken, one.plot)]
        most_named = asserted if len(asserted) > 1 else named
        if len(most_named) > 1:
            seen = max(turns(one.plot) for one in most_named)
            found.append((not asserted, -seen, most_named[0].plot.fact, most_named))
    for *_, them in sorted(found, key=lambda one: one[:3]):
        yield them


def _says(spoken: str, pattern: str) -> bool:
    return re.search(rf"(?<!\w){pattern}(?!\w)", spoken) is not None


def _asserts(spoken: str, plot: Plot) -> bool:
    return _says(spoken, rf"{re.escape(plot.device)}\.{re.escape(plot.fact)}")


def _moves(them: list[_Version]) -> bool:
    """Say whether a plot over time shows anything: something moves, and not the same everywhere."""
    lasted = any(one.told.chapter.ended_ms for one in them)
    moves = any(len({value for _, value in one.line.points}) > 1 for one in them)
    alike = len({tuple((t, rounded(value)) for t, value in one.line.points) for one in them}) == 1
    return lasted and moves and not alike


def _differs(them: list[_Version], cases: Sequence[Told], spoken: str) -> bool:
    """Say whether bars show anything: the story names the number, or no time passes in it, and it differs."""
    if len(cases) == 1 or len({rounded(one.line.points[-1][1]) for one in them}) == 1:
        return False
    timeless = not any(one.chapter.ended_ms for one in cases)
    return timeless or any(_asserts(spoken, one.plot) for one in them)


def _overview(them: list[_Version], cases: Sequence[Told]) -> Markup:
    shown = them[:LINES_MAX]
    labels = _labels(shown, cases)
    lines = tuple(
        Line(label + _known(one), corners(one.line, one.told.chapter.ended_ms), stepped=False)
        for label, one in zip(labels, shown, strict=True)
    )
    first = them[0].plot
    plot = Plot("", first.fact, first.dimension, lines, len(them))
    return chart(plot, max(one.told.chapter.ended_ms for one in shown), whole=False)


def _ends(them: list[_Version], cases: Sequence[Told]) -> Markup:
    shown = them[:BARS_MAX]
    devices = list(dict.fromkeys(one.plot.device for one in shown))
    drawn = [
        Bar(label, one.line.points[-1][1], devices.index(one.plot.device) % LINES_MAX + 1)
        for label, one in zip(_labels(shown, cases), shown, strict=True)
    ]
    name = them[0].plot.fact + (
        f" ({len(shown)} of {counted(len(them), 'value')})" if len(them) > BARS_MAX else ""
    )
    return bars(name, them[0].plot.dimension, drawn)


def _labels(them: Sequence[_Version], cases: Sequence[Told]) -> list[str]:
    """Return what tells versions apart: the device where there are several, and the case where there are."""
    several = len({one.plot.device for one in them}) > 1
    names = dict(zip((one.index for one in cases), case_names(cases), strict=True))
    labels = []
    for one in them:
        words = [one.plot.device] if several else []
        words += [names[one.told.index]] if len(cases) > 1 else []
        labels.append(", ".join(words))
    return labels


def _known(one: _Version) -> str:
    """Return until when a line is known, if its case went on after that."""
    late = breaks_off(one.line, one.told.chapter.ended_ms)
    return f" (known until {show_duration(one.line.points[-1][0])})" if late else ""


def case_names(cases: Sequence[Told]) -> list[str]:
    """Return short names of cases: of their parameters those that are no bands, if that tells them apart."""
    full = [str(one.chapter.run.get("case")) for one in cases]
    short = [", ".join(it for it in _PARAMETER.split(one) if not _BAND.search(it)) for one in full]
    chosen = short if len(set(short)) == len(full) and all(short) else full
    return [cut(one, _LABEL_COLUMNS) for one in chosen]


def section(cases: Sequence[Told], *, opened: bool) -> Markup | None:
    """Return the comparison of a scenario under its heading; None when there is nothing to compare."""
    pictures = comparison(cases)
    if pictures is None:
        return None
    what = counted(len(cases), "case") if len(cases) > 1 else "devices of one kind"
    heading: list[Content] = [f"{what} side by side: ", str(cases[0].chapter.run["scenario"])]
    return element(
        "details",
        element("summary", element("h2", *heading)),
        element("div", pictures, class_="body"),
        open="" if opened else None,
    )
