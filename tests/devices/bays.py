"""A car in its parking bay: what it wants moved is moved, its timers fire, and nothing else happens.

The physical facts are a handful of values that a test sets; what is jammed does not move. Rules and network
are not there: a command is one that was permitted.
"""

from collections.abc import Mapping
from typing import Any

from sim.core.device import (
    Actuate,
    Answer,
    Booted,
    CancelTimer,
    Command,
    Commanded,
    Effect,
    Facet,
    Sensed,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.roads import ChargingPoint
from sim.devices.car import Car
from sim.world.truth.vehicles import QUIET
from tests.senses import START_MS, FakeSenses, moment

PARKED: Mapping[str, Any] = {
    "locked": True,
    "boot": "closed",
    "windows": "closed",
    "drive_ready": False,
    "gear": "P",
    "speed_kmh": 0.0,
    "battery_percent": 50.0,
    "battery_temperature_c": 10.0,
    "plugged_in": True,
    "cable_locked": True,
    "charging": False,
    "charge_power_w": 0.0,
    "electronics_w": 100.0,
    "heater_w": 0.0,
    "cooler_w": 0.0,
    "cabin_c": 10.0,
    "interior_c": 10.0,
    "seat_driver_percent": 50.0,
    "seat_passenger_percent": 50.0,
    "seat_driver_heating": 0,
    "seat_passenger_heating": 0,
}
NIGHT = ChargingPoint.model_validate(
    {"power_w": 7_000.0, "price": 60, "tariff": [{"from": "23:00", "until": "07:00", "price": 30}]}
)
"""7 kW, half the price at night."""


class Bay:
    """See the module.

    Args:
        charger: what a cable leads to.
        given: what a scenario sets of the car, or what it has kept.
        facts: physical facts that differ from a parked, plugged-in car with half a battery at 10 °C.
    """

    def __init__(
        self,
        charger: ChargingPoint | None = NIGHT,
        given: Mapping[str, Any] | None = None,
        outdoor_c: float = 10.0,
        **facts: Any,
    ) -> None:
        self.charger = charger
        self.outdoor_c = outdoor_c
        self.facts: dict[str, Any] = {**PARKED, **facts}
        self.jammed: set[str] = set()
        self.passed_ms = 0
        self.timers: dict[str, int] = {}
        self.told: dict[str, Answer] = {}
        self.holder: str | None = None
        self.car = Car.new("su7", Car.Config(), given or {})
        self.step(Booted())

    @property
    def senses(self) -> FakeSenses:
        """What the car senses now; the clock on the wall runs with the time."""
        seconds = 7 * 3_600 + 30 * 60 + self.passed_ms // 1000
        clock = f"{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        return FakeSenses(
            {name: value for name, value in self.facts.items() if value is not None},
            charger=self.charger,
            outdoor=self.outdoor_c,
            holder=self.holder,
            wall_clock=f"2026-01-12 {clock}",
        )

    def step(self, stimulus: Stimulus) -> tuple[Effect, ...]:
        """Let the car take a step, and carry out what it wants."""
        self.car, effects = self.car.step(moment(self.senses, self.passed_ms), stimulus)
        for effect in effects:
            match effect:
                case Settle(ticket=ticket, answer=answer):
                    self.told[ticket] = answer
                case StartTimer(name=name, delay_ms=delay_ms):
                    self.timers[name] = self.passed_ms + delay_ms
                case CancelTimer(name=name):
                    self.timers.pop(name, None)
                case Actuate(changes=changes):
                    self.move(changes)
                case _:  # reports go to whoever reads them, and nobody here does
                    pass
        return effects

    def move(self, changes: Mapping[str, Any]) -> None:
        """Move what is not jammed; a touch is felt, a current is not."""
        moved = {name: value for name, value in changes.items() if name not in self.jammed}
        self.facts.update(moved)
        if moved and not QUIET.issuperset(moved):
            self.step(Sensed())

    def set(self, **facts: Any) -> None:
        """Let something physical change, and the car notice it; None is a sensor that fails."""
        self.facts.update(facts)
        self.step(Sensed())

    def ask(self, command: Command, ticket: str = "t") -> str:
        """Ask for something, and return what became of it: the status and the reason."""
        self.step(Commanded(command, ticket, "phone", "lin", START_MS + self.passed_ms + 30_000))
        return self.said(ticket)

    def said(self, ticket: str = "t") -> str:
        """Return the last answer to a command."""
        answer = self.told[ticket]
        return f"{answer.status}: {answer.reason}" if answer.reason else answer.status

    def later(self, passed_ms: int) -> None:
        """Let time pass: timers fire in their order."""
        until_ms = self.passed_ms + passed_ms
        while self.timers:
            name, due_ms = min(self.timers.items(), key=lambda item: item[1])
            if due_ms > until_ms:
                break
            del self.timers[name]
            self.passed_ms = due_ms
            self.step(TimerFired(name))
        self.passed_ms = until_ms

    def shows(self, name: str) -> Any:
        """Return what the car reports under a name."""
        reports: list[Facet] = [one for one in self.car.report() if name in type(one).model_fields]
        return getattr(reports[0], name) if reports else None
