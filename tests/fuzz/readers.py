"""What is fuzzed: the readers that a stranger's bytes reach, and what must hold of whatever it accepts.

A check reads bytes as the program would. It returns whether they were accepted, and raises when the reader
raises anything but its own refusal, or accepts something that is not what it was written as.
"""

import base64
import json
import math
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from paho.mqtt.client import topic_matches_sub

from sim.core.messages import (
    COMMAND_BYTES_MAX,
    DEPTH_MAX,
    INTEGER_MAX,
    CloudEvent,
    Frame,
    MalformedMessageError,
    dump_json,
    load_json_object,
)
from sim.core.names import is_identifier
from sim.core.topics import command_topic, matches, parse_topic
from sim.trust.envelope import EnvelopeError, seal, unseal
from sim.trust.identity import Identity, Keyring
from sim.world.network.payloads import readable
from sim.world.node.inbox import UntrustedError, verify
from sim.world.node.orders import Order, OrderError, Outcome, digest
from sim.world.node.rates import sender_of

SEED: Final = 7
HOME: Final = "home"
NOW_MS: Final = 1_768_203_000_000
IDENTITIES: Final = {name: Identity.for_scenario(SEED, HOME, name) for name in ("lamp", "button")}
KEYRING: Final = Keyring(IDENTITIES.values())
TYPES: Final = ("command", "reply")
COMMAND: Final = parse_topic(command_topic(HOME, "lamp", "button", "do"))
TOPIC: Final = re.compile(
    r"carhome(/[a-z0-9][a-z0-9_-]{0,63}){2}"
    r"/((cmd|reply)(/[a-z0-9][a-z0-9_-]{0,63}){2}|(state|event)/[a-z0-9][a-z0-9_-]{0,63}|decision|online)"
)
"""A topic of ours, written down a second time."""
SEPARATOR: Final = b"\0"
"""Between a filter and a topic; neither may contain it (MQTT 5.0, section 1.5.4)."""

Check = Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class Target:
    """One reader under its invariants.

    Attributes:
        check: see the module.
        seeds: which of the recorded bytes it begins with, by their name in `tests.fuzz.seeds`.
    """

    check: Check
    seeds: str


# --- what must hold ------------------------------------------------------------------------------


def showing(check: Check) -> Check:
    """Return a check that prints the input of a finding, ready for `--input`."""

    def shown(data: bytes) -> bool:
        try:
            return check(data)
        except Exception:
            sys.stderr.write(f"\n--input {base64.b64encode(data).decode()}\n")
            raise

    return shown


def same(one: object, other: object) -> None:
    """Hold that two values are equal and of the same sorts all through: 1 is neither 1.0 nor true."""
    assert one == other
    assert repr(one) == repr(other)


def said(written: bytes, data: bytes, *, but: frozenset[str] = frozenset()) -> None:
    """Hold that two pieces of JSON say the same, in the same sorts, whatever the order of their keys."""
    one, other = json.loads(written), json.loads(data.decode())
    for name in but:
        one.pop(name)
        other.pop(name)
    assert json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def sound(value: object) -> None:
    """Hold that a value is what strict JSON may say, and that nothing is nested too deep."""
    for inner, depth in _walk(value):
        assert depth <= DEPTH_MAX
        assert type(inner) in {dict, list, str, int, float, bool, type(None)}
        if type(inner) is int:
            assert abs(inner) <= INTEGER_MAX
        elif isinstance(inner, float):
            assert math.isfinite(inner)
        elif isinstance(inner, str):
            inner.encode()


def sayable(error: Exception, code: str | None = None) -> None:
    """Hold that a refusal can be written down, and has the code that is expected if there is one."""
    assert str(error)
    assert code is None or getattr(error, "code", None) == code
    str(error).encode()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len({key for key, _ in pairs}) == len(pairs), "a key is given twice"
    return dict(pairs)


def _walk(value: object, depth: int = 0) -> Iterator[tuple[object, int]]:
    """Yield a value and all that is in it, keys too, with how many brackets are around it and its own."""
    if isinstance(value, dict | list):
        depth += 1
    yield value, depth
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, depth
            yield from _walk(inner, depth)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, depth)


# --- messages ------------------------------------------------------------------------------------


def check_json(data: bytes, load: Callable[..., Any] = load_json_object) -> bool:
    """Strict JSON: what is read is what any reader reads, and comes back as it was."""
    try:
        value = load(data)
    except MalformedMessageError as error:
        sayable(error)
        return False
    sound(value)
    written = dump_json(value)
    same(load_json_object(written, bytes_max=len(written)), value)
    same(json.loads(data.decode(), object_pairs_hook=_once), value)
    return True


def check_event(data: bytes) -> bool:
    """CloudEvents: a message comes back as it was."""
    try:
        event = CloudEvent.from_json(data)
    except MalformedMessageError as error:
        sayable(error)
        return False
    assert type(event.time_ms) is int
    assert isinstance(event.data, dict)
    assert all(text != "" for text in (event.id, event.source, event.type, event.cause))
    sound(event.data)
    written = event.to_json()
    same(CloudEvent.from_json(written, bytes_max=len(written)), event)
    said(written, data, but=frozenset({"time"}))  # It has many spellings.
    return True


def check_shown(data: bytes) -> bool:
    """What the trace shows can be written down, and is the message or its bytes."""
    shown = readable(data)
    same(load_json_object(dump_json(shown), bytes_max=4 * len(data) + 100), shown)
    if shown.keys() == {"raw"}:
        assert base64.b64decode(shown["raw"]) == data
        return False
    event = CloudEvent.from_json(data)
    same(
        (shown["id"], shown["type"], shown["cause"], shown["data"]),
        (event.id, event.type, event.cause, event.data),
    )
    return True


def check_topic(data: bytes) -> bool:
    """Topics: the text of what is parsed is what was parsed; filters cover what paho says they cover."""
    try:
        topic_filter, _, text = (part.decode() for part in data.partition(SEPARATOR))
    except UnicodeDecodeError:
        return False  # A broker closes the connection (MQTT 5.0, section 1.5.4).
    topic = parse_topic(text)
    assert (topic is not None) is (TOPIC.fullmatch(text) is not None)
    if topic is not None:
        assert str(topic) == text
        assert parse_topic(str(topic)) == topic
        assert is_identifier(sender_of(topic))
        assert matches(text, text)
        assert matches("#", text)
    covered = matches(topic_filter, text)
    if _is_filter(topic_filter) and text and not {"+", "#"} & set(text):
        assert covered == topic_matches_sub(topic_filter, text)
    return topic is not None


def _is_filter(text: str) -> bool:
    """Say whether a filter is one at all: a wildcard has its level to itself, and `#` is the last."""
    *before, last = text.split("/")
    return (
        text != ""
        and not any("#" in level for level in before)
        and all(level == "+" or "+" not in level for level in (*before, last))
        and (last == "#" or "#" not in last)
    )


# --- what is signed ------------------------------------------------------------------------------


def check_envelope(data: bytes) -> bool:
    """Envelopes: what is opened is, field by field, what only the holder of the key can have sealed."""
    try:
        event = CloudEvent.from_json(data, bytes_max=COMMAND_BYTES_MAX)
    except MalformedMessageError:
        return False
    opened = False
    for typ in TYPES:
        try:
            content = unseal(event.data, typ, KEYRING)
        except EnvelopeError as error:
            sayable(error, error.code.upper())
            continue
        sealed = seal(IDENTITIES[content.device], typ, content.payload)
        same(sorted(sealed.items()), sorted(event.data.items()))
        assert not opened, "one envelope of two types"
        opened = True
    return opened


def check_command(data: bytes) -> bool:
    """Commands: what a device takes is an order that its sender signed, for it, under that very id."""
    assert COMMAND is not None
    try:
        order, bound = verify(COMMAND, Frame(str(COMMAND), data), "lamp", KEYRING, NOW_MS)
    except UntrustedError as error:
        sayable(error)
        return False
    event = CloudEvent.from_json(data)
    envelope = seal(IDENTITIES["button"], "command", unseal(event.data, "command", KEYRING).payload)
    same(sorted(envelope.items()), sorted(event.data.items()))
    assert bound == digest(unseal(envelope, "command", KEYRING).payload)
    assert (order.id, order.sender, order.to, order.name) == (event.id, "button", "lamp", "do")
    return True


def check_order(data: bytes) -> bool:
    """Orders: integers are integers, names are names, and an order comes back as it was."""
    try:
        order = Order.read(data)
    except OrderError as error:
        sayable(error, "DECODING")
        return False
    assert type(order.issued_ms) is type(order.expires_ms) is int
    assert type(order.worn) in {bool, type(None)}
    assert all(is_identifier(name) for name in (order.id, order.sender, order.to, order.name))
    assert order.by is None or is_identifier(order.by)
    sound(order.args)
    same(Order.read(order.to_bytes()), order)
    said(order.to_bytes(), data)
    with suppress(OrderError):
        order.expect(id=order.id, sender="button", signer="button", target="lamp", action="do")
    with suppress(OrderError):
        order.expect_to_end(NOW_MS)
    return True


def check_outcome(data: bytes) -> bool:
    """Outcomes: names are names, the status is one there is, and an outcome comes back as it was."""
    try:
        outcome = Outcome.read(data)
    except OrderError as error:
        sayable(error, "DECODING")
        return False
    assert all(is_identifier(name) for name in (outcome.id, outcome.sender, outcome.to))
    same(Outcome.read(outcome.to_bytes()), outcome)
    said(outcome.to_bytes(), data)
    with suppress(OrderError):
        outcome.expect(id=outcome.id, signer="lamp", target="lamp", to="button")
    return True


READERS: Final = {
    "json": Target(check_json, "payloads"),
    "event": Target(check_event, "payloads"),
    "shown": Target(check_shown, "shown"),
    "topic": Target(check_topic, "topics"),
    "envelope": Target(check_envelope, "sealed"),
    "command": Target(check_command, "sealed"),
    "order": Target(check_order, "orders"),
    "outcome": Target(check_outcome, "outcomes"),
}
"""The targets that must hold, by name."""
