"""What two sides derive: the key of a ranging session, its public id, and the proof of a pairing code.

X25519 (RFC 7748), HKDF with SHA-256 (RFC 5869), HMAC (RFC 2104). As in CCC Digital Key, ranging is keyed
by a session key (URSK), so that a radio in range is worth nothing without the key that answered.
"""

import hashlib
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sim.trust.envelope import signed_bytes

RANGING_ID_BYTES: Final = 16


def digest_of(typ: str, payload: bytes) -> bytes:
    """Return SHA-256 of what was signed: what an answer names its challenge by, and an id is bound to."""
    return hashlib.sha256(signed_bytes(typ, payload)).digest()


def ephemeral_public(private: bytes) -> bytes:
    """Return the public half of an X25519 key of 32 bytes."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def ranging_id(private: bytes, peer: bytes, challenge: bytes) -> bytes | None:
    """Return the public id of a ranging session, the same on both sides; the session key never leaves.

    Args:
        private: own ephemeral key, 32 bytes.
        peer: the other side's ephemeral public key, 32 bytes.
        challenge: digest of the challenge, 32 bytes: who does not answer this very one has another key.

    Returns:
        16 bytes, or None when `peer` is one of the points that give every key the same secret.
    """
    try:
        shared = X25519PrivateKey.from_private_bytes(private).exchange(
            X25519PublicKey.from_public_bytes(peer)
        )
    except ValueError:
        return None
    ursk = HKDF(SHA256(), 32, challenge, b"URSK").derive(shared)
    return HKDF(SHA256(), RANGING_ID_BYTES, None, b"URSK id").derive(ursk)


def pairing_proof(secret: bytes, car: str, device: str, public_key: bytes, car_public_key: bytes) -> bytes:
    """Return the proof, 32 bytes, that somebody has read a pairing code and holds it for this very key."""
    return _pairing(secret, car, device, public_key, car_public_key).finalize()


def proves_pairing(proof: bytes, secret: bytes, car: str, device: str, keys: tuple[bytes, bytes]) -> bool:
    """Say, in constant time, whether a proof is that of a code for `keys`, the device's and the car's."""
    try:
        _pairing(secret, car, device, *keys).verify(proof)
    except InvalidSignature:
        return False
    return True


def _pairing(secret: bytes, car: str, device: str, public_key: bytes, car_public_key: bytes) -> HMAC:
    code = HMAC(HKDF(SHA256(), 32, car.encode(), b"pair-confirm").derive(secret), SHA256())
    code.update(public_key + car_public_key + device.encode())
    return code
