"""Books in SQLite: they say and keep what books in memory do, and refuse by themselves what must never be."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core.books import Posting, Transaction, balances
from sim.core.errors import MachineError
from sim.shell.books import Ledgers, SqliteBooks
from sim.world.books import MemoryBooks

AMOUNT = st.integers(1, 10_000_000)


def paid(
    key: str, minor: int = 5, after: int = 0, *, digest: str = "d", claims: tuple[str, ...] = ()
) -> Transaction:
    """Return a payment of the household."""
    postings = (Posting("household", "CNY", -minor), Posting("merchant:a", "CNY", minor))
    return Transaction(key, digest, after, 1_768_174_200_000, postings, f'{{"for":"{key}"}}', claims)


@pytest.fixture
def books() -> Iterator[SqliteBooks]:
    """Yield books in memory, with one entry."""
    ledger = SqliteBooks()
    assert ledger.transact(paid("toll:1", claims=("winter:1",))).kind == "posted"
    yield ledger
    ledger.close()


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcde"),
            st.sampled_from(["d", "e"]),
            st.integers(-1, 1),
            AMOUNT,
            AMOUNT,
            st.lists(st.sampled_from(["w:1", "w:2"]), max_size=2, unique=True),
        ),
        max_size=12,
    )
)
def test_sqlite_says_and_keeps_what_memory_does(
    asked: list[tuple[str, str, int, int, int, list[str]]],
) -> None:
    """Whatever is asked, in whatever order: the same outcomes, the same entries, the same balances."""
    memory, sqlite = MemoryBooks(), SqliteBooks()
    for key, digest, off, first, second, claims in asked:
        postings = (
            Posting("household", "CNY", -first),
            Posting("merchant:a", "CNY", first),
            Posting("merchant:a", "EUR", second),
            Posting("household", "EUR", -second),
        )
        after = len(memory.entries()) + off
        wanted = Transaction(key, digest, after, first, postings, f"{key} für 35 元", tuple(claims))
        assert memory.transact(wanted) == sqlite.transact(wanted)
        assert memory.entries() == sqlite.entries()
    assert balances(memory.entries()) == balances(sqlite.entries())
    assert sum(balances(sqlite.entries()).values()) == 0
    sqlite.close()


def test_outcomes(books: SqliteBooks) -> None:
    """Each has its number, and only what was booked its memo."""
    assert [
        (outcome.kind, outcome.n, outcome.memo)
        for outcome in (
            books.transact(paid("toll:1", after=7)),
            books.transact(paid("toll:1", digest="other")),
            books.transact(paid("toll:2", after=0)),
            books.transact(paid("toll:2", after=1, claims=("winter:2", "winter:1"))),
            books.transact(paid("toll:2", after=1, claims=("winter:2",))),
        )
    ] == [
        ("repeated", 1, '{"for":"toll:1"}'),
        ("key_reused", 1, ""),
        ("conflict", 1, ""),
        ("claimed", 1, ""),
        ("posted", 2, '{"for":"toll:2"}'),
    ]


@pytest.mark.parametrize(
    ("statements", "why"),
    [
        (["UPDATE entry SET memo = 'x'"], "entries are for ever"),
        (["UPDATE entry SET at_ms = 0"], "entries are for ever"),
        (["DELETE FROM entry"], "entries are for ever"),
        (["UPDATE posting SET minor = 1"], "entries are for ever"),
        (["DELETE FROM posting"], "entries are for ever"),
        (["UPDATE claim SET what = 'winter:2'"], "entries are for ever"),
        (["DELETE FROM claim"], "entries are for ever"),
        (["INSERT INTO posting VALUES(1, 2, 'household', 'CNY', 1)"], "entries are for ever"),
        (["REPLACE INTO posting VALUES(1, 0, 'household', 'CNY', 1)"], "entries are for ever"),
        (["INSERT INTO claim VALUES('winter:1', 1, 1)"], "UNIQUE"),
        (["INSERT INTO posting VALUES(9, 0, 'household', 'CNY', 1)"], "FOREIGN KEY"),
        (["INSERT INTO entry VALUES(2, 'k', 'd', 0, '', 1)"], "entries follow each other"),
        (["INSERT INTO entry VALUES(3, 'k', 'd', 0, '', 0)"], "entries follow each other"),
        (["INSERT INTO entry VALUES(2, 'toll:1', 'd', 0, '', 0)"], "UNIQUE"),
        (["NEW", "UPDATE entry SET posted = 1 WHERE n = 2"], "not balanced"),
        (["NEW", "HOUSEHOLD -5", "UPDATE entry SET posted = 1 WHERE n = 2"], "not balanced"),
        (["NEW", "HOUSEHOLD -5", "MERCHANT 4", "UPDATE entry SET posted = 1 WHERE n = 2"], "not balanced"),
        (["NEW", "HOUSEHOLD -5", "EURO 5", "UPDATE entry SET posted = 1 WHERE n = 2"], "not balanced"),
        (
            ["NEW", "HOUSEHOLD -5", "MERCHANT 5", "UPDATE entry SET posted = 1, memo = 'x' WHERE n = 2"],
            "ever",
        ),
        (["NEW", "HOUSEHOLD 0"], "CHECK"),
        (["NEW", "HOUSEHOLD 0.5"], "cannot store REAL value in INTEGER column"),
        (["NEW", "HOUSEHOLD 'five'"], "cannot store TEXT value"),
    ],
)
def test_the_schema_refuses_by_itself(books: SqliteBooks, statements: list[str], why: str) -> None:
    """Also to somebody who writes to the file without this program."""
    meant = {
        "NEW": "INSERT INTO entry VALUES(2, 'k', 'd', 0, '', 0)",
        "HOUSEHOLD": "INSERT INTO posting VALUES(2, 0, 'household', 'CNY', {})",
        "MERCHANT": "INSERT INTO posting VALUES(2, 1, 'merchant:a', 'CNY', {})",
        "EURO": "INSERT INTO posting VALUES(2, 1, 'merchant:a', 'EUR', {})",
    }
    before = books.entries()
    *first, last = statements
    books.database.execute("BEGIN")

    def run(statement: str) -> None:
        word, _, amount = statement.partition(" ")
        books.database.execute(meant[word].format(amount) if word in meant else statement)

    for statement in first:
        run(statement)
    with pytest.raises(sqlite3.Error, match=why):
        run(last)
    books.database.execute("ROLLBACK")
    assert books.entries() == before


def test_a_transaction_that_fails_on_its_way_leaves_nothing(books: SqliteBooks) -> None:
    """Not the key, not one leg; and the books go on."""
    broken = paid("toll:2", after=1)
    object.__setattr__(broken.postings[1], "account", object())
    with pytest.raises(sqlite3.Error):
        books.transact(broken)
    assert len(books.entries()) == 1
    assert books.database.execute("SELECT COUNT(*) FROM posting").fetchone() == (2,)
    assert books.transact(paid("toll:2", after=1)).kind == "posted"


def test_a_file_is_there_afterwards_and_is_gone_on_with(tmp_path: Path) -> None:
    """Another process finds the entries, and an old key is a repetition for it too."""
    path = tmp_path / "ledger.db"
    first = SqliteBooks(path=path)
    first.transact(paid("toll:1", claims=("winter:1",)))
    first.close()

    second = SqliteBooks(path=path)
    assert second.entries() == (paid("toll:1", claims=("winter:1",)),)
    assert second.transact(paid("toll:1")).kind == "repeated"
    assert second.transact(paid("toll:2", after=1)).kind == "posted"
    second.close()
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize(
    "content", [b"no database at all, but long enough for a header of one.\n" * 20, None]
)
def test_what_is_no_ledger_is_not_touched(tmp_path: Path, content: bytes | None) -> None:
    """One sentence with the file's name, and the file as it was."""
    path = tmp_path / "other.db"
    if content is None:
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE things(n)")
        other.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(MachineError, match=r"the ledger `.*other\.db` cannot be opened"):
        SqliteBooks(path=path)
    assert path.read_bytes() == before


def test_a_ledger_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """One sentence as well."""
    with pytest.raises(MachineError, match=r"the ledger `.*gone-folder.*` cannot be opened"):
        SqliteBooks(path=tmp_path / "gone-folder" / "ledger.db")


def test_ledgers_of_a_case(tmp_path: Path) -> None:
    """The first service has the file, another one a file beside it; in memory there is none."""
    ledgers = Ledgers(tmp_path / "ledger.db")
    assert ledgers.open("pay", None).path == tmp_path / "ledger.db"
    assert ledgers.open("pay2", None).path == tmp_path / "ledger.db-pay2"
    ledgers.close()
    memory = Ledgers()
    assert (memory.open("pay", None).path, memory.open("pay2", None).path) == (None, None)
    memory.close()
