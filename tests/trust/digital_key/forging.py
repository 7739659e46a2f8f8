"""What an attacker makes of messages: with a key of its own, or with none."""

import base64
import json
from typing import Any

from sim.core.messages import dump_json
from tests.trust.digital_key.street import Envelope, signed


def said(envelope: Envelope) -> dict[str, Any]:
    """Return what an envelope says."""
    text: str = envelope["p"]
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return content


def resigned(device: str, envelope: Envelope, /, **changed: Any) -> Envelope:
    """Return an envelope whose content was changed by whoever has the key."""
    return signed(device, envelope["typ"], dump_json({**said(envelope), **changed}))


def retold(envelope: Envelope, /, **changed: Any) -> Envelope:
    """Return an envelope whose content was changed by somebody who has no key."""
    payload = dump_json({**said(envelope), **changed})
    return {**envelope, "p": base64.urlsafe_b64encode(payload).rstrip(b"=").decode()}
