"""What can be bought, and one purchase of it from the first day to the last.

A purchase is numbers, and how it stands follows from them (`sim.apps.entitlements.terms`). Each period is
charged once, under an order of its own that is the same whenever it is asked again. A trial is charged for
when it ends and not before, so that whoever cancels it pays nothing; a period is charged up to a day before
the one before it ends, so that nothing lies between two that are paid. What cannot be charged goes on for the
days of grace, and is asked for again.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.apps.entitlements.terms import Feature, Standing, Term
from sim.core.names import NAME
from sim.core.units import Milliseconds, fact_name, show_duration

DAY_MS = 86_400_000
AHEAD_MS = DAY_MS
"""How long before its end a period is charged: “within 24 hours prior to the end of the current period”
(the notice that Apple's App Store prescribes for renewing subscriptions); for short periods a quarter of them
(assumption)."""
COLLECTING_MS = 600_000
"""How long a trial goes on at least while its first charge is on its way (assumption: the pay service answers
in seconds, and is asked again after a minute or a quarter of this)."""
RETRY_MS = DAY_MS
"""How long at most until a charge that failed is asked for again; else a quarter of the grace, or of the time
before the end of the period (assumption)."""
MONTH_MS = 30 * DAY_MS
REFUND_MS = 14 * DAY_MS
"""How long after its charge a period is refunded: the 14 days in which a distance contract is withdrawn from
(Directive 2011/83/EU, article 9). What was used to its end is not given back (article 16 (a))."""

_Name = Annotated[str, Field(pattern=f"^{NAME.pattern}$")]
Grants = Annotated[dict[_Name, list[Feature]], Field(min_length=1, max_length=16)]
"""Name of each device to the features that it gets."""


class Offer(BaseModel):
    """What a subscription and a bundle have in common.

    Attributes:
        grants: which devices get which features.
        price: for each period, in the smallest unit of the service's currency.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=fact_name, validate_by_name=True, validate_by_alias=True
    )

    grants: Grants
    price: int = Field(ge=0, le=100_000_000)

    @property
    def renews(self) -> bool:
        """Whether one period follows another."""
        return False

    @property
    def lasts_ms(self) -> int:
        """How long one period is."""
        raise NotImplementedError

    @property
    def tried_ms(self) -> int:
        """How long it can be tried before anything is charged."""
        return 0

    @property
    def tolerated_ms(self) -> int:
        """How long it goes on when a charge fails."""
        return 0


class Product(Offer):
    """What is subscribed to: it is renewed until it is cancelled.

    Attributes:
        period_ms: what one payment is for.
        trial_ms: how long it is tried, once for each household.
        grace_ms: how long it goes on when a charge fails; at most a period, so that one payment makes up for
            it.
    """

    period_ms: Milliseconds = Field(default=MONTH_MS, gt=0)
    trial_ms: Milliseconds = Field(default=0, ge=0)
    grace_ms: Milliseconds = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _grace_within_period(self) -> Self:
        if self.grace_ms > self.period_ms:
            msg = (
                f"grace of {show_duration(self.grace_ms)} is longer than the period of"
                f" {show_duration(self.period_ms)}: make it as long at most"
            )
            raise ValueError(msg)
        return self

    @property
    def renews(self) -> bool:
        """It does."""
        return True

    @property
    def lasts_ms(self) -> int:
        """One period."""
        return self.period_ms

    @property
    def tried_ms(self) -> int:
        """Its trial."""
        return self.trial_ms

    @property
    def tolerated_ms(self) -> int:
        """Its grace."""
        return self.grace_ms


class Bundle(Offer):
    """What is bought once, as with a car (article 003: home devices “bundled with SU7 purchases”).

    Attributes:
        lasts_ms: how long its entitlements last.
    """

    for_ms: Milliseconds = Field(default=365 * DAY_MS, gt=0)

    @property
    def lasts_ms(self) -> int:
        """All of its time."""
        return self.for_ms


ChargeState = Literal["none", "asked", "failed", "unclear"]
"""What became of the charge that comes next: nothing yet, on its way, refused, or nobody knows."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """One purchase of one offer.

    Attributes:
        offer: its name.
        number: how many purchases there had been, so that no two share an order.
        by: who bought it, and pays.
        trial_until_ms: end of the trial, milliseconds since 1970; 0 without one.
        paid_until_ms: end of what was paid; 0 before anything was.
        periods: how many were charged.
        charged_ms: when the latest was; 0 before.
        cancelled: whether nothing more is to be charged.
        refunded: whether the money was given back.
        charging: what became of the charge that comes next.
        again_ms: when a charge that failed is asked for again.
        why: why it failed, one sentence.
    """

    offer: str
    number: int
    by: str | None
    trial_until_ms: int = 0
    paid_until_ms: int = 0
    periods: int = 0
    charged_ms: int = 0
    cancelled: bool = False
    refunded: bool = False
    charging: ChargeState = "none"
    again_ms: int = 0
    why: str = ""

    @property
    def begun(self) -> bool:
        """Whether it has ever entitled: a purchase without a trial begins with its first payment."""
        return self.trial_until_ms > 0 or self.paid_until_ms > 0

    def term(self, offer: Offer) -> Term:
        """Return until when it entitles; grace is for what is to go on."""
        due_ms = max(self.trial_until_ms, self.paid_until_ms)
        ends_ms = due_ms + self._tolerated_ms(offer)
        return Term(self.trial_until_ms, self.paid_until_ms, ends_ms, self.refunded)

    def _tolerated_ms(self, offer: Offer) -> int:
        """Return how long it goes on when its end is not paid yet."""
        if self.cancelled or not self.begun:
            return 0
        collecting_ms = min(COLLECTING_MS, offer.tried_ms) if self.periods == 0 else 0
        return max(offer.tolerated_ms, collecting_ms)

    def standing(self, offer: Offer, now_ms: int) -> Standing | Literal["pending"]:
        """Return how it stands; `pending` until the first payment of what has no trial."""
        return self.term(offer).standing(now_ms) if self.begun or self.refunded else "pending"

    def over(self, offer: Offer, now_ms: int) -> bool:
        """Say whether it will never entitle again, so that the offer can be bought anew."""
        return self.standing(offer, now_ms) in {"expired", "refunded"}

    def order(self, service: str) -> str:
        """Return the order of the charge that comes next: the same for as long as it has not been paid."""
        return f"subscription:{service}:{self.number}:{self.periods}"

    def charge_ms(self, offer: Offer) -> int | None:
        """Return when the next period is to be charged; None when none is, or a charge is on its way.

        What may have been charged is asked for until that is clear, also after it was cancelled.
        """
        if self.charging == "unclear":
            return self.again_ms
        if self.refunded or self.cancelled or self.charging == "asked":
            return None
        if self.periods > 0 and not offer.renews:
            return None
        due_ms = max(self.trial_until_ms, self.paid_until_ms)
        ahead_ms = min(AHEAD_MS, offer.lasts_ms // 4) if self.periods > 0 else 0
        return max(due_ms - ahead_ms, self.again_ms)

    def wants_charge(self, offer: Offer, now_ms: int) -> bool:
        """Say whether the next period is to be charged now; what has ended stays ended."""
        due_ms = self.charge_ms(offer)
        if due_ms is None or due_ms > now_ms:
            return False
        return self.charging == "unclear" or not self.over(offer, now_ms)

    def asked(self) -> Self:
        """Return it with a charge on its way."""
        return replace(self, charging="asked")

    def paid(self, offer: Offer, now_ms: int) -> Self:
        """Return it after a charge: the period follows what was had, or begins now if that is over.

        Whatever has been charged entitles, also when the answer comes late.
        """
        due_ms = max(self.trial_until_ms, self.paid_until_ms)
        from_ms = due_ms if self.term(offer).entitles(now_ms) else now_ms
        return replace(
            self,
            paid_until_ms=from_ms + offer.lasts_ms,
            periods=self.periods + 1,
            charged_ms=now_ms,
            charging="none",
            again_ms=0,
            why="",
        )

    def failed(self, offer: Offer, now_ms: int, why: str, *, clear: bool) -> Self:
        """Return it after a charge came to nothing; it is asked for again later.

        Args:
            offer: what was bought.
            now_ms: when.
            why: one sentence.
            clear: whether it is certain that nothing was charged.
        """
        least_ms = min(AHEAD_MS, offer.lasts_ms // 4) // 4
        if self.periods == 0 and self.trial_until_ms > 0:
            least_ms = min(least_ms, COLLECTING_MS // 4)
        pause_ms = min(RETRY_MS, max(offer.tolerated_ms // 4, least_ms))
        state: ChargeState = "failed" if clear else "unclear"
        return replace(self, charging=state, again_ms=now_ms + pause_ms, why=why)

    def refundable(self, now_ms: int) -> bool:
        """Say whether its latest charge can be given back: not too long ago, and not used to its end."""
        if self.periods == 0 or self.refunded or self.used_up(now_ms):
            return False
        return now_ms < self.charged_ms + REFUND_MS

    def used_up(self, now_ms: int) -> bool:
        """Say whether all of what was paid was had."""
        return self.periods > 0 and now_ms >= self.paid_until_ms

    def next_ms(self, offer: Offer, now_ms: int) -> int | None:
        """Return when something is to be done about it next; None when nothing is."""
        times = [self.charge_ms(offer), self.term(offer).next_ms(now_ms)]
        return min((one for one in times if one is not None and one > now_ms), default=None)
