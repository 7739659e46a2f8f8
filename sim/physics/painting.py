"""How a frame is put together: the lit room, its people, the sensor's noise, and what is burnt in."""

from functools import lru_cache
from io import BytesIO
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFont

from sim.physics.exposure import light_of
from sim.physics.figure import figure, placed
from sim.physics.interior import HEIGHT, SIZE, WIDTH, background

_QUALITY = 70
_BAR_PX = 17
_NAME_CHARACTERS_MAX = 32
_MARK = "SIMULATED"


def paint(  # a frame has this many sides
    *,
    camera: str,
    room: str,
    local_time: str,
    light: tuple[bool, float],
    people: tuple[str, ...],
    seed: int,
) -> bytes:
    """Return the JPEG of a scene; `light` is (lamp lit, daylight), the rest as in `picture.Scene`."""
    lamp_on, daylight = light
    falling = light_of(lamp_on=lamp_on, daylight=daylight)
    frame = background(room, falling).copy()
    for person in placed(people):
        lit, mask, shadow = figure(person, falling)
        frame.paste((0, 0, 0), mask=shadow)
        frame.paste(lit, mask=mask)
    # Less light needs more gain, and gain shows noise.
    strength = 0.11 if falling.infrared else 0.08 - 0.04 * falling.day
    frame = _with_noise(frame, strength, seed)
    _burn_in(frame, camera=_printable(camera), room=_printable(room), local_time=_printable(local_time))
    jpeg = BytesIO()
    frame.save(jpeg, "JPEG", quality=_QUALITY, comment=_MARK.encode())
    return jpeg.getvalue()


def _with_noise(frame: Image.Image, strength: float, seed: int) -> Image.Image:
    """Return the frame with grey noise around zero, evenly spread over 255 times the strength."""
    grain = Random(seed).randbytes(WIDTH * HEIGHT)  # noqa: S311  # noise of a picture, not a secret
    table = [round(128 + (value - 127.5) * strength) for value in range(256)]
    noise = Image.frombytes("L", SIZE, grain).point(table)
    return ImageChops.add(frame, Image.merge("RGB", (noise, noise, noise)), 1, -128)


def _burn_in(frame: Image.Image, *, camera: str, room: str, local_time: str) -> None:
    """Draw the bar with camera, room and time, and the mark that this is no real camera."""
    top = HEIGHT - _BAR_PX
    bar = frame.crop((0, top, WIDTH, HEIGHT)).point([round(value * 0.28) for value in range(256)] * 3)
    frame.paste(bar, (0, top))
    draw = ImageDraw.Draw(frame)
    baseline = HEIGHT - 5
    draw.text((7, baseline), camera, font=_font(11), fill=(255, 255, 255), anchor="ls")
    after_name = 7 + draw.textlength(camera, font=_font(11)) + 6
    draw.text((after_name, baseline), room, font=_font(10), fill=(176, 182, 190), anchor="ls")
    # The time is drawn last and on its own ground, so that no name can cover it.
    time_left = WIDTH - 7 - draw.textlength(local_time, font=_font(11))
    frame.paste(bar.crop((round(time_left) - 5, 0, WIDTH, _BAR_PX)), (round(time_left) - 5, top))
    draw.text((WIDTH - 7, baseline), local_time, font=_font(11), fill=(255, 255, 255), anchor="rs")
    draw.text((WIDTH - 8, 14), _MARK, (255, 206, 84), _font(10), "rs", stroke_width=1, stroke_fill=(0, 0, 0))


@lru_cache(maxsize=2)
def _font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return Pillow's own typeface at a size; it needs no font of the machine."""
    return ImageFont.load_default(size_px)


def _printable(text: str) -> str:
    """Return text as plain printable ASCII of bounded length, `?` for anything else."""
    short = text[:_NAME_CHARACTERS_MAX]
    return "".join(letter if " " <= letter <= "~" else "?" for letter in short)
