"""Displays that hold leases of their own: those of a television, and of a tablet that is in no car."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from sim.apps.displays import Displays, Entitlement
from sim.apps.entitlements.leases import LEASING, GrantFeature, Leases, WithdrawFeature, safety_relevant
from sim.apps.twins.intents import Peers
from sim.core.device import (
    Asked,
    Command,
    Commanded,
    Effect,
    Moment,
    Provision,
    Stimulus,
    TimerFired,
)

FILMS = "entertainment"
"""The feature that films on a display belong to."""


@dataclass(frozen=True)
class LeasedDisplays(Displays):
    """See the module; a household without a subscription service says in another way what films may play.

    Attributes:
        leases: what the subscription service has granted to this very device.
    """

    commands: ClassVar[tuple[type[Command], ...]] = (*Displays.commands, *LEASING)

    subscribable: ClassVar[tuple[str, ...]] = (FILMS,)

    leases: Leases = field(default_factory=Leases)

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the displays at rest, with the leases that the device kept."""
        return replace(super().new(device, config, given), leases=Leases.of(device, given.get("leases", {})))

    def provisioned(self, provision: Provision) -> Self:
        """Return the displays that know the household and its keys."""
        return replace(super().provisioned(provision), leases=self.leases.provided(Peers(provision.peers)))

    def kept(self) -> Mapping[str, Any]:
        """Keep the leases as well."""
        return {**super().kept(), "leases": self.leases.kept()}

    def entitled(self, at: Moment) -> Entitlement:
        """Return how films stand by the device's own leases."""
        return self.leases.standing(FILMS, at.now_ms) if self.sold else super().entitled(at)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Take leases and let them end; the rest is for the displays."""
        leases, effects = self.leases.step(at.now_ms, stimulus)
        before = self if leases is self.leases else replace(self, leases=leases)
        match stimulus:
            case Commanded(command=GrantFeature() | WithdrawFeature()) | TimerFired(name="leases"):
                after, shown = before.reconsidered(at)
            case _:
                after, shown = super(LeasedDisplays, before).step(at, stimulus)
        return after, (*effects, *shown)

    def told(self, at: Moment, asked: Asked) -> Mapping[str, Any]:
        """Tell the rules whether driving relies on what is granted or withdrawn; on films it never does."""
        match asked.command:
            case GrantFeature(feature=feature) | WithdrawFeature(feature=feature):
                return {"safety_relevant": safety_relevant(feature)}
            case _:
                return super().told(at, asked)
