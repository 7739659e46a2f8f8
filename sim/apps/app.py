"""What the apps of phone, tablet and dashboard have in common: whose they are, who is there, sealed letters.

An app of an owned device serves its owner; one of a screen that is built into a car serves whoever of the
household sits at the wheel, and while a guest, a child or nobody sits there it takes nothing that is private.
Others of the household read that in `Company`; who it is that sits there is in no report.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from sim.apps.patience import Patience
from sim.core.device import Answer, Effect, Facet, Moment, Provision, Role, Settle
from sim.core.messages import MalformedMessageError, dump_json, load_json_object
from sim.core.parts import Part
from sim.trust.letters import DECODING, LetterError, Letters

HOUSEHOLD: frozenset[Role] = frozenset({"owner", "member"})
"""Roles of those whose messages and clipboards travel between devices."""
IN_THE_CAR_M = 1.5
"""How near a phone is to a car's screen when it lies in that car (assumption: half the width of a cabin)."""
VISITS_MAX = 1_000_000
"""How many times somebody may sit down between two starts of a screen."""


class Company(Facet):
    """Whose device it is, and whether it takes what is private now.

    `visit` is another number whenever it began to take it, so that whoever sent something to the one
    before sends it again.
    """

    whose: str | None
    takes_private: bool
    visit: int


@dataclass(frozen=True)
class App(Part):
    """Base of every app.

    Attributes:
        device: name of the device it runs on.
        owner: whose device that is; None for one that people share.
        car: the car it is built into, or None.
        people: who there is, and in which role.
        letters: what it seals and opens.
        flash: which letters were opened before a restart.
        boot: how often the device has started.
        sent: how many commands it has sent since.
        takes: whether it takes what is private, as it last looked.
        visits: how often it began to.
        patience: whom it does not ask for a while, since nothing came of it.
    """

    purpose: ClassVar[str] = ""
    """What its tickets are called after, and its letters are for unless it says otherwise."""
    subject: ClassVar[str] = ""
    """What its letters are for, where an app of another purpose writes them."""
    facets: ClassVar[tuple[type[Facet], ...]] = (Company,)

    device: str = ""
    owner: str | None = None
    car: str | None = None
    people: Mapping[str, Role] = field(default_factory=dict)
    letters: Letters = field(default_factory=Letters)
    flash: Mapping[str, list[int]] = field(default_factory=dict)
    boot: int = 1
    sent: int = 0
    takes: bool = False
    visits: int = 0
    patience: Patience = field(default_factory=Patience)

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the app with what its flash kept."""
        flash = given.get(f"{cls.purpose}_letters", {})
        car, patience = getattr(config, "car", None), Patience(cls.purpose)
        return cls(device=device, owner=config.owner, car=car, flash=flash, patience=patience)

    def provisioned(self, provision: Provision) -> Self:
        """Return the app with the keys to its letters."""
        letters = Letters.made(self.device, self.subject or self.purpose, provision, self.flash)
        return replace(self, letters=letters, people=provision.people, boot=provision.boot)

    def kept(self) -> Mapping[str, Any]:
        """Keep which letters were opened."""
        return {f"{self.purpose}_letters": self.letters.kept()}

    def company(self) -> Company:
        """Report whose it is, and whether it takes what is private."""
        visit = self.boot * VISITS_MAX + self.visits
        return Company(whose=self.owner, takes_private=self.takes, visit=visit)

    # --- who is there ---------------------------------------------------------------------------

    def looked(self, at: Moment) -> Self:
        """Return the app after it has looked who is there, and of whom there is news."""
        person, patience = at.senses.person(), self.patience.looked(at)
        if self.car is None:
            takes = self.people.get(self.owner or "") in HOUSEHOLD and person in {None, self.owner}
            takes = takes and not self.guest_drives(at)  # In a car's holder it is a screen of that car.
        else:
            takes = self.people.get(person or "") in HOUSEHOLD
        if takes == self.takes and patience is self.patience:
            return self
        visits = self.visits + (takes and not self.takes)
        return replace(self, takes=takes, visits=visits, patience=patience)

    def guest_drives(self, at: Moment) -> bool | None:
        """Say whether whoever sits at the wheel is not of the grown-up household; None if nobody does.

        The wheel is that of the car it is built into, or in whose holder it is.
        """
        driver = at.senses.dock_driver() if self.car is None else at.senses.person()
        return None if driver is None else self.people.get(driver) not in HOUSEHOLD

    def moving(self, at: Moment) -> bool:
        """Say whether the car it is built into moves, or the one whose driver has it in hand.

        Of the car it is built into, what is not known counts as moving.
        """
        return at.senses.at_wheel() if self.car is None else moves(at, self.car)

    def heard(self, at: Moment, other: str, answer: Answer) -> tuple[Self, tuple[Effect, ...]]:
        """Return the app after a final answer: what is not settled is not asked again for a while."""
        if settled(answer):
            return replace(self, patience=self.patience.answered(other)), ()
        patience, effects = self.patience.in_vain(at, other)
        return replace(self, patience=patience), effects

    def others(self, at: Moment, report: str) -> tuple[str, ...]:
        """Return the other devices that have an app which reports something, as far as they are there."""
        return tuple(
            other
            for other in self.letters.boxes
            if at.beliefs.is_online(other)
            and at.beliefs.raw(other, report) is not None
            and at.beliefs.raw(other, "visit") is not None
        )

    def serves(self, at: Moment, other: str, person: str | None) -> bool:
        """Say whether a device serves a person now: it is theirs, or the screen of the car they are in."""
        if at.beliefs.shown(other, "takes_private") is not True:
            return False
        return self.shares(at, other, person) and (
            at.beliefs.shown(other, "whose") is not None or self.in_the_car(at, other)
        )

    def visit(self, at: Moment, other: str) -> int:
        """Return the number of another device's visit, as it last reported it; 0 if it never did."""
        visit = at.beliefs.raw(other, "visit")
        return 0 if visit is None else int(visit[0])

    def shares(self, at: Moment, other: str, person: str | None) -> bool:
        """Say whether another device is a person's, or everybody's."""
        whose = at.beliefs.raw(other, "whose")
        return whose is not None and whose[0] in {None, person}

    def in_the_car(self, at: Moment, screen: str) -> bool:
        """Say whether this device lies in the car that a screen is built into, as their radios have it."""
        metres = at.senses.distance_m(screen)
        return metres is not None and metres <= IN_THE_CAR_M

    # --- what is said ---------------------------------------------------------------------------

    def ticket(self) -> tuple[Self, str]:
        """Return the successor, and the ticket of another command."""
        ticket = f"{self.device}-{self.purpose}-{self.boot}-{self.sent + 1}"
        return replace(self, sent=self.sent + 1), ticket

    def sealed(self, receiver: str, ticket: str, said: Mapping[str, Any]) -> tuple[Self, dict[str, Any]]:
        """Return the successor, and a letter that goes with the command of that ticket.

        Raises:
            LetterError: when the receiver takes no letters, or there is too much to say.
        """
        letters, letter = self.letters.seal(receiver, ticket, dump_json(said))
        return replace(self, letters=letters), letter

    def opened(self, sender: str, ticket: str, letter: object) -> tuple[Self, dict[str, Any]]:
        """Return the successor, and what a letter says.

        Raises:
            LetterError: when it cannot be believed, or is no JSON object.
        """
        letters, text = self.letters.open(sender, ticket, letter)
        try:
            return replace(self, letters=letters), load_json_object(text)
        except MalformedMessageError as error:
            raise LetterError(DECODING, f"what the letter says is not of ours: {error}") from None


def moves(at: Moment, car: str) -> bool:
    """Say whether the car moves that a screen is built into or docked in; what is not known counts as moving.

    That it stands is believed only of its own wires, which are never late: a message that said so may be old,
    or the last that came through. What the car says of itself can only make it stricter, such as that its
    powertrain controller does not answer.
    """
    return not at.senses.aboard().stands or at.beliefs.shown(car, "moving") is not False


def refused(ticket: str, sentence: str) -> Settle:
    """Return the end of what cannot be done."""
    return Settle(ticket, Answer("failed", sentence))


def settled(answer: Answer) -> bool:
    """Say whether an answer ends the matter; not while nobody knows whether the command arrived.

    Nor when whoever was asked says that it is to be asked again (`ASK_AGAIN`).
    """
    open_ = answer.data.get("may_have_succeeded") or answer.data.get("code") == "ASK_AGAIN"
    return answer.status != "expired" and not open_


def done(ticket: str, reason: str = "") -> Settle:
    """Return the end of what was done."""
    return Settle(ticket, Answer("done", reason))
