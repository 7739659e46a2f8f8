"""The dashboard: pictures for the passenger, none for a driver on the move, and only real ones."""

import base64
from typing import Any

import pytest

from sim.core.asking import LockCar, RequestAction, SetClimate
from sim.core.beliefs import Beliefs
from sim.core.device import (
    Act,
    Answer,
    Answered,
    Asked,
    Booted,
    Circumstances,
    Command,
    Effect,
    Learned,
    Presence,
    Request,
    Settle,
)
from sim.devices.dashboard import (
    JPEG_BYTES_MAX,
    Dashboard,
    Display,
    OpenPairing,
    Screens,
    ShowCamera,
    ViewCamera,
)
from tests.senses import NOTHING_HEARD, FakeSenses, acted, commanded, heard, moment

SMALL_JPEG = b"\xff\xd8 small \xff\xd9"
STANDING = heard("su7", "motion", moving=False)
MOVING = heard("su7", "motion", moving=True)


def new() -> Dashboard:
    """Return a dashboard from the factory."""
    return Dashboard.new("dash", Dashboard.Config(car="su7"), {})


def fetching(display: Display, beliefs: Beliefs = STANDING) -> Dashboard:
    """Return a dashboard that waits for a picture."""
    return new().step(
        moment(FakeSenses(), beliefs=beliefs), commanded(ShowCamera(camera="camera", display=display))
    )[0]


def picture(jpeg: object = None, **changes: Any) -> Answer:
    """Return what a camera answers."""
    encoded = base64.b64encode(SMALL_JPEG).decode() if jpeg is None else jpeg
    return Answer(
        "done",
        data={"camera": "camera", "taken": "2026-01-12 07:30:00", "jpeg_base64": encoded, **changes},
    )


def got(
    board: Dashboard, answer: Answer, beliefs: Beliefs = STANDING, ticket: str = "t1-picture"
) -> tuple[Dashboard, tuple[Effect, ...]]:
    """Return the dashboard and its effects after an answer from the camera."""
    return board.step(moment(FakeSenses(), beliefs=beliefs), Answered(ticket, "camera", answer))


def screens(board: Dashboard) -> Screens:
    """Return what the dashboard reports."""
    return next(one for one in board.report() if isinstance(one, Screens))


def failure(effects: tuple[Effect, ...]) -> str:
    """Return why a ticket failed."""
    (answer,) = (one.answer for one in effects if isinstance(one, Settle))
    assert answer.status == "failed"
    return answer.reason


@pytest.mark.parametrize(
    ("act", "target", "action"),
    [
        (LockCar(car="su7"), "su7", "lock"),
        (SetClimate(device="heater", mode="heat", target_c=21.0), "heater", "set_climate"),
        (RequestAction(car="su7", name="steer"), "su7", "steer"),
    ],
)
def test_dashboard_passes_a_touch_on(act: Act, target: str, action: str) -> None:
    """A touch becomes a command to the device it is about, on behalf of whoever touched."""
    _, effects = new().step(moment(FakeSenses()), acted(act))

    (request,) = effects
    assert isinstance(request, Request)
    assert (request.ticket, request.target, request.action, request.by) == ("t1", target, action, "lin")


def test_dashboard_asks_the_car_to_show_a_code() -> None:
    """“Add a key” goes to the car that it is built into, in the name of whoever touched it."""
    board, effects = new().step(moment(FakeSenses()), acted(OpenPairing()))

    assert board == new()
    assert effects == (Request("t1", "su7", "open_pairing", by="lin"),)


def test_dashboard_asks_itself_before_it_shows_a_camera() -> None:
    """A touch on a camera's card passes the same rules as a message from afar."""
    _, effects = new().step(moment(FakeSenses()), acted(ViewCamera(camera="camera", display="driver")))

    (request,) = effects
    assert isinstance(request, Request)
    assert (request.target, request.action) == ("dash", "show_camera")
    assert request.arguments == {"camera": "camera", "display": "driver"}


def test_dashboard_fetches_a_picture_in_the_askers_name() -> None:
    """The camera judges whoever wants to see, not the dashboard."""
    _, effects = new().step(
        moment(FakeSenses()), commanded(ShowCamera(camera="camera", display="passenger"), by="mei")
    )

    assert effects == (Request("t1-picture", "camera", "snapshot", by="mei"),)


@pytest.mark.parametrize(
    ("display", "driver", "passenger"), [("driver", "camera", "home"), ("passenger", "driving", "camera")]
)
def test_dashboard_shows_a_picture_where_it_was_wanted(display: Display, driver: str, passenger: str) -> None:
    """The picture appears on the display that was asked for, and the other one stays."""
    board, effects = got(fetching(display), picture())

    assert effects == (Settle("t1", Answer("done")),)
    assert screens(board) == Screens(
        driver_display=driver,
        passenger_display=passenger,
        picture_from="camera",
        picture_taken="2026-01-12 07:30:00",
        picture_bytes=len(SMALL_JPEG),
    )
    assert board.waiting == ()


@pytest.mark.parametrize(
    "beliefs", [MOVING, NOTHING_HEARD, heard("su7", "motion", online=False, moving=False)]
)
def test_dashboard_clears_the_drivers_display_when_the_car_moves(beliefs: Beliefs) -> None:
    """A car that moves, or of which nobody knows whether it does, shows its driver no picture."""
    board, _ = got(fetching("driver"), picture())

    cleared, effects = board.step(moment(FakeSenses(), beliefs=beliefs), Learned("su7"))

    assert effects == ()
    assert screens(cleared).driver_display == "driving"


def test_dashboard_keeps_the_drivers_display_while_the_car_stands() -> None:
    """News of a standing car, or of another device, clears nothing."""
    board, _ = got(fetching("driver"), picture())

    assert board.step(moment(FakeSenses(), beliefs=STANDING), Learned("su7")) == (board, ())
    assert board.step(moment(FakeSenses(), beliefs=MOVING), Learned("heater")) == (board, ())


def test_dashboard_drops_a_drivers_picture_that_comes_too_late() -> None:
    """A car that set off meanwhile keeps the picture away from its driver; the passenger still sees it."""
    board, effects = got(fetching("driver"), picture(), MOVING)
    beside, _ = got(fetching("passenger"), picture(), MOVING)

    assert failure(effects) == "the car began to move before the picture came"
    assert screens(board) == screens(new())
    assert screens(beside).passenger_display == "camera"


@pytest.mark.parametrize(
    "answer",
    [
        picture("not base64!"),
        picture("öäü"),
        picture(""),
        picture(5),
        picture(base64.b64encode(b"GIF89a").decode()),
        picture(base64.b64encode(b"\xff\xd8".ljust(JPEG_BYTES_MAX + 1)).decode()),
        picture(base64.b64encode(b"\xff\xd8".ljust(JPEG_BYTES_MAX * 2)).decode()),
        picture(taken=7),
        Answer("done"),
    ],
    ids=[
        "no base64",
        "no ascii",
        "empty",
        "no text",
        "no jpeg",
        "one byte too large",
        "far too large",
        "no time",
        "nothing",
    ],
)
def test_dashboard_refuses_what_is_no_picture(answer: Answer) -> None:
    """Whatever a camera sends instead of a small JPEG with its time is refused and not shown."""
    board, effects = got(fetching("passenger"), answer)

    assert failure(effects) == "what the camera sent is no picture"
    assert screens(board) == screens(new())


def test_dashboard_takes_the_largest_picture_there_may_be() -> None:
    """The limit itself is allowed."""
    largest = base64.b64encode(b"\xff\xd8".ljust(JPEG_BYTES_MAX)).decode()

    assert screens(got(fetching("passenger"), picture(largest))[0]).picture_bytes == JPEG_BYTES_MAX


def test_dashboard_names_the_camera_that_answered() -> None:
    """Whose picture it is, is known from who answered, not from what the picture says of itself."""
    board, _ = got(fetching("passenger"), picture(camera="bedroom"))

    assert screens(board).picture_from == "camera"


def test_dashboard_passes_on_why_there_is_no_picture() -> None:
    """A denial of the camera is the answer to the touch, with its reason."""
    denied = Answer("denied", "no consent", denial={"rules": ["camera-consent"]})

    board, effects = got(fetching("passenger"), denied)

    assert effects == (Settle("t1", denied),)
    assert board.waiting == ()


def test_dashboard_waits_for_each_picture_apart() -> None:
    """Two pictures under way come to the displays they were meant for, in any order."""
    board = fetching("passenger")
    board, _ = board.step(
        moment(FakeSenses(), beliefs=STANDING),
        commanded(ShowCamera(camera="camera", display="driver"), ticket="t2"),
    )
    board, second = got(board, picture(), ticket="t2-picture")
    assert screens(board).passenger_display == "home"
    board, first = got(board, picture())

    assert [second, first] == [(Settle("t2", Answer("done")),), (Settle("t1", Answer("done")),)]
    assert screens(board).passenger_display == "camera"


def test_dashboard_ignores_answers_to_what_it_does_not_wait_for() -> None:
    """Steps on the way, answers to touches, and starts change nothing."""
    board = fetching("passenger")

    assert got(board, Answer("accepted")) == (board, ())
    assert got(board, Answer("done"), ticket="t9") == (board, ())
    assert board.step(moment(FakeSenses()), Booted()) == (board, ())


@pytest.mark.parametrize(("beliefs", "moving"), [(STANDING, False), (MOVING, True), (NOTHING_HEARD, True)])
def test_dashboard_tells_the_rules_what_it_knows_of_the_car(beliefs: Beliefs, moving: bool) -> None:  # noqa: FBT001  # a column of the table
    """The rules get the display that is meant, and an unknown motion as a motion."""
    at = moment(FakeSenses(), beliefs=beliefs)

    def told(command: Command | None) -> Circumstances:
        return new().circumstances(at, Asked("any", command, "dash", "lin", Presence()))

    assert told(ShowCamera(camera="camera", display="driver")) == Dashboard.Circumstances(
        moving=moving, display="driver"
    )
    assert told(None) == Dashboard.Circumstances(moving=moving, display=None)
