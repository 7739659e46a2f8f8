"""What is fuzzed of the digital key: its envelopes, and the nine messages inside them."""

from typing import Final

from sim.core.messages import dump_json
from sim.trust.digital_key.messages import (
    MESSAGES,
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
    parse,
    read,
    read_unverified,
    sign,
)
from sim.trust.envelope import DECODING, ENVELOPE_BYTES_MAX, EnvelopeError, seal, unseal
from tests.fuzz.readers import IDENTITIES, KEYRING, Target, said, same, sayable

_H16: Final = "0123456789abcdef" * 2
_H32: Final = _H16 * 2

EXAMPLES: Final[tuple[KeyMessage, ...]] = (
    Pair(car="lamp", device="button", public_key=_H32, mac=_H32),
    Grant(
        car="lamp",
        device="button",
        public_key=_H32,
        rights=("unlock", "open_boot"),
        not_before_ms=0,
        not_after_ms=2**53 - 1,
        uses=1,
        serial=1,
        place=(40_015_000, 116_480_000, 100),
    ),
    Revoke(car="lamp", kid=_H16[:16]),
    Hello(car="lamp", nonce=_H16),
    Challenge(
        car="lamp", transaction=_H16, challenge=_H32, nonce=_H16, ephemeral=_H32, epoch=_H16, ttl_ms=2_000
    ),
    Auth(
        car="lamp",
        transaction=_H16,
        challenge=_H32,
        action="unlock",
        presence="wrist_unlocked",
        ephemeral=_H32,
        command_id="button-act-1",
    ),
    SessionRequest(car="lamp", nonce=_H16),
    Session(car="lamp", epoch=_H16, clock_ms=1, counter=0, nonce=_H16),
    RemoteCommand(
        car="lamp", epoch=_H16, expires_ms=5_000, counter=1, action="lock", command_id="button-act-2"
    ),
)
"""One of each."""


def key_envelopes() -> list[bytes]:
    """Return the examples, signed, as they are sent."""
    return [dump_json(sign(IDENTITIES["button"], message)) for message in EXAMPLES]


def key_messages() -> list[bytes]:
    """Return what is signed in them."""
    return [message.to_bytes() for message in EXAMPLES]


def check_key_envelope(data: bytes) -> bool:
    """What a car reads is one message, and field by field what only the holder of the key can have sealed."""
    try:
        envelope = envelope_from_json(data)
    except EnvelopeError as error:
        sayable(error)
        return False
    assert len(data) <= ENVELOPE_BYTES_MAX
    for value in envelope.values():
        if not isinstance(value, dict):
            _refused(value)
    accepted = 0
    for model in MESSAGES:
        try:
            _comes_back(read_unverified(envelope, model))
            signed = read(envelope, model, KEYRING)
        except EnvelopeError as error:
            sayable(error)
            continue
        payload = unseal(envelope, model.typ, KEYRING).payload
        sealed = seal(IDENTITIES[signed.device], model.typ, payload)
        same(sorted(sealed.items()), sorted(envelope.items()))
        same(parse(payload, model), signed.message)
        accepted += 1
    assert accepted <= 1, "one envelope of two types"
    return accepted == 1


def check_key_message(data: bytes) -> bool:
    """Whatever a key's holder may sign: integers are integers, and a message comes back as it was."""
    accepted = False
    for model in MESSAGES:
        try:
            message = parse(data, model)
        except EnvelopeError as error:
            sayable(error)
            continue
        _comes_back(message)
        said(message.to_bytes(), data)
        accepted = True
    return accepted


def _refused(value: object) -> None:
    """Hold that what is no object at all is no envelope."""
    try:
        read_unverified(value, Hello)
    except EnvelopeError as error:
        sayable(error, DECODING)
        return
    msg = "something that is no object was read"
    raise AssertionError(msg)


def _comes_back(message: KeyMessage) -> None:
    """Hold that a message has no values but texts, integers and lists of either, and can be read again."""
    for value in message.model_dump().values():
        assert type(value) in {str, int, tuple, type(None)}
        assert not isinstance(value, tuple) or {type(one) for one in value} in ({str}, {int})
    same(parse(message.to_bytes(), type(message)), message)


KEYS: Final = {
    "key-envelope": Target(check_key_envelope, "key_envelopes"),
    "key-message": Target(check_key_message, "key_messages"),
}
"""The targets of the digital key, by name."""
