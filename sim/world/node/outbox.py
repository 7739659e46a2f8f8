"""Commands under way to other devices: repeated until the target answers, and given up when they expire.

A broker's PUBACK proves nothing: a message can be acknowledged and lost. Only the target's answer
counts, and until it comes the same bytes are sent again, each time after twice the wait.
"""

from dataclasses import dataclass

from sim.core.device import Answer, Status, Voice
from sim.core.messages import Frame
from sim.world.node.port import Port

REPEAT_AFTER_MS = 2_000
"""First repetition of an unanswered command; each further one waits twice as long."""
OUTBOX_MAX = 64
"""How many commands a device may have under way; more fail at once."""
TIMER = "outbox "
"""What the names of the outbox's timers begin with."""

_RANK: dict[Status | None, int] = {
    None: 0,
    "accepted": 1,
    "waking": 2,
    "forwarded": 3,
    "done": 9,
    "denied": 9,
    "expired": 9,
    "failed": 9,
}


@dataclass(slots=True)
class Sent:
    """One command under way.

    Attributes:
        frame: what is sent, and sent again.
        target: who must answer.
        expires_ms: until when it may be carried out, by the sender's clock.
        voice: where the voice was heard that asked for it; what follows from the answer was asked by it too.
        status: the latest answer; None before the first.
        repeat_ms: the next wait; 0 once only a final answer is waited for.
    """

    frame: Frame
    target: str
    expires_ms: int
    voice: Voice | None = None
    status: Status | None = None
    repeat_ms: int = REPEAT_AFTER_MS


class Outbox:
    """The commands one device has under way, by ticket.

    Args:
        port: sends, and wakes it.
    """

    def __init__(self, port: Port) -> None:
        self._port = port
        self._sent: dict[str, Sent] = {}

    def __contains__(self, ticket: str | None) -> bool:
        return ticket in self._sent

    @property
    def full(self) -> bool:
        """Whether no further command can be sent."""
        return len(self._sent) >= OUTBOX_MAX

    def tickets(self) -> tuple[str, ...]:
        """Return the commands under way, oldest first."""
        return tuple(self._sent)

    def find(self, ticket: str) -> Sent | None:
        """Return a command under way, or None."""
        return self._sent.get(ticket)

    def send(self, ticket: str, sent: Sent) -> None:
        """Send a command for the first time."""
        self._sent[ticket] = sent
        self._port.publish(sent.frame, ticket)
        self._plan(ticket, sent)

    def take(self, ticket: str) -> Sent | None:
        """Return a command and forget it: it has its final answer."""
        self._port.cancel_timer(TIMER + ticket)
        return self._sent.pop(ticket, None)

    def advance(self, ticket: str, status: Status) -> bool:
        """Take note of an answer; say whether it is news, for links may reorder answers."""
        sent = self._sent[ticket]
        if _RANK[status] <= _RANK[sent.status]:
            return False
        sent.status = status
        return True

    def repeat(self, ticket: str) -> Answer | None:
        """Send a command again, or return what has become of it when its time is up."""
        sent = self._sent[ticket]  # Its timer is cancelled when it leaves the outbox.
        if self._port.now_ms() < sent.expires_ms:
            self._port.publish(sent.frame, ticket)
            self._plan(ticket, sent)
            return None
        if sent.status is None:
            return Answer("expired", f"{sent.target} did not answer in time")
        if sent.repeat_ms:
            # It was accepted: its final answer may still be on the way, so wait once more.
            sent.repeat_ms = 0
            self._port.start_timer(TIMER + ticket, REPEAT_AFTER_MS)
            return None
        sentence = f"{sent.target} accepted it but never confirmed; it may have been carried out"
        return Answer("failed", sentence, data={"may_have_succeeded": True})

    def _plan(self, ticket: str, sent: Sent) -> None:
        rest_ms = sent.expires_ms - self._port.now_ms()
        self._port.start_timer(TIMER + ticket, max(1, min(sent.repeat_ms, rest_ms)))
        sent.repeat_ms *= 2
