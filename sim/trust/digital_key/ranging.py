"""How far away a key is: three rounds in a row, measured by the car, never told by a message.

Ultra-wideband ranging measures how long light takes, so a relay can only add distance. A single round
can be shortened without any key, by luck (Ghost Peak: Leu et al., USENIX Security 2022,
arXiv 2111.05313); several rounds in a row cannot, so all of them must be in range.
"""

import math
from collections.abc import Sequence
from typing import Final

ROUNDS: Final = 3
"""Consecutive rounds that must all be answered and in range."""
UNLOCK_CM_MAX: Final = 200
"""How far away a key may be that opens something. Assumption: a person at the handle, with an arm's
length to spare; the makers publish none."""
START_CM_MAX: Final = 80
"""How far from the driver's seat a key may be that starts the car. Assumption: inside the cabin, on the
body of whoever sits there, and not on the pavement beside the door."""


def limit_cm(action: str) -> int:
    """Return how far away a key may be for an action, cm."""
    return START_CM_MAX if action == "start" else UNLOCK_CM_MAX


def distance_cm(rounds: Sequence[float | None]) -> int | None:
    """Return the farthest of the rounds in whole centimetres, rounded up.

    Args:
        rounds: metres, >= 0, of consecutive rounds; None for one that failed.

    Returns:
        The distance; None unless there are exactly `ROUNDS` rounds and each is a distance.
    """
    metres = [metre for metre in rounds if metre is not None and math.isfinite(metre) and metre >= 0]
    if len(rounds) != ROUNDS or len(metres) != ROUNDS:
        return None
    return math.ceil(max(metres) * 100)


def in_range(rounds: Sequence[float | None], action: str) -> bool:
    """Say whether all rounds were answered from near enough for an action."""
    measured_cm = distance_cm(rounds)
    return measured_cm is not None and measured_cm <= limit_cm(action)
