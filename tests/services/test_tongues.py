"""The data of the two languages: complete, and in step with each other."""

import pytest

from sim.policy.schema import DRIVING
from sim.services.voice.cars import OPENING
from sim.services.voice.tongues import FORBIDDEN, TONGUES


def test_languages_know_the_same_intents_and_answers() -> None:
    """What can be asked and answered in one language can be in the other."""
    english, chinese = TONGUES["en"], TONGUES["zh"]

    assert english.intents.keys() == chinese.intents.keys()
    assert english.answers.keys() == chinese.answers.keys()


def test_what_opens_or_moves_is_named_only_to_be_refused() -> None:
    """Two intents name what no voice may ask for; no other fills in an action at all."""
    for tongue in TONGUES.values():
        named = {
            (intent, one.slots["action"])
            for intent, ways in tongue.intents.items()
            for one in ways
            if "action" in one.slots
        }
        assert {intent for intent, _ in named} == {"opening", "driving"}
        assert {action for intent, action in named if intent == "opening"} == set(OPENING)
        assert {action for intent, action in named if intent == "driving"} <= set(DRIVING)


@pytest.mark.parametrize(
    "wish",
    [
        "i wonder whether you could unlock the car for me",
        "the trunk please open it up",
        "just pop the boot",
        "get the doors open",
        "can you start the engine",
        "back up the car a bit",
        "opening the garage would be nice",
        "麻烦你给我把后备箱打开",
        "现在就解锁吧",
        "所有东西都打开",
        "快点开车回家",
        "启动发动机",
    ],
)
def test_forbidden_wishes_are_recognised_in_many_words(wish: str) -> None:
    """What voice must not do is recognised whatever stands around it."""
    assert FORBIDDEN.search(wish)


@pytest.mark.parametrize(
    "wish",
    [
        "what is for dinner",
        "play some music",
        "a driveway",
        "parka",
        "停车场在哪",
        "今天开会吗",
        "打开所有的灯",
    ],
)
def test_harmless_wishes_are_not_called_forbidden(wish: str) -> None:
    """A sentence about something else is not answered as if it wanted to open or drive."""
    assert FORBIDDEN.search(wish) is None
