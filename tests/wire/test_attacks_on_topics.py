"""Rows 6 to 10, 12, 13 and 27 of the catalogue: what is said, or read, on topics that others own.

`test_attacks_on_the_broker.py` has the whole catalogue, and says what every row asserts.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from sim.core.errors import HouseholdError
from sim.core.messages import Frame
from sim.scenario.households import read_household
from sim.shell.brokers.accounts import OBSERVER
from sim.world.truth.vehicles import QUIET
from tests.scenario.stories import PROJECT, STEPS, play
from tests.wire.homes import KINDS, SOUNDER
from tests.wire.private import Broker
from tests.wire.raw import (
    DELIVERED,
    NOT_AUTHORIZED,
    SUCCESS,
)
from tests.wire.siege import TV, about, is_refused, play_over, withstands

pytestmark = [pytest.mark.network, pytest.mark.mosquitto]

FORGED = b'{"v": 1}'


def touched(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what changed in the world, but for the currents that a car switches as it is started.

    Those of a car that is woken later count: they empty its battery.
    """
    return [
        one
        for one in records
        if one["kind"] == "change" and (one["t"] > 0 or not one["changes"].keys() <= QUIET)
    ]


def test_row_06_command_in_anothers_name(broker: Broker) -> None:
    """A command of the phone's, the watch's or the dashboard's that the tv publishes is refused."""
    is_refused(
        broker,
        *(
            Frame(f"carhome/wang/{target}/cmd/{sender}/{action}", FORGED)
            for target, action in (("su7", "unlock"), ("su7", "open_boot"), ("heater", "set_climate"))
            for sender in ("phone", "watch", "dash", "su7")
        ),
    )


def test_row_06_actor_of_a_story_is_refused(broker: Broker) -> None:
    """A stranger in a story who forges is refused by the broker, in exactly one record each time."""
    stranger = PROJECT / "scenarios" / "permissions" / "not-her-topics.scenario.yaml"

    results = play_over(broker, stranger)

    assert len(results) > 5
    for result in results:
        assert result.verdict == "pass", result.note
        refused = [one for one in result.records if one["kind"] == "refused"]
        assert [(one["device"], one["reason_code"]) for one in refused] == [("mallory", NOT_AUTHORIZED)]
        assert [one for one in result.records if one["kind"] == "decision"] == []
        assert touched(result.records) == []


def test_row_07_command_past_the_senders_topic(broker: Broker) -> None:
    """No way into the car's inbox leads past the name of who asks, and nobody speaks as the car."""
    is_refused(
        broker,
        *(
            Frame(f"carhome/wang/su7/{rest}", FORGED)
            for rest in (
                "cmd",
                "cmd/unlock",
                "cmd//unlock",
                "cmd/nobody/unlock",
                "cmd/tv",
                "cmd/tv/unlock/now",
                "reply/phone/phone-act-1",
                "decision",
                "event/unlocked",
            )
        ),
    )


def test_row_08_anothers_state_forged(broker: Broker) -> None:
    """What a device reports, or that it is there, is neither written nor wiped by another, and stays."""
    topics = [
        "carhome/wang/heater/state/climate_report",
        "carhome/wang/su7/state/doors",
        "carhome/wang/su7/online",
    ]
    with broker.wire(SOUNDER) as sounder:
        for topic in topics:
            sounder.publish(topic, b"true state", retain=True)
    try:
        frames = [Frame(topic, said, retain=True) for topic in topics for said in (b"{}", b"")]
        with broker.wire(TV) as tv, broker.saying() as said:
            assert tv.publish_each(frames) == [NOT_AUTHORIZED] * len(frames)
        assert len(about(said, "Denied PUBLISH from wang.tv ", "r1")) == len(frames)

        with broker.wire(OBSERVER) as observer:
            observer.subscribe(*topics)
            observer.ping()
            assert observer.heard == [Frame(topic, b"true state", retain=True) for topic in topics]
    finally:
        with broker.wire(SOUNDER) as sounder:
            sounder.publish_each(Frame(topic, b"", retain=True) for topic in topics)

    is_refused(broker, *frames)


def test_row_09_topics_of_the_broker(broker: Broker) -> None:
    """The broker's own figures and its remote control are written by nobody."""
    is_refused(
        broker,
        Frame("$SYS/broker/version", b"mosquitto 9"),
        Frame("$SYS/broker/uptime", b"0 seconds", retain=True),
        Frame("$CONTROL/dynamic-security/v1", b'{"commands": [{"command": "listClients"}]}'),
    )


@pytest.mark.parametrize(
    "filters", [("#",), ("carhome/#",), ("$share/g/carhome/#",), ("+/+/+/+/+/+", "$SYS/#")]
)
def test_row_10_eavesdropping(broker: Broker, filters: tuple[str, ...]) -> None:
    """Any subscription is granted, and of a whole story nothing comes that is not meant for it."""
    with broker.wire(TV) as tv, broker.wire(SOUNDER) as sounder, broker.saying() as said:
        assert tv.subscribe(*filters) == [1] * len(filters)
        tv.subscribe("carhome/wang/su7/reply/tv/marker")
        withstands(broker, lambda: None)

        sounder.publish("carhome/wang/su7/reply/tv/marker", b"marker")
        assert tv.hear_until(b"marker") == []

    # What is not delivered has no line; that somebody listened has one for each filter.
    assert [about(said, "wang.tv", "1", one) for one in filters] == [[f"wang.tv 1 {one}"] for one in filters]


def drop_with_will(broker: Broker, will: Frame) -> None:
    """Connect as the tv with a will, break the connection, and wait until the broker has dealt with it."""
    with broker.dial() as wire:
        welcome = wire.connect(replace(broker.hello(TV), will=will))
        assert welcome is not None
        assert welcome.code == SUCCESS
    with broker.wire(TV) as tv:  # Whoever comes back finds the old connection ended, with its will.
        tv.disconnect()


def test_row_12_will_as_a_command(broker: Broker) -> None:
    """A will in another's name is dropped without a word; it is seen in the log when it is made."""
    topics = [
        "carhome/wang/su7/cmd/phone/unlock",
        "carhome/wang/su7/cmd/watch/open_boot",
        "carhome/wang/su7/state/doors",
    ]
    with broker.saying() as said:

        def attack() -> None:
            for topic in topics:
                drop_with_will(broker, Frame(topic, FORGED))

        withstands(broker, attack)

    # Whoever comes back in the story subscribes with the same words, and with a QoS behind them.
    wills = [[line for line in about(said, f"\t{topic}") if "(QoS" not in line] for topic in topics]
    assert wills == [[f"\t{topic}"] for topic in topics]


def test_row_12_will_in_the_senders_own_name(broker: Broker) -> None:
    """A will on one's own topic is a message like any other: it comes once, and the rules judge it."""
    topic = "carhome/wang/su7/cmd/tv/unlock"
    with broker.wire("su7") as car, broker.wire(SOUNDER) as sounder:
        car.subscribe("carhome/wang/su7/cmd/+/+")
        drop_with_will(broker, Frame(topic, FORGED, retain=True))
        sounder.publish("carhome/wang/su7/cmd/sounder/marker", b"marker")
        assert car.hear_until(b"marker") == [Frame(topic, FORGED)]
        sounder.publish(topic, b"", retain=True)

    story = """\
  - do: mallory.publish
    with: {topic: carhome/wang/su7/cmd/mallory/unlock, text: '{"v": 1}'}
  - expect: {su7.locked: true}
"""
    result = play(STEPS.replace("steps", "given: {su7: {locked: true}}\nsteps") + story)
    assert result.verdict == "pass"
    (decision,) = [one for one in result.records if one["kind"] == "decision"]
    assert not decision["decision"]["allowed"]
    assert "signed-command-only" in decision["decision"]["rules"]
    assert touched(result.records) == []


def test_row_13_retained_command(broker: Broker) -> None:
    """Nobody plants a command in another's name; one in one's own is marked as kept for who comes later."""
    is_refused(broker, Frame("carhome/wang/su7/cmd/phone/unlock", FORGED, retain=True))

    topic = "carhome/wang/su7/cmd/tv/unlock"
    with broker.wire(TV) as tv, broker.wire("su7") as car:
        car.subscribe("carhome/wang/su7/cmd/+/+")
        assert tv.publish(topic, FORGED, retain=True) in DELIVERED
        car.ping()
        assert car.heard == [Frame(topic, FORGED, retain=False)]
        car.disconnect()
    with broker.wire(TV) as tv, broker.wire("su7") as car:
        car.subscribe("carhome/wang/su7/cmd/+/+")
        car.ping()
        assert car.heard == [Frame(topic, FORGED, retain=True)]
        tv.publish(topic, b"", retain=True)


@pytest.mark.parametrize(
    "topic",
    [
        "carhome/wang/tv/../su7/cmd/phone/unlock",
        "carhome/wang/./su7/cmd/tv/unlock",
        "carhome//wang/su7/cmd/tv/unlock",
        "/carhome/wang/su7/cmd/tv/unlock",
        "carhome/wang/su7/cmd/tv/unlock/",
        "carhome/wang/SU7/cmd/tv/unlock",
        "CARHOME/wang/su7/cmd/tv/unlock",
        "carhome/wang/su7 /cmd/tv/unlock",
        "carhome/wang/su7%2Fcmd%2Ftv%2Funlock",
        "carhome/wang/su7/cmd/ｔｖ/unlock",
        "carhome/wang/su7/cmd/wang.tv/unlock",
        "carhome/other/su7/cmd/tv/unlock",
    ],
)
def test_row_27_topic_tricks(broker: Broker, topic: str) -> None:
    """A topic is compared level by level and byte by byte: nothing is resolved, decoded or folded."""
    is_refused(broker, Frame(topic, FORGED))


@pytest.mark.parametrize("name", ["a/b", "x+y", "#", "..", "a.b", "Phone", "телефон", "a b", "", "x" * 33])
def test_row_27_names_that_would_be_tricks(name: str) -> None:
    """No device, and so no user of the broker, has a name that means something else in a topic."""
    text = (PROJECT / "households" / "wang.household.yaml").read_text(encoding="utf-8")

    with pytest.raises(HouseholdError):
        read_household("wang.household.yaml", f'{text}  "{name}":\n    kind: stranger\n', KINDS)
