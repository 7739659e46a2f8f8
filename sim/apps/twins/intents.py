"""Intents: what somebody wants a setting to be, signed by the device it was wished at.

The cloud only hands them on. Whoever carries one out looks at the signature of its author's device, so that
no broker and no cloud can wish anything. What a cloud can do is to be late, to be silent, or to lie about
what time it is.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.apps.twins.settings import WORD_CHARACTERS_MAX, SettingError, Value, checked
from sim.apps.twins.stamps import Stamp
from sim.core.device import Peer
from sim.core.messages import INTEGER_MAX, MalformedMessageError, dump_json, load_json_object
from sim.trust.envelope import EnvelopeError, seal, unseal
from sim.trust.identity import Identity, key_id_of

EVERYWHERE: Final = "*"
"""Scope for every device that has the setting: the author's own, and those that belong to nobody."""
INTENT_BYTES_MAX = 1_024
"""Largest intent, signed bytes; four of them fit a command."""
COUNT_MAX = 1_000_000
"""Largest count of a stamp: more wishes than anybody has in one millisecond."""
_TYPE = "intent"


class IntentError(ValueError):
    """Raised when something is no intent that its author's device has signed; one sentence."""


class Intent(BaseModel):
    """What somebody wants.

    Attributes:
        id: names it; no two intents share one.
        device: where it was wished, and who signs it.
        person: who wished it, or None when that device did not know.
        scope: the device it is for, or `EVERYWHERE`.
        setting: which setting.
        value: what it shall be.
        ms: first part of its stamp.
        count: second part of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    device: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
    person: Annotated[str, Field(max_length=WORD_CHARACTERS_MAX)] | None
    scope: Annotated[str, Field(pattern=r"^(\*|[a-z0-9][a-z0-9_-]{0,31})$")]
    setting: Annotated[str, Field(max_length=WORD_CHARACTERS_MAX)]
    value: Value
    ms: Annotated[int, Field(ge=0, le=INTEGER_MAX)]
    count: Annotated[int, Field(ge=0, le=COUNT_MAX)]

    @property
    def stamp(self) -> Stamp:
        """When it was wished."""
        return Stamp(self.ms, self.count, self.device)

    def at(self, stamp: Stamp, name: str) -> "Intent":
        """Return the same wish under another stamp, and therefore another id."""
        return self.model_copy(update={"id": name, "ms": stamp.ms, "count": stamp.count})

    def concerns(self, device: str, owner: str | None) -> bool:
        """Say whether it is for a device that belongs to somebody, or to nobody."""
        if self.scope == EVERYWHERE:
            return owner is None or owner == self.person
        return self.scope == device


class Peers:
    """Who may sign what: the devices of the household, by the ids of their keys.

    Args:
        peers: name to what was told of it at the factory.
    """

    def __init__(self, peers: Mapping[str, Peer]) -> None:
        self.by_name = peers
        self._keys = {
            key_id_of(peer.key): (name, Ed25519PublicKey.from_public_bytes(peer.key))
            for name, peer in peers.items()
        }

    def find(self, kid: str) -> tuple[str, Ed25519PublicKey] | None:
        """Return (device, public key) of an enrolled key, or None."""
        return self._keys.get(kid)

    def owner(self, device: str) -> str | None:
        """Return whom a device belongs to; None for one that nobody owns, or nobody knows."""
        peer = self.by_name.get(device)
        return None if peer is None else peer.owner

    def user(self, device: str, person: str | None) -> str | None:
        """Return for whom a device speaks: the one it names if people share it, else its owner."""
        peer = self.by_name[device]
        return person if peer.shared else peer.owner

    def cloud(self) -> str | None:
        """Return the household's cloud, the first in file order, or None."""
        return next((name for name, peer in self.by_name.items() if peer.kind == "cloud"), None)


def sealed(identity: Identity, intent: Intent) -> dict[str, Any]:
    """Return an intent in its envelope, ready for JSON."""
    return seal(identity, _TYPE, dump_json(intent.model_dump()))


def opened(envelope: Mapping[str, Any], peers: Peers) -> Intent:
    """Return the intent in an envelope.

    Raises:
        IntentError: not signed by a device of the household, not for the person that device speaks for, or
            not about a setting that can have this value.
    """
    try:
        signed = unseal(envelope, _TYPE, peers)
        intent = Intent.model_validate(load_json_object(signed.payload, bytes_max=INTENT_BYTES_MAX))
        value = checked(intent.setting, intent.value)
    except (EnvelopeError, MalformedMessageError, SettingError) as error:
        msg = f"it is no intent: {error}"
        raise IntentError(msg) from None
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        msg = f"it is no intent: the field `{where}` is missing, unknown or of the wrong sort"
        raise IntentError(msg) from None
    if signed.device != intent.device:
        msg = f"it is signed by {signed.device} in the name of {intent.device}"
        raise IntentError(msg)
    if peers.user(intent.device, intent.person) != intent.person:
        msg = f"{intent.device} does not speak for {intent.person}"
        raise IntentError(msg)
    return intent if type(value) is type(intent.value) else intent.model_copy(update={"value": value})
