"""The tablet: in a car's holder or in somebody's hand, never before the driver."""

from collections.abc import Mapping
from typing import Any

import pytest

from sim.apps.displays import Pictures, PlayVideo, ShowCamera, ViewCamera, WatchVideo
from sim.apps.screens.surface import Look, ShowCard
from sim.core.asking import LockCar
from sim.core.beliefs import Beliefs
from sim.core.device import Act, Answer, Answered, Asked, Booted, Learned, Linked, Presence, Request, Sensed
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
    ("tablet", "beliefs", "moving"),
    [
        (docked(), MOVING, True),
        (docked(), NOTHING_HEARD, True),
        (docked(), STANDING, False),
        (new(), MOVING, False),
    ],
    ids=["moves", "unknown", "stands", "in hand"],
)
def test_tablet_tells_the_rules_what_it_knows_of_its_car(
    tablet: Tablet,
    beliefs: Beliefs,
    moving: bool,  # noqa: FBT001  # a column of the table
) -> None:
    """What is not known counts as moving; in somebody's hand it is in no car that it knows of."""
    asked = Asked("play_video", PlayVideo(title="Hero"), "tablet", "mei", Presence())

    told = tablet.circumstances(moment(DOCKED, beliefs=beliefs), asked)

    assert told == Tablet.Circumstances(moving=moving, display="tablet")


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
