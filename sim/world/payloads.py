"""What a payload says, for people who read the trace: signed content beside the envelope around it."""

import base64
from typing import Any

from sim.core.messages import CloudEvent, load_json_object


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
