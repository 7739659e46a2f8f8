"""Scenes: what shall be asked of several devices at once, and when.

A scene has no rights of its own. Each of its effects is asked of its device on behalf of the scene's author,
and judged there like anything else that the author asks.
"""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from sim.core.declarations import Arguments, Refers
from sim.core.units import Metres, Milliseconds

EFFECTS_MAX = 16
"""How many effects a scene has at most."""
DWELL_MS = 60_000
"""How long something must have been on the other side of a border before it counts as having come or gone: a
car that passes at the speed of a town has left 500 m around a home by then, unless it passes the very door
(assumption)."""

SceneName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
Radius = Annotated[Metres, Field(ge=100, le=50_000)]
"""A satellite's fix is off by some metres, and a plot has its size: a hundred metres at least."""


class SceneEffect(Arguments):
    """One command of a scene."""

    device: Annotated[str, Refers("device"), Field(max_length=32)]
    action: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")
    arguments: dict[str, Any] = Field(default_factory=dict, max_length=16)
    """By the names of the wire, in its units."""


class Crossing(Arguments):
    """That something which knows where it is comes nearer to the home than a distance, or goes farther."""

    device: Annotated[str, Refers("device"), Field(max_length=32)]
    enters_m: Radius | None = None
    leaves_m: Radius | None = None
    dwell_ms: Milliseconds = Field(default=DWELL_MS, ge=1_000, le=600_000)

    @model_validator(mode="after")
    def _one_direction(self) -> Self:
        if (self.enters_m is None) == (self.leaves_m is None):
            msg = "say either `enters` or `leaves`, with a distance such as 500 m"
            raise ValueError(msg)
        return self

    @property
    def radius_m(self) -> float:
        """The distance, m."""
        return self.enters_m or self.leaves_m or 0.0


class WrittenScene(Arguments):
    """A scene in a household file.

    Attributes:
        author: on whose behalf its effects are asked.
        when: what sets it off by itself; None when only people do.
        effects: what is asked, in this order.
    """

    author: Annotated[str, Refers("person")]
    when: Crossing | None = None
    effects: tuple[SceneEffect, ...] = Field(min_length=1, max_length=EFFECTS_MAX)
