"""An error for people: the sentence, the line it is about with the spot underlined, and what to do.

What a user wrote may hold anything, so whatever a terminal would obey or hide is shown as an escape,
in the sentence as well as in the line: no file can colour, clear or reorder the screen that judges it.
"""

from typing import NamedTuple

from sim.core.errors import Place, SimError
from sim.report.folding import CUT, columns_of, visible

COLUMNS_MAX = 100
"""Widest line of a snippet; longer ones are cut on both sides of the spot."""
TAB_COLUMNS = 4
"""How wide a tab is shown."""


class _Style(NamedTuple):
    """The escape sequences around each part; all empty without colour."""

    error: str = ""
    sentence: str = ""
    frame: str = ""
    spot: str = ""
    end: str = ""


_PLAIN = _Style()
_COLOURED = _Style(error="\x1b[1;31m", sentence="\x1b[1m", frame="\x1b[34m", spot="\x1b[1;31m", end="\x1b[0m")


def render(error: SimError, *, colour: bool) -> str:
    """Return an error as lines of text, without a newline at the end.

    Args:
        error: what to show.
        colour: whether the reader is a terminal that shows colours.
    """
    style = _COLOURED if colour else _PLAIN
    lines = [
        f"{style.error}error[{error.code}]{style.end}: {style.sentence}{visible(error.sentence)}{style.end}"
    ]
    gutter = 1
    if error.place is not None:
        gutter = len(str(error.place.line))
        lines += _snippet(error.place, gutter, style)
    if error.help_text:
        lines.append(f"{' ' * gutter} {style.frame}={style.end} help: {visible(error.help_text)}")
    return "\n".join(lines)


def snippet(place: Place, *, colour: bool) -> list[str]:
    """Return the lines that show a place: its file, and its line with the spot underlined."""
    return _snippet(place, len(str(place.line)), _COLOURED if colour else _PLAIN)


def _snippet(place: Place, gutter: int, style: _Style) -> list[str]:
    margin = " " * gutter
    arrow = f"{margin}{style.frame}-->{style.end} {visible(str(place))}"
    if not place.source_line.strip():
        return [arrow]
    text, indent, length = _window(place, COLUMNS_MAX - gutter - 3)
    bar = f"{style.frame}|{style.end}"
    number = f"{style.frame}{place.line}{style.end}"
    carets = f"{style.spot}{'^' * length}{style.end}"
    return [arrow, f"{margin} {bar}", f"{number} {bar} {text}", f"{margin} {bar} {' ' * indent}{carets}"]


class _Cell(NamedTuple):
    """One character of a line as it is shown, and how many columns that takes."""

    text: str
    width: int


def _window(place: Place, columns: int) -> tuple[str, int, int]:
    """Return the part of a line that fits, and where the spot begins in it and how wide it is."""
    cells = [_cell(character) for character in place.source_line.rstrip()]
    start = min(place.column - 1, len(cells))
    spot = cells[start : start + place.length]
    first, end = 0, len(cells)
    if _width(cells) > columns:
        first, end = _cut(cells, start, len(spot), columns - 2 * len(CUT))
        spot = spot[: end - start]
    left = CUT if first > 0 else ""
    right = CUT if end < len(cells) else ""
    text = left + "".join(cell.text for cell in cells[first:end]) + right
    return text, len(left) + _width(cells[first:start]), max(1, _width(spot))


def _cut(cells: list[_Cell], start: int, length: int, columns: int) -> tuple[int, int]:
    """Return which cells to show: the spot, half of what is left before it, and the rest behind it."""
    free = columns - min(_width(cells[start : start + length]), columns)
    first = _reach_back(cells, start, free // 2)
    end, used = start, _width(cells[first:start])
    while end < len(cells) and used + cells[end].width <= columns:
        used += cells[end].width
        end += 1
    return _reach_back(cells, first, columns - used), end


def _reach_back(cells: list[_Cell], start: int, columns: int) -> int:
    """Return how far back from `start` some columns reach."""
    while start > 0 and cells[start - 1].width <= columns:
        start -= 1
        columns -= cells[start].width
    return start


def _width(cells: list[_Cell]) -> int:
    return sum(cell.width for cell in cells)


def _cell(character: str) -> _Cell:
    """Return one character as it is shown."""
    if character == "\t":
        return _Cell(" " * TAB_COLUMNS, TAB_COLUMNS)
    shown = visible(character)
    return _Cell(shown, columns_of(shown))
