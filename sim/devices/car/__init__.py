"""A car: controllers on an internal bus, of which only the gateway is on the network.

    commands    what the car can be asked, and what it always refuses
    gateway     awake for ever: wakes the others, hands commands on, watches their expiry
    keys        whom the car opens to: challenges, ranging, shared and revoked keys
    body        locks, boot and windows, each in three layers: asked, believed, real

The motion of the car is no controller's output: nothing in this folder can change its speed, gear or
steering. It is sensed, like the weather.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from sim.core import device as core
from sim.core.device import (
    Answer,
    Asked,
    Booted,
    Commanded,
    Crashed,
    Effect,
    Moment,
    PersonOrNobody,
    Provision,
    Report,
    Sensed,
    Settle,
    ShowCode,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.units import Degrees, KilowattHours, Kmh, KwhPer100Km, Metres, Percent
from sim.devices.car.body import Body, Part
from sim.devices.car.commands import COMMANDS
from sim.devices.car.gateway import Gateway
from sim.devices.car.keys import KEY_TALK, Keys
from sim.physics.car_energy import range_km
from sim.trust.digital_key import Authorised, Refused

TELEMETRY_EVERY_MS = 30_000
"""How often an awake car measures its battery (assumption)."""
LOCATION_EVERY_MS = 10_000
"""How often a car that moves says where it is (assumption; what fleet trackers usually do)."""

PARTS: dict[str, Part] = {
    "bolt motor": "bolt",
    "boot motor": "boot",
    "windows motor": "windows",
    "starter motor": "starter",
}
"""Which part a motor's timer is about."""

Opening = Literal["open", "closed"]
Gear = Literal["P", "R", "N", "D"]


class Doors(core.Facet):
    """Locks and openings as the body controller believes them."""

    locked: bool | None
    asked: Literal["locked", "unlocked"] | None
    boot: Opening | None
    windows: Opening | None


class Drive(core.Facet):
    """Whether it would drive off if somebody at its wheel pressed the pedal."""

    drive_ready: bool | None


class Motion(core.Facet):
    """How the car moves, as it senses it; what a sensor does not say is null."""

    gear: Gear | None
    speed_kmh: Kmh | None
    moving: bool


class Location(core.Facet, when_offline="last"):
    """Where it is, to five decimals of a degree: about a metre."""

    latitude_deg: Degrees
    longitude_deg: Degrees


UNSENSED = Motion(gear=None, speed_kmh=None, moving=True)
"""What a car says of its motion before it has looked: nothing, so it counts as moving."""


class Sleep(core.Facet, when_offline="last"):
    """Whether all but the gateway sleep."""

    asleep: bool


class Battery(core.Facet, when_offline="last"):
    """What is left; readers keep the last value and show its age."""

    battery_percent: Percent
    range_m: Metres


@dataclass(frozen=True)
class Car(core.Device):
    """One car.

    Attributes:
        gateway: its gateway controller.
        keys: the digital keys that the gateway knows.
        flash: what its keys' memory held when it started.
        body: its body controller.
        motion: what it senses of its motion.
        battery: what it last measured of its battery; None before it has.
        location: where it last was; None before it has looked.
        capacity_kwh: usable energy of the full battery.
        consumption_kwh_per_100km: what driving takes.
    """

    class Config(core.Config):
        """Its model, and the two numbers that driving needs.

        Defaults: a Xiaomi SU7 has 73.6 kWh; 12.3 kWh/100 km is its certified consumption (CLTC cycle,
        Ministry of Industry and Information Technology of China, catalogue of 2024).
        """

        model: str = "su7"
        capacity_kwh: KilowattHours = Field(default=73.6, gt=0)
        consumption_kwh_per_100km: KwhPer100Km = Field(default=12.3, gt=0)

    @dataclass(frozen=True, slots=True)
    class Physical(core.Physical):
        """Bolts, doors, and how the car moves; the last three belong to whoever drives it."""

        locked: bool = True
        door_driver: Opening = "closed"
        door_passenger: Opening = "closed"
        door_rear_left: Opening = "closed"
        door_rear_right: Opening = "closed"
        boot: Opening = "closed"
        windows: Opening = "closed"
        battery_percent: Annotated[Percent, Field(le=100)] = 80.0
        gear: Gear = "P"
        speed_kmh: Annotated[Kmh, Field(le=250)] = 0.0
        driver: PersonOrNobody = None
        drive_ready: bool = False

        def holder(self) -> str | None:
            """Return who sits at the wheel."""
            return self.driver

    @dataclass(frozen=True, slots=True)
    class Circumstances(core.Circumstances):
        """What the car found about the key that asks.

        Attributes:
            distance_cm: how far away it is, measured by the car; None when out of reach or not measured.
            key_role: whose key has proved itself: `owner`, `member`, `friend` or `courier`; None when none
                has.
            asker_drives: whether the person who is said to ask sits at the wheel, as the car sees.
        """

        distance_cm: int | None = None
        key_role: str | None = None
        asker_drives: bool = False

    kind: ClassVar[str] = "car"
    commands: ClassVar = COMMANDS
    facets: ClassVar = (Doors, Motion, Drive, Sleep, Battery, Location)
    controllers: ClassVar = ("body",)
    opens_to_keys: ClassVar[bool] = True

    gateway: Gateway
    body: Body
    keys: Keys = field(default_factory=Keys)
    flash: Mapping[str, Any] = field(default_factory=dict)
    motion: Motion = UNSENSED
    battery: Battery | None = None
    location: Location | None = None
    capacity_kwh: float = 73.6
    consumption_kwh_per_100km: float = 12.3

    @classmethod
    def settable(cls) -> Mapping[str, Any]:
        """A scenario may begin with a sleeping car."""
        return {"asleep": bool}

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the car: awake unless a scenario says otherwise, with nothing sensed yet."""
        return cls(
            name,
            gateway=Gateway(asleep=given.get("asleep", False)),
            body=Body(),
            flash=given.get("keys", {}),
            capacity_kwh=config.capacity_kwh,
            consumption_kwh_per_100km=config.consumption_kwh_per_100km,
        )

    def provisioned(self, provision: Provision) -> Self:
        """Return the car with its keys: those it was delivered with, or what its flash has kept."""
        return replace(self, keys=Keys.made(self.name, provision, self.flash))

    def kept(self) -> Mapping[str, Any]:
        """Return the keys, which a restart must not forget, and least of all the revoked ones."""
        return {"keys": self.keys.kept()}

    def considered(self, at: Moment, asked: Asked) -> Self:
        """Use up what a key sent, whatever the rules will say."""
        keys = self.keys.considered(at, asked)
        return self if keys is self.keys else replace(self, keys=keys)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Hand the stimulus to the controller it concerns."""
        match stimulus:
            case Booted():
                looked = self._looked(at)
                timers = (StartTimer("telemetry", TELEMETRY_EVERY_MS), *_while_moving(at))
                # A code that its screen still shows is void: a restart ends the pairing.
                return looked, (*looked.gateway.stay_awake(), *timers, ShowCode(None))
            case Sensed():
                return self._sensed(at)
            case Commanded(command=command) if isinstance(command, KEY_TALK):
                keys, told = self.keys.told(stimulus, at)
                return replace(self, keys=keys), told
            case TimerFired(name="pairing"):
                return self, (ShowCode(None),)
            case Commanded():
                gateway, effects = self.gateway.take(stimulus)
                return replace(self, gateway=gateway)._handed_on(at, effects)
            case TimerFired(name="wake"):
                return self._woken(at)
            case TimerFired(name="sleep"):
                return replace(self, gateway=self.gateway.asleep_if(parked=self._parked(at))), ()
            case TimerFired(name="telemetry"):
                again = StartTimer("telemetry", TELEMETRY_EVERY_MS)
                if self.gateway.asleep:
                    return self, (again,)
                return self._measured(at), (Report("battery"), again)
            case TimerFired(name="location"):
                return self._located(at), _while_moving(at)
            case TimerFired(name="bolt motor" | "boot motor" | "windows motor" | "starter motor" as motor):
                body, effects = self.body.ran(PARTS[motor], moving=_motion(at).moving)
                return replace(self, body=body), effects
            case TimerFired(name="bolt" | "boot" | "windows" | "starter" as part):
                body, effects = self.body.gave_up(part)
                return replace(self, body=body), effects
            case Crashed(controller="body", up=True):
                return replace(self, body=Body().looked(at)), ()
            case Crashed(controller="body", up=False):
                body, effects = self.body.lost_power()
                return replace(self, body=body), effects
            case _:
                return self, ()

    def report(self) -> tuple[core.Facet, ...]:
        """Report doors, motion, sleep, and what was measured so far of battery and location."""
        doors = Doors(
            locked=self.body.locked, asked=self.body.asked, boot=self.body.boot, windows=self.body.windows
        )
        measured = tuple(one for one in (self.battery, self.location) if one is not None)
        drive = Drive(drive_ready=self.body.drive_ready)
        return (doors, self.motion, drive, Sleep(asleep=self.gateway.asleep), *measured)

    def circumstances(self, at: Moment, asked: Asked) -> Circumstances:
        """Tell the rules whether the car moves, and what it makes of the key that asks.

        The distance is that of the ranging rounds which the key's proof keyed. A sleeping car's gateway
        ranges too: it is never off.
        """
        driver = at.senses.person()
        seen = self.Circumstances(
            moving=_motion(at).moving, asker_drives=driver is not None and driver == asked.by
        )
        match self.keys.result(asked.sender, asked.ticket):
            case Authorised(repeated=True):
                # The node answers repetitions; what gets here has come as another command.
                return replace(seen, code="CMD_ID_REUSED")
            case Authorised() as proved:
                return replace(seen, distance_cm=proved.distance_cm, key_role=self.keys.role(proved))
            case Refused() as refused:
                return replace(seen, code=refused.code, distance_cm=refused.distance_cm)
            case _:
                return seen

    def _looked(self, at: Moment) -> Self:
        """Look at everything: motion, locks, battery and location."""
        return replace(self, motion=_motion(at), body=self.body.looked(at))._measured(at)._located(at)

    def _located(self, at: Moment) -> Self:
        latitude_deg, longitude_deg = at.senses.location()
        here = Location(latitude_deg=round(latitude_deg, 5), longitude_deg=round(longitude_deg, 5))
        return replace(self, location=here)

    def _measured(self, at: Moment) -> Self:
        """Measure the battery to a tenth of a percent, as far as its sensor can tell."""
        percent = at.senses.own("battery_percent")
        if percent is None:
            return self
        left_km = range_km(percent, self.consumption_kwh_per_100km, self.capacity_kwh)
        return replace(
            self, battery=Battery(battery_percent=round(percent, 1), range_m=round(left_km) * 1000.0)
        )

    def _sensed(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Somebody touched the car, or one of its motors did its work; a touch wakes it."""
        body, effects = self.body.sensed(at)
        gateway, waking = self.gateway.touched()
        car = replace(self, body=body, gateway=gateway, motion=_motion(at))
        if car.motion.moving == self.motion.moving:
            return car, (*effects, *waking)
        return car._located(at), (*effects, *waking, *_while_moving(at))

    def _woken(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        gateway, effects = self.gateway.woken()
        return replace(self, gateway=gateway)._looked(at)._handed_on(at, effects)

    def _handed_on(self, at: Moment, effects: tuple[Effect, ...]) -> tuple[Self, tuple[Effect, ...]]:
        """Let the body carry out what the gateway has for it, unless it has expired meanwhile."""
        gateway, ready = self.gateway.ready()
        car = replace(self, gateway=gateway)
        for order in ready:
            if at.now_ms >= order.expires_ms:
                effects += gateway.expired(order)
            elif order.command.tier == "parked" and _motion(at).moving:
                effects += gateway.too_late(order)
            else:
                keys, why_not = car.keys.acted(order, at)
                car = replace(car, keys=keys)
                if why_not:
                    effects += (Settle(order.ticket, Answer("failed", why_not)),)
                    continue
                body, done = car.body.carry_out(order)
                car = replace(car, body=body)
                effects += (*gateway.forwarded(order), *done)
        return (car._measured(at), (Report("battery"), *effects)) if ready else (car, effects)

    def _parked(self, at: Moment) -> bool:
        return not _motion(at).moving and at.senses.person() is None


def _while_moving(at: Moment) -> tuple[Effect, ...]:
    """Look at the satellites again soon, as long as there is something new to see."""
    return (StartTimer("location", LOCATION_EVERY_MS),) if _motion(at).moving else ()


def _motion(at: Moment) -> Motion:
    """Return the motion as it is sensed; only a known P and a known standstill count as not moving."""
    gear = at.senses.own("gear")
    speed_kmh = at.senses.own("speed_kmh")
    moving = not (gear == "P" and speed_kmh == 0)
    return Motion(gear=gear, speed_kmh=None if speed_kmh is None else round(speed_kmh, 1), moving=moving)
