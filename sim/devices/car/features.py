"""What the car may do because somebody has subscribed to it, and what of that is switched on.

A feature is used by touching the car's own screen. It ends with its lease, also without a link; what driving
relies on, once it is in use, ends when the car is parked and never under the wheels: neither the clock nor a
message can end it earlier. The pilot asks `permits` before it lets itself be engaged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field

from sim.apps.entitlements.leases import LEASING, Held, Leases, safety_relevant
from sim.apps.entitlements.terms import ENTITLED, FEATURES, Feature
from sim.apps.twins.intents import Peers
from sim.core import device as core
from sim.core.device import (
    Answer,
    Asked,
    Booted,
    Command,
    Commanded,
    Effect,
    Emit,
    Moment,
    Provision,
    Sensed,
    Settle,
    Stimulus,
    TimerFired,
)
from sim.core.parts import Part
from sim.devices.car.commands import RemoteCommand

PILOTING: Feature = "assisted_driving"
"""What the pilot belongs to."""
ENGAGED = frozenset({"cruise", "lane"})
"""In which modes of `assistance` the pilot is in use."""
NAVIGATING: Feature = "smart_navigation"
"""What planning a route with traffic and charging stops belongs to."""


class UseFeature(Command, group="Subscribed", tier="anytime"):
    """Switch a feature on or off, at the car's own screen."""

    feature: Feature
    on: bool = True


class PlanSmartRoute(RemoteCommand, group=("CarApp", "Navigation", "Subscribed"), tier="anytime"):
    """Show the way with traffic and charging stops, and when in the next hours it takes least time."""

    to: Annotated[str, core.Carries("location"), core.Listed(places=True), Field(min_length=1, max_length=64)]


class Features(
    core.Facet, when_offline="last", readers=("dashboard", "phone", "speaker", "tablet", "tv", "watch")
):
    """How each feature stands by the car's own leases, what is in use, and which leases it has."""

    assisted_driving: Held
    smart_navigation: Held
    entertainment: Held
    in_use: Annotated[list[Feature], core.Carries("usage")]
    held_over: list[Feature]
    """What goes on without an entitlement, because the car moves."""
    lease_numbers: dict[str, int]
    entertainment_until_ms: int | None
    """When the lease for films ends, milliseconds since 1970: what is told of it holds no longer."""


@dataclass(frozen=True)
class CarFeatures(Part):
    """The features of one car.

    Attributes:
        leases: what it may use.
        in_use: what is switched on.
        engaged: whether the pilot holds speed or lane, which is switched on at the wheel and not here.
        standings: how every feature stood when it last looked.
    """

    commands: ClassVar[tuple[type[Command], ...]] = (UseFeature, PlanSmartRoute, *LEASING)
    facets: ClassVar[tuple[type[core.Facet], ...]] = (Features,)
    events: ClassVar[tuple[str, ...]] = ("feature_ended",)
    subscribable: ClassVar[tuple[str, ...]] = FEATURES

    leases: Leases = field(default_factory=Leases)
    in_use: frozenset[str] = frozenset()
    engaged: bool = False
    standings: Mapping[str, Held] = field(default_factory=dict)

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:  # the protocol's
        """Return the features with the leases that the car kept."""
        kept = given.get("features", {})
        return cls(Leases.of(device, kept.get("leases", {})), frozenset(kept.get("in_use", ())))

    def provisioned(self, provision: Provision) -> Self:
        """Return the features with the keys of the household."""
        return replace(self, leases=self.leases.provided(Peers(provision.peers)))

    def kept(self) -> Mapping[str, Any]:
        """Keep leases, and what was switched on: a restart under way ends nothing."""
        return {"features": {"leases": self.leases.kept(), "in_use": sorted(self.in_use)}}

    def permits(self, feature: str, now_ms: int, *, in_use: bool, moving: bool) -> bool:
        """Say whether a feature may be used: by its lease, or because driving relies on it now.

        A household without a subscription service has a car that came with everything.

        Args:
            feature: one of `FEATURES`.
            now_ms: what the car's clock says, milliseconds since 1970.
            in_use: whether it is used already.
            moving: whether the car moves; what is not known counts as moving.
        """
        if not self.leases.sold or self.leases.standing(feature, now_ms) in ENTITLED:
            return True
        return in_use and moving and safety_relevant(feature)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Take leases, switch features, and end what has no lease any more."""
        after, effects = self, tuple[Effect, ...]()
        match stimulus:
            case Commanded(command=UseFeature(feature=feature, on=on), ticket=ticket):
                changed = self.in_use | {feature} if on else self.in_use - {feature}
                after, effects = replace(self, in_use=changed), (Settle(ticket, Answer("done")),)
            case Booted() | TimerFired() | Commanded() | Sensed():
                leases, effects = self.leases.step(at.now_ms, stimulus)
                after = self if leases is self.leases else replace(self, leases=leases)
            case _:
                return self, ()
        after, ended = after._looked(at)
        return after, (*effects, *ended)

    def _looked(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Note how everything stands, and end what may not go on."""
        standings = self.leases.standings(at.now_ms)
        moving = bool(self.in_use) and moves(at)
        engaged = self.leases.sold and at.senses.own("assistance") in ENGAGED
        ended = [
            feature
            for feature in sorted(self.in_use)
            if not self.permits(feature, at.now_ms, in_use=True, moving=moving)
        ]
        if standings == self.standings and engaged == self.engaged and not ended:
            return self, ()
        told = tuple(Emit("feature_ended", {"feature": one, "standing": standings[one]}) for one in ended)
        in_use = self.in_use.difference(ended)
        return replace(self, standings=standings, in_use=in_use, engaged=engaged), told

    def report(self) -> tuple[core.Facet, ...]:
        """Report the features, where the household has a service that sells them."""
        if not self.leases.sold or not self.standings:
            return ()
        pilot = {PILOTING} if self.engaged else set[str]()
        using = [one for one in sorted(FEATURES) if one in self.in_use | pilot]
        over = [one for one in using if self.standings[one] not in ENTITLED]
        return (
            Features(
                **self.standings,
                in_use=using,
                held_over=over,
                lease_numbers=self.leases.numbers(),
                entertainment_until_ms=self.leases.ends_ms("entertainment"),
            ),
        )

    def told(self, at: Moment, asked: Asked) -> Mapping[str, Any]:
        """Tell the rules how the feature that is meant stands, and whether driving relies on it now."""
        feature = (
            NAVIGATING if asked.action == PlanSmartRoute.action else getattr(asked.command, "feature", None)
        )
        if feature not in FEATURES:
            return {}
        in_use = feature in self.in_use or (feature == PILOTING and self.engaged)
        facts = {"in_use": in_use, "safety_relevant": safety_relevant(feature)}
        # A car of a household that nothing is sold to came with everything, and it is paid.
        standing = self.leases.standing(feature, at.now_ms) if self.leases.sold else "paid"
        return facts if standing == "absent" else {**facts, "entitlement": standing}


def moves(at: Moment) -> bool:
    """Say whether the car moves, as its sensors say; what one does not say counts as moving."""
    gear, speed_kmh = at.senses.own("gear"), at.senses.own("speed_kmh")
    return gear != "P" or speed_kmh is None or speed_kmh > 0
