"""Acts that send one command: the buttons that a phone, a watch and a dashboard have in common."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from sim.core.device import COMMAND_TTL_MS, Act, Listed, Refers, Request
from sim.core.roads import TimeOfDay
from sim.core.units import Celsius, Milliseconds, Percent

KEYED: Mapping[str, Literal["near", "remote"]] = {
    "unlock": "near",
    "open_boot": "near",
    "open_windows": "near",
    "start": "near",
    "unplug": "near",
    "lock": "remote",
    "close_windows": "remote",
    "refresh": "remote",
    "start_charging": "remote",
    "stop_charging": "remote",
    "set_charge_limit": "remote",
    "schedule_charging": "remote",
    "precondition": "remote",
    "stop_preconditioning": "remote",
    "set_destination": "remote",
    "clear_destination": "remote",
}
"""What a car does for its keys: what opens it wants the key beside it, what closes it does not."""


class Ask(Act):
    """A button that sends one command, and follows it."""

    expires_in_ms: Milliseconds = Field(default=COMMAND_TTL_MS, ge=0, le=3_600_000)
    """How long the command may be carried out; at most an hour."""

    @abstractmethod
    def target(self) -> str:
        """Return the device that is asked."""

    @abstractmethod
    def action(self) -> str:
        """Return what it is asked."""

    def arguments(self) -> Mapping[str, Any]:
        """Return the command's arguments as they go on the wire."""
        return {}

    def request(self, ticket: str, by: str | None) -> Request:
        """Return the command as an effect; the act's ticket follows it."""
        return Request(
            ticket=ticket,
            target=self.target(),
            action=self.action(),
            arguments=self.arguments(),
            by=by,
            expires_in_ms=self.expires_in_ms,
        )


class _AskCar(Ask):
    car: Annotated[str, Refers("device", "car")]

    def target(self) -> str:
        """Return the car."""
        return self.car

    def action(self) -> str:
        """Return the verb: the button is named after what it asks."""
        return self.verb


class UnlockCar(_AskCar, verb="unlock"):
    """Ask a car to unlock its doors."""


class LockCar(_AskCar, verb="lock"):
    """Ask a car to lock its doors."""


class OpenBoot(_AskCar, verb="open_boot"):
    """Ask a car to open its boot."""


class StartCar(_AskCar, verb="start"):
    """Make a car ready to drive; a person still has to sit at its wheel."""


class OpenWindows(_AskCar, verb="open_windows"):
    """Ask a car to open its windows."""


class CloseWindows(_AskCar, verb="close_windows"):
    """Ask a car to close its windows."""


class RefreshCar(_AskCar, verb="refresh"):
    """Ask a car to wake up and say how it is."""


class StartCharging(_AskCar):
    """Ask a car to charge now."""


class StopCharging(_AskCar):
    """Ask a car to charge no more."""


class _SettleCar(_AskCar):
    """A button that says how something is to be; the command has the same arguments."""

    def arguments(self) -> Mapping[str, Any]:
        """Return what was said, and nothing else."""
        return self.model_dump(exclude={"car", "expires_in_ms"}, exclude_none=True)


class SetChargeLimit(_SettleCar):
    """Say how full a car is charged."""

    limit_percent: Percent = Field(ge=50, le=100)


class ScheduleCharging(_SettleCar):
    """Ask a car to charge in the cheapest hours before a time of the day."""

    ready_by_ms: TimeOfDay
    limit_percent: Percent | None = Field(default=None, ge=50, le=100)


class UnplugCar(_AskCar, verb="unplug"):
    """Ask a car to let go of the charging cable."""


class Precondition(_SettleCar):
    """Ask a car to heat or cool its empty cabin, now or for a time of the day."""

    target_c: Celsius = Field(ge=16, le=30)
    ready_by_ms: TimeOfDay | None = None


class StopPreconditioning(_AskCar):
    """Ask a car to heat or cool its empty cabin no more."""


class SetCabin(_SettleCar):
    """Switch the climate of the cabin on or off, set its target, or both."""

    climate: Literal["on", "off"] = "on"
    target_c: Celsius | None = Field(default=None, ge=16, le=30)


class MoveSeat(_SettleCar):
    """Move a front seat, or heat it."""

    seat: Literal["driver", "passenger"] = "driver"
    position_percent: Percent | None = Field(default=None, ge=0, le=100)
    heating: int | None = Field(default=None, ge=0, le=3)


class SendDestination(_AskCar):
    """Send a car the name of a place to drive to, as people say it."""

    place: Annotated[str, Listed(places=True)] = Field(min_length=1, max_length=64)

    def action(self) -> str:
        """Return the command's name."""
        return "set_destination"

    def arguments(self) -> Mapping[str, Any]:
        """Return the place."""
        return {"to": self.place}


class ClearDestination(_AskCar):
    """Let a car show no way any more."""


class RequestAction(Ask, verb="request"):
    """Ask a car for any action by its name, also for one that is always refused."""

    car: Annotated[str, Refers("device", "car")]
    name: str = Field(alias="action", pattern=r"^[a-z][a-z0-9_]{0,31}$")

    def target(self) -> str:
        """Return the car."""
        return self.car

    def action(self) -> str:
        """Return the name that was asked for."""
        return self.name


class AskDevice(Ask, verb="ask"):
    """Ask any device for any action it has; the scenario's reader holds the arguments against the action."""

    device: Annotated[str, Refers("device")]
    name: str = Field(alias="action")
    values: dict[str, Any] = Field(default_factory=dict, alias="arguments")

    def target(self) -> str:
        """Return the device."""
        return self.device

    def action(self) -> str:
        """Return the action's name."""
        return self.name

    def arguments(self) -> Mapping[str, Any]:
        """Return the arguments, already as they go on the wire."""
        return self.values


class SetClimate(Ask):
    """Ask a climate unit for a mode, a target temperature, or both."""

    device: Annotated[str, Refers("device", "climate")]
    mode: Literal["off", "heat", "cool"] | None = None
    target_c: Celsius | None = Field(default=None, ge=16, le=30)

    def target(self) -> str:
        """Return the climate unit."""
        return self.device

    def action(self) -> str:
        """Return the command's name."""
        return "set_climate"

    def arguments(self) -> Mapping[str, Any]:
        """Return mode and target, as far as they are given."""
        return self.model_dump(include={"mode", "target_c"}, exclude_none=True)


class SetConsent(Ask):
    """Let a person see a camera, or no longer."""

    camera: Annotated[str, Refers("device", "camera")]
    person: Annotated[str, Refers("person")]
    granted: bool

    def target(self) -> str:
        """Return the camera."""
        return self.camera

    def action(self) -> str:
        """Return the command's name."""
        return "set_consent"

    def arguments(self) -> Mapping[str, Any]:
        """Return whose consent it is about."""
        return {"person": self.person, "granted": self.granted}
