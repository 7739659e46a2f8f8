"""Signing and verifying: an envelope sealed and opened, beside the same signature by `cryptography` alone."""

import gc
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Final

from sim.shell.bench.series import Measured
from sim.trust.envelope import seal, signed_bytes, unseal
from sim.trust.identity import Identity, Keyring
from sim.world.node.orders import Order

MICROSECONDS: Final = "µs"
ENVELOPE: Final = "envelope sealed and opened"
BARE: Final = "bare cryptography: signed and verified"
ORDER_BYTES: Final = 600
"""What is signed; a story's own orders have 150 to 190 bytes."""
_AT_ONCE: Final = 10
"""Signatures between two looks at the clock, which costs a thousandth of that."""


class Signatures:
    """One order, signed again and again with keys as a run has them.

    Args:
        count: how many turns one repetition takes; in each turn both ways are measured, one after the other.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._identity = Identity.for_scenario(1, "home", "phone")
        self._keyring = Keyring([self._identity])
        self.payload = _order_of(ORDER_BYTES)
        self._public_key = self._identity.key.public_key()
        self._signed = signed_bytes("command", self.payload)

    def measure(self) -> Iterator[Measured]:
        """Measure both ways in turns, and yield the median of each."""
        gc.collect()
        ways: dict[str, Callable[[], None]] = {ENVELOPE: self._envelope, BARE: self._bare}
        spent: dict[str, list[float]] = {series: [] for series in ways}
        for _ in range(self._count):
            for series, way in ways.items():
                began_s = time.perf_counter()
                for _ in range(_AT_ONCE):
                    way()
                spent[series].append((time.perf_counter() - began_s) / _AT_ONCE)
        for series, seconds in spent.items():
            yield Measured(series, MICROSECONDS, median(seconds) * 1_000_000)

    def _envelope(self) -> None:
        unseal(seal(self._identity, "command", self.payload), "command", self._keyring)

    def _bare(self) -> None:
        self._public_key.verify(self._identity.key.sign(self._signed), self._signed)


def _order_of(length: int) -> bytes:
    """Return an order as long as wanted, in bytes."""
    order = Order(
        id="phone-act-1",
        sender="phone",
        to="car",
        name="lock",
        args={"note": ""},
        by="ann",
        worn=None,
        issued_ms=1_768_203_000_000,
        expires_ms=1_768_203_030_000,
        voice=None,
    )
    rest = length - len(order.to_bytes())
    return order.model_copy(update={"args": {"note": "x" * rest}}).to_bytes()
