"""Rows 22 and 23 of the catalogue over a real broker: a flood under a stolen account, while a phone unlocks.

The flood comes from a client of its own, as fast as the broker takes it. It reaches the very car that the
phone talks to: the link hands it over between the messages of the story, in the order of its arrival.
"""

import asyncio
import time

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from sim.core.messages import CloudEvent, Frame
from sim.core.topics import command_topic
from sim.scenario.model import Scenario
from sim.scenario.run import CaseResult, perform
from sim.shell.brokers.endpoint import Endpoint
from sim.shell.brokers.mosquitto import private_mosquitto
from sim.shell.brokers.mqtt_link import MqttLink
from sim.shell.files import Shelf
from sim.shell.ledger import Ledger
from sim.shell.playing import play, play_in_memory
from sim.trust.envelope import seal
from sim.trust.identity import Identity
from sim.world.network.link import Delivery, LinkPlan, Publish, Round
from sim.world.network.permissions import grants
from sim.world.node.orders import Order
from sim.world.node.rates import COMMAND_BURST, COMMANDS_PER_SECOND
from sim.world.stage import Cast
from tests.scenario.stories import KINDS, load

pytestmark = [pytest.mark.network, pytest.mark.mosquitto]

ACCOUNT = "fridge"
FLOODED = "carhome/wang/su7/cmd/fridge/refresh"
STORY = """scenario: The phone opens the car in the midst of a flood
household:
  extends: wang
  devices:
    fridge: {kind: noisy}
given:
  su7: {locked: true, gear: P}
  lin: {from_su7: 1 m}
steps:
  - fault: {crash: fridge}
  - do: phone.unlock
    with: {car: su7}
    as: unlock
  - expect: {unlock: done, su7.locked: false}
    within: 1s
  - do: phone.lock
    with: {car: su7}
    as: lock
  - expect: {lock: done, su7.locked: true}
    within: 1s
  - advance: 10s
"""
"""The fridge is switched off, so that its account is free for whoever has stolen it."""
A_ROUND = 500
"""How many messages of the flood are waited for after each round of the story: it has more than six."""
FLOOD_SECONDS_MAX = 60.0
"""Ends a test that fails: how long the broker may take to pass the flood on."""


class Sluice(Ledger):
    """A ledger that keeps the flood apart: nobody owes it, and it is no fault of the broker.

    Attributes:
        flood: what came of it and was not handed over yet.
        came: how much came of it.
        rising: is set whenever more comes.
    """

    def __init__(self, broker: str) -> None:
        super().__init__(broker)
        self.flood: list[Delivery] = []
        self.came = 0
        self.rising = asyncio.Event()

    def arrived(self, device: str, topic: str, payload: bytes, *, retain: bool) -> None:
        """Take a message of the flood, or strike out what was owed."""
        if topic == FLOODED:
            self.flood.append(Delivery(device, Frame(topic, payload, retain)))
            self.came += 1
            self.rising.set()
        else:
            super().arrived(device, topic, payload, retain=retain)


class FloodedLink(MqttLink):
    """A link that hands the flood to the car with the deliveries of the story.

    Args:
        endpoint: the broker.
        frames: the flood, which begins with the phone's first command.
    """

    def __init__(self, endpoint: Endpoint, frames: list[Frame]) -> None:
        super().__init__(endpoint)
        self._sluice = Sluice(endpoint.label)
        self._ledger = self._sluice
        self._frames = frames
        self._attacker: paho.Client | None = None
        self._awaited = 0
        self._began = 0.0
        self.codes: list[ReasonCode] = []
        self.seconds = 0.0

    async def exchange(self, round_: Round) -> tuple[Delivery, ...]:
        """Carry out a round; what has come of the flood meanwhile comes after it."""
        if self._attacker is None and any(map(_asks, round_.operations)):
            self._began = time.monotonic()
            self._attacker = _attacking(self._endpoint, self._frames, self.codes)
        if self.seconds == 0 and self._awaited == len(self._frames):
            self.seconds = time.monotonic() - self._began  # The car has had all of it.
        deliveries = await super().exchange(round_)
        if self._attacker is None:
            return deliveries
        self._awaited = min(len(self._frames), self._awaited + A_ROUND)
        async with asyncio.timeout(FLOOD_SECONDS_MAX):
            while self._sluice.came < self._awaited:
                self._sluice.rising.clear()
                await self._sluice.rising.wait()
        flood, self._sluice.flood = self._sluice.flood, []
        return (*deliveries, *flood)

    async def aclose(self) -> None:
        """End the flood, too."""
        if self._attacker is not None:
            self._attacker.disconnect()
            self._attacker.loop_stop()
        await super().aclose()


def _asks(operation: object) -> bool:
    return isinstance(operation, Publish) and "/su7/cmd/phone/" in operation.frame.topic


def _attacking(endpoint: Endpoint, frames: list[Frame], codes: list[ReasonCode]) -> paho.Client:
    """Return a client that is logged in with a stolen password, and sends everything at once."""
    login = endpoint.logins[ACCOUNT]
    client = paho.Client(
        CallbackAPIVersion.VERSION2, client_id=login.user, protocol=paho.MQTTv5, reconnect_on_failure=False
    )
    client.username_pw_set(login.user, login.password)

    def confirmed(_c: paho.Client, _u: object, _mid: int, code: ReasonCode, _p: Properties) -> None:
        codes.append(code)

    client.on_publish = confirmed
    client.connect(endpoint.host, endpoint.port)
    client.loop_start()
    for frame in frames:
        client.publish(frame.topic, frame.payload, qos=1)
    return client


def signed(seed: int, start_ms: int, count: int) -> list[Frame]:
    """Return so many different commands to the car, all truly signed with the key of the account."""
    key = Identity.for_scenario(seed, "wang", ACCOUNT)
    frames = []
    for number in range(count):
        order = Order(
            id=f"flood-{number}",
            sender=ACCOUNT,
            to="su7",
            name="refresh",
            args={},
            by=None,
            worn=None,
            issued_ms=start_ms,
            expires_ms=start_ms + 60_000,
            voice=None,
        )
        envelope = seal(key, "command", order.to_bytes())
        event = CloudEvent(order.id, f"carhome/wang/{ACCOUNT}", "carhome.command", start_ms, envelope)
        frames.append(Frame(command_topic("wang", "su7", ACCOUNT, "refresh"), event.to_json()))
    return frames


def cast_of(scenario: Scenario) -> Cast:
    """Return who plays."""
    return Cast(scenario.household, KINDS, Shelf().policy(scenario.household), scenario.seed)


async def flooded(scenario: Scenario, count: int) -> tuple[CaseResult, FloodedLink]:
    """Play the story over a private Mosquitto with a flood in it."""
    plan = LinkPlan(scenario.household.name, grants(scenario.household, KINDS))
    frames = signed(scenario.seed, scenario.start_ms, count)
    performance = perform(scenario, scenario.cases[0], cast_of(scenario))
    async with private_mosquitto(plan) as endpoint, FloodedLink(endpoint, frames) as link:
        result = await play(performance, link, None, scenario.start_ms)
    return result, link


def is_refused_and_keeps_nobody_waiting(count: int) -> None:
    """Assert that a flood is taken by the broker, refused by the car, and noticed by nobody else."""
    scenario = load(STORY)
    quiet = play_in_memory(perform(scenario, scenario.cases[0], cast_of(scenario)))
    result, link = asyncio.run(flooded(scenario, count))

    assert result.verdict == quiet.verdict == "pass", result.failure or result.note
    assert moved(result) == moved(quiet)
    assert [code.value for code in link.codes] == [0] * count
    about = [
        record for record in result.records if record["kind"] == "decision" and record["sender"] == ACCOUNT
    ]
    limited = [record for record in about if record["decision"]["code"] == "RATE_LIMIT"]
    judged = len(about) - len(limited)
    assert [record["decision"]["layer"] for record in limited] == ["rate"]
    assert not [record for record in about if record["decision"]["allowed"]]
    # Twenty at once, and ten for every second that the story took, which is one and a half.
    assert COMMAND_BURST <= judged <= COMMAND_BURST + 2 * COMMANDS_PER_SECOND
    sentence = f"{count - judged} messages of {ACCOUNT} were too many, and not read"
    assert [record["text"] for record in result.records if record["kind"] == "warning"] == [sentence]
    print(f"{count} commands, {judged} judged: {(count - judged) / link.seconds:,.0f} a second refused")  # noqa: T201  # what was measured


def moved(result: CaseResult) -> list[tuple[int, str, object]]:
    """Return what every actuator did, and when."""
    return [
        (record["t"], record["device"], record["changes"])
        for record in result.records
        if record["kind"] == "change"
    ]


@pytest.mark.parametrize("count", [300])
def test_row_22_flood_of_one_device_over_mosquitto(count: int) -> None:
    """300 signed commands at once under a stolen account: the phone opens and locks the car meanwhile."""
    is_refused_and_keeps_nobody_waiting(count)


@pytest.mark.parametrize("count", [3_000])
def test_row_23_flood_into_the_cars_own_queue_over_mosquitto(count: int) -> None:
    """3,000 of them, fifteen times what starved a device behind a shared queue: nobody waits either."""
    is_refused_and_keeps_nobody_waiting(count)
