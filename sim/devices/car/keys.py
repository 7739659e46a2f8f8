"""The gateway's keys: what a car makes of the messages of phones and watches, awake or asleep.

Every message of a key is used up when it arrives, whatever the rules say to it: a challenge is answered
once. What it proved is kept beside the command until the rules have spoken.

A courier's key has one use. It is taken when the boot is told to open, and given back when the boot's switch
says that it has not moved: so a jammed boot costs nothing, and no crash in between gives a second opening.
What counts as the courier's opening is only a boot that is open.
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
    Emit,
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
from sim.devices.car.facets import CourierAccess
from sim.physics.travel import distance_m, local_plane
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
OPENINGS_MAX = 16
"""Couriers' openings that a car reports and keeps; the oldest go first (assumption: more than a day has)."""
OPENING_MAX = 64
"""Couriers' commands that are followed at once: more than the body controller has under way."""
RESULTS_OF_SENDER_MAX = 32
"""How many results of one sender wait for their commands: as many as commands wait for the car to wake."""

Result: TypeAlias = Authorised | Refused | Paired | Mapping[str, Any] | None
"""What a key's message came to: rights, a refusal, a new key, an envelope to send back, or nothing to say."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A courier's key that is opening the boot.

    Attributes:
        courier: whose key.
        kid: which key.
        serial: of the grant by which it opens.
        unclear: whether nobody has watched the boot move, so that its use is not given back.
    """

    courier: str
    kid: str
    serial: int
    unclear: bool = False


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a car, and what their latest messages came to.

    Attributes:
        reader: the car's side of the digital key; None before it was made.
        opened_by: who had the code for pairing shown; None when nobody had.
        results: by sender and command id, oldest first; ids are only unique for one sender.
        courier: which courier's key has opened the boot last, and when each did; None when none ever has.
        opening: couriers' keys that are opening the boot, by the ticket of the command.
    """

    reader: KeyReader | None = None
    opened_by: str | None = None
    results: Mapping[tuple[str, str], Result] = field(default_factory=dict)
    courier: CourierAccess | None = None
    opening: Mapping[str, Opening] = field(default_factory=dict)

    @classmethod
    def made(cls, car: str, provision: Provision, kept: Mapping[str, Any]) -> Self:
        """Return the keys of a car that starts: those it was delivered with, or those its flash kept."""
        nonces = Nonces(provision.seed, provision.boot)
        identity = digital_key(car, provision.seed)
        if kept:
            reader = KeyReader.restarted(car, identity, POWERS, kept, nonces, provision.now_ms)
            # Nobody has watched the boot meanwhile.
            opening = {ticket: replace(one, unclear=True) for ticket, one in kept["opening"].items()}
            return cls(reader, courier=kept["courier"], opening=opening)
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
        if self.reader is None:
            return {}
        return {**self.reader.kept(), "courier": self.courier, "opening": self.opening}

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

    def is_off_place(self, proved: Authorised, here: tuple[float, float]) -> bool | None:
        """Say whether the car stands elsewhere than where a key was shared for; None for one for anywhere.

        Args:
            proved: the key.
            here: where the car is, latitude and longitude, degrees.
        """
        assert self.reader is not None  # INVARIANT: it has just authorised something
        place = self.reader.keys[proved.kid].place
        if place is None:
            return None
        there = (place[0] / 1e6, place[1] / 1e6)
        return distance_m(local_plane(here, there), (0.0, 0.0)) > place[2]

    def result(self, sender: str, ticket: str) -> Result:
        """Return what a command's proof came to."""
        return self.results.get((sender, ticket))

    def circumstances(self, at: Moment, asked: Asked) -> Mapping[str, Any]:
        """Return what the rules must know of a command's proof: fields of the car's circumstances.

        The distance is that of the ranging rounds which the proof keyed. A sleeping car's gateway ranges
        too: it is never off.
        """
        match self.result(asked.sender, asked.ticket):
            case Authorised(repeated=True):
                # The node answers repetitions; what gets here has come as another command.
                return {"code": "CMD_ID_REUSED"}
            case Authorised() as proved:
                off_place = self.is_off_place(proved, at.senses.location())
                told = {"distance_cm": proved.distance_cm, "key_role": self.role(proved)}
                return {**told, "off_place": off_place}
            case Refused() as refused:
                return {"code": refused.code, "distance_cm": refused.distance_cm}
            case _:
                return {}

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

    def acted(self, order: Commanded, at: Moment, *, able: bool) -> tuple[Self, str]:
        """Spend a proof on the act it is for, at the instant of the act.

        Args:
            order: what is asked.
            at: when.
            able: whether the body controller answers; where it does not, no courier's key is used up.

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
        for_courier = self.role(result) == "courier"
        if for_courier and not able:
            return keys, "the body controller does not answer"
        reader, refused = self.reader.spent(result.kid, at.now_ms)
        if refused is None and for_courier:
            begun = Opening(order.sender, result.kid, self.reader.keys[result.kid].serial)
            opening = dict([*self.opening.items(), (order.ticket, begun)][-OPENING_MAX:])
            keys = replace(keys, opening=opening)
        return replace(keys, reader=reader), "" if refused is None else refused.sentence

    def watched(
        self, at: Moment, effects: tuple[Effect, ...], boot: str | None, *, up: bool
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Return the keys after what has become of the boot, and the events that say that couriers opened it.

        Args:
            at: when.
            effects: what the car does in this step; its answers say whether the boot has moved.
            boot: what the boot's switch says; None when it is silent.
            up: whether the body controller runs.
        """
        keys, told = self, tuple[Effect, ...]()
        if not self.opening:
            return keys, told
        answers = {one.ticket: one.answer for one in effects if isinstance(one, Settle) and one.answer.final}
        for ticket, one in self.opening.items():
            answer = answers.get(ticket)
            if answer is not None and answer.status == "done":
                keys, told = keys._opened(at, ticket, told)
            elif answer is not None and up and boot == "closed":
                assert keys.reader is not None  # INVARIANT: it has spent the use
                keys = replace(keys._closed(ticket), reader=keys.reader.unspent(one.kid, one.serial))
            elif answer is not None:
                keys = replace(keys, opening={**keys.opening, ticket: replace(one, unclear=True)})
            elif one.unclear and boot == "open":
                keys, told = keys._opened(at, ticket, told)
            elif one.unclear and boot == "closed":
                # It may have been open meanwhile: one opening at most, so the use stays used.
                keys = keys._closed(ticket)
        return keys, told

    def _opened(self, at: Moment, ticket: str, told: tuple[Effect, ...]) -> tuple[Self, tuple[Effect, ...]]:
        """Note that the boot was opened by a courier's key."""
        one = self.opening[ticket]
        before = {} if self.courier is None else self.courier.courier_openings
        rest = [(kid, opened_ms) for kid, opened_ms in before.items() if kid != one.kid]
        openings = dict([*rest, (one.kid, at.now_ms)][-OPENINGS_MAX:])
        visit = CourierAccess(courier=one.courier, courier_opened_ms=at.now_ms, courier_openings=openings)
        said = {"courier": one.courier, "courier_opened_ms": at.now_ms, "courier_key": one.kid}
        return replace(self._closed(ticket), courier=visit), (*told, Emit("courier_opened", said))

    def _closed(self, ticket: str) -> Self:
        return replace(self, opening={one: its for one, its in self.opening.items() if one != ticket})


def _is_proved(command: Command) -> bool:
    """Say whether a command rests on a key's word: what opens the car always does."""
    match command:
        case NearCommand() | RemoteCommand(proof=dict()):
            return True
        case _:
            return False
