"""Books in memory: what a run has when nobody brings a database, and the model that a database is held to."""

from typing import Any

from sim.core.books import Books, Outcome, Transaction


class MemoryBooks(Books):
    """See `core.books.Books`."""

    def __init__(self, device: str = "", config: Any = None) -> None:
        super().__init__(device, config)
        self._entries: list[Transaction] = []
        self._by_key: dict[str, int] = {}
        self._claimed: set[str] = set()

    def transact(self, wanted: Transaction) -> Outcome:
        """Book a transaction."""
        tail = len(self._entries)
        known = self._by_key.get(wanted.key)
        if known is not None:
            entry = self._entries[known - 1]
            same = entry.digest == wanted.digest
            return Outcome("repeated", known, entry.memo) if same else Outcome("key_reused", tail)
        if wanted.after != tail:
            return Outcome("conflict", tail, since=tuple(self._entries[max(wanted.after, 0) :]))
        if not self._claimed.isdisjoint(wanted.claims):
            return Outcome("claimed", tail)
        self._entries.append(wanted)
        self._by_key[wanted.key] = tail + 1
        self._claimed.update(wanted.claims)
        return Outcome("posted", tail + 1, wanted.memo)

    def entries(self) -> tuple[Transaction, ...]:
        """Return every entry, in order."""
        return tuple(self._entries)
