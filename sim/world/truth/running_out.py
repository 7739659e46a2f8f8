"""Cars that run out of energy on their way: each feels the instant at which its motors get less."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from sim.physics.travel import Way
from sim.world.truth import Truth
from sim.world.truth.people import Course


class RunningOut:
    """Every drive that may not get to its end.

    Args:
        truth: the world.
    """

    def __init__(self, truth: Truth) -> None:
        self._truth = truth
        self._seen: dict[str, tuple[Any, Way]] = {}
        """What the turn of each car that drives was calculated from."""

    def watched(self, now_ms: int) -> Iterator[Course]:
        """Yield what will happen to the cars whose drive has changed since it was last asked."""
        for car in self._truth.cars:
            path = self._truth.places.path(car)
            if not path.start_ms <= now_ms < path.arrival_ms:
                self._seen.pop(car, None)
                continue
            seen, facts = self._seen.get(car), self._truth.since(car)
            if seen is not None and seen[0] is facts and seen[1] is path:
                continue
            self._seen[car] = (facts, path)
            due_ms = self._truth.power_turns_ms(car, now_ms)
            if due_ms is not None:
                then = partial(self._turned, car, self._seen[car])
                yield Course(ends_ms=max(due_ms, now_ms + 1), then=then)

    def _turned(self, car: str, of: tuple[Any, Way], now_ms: int) -> None:  # noqa: ARG002  # as courses go on
        """Let a car feel it, unless its drive has changed since."""
        if self._seen.get(car) is of:
            del self._seen[car]
            self._truth.feel_speed(car)
