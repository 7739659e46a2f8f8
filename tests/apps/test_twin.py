"""Twins: what is wished holds here at once, elsewhere when it gets there, and its author hears of it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

import pytest
from pydantic import ValidationError

from sim.apps.twins.intents import EVERYWHERE, Intent, sealed
from sim.apps.twins.messages import Delta, Outcome, Reported, SetDesired, Sync
from sim.apps.twins.settings import DEFAULTS
from sim.apps.twins.twin import Twin
from sim.apps.twins.wishes import ApplySetting, ChooseSetting, SetSetting, wish
from sim.core.beliefs import Beliefs
from sim.core.device import (
    Acted,
    Answer,
    Answered,
    Command,
    Commanded,
    Crashed,
    Learned,
    Moment,
    Provision,
    Request,
    Settle,
)
from sim.core.messages import COMMAND_BYTES_MAX, dump_json
from sim.services.cloud import Cloud
from sim.trust.derivation import intent_key, seed_for_scenario
from sim.trust.envelope import seal
from sim.trust.identity import Identity
from sim.world.orders import Order
from tests.apps.twins import House, Reply, ThingTwin
from tests.apps.twins import Order as SentOrder
from tests.senses import START_MS, FakeSenses, moment

EVERYBODY = ("cloud", "phone", "mei_phone", "tv")


def home(*names: str) -> House:
    """Return a house that has come to rest."""
    house = House(names or EVERYBODY)
    house.settle()
    return house


def status(house: House, ticket: str) -> tuple[str, str]:
    """Return what became of a wish, and why."""
    answer = house.answers[ticket]
    return answer.status, answer.reason


# --- wishes ---------------------------------------------------------------------------------------------


def test_a_wish_for_another_device_gets_there() -> None:
    """Lin sets the television at her phone; its author hears that the cloud has it."""
    house = home()

    ticket = house.wish("phone", "lin", device="tv", volume_percent=55.0)
    assert ticket not in house.answers
    house.settle()

    assert status(house, ticket) == ("done", "")
    assert house.twin("tv").values["volume_percent"] == 55.0
    assert house.twin("tv").applied == 1


def test_a_wish_for_the_device_itself_holds_at_once() -> None:
    """Nobody waits for a cloud to turn down the volume; the cloud hears of it."""
    house = home()
    house.cut_off("tv")

    ticket = house.wish("tv", "mei", device="tv", volume_percent=5.0)

    assert status(house, ticket) == ("done", "")
    assert house.twin("tv").values["volume_percent"] == 5.0
    house.heal_everything()
    assert house.cloud.twins["tv"].reported["volume_percent"].value == 5.0
    assert house.twin("tv").applied == 1


def test_a_wish_for_everywhere_is_for_ones_own_and_what_is_shared() -> None:
    """Lin's language is that of her phone and of the television, and not of Mei's phone."""
    house = home()

    ticket = house.wish("phone", "lin", language="en")
    house.settle()

    assert status(house, ticket) == ("done", "")
    spoken = {name: house.twin(name).values["language"] for name in house.things}
    assert spoken == {"phone": "en", "mei_phone": "zh", "tv": "en"}


def test_who_comes_later_hears_what_was_wished_everywhere() -> None:
    """A speaker that was off when Lin chose a language speaks it when it is on; but not what was not hers."""
    house = House(("cloud", "phone", "mei_phone", "speaker"))
    house.crash("speaker")
    house.crash("mei_phone")
    house.settle()
    house.wish("phone", "lin", language="en")
    house.settle()

    house.heal_everything()

    assert house.twin("speaker").values["language"] == "en"
    assert house.twin("mei_phone").values["language"] == "zh"


def test_the_newer_of_two_wishes_holds_and_the_other_author_is_told() -> None:
    """Mei wishes something in a cellar; Lin wishes otherwise later; Mei hears of it when she comes up."""
    house = home()
    house.cut_off("mei_phone")
    meis = house.wish("mei_phone", "mei", device="tv", volume_percent=80.0)
    house.now_ms += 3_000
    lins = house.wish("phone", "lin", device="tv", volume_percent=20.0)
    house.settle()
    house.heal_everything()

    assert status(house, lins) == ("done", "")
    assert status(house, meis) == ("failed", "superseded: lin set it at phone, 3 s later")
    assert house.twin("tv").values["volume_percent"] == 20.0
    assert house.twin("mei_phone").overruled == 1
    assert [command.value for command in house.applied["tv"]] == [20.0]


def test_who_is_overruled_later_is_told_too() -> None:
    """A wish that held for a while and is overruled leaves a notice at its author's device."""
    house = home()
    house.wish("phone", "lin", device="tv", volume_percent=20.0)
    house.settle()
    house.now_ms += 60_000
    house.wish("mei_phone", "mei", device="tv", volume_percent=80.0)
    house.settle()

    assert house.twin("phone").notice == "volume of tv superseded: mei set it at mei_phone, 1 m later"
    assert house.twin("mei_phone").notice == ""


def test_of_ones_own_wishes_only_the_latest_is_kept() -> None:
    """Whoever turns a knob in a tunnel means the last position."""
    house = home()
    house.cut_off("phone")
    first = house.wish("phone", "lin", device="tv", volume_percent=10.0)
    second = house.wish("phone", "lin", device="tv", volume_percent=11.0)

    assert len(house.twin("phone").drafts) == 1
    why = "superseded: lin at phone wished otherwise before the cloud was reached"
    assert status(house, first) == ("failed", why)
    house.heal_everything()
    assert status(house, second) == ("done", "")


def test_many_wishes_go_in_small_commands() -> None:
    """Wishes of one person for one device share a command; no command is too big."""
    house = home("cloud", "phone", "tv", "speaker")
    house.cut_off("phone")
    for device in ("tv", "speaker"):
        house.wish("phone", "lin", device=device, volume_percent=10.0)
        house.wish("phone", "lin", device=device, language="en")
        house.wish("phone", "lin", device=device, do_not_disturb=True)

    house.heal_everything()

    for device in ("tv", "speaker"):
        assert house.twin(device).values == {"volume_percent": 10.0, "language": "en", "do_not_disturb": True}


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (ChooseSetting(scope="tv", setting="colour", value="red"), "there is no setting `colour`"),
        (
            ChooseSetting(scope="tv", setting="volume_percent", value=300.0),
            "`volume_percent` cannot be 300.0",
        ),
        (ChooseSetting(scope="phone", setting="comfort_c", value=20.0), "phone has no setting `comfort`"),
        (ChooseSetting(scope="toaster", setting="language", value="en"), "the household has no device"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_where_it_is_made(choice: ChooseSetting, said: str) -> None:
    """One sentence, and nothing is sent."""
    twin = home().twin("phone")

    _, effects = twin.step(moment(FakeSenses()), Commanded(choice, "t", "phone", "lin", START_MS))

    (settle,) = effects
    assert isinstance(settle, Settle)
    assert settle.answer.status == "failed"
    assert settle.answer.reason.startswith(said)


def test_what_a_device_does_not_have_the_cloud_knows() -> None:
    """The cloud has heard which settings the television has, and answers for it."""
    house = home()

    ticket = house.wish("phone", "lin", device="tv", comfort_c=20.0)
    house.settle()

    assert status(house, ticket) == ("failed", "tv has no setting `comfort`")


def test_without_a_cloud_a_device_sets_itself_and_nobody_else() -> None:
    """A household that has no cloud has settings all the same."""
    house = home("phone", "tv")

    own = house.wish("phone", "lin", device="phone", language="en")
    others = house.wish("phone", "lin", device="tv", language="en")

    assert status(house, own) == ("done", "")
    assert house.twin("phone").values["language"] == "en"
    assert status(house, others) == ("failed", "the household has no cloud that could tell other devices")
    assert house.post == []


def test_a_device_that_is_not_enrolled_signs_nothing() -> None:
    """A stranger's device has settings, and no voice."""
    twin = ThingTwin.new("gadget", None, {}).provisioned(Provision(b"\7" * 32, 1, START_MS))
    choice = ChooseSetting(scope="gadget", setting="language", value="en")

    _, effects = twin.step(moment(FakeSenses()), Commanded(choice, "t", "gadget", None, START_MS))

    assert effects == (Settle("t", Answer("failed", "the household has no device `gadget`")),)


def test_there_is_a_bound_to_what_waits() -> None:
    """A device that never reaches the cloud does not fill its memory with wishes."""
    house = home()
    twin = house.twin("phone")
    at = replace(moment(FakeSenses()), beliefs=Beliefs().online("cloud", online=False))
    for number in range(40):
        setting, value = [("volume_percent", 5.0), ("language", "en")][number % 2]
        by = f"guest{number // 2}"
        choice = ChooseSetting(scope="tv", setting=setting, value=value)
        twin = replace(twin, device="tv")  # one that people share, so that everybody's wishes are kept
        twin, effects = twin.step(at, Commanded(choice, f"t{number}", "tv", by, START_MS))

    assert len(twin.drafts) == 32
    assert effects == (Settle("t39", Answer("failed", "32 wishes wait for the cloud already")),)


def test_one_act_sets_one_setting() -> None:
    """None, or two at once, is a mistake in the story, and says what there is."""
    with pytest.raises(ValidationError, match="set exactly one of `volume`, `language`"):
        SetSetting(device="tv")
    with pytest.raises(ValidationError, match="set exactly one of"):
        SetSetting(device="tv", language="en", do_not_disturb=True)


def test_a_part_wishes_for_its_device_or_everywhere() -> None:
    """The request goes to the device itself, whose rules decide."""
    here = wish("volume_percent", 4.0, ticket="t", device="tv", by="mei")
    there = wish("language", "en", ticket="t", device="tv", by="mei", everywhere=True)

    assert (here.target, here.action, here.arguments["scope"]) == ("tv", "choose_setting", "tv")
    assert there.arguments["scope"] == EVERYWHERE


# --- carrying out ---------------------------------------------------------------------------------------


def _apply(intent: str = "x") -> ApplySetting:
    return ApplySetting(intent=intent, setting="language", value="en")


@pytest.mark.parametrize(
    ("sender", "said"),
    [
        ("phone", "only the device itself applies a setting"),
        ("tv", "a setting changes by an intent that its author has signed, and by nothing else"),
    ],
)
def test_no_command_sets_anything_without_an_intent(sender: str, said: str) -> None:
    """Neither another device nor another part of this one."""
    twin = home().twin("tv")

    after, effects = twin.step(moment(FakeSenses()), Commanded(_apply(), "t", sender, "lin", START_MS))

    assert after.values == twin.values
    assert effects == (Settle("t", Answer("failed", said)),)


def test_an_intent_that_was_overtaken_is_not_carried_out() -> None:
    """Between the question to the rules and their answer a newer one can have come."""
    house = home()
    house.wish("tv", "mei", device="tv", language="en")
    twin = house.twin("tv")
    newest = twin.winners["language"]
    older = newest.model_copy(update={"id": "old", "ms": newest.ms - 1, "value": "zh"})

    after, effects = replace(twin, applying={"t": older}).step(
        moment(FakeSenses()), Commanded(_apply("old"), "t", "tv", "lin", START_MS)
    )

    assert after.values["language"] == "en"
    assert after.applying == {}
    assert effects == (Settle("t", Answer("done")),)


def test_what_the_devices_own_rules_refuse_its_author_hears() -> None:
    """The cloud took the wish; the television does not trust it to judge, and says no."""
    house = home()
    house.forbids.add(("tv", "apply_setting", "mei"))

    house.wish("mei_phone", "mei", device="tv", volume_percent=90.0)
    house.settle()

    assert house.twin("tv").values["volume_percent"] == DEFAULTS["volume_percent"]
    assert house.twin("mei_phone").notice == "tv refused volume: the rules say no"
    assert house.twin("tv").refused == {}
    assert not house.cloud.twins["tv"].pending()


def test_a_refused_wish_stands_in_nobodys_way() -> None:
    """An older wish that is permitted, and comes later, holds."""
    house = home()
    house.forbids.add(("tv", "apply_setting", "mei"))
    house.cut_off("phone")
    house.wish("phone", "lin", device="tv", volume_percent=40.0)
    house.now_ms += 1_000
    house.wish("mei_phone", "mei", device="tv", volume_percent=90.0)
    house.settle()

    house.heal_everything()

    assert house.twin("tv").values["volume_percent"] == 40.0


def test_what_the_cloud_does_not_permit_is_given_up() -> None:
    """Its author hears the rules' own answer, and the other wishes go on."""
    house = home()
    house.forbids.add(("cloud", "set_desired", "mei"))

    denied = house.wish("mei_phone", "mei", device="tv", volume_percent=90.0)
    alone = house.wish("mei_phone", "mei", device="mei_phone", language="en")
    house.settle()

    assert house.answers[denied].denial == {"rules": ["no"]}
    assert status(house, alone) == ("done", "")
    assert len(house.twin("mei_phone").drafts) == 0
    assert house.twin("mei_phone").values["language"] == "en"


def test_a_device_that_may_not_sync_does_not_ask_again_and_again() -> None:
    """Until there is something new it leaves the cloud alone; what its people wish it hands on."""
    house = House(EVERYBODY)
    house.forbids.add(("cloud", "sync", None))
    house.settle()
    asked = house.twin("phone").asked

    house.settle()
    ticket = house.wish("phone", "lin", device="tv", volume_percent=90.0)
    house.settle()

    assert asked == 1
    assert status(house, ticket) == ("done", "")


# --- what a cloud can do -----------------------------------------------------------------------------------


def test_a_cloud_that_finds_everything_too_old_is_seldom_asked() -> None:
    """However much it has to tell of others: an hour costs a few questions, and none in the same instant."""
    house = home("cloud", "phone")
    asked: list[int] = []

    def too_old(order: SentOrder) -> None:
        asked.append(house.now_ms)
        assert len(asked) < 100, "a storm"
        house.post.append(Reply("cloud", order.sender, order.ticket, Answer("expired", "it came too late")))

    house._obey = too_old  # type: ignore[method-assign]
    house.wish("phone", "lin", language="zh")
    for _ in range(3_600):
        house.settle_now()
        house._step("phone", Learned("cloud"))
        house.settle_now()
        house.wait(1_000)
    assert 10 <= len(asked) < 30


def _answer_of_the_cloud(house: House, **data: Any) -> None:
    """Let the next answer to the television be another one."""
    at = next(
        position
        for position, letter in enumerate(house.post)
        if isinstance(letter, Reply) and letter.to == "tv" and "desired" in letter.answer.data
    )
    letter = house.post[at]
    assert isinstance(letter, Reply)
    house.post[at] = replace(letter, answer=replace(letter.answer, data={**letter.answer.data, **data}))


def _asked_once() -> House:
    """Return a house in which the television has asked, and was answered, and has not heard it yet."""
    house = home()
    house.wish("phone", "lin", device="tv", volume_percent=55.0)
    while not any(isinstance(one, Reply) and one.to == "tv" for one in house.post):
        house.deliver()
    return house


def _key(device: str) -> Identity:
    return intent_key(device, seed_for_scenario(7, "house", device))


def test_a_cloud_that_makes_up_intents_is_not_believed() -> None:
    """Without the signature of the phone no wish is Lin's."""
    house = _asked_once()
    forged = Intent(
        id="phone-wish-9",
        device="phone",
        person="lin",
        scope="tv",
        setting="volume_percent",
        value=100.0,
        ms=house.now_ms,
        count=0,
    )
    _answer_of_the_cloud(
        house, desired=[sealed(_key("cloud"), forged), {}, seal(_key("phone"), "intent", b"")]
    )

    house.settle()

    assert 100.0 not in [command.value for command in house.applied["tv"]]


def test_a_wish_for_another_device_is_not_carried_out_here() -> None:
    """A cloud cannot turn a wish for the speaker into one for the television."""
    house = _asked_once()
    meant = Intent(
        id="phone-wish-9",
        device="phone",
        person="lin",
        scope="speaker",
        setting="volume_percent",
        value=100.0,
        ms=house.now_ms,
        count=0,
    )
    _answer_of_the_cloud(house, desired=[sealed(_key("phone"), meant)])

    house.settle()

    assert 100.0 not in [command.value for command in house.applied["tv"]]


def test_an_answer_that_is_none_is_asked_for_again() -> None:
    """A device does not guess what the cloud meant."""
    house = _asked_once()
    _answer_of_the_cloud(house, version="many")

    house.settle()

    assert house.twin("tv").values["volume_percent"] == 55.0


def test_an_answer_that_leaves_wishes_out_is_asked_for_again() -> None:
    """What the cloud does not speak of, it does not have."""
    house = home()
    ticket = house.wish("phone", "lin", device="tv", volume_percent=55.0)
    while not any(isinstance(one, Reply) and one.to == "phone" for one in house.post):
        house.deliver()
    reply = house.post.pop()
    assert isinstance(reply, Reply)
    house.post.append(
        replace(reply, answer=replace(reply.answer, data={**reply.answer.data, "outcomes": {}}))
    )

    house.settle()

    assert status(house, ticket) == ("done", "")


def test_a_cloud_that_lost_its_memory_is_told_again() -> None:
    """It answers whoever knows more than it does with everything it has."""
    house = home()
    house.wish("phone", "lin", device="tv", volume_percent=55.0)
    house.settle()
    cloud = house.cloud
    house.crash("cloud")
    house.devices["cloud"] = replace(cloud, twins={}, everywhere={})
    house.now_ms += 1_000
    house.heal_everything()
    house.wish("mei_phone", "mei", device="tv", volume_percent=10.0)
    house.settle()

    assert house.twin("tv").values["volume_percent"] == 10.0
    assert house.twin("tv").version == house.cloud.twins["tv"].version


# --- clocks ------------------------------------------------------------------------------------------------


def test_a_clock_that_is_ahead_does_not_win_for_ever() -> None:
    """Lin's phone is an hour ahead; what Mei wishes later holds."""
    house = home()
    house.ahead_ms = {"phone": 3_600_000}
    lins = house.wish("phone", "lin", device="tv", volume_percent=90.0)
    house.settle()
    house.now_ms += 5_000
    house.wish("mei_phone", "mei", device="tv", volume_percent=10.0)
    house.settle()

    assert status(house, lins) == ("done", "")
    assert house.twin("phone").ahead_ms == 3_600_000
    assert [command.value for command in house.applied["tv"]] == [90.0, 10.0]


def test_a_clock_that_is_behind_does_not_lose_for_ever() -> None:
    """It learns what time it is before it hands on what was wished."""
    house = House(EVERYBODY, ahead_ms={"phone": -7_200_000})
    house.settle()
    house.wish("mei_phone", "mei", device="tv", volume_percent=10.0)
    house.settle()
    house.now_ms += 5_000
    house.wish("phone", "lin", device="tv", volume_percent=90.0)
    house.settle()

    assert house.twin("tv").values["volume_percent"] == 90.0


def test_a_wish_of_a_wrong_clock_holds_here_and_yields_to_a_newer_one() -> None:
    """What a device wished for itself by a wrong clock is stamped anew as well."""
    house = home()
    house.ahead_ms = {"tv": 3_600_000}
    house.cut_off("tv")
    house.wish("tv", "lin", device="tv", volume_percent=90.0)
    house.now_ms += 10_000
    house.wish("phone", "lin", device="tv", volume_percent=10.0)
    house.settle()
    house.heal_everything()

    assert [command.value for command in house.applied["tv"]] == [90.0, 10.0]


def test_a_device_looks_at_the_time_again_when_the_cloud_does_not_believe_it() -> None:
    """The clock of the cloud is put back: the phone learns of it by being refused, and goes on by it."""
    house = home()
    house.ahead_ms = {"cloud": -3_600_000}
    ticket = house.wish("phone", "lin", device="tv", volume_percent=90.0)
    house.settle()

    assert status(house, ticket) == ("done", "")
    assert house.twin("phone").ahead_ms == 3_600_000


class BelievesNobody(Cloud):
    """A cloud that calls every stamp one of the future."""

    def _with(self, at: Moment, intent: Intent, envelope: Mapping[str, Any]) -> tuple[Self, Outcome]:
        assert intent.ms <= at.now_ms, "it is not of the future"
        assert envelope
        return self, Outcome(became="ahead")


def test_a_cloud_that_believes_nobody_is_not_asked_without_end() -> None:
    """After the second time a device waits before it asks again."""
    house = House(EVERYBODY, cloud_kind=BelievesNobody)
    house.settle_now()
    asked = house.twin("phone").asked
    house.wish("phone", "lin", device="tv", volume_percent=90.0)
    house.settle_now()

    assert house.twin("phone").asked - asked < 8
    assert len(house.twin("phone").drafts) == 1


# --- restarts, and what is lost ----------------------------------------------------------------------------


def test_a_restart_forgets_nothing_but_who_waits() -> None:
    """Settings, what decided them, and wishes on their way are kept; an act that waited is not answered."""
    house = home()
    house.cut_off("phone")
    house.wish("phone", "lin", device="phone", language="en")
    ticket = house.wish("phone", "lin", device="tv", volume_percent=44.0)
    house.crash("phone")
    house.heal("phone")
    house.restart("phone")
    house.settle()

    assert house.twin("phone").values["language"] == "en"
    assert house.twin("tv").values["volume_percent"] == 44.0
    assert ticket not in house.answers


def test_a_question_that_is_lost_is_asked_again() -> None:
    """The longer nobody answers, the longer the device waits."""
    house = home()
    ticket = house.wish("phone", "lin", device="tv", volume_percent=44.0)
    for _ in range(2):
        assert len(house.post) == 1
        house.deliver(lost=True)
        house.wait(40_000)
    house.settle()

    assert status(house, ticket) == ("done", "")


def test_while_the_cloud_is_gone_nobody_asks() -> None:
    """Its will says that it is gone; when it is back, everybody goes on."""
    house = home()
    house.crash("cloud")
    house.settle()
    asked = house.twin("phone").asked
    house.wish("phone", "lin", device="tv", volume_percent=44.0)
    house.wait(3_600_000)

    assert house.twin("phone").asked == asked
    house.heal_everything()
    assert house.twin("tv").values["volume_percent"] == 44.0


def test_what_does_not_concern_the_twin_it_leaves_alone() -> None:
    """Other devices' reports, answers to other parts, and crashes of controllers."""
    twin = home().twin("tv")
    at = moment(FakeSenses())
    others = Answered("tv-other-1", "phone", Answer("done"))

    for stimulus in (Learned("phone"), others, Crashed("body", up=False)):
        assert twin.step(at, stimulus) == (twin, ())


# --- what travels ------------------------------------------------------------------------------------------


def _bytes(name: str, command: Command) -> int:
    order = Order(
        id="n" * 40,
        sender="n" * 32,
        to="n" * 32,
        name=name,
        args=command.model_dump(exclude_none=True),
        by="n" * 32,
        worn=True,
        issued_ms=START_MS,
        expires_ms=START_MS,
    )
    return len(dump_json(seal(_key("phone"), "command", order.to_bytes()))) + 300  # the event around it


def test_the_largest_commands_fit() -> None:
    """Four intents with the longest names, and a report of eight settings and four refusals."""
    longest = Intent(
        id="n" * 45,
        device="n" * 32,
        person="n" * 32,
        scope="n" * 32,
        setting="temperature_unit",
        value="fahrenheit",
        ms=2**53 - 1,
        count=1_000_000,
    )
    intents = [sealed(_key("phone"), longest)] * 4
    reported = {
        f"{'s' * 15}{n}": Reported(value="fahrenheit", at_ms=2**53 - 1, intent="n" * 45) for n in range(8)
    }
    refused = {f"{'n' * 44}{n}": "w" * 120 for n in range(4)}

    assert _bytes("set_desired", SetDesired(scope="n" * 32, intents=intents)) < COMMAND_BYTES_MAX
    assert (
        _bytes("sync", Sync(since=2**53 - 1, changes=2**53 - 1, reported=reported, refused=refused))
        < COMMAND_BYTES_MAX
    )


def test_a_scenario_sets_what_a_device_begins_with() -> None:
    """By the names that people write; what is not set is as from the factory."""
    twin = ThingTwin.new("tv", None, {"volume": 12.0})

    assert set(ThingTwin.settable()) == {"volume", "language", "do_not_disturb"}
    assert twin.values == {"volume_percent": 12.0, "language": "zh", "do_not_disturb": False}
    (report,) = twin.report()
    assert report.when_offline == "last"
    assert json.loads(report.model_dump_json())["applied"] == 0


def test_an_act_becomes_a_question_to_the_device_itself() -> None:
    """So a guest at somebody else's screen is refused there, with the rule, before anything is signed."""
    twin = home().twin("tv")

    _, effects = twin.step(moment(FakeSenses()), Acted(SetSetting(language="en"), "t", "jun"))

    (request,) = effects
    assert isinstance(request, Request)
    assert (request.target, request.action, request.by) == ("tv", "choose_setting", "jun")


def test_a_twin_has_only_settings_that_there_are() -> None:
    """A kind that invents one is a bug in the kind."""
    with pytest.raises(AssertionError, match="are no settings"):

        class Odd(Twin, settings=("colour",)):
            """Has a colour."""


def test_a_kind_of_twin_can_be_refined() -> None:
    """It has the settings of the kind it comes from."""

    class Refined(ThingTwin):
        """Says nothing of settings."""

    assert Refined.settings == ThingTwin.settings
    assert Refined.facets == ThingTwin.facets


def test_a_delta_is_read_strictly() -> None:
    """A time that is no number is no delta."""
    with pytest.raises(ValidationError):
        Delta.model_validate({"time_ms": "now", "version": 1, "desired": [], "notices": []})
