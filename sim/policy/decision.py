"""What the rules are asked, and what they answer."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

from sim.core.device import Circumstances, Presence, Voice

Kind = Literal["permitted", "forbidden", "not_permitted", "not_evaluated", "refused"]
"""Why a decision is as it is: a rule permits; a rule forbids; no rule permits; something was in doubt; or an
earlier check refused it, so that no rule was asked."""

Layer = Literal["broker", "rate", "signature", "freshness", "key", "policy"]
"""Which line of defence refused: the broker's permissions, the rate limit, the signature of the sender, the
age of the command, the digital key's proof, or the rules."""


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """Who asks which device for what, and what is known at that moment.

    Attributes:
        action: name of the command, known to the device or not.
        principal: the person on whose behalf, or None.
        authenticated: whether the signature proves the sender.
        sender: the device that asks, as the broker authenticated it.
        resource: the device that is asked.
        circumstances: what the device asked says of itself.
        presence: what the sender senses of its person.
        expires_in_ms: how much longer the command may be carried out.
        fresh: whether it is of now: not kept by a broker, not used before, not meant for some later day.
        built_in: whether the device that asks is built into the one that is asked, or is it.
        voice: where the voice was heard that asked; None when a hand did.
    """

    action: str
    principal: str | None
    authenticated: bool
    sender: str
    resource: str
    circumstances: Circumstances
    presence: Presence
    expires_in_ms: int
    fresh: bool = True
    built_in: bool = False
    voice: Voice | None = None

    def to_record(self) -> dict[str, Any]:
        """Return what the record of a decision does not say otherwise: the moment, as JSON values."""
        return {
            "authenticated": self.authenticated,
            "fresh": self.fresh,
            "built_in": self.built_in,
            "expires_in_ms": self.expires_in_ms,
            "worn": self.presence.worn,
            "voice": self.voice,
            "circumstances": asdict(self.circumstances),
        }


_TOLD = ("kind", "rules", "clauses", "article", "quote", "instead", "layer", "code", "because")
"""What whoever asked is told of a denial, beside its reason."""


@dataclass(frozen=True, slots=True)
class FailedClause:
    """What a permit would have needed.

    Attributes:
        rule: id of the permit; None when there is no permit to name.
        clause: the first of its clauses that was false, in Cedar; a sentence when there is no permit.
    """

    rule: str | None
    clause: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one request.

    Attributes:
        kind: whether the command may be carried out, and why.
        rules: ids of the rules that determined it, the weightiest first; empty unless a rule did.
        reason: one sentence for people.
        article: number of the article the first rule comes from.
        quote: the article's own words.
        instead: the nearest thing that is allowed.
        clauses: for `not_permitted`, what the nearest permits would have needed.
        errors: what went wrong while the rules were evaluated, in the engine's words.
        layer: which line of defence refused; None for what is permitted.
        code: reason code of the check that did not hold, such as `BAD_SIGNATURE`; None when it was the
            rules alone.
        because: what that check found, one sentence; empty when it was the rules alone.
    """

    kind: Kind
    rules: tuple[str, ...]
    reason: str
    article: str | None = None
    quote: str | None = None
    instead: str | None = None
    clauses: tuple[FailedClause, ...] = ()
    errors: tuple[str, ...] = ()
    layer: Layer | None = None
    code: str | None = None
    because: str = ""

    @property
    def allowed(self) -> bool:
        """Whether the command may be carried out."""
        return self.kind == "permitted"

    def to_record(self) -> dict[str, Any]:
        """Return everything as JSON values; keys always come in the same order."""
        record = {"allowed": self.allowed, **asdict(self)}
        for name in ("rules", "clauses", "errors"):
            record[name] = list(record[name])
        return record

    def denial(self) -> dict[str, Any]:
        """Return what the reply to a denied asker carries beside the reason: nothing of the engine's own."""
        record = self.to_record()
        return {name: record[name] for name in _TOLD}


class PolicyDecisionPoint(Protocol):
    """Anything that can answer a request."""

    def decide(self, request: AccessRequest) -> Decision:
        """Answer, refusing whatever is in doubt; never raises on a well-formed request."""
        ...
