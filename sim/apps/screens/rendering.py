"""A screen as data for one display: what fits, what may stand before those eyes, and nothing more.

The same model goes to every display, so that the dashboard looks like the phone; what differs is how much of
it there is room for, and that a driver on the move is shown little.

Sources: the per se lock-outs of video, still pictures and texts of messages are those of NHTSA, Visual-Manual
Driver Distraction Guidelines for In-Vehicle Electronic Devices, 78 FR 24817 (2013), section V.F; the 30
characters are of its proposal, 77 FR 11200 (2012). Other limits are assumptions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.apps.screens.model import Card, Display, Screen

DRIVING_CHARACTERS_MAX = 30
"""Longest text before a driver on the move."""
MASK = "•••"
"""Stands in a record where something private is on the screen."""
CUT = "…"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a display shows.

    Attributes:
        cards: most cards.
        values: most values on one card; twice as many on the card in focus.
        lines: most lines of text on one card.
        characters: longest text; what is longer is cut.
        text_scale_percent: size of the text, 100 being that of a phone in the hand.
        pictures: whether photos and videos are shown.
        touch: whether cards can be touched.
    """

    cards: int
    values: int
    lines: int
    characters: int
    text_scale_percent: int
    pictures: bool = True
    touch: bool = True


LIMITS: Mapping[Display, Limits] = {
    "phone": Limits(cards=24, values=8, lines=6, characters=120, text_scale_percent=100),
    "driver": Limits(cards=6, values=4, lines=2, characters=60, text_scale_percent=150),
    "passenger": Limits(cards=16, values=8, lines=6, characters=120, text_scale_percent=120),
    "tablet": Limits(cards=32, values=12, lines=10, characters=200, text_scale_percent=110),
    "tv": Limits(cards=12, values=6, lines=4, characters=80, text_scale_percent=250),
    "watch": Limits(cards=4, values=2, lines=1, characters=24, text_scale_percent=100, pictures=False),
}
DRIVING = Limits(
    cards=3,
    values=2,
    lines=1,
    characters=DRIVING_CHARACTERS_MAX,
    text_scale_percent=200,
    pictures=False,
    touch=False,
)
"""What stands before a driver on the move."""


def limits_of(display: Display, *, driving: bool) -> Limits:
    """Return how much a display shows; `driving` counts for the driver's only."""
    return DRIVING if display == "driver" and driving else LIMITS[display]


def render(
    screen: Screen, display: Display, *, hour: int, driving: bool, masked: bool = True
) -> dict[str, Any]:
    """Return what a display shows, as JSON values that a page or a report can draw.

    Args:
        screen: the model.
        display: on which class of display.
        hour: of the day, by the clock on the wall, 0 to 23.
        driving: whether the car that the display is in moves, or nobody knows whether it does.
        masked: whether private text is masked, as whatever is recorded must be.
    """
    limits = limits_of(display, driving=driving)
    cards = [card for card in screen.ordered() if limits.pictures or not card.picture]
    focus = screen.focus if any(card.id == screen.focus for card in cards[: limits.cards]) else None
    return {
        "display": display,
        "restricted": limits is DRIVING,
        "theme": {"shade": screen.theme.shade(hour), "accent": screen.theme.accent},
        "text_scale_percent": limits.text_scale_percent,
        "banner": _cut(screen.banner, limits),
        "apps": list(dict.fromkeys(card.app for card in cards)),
        "focus": focus,
        "cards": [
            _card(card, limits, masked=masked, open_=card.id == focus) for card in cards[: limits.cards]
        ],
        "more": max(0, len(cards) - limits.cards),
    }


def _card(card: Card, limits: Limits, *, masked: bool, open_: bool) -> dict[str, Any]:
    values = card.values[: limits.values * 2 if open_ and limits.touch else limits.values]
    lines = [MASK if line.private and masked else line.text for line in card.lines[: limits.lines]]
    return {
        "id": card.id,
        "app": card.app,
        "title": _cut(card.title, limits),
        "lines": [_cut(line, limits) for line in lines],
        "values": [
            {"name": value.name, "text": _cut(value.text(), limits), "age_ms": value.age_ms}
            for value in values
        ],
        "severity": card.severity,
        "offline": card.offline,
        "actions": list(card.actions) if limits.touch else [],
        "picture": card.picture,
    }


def _cut(text: str, limits: Limits) -> str:
    """Return as much of a text as a display shows."""
    return text if len(text) <= limits.characters else text[: limits.characters - 1] + CUT
