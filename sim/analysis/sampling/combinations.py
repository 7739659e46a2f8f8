"""Rows of choices: all of them where they are few, else every pair of choices and a drawn sample.

A row holds one position for each dimension, counted from 0. That most faults need no more than two
particular values together is the reason for pairs: https://csrc.nist.gov/pubs/sp/800/142/final
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations, product
from math import prod
from random import Random
from typing import NamedTuple, TypeAlias

Row: TypeAlias = tuple[int, ...]

_DRAWS_MAX = 4
"""How often a row is drawn for each one still wanted; the same row may come up again."""


class Rows(NamedTuple):
    """Some rows, each once.

    Attributes:
        rows: the rows, in an order that is always the same.
        complete: whether they are all rows there are.
    """

    rows: tuple[Row, ...]
    complete: bool


def some_rows(sizes: Sequence[int], limit: int, seed: int = 0) -> Rows:
    """Return every row if there are at most `limit`, else pairs first and a sample after them.

    Args:
        sizes: how many choices each dimension has, at least one.
        limit: the most rows to return, at least one.
        seed: what the sample is drawn by.
    """
    if prod(sizes) <= limit:
        return Rows(tuple(product(*map(range, sizes))), complete=True)
    found = dict.fromkeys(pairwise(tuple(sizes))[:limit])
    dice = Random(seed)  # noqa: S311  # a sample must be the same each time
    for _ in range(_DRAWS_MAX * limit):
        if len(found) == limit:
            break
        found[tuple(dice.randrange(size) for size in sizes)] = None
    return Rows(tuple(found), complete=False)


@lru_cache(maxsize=512)
def pairwise(sizes: tuple[int, ...]) -> tuple[Row, ...]:
    """Return few rows in which any two choices of two dimensions stand together at least once."""
    if len(sizes) == 1:
        return tuple((choice,) for choice in range(sizes[0]))
    missing = {
        (one, choice, other, second)
        for one, other in combinations(range(len(sizes)), 2)
        for choice in range(sizes[one])
        for second in range(sizes[other])
    }
    rows = []
    for one, other in combinations(range(len(sizes)), 2):
        for choice, second in product(range(sizes[one]), range(sizes[other])):
            if (one, choice, other, second) in missing:
                row = _completed({one: choice, other: second}, sizes, missing)
                missing.difference_update(
                    (first, row[first], last, row[last]) for first, last in combinations(range(len(row)), 2)
                )
                rows.append(row)
    return tuple(rows)


def _completed(chosen: dict[int, int], sizes: Sequence[int], missing: set[tuple[int, int, int, int]]) -> Row:
    """Return a row with some choices made, the others so that it has many pairs that are still missing."""
    for dimension, size in enumerate(sizes):
        if dimension not in chosen:
            fresh = [len(missing.intersection(_pairs_with(dimension, one, chosen))) for one in range(size)]
            chosen[dimension] = fresh.index(max(fresh))
    return tuple(chosen[dimension] for dimension in range(len(sizes)))


def _pairs_with(dimension: int, choice: int, chosen: dict[int, int]) -> Iterator[tuple[int, int, int, int]]:
    """Yield the pairs that one more choice makes with those already made."""
    for at, there in chosen.items():
        yield (at, there, dimension, choice) if at < dimension else (dimension, choice, at, there)


def neighbours(row: Row, sizes: Sequence[int], changes: int) -> Iterator[Row]:
    """Yield every row that differs in one dimension, then in two, up to `changes`."""
    for count in range(1, changes + 1):
        for dimensions in combinations(range(len(sizes)), count):
            others = ([at for at in range(sizes[one]) if at != row[one]] for one in dimensions)
            for chosen in product(*others):
                changed = dict(zip(dimensions, chosen, strict=True))
                yield tuple(changed.get(position, choice) for position, choice in enumerate(row))
