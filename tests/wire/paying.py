"""The real payment service as a process of its own: `python -m tests.wire.paying PORT LEDGER WRITES WHEN`.

It keeps its books in a file, answers over MQTT, and kills itself with SIGKILL after so many writes (0 for
never), `before` the next transaction or right `after` it: that is charged, and nobody was told.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from sim.apps.payments.messages import Pay
from sim.core.beliefs import Beliefs
from sim.core.books import Transaction
from sim.core.device import Answer, Commanded, Moment, Persist, Persisted, Settle
from sim.services.pay import PayConfig, PayService
from sim.shell.books import SqliteBooks
from tests.senses import FakeSenses

CONFIG = PayConfig(merchants=["huailai"], daily=10_000_000)


class Process:
    """The service, its books and its connection."""

    def __init__(self, port: int, ledger: Path, writes: int, when: str) -> None:
        self.writes = writes
        self.when = when
        self.books = SqliteBooks("pay", CONFIG, ledger)
        self.service = PayService.new("pay", CONFIG, {"storage": self.books.snapshot()})
        self.client = Client(CallbackAPIVersion.VERSION2, client_id="pay", clean_session=False)
        self.client.reconnect_delay_set(0.05, 0.1)  # type: ignore[arg-type]  # seconds; it only waits for them
        self.client.on_connect = self._connected
        self.client.on_message = self._received
        self.client.connect_async("127.0.0.1", port)  # The broker may have been killed too.

    def _connected(self, *_: Any) -> None:
        self.client.subscribe("pay/asked", qos=1)
        self.client.publish("pay/online", b"1", qos=1)

    def _received(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        asked = json.loads(message.payload)
        command = Pay.model_validate(asked["arguments"], by_name=True)
        self._step(Commanded(command, asked["ticket"], "su7", "lin", 0))

    def _step(self, stimulus: Any) -> None:
        moment = Moment(0, FakeSenses(), Beliefs())
        self.service, effects = self.service.step(moment, stimulus)
        for effect in effects:
            match effect:
                case Persist(ticket=ticket, write=Transaction() as write):
                    self.writes -= 1
                    self._perhaps_die("before")
                    outcome = self.books.write(write)
                    self._perhaps_die("after")
                    self._step(Persisted(ticket, outcome))
                case Settle(ticket=ticket, answer=answer):
                    self._answer(ticket, answer)
                case _:
                    raise AssertionError(effect)

    def _perhaps_die(self, when: str) -> None:
        if self.writes == 0 and self.when == when:
            os.kill(os.getpid(), signal.SIGKILL)

    def _answer(self, ticket: str, answer: Answer) -> None:
        said = {"ticket": ticket, "status": answer.status, "data": dict(answer.data)}
        self.client.publish("pay/answered", json.dumps(said).encode(), qos=1)


if __name__ == "__main__":
    port, ledger, writes, when = sys.argv[1:]
    Process(int(port), Path(ledger), int(writes), when).client.loop_forever(retry_first_connection=True)
