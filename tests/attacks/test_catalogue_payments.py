"""Rows 37 and 38 of the catalogue: a payment that is made to count twice, or for more than was approved.

`tests/wire/test_attacks_on_the_broker.py` has the whole catalogue.
"""

from typing import Any

import pytest

from sim.core.asking import AskDevice
from sim.core.books import Books, Transaction
from sim.scenario.model import Given
from tests.attacks.raids import HOUSEHOLD, House, Refusal, framed, opened, refused, retouched
from tests.stages import Theatre

PAYING = HOUSEHOLD.replace(
    "\nstrangers:\n", "\n  pay: {kind: pay, cap: 5000, daily: 20000, merchants: [gate, mall]}\nstrangers:\n"
)
AT_THE_WHEEL = Given(physical={"su7": {"locked": True, "driver": "lin"}}, people={})
SMALL = {"order": "toll:gate:su7:1", "merchant": "gate", "amount_minor": 1_000, "currency": "CNY"}
LARGE = {"order": "toll:gate:su7:2", "merchant": "gate", "amount_minor": 6_500, "currency": "CNY"}


def entries(house: Theatre) -> tuple[Transaction, ...]:
    """Return what is in the books."""
    books = house.stage.storages.of("pay")
    assert isinstance(books, Books)
    return books.entries()


def pays(house: House, arguments: dict[str, Any]) -> None:
    """Let the car ask for a payment, as its purse does."""
    house.say("su7", house.signed("su7", "pay", arguments, to="pay", by="lin"))
    house.advance(1_000)


def approves(house: House) -> None:
    """Let Lin approve the large payment at the dashboard."""
    act = AskDevice.model_validate({"device": "pay", "action": "approve_payment", "arguments": LARGE})
    assert house.status(house.use("dash", act)) == "done"


# --- 37 -------------------------------------------------------------------------------------------


def test_row_37_copied_payment_is_charged_once() -> None:
    """In the car's own line a copy is what a broker's second delivery is: same answer, booked once."""

    def story(house: House) -> None:
        pays(house, SMALL)
        house.attack(lambda: house.say("su7", house.sent("su7", "pay", "pay")))
        house.advance(1_000)

    house = refused(story, given=AT_THE_WHEEL, household=PAYING)
    assert [entry.key for entry in entries(house)] == [SMALL["order"]]


@pytest.mark.parametrize("dark_after_ms", [0, 7, 9, 20])
def test_row_37_whoever_cuts_the_power_gains_no_second_charge(dark_after_ms: int) -> None:
    """Before, between and after the write: the question that follows is answered with the first charge."""

    def story(house: House) -> None:
        house.say("su7", house.signed("su7", "pay", SMALL, to="pay", by="lin"))
        house.advance(dark_after_ms)
        house.attack(lambda: house.stage.crash("pay", None, 1_000))
        house.advance(5_000)
        pays(house, SMALL)
        pays(house, SMALL)

    house = refused(story, given=AT_THE_WHEEL, household=PAYING)
    assert [entry.key for entry in entries(house)] == [SMALL["order"]]


def test_row_37_same_order_for_another_amount_is_not_paid() -> None:
    """Not even by whoever has the car's own key: nothing is booked, and no receipt is shown for it."""

    def story(house: House) -> None:
        pays(house, SMALL)
        house.attack(lambda: pays(house, {**SMALL, "amount_minor": 2_000}))

    house = refused(story, given=AT_THE_WHEEL, household=PAYING)
    assert [entry.postings[0].minor for entry in entries(house)] == [-1_000]
    answer = house.reply("forged-2", "su7", "pay")
    assert (answer.status, answer.data) == ("failed", {"code": "KEY_REUSED"})


# --- 38 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [{"amount_minor": 6_501}, {"merchant": "mall"}, {"order": "toll:gate:su7:3"}],
    ids=["amount", "merchant", "order"],
)
def test_row_38_what_is_changed_after_the_approval_is_not_approved(changed: dict[str, Any]) -> None:
    """By whoever has the car's own key and account; what was approved is paid."""

    def story(house: House) -> None:
        approves(house)
        house.attack(lambda: pays(house, {**LARGE, **changed}))
        pays(house, LARGE)

    denied = Refusal("su7", "pay", "policy", None, "large-payment-needs-approval", "pay")
    house = refused(story, denied, given=AT_THE_WHEEL, household=PAYING)
    assert [entry.postings[1].minor for entry in entries(house)] == [6_500]


@pytest.mark.parametrize("action", ["pay", "approve_payment"])
def test_row_38_amount_that_is_changed_on_its_way_breaks_the_signature(action: str) -> None:
    """Of the payment, and of the approval."""
    sender = "su7" if action == "pay" else "dash"

    def story(house: House) -> None:
        approves(house)
        pays(house, LARGE)
        frame = house.sent(sender, action, "pay")
        event, order = opened(frame)
        envelope = retouched(event.data, "args", {**LARGE, "amount_minor": 9_900})
        house.attack(lambda: house.say(sender, framed(sender, "pay", action, order.id, envelope)))

    broken = Refusal(sender, action, "signature", "BAD_SIGNATURE", "signed-command-only", "pay")
    house = refused(story, broken, given=AT_THE_WHEEL, household=PAYING)
    assert len(entries(house)) == 1


def test_row_38_a_phone_approves_nothing() -> None:
    """Whoever has broken into the owner's phone does not sit at the wheel: no large payment is made."""

    def story(house: House) -> None:
        frame = house.signed("phone", "approve_payment", LARGE, to="pay", by="lin")
        house.attack(lambda: house.say("phone", frame))
        house.attack(lambda: house.say("phone", house.signed("phone", "pay", LARGE, to="pay", by="lin")))

    refused(
        story,
        Refusal("phone", "approve_payment", "policy", None, "only-the-driver-approves", "pay"),
        Refusal("phone", "pay", "policy", None, "large-payment-needs-approval", "pay"),
        given=AT_THE_WHEEL,
        household=PAYING,
    )
