"""What the payment service can be asked, and what it reports.

An order is the key of a payment: whoever demands money makes it from the event, such as the passage of a toll
gate, and whoever pays asks with the same order until it is answered. Amounts are integers in minor units.
"""

from hashlib import sha256
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from sim.core.books import MINOR_MAX
from sim.core.declarations import Carries
from sim.core.device import Command, Facet
from sim.core.dues import NAME_PATTERN, Currency, Due, Order
from sim.core.messages import dump_json

Amount = Annotated[int, Field(ge=1, le=MINOR_MAX, strict=True), Carries("payment")]
"""More than nothing, in minor units: a whole number, and neither a text nor a truth that reads like one."""
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
RETURNS: Final = {"receipt": Carries("payment")}
RECEIPTS_MAX: Final = 20
"""Receipts that are handed out at once: what fits an answer of 65,536 bytes many times (assumption)."""


class _About(Command):
    """What a payment is about; a subclass is a command."""

    order: Order
    merchant: Name
    amount_minor: Amount
    currency: Currency

    @classmethod
    def of(cls, due: Due) -> Self:
        """Return the command about what somebody demands."""
        return cls(
            order=due.order, merchant=due.merchant, amount_minor=due.amount_minor, currency=due.currency
        )

    def digest(self) -> str:
        """Return what stands for all four: who changes one of them asks for something else."""
        words = [self.order, self.merchant, self.amount_minor, self.currency]
        return sha256(dump_json(words)).hexdigest()[:32]


class Pay(_About, group="Payment", tier="anytime", returns=RETURNS):
    """Pay what a merchant demands, once for each order however often it is asked."""


class ApprovePayment(_About, group="PaymentApproval", tier="anytime"):
    """Approve this very payment: the signature of the command covers amount, merchant and order."""


class Refund(Command, group="Refund", tier="anytime", returns=RETURNS):
    """Have a part of what was paid given back, or all of it.

    `request` names the refund: the same again is the same refund, not another one.
    """

    order: Order
    amount_minor: Amount
    request: Name = "1"


class RedeemDiscount(Command, group="Discount", tier="anytime"):
    """Have a discount taken off when this order is paid."""

    order: Annotated[Order, Carries("payment")]
    merchant: Name
    discount: Name


class ListReceipts(Command, group="Receipts", tier="anytime", returns={"receipts": Carries("payment")}):
    """Return the receipts after an entry of the books, oldest first, of what the asker has paid or approved.

    An owner, whose account it is, reads all of them. The answer says up to which entry it goes (`through`).
    """

    after: int = Field(default=0, ge=0, le=2**53 - 1)


class Account(Facet, when_offline="last"):
    """What may be paid, and how many receipts there are; neither to whom nor for what.

    Attributes:
        currency: of every amount.
        cap_minor: what is paid without the driver's approval.
        daily_minor: what is paid in one day at most.
        receipts: number of the last entry in the books.
        approved: orders whose payment a driver has approved, and that were not paid yet.
        discounts: merchant to the discount that can be had there.
    """

    currency: str
    cap_minor: int
    daily_minor: int
    receipts: int
    approved: list[str]
    discounts: dict[str, str]


class Spending(Facet, when_offline="last", readers=()):
    """How much was paid; for the owner's books, and delivered to nobody: a sum tells what somebody paid.

    Attributes:
        spent_today_minor: what was, on the day on which something was last paid.
    """

    spent_today_minor: Annotated[int, Carries("payment")]


class Receipt(BaseModel):
    """What was booked, as it is kept in the books and handed out.

    Attributes:
        kind: `payment` or `refund`.
        order: which event it is about.
        merchant: who was paid, or gives back.
        amount_minor: what was paid, or given back.
        full_minor: what it would have cost without the discount.
        discount: name of the discount; empty without one.
        currency: of the amounts.
        by: on whose behalf.
        approver: which driver has approved it; None where nobody had to.
        day: by the clocks of the household.
        at_ms: when, milliseconds since 1970.
        n: number of the entry in the books; 0 before it is booked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    order: str
    merchant: str
    amount_minor: int
    full_minor: int
    discount: str = ""
    currency: str
    by: str | None
    approver: str | None = None
    day: str
    at_ms: int
    n: int = 0

    def sentence(self) -> str:
        """Return it for people: `paid 28.00 CNY to badaling (35.00 less winter)`."""
        said = f"{money(self.amount_minor)} {self.currency}"
        if self.kind == "refund":
            return f"{self.merchant} gave back {said}"
        less = f" ({money(self.full_minor)} less {self.discount})" if self.discount else ""
        return f"paid {said} to {self.merchant}{less}"

    def memo(self) -> str:
        """Return it as the books keep it."""
        return dump_json(self.model_dump(exclude={"n"})).decode()

    @classmethod
    def read(cls, memo: str, n: int) -> Self:
        """Return it as it was kept in an entry."""
        return cls.model_validate_json(memo).model_copy(update={"n": n})


def money(minor: int) -> str:
    """Return an amount with its two decimals, as of CNY and EUR (ISO 4217, minor unit 2)."""
    return f"{minor // 100}.{minor % 100:02}"


def answer_data(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as an answer carries it."""
    return {**receipt.model_dump(), "receipt": receipt.sentence()}
