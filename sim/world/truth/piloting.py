"""What persons do at the wheel of a car that assists them: `do: lin.engages_pilot`.

These are hands, feet and eyes, not messages. A press of the stalk is the only thing that can raise a car's
assistance; what becomes of it, the pilot says.
"""

from abc import abstractmethod
from typing import Annotated, Any

from pydantic import Field

from sim.core.device import Refers
from sim.core.units import Kmh
from sim.world.truth import Truth
from sim.world.truth.people import PERSON_ACTS, Course, ImpossibleActError, PersonAct
from sim.world.truth.wheel import PRESS_MS, Press

SET_LEAST_KMH, SET_MOST_KMH = 5.0, 130.0
"""Between which speeds an assistance can be set (assumption; UN R157 ends at 130 km/h)."""


class WheelAct(PersonAct):
    """Something done from the driver's seat."""

    car: Annotated[str, Refers("device", "car")]

    def perform(self, truth: Truth, person: str, now_ms: int) -> Course:
        """Do it, if one sits there."""
        if truth.person_at(self.car) != person:
            msg = f"{person} does not sit in the driver's seat of {self.car}"
            raise ImpossibleActError(msg)
        return self.at_wheel(truth, now_ms)

    @abstractmethod
    def at_wheel(self, truth: Truth, now_ms: int) -> Course:
        """Change the truth."""


class EngagesPilot(WheelAct):
    """Press the stalk for adaptive cruise control, with lane keeping or without."""

    lanes: bool = True
    set_kmh: Kmh = Field(ge=SET_LEAST_KMH, le=SET_MOST_KMH)

    def at_wheel(self, truth: Truth, now_ms: int) -> Course:
        """Press it, and let go of it a second later; the pilot does what it asks for, or says why not."""
        until_ms = now_ms + PRESS_MS
        stalk: Any = "lane" if self.lanes else "cruise"
        truth.wheel.press(self.car, Press(stalk, self.set_kmh, until_ms))
        presses = truth.fact(self.car, "stalk_presses", now_ms) + 1
        truth.change(self.car, {"stalk": stalk, "stalk_presses": presses}, now_ms)
        return Course(ends_ms=until_ms, then=lambda at_ms: truth.change(self.car, {"stalk": "none"}, at_ms))


class SetsCruise(WheelAct):
    """Set another speed while something assists."""

    set_kmh: Kmh = Field(ge=SET_LEAST_KMH, le=SET_MOST_KMH)

    def at_wheel(self, truth: Truth, now_ms: int) -> Course:
        """Turn the knob."""
        if truth.fact(self.car, "assistance", now_ms) not in {"cruise", "lane"}:
            msg = f"nothing assists in {self.car}: engages_pilot first"
            raise ImpossibleActError(msg)
        truth.change(self.car, {"cruise_kmh": self.set_kmh}, now_ms)
        return Course()


class DisengagesPilot(WheelAct):
    """Switch off whatever assists: the driver always can, whatever the pilot does."""

    def at_wheel(self, truth: Truth, now_ms: int) -> Course:
        """Have the car to oneself."""
        truth.change(self.car, {"assistance": "off", "hazard_lights": False}, now_ms)
        return Course()


class Brakes(DisengagesPilot):
    """Touch the brake pedal: whatever assists ends."""


class _Attends(WheelAct):
    def at_wheel(self, truth: Truth, now_ms: int) -> Course:
        """Move hands, eyes or belt."""
        truth.change(self.car, self.changes(), now_ms)
        return Course()

    @abstractmethod
    def changes(self) -> dict[str, bool]:
        """Return how they are then."""


class TakesHandsOff(_Attends):
    """Take both hands off the wheel."""

    def changes(self) -> dict[str, bool]:
        """Return that the hands are away."""
        return {"hands_on": False}


class PutsHandsOn(_Attends):
    """Put a hand on the wheel."""

    def changes(self) -> dict[str, bool]:
        """Return that the hands are there."""
        return {"hands_on": True}


class LooksAway(_Attends):
    """Look away from the road, or close the eyes."""

    def changes(self) -> dict[str, bool]:
        """Return that the eyes are away."""
        return {"eyes_on_road": False}


class LooksBack(_Attends):
    """Look at the road again."""

    def changes(self) -> dict[str, bool]:
        """Return that the eyes are there."""
        return {"eyes_on_road": True}


class Unbuckles(_Attends):
    """Open one's belt."""

    def changes(self) -> dict[str, bool]:
        """Return that it is open."""
        return {"belted": False}


class Buckles(_Attends):
    """Close one's belt; who drives off has done so."""

    def changes(self) -> dict[str, bool]:
        """Return that it is closed."""
        return {"belted": True}


WHEEL_ACTS: dict[str, type[PersonAct]] = {
    act.verb(): act
    for act in (
        EngagesPilot,
        SetsCruise,
        DisengagesPilot,
        Brakes,
        TakesHandsOff,
        PutsHandsOn,
        LooksAway,
        LooksBack,
        Unbuckles,
        Buckles,
    )
}
"""Verb to act, for whoever sits at a wheel."""

EVERY_PERSON_ACT: dict[str, type[PersonAct]] = {**PERSON_ACTS, **WHEEL_ACTS}
"""Verb to act, for every person."""
