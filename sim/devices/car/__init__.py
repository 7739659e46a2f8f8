"""A car: controllers on an internal bus, of which only the gateway is on the network.

    commands    what the car can be asked, and what it always refuses
    facets      what it reports
    declared    what a household file says of it, and what is physically true of it
    gateway     awake for ever: wakes the others, hands commands on, watches their expiry
    keys        whom the car opens to: challenges, ranging, shared and revoked keys
    body        locks, boot, windows and the cable's latch, each in three layers: asked, believed, real
    powertrain  gear, speed and battery as they are sensed
    charging    the on-board charger: its relay, its limit and its schedule
    tariffs     the cheapest hours to charge in
    cabin       heats and cools, before somebody is in it or while
    seats       their motors and heaters
    readings    what the sensors say, in one record
    pilot       supervises what assists the driver; attention is its monitor of the driver
    purse       pays tolls, parking and charging, each demand once
    features    what was subscribed to: leases, and what is switched on
    updater     fetches, writes and tries signed software; boot starts it from what is in the flash
    navigation  the way to a place, with stops at chargers; it shows it and moves nothing

What else a car has is a part, listed in `made_of` (see `core.parts`): what is asked of it comes through the
gateway, whatever else happens reaches it at once.

Body, cabin, powertrain and pilot are controllers that can crash on their own; what is asked of a dead one has
failed, and the others go on. The pilot assists the driver and obeys no message, it is engaged at the wheel.
The cockpit is a device of its own. The motion of the car is no controller's output: nothing in this folder
can change its speed, gear or steering, but that the pilot can let go of it. It is sensed, like the weather.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import floor
from typing import Any, ClassVar, Self

from sim.core import device as core
from sim.core.device import (
    Actuate,
    Answer,
    Asked,
    Booted,
    Commanded,
    Crashed,
    Effect,
    Learned,
    Moment,
    Provision,
    Report,
    Sensed,
    Settle,
    ShowCode,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.parts import Assembled
from sim.devices.car.body import Body, Part
from sim.devices.car.cabin import CabinControl, Energy
from sim.devices.car.charging import OnboardCharger
from sim.devices.car.commands import (
    COMMANDS,
    ChargeLimit,
    ClearDestination,
    MoveSeat,
    Precondition,
    ScheduleCharging,
    SetCabin,
    SetChargeLimit,
    SetDestination,
    StartCharging,
    StopCharging,
    StopPreconditioning,
    Unplug,
)
from sim.devices.car.declared import CarCircumstances, CarConfig, CarPhysical
from sim.devices.car.facets import (
    UNSENSED,
    Battery,
    CabinAir,
    CabinClimate,
    Charging,
    Controllers,
    CourierAccess,
    Doors,
    Drive,
    Location,
    Motion,
    Reserve,
    Seats,
    Sleep,
)
from sim.devices.car.features import NAVIGATING, CarFeatures, PlanSmartRoute
from sim.devices.car.gateway import Gateway
from sim.devices.car.keys import KEY_TALK, Keys
from sim.devices.car.navigation import TIMER as NAVIGATION
from sim.devices.car.navigation import Navigation, Route
from sim.devices.car.pilot import Pilot
from sim.devices.car.powertrain import Powertrain
from sim.devices.car.purse import Purse
from sim.devices.car.updater import Updater

TELEMETRY_EVERY_MS = 30_000
"""How often an awake car measures its battery (assumption)."""
LOCATION_EVERY_MS = 10_000
"""How often a car that moves says where it is (assumption; what fleet trackers usually do)."""

PARTS: dict[str, Part] = {
    "bolt motor": "bolt",
    "boot motor": "boot",
    "windows motor": "windows",
    "starter motor": "starter",
    "latch motor": "latch",
}
"""Which part a motor's timer is about."""


@dataclass(frozen=True)
class Car(Assembled):
    """One car.

    Attributes:
        gateway: its gateway controller.
        body: its body controller.
        powertrain: its powertrain controller.
        standby_w: what its electronics draw asleep and awake.
        cabin: its cabin controller.
        keys: the digital keys that the gateway knows.
        flash: what its keys' memory held when it started.
        motion: what it senses of its motion.
        location: where it last was; None before it has looked.
        switched: what its electronics draw as it has set it, W, and whether the cable carries its loads.
        navigation: the way it shows.
    """

    Config = CarConfig
    Physical = CarPhysical
    Circumstances = CarCircumstances

    kind: ClassVar[str] = "car"
    made_of: ClassVar = {"purse": Purse, "features": CarFeatures, "pilot": Pilot, "updater": Updater}
    commands: ClassVar = COMMANDS
    facets: ClassVar = (
        Doors,
        Motion,
        Drive,
        Sleep,
        Controllers,
        Battery,
        Reserve,
        Charging,
        CabinAir,
        CabinClimate,
        Seats,
        Location,
        Route,
        CourierAccess,
    )
    events: ClassVar = ("courier_opened",)
    tells: ClassVar = {"courier_opened": {"courier_opened_ms": core.Carries("presence")}}
    reads: ClassVar = ("traffic",)
    controllers: ClassVar = ("body", "cabin", "powertrain", "pilot")
    opens_to_keys: ClassVar[bool] = True
    shared: ClassVar[bool] = True

    gateway: Gateway = field(kw_only=True)
    body: Body = field(kw_only=True)
    powertrain: Powertrain = field(kw_only=True)
    standby_w: tuple[float, float] = field(kw_only=True)
    cabin: CabinControl = field(default_factory=CabinControl)
    keys: Keys = field(default_factory=Keys)
    flash: Mapping[str, Any] = field(default_factory=dict)
    motion: Motion = UNSENSED
    location: Location | None = None
    switched: tuple[float, bool] | None = None
    navigation: Navigation = field(kw_only=True)

    @classmethod
    def settable(cls) -> Mapping[str, Any]:
        """A scenario may begin with a sleeping car, and with another charge limit."""
        return {"asleep": bool, "charge_limit": ChargeLimit, **super().settable()}

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the car: awake unless a scenario says otherwise, with nothing sensed yet."""
        return cls(
            name,
            gateway=Gateway(asleep=given.get("asleep", False)),
            body=Body(),
            powertrain=Powertrain(
                config.energy,
                charger=OnboardCharger.restarted(given),
            ),
            standby_w=(config.asleep_w, config.awake_w),
            cabin=CabinControl(shut=config.energy.cabin, aired=config.energy.aired),
            flash=given.get("keys", {}),
            navigation=Navigation.of(config, given.get("navigation", {})),
            parts=cls.new_parts(name, config, given),
        )

    def provisioned(self, provision: Provision) -> Self:
        """Return the car with its keys: those it was delivered with, or what its flash has kept."""
        navigation = replace(self.navigation, map=provision.map)
        car = super().provisioned(provision)
        return replace(car, keys=Keys.made(self.name, provision, self.flash), navigation=navigation)

    def kept(self) -> Mapping[str, Any]:
        """Return what a restart must not forget: the keys, the revoked ones too, and the schedule."""
        charger = self.powertrain.charger.kept()
        own = {"keys": self.keys.kept(), "navigation": self.navigation.kept(), **charger}
        return {**own, **super().kept()}

    def considered(self, at: Moment, asked: Asked) -> Self:
        """Use up what a key sent, whatever the rules will say."""
        keys = self.keys.considered(at, asked)
        return self if keys is self.keys else replace(self, keys=keys)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Hand the stimulus to the controller it concerns, and set the currents that follow from it."""
        car, effects = self._stepped(at, stimulus)
        keys, told = car.keys.watched(at, effects, car.body.boot, up=car.body.up)
        car, effects = replace(car, keys=keys), (*effects, *told)
        if not isinstance(stimulus, Commanded):
            car = car._pilot_told(at)
            # What is asked of a part reaches it by way of the gateway; whatever else happens, at once.
            car, more = super(Car, car).step(at, stimulus)
            effects += more
        charged = car.cabin.running and car.powertrain.plugged_in(at) is True
        switched = (car.standby_w[0 if car.gateway.asleep else 1], charged)
        if switched == car.switched:
            return car, effects
        currents = Actuate({"electronics_w": switched[0], "grid_supply": switched[1]})
        return replace(car, switched=switched), (*effects, currents)

    def _stepped(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        match stimulus:
            case Booted():
                return self._booted(at)
            case Sensed():
                return self._sensed(at)
            case Commanded(command=command) if isinstance(command, KEY_TALK):
                keys, told = self.keys.told(stimulus, at)
                return replace(self, keys=keys), told
            case Commanded():
                gateway, effects = self.gateway.take(stimulus)
                return replace(self, gateway=gateway)._handed_on(at, effects)
            case TimerFired(name=timer):
                return self._due(at, timer)
            case Learned() if not self.gateway.asleep:
                return replace(self, navigation=self.navigation.heard(at)), ()
            case Crashed(controller=controller, up=up):
                return self._restarted(at, controller) if up else self._crashed(controller)
            case _:
                return self, ()

    def _booted(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        looked, effects = self._looked(at)
        powertrain, planned = looked.powertrain.restarted(at)
        timers = (StartTimer("telemetry", TELEMETRY_EVERY_MS), *looked._while_moving(at))
        # A code that its screen still shows is void: a restart ends the pairing.
        car, shown = replace(looked, powertrain=powertrain)._shown_way(at)
        return car, (*effects, *planned, *car.gateway.stay_awake(), *timers, *shown, ShowCode(None))

    def _due(self, at: Moment, timer: str) -> tuple[Self, tuple[Effect, ...]]:
        """Do what it is time for."""
        match timer:
            case "pairing":
                return self, (ShowCode(None),)
            case "wake":
                return self._woken(at)
            case "sleep":
                return self._asleep(at)
            case "telemetry":
                return self._measured(at)
            case "location":
                # What is measured again has a new age, also when it is as it was.
                return self._located(at), (Report("motion"), *self._while_moving(at))
            case "bolt motor" | "boot motor" | "windows motor" | "starter motor" | "latch motor":
                body, effects = self.body.ran(PARTS[timer], moving=self._moving(at))
                return replace(self, body=body), effects
            case "bolt" | "boot" | "windows" | "starter" | "latch":
                body, effects = self.body.gave_up(timer)
                return replace(self, body=body), effects
            case "relay" | "charge limit" | "charge plan":
                powertrain, effects = self.powertrain.due(timer, at)
                return replace(self, powertrain=powertrain), effects
            case _ if timer == NAVIGATION:
                return self._shown_way(at)
            case "cabin":
                cabin, effects = self.cabin.control(at, self._energy(at))
                return replace(self, cabin=cabin), effects
            case "cabin plan":
                return self._cabin_planned(at)
            case _:
                return self._seat_due(at, timer)

    def _seat_due(self, at: Moment, timer: str) -> tuple[Self, tuple[Effect, ...]]:
        """Follow the timer of a seat: `seat driver motor`, `seat driver`."""
        seats = self.cabin.seats
        match timer.split():
            case ["seat", seat, "motor"]:
                seats, effects = seats.ran(seat, at, moving=self._moving(at))
            case ["seat", seat]:
                seats, effects = seats.gave_up(seat, at)
            case _:
                return self, ()
        return replace(self, cabin=replace(self.cabin, seats=seats)), effects

    def report(self) -> tuple[core.Facet, ...]:
        """Report doors, motion, sleep, and what was measured so far of battery, cabin and location."""
        body = self.body
        doors, drive = body.reports
        location = () if self.location is None else (self.location,)
        return (
            doors,
            self.motion,
            drive,
            Sleep(asleep=self.gateway.asleep),
            Controllers(
                body_up=body.up,
                cabin_up=self.cabin.up,
                powertrain_up=self.powertrain.up,
                pilot_up=self._pilot.up,
            ),
            *self.powertrain.reports(),
            *self.cabin.reports,
            *location,
            self.navigation.route,
            *(() if self.keys.courier is None else (self.keys.courier,)),
            *super().report(),
        )

    def told(self, at: Moment, asked: Asked) -> Mapping[str, Any]:
        """Tell the rules whether the car moves, and what it makes of the key that asks."""
        driver = at.senses.person()
        percent = self.powertrain.percent(at)
        return {
            "moving": self._moving(at),
            "asker_drives": driver is not None and driver == asked.by,
            "battery_pct": None if percent is None else floor(percent),
            "plugged_in": self.powertrain.plugged_in(at),
            **self.keys.circumstances(at, asked),
        }

    # --- looking -------------------------------------------------------------------------------------

    def _looked(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Look at everything: motion, locks, battery, cabin and location."""
        powertrain, effects = self.powertrain.looked(at)
        motion = powertrain.motion(at)
        body, cabin = self.body.looked(at), self.cabin.looked(at)
        car = replace(self, motion=motion, body=body, powertrain=powertrain, cabin=cabin)
        return car._located(at), effects

    def _located(self, at: Moment) -> Self:
        latitude_deg, longitude_deg = at.senses.location()
        here = Location(latitude_deg=round(latitude_deg, 5), longitude_deg=round(longitude_deg, 5))
        return replace(self, location=here)

    def _measured(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Measure battery and cabin, as far as their sensors can tell; what sleeps does not."""
        if self.gateway.asleep:
            return self, ()
        again = StartTimer("telemetry", TELEMETRY_EVERY_MS)
        powertrain, effects = self.powertrain.looked(at)
        told = (Report("battery"),) if powertrain.up else ()
        return replace(self, powertrain=powertrain, cabin=self.cabin.looked(at)), (*effects, *told, again)

    def _sensed(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Somebody touched the car, or one of its motors did its work; a touch wakes it."""
        plugged_before = self.powertrain.charger.report
        body, effects = self.body.sensed(at)
        gateway, waking = self.gateway.touched()
        powertrain, charged = self.powertrain.looked(at)
        motion = powertrain.motion(at)
        driven_off = motion.gear not in {None, "P"} or bool(motion.speed_kmh)
        cabin, moved = self.cabin.sensed(at, driven_off=driven_off)
        car = replace(self, body=body, gateway=gateway, powertrain=powertrain, cabin=cabin, motion=motion)
        effects = (*effects, *waking, *charged, *moved)
        if plugged_before is not None and not plugged_before.plugged_in and powertrain.plugged_in(at):
            body, latched = car.body.hold_cable()
            car, effects = replace(car, body=body), (*effects, *latched)
        if car.motion.moving == self.motion.moving:
            return car, effects
        navigation = car.navigation.moved(at, moving=car.motion.moving)
        return replace(car, navigation=navigation)._located(at), (*effects, *car._while_moving(at))

    def _while_moving(self, at: Moment) -> tuple[Effect, ...]:
        """Look at the satellites again soon, as long as there is something new to see."""
        return (StartTimer("location", LOCATION_EVERY_MS),) if self._moving(at) else ()

    def _pilot_told(self, at: Moment) -> Self:
        """Tell the pilot whether its software is being changed, and whether the car has its feature.

        What is engaged stays so while the car moves.
        """
        features, pilot = self.parts["features"], self._pilot
        assert isinstance(features, CarFeatures), "the features are another part"  # INVARIANT
        in_use = pilot.assistance in {"cruise", "lane"}
        moving = in_use and self._moving(at)  # Only what is in use is asked whether the car moves.
        entitled = features.permits("assisted_driving", at.now_ms, in_use=in_use, moving=moving)
        told = replace(pilot, entitled=entitled, updating=self._updating)
        return self if told == pilot else replace(self, parts={**self.parts, "pilot": told})

    @property
    def _pilot(self) -> Pilot:
        pilot = self.parts["pilot"]
        assert isinstance(pilot, Pilot), "the pilot is another part"  # INVARIANT
        return pilot

    @property
    def _updating(self) -> bool:
        updater = self.parts["updater"]
        return isinstance(updater, Updater) and updater.busy

    def _moving(self, at: Moment) -> bool:
        return self.powertrain.motion(at).moving

    def _energy(self, at: Moment) -> Energy:
        return Energy(self.powertrain.percent(at), self.powertrain.plugged_in(at))

    # --- waking and sleeping -------------------------------------------------------------------------

    def _woken(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        gateway, effects = self.gateway.woken()
        car, looked = replace(self, gateway=gateway)._looked(at)
        car, shown = car._shown_way(at)
        again = StartTimer("telemetry", TELEMETRY_EVERY_MS)
        return car._handed_on(at, (*effects, *looked, *shown, again))

    def _asleep(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Fall asleep when nobody sits in it and nothing is left to do; else look again later."""
        empty = not self._moving(at) and at.senses.person() is None
        if empty and (self.powertrain.busy or self.cabin.preparing or self._updating):
            return self, self.gateway.stay_awake()
        cabin, effects = self.cabin.left_alone() if empty else (self.cabin, ())
        return replace(self, gateway=self.gateway.asleep_if(parked=empty), cabin=cabin), effects

    def _cabin_planned(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Begin to prepare the cabin when it is time to; that wakes the car."""
        cabin, effects = self.cabin.planned(at, self._energy(at))
        car = replace(self, cabin=cabin)
        if not cabin.running:
            return car, effects
        gateway, waking = self.gateway.touched()
        return replace(car, gateway=gateway), (*effects, *waking)

    # --- commands ------------------------------------------------------------------------------------

    def _handed_on(self, at: Moment, effects: tuple[Effect, ...]) -> tuple[Self, tuple[Effect, ...]]:
        """Let the controllers carry out what the gateway has for them, unless it has expired meanwhile."""
        gateway, ready = self.gateway.ready()
        car = replace(self, gateway=gateway)
        for order in ready:
            if at.now_ms >= order.expires_ms:
                effects += gateway.expired(order)
            elif order.command.tier == "parked" and car._moving(at):
                effects += gateway.too_late(order)
            else:
                keys, why_not = car.keys.acted(order, at, able=car.body.up)
                car = replace(car, keys=keys)
                if why_not:
                    effects += (Settle(order.ticket, Answer("failed", why_not)),)
                    continue
                car, done = car._carried_out(at, order)
                effects += (*gateway.forwarded(order), *done)
        if not ready:
            return car, effects
        powertrain, measured = car.powertrain.looked(at)
        told = (Report("battery"),) if powertrain.up else ()
        return replace(car, powertrain=powertrain), (*measured, *told, *effects)

    def _carried_out(self, at: Moment, order: Commanded) -> tuple[Self, tuple[Effect, ...]]:
        """Hand a command to the controller or the part whose it is."""
        match order.command:
            case PlanSmartRoute(to=said):
                navigation, effects = self.navigation.towards(at, order.ticket, said, smart=True)
                return replace(self, navigation=navigation), effects
            case command if any(isinstance(command, part.commands) for part in self.parts.values()):
                return super().step(at, order)
            case StartCharging() | StopCharging() | SetChargeLimit() | ScheduleCharging():
                powertrain, effects = self.powertrain.carry_out(order, at)
                return replace(self, powertrain=powertrain), effects
            case Precondition() | StopPreconditioning() | SetCabin() | MoveSeat():
                cabin, effects = self.cabin.carry_out(order, at, self._energy(at))
                return replace(self, cabin=cabin), effects
            case Unplug():
                powertrain, stopped, why_not = self.powertrain.let_go(at)
                if why_not:
                    return self, (Settle(order.ticket, Answer("failed", why_not)),)
                body, effects = self.body.carry_out(order)
                return replace(self, powertrain=powertrain, body=body), (*stopped, *effects)
            case SetDestination(to=said):
                navigation, effects = self.navigation.towards(at, order.ticket, said)
                return replace(self, navigation=navigation), effects
            case ClearDestination():
                cleared = replace(self, navigation=self.navigation.cleared())
                return cleared, (Settle(order.ticket, Answer("done")),)
            case _:
                body, effects = self.body.carry_out(order)
                return replace(self, body=body), effects

    def _shown_way(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Hold the way that is shown against battery and clock; asleep, the car shows none anew."""
        if self.gateway.asleep:
            return self, ()
        features, before = self.parts["features"], self.navigation
        assert isinstance(features, CarFeatures), "the car is made of it"  # INVARIANT
        smart = before.smart and features.permits(NAVIGATING, at.now_ms, in_use=False, moving=False)
        navigation, effects = replace(before, smart=smart).looked(at)
        return replace(self, navigation=navigation), effects

    # --- controllers that crash ----------------------------------------------------------------------

    def _crashed(self, controller: str) -> tuple[Self, tuple[Effect, ...]]:
        """Let one controller lose power; the gateway answers for what it was doing."""
        match controller:
            case "body":
                body, effects = self.body.lost_power()
                return replace(self, body=body), effects
            case "cabin":
                cabin, effects = self.cabin.lost_power()
                return replace(self, cabin=cabin), effects
            case "powertrain":
                # Who does not hear gear and speed does not know whether the car moves.
                powertrain, effects = self.powertrain.lost_power()
                return replace(self, powertrain=powertrain, motion=UNSENSED), effects
            case _:
                return self, ()

    def _restarted(self, at: Moment, controller: str) -> tuple[Self, tuple[Effect, ...]]:
        """Let a controller run again: it looks at what is, and carries out nothing old."""
        match controller:
            case "body":
                return replace(self, body=Body().looked(at)), ()
            case "cabin":
                fresh = replace(self.cabin.fresh(), ended=self.cabin.ended, air_c=self.cabin.air_c)
                return replace(self, cabin=fresh.looked(at)), ()
            case "powertrain":
                powertrain, effects = self.powertrain.restarted(at)
                return replace(self, powertrain=powertrain, motion=powertrain.motion(at)), effects
            case _:
                return self, ()
