"""Twins: what is wished holds here at once, elsewhere when it gets there, and its author hears of it."""

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError

from sim.apps.twins.intents import EVERYWHERE, Intent, sealed
from sim.apps.twins.messages import Delta, Reported, SetDesired, Sync
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
    Provision,
    Request,
    Settle,
)
from sim.core.messages import COMMAND_BYTES_MAX, dump_json
from sim.trust.envelope import seal
from sim.world.node.orders import Order
from tests.apps.twins import EVERYBODY, House, ThingTwin, home, identity, status
from tests.senses import START_MS, FakeSenses, moment

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
        voice=None,
    )
    return len(dump_json(seal(identity("phone"), "command", order.to_bytes()))) + 300  # the event around it


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
    intents = [sealed(identity("phone"), longest)] * 4
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
