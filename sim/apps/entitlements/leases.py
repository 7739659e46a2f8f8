"""Leases: what the subscription service signs for one device and one feature, and how a device keeps them.

A lease holds without a link until its end, by the device's own reckoning (`elapsed`). Newer ones replace
older ones of the same service by their number, so that one which was kept and sent again revives nothing, and
no service ends what another was paid for: a device is entitled when any of its leases entitles. Whoever
carries a lease can neither write one nor use it for another device: the service has signed device, feature
and terms.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.apps.entitlements.elapsed import Elapsed
from sim.apps.entitlements.terms import FEATURES, SAFETY_RELEVANT, Feature, Term
from sim.apps.twins.intents import Peers
from sim.core.device import (
    Answer,
    Booted,
    Command,
    Commanded,
    Effect,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.messages import INTEGER_MAX, MalformedMessageError, dump_json, load_json_object
from sim.trust.envelope import EnvelopeError, seal, unseal
from sim.trust.identity import Identity

SERVICE_KIND: Final = "subscriptions"
"""Kind of the service whose leases count."""
LEASE_BYTES_MAX: Final = 512
"""Largest lease, signed bytes: its seven fields need about half of it."""
TIMER: Final = "leases"
_TYPE: Final = "lease"

Instant = Annotated[int, Field(ge=0, le=INTEGER_MAX)]
Held = Literal["trial", "paid", "grace", "expired", "refunded", "absent"]
"""How a feature stands on a device; `absent` where there has never been a lease for it."""


class LeaseError(ValueError):
    """Raised when something is no lease of the household's service for this device; one sentence."""


class Lease(BaseModel):
    """What one device may use of one feature.

    Attributes:
        device: for which device.
        feature: for which feature.
        number: newer leases of the service have higher ones.
        issued_ms: when it was signed, by the service's clock, milliseconds since 1970.
        trial_until_ms: as in `Term`; so are the others.
        paid_until_ms: end of what was paid.
        grace_until_ms: end of grace.
        refunded: whether the money was given back.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    device: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
    feature: Feature
    number: Annotated[int, Field(ge=1, le=INTEGER_MAX)]
    issued_ms: Instant
    trial_until_ms: Instant
    paid_until_ms: Instant
    grace_until_ms: Instant
    refunded: bool

    @property
    def term(self) -> Term:
        """Its bounds."""
        return Term(self.trial_until_ms, self.paid_until_ms, self.grace_until_ms, self.refunded)


def sealed(identity: Identity, lease: Lease) -> dict[str, Any]:
    """Return a lease in its envelope, ready for JSON; the identity is that of the service's intents."""
    return seal(identity, _TYPE, dump_json(lease.model_dump()))


def opened(envelope: Mapping[str, Any], peers: Peers, device: str, feature: str) -> tuple[str, Lease]:
    """Return which service has signed the lease in an envelope, and the lease, for a device and a feature.

    Raises:
        LeaseError: not signed by the household's subscription service, or for another device or feature.
    """
    try:
        signed = unseal(envelope, _TYPE, peers)
        lease = Lease.model_validate(load_json_object(signed.payload, bytes_max=LEASE_BYTES_MAX))
    except (EnvelopeError, MalformedMessageError) as error:
        msg = f"it is no lease: {error}"
        raise LeaseError(msg) from None
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        msg = f"it is no lease: the field `{where}` is missing, unknown or of the wrong sort"
        raise LeaseError(msg) from None
    if peers.by_name[signed.device].kind != SERVICE_KIND:
        msg = f"it is no lease: `{signed.device}` signed it, which is no subscription service"
        raise LeaseError(msg)
    if (lease.device, lease.feature) != (device, feature):
        msg = f"the lease is for `{lease.feature}` of `{lease.device}`"
        raise LeaseError(msg)
    return signed.device, lease


class GrantFeature(Command, group="Entitlement", tier="anytime"):
    """Take a lease that entitles to a feature; only from the subscription service."""

    feature: Feature
    lease: dict[str, Any] = Field(repr=False)


class WithdrawFeature(Command, group=("Entitlement", "FeatureWithdrawal"), tier="anytime"):
    """Take a lease that ends a feature; what a driver relies on only while the car is parked."""

    feature: Feature
    lease: dict[str, Any] = Field(repr=False)


LEASING: Final[tuple[type[Command], ...]] = (GrantFeature, WithdrawFeature)
"""What a device with leases can be asked."""


@dataclass(frozen=True, slots=True)
class Leases:
    """The leases of one device.

    Attributes:
        device: whose they are.
        peers: whose signatures count.
        held: service and feature to the newest lease.
        elapsed: how late it is for them.
    """

    device: str = ""
    peers: Peers = field(default_factory=lambda: Peers({}), repr=False)
    held: Mapping[tuple[str, str], Lease] = field(default_factory=dict)
    elapsed: Elapsed = field(default_factory=Elapsed)

    @classmethod
    def of(cls, device: str, kept: Mapping[str, Any]) -> Self:
        """Return the leases that a device has kept; none if it has kept none."""
        held = {(service, one["feature"]): Lease.model_validate(one) for service, one in kept.get("held", ())}
        return cls(device, held=held, elapsed=Elapsed(**kept.get("elapsed", {})))

    def kept(self) -> Mapping[str, Any]:
        """Return what survives a restart."""
        held = [[service, one.model_dump()] for (service, _), one in self.held.items()]
        return {"held": held, "elapsed": self.elapsed.kept()}

    def provided(self, peers: Peers) -> Self:
        """Return the leases with the household's keys."""
        return replace(self, peers=peers)

    @property
    def sold(self) -> bool:
        """Whether the household has a service that entitles at all."""
        return any(peer.kind == SERVICE_KIND for peer in self.peers.by_name.values())

    def standing(self, feature: str, wall_ms: int) -> Held:
        """Return how a feature stands.

        Args:
            feature: one of `FEATURES`.
            wall_ms: what the device's clock says, milliseconds since 1970.
        """
        now_ms = self.elapsed.now_ms(wall_ms)
        lease = self._counting(feature, now_ms)
        return "absent" if lease is None else lease.term.standing(now_ms)

    def _counting(self, feature: str, now_ms: int) -> Lease | None:
        """Return the lease that a feature goes by: what entitles longest, else what was signed last."""
        leases = (one for (_, which), one in self.held.items() if which == feature)

        def rank(one: Lease) -> tuple[bool, int]:
            entitles = one.term.entitles(now_ms)
            return entitles, one.term.ends_ms if entitles else one.issued_ms

        return max(leases, key=rank, default=None)

    def standings(self, wall_ms: int) -> dict[str, Held]:
        """Return how every feature stands."""
        return {feature: self.standing(feature, wall_ms) for feature in FEATURES}

    def ends_ms(self, feature: str) -> int | None:
        """Return when nobody is entitled to a feature any more; None where there has never been a lease."""
        lease = self._counting(feature, self.elapsed.least_ms)
        return None if lease is None else lease.term.ends_ms

    def numbers(self) -> dict[str, int]:
        """Return the number of the lease that each feature goes by."""
        counting = {feature: self._counting(feature, self.elapsed.least_ms) for feature in FEATURES}
        return {feature: lease.number for feature, lease in counting.items() if lease is not None}

    def step(self, now_ms: int, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Take leases, and look how late it is; a look that nothing needs is not planned."""
        match stimulus:
            case Booted():
                return replace(self, elapsed=self.elapsed.begun(now_ms))._timed()
            case TimerFired(name=name) if name == TIMER:
                return replace(self, elapsed=self.elapsed.looked(now_ms))._timed()
            case Commanded(command=GrantFeature() | WithdrawFeature() as command, ticket=ticket):
                return self._taken(command, ticket)
            case _:
                return self, ()

    def _taken(self, command: GrantFeature | WithdrawFeature, ticket: str) -> tuple[Self, tuple[Effect, ...]]:
        """Keep a newer lease; one that is already there is no news, and an older one changes nothing."""
        try:
            service, lease = opened(command.lease, self.peers, self.device, command.feature)
        except LeaseError as error:
            return self, (Settle(ticket, Answer("failed", str(error))),)
        grants = lease.term.entitles(lease.issued_ms)
        if grants is not isinstance(command, GrantFeature):
            sentence = "the lease grants what is to be withdrawn, or withdraws what is to be granted"
            return self, (Settle(ticket, Answer("failed", sentence)),)
        before = self.held.get((service, lease.feature))
        if before is not None and lease.number < before.number:
            return self, (Settle(ticket, Answer("failed", "a newer lease is already there")),)
        done = Settle(ticket, Answer("done"))
        if lease == before:
            return self, (done,)
        if before is not None and lease.number == before.number:
            return self, (Settle(ticket, Answer("failed", "the lease of this number says something else")),)
        held = {**self.held, (service, lease.feature): lease}
        # What another feature's lease said of the time may be newer than this one.
        newest = all(one.issued_ms <= lease.issued_ms for one in self.held.values())
        elapsed = self.elapsed.told(lease.issued_ms) if newest else self.elapsed
        after, timed = replace(self, held=held, elapsed=elapsed)._timed()
        return after, (done, *timed)

    def _timed(self) -> tuple[Self, tuple[Effect, ...]]:
        """Plan the next look, as long as there is a lease that will end."""
        ends = [lease.term.next_ms(self.elapsed.least_ms) for lease in self.held.values()]
        bounds = [bound for bound in ends if bound is not None]
        if not bounds:
            return replace(self, elapsed=replace(self.elapsed, most_ms=self.elapsed.least_ms)), ()
        elapsed, delay_ms = self.elapsed.until(min(bounds))
        return replace(self, elapsed=elapsed), (StartTimer(TIMER, delay_ms),)


def safety_relevant(feature: str) -> bool:
    """Say whether driving relies on a feature that is in use."""
    return feature in SAFETY_RELEVANT
