"""How a file that cannot be is refused: what the tests of refusals compare."""

from typing import TypeAlias

from sim.scenario.cases import MASK
from tests.scenario.stories import refusal

Mistake: TypeAlias = tuple[str, str, int, int, str]
"""A part of a file, the code, line and column of its error, and the sentence."""

KEY = "  - do: watch.unlock\n    with: {car: su7}\n    as: key\n"
"""A step, on lines 4 to 6, that names a command."""


def told(text: str) -> Mistake:
    """Return how a file is refused."""
    error = refusal(text)
    assert error.place is not None
    line = text.split("\n")[error.place.line - 1]
    row_is_masked = line.startswith(("cases:", "matrix:")) and MASK in error.place.source_line
    assert row_is_masked or error.place.source_line == line
    return text, error.code, error.place.line, error.place.column, error.sentence


def by_sentence(mistakes: list[Mistake]) -> list[str]:
    """Return a name for each test: the sentence that is expected."""
    return [mistake[-1] for mistake in mistakes]
