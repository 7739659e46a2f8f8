"""The gateway's keys: what a car makes of the messages of phones and watches, awake or asleep.

Every message of a key is used up when it arrives, whatever the rules say to it: a challenge is answered
once. What it proved is kept beside the command until the rules have spoken.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeAlias

from sim.core.device import (
    Answer,
    Asked,
    Command,
    Commanded,
    Effect,
    Moment,
    Provision,
    Settle,
    ShowCode,
    StartTimer,
)
from sim.devices.car.commands import (
    NEAR,
    REMOTE,
    REMOTE_DRIVING,
    KeyHello,
    KeyPair,
    KeyRevoke,
    KeySession,
    NearCommand,
    OpenPairing,
    RemoteCommand,
)
from sim.trust.derivation import digital_key
from sim.trust.digital_key import (
    PAIRING_MS,
    Authorised,
    EnrolledKey,
    KeyReader,
    Nonces,
    Paired,
    Powers,
    Refused,
    Role,
    in_range,
)
from sim.trust.digital_key.outcomes import refused
from sim.trust.digital_key.sharing import terms_of

POWERS = Powers(
    near=frozenset(command.action for command in NEAR),
    remote=frozenset(command.action for command in REMOTE),
    never=frozenset(command.action for command in REMOTE_DRIVING),
)
KEY_TALK = (KeyHello, KeySession, KeyPair, KeyRevoke, OpenPairing)
"""Commands that are the gateway's own: it answers them while the rest of the car sleeps."""
RESULTS_OF_SENDER_MAX = 32
"""How many results of one sender wait for their commands: as many as commands wait for the car to wake."""

Result: TypeAlias = Authorised | Refused | Paired | Mapping[str, Any] | None
"""What a key's message came to: rights, a refusal, a new key, an envelope to send back, or nothing to say."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a car, and what their latest messages came to.

    Attributes:
        reader: the car's side of the digital key; None before it was made.
        opened_by: who had the code for pairing shown; None when nobody had.
        results: by sender and command id, oldest first; ids are only unique for one sender.
    """

    reader: KeyReader | None = None
    opened_by: str | None = None
    results: Mapping[tuple[str, str], Result] = field(default_factory=dict)

    @classmethod
    def made(cls, car: str, provision: Provision, kept: Mapping[str, Any]) -> Self:
        """Return the keys of a car that starts: those it was delivered with, or those its flash kept."""
        nonces = Nonces(provision.seed, provision.boot)
        identity = digital_key(car, provision.seed)
        if kept:
            return cls(KeyReader.restarted(car, identity, POWERS, kept, nonces, provision.now_ms))
        rights = POWERS.near | POWERS.remote
        enrolled = tuple(
            EnrolledKey.paired(
                key, provision.keys[key], "owner" if key in provision.owners else "member", rights
            )
            for key in provision.paired
        )
        return cls(KeyReader.new(car, identity, POWERS, nonces, provision.now_ms, enrolled))

    def kept(self) -> Mapping[str, Any]:
        """Return what flash keeps."""
        return {} if self.reader is None else self.reader.kept()

    def considered(self, at: Moment, asked: Asked) -> Self:
        """Use up a key's message, and keep what it came to."""
        reader = self.reader
        result: Result = None
        if reader is None:
            return self
        match asked.command:
            case KeyHello(hello=hello, grant=grant):
                reader, result = reader.hello(hello, asked.sender, at.now_ms, grant)
            case KeySession(request=request):
                reader, result = reader.session(request, asked.sender, at.now_ms)
            case KeyPair(pair=pair):
                paired, result = reader.pair(pair, asked.sender, at.now_ms)
                # A failure counts at once; a key is enrolled when the rules have let it, see `told`.
                reader = paired if isinstance(result, Refused) else reader
            case KeyRevoke(revoke=revoke):
                reader, result = reader.revoke(revoke, asked.sender, at.now_ms)
            case NearCommand(proof=None):
                result = refused("NO_PROOF")
            case NearCommand(proof=dict() as proof):
                reader, result = reader.authorise(
                    proof, asked.sender, asked.action, asked.ticket, at.now_ms, at.senses.ranged_m
                )
            case RemoteCommand(proof=dict() as proof):
                reader, result = reader.command(proof, asked.sender, asked.action, asked.ticket, at.now_ms)
            case _:
                return self._without(asked.sender, asked.ticket)[0]
        # One sender's results make room for its own, so that nobody drives out what others have proved.
        own = [key for key in self.results if key[0] == asked.sender]
        full = own[:1] if len(own) >= RESULTS_OF_SENDER_MAX else []
        rest = {key: one for key, one in self.results.items() if key not in full}
        return replace(self, reader=reader, results={**rest, (asked.sender, asked.ticket): result})

    def role(self, proved: Authorised) -> str:
        """Return whose key has proved itself: an owner's, a member's, a friend's, or a courier's.

        A courier's key is one that was shared for the boot and nothing else.
        """
        assert self.reader is not None  # INVARIANT: it has just authorised something
        key = self.reader.keys[proved.kid]
        shared_for_parcels = key.role == "friend" and key.rights == terms_of("courier").rights
        return "courier" if shared_for_parcels else key.role

    def result(self, sender: str, ticket: str) -> Result:
        """Return what a command's proof came to."""
        return self.results.get((sender, ticket))

    def _without(self, sender: str, ticket: str) -> tuple[Self, Result]:
        """Return what a command's proof came to, and the successor that has forgotten it."""
        key = (sender, ticket)
        if key not in self.results:
            return self, None
        left = {one: value for one, value in self.results.items() if one != key}
        return replace(self, results=left), self.results[key]

    def told(self, order: Commanded, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Answer a message of a key that the rules have let pass."""
        keys, result = self._without(order.sender, order.ticket)
        match order.command:
            case KeyHello():
                return keys, (Settle(order.ticket, Answer("done", data={"challenge": result})),)
            case KeySession():
                return keys, (Settle(order.ticket, Answer("done", data={"session": result})),)
            case KeyPair(pair=pair):
                assert self.reader is not None  # INVARIANT: a car is provisioned before it is asked
                role: Role = "owner" if order.by is not None and order.by == self.opened_by else "member"
                reader, enrolled = self.reader.pair(pair, order.sender, at.now_ms, role)
                keys = replace(keys, reader=reader)
                if isinstance(enrolled, Refused):
                    return keys, (Settle(order.ticket, Answer("failed", enrolled.sentence)),)
                return keys, (ShowCode(None), Settle(order.ticket, Answer("done")))
            case KeyRevoke():
                return keys, (Settle(order.ticket, Answer("done")),)
            case _:  # `OpenPairing`; there is no other
                assert self.reader is not None  # INVARIANT: a car is provisioned before it is asked
                reader, code = self.reader.open_pairing(at.now_ms)
                shown = (ShowCode(code), StartTimer("pairing", PAIRING_MS))
                return replace(keys, reader=reader, opened_by=order.by), (
                    *shown,
                    Settle(order.ticket, Answer("done")),
                )

    def acted(self, order: Commanded, at: Moment) -> tuple[Self, str]:
        """Spend a proof on the act it is for, at the instant of the act.

        Returns:
            The keys after it, and why it must not be done: the key went away while the car woke, or was
            revoked meanwhile. Empty when it may be.
        """
        keys, result = self._without(order.sender, order.ticket)
        if not isinstance(result, Authorised) or result.repeated or self.reader is None:
            return keys, "its proof is gone" if _is_proved(order.command) else ""
        if result.ranging_id is not None:
            rounds = at.senses.ranged_m(result.ranging_id)
            if not in_range(rounds, order.command.action):
                return keys, "the key went away before it was carried out"
        reader, refused = self.reader.spent(result.kid, at.now_ms)
        return replace(keys, reader=reader), "" if refused is None else refused.sentence


def _is_proved(command: Command) -> bool:
    """Say whether a command rests on a key's word: what opens the car always does."""
    match command:
        case NearCommand() | RemoteCommand(proof=dict()):
            return True
        case _:
            return False
