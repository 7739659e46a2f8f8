"""What a run asks of a link, and what a link brings back: the port between the stage and MQTT.

The stage speaks in rounds. A round holds operations of one sort (all connects, all subscribes, all
publishes or all departures) and the deliveries that MQTT's rules say must follow. A link carries the
operations out and returns the deliveries as they really arrived, in the order they were expected;
what is missing, doubled, changed or not expected is an error of the broker.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sim.core.messages import Frame


@dataclass(frozen=True, slots=True)
class Grants:
    """What one broker user may do: topic filters, `+` and `#` as in subscriptions."""

    write: tuple[str, ...]
    read: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Connect:
    """A device opens its own MQTT 5 connection: clean start, no session after it, with its will."""

    device: str
    will: Frame


@dataclass(frozen=True, slots=True)
class Subscribe:
    """A device subscribes at QoS 1; what it may not read is granted and never delivered."""

    device: str
    filters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Publish:
    """A device publishes at QoS 1.

    Attributes:
        device: who.
        frame: what.
        allowed: whether the permissions let it through; if not, a PUBACK 0x87 is expected.
    """

    device: str
    frame: Frame
    allowed: bool = True


@dataclass(frozen=True, slots=True)
class Leave:
    """A device's connection ends: with a DISCONNECT, or by a cut that makes the broker send the will."""

    device: str
    graceful: bool


Operation: TypeAlias = Connect | Subscribe | Publish | Leave


@dataclass(frozen=True, slots=True)
class Delivery:
    """One frame at one receiver; `frame.retain` is True only for a message kept from before."""

    receiver: str
    frame: Frame


@dataclass(frozen=True, slots=True)
class Round:
    """Operations of one sort, in order, and every delivery that must follow them.

    `expected` is sorted by the operation that causes the delivery, then by receiver name.
    """

    operations: tuple[Operation, ...]
    expected: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing more happens before `until_ms` (virtual time); a presenter's clock may sleep until then."""

    until_ms: int


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """What a link must know before it opens.

    Attributes:
        home: name of the household, first part of every broker user name `<home>.<device>`.
        grants: device name to what it may write and read.
    """

    home: str
    grants: Mapping[str, Grants]
