"""Cards: made of what was heard, with unit and age, and never of what is no business of a screen."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.apps.screens.cards import (
    LOW_BATTERY_PERCENT,
    TEXT_CHARACTERS_MAX,
    VALUES_MAX,
    device_cards,
    device_ids,
    dimension_of,
    own_card,
)
from sim.apps.screens.model import Card, Value
from sim.core.beliefs import Belief, Beliefs
from sim.core.device import Facet
from sim.core.units import RATIO, TEMPERATURE
from tests.senses import NOTHING_HEARD, START_MS

LATER_MS = START_MS + 5_000


def hears(
    beliefs: Beliefs, device: str, facet: str, values: dict[str, object], when_offline: str = "unknown"
) -> Beliefs:
    """Return beliefs after one more report of a device that is there."""
    report = Belief(values, START_MS, (1, 1), when_offline)  # type: ignore[arg-type]  # one of two words
    return beliefs.heard(device, facet, report).online(device, online=True)


HEATER = hears(
    NOTHING_HEARD,
    "living_heater",
    "climate_report",
    {"working": True, "target_c": 21.0, "mode": "heat", "room_c": 19.26},
)
CAR = hears(
    hears(NOTHING_HEARD, "su7", "battery", {"battery_percent": 71.0, "range_m": 425_000.0}, "last"),
    "su7",
    "doors",
    {"locked": True, "asked": None},
)


def only(beliefs: Beliefs, verbs: tuple[str, ...] = ()) -> Card:
    """Return the one card there is."""
    (card,) = device_cards(beliefs, LATER_MS, frozenset(verbs))
    return card


def texts(card: Card) -> dict[str, str]:
    """Return name and text of every value of a card."""
    return {value.name: value.text() for value in card.values}


def test_card_shows_what_a_device_reports_with_unit_and_age() -> None:
    """The important values come first, each as old as its report."""
    card = only(HEATER)

    assert (card.id, card.title, card.app, card.severity) == (
        "living_heater",
        "living heater",
        "home",
        "normal",
    )
    assert list(texts(card).items()) == [
        ("room", "19.3 °C"),
        ("mode", "heat"),
        ("target", "21 °C"),
        ("working", "yes"),
    ]
    assert {value.age_ms for value in card.values} == {5_000}


def test_card_of_a_car_begins_with_its_battery() -> None:
    """Range is told in kilometres; what the car itself does not know is unknown."""
    card = only(CAR)

    assert card.app == "car"
    assert texts(card) == {"battery": "71 %", "range": "425 km", "locked": "yes", "asked": "unknown"}
    assert next(iter(texts(card))) == "battery"


def test_card_of_what_is_gone_shows_unknown_rather_than_stale() -> None:
    """What may be kept is kept with its age; the rest is unknown and has no age."""
    gone = only(CAR.online("su7", online=False))

    assert gone.offline
    assert gone.severity == "notice"
    assert texts(gone) == {"battery": "71 %", "range": "425 km", "locked": "unknown", "asked": "unknown"}
    assert {value.name: value.age_ms for value in gone.values}["battery"] == 5_000
    assert {value.name: value.age_ms for value in gone.values}["locked"] is None
    assert texts(only(HEATER.out_of_reach()))["room"] == "unknown"


def test_card_of_a_kind_that_nobody_foresaw_is_the_homes() -> None:
    """A kind that is written tomorrow has a card today; lists and places are left out."""
    kettle = hears(
        NOTHING_HEARD,
        "kettle",
        "kettle_report",
        {"water_ml": 3, "latitude_deg": 40.0, "users": ["mei"], "brewing_ms": 61_500, "scale_due": True},
    )

    card = only(kettle)

    assert (card.app, card.severity) == ("home", "warning")
    assert texts(card) == {"water_ml": "3", "brewing": "61 s", "scale_due": "yes"}


@pytest.mark.parametrize(
    ("percent", "severity"), [(LOW_BATTERY_PERCENT, "normal"), (LOW_BATTERY_PERCENT - 0.1, "warning")]
)
def test_card_of_a_low_battery_calls_for_somebody(percent: float, severity: str) -> None:
    """Below a fifth it is a warning."""
    assert only(hears(NOTHING_HEARD, "su7", "battery", {"battery_percent": percent})).severity == severity


@pytest.mark.parametrize("screen", ["phone", "watch", "tablet", "dashboard"])
def test_personal_screens_are_no_cards(screen: str) -> None:
    """What a phone says of itself is not shown around; a television is a thing of the home."""
    beliefs = hears(NOTHING_HEARD, "thing", "look", {"screen": screen})
    beliefs = hears(beliefs, "thing", "twin_report", {"language": "zh"})
    tv = hears(hears(NOTHING_HEARD, "tv", "look", {"screen": "tv"}), "tv", "tv_report", {"power": "on"})

    assert device_ids(beliefs) == ()
    assert list(device_cards(beliefs, LATER_MS, frozenset())) == []
    assert texts(only(tv)) == {"power": "on"}
    assert device_ids(hears(NOTHING_HEARD, "new_phone", "keys", {"revocation": "none"})) == ()


def test_cards_are_touched_by_what_the_screen_can_do() -> None:
    """A card offers the verb that its facets call for, and `ask` for any other, if the screen has them."""
    assert only(HEATER, ("set_climate", "ask")).actions == ("set_climate", "ask")
    assert only(HEATER, ("lock",)).actions == ()
    assert only(CAR, ("lock", "ask")).actions == ("lock", "ask")


def test_own_apps_have_cards_of_what_they_report() -> None:
    """An app of the device itself is shown without ages; what is no app has no card."""

    class PlayerReport(Facet):
        """What plays."""

        music: str
        call: str | None
        positions: list[int]

    class Wheels(Facet):
        """Nothing that an app would say."""

        wheels: int

    card = own_card(PlayerReport(music="playing", call=None, positions=[1]))
    assert card is not None
    assert (card.id, card.app, card.title) == ("player_report", "media", "player")
    assert card.values == (Value("music", "playing"),)
    assert own_card(PlayerReport(music="none", call=None, positions=[])) is None
    assert own_card(Wheels(wheels=4)) is None


def test_units_follow_from_the_ends_of_names() -> None:
    """As everywhere else in the household."""
    assert dimension_of("room_c") is TEMPERATURE
    assert dimension_of("battery_percent") is RATIO
    assert dimension_of("pictures") is None


@given(
    st.dictionaries(
        st.sampled_from(["room_c", "mode", "on", "range_m", "latitude_deg", "left_ms", "count", "names"]),
        st.none() | st.booleans() | st.floats(-1e6, 1e6) | st.text(max_size=200) | st.lists(st.text()),
    ),
    st.booleans(),
)
def test_cards_never_break_whatever_is_reported(values: dict[str, object], online: bool) -> None:  # noqa: FBT001  # drawn
    """Whatever fits a facet fits a card, within its limits, and no card shows a place."""
    beliefs = hears(NOTHING_HEARD, "thing", "report", values).online("thing", online=online)

    for card in device_cards(beliefs, LATER_MS, frozenset()):
        assert len(card.values) <= VALUES_MAX
        assert all(len(value.text()) <= TEXT_CHARACTERS_MAX + 16 for value in card.values)
        assert "latitude" not in texts(card)
        assert online or all(value.value is None for value in card.values)


def test_a_card_has_at_most_so_many_values() -> None:
    """A device that reports without end has a card that ends."""
    many: dict[str, object] = {f"reading_{number}_c": 1.0 for number in range(VALUES_MAX + 5)}

    assert len(only(hears(NOTHING_HEARD, "thing", "report", many)).values) == VALUES_MAX


def test_the_age_of_what_a_fast_clock_measured_is_nothing() -> None:
    """A source whose clock is ahead has not measured in the future."""
    ahead = replace(HEATER.about("living_heater").facets["climate_report"], sampled_ms=LATER_MS + 1_000)
    beliefs = NOTHING_HEARD.heard("heater", "climate_report", ahead).online("heater", online=True)

    assert {value.age_ms for value in only(beliefs).values} == {0}
