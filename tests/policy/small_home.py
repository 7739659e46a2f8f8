"""A small household of small kinds, and the rules as they ship."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import sim.policy
from sim.core.device import Circumstances, Command, Config, Device, Effect, Moment, Presence, Stimulus
from sim.core.household import DeviceEntry, Household, Person
from sim.policy.decision import AccessRequest


class Steer(Command, group="RemoteDriving", tier="never"):
    """Turn the wheels."""


class Unlock(Command, near=True):
    """Unlock the doors."""


class OpenBoot(Command, near=True):
    """Open the boot."""


class Start(Command, near=True):
    """Make it ready to drive."""


class KeyHello(Command, group="KeyExchange", tier="anytime"):
    """Ask for a challenge."""


class OpenPairing(Command, group="KeyPairing"):
    """Show a code for pairing."""


class OfferKey(Command, group="KeySharing", tier="anytime"):
    """Share a key of the car."""


class Lock(Command, group="Secure", tier="anytime"):
    """Lock the doors."""


class Unplug(Command):
    """Let go of the charging cable: nothing permits it."""


class RefreshStatus(Command, group="CarApp", tier="anytime"):
    """Report everything now."""


class Heat(Command, group="HomeControl", tier="anytime"):
    """Heat the room."""


class Snapshot(Command, group="CameraView", tier="anytime"):
    """Take a picture."""


class SetConsent(Command, group="CameraConsent", tier="anytime"):
    """Say who may see the camera."""


class ShowCamera(Command, group=("Screen", "DriverDisplay"), tier="anytime"):
    """Show a picture."""


@dataclass(frozen=True, slots=True)
class CarCircumstances(Circumstances):
    """What the car adds: how far the key is, and whose it has proved to be."""

    distance_cm: int | None = None
    key_role: str | None = None
    asker_drives: bool = False


@dataclass(frozen=True, slots=True)
class CameraCircumstances(Circumstances):
    """What the camera adds: whether the asker has consent."""

    consented: bool = False


@dataclass(frozen=True, slots=True)
class DashboardCircumstances(Circumstances):
    """What the dashboard adds: where it would show."""

    display: str = "passenger"


@dataclass(frozen=True)
class Inert(Device):
    """A device that does nothing: rules only look at what it declares."""

    kind = "inert"

    @classmethod
    def new(cls, name: str, config: Config, given: Mapping[str, Any]) -> Self:  # noqa: ARG003  # the protocol
        """Return it."""
        return cls(name)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:  # noqa: ARG002  # the protocol
        """Do nothing."""
        return self, ()


@dataclass(frozen=True)
class Car(Inert):
    """A car."""

    kind = "car"
    Circumstances = CarCircumstances
    commands = (Steer, Unlock, OpenBoot, Start, Lock, Unplug, RefreshStatus, KeyHello, OpenPairing)


@dataclass(frozen=True)
class Climate(Inert):
    """A heater."""

    kind = "climate"
    commands = (Heat,)


@dataclass(frozen=True)
class Camera(Inert):
    """A camera."""

    kind = "camera"
    Circumstances = CameraCircumstances
    commands = (Snapshot, SetConsent)


@dataclass(frozen=True)
class Dashboard(Inert):
    """A dashboard."""

    kind = "dashboard"
    Circumstances = DashboardCircumstances
    commands = (ShowCamera,)


@dataclass(frozen=True)
class Phone(Inert):
    """A phone."""

    kind = "phone"
    commands = (OfferKey,)


@dataclass(frozen=True)
class Watch(Inert):
    """A watch."""

    kind = "watch"


@dataclass(frozen=True)
class Stranger(Inert):
    """Somebody else's device."""

    kind = "stranger"


KINDS: tuple[type[Device], ...] = (Car, Climate, Camera, Dashboard, Phone, Watch, Stranger)
CIRCUMSTANCES: dict[str, Circumstances] = {
    "su7": CarCircumstances(distance_cm=150, key_role="owner"),
    "camera": CameraCircumstances(consented=True),
    "dash": DashboardCircumstances(),
}
RULES = Path(sim.policy.__file__).parent / "rules"
SUBJECTS = (
    "app.cedar",
    "cameras.cedar",
    "deliveries.cedar",
    "digital_key.cedar",
    "guests_and_children.cedar",
    "home.cedar",
    "motion.cedar",
    "remote_motion.cedar",
    "screens.cedar",
    "trust.cedar",
    "voice.cedar",
)


def shipped_rules() -> list[tuple[str, str]]:
    """Return the rule files that are about the kinds below; others are tested with theirs."""
    return [(name, (RULES / name).read_text(encoding="utf-8")) for name in SUBJECTS]


def household() -> Household:
    """Return Lin, Mei, Tao and Jun with their devices, and a stranger's."""
    entries = [
        DeviceEntry("su7", "car", Config(owner="lin")),
        DeviceEntry("heater", "climate", Config()),
        DeviceEntry("camera", "camera", Config()),
        DeviceEntry("dash", "dashboard", Config()),
        DeviceEntry("phone", "phone", Config(owner="lin")),
        DeviceEntry("watch", "watch", Config(owner="lin")),
        DeviceEntry("mallory", "stranger", Config(), enrolled=False),
    ]
    people = {
        "lin": Person(role="owner"),
        "mei": Person(role="member"),
        "tao": Person(role="child"),
        "jun": Person(role="guest"),
    }
    return Household("wang", people, {}, {entry.name: entry for entry in entries})


def asked(action: str, resource: str = "su7", **but: Any) -> AccessRequest:
    """Return Lin's request with her phone in hand, a key 1.5 m from the parked car, except for `but`."""
    usual: dict[str, Any] = {
        "principal": "lin",
        "authenticated": True,
        "sender": "phone",
        "circumstances": CIRCUMSTANCES.get(resource, Circumstances()),
        "presence": Presence(worn=True),
        "expires_in_ms": 30_000,
    }
    return AccessRequest(action=action, resource=resource, **{**usual, **but})
