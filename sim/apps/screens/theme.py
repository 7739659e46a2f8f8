"""One look for all screens of a household: the newest choice wins, whoever was out of reach meanwhile.

Whoever chooses a theme on one screen chooses it for all that are shared, and for their own. The screen where
it was chosen asks the others one by one, in the name of that person, and each judges it by the same rules as
any command. A choice carries when and where it was made; the later one wins, and of two at the same
millisecond the one whose screen comes later in the alphabet, so that all agree (a last-writer-wins register:
Shapiro et al., A comprehensive study of convergent and commutative replicated data types, INRIA RR-7506,
2011, section 3.2.1). A screen that was away is asked again when it is back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic import Field

from sim.apps.screens.cards import LOOK
from sim.apps.screens.model import Accent, Mode, Theme
from sim.core.beliefs import Beliefs
from sim.core.device import Act, Answer, Command, Request
from sim.core.units import Milliseconds

AHEAD_MAX_MS = 60_000
"""How far ahead of a screen's own clock a choice may claim to be made (assumption; clocks that are set by
network keep within seconds). A clock that is wrong by an hour must not decide for an hour."""


class ChooseTheme(Act, verb="set_theme"):
    """Choose how all screens look; what is not given stays."""

    mode: Mode | None = None
    accent: Accent | None = None


class SetTheme(Command, group=("Screen", "Theme"), tier="anytime"):
    """Change how a screen looks; what is not given stays.

    A screen that passes a choice on says when and where it was made; whoever says nothing of it makes it now
    and here, for all screens.
    """

    mode: Mode | None = None
    accent: Accent | None = None
    chosen_ms: Milliseconds | None = Field(default=None, ge=0)
    chosen_on: str | None = Field(default=None, max_length=32)


@dataclass(frozen=True, slots=True)
class Choice:
    """A theme, and who chose it when and where.

    Attributes:
        theme: what was chosen.
        at_ms: when, by the clock of the screen where it was; 0 for what came from the factory.
        on: that screen.
        by: the person.
    """

    theme: Theme = field(default_factory=Theme)
    at_ms: int = 0
    on: str = ""
    by: str | None = None

    @property
    def stamp(self) -> tuple[int, str]:
        """What decides between two choices."""
        return (self.at_ms, self.on)

    def kept(self) -> Mapping[str, Any]:
        """Return it as it survives a restart."""
        return {
            "mode": self.theme.mode,
            "accent": self.theme.accent,
            "at_ms": self.at_ms,
            "on": self.on,
            "by": self.by,
        }

    @classmethod
    def restored(cls, kept: Mapping[str, Any]) -> "Choice":
        """Return what was kept."""
        return cls(Theme(kept["mode"], kept["accent"]), kept["at_ms"], kept["on"], kept["by"])


@dataclass(frozen=True, slots=True)
class ThemeRegister:
    """The choice that counts on one screen, and whom it still has to ask to follow.

    Attributes:
        device: whose screen it is.
        choice: what counts.
        asked: screen to the ticket under which it was asked, while no final answer has come.
        settled: screens that have answered about this choice, or refused it.
        boot: how often the device has started, and
        sent: how many commands it has sent since: tickets never repeat.
    """

    device: str
    choice: Choice = field(default_factory=Choice)
    asked: Mapping[str, str] = field(default_factory=dict)
    settled: frozenset[str] = frozenset()
    boot: int = 1
    sent: int = 0

    def chosen(self, now_ms: int, wish: SetTheme, by: str | None) -> "ThemeRegister":
        """Return the register after somebody chose here: that is later than all that is known."""
        theme = self.choice.theme
        changed = Theme(wish.mode or theme.mode, wish.accent or theme.accent)
        at_ms = max(now_ms, self._stamp(now_ms)[0] + 1)
        return replace(self, choice=Choice(changed, at_ms, self.device, by), asked={}, settled=frozenset())

    def passed_on(
        self, now_ms: int, wish: SetTheme, by: str | None, sender: str
    ) -> tuple["ThemeRegister", Answer]:
        """Return the register after another screen passed a choice on, and what to answer."""
        assert wish.chosen_ms is not None  # INVARIANT: `SetTheme` without it is a choice made here
        if wish.chosen_ms > now_ms + AHEAD_MAX_MS:
            sentence = f"the clock of {sender} is ahead of that of {self.device}"
            return self, Answer("failed", sentence, data={"clock_ms": now_ms})
        theme = self.choice.theme
        changed = Theme(wish.mode or theme.mode, wish.accent or theme.accent)
        choice = Choice(changed, wish.chosen_ms, wish.chosen_on or sender, by)
        if choice.stamp == self.choice.stamp:
            return self, Answer("done")
        if choice.stamp < self._stamp(now_ms):
            by_whom = f" by {self.choice.by}" if self.choice.by else ""
            sentence = f"a newer theme was chosen{by_whom} on {self.choice.on}"
            return self, Answer("failed", sentence, data={"superseded": True})
        return replace(self, choice=choice, asked={}, settled=frozenset()), Answer("done")

    def _stamp(self, now_ms: int) -> tuple[int, str]:
        """Return what a newer choice has to beat: nothing that was stamped by a clock that was wrong then."""
        return self.choice.stamp if self.choice.at_ms <= now_ms + AHEAD_MAX_MS else (0, "")

    def asking(self, beliefs: Beliefs) -> tuple["ThemeRegister", tuple[Request, ...]]:
        """Return requests to every screen that is there, should follow, and has not been asked."""
        if self.choice.on != self.device:
            return self, ()
        requests: list[Request] = []
        register = self
        for other in sorted(beliefs.of):
            if register._lags(beliefs, other):
                ticket = f"{self.device}-theme-{self.boot}-{register.sent + 1}"
                asked = {**register.asked, other: ticket}
                register = replace(register, asked=asked, sent=register.sent + 1)
                wish = SetTheme(
                    mode=self.choice.theme.mode,
                    accent=self.choice.theme.accent,
                    chosen_ms=self.choice.at_ms,
                    chosen_on=self.device,
                )
                requests.append(Request.of(wish, ticket=ticket, target=other, by=self.choice.by))
        return register, tuple(requests)

    def answered(self, ticket: str, answer: Answer) -> "ThemeRegister":
        """Return the register after a final answer; who did not answer is asked again once it is back.

        Who answers that this screen's clock is ahead sets the choice's stamp by its own: what was chosen
        counts, and no more than what others choose after it.
        """
        other = next((one for one, asked in self.asked.items() if asked == ticket), None)
        if other is None or not answer.final:
            return self
        asked = {one: under_way for one, under_way in self.asked.items() if one != other}
        clock_ms = answer.data.get("clock_ms")
        if type(clock_ms) is int and 0 <= clock_ms < self.choice.at_ms:
            restamped = replace(self.choice, at_ms=clock_ms)
            return replace(self, choice=restamped, asked={}, settled=frozenset())
        settled = self.settled if answer.status == "expired" else self.settled | {other}
        return replace(self, asked=asked, settled=settled)

    def _lags(self, beliefs: Beliefs, other: str) -> bool:
        """Say whether another device is a screen that is there, is to follow, and does not yet."""
        known = beliefs.about(other)
        look = known.facets.get(LOOK)
        if look is None or known.online is not True or other in self.asked or other in self.settled:
            return False
        if look.values.get("owner") not in {None, self.choice.by}:
            return False
        return (look.values.get("chosen_ms"), look.values.get("chosen_on")) != self.choice.stamp


Link = Literal["up", "lost"]
"""Whether a device has its own connection."""
