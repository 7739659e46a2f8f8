"""Bugs on purpose, which a run must find: one only the invariants see, one only guidance reaches."""

import json
from typing import Any, Final

from sim.core.messages import MalformedMessageError
from tests.fuzz.readers import Target, check_json


def lax_json(payload: bytes) -> dict[str, Any]:
    """Read JSON as the standard library does: with NaN, with any integer, with a key given twice."""
    try:
        value = json.loads(payload.decode())
    except (ValueError, RecursionError) as error:
        raise MalformedMessageError(str(error) or "nested too deep") from None
    if not isinstance(value, dict):
        msg = "not a JSON object"
        raise MalformedMessageError(msg)
    return value


def check_lax_json(data: bytes) -> bool:
    """Hold a reader that is not strict against the invariants of the strict one."""
    return check_json(data, lax_json)


def check_maze(data: bytes) -> bool:
    """Raise behind three bytes, each with a branch of its own: a blind search has 2^24 to try."""
    if len(data) > 2 and data[0] == 0x77 and data[1] == 0x61 and data[2] == 0x79:
        msg = "the way through the maze was found"
        raise LookupError(msg)
    return False


PLANTED: Final = {
    "planted-lax-json": Target(check_lax_json, "payloads"),
    "planted-maze": Target(check_maze, "nothing"),
}
"""The targets with a bug, by name."""
