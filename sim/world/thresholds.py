"""Thresholds that devices wait for: planned for the instant at which the truth will reach them."""

from collections.abc import Callable
from functools import partial

from sim.core.device import WatchFor
from sim.world.timeline import Timeline
from sim.world.truth import Truth


class Thresholds:
    """Every threshold that a device waits for.

    Args:
        truth: the world.
        timeline: the clock.
        cross: called with a device and the name of its threshold when that is reached.
    """

    def __init__(self, truth: Truth, timeline: Timeline, cross: Callable[[str, str], None]) -> None:
        self._truth = truth
        self._timeline = timeline
        self._cross = cross
        self._planned: dict[tuple[str, str], tuple[WatchFor, Callable[[], None]]] = {}

    def watch(self, device: str, wanted: WatchFor) -> None:
        """Plan a threshold; one of the same name is replaced."""
        self.stop(device, wanted.name)
        self._plan((device, wanted.name), wanted)

    def stop(self, device: str, name: str) -> None:
        """Forget a threshold."""
        known = self._planned.pop((device, name), None)
        if known is not None:
            known[1]()

    def forget(self, device: str) -> None:
        """Forget every threshold of a device that has lost power."""
        for key in [key for key in self._planned if key[0] == device]:
            self.stop(*key)

    def plan_again(self) -> None:
        """Plan all of them anew, because something has changed that the truth depends on."""
        for key, (wanted, cancel) in list(self._planned.items()):
            cancel()
            self._plan(key, wanted)

    def _plan(self, key: tuple[str, str], wanted: WatchFor) -> None:
        room = self._truth.room_of(key[0])
        assert room is not None, "a device outside a room watches its temperature"  # INVARIANT
        heat = room.heat
        if wanted.at_least_c is not None:
            due_ms = heat.crossing_ms(wanted.at_least_c, rising=True)
        else:
            assert wanted.at_most_c is not None, "a watch without a threshold"  # INVARIANT
            due_ms = heat.crossing_ms(wanted.at_most_c, rising=False)
        cancel = (lambda: None) if due_ms is None else self._timeline.at(due_ms, partial(self._reached, key))
        self._planned[key] = (wanted, cancel)

    def _reached(self, key: tuple[str, str]) -> None:
        self._planned.pop(key, None)
        self._cross(*key)
