"""The tablet: in a car's holder or in somebody's hand, before the driver only in the driver's own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sim.apps.app import Company
from sim.apps.displays import Pictures, PlayVideo, ShowCamera, Video, ViewCamera, WatchVideo
from sim.apps.notifications import ShowNotification
from sim.apps.screens.surface import Look, ShowCard
from sim.core.asking import LockCar
from sim.core.beliefs import Beliefs
from sim.core.device import (
    Act,
    Answer,
    Answered,
    Asked,
    Booted,
    Command,
    Learned,
    Linked,
    Presence,
    Provision,
    Request,
    Sensed,
)
from sim.core.surroundings import Aboard
from sim.devices.tablet import Mount, Tablet
from tests.senses import NOTHING_HEARD, FakeSenses, acted, commanded, heard, moment

DOCKED = FakeSenses({"docked_in": "su7"})
MOVING = heard("su7", "motion", moving=True)
STANDING = heard("su7", "motion", moving=False)


def new(given: Mapping[str, Any] | None = None) -> Tablet:
    """Return a tablet from the factory."""
    return Tablet.new("tablet", Tablet.Config(owner="mei"), given or {})


def docked(given: Mapping[str, Any] | None = None) -> Tablet:
    """Return a tablet that has noticed its holder."""
    return new(given).step(moment(DOCKED), Booted())[0]


def reported(tablet: Tablet, facet: type[Any]) -> Any:
    """Return one of its reports."""
    return next(one for one in tablet.report() if isinstance(one, facet))


@pytest.mark.parametrize(
    ("act", "target", "action"),
    [
        (LockCar(car="su7"), "su7", "lock"),
        (WatchVideo(title="Hero"), "tablet", "play_video"),
        (ViewCamera(camera="camera"), "tablet", "show_camera"),
    ],
)
def test_tablet_passes_a_touch_on(act: Act, target: str, action: str) -> None:
    """In the name of whoever has it in hand."""
    _, (request,) = new().step(moment(FakeSenses()), acted(act, by="jun"))

    assert isinstance(request, Request)
    assert (request.target, request.action, request.by) == (target, action, "jun")


def test_tablet_notices_the_holder_it_is_in() -> None:
    """And that it was taken out of it."""
    out = docked().step(moment(FakeSenses({"docked_in": None})), Sensed())[0]

    assert [reported(one, Mount).docked_in for one in (new(), docked(), out)] == [None, "su7", None]


@pytest.mark.parametrize(
    ("tablet", "beliefs", "known"),
    [
        (docked(), MOVING, {"moving": True, "passenger_present": True}),
        (docked(), NOTHING_HEARD, {"moving": True, "passenger_present": True}),
        (docked(), STANDING, {"moving": False, "passenger_present": True}),
        (new(), MOVING, {"moving": False}),
    ],
    ids=["moves", "unknown", "stands", "in hand"],
)
def test_tablet_tells_the_rules_what_it_knows_of_its_car(
    tablet: Tablet,
    beliefs: Beliefs,
    known: Mapping[str, bool],
) -> None:
    """What is not known counts as moving; in somebody's hand it is in no car that it knows of."""
    asked = Asked("play_video", PlayVideo(title="Hero"), "tablet", "mei", Presence())

    told = tablet.circumstances(moment(DOCKED, beliefs=beliefs), asked)

    assert told == Tablet.Circumstances(display="tablet", **dict[str, Any](known))


def test_a_film_in_the_holder_goes_with_the_last_passenger() -> None:
    """On the way a driver who is alone would watch it; while the car stands whoever likes may."""
    alone = replace(DOCKED, wires=Aboard(stands=False))
    tablet, _ = docked().step(moment(DOCKED, beliefs=STANDING), commanded(PlayVideo(title="Hero")))

    beside = replace(DOCKED, wires=Aboard(stands=False, passenger=True))
    riding, _ = tablet.step(moment(beside, beliefs=STANDING), Sensed())
    parked, _ = tablet.step(moment(replace(DOCKED, wires=Aboard(stands=True)), beliefs=STANDING), Sensed())
    left, _ = tablet.step(moment(alone, beliefs=STANDING), Sensed())

    assert [reported(one, Pictures).display for one in (riding, parked, left)] == ["video", "video", "home"]
    asked = Asked("play_video", PlayVideo(title="Hero"), "tablet", "mei", Presence())
    told = tablet.circumstances(moment(alone, beliefs=STANDING), asked)
    assert told == Tablet.Circumstances(display="tablet", moving=True, passenger_present=False)


def test_tablet_shows_a_picture_at_any_speed() -> None:
    """It is not before the driver; when the connection is gone, so is the picture."""
    tablet, _ = docked().step(moment(DOCKED, beliefs=MOVING), commanded(ShowCamera(camera="camera")))
    picture = Answer("done", data={"taken": "2026-01-12 07:30:00", "jpeg_base64": "/9j/"})
    shown, _ = tablet.step(moment(DOCKED, beliefs=MOVING), Answered("t1-picture", "camera", picture))
    shown, _ = shown.step(moment(DOCKED, beliefs=MOVING), Learned("su7"))
    assert reported(shown, Pictures).display == "camera"
    cards = {card["id"]: card for card in shown.drawn(moment(DOCKED))["tablet"]["cards"]}
    assert cards["picture"]["picture"] == "photo"

    cut, _ = shown.step(moment(DOCKED), Linked(up=False))
    assert reported(cut, Pictures) == Pictures(
        display="home", picture_from=None, picture_taken=None, picture_bytes=0
    )


@pytest.mark.parametrize("command", [PlayVideo(title="Hero"), ShowCamera(camera="camera")])
def test_tablet_in_the_drivers_own_hands_is_a_drivers_display(command: Command) -> None:
    """So the rules for what is before the driver refuse; in anybody else's hands it stays a tablet."""
    asked = Asked(command.action, command, "tablet", "mei", Presence())

    told = {
        driving: new().circumstances(moment(FakeSenses(holder="mei", driving=driving)), asked)
        for driving in (True, False)
    }

    assert told[True] == Tablet.Circumstances(moving=True, display="driver")
    assert told[False] == Tablet.Circumstances(moving=False, display="tablet")


def test_tablet_shows_nothing_any_more_when_whoever_holds_it_drives_off() -> None:
    """The film that began at the kerb is gone the moment the car is in gear."""
    film, _ = new().step(moment(FakeSenses(holder="mei")), commanded(PlayVideo(title="Hero")))
    assert reported(film, Video).video == "playing"

    off, _ = film.step(moment(FakeSenses(holder="mei", driving=True)), Sensed())

    assert reported(off, Video).video == "none"


@pytest.mark.parametrize(
    ("docked_in", "driver", "shown", "guest_drives"),
    [
        ("su7", "lin", "camera", False),
        ("su7", "jun", "home", True),
        ("su7", "tao", "home", True),
        ("su7", None, "home", None),
        (None, None, "camera", None),
    ],
    ids=["household", "guest", "child", "nobody", "taken out"],
)
def test_docked_tablet_is_a_screen_of_the_car(
    docked_in: str | None,
    driver: str | None,
    shown: str,
    guest_drives: bool | None,  # noqa: FBT001  # a column of the table
) -> None:
    """Pictures of the home go with the driver; what was taken out of the holder is in no car."""
    people: Mapping[str, Any] = {"lin": "owner", "mei": "member", "tao": "child", "jun": "guest"}
    tablet = new().provisioned(Provision(seed=bytes(32), boot=1, now_ms=0, people=people))
    before = moment(FakeSenses({"docked_in": "su7"}, wheel="lin"))
    after = moment(FakeSenses({"docked_in": docked_in}, wheel=driver))
    show = ShowCamera(camera="camera")
    picture = Answer("done", data={"taken": "2026-01-12 07:30:00", "jpeg_base64": "/9j/"})
    for at, stimulus in (
        (before, Booted()),
        (before, commanded(show)),
        (before, Answered("t1-picture", "camera", picture)),
        (after, Sensed()),
    ):
        tablet, _ = tablet.step(at, stimulus)

    told = tablet.circumstances(after, Asked("show_camera", show, "tablet", "mei", Presence()))
    assert reported(tablet, Pictures).display == shown
    assert isinstance(told, Tablet.Circumstances)
    assert told.guest_drives is guest_drives


@pytest.mark.parametrize(
    ("senses", "display", "detail", "guest_drives"),
    [
        (FakeSenses(holder="mei"), "tablet", "full", False),
        (FakeSenses(holder="mei", driving=True), "driver", "sender", False),
        (FakeSenses({"docked_in": "su7"}, wheel="lin"), "tablet", "full", False),
        (FakeSenses({"docked_in": "su7"}, wheel="jun"), "tablet", "full", True),
    ],
    ids=["in hand", "in the driver's hand", "docked", "docked beside a guest"],
)
def test_tablet_tells_the_rules_who_reads_a_message(
    senses: FakeSenses,
    display: str,
    detail: str,
    guest_drives: bool,  # noqa: FBT001  # a column of the table
) -> None:
    """A driver reads at most who wrote; while a guest drives, the holder shows nothing and takes nothing."""
    people: Mapping[str, Any] = {"lin": "owner", "mei": "member", "jun": "guest"}
    tablet = new().provisioned(Provision(seed=bytes(32), boot=1, now_ms=0, people=people))
    tablet, _ = tablet.step(moment(senses), Booted())
    asked = Asked("show_notification", ShowNotification(number=1), "phone", "mei", Presence())

    told = tablet.circumstances(moment(senses), asked)

    assert isinstance(told, Tablet.Circumstances)
    assert (told.display, told.detail, told.guest_drives) == (display, detail, guest_drives)
    assert reported(tablet, Company).takes_private is not guest_drives


def test_tablet_mirrors_cards_of_what_it_has_heard_itself() -> None:
    """A card of something it never heard of it cannot show."""
    mirrored, _ = new().step(moment(FakeSenses(), beliefs=STANDING), commanded(ShowCard(card="su7")))
    unheard, _ = new().step(moment(FakeSenses()), commanded(ShowCard(card="su7")))

    assert reported(mirrored, Look).first == ["su7"]
    assert reported(unheard, Look).first == []


def test_tablet_is_taken_in_hand_out_of_its_holder() -> None:
    """It is where its holder or its carrier is."""
    held = Tablet.Physical(docked_in="su7").held_by("mei")

    assert (held.docked_in, held.holder()) == (None, "mei")
    assert held.held_by(None).holder() is None
