"""The subscription service: it sells features for a time, charges for them, and tells devices so.

    terms  what can be bought, and one purchase of it from the first day to the last

A device believes nothing but the leases that this service has signed for it (`sim.apps.entitlements.leases`),
and goes on by them where the service cannot be reached. A charge is asked of the household's `pay` service
under an order that stays the same until it is clear what became of it; a household without one has it put on
a bill.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from sim.apps.app import settled
from sim.apps.entitlements.leases import (
    GrantFeature,
    Lease,
    WithdrawFeature,
    sealed,
)
from sim.apps.entitlements.terms import Term
from sim.apps.patience import Patience
from sim.core import device as core
from sim.core.device import (
    Answer,
    Answered,
    Booted,
    Commanded,
    Effect,
    Learned,
    Moment,
    Provision,
    Request,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.names import NAME
from sim.core.units import show_duration
from sim.services.subscriptions.terms import REFUND_MS, Bundle, Offer, Product, Purchase
from sim.trust.derivation import intent_key
from sim.trust.identity import Identity

TIMER = "terms"
RETURNS = "returns"
RETURN_AGAIN_MS = 60_000
"""How long a refund waits of which nobody knows what became of it (assumption)."""
_OfferName = Annotated[str, Field(pattern=f"^{NAME.pattern}$")]
_Offers = Annotated[list[str], core.Listed(("products", "bundles"))]
_Place = tuple[str, str]
"""A device and a feature."""


class Subscribe(core.Command, group="Subscribing", tier="anytime"):
    """Begin a subscription: with its trial if there is one that was not had yet, else with a payment."""

    product: Annotated[_OfferName, core.Listed(("products",))]


class CancelSubscription(core.Command, group="Subscribing", tier="anytime"):
    """Renew a subscription no more; it ends with the trial or the period that is paid."""

    product: Annotated[_OfferName, core.Listed(("products",))]


class BuyBundle(core.Command, group="Subscribing", tier="anytime"):
    """Buy a bundle: its devices get their features for its time."""

    bundle: Annotated[_OfferName, core.Listed(("bundles",))]


class RefundPurchase(core.Command, group="Subscribing", tier="anytime"):
    """Give back what was bought: the latest payment is returned, and it ends at once."""

    offer: Annotated[_OfferName, core.Listed(("products", "bundles"))]


class AllowCharges(core.Command, group="Subscribing", tier="anytime"):
    """Let renewals be charged, or let nothing be charged any more."""

    allowed: bool


class Purchases(core.Facet, when_offline="last"):
    """How everything that was bought stands, and what was charged, in the smallest unit of the currency."""

    pending: _Offers
    trial: _Offers
    paid: _Offers
    grace: _Offers
    expired: _Offers
    refunded: _Offers
    cancelled: _Offers
    charges_allowed: bool
    charges: int
    charged: Annotated[int, core.Carries("payment")]
    currency: str
    charge_failed: str
    """Why the latest charge failed that is still wanted, in one sentence; else empty."""
    undelivered: int
    """How many leases have not reached their device."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Something the service has asked of the pay service.

    Attributes:
        offer: for which purchase.
        action: `pay` or `refund`.
        ticket: of whoever waits for it; None when nobody does.
    """

    offer: str
    action: str
    ticket: str | None


@dataclass(frozen=True)
class Subscriptions(core.Device):
    """One service.

    Attributes:
        offers: name to what can be bought.
        currency: of every amount, ISO 4217.
        purchases: offer to its latest purchase.
        tried: what was tried once.
        count: how many purchases there were.
        allowed: whether anything may be charged.
        charges: how many periods were charged.
        charged: how much that was.
        issued: device and feature to the newest lease.
        arrived: device and feature to the number of the lease that the device has taken.
        sending: ticket to the lease that is on its way.
        paying: ticket to what the pay service was asked.
        returning: offer to what is asked back and not settled yet: order, amount, and on whose behalf.
        buyers: offer to the ticket of whoever waits for its first payment.
        patience: which devices are not asked for a while.
        identity: the key that signs leases.
        devices: every device of the household to its kind.
        boot: how often it was started, so that no ticket is used twice.
        tickets: how many it has used since.
        shown: what it reports; None before it has looked.
    """

    class Config(core.Config):
        """What it sells.

        Attributes:
            currency: of every price, by ISO 4217.
            products: what is subscribed to.
            bundles: what is bought once.
        """

        currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$")
        products: dict[_OfferName, Product] = Field(default={}, max_length=16)
        bundles: dict[_OfferName, Bundle] = Field(default={}, max_length=16)

        @model_validator(mode="after")
        def _names_apart(self) -> Self:
            both = sorted(self.products.keys() & self.bundles.keys())
            if both:
                msg = f"`{both[0]}` is a product and a bundle: give one of them another name"
                raise ValueError(msg)
            return self

    kind: ClassVar[str] = "subscriptions"
    commands: ClassVar = (Subscribe, CancelSubscription, BuyBundle, RefundPurchase, AllowCharges)
    facets: ClassVar = (Purchases,)
    reads: ClassVar = ("car", "tablet", "tv")
    heeds: ClassVar = ()
    sees: ClassVar = {"car": (), "tablet": (), "tv": ()}
    asks: ClassVar = ("car", "tablet", "tv", "pay")
    shared: ClassVar[bool] = True

    offers: Mapping[str, Offer] = field(default_factory=dict)
    currency: str = "CNY"
    purchases: Mapping[str, Purchase] = field(default_factory=dict)
    tried: frozenset[str] = frozenset()
    count: int = 0
    allowed: bool = True
    charges: int = 0
    charged: int = 0
    issued: Mapping[_Place, Lease] = field(default_factory=dict)
    arrived: Mapping[_Place, int] = field(default_factory=dict)
    sending: Mapping[str, Lease] = field(default_factory=dict)
    paying: Mapping[str, Wish] = field(default_factory=dict)
    returning: Mapping[str, tuple[str, int, str | None]] = field(default_factory=dict)
    buyers: Mapping[str, str] = field(default_factory=dict)
    patience: Patience = field(default_factory=lambda: Patience("lease"))
    identity: Identity | None = field(default=None, repr=False)
    devices: Mapping[str, str] = field(default_factory=dict)
    boot: int = 0
    tickets: int = 0
    shown: Purchases | None = None

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the service with what its entry says it sells, and what it had sold before a restart."""
        offers = {**config.products, **config.bundles}
        return cls(name, offers=offers, currency=config.currency, **given.get("subscriptions", {}))

    def provisioned(self, provision: Provision) -> Self:
        """Return the service with its key, and the devices that there are."""
        devices = {name: peer.kind for name, peer in provision.peers.items()}
        identity = intent_key(self.name, provision.seed)
        return replace(self, identity=identity, devices=devices, boot=provision.boot)

    def kept(self) -> Mapping[str, Any]:
        """Keep what was sold, what is allowed and what was signed; what was on its way is asked for again."""
        purchases = {
            name: replace(one, charging="unclear", again_ms=0) if one.charging == "asked" else one
            for name, one in self.purchases.items()
        }
        kept = ("tried", "count", "allowed", "charges", "charged", "issued", "arrived", "returning")
        return {"subscriptions": {"purchases": purchases, **{name: getattr(self, name) for name in kept}}}

    # --- what happens ------------------------------------------------------------------------------------

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Sell, charge, and tell devices."""
        after, effects = self, tuple[Effect, ...]()
        match stimulus:
            case Booted() | TimerFired(name="returns"):
                after, effects = self._returned()
            case TimerFired(name="terms"):
                pass
            case TimerFired(name=name) if self.patience.is_due(name):
                after = replace(self, patience=self.patience.due(name))
            case Learned():
                after = replace(self, patience=self.patience.looked(at))
            case Commanded():
                after, effects = self._asked(at, stimulus)
            case Answered(ticket=ticket, answer=answer) if answer.final and ticket in self.paying:
                after, effects = self._paid(at, ticket, answer)
            case Answered(ticket=ticket, answer=answer) if answer.final and ticket in self.sending:
                after, effects = self._told(at, ticket, answer)
            case _:
                return self, ()
        after, charged = after._charging(at)
        after, told = after._telling(at)
        return replace(after, shown=after._showing(at)), (*effects, *charged, *told, *after._timed(at))

    def report(self) -> tuple[core.Facet, ...]:
        """Report what was sold, once it has looked."""
        return () if self.shown is None else (self.shown,)

    def _timed(self, at: Moment) -> tuple[Effect, ...]:
        """Look again when something is to be done, by the service's own clock."""
        times = [one.next_ms(self.offers[name], at.now_ms) for name, one in self._sold()]
        nearest = min((one for one in times if one is not None), default=None)
        return () if nearest is None else (StartTimer(TIMER, nearest - at.now_ms),)

    def _sold(self) -> Iterator[tuple[str, Purchase]]:
        """Yield every purchase of what is still on offer; what is not any more ends with its last lease."""
        return ((name, one) for name, one in self.purchases.items() if name in self.offers)

    def _showing(self, at: Moment) -> Purchases:
        standings = {name: one.standing(self.offers[name], at.now_ms) for name, one in self._sold()}
        by_standing = {
            word: [name for name, standing in standings.items() if standing == word]
            for word in ("pending", "trial", "paid", "grace", "expired", "refunded")
        }
        return Purchases(
            **by_standing,
            cancelled=[name for name, one in self._sold() if one.cancelled],
            charges_allowed=self.allowed,
            charges=self.charges,
            charged=self.charged,
            currency=self.currency,
            charge_failed=next((one.why for _, one in self._sold() if one.why), ""),
            undelivered=len(self._undelivered()),
        )

    # --- selling -----------------------------------------------------------------------------------------

    def _asked(self, at: Moment, order: Commanded) -> tuple[Self, tuple[Effect, ...]]:
        """Do what the owner asks, or say in one sentence why not."""
        match order.command:
            case Subscribe(product=name):
                return self._bought(at, order, name, "product", Product)
            case BuyBundle(bundle=name):
                return self._bought(at, order, name, "bundle", Bundle)
            case CancelSubscription(product=name):
                return self._cancelled(at, order.ticket, name)
            case RefundPurchase(offer=name):
                return self._refunding(at, order, name)
            case AllowCharges(allowed=allowed):
                return self._allowing(at, order.ticket, allowed=allowed)
            case _:  # Not one of its commands: the node lets none through.
                return self, ()

    def _bought(
        self, at: Moment, order: Commanded, name: str, noun: str, sort: type[Offer]
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Begin a purchase; what has no trial is answered once it is paid."""
        offer = self.offers.get(name)
        if not isinstance(offer, sort):
            names = [one for one, its in self.offers.items() if isinstance(its, sort)]
            return self, (_failed(order.ticket, f"no {noun} is called {name}; there is {_listed(names)}"),)
        before = self.purchases.get(name)
        if before is not None and not before.over(offer, at.now_ms):
            if not before.cancelled or not offer.renews:
                return self, (_failed(order.ticket, f"{name} is already bought"),)
            # What was cancelled and has not ended yet goes on as if it had not been.
            again = replace(before, cancelled=False)
            return self._with(name, again), (Settle(order.ticket, Answer("done")),)
        tried_ms = 0 if name in self.tried else offer.tried_ms
        purchase = Purchase(
            name, self.count + 1, order.by, trial_until_ms=at.now_ms + tried_ms if tried_ms else 0
        )
        bought = replace(self, count=self.count + 1)._with(name, purchase)
        if tried_ms:
            tried = replace(bought, tried=self.tried | {name})
            return tried, (Settle(order.ticket, Answer("done", data={"standing": "trial"})),)
        return replace(bought, buyers={**self.buyers, name: order.ticket}), ()

    def _cancelled(self, at: Moment, ticket: str, name: str) -> tuple[Self, tuple[Effect, ...]]:
        purchase = self._running(at, name)
        if purchase is None:
            return self, (_failed(ticket, f"{name} is not subscribed to"),)
        if not purchase.begun:
            return self, (_failed(ticket, f"the first payment of {name} is still on its way"),)
        until = {"ends_ms": purchase.term(self.offers[name]).due_ms}
        cancelled = self._with(name, replace(purchase, cancelled=True, why=""))
        return cancelled, (Settle(ticket, Answer("done", data=until)),)

    def _allowing(self, at: Moment, ticket: str, *, allowed: bool) -> tuple[Self, tuple[Effect, ...]]:
        """Note whether anything may be charged; what waits for it is then charged at once."""
        after = replace(self, allowed=allowed)
        if allowed:
            waiting = {
                name: replace(one, again_ms=at.now_ms) if one.charging == "failed" else one
                for name, one in self.purchases.items()
            }
            after = replace(after, purchases=waiting)
        return after, (Settle(ticket, Answer("done")),)

    def _running(self, at: Moment, name: str) -> Purchase | None:
        """Return a purchase that has not ended; None when there is none."""
        purchase, offer = self.purchases.get(name), self.offers.get(name)
        if purchase is None or offer is None or purchase.over(offer, at.now_ms):
            return None
        return purchase

    def _with(self, name: str, purchase: Purchase) -> Self:
        return replace(self, purchases={**self.purchases, name: purchase})

    # --- money -------------------------------------------------------------------------------------------

    @property
    def _pay(self) -> str | None:
        """The household's pay service, the first in file order; None without one."""
        return next((name for name, kind in self.devices.items() if kind == "pay"), None)

    def _charging(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Charge what is due."""
        after, effects = self, tuple[Effect, ...]()
        for name, purchase in self._sold():
            offer = self.offers[name]
            if name not in self.returning and purchase.wants_charge(offer, at.now_ms):
                after, more = after._charged(at, name, purchase, offer)
                effects += more
        return after, effects

    def _charged(
        self, at: Moment, name: str, purchase: Purchase, offer: Offer
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Charge one period: by the pay service, or on the household's bill."""
        if not self.allowed and offer.price > 0 and purchase.charging != "unclear":
            return self._in_vain(at, name, "the owner allows no charges", clear=True)
        if self._pay is None or offer.price == 0:
            return self._income(at, name)
        asked, ticket = self._with(name, purchase.asked())._ticket()
        demanded = {
            "order": purchase.order(self.name),
            "merchant": self.name,
            "amount_minor": offer.price,
            "currency": self.currency,
        }
        request = Request(ticket, self._pay, "pay", demanded, by=purchase.by)
        return replace(asked, paying={**asked.paying, ticket: Wish(name, "pay", None)}), (request,)

    def _paid(self, at: Moment, ticket: str, answer: Answer) -> tuple[Self, tuple[Effect, ...]]:
        """Take note of what became of a charge or a refund."""
        wish = self.paying[ticket]
        after = replace(self, paying={one: its for one, its in self.paying.items() if one != ticket})
        if wish.action == "refund":
            return after._refunded(wish, answer)
        if answer.status == "done":
            return after._income(at, wish.offer)
        # A charge without an answer, or by a service that was restarted, may have been made all the same.
        return after._in_vain(at, wish.offer, answer.reason, clear=settled(answer))

    def _income(self, at: Moment, name: str) -> tuple[Self, tuple[Effect, ...]]:
        """Count a period as charged, and tell whoever waits for it."""
        offer, purchase = self.offers[name], self.purchases[name]
        paid = self._with(name, purchase.paid(offer, at.now_ms))
        paid = replace(paid, charges=self.charges + 1, charged=self.charged + offer.price)
        return paid._answering(name, Answer("done", data={"standing": "paid"}))

    def _in_vain(self, at: Moment, name: str, why: str, *, clear: bool) -> tuple[Self, tuple[Effect, ...]]:
        """Ask again later; what was never paid and surely was not now is forgotten."""
        offer, purchase = self.offers[name], self.purchases[name]
        if clear and not purchase.begun:
            left = {one: its for one, its in self.purchases.items() if one != name}
            return replace(self, purchases=left)._answering(name, Answer("failed", f"not paid: {why}"))
        failed = self._with(name, purchase.failed(offer, at.now_ms, why, clear=clear))
        sentence = "it is not clear yet whether it was paid; it is asked for again under the same order"
        return failed._answering(name, Answer("failed", sentence))

    def _answering(self, name: str, answer: Answer) -> tuple[Self, tuple[Effect, ...]]:
        """Tell whoever waits for the first payment; nobody may."""
        ticket = self.buyers.get(name)
        if ticket is None:
            return self, ()
        left = {one: its for one, its in self.buyers.items() if one != name}
        return replace(self, buyers=left), (Settle(ticket, answer),)

    def _refunding(self, at: Moment, order: Commanded, name: str) -> tuple[Self, tuple[Effect, ...]]:
        """Give the latest payment back, if it is not too long ago."""
        purchase = self.purchases.get(name)
        if purchase is None or name not in self.offers:
            return self, (_failed(order.ticket, f"{name} was not bought"),)
        if purchase.charging in {"asked", "unclear"} or name in self.returning:
            return self, (_failed(order.ticket, f"a charge or refund of {name} is on its way; ask again"),)
        if not purchase.refundable(at.now_ms):
            sentence = f"{name} has no charge of the last {show_duration(REFUND_MS)} to give back"
            if purchase.refunded:
                sentence = f"{name} is given back already"
            elif purchase.used_up(at.now_ms):
                sentence = f"the time that was paid for {name} is over, and is not given back"
            return self, (_failed(order.ticket, sentence),)
        wish = Wish(name, "refund", order.ticket)
        if self._pay is None or self.offers[name].price == 0:
            return self._refunded(wish, Answer("done"))
        last = replace(purchase, periods=purchase.periods - 1).order(self.name)
        back = (last, self.offers[name].price, order.by)
        return replace(self, returning={**self.returning, name: back})._asked_back(wish)

    def _asked_back(self, wish: Wish) -> tuple[Self, tuple[Effect, ...]]:
        """Ask the pay service for a refund: however often, under one order it is one refund."""
        assert self._pay is not None, "nothing is asked back of nobody"  # INVARIANT
        order, minor, by = self.returning[wish.offer]
        asked, ticket = self._ticket()
        request = Request(ticket, self._pay, "refund", {"order": order, "amount_minor": minor}, by=by)
        return replace(asked, paying={**asked.paying, ticket: wish}), (request,)

    def _returned(self) -> tuple[Self, tuple[Effect, ...]]:
        """Ask again for every refund of which nobody knows what became of it."""
        after, effects = self, tuple[Effect, ...]()
        under_way = {one.offer for one in self.paying.values()}
        for name in self.returning if self._pay is not None else ():
            if name not in under_way and name in self.offers:
                after, asked = after._asked_back(Wish(name, "refund", None))
                effects += asked
        return after, effects

    def _refunded(self, wish: Wish, answer: Answer) -> tuple[Self, tuple[Effect, ...]]:
        """End a purchase whose money was given back; everything stays as it is when it was not."""
        told = () if wish.ticket is None else (Settle(wish.ticket, answer),)
        if not settled(answer):
            return self, (*told, StartTimer(RETURNS, RETURN_AGAIN_MS))
        left = {name: one for name, one in self.returning.items() if name != wish.offer}
        after = replace(self, returning=left)
        if answer.status != "done":
            return after, told
        ended = replace(self.purchases[wish.offer], refunded=True, cancelled=True)
        charged = self.charged - self.offers[wish.offer].price
        return replace(after._with(wish.offer, ended), charged=charged), told

    def _ticket(self) -> tuple[Self, str]:
        number = self.tickets + 1
        return replace(self, tickets=number), f"sub-{self.boot}-{number}"

    # --- telling devices ---------------------------------------------------------------------------------

    def _terms(self, at: Moment) -> dict[_Place, Term]:
        """Return what each device may do of each feature: what ends last of all that entitles it.

        Where nothing does, it is what was bought last, so that the device can say what became of it.
        """
        best: dict[_Place, tuple[tuple[bool, int, int], Term]] = {}
        for name, purchase in self._sold():
            if not (purchase.begun or purchase.refunded):
                continue
            term = purchase.term(self.offers[name])
            entitled = term.entitles(at.now_ms)
            rank = (entitled, term.ends_ms if entitled else 0, purchase.number)
            for device, features in self.offers[name].grants.items():
                for feature in features:
                    if (device, feature) not in best or rank > best[device, feature][0]:
                        best[device, feature] = (rank, term)
        return {place: term for place, (_, term) in best.items() if place[0] in self.devices}

    def _telling(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Sign what is new, and send each device what it has not taken yet."""
        issued = dict(self.issued)
        for place, term in self._terms(at).items():
            before = issued.get(place)
            if before is None or before.term != term or _ended(before, at):
                issued[place] = _lease(place, term, before, at)
        after, effects = replace(self, issued=issued), tuple[Effect, ...]()
        busy = {lease.device for lease in self.sending.values()}
        for lease in after._undelivered():
            on_its_way = any(lease == one for one in after.sending.values())
            if not on_its_way and after.patience.allows(lease.device, busy=lease.device in busy):
                after, sent = after._sent(lease)
                effects += sent
        return after, effects

    def _undelivered(self) -> list[Lease]:
        return [lease for place, lease in self.issued.items() if self.arrived.get(place, 0) < lease.number]

    def _sent(self, lease: Lease) -> tuple[Self, tuple[Effect, ...]]:
        """Send a lease: it grants while it entitles, and withdraws once it does not."""
        assert self.identity is not None, "a service is provisioned before it steps"  # INVARIANT
        sort = GrantFeature if lease.term.entitles(lease.issued_ms) else WithdrawFeature
        sending, ticket = self._ticket()
        wish = sort(feature=lease.feature, lease=sealed(self.identity, lease))
        request = Request.of(wish, ticket=ticket, target=lease.device)
        return replace(sending, sending={**sending.sending, ticket: lease}), (request,)

    def _told(self, at: Moment, ticket: str, answer: Answer) -> tuple[Self, tuple[Effect, ...]]:
        """Note that a lease has arrived, or wait before it is sent again."""
        lease = self.sending[ticket]
        after = replace(self, sending={one: its for one, its in self.sending.items() if one != ticket})
        if answer.status == "done":
            arrived = {**after.arrived, (lease.device, lease.feature): lease.number}
            return replace(after, arrived=arrived, patience=after.patience.answered(lease.device)), ()
        patience, effects = after.patience.in_vain(at, lease.device)
        return replace(after, patience=patience), effects


def _ended(lease: Lease, at: Moment) -> bool:
    """Say whether a lease that was signed as a grant has ended by now."""
    return lease.term.entitles(lease.issued_ms) and not lease.term.entitles(at.now_ms)


def _lease(place: _Place, term: Term, before: Lease | None, at: Moment) -> Lease:
    """Return a lease with a number above every one before, also when the service has lost its memory."""
    return Lease.model_validate(
        {
            "device": place[0],
            "feature": place[1],
            "number": max(at.now_ms, 0 if before is None else before.number + 1),
            "issued_ms": at.now_ms,
            "trial_until_ms": term.trial_until_ms,
            "paid_until_ms": term.paid_until_ms,
            "grace_until_ms": term.grace_until_ms,
            "refunded": term.refunded,
        }
    )


def _failed(ticket: str, sentence: str) -> Settle:
    return Settle(ticket, Answer("failed", sentence))


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "nothing of that sort"
