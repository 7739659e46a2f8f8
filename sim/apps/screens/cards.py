"""Cards out of what a device believes of others: values with unit and age, `unknown` rather than stale.

A card is made of whatever facets a device reports, so a kind that is written tomorrow has a card today. What
is no business of a screen that others see is left out: where somebody is, and what personal devices say.
"""

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any

from sim.apps.screens.model import App, Card, Severity, Value
from sim.core.beliefs import Acquaintance, Belief, Beliefs
from sim.core.device import Facet
from sim.core.units import ANGLE, DIMENSIONS, DURATION, LENGTH, Dimension, fact_name

LOOK = "look"
"""Facet in which a screen says how it looks; whoever reports it is a screen itself."""
PERSONAL = frozenset({"phone", "watch", "tablet", "dashboard"})
"""Screens that are no card on others."""
HIDDEN = frozenset({LOOK, "keys", "wrist", "location", "vicinity", "company", "pictures"})
"""Facets that no card shows: they say where people are, or are of use to devices only."""

APP_OF_FACET: Mapping[str, App] = {
    "doors": "car",
    "battery": "car",
    "camera_report": "camera",
    "player_report": "media",
    "notifications_report": "notifications",
    "notices_report": "notifications",
    "clipboard_report": "clipboard",
    "files_report": "files",
    "agenda_plan": "calendar",
    "bookings": "services",
    "route": "navigation",
    "traffic_report": "navigation",
    "twins": "services",
}
"""Which app a device's card is in; of whatever else is reported, the home's."""
VERBS: Mapping[str, str] = {"climate_report": "set_climate", "camera_report": "view_camera", "doors": "lock"}
"""What can be touched on a card, by a facet that tells what it is; `ask` for everything else."""

FIRST = (
    "battery",
    "range",
    "locked",
    "cabin",
    "room",
    "pm25",
    "mode",
    "target",
    "power",
    "brightness",
    "music",
    "title",
    "volume",
)
"""Facts that stand first on a card; the others follow as they are reported."""
DUE = ("_due", "_fault", "_low")
"""How names of facts end that call for somebody when they are true."""
NOTHING = frozenset({"", "none", "empty", 0.0})
"""What an app says that has nothing to show; False equals 0 here."""
LOW_BATTERY_PERCENT = 20.0
"""Below this a battery calls for somebody (assumption; what most phones and cars do)."""
TEXT_CHARACTERS_MAX = 64
"""Longest word of a report that a card takes over: what others say of themselves is data, not prose."""
VALUES_MAX = 32
"""Most values of one card."""

_SUFFIXES = tuple(sorted(DIMENSIONS, key=lambda one: len(one.suffix), reverse=True))


@lru_cache(maxsize=512)
def dimension_of(field_name: str) -> Dimension | None:
    """Return what a field measures, by the end of its name; None for what has no unit."""
    ending = field_name.removeprefix(fact_name(field_name))
    return next((one for one in _SUFFIXES if one.suffix == ending), None)


def device_cards(beliefs: Beliefs, now_ms: int, verbs: Collection[str]) -> Iterator[Card]:
    """Yield a card for every device of which something was heard that belongs on a screen.

    Args:
        beliefs: what the screen's device has heard.
        now_ms: when, by its own clock.
        verbs: what can be done with the device that the screen is of.
    """
    for device in sorted(beliefs.of):
        known = beliefs.of[device]
        if not _has_card(known):
            continue
        facets = {name: known.facets[name] for name in sorted(known.facets) if name not in HIDDEN}
        values = _ordered(_believed(known, facets, now_ms))
        yield Card(
            id=device,
            app=next((APP_OF_FACET[name] for name in facets if name in APP_OF_FACET), "home"),
            title=device.replace("_", " "),
            values=values,
            severity=_severity(values, offline=known.online is not True),
            actions=_actions(facets, verbs),
            offline=known.online is not True,
        )


def own_card(facet: Facet) -> Card | None:
    """Return the card of an app that runs on the device itself, out of what the app reports; or None.

    An app that has nothing to show has no card.
    A report holds nothing private: bodies of messages, copied text and titles are in none.
    """
    app = APP_OF_FACET.get(facet.facet)
    if app is None:
        return None
    read = (_read(name, getattr(facet, name), None) for name in type(facet).__pydantic_fields__)
    said = [value for value in read if value is not None and value.value is not None]
    if all(value.value in NOTHING for value in said):
        return None
    values = _ordered(said)
    return Card(
        id=facet.facet,
        app=app,
        title=facet.facet.removesuffix("_report").replace("_", " "),
        values=values,
        severity=_severity(values, offline=False),
    )


def device_ids(beliefs: Beliefs) -> tuple[str, ...]:
    """Return the ids of the cards that `device_cards` makes, in the order of their names."""
    return tuple(device for device in sorted(beliefs.of) if _has_card(beliefs.of[device]))


def _has_card(known: Acquaintance) -> bool:
    look = known.facets.get(LOOK)
    if look is not None and look.values.get("screen") in PERSONAL:
        return False
    return any(facet not in HIDDEN for facet in known.facets)


def _believed(known: Acquaintance, facets: Mapping[str, Belief], now_ms: int) -> list[Value]:
    values = []
    for belief in facets.values():
        stale = known.online is not True and belief.when_offline == "unknown"
        age_ms = max(0, now_ms - belief.sampled_ms)
        for name, raw in belief.values.items():
            value = _read(name, None if stale else raw, None if stale else age_ms)
            if value is not None and isinstance(raw, str | int | float | None):
                values.append(value)
    return values


def _read(name: str, raw: Any, age_ms: int | None) -> Value | None:
    """Return one field as a value; None for lists and for angles, which say where somebody is."""
    dimension = dimension_of(name)
    if dimension is ANGLE or not isinstance(raw, str | int | float | None):
        return None
    fact = fact_name(name)
    if raw is None or isinstance(raw, bool):
        return Value(fact, raw, "", age_ms)
    if isinstance(raw, str):
        return Value(fact, raw[:TEXT_CHARACTERS_MAX], "", age_ms)
    if dimension is None:
        return Value(fact, float(raw), "", age_ms)
    if dimension is DURATION:
        return Value(fact, float(raw // 1_000), "s", age_ms)
    if dimension is LENGTH and raw >= 1_000:
        return Value(fact, raw / 1_000, "km", age_ms)
    return Value(fact, float(raw), dimension.unit, age_ms)


def _ordered(values: list[Value]) -> tuple[Value, ...]:
    """Return the values with the important ones first, at most `VALUES_MAX`."""
    places = {name: place for place, name in enumerate(FIRST)}
    return tuple(sorted(values, key=lambda value: places.get(value.name, len(places))))[:VALUES_MAX]


def _severity(values: tuple[Value, ...], *, offline: bool) -> Severity:
    for value in values:
        if value.value is True and value.name.endswith(DUE):
            return "warning"
        if value.name == "battery" and isinstance(value.value, float) and value.value < LOW_BATTERY_PERCENT:
            return "warning"
    return "notice" if offline else "normal"


def _actions(facets: Mapping[str, Belief], verbs: Collection[str]) -> tuple[str, ...]:
    wanted = [VERBS[facet] for facet in facets if facet in VERBS]
    return tuple(verb for verb in [*wanted, "ask"] if verb in verbs)
