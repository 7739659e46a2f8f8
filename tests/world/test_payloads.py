"""What the trace shows of a payload: its content if it is ours, its bytes if it is anything else."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.messages import CloudEvent, dump_json
from sim.world.network.payloads import readable
from tests.stages import event_of, order


def test_event_is_shown_with_its_content() -> None:
    """Id, type, cause and data."""
    event = CloudEvent("a-1", "carhome/home/a", "carhome.event", 0, {"x": 1}, "b-2")

    assert readable(event.to_json()) == {
        "id": "a-1",
        "type": "carhome.event",
        "cause": "b-2",
        "data": {"x": 1},
    }


def test_command_is_shown_with_what_was_signed() -> None:
    """People read the order, not its base64."""
    shown = readable(event_of(order()).to_json())

    assert shown["signed"] == order().model_dump()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff",
        b"open sesame",
        b"[]",
        b"{}",
        b'{"id":1,"type":2,"data":3}',
        CloudEvent("a", "b", "carhome.command", 0, {}).to_json(),
        CloudEvent("a", "b", "carhome.reply", 0, {"p": 1}).to_json(),
        CloudEvent("a", "b", "carhome.reply", 0, {"p": "é"}).to_json(),
        CloudEvent("a", "b", "carhome.reply", 0, {"p": "W10"}).to_json(),
    ],
)
def test_anything_else_is_shown_as_bytes(payload: bytes) -> None:
    """Nothing is hidden, nothing is guessed."""
    assert readable(payload) == {"raw": base64.b64encode(payload).decode()}


@pytest.mark.parametrize("spoiler", ["NaN", "1e999", '"\\ud800"', "1" * 5_000, '{"a":1,"a":2}'])
def test_strangers_cannot_spoil_a_recording(spoiler: str) -> None:
    """What cannot be written down as strict JSON is shown as bytes."""
    event = CloudEvent("a-1", "carhome/home/a", "carhome.event", 0, {"x": 1}).to_json()

    shown = readable(event.replace(b'{"x":1}', b'{"x":%s}' % spoiler.encode()))

    assert set(shown) == {"raw"}
    dump_json(shown)


@given(st.binary(max_size=100))
def test_any_bytes_can_be_shown_and_written_down(payload: bytes) -> None:
    """A record is always JSON."""
    dump_json(readable(payload))
