"""Plain aiomqtt clients that send a recording again without knowing what it means.

They do what anybody would write with aiomqtt's documented interface: one client for each device, one
task that reads its messages, `publish` for everything else. Nothing is signed, decided, parsed or
compared, so what they reach is the most that a run over the same broker can reach.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Self

import aiomqtt

from sim.core.errors import BrokerError
from sim.core.messages import Frame
from sim.core.topics import broker_user
from sim.shell.brokers.endpoint import Endpoint
from sim.world.network.link import Connect, Leave, Operation, Publish, Round, Subscribe

ROUND_SECONDS_MAX = 30.0
"""How long a broker may take over one round, which may be a whole day at once."""
CALLS_AT_ONCE_MAX = 20
"""Publishes of one client under way: as many as paho keeps in flight."""
_QOS = 1
_NO_DELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
_QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)  # Linux has it
_SILENT = logging.getLogger(__name__)
_SILENT.disabled = True  # aiomqtt warns of what is meant here: many publishes at once


def without_waiting(rounds: Sequence[Round]) -> list[Round]:
    """Return the same messages, all that lie between two changes of connections in one round."""
    merged: list[Round] = []
    for publishes, group in groupby(rounds, _publishes):
        some = list(group)
        if publishes:
            operations = tuple(one for round_ in some for one in round_.operations)
            expected = tuple(one for round_ in some for one in round_.expected)
            merged.append(Round(operations, expected))
        else:
            merged += some
    return merged


def _publishes(round_: Round) -> bool:
    return all(isinstance(one, Publish) for one in round_.operations)


class Replay:
    """The clients of one recording on one broker.

    Used as `async with Replay(endpoint, visits) as replay`; afterwards the broker is empty again.

    Args:
        endpoint: the broker.
        visits: numbers that no connection to it has had; each client takes one into its name, because
            rumqttd deals with wills late, and by the name of the client.
    """

    def __init__(self, endpoint: Endpoint, visits: Iterator[int]) -> None:
        self._endpoint = endpoint
        self._clients: dict[str, aiomqtt.Client] = {}
        self._readers: dict[str, asyncio.Task[None]] = {}
        self._wills: dict[str, Frame] = {}
        self._kept: dict[str, str] = {}
        """Topics that may hold a retained message, with the device that wrote it."""
        self._visits = visits
        self._missing = 0
        self._complete = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for device in dict.fromkeys(self._kept.values()):
            if device not in self._clients:
                await self._connect(device, None)
        for topic, device in self._kept.items():
            await self._clients[device].publish(topic, b"", _QOS, retain=True)
        for device in list(self._clients):
            await self._leave(device, graceful=True)

    async def play(self, rounds: Iterable[Round]) -> None:
        """Send every round, and wait for its acknowledgements and deliveries before the next one.

        Raises:
            BrokerError: when not everything arrived in time, or more than was sent.
        """
        for round_ in rounds:
            self._missing += len(round_.expected)
            self._complete.clear()
            await self._send(round_.operations)
            if self._missing > 0:
                await self._arrivals()
        if self._missing < 0:
            sentence = f"{self._endpoint.label} delivered {-self._missing} messages more than were sent"
            raise BrokerError(sentence)

    async def _arrivals(self) -> None:
        try:
            async with asyncio.timeout(ROUND_SECONDS_MAX):
                await self._complete.wait()
        except TimeoutError:
            sentence = f"{self._endpoint.label} did not deliver {self._missing} messages of a replay"
            raise BrokerError(sentence) from None

    async def _send(self, operations: Sequence[Operation]) -> None:
        if len(operations) == 1:
            await self._carry_out(operations[0])
            return
        of_device: dict[str, list[Operation]] = {}
        for one in operations:
            of_device.setdefault(one.device, []).append(one)
        await asyncio.gather(
            *(
                self._carry_out_all(rest)
                for mine in of_device.values()
                for rest in [iter(mine)] * min(len(mine), CALLS_AT_ONCE_MAX)
            )
        )

    async def _carry_out_all(self, rest: Iterator[Operation]) -> None:
        for operation in rest:
            await self._carry_out(operation)

    async def _carry_out(self, operation: Operation) -> None:
        match operation:
            case Connect(device=device, will=will):
                await self._connect(device, will)
            case Subscribe(device=device, filters=filters):
                await self._clients[device].subscribe([(one, _QOS) for one in filters])
            case Publish(device=device, frame=frame, allowed=allowed):
                if frame.retain and allowed:
                    self._kept[frame.topic] = device
                await self._clients[device].publish(frame.topic, frame.payload, _QOS, retain=frame.retain)
                self._acknowledge_at_once(device)
            case Leave(device=device, graceful=graceful):
                await self._leave(device, graceful=graceful)

    async def _connect(self, device: str, will: Frame | None) -> None:
        endpoint = self._endpoint
        login = endpoint.logins.get(device)
        client = aiomqtt.Client(
            endpoint.host,
            endpoint.port,
            username=login.user if login else None,
            password=login.password if login else None,
            identifier=f"{broker_user(endpoint.home, device)}.bare{next(self._visits)}",
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=True,
            will=aiomqtt.Will(will.topic, will.payload, _QOS, will.retain) if will else None,
            logger=_SILENT,
            socket_options=(_NO_DELAY,),
            timeout=ROUND_SECONDS_MAX,
        )
        await client.__aenter__()
        self._clients[device] = client
        if will is not None:
            self._wills[device] = will
        self._readers[device] = asyncio.create_task(self._read(device, client), name=f"replay[{device}]")

    async def _read(self, device: str, client: aiomqtt.Client) -> None:
        with contextlib.suppress(aiomqtt.MqttError):  # the end of the connection
            async for _ in client.messages:
                self._acknowledge_at_once(device)
                self._missing -= 1
                if self._missing == 0:
                    self._complete.set()

    async def _leave(self, device: str, *, graceful: bool) -> None:
        client = self._clients.pop(device)
        reader = self._readers.pop(device)
        will = self._wills.pop(device, None)
        if graceful:
            await client.__aexit__(None, None, None)
        else:
            if will is not None and will.retain:
                self._kept[will.topic] = device
            sock = _socket_of(client)
            if sock is not None:
                sock.shutdown(socket.SHUT_RDWR)
        await reader

    def _acknowledge_at_once(self, device: str) -> None:
        """Acknowledge on TCP's level at once, for a broker that leaves Nagle's algorithm on."""
        client = self._clients.get(device)
        if self._endpoint.slow_writes and _QUICK_ACK is not None and client is not None:
            sock = _socket_of(client)
            if sock is not None:
                sock.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)


def _socket_of(client: aiomqtt.Client) -> socket.socket | None:
    sock = client._client.socket()  # noqa: SLF001  # aiomqtt has no name of its own for it
    return sock if isinstance(sock, socket.socket) else None
