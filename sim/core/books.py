"""Books of account: double entry, in integer minor units, each transaction once and for ever.

A transaction takes from accounts what it gives to others: its postings sum to nothing in every currency
(Pacioli, Summa de arithmetica, 1494, particularis de computis). It has a key that its asker made from the
event it is about, so that whoever asks again after a loss, a crash or a doubled message books nothing twice
(draft-ietf-httpapi-idempotency-key-header-07, section 2), and a digest of what was asked: the same key with
another digest is a mistake or an attack, and is not answered with a receipt of something else. It also says
after which entry it was decided: who decided on an old picture is told so, and decides again.

Books are a storage (see `core.storage`): a transaction is written whole or not at all. What is in them is
never changed and never deleted; money goes back by another transaction.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

MINOR_MAX: Final = 10_000_000
"""Largest amount of one posting, in minor units: 100,000.00 of a currency with cents (assumption)."""
WRITE_MS: Final = 7
"""How long a transaction takes: SQLite 3.40 (WAL, synchronous=FULL) took 7.1 ms on a server's disk."""

Kind: TypeAlias = Literal["posted", "repeated", "key_reused", "claimed", "conflict"]


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of a transaction.

    Attributes:
        account: whose money it is: `household`, `merchant:huailai`.
        currency: ISO 4217 code.
        minor: what the account gains, in minor units; below 0 what it loses.
    """

    account: str
    currency: str
    minor: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """What is to be booked, and what was.

    Attributes:
        key: the idempotency key, made from the event.
        digest: of what was asked under this key.
        after: number of the entry that its asker knew as the last; as an entry it is one number higher.
        at_ms: when, milliseconds since 1970.
        postings: at least two, which sum to nothing in every currency.
        memo: what it is for, as text that the books hand back and do not read.
        claims: what nobody else may have after it, such as a use of a discount.

    Raises:
        ValueError: when it is not balanced.
    """

    key: str
    digest: str
    after: int
    at_ms: int
    postings: tuple[Posting, ...]
    memo: str = ""
    claims: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        sums: defaultdict[str, int] = defaultdict(int)
        for posting in self.postings:
            if type(posting.minor) is not int or not 0 < abs(posting.minor) <= MINOR_MAX:
                msg = f"a posting is a whole number between 1 and {MINOR_MAX} minor units, or below nothing"
                raise ValueError(msg)
            sums[posting.currency] += posting.minor
        if len(self.postings) < 2 or any(sums.values()):
            msg = f"the transaction {self.key} is not balanced"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a transaction.

    Attributes:
        kind: `posted`; `repeated`, when the very same was booked before; `key_reused`, when another was
            under this key; `claimed`, when somebody has what it claims; `conflict`, when it was decided
            before the last entry was known.
        n: number of the entry of `posted` and `repeated`; of the last entry for the others.
        memo: that entry's memo; empty for the others.
        since: for `conflict` the entries that were not known.
    """

    kind: Kind
    n: int
    memo: str = ""
    since: tuple[Transaction, ...] = ()


class Books(ABC):
    """Where a service keeps its accounts; the world of a run gives the real ones.

    Args:
        device: the service.
        config: its entry in the household file.
    """

    def __init__(self, device: str = "", config: Any = None) -> None:
        self.device = device
        self.config = config

    def write_ms(self, write: Any) -> int:  # noqa: ARG002  # the protocol's
        """Return how long a transaction takes."""
        return WRITE_MS

    def write(self, write: Transaction) -> Outcome:
        """Book a transaction."""
        return self.transact(write)

    def snapshot(self) -> tuple[Transaction, ...]:
        """Return every entry, in order."""
        return self.entries()

    @abstractmethod
    def transact(self, wanted: Transaction) -> Outcome:
        """Book a transaction whole or not at all, and say what became of it.

        The key is looked up before anything else: what was booked stays booked.
        """

    @abstractmethod
    def entries(self) -> tuple[Transaction, ...]:
        """Return every entry, in order."""


def balances(entries: Iterable[Transaction]) -> Mapping[tuple[str, str], int]:
    """Return what every account has, by account and currency, in the order of their names.

    A balance is the sum of its postings; none is stored, so none can be wrong.
    """
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for entry in entries:
        for posting in entry.postings:
            sums[posting.account, posting.currency] += posting.minor
    return dict(sorted(sums.items()))
