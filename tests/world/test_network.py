"""The MQTT rules, by example and against a naive model that remembers everything."""

from typing import ClassVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sim.core.messages import Frame
from sim.core.topics import matches
from sim.world import network as module
from sim.world.network import Network
from sim.world.network.link import Connect, Delivery, Grants, Leave, Publish, Subscribe

ALL = Grants(("#",), ("#",))
WILL = Frame("gone/a", b"gone", retain=True)


def open_network(**grants: Grants) -> Network:
    """Return a network of a and b, who may do anything unless said otherwise, both connected."""
    network = Network({"a": ALL, "b": ALL, **grants})
    network.apply(Connect("a", WILL))
    network.apply(Connect("b", Frame("gone/b", b"gone")))
    return network


def received(network: Network, topic: str, payload: bytes = b"x", *, retain: bool = False) -> list[str]:
    """Return who receives a message that a publishes."""
    deliveries = network.apply(Publish("a", Frame(topic, payload, retain)))
    assert all(delivery.frame == Frame(topic, payload) for delivery in deliveries)
    return [delivery.receiver for delivery in deliveries]


def test_message_goes_to_every_subscriber_once_by_name() -> None:
    """Overlapping filters of one device bring one copy, the sender's own subscription counts."""
    network = open_network()
    network.apply(Subscribe("b", ("x/+", "x/#")))
    network.apply(Subscribe("a", ("x/y",)))

    assert received(network, "x/y") == ["a", "b"]
    assert received(network, "x") == ["b"]
    assert received(network, "y") == []


def test_subscription_counts_from_the_moment_it_is_made() -> None:
    """A topic whose receivers were known before is looked up anew."""
    network = open_network()
    assert received(network, "x") == []

    network.apply(Subscribe("b", ("x",)))

    assert received(network, "x") == ["b"]


def test_retained_message_is_kept_and_given_to_whoever_subscribes_later() -> None:
    """A live copy has no retain flag, a kept one has."""
    network = open_network()
    network.apply(Subscribe("a", ("x/#",)))

    assert received(network, "x/1", b"old", retain=True) == ["a"]
    assert received(network, "x/1", b"new", retain=True) == ["a"]
    assert network.apply(Subscribe("b", ("x/+",))) == [Delivery("b", Frame("x/1", b"new", retain=True))]
    assert network.retained() == {"x/1": b"new"}


def test_empty_retained_message_clears_and_is_delivered_live() -> None:
    """Clearing what is not there does nothing else."""
    network = open_network()
    network.apply(Subscribe("a", ("#",)))
    received(network, "x", b"kept", retain=True)

    assert received(network, "x", b"", retain=True) == ["a"]
    assert received(network, "x", b"", retain=True) == ["a"]
    assert network.apply(Subscribe("b", ("#",))) == []


def test_will_is_sent_when_the_connection_is_lost() -> None:
    """A will may be retained, and goes to whoever is subscribed."""
    network = open_network()
    network.apply(Subscribe("b", ("gone/+",)))

    assert network.apply(Leave("a", graceful=False)) == [Delivery("b", Frame("gone/a", b"gone"))]
    assert network.retained() == {"gone/a": b"gone"}
    assert not network.connected("a")


def test_will_is_not_sent_when_a_device_says_goodbye() -> None:
    """A DISCONNECT discards the will."""
    network = open_network()
    network.apply(Subscribe("b", ("gone/+",)))

    assert network.apply(Leave("a", graceful=True)) == []
    assert network.retained() == {}


def test_will_that_may_not_be_written_is_not_sent() -> None:
    """Permissions hold for wills too."""
    network = open_network(a=Grants(("other",), ()))
    network.apply(Subscribe("b", ("#",)))

    assert network.apply(Leave("a", graceful=False)) == []


def test_device_that_comes_back_has_no_subscriptions() -> None:
    """A clean start leaves nothing of the session before."""
    network = open_network()
    network.apply(Subscribe("a", ("x",)))
    network.apply(Leave("a", graceful=True))
    assert received(network, "x") == []

    network.apply(Connect("a", WILL))

    assert received(network, "x") == []
    assert network.connected("a")


def test_device_does_not_connect_twice() -> None:
    """A second connection under the same name would throw the first one out, so it is a bug."""
    with pytest.raises(AssertionError, match="connects twice"):
        open_network().apply(Connect("a", WILL))


def test_message_that_is_not_allowed_reaches_nobody() -> None:
    """Neither live nor kept."""
    network = open_network()
    network.apply(Subscribe("b", ("#",)))

    assert network.apply(Publish("a", Frame("x", b"x", retain=True), allowed=False)) == []
    assert network.retained() == {}


def test_permissions_count_for_writing_and_reading() -> None:
    """A subscription to what may not be read is granted and brings nothing, live or kept."""
    network = open_network(b=Grants(("b/+",), ("a/+",)))
    received(network, "secret", retain=True)

    assert network.apply(Subscribe("b", ("#",))) == []
    assert received(network, "secret") == []
    assert received(network, "a/1") == ["b"]
    assert network.may_write("b", "b/1")
    assert not network.may_write("b", "a/1")
    assert network.may_read("b", "a/1")
    assert not network.may_read("b", "b/1")


def test_broker_without_permissions_lets_everything_through() -> None:
    """Some brokers have none; scenarios that need them say so."""
    network = Network({"a": Grants((), ()), "b": Grants((), ())}, enforced=False)
    network.apply(Connect("a", WILL))
    network.apply(Subscribe("a", ("#",)))

    assert network.may_write("a", "anything")
    assert received(network, "anything") == ["a"]


def test_memory_of_routes_is_bounded() -> None:
    """Replies have a topic each; what is remembered of them is forgotten in time, and nothing is lost."""
    network = open_network()
    network.apply(Subscribe("b", ("x/+",)))

    for number in range(module._ROUTES_MAX + 1):
        assert received(network, f"x/{number}") == ["b"]

    assert len(network._routes) <= module._ROUTES_MAX


DEVICES = ("a", "b", "c")
TOPICS = ("x", "x/1", "x/2", "$x", "gone/a", "gone/b", "gone/c", "y//")
FILTERS = ("#", "+", "x/#", "x/+", "+/+", "gone/+", "$x", "y/+/", "x/1")
GRANTS = {
    "a": Grants(("#", "$x"), ("#", "$x")),
    "b": Grants(("x/#", "gone/b"), ("x/#", "gone/+")),
    "c": Grants(("x/1",), ("+", "x/2")),
}


class NaiveBroker(RuleBasedStateMachine):
    """The network against a model that keeps the whole history and looks through it every time."""

    network_class: ClassVar[type[Network]] = Network

    @initialize()
    def begin(self) -> None:
        """Nobody is there."""
        self.network = self.network_class(GRANTS)
        self.filters: dict[str, list[str]] = {}
        self.history: list[tuple[str, bytes]] = []

    def may(self, filters: tuple[str, ...], topic: str) -> bool:
        """Say whether any filter covers a topic."""
        return any(matches(one, topic) for one in filters)

    def published(self, frame: Frame) -> list[Delivery]:
        """Return what a message must cause."""
        if frame.retain:
            self.history.append((frame.topic, frame.payload))
        live = Frame(frame.topic, frame.payload)
        return [
            Delivery(device, live)
            for device in DEVICES
            if device in self.filters
            and self.may(tuple(self.filters[device]), frame.topic)
            and self.may(GRANTS[device].read, frame.topic)
        ]

    def kept(self) -> dict[str, bytes]:
        """Return the last retained message of every topic, unless it was empty."""
        return {topic: payload for topic, payload in dict(self.history).items() if payload}

    @rule(device=st.sampled_from(DEVICES))
    def connect(self, device: str) -> None:
        """Connect whoever is not."""
        if device not in self.filters:
            will = Frame(f"gone/{device}", b"gone", retain=device != "b")
            assert self.network.apply(Connect(device, will)) == []
            self.filters[device] = []

    @precondition(lambda self: self.filters)
    @rule(data=st.data(), topic_filter=st.sampled_from(FILTERS))
    def subscribe(self, data: st.DataObject, topic_filter: str) -> None:
        """Subscribe, and get what was kept."""
        device = data.draw(st.sampled_from(sorted(self.filters)))
        expected = {
            topic: payload
            for topic, payload in self.kept().items()
            if matches(topic_filter, topic) and self.may(GRANTS[device].read, topic)
        }

        deliveries = self.network.apply(Subscribe(device, (topic_filter,)))

        assert {one.frame.topic: one.frame.payload for one in deliveries} == expected
        assert all(one.receiver == device and one.frame.retain for one in deliveries)
        assert len(deliveries) == len(expected)
        self.filters[device].append(topic_filter)

    @precondition(lambda self: self.filters)
    @rule(
        data=st.data(),
        topic=st.sampled_from(TOPICS),
        payload=st.sampled_from([b"", b"1", b"2"]),
        retain=st.booleans(),
    )
    def publish(self, data: st.DataObject, topic: str, payload: bytes, retain: bool) -> None:  # noqa: FBT001  # drawn
        """Publish what may be published."""
        device = data.draw(st.sampled_from(sorted(self.filters)))
        frame = Frame(topic, payload, retain)
        allowed = self.network.may_write(device, topic)
        assert allowed is self.may(GRANTS[device].write, topic)

        deliveries = self.network.apply(Publish(device, frame, allowed))

        assert deliveries == (self.published(frame) if allowed else [])

    @precondition(lambda self: self.filters)
    @rule(data=st.data(), graceful=st.booleans())
    def leave(self, data: st.DataObject, graceful: bool) -> None:  # noqa: FBT001  # drawn
        """Go, with or without a word."""
        device = data.draw(st.sampled_from(sorted(self.filters)))
        del self.filters[device]
        will = Frame(f"gone/{device}", b"gone", retain=device != "b")
        sent = not graceful and self.may(GRANTS[device].write, will.topic)

        assert self.network.apply(Leave(device, graceful)) == (self.published(will) if sent else [])

    @invariant()
    def agree(self) -> None:
        """Both know the same devices and kept messages."""
        assert [self.network.connected(device) for device in DEVICES] == [
            device in self.filters for device in DEVICES
        ]
        assert dict(self.network.retained()) == self.kept()


TestNaiveBroker = NaiveBroker.TestCase


class OpenNetwork(Network):
    """A network with a planted bug: whoever subscribes may read."""

    def may_read(self, device: str, topic: str) -> bool:  # noqa: ARG002  # as the base
        """Let everybody read everything."""
        return True


def test_naive_broker_finds_a_network_without_permissions() -> None:
    """The model above is not blind."""

    class Planted(NaiveBroker):
        network_class = OpenNetwork

    hasty = settings(max_examples=200, phases=[Phase.generate], database=None, derandomize=True)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Planted, settings=hasty)
