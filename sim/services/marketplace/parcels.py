"""Parcels on their way into a boot, as the marketplace knows them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, Self

from sim.apps.marketplace_messages import OVER, State
from sim.core.device import Request
from sim.services.marketplace.catalogue import Shop

Payment = Literal["delivery", "asked", "paid", "returning", "returned", "kept"]
"""Who pays and how far that is: `asked` and `returning` are asked for until there is an answer, and what was
paid and could not be given back is `kept`."""
PAID_SAYS: Mapping[Payment, str] = {
    "delivery": "paid on delivery",
    "asked": "being paid",
    "paid": "paid",
    "returning": "being paid back",
    "returned": "paid back",
    "kept": "not paid back",
}
MONEY_AGAIN_MS = 60_000
"""After how long what nobody answered is asked for again, under the same order (assumption)."""
_FOLLOWS: Mapping[State, frozenset[State]] = {
    "ordered": frozenset({"ready", "away", "expired", "cancelled"}),
    "ready": frozenset({"ordered", "away", "delivered", "expired", "cancelled"}),
    "away": frozenset({"ordered", "ready", "delivered", "expired", "cancelled"}),
    "expired": frozenset({"delivered"}),
}
"""What can follow. A boot that was opened while nobody knew that the car is back was opened all the same, and
so was one of which that is only heard after the time was over."""


RETURNS: frozenset[State] = frozenset({"expired", "cancelled"})
"""States in which what was paid is given back."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery.

    Attributes:
        id: names it.
        shop: from where.
        goods: what, and how many pieces of it.
        total_minor: what it costs, in the smallest unit of the currency.
        currency: by its ISO 4217 code.
        car: into whose boot.
        latitude_deg: where that stands, degrees.
        longitude_deg: likewise.
        from_ms: from when the courier may come, milliseconds since 1970.
        until_ms: until before when.
        by: who ordered it.
        state: how far it has come.
        version: counts its changes.
        payment: `delivery` when the courier is paid; else how far it has come with the service that pays.
        asked: how often that was asked for something.
    """

    id: str
    shop: str
    goods: Mapping[str, int]
    total_minor: int
    currency: str
    car: str
    latitude_deg: float
    longitude_deg: float
    from_ms: int
    until_ms: int
    by: str
    state: State = "ordered"
    version: int = 1
    payment: Payment = "delivery"
    asked: int = 0

    @property
    def over(self) -> bool:
        """Whether nothing can follow."""
        return self.state in OVER

    def can_become(self, state: State) -> bool:
        """Say whether a state may follow the one it is in."""
        return state in _FOLLOWS.get(self.state, frozenset())

    def became(self, state: State) -> Self:
        """Return it in another state."""
        payment: Payment = "returning" if state in RETURNS and self.payment == "paid" else self.payment
        return replace(self, state=state, version=self.version + 1, payment=payment)

    def ticket(self, service: str) -> str:
        """Return the ticket of what the service that pays was last asked, by the marketplace of a name."""
        return f"{service}-{self.id}-money-{self.asked}"

    def demanding(self, service: str, pay: str) -> tuple[Self, tuple[Request, ...]]:
        """Return the successor, and what the service that pays is asked for, if there is anything.

        Args:
            service: name of the marketplace; with its own it names the order, which is paid once.
            pay: name of the service that pays.
        """
        if self.payment not in {"asked", "returning"}:
            return self, ()
        wish: dict[str, str | int] = {"order": f"{service}-{self.id}", "amount_minor": self.total_minor}
        action = "refund"
        if self.payment == "asked":
            action, wish = "pay", {**wish, "merchant": self.shop, "currency": self.currency}
        one = replace(self, asked=self.asked + 1)
        return one, (Request(one.ticket(service), pay, action, wish, self.by, MONEY_AGAIN_MS),)

    def settled_by(self, *, done: bool) -> Self:
        """Return it after the service that pays has answered; what is paid too late is given back."""
        if self.payment == "asked":
            late: Payment = "returning" if self.state in RETURNS else "paid"
            payment: Payment = late if done else "delivery"
        else:
            payment = "returned" if done else "kept"
        return replace(self, payment=payment, version=self.version + 1)


def price_of(shop: Shop, goods: Mapping[str, int]) -> int:
    """Return what goods cost, in the smallest unit of the shop's currency; all of them are there."""
    return sum(shop.goods[name] * pieces for name, pieces in goods.items())


def shown_price(minor: int, currency: str) -> str:
    """Return an amount as people read it: `CNY 25.80`; every currency of a shop has two places (ISO 4217)."""
    return f"{currency} {minor // 100}.{minor % 100:02}"
