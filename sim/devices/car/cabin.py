"""The cabin controller: heats or cools the cabin, before somebody is in it or while, and moves the seats.

Every half minute it calculates the one power that brings the air to its target half a minute later, as far as
the climate unit can. When the cabin is to be ready at a time of the day, it begins as late as the same
calculation allows.
"""

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, Self

from sim.core.device import Actuate, Answer, CancelTimer, Commanded, Effect, Moment, Settle, StartTimer
from sim.devices.car.commands import MoveSeat, Precondition, SetCabin, StopPreconditioning
from sim.devices.car.facets import CabinAir, CabinClimate, ClimateState, Seats
from sim.devices.car.readings import midnight_ms, next_ms, seats_w
from sim.devices.car.seats import SeatMotors
from sim.physics.cabin_climate import electricity_w, heat_limits_w
from sim.physics.cabin_heat import Cabin, CabinHeat

CONTROL_MS = 30_000
"""How often the climate unit sets its power anew (assumption)."""
HOLD_MS = 1_800_000
"""How long a cabin is kept ready that is wanted at once (assumption: half an hour, as makers do)."""
WAIT_MS = 900_000
"""How long a cabin is kept ready after the time at which it was wanted (assumption)."""
LOOK_AGAIN_MS = 1_800_000
"""How often the weather is looked at while it waits for its time to begin (assumption)."""
RESERVE_PERCENT = 20.0
"""What preconditioning leaves in the battery; the rules begin nothing below it."""
TARGET_C = 21.0
"""What a cabin is set to when nobody says (assumption)."""

Effects = tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Energy:
    """What the cabin controller hears on the bus of the battery; None is what nobody knows."""

    percent: float | None
    plugged_in: bool | None

    def hindrance(self, *, empty_cabin: bool) -> str:
        """Return why the climate unit gets nothing, in one sentence; empty when it does."""
        if self.plugged_in:
            return ""
        if self.percent is None:
            return "nobody knows how full the battery is: its sensor is silent" if empty_cabin else ""
        if self.percent <= 0:
            return "the battery is empty"
        if empty_cabin and self.percent < RESERVE_PERCENT:
            return f"the battery fell to its reserve of {RESERVE_PERCENT:g} %"
        return ""


@dataclass(frozen=True, slots=True)
class Wish:
    """How the cabin is to be.

    Attributes:
        target_c: how warm.
        of: for an empty cabin that is prepared (`app`), or for who sits in it (`riders`).
        ready_ms: when it is to be so; None for at once.
        until_ms: when it ends by itself; None for not.
    """

    target_c: float
    of: Literal["app", "riders"]
    ready_ms: int | None = None
    until_ms: int | None = None


@dataclass(frozen=True)
class CabinControl:
    """The cabin controller's state.

    Attributes:
        up: whether it has power and runs.
        wish: how the cabin is to be; None when nobody cares.
        running: whether the climate unit works for it already.
        heater_w: electrical power into heating, as last set.
        cooler_w: electrical power into cooling.
        ended: why it last stopped; empty when it has not.
        air_c: what the thermometer said last, to a tenth of a degree; None before it has looked.
        seats: the motors and heaters of the front seats.
        shut: the cabin with nobody in it.
        aired: the cabin with fresh air for people blown through it.
    """

    up: bool = True
    wish: Wish | None = None
    running: bool = False
    heater_w: float = 0.0
    cooler_w: float = 0.0
    ended: str = ""
    air_c: float | None = None
    seats: SeatMotors = field(default_factory=SeatMotors)
    shut: Cabin = field(default_factory=Cabin, repr=False)
    aired: Cabin = field(default_factory=Cabin, repr=False)

    @property
    def preparing(self) -> bool:
        """Whether an empty cabin is being heated or cooled, so that the car stays awake."""
        return self.running and self.wish is not None and self.wish.of == "app"

    @cached_property
    def reports(self) -> tuple[CabinAir | CabinClimate | Seats, ...]:
        """What it says of cabin and seats; made once, for it never changes."""
        states: dict[str, ClimateState] = {"app": "preconditioning", "riders": "on"}
        state: ClimateState = "off"
        if self.wish is not None:
            state = states[self.wish.of] if self.running else "planned"
        climate = CabinClimate(
            climate_state=state,
            climate_target_c=None if self.wish is None else self.wish.target_c,
            climate_power_w=self.heater_w + self.cooler_w,
            climate_ended=self.ended,
        )
        air = () if self.air_c is None else (CabinAir(cabin_c=self.air_c),)
        return (climate, *air, self.seats.report())

    def looked(self, at: Moment) -> Self:
        """Read the thermometer and the seats' sensors; a silent thermometer leaves its last value."""
        if not self.up:
            return self
        sensed_c = at.senses.own("cabin_c")
        air_c, seats = self.air_c if sensed_c is None else round(sensed_c, 1), self.seats.looked(at)
        if air_c == self.air_c and seats is self.seats:
            return self
        return replace(self, air_c=air_c, seats=seats)

    def sensed(self, at: Moment, *, driven_off: bool) -> tuple[Self, Effects]:
        """Notice what has moved; a cabin that was prepared is its riders' business once the car drives."""
        if not self.up:
            return self, ()
        seats, effects = self.seats.sensed(at)
        cabin = replace(self, seats=seats).looked(at)
        if driven_off and cabin.wish is not None and cabin.wish.of == "app":
            cabin, ended = cabin.end("the car was driven off")
            effects += ended
        return cabin, effects

    # --- commands ------------------------------------------------------------------------------------

    def carry_out(self, order: Commanded, at: Moment, energy: Energy) -> tuple[Self, Effects]:
        """Begin what was asked, or say why not."""
        if not self.up:
            sentence = "the cabin controller does not answer"
            return self, (Settle(order.ticket, Answer("failed", sentence)),)
        match order.command:
            case Precondition() as wish:
                return self._prepare(order.ticket, wish, at, energy)
            case StopPreconditioning():
                prepared = self.wish is not None and self.wish.of == "app"
                cabin, effects = self.end("it was stopped") if prepared else (self, ())
                return cabin, (*effects, Settle(order.ticket, Answer("done")))
            case SetCabin() as wish:
                return self._set(order.ticket, wish, at, energy)
            case MoveSeat() as wish:
                seats, effects = self.seats.move(order.ticket, wish)
                return replace(self, seats=seats), effects
            case _:
                sentence = "nothing in this cabin can do that"
                return self, (Settle(order.ticket, Answer("failed", sentence)),)

    def _prepare(self, ticket: str, asked: Precondition, at: Moment, energy: Energy) -> tuple[Self, Effects]:
        """Begin now, or as late as it takes to be ready in time."""
        if at.senses.own("cabin_c") is None:
            sentence = "nobody knows how warm the cabin is: its thermometer is silent"
            return self, (Settle(ticket, Answer("failed", sentence)),)
        if asked.ready_by_ms is None:
            wish = Wish(asked.target_c, "app", until_ms=at.now_ms + HOLD_MS)
            cabin, effects = replace(self, wish=wish, running=True, ended="").control(at, energy)
            return cabin, (*effects, CancelTimer("cabin plan"), Settle(ticket, Answer("done")))
        ready_ms = next_ms(asked.ready_by_ms, midnight_ms(at), at.now_ms)
        wish = Wish(asked.target_c, "app", ready_ms, ready_ms + WAIT_MS)
        idle, stopped = replace(self, wish=None, running=False)._power(0.0, 0.0)
        cabin, effects = replace(idle, wish=wish, ended="").planned(at, energy)
        late = cabin.lead_ms(at) > ready_ms - at.now_ms
        sentence = "there is too little time to be ready by then: it begins at once" if late else ""
        return cabin, (*stopped, *effects, Settle(ticket, Answer("done", sentence)))

    def _set(self, ticket: str, asked: SetCabin, at: Moment, energy: Energy) -> tuple[Self, Effects]:
        """Do what somebody in the car wants; it takes over what was prepared."""
        done = Settle(ticket, Answer("done"))
        if asked.climate == "off":
            cabin, effects = self.end("it was switched off in the car")
            return cabin, (*effects, done)
        if at.senses.own("cabin_c") is None:
            sentence = "nobody knows how warm the cabin is: its thermometer is silent"
            return self, (Settle(ticket, Answer("failed", sentence)),)
        why_not = energy.hindrance(empty_cabin=False)
        if why_not:
            return self, (Settle(ticket, Answer("failed", why_not)),)
        before_c = TARGET_C if self.wish is None else self.wish.target_c
        wish = Wish(before_c if asked.target_c is None else asked.target_c, "riders")
        cabin, effects = replace(self, wish=wish, running=True, ended="").control(at, energy)
        return cabin, (*effects, CancelTimer("cabin plan"), done)

    # --- regulation ----------------------------------------------------------------------------------

    def planned(self, at: Moment, energy: Energy) -> tuple[Self, Effects]:
        """Begin when it is time to, else look again: at the time to begin, or at the weather before."""
        if not self.up or self.wish is None or self.wish.ready_ms is None or self.running:
            return self, ()
        left_ms = self.wish.ready_ms - at.now_ms - self.lead_ms(at)
        if left_ms > 0:
            return self, (StartTimer("cabin plan", min(left_ms, LOOK_AGAIN_MS)),)
        return replace(self, running=True).control(at, energy)

    def control(self, at: Moment, energy: Energy) -> tuple[Self, Effects]:
        """Set the power for the next half minute, or end what has had its time."""
        if not self.up or self.wish is None or not self.running:
            return self, ()
        if self.wish.until_ms is not None and at.now_ms >= self.wish.until_ms:
            return self.end("its time was over and nobody had come")
        why_not = energy.hindrance(empty_cabin=self.wish.of == "app")
        if why_not:
            return self.end(why_not)
        heat = self._heat(at)
        wanted_w = 0.0 if heat is None else heat.heat_for_w(self.wish.target_c, CONTROL_MS)
        heater_w, cooler_w = electricity_w(wanted_w, at.senses.outdoor_c())
        cabin, effects = self.looked(at)._power(round(heater_w, -1), round(cooler_w, -1))
        return cabin, (*effects, StartTimer("cabin", CONTROL_MS))

    def lead_ms(self, at: Moment) -> int:
        """Return how long before its time the climate unit must begin, at full power at the most.

        Until then the cabin drifts; who begins later begins farther from the target and has less time, so
        halving finds the latest beginning, to the second. The last half minute is for the exact target.
        """
        heat = self._heat(at)
        if heat is None or self.wish is None or self.wish.ready_ms is None:
            return 0
        ahead_ms = max(0, self.wish.ready_ms - at.now_ms)
        target_c, ready_ms = self.wish.target_c, self.wish.ready_ms
        coldest_w, warmest_w = heat_limits_w(heat.outdoor_c)

        def is_enough(lead_s: int) -> bool:
            begun = heat.at(ready_ms - lead_s * 1000)
            warms = begun.air_c < target_c
            full = replace(begun, heat_w=warmest_w if warms else coldest_w).at(ready_ms)
            return full.air_c >= target_c if warms else full.air_c <= target_c

        seconds = range(ahead_ms // 1000 + 1)
        first = bisect_left(seconds, True, key=is_enough)  # noqa: FBT003  # the value looked for
        return first * 1000 + CONTROL_MS

    def end(self, why: str) -> tuple[Self, Effects]:
        """Switch the climate unit off and remember why."""
        if self.wish is None:
            return self, ()
        cabin, effects = replace(self, wish=None, running=False, ended=why)._power(0.0, 0.0)
        return cabin, (*effects, CancelTimer("cabin"), CancelTimer("cabin plan"))

    def left_alone(self) -> tuple[Self, Effects]:
        """Switch off what the riders had switched on, because nobody is in the car any more."""
        of_riders = self.wish is not None and self.wish.of == "riders"
        return self.end("nobody was in the car any more") if of_riders else (self, ())

    def _power(self, heater_w: float, cooler_w: float) -> tuple[Self, Effects]:
        changes = {
            name: watts
            for name, watts, before_w in (
                ("heater_w", heater_w, self.heater_w),
                ("cooler_w", cooler_w, self.cooler_w),
            )
            if watts != before_w
        }
        cabin = replace(self, heater_w=heater_w, cooler_w=cooler_w)
        return cabin, (Actuate(changes),) if changes else ()

    # --- power ---------------------------------------------------------------------------------------

    def fresh(self) -> Self:
        """Return the controller of the same cabin as it leaves the factory."""
        return type(self)(shut=self.shut, aired=self.aired)

    def lost_power(self) -> tuple[Self, Effects]:
        """Forget everything; without it, heat pump and heaters stand still."""
        off = {"heater_w": 0.0, "cooler_w": 0.0, "seat_driver_heating": 0, "seat_passenger_heating": 0}
        effects = self.seats.lost_power()
        timers = (CancelTimer("cabin"), CancelTimer("cabin plan"))
        dead = replace(self.fresh(), up=False, ended="the cabin controller lost power" if self.wish else "")
        return replace(dead, air_c=self.air_c), (*effects, *timers, Actuate(off))

    def _heat(self, at: Moment) -> CabinHeat | None:
        """Return the cabin as its sensors say it is, unheated; None while they are silent."""
        air_c, interior_c = at.senses.own("cabin_c"), at.senses.own("interior_c")
        if air_c is None:
            return None
        return CabinHeat(
            air_c=air_c,
            # Without the infrared sensor that sees the seats, they are taken to be as warm as the air.
            interior_c=air_c if interior_c is None else interior_c,
            at_ms=at.now_ms,
            outdoor_c=at.senses.outdoor_c(),
            interior_w=seats_w(at),
            # Fresh air is blown through the cabin while somebody sits at the wheel.
            cabin=self.shut if at.senses.person() is None else self.aired,
        )
