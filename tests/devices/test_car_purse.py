"""The car's purse: every demand is one bill, which is asked about until it is paid, and never twice."""

from typing import Any

import pytest

from sim.apps.payments.messages import Account, Pay, RedeemDiscount
from sim.core.beliefs import Belief, Beliefs
from sim.core.device import (
    Answer,
    Answered,
    Booted,
    Effect,
    Emit,
    Learned,
    Linked,
    Moment,
    Peer,
    Provision,
    Request,
    Sensed,
    StartTimer,
    TimerFired,
)
from sim.core.dues import Due
from sim.devices.car.purse import ASKED_MAX, REFUSED, REFUSED_MS, Purse, PurseReport
from tests.senses import START_MS, FakeSenses

TOLL = Due("toll:huailai:su7:1", "huailai", 3_500, "CNY")
CHARGE = Due("charging:badaling:su7:2", "badaling", 4_000, "CNY")
PEERS = {
    "phone": Peer("phone", "lin", shared=False, key=b""),
    "pay": Peer("pay", None, shared=False, key=b""),
}
LARGE = Answer("denied", "too large", denial={"rules": ["large-payment-needs-approval"]})
FORBIDDEN = Answer("denied", "not for guests", denial={"rules": ["only-grown-ups-pay"]})


class Drive:
    """A purse on the road, with what it is told and asks."""

    def __init__(self, *, known: bool = True, peers: Any = PEERS) -> None:
        self.peers = peers
        self.purse = Purse.new("su7", None, {}).provisioned(Provision(b"", 1, 0, peers=peers))
        self.demands: tuple[Due, ...] = ()
        self.driver: str | None = "lin"
        self.beliefs = Beliefs()
        self.version = 0
        if known:
            self.account()

    def account(self, *, approved: tuple[str, ...] = (), discounts: Any = ()) -> None:
        """Let the service report."""
        report = Account(
            currency="CNY",
            cap_minor=5_000,
            daily_minor=20_000,
            receipts=0,
            approved=list(approved),
            discounts=dict(discounts),
        )
        self.version += 1
        belief = Belief(report.model_dump(), START_MS, (1, self.version), "last")
        self.beliefs = self.beliefs.heard("pay", "account", belief).online("pay", online=True)

    def step(self, stimulus: Any) -> tuple[Effect, ...]:
        """Let something happen."""
        senses = FakeSenses(holder=self.driver, demands=self.demands)
        self.purse, effects = self.purse.step(Moment(START_MS, senses, self.beliefs), stimulus)
        return effects

    def owes(self, *dues: Due) -> tuple[Effect, ...]:
        """Let the roadside demand something."""
        self.demands = (*self.demands, *dues)
        return self.step(Sensed())

    def answer(self, effect: Effect, answer: Answer) -> tuple[Effect, ...]:
        """Answer a question."""
        assert isinstance(effect, Request)
        return self.step(Answered(effect.ticket, "pay", answer))

    def report(self) -> PurseReport:
        """Return what the card shows."""
        (facet,) = self.purse.report()
        assert isinstance(facet, PurseReport)
        return facet

    def restart(self, boot: int = 2) -> tuple[Effect, ...]:
        """Let the power go and come."""
        provision = Provision(b"", boot, 0, peers=self.peers)
        self.purse = Purse.new("su7", None, self.purse.kept()).provisioned(provision)
        return self.step(Booted())


def done(receipt: str = "paid", discount: str = "") -> Answer:
    """Return the answer to what was paid."""
    return Answer("done", data={"receipt": receipt, "discount": discount})


def asked(effect: Effect) -> tuple[str, str, Any, str | None]:
    """Return target, action, order and person of a question."""
    assert isinstance(effect, Request)
    return effect.target, effect.action, effect.arguments["order"], effect.by


def test_a_demand_is_asked_about_once_and_crossed_out_when_it_is_paid() -> None:
    """Whatever else is sensed meanwhile; and never again, for the roadside goes on telling it."""
    drive = Drive()
    (question,) = drive.owes(TOLL)
    assert asked(question) == ("pay", "pay", TOLL.order, "lin")
    assert isinstance(question, Request)
    assert question.arguments == Pay.of(TOLL).model_dump()
    assert drive.step(Sensed()) == ()
    assert drive.report() == PurseReport(
        bills=1,
        bill_order=TOLL.order,
        bill_merchant="huailai",
        bill_minor=3_500,
        bill_currency="CNY",
        bill_needs_approval=False,
        bill_why="",
        last_receipt="",
        last_discount=None,
    )
    assert drive.answer(question, done("paid 35.00", "winter")) == (Emit("paid", {"order": TOLL.order}),)
    assert drive.step(Sensed()) == ()
    assert drive.restart() == ()
    report = drive.report()
    assert (report.bills, report.bill_order) == (0, None)
    assert (report.last_receipt, report.last_discount) == ("paid 35.00", "winter")


@pytest.mark.parametrize(
    "answer",
    [
        Answer("expired"),
        Answer("failed", "restarted", data={"may_have_succeeded": True}),
        Answer("failed", "changed", data={"code": "ASK_AGAIN"}),
    ],
)
def test_what_is_not_answered_is_asked_again_with_the_same_order(answer: Answer) -> None:
    """After a pause, or as soon as there is news of the service; under another ticket."""
    drive = Drive()
    (first,) = drive.owes(TOLL)
    (pause,) = drive.answer(first, answer)
    assert isinstance(pause, StartTimer)
    assert drive.step(Sensed()) == ()
    (second,) = drive.step(TimerFired(pause.name))
    assert asked(second) == asked(first)
    assert isinstance(first, Request)
    assert isinstance(second, Request)
    assert first.ticket != second.ticket
    drive.answer(second, answer)
    drive.beliefs = drive.beliefs.online("pay", online=False)
    (third,) = drive.step(Linked(up=True))
    assert asked(third) == asked(first)


def test_a_restart_asks_again_for_what_was_under_way() -> None:
    """The bill was written down before anybody was asked; a late answer to the old question is nobody's."""
    drive = Drive()
    (first,) = drive.owes(TOLL)
    (second,) = drive.restart()
    assert asked(second) == asked(first)
    assert drive.answer(first, done()) == ()
    drive.answer(second, done())
    assert drive.purse.bills == {}


def test_nobody_is_asked_before_the_service_was_heard_of() -> None:
    """Nor in a household that has none."""
    drive = Drive(known=False)
    assert drive.owes(TOLL) == ()
    drive.account()
    (question,) = drive.step(Learned("pay"))
    assert asked(question)[2] == TOLL.order
    none = Drive(peers={})
    assert none.owes(TOLL) == ()
    assert none.report().bills == 1
    assert none.step(Learned("phone")) == ()


def test_a_few_are_asked_about_at_once() -> None:
    """The next when one is answered."""
    drive = Drive()
    dues = [Due(f"toll:huailai:su7:{number}", "huailai", 1, "CNY") for number in range(ASKED_MAX + 1)]
    questions = drive.owes(*dues)
    assert len(questions) == ASKED_MAX
    told, more = drive.answer(questions[0], done())
    assert isinstance(told, Emit)
    assert asked(more)[2] == dues[-1].order


def test_a_bill_without_a_payer_waits_for_a_driver() -> None:
    """A cable was pulled and nobody sits in the car."""
    drive = Drive()
    drive.driver = None
    assert drive.owes(CHARGE) == ()
    drive.driver = "mei"
    (question,) = drive.step(Sensed())
    assert asked(question)[3] == "mei"


def test_what_was_refused_waits_for_another_driver_or_an_hour() -> None:
    """Who drove is not asked for again at once; nor does it matter that they leave."""
    drive = Drive()
    drive.driver = "jun"
    (first,) = drive.owes(TOLL)
    assert drive.answer(first, FORBIDDEN) == (StartTimer(REFUSED, REFUSED_MS),)
    assert (drive.report().bill_why, drive.report().bill_needs_approval) == ("not for guests", False)
    drive.driver = None
    assert drive.step(Sensed()) == ()
    drive.driver = "jun"
    assert drive.step(Sensed()) == ()
    (again,) = drive.step(TimerFired(REFUSED))
    assert asked(again)[3] == "jun"
    drive.answer(again, FORBIDDEN)
    drive.driver = "lin"
    (lins,) = drive.step(Sensed())
    assert asked(lins)[3] == "lin"
    drive.driver = "mei"  # she takes over while it is under way
    assert drive.step(Sensed()) == ()
    drive.answer(lins, done())
    assert drive.purse.bills == {}


def test_a_large_bill_is_asked_about_again_once_it_is_approved() -> None:
    """Once for each approval: what is refused all the same waits."""
    drive = Drive()
    (first,) = drive.owes(TOLL)
    drive.answer(first, LARGE)
    assert drive.report().bill_needs_approval is True
    assert drive.step(Learned("pay")) == ()
    drive.account(approved=(TOLL.order,))
    (second,) = drive.step(Learned("pay"))
    assert asked(second) == asked(first)
    drive.answer(second, LARGE)
    assert drive.step(Learned("pay")) == ()
    assert drive.report().bill_needs_approval is False
    drive.account()
    assert drive.step(Learned("pay")) == ()
    assert drive.report().bill_needs_approval is True


def test_the_card_shows_first_what_waits_for_somebody() -> None:
    """A bill that is under way comes after one that wants approval."""
    drive = Drive()
    first, second = drive.owes(CHARGE, TOLL)
    drive.answer(second, LARGE)
    assert (drive.report().bill_order, drive.report().bills) == (TOLL.order, 2)
    drive.answer(first, Answer("failed", "no merchant", data={"code": "UNKNOWN_MERCHANT"}))
    assert (drive.report().bill_order, drive.report().bill_why) == (CHARGE.order, "no merchant")


@pytest.mark.parametrize("answer", [Answer("done"), FORBIDDEN, Answer("failed", "other merchant")])
def test_a_discount_is_asked_for_before_the_payment(answer: Answer) -> None:
    """Whatever comes of it, the payment follows; also after a restart, and not a second time."""
    drive = Drive()
    drive.account(discounts={"badaling": "winter"})
    (question,) = drive.owes(CHARGE)
    redeem = RedeemDiscount(order=CHARGE.order, merchant="badaling", discount="winter")
    assert isinstance(question, Request)
    assert (question.action, question.arguments) == ("redeem_discount", redeem.model_dump())
    (pause,) = drive.answer(question, Answer("expired"))
    assert isinstance(pause, StartTimer)
    (again,) = drive.step(TimerFired(pause.name))
    assert asked(again)[1] == "redeem_discount"
    (payment,) = drive.answer(again, answer)
    assert asked(payment)[1] == "pay"
    (after,) = drive.restart()
    assert asked(after)[1] == "pay"


def test_another_merchants_discount_is_left_alone() -> None:
    """And so is what does not concern the purse."""
    drive = Drive()
    drive.account(discounts={"badaling": "winter"})
    (question,) = drive.owes(TOLL)
    assert asked(question)[1] == "pay"
    for stimulus in (TimerFired("sleep"), Linked(up=False), Answered("other", "pay", done())):
        assert drive.step(stimulus) == ()
