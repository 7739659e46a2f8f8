"""Books in SQLite: the only place that knows a database.

The schema refuses by itself what must never be in it: an entry that is not balanced, a fraction, a change, a
deletion. It knows no clock, no row number of its own and no chance, so that two runs write the same.
"""

import sqlite3
from pathlib import Path
from typing import Any, Final

from sim.core.books import Books, Outcome, Posting, Transaction
from sim.core.errors import MachineError

VERSION: Final = 1
"""What `_SCHEMA` sets as `user_version`, last of all and in one transaction: half a schema is none."""
_SCHEMA: Final = """
BEGIN;
CREATE TABLE entry(
  n INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, digest TEXT NOT NULL, at_ms INTEGER NOT NULL,
  memo TEXT NOT NULL, posted INTEGER NOT NULL DEFAULT 0 CHECK(posted IN (0, 1))) STRICT;
CREATE TABLE posting(
  entry INTEGER NOT NULL REFERENCES entry(n), line INTEGER NOT NULL, account TEXT NOT NULL,
  currency TEXT NOT NULL, minor INTEGER NOT NULL CHECK(minor <> 0),
  PRIMARY KEY(entry, line)) STRICT, WITHOUT ROWID;
CREATE TABLE claim(
  what TEXT PRIMARY KEY NOT NULL, entry INTEGER NOT NULL REFERENCES entry(n), line INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE TRIGGER in_turn BEFORE INSERT ON entry WHEN NEW.posted <> 0
  OR NEW.n <> (SELECT COALESCE(MAX(n), 0) + 1 FROM entry) BEGIN
  SELECT RAISE(ABORT, 'entries follow each other'); END;
CREATE TRIGGER balanced BEFORE UPDATE ON entry WHEN OLD.posted = 0 BEGIN
  SELECT RAISE(ABORT, 'not balanced') WHERE (SELECT COUNT(*) FROM posting WHERE entry = NEW.n) < 2
    OR EXISTS(SELECT 1 FROM posting WHERE entry = NEW.n GROUP BY currency HAVING SUM(minor) <> 0);
  SELECT RAISE(ABORT, 'entries are for ever') WHERE NEW.posted <> 1
    OR (OLD.n, OLD.key, OLD.digest, OLD.at_ms, OLD.memo) <> (NEW.n, NEW.key, NEW.digest, NEW.at_ms, NEW.memo);
  END;
CREATE TRIGGER same_entry BEFORE UPDATE ON entry WHEN OLD.posted = 1 BEGIN
  SELECT RAISE(ABORT, 'entries are for ever'); END;
CREATE TRIGGER kept_entry BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'entries are for ever'); END;
CREATE TRIGGER late_posting BEFORE INSERT ON posting
  WHEN (SELECT posted FROM entry WHERE n = NEW.entry) = 1 BEGIN
  SELECT RAISE(ABORT, 'entries are for ever'); END;
CREATE TRIGGER same_posting BEFORE UPDATE ON posting BEGIN SELECT RAISE(ABORT, 'entries are for ever'); END;
CREATE TRIGGER kept_posting BEFORE DELETE ON posting BEGIN SELECT RAISE(ABORT, 'entries are for ever'); END;
CREATE TRIGGER same_claim BEFORE UPDATE ON claim BEGIN SELECT RAISE(ABORT, 'entries are for ever'); END;
CREATE TRIGGER kept_claim BEFORE DELETE ON claim BEGIN SELECT RAISE(ABORT, 'entries are for ever'); END;
PRAGMA user_version = 1;
COMMIT;
"""


class SqliteBooks(Books):
    """See `core.books.Books`.

    Args:
        device: the service whose books they are.
        config: its entry in the household file.
        path: the file; None for a database in memory.

    Raises:
        MachineError: when the file cannot be opened, or is none of ours.
    """

    def __init__(self, device: str = "", config: Any = None, path: Path | None = None) -> None:
        super().__init__(device, config)
        self.path = path
        try:
            self.database = sqlite3.connect(":memory:" if path is None else path, isolation_level=None)
        except sqlite3.Error as error:
            raise self._unusable(error) from None
        try:
            self.database.execute("PRAGMA foreign_keys = ON")
            self.database.execute("PRAGMA recursive_triggers = ON")  # REPLACE fires them too.
            self._prepare()
            if path is not None:
                self.database.execute("PRAGMA journal_mode = WAL")
                self.database.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error as error:
            self.close()
            raise self._unusable(error) from None

    def _unusable(self, error: sqlite3.Error) -> MachineError:
        """Return why the books cannot be used, for people."""
        sentence = f"the ledger `{self.path}` cannot be opened: {error}"
        return MachineError(sentence, help_text="name a new file, in a folder you may write to")

    def _prepare(self) -> None:
        version = self.database.execute("PRAGMA user_version").fetchone()[0]
        tables = self.database.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
        if version == 0 and tables == 0:
            self.database.executescript(_SCHEMA)
        elif version != VERSION:
            msg = f"it is no ledger of this program, or of another version ({version})"
            raise sqlite3.DatabaseError(msg)

    def transact(self, wanted: Transaction) -> Outcome:
        """Book a transaction: one of the database, or nothing."""
        self.database.execute("BEGIN IMMEDIATE")
        try:
            outcome = self._booked(wanted)
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT" if outcome.kind == "posted" else "ROLLBACK")
        return outcome

    def _booked(self, wanted: Transaction) -> Outcome:
        run = self.database.execute
        tail: int = run("SELECT COALESCE(MAX(n), 0) FROM entry").fetchone()[0]
        known = run("SELECT n, digest, memo FROM entry WHERE key = ?", (wanted.key,)).fetchone()
        if known is not None:
            same = known[1] == wanted.digest
            return Outcome("repeated", known[0], known[2]) if same else Outcome("key_reused", tail)
        if wanted.after != tail:
            return Outcome("conflict", tail, since=self.entries()[max(wanted.after, 0) :])
        n = tail + 1
        insert = "INSERT INTO entry(n, key, digest, at_ms, memo) VALUES(?, ?, ?, ?, ?)"
        run(insert, (n, wanted.key, wanted.digest, wanted.at_ms, wanted.memo))
        for line, what in enumerate(wanted.claims):
            if run("SELECT 1 FROM claim WHERE what = ?", (what,)).fetchone():
                return Outcome("claimed", tail)
            run("INSERT INTO claim VALUES(?, ?, ?)", (what, n, line))
        for line, one in enumerate(wanted.postings):
            run("INSERT INTO posting VALUES(?, ?, ?, ?, ?)", (n, line, one.account, one.currency, one.minor))
        run("UPDATE entry SET posted = 1 WHERE n = ?", (n,))
        return Outcome("posted", n, wanted.memo)

    def entries(self) -> tuple[Transaction, ...]:
        """Return every entry, in order."""
        run = self.database.execute
        postings: dict[int, list[Posting]] = {}
        for n, *line in run("SELECT entry, account, currency, minor FROM posting ORDER BY entry, line"):
            postings.setdefault(n, []).append(Posting(*line))
        claims: dict[int, list[str]] = {}
        for n, what in run("SELECT entry, what FROM claim ORDER BY entry, line"):
            claims.setdefault(n, []).append(what)
        return tuple(
            Transaction(key, digest, n - 1, at_ms, tuple(postings[n]), memo, tuple(claims.get(n, ())))
            for n, key, digest, at_ms, memo in run("SELECT n, key, digest, at_ms, memo FROM entry ORDER BY n")
        )

    def close(self) -> None:
        """Close the database."""
        self.database.close()


class Ledgers:
    """The books of one case: in memory, or in a file that is there afterwards.

    Args:
        path: the file; None for memory.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._open: list[SqliteBooks] = []

    def open(self, device: str, config: Any) -> SqliteBooks:
        """Make the books of a service; a second one in the same household has a file beside the first."""
        path = self._path
        if path is not None and self._open:
            path = path.with_name(f"{path.name}-{device}")
        books = SqliteBooks(device, config, path)
        self._open.append(books)
        return books

    def close(self) -> None:
        """Close every database."""
        for books in self._open:
            books.close()
        self._open.clear()
