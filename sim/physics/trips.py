"""Trips of an electric car: the way and the stops at chargers that bring it there first, with enough left.

A label is a place, a time and a charge. Labels are settled in the order of time; of two at the same place one
that is neither earlier nor fuller is dropped. This is the label-setting search of Baum, Dibbelt, Gemsa,
Wagner, Zündorf: Shortest feasible paths with charging stops for battery electric vehicles, Transportation
Science 53 (2019) 1627-1655, with two simplifications: one charges to a multiple of five per cent, and a road
takes the same energy in both directions, for the map knows no heights.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

from sim.physics.battery import Battery, Pack
from sim.physics.cabin_climate import electricity_w
from sim.physics.cabin_heat import Cabin
from sim.physics.roads import FREE, Lane, RoadNetwork, Traffic

CABIN_C = 21.0
"""How warm the cabin is kept on the way, °C (assumption: what people set)."""
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
        consumption_kwh_per_100km: of driving, without heating or cooling.
        outdoor_c: temperature on the way, °C.
        pack: the battery.
        cabin: what is kept warm or cool.
    """

    consumption_kwh_per_100km: float
    outdoor_c: float
    pack: Pack = field(default_factory=Pack)
    cabin: Cabin = field(default_factory=Cabin)

    @property
    def climate_w(self) -> float:
        """Power that keeps the cabin at `CABIN_C`, W: the heat it loses in balance, by the heat pump."""
        cabin = self.cabin
        through_trim = cabin.interior_w_per_k * cabin.body_w_per_k
        loss_w_per_k = cabin.glass_w_per_k + through_trim / (cabin.interior_w_per_k + cabin.body_w_per_k)
        heating_w, cooling_w = electricity_w(loss_w_per_k * (CABIN_C - self.outdoor_c), self.outdoor_c)
        return heating_w + cooling_w

    def used_percent(self, length_m: float, takes_ms: int) -> float:
        """Return what a drive takes, percent of the full battery."""
        driving_kwh = length_m / 1000 * self.consumption_kwh_per_100km / 100
        climate_kwh = self.climate_w / 1000 * takes_ms / 3_600_000
        return 100 * (driving_kwh + climate_kwh) / self.pack.capacity_kwh

    def charging_ms(self, from_percent: float, to_percent: float, power_w: float) -> int | None:
        """Return how long charging takes; None when it does not get there within a month."""
        battery = Battery(from_percent, 20.0, 0, cable_w=power_w, charging=True, pack=self.pack)
        return battery.reaches_ms(to_percent)


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
        reserve_percent: what is to be left at every charger and on arrival.
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
    least_ms = network.least_ms(goal)
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
            enough = further.percent >= departure.reserve_percent
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
        used = vehicle.used_percent(lane.details.length_m, there_ms - label.at_ms)
        yield _Label(lane.end, there_ms, label.percent - used, label, lane)


def _charged(network: RoadNetwork, vehicle: Vehicle, label: _Label) -> Iterator[_Label]:
    """Yield how one can leave the charger at which one has just arrived."""
    power_w = network.map.chargers.get(label.place)
    if power_w is None or isinstance(label.by, Stop):
        return
    first = int(label.percent // TARGET_STEP_PERCENT + 1) * TARGET_STEP_PERCENT
    for target in range(first, 101, TARGET_STEP_PERCENT):
        takes_ms = vehicle.charging_ms(label.percent, float(target), power_w)
        if takes_ms is None:
            return
        leaves_ms = label.at_ms + PLUGGING_MS + takes_ms
        stop = Stop(label.place, label.at_ms, leaves_ms, label.percent, float(target))
        yield _Label(label.place, leaves_ms, float(target), label, stop)


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
