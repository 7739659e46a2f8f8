"""Assisted drives in the world: which cars are driven so, and what they follow from at this instant.

A car drives assisted while something assists, or while somebody is before it on the road: emergency braking
works also when nobody engaged anything. Its drive is calculated anew when what it follows from has changed.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeGuard

from sim.core.surroundings import RoadAhead
from sim.documents.vehicles import vehicle_of
from sim.physics.assistance.assisted import Assisted
from sim.physics.assistance.line import Line, line_of
from sim.physics.assistance.loop import Now, Situation
from sim.physics.assistance.others import RoadUser
from sim.physics.assistance.sight import Air, Sensors, lidar_m, sight_m
from sim.physics.daylight import daylight
from sim.physics.travel import Journey, Path, Way, standing
from sim.world.truth import Truth


def air_around(truth: Truth, car: str, now_ms: int) -> Air:
    """Return light, rain and fog around a car."""
    local = truth.local_time(now_ms)
    latitude = truth.places.location(car, now_ms)[0]
    light = daylight(local.hour * 60 + local.minute, local.timetuple().tm_yday, latitude)
    return Air(light <= 0, truth.rain_mm_per_h, truth.visibility_m)


def sensors_of(truth: Truth, car: str, now_ms: int) -> Sensors:
    """Return which sensors of a car work: those that it has, are clean and have not failed."""

    def works(field: str) -> bool:
        return (car, field) not in truth.blind and bool(truth.fact(car, field, now_ms))

    config: Any = truth.household.devices[car].config
    return Sensors(lidar=has_lidar(config) and works("lidar_clean"), camera=works("camera_clean"))


def has_lidar(config: Any) -> bool:
    """Say whether a car has a lidar, by its entry in the household file, or else by its model's file."""
    stated: bool | None = config.lidar
    return vehicle_of(config.model).machines.lidars[0] > 0 if stated is None else stated


def road_ahead(truth: Truth, car: str, now_ms: int) -> RoadAhead:
    """Return what a car's sensors see of the road."""
    air, sensors = air_around(truth, car, now_ms), sensors_of(truth, car, now_ms)
    path = truth.places.path(car)
    leg_road = ""
    if isinstance(path, Assisted):
        leg_road = path.situation.line.leg(path.state(now_ms).way_m)[0].road
    elif isinstance(path, Journey):
        leg_road = path.now_on(now_ms).road
    road = truth.roads.map.roads.get(leg_road)
    assists = truth.fact(car, "assistance", now_ms) in {"cruise", "lane"}
    has = has_lidar(truth.household.devices[car].config)
    return RoadAhead(
        lidar=("ok" if sensors.lidar and lidar_m(air) > 0 else "blind") if has else "none",
        sight_m=sight_m(sensors, air),
        dark=air.dark,
        marked=road is not None and road.lanes is not None,
        separated=road is not None and road.separated,
        limited_by=path.limited_by(now_ms) if isinstance(path, Assisted) and assists else "",
    )


def replanned(truth: Truth, now_ms: int) -> Iterator[str]:
    """Let every drive follow what it follows from now, and yield the cars that go on otherwise."""
    for car in truth.cars:
        path = truth.places.path(car)
        assistance = truth.fact(car, "assistance", now_ms)
        goes = path.start_ms <= now_ms < path.arrival_ms
        power = truth.fact(car, "drive_power", now_ms) if goes else "full"
        if assistance == "off" and not isinstance(path, Assisted) and power == "full":
            continue
        if isinstance(path, Assisted) and path.collision is not None and now_ms >= path.collision.at_ms:
            _collide(truth, car, path, now_ms)
        elif not goes:
            truth.change(car, {"assistance": "off"}, now_ms)
        elif _ends(path, assistance, power) and not path.speed_at(now_ms):
            truth.halt(car, now_ms)
            truth.change(car, {"assistance": "off"}, now_ms)
        elif _by_hand_again(path, assistance, power):
            truth.depart(car, by_hand(truth, path, now_ms), now_ms)
            yield car
        elif _followed(truth, car, path, now_ms):
            yield car


def _ends(path: Way, assistance: str, power: str) -> bool:
    """Say whether a drive is over once the car stands: it was to stop, or has nothing left to go on with."""
    return assistance == "stopping" or (isinstance(path, Assisted) and power == "none")


def _by_hand_again(path: Way, assistance: str, power: str) -> TypeGuard[Assisted]:
    """Say whether nothing is left for which a drive has to be calculated as an assisted one."""
    alone = isinstance(path, Assisted) and not path.situation.users
    return alone and assistance == "off" and power == "full"


def _followed(truth: Truth, car: str, path: Way, now_ms: int) -> bool:
    """Calculate a drive anew when what it follows from has changed; say whether it has."""
    before = path.situation if isinstance(path, Assisted) else None
    if truth.fact(car, "drive_power", now_ms) == "none":
        _without_power(truth, car, now_ms)
    situation = situation_of(truth, car, now_ms)
    if isinstance(path, Assisted) and before == situation and now_ms < path.horizon_ms:
        return False
    take_over(truth, car, situation, now_ms)
    return True


def situation_of(truth: Truth, car: str, now_ms: int, users: tuple[RoadUser, ...] | None = None) -> Situation:
    """Return what a car's drive follows from now; the others as given, or as they are."""
    path = truth.places.path(car)
    facts = truth.physical(car, now_ms)
    if isinstance(path, Assisted):
        line, known = path.situation.line, path.situation.users
    else:
        line, known = _line(truth, path, now_ms), ()
    by_hand_m_per_s = path.situation.set_speed if isinstance(path, Assisted) else path.speed_at(now_ms)
    engaged = facts.assistance in {"cruise", "lane"}
    most_speed, drag = truth.held_m_per_s(car, now_ms)
    return Situation(
        facts.assistance,
        min(facts.cruise_kmh / 3.6, most_speed) if engaged else by_hand_m_per_s,
        line,
        known if users is None else users,
        air_around(truth, car, now_ms),
        sensors_of(truth, car, now_ms),
        most_speed,
        drag,
    )


def _without_power(truth: Truth, car: str, now_ms: int) -> None:
    """End what assists where the motors get nothing: it brakes to a stop when nobody holds the wheel."""
    facts = truth.physical(car, now_ms)
    if facts.assistance in {"cruise", "lane", "holding"}:
        truth.change(car, {"assistance": "off" if facts.hands_on else "stopping"}, now_ms)


def take_over(truth: Truth, car: str, situation: Situation, now_ms: int) -> None:
    """Let a car go on in a situation, from the state it is in."""
    path = truth.places.path(car)
    drive = (
        path.again(situation, now_ms)
        if isinstance(path, Assisted)
        else Assisted(situation, Now(now_ms, 0.0, _speed_from(path, situation, now_ms)))
    )
    truth.depart(car, drive, now_ms)


def _speed_from(path: Way, situation: Situation, now_ms: int) -> float:
    """Return how fast a car is that goes on by another way; one that sets off gets no faster than it can."""
    speed = path.speed_at(now_ms)
    return min(speed, situation.most_speed) if now_ms == path.start_ms else speed


def _line(truth: Truth, path: Way, now_ms: int) -> Line:
    assert isinstance(path, Path | Journey), "a way of a sort that is not known"  # INVARIANT
    return line_of(path, now_ms, truth.roads.map.roads)


def by_hand(truth: Truth, path: Assisted, now_ms: int) -> Path | Journey:
    """Return the rest of an assisted drive as somebody drives it by hand.

    Along roads as fast as one drives there, elsewhere as fast as the car is; a car that stands stays.
    """
    state, line = path.state(now_ms), path.situation.line
    leg, into_m = line.leg(state.way_m)
    if state.speed == 0:
        return standing(path.position(now_ms), now_ms)
    if not leg.road:
        return Path(path.position(now_ms), line.legs[-1].end, now_ms, state.speed)
    network, traffic = truth.roads.network, truth.roads.traffic
    lane = network.lane(leg.road, leg.origin)
    assert lane is not None, "a car is on a road that is not there"  # INVARIANT
    done = min((leg.done_m + into_m) / lane.details.length_m, 1 - 1e-9)
    stretches = network.drive(lane, now_ms, traffic, done)
    ways = dict.fromkeys((one.road, one.origin) for one in line.legs[line.legs.index(leg) :])
    for road, origin in list(ways)[1:]:
        onward = network.lane(road, origin)
        assert onward is not None, "a way leads over a road that is not there"  # INVARIANT
        stretches += network.drive(onward, stretches[-1].end_ms, traffic)
    return Journey(stretches)


def on_line_of(truth: Truth, car: str, journey: Journey, now_ms: int) -> None:
    """Let an assisted car go on along another journey, from the state it is in; nobody is before it there."""
    path = truth.places.path(car)
    assert isinstance(path, Assisted), "only an assisted drive goes on assisted"  # INVARIANT
    situation = replace(path.situation, line=line_of(journey, now_ms, truth.roads.map.roads), users=())
    state = path.state(now_ms)._replace(at_ms=now_ms, way_m=0.0)
    truth.depart(car, Assisted(situation, state), now_ms)


def _collide(truth: Truth, car: str, path: Assisted, now_ms: int) -> None:
    """Let a car hit something: it stands there, with its hazard lights on (simplified: nobody is pushed)."""
    hit = path.collision
    assert hit is not None, "a collision with nothing"  # INVARIANT
    truth.halt(car, now_ms)
    changes = {
        "collided": True,
        "impact_kmh": round(hit.closing * 3.6, 1),
        "collision_avoidable": hit.avoidable,
        "assistance": "off",
        "hazard_lights": True,
    }
    truth.change(car, changes, now_ms)
