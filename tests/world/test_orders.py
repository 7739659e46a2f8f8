"""Orders and outcomes: exactly their fields, and in agreement with what is around them."""

from typing import Any

import pytest

from sim.core.device import Answer
from sim.core.messages import dump_json
from sim.world.node.orders import TTL_MAX_MS, Order, OrderError, Outcome, digest
from tests.stages import START_MS, order

OUTCOME = Outcome("phone-act-1", "su7", "phone", Answer("denied", "no", {"kind": "forbidden"}, {"x": 1}))


def refusal(signed: Order, **but: str) -> tuple[str, str]:
    """Return the code and sentence of an order that is not the button's to the lamp, except for `but`."""
    around = {"id": "button-act-99", "sender": "button", "signer": "button", "target": "lamp", "action": "do"}
    with pytest.raises(OrderError) as caught:
        signed.expect(**{**around, **but})
    return caught.value.code, str(caught.value)


def test_order_comes_back_as_it_was_signed() -> None:
    """The bytes say everything, None included."""
    signed = order(by=None, worn=None)

    assert Order.read(signed.to_bytes()) == signed


def test_order_that_agrees_with_everything_around_it_is_taken() -> None:
    """An hour is the longest life."""
    order(expires_ms=START_MS + TTL_MAX_MS).expect(
        id="button-act-99", sender="button", signer="button", target="lamp", action="do"
    )


@pytest.mark.parametrize(
    ("signed", "but", "code", "sentence"),
    [
        (
            {},
            {"signer": "mallory"},
            "SENDER_KEY_MISMATCH",
            "it is signed with the key of mallory, not of button",
        ),
        ({}, {"sender": "mallory"}, "SENDER_KEY_MISMATCH", "it was signed by button but sent by mallory"),
        ({}, {"target": "heater"}, "WRONG_TARGET", "it was signed for lamp, not for heater"),
        ({}, {"action": "unlock"}, "WRONG_COMMAND", "it was signed as `do` but sent as `unlock`"),
        ({}, {"id": "button-act-1"}, "WRONG_COMMAND", "its id is not the one that was signed"),
        (
            {"expires_ms": START_MS + TTL_MAX_MS + 1},
            {},
            "TTL_TOO_LONG",
            "it would live longer than 3600000 ms",
        ),
    ],
)
def test_order_that_disagrees_is_refused_by_name(
    signed: dict[str, Any], but: dict[str, str], code: str, sentence: str
) -> None:
    """Topic, event and key are held against what was signed, never believed instead."""
    assert refusal(order(**signed), **but) == (code, sentence)


def test_order_is_refused_that_ends_more_than_an_hour_after_the_targets_own_now() -> None:
    """What the sender's clock says of its beginning does not matter."""
    signed = order(issued_ms=START_MS + TTL_MAX_MS, expires_ms=START_MS + TTL_MAX_MS + 1)

    signed.expect_to_end(START_MS + 1)
    signed.expect_to_end(START_MS + 10 * TTL_MAX_MS)
    with pytest.raises(OrderError, match="it would still live longer than 3600000 ms"):
        signed.expect_to_end(START_MS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "A"),
        ("id", "a/b"),
        ("id", "a\n"),
        ("sender", ""),
        ("name", "x" * 65),
        ("args", []),
        ("by", 1),
        ("worn", 1),
        ("issued_ms", 1.0),
        ("expires_ms", "5"),
        ("expires_ms", True),
        ("extra", 1),
    ],
)
def test_order_with_a_field_of_another_sort_is_refused(name: str, value: object) -> None:
    """Integers are integers, names are names, and nothing rides along."""
    with pytest.raises(
        OrderError, match=f"the signed field `{name}` is missing, unknown or of the wrong sort"
    ):
        Order.read(dump_json({**order().model_dump(), name: value}))


@pytest.mark.parametrize("payload", [b"", b"[]", b"\xff", b'{"id":1,"id":2}', b'{"x":NaN}'])
def test_signed_bytes_that_are_no_json_object_are_refused(payload: bytes) -> None:
    """Strict reading holds inside the envelope too."""
    with pytest.raises(OrderError):
        Order.read(payload)


@pytest.mark.parametrize("name", Order.model_fields)
def test_order_without_a_field_is_refused(name: str) -> None:
    """Every field must be there, even those that may be null: what was signed says one thing in one way."""
    fields = order().model_dump()
    del fields[name]

    with pytest.raises(OrderError, match=f"`{name}` is missing"):
        Order.read(dump_json(fields))


@pytest.mark.parametrize("answer", [OUTCOME.answer, Answer("done"), Answer("accepted", data={"a": [1]})])
def test_outcome_comes_back_as_it_was_signed(answer: Answer) -> None:
    """Status, reason, denial and data."""
    outcome = Outcome("phone-act-1", "su7", "phone", answer)

    assert Outcome.read(outcome.to_bytes()) == outcome


@pytest.mark.parametrize("status", ["perhaps", "sent", None, 1])
def test_outcome_of_an_unknown_status_is_refused(status: object) -> None:
    """A life has seven steps."""
    payload = OUTCOME.to_bytes().replace(b'"denied"', dump_json(status))

    with pytest.raises(OrderError, match="`status`"):
        Outcome.read(payload)


@pytest.mark.parametrize(
    "but", [{"id": "phone-act-2"}, {"signer": "mallory"}, {"target": "heater"}, {"to": "watch"}]
)
def test_outcome_of_another_command_device_or_asker_is_refused(but: dict[str, str]) -> None:
    """Only the target's own answer to this very command counts."""
    around = {"id": "phone-act-1", "signer": "su7", "target": "su7", "to": "phone"}
    OUTCOME.expect(**around)

    with pytest.raises(OrderError, match="answer to"):
        OUTCOME.expect(**{**around, **but})


def test_digest_tells_bytes_apart() -> None:
    """One bit is enough."""
    assert digest(b"a") != digest(b"b")
    assert len(digest(b"")) == 32
