"""The digital key of a car: who may open, start or lock it, proved over a network that nobody trusts.

After the published parts of CCC Digital Key 3 (as Apple's platform security guide describes it), Aliro 1.0
and Tesla's vehicle-command protocol; the three in one small protocol of our own, with one fixed suite
and nothing to negotiate: Ed25519, X25519, HKDF-SHA256, HMAC-SHA256.

    near     holder -- key.hello ------> reader    a nonce; a shared key shows its grant with it
             holder <- key.challenge --- reader    good for one answer within 2 s
             holder -- key.auth -------> reader    signed answer: action, command id, presence
             holder <- 3 ranging rounds  reader    keyed by what both derived; the world says how far
    remote   holder -- key.request ----> reader    a nonce
             holder <- key.session ----- reader    epoch, the car's clock, highest counter
             holder -- key.command ----> reader    epoch, expiry, counter, action, command id
    once     key.pair      a device that has read the code on the screen becomes an owner's key
             key.grant     an owner shares rights, for a time, for some uses; nobody shares a shared key
             key.revoke    an owner takes a key back, for ever

A transaction goes from challenged to authorised, or refused with a code, and is gone either way. A car
decides by its own clock, its own epoch of this start, and its own ranging; what a message says of time
or place is never believed. A restart forgets the epoch and all conversations, and keeps keys, uses,
revocations and results. No key moves a car: that is refused before anybody's rights are looked at.

    messages      the nine messages, read strictly     enrolment   keys, rights, what a car can do
    reader        the car's side                       register    the enrolled and the revoked
    holder        a phone's or watch's side            results     command ids: nothing is done twice
    transactions  challenges that wait for answers     counters    the window of remote counters
    outcomes      authorised, or refused with a code   lockout     who has failed too often
    ranging       distances and their limits           agreement   what both sides derive
    pairing       the code on the screen               nonces      numbers used once
    sharing       what owners usually share

What it does not do: it hides no contents (the broker's TLS does), it has no fast transaction, and who
holds an owner's unlocked phone is the owner.
"""

from sim.trust.digital_key.enrolment import FOR_EVER_MS, EnrolledKey, Powers
from sim.trust.digital_key.holder import TTL_MS, KeyHolder
from sim.trust.digital_key.messages import (
    MESSAGES,
    Auth,
    Challenge,
    Grant,
    Hello,
    KeyMessage,
    KeyPlace,
    Pair,
    RemoteCommand,
    Revoke,
    Session,
    SessionRequest,
    Signed,
    envelope_from_json,
    read,
)
from sim.trust.digital_key.nonces import Nonces
from sim.trust.digital_key.outcomes import SENTENCES, Authorised, Paired, PresenceProof, Refused, Role
from sim.trust.digital_key.pairing import PAIRING_MS, PairingCode
from sim.trust.digital_key.ranging import ROUNDS, START_CM_MAX, UNLOCK_CM_MAX, in_range
from sim.trust.digital_key.reader import TTL_MAX_MS, KeyReader
from sim.trust.digital_key.transactions import CHALLENGE_MS
from sim.trust.identity import key_id_of

__all__ = [
    "CHALLENGE_MS",
    "FOR_EVER_MS",
    "MESSAGES",
    "PAIRING_MS",
    "ROUNDS",
    "SENTENCES",
    "START_CM_MAX",
    "TTL_MAX_MS",
    "TTL_MS",
    "UNLOCK_CM_MAX",
    "Auth",
    "Authorised",
    "Challenge",
    "EnrolledKey",
    "Grant",
    "Hello",
    "KeyHolder",
    "KeyMessage",
    "KeyPlace",
    "KeyReader",
    "Nonces",
    "Pair",
    "Paired",
    "PairingCode",
    "Powers",
    "PresenceProof",
    "Refused",
    "RemoteCommand",
    "Revoke",
    "Role",
    "Session",
    "SessionRequest",
    "Signed",
    "envelope_from_json",
    "in_range",
    "key_id_of",
    "read",
]
