"""Who has failed too often: counted by broker identity, never by the key a message names.

The broker proves who sends. A key id is only a claim until its signature fits: counting by key id, a
stranger who signs rubbish under the owner's key id would lock the owner out, and stay unharmed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

FAILURES_MAX: Final = 5
"""How many failures lock a sender out."""
LOCKOUT_MS: Final = 30_000
"""How long a failure counts."""
SENDERS_MAX: Final = 64
"""How many senders are remembered; a household's broker knows fewer."""
COUNTED: Final = frozenset(
    {
        "DECODING",
        "TOO_BIG",
        "VERSION",
        "WRONG_TYPE",
        "UNKNOWN_KEY",
        "BAD_SIGNATURE",
        "SENDER_KEY_MISMATCH",
        "WRONG_SENDER",
        "PAIR_MAC",
    }
)
"""Refusals that an honest device does not earn. Being late, far away or used up is no failure: nobody is
locked out for pulling the handle too early."""


@dataclass(frozen=True, slots=True)
class Failures:
    """The latest failures.

    Attributes:
        by_sender: when each sender last failed, ms, oldest first, at most `FAILURES_MAX`; the sender that
            failed longest ago comes first.
    """

    by_sender: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def locked_out(self, sender: str, now_ms: int) -> bool:
        """Say whether a sender is not listened to: `FAILURES_MAX` failures within `LOCKOUT_MS`."""
        times = self.by_sender.get(sender, ())
        return len(times) == FAILURES_MAX and now_ms - times[0] < LOCKOUT_MS

    def counted(self, sender: str, now_ms: int) -> Self:
        """Return the successor with one more failure of a sender."""
        times = (*self.by_sender.get(sender, ()), now_ms)[-FAILURES_MAX:]
        others = {one: past for one, past in self.by_sender.items() if one != sender}
        if len(others) >= SENDERS_MAX:
            del others[next(iter(others))]
        return type(self)({**others, sender: times})
