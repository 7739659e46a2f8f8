"""Sealed letters: only the one they are for opens them, once, and only as they were sealed."""

import base64
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from sim.core.device import Provision
from sim.core.messages import MESSAGE_BYTES_MAX, dump_json
from sim.trust import letters as module
from sim.trust.derivation import box_key
from sim.trust.letters import COUNTS_KEPT, LETTER_BYTES_MAX, LetterError, Letters, Window

NAMES = ("phone", "dash", "tablet")


def made(
    name: str, purpose: str = "clip", boot: int = 1, kept: dict[str, list[int]] | None = None
) -> Letters:
    """Return the letters of one of three devices."""
    seeds = {one: one.encode().ljust(32, b"\0") for one in NAMES}
    public = {one: box_key(seed).public_key().public_bytes_raw() for one, seed in seeds.items()}
    boxes = {one: key for one, key in public.items() if one != name}
    return Letters.made(name, purpose, Provision(seeds[name], boot, 0, boxes=boxes), kept)


def refusal(letters: Letters, letter: object, sender: str = "phone", letter_id: str = "t1") -> LetterError:
    """Return why a letter is not opened."""
    with pytest.raises(LetterError) as caught:
        letters.open(sender, letter_id, letter)
    return caught.value


@given(st.binary(max_size=2_000))
def test_what_was_sealed_is_what_is_opened(text: bytes) -> None:
    """Any bytes get through, and none of them stand in the letter."""
    _, letter = made("phone").seal("dash", "t1", text)

    assert made("dash").open("phone", "t1", letter)[1] == text
    if len(text) > 8:
        sealed = base64.urlsafe_b64decode(letter["sealed"] + "==")
        assert text not in sealed


def test_key_schedule_is_that_of_rfc_9180() -> None:
    """Key and nonce are those of appendix A.1.3, mode Auth, whose suite has a shorter key."""
    hexed = {
        "info": "4f6465206f6e2061204772656369616e2055726e",
        "ephemeral": "ff4442ef24fbc3c1ff86375b0be1e77e88a0de1e79b30896d73411c5ff4c3518",
        "receiver": "1632d5c2f71c2b38d0a8fcc359355200caa8b1ffdf28618080466c909cb69b2e",
        "sender": "dc4a146313cce60a278a5323d321f051c5707e9c45ba21a3479fecdf76fc69dd",
    }
    raw = {name: bytes.fromhex(text) for name, text in hexed.items()}
    ephemeral = X25519PrivateKey.from_private_bytes(raw["ephemeral"])
    sender = X25519PrivateKey.from_private_bytes(raw["sender"])
    to = X25519PublicKey.from_public_bytes(raw["receiver"])
    secret = ephemeral.exchange(to) + sender.exchange(to)
    context = b"".join(key.public_bytes_raw() for key in (ephemeral.public_key(), to, sender.public_key()))

    suite = (b"HPKE\x00\x20\x00\x01\x00\x01", 16)
    key, nonce = module._schedule(secret, context, raw["info"], suite=suite)

    assert key.hex() == "b062cb2c4dd4bca0ad7c7a12bbc341e6"
    assert nonce.hex() == "a1bc314c1942ade7051ffed0"


def test_other_library_opens_what_the_same_parts_seal_without_a_sender() -> None:
    """The suite of the letters, in the one mode that both know, is read by `cryptography`'s HPKE."""
    receiver, ephemeral = box_key(b"r" * 32), X25519PrivateKey.generate()
    enc = ephemeral.public_key().public_bytes_raw()
    context = enc + receiver.public_key().public_bytes_raw()
    secret = ephemeral.exchange(receiver.public_key())

    key, nonce = module._schedule(secret, context, b"what for", mode=b"\0")
    sealed = enc + AESGCM(key).encrypt(nonce, b"a text", b"")

    suite = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    assert suite.decrypt(sealed, receiver, b"what for") == b"a text"


@given(st.data())
def test_no_byte_of_a_letter_can_be_changed(data: st.DataObject) -> None:
    """Whichever bit of key or text is turned, the letter stays closed."""
    _, letter = made("phone").seal("dash", "t1", b"a text of some length")
    name = data.draw(st.sampled_from(["enc", "sealed"]))
    raw = bytearray(base64.urlsafe_b64decode(letter[name] + "=="))
    place, bit = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(0, 7))
    # The highest bit of a coordinate is not looked at (RFC 7748, section 5).
    raw[place] ^= 1 << bit
    changed = {**letter, name: base64.urlsafe_b64encode(raw).rstrip(b"=").decode()}

    assert refusal(made("dash"), changed).code == "SEALED"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"boot": 2}, "SEALED"),
        ({"count": 1}, "SEALED"),
        ({"v": 2}, "DECODING"),
        ({"v": True}, "DECODING"),
        ({"boot": 0}, "DECODING"),
        ({"count": -1}, "DECODING"),
        ({"count": 2**53}, "DECODING"),
        ({"enc": "AAAA"}, "DECODING"),
        ({"enc": "A" * 43}, "SEALED"),
        ({"enc": 7}, "DECODING"),
        ({"enc": "A" * 44}, "TOO_BIG"),
        ({"sealed": "A"}, "DECODING"),
        ({"sealed": "AB"}, "DECODING"),
        ({"sealed": "äöü"}, "DECODING"),
        ({"sealed": ""}, "DECODING"),
        ({"sealed": "A" * 50_000}, "TOO_BIG"),
        ({"more": 1}, "DECODING"),
    ],
)
def test_whatever_is_no_letter_is_refused_in_a_sentence(change: dict[str, Any], code: str) -> None:
    """A field too many, of another sort or spelling, too long, or a key that everybody could have."""
    _, letter = made("phone").seal("dash", "t1", b"a text")

    error = refusal(made("dash"), {**letter, **change})

    assert error.code == code
    assert error.sentence


@pytest.mark.parametrize("letter", [None, [], "letter", {}, {"v": 1}])
def test_anything_else_is_no_letter(letter: object) -> None:
    """Nothing that JSON can bring raises anything but the letter's own error."""
    assert refusal(made("dash"), letter).code == "DECODING"


def test_letter_opens_for_its_receiver_sender_purpose_and_command_only() -> None:
    """Each of the four is part of what was sealed."""
    _, letter = made("phone").seal("dash", "t1", b"a text")

    assert refusal(made("tablet"), letter).code == "SEALED"
    assert refusal(made("dash"), letter, sender="tablet").code == "SEALED"
    assert refusal(made("dash", purpose="file"), letter).code == "SEALED"
    assert refusal(made("dash"), letter, letter_id="t2").code == "SEALED"
    assert "did not seal it for dash" in refusal(made("dash"), letter, letter_id="t2").sentence
    assert refusal(made("dash"), letter, sender="mallory").code == "UNKNOWN_SENDER"
    assert refusal(Letters(), letter).code == "UNKNOWN_SENDER"


def test_letter_is_opened_once() -> None:
    """A copy is refused with a sentence of its own, also after the receiver's restart."""
    _, letter = made("phone").seal("dash", "t1", b"a text")
    opened, _ = made("dash").open("phone", "t1", letter)

    assert refusal(opened, letter).code == "REPLAYED"
    assert "opened before" in refusal(opened, letter).sentence
    assert refusal(made("dash", boot=2, kept=opened.kept()), letter).code == "REPLAYED"


def test_receiver_and_length_are_looked_at_before_sealing() -> None:
    """Nobody seals to a device that takes no letters, nor more than a message holds."""
    for receiver, text, code in (("mallory", b"", "UNKNOWN_RECEIVER"), ("dash", b"x" * 34_001, "TOO_BIG")):
        with pytest.raises(LetterError) as caught:
            made("phone").seal(receiver, "t1", text)
        assert caught.value.code == code
    with pytest.raises(LetterError):
        Letters().seal("dash", "t1", b"")


def test_longest_letter_fits_an_answer() -> None:
    """Spelt in base64 once in its letter and once in the envelope, it is within a message."""
    _, letter = made("phone").seal("dash", "t1", b"x" * LETTER_BYTES_MAX)

    assert len(dump_json(letter)) * 4 / 3 + 2_000 < MESSAGE_BYTES_MAX


def test_no_two_letters_share_a_key() -> None:
    """Not to the same receiver, not after a restart, not of another purpose; and a run repeats."""
    keys = set()
    for purpose in ("clip", "file"):
        for boot in (1, 2):
            letters = made("phone", purpose, boot)
            for _ in range(20):
                letters, letter = letters.seal("dash", "t1", b"the same text")
                keys.add(letter["enc"])

    assert len(keys) == 80
    assert made("phone").seal("dash", "t1", b"a")[1] == made("phone").seal("dash", "t1", b"a")[1]


def test_secret_is_in_no_repr() -> None:
    """What a traceback would print of letters holds no secret."""
    said = repr(made("phone"))

    assert "phone" in said
    assert made("phone").nonces is not None
    assert repr(b"phone".ljust(32, b"\0")) not in said


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 200)), max_size=200))
def test_window_opens_each_count_once(letters: list[tuple[int, int]]) -> None:
    """In any order: no letter twice, none of before a restart, and every new one that is not too old."""
    window = Window()
    opened: set[tuple[int, int]] = set()
    for boot, count in letters:
        newest = max(opened, default=(0, -1))
        after = window.opened(boot, count)
        fresh = (boot, count) not in opened
        in_reach = boot > newest[0] or (boot == newest[0] and newest[1] - count < COUNTS_KEPT)
        assert (after is not None) == (fresh and in_reach)
        if after is not None:
            window = after
            opened.add((boot, count))


def test_small_order_key_is_refused_when_it_is_a_senders() -> None:
    """A public key of the household that gives every key the same secret seals nothing."""
    phone = made("phone")
    weak = replace(phone, boxes={"dash": b"\0" * 32})

    with pytest.raises(LetterError) as caught:
        weak.seal("dash", "t1", b"a text")
    assert caught.value.code == "SEALED"
