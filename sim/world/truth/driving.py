"""Cars on roads: which way a driver takes, and what becomes of those under way when a road changes.

Who drives sees the roads, not a message about them: a driver takes the fastest way there is, and where the
road ahead is closed, the fastest detour from the next crossing.
"""

from abc import abstractmethod
from typing import Annotated, ClassVar

from pydantic import Field

from sim.core.device import Arguments, Refers
from sim.core.units import Kmh
from sim.physics.assistance.assisted import Assisted
from sim.physics.roads import AT_PLACE_M, Lane, RoadNetwork, Traffic
from sim.physics.travel import Journey, distance_m
from sim.world.truth import Truth
from sim.world.truth.assisting import by_hand, on_line_of

FASTEST = "roads"
"""In `by` of `drives`: the fastest way, as the roads are now."""


class NoWayError(Exception):
    """Raised when no road leads where somebody wants to drive; its text says why."""


def by_roads(truth: Truth, car: str, goal: str, by: str | list[str], now_ms: int) -> Journey:
    """Return the drive of a car along the roads of the map.

    Args:
        truth: the world.
        car: which car; it must stand at a place of the map.
        goal: the place or home to drive to.
        by: `roads` for the fastest way, or the roads to take, in order.
        now_ms: when it sets out.

    Raises:
        NoWayError: when the car or the goal is not at a road, or no open road leads there.
    """
    network = truth.roads.network
    if goal not in network.points:
        msg = f"no road leads to {goal}"
        raise NoWayError(msg)
    here = truth.places.position(car, now_ms)
    start, away_m = min(
        ((name, distance_m(here, point)) for name, point in network.points.items()), key=lambda one: one[1]
    )
    if away_m > AT_PLACE_M:
        msg = f"{car} is at no place of the map"
        raise NoWayError(msg)
    traffic = truth.roads.traffic
    lanes = (
        network.fastest(start, goal, now_ms, traffic)
        if by == FASTEST
        else _named(network, start, goal, list(by), traffic)
    )
    if lanes is None:
        msg = f"no open road leads from {start} to {goal}"
        raise NoWayError(msg)
    if not lanes:
        msg = f"{car} is at {goal} already"
        raise NoWayError(msg)
    return network.journey(lanes, now_ms, traffic)


def _named(
    network: RoadNetwork, start: str, goal: str, roads: list[str], traffic: Traffic
) -> tuple[Lane, ...]:
    """Return the lanes of roads that somebody names; each must begin where the one before it ends."""
    lanes: list[Lane] = []
    place = start
    for road in roads:
        lane = network.lane(road, place)
        if lane is None or road in traffic.closed:
            msg = f"{road} is closed" if lane is not None else f"{road} does not leave {place}"
            raise NoWayError(msg)
        lanes.append(lane)
        place = lane.end
    if place != goal:
        msg = f"{roads[-1] if roads else 'no road'} does not lead to {goal}"
        raise NoWayError(msg)
    return tuple(lanes)


def driven_on(truth: Truth, journey: Journey, now_ms: int) -> Journey:
    """Return how a drive goes on when the roads have changed: at once at another speed, or by other roads.

    The road a car is on it drives to its end, also when that is closed behind it. With no way left it stops
    at the next crossing.
    """
    network, traffic = truth.roads.network, truth.roads.traffic
    on = journey.now_on(now_ms)
    lane = network.lane(on.road, on.origin)
    assert lane is not None, "a car is on a road that is not there"  # INVARIANT
    done = on.done + on.length_m * on.share(now_ms) / lane.details.length_m
    # Never all of it: a drive has a last millisecond on every road.
    here = network.drive(lane, now_ms, traffic, min(done, 1 - 1e-9))
    onward = network.fastest(on.to, journey.stretches[-1].to, here[-1].end_ms, traffic)
    return Journey((*here, *(network.journey(onward, here[-1].end_ms, traffic).stretches if onward else ())))


class RoadAct(Arguments):
    """What happens to a road: `do: roads.close`."""

    verb: ClassVar[str]
    road: Annotated[str, Refers("road")]

    def perform(self, truth: Truth, now_ms: int) -> list[str]:
        """Change the truth; return the cars on their way that go on otherwise."""
        self.change(truth)
        truth.touch_road_sensors()
        moved = []
        for car, journey in truth.places.journeys(now_ms):
            truth.depart(car, driven_on(truth, journey, now_ms), now_ms)
            moved.append(car)
        for car in truth.cars:
            path = truth.places.path(car)
            if isinstance(path, Assisted) and isinstance(rest := by_hand(truth, path, now_ms), Journey):
                on_line_of(truth, car, driven_on(truth, rest, now_ms), now_ms)
                moved.append(car)
        return moved

    @abstractmethod
    def change(self, truth: Truth) -> None:
        """Change the road."""


class CloseRoad(RoadAct):
    """Close a road: an accident, works, a flood."""

    verb: ClassVar[str] = "close"

    def change(self, truth: Truth) -> None:
        """Let nobody on it any more."""
        truth.roads.close(self.road)


class SlowRoad(RoadAct):
    """Let a road be driven at most so fast: a jam, snow."""

    verb: ClassVar[str] = "slow"
    speed_kmh: Kmh = Field(gt=0, le=250)

    def change(self, truth: Truth) -> None:
        """Slow it down."""
        truth.roads.slow(self.road, self.speed_kmh)


class OpenRoad(RoadAct):
    """Let a road be as on any other day."""

    verb: ClassVar[str] = "open"

    def change(self, truth: Truth) -> None:
        """Open it."""
        truth.roads.open(self.road)


ROADS = "roads"
"""The name under which the roads change."""

ROAD_ACTS: dict[str, type[RoadAct]] = {act.verb: act for act in (CloseRoad, SlowRoad, OpenRoad)}
