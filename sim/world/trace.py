"""The one stream of records: what happened, when, and because of what.

Every record has `n` (counting from 1), `t` (milliseconds since the scenario began), `kind` and
`cause` (the id of the message, command or step that led to it, or null). Console, report, recording
and comparison read this stream and nothing else; no wall clock and no name of a broker is in it.

    run         the scenario, its seed and household      step      a step of the file begins
    connection  a device comes or goes                    message   somebody published
    refused     the broker did not pass a message on      lost      a fault swallowed a message
    command     a step in a command's life                decision  what the rules said
    spoken      a device said something aloud
    change      a physical fact of a device changed       fault     something was broken or mended
    warning     something was ignored, and why            verdict   how a case ended
    truth       physical facts as they are from now on    belief    what a device has heard of another one
    flow        a datum reached somebody by a message     screen    what a device's displays show
"""

from collections.abc import Callable
from typing import Any

Record = dict[str, Any]


class Trace:
    """The records of one run, in order.

    Args:
        start_ms: the time of the run's beginning; records count from it.
        sink: called with every record as it is made.
    """

    def __init__(self, start_ms: int, sink: Callable[[Record], None] | None = None) -> None:
        self.records: list[Record] = []
        self._start_ms = start_ms
        self._sink = sink

    def add(self, now_ms: int, kind: str, cause: str | None = None, **fields: Any) -> None:
        """Append a record."""
        record: Record = {
            "n": len(self.records) + 1,
            "t": now_ms - self._start_ms,
            "kind": kind,
            "cause": cause,
            **fields,
        }
        self.records.append(record)
        if self._sink is not None:
            self._sink(record)
