"""The watch: a key only on the wrist of its owner."""

import pytest

from sim.core.asking import UnlockCar
from sim.core.device import Booted, Learned, Presence, Request, Sensed
from sim.devices.watch import Watch, Wrist
from tests.senses import FakeSenses, acted, moment

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
    """What is touched becomes a command to the car."""
    _, effects = new().step(moment(FakeSenses()), acted(UnlockCar(car="su7")))

    assert effects == (Request("t1", "su7", "unlock", by="lin"),)


def test_watch_notices_when_it_is_put_on_or_taken_off() -> None:
    """It looks at its skin sensor when it starts and whenever something changes."""
    on, effects = new().step(moment(FakeSenses(WORN)), Booted())
    off, _ = on.step(moment(FakeSenses({"on_wrist": False})), Sensed())
    blind, _ = off.step(moment(FakeSenses()), Sensed())

    assert effects == ()
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


def test_watch_ignores_what_does_not_concern_it() -> None:
    """News of other devices change nothing."""
    assert new().step(moment(FakeSenses()), Learned("su7")) == (new(), ())


def test_watch_is_put_on_and_taken_off() -> None:
    """A watch without skin under it has nobody."""
    worn = Watch.Physical().held_by("lin")

    assert Watch.Physical.portable
    assert (worn.on_wrist, worn.holder()) == (True, "lin")
    assert (worn.held_by(None).on_wrist, worn.held_by(None).holder()) == (False, None)
