"""Rows 40 and 42 of the catalogue, at the broker: who reads what is not theirs, and a cloud in wrong hands.

A story goes on in which Lin drives and looks at her living room, while a television, a speaker, a cloud and
a guest's phone of the household subscribe to everything, each with its own account. What they are given is
compared with what the broker has, message by message.
`test_attacks_on_the_broker.py` has the whole catalogue.
"""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from sim.core.household import Household
from sim.core.messages import Frame
from sim.scenario.households import read_household
from sim.world.network.link import LinkPlan
from sim.world.network.permissions import grants
from tests.scenario.stories import PROJECT, WANG
from tests.wire.homes import EVERYTHING, KINDS, SOUNDER, covered
from tests.wire.private import Broker, private_broker
from tests.wire.raw import NOT_AUTHORIZED
from tests.wire.siege import about, play_over

pytestmark = [pytest.mark.network, pytest.mark.mosquitto]

STORY = PROJECT / "scenarios" / "home-camera" / "parked.scenario.yaml"
READERS = ("tv", "speaker", "cloud", "jun_phone")


def house() -> Household:
    """Return the household of the story with the readers in it, who play no part there."""
    more = """
  jun_phone: {kind: phone, owner: jun}
  tv: {kind: tv, home: home, room: living_room}
  speaker: {kind: speaker, home: home, room: bedroom}
  cloud: {kind: cloud}
strangers:
"""
    return read_household("test.household.yaml", WANG.text.replace("\nstrangers:\n", more), KINDS)


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """A Mosquitto of that household, which says what it denies."""
    plan = LinkPlan("wang", {**grants(house(), KINDS), SOUNDER: EVERYTHING})
    with private_broker(plan, verbose=True) as running:
        yield running


@pytest.fixture(scope="module")
def heard(broker: Broker) -> dict[str, list[Frame]]:
    """What each reader was given of the story, and under `sounder` all that there was."""
    with ExitStack() as stack:
        wires = {name: stack.enter_context(broker.wire(name)) for name in (*READERS, SOUNDER)}
        for wire in wires.values():
            wire.subscribe("carhome/#")
        for result in play_over(broker, STORY):
            assert result.verdict == "pass", result.note
        for wire in wires.values():
            wire.ping()
        return {name: wire.heard for name, wire in wires.items()}


def topics_with(frames: list[Frame], *parts: str) -> set[str]:
    """Return the topics of some messages that have one of some parts in them."""
    return {frame.topic for frame in frames if any(part in frame.topic for part in parts)}


def test_row_40_picture_of_the_home_is_read_by_nobody_else(heard: dict[str, list[Frame]]) -> None:
    """The picture goes to the dashboard that asked: to no television, no guest and no cloud."""
    assert topics_with(heard[SOUNDER], "/camera/reply/dash/")

    for reader in READERS:
        assert topics_with(heard[reader], "/reply/", "/cmd/") == set()
        assert not [frame for frame in heard[reader] if b"jpeg" in frame.payload]


def test_row_40_place_of_the_car_is_not_read_by_a_guest(heard: dict[str, list[Frame]]) -> None:
    """Where the car is, who is at home and how warm it is, a guest's phone is not told; the household is."""
    place = {"carhome/wang/su7/state/location"}
    assert place <= topics_with(heard[SOUNDER], "/su7/")
    assert place <= topics_with(heard["tv"], "/su7/")

    assert heard["jun_phone"] == []
    assert topics_with(heard["cloud"], "/su7/", "/camera/") == set()


@pytest.mark.parametrize("reader", READERS)
def test_row_40_nobody_is_given_more_than_the_household_grants(
    reader: str, heard: dict[str, list[Frame]]
) -> None:
    """Whatever is subscribed to, what comes is what the generated permissions name."""
    readable = grants(house(), KINDS)[reader].read

    assert [frame.topic for frame in heard[reader] if not covered(readable, frame.topic)] == []


def test_row_42_account_of_the_cloud_commands_nothing(broker: Broker) -> None:
    """In its own name or another's, to car, home or phone: every command and every report is refused."""
    topics = [
        *(f"carhome/wang/su7/cmd/{name}/unlock" for name in ("cloud", "phone", "watch", "dash")),
        "carhome/wang/su7/cmd/cloud/summon",
        "carhome/wang/heater/cmd/cloud/set_climate",
        "carhome/wang/camera/cmd/cloud/snapshot",
        "carhome/wang/tv/cmd/cloud/apply_setting",
        "carhome/wang/tv/cmd/tv/apply_setting",
        "carhome/wang/phone/cmd/cloud/offer_key",
        "carhome/wang/su7/reply/phone/phone-act-1",
        "carhome/wang/su7/state/doors",
        "carhome/wang/su7/decision",
    ]
    with broker.wire("cloud") as cloud, broker.saying() as said:
        codes = cloud.publish_each([Frame(topic, b'{"v": 1}') for topic in topics])

    assert codes == [NOT_AUTHORIZED] * len(topics)
    assert len(about(said, "Denied PUBLISH", "from wang.cloud ")) == len(topics)
