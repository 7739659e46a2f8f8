"""Pairing by a code on the car's screen: who reads it stands in the car, and becomes an owner's key.

The code is shown to a camera and never sent; what is sent proves that it was read. With 128 bits of
chance it needs no password-authenticated exchange as CCC's short pairing password does (SPAKE2+).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Self

PAIRING_MS: Final = 120_000
"""How long a code can be used."""
PAIRING_TRIES_MAX: Final = 3
"""How often one sender may fail with one code. Counted by sender, so that a stranger who guesses three
times takes the code from himself and not from the owner."""
SECRET_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class PairingCode:
    """What the screen of a car shows.

    Attributes:
        car: whose code it is.
        car_public_key: the car's key, 32 bytes: who read the screen knows the true one.
        secret: 16 bytes; never sent, never printed.
    """

    car: str
    car_public_key: bytes
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pairing:
    """A code that is being shown.

    Attributes:
        secret: of the code.
        until_ms: when it ends, by the car's clock.
        tries: how often each sender has failed with it.
    """

    secret: bytes = field(repr=False)
    until_ms: int
    tries: Mapping[str, int] = field(default_factory=dict)

    def open_to(self, sender: str, now_ms: int) -> bool:
        """Say whether a sender may still try."""
        return now_ms < self.until_ms and self.tries.get(sender, 0) < PAIRING_TRIES_MAX

    def failed(self, sender: str) -> Self:
        """Return the successor with one more failure of a sender."""
        return replace(self, tries={**self.tries, sender: self.tries.get(sender, 0) + 1})
