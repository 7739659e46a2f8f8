"""What depends on where a sentence is heard, on what is known there, and on what the household has."""

from dataclasses import replace
from typing import Any

import pytest

from sim.core.beliefs import Belief, Beliefs
from sim.core.device import Config
from sim.core.household import DeviceEntry, Household
from sim.services.voice.assistant import Assistant
from sim.services.voice.meaning import Listening
from sim.services.voice.parts import PARTS_MAX
from sim.services.voice.replies import Heard, NotUnderstood, Reply, Understood
from sim.services.voice.speech import language_of
from sim.services.voice.tongues import TONGUES
from tests.services.small_household import household, one_heater
from tests.services.talking_household import NOW_MS, beliefs, listening, talking_household
from tests.services.voice_tables import WAKE_WORDS, outcome_of


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    """The assistant of the household of the tables."""
    return Assistant(talking_household())


def hear(assistant: Assistant, sentence: str, where: Listening | None = None) -> Heard:
    """Say a sentence after its wake word."""
    language = language_of(sentence)
    place = listening() if where is None else where
    return assistant.hear(WAKE_WORDS[language] + sentence, language=language, listening=place)


def knowing(device: str, **values: Any) -> Listening:
    """Return a phone that has heard this of one device, and nothing else."""
    belief = Belief(values, NOW_MS, (1, 1), "unknown")
    return listening(beliefs=Beliefs().heard(device, "report", belief).online(device, online=True))


def without(*names: str) -> Household:
    """Return the household without some of its devices."""
    whole = talking_household()
    return replace(whole, devices={name: one for name, one in whole.devices.items() if name not in names})


@pytest.mark.parametrize(
    ("microphone", "sentence", "acts"),
    [
        ("tv", "turn on the heater", ["heater.set_climate mode=heat"]),
        ("tv", "turn on the lights", ["ceiling_light.set_light power=on", "floor_lamp.set_light power=on"]),
        ("speaker", "开灯", ["ceiling_light.set_light power=on", "floor_lamp.set_light power=on"]),
        ("tv", "turn it up", ["tv.set_volume volume_percent=30"]),
        ("tv", "turn on the light in the kitchen", ["kitchen_light.set_light power=on"]),
        ("tv", "turn on the purifier", ["purifier.set_purifier power=on"]),
        ("dash", "turn on the AC", ["su7.set_cabin target_c=22"]),
        ("dash", "turn off the AC", ["su7.set_cabin climate=off"]),
        ("dash", "turn on the AC in the bedroom", ["bedroom_ac.set_climate mode=cool"]),
        ("dash", "set the temperature to 20", ["su7.set_cabin target_c=20"]),
        ("dash", "set the temperature in the bedroom to 20", ["bedroom_ac.set_climate target_c=20"]),
        ("dash", "preheat the car to 20", ["su7.precondition target_c=20"]),
        ("dash", "turn off the car's heating", ["su7.set_cabin climate=off"]),
        ("phone", "turn off the car's heating", ["su7.stop_preconditioning"]),
    ],
)
def test_where_a_sentence_is_heard_says_what_is_near(
    assistant: Assistant, microphone: str, sentence: str, acts: list[str]
) -> None:
    """A microphone's own room or car is meant when nothing else is said, as far as it has such a thing."""
    assert outcome_of(hear(assistant, sentence, listening(microphone)), microphone) == ("do", acts)


@pytest.mark.parametrize(
    ("device", "believed", "sentence", "outcome"),
    [
        ("heater", {"target_c": 29.5, "mode": "heat"}, "make the living room warmer", "target_c=30"),
        ("heater", {"target_c": 30.0, "mode": "heat"}, "make the living room warmer", None),
        ("heater", {"target_c": 30.0, "mode": "off"}, "make the living room warmer", "mode=heat target_c=30"),
        ("heater", {"target_c": 20.0, "mode": "heat"}, "make the living room cooler", "target_c=19"),
        ("desk_lamp", {"brightness_percent": 90.0, "power": "on"}, "brighten the desk lamp", "=100 power=on"),
        ("desk_lamp", {"brightness_percent": 100.0, "power": "on"}, "brighten the desk lamp", None),
        ("desk_lamp", {"brightness_percent": 10.0, "power": "on"}, "dim the desk lamp", "=1 power=on"),
        ("desk_lamp", {"brightness_percent": 50.0, "power": "off"}, "dim the desk lamp", None),
        (
            "desk_lamp",
            {"brightness_percent": 50.0, "power": "off"},
            "brighten the desk lamp",
            "set_light power=on",
        ),
        ("speaker", {"volume_percent": 95.0}, "volume up", "=100"),
        ("speaker", {"volume_percent": 100.0}, "volume up", None),
        ("speaker", {"volume_percent": 4.0}, "volume down", "=0"),
    ],
)
def test_step_ends_at_the_end_of_the_range(
    assistant: Assistant, device: str, believed: dict[str, Any], sentence: str, outcome: str | None
) -> None:
    """What cannot go further says so, and is not asked in vain."""
    heard = hear(assistant, sentence, knowing(device, **believed))

    if outcome is None:
        assert heard.spoken == "It cannot go any further."
    else:
        ((act,), kind) = outcome_of(heard)[::-1]
        assert kind == "do"
        assert act.endswith(outcome)


def test_change_by_more_than_anybody_wants_is_asked_about(assistant: Assistant) -> None:
    """`Up by 22 degrees` was meant as `to 22 degrees`, or nobody knows."""
    heard = hear(assistant, "turn the living room heating up by 22 degrees")

    assert heard.spoken == "To how many degrees?"


@pytest.mark.parametrize(
    ("sentence", "spoken"),
    [
        ("set the volume to 150 percent", "I can set 0 to 100, not 150."),
        ("set the seat heating of the passenger seat to 5", "I can set 0 to 3, not 5."),
        ("preheat the car to 40 degrees", "I can set 16 to 30, not 40."),
        ("set the bedroom light to 0 percent", "I will ask bedside lamp to switch off."),
        ("charge the car to full", "I will ask su7 to charge to 100 percent."),
        ("set the desk lamp to 900 kelvin", "I can set 2200 to 6500, not 900."),
        ("play", "I will ask speaker to play."),
        ("mute", "I will ask speaker for volume 0."),
        ("turn off the lights in the living room", "I will ask 2 devices: ceiling light and floor lamp."),
    ],
)
def test_numbers_are_held_against_what_there_is(assistant: Assistant, sentence: str, spoken: str) -> None:
    """A number nothing can be set to gets an answer that names the range."""
    assert hear(assistant, sentence).spoken == spoken


@pytest.mark.parametrize(
    ("missing", "sentence", "spoken"),
    [
        (("su7",), "lock the car", "There is no car that I could ask."),
        (("su7",), "how much battery has the car", "There is no car that I could ask."),
        (("su7",), "preheat the car", "There is no car that I could ask."),
        (("purifier",), "turn on the air purifier", "There is no such device there."),
        (("purifier",), "set the air purifier to auto", "There is no such device there."),
        (("speaker", "tv"), "play some music", "There is no such device there."),
        (("speaker", "tv"), "pause the music", "There is no such device there."),
        (("speaker", "tv"), "set the volume to 20 percent", "There is no such device there."),
        (("speaker", "tv"), "volume up", "There is no such device there."),
        (("camera",), "show me the camera", "There is no such device there."),
        (("heater", "bedroom_ac"), "make the bedroom warmer", "There is no such device there."),
        (("heater", "bedroom_ac"), "how warm is it in the bedroom", "There is no such device there."),
        (("hub",), "good night", "There is no such scene."),
    ],
)
def test_what_the_household_lacks_is_not_promised(
    missing: tuple[str, ...], sentence: str, spoken: str
) -> None:
    """The assistant says that it is not there, and asks nobody."""
    assert hear(Assistant(without(*missing)), sentence).spoken == spoken


@pytest.mark.parametrize(
    "sentence",
    ["dim the lights in the garage", "make the lights in the garage warm white", "turn off everything"],
)
def test_household_without_anything_to_switch(sentence: str) -> None:
    """A home with a heater in it has no light; one without any device has nothing to switch off."""
    homes = {"home": ("garage",)}
    empty = Assistant(household(homes=homes))

    assert hear(empty, sentence).spoken == "There is no such device there."
    assert outcome_of(hear(Assistant(one_heater()), "turn off everything"))[0] == "do"
    assert hear(empty, "set the lights to 20 percent").spoken == "There is no such device there."


def test_television_plays_when_there_is_no_speaker() -> None:
    """What plays is a speaker first, and a television else."""
    assert outcome_of(hear(Assistant(without("speaker")), "play some music")) == ("do", ["tv.play_music"])


def test_destination_is_a_place_of_the_household_or_the_speakers_words(assistant: Assistant) -> None:
    """Homes and places are meant by their names; anything else is handed on as it was said."""
    abroad = Assistant(replace(talking_household(), homes={"flat": talking_household().homes["home"]}))
    nowhere = Assistant(replace(talking_household(), homes={}))

    assert outcome_of(hear(assistant, "take me to work"))[1] == ["su7.set_destination to=office"]
    assert outcome_of(hear(assistant, "navigate to the old bridge"))[1] == [
        "su7.set_destination to=old bridge"
    ]
    assert outcome_of(hear(abroad, "take me home"))[1] == ["su7.set_destination to=flat"]
    assert outcome_of(hear(nowhere, "take me home"))[1] == ["su7.set_destination to=home"]


def test_song_keeps_the_words_it_was_asked_for_with(assistant: Assistant) -> None:
    """Articles and particles that mean nothing elsewhere belong to a title."""
    assert outcome_of(hear(assistant, "play the sound of silence"))[1] == [
        "speaker.play_music title=the sound of silence"
    ]
    assert outcome_of(hear(assistant, "播放我的祖国"))[1] == ["speaker.play_music title=我的祖国"]
    assert outcome_of(hear(assistant, "play can you feel the love"))[1] == [
        "speaker.play_music title=can you feel love"
    ]
    assert outcome_of(hear(assistant, "play twenty one pilots"))[1] == [
        "speaker.play_music title=twenty one pilots"
    ]


def test_several_wishes_are_one_sentence_or_none(assistant: Assistant) -> None:
    """When one part cannot be, no part is begun; more parts than anybody says are not taken apart."""
    both = hear(assistant, "is the car locked and is the desk lamp on")
    far_too_many = " and ".join(["lock the car"] * (PARTS_MAX + 1))

    assert outcome_of(both) == ("ask", ["su7.locked", "desk_lamp.power"])
    assert outcome_of(hear(assistant, "lock the car, set the bedroom to 50 degrees"))[0] == "code"
    assert outcome_of(hear(assistant, "lock the car and turn on the light")) == ("code", ["ambiguous"])
    assert outcome_of(hear(assistant, far_too_many)) == ("code", ["not_understood"])
    assert outcome_of(hear(assistant, "关掉台灯，打开电视"))[1] == [
        "desk_lamp.set_light power=off",
        "tv.switch_tv power=on",
    ]


def test_place_of_one_part_holds_for_the_others(assistant: Assistant) -> None:
    """The heater and the lights in the living room are both in the living room."""
    heard = hear(assistant, "turn off the heater and the lights in the living room")

    assert outcome_of(heard)[1] == [
        "heater.set_climate mode=off",
        "ceiling_light.set_light power=off",
        "floor_lamp.set_light power=off",
    ]


@pytest.mark.parametrize(
    ("sentence", "acts"),
    [
        ("turn the desk lamp and the TV off", ["desk_lamp.set_light power=off", "tv.switch_tv power=off"]),
        (
            "turn the desk lamp and the TV and the coffee machine off",
            [
                "desk_lamp.set_light power=off",
                "tv.switch_tv power=off",
                "coffee_machine.switch_plug power=off",
            ],
        ),
        (
            "turn off the desk lamp and the TV and the coffee machine",
            [
                "desk_lamp.set_light power=off",
                "tv.switch_tv power=off",
                "coffee_machine.switch_plug power=off",
            ],
        ),
        ("把台灯和电视都关掉", ["desk_lamp.set_light power=off", "tv.switch_tv power=off"]),
        ("打开台灯和电视", ["desk_lamp.set_light power=on", "tv.switch_tv power=on"]),
    ],
)
def test_one_verb_holds_for_several_things(assistant: Assistant, sentence: str, acts: list[str]) -> None:
    """Nobody says the verb again for every lamp."""
    assert outcome_of(hear(assistant, sentence)) == ("do", acts)


@pytest.mark.parametrize(
    ("sentence", "spoken"),
    [
        ("set the bedroom light to one hundred and fifty percent", "I can set 0 to 100, not 150."),
        ("把卧室的灯调到百分之一百零五", "我只能设置0到100，不能设置105。"),
        ("set the desk lamp to two thousand seven hundred kelvin", "I will ask desk lamp for 2700 kelvin."),
        (
            "set the bedroom to twenty two and a half degrees",
            "I will ask the climate unit in the bedroom for 22.5 degrees.",
        ),
    ],
)
def test_long_numbers_are_read_as_they_are_said(assistant: Assistant, sentence: str, spoken: str) -> None:
    """Hundreds, thousands and halves, in words."""
    assert hear(assistant, sentence).spoken == spoken


def test_opening_is_named_for_the_rules_to_refuse(assistant: Assistant) -> None:
    """A single act that voice may not ask for is known as that act; as part of more it is not."""
    unlock = hear(assistant, "unlock the car")
    summon = hear(assistant, "把车开过来")
    more = hear(assistant, "lock the car and unlock the car")
    nothing = hear(Assistant(without("su7")), "unlock the car")

    assert isinstance(unlock, NotUnderstood)
    assert isinstance(summon, NotUnderstood)
    assert isinstance(more, NotUnderstood)
    assert isinstance(nothing, NotUnderstood)
    assert unlock.act is not None
    assert summon.act is not None
    assert (more.act, nothing.act) == (None, None)
    assert hear(Assistant(without("su7")), "summon the car") == nothing


def test_two_cars_are_asked_for_by_name() -> None:
    """Whose battery, with two cars, is a question back."""
    whole = talking_household()
    second = DeviceEntry("yu7", "car", Config(owner="mei"))
    assistant = Assistant(replace(whole, devices={**whole.devices, "yu7": second}))

    assert hear(assistant, "how much battery has the car").spoken == "Which one: su7 or yu7?"
    assert outcome_of(hear(assistant, "how much battery has the yu 7"))[1] == ["yu7.battery"]
    assert outcome_of(hear(assistant, "lock the car", listening("dash")))[1] == ["su7.lock"]


# --- answers to questions --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "spoken"),
    [
        ("what is the temperature in the bedroom", "It is 18 degrees in the bedroom."),
        ("what's the living room heater set to", "Heater is set to 21 degrees."),
        ("is the bedroom AC on", "Bedroom ac is off."),
        ("is the desk lamp on", "Desk lamp is on."),
        ("how bright is the desk lamp", "Desk lamp is at 60 percent."),
        (
            "how is the air in the bedroom",
            "The air in the bedroom has 35 micrograms of fine dust in a cubic metre.",
        ),
        ("is the car locked", "Su7 is locked."),
        ("is the boot closed", "The boot of su7 is closed."),
        ("are the car windows open", "The windows of su7 are closed."),
        ("how much battery has the car", "The battery of su7 is at 64 percent."),
        ("how far can I drive", "Su7 can go 312 kilometres."),
        ("is the car charging", "I do not know; I have heard nothing from su7."),
        ("how warm is it in the car", "It is 14 degrees in su7."),
        ("what is the volume of the speaker", "Speaker plays at volume 30."),
        ("what is playing on the TV", "I do not know; I have heard nothing from tv."),
        ("are the living room lights on", "Ceiling light is on. Floor lamp is on."),
        ("车锁了吗", "Su7锁好了。"),
        ("卧室多少度", "卧室的温度是18度。"),
    ],
)
def test_question_is_answered_out_of_what_is_believed(
    assistant: Assistant, sentence: str, spoken: str
) -> None:
    """A fresh value is told as it is, and nothing is made up for what was never heard."""
    assert hear(assistant, sentence).spoken == spoken


@pytest.mark.parametrize(
    ("age_ms", "online", "spoken"),
    [
        (60_000, True, "It is 18 degrees in the bedroom."),
        (900_000, True, "As of 15 minutes ago: it is 18 degrees in the bedroom."),
        (30_000, False, "As of 1 minute ago: it is 18 degrees in the bedroom."),
        (3_600_000, True, "As of 1 hour ago: it is 18 degrees in the bedroom."),
        (7_200_000, False, "As of 2 hours ago: it is 18 degrees in the bedroom."),
    ],
)
def test_old_value_is_told_with_its_age(assistant: Assistant, age_ms: int, online: bool, spoken: str) -> None:  # noqa: FBT001  # a row's cell
    """From a quarter of an hour on, or once its source is gone, a value is told with its age."""
    where = listening(beliefs=beliefs(age_ms=age_ms, online=online))

    assert hear(assistant, "what is the temperature in the bedroom", where).spoken == spoken


def test_questions_are_answered_to_those_whom_they_concern(assistant: Assistant) -> None:
    """A guest is told of the car he sits in and nothing of the home; a voice from outside is told nothing."""
    in_the_car = listening("dash", "jun")

    assert outcome_of(hear(assistant, "how far can I drive", in_the_car)) == ("ask", ["su7.range_m"])
    assert outcome_of(hear(assistant, "how far can I drive", listening("tv", "jun"))) == (
        "code",
        ["not_for_guests"],
    )
    assert outcome_of(hear(assistant, "is the heater in the living room on", in_the_car)) == (
        "code",
        ["not_for_guests"],
    )
    assert outcome_of(hear(assistant, "is the car locked", listening("dash", outside=True))) == (
        "code",
        ["not_for_guests"],
    )
    assert outcome_of(hear(assistant, "how warm is it in here", in_the_car)) == ("ask", ["su7.cabin_c"])
    assert outcome_of(hear(assistant, "is anything on in the kitchen"))[0] == "code"
    assert outcome_of(hear(assistant, "is anything still on"))[0] == "ask"


# --- how it ended ----------------------------------------------------------------------------------------


def ended(status: str, reason: str = "", **denial: Any) -> dict[str, Any]:
    """Return how one act ended."""
    return {"status": status, "reason": reason, "denial": denial}


def test_outcome_is_said_in_the_language_of_the_sentence() -> None:
    """Done is said in a word; a refusal with its reason; and of several, how many."""
    english, chinese = Reply(TONGUES["en"]), Reply(TONGUES["zh"])
    no = ended("denied", "the door is open", rules=("voice-opens-nothing",), kind="forbidden")

    assert english.outcome([ended("done")]) == "Done."
    assert english.outcome([no]) == "No: the door is open."
    assert chinese.outcome([no]) == "不行：不能凭一句话打开或启动任何东西。"
    assert chinese.outcome([ended("denied", "why", rules=("mine",), kind="forbidden")]) == "不行：why。"
    assert english.outcome([ended("failed", "it broke")]) == "That did not work: it broke."
    assert english.outcome([ended("done"), ended("expired")]) == (
        "1 of 2 are done. It was not answered in time."
    )
    assert isinstance(Understood((), ""), Understood)


def test_reason_is_no_wish(assistant: Assistant) -> None:
    """What only explains asks for nothing, whether first or last; alone it is not understood."""
    off = ("do", ["desk_lamp.set_light power=off"])

    assert outcome_of(hear(assistant, "I'm done working, turn the desk lamp off")) == off
    assert outcome_of(hear(assistant, "turn off the desk lamp because I am done working")) == off
    assert outcome_of(hear(assistant, "我写完作业了，把台灯关掉")) == off
    assert outcome_of(hear(assistant, "I am reading, it is too dark in the study"))[1] == [
        "desk_lamp.set_light brightness_percent=80 power=on"
    ]
    assert outcome_of(hear(assistant, "I'm done working, my head hurts")) == ("code", ["not_understood"])


def test_room_of_a_reason_is_meant_if_it_has_such_a_thing(assistant: Assistant) -> None:
    """In the kitchen its light is meant, and the television elsewhere; going to a room is not being there."""
    assert outcome_of(hear(assistant, "I'm in the kitchen, turn on the light"))[1] == [
        "kitchen_light.set_light power=on"
    ]
    assert outcome_of(hear(assistant, "I'm in the kitchen, turn on the TV"))[1] == ["tv.switch_tv power=on"]
    assert outcome_of(hear(assistant, "I'm going to the kitchen, turn on the light"))[1] == ["ambiguous"]
    assert outcome_of(hear(assistant, "客厅太黑了，开灯"))[1] == [
        "ceiling_light.set_light power=on",
        "floor_lamp.set_light power=on",
    ]


def test_wish_for_what_a_reason_named_is_for_that_thing(assistant: Assistant) -> None:
    """`It` is what was spoken of just before."""
    assert outcome_of(hear(assistant, "the desk lamp is too dim, make it brighter"))[1] == [
        "desk_lamp.set_light brightness_percent=80 power=on"
    ]
    assert outcome_of(hear(assistant, "I forgot to lock the car, please lock it"))[1] == ["su7.lock"]
    assert outcome_of(hear(assistant, "咖啡机不用了，关掉"))[1] == ["coffee_machine.switch_plug power=off"]


@pytest.mark.parametrize(
    "sentence",
    [
        "I'd like you to order a pizza, turn on the TV",
        "turn off the TV if the kids are asleep",
        "I finished so order a pizza, turn on the TV",
        "turn on the kitchen light at seven",
        "turn off the lights in the kitchen and the bathroom",
        ", ".join(["lock the car", *["I am tired"] * PARTS_MAX]),
        "我点了外卖，送上来",
        "如果没人就把厨房的灯关了",
        "打开厨房的灯和洗衣机",
        "turn off the TV, the dishwasher",
        "关掉电视，洗碗机",
    ],
)
def test_sentence_with_an_unknown_rest_is_not_half_obeyed(assistant: Assistant, sentence: str) -> None:
    """A condition, a time or another wish is no reason that could be left out."""
    assert outcome_of(hear(assistant, sentence)) == ("code", ["not_understood"])


@pytest.mark.parametrize(
    "sentence",
    [
        "I'm home, unlock the car",
        "turn on the kitchen light so I can unlock the car",
        "turn on the light and unlock the car",
        "the car should be unlocked",
        "make sure the boot is open",
        "我到家了，解锁车门",
        "出门前打开车门",
    ],
)
def test_no_form_of_words_opens_anything(assistant: Assistant, sentence: str) -> None:
    """A wish put as a statement, or with a reason, is refused like the command that it is."""
    assert outcome_of(hear(assistant, sentence)) == ("code", ["not_allowed_by_voice"])


def test_several_things_are_each_asked(assistant: Assistant) -> None:
    """Whatever is said of two things or rooms is said of each; one act is not asked for twice."""
    assert outcome_of(hear(assistant, "set the desk lamp and the kitchen light to 50 percent"))[1] == [
        "desk_lamp.set_light brightness_percent=50 power=on",
        "kitchen_light.set_light brightness_percent=50 power=on",
    ]
    assert outcome_of(hear(assistant, "I am done, set the desk lamp and the floor lamp to 30 percent"))[
        1
    ] == [
        "desk_lamp.set_light brightness_percent=30 power=on",
        "floor_lamp.set_light brightness_percent=30 power=on",
    ]
    assert outcome_of(hear(assistant, "turn off the TV, the coffee machine and the desk lamp"))[1] == [
        "tv.switch_tv power=off",
        "coffee_machine.switch_plug power=off",
        "desk_lamp.set_light power=off",
    ]
    assert outcome_of(hear(assistant, "关掉电视、咖啡机和台灯"))[1] == [
        "tv.switch_tv power=off",
        "coffee_machine.switch_plug power=off",
        "desk_lamp.set_light power=off",
    ]
    assert outcome_of(hear(assistant, "turn off the TV, the coffee machine")) == ("code", ["not_understood"])
    assert outcome_of(hear(assistant, "打开电视，关掉厨房的灯"))[1] == [
        "tv.switch_tv power=on",
        "kitchen_light.set_light power=off",
    ]
    assert outcome_of(hear(assistant, "kitchen and bedroom lights off"))[1] == [
        "kitchen_light.set_light power=off",
        "bedside_lamp.set_light power=off",
    ]
    assert outcome_of(hear(assistant, "关掉暖气和空调"))[1] == [
        "heater.set_climate mode=off",
        "bedroom_ac.set_climate mode=off",
    ]
    assert outcome_of(hear(assistant, "车别充电了，停止充电"))[1] == ["su7.stop_charging"]
    assert outcome_of(hear(assistant, "卧室的东西和厨房的灯都关掉"))[1] == [
        "bedside_lamp.set_light power=off",
        "bedroom_ac.set_climate mode=off",
        "purifier.set_purifier power=off",
        "kitchen_light.set_light power=off",
    ]


def test_light_called_like_any_light_is_that_one_where_it_hangs(assistant: Assistant) -> None:
    """`The ceiling light` is the device of that name; in a room without it, the light of that room."""
    assert outcome_of(hear(assistant, "turn off the ceiling light"))[1] == [
        "ceiling_light.set_light power=off"
    ]
    assert outcome_of(hear(assistant, "turn on the ceiling light in the kitchen"))[1] == [
        "kitchen_light.set_light power=on"
    ]


def test_climate_unit_does_what_its_name_says() -> None:
    """A unit named after neither heat nor cold can do either, and is asked about."""
    units = ("bedroom_ac", "home", "bedroom"), ("comfort_box", "home", "study")
    assistant = Assistant(household(*units))

    assert outcome_of(hear(assistant, "turn the bedroom AC on"))[1] == ["bedroom_ac.set_climate mode=cool"]
    assert outcome_of(hear(assistant, "turn on the comfort box")) == ("code", ["ambiguous"])
