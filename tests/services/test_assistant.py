"""Sentences that are understood, questioned and refused, in English and in Chinese."""

import pytest

from sim.core.asking import LockCar, SetClimate
from sim.core.device import Act
from sim.services.voice.assistant import Assistant
from sim.services.voice.meaning import TARGET_MAX_C, TARGET_MIN_C
from sim.services.voice.replies import AnyAct, NotUnderstood, Understood
from sim.services.voice.speech import SENTENCE_LENGTH_MAX, Language
from tests.services.small_household import household, one_heater, two_heaters

HEAT = SetClimate(device="heater", mode="heat")
HEAT_21 = SetClimate(device="heater", mode="heat", target_c=21)
COOL = SetClimate(device="heater", mode="cool")
OFF = SetClimate(device="heater", mode="off")
TARGET_21 = SetClimate(device="heater", target_c=21)
BEDROOM_HEAT = SetClimate(device="bedroom_unit", mode="heat")
BEDROOM_HEAT_22 = SetClimate(device="bedroom_unit", mode="heat", target_c=22)
BEDROOM_COOL_24 = SetClimate(device="bedroom_unit", mode="cool", target_c=24)
BEDROOM_OFF = SetClimate(device="bedroom_unit", mode="off")
BEDROOM_20 = SetClimate(device="bedroom_unit", target_c=20)
LOCK = LockCar(car="su7")

ENGLISH: list[tuple[str, Act | str]] = [
    ("Hey Xiaomi, turn on the heater in the living room", HEAT),
    ("hey xiao mi turn the living room heating on, please", HEAT),
    ("HEY XIAOMI: switch on my heater in the living room at home!", HEAT),
    ("Hey Xiaomi, could you please put on the living room heater now?", HEAT),
    ("Hey Xiaomi, start the heating in the living room", HEAT),
    ("Hey Xiaomi, heat the living room", HEAT),
    ("Hey Xiaomi, warm up the living room to 21 degrees", HEAT_21),
    ("Hey Xiaomi, heat the living room up to twenty-one degrees celsius", HEAT_21),
    ("Hey Xiaomi, set the heater in the living room to 21°C", HEAT_21),
    ("Hey Xiaomi, turn the living room heater up to 21", HEAT_21),
    ("Hey Xiaomi, turn on the living room heater at 21 degrees", HEAT_21),
    ("Hey Xiaomi, set the living room temperature to 21 °C", TARGET_21),
    ("Hey Xiaomi, set the temperature in the living room to 21.0 degrees", TARGET_21),
    ("Hey Xiaomi, set the temperature to 21 degrees in the living room", TARGET_21),
    ("Hey Xiaomi, change the living room to ２１", TARGET_21),
    ("Hey Xiaomi, set the living room thermostat to 21", TARGET_21),
    ("Hey Xiaomi, turn on the air conditioner in the living room", COOL),
    ("Hey Xiaomi, please switch the living room AC on", COOL),
    ("Hey Xiaomi, cool down the living room", COOL),
    ("Hey Xiaomi, turn off the heater in the living room", OFF),
    ("Hey Xiaomi, stop the living room cooling", OFF),
    ("Hey Xiaomi, turn on the heater in the bedroom", BEDROOM_HEAT),
    ("Hey Xiaomi, warm up our bedroom to 22 degrees", BEDROOM_HEAT_22),
    ("Hey Xiaomi, cool the bedroom down to 24", BEDROOM_COOL_24),
    ("Hey Xiaomi, turn the climate control in the bedroom off", BEDROOM_OFF),
    ("Hey Xiaomi, set the temperature of the bedroom to twenty", BEDROOM_20),
    ("Hey Xiaomi, lock the car", LOCK),
    ("Hey Xiaomi: would you please lock up my car now", LOCK),
    ("Hey Xiaomi, lock the SU7", LOCK),
    ("Hey Xiaomi, lock the doors of the car", LOCK),
    ("小爱同学, lock the car doors", LOCK),
    ("Hey Xiaomi, turn on the heater at home", "ambiguous"),
    ("Hey Xiaomi, turn off the climate", "ambiguous"),
    ("Hey Xiaomi, set the temperature to 21 degrees", "ambiguous"),
    ("Hey Xiaomi, turn on the climate in the bedroom", "ambiguous"),
    ("Hey Xiaomi, unlock the car", "not_allowed_by_voice"),
    ("Hey Xiaomi, un-lock the car", "not_allowed_by_voice"),
    ("Hey Xiaomi, open all doors", "not_allowed_by_voice"),
    ("Hey Xiaomi, open everything", "not_allowed_by_voice"),
    ("Hey Xiaomi, lock the car and then open the boot", "not_allowed_by_voice"),
    ("Hey Xiaomi, turn on the heater in the bedroom and unlock the car", "not_allowed_by_voice"),
    ("Hey Xiaomi, drive", "not_allowed_by_voice"),
    ("Hey Xiaomi, please park over there", "not_allowed_by_voice"),
    ("Hey Xiaomi, move the car", "not_allowed_by_voice"),
    ("Hey Xiaomi, 打开所有门", "not_allowed_by_voice"),
    ("turn on the heater in the living room", "no_wake_word"),
    ("unlock the car", "no_wake_word"),
    ("please hey xiaomi, lock the car", "no_wake_word"),
    ("Hey Xiaomi", "not_understood"),
    ("Hey Xiaomi, what is the weather like?", "not_understood"),
    ("Hey Xiaomi, don't turn on the heater in the bedroom", "not_understood"),
    ("Hey Xiaomi, never lock the car", "not_understood"),
    ("Hey Xiaomi, turn on the heater in the garage", "not_understood"),
    ("Hey Xiaomi, turn on the heater in the kitchen", "not_understood"),
    ("Hey Xiaomi, turn on the heater in the bedroom and play music", "not_understood"),
    ("Hey Xiaomi, set the bedroom heater to 45 degrees", "not_understood"),
    ("Hey Xiaomi, set the bedroom heater to —20 degrees", "not_understood"),
    ("Hey Xiaomi, set the bedroom heater to 21:30", "not_understood"),
    ("Hey Xiaomi, set the bedroom to 70 degrees fahrenheit", "not_understood"),
    ("Hey Xiaomi, lock the front door", "not_understood"),
    ("Hey Xiaomi, 锁车", "not_understood"),
]

CHINESE: list[tuple[str, Act | str]] = [
    ("小爱同学，打开客厅的暖气", HEAT),
    ("小爱同学：请帮我打开家里客厅的暖气。", HEAT),
    ("小爱同学, 开客厅暖气吧", HEAT),
    ("小爱同学，把客厅的暖气打开", HEAT),
    ("小爱同学，打 开 客 厅 的 取 暖 器", HEAT),
    ("小爱同学，给客厅加热一下", HEAT),
    ("Hey Xiaomi，打开客厅的暖气！", HEAT),
    ("小爱同学，打开living room的暖气", HEAT),
    ("小爱同学，把客厅加热到21度", HEAT_21),
    ("小爱同学，把客厅的暖气调到二十一度", HEAT_21),
    ("小爱同学，客厅暖气２１度", HEAT_21),
    ("小爱同学，打开客厅的暖气并调到21℃", HEAT_21),
    ("小爱同学，设置客厅的暖气到 21 摄氏度", HEAT_21),
    ("小爱同学，把客厅的温度调到21度", TARGET_21),
    ("小爱同学，客厅温度设为二十一度", TARGET_21),
    ("小爱同学，打开客厅的空调", COOL),
    ("小爱同学，请启动客厅冷气", COOL),
    ("小爱同学，给客厅降温", COOL),
    ("小爱同学，关掉客厅的暖气", OFF),
    ("小爱同学，关闭客厅的温控器", OFF),
    ("小爱同学，打开卧室里的暖气", BEDROOM_HEAT),
    ("小爱同学，让卧室暖和起来", BEDROOM_HEAT),
    ("小爱同学，把卧室升温到22度", BEDROOM_HEAT_22),
    ("小爱同学，打开卧室的空调，调到24度", BEDROOM_COOL_24),
    ("小爱同学，关掉卧室的空调", BEDROOM_OFF),
    ("小爱同学，麻烦你帮我把卧室的空调关了", BEDROOM_OFF),
    ("小爱同学，把卧室温度设定为二十度", BEDROOM_20),
    ("小爱同学，锁车", LOCK),
    ("小爱同学：请锁上车门", LOCK),
    ("小爱同学，把我的车锁好", LOCK),
    ("小爱同学，把SU7锁上吧", LOCK),
    ("小爱同学，打开家里的暖气", "ambiguous"),
    ("小爱同学，关掉空调", "ambiguous"),
    ("小爱同学，温度调到21度", "ambiguous"),
    ("小爱同学，打开卧室的恒温器", "ambiguous"),
    ("小爱同学，打开所有门", "not_allowed_by_voice"),
    ("小爱同学，解锁", "not_allowed_by_voice"),
    ("小爱同学，把车门打开", "not_allowed_by_voice"),
    ("小爱同学，请打开后备箱", "not_allowed_by_voice"),
    ("小爱同学，打开车子", "not_allowed_by_voice"),
    ("小爱同学，打开一切", "not_allowed_by_voice"),
    ("小爱同学，打开所有东西", "not_allowed_by_voice"),
    ("小爱同学，打 开 车 窗", "not_allowed_by_voice"),
    ("小爱同学，打开卧室的暖气，再开车门", "not_allowed_by_voice"),
    ("小爱同学，开车回家", "not_allowed_by_voice"),
    ("小爱同学，帮我停车", "not_allowed_by_voice"),
    ("小爱同学，unlock the car", "not_allowed_by_voice"),
    ("打开客厅的暖气", "no_wake_word"),
    ("开门", "no_wake_word"),
    ("小爱，锁车", "no_wake_word"),
    ("小爱同学", "not_understood"),
    ("小爱同学，今天天气怎么样？", "not_understood"),
    ("小爱同学，别打开卧室的暖气", "not_understood"),
    ("小爱同学，不要锁车", "not_understood"),
    ("小爱同学，打开车库的暖气", "not_understood"),
    ("小爱同学，打开厨房的暖气", "not_understood"),
    ("小爱同学，打开卧室的暖气然后放音乐", "not_understood"),
    ("小爱同学，卧室暖气四十五度", "not_understood"),
    ("小爱同学，卧室暖气调到-20度", "not_understood"),
    ("小爱同学，把卧室温度调到华氏七十度", "not_understood"),
    ("小爱同学，lock the car", "not_understood"),
]


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    """An assistant where two rooms have a climate unit each."""
    return Assistant(two_heaters())


def _outcome(heard: Understood | NotUnderstood) -> AnyAct | str:
    if isinstance(heard, NotUnderstood):
        return heard.code
    (act,) = heard.acts
    return act


@pytest.mark.parametrize(("sentence", "expected"), ENGLISH)
def test_english_sentence_becomes_act_or_refusal(
    assistant: Assistant, sentence: str, expected: Act | str
) -> None:
    """An English sentence is exactly the act it asks for, or is refused with the right code."""
    assert _outcome(assistant.hear(sentence, language="en")) == expected


@pytest.mark.parametrize(("sentence", "expected"), CHINESE)
def test_chinese_sentence_becomes_act_or_refusal(
    assistant: Assistant, sentence: str, expected: Act | str
) -> None:
    """A Chinese sentence is exactly the act it asks for, or is refused with the right code."""
    assert _outcome(assistant.hear(sentence, language="zh")) == expected


def test_every_answer_is_in_the_language_of_the_sentence(assistant: Assistant) -> None:
    """The assistant answers a person in the person's language, and says nothing to whom did not call it."""
    english = [assistant.hear(sentence, language="en") for sentence, _ in ENGLISH]
    chinese = [assistant.hear(sentence, language="zh") for sentence, _ in CHINESE]

    assert all(answer.spoken.isascii() for answer in english)
    assert not any(answer.spoken.isascii() for answer in chinese if _outcome(answer) != "no_wake_word")
    assert {answer.spoken for answer in english + chinese if _outcome(answer) == "no_wake_word"} == {""}


def test_assistants_of_the_same_household_agree() -> None:
    """The same sentence means the same, whenever and to whichever assistant it is said."""
    one, other = Assistant(two_heaters()), Assistant(two_heaters())

    heard = [one.hear(sentence, language="en") for sentence, _ in ENGLISH]
    again = [other.hear(sentence, language="en") for sentence, _ in reversed(ENGLISH)]

    assert heard == again[::-1]


@pytest.mark.parametrize(
    ("language", "sentence", "spoken"),
    [
        ("en", "Hey Xiaomi, turn on the heater at home", "I will ask the heater in the living room to heat."),
        (
            "en",
            "Hey Xiaomi, cool my home to 24.5",
            "I will ask the air conditioner in the living room to cool to 24.5 degrees.",
        ),
        (
            "en",
            "Hey Xiaomi, turn the heater off",
            "I will ask the climate unit in the living room to switch off.",
        ),
        (
            "en",
            "Hey Xiaomi, set the temperature to 20",
            "I will ask the climate unit in the living room for 20 degrees.",
        ),
        ("en", "Hey Xiaomi, lock the car", "I will ask su7 to lock."),
        ("zh", "小爱同学，打开家里的暖气", "我会请客厅的暖气开始制热。"),
        ("zh", "小爱同学，打开空调到24.5度", "我会请客厅的空调制冷到24.5度。"),
        ("zh", "小爱同学，关掉空调", "我会请客厅的空调关机。"),
        ("zh", "小爱同学，温度调到20度", "我会请客厅的空调调到20度。"),
        ("zh", "小爱同学，锁车", "我会请su7锁车。"),
    ],
)
def test_answer_announces_what_is_asked(language: Language, sentence: str, spoken: str) -> None:
    """With one unit no room need be named, and the answer says what will be asked, not that it is done."""
    heard = Assistant(one_heater()).hear(sentence, language=language)

    assert isinstance(heard, Understood)
    assert heard.spoken == spoken


@pytest.mark.parametrize("degrees", [TARGET_MIN_C, TARGET_MAX_C])
def test_least_and_greatest_temperature_are_understood(degrees: int) -> None:
    """The ends of the range belong to it."""
    heard = Assistant(one_heater()).hear(f"Hey Xiaomi, set the heater to {degrees}", language="en")

    assert _outcome(heard) == SetClimate(device="heater", mode="heat", target_c=degrees)


@pytest.mark.parametrize(
    ("language", "sentence", "spoken"),
    [
        ("en", "Hey Xiaomi, set the heater to 15.5", "I can set 16 to 30, not 15.5."),
        ("en", "Hey Xiaomi, set the heater to thirty-one", "I can set 16 to 30, not 31."),
        ("zh", "小爱同学，暖气调到三十一度", "我只能设置16到30，不能设置31。"),
    ],
)
def test_temperature_beyond_the_range_is_refused_clearly(
    language: Language, sentence: str, spoken: str
) -> None:
    """A temperature no unit takes gets an answer that names the range."""
    heard = Assistant(one_heater()).hear(sentence, language=language)

    assert isinstance(heard, NotUnderstood)
    assert heard.code == "not_understood"
    assert heard.spoken == spoken
    assert heard.reason.endswith("°C is not between 16 and 30 °C")


def test_ambiguous_sentence_gets_a_question_that_names_the_rooms(assistant: Assistant) -> None:
    """With two units and no room named, the assistant asks which room."""
    english = assistant.hear("Hey Xiaomi, turn on the heater at home", language="en")
    chinese = assistant.hear("小爱同学，打开家里的暖气", language="zh")

    assert english == NotUnderstood(
        "it could mean `living room`, `bedroom`", "Which one: living room or bedroom?", "ambiguous"
    )
    assert chinese == NotUnderstood("it could mean `客厅`, `卧室`", "您要哪一个：客厅还是卧室？", "ambiguous")


def test_rooms_of_two_homes_are_asked_for_with_their_homes() -> None:
    """Two living rooms in two homes are told apart by the home, and the home can be named."""
    homes = {"flat": ("living_room",), "summer_house": ("living_room",)}
    units = (("heater", "flat", "living_room"), ("stove", "summer_house", "living_room"))
    assistant = Assistant(household(*units, homes=homes))

    question = assistant.hear("Hey Xiaomi, turn on the heater at home", language="en")
    named = assistant.hear("Hey Xiaomi, turn on the heater at the summer house", language="en")
    in_chinese = assistant.hear("小爱同学，打开暖气", language="zh")

    assert question.spoken == "Which one: living room at flat or living room at summer house?"
    assert _outcome(named) == SetClimate(device="stove", mode="heat")
    assert in_chinese.spoken == "您要哪一个：flat的客厅还是summer house的客厅？"


@pytest.mark.parametrize("name", ["home", "house"])
def test_home_with_the_plain_name_is_the_one_meant(name: str) -> None:
    """Of two homes, one that is called as people call theirs is meant by those words."""
    units = (("stove", "cabin", "hall"), ("heater", name, "hall"))
    assistant = Assistant(household(*units, homes={"cabin": ("hall",), name: ("hall",)}))

    heard = assistant.hear(f"Hey Xiaomi, turn on the heater in the hall at the {name}", language="en")

    assert _outcome(heard) == HEAT


def test_two_units_in_one_room_are_told_apart_by_their_names() -> None:
    """What a room cannot tell apart is asked for by name, and not guessed."""
    assistant = Assistant(household(("left", "home", "study"), ("right", "home", "study")))

    heard = assistant.hear("Hey Xiaomi, turn on the heater in the study", language="en")

    assert heard == NotUnderstood("it could mean `left`, `right`", "Which one: left or right?", "ambiguous")


def test_room_without_a_name_of_its_own_in_chinese_is_called_as_in_the_household() -> None:
    """A room whose Chinese name is not known can still be named."""
    assistant = Assistant(household(("heater", "home", "tea_room"), homes={"home": ("tea_room",)}))

    heard = assistant.hear("小爱同学，打开tea room的暖气", language="zh")

    assert heard == Understood((HEAT,), "我会请茶室的暖气开始制热。")


def test_car_is_asked_for_when_there_are_two() -> None:
    """With two cars the assistant asks which, and a named one is locked."""
    assistant = Assistant(household(cars=("su7", "yu-7")))

    question = assistant.hear("Hey Xiaomi, lock the car", language="en")
    named = assistant.hear("Hey Xiaomi, lock the car SU7", language="en")

    assert question == NotUnderstood("it could mean `su7`, `yu 7`", "Which one: su7 or yu 7?", "ambiguous")
    assert _outcome(named) == LOCK


def test_household_without_car_or_climate_unit_says_so() -> None:
    """What the household does not have is not promised."""
    assistant = Assistant(household(cars=(), homes={}))

    assert assistant.hear("Hey Xiaomi, lock the car", language="en") == NotUnderstood(
        "the household has no car", "There is no car that I could ask.", "not_understood"
    )
    assert assistant.hear("Hey Xiaomi, turn off the heater", language="en") == NotUnderstood(
        "no climate stands there", "There is no such device there.", "not_understood"
    )


def test_overlong_sentence_is_not_understood(assistant: Assistant) -> None:
    """A sentence longer than anybody speaks is refused before it costs time."""
    wish = "lock the car " + "now " * SENTENCE_LENGTH_MAX

    heard = assistant.hear(f"Hey Xiaomi, {wish}", language="en")

    assert isinstance(heard, NotUnderstood)
    assert heard.reason == "it is longer than 200 characters"
