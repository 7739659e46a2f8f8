"""What owners usually share: a friend's key, a courier's, a valet's.

The rights are actions of a car. What opens something needs the key beside the car, whoever holds it;
driving off is nobody's right, because no key can do it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Preset: TypeAlias = Literal["friend", "courier", "valet"]

_HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Terms:
    """What a shared key may do.

    Attributes:
        rights: actions of the car.
        uses: how often, or None for as often as wanted.
        for_ms: how long, unless the owner says otherwise.
    """

    rights: frozenset[str]
    uses: int | None
    for_ms: int


_TERMS: Final[Mapping[Preset, Terms]] = {
    "friend": Terms(
        frozenset({"unlock", "open_boot", "open_windows", "start", "lock", "close_windows", "refresh"}),
        uses=None,
        for_ms=24 * _HOUR_MS,
    ),
    "courier": Terms(frozenset({"open_boot"}), uses=1, for_ms=4 * _HOUR_MS),
    "valet": Terms(frozenset({"unlock", "start", "lock"}), uses=None, for_ms=2 * _HOUR_MS),
}


def terms_of(preset: Preset) -> Terms:
    """Return what is usually shared under a name."""
    return _TERMS[preset]
