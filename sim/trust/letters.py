"""Sealed letters: what one device says to another so that nobody between can read it, the broker least.

A letter is one message of HPKE (RFC 9180) in mode Auth: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.

    {"v":1, "boot":…, "count":…, "enc":…, "sealed":…}

`enc` is the sender's ephemeral public key, `sealed` the ciphertext, both base64url without padding. The key
comes from two secrets, of the ephemeral key and of the sender's own with the receiver's (RFC 7748), so that
only that receiver reads it and only that sender, or the receiver, can have written it. Sender, receiver and
purpose are part of the key (`info`), and the id of the command it travels in, boot and count are
authenticated with the text.

Ephemeral keys are drawn from the device's secret by how often it has started and how often it has drawn, so
no two letters share a key and a nonce (NIST SP 800-38D, section 8), not after a restart either, and a run
repeats. That is why HPKE is put together here from its parts: libraries offer no mode with a sender, and draw
the ephemeral key by chance. A receiver opens each letter once: it keeps a window of counts for each sender,
as IPsec does (RFC 4303, section 3.4.3), because links reorder.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from sim.core.device import Provision
from sim.trust.derivation import box_key
from sim.trust.digital_key.nonces import Nonces

VERSION: Final = 1
DECODING: Final = "DECODING"
TOO_BIG: Final = "TOO_BIG"
UNKNOWN_SENDER: Final = "UNKNOWN_SENDER"
UNKNOWN_RECEIVER: Final = "UNKNOWN_RECEIVER"
SEALED: Final = "SEALED"
REPLAYED: Final = "REPLAYED"
LETTER_BYTES_MAX: Final = 34_000
"""Longest text of a letter: what is left of a message after the spelling of a letter and of its envelope."""
COUNTS_KEPT: Final = 64
"""How far behind the newest count of a sender a letter may come; the least that RFC 4303 recommends."""
NUMBER_MAX: Final = 2**53 - 1

_FIELDS = frozenset({"v", "boot", "count", "enc", "sealed"})
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_KEY_BYTES: Final = 32
_TAG_BYTES: Final = 16
_KEM: Final = b"KEM\x00\x20"
_SUITE: Final = b"HPKE\x00\x20\x00\x01\x00\x02"
"""DHKEM(X25519, HKDF-SHA256) is 0x0020, HKDF-SHA256 0x0001, AES-256-GCM 0x0002 (RFC 9180, section 7)."""
_MODE_AUTH: Final = b"\x02"


class LetterError(ValueError):
    """Raised when a letter cannot be opened; the sentence says why, and nothing that is in it.

    Attributes:
        code: `DECODING` (not exactly a letter), `TOO_BIG`, `UNKNOWN_SENDER`, `UNKNOWN_RECEIVER`, `SEALED`
            (tampered with, or sealed by or for somebody else or for something else) or `REPLAYED`.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Window:
    """Which letters of one sender were opened.

    Attributes:
        boot: how often the sender had started.
        newest: the highest count since.
        seen: one bit for each of the `COUNTS_KEPT` counts up to the newest, that of the newest lowest.
    """

    boot: int = 0
    newest: int = -1
    seen: int = 0

    def opened(self, boot: int, count: int) -> "Window | None":
        """Return the window after a letter; None when it was opened before, or is too old to be told."""
        if boot > self.boot:
            return Window(boot, count, 1)
        behind = self.newest - count
        if boot < self.boot or behind >= COUNTS_KEPT:
            return None
        if behind < 0:
            seen = (self.seen << -behind | 1) & ((1 << COUNTS_KEPT) - 1)
            return Window(boot, count, seen)
        bit = 1 << behind
        return None if self.seen & bit else replace(self, seen=self.seen | bit)


@dataclass(frozen=True)
class Letters:
    """The letters of one device for one purpose: what it seals to others, and opens of them.

    Attributes:
        device: who writes and reads.
        purpose: what for; no letter passes for one of another purpose.
        nonces: where its ephemeral keys come from.
        boxes: public keys of everybody who takes letters, by name.
        windows: which letters of each sender were opened.
    """

    device: str = ""
    purpose: str = ""
    nonces: Nonces | None = None
    boxes: Mapping[str, bytes] = field(default_factory=dict)
    windows: Mapping[str, Window] = field(default_factory=dict)

    @classmethod
    def made(
        cls, device: str, purpose: str, provision: Provision, kept: Mapping[str, list[int]] | None = None
    ) -> Self:
        """Return the letters of a device that starts.

        Args:
            device: its name.
            purpose: what for.
            provision: what it was given; its secret and the keys of the others.
            kept: what `kept` returned before a restart.
        """
        windows = {sender: Window(*numbers) for sender, numbers in (kept or {}).items()}
        return cls(device, purpose, Nonces(provision.seed, provision.boot), provision.boxes, windows)

    def kept(self) -> dict[str, list[int]]:
        """Return what must survive a restart, lest an old letter be opened again."""
        return {name: [one.boot, one.newest, one.seen] for name, one in self.windows.items()}

    def seal(self, receiver: str, letter_id: str, text: bytes) -> tuple[Self, dict[str, Any]]:
        """Return the successor, and a letter ready for JSON.

        Args:
            receiver: who shall read it.
            letter_id: what it belongs to, such as the id of the command it travels in.
            text: at most `LETTER_BYTES_MAX` bytes.

        Raises:
            LetterError: `TOO_BIG`, or `UNKNOWN_RECEIVER` for one that takes no letters.
        """
        if len(text) > LETTER_BYTES_MAX:
            raise LetterError(TOO_BIG, f"a letter holds at most {LETTER_BYTES_MAX} bytes")
        if self.nonces is None or receiver not in self.boxes:
            raise LetterError(UNKNOWN_RECEIVER, f"{receiver} is no device that takes sealed letters")
        boot, count = self.nonces.boot, self.nonces.drawn
        nonces, private = self.nonces.draw(_KEY_BYTES, f"letter {self.purpose}")
        ephemeral = X25519PrivateKey.from_private_bytes(private)
        own = box_key(nonces.seed)
        to = self.boxes[receiver]
        secret = _exchanged(ephemeral, to) + _exchanged(own, to)
        enc = _public(ephemeral)
        key, nonce = _schedule(secret, enc + to + _public(own), self._info(self.device, receiver))
        sealed = AESGCM(key).encrypt(nonce, text, _bound(letter_id, boot, count))
        letter = {"v": VERSION, "boot": boot, "count": count, "enc": _encode(enc), "sealed": _encode(sealed)}
        return replace(self, nonces=nonces), letter

    def open(self, sender: str, letter_id: str, letter: object) -> tuple[Self, bytes]:
        """Return the successor, which will not open it again, and what the letter says.

        Args:
            sender: who is said to have written it.
            letter_id: what it came with.
            letter: straight from the strict JSON reader.

        Raises:
            LetterError: saying why it cannot be believed.
        """
        boot, count, enc, sealed = _parts(letter)
        if self.nonces is None or sender not in self.boxes:
            raise LetterError(UNKNOWN_SENDER, f"{sender} is no device that writes sealed letters")
        own = box_key(self.nonces.seed)
        by = self.boxes[sender]
        secret = _exchanged(own, enc) + _exchanged(own, by)
        key, nonce = _schedule(secret, enc + _public(own) + by, self._info(sender, self.device))
        try:
            text = AESGCM(key).decrypt(nonce, sealed, _bound(letter_id, boot, count))
        except InvalidTag:
            sentence = (
                f"it was changed on the way, or {sender} did not seal it for {self.device} and for this"
            )
            raise LetterError(SEALED, sentence) from None
        window = self.windows.get(sender, Window()).opened(boot, count)
        if window is None:
            raise LetterError(REPLAYED, f"this letter of {sender} was opened before")
        return replace(self, windows={**self.windows, sender: window}), text

    def _info(self, sender: str, receiver: str) -> bytes:
        """Return what makes the key one for a sender, a receiver and a purpose; no name has a zero byte."""
        return f"carhome/1 letter\0{self.purpose}\0{sender}\0{receiver}".encode()


def _parts(letter: object) -> tuple[int, int, bytes, bytes]:
    """Return boot, count, ephemeral key and ciphertext of what has exactly the fields of a letter."""
    if not isinstance(letter, Mapping) or letter.keys() != _FIELDS:
        raise LetterError(DECODING, "a letter has exactly the fields v, boot, count, enc and sealed")
    if any(type(letter[name]) is not int for name in ("v", "boot", "count")):  # neither 1.0 nor true
        raise LetterError(DECODING, "version, boot and count of a letter are integers")
    if letter["v"] != VERSION:
        raise LetterError(DECODING, "the letter is not of version 1")
    if not (0 < letter["boot"] <= NUMBER_MAX and 0 <= letter["count"] <= NUMBER_MAX):
        raise LetterError(DECODING, "boot and count of the letter cannot be")
    enc, sealed = _decode(letter["enc"], _KEY_BYTES), _decode(letter["sealed"], LETTER_BYTES_MAX + _TAG_BYTES)
    if len(enc) != _KEY_BYTES or len(sealed) < _TAG_BYTES:
        raise LetterError(DECODING, "the letter's key or text is too short")
    return letter["boot"], letter["count"], enc, sealed


def _bound(letter_id: str, boot: int, count: int) -> bytes:
    return f"{boot} {count} {letter_id}".encode()


def _exchanged(private: X25519PrivateKey, public: bytes) -> bytes:
    try:
        return private.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:  # One of the points that give every key the same secret (RFC 7748, section 6.1).
        raise LetterError(SEALED, "the letter's key is one that everybody could have") from None


def _public(private: X25519PrivateKey) -> bytes:
    return private.public_key().public_bytes_raw()


def _schedule(
    secret: bytes,
    kem_context: bytes,
    info: bytes,
    mode: bytes = _MODE_AUTH,
    suite: tuple[bytes, int] = (_SUITE, 32),
) -> tuple[bytes, bytes]:
    """Return key and nonce of the only message of a context (RFC 9180, sections 4.1 and 5.1).

    Args:
        secret: the Diffie-Hellman secrets, one after the other.
        kem_context: the public keys: ephemeral, receiver's, sender's.
        info: what the key is for.
        mode: Auth, and base (0) where this is held against libraries that know no sender.
        suite: id and bytes of a key, and another one where this is held against the RFC's own numbers.
    """
    ids, key_bytes = suite
    prk = _extract(_KEM, b"", b"eae_prk", secret)
    shared = _expand(_KEM, prk, b"shared_secret", kem_context, 32)
    psk_id_hash = _extract(ids, b"", b"psk_id_hash", b"")
    context = mode + psk_id_hash + _extract(ids, b"", b"info_hash", info)
    prk = _extract(ids, shared, b"secret", b"")
    return _expand(ids, prk, b"key", context, key_bytes), _expand(ids, prk, b"base_nonce", context, 12)


def _extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    """Return LabeledExtract of RFC 9180, section 4; HKDF-Extract is HMAC (RFC 5869, section 2.2)."""
    mac = HMAC(salt or b"\0" * 32, SHA256())
    mac.update(b"HPKE-v1" + suite + label + ikm)
    return mac.finalize()


def _expand(suite: bytes, prk: bytes, label: bytes, info: bytes, n_bytes: int) -> bytes:
    """Return LabeledExpand of RFC 9180, section 4."""
    labelled = n_bytes.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return HKDFExpand(SHA256(), n_bytes, labelled).derive(prk)


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: object, bytes_max: int) -> bytes:
    """Return the bytes of unpadded base64url in its one spelling."""
    if not isinstance(text, str) or _BASE64URL.fullmatch(text) is None:
        raise LetterError(DECODING, "a field of the letter is not base64url")
    if len(text) > (bytes_max * 4 + 2) // 3:
        raise LetterError(TOO_BIG, f"a letter holds at most {LETTER_BYTES_MAX} bytes")
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise LetterError(DECODING, "a field of the letter is not base64url") from None
    if _encode(raw) != text:
        raise LetterError(DECODING, "a field of the letter is not base64url in its one spelling")
    return raw
