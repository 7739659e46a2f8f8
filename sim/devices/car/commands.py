"""What a car can be asked, and the seven things it is asked in vain.

What opens the car carries the answer to its challenge; what closes it, a message for its own clock and
with a counter (see `sim.trust.digital_key`). The seven carry nothing, for nothing could permit them.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from sim.core.device import Carries, Command, Listed
from sim.core.roads import TimeOfDay
from sim.core.units import Celsius, Percent

Envelope = dict[str, Any]
"""A signed message of the digital key, as JSON; who signed it is checked before it is parsed."""


ChargeLimit = Annotated[Percent, Field(ge=50, le=100)]
"""How full a battery may be charged; below half full no car lets one set it (assumption)."""
CabinTarget = Annotated[Celsius, Field(ge=16, le=30)]


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


class StartCharging(RemoteCommand, group=("CarApp", "Charging")):
    """Charge now, up to the limit; a schedule is forgotten."""


class StopCharging(RemoteCommand, group=("CarApp", "Charging"), tier="anytime"):
    """Charge no more, neither now nor by schedule."""


class SetChargeLimit(RemoteCommand, group=("CarApp", "Charging"), tier="anytime"):
    """Say how full the battery is charged."""

    limit_percent: ChargeLimit


class ScheduleCharging(RemoteCommand, group=("CarApp", "Charging"), tier="anytime"):
    """Charge in the cheapest hours before a time of the day, when the battery is to be at its limit."""

    ready_by_ms: TimeOfDay
    limit_percent: ChargeLimit | None = None


class Unplug(NearCommand, group="NearAccess", near=True):
    """Stop charging and let go of the cable, so that it can be pulled out."""


class Precondition(RemoteCommand, group=("CarApp", "Preconditioning"), tier="anytime"):
    """Heat or cool the empty cabin: now, or so that it is as wanted at a time of the day."""

    target_c: CabinTarget
    ready_by_ms: TimeOfDay | None = None


class StopPreconditioning(RemoteCommand, group="CarApp", tier="anytime"):
    """Heat or cool the empty cabin no more, neither now nor later."""


class SetCabin(Command, group="Cabin", tier="anytime"):
    """Switch the climate of the cabin on or off, set its target, or both, from within."""

    climate: Literal["on", "off"] = "on"
    target_c: CabinTarget | None = None


class MoveSeat(Command, group="Cabin"):
    """Move a front seat, from 0 % at the wheel to 100 %, or heat it in levels from 0 to 3, or both."""

    seat: Literal["driver", "passenger"]
    position_percent: Annotated[Percent, Field(ge=0, le=100)] | None = None
    heating: int | None = Field(default=None, ge=0, le=3)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.position_percent is None and self.heating is None:
            msg = "nothing is said of the seat: write `position`, `heating` or both"
            raise ValueError(msg)
        return self


class SetDestination(RemoteCommand, group=("CarApp", "Navigation"), tier="anytime"):
    """Plan the way to a place, with the stops at chargers that it needs; whoever drives follows it or not."""

    to: Annotated[str, Carries("location"), Listed(places=True)] = Field(min_length=1, max_length=64)


class ClearDestination(RemoteCommand, group=("CarApp", "Navigation"), tier="anytime"):
    """Show no way any more."""


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


class EngageLaneKeeping(Command, group="DriverAssistance", tier="never"):
    """Engage lane keeping by a message: always refused, it is engaged at the wheel."""


class EngageAdaptiveCruise(Command, group="DriverAssistance", tier="never"):
    """Engage cruise control by a message: always refused."""


class SetCruiseSpeed(Command, group="DriverAssistance", tier="never"):
    """Set the speed of cruise control by a message: always refused."""


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

DRIVER_ASSISTANCE: tuple[type[Command], ...] = (EngageLaneKeeping, EngageAdaptiveCruise, SetCruiseSpeed)
"""Row M19; likewise: what engages it is a hand at the wheel."""

NEAR: tuple[type[NearCommand], ...] = (Unlock, Start, OpenBoot, OpenWindows, Unplug)
"""What opens the car: the key must be beside it."""

REMOTE: tuple[type[RemoteCommand], ...] = (
    Lock,
    CloseWindows,
    Refresh,
    StartCharging,
    StopCharging,
    SetChargeLimit,
    ScheduleCharging,
    Precondition,
    StopPreconditioning,
    SetDestination,
    ClearDestination,
)
"""What closes the car, looks at it or prepares it: from wherever the key is."""

COMMANDS: tuple[type[Command], ...] = (
    Unlock,
    Lock,
    OpenBoot,
    OpenWindows,
    CloseWindows,
    Start,
    Refresh,
    StartCharging,
    StopCharging,
    SetChargeLimit,
    ScheduleCharging,
    Unplug,
    Precondition,
    StopPreconditioning,
    SetCabin,
    MoveSeat,
    SetDestination,
    ClearDestination,
    KeyHello,
    KeySession,
    KeyPair,
    KeyRevoke,
    OpenPairing,
    *REMOTE_DRIVING,
    *DRIVER_ASSISTANCE,
)
