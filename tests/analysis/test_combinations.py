"""Rows of choices: all of them, or every pair and a sample."""

from itertools import combinations, product

import pytest

from sim.analysis.sampling.combinations import neighbours, pairwise, some_rows

SIZES = (3, 1, 4, 2, 5)


def test_few_rows_are_all_there() -> None:
    """Where all rows fit the limit, all of them come, each once."""
    rows, complete = some_rows(SIZES, 120)

    assert complete
    assert rows == tuple(product(range(3), range(1), range(4), range(2), range(5)))


@pytest.mark.parametrize("sizes", [SIZES, (2, 2), (7,), (2,) * 12, (6, 5, 4, 3, 2, 1)])
def test_pairs_are_all_in_some_row(sizes: tuple[int, ...]) -> None:
    """Any two choices of two dimensions stand together in a row; one dimension has all its choices."""
    rows = pairwise(sizes)

    assert all(0 <= choice < size for row in rows for choice, size in zip(row, sizes, strict=True))
    for one, other in combinations(range(len(sizes)), 2):
        met = {(row[one], row[other]) for row in rows}
        assert len(met) == sizes[one] * sizes[other]
    assert {row[0] for row in rows} == set(range(sizes[0]))


def test_pairs_are_far_fewer_than_all_rows() -> None:
    """Twelve dimensions of four choices have sixteen million rows, and pairs in less than seventy."""
    assert len(pairwise((4,) * 12)) < 70


def test_limited_rows_have_pairs_first_and_a_sample_after_them() -> None:
    """Above the limit there are exactly as many rows as asked for, and no row twice."""
    rows, complete = some_rows((4,) * 8, 500)

    assert not complete
    assert len(rows) == len(set(rows)) == 500
    assert rows[: len(pairwise((4,) * 8))] == pairwise((4,) * 8)


def test_sample_is_the_same_for_the_same_seed_only() -> None:
    """Runs repeat."""
    first, same, other = (some_rows((4,) * 8, 500, seed) for seed in (1, 1, 2))

    assert first == same
    assert first != other


def test_sample_ends_where_too_many_rows_come_up_again() -> None:
    """A limit just below the number of rows is not waited for."""
    rows, complete = some_rows((10,) * 3, 999)

    assert not complete
    assert len(rows) < 999


def test_neighbours_differ_in_as_many_dimensions_as_asked_for() -> None:
    """First come rows with one other choice, then those with two, each once and never the row itself."""
    found = list(neighbours((0, 1, 2), (2, 3, 4), 2))

    changed = [sum(a != b for a, b in zip((0, 1, 2), row, strict=True)) for row in found]
    assert changed == [1] * 6 + [2] * (2 + 3 + 6)
    assert len(found) == len(set(found))
