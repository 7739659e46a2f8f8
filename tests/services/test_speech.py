"""A transcribed sentence made plain, its wake word and its language."""

import pytest

from sim.services.voice.speech import after_wake_word, clauses, language_of, plain


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("turn on the heater", "en"),
        ("", "en"),
        ("21 °C!", "en"),
        ("打开暖气", "zh"),
        ("Hey Xiaomi, 锁车", "zh"),
        ("㐀", "zh"),
    ],
)
def test_language_is_chinese_with_a_chinese_character(sentence: str, expected: str) -> None:
    """One Chinese character makes a sentence Chinese, everything else is English."""
    assert language_of(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Hey Xiaomi,  LOCK the car!", "hey xiaomi lock the car"),
        ("ＨＥＹ　ＸＩＡＯＭＩ：ｌｏｃｋ", "hey xiaomi lock"),
        ("hey, xiao-mi", "hey xiao mi"),
        ("twenty-one", "twenty one"),
        ("21.5 degrees.", "21.5 degrees"),
        ("２１℃", "21°c"),
        ("to —20", "to -20"),
        ("to −20.", "to -20"),
        ("调到-20度", "调到-20度"),
        ("小爱同学，打开 客厅 的暖气！到 ２１ 度。", "小爱同学打开客厅的暖气到21度"),
        ("don’t", "don't"),
        ("lo\u200bck", "lock"),
    ],
)
def test_plain_sentence_has_one_width_case_and_spacing(sentence: str, expected: str) -> None:
    """Width, case, punctuation and spacing are lost, but never the sign or the point of a number."""
    assert plain(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "hey xiaomi lock",
        "Hey Xiaomi: lock",
        "HEY XIAOMI, lock",
        "Hey, Xiao Mi! Lock",
        "“Hey xiao-mi” lock",
        "小爱同学, lock",
        "小爱同学：lock",
        "小 爱 同 学 lock",
    ],
)
def test_wake_word_in_any_writing_is_heard(sentence: str) -> None:
    """Both wake words count in every case, width and punctuation."""
    assert after_wake_word(plain(sentence)) == "lock"


@pytest.mark.parametrize(
    "sentence",
    [
        "lock",
        "xiaomi lock",
        "lock hey xiaomi",
        "hey xiaominator lock",
        "hey siri lock",
        "小爱锁车",
        "同学锁车",
        "",
    ],
)
def test_sentence_without_wake_word_is_not_for_the_assistant(sentence: str) -> None:
    """Only a sentence that begins with the whole wake word is addressed to the assistant."""
    assert after_wake_word(plain(sentence)) is None


def test_clauses_are_what_stands_between_commas_and_stops() -> None:
    """Parts of a sentence are plain each; a point or comma inside a number parts nothing."""
    assert clauses("Hey Xiaomi, lights off; then lock!") == ["hey xiaomi", "lights off", "then lock"]
    assert clauses("小爱同学，开灯，21.5度。") == ["小爱同学", "开灯", "21.5度"]
    assert clauses(" ,，") == []
