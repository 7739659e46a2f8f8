"""What the roadside demands of cars: it sees them pass, come, stand, charge and go.

A gate stands at the end of its road; a barrier counts the hours from when a car stopped there; a charger
counts what went into the battery while its cable was in. Each makes an order out of the event and tells the
car, which hears it when it next has power: nothing that a car does or loses makes one demand into two.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sim.core.dues import Due
from sim.core.household import Household
from sim.core.roads import ChargingPoint
from sim.physics.assistance.assisted import Assisted
from sim.physics.roads import AT_PLACE_M
from sim.physics.travel import Journey, Way
from sim.world.truth.places import Places

REMEMBERED_MAX: Final = 100
"""Demands that the roadside goes on telling a car; the oldest are in its books or with a debt collector."""


@dataclass(frozen=True, slots=True)
class _Session:
    """Charging at a paid point, since when and from which charge."""

    point: ChargingPoint
    since_ms: int
    from_percent: float


class Dues:
    """Every demand of a run.

    Args:
        household: its roads, places and cars.
        places: where the cars are.
        start_ms: since when a car stands where it stands at the start.
    """

    def __init__(self, household: Household, places: Places, start_ms: int) -> None:
        self._household = household
        self._places = places
        self._start_ms = start_ms
        self._stopped_ms: dict[str, int] = {}
        self._sessions: dict[str, _Session] = {}
        self._of: dict[str, tuple[Due, ...]] = {}

    def of(self, car: str) -> tuple[Due, ...]:
        """Return what was demanded of a car, oldest first."""
        return self._of.get(car, ())

    def drove(self, car: str, now_ms: int) -> None:
        """Let a car pass the gate of the road that ends where it is now, if one stands there.

        However often it is asked about one passage, that is one demand.
        """
        for road in _ended(self._places.path(car), now_ms):
            toll = self._household.roads[road].toll
            if toll is not None:
                order = f"toll:{toll.plaza}:{car}:{now_ms}"
                self._demand(car, Due(order, toll.plaza, toll.amount, toll.currency))

    def stopped(self, car: str, now_ms: int) -> None:
        """Let a car stand from now on."""
        self._stopped_ms[car] = now_ms

    def departs(self, car: str, now_ms: int) -> None:
        """Let a car leave where it stands: the barrier opens, and says what the stay costs."""
        if now_ms < self._places.path(car).arrival_ms:
            return  # It drives already, and goes on by another way.
        since_ms = self._stopped_ms.pop(car, self._start_ms)
        for name, place in self._household.places.items():
            if place.parking is None or self._places.distance_m(car, name, now_ms) > AT_PLACE_M:
                continue
            parking, minor = place.parking, place.parking.fee_minor(now_ms - since_ms)
            if minor:
                order = f"parking:{parking.operator}:{car}:{since_ms}"
                self._demand(car, Due(order, parking.operator, minor, parking.currency))

    def plugged_in(self, car: str, point: ChargingPoint | None, percent: float, now_ms: int) -> None:
        """Let a charger begin to count, if one pays there."""
        if point is not None and point.operator is not None and point.price is not None:
            self._sessions[car] = _Session(point, now_ms, percent)

    def unplugged(self, car: str, percent: float, capacity_kwh: float) -> None:
        """Let a charger say what went into the battery, at the price of the beginning (assumption).

        It is counted at the battery, without the losses before it (assumption).
        """
        session = self._sessions.pop(car, None)
        if session is None:
            return
        point = session.point
        assert point.price is not None, "a session without a price"  # INVARIANT: see above
        minor = round((percent - session.from_percent) / 100 * capacity_kwh * point.price)
        if minor > 0:
            order = f"charging:{point.operator}:{car}:{session.since_ms}"
            self._demand(car, Due(order, str(point.operator), minor, point.currency))

    def _demand(self, car: str, due: Due) -> None:
        if due.order not in {one.order for one in self.of(car)}:
            self._of[car] = (*self.of(car), due)[-REMEMBERED_MAX:]


def _ended(path: Way, now_ms: int) -> Iterator[str]:
    """Yield the roads whose ends a car reaches in this very millisecond."""
    if isinstance(path, Journey):
        for one, onward in zip(path.stretches, (*path.stretches[1:], None), strict=True):
            goes_on = onward is not None and (onward.road, onward.origin) == (one.road, one.origin)
            if one.end_ms == now_ms and not goes_on:
                yield one.road
    elif isinstance(path, Assisted) and path.start_ms < now_ms <= path.arrival_ms:
        before_m, here_m = (path.state(at_ms).way_m for at_ms in (now_ms - 1, now_ms))
        for edge_m, road in path.situation.line.crossings:
            if road and before_m < edge_m <= here_m:
                yield road
