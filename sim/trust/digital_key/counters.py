"""Which counters of remote commands were seen: the highest, and a window of 32 below it.

Commands may overtake each other on the way, so the highest alone would refuse honest ones; each is taken
once. The window is that of the anti-replay service of IPsec (RFC 4303, section 3.4.3) and of Tesla's
vehicle-command (32 as well).
"""

from dataclasses import dataclass
from typing import Final, Literal, Self

COUNTER_MAX: Final = 2**32 - 1
WINDOW: Final = 32
"""How far below the highest a counter may be and still be told from one seen before."""


@dataclass(frozen=True, slots=True)
class Counters:
    """The counters of one key in one epoch.

    Attributes:
        highest: the highest seen; 0 when none was.
        below: bit n - 1 says that `highest - n` was seen, for n from 1 to `WINDOW`.
    """

    highest: int = 0
    below: int = 0

    def taken(self, counter: int) -> Self | Literal["BAD_COUNTER", "REPEATED_COUNTER"]:
        """Return the successor that has seen a counter, or why it cannot be taken.

        Args:
            counter: from 1 to `COUNTER_MAX`; anything else is `BAD_COUNTER`.
        """
        if not 0 < counter <= COUNTER_MAX:
            return "BAD_COUNTER"
        ahead = counter - self.highest
        if ahead > 0:
            # The old highest moves into the window, `ahead` places down; what falls out is forgotten.
            shift = min(ahead, WINDOW + 1)
            moved = (self.below << shift) | (1 << (shift - 1))
            return type(self)(counter, moved & ((1 << WINDOW) - 1))
        behind = -ahead
        if behind == 0 or behind > WINDOW or self.below >> (behind - 1) & 1:
            return "REPEATED_COUNTER"
        return type(self)(self.highest, self.below | 1 << (behind - 1))
