"""The nine messages of the digital key, each signed for its own type and read strictly.

Every field is a string of one spelling, an integer, or a list of strings: no float and so no NaN, which
would be neither before nor after any deadline. Binary values are lower-case hex. A message is read in
the order size, shape, signature, content; nothing unsigned is parsed, but for `key.pair`, which brings
its own key.

    message         from     says
    key.pair        holder   this is my key, and I have read your code
    key.grant       holder   an owner shares rights with another key
    key.revoke      holder   an owner takes a key back
    key.hello       holder   I am near; challenge me
    key.challenge   reader   answer this within two seconds
    key.auth        holder   the answer, with what is asked for
    key.request     holder   how late is it, and which counter is next?
    key.session     reader   the time and the counter
    key.command     holder   what is asked for from afar, until when
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Generic, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.core.messages import INTEGER_MAX, MalformedMessageError, dump_json, load_json_object
from sim.trust.digital_key.agreement import digest_of
from sim.trust.digital_key.counters import COUNTER_MAX
from sim.trust.digital_key.outcomes import PresenceProof
from sim.trust.envelope import (
    DECODING,
    ENVELOPE_BYTES_MAX,
    TOO_BIG,
    EnvelopeError,
    seal,
    unseal,
    unverified,
)
from sim.trust.identity import Identity, KeyFinder, key_id_of

RIGHTS_MAX: Final = 32
"""How many rights one grant may name."""
USES_MAX: Final = 1_000
"""How many uses one grant may allow."""
RADIUS_M_MAX: Final = 10_000
"""How far from its place one grant may reach: farther is no place any more (assumption)."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
"""A car or a device, as it is named in topics."""
Action = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
CommandId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Hex16 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Millis = Annotated[int, Field(ge=0, le=INTEGER_MAX)]
_Metres = Annotated[int, Field(ge=1, le=RADIUS_M_MAX)]
_Latitude = Annotated[int, Field(ge=-90_000_000, le=90_000_000)]
_Longitude = Annotated[int, Field(ge=-180_000_000, le=180_000_000)]
KeyPlace = tuple[_Latitude, _Longitude, _Metres]
"""Latitude and longitude in millionths of a degree (a tenth of a metre), and a radius in metres."""


class KeyMessage(BaseModel):
    """One message: exactly its fields, each of its sort.

    Attributes:
        typ: which one; the signature covers it.
        car: which car it is for, or from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    typ: ClassVar[str]

    car: Name

    def to_bytes(self) -> bytes:
        """Return the bytes to sign."""
        return dump_json(self.model_dump())

    def digest(self) -> bytes:
        """Return SHA-256 of what is signed, for whoever signs it."""
        return digest_of(self.typ, self.to_bytes())


class Pair(KeyMessage):
    """A device's key, with the proof that the device has read the code on the car's screen.

    Attributes:
        device: whose key; must be the broker's sender.
        public_key: Ed25519, the very key that signs this message.
        mac: see `agreement.pairing_proof`.
    """

    typ: ClassVar[str] = "key.pair"

    device: Name
    public_key: Hex32
    mac: Hex32


class Grant(KeyMessage):
    """Rights that an owner shares; the car may be offline, for whoever they are shared with shows it.

    Attributes:
        device: who gets them.
        public_key: Ed25519, of that device.
        rights: actions of the car; at least one.
        not_before_ms: from when, milliseconds since 1970, by the car's clock.
        not_after_ms: until before when.
        uses: how often, or None for as often as wanted.
        serial: counts what this owner's key has ever shared, so that an old grant never replaces a newer.
        place: where the car must stand for it: latitude and longitude in millionths of a degree, and within
            how many metres; None for anywhere.
    """

    typ: ClassVar[str] = "key.grant"

    device: Name
    public_key: Hex32
    rights: Annotated[tuple[Action, ...], Field(strict=False, min_length=1, max_length=RIGHTS_MAX)]
    not_before_ms: Millis
    not_after_ms: Millis
    uses: Annotated[int, Field(ge=1, le=USES_MAX)] | None
    serial: Annotated[int, Field(ge=1, le=INTEGER_MAX)]
    place: Annotated[KeyPlace, Field(strict=False)] | None


class Revoke(KeyMessage):
    """A key that an owner takes back, for ever.

    Attributes:
        kid: which; the car need not know it yet.
    """

    typ: ClassVar[str] = "key.revoke"

    kid: KeyId


class Hello(KeyMessage):
    """The wish to be challenged.

    Attributes:
        nonce: of the holder, echoed in the challenge.
    """

    typ: ClassVar[str] = "key.hello"

    nonce: Hex16


class Challenge(KeyMessage):
    """What a holder must answer.

    Attributes:
        transaction: names the conversation; good for one answer.
        challenge: 32 bytes that no other challenge has.
        nonce: the holder's, echoed.
        ephemeral: the car's X25519 key of this conversation.
        epoch: 16 bytes, new at every start of the car.
        ttl_ms: how long the challenge can be answered.
    """

    typ: ClassVar[str] = "key.challenge"

    transaction: Hex16
    challenge: Hex32
    nonce: Hex16
    ephemeral: Hex32
    epoch: Hex16
    ttl_ms: Annotated[int, Field(ge=1, le=60_000)]


class Auth(KeyMessage):
    """The answer to a challenge.

    Attributes:
        transaction: of the challenge.
        challenge: SHA-256 of what the car signed, see `agreement.digest_of`.
        action: what is asked for.
        presence: how the device knows its person; the truth, also when the car will refuse it.
        ephemeral: the holder's X25519 key of this conversation.
        command_id: names the command this is for.
    """

    typ: ClassVar[str] = "key.auth"

    transaction: Hex16
    challenge: Hex32
    action: Action
    presence: PresenceProof
    ephemeral: Hex32
    command_id: CommandId


class SessionRequest(KeyMessage):
    """The wish to speak to the car from afar.

    Attributes:
        nonce: of the holder, echoed in the session.
    """

    typ: ClassVar[str] = "key.request"

    nonce: Hex16


class Session(KeyMessage):
    """How late it is for the car, and what it has seen of this key.

    Attributes:
        epoch: 16 bytes, new at every start of the car.
        clock_ms: milliseconds since the epoch began.
        counter: the highest the car has seen of this key in this epoch; 0 for none.
        nonce: the holder's, echoed.
    """

    typ: ClassVar[str] = "key.session"

    epoch: Hex16
    clock_ms: Millis
    counter: Annotated[int, Field(ge=0, le=COUNTER_MAX)]
    nonce: Hex16


class RemoteCommand(KeyMessage):
    """What is asked for from afar.

    Attributes:
        epoch: of the session.
        expires_ms: until before when, in milliseconds since the epoch began.
        counter: counts this key's commands.
        action: what is asked for.
        command_id: names the command this is for.
    """

    typ: ClassVar[str] = "key.command"

    epoch: Hex16
    expires_ms: Millis
    counter: int
    action: Action
    command_id: CommandId


MESSAGES: Final[tuple[type[KeyMessage], ...]] = (
    Pair,
    Grant,
    Revoke,
    Hello,
    Challenge,
    Auth,
    SessionRequest,
    Session,
    RemoteCommand,
)

M = TypeVar("M", bound=KeyMessage)

_PUNCTUATION: Final = len('{"v":1,"typ":"","kid":"","p":"","sig":""}')
"""What an envelope has beside its strings."""


@dataclass(frozen=True, slots=True)
class Signed(Generic[M]):
    """A message that was verified, and who signed it.

    Attributes:
        device: whose key.
        kid: which key.
        message: what it says.
        digest: SHA-256 of what was signed.
    """

    device: str
    kid: str
    message: M
    digest: bytes


@dataclass(frozen=True, slots=True)
class OneKey:
    """Finds one key and no other.

    Attributes:
        device: whose key.
        public_key: Ed25519, 32 bytes.
    """

    device: str
    public_key: bytes

    def find(self, kid: str) -> tuple[str, Ed25519PublicKey] | None:
        """Return (device, public key) when it is this key's id, or None."""
        if kid != key_id_of(self.public_key):
            return None
        return self.device, Ed25519PublicKey.from_public_bytes(self.public_key)


def sign(identity: Identity, message: KeyMessage) -> dict[str, Any]:
    """Return the envelope of a message, ready for JSON."""
    return seal(identity, message.typ, message.to_bytes())


def read(envelope: object, model: type[M], find: KeyFinder) -> Signed[M]:
    """Return a message whose signature fits.

    Args:
        envelope: what came: an object of JSON that was read strictly, or anything else.
        model: which message is expected.
        find: knows the keys that may sign it.

    Raises:
        EnvelopeError: `TOO_BIG`, `DECODING`, `VERSION`, `WRONG_TYPE`, `UNKNOWN_KEY` or `BAD_SIGNATURE`.
    """
    fields = _fields(envelope)
    opened = unseal(fields, model.typ, find)
    message = parse(opened.payload, model)
    return Signed(opened.device, fields["kid"], message, digest_of(model.typ, opened.payload))


def read_unverified(envelope: object, model: type[M]) -> M:
    """Return what a message claims; whoever calls this verifies it afterwards, or believes nothing.

    Raises:
        EnvelopeError: as `read`, but for the signature.
    """
    _, payload = unverified(_fields(envelope), model.typ)
    return parse(payload, model)


def parse(payload: bytes, model: type[M]) -> M:
    """Return what signed bytes say.

    Raises:
        EnvelopeError: `DECODING`, when they say anything but exactly the fields of the message.
    """
    try:
        return model.model_validate(load_json_object(payload, bytes_max=ENVELOPE_BYTES_MAX))
    except (MalformedMessageError, ValidationError):
        # Neither error's own words: they hold what a stranger wrote.
        raise EnvelopeError(DECODING, f"what was signed is not exactly a {model.typ}") from None


def envelope_from_json(raw: bytes) -> dict[str, Any]:
    """Return the envelope in JSON bytes, for `read`; nothing in it is verified yet.

    Raises:
        EnvelopeError: `TOO_BIG` beyond `ENVELOPE_BYTES_MAX`; `DECODING` for what is not one object of
            strict JSON: NaN, a key twice, bytes that are not UTF-8, an integer beyond 2^53 - 1.
    """
    if len(raw) > ENVELOPE_BYTES_MAX:
        raise EnvelopeError(TOO_BIG, f"the envelope is larger than {ENVELOPE_BYTES_MAX} bytes")
    try:
        return load_json_object(raw, bytes_max=ENVELOPE_BYTES_MAX)
    except MalformedMessageError:
        raise EnvelopeError(DECODING, "the envelope is not one object of strict JSON") from None


def _fields(envelope: object) -> Mapping[str, Any]:
    """Return an envelope that is an object, and not too big to look at."""
    if not isinstance(envelope, Mapping):
        raise EnvelopeError(DECODING, "the envelope is not an object")
    length = _PUNCTUATION + sum(len(value) for value in envelope.values() if isinstance(value, str))
    if length > ENVELOPE_BYTES_MAX:
        raise EnvelopeError(TOO_BIG, f"the envelope is larger than {ENVELOPE_BYTES_MAX} bytes")
    return envelope
