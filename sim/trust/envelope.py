r"""A signature over exact bytes: `{"v":1,"typ":…,"kid":…,"p":…,"sig":…}`, verified before `p` is parsed.

`p` is base64url (RFC 4648, section 5, no padding) of the signed bytes; the signature is Ed25519 over
`carhome/1 \\0 typ \\0 bytes`, so a reply can never pass for a command. There is no algorithm field and
nothing to negotiate, hence nothing to downgrade. Verification runs over the received bytes; nothing
is ever serialised again to be checked.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature

from sim.trust.identity import Identity, KeyFinder

VERSION: Final = 1
ENVELOPE_BYTES_MAX: Final = 4_096
"""Largest envelope of a digital key's message, as JSON; its reader is reached by strangers."""

DECODING: Final = "DECODING"
TOO_BIG: Final = "TOO_BIG"
UNKNOWN_KEY: Final = "UNKNOWN_KEY"
_VERSION: Final = "VERSION"
_WRONG_TYPE: Final = "WRONG_TYPE"
_BAD_SIGNATURE: Final = "BAD_SIGNATURE"
CODES: Final = frozenset({DECODING, TOO_BIG, UNKNOWN_KEY, _VERSION, _WRONG_TYPE, _BAD_SIGNATURE})
"""Every code of an envelope that is not opened."""

_FIELDS = frozenset({"v", "typ", "kid", "p", "sig"})
_KID = re.compile(r"[0-9a-f]{16}")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_DOMAIN = b"carhome/1\0"


class EnvelopeError(ValueError):
    """Raised when an envelope cannot be trusted.

    Attributes:
        code: `DECODING` (not exactly the five fields, each of its sort), `TOO_BIG`, `VERSION`,
            `WRONG_TYPE`, `UNKNOWN_KEY` or `BAD_SIGNATURE`.
        sentence: what is wrong, without any of the envelope's own words.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Opened:
    """A verified envelope: who signed which bytes."""

    device: str
    payload: bytes


def seal(identity: Identity, typ: str, payload: bytes) -> dict[str, Any]:
    """Return the envelope of `payload`, ready for JSON."""
    signature = identity.key.sign(signed_bytes(typ, payload))
    return {
        "v": VERSION,
        "typ": typ,
        "kid": identity.kid,
        "p": _encode(payload),
        "sig": _encode(signature),
    }


def unseal(envelope: Mapping[str, Any], typ: str, keyring: KeyFinder) -> Opened:
    """Return who signed what.

    Args:
        envelope: the five fields, straight from the strict JSON reader.
        typ: which type is expected here.
        keyring: finds the enrolled keys.

    Raises:
        EnvelopeError: not exactly the five fields, another version or type, a key nobody enrolled, or
            a signature that does not fit the bytes.
    """
    kid, payload, signature = _fields(envelope, typ)
    enrolled = keyring.find(kid)
    if enrolled is None:
        raise EnvelopeError(UNKNOWN_KEY, "the household has not enrolled the key that signed it")
    device, key = enrolled
    try:
        key.verify(signature, signed_bytes(typ, payload))
    except InvalidSignature:
        raise EnvelopeError(_BAD_SIGNATURE, "the signature does not fit the bytes") from None
    return Opened(device, payload)


def unverified(envelope: Mapping[str, Any], typ: str) -> tuple[str, bytes]:
    """Return the key id and the bytes of an envelope whose signature nobody has looked at.

    For the two messages that bring the key they are signed with, or are not signed for their reader:
    whoever calls this verifies afterwards, or believes nothing.

    Raises:
        EnvelopeError: not exactly the five fields, or another version or type.
    """
    kid, payload, _ = _fields(envelope, typ)
    return kid, payload


def signed_bytes(typ: str, payload: bytes) -> bytes:
    """Return what is signed: the type is part of it, so that no message passes for one of another type."""
    return _DOMAIN + typ.encode() + b"\0" + payload


def _fields(envelope: Mapping[str, Any], typ: str) -> tuple[str, bytes, bytes]:
    """Return key id, bytes and signature of an envelope that has the right shape and type."""
    if envelope.keys() != _FIELDS:
        raise EnvelopeError(DECODING, "the envelope does not have exactly the fields v, typ, kid, p and sig")
    if type(envelope["v"]) is not int:  # neither 1.0 nor true
        raise EnvelopeError(DECODING, "the version of the envelope is not an integer")
    if envelope["v"] != VERSION:
        raise EnvelopeError(_VERSION, "the envelope is not of version 1")
    if envelope["typ"] != typ:
        raise EnvelopeError(_WRONG_TYPE, f"the envelope does not hold a {typ}")
    kid = envelope["kid"]
    if not isinstance(kid, str) or _KID.fullmatch(kid) is None:
        raise EnvelopeError(DECODING, "the key id is not 16 hex digits")
    return kid, _decode(envelope["p"]), _decode(envelope["sig"])


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: object) -> bytes:
    """Return the bytes of unpadded base64url; one spelling only, so that equal bytes are equal text."""
    if not isinstance(text, str) or _BASE64URL.fullmatch(text) is None:
        raise EnvelopeError(DECODING, "a field is not base64url")
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise EnvelopeError(DECODING, "a field is not base64url") from None
    if _encode(raw) != text:
        raise EnvelopeError(DECODING, "a field is not base64url in its one spelling")
    return raw
