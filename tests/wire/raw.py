"""MQTT 5.0 and 3.1.1 packet by packet over a plain or TLS socket: also what no library would send.

Packets and their fields are those of the OASIS standards MQTT 5.0 (2019) and MQTT 3.1.1 (2014), section
3; the codec of properties is paho's. Every wait is bounded, and the bound only ends a test that
fails. That nothing comes is never waited for: somebody sends a marker afterwards, MQTT keeps the order
of one publisher's messages (section 4.6), so what had to come came before the marker.
"""

import socket
import ssl
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from types import TracebackType
from typing import Self, TypeVar

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties, VariableByteIntegers

from sim.core.messages import Frame

_Item = TypeVar("_Item")

SECONDS_MAX = 20.0
"""How long a broker may take to answer."""
WINDOW = 50
"""Messages in flight at once, fewer than any broker of ours takes; the rest wait for acknowledgements."""

CONNECT, CONNACK, PUBLISH, PUBACK = 1, 2, 3, 4
SUBSCRIBE, SUBACK, PINGREQ, PINGRESP, DISCONNECT = 8, 9, 12, 13, 14

SUCCESS = 0x00
NO_MATCHING_SUBSCRIBERS = 0x10
MALFORMED_PACKET = 0x81
PROTOCOL_ERROR = 0x82
NOT_AUTHORIZED = 0x87
PACKET_TOO_LARGE = 0x95
QOS_NOT_SUPPORTED = 0x9B
REFUSED_3_1_1 = 5
"""CONNACK of MQTT 3.1.1: not authorized."""
DELIVERED = {SUCCESS, NO_MATCHING_SUBSCRIBERS}
"""How a PUBACK says that a message was taken."""


def length(number: int) -> bytes:
    """Return a variable byte integer; more than the standard's four bytes if the number needs them."""
    encoded = bytearray()
    while True:
        number, digit = divmod(number, 128)
        encoded.append(digit | (128 if number else 0))
        if not number:
            return bytes(encoded)


def binary(data: bytes | str) -> bytes:
    """Return bytes, or text as UTF-8, with their length before them."""
    raw = data.encode() if isinstance(data, str) else data
    return struct.pack("!H", len(raw)) + raw


def packet(kind: int, body: bytes, flags: int = 0) -> bytes:
    """Return a control packet."""
    return bytes([kind << 4 | flags]) + length(len(body)) + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """What a CONNECT says.

    Attributes:
        user: user name, or None for none.
        password: or None for none.
        client_id: empty lets the broker choose.
        will: what the broker says when the connection breaks.
        keepalive_s: seconds, 0 for never.
        clean_start: whether a session of before is to be forgotten.
    """

    user: str | None = None
    password: str | None = field(default=None, repr=False)
    client_id: str = ""
    will: Frame | None = None
    keepalive_s: int = 60
    clean_start: bool = True

    def packet(self, version: int) -> bytes:
        """Return the CONNECT of a version."""
        flags = 0x02 if self.clean_start else 0
        payload = binary(self.client_id)
        if self.will is not None:
            flags |= 0x04 | 0x08 | (0x20 if self.will.retain else 0)
            payload += no_properties(version)
            payload += binary(self.will.topic) + binary(self.will.payload)
        if self.user is not None:
            flags |= 0x80
            payload += binary(self.user)
        if self.password is not None:
            flags |= 0x40
            payload += binary(self.password)
        head = binary("MQTT") + bytes([version, flags]) + struct.pack("!H", self.keepalive_s)
        return packet(CONNECT, head + no_properties(version) + payload)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A control packet from the broker."""

    kind: int
    flags: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a CONNACK says.

    Attributes:
        code: reason code; in MQTT 3.1.1 the return code.
        session: whether the broker took up a session of before.
        properties: in MQTT 5.0.
    """

    code: int
    session: bool
    properties: Properties | None = None


def no_properties(version: int) -> bytes:
    """Return the empty properties of a packet, which only MQTT 5.0 has."""
    return b"\0" if version == 5 else b""


def publish_packet(
    topic: bytes | str,
    payload: bytes = b"",
    *,
    qos: int = 1,
    retain: bool = False,
    number: int = 1,
    version: int = 5,
) -> bytes:
    """Return a PUBLISH, whatever its topic."""
    body = binary(topic) + (struct.pack("!H", number) if qos else b"")
    body += no_properties(version) + payload
    return packet(PUBLISH, body, qos << 1 | retain)


def subscribe_packet(*filters: str, number: int = 1, version: int = 5) -> bytes:
    """Return a SUBSCRIBE at QoS 1."""
    body = struct.pack("!H", number) + no_properties(version)
    return packet(SUBSCRIBE, body + b"".join(binary(one) + b"\x01" for one in filters), 0b10)


class Wire:
    """One connection to a broker, used as `with Wire(address) as wire`.

    Args:
        address: host and port.
        tls: how to secure the connection; None for plain TCP.
        version: 5 for MQTT 5.0, 4 for MQTT 3.1.1.

    Attributes:
        heard: every message that came, in order; a PUBLISH at QoS 1 is acknowledged as it is read.
        markers: how many markers were sent to it.
    """

    def __init__(
        self, address: tuple[str, int], *, tls: ssl.SSLContext | None = None, version: int = 5
    ) -> None:
        self.heard: list[Frame] = []
        self.markers = 0
        self._version = version
        self._buffer = bytearray()
        self._number = 0
        plain = socket.create_connection(address, timeout=SECONDS_MAX)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._socket = plain if tls is None else tls.wrap_socket(plain, server_hostname=address[0])
        except BaseException:
            plain.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Drop the connection without a DISCONNECT."""
        self._socket.close()

    def is_open(self) -> bool:
        """Say whether the broker has not hung up so far, without waiting; over plain TCP only."""
        self._socket.setblocking(False)  # noqa: FBT003  # the socket's own name for it
        try:
            return self._socket.recv(1, socket.MSG_PEEK) != b""
        except BlockingIOError:
            return True
        except ConnectionResetError:
            return False
        finally:
            self._socket.settimeout(SECONDS_MAX)

    # --- packets ----------------------------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._socket.sendall(data)

    def read(self) -> Arrived | None:
        """Return the next packet, whatever it is, or None when the broker has closed the connection."""
        head = self._take(1)
        if head is None:
            return None
        size, shift = 0, 0
        while True:
            digit = self._take(1)
            if digit is None:
                return None
            size |= (digit[0] & 127) << shift
            shift += 7
            if digit[0] < 128:
                break
        body = self._take(size)
        return None if body is None else Arrived(head[0] >> 4, head[0] & 15, body)

    def _take(self, count: int) -> bytes | None:
        while len(self._buffer) < count:
            try:
                came = self._socket.recv(65_536)
            except ConnectionResetError:
                came = b""
            if not came:
                return None
            self._buffer += came
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _answer(self, kind: int) -> Arrived | None:
        """Return the next packet of a kind, hearing what comes before it; None when the broker closes."""
        while True:
            arrived = self.read()
            if arrived is None or arrived.kind == kind:
                return arrived
            assert arrived.kind == PUBLISH, f"the broker sent {arrived} instead of {kind}"
            self._hear(arrived)

    def _hear(self, arrived: Arrived, *, acknowledge: bool = True) -> None:
        size = int.from_bytes(arrived.body[:2]) + 2
        topic, rest = arrived.body[2:size].decode(), arrived.body[size:]
        if arrived.flags & 0b110:
            if acknowledge:
                self.send(packet(PUBACK, rest[:2]))
            rest = rest[2:]
        if self._version == 5:
            size, used = VariableByteIntegers.decode(rest)  # type: ignore[no-untyped-call]  # as below
            rest = rest[used + size :]
        self.heard.append(Frame(topic, rest, retain=bool(arrived.flags & 1)))

    # --- what clients do --------------------------------------------------------------------------------

    def connect(self, hello: Hello) -> Welcome | None:
        """Return the broker's answer, or None when it closed the connection instead."""
        self.send(hello.packet(self._version))
        arrived = self._answer(CONNACK)
        if arrived is None:
            return None
        if self._version != 5:
            return Welcome(arrived.body[1], bool(arrived.body[0]))
        properties = Properties(PacketTypes.CONNACK)  # type: ignore[no-untyped-call]  # paho has no types here
        properties.unpack(arrived.body[2:])  # type: ignore[no-untyped-call]  # as above
        return Welcome(arrived.body[1], bool(arrived.body[0]), properties)

    def publish(self, topic: str, payload: bytes = b"", *, retain: bool = False) -> int:
        """Publish at QoS 1 and return the reason code of the PUBACK."""
        (code,) = self.publish_each([Frame(topic, payload, retain=retain)])
        return code

    def publish_each(self, frames: Iterable[Frame]) -> list[int]:
        """Publish at QoS 1, a window at a time, and return the reason code of every PUBACK."""
        codes: list[int] = []
        for some in _windows(frames):
            numbers = [self._next_number() for _ in some]
            self.send(
                b"".join(
                    publish_packet(
                        frame.topic, frame.payload, retain=frame.retain, number=number, version=self._version
                    )
                    for frame, number in zip(some, numbers, strict=True)
                )
            )
            for number in numbers:
                arrived = self._answer(PUBACK)
                assert arrived is not None, f"the broker hung up at one of {some}"
                assert int.from_bytes(arrived.body[:2]) == number, "an acknowledgement out of order"
                codes.append(arrived.body[2] if len(arrived.body) > 2 else SUCCESS)
        return codes

    def subscribe(self, *filters: str) -> list[int]:
        """Subscribe at QoS 1 and return a reason code for each filter."""
        codes: list[int] = []
        for some in _windows(filters):
            self.send(subscribe_packet(*some, number=self._next_number(), version=self._version))
            arrived = self._answer(SUBACK)
            assert arrived is not None, f"the broker hung up at one of {some}"
            codes += arrived.body[-len(some) :]
        return codes

    def ping(self) -> None:
        """Wait for a PINGRESP: the broker has dealt with whatever was sent before."""
        self.send(packet(PINGREQ, b""))
        assert self._answer(PINGRESP) is not None, "the broker hung up"

    def disconnect(self) -> None:
        """Say goodbye and wait until the broker has closed the connection."""
        self.send(packet(DISCONNECT, b""))
        assert self.hung_up() is None

    def hung_up(self) -> int | None:
        """Wait until the broker closes; return the reason in its DISCONNECT, None when it gave none."""
        code = None
        while (arrived := self.read()) is not None:
            if arrived.kind == PUBLISH:
                self._hear(arrived, acknowledge=False)
            else:
                assert arrived.kind == DISCONNECT, f"the broker sent {arrived} instead of hanging up"
                code = arrived.body[0] if arrived.body else SUCCESS
        return code

    def hear_until(self, marker: bytes) -> list[Frame]:
        """Return what came before a message with the payload `marker`, and forget it all."""
        while not any(frame.payload == marker for frame in self.heard):
            arrived = self.read()
            assert arrived is not None, "the broker hung up"
            assert arrived.kind == PUBLISH, f"the broker sent {arrived} instead of a message"
            self._hear(arrived)
        at = next(index for index, frame in enumerate(self.heard) if frame.payload == marker)
        heard, self.heard = self.heard[:at], self.heard[at + 1 :]
        return heard

    def _next_number(self) -> int:
        self._number = self._number % 65_535 + 1
        return self._number


def _windows(items: Iterable[_Item]) -> Iterator[Sequence[_Item]]:
    rest = iter(items)
    while some := list(islice(rest, WINDOW)):
        yield some
