"""What a car can be asked, and the seven things it is asked in vain.

What opens the car carries the answer to its challenge; what closes it, a message for its own clock and
with a counter (see `sim.trust.digital_key`). The seven carry nothing, for nothing could permit them.
"""

from typing import Any

from pydantic import Field

from sim.core.device import Command

Envelope = dict[str, Any]
"""A signed message of the digital key, as JSON; who signed it is checked before it is parsed."""


class KeyHello(Command, group="KeyExchange", tier="anytime"):
    """Ask the car for a challenge, or show it a key that its owner has shared."""

    hello: Envelope
    grant: Envelope | None = None


class KeySession(Command, group="KeyExchange", tier="anytime"):
    """Ask the car for its clock and the last counter it saw."""

    request: Envelope


class KeyPair(Command, group="KeyEnrolment"):
    """Become a key of the car, by the code on its screen."""

    pair: Envelope


class KeyRevoke(Command, group="KeyExchange", tier="anytime"):
    """Take a key's rights away for good; only an owner's key may."""

    revoke: Envelope


class OpenPairing(Command, group="KeyPairing"):
    """Show a code for pairing on the car's screen, for two minutes."""


class NearCommand(Command):
    """What opens the car: with the key's answer to a challenge.

    A command without one is refused, with the rule that says so.
    """

    proof: Envelope | None = Field(default=None, repr=False)


class RemoteCommand(Command):
    """What closes the car or looks at it: with a key's word, or from what is built into it."""

    proof: Envelope | None = Field(default=None, repr=False)


class Unlock(NearCommand, group="NearAccess", near=True):
    """Unlock the doors; only somebody near, and only while the car stands."""


class Start(NearCommand, group="NearAccess", near=True):
    """Make the car ready to drive: with the key inside. Driving it is a person's act, never a message."""


class Lock(RemoteCommand, group="Secure", tier="anytime"):
    """Lock the doors; from anywhere, at any time."""


class OpenBoot(NearCommand, group="NearAccess", near=True):
    """Unlatch the boot."""


class OpenWindows(NearCommand, group="NearAccess", near=True):
    """Lower all windows."""


class CloseWindows(RemoteCommand, group="Secure", tier="anytime"):
    """Raise all windows."""


class Refresh(RemoteCommand, group="CarApp", tier="anytime"):
    """Wake up and measure everything anew."""


class Steer(Command, group="RemoteDriving", tier="never"):
    """Turn the wheels from afar: always refused, nothing in the car could do it."""


class Accelerate(Command, group="RemoteDriving", tier="never"):
    """Go faster from afar: always refused."""


class Brake(Command, group="RemoteDriving", tier="never"):
    """Brake from afar: always refused."""


class Shift(Command, group="RemoteDriving", tier="never"):
    """Change gear from afar: always refused."""


class ReleaseParkingBrake(Command, group="RemoteDriving", tier="never"):
    """Release the parking brake from afar: always refused."""


class Summon(Command, group="RemoteDriving", tier="never"):
    """Call the car to come by itself: always refused."""


class ParkRemotely(Command, group="RemoteDriving", tier="never"):
    """Park with nobody at the wheel: always refused."""


REMOTE_DRIVING: tuple[type[Command], ...] = (
    Steer,
    Accelerate,
    Brake,
    Shift,
    ReleaseParkingBrake,
    Summon,
    ParkRemotely,
)
"""Row M34; they exist as names so that rules and scenarios can speak of refusing them."""

NEAR: tuple[type[NearCommand], ...] = (Unlock, Start, OpenBoot, OpenWindows)
"""What opens the car: the key must be beside it."""

REMOTE: tuple[type[RemoteCommand], ...] = (Lock, CloseWindows, Refresh)
"""What closes the car or looks at it: from wherever the key is."""

COMMANDS: tuple[type[Command], ...] = (
    Unlock,
    Lock,
    OpenBoot,
    OpenWindows,
    CloseWindows,
    Start,
    Refresh,
    KeyHello,
    KeySession,
    KeyPair,
    KeyRevoke,
    OpenPairing,
    *REMOTE_DRIVING,
)
