"""Images: the bytes of a release, which say in their first line what they are.

What is in software is not the point of a simulator: what follows the first line is drawn from it by SHAKE-256
(FIPS 202), so that an image is the same wherever it is made, and every byte of it counts.
"""

import hashlib
from functools import lru_cache
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.core.messages import MalformedMessageError, dump_json, load_json_object

FIRST_LINE_BYTES_MAX: Final = 4_096
"""Longest first line."""
FACTORY_VERSION: Final = "1.0.0"
FACTORY_COUNTER: Final = 1
FACTORY_BYTES: Final = 60_000
"""What a car is delivered with (assumption)."""


class Software(BaseModel):
    """What an image is, and what comes of it when it runs.

    `fails_on` names the devices on which it does not pass its health check: the mistake that nobody saw
    before it was out.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    version: str = Field(min_length=1, max_length=32)
    counter: int = Field(ge=0)
    hardware: str = Field(min_length=1, max_length=64)
    fails_on: list[str] = Field(default_factory=list, max_length=64)

    def image(self, size_bytes: int) -> bytes:
        """Return the image, as long as said, or as its first line when that is longer."""
        head = dump_json(self.model_dump()) + b"\n"
        return head + hashlib.shake_256(head).digest(max(0, size_bytes - len(head)))

    @classmethod
    def of(cls, image: bytes) -> "Software | None":
        """Return what an image is; None when its first line does not say so."""
        head = image[:FIRST_LINE_BYTES_MAX].split(b"\n", 1)[0]
        try:
            return cls.model_validate(load_json_object(head, bytes_max=FIRST_LINE_BYTES_MAX))
        except (MalformedMessageError, ValidationError):
            return None


@lru_cache(maxsize=16)
def factory_image(hardware: str) -> bytes:
    """Return what a car of some hardware is delivered with."""
    software = Software(version=FACTORY_VERSION, counter=FACTORY_COUNTER, hardware=hardware)
    return software.image(FACTORY_BYTES)
