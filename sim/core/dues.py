"""What the roadside demands of a car: tolls, parking and charging, each with an order of its own.

A gate, a barrier and a charger tell the car what it owes, over a radio or a cable that reaches no farther
than the car (as GB/T 20851 has it for tolls, ISO 15118-2 for charging). They go on telling until the car has
heard it, and tell the same each time: the order is made from the event, so it is the key of its payment.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from sim.core.units import Milliseconds, fact_name

NAME_PATTERN: Final = r"^[a-z0-9][a-z0-9_-]{0,63}$"
ORDER_PATTERN: Final = r"^[a-z0-9][a-z0-9_:-]{0,199}$"
Order = Annotated[str, Field(pattern=ORDER_PATTERN)]
"""What a payment is for: `toll:huailai:su7:1768174200000`."""
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""ISO 4217 code of a currency with two decimals."""
Merchant = Annotated[str, Field(pattern=NAME_PATTERN)]
HOUR_MS: Final = 3_600_000
PRICE_MAX: Final = 1_000_000
"""Highest price of a passage or an hour: 10,000.00 (assumption)."""

_STRICT = ConfigDict(
    frozen=True, extra="forbid", alias_generator=fact_name, validate_by_name=True, validate_by_alias=True
)


@dataclass(frozen=True, slots=True)
class Due:
    """What somebody demands of a car.

    Attributes:
        order: made from the event; the same event never has two.
        merchant: who demands it.
        amount_minor: how much, in minor units, above 0.
        currency: of what.
    """

    order: str
    merchant: str
    amount_minor: int
    currency: str


class Toll(BaseModel):
    """A gate at the end of a road, in whichever direction it is driven.

    Attributes:
        plaza: whose gate it is, as the payment service knows it.
        amount: what a passage costs, in minor units.
        currency: of what.
    """

    model_config = _STRICT

    plaza: Merchant
    amount: int = Field(ge=1, le=PRICE_MAX)
    currency: Currency = "CNY"


class Parking(BaseModel):
    """What it costs to stand at a place.

    Attributes:
        operator: whose barrier it is, as the payment service knows it.
        price: of every hour that has begun, in minor units.
        free_ms: who is gone by then pays nothing.
        currency: of what.
    """

    model_config = _STRICT

    operator: Merchant
    price: int = Field(ge=1, le=PRICE_MAX)
    free_ms: Milliseconds = Field(default=0, ge=0, le=24 * HOUR_MS)
    currency: Currency = "CNY"

    def fee_minor(self, stay_ms: int) -> int:
        """Return what a stay costs, in minor units; 0 for a free one."""
        return 0 if stay_ms <= self.free_ms else -(-stay_ms // HOUR_MS) * self.price
