"""The navigation of a car: the way to a place, with the stops at chargers that battery and weather ask for.

It shows a way and moves nothing. The plan is made anew when news of the roads come, when the car begins to
move or stops, and every few minutes, so that a battery which empties faster than planned is noticed on the
way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Self

from sim.apps.journeys.navigation import (
    NoSuchPlaceError,
    RoadNews,
    Whereabouts,
    clock,
    find_place,
    heard_news,
    listed,
    whereabouts,
    why_not,
    zone_offset_ms,
)
from sim.core.device import Answer, Carries, Effect, Facet, Moment, Settle, StartTimer
from sim.core.roads import NO_MAP, RoadMap
from sim.core.units import Metres, Milliseconds, Percent, show_duration
from sim.physics.car_energy import Car
from sim.physics.roads import Lane, RoadNetwork, Traffic
from sim.physics.trips import RESERVE_PERCENT, Departure, Trip, Vehicle, plan_trip

LOOK_EVERY_MS = 300_000
"""How often the plan is held against the battery and the clock (assumption)."""
DEPARTURES_MS = 10_800_000
"""How far ahead a smart route looks for the best departure: longer than a rush hour (assumption)."""
DEPARTURE_STEP_MS = 900_000
"""How far apart the departures are that it compares (assumption)."""
TIMER = "navigation"


class Route(Facet, when_offline="last"):
    """What the car's navigation shows: the way as it would be now.

    `stops` are the places where it charges; `arrives` is by the clock on the wall; `route_why` says why this
    way, or why there is none.
    """

    destination: Annotated[str | None, Carries("location")]
    roads: list[str]
    stops: list[str]
    arrives: str | None
    trip_ms: Milliseconds | None
    distance_m: Metres | None
    arrival_battery_percent: Percent | None
    route_why: str
    best_departure: str | None = None
    """When in the next hours it takes least time, by the clock on the wall; only of a smart route."""
    saved_ms: Milliseconds | None = None
    """How much less it takes then than now."""


NO_ROUTE = Route(
    destination=None,
    roads=[],
    stops=[],
    arrives=None,
    trip_ms=None,
    distance_m=None,
    arrival_battery_percent=None,
    route_why="",
)


@dataclass(frozen=True, slots=True)
class Navigation:
    """The state of the navigation.

    Attributes:
        energy: what its model needs for driving, and its battery.
        map: places, roads and chargers.
        route: what is shown.
        lanes: the roads of the way, to know which one the car is on.
        traffic: the news that the way was planned with.
        smart: whether it also looks for the best departure.
    """

    energy: Car = field(repr=False)
    map: RoadMap = field(default=NO_MAP, repr=False)
    route: Route = NO_ROUTE
    lanes: tuple[Lane, ...] = ()
    traffic: Traffic | None = None
    smart: bool = False

    @classmethod
    def of(cls, config: Any, kept: Mapping[str, Any]) -> Self:
        """Return the navigation of a car, with the destination that it kept; it is planned after the start.

        Args:
            config: the car's entry in the household file.
            kept: what `kept` returned before a restart.
        """
        route = NO_ROUTE.model_copy(update={"destination": kept.get("destination")})
        return cls(config.energy, route=route, smart=kept.get("smart", False))

    def towards(
        self, at: Moment, ticket: str, said: str, *, smart: bool = False
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Plan the way to a place; what was shown before stays when there is none.

        Args:
            at: now.
            ticket: of the command.
            said: where to.
            smart: whether to look for the best departure as well, now and whenever it is planned anew.
        """
        try:
            goal = find_place(self.map, said)
        except NoSuchPlaceError as unknown:
            return self, (Settle(ticket, Answer("failed", str(unknown))),)
        planned = replace(self, lanes=(), smart=smart).planned(at, goal)
        if planned.route.arrives is None:
            return self, (Settle(ticket, Answer("failed", planned.route.route_why)),)
        answer = Answer("done", data=planned.route.model_dump())
        return planned, (Settle(ticket, answer), StartTimer(TIMER, LOOK_EVERY_MS))

    def cleared(self) -> Self:
        """Show nothing any more."""
        return replace(self, route=NO_ROUTE, lanes=(), traffic=None, smart=False)

    def looked(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Hold the plan against battery and clock, and go on doing so as long as there is a destination."""
        if self.route.destination is None:
            return self, ()
        return self.planned(at, self.route.destination), (StartTimer(TIMER, LOOK_EVERY_MS),)

    def heard(self, at: Moment) -> Self:
        """Plan anew when the news of the roads are others than those of the plan."""
        goal = self.route.destination
        if goal is None or heard_news(at.beliefs, at.now_ms).traffic == self.traffic:
            return self
        return self.planned(at, goal)

    def moved(self, at: Moment, *, moving: bool) -> Self:
        """Begin anew when the car begins to move or stops; where it stops at its destination, it is there."""
        goal = self.route.destination
        if goal is None:
            return self
        network = self._network(at)
        place = whereabouts(network, at.senses.location(), at.now_ms, (), Traffic())
        if not moving and place == Whereabouts(goal, at.now_ms):
            return self.cleared()
        return self.planned(at, goal)

    def planned(self, at: Moment, goal: str) -> Self:
        """Return the navigation with the way to a place from here and now, or with why there is none."""
        news = heard_news(at.beliefs, at.now_ms)
        network = self._network(at)
        here = whereabouts(network, at.senses.location(), at.now_ms, self.lanes, news.traffic)
        percent = at.senses.own("battery_percent")
        if percent is None:
            return self._without_way(goal, news, "nobody knows how full the battery is: its sensor is silent")
        battery_c, outdoor_c = at.senses.own("battery_temperature_c"), at.senses.outdoor_c()
        vehicle = Vehicle(self.energy, outdoor_c, outdoor_c if battery_c is None else battery_c)
        left = percent - vehicle.used_percent(here.length_m, here.at_ms - at.now_ms)
        trip = plan_trip(network, vehicle, Departure(here.place, here.at_ms, left), goal, news.traffic)
        if trip is None:
            why = why_not(network, here.place, goal, news.traffic) or _too_far(goal, percent, at)
            return self._without_way(goal, news, why)
        lanes = trip.lanes if here.on is None else (here.on, *trip.lanes)
        return replace(
            self,
            lanes=lanes,
            traffic=news.traffic,
            route=Route(
                destination=goal,
                roads=[lane.road for lane in lanes],
                stops=[stop.place for stop in trip.stops],
                arrives=clock(trip.arrival_ms, zone_offset_ms(at)),
                trip_ms=trip.arrival_ms - at.now_ms,
                distance_m=float(round(trip.length_m + here.length_m)),
                arrival_battery_percent=round(trip.arrival_percent, 1),
                route_why=_why(network, here, trip, news, at),
                **self._departure(network, vehicle, here, trip, news, at),
            ),
        )

    def _departure(
        self,
        network: RoadNetwork,
        vehicle: Vehicle,
        here: Whereabouts,
        trip: Trip,
        news: RoadNews,
        at: Moment,
    ) -> dict[str, Any]:
        """Return when it is best to leave; nothing under way, or where nobody asked.

        That closed and slow roads stay so for the next hours is assumed.
        """
        if not self.smart or here.on is not None or not trip.lanes:
            return {}
        percent = at.senses.own("battery_percent")
        best = trip
        for later_ms in range(DEPARTURE_STEP_MS, DEPARTURES_MS + 1, DEPARTURE_STEP_MS):
            departure = Departure(here.place, here.at_ms + later_ms, percent)
            other = plan_trip(network, vehicle, departure, trip.lanes[-1].end, news.traffic)
            if other is not None and other.takes_ms < best.takes_ms:
                best = other
        return {
            "best_departure": clock(best.start_ms, zone_offset_ms(at)),
            "saved_ms": trip.takes_ms - best.takes_ms,
        }

    def _without_way(self, goal: str, news: RoadNews, why: str) -> Self:
        route = NO_ROUTE.model_copy(update={"destination": goal, "route_why": why})
        return replace(self, route=route, lanes=(), traffic=news.traffic)

    def _network(self, at: Moment) -> RoadNetwork:
        return RoadNetwork(self.map, zone_offset_ms(at))

    def kept(self) -> dict[str, Any]:
        """Return what survives a restart: where to."""
        return {"destination": self.route.destination, **({"smart": True} if self.smart else {})}


def _too_far(goal: str, percent: float, at: Moment) -> str:
    return (
        f"{listed([goal])} is too far: with {percent:.0f} % in the battery and {at.senses.outdoor_c():.0f} °C"
        f" outside, no way with stops at chargers keeps {RESERVE_PERCENT:.0f} % in reserve"
    )


def _why(network: RoadNetwork, here: Whereabouts, trip: Trip, news: RoadNews, at: Moment) -> str:
    """Return why the way is as it is, one sentence."""
    offset_ms = zone_offset_ms(at)
    parts = []
    usual = network.fastest(here.place, trip.lanes[-1].end, here.at_ms) if trip.lanes else None
    avoided = [lane.road for lane in usual or () if lane not in trip.lanes]
    closed = [road for road in avoided if road in news.traffic.closed]
    slow = [road for road in avoided if road in news.traffic.slow_kmh]
    if closed:
        parts.append(f"{listed(closed)} is closed")
    if slow:
        parts.append(f"{listed(slow)} is slow today")
    parts += [
        f"charges at {listed([stop.place])} from {stop.from_percent:.0f} to {stop.until_percent:.0f} %,"
        f" {show_duration(round((stop.leaves_ms - stop.arrives_ms) / 60_000) * 60_000)},"
        f" until {clock(stop.leaves_ms, offset_ms)[-5:]}"
        for stop in trip.stops
    ]
    if not trip.stops:
        parts.append(f"the battery suffices, with {trip.arrival_percent:.0f} % left")
    parts.append(f"{at.senses.outdoor_c():.0f} °C outside")
    if news.caveat:
        parts.append(news.caveat)
    return "; ".join(parts)
