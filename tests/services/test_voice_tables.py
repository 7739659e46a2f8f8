"""Every sentence of the tables becomes what its row says, in both languages."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sim.services.voice.assistant import Assistant
from sim.services.voice.speech import Language
from tests.services.talking_household import talking_household
from tests.services.voice_tables import count, mistakes, rows

TABLES: list[tuple[Language, str]] = [
    ("en", "voice_table_en.yaml"),
    ("zh", "voice_table_zh.yaml"),
    ("en", "voice_table_more_en.yaml"),
    ("zh", "voice_table_more_zh.yaml"),
]

UNSEEN: list[tuple[Language, str]] = [("en", "voice_unseen_en.yaml"), ("zh", "voice_unseen_zh.yaml")]

UNSEEN_SENTENCES = 60
UNSEEN_SHARE_MIN = 0.9
SENTENCES_MIN = 150
NOTHING_MIN = 40


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    """The assistant of the household that the tables are about."""
    return Assistant(talking_household())


@pytest.mark.parametrize(("language", "name"), TABLES)
def test_every_sentence_becomes_what_its_row_says(
    assistant: Assistant, language: Language, name: str
) -> None:
    """All of them, not nearly all: a table is a promise."""
    assert list(mistakes(assistant, language, rows(name))) == []


@pytest.mark.parametrize(("language", "name"), TABLES)
def test_table_is_long_and_says_no_often_enough(language: Language, name: str) -> None:
    """A table of nothing but wishes that are granted would say nothing about refusals."""
    table = rows(name)

    assert count(table)["all"] >= SENTENCES_MIN, language
    assert count(table)["nothing"] >= NOTHING_MIN, language
    assert len({(row.say, row.microphone) for row in table}) == len(table)


@pytest.mark.parametrize(("language", "name"), TABLES)
def test_mistake_planted_in_a_table_is_noticed(assistant: Assistant, language: Language, name: str) -> None:
    """The check that finds nothing wrong above would find something."""
    first, *rest = rows(name)[:40]
    wrong = [replace(first, expected=["heater.set_climate mode=cool"]), *rest]
    refused = [replace(first, outcome="code", expected=["ambiguous"]), *rest]

    assert len(list(mistakes(assistant, language, wrong))) == 1
    assert len(list(mistakes(assistant, language, refused))) == 1


@pytest.mark.parametrize(("language", "name"), UNSEEN)
def test_nine_of_ten_sentences_that_nobody_had_seen_are_understood(
    assistant: Assistant, language: Language, name: str, record_property: Callable[[str, object], None]
) -> None:
    """The README has the figure; `python -m tests.services.voice_tables` prints it."""
    table = rows(name)
    understood = len(table) - len(list(mistakes(assistant, language, table)))

    record_property("understood", f"{understood} of {len(table)}")
    assert len(table) == UNSEEN_SENTENCES
    assert understood / len(table) >= UNSEEN_SHARE_MIN


def test_unseen_sentences_stand_in_no_other_table() -> None:
    """What was mended is no measure any more."""
    for language, name in UNSEEN:
        listed = {row.say for other, table in TABLES if other == language for row in rows(table)}

        assert listed.isdisjoint(row.say for row in rows(name))
