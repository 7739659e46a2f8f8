"""What a person asks of car keys, and what a wallet has under way: talks with cars, sharing and revoking."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from sim.core.asking import KEYED
from sim.core.device import Act, Refers, Request
from sim.core.units import Metres, Milliseconds
from sim.trust.digital_key import KeyPlace
from sim.trust.digital_key.messages import RADIUS_M_MAX
from sim.trust.digital_key.sharing import Preset

REVOCATION_MS = 600_000
"""How long one revocation is under way; while the car has not confirmed it, the next follows. Far less than a
command may live, so that no small difference between two clocks makes it too long."""


class PairKey(Act, verb="pair"):
    """Hold the device before the code on the car's screen: it becomes a key of the car."""

    car: Annotated[str, Refers("device", "car")]


class ShareKey(Act):
    """Share a key with somebody's phone: rights, time and uses of its role unless they are given."""

    car: Annotated[str, Refers("device", "car")]
    to: Annotated[str, Refers("device", "phone")]
    role: Preset = "friend"
    for_ms: Milliseconds | None = Field(default=None, gt=0)
    after_ms: Milliseconds = Field(default=0, ge=0)
    uses: int | None = Field(default=None, ge=1, le=1000)
    within_m: Metres | None = Field(default=None, ge=1, le=RADIUS_M_MAX)
    """How far from where it stands now the car may be for the key to open it; None for anywhere."""


class RevokeKey(Act):
    """Take a key back for good, also while the car cannot be reached."""

    car: Annotated[str, Refers("device", "car")]
    device: Annotated[str, Refers("device")]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A button's command on its way.

    Attributes:
        ticket: the button's; everything that becomes of it is told there.
        car: who is asked.
        action: for what.
        arguments: the command's own arguments.
        by: person on whose behalf.
        until_ms: when whoever pressed stops waiting.
        tries: how often it was begun.
        key: name of the key for an order that is used; empty for the device's own.
    """

    ticket: str
    car: str
    action: str
    arguments: Mapping[str, Any]
    by: str | None
    until_ms: int
    tries: int = 1
    key: str = ""

    @property
    def near(self) -> bool:
        """Whether the key must be beside the car."""
        return KEYED[self.action] == "near"

    @property
    def first(self) -> str:
        """Ticket of the message that begins it."""
        return f"{self.ticket}-{'hello' if self.near else 'session'}-{self.tries}"

    @property
    def second(self) -> str:
        """Ticket of the command itself."""
        return f"{self.ticket}-{self.tries}"


@dataclass(frozen=True, slots=True)
class Revocation:
    """A key that was taken back, as far as the car has not confirmed it.

    Attributes:
        device: whose key.
        car: who must forget it.
        message: the owner's signed word.
        reached: whether it was sent since the car was last seen to come back.
        times: how often it was sent again.
    """

    device: str
    car: str
    message: Mapping[str, Any]
    reached: bool
    times: int = 0

    def request(self, ticket: str, by: str | None) -> Request:
        """Return the command that tells the car."""
        return Request(ticket, self.car, "key_revoke", {"revoke": self.message}, by, REVOCATION_MS)


@dataclass(frozen=True, slots=True)
class Sharing:
    """A key that is being shared.

    Attributes:
        ticket: what becomes of it is told there; it names the key, if it is for one order.
        act: the terms.
        by: person on whose behalf.
        place: where the car must stand for it; None for anywhere.
        order: for which order; empty for none.
    """

    ticket: str
    act: ShareKey
    by: str | None
    place: KeyPlace | None
    order: str = ""
