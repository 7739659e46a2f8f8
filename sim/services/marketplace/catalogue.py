"""What a household file says of restaurants and shops.

marketplace:
  kind: marketplace
  courier: kai_phone
  restaurants:
    jade_garden: {place: office, opens: "11:00", closes: "22:00", tables: {window: 2, round: 6}}
  shops:
    corner_shop: {opens: "08:00", closes: "21:00", goods: {milk: 1290, rice: 4590}}
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from sim.apps.marketplace_messages import NAME_CHARACTERS_MAX, PEOPLE_MAX
from sim.core.device import Config, Refers
from sim.core.roads import DAY_MS, TimeOfDay
from sim.core.units import Milliseconds, fact_name

TABLES_MAX = 100
SEATING_MS = 2 * 3_600_000
"""How long a table is taken unless the restaurant says otherwise (assumption: what guides call usual)."""
CANCEL_BEFORE_MS = 3_600_000
"""Until how long before it begins a reservation can be given back (assumption)."""
PRICE_MINOR_MAX = 100_000_000

Currency = Literal["CNY", "EUR", "USD", "GBP", "CHF"]
"""Those whose smallest unit is a hundredth (ISO 4217), which is how amounts are shown."""

_STRICT = ConfigDict(
    frozen=True, extra="forbid", alias_generator=fact_name, validate_by_name=True, validate_by_alias=True
)
_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class _Open(BaseModel):
    """Whatever has opening hours; they may go over midnight, and equal ends are the whole day."""

    model_config = _STRICT

    title: str | None = Field(default=None, min_length=1, max_length=NAME_CHARACTERS_MAX)
    """How it is called on screens; its own name unless it says otherwise."""
    opens_ms: TimeOfDay = 0
    closes_ms: TimeOfDay = DAY_MS

    def is_open(self, clock_ms: int) -> bool:
        """Say whether it is open at a time of the day, in milliseconds since midnight."""
        if self.opens_ms < self.closes_ms:
            return self.opens_ms <= clock_ms < self.closes_ms
        return clock_ms >= self.opens_ms or clock_ms < self.closes_ms


class Restaurant(_Open):
    """A restaurant: when it is open, and which tables it has.

    Attributes:
        place: where it is, as a place of the map or in any words; goes into the calendar.
        tables: name of each table to how many sit there.
        seating_ms: how long a table is taken.
        cancel_before_ms: until how long before it begins a reservation can be given back.
    """

    place: str = Field(default="", max_length=NAME_CHARACTERS_MAX)
    tables: dict[_Name, Annotated[int, Field(ge=1, le=PEOPLE_MAX)]] = Field(
        min_length=1, max_length=TABLES_MAX
    )
    seating_ms: Milliseconds = Field(default=SEATING_MS, gt=0, le=DAY_MS)
    cancel_before_ms: Milliseconds = Field(default=CANCEL_BEFORE_MS, ge=0, le=7 * DAY_MS)


class Shop(_Open):
    """A shop: when it is open, and what it sells.

    Attributes:
        goods: name to price, in the smallest unit of the currency.
        currency: by its ISO 4217 code.
    """

    goods: dict[_Name, Annotated[int, Field(ge=0, le=PRICE_MINOR_MAX)]] = Field(min_length=1, max_length=100)
    currency: Currency = "CNY"


class MarketplaceConfig(Config):
    """Restaurants and shops, and the phone of whoever brings what was ordered."""

    restaurants: dict[_Name, Restaurant] = Field(default={}, max_length=32)
    shops: dict[_Name, Shop] = Field(default={}, max_length=32)
    courier: Annotated[str | None, Refers("device", "phone")] = None
    called: dict[_Name, list[Annotated[str, Field(min_length=1, max_length=NAME_CHARACTERS_MAX)]]] = Field(
        default={}, max_length=200
    )
    """How restaurants and goods are called by people beside their names, in any language."""

    @model_validator(mode="after")
    def _shops_have_a_courier(self) -> Self:
        if self.shops and self.courier is None:
            msg = "courier"
            reason = "shops deliver: name the phone of whoever brings it with `courier: …`"
            raise PydanticCustomError(msg, "{reason}", {"reason": reason})
        return self


def title_of(name: str, of: Restaurant | Shop) -> str:
    """Return how a restaurant or shop is called on screens."""
    return of.title or name.replace("_", " ")
