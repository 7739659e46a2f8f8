"""Rounds over a real broker: one MQTT connection, identity and will for each device."""

import asyncio
from collections.abc import Iterable
from types import TracebackType
from typing import Protocol, Self

from sim.core.errors import BrokerError
from sim.core.messages import Frame
from sim.core.topics import matches
from sim.shell.brokers.accounts import OBSERVER
from sim.shell.brokers.endpoint import Endpoint
from sim.shell.brokers.mqtt_client import DeviceClient
from sim.shell.ledger import Ledger
from sim.world.network.link import Connect, Delivery, Leave, Operation, Publish, Round, Subscribe

CLOSE_SECONDS_MAX = 5.0
"""How long the end of a run may take to remove retained messages from a broker."""


class Link(Protocol):
    """A link with a connection behind it, which must be opened and closed.

    Attributes:
        name: for people: `private Mosquitto 2.0.11 on 127.0.0.1:41233`.
        permissions: whether the broker enforces the grants of the household.
    """

    @property
    def name(self) -> str: ...  # noqa: D102  # see the class

    @property
    def permissions(self) -> bool: ...  # noqa: D102  # see the class

    async def exchange(self, round_: Round) -> tuple[Delivery, ...]:
        """Carry out a round and return what was delivered, in the expected order."""
        ...

    async def idle(self, seconds: float) -> None:
        """Wait between two rounds; a connection that is lost meanwhile is told at once."""
        ...

    async def clear(self) -> None:
        """End a scenario: no connection and no retained message is left, the next one may begin."""
        ...

    async def aclose(self) -> None:
        """End the run; never raises for what the broker does."""
        ...


class _Witness(Ledger):
    """A ledger that waits for wills and disregards what was kept on their topics before."""

    def arrived(self, device: str, topic: str, payload: bytes, *, retain: bool) -> None:
        if not retain:
            super().arrived(device, topic, payload, retain=retain)


class MqttLink:
    """The devices of one household on one broker.

    Used as `async with MqttLink(endpoint) as link`.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._ledger = Ledger(endpoint.label)
        self._clients: dict[str, DeviceClient] = {}
        self._filters: dict[str, tuple[str, ...]] = {}
        self._copies: dict[tuple[str, str], int] = {}
        self._visits: dict[str, int] = {}
        self._kept: dict[str, dict[str, None]] = {}
        """Topics that may hold a retained message, by the device that wrote it; a dict keeps the order."""

    @property
    def name(self) -> str:
        """The broker, for people."""
        return self._endpoint.label

    @property
    def permissions(self) -> bool:
        """Whether the broker enforces the grants of the household."""
        return self._endpoint.permissions

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def exchange(self, round_: Round) -> tuple[Delivery, ...]:
        """Carry out the operations of a round at once and wait for everything that must follow.

        Returns:
            What was delivered, in the expected order. Every arrival was struck out in the ledger
            by receiver, topic, payload and retain flag, so the deliveries equal the expected ones.

        Raises:
            BrokerError: if an operation was refused or a refusal did not come, a delivery is
                missing, or one came that nobody sent (now or since the last round), or if a
                connection was lost. The link is of no use after it.
        """
        match round_.operations[0] if round_.operations else None:
            case None:
                self._expect(round_.expected)
            case Publish():
                self._expect(round_.expected)
                for operation in round_.operations:
                    assert isinstance(operation, Publish)  # rounds are of one sort
                    self._publish(operation)
            case Subscribe():
                self._subscribe(round_)
            case Connect():
                self._expect(round_.expected)
                await self._connect(round_.operations)
            case Leave():
                self._expect(round_.expected)
                await self._leave(round_.operations)
        await self._ledger.settled()
        return round_.expected

    async def idle(self, seconds: float) -> None:
        """Wait between two rounds.

        Raises:
            BrokerError: as soon as a connection is lost, or something comes that nobody sent.
        """
        await self._ledger.quiet(seconds)

    async def clear(self) -> None:
        """Remove every retained message the devices wrote, and end every connection gracefully.

        Raises:
            BrokerError: as `exchange`.
        """
        self._ledger.expect(())
        absent = [device for device, topics in self._kept.items() if topics and device not in self._clients]
        await self._enter(self._client(device, self._ledger, None) for device in absent)
        self._ledger.clearing(topic for topics in self._kept.values() for topic in topics)
        for device, topics in self._kept.items():
            for topic in topics:
                self._clients[device].put(Publish(device, Frame(topic, b"", retain=True)))
        await self._ledger.settled()
        await self._part(self._clients.values(), graceful=True)
        self._ledger.expect(())  # raises what came in while the devices left
        self._forget()

    async def aclose(self) -> None:
        """End the run: clear if the broker still answers, and close every socket in any case."""
        try:
            if self._clients and not self._ledger.broken:
                self._ledger.abandon()
                async with asyncio.timeout(CLOSE_SECONDS_MAX):
                    await self.clear()
        except (BrokerError, TimeoutError):
            pass  # The run already has its result or its error; there is nobody to tell.
        finally:
            for client in self._clients.values():
                client.drop()
            self._forget()

    # --- one method for each sort of round ----------------------------------------------------------

    def _publish(self, operation: Publish) -> None:
        frame = operation.frame
        if frame.retain and (operation.allowed or not self.permissions):
            self._kept.setdefault(operation.device, {})[frame.topic] = None
        self._clients[operation.device].put(operation)

    def _subscribe(self, round_: Round) -> None:
        for operation in round_.operations:
            assert isinstance(operation, Subscribe)  # rounds are of one sort
            known = self._filters.get(operation.device, ())
            self._filters[operation.device] = tuple(dict.fromkeys((*known, *operation.filters)))
        self._copies.clear()
        self._expect(round_.expected)
        for operation in round_.operations:
            assert isinstance(operation, Subscribe)  # rounds are of one sort
            self._clients[operation.device].listen(operation.filters)

    async def _connect(self, operations: Iterable[Operation]) -> None:
        connects = [operation for operation in operations if isinstance(operation, Connect)]
        await self._enter(self._client(connect.device, self._ledger, connect.will) for connect in connects)

    async def _leave(self, operations: Iterable[Operation]) -> None:
        leaves = [operation for operation in operations if isinstance(operation, Leave)]
        going = {leave.device: self._clients.pop(leave.device) for leave in leaves}
        for device in going:
            self._filters.pop(device, None)
        self._copies.clear()
        await self._part((going[leave.device] for leave in leaves if leave.graceful), graceful=True)
        await self._cut({leave.device: going[leave.device] for leave in leaves if not leave.graceful})

    async def _cut(self, going: dict[str, DeviceClient]) -> None:
        wills = []
        for device, client in going.items():
            if client.will_frame is not None:
                wills.append(client.will_frame)
                if client.will_frame.retain:
                    self._kept.setdefault(device, {})[client.will_frame.topic] = None
        if wills and self._endpoint.late_wills:
            await self._cut_before_witness(going, wills)
        else:
            await self._part(going.values(), graceful=False)

    async def _cut_before_witness(self, going: dict[str, DeviceClient], wills: list[Frame]) -> None:
        """Cut connections and see the wills: a device that subscribes next must find them kept."""
        ledger = _Witness(self.name)
        witness = self._client(OBSERVER, ledger, None)
        try:
            await witness.enter()
            witness.listen(tuple(will.topic for will in wills))
            await ledger.settled()
            ledger.expect(Delivery(OBSERVER, Frame(will.topic, will.payload)) for will in wills)
            await self._part(going.values(), graceful=False)
            await ledger.settled()
            await witness.leave(graceful=True)
        finally:
            witness.drop()

    # ------------------------------------------------------------------------------------------------

    def _expect(self, deliveries: tuple[Delivery, ...]) -> None:
        self._ledger.expect(deliveries)
        for delivery in deliveries:
            key = (delivery.receiver, delivery.frame.topic)
            copies = self._copies.get(key)
            if copies is None:
                filters = self._filters.get(delivery.receiver, ())
                copies = self._copies[key] = sum(matches(each, delivery.frame.topic) for each in filters)
            if copies > 1:
                self._ledger.allow_copies(delivery, copies - 1)

    def _client(self, device: str, ledger: Ledger, will: Frame | None) -> DeviceClient:
        visit = self._visits[device] = self._visits.get(device, 0) + 1
        return DeviceClient(self._endpoint, device, ledger, will, visit=visit)

    async def _enter(self, clients: Iterable[DeviceClient]) -> None:
        """Connect all at once; those that got in are remembered, even if one did not."""
        coming = list(clients)
        results = await asyncio.gather(*(client.enter() for client in coming), return_exceptions=True)
        for client, result in zip(coming, results, strict=True):
            if result is None:
                self._clients[client.device] = client
        for result in results:
            if result is not None:
                raise result

    async def _part(self, clients: Iterable[DeviceClient], *, graceful: bool) -> None:
        await asyncio.gather(*(client.leave(graceful=graceful) for client in clients))

    def _forget(self) -> None:
        self._ledger.reset()
        self._clients.clear()
        self._filters.clear()
        self._copies.clear()
        self._kept.clear()
