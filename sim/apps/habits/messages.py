"""What devices and the household's cloud say to each other about habits, and about consent.

Whoever asks is who it is about: no command names somebody else, but for consent, which the rules let
everybody give for themselves only.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.apps.habits.estimates import DAY_MINUTES, RANGES, Habit, shown
from sim.core.declarations import Carries, Command, Facet, Listed, Refers

Use = Literal["learning", "advertising"]
"""What somebody can consent to: that car and home learn from them, that they see advertising by their use."""
Word = Annotated[str, Field(min_length=1, max_length=64)]
USES_MAX = 64
"""Most uses that are kept and listed for one person; the oldest go first."""
SUGGESTIONS_MAX = 4
"""Most suggestions in one answer: one for each habit."""


class SetDataConsent(Command, group="DataConsent", tier="anytime"):
    """Give consent to a use of one's own data, or withdraw it; then what was kept for it is deleted."""

    person: Annotated[str, Refers("person")]
    use: Use
    granted: bool


class ListAdvertisingUse(Command, group="DataConsent", tier="anytime", returns={"used": Carries("usage")}):
    """Say what of the asker's use advertising has used."""


class LearnHabit(Command, group="Learning", tier="anytime"):
    """Keep an observation of whoever asks.

    Attributes:
        id: names it for ever.
        habit: what it is about.
        day: which day, 1 being 1 January of the year 1.
        minute: of the day, by the clock on the wall.
        value: tenths of a degree Celsius, per cent of the rail, or minute of the day.
        place: the car or climate unit it was done to.
    """

    id: Word
    habit: Annotated[Habit, Carries("usage")]
    day: int = Field(ge=1, le=3_652_059)
    minute: int = Field(ge=0, lt=DAY_MINUTES)
    value: int
    place: Word

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        least, most = RANGES[self.habit]
        if not least <= self.value <= most:
            limits = f"{shown(self.habit, least)} to {shown(self.habit, most)}"
            msg = f"`{self.habit}` is {limits}, not {self.value}: write a number within {least} to {most}"
            raise ValueError(msg)
        return self


class SuggestHabits(Command, group="Learning", tier="anytime", returns={"suggestions": Carries("usage")}):
    """Say what the asker does at this time of such a day."""

    habits: list[Habit] = Field(min_length=1, max_length=SUGGESTIONS_MAX)


class DismissHabit(Command, group="Learning", tier="anytime"):
    """Suggest a habit of this time of such days no more for a while."""

    habit: Habit


class ForgetHabits(Command, group="Forgetting", tier="anytime"):
    """Forget what was learned of the asker: one habit, or all of them."""

    habit: Habit | None = None


class Suggestion(BaseModel):
    """What somebody does as a rule, and why that is said."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    habit: Habit
    value: int
    reason: str = Field(max_length=200)
    place: Word


class Suggestions(BaseModel):
    """What a cloud answers to `SuggestHabits`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    suggestions: list[Suggestion] = Field(max_length=SUGGESTIONS_MAX)


class OneUse(BaseModel):
    """That a category was used for advertising: at which device, on which day (`2026-01-12`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    category: Word
    device: Word
    day: str = Field(max_length=10)


class AdvertisingUse(BaseModel):
    """What a cloud answers to `ListAdvertisingUse`, oldest first."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    used: list[OneUse] = Field(max_length=USES_MAX)


class DataUse(Facet, when_offline="last"):
    """Who has consented to what, and how much is kept; never what."""

    learning_from: Annotated[list[str], Listed(people=True)]
    advertising_to: Annotated[list[str], Listed(people=True)]
    observations: int
    resets: int
    """How often somebody's habits were forgotten: what is still shown of them is void."""
