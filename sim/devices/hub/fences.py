"""Borders around the home, and on which side of each a car or phone is.

What is near a border does not flap: it counts as inside when it is nearer than the distance and as outside
when it is clearly farther, and it must have been there for a while. A position that is old when it is heard
says where something is, and never that it came or went just now; nor does the first that is ever heard.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import hypot
from typing import Any, Literal, Self

from sim.core.beliefs import Beliefs
from sim.core.device import CancelTimer, Effect, Moment, StartTimer
from sim.core.scenes import Crossing
from sim.physics.travel import local_plane

FRESH_MS = 120_000
"""How old a position may be that starts something: some reports of a car that moves (assumption)."""
MARGIN_SHARE = 0.2
"""How much farther than the border something must be to count as outside, as a share of its distance
(assumption)."""
MARGIN_LEAST_M = 50.0
"""And at least that far: several times the error of a satellite's fix, which is below 8 m for 95 of 100
(Global Positioning System Standard Positioning Service Performance Standard, 5th edition, 2020)."""

Side = Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class Fence:
    """One border, for one thing that moves.

    Attributes:
        device: what moves.
        radius_m: how far from the home the border is.
        dwell_ms: how long something must be beyond it to have crossed it.
    """

    device: str
    radius_m: float
    dwell_ms: int

    @classmethod
    def of(cls, crossing: Crossing) -> Self:
        """Return the border that a scene waits at."""
        return cls(crossing.device, crossing.radius_m, crossing.dwell_ms)

    @property
    def timer(self) -> str:
        """The name of the timer that waits for the dwell."""
        return f"dwell {self.device} {self.radius_m:g} {self.dwell_ms}"

    def side(self, distance_m: float) -> Side | None:
        """Return on which side a distance is; None between the two, where everything stays as it was."""
        if distance_m <= self.radius_m:
            return "in"
        margin_m = max(MARGIN_LEAST_M, self.radius_m * MARGIN_SHARE)
        return "out" if distance_m >= self.radius_m + margin_m else None


@dataclass(frozen=True)
class Fences:
    """Every border, and where everything is.

    Attributes:
        sides: on which side of a border its device is, as far as it is known.
        pending: borders that seem to be crossed, and to which side; a timer runs for each.
        heard_ms: of when the last position of a device was, by that device's clock.
    """

    sides: Mapping[Fence, Side] = field(default_factory=dict)
    pending: Mapping[Fence, Side] = field(default_factory=dict)
    heard_ms: Mapping[str, int] = field(default_factory=dict)

    def watching(self, at: Moment, crossings: Iterable[Crossing]) -> tuple["Fences", tuple[Effect, ...]]:
        """Return the borders of some scenes; the others are forgotten, and their timers stopped."""
        fences = dict.fromkeys(Fence.of(one) for one in crossings)
        sides: dict[Fence, Side] = {}
        for fence in fences:
            side = self.sides.get(fence) or _side_now(at, fence)
            if side is not None:
                sides[fence] = side
        stopped = tuple(CancelTimer(fence.timer) for fence in self.pending if fence not in fences)
        pending = {fence: side for fence, side in self.pending.items() if fence in fences}
        return replace(self, sides=sides, pending=pending), stopped

    def heard(
        self, at: Moment, device: str, crossings: Iterable[Crossing]
    ) -> tuple["Fences", tuple[Effect, ...]]:
        """Return what a new position of a device changes, and the timers that follow from it."""
        found = position_of(at.beliefs, device)
        if found is None or self.heard_ms.get(device) == found[1]:
            return self, ()
        location, sampled_ms = found
        distance_m = hypot(*local_plane(location, at.senses.location()))
        fresh = abs(at.now_ms - sampled_ms) <= FRESH_MS
        sides, pending = dict(self.sides), dict(self.pending)
        effects: list[Effect] = []
        for fence in dict.fromkeys(Fence.of(one) for one in crossings if one.device == device):
            side, known = fence.side(distance_m), sides.get(fence)
            if fresh and known is not None and side not in {known, None}:
                if pending.get(fence) != side:
                    pending[fence] = "out" if known == "in" else "in"
                    effects.append(StartTimer(fence.timer, fence.dwell_ms))
                continue
            if pending.pop(fence, None) is not None:
                effects.append(CancelTimer(fence.timer))
            if side is not None:
                sides[fence] = side
        heard_ms = {**self.heard_ms, device: sampled_ms}
        return Fences(sides, pending, heard_ms), tuple(effects)

    def dwelt(self, at: Moment, timer: str) -> tuple["Fences", Fence | None]:
        """Return the borders after a dwell, and the one that was crossed; none if its news have grown old."""
        fence = next((one for one in self.pending if one.timer == timer), None)
        if fence is None:
            return self, None
        rest = {one: side for one, side in self.pending.items() if one != fence}
        found = position_of(at.beliefs, fence.device)
        if found is None or at.now_ms - found[1] > FRESH_MS + fence.dwell_ms:
            return replace(self, pending=rest), None
        return replace(self, sides={**self.sides, fence: self.pending[fence]}, pending=rest), fence

    @property
    def near(self) -> list[str]:
        """Everything that is inside one of its borders."""
        return list(dict.fromkeys(fence.device for fence, side in self.sides.items() if side == "in"))

    def kept(self) -> dict[str, Any]:
        """Return what a restart must not forget: on which side everything is."""
        return {"sides": [(one.device, one.radius_m, one.dwell_ms, side) for one, side in self.sides.items()]}

    @classmethod
    def restored(cls, kept: Mapping[str, Any]) -> "Fences":
        """Return the borders as they were before a restart, with nothing heard yet."""
        return cls(sides={Fence(*fence): side for *fence, side in kept.get("sides", ())})


def position_of(beliefs: Beliefs, device: str) -> tuple[tuple[float, float], int] | None:
    """Return latitude and longitude of a device, degrees, and of when they are; None if it told neither."""
    for belief in beliefs.about(device).facets.values():
        latitude, longitude = belief.values.get("latitude_deg"), belief.values.get("longitude_deg")
        if latitude is not None and longitude is not None:
            return (latitude, longitude), belief.sampled_ms
    return None


def _side_now(at: Moment, fence: Fence) -> Side | None:
    found = position_of(at.beliefs, fence.device)
    return None if found is None else fence.side(hypot(*local_plane(found[0], at.senses.location())))
