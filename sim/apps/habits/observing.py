"""The part of a device that observes what its user does by hand, and shows what is suggested.

A wish counts whether or not it could be carried out: that the battery was low does not make 23 °C less of a
habit. What a voice, a scene or a plan asks for is nobody's hand. It notes nothing, also not for later, unless
its user is of the grown-up household and has consented as far as is known here; whether that is so, the rules
of the cloud judge again. What could not be told waits, and is forgotten with the consent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import ValidationError

from sim.apps.app import HOUSEHOLD, moves, settled
from sim.apps.habits.estimates import BEGINS, DAY_MINUTES, Habit, day_and_minute
from sim.apps.habits.messages import (
    DismissHabit,
    LearnHabit,
    SuggestHabits,
    Suggestion,
    Suggestions,
)
from sim.apps.screens.model import Card, Display, Line
from sim.core.asking import MoveSeat, Precondition, SetCabin, SetClimate
from sim.core.declarations import Carries
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
    Role,
    Sensed,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.parts import Part

WAITING_MAX = 16
"""Most observations that wait for the cloud; the oldest go first (assumption: two days of them)."""
RETRY_MS = 600_000
"""After how long the cloud is told again that did not answer (assumption)."""
RETRY_TIMER = "habits retry"
PART_TIMER = "habits part of day"
TARGET_TENTHS = 210
"""What a cabin is made ready for a departure at, of whose temperature nothing is known: as `devices.car`."""
MINUTE_MS = 60_000
KEEPS_MODE_K = 1.0
"""How near a room must be to what is suggested that a unit at work goes on as it does: one that heats is half
a degree too warm now and then, and is not to cool in winter (assumption)."""

Seat = Literal["household", "others", "nobody"]


class AcceptSuggestion(Act):
    """Touch what is suggested: let it be so."""

    habit: Habit


class DismissSuggestion(Act):
    """Wipe what is suggested away."""

    habit: Habit


class Suggested(Facet):
    """For which habits there is a suggestion on the screen, never which; and what the cloud was not told."""

    suggested: list[Habit]
    habits_untold: int


class DriverSeat(Facet):
    """What whoever sits at the wheel is to the household; never who it is."""

    at_the_wheel: Annotated[Seat, Carries("presence")]


@dataclass(frozen=True)
class Habits(Part):
    """See the module; a subclass says what can be done by hand, and what is suggested.

    Attributes:
        device: whose part it is.
        owner: whose device that is; None for one that people share.
        car: the car it is built into, or the one that its owner's phone opens; None without one.
        cloud: the household's cloud, or None.
        people: who there is, and in which role.
        boot: how often the device has started.
        made: how many observations were made here, ever.
        asked: how many commands it has sent since it started.
        untold: whose observations the cloud has not heard, oldest first.
        telling: the ticket of the one that it is told; empty for none.
        asking: the ticket of the question for suggestions; empty for none.
        user: whom the suggestions are for; None for nobody.
        suggestions: what is on the screen.
        fresh: whether they were asked for since the user, or the part of the day, is another.
        accepting: ticket of what was accepted to that of the touch.
        resets: how often habits were forgotten, as was last heard.
        refusing: who has withdrawn their consent at this device, whatever the cloud still says.
    """

    acts: ClassVar[tuple[type[Act], ...]] = (AcceptSuggestion, DismissSuggestion)
    facets: ClassVar[tuple[type[Facet], ...]] = (Suggested,)
    reads: ClassVar[tuple[str, ...]] = ("cloud",)
    asks: ClassVar[tuple[str, ...]] = ("cloud",)
    offers: ClassVar[tuple[Habit, ...]] = ()
    """What it suggests."""

    device: str = ""
    owner: str | None = None
    car: str | None = None
    cloud: str | None = None
    people: Mapping[str, Role] = field(default_factory=dict)
    boot: int = 1
    made: int = 0
    asked: int = 0
    untold: tuple[tuple[str, LearnHabit], ...] = field(default=(), repr=False)
    telling: str = ""
    asking: str = ""
    user: str | None = None
    suggestions: tuple[Suggestion, ...] = field(default=(), repr=False)
    fresh: bool = False
    accepting: Mapping[str, str] = field(default_factory=dict)
    resets: int = 0
    refusing: frozenset[str] = frozenset()

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the part with what the cloud was not told before a restart."""
        car = getattr(config, "car", None)
        return cls(device=device, owner=config.owner, car=car, **given.get("habits", {}))

    def provisioned(self, provision: Provision) -> Self:
        """Return the part that knows the household, its cloud and the car."""
        cloud = provision.first_of("cloud")
        car = self.car or next(iter(provision.paired), None)
        return replace(self, cloud=cloud, car=car, people=provision.people, boot=provision.boot)

    def kept(self) -> Mapping[str, Any]:
        """Keep what the cloud was not told; what was suggested is asked for anew."""
        return {"habits": {"untold": self.untold, "made": self.made, "resets": self.resets}}

    def report(self) -> tuple[Facet, ...]:
        """Report that there are suggestions."""
        suggested = [one.habit for one in self.suggestions]
        return (Suggested(suggested=list(suggested), habits_untold=len(self.untold)),)

    def cards(self, at: Moment, display: Display) -> tuple[Card, ...]:
        """Return what is suggested as a card; whoever drives, or has another's phone, reads no reasons."""
        away = self.owner is not None and at.senses.person() not in {None, self.owner}
        if not self.suggestions or away or (display == "driver" and self._drives(at)):
            return ()
        lines = tuple(Line(one.reason, private=True) for one in self.suggestions)
        actions = (AcceptSuggestion.verb, DismissSuggestion.verb)
        return (Card("habits", "services", "suggestions", lines, actions=actions),)

    def _drives(self, at: Moment) -> bool:
        return moves(at, self.car or "")

    # --- what happens -------------------------------------------------------------------------------

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Observe, tell, ask and show; without a cloud there is nothing to do but say so."""
        match stimulus:
            case Acted(act=AcceptSuggestion(habit=habit), ticket=ticket, by=by):
                return self._accepted(at, habit, ticket, by)
            case Acted(act=DismissSuggestion(habit=habit), ticket=ticket, by=by):
                return self._dismissed(habit, ticket, by)
            case Acted(act=act, by=by, voice=None):
                return self._touched(at, act, by or at.senses.person())
            case Answered() if stimulus.answer.final:
                return self._answered(at, stimulus)
            case TimerFired(name="habits retry") | Linked(up=True):
                return self._told(at)
            case _ if self.cloud is None:
                return self, ()
            case Booted() | TimerFired(name="habits part of day"):
                part, effects = replace(self, fresh=False)._looked(at)
                part, asked = part._asked(at)
                return part, (*effects, *asked, *self._next_part(at))
            case Sensed():
                part, effects = self._looked(at)
                part, asked = part._asked(at)
                return part, (*effects, *asked)
            case Learned(device=device) if device == self.cloud:
                return self._heard(at)
            case _:
                return self, ()

    def _next_part(self, at: Moment) -> tuple[Effect, ...]:
        """Return the timer for the next part of the day, in which other things are usual."""
        _, minute = day_and_minute(at.senses.local_time())
        begin = min(begin for begin in (*BEGINS.values(), DAY_MINUTES) if begin > minute)
        seconds = int(at.senses.local_time()[-2:])
        return (StartTimer(PART_TIMER, (begin - minute) * MINUTE_MS - seconds * 1_000),)

    # --- who it is about ----------------------------------------------------------------------------

    def _user(self, at: Moment) -> str | None:
        """Return for whom there are suggestions: the owner of the device, or who sits at the wheel."""
        user = self.owner or at.senses.person()
        return user if self.people.get(user or "") in HOUSEHOLD else None

    def _in_hand(self, at: Moment, person: str) -> bool:
        """Say whether somebody of the household uses the device, their own one if it has an owner."""
        return self.people.get(person) in HOUSEHOLD and self.owner == person == at.senses.person()

    def _consents(self, at: Moment, person: str | None) -> bool | None:
        """Say whether somebody has consented to be learned from; None as long as nothing was heard."""
        if person in self.refusing:
            return False
        heard = at.beliefs.raw(self.cloud or "", "learning_from")
        return None if heard is None else person in heard[0]

    # --- observing ----------------------------------------------------------------------------------

    def _wished(self, at: Moment, by: str, act: Act) -> Iterator[tuple[Habit, int, str]]:
        """Yield habit, value and place of what somebody did by hand."""
        if not self._in_hand(at, by):
            return
        match act:
            case Precondition(target_c=target_c, car=car):
                yield "cabin_temperature", round(target_c * 10), car
            case SetCabin(climate="on", target_c=float() as target_c, car=car):
                yield "cabin_temperature", round(target_c * 10), car
            case SetClimate(mode=mode, target_c=float() as target_c, device=unit) if mode != "off":
                yield "home_temperature", round(target_c * 10), unit
            case MoveSeat(seat="driver", position_percent=float() as position, car=car):
                if by == at.senses.person():
                    yield "seat", round(position), car
            case _:
                return

    def _touched(self, at: Moment, act: Act, by: str | None) -> tuple[Self, tuple[Effect, ...]]:
        return (self, ()) if by is None else self._observed(at, by, self._wished(at, by, act))

    def _observed(
        self, at: Moment, person: str, seen: Iterator[tuple[Habit, int, str]]
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Note what was seen of somebody who consents, and tell the cloud."""
        if not self._consents(at, person):
            return self, ()
        part = self
        day, minute = day_and_minute(at.senses.local_time())
        for habit, value, place in seen:
            told = LearnHabit(
                id=f"{self.device}-habit-{part.made + 1}",
                habit=habit,
                day=day,
                minute=minute,
                value=value,
                place=place,
            )
            waiting = (*part.untold, (person, told))[-WAITING_MAX:]
            part = replace(part, made=part.made + 1, untold=waiting)
        return part._told(at)

    def _told(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Tell the cloud the oldest observation it has not heard; one at a time."""
        if self.telling or not self.untold or self.cloud is None or not at.beliefs.is_online(self.cloud):
            return self, ()
        person, told = self.untold[0]
        part, ticket = self._ticket()
        request = Request.of(told, ticket=ticket, target=self.cloud, by=person)
        return replace(part, telling=ticket), (request,)

    def _ticket(self) -> tuple[Self, str]:
        return replace(self, asked=self.asked + 1), f"{self.device}-habits-{self.boot}-{self.asked + 1}"

    # --- what the cloud says ------------------------------------------------------------------------

    def refused_by(self, at: Moment, people: frozenset[str]) -> tuple[Self, tuple[Effect, ...]]:
        """Return the part once it is known who has withdrawn their consent here: what waits is deleted."""
        return (self, ()) if people == self.refusing else replace(self, refusing=people)._heard(at)

    def _heard(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Forget with the consent, ask with a new one, and tell what has waited."""
        untold = tuple(one for one in self.untold if self._consents(at, one[0]) is not False)
        part = self
        if untold != self.untold:
            # An answer about what is deleted says nothing about what comes after it.
            telling = self.telling if untold[:1] == self.untold[:1] else ""
            part = replace(self, untold=untold, telling=telling)
        resets = at.beliefs.raw(self.cloud or "", "resets")
        cleared = not part._consents(at, part.user)
        if resets is not None and resets[0] != part.resets:
            part, cleared = replace(part, resets=resets[0]), True
        effects: tuple[Effect, ...] = ()
        if cleared and part.suggestions:
            part, effects = replace(part, suggestions=(), fresh=False), (Draw(),)
        part, told = part._told(at)
        part, asked = part._asked(at)
        return part, (*effects, *told, *asked)

    def _looked(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Take suggestions away when somebody else uses the device, or nobody."""
        user = self._user(at)
        if user == self.user:
            return self, ()
        drawn = (Draw(),) if self.suggestions else ()
        return replace(self, user=user, suggestions=(), asking="", fresh=False), drawn

    def _asked(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Ask the cloud for suggestions, unless it was asked for this user and part of the day."""
        there = self.cloud is not None and at.beliefs.is_online(self.cloud)
        if self.fresh or not self.offers or not there or not self._consents(at, self.user):
            return self, ()
        part, ticket = self._ticket()
        wish = SuggestHabits(habits=list(self.offers))
        request = Request.of(wish, ticket=ticket, target=self.cloud or "", by=self.user)
        return replace(part, asking=ticket, fresh=True), (request,)

    def _answered(self, at: Moment, told: Answered) -> tuple[Self, tuple[Effect, ...]]:
        ticket, answer = told.ticket, told.answer
        if ticket in self.accepting:
            accepting = {one: touch for one, touch in self.accepting.items() if one != ticket}
            return replace(self, accepting=accepting), (Settle(self.accepting[ticket], answer),)
        if ticket == self.telling:
            part = replace(self, telling="")
            if not settled(answer):
                return part, (StartTimer(RETRY_TIMER, RETRY_MS),)
            return replace(part, untold=self.untold[1:])._told(at)
        if ticket != self.asking:
            return self, ()
        part = replace(self, asking="", fresh=settled(answer))
        if answer.status != "done" or not self._consents(at, self.user):
            return part, ()
        try:
            found = Suggestions.model_validate(dict(answer.data)).suggestions
        except ValidationError:
            return part, ()  # What is no suggestion is not shown.
        offered = tuple(one for one in found if one.habit in self.offers)
        return (part, ()) if offered == self.suggestions else (replace(part, suggestions=offered), (Draw(),))

    # --- what is touched ----------------------------------------------------------------------------

    def _accepted(
        self, at: Moment, habit: Habit, ticket: str, by: str | None
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Ask for what was suggested; that it was wanted is an observation as well."""
        suggestion = self._of(habit)
        if suggestion is None:
            return self, (Settle(ticket, Answer("failed", f"{self.device} suggests nothing about {habit}")),)
        wish = self.wish(at, suggestion)
        if wish is None:
            return self, (Settle(ticket, Answer("failed", f"{self.device} has no car it could ask")),)
        target, action, arguments = wish
        part, own = self._ticket()
        part = replace(part._without(habit), accepting={**part.accepting, own: ticket})
        request = Request(ticket=own, target=target, action=action, arguments=arguments, by=by)
        seen = iter([(habit, suggestion.value, suggestion.place)] if habit != "departure" else [])
        user = by or at.senses.person()
        if user is None or not self._in_hand(at, user):
            return part, (request, Draw())
        part, told = part._observed(at, user, seen)
        return part, (request, Draw(), *told)

    def _dismissed(self, habit: Habit, ticket: str, by: str | None) -> tuple[Self, tuple[Effect, ...]]:
        """Take a suggestion away, here and wherever the cloud would make it."""
        if self._of(habit) is None or self.cloud is None:
            return self, (Settle(ticket, Answer("failed", f"{self.device} suggests nothing about {habit}")),)
        dismissal = Request.of(DismissHabit(habit=habit), ticket=ticket, target=self.cloud, by=by)
        return self._without(habit), (dismissal, Draw())

    def _of(self, habit: Habit) -> Suggestion | None:
        return next((one for one in self.suggestions if one.habit == habit), None)

    def _without(self, habit: Habit) -> Self:
        return replace(self, suggestions=tuple(one for one in self.suggestions if one.habit != habit))

    def wish(self, at: Moment, suggestion: Suggestion) -> tuple[str, str, dict[str, Any]] | None:
        """Return whom to ask for what is suggested: device, command, arguments; None for nobody.

        Here, what is suggested for the home; a subclass knows what it suggests beside that.
        """
        target_c = suggestion.value / 10
        room = at.beliefs.raw(suggestion.place, "room_c")
        now = at.beliefs.raw(suggestion.place, "mode")
        warmer_k = 0.0 if room is None or room[0] is None else room[0] - target_c
        mode = "cool" if warmer_k > 0 else "heat"
        if now is not None and now[0] != "off" and abs(warmer_k) <= KEEPS_MODE_K:
            mode = now[0]
        return suggestion.place, "set_climate", {"mode": mode, "target_c": target_c}


@dataclass(frozen=True)
class PhoneHabits(Habits):
    """Habits at a phone: when its owner leaves, and how warm they want home and car."""

    acts: ClassVar = (*Habits.acts, SetClimate, Precondition)
    offers: ClassVar = ("departure", "home_temperature", "cabin_temperature")

    def wish(self, at: Moment, suggestion: Suggestion) -> tuple[str, str, dict[str, Any]] | None:
        """Ask the car to be warm, by the departure if that was accepted."""
        if suggestion.habit == "home_temperature":
            return super().wish(at, suggestion)
        if self.car is None:
            return None
        if suggestion.habit == "cabin_temperature":
            return self.car, "precondition", {"target_c": suggestion.value / 10}
        cabin = self._of("cabin_temperature")
        target_c = (TARGET_TENTHS if cabin is None else cabin.value) / 10
        ready_by_ms = suggestion.value * MINUTE_MS
        return self.car, "precondition", {"target_c": target_c, "ready_by_ms": ready_by_ms}


@dataclass(frozen=True)
class HomeHabits(Habits):
    """Habits at a watch or a tablet: how warm its owner wants the home. It suggests and reports nothing.

    A unit on the wall is no such device: whoever turns it, it cannot know who that is.
    """

    acts: ClassVar = (SetClimate,)
    facets: ClassVar = ()

    def report(self) -> tuple[Facet, ...]:
        """Report nothing."""
        return ()


@dataclass(frozen=True)
class CarHabits(Habits):
    """Habits at the screen of a car: cabin, seat, home, and when whoever drives leaves.

    Attributes:
        stood: whether the car stood when it was last heard; None before.
        seat: what whoever sits at the wheel is to the household.
    """

    acts: ClassVar = (*Habits.acts, SetClimate, Precondition, SetCabin, MoveSeat)
    facets: ClassVar = (*Habits.facets, DriverSeat)
    reads: ClassVar = (*Habits.reads, "car")
    offers: ClassVar = ("cabin_temperature", "seat", "home_temperature")

    stood: bool | None = None
    seat: Seat = "nobody"

    def report(self) -> tuple[Facet, ...]:
        """Report who sits at the wheel, beside the suggestions."""
        return (*super().report(), DriverSeat(at_the_wheel=self.seat))

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """See who sits down, and when the car leaves."""
        match stimulus:
            case Booted() | Sensed():
                part = replace(self, seat=self._seat(at))
                after, effects = super(CarHabits, part).step(at, stimulus)
            case Learned(device=device) if device == self.car:
                return self._moved(at)
            case _:
                after, effects = super().step(at, stimulus)
        return after, effects

    def _seat(self, at: Moment) -> Seat:
        driver = at.senses.person()
        if driver is None:
            return "nobody"
        return "household" if self.people.get(driver) in HOUSEHOLD else "others"

    def _in_hand(self, at: Moment, person: str) -> bool:
        """Everybody in the car uses its screen; while a guest drives nothing is noted of anybody."""
        return self.people.get(person) in HOUSEHOLD and self._seat(at) != "others"

    def _moved(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Note when the car leaves; that it moved when it was first heard is no departure."""
        moving = at.beliefs.shown(self.car or "", "moving")
        if not isinstance(moving, bool):
            return self, ()
        driver = at.senses.person()
        left = self.stood is True and moving
        part = self if self.stood == (not moving) else replace(self, stood=not moving)
        if not left or driver is None or not self._in_hand(at, driver):
            return part, ()
        _, minute = day_and_minute(at.senses.local_time())
        return part._observed(at, driver, iter([("departure", minute, self.car or "")]))

    def wish(self, at: Moment, suggestion: Suggestion) -> tuple[str, str, dict[str, Any]] | None:
        """Ask the car one sits in."""
        match suggestion.habit:
            case "cabin_temperature":
                target = {"climate": "on", "target_c": suggestion.value / 10}
                return self.car or "", "set_cabin", target
            case "seat":
                return (
                    self.car or "",
                    "move_seat",
                    {"seat": "driver", "position_percent": float(suggestion.value)},
                )
            case _:
                return super().wish(at, suggestion)
