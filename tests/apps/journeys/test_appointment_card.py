"""The next appointment on a screen: a card whose title others neither see nor hear of."""

from types import SimpleNamespace
from typing import Any

import pytest

from sim.apps.journeys.appointment_card import CalendarCard, CalendarScreen, ShowCalendar
from sim.core.device import (
    Answer,
    Asked,
    Booted,
    Command,
    Learned,
    Moment,
    Presence,
    Provision,
    Sensed,
    Settle,
)
from sim.trust.derivation import box_key
from sim.trust.letters import Letters
from tests.senses import FakeSenses, commanded, moment

SEEDS = {name: name.encode().ljust(32, b"\0") for name in ("dash", "phone")}
BOXES = {name: box_key(seed).public_key().public_bytes_raw() for name, seed in SEEDS.items()}
PEOPLE: Any = {"lin": "owner", "jun": "guest"}


def provision(name: str) -> Provision:
    """Return what a device is given."""
    return Provision(SEEDS[name], 1, 0, people=PEOPLE, boxes=BOXES)


def screen(owner: str | None = None, car: str | None = "su7", driver: str | None = "lin") -> CalendarScreen:
    """Return the screen of a car, or of somebody's phone, after its start."""
    config = SimpleNamespace(owner=owner, car=car)
    made = CalendarScreen.new("dash", config, {}).provisioned(provision("dash"))
    return made.step(sits(driver), Booted())[0]


def sits(driver: str | None) -> Moment:
    """Return a moment with somebody at the wheel."""
    return moment(FakeSenses(holder=driver))


def sealed(title: str, ticket: str = "t1") -> dict[str, Any]:
    """Return a letter of the phone with a title."""
    letters = Letters.made("phone", "calendar", provision("phone"))
    return letters.seal("dash", ticket, f'{{"title":"{title}"}}'.encode())[1]


def shown(
    app: CalendarScreen, wish: ShowCalendar, driver: str | None = "lin"
) -> tuple[CalendarScreen, Answer]:
    """Return the screen after a card has come, and what it answered."""
    after, (settled,) = app.step(sits(driver), commanded(wish))
    assert isinstance(settled, Settle)
    return after, settled.answer


def card(app: CalendarScreen) -> tuple[str, str | None, str | None]:
    """Return what the screen reports."""
    (report,) = app.report()
    assert isinstance(report, CalendarCard)
    return report.card, report.card_from, report.card_leave_by


TITLED = ShowCalendar(letter=sealed("Review"), private=False, leave_by="2026-01-12 08:27")
BUSY = ShowCalendar(leave_by="2026-01-12 08:27")


def test_a_card_without_a_title_shows_that_somebody_is_busy() -> None:
    """And when to leave."""
    after, answer = shown(screen(), BUSY)

    assert (answer.status, answer.reason) == ("done", "")
    assert card(after) == ("busy", "phone", "2026-01-12 08:27")
    assert card(screen()) == ("none", None, None)


def test_a_title_is_shown_and_is_in_no_report() -> None:
    """Nor in a repr."""
    after, answer = shown(screen(), TITLED)

    assert answer.status == "done"
    assert (after.title, card(after)[0]) == ("Review", "title")
    assert "Review" not in repr(after) + repr(after.report())


@pytest.mark.parametrize("driver", [None, "jun"])
def test_where_nobody_of_the_household_sits_the_title_is_left_out(driver: str | None) -> None:
    """The sender is told; who leaves takes the title along."""
    after, answer = shown(screen(driver=driver), TITLED, driver)
    assert (card(after)[0], after.title) == ("busy", "")
    assert answer.reason == "without its title: nobody of the household sits before this screen"

    titled, _ = shown(screen(), TITLED)
    left, effects = titled.step(sits(driver), Sensed())
    assert (card(left)[0], left.title, effects) == ("busy", "", ())
    assert titled.step(sits("lin"), Sensed())[0].title == "Review"


def test_only_who_put_a_card_there_takes_it_away() -> None:
    """Another phone's is left alone."""
    busy, _ = shown(screen(), BUSY)
    gone, answer = shown(busy, ShowCalendar())
    assert (card(gone)[0], answer.status) == ("none", "done")
    again, answer = shown(gone, ShowCalendar())
    assert (again, answer.reason) == (gone, "there is no such card")


def test_a_letter_that_was_tampered_with_shows_nothing() -> None:
    """And is answered with why."""
    forged = {**sealed("Review"), "count": 7}
    after, answer = shown(screen(), TITLED.model_copy(update={"letter": forged}))

    assert answer.status == "failed"
    assert answer.reason.startswith("the title cannot be read: ")
    assert card(after)[0] == "none"


@pytest.mark.parametrize(
    ("wish", "private"),
    [
        (BUSY, False),
        (TITLED, False),
        (TITLED.model_copy(update={"private": True}), True),
        (TITLED.model_copy(update={"private": None}), None),
    ],
)
def test_the_rules_are_told_whether_a_private_title_comes(wish: ShowCalendar, private: bool | None) -> None:  # noqa: FBT001  # a table
    """Nobody's word counts as not known; what has no title has no private one."""
    told = screen().told(sits("lin"), asked(wish))
    assert told == {"private": private, "shared_screen": True}


def asked(command: Command | None, by: str | None = "lin") -> Asked:
    """Return a command on its way through the rules."""
    return Asked("show_calendar", command, "phone", by, Presence())


def test_a_phone_is_shared_with_whoever_else_asks() -> None:
    """Its owner's own screen is not; of arguments that do not fit nothing is known."""
    phone = screen(owner="lin", car=None)

    assert phone.told(sits("lin"), asked(TITLED))["shared_screen"] is False
    assert phone.told(sits("lin"), asked(TITLED, by="mei"))["shared_screen"] is True
    assert phone.told(sits("lin"), asked(None)) == {"private": None, "shared_screen": None}


def test_what_others_say_changes_no_card() -> None:
    """Nor does the time."""
    busy, _ = shown(screen(), BUSY)
    assert busy.step(sits("lin"), Learned("su7")) == (busy, ())
