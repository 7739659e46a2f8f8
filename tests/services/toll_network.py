"""The real purse and the real payment service on a network that loses, doubles and reorders.

What a node does for a device is done here in small: an outbox that repeats until it is answered or expired,
an inbox that answers repetitions and survives a crash, timers that do not. Storages are the real ones.
Everything follows from the seed.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random
from typing import Any

from sim.apps.payments.messages import Account, Pay
from sim.core.beliefs import Belief, Beliefs
from sim.core.books import WRITE_MS, Books, Outcome, Transaction
from sim.core.device import (
    FINAL,
    Answer,
    Answered,
    Booted,
    Command,
    Commanded,
    Effect,
    Learned,
    Moment,
    Peer,
    Persist,
    Persisted,
    Provision,
    Request,
    Sensed,
    Settle,
    StartTimer,
    TimerFired,
)
from sim.core.dues import Due
from sim.core.household import DeviceEntry
from sim.devices.car.purse import Purse
from sim.services.pay import PayConfig, PayService
from sim.world.books import MemoryBooks
from sim.world.node.outbox import REPEAT_AFTER_MS
from sim.world.storages import ACK_MS, Storages
from sim.world.timeline import Timeline
from tests.senses import START_MS, FakeSenses

TOLLS = 8
STORMY_MS = 900_000
"""How long anything may go wrong; after that everything must come right."""
HORIZON_MS = 4 * 3_600_000
LOSS, DOUBLE = 0.25, 0.25
CRASH = 0.25
"""How often the power goes soon after a question or a write has begun."""
LATE_MS = 6_000
"""How late a message may be, and so how far two of them may change places."""
CONFIG = PayConfig(merchants=["huailai"], daily=1_000_000)
PEERS = {"pay": Peer("pay", None, shared=False, key=b"")}


@dataclass
class Asked:
    """A command under way to the service."""

    command: Command
    by: str | None
    expires_ms: int
    repeat_ms: int = REPEAT_AFTER_MS


@dataclass
class Run:
    """One run.

    Attributes:
        seed: of everything that happens.
        books: what the service has for books.
        purse: which purse the car has.
        repeats: whether what the car asks is repeated until it is answered.
    """

    seed: int
    books: Callable[..., Books] = MemoryBooks
    purse: type[Purse] = Purse
    repeats: bool = True
    happened: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)  # noqa: S311  # it must repeat
        self.timeline = Timeline(START_MS)
        self.storages = Storages(self.timeline, self._persisted)
        entry = DeviceEntry("pay", "pay", CONFIG)
        self.storages.install(entry, PayService, {Books: self.books})
        self.demands: tuple[Due, ...] = ()
        self.up = {"car": True, "pay": True}
        self.boots = Counter(car=1, pay=1)
        self.outbox: dict[str, Asked] = {}
        self.inbox: dict[str, Answer] = {}
        self.timers: dict[str, Callable[[], None]] = {}
        self.service = self._new_service({})
        self.car = self._new_purse({})
        for number in range(TOLLS):
            self._at(self.dice.randrange(STORMY_MS // 2), partial(self._pass_gate, number))
        self._step_car(Booted())

    # --- running ----------------------------------------------------------------------------------------

    def play(self) -> list[str]:
        """Play to the end; return what is wrong then."""
        end_ms = START_MS + HORIZON_MS
        while (due_ms := self.timeline.next_due_ms()) is not None and due_ms <= end_ms:
            self.timeline.advance(due_ms)
            for action in self.timeline.take_due():
                action()
        return self.wrong()

    def wrong(self) -> list[str]:
        """Return every promise that is broken."""
        entries = self.entries()
        charged = Counter(str(entry.memo.split('"order":"')[1].split('"')[0]) for entry in entries)
        orders = [due.order for due in self.demands]
        found = []
        if len(orders) != TOLLS:
            found.append(f"{len(orders)} of {TOLLS} gates were passed")  # a test of this very network
        if any(count > 1 for count in charged.values()):
            found.append("charged twice")
        if any(order not in charged for order in orders):
            found.append("never charged")
        if set(charged) - set(orders):
            found.append("charged for nothing")
        if self.car.bills or set(self.car.paid) != set(orders):
            found.append("the car does not know that it has paid")
        if self.outbox or any(answer.status not in FINAL for answer in self.inbox.values()):
            found.append("never answered")
        return found

    def entries(self) -> tuple[Transaction, ...]:
        """Return the books."""
        books = self.storages.of("pay")
        assert isinstance(books, Books)
        return books.entries()

    def _at(self, after_ms: int, action: Callable[[], None]) -> Callable[[], None]:
        return self.timeline.at(self.timeline.now_ms + after_ms, action)

    @property
    def _stormy(self) -> bool:
        return self.timeline.now_ms < START_MS + STORMY_MS

    # --- what happens -----------------------------------------------------------------------------------

    def _pass_gate(self, number: int) -> None:
        due = Due(f"toll:huailai:su7:{number}", "huailai", 100 + number, "CNY")
        self.demands = (*self.demands, due)
        if self.up["car"]:
            self._step_car(Sensed())

    def _maybe_crash(self, who: str, within_ms: int) -> None:
        """Let the power go soon after something that must not be forgotten."""
        if self._stormy and self.dice.random() < CRASH:
            self._at(self.dice.randrange(within_ms), lambda: self._go_down(who))

    def _go_down(self, who: str) -> None:
        if not self.up[who]:
            return
        self.happened[f"crash {who}"] += 1
        self.up[who] = False
        if who == "pay":
            self.storages.lose_power("pay")
        else:
            self.outbox.clear()
            for cancel in self.timers.values():
                cancel()
            self.timers.clear()
        self._at(self.dice.randrange(1, 60_000), lambda: self._come_up(who))

    def _come_up(self, who: str) -> None:
        self.up[who] = True
        self.boots[who] += 1
        if who == "pay":
            self.service = self._new_service(self.service.kept())
            for ticket, answer in self.inbox.items():
                if answer.status not in FINAL:
                    self._answer(ticket, Answer("failed", "restarted", data={"may_have_succeeded": True}))
            if self.up["car"]:
                self._step_car(Learned("pay"))
        else:
            self.car = self._new_purse(self.car.kept())
            self._step_car(Booted())

    def _new_service(self, kept: Any) -> PayService:
        return PayService.new("pay", CONFIG, {**kept, **self.storages.found("pay")})

    def _new_purse(self, kept: Any) -> Purse:
        provision = Provision(b"", self.boots["car"], self.timeline.now_ms, peers=PEERS)
        return self.purse.new("su7", None, kept).provisioned(provision)

    # --- the car ----------------------------------------------------------------------------------------

    def _step_car(self, stimulus: Any) -> None:
        account = Account(
            currency="CNY",
            cap_minor=0,
            daily_minor=0,
            receipts=0,
            approved=[],
            discounts={},
        )
        belief = Belief(account.model_dump(), self.timeline.now_ms, (self.boots["pay"], 1), "last")
        beliefs = Beliefs().heard("pay", "account", belief).online("pay", online=self.up["pay"])
        senses = FakeSenses(holder="lin", demands=self.demands)
        self.car, effects = self.car.step(Moment(self.timeline.now_ms, senses, beliefs), stimulus)
        for effect in effects:
            self._perform_for_car(effect)

    def _perform_for_car(self, effect: Effect) -> None:
        match effect:
            case Request(ticket=ticket, arguments=arguments, by=by, expires_in_ms=expires_in_ms):
                command = Pay.model_validate(arguments, by_name=True)
                self.outbox[ticket] = Asked(command, by, self.timeline.now_ms + expires_in_ms)
                self._send(ticket)
                self._maybe_crash("car", LATE_MS)
            case StartTimer(name=name, delay_ms=delay_ms):
                self._start(name, delay_ms, lambda: self._step_car(TimerFired(name)))
            case _:
                pass

    def _start(self, name: str, delay_ms: int, action: Callable[[], None]) -> None:
        def fire() -> None:
            del self.timers[name]
            action()

        if name in self.timers:
            self.timers.pop(name)()
        self.timers[name] = self._at(delay_ms, fire)

    def _send(self, ticket: str) -> None:
        asked = self.outbox[ticket]
        if self.timeline.now_ms >= asked.expires_ms:
            del self.outbox[ticket]
            self._step_car(Answered(ticket, "pay", Answer("expired", "it did not answer in time")))
            return
        self._transmit(lambda: self._received(ticket, asked))
        if not self.repeats:
            del self.outbox[ticket]
            return
        rest_ms = asked.expires_ms - self.timeline.now_ms
        self._start(f"outbox {ticket}", max(1, min(asked.repeat_ms, rest_ms)), lambda: self._send(ticket))
        asked.repeat_ms *= 2

    def _was_answered(self, ticket: str, answer: Answer) -> None:
        if self.up["car"] and answer.final and ticket in self.outbox:
            del self.outbox[ticket]
            self.timers.pop(f"outbox {ticket}")()
            self._step_car(Answered(ticket, "pay", answer))

    # --- the service ------------------------------------------------------------------------------------

    def _received(self, ticket: str, asked: Asked) -> None:
        if not self.up["pay"]:
            self.happened["lost"] += 1
        elif ticket in self.inbox:
            self._answer(ticket, self.inbox[ticket])
        elif self.timeline.now_ms >= asked.expires_ms:
            self._answer(ticket, Answer("expired"))
        else:
            self._answer(ticket, Answer("accepted"))
            self._step_service(
                Commanded(asked.command, ticket, "su7", asked.by, asked.expires_ms),
            )

    def _answer(self, ticket: str, answer: Answer) -> None:
        self.inbox[ticket] = answer
        self._transmit(lambda: self._was_answered(ticket, answer))

    def _persisted(self, _: str, ticket: str, result: Any) -> None:
        assert isinstance(result, Outcome)
        self.happened[result.kind] += 1
        self._step_service(Persisted(ticket, result))

    def _step_service(self, stimulus: Any) -> None:
        senses = FakeSenses(wall_clock="2026-01-12 07:30:00")
        moment = Moment(self.timeline.now_ms, senses, Beliefs())
        self.service, effects = self.service.step(moment, stimulus)
        for effect in effects:
            if isinstance(effect, Persist):
                self.storages.persist("pay", effect)
                self._maybe_crash("pay", 2 * (WRITE_MS + ACK_MS))
            elif isinstance(effect, Settle) and self.inbox[effect.ticket].status not in FINAL:
                self._answer(effect.ticket, effect.answer)

    # --- the network ------------------------------------------------------------------------------------

    def _transmit(self, arrive: Callable[[], None]) -> None:
        """Deliver a message late, twice or never."""
        if not self._stormy:
            self._at(1, arrive)
            return
        if self.dice.random() < LOSS:
            self.happened["lost"] += 1
            return
        copies = 2 if self.dice.random() < DOUBLE else 1
        self.happened["doubled"] += copies - 1
        for _ in range(copies):
            self._at(self.dice.randrange(1, LATE_MS), arrive)


# --- planted bugs ---------------------------------------------------------------------------------------


class NoDedupe(MemoryBooks):
    """Books that charge whatever is asked, under a key of their own."""

    def transact(self, wanted: Transaction) -> Outcome:
        """Book it, known or not."""
        number = len(self.entries())
        return super().transact(replace(wanted, key=f"{wanted.key}#{number}", after=number))


class DedupeInMemory(NoDedupe):
    """Books that know what they have charged until the power goes."""

    known: frozenset[str] = frozenset()

    def transact(self, wanted: Transaction) -> Outcome:
        """Book it, unless it is remembered."""
        if wanted.key in self.known:
            return Outcome("repeated", 1, wanted.memo)
        self.known |= {wanted.key}
        return super().transact(wanted)

    def snapshot(self) -> tuple[Transaction, ...]:
        """Forget, as a process that starts has."""
        self.known = frozenset()
        return super().snapshot()


class KeyAfterCharge(NoDedupe):
    """Books that write the charge, and its key with the next write: a crash comes between the two."""

    known: frozenset[str] = frozenset()
    late: str = ""

    def transact(self, wanted: Transaction) -> Outcome:
        """Write the key of the charge before, and then the charge."""
        self.known |= {self.late}
        if wanted.key in self.known:
            return Outcome("repeated", 1, wanted.memo)
        self.late = wanted.key
        return super().transact(wanted)

    def snapshot(self) -> tuple[Transaction, ...]:
        """Lose what was not written yet."""
        self.late = ""
        return super().snapshot()


class TakesPubackForDone(Purse):
    """A purse that crosses a bill out as soon as the broker has it."""

    def _asking(self, at: Moment) -> tuple[Any, tuple[Effect, ...]]:
        purse, effects = super()._asking(at)
        sent = tuple(order for order, _ in purse.asked.values())
        rest = {order: bill for order, bill in purse.bills.items() if order not in sent}
        return replace(purse, bills=rest, paid=(*purse.paid, *sent), asked={}), effects
