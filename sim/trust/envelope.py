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
from typing import Any

from cryptography.exceptions import InvalidSignature

from sim.trust.identity import Identity, Keyring

VERSION = 1
_FIELDS = frozenset({"v", "typ", "kid", "p", "sig"})
_KID = re.compile(r"[0-9a-f]{16}")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_DOMAIN = b"carhome/1\0"


class EnvelopeError(ValueError):
    """Raised when an envelope cannot be trusted.

    Attributes:
        code: `malformed`, `unknown-key`, `bad-signature` or `wrong-type`.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class Opened:
    """A verified envelope: who signed which bytes."""

    device: str
    payload: bytes


def seal(identity: Identity, typ: str, payload: bytes) -> dict[str, Any]:
    """Return the envelope of `payload`, ready for JSON."""
    signature = identity.key.sign(_signed_bytes(typ, payload))
    return {
        "v": VERSION,
        "typ": typ,
        "kid": identity.kid,
        "p": _encode(payload),
        "sig": _encode(signature),
    }


def unseal(envelope: Mapping[str, Any], typ: str, keyring: Keyring) -> Opened:
    """Return who signed what.

    Args:
        envelope: the five fields, straight from the strict JSON reader.
        typ: which type is expected here.
        keyring: the enrolled keys.

    Raises:
        EnvelopeError: not exactly the five fields, another version or type, a key nobody enrolled, or
            a signature that does not fit the bytes.
    """
    if envelope.keys() != _FIELDS:
        msg = "malformed"
        raise EnvelopeError(msg, "the envelope does not have exactly the fields v, typ, kid, p and sig")
    if envelope["v"] is not VERSION:
        msg = "malformed"
        raise EnvelopeError(msg, "the envelope is not of version 1")
    if envelope["typ"] != typ:
        msg = "wrong-type"
        raise EnvelopeError(msg, f"the envelope does not hold a {typ}")
    kid = envelope["kid"]
    if not isinstance(kid, str) or _KID.fullmatch(kid) is None:
        msg = "malformed"
        raise EnvelopeError(msg, "the key id is not 16 hex digits")
    payload, signature = _decode(envelope["p"]), _decode(envelope["sig"])
    enrolled = keyring.find(kid)
    if enrolled is None:
        msg = "unknown-key"
        raise EnvelopeError(msg, "the household has not enrolled the key that signed it")
    device, key = enrolled
    try:
        key.verify(signature, _signed_bytes(typ, payload))
    except InvalidSignature:
        msg = "bad-signature"
        raise EnvelopeError(msg, "the signature does not fit the bytes") from None
    return Opened(device, payload)


def _signed_bytes(typ: str, payload: bytes) -> bytes:
    return _DOMAIN + typ.encode() + b"\0" + payload


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: object) -> bytes:
    """Return the bytes of unpadded base64url; one spelling only, so that equal bytes are equal text."""
    if not isinstance(text, str) or _BASE64URL.fullmatch(text) is None:
        msg = "malformed"
        raise EnvelopeError(msg, "a field is not base64url")
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        msg = "malformed"
        raise EnvelopeError(msg, "a field is not base64url") from None
    if _encode(raw) != text:
        msg = "malformed"
        raise EnvelopeError(msg, "a field is not base64url in its one spelling")
    return raw
