"""The link over real brokers: what MQTT promises arrives, and what a broker does wrong is said."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator

import aiomqtt
import pytest

from sim.core.errors import BrokerError
from sim.core.messages import MESSAGE_BYTES_MAX, Frame
from sim.shell.brokers import open_broker
from sim.shell.brokers.endpoint import Endpoint
from sim.shell.brokers.mqtt_client import plain_client
from sim.shell.brokers.mqtt_link import MqttLink
from sim.world.network.link import Connect, Delivery, Grants, Leave, LinkPlan, Publish, Round, Subscribe

pytestmark = [pytest.mark.network, pytest.mark.asyncio]

TEST_SECONDS_MAX = 30.0

PLAN = LinkPlan(
    home="home",
    grants={
        "car": Grants(write=("carhome/home/car/#",), read=("carhome/home/car/#", "carhome/home/+/online")),
        "phone": Grants(
            write=("carhome/home/phone/#", "carhome/home/car/cmd/phone/+"), read=("carhome/home/#",)
        ),
        "watch": Grants(write=("carhome/home/watch/#",), read=("carhome/home/#",)),
    },
)

EVENT = Frame("carhome/home/car/event/unlocked", b'{"door":"left"}')
STATE = Frame("carhome/home/car/state/doors", b'{"locked":true}', retain=True)
STATE_LIVE = Frame(STATE.topic, STATE.payload)
PHONE_EVENT = Frame("carhome/home/phone/event/picked_up", b"{}")
WATCH_EVENT = Frame("carhome/home/watch/event/taken_off", b"{}")
CAR_GONE = Frame("carhome/home/car/online", b"false", retain=True)

both_brokers = pytest.mark.parametrize("kind", ["mosquitto", "embedded"])


@contextlib.asynccontextmanager
async def linked(kind: str) -> AsyncIterator[tuple[MqttLink, Endpoint]]:
    """A link to a fresh private broker, within the bound of a test."""
    async with (
        asyncio.timeout(TEST_SECONDS_MAX),
        open_broker(kind, PLAN, {}) as endpoint,
        MqttLink(endpoint) as link,
    ):
        yield link, endpoint


def will(device: str) -> Frame:
    """What the broker says when a device is cut off."""
    return Frame(f"carhome/home/{device}/online", b"false", retain=True)


async def connect(link: MqttLink, *devices: str) -> None:
    """Connect devices, each with its will."""
    await link.exchange(Round(tuple(Connect(device, will(device)) for device in devices), ()))


async def subscribe(link: MqttLink, device: str, *filters: str, expected: tuple[Delivery, ...] = ()) -> None:
    """Subscribe one device."""
    await link.exchange(Round((Subscribe(device, filters),), expected))


async def publish(
    link: MqttLink, frame: Frame, *, device: str = "car", expected: tuple[Delivery, ...] = ()
) -> tuple[Delivery, ...]:
    """Publish one frame."""
    return await link.exchange(Round((Publish(device, frame),), expected))


async def publish_often(link: MqttLink) -> None:
    """Publish what nobody hears, in many rounds."""
    for _again in range(100):
        await publish(link, PHONE_EVENT, device="phone")


@both_brokers
async def test_published_message_reaches_every_subscriber(kind: str) -> None:
    """What one device publishes is delivered to those that subscribed, and to nobody else."""
    expected = (Delivery("phone", EVENT), Delivery("watch", EVENT))
    async with linked(kind) as (link, _):
        await connect(link, "car", "phone", "watch")
        await subscribe(link, "phone", "carhome/home/car/#")
        await subscribe(link, "watch", "carhome/home/car/event/+")

        assert await publish(link, EVENT, expected=expected) == expected


@both_brokers
async def test_round_of_many_messages_returns_them_in_expected_order(kind: str) -> None:
    """A round may hold more messages than fit into the flight of one connection."""
    frames = [Frame(EVENT.topic, b"%d" % number) for number in range(300)]
    expected = tuple(Delivery("phone", frame) for frame in frames)
    async with linked(kind) as (link, _):
        await connect(link, "car", "phone")
        await subscribe(link, "phone", "carhome/home/car/#")
        operations = tuple(Publish("car", frame) for frame in frames)

        assert await link.exchange(Round(operations, expected)) == expected


@both_brokers
async def test_largest_message_passes(kind: str) -> None:
    """A message of the greatest size the project knows is carried."""
    frame = Frame(EVENT.topic, b"x" * MESSAGE_BYTES_MAX)
    expected = (Delivery("phone", frame),)
    async with linked(kind) as (link, _):
        await connect(link, "car", "phone")
        await subscribe(link, "phone", "carhome/home/car/#")

        assert await publish(link, frame, expected=expected) == expected


@both_brokers
async def test_kept_message_is_marked_only_for_a_later_subscriber(kind: str) -> None:
    """A retained message is live for whoever listens already, and retained for whoever comes later."""
    async with linked(kind) as (link, _):
        await connect(link, "car", "phone", "watch")
        await subscribe(link, "phone", "carhome/home/+/state/#")
        await publish(link, STATE, expected=(Delivery("phone", STATE_LIVE),))

        await subscribe(link, "watch", "carhome/home/+/state/#", expected=(Delivery("watch", STATE),))


@both_brokers
async def test_overlapping_filters_count_as_one_delivery(kind: str) -> None:
    """A broker may send a copy for each filter that matches; the device hears the message once."""
    async with linked(kind) as (link, _):
        await connect(link, "car", "phone")
        await subscribe(link, "phone", "carhome/home/#", "carhome/home/car/#", "carhome/home/+/state/doors")

        for _again in range(3):
            await publish(link, STATE, expected=(Delivery("phone", STATE_LIVE),))
        await link.clear()


@both_brokers
async def test_cut_connection_sends_the_will_and_keeps_it(kind: str) -> None:
    """A device cut off without a goodbye is announced to listeners now, and to later ones."""
    async with linked(kind) as (link, _):
        await connect(link, "car", "phone", "watch")
        await subscribe(link, "phone", "carhome/home/+/online")
        live = Frame(CAR_GONE.topic, CAR_GONE.payload)

        await link.exchange(Round((Leave("car", graceful=False),), (Delivery("phone", live),)))

        await subscribe(link, "watch", "carhome/home/+/online", expected=(Delivery("watch", CAR_GONE),))


@both_brokers
async def test_will_of_an_unheard_device_is_kept_before_the_next_round(kind: str) -> None:
    """When nobody listens to the will, it is still in the broker before anything else happens."""
    async with linked(kind) as (link, _):
        for _again in range(20):
            await connect(link, "car", "phone")
            await link.exchange(Round((Leave("car", graceful=False),), ()))
            await subscribe(link, "phone", CAR_GONE.topic, expected=(Delivery("phone", CAR_GONE),))
            await link.clear()


@both_brokers
async def test_graceful_leave_sends_no_will(kind: str) -> None:
    """A device that says goodbye may return at once; nobody is told that it was lost."""
    async with linked(kind) as (link, _):
        await connect(link, "car", "phone")
        await subscribe(link, "phone", "carhome/home/+/online")

        for _again in range(20):
            await link.exchange(Round((Leave("car", graceful=True),), ()))
            await connect(link, "car")
        await link.clear()


@both_brokers
async def test_cleared_broker_is_as_new_for_the_next_scenario(kind: str) -> None:
    """After a scenario neither kept messages nor wills nor subscriptions reach the next one."""
    async with linked(kind) as (link, _):
        await connect(link, "car", "phone", "watch")
        await subscribe(link, "phone", "carhome/home/#")
        await publish(link, STATE, expected=(Delivery("phone", STATE_LIVE),))
        live = Frame(CAR_GONE.topic, CAR_GONE.payload)
        await link.exchange(Round((Leave("car", graceful=False),), (Delivery("phone", live),)))

        await link.clear()

        await connect(link, "car", "phone", "watch")
        await publish(link, EVENT)
        await subscribe(link, "phone", "carhome/home/#")
        await publish(link, EVENT, expected=(Delivery("phone", EVENT),))
        await link.clear()


@pytest.mark.mosquitto
async def test_forbidden_publish_is_refused_and_harmless() -> None:
    """A refusal the household expects is checked and delivers nothing."""
    forged = Publish("watch", STATE, allowed=False)
    async with linked("mosquitto") as (link, _):
        await connect(link, "car", "phone", "watch")
        await subscribe(link, "phone", "carhome/home/#")

        assert await link.exchange(Round((forged,), ())) == ()

        await publish(link, EVENT, expected=(Delivery("phone", EVENT),))


@pytest.mark.mosquitto
async def test_unexpected_refusal_names_device_and_topic() -> None:
    """A refusal the household does not know of ends the run with who and where."""
    async with linked("mosquitto") as (link, _):
        await connect(link, "watch")

        with pytest.raises(
            BrokerError, match=r"refused the message of `watch` on `carhome/home/car/state/doors`"
        ):
            await publish(link, STATE, device="watch")


@pytest.mark.mosquitto
async def test_missing_refusal_ends_the_run() -> None:
    """A broker that lets through what the permissions forbid is found out."""
    allowed_in_truth = Publish("car", EVENT, allowed=False)
    async with linked("mosquitto") as (link, _):
        await connect(link, "car")

        with pytest.raises(BrokerError, match=r"should have refused the message of `car`"):
            await link.exchange(Round((allowed_in_truth,), ()))


async def test_publish_without_permissions_passes() -> None:
    """A broker that enforces nothing says so, and an attacker's message goes through."""
    forged = Publish("watch", EVENT, allowed=False)
    async with linked("embedded") as (link, _):
        assert not link.permissions
        await connect(link, "watch", "phone")
        await subscribe(link, "phone", "carhome/home/#")

        await link.exchange(Round((forged,), (Delivery("phone", EVENT),)))


@both_brokers
async def test_foreign_message_is_detected(kind: str) -> None:
    """What somebody else publishes into the household ends the run, also between two rounds."""
    async with linked(kind) as (link, endpoint):
        await connect(link, "phone")
        await subscribe(link, "phone", "carhome/home/car/#")
        async with plain_client(endpoint, "car", will=None) as stranger:
            await stranger.publish(EVENT.topic, EVENT.payload, qos=1)

        with pytest.raises(
            BrokerError, match=r"`phone` was sent a message on `carhome/home/car/event/unlocked`"
        ):
            await publish_often(link)


@both_brokers
async def test_altered_message_is_detected(kind: str) -> None:
    """A delivery with other bytes than expected is not taken for the expected one."""
    async with linked(kind) as (link, _):
        await connect(link, "car", "phone")
        await subscribe(link, "phone", "carhome/home/car/#")
        other = Frame(EVENT.topic, b"other")

        with pytest.raises(BrokerError, match="that no device sent it"):
            await publish(link, EVENT, expected=(Delivery("phone", other),))


@both_brokers
async def test_killed_broker_ends_the_run_at_once(kind: str) -> None:
    """A broker killed in the middle of a round is named within five seconds."""
    never = Frame(EVENT.topic, b"never sent")
    async with linked(kind) as (link, endpoint):
        await connect(link, "car", "phone")
        waiting = asyncio.ensure_future(publish(link, EVENT, expected=(Delivery("phone", never),)))
        await asyncio.wait((waiting,), timeout=0)
        assert endpoint.process_id is not None
        os.kill(endpoint.process_id, signal.SIGKILL)

        with pytest.raises(BrokerError, match="was lost") as raised:
            await asyncio.wait_for(waiting, timeout=5)

        assert endpoint.label in str(raised.value)


@both_brokers
async def test_broker_killed_between_rounds_is_named_in_the_next(kind: str) -> None:
    """A broker that ends while nothing happens is noticed when something does."""
    async with linked(kind) as (link, endpoint):
        await connect(link, "car", "phone")
        assert endpoint.process_id is not None
        os.kill(endpoint.process_id, signal.SIGKILL)

        with pytest.raises(BrokerError, match="was lost") as raised:
            await asyncio.wait_for(publish_often(link), timeout=5)

        assert endpoint.label in str(raised.value)


@pytest.mark.mosquitto
async def test_device_cannot_borrow_anothers_client_id() -> None:
    """A thief with the client id of a device, but its own password, does not take over the connection."""
    async with linked("mosquitto") as (link, endpoint):
        await connect(link, "car", "phone")
        await subscribe(link, "phone", "carhome/home/car/#")
        login = endpoint.logins["watch"]
        async with aiomqtt.Client(
            endpoint.host,
            endpoint.port,
            username=login.user,
            password=login.password,
            identifier="home.phone",
            protocol=aiomqtt.ProtocolVersion.V5,
        ):
            await publish(link, EVENT, expected=(Delivery("phone", EVENT),))


@pytest.mark.mosquitto
async def test_broken_link_stays_broken() -> None:
    """After an error no further round is taken for a good one."""
    async with linked("mosquitto") as (link, _):
        await connect(link, "watch")
        with pytest.raises(BrokerError):
            await publish(link, STATE, device="watch")

        with pytest.raises(BrokerError, match="refused the message of `watch`"):
            await publish(link, WATCH_EVENT, device="watch")


@both_brokers
async def test_run_given_up_in_a_round_leaves_nothing_retained(kind: str) -> None:
    """A cancelled round (Ctrl-C) still clears what the devices left in the broker."""
    never = Frame(EVENT.topic, b"never sent")
    async with asyncio.timeout(TEST_SECONDS_MAX), open_broker(kind, PLAN, {}) as endpoint:
        async with MqttLink(endpoint) as link:
            await connect(link, "car", "phone")
            await publish(link, STATE)
            waiting = asyncio.ensure_future(publish(link, STATE, expected=(Delivery("phone", never),)))
            await asyncio.wait((waiting,), timeout=0)
            waiting.cancel()
            await asyncio.wait((waiting,))

        async with MqttLink(endpoint) as link:
            await connect(link, "watch")
            await subscribe(link, "watch", "carhome/home/#")
            await publish(link, WATCH_EVENT, device="watch", expected=(Delivery("watch", WATCH_EVENT),))
