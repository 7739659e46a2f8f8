"""A phone's or watch's side of the digital key: it knows its cars, answers them, and speaks by their clock.

It pins each car's public key when it is paired or given a shared key, so that no other device can play
the car. It answers every challenge with the truth about its person: a watch off the wrist signs
`none` and the car refuses it. Refusing to sign would be as safe, but then nobody would know that
somebody tried: the car's refusal has a rule and an audit record, and silence has neither.

Beside its own key a device can have keys that were made for one purpose each (`sim.trust.order_keys`); what
signs takes such a key as `key` and is otherwise the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self, TypeVar

from sim.core.messages import INTEGER_MAX
from sim.trust.digital_key.agreement import ephemeral_public, pairing_proof, ranging_id
from sim.trust.digital_key.messages import (
    Auth,
    Challenge,
    Grant,
    Hello,
    KeyPlace,
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
from sim.trust.digital_key.outcomes import PresenceProof, Refused, Role, first_wrong, refused
from sim.trust.digital_key.pairing import PairingCode
from sim.trust.envelope import EnvelopeError
from sim.trust.identity import Identity

TTL_MS: Final = 5_000
"""How long a remote command lives unless somebody says otherwise; Tesla's vehicle-command has the same."""
NONCES_MAX: Final = 8
"""How many of its own nonces a holder waits for, per car; the oldest is given up first."""

M = TypeVar("M", Challenge, Session)


@dataclass(frozen=True, slots=True)
class CarClock:
    """A session with a car that was accepted: it may be used for more than one command.

    Attributes:
        digest: of what the car signed.
        epoch: of the car.
        ahead_ms: how far the car's clock, since its epoch began, is ahead of the holder's.
    """

    digest: bytes
    epoch: str
    ahead_ms: int


@dataclass(frozen=True, slots=True)
class KnownCar:
    """A car this device has a key of.

    Attributes:
        public_key: the car's, 32 bytes, pinned.
        role: what its key is to the car, as far as it knows.
        counter: the last it has used for a remote command.
        nonces: its own that it waits to see echoed, oldest first, at most `NONCES_MAX`.
        clock: of the latest session, or None.
    """

    public_key: bytes
    role: Role
    counter: int = 0
    nonces: tuple[str, ...] = ()
    clock: CarClock | None = None


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """One device's keys.

    Attributes:
        device: its name.
        identity: its own key.
        nonces: where its nonces and ephemeral keys come from.
        cars: the cars it knows, by name.
        serial: how many grants it has signed.
    """

    device: str
    identity: Identity
    nonces: Nonces
    cars: Mapping[str, KnownCar] = field(default_factory=dict)
    serial: int = 0

    # --- life -------------------------------------------------------------------------------------

    @classmethod
    def new(cls, device: str, identity: Identity, nonces: Nonces) -> Self:
        """Return a device that has no key of any car yet."""
        return cls(device, identity, nonces)

    def kept(self) -> Mapping[str, Any]:
        """Return what flash keeps, as JSON: the cars with their counters, and the serial of grants."""
        return {
            "boot": self.nonces.boot,
            "serial": self.serial,
            "cars": {
                name: {"public_key": car.public_key.hex(), "role": car.role, "counter": car.counter}
                for name, car in self.cars.items()
            },
        }

    @classmethod
    def restarted(cls, device: str, identity: Identity, kept: Mapping[str, Any], nonces: Nonces) -> Self:
        """Return the device after a restart.

        Args:
            device: its name.
            identity: its own key.
            kept: what `kept` has returned.
            nonces: of a later boot than any before.
        """
        assert nonces.boot > kept["boot"]  # INVARIANT: else it would draw what it has drawn before
        cars = {
            name: KnownCar(bytes.fromhex(car["public_key"]), car["role"], car["counter"])
            for name, car in kept["cars"].items()
        }
        return cls(device, identity, nonces, cars, kept["serial"])

    @property
    def public_key(self) -> bytes:
        """Its own key, 32 bytes: what owners sign when they share."""
        return public_of(self.identity)

    # --- becoming a key ---------------------------------------------------------------------------

    def paired_with(self, car: str, car_public_key: bytes, role: Role) -> Self:
        """Return the successor that knows a car: paired now, or in the factory. Its counter never goes back.

        Args:
            car: its name.
            car_public_key: 32 bytes, from the car's screen or the factory, never from a message.
            role: what this device's key is to it.
        """
        known = self.cars.get(car)
        if known is not None and known.public_key == car_public_key:
            return self._knowing(car, replace(known, role=role))
        return self._knowing(car, KnownCar(car_public_key, role))

    def pair(self, code: PairingCode) -> tuple[Self, Mapping[str, Any]]:
        """Return a `key.pair`; the car is known once it has confirmed it, see `paired_with`."""
        own = self.public_key
        mac = pairing_proof(code.secret, code.car, self.device, own, code.car_public_key)
        message = Pair(car=code.car, device=self.device, public_key=own.hex(), mac=mac.hex())
        return self, sign(self.identity, message)

    def take_grant(
        self, car: str, car_public_key: bytes, envelope: object, key: Identity | None = None
    ) -> tuple[Self, Refused | None]:
        """Take a key that an owner shares; the car judges it at its first use.

        The owner's signature cannot be checked here, because this device does not know the owner's key.
        It need not be: a forged grant opens nothing. What must not happen is that a grant changes which
        public key a known car has.

        Args:
            car: its name.
            car_public_key: 32 bytes, told by the owner.
            envelope: a `key.grant`.
            key: which key of this device it must be for; its own when None.

        Returns:
            The successor, and None; or `WRONG_CAR`, `WRONG_KEY`, or what `messages.read_unverified` raises.
        """
        try:
            grant = read_unverified(envelope, Grant)
        except EnvelopeError as error:
            return self, Refused(error.code, error.sentence)
        known = self.cars.get(car)
        own = (self.device, public_of(key or self.identity).hex())
        refusal = first_wrong(
            ("WRONG_CAR", grant.car != car),
            ("WRONG_CAR", known is not None and known.public_key != car_public_key),
            (
                "WRONG_KEY",
                (grant.device, grant.public_key) != own,
            ),
        )
        if refusal is not None or known is not None:
            return self, refusal
        return self._knowing(car, KnownCar(car_public_key, "friend")), None

    # --- near -------------------------------------------------------------------------------------

    def hello(self, car: str, key: Identity | None = None) -> tuple[Self, Mapping[str, Any]]:
        """Ask a known car for a challenge: return a `key.hello`."""
        holder, nonce = self._awaiting(car)
        return holder, sign(key or self.identity, Hello(car=car, nonce=nonce))

    def answer(  # what is signed is what it says in full
        self,
        car: str,
        challenge: object,
        action: str,
        presence: PresenceProof,
        command_id: str,
        key: Identity | None = None,
    ) -> tuple[Self, tuple[Mapping[str, Any], bytes] | Refused]:
        """Answer a challenge of a car's own key, to a hello of this device's own, once.

        Args:
            car: who should have sent it.
            challenge: a `key.challenge`, or whatever came in its place.
            action: what is asked for.
            presence: how the device knows its person, truly; see the module.
            command_id: names the command that goes with the answer.
            key: which key of this device said hello; its own when None.

        Returns:
            The successor, and the `key.auth` with the public id by which ranging rounds are keyed; or
            `UNKNOWN_CAR`, `WRONG_CAR`, `STALE_CHALLENGE` (its nonce is not waited for), `DECODING`, or
            what `messages.read` raises.
        """
        heard = self._heard(car, challenge, Challenge)
        if isinstance(heard, Refused):
            return self, heard
        holder = self._echoed(car, heard.message.nonce)
        nonces, private = holder.nonces.draw(32, "ephemeral")
        session = ranging_id(private, bytes.fromhex(heard.message.ephemeral), heard.digest)
        if session is None:
            return holder, refused("DECODING")
        auth = Auth(
            car=car,
            transaction=heard.message.transaction,
            challenge=heard.digest.hex(),
            action=action,
            presence=presence,
            ephemeral=ephemeral_public(private).hex(),
            command_id=command_id,
        )
        return replace(holder, nonces=nonces), (sign(key or self.identity, auth), session)

    # --- remote -----------------------------------------------------------------------------------

    def ask_session(self, car: str, key: Identity | None = None) -> tuple[Self, Mapping[str, Any]]:
        """Ask a known car for its clock and counter: return a `key.request`."""
        holder, nonce = self._awaiting(car)
        return holder, sign(key or self.identity, SessionRequest(car=car, nonce=nonce))

    def command(  # noqa: PLR0913, PLR0917  # as `answer`
        self,
        car: str,
        session: object,
        action: str,
        command_id: str,
        now_ms: int,
        ttl_ms: int = TTL_MS,
        key: Identity | None = None,
    ) -> tuple[Self, Mapping[str, Any] | Refused]:
        """Ask a car for something from afar, by the car's own clock.

        A session is accepted once, and may then be used again as long as no newer one was: how late it is
        for the car follows from how much time has passed here since.

        Args:
            car: who is asked.
            session: a `key.session`, or whatever came in its place.
            action: what is asked for.
            command_id: names the command that this goes with.
            now_ms: the time by this device's clock, whatever that counts from.
            ttl_ms: how long the command may be carried out; the car takes at most 30 s.
            key: which key of this device asked for the session; its own when None.

        Returns:
            The successor, and the `key.command`; or `UNKNOWN_CAR`, `WRONG_CAR`, `STALE_CHALLENGE` (its
            nonce is not waited for), `EXPIRED` (no time of the car's epoch), or what
            `messages.read` raises.
        """
        heard = self._heard(car, session, Session)
        if isinstance(heard, Refused):
            return self, heard
        told = heard.message
        known = self.cars[car]
        clock = known.clock
        holder = self
        if clock is None or clock.digest != heard.digest:
            holder = self._echoed(car, told.nonce)
            clock = CarClock(heard.digest, told.epoch, told.clock_ms - now_ms)
        expires_ms = now_ms + clock.ahead_ms + ttl_ms
        if not 0 <= expires_ms <= INTEGER_MAX:
            return holder, refused("EXPIRED")
        counter = max(known.counter, told.counter) + 1
        message = RemoteCommand(
            car=car,
            epoch=clock.epoch,
            expires_ms=expires_ms,
            counter=counter,
            action=action,
            command_id=command_id,
        )
        used = replace(holder.cars[car], counter=counter, clock=clock)
        return holder._knowing(car, used), sign(key or self.identity, message)

    # --- sharing and revoking ---------------------------------------------------------------------

    def grant(  # noqa: PLR0913, PLR0917  # a grant is what it says in full
        self,
        car: str,
        device: str,
        public_key: bytes,
        rights: Iterable[str],
        not_before_ms: int,
        not_after_ms: int,
        uses: int | None = None,
        place: KeyPlace | None = None,
    ) -> tuple[Self, Mapping[str, Any]]:
        """Share rights: return a `key.grant` for another device's key, which shows it to the car.

        Args:
            car: which car.
            device: who gets them.
            public_key: of that device, 32 bytes.
            rights: actions of the car, at least one.
            not_before_ms: from when, milliseconds since 1970.
            not_after_ms: until before when.
            uses: how often, 1 to 1,000, or None for as often as wanted.
            place: where the car must stand, see `messages.Grant`; None for anywhere.
        """
        holder = replace(self, serial=self.serial + 1)
        message = Grant(
            car=car,
            device=device,
            public_key=public_key.hex(),
            rights=tuple(sorted(rights)),
            not_before_ms=not_before_ms,
            not_after_ms=not_after_ms,
            uses=uses,
            serial=holder.serial,
            place=place,
        )
        return holder, sign(self.identity, message)

    def revoke(self, car: str, kid: str) -> tuple[Self, Mapping[str, Any]]:
        """Take a key back: return a `key.revoke`. It works from when the car has heard it, and not before."""
        return self, sign(self.identity, Revoke(car=car, kid=kid))

    # --- what every message goes through ------------------------------------------------------------

    def _knowing(self, name: str, car: KnownCar) -> Self:
        return replace(self, cars={**self.cars, name: car})

    def _awaiting(self, car: str) -> tuple[Self, str]:
        """Return the successor that waits for a new nonce to be echoed, and the nonce."""
        nonces, raw = self.nonces.draw(16, "nonce")
        known = self.cars[car]
        waiting = (*known.nonces, raw.hex())[-NONCES_MAX:]
        return replace(self, nonces=nonces)._knowing(car, replace(known, nonces=waiting)), raw.hex()

    def _echoed(self, car: str, nonce: str) -> Self:
        """Return the successor that waits no more for a nonce."""
        known = self.cars[car]
        waiting = tuple(one for one in known.nonces if one != nonce)
        return self._knowing(car, replace(known, nonces=waiting))

    def _heard(self, car: str, envelope: object, model: type[M]) -> Signed[M] | Refused:
        """Return a message of the pinned car that echoes a nonce this device waits for."""
        known = self.cars.get(car)
        if known is None:
            return refused("UNKNOWN_CAR")
        try:
            heard = read(envelope, model, OneKey(car, known.public_key))
        except EnvelopeError as error:
            return Refused(error.code, error.sentence)
        again = known.clock is not None and known.clock.digest == heard.digest
        waited_for = again or heard.message.nonce in known.nonces
        wrong = first_wrong(("WRONG_CAR", heard.message.car != car), ("STALE_CHALLENGE", not waited_for))
        return wrong or heard


def public_of(key: Identity) -> bytes:
    """Return the public half of a key, 32 bytes."""
    return key.key.public_key().public_bytes_raw()
