"""Questions back, and the answers that complete what was asked: by whom, for how long, in which words."""

from dataclasses import replace

import pytest

from sim.services.voice.assistant import QUESTION_OPEN_MS, Assistant, Question, question_of
from sim.services.voice.meaning import Listening
from sim.services.voice.replies import Heard, NotUnderstood
from sim.services.voice.speech import Language, language_of
from tests.services.talking_household import NOW_MS, listening, talking_household
from tests.services.voice_tables import WAKE_WORDS, outcome_of


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    """The assistant of a household in which much can be meant."""
    return Assistant(talking_household())


def asked(assistant: Assistant, sentence: str, where: Listening | None = None) -> Question:
    """Say what must be asked back; return the open question."""
    heard = hear(assistant, WAKE_WORDS[language_of(sentence)] + sentence, where=where)
    question = question_of(heard, listening() if where is None else where)
    assert question is not None, heard
    return question


def hear(
    assistant: Assistant, sentence: str, question: Question | None = None, where: Listening | None = None
) -> Heard:
    """Say a sentence as it is."""
    language: Language = language_of(sentence)
    place = listening() if where is None else where
    return assistant.hear(sentence, language=language, listening=place, question=question)


@pytest.mark.parametrize(
    ("sentence", "answer", "acts"),
    [
        ("turn on the heater at home", "the bedroom", ["bedroom_ac.set_climate mode=heat"]),
        ("turn on the heater at home", "in the living room please", ["heater.set_climate mode=heat"]),
        ("turn on the heater at home", "hey xiaomi, the bedroom one", ["bedroom_ac.set_climate mode=heat"]),
        (
            "turn off the heating",
            "both of them",
            ["heater.set_climate mode=off", "bedroom_ac.set_climate mode=off"],
        ),
        (
            "turn on the climate control in the bedroom",
            "it should cool",
            ["bedroom_ac.set_climate mode=cool"],
        ),
        ("turn on the climate control in the bedroom", "heat", ["bedroom_ac.set_climate mode=heat"]),
        ("turn on the seat heating", "the passenger seat", ["su7.move_seat heating=2 seat=passenger"]),
        ("turn on the seat heating", "mine", ["su7.move_seat heating=2 seat=driver"]),
        ("unmute the TV", "25 percent", ["tv.set_volume volume_percent=25"]),
        ("turn on the light", "the desk lamp", ["desk_lamp.set_light power=on"]),
        ("打开家里的暖气", "卧室", ["bedroom_ac.set_climate mode=heat"]),
        ("打开家里的暖气", "客厅的那个", ["heater.set_climate mode=heat"]),
        ("关掉空调", "两个都要", ["heater.set_climate mode=off", "bedroom_ac.set_climate mode=off"]),
        ("打开卧室的温控器", "制热", ["bedroom_ac.set_climate mode=heat"]),
        ("打开座椅加热", "副驾", ["su7.move_seat heating=2 seat=passenger"]),
        ("开灯", "台灯", ["desk_lamp.set_light power=on"]),
    ],
)
def test_answer_completes_what_was_asked(
    assistant: Assistant, sentence: str, answer: str, acts: list[str]
) -> None:
    """An answer needs no wake word, and together with the first sentence it is a whole one."""
    question = asked(assistant, sentence)

    assert outcome_of(hear(assistant, answer, question)) == ("do", acts)


@pytest.mark.parametrize(
    ("sentence", "answer", "acts"),
    [
        ("make it warmer in the bedroom", "to 23 degrees", ["bedroom_ac.set_climate target_c=23"]),
        ("dim the desk lamp", "half", ["desk_lamp.set_light brightness_percent=50 power=on"]),
        ("turn up the volume", "40 percent", ["speaker.set_volume volume_percent=40"]),
        ("让车里暖和一点", "二十三度", ["su7.precondition target_c=23"]),
    ],
)
def test_what_is_to_change_by_a_step_is_asked_for_when_it_is_not_known(
    assistant: Assistant, sentence: str, answer: str, acts: list[str]
) -> None:
    """Nobody can make warmer, brighter or louder what nothing was heard of; the assistant asks to what."""
    deaf = Listening(microphone="phone", speaker="lin", now_ms=NOW_MS)
    question = asked(assistant, sentence, deaf)

    assert outcome_of(hear(assistant, answer, question, deaf)) == ("do", acts)


def test_question_is_open_to_whoever_was_asked_for_half_a_minute(assistant: Assistant) -> None:
    """Somebody else, a moment too late, or before it was asked: no answer."""
    question = asked(assistant, "turn off the heating")
    last = listening(now_ms=NOW_MS + QUESTION_OPEN_MS)

    assert outcome_of(hear(assistant, "the bedroom", question, last))[0] == "do"
    for where in (
        listening(speaker="mei"),
        replace(last, now_ms=last.now_ms + 1),
        listening(now_ms=NOW_MS - 1),
    ):
        assert outcome_of(hear(assistant, "the bedroom", question, where)) == ("code", ["no_wake_word"])


@pytest.mark.parametrize("sentence", ["what a lovely day", "today I met the bedroom painter"])
def test_what_is_no_answer_is_not_for_the_assistant(assistant: Assistant, sentence: str) -> None:
    """People talk on; without the wake word nothing but an answer is listened to."""
    question = asked(assistant, "turn off the heating")

    heard = hear(assistant, sentence, question)

    assert outcome_of(heard) == ("code", ["no_wake_word"])
    assert heard.spoken == ""


@pytest.mark.parametrize(
    ("sentence", "answer"), [("turn off the heating", "never mind"), ("关掉空调", "算了")]
)
def test_question_can_be_waved_aside(assistant: Assistant, sentence: str, answer: str) -> None:
    """Then nothing happens, and nothing is asked any more."""
    heard = hear(assistant, answer, asked(assistant, sentence))

    assert isinstance(heard, NotUnderstood)
    assert heard.reason == "it was called off"
    assert question_of(heard, listening()) is None


def test_new_sentence_with_the_wake_word_needs_no_answer_first(assistant: Assistant) -> None:
    """Who says something else is understood, whatever is still open."""
    question = asked(assistant, "turn off the heating")

    assert outcome_of(hear(assistant, "Hey Xiaomi, lock the car", question)) == ("do", ["su7.lock"])


def test_answer_that_leaves_two_is_asked_about_again(assistant: Assistant) -> None:
    """A room with two lamps does not tell which lamp."""
    question = asked(assistant, "turn on the light")
    heard = hear(assistant, "the living room", question)

    assert heard.spoken == "Which one: ceiling light or floor lamp?"
    again = question_of(heard, listening())
    assert outcome_of(hear(assistant, "floor lamp", again)) == ("do", ["floor_lamp.set_light power=on"])


def test_answer_to_another_question_changes_nothing(assistant: Assistant) -> None:
    """Whoever is asked which light and says `heat` is asked again."""
    question = asked(assistant, "turn on the light")

    assert outcome_of(hear(assistant, "heat", question)) == ("code", ["ambiguous"])
