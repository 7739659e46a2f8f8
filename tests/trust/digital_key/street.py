"""A street with a car and everybody who has, had or wants a key of it; whoever is refused is written down.

The reader's class is a parameter, so that the same case can be tried on a car with a planted bug.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias

from sim.trust.digital_key import (
    Authorised,
    EnrolledKey,
    KeyHolder,
    KeyReader,
    Nonces,
    Powers,
    PresenceProof,
    Refused,
)
from sim.trust.envelope import seal
from sim.trust.identity import Identity

CAR = "su7"
MORNING_MS = 1_768_174_200_000
"""2026-01-11, 23:30 UTC."""
HOUR_MS = 3_600_000
NEVER = ("steer", "accelerate", "brake", "shift", "release_parking_brake", "summon", "park_remotely")
POWERS = Powers(
    near=frozenset({"unlock", "open_boot", "open_windows", "start"}),
    remote=frozenset({"lock", "close_windows", "refresh"}),
    never=frozenset(NEVER),
)
PAIRED: Mapping[str, Literal["owner", "member"]] = {"phone": "owner", "watch": "owner", "mei_phone": "member"}
OTHERS = ("jun_phone", "courier_phone", "mallory", "eve")

Envelope: TypeAlias = Mapping[str, Any]


def identity(device: str) -> Identity:
    """Return the digital key of a device."""
    return Identity.for_scenario(7, "street", device)


def kid(device: str) -> str:
    """Return the key id of a device."""
    return identity(device).kid


def nonces(device: str, boot: int = 1) -> Nonces:
    """Return where a device's nonces come from."""
    return Nonces(device.encode() * 4, boot)


class Street:
    """See the module. Everything stands beside the car at first, and wears or knows its person.

    Attributes:
        reader: the car.
        holders: devices by name; all know the car, and only `PAIRED` are known to it.
        now_ms: what the car's clock says.
        metres: how far each device is away; None when it does not answer.
        radios: which device answers ranging rounds under which public id.
        rounds: what the rounds say instead, or None.
        opened: what was authorised, each once.
        boots: how often the car has started.
    """

    def __init__(self, reader: type[KeyReader] = KeyReader) -> None:
        rights = POWERS.near | POWERS.remote
        keys = [
            EnrolledKey.paired(device, identity(device).key.public_key().public_bytes_raw(), role, rights)
            for device, role in PAIRED.items()
        ]
        self.now_ms = MORNING_MS
        self.boots = 1
        self.reader = reader.new(CAR, identity(CAR), POWERS, nonces(CAR), self.now_ms, keys)
        self.holders: dict[str, KeyHolder] = {}
        for device in (*PAIRED, *OTHERS):
            holder = KeyHolder.new(device, identity(device), nonces(device))
            self.holders[device] = holder.paired_with(
                CAR, self.reader.public_key, PAIRED.get(device, "friend")
            )
        self.metres: dict[str, float | None] = dict.fromkeys(self.holders, 0.5)
        self.radios: dict[bytes, str] = {}
        self.rounds: Sequence[float | None] | None = None
        self.opened: list[Authorised] = []
        self._ids = 0

    # --- the world --------------------------------------------------------------------------------

    def later(self, passed_ms: int) -> None:
        """Let time pass; the car's clock goes back where it is negative."""
        self.now_ms += passed_ms

    def ranging(self, session: bytes) -> Sequence[float | None]:
        """Return three rounds: where the device is whose radio has the session's key."""
        if self.rounds is not None:
            return self.rounds
        device = self.radios.get(session)
        return (None if device is None else self.metres[device],) * 3

    def restart(self) -> None:
        """Take power from the car and give it back."""
        self.boots += 1
        self.reader = type(self.reader).restarted(
            CAR, identity(CAR), POWERS, self.reader.kept(), nonces(CAR, self.boots), self.now_ms
        )

    def new_id(self) -> str:
        """Return a command id that was not used before."""
        self._ids += 1
        return f"c-{self._ids}"

    # --- near -------------------------------------------------------------------------------------

    def hello(self, device: str, sender: str | None = None, grant: Envelope | None = None) -> Any:
        """Ask for a challenge; return it, or the refusal."""
        self.holders[device], envelope = self.holders[device].hello(CAR)
        return self.say_hello(envelope, sender or device, grant)

    def say_hello(self, envelope: object, sender: str, grant: Envelope | None = None) -> Any:
        """Send a hello as it is."""
        self.reader, outcome = self.reader.hello(envelope, sender, self.now_ms, grant)
        return outcome

    def answer(
        self,
        device: str,
        challenge: object,
        action: str = "unlock",
        command_id: str = "c-0",
        presence: PresenceProof = "biometric",
    ) -> Envelope:
        """Let a device answer a challenge that it accepts, and its radio answer what follows."""
        self.holders[device], proof = self.holders[device].answer(
            CAR, challenge, action, presence, command_id
        )
        assert not isinstance(proof, Refused), proof
        envelope, session = proof
        self.radios[session] = device
        return envelope

    def present(
        self, envelope: object, sender: str, action: str = "unlock", command_id: str = "c-0"
    ) -> Authorised | Refused:
        """Show an answer to the car."""
        self.reader, outcome = self.reader.authorise(
            envelope, sender, action, command_id, self.now_ms, self.ranging
        )
        return self._noted(outcome)

    def near(
        self, device: str, action: str = "unlock", presence: PresenceProof = "biometric", **more: Any
    ) -> Authorised | Refused:
        """Do everything that an honest device does beside the car."""
        command_id = self.new_id()
        challenge = self.hello(device, **more)
        if isinstance(challenge, Refused):
            return challenge
        return self.present(
            self.answer(device, challenge, action, command_id, presence), device, action, command_id
        )

    # --- remote -----------------------------------------------------------------------------------

    def ask_session(self, device: str, sender: str | None = None) -> Any:
        """Ask the car how late it is; return the session, or the refusal."""
        self.holders[device], envelope = self.holders[device].ask_session(CAR)
        self.reader, outcome = self.reader.session(envelope, sender or device, self.now_ms)
        return outcome

    def order(
        self,
        device: str,
        session: object,
        action: str = "lock",
        command_id: str = "r-0",
        *,
        clock_ms: int | None = None,
        ttl_ms: int = 5_000,
    ) -> Envelope:
        """Let a device sign a remote command, by its own clock or the car's."""
        told_ms = self.now_ms if clock_ms is None else clock_ms
        self.holders[device], envelope = self.holders[device].command(
            CAR, session, action, command_id, told_ms, ttl_ms
        )
        assert not isinstance(envelope, Refused), envelope
        return envelope

    def send(
        self, envelope: object, sender: str, action: str = "lock", command_id: str = "r-0"
    ) -> Authorised | Refused:
        """Show a remote command to the car."""
        self.reader, outcome = self.reader.command(envelope, sender, action, command_id, self.now_ms)
        return self._noted(outcome)

    def remote(self, device: str, action: str = "lock") -> Authorised | Refused:
        """Do everything that an honest device does from afar."""
        command_id = self.new_id()
        session = self.ask_session(device)
        if isinstance(session, Refused):
            return session
        return self.send(self.order(device, session, action, command_id), device, action, command_id)

    # --- keys -------------------------------------------------------------------------------------

    def shared(  # what a grant says, with what is usual
        self,
        device: str,
        *rights: str,
        by: str = "phone",
        after_ms: int = 0,
        for_ms: int = HOUR_MS,
        uses: int | None = None,
    ) -> Envelope:
        """Return a grant that one device has signed for another."""
        begins_ms = self.now_ms + after_ms
        holder = self.holders[by]
        self.holders[by], envelope = holder.grant(
            CAR,
            device,
            self.holders[device].public_key,
            rights or ("unlock",),
            begins_ms,
            begins_ms + for_ms,
            uses,
        )
        return envelope

    def show(self, grant: object) -> EnrolledKey | Refused:
        """Show a grant to the car."""
        self.reader, outcome = self.reader.grant(grant, self.now_ms)
        return outcome

    def revoke(self, device: str, by: str = "phone") -> Refused | None:
        """Take a device's key back."""
        self.holders[by], envelope = self.holders[by].revoke(CAR, kid(device))
        self.reader, outcome = self.reader.revoke(envelope, by, self.now_ms)
        return outcome

    def spent(self, device: str) -> Refused | None:
        """Let the car act for a device."""
        self.reader, outcome = self.reader.spent(kid(device), self.now_ms)
        return outcome

    # --- what came of it --------------------------------------------------------------------------

    def _noted(self, outcome: Authorised | Refused) -> Authorised | Refused:
        if isinstance(outcome, Authorised) and not outcome.repeated:
            self.opened.append(outcome)
        return outcome

    def expect(self, outcome: object, code: str, *, opened: int = 0) -> None:
        """Assert that something was refused with a code, and that no more was authorised than before it."""
        assert isinstance(outcome, Refused), f"it was not refused with {code}, but came to {outcome}"
        assert outcome.code == code
        assert len(self.opened) == opened

    def expect_opened(self, outcome: object, device: str, action: str, *, opened: int = 1) -> None:
        """Assert that a device was authorised, as the latest of so many."""
        assert isinstance(outcome, Authorised), f"it was refused: {outcome}"
        assert (outcome.device, outcome.kid, outcome.action) == (device, kid(device), action)
        assert not outcome.repeated
        assert len(self.opened) == opened


def signed(device: str, typ: str, payload: bytes) -> Envelope:
    """Return any bytes signed by a device, as an attacker with its key could."""
    return seal(identity(device), typ, payload)


def with_kid(envelope: Envelope, device: str) -> Envelope:
    """Return an envelope that claims to be signed by another key."""
    return {**envelope, "kid": kid(device)}


def without_results(street: Street) -> None:
    """Let the car forget what it has authorised, as after 256 more commands."""
    street.reader = replace(street.reader, results=type(street.reader.results)())
