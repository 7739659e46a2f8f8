"""Messages: exactly their fields, each of its sort and in its one spelling, or nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.messages import INTEGER_MAX, dump_json
from sim.trust.digital_key import (
    MESSAGES,
    SENTENCES,
    Auth,
    Challenge,
    Grant,
    Hello,
    KeyMessage,
    Pair,
    RemoteCommand,
    Revoke,
    Session,
    SessionRequest,
    envelope_from_json,
    read,
)
from sim.trust.digital_key.messages import OneKey, parse, sign
from sim.trust.envelope import ENVELOPE_BYTES_MAX, EnvelopeError
from sim.trust.identity import Identity

PHONE = Identity.for_scenario(1, "home", "phone")
PUBLIC = PHONE.key.public_key().public_bytes_raw()
HEX16, HEX32 = "0f" * 16, "a0" * 32

EXAMPLES: tuple[KeyMessage, ...] = (
    Pair(car="su7", device="phone", public_key=HEX32, mac=HEX32),
    Grant(
        car="su7",
        device="jun_phone",
        public_key=HEX32,
        rights=("lock", "unlock"),
        not_before_ms=0,
        not_after_ms=INTEGER_MAX,
        uses=None,
        serial=1,
        place=(40_015_000, 116_480_000, 100),
    ),
    Revoke(car="su7", kid="0123456789abcdef"),
    Hello(car="su7", nonce=HEX16),
    Challenge(
        car="su7",
        transaction=HEX16,
        challenge=HEX32,
        nonce=HEX16,
        ephemeral=HEX32,
        epoch=HEX16,
        ttl_ms=2_000,
    ),
    Auth(
        car="su7",
        transaction=HEX16,
        challenge=HEX32,
        action="unlock",
        presence="biometric",
        ephemeral=HEX32,
        command_id="phone-act-1",
    ),
    SessionRequest(car="su7", nonce=HEX16),
    Session(car="su7", epoch=HEX16, clock_ms=17, counter=0, nonce=HEX16),
    RemoteCommand(
        car="su7", epoch=HEX16, expires_ms=5_000, counter=1, action="lock", command_id="phone-act-2"
    ),
)
ODD: tuple[object, ...] = (None, True, 1.5, -1, "", "é", "su7\n", "A", [], ["lock", 1], {}, "0" * 100)
"""Values that are right for no field that does not allow them by name."""

ALLOWED = {
    ("key.command", "counter", "-1"),
    ("key.grant", "uses", "None"),
    ("key.grant", "place", "None"),
}
"""By name: a counter that is no counter is judged as one; a grant may have no number of uses and no place."""


def test_every_message_has_an_example() -> None:
    """A new message is tested by being listed."""
    assert tuple(type(one) for one in EXAMPLES) == MESSAGES
    assert len({one.typ for one in EXAMPLES}) == len(EXAMPLES)


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda one: one.typ)
def test_message_comes_out_as_it_went_in(message: KeyMessage) -> None:
    """Signed, sent as JSON bytes, read and verified."""
    raw = dump_json(sign(PHONE, message))

    signed = read(envelope_from_json(raw), type(message), OneKey("phone", PUBLIC))

    assert signed.message == message
    assert (signed.device, signed.kid) == ("phone", PHONE.kid)
    assert signed.digest == message.digest()
    assert len(raw) <= ENVELOPE_BYTES_MAX


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda one: one.typ)
def test_message_has_exactly_its_fields(message: KeyMessage) -> None:
    """One too few or one too many, and it is none."""
    fields = message.model_dump()
    for name in fields:
        assert refusal(message, {one: value for one, value in fields.items() if one != name}) == "DECODING"
    assert refusal(message, {**fields, "alg": "none"}) == "DECODING"
    assert refusal(message, {**fields, "distance_cm": 50}) == "DECODING"


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda one: one.typ)
@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_field_of_another_sort_is_refused(message: KeyMessage, odd: object) -> None:
    """No field takes what is right for another."""
    for name in message.model_dump():
        if (message.typ, name, repr(odd)) not in ALLOWED:
            assert refusal(message, {**message.model_dump(), name: odd}) == "DECODING", name


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda one: one.typ)
@given(st.data())
def test_no_float_stands_for_an_integer(message: KeyMessage, data: st.DataObject) -> None:
    """Neither 1.0 nor NaN nor 1e3: what is neither before nor after anything has no place in a message."""
    integers = [name for name, value in message.model_dump().items() if isinstance(value, int)]
    if not integers:
        return
    name = data.draw(st.sampled_from(integers))
    value = data.draw(st.floats())
    spelled = json.dumps({**message.model_dump(), name: value}).encode()

    with pytest.raises(EnvelopeError) as caught:
        parse(spelled, type(message))

    assert caught.value.code == "DECODING"


@given(st.binary(max_size=200), st.sampled_from(MESSAGES))
def test_rubbish_is_refused_and_not_repeated(rubbish: bytes, model: type[KeyMessage]) -> None:
    """Whatever was signed: one sentence, and nothing of its own words."""
    with pytest.raises(EnvelopeError) as caught:
        parse(b"secret" + rubbish, model)

    assert caught.value.code == "DECODING"
    assert "secret" not in caught.value.sentence
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"v":1,"v":1}', "DECODING"),
        (b'{"v":NaN}', "DECODING"),
        (b'{"v":1e999}', "DECODING"),
        (b'{"v":' + b"9" * 5_000 + b"}", "TOO_BIG"),
        (b'{"v":' + b"9" * 4_000 + b"}", "DECODING"),
        (b"[" * 4_000, "DECODING"),
        (b"\xff", "DECODING"),
        (b"", "DECODING"),
        (b"17", "DECODING"),
    ],
)
def test_bytes_that_are_no_envelope_are_refused(raw: bytes, code: str) -> None:
    """Strict JSON first: sizes, doubles and NaN are looked at before anything else."""
    with pytest.raises(EnvelopeError) as caught:
        envelope_from_json(raw)

    assert caught.value.code == code


def test_sentences_are_sentences_of_the_house() -> None:
    """Lower case, no full stop, one for each code."""
    assert all(code == code.upper() for code in SENTENCES)
    assert all(one[0].islower() and not one.endswith(".") for one in SENTENCES.values())
    assert len(set(SENTENCES.values())) == len(SENTENCES)


def refusal(message: KeyMessage, fields: dict[str, object]) -> str:
    """Return the code with which changed fields of a message are refused."""
    with pytest.raises(EnvelopeError) as caught:
        parse(dump_json(fields), type(message))
    return caught.value.code
