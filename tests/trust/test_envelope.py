"""Envelopes: nothing that was touched, renamed, respelled or signed by a stranger is opened."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.trust.envelope import EnvelopeError, Opened, seal, unseal
from sim.trust.identity import Identity, Keyring

PHONE = Identity.for_scenario(1, "home", "phone")
WATCH = Identity.for_scenario(1, "home", "watch")
MALLORY = Identity.for_scenario(1, "home", "mallory")
KEYRING = Keyring([PHONE, WATCH])
PAYLOAD = b'{"id":"phone-act-1"}'


def refusal(envelope: dict[str, Any], typ: str = "command") -> str:
    """Return the code with which an envelope is refused."""
    with pytest.raises(EnvelopeError) as caught:
        unseal(envelope, typ, KEYRING)
    return caught.value.code


@given(st.binary(max_size=300), st.sampled_from(["command", "reply"]))
def test_sealed_bytes_come_out_as_they_went_in(payload: bytes, typ: str) -> None:
    """Whoever signed it is named, and the bytes are the same, also after a trip through JSON."""
    envelope = json.loads(json.dumps(seal(PHONE, typ, payload)))

    assert unseal(envelope, typ, KEYRING) == Opened("phone", payload)


def test_signature_repeats() -> None:
    """Ed25519 draws no chance, so a recorded run repeats."""
    assert seal(PHONE, "command", PAYLOAD) == seal(PHONE, "command", PAYLOAD)


@given(st.sampled_from(["p", "sig"]), st.data())
def test_any_flipped_bit_is_refused(name: str, data: st.DataObject) -> None:
    """Not one bit of the content or the signature may change."""
    envelope = seal(PHONE, "command", PAYLOAD)
    raw = bytearray(base64.urlsafe_b64decode(envelope[name] + "=="))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    touched = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    assert refusal({**envelope, name: touched}) == "BAD_SIGNATURE"


@given(st.sampled_from(["v", "typ", "kid", "p", "sig"]), st.data())
def test_any_changed_character_is_refused(name: str, data: st.DataObject) -> None:
    """Every character of every field counts."""
    envelope = seal(PHONE, "command", PAYLOAD)
    text = str(envelope[name])
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda character: character != text[at]))

    assert refusal({**envelope, name: text[:at] + other + text[at + 1 :]})


@pytest.mark.parametrize("name", ["v", "typ", "kid", "p", "sig"])
@pytest.mark.parametrize("value", [None, True, 0, 1.0, "", [], {}, "é", "\ud800"])
def test_field_of_any_other_sort_is_refused(name: str, value: object) -> None:
    """Nothing but the very field is taken: not even 1.0 or true for 1."""
    assert refusal({**seal(PHONE, "command", PAYLOAD), name: value}) in {
        "DECODING",
        "VERSION",
        "WRONG_TYPE",
        "BAD_SIGNATURE",
    }


@pytest.mark.parametrize(
    ("version", "code"), [(0, "VERSION"), (2, "VERSION"), (1.0, "DECODING"), (True, "DECODING")]
)
def test_other_version_is_refused(version: object, code: str) -> None:
    """There is one version, and it is the integer 1: nothing to negotiate, nothing to downgrade."""
    assert refusal({**seal(PHONE, "command", PAYLOAD), "v": version}) == code


@pytest.mark.parametrize("name", ["v", "typ", "kid", "p", "sig"])
def test_missing_field_is_refused(name: str) -> None:
    """All five must be there."""
    envelope = seal(PHONE, "command", PAYLOAD)
    del envelope[name]

    assert refusal(envelope) == "DECODING"


def test_additional_field_is_refused() -> None:
    """Nothing may ride along unsigned; there is no algorithm to choose."""
    assert refusal({**seal(PHONE, "command", PAYLOAD), "alg": "none"}) == "DECODING"


def test_other_type_is_refused_even_when_it_claims_the_right_one() -> None:
    """The type is signed: a reply never passes for a command."""
    envelope = seal(PHONE, "reply", PAYLOAD)

    assert refusal(envelope) == "WRONG_TYPE"
    assert refusal({**envelope, "typ": "command"}) == "BAD_SIGNATURE"


def test_key_of_a_stranger_is_refused() -> None:
    """A signature that fits is worth nothing when nobody enrolled the key."""
    assert refusal(seal(MALLORY, "command", PAYLOAD)) == "UNKNOWN_KEY"


def test_signature_of_one_device_under_the_key_id_of_another_is_refused() -> None:
    """Nobody can put another's name on what they sign."""
    assert refusal({**seal(WATCH, "command", PAYLOAD), "kid": PHONE.kid}) == "BAD_SIGNATURE"
    assert refusal({**seal(MALLORY, "command", PAYLOAD), "kid": PHONE.kid}) == "BAD_SIGNATURE"


@pytest.mark.parametrize(
    "respell",
    [
        lambda text: text + "=",
        lambda text: text + "==",
        lambda text: text + "\n",
        lambda text: text[:-1] + chr(ord(text[-1]) + 1),
        lambda text: text.replace("-", "+").replace("_", "/") + " ",
        lambda text: text + "A",
        lambda text: text + "AA",
    ],
    ids=["padded", "padded-twice", "newline", "stray-bits", "standard-alphabet", "one-more", "two-more"],
)
def test_respelled_base64_is_refused(respell: Any) -> None:
    """The same bytes have one spelling, so that two envelopes are equal or differ in what they say."""
    envelope = seal(PHONE, "command", b"12")  # two bytes leave stray bits in the last character

    assert refusal({**envelope, "p": respell(envelope["p"])}) in {"DECODING", "BAD_SIGNATURE"}


def test_stray_bits_of_base64_are_not_decoded() -> None:
    """`MTI` and `MTJ` decode to the same bytes; only the first is their spelling."""
    envelope = seal(PHONE, "command", b"12")
    assert envelope["p"] == "MTI"

    assert refusal({**envelope, "p": "MTJ"}) == "DECODING"
