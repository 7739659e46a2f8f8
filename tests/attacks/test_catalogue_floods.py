"""Rows 22, 23 and 31 of the catalogue: floods, senders that want others locked out, and garbage.

`tests/wire/test_attacks_on_the_broker.py` has the whole catalogue; the floods over a real broker are in
`test_catalogue_floods_over_mosquitto.py`.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from sim.core.asking import LockCar, SetClimate, UnlockCar
from sim.core.household import Household
from sim.core.messages import COMMAND_BYTES_MAX, MESSAGE_BYTES_MAX, CloudEvent, Frame, dump_json
from sim.core.topics import command_topic, matches, online_topic, reply_topic, state_topic
from sim.trust.envelope import seal
from sim.trust.identity import Identity
from sim.world.network.permissions import readable
from sim.world.node.rates import COMMAND_BURST
from tests.attacks.raids import (
    BEFORE_THE_CAR,
    HOME,
    HOUR_MS,
    MALLORYS,
    House,
    Refusal,
    by_the_broker,
    forbidden,
    framed,
    identity,
    key,
    outsider,
    refused,
)
from tests.scenario.stories import KINDS

JUDGED = forbidden("tv", "refresh", "policy", None, "key-or-built-in")
TOO_MANY = Refusal("tv", "refresh", "rate", "RATE_LIMIT", None)


def not_read(count: int, of: str = "tv", by: str = "su7") -> Refusal:
    """Return the record that ends a flood."""
    return Refusal("", f"{count} messages of {of} were too many, and not read", "warning", None, None, by)


# --- 22 and 23 ------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [300, 3_000])
def test_row_22_flood_of_one_device_in_one_instant(count: int) -> None:
    """Twenty signed commands are judged, the flood has two records, and the owner is served in its midst."""

    def story(house: House) -> None:
        frames = [house.signed("tv", "refresh") for _ in range(count)]
        house.attack(lambda: flood(house, "tv", frames[: count // 2]))
        house.use("watch", UnlockCar(car="su7"))
        house.attack(lambda: flood(house, "tv", frames[count // 2 :]))
        house.advance(1_000)
        house.use("phone", LockCar(car="su7"))
        house.advance(60_000)

    house = refused(story, *[JUDGED] * COMMAND_BURST, TOO_MANY, not_read(count - COMMAND_BURST))
    assert (house.allowed("unlock"), house.allowed("lock")) == (1, 1)


def flood(house: House, device: str, frames: list[Frame]) -> None:
    """Put many messages on a device's connection at once."""
    for frame in frames:
        house.stage._publish(device, frame, None)
    house.settle()


def test_row_23_flood_that_goes_on_while_the_car_is_waking() -> None:
    """300 commands a second for ten seconds to a car that is busy: ten a second are read, no owner waits."""

    def story(house: House) -> None:
        for second in range(10):
            if second == 5:
                house.use("watch", UnlockCar(car="su7"))
            frames = [house.signed("tv", "refresh") for _ in range(300)]
            house.attack(flood, house, "tv", frames)
            house.advance(1_000)
        house.advance(60_000)

    # 20 at once, then what nine seconds let in: nine times ten.
    read = COMMAND_BURST + 9 * 10
    house = refused(story, *[JUDGED] * COMMAND_BURST, TOO_MANY, *[JUDGED] * 90, not_read(3_000 - read))
    assert house.allowed("unlock") == 1


def test_row_23_flood_of_garbage_costs_others_nothing_either() -> None:
    """What is not read is counted like what is: 300 times garbage, and the heater still obeys the phone."""

    def story(house: House) -> None:
        topic = command_topic(HOME, "heater", "mei_phone", "set_climate")
        house.attack(lambda: flood(house, "mei_phone", [Frame(topic, b"{")] * 300))
        house.use("phone", SetClimate(device="heater", mode="heat"))
        house.advance(60_000)

    rubbish = Refusal("mei_phone", "set_climate", "signature", "DECODING", "signed-command-only", "heater")
    flooded = Refusal("mei_phone", "set_climate", "rate", "RATE_LIMIT", None, "heater")
    refused(story, *[rubbish] * COMMAND_BURST, flooded, not_read(280, "mei_phone", "heater"))


ASLEEP = replace(BEFORE_THE_CAR, state={"su7": {"asleep": True}})
"""The same with the car asleep, as it stands for most of its life."""


def knock(house: House, sender: str, action: str, signer: Identity | None = None) -> None:
    """Ask the sleeping car for something every half an hour, too seldom for any limit of rates."""
    for _ in range(8):
        house.attack(lambda: house.say(sender, house.signed(sender, action, signer=signer)))
        house.advance(HOUR_MS // 2)


@pytest.mark.parametrize(
    ("sender", "signer", "refusal"),
    [
        ("tv", None, JUDGED),
        ("tv", MALLORYS, replace(JUDGED, layer="signature", code="UNKNOWN_KEY", rule="signed-command-only")),
        ("heater", None, by_the_broker("heater", command_topic(HOME, "su7", "heater", "refresh"))),
    ],
    ids=["refused by the rules", "signed by nobody", "refused by the broker"],
)
def test_row_22_refused_commands_do_not_wake_the_car(
    sender: str, signer: Identity | None, refusal: Refusal
) -> None:
    """Who may ask the car nothing does not drain its battery: it sleeps through an evening of refusals."""
    house = refused(lambda house: knock(house, sender, "refresh", signer), *[refusal] * 8, given=ASLEEP)
    assert house.starts() == 0


def test_row_22_greetings_of_a_key_that_is_none_do_not_wake_the_car() -> None:
    """Asking for a challenge is anybody's right and is answered by the gateway, while the rest sleeps on."""

    def story(house: House) -> None:
        for _ in range(8):
            house.attack(lambda: house.challenged("tv", outsider(house)))
            house.advance(HOUR_MS // 2)

    unknown = forbidden("tv", "key_hello", "key", "UNKNOWN_KEY", "fresh-key-only")
    assert refused(story, *[unknown] * 8, given=ASLEEP).starts() == 0


@pytest.mark.parametrize("victim", ["watch", "phone"])
def test_row_22_bad_signatures_under_the_owners_key_lock_out_their_sender_only(victim: str) -> None:
    """Six times rubbish under the owner's key id: the sixth is not looked at, and the owner opens the car."""

    def story(house: House) -> None:
        for _ in range(6):
            envelope = {**seal(key("tv"), "key.hello", b'{"car":"su7"}'), "kid": key(victim).kid}
            order = house.signed("tv", "key_hello", {"hello": envelope})
            house.attack(house.say, "tv", order)
        house.use(victim, UnlockCar(car="su7"))
        house.advance(60_000)

    bad, out = (
        forbidden("tv", "key_hello", "key", code, "fresh-key-only")
        for code in ("BAD_SIGNATURE", "LOCKED_OUT")
    )
    house = refused(story, *[bad] * 5, out)
    assert not house.truth.fact("su7", "locked", house.now_ms)


# --- 31 -------------------------------------------------------------------------------------------

GARBAGE: dict[str, bytes] = {
    "nothing": b"",
    "no UTF-8": b"\xff\xfe\x00",
    "NUL": b"\x00",
    "null": b"null",
    "number": b"42",
    "NaN": b"NaN",
    "string": b'"unlock"',
    "list": b"[]",
    "nested lists": b"[" * 2_000,
    "closed nested lists": b"[" * 1_500 + b"]" * 1_500,
    "nested objects": b'{"a":' * 700 + b"1" + b"}" * 700,
    "no attributes": b"{}",
    "key twice": b'{"id":"a","id":"b"}',
    "unfinished": b'{"specversion":"1.0","id":"a"',
    "surrogate": b'{"id":"\\ud800"}',
    "huge integer": b'{"id":' + b"9" * 3_000 + b"}",
    "huge float": b'{"id":1e999}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "XML": b"<unlock/>",
    "SQL": b"'; DROP TABLE keys; --",
    "HTTP": b"GET / HTTP/1.1\r\n\r\n",
    "format string": b"%s%n{0.__class__}",
    "too big": b" " * (COMMAND_BYTES_MAX + 1),
    "an event of nothing": CloudEvent("x", "x", "x", 0, {}).to_json(),
    "an event of nulls": CloudEvent(
        "x", "x", "x", 0, dict.fromkeys(("v", "typ", "kid", "p", "sig"))
    ).to_json(),
    "an event of depth": CloudEvent("x", "x", "x", 0, {"p": [[[[[[[[]]]]]]]]}).to_json(),
    "values of the wrong sort": dump_json(
        {
            "specversion": "1.0",
            "id": "x",
            "source": "x",
            "type": "x",
            "time": "2026-01-12T07:30:00Z",
            "data": {"boot": 1.5, "seq": "1", "values": {"locked": "no", "online": 1}},
        }
    ),
}


@pytest.mark.parametrize("garbage", GARBAGE)
def test_row_31_garbage_as_a_command_to_every_device(garbage: str) -> None:
    """Garbage on every command topic that anybody may write: one refusal each, and the house lives on."""
    topics = [topic for topic in channels() if topic[1].split("/")[3] == "cmd"]
    payload = GARBAGE[garbage]
    code = "TOO_BIG" if len(payload) > COMMAND_BYTES_MAX else "DECODING"

    def story(house: House) -> None:
        for writer, topic in topics:
            house.attack(house.say, writer, Frame(topic, payload))
            house.advance(100)
        lives_on(house)

    expected = [
        Refusal(writer, topic.split("/")[5], "signature", code, "signed-command-only", topic.split("/")[2])
        for writer, topic in topics
    ]
    refused(story, *expected)


@pytest.mark.parametrize("garbage", GARBAGE)
def test_row_31_garbage_as_a_report_or_an_answer_to_every_device(garbage: str) -> None:
    """Garbage in the name of every device that somebody reads: each reader ignores it, and says so once."""
    topics = [topic for topic in channels() if topic[1].split("/")[3] != "cmd"]
    payload = GARBAGE[garbage] or b"{"  # an empty report is the broker's way to forget one

    def story(house: House) -> None:
        for writer, topic in topics:
            house.attack(house.say, writer, Frame(topic, payload))
            house.advance(100)
        lives_on(house)

    readers = [
        (reader, topic)
        for _, topic in topics
        if topic.split("/")[3] != "reply"
        for reader in sorted(readers_of(topic))
    ]
    sentence = "ignored a report on `{}` that does not fit its kind"
    ignored = [
        Refusal("", sentence.format(topic), "warning", None, None, reader) for reader, topic in readers
    ]
    refused(story, *ignored)


@pytest.mark.parametrize("garbage", [name for name in GARBAGE if GARBAGE[name]])
def test_row_31_garbage_as_the_answer_that_is_waited_for(garbage: str) -> None:
    """Garbage in the heater's name for a command under way is no answer to it; the true one still is."""

    def story(house: House) -> None:
        house.lose("heater", "in", 1)
        ticket = house.use("phone", SetClimate(device="heater", mode="heat"))
        topic = reply_topic(HOME, "heater", "phone", ticket)
        house.attack(lambda: house.say("heater", Frame(topic, GARBAGE[garbage])))
        house.advance(60_000)
        assert house.status(ticket) == "done"

    quiet = House(attacked=False)
    story(quiet)
    house = House()
    story(house)
    warnings = [one.action for one in house.refusals() if one.layer == "warning"]
    assert [sentence.startswith("ignored an answer to ") for sentence in warnings] == [True]
    assert house.moved(when=True) == quiet.moved(when=True)


@pytest.mark.parametrize("size", [MESSAGE_BYTES_MAX + 1, COMMAND_BYTES_MAX])
def test_row_31_valid_signature_over_something_too_big(size: int) -> None:
    """A device of the household signs an order that is too big to be one: it is not read."""

    def story(house: House) -> None:
        envelope = seal(identity("mei_phone"), "command", b" " * size)
        frame = framed("mei_phone", "su7", "unlock", "big", envelope)
        house.attack(lambda: house.say("mei_phone", frame))
        lives_on(house)

    refused(story, forbidden("mei_phone", "unlock", "signature", "TOO_BIG", "signed-command-only"))


def lives_on(house: House) -> None:
    """Use the house as on any day: everything is done."""
    house.advance(5_000)
    tickets = [
        house.use("watch", UnlockCar(car="su7")),
        house.use("phone", SetClimate(device="heater", mode="heat")),
    ]
    house.advance(5_000)
    tickets.append(house.use("phone", LockCar(car="su7")))
    house.advance(5_000)
    assert [house.status(ticket) for ticket in tickets] == ["done", "done", "done"]


@cache
def attacked() -> Household:
    """Return the household of every raid."""
    return House().household


def readers_of(topic: str) -> list[str]:
    """Return the devices that read a topic."""
    household = attacked()
    return [
        device
        for device in household.devices
        if any(matches(one, topic) for one in readable(household, KINDS, device))
    ]


@cache
def channels() -> list[tuple[str, str]]:
    """Return every topic that somebody reads, with the device that may write on it."""
    household = attacked()
    found: dict[tuple[str, str], None] = {}
    for reader in household.devices:
        for pattern in readable(household, KINDS, reader):
            found.update(dict.fromkeys(_spelled(pattern, household)))
    house = House()
    return [(writer, topic) for writer, topic in found if house.stage.network.may_write(writer, topic)]


def _spelled(pattern: str, household: Household) -> Iterator[tuple[str, str]]:
    """Yield (writer, topic) for each way to fill in what a filter leaves open."""
    _, _, device, channel, *words = pattern.split("/")
    match channel:
        case "cmd":
            for sender in household.devices:
                yield sender, command_topic(HOME, device, sender, "unlock")
                yield sender, command_topic(HOME, device, sender, "never_heard_of")
        case "reply":
            for answering in household.devices:
                yield answering, reply_topic(HOME, answering, words[0], f"{words[0]}-act-99")
        case "state":
            for facet in KINDS[household.devices[device].kind].facets:
                yield device, state_topic(HOME, device, facet.facet)
        case _:
            yield device, online_topic(HOME, device)
