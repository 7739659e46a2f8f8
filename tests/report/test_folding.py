"""Text for terminals: nothing obeyed, nothing too wide, nothing lost."""

from hypothesis import given
from hypothesis import strategies as st

from sim.report.folding import (
    COLUMNS_MAX,
    REPEATS_MAX,
    columns_of,
    counted,
    cut,
    fold,
    fold_repeats,
    visible,
)

words = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zs", "Zl", "Zp"]), min_size=1, max_size=30
)
sentences = st.lists(words, max_size=30).map(" ".join).map(visible)


def test_wide_characters_take_two_columns() -> None:
    """Chinese takes two columns a character, a joined accent none."""
    assert [columns_of(text) for text in ("car", "汽车", "e\u0301", "ｗ", "")] == [3, 4, 1, 2, 0]


def test_visible_escapes_what_a_terminal_would_obey() -> None:
    """Escape sequences, line ends and marks that reorder text are shown, not sent."""
    assert visible("a\x1b[2J\n\u202eb\x00") == "a\\x1b[2J\\n\\u202eb\\x00"


def test_fold_breaks_chinese_between_characters_but_not_before_its_full_stop() -> None:
    """A text without spaces is folded too, and no line begins with punctuation."""
    folded = fold("开" * 39 + "。" + "门" * 3)

    assert folded == ["开" * 39 + "。", "门" * 3]
    assert fold("开" * 40 + "。") == ["开" * 39, "开。"]


def test_fold_begins_with_what_it_is_told_to() -> None:
    """The first line has its own beginning, and the others stand below its text."""
    assert fold("word " * 20, "  ✓ ") == ["  ✓ " + " ".join(["word"] * 15), "    " + " ".join(["word"] * 5)]
    assert fold("a b", "* ", "- ") == ["* a b"]
    assert fold("", "* ") == ["* "]


def test_fold_leaves_a_path_whole() -> None:
    """A path can be copied, however long it is."""
    path = "folder/" * 20

    assert fold(f"see {path} there") == ["see", path, "there"]


@given(sentences)
def test_fold_loses_nothing_and_fits(text: str) -> None:
    """Every character comes through, in order, and a line is too wide only for a single word."""
    folded = fold(text, "  ")

    assert "".join("".join(folded).split()) == "".join(text.split())
    assert all(columns_of(line) <= COLUMNS_MAX or len(line.split()) == 1 for line in folded)


@given(sentences, st.integers(min_value=4, max_value=90))
def test_cut_fits_and_says_that_something_is_missing(text: str, columns_max: int) -> None:
    """A text that fits stays whole, any other ends in a mark and fits."""
    short = cut(text, columns_max)

    assert columns_of(short) <= columns_max
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


def test_counted_minds_the_plural() -> None:
    """One case, two cases, no cases."""
    assert [counted(number, "case") for number in (0, 1, 2, 1_000)] == [
        "0 cases",
        "1 case",
        "2 cases",
        "1,000 cases",
    ]


def test_repeats_are_folded_where_the_second_of_them_stood() -> None:
    """The first and the last stay alone, and what is of another sort between them is no end of it."""
    told = ["h1", "k1", "h2", "k2", "h3", "h4", "h5", "h6"]

    folded = list(fold_repeats(told, lambda one: one[0]))

    assert folded == [("h1",), ("k1",), ("h2", "h3", "h4", "h5"), ("k2",), ("h6",)]


def test_repeats_are_folded_only_between_other_things() -> None:
    """What stands for itself ends them, and few are told one by one."""
    few = [f"h{number}" for number in range(REPEATS_MAX)]
    many = [f"h{number}" for number in range(REPEATS_MAX + 1)]

    folded = list(fold_repeats([*few, "-", *many, "-", "-"], lambda one: None if one == "-" else one[0]))

    alone = [(one,) for one in few]
    assert folded == [*alone, ("-",), (many[0],), tuple(many[1:-1]), (many[-1],), ("-",), ("-",)]
    assert list(fold_repeats([], lambda _: None)) == []
