"""Hybrid logical clocks: when something was wished, so that of two wishes one is always the newer.

After Kulkarni, Demirbas, Madappa, Avva and Leone, “Logical Physical Clocks”, OPODIS 2014: a stamp is as near
to the wall clock as can be, and always after every stamp that its author had seen. What no clock can tell
apart, the names of the devices do, so the order is total: the same on every device, in whatever order
messages come.
"""

from dataclasses import dataclass
from typing import Self

DRIFT_MS_MAX = 1_000
"""How far a stamp may be ahead of the clock that receives it; the paper ignores what is beyond such a bound.
Phones that ask a time server are right within tens of milliseconds, and CockroachDB stops a node at 500 ms
(`--max-offset`); twice that harms nobody (assumption)."""


@dataclass(frozen=True, slots=True, order=True)
class Stamp:
    """When something was wished; stamps are compared field by field.

    Attributes:
        ms: by the author's clock, milliseconds since 1970, or later when it had seen later stamps.
        count: tells apart what has the same `ms`.
        device: the author's device; the last resort.
    """

    ms: int
    count: int
    device: str

    def after(self, now_ms: int, device: str) -> Self:
        """Return the next stamp of a device that has seen this one: later, whatever the clock says."""
        if now_ms > self.ms:
            return type(self)(now_ms, 0, device)
        return type(self)(self.ms, self.count + 1, device)


NEVER = Stamp(0, 0, "")
"""Before everything."""
