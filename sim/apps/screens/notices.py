"""Notifications as a card: who wrote, and what as far as that display may show it.

What is on the card is for those before the display; in whatever is recorded it is masked.
"""

from sim.apps.notifications import NotificationScreen
from sim.apps.screens.model import Card, Display, Line, Value
from sim.core.device import Moment


class NoticeBoard(NotificationScreen):
    """Notifications that are drawn on a screen."""

    def cards(self, at: Moment, display: Display) -> tuple[Card, ...]:  # the protocol
        """Return the card of the messages on one display, the latest first; none when there are none."""
        here = [one for one in reversed(self.shown) if one.display == display]
        if not here:
            return ()
        lines = tuple(
            Line(
                one.notice.sender
                if self.detail_of(one) == "sender" or not one.notice.body
                else f"{one.notice.sender}: {one.notice.body}",
                private=True,
            )
            for one in here
        )
        values = (Value("notices", float(len(here))),)
        return (Card("notices", "notifications", "messages", lines, values, actions=("dismiss",)),)
