"""Messages on a screen: who wrote, what where it may be read, and nothing of it in a record."""

from dataclasses import replace

from sim.apps.notifications import Notice, Shown
from sim.apps.screens.notices import NoticeBoard
from sim.apps.screens.surface import ShowsCards
from tests.senses import FakeSenses, moment

AT = moment(FakeSenses())
FROM_MEI = Notice(1, "chat", "Mei", "the door code is 1234")
FROM_TAO = Notice(2, "chat", "Tao", None)
BOARD = NoticeBoard(
    shown=(
        Shown("phone", FROM_MEI, "driver", "full"),
        Shown("phone", FROM_TAO, "driver", "full"),
        Shown("phone", FROM_MEI, "passenger", "sender"),
    ),
    moves=False,
)


def lines(board: NoticeBoard, display: str) -> list[str]:
    """Return what stands on the one card of a display."""
    (card,) = board.cards(AT, display)  # type: ignore[arg-type]  # a word of the table
    assert all(line.private for line in card.lines)
    return [line.text for line in card.lines]


def test_messages_are_a_card_with_the_latest_first() -> None:
    """As much of each as may be shown there."""
    assert lines(BOARD, "driver") == ["Tao", "Mei: the door code is 1234"]
    assert lines(BOARD, "passenger") == ["Mei"]
    assert isinstance(BOARD, ShowsCards)


def test_a_driver_on_the_move_reads_who_wrote() -> None:
    """And the passenger what was meant to be read there."""
    assert lines(replace(BOARD, moves=True), "driver") == ["Tao", "Mei"]


def test_without_messages_there_is_no_card() -> None:
    """An empty card would be in the way."""
    assert NoticeBoard().cards(AT, "driver") == ()
    assert BOARD.cards(AT, "tablet") == ()
