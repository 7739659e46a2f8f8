"""Sentences on the stage: who is served, what is asked with which note, what is said aloud and when."""

from typing import Any, ClassVar

import pytest

from sim.devices.watch import Watch
from sim.scenario.cases import MASK
from sim.scenario.run import CaseResult
from tests.scenario.stories import HEAD, KINDS, WANG, House, fails, passes, play, refusal

HOUSE = """household:
  extends: wang
  devices:
    ceiling_light: {kind: light, home: home, room: living_room}
    bedside_lamp: {kind: light, home: home, room: bedroom}
    bedroom_heater: {kind: climate, home: home, room: bedroom}
    speaker: {kind: speaker, home: home, room: living_room}
"""


def story(*steps: str, given: str = "{su7: {gear: P, driver: lin}}") -> str:
    """Return a scenario in a household in which much can be meant."""
    return HEAD.replace("household: wang\n", HOUSE) + f"given: {given}\nsteps:\n" + "".join(steps)


def say(sentence: str, by: str = "lin", device: str = "dash", alias: str = "wish") -> str:
    """Return a step in which somebody says something."""
    return f"  - say: '{sentence}'\n    by: {by}\n    from: {device}\n    as: {alias}\n"


def expect(conditions: str, within: str = "4s") -> str:
    """Return a step that expects something."""
    return f"  - expect: {{{conditions}}}\n    within: {within}\n"


def of_kind(result: CaseResult, kind: str) -> list[dict[str, Any]]:
    """Return the records of one kind."""
    return [record for record in result.records if record["kind"] == kind]


def test_what_is_said_aloud_is_recorded_before_and_after_the_act() -> None:
    """First that it will ask, and once the act has ended how; by the device that heard, in its language."""
    result = passes(
        story(say("Hey Xiaomi, turn on the heater in the bedroom"), expect("wish: done, spoken: Done."))
    )

    assert [(one["device"], one["lang"], one["text"]) for one in of_kind(result, "spoken")] == [
        ("dash", "en", "I will ask the heater in the bedroom to heat."),
        ("dash", "en", "Done."),
    ]


@pytest.mark.parametrize(
    ("sentence", "device", "shown"),
    [
        ("Hey Xiaomi, turn on the heater in the bedroom", "dash", True),
        ("Hey Xiaomi, turn on the light", "dash", True),
        ("Hey Xiaomi, my password is Quokka", "speaker", False),
        ("my password is Quokka", "speaker", False),
        ("Hey Xiaomi, play Quokka", "speaker", False),
        ("Hey Xiaomi, my password is Quokka", "outside", False),
    ],
)
def test_sentence_that_is_not_understood_or_has_a_title_is_not_recorded(
    sentence: str,
    device: str,
    shown: bool,  # noqa: FBT001  # a table
) -> None:
    """Whoever speaks to a friend near a microphone wrote it into no recording."""
    result = play(story(say(sentence, device=device)))

    (step,) = of_kind(result, "step")
    assert step["text"] == (f"- say: '{sentence}'" if shown else f"- say: {MASK}")
    assert "Quokka" not in repr(result.records)


def test_sentence_on_lines_of_its_own_is_in_no_record() -> None:
    """Its step shows the line of its key."""
    folded = "  - say:\n      Hey Xiaomi, my password is Quokka\n    by: lin\n    from: dash\n"
    (step,) = of_kind(play(story(folded)), "step")
    assert step["text"] == "- say:"


@pytest.mark.parametrize(
    ("pattern", "holds"),
    [
        ("Which one: living room or bedroom?", True),
        ("Which one: *?", True),
        ("*bedroom*", True),
        ("*", True),
        ("bedroom", False),
        ("which one*", False),
        ("Which one. living room or bedroom?", False),
    ],
)
def test_spoken_is_held_against_a_pattern(pattern: str, holds: bool) -> None:  # noqa: FBT001  # a row's cell
    """A star stands for any words; everything else must be said as it is written."""
    text = story(say("Hey Xiaomi, turn on the heater at home"), expect(f'wish: failed, spoken: "{pattern}"'))

    if holds:
        passes(text)
    else:
        sentence, *_ = fails(text)
        assert "spoken Which one: living room or bedroom?" in sentence


@pytest.mark.parametrize(
    ("conditions", "sentence"),
    [
        ("spoken: Done.", "`spoken` is about a command, and here are 0 commands"),
        ("one: done, two: done, spoken: Done.", "`spoken` is about a command, and here are 2 commands"),
        ("one: done, spoken: 5", "`spoken` is text"),
    ],
)
def test_spoken_belongs_to_one_command_and_is_text(conditions: str, sentence: str) -> None:
    """What was said is said about something."""
    text = story(say("Hey Xiaomi, lock the car", alias="one"), say("Hey Xiaomi, lock it", alias="two"))

    assert str(refusal(text + expect(conditions)).sentence) == sentence


def test_nothing_is_called_spoken() -> None:
    """The word means something else in a condition."""
    sentence = refusal(story(say("Hey Xiaomi, lock the car", alias="spoken"))).sentence

    assert sentence == "`spoken` already means something else in a condition"


def test_microphone_that_does_not_listen_is_refused_by_its_name() -> None:
    """Also when the voice comes through a window."""
    assert (
        refusal(story(say("hey", device="outside heater"))).sentence == "`heater` is no device that listens"
    )


def test_several_devices_are_one_wish_that_is_done_when_all_are() -> None:
    """A name for a sentence stands for all of its acts; each of them is judged by itself."""
    result = passes(
        story(
            say("Hey Xiaomi, turn on all the lights"),
            expect('wish: done, ceiling_light.power: "on", bedside_lamp.power: "on", spoken: Done.'),
        )
    )

    assert [one["device"] for one in of_kind(result, "decision")] == ["ceiling_light", "bedside_lamp"]


def test_several_devices_are_not_done_as_long_as_one_is_not() -> None:
    """The wish ends as the first that was not done, and only when all have ended."""
    passes(
        story(
            "  - fault: {link: ceiling_light, partition: true}\n",
            say("Hey Xiaomi, turn on all the lights"),
            expect('bedside_lamp.power: "on"'),
            "  - never: {wish: [done, expired, failed]}\n",
            expect('wish: expired, spoken: "1 of 2 are done.*"', "2m"),
        )
    )


def test_acts_of_a_guest_are_each_refused_with_their_reason() -> None:
    """Rights are the speaker's, for every act of a sentence; the answer says why nothing happened."""
    result = passes(
        story(
            say("Hey Xiaomi, turn on all the lights", by="jun", device="speaker"),
            expect(
                'wish: denied, kind: not_permitted, spoken: "0 of 2 are done. No: no rule permits*", '
                'ceiling_light.power: "off"'
            ),
        )
    )

    assert [one["by"] for one in of_kind(result, "decision")] == ["jun", "jun"]


def test_voice_is_told_to_the_rules_and_a_hand_is_not() -> None:
    """A command by voice says so, in what is signed and in what the rules are asked; a touch does not."""
    touch = "  - do: dash.set_climate\n    with: {device: heater, mode: heat}\n"
    result = passes(
        story(
            say("Hey Xiaomi, turn on the heater in the living room"),
            say("Hey Xiaomi, turn on the heater in the living room", device="outside dash", alias="shouted"),
            touch,
            expect("shouted: denied, rule: voice-from-outside-only-locks"),
        )
    )
    signed = [one["signed"]["voice"] for one in of_kind(result, "message") if "/cmd/" in one["topic"]]

    assert signed == ["inside", "outside", None]
    assert [one["request"]["voice"] for one in of_kind(result, "decision")] == ["inside", "outside", None]


def test_what_follows_from_a_sentence_is_asked_by_voice_as_well() -> None:
    """The dashboard asks itself, then the camera; the key says hello, then unlocks: all of it by voice."""
    look = passes(
        story(
            "  - do: phone.set_consent\n    with: {camera: camera, person: lin, granted: true}\n",
            say("Hey Xiaomi, show me the camera"),
            expect("wish: done"),
        )
    )
    unlock = passes(
        story(
            say("Hey Xiaomi, unlock the car", device="phone"),
            expect("wish: denied, rule: voice-opens-nothing, su7.locked: true", "10s"),
            given="{su7: {gear: P, locked: true}, phone: {carrier: lin}, lin: {from_su7: 1 m}}",
        )
    )

    asked = [(one["action"], one["request"]["voice"]) for one in of_kind(look, "decision")]
    assert asked[1:] == [("show_camera", "inside"), ("snapshot", "inside")]
    asked = [(one["action"], one["request"]["voice"]) for one in of_kind(unlock, "decision")]
    assert asked == [("key_hello", "inside"), ("unlock", "inside")]


@pytest.mark.parametrize(
    ("sentence", "device", "status", "reason"),
    [
        ("Hey Xiaomi, show me the camera", "phone", "failed", "phone cannot ask for that"),
        ("Hey Xiaomi, open the boot", "dash", "failed", "voice opens no lock, door or boot and moves no car"),
        ("Hey Xiaomi, how much battery has the car?", "dash", "done", ""),
    ],
)
def test_what_a_device_has_no_button_for_it_does_not_do(
    sentence: str, device: str, status: str, reason: str
) -> None:
    """A sentence does what a touch of that very device could have done, and nothing else."""
    result = passes(story(say(sentence, device=device), expect(f"wish: {status}")))

    assert [one["reason"] for one in of_kind(result, "command")] == [reason]


def test_device_without_power_hears_and_says_nothing() -> None:
    """Nor does one that loses it before the act has ended say how that went."""
    down = passes(
        story("  - fault: {crash: dash}\n", say("Hey Xiaomi, lock the car"), expect("wish: failed"))
    )
    dies = passes(
        story(
            "  - fault: {link: heater, partition: true}\n",
            say("Hey Xiaomi, turn on the heater in the living room"),
            "  - fault: {crash: dash}\n",
            expect("wish: failed"),
        )
    )

    assert of_kind(down, "spoken") == []
    assert len(of_kind(dies, "spoken")) == 1


def test_stranger_is_told_that_he_is_not_served_and_who_has_not_called_is_told_nothing() -> None:
    """Silence for what is no sentence to the assistant, an answer for what is."""
    result = passes(
        story(
            say("Hey Xiaomi, lock the car", by="stranger"),
            say("lock the car", by="stranger", alias="not_called"),
            expect("wish: failed, not_called: failed"),
        )
    )

    assert [one["text"] for one in of_kind(result, "spoken")] == [
        "Sorry, I do nothing for a voice that I do not know."
    ]


def test_question_is_open_at_its_own_microphone_only() -> None:
    """What one device asked is not answered to another; chatter leaves it open, an answer closes it."""
    passes(
        story(
            say("Hey Xiaomi, turn on the heater at home"),
            say("the bedroom", device="speaker", alias="elsewhere"),
            say("what a lovely day", alias="chatter"),
            say("the bedroom", alias="answer"),
            say("the living room", alias="closed"),
            expect("elsewhere: failed, chatter: failed, answer: done, closed: failed, heater.mode: 'off'"),
        )
    )


def test_sentences_need_no_name() -> None:
    """What nobody asks about is said all the same, also to nobody."""
    text = say("Hey Xiaomi, turn on the heater in the living room").replace("    as: wish\n", "")
    unheard = say("Hey Xiaomi, lock the car", device="outside").replace("    as: wish\n", "")

    result = passes(story(unheard, text, expect("heater.mode: heat")))

    assert of_kind(result, "command")[0]["reason"] == "a voice from outside is not listened to"


def test_personal_device_serves_its_owner_only() -> None:
    """Mei's voice at Lin's phone moves nothing, and is told so."""
    passes(
        story(
            say("小爱同学，锁车", by="mei", device="phone"),
            expect("wish: failed, spoken: 抱歉，我只听主人的声音。"),
        )
    )


def test_device_without_a_button_asks_as_it_asks_any_device() -> None:
    """The speaker is no key and not built into the car: it can ask it to lock, and the rules refuse that."""
    passes(
        story(
            say("Hey Xiaomi, lock the car", device="speaker"),
            expect("wish: denied, rule: key-or-built-in"),
            say("Hey Xiaomi, set the volume to 20 percent", device="watch", alias="volume"),
            expect("volume: done, speaker.volume: 20 %"),
        )
    )


class CarWatch(Watch):
    """A watch that may ask cars and nothing at home."""

    asks: ClassVar = ("car",)  # type: ignore[assignment]  # fewer than a watch may


def test_device_asks_only_whom_it_may_ask() -> None:
    """What the broker would not pass on for a device is not even tried."""
    house = House("wang", WANG.text, {**KINDS, "watch": CarWatch})
    text = story(say("Hey Xiaomi, set the volume to 20 percent", device="watch"), expect("wish: failed"))

    result = passes(text, house)

    assert of_kind(result, "command")[0]["reason"] == "watch cannot ask for that"
