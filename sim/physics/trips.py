"""Trips of an electric car: the way and the stops at chargers that bring it there first, with enough left.

A label is a place, a time and a charge. Labels are settled in the order of time; of two at the same place one
that is neither earlier nor fuller is dropped. This is the label-setting search of Baum, Dibbelt, Gemsa,
Wagner, Zündorf: Shortest feasible paths with charging stops for battery electric vehicles, Transportation
Science 53 (2019) 1627-1655, with two simplifications: one charges to a multiple of five per cent, and what a
battery cannot take of what a long descent gives back is counted as if it could.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from sim.physics.battery import Battery
from sim.physics.car_energy import Car
from sim.physics.cells import WARM_C
from sim.physics.roads import FREE, Lane, RoadNetwork, Traffic

PLUGGING_MS = 300_000
"""What a stop takes beside the charging: leaving the road, plugging in, paying (assumption)."""
TARGET_STEP_PERCENT = 5
RESERVE_PERCENT = 10.0
"""What is to be left at every charger and on arrival (assumption: where cars begin to warn)."""
LABELS_MAX = 50_000
"""Labels after which a search ends without a result; the largest map needs a small part of them."""


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What a trip takes out of a car's battery, and how fast it comes back.

    Attributes:
        car: the model.
        outdoor_c: temperature on the way, °C.
        battery_c: how warm the pack is when it sets out, °C; it is taken to stay so.
        kwh_per_km: what a kilometre takes with everything, for who knows no more than what the car says of
            its range; None for the forces on the car and the heat of its cabin.
    """

    car: Car
    outdoor_c: float
    battery_c: float = WARM_C
    kwh_per_km: float | None = None

    @property
    def reserved_percent(self) -> float:
        """What the cold pack withholds, percent; a range that is told leaves it out already."""
        return 0.0 if self.kwh_per_km else self.car.pack.cells.reserved_percent(self.battery_c)

    def used_percent(self, length_m: float, takes_ms: int, slope: float = 0.0, stops: float = 0.0) -> float:
        """Return what a drive takes, percent of the full battery; below 0 where it rolls down and gains.

        Args:
            length_m: how far.
            takes_ms: how long it takes.
            slope: metres up for each metre ahead.
            stops: how often one stops, for each kilometre.
        """
        pack = self.car.pack
        if self.kwh_per_km is not None:
            return 100 * length_m / 1000 * self.kwh_per_km / pack.capacity_kwh
        if takes_ms <= 0:
            return 0.0
        body, takes_s = self.car.body, takes_ms / 1000
        drawn_w = body.driving_w(length_m / takes_s, self.outdoor_c, slope, stops)
        drawn_w += body.auxiliaries_w + self.car.climate_w(self.outdoor_c)
        rate_per_h = abs(drawn_w) / (pack.capacity_kwh * 1000)
        lost_w = abs(drawn_w) * rate_per_h * pack.cells.lost_share_at_1c(50.0, self.battery_c)
        return (drawn_w + lost_w) * takes_s * pack.percent_per_j

    def charging_ms(
        self, from_percent: float, targets: Iterable[float], power_w: float
    ) -> Iterator[tuple[float, int]]:
        """Yield charges, in rising order, each with how long it takes to get there, within a month.

        Args:
            from_percent: the charge on arrival.
            targets: charges.
            power_w: what the charger gives at most.
        """
        pack = self.car.pack
        offered_w = pack.given_w(power_w)
        cold = pack.too_cold(from_percent, self.battery_c, offered_w)
        battery = Battery(
            from_percent,
            self.battery_c,
            pack,
            cable_w=power_w,
            charging=True,
            outdoor_c=self.outdoor_c,
            heater_w=min(pack.heater_w, offered_w) if cold else 0.0,
        )
        for target in targets:
            reached_ms = battery.reaches_ms(target)
            if reached_ms is None:
                return
            yield target, reached_ms
            battery = battery.at(reached_ms)


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop at a charger.

    Attributes:
        place: where.
        arrives_ms: when the car is there.
        leaves_ms: when it goes on.
        from_percent: charge on arrival.
        until_percent: charge when it goes on.
    """

    place: str
    arrives_ms: int
    leaves_ms: int
    from_percent: float
    until_percent: float


@dataclass(frozen=True, slots=True)
class Trip:
    """A plan.

    Attributes:
        lanes: the roads, in order.
        stops: the stops at chargers, in order.
        start_ms: when it begins.
        arrival_ms: when the car is there.
        arrival_percent: what is left then.
    """

    lanes: tuple[Lane, ...]
    stops: tuple[Stop, ...]
    start_ms: int
    arrival_ms: int
    arrival_percent: float

    @property
    def takes_ms(self) -> int:
        """How long it takes, charging included."""
        return self.arrival_ms - self.start_ms

    @property
    def length_m(self) -> float:
        """How far it is, metres."""
        return sum(lane.details.length_m for lane in self.lanes)


@dataclass(frozen=True, slots=True)
class Departure:
    """Where, when and how full a car sets out.

    Attributes:
        place: a place of the map.
        start_ms: when, milliseconds since 1970.
        percent: its charge.
        reserve_percent: what is to be left at every charger and on arrival, beside what the cold withholds.
    """

    place: str
    start_ms: int
    percent: float
    reserve_percent: float = RESERVE_PERCENT


@dataclass(frozen=True, slots=True)
class _Label:
    place: str
    at_ms: int
    percent: float
    before: "_Label | None" = None
    by: Lane | Stop | None = None

    def as_good_as(self, other: "_Label") -> bool:
        return self.at_ms <= other.at_ms and self.percent >= other.percent


def plan_trip(
    network: RoadNetwork, vehicle: Vehicle, departure: Departure, goal: str, traffic: Traffic = FREE
) -> Trip | None:
    """Return the trip that arrives first, charging included; None when none keeps the reserve.

    Args:
        network: the roads.
        vehicle: the car, and the weather.
        departure: where, when and how full it sets out.
        goal: place to drive to.
        traffic: what is known of the roads.
    """
    least_ms, withheld = network.least_ms(goal), vehicle.reserved_percent
    if departure.place not in least_ms:
        return None
    numbers = count()
    waiting = [(0, next(numbers), _Label(departure.place, departure.start_ms, departure.percent))]
    settled: dict[str, list[_Label]] = {}
    while waiting and next(numbers) < LABELS_MAX:
        _, _, label = heappop(waiting)
        if label.place == goal:
            return _trip(label, departure)
        known = settled.setdefault(label.place, [])
        if any(one.as_good_as(label) for one in known):
            continue
        known.append(label)
        for further in (*_driven(network, vehicle, label, traffic), *_charged(network, vehicle, label)):
            enough = further.percent >= departure.reserve_percent + withheld
            if enough and further.place in least_ms:
                rank = further.at_ms + least_ms[further.place]
                heappush(waiting, (rank, next(numbers), further))
    return None


def _driven(network: RoadNetwork, vehicle: Vehicle, label: _Label, traffic: Traffic) -> Iterator[_Label]:
    """Yield where one can be next."""
    for lane in network.lanes_from(label.place):
        if lane.road in traffic.closed:
            continue
        there_ms = network.arrival_ms(lane, label.at_ms, traffic)
        road = lane.details
        climbs = road.climbs(lane.start)
        used = vehicle.used_percent(road.length_m, there_ms - label.at_ms, climbs, road.stops)
        yield _Label(lane.end, there_ms, min(label.percent - used, 100.0), label, lane)


def _charged(network: RoadNetwork, vehicle: Vehicle, label: _Label) -> Iterator[_Label]:
    """Yield how one can leave the charger at which one has just arrived."""
    power_w = network.map.chargers.get(label.place)
    if power_w is None or isinstance(label.by, Stop):
        return
    first = int(label.percent // TARGET_STEP_PERCENT + 1) * TARGET_STEP_PERCENT
    targets = (float(target) for target in range(first, 101, TARGET_STEP_PERCENT))
    for target, takes_ms in vehicle.charging_ms(label.percent, targets, power_w):
        leaves_ms = label.at_ms + PLUGGING_MS + takes_ms
        stop = Stop(label.place, label.at_ms, leaves_ms, label.percent, target)
        yield _Label(label.place, leaves_ms, target, label, stop)


def _trip(label: _Label, departure: Departure) -> Trip:
    lanes: list[Lane] = []
    stops: list[Stop] = []
    one: _Label | None = label
    while one is not None:
        if isinstance(one.by, Lane):
            lanes.append(one.by)
        elif one.by is not None:
            stops.append(one.by)
        one = one.before
    return Trip(
        tuple(reversed(lanes)), tuple(reversed(stops)), departure.start_ms, label.at_ms, label.percent
    )
