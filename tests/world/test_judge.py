"""On whose behalf a device asks, as the one that is asked sees it."""

from types import SimpleNamespace
from typing import Any

import pytest

from sim.world.node.judge import Judge
from tests.policy.small_home import KINDS, household


@pytest.mark.parametrize(
    ("sender", "says", "by"),
    [
        ("phone", "mei", "lin"),  # Lin's phone asks for Lin, whatever it says
        ("heater", "mei", None),  # nobody owns the heater, and what it says proves nothing
        ("mallory", "lin", None),
        ("nobody", "lin", None),  # an account that the household's file does not know
    ],
)
def test_device_asks_for_its_owner_or_for_nobody(sender: str, says: str, by: str | None) -> None:
    """Only what people share says who uses it; the small home has nothing of that sort."""
    shared: Any = SimpleNamespace(household=household(), kinds={kind.kind: kind for kind in KINDS})
    nothing: Any = None

    assert Judge("su7", shared, nothing, nothing).person(sender, says) == by
