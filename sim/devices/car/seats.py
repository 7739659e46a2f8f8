"""The front seats: their motors and heaters, each asked for, sensed and real."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from sim.core.device import Actuate, Answer, CancelTimer, Effect, Moment, Settle, StartTimer
from sim.devices.car.commands import MoveSeat
from sim.devices.car.facets import Seats

SEAT_MS_PER_PERCENT = 120
"""How long a seat's motor takes for a hundredth of its way: 12 s from end to end (assumption)."""
SWITCH_MS = 100
"""How long a heater's relay takes (assumption)."""
PATIENCE_MS = 1_000
"""How much longer than it should take the controller waits before it says that it failed."""

Seat = Literal["driver", "passenger"]
Effects = tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class SeatJob:
    """What a seat was told.

    Attributes:
        seat: which.
        ticket: the command to answer.
        wanted: physical facts that make it done.
    """

    seat: Seat
    ticket: str
    wanted: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SeatMotors:
    """Both front seats.

    Attributes:
        sensed_facts: what their sensors said last.
        jobs: what is under way, one for each seat.
    """

    sensed_facts: tuple[float | int | None, ...] = (None, None, None, None)
    jobs: tuple[SeatJob, ...] = ()

    def report(self) -> Seats:
        """Return how they stand."""
        driver, passenger, driver_heat, passenger_heat = self.sensed_facts
        return Seats(
            seat_driver_percent=None if driver is None else round(float(driver), 1),
            seat_passenger_percent=None if passenger is None else round(float(passenger), 1),
            seat_driver_heating=None if driver_heat is None else int(driver_heat),
            seat_passenger_heating=None if passenger_heat is None else int(passenger_heat),
        )

    def looked(self, at: Moment) -> Self:
        """Read every sensor of the seats."""
        names = (f"seat_{seat}_{what}" for what in ("percent", "heating") for seat in ("driver", "passenger"))
        facts = tuple(at.senses.own(name) for name in names)
        return self if facts == self.sensed_facts else replace(self, sensed_facts=facts)

    def sensed(self, at: Moment) -> tuple[Self, Effects]:
        """Answer what is done by what the sensors say now."""
        done = tuple(
            job
            for job in self.jobs
            if all(at.senses.own(name) == value for name, value in job.wanted.items())
        )
        if not done:
            return self, ()
        effects: Effects = ()
        for job in done:
            effects += (CancelTimer(f"seat {job.seat}"), Settle(job.ticket, Answer("done")))
        return replace(self, jobs=tuple(job for job in self.jobs if job not in done)), effects

    def move(self, ticket: str, wish: MoveSeat) -> tuple[Self, Effects]:
        """Start the motor, or switch the heater; a later command for a seat overrides an earlier one."""
        places = dict(zip(("driver", "passenger"), self.sensed_facts, strict=False))
        wanted: dict[str, Any] = {}
        takes_ms = SWITCH_MS
        if wish.heating is not None:
            wanted[f"seat_{wish.seat}_heating"] = wish.heating
        if wish.position_percent is not None:
            wanted[f"seat_{wish.seat}_percent"] = wish.position_percent
            from_percent = places[wish.seat]
            way = 100.0 if from_percent is None else abs(wish.position_percent - from_percent)
            takes_ms += round(way * SEAT_MS_PER_PERCENT)
        overridden = tuple(
            Settle(job.ticket, Answer("failed", "a later command overrode it"))
            for job in self.jobs
            if job.seat == wish.seat
        )
        others = tuple(job for job in self.jobs if job.seat != wish.seat)
        return replace(self, jobs=(*others, SeatJob(wish.seat, ticket, wanted))), (
            *overridden,
            StartTimer(f"seat {wish.seat} motor", takes_ms),
            StartTimer(f"seat {wish.seat}", takes_ms + PATIENCE_MS),
        )

    def ran(self, seat: str, at: Moment, *, moving: bool) -> tuple[Self, Effects]:
        """A motor has run its time: the seat is there now, unless the car has begun to move meanwhile."""
        job = next((job for job in self.jobs if job.seat == seat), None)
        if job is None:
            return self, ()
        rest = replace(self, jobs=tuple(one for one in self.jobs if one is not job))
        if moving:
            answer = Answer("failed", "the car began to move before it was carried out")
            return rest, (CancelTimer(f"seat {seat}"), Settle(job.ticket, answer))
        after, done = self.sensed(at)
        return (after, done) if done else (self, (Actuate(dict(job.wanted)),))

    def gave_up(self, seat: str, at: Moment) -> tuple[Self, Effects]:
        """Answer what a motor did not manage."""
        job = next((job for job in self.jobs if job.seat == seat), None)
        if job is None:
            return self, ()
        silent = any(at.senses.own(name) is None for name in job.wanted)
        sentence = (
            f"nobody knows whether the {seat}'s seat moved: its sensor is silent"
            if silent
            else f"the {seat}'s seat did not do what it was told"
        )
        others = tuple(one for one in self.jobs if one is not job)
        return replace(self, jobs=others), (Settle(job.ticket, Answer("failed", sentence)),)

    def lost_power(self) -> Effects:
        """Answer for what was under way."""
        answer = Answer("failed", "the cabin controller lost power before it was carried out")
        return tuple(Settle(job.ticket, answer) for job in self.jobs)
