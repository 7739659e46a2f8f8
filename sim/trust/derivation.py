"""What is derived from a device's one secret seed, so that two parts of a program agree on it.

In a scenario the seed itself is derived from the run's, so that every key, nonce and signature repeats.
"""

import hashlib
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from sim.trust.identity import KEPT_MAX, Identity

_SCENARIO = b"carhome/1 scenario seed\0"
_DIGITAL_KEY = b"carhome/1 digital key\0"
_ORDER_KEY = b"carhome/1 digital key of one order\0"
_INTENT = b"carhome/1 intents\0"
_BOX = b"carhome/1 sealed letters\0"
_MAKER = b"carhome/1 maker of software\0"


def seed_for_scenario(seed: int, home: str, device: str) -> bytes:
    """Return the secret seed, 32 bytes, that a device has in every run with this seed.

    Repeatable on purpose and worth nothing outside a simulated run.
    """
    return hashlib.sha256(_SCENARIO + f"{seed}\0{home}\0{device}".encode()).digest()


def maker_for_scenario(seed: int) -> bytes:
    """Return the secret, 32 bytes, of whoever makes the cars' software in every run with this seed.

    Repeatable on purpose and worth nothing outside a simulated run.
    """
    return hashlib.sha256(_MAKER + f"{seed}".encode()).digest()


@lru_cache(maxsize=KEPT_MAX)
def digital_key(device: str, seed: bytes) -> Identity:
    """Return a device's digital key: not the key that signs its messages, as in a phone's secure element."""
    return Identity.of(device, hashlib.sha256(_DIGITAL_KEY + seed).digest())


def order_key(device: str, seed: bytes, name: str) -> Identity:
    """Return a digital key that a device has for one order only; whoever shares it has named it."""
    return Identity.of(device, hashlib.sha256(_ORDER_KEY + seed + name.encode()).digest())


@lru_cache(maxsize=KEPT_MAX)
def intent_key(device: str, seed: bytes) -> Identity:
    """Return the key that signs what a device wants of others that hear it by way of a third."""
    return Identity.of(device, hashlib.sha256(_INTENT + seed).digest())


@lru_cache(maxsize=KEPT_MAX)
def box_key(seed: bytes) -> X25519PrivateKey:
    """Return the key that opens the letters which are sealed to a device with this seed."""
    return X25519PrivateKey.from_private_bytes(hashlib.sha256(_BOX + seed).digest())
