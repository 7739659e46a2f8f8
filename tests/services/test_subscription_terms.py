"""One purchase from its first day to its last: entitled by trial, payment or grace, and charged once."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pydantic import ValidationError

from sim.services.subscriptions.terms import (
    AHEAD_MS,
    COLLECTING_MS,
    DAY_MS,
    REFUND_MS,
    Bundle,
    Offer,
    Product,
    Purchase,
)

NOW = 1_768_174_200_000
HOUR = 3_600_000
MONTHLY = Product(grants={"su7": ["assisted_driving"]}, price=9_800, trial_ms=7 * DAY_MS, grace_ms=3 * DAY_MS)
STRICT = Product(grants={"su7": ["assisted_driving"]}, price=9_800, period_ms=2 * DAY_MS)
YEAR = Bundle(grants={"tv": ["entertainment"]}, price=19_900)


def tried() -> Purchase:
    """Return a purchase on the first day of its trial."""
    return Purchase("monthly", 1, "lin", trial_until_ms=NOW + MONTHLY.trial_ms)


def test_a_trial_is_charged_when_it_ends_and_becomes_paid_without_a_gap() -> None:
    """Not before, so that whoever cancels it pays nothing; later periods are charged ahead."""
    purchase = tried()
    end_ms = purchase.trial_until_ms

    assert purchase.charge_ms(MONTHLY) == end_ms
    assert not purchase.wants_charge(MONTHLY, end_ms - 1)
    assert purchase.wants_charge(MONTHLY, end_ms)
    paid = purchase.asked().paid(MONTHLY, end_ms + 1_000)

    assert paid.paid_until_ms == end_ms + MONTHLY.period_ms
    stood = [paid.standing(MONTHLY, at_ms) for at_ms in (end_ms - 1, end_ms, paid.paid_until_ms - 1)]
    assert stood == ["trial", "paid", "paid"]
    assert (paid.periods, paid.charging, paid.charge_ms(MONTHLY)) == (
        1,
        "none",
        paid.paid_until_ms - AHEAD_MS,
    )


def test_a_trial_without_grace_goes_on_while_it_is_charged() -> None:
    """For ten minutes, or as long as it was; not when it was cancelled, and not after a later period."""
    product = Product(grants={"su7": ["entertainment"]}, price=1, period_ms=DAY_MS, trial_ms=HOUR)
    purchase = Purchase("one", 1, "lin", trial_until_ms=NOW)

    assert purchase.standing(product, NOW) == "grace"
    assert purchase.standing(product, NOW + COLLECTING_MS) == "expired"
    failed = purchase.asked().failed(product, NOW, "no money", clear=True)
    assert failed.again_ms == NOW + COLLECTING_MS // 4
    assert purchase.standing(product.model_copy(update={"trial_ms": 1_000}), NOW + 1_000) == "expired"
    paid = purchase.paid(product, NOW)
    assert paid.standing(product, paid.paid_until_ms) == "expired"


def test_what_cannot_be_charged_goes_on_for_grace_and_is_asked_for_again() -> None:
    """One payment in grace makes up for it: the period is counted from its due day."""
    purchase = tried().asked().failed(MONTHLY, NOW + 6 * DAY_MS, "no money", clear=True)
    end_ms = purchase.trial_until_ms

    assert purchase.again_ms == NOW + 6 * DAY_MS + MONTHLY.grace_ms // 4
    assert [purchase.standing(MONTHLY, end_ms), purchase.standing(MONTHLY, end_ms + 3 * DAY_MS)] == [
        "grace",
        "expired",
    ]
    assert purchase.wants_charge(MONTHLY, end_ms + DAY_MS)
    assert not purchase.wants_charge(MONTHLY, end_ms + 3 * DAY_MS)
    paid = purchase.paid(MONTHLY, end_ms + 2 * DAY_MS)
    assert (paid.paid_until_ms, paid.why) == (end_ms + MONTHLY.period_ms, "")


def test_what_was_cancelled_ends_with_what_was_had() -> None:
    """It is charged no more, and there is no grace for what is not to go on."""
    cancelled = Purchase("monthly", 1, "lin", trial_until_ms=NOW + HOUR, cancelled=True)

    assert cancelled.charge_ms(MONTHLY) is None
    assert not cancelled.wants_charge(MONTHLY, NOW)
    assert [cancelled.standing(MONTHLY, NOW), cancelled.standing(MONTHLY, NOW + HOUR)] == ["trial", "expired"]
    assert cancelled.over(MONTHLY, NOW + HOUR)


def test_a_bundle_is_charged_once() -> None:
    """Before that it entitles to nothing; after its time it has ended."""
    pending = Purchase("year", 1, "lin")
    assert (pending.standing(YEAR, NOW), pending.wants_charge(YEAR, NOW), pending.begun) == (
        "pending",
        True,
        False,
    )
    assert not pending.term(YEAR).entitles(NOW)

    paid = pending.asked().paid(YEAR, NOW)

    assert (paid.standing(YEAR, NOW), paid.charge_ms(YEAR)) == ("paid", None)
    assert paid.standing(YEAR, NOW + 365 * DAY_MS) == "expired"
    assert (YEAR.renews, YEAR.tried_ms, YEAR.tolerated_ms) == (False, 0, 0)


def test_a_charge_of_which_nobody_knows_is_asked_for_until_it_is_clear() -> None:
    """Also after it was cancelled or has ended: whatever was charged entitles."""
    paid = Purchase("strict", 1, "lin", paid_until_ms=NOW)
    unclear = paid.asked().failed(STRICT, NOW - HOUR, "no answer", clear=False)

    again_ms = unclear.again_ms
    assert again_ms == NOW - HOUR + STRICT.period_ms // 16
    assert unclear.wants_charge(STRICT, NOW + DAY_MS)
    late = unclear.paid(STRICT, NOW + DAY_MS)
    assert late.paid_until_ms == NOW + DAY_MS + STRICT.period_ms
    assert unclear.order("shop") == paid.order("shop") != late.order("shop")


def test_a_charge_is_refunded_within_fourteen_days() -> None:
    """What was never charged is not, nor what has been given back."""
    paid = Purchase("year", 1, "lin").paid(YEAR, NOW)

    assert paid.refundable(NOW + REFUND_MS - 1)
    assert not paid.refundable(NOW + REFUND_MS)
    assert not tried().refundable(NOW)


def test_what_was_used_to_its_end_is_not_refunded() -> None:
    """Else everything could be had for nothing, and had again."""
    paid = Purchase("strict", 1, "lin").paid(STRICT, NOW)

    assert paid.refundable(paid.paid_until_ms - 1)
    assert not paid.refundable(paid.paid_until_ms)
    assert [paid.used_up(at_ms) for at_ms in (paid.paid_until_ms - 1, paid.paid_until_ms)] == [False, True]
    assert not Purchase("strict", 1, "lin").used_up(NOW)


def test_the_next_thing_to_do_is_the_nearest() -> None:
    """A charge, or the end of something; nothing for what has ended."""
    purchase = tried()
    paid = purchase.paid(MONTHLY, NOW)

    assert purchase.next_ms(MONTHLY, NOW) == purchase.trial_until_ms
    late_ms = paid.trial_until_ms
    assert paid.next_ms(MONTHLY, late_ms) == paid.paid_until_ms - AHEAD_MS
    assert purchase.asked().next_ms(MONTHLY, NOW) == purchase.trial_until_ms
    ended = Purchase("year", 1, "lin", paid_until_ms=NOW, periods=1)
    assert ended.next_ms(YEAR, NOW) is None


def test_grace_is_not_longer_than_a_period() -> None:
    """Or one payment would not make up for it; the sentence says what to do."""
    with pytest.raises(
        ValidationError, match="grace of 2 d is longer than the period of 1 d: make it as long"
    ):
        Product(grants={"su7": ["entertainment"]}, price=1, period_ms=DAY_MS, grace_ms=2 * DAY_MS)


def test_what_is_only_an_offer_has_no_time() -> None:
    """It is a product or a bundle."""
    with pytest.raises(NotImplementedError):
        _ = Offer(grants={"su7": ["entertainment"]}, price=1).lasts_ms


class PurchaseMachine(RuleBasedStateMachine):
    """A purchase to which time, payments, refusals, silence, cancellation and refunds happen in any order.

    `had` is the model: every instant up to which trial, payments and grace entitle, kept apart from the code.
    """

    @initialize(
        trial_h=st.integers(0, 72), period_h=st.integers(1, 96), grace=st.floats(0, 1), bundle=st.booleans()
    )
    def begins(self, *, trial_h: int, period_h: int, grace: float, bundle: bool) -> None:
        """Choose an offer, and buy it."""
        grants = {"su7": ["assisted_driving"]}
        self.offer: Offer = (
            Bundle(grants=grants, price=1, for_ms=period_h * HOUR)
            if bundle
            else Product(
                grants=grants,
                price=1,
                period_ms=period_h * HOUR,
                trial_ms=trial_h * HOUR,
                grace_ms=int(period_h * HOUR * grace),
            )
        )
        self.now = NOW
        trial_until = NOW + self.offer.tried_ms if self.offer.tried_ms else 0
        self.purchase = Purchase("one", 1, "lin", trial_until_ms=trial_until)
        self.paid_orders: list[str] = []
        self.covered_until = trial_until
        self.on_its_way = ""

    @rule(minutes=st.integers(1, 3_000))
    def passes(self, minutes: int) -> None:
        """Time passes."""
        self.now += minutes * 60_000

    @precondition(lambda self: self.purchase.wants_charge(self.offer, self.now))
    @rule()
    def asks(self) -> None:
        """A charge is asked for, never one that was already paid."""
        self.on_its_way = self.purchase.order("shop")
        assert self.on_its_way not in self.paid_orders
        self.purchase = self.purchase.asked()
        assert not self.purchase.wants_charge(self.offer, self.now)

    @precondition(lambda self: self.on_its_way)
    @rule()
    def is_paid(self) -> None:
        """It was charged: a period follows what was had without a gap, or begins now."""
        entitled = self.purchase.term(self.offer).entitles(self.now)
        from_ms = self.covered_until if entitled else self.now
        self.purchase = self.purchase.paid(self.offer, self.now)
        self.paid_orders.append(self.on_its_way)
        self.covered_until, self.on_its_way = from_ms + self.offer.lasts_ms, ""
        assert self.purchase.term(self.offer).entitles(self.now), "what was charged entitles"
        assert all(
            self.purchase.term(self.offer).entitles(one) for one in (self.now, self.covered_until - 1)
        ), "no gap at a renewal"

    @precondition(lambda self: self.on_its_way)
    @rule(clear=st.booleans())
    def fails(self, *, clear: bool) -> None:
        """It was refused, or nobody knows."""
        self.purchase = self.purchase.failed(self.offer, self.now, "why", clear=clear)
        assert self.purchase.order("shop") == self.on_its_way, "asked again, it is the same order"
        self.on_its_way = ""

    @precondition(lambda self: self.purchase.begun)
    @rule()
    def is_cancelled(self) -> None:
        """The owner cancels; nothing that was had is lost."""
        before = self.purchase
        self.purchase = Purchase(
            **{name: getattr(before, name) for name in before.__slots__ if name != "cancelled"},
            cancelled=True,
        )
        assert self.purchase.term(self.offer).entitles(self.now) >= (self.now < self.covered_until)

    @precondition(lambda self: not self.on_its_way and self.purchase.refundable(self.now))
    @precondition(lambda self: self.purchase.charging != "unclear")
    @rule()
    def is_refunded(self) -> None:
        """The money comes back, and that is the end of it."""
        before = self.purchase
        kept = {name: getattr(before, name) for name in before.__slots__}
        self.purchase = Purchase(**{**kept, "refunded": True, "cancelled": True})
        self.covered_until = 0

    @invariant()
    def entitled_by_trial_payment_or_grace_only(self) -> None:
        """Whatever has happened."""
        if not hasattr(self, "purchase"):
            return
        purchase, offer = self.purchase, self.offer
        grace = 0 if purchase.cancelled or not purchase.begun or purchase.refunded else offer.tolerated_ms
        if grace < COLLECTING_MS and purchase.trial_until_ms and not (purchase.periods or purchase.cancelled):
            grace = max(grace, min(COLLECTING_MS, offer.tried_ms))
        had = 0 if self.covered_until == 0 else self.covered_until + grace
        assert purchase.term(offer).entitles(self.now) is (self.now < had)
        assert purchase.periods == len(self.paid_orders) == len(set(self.paid_orders))
        if purchase.refunded:
            assert purchase.standing(offer, self.now) == "refunded"
            assert not purchase.wants_charge(offer, self.now + 10**12)


TestPurchase = PurchaseMachine.TestCase
TestPurchase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
