"""The next appointment on a screen: when to leave for all, the title for those who may read it."""

from dataclasses import replace

from sim.apps.screens.appointments import AppointmentBoard
from sim.apps.screens.surface import ShowsCards
from tests.senses import FakeSenses, moment

AT = moment(FakeSenses())
BOARD = AppointmentBoard(leave_by="09:12", title="dentist", card_from="phone")


def test_an_appointment_is_a_card_with_its_time_first() -> None:
    """The title is for those before the screen, and never before a driver."""
    (card,) = BOARD.cards(AT, "passenger")
    (before_the_driver,) = BOARD.cards(AT, "driver")

    assert [(line.text, line.private) for line in card.lines] == [
        ("leave by 09:12", False),
        ("dentist", True),
    ]
    assert [line.text for line in before_the_driver.lines] == ["leave by 09:12"]
    assert isinstance(BOARD, ShowsCards)


def test_a_busy_person_has_a_card_without_a_title() -> None:
    """And who has no appointment has none."""
    (busy,) = replace(BOARD, title="").cards(AT, "tablet")

    assert [line.text for line in busy.lines] == ["leave by 09:12"]
    assert AppointmentBoard().cards(AT, "tablet") == ()
