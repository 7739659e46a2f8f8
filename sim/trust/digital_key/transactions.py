"""Challenges that wait for their answers: few, short-lived, and nobody's flood keeps an owner waiting."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

CHALLENGE_MS: Final = 2_000
"""How long a challenge can be answered."""
OPEN_MAX: Final = 8
"""How many transactions are open at once."""
OPEN_PER_SENDER_MAX: Final = 2
"""How many of them one sender has; a third takes the place of its own oldest."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """A challenge that waits for its answer.

    Attributes:
        kid: who was challenged.
        device: whose key that is.
        ephemeral: the car's X25519 key of this conversation, 32 private bytes.
        until_ms: until before when it can be answered, by the car's clock.
        digest: of what the car signed; the answer names it.
    """

    kid: str
    device: str
    ephemeral: bytes = field(repr=False)
    until_ms: int
    digest: bytes


def with_room(
    transactions: Mapping[str, Transaction], device: str, clock_ms: int, owners: frozenset[str]
) -> Mapping[str, Transaction] | None:
    """Return the open transactions with room for one more of `device`, or None when there is none.

    A sender's third takes the place of its first. When all places are taken, an owner gets that of
    somebody who is none, so that shared keys cannot keep an owner waiting.

    Args:
        transactions: by id, oldest first.
        device: who wants one more.
        clock_ms: the time; what is over gives room.
        owners: devices that owners' keys belong to.
    """
    left = {name: one for name, one in transactions.items() if clock_ms < one.until_ms}
    own = [name for name, one in left.items() if one.device == device]
    others = [name for name, one in left.items() if one.device not in owners]
    if len(own) >= OPEN_PER_SENDER_MAX:
        del left[own[0]]
    elif len(left) >= OPEN_MAX:
        if device not in owners or not others:
            return None
        del left[others[0]]
    return left
