"""Commands followed through their records: what has ended stays ended."""

from typing import Any

import pytest

from sim.scenario.watching import Commands, describe, first_ms
from sim.world.trace import Record


def record(status: str, **fields: Any) -> Record:
    """Return a step in a command's life."""
    return {"kind": "command", "command": "t1", "status": status, "reason": "", "denial": None, **fields}


def test_commands_are_followed_to_their_end() -> None:
    """The status is the last one, all that were passed are remembered, and nothing follows an end."""
    commands = Commands()
    commands.name("key", "t1")
    assert commands.of("key").status == "started"
    for one in (record("sent"), {"kind": "message"}, record("accepted"), record("done"), record("failed")):
        commands.follow(one)

    assert (commands.of("key").status, commands.of("key").ended) == ("done", True)
    assert commands.of("key").passed == ["sent", "accepted", "done"]
    assert commands.of("another").status == "started"


@pytest.mark.parametrize(
    ("last", "text"),
    [
        (record("done"), "done"),
        (record("failed", reason="it is broken"), "failed: it is broken"),
        (record("denied", reason="no", denial={"rules": ["a", "b"]}), "denied by a, b: no"),
        (record("denied", reason="no", denial={"kind": "not_permitted"}), "denied: no"),
    ],
)
def test_command_is_described_for_people(last: Record, text: str) -> None:
    """A report says how a command ended, by which rules, and why."""
    commands = Commands()
    commands.name("key", "t1")
    commands.follow(last)

    assert describe(commands.of("key")) == text


@pytest.mark.parametrize(("turn", "found"), [(1, 1), (57, 57), (100, 100), (500, 100)])
def test_first_instant_is_found_by_halving(turn: int, found: int) -> None:
    """The first instant after the lower end is returned, and the upper end where there is none before it."""
    assert first_ms(0, 100, lambda at_ms: at_ms >= turn) == found
