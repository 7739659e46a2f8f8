"""The camera: real pictures of its room, for those whose consent stands."""

import base64
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageStat

from sim.core.device import (
    Actuate,
    Asked,
    Booted,
    Effect,
    Emit,
    Learned,
    Presence,
    Sensed,
    Settle,
    StartTimer,
    TimerFired,
)
from sim.core.surroundings import View
from sim.devices.camera import (
    SHUTTER_GIVES_UP_MS,
    SHUTTER_MOTOR_MS,
    Camera,
    CameraReport,
    CloseShutter,
    Lens,
    Motion,
    OpenShutter,
    SetConsent,
    Snapshot,
)
from tests.senses import FakeSenses, commanded, moment, settled

SEEN = View("living_room", lamp_on=True, daylight=0.4, people=("mei",))
OPEN = {"shutter": "open"}


def new() -> Camera:
    """Return a camera from the factory."""
    return Camera.new("camera", Camera.Config(home="home", room="living_room"), {})


def taken(camera: Camera) -> tuple[Camera, dict[str, Any]]:
    """Return the camera after a picture, and what it answered."""
    camera, effects = camera.step(moment(FakeSenses(OPEN, seen=SEEN)), commanded(Snapshot()))
    answer = next(one.answer for one in effects if isinstance(one, Settle))
    return camera, dict(answer.data)


def consented(camera: Camera, by: str | None) -> bool:
    """Return what the camera tells the rules about somebody."""
    asked = Asked("snapshot", Snapshot(), "dash", by, Presence())
    return camera.circumstances(moment(FakeSenses()), asked).consented


def test_camera_takes_a_picture_of_its_room() -> None:
    """A snapshot is a JPEG with the camera's name and time, and everybody may know that one was taken."""
    camera, effects = new().step(moment(FakeSenses(OPEN, seen=SEEN)), commanded(Snapshot()))
    frame = taken(new())[1]

    assert settled(effects) == [("t1", "done")]
    assert Emit("picture_taken", {"taken": "2026-01-12 07:30:00"}) in effects
    assert base64.b64decode(frame["jpeg_base64"]).startswith(b"\xff\xd8")
    assert (frame["camera"], frame["taken"], frame["media_type"]) == (
        "camera",
        "2026-01-12 07:30:00",
        "image/jpeg",
    )
    assert camera.report()[0] == CameraReport(pictures=1, withdrawn=[], infrared=False)


def test_camera_pictures_differ_and_repeat() -> None:
    """Each picture has its own noise, and the same history gives the same pictures, byte for byte."""
    camera, first = taken(new())
    _, second = taken(camera)

    assert first != second
    assert taken(new())[1] == first


def test_camera_that_sees_no_room_says_so() -> None:
    """A camera that hangs nowhere takes no picture."""
    camera, effects = new().step(moment(FakeSenses(OPEN)), commanded(Snapshot()))

    assert [one.answer.reason for one in effects if isinstance(one, Settle)] == ["camera sees no room"]
    assert settled(effects) == [("t1", "failed")]
    assert camera == new()


def test_camera_consent_is_withdrawn_and_given_again() -> None:
    """Consent is per person, said once or twice, and shown in the order in which it was withdrawn."""
    camera = new()
    for person, granted in (("mei", False), ("tao", False), ("mei", False), ("tao", True)):
        camera, effects = camera.step(
            moment(FakeSenses()), commanded(SetConsent(person=person, granted=granted))
        )
        assert settled(effects) == [("t1", "done")]

    assert camera.report()[0] == CameraReport(pictures=0, withdrawn=["mei"], infrared=None)
    assert (consented(camera, "mei"), consented(camera, "tao")) == (False, True)


def test_camera_that_restarts_still_knows_whose_consent_is_withdrawn() -> None:
    """A power cut shows nobody what they may not see; only the pictures are counted anew."""
    camera, _ = taken(new())
    camera, _ = camera.step(moment(FakeSenses()), commanded(SetConsent(person="mei", granted=False)))

    again = Camera.new("camera", Camera.Config(home="home", room="living_room"), camera.kept())

    assert not consented(again, "mei")
    assert again.report()[0] == CameraReport(pictures=0, withdrawn=["mei"], infrared=None)


@pytest.mark.parametrize(("by", "may_see"), [("lin", True), (None, False)])
def test_camera_tells_the_rules_that_nobody_is_not_consented(by: str | None, may_see: bool) -> None:  # noqa: FBT001  # a column of the table
    """A request on nobody's behalf has nobody's consent."""
    assert consented(new(), by) is may_see


def test_camera_ignores_what_does_not_concern_it() -> None:
    """News of others change nothing."""
    assert new().step(moment(FakeSenses(OPEN, seen=SEEN)), Learned("su7")) == (new(), ())


# --- night ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lamp_on", "daylight", "infrared"),
    [(False, 0.0, True), (True, 0.0, False), (False, 0.3, False)],
    ids=["dark", "lamp", "day"],
)
def test_camera_sees_in_the_dark_by_infrared_light(lamp_on: bool, daylight: float, infrared: bool) -> None:  # noqa: FBT001  # columns of the table
    """What it reports is what the picture shows: greys, or colours."""
    view = replace(SEEN, lamp_on=lamp_on, daylight=daylight)
    camera, effects = new().step(moment(FakeSenses(OPEN, seen=view)), commanded(Snapshot()))
    frame = next(one.answer.data["jpeg_base64"] for one in effects if isinstance(one, Settle))
    picture = Image.open(BytesIO(base64.b64decode(frame))).convert("HSV").crop((0, 20, 320, 160))

    assert camera.report()[0] == CameraReport(pictures=1, withdrawn=[], infrared=infrared)
    assert (ImageStat.Stat(picture).mean[1] < 8) is infrared  # the saturation


# --- motion ---------------------------------------------------------------------------------------


def looked(camera: Camera, movements: int, shutter: str | None = "open") -> tuple[Camera, list[Emit]]:
    """Return a camera after so many movements in its room, and what it tells."""
    facts = {} if shutter is None else {"shutter": shutter}
    senses = FakeSenses(facts, seen=replace(SEEN, movements=movements))
    camera, effects = camera.step(moment(senses), Sensed())
    return camera, [one for one in effects if isinstance(one, Emit)]


def started(movements: int = 3) -> Camera:
    """Return a camera that looks into a room in which something moved before it was there."""
    senses = FakeSenses(OPEN, seen=replace(SEEN, movements=movements))
    return new().step(moment(senses), Booted())[0]


def test_camera_tells_that_something_moves_and_not_who() -> None:
    """One event for each movement, with the time and nothing else; what was before its start is none."""
    camera = started(3)
    still, nothing = looked(camera, 3)
    stirred, told = looked(still, 4)

    assert (nothing, told) == ([], [Emit("motion_seen", {"seen": "2026-01-12 07:30:00"})])
    assert camera.report()[1] == Motion(motions=0, last_motion=None)
    assert stirred.report()[1] == Motion(motions=1, last_motion="2026-01-12 07:30:00")


@pytest.mark.parametrize("shutter", ["closed", None])
def test_camera_behind_a_closed_shutter_sees_nothing(shutter: str | None) -> None:
    """Nor does one that does not know; what it missed is not told when the lens is uncovered."""
    camera, covered = looked(started(3), 3, shutter)
    camera, missed = looked(camera, 5, shutter)
    camera, uncovered = looked(camera, 6, "open")
    _, told = looked(camera, 7, "open")

    assert (covered, missed, uncovered) == ([], [], [])
    assert [one.name for one in told] == ["motion_seen"]


def test_camera_without_a_room_sees_no_motion() -> None:
    """There is nothing to be seen."""
    camera, effects = new().step(moment(FakeSenses(OPEN)), Booted())

    assert effects == ()
    assert camera.step(moment(FakeSenses(OPEN)), Sensed()) == (camera, ())


# --- the shutter ----------------------------------------------------------------------------------


def reasons(effects: tuple[Effect, ...]) -> list[str]:
    """Return why commands ended as they did."""
    return [one.answer.reason for one in effects if isinstance(one, Settle)]


@pytest.mark.parametrize(
    ("shutter", "sentence"),
    [
        ("closed", "the shutter of camera is closed"),
        (None, "camera does not know whether its shutter is open"),
    ],
)
def test_camera_takes_no_picture_through_a_shutter(shutter: str | None, sentence: str) -> None:
    """It fails with its own sentence, and nothing is counted."""
    facts = {} if shutter is None else {"shutter": shutter}
    camera, effects = new().step(moment(FakeSenses(facts, seen=SEEN)), commanded(Snapshot()))

    assert (settled(effects), reasons(effects)) == ([("t1", "failed")], [sentence])
    assert camera == new()


def test_camera_says_done_when_the_shutter_is_there() -> None:
    """The motor takes its time; the shutter's own place settles the command."""
    camera, asked = started().step(moment(FakeSenses(OPEN, seen=SEEN)), commanded(CloseShutter()))
    closed = FakeSenses({"shutter": "closed"}, seen=SEEN)
    camera, answered = camera.step(moment(closed), Sensed())
    again, at_once = camera.step(moment(closed), commanded(CloseShutter(), "t2"))

    assert asked == (
        Actuate({"shutter": "closed"}, SHUTTER_MOTOR_MS),
        StartTimer("shutter", SHUTTER_GIVES_UP_MS),
    )
    assert (settled(answered), settled(at_once)) == ([("t1", "done")], [("t2", "done")])
    assert camera.report()[2] == Lens(shutter="closed")
    assert again.step(moment(closed), TimerFired("shutter"))[1] == ()


def test_camera_whose_shutter_is_stuck_says_so() -> None:
    """Whoever waits is told, once."""
    camera, _ = started().step(moment(FakeSenses({"shutter": "closed"})), commanded(OpenShutter()))
    camera, effects = camera.step(moment(FakeSenses({"shutter": "closed"})), TimerFired("shutter"))

    assert (settled(effects), reasons(effects)) == (
        [("t1", "failed")],
        ["the shutter of camera is stuck"],
    )
    assert camera.moving_shutter == ()


def test_camera_told_to_close_while_it_opens_runs_back() -> None:
    """The shutter is still closed, but will not be: so the motor is told again."""
    camera, _ = started().step(moment(FakeSenses({"shutter": "closed"})), commanded(OpenShutter()))
    camera, effects = camera.step(moment(FakeSenses({"shutter": "closed"})), commanded(CloseShutter(), "t2"))

    assert Actuate({"shutter": "closed"}, SHUTTER_MOTOR_MS) in effects
    assert [ticket for ticket, _ in camera.moving_shutter] == ["t1", "t2"]


def test_camera_without_power_keeps_its_shutter() -> None:
    """What was covered stays covered."""
    assert Camera.Physical(shutter="closed").without_power().shutter == "closed"
