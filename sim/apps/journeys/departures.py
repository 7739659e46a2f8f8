"""When to leave for an appointment, by which road, and whether the battery gets there.

The latest departure is looked for minute by minute: who sets out later never arrives earlier (see
`physics.roads`), so halving the time finds it.
"""

from bisect import bisect_right
from dataclasses import dataclass, replace
from math import ceil
from typing import Literal

from sim.apps.journeys.navigation import RoadNews, listed
from sim.core.roads import MINUTE_MS
from sim.core.units import show_duration
from sim.physics.car_energy import CABIN_C
from sim.physics.roads import RoadNetwork
from sim.physics.trips import RESERVE_PERCENT, Departure, Trip, Vehicle, plan_trip

EARLY_MS = 300_000
"""How long before an appointment one wants to be there: to park and to walk in (assumption)."""
PREHEAT_BELOW_C = 10.0
PRECOOL_ABOVE_C = 28.0
"""Outdoor temperatures at which the cabin is made ready (assumptions)."""
CHARGE_LEAST_PERCENT = 50
"""What a car is charged to at least: less can be asked of no car's limit."""
FULL = 100.0

Charge = Literal["unknown", "suffices", "before", "on_the_way", "plug_in"]
"""Whether the battery suffices: it does; it must be charged before or on the way; or plugged in first."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a plan is made of, as far as it is believed.

    Attributes:
        now_ms: now.
        due_ms: when one wants to be there.
        goal: place of the map.
        place: place of the map where the car begins, or reaches the roads.
        until_roads_ms: how long it takes the car to get there.
        walk_ms: how long it takes to the car on foot.
        percent: charge of the car; None when nobody knows.
        plugged_in: whether it hangs at a charger; None when nobody knows.
        vehicle: what a drive takes.
        news: what was heard of the roads.
    """

    now_ms: int
    due_ms: int
    goal: str
    place: str
    until_roads_ms: int
    walk_ms: int
    percent: float | None
    plugged_in: bool | None
    vehicle: Vehicle
    news: RoadNews

    @property
    def ready_c(self) -> float | None:
        """The temperature that the cabin is to have when one leaves, °C; None on a mild day."""
        mild = PREHEAT_BELOW_C <= self.vehicle.outdoor_c <= PRECOOL_ABOVE_C
        return None if mild else CABIN_C


@dataclass(frozen=True, slots=True)
class Plan:
    """When to leave, and how.

    Attributes:
        leave_ms: when to leave, to the minute; now, when it is too late already.
        trip: the drive.
        late_ms: how much too late one is there; 0 when in time.
        charge: whether the battery suffices.
        charge_to_percent: to what it is charged before, percent; None when it is not.
        why: why so, one sentence without a word of what the appointment is about.
    """

    leave_ms: int
    trip: Trip
    late_ms: int
    charge: Charge
    charge_to_percent: int | None
    why: str


def plan_departure(network: RoadNetwork, setting: Setting) -> Plan | None:
    """Return the plan, or None when no open road leads to the goal, or none that a full battery lasts for.

    Args:
        network: the roads.
        setting: everything that counts.
    """
    full = _latest(network, setting, FULL)
    if full is None:
        return None
    if setting.percent is None:
        return _told(network, setting, full, "unknown", None)
    used = FULL - full.arrival_percent if not full.stops else FULL
    if setting.percent - used >= RESERVE_PERCENT and not full.stops:
        found = _latest(network, setting, setting.percent)
        assert found is not None, "a battery that suffices did not"  # INVARIANT: the same roads
        return _told(network, setting, found, "suffices", None)
    if setting.plugged_in:
        # A twentieth more than it takes: a schedule ends at whole steps, and the air is never as forecast.
        wanted = max(CHARGE_LEAST_PERCENT, ceil((used + RESERVE_PERCENT + 5) / 5) * 5)
        target = min(100, wanted)
        found = _latest(network, setting, float(target)) or full
        return _told(network, setting, found, "before", target)
    found = _latest(network, setting, setting.percent)
    if found is not None:
        return _told(network, setting, found, "on_the_way", None)
    return _told(network, setting, full, "plug_in", None)


def _latest(network: RoadNetwork, setting: Setting, percent: float) -> Trip | None:
    """Return the trip that sets out last of those that are in time, to the minute, or at once if none is."""
    first_ms = setting.now_ms + setting.walk_ms
    spare_min = max(0, setting.due_ms - first_ms) // MINUTE_MS + 1

    def trip_at(start_ms: int) -> Trip | None:
        roads_ms = start_ms + setting.until_roads_ms
        departure = Departure(setting.place, roads_ms, percent)
        trip = plan_trip(network, setting.vehicle, departure, setting.goal, setting.news.traffic)
        return None if trip is None else replace(trip, start_ms=start_ms)

    def arrival(minute: int) -> int:
        trip = trip_at(_whole(first_ms) + minute * MINUTE_MS)
        return setting.due_ms + 1 if trip is None else trip.arrival_ms

    at_once = trip_at(first_ms)
    if at_once is None or at_once.arrival_ms > setting.due_ms:
        return at_once
    minute = bisect_right(range(spare_min), setting.due_ms, key=arrival) - 1
    return at_once if minute < 0 else trip_at(_whole(first_ms) + minute * MINUTE_MS)


def _whole(at_ms: int) -> int:
    """Return the next whole minute."""
    return -(-at_ms // MINUTE_MS) * MINUTE_MS


def _told(network: RoadNetwork, setting: Setting, trip: Trip, charge: Charge, target: int | None) -> Plan:
    late_ms = max(0, trip.arrival_ms - setting.due_ms)
    leave_ms = trip.start_ms - setting.walk_ms
    takes_ms = trip.arrival_ms - trip.start_ms
    minutes = show_duration(max(1, round(takes_ms / MINUTE_MS)) * MINUTE_MS)
    parts = [f"{listed([lane.road for lane in trip.lanes])} takes {minutes}"]
    parts += _detour(network, setting, trip)
    if late_ms:
        parts.insert(0, f"{show_duration(_whole(late_ms))} late")
    if setting.walk_ms >= MINUTE_MS:
        parts.append(f"{show_duration(_whole(setting.walk_ms))} on foot to the car")
    parts += _of_charge(setting, trip, charge, target)
    if setting.ready_c is not None:
        parts.append(f"{setting.vehicle.outdoor_c:.0f} °C outside")
    if setting.news.caveat:
        parts.append(setting.news.caveat)
    return Plan(leave_ms, trip, late_ms, charge, target, "; ".join(parts))


def _detour(network: RoadNetwork, setting: Setting, trip: Trip) -> list[str]:
    """Return why it is not the usual way."""
    usual = network.fastest(setting.place, setting.goal, trip.start_ms + setting.until_roads_ms) or ()
    avoided = [lane.road for lane in usual if lane not in trip.lanes]
    traffic = setting.news.traffic
    taken = [lane.road for lane in trip.lanes if lane.road in traffic.slow_kmh]
    closed = [road for road in avoided if road in traffic.closed]
    slow = [road for road in avoided if road in traffic.slow_kmh] + taken
    return [
        *([f"{listed(closed)} is closed"] if closed else []),
        *([f"{listed(slow)} is slow today"] if slow else []),
    ]


def _of_charge(setting: Setting, trip: Trip, charge: Charge, target: int | None) -> list[str]:
    percent = setting.percent
    match charge:
        case "unknown":
            return ["nobody knows how full the battery is"]
        case "suffices":
            return [f"the battery suffices: {percent:.0f} % now, {trip.arrival_percent:.0f} % there"]
        case "before":
            return [f"the battery has {percent:.0f} % and is charged to {target} % before"]
        case "on_the_way":
            stops = [stop.place for stop in trip.stops]
            return [f"the battery has {percent:.0f} % and charges on the way at {listed(stops)}"]
        case _:  # `plug_in`; there is no other
            return [f"the battery has {percent:.0f} %, which does not get there: plug the car in"]
