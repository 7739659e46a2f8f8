"""A device's key pair, and the keys a household has enrolled.

Ed25519 (RFC 8032) because its signatures are deterministic: the same seed gives the same bytes, so a
recorded run can be compared bit by bit.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_DERIVATION = b"carhome/1 scenario key\0"
KEPT_MAX = 1_024
"""How many derived keys are kept: every run of a household derives the same ones again."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A device and its private key.

    Attributes:
        device: whose key it is.
        key: the private key; never recorded, never printed.
        kid: key id, the first 8 bytes of SHA-256 over the public key, as 16 hex digits.
    """

    device: str
    key: Ed25519PrivateKey
    kid: str

    @classmethod
    def of(cls, device: str, private_bytes: bytes) -> "Identity":
        """Return the identity of 32 private bytes."""
        key = Ed25519PrivateKey.from_private_bytes(private_bytes)
        return cls(device, key, key_id(key.public_key()))

    @classmethod
    @lru_cache(maxsize=KEPT_MAX)
    def for_scenario(cls, seed: int, home: str, device: str) -> "Identity":
        """Return the identity that a device has in every run with this seed.

        Repeatable on purpose and worth nothing outside a simulated run: whoever knows the seed knows
        the key.
        """
        material = _DERIVATION + f"{seed}\0{home}\0{device}".encode()
        return cls.of(device, hashlib.sha256(material).digest())

    def __repr__(self) -> str:
        """Show the key id, not the key."""
        return f"Identity({self.device!r}, kid={self.kid!r})"


def key_id(key: Ed25519PublicKey) -> str:
    """Return the key id of a public key: 16 hex digits."""
    return key_id_of(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def key_id_of(public_bytes: bytes) -> str:
    """Return the key id of a public key of 32 bytes: 16 hex digits."""
    return hashlib.sha256(public_bytes).digest()[:8].hex()


class KeyFinder(Protocol):
    """Whoever knows public keys by their ids: a household's keyring, a car, a phone that knows one car."""

    def find(self, kid: str) -> tuple[str, Ed25519PublicKey] | None:
        """Return (device, public key) of an enrolled key, or None."""
        ...


class Keyring:
    """The public keys a household has enrolled, by key id."""

    def __init__(self, identities: Iterable[Identity]) -> None:
        self._enrolled = {
            identity.kid: (identity.device, identity.key.public_key()) for identity in identities
        }

    def find(self, kid: str) -> tuple[str, Ed25519PublicKey] | None:
        """Return (device, public key) of an enrolled key, or None."""
        return self._enrolled.get(kid)
