"""The cloud: hands on what others have signed, remembers what a device missed, and acts for nobody."""

from typing import Any

import pytest

from sim.apps.habits.messages import SetDataConsent
from sim.apps.twins.intents import EVERYWHERE, Intent, sealed
from sim.apps.twins.messages import NOTICES_MAX, Delta, Outcome, Reported, SetDesired, Sync, Taken
from sim.apps.twins.stamps import DRIFT_MS_MAX
from sim.core.device import Answer, Asked, Command, Commanded, Presence, Settle, TimerFired
from sim.services.cloud import Cloud, Twins
from sim.trust.derivation import intent_key, seed_for_scenario
from tests.apps.twins import provision
from tests.senses import START_MS, FakeSenses, moment

NAMES = ("cloud", "phone", "mei_phone", "tv", "speaker")
OF_THE_TV = {"volume_percent": Reported(value=30.0, at_ms=START_MS)}


def cloud() -> Cloud:
    """Return a new cloud."""
    return Cloud.new("cloud", None, {}).provisioned(provision("cloud", NAMES, 1, START_MS))


def intent(**more: Any) -> Intent:
    """Return what Lin wishes at her phone for the television, now."""
    said: dict[str, Any] = {
        "id": "phone-wish-1",
        "device": "phone",
        "person": "lin",
        "scope": "tv",
        "setting": "volume_percent",
        "value": 40.0,
        "ms": START_MS,
        "count": 0,
    }
    return Intent.model_validate({**said, **more})


def envelope(wish: Intent) -> dict[str, Any]:
    """Return an intent as its author's device signs it."""
    return sealed(intent_key(wish.device, seed_for_scenario(7, "house", wish.device)), wish)


def ask(
    sky: Cloud, command: Command, sender: str, by: str | None = None, at_ms: int = 0
) -> tuple[Cloud, Answer]:
    """Let a device ask the cloud something, and return both."""
    told = Commanded(command, "t", sender, by, START_MS + 30_000)
    after, (settle,) = sky.step(moment(FakeSenses(), at_ms), told)
    assert isinstance(settle, Settle)
    return after, settle.answer


def set_desired(sky: Cloud, wish: Intent, at_ms: int = 0, **sent: Any) -> tuple[Cloud, Outcome]:
    """Hand an intent to the cloud as its author's device does, and return what became of it."""
    command = SetDesired(scope=sent.get("scope", wish.scope), intents=[envelope(wish)])
    sender, by = sent.get("sender", wish.device), sent.get("by", wish.person)
    after, answer = ask(sky, command, sender, by, at_ms)
    (outcome,) = Taken.model_validate(dict(answer.data)).outcomes.values()
    return after, outcome


def sync(sky: Cloud, device: str, since: int = 0, **more: Any) -> tuple[Cloud, Delta]:
    """Let a device report and ask what it missed."""
    command = Sync(
        since=since, changes=more.pop("changes", 1), reported=more.pop("reported", OF_THE_TV), **more
    )
    after, answer = ask(sky, command, device)
    return after, Delta.model_validate(dict(answer.data))


def told(sky: Cloud) -> Twins:
    """Return what the cloud reports."""
    report, _ = sky.report()
    assert isinstance(report, Twins)
    return report


def test_a_device_that_was_away_is_told_what_it_missed() -> None:
    """Once: what it has, it is not told again; whoever knows nothing is told everything."""
    sky, outcome = set_desired(cloud(), intent())
    assert outcome == Outcome(became="newest")

    sky, delta = sync(sky, "tv")
    assert delta.desired == [envelope(intent())]
    assert sync(sky, "tv", delta.version)[1].desired == []
    assert sync(sky, "tv", 0)[1].desired == delta.desired


def test_the_same_intent_twice_changes_nothing() -> None:
    """An author who did not hear the answer asks again, and hears the same."""
    sky, first = set_desired(cloud(), intent())
    again, second = set_desired(sky, intent(), 5_000)

    assert first == second
    assert again.twins == sky.twins


def test_an_older_intent_that_comes_later_has_lost() -> None:
    """Its author is told by whom, and how much later."""
    sky, _ = set_desired(cloud(), intent(ms=START_MS - 1_000, id="a"))
    sky, newer = set_desired(sky, intent(device="mei_phone", person="mei", id="b"))
    sky, older = set_desired(sky, intent(device="tv", person="jun", ms=START_MS - 500, id="c"))

    assert newer == Outcome(became="newest")
    assert older == Outcome(became="superseded", why="superseded: mei set it at mei_phone, 500 ms later")
    _, delta = sync(sky, "phone")
    assert delta.notices == ["volume of tv superseded: mei set it at mei_phone, 1 s later"]


def test_of_two_at_the_same_moment_the_same_one_always_wins() -> None:
    """The names of the devices decide where no clock can."""
    one, other = intent(id="a"), intent(device="mei_phone", person="mei", id="b", value=1.0)
    there, _ = set_desired(set_desired(cloud(), one)[0], other)
    back, outcome = set_desired(set_desired(cloud(), other)[0], one)

    assert there.twins["tv"].desired["volume_percent"].intent == one
    assert back.twins["tv"].desired["volume_percent"].intent == one
    assert outcome == Outcome(became="newest")
    why = "superseded: lin set it at phone, at the same moment"
    assert set_desired(cloud(), one)[0]._with(moment(FakeSenses()), other, {})[1].why == why


def test_everywhere_is_told_to_all_that_follow() -> None:
    """To the author's own, and to those that nobody owns, also if they are heard of later."""
    sky = cloud()
    for device in ("phone", "mei_phone", "tv"):
        sky, _ = sync(sky, device)
    sky, _ = set_desired(sky, intent(scope=EVERYWHERE))
    sky, _ = sync(sky, "speaker")

    wished = [name for name, twin in sky.twins.items() if "volume_percent" in twin.desired]
    assert wished == ["phone", "tv", "speaker"]
    assert sky.twins["phone"].version == 0  # it was wished there, and holds there already


def test_everywhere_does_not_take_the_place_of_a_newer_wish() -> None:
    """Neither on a device that is there, nor on one that comes; and an older one everywhere is nothing."""
    sky, _ = sync(cloud(), "tv")
    sky, _ = set_desired(sky, intent(ms=START_MS + 500, id="a"))
    sky, _ = set_desired(sky, intent(scope="speaker", ms=START_MS + 500, id="b"))
    sky, everywhere = set_desired(sky, intent(scope=EVERYWHERE, id="c", device="mei_phone", person="mei"))
    sky, late = set_desired(sky, intent(scope=EVERYWHERE, ms=START_MS - 5, id="d", device="tv", person="mei"))
    sky, _ = sync(sky, "speaker")

    assert everywhere.became == "newest"
    assert late.became == "superseded"
    assert [sky.twins[name].desired["volume_percent"].intent.id for name in ("tv", "speaker")] == ["a", "b"]


def test_everywhere_that_nobody_has_is_kept_for_whoever_comes() -> None:
    """An older one changes nothing, and is no loss."""
    sky, _ = set_desired(cloud(), intent(scope=EVERYWHERE))
    after, outcome = set_desired(sky, intent(scope=EVERYWHERE, ms=START_MS - 5, id="b"))

    assert outcome == Outcome(became="newest")
    assert after.everywhere == sky.everywhere


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"sender": "mei_phone"}, "it was signed for something else than it is sent for"),
        ({"by": "mei"}, "it was signed for something else than it is sent for"),
        ({"scope": "speaker"}, "it was signed for something else than it is sent for"),
    ],
)
def test_an_intent_counts_only_as_it_was_signed(sent: dict[str, Any], why: str) -> None:
    """Neither another device nor another person nor another target makes use of it."""
    sky = cloud()

    after, outcome = set_desired(sky, intent(), **sent)

    assert outcome == Outcome(became="refused", why=why)
    assert after == sky


def test_what_is_no_intent_is_refused_and_the_others_are_taken() -> None:
    """Each of several is answered for itself."""
    command = SetDesired(scope="tv", intents=[{}, envelope(intent())])

    sky, answer = ask(cloud(), command, "phone", "lin")

    outcomes = Taken.model_validate(dict(answer.data)).outcomes
    assert outcomes["0"].became == "refused"
    assert outcomes["phone-wish-1"].became == "newest"
    assert "tv" in sky.twins


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"scope": "toaster"}, "the household has no device `toaster`"),
        ({"setting": "comfort_c", "value": 20.0}, "tv has no setting `comfort`"),
    ],
)
def test_what_no_device_can_be_is_refused(more: dict[str, Any], why: str) -> None:
    """One sentence says what is not there."""
    sky, _ = sync(cloud(), "tv")

    assert set_desired(sky, intent(**more))[1] == Outcome(became="refused", why=why)


def test_an_intent_of_the_future_is_not_taken() -> None:
    """Its author sets its stamp right, and asks again; what is taken moves the bound no further."""
    ahead = intent(ms=START_MS + DRIFT_MS_MAX + 1)
    borne = intent(ms=START_MS + DRIFT_MS_MAX, id="b")

    assert set_desired(cloud(), ahead)[1].became == "ahead"
    sky, outcome = set_desired(cloud(), borne)
    assert outcome.became == "newest"
    assert set_desired(sky, ahead)[1].became == "ahead"


def test_a_report_that_was_overtaken_is_none() -> None:
    """A network may turn the order of two reports round."""
    newer = {"volume_percent": Reported(value=50.0, at_ms=START_MS, intent="x")}
    sky, _ = sync(cloud(), "tv", changes=3, reported=newer)

    after, delta = sync(sky, "tv", changes=2)

    assert after == sky
    assert delta.desired == []


def test_a_refusal_reaches_the_author_and_ends_the_wish() -> None:
    """Said twice it is heard once; and the device is not asked again."""
    sky, _ = set_desired(cloud(), intent())
    for changes in (1, 2):
        sky, delta = sync(sky, "tv", changes=changes, refused={"phone-wish-1": "no noise", "other": "?"})

    assert delta.desired == []
    assert sync(sky, "phone")[1].notices == ["tv refused volume: no noise"]
    assert told(sky).pending == 0


def test_notices_have_a_bound() -> None:
    """An author who never asks is told the latest."""
    sky, _ = sync(cloud(), "tv")
    for number in range(NOTICES_MAX * 4):
        device, person = [("phone", "lin"), ("mei_phone", "mei")][number % 2]
        wish = intent(
            device=device, person=person, ms=START_MS + number, id=f"w{number}", value=float(number)
        )
        sky, _ = set_desired(sky, wish)

    assert len(sync(sky, "phone")[1].notices) == NOTICES_MAX


def test_whoever_knows_more_than_the_cloud_is_told_everything() -> None:
    """As after the cloud was set back."""
    sky, _ = set_desired(cloud(), intent())

    assert len(sync(sky, "tv", since=2**50)[1].desired) == 1


def test_the_household_sees_what_is_and_what_is_wished() -> None:
    """With who wished it when, and since when a device is as it is."""
    sky, _ = sync(cloud(), "tv")
    sky, _ = set_desired(sky, intent())

    report = told(sky)

    assert (report.pending, report.waiting_for) == (1, "tv")
    assert report.versions["tv"] == sky.twins["tv"].version
    assert report.twins["tv"] == {
        "heard_ms": START_MS,
        "reported": {"volume_percent": {"value": 30.0, "at_ms": START_MS}},
        "desired": {"volume_percent": {"value": 40.0, "person": "lin", "device": "phone", "at_ms": START_MS}},
    }
    done = {"volume_percent": Reported(value=40.0, at_ms=START_MS, intent="phone-wish-1")}
    sky, _ = sync(sky, "tv", changes=2, reported=done)
    assert told(sky).waiting_for == ""


@pytest.mark.parametrize(
    ("scope", "by", "own", "foreign"),
    [
        ("phone", "lin", True, False),
        ("mei_phone", "lin", False, True),
        ("mei_phone", None, False, True),
        ("tv", "lin", False, False),
        (EVERYWHERE, "lin", False, False),
    ],
)
def test_the_rules_are_told_whose_the_device_is(
    scope: str, by: str | None, *, own: bool, foreign: bool
) -> None:
    """Nobody's is neither one's own nor another's; rules: no-intent-for-others, own-device-at-the-cloud."""
    command = SetDesired(scope=scope, intents=[{}])
    asked = Asked("set_desired", command, "phone", by, Presence())

    circumstances = cloud().circumstances(moment(FakeSenses()), asked)

    assert (circumstances.own, circumstances.foreign) == (own, foreign)


def test_of_what_is_no_intent_nothing_is_told() -> None:
    """The rules refuse what they do not know."""
    asked = Asked("set_desired", None, "phone", "lin", Presence())

    assert cloud().circumstances(moment(FakeSenses()), asked) == Cloud.Circumstances()


def test_who_consents_is_kept_and_told() -> None:
    """By the part that keeps it, beside the twins and through a restart; see `test_habit_keeping`."""
    consent = SetDataConsent(person="lin", use="learning", granted=True)
    sky, answer = ask(cloud(), consent, "phone", "lin")
    asked = Asked("set_data_consent", consent, "phone", "mei", Presence())

    assert answer.status == "done"
    assert sky.circumstances(moment(FakeSenses()), asked) == Cloud.Circumstances(own=False)
    again = Cloud.new("cloud", None, sky.kept())
    assert again.report()[1].model_dump()["learning_from"] == ["lin"]


def test_a_restart_forgets_nothing() -> None:
    """Twins, wishes for everywhere and the newest stamp are kept."""
    sky, _ = sync(cloud(), "tv")
    sky, _ = set_desired(sky, intent())
    sky, _ = set_desired(sky, intent(scope=EVERYWHERE, ms=START_MS + 1, id="b"))

    again = Cloud.new("cloud", None, sky.kept()).provisioned(provision("cloud", NAMES, 2, START_MS))

    assert again.report() == sky.report()
    assert (again.everywhere, again.latest) == (sky.everywhere, sky.latest)


def test_the_cloud_does_nothing_of_its_own() -> None:
    """It has no timers and asks nobody."""
    sky = cloud()

    assert sky.step(moment(FakeSenses()), TimerFired("any")) == (sky, ())
    assert Cloud.asks == ()
