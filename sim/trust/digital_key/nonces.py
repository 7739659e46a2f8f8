"""Numbers used once: different in every draw and after every restart, the same in every run with a seed.

A device has no chance of its own, so that a recorded run repeats. What it draws is derived from its
secret seed by HKDF (RFC 5869) from how often it has started and how often it has drawn; both only grow.
"""

from dataclasses import dataclass, field, replace
from typing import Final, Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_DOMAIN: Final = b"carhome/1 nonce\0"


@dataclass(frozen=True, slots=True)
class Nonces:
    """Where a device's nonces and ephemeral keys come from.

    Attributes:
        seed: the device's secret; whoever knows it knows every number.
        boot: how often the device has started; whoever starts it counts.
        drawn: how many numbers it has drawn since.
    """

    seed: bytes = field(repr=False)
    boot: int
    drawn: int = 0

    def draw(self, n_bytes: int, purpose: str) -> tuple[Self, bytes]:
        """Return the successor, and `n_bytes` (1 to 8160) that no other draw gives.

        Args:
            n_bytes: how many.
            purpose: what for; two purposes never share bytes, even at the same count.
        """
        salt = self.boot.to_bytes(8, "big") + self.drawn.to_bytes(8, "big")
        derived = HKDF(SHA256(), n_bytes, salt, _DOMAIN + purpose.encode()).derive(self.seed)
        return replace(self, drawn=self.drawn + 1), derived
