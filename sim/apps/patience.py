"""How long an app waits before it asks somebody again who did not answer, or took the question for too old.

A question that expires at once, as every one does when two clocks differ by more than it may be old, must not
be asked again at once. So each in vain is followed by a pause twice as long as the one before (exponential
backoff, as in RFC 9293, section 3.8.1, for the retransmissions of TCP), and while somebody was last asked in
vain, one question at a time is enough to find out. The pause ends early when there is news: the other side
has gone or come, somebody else sits before it, or it has answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sim.core.device import Effect, Moment, StartTimer

FIRST_MS = 10_000
"""First pause (assumption)."""
LONGEST_MS = 600_000
"""Longest pause (assumption)."""
_DOUBLED_MAX = 16
_AGAIN = " again "


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing came of asking somebody.

    Attributes:
        tries: how often in a row.
        known: whether they were there then, and the number of their visit.
        over: whether they may be asked once more.
    """

    tries: int
    known: tuple[bool | None, int]
    over: bool = False


@dataclass(frozen=True, slots=True)
class Patience:
    """Whom an app does not ask for a while.

    Attributes:
        purpose: what the app's timers are called after.
        pauses: device to its pause.
    """

    purpose: str = ""
    pauses: Mapping[str, Pause] = field(default_factory=dict)

    def allows(self, other: str, *, busy: bool) -> bool:
        """Say whether a device may be asked now; `busy` while something else is asked of it already."""
        pause = self.pauses.get(other)
        return pause is None or (pause.over and not busy)

    def in_vain(self, at: Moment, other: str) -> tuple["Patience", tuple[Effect, ...]]:
        """Return the patience after nothing came of asking a device; many at once count as one."""
        before = self.pauses.get(other)
        if before is not None and not before.over:
            return self, ()
        tries = 1 if before is None else min(before.tries + 1, _DOUBLED_MAX)
        pauses = {**self.pauses, other: Pause(tries, _known(at, other))}
        delay_ms = min(FIRST_MS * 2 ** (tries - 1), LONGEST_MS)
        return replace(self, pauses=pauses), (StartTimer(f"{self.purpose}{_AGAIN}{other}", delay_ms),)

    def answered(self, other: str) -> "Patience":
        """Return the patience after a device has answered."""
        if other not in self.pauses:
            return self
        return replace(self, pauses={one: pause for one, pause in self.pauses.items() if one != other})

    def is_due(self, timer: str) -> bool:
        """Say whether a timer is one of these."""
        return timer.startswith(f"{self.purpose}{_AGAIN}")

    def due(self, timer: str) -> "Patience":
        """Return the patience after a pause is over."""
        other = timer.removeprefix(f"{self.purpose}{_AGAIN}")
        if other not in self.pauses:
            return self
        return replace(self, pauses={**self.pauses, other: replace(self.pauses[other], over=True)})

    def looked(self, at: Moment) -> "Patience":
        """Return the patience without those of whom there is news."""
        same = {one: pause for one, pause in self.pauses.items() if pause.known == _known(at, one)}
        return self if len(same) == len(self.pauses) else replace(self, pauses=same)


def _known(at: Moment, other: str) -> tuple[bool | None, int]:
    """Return what there can be news of: whether a device is there, and who sits before it."""
    visit = at.beliefs.raw(other, "visit")
    return at.beliefs.about(other).online, 0 if visit is None else int(visit[0])
