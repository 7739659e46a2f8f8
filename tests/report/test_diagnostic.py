"""Diagnostics: an error shows its line and its spot, and nothing of it is obeyed by a terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.errors import Place, ScenarioError, UsageError
from sim.report.diagnostic import COLUMNS_MAX, render


def shown(line: str, column: int, length: int) -> list[str]:
    """Return the line and the underline of an error, without their gutter."""
    error = ScenarioError("wrong", place=Place("a.yaml", 7, column, length, line))
    return [row.partition("| ")[2] for row in render(error, colour=False).splitlines()[3:5]]


def columns(text: str) -> int:
    """Return how many columns text takes on a terminal."""
    return sum(
        0
        if unicodedata.category(character) in {"Mn", "Me", "Cf"}
        else 2
        if unicodedata.east_asian_width(character) in {"W", "F"}
        else 1
        for character in text
    )


def test_diagnostic_shows_place_line_spot_and_help() -> None:
    """An error reads as compilers print theirs."""
    error = ScenarioError(
        "unknown key `parms`",
        place=Place("bad.yaml", 7, 37, 5, "    act: {do: set, device: home/ac, parms: {power: on}}"),
        help_text="did you mean `params`?",
        code="SC101",
    )

    assert render(error, colour=False) == (
        "error[SC101]: unknown key `parms`\n"
        " --> bad.yaml:7:37\n"
        "  |\n"
        "7 |     act: {do: set, device: home/ac, parms: {power: on}}\n"
        "  |                                     ^^^^^\n"
        "  = help: did you mean `params`?"
    )


def test_diagnostic_gutter_is_as_wide_as_the_line_number() -> None:
    """Everything keeps its column when the line number has several digits."""
    error = ScenarioError("wrong", place=Place("a.yaml", 1234, 1, 1, "x"), help_text="right it")

    assert render(error, colour=False) == (
        "error[SC100]: wrong\n    --> a.yaml:1234:1\n     |\n1234 | x\n     | ^\n     = help: right it"
    )


def test_diagnostic_without_a_place_is_one_line_and_help() -> None:
    """An error of the command line has nothing to point at."""
    assert render(UsageError("no such file"), colour=False) == "error[US100]: no such file"
    assert render(UsageError("no such file", help_text="look"), colour=False) == (
        "error[US100]: no such file\n  = help: look"
    )


def test_diagnostic_of_an_empty_line_shows_its_place_only() -> None:
    """There is nothing to underline in an empty line."""
    error = ScenarioError("the file is empty", place=Place("a.yaml", 1, 1, 1, "  "))

    assert render(error, colour=False) == "error[SC100]: the file is empty\n --> a.yaml:1:1"


@pytest.mark.parametrize(
    ("line", "column", "length", "text", "underline"),
    [
        ("\ta: b", 5, 1, "    a: b", "       ^"),
        ("a\tb", 2, 1, "a    b", " ^^^^"),
        ("海小米: 打开", 6, 2, "海小米: 打开", "        ^^^^"),
        ("😀: x", 4, 1, "😀: x", "    ^"),
        ("e\u0301é: x", 5, 1, "e\u0301é: x", "   ^"),
        ("👩\u200d🚀 x", 5, 1, "👩\u200d🚀 x", "     ^"),
        ("a: \x1b[31mred", 4, 1, "a: \\x1b[31mred", "   ^^^^"),
        ("a: \u202eb", 5, 1, "a: \\u202eb", "         ^"),
        ("a: \ud800b", 4, 1, "a: \\ud800b", "   ^^^^^^"),
        ("a:\u00a0b", 3, 1, "a:\\xa0b", "  ^^^^"),
        ("a: b", 5, 1, "a: b", "    ^"),
        ("a: b", 99, 9, "a: b", "    ^"),
        ("a: b   ", 4, 9, "a: b", "   ^"),
        ("\u0301a", 1, 1, "\u0301a", "^"),
    ],
)
def test_diagnostic_spot_is_under_what_it_means(
    line: str, column: int, length: int, text: str, underline: str
) -> None:
    """The underline stands below the spot, whatever the width of what comes before."""
    assert shown(line, column, length) == [text, underline]


@pytest.mark.parametrize(
    ("column", "begins", "ends"),
    [(1, "ab", "…"), (150, "…", "…"), (300, "…", "yz"), (299, "…", "yz")],
)
def test_diagnostic_long_line_is_cut_around_the_spot(column: int, begins: str, ends: str) -> None:
    """A line too long for the terminal loses what is far from the spot."""
    line = "ab" + "-" * 148 + "X" + "-" * 147 + "yz"
    text, underline = shown(line, column, 1)

    assert COLUMNS_MAX - 5 <= len(text) <= COLUMNS_MAX - 4
    assert (text[: len(begins)], text[-len(ends) :]) == (begins, ends)
    assert text[len(underline) - 1] == line[column - 1]


def test_diagnostic_spot_wider_than_the_terminal_is_cut() -> None:
    """A spot that does not fit is underlined as far as it is shown."""
    text, underline = shown("海" * 200, 1, 200)

    assert (columns(text), len(underline)) == (95, 94)


def test_diagnostic_escapes_what_a_terminal_would_obey() -> None:
    """No control character of a file reaches the terminal, in sentence, place or help."""
    error = ScenarioError(
        "unknown key `\x1b[2J\r`", place=Place("a\n.yaml", 1, 1, 1, "\x07"), help_text="not `\u202e`"
    )

    assert render(error, colour=False) == (
        "error[SC100]: unknown key `\\x1b[2J\\r`\n --> a\\n.yaml:1:1\n  |\n1 | \\x07\n  | ^^^^\n"
        "  = help: not `\\u202e`"
    )


def test_diagnostic_colour_adds_escape_sequences_only() -> None:
    """In colour, the text is the same between the sequences."""
    error = ScenarioError("wrong", place=Place("a.yaml", 1, 1, 1, "x"), help_text="right it")
    coloured = render(error, colour=True)

    for sequence in ("\x1b[1;31m", "\x1b[1m", "\x1b[34m", "\x1b[0m"):
        assert sequence in coloured
        coloured = coloured.replace(sequence, "")
    assert coloured == render(error, colour=False)


@given(st.text(max_size=300), st.integers(1, 400), st.integers(1, 400))
def test_diagnostic_of_any_line_fits_and_is_printable(line: str, column: int, length: int) -> None:
    """Whatever stands in a line, what is shown fits the terminal, prints, and is underlined inside."""
    line = line.replace("\n", "")
    rows = render(ScenarioError(line, place=Place("a", 1, column, length, line)), colour=False).splitlines()

    assert all(one.isprintable() or one in "\u200c\u200d" for row in rows for one in row)
    for row in rows[3:]:
        assert columns(row) <= COLUMNS_MAX + 1
        assert row.startswith(("1 | ", "  | "))
