"""What a payload says, for people who read the trace: signed content beside the envelope around it."""

import base64
import json
from typing import Any


def readable(payload: bytes) -> dict[str, Any]:
    """Return the fields a message record shows.

    Returns:
        `id`, `type`, `cause` and `data` of a message of ours, with `signed` (the content of the
        envelope) when it has one; `raw` (base64) for anything else, which only attackers send.
    """
    try:
        event = json.loads(payload)
        shown = {"id": event["id"], "type": event["type"], "cause": event.get("cause"), "data": event["data"]}
        if event["type"] in {"carhome.command", "carhome.reply"}:
            text = event["data"]["p"]
            shown["signed"] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {"raw": base64.b64encode(payload).decode()}
    return shown
