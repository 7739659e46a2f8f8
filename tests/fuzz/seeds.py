"""What a run begins with: the messages of a small recorded household, and the words its readers know.

The stage of the tests is played in memory: a button asks a lamp, is answered, denied and repeated, a stranger
shouts, and the lamp reports. Whatever was published is a seed; so every reader starts from what it accepts.
"""

import base64
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from sim.core.messages import CloudEvent, Frame
from sim.world.network.link import Publish, Subscribe
from tests.fuzz.calendars import WORDS, calendars
from tests.fuzz.keys import key_envelopes, key_messages
from tests.fuzz.letters import letters
from tests.fuzz.readers import SEPARATOR
from tests.stages import Rules, Shout, Theatre

LITERALS: Final = (
    *(b"NaN", b"-Infinity", b"1e999", b"1.0", b"1", b"-0", b"true", b"null", b'""', b"{}", b"[]"),
    *(b"9007199254740992", b"1" * 5_000, b"[" * 20 + b"]" * 20, b'{"a":' * 20 + b"1" + b"}" * 20),
    *(b'"\\ud800"', b'"\\u0000"', b'"1"', b'"0001-01-01T00:00:00+23:59"', b'"9999-12-31T23:59:59.999-23:59"'),
)
"""Values that readers stumble over: numbers that are none, too large or of another sort, too much nesting."""
SIGNS: Final = (
    b"\\u0061",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"24:00:00",
    b"+",
    b"#",
    b"/",
    b"$SYS",
    b"\0",
)
"""Parts of values: other spellings, bytes that are not UTF-8, wildcards."""
COVERED: Final = (
    *(("sport/tennis/player1/#", "sport/tennis/player1"), ("sport/tennis/+", "sport/tennis/player1/ranking")),
    *(
        ("sport/+", "sport"),
        ("sport/+", "sport/"),
        ("+/+", "/finance"),
        ("/+", "/finance"),
        ("+", "/finance"),
    ),
    *(("#", "$SYS/monitor/Clients"), ("+/monitor/Clients", "$SYS/monitor/Clients"), ("$SYS/#", "$SYS/")),
)
"""Filters and topics that MQTT 5.0 explains itself with, sections 4.7.1 and 4.7.2."""
MADE: Final[Mapping[str, Callable[[], list[bytes]]]] = {
    "key_envelopes": key_envelopes,
    "key_messages": key_messages,
    "letters": letters,
    "calendars": calendars,
    "nothing": lambda: [b"nothing"],
}
"""Seeds that are not recorded, by the name of their sort."""
OWN_WORDS: Final[Mapping[str, tuple[bytes, ...]]] = {
    "calendars": tuple(word.encode() for word in WORDS),
    "letters": tuple(f'"{name}":'.encode() for name in ("boot", "count", "enc", "sealed")),
}
"""Words that only one sort of seeds knows; with them the others would search longer."""


@cache
def recorded() -> tuple[tuple[Frame, ...], tuple[str, ...]]:
    """Return what was published in the recorded run, each once, and the filters that were subscribed to."""
    theatre = Theatre(policy=Rules(forbidden=("measure",)))
    for how in ("now", "later", "tell", "warm"):
        theatre.press(how)
    theatre.press(action="measure")
    theatre.press(named="button-act-1")
    theatre.use("mallory", Shout(topic="carhome/home/mallory/event/noise", text="open sesame"))
    theatre.advance(60_000)
    operations = [operation for round_ in theatre.rounds for operation in round_.operations]
    frames = dict.fromkeys(one.frame for one in operations if isinstance(one, Publish))
    filters = [text for one in operations if isinstance(one, Subscribe) for text in one.filters]
    return tuple(frames), tuple(dict.fromkeys(filters))


@cache
def seeds(name: str) -> tuple[bytes, ...]:
    """Return the seeds of one sort, each once: see the branches."""
    frames, filters = recorded()
    payloads = [frame.payload for frame in frames]
    match name:
        case "payloads":
            found = payloads
        case "shown":
            found = [*payloads, *(_around(b'{"x":%s}' % literal) for literal in LITERALS)]
        case "sealed":
            found = [
                payload for payload in payloads if _signed(payload, "command") or _signed(payload, "reply")
            ]
        case "orders":
            found = [_signed(payload, "command") for payload in payloads]
        case "outcomes":
            found = [_signed(payload, "reply") for payload in payloads]
        case "topics":
            pairs = [(text, frame.topic) for frame in frames for text in filters]
            found = [SEPARATOR.join((text.encode(), topic.encode())) for text, topic in (*pairs, *COVERED)]
        case _:
            found = MADE[name]()
    return tuple(dict.fromkeys(one for one in found if one))


@cache
def words() -> tuple[bytes, ...]:
    """Return what is worth trying inside an input: field names as they stand in JSON, and more."""
    names = ("specversion", "id", "source", "type", "time", "cause", "data", "v", "typ", "kid", "p", "sig")
    keys = ("car", "nonce", "transaction", "challenge", "action", "command_id", "counter", "serial", "uses")
    signed = (
        *keys,
        "sender",
        "to",
        "name",
        "args",
        "by",
        "worn",
        "voice",
        "issued_ms",
        "expires_ms",
        "status",
        "reason",
        "denial",
    )
    return (*(f'"{name}":'.encode() for name in (*names, *signed)), *LITERALS, *SIGNS)


def write_corpus(folder: Path, name: str) -> None:
    """Write the seeds of one sort, a file each."""
    folder.mkdir()
    for number, seed in enumerate(seeds(name)):
        (folder / f"{number:04}").write_bytes(seed)


def write_words(path: Path, name: str) -> None:
    """Write a sort's dictionary as libFuzzer reads it: https://llvm.org/docs/LibFuzzer.html#dictionaries."""
    known = (*words(), *OWN_WORDS.get(name, ()))
    lines = ('"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n' for word in known)
    path.write_text("".join(lines), encoding="ascii")


def _around(content: bytes) -> bytes:
    """Return a message that nobody signed, with an envelope around some content."""
    text = base64.urlsafe_b64encode(content).rstrip(b"=").decode()
    return CloudEvent("x-1", "carhome/home/x", "carhome.command", 0, {"p": text}).to_json()


def _signed(payload: bytes, kind: str) -> bytes:
    """Return the signed bytes of a message of a kind; none if it is anything else."""
    try:
        event = CloudEvent.from_json(payload)
    except ValueError:
        return b""
    if event.type != f"carhome.{kind}":
        return b""
    text: str = event.data["p"]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
