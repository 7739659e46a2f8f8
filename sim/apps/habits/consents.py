"""The part of a phone at which its owner consents, withdraws, resets, and sees what advertising has used.

A withdrawal holds at this phone at once, whether or not the cloud can be reached: from then on it tells no
use, notes nothing and shows no advertisement. The wish is kept until the cloud has answered, over a restart
as well.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from pydantic import ValidationError

from sim.apps.app import settled
from sim.apps.habits.estimates import Habit
from sim.apps.habits.messages import AdvertisingUse, ForgetHabits, ListAdvertisingUse, SetDataConsent, Use
from sim.apps.screens.model import Card, Display, Line
from sim.core.declarations import Command
from sim.core.device import (
    Act,
    Acted,
    Answer,
    Answered,
    Booted,
    Draw,
    Effect,
    Facet,
    Learned,
    Linked,
    Moment,
    Provision,
    Request,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.parts import Part

RETRY_MS = 600_000
"""After how long a cloud that did not answer is told again of a withdrawal (assumption)."""
RETRY_TIMER = "consents retry"
REPORTED: Mapping[Use, str] = {"learning": "learning_from", "advertising": "advertising_to"}
"""In which fact the cloud reports who consents to what."""


class Consent(Act):
    """Let one's own data be used, or no longer; then what was kept is deleted."""

    use: Use
    granted: bool = True


class Forget(Act, verb="forget_habits"):
    """Let what was learned be forgotten: one habit, or all of them."""

    habit: Habit | None = None


class LookUp(Act, verb="list_advertising_use"):
    """Look what of one's use advertising has used."""


class AdvertisingUsed(Facet):
    """Which categories advertising had used, when the phone's owner last looked; never when or where."""

    advertising_used: list[str]


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A consent that was withdrawn here, as long as the cloud may still count it.

    Attributes:
        person: whose.
        use: of what.
        ticket: of the command that tells the cloud; empty while none is under way.
        waits: ticket of the touch that waits for it; empty when none does.
        settled: whether the cloud has answered.
    """

    person: str
    use: Use
    ticket: str = ""
    waits: str = ""
    settled: bool = False


@dataclass(frozen=True)
class Consents(Part):
    """See the module.

    Attributes:
        device: whose part it is.
        boot: how often that has started.
        sent: how many commands it has sent since for withdrawals.
        withdrawn: what was withdrawn here and may still count at the cloud.
        cloud: the household's cloud, or None.
        asked: what was asked of it, by ticket.
        used: what advertising had used when that was looked up last.
    """

    acts: ClassVar = (Consent, Forget, LookUp)
    facets: ClassVar = (AdvertisingUsed,)
    reads: ClassVar = ("cloud",)
    asks: ClassVar = ("cloud",)

    device: str = ""
    boot: int = 1
    sent: int = 0
    withdrawn: tuple[Withdrawal, ...] = ()
    cloud: str | None = None
    asked: Mapping[str, Command] = field(default_factory=dict)
    used: AdvertisingUse = field(default_factory=lambda: AdvertisingUse(used=[]), repr=False)

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the part with what the cloud has not been told before a restart."""
        kept = given.get("consents_withdrawn", ())
        return cls(device=device, withdrawn=tuple(Withdrawal(person, use) for person, use in kept))

    def provisioned(self, provision: Provision) -> Self:
        """Return the part that knows the household's cloud."""
        cloud = provision.first_of("cloud")
        return replace(self, cloud=cloud, boot=provision.boot)

    def kept(self) -> Mapping[str, Any]:
        """Keep what was withdrawn and may still count."""
        return {"consents_withdrawn": [[one.person, one.use] for one in self.withdrawn]}

    def refusing(self, use: Use) -> frozenset[str]:
        """Return who has withdrawn here, whatever the cloud still says."""
        return frozenset(one.person for one in self.withdrawn if one.use == use)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Pass on what its owner touches, and keep the list that comes back."""
        match stimulus:
            case Acted(act=act, ticket=ticket, by=by):
                return self._touched(act, ticket, by or at.senses.person())
            case Answered(ticket=ticket, answer=answer) if ticket in self.asked and answer.final:
                return self._answered(ticket, answer)
            case Answered(ticket=ticket, answer=answer) if answer.final and ticket:
                return self._told(at, ticket, answer)
            case Booted() | TimerFired(name="consents retry") | Linked(up=True):
                return self._telling()
            case Learned(device=device) if device == self.cloud:
                return self._heard(at)._telling() if at.beliefs.is_online(device) else (self, ())
            case _:
                return self, ()

    def _touched(self, act: Act, ticket: str, by: str | None) -> tuple[Self, tuple[Effect, ...]]:
        if self.cloud is None or by is None:
            reason = "nobody has the phone in hand" if self.cloud else "the household has no cloud"
            return self, (Settle(ticket, Answer("failed", reason)),)
        if isinstance(act, Consent):
            kept = tuple(one for one in self.withdrawn if (one.person, one.use) != (by, act.use))
            part = replace(self, withdrawn=kept)
            if not act.granted:
                return part._withdrawing(Withdrawal(by, act.use, waits=ticket))
            return part._passing(act, ticket, by)
        return self._passing(act, ticket, by)

    def _passing(self, act: Act, ticket: str, by: str) -> tuple[Self, tuple[Effect, ...]]:
        """Ask the cloud; its answer is that to the touch."""
        assert self.cloud is not None, "nobody is asked without a cloud"  # INVARIANT
        command = _command(act, by)
        request = Request.of(command, ticket=ticket, target=self.cloud, by=by)
        return replace(self, asked={**self.asked, ticket: command}), (request,)

    def _withdrawing(self, one: Withdrawal) -> tuple[Self, tuple[Effect, ...]]:
        """Withdraw at this phone at once, and tell the cloud."""
        used = AdvertisingUse(used=[]) if one.use == "advertising" else self.used
        part, effects = replace(self, withdrawn=(*self.withdrawn, one), used=used)._telling()
        return part, (*effects, Draw())

    def _telling(self) -> tuple[Self, tuple[Effect, ...]]:
        """Tell the cloud of what it has not answered, and is not being told."""
        part, effects = self, tuple[Effect, ...]()
        for one in self.withdrawn:
            if self.cloud is None or one.ticket or one.settled:
                continue
            ticket = f"{self.device}-consent-{self.boot}-{part.sent + 1}"
            part = replace(part, sent=part.sent + 1)._with(one, replace(one, ticket=ticket))
            command = SetDataConsent(person=one.person, use=one.use, granted=False)
            effects += (Request.of(command, ticket=ticket, target=self.cloud, by=one.person),)
        return part, effects

    def _told(self, at: Moment, ticket: str, answer: Answer) -> tuple[Self, tuple[Effect, ...]]:
        """Take note of what the cloud answered to a withdrawal, or tell it again later."""
        one = next((one for one in self.withdrawn if one.ticket == ticket), None)
        if one is None:
            return self, ()
        known = settled(answer)
        part = self._with(one, replace(one, ticket="", waits="", settled=known))
        effects: tuple[Effect, ...] = () if known else (StartTimer(RETRY_TIMER, RETRY_MS),)
        if one.waits:
            here = Answer("done", f"it holds here; {self.cloud} is told as soon as it can be reached")
            effects = (Settle(one.waits, answer if known else here), *effects)
        return part._heard(at), effects

    def _heard(self, at: Moment) -> Self:
        """Forget a withdrawal when the cloud has answered, and reports that person no more."""
        counted = {use: at.beliefs.raw(self.cloud or "", fact) for use, fact in REPORTED.items()}

        def counts(one: Withdrawal) -> bool:
            heard = counted[one.use]
            return not one.settled or (heard is not None and one.person in heard[0])

        left = tuple(one for one in self.withdrawn if counts(one))
        return self if left == self.withdrawn else replace(self, withdrawn=left)

    def _with(self, before: Withdrawal, after: Withdrawal) -> Self:
        return replace(self, withdrawn=tuple(after if one is before else one for one in self.withdrawn))

    def _answered(self, ticket: str, answer: Answer) -> tuple[Self, tuple[Effect, ...]]:
        asked = {one: command for one, command in self.asked.items() if one != ticket}
        part = replace(self, asked=asked)
        if answer.status != "done":
            return part, ()
        if not isinstance(self.asked[ticket], ListAdvertisingUse):
            return part, ()
        try:
            used = AdvertisingUse.model_validate(dict(answer.data))
        except ValidationError:
            return part, ()  # What is no list is not shown.
        return replace(part, used=used), (Draw(),)

    def report(self) -> tuple[Facet, ...]:
        """Report which categories were used."""
        return (AdvertisingUsed(advertising_used=sorted({one.category for one in self.used.used})),)

    def cards(self, at: Moment, display: Display) -> tuple[Card, ...]:
        """Return what was used as a card: each category, on how many days at which device."""
        del at, display
        counted = Counter((one.category, one.device) for one in self.used.used)
        lines = tuple(
            Line(f"{category}: on {days} day{'s' if days > 1 else ''} at {device}", private=True)
            for (category, device), days in sorted(counted.items())
        )
        return (Card("advertising used", "services", "used for advertising", lines),) if lines else ()


def _command(act: Act, by: str) -> Command:
    """Return what a touch asks the cloud."""
    match act:
        case Consent(use=use, granted=granted):
            return SetDataConsent(person=by, use=use, granted=granted)
        case Forget(habit=habit):
            return ForgetHabits(habit=habit)
        case _:  # there is one more
            return ListAdvertisingUse()
