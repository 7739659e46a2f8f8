"""Sentences about tables and parcels: what is asked back, and what there is nothing for."""

from dataclasses import replace
from typing import Any

import pytest

from sim.core.device import Config
from sim.core.household import DeviceEntry, Household
from sim.services.marketplace.catalogue import MarketplaceConfig
from sim.services.voice.assistant import Assistant, question_of
from sim.services.voice.names import sold
from tests.services.talking_household import listening, talking_household
from tests.services.voice_tables import outcome_of

OPEN = {"opens": "11:00", "closes": "22:00", "tables": {"window": 2}}
NIGHT = {"opens": "20:00", "closes": "02:00", "tables": {"bar": 2}}
MORNING = {"opens": "06:00", "closes": "11:00", "tables": {"bar": 2}}


def household(**config: Any) -> Household:
    """Return the talking household with another marketplace; without any when nothing is said of it."""
    usual = talking_household()
    devices = {name: one for name, one in usual.devices.items() if one.kind != "marketplace"}
    if config:
        market = MarketplaceConfig.model_validate({"courier": "mei_phone", **config})
        devices["market"] = DeviceEntry("market", "marketplace", market)
    return replace(usual, devices=devices)


def hears(assistant: Assistant, sentence: str) -> tuple[str, list[str]]:
    """Return what becomes of a sentence on the phone."""
    heard = assistant.hear(f"Hey Xiaomi, {sentence}", language="en", listening=listening())
    return outcome_of(heard)


@pytest.mark.parametrize("sentence", ["book a table for two at seven", "cancel my reservation"])
def test_without_a_restaurant_nothing_is_reserved(sentence: str) -> None:
    """Whether there is no marketplace, or one that only sells."""
    for there in (household(), household(shops={"corner": {"goods": {"milk": 1}}})):
        heard = Assistant(there).hear(f"Hey Xiaomi, {sentence}", language="en", listening=listening())

        assert outcome_of(heard) == ("code", ["not_understood"])
        assert heard.spoken == "There is nothing of the kind that I could reserve or order."


def test_which_restaurant_is_asked() -> None:
    """And the answer completes the sentence; so does for how many."""
    assistant = Assistant(household(restaurants={"jade": OPEN, "owl": NIGHT}))
    where = listening("dash")
    first = assistant.hear("Hey Xiaomi, book a table at nine", language="en", listening=where)
    second = assistant.hear("owl", language="en", listening=where, question=question_of(first, where))
    third = assistant.hear("for two", language="en", listening=where, question=question_of(second, where))

    assert (first.spoken, second.spoken) == ("Which one: jade or owl?", "For how many people?")
    assert outcome_of(third, "dash") == (
        "do",
        ["dash.reserve_table at_ms=75600000 people=2 restaurant=owl tomorrow=False"],
    )


@pytest.mark.parametrize(
    ("hours", "said", "hour"),
    [
        (OPEN, "at seven", 19),
        (OPEN, "at eleven", 11),
        (NIGHT, "at one", 1),
        (NIGHT, "at ten", 22),
        (MORNING, "at eight", 8),
        (OPEN, "at 9 am", 9),
        (OPEN, "at 12 pm", 12),
        (OPEN, "at 12 am", 0),
        (OPEN, "at 20 o'clock", 20),
        (OPEN, "at 0 o'clock", 0),
    ],
)
def test_hour_is_meant_for_when_one_goes_out(hours: dict[str, Any], said: str, hour: int) -> None:
    """In the evening where it is open then, in the morning where it is not, and as it was said."""
    assistant = Assistant(household(restaurants={"jade": hours}))

    assert hears(assistant, f"book a table for two {said}") == (
        "do",
        [f"phone.reserve_table at_ms={hour * 3_600_000} people=2 restaurant=jade tomorrow=False"],
    )


@pytest.mark.parametrize("said", ["at 13 pm", "at 24 o'clock", "at 0 am"])
def test_what_is_no_time_of_the_day_is_said(said: str) -> None:
    """Instead of another time."""
    assistant = Assistant(household(restaurants={"jade": OPEN}))

    assert hears(assistant, f"book a table for two {said}") == ("code", ["not_understood"])


def test_order_needs_a_car() -> None:
    """Goods go into a boot; where there is none, or nobody sells, nothing is ordered."""
    there = household(shops={"corner": {"goods": {"milk": 1}}})
    walking = replace(there, devices={name: one for name, one in there.devices.items() if one.kind != "car"})

    assert hears(Assistant(walking), "order milk") == ("code", ["not_understood"])
    assert hears(Assistant(household()), "order milk") == ("code", ["not_understood"])


def test_first_shop_counts_that_has_it() -> None:
    """And what is no marketplace sells nothing."""
    shops = {"corner": {"goods": {"milk": 1}}, "mall": {"goods": {"milk": 2, "tea": 3}}}
    market = household(shops=shops).devices["market"]

    assert sold(market, "goods") == {"milk": "corner", "tea": "mall"}
    assert sold(DeviceEntry("x", "light", Config()), "restaurants") == {}
