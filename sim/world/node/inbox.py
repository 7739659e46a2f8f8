"""Commands a device was given: verified before anything is parsed, and carried out once.

A command is remembered by who sent it and its id, bound to its signed bytes: the same bytes get the
same answer and no second act, other bytes under the same id are refused. The memory survives a
restart, as flash does, because senders repeat across it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sim.core.messages import COMMAND_BYTES_MAX, CloudEvent, Frame, MalformedMessageError
from sim.core.names import is_identifier
from sim.core.topics import Topic
from sim.policy.decision import Layer
from sim.trust.digital_key import SENTENCES
from sim.trust.envelope import CODES as ENVELOPE_CODES
from sim.trust.envelope import EnvelopeError, unseal
from sim.trust.identity import Keyring
from sim.world.node.orders import CODES as ORDER_CODES
from sim.world.node.orders import Order, OrderError, digest

REMEMBERED_MAX = 256
"""How many commands a device remembers of each sender; one that has not expired is never forgotten."""


CODES = frozenset({*SENTENCES, *ENVELOPE_CODES, *ORDER_CODES, "RETAINED", "RATE_LIMIT", "TOO_MANY"})
"""Every code that a refusal can have."""
FRESHNESS = frozenset({"TTL_TOO_LONG", "CMD_ID_REUSED", "RETAINED"})
"""Codes of what is refused for its age, not for its sender."""


class UntrustedError(Exception):
    """Raised when a command cannot be taken as it came.

    Attributes:
        code: reason code, such as `BAD_SIGNATURE`.
        order_id: the id it claims, if that can be answered.
        cause: id of the message it came in, if that is one.
        signed: whether it is known who signed it, for that very use.
    """

    def __init__(
        self,
        code: str,
        sentence: str,
        order_id: str | None = None,
        cause: str | None = None,
        *,
        signed: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.order_id = order_id
        self.cause = cause
        self.signed = signed

    @property
    def layer(self) -> Layer:
        """Which line of defence it did not pass."""
        return "freshness" if self.code in FRESHNESS else "signature"


@dataclass(slots=True)
class Taken:
    """A command this device was given.

    Attributes:
        order: what was asked.
        digest: of the signed bytes.
        last: the latest answer, to be given again.
        closed: whether that was final.
    """

    order: Order
    digest: bytes
    last: Frame | None = None
    closed: bool = False


class Inbox:
    """What one device was commanded, each sender's commands apart: nobody fills the memory of others.

    Only enrolled devices get in here, so there are never more senders than the household has devices.
    """

    def __init__(self) -> None:
        self._taken: dict[str, dict[str, Taken]] = {}

    def __len__(self) -> int:
        return sum(len(taken) for taken in self._taken.values())

    def known(self, order: Order) -> Taken | None:
        """Return what is remembered under an order's sender and id, or None."""
        return self._taken.get(order.sender, {}).get(order.id)

    def remember(self, order: Order, bytes_digest: bytes, now_ms: int) -> Taken | None:
        """Keep an order for its repetitions, at the cost of its sender's oldest expired one.

        Returns:
            The new entry; None when everything that is remembered of the sender could still be carried
            out: a copy of what was forgotten would be.
        """
        of_sender = self._taken.setdefault(order.sender, {})
        if len(of_sender) >= REMEMBERED_MAX:
            expired = next((key for key, old in of_sender.items() if old.order.expires_ms <= now_ms), None)
            if expired is None:
                return None
            del of_sender[expired]
        taken = Taken(order, bytes_digest)
        of_sender[order.id] = taken
        return taken

    def interrupted(self) -> Iterator[Taken]:
        """Yield the commands without a final answer; after a restart nobody knows how far they had come."""
        return (
            taken for of_sender in self._taken.values() for taken in of_sender.values() if not taken.closed
        )


def verify(topic: Topic, frame: Frame, device: str, keyring: Keyring, now_ms: int) -> tuple[Order, bytes]:
    """Return the order in a frame and the digest of its signed bytes.

    Args:
        topic: where it came, parsed; the broker vouches for the sender in it.
        frame: what came.
        device: whose inbox this is.
        keyring: the enrolled keys.
        now_ms: the time by this device's clock.

    Raises:
        UntrustedError: when it is no message of ours, nobody enrolled signed it, or it was signed for
            something else than it is used for.
    """
    sender, action = topic.words
    try:
        event = CloudEvent.from_json(frame.payload, bytes_max=COMMAND_BYTES_MAX)
    except MalformedMessageError as error:
        code = "TOO_BIG" if len(frame.payload) > COMMAND_BYTES_MAX else "DECODING"
        raise UntrustedError(code, f"it is not a message of ours: {error}") from None
    try:
        opened = unseal(event.data, "command", keyring)
        order = Order.read(opened.payload)
        order.expect(id=event.id, sender=sender, signer=opened.device, target=device, action=action)
        order.expect_to_end(now_ms)
    except (EnvelopeError, OrderError) as error:
        order_id = event.id if is_identifier(event.id) else None
        signed = isinstance(error, OrderError) and error.code in FRESHNESS
        raise UntrustedError(error.code, str(error), order_id, event.id, signed=signed) from None
    return order, digest(opened.payload)
