"""Lines of a scenario that was not read to its end, without what may be private in them.

A file with a mistake in its YAML has no steps of which one could tell what is private (`sim.scenario.masking`
does that). So of a line among the steps or cases only keys are shown that a scenario knows, and who does
what; the rest is masked, as long as it is not the line of a step that tells nobody anything. A file in which
no step does or says anything is shown as it is: it is some other file, or the beginning of one.
"""

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from sim.core.errors import ScenarioError
from sim.documents.reading import Mistake
from sim.scenario.cases import MASK
from sim.scenario.masking import place_without

ROWS = frozenset({"cases", "matrix"})
"""Sections whose keys are names that a scenario has made up."""
_OPEN_SECTIONS = frozenset(
    {"scenario", "tags", "source", "seed", "household", "start", "needs", "given", "always"}
)
_OPEN_VERBS = frozenset({"expect", "never", "advance", "fault"})
_SECTION = re.compile(r"([\"']?)([A-Za-z_]\w*)\1\s*:(?:\s|$)")
_DASH = re.compile(r"(\s*)-(?:\s|$)")
_FIRST_KEY = re.compile(r"\s*-\s+(?:\{\s*)?[\"']?(\w+)[\"']?\s*:")
_TELLS = re.compile(r"\b(do|with|say)\b[\"']?\s*:")
_DOES = re.compile(r"\s*-\s+(?:\{\s*)?do:\s+([\w.]+)(?=\s*(?:,|$))")
_TOKEN = re.compile(
    r"(?P<quoted>\"(?:[^\"\\]|\\.)*(?:\"|\\?$)|'(?:[^']|'')*(?:'|$))"
    r"|(?P<mark>[{}\[\],]|-(?=\s|$))"
    r"|(?P<word>[^\s{}\[\],\"'][^\s{}\[\],]*)"
)
_KEY = re.compile(r"[\"']?(\w+)[\"']?:")
_QUOTED = re.compile(r"`[^`]*`")
_REPEATS = frozenset({Mistake.ANCHOR, Mistake.TAG, Mistake.KEY_NOT_TEXT, Mistake.NUMBER})
"""Mistakes whose sentences repeat a value."""


@contextmanager
def unread_lines_masked(
    file_name: str,
    text: str,
    words: Collection[str],
    *,
    rows_only: bool = False,
    rows_tell: Callable[[], bool] = lambda: True,
) -> Iterator[None]:
    """Raise the errors of a block without what may be private in their lines.

    Args:
        file_name: as places show it; errors about other files are raised as they are.
        text: the whole file.
        words: keys that may be shown.
        rows_only: whether steps are masked already, and only rows of cases are not.
        rows_tell: says whether anything private stands in the rows, as far as that can be told; asked when
            one of their lines would be shown.

    Raises:
        ScenarioError: the one that the block has raised.
    """
    try:
        yield
    except ScenarioError as error:
        place = error.place
        if place is None or place.file != file_name or not _TELLS.search(text):
            raise
        lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        section, begins = _section(lines, place.line - 1)
        open_line = section in _OPEN_SECTIONS or (rows_only and (section not in ROWS or not rows_tell()))
        if open_line or (section not in ROWS and not _tells(lines, begins, place.line - 1)):
            raise
        spans = _spans(place.source_line, None if section in ROWS else words)
        if rows_only or error.code[2:] == Mistake.UNKNOWN_KEY:
            # What is wrong is shown: were it private, it would be masked already; or it is a key.
            first, end = place.column - 1, place.column - 1 + place.length
            end += place.source_line[end : end + 1] == ":"
            spans = [part for one in spans for part in _outside(one, first, end)]
        sentence = error.sentence
        if error.code[2:] in _REPEATS:
            sentence = _QUOTED.sub(MASK, sentence)
        shown = place_without(place, spans)
        raise ScenarioError(sentence, place=shown, help_text=error.help_text, code=error.code) from None


def _outside(span: tuple[int, int], first: int, end: int) -> list[tuple[int, int]]:
    """Return what of some columns is not among others."""
    parts = [(span[0], min(span[1], first)), (max(span[0], end), span[1])]
    return [part for part in parts if part[0] < part[1]]


def _section(lines: list[str], row: int) -> tuple[str, int]:
    """Return in which section of the file a row is, and where that begins; empty when in none."""
    for begins in range(min(row, len(lines) - 1), -1, -1):
        match = _SECTION.match(lines[begins])
        if match:
            return match[2], begins
    return "", 0


def _tells(lines: list[str], begins: int, row: int) -> bool:
    """Say whether a row is in a step that may tell something private."""
    dashes = [(one, _DASH.match(lines[one])) for one in range(begins, len(lines))]
    depths = [(one, len(match[1])) for one, match in dashes if match]
    outermost = depths[0][1] if depths else 0
    starts = [one for one, depth in depths if depth <= outermost]
    first = max((one for one in starts if one <= row), default=begins)
    last = min((one for one in starts if one > row), default=len(lines))
    key = _FIRST_KEY.match(lines[first])
    return key is None or key[1] not in _OPEN_VERBS or _TELLS.search("\n".join(lines[first:last])) is not None


def _spans(line: str, words: Collection[str] | None) -> list[tuple[int, int]]:
    """Return which columns of a line are hidden, from 0: all but known keys and who does what.

    Args:
        line: the line.
        words: known keys; None for any.
    """
    does = _DOES.match(line)
    spans: list[tuple[int, int]] = []
    key_may_follow = True
    for token in _TOKEN.finditer(line):
        first, end = token.span()
        if token["mark"]:
            key_may_follow = token["mark"] in "{,-"
            continue
        key = _KEY.fullmatch(
            line[first:end] + (":" if token["quoted"] and line[end : end + 1] == ":" else "")
        )
        known = key is not None and (words is None or key[1] in words)
        if (
            (key_may_follow and known)
            or (does is not None and first == does.start(1))
            or line[first:end] == ":"
        ):
            key_may_follow = False
            continue
        key_may_follow = False
        if spans and not line[spans[-1][1] : first].strip():
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((first, end))
    return spans
