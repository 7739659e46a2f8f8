"""The keys a car knows: who may do what, from when until when, how often, and who shared them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from sim.core.messages import INTEGER_MAX
from sim.trust.digital_key.messages import Grant, KeyPlace
from sim.trust.digital_key.outcomes import Role
from sim.trust.identity import key_id_of

FOR_EVER_MS: Final = INTEGER_MAX
"""Until when a paired key is valid."""


@dataclass(frozen=True, slots=True)
class Powers:
    """What a car does for its keys; the car says so, for keys know nothing of cars.

    Attributes:
        near: actions for a key beside the car.
        remote: actions for a key anywhere.
        never: actions that no key has, whatever it was granted.
    """

    near: frozenset[str]
    remote: frozenset[str]
    never: frozenset[str]

    @property
    def grantable(self) -> frozenset[str]:
        """Every action that a key can have."""
        return (self.near | self.remote) - self.never


@dataclass(frozen=True, slots=True)
class EnrolledKey:
    """One key of a car.

    Attributes:
        device: whose key; the only broker sender that may use it.
        public_key: Ed25519, 32 bytes.
        role: an owner's key shares and revokes; a member's is paired and does neither; a friend's was
            shared.
        rights: actions.
        not_before_ms: from when it is valid, milliseconds since 1970 by the car's clock.
        not_after_ms: until before when.
        uses_left: how often it may still be used; None for as often as wanted.
        granted_by: key id of the owner's key that shared it; None for paired keys.
        serial: of the grant; 0 for paired keys.
        place: where the car must stand for it, see `messages.Grant`; None for anywhere.
    """

    device: str
    public_key: bytes
    role: Role
    rights: frozenset[str]
    not_before_ms: int = 0
    not_after_ms: int = FOR_EVER_MS
    uses_left: int | None = None
    granted_by: str | None = None
    serial: int = 0
    place: KeyPlace | None = None

    @property
    def kid(self) -> str:
        """The key id."""
        return key_id_of(self.public_key)

    @classmethod
    def paired(cls, device: str, public_key: bytes, role: Role, rights: Iterable[str]) -> Self:
        """Return a key that is valid for ever: an owner's, or a member's of the household."""
        return cls(device, public_key, role, frozenset(rights))

    @classmethod
    def shared(cls, grant: Grant, granted_by: str) -> Self:
        """Return the key that an owner has shared."""
        return cls(
            grant.device,
            bytes.fromhex(grant.public_key),
            "friend",
            frozenset(grant.rights),
            grant.not_before_ms,
            grant.not_after_ms,
            grant.uses,
            granted_by,
            grant.serial,
            grant.place,
        )

    def used_up(self) -> bool:
        """Say whether its uses are spent."""
        return self.uses_left == 0

    def used(self) -> Self:
        """Return the key after one more use; at least one must be left."""
        return self if self.uses_left is None else replace(self, uses_left=self.uses_left - 1)

    def unused(self) -> Self:
        """Return the key after a use that came to nothing: it has one more left."""
        return self if self.uses_left is None else replace(self, uses_left=self.uses_left + 1)

    def kept(self) -> Mapping[str, Any]:
        """Return the key as JSON, for flash."""
        return {
            "device": self.device,
            "public_key": self.public_key.hex(),
            "role": self.role,
            "rights": sorted(self.rights),
            "not_before_ms": self.not_before_ms,
            "not_after_ms": self.not_after_ms,
            "uses_left": self.uses_left,
            "granted_by": self.granted_by,
            "serial": self.serial,
            "place": self.place,
        }

    @classmethod
    def restored(cls, kept: Mapping[str, Any]) -> Self:
        """Return the key that flash has kept."""
        public_key, rights = bytes.fromhex(kept["public_key"]), frozenset(kept["rights"])
        place = None if kept["place"] is None else tuple(kept["place"])
        return cls(**{**kept, "public_key": public_key, "rights": rights, "place": place})
