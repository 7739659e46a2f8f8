"""Messages that are not what they seem: copied, changed, or made up."""

import base64
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from sim.core.device import Act, Overheard, PublishRaw, Refers
from sim.core.messages import MalformedMessageError, dump_json, load_json_object
from sim.core.topics import Topic, command_topic, parse_topic

HEARD_MAX = 64
"""How many commands an attacker remembers."""
SEEN_MAX = 4_096
"""How many an attacker listens to before being tired of it."""

Way = Literal["own_topic", "their_topic", "their_line"]
"""Through what a copy goes: on the attacker's own command topic, on the victim's topic with the attacker's
account, or on the victim's own connection, as somebody who sits in its line can do."""


class Publish(Act):
    """Put any text on any topic, as `mosquitto_pub` would."""

    topic: str = Field(min_length=1, max_length=256, pattern=r"^[^+#]+$")
    text: str = Field(default="", max_length=4_096)
    retain: bool = False


class Replay(Act):
    """Send the latest command of a device once more, byte for byte."""

    of: Annotated[str, Refers("device")]
    action: str | None = None
    through: Way = "own_topic"
    retain: bool = False


class Tamper(Act):
    """Send the latest command of a device with one signed field changed, and its old signature."""

    of: Annotated[str, Refers("device")]
    action: str | None = None
    field: str = Field(pattern=r"^[a-z_]{1,32}$")
    value: bool | int | str
    through: Way = "their_line"


@dataclass(frozen=True, slots=True)
class Capture:
    """The commands that an attacker has heard: of each device and topic the latest.

    Attributes:
        latest: the topics on which most was heard lately come last; at most `HEARD_MAX`.
        seen: ids of all that passed; what passes again is a repetition, or the attacker's own copy.
    """

    latest: tuple[Overheard, ...] = ()
    seen: frozenset[str] = frozenset()

    def after(self, passing: Overheard) -> Self:
        """Return the memory with one message more; the same when it brings nothing new."""
        if command_of(passing) is None or len(self.seen) >= SEEN_MAX:
            return self
        found = command_id(passing)
        if found is None or found in self.seen:
            return self
        others = (one for one in self.latest if (one.device, one.topic) != (passing.device, passing.topic))
        return replace(self, latest=(*others, passing)[-HEARD_MAX:], seen=self.seen | {found})

    def command(self, of: str, action: str | None) -> Overheard | None:
        """Return the latest command that a device has sent, or None."""
        for message in reversed(self.latest):
            topic = command_of(message)
            if topic is not None and message.device == of and action in {None, topic.words[1]}:
                return message
        return None


NOTHING_HEARD = Capture()


def command_of(message: Overheard) -> Topic | None:
    """Return the topic of a command, or None for any other message."""
    topic = parse_topic(message.topic)
    return topic if topic is not None and topic.channel == "cmd" else None


def copied(message: Overheard, attacker: str, ticket: str, way: Way, *, retain: bool = False) -> PublishRaw:
    """Return a command once more, on one of three ways.

    Args:
        message: a command.
        attacker: who sends it.
        ticket: follows it.
        way: through what.
        retain: whether the broker is asked to keep it.
    """
    topic = command_of(message)
    assert topic is not None, "what is copied is a command"  # INVARIANT
    where = message.topic
    if way == "own_topic":
        where = command_topic(topic.home, topic.device, attacker, topic.words[1])
    through = message.device if way == "their_line" else None
    return PublishRaw(ticket, where, message.payload, retain, through)


def command_id(message: Overheard) -> str | None:
    """Return the id that a command is sent under, or None when it has none."""
    try:
        found = load_json_object(message.payload).get("id")
    except MalformedMessageError:
        return None
    return found if isinstance(found, str) else None


def tampered(message: Overheard, field: str, value: Any) -> Overheard | None:
    """Return a command with one signed field changed, or None when it has no such field."""
    try:
        event = load_json_object(message.payload)
        envelope = event["data"]
        text = envelope["p"]
        signed = load_json_object(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, KeyError, TypeError):
        return None
    if field not in signed:
        return None
    changed = base64.urlsafe_b64encode(dump_json({**signed, field: value})).rstrip(b"=").decode()
    payload = dump_json({**event, "data": {**envelope, "p": changed}})
    return replace(message, payload=payload)
