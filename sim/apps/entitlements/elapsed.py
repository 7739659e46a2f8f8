"""How late it is for a device's leases: its wall clock, which must not make them longer by being set back.

Between two looks the time that is believed lies between what it was at the first and what a timer, which
counts time that really passes, says it will be at the second. So a clock that is set back stops nothing: each
look goes on from the one before. A clock that is an hour or more ahead is believed at the second look, as in
`sim.world.node.clock`, so that a jump for a moment ends nobody's lease. A device that was switched off goes
on from the last look it kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

LOOK_EVERY_MS = 600_000
"""Longest time between two looks (assumption): what a lease can be lengthened by, for each time that a device
whose clock was set back is switched off and on again."""
AHEAD_MS_MAX = 3_600_000
"""How far ahead a clock is believed at once (as `sim.world.node.clock.STEP_MS_MAX`)."""


@dataclass(frozen=True, slots=True)
class Elapsed:
    """The time of a device's leases, milliseconds since 1970.

    Attributes:
        least_ms: it is not earlier than this.
        most_ms: and, until the next look, not later than this.
        ahead: whether the clock was found far ahead at the last look.
    """

    least_ms: int = 0
    most_ms: int = 0
    ahead: bool = False

    def now_ms(self, wall_ms: int) -> int:
        """Return the time by what the wall clock says."""
        return min(max(wall_ms, self.least_ms), self.most_ms)

    def begun(self, wall_ms: int) -> Self:
        """Return the time after power came: a clock that went on meanwhile is ahead, and rightly so."""
        if self.least_ms == 0:
            return replace(self, least_ms=wall_ms, most_ms=wall_ms)
        return replace(self, most_ms=max(wall_ms, self.least_ms))

    def told(self, service_ms: int) -> Self:
        """Return the time after the service has said in a newer lease how late it is."""
        return type(self)(service_ms, service_ms)

    def looked(self, wall_ms: int) -> Self:
        """Return the time at a look: when the timer to it has run out, it is as late as was foreseen."""
        if wall_ms > self.most_ms + AHEAD_MS_MAX and not self.ahead:
            return type(self)(self.most_ms, self.most_ms, ahead=True)
        now_ms = max(wall_ms, self.most_ms)
        return type(self)(now_ms, now_ms)

    def until(self, next_ms: int | None) -> tuple[Self, int]:
        """Return the time with its next look, and in how many milliseconds that is.

        Args:
            next_ms: when something changes; None when nothing does.
        """
        delay_ms = LOOK_EVERY_MS if next_ms is None else min(LOOK_EVERY_MS, max(1, next_ms - self.least_ms))
        return replace(self, most_ms=self.least_ms + delay_ms), delay_ms

    def kept(self) -> Mapping[str, Any]:
        """Return what survives a restart."""
        return {"least_ms": self.least_ms, "ahead": self.ahead}
