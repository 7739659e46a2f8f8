"""What a car can be asked, and the seven things it is asked in vain."""

from sim.core.device import Command


class Unlock(Command, group="NearAccess", near=True):
    """Unlock the doors; only somebody near, and only while the car stands."""


class Lock(Command, group="Secure", tier="anytime"):
    """Lock the doors; from anywhere, at any time."""


class OpenBoot(Command, group="NearAccess", near=True):
    """Unlatch the boot."""


class OpenWindows(Command, group="NearAccess", near=True):
    """Lower all windows."""


class CloseWindows(Command, group="Secure", tier="anytime"):
    """Raise all windows."""


class Refresh(Command, group="CarApp", tier="anytime"):
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

COMMANDS: tuple[type[Command], ...] = (
    Unlock,
    Lock,
    OpenBoot,
    OpenWindows,
    CloseWindows,
    Refresh,
    *REMOTE_DRIVING,
)
