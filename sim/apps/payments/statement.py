"""What the books say, as the payment service needs it: a fold over their entries, and no second truth."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from sim.apps.payments.messages import Receipt
from sim.core.books import Posting, Transaction

HOUSEHOLD = "household"
"""The account that pays."""


@dataclass(frozen=True, slots=True)
class Paid:
    """An order that was paid.

    Attributes:
        digest: of what was asked.
        receipt: what was booked.
        refunds: request to amount, of what was given back.
    """

    digest: str
    receipt: Receipt
    refunds: Mapping[str, int] = field(default_factory=dict)

    @property
    def refundable_minor(self) -> int:
        """What has not been given back yet."""
        return self.receipt.amount_minor - sum(self.refunds.values())


@dataclass(frozen=True, slots=True)
class Statement:
    """See the module.

    Attributes:
        tail: number of the last entry.
        paid: order to what was paid for it.
        spent: day to what was spent on it, less what came back, in minor units.
        uses: discount to how often it was had.
        receipts: every receipt, in order.
    """

    tail: int = 0
    paid: Mapping[str, Paid] = field(default_factory=dict)
    spent: Mapping[str, int] = field(default_factory=dict)
    uses: Mapping[str, int] = field(default_factory=dict)
    receipts: tuple[Receipt, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[Transaction]) -> Self:
        """Return the statement of books."""
        statement = cls()
        for entry in entries:
            statement = statement.booked(entry)
        return statement

    def booked(self, entry: Transaction) -> Self:
        """Return the statement after the next entry."""
        receipt = Receipt.read(entry.memo, entry.after + 1)
        paid, uses = dict(self.paid), dict(self.uses)
        if receipt.kind == "payment":
            paid[receipt.order] = Paid(entry.digest, receipt)
            spent = receipt.amount_minor
        else:
            spent = -receipt.amount_minor
            before = paid[receipt.order]
            refunds = {**before.refunds, entry.key: receipt.amount_minor}
            paid[receipt.order] = replace(before, refunds=refunds)
        if receipt.discount:
            uses[receipt.discount] = uses.get(receipt.discount, 0) + 1
        return replace(
            self,
            tail=receipt.n,
            paid=paid,
            spent={**self.spent, receipt.day: self.spent.get(receipt.day, 0) + spent},
            uses=uses,
            receipts=(*self.receipts, receipt),
        )


def postings(receipt: Receipt) -> tuple[Posting, ...]:
    """Return what is booked for a receipt: the household pays, and who offers a discount pays the rest."""
    sign = 1 if receipt.kind == "payment" else -1
    merchant = receipt.full_minor if receipt.kind == "payment" else receipt.amount_minor
    lines = [
        Posting(HOUSEHOLD, receipt.currency, -sign * receipt.amount_minor),
        Posting(f"merchant:{receipt.merchant}", receipt.currency, sign * merchant),
    ]
    less = merchant - receipt.amount_minor
    if less:
        lines.append(Posting(f"discount:{receipt.discount}", receipt.currency, -less))
    return tuple(lines)
