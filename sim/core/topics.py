"""Where messages go: `carhome/<home>/<device>/…`, built and parsed in one place.

    cmd/<sender>/<name>          a command to the device; the broker proves who the sender is
    reply/<sender>/<command id>  the device's answer to that sender
    state/<facet>                what the device reports of itself, retained
    event/<name>                 something that happened, not retained
    decision                     what policy said about a command, not retained
    online                       retained `true`, turned to `false` by the will

A broker user is called `<home>.<device>` and may write below its own device, plus `cmd/<itself>/…`
of the devices it may command, so the sender in a topic is who the broker authenticated.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from sim.core.names import is_identifier

ROOT = "carhome"

TOPICS_KEPT_MAX = 4_096
"""How many answers about topics are kept; each reply has a topic of its own, so there must be a bound."""

Channel = Literal["cmd", "reply", "state", "event", "decision", "online"]

_WORDS_AFTER: dict[str, int] = {"cmd": 2, "reply": 2, "state": 1, "event": 1, "decision": 0, "online": 0}


@dataclass(frozen=True, slots=True)
class Topic:
    """A parsed topic.

    Attributes:
        home: the household.
        device: whose topic it is: the target of a command, the source of everything else.
        channel: which of the six kinds of traffic.
        words: what follows the channel: (sender, name), (sender, command id), (facet,), (name,) or ().
    """

    home: str
    device: str
    channel: Channel
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The topic as MQTT has it."""
        return "/".join((ROOT, self.home, self.device, self.channel, *self.words))


@lru_cache(maxsize=TOPICS_KEPT_MAX)
def parse_topic(text: str) -> Topic | None:
    """Return the parts of a topic of ours, or None for anything else; never raises."""
    root, *rest = text.split("/")
    if root != ROOT or len(rest) < 3 or not all(is_identifier(word) for word in rest):
        return None
    home, device, channel, *words = rest
    if _WORDS_AFTER.get(channel) != len(words):
        return None
    return Topic(home, device, channel, tuple(words))  # type: ignore[arg-type]  # the lookup above proved it


def command_topic(home: str, target: str, sender: str, name: str) -> str:
    """Return the topic on which `sender` asks `target` to do `name`."""
    return f"{ROOT}/{home}/{target}/cmd/{sender}/{name}"


def reply_topic(home: str, target: str, sender: str, command_id: str) -> str:
    """Return the topic on which `target` answers `sender`."""
    return f"{ROOT}/{home}/{target}/reply/{sender}/{command_id}"


def state_topic(home: str, device: str, facet: str) -> str:
    """Return the retained topic of one facet of a device."""
    return f"{ROOT}/{home}/{device}/state/{facet}"


def event_topic(home: str, device: str, name: str) -> str:
    """Return the topic of an event."""
    return f"{ROOT}/{home}/{device}/event/{name}"


def decision_topic(home: str, device: str) -> str:
    """Return the topic on which a device publishes what policy decided about commands to it."""
    return f"{ROOT}/{home}/{device}/decision"


def online_topic(home: str, device: str) -> str:
    """Return the retained topic that the will turns to offline."""
    return f"{ROOT}/{home}/{device}/online"


def broker_user(home: str, device: str) -> str:
    """Return the broker user name of a device; no device name has a dot, so it splits one way only."""
    return f"{home}.{device}"


@lru_cache(maxsize=TOPICS_KEPT_MAX)
def matches(topic_filter: str, topic: str) -> bool:
    """Say whether an MQTT topic filter covers a topic (MQTT 5.0, section 4.7).

    `+` stands for one level and `#`, only as the last level, for the rest including none.
    A wildcard in the first level never matches a topic that begins with `$`.
    """
    filter_levels = topic_filter.split("/")
    levels = topic.split("/")
    if levels[0].startswith("$") and filter_levels[0] in {"+", "#"}:
        return False
    for position, wanted in enumerate(filter_levels):
        if wanted == "#":
            return True
        if position >= len(levels) or wanted not in {"+", levels[position]}:
            return False
    return len(filter_levels) == len(levels)
