"""How a subscription stands at an instant: trial, paid, grace, expired or refunded.

The standing follows from until when it was tried, paid and tolerated, so the service and every device that
holds a lease come to the same answer without asking each other, also when they cannot.
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

Feature = Literal["assisted_driving", "smart_navigation", "entertainment"]
"""What can be subscribed to (article 003: “premium AI-assisted driving, smart navigation, and in-car
entertainment”)."""
FEATURES: Final[tuple[Feature, ...]] = get_args(Feature)
SAFETY_RELEVANT: Final[frozenset[str]] = frozenset({"assisted_driving"})
"""What driving safely relies on once it is in use: it does not end under the wheels."""

Standing = Literal["trial", "paid", "grace", "expired", "refunded"]
ENTITLED: Final[frozenset[str]] = frozenset({"trial", "paid", "grace"})
"""In which standings a feature can be used; the rule `not-entitled` lists the same."""


@dataclass(frozen=True, slots=True)
class Term:
    """Until when something was tried, paid for and tolerated; milliseconds since 1970.

    Attributes:
        trial_until_ms: end of the trial; 0 where there was none.
        paid_until_ms: end of what was paid; 0 before anything was.
        grace_until_ms: until when it goes on although nothing was paid for it; at or before the end of trial
            and payment where it does not go on.
        refunded: whether the money was given back, which ends everything.
    """

    trial_until_ms: int = 0
    paid_until_ms: int = 0
    grace_until_ms: int = 0
    refunded: bool = False

    @property
    def due_ms(self) -> int:
        """When trial and payment are both over."""
        return max(self.trial_until_ms, self.paid_until_ms)

    @property
    def ends_ms(self) -> int:
        """When nobody is entitled any more, grace included."""
        return 0 if self.refunded else max(self.due_ms, self.grace_until_ms)

    def standing(self, at_ms: int) -> Standing:
        """Return how it stands; each bound belongs to what comes after it."""
        if self.refunded:
            return "refunded"
        if at_ms < self.trial_until_ms:
            return "trial"
        if at_ms < self.paid_until_ms:
            return "paid"
        return "grace" if at_ms < self.grace_until_ms else "expired"

    def entitles(self, at_ms: int) -> bool:
        """Say whether somebody is entitled at an instant."""
        return self.standing(at_ms) in ENTITLED

    def next_ms(self, at_ms: int) -> int | None:
        """Return when it next stands otherwise by itself; None when it never does."""
        if self.refunded:
            return None
        bounds = (self.trial_until_ms, self.paid_until_ms, self.grace_until_ms)
        return min((bound for bound in bounds if bound > at_ms), default=None)
