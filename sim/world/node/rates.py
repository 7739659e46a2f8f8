"""How many messages a node takes of each sender: a token bucket each, asked before anything is parsed.

A bucket holds `burst` tokens and gains `per_second` of them in a second; a message takes one, or is refused.
It is counted in thousandths of a token and whole milliseconds, so nothing drifts. Token bucket: Turner, "New
directions in communications", IEEE Communications Magazine 24(10), 1986; with one rate and one colour it is
the meter of RFC 2697.

A flood is one spell: it begins with a refusal, and is over when nothing has been refused for as long as an
empty bucket takes to fill. So it is worth two records, however many messages it had.
"""

from dataclasses import dataclass
from typing import Final, Literal

from sim.core.topics import Topic

COMMAND_BURST: Final = 20
"""Commands a sender may send at once."""
COMMANDS_PER_SECOND: Final = 10
"""Commands a sender may send for ever."""
REPORT_BURST: Final = 200
"""Reports and answers a sender may send at once: on a reconnect everything kept comes together."""
REPORTS_PER_SECOND: Final = 50
"""Reports and answers a sender may send for ever."""
SENDERS_MAX: Final = 256
"""Senders with a bucket of their own; no household has as many devices."""
NOBODY: Final = ""
"""Whose messages those are that come on a topic of nobody."""

Admission = Literal["passed", "first_refusal", "further_refusal"]
"""What becomes of a message: it is taken, it is the first of a spell that is refused, or one more of it."""

_TOKEN: Final = 1_000  # A rate per second, in thousandths of a token, is a rate per millisecond.


@dataclass(frozen=True, slots=True)
class Spell:
    """A flood that is over.

    Attributes:
        sender: who sent too much; None for the senders that had to share a bucket.
        began_ms: when the first message was refused, by this device's clock.
        refused: how many messages were, at least 1.
    """

    sender: str | None
    began_ms: int
    refused: int


@dataclass(slots=True)
class _Bucket:
    """What one sender has left.

    Attributes:
        content: thousandths of a token, from 0 to the burst.
        filled_ms: until when it is filled.
        refused: how many messages were refused in the spell that is going on; 0 if there is none.
        began_ms: when that spell began.
        refused_ms: when the latest message was refused.
    """

    content: int
    filled_ms: int
    refused: int = 0
    began_ms: int = 0
    refused_ms: int = 0


class Rates:
    """The buckets of one node for one sort of message.

    One sender never costs another anything, up to `SENDERS_MAX` of them. Only a bucket that is full again,
    and has no spell, is forgotten for a new sender, the oldest first: a new one would be no different. When
    there is none to forget, all further senders share one bucket.

    The time is that of the device's own clock. When it is set back nothing is refilled, and it counts from
    there: waiting for the old time would refuse honest senders for as long as the clock was ahead.

    Args:
        burst: messages that pass at once, at least 1.
        per_second: messages that pass for ever, in a second, at least 1.
        senders_max: how many senders have a bucket of their own, at least 1.
    """

    def __init__(self, burst: int, per_second: int, *, senders_max: int = SENDERS_MAX) -> None:
        assert min(burst, per_second, senders_max) >= 1, "a rate that lets nothing pass"  # INVARIANT
        self._full = burst * _TOKEN
        self._per_ms = per_second
        self._senders_max = senders_max
        self._buckets: dict[str | None, _Bucket] = {}
        self._spells: dict[str | None, None] = {}  # whose spells are going on, in the order they began

    def __len__(self) -> int:
        """How many buckets there are, at most one more than `senders_max`."""
        return len(self._buckets)

    @property
    def quiet_ms(self) -> int:
        """How long nothing must have been refused until a spell is over: an empty bucket is full then."""
        return -(-self._full // self._per_ms)

    def admit(self, sender: str, now_ms: int) -> Admission:
        """Say whether a message is taken, and count it.

        Args:
            sender: who the broker says has sent it, see `sender_of`.
            now_ms: the time by this device's clock.
        """
        place, bucket = self._bucket(sender, now_ms)
        if bucket.content >= _TOKEN:
            bucket.content -= _TOKEN
            return "passed"
        bucket.refused += 1
        bucket.refused_ms = now_ms
        if bucket.refused > 1:
            return "further_refusal"
        bucket.began_ms = now_ms
        self._spells[place] = None
        return "first_refusal"

    def ended(self, now_ms: int) -> tuple[Spell, ...]:
        """Return the spells that are over, each once, in the order in which they began.

        A spell goes on until it is returned here; whoever saw it begin calls this again after `wait_ms`.
        """
        over = []
        for sender in tuple(self._spells):
            bucket = self._buckets[sender]
            bucket.refused_ms = min(bucket.refused_ms, now_ms)  # The clock may have been set back.
            if now_ms - bucket.refused_ms >= self.quiet_ms:
                over.append(Spell(sender, bucket.began_ms, bucket.refused))
                bucket.refused = 0
                del self._spells[sender]
        return tuple(over)

    def wait_ms(self, now_ms: int) -> int | None:
        """Return in how many milliseconds the next spell can be over, from 1 to `quiet_ms`.

        Returns:
            None when there is no spell.
        """
        if not self._spells:
            return None
        latest_ms = min(self._buckets[sender].refused_ms for sender in self._spells)
        return max(1, min(self.quiet_ms, latest_ms + self.quiet_ms - now_ms))

    def _bucket(self, sender: str, now_ms: int) -> tuple[str | None, _Bucket]:
        """Return whose bucket a sender uses, and that bucket, filled up to now."""
        place: str | None = sender
        if place not in self._buckets and not self._room(now_ms):
            place = None
        bucket = self._buckets.get(place)
        if bucket is None:
            bucket = self._buckets[place] = _Bucket(self._full, now_ms)
        self._fill(bucket, now_ms)
        return place, bucket

    def _room(self, now_ms: int) -> bool:
        """Say whether there is room for one more sender, and make some if nothing is lost by it."""
        if len(self._buckets) < self._senders_max:
            return True
        for sender, bucket in self._buckets.items():
            if sender is not None and not bucket.refused:
                self._fill(bucket, now_ms)
                if bucket.content == self._full:
                    del self._buckets[sender]
                    return True
        return False

    def _fill(self, bucket: _Bucket, now_ms: int) -> None:
        gained = max(0, now_ms - bucket.filled_ms) * self._per_ms
        bucket.content = min(self._full, bucket.content + gained)
        bucket.filled_ms = now_ms


def sender_of(topic: Topic | None) -> str:
    """Return who wrote on a topic, if the broker has permissions; `NOBODY` if it is none of ours."""
    if topic is None:
        return NOBODY
    return topic.words[0] if topic.channel == "cmd" else topic.device
