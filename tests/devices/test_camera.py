"""The camera: real pictures of its room, for those whose consent stands."""

import base64
from typing import Any

import pytest

from sim.core.device import Asked, Booted, Emit, Presence, Settle
from sim.core.surroundings import View
from sim.devices.camera import Camera, CameraReport, SetConsent, Snapshot
from tests.senses import FakeSenses, commanded, moment, settled

SEEN = View("living_room", lamp_on=True, daylight=0.4, people=("mei",))


def new() -> Camera:
    """Return a camera from the factory."""
    return Camera.new("camera", Camera.Config(home="home", room="living_room"), {})


def taken(camera: Camera) -> tuple[Camera, dict[str, Any]]:
    """Return the camera after a picture, and what it answered."""
    camera, effects = camera.step(moment(FakeSenses(seen=SEEN)), commanded(Snapshot()))
    answer = next(one.answer for one in effects if isinstance(one, Settle))
    return camera, dict(answer.data)


def consented(camera: Camera, by: str | None) -> bool:
    """Return what the camera tells the rules about somebody."""
    asked = Asked("snapshot", Snapshot(), "dash", by, Presence())
    return camera.circumstances(moment(FakeSenses()), asked).consented


def test_camera_takes_a_picture_of_its_room() -> None:
    """A snapshot is a JPEG with the camera's name and time, and everybody may know that one was taken."""
    camera, effects = new().step(moment(FakeSenses(seen=SEEN)), commanded(Snapshot()))
    frame = taken(new())[1]

    assert settled(effects) == [("t1", "done")]
    assert Emit("picture_taken", {"taken": "2026-01-12 07:30:00"}) in effects
    assert base64.b64decode(frame["jpeg_base64"]).startswith(b"\xff\xd8")
    assert (frame["camera"], frame["taken"], frame["media_type"]) == (
        "camera",
        "2026-01-12 07:30:00",
        "image/jpeg",
    )
    assert camera.report() == (CameraReport(pictures=1, withdrawn=[]),)


def test_camera_pictures_differ_and_repeat() -> None:
    """Each picture has its own noise, and the same history gives the same pictures, byte for byte."""
    camera, first = taken(new())
    _, second = taken(camera)

    assert first != second
    assert taken(new())[1] == first


def test_camera_that_sees_no_room_says_so() -> None:
    """A camera that hangs nowhere takes no picture."""
    camera, effects = new().step(moment(FakeSenses()), commanded(Snapshot()))

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

    assert camera.report() == (CameraReport(pictures=0, withdrawn=["mei"]),)
    assert (consented(camera, "mei"), consented(camera, "tao")) == (False, True)


def test_camera_that_restarts_still_knows_whose_consent_is_withdrawn() -> None:
    """A power cut shows nobody what they may not see; only the pictures are counted anew."""
    camera, _ = taken(new())
    camera, _ = camera.step(moment(FakeSenses()), commanded(SetConsent(person="mei", granted=False)))

    again = Camera.new("camera", Camera.Config(home="home", room="living_room"), camera.kept())

    assert not consented(again, "mei")
    assert again.report() == (CameraReport(pictures=0, withdrawn=["mei"]),)


@pytest.mark.parametrize(("by", "may_see"), [("lin", True), (None, False)])
def test_camera_tells_the_rules_that_nobody_is_not_consented(by: str | None, may_see: bool) -> None:  # noqa: FBT001  # a column of the table
    """A request on nobody's behalf has nobody's consent."""
    assert consented(new(), by) is may_see


def test_camera_ignores_what_does_not_concern_it() -> None:
    """A start changes nothing."""
    assert new().step(moment(FakeSenses()), Booted()) == (new(), ())
