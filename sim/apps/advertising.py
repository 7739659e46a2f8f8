"""Advertising by what somebody uses, where they have consented to it: one card, never before a driver.

A device tells the cloud of a use once a day and category, and the answer may bring an advertisement: nobody
sends one to a device, so without consent there is neither. What can be told is a category, no title, place,
price or picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.apps.app import HOUSEHOLD
from sim.apps.displays import WatchVideo
from sim.apps.errands.ordering import BookTable
from sim.apps.handoff import Plays
from sim.apps.media import TouchPlay
from sim.apps.screens.model import Card, Display, Line
from sim.core.asking import ScheduleCharging, StartCharging
from sim.core.declarations import Carries, Command
from sim.core.device import (
    Act,
    Acted,
    Answer,
    Answered,
    Draw,
    Effect,
    Facet,
    Learned,
    Moment,
    Provision,
    Request,
    Role,
    Sensed,
    Settle,
    Stimulus,
)
from sim.core.parts import Part

Category = Literal["charging", "media", "reservations"]
"""What advertising may use; the rules have the same list."""
TEXT_CHARACTERS_MAX = 120
"""Longest advertisement: a line on a phone."""
AdvertisingText = Annotated[str, Field(min_length=1, max_length=TEXT_CHARACTERS_MAX)]

USES: Mapping[type[Act], Category] = {
    StartCharging: "charging",
    ScheduleCharging: "charging",
    WatchVideo: "media",
    TouchPlay: "media",
    Plays: "media",
    BookTable: "reservations",
}
"""What somebody does with a device, and as what it counts, once it is done: what is refused was not used."""
WAITING_MAX = 8
"""Acts whose answer is waited for; the oldest go first (assumption)."""


class UseForAdvertising(Command, group="Advertising", tier="anytime"):
    """Use for advertising that the asker used something; the answer may bring an advertisement.

    Attributes:
        category: what was used; the rules permit a few, whatever is said here.
        day: which day, 1 being 1 January of the year 1.
    """

    category: Annotated[str, Carries("usage")] = Field(pattern=r"^[a-z][a-z_]{0,31}$")
    day: int = Field(ge=1, le=3_652_059)


class Advertisement(BaseModel):
    """What a cloud answers to `UseForAdvertising` when it has something to show."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    category: Category
    text: AdvertisingText


class HideAdvertisement(Act):
    """Take the advertisement away."""


class AdvertisingCard(Facet):
    """By what the advertisement on the screen was chosen; never what it says."""

    advertisement: Literal["none", "charging", "media", "reservations"]


@dataclass(frozen=True)
class Advertising(Part):
    """The part of a device that tells what was used, and shows an advertisement.

    Attributes:
        device: whose part it is.
        owner: whose device that is; None for one that people share.
        car: the car it is built into, or None.
        cloud: the household's cloud, or None.
        people: who there is, and in which role.
        boot: how often the device has started.
        asked: how many commands it has sent since.
        waiting: acts of somebody who has consented that are not done yet: ticket, person, category.
        asking: the command under way and whom it is about; None when there is none.
        noted: what was told already: person, category, day.
        shown: the advertisement, and whom it is for; None for none.
        refusing: who has withdrawn their consent at this device, whatever the cloud still says.
    """

    acts: ClassVar[tuple[type[Act], ...]] = (HideAdvertisement,)
    facets: ClassVar = (AdvertisingCard,)
    reads: ClassVar = ("cloud",)
    asks: ClassVar = ("cloud",)
    follows_acts: ClassVar[bool] = True
    where: ClassVar[Display] = "phone"
    """The one class of display that shows it."""

    device: str = ""
    owner: str | None = None
    car: str | None = None
    cloud: str | None = None
    people: Mapping[str, Role] = field(default_factory=dict)
    boot: int = 1
    asked: int = 0
    waiting: tuple[tuple[str, str, Category], ...] = ()
    asking: tuple[str, str] | None = None
    noted: frozenset[tuple[str, Category, int]] = frozenset()
    shown: tuple[str, Advertisement] | None = field(default=None, repr=False)
    refusing: frozenset[str] = frozenset()

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the part; what was told is kept across a restart, what was shown is not."""
        noted = given.get("advertising_told", frozenset())
        return cls(device=device, owner=config.owner, car=getattr(config, "car", None), noted=noted)

    def provisioned(self, provision: Provision) -> Self:
        """Return the part that knows the household and its cloud."""
        cloud = provision.first_of("cloud")
        return replace(self, cloud=cloud, people=provision.people, boot=provision.boot)

    def kept(self) -> Mapping[str, Any]:
        """Keep what was told of today, so that a restart does not tell it twice."""
        return {"advertising_told": self.noted}

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Tell what is used, and take the advertisement away as soon as nobody may see it."""
        match stimulus:
            case Acted(act=HideAdvertisement(), ticket=ticket):
                reason = "" if self.shown else f"{self.device} shows no advertisement"
                answer = Answer("failed" if reason else "done", reason)
                return replace(self, shown=None), (Settle(ticket, answer), Draw())
            case Acted(act=act, ticket=ticket, by=by, voice=None):
                return self._begun(at, act, ticket, by or at.senses.person())
            case Answered(ticket=ticket, answer=answer) if self.asking and ticket == self.asking[0]:
                return self._answered(at, self.asking[1], answer) if answer.final else (self, ())
            case Answered(ticket=ticket, answer=answer) if answer.final:
                return self._ended(at, ticket, answer)
            case Learned(device=device) if device == self.cloud:
                return self._looked(at)
            case Sensed():
                return self._looked(at)
            case _:
                return self, ()

    def report(self) -> tuple[Facet, ...]:
        """Report that there is an advertisement, and by what it was chosen."""
        return (AdvertisingCard(advertisement=self.shown[1].category if self.shown else "none"),)

    def cards(self, at: Moment, display: Display) -> tuple[Card, ...]:
        """Return the advertisement as a card: where it belongs, and not before whoever drives."""
        if self.shown is None or display != self.where or (self.car is None and at.senses.at_wheel()):
            return ()
        lines = (Line(self.shown[1].text, private=True),)
        return (Card("advertisement", "services", "advertisement", lines, actions=(HideAdvertisement.verb,)),)

    def _begun(self, at: Moment, act: Act, ticket: str, by: str | None) -> tuple[Self, tuple[Effect, ...]]:
        """Wait until what somebody does is done; of whoever does not want that told, note nothing."""
        category = next(category for kind, category in USES.items() if isinstance(act, kind))
        if by is None or self.cloud is None or not (self._consents(at, by) and self._uses(at, by)):
            return self, ()
        if (by, category, _day(at)) in self.noted:
            return self, ()
        return replace(self, waiting=(*self.waiting, (ticket, by, category))[-WAITING_MAX:]), ()

    def _ended(self, at: Moment, ticket: str, answer: Answer) -> tuple[Self, tuple[Effect, ...]]:
        """Tell what was used once it is done; what was refused, failed or expired is forgotten."""
        found = next((one for one in self.waiting if one[0] == ticket), None)
        if found is None:
            return self, ()
        _, by, category = found
        part = replace(self, waiting=tuple(one for one in self.waiting if one is not found))
        if answer.status != "done" or not self._consents(at, by):
            return part, ()
        return part._used(at, category, by)

    def _used(self, at: Moment, category: Category, by: str) -> tuple[Self, tuple[Effect, ...]]:
        """Tell the cloud what somebody used, once a day; not while another question is under way."""
        day = _day(at)
        used = (by, category, day)
        if self.asking or used in self.noted:
            return self, ()
        ticket = f"{self.device}-advertising-{self.boot}-{self.asked + 1}"
        wish = UseForAdvertising(category=category, day=day)
        part = replace(
            self,
            asked=self.asked + 1,
            asking=(ticket, by),
            noted=frozenset({used, *(one for one in self.noted if one[2] == day)}),
        )
        return part, (Request.of(wish, ticket=ticket, target=self.cloud or "", by=by),)

    def _consents(self, at: Moment, person: str) -> bool | None:
        """Say whether somebody has consented; None as long as the cloud was never heard."""
        if person in self.refusing:
            return False
        heard = at.beliefs.raw(self.cloud or "", "advertising_to")
        return None if heard is None else person in heard[0]

    def _uses(self, at: Moment, person: str) -> bool:
        """Say whether it is somebody of the grown-up household who uses the device, and their own one."""
        at_hand = self.owner is None or self.owner == person == at.senses.person()
        return at_hand and self.people.get(person) in HOUSEHOLD

    def _answered(self, at: Moment, person: str, answer: Answer) -> tuple[Self, tuple[Effect, ...]]:
        part = replace(self, asking=None)
        if answer.status != "done" or not answer.data or not self._consents(at, person):
            return part, ()
        try:
            advertisement = Advertisement.model_validate(dict(answer.data))
        except ValidationError:
            return part, ()  # What is no advertisement is not shown.
        return replace(part, shown=(person, advertisement)), (Draw(),)

    def refused_by(self, at: Moment, people: frozenset[str]) -> tuple[Self, tuple[Effect, ...]]:
        """Return the part once it is known who has withdrawn their consent here: it stops at once."""
        return (self, ()) if people == self.refusing else replace(self, refusing=people)._looked(at)

    def _looked(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Take away, and forget, what is of somebody who consents no more, or sits there no more."""
        noted = frozenset(one for one in self.noted if self._consents(at, one[0]) is not False)
        waiting = tuple(one for one in self.waiting if self._consents(at, one[1]))
        shown = self.shown
        left = self.car is not None and at.senses.person() is None
        if shown is not None and (left or not self._consents(at, shown[0])):
            shown = None
        if noted == self.noted and waiting == self.waiting and shown is self.shown:
            return self, ()
        return replace(self, noted=noted, waiting=waiting, shown=shown), (Draw(),)


def _day(at: Moment) -> int:
    """Return today, 1 being 1 January of the year 1."""
    return date.fromisoformat(at.senses.local_time()[:10]).toordinal()


@dataclass(frozen=True)
class PhoneAdvertising(Advertising):
    """Advertising on a phone, by what its owner does with it."""

    acts: ClassVar = (*Advertising.acts, StartCharging, ScheduleCharging, Plays, BookTable)


@dataclass(frozen=True)
class CarAdvertising(Advertising):
    """Advertising in a car: before the passenger, never before the driver, whether the car moves or not."""

    acts: ClassVar = (*Advertising.acts, StartCharging, ScheduleCharging, TouchPlay, Plays, BookTable)
    where: ClassVar = "passenger"
