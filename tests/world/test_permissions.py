"""Permissions: enough for what devices do, too little for anything else."""

from itertools import combinations, permutations

import pytest

from sim.core.household import Household
from sim.core.topics import (
    command_topic,
    decision_topic,
    event_topic,
    matches,
    online_topic,
    reply_topic,
    state_topic,
)
from sim.scenario.households import read_household
from sim.world.kinds import kinds as real_kinds
from sim.world.network import Network
from sim.world.network.link import Grants
from sim.world.network.permissions import grants, subscriptions
from tests.stages import Theatre, Touch

FULL = """
household: home
people: {lin: {role: owner}}
homes:
  home:
    position: [40.0, 116.5]
    rooms: {hall: {volume: 40 m³, heat_loss: 100 W/K, heat_capacity: 1 MJ/K}}
devices:
  cmd: {kind: car, owner: lin}
  reply: {kind: car}
  dash: {kind: dashboard, car: cmd}
  phone: {kind: phone, owner: lin}
  watch: {kind: watch, owner: lin}
  heater: {kind: climate, home: home, room: hall}
  camera: {kind: camera, home: home, room: hall}
strangers:
  mallory: {kind: stranger}
"""
"""Every kind, two of them called like channels."""


@pytest.fixture(scope="module")
def home() -> Household:
    """The household with every kind."""
    return read_household("full.household.yaml", FULL, real_kinds())


def topics_of(device: str, other: str) -> list[str]:
    """Return one topic of every sort that only `device` may write, whatever `other` does."""
    return [
        online_topic("home", device),
        decision_topic("home", device),
        state_topic("home", device, "doors"),
        event_topic("home", device, "unlocked"),
        reply_topic("home", device, other, "x-1"),
        command_topic("home", other, device, "unlock"),
    ]


def overlap(one: str, other: str) -> bool:
    """Say whether some topic is covered by both filters."""
    levels = list(zip(one.split("/"), other.split("/"), strict=False))
    same_depth = len(one.split("/")) == len(other.split("/"))
    return same_depth and all(a == b or "+" in (a, b) for a, b in levels)


def test_no_subscription_of_a_device_overlaps_another(home: Household) -> None:
    """A broker may deliver once for each matching filter, so no two may match."""
    for device in home.devices:
        filters = subscriptions(home, real_kinds(), device)

        assert not any("#" in one for one in filters)
        assert not [pair for pair in combinations(filters, 2) if overlap(*pair)]


def test_check_for_overlap_finds_a_planted_one() -> None:
    """The check above is not blind."""
    assert overlap("a/+/c", "a/b/+")
    assert not overlap("a/+/c", "a/b/d")


def stolen(network: Network, home: Household) -> list[tuple[str, str]]:
    """Return every thief with a topic of somebody else's that it may write."""
    return [
        (thief, topic)
        for device, thief in permutations(home.devices, 2)
        for other in home.devices
        for topic in topics_of(device, other)
        if network.may_write(thief, topic)
    ]


def test_nobody_may_write_what_is_anothers(home: Household) -> None:
    """No state, answer, event, decision or presence of another, and no command in another's name."""
    assert stolen(Network(grants(home, real_kinds())), home) == []


def test_check_for_theft_finds_a_planted_grant(home: Household) -> None:
    """The check above is not blind: one wildcard too many is found."""
    allowed = grants(home, real_kinds())
    allowed["mallory"] = Grants(("carhome/home/+/state/doors",), ())

    assert ("mallory", "carhome/home/dash/state/doors") in stolen(Network(allowed), home)


def test_nobody_may_read_what_is_for_others(home: Household) -> None:
    """Commands reach their target only, and answers whoever asked."""
    network = Network(grants(home, real_kinds()))

    for device, spy in permutations(home.devices, 2):
        for other in home.devices:
            assert not network.may_read(spy, command_topic("home", device, other, "unlock"))
            assert not network.may_read(spy, reply_topic("home", other, device, "x-1"))


def test_device_may_read_exactly_what_it_subscribes_to(home: Household) -> None:
    """A grant that nobody uses is one too many."""
    allowed = grants(home, real_kinds())

    assert {device: one.read for device, one in allowed.items()} == {
        device: subscriptions(home, real_kinds(), device) for device in home.devices
    }


def test_stranger_may_ask_and_nothing_else(home: Household) -> None:
    """A stranger has a broker account at most: own presence, own commands, own answers."""
    stranger = grants(home, real_kinds())["mallory"]

    assert stranger.read == ("carhome/home/+/reply/mallory/+",)
    assert all(one == "carhome/home/mallory/online" or "/cmd/mallory/+" in one for one in stranger.write)


def test_device_without_commands_or_facets_has_no_topics_for_them() -> None:
    """What a kind does not do, its account may not do."""
    theatre = Theatre(opened=False)

    allowed = grants(theatre.household, theatre.stage.cast.kinds)

    assert allowed["button"].write == ("carhome/home/button/online", "carhome/home/lamp/cmd/button/+")
    assert allowed["lamp"].read == ("carhome/home/lamp/cmd/+/+",)


def test_everything_a_run_publishes_is_allowed_and_every_delivery_readable() -> None:
    """Devices that do what they are for are never refused."""
    theatre = Theatre()
    for how in ("now", "tell", "later", "on"):
        theatre.press(how)
    theatre.use("lamp", Touch())
    theatre.advance(1_000)

    network = theatre.stage.network
    assert theatre.records("refused") == []
    for record in theatre.records("message"):
        assert network.may_write(record["device"], record["topic"])
        assert all(network.may_read(receiver, record["topic"]) for receiver in record["to"])
        assert sum(matches(one, record["topic"]) for one in network._grants[record["device"]].write) == 1
