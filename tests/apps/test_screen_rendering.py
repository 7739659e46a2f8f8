"""Rendering: one model on every display, and little of it before a driver on the move."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.apps.screens.model import APPS, WORK_APPS, Card, Display, Line, Mode, Screen, Theme, Value
from sim.apps.screens.rendering import DRIVING, DRIVING_CHARACTERS_MAX, LIMITS, MASK, limits_of, render

CAR = Card("su7", "car", "su7", values=(Value("battery", 71.0, "%", 2_000), Value("locked", None)))
HEATER = Card("heater", "home", "heater", values=(Value("room", 19.0, "°C", 0),), actions=("set_climate",))
PICTURE = Card("picture", "camera", "camera", (Line("2026-01-12 12:00:00"),), picture="photo")
MESSAGE = Card(
    "notifications",
    "notifications",
    "messages",
    (Line("from Mei"), Line("the door code is 1234", private=True)),
)
SCREEN = Screen(cards=(HEATER, PICTURE, MESSAGE, CAR))
DISPLAYS: tuple[Display, ...] = get_args(Display)


def shown(screen: Screen, display: Display = "tablet", *, driving: bool = False) -> list[str]:
    """Return the ids of the cards on a display."""
    return [card["id"] for card in render(screen, display, hour=12, driving=driving)["cards"]]


def test_screens_show_the_same_cards_in_the_same_order() -> None:
    """Dashboard, phone, tablet and television look alike."""
    orders = {tuple(shown(SCREEN, display)) for display in DISPLAYS if display != "watch"}

    assert orders == {("su7", "notifications", "picture", "heater")}
    assert shown(SCREEN, "watch") == ["su7", "notifications", "heater"]


def test_cards_that_somebody_put_first_come_first() -> None:
    """In the order in which they were put there."""
    assert shown(replace(SCREEN, first=("heater", "su7"))) == ["heater", "su7", "notifications", "picture"]


def test_a_screen_at_work_shows_nothing_that_entertains() -> None:
    """Unless somebody put it first."""
    work = replace(SCREEN, apps=WORK_APPS)

    assert shown(work) == ["notifications", "su7"]
    assert shown(replace(work, first=("heater",))) == ["heater", "notifications", "su7"]
    assert set(WORK_APPS) < set(APPS)


def test_a_value_is_shown_with_its_unit_and_age() -> None:
    """And `unknown` stands for what nobody can vouch for."""
    (car, *_) = render(SCREEN, "phone", hour=12, driving=False)["cards"]

    assert car["values"] == [
        {"name": "battery", "text": "71 %", "age_ms": 2_000},
        {"name": "locked", "text": "unknown", "age_ms": None},
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"),
        (False, "no"),
        (19.25, "19.2"),
        (-0.04, "0"),
        (5.0, "5"),
        ("heat", "heat"),
        (None, "unknown"),
    ],
)
def test_values_are_written_for_people(value: str | float | bool | None, text: str) -> None:  # noqa: FBT001  # a column of the table
    """Briefly."""
    assert Value("thing", value).text() == text


def test_the_driver_on_the_move_sees_little() -> None:
    """No picture, nothing to touch, few and short words, and large ones; the passenger loses nothing."""
    long = replace(CAR, title="x" * 200, lines=(Line("y" * 200),))
    screen = replace(SCREEN, cards=(*SCREEN.cards, replace(long, id="long")))

    driver = render(screen, "driver", hour=12, driving=True)
    beside = render(screen, "passenger", hour=12, driving=True)

    assert driver["restricted"]
    assert not beside["restricted"]
    assert len(driver["cards"]) == DRIVING.cards
    assert driver["more"] == 1
    assert all(card["picture"] == "" and card["actions"] == [] for card in driver["cards"])
    said = [text for card in driver["cards"] for text in (card["title"], *card["lines"])]
    assert max(map(len, said)) == DRIVING_CHARACTERS_MAX
    assert "picture" in [card["id"] for card in beside["cards"]]
    assert driver["text_scale_percent"] > beside["text_scale_percent"]
    assert limits_of("driver", driving=False) is LIMITS["driver"]


def test_what_is_private_is_masked_in_every_record() -> None:
    """Only those before the screen read it."""
    recorded = render(SCREEN, "tablet", hour=12, driving=False)
    before_it = render(SCREEN, "tablet", hour=12, driving=False, masked=False)

    assert "1234" not in str(recorded)
    assert recorded["cards"][1]["lines"] == ["from Mei", MASK]
    assert before_it["cards"][1]["lines"] == ["from Mei", "the door code is 1234"]


def test_a_card_in_focus_shows_more_of_itself() -> None:
    """Twice as many values; a focus on what is not there is none."""
    many = replace(CAR, values=tuple(Value(f"value_{number}", 1.0) for number in range(20)))
    screen = Screen(cards=(many, HEATER), focus="su7")

    assert len(render(screen, "phone", hour=12, driving=False)["cards"][0]["values"]) == 16
    assert len(render(screen, "driver", hour=12, driving=True)["cards"][0]["values"]) == DRIVING.values
    closed = render(replace(screen, focus="kettle"), "phone", hour=12, driving=False)
    assert closed["focus"] is None
    assert len(closed["cards"][0]["values"]) == 8


@pytest.mark.parametrize(
    ("mode", "hour", "shade"),
    [
        ("light", 23, "light"),
        ("dark", 12, "dark"),
        ("auto", 6, "dark"),
        ("auto", 7, "light"),
        ("auto", 18, "light"),
        ("auto", 19, "dark"),
    ],
)
def test_a_theme_follows_the_time_of_day_unless_told(mode: Mode, hour: int, shade: str) -> None:
    """An automatic theme is dark from seven in the evening to seven in the morning."""
    theme = render(Screen(Theme(mode, "blue")), "phone", hour=hour, driving=False)["theme"]

    assert theme == {"shade": shade, "accent": "blue"}


CARDS = st.builds(
    Card,
    st.sampled_from(["su7", "heater", "lamp", "camera", "x"]),
    st.sampled_from(APPS),
    st.text(max_size=300),
    st.lists(st.builds(Line, st.text(max_size=300), st.booleans()), max_size=12).map(tuple),
    st.lists(st.builds(Value, st.just("value"), st.text(max_size=300)), max_size=40).map(tuple),
    picture=st.sampled_from(["", "photo", "video"]),
)


@given(
    st.lists(CARDS, max_size=50, unique_by=lambda card: card.id).map(tuple),
    st.sampled_from(DISPLAYS),
    st.booleans(),
)
def test_no_display_shows_more_than_it_may(cards: tuple[Card, ...], display: Display, driving: bool) -> None:  # noqa: FBT001  # drawn
    """Whatever is on the screen, each display keeps its limits."""
    limits = limits_of(display, driving=driving)
    drawn = render(Screen(cards=cards, focus="su7"), display, hour=0, driving=driving)

    assert len(drawn["cards"]) <= limits.cards
    for card in drawn["cards"]:
        assert len(card["lines"]) <= limits.lines
        assert len(card["values"]) <= limits.values * 2
        assert len(card["title"]) <= limits.characters
        assert all(len(text) <= limits.characters for text in card["lines"])
        assert limits.pictures or not card["picture"]
