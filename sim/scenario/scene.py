"""The scene at the start: what a scenario's `given` makes of the truth."""

from typing import Any

from sim.physics.room_air import indoors
from sim.physics.travel import Path
from sim.scenario.model import Given
from sim.world.truth import Truth
from sim.world.truth.people import ENDLESS_ROAD_M
from sim.world.truth.rooms import FrontDoor
from sim.world.truth.vehicles import acclimatised


def set_scene(truth: Truth, given: Given, now_ms: int) -> None:
    """Make the truth what a scenario says it is at the start.

    Distances put a person or car due east of what they are measured from. A car that is given a speed
    drives on along an endless road. Rooms have as much dust in their air as comes in from outdoors, unless
    it says otherwise.
    """
    _set_weather(truth, given, now_ms)
    for (home, room), facts in given.rooms.items():
        if "temperature" in facts:
            truth.set_room_c(home, room, facts["temperature"])
        if "pm25" in facts:
            truth.set_room_pm25(home, room, facts["pm25"])
        truth.rooms[home, room].lamp_on = facts.get("lamp", "off") == "on"
    for home, doors in given.doors.items():
        truth.front_doors[home] = FrontDoor(**doors)
    for device, changes in given.physical.items():
        # What a scenario says of a cabin it says of its air; seats and trim are as warm, unless it says more.
        soaked = {"interior_c": changes["cabin_c"]} if "cabin_c" in changes else {}
        truth.change(device, {**soaked, **changes}, now_ms)
    for device, (other, metres) in given.away.items():
        if truth.physical(device, now_ms).portable:
            truth.hold(device, None, now_ms)
        _put_east(truth, device, other, metres, now_ms)
    for person, facts in given.people.items():
        _place_person(truth, person, facts, now_ms)
    for device in given.physical:
        _attach(truth, device, now_ms)


def _set_weather(truth: Truth, given: Given, now_ms: int) -> None:
    if given.outdoor_c is not None:
        truth.set_outdoor(given.outdoor_c, now_ms)
        for car in truth.cars:
            truth.change(car, acclimatised(given.outdoor_c), now_ms)
    truth.set_sight(given.rain_mm_per_h, given.visibility_m)
    if given.outdoor_pm25_ug_per_m3 is not None:
        truth.set_outdoor_pm25(given.outdoor_pm25_ug_per_m3, now_ms)
        for home, room in truth.rooms:
            truth.set_room_pm25(home, room, indoors(given.outdoor_pm25_ug_per_m3))


def _place_person(truth: Truth, person: str, facts: Any, now_ms: int) -> None:
    if "at" in facts:
        truth.places.put(person, truth.places.position(facts["at"], now_ms), now_ms)
    if "room" in facts:
        homes = [home for home, room in truth.rooms if room == facts["room"]]
        home = facts["at"] if facts.get("at") in homes else homes[0]
        truth.inside[person] = (home, facts["room"])
        truth.places.put(person, truth.places.homes[home], now_ms)
    if "from" in facts:
        other, metres = facts["from"]
        _put_east(truth, person, other, metres, now_ms)
    if "in" in facts:
        truth.places.carry(person, facts["in"], now_ms)


def _put_east(truth: Truth, name: str, other: str, metres: float, now_ms: int) -> None:
    x, y = truth.places.position(other, now_ms)
    truth.places.carry(name, None, now_ms)
    truth.places.put(name, (x + metres, y), now_ms)


def _attach(truth: Truth, device: str, now_ms: int) -> None:
    """Put a driver into the car, a watch onto the wrist, and a car that is under way onto its road."""
    facts = truth.physical(device, now_ms)
    holder = facts.holder()
    if facts.portable:
        truth.places.carry(device, getattr(facts, "docked_in", None) or holder, now_ms)
    elif hasattr(facts, "speed_kmh"):
        if holder is not None:
            truth.places.carry(holder, device, now_ms)
        if facts.speed_kmh > 0:
            x, y = truth.places.position(device, now_ms)
            speed_m_per_s = facts.speed_kmh / 3.6
            road = Path(
                start=(x, y), end=(x + ENDLESS_ROAD_M, y), start_ms=now_ms, speed_m_per_s=speed_m_per_s
            )
            truth.depart(device, road, now_ms)
