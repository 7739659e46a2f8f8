"""What travels: CloudEvents 1.0 as strict JSON, inside frames that a link carries.

Strict means: integers, finite floats, strings, booleans, null, lists and objects; no NaN, no
duplicate key, no unknown attribute, a limit on size and depth. What is refused says why.
CloudEvents: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md; `cause` is an
extension attribute with the id of the message that led to this one, so that a run is a graph.
"""

import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

MESSAGE_BYTES_MAX = 65_536
"""Largest payload of any message; a camera frame of 320 x 180 needs about a sixth of it."""
COMMAND_BYTES_MAX = 4_096
"""Largest payload of a command; the parser is reached by strangers."""
IDENTIFIER_CHARACTERS_MAX = 128
"""Longest id of a message: it becomes the cause of what follows, which must not grow by it."""
DEPTH_MAX = 16
"""Deepest nesting of lists and objects."""
INTEGER_MAX = 2**53 - 1
"""Largest magnitude of an integer: what every JSON reader keeps exactly (RFC 8259, section 6)."""
EVENTS_KEPT_MAX = 64
"""How many messages stay read: the trace and all receivers read the same bytes one after the other."""

SPEC_VERSION = "1.0"
_ATTRIBUTES = frozenset({"specversion", "id", "source", "type", "time", "data"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")
"""RFC 3339, section 5.6, without the lower-case letters; `fromisoformat` checks the numbers."""


class MalformedMessageError(ValueError):
    """Raised when bytes are not a message; the sentence says what is wrong with them."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One MQTT application message: what a link carries.

    Attributes:
        topic: where it goes.
        payload: the bytes, at most `MESSAGE_BYTES_MAX`; empty clears a retained message.
        retain: on the way out, whether the broker keeps it; on the way in, whether it was a kept one.
    """

    topic: str
    payload: bytes
    retain: bool = False


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """One message.

    Attributes:
        id: unique in the run; ids come from counters, so they repeat with the seed.
        source: `carhome/<home>/<device>`.
        type: `carhome.` and one of command, reply, state, event, decision, online.
        time_ms: when it was made, milliseconds since 1970-01-01 UTC by the sender's clock.
        data: the content, a JSON object.
        cause: id of the message that led to this one, or None.
    """

    id: str
    source: str
    type: str
    time_ms: int
    data: dict[str, Any]
    cause: str | None = None

    def to_json(self) -> bytes:
        """Return the message as UTF-8 JSON, always the same bytes for the same message."""
        event: dict[str, Any] = {
            "specversion": SPEC_VERSION,
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "time": rfc3339(self.time_ms),
        }
        if self.cause is not None:
            event["cause"] = self.cause
        event["data"] = self.data
        return dump_json(event)

    @classmethod
    @lru_cache(maxsize=EVENTS_KEPT_MAX)
    def from_json(cls, payload: bytes, *, bytes_max: int = MESSAGE_BYTES_MAX) -> "CloudEvent":
        """Return the message in `payload`; for the same bytes the same one, whose data nobody may change.

        Raises:
            MalformedMessageError: when the bytes are not exactly one message of ours.
        """
        event = load_json_object(payload, bytes_max=bytes_max)
        missing = sorted(_ATTRIBUTES - event.keys())
        if missing:
            msg = f"attribute `{missing[0]}` is missing"
            raise MalformedMessageError(msg)
        unknown = sorted(event.keys() - _ATTRIBUTES - {"cause"})
        if unknown:
            msg = f"attribute `{unknown[0]}` is not known"
            raise MalformedMessageError(msg)
        for name in ("specversion", "id", "source", "type", "time", "cause"):
            value = event.get(name, "absent")
            if not isinstance(value, str) or not value:
                msg = f"attribute `{name}` is not a string with characters"
                raise MalformedMessageError(msg)
        for name in ("id", "cause"):
            if len(event.get(name, "")) > IDENTIFIER_CHARACTERS_MAX:
                msg = f"attribute `{name}` is longer than {IDENTIFIER_CHARACTERS_MAX} characters"
                raise MalformedMessageError(msg)
        if event["specversion"] != SPEC_VERSION:
            msg = f"specversion is not {SPEC_VERSION}"
            raise MalformedMessageError(msg)
        if not isinstance(event["data"], dict):
            msg = "attribute `data` is not an object"
            raise MalformedMessageError(msg)
        return cls(
            id=event["id"],
            source=event["source"],
            type=event["type"],
            time_ms=from_rfc3339(event["time"]),
            data=event["data"],
            cause=event.get("cause"),
        )


@lru_cache(maxsize=EVENTS_KEPT_MAX)
def rfc3339(time_ms: int) -> str:
    """Return a time as `2026-01-12T09:40:00.000Z`."""
    moment = (_EPOCH + timedelta(milliseconds=time_ms)).replace(tzinfo=None)
    return moment.isoformat(timespec="milliseconds") + "Z"


@lru_cache(maxsize=EVENTS_KEPT_MAX)
def from_rfc3339(text: str) -> int:
    """Return the milliseconds since 1970 of a time with its zone.

    Raises:
        MalformedMessageError: when it is no such time.
    """
    msg = "attribute `time` is not an RFC 3339 time with its zone"
    if _TIME.fullmatch(text) is None:
        raise MalformedMessageError(msg)
    try:
        # In UTC as well: a zone can carry the first and the last day of all years beyond them.
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise MalformedMessageError(msg) from None
    return (moment - _EPOCH) // timedelta(milliseconds=1)


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def dump_json(value: object) -> bytes:
    """Return `value` as compact UTF-8 JSON; keys keep their order, so equal values give equal bytes."""
    return _ENCODER.encode(value).encode()


def load_json_object(payload: bytes, *, bytes_max: int = MESSAGE_BYTES_MAX) -> dict[str, Any]:
    """Return the JSON object in `payload`, strictly.

    Raises:
        MalformedMessageError: too large, not UTF-8, not JSON, NaN or Infinity, an integer beyond
            2^53 - 1, a key twice, nested deeper than `DEPTH_MAX`, or not an object.
    """
    if len(payload) > bytes_max:
        msg = f"{len(payload)} bytes are more than the {bytes_max} allowed"
        raise MalformedMessageError(msg)
    try:
        value = _DECODER.decode(payload.decode("utf-8"))
    except UnicodeDecodeError:
        msg = "the bytes are not UTF-8"
        raise MalformedMessageError(msg) from None
    except RecursionError:
        msg = f"nested deeper than {DEPTH_MAX}"
        raise MalformedMessageError(msg) from None
    except json.JSONDecodeError as error:
        msg = f"not JSON: {error.msg.lower()} at character {error.pos}"
        raise MalformedMessageError(msg) from None
    if not isinstance(value, dict):
        msg = "not a JSON object"
        raise MalformedMessageError(msg)
    # Only an escape can spell a surrogate, and nothing is nested deeper than it has opening brackets.
    if b"\\u" in payload or payload.count(b"{") + payload.count(b"[") > DEPTH_MAX:
        _check_values(value, DEPTH_MAX)
    return value


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object, refusing a key that is given twice: readers disagree on which one counts."""
    built = dict(pairs)
    if len(built) != len(pairs):
        key = Counter(key for key, _ in pairs).most_common(1)[0][0]
        # The key may hold a lone surrogate, which would break whoever writes the sentence down.
        msg = f"key `{key.encode(errors='backslashreplace').decode()}` is given twice"
        raise MalformedMessageError(msg)
    return built


def _no_constant(name: str) -> None:
    msg = f"`{name}` is not a number of JSON"
    raise MalformedMessageError(msg)


def _safe_integer(digits: str) -> int:
    # int() refuses more than 4,300 digits with a ValueError of its own; a safe integer has 16.
    if len(digits) > 17 or abs(int(digits)) > INTEGER_MAX:
        msg = "an integer is beyond 2^53 - 1"
        raise MalformedMessageError(msg)
    return int(digits)


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        msg = "a number is not finite"
        raise MalformedMessageError(msg)
    return value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique_keys,
    parse_constant=_no_constant,
    parse_int=_safe_integer,
    parse_float=_finite,
)


def _check_values(value: object, depth_left: int) -> None:
    """Refuse deep nesting, and lone surrogates, which JSON can spell but UTF-8 cannot carry."""
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            msg = "a string has a lone surrogate"
            raise MalformedMessageError(msg)
        return
    if not isinstance(value, dict | list):
        return
    if depth_left == 0:
        msg = f"nested deeper than {DEPTH_MAX}"
        raise MalformedMessageError(msg)
    if isinstance(value, dict):
        for key, inner in value.items():
            _check_values(key, depth_left - 1)
            _check_values(inner, depth_left - 1)
    else:
        for inner in value:
            _check_values(inner, depth_left - 1)
