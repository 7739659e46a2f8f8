"""Commands a device was given: who vouches for them, and what is remembered of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.messages import COMMAND_BYTES_MAX, CloudEvent, Frame
from sim.core.topics import parse_topic
from sim.trust.envelope import seal
from sim.trust.identity import Keyring
from sim.world.node.inbox import REMEMBERED_MAX, Inbox, Taken, UntrustedError, verify
from sim.world.node.orders import TTL_MAX_MS, Order, digest
from tests.stages import START_MS, event_of, identity, order

TOPIC = "carhome/home/lamp/cmd/button/do"
KEYRING = Keyring([identity("lamp"), identity("button")])
DIGEST = digest(b"a")


def verified(payload: bytes, topic: str = TOPIC, now_ms: int = 0) -> tuple[Order, bytes]:
    """Return what the lamp makes of bytes that come so long after the start."""
    parsed = parse_topic(topic)
    assert parsed is not None
    return verify(parsed, Frame(topic, payload), "lamp", KEYRING, START_MS + now_ms)


def untrusted(payload: bytes, topic: str = TOPIC, now_ms: int = 0) -> UntrustedError:
    """Return why nobody vouches for some bytes."""
    with pytest.raises(UntrustedError) as caught:
        verified(payload, topic, now_ms)
    return caught.value


def remember(inbox: Inbox, signed: Order, now_ms: int = 0) -> Taken | None:
    """Return what an inbox keeps of an order that comes so long after the start."""
    return inbox.remember(signed, DIGEST, START_MS + now_ms)


def full() -> Inbox:
    """Return an inbox that remembers all it can; the n-th command expires n ms after 30 s."""
    inbox = Inbox()
    for number in range(REMEMBERED_MAX):
        expires_ms = START_MS + 30_000 + number
        assert remember(inbox, order(id=f"button-act-{number}", expires_ms=expires_ms)) is not None
    return inbox


# --- who vouches for it ---------------------------------------------------------------------------


@pytest.mark.parametrize("now_ms", [30_000 - TTL_MAX_MS, 0, 30_000, 86_400_000])
def test_command_that_was_signed_for_this_is_verified(now_ms: int) -> None:
    """Whether it is late is not a question of trust; the digest is that of the signed bytes."""
    signed = order()

    assert verified(event_of(signed).to_json(), now_ms=now_ms) == (signed, digest(signed.to_bytes()))


@pytest.mark.parametrize(
    ("signed", "signer", "topic", "now_ms", "why"),
    [
        ({"sender": "mallory"}, "button", TOPIC, 0, "it is signed with the key of button, not of mallory"),
        ({}, "button", TOPIC.replace("button", "mallory"), 0, "it was signed by button but sent by mallory"),
        ({"to": "heater"}, "button", TOPIC, 0, "it was signed for heater, not for lamp"),
        ({"name": "measure"}, "button", TOPIC, 0, "it was signed as `measure` but sent as `do`"),
        ({}, "lamp", TOPIC, 0, "it is signed with the key of lamp, not of button"),
        ({}, "mallory", TOPIC, 0, "the household has not enrolled the key that signed it"),
        (
            {"expires_ms": START_MS + TTL_MAX_MS + 1},
            "button",
            TOPIC,
            0,
            "it would live longer than 3600000 ms",
        ),
        (
            {},
            "button",
            TOPIC,
            30_000 - TTL_MAX_MS - 1,
            "it would still live longer than 3600000 ms by the clock of lamp",
        ),
    ],
)
def test_command_that_was_signed_for_something_else_is_untrusted(
    signed: dict[str, Any], signer: str, topic: str, now_ms: int, why: str
) -> None:
    """A captured command works nowhere else: not for another target, action, sender or hour."""
    error = untrusted(event_of(order(**signed), signer).to_json(), topic, now_ms)

    assert str(error) == why
    assert (error.order_id, error.cause) == ("button-act-99", "button-act-99")


def test_command_in_an_event_of_another_id_is_untrusted() -> None:
    """The id that was signed is the one that counts; it is refused under the one it came with."""
    error = untrusted(event_of(order(), event_id="button-act-98").to_json())

    assert str(error) == "its id is not the one that was signed"
    assert error.order_id == "button-act-98"


@pytest.mark.parametrize("event_id", ["A", "a/b", "+", "#", "a b", "x" * 65, "\u2603"])
def test_command_whose_id_is_no_name_cannot_be_answered(event_id: str) -> None:
    """A stranger's id never becomes part of a topic, where it could be a wildcard."""
    error = untrusted(event_of(order(), event_id=event_id).to_json())

    assert (error.order_id, error.cause) == (None, event_id)


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"", "it is not a message of ours: not JSON"),
        (b"\xff", "it is not a message of ours: the bytes are not UTF-8"),
        (b"[]", "it is not a message of ours: not a JSON object"),
        (b'{"\\ud800":1,"\\ud800":2}', "it is not a message of ours: key `\\ud800` is given twice"),
        (b" " * (COMMAND_BYTES_MAX + 1), "it is not a message of ours: 4097 bytes are more than"),
    ],
)
def test_command_that_is_no_message_is_untrusted_and_nobodys(payload: bytes, why: str) -> None:
    """There is no id to answer, and nothing that caused it."""
    error = untrusted(payload)

    assert str(error).startswith(why)
    assert (error.order_id, error.cause) == (None, None)


def test_command_without_an_envelope_is_untrusted() -> None:
    """What is not sealed says nothing."""
    error = untrusted(CloudEvent("x", "y", "z", 0, {}).to_json())

    assert str(error).startswith("the envelope does not have exactly the fields")


def test_command_whose_signed_bytes_are_no_order_is_untrusted() -> None:
    """A good signature over anything else is no command."""
    envelope = seal(identity("button"), "command", b"{}")

    error = untrusted(CloudEvent("x", "y", "carhome.command", 0, envelope).to_json())

    assert str(error).startswith("the signed field `id` is missing")


def test_command_sealed_as_something_else_is_untrusted() -> None:
    """An answer is no command, whoever signed it."""
    envelope = seal(identity("button"), "reply", order().to_bytes())

    untrusted(CloudEvent("button-act-99", "y", "carhome.command", 0, envelope).to_json())


@given(st.binary(max_size=200))
def test_any_bytes_are_verified_or_untrusted(payload: bytes) -> None:
    """Nothing a stranger can write raises anything else."""
    untrusted(payload)


# --- what is remembered ---------------------------------------------------------------------------


def test_inbox_remembers_a_command_by_sender_and_id() -> None:
    """The same id of another sender is another command; the bytes are for the node to compare."""
    inbox = Inbox()

    taken = remember(inbox, order())

    assert inbox.known(order(args={"how": "on"})) is taken
    assert inbox.known(order(sender="panel")) is None
    assert inbox.known(order(id="button-act-98")) is None
    assert taken is not None
    assert (taken.order, taken.digest, taken.last, taken.closed) == (order(), DIGEST, None, False)


def test_inbox_that_is_full_of_what_may_come_again_takes_no_more() -> None:
    """A flood is refused rather than a command forgotten that could still be repeated."""
    inbox = full()

    assert remember(inbox, order(id="button-act-998"), now_ms=29_999) is None

    assert len(inbox) == REMEMBERED_MAX
    assert inbox.known(order(id="button-act-998")) is None
    assert inbox.known(order(id="button-act-0")) is not None


def test_inbox_that_is_full_forgets_the_oldest_expired_command() -> None:
    """Room is made one by one, from the front, and only where the time is up."""
    inbox = full()

    late = {"expires_ms": START_MS + 60_000}
    assert remember(inbox, order(id="button-act-998", **late), now_ms=30_000) is not None
    assert remember(inbox, order(id="button-act-999", **late), now_ms=30_000) is None
    assert remember(inbox, order(id="button-act-999", **late), now_ms=30_001) is not None

    assert len(inbox) == REMEMBERED_MAX
    assert [inbox.known(order(id=f"button-act-{number}")) is None for number in range(3)] == [
        True,
        True,
        False,
    ]


def test_inbox_that_is_full_of_one_sender_takes_those_of_another() -> None:
    """Each sender has room of its own, and costs nobody else theirs."""
    inbox = full()

    taken = remember(inbox, order(id="panel-act-1", sender="panel"))

    assert taken is not None
    assert inbox.known(order(id="panel-act-1", sender="panel")) is taken
    assert len(inbox) == REMEMBERED_MAX + 1
    assert remember(inbox, order(id="button-act-998")) is None


def test_inbox_says_what_was_interrupted_in_order() -> None:
    """What has its final answer is over."""
    inbox = Inbox()
    taken = [remember(inbox, order(id=f"button-act-{number}")) for number in range(3)]
    assert taken[1] is not None
    taken[1].closed = True

    assert list(inbox.interrupted()) == [taken[0], taken[2]]
