"""A car's updater, its flash and the update service on one bench, with a switch for the power.

What the updater asks is answered after a while, its writes happen one after another as on the stage, its
timers fire; rules and network are not there. `answers` changes what is answered, `ways` how long each copy of
an answer is under way, `behind_ms` the car's clock. The power goes after as many writes as a test says: what
was written stays, nobody is told, and the car starts from what is in its flash.
"""

import heapq
from collections.abc import Callable, Mapping
from typing import Any

from sim.apps.software import GetSoftwareChunk, GetSoftwareMetadata, Software
from sim.core.beliefs import Belief, Beliefs
from sim.core.device import (
    Acted,
    Answer,
    Answered,
    Asked,
    Booted,
    CancelTimer,
    Command,
    Commanded,
    Effect,
    Learned,
    Moment,
    Peer,
    Persist,
    Persisted,
    Presence,
    Provision,
    Request,
    Sensed,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.devices.car.declared import CarConfig
from sim.devices.car.flash import CarFlash, Erase, Program, Read
from sim.devices.car.updater import LOOK, InstallUpdate, Updater
from sim.services.updates import UpdateService
from sim.trust.updates.signing import Keys
from tests.senses import START_MS, FakeSenses

MAKER, SERVER = b"\1" * 32, b"\2" * 32
ROOT = Keys(MAKER, SERVER).root()
PEERS = {
    "su7": Peer("car", "lin", shared=True, key=b""),
    "updates": Peer("updates", None, shared=False, key=b""),
}
NEW = {"version": "1.1.0", "counter": 2, "hardware": CarConfig().model, "size_bytes": 100_000}
"""A release of four pages."""
ANSWER_MS = 40
ACK_MS = 3


class Workshop:
    """See the module.

    Args:
        releases: what the service has.
        facts: physical facts that differ from a parked car with 80 % in its battery.
    """

    def __init__(self, *releases: Mapping[str, Any], **facts: Any) -> None:
        self.facts = {"gear": "P", "speed_kmh": 0.0, "battery_percent": 80.0, **facts}
        self.now_ms = START_MS
        self.boots = 0
        self.cut_after: int | None = None
        self.written = 0
        self.told: dict[str, Answer] = {}
        self.reports: list[Software] = []
        self.asked: list[Command] = []
        self.answers: Callable[[Command, Answer], Answer] = lambda _, answer: answer
        self.ways: Callable[[], tuple[int, ...]] = lambda: (ANSWER_MS,)
        self.behind_ms = 0
        self.flash = CarFlash("su7", CarConfig())
        config = UpdateService.Config.model_validate({"releases": releases or (NEW,)})
        service = UpdateService.new("updates", config, {})
        self.service = service.provisioned(Provision(SERVER, 1, 0, peers=PEERS, maker=MAKER))
        self._tell_service(Booted())
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0
        self._timers: dict[str, int] = {}
        self._writes: list[Persist] = []
        self._beliefs = Beliefs()
        self.updater = self._made({})
        self.boot()

    # --- power ----------------------------------------------------------------------------------

    def boot(self) -> None:
        """Give it power."""
        self.boots += 1
        self.updater = self._made(self.updater.kept())
        self.step(Booted())

    def cut(self) -> None:
        """Take the power away, and give it back."""
        self._events.clear()
        self._timers.clear()
        self._writes.clear()
        self.cut_after = None
        self.boot()

    def _made(self, kept: Mapping[str, Any]) -> Updater:
        given = {**kept, "storage": self.flash.snapshot()}
        provision = Provision(bytes(32), max(1, self.boots), 0, peers=PEERS, software_root=ROOT)
        return Updater.new("su7", CarConfig(), given).provisioned(provision)

    # --- time -----------------------------------------------------------------------------------

    def run(self, for_ms: int = 600_000) -> "Workshop":
        """Let time pass, until nothing but the next look is left to do."""
        until_ms = self.now_ms + for_ms
        while self._events and self._events[0][0] <= until_ms:
            self.now_ms, _, action = heapq.heappop(self._events)
            action()
        self.now_ms = until_ms
        return self

    def _after(self, delay_ms: int, action: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (self.now_ms + delay_ms, self._count, action))

    # --- the car --------------------------------------------------------------------------------

    @property
    def at(self) -> Moment:
        """The moment, as the car senses it."""
        return Moment(self.now_ms - self.behind_ms, FakeSenses(self.facts), self._beliefs)

    @property
    def shown(self) -> Software:
        """What the car reports now."""
        return self.updater.report()[0]

    @property
    def state(self) -> tuple[str, str, int]:
        """Version, state and counter."""
        return self.shown.software_version, self.shown.software_state, self.shown.software_counter

    def install(self, version: str = "1.1.0") -> Answer:
        """Ask for a release, past the rules; return what the car answers."""
        ticket = f"t{self.now_ms}"
        self.step(Commanded(InstallUpdate(version=version), ticket, "phone", "lin", self.now_ms + 30_000))
        return self.told[ticket]

    def facts_told(self, version: str) -> Mapping[str, Any]:
        """Return what the rules are told of a release."""
        asked = Asked("install_update", InstallUpdate(version=version), "phone", "lin", Presence())
        return self.updater.told(self.at, asked)

    def set(self, **facts: Any) -> None:
        """Let the car sense something new."""
        self.facts.update(facts)
        self.step(Sensed())

    def hear(self, serial: int | None = None) -> None:
        """Let the car hear the service's report."""
        assert self.service.repository is not None
        serial = self.service.repository.versions[0] if serial is None else serial
        belief = Belief({"offers_serial": serial}, self.now_ms, (1, self.now_ms), "last")
        self._beliefs = self._beliefs.heard("updates", "software_offers", belief)
        self.step(Learned("updates"))

    def step(self, stimulus: Stimulus) -> None:
        """Let the updater take a step, and carry out what it wants."""
        self.updater, effects = self.updater.step(self.at, stimulus)
        for effect in effects:
            self._carry_out(effect)
        for report in self.updater.report():
            if not self.reports or self.reports[-1] != report:
                self.reports.append(report)

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Settle(ticket=ticket, answer=answer):
                self.told[ticket] = answer
            case StartTimer(name=name, delay_ms=delay_ms):
                self._count += 1
                self._timers[name] = number = self._count
                if name != LOOK:
                    self._after(delay_ms, lambda: self._fire(name, number))
            case CancelTimer(name=name):
                self._timers.pop(name, None)
            case Persist():
                self._writes.append(effect)
                if len(self._writes) == 1:
                    self._write_next()
            case Request(ticket=ticket, target=target):
                command = self._command(effect)
                self.asked.append(command)
                for way_ms in self.ways():
                    self._after(way_ms, lambda: self._answer(ticket, target, command))
            case _:
                raise AssertionError(effect)

    def _fire(self, name: str, number: int) -> None:
        if self._timers.get(name) == number:
            del self._timers[name]
            self.step(TimerFired(name))

    # --- the flash ------------------------------------------------------------------------------

    def _write_next(self) -> None:
        self._after(self.flash.write_ms(self._wanted()), self._write)

    def _write(self) -> None:
        if self.cut_after is not None and self.written == self.cut_after:
            self.cut()
            return
        wanted = self._writes[0]
        result = self.flash.write(self._wanted())
        self.written += 1
        if self.written == self.cut_after:
            self.cut()
            return
        self._after(ACK_MS, lambda: self._written(wanted.ticket, result))

    def _wanted(self) -> Erase | Program | Read:
        write = self._writes[0].write
        assert isinstance(write, Erase | Program | Read)
        return write

    def _written(self, ticket: str, result: object) -> None:
        self._writes.pop(0)
        if self._writes:
            self._write_next()
        self.step(Persisted(ticket, result))

    # --- the service ----------------------------------------------------------------------------

    @staticmethod
    def _command(request: Request) -> Command:
        kind = GetSoftwareMetadata if request.action == "get_software_metadata" else GetSoftwareChunk
        return kind.model_validate(request.arguments)

    def _answer(self, ticket: str, target: str, command: Command) -> None:
        told = self._tell_service(Commanded(command, ticket, "su7", "lin", self.now_ms + 8_000))
        self.step(Answered(ticket, target, self.answers(command, told[ticket])))

    def vouch(self) -> None:
        """Let the service sign anew what is the newest."""
        self._tell_service(TimerFired("vouch"))

    def use(self, act: Any) -> Answer:
        """Let somebody use the service; return what it says."""
        return self._tell_service(Acted(act, "act", None))["act"]

    def _tell_service(self, stimulus: Stimulus) -> dict[str, Answer]:
        self.service, effects = self.service.step(Moment(self.now_ms, FakeSenses(), Beliefs()), stimulus)
        return {effect.ticket: effect.answer for effect in effects if isinstance(effect, Settle)}
