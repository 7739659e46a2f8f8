"""Answers out of what the listening device believes: a value with its age once that is old, never a guess."""

from dataclasses import dataclass
from typing import Any

from sim.core.beliefs import Beliefs

OLD_AFTER_MS = 900_000
"""From when on a value is told with its age: a quarter of an hour, which every device that is there
reports more often than (assumption)."""

FACTS: dict[str, tuple[str, ...]] = {
    "temperature": ("room_c",),
    "target": ("target_c",),
    "power": ("power", "mode", "playing"),
    "brightness": ("brightness_percent",),
    "air": ("pm25_ug_m3", "pm2_5_ug_per_m3", "pm25_ug_per_m3"),
    "locked": ("locked",),
    "boot": ("boot",),
    "windows": ("windows",),
    "battery": ("battery_percent",),
    "range": ("range_m",),
    "charging": ("charging_state",),
    "cabin": ("cabin_c",),
    "volume": ("volume_percent",),
    "playing": ("playing",),
}
"""What can be asked about to the fields that tell it; the first that was heard of counts."""

MS_PER_MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Known:
    """What one device believes about one fact of another.

    Attributes:
        fact: name of the field.
        value: what it last was.
        old_ms: how old that is, milliseconds; None when it is fresh and its source is there.
    """

    fact: str
    value: Any
    old_ms: int | None


def known(beliefs: Beliefs, device: str, what: str, now_ms: int) -> Known | None:
    """Return what is believed, or None when nothing was ever heard or measured.

    Args:
        beliefs: those of the listening device.
        device: whose fact is asked for.
        what: a key of `FACTS`.
        now_ms: the time by the listening device's clock.
    """
    for fact in FACTS[what]:
        heard = beliefs.raw(device, fact)
        if heard is not None and heard[0] is not None:
            age_ms = max(0, now_ms - heard[1])
            fresh = beliefs.is_online(device) and age_ms < OLD_AFTER_MS
            return Known(fact, heard[0], None if fresh else age_ms)
    return None


def is_on(fact: Known) -> bool:
    """Say whether a device is on, by its power, its mode or whether it plays."""
    return fact.value not in {"off", False, "stopped", "paused", "idle"}


def minutes_of(age_ms: int) -> int:
    """Return an age in whole minutes, at least one."""
    return max(1, round(age_ms / MS_PER_MINUTE))


def figure(value: Any) -> str:
    """Return a number as it is said: to a tenth, without needless noughts."""
    return f"{round(float(value), 1):g}"
