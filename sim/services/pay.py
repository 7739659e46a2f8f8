"""The service that pays: what merchants demand, once for each order, out of the household's account.

What may be paid is decided by the rules (`payments.cedar`); this service tells them how much it is, what was
spent today and whether a driver has approved it. It books one transaction after another, each decided on the
last entry. Who asks again, after a loss, a crash or a doubled message, is answered with the receipt that is
in the books: an order is looked up before any limit, or a paid toll that is asked for again would be over it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Final, Self, TypeAlias

from pydantic import AwareDatetime, Field

from sim.apps.payments.messages import (
    RECEIPTS_MAX,
    Account,
    Amount,
    ApprovePayment,
    ListReceipts,
    Name,
    Pay,
    Receipt,
    RedeemDiscount,
    Refund,
    Spending,
    answer_data,
)
from sim.apps.payments.statement import Statement, postings
from sim.core import device as core
from sim.core.books import Books, Outcome, Transaction
from sim.core.device import (
    Answer,
    Asked,
    Booted,
    Commanded,
    Effect,
    Moment,
    Peer,
    Persist,
    Persisted,
    Provision,
    Report,
    Role,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.dues import Currency

APPROVED_MS: Final = 600_000
"""How long the driver's approval holds: until the barrier has opened (assumption)."""
RESERVED_MS: Final = 86_400_000
"""How long a discount is kept for an order that has it (assumption)."""
REPORT_EVERY_MS: Final = 300_000
"""How often it reports anew what has not changed (assumption; as often as the traffic service)."""
PENDING_MAX: Final = 32
"""Payments that wait for the books; more fail at once, and are asked for again."""
KEPT_MAX: Final = 200
"""Approvals and kept discounts that are remembered; the oldest go first."""

Money: TypeAlias = Pay | Refund
Stepped: TypeAlias = "tuple[PayService, tuple[Effect, ...]]"


class Discount(core.Arguments):
    """A discount at one merchant.

    Attributes:
        merchant: where.
        percent: how much is taken off.
        until: when it is over, with its zone.
        uses: how often the household may have it.
    """

    merchant: Name
    percent: int = Field(ge=1, le=90)
    until: AwareDatetime
    uses: int = Field(default=1, ge=1, le=1_000)

    def less_minor(self, amount_minor: int) -> int:
        """Return what is taken off an amount, rounded down to a whole minor unit."""
        return amount_minor * self.percent // 100

    def valid_for_ms(self, now_ms: int) -> int:
        """Return how long it holds yet; nothing or less when it is over."""
        return round(self.until.timestamp() * 1000) - now_ms


class PayConfig(core.Config):
    """The household's account.

    Attributes:
        currency: of the account, with two decimals.
        cap: what is paid without the driver's approval, in minor units.
        daily: what is paid in one day at most.
        merchants: who can be paid.
        discounts: name to discount.
    """

    currency: Currency = "CNY"
    cap: Annotated[int, Field(ge=0)] = 5_000
    daily: Amount = 20_000
    merchants: list[Name] = Field(default=[], max_length=256)
    discounts: dict[Name, Discount] = Field(default={}, max_length=64)


@dataclass(frozen=True, slots=True)
class Pending:
    """A command that waits for the books.

    Attributes:
        ticket: of the command.
        command: what is to be booked.
        by: on whose behalf.
        day: on which day, by the clocks of the household.
        net_minor: what is paid, less the discount that was kept when the rules were asked.
        discount: name of that discount; empty without one, and for a refund.
        booking: what was given to the books; None while others are before it.
    """

    ticket: str
    command: Money
    by: str | None
    day: str
    net_minor: int = 0
    discount: str = ""
    booking: Transaction | None = None


@dataclass(frozen=True, slots=True)
class Reserved:
    """A discount that is kept for an order, until a time (ms since 1970)."""

    discount: str
    until_ms: int


@dataclass(frozen=True)
class PayService(core.Device):
    """One service.

    Attributes:
        config: the account.
        statement: what the books say.
        pending: what waits for them; the first is with them.
        approvals: digest of what was approved, to the order, and until when.
        reserved: order to the discount that is kept for it.
        peers: the household's devices.
    """

    Config = PayConfig

    @dataclass(frozen=True, slots=True)
    class Circumstances(core.Circumstances):
        """What the rules of payments weigh; each says of which command in `vocabulary` terms.

        Attributes:
            amount_minor: what is to be paid, less the discount, or given back.
            cap_minor: what is paid without approval.
            approved: whether a driver has approved this very payment.
            daily_minor: what is paid in a day at most.
            spent_today_minor: what was, and what is about to be.
            asker_drives: whether the asker sits at the wheel: it is said by a screen built into the car.
            refundable_minor: what was paid for an order and has not been given back.
            valid_for_s: how long a discount holds yet.
            uses_left: how often it can be had yet.
        """

        amount_minor: int | None = None
        cap_minor: int | None = None
        approved: bool | None = None
        daily_minor: int | None = None
        spent_today_minor: int | None = None
        asker_drives: bool | None = None
        refundable_minor: int | None = None
        valid_for_s: int | None = None
        uses_left: int | None = None

    kind: ClassVar[str] = "pay"
    commands: ClassVar = (Pay, ApprovePayment, Refund, RedeemDiscount, ListReceipts)
    facets: ClassVar = (Account, Spending)
    storage: ClassVar = Books

    config: PayConfig = field(default_factory=PayConfig)
    statement: Statement = field(default_factory=Statement)
    pending: tuple[Pending, ...] = ()
    approvals: Mapping[str, tuple[str, int, str | None]] = field(default_factory=dict)
    reserved: Mapping[str, Reserved] = field(default_factory=dict)
    peers: Mapping[str, Peer] = field(default_factory=dict, repr=False)
    people: Mapping[str, Role] = field(default_factory=dict)

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the service with what is in its books, and what was approved."""
        kept = given.get("pay", {})
        return cls(
            name,
            config,
            Statement.of(given.get("storage", ())),
            approvals={digest: (order, until, by) for digest, order, until, by in kept.get("approvals", ())},
            reserved={order: Reserved(*one) for order, *one in kept.get("reserved", ())},
        )

    def provisioned(self, provision: Provision) -> Self:
        """Return the service with the names of the household's devices and people."""
        return replace(self, peers=provision.peers, people=provision.people)

    def kept(self) -> Mapping[str, Any]:
        """Keep approvals and reserved discounts; what was paid is in the books."""
        approvals = [[digest, *one] for digest, one in self.approvals.items()]
        reserved = [[order, one.discount, one.until_ms] for order, one in self.reserved.items()]
        return {"pay": {"approvals": approvals[-KEPT_MAX:], "reserved": reserved[-KEPT_MAX:]}}

    def step(self, at: Moment, stimulus: Stimulus) -> Stepped:
        """Book, approve, reserve and hand out receipts."""
        match stimulus:
            case Booted():
                return self, (StartTimer("account", REPORT_EVERY_MS),)
            case TimerFired():
                # A report can be lost, and no other follows before somebody pays again.
                return self, (Report("account"), StartTimer("account", REPORT_EVERY_MS))
            case Commanded(command=Pay() | Refund() as command, ticket=ticket, by=by):
                return self._asked(at, Pending(ticket, command, by, at.senses.local_time()[:10]))
            case Commanded(command=ApprovePayment() as command, ticket=ticket, by=by):
                holding = {digest: one for digest, one in self.approvals.items() if at.now_ms < one[1]}
                approvals = {**holding, command.digest(): (command.order, at.now_ms + APPROVED_MS, by)}
                return replace(self, approvals=approvals), (Settle(ticket, Answer("done")),)
            case Commanded(command=RedeemDiscount() as command, ticket=ticket):
                return self._redeemed(at, command, ticket)
            case Commanded(command=ListReceipts(after=after), ticket=ticket, by=by):
                return self, (Settle(ticket, Answer("done", data=self._receipts(after, by))),)
            case Persisted(result=Outcome() as outcome) if self.pending:
                return self._booked(at, outcome)
            case _:
                return self, ()

    def report(self) -> tuple[core.Facet, ...]:
        """Report limits and sums."""
        config, statement = self.config, self.statement
        today = statement.receipts[-1].day if statement.receipts else ""
        return (
            Account(
                currency=config.currency,
                cap_minor=config.cap,
                daily_minor=config.daily,
                receipts=statement.tail,
                approved=sorted({order for order, *_ in self.approvals.values()} - set(statement.paid)),
                discounts={
                    one.merchant: name
                    for name, one in config.discounts.items()
                    if statement.uses.get(name, 0) < one.uses
                },
            ),
            Spending(spent_today_minor=statement.spent.get(today, 0)),
        )

    # --- what the rules are told ------------------------------------------------------------------------

    def circumstances(self, at: Moment, asked: Asked) -> Circumstances:
        """Tell the rules what they weigh; of what does not fit its command, nothing is known."""
        match asked.command:
            case Pay() as command:
                return self._of_payment(at, command)
            case ApprovePayment():
                peer = self.peers.get(asked.sender)
                at_wheel = peer is not None and peer.kind == "dashboard" and asked.by is not None
                return self.Circumstances(asker_drives=at_wheel)
            case Refund() as command:
                return self._of_refund(command)
            case RedeemDiscount() as command:
                return self._of_discount(at, command)
            case _:
                return self.Circumstances()

    def _of_payment(self, at: Moment, command: Pay) -> Circumstances:
        paid = self.statement.paid.get(command.order)
        if paid is not None and paid.digest == command.digest():
            # It was paid within the limits of then; asked again it costs nothing.
            minor = paid.receipt.amount_minor
            return self.Circumstances(
                amount_minor=minor,
                cap_minor=max(self.config.cap, minor),
                approved=True,
                daily_minor=max(self.config.daily, minor),
                spent_today_minor=0,
            )
        day = at.senses.local_time()[:10]
        about_to_be = sum(
            one.net_minor
            for one in self.pending
            if one.day == day and isinstance(one.command, Pay) and one.command.order != command.order
        )
        approval = self.approvals.get(command.digest())
        return self.Circumstances(
            amount_minor=self._less_discount(at, command)[0],
            cap_minor=self.config.cap,
            approved=approval is not None and at.now_ms < approval[1],
            daily_minor=self.config.daily,
            spent_today_minor=self.statement.spent.get(day, 0) + about_to_be,
        )

    def _of_refund(self, command: Refund) -> Circumstances:
        paid = self.statement.paid.get(command.order)
        refundable = 0
        if paid is not None:
            again = paid.refunds.get(_refund_key(command), 0)
            others = [
                one.command.amount_minor
                for one in self.pending
                if isinstance(one.command, Refund)
                and one.command.order == command.order
                and one.command.request != command.request
            ]
            refundable = paid.refundable_minor + again - sum(others)
        return self.Circumstances(amount_minor=command.amount_minor, refundable_minor=refundable)

    def _of_discount(self, at: Moment, command: RedeemDiscount) -> Circumstances:
        discount = self.config.discounts.get(command.discount)
        if discount is None:
            return self.Circumstances()
        paid = self.statement.paid.get(command.order)
        if self._kept_for(at, command.order) or (paid is not None and paid.receipt.discount):
            return self.Circumstances(valid_for_s=1, uses_left=1)  # It is kept for this order, or was had.
        taken = sum(
            one.discount == command.discount and at.now_ms < one.until_ms for one in self.reserved.values()
        )
        return self.Circumstances(
            valid_for_s=discount.valid_for_ms(at.now_ms) // 1000,
            uses_left=discount.uses - self.statement.uses.get(command.discount, 0) - taken,
        )

    # --- commands ---------------------------------------------------------------------------------------

    def _asked(self, at: Moment, wanted: Pending) -> Stepped:
        """Queue a payment or a refund for the books, unless it cannot be booked at all."""
        why, code = self._mistake(wanted.command)
        if not why and len(self.pending) >= PENDING_MAX:
            why, code = f"{PENDING_MAX} payments already wait for the books", "ASK_AGAIN"
        if why:
            return self, (Settle(wanted.ticket, Answer("failed", why, data={"code": code})),)
        if isinstance(wanted.command, Pay):
            net_minor, discount = self._less_discount(at, wanted.command)
            wanted = replace(wanted, net_minor=net_minor, discount=discount)
        service = replace(self, pending=(*self.pending, wanted))
        return service._with_books(at) if len(service.pending) == 1 else (service, ())

    def _mistake(self, command: Money) -> tuple[str, str]:
        """Return why something cannot be booked, with a code; nothing when it can."""
        match command:
            case Pay() if command.merchant not in self.config.merchants:
                return f"the account knows no merchant `{command.merchant}`", "UNKNOWN_MERCHANT"
            case Pay() if command.currency != self.config.currency:
                return f"the account is in {self.config.currency}, not {command.currency}", "CURRENCY"
            case Refund() if command.order not in self.statement.paid:
                return f"nothing was paid for `{command.order}`", "UNKNOWN_ORDER"
            case _:
                return "", ""

    def _redeemed(self, at: Moment, command: RedeemDiscount, ticket: str) -> Stepped:
        """Keep a discount for an order."""
        discount = self.config.discounts.get(command.discount)
        if discount is None or discount.merchant != command.merchant:
            sentence = f"{command.merchant} has no discount `{command.discount}`"
            return self, (Settle(ticket, Answer("failed", sentence, data={"code": "OTHER_MERCHANT"})),)
        kept = self._kept_for(at, command.order) or Reserved(command.discount, at.now_ms + RESERVED_MS)
        if command.order in self.statement.paid:
            return self, (Settle(ticket, Answer("done")),)
        return replace(self, reserved={**self.reserved, command.order: kept}), (
            Settle(ticket, Answer("done")),
        )

    def _receipts(self, after: int, reader: str | None) -> Mapping[str, Any]:
        """Return the receipts that somebody may read, and up to which entry these are all."""
        everything = self.statement.receipts[after:]
        theirs = [one for one in everything if self._may_read(one, reader)]
        found = theirs[:RECEIPTS_MAX]
        through = found[-1].n if len(theirs) > RECEIPTS_MAX else self.statement.tail
        return {"receipts": [answer_data(one) for one in found], "through": max(after, through)}

    def _may_read(self, receipt: Receipt, reader: str | None) -> bool:
        """Say whether somebody has paid or approved what a receipt is about, or owns the account."""
        payment = self.statement.paid[receipt.order].receipt
        return self.people.get(reader or "") == "owner" or reader in {payment.by, payment.approver} - {None}

    # --- the books --------------------------------------------------------------------------------------

    def _with_books(self, at: Moment) -> Stepped:
        """Give the first that waits to the books."""
        first = self.pending[0]
        booking = self._transaction(at, first)
        pending = (replace(first, booking=booking), *self.pending[1:])
        return replace(self, pending=pending), (Persist(first.ticket, booking),)

    def _transaction(self, at: Moment, wanted: Pending) -> Transaction:
        command = wanted.command
        claims: tuple[str, ...] = ()
        if isinstance(command, Refund):
            paid = self.statement.paid[command.order]
            receipt = paid.receipt.model_copy(
                update={"kind": "refund", "amount_minor": command.amount_minor, "discount": ""}
            )
            key, digest = _refund_key(command), f"{command.amount_minor}"
        else:
            net_minor, discount = wanted.net_minor, wanted.discount
            receipt = Receipt(
                kind="payment",
                order=command.order,
                merchant=command.merchant,
                amount_minor=net_minor,
                full_minor=command.amount_minor,
                discount=discount,
                currency=command.currency,
                by=wanted.by,
                approver=self.approvals.get(command.digest(), (None, 0, None))[2],
                day=wanted.day,
                at_ms=at.now_ms,
            )
            key, digest = command.order, command.digest()
            if discount:
                claims = (f"{discount}:{self.statement.uses.get(discount, 0) + 1}",)
        receipt = receipt.model_copy(update={"by": wanted.by, "day": wanted.day, "at_ms": at.now_ms})
        lines = postings(receipt)
        return Transaction(key, digest, self.statement.tail, at.now_ms, lines, receipt.memo(), claims)

    def _kept_for(self, at: Moment, order: str) -> Reserved | None:
        """Return the discount that is kept for an order yet; None without one."""
        kept = self.reserved.get(order)
        return kept if kept is not None and at.now_ms < kept.until_ms else None

    def _less_discount(self, at: Moment, command: Pay) -> tuple[int, str]:
        """Return what is to be paid, and the discount in it; empty without one."""
        kept = self._kept_for(at, command.order)
        if kept is None:
            return command.amount_minor, ""
        less = self.config.discounts[kept.discount].less_minor(command.amount_minor)
        return command.amount_minor - less, kept.discount if less else ""

    def _booked(self, at: Moment, outcome: Outcome) -> Stepped:
        """Take note of what the books say, answer whoever asked, and go on with the next."""
        first = self.pending[0]
        assert first.booking is not None, "the books have answered what they were not asked"  # INVARIANT
        service = replace(self, pending=self.pending[1:])
        entries = (first.booking,) if outcome.kind == "posted" else outcome.since
        for entry in entries:
            service = replace(service, statement=service.statement.booked(entry))
        match outcome.kind:
            case "posted" | "repeated":
                service = service._closed(first.command)
                answer = Answer("done", data=answer_data(Receipt.read(outcome.memo, outcome.n)))
            case "key_reused":
                sentence = f"`{first.command.order}` was for something else"
                answer = Answer("failed", sentence, data={"code": "KEY_REUSED"})
            case _:
                if outcome.kind == "claimed":
                    service = service._closed(first.command)  # Somebody else has had the discount.
                sentence = "the books have changed meanwhile: ask again"
                answer = Answer("failed", sentence, data={"code": "ASK_AGAIN"})
        effects: tuple[Effect, ...] = (Settle(first.ticket, answer),)
        if service.pending:
            service, asked = service._with_books(at)
            effects += asked
        return service, effects

    def _closed(self, command: Money) -> Self:
        """Return the service without what is of no use any more once an order is paid."""
        approvals = {digest: one for digest, one in self.approvals.items() if one[0] != command.order}
        reserved = {order: one for order, one in self.reserved.items() if order != command.order}
        return replace(self, approvals=approvals, reserved=reserved)


def _refund_key(command: Refund) -> str:
    """Return the key of a refund, which no order can be: an order has no capital letters."""
    return f"REFUND:{command.order}:{command.request}"
