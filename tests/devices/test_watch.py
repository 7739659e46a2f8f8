"""The watch: a key only on the wrist of its owner."""

import pytest

from sim.apps.screens.surface import Look
from sim.apps.screens.theme import SetTheme
from sim.core.asking import LockCar, UnlockCar
from sim.core.device import Booted, Draw, Presence, Request, Sensed, StopRanging, TimerFired
from sim.devices.car.gateway import WAKE_MS
from sim.devices.dashboard import OpenPairing
from sim.devices.watch import Watch, Wrist
from sim.trust.key_talks import PairKey
from tests.devices.talks import Kerb
from tests.senses import FakeSenses, acted, commanded, heard, moment

WORN = {"on_wrist": True, "wearer": "lin"}


def new() -> Watch:
    """Return a watch from the factory."""
    return Watch.new("watch", Watch.Config(owner="lin"), {})


def wrist(watch: Watch) -> bool | None:
    """Return what the watch reports of its wrist."""
    return next(one.on_wrist for one in watch.report() if isinstance(one, Wrist))


def test_watch_from_the_factory_does_not_know_whether_it_is_worn() -> None:
    """What the skin sensor has not said yet is unknown."""
    assert wrist(new()) is None


def test_watch_button_sends_one_command() -> None:
    """What is touched on a watch that is no key becomes a command to the car."""
    _, effects = new().step(moment(FakeSenses()), acted(UnlockCar(car="su7")))

    assert effects == (Request("t1", "su7", "unlock", by="lin"),)


def test_watch_notices_when_it_is_put_on_or_taken_off() -> None:
    """It looks at its skin sensor when it starts and whenever something changes."""
    on, effects = new().step(moment(FakeSenses(WORN)), Booted())
    off, silent = on.step(moment(FakeSenses({"on_wrist": False})), Sensed())
    blind, _ = off.step(moment(FakeSenses()), Sensed())

    assert effects == (Draw(),)
    assert silent == (StopRanging(),)
    assert [wrist(one) for one in (on, off, blind)] == [True, False, None]


@pytest.mark.parametrize(
    ("facts", "worn"),
    [
        (WORN, True),
        ({"on_wrist": False, "wearer": "lin"}, False),
        ({"on_wrist": True, "wearer": "mei"}, False),
        ({"on_wrist": True}, False),
        ({}, None),
    ],
    ids=["owner", "off", "another", "nobody knows who", "sensor fails"],
)
def test_watch_vouches_for_its_owner_only(facts: dict[str, object], worn: bool | None) -> None:  # noqa: FBT001  # a column of the table
    """On anybody else's wrist it vouches for nobody, and with a failed sensor it says that it cannot tell."""
    assert new().presence(moment(FakeSenses(facts))) == Presence(worn=worn)


def test_watch_of_nobody_vouches_for_nobody() -> None:
    """On a wrist that nobody knows, a watch without an owner is no proof of anybody."""
    nobodys = Watch.new("watch", Watch.Config(), {})

    assert nobodys.presence(moment(FakeSenses({"on_wrist": True}))) == Presence(worn=False)


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"on_wrist": True, "wearer": "lin"}, "done"),
        ({"on_wrist": True, "wearer": "jun"}, "denied NO_PRESENCE"),
        ({"on_wrist": False, "wearer": None}, "denied NO_PRESENCE"),
        ({"on_wrist": None, "wearer": "lin"}, "denied NO_PRESENCE"),
    ],
    ids=["owner", "another", "off", "sensor fails"],
)
def test_watch_opens_the_car_on_its_owners_wrist(facts: dict[str, object], outcome: str) -> None:
    """It signs the truth about its wearer, and the car opens to the owner's wrist only."""
    kerb = Kerb()
    kerb.change("watch", **facts)

    assert kerb.outcome("watch", UnlockCar(car="su7"), "a-1") == outcome
    assert kerb.facts["su7"]["locked"] is (outcome != "done")


def test_watch_locks_the_car_whoever_wears_it() -> None:
    """Closing endangers nobody and asks for no wrist; whose command it is the rules see."""
    kerb = Kerb()
    kerb.change("su7", locked=False)
    kerb.change("watch", on_wrist=False, wearer=None)

    assert kerb.outcome("watch", LockCar(car="su7"), "a-1") == "done"
    assert kerb.facts["su7"]["locked"] is True


@pytest.mark.parametrize(
    "facts", [{"on_wrist": False, "wearer": None}, {"wearer": "jun"}, {"on_wrist": None}]
)
def test_watch_that_is_taken_off_while_the_car_wakes_opens_nothing(facts: dict[str, object]) -> None:
    """Its radio falls silent at once, and a car that ranges again finds no key."""
    kerb = Kerb(asleep=True)
    kerb.do("watch", UnlockCar(car="su7"), "a-1")
    kerb.talk()
    assert kerb.said("a-1") == "waking"

    kerb.change("watch", **facts)
    assert kerb.air.answering == {}
    kerb.later(WAKE_MS + 5_000)

    assert (kerb.said("a-1"), kerb.why("a-1")) == ("failed", "the key went away before it was carried out")
    assert kerb.actuated == []


@pytest.mark.parametrize(
    ("facts", "asked"),
    [({}, 1), ({"on_wrist": False}, 0), ({"wearer": "jun"}, 0), ({"on_wrist": None}, 0)],
    ids=["owner", "off", "another", "sensor fails"],
)
def test_watch_answers_the_call_of_a_car_on_its_owners_wrist_only(
    facts: dict[str, object], asked: int
) -> None:
    """A watch on the bedside table says nothing to a car that calls."""
    kerb = Kerb()
    kerb.change("watch", **facts)

    kerb.pull_handle("watch")

    assert len(kerb.post) == asked


def test_watch_keeps_its_keys_over_a_restart() -> None:
    """What was under way is over; the key is not."""
    kerb = Kerb()
    kerb.do("watch", UnlockCar(car="su7"), "a-1")
    kerb.restart("watch")

    assert kerb.watch.wallet.conversations == {}
    assert kerb.outcome("watch", UnlockCar(car="su7"), "a-2") == "done"


def test_watch_is_paired_by_the_code_on_the_screen() -> None:
    """A watch that is no key reads the code in the car, and is one."""
    kerb = Kerb()
    unpaired = Watch.new("watch", Watch.Config(owner="lin"), {})
    _, effects = unpaired.step(kerb.moment("watch"), acted(PairKey(car="su7")))
    kerb.do("dash", OpenPairing(), "d-1")
    kerb.talk()

    assert effects[0].answer.reason == "no pairing code of su7 is in sight"  # type: ignore[union-attr]  # a `Settle`
    assert kerb.outcome("watch", PairKey(car="su7"), "w-1") == "done"
    assert kerb.outcome("watch", UnlockCar(car="su7"), "w-2") == "done"


def test_watch_ignores_what_does_not_concern_it() -> None:
    """Answers that it does not wait for, and timers of others, change nothing."""
    watch = new()

    assert watch.step(moment(FakeSenses()), TimerFired("other")) == (watch, ())


def test_watch_shows_a_few_cards_on_its_face() -> None:
    """Those of the car first, short, and without pictures; it keeps how it looks."""
    beliefs = heard("su7", "battery", battery_percent=71.0, range_m=425_000.0)
    watch, _ = new().step(moment(FakeSenses(), beliefs=beliefs), TimerFired("screen"))

    (face,) = watch.drawn(moment(FakeSenses(), beliefs=beliefs)).values()

    assert face["cards"][0]["values"] == [
        {"name": "battery", "text": "71 %", "age_ms": 0},
        {"name": "range", "text": "425 km", "age_ms": 0},
    ]
    dark, _ = watch.step(moment(FakeSenses()), commanded(SetTheme(mode="dark")))
    again = Watch.new("watch", Watch.Config(owner="lin"), dark.kept())
    assert [one.theme for one in again.report() if isinstance(one, Look)] == ["dark"]


def test_watch_is_put_on_and_taken_off() -> None:
    """A watch without skin under it has nobody."""
    worn = Watch.Physical().held_by("lin")

    assert Watch.Physical.portable
    assert (worn.on_wrist, worn.holder()) == (True, "lin")
    assert (worn.held_by(None).on_wrist, worn.held_by(None).holder()) == (False, None)
