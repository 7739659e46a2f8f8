"""What passes over a link, for people who read the trace: signed content beside the envelope around it."""

import base64
from typing import Any

from sim.core.messages import CloudEvent, load_json_object
from sim.world.network.link import Connect, Delivery, Leave, Operation, Publish
from sim.world.trace import Trace


def readable(payload: bytes) -> dict[str, Any]:
    """Return the fields a message record shows.

    Returns:
        `id`, `type`, `cause` and `data` of a message of ours, with `signed` (the content of the
        envelope) when it has one; `raw` (base64) for anything else, which only attackers send.
    """
    try:
        # Strictly, so that nothing a stranger sends can spoil a recording: no NaN, no lone surrogate.
        event = CloudEvent.from_json(payload)
        shown = {"id": event.id, "type": event.type, "cause": event.cause, "data": event.data}
        if event.type in {"carhome.command", "carhome.reply"}:
            text = event.data["p"]
            shown["signed"] = load_json_object(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, KeyError, TypeError):
        return {"raw": base64.b64encode(payload).decode()}
    return shown


def record_operation(trace: Trace, now_ms: int, operation: Operation, deliveries: list[Delivery]) -> None:
    """Record who came, went or published, and who heard of it.

    A refusal has its own record, and what is subscribed to follows from the household.
    """
    to = [delivery.receiver for delivery in deliveries]
    match operation:
        case Connect(device=device):
            trace.add(now_ms, "connection", None, device=device, state="connected")
        case Leave(device=device, graceful=graceful):
            state = "disconnected" if graceful else "lost"
            trace.add(now_ms, "connection", None, device=device, state=state, will_to=to)
        case Publish(device=device, frame=frame, allowed=True):
            fields = readable(frame.payload)
            cause = fields.pop("cause", None)
            where = {"topic": frame.topic, "retain": frame.retain, "to": to}
            trace.add(now_ms, "message", cause, device=device, **where, **fields)
        case _:
            pass
