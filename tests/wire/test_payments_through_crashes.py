"""Real Mosquitto, a real payment process with its books in a file, and SIGKILL for both of them.

The purse is the car's real one, on a clock that runs twenty times as fast; what its node does for it,
repeating until somebody answers, is done here in small. `tests/services/test_toll_network.py` plays the same
in virtual time, reproducibly; this shows that nothing of it rests on the simulation.
"""

import heapq
import json
import queue
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from sim.apps.payments.messages import Account
from sim.core.beliefs import Belief, Beliefs
from sim.core.device import (
    Answer,
    Answered,
    Effect,
    Learned,
    Moment,
    Peer,
    Provision,
    Request,
    Sensed,
    StartTimer,
    TimerFired,
)
from sim.core.dues import Due
from sim.devices.car.purse import Purse
from sim.shell.brokers.child import free_port
from sim.shell.brokers.mosquitto import find_mosquitto
from sim.world.node.outbox import REPEAT_AFTER_MS
from tests.scenario.stories import PROJECT
from tests.senses import START_MS, FakeSenses

CHARGES = 150
SPEED = 20
"""Virtual milliseconds in a real one."""
DEATHS = 2
"""How often the service kills itself, each time at another moment of a write."""
SECONDS_MAX = 60.0
DUES = tuple(Due(f"toll:huailai:su7:{number}", "huailai", 100 + number, "CNY") for number in range(CHARGES))
ACCOUNT = Account(
    currency="CNY",
    cap_minor=0,
    daily_minor=1,
    receipts=0,
    approved=[],
    discounts={},
)


@dataclass
class Road:
    """A car, a broker and a payment process.

    Attributes:
        folder: where broker and books have their files.
        seed: when somebody is killed.
        killed: how often each was.
    """

    folder: Path
    seed: int
    killed: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)  # noqa: S311  # it need not repeat, but no secret rests on it
        self.port = free_port()
        config = f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
        (self.folder / "mosquitto.conf").write_text(config, encoding="utf-8")
        self.ledger = self.folder / "ledger.db"
        self.arrived: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        self.timers: list[tuple[float, int, str]] = []
        self.outbox: dict[str, tuple[bytes, float, float]] = {}
        self.started = time.monotonic()
        self.beliefs = Beliefs().heard("pay", "account", Belief(ACCOUNT.model_dump(), 0, (1, 1), "last"))
        provision = Provision(b"", 1, 0, peers={"pay": Peer("pay", None, shared=False, key=b"")})
        self.purse = Purse.new("su7", None, {}).provisioned(provision)
        self.broker = self._start_broker()
        self.process = self._start_process()
        self.client = Client(CallbackAPIVersion.VERSION2, client_id="su7", clean_session=False)
        self.client.reconnect_delay_set(0.05, 0.1)  # type: ignore[arg-type]  # seconds; it only waits for them
        self.client.on_connect = lambda client, *_: client.subscribe([("pay/answered", 1), ("pay/online", 1)])
        self.client.on_message = lambda _c, _d, message: self.arrived.put(
            (message.topic, bytes(message.payload))
        )
        self.client.connect_async("127.0.0.1", self.port)
        self.client.loop_start()

    def drive(self) -> None:
        """Pass every gate, and play on until each is paid; kill the broker twice on the way."""
        doomed = sorted(self.dice.sample(range(10, CHARGES - 10), 2))
        self._step(Sensed())
        while self.purse.bills:
            assert time.monotonic() < self.started + SECONDS_MAX, f"{len(self.purse.bills)} bills are open"
            if doomed and len(self.purse.paid) >= doomed[0]:
                doomed.pop(0)
                self._kill_broker()
            if self.process.poll() is not None:
                self.killed["process"] += 1
                self._believe(online=False)
                self.process = self._start_process()
            while self.timers and self.timers[0][0] <= time.monotonic():
                self._fire(heapq.heappop(self.timers)[2])
            try:
                self._heard(*self.arrived.get(timeout=0.005))
            except queue.Empty:
                continue

    def end(self) -> None:
        """Stop everything that was started."""
        self.client.loop_stop()
        self.client.disconnect()
        for child in (self.process, self.broker):
            child.kill()
            child.wait()

    # --- broker and service ---

    def _start_broker(self) -> subprocess.Popen[bytes]:
        program = find_mosquitto()
        assert program is not None
        words = [program, "-c", str(self.folder / "mosquitto.conf")]
        return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _start_process(self) -> subprocess.Popen[bytes]:
        writes = self.dice.randrange(10, 40) if self.killed["process"] < DEATHS else 0
        when = self.dice.choice(["before", "after"]) if self.killed["process"] else "after"
        life = [str(self.port), str(self.ledger), str(writes), when]
        words = [sys.executable, "-m", "tests.wire.paying", *life]
        return subprocess.Popen(words, cwd=PROJECT)

    def _kill_broker(self) -> None:
        self.killed["broker"] += 1
        self.broker.kill()
        self.broker.wait()
        self.broker = self._start_broker()

    # --- the car ---

    def _believe(self, *, online: bool) -> None:
        self.beliefs = self.beliefs.online("pay", online=online)

    def _step(self, stimulus: Any) -> None:
        now_ms = START_MS + int((time.monotonic() - self.started) * 1_000 * SPEED)
        moment = Moment(now_ms, FakeSenses(holder="lin", demands=DUES), self.beliefs)
        self.purse, effects = self.purse.step(moment, stimulus)
        for effect in effects:
            self._perform(effect)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Request(ticket=ticket, arguments=arguments, expires_in_ms=expires_in_ms):
                payload = json.dumps({"ticket": ticket, "arguments": dict(arguments)}).encode()
                expires = time.monotonic() + expires_in_ms / 1_000 / SPEED
                self.outbox[ticket] = (payload, expires, REPEAT_AFTER_MS / 1_000 / SPEED)
                self._fire(f"outbox {ticket}")
            case StartTimer(name=name, delay_ms=delay_ms):
                self._at(delay_ms / 1_000 / SPEED, name)
            case _:
                pass

    def _at(self, after_s: float, name: str) -> None:
        heapq.heappush(self.timers, (time.monotonic() + after_s, len(self.timers), name))

    def _fire(self, name: str) -> None:
        if not name.startswith("outbox "):
            self._step(TimerFired(name))
            return
        ticket = name.removeprefix("outbox ")
        if ticket not in self.outbox:
            return  # It was answered.
        payload, expires, wait_s = self.outbox[ticket]
        if time.monotonic() >= expires:
            del self.outbox[ticket]
            self._step(Answered(ticket, "pay", Answer("expired")))
            return
        self.client.publish("pay/asked", payload, qos=1)
        self.outbox[ticket] = (payload, expires, 2 * wait_s)
        self._at(wait_s, name)

    def _heard(self, topic: str, payload: bytes) -> None:
        if topic == "pay/online":
            self._believe(online=True)
            self._step(Learned("pay"))
            return
        told = json.loads(payload)
        if self.outbox.pop(told["ticket"], None) is not None:
            self._step(Answered(told["ticket"], "pay", Answer(told["status"], data=told["data"])))


@pytest.mark.network
@pytest.mark.mosquitto
@pytest.mark.parametrize("seed", range(5))
def test_row_37_every_toll_is_charged_once_through_real_crashes(tmp_path: Path, seed: int) -> None:
    """150 tolls, each in the books once; broker and service were killed, and the file is whole."""
    road = Road(tmp_path, seed)
    try:
        road.drive()
    finally:
        road.end()
    with closing(sqlite3.connect(road.ledger)) as books:
        orders = [key for (key,) in books.execute("SELECT key FROM entry ORDER BY key")]
        amounts = books.execute("SELECT SUM(minor) FROM posting WHERE account = 'household'").fetchone()[0]
        balance = books.execute("SELECT SUM(minor) FROM posting").fetchone()[0]
        whole = books.execute("PRAGMA integrity_check").fetchone()[0]
    assert orders == sorted(due.order for due in DUES)
    assert (amounts, balance, whole) == (-sum(due.amount_minor for due in DUES), 0, "ok")
    assert sorted(road.purse.paid) == orders
    assert road.killed == {"broker": 2, "process": DEATHS}
