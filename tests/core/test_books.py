"""Books of account: what a transaction must be, and what accounts have."""

import pytest

from sim.core.books import MINOR_MAX, WRITE_MS, Posting, Transaction, balances
from sim.world.books import MemoryBooks


def transaction(*postings: tuple[str, str, int], key: str = "toll:1", after: int = 0) -> Transaction:
    """Return a transaction of some postings."""
    return Transaction(key, "d", after, 0, tuple(Posting(*one) for one in postings))


@pytest.mark.parametrize(
    ("postings", "why"),
    [
        ([], "the transaction toll:1 is not balanced"),
        ([("household", "CNY", -5)], "not balanced"),
        ([("household", "CNY", -5), ("merchant:a", "CNY", 4)], "not balanced"),
        ([("household", "CNY", -5), ("merchant:a", "EUR", 5)], "not balanced"),
        ([("household", "CNY", 0), ("merchant:a", "CNY", 0)], "a whole number between 1 and"),
        ([("household", "CNY", -1.0), ("merchant:a", "CNY", 1.0)], "a whole number"),
        ([("household", "CNY", True), ("merchant:a", "CNY", -1)], "a whole number"),
        ([("household", "CNY", -MINOR_MAX - 1), ("merchant:a", "CNY", MINOR_MAX + 1)], "a whole number"),
    ],
)
def test_what_is_not_balanced_is_no_transaction(postings: list[tuple[str, str, int]], why: str) -> None:
    """It cannot even be made, whatever currency hides the difference."""
    with pytest.raises(ValueError, match=why):
        transaction(*postings)


def test_balances_are_sums_of_postings_by_account_and_currency() -> None:
    """The largest amount fits; what goes to and fro is nothing; currencies are never added."""
    entries = (
        transaction(("household", "CNY", -MINOR_MAX), ("merchant:a", "CNY", MINOR_MAX)),
        transaction(("household", "CNY", 3), ("merchant:a", "CNY", -3)),
        transaction(("household", "EUR", -7), ("merchant:a", "EUR", 5), ("merchant:b", "EUR", 2)),
    )
    assert balances(entries) == {
        ("household", "CNY"): 3 - MINOR_MAX,
        ("household", "EUR"): -7,
        ("merchant:a", "CNY"): MINOR_MAX - 3,
        ("merchant:a", "EUR"): 5,
        ("merchant:b", "EUR"): 2,
    }


def test_books_are_a_storage() -> None:
    """A write is a transaction, a snapshot every entry, and later writes do not change it."""
    books = MemoryBooks("pay", None)
    first = transaction(("household", "CNY", -5), ("merchant:a", "CNY", 5))
    assert books.write_ms(first) == WRITE_MS
    before = books.snapshot()
    assert books.write(first).kind == "posted"
    assert before == ()
    assert books.snapshot() == (first,)
