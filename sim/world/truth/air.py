"""What passes through the air of a place: ranging radios, calls for a key, codes on screens.

It belongs to the truth. A radio answers ranging rounds that are keyed by a session's key, and how far
away it is then follows from where it is; neither can be stated by a message.
"""

from dataclasses import dataclass, field

CALL_REACH_M = 10.0
"""How far a car's call for a key carries, in metres (assumption: Bluetooth LE indoors)."""


@dataclass(frozen=True, slots=True)
class Call:
    """A car's call that reaches one key, in reach or through a relay."""

    car: str
    key: str
    action: str


@dataclass(slots=True)
class Air:
    """See the module.

    Attributes:
        answering: public id of a session's key to the device whose radio answers for it.
        shown: device to the code on its screen.
        calls: calls that no key has heard yet; the stage empties it.
        shortened: cars at which one ranging round of each three is shortened to nothing.
    """

    answering: dict[bytes, str] = field(default_factory=dict)
    shown: dict[str, object] = field(default_factory=dict, repr=False)
    calls: list[Call] = field(default_factory=list)
    shortened: set[str] = field(default_factory=set)

    def answer(self, session: bytes, device: str) -> None:
        """Let a device answer the rounds of a session; it answers one session at a time."""
        self.silence(device)
        self.answering[session] = device

    def silence(self, device: str) -> None:
        """Let a device answer no rounds any more."""
        for session in [session for session, one in self.answering.items() if one == device]:
            del self.answering[session]

    def show(self, device: str, code: object | None) -> None:
        """Put a code on a device's screen, or take it away."""
        if code is None:
            self.shown.pop(device, None)
        else:
            self.shown[device] = code
