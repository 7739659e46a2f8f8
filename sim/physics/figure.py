"""The people in a camera's picture: figures without faces, each at a place of their own."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from PIL import Image

from sim.physics.exposure import Light
from sim.physics.interior import HORIZON, Canvas, Colour, Spot, lit_by, shade

_FEET = ((182, 141), (228, 150), (128, 146), (262, 157), (88, 153))
"""Where people stand, in frame coordinates; the room has that many places."""

PEOPLE_MAX = len(_FEET)

_SHIRTS: tuple[Colour, ...] = ((188, 70, 62), (58, 98, 158), (214, 168, 72), (84, 132, 92), (134, 88, 150))
_HAIR: tuple[Colour, ...] = ((54, 40, 32), (92, 62, 40), (30, 28, 30), (150, 116, 72))
_SKIN: tuple[Colour, ...] = ((226, 184, 152), (196, 146, 110), (146, 100, 72))


class Placed(NamedTuple):
    """Somebody at a place.

    Attributes:
        name: who.
        place: index of the place.
    """

    name: str
    place: int


def placed(people: tuple[str, ...]) -> list[Placed]:
    """Return who stands where, the farthest first, so that nearer ones cover them.

    A name has its favourite place, and takes the next one only when somebody before them stands there.
    """
    free = list(range(PEOPLE_MAX))
    standing = []
    for name in people[:PEOPLE_MAX]:
        favourite = crc32(name.encode()) % PEOPLE_MAX
        place = min(free, key=lambda spot: (spot - favourite) % PEOPLE_MAX)
        free.remove(place)
        standing.append(Placed(name, place))
    return sorted(standing, key=lambda person: _FEET[person.place][1])


@lru_cache(maxsize=64)
def figure(person: Placed, light: Light) -> tuple[Image.Image, Image.Image, Image.Image]:
    """Return (lit figure, its mask, its shadow's mask). They are kept and shared: never draw on them."""
    colours = Canvas("RGB", (104, 88, 80))  # what shows through at smoothed edges
    mask = Canvas("L", 0)
    _draw(colours, person, _clothes(person.name))
    _draw(mask, person, None)
    return lit_by(colours.finish(), light), mask.finish(), _shadow(person)


def _clothes(name: str) -> tuple[Colour, ...]:
    """Return the colours of hair, skin, shirt, trousers and shoes that go with a name."""
    digest = crc32(name.encode()[::-1])
    return (
        _HAIR[digest % len(_HAIR)],
        _SKIN[digest // 7 % len(_SKIN)],
        _SHIRTS[digest // 31 % len(_SHIRTS)],
        (58, 62, 78),
        (40, 34, 32),
    )


def _draw(canvas: Canvas, person: Placed, clothes: tuple[Colour, ...] | None) -> None:
    """Draw somebody standing, in colours or, without colours, as a mask."""
    hair, skin, shirt, trousers, shoes = clothes or (255,) * 5
    pen = _Pen(canvas, person.place)
    for side in (-1, 1):
        pen.box((side * 2, 0, side * 10, 4), shoes, 2)
        pen.polygon(((side * 0.6, 50), (side * 10, 50), (side * 8, 2), (side * 2, 2)), trousers)
        pen.box((side * 11.5, 38, side * 16, 48), skin, 2.2)
        sleeve = ((side * 8, 81), (side * 12.5, 79), (side * 16.5, 45), (side * 11.5, 44))
        pen.polygon(sleeve, _dim(shirt, 0.86))
    shoulders = ((-13, 78), (-9, 82.5), (9, 82.5), (13, 78))
    pen.polygon((*shoulders, (10, 62), (10.6, 47), (-10.6, 47), (-10, 62)), shirt)
    pen.box((-3, 79, 3, 88), _dim(skin, 0.82), 1)
    pen.box((-7, 83, 7, 101), hair, 7)
    pen.box((-5.6, 83.5, 5.6, 97), skin, 5.5)
    pen.box((-5.8, 93.5, 5.8, 99.5), hair, 3)


class _Pen:
    """Draws on a canvas in hundredths of somebody's height, from the spot between their feet upwards.

    The camera is as high as an adult's eyes, so the head is at the horizon wherever the feet are.
    """

    def __init__(self, canvas: Canvas, place: int) -> None:
        self._canvas = canvas
        self._x, self._feet = _FEET[place]
        self._size = (self._feet - HORIZON + 4) / 100

    def box(self, box: tuple[float, float, float, float], fill: int | Colour, radius: float) -> None:
        """Fill a box between two sides, bottom and top, with rounded corners."""
        sides = sorted((self._x + box[0] * self._size, self._x + box[2] * self._size))
        bottom, top = self._feet - box[1] * self._size, self._feet - box[3] * self._size
        self._canvas.box((sides[0], top, sides[1], bottom), fill, radius * self._size)

    def polygon(self, spots: Sequence[Spot], fill: int | Colour) -> None:
        """Fill a polygon."""
        size = self._size
        self._canvas.polygon([(self._x + x * size, self._feet - y * size) for x, y in spots], fill)


def _dim(colour: int | Colour, factor: float) -> int | Colour:
    """Return a colour in shadow; a mask has none."""
    return colour if isinstance(colour, int) else shade(colour, factor)


def _shadow(person: Placed) -> Image.Image:
    """Return the soft shadow at somebody's feet."""
    x, feet = _FEET[person.place]
    canvas = Canvas("L", 0)
    canvas.ellipse((x - 16, feet - 4, x + 16, feet + 4), 130)
    canvas.soften(1.5)
    return canvas.finish()
