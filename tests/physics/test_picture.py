"""Frames of a home camera, judged by decoding them."""

import sys
from dataclasses import replace
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from sim.core.errors import MissingPartError
from sim.physics.picture import Scene, render

WINDOW = (92, 54, 148, 82)
LAMP = (194, 50, 212, 68)
FLOOR = (60, 138, 260, 160)
MARK = (250, 2, 318, 18)
UNMARKED = (130, 2, 198, 18)
BAR = (0, 163, 320, 180)
CLOCK = (205, 163, 320, 180)
ROOM = (0, 20, 320, 160)

NIGHT = Scene(
    camera="hall-cam",
    room="living",
    local_time="2026-01-12 21:04:07",
    lamp_on=False,
    daylight=0.0,
    people=(),
    seed=7,
)
LAMPLIT = replace(NIGHT, lamp_on=True)
NOON = replace(NIGHT, daylight=0.9)


def shot(scene: Scene) -> Image.Image:
    """Return the decoded frame."""
    return Image.open(BytesIO(render(scene))).convert("RGB")


def brightness(scene: Scene, box: tuple[int, int, int, int] = ROOM) -> float:
    """Return the mean grey value inside a box, 0 to 255."""
    return ImageStat.Stat(shot(scene).convert("L").crop(box)).mean[0]


def difference(one: Scene, other: Scene, box: tuple[int, int, int, int] = ROOM) -> float:
    """Return the mean difference of two frames inside a box, 0 to 255."""
    apart = ImageChops.difference(shot(one), shot(other)).convert("L")
    return ImageStat.Stat(apart.crop(box)).mean[0]


def colourfulness(scene: Scene) -> float:
    """Return the mean saturation of the room, 0 to 255."""
    return ImageStat.Stat(shot(scene).crop(ROOM).convert("HSV")).mean[1]


def test_frame_is_a_jpeg_of_its_size() -> None:
    """A frame is a JPEG of 320 by 180 pixels that says it is simulated, also to machines."""
    jpeg = render(NIGHT)
    image = Image.open(BytesIO(jpeg))

    assert jpeg[:3] == b"\xff\xd8\xff"
    assert (image.format, image.size, image.mode) == ("JPEG", (320, 180), "RGB")
    assert image.info["comment"] == b"SIMULATED"


texts = st.text(max_size=40)
scenes = st.builds(
    Scene,
    camera=texts,
    room=texts,
    local_time=texts,
    lamp_on=st.booleans(),
    daylight=st.floats(0, 1),
    people=st.lists(texts, max_size=7).map(tuple),
    seed=st.integers(0, 2**32),
)


@settings(deadline=None, max_examples=60)
@given(scenes)
def test_frame_of_any_scene_is_small_and_repeats(scene: Scene) -> None:
    """Whatever the names, a frame fits into 24 KiB, and the same scene gives the same bytes."""
    jpeg = render(scene)

    assert len(jpeg) <= 24 * 1024
    assert render(scene) == jpeg


def test_frame_differs_by_its_noise() -> None:
    """Another seed gives other bytes of the same picture."""
    again = replace(NOON, seed=8)

    assert render(again) != render(NOON)
    assert difference(again, NOON) < 6


def test_lamp_lights_the_room() -> None:
    """By night the lamp makes the picture warm, and its own shade brightest."""
    red, _, blue = ImageStat.Stat(shot(LAMPLIT).crop(ROOM)).mean

    assert difference(LAMPLIT, NIGHT) > 20
    assert brightness(LAMPLIT, LAMP) > 200 > brightness(NIGHT, LAMP) + 60
    assert red > 1.5 * blue


def test_daylight_brightens_window_and_room() -> None:
    """The brighter the day, the brighter the window and the floor."""
    days = [replace(NIGHT, daylight=share) for share in (0.02, 0.1, 0.3, 0.9)]
    windows = [brightness(day, WINDOW) for day in days]
    floors = [brightness(day, FLOOR) for day in days]

    assert windows == sorted(windows)
    assert floors == sorted(floors)
    assert windows[-1] > brightness(NIGHT, WINDOW) + 100
    assert floors[-1] > floors[0] + 40


def test_dark_room_is_seen_without_colours() -> None:
    """With neither lamp nor daylight the camera's infrared light shows greys, with a person in them."""
    with_person = replace(NIGHT, people=("mia",))

    assert colourfulness(NIGHT) < 8
    assert colourfulness(LAMPLIT) > 60
    assert colourfulness(NOON) > 30
    assert difference(with_person, NIGHT) > 1.5


@pytest.mark.parametrize("empty", [NIGHT, LAMPLIT, NOON], ids=["night", "lamp", "noon"])
def test_every_person_shows(empty: Scene) -> None:
    """Each further person changes the picture, in any light."""
    names = ("mia", "alice", "bob", "ben", "grandma")
    crowds = [replace(empty, people=names[:count]) for count in range(6)]

    assert all(difference(fewer, more) > 1 for fewer, more in pairwise(crowds))


def test_rooms_differ_in_their_colours() -> None:
    """A bedroom is not mistaken for the living room."""
    assert difference(NOON, replace(NOON, room="bedroom")) > 8


@pytest.mark.parametrize("scene", [NIGHT, LAMPLIT, NOON], ids=["night", "lamp", "noon"])
def test_mark_stands_in_every_frame(scene: Scene) -> None:
    """Each frame carries its mark, bright with a black rim, in the upper right corner."""
    grey = shot(scene).convert("L")
    marked, plain = ImageStat.Stat(grey.crop(MARK)), ImageStat.Stat(grey.crop(UNMARKED))

    assert marked.stddev[0] > 3 * plain.stddev[0]
    assert marked.extrema[0][0] < 30
    assert marked.extrema[0][1] > 170


def test_bar_shows_camera_and_time() -> None:
    """Another camera or another time changes the bar, and nothing but the bar."""
    for other in (replace(NOON, camera="yard"), replace(NOON, local_time="2026-06-30 09:15:59")):
        assert difference(other, NOON, BAR) > 1
        assert difference(other, NOON) < 0.01  # blocks of the JPEG share a row of colours


def test_long_names_never_cover_the_time() -> None:
    """However long the camera's name, the clock stays as it is."""
    longest = replace(NOON, camera="w" * 32)

    assert difference(longest, NOON, CLOCK) < 3


def test_missing_library_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Pillow a camera says what to install."""
    monkeypatch.setitem(sys.modules, "PIL", None)  # as Python marks a package that is not there

    with pytest.raises(MissingPartError) as raised:
        render(NIGHT)

    assert raised.value.help_text == 'install it with: pip install "carhome[camera]"'
