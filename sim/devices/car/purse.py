"""The car's purse: it pays what the roadside demands, once each, whatever is lost, doubled or restarted.

What a gate, a barrier or a charger demands comes with an order that is made from the event. The purse writes
it down before it asks anybody, and asks the payment service with that order until it is answered: an answer
that is lost, or that the service may have booked, is followed by the same question, never by another one.
Whoever drove pays, as the rules allow; what is refused waits for the driver's approval, for another driver,
or for the next hour.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any, ClassVar, Final, Literal, Self, TypeAlias

from sim.apps.app import settled
from sim.apps.patience import Patience
from sim.apps.payments.messages import Pay, RedeemDiscount
from sim.core.declarations import Carries
from sim.core.device import (
    Answer,
    Answered,
    Booted,
    Effect,
    Emit,
    Facet,
    Learned,
    Linked,
    Moment,
    Provision,
    Request,
    Sensed,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.dues import Due
from sim.core.parts import Part

PURPOSE: Final = "purse"
REFUSED: Final = "purse refused"
REFUSED_MS: Final = 3_600_000
"""How long a payment that was refused waits, unless something changes before (assumption)."""
NEEDS_APPROVAL: Final = "large-payment-needs-approval"
"""The rule that refuses what only wants the driver's approval (`payments.cedar`)."""
ASKED_MAX: Final = 4
"""Bills that are asked about at once."""
SETTLED_MAX: Final = 200
"""Orders that are remembered as paid: twice as many as the roadside goes on telling (`world.truth.dues`)."""

Discounted: TypeAlias = Literal["unknown", "asked"]
State: TypeAlias = Literal["open", "refused"]


@dataclass(frozen=True, slots=True)
class Bill:
    """A demand that is not paid yet.

    Attributes:
        due: what is demanded.
        payer: who drove then, or who has sat down since it was refused; None while nobody has.
        state: whether it is to be asked about, or was refused and waits.
        discount: whether the discount of its merchant was asked for.
        approved: whether a driver has approved it, as the service last said.
        why: why it was refused.
        large: whether that was for want of approval.
    """

    due: Due
    payer: str | None
    state: State = "open"
    discount: Discounted = "unknown"
    approved: bool = False
    why: str = ""
    large: bool = False


class PurseReport(Facet, readers=("dashboard",)):
    """What the dashboard shows, and nobody else reads: the oldest bill that waits, and what was last paid.

    `bill_needs_approval` says that the driver can approve that bill at the dashboard.
    """

    bills: int
    bill_order: str | None
    bill_merchant: str | None
    bill_minor: Annotated[int | None, Carries("payment")]
    bill_currency: str | None
    bill_needs_approval: bool
    bill_why: str
    last_receipt: Annotated[str, Carries("payment")]
    last_discount: str | None


@dataclass(frozen=True)
class Purse(Part):
    """One purse.

    Attributes:
        device: the car.
        boot: how often it has started.
        sent: how many questions it has sent since.
        services: the services that pay, by name; the first is asked.
        bills: order to bill, oldest first.
        paid: orders that were paid, oldest first.
        asked: ticket to the order it asks about, and whether it is about its discount.
        last_receipt: what was last paid, for people.
        last_discount: which discount was taken off it; None without one.
        patience: whether the service is asked again yet.
    """

    facets: ClassVar = (PurseReport,)
    events: ClassVar = ("paid",)
    tells: ClassVar = {"paid": {"order": Carries("payment")}}
    reads: ClassVar = ("pay",)
    asks: ClassVar = ("pay",)

    device: str = ""
    boot: int = 1
    sent: int = 0
    services: tuple[str, ...] = ()
    bills: Mapping[str, Bill] = field(default_factory=dict)
    paid: tuple[str, ...] = ()
    asked: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    last_receipt: str = ""
    last_discount: str | None = None
    patience: Patience = field(default_factory=lambda: Patience(PURPOSE))

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the purse with the bills it has kept."""
        kept = given.get("purse", {})
        bills = {one["order"]: _bill(one) for one in kept.get("bills", ())}
        return cls(
            device=device,
            bills=bills,
            paid=tuple(kept.get("paid", ())),
            last_receipt=kept.get("last_receipt", ""),
            last_discount=kept.get("last_discount"),
        )

    def provisioned(self, provision: Provision) -> Self:
        """Return the purse with the names of the services that pay."""
        services = provision.of_kind("pay")
        return replace(self, services=services, boot=provision.boot)

    def kept(self) -> Mapping[str, Any]:
        """Keep every bill with its order, and the orders that are paid."""
        bills = [
            {**asdict(one.due), "payer": one.payer, "discount": one.discount} for one in self.bills.values()
        ]
        last = {"last_receipt": self.last_receipt, "last_discount": self.last_discount}
        return {"purse": {"bills": bills, "paid": list(self.paid), **last}}

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Write down what is demanded, ask until it is answered, and take note of the answers."""
        match stimulus:
            case Booted() | Sensed():
                return self._demanded(at)._asking(at)
            case Learned(device=device) if device in self.services:
                return self._heard(at)._asking(at)
            case Linked(up=True):
                return replace(self, patience=self.patience.looked(at))._asking(at)
            case TimerFired(name=name) if self.patience.is_due(name):
                return replace(self, patience=self.patience.due(name))._asking(at)
            case TimerFired(name=name) if name == REFUSED:
                opened = {order: replace(one, state="open") for order, one in self.bills.items()}
                return replace(self, bills=opened)._asking(at)
            case Answered(ticket=ticket, answer=answer) if answer.final and ticket in self.asked:
                purse, effects = self._answered(at, ticket, answer)
                purse, more = purse._asking(at)
                return purse, (*effects, *more)
            case _:
                return self, ()

    def report(self) -> tuple[Facet, ...]:
        """Report the oldest bill, first of all one that waits for somebody."""
        waiting = [one for one in self.bills.values() if one.state == "refused" and not one.approved]
        first = next(iter((*waiting, *self.bills.values())), None)
        due = None if first is None else first.due
        return (
            PurseReport(
                bills=len(self.bills),
                bill_order=None if due is None else due.order,
                bill_merchant=None if due is None else due.merchant,
                bill_minor=None if due is None else due.amount_minor,
                bill_currency=None if due is None else due.currency,
                bill_needs_approval=first is not None and first.large and not first.approved,
                bill_why="" if first is None else first.why,
                last_receipt=self.last_receipt,
                last_discount=self.last_discount,
            ),
        )

    # --- what is demanded -------------------------------------------------------------------------------

    def _demanded(self, at: Moment) -> Self:
        """Return the purse with every demand that is new; whoever sits down may pay what was refused."""
        person = at.senses.person()
        bills = {order: _offered(one, person) for order, one in self.bills.items()}
        for due in at.senses.dues():
            if due.order not in bills and due.order not in self.paid:
                bills[due.order] = Bill(due, person)
        return self if bills == self.bills else replace(self, bills=bills)

    def _heard(self, at: Moment) -> Self:
        """Return the purse after the service has said which orders are approved."""
        said = at.beliefs.raw(self.services[0], "approved")
        approved = set() if said is None else set(said[0])
        bills = {}
        for order, bill in self.bills.items():
            now = order in approved
            state: State = "open" if now and not bill.approved else bill.state
            bills[order] = replace(bill, approved=now, state=state)
        return replace(self, bills=bills, patience=self.patience.looked(at))

    # --- asking -----------------------------------------------------------------------------------------

    def _asking(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Ask about every bill that is open, a few at a time."""
        service = self.services[0] if self.services else None
        if service is None or not self.bills or at.beliefs.raw(service, "receipts") is None:
            return self, ()
        purse, effects = self, list[Effect]()
        for order, bill in self.bills.items():
            under_way = {one for one, _ in purse.asked.values()}
            full = len(under_way) >= ASKED_MAX or not purse.patience.allows(service, busy=bool(under_way))
            if full or order in under_way or bill.state != "open" or bill.payer is None:
                continue
            discount = self._discount(at, service, bill)
            purse = replace(purse, sent=purse.sent + 1)
            ticket = f"{self.device}-{PURPOSE}-{self.boot}-{purse.sent}"
            purse = replace(purse, asked={**purse.asked, ticket: (order, discount is not None)})
            command = Pay.of(bill.due) if discount is None else discount
            effects.append(Request.of(command, ticket=ticket, target=service, by=bill.payer))
        return purse, tuple(effects)

    def _discount(self, at: Moment, service: str, bill: Bill) -> RedeemDiscount | None:
        """Return the question for the discount of a bill's merchant; None without one, or after it."""
        offered = at.beliefs.raw(service, "discounts")
        name = None if offered is None else offered[0].get(bill.due.merchant)
        if name is None or bill.discount == "asked":
            return None
        return RedeemDiscount(order=bill.due.order, merchant=bill.due.merchant, discount=name)

    def _answered(self, at: Moment, ticket: str, answer: Answer) -> tuple[Self, tuple[Effect, ...]]:
        """Take note of an answer; nothing is settled by one that may not have come through."""
        order, of_discount = self.asked[ticket]
        asked = {one: about for one, about in self.asked.items() if one != ticket}
        purse = replace(self, asked=asked)
        if not settled(answer):
            patience, effects = purse.patience.in_vain(at, self.services[0])
            return replace(purse, patience=patience), effects
        purse = replace(purse, patience=purse.patience.answered(self.services[0]))
        bill = purse.bills[order]
        if of_discount:
            return purse._with(replace(bill, discount="asked")), ()
        if answer.status == "done":
            rest = {one: other for one, other in purse.bills.items() if one != order}
            purse = replace(
                purse,
                bills=rest,
                paid=(*purse.paid, order)[-SETTLED_MAX:],
                last_receipt=str(answer.data.get("receipt", "")),
                last_discount=str(answer.data.get("discount", "")) or None,
            )
            return purse, (Emit("paid", {"order": order}),)
        rules = () if answer.denial is None else answer.denial.get("rules", ())
        refused = replace(bill, state="refused", why=answer.reason, large=NEEDS_APPROVAL in rules)
        return purse._with(refused), (StartTimer(REFUSED, REFUSED_MS),)

    def _with(self, bill: Bill) -> Self:
        return replace(self, bills={**self.bills, bill.due.order: bill})


def _offered(bill: Bill, person: str | None) -> Bill:
    """Return a bill after somebody has been seen at the wheel: one that waits may be theirs to pay."""
    waits = bill.payer is None or bill.state == "refused"
    if not waits or person is None or person == bill.payer:
        return bill
    return replace(bill, payer=person, state="open")


def _bill(kept: Mapping[str, Any]) -> Bill:
    """Return a bill that was kept; what had refused it is asked again after a restart."""
    due = Due(kept["order"], kept["merchant"], kept["amount_minor"], kept["currency"])
    return Bill(due, kept["payer"], discount=kept["discount"])
