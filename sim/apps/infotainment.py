"""What the screens inside a car have in common: the dashboard, and a tablet that can be in a holder.

Whoever is in the car sees them, so the rules are told who drives, whether others look, and what of a thing is
private; and the same apps run on them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sim.apps.clipboard import Clipboard
from sim.apps.displays import ENTITLEMENTS, Entitlement
from sim.apps.entitlements.terms import ENTITLED
from sim.apps.files import Files
from sim.apps.media import MusicPlayer
from sim.apps.screens.appointments import AppointmentBoard
from sim.apps.screens.notices import NoticeBoard
from sim.core import device as core
from sim.core.device import Moment
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
        safety_relevant: whether driving relies on a feature that is granted or withdrawn.
        passenger_present: whether anybody but the driver is in the car whose screen it is.
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
    safety_relevant: bool | None = None
    passenger_present: bool | None = None


APPS: Mapping[str, type[Part]] = {
    "clipboard": Clipboard,
    "notices": NoticeBoard,
    "player": MusicPlayer,
    "files": Files,
    "calendar": AppointmentBoard,
}
"""Name of each app to its part, as in `made_of`."""


def entitled_in(car: str, at: Moment, over_ms: int = 0) -> Entitlement:
    """Return how films stand on the screens of a car: by what the car says of its own leases.

    What it said last holds no longer than the lease it was said of, also when the car is not heard any more.

    Args:
        car: whose leases count.
        at: what was heard, and how late it is.
        over_ms: the latest end that has passed already, whatever the clock says; milliseconds since 1970.
    """
    told = at.beliefs.raw(car, "entertainment")
    standing: Entitlement = told[0] if told is not None and told[0] in ENTITLEMENTS else "absent"
    if standing in ENTITLED and max(at.now_ms, over_ms) >= (ends_in(car, at) or 0):
        return "expired"
    return standing


def ends_in(car: str, at: Moment) -> int | None:
    """Return when the lease for films ends that a car has told of; None when it has told of none."""
    told = at.beliefs.raw(car, "entertainment_until_ms")
    return told[0] if told is not None and isinstance(told[0], int) else None
