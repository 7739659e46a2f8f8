"""Colours of terminal output, or none of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """Escape sequences by what they mean; all empty where the reader is no terminal."""

    good: str = ""
    bad: str = ""
    doubt: str = ""
    faint: str = ""
    strong: str = ""
    end: str = ""


PLAIN = Style()
COLOURED = Style(
    good="\x1b[32m", bad="\x1b[31m", doubt="\x1b[33m", faint="\x1b[2m", strong="\x1b[1m", end="\x1b[0m"
)


def style_for(*, colour: bool) -> Style:
    """Return the style for a reader who sees colours, or not."""
    return COLOURED if colour else PLAIN
