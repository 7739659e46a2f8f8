"""Keys of a car that are made for one order: a courier's, who brings one parcel.

The device that is given such a key derives it from its own secret and from a name that the sharing device has
chosen; it is another key than its own, so it is used up, revoked and named on its own. A key that was
revoked stays dead for ever; the next order has another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import Field

from sim.core.asking import Ask
from sim.core.device import Refers
from sim.trust.digital_key.messages import Grant

CARRIED_MAX: Final = 32
"""Keys for orders that one device keeps; the oldest go first (assumption: more than a courier's round)."""
LENT_MS: Final = 86_400_000
"""How long after its end whoever shared a key for an order remembers it, so that two clocks that differ do
not make it forget one that still opens (assumption)."""
SPENT: Final = frozenset({"USED_UP", "REVOKED", "KEY_EXPIRED"})
"""Codes by which a car says that a key opens nothing any more."""


class OpenBootFor(Ask, verb="open_boot_for"):
    """Open the boot with the key of one delivery; `open_boot` takes the oldest that still opens."""

    car: Annotated[str, Refers("device", "car")]
    delivery: str = Field(min_length=1, max_length=64)

    def target(self) -> str:
        """Return the car."""
        return self.car

    def action(self) -> str:
        """Return what the car is asked, as by any other key."""
        return "open_boot"


@dataclass(frozen=True, slots=True)
class Lent:
    """A key that this device has shared for one order.

    Attributes:
        kid: the key.
        device: whose it is.
        car: of which car.
        until_ms: until before when it opens, milliseconds since 1970.
        revoked: whether it was taken back.
    """

    kid: str
    device: str
    car: str
    until_ms: int
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Carried:
    """A key for one order that somebody has shared with this device.

    Attributes:
        car: of which car.
        order: for which order.
        grant: what its owner has signed, to be shown at its first use.
        rights: what it may do.
        until_ms: until before when it opens, milliseconds since 1970.
        spent: whether it was used, or the car has said that it opens nothing any more.
    """

    car: str
    order: str
    grant: Mapping[str, Any]
    rights: tuple[str, ...]
    until_ms: int
    spent: bool = False

    @classmethod
    def of(cls, order: str, envelope: Mapping[str, Any], grant: Grant) -> "Carried":
        """Return the key that a grant gives to this device."""
        return cls(grant.car, order, envelope, tuple(grant.rights), grant.not_after_ms)


def chosen(
    carried: Mapping[str, Carried], car: str, action: str, now_ms: int, wanted: str | None = None
) -> str:
    """Return the name of the key that is tried first: the oldest that still opens.

    Args:
        carried: keys of this device for orders, by name, oldest first.
        car: which car.
        action: what is asked of it.
        now_ms: the time by this device's clock.
        wanted: for which order; None for any.

    Returns:
        Its name; empty when none could do it.
    """
    fitting = (
        name
        for name, one in carried.items()
        if one.car == car
        and action in one.rights
        and not one.spent
        and now_ms < one.until_ms
        and wanted in {None, one.order}
    )
    return next(fitting, "")
