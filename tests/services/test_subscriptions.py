"""The subscription service: what it sells, how it charges, and that devices hear of it until they have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import ValidationError

from sim.apps.entitlements.leases import opened
from sim.apps.patience import FIRST_MS
from sim.apps.twins.intents import Peers
from sim.core.beliefs import Beliefs
from sim.core.device import (
    Answer,
    Answered,
    Booted,
    Command,
    Commanded,
    Effect,
    Learned,
    Linked,
    Moment,
    Peer,
    Provision,
    Request,
    Settle,
    StartTimer,
    Status,
    Stimulus,
    TimerFired,
)
from sim.services.subscriptions import (
    TIMER,
    AllowCharges,
    BuyBundle,
    CancelSubscription,
    Purchases,
    RefundPurchase,
    Subscribe,
    Subscriptions,
)
from sim.services.subscriptions.terms import AHEAD_MS, DAY_MS, REFUND_MS, Bundle, Product
from sim.trust.derivation import intent_key
from tests.senses import START_MS, FakeSenses

SEED = b"s" * 32
CONFIG = Subscriptions.Config(
    products={
        "navigation": Product(
            grants={"su7": ["smart_navigation"]}, price=3_000, trial_ms=7 * DAY_MS, grace_ms=3 * DAY_MS
        ),
        "films": Product(grants={"su7": ["entertainment"]}, price=1_500),
        "free": Product(grants={"su7": ["entertainment"]}, price=0),
    },
    bundles={"home": Bundle(grants={"su7": ["entertainment"], "tv": ["entertainment"]}, price=9_900)},
)


def peers(*, pay: bool) -> dict[str, Peer]:
    """Return the household, with a pay service or without."""
    kinds = {"shop": "subscriptions", "su7": "car", "tv": "tv", **({"wallet": "pay"} if pay else {})}
    keys = {name: intent_key(name, SEED if name == "shop" else name.encode()) for name in kinds}
    return {
        name: Peer(kind, None, shared=True, key=keys[name].key.public_key().public_bytes_raw())
        for name, kind in kinds.items()
    }


@dataclass
class Household:
    """The service with whom it talks: what it asks is kept here until the test answers."""

    pay: bool = False
    config: Any = CONFIG
    now_ms: int = START_MS
    asked: list[Request] = field(default_factory=list)
    settled: dict[str, Answer] = field(default_factory=dict)
    timers: dict[str, int] = field(default_factory=dict)
    boot: int = 1

    def __post_init__(self) -> None:
        """Start it."""
        self.shop = self.made({})
        self.happens(Booted())

    def made(self, kept: Mapping[str, Any]) -> Subscriptions:
        """Return the service as it comes from the factory, or from a restart."""
        shop = Subscriptions.new("shop", self.config, kept)
        return shop.provisioned(Provision(SEED, self.boot, self.now_ms, peers=peers(pay=self.pay)))

    def happens(self, stimulus: Stimulus, beliefs: Beliefs | None = None) -> tuple[Effect, ...]:
        """Let something happen to it."""
        moment = Moment(self.now_ms, FakeSenses(), beliefs or Beliefs())
        self.shop, effects = self.shop.step(moment, stimulus)
        for effect in effects:
            match effect:
                case Request():
                    self.asked.append(effect)
                case Settle(ticket=ticket, answer=answer):
                    assert ticket not in self.settled
                    self.settled[ticket] = answer
                case StartTimer(name=name, delay_ms=delay_ms):
                    assert delay_ms > 0
                    self.timers[name] = self.now_ms + delay_ms
                case _:
                    pytest.fail(f"it wants {effect!r} done")
        return effects

    def orders(self, command: Command, ticket: str = "t") -> Answer | None:
        """Ask it for something as the owner, and return the answer if there is one yet."""
        self.happens(Commanded(command, ticket, "phone", "lin", self.now_ms + 30_000))
        return self.settled.pop(ticket, None)

    def answers(self, status: Status = "done", action: str = "", why: str = "") -> None:
        """Answer what it has asked of others, of one action or of all."""
        for request in [one for one in self.asked if action in {"", one.action}]:
            self.asked.remove(request)
            self.happens(Answered(request.ticket, request.target, Answer(status, why)))

    def until(self, at_ms: int, *, deliver: bool = True) -> None:
        """Let time pass up to an instant, with every timer on its way; devices take what they are sent."""
        while True:
            if deliver:
                self.answers(action="grant_feature")
                self.answers(action="withdraw_feature")
            due = [(when, name) for name, when in self.timers.items() if when <= at_ms]
            if not due:
                break
            self.now_ms, name = min(due)
            del self.timers[name]
            self.happens(TimerFired(name))
        self.now_ms = at_ms

    @property
    def shown(self) -> Purchases:
        """What it reports."""
        (report,) = self.shop.report()
        assert isinstance(report, Purchases)
        return report

    def sent(self) -> list[tuple[str, str, str, str]]:
        """Return what is on its way to devices: action, device, feature and how it stands."""
        found: list[tuple[str, str, str, str]] = []
        for one in self.asked:
            if one.action.endswith("_feature"):
                feature = one.arguments["feature"]
                _, lease = opened(one.arguments["lease"], Peers(peers(pay=False)), one.target, feature)
                found.append((one.action, one.target, feature, lease.term.standing(lease.issued_ms)))
        return found


def test_before_it_has_looked_it_says_nothing() -> None:
    """And it ignores what does not concern it."""
    shop = Subscriptions.new("shop", CONFIG, {})

    assert shop.report() == ()
    home = Household()
    assert home.happens(Linked(up=True)) == ()
    assert home.happens(Answered("nobody-asked", "su7", Answer("done"))) == ()
    assert home.happens(TimerFired("something else")) == ()
    assert home.shown.charges == 0


def test_a_trial_costs_nothing_and_is_told_to_the_car() -> None:
    """Signed for this car and this feature."""
    home = Household()

    answer = home.orders(Subscribe(product="navigation"))

    assert answer == Answer("done", data={"standing": "trial"})
    assert home.sent() == [("grant_feature", "su7", "smart_navigation", "trial")]
    assert (home.shown.trial, home.shown.charges, home.shown.undelivered) == (["navigation"], 0, 1)
    home.answers()
    assert (home.shown.undelivered, home.asked) == (0, [])


def test_a_month_follows_the_other_and_each_is_charged_once() -> None:
    """Through the trial and three periods, in a household whose bill it is put on."""
    home = Household()
    home.orders(Subscribe(product="navigation"))
    end_ms = START_MS + 7 * DAY_MS

    home.until(end_ms - 1)
    assert (home.shown.trial, home.shown.charges) == (["navigation"], 0)
    home.until(end_ms)
    assert (home.shown.paid, home.shown.charges) == (["navigation"], 1)
    home.until(end_ms + 30 * DAY_MS - AHEAD_MS)
    assert home.shown.charges == 2
    home.until(end_ms + 2 * 30 * DAY_MS + DAY_MS)
    assert (home.shown.charges, home.shown.charged, home.shown.currency) == (3, 9_000, "CNY")


def test_a_trial_that_is_cancelled_costs_nothing() -> None:
    """In its last moment as well."""
    home = Household()
    home.orders(Subscribe(product="navigation"))
    home.until(START_MS + 7 * DAY_MS - 1)
    home.orders(CancelSubscription(product="navigation"))
    home.until(START_MS + 40 * DAY_MS)

    assert (home.shown.charges, home.shown.charged, home.shown.expired) == (0, 0, ["navigation"])


def test_what_has_no_trial_is_paid_first() -> None:
    """By the pay service, in the buyer's name; the answer waits for it."""
    home = Household(pay=True)

    assert home.orders(Subscribe(product="films"), "buy") is None
    (charge,) = home.asked
    assert (charge.target, charge.action, charge.by) == ("wallet", "pay", "lin")
    assert charge.arguments == {
        "order": "subscription:shop:1:0",
        "merchant": "shop",
        "amount_minor": 1_500,
        "currency": "CNY",
    }
    assert home.shown.pending == ["films"]
    home.answers()

    assert home.settled["buy"] == Answer("done", data={"standing": "paid"})
    assert (home.shown.paid, home.shown.charged) == (["films"], 1_500)
    assert home.sent() == [("grant_feature", "su7", "entertainment", "paid")]


@pytest.mark.parametrize("status", ["denied", "failed"])
def test_what_is_refused_by_the_pay_service_was_not_bought(status: Status) -> None:
    """With its reason, and nothing is granted."""
    home = Household(pay=True)
    home.orders(Subscribe(product="films"), "buy")

    home.answers(status, why="over the day's limit")

    assert home.settled["buy"] == Answer("failed", "not paid: over the day's limit")
    assert (home.shown.pending, home.sent()) == ([], [])


def test_a_payment_without_an_answer_is_asked_for_again_under_its_order() -> None:
    """It may have been made: so it is neither forgotten nor made under another order."""
    home = Household(pay=True)
    home.orders(Subscribe(product="films"), "buy")
    first = home.asked[0].arguments
    home.answers("expired", why="no answer")
    assert home.settled["buy"].reason.startswith("it is not clear yet")
    assert home.orders(CancelSubscription(product="films")) == Answer(
        "failed", "the first payment of films is still on its way"
    )

    home.until(home.timers[TIMER])

    (again,) = home.asked
    assert again.arguments == first
    home.answers()
    assert home.shown.paid == ["films"]


def test_a_crash_while_it_is_paid_asks_again_under_the_same_order() -> None:
    """What was on its way is not known to have arrived."""
    home = Household(pay=True)
    home.orders(Subscribe(product="films"), "buy")
    first = home.asked.pop()
    kept = home.shop.kept()
    home.boot = 2
    home.shop, home.timers = home.made(kept), {}

    home.happens(Booted())

    (again,) = home.asked
    assert again.arguments == first.arguments
    assert again.ticket != first.ticket
    home.answers()
    assert (home.shown.paid, home.shown.charges, home.shown.undelivered) == (["films"], 1, 1)


def test_everything_sold_survives_a_restart() -> None:
    """Purchases, what was tried, what is allowed, and which leases have arrived."""
    home = Household()
    home.orders(Subscribe(product="navigation"))
    home.answers()
    before = home.shown
    home.boot = 2
    home.shop = home.made(home.shop.kept())

    home.happens(Booted())

    assert home.shown == before
    assert home.asked == []


def test_without_leave_to_charge_grace_follows_and_then_the_end() -> None:
    """The car is told each time; a renewal that is allowed in grace makes up for it."""
    home = Household()
    home.orders(Subscribe(product="navigation"))
    home.orders(AllowCharges(allowed=False))
    end_ms = START_MS + 7 * DAY_MS

    home.until(end_ms)
    assert (home.shown.grace, home.shown.charge_failed) == (["navigation"], "the owner allows no charges")
    home.until(end_ms + 2 * DAY_MS)
    assert home.orders(AllowCharges(allowed=True)) == Answer("done")
    assert (home.shown.paid, home.shown.charge_failed) == (["navigation"], "")
    home.orders(AllowCharges(allowed=False))
    home.until(end_ms + 33 * DAY_MS, deliver=False)
    assert (home.shown.expired, home.shown.charges) == (["navigation"], 1)
    assert home.sent()[-1] == ("withdraw_feature", "su7", "smart_navigation", "expired")


def test_a_cancelled_subscription_ends_with_its_period_and_can_be_taken_up_again() -> None:
    """Nothing more is charged, unless it is subscribed to again before it has ended."""
    home = Household()
    home.orders(Subscribe(product="films"))
    end_ms = START_MS + 30 * DAY_MS

    assert home.orders(CancelSubscription(product="films")) == Answer("done", data={"ends_ms": end_ms})
    assert (home.shown.paid, home.shown.cancelled) == (["films"], ["films"])
    assert home.orders(Subscribe(product="films")) == Answer("done")
    assert (home.shown.cancelled, home.shown.charges) == ([], 1)
    home.orders(CancelSubscription(product="films"))
    home.until(end_ms)

    assert (home.shown.expired, home.shown.charges) == (["films"], 1)
    assert home.orders(CancelSubscription(product="films")) == Answer("failed", "films is not subscribed to")


def test_a_trial_is_had_once() -> None:
    """Who subscribes again pays first."""
    home = Household()
    home.orders(Subscribe(product="navigation"))
    home.orders(CancelSubscription(product="navigation"))
    home.until(START_MS + 7 * DAY_MS)

    assert home.orders(Subscribe(product="navigation")) == Answer("done", data={"standing": "paid"})
    assert home.shown.charges == 1


def test_a_bundle_entitles_every_device_that_it_names() -> None:
    """Once, for its time, and it is not renewed."""
    home = Household()

    assert home.orders(BuyBundle(bundle="home")) == Answer("done", data={"standing": "paid"})
    assert home.sent() == [
        ("grant_feature", "su7", "entertainment", "paid"),
        ("grant_feature", "tv", "entertainment", "paid"),
    ]
    assert home.orders(BuyBundle(bundle="home")) == Answer("failed", "home is already bought")
    home.until(START_MS + 365 * DAY_MS)
    assert (home.shown.expired, home.shown.charges) == (["home"], 1)


def test_of_several_purchases_the_one_that_ends_last_counts() -> None:
    """When it ends, or is given back, the other one does."""
    home = Household()
    home.orders(Subscribe(product="films"))
    home.orders(BuyBundle(bundle="home"))
    home.answers()

    home.orders(RefundPurchase(offer="home"))

    assert sorted(home.sent()) == [
        ("grant_feature", "su7", "entertainment", "paid"),
        ("withdraw_feature", "tv", "entertainment", "refunded"),
    ]


def test_a_refund_returns_the_latest_payment_and_ends_it() -> None:
    """By the pay service, for the order that was paid."""
    home = Household(pay=True)
    home.orders(Subscribe(product="films"), "buy")
    home.answers()

    assert home.orders(RefundPurchase(offer="films"), "back") is None
    refund = home.asked[-1]
    assert (refund.action, refund.arguments) == (
        "refund",
        {"order": "subscription:shop:1:0", "amount_minor": 1_500},
    )
    again = home.orders(RefundPurchase(offer="films"), "twice")
    assert again == Answer("failed", "a charge or refund of films is on its way; ask again")
    home.answers(action="refund")

    assert home.settled["back"].status == "done"
    assert (home.shown.refunded, home.shown.charged) == (["films"], 0)


RESTARTED = {"may_have_succeeded": True}


@pytest.mark.parametrize("data", [RESTARTED, {"code": "ASK_AGAIN"}])
def test_a_charge_that_may_have_been_made_is_asked_again_under_the_same_order(data: Any) -> None:
    """The pay service was restarted in the middle: forgotten, it would be charged twice when bought again."""
    home = Household(pay=True)
    home.orders(Subscribe(product="films"), "buy")
    (charge,) = home.asked
    home.asked.clear()
    home.happens(Answered(charge.ticket, "wallet", Answer("failed", "restarted", data=data)))
    assert "not clear yet" in home.settled["buy"].reason
    assert home.shown.pending == ["films"]

    home.until(home.timers["terms"])
    (again,) = [one for one in home.asked if one.action == "pay"]
    assert again.arguments == charge.arguments
    home.answers()
    assert (home.shown.paid, home.shown.charges) == (["films"], 1)


@pytest.mark.parametrize("crash", [True, False])
def test_a_refund_of_which_nobody_knows_is_asked_again_and_charges_nothing_meanwhile(*, crash: bool) -> None:
    """After a minute, and after a crash of this service, under the same order: it ends once."""
    home = Household(pay=True)
    home.orders(Subscribe(product="films"), "buy")
    home.answers()
    home.orders(RefundPurchase(offer="films"), "back")
    refund = home.asked.pop()
    if crash:
        home.boot = 2
        home.shop = home.made(home.shop.kept())
        home.happens(Booted())
    else:
        home.happens(Answered(refund.ticket, "wallet", Answer("expired")))
        assert (home.settled["back"].status, home.shown.paid) == ("expired", ["films"])
        home.happens(Booted())  # While it is asked, it is not asked once more.
    assert home.shop.returning == {"films": ("subscription:shop:1:0", 1_500, "lin")}
    home.until(home.now_ms + 40 * 86_400_000)
    (again,) = [one for one in home.asked if one.target == "wallet"]
    assert (again.action, again.arguments, again.by) == ("refund", refund.arguments, "lin")
    home.happens(TimerFired("returns"))
    assert [one for one in home.asked if one.target == "wallet"] == [again]
    home.answers(action="refund")
    assert (home.shown.refunded, home.shown.charged, home.shop.returning) == (["films"], 0, {})


def test_a_refund_that_is_refused_changes_nothing() -> None:
    """The answer of the pay service is handed on."""
    home = Household(pay=True)
    home.orders(Subscribe(product="films"), "buy")
    home.answers()
    home.orders(RefundPurchase(offer="films"), "back")

    home.answers("denied", action="refund", why="no")

    assert home.settled["back"] == Answer("denied", "no")
    assert home.shown.paid == ["films"]


def test_what_costs_nothing_is_neither_charged_nor_refunded_by_anybody() -> None:
    """It is subscribed to all the same."""
    home = Household(pay=True)
    home.orders(AllowCharges(allowed=False))

    assert home.orders(Subscribe(product="free")) == Answer("done", data={"standing": "paid"})
    assert home.orders(RefundPurchase(offer="free")) == Answer("done")
    assert home.shown.refunded == ["free"]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (
            Subscribe(product="home"),
            "no product is called home; there is `navigation`, `films`, `free`",
        ),
        (BuyBundle(bundle="films"), "no bundle is called films; there is `home`"),
        (CancelSubscription(product="films"), "films is not subscribed to"),
        (CancelSubscription(product="nothing"), "nothing is not subscribed to"),
        (RefundPurchase(offer="films"), "films was not bought"),
        (RefundPurchase(offer="nothing"), "nothing was not bought"),
    ],
)
def test_what_cannot_be_says_why(command: Command, reason: str) -> None:
    """One sentence each."""
    assert Household().orders(command) == Answer("failed", reason)


def test_a_service_that_sells_nothing_says_so() -> None:
    """Of that sort."""
    home = Household(config=Subscriptions.Config())

    assert home.orders(Subscribe(product="films")) == Answer(
        "failed", "no product is called films; there is nothing of that sort"
    )


def test_a_charge_of_long_ago_is_not_refunded() -> None:
    """Nor a trial, for which nothing was charged."""
    home = Household()
    home.orders(BuyBundle(bundle="home"))
    home.orders(Subscribe(product="navigation"))
    assert home.orders(RefundPurchase(offer="navigation")) == Answer(
        "failed", "navigation has no charge of the last 14 d to give back"
    )
    home.until(START_MS + REFUND_MS)

    assert home.orders(RefundPurchase(offer="home")) == Answer(
        "failed", "home has no charge of the last 14 d to give back"
    )


def test_why_nothing_is_given_back_is_said() -> None:
    """It was given back already, or had to its end."""
    home = Household()
    home.orders(Subscribe(product="films"))
    home.orders(RefundPurchase(offer="films"))
    assert home.orders(RefundPurchase(offer="films")) == Answer("failed", "films is given back already")
    home.orders(Subscribe(product="films"))
    home.orders(CancelSubscription(product="films"))
    home.until(START_MS + 40 * DAY_MS)

    sentence = "the time that was paid for films is over, and is not given back"
    assert home.orders(RefundPurchase(offer="films")) == Answer("failed", sentence)


@pytest.mark.parametrize("status", ["denied", "expired", "failed"])
def test_a_device_that_does_not_take_its_lease_is_sent_it_again(status: Status) -> None:
    """Ever more seldom, and at once when it comes back."""
    home = Household()
    home.orders(Subscribe(product="navigation"))
    home.answers(status)
    assert (home.asked, home.shown.undelivered) == ([], 1)

    home.until(START_MS + FIRST_MS, deliver=False)
    assert home.sent() == [("grant_feature", "su7", "smart_navigation", "trial")]
    home.answers(status)
    back = Beliefs().online("su7", online=True)
    home.happens(Learned("su7"), back)

    assert home.sent() == [("grant_feature", "su7", "smart_navigation", "trial")]
    home.answers()
    assert home.shown.undelivered == 0


def test_what_is_granted_to_a_device_that_is_not_there_is_sent_to_nobody() -> None:
    """The household may get it later."""
    product = Product(grants={"tablet": ["entertainment"]}, price=1)
    home = Household(config=Subscriptions.Config(products={"films": product}))

    assert home.orders(Subscribe(product="films")) == Answer("done", data={"standing": "paid"})
    assert home.asked == []


def test_what_is_not_offered_any_more_is_left_alone() -> None:
    """After a restart with another entry in the household file."""
    home = Household()
    home.orders(Subscribe(product="films"))
    home.answers()
    kept = home.shop.kept()
    home.config = Subscriptions.Config()
    home.shop = home.made(kept)

    home.happens(Booted())

    assert (home.shown.paid, home.asked) == ([], [])


def test_names_of_products_and_bundles_are_apart() -> None:
    """Or nobody could say which one is to be refunded."""
    with pytest.raises(
        ValidationError, match="`films` is a product and a bundle: give one of them another name"
    ):
        Subscriptions.Config(
            products={"films": CONFIG.products["films"]}, bundles={"films": CONFIG.bundles["home"]}
        )
