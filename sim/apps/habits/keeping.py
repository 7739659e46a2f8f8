"""The part of the household's cloud that keeps what somebody consented to: observations, and what was used.

It keeps the observations themselves, so that what is heard twice or in another order comes to the same, and
what is to be forgotten is gone. Nothing is kept of whoever has not consented, nor what was observed before
they did; with the consent everything that rested on it is deleted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar, Self

from sim.apps.advertising import Advertisement, Category, UseForAdvertising
from sim.apps.habits.estimates import Bucket, Habit, Observation, day_and_minute, estimate
from sim.apps.habits.messages import (
    USES_MAX,
    AdvertisingUse,
    DataUse,
    DismissHabit,
    ForgetHabits,
    LearnHabit,
    ListAdvertisingUse,
    OneUse,
    SetDataConsent,
    SuggestHabits,
    Suggestion,
    Suggestions,
    Use,
)
from sim.apps.habits.observing import DriverSeat
from sim.core.device import (
    Answer,
    Asked,
    Command,
    Commanded,
    Effect,
    Facet,
    Moment,
    Provision,
    Settle,
    Stimulus,
)
from sim.core.parts import Part

OBSERVATIONS_MAX = 64
"""Most observations that are kept of one person and habit; the oldest go first (assumption: of one a day
all that is younger than two months, in which the oldest has come to count a seventieth)."""
KEPT_DAYS = 90
"""For how long one is kept (assumption: a season; that it ends at all is storage
limitation, Regulation (EU) 2016/679, art. 5 (1) e)."""
MUTED_DAYS = 7
"""For how long what was dismissed is not suggested (assumption)."""

Minute = tuple[int, int]
"""A day and a minute of it."""


@dataclass(frozen=True, slots=True, order=True)
class Used:
    """What was used for advertising: that a category was used at a device on a day."""

    day: int
    category: Category
    device: str


@dataclass(frozen=True, slots=True)
class Kept:
    """All that is kept of one person.

    Attributes:
        consents: what they consented to, and since when.
        observations: in the order of their days, minutes and ids.
        muted: what they dismissed, and until which day.
        used: what was used for advertising, by day.
        advertised: the day on which they were last shown an advertisement: one a day (assumption: more would
            be a nuisance); 0 for never.
    """

    consents: Mapping[Use, Minute] = field(default_factory=dict)
    observations: tuple[Observation, ...] = ()
    muted: Mapping[tuple[Habit, Bucket], int] = field(default_factory=dict)
    used: tuple[Used, ...] = ()
    advertised: int = 0

    def agreeing(self, use: Use, now: Minute) -> "Kept":
        """Return what is kept once somebody consents; who had already, has since then."""
        return replace(self, consents={use: now, **self.consents})

    def withdrawn(self, use: Use) -> "Kept":
        """Return what is kept once a consent is withdrawn: nothing that rested on it."""
        consents = {one: since for one, since in self.consents.items() if one != use}
        if use == "learning":
            return replace(self, consents=consents, observations=(), muted={})
        return replace(self, consents=consents, used=(), advertised=0)

    def forgotten(self, habit: Habit | None, now: Minute) -> "Kept":
        """Return what is kept after a habit, or every one, was forgotten; nothing from before comes back."""
        observations = tuple(one for one in self.observations if habit not in {None, one.habit})
        muted = {what: until for what, until in self.muted.items() if habit not in {None, what[0]}}
        after = (now[0], now[1] + 1)
        consents = {**self.consents, "learning": after} if "learning" in self.consents else self.consents
        return replace(self, consents=consents, observations=observations, muted=muted)

    def observed(self, one: Observation, today: int) -> "Kept":
        """Return what is kept with one more observation; the same one again changes nothing."""
        if any(known.id == one.id for known in self.observations):
            return self
        fresh = sorted(known for known in (*self.observations, one) if known.day > today - KEPT_DAYS)
        same = [known for known in fresh if known.habit == one.habit][-OBSERVATIONS_MAX:]
        others = [known for known in fresh if known.habit != one.habit]
        return replace(self, observations=tuple(sorted((*same, *others))))


NOTHING = Kept()


@dataclass(frozen=True)
class Keeping(Part):
    """See the module.

    Attributes:
        people: person to what is kept of them; who consents to nothing is not in it.
        dashboards: the screens that say who sits at the wheel of a car.
        advertisements: what can be shown, by the category of what was used.
        resets: how often habits were forgotten.
    """

    commands: ClassVar[tuple[type[Command], ...]] = (
        SetDataConsent,
        LearnHabit,
        SuggestHabits,
        DismissHabit,
        ForgetHabits,
        UseForAdvertising,
        ListAdvertisingUse,
    )
    facets: ClassVar = (DataUse,)
    reads: ClassVar = ("dashboard",)
    heeds: ClassVar = ()
    sees: ClassVar = {"dashboard": (DriverSeat,)}

    people: Mapping[str, Kept] = field(default_factory=dict)
    dashboards: tuple[str, ...] = ()
    advertisements: Mapping[Category, str] = field(default_factory=dict)
    resets: int = 0

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the part with what was kept."""
        del device
        advertisements = getattr(config, "advertisements", {})
        return cls(advertisements=advertisements, **given.get("data_use", {}))

    def provisioned(self, provision: Provision) -> Self:
        """Return the part that knows which screens say who drives."""
        return replace(self, dashboards=provision.of_kind("dashboard"))

    def kept(self) -> Mapping[str, Any]:
        """Keep everything that was consented to, and nothing else."""
        return {"data_use": {"people": self.people, "resets": self.resets}}

    def report(self) -> tuple[Facet, ...]:
        """Report who consents to what."""
        told = DataUse(
            learning_from=self._consenting("learning"),
            advertising_to=self._consenting("advertising"),
            observations=sum(len(kept.observations) for kept in self.people.values()),
            resets=self.resets,
        )
        return (told,)

    def _consenting(self, use: Use) -> list[str]:
        return sorted(person for person, kept in self.people.items() if use in kept.consents)

    def told(self, at: Moment, asked: Asked) -> Mapping[str, Any]:
        """Tell the rules whether whoever it is about consents, and whether a guest drives."""
        consents = self.people.get(asked.by or "", NOTHING).consents
        match asked.command:
            case SetDataConsent(person=person):
                return {"own": person == asked.by}
            case ListAdvertisingUse():
                return {"own": asked.by is not None}  # It lists what is the asker's, and cannot say whose.
            case UseForAdvertising(category=category):
                return {"category": category, "consented": "advertising" in consents}
            case LearnHabit() | SuggestHabits() | DismissHabit():
                return {"consented": "learning" in consents, "guest_drives": self._guest_drives(at)}
            case _:
                return {}

    def _guest_drives(self, at: Moment) -> bool | None:
        """Say whether a guest or a child sits at the wheel of a car of the household; None if unknown."""
        seats = [at.beliefs.shown(name, "at_the_wheel") for name in self.dashboards]
        if "others" in seats:
            return True
        return None if "unknown" in seats else False

    # --- what is asked ------------------------------------------------------------------------------

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Keep, suggest, list and delete; whoever asks was found to consent."""
        if not isinstance(stimulus, Commanded):
            return self, ()
        if stimulus.by is None:
            return self, (Settle(stimulus.ticket, Answer("failed", "nobody is named whom it is about")),)
        now = day_and_minute(at.senses.local_time())
        person, kept = stimulus.by, self.people.get(stimulus.by, NOTHING)
        answer = Answer("done")
        resets = self.resets
        match stimulus.command:
            case SetDataConsent(use=use, granted=granted):
                kept = kept.agreeing(use, now) if granted else kept.withdrawn(use)
            case ForgetHabits(habit=habit):
                kept, resets = kept.forgotten(habit, now), resets + 1
            case LearnHabit() as told:
                kept, answer = _learned(kept, told, stimulus.sender, now)
            case SuggestHabits(habits=habits):
                answer = Answer("done", data=_suggested(kept, habits, now).model_dump())
            case DismissHabit(habit=habit):
                until = now[0] + MUTED_DAYS
                kept = replace(kept, muted={**kept.muted, (habit, Bucket.of(*now)): until})
            case UseForAdvertising(category="charging" | "media" | "reservations" as category):
                kept, answer = self._advertised(kept, Used(now[0], category, stimulus.sender))
            case ListAdvertisingUse():
                answer = Answer("done", data=_listed(kept).model_dump())
            case _:
                answer = Answer("failed", "nothing of that category is used")
        people = {**self.people, person: kept}
        if not kept.consents:
            del people[person]
        return replace(self, people=people, resets=resets), (Settle(stimulus.ticket, answer),)

    def _advertised(self, kept: Kept, used: Used) -> tuple[Kept, Answer]:
        """Note a use, and answer with an advertisement if there is one and none was shown today."""
        after = replace(kept, used=tuple(sorted({*kept.used, used}))[-USES_MAX:])
        text = self.advertisements.get(used.category)
        if text is None or kept.advertised == used.day:
            return after, Answer("done")
        shown = Advertisement(category=used.category, text=text)
        return replace(after, advertised=used.day), Answer("done", data=shown.model_dump())


def _learned(kept: Kept, told: LearnHabit, device: str, now: Minute) -> tuple[Kept, Answer]:
    """Return what is kept after an observation, and what is answered."""
    when = (told.day, told.minute)
    if when < kept.consents.get("learning", now):
        return kept, Answer("failed", "it was before the consent, or before habits were forgotten")
    if told.day > now[0] + 1:
        return kept, Answer("failed", "its day has not come yet")
    one = Observation(told.day, told.minute, told.id, told.habit, told.value, device, told.place)
    return kept.observed(one, now[0]), Answer("done")


def _suggested(kept: Kept, habits: list[Habit], now: Minute) -> Suggestions:
    """Return what somebody does at this time of such a day, but for what they dismissed."""
    found = []
    for habit in dict.fromkeys(habits):
        if kept.muted.get((habit, Bucket.of(*now)), 0) > now[0]:
            continue
        known = estimate(kept.observations, habit, *now)
        if known is not None:
            found.append(Suggestion(habit=habit, value=known.value, reason=known.reason(), place=known.place))
        elif habit == "cabin_temperature":
            # Who has not set the cabin yet has set the home: what is learned there serves here.
            home = estimate(kept.observations, "home_temperature", *now)
            if home is not None:
                found.append(
                    Suggestion(habit=habit, value=home.value, reason=home.reason(), place=home.place)
                )
    return Suggestions(suggestions=found)


def _listed(kept: Kept) -> AdvertisingUse:
    """Return what advertising has used."""
    return AdvertisingUse(
        used=[
            OneUse(category=one.category, device=one.device, day=date.fromordinal(one.day).isoformat())
            for one in kept.used
        ]
    )
