"""Documents: every text is read as plain YAML 1.2, or refused in one sentence at its place."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sim.core.errors import HouseholdError, Place, ScenarioError
from sim.documents.reading import DOCUMENT_BYTES_MAX, LOADER, NESTING_MAX, NODES_MAX, Node, read_document

LOADERS = pytest.mark.parametrize("loader", [LOADER, yaml.SafeLoader], ids=["default", "python"])

HOUSEHOLD = (Path(__file__).parents[2] / "households" / "wang.household.yaml").read_text(encoding="utf-8")
SCENARIO = """\
scenario: The watch unlocks the car
tags: [M13, M33]
start: 2026-01-12T07:30:00+08:00
given:
  su7: {locked: true, gear: P}
steps:
  - do: watch.unlock
    with: {car: su7}
    as: far
  - expect: {far: denied, heater.room: ">= 20 °C"}   # 太远
    within: 5s
  - say: 海小米, 打开所有门
"""


def read(text: str, loader: type = LOADER) -> Node:
    """Read a scenario document."""
    return read_document("a.yaml", text, ScenarioError, loader=loader)


def refusal(text: str, loader: type = LOADER) -> ScenarioError:
    """Return the error that a text is refused with."""
    with pytest.raises(ScenarioError) as caught:
        read(text, loader)
    return caught.value


@LOADERS
def test_document_scalars_follow_yaml_1_2(loader: type) -> None:
    """Words and times stay text, and numbers are those of YAML 1.2's core schema."""
    text = (
        "text: [on, off, yes, no, y, 12:30, 2026-01-12T07:30:00+08:00, 1_000, 0b1, =, '1', \"true\", 5 m]\n"
        "numbers: [0o17, 0x1f, 010, -3, +4, 1e3, .5, 5., -1.5E-1]\n"
        "others: [true, FALSE, null, ~, Null]\n"
        "empty:\n"
    )

    assert read(text, loader).plain() == {
        "text": [
            *("on", "off", "yes", "no", "y", "12:30", "2026-01-12T07:30:00+08:00"),
            *("1_000", "0b1", "=", "1", "true", "5 m"),
        ],
        "numbers": [15, 31, 10, -3, 4, 1000.0, 0.5, 5.0, -0.15],
        "others": [True, False, None, None, None],
        "empty": None,
    }


BAD_DOCUMENTS = [
    ("", "SC007", 1, 1, "the file is empty"),
    ("# nothing\n", "SC007", 1, 1, "the file is empty"),
    ("---\n", "SC007", 1, 1, "the file is empty"),
    ("a: 1\n---\nb: 2\n", "SC007", 2, 1, "a second document begins here"),
    ("a:\n\tb: 1\n", "SC003", 2, 1, "a tab indents this line"),
    ("a:\tb\n", "SC003", 1, 3, "a tab stands in this line"),
    ("a: 1\nb: 2\na: 3\n", "SC008", 3, 1, "key `a` is given twice"),
    ("a: {x: 1, x: 2}\n", "SC008", 1, 11, "key `x` is given twice"),
    ("1: x\n", "SC009", 1, 1, "a key is text, and `1` is not"),
    ("a: {true: x}\n", "SC009", 1, 5, "a key is text, and `true` is not"),
    ("~: x\n", "SC009", 1, 1, "a key is text, and `~` is not"),
    ("?\n: x\n", "SC009", 1, 2, "a key is missing before this"),
    ("? [a]\n: x\n", "SC009", 1, 3, "a key is text, not a list or a mapping"),
    ("a: {{name}}\n", "SC009", 1, 5, "a key is text, not a list or a mapping"),
    ("a: &x 1\n", "SC005", 1, 4, "the anchor or alias `&x` is not read here"),
    ("a: 1\nb: *x\n", "SC005", 2, 4, "the anchor or alias `*x` is not read here"),
    ("a: [&x [1], *x]\n", "SC005", 1, 5, "the anchor or alias `&x` is not read here"),
    ("b:\n  <<: {a: 1}\n", "SC005", 2, 3, "the merge key `<<` is not read here"),
    (
        "a: !!python/object:os.system x\n",
        "SC006",
        1,
        4,
        "the tag `!!python/object:os.system` is not read here",
    ),
    ("a: !foo {b: 1}\n", "SC006", 1, 4, "the tag `!foo` is not read here"),
    ("a: .nan\n", "SC010", 1, 4, "`.nan` is not a number to calculate with"),
    ("a: -.inf\n", "SC010", 1, 4, "`-.inf` is not a number to calculate with"),
    ("a: 1e999\n", "SC010", 1, 4, "`1e999` is too large a number to be kept exactly"),
    ("a: 9007199254740993\n", "SC010", 1, 4, "`9007199254740993` is too large a number to be kept exactly"),
    ("a: 0x" + "f" * 99, "SC010", 1, 4, "`0x" + "f" * 57 + "…` is too large a number to be kept exactly"),
    ("a: " + "9" * 5000, "SC010", 1, 4, "`" + "9" * 59 + "…` is too large a number to be kept exactly"),
    ("a: b\0\n", "SC002", 1, 5, "the invisible character U+0000 may not stand in a file"),
    ("x: 1\na: \x1b[2J\n", "SC002", 2, 4, "the invisible character U+001B may not stand in a file"),
    ("a: \u202eb\n", "SC002", 1, 4, "the invisible character U+202E may not stand in a file"),
    ("a: \ud800\n", "SC002", 1, 4, "the invisible character U+D800 may not stand in a file"),
    ("\ufeff\ufeffa: 1\n", "SC002", 1, 1, "the invisible character U+FEFF may not stand in a file"),
    ('a: "x\\0"\n', "SC002", 1, 4, "an escape stands for the invisible character U+0000"),
    ("%YAML 1.2\n---\na: 1\n", "SC004", 1, 1, "a line that begins with `%` is not read here"),
    ("a: [1, 2\nb: 3\n", "SC004", 1, 4, "a bracket is opened here and not closed, or a comma is missing"),
    ("a: {b: 1\n", "SC004", 1, 4, "a bracket is opened here and not closed, or a comma is missing"),
    ("a: [}\n", "SC004", 1, 5, "a value is missing here, or a bracket is not closed"),
    ("a: 'it\nb: 1\n", "SC004", 1, 4, "a quote is opened here and never closed"),
    ('a: "\\xyz"\n', "SC004", 1, 7, "this `\\` begins no escape that YAML knows"),
    ("a: >= 20 °C\n", "SC004", 1, 4, "`>` and `|` begin a block of text on the lines below"),
    ("a: b: c\n", "SC004", 1, 5, "a `:` stands here where none can be"),
    ("海: 1\n  b: 2\n", "SC004", 2, 4, "a `:` stands here where none can be"),
    ("a: 1\nbcd\n", "SC004", 2, 1, "this key has no `:` after it"),
    ("a: @home\n", "SC004", 1, 4, "a value cannot begin with this character"),
    ("a: *\n", "SC004", 1, 4, "a value cannot begin with `&` or `*`"),
    ("a: !<x\n", "SC004", 1, 4, "a value cannot begin with `!`"),
    ("a:\n  b: 1\n c: 2\n", "SC004", 3, 2, "this does not belong to the lines before it"),
    ("- a\nb: 1\n", "SC004", 2, 1, "this does not belong to the lines before it"),
    ("[" * (NESTING_MAX + 2), "SC001", 1, NESTING_MAX + 2, "this is nested deeper than 50 levels"),
    (
        "[" + "a," * NODES_MAX + "]",
        "SC001",
        1,
        2 * NODES_MAX,
        "the file holds more than 50,000 keys and values",
    ),
    ("#" * (DOCUMENT_BYTES_MAX + 1), "SC001", 1, 1, "the file is larger than 1,048,576 bytes"),
]


@LOADERS
@pytest.mark.parametrize(
    ("text", "code", "line", "column", "sentence"),
    BAD_DOCUMENTS,
    ids=[str(n) for n in range(len(BAD_DOCUMENTS))],
)
def test_document_that_is_not_plain_is_refused(
    text: str, code: str, line: int, column: int, sentence: str, loader: type
) -> None:
    """Whatever is not plain YAML is refused with its code, its place and one sentence."""
    error = refusal(text, loader)

    assert error.place is not None
    assert (error.code, error.place.line, error.place.column, error.sentence) == (
        code,
        line,
        column,
        sentence,
    )


def test_document_escape_out_of_range_is_refused_by_either_parser() -> None:
    """An escape beyond the last character of Unicode is a mistake of the file, not a crash."""
    text = 'a: "\\UFFFFFFFF"\n'

    assert refusal(text).sentence == "this `\\` begins no escape that YAML knows"
    assert refusal(text, yaml.SafeLoader).sentence == "an escape such as `\\U0001F600` names no character"


def test_document_directive_behind_the_document_is_refused() -> None:
    """A directive that follows the document is refused, in general words."""
    error = refusal("a: 1\n...\n%\n")

    assert (error.code, error.sentence) == ("SC004", "this cannot be read as YAML")


def test_document_duplicate_key_names_the_first_line() -> None:
    """A key given twice says where the first one stands."""
    assert refusal("a: 1\nb: 2\na: 3\n").help_text == "the first one is on line 1"


def test_document_code_begins_with_the_letters_of_its_error() -> None:
    """The same mistake in a household file has a household's code."""
    with pytest.raises(HouseholdError) as caught:
        read_document("h.yaml", "", HouseholdError)

    assert caught.value.code == "HH007"


@LOADERS
def test_document_places_underline_what_was_written(loader: type) -> None:
    """A place underlines the scalar, the bracketed value, or a block's first key."""
    text = "海: {b: 'x y', c: [1,\n  2]}   # c\nd:\n  - e: f\ng:\nh: |\n  more\ni: two\n  lines\nj: [a: 1]\n"
    root = read(text, loader)

    def underlined(*path: str | int) -> tuple[int, int, str]:
        place = root.at(path).place
        return place.line, place.column, root.at(path).written

    assert underlined("海") == (1, 4, "{")
    assert root.entries["海"].key.written == "海"
    assert underlined("海", "b") == (1, 8, "'x y'")
    assert underlined("海", "c") == (1, 18, "[")
    assert underlined("海", "c", 1) == (2, 3, "2")
    assert underlined("d") == (4, 3, "-")
    assert underlined("d", 0) == (4, 5, "e")
    assert underlined("g") == (5, 1, "g")
    assert underlined("h") == (6, 4, "|")
    assert underlined("i") == (8, 4, "two")
    assert underlined("j", 0) == (10, 5, "a: 1")


def test_document_first_byte_order_mark_and_line_ends_do_not_count() -> None:
    """A byte order mark, and line ends of any system, change no value and no place."""
    plain = read("a: 1\nb: [x]\n")

    assert read("\ufeffa: 1\r\nb: [x]\r\n") == plain
    assert read("a: 1\rb: [x]\r") == plain


def test_document_quoted_merge_key_is_a_key() -> None:
    """In quotes, `<<` is text like any other."""
    assert read("'<<': 1").plain() == {"<<": 1}


def test_node_path_skips_what_is_not_there() -> None:
    """A path leads as deep as the document goes, so that every error has a place."""
    root = read("a: {b: [x, y]}\n")

    assert root.at(["a", "tag", "b", 1]).value == "y"
    assert root.at(["a", "b", 7, -1]).value == root.at(["a", "b"]).value
    assert root.at([]) is root
    assert root.entry_at(["a", "b"]).key.place == Place("a.yaml", 1, 5, 1, "a: {b: [x, y]}")
    assert root.at(["a", "b", 0]).items == ()
    assert root.without("a").plain() == {}


# --- properties -------------------------------------------------------------------------------------


def outcome(text: str, loader: type) -> object:
    """Return what reading comes to: a tree of nodes, or the code of the refusal."""
    try:
        return read(text, loader)
    except ScenarioError as refused:
        error = refused
    assert error.place is not None
    assert 1 <= error.place.line <= text.count("\n") + text.count("\r") + 1
    assert error.sentence
    return error.code


@given(st.text())
def test_document_any_text_is_read_or_refused(text: str) -> None:
    """No text at all makes reading fail in any other way than with its own error, in either parser."""
    outcome(text, LOADER)
    outcome(text, yaml.SafeLoader)


edits = st.lists(
    st.tuples(
        st.integers(0, 2_000), st.integers(0, 3), st.text("ab1 .\n:-,[]{}#&*!|>'\"%@\\\t~°海", max_size=3)
    ),
    max_size=4,
)


@given(st.sampled_from([HOUSEHOLD, SCENARIO]), edits)
def test_document_damaged_file_means_the_same_to_both_parsers(
    text: str, changes: list[tuple[int, int, str]]
) -> None:
    """A real file with a few typing mistakes is read alike by libyaml and by Python, places included."""
    for at, deleted, inserted in changes:
        text = text[: at % len(text)] + inserted + text[at % len(text) + deleted :]
    ours, theirs = outcome(text, LOADER), outcome(text, yaml.SafeLoader)

    if isinstance(ours, Node) and isinstance(theirs, Node):
        assert ours == theirs


def is_the_same_in_both_yamls(text: str) -> bool:
    """Say whether PyYAML, which writes YAML 1.1, quotes what YAML 1.2 takes for a number.

    It does not for `-.0` and `0e0`, which are numbers only since 1.2.
    """
    number = re.fullmatch(r"-?(\.0+|0+(\.0*)?)(e-?0+)?", text)
    return number is None or not isinstance(yaml.safe_load(text), str)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**53) + 1, 2**53 - 1)
        | st.text("ab: #-'\"\\,[]{}é海~0.e", max_size=9).filter(is_the_same_in_both_yamls),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.text("ab: -'é", max_size=5), inner, max_size=4)
        ),
        max_leaves=20,
    )
)
def test_document_reads_what_yaml_writes(value: object) -> None:
    """Plain data that PyYAML writes down comes back as it was."""
    text = yaml.safe_dump({"value": value}, allow_unicode=True)

    assert read(text).plain() == {"value": value}
