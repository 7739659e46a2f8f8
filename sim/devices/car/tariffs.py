"""The cheapest hours before a car must be ready: which parts of the time to charge in."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from sim.core.roads import DAY_MS, ChargingPoint


@dataclass(frozen=True, slots=True)
class Slot:
    """A time in which to charge: from `start_ms` until before `end_ms`, at a price per kilowatt hour."""

    start_ms: int
    end_ms: int
    price: int

    @property
    def takes_ms(self) -> int:
        """How long it is."""
        return self.end_ms - self.start_ms


def cheapest(
    point: ChargingPoint, midnight_ms: int, now_ms: int, ready_ms: int, needs_ms: int
) -> tuple[Slot, ...] | None:
    """Return the slots that cost least, in order; of equal prices the earlier ones.

    Interruptions are free: what counts is the time in which something is charged.

    Args:
        point: the charger, with its prices.
        midnight_ms: a midnight at or before now.
        now_ms: when charging can begin.
        ready_ms: when it must have ended.
        needs_ms: how much time it needs, above 0.

    Returns:
        The slots, or None where the time does not suffice or the charger tells no prices.
    """
    chosen: list[Slot] = []
    left_ms = needs_ms
    for slot in sorted(
        _priced(point, midnight_ms, now_ms, ready_ms), key=lambda one: (one.price, one.start_ms)
    ):
        taken_ms = min(left_ms, slot.takes_ms)
        if taken_ms > 0:
            chosen.append(Slot(slot.start_ms, slot.start_ms + taken_ms, slot.price))
            left_ms -= taken_ms
    return tuple(sorted(chosen, key=lambda one: one.start_ms)) if left_ms == 0 else None


def cost(slots: tuple[Slot, ...], energy_kwh: float) -> int:
    """Return what some energy costs, spread evenly over the slots; smallest units of the currency.

    Near the end a battery takes less, so the last slot carries less than its share: an estimate.
    """
    whole_ms = sum(slot.takes_ms for slot in slots)
    return round(sum(slot.price * energy_kwh * slot.takes_ms / whole_ms for slot in slots))


def _priced(point: ChargingPoint, midnight_ms: int, now_ms: int, ready_ms: int) -> Iterator[Slot]:
    """Yield the time from now until ready in pieces of one price; nothing without prices."""
    days = range((ready_ms - midnight_ms) // DAY_MS + 1)
    edges = {midnight_ms + day * DAY_MS + edge for day in days for edge in (0, *point.edges_ms)}
    times = sorted({now_ms, ready_ms, *(edge for edge in edges if now_ms < edge < ready_ms)})
    for start_ms, end_ms in pairwise(times):
        price = point.price_at((start_ms - midnight_ms) % DAY_MS)
        if price is not None:
            yield Slot(start_ms, end_ms, price)
