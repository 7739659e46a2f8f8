"""Text for a terminal of 80 columns: what is shown, how wide it is, where it is folded or cut; repeats."""

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

COLUMNS_MAX = 80
"""Widest line of a run; a path or another word without spaces may be wider."""
CUT = "…"
REPEATS_MAX = 4
"""How many things may repeat each other before those between the first and the last are folded."""

Thing = TypeVar("Thing")

_JOINERS = "\u200c\u200d"
"""Invisible, but part of how emoji and some scripts are written."""
_WORD = re.compile(r"\s*\S+")


def visible(text: str) -> str:
    """Return text with everything escaped that a terminal would obey or not show."""
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable() or character in _JOINERS
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def columns_of(text: str) -> int:
    """Return how many columns visible text takes: two for a wide character, none for one that joins."""
    return len(text) if text.isascii() else sum(_columns(character) for character in text)


def cut(text: str, columns_max: int) -> str:
    """Return as much of a text as fits, with a mark where the rest was."""
    if columns_of(text) <= columns_max:
        return text
    used, end = columns_of(CUT), 0
    while used + _columns(text[end]) <= columns_max:
        used += _columns(text[end])
        end += 1
    return text[:end].rstrip() + CUT


def counted(number: int, what: str) -> str:
    """Return a number with what is counted: `1 case`, `2 cases`."""
    return f"{number:,} {what if number == 1 else what + 's'}"


def fold(text: str, first: str = "", indent: str | None = None) -> list[str]:
    """Return text as lines that fit, broken at spaces and between wide characters.

    Args:
        text: visible text.
        first: what stands before the first line, without colours.
        indent: what stands before the others; as many spaces as `first` has columns unless given.
    """
    indent = " " * columns_of(first) if indent is None else indent
    lines, line, empty = [], first, True
    for piece in _pieces(text):
        if not empty and columns_of(line) + columns_of(piece) > COLUMNS_MAX:
            lines.append(line)
            line, empty = indent, True
        line += piece.lstrip() if empty else piece
        empty = False
    return [*lines, line]


def _pieces(text: str) -> Iterator[str]:
    """Yield words with the space before them; Chinese has no spaces, so its characters are words."""
    for word in _WORD.findall(text):
        piece = ""
        for character in word:
            if piece.strip() and _is_wide(character) and _may_begin_line(character):
                yield piece
                piece = ""
            piece += character
        yield piece


def _may_begin_line(character: str) -> bool:
    """Say whether a line may begin with a character: closing and ending punctuation stays with its word."""
    return not unicodedata.category(character).startswith("P") or unicodedata.category(character) == "Ps"


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in {"W", "F"}


def _columns(character: str) -> int:
    if character in _JOINERS or unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if _is_wide(character) else 1


def fold_repeats(
    things: Iterable[Thing], sort_of: Callable[[Thing], Hashable | None]
) -> Iterator[tuple[Thing, ...]]:
    """Yield things, each alone, but those that only repeat each other together, where the first one stood.

    Between two things of no sort, all of one sort repeat each other, whatever of other sorts is between them.
    The first and the last stay alone: how it begins and ends is seen. Few are not worth a fold.

    Args:
        things: in order.
        sort_of: what a thing repeats; None for what stands for itself.
    """
    stretch: list[Thing] = []
    for thing in things:
        if sort_of(thing) is None:
            yield from _folded(stretch, sort_of)
            stretch = []
            yield (thing,)
        else:
            stretch.append(thing)
    yield from _folded(stretch, sort_of)


def _folded(stretch: list[Thing], sort_of: Callable[[Thing], Hashable | None]) -> Iterator[tuple[Thing, ...]]:
    places: dict[Hashable | None, list[int]] = {}
    for index, thing in enumerate(stretch):
        places.setdefault(sort_of(thing), []).append(index)
    together = {them[1]: them[1:-1] for them in places.values() if len(them) > REPEATS_MAX}
    gone = {index for them in together.values() for index in them[1:]}
    for index, thing in enumerate(stretch):
        if index not in gone:
            yield tuple(stretch[one] for one in together.get(index, ())) or (thing,)
