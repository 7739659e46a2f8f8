"""A phone's or watch's car keys, and the conversation in which they prove themselves.

    near     key_hello -> challenge -> the command with the answer to it, while the radio answers ranging
    remote   key_session -> the car's clock and counter -> the command with both

A command that came too late for its challenge, or to a car that has restarted meanwhile, is tried again
from the beginning as long as whoever pressed the button would wait. A key that was shared for one order is
another key of the same device (`sim.trust.order_keys`), and speaks for itself.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self, TypeAlias

from sim.core.asking import KEYED, Ask
from sim.core.device import (
    Answer,
    Answered,
    AnswerRanging,
    Effect,
    Moment,
    Polled,
    Provision,
    Request,
    Settle,
    StopRanging,
)
from sim.trust.derivation import digital_key, order_key
from sim.trust.digital_key import (
    CHALLENGE_MS,
    FOR_EVER_MS,
    TTL_MAX_MS,
    KeyHolder,
    KeyPlace,
    Nonces,
    PairingCode,
    PresenceProof,
    Refused,
    Role,
    key_id_of,
)
from sim.trust.digital_key.holder import public_of
from sim.trust.digital_key.messages import Grant, read_unverified
from sim.trust.digital_key.sharing import terms_of
from sim.trust.identity import Identity
from sim.trust.key_talks import Conversation, PairKey, Revocation, RevokeKey, ShareKey, Sharing
from sim.trust.order_keys import CARRIED_MAX, LENT_MS, SPENT, Carried, Lent, OpenBootFor, chosen

TRIES_MAX = 3
"""How often a button's command is tried from the beginning."""
AGAIN: frozenset[str] = frozenset({"EXPIRED", "STALE_CHALLENGE", "INCORRECT_EPOCH"})
"""Refusals that a new conversation can mend: the car had restarted, or the answer came too late."""
_AGAIN = "-again-"
"""What stands in the ticket of a revocation that is sent once more."""
ENDS: frozenset[str] = frozenset({"NOT_OWNER", "UNKNOWN_KEY", "REVOKED"})
"""Codes that end a revocation without success: this device is no owner's key (any more)."""
CALL_MS = CHALLENGE_MS
"""How long a car's call is answered: as long as the car's challenge lives, and never again after it."""
CALL_EVERY_MS = 1_000
"""How often calls of one car are answered at most: a hand on the handle, not a radio that never stops."""

_NOT_THE_OWNER = "the phone does not know that its owner is there"
"""Why nothing is signed for others: who has taken somebody's phone shares and revokes no keys with it."""

Effects: TypeAlias = tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Wallet:
    """The car keys of one device.

    Attributes:
        holder: the device's side of the digital key; None before it was made.
        conversations: what is under way, by the ticket of the message that is waited for.
        grants: keys that others have shared with this device, to be shown at their first use, by car.
        shared: key ids of each device that a key was shared with, or that is a key of the same car: all it
            ever had, so that a device with a new key does not keep the old one when it is revoked.
        pairing: codes that were read and not yet confirmed, by ticket.
        sharing: keys that are being shared, by the ticket of what is asked first.
        lent: keys that were shared for one order, by name, which is the ticket of their sharing.
        carried: keys for one order that others have shared with this device, by name, oldest first.
        seed: the device's secret, which keys for orders are derived from.
        revoking: revocations that no car has confirmed, by ticket.
        revoked: whether one was confirmed.
        boot: how often the device has started.
        calls: how often it answered a car's call.
        called_ms: when it answered each car's last call.
    """

    holder: KeyHolder | None = None
    conversations: Mapping[str, Conversation] = field(default_factory=dict)
    grants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    shared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pairing: Mapping[str, PairingCode] = field(default_factory=dict, repr=False)
    sharing: Mapping[str, Sharing] = field(default_factory=dict)
    lent: Mapping[str, Lent] = field(default_factory=dict)
    carried: Mapping[str, Carried] = field(default_factory=dict)
    seed: bytes = field(default=b"", repr=False)
    revoking: Mapping[str, Revocation] = field(default_factory=dict)
    revoked: bool = False
    boot: int = 1
    calls: int = 0
    called_ms: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def made(cls, device: str, provision: Provision, kept: Mapping[str, Any]) -> Self:
        """Return the wallet of a device that starts: what it was delivered with, or what its flash kept."""
        identity = digital_key(device, provision.seed)
        nonces = Nonces(provision.seed, provision.boot)
        shared = {
            name: (key_id_of(key),) for name, key in provision.keys.items() if name not in provision.paired
        }
        if kept:
            holder = KeyHolder.restarted(device, identity, kept["holder"], nonces)
            return cls(
                holder,
                grants=kept["grants"],
                shared={**shared, **kept["shared"]},
                revoking=kept["revoking"],
                revoked=kept["revoked"],
                lent=kept["lent"],
                carried=kept["carried"],
                seed=provision.seed,
                boot=provision.boot,
            )
        holder = KeyHolder.new(device, identity, nonces)
        for car in provision.paired:
            role: Role = "owner" if car in provision.owners else "member"
            holder = holder.paired_with(car, provision.keys[car], role)
        return cls(holder, shared=shared, seed=provision.seed, boot=provision.boot)

    def kept(self) -> Mapping[str, Any]:
        """Return what flash keeps: keys, shared keys, and revocations that no car has confirmed."""
        if self.holder is None:
            return {}
        return {
            "holder": self.holder.kept(),
            "grants": self.grants,
            "shared": self.shared,
            "revoking": {ticket: replace(one, reached=False) for ticket, one in self.revoking.items()},
            "revoked": self.revoked,
            "lent": self.lent,
            "carried": self.carried,
        }

    # --- proving ------------------------------------------------------------------------------------

    def opens(self, car: str, action: str) -> bool:
        """Whether this device has a key of a car, and the action is one for keys."""
        return self.holder is not None and car in self.holder.cars and action in KEYED

    def ask(
        self, at: Moment, ask: Ask, ticket: str, by: str | None, over: frozenset[str] = frozenset()
    ) -> tuple[Self, Effects]:
        """Begin what a button asks: with proof where this device is a key of that car.

        Args:
            at: when.
            ask: the button.
            ticket: what becomes of it is told there.
            by: person on whose behalf.
            over: orders of which nothing is left to do.
        """
        car, action = ask.target(), ask.action()
        wanted = ask.delivery if isinstance(ask, OpenBootFor) else None
        left = {name: one for name, one in self.carried.items() if one.order not in over}
        key = chosen(left, car, action, at.now_ms, wanted)
        if wanted is not None and not key:
            sentence = f"this device has no key for {wanted} that still opens {car}"
            return self, (Settle(ticket, Answer("failed", sentence)),)
        if not self.opens(car, action):
            return self, (ask.request(ticket, by),)
        until_ms = at.now_ms + ask.expires_in_ms
        talk = Conversation(ticket, car, action, ask.arguments(), by, until_ms, key=key or self._last(car))
        return self._open(at, talk)

    def _last(self, car: str) -> str:
        """Return the key with which a device speaks that has none of its own: its latest for an order.

        It opens nothing any more, and the car says why.
        """
        assert self.holder is not None  # INVARIANT: else it opens nothing
        if car in self.grants or self.holder.cars[car].role != "friend":
            return ""
        return next((name for name, one in reversed(list(self.carried.items())) if one.car == car), "")

    def _key(self, name: str) -> Identity | None:
        """Return the key for an order; None for the device's own."""
        assert self.holder is not None  # INVARIANT: else it opens nothing
        return order_key(self.holder.device, self.seed, name) if name else None

    def vouch(self, at: Moment, request: Request) -> tuple[Self, Effects]:
        """Begin what an app asks of a car that this device opens (see `opens`)."""
        until_ms = at.now_ms + request.expires_in_ms
        talk = Conversation(
            request.ticket, request.target, request.action, request.arguments, request.by, until_ms
        )
        return self._open(at, talk)

    def polled(self, at: Moment, call: Polled, by: str | None) -> tuple[Self, Effects]:
        """Answer the call of a car whose handle is pulled, as far as this device is a key of it."""
        latest_ms = self.called_ms.get(call.car)
        too_soon = latest_ms is not None and at.now_ms - latest_ms < CALL_EVERY_MS
        # A hand on the handle wants the doors; whatever else a radio calls for is nobody's wish.
        if call.action != "unlock" or too_soon or not self.opens(call.car, call.action):
            return self, ()
        assert self.holder is not None  # INVARIANT: else it opens nothing
        ticket = f"{self.holder.device}-call-{self.boot}-{self.calls + 1}"
        called_ms = {**self.called_ms, call.car: at.now_ms}
        talk = Conversation(ticket, call.car, call.action, {}, by, at.now_ms + CALL_MS)
        return replace(self, calls=self.calls + 1, called_ms=called_ms)._open(at, talk)

    def _open(self, at: Moment, talk: Conversation) -> tuple[Self, Effects]:
        assert self.holder is not None  # INVARIANT: else it opens nothing
        left_ms = max(0, talk.until_ms - at.now_ms)
        if talk.near:
            holder, hello = self.holder.hello(talk.car, self._key(talk.key))
            arguments: dict[str, Any] = {"hello": hello}
            if talk.key in self.carried:
                arguments["grant"] = self.carried[talk.key].grant
            elif talk.car in self.grants:
                arguments["grant"] = self.grants[talk.car]
            opening = Request(talk.first, talk.car, "key_hello", arguments, talk.by, left_ms)
        else:
            holder, request = self.holder.ask_session(talk.car, self._key(talk.key))
            arguments = {"request": request}
            opening = Request(talk.first, talk.car, "key_session", arguments, talk.by, left_ms)
        talks = {**self.conversations, talk.first: talk}
        return replace(self, holder=holder, conversations=talks), (opening,)

    def answered(self, at: Moment, told: Answered, presence: PresenceProof) -> tuple[Self, Effects]:
        """Go on where an answer belongs to a conversation; nothing happens where it does not."""
        talk = self.conversations.get(told.ticket)
        if talk is None:
            return self, ()
        if not told.answer.final:
            return self, (Settle(talk.ticket, told.answer),) if told.ticket == talk.second else ()
        rest = {ticket: one for ticket, one in self.conversations.items() if ticket != told.ticket}
        wallet = replace(self, conversations=rest)
        if told.ticket == talk.first and told.answer.status == "done":
            return wallet._prove(at, talk, told.answer.data, presence)
        if _code(told.answer) in AGAIN and talk.tries < TRIES_MAX and at.now_ms < talk.until_ms:
            return wallet._open(at, replace(talk, tries=talk.tries + 1))
        if talk.key in self.carried and (told.answer.status == "done" or _code(told.answer) in SPENT):
            spent = replace(self.carried[talk.key], spent=True)
            wallet = replace(wallet, carried={**self.carried, talk.key: spent})
        # The radio goes on for another command that waits for it, such as one whose car still wakes.
        ranging = any(one.near and ticket == one.second for ticket, one in rest.items())
        return wallet, (Settle(talk.ticket, told.answer), *(() if ranging else (StopRanging(),)))

    def _prove(
        self, at: Moment, talk: Conversation, data: Mapping[str, Any], presence: PresenceProof
    ) -> tuple[Self, Effects]:
        """Answer the car's challenge, or speak by its clock."""
        assert self.holder is not None  # INVARIANT: else it opens nothing
        left_ms = max(0, talk.until_ms - at.now_ms)
        radio: Effects = ()
        proof: Mapping[str, Any] | Refused
        if talk.near:
            holder, answer = self.holder.answer(
                talk.car, data.get("challenge"), talk.action, presence, talk.second, self._key(talk.key)
            )
            if isinstance(answer, Refused):
                proof = answer
            else:
                proof, session = answer
                radio = (AnswerRanging(session),)
        else:
            holder, proof = self.holder.command(
                talk.car,
                data.get("session"),
                talk.action,
                talk.second,
                at.now_ms,
                min(left_ms, TTL_MAX_MS),
                self._key(talk.key),
            )
        wallet = replace(self, holder=holder)
        if isinstance(proof, Refused):
            sentence = f"{talk.car} did not answer as its key should: {proof.sentence} ({proof.code})"
            return wallet, (Settle(talk.ticket, Answer("failed", sentence)),)
        talks = {**self.conversations, talk.second: talk}
        arguments = {**talk.arguments, "proof": proof}
        command = Request(talk.second, talk.car, talk.action, arguments, talk.by, left_ms)
        return replace(wallet, conversations=talks), (*radio, command)

    # --- pairing, sharing, revoking -----------------------------------------------------------------

    def pair(self, at: Moment, act: PairKey, ticket: str) -> tuple[Self, Effects]:
        """Read the code on the car's screen, and show the car that it was read."""
        code = at.senses.code(act.car)
        if self.holder is None or not isinstance(code, PairingCode):
            sentence = f"no pairing code of {act.car} is in sight"
            return self, (Settle(ticket, Answer("failed", sentence)),)
        holder, message = self.holder.pair(code)
        wallet = replace(self, holder=holder, pairing={**self.pairing, ticket: code})
        return wallet, (Request(ticket, act.car, "key_pair", {"pair": message}),)

    def paired(self, told: Answered) -> Self:
        """Take note of what a car said to a pairing."""
        code = self.pairing.get(told.ticket)
        if code is None or not told.answer.final or self.holder is None:
            return self
        rest = {ticket: one for ticket, one in self.pairing.items() if ticket != told.ticket}
        if told.answer.status != "done":
            return replace(self, pairing=rest)
        holder = self.holder.paired_with(code.car, code.car_public_key, "owner")
        grants = {car: grant for car, grant in self.grants.items() if car != code.car}
        return replace(self, pairing=rest, holder=holder, grants=grants)

    def share(  # who shares what, for whom and where
        self,
        act: ShareKey,
        ticket: str,
        by: str | None,
        presence: PresenceProof,
        where: tuple[float, float] | None = None,
        order: str = "",
    ) -> tuple[Self, Effects]:
        """Ask the other phone for its public key; what is signed for it goes there, not to the car.

        Args:
            act: the terms.
            ticket: what becomes of it is told there.
            by: person on whose behalf.
            presence: what the device senses of its owner.
            where: where the car is to stand for a key that is bound to a place, latitude and longitude,
                degrees; None when nobody knows.
            order: what a key of its own is made for, named after the ticket; empty for the device's key.
        """
        if presence == "none":
            return self, (Settle(ticket, Answer("failed", _NOT_THE_OWNER)),)
        if self.holder is None or act.car not in self.holder.cars:
            return self, (Settle(ticket, Answer("failed", f"this is no key of {act.car}")),)
        if act.within_m is not None and where is None:
            sentence = f"nobody knows where {act.car} stands, to which the key is to be bound"
            return self, (Settle(ticket, Answer("failed", sentence)),)
        place = None if act.within_m is None or where is None else _place(where, act.within_m)
        asking = f"{ticket}-offer"
        wallet = replace(self, sharing={**self.sharing, asking: Sharing(ticket, act, by, place, order)})
        named = {"car": act.car, "key": ticket} if order else {"car": act.car}
        return wallet, (Request(asking, act.to, "offer_key", named, by),)

    def offered(self, at: Moment, told: Answered, presence: PresenceProof) -> tuple[Self, Effects]:
        """Sign the key of a phone that has offered it, and send it what was signed."""
        found = self.sharing.get(told.ticket)
        if found is None or not told.answer.final or self.holder is None:
            return self, ()
        ticket, act = found.ticket, found.act
        rest = {asking: one for asking, one in self.sharing.items() if asking != told.ticket}
        wallet = replace(self, sharing=rest)
        if told.answer.status != "done":
            return wallet, (Settle(ticket, told.answer),)
        key = _public_key(told.answer.data.get("public_key"))
        if key is None:
            return wallet, (Settle(ticket, Answer("failed", f"what {act.to} offered is no key")),)
        if presence == "none":
            return wallet, (Settle(ticket, Answer("failed", _NOT_THE_OWNER)),)
        kid = key_id_of(key)
        others = {one for device, kids in self.shared.items() if device != act.to for one in kids}
        if kid == self.holder.identity.kid or kid in others:
            # Else whoever revokes it from that device would revoke it from its true one.
            return wallet, (
                Settle(ticket, Answer("failed", f"what {act.to} offered is another device's key")),
            )
        terms = terms_of(act.role)
        begins_ms = min(at.now_ms + act.after_ms, FOR_EVER_MS)
        ends_ms = min(begins_ms + (act.for_ms or terms.for_ms), FOR_EVER_MS)
        holder, grant = self.holder.grant(
            act.car, act.to, key, terms.rights, begins_ms, ends_ms, act.uses or terms.uses, found.place
        )
        wallet = wallet._remembering(at, found, kid, ends_ms)
        public = self.holder.cars[act.car].public_key
        arguments = {"car": act.car, "car_public_key": public.hex(), "grant": grant}
        if found.order:
            arguments |= {"key": ticket, "order": found.order}
        return replace(wallet, holder=holder), (Request(ticket, act.to, "take_key", arguments, found.by),)

    def _remembering(self, at: Moment, found: Sharing, kid: str, ends_ms: int) -> Self:
        """Return the wallet that remembers a shared key, and forgets those for orders that ended long ago."""
        lent = {name: one for name, one in self.lent.items() if at.now_ms < one.until_ms + LENT_MS}
        gone = {one.kid for name, one in self.lent.items() if name not in lent}
        shared = {
            device: tuple(one for one in kids if one not in gone) for device, kids in self.shared.items()
        }
        to = found.act.to
        if found.order:
            lent[found.ticket] = Lent(kid, to, found.act.car, ends_ms)
        return replace(self, lent=lent, shared={**shared, to: _with(shared.get(to, ()), kid)})

    def offer(self, key: str = "") -> Mapping[str, Any]:
        """Return a public digital key of this device, for somebody who wants to share a car with it.

        Args:
            key: name of a key for one order; empty for the device's own.
        """
        assert self.holder is not None  # INVARIANT: a device is provisioned before it is asked
        return {"public_key": public_of(self._key(key) or self.holder.identity).hex()}

    def take(
        self, car: str, car_public_key: str, grant: Mapping[str, Any], name: str = "", order: str = ""
    ) -> tuple[Self, Answer]:
        """Keep a key that somebody shares with this device; the car sees it at its first use.

        Args:
            car: of which car.
            car_public_key: the car's own key, in hex.
            grant: what the owner has signed.
            name: of a key for one order; empty for the device's own.
            order: that order.
        """
        assert self.holder is not None  # INVARIANT: a device is provisioned before it is asked
        key = _public_key(car_public_key)
        if key is None:
            return self, Answer("failed", "that is no car's key")
        known = self.holder.cars.get(car)
        if known is not None and known.role != "friend":
            # What is shown with every hello must not be anybody's to choose: the car would refuse it.
            return self, Answer("failed", f"this is a key of {car} already, and needs no shared one")
        holder, refused = self.holder.take_grant(car, key, grant, self._key(name))
        if refused is not None:
            return self, Answer("failed", f"{refused.sentence} ({refused.code})")
        if name:
            rest = {one: its for one, its in self.carried.items() if one != name}
            taken = Carried.of(order, grant, read_unverified(grant, Grant))
            newest = dict([*rest.items(), (name, taken)][-CARRIED_MAX:])
            return replace(self, holder=holder, carried=newest), Answer("done")
        return replace(self, holder=holder, grants={**self.grants, car: grant}), Answer("done")

    def revoke(
        self, at: Moment, act: RevokeKey, ticket: str, by: str | None, presence: PresenceProof
    ) -> tuple[Self, Effects]:
        """Take a key back: at once where the car can be reached, else as soon as it can.

        The act follows the latest key that the device had; those before it are taken back as well.
        """
        if presence == "none":
            return self, (Settle(ticket, Answer("failed", _NOT_THE_OWNER)),)
        if self.holder is None or act.car not in self.holder.cars or act.device not in self.shared:
            sentence = f"{act.device} has no key of {act.car} that could be revoked here"
            return self, (Settle(ticket, Answer("failed", sentence)),)
        online = at.beliefs.is_online(act.car)
        holder, wishes = self.holder, {}
        for number, kid in enumerate(reversed(self.shared[act.device])):
            holder, message = holder.revoke(act.car, kid)
            wish = Revocation(act.device, act.car, message, reached=online)
            wishes[f"{ticket}-key-{number}" if number else ticket] = wish
        wallet, dropped = self._sharing_no_more(lambda one: one.act.to == act.device)
        lent = {
            name: replace(one, revoked=one.revoked or (one.device, one.car) == (act.device, act.car))
            for name, one in self.lent.items()
        }
        wallet = replace(wallet, holder=holder, revoking={**self.revoking, **wishes}, lent=lent)
        return wallet, (*dropped, *(wish.request(name, by) for name, wish in wishes.items()))

    def revoke_order(self, at: Moment, name: str) -> tuple[Self, Effects]:
        """Take back the key of one order that is not to be brought any more.

        It asks nobody: the device has shared that key itself, and what ends is only what it has begun.
        """
        wallet, dropped = self._sharing_no_more(lambda one: one.ticket == name and bool(one.order))
        lent = self.lent.get(name)
        if self.holder is None or lent is None or lent.revoked:
            return wallet, dropped
        holder, message = self.holder.revoke(lent.car, lent.kid)
        ticket = f"{name}-revoked"
        wish = Revocation(lent.device, lent.car, message, reached=at.beliefs.is_online(lent.car))
        wallet = replace(
            wallet,
            holder=holder,
            revoking={**self.revoking, ticket: wish},
            lent={**self.lent, name: replace(lent, revoked=True)},
        )
        return wallet, (*dropped, wish.request(ticket, None))

    def _sharing_no_more(self, ends: Callable[[Sharing], bool]) -> tuple[Self, Effects]:
        """Return the wallet that signs no more what is being shared meanwhile, and the answers to that."""
        left = {asking: one for asking, one in self.sharing.items() if not ends(one)}
        answer = Answer("failed", "the key was revoked before it was shared")
        dropped = tuple(Settle(one.ticket, answer) for one in self.sharing.values() if ends(one))
        return replace(self, sharing=left), dropped

    def confirmed(self, told: Answered) -> Self:
        """Take note of what a car said to a revocation; it stays pending until the car has confirmed it.

        Whatever else became of it, also a denial for any reason but that this is no owner's key: it is sent
        again when the car is next heard of.
        """
        ticket = told.ticket.partition(_AGAIN)[0]
        if ticket not in self.revoking or not told.answer.final:
            return self
        ended = told.answer.status == "done" or _code(told.answer) in ENDS
        if not ended:
            missed = replace(self.revoking[ticket], reached=False)
            return replace(self, revoking={**self.revoking, ticket: missed})
        rest = {one: wish for one, wish in self.revoking.items() if one != ticket}
        return replace(self, revoking=rest, revoked=self.revoked or told.answer.status == "done")

    def heard(self, at: Moment, car: str) -> tuple[Self, Effects]:
        """Send what a car has missed as soon as it is back."""
        online = at.beliefs.is_online(car)
        missed = {
            ticket: wish
            for ticket, wish in self.revoking.items()
            if wish.car == car and wish.reached is not online
        }
        if not missed:
            return self, ()
        told = {
            ticket: replace(wish, reached=online, times=wish.times + online)
            for ticket, wish in missed.items()
        }
        requests = tuple(
            wish.request(f"{ticket}{_AGAIN}{wish.times}", None) for ticket, wish in told.items() if online
        )
        return replace(self, revoking={**self.revoking, **told}), requests

    @property
    def revocation(self) -> Literal["none", "pending", "done"]:
        """What the owner is shown of revoked keys: while one is pending it still opens the car."""
        if self.revoking:
            return "pending"
        return "done" if self.revoked else "none"


def _code(answer: Answer) -> str:
    """Return the reason code of a denial; empty when there is none, or what came is none."""
    code = (answer.denial or {}).get("code")
    return code if isinstance(code, str) else ""


def _with(kids: tuple[str, ...], kid: str) -> tuple[str, ...]:
    """Return the key ids of a device, the latest last and each once."""
    return (*(one for one in kids if one != kid), kid)


def _place(where: tuple[float, float], within_m: float) -> KeyPlace:
    """Return a place as a grant has it: millionths of a degree, and whole metres."""
    return round(where[0] * 1e6), round(where[1] * 1e6), max(1, round(within_m))


def _public_key(text: object) -> bytes | None:
    """Return the 32 bytes of a public key in hex, or None."""
    if not isinstance(text, str) or re.fullmatch(r"[0-9a-f]{64}", text) is None:
        return None
    return bytes.fromhex(text)
