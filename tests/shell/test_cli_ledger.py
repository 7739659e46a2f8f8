"""`carhome run --ledger`: the books of one case in a file that SQLite reads."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.shell.carhome import PROJECT, Command, carhome

TOLL = str(PROJECT / "scenarios" / "toll" / "good-path.scenario.yaml")
PARKING = str(PROJECT / "scenarios" / "parking" / "good-path.scenario.yaml")
PAID = [("household", -2_000), ("merchant:airport_gate", 2_000)]
"""What both passages of the story cost."""


def paid(ledger: Path) -> list[tuple[str, int]]:
    """Return what every account has in a file, which anybody reads with SQLite; each entry is whole."""
    with closing(sqlite3.connect(ledger)) as books:
        assert books.execute("SELECT COUNT(*) FROM entry WHERE posted = 1").fetchone() == (2,)
        return books.execute("SELECT account, SUM(minor) FROM posting GROUP BY 1 ORDER BY 1").fetchall()


def test_the_books_are_kept_in_memory(home: Path, here: Command) -> None:
    """Two passages, balanced; a second run into the same file is refused and changes nothing."""
    words = ("run", TOLL, "--broker", "memory", "--ledger", "books.db")
    ended = here(*words)
    assert ended.code == 0, ended.err
    assert paid(home / "books.db") == PAID

    again = here(*words)
    assert again.code == 2
    assert "the ledger `books.db` is there already" in again.err
    assert paid(home / "books.db") == PAID


@pytest.mark.network
@pytest.mark.mosquitto
def test_the_books_are_kept_over_mosquitto(home: Path) -> None:
    """The same, by the command as a process of its own."""
    ended = carhome(home, "run", TOLL, "--broker", "mosquitto", "--ledger", "books.db")
    assert ended.code == 0, ended.err
    assert paid(home / "books.db") == PAID


def test_the_books_are_those_of_one_case_in_a_file_that_can_be_written(here: Command) -> None:
    """Otherwise it says what to do, and nothing runs."""
    many = here("run", PARKING, "--broker", "memory", "--ledger", "books.db")
    assert many.code == 2
    assert "`--ledger` keeps the books of one case, and 3 are selected" in many.err
    away = here("run", TOLL, "--broker", "memory", "--ledger", "nowhere/books.db")
    assert away.code == 4
    assert "the ledger `nowhere/books.db` cannot be opened" in away.err
