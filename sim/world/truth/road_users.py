"""The others on the road: `do: road_users.cuts_in`, before a car that is under way.

They go in the lane of that car, along its way, and are as long as it is before it. With somebody before it a
car's emergency braking matters, so from then on its drive is calculated by its loops (see `assisting`).
"""

from abc import abstractmethod
from dataclasses import replace
from typing import Annotated, ClassVar

from pydantic import Field

from sim.core.device import Arguments, Refers
from sim.core.units import Kmh, Metres, MetresPerSecondSquared
from sim.physics.assistance.assisted import Assisted
from sim.physics.assistance.others import RoadUser, planned
from sim.world.truth import Truth
from sim.world.truth.assisting import situation_of, take_over
from sim.world.truth.people import ImpossibleActError

USERS_MAX = 16
"""How many may be before one car at once."""


class RoadUserAct(Arguments):
    """Something that somebody does before a car."""

    verb: ClassVar[str]
    before: Annotated[str, Refers("device", "car")]

    def perform(self, truth: Truth, now_ms: int) -> None:
        """Change who is before the car; its drive goes on with them.

        Raises:
            ImpossibleActError: when the car stands, or nobody is before it who could do it.
        """
        car = self.before
        path = truth.places.path(car)
        if not path.start_ms <= now_ms < path.arrival_ms:
            msg = f"{car} is not under way: nobody is before it"
            raise ImpossibleActError(msg)
        users: tuple[RoadUser, ...] = ()
        way_m = 0.0
        if isinstance(path, Assisted):
            users, way_m = path.situation.users, path.state(now_ms).way_m
            users = tuple(one for one in users if one.leaves_ms > now_ms and one.at(now_ms).at_m >= way_m)
        changed = self.change(users, way_m, now_ms)
        if len(changed) > USERS_MAX:
            msg = f"there are {USERS_MAX} before {car} already"
            raise ImpossibleActError(msg)
        take_over(truth, car, situation_of(truth, car, now_ms, changed), now_ms)

    @abstractmethod
    def change(self, users: tuple[RoadUser, ...], way_m: float, now_ms: int) -> tuple[RoadUser, ...]:
        """Return who is before the car now.

        Args:
            users: who was.
            way_m: where the car is, metres of its line.
            now_ms: when.
        """

    def _nearest(self, users: tuple[RoadUser, ...], now_ms: int) -> RoadUser:
        """Return who is next before the car."""
        inside = [one for one in users if one.in_lane(now_ms)]
        if not inside:
            msg = f"nobody is before {self.before}"
            raise ImpossibleActError(msg)
        return min(inside, key=lambda one: one.at(now_ms).at_m)


class _Comes(RoadUserAct):
    at_m: Metres = Field(gt=0, le=5_000)

    def _with(
        self, users: tuple[RoadUser, ...], place_m: float, kmh: float, now_ms: int, *, lit: bool
    ) -> tuple[RoadUser, ...]:
        taken = {one.name for one in users}
        name = next(str(number) for number in range(1, len(users) + 2) if str(number) not in taken)
        return (*users, replace(planned(name, place_m, kmh / 3.6, [], now_ms), lit=lit))


class Stands(_Comes):
    """Something stands on the road, so far before the car."""

    verb: ClassVar[str] = "stands"
    lit: bool = False

    def change(self, users: tuple[RoadUser, ...], way_m: float, now_ms: int) -> tuple[RoadUser, ...]:
        """Put it there."""
        return self._with(users, way_m + self.at_m, 0.0, now_ms, lit=self.lit)


class CutsIn(_Comes):
    """Somebody comes from the next lane, so far before the car; or is met there."""

    verb: ClassVar[str] = "cuts_in"
    speed_kmh: Kmh = Field(ge=0, le=250)

    def change(self, users: tuple[RoadUser, ...], way_m: float, now_ms: int) -> tuple[RoadUser, ...]:
        """Let them come."""
        return self._with(users, way_m + self.at_m, self.speed_kmh, now_ms, lit=True)


class _ChangesSpeed(RoadUserAct):
    def _changed(
        self, users: tuple[RoadUser, ...], now_ms: int, to_kmh: float, rate: float
    ) -> tuple[RoadUser, ...]:
        one = self._nearest(users, now_ms)
        after = one.changing(now_ms, to_kmh / 3.6, rate)
        return tuple(after if user is one else user for user in users)


class OtherBrakes(_ChangesSpeed):
    """Whoever is next before the car brakes, to a standstill or another speed."""

    verb: ClassVar[str] = "brakes"
    to_kmh: Kmh = Field(default=0.0, ge=0, le=250)
    by_m_per_s2: MetresPerSecondSquared = Field(default=3.0, gt=0, le=12)

    def change(self, users: tuple[RoadUser, ...], way_m: float, now_ms: int) -> tuple[RoadUser, ...]:  # noqa: ARG002  # wherever the car is
        """Let them brake."""
        return self._changed(users, now_ms, self.to_kmh, self.by_m_per_s2)


class DrivesOff(_ChangesSpeed):
    """Whoever is next before the car speeds up."""

    verb: ClassVar[str] = "drives_off"
    to_kmh: Kmh = Field(gt=0, le=250)
    by_m_per_s2: MetresPerSecondSquared = Field(default=2.0, gt=0, le=12)

    def change(self, users: tuple[RoadUser, ...], way_m: float, now_ms: int) -> tuple[RoadUser, ...]:  # noqa: ARG002  # likewise
        """Let them go."""
        return self._changed(users, now_ms, self.to_kmh, self.by_m_per_s2)


class LeavesLane(RoadUserAct):
    """Whoever is next before the car goes to another lane, and shows what is before them."""

    verb: ClassVar[str] = "leaves_lane"

    def change(self, users: tuple[RoadUser, ...], way_m: float, now_ms: int) -> tuple[RoadUser, ...]:  # noqa: ARG002  # likewise
        """Let them go."""
        one = self._nearest(users, now_ms)
        return tuple(user for user in users if user is not one)


ROAD_USERS = "road_users"
"""The name under which the others on the road act."""

ROAD_USER_ACTS: dict[str, type[RoadUserAct]] = {
    act.verb: act for act in (Stands, CutsIn, OtherBrakes, DrivesOff, LeavesLane)
}
