"""What has really happened on a street, and whether a car was right to open: an oracle that looks back.

It knows nothing of how a car decides. It writes down who signed what, which challenges were given to
whom and when, what owners have shared and taken back, and where everybody is; and when something was
authorised it asks of that history whether it could have been.
"""

from dataclasses import dataclass, field

from sim.trust.digital_key import Authorised, EnrolledKey, Paired, Refused
from tests.trust.digital_key.forging import said
from tests.trust.digital_key.street import CAR, PAIRED, POWERS, Envelope, Street, kid


@dataclass(frozen=True)
class Given:
    """A challenge or an epoch the car gave out: to whom, and when by the true time."""

    device: str
    true_ms: int
    life: int


@dataclass(frozen=True)
class Shared:
    """A grant as its owner meant it."""

    by: str
    device: str
    rights: frozenset[str]
    not_before_ms: int
    not_after_ms: int
    uses: int | None
    serial: int


@dataclass
class History:
    """Everything that matters, in the order it happened.

    Attributes:
        street: where it happens; only its positions, radios and times are looked at.
        true_ms: time that passes whatever a clock says.
        told_max_ms: the latest time the car was ever told.
        life: counts restarts and clocks set back; what was begun in an earlier life is over.
        began_ms: true time when this life began.
        ahead_ms: how much of this life the car's clock has jumped over.
        signed: what each device has signed itself, by key id, type and content.
        challenges: by transaction and digest.
        answered: transactions that their own key has answered.
        owners: devices whose keys are owners'.
        members: devices whose keys are paired and not owners'.
        grants: every grant an enrolled or strange key has signed.
        current: what the car was last shown that counts, by device.
        serials: the highest serial that counted, by owner and device.
        spends: how often a grant was used.
        revoked: devices whose keys are revoked.
        done: what was authorised, by key id and command id.
        counters: remote counters that were used, by device and life.
    """

    street: Street
    true_ms: int = 0
    told_max_ms: int = 0
    life: int = 0
    began_ms: int = 0
    ahead_ms: int = 0
    signed: set[tuple[str, str, str]] = field(default_factory=set)
    challenges: dict[str, Given] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    owners: set[str] = field(default_factory=lambda: {one for one, role in PAIRED.items() if role == "owner"})
    members: set[str] = field(
        default_factory=lambda: {one for one, role in PAIRED.items() if role == "member"}
    )
    grants: dict[str, Shared] = field(default_factory=dict)
    current: dict[str, Shared] = field(default_factory=dict)
    serials: dict[tuple[str, str], int] = field(default_factory=dict)
    spends: dict[Shared, int] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    done: dict[tuple[str, str], str] = field(default_factory=dict)
    counters: set[tuple[str, int, int]] = field(default_factory=set)
    epochs: dict[str, int] = field(default_factory=dict)

    # --- what happens -----------------------------------------------------------------------------

    def passed(self, ms: int) -> None:
        """Time passes."""
        self.true_ms += ms
        self.street.later(ms)

    def jumped(self, ms: int) -> None:
        """The car's clock is set ahead, or back."""
        self.street.later(ms)
        self.ahead_ms += max(0, ms)
        if ms < 0:
            self.over()

    def over(self) -> None:
        """What was begun is over: the car has restarted, or its clock went back."""
        self.life += 1
        self.began_ms = self.true_ms
        self.ahead_ms = 0

    def told(self) -> None:
        """Tell the car the time with a message."""
        self.told_max_ms = max(self.told_max_ms, self.street.now_ms)

    def has_signed(self, device: str, envelope: Envelope) -> None:
        """Write down that a device has signed this itself, or that somebody with its key has."""
        self.signed.add((kid(device), envelope["typ"], envelope["p"]))

    def is_genuine(self, envelope: Envelope) -> bool:
        """Say whether the key that is named has signed this."""
        return (envelope["kid"], envelope["typ"], envelope["p"]) in self.signed

    def was_challenged(self, device: str, challenge: Envelope) -> None:
        """Write down a challenge."""
        self.challenges[said(challenge)["transaction"]] = Given(device, self.true_ms, self.life)

    def has_shared(self, by: str, envelope: Envelope) -> None:
        """Write down what somebody has shared, whoever it is."""
        grant = said(envelope)
        self.has_signed(by, envelope)
        self.grants[envelope["p"]] = Shared(
            by,
            grant["device"],
            frozenset(grant["rights"]),
            grant["not_before_ms"],
            grant["not_after_ms"],
            grant["uses"],
            grant["serial"],
        )

    def is_dead(self, device: str) -> bool:
        """Say whether a device's key, or that of who shared it, was revoked."""
        return device in self.revoked or (device in self.current and self.current[device].by in self.revoked)

    # --- was it right? ----------------------------------------------------------------------------

    def shown(self, envelope: Envelope, outcome: object) -> None:
        """A grant was shown: it counts when its owner could share it, and it is not an older one."""
        if not isinstance(outcome, EnrolledKey):
            return
        assert self.is_genuine(envelope)
        grant = self.grants[envelope["p"]]
        assert grant.by in self.owners
        assert grant.by not in self.revoked
        assert grant.device not in self.revoked
        assert grant.device not in self.owners | self.members
        assert grant.rights <= POWERS.near | POWERS.remote
        assert grant.serial >= self.serials.get((grant.by, grant.device), 0)
        self.serials[grant.by, grant.device] = grant.serial
        self.current[grant.device] = grant
        uses_left = None if grant.uses is None else grant.uses - self.spends.get(grant, 0)
        assert outcome.uses_left == uses_left

    def revoking(self, by: str, device: str, outcome: object) -> None:
        """Somebody has revoked a key: only a living owner can."""
        if outcome is None:
            assert by in self.owners
            assert by not in self.revoked
            self.revoked.add(device)

    def paired(self, device: str, outcome: object, *, rightly: bool) -> None:
        """A device has paired: only by the code on the screen, in time."""
        if isinstance(outcome, Paired):
            assert rightly
            assert device not in self.revoked
            self.owners.add(device)
            self.current.pop(device, None)

    def opened_near(self, envelope: Envelope, sender: str, asked: tuple[str, str], outcome: object) -> None:
        """An answer was shown: look back at everything it needs."""
        auth = said(envelope)
        transaction = auth["transaction"]
        if isinstance(outcome, Authorised):
            self._opened(envelope, sender, asked, outcome)
        if isinstance(outcome, Authorised) and not outcome.repeated:
            given = self.challenges[transaction]
            assert given.device == sender
            assert given.life == self.life
            assert self.true_ms - given.true_ms < 2_000
            assert transaction not in self.answered
            assert auth["presence"] != "none"
            assert auth["action"] in POWERS.near
            metres = self.street.metres[sender]
            assert metres is not None
            assert metres <= (0.8 if auth["action"] == "start" else 2.0)
        # Any word of its own key uses a challenge up, unless nobody listens to that sender at all.
        challenged = self.challenges.get(transaction)
        heard = not isinstance(outcome, Refused) or outcome.code != "LOCKED_OUT"
        if challenged is not None and challenged.device == sender and heard and self.is_genuine(envelope):
            self.answered.add(transaction)

    def opened_remote(self, envelope: Envelope, sender: str, asked: tuple[str, str], outcome: object) -> None:
        """A remote command was shown: look back at everything it needs."""
        if not isinstance(outcome, Authorised):
            return
        self._opened(envelope, sender, asked, outcome)
        if outcome.repeated:
            return
        order = said(envelope)
        assert order["action"] in POWERS.remote
        assert self.epochs[order["epoch"]] == self.life
        left_ms = order["expires_ms"] - (self.true_ms - self.began_ms)
        assert 0 < left_ms <= 30_000 + self.ahead_ms
        used = (sender, self.life, order["counter"])
        assert used not in self.counters
        self.counters.add(used)

    def _opened(self, envelope: Envelope, sender: str, asked: tuple[str, str], outcome: Authorised) -> None:
        """What holds near and remote: a living key in time with the right, for this command, once."""
        content = said(envelope)
        assert self.is_genuine(envelope)
        assert envelope["kid"] == outcome.kid == kid(sender)
        assert outcome.device == sender
        assert content["car"] == CAR
        assert asked == (content["action"], content["command_id"]) == (outcome.action, asked[1])
        assert not self.is_dead(sender)
        if sender not in self.owners | self.members:
            grant = self.current[sender]
            assert content["action"] in grant.rights or outcome.repeated
            assert grant.not_before_ms <= self.street.now_ms
            assert self.told_max_ms < grant.not_after_ms
            assert outcome.repeated or grant.uses is None or self.spends.get(grant, 0) < grant.uses
        name = (outcome.kid, asked[1])
        assert (self.done.get(name) == envelope["p"]) is outcome.repeated
        assert outcome.repeated or name not in self.done
        self.done[name] = envelope["p"]

    def spent(self, device: str, refused: object) -> None:
        """The car has acted: never more often than the owner allowed, never for a dead key."""
        if refused is not None:
            return
        assert not self.is_dead(device)
        if device in self.owners | self.members:
            return
        grant = self.current[device]
        self.spends[grant] = self.spends.get(grant, 0) + 1
        assert grant.uses is None or self.spends[grant] <= grant.uses
        assert self.told_max_ms < grant.not_after_ms
