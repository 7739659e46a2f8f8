"""The others on the road: where they are on a car's way, as functions of time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import NamedTuple


class Phase(NamedTuple):
    """From `since_ms` on it goes on from `at_m`, with a speed, m/s, and an acceleration, m/s²."""

    since_ms: float
    at_m: float
    speed: float
    acceleration: float


@dataclass(frozen=True, slots=True)
class RoadUser:
    """Somebody or something in a car's lane.

    Attributes:
        name: for people, such as `1`.
        phases: how it goes, in order; at least one, and the last without end. Places are metres along the
            car's way, of its end that is nearest to the car.
        lit: whether it has lights of its own that are on.
        appears_ms: from when on it is in the lane: 30 cm over its marking (UN R157, 5.2.5.2).
        leaves_ms: until when.
    """

    name: str
    phases: tuple[Phase, ...]
    lit: bool = True
    appears_ms: float = -inf
    leaves_ms: float = inf

    def phase(self, now_ms: float) -> Phase:
        """Return the phase that holds at an instant."""
        found = self.phases[0]
        for one in self.phases[1:]:
            if one.since_ms > now_ms:
                break
            found = one
        return found

    def at(self, now_ms: float) -> Phase:
        """Return where it is, how fast it is and how that changes."""
        since_ms, at_m, speed, acceleration = self.phase(now_ms)
        passed_s = (now_ms - since_ms) / 1000
        way_m = speed * passed_s + acceleration * passed_s * passed_s / 2
        return Phase(now_ms, at_m + way_m, speed + acceleration * passed_s, acceleration)

    def in_lane(self, now_ms: float) -> bool:
        """Say whether it is in the lane."""
        return self.appears_ms <= now_ms < self.leaves_ms

    def edges_ms(self, after_ms: float) -> list[float]:
        """Return the instants after one at which something about it changes."""
        edges = (self.appears_ms, self.leaves_ms, *(one.since_ms for one in self.phases))
        return [edge for edge in edges if after_ms < edge < inf]

    def changing(self, now_ms: float, to: float, rate: float) -> "RoadUser":
        """Return it as it is when from now on it changes its speed.

        Args:
            now_ms: when.
            to: its new speed, m/s, 0 or more.
            rate: how fast it changes, m/s², above 0.
        """
        here = self.at(now_ms)
        return replace(self, phases=_until(here, to, rate), appears_ms=min(self.appears_ms, now_ms))

    def leaving(self, now_ms: float) -> "RoadUser":
        """Return it as it is when it leaves the lane now."""
        return replace(self, leaves_ms=now_ms)


def _until(here: Phase, to: float, rate: float) -> tuple[Phase, ...]:
    """Return the phases of a change of speed, and of what follows."""
    difference = to - here.speed
    if not difference:
        return (Phase(here.since_ms, here.at_m, to, 0.0),)
    takes_s = abs(difference) / rate
    acceleration = rate if difference > 0 else -rate
    ends_m = here.at_m + (here.speed + to) / 2 * takes_s
    return (
        Phase(here.since_ms, here.at_m, here.speed, acceleration),
        Phase(here.since_ms + takes_s * 1000, ends_m, to, 0.0),
    )


def planned(
    name: str, at_m: float, speed: float, plan: Sequence[tuple[float, float]], since_ms: float = 0.0
) -> RoadUser:
    """Return somebody who follows a plan, and then goes on at the speed it has.

    Args:
        name: for people.
        at_m: where it begins, metres along the car's way.
        speed: how fast, m/s.
        plan: pairs of a duration, s, and an acceleration, m/s². At a standstill it brakes no further.
        since_ms: when it begins.
    """
    phases: list[Phase] = []
    here = Phase(since_ms, at_m, speed, 0.0)
    for lasts_s, acceleration in plan:
        moves_s = lasts_s
        if acceleration < 0:
            moves_s = min(lasts_s, here.speed / -acceleration)
        end_m = here.at_m + here.speed * moves_s + acceleration * moves_s * moves_s / 2
        phases.append(here._replace(acceleration=acceleration))
        here = Phase(here.since_ms + moves_s * 1000, end_m, here.speed + acceleration * moves_s, 0.0)
        if moves_s < lasts_s:
            phases.append(here._replace(speed=0.0))
            here = Phase(here.since_ms + (lasts_s - moves_s) * 1000, here.at_m, 0.0, 0.0)
    return RoadUser(name, (*phases, here))
