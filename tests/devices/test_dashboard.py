"""The dashboard: pictures and films for the passenger, none for a driver on the move, and only real ones."""

import base64
from typing import Any

import pytest

from sim.apps.displays import (
    BUFFER_MS,
    JPEG_BYTES_MAX,
    PICTURE_MS,
    WAITING_MAX,
    PauseVideo,
    ResumeVideo,
    Video,
)
from sim.core import device as core
from sim.core.asking import LockCar, RequestAction, SetClimate
from sim.core.beliefs import Beliefs
from sim.core.device import (
    Act,
    Answer,
    Answered,
    Asked,
    Booted,
    CancelTimer,
    Circumstances,
    Command,
    Draw,
    Effect,
    Learned,
    Linked,
    Presence,
    Provision,
    Request,
    Sensed,
    Settle,
    StartTimer,
    TimerFired,
)
from sim.core.surroundings import Aboard
from sim.devices.dashboard import (
    CarDisplays,
    Dashboard,
    Display,
    OpenPairing,
    PlayVideo,
    Screens,
    ShowCamera,
    ViewCamera,
    WatchVideo,
)
from tests.senses import NOTHING_HEARD, FakeSenses, acted, commanded, heard, moment

SMALL_JPEG = b"\xff\xd8 small \xff\xd9"
STANDING = heard("su7", "motion", moving=False)
MOVING = heard("su7", "motion", moving=True)


def dashboard() -> Dashboard:
    """Return a dashboard from the factory."""
    return Dashboard.new("dash", Dashboard.Config(car="su7"), {})


def new() -> CarDisplays:
    """Return its displays."""
    return next(part for part in dashboard().parts.values() if isinstance(part, CarDisplays))


def fetching(display: Display, beliefs: Beliefs = STANDING) -> CarDisplays:
    """Return displays that wait for a picture."""
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
    board: CarDisplays, answer: Answer, beliefs: Beliefs = STANDING, ticket: str = "t1-picture"
) -> tuple[CarDisplays, tuple[Effect, ...]]:
    """Return the displays and their effects after an answer from the camera."""
    return board.step(moment(FakeSenses(), beliefs=beliefs), Answered(ticket, "camera", answer))


def screens(board: CarDisplays) -> Screens:
    """Return what is reported of the displays."""
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
    _, effects = dashboard().step(moment(FakeSenses()), acted(act))

    (request,) = effects
    assert isinstance(request, Request)
    assert (request.ticket, request.target, request.action, request.by) == ("t1", target, action, "lin")


def test_dashboard_asks_the_car_to_show_a_code() -> None:
    """“Add a key” goes to the car that it is built into, in the name of whoever touched it."""
    board = dashboard()

    assert board.step(moment(FakeSenses()), acted(OpenPairing())) == (
        board,
        (Request("t1", "su7", "open_pairing", by="lin"),),
    )


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

    assert effects == (Settle("t1", Answer("done")), Draw(), StartTimer(f"picture on {display}", PICTURE_MS))
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

    assert effects == (Draw(),)
    assert screens(cleared).driver_display == "driving"


def test_dashboard_keeps_the_drivers_display_while_the_car_stands() -> None:
    """News of a standing car, or news while nothing is before the driver, clears nothing."""
    board, _ = got(fetching("driver"), picture())
    beside, _ = got(fetching("passenger"), picture())

    assert board.step(moment(FakeSenses(), beliefs=STANDING), Learned("su7")) == (board, ())
    assert beside.step(moment(FakeSenses(), beliefs=MOVING), Learned("su7")) == (beside, ())
    assert new().step(moment(FakeSenses(), beliefs=MOVING), Learned("su7")) == (new(), ())


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

    assert [second[:2], first[:2]] == [(Settle(one, Answer("done")), Draw()) for one in ("t2", "t1")]
    assert screens(board).passenger_display == "camera"


def test_dashboard_ignores_answers_to_what_it_does_not_wait_for() -> None:
    """Steps on the way, answers to touches, and starts change nothing."""
    board = fetching("passenger")

    assert got(board, Answer("accepted")) == (board, ())
    assert got(board, Answer("done"), ticket="t9") == (board, ())
    assert board.step(moment(FakeSenses()), Booted()) == (board, ())


@pytest.mark.parametrize(("beliefs", "moving"), [(STANDING, False), (MOVING, True), (NOTHING_HEARD, True)])
def test_dashboard_tells_the_rules_what_it_knows_of_the_car(beliefs: Beliefs, moving: bool) -> None:  # noqa: FBT001  # a column of the table
    """The rules get the display that is meant, who is there, and an unknown motion as a motion."""
    at = moment(FakeSenses(), beliefs=beliefs)
    known: dict[str, Any] = {"moving": moving, "passenger_present": True}

    def told(command: Command | None) -> Circumstances:
        action = "show_camera" if command is None else command.action
        return dashboard().circumstances(at, Asked(action, command, "dash", "lin", Presence()))

    shown = told(ShowCamera(camera="camera", display="driver"))
    assert shown == Dashboard.Circumstances(display="driver", **known)
    assert told(None) == Dashboard.Circumstances(display=None, **known)
    assert told(PlayVideo(title="Lin Ze Xu")) == Dashboard.Circumstances(display="passenger", **known)


@pytest.mark.parametrize(
    ("wires", "moving", "alone"),
    [
        (Aboard(stands=False, passenger=True), True, set()),
        (Aboard(stands=False, passenger=False), True, {"passenger"}),
        (Aboard(stands=True, passenger=False), False, set()),
    ],
)
def test_that_a_car_stands_is_believed_of_its_own_wires_only(
    wires: Aboard,
    moving: bool,  # noqa: FBT001  # a column of the table
    alone: frozenset[str],
) -> None:
    """What it said last may be old: a link can be late or lost, its wires are not."""
    at = moment(FakeSenses(wires=wires), beliefs=STANDING)

    told = dashboard().circumstances(at, Asked("play_video", PlayVideo(title="x"), "dash", "lin", Presence()))

    assert (told.moving, dashboard().driving(at)) == (moving, moving)
    assert (new().forbidden(at), new().unattended(at)) == ("driver" if moving else None, alone)


def test_films_go_when_the_car_moves_off_whatever_was_heard_of_it() -> None:
    """Before the driver always, before the passenger's seat when it is empty; there a picture stays."""
    off = FakeSenses(wires=Aboard(stands=False, passenger=False))
    for display, film in (("driver", "driving"), ("passenger", "home")):
        board, _ = new().step(
            moment(FakeSenses(), beliefs=STANDING), commanded(PlayVideo(title="x", display=display))
        )
        board, effects = board.step(moment(off, beliefs=STANDING), Sensed())
        assert (board.word(display), board.video().video, effects) == (film, "none", (Draw(),))
    picture_there = got(fetching("passenger"), picture())[0]
    assert picture_there.step(moment(off, beliefs=STANDING), Sensed()) == (picture_there, ())


@pytest.mark.parametrize("entitlement", ["trial", "paid", "grace", "expired", "refunded", "absent"])
def test_dashboard_tells_the_rules_what_became_of_the_subscription(entitlement: str) -> None:
    """One that was never there is not told at all."""
    board = Dashboard.new("dash", Dashboard.Config(car="su7"), {"entitlement": entitlement})
    asked = Asked("play_video", PlayVideo(title="Lin Ze Xu"), "dash", "lin", Presence())

    told = board.circumstances(moment(FakeSenses()), asked)

    assert isinstance(told, Dashboard.Circumstances)
    assert told.entitlement == (None if entitlement == "absent" else entitlement)
    assert board.kept()["entitlement"] == entitlement


# --- pictures of the home, and who is before them -----------------------------------------------------


def driven_by(driver: str | None, beliefs: Beliefs = STANDING) -> core.Moment:
    """Return a moment in the parked car with somebody, or nobody, at its wheel."""
    return moment(FakeSenses(holder=driver), beliefs=beliefs)


def lins(board: CarDisplays) -> CarDisplays:
    """Return displays that know the household, after they have seen Lin at the wheel."""
    people: dict[str, core.Role] = {"lin": "owner", "mei": "member", "tao": "child", "jun": "guest"}
    known = board.provisioned(Provision(seed=bytes(32), boot=1, now_ms=0, people=people))
    return known.step(driven_by("lin"), Sensed())[0]


def shown_to(by: str, display: Display = "passenger") -> CarDisplays:
    """Return displays in Lin's car on which somebody looks at the home."""
    show = ShowCamera(camera="camera", display=display)
    return got(lins(new()).step(driven_by("lin"), commanded(show, by=by))[0], picture())[0]


@pytest.mark.parametrize("driver", ["jun", "tao", "somebody", None])
@pytest.mark.parametrize("display", ["driver", "passenger"])
def test_pictures_of_the_home_go_with_the_driver(driver: str | None, display: Display) -> None:
    """A guest, a child, a stranger or nobody at the wheel ends every look at the home, and keeps no byte."""
    board, _ = got(lins(fetching(display)), picture())

    gone, effects = board.step(driven_by(driver), Sensed())

    assert effects == (Draw(),)
    assert screens(gone) == screens(new())


def test_pictures_of_the_home_stay_while_the_household_drives() -> None:
    """And who looks from the passenger's seat while nobody drives is no guest's affair either."""
    board = shown_to("mei")
    assert board.step(driven_by("lin"), Sensed()) == (board, ())

    empty, _ = lins(new()).step(driven_by(None), Sensed())
    looking, _ = got(
        empty.step(driven_by(None), commanded(ShowCamera(camera="camera", display="passenger")))[0], picture()
    )
    assert looking.step(driven_by(None), Sensed()) == (looking, ())


def test_a_film_stays_when_a_guest_takes_the_wheel() -> None:
    """It tells nothing of the home."""
    film = lins(playing())

    assert film.step(driven_by("jun"), Sensed())[0].on == film.on


def test_a_picture_on_its_way_does_not_come_to_a_guest() -> None:
    """Who asked is told; what arrives afterwards is nobody's."""
    board, effects = lins(fetching("passenger")).step(driven_by("jun"), Sensed())

    assert failure(effects) == "nobody of the household sat at the wheel any more when the picture came"
    assert got(board, picture()) == (board, ())


def test_a_withdrawn_consent_takes_the_picture_away() -> None:
    """That of whoever looked; nobody else's consent matters, and a camera that was not heard says nothing."""
    withdrawn = heard("camera", "camera_report", withdrawn=["mei"])

    for by, display in (("mei", "home"), ("lin", "camera")):
        board, _ = shown_to(by).step(driven_by("lin", withdrawn), Learned("camera"))
        assert screens(board).passenger_display == display
        assert (screens(board).picture_bytes == 0) == (by == "mei")


def test_a_consent_that_is_withdrawn_meanwhile_keeps_the_picture_away() -> None:
    """The camera had taken it already."""
    show = ShowCamera(camera="camera", display="passenger")
    board, _ = new().step(moment(FakeSenses(), beliefs=STANDING), commanded(show, by="mei"))

    board, effects = got(board, picture(), heard("camera", "camera_report", withdrawn=["mei"]))

    assert failure(effects) == "the consent was withdrawn before the picture came"
    assert screens(board) == screens(new())


def test_a_picture_is_gone_after_five_minutes() -> None:
    """Each from its own display; a film on the same one stays."""
    board, _ = got(fetching("driver"), picture())
    other, _ = board.step(at_ms(0), TimerFired("picture on passenger"))
    assert screens(other) == screens(board)

    gone, effects = board.step(at_ms(PICTURE_MS), TimerFired("picture on driver"))
    assert effects == (Draw(),)
    assert screens(gone) == screens(new())
    film, _ = playing().step(at_ms(PICTURE_MS), TimerFired("picture on passenger"))
    assert video(film).video == "playing"


@pytest.mark.parametrize(("driver", "told"), [("lin", False), ("jun", True), ("tao", True), (None, None)])
def test_dashboard_tells_the_rules_whether_a_guest_is_to_see_the_home(
    driver: str | None,
    told: bool | None,  # noqa: FBT001  # a column of the table
) -> None:
    """For `no-home-pictures-while-a-guest-drives`; of an empty seat, and of films, it tells nothing."""
    board = lins(new())
    show = ShowCamera(camera="camera", display="passenger")
    look = Asked("show_camera", show, "phone", "lin", Presence())
    film = Asked("play_video", PlayVideo(title="Hero"), "phone", "lin", Presence())

    assert board.told(driven_by(driver), look).get("guest_drives") is told
    assert "guest_drives" not in board.told(driven_by(driver), film)


# --- films ----------------------------------------------------------------------------------------


def at_ms(now_ms: int, beliefs: Beliefs = STANDING) -> core.Moment:
    """Return a moment after the start."""
    return moment(FakeSenses(), now_ms, beliefs)


def playing(display: Display = "passenger", position_ms: int = 0) -> CarDisplays:
    """Return displays on which a film began at the start."""
    play = PlayVideo(title="Lin Ze Xu", position_ms=position_ms, display=display)
    return new().step(at_ms(0), commanded(play))[0]


def video(board: CarDisplays) -> Video:
    """Return what is reported of the film."""
    return next(one for one in board.report() if isinstance(one, Video))


def test_a_film_is_asked_of_the_dashboard_itself() -> None:
    """On the passenger's side unless another display is named."""
    _, (beside,) = new().step(at_ms(0), acted(WatchVideo(title="Lin Ze Xu", position_ms=5)))
    _, (before,) = new().step(at_ms(0), acted(WatchVideo(title="Lin Ze Xu", display="driver")))

    assert beside == Request(
        "t1", "dash", "play_video", {"title": "Lin Ze Xu", "position_ms": 5, "display": "passenger"}, by="lin"
    )
    assert isinstance(before, Request)
    assert before.arguments["display"] == "driver"


def test_a_film_is_where_the_time_has_brought_it() -> None:
    """Nobody counts while it plays; paused it stays, and it goes on from there."""
    board = playing(position_ms=1_000)
    assert (video(board).video, video(board).video_position_ms) == ("playing", 1_000)

    paused, effects = board.step(at_ms(60_000), acted(PauseVideo()))
    assert effects == (Settle("t1", Answer("done")), Draw())
    assert (video(paused).video, video(paused).video_position_ms) == ("paused", 61_000)
    assert paused.step(at_ms(90_000), acted(PauseVideo()))[0] == paused

    _, (request,) = paused.step(at_ms(3_600_000), acted(ResumeVideo()))
    assert isinstance(request, Request)
    assert request.arguments == {"title": "Lin Ze Xu", "position_ms": 61_000, "display": "passenger"}


@pytest.mark.parametrize("act", [PauseVideo(), ResumeVideo()])
def test_without_a_film_there_is_nothing_to_pause(act: core.Act) -> None:
    """It says so."""
    board, effects = new().step(at_ms(0), acted(act))

    assert failure(effects) == "no film is on dash"
    assert video(board).video == "none"


def test_there_is_one_film_at_most() -> None:
    """It goes on where it was wanted last; a picture on the other display stays."""
    before, _ = playing("driver").step(at_ms(1), commanded(PlayVideo(title="Hero", display="passenger")))
    looking, _ = got(fetching("driver"), picture())
    beside, _ = looking.step(at_ms(1), commanded(PlayVideo(title="Hero", display="passenger")))

    assert (before.word("driver"), before.word("passenger")) == ("driving", "video")
    assert (beside.word("driver"), beside.word("passenger")) == ("camera", "video")


def test_a_film_before_the_driver_is_gone_when_the_car_moves() -> None:
    """One beside the driver is not."""
    for display, word in (("driver", "none"), ("passenger", "playing")):
        moved, _ = playing(display).step(at_ms(5, MOVING), Learned("su7"))  # type: ignore[arg-type]  # two words
        assert video(moved).video == word


def test_a_film_plays_on_from_its_buffer_when_the_connection_is_gone() -> None:
    """Then it waits, and goes on by itself when the connection is back; pictures of rooms are taken away."""
    looking, _ = playing().step(at_ms(0), commanded(ShowCamera(camera="camera", display="driver")))
    looking, _ = got(looking, picture())
    cut, effects = looking.step(at_ms(10_000), Linked(up=False))
    assert effects == (StartTimer("film buffer", BUFFER_MS),)
    assert (cut.word("driver"), cut.word("passenger")) == ("driving", "video")
    assert screens(cut).picture_bytes == 0

    stalled, effects = cut.step(at_ms(60_000), TimerFired("film buffer"))
    assert effects == (Draw(),)
    assert (video(stalled).video, video(stalled).video_position_ms) == ("stalled", 60_000)
    back, effects = stalled.step(at_ms(600_000), Linked(up=True))
    assert effects == (CancelTimer("film buffer"), Draw())
    assert (video(back).video, video(back).video_position_ms) == ("playing", 60_000)


def test_a_film_that_somebody_paused_stays_paused_over_a_cut() -> None:
    """The connection begins nothing that a person ended."""
    paused, _ = playing().step(at_ms(1_000), acted(PauseVideo()))
    for stimulus in (Linked(up=False), TimerFired("film buffer"), Linked(up=True)):
        paused, _ = paused.step(at_ms(2_000), stimulus)

    assert video(paused).video == "paused"


def test_without_a_connection_no_film_begins() -> None:
    """It comes over the connection."""
    cut, _ = new().step(at_ms(0), Linked(up=False))

    _, effects = cut.step(at_ms(1), commanded(PlayVideo(title="Hero")))

    assert failure(effects) == "dash has no connection"


def test_a_cut_before_the_drivers_eyes_clears_what_the_car_could_not_clear() -> None:
    """Without a connection nobody knows whether the car moves."""
    cut, _ = playing("driver").step(at_ms(1, NOTHING_HEARD), Linked(up=False))

    assert (cut.word("driver"), video(cut).video) == ("driving", "none")


def test_pictures_on_their_way_are_few() -> None:
    """Whoever asks without end is told to wait."""
    board = new()
    for number in range(WAITING_MAX):
        wish = ShowCamera(camera="camera", display="passenger")
        board, _ = board.step(at_ms(0), commanded(wish, ticket=f"t{number}"))

    _, effects = board.step(at_ms(0), commanded(ShowCamera(camera="camera", display="passenger")))

    assert failure(effects) == "4 pictures are on their way already"


def test_each_display_draws_what_is_on_it() -> None:
    """The title of a film is for those before the screen only."""
    looking, _ = got(fetching("driver"), picture())
    board, _ = looking.step(at_ms(0), commanded(PlayVideo(title="Hero", display="passenger")))

    (photo,) = board.cards(at_ms(5_000), "driver")
    (film,) = board.cards(at_ms(5_000), "passenger")

    assert (photo.picture, photo.lines[0].text) == ("photo", "2026-01-12 07:30:00")
    assert (film.picture, [line.text for line in film.lines]) == ("video", ["Hero", "playing at 5 s"])
    assert film.lines[0].private
    assert board.cards(at_ms(0), "tablet") == ()


def test_the_dashboard_is_drawn_with_less_before_a_driver_on_the_move() -> None:
    """Each of its displays by itself."""
    drawn = dashboard().drawn(moment(FakeSenses(), beliefs=MOVING))

    assert {display: one["restricted"] for display, one in drawn.items()} == {
        "driver": True,
        "passenger": False,
    }
    assert not dashboard().drawn(moment(FakeSenses(), beliefs=STANDING))["driver"]["restricted"]
