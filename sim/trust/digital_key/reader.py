"""A car's side of the digital key: it challenges, checks, ranges, counts, and never believes a distance.

CCC Digital Key calls this side the vehicle, Aliro the reader. Every method that changes something returns
the successor and what the message came to; a refusal changes something too, so the successor counts.

    near     hello -> challenge, good for one answer within two seconds -> answer -> three ranging rounds
    remote   request -> epoch, clock and counter -> command with all three

A transaction is taken away before the first check of its answer that can fail. It is not taken away by
anybody else's message: a stranger who repeats what he overheard must not be able to end the owner's.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self, TypeAlias, TypeVar

from sim.trust.digital_key.agreement import ephemeral_public, proves_pairing, ranging_id
from sim.trust.digital_key.counters import Counters
from sim.trust.digital_key.enrolment import EnrolledKey, Powers
from sim.trust.digital_key.lockout import COUNTED, Failures
from sim.trust.digital_key.messages import (
    Auth,
    Challenge,
    Grant,
    Hello,
    KeyMessage,
    OneKey,
    Pair,
    RemoteCommand,
    Revoke,
    Session,
    SessionRequest,
    Signed,
    read,
    read_unverified,
    sign,
)
from sim.trust.digital_key.nonces import Nonces
from sim.trust.digital_key.outcomes import Authorised, Paired, Refused, Role, first_wrong, refused
from sim.trust.digital_key.pairing import PAIRING_MS, SECRET_BYTES, Pairing, PairingCode
from sim.trust.digital_key.ranging import distance_cm, limit_cm
from sim.trust.digital_key.register import KeyRegister
from sim.trust.digital_key.results import Results
from sim.trust.digital_key.transactions import CHALLENGE_MS, Transaction, with_room
from sim.trust.envelope import EnvelopeError
from sim.trust.identity import Identity

TTL_MAX_MS: Final = 30_000
"""How much longer a remote command may live when it arrives; Tesla's vehicle-command has the same."""

_PASSED_OVER: Final = frozenset({"ALREADY_ENROLLED", "STALE_GRANT"})
"""What is wrong with a grant that says nothing new: the key it is shown with is judged without it."""

Ranging: TypeAlias = Callable[[bytes], Sequence[float | None]]
"""The world: from a ranging session's public id to the metres of each round, None where one failed."""

M = TypeVar("M", bound=KeyMessage)


@dataclass(frozen=True, slots=True)
class KeyReader:
    """The keys of a car and its open conversations.

    Attributes:
        car: name of the car.
        identity: the car's own key; holders pin its public half.
        register: whom it opens to, and what it does for them.
        nonces: where challenges come from.
        epoch: 16 bytes, new at every start: older remote commands die with it.
        clock_ms: the car's clock. It never goes back, so nothing expires later than it should.
        heard_ms: what it was last told of the time. When that goes back, nobody knows how much time has
            passed meanwhile: open conversations end and a new epoch begins, and `clock_ms` goes on from
            where it was.
        epoch_began_ms: when the epoch began, by `clock_ms`.
        counters: of remote commands in this epoch, by key id.
        transactions: open challenges by transaction id, oldest first.
        results: what was authorised under which command id.
        pairing: the code on the screen, or None.
        failures: who has failed lately.
    """

    car: str
    identity: Identity
    register: KeyRegister
    nonces: Nonces
    epoch: bytes
    clock_ms: int
    heard_ms: int
    epoch_began_ms: int
    counters: Mapping[str, Counters] = field(default_factory=dict)
    transactions: Mapping[str, Transaction] = field(default_factory=dict)
    results: Results = field(default_factory=Results)
    pairing: Pairing | None = None
    failures: Failures = field(default_factory=Failures)

    # --- life -------------------------------------------------------------------------------------

    @classmethod
    def new(
        cls,
        car: str,
        identity: Identity,
        powers: Powers,
        nonces: Nonces,
        now_ms: int,
        enrolled: Iterable[EnrolledKey] = (),
    ) -> Self:
        """Return a car as it leaves the factory, with the keys it is delivered with.

        Args:
            car: its name.
            identity: its own key.
            powers: what it does for its keys.
            nonces: where its challenges come from.
            now_ms: the time, milliseconds since 1970, by the car's own clock.
            enrolled: keys paired in the factory.
        """
        return cls._started(car, identity, KeyRegister.of(powers, enrolled), nonces, now_ms)

    def kept(self) -> Mapping[str, Any]:
        """Return what flash keeps, as JSON: keys with their uses, tombstones, results, and the clock.

        The epoch, open conversations, counters and failures end with the power.
        """
        return {
            "boot": self.nonces.boot,
            "clock_ms": self.clock_ms,
            "register": self.register.kept(),
            "results": self.results.kept(),
        }

    @classmethod
    def restarted(
        cls,
        car: str,
        identity: Identity,
        powers: Powers,
        kept: Mapping[str, Any],
        nonces: Nonces,
        now_ms: int,
    ) -> Self:
        """Return the car after a restart, in a new epoch.

        Args:
            car: its name.
            identity: its own key.
            powers: what it does for its keys.
            kept: what `kept` has returned.
            nonces: of a later boot than any before.
            now_ms: the time; a clock that was set back while the power was off revives no key.
        """
        assert nonces.boot > kept["boot"]  # INVARIANT: else it would draw what it has drawn before
        register = KeyRegister.restored(powers, kept["register"])
        clock_ms = max(now_ms, kept["clock_ms"])
        reader = cls._started(car, identity, register, nonces, clock_ms)
        return replace(reader, heard_ms=now_ms, results=Results.restored(kept["results"]))

    @classmethod
    def _started(
        cls, car: str, identity: Identity, register: KeyRegister, nonces: Nonces, clock_ms: int
    ) -> Self:
        nonces, epoch = nonces.draw(16, "epoch")
        return cls(car, identity, register, nonces, epoch, clock_ms, clock_ms, clock_ms)

    @property
    def keys(self) -> Mapping[str, EnrolledKey]:
        """The enrolled keys by key id, revoked ones included."""
        return self.register.keys

    @property
    def powers(self) -> Powers:
        """What the car does for its keys."""
        return self.register.powers

    @property
    def public_key(self) -> bytes:
        """The car's own key, 32 bytes, which holders pin."""
        return self.identity.key.public_key().public_bytes_raw()

    # --- pairing ----------------------------------------------------------------------------------

    def open_pairing(self, now_ms: int) -> tuple[Self, PairingCode]:
        """Show a new code for `PAIRING_MS`; it makes one owner's key, and an older code is void."""
        reader = self._at(now_ms)
        nonces, secret = reader.nonces.draw(SECRET_BYTES, "pairing")
        pairing = Pairing(secret, reader.clock_ms + PAIRING_MS)
        code = PairingCode(self.car, self.public_key, secret)
        return replace(reader, nonces=nonces, pairing=pairing), code

    def pair(
        self, envelope: object, sender: str, now_ms: int, role: Role = "owner"
    ) -> tuple[Self, Paired | Refused]:
        """Enrol a key that proves to have read the code.

        Args:
            envelope: a `key.pair`.
            sender: device that the broker says it is from.
            now_ms: the time by the car's own clock.
            role: an owner's key, or that of another member of the household.

        Returns:
            The successor, and the key; or `LOCKED_OUT`, `NOT_PAIRING`, `WRONG_CAR`, `WRONG_SENDER`,
            `PAIR_MAC`, `REVOKED`, or what `messages.read` raises.
        """
        reader = self._at(now_ms)
        pairing = reader.pairing
        if reader.failures.locked_out(sender, reader.clock_ms):
            return reader, refused("LOCKED_OUT")
        if pairing is None or not pairing.open_to(sender, reader.clock_ms):
            return reader, refused("NOT_PAIRING")
        key = reader._proved(envelope, sender, pairing, role)
        if isinstance(key, Refused):
            return replace(reader, pairing=pairing.failed(sender))._blaming(sender, key), key
        register = reader.register.with_paired(key)
        return replace(reader, register=register, pairing=None), Paired(key.kid, key.device, role)

    def _proved(self, envelope: object, sender: str, pairing: Pairing, role: Role) -> EnrolledKey | Refused:
        """Return the key that holds proof of the code, and proof of itself."""
        try:
            claim = read_unverified(envelope, Pair)
            public_key = bytes.fromhex(claim.public_key)
            read(envelope, Pair, OneKey(claim.device, public_key))
        except EnvelopeError as error:
            return Refused(error.code, error.sentence)
        keys = (public_key, self.public_key)
        proof = bytes.fromhex(claim.mac)
        key = EnrolledKey.paired(claim.device, public_key, role, self.powers.grantable)
        refusal = first_wrong(
            ("WRONG_CAR", claim.car != self.car),
            ("WRONG_SENDER", claim.device != sender),
            ("PAIR_MAC", not proves_pairing(proof, pairing.secret, self.car, claim.device, keys)),
            ("REVOKED", self.register.is_revoked(key.kid)),
        )
        return refusal or key

    # --- sharing and revoking ---------------------------------------------------------------------

    def grant(self, envelope: object, now_ms: int) -> tuple[Self, EnrolledKey | Refused]:
        """Enrol a key that an owner has shared, whoever shows the grant.

        A grant that was shown before changes nothing, so that showing it again gives no new uses; a newer
        one of the same owner takes its place, and the older is stale from then on.

        Args:
            envelope: a `key.grant`.
            now_ms: the time by the car's own clock.

        Returns:
            The successor, and the key; or `NOT_OWNER`, `REVOKED` (the owner's key or the shared one),
            `WRONG_CAR`, `ALREADY_ENROLLED`, `RIGHTS`, `KEY_EXPIRED`, `STALE_GRANT`, or what
            `messages.read` raises.
        """
        return self._at(now_ms)._granted(envelope)

    def _granted(self, envelope: object) -> tuple[Self, EnrolledKey | Refused]:
        heard = self._read(envelope, Grant)
        if isinstance(heard, Refused):
            return self, heard
        refusal = (
            first_wrong(("NOT_OWNER", not self.register.is_owner(heard.kid)))
            or self._standing(heard.kid)
            or first_wrong(("WRONG_CAR", heard.message.car != self.car))
        )
        if refusal is not None:
            return self, refusal
        register, shared = self.register.with_grant(heard, self.clock_ms)
        return replace(self, register=register), shared

    def revoke(self, envelope: object, sender: str, now_ms: int) -> tuple[Self, Refused | None]:
        """Take a key back for ever, and with it every key it has shared and what they have under way.

        Args:
            envelope: a `key.revoke`; the key it names need not be known, so that a grant that was never
                shown is dead, too.
            sender: device that the broker says it is from.
            now_ms: the time by the car's own clock.

        Returns:
            The successor, and None; or `NOT_OWNER`, or as `hello`.
        """
        reader, heard = self._at(now_ms)._heard(envelope, Revoke, sender)
        if isinstance(heard, Refused):
            return reader, heard
        if not reader.register.is_owner(heard.kid):
            return reader, refused("NOT_OWNER")
        register = reader.register.without(heard.message.kid)
        left = {name: one for name, one in reader.transactions.items() if not register.is_revoked(one.kid)}
        return replace(reader, register=register, transactions=left), None

    # --- near -------------------------------------------------------------------------------------

    def hello(
        self, envelope: object, sender: str, now_ms: int, grant: object = None
    ) -> tuple[Self, Mapping[str, Any] | Refused]:
        """Challenge a key.

        Args:
            envelope: a `key.hello`.
            sender: device that the broker says it is from.
            now_ms: the time by the car's own clock.
            grant: a `key.grant` that is shown with it, or None; one that says nothing new is passed over, and
                so is any that does not hold when the key itself is enrolled already: what others have made
                a device show must not cost it the key it has.

        Returns:
            The successor, and a `key.challenge`; or `LOCKED_OUT`, `UNKNOWN_KEY`, `SENDER_KEY_MISMATCH`,
            `REVOKED`, `KEY_EXPIRED` (not yet valid, too), `WRONG_CAR`, `BUSY`, what `grant` returns, or
            what `messages.read` raises.
        """
        reader = self._at(now_ms)
        if grant is not None and not reader.failures.locked_out(
            reader._culprit(sender, grant), reader.clock_ms
        ):
            reader, shown = reader._granted(grant)
            enrolled = reader._is_enrolled(envelope)
            if isinstance(shown, Refused) and not enrolled and shown.code not in _PASSED_OVER:
                return reader._blaming(reader._culprit(sender, grant), shown), shown
        reader, heard = reader._heard(envelope, Hello, sender)
        if isinstance(heard, Refused):
            return reader, heard
        room = reader._with_room_for(heard.kid)
        if isinstance(room, Refused):
            return reader, room
        return room._challenged(heard)

    def _is_enrolled(self, envelope: object) -> bool:
        """Say whether a hello names a key that the car knows; whether it holds is seen afterwards."""
        return isinstance(envelope, Mapping) and self.register.find(str(envelope.get("kid"))) is not None

    def _with_room_for(self, kid: str) -> Self | Refused:
        """Return the successor with room for one more transaction of a key, or `BUSY`."""
        owners = frozenset(key.device for key in self.keys.values() if key.role == "owner")
        left = with_room(self.transactions, self.keys[kid].device, self.clock_ms, owners)
        return refused("BUSY") if left is None else replace(self, transactions=left)

    def _challenged(self, heard: Signed[Hello]) -> tuple[Self, Mapping[str, Any]]:
        nonces, transaction = self.nonces.draw(16, "transaction")
        nonces, challenge = nonces.draw(32, "challenge")
        nonces, ephemeral = nonces.draw(32, "ephemeral")
        message = Challenge(
            car=self.car,
            transaction=transaction.hex(),
            challenge=challenge.hex(),
            nonce=heard.message.nonce,
            ephemeral=ephemeral_public(ephemeral).hex(),
            epoch=self.epoch.hex(),
            ttl_ms=CHALLENGE_MS,
        )
        opened = Transaction(
            heard.kid, heard.device, ephemeral, self.clock_ms + CHALLENGE_MS, message.digest()
        )
        transactions = {**self.transactions, message.transaction: opened}
        return replace(self, nonces=nonces, transactions=transactions), sign(self.identity, message)

    def authorise(
        self, envelope: object, sender: str, action: str, command_id: str, now_ms: int, ranging: Ranging
    ) -> tuple[Self, Authorised | Refused]:
        """Check the answer to a challenge, and range whoever gave it.

        Args:
            envelope: a `key.auth`.
            sender: device that the broker says it is from.
            action: what the command is that came with it.
            command_id: the id of that command.
            now_ms: the time by the car's own clock.
            ranging: three rounds, keyed by what both sides have derived from challenge and answer.

        Returns:
            The successor, and what was authorised; or as `hello`, or `WRONG_COMMAND`, `CMD_ID_REUSED`,
            `STALE_CHALLENGE`, `EXPIRED`, `NO_PRESENCE`, `UNSAFE_REMOTE_MOTION`, `INVALID_COMMAND`,
            `RIGHTS`, `USED_UP`, `RANGING_FAILED` or `TOO_FAR`. From `NO_PRESENCE` on a refusal says how
            far away the key was.
        """
        reader, heard = self._at(now_ms)._verified(envelope, Auth, sender)
        if isinstance(heard, Refused):
            return reader, heard
        auth = heard.message
        reader, transaction = reader._popped(heard)
        known = reader._unfit(heard) or reader._known(heard, action, command_id)
        if known is not None:
            return reader, known
        if transaction is None:
            return reader, refused("STALE_CHALLENGE")
        if reader.clock_ms >= transaction.until_ms:
            return reader, refused("EXPIRED")
        session = ranging_id(transaction.ephemeral, bytes.fromhex(auth.ephemeral), transaction.digest)
        measured_cm = None if session is None else reader._measured_cm(session, auth, ranging)
        refusal = reader._against(heard.kid, auth, measured_cm)
        if refusal is not None:
            return reader, refusal
        return reader._remembering(
            heard.digest,
            command_id,
            Authorised(heard.kid, sender, action, auth.presence, measured_cm, ranging_id=session),
        )

    def _popped(self, heard: Signed[Auth]) -> tuple[Self, Transaction | None]:
        """Take away the transaction an answer names, if it is its own; None unless the answer fits it."""
        transaction = self.transactions.get(heard.message.transaction)
        if transaction is None or transaction.kid != heard.kid:
            return self, None
        left = {name: one for name, one in self.transactions.items() if one is not transaction}
        fits = transaction.digest.hex() == heard.message.challenge
        return replace(self, transactions=left), transaction if fits else None

    def _measured_cm(self, session: bytes, _: Auth, ranging: Ranging) -> int | None:
        """Return how far away the key is: what the rounds say, and nothing that the answer says."""
        return distance_cm(ranging(session))

    def _against(self, kid: str, auth: Auth, measured_cm: int | None) -> Refused | None:
        """Return what speaks against a fresh answer; motion first of what is asked, whoever asks."""
        key = self.keys[kid]
        return first_wrong(
            ("NO_PRESENCE", auth.presence == "none"),
            ("UNSAFE_REMOTE_MOTION", auth.action in self.powers.never),
            ("INVALID_COMMAND", auth.action not in self.powers.near),
            ("RIGHTS", auth.action not in key.rights),
            ("USED_UP", key.used_up()),
            ("RANGING_FAILED", measured_cm is None),
            ("TOO_FAR", measured_cm is not None and measured_cm > limit_cm(auth.action)),
            distance_cm=measured_cm,
        )

    # --- remote -----------------------------------------------------------------------------------

    def session(self, envelope: object, sender: str, now_ms: int) -> tuple[Self, Mapping[str, Any] | Refused]:
        """Tell a key the epoch, the car's clock, and the highest counter seen of it.

        Args:
            envelope: a `key.request`.
            sender: device that the broker says it is from.
            now_ms: the time by the car's own clock.

        Returns:
            The successor, and a `key.session`; or as `hello`, but never `BUSY`.
        """
        reader, heard = self._at(now_ms)._heard(envelope, SessionRequest, sender)
        if isinstance(heard, Refused):
            return reader, heard
        session = Session(
            car=self.car,
            epoch=reader.epoch.hex(),
            clock_ms=reader.clock_ms - reader.epoch_began_ms,
            counter=reader.counters.get(heard.kid, Counters()).highest,
            nonce=heard.message.nonce,
        )
        return reader, sign(self.identity, session)

    def command(
        self, envelope: object, sender: str, action: str, command_id: str, now_ms: int
    ) -> tuple[Self, Authorised | Refused]:
        """Check a command from afar, by the car's own epoch, clock and counters.

        A counter is used up by every command that came in time, also when it is refused for what it asks.

        Args:
            envelope: a `key.command`.
            sender: device that the broker says it is from.
            action: what the command is that came with it.
            command_id: the id of that command.
            now_ms: the time by the car's own clock.

        Returns:
            The successor, and what was authorised; or as `hello`, or `WRONG_COMMAND`, `CMD_ID_REUSED`,
            `INCORRECT_EPOCH`, `EXPIRED`, `TTL_TOO_LONG`, `BAD_COUNTER`, `REPEATED_COUNTER`,
            `UNSAFE_REMOTE_MOTION`, `NEEDS_PROXIMITY`, `INVALID_COMMAND`, `RIGHTS` or `USED_UP`.
        """
        reader, heard = self._at(now_ms)._heard(envelope, RemoteCommand, sender)
        if isinstance(heard, Refused):
            return reader, heard
        asked = heard.message
        known = reader._known(heard, action, command_id)
        late = known or reader._late(asked)
        if late is not None:
            return reader, late
        taken = reader.counters.get(heard.kid, Counters()).taken(asked.counter)
        if isinstance(taken, str):
            return reader, refused(taken)
        reader = replace(reader, counters={**reader.counters, heard.kid: taken})
        key = reader.keys[heard.kid]
        refusal = first_wrong(
            ("UNSAFE_REMOTE_MOTION", action in self.powers.never),
            ("NEEDS_PROXIMITY", action in self.powers.near - self.powers.remote),
            ("INVALID_COMMAND", action not in self.powers.remote),
            ("RIGHTS", action not in key.rights),
            ("USED_UP", key.used_up()),
        )
        if refusal is not None:
            return reader, refusal
        return reader._remembering(heard.digest, command_id, Authorised(heard.kid, sender, action, "none"))

    def _late(self, asked: RemoteCommand) -> Refused | None:
        left_ms = asked.expires_ms - (self.clock_ms - self.epoch_began_ms)
        return first_wrong(
            ("INCORRECT_EPOCH", asked.epoch != self.epoch.hex()),
            ("EXPIRED", left_ms <= 0),
            ("TTL_TOO_LONG", left_ms > TTL_MAX_MS),
        )

    # --- acting -----------------------------------------------------------------------------------

    def spent(self, kid: str, now_ms: int) -> tuple[Self, Refused | None]:
        """Count one use of a key, in the very step in which the car acts.

        This is where the last use is decided, not `authorise`: a use that the rules refuse costs nothing,
        so two commands of a courier's single-use key can both be authorised before either is carried out.
        The first to be spent takes the use. The second is refused here, and whoever gets a refusal here
        must not act. The key is also held against time and tombstones once more, for a car may take
        seconds to wake up.

        Args:
            kid: of what was authorised.
            now_ms: the time by the car's own clock.

        Returns:
            The successor, and None; or `REVOKED`, `KEY_EXPIRED` or `USED_UP`.
        """
        reader = self._at(now_ms)
        key = reader.keys[kid]
        refusal = reader._standing(kid) or first_wrong(("USED_UP", key.used_up()))
        if refusal is not None:
            return reader, refusal
        return replace(reader, register=reader.register.used(kid)), None

    def unspent(self, kid: str, serial: int) -> Self:
        """Return the successor after an act by a key, and a grant of it, that surely came to nothing."""
        return replace(self, register=self.register.unused(kid, serial))

    # --- what every message goes through ------------------------------------------------------------

    def _at(self, now_ms: int) -> Self:
        """Return the successor at a time; see `clock_ms` and `heard_ms`."""
        passed_ms = now_ms - self.heard_ms
        if passed_ms >= 0:
            return replace(self, clock_ms=self.clock_ms + passed_ms, heard_ms=now_ms)
        nonces, epoch = self.nonces.draw(16, "epoch")
        return replace(
            self,
            nonces=nonces,
            heard_ms=now_ms,
            epoch=epoch,
            epoch_began_ms=self.clock_ms,
            counters={},
            transactions={},
            pairing=None,
        )

    def _heard(self, envelope: object, model: type[M], sender: str) -> tuple[Self, Signed[M] | Refused]:
        """Return a message for this car, by a key in good standing, from the device it belongs to."""
        reader, heard = self._verified(envelope, model, sender)
        return reader, heard if isinstance(heard, Refused) else reader._unfit(heard) or heard

    def _verified(self, envelope: object, model: type[M], sender: str) -> tuple[Self, Signed[M] | Refused]:
        """Return a message that an enrolled key has signed, from the device it belongs to."""
        culprit = self._culprit(sender, envelope)
        if self.failures.locked_out(culprit, self.clock_ms):
            return self, refused("LOCKED_OUT")
        heard = self._read(envelope, model)
        if not isinstance(heard, Refused) and heard.device != sender:
            heard = refused("SENDER_KEY_MISMATCH")
        return self._blaming(culprit, heard) if isinstance(heard, Refused) else self, heard

    def _unfit(self, heard: Signed[Any]) -> Refused | None:
        """Return why a message counts for nothing: its key is not valid now, or it is for another car."""
        return self._standing(heard.kid) or first_wrong(("WRONG_CAR", heard.message.car != self.car))

    def _read(self, envelope: object, model: type[M]) -> Signed[M] | Refused:
        try:
            return read(envelope, model, self.register)
        except EnvelopeError as error:
            return Refused(error.code, error.sentence)

    def _culprit(self, sender: str, _: object) -> str:
        """Return whom a failure is counted against: the broker's sender, whatever the message claims."""
        return sender

    def _blaming(self, culprit: str, refusal: Refused) -> Self:
        if refusal.code not in COUNTED:
            return self
        return replace(self, failures=self.failures.counted(culprit, self.clock_ms))

    def _standing(self, kid: str) -> Refused | None:
        return self.register.standing(kid, self.heard_ms, self.clock_ms)

    def _known(
        self, heard: Signed[Auth] | Signed[RemoteCommand], action: str, command_id: str
    ) -> Authorised | Refused | None:
        """Return what a message comes to that signed another command, or whose command id was used before."""
        if (heard.message.action, heard.message.command_id) != (action, command_id):
            return refused("WRONG_COMMAND")
        return self.results.known(heard.kid, command_id, heard.digest)

    def _remembering(self, digest: bytes, command_id: str, authorised: Authorised) -> tuple[Self, Authorised]:
        """Return the successor that answers the same to the same bytes."""
        results = self.results.with_result(command_id, digest, authorised)
        return replace(self, results=results), authorised
