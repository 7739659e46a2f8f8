"""The raw client speaks MQTT: an independent one understands it, is understood, and sees the same refusal."""

import time
from collections.abc import Callable, Iterator

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from sim.core.messages import Frame
from sim.world.network.link import Grants, LinkPlan
from tests.wire.private import Broker, private_broker
from tests.wire.raw import DELIVERED, NOT_AUTHORIZED, SECONDS_MAX, length

pytestmark = [pytest.mark.network, pytest.mark.mosquitto]

OWN = Grants(write=("carhome/home/car/#", "carhome/home/phone/#"), read=("carhome/home/#",))
TOPIC = "carhome/home/car/event/unlocked"
FORBIDDEN = "carhome/other/car/event/unlocked"


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """A broker with two devices that may hear each other."""
    with private_broker(LinkPlan("home", {"car": OWN, "phone": OWN})) as running:
        yield running


class Paho:
    """paho's client, turned by hand."""

    def __init__(self, broker: Broker, name: str) -> None:
        login = broker.endpoint.logins[name]
        self.heard: list[Frame] = []
        self.codes: list[int] = []
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, login.user, protocol=paho.MQTTv5, manual_ack=True
        )
        self._client.username_pw_set(login.user, login.password)
        self._client.on_message = self._on_message
        self._client.on_publish = self._on_publish
        self._client.connect(*broker.address, clean_start=True)
        self.until(self._client.is_connected)

    def until(self, holds: Callable[[], bool]) -> None:
        """Turn until something holds."""
        latest = time.monotonic() + SECONDS_MAX
        while not holds():
            assert time.monotonic() < latest
            self._client.loop(timeout=1.0)

    def subscribe(self, topic_filter: str) -> None:
        """Subscribe at QoS 1 and wait for the answer."""
        done: list[int] = []
        self._client.on_subscribe = lambda *_words: done.append(1)
        self._client.subscribe(topic_filter, qos=1)
        self.until(lambda: bool(done))

    def publish(self, frame: Frame) -> None:
        """Publish at QoS 1 and wait for the answer."""
        before = len(self.codes)
        self._client.publish(frame.topic, frame.payload, 1, frame.retain)
        self.until(lambda: len(self.codes) > before)

    def close(self) -> None:
        """Say goodbye."""
        self._client.disconnect()

    def _on_message(self, client: paho.Client, _userdata: object, message: paho.MQTTMessage) -> None:
        self.heard.append(Frame(message.topic, bytes(message.payload), retain=message.retain))
        client.ack(message.mid, message.qos)

    def _on_publish(
        self, _client: paho.Client, _userdata: object, _mid: int, code: ReasonCode, _properties: Properties
    ) -> None:
        self.codes.append(code.value)


def test_raw_client_and_paho_understand_each_other(broker: Broker) -> None:
    """What one says the other hears, in order and whole, kept messages and large ones too."""
    said = [Frame(TOPIC, b"", retain=False), Frame(TOPIC, b"x" * 20_000), Frame(TOPIC, bytes(range(256)))]
    other = Paho(broker, "phone")
    with broker.wire("car") as wire:
        other.subscribe("carhome/home/#")
        wire.subscribe("carhome/home/+/event/+")

        assert set(wire.publish_each(said)) <= DELIVERED
        other.until(lambda: len(other.heard) == len(said))
        for frame in said:
            other.publish(frame)
        wire.publish(TOPIC, b"marker")

        assert other.heard[: len(said)] == said
        assert wire.hear_until(b"marker") == [*said, *said]
    other.close()


def test_raw_client_and_paho_are_refused_alike(broker: Broker) -> None:
    """The reason code that the raw client reads is the one that paho reads."""
    other = Paho(broker, "phone")
    other.publish(Frame(FORBIDDEN, b"1"))
    other.publish(Frame(TOPIC, b"1"))
    other.close()
    with broker.wire("car") as wire:
        codes = wire.publish_each([Frame(FORBIDDEN, b"1"), Frame(TOPIC, b"1")])

    assert other.codes == codes
    assert codes[0] == NOT_AUTHORIZED
    assert codes[1] in DELIVERED


@pytest.mark.parametrize("number", [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455])
def test_lengths_are_those_of_the_standard(number: int) -> None:
    """Every length is encoded as the independent codec of properties has it."""
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho has no types here
    properties.SubscriptionIdentifier = max(number, 1)

    assert properties.pack().endswith(b"\x0b" + length(max(number, 1)))  # type: ignore[no-untyped-call]  # as above
