"""What is derived from a device's one secret seed, so that two parts of a program agree on it.

In a scenario the seed itself is derived from the run's, so that every key, nonce and signature repeats.
"""

import hashlib

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from sim.trust.identity import Identity

_SCENARIO = b"carhome/1 scenario seed\0"
_DIGITAL_KEY = b"carhome/1 digital key\0"
_INTENT = b"carhome/1 intents\0"
_BOX = b"carhome/1 sealed letters\0"


def seed_for_scenario(seed: int, home: str, device: str) -> bytes:
    """Return the secret seed, 32 bytes, that a device has in every run with this seed.

    Repeatable on purpose and worth nothing outside a simulated run.
    """
    return hashlib.sha256(_SCENARIO + f"{seed}\0{home}\0{device}".encode()).digest()


def digital_key(device: str, seed: bytes) -> Identity:
    """Return a device's digital key: not the key that signs its messages, as in a phone's secure element."""
    return Identity.of(device, hashlib.sha256(_DIGITAL_KEY + seed).digest())


def intent_key(device: str, seed: bytes) -> Identity:
    """Return the key that signs what a device wants of others that hear it by way of a third."""
    return Identity.of(device, hashlib.sha256(_INTENT + seed).digest())


def box_key(seed: bytes) -> X25519PrivateKey:
    """Return the key that opens the letters which are sealed to a device with this seed."""
    return X25519PrivateKey.from_private_bytes(hashlib.sha256(_BOX + seed).digest())
