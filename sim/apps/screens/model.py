"""What a screen is made of: a theme, apps, cards in order, and one of them in focus."""

from dataclasses import dataclass, field
from typing import Any, Literal

Display = Literal["phone", "driver", "passenger", "tablet", "tv", "watch"]
"""A class of display: how large it is, and before whose eyes."""

App = Literal[
    "car",
    "navigation",
    "calendar",
    "notifications",
    "media",
    "camera",
    "home",
    "clipboard",
    "files",
    "services",
]
"""What a card belongs to."""

APPS: tuple[App, ...] = (
    "car",
    "navigation",
    "calendar",
    "notifications",
    "media",
    "camera",
    "home",
    "clipboard",
    "files",
    "services",
)
"""Every app, in the order in which all screens show them."""

WORK_APPS: tuple[App, ...] = (
    "calendar",
    "notifications",
    "clipboard",
    "files",
    "navigation",
    "car",
    "services",
)
"""What a screen shows that is set to work: nothing that entertains."""

Mode = Literal["light", "dark", "auto"]
Accent = Literal["orange", "blue", "green", "violet", "grey"]
Severity = Literal["normal", "notice", "warning"]

DARK_FROM_HOUR = 19
LIGHT_FROM_HOUR = 7
"""When an automatic theme turns dark, and light again, by the clock on the wall (assumption)."""


@dataclass(frozen=True, slots=True)
class Theme:
    """How all screens look.

    Attributes:
        mode: light, dark, or by the time of day.
        accent: the colour of what can be touched.
    """

    mode: Mode = "auto"
    accent: Accent = "orange"

    def shade(self, hour: int) -> Literal["light", "dark"]:
        """Return what is shown at an hour of the day, 0 to 23."""
        if self.mode != "auto":
            return self.mode
        return "light" if LIGHT_FROM_HOUR <= hour < DARK_FROM_HOUR else "dark"


@dataclass(frozen=True, slots=True)
class Value:
    """One value on a card.

    Attributes:
        name: as a scenario calls it: `battery`.
        value: what is shown; None while it is unknown.
        unit: its unit; empty for what has none.
        age_ms: how long ago it was measured, milliseconds; None for what is of now, or unknown.
    """

    name: str
    value: str | float | bool | None
    unit: str = ""
    age_ms: int | None = None

    def text(self) -> str:
        """Return it for people: `71 %`, `unknown`, `yes`."""
        match self.value:
            case None:
                return "unknown"
            case bool():
                return "yes" if self.value else "no"
            case float():
                number = f"{round(self.value, 1) + 0.0:.1f}".removesuffix(".0")  # -0.0 + 0.0 is 0.0
                return f"{number} {self.unit}".rstrip()
            case other:
                return f"{other} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text on a card.

    Attributes:
        text: what it says.
        private: whether it is for the eyes before the screen only, and for no record.
    """

    text: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One thing a screen shows.

    Attributes:
        id: names it on every screen alike: the device or app it is about.
        app: what it belongs to.
        title: its heading.
        lines: text below the heading.
        values: what is measured, the most important first.
        severity: whether somebody should look at it.
        actions: verbs that can be touched on it.
        picture: what kind of picture it holds, `photo` or `video`; empty for none.
        offline: whether nobody can vouch for its values now.
    """

    id: str
    app: App
    title: str
    lines: tuple[Line, ...] = ()
    values: tuple[Value, ...] = ()
    severity: Severity = "normal"
    actions: tuple[str, ...] = ()
    picture: Literal["", "photo", "video"] = ""
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Screen:
    """Everything a device can show now; each of its displays renders as much as it may.

    Attributes:
        theme: how it looks.
        cards: in order; cards in `first` come before the others.
        focus: id of the card that is open; None for the overview.
        first: ids of cards that somebody has put first.
        apps: apps whose cards are shown, in order.
        banner: one line above everything, such as that the connection is gone; empty for none.
    """

    theme: Theme = field(default_factory=Theme)
    cards: tuple[Card, ...] = ()
    focus: str | None = None
    first: tuple[str, ...] = ()
    apps: tuple[App, ...] = APPS
    banner: str = ""

    def ordered(self) -> tuple[Card, ...]:
        """Return the cards as they are shown: those put first, then by app, then by id."""
        shown = [card for card in self.cards if card.app in self.apps or card.id in self.first]
        return tuple(sorted(shown, key=self._place))

    def _place(self, card: Card) -> tuple[Any, ...]:
        first = self.first.index(card.id) if card.id in self.first else len(self.first)
        app = self.apps.index(card.app) if card.app in self.apps else len(self.apps)
        return (first, app, card.id)
