"""The furnished room a camera looks into: what its surfaces are, and how lamp, sky and infrared light them.

Coordinates are those of a 320 by 180 frame. The camera stands 1.7 m high (an assumption), so that the
horizon, and every adult's eyes, are at `HORIZON`; depth lines run to `VANISHING`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from sim.physics.exposure import Light

Colour = tuple[int, int, int]
Spot = tuple[float, float]

WIDTH, HEIGHT = 320, 180
SIZE = (WIDTH, HEIGHT)
HORIZON = 62
VANISHING = (164, HORIZON)

_FINE = 3  # Shapes are drawn this much larger and then reduced, which smooths their edges.
_BACK_WALL = ((70, 26), (258, 26), (258, 118), (70, 118))
_WINDOW = (90, 36, 150, 84)
_LAMP = (203, 60)


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours that make one room different from the next."""

    wall: Colour
    fabric: Colour
    rug: Colour
    curtain: Colour


_PALETTES = (
    Palette(wall=(222, 213, 198), fabric=(74, 108, 122), rug=(188, 92, 66), curtain=(206, 150, 84)),
    Palette(wall=(204, 214, 206), fabric=(176, 96, 70), rug=(84, 110, 104), curtain=(232, 222, 200)),
    Palette(wall=(212, 208, 220), fabric=(112, 118, 84), rug=(106, 84, 122), curtain=(150, 164, 190)),
    Palette(wall=(230, 212, 188), fabric=(96, 82, 104), rug=(62, 96, 118), curtain=(196, 108, 92)),
)


class Canvas:
    """A drawing in frame coordinates on a finer grid."""

    def __init__(self, mode: str, ground: int | Colour) -> None:
        self._image = Image.new(mode, (WIDTH * _FINE, HEIGHT * _FINE), ground)
        self._draw = ImageDraw.Draw(self._image)

    def polygon(self, spots: Sequence[Spot], fill: int | Colour) -> None:
        """Fill a polygon."""
        self._draw.polygon([(x * _FINE, y * _FINE) for x, y in spots], fill=fill)

    def box(self, box: tuple[float, float, float, float], fill: int | Colour, radius: float = 0) -> None:
        """Fill a box of left, top, right, bottom, with rounded corners if there is a radius."""
        left, top, right, bottom = (side * _FINE for side in box)
        self._draw.rounded_rectangle((left, top, right - 1, bottom - 1), radius=radius * _FINE, fill=fill)

    def ellipse(self, box: tuple[float, float, float, float], fill: int | Colour) -> None:
        """Fill the ellipse inside a box of left, top, right, bottom."""
        left, top, right, bottom = (side * _FINE for side in box)
        self._draw.ellipse((left, top, right - 1, bottom - 1), fill=fill)

    def line(self, spots: Sequence[Spot], fill: int | Colour, width: float = 1) -> None:
        """Draw a line with round joints."""
        points = [(x * _FINE, y * _FINE) for x, y in spots]
        self._draw.line(points, fill=fill, width=round(width * _FINE), joint="curve")

    def soften(self, radius: float) -> None:
        """Blur everything drawn so far."""
        self._image = self._image.filter(ImageFilter.GaussianBlur(radius * _FINE))
        self._draw = ImageDraw.Draw(self._image)

    def finish(self) -> Image.Image:
        """Return the drawing at the size of the frame."""
        return self._image.resize(SIZE, Image.Resampling.BOX)


def shade(colour: Colour, factor: float) -> Colour:
    """Return a colour made darker (factor below 1) or lighter."""
    red, green, blue = (min(255, round(part * factor)) for part in colour)
    return red, green, blue


@lru_cache(maxsize=32)
def background(room: str, light: Light) -> Image.Image:
    """Return the lit, empty room. It is kept and shared: copy it before drawing on it."""
    palette = _PALETTES[crc32(room.encode()) % len(_PALETTES)]
    lit = lit_by(_surfaces(palette), light)
    lit.paste(_view_out(light), mask=_panes())
    if light.lamp_on:
        lit = ImageChops.screen(lit, _lamp_glow())
    return lit


def lit_by(surface: Image.Image, light: Light) -> Image.Image:
    """Return surface colours as they look under a light."""
    if not light.infrared:
        return ImageChops.multiply(surface, _illumination(light))
    grey = ImageEnhance.Contrast(surface.convert("L").convert("RGB")).enhance(0.9)
    return ImageChops.multiply(grey, _illumination(light))


@lru_cache(maxsize=32)
def _illumination(light: Light) -> Image.Image:
    """Return how much light of each colour falls on every spot."""
    if light.infrared:
        beam = _glow((165, 100), (240, 190)).point(lambda value: 46 + value * 0.78)
        return Image.merge("RGB", (beam, beam, beam))
    total = Image.new("RGB", SIZE, (3, 4, 7))
    if light.level:
        total = ImageChops.add(total, _daylight_on_room(light.day))
    if light.lamp_on:
        total = ImageChops.add(total, _lamplight_on_room())
    return total


def _daylight_on_room(day: float) -> Image.Image:
    """Return the light of the sky: everywhere a little, most near the window, and sun on the floor."""
    sky = _glow((120, 74), (300, 210)).point(lambda value: min(255, 136 + value * 0.58))
    sun = Canvas("L", 0)
    for left in (96, 125):
        sun.polygon(((left, 124), (left + 23, 124), (left + 58, 156), (left + 20, 156)), 190)
    sun.soften(1.6)
    sunny = sun.finish().point(lambda value: value * day**2 * 0.7)
    total = ImageChops.add(sky, sunny)
    strength = 0.22 + 0.78 * day
    blueness = 1 - day  # Towards night the sky is all there is, and it is blue.
    tint = (strength * (1 - 0.25 * blueness), strength * (1 - 0.1 * blueness), strength)
    return Image.merge("RGB", [total.point(_scaled(part)) for part in tint])


def _lamplight_on_room() -> Image.Image:
    """Return the warm light of the floor lamp: a pool on wall and floor, and what the walls throw back."""
    pool = _glow(_LAMP, (215, 175)).point(lambda value: min(255, 62 + value * 0.9))
    return Image.merge("RGB", [pool.point(_scaled(part)) for part in (1.0, 0.83, 0.58)])


def _lamp_glow() -> Image.Image:
    """Return the shade of the burning lamp and the haze around it."""
    haze = _glow(_LAMP, (64, 58)).point(lambda value: value**2 / 255 * 0.6)
    lamp = Canvas("L", 0)
    lamp.polygon(_shade_outline(), 235)
    lamp.soften(0.5)
    glow = ImageChops.screen(haze, lamp.finish())
    return Image.merge("RGB", [glow.point(_scaled(part)) for part in (1.0, 0.86, 0.56)])


def _scaled(factor: float) -> list[int]:
    """Return the table that multiplies a grey value."""
    return [min(255, round(value * factor)) for value in range(256)]


def _glow(centre: Spot, radii: Spot) -> Image.Image:
    """Return a grey spot, white in its centre and black from its radii on."""
    # Pillow's gradient reaches 255 in the corners; 181 at the middle of a side has to be black already.
    spot = Image.radial_gradient("L").point([max(0, round(255 * (1 - value / 181))) for value in range(256)])
    spot = spot.resize((round(2 * radii[0]), round(2 * radii[1])), Image.Resampling.BILINEAR)
    canvas = Image.new("L", SIZE, 0)
    canvas.paste(spot, (round(centre[0] - radii[0]), round(centre[1] - radii[1])))
    return canvas


@lru_cache(maxsize=len(_PALETTES))
def _surfaces(palette: Palette) -> Image.Image:
    """Return the room as it would look in white light from everywhere."""
    canvas = Canvas("RGB", (0, 0, 0))
    _draw_shell(canvas, palette)
    _draw_rug(canvas, palette)
    _draw_window(canvas, palette)
    _draw_door(canvas)
    _draw_picture(canvas, palette)
    _draw_sofa(canvas, palette)
    _draw_plant(canvas)
    _draw_lamp(canvas)
    return ImageChops.multiply(canvas.finish(), _corners())


def _draw_shell(canvas: Canvas, palette: Palette) -> None:
    """Draw walls, ceiling, floor boards and skirting."""
    wood = (176, 132, 92)
    canvas.polygon(((0, -1), (320, -1), (320, 2), (258, 26), (70, 26)), (238, 235, 228))
    canvas.polygon(((0, -1), (70, 26), (70, 118), (0, 160)), shade(palette.wall, 0.86))
    canvas.polygon(((320, 2), (258, 26), (258, 118), (320, 155)), shade(palette.wall, 0.8))
    canvas.polygon(_BACK_WALL, palette.wall)
    canvas.polygon(((70, 118), (258, 118), (360, 180), (-34, 180)), wood)
    for board in range(27):
        foot = 70 + board * 188 / 26
        far = (VANISHING[0] + (foot - VANISHING[0]) * 118 / 56, 180)
        canvas.line(((foot, 118), far), shade(wood, 0.84 + 0.05 * (board % 3)), 0.6)
    for depth in (124, 133, 146, 165):
        canvas.line(((0, depth), (320, depth)), shade(wood, 0.9), 0.4)
    canvas.polygon(((70, 115), (258, 115), (258, 118), (70, 118)), (244, 240, 232))
    canvas.polygon(((0, 155.5), (70, 115), (70, 118), (0, 160)), (226, 221, 212))
    canvas.polygon(((320, 150.5), (258, 115), (258, 118), (320, 155)), (214, 209, 200))


def _draw_rug(canvas: Canvas, palette: Palette) -> None:
    """Draw the rug, with a border, in perspective."""
    canvas.polygon(((92, 136), (234, 136), (262, 168), (52, 168)), shade(palette.rug, 0.85))
    canvas.polygon(((97, 138), (230, 138), (254, 165.5), (61, 165.5)), shade(palette.rug, 1.35))
    canvas.polygon(((100, 139), (227, 139), (250, 164.5), (66, 164.5)), palette.rug)
    canvas.polygon(((163, 143), (206, 151.5), (163, 161), (118, 151.5)), shade(palette.rug, 1.18))


def _draw_window(canvas: Canvas, palette: Palette) -> None:
    """Draw the frame with its sill and curtains; the panes are filled by the view out."""
    left, top, right, bottom = _WINDOW
    white = (250, 248, 242)
    canvas.box((left - 3, top - 3, right + 3, bottom + 3), shade(white, 0.92))
    canvas.box((left - 6, bottom + 2, right + 6, bottom + 5), white)
    canvas.line(((left - 18, top - 6), (right + 18, top - 6)), (92, 76, 60), 1.4)
    for edge, lean in ((left - 15, 1), (right + 15, -1)):
        for fold in range(4):
            x = edge + lean * fold * 3.6
            tone = shade(palette.curtain, (1.0, 0.86, 1.06, 0.8)[fold])
            hem = ((x + lean * 3.2, 96), (x - lean, 96))
            canvas.polygon(((x, top - 6), (x + lean * 3.7, top - 6), *hem), tone)


def _draw_door(canvas: Canvas) -> None:
    """Draw the closed door; it is 2.05 m high, which gives the scale of the back wall."""
    oak = (150, 106, 70)
    canvas.box((220, 47, 250, 118), (240, 236, 228))
    canvas.box((223, 50, 247, 118), oak)
    for top, bottom in ((54, 78), (84, 112)):
        for left in (226, 236.5):
            canvas.box((left, top, left + 8, bottom), shade(oak, 0.8))
            canvas.box((left + 0.8, top + 0.8, left + 8, bottom), shade(oak, 1.12))
    canvas.ellipse((224, 84, 227, 87), (214, 196, 140))


def _draw_picture(canvas: Canvas, palette: Palette) -> None:
    """Draw a framed landscape on the wall."""
    canvas.box((170, 38, 192, 54), (58, 48, 42))
    canvas.box((171.5, 39.5, 190.5, 52.5), (236, 230, 214))
    canvas.box((173.5, 41.5, 188.5, 50.5), (150, 186, 204))
    ridge = ((173.5, 47), (178, 44.5), (183, 48.5), (188.5, 45.5))
    canvas.polygon(((173.5, 50.5), *ridge, (188.5, 50.5)), palette.rug)
    canvas.ellipse((183.5, 42.3, 186, 44.8), (248, 220, 140))


def _draw_sofa(canvas: Canvas, palette: Palette) -> None:
    """Draw the sofa with two seats, cushions and its shadow on the floor."""
    fabric = palette.fabric
    canvas.ellipse((78, 124, 190, 138), (112, 82, 58))
    canvas.box((84, 90, 184, 124), shade(fabric, 0.78), 6)
    for left in (93, 134.5):
        canvas.box((left, 93, left + 40, 116), fabric, 4)
        canvas.box((left, 110, left + 40.5, 122), shade(fabric, 1.18), 3)
    canvas.box((90, 119, 178, 130), shade(fabric, 0.88), 2)
    for left in (78, 174):
        canvas.box((left, 102, left + 16, 131), shade(fabric, 1.05), 5)
        canvas.box((left + 1.5, 102.5, left + 14.5, 108), shade(fabric, 1.24), 2.6)
    for left in (82, 182):
        canvas.box((left, 130, left + 3, 134), (66, 46, 34))
    canvas.polygon(((97, 96), (112, 98.5), (110, 113), (96, 111)), shade(palette.curtain, 1.0))
    canvas.polygon(((157, 98), (171, 95.5), (173, 110.5), (159, 113)), shade(palette.rug, 1.15))


def _draw_plant(canvas: Canvas) -> None:
    """Draw a potted plant in the left corner."""
    canvas.ellipse((34, 138, 68, 147), (118, 88, 62))
    for step, (x, y) in enumerate(((30, 96), (38, 82), (50, 76), (63, 84), (72, 98), (44, 102), (60, 104))):
        green = ((74, 124, 74), (92, 146, 84), (58, 104, 66))[step % 3]
        bend = ((51 + x) / 2 + (x - 51) * 0.25, (126 + y) / 2 - 8)
        leaf = ((bend[0] - 4, bend[1]), (x, y), (bend[0] + 4, bend[1] + 3))
        canvas.polygon(((50, 128), *leaf, (53, 128)), green)
    canvas.polygon(((40, 122), (62, 122), (59, 143), (43, 143)), (196, 120, 86))
    canvas.box((39, 120, 63, 125), (212, 138, 102), 1)


def _shade_outline() -> tuple[Spot, ...]:
    """Return the outline of the lamp's shade."""
    x, y = _LAMP
    return (x - 6, y - 9), (x + 6, y - 9), (x + 11, y + 8), (x - 11, y + 8)


def _draw_lamp(canvas: Canvas) -> None:
    """Draw the floor lamp, unlit."""
    x, y = _LAMP
    canvas.ellipse((x - 12, 124, x + 12, 130), (116, 86, 60))
    canvas.box((x - 0.8, y + 8, x + 0.8, 126), (64, 58, 54))
    canvas.ellipse((x - 8, 123, x + 8, 128), (70, 64, 60))
    top_left, top_right, low_right, low_left = _shade_outline()
    canvas.polygon((top_left, top_right, low_right, low_left), (190, 168, 132))
    canvas.polygon((top_left, (x - 1, y - 9), (x - 3, y + 8), low_left), (206, 186, 150))
    canvas.line((low_left, low_right), (150, 128, 96), 0.8)


def _corners() -> Image.Image:
    """Return the soft darkness where walls meet and towards the edges of the lens."""
    canvas = Canvas("L", 255)
    for start, end in zip(_BACK_WALL, (*_BACK_WALL[1:], _BACK_WALL[0]), strict=True):
        canvas.line((start, end), 150, 5)
    for inner, outer in zip(_BACK_WALL, ((0, -1), (320, 2), (320, 155), (0, 160)), strict=True):
        canvas.line((inner, outer), 165, 5)
    canvas.soften(4)
    lens = _glow((160, 90), (400, 300)).point(lambda value: min(255, 110 + value))
    grey = ImageChops.multiply(canvas.finish(), lens)
    return Image.merge("RGB", (grey, grey, grey))


@lru_cache(maxsize=1)
def _panes() -> Image.Image:
    """Return where the glass of the window is."""
    left, top, right, bottom = _WINDOW
    middle, rail = (left + right) / 2, top + 17
    canvas = Canvas("L", 0)
    for box in (
        (left, top, middle - 1, rail - 1),
        (middle + 1, top, right, rail - 1),
        (left, rail + 1, middle - 1, bottom),
        (middle + 1, rail + 1, right, bottom),
    ):
        canvas.box(box, 255)
    return canvas.finish()


def _view_out(light: Light) -> Image.Image:
    """Return what is outside: sky over hills and trees by day; a moon and a lit house by night."""
    left, top, right, bottom = _WINDOW
    day = light.day
    canvas = Canvas("RGB", (0, 0, 0))
    for row in range(top, bottom):
        height = (bottom - row) / (bottom - top)
        by_day = (232 - 96 * height, 240 - 46 * height, 250)
        by_night = (16 - 8 * height, 20 - 8 * height, 42 - 14 * height)
        red, green, blue = (round(n + (d - n) * day) for d, n in zip(by_day, by_night, strict=True))
        canvas.box((left, row, right, row + 1), (red, green, blue))
    if light.level == 0:
        canvas.ellipse((135, 41, 142, 48), (206, 212, 220))
    far, near = shade((128, 164, 150), 0.07 + 0.93 * day), shade((82, 126, 76), 0.05 + 0.95 * day)
    hills = ((left, 74), (104, 66), (118, 72), (134, 64), (right, 71))
    canvas.polygon((*hills, (right, bottom), (left, bottom)), far)
    for x, size in ((96, 8), (107, 6), (143, 9)):
        canvas.ellipse((x - size, 78 - size, x + size, 78 + size), near)
    canvas.box((left, 79, right, bottom), shade(near, 0.9))
    if light.level == 0:
        canvas.box((124, 73, 126, 75.5), (226, 178, 96))
        canvas.box((128, 73, 130, 75.5), (226, 178, 96))
    view = canvas.finish()
    return view.convert("L").convert("RGB") if light.infrared else view
