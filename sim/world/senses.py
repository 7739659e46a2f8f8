"""The sensors of one device, over the ground truth; see `core.surroundings`."""

from collections.abc import Mapping
from typing import Any

from sim.core.dues import Due
from sim.core.roads import ChargingPoint
from sim.core.surroundings import Aboard, RoadAhead, View
from sim.trust.digital_key import ROUNDS
from sim.world.timeline import Timeline
from sim.world.truth import RADIO_REACH_M, Truth
from sim.world.truth.assisting import road_ahead


class TruthSenses:
    """What one device senses at this instant.

    Args:
        truth: the world.
        timeline: the clock of the world, whatever the device's own clock says.
        device: whose sensors these are.
    """

    def __init__(self, truth: Truth, timeline: Timeline, device: str) -> None:
        self._truth = truth
        self._timeline = timeline
        self._device = device

    def own(self, field: str) -> Any:
        """Return a physical fact, or None while its sensor fails."""
        if (self._device, field) in self._truth.blind:
            return None
        return self._truth.fact(self._device, field, self._timeline.now_ms)

    def distance_m(self, other: str) -> float | None:
        """Return the ranged distance, or None out of radio reach; also None for a name that nobody bears."""
        places = self._truth.places
        if not places.knows(other):
            return None
        metres = places.distance_m(self._device, other, self._timeline.now_ms)
        return metres if metres <= RADIO_REACH_M else None

    def ranged_m(self, session: bytes) -> tuple[float | None, ...]:
        """Return three rounds; all None when no radio within reach has the session's key."""
        air = self._truth.air
        answering = air.answering.get(session)
        metres = None if answering is None else self.distance_m(answering)
        rounds: list[float | None] = [metres] * ROUNDS
        if metres is not None and self._device in air.shortened:
            rounds[1] = 0.0
        return tuple(rounds)

    def code(self, other: str) -> object | None:
        """Return a code on the screen of the car that the device rides in."""
        return self._truth.air.shown.get(other) if self._truth.places.vehicle(self._device) == other else None

    def room_c(self) -> float | None:
        """Return the room's temperature."""
        room = self._truth.room_of(self._device)
        return None if room is None else room.heat.temperature_at(self._timeline.now_ms)

    def room_pm25_ug_per_m3(self) -> float | None:
        """Return the fine dust in the room's air."""
        room = self._truth.room_of(self._device)
        return None if room is None else room.air.pm25_at(self._timeline.now_ms)

    def load_w(self) -> float:
        """Return the power drawn through the device."""
        return self._truth.load_w(self._device)

    def closed_roads(self) -> tuple[str, ...]:
        """Return the closed roads, to whoever has detectors there."""
        return self._truth.roads.closed if self._truth.sees_roads(self._device) else ()

    def slow_roads_kmh(self) -> Mapping[str, float]:
        """Return the slow roads, to whoever has detectors there."""
        return self._truth.roads.slow_kmh if self._truth.sees_roads(self._device) else {}

    def road_ahead(self) -> RoadAhead:
        """Return what the sensors see of the road; nothing for what is no car."""
        if self._device not in self._truth.cars:
            return RoadAhead()
        return road_ahead(self._truth, self._device, self._timeline.now_ms)

    def charging_point(self) -> ChargingPoint | None:
        """Return what the charger tells over the cable."""
        plugged_in = self._device in self._truth.cars and self.own("plugged_in")
        if not plugged_in:
            return None
        return self._truth.vehicles.charging_point(self._device, self._timeline.now_ms)

    def dues(self) -> tuple[Due, ...]:
        """Return what the roadside demands."""
        return self._truth.dues.of(self._device)

    def location(self) -> tuple[float, float]:
        """Return latitude and longitude."""
        return self._truth.places.location(self._device, self._timeline.now_ms)

    def outdoor_c(self) -> float:
        """Return the outdoor temperature."""
        return self._truth.outdoor_c

    def view(self) -> View | None:
        """Return what can be seen of the room."""
        return self._truth.view(self._device, self._timeline.now_ms)

    def person(self) -> str | None:
        """Return who has the device in hand."""
        return self._truth.person_at(self._device)

    def dock_driver(self) -> str | None:
        """Return who sits at the wheel of the car in whose holder the device is."""
        return self._truth.dock_driver(self._device)

    def aboard(self) -> Aboard:
        """Return what the wires of the car tell that the device is built into, or in whose holder it is."""
        return self._truth.aboard(self._device, self._timeline.now_ms)

    def at_wheel(self) -> bool:
        """Say whether whoever has the device in hand drives, or is about to."""
        return self._truth.drives(self._truth.person_at(self._device), self._timeline.now_ms)

    def local_time(self) -> str:
        """Return the wall-clock time at the home."""
        return self._truth.local_time(self._timeline.now_ms).isoformat(" ", "seconds")
