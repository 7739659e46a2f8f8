"""Whom a car opens to: its enrolled keys, the revoked ones, and which grants it has seen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sim.trust.digital_key.enrolment import EnrolledKey, Powers
from sim.trust.digital_key.messages import Grant, OneKey, Signed
from sim.trust.digital_key.outcomes import Refused, first_wrong


@dataclass(frozen=True, slots=True)
class KeyRegister:
    """The keys of one car.

    Attributes:
        powers: what the car does for its keys.
        keys: by key id, revoked ones included.
        tombstones: revoked key ids, for ever; only owners add to them.
        shared: highest serial of a grant seen, by key id and the owner's key id.
    """

    powers: Powers
    keys: Mapping[str, EnrolledKey] = field(default_factory=dict)
    tombstones: frozenset[str] = frozenset()
    shared: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @classmethod
    def of(cls, powers: Powers, enrolled: Iterable[EnrolledKey]) -> Self:
        """Return the register of a car that is delivered with some keys."""
        return cls(powers, {key.kid: key for key in enrolled})

    def find(self, kid: str) -> tuple[str, Ed25519PublicKey] | None:
        """Return (device, public key) of an enrolled key, revoked or not, or None."""
        key = self.keys.get(kid)
        return None if key is None else OneKey(key.device, key.public_key).find(kid)

    def is_owner(self, kid: str) -> bool:
        """Say whether an enrolled key may share and revoke."""
        return self.keys[kid].role == "owner"

    def is_revoked(self, kid: str) -> bool:
        """Say whether a key, or the owner's key that shared it, has been revoked."""
        key = self.keys.get(kid)
        return kid in self.tombstones or (key is not None and key.granted_by in self.tombstones)

    def standing(self, kid: str, told_ms: int, clock_ms: int) -> Refused | None:
        """Return why an enrolled key is not valid: `REVOKED` or `KEY_EXPIRED`.

        Args:
            kid: the key.
            told_ms: the time as the car was told; no key is valid before it says so by this time.
            clock_ms: the car's clock that never goes back; a key ends by this one, so that a clock that
                jumps makes it live shorter, never longer.
        """
        key = self.keys[kid]
        return first_wrong(
            ("REVOKED", self.is_revoked(kid)),
            ("KEY_EXPIRED", told_ms < key.not_before_ms or clock_ms >= key.not_after_ms),
        )

    def with_paired(self, key: EnrolledKey) -> Self:
        """Return the register with one more paired key."""
        return replace(self, keys={**self.keys, key.kid: key})

    def with_grant(self, heard: Signed[Grant], clock_ms: int) -> tuple[Self, EnrolledKey | Refused]:
        """Return the register with a key that an owner in good standing has shared, for this car.

        A grant that was shown before changes nothing, so that showing it again gives no new uses. A newer
        one of the same owner takes its place. An older one is refused, else a friend could show two in
        turn and use each anew, or go back to rights that the owner has narrowed.
        """
        key = EnrolledKey.shared(heard.message, heard.kid)
        known = self.keys.get(key.kid)
        again = known is not None and (known.granted_by, known.serial) == (heard.kid, key.serial)
        refusal = first_wrong(
            ("REVOKED", key.kid in self.tombstones),
            ("ALREADY_ENROLLED", known is not None and known.granted_by is None),
            ("RIGHTS", not key.rights <= self.powers.grantable),
            ("KEY_EXPIRED", max(clock_ms, key.not_before_ms) >= key.not_after_ms),
            ("STALE_GRANT", not again and key.serial <= self.shared.get((key.kid, heard.kid), 0)),
        )
        if refusal is not None:
            return self, refusal
        if known is not None and again:
            return self, known
        shared = {**self.shared, (key.kid, heard.kid): key.serial}
        return replace(self, keys={**self.keys, key.kid: key}, shared=shared), key

    def without(self, kid: str) -> Self:
        """Return the register with a tombstone for a key, enrolled or not."""
        return replace(self, tombstones=self.tombstones | {kid})

    def used(self, kid: str) -> Self:
        """Return the register after one more use of a key that has one left."""
        return replace(self, keys={**self.keys, kid: self.keys[kid].used()})

    def unused(self, kid: str, serial: int) -> Self:
        """Return the register after a use that came to nothing; one of an older grant gives nothing back.

        Args:
            kid: the key.
            serial: of the grant by which it was used.
        """
        key = self.keys[kid]
        return self if key.serial != serial else replace(self, keys={**self.keys, kid: key.unused()})

    def kept(self) -> Mapping[str, Any]:
        """Return the register as JSON, for flash."""
        return {
            "keys": [key.kept() for key in self.keys.values()],
            "tombstones": sorted(self.tombstones),
            "shared": [[kid, owner, serial] for (kid, owner), serial in self.shared.items()],
        }

    @classmethod
    def restored(cls, powers: Powers, kept: Mapping[str, Any]) -> Self:
        """Return the register that flash has kept."""
        return replace(
            cls.of(powers, map(EnrolledKey.restored, kept["keys"])),
            tombstones=frozenset(kept["tombstones"]),
            shared={(kid, owner): serial for kid, owner, serial in kept["shared"]},
        )
