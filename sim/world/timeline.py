"""Virtual time: one heap of what is due, keyed by (due, insertion); ties run in insertion order."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(slots=True)
class _Entry:
    action: Callable[[], None] | None


class Timeline:
    """The clock of a run, in integer milliseconds since 1970.

    Args:
        start_ms: the time at which the run begins.
    """

    def __init__(self, start_ms: int) -> None:
        self.now_ms = start_ms
        self._heap: list[tuple[int, int, _Entry]] = []
        self._inserted = 0

    def at(self, due_ms: int, action: Callable[[], None]) -> Callable[[], None]:
        """Run `action` at `due_ms`, at once if that is past; return what cancels it."""
        entry = _Entry(action)
        heapq.heappush(self._heap, (max(due_ms, self.now_ms), self._inserted, entry))
        self._inserted += 1

        def cancel() -> None:
            entry.action = None

        return cancel

    def next_due_ms(self) -> int | None:
        """Return when the next action is due, or None if nothing is planned."""
        while self._heap and self._heap[0][2].action is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def advance(self, now_ms: int) -> None:
        """Move the clock; it never runs back and never jumps over something due."""
        due = self.next_due_ms()
        assert now_ms >= self.now_ms, "the clock runs back"  # INVARIANT: time is monotone
        assert due is None or due >= now_ms, "something due is jumped over"  # INVARIANT
        self.now_ms = now_ms

    def take_due(self) -> Iterator[Callable[[], None]]:
        """Yield, and forget, every action that is due now, in order.

        One that an earlier one cancels is left out; one that an earlier one plans waits for the next call.
        """
        due = []
        while self._heap and self._heap[0][0] <= self.now_ms:
            due.append(heapq.heappop(self._heap)[2])
        for entry in due:
            if entry.action is not None:
                yield entry.action
