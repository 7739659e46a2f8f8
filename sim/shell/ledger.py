"""What a broker still owes in a round, and the first thing it did wrong."""

import asyncio
import contextlib
from collections.abc import Iterable

from sim.core.errors import BrokerError
from sim.world.network.link import Delivery

ROUND_SECONDS_MAX = 10.0
"""How long a broker may take over one round; a loopback round takes a millisecond."""

_Arrival = tuple[str, str, bytes, bool]


class Ledger:
    """Debts of the broker: deliveries by (receiver, topic, payload, retain), and acknowledgements.

    MQTT lets a broker deliver one copy for each filter of a subscriber that matches (MQTT 5.0,
    section 3.3.4), and both Mosquitto and rumqttd do. `spare` holds the copies beyond the first,
    which may come at any time and count as nothing.

    Args:
        broker: what to call the broker in an error.
        seconds_max: how long it may take over a round.
    """

    def __init__(self, broker: str, *, seconds_max: float = ROUND_SECONDS_MAX) -> None:
        self._broker = broker
        self._seconds_max = seconds_max
        self._owed: dict[_Arrival, int] = {}
        self._spare: dict[_Arrival, int] = {}
        self._unacknowledged: dict[tuple[str, int], str] = {}
        self._clearing: frozenset[str] = frozenset()
        self._open = 0
        self._abandoned = False
        self._fault: BrokerError | None = None
        self._settled: asyncio.Future[None] | None = None

    @property
    def broken(self) -> bool:
        """Whether the broker has done something wrong, after which nothing can be trusted."""
        return self._fault is not None

    def expect(self, deliveries: Iterable[Delivery]) -> None:
        """Open a round: the broker owes these.

        Raises:
            BrokerError: if something went wrong since the last round.
        """
        if self._fault is not None:
            raise self._fault
        owed = self._owed
        for delivery in deliveries:
            frame = delivery.frame
            arrival = (delivery.receiver, frame.topic, frame.payload, frame.retain)
            owed[arrival] = owed.get(arrival, 0) + 1
            self._open += 1

    def allow_copies(self, delivery: Delivery, copies: int) -> None:
        """Let a delivery come this many times more than it must."""
        frame = delivery.frame
        arrival = (delivery.receiver, frame.topic, frame.payload, frame.retain)
        self._spare[arrival] = self._spare.get(arrival, 0) + copies

    def ask(self, device: str, mid: int, what: str) -> None:
        """Enter a packet of `device` that the broker must acknowledge."""
        self._unacknowledged[device, mid] = what
        self._open += 1

    def acknowledged(self, device: str, mid: int) -> None:
        """Strike out a packet."""
        if self._unacknowledged.pop((device, mid), None) is not None:
            self._strike()

    def arrived(self, device: str, topic: str, payload: bytes, *, retain: bool) -> None:
        """Strike out a delivery, or note that it was not owed."""
        arrival = (device, topic, payload, retain)
        owed = self._owed.get(arrival, 0)
        if owed:
            if owed == 1:
                del self._owed[arrival]
            else:
                self._owed[arrival] = owed - 1
            self._strike()
        elif self._spare.get(arrival, 0):
            self._spare[arrival] -= 1
        elif not self._abandoned and (payload or topic not in self._clearing):
            kept = "a retained" if retain else "a"
            sentence = (
                f"`{device}` was sent {kept} message on `{topic}` that no device sent it, by {self._broker}"
            )
            self.fail(BrokerError(sentence, help_text="does anybody else use this broker?"))

    def clearing(self, topics: Iterable[str]) -> None:
        """Disregard the empty messages that follow when these retained ones are removed."""
        self._clearing = frozenset(topics)

    def abandon(self) -> None:
        """Give up the round, as on Ctrl-C: what was owed may come or not."""
        self.reset()
        self._abandoned = True

    def fail(self, error: BrokerError) -> None:
        """Note the first thing that went wrong, and end the round with it."""
        if self._fault is None:
            self._fault = error
        if self._settled is not None and not self._settled.done():
            self._settled.set_exception(self._fault)

    async def settled(self) -> None:
        """Wait until nothing is owed.

        Raises:
            BrokerError: if anything else came, or something did not come in time.
        """
        if self._fault is not None:
            raise self._fault
        if self._open == 0:
            return
        loop = asyncio.get_running_loop()
        self._settled = loop.create_future()
        alarm = loop.call_later(self._seconds_max, self._overdue)
        try:
            await self._settled
        finally:
            alarm.cancel()
            self._settled = None

    async def quiet(self, seconds: float) -> None:
        """Wait while nothing is owed and nothing should come.

        Raises:
            BrokerError: as soon as something goes wrong.
        """
        if self._fault is not None:
            raise self._fault
        self._settled = asyncio.get_running_loop().create_future()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._settled
        finally:
            self._settled = None

    def reset(self) -> None:
        """Begin with a clean page; what went wrong stays."""
        self._owed.clear()
        self._spare.clear()
        self._unacknowledged.clear()
        self._clearing = frozenset()
        self._open = 0

    def _strike(self) -> None:
        self._open -= 1
        if self._open == 0 and self._settled is not None and not self._settled.done():
            self._settled.set_result(None)

    def _overdue(self) -> None:
        bound = f"within {self._seconds_max:g} s"
        if self._owed:
            device, topic, _, retain = next(iter(self._owed))
            kept = "the retained" if retain else "the"
            sentence = f"{self._broker} did not deliver {kept} message on `{topic}` to `{device}` {bound}"
        else:
            (device, _), what = next(iter(self._unacknowledged.items()))
            sentence = f"{self._broker} did not acknowledge {what} of `{device}` {bound}"
        self.fail(BrokerError(sentence))
