"""The next appointment as a card: when to leave, and its title where somebody may read it.

A title is for those before the screen: in whatever is recorded it is masked, and before a driver there is
none.
"""

from sim.apps.journeys.appointment_card import CalendarScreen
from sim.apps.screens.model import Card, Display, Line
from sim.core.device import Moment


class AppointmentBoard(CalendarScreen):
    """The card of the next appointment, drawn on a screen."""

    def cards(self, at: Moment, display: Display) -> tuple[Card, ...]:  # the protocol
        """Return the card; none when no phone has sent one."""
        if self.leave_by is None:
            return ()
        title = (Line(self.title, private=True),) if self.title and display != "driver" else ()
        lines = (Line(f"leave by {self.leave_by}"), *title)
        return (Card("calendar", "calendar", "next appointment", lines),)
