"""Honest and hostile steps in any order: whatever a car opens, history must bear out; and owners get in.

Hypothesis looks for an order of steps after which the oracle in `history` disagrees with the car.
"""

from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, precondition, rule

from sim.core.messages import dump_json
from sim.trust.digital_key import Authorised, KeyReader, PairingCode, Refused
from tests.trust.digital_key.forging import resigned, retold, said
from tests.trust.digital_key.history import History
from tests.trust.digital_key.street import CAR, HOUR_MS, PAIRED, Envelope, Street, kid, signed, with_kid

HONEST = tuple(PAIRED)
GUESTS = ("jun_phone", "courier_phone")
ATTACKERS = ("mallory", "eve", "jun_phone")
"""Who sends what is not their own: strangers with broker accounts, and a friend gone bad."""
EVERYBODY = (*HONEST, *GUESTS, "mallory", "eve")
ACTIONS = ("unlock", "unlock", "open_boot", "start", "lock", "refresh", "summon", "fly")

devices = st.sampled_from(EVERYBODY)
enrolled = st.sampled_from((*HONEST, *GUESTS))
attackers = st.sampled_from(ATTACKERS)
actions = st.sampled_from(ACTIONS)
command_ids = st.sampled_from([f"c-{n}" for n in range(3)])
presences = st.sampled_from(["biometric", "wrist_unlocked", "wrist_unlocked", "none"])


class DigitalKeyMachine(RuleBasedStateMachine):
    """A street on which anything may happen next."""

    car: type[KeyReader] = KeyReader

    hellos = Bundle("hellos")
    challenges = Bundle("challenges")
    answers = Bundle("answers")
    sessions = Bundle("sessions")
    orders = Bundle("orders")
    grants = Bundle("grants")
    codes = Bundle("codes")
    pairings = Bundle("pairings")

    @initialize(target=grants)
    def morning(self) -> Any:
        """Everybody is there, and two guests have keys."""
        self.street = Street(self.car)
        self.history = History(self.street)
        self.code: PairingCode | None = None
        self.code_true_ms = 0
        self.code_life = 0
        self.guesses: dict[str, int] = {}
        self.fresh = 0
        rights = {"unlock", "open_boot", "lock"}
        shared = (
            self.shared("jun_phone", "phone", rights),
            self.shared("courier_phone", "phone", rights, uses=1),
        )
        for grant in shared:
            self.show_to_the_car(grant)
        return multiple(*shared)

    # --- the world --------------------------------------------------------------------------------

    @rule(passed_ms=st.sampled_from([1, 500, 1_500, 2_000, 5_000, 31_000, 130_000, HOUR_MS]))
    def time_passes(self, passed_ms: int) -> None:
        """Messages are held back."""
        self.history.passed(passed_ms)

    @rule(jump_ms=st.sampled_from([-HOUR_MS, -1_000, -1, 1_000, HOUR_MS]))
    def clock_of_the_car_jumps(self, jump_ms: int) -> None:
        """And the car hears of it with the next message, or at once when it goes back."""
        self.history.told()
        self.street.spent("phone")
        self.history.jumped(jump_ms)
        self.street.spent("phone")
        self.history.told()

    @rule()
    def power_is_lost(self) -> None:
        """The car restarts."""
        self.street.restart()
        self.history.over()

    @rule(device=devices, metres=st.sampled_from([0.3, 0.3, 0.3, 1.5, 2.1, 80.0, None]))
    def somebody_walks(self, device: str, metres: float | None) -> None:
        """Distances change; a relay changes none."""
        self.street.metres[device] = metres

    # --- near -------------------------------------------------------------------------------------

    @rule(target=challenges, device=devices)
    def ask_for_a_challenge(self, device: str) -> Any:
        """Honest, as far as the device has a key."""
        return self._challenged(device, self.street.hello(device))

    @rule(target=challenges, device=devices, grant=grants)
    def ask_with_a_grant(self, device: str, grant: Envelope) -> Any:
        """Any grant, also somebody else's, an old one or a forged one; friends show theirs."""
        before = self.street.reader.keys
        outcome = self.street.hello(device, grant=grant)
        key = self.street.reader.keys.get(kid(said(grant)["device"]))
        if key is not None and before.get(key.kid) != key:
            self.history.shown(grant, key)
        return self._challenged(device, outcome)

    def _challenged(self, device: str, outcome: Any) -> Any:
        self.history.told()
        if isinstance(outcome, Refused):
            return multiple()
        self.history.was_challenged(device, outcome)
        return (device, outcome)

    @rule(target=answers, challenged=challenges, action=actions, presence=presences, command_id=command_ids)
    def answer(self, challenged: Any, action: str, presence: Any, command_id: str) -> Any:
        """Answer what is still waited for."""
        device, challenge = challenged
        holder, proof = self.street.holders[device].answer(CAR, challenge, action, presence, command_id)
        self.street.holders[device] = holder
        if isinstance(proof, Refused):
            return multiple()
        envelope, session = proof
        self.street.radios[session] = device
        self.history.has_signed(device, envelope)
        return envelope

    @rule(target=answers, device=enrolled, action=actions, command_id=command_ids)
    def open_a_conversation(self, device: str, action: str, command_id: str) -> Any:
        """Get a challenge and answer it; the answer is on its way."""
        envelope = self._conversation(device, action, command_id)
        return multiple() if isinstance(envelope, Refused) else envelope

    @rule(device=enrolled, action=actions, command_id=command_ids)
    def whole_conversation(self, device: str, action: str, command_id: str) -> None:
        """As an honest device has it, but for a command id that may have been used."""
        envelope = self._conversation(device, action, command_id)
        if not isinstance(envelope, Refused):
            self._present_as_sent(envelope)

    @rule(device=enrolled, action=actions, command_id=command_ids)
    def answer_again_from_nearer(self, device: str, action: str, command_id: str) -> None:
        """Too far away at first, and a moment later at the handle with the same answer."""
        envelope = self._conversation(device, action, command_id)
        if not isinstance(envelope, Refused):
            for metres in (3.0, 0.3):
                self.street.metres[device] = metres
                self._present_as_sent(envelope)

    def _conversation(self, device: str, action: str, command_id: str) -> Envelope | Refused:
        challenge = self.street.hello(device)
        self.history.told()
        if isinstance(challenge, Refused):
            return challenge
        self.history.was_challenged(device, challenge)
        envelope = self.street.answer(device, challenge, action, command_id)
        self.history.has_signed(device, envelope)
        return envelope

    @rule(envelope=answers)
    def send_an_answer(self, envelope: Envelope) -> None:
        """As it is, from where it belongs: at once, late, or again."""
        self._present_as_sent(envelope)

    def _present_as_sent(self, envelope: Envelope) -> None:
        sender = next(device for device in EVERYBODY if kid(device) == envelope["kid"])
        self._present(envelope, sender, said(envelope)["action"], said(envelope)["command_id"])

    @rule(envelope=answers, sender=attackers, action=actions, command_id=command_ids)
    def send_an_answer_of_somebody_else(
        self, envelope: Envelope, sender: str, action: str, command_id: str
    ) -> None:
        """Captured and repeated, with any command."""
        self._present(envelope, sender, said(envelope)["action"], said(envelope)["command_id"])
        self._present(envelope, sender, action, command_id)

    @rule(envelope=answers, action=actions, command_id=command_ids)
    def send_an_answer_with_another_command(self, envelope: Envelope, action: str, command_id: str) -> None:
        """From where it belongs."""
        sender = next(device for device in EVERYBODY if kid(device) == envelope["kid"])
        self._present(envelope, sender, action, command_id)

    @rule(target=answers, envelope=answers, other=answers, signer=attackers)
    def splice(self, envelope: Envelope, other: Envelope, signer: str) -> Any:
        """Whoever has a key signs anything with it; whoever has none changes what others signed."""
        fresh = {name: said(other)[name] for name in ("transaction", "challenge")}
        own = resigned(signer, envelope, **fresh)
        self.history.has_signed(signer, own)
        return multiple(own, with_kid(own, "phone"), retold(envelope, **fresh))

    @rule(device=enrolled, action=actions, command_id=command_ids)
    def claim_to_be_near(self, device: str, action: str, command_id: str) -> None:
        """A thief far away has the key itself; a distance in a message is no distance."""
        envelope = self._conversation(device, action, command_id)
        if isinstance(envelope, Refused):
            return
        claim = resigned(device, envelope, distance_cm=10)
        self.history.has_signed(device, claim)
        self.street.metres[device] = 80.0
        self._present(claim, device, action, command_id)
        self.history.passed(31_000)  # so that an honest device that played this part is not locked out

    def _present(self, envelope: Envelope, sender: str, action: str, command_id: str) -> None:
        self.history.told()
        outcome = self.street.present(envelope, sender, action, command_id)
        self.history.opened_near(envelope, sender, (action, command_id), outcome)

    # --- remote -----------------------------------------------------------------------------------

    @rule(target=sessions, device=devices)
    def ask_for_a_session(self, device: str) -> Any:
        """Honest, as far as the device has a key."""
        self.history.told()
        outcome = self.street.ask_session(device)
        if isinstance(outcome, Refused):
            return multiple()
        self.history.epochs[said(outcome)["epoch"]] = self.history.life
        return (device, outcome)

    @rule(
        target=orders,
        session=sessions,
        action=actions,
        command_id=command_ids,
        ttl_ms=st.sampled_from([1, 5_000, 30_000, 40_000]),
        wrong_ms=st.sampled_from([0, 0, HOUR_MS, -HOUR_MS]),
    )
    def sign_an_order(self, session: Any, action: str, command_id: str, ttl_ms: int, wrong_ms: int) -> Any:
        """By a clock that may have jumped since the session."""
        device, told = session
        now_ms = self.history.true_ms + wrong_ms
        holder, envelope = self.street.holders[device].command(CAR, told, action, command_id, now_ms, ttl_ms)
        self.street.holders[device] = holder
        if isinstance(envelope, Refused):
            return multiple()
        self.history.has_signed(device, envelope)
        return envelope

    @rule(envelope=orders)
    def send_an_order(self, envelope: Envelope) -> None:
        """As it is, from where it belongs: in any order, late, or again."""
        sender = next(device for device in EVERYBODY if kid(device) == envelope["kid"])
        self._send(envelope, sender, said(envelope)["action"], said(envelope)["command_id"])

    @rule(envelope=orders, sender=attackers, counter=st.integers(-1, 40))
    def send_an_order_of_somebody_else(self, envelope: Envelope, sender: str, counter: int) -> None:
        """Captured, signed anew, or signed anew under its old name."""
        own = resigned(sender, envelope, counter=counter)
        self.history.has_signed(sender, own)
        for one in (envelope, own, {**own, "kid": envelope["kid"]}, retold(envelope, counter=counter)):
            self._send(one, sender, said(one)["action"], said(one)["command_id"])

    @rule(envelope=orders, spelling=st.sampled_from([b"NaN", b"Infinity", b"1e300"]))
    def order_that_would_live_for_ever(self, envelope: Envelope, spelling: bytes) -> None:
        """Signed by whoever has the key, with an expiry that is no integer."""
        sender = next(device for device in EVERYBODY if kid(device) == envelope["kid"])
        payload = dump_json({**said(envelope), "expires_ms": 0}).replace(b'_ms":0', b'_ms":' + spelling)
        endless = signed(sender, envelope["typ"], payload)
        self.history.has_signed(sender, endless)
        self._send(endless, sender, said(envelope)["action"], said(envelope)["command_id"])
        self.history.passed(31_000)  # so that an honest device that played this part is not locked out

    def _send(self, envelope: Envelope, sender: str, action: str, command_id: str) -> None:
        self.history.told()
        outcome = self.street.send(envelope, sender, action, command_id)
        self.history.opened_remote(envelope, sender, (action, command_id), outcome)

    # --- keys -------------------------------------------------------------------------------------

    @rule(
        target=grants,
        by=st.sampled_from(["phone", "phone", "watch", "mei_phone", "jun_phone", "mallory"]),
        device=st.sampled_from([*GUESTS, *GUESTS, "eve", "watch"]),
        rights=st.sets(st.sampled_from(["unlock", "open_boot", "start", "lock", "summon"]), min_size=1),
        begins_ms=st.sampled_from([0, 0, 0, 1_000]),
        for_ms=st.sampled_from([1_000, HOUR_MS, 3 * HOUR_MS]),
        uses=st.sampled_from([None, None, 1, 2]),
    )
    def share(
        self, by: str, device: str, rights: set[str], begins_ms: int, for_ms: int, uses: int | None
    ) -> Any:
        """Owners share, and others try to."""
        return self.shared(device, by, rights, begins_ms, for_ms, uses)

    def shared(
        self,
        device: str,
        by: str,
        rights: set[str],
        begins_ms: int = 0,
        for_ms: int = HOUR_MS,
        uses: int | None = None,
    ) -> Envelope:
        """Let somebody sign a grant."""
        grant = self.street.shared(
            device, *sorted(rights), by=by, after_ms=begins_ms, for_ms=for_ms, uses=uses
        )
        self.history.has_shared(by, grant)
        return grant

    def show_to_the_car(self, grant: Envelope) -> None:
        """Let the car see a grant."""
        self.history.told()
        self.history.shown(grant, self.street.show(grant))

    @rule(grant=grants)
    def show_a_grant(self, grant: Envelope) -> None:
        """Again, or for the first time."""
        self.show_to_the_car(grant)

    @rule(grant=grants, thief=attackers)
    def forge_a_grant(self, grant: Envelope, thief: str) -> None:
        """For the thief's own key, under the owner's name."""
        own = self.street.holders[thief].public_key.hex()
        self.history.told()
        forged = resigned(thief, grant, device=thief, public_key=own, rights=["unlock"])
        for one in (with_kid(forged, "phone"), retold(grant, device=thief, public_key=own)):
            outcome = self.street.show(one)
            assert isinstance(outcome, Refused) or self.history.is_genuine(one)
            self.history.shown(one, outcome)

    @rule(by=devices, device=st.sampled_from(["jun_phone", "jun_phone", "courier_phone", "watch", "eve"]))
    def revoke(self, by: str, device: str) -> None:
        """Owners take keys back, and others try to."""
        self.history.told()
        self.history.revoking(by, device, self.street.revoke(device, by))

    @rule(device=enrolled)
    def the_car_acts(self, device: str) -> None:
        """Whatever was authorised for a device, it is spent when the car acts, and may be again."""
        if kid(device) in self.street.reader.keys and any(one.device == device for one in self.street.opened):
            self.history.told()
            self.history.spent(device, self.street.spent(device))

    # --- pairing ----------------------------------------------------------------------------------

    @rule(target=codes)
    def show_a_code(self) -> Any:
        """On the car's screen."""
        self.history.told()
        self.street.reader, self.code = self.street.reader.open_pairing(self.street.now_ms)
        self.code_true_ms, self.code_life = self.history.true_ms, self.history.life
        self.guesses = {}
        return self.code

    @rule(target=pairings, code=codes, device=st.sampled_from(["jun_phone", "mallory"]))
    def read_a_code(self, code: PairingCode, device: str) -> Any:
        """Whoever sits in the car can."""
        self.street.holders[device], envelope = self.street.holders[device].pair(code)
        self.history.has_signed(device, envelope)
        return (code, device, envelope)

    @rule(pairing=pairings, sender=st.sampled_from(["jun_phone", "mallory", "eve"]))
    def send_a_pairing(self, pairing: Any, sender: str) -> None:
        """By who has read it, or by who has captured it; at once, late, or again."""
        code, device, envelope = pairing
        self._pair(envelope, code, device, sender)

    @rule(sender=attackers, secret=st.binary(min_size=16, max_size=16))
    @precondition(lambda self: self.code is not None)
    def guess_a_code(self, sender: str, secret: bytes) -> None:
        """128 bits are not guessed."""
        assert self.code is not None
        wrong = replace(self.code, secret=secret)
        _, envelope = self.street.holders[sender].pair(wrong)
        self._pair(envelope, wrong, sender, sender)

    def _pair(self, envelope: Envelope, code: PairingCode, device: str, sender: str) -> None:
        self.history.told()
        rightly = (
            code == self.code
            and sender == device
            and self.code_life == self.history.life
            and self.history.true_ms - self.code_true_ms < 120_000
            and self.guesses.get(sender, 0) < 3
        )
        self.street.reader, outcome = self.street.reader.pair(envelope, sender, self.street.now_ms)
        self.history.paired(device, outcome, rightly=rightly)
        if isinstance(outcome, Refused) and outcome.code not in {"NOT_PAIRING", "LOCKED_OUT"}:
            self.guesses[sender] = self.guesses.get(sender, 0) + 1
        elif not isinstance(outcome, Refused):
            self.code = None

    # --- liveness ---------------------------------------------------------------------------------

    @rule(
        device=st.sampled_from(["phone", "watch", "mei_phone"]),
        action=st.sampled_from(["unlock", "start"]),
        meddler=st.none() | attackers,
    )
    def owner_within_reach_gets_in(self, device: str, action: str, meddler: str | None) -> None:
        """Whatever anybody did before, unless the key was revoked; members unless friends fill the car."""
        if device in self.history.revoked:
            return
        away = self.street.metres[device]
        self.street.metres[device] = 0.5
        outcome = self._honest_try(device, action, meddler)
        self.street.metres[device] = away
        busy = isinstance(outcome, Refused) and outcome.code == "BUSY" and PAIRED[device] == "member"
        assert isinstance(outcome, Authorised) or busy, outcome

    def _honest_try(self, device: str, action: str, meddler: str | None) -> object:
        """Get a challenge and answer it; somebody overhears both and is faster."""
        self.fresh += 1
        command_id = f"honest-{self.fresh}"
        envelope = self._conversation(device, action, command_id)
        if isinstance(envelope, Refused):
            return envelope
        if meddler is not None:
            own = resigned(meddler, envelope)
            self.history.has_signed(meddler, own)
            for one in (envelope, own, with_kid(own, device)):
                self._present(one, meddler, action, command_id)
        outcome = self.street.present(envelope, device, action, command_id)
        self.history.opened_near(envelope, device, (action, command_id), outcome)
        return outcome

    @rule(device=st.sampled_from(["phone", "watch", "mei_phone"]))
    def owner_locks_from_anywhere(self, device: str) -> None:
        """Whatever anybody did before, unless the key was revoked."""
        if device in self.history.revoked:
            return
        self.history.told()
        session = self.street.ask_session(device)
        assert not isinstance(session, Refused), session
        self.history.epochs[said(session)["epoch"]] = self.history.life
        self.fresh += 1
        command_id = f"honest-{self.fresh}"
        # By the true time, as all its orders: its own clock does not jump with the car's.
        order = self.street.order(device, session, "lock", command_id, clock_ms=self.history.true_ms)
        self.history.has_signed(device, order)
        outcome = self.street.send(order, device, "lock", command_id)
        self.history.opened_remote(order, device, ("lock", command_id), outcome)
        assert isinstance(outcome, Authorised), outcome


TestDigitalKey = DigitalKeyMachine.TestCase
TestDigitalKey.settings = settings(stateful_step_count=50)
