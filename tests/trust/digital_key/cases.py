"""What a named protocol case is: a story on a street, told with whatever class plays the car."""

from collections.abc import Callable
from typing import Final, TypeAlias

from sim.trust.digital_key import KeyReader

Case: TypeAlias = Callable[[type[KeyReader]], None]

CASES: Final[dict[str, Case]] = {}
"""Every case by its name."""


def case(story: Case) -> Case:
    """Give a story its name; no two have the same."""
    name = story.__name__
    assert name not in CASES, name
    CASES[name] = story
    return story
