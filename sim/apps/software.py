"""What a car and the update service say to each other.

    car → service     get_software_metadata: root, timestamp, snapshot, targets, one after the other
    car → service     get_software_chunk: again and again, until the image is there

The answers are bytes in base64 under `data`. Nothing here is believed because the service says it: what it
sends is checked against signatures that the service cannot make (`trust.updates`).
"""

import base64
import binascii
from typing import Any, Final, Literal

from pydantic import Field

from sim.core.device import Command, Facet
from sim.core.units import Percent
from sim.trust.updates.releases import Role

CHUNK_BYTES: Final = 32_768
"""Longest chunk of an image: what an answer of 65,536 bytes holds in base64, with room to spare."""
CHUNKS_MAX: Final = 256
"""Chunks of the largest image: 8 MiB."""
GET_MS: Final = 8_000
"""How long one question is repeated."""


class GetSoftwareMetadata(Command, group="SoftwareSupply", tier="anytime", ttl_ms=GET_MS):
    """Ask for signed metadata; for a root, of which version."""

    role: Role
    version: int = Field(default=0, ge=0)


class GetSoftwareChunk(Command, group="SoftwareSupply", tier="anytime", ttl_ms=GET_MS):
    """Ask for a chunk of an image."""

    image: str = Field(min_length=1, max_length=128)
    chunk: int = Field(ge=0, lt=CHUNKS_MAX)


class SoftwareOffers(Facet, when_offline="last"):
    """That there is something to look at, for cars: another number whenever metadata were signed anew."""

    offers_serial: int


class Software(Facet, when_offline="last", readers=("dashboard", "phone", "watch", "updates")):
    """What a car's computer runs, and how far an update is.

    `software_refused` says which metadata the car refused last, by code and sentence.
    """

    software_version: str
    software_counter: int
    software_slot: Literal["a", "b"]
    software_state: Literal[
        "idle", "downloading", "verifying", "switching", "restarting", "checking", "installed", "failed"
    ]
    software_wanted: str
    software_progress_percent: Percent
    software_reason: str
    software_offered: str
    software_refused: str


def spelt(data: bytes) -> dict[str, Any]:
    """Return bytes as an answer has them."""
    return {"data": base64.b64encode(data).decode("ascii")}


def read(answer: Any) -> bytes | None:
    """Return the bytes of an answer's data; None when there are none."""
    try:
        return base64.b64decode(answer["data"], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error):
        return None
