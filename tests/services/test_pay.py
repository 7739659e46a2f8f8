"""The service that pays: what it tells the rules, what it books, and what it answers when asked again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from sim.apps.payments.messages import (
    Account,
    ApprovePayment,
    ListReceipts,
    Pay,
    Receipt,
    RedeemDiscount,
    Refund,
    Spending,
    money,
)
from sim.apps.payments.statement import Statement
from sim.core.books import Transaction, balances
from sim.core.device import (
    Answer,
    Asked,
    Booted,
    Command,
    Linked,
    Peer,
    Persist,
    Persisted,
    Presence,
    Provision,
    Report,
    Settle,
    StartTimer,
    TimerFired,
)
from sim.services.pay import APPROVED_MS, PENDING_MAX, REPORT_EVERY_MS, RESERVED_MS, PayConfig, PayService
from sim.world.books import MemoryBooks
from tests.senses import FakeSenses, commanded, moment

CONFIG = PayConfig.model_validate(
    {
        "cap": 5_000,
        "daily": 20_000,
        "merchants": ["huailai", "badaling"],
        "discounts": {
            "winter": {"merchant": "badaling", "percent": 20, "until": "2026-01-12T08:00:00+08:00"},
            "tiny": {"merchant": "huailai", "percent": 1, "until": "2026-02-01T00:00:00+08:00", "uses": 2},
        },
    }
)
TOLL = Pay(order="toll:huailai:su7:1", merchant="huailai", amount_minor=3_500, currency="CNY")
CHARGE = Pay(order="charging:badaling:su7:2", merchant="badaling", amount_minor=4_000, currency="CNY")
WINTER = RedeemDiscount(order=CHARGE.order, merchant="badaling", discount="winter")
NOON_MS = 1_800_000
"""When the discount is over: half an hour after the start."""


class Desk:
    """A service with books in memory, and what it has answered.

    Args:
        config: the account.
    """

    def __init__(self, config: PayConfig = CONFIG) -> None:
        self.books = MemoryBooks()
        self.config = config
        self.service = PayService.new("pay", config, {})
        self.answers: dict[str, Answer] = {}
        self.waiting: list[Persist] = []
        self.at_ms = 0
        self.wall_clock = "2026-01-12 07:30:00"
        self._tickets = 0

    @property
    def now(self) -> Any:
        """The moment it is."""
        return moment(FakeSenses(wall_clock=self.wall_clock), self.at_ms)

    def ask(self, command: Command, by: str | None = "lin") -> str:
        """Hand a permitted command to the service; the books have not answered yet."""
        self._tickets += 1
        ticket = f"t{self._tickets}"
        self._took(self.service.step(self.now, commanded(command, ticket, by)))
        return ticket

    def write(self) -> None:
        """Let the books perform the next write, and tell the service."""
        wanted = self.waiting.pop(0)
        assert isinstance(wanted.write, Transaction)
        self._took(self.service.step(self.now, Persisted(wanted.ticket, self.books.write(wanted.write))))

    def done(self, command: Command, by: str | None = "lin") -> Answer:
        """Ask, let the books write, and return the answer."""
        ticket = self.ask(command, by)
        while self.waiting:
            self.write()
        return self.answers[ticket]

    def restart(self) -> None:
        """Let the service lose its power, and come again."""
        self.waiting.clear()
        given = {**self.service.kept(), "storage": self.books.snapshot()}
        self.service = PayService.new("pay", self.config, given)

    def told(self, command: Command | None, sender: str = "su7", by: str | None = "lin") -> dict[str, Any]:
        """Return what the rules are told of a command."""
        action = "" if command is None else command.action
        asked = Asked(action, command, sender, by, Presence(), "t", None)
        facts = self.service.circumstances(self.now, asked)
        names = type(facts).__dataclass_fields__
        return {
            name: getattr(facts, name)
            for name in names
            if name != "moving" and getattr(facts, name) is not None
        }

    def account(self) -> Account:
        """Return what it reports."""
        facet, _ = self.service.report()
        assert isinstance(facet, Account)
        return facet

    def spent_today(self) -> int:
        """Return the sum of the day that it reports."""
        _, facet = self.service.report()
        assert isinstance(facet, Spending)
        return facet.spent_today_minor

    def _took(self, stepped: tuple[PayService, tuple[Any, ...]]) -> None:
        self.service, effects = stepped
        for effect in effects:
            if isinstance(effect, Settle):
                self.answers[effect.ticket] = effect.answer
            else:
                assert isinstance(effect, Persist)
                self.waiting.append(effect)


def of_payment(desk: Desk, command: Pay) -> tuple[Any, ...]:
    """Return amount, approval and sum of the day, as the rules are told them."""
    told = desk.told(command)
    return told["amount_minor"], told["approved"], told["spent_today_minor"]


def test_a_payment_is_booked_in_double_entry_and_answered_with_its_receipt() -> None:
    """The household loses what the merchant gains; nothing is answered before the books have it."""
    desk = Desk()
    ticket = desk.ask(TOLL)
    assert desk.answers == {}
    desk.write()

    data = desk.answers[ticket].data
    assert desk.answers[ticket].status == "done"
    assert data["receipt"] == "paid 35.00 CNY to huailai"
    assert (data["order"], data["amount_minor"], data["by"], data["n"]) == (TOLL.order, 3_500, "lin", 1)
    assert balances(desk.books.entries()) == {
        ("household", "CNY"): -3_500,
        ("merchant:huailai", "CNY"): 3_500,
    }
    assert desk.account() == Account(
        currency="CNY",
        cap_minor=5_000,
        daily_minor=20_000,
        receipts=1,
        approved=[],
        discounts={"badaling": "winter", "huailai": "tiny"},
    )
    assert desk.spent_today() == 3_500


def test_the_same_order_again_is_the_same_receipt_also_after_a_restart() -> None:
    """Also when both are under way at once, and when the answer to the first was lost in a crash."""
    desk = Desk()
    first, second = desk.ask(TOLL), desk.ask(TOLL)
    desk.write()
    desk.write()
    assert desk.answers[first].data == desk.answers[second].data

    desk.ask(TOLL)
    desk.restart()
    assert desk.done(TOLL).data == desk.answers[first].data
    desk.ask(replace_order(TOLL, "toll:huailai:su7:9"))
    desk.books.write(desk.waiting[0].write)  # type: ignore[arg-type]  # it is a transaction
    desk.restart()
    assert desk.done(replace_order(TOLL, "toll:huailai:su7:9")).data["n"] == 2
    assert len(desk.books.entries()) == 2


def replace_order(command: Pay, order: str, **changes: Any) -> Pay:
    """Return the payment of another order."""
    return command.model_copy(update={"order": order, **changes})


def test_the_rules_are_told_limits_and_what_was_spent_and_is_about_to_be() -> None:
    """What is under way counts; what was paid before costs nothing when it is asked for again."""
    desk = Desk()
    assert desk.told(TOLL) == {
        "amount_minor": 3_500,
        "cap_minor": 5_000,
        "approved": False,
        "daily_minor": 20_000,
        "spent_today_minor": 0,
    }
    desk.ask(TOLL)
    other = replace_order(TOLL, "toll:huailai:su7:3", amount_minor=100)
    assert of_payment(desk, other) == (100, False, 3_500)
    assert of_payment(desk, TOLL) == (3_500, False, 0)
    desk.write()
    assert of_payment(desk, other) == (100, False, 3_500)
    assert of_payment(desk, TOLL) == (3_500, True, 0)
    assert of_payment(desk, replace_order(TOLL, TOLL.order, amount_minor=1)) == (1, False, 3_500)
    desk.wall_clock = "2026-01-13 00:00:00"
    assert of_payment(desk, other) == (100, False, 0)


def test_a_repetition_passes_limits_that_were_lowered_since() -> None:
    """It was paid within the limits of then."""
    desk = Desk()
    desk.done(TOLL)
    desk.service = replace(desk.service, config=CONFIG.model_copy(update={"cap": 0, "daily": 1}))
    told = desk.told(TOLL)
    assert (told["cap_minor"], told["daily_minor"], told["spent_today_minor"]) == (3_500, 3_500, 0)


def test_another_amount_under_the_same_order_is_refused() -> None:
    """The receipt of something else is no answer to it."""
    desk = Desk()
    desk.done(TOLL)
    answer = desk.done(replace_order(TOLL, TOLL.order, amount_minor=1))
    assert (answer.status, answer.data) == ("failed", {"code": "KEY_REUSED"})
    assert len(desk.books.entries()) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount_minor": 3_501}, False),
        ({"merchant": "badaling"}, False),
        ({"currency": "EUR"}, False),
        ({"order": "toll:huailai:su7:4"}, False),
        ({}, True),
    ],
)
def test_an_approval_is_for_this_very_payment(changes: dict[str, Any], code: bool) -> None:  # noqa: FBT001  # data
    """Attack 38: whatever is changed between approval and payment, it is another payment."""
    desk = Desk()
    desk.done(ApprovePayment.model_validate(TOLL.model_dump(by_alias=True)))
    assert desk.told(TOLL.model_copy(update=changes))["approved"] is code
    assert desk.account().approved == [TOLL.order]


def test_an_approval_ends_survives_a_restart_and_is_used_up() -> None:
    """It ends after ten minutes, and is forgotten once the order is paid."""
    desk = Desk()
    approve = ApprovePayment.model_validate(TOLL.model_dump(by_alias=True))
    desk.done(approve)
    desk.restart()
    desk.at_ms = APPROVED_MS - 1
    assert of_payment(desk, TOLL)[1] is True
    desk.at_ms = APPROVED_MS
    assert of_payment(desk, TOLL)[1] is False
    desk.done(ApprovePayment.model_validate(CHARGE.model_dump(by_alias=True)))
    assert desk.account().approved == [CHARGE.order]
    desk.done(CHARGE)
    assert desk.account().approved == []
    assert desk.service.approvals == {}


@pytest.mark.parametrize(
    ("sender", "by", "drives"),
    [("dash", "lin", True), ("dash", None, False), ("phone", "lin", False), ("nobody", "lin", False)],
)
def test_only_a_screen_in_the_car_says_who_drives(sender: str, by: str | None, drives: bool) -> None:  # noqa: FBT001
    """The service sees no wheel; what is built into the car does."""
    desk = Desk()
    peers = {
        "dash": Peer("dashboard", None, shared=True, key=b""),
        "phone": Peer("phone", "lin", shared=False, key=b""),
    }
    desk.service = desk.service.provisioned(Provision(b"", 1, 0, peers=peers))
    approve = ApprovePayment.model_validate(TOLL.model_dump(by_alias=True))
    assert desk.told(approve, sender, by) == {"asker_drives": drives}


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (TOLL.model_copy(update={"merchant": "nobody"}), "UNKNOWN_MERCHANT"),
        (TOLL.model_copy(update={"currency": "EUR"}), "CURRENCY"),
        (Refund(order="toll:nothing", amount_minor=1), "UNKNOWN_ORDER"),
        (RedeemDiscount(order=TOLL.order, merchant="huailai", discount="winter"), "OTHER_MERCHANT"),
    ],
)
def test_what_cannot_be_booked_has_failed_with_a_code(command: Command, code: str) -> None:
    """One sentence, and nothing in the books."""
    desk = Desk()
    answer = desk.done(command)
    assert (answer.status, answer.data) == ("failed", {"code": code})
    assert answer.reason
    assert desk.books.entries() == ()


def test_payments_wait_for_the_books_one_at_a_time_and_not_without_end() -> None:
    """What is too much is asked for again."""
    desk = Desk()
    for number in range(PENDING_MAX):
        desk.ask(replace_order(TOLL, f"toll:huailai:su7:{number}", amount_minor=1))
    assert len(desk.waiting) == 1
    answer = desk.answers[desk.ask(TOLL)]
    assert (answer.status, answer.data) == ("failed", {"code": "ASK_AGAIN"})
    while desk.waiting:
        desk.write()
    assert len(desk.books.entries()) == PENDING_MAX
    assert desk.service.statement == Statement.of(desk.books.entries())


def test_books_that_somebody_else_wrote_to_are_read_anew() -> None:
    """What was decided on the old picture is not booked; the next question is decided on the new one."""
    desk, other = Desk(), Desk()
    other.books = desk.books
    other.done(TOLL)
    answer = desk.done(CHARGE)
    assert (answer.status, answer.data) == ("failed", {"code": "ASK_AGAIN"})
    assert desk.spent_today() == 3_500
    assert desk.done(CHARGE).status == "done"
    assert desk.service.statement == Statement.of(desk.books.entries())


# --- refunds ------------------------------------------------------------------------------------------


def test_money_goes_back_once_for_each_request_and_no_more_than_was_paid() -> None:
    """The rules are told what is left; the same request again is the same refund."""
    desk = Desk()
    assert desk.told(Refund(order=TOLL.order, amount_minor=1)) == {"amount_minor": 1, "refundable_minor": 0}
    desk.done(TOLL)
    part = Refund(order=TOLL.order, amount_minor=1_000)
    assert desk.told(part)["refundable_minor"] == 3_500
    ticket = desk.ask(part)
    rest = Refund(order=TOLL.order, amount_minor=2_500, request="rest")
    assert desk.told(rest)["refundable_minor"] == 2_500
    assert desk.told(part)["refundable_minor"] == 3_500
    desk.write()
    assert desk.answers[ticket].data["receipt"] == "huailai gave back 10.00 CNY"
    assert desk.told(part)["refundable_minor"] == 3_500
    assert desk.done(part).data["n"] == 2
    assert desk.done(Refund(order=TOLL.order, amount_minor=1)).data == {"code": "KEY_REUSED"}
    assert desk.spent_today() == 2_500
    assert desk.done(rest).status == "done"
    assert balances(desk.books.entries()) == {("household", "CNY"): 0, ("merchant:huailai", "CNY"): 0}


# --- discounts ----------------------------------------------------------------------------------------


def test_a_discount_is_taken_off_once_and_is_on_the_receipt() -> None:
    """Who offers it pays the rest; nobody has it after that."""
    desk = Desk()
    assert desk.told(WINTER) == {"valid_for_s": 1_800, "uses_left": 1}
    desk.done(WINTER)
    assert desk.told(WINTER) == {"valid_for_s": 1, "uses_left": 1}
    assert desk.told(CHARGE)["amount_minor"] == 3_200
    other = WINTER.model_copy(update={"order": "charging:badaling:su7:5"})
    assert desk.told(other)["uses_left"] == 0

    data = desk.done(CHARGE).data
    assert data["receipt"] == "paid 32.00 CNY to badaling (40.00 less winter)"
    assert balances(desk.books.entries()) == {
        ("discount:winter", "CNY"): -800,
        ("household", "CNY"): -3_200,
        ("merchant:badaling", "CNY"): 4_000,
    }
    assert desk.told(other)["uses_left"] == 0
    assert desk.told(WINTER) == {"valid_for_s": 1, "uses_left": 1}
    assert desk.done(WINTER).status == "done"
    assert desk.service.reserved == {}
    assert desk.done(CHARGE).data == data
    assert desk.account().discounts == {"huailai": "tiny"}


def test_a_discount_is_over_at_its_time_and_kept_for_who_had_it_before() -> None:
    """Also across a restart; what is kept for an order that is never paid is free again after a day."""
    desk = Desk()
    desk.done(WINTER)
    desk.restart()
    desk.at_ms = NOON_MS
    other = WINTER.model_copy(update={"order": "charging:badaling:su7:5"})
    assert desk.told(other) == {"valid_for_s": 0, "uses_left": 0}
    assert desk.told(CHARGE)["amount_minor"] == 3_200
    desk.at_ms = RESERVED_MS
    assert desk.told(other)["uses_left"] == 1
    assert desk.told(CHARGE)["amount_minor"] == 4_000
    assert desk.told(RedeemDiscount(order=TOLL.order, merchant="huailai", discount="none")) == {}


def test_a_discount_that_somebody_else_has_had_is_not_had_again() -> None:
    """Two services on the same books: the books refuse the second, which asks for the full price then."""
    desk, other = Desk(), Desk()
    other.books = desk.books
    desk.done(WINTER)
    rival = CHARGE.model_copy(update={"order": "charging:badaling:su7:5"})
    other.done(WINTER.model_copy(update={"order": rival.order}))
    other.done(rival)
    assert desk.done(CHARGE).data == {"code": "ASK_AGAIN"}
    desk.service = replace(desk.service, statement=replace(desk.service.statement, uses={}))
    assert desk.done(CHARGE).data == {"code": "ASK_AGAIN"}
    assert desk.done(CHARGE).data["amount_minor"] == 4_000


def test_a_discount_of_less_than_the_smallest_unit_is_none() -> None:
    """One percent of 0.35 takes nothing off, and is not used up."""
    desk = Desk()
    little = replace_order(TOLL, "toll:huailai:su7:6", amount_minor=35)
    desk.done(RedeemDiscount(order=little.order, merchant="huailai", discount="tiny"))
    assert desk.done(little).data["receipt"] == "paid 0.35 CNY to huailai"
    assert desk.account().discounts["huailai"] == "tiny"


def test_two_uses_are_two_claims() -> None:
    """The second use of a discount claims another thing than the first."""
    desk = Desk()
    for number in (1, 2):
        toll = replace_order(TOLL, f"toll:huailai:su7:{number}")
        desk.done(RedeemDiscount(order=toll.order, merchant="huailai", discount="tiny"))
        assert desk.done(toll).data["amount_minor"] == 3_465
    assert [entry.claims for entry in desk.books.entries()] == [("tiny:1",), ("tiny:2",)]
    assert "huailai" not in desk.account().discounts


# --- receipts -----------------------------------------------------------------------------------------


def test_receipts_are_handed_out_from_where_one_has_read() -> None:
    """Twenty at once, oldest first."""
    desk = Desk()
    for number in range(25):
        desk.done(replace_order(TOLL, f"toll:huailai:su7:{number}", amount_minor=number + 1))
    first = desk.done(ListReceipts()).data
    assert ([one["n"] for one in first["receipts"]], first["through"]) == (list(range(1, 21)), 20)
    rest = desk.done(ListReceipts(after=20)).data
    assert ([one["n"] for one in rest["receipts"]], rest["through"]) == (list(range(21, 26)), 25)
    assert desk.done(ListReceipts(after=99)).data == {"receipts": [], "through": 99}


def test_receipts_are_for_who_paid_or_approved_and_for_the_owner() -> None:
    """Lin owns the account; Mei reads what she has paid and what she approved, a refund of it too."""
    desk = Desk()
    people: Any = {"lin": "owner", "mei": "member", "tao": "member"}
    desk.service = replace(desk.service, people=people)
    desk.done(replace_order(TOLL, "toll:huailai:su7:1"), "lin")
    desk.done(replace_order(TOLL, "toll:huailai:su7:2"), "mei")
    dear = replace_order(TOLL, "toll:huailai:su7:3", amount_minor=6_000)
    desk.done(ApprovePayment(**dear.model_dump()), "mei")
    desk.done(dear, "tao")
    desk.done(Refund(order="toll:huailai:su7:2", amount_minor=1), "lin")

    def read(by: str | None, after: int = 0) -> tuple[list[int], int]:
        data = desk.done(ListReceipts(after=after), by).data
        return [one["n"] for one in data["receipts"]], data["through"]

    assert read("lin") == ([1, 2, 3, 4], 4)
    assert read("mei") == ([2, 3, 4], 4)
    assert read("tao") == ([3], 4)
    assert read("tao", after=3) == read(None, after=3) == ([], 4)
    assert read(None) == ([], 4)


def test_money_is_written_with_two_decimals() -> None:
    """And a receipt is read as it was kept."""
    assert [money(minor) for minor in (1, 10, 3_500)] == ["0.01", "0.10", "35.00"]
    desk = Desk()
    desk.done(TOLL)
    entry = desk.books.entries()[0]
    receipt = Receipt.read(entry.memo, 1)
    assert receipt.memo() == entry.memo
    assert "n" not in entry.memo.split('"')[1::2][-1:]


def test_the_account_is_reported_anew_for_whom_a_report_was_lost() -> None:
    """From the start on, every five minutes."""
    desk = Desk()
    again = StartTimer("account", REPORT_EVERY_MS)
    assert desk.service.step(desk.now, Booted()) == (desk.service, (again,))
    assert desk.service.step(desk.now, TimerFired("account")) == (desk.service, (Report("account"), again))


def test_nothing_follows_from_what_does_not_concern_it() -> None:
    """A lost connection is no news; of no command at all the rules are told nothing."""
    desk = Desk()
    assert desk.service.step(desk.now, Linked(up=False)) == (desk.service, ())
    assert desk.told(None) == {}
    kept: Mapping[str, Any] = desk.service.kept()
    assert kept == {"pay": {"approvals": [], "reserved": []}}


@pytest.mark.parametrize(
    "amount", [0, -1, 10_000_001, 2**63, 1.0, 3.5, "35", True, None, float("nan"), float("inf")]
)
def test_an_amount_is_a_whole_number_within_bounds(amount: Any) -> None:
    """Not even a number that is written as text, or a truth that counts as one."""
    for command in (
        {"order": TOLL.order, "merchant": "huailai", "amount_minor": amount, "currency": "CNY"},
        {"order": TOLL.order, "amount_minor": amount},
    ):
        with pytest.raises(ValidationError):
            (Pay if "merchant" in command else Refund).model_validate(command, by_name=True)


def test_a_discount_that_ends_while_the_books_write_is_had_as_the_rules_have_weighed() -> None:
    """Or more would be charged than was permitted: what is above the cap wants an approval."""
    desk = Desk()
    desk.done(WINTER)
    before, discounted = desk.ask(TOLL), desk.ask(CHARGE)
    desk.at_ms = RESERVED_MS
    desk.write()
    desk.write()
    assert desk.answers[before].data["amount_minor"] == 3_500
    assert (desk.answers[discounted].data["amount_minor"], desk.spent_today()) == (3_200, 6_700)


def test_no_order_can_take_the_key_of_a_refund() -> None:
    """A merchant who calls an order like a refund of another one blocks nothing, and is paid once."""
    desk = Desk()
    desk.done(TOLL)
    for order in (f"refund:{TOLL.order}:1", f"refund:{TOLL.order}:2"):
        assert desk.done(replace_order(TOLL, order)).status == "done"
    back = Refund(order=TOLL.order, amount_minor=3_500)
    assert desk.done(back).data["receipt"] == "huailai gave back 35.00 CNY"
    assert desk.done(back).data["n"] == 4
    with pytest.raises(ValidationError):
        Pay(**{**TOLL.model_dump(), "order": f"REFUND:{TOLL.order}:1"})


def test_the_same_order_for_another_payer_is_charged_once() -> None:
    """Whoever sits down may pay what waits; it is taken once, and the first payer stands in the books."""
    desk = Desk()
    desk.done(TOLL, "lin")
    assert desk.done(TOLL, "mei").data["by"] == "lin"
    assert len(desk.books.entries()) == 1
    other = desk.done(TOLL.model_copy(update={"amount_minor": 1}), "mei")
    assert (other.status, other.data["code"]) == ("failed", "KEY_REUSED")
