"""The phone's receipts and the dashboard's button that approves."""

from typing import Any

import pytest

from sim.apps.payments.approvals import Approvals, ApproveBill
from sim.apps.payments.messages import Account, Receipt, answer_data
from sim.apps.payments.receipts import Receipts, ReceiptsReport
from sim.core.beliefs import Belief, Beliefs
from sim.core.device import (
    Answer,
    Answered,
    Booted,
    Learned,
    Linked,
    Moment,
    Peer,
    Provision,
    Request,
    Settle,
    StartTimer,
    TimerFired,
)
from sim.devices.car.purse import PurseReport
from tests.senses import NOTHING_HEARD, START_MS, FakeSenses, acted

PEERS = {"pay": Peer("pay", None, shared=False, key=b""), "tv": Peer("tv", None, shared=True, key=b"")}
MADE = Provision(b"", 1, 0, peers=PEERS)


class Owner:
    """Whose phone it is."""

    owner = "lin"


def receipts_there(count: int, version: int = 1) -> Beliefs:
    """Return the beliefs of a phone that was told of so many receipts."""
    report = Account(
        currency="CNY",
        cap_minor=0,
        daily_minor=1,
        receipts=count,
        approved=[],
        discounts={},
    )
    belief = Belief(report.model_dump(), START_MS, (1, version), "last")
    return NOTHING_HEARD.heard("pay", "account", belief).online("pay", online=True)


def receipt(n: int, by: str = "lin") -> dict[str, Any]:
    """Return a receipt as an answer has it."""
    made = Receipt(
        kind="payment",
        order=f"toll:{n}",
        merchant="huailai",
        amount_minor=100 * n,
        full_minor=100 * n,
        currency="CNY",
        by=by,
        day="2026-01-12",
        at_ms=START_MS,
        n=n,
    )
    return answer_data(made)


def app(read: int = 0, *, peers: Any = PEERS) -> Receipts:
    """Return the app of Lin's phone."""
    made = Provision(b"", 1, 0, peers=peers)
    return Receipts.new("phone", Owner(), {"receipts_read": read}).provisioned(made)


def at(beliefs: Beliefs) -> Moment:
    """Return a moment with some beliefs."""
    return Moment(START_MS, FakeSenses(), beliefs)


def test_new_receipts_are_fetched_and_the_owners_own_are_told() -> None:
    """From where it has read, one question at a time; what others paid is read and not told."""
    phone = app(2)
    phone, (question,) = phone.step(at(receipts_there(5)), Learned("pay"))
    assert isinstance(question, Request)
    assert (question.target, question.action, question.arguments) == ("pay", "list_receipts", {"after": 2})
    assert phone.step(at(receipts_there(6)), Learned("pay"))[1] == ()

    told = Answer("done", data={"receipts": [receipt(3), receipt(4, "mei"), receipt(5)]})
    phone, (more,) = phone.step(at(receipts_there(6, 2)), Answered(question.ticket, "pay", told))
    assert phone.notices == (("huailai", "paid 3.00 CNY to huailai"), ("huailai", "paid 5.00 CNY to huailai"))
    assert isinstance(more, Request)
    assert more.arguments == {"after": 5}
    assert phone.shown().notices == ()
    assert phone.report() == (ReceiptsReport(receipts_read=5),)
    assert phone.kept() == {"receipts_read": 5}
    phone, effects = phone.step(
        at(receipts_there(6, 2)),
        Answered(more.ticket, "pay", Answer("done", data={"receipts": [receipt(6)]})),
    )
    assert effects == ()


def test_what_is_not_answered_is_asked_again_and_what_is_refused_is_not() -> None:
    """A child's phone asks once."""
    beliefs = receipts_there(1)
    phone, (question,) = app().step(at(beliefs), Booted())
    assert isinstance(question, Request)
    waits, (pause,) = phone.step(at(beliefs), Answered(question.ticket, "pay", Answer("expired")))
    assert isinstance(pause, StartTimer)
    assert waits.step(at(beliefs), Linked(up=True))[1] == ()
    assert len(waits.step(at(beliefs), TimerFired(pause.name))[1]) == 1

    child, effects = phone.step(at(beliefs), Answered(question.ticket, "pay", Answer("denied", "no")))
    assert effects == ()
    assert child.step(at(beliefs), Learned("pay"))[1] == ()


@pytest.mark.parametrize("stimulus", [Learned("tv"), Linked(up=False), TimerFired("x"), Booted()])
def test_nothing_is_fetched_without_news(stimulus: Any) -> None:
    """Nor in a household where nothing pays."""
    assert app().step(at(NOTHING_HEARD), stimulus)[1] == ()
    assert app(peers={}).step(at(receipts_there(1)), stimulus)[1] == ()


def bill(*, waits: bool) -> Beliefs:
    """Return the beliefs of a dashboard about the car's bill."""
    report = PurseReport(
        bills=1,
        bill_order="toll:huailai:su7:1",
        bill_merchant="huailai",
        bill_minor=6_500,
        bill_currency="CNY",
        bill_needs_approval=waits,
        bill_why="",
        last_receipt="",
        last_discount=None,
    )
    belief = Belief(report.model_dump(), START_MS, (1, 1), "unknown")
    return NOTHING_HEARD.heard("su7", "purse_report", belief).online("su7", online=True)


def test_the_button_approves_what_the_card_shows() -> None:
    """Order, merchant, amount and currency, all in the command that is signed."""
    button = Approvals().provisioned(MADE)
    _, (question,) = button.step(at(bill(waits=True)), acted(ApproveBill(car="su7")))
    assert isinstance(question, Request)
    assert (question.target, question.action, question.by) == ("pay", "approve_payment", "lin")
    assert question.arguments == {
        "order": "toll:huailai:su7:1",
        "merchant": "huailai",
        "amount_minor": 6_500,
        "currency": "CNY",
    }


@pytest.mark.parametrize(
    ("beliefs", "made"),
    [
        (bill(waits=False), MADE),
        (NOTHING_HEARD, MADE),
        (bill(waits=True).online("su7", online=False), MADE),
        (bill(waits=True), Provision(b"", 1, 0)),
    ],
)
def test_the_button_approves_nothing_that_it_does_not_show(beliefs: Beliefs, made: Provision) -> None:
    """No bill, an old one, or nobody to tell."""
    _, (settled,) = Approvals().provisioned(made).step(at(beliefs), acted(ApproveBill(car="su7")))
    assert isinstance(settled, Settle)
    assert settled.answer == Answer("failed", "no bill of su7 waits for approval")
    assert Approvals().step(at(beliefs), Booted())[1] == ()
