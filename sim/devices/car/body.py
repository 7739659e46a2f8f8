"""The body controller: locks, boot, windows and the latch of the cable, each asked for, believed and real.

A motor is told to move (asked), a switch at the bolt says where it is (believed), and the world knows
(real). The controller answers `done` only when the switch agrees with what was asked, and `failed`,
with what the switch says, when it does not within a second.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, Self

from sim.core.device import Actuate, Answer, CancelTimer, Commanded, Effect, Moment, Settle, StartTimer
from sim.devices.car.commands import CloseWindows, Lock, OpenBoot, OpenWindows, Refresh, Start, Unlock, Unplug
from sim.devices.car.facets import Doors, Drive

BOLT_MS = 250
"""How long a lock's motor runs (assumption: central locking is heard for about a quarter second)."""
WINDOWS_MS = 4_000
"""How long the windows take from one end to the other (assumption)."""
JOBS_MAX = 32
"""How many commands wait for motors; more of the same fail at once."""
PATIENCE_MS = 1_000
"""How much longer than the motor should need the controller waits before it says that it failed."""

Part = Literal["bolt", "boot", "windows", "starter", "latch"]

OPEN: tuple[bool | str, ...] = (False, "open")
"""Values of a part that leave the car open: an unlocked bolt, an open boot or window."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something a motor was told to do.

    Attributes:
        part: which part moves; also the name of its timer.
        field: the physical fact it changes.
        wanted: the value that makes it done.
        ticket: the command to answer.
    """

    part: Part
    field: str
    wanted: bool | str
    ticket: str


@dataclass(frozen=True)
class Body:
    """The body controller's state; what it has not sensed yet is None.

    Attributes:
        up: whether it has power and runs.
        asked: what was last asked of the locks.
        locked: what the switch at the bolts says.
        boot: what the boot's switch says.
        windows: what the window motors say.
        drive_ready: whether the drive is on, as its relay says.
        cable_locked: whether the latch holds on to a charging cable.
        jobs: what is under way.
    """

    up: bool = True
    asked: Literal["locked", "unlocked"] | None = None
    locked: bool | None = None
    boot: Literal["open", "closed"] | None = None
    windows: Literal["open", "closed"] | None = None
    drive_ready: bool | None = None
    cable_locked: bool | None = None
    jobs: tuple[Job, ...] = ()

    @cached_property
    def reports(self) -> tuple[Doors, Drive]:
        """What it says of locks and openings, and of the drive; made once, for it never changes."""
        doors = Doors(locked=self.locked, asked=self.asked, boot=self.boot, windows=self.windows)
        return doors, Drive(drive_ready=self.drive_ready)

    def looked(self, at: Moment) -> Self:
        """Read every switch."""
        if not self.up:
            return self
        return replace(
            self,
            locked=at.senses.own("locked"),
            boot=at.senses.own("boot"),
            windows=at.senses.own("windows"),
            drive_ready=at.senses.own("drive_ready"),
            cable_locked=at.senses.own("cable_locked"),
        )

    def sensed(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Read every switch, and answer the commands that are done by it."""
        body = self.looked(at)
        done = tuple(job for job in body.jobs if body.reads(job.field) == job.wanted)
        jobs = tuple(job for job in body.jobs if job not in done)
        effects: tuple[Effect, ...] = ()
        for job in done:
            effects += (CancelTimer(job.part), Settle(job.ticket, Answer("done")))
        return replace(body, jobs=jobs), effects

    def carry_out(self, order: Commanded) -> tuple[Self, tuple[Effect, ...]]:
        """Begin what was asked, or answer at once when there is nothing to move."""
        if not self.up:
            sentence = "the body controller does not answer"
            return self, (Settle(order.ticket, Answer("failed", sentence)),)
        match order.command:
            case Unlock():
                return replace(self, asked="unlocked")._move(Job("bolt", "locked", False, order.ticket))  # noqa: FBT003  # the value of a switch
            case Lock():
                return replace(self, asked="locked")._move(Job("bolt", "locked", True, order.ticket))  # noqa: FBT003
            case OpenBoot():
                return self._move(Job("boot", "boot", "open", order.ticket))
            case OpenWindows():
                return self._move(Job("windows", "windows", "open", order.ticket))
            case CloseWindows():
                return self._move(Job("windows", "windows", "closed", order.ticket))
            case Start():
                return self._move(Job("starter", "drive_ready", True, order.ticket))  # noqa: FBT003  # as above
            case Unplug():
                return self._move(Job("latch", "cable_locked", False, order.ticket))  # noqa: FBT003  # as above
            case Refresh():
                return self, (Settle(order.ticket, Answer("done")),)
            case _:
                sentence = "no part of this car can do that"
                return self, (Settle(order.ticket, Answer("failed", sentence)),)

    def ran(self, part: Part, *, moving: bool) -> tuple[Self, tuple[Effect, ...]]:
        """A motor has run its time: the part moves now, unless the car has begun to move meanwhile.

        The rules permitted it while the car stood; nothing opens once it does not (M37).
        """
        job = next((job for job in self.jobs if job.part == part), None)
        if job is None:
            return self, ()
        if moving and job.wanted in OPEN:
            answer = Answer("failed", "the car began to move before it was carried out")
            settled = tuple(Settle(other.ticket, answer) for other in self.jobs if other.part == part)
            jobs = tuple(other for other in self.jobs if other.part != part)
            return replace(self, jobs=jobs), (CancelTimer(part), *settled)
        return self, (Actuate({job.field: job.wanted}),)

    def lost_power(self) -> tuple[Self, tuple[Effect, ...]]:
        """Forget everything; the gateway answers for what was under way, for nobody else will."""
        answer = Answer("failed", "the body controller lost power before it was carried out")
        return type(self)(up=False), tuple(Settle(job.ticket, answer) for job in self.jobs)

    def gave_up(self, part: Part) -> tuple[Self, tuple[Effect, ...]]:
        """Answer what a motor did not manage."""
        effects: tuple[Effect, ...] = ()
        for job in self.jobs:
            if job.part == part:
                reads = self.reads(job.field)
                sentence = (
                    f"the {part} did not move: its switch says {job.field} is {str(reads).lower()}"
                    if reads is not None
                    else f"nobody knows whether the {part} moved: its switch is silent"
                )
                effects += (Settle(job.ticket, Answer("failed", sentence)),)
        return replace(self, jobs=tuple(job for job in self.jobs if job.part != part)), effects

    def reads(self, field: str) -> bool | str | None:
        """Return what the switch of a part says."""
        return {
            "locked": self.locked,
            "boot": self.boot,
            "windows": self.windows,
            "drive_ready": self.drive_ready,
            "cable_locked": self.cable_locked,
        }[field]

    def hold_cable(self) -> tuple[Self, tuple[Effect, ...]]:
        """Close the latch over a cable that was just plugged in, so that nobody pulls it out."""
        return (self, (Actuate({"cable_locked": True}, after_ms=BOLT_MS),)) if self.up else (self, ())

    def _move(self, job: Job) -> tuple[Self, tuple[Effect, ...]]:
        under_way = any(other.part == job.part for other in self.jobs)
        # While a motor runs, its switch still tells of the past.
        if self.reads(job.field) == job.wanted and not under_way:
            return self, (Settle(job.ticket, Answer("done")),)
        same_way = any(other.part == job.part and other.wanted == job.wanted for other in self.jobs)
        if same_way and len(self.jobs) >= JOBS_MAX:
            return self, (
                Settle(job.ticket, Answer("failed", f"{JOBS_MAX} commands wait for the {job.part}")),
            )
        if same_way:
            # The motor runs already; to begin anew with every repetition would never let it arrive.
            return replace(self, jobs=(*self.jobs, job)), ()
        motor_ms = WINDOWS_MS if job.part == "windows" else BOLT_MS
        # A later command overrides an earlier one that wanted something else, which then has failed.
        overridden = tuple(
            other for other in self.jobs if other.part == job.part and other.wanted != job.wanted
        )
        effects: tuple[Effect, ...] = tuple(
            Settle(other.ticket, Answer("failed", "a later command overrode it")) for other in overridden
        )
        jobs = (*(other for other in self.jobs if other not in overridden), job)
        return replace(self, jobs=jobs), (
            *effects,
            StartTimer(f"{job.part} motor", motor_ms),
            StartTimer(job.part, motor_ms + PATIENCE_MS),
        )
