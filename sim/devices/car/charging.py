"""The on-board charger: its relay asked for, sensed and real; its limit, and its schedule.

Charging begins and ends with a relay that the charger closes and opens. A command is `done` when the relay's
own contact agrees, and `failed` when it does not within a second. The limit is not polled for: the charger
calculates when it will be reached, and looks again whenever something has changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from sim.core.device import Actuate, Answer, CancelTimer, Commanded, Effect, Settle, StartTimer
from sim.core.units import show_duration
from sim.devices.car.commands import ScheduleCharging, SetChargeLimit, StartCharging, StopCharging
from sim.devices.car.facets import Charging, ChargingState
from sim.devices.car.readings import Readings, next_ms
from sim.devices.car.tariffs import Slot, cheapest, cost
from sim.physics.battery import J_PER_KWH

RELAY_MS = 1_000
"""How long the charger waits for its relay before it says that it failed (assumption)."""
PENDING_MAX = 32
"""How many commands wait for the relay; more fail at once."""
LIMIT_PERCENT = 80.0
"""How full a battery is charged unless somebody says otherwise; as makers advise (assumption)."""
NEAR_PERCENT = 1e-6
"""What is so near to its limit is there: rounding, and no charge that anybody could read."""
REST_PERCENT = 1.0
"""How far a battery at its limit may empty by itself and still be called so: what stands uses a little."""
SPARE = 0.01
"""By how much longer than calculated a schedule charges, because a parked car uses a little (assumption)."""
MINUTE_MS = 60_000

Effects = tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Pending:
    """A command that waits for the relay."""

    ticket: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class OnboardCharger:
    """The charger's state.

    Attributes:
        limit_percent: how full it charges.
        plan: when it is going to charge, in order; empty without a schedule.
        plan_cost: what that will cost, as calculated.
        pending: commands that wait for the relay.
        fault: why it last failed to charge; empty when it did not.
        report: what it says of itself; None before it has looked.
    """

    limit_percent: float = LIMIT_PERCENT
    plan: tuple[Slot, ...] = ()
    plan_cost: int | None = None
    pending: tuple[Pending, ...] = ()
    fault: str = ""
    report: Charging | None = None

    # --- what survives a restart ---------------------------------------------------------------------

    @classmethod
    def restarted(cls, given: Mapping[str, Any]) -> Self:
        """Return the charger with the limit and the schedule that it has kept, or that a scenario gives."""
        slots = tuple(Slot(*slot) for slot in given.get("charge_plan", ()))
        return cls(given.get("charge_limit", LIMIT_PERCENT), slots, given.get("charge_cost"))

    def kept(self) -> Mapping[str, Any]:
        """Return what flash keeps."""
        plan = [[slot.start_ms, slot.end_ms, slot.price] for slot in self.plan]
        return {"charge_limit": self.limit_percent, "charge_plan": plan, "charge_cost": self.plan_cost}

    # --- commands ------------------------------------------------------------------------------------

    def carry_out(self, order: Commanded, seen: Readings) -> tuple[Self, Effects]:
        """Begin what was asked, or say why not."""
        match order.command:
            case StartCharging():
                return self._start(order.ticket, seen)
            case StopCharging():
                return self._stop(order.ticket, seen)
            case SetChargeLimit(limit_percent=limit_percent):
                limited = replace(self, limit_percent=limit_percent)
                charger, effects = limited.looked(seen)
                return charger, (*effects, Settle(order.ticket, Answer("done")))
            case ScheduleCharging() as wish:
                return self._schedule(order.ticket, wish, seen)
            case _:
                sentence = "no charger of this car can do that"
                return self, (Settle(order.ticket, Answer("failed", sentence)),)

    def hindrance(self, seen: Readings) -> str:
        """Return why nothing can be charged now, in one sentence; empty when it can."""
        if seen.plugged_in is None:
            return "nobody knows whether a cable is in: its sensor is silent"
        if not seen.plugged_in:
            return "no cable is plugged in"
        if seen.point is None:
            return "the cable leads to no charger"
        if seen.percent is None:
            return "nobody knows how full the battery is: its sensor is silent"
        if seen.percent >= 100 - NEAR_PERCENT:
            return "the battery is full"
        if self.full_enough(seen):
            return f"the charge limit of {self.limit_percent:g} % is reached"
        return ""

    def full_enough(self, seen: Readings) -> bool:
        """Say whether the battery is known to be at its limit."""
        return seen.percent is not None and seen.percent >= self.limit_percent - NEAR_PERCENT

    def _start(self, ticket: str, seen: Readings) -> tuple[Self, Effects]:
        why_not = self.hindrance(seen)
        if why_not:
            return self, (Settle(ticket, Answer("failed", why_not)),)
        charger = replace(self, plan=(), plan_cost=None)
        return charger._switch(ticket, seen, wanted=True)

    def _stop(self, ticket: str, seen: Readings) -> tuple[Self, Effects]:
        charger = replace(self, plan=(), plan_cost=None, fault="")
        return charger._switch(ticket, seen, wanted=False)

    def _switch(self, ticket: str, seen: Readings, *, wanted: bool) -> tuple[Self, Effects]:
        """Close or open the relay; whoever wanted the other way has been overridden."""
        if seen.relay is wanted and not self.pending:
            charger, effects = self.looked(seen)
            return charger, (*effects, Settle(ticket, Answer("done")))
        same_way = tuple(one for one in self.pending if one.wanted is wanted)
        if len(same_way) >= PENDING_MAX:
            return self, (Settle(ticket, Answer("failed", f"{PENDING_MAX} commands wait for the charger")),)
        overridden = tuple(
            Settle(one.ticket, Answer("failed", "a later command overrode it"))
            for one in self.pending
            if one.wanted is not wanted
        )
        charger, effects = replace(self, pending=(*same_way, Pending(ticket, wanted))).looked(seen)
        return charger, (*effects, *overridden, Actuate({"charging": wanted}), StartTimer("relay", RELAY_MS))

    def _schedule(self, ticket: str, wish: ScheduleCharging, seen: Readings) -> tuple[Self, Effects]:
        """Choose the cheapest hours; what was charged by then goes on only in those."""
        limit_percent = self.limit_percent if wish.limit_percent is None else wish.limit_percent
        charger = replace(self, limit_percent=limit_percent)
        why_not = charger.hindrance(seen)
        takes_ms = None if why_not else seen.charging_ms(limit_percent)
        if takes_ms is None or seen.point is None or seen.percent is None:
            sentence = why_not or f"this charger never gets the battery to {limit_percent:g} %"
            return self, (Settle(ticket, Answer("failed", sentence)),)
        if seen.point.price is None:
            return self, (Settle(ticket, Answer("failed", "the charger tells no prices")),)
        ready_ms = next_ms(wish.ready_by_ms, seen.midnight_ms, seen.now_ms)
        needs_ms = takes_ms + round(takes_ms * SPARE) + MINUTE_MS
        plan = cheapest(seen.point, seen.midnight_ms, seen.now_ms, ready_ms, needs_ms)
        if plan is None:
            sentence = (
                f"it takes {show_duration(_whole_minutes(takes_ms))} to reach {limit_percent:g} %,"
                f" and there are only {show_duration(_whole_minutes(ready_ms - seen.now_ms))} until then"
            )
            return self, (Settle(ticket, Answer("failed", sentence)),)
        stored_j = (limit_percent - seen.percent) / seen.pack.percent_per_j
        price = cost(plan, stored_j / seen.pack.efficiency(seen.point.power_w) / J_PER_KWH)
        charger, effects = replace(charger, plan=plan, plan_cost=price, fault="").planned(seen)
        data = {"begins_in_ms": plan[0].start_ms - seen.now_ms, "cost": price}
        return charger, (*effects, Settle(ticket, Answer("done", data=data)))

    # --- what happens --------------------------------------------------------------------------------

    def looked(self, seen: Readings) -> tuple[Self, Effects]:
        """Look at the contacts: answer what is done by them, end at the limit, and say how it stands."""
        done = tuple(one for one in self.pending if one.wanted is seen.relay)
        charger, effects = self, tuple[Effect, ...]()
        if done:
            charger = replace(self, pending=tuple(one for one in self.pending if one not in done))
            effects = (*(Settle(one.ticket, Answer("done")) for one in done), CancelTimer("relay"))
        if seen.relay:
            charger = replace(charger, fault="")
        if seen.plugged_in is False:
            pulled = Answer("failed", "the cable was pulled out")
            effects += tuple(Settle(one.ticket, pulled) for one in charger.pending if one.wanted)
            pending = tuple(one for one in charger.pending if not one.wanted)
            charger = replace(charger, plan=(), plan_cost=None, fault="", pending=pending)
        if charger.full_enough(seen):
            charger = replace(charger, plan=(), plan_cost=None)
        effects += charger._until_the_limit(seen)
        return replace(charger, report=charger._reported(seen)), effects

    def planned(self, seen: Readings) -> tuple[Self, Effects]:
        """Follow the schedule: charge in its hours and not between them."""
        plan = tuple(slot for slot in self.plan if slot.end_ms > seen.now_ms)
        charger = replace(self, plan=plan, plan_cost=self.plan_cost if plan else None)
        effects: Effects = ()
        now = bool(plan) and plan[0].start_ms <= seen.now_ms
        if plan:
            edge_ms = plan[0].end_ms if now else plan[0].start_ms
            effects += (StartTimer("charge plan", edge_ms - seen.now_ms),)
        if now and not seen.relay and not charger.full_enough(seen):
            fault = charger.hindrance(seen)
            charger = replace(charger, fault=fault)
            effects += () if fault else (Actuate({"charging": True}), StartTimer("relay", RELAY_MS))
        elif self.plan and not now and seen.relay:
            effects += (Actuate({"charging": False}),)
        charger, looked = charger.looked(seen)
        return charger, (*effects, *looked)

    def gave_up(self, seen: Readings) -> tuple[Self, Effects]:
        """Answer what the relay did not do."""
        wanted = bool(self.pending[-1].wanted) if self.pending else True
        if seen.relay is wanted:
            return self.looked(seen)
        reads = {None: "its contact is silent", True: "its relay is closed", False: "its relay is open"}
        sentence = f"the charger did not {'start' if wanted else 'stop'}: {reads[seen.relay]}"
        answer = Answer("failed", sentence)
        charger, effects = replace(self, pending=(), fault=sentence).looked(seen)
        return charger, (*effects, *(Settle(one.ticket, answer) for one in self.pending))

    def let_go(self, seen: Readings) -> tuple[Self, Effects]:
        """Stop for somebody who wants to pull the cable out; nothing is charged any more, also not later."""
        charger, effects = replace(self, plan=(), plan_cost=None).looked(seen)
        return charger, (*effects, *((Actuate({"charging": False}),) if seen.relay else ()))

    def lost_power(self) -> tuple[Self, Effects]:
        """Open the relay, and forget what was under way; limit and schedule are in flash."""
        sentence = "the powertrain controller lost power before it was carried out"
        told = tuple(Settle(one.ticket, Answer("failed", sentence)) for one in self.pending)
        return replace(self, pending=(), report=self._unknown()), (*told, Actuate({"charging": False}))

    # --- inside --------------------------------------------------------------------------------------

    def _until_the_limit(self, seen: Readings) -> Effects:
        """Open the relay at the limit, or look again when it will be reached."""
        if not seen.relay:
            charged = self.report is not None and self.report.charging_state == "charging"
            return (CancelTimer("charge limit"),) if charged else ()
        if self.full_enough(seen):
            return (CancelTimer("charge limit"), Actuate({"charging": False}))
        left_ms = seen.charging_ms(self.limit_percent)
        return () if left_ms is None else (StartTimer("charge limit", max(left_ms, 1)),)

    def _state(self, seen: Readings) -> ChargingState | None:
        """Return the one word for how it stands."""
        if seen.plugged_in is None or (seen.plugged_in and seen.relay is None):
            return None
        if not seen.plugged_in:
            return "unplugged"
        if self.fault:
            return "faulted"
        if seen.relay:
            return "charging"
        if self.plan:
            return "scheduled"
        percent = seen.percent or 0.0
        if percent < self.limit_percent - REST_PERCENT:
            return "plugged"
        return "full" if percent >= 100 - REST_PERCENT else "limit_reached"

    def _unknown(self) -> Charging:
        """Return what is said of a charger that does not answer, so that its last word is not believed."""
        return Charging(
            plugged_in=None,
            cable_locked=None,
            charging_state=None,
            charge_power_w=None,
            charge_limit_percent=self.limit_percent,
            time_to_limit_ms=None,
            time_to_full_ms=None,
            charging_begins_ms=None,
            charging_cost=None,
            charging_reason="",
        )

    def _reported(self, seen: Readings) -> Charging:
        to_limit_ms = seen.charging_ms(self.limit_percent) if seen.relay else None
        to_full_ms = seen.charging_ms(100.0) if seen.relay else None
        begins_ms = max(0, self.plan[0].start_ms - seen.now_ms) if self.plan else None
        return Charging(
            plugged_in=seen.plugged_in,
            cable_locked=seen.cable_locked,
            charging_state=self._state(seen),
            charge_power_w=None if seen.drawn_w is None else round(seen.drawn_w, -1),
            charge_limit_percent=self.limit_percent,
            time_to_limit_ms=None if to_limit_ms is None else _whole_minutes(to_limit_ms),
            time_to_full_ms=None if to_full_ms is None else _whole_minutes(to_full_ms),
            charging_begins_ms=begins_ms,
            charging_cost=self.plan_cost,
            charging_reason=self.fault,
        )


def _whole_minutes(duration_ms: int) -> int:
    """Return a duration rounded up to whole minutes."""
    return -(-duration_ms // MINUTE_MS) * MINUTE_MS
