"""A subscription service as devices of the household know it, and what it leases."""

from typing import Any

from sim.apps.entitlements.leases import Lease
from sim.core.device import Peer
from sim.trust.derivation import intent_key
from tests.senses import START_MS

HOUR = 3_600_000
SHOP = intent_key("shop", b"s" * 32)
PEERS = {"shop": Peer("subscriptions", None, shared=True, key=SHOP.key.public_key().public_bytes_raw())}


def lease(device: str = "su7", number: int = 1, *, hours: int = 1, **facts: Any) -> Lease:
    """Return a lease for films, paid for some hours from the start, except for `facts`."""
    usual = {
        "device": device,
        "feature": "entertainment",
        "number": number,
        "issued_ms": START_MS,
        "trial_until_ms": 0,
        "paid_until_ms": START_MS + hours * HOUR,
        "grace_until_ms": START_MS + hours * HOUR,
        "refunded": False,
    }
    return Lease.model_validate({**usual, **facts})
