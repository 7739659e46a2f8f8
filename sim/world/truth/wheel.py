"""The steering wheel and its stalk: what proves that a hand at the wheel has asked for assistance.

`assistance` of a car can be lowered by its devices, and raised only within `PRESS_MS` of a press of the
stalk, once. A press is made by a person's act and by nothing else, so that no message can raise it (M34).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from sim.physics.assistance.loop import Assistance

PRESS_MS: Final = 1_000
"""How long a press of the stalk counts (assumption)."""
HANDS: Final = frozenset({"hands_on", "eyes_on_road", "belted", "stalk", "stalk_presses", "cruise_kmh"})
"""Physical facts of a car that only a person changes."""
_RANK: Final = {name: rank for rank, name in enumerate(get_args(Assistance))}


@dataclass(frozen=True, slots=True)
class Press:
    """A press of the stalk: what for, at which speed, km/h, and until when it counts."""

    assistance: Assistance
    set_kmh: float
    until_ms: int


class Wheel:
    """The presses of every car that nothing has used up yet."""

    def __init__(self) -> None:
        self._pressed: dict[str, Press] = {}

    def press(self, car: str, press: Press) -> None:
        """Let somebody at the wheel press the stalk."""
        self._pressed[car] = press

    def checked(self, car: str, now: str, changes: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
        """Return what a device changes, and use up the press that raises the assistance.

        Args:
            car: whose device it is.
            now: what assists now.
            changes: physical facts the device wants to change, `assistance` among them.
            now_ms: when.
        """
        wanted = changes["assistance"]
        if _RANK[wanted] <= _RANK[now]:
            return dict(changes)
        press = self._pressed.pop(car, None)
        # INVARIANT: no message, device or timer raises the assistance; a hand at the wheel does (M34).
        assert press is not None, "a device raised the assistance though nobody pressed the stalk"
        assert now_ms <= press.until_ms, "a device raised the assistance for a press of long ago"  # INVARIANT
        assert _RANK[wanted] <= _RANK[press.assistance], "a device raised more than was pressed"  # INVARIANT
        return {**changes, "cruise_kmh": press.set_kmh}
