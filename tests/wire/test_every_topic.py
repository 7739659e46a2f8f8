"""Every identity tries every topic on a real Mosquitto, and may do what is generated for it and nothing else.

A cell is one identity and one topic. May it write there: the reason code of the broker's PUBACK says so.
May it read there: somebody who may speak everywhere speaks there, and then on a topic that the reader
may read; what did not come before that marker does not come at all.

Two households are tried: the Wangs, and a crowd with two devices of every kind. The crowd's cells are many,
so it is tried once for each direction, over MQTT 5.0; older clients, certificates and spellings of wildcards
are the same code of the broker whoever asks, and are tried with the Wangs.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace

import pytest

from sim.core.household import Household
from sim.core.messages import Frame
from sim.core.topics import matches, online_topic
from sim.world.network.link import Grants
from tests.wire.homes import (
    SOUNDER,
    Cell,
    covered,
    crowd,
    granted,
    plan_of,
    speakers_of,
    topics,
    wang,
)
from tests.wire.private import Broker, private_broker
from tests.wire.raw import (
    DELIVERED,
    NOT_AUTHORIZED,
    REFUSED_3_1_1,
    Hello,
    Wire,
    publish_packet,
    subscribe_packet,
)
from tests.wire.secured import secured_broker

pytestmark = [pytest.mark.network, pytest.mark.mosquitto]

CELLS_SHOWN = 10
AT_ONCE = 400
"""How many topics are spoken on before every reader is heard: fewer than a broker queues for one."""
EAR, SAID = "ear", b"said"


@pytest.fixture(scope="module", params=[wang, crowd], ids=["wang", "crowd"])
def house(request: pytest.FixtureRequest) -> Household:
    """Each of the two households."""
    make: Callable[[], Household] = request.param
    return make()


@pytest.fixture(scope="module")
def wangs() -> Iterator[Broker]:
    """A Mosquitto of the Wangs."""
    with private_broker(plan_of(wang())) as running:
        yield running


@pytest.fixture(scope="module")
def broker(house: Household) -> Iterator[Broker]:
    """A Mosquitto of that household."""
    with private_broker(plan_of(house)) as running:
        yield running


def differing(expected: Iterable[Cell], observed: Iterable[Cell]) -> list[str]:
    """Return a line for each of the first cells that differ, and for each that was seen more than once."""
    wanted, seen = dict.fromkeys(expected), Counter(observed)
    lines = [f"{cell.identity} may not, and could: {cell.topic}" for cell in seen if cell not in wanted]
    lines += [f"{cell.identity} may, and could not: {cell.topic}" for cell in wanted if cell not in seen]
    lines += [f"{cell.identity}, {count} times: {cell.topic}" for cell, count in seen.items() if count > 1]
    return lines[:CELLS_SHOWN]


def cells(allowed: Mapping[str, tuple[str, ...]], tried: list[str]) -> list[Cell]:
    """Return the cells that filters allow."""
    return [
        Cell(name, topic) for name, filters in allowed.items() for topic in tried if covered(filters, topic)
    ]


def written(
    broker: Broker, identities: Iterable[str], tried: list[str], version: int
) -> tuple[list[Cell], list[Cell]]:
    """Return the cells where the broker says that it takes a message, and those where it passes one on."""
    taken, passed = [], []
    with broker.wire(SOUNDER) as sounder:
        sounder.subscribe("#", "$SYS/never_heard_of", "$CONTROL/#")
        for identity in identities:
            with broker.wire(identity, version=version) as wire:
                for some in batches(tried):
                    codes = wire.publish_each(Frame(topic, SAID) for topic in some)
                    assert set(codes) <= {*DELIVERED, NOT_AUTHORIZED}
                    said = zip(some, codes, strict=True)
                    taken += [Cell(identity, topic) for topic, code in said if code in DELIVERED]
                    passed += [Cell(identity, frame.topic) for frame in heard(sounder, sounder, EAR)]
                wire.disconnect()
        sounder.disconnect()
    return taken, passed


def read(
    broker: Broker, allowed: Mapping[str, Grants], tried: list[str], filters: Callable[[str], tuple[str, ...]]
) -> list[Cell]:
    """Return the cells in which something arrives.

    Args:
        broker: where.
        allowed: the identities that subscribe, and what they may read.
        tried: the topics that are spoken on.
        filters: what an identity subscribes to.
    """
    found = []
    with ExitStack() as stack:
        sounder = stack.enter_context(broker.wire(SOUNDER))
        readers = {name: stack.enter_context(broker.wire(name)) for name in allowed}
        ears = {name: ear_of(one.read) for name, one in allowed.items()}
        for name, reader in readers.items():
            ear = ears[name]
            codes = reader.subscribe(*filters(name), *([ear] if ear else []))
            assert set(codes) == {1}, "files of permissions refuse no subscription, they deliver nothing"
        for some in batches(tried):
            sounder.publish_each(Frame(topic, SAID) for topic in some)
            for name, reader in readers.items():
                found += [Cell(name, frame.topic) for frame in heard(sounder, reader, ears[name])]
        for wire in (sounder, *readers.values()):
            wire.disconnect()
    return found


def heard(sounder: Wire, reader: Wire, ear: str | None) -> list[Frame]:
    """Return what came to a reader until now, proved by a marker of its own on a topic that it may read."""
    if ear is None:  # Mosquitto sends in order, so an answer to a ping comes after what it passed on.
        reader.ping()
        frames, reader.heard = reader.heard, []
        return frames
    reader.markers += 1
    marker = b"marker %d" % reader.markers
    sounder.publish(ear, marker)
    # Markers of others are heard by whoever may read everything, and one's own once for each filter.
    return [frame for frame in reader.hear_until(marker) if not frame.payload.startswith(b"marker")]


def batches(tried: list[str]) -> Iterator[list[str]]:
    """Yield topics in batches that a broker can hold for whoever is not reading yet."""
    for start in range(0, len(tried), AT_ONCE):
        yield tried[start : start + AT_ONCE]


def ear_of(filters: tuple[str, ...]) -> str | None:
    """Return a topic that filters cover and nobody else tries, for markers; None if there is none."""
    found = next((one for one in filters if "+" in one or "#" in one), None)
    return found and found.replace("+", EAR).replace("#", EAR)


# --- writing ------------------------------------------------------------------------------------------


def test_every_identity_may_write_exactly_what_is_generated(broker: Broker, house: Household) -> None:
    """What is granted is passed on, and everything else is not; the broker says so to who tried.

    Whatever it takes is below the device that says it, or a command in that device's name.
    """
    tried, allowed = topics(house), granted(house)
    expected = cells({name: one.write for name, one in allowed.items()}, tried)

    taken, passed = written(broker, allowed, tried, version=5)

    assert differing(expected, passed) == []
    assert differing(expected, taken) == []
    assert {cell.identity for cell in taken} == set(house.devices)
    assert [cell for cell in taken if cell.identity not in speakers_of(cell.topic, house.name)] == []


def test_older_clients_may_write_the_same(wangs: Broker) -> None:
    """MQTT 3.1.1 has no reason in its PUBACK: what is not granted is not passed on, and nobody learns it."""
    tried, allowed = topics(wang()), granted(wang())
    everything = dict.fromkeys(allowed, ("#", "$SYS/#", "$CONTROL/#"))

    taken, passed = written(wangs, allowed, tried, version=4)

    assert differing(cells({name: one.write for name, one in allowed.items()}, tried), passed) == []
    assert differing(cells(everything, tried), taken) == []


# --- reading ------------------------------------------------------------------------------------------


def test_every_identity_may_read_exactly_what_is_generated(broker: Broker, house: Household) -> None:
    """Who subscribes to every topic by name hears what is granted, and nothing else."""
    tried, allowed = topics(house), granted(house)
    expected = cells({name: one.read for name, one in allowed.items()}, tried)

    found = read(broker, allowed, tried, lambda _name: tuple(tried))

    assert differing(expected, found) == []


@pytest.mark.parametrize(
    "wildcard",
    [
        "+/#",
        "carhome/#",
        "carhome/+/#",
        "carhome/+/+/cmd/+/+",
        "carhome/+/+/reply/+/+",
        "carhome/+/+/state/+",
        "$share/{name}/#",
        "$share/{name}/carhome/#",
        "$CONTROL/#",
    ],
)
def test_no_wildcard_hears_more(wangs: Broker, wildcard: str) -> None:
    """Who subscribes to more than it may read hears what is granted, and nothing else."""
    hears_no_more(wangs, wang(), wildcard)


def test_no_wildcard_hears_more_in_a_crowd(broker: Broker, house: Household) -> None:
    """The same of the widest one, whoever else there is."""
    hears_no_more(broker, house, "#")


def hears_no_more(broker: Broker, house: Household, wildcard: str) -> None:
    """Let everybody subscribe to a wildcard and hold what they hear against what is generated."""
    tried, allowed = topics(house), granted(house)
    plain = wildcard.removeprefix("$share/{name}/")
    within = [topic for topic in tried if matches(plain, topic)]
    expected = cells({name: one.read for name, one in allowed.items()}, within)

    found = read(broker, allowed, tried, lambda name: (wildcard.format(name=name),))

    assert differing(expected, found) == []


def test_nobody_reads_what_the_broker_says_of_itself(broker: Broker, house: Household) -> None:
    """The broker's own topics, which are kept for whoever subscribes, reach nobody of the household."""
    with broker.wire(SOUNDER) as sounder:
        sounder.subscribe("$SYS/#", EAR)
        assert "$SYS/broker/version" in [frame.topic for frame in heard(sounder, sounder, EAR)]
        sounder.disconnect()

    assert read(broker, granted(house), ["elsewhere"], lambda _name: ("$SYS/#",)) == []


# --- over mutual TLS ----------------------------------------------------------------------------------


def test_same_over_mutual_tls() -> None:
    """Where certificates say who somebody is, everybody may do the same: cell by cell what is generated."""
    house = wang()
    tried, allowed = topics(house), granted(house)
    writers = cells({name: one.write for name, one in allowed.items()}, tried)
    readers = cells({name: one.read for name, one in allowed.items()}, tried)
    with secured_broker(plan_of(house)) as broker:
        taken, passed = written(broker, allowed, tried, version=5)
        assert differing(writers, taken) == []
        assert differing(writers, passed) == []

        assert differing(readers, read(broker, allowed, tried, lambda _name: tuple(tried))) == []
        assert differing(readers, read(broker, allowed, tried, lambda _name: ("+/#",))) == []
        everywhere = read(broker, allowed, tried, lambda name: (f"$share/{name}/#",))
        assert differing(readers, everywhere) == []
        assert read(broker, allowed, ["elsewhere"], lambda _name: ("$SYS/#",)) == []


# --- nobody -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "code"), [(5, NOT_AUTHORIZED), (4, REFUSED_3_1_1)])
def test_nobody_in_particular_is_not_let_in(broker: Broker, version: int, code: int) -> None:
    """Without an account there is no cell at all: the broker refuses the CONNECT, and hangs up."""
    with broker.dial(version=version) as wire:
        welcome = wire.connect(Hello(client_id="nobody"))

        assert welcome is not None
        assert welcome.code == code
        assert wire.hung_up() is None


def test_who_does_not_say_hello_is_not_heard(broker: Broker, house: Household) -> None:
    """A message or a subscription without a CONNECT before it ends the connection, and reaches nobody."""
    online = online_topic(house.name, next(iter(house.devices)))
    with broker.wire(SOUNDER) as sounder:
        sounder.subscribe("#")
        for uninvited in (publish_packet(online), subscribe_packet("#")):
            with broker.dial() as wire:
                wire.send(uninvited)

                wire.hung_up()
                assert wire.heard == []

        assert heard(sounder, sounder, EAR) == []


# --- the comparison is not blind ----------------------------------------------------------------------


def test_grant_too_many_is_found_and_named() -> None:
    """A permission that is in the broker's file and not among the generated ones differs in its cells."""
    house = wang()
    plan = plan_of(house)
    allowed, tried = granted(house), topics(house)
    wider = {
        "mallory": Grants((*allowed["mallory"].write, "carhome/wang/+/state/doors"), allowed["mallory"].read),
        "camera": Grants(allowed["camera"].write, (*allowed["camera"].read, "carhome/wang/heater/online")),
        "heater": Grants((), allowed["heater"].read),
    }
    with private_broker(replace(plan, grants={**plan.grants, **wider})) as broker:
        taken, passed = written(broker, wider, tried, version=5)
        found = read(broker, {name: allowed[name] for name in wider}, tried, lambda _name: ("#",))

    writers = cells({name: allowed[name].write for name in wider}, tried)
    assert differing(writers, taken) == differing(writers, passed)
    lines = differing(writers, taken)
    assert "mallory may not, and could: carhome/wang/su7/state/doors" in lines
    assert any(line.startswith("heater may, and could not: carhome/wang/heater/") for line in lines)
    readers = cells({name: allowed[name].read for name in wider}, tried)
    assert "camera may not, and could: carhome/wang/heater/online" in differing(readers, found)
