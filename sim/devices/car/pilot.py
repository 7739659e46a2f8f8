"""The pilot of a car: it supervises what assists the driver, and only a driver at the wheel engages it.

The loops that follow, brake and steer are physics (see `sim.physics.assistance`), run by the world. This part
looks whether they may be engaged, watches the driver, warns, and ends them. It obeys no message: what engages
it is a press of the stalk, which only a hand at the wheel does, and the world takes nothing else for one. A
device can only ever lower the assistance (see `Truth.actuate`).

When the pilot itself has no power, another controller has the brakes: with hands on the wheel the driver has
the car at once; else it keeps lane and speed for `HOLDS_MS` and then stops in the lane.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal, Self

from sim.core import parts
from sim.core.declarations import Role
from sim.core.device import (
    Actuate,
    Booted,
    CancelTimer,
    Crashed,
    Effect,
    Facet,
    Moment,
    Provision,
    Sensed,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.surroundings import RoadAhead
from sim.core.units import Kmh, Metres
from sim.devices.car.attention import Monitor, Warning_

HOLDS_MS = 4_000
"""How long lane and speed are kept before the stop when the pilot fails (assumption: what a driver needs to
take over)."""
SIGHT_LEAST_M = 30.0
"""Below this sight nothing is assisted, metres (assumption: it allows 30 km/h)."""
DEADLINE, LOCK_OUT, HOLDING = "pilot deadline", "pilot lock-out", "brake controller"
"""Its timers."""

Mode = Literal["off", "stopping", "holding", "cruise", "lane"]
Refusal = Literal[
    "",
    "not_entitled",
    "driver_not_permitted",
    "locked_out",
    "updating",
    "door_open",
    "belt_open",
    "not_moving_forward",
    "hands_off",
    "eyes_off",
    "too_little_sight",
    "no_lane_markings",
    "road_not_suitable",
    "no_lidar",
]
"""Why it was not engaged, or lane keeping ended by itself."""


class Assistance(Facet):
    """What assists the driver; where the hands and eyes are never leaves the car.

    `refused` is why it was not engaged when it was last asked for, or why it ended by itself.
    """

    assistance: Mode
    cruise_kmh: Kmh | None
    limited_by: Literal["", "sight", "bend", "sign", "crowd", "ahead"]
    lidar: Literal["ok", "blind", "none"]
    sight_m: Metres
    refused: Refusal


class Attention(Facet):
    """How the driver is warned, and whether assistance is locked out after a stop or too many warnings."""

    warning: Warning_
    locked_out: bool


@dataclass(frozen=True)
class Pilot(parts.Part):
    """See the module.

    Attributes:
        up: whether its controller has power.
        entitled: whether the car has the feature; another part says so, and without one it has.
        updating: whether new software is being installed or has not proved itself yet; likewise.
        people: who belongs to the household, and in which role.
        assistance: what assists, as it was sensed last.
        cruise_kmh: the speed that is set, likewise.
        road: what the sensors see of the road; None before they have looked.
        presses: how often the stalk had been pressed when it was looked at last.
        attends: whether hands and eyes were where they belong, likewise.
        refused: see `Assistance`.
        monitor: watches the driver.
        locked_out: whether assistance is locked out.
    """

    facets: ClassVar = (Assistance, Attention)

    up: bool = True
    entitled: bool = True
    updating: bool = False
    people: Mapping[str, Role] = field(default_factory=dict)
    assistance: Mode = "off"
    cruise_kmh: float | None = None
    road: RoadAhead | None = None
    presses: int = 0
    attends: tuple[bool, bool] = (True, True)
    refused: Refusal = ""
    monitor: Monitor = field(default_factory=Monitor)
    locked_out: bool = False

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the pilot, engaged in nothing; a lock-out survives a restart."""
        until_ms = given.get("pilot", {}).get("locked_until_ms", 0)
        return cls(monitor=Monitor(config.attention_profile, locked_until_ms=until_ms))

    def kept(self) -> Mapping[str, Any]:
        """Keep the lock-out."""
        return {"pilot": {"locked_until_ms": self.monitor.locked_until_ms}}

    def provisioned(self, provision: Provision) -> Self:
        """Learn who is a child."""
        return replace(self, people=provision.people)

    def report(self) -> tuple[Facet, ...]:
        """Report what assists, and how the driver is warned."""
        road = self.road
        if road is None:
            return ()
        seen = Assistance(
            assistance=self.assistance,
            cruise_kmh=self.cruise_kmh,
            limited_by=road.limited_by,
            lidar=road.lidar,
            sight_m=round(road.sight_m, 1),
            refused=self.refused,
        )
        warning: Warning_ = "stopping" if self.assistance == "stopping" else self.monitor.warning
        return (seen, Attention(warning=warning, locked_out=self.locked_out))

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Look, watch and warn."""
        match stimulus:
            case Booted():
                return replace(self._looked(at), presses=_presses(at))._locked(at)
            case Sensed():
                return self._sensed(at)
            case TimerFired(name=name) if name == DEADLINE and self.up:
                return self._watched(at)
            case TimerFired(name=name) if name == LOCK_OUT:
                return self._locked(at)
            case TimerFired(name=name) if name == HOLDING:
                return self, (_stop(),) if at.senses.own("assistance") == "holding" else ()
            case Crashed(controller="pilot", up=up):
                return self._restarted(at) if up else self._lost_power(at)
            case _:
                return self, ()

    # --- sensing -------------------------------------------------------------------------------------

    def _looked(self, at: Moment) -> Self:
        mode: Mode = at.senses.own("assistance") or "off"
        set_kmh = at.senses.own("cruise_kmh") if mode in {"cruise", "lane"} else None
        return replace(
            self, assistance=mode, cruise_kmh=set_kmh, road=at.senses.road_ahead(), attends=_attends(at)
        )

    def _sensed(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        pilot = self._looked(at)
        came_back = pilot.attends[0] and pilot.attends != self.attends and pilot.attends >= self.attends
        if pilot.assistance in {"stopping", "holding"} and came_back and at.senses.person() is not None:
            # A driver who comes back ends a stop: a hand at the wheel, or eyes on the road with one there.
            return pilot, (CancelTimer(HOLDING), _ended())
        if not self.up:
            return pilot, ()
        pilot = replace(pilot, presses=_presses(at))
        stalk = at.senses.own("stalk")
        if pilot.presses != self.presses and stalk in {"cruise", "lane"}:
            return pilot._pressed(at, stalk)
        if pilot.assistance in {"cruise", "lane"}:
            return pilot._supervised(at)
        at_ease = replace(pilot, monitor=pilot.monitor.at_ease())
        return at_ease, (CancelTimer(DEADLINE),) if self.monitor.away else ()

    def _pressed(self, at: Moment, stalk: str) -> tuple[Self, tuple[Effect, ...]]:
        """Engage what the stalk asks for, or say why not."""
        why_not = self._why_not(at, lanes=stalk == "lane")
        if why_not:
            return replace(self, refused=why_not), ()
        return replace(self, refused=""), (Actuate({"assistance": stalk}),)

    def _why_not(self, at: Moment, *, lanes: bool) -> Refusal:
        """Return why nothing is engaged now, or an empty text."""
        own, driver = at.senses.own, at.senses.person()
        reasons: list[tuple[Refusal, bool]] = [
            ("not_entitled", not self.entitled),
            ("driver_not_permitted", driver is None or self.people.get(driver) == "child"),
            ("locked_out", self.monitor.locked_out(at.now_ms)),
            ("updating", self.updating),
            ("door_open", any(own(door) != "closed" for door in DOORS)),
            ("belt_open", own("belted") is not True),
            ("not_moving_forward", own("gear") != "D" or not own("speed_kmh")),
            ("hands_off", not self.attends[0]),
            ("eyes_off", not self.attends[1]),
            ("too_little_sight", self._sees_too_little()),
        ]
        found = next((why for why, holds in reasons if holds), None)
        if found is not None:
            return found
        return self._why_no_lane() if lanes else ""

    def _why_no_lane(self) -> Refusal:
        """Return why no lane can be kept here, or an empty text.

        In the dark a camera does not see far enough to look into a bend: that takes the lidar (assumption).
        """
        road = self.road
        if road is None or not road.marked:
            return "no_lane_markings"
        if not road.separated:
            return "road_not_suitable"
        return "no_lidar" if road.dark and road.lidar != "ok" else ""

    def _sees_too_little(self) -> bool:
        return self.road is None or self.road.sight_m < SIGHT_LEAST_M

    # --- supervising ---------------------------------------------------------------------------------

    def _supervised(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Watch the driver, and end what cannot go on."""
        own = at.senses.own
        if at.senses.person() is None or own("gear") != "D" or any(own(door) == "open" for door in DOORS):
            return self, (_stop(),)
        monitor = self.monitor.saw("hands", at.now_ms, here=self.attends[0])
        monitor = monitor.saw("eyes", at.now_ms, here=self.attends[1])
        monitor = monitor.saw("belt", at.now_ms, here=own("belted") is True)
        monitor = monitor.saw("sight", at.now_ms, here=not self._sees_too_little())
        pilot, effects = replace(self, monitor=monitor)._watched(at)
        why_no_lane = pilot._why_no_lane() if pilot.assistance == "lane" else ""
        if why_no_lane:
            lowered = Actuate({"assistance": "cruise"})
            return replace(pilot, refused=why_no_lane), (*effects, lowered)
        return pilot, effects

    def _watched(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Warn as far as it is time to, and stop in the end."""
        monitor = self.monitor.due(at.now_ms)
        pilot = replace(self, monitor=monitor)
        effects: tuple[Effect, ...] = (CancelTimer(DEADLINE),)
        if monitor.next_ms is not None:
            effects = (StartTimer(DEADLINE, monitor.next_ms - at.now_ms),)
        if monitor.warning == "stopping":
            effects = (CancelTimer(DEADLINE), _stop())
            pilot = replace(pilot, monitor=monitor.at_ease())
        pilot, locking = pilot._locked(at)
        return pilot, (*effects, *locking)

    def _locked(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Say whether it is locked out, and look again when that ends."""
        locked_out = self.monitor.locked_out(at.now_ms)
        left_ms = self.monitor.locked_until_ms - at.now_ms
        pilot = replace(self, locked_out=locked_out)
        return pilot, (StartTimer(LOCK_OUT, left_ms),) if locked_out else ()

    # --- power ---------------------------------------------------------------------------------------

    def _lost_power(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Hand over to the driver, or to the controller of the brakes."""
        pilot = replace(self, up=False, monitor=self.monitor.at_ease(), attends=_attends(at))
        if at.senses.own("assistance") not in {"cruise", "lane"}:
            return pilot, ()
        if pilot.attends[0]:
            return pilot, (_ended(),)
        return pilot, (Actuate({"assistance": "holding"}), StartTimer(HOLDING, HOLDS_MS))

    def _restarted(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Run again; nothing resumes by itself, and a stalk that is still pressed engages nothing."""
        pilot = replace(self, up=True, presses=_presses(at))
        return pilot._looked(at), ()


DOORS = ("door_driver", "door_passenger", "door_rear_left", "door_rear_right")


def _attends(at: Moment) -> tuple[bool, bool]:
    """Return whether hands and eyes are where they belong; what is not known counts as away."""
    return at.senses.own("hands_on") is True, at.senses.own("eyes_on_road") is True


def _presses(at: Moment) -> int:
    """Return how often the stalk has been pressed; a stalk that says nothing was not."""
    return at.senses.own("stalk_presses") or 0


def _stop() -> Actuate:
    """Begin the safe stop, with the hazard lights as UN R79.04, 5.1.6.3, has it."""
    return Actuate({"assistance": "stopping", "hazard_lights": True})


def _ended() -> Actuate:
    """Let the driver have the car."""
    return Actuate({"assistance": "off", "hazard_lights": False})
