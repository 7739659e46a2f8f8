"""What the screens inside a car have in common: the dashboard, and a tablet that can be in a holder.

Whoever is in the car sees them, so the rules are told who drives, whether others look, and what of a thing is
private; and the same apps run on them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sim.apps.clipboard import Clipboard
from sim.apps.files import Files
from sim.apps.media import MusicPlayer
from sim.apps.screens.appointments import AppointmentBoard
from sim.apps.screens.notices import NoticeBoard
from sim.core import device as core
from sim.core.parts import Part


@dataclass(frozen=True, slots=True)
class Circumstances(core.Circumstances):
    """On which display something is to be shown, and what the apps know of what is asked.

    Attributes:
        display: class of the display: `driver`, `passenger` or `tablet`; a tablet is `driver` in the hands of
            somebody who drives.
        entitlement: what has become of the subscription to films.
        detail: how much of a notification is shown, `sender` or `full`.
        guest_drives: whether whoever sits at the wheel is not of the grown-up household; None if nobody does,
            or the display is in no car.
        secret: whether what is to be pasted is marked as a secret.
        encrypted: whether nobody between could read it.
        size_bytes: how large a file is.
        private: whether the title of an appointment is for its owner only; None when nobody knows.
        shared_screen: whether others see the screen.
    """

    display: str | None = None
    entitlement: str | None = None
    detail: str | None = None
    guest_drives: bool | None = None
    secret: bool | None = None
    encrypted: bool | None = None
    size_bytes: int | None = None
    private: bool | None = None
    shared_screen: bool | None = None


APPS: Mapping[str, type[Part]] = {
    "clipboard": Clipboard,
    "notices": NoticeBoard,
    "player": MusicPlayer,
    "files": Files,
    "calendar": AppointmentBoard,
}
"""Name of each app to its part, as in `made_of`."""
