"""The MQTT 5 connection of one device: an aiomqtt client that answers to a ledger, with no task per message.

aiomqtt 2.5 hides the reason code of a PUBACK, and its iterator costs a task for every message. The
subclass therefore hooks four of its callbacks and reaches the paho client inside. These names are
private, which is why the minor version of aiomqtt is pinned.
"""

import asyncio
import contextlib
import logging
import os
import socket
from typing import Any

import aiomqtt
import paho.mqtt.client as paho
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from sim.core.errors import BrokerError
from sim.core.messages import Frame
from sim.core.topics import broker_user
from sim.shell.brokers.endpoint import Endpoint
from sim.shell.ledger import Ledger
from sim.world.network.link import Publish

ANSWER_SECONDS_MAX = 5.0
"""How long a broker may take to accept a connection or to close one."""

_LOGGER = logging.getLogger(__name__)
_LOGGER.addHandler(logging.NullHandler())  # what goes wrong is told by an error, and by nothing else

KEEPALIVE_S = 60
_TURN_SECONDS = 0.02
NOT_AUTHORIZED = 0x87
_FAILURE = 0x80
_QOS = 1
_NO_DELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
"""Lock-step sends small packets: Nagle's algorithm would hold each back for 40 ms."""

_QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)  # Linux has it


def plain_client(endpoint: Endpoint, device: str, will: Frame | None) -> aiomqtt.Client:
    """Return an ordinary aiomqtt client that would log in as a device."""
    return aiomqtt.Client(**_settings(endpoint, device, will, visit=0))


def _settings(endpoint: Endpoint, device: str, will: Frame | None, visit: int) -> dict[str, Any]:
    login = endpoint.logins.get(device)
    identifier = broker_user(endpoint.home, device)
    if endpoint.late_wills and visit:
        identifier += f".{visit}"
    return {
        "hostname": endpoint.host,
        "port": endpoint.port,
        "username": login.user if login else None,
        "password": login.password if login else None,
        "identifier": identifier,
        "protocol": aiomqtt.ProtocolVersion.V5,
        "clean_start": True,  # and no session expiry: nothing of a run is left in the broker
        "will": aiomqtt.Will(will.topic, will.payload, _QOS, will.retain) if will else None,
        "timeout": ANSWER_SECONDS_MAX,
        "keepalive": KEEPALIVE_S,
        "tls_context": endpoint.tls_of(device),
        "socket_options": (_NO_DELAY,),
        "logger": _LOGGER,
    }


class DeviceClient(aiomqtt.Client):
    """One device's connection.

    Args:
        endpoint: the broker.
        device: whose connection it is.
        ledger: is told of every arrival, acknowledgement and failure.
        will: what the broker says for the device when the connection is cut.
        visit: which connection of the device it is; a broker with late wills is given another
            client id for each.
    """

    def __init__(
        self, endpoint: Endpoint, device: str, ledger: Ledger, will: Frame | None, *, visit: int = 0
    ) -> None:
        super().__init__(**_settings(endpoint, device, will, visit))
        self.device = device
        self.will_frame = will
        self._endpoint = endpoint
        self._ledger = ledger
        self._unconfirmed: dict[int, Publish] = {}
        self._leaving = False
        self._dialled = asyncio.Event()

    async def enter(self) -> None:
        """Connect.

        Raises:
            BrokerError: if the broker cannot be reached, or does not let the device in.
        """
        label = self._endpoint.label
        help_text = None
        try:
            await self._enter_whole()
        except MqttConnectError as error:
            sentence = f"{label} does not let `{self.device}` in: {_reason(error)}"
            help_text = "check the user name and the password"
        except aiomqtt.MqttError as error:
            sentence = f"{label} cannot be used by `{self.device}`: {_reason(error)}"
        else:
            self._disconnected.add_done_callback(self._on_end)
            if self._client.socket() is not None:
                return
            sentence = f"{label} was lost: it let `{self.device}` in and closed the connection"
        raise BrokerError(sentence, help_text=help_text)

    async def _enter_whole(self) -> None:
        """Connect, and leave no socket behind when cancelled.

        aiomqtt connects in a thread, which no cancellation reaches: its end has to be waited for. What
        the thread asked of the loop must have happened too, or the loop would be told of a socket
        that is closed by then.
        """
        attempt = asyncio.ensure_future(self.__aenter__())
        try:
            await asyncio.shield(attempt)
        except asyncio.CancelledError:
            await self._dialled.wait()
            while not attempt.done():
                self.drop()  # ends a wait for the broker's answer
                await asyncio.wait((attempt,), timeout=_TURN_SECONDS)
            if attempt.exception() is None:
                self.drop()
            raise

    def put(self, publish: Publish) -> None:
        """Publish at once, and enter the PUBACK into the ledger."""
        frame = publish.frame
        info = self._client.publish(frame.topic, frame.payload, _QOS, frame.retain)
        if info.rc != paho.MQTT_ERR_SUCCESS:
            self._fail_lost(paho.error_string(info.rc))
            return
        self._unconfirmed[info.mid] = publish
        self._ledger.ask(self.device, info.mid, frame.topic)

    def listen(self, filters: tuple[str, ...]) -> None:
        """Subscribe, and enter the SUBACK into the ledger."""
        wanted = [(topic_filter, SubscribeOptions(qos=_QOS)) for topic_filter in filters]
        code, mid = self._client.subscribe(wanted)
        if code != paho.MQTT_ERR_SUCCESS or mid is None:
            self._fail_lost(paho.error_string(code))
            return
        self._ledger.ask(self.device, mid, "a subscription")

    async def leave(self, *, graceful: bool) -> None:
        """End the connection and wait until the broker has closed it too, so that it knows.

        A DISCONNECT or the end of the stream is the last thing sent; a broker that read it closes.
        Without the wait a device that connects again could be taken for a thief of its own session.
        """
        self._leaving = True
        sock = self._client.socket()
        if sock is None:
            return
        with socket.socket(fileno=os.dup(sock.fileno())) as ear:
            ear.settimeout(0)
            if graceful:
                self._client.disconnect()
            else:
                ear.shutdown(socket.SHUT_WR)
                await asyncio.wait((self._disconnected,), timeout=ANSWER_SECONDS_MAX)
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(ANSWER_SECONDS_MAX):
                    while await asyncio.get_running_loop().sock_recv(ear, 65_536):
                        pass

    def drop(self) -> None:
        """Close the socket at once, whatever the broker makes of it."""
        self._leaving = True
        sock = self._client.socket()
        if sock is not None:
            with contextlib.suppress(OSError), socket.socket(fileno=os.dup(sock.fileno())) as same:
                same.shutdown(socket.SHUT_RDWR)  # through TLS too, which paho's own object would not do
            while self._client.socket() is not None:
                self._client.loop_read()  # what had come already, then paho finds the end and cleans up
        if not self._disconnected.done():
            self._disconnected.set_result(None)

    def _on_end(self, ended: asyncio.Future[None]) -> None:
        error = ended.exception()
        if not self._leaving:
            self._fail_lost(_reason(error) if error else "closed")

    def _fail_lost(self, reason: str) -> None:
        sentence = f"{self._endpoint.label} was lost: the connection of `{self.device}` ended ({reason})"
        self._ledger.fail(BrokerError(sentence))

    # --- hooks into aiomqtt and paho ---------------------------------------------------------------

    def _client_connect(self) -> None:
        try:
            super()._client_connect()
        finally:
            self._loop.call_soon_threadsafe(self._dialled.set)

    def _on_message(self, client: paho.Client, userdata: Any, message: paho.MQTTMessage) -> None:  # noqa: ARG002  # aiomqtt's signature
        self._answer_quickly()
        self._ledger.arrived(self.device, message.topic, bytes(message.payload), retain=message.retain)

    def _on_publish(
        self,
        client: paho.Client,  # noqa: ARG002  # aiomqtt's signature
        userdata: Any,  # noqa: ARG002  # aiomqtt's signature
        mid: int,
        reason_code: ReasonCode,
        properties: Properties,  # noqa: ARG002  # aiomqtt's signature
    ) -> None:
        self._answer_quickly()
        publish = self._unconfirmed.pop(mid)
        refused = reason_code.value >= _FAILURE
        expected = publish.allowed or not self._endpoint.permissions
        if refused == expected or (refused and reason_code.value != NOT_AUTHORIZED):
            self._fail_verdict(publish, reason_code)
        else:
            self._ledger.acknowledged(self.device, mid)

    def _on_subscribe(
        self,
        client: paho.Client,  # noqa: ARG002  # aiomqtt's signature
        userdata: Any,  # noqa: ARG002  # aiomqtt's signature
        mid: int,
        reason_codes: list[ReasonCode],
        properties: Properties | None = None,  # noqa: ARG002  # aiomqtt's signature
    ) -> None:
        self._answer_quickly()
        for code in reason_codes:
            # Mosquitto's files of permissions grant every subscription and deliver nothing; other
            # brokers refuse it. The device cannot tell the difference by what it hears.
            if code.value >= _FAILURE and code.value != NOT_AUTHORIZED:
                sentence = f"{self._endpoint.label} refused a subscription of `{self.device}`: {code}"
                self._ledger.fail(BrokerError(sentence))
                return
        self._ledger.acknowledged(self.device, mid)

    def _on_disconnect(
        self,
        client: paho.Client,
        userdata: Any,
        flags: paho.DisconnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        super()._on_disconnect(client, userdata, flags, reason_code, properties)
        if self._disconnected.done():
            self._disconnected.exception()  # taken note of: else the loop would complain that nobody did
        if not self._connected.done():
            # rumqttd closes on a wrong password without a CONNACK; aiomqtt would wait for one.
            # With TLS 1.3, Mosquitto does so on a certificate that it does not trust.
            wrong = "password" if self._endpoint.tls is None else "password or certificate"
            error = aiomqtt.MqttError(f"it closed the connection instead of answering, as on a wrong {wrong}")
            self._connected.set_exception(error)

    def _on_socket_register_write(
        self,
        client: paho.Client,
        userdata: Any,
        sock: socket.socket,
    ) -> None:
        """Write at once instead of asking the loop for a turn; only a full socket waits for the loop."""
        if self._connected.done():
            client.loop_write()
            if not client.want_write():
                return
        if sock.fileno() < 0:
            return  # Writing found out that the connection is gone.
        super()._on_socket_register_write(client, userdata, sock)

    # ------------------------------------------------------------------------------------------------

    def _answer_quickly(self) -> None:
        """Acknowledge on TCP's level at once: the kernel forgets the option after a few packets."""
        if self._endpoint.slow_writes and _QUICK_ACK is not None:
            sock = self._client.socket()
            if isinstance(sock, socket.socket):
                sock.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)

    def _fail_verdict(self, publish: Publish, code: ReasonCode) -> None:
        topic = publish.frame.topic
        if publish.allowed:
            sentence = f"{self._endpoint.label} refused the message of `{self.device}` on `{topic}`: {code}"
            help_text = "do its permissions match the household?"
            if not self._endpoint.permissions:
                help_text = "it enforces permissions: `--permissions` says that it may"
        else:
            sentence = (
                f"{self._endpoint.label} should have refused the message of `{self.device}` on `{topic}`"
            )
            sentence += f", and answered: {code}"
            help_text = "it does not enforce the permissions of the household"
        self._ledger.fail(BrokerError(sentence, help_text=help_text))


def _reason(error: BaseException) -> str:
    """Return what went wrong without aiomqtt's code in brackets."""
    return str(error).rpartition("] ")[2] or type(error).__name__
