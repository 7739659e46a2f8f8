"""What a message of the digital key comes to: it is authorised, or refused with a code and a sentence.

A refusal is a value, not an exception, because a refused message has changed something too: its
transaction is used up, its counter is seen, a failure is counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Role: TypeAlias = Literal["owner", "member", "friend"]
"""Owners' keys share and revoke; members' keys are paired and do not; friends' keys were shared."""

PresenceProof: TypeAlias = Literal["wrist_unlocked", "biometric", "none"]
"""How the holder knows that its own person is there: worn and unlocked, face or finger, or not at all."""

SENTENCES: Final[Mapping[str, str]] = {
    # the envelope
    "TOO_BIG": "the message is larger than a message of a key can be",
    "DECODING": "the message does not say exactly what a message of its type says",
    "UNKNOWN_CAR": "this device has no key of that car",
    # who speaks
    "LOCKED_OUT": "the sender has failed too often in the last half minute",
    "SENDER_KEY_MISMATCH": "the key belongs to another device than the one that sent the message",
    "REVOKED": "the key, or the key that shared it, has been revoked",
    "KEY_EXPIRED": "the key is not valid now",
    "WRONG_CAR": "the message is for another car",
    "NOT_OWNER": "only an owner's key may share or revoke keys",
    # pairing
    "NOT_PAIRING": "the car shows no code that could still be used",
    "PAIR_MAC": "whoever sent this has not read the code on the car's screen",
    "WRONG_SENDER": "the message names another device than the one that sent it",
    # sharing
    "RIGHTS": "the key does not include this right",
    "ALREADY_ENROLLED": "the key is paired with the car and needs no sharing",
    "STALE_GRANT": "the owner has shared this key anew since",
    "WRONG_KEY": "what was shared is for another key than this device's",
    # freshness
    "BUSY": "too many conversations with the car are open",
    "STALE_CHALLENGE": "it answers no open challenge",
    "EXPIRED": "it came too late",
    "INCORRECT_EPOCH": "the car has restarted since",
    "TTL_TOO_LONG": "it would live longer than a command may",
    "BAD_COUNTER": "its counter is no counter",
    "REPEATED_COUNTER": "its counter was seen before, or is too old to tell",
    "CMD_ID_REUSED": "the command id was used for another message",
    "WRONG_COMMAND": "the key signed another command than the one it came with",
    # what is asked
    "UNSAFE_REMOTE_MOTION": "no key moves the car by a message",
    "INVALID_COMMAND": "the car does not do this for a key",
    "NEEDS_PROXIMITY": "the key must be beside the car for this",
    "NO_PRESENCE": "the device does not know that its person is there",
    "USED_UP": "the key has been used as often as its owner allowed",
    "NO_PROOF": "no key answered a challenge of the car",
    # where the key is
    "RANGING_FAILED": "not every ranging round was answered with the key of this very answer",
    "TOO_FAR": "the key is too far away",
}
"""Every reason of the digital key in one sentence, beside those of `sim.trust.envelope`."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that came to nothing.

    Attributes:
        code: the reason, in the field's upper-case words.
        sentence: the same for people: lower case, no full stop, nothing of the message's own words.
        distance_cm: how far away the key was, measured by the car, rounded up; None when it was not
            measured or a round failed.
    """

    code: str
    sentence: str
    distance_cm: int | None = None


def refused(code: str, distance_cm: int | None = None) -> Refused:
    """Return the refusal with a code of `SENTENCES`."""
    return Refused(code, SENTENCES[code], distance_cm)


def first_wrong(*checks: tuple[str, bool], distance_cm: int | None = None) -> Refused | None:
    """Return the refusal of the first check, (code, whether it found something wrong), that did; or None."""
    return next((refused(code, distance_cm) for code, wrong in checks if wrong), None)


@dataclass(frozen=True, slots=True)
class Authorised:
    """A key that has proved its right to one command.

    Attributes:
        kid: the key.
        device: whose it is; the broker's sender, too.
        action: for what.
        presence: how the device knew its person; `none` for remote commands, which need no presence.
        distance_cm: the farthest of the ranging rounds, rounded up; None for remote commands.
        repeated: whether the very same signed bytes were authorised before: whoever asks answers the
            same and acts no second time.
        ranging_id: by what the ranging rounds are keyed, to range again at the instant of the act; None
            for remote commands.
    """

    kid: str
    device: str
    action: str
    presence: PresenceProof
    distance_cm: int | None = None
    repeated: bool = False
    ranging_id: bytes | None = None


@dataclass(frozen=True, slots=True)
class Paired:
    """A device whose key has become an owner's key of the car."""

    kid: str
    device: str
    role: Role = "owner"
