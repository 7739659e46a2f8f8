"""Planted bugs: the cases can fail, and each of these does on a car with the bug that it is about."""

import pytest

from sim.trust.digital_key import KeyReader
from tests.trust.digital_key.cases import Case
from tests.trust.digital_key.near_cases import key_beside_the_car_unlocks
from tests.trust.digital_key.planted import BUGS
from tests.trust.digital_key.remote_cases import owner_locks_from_afar


@pytest.mark.parametrize(
    ("buggy", "story"), BUGS, ids=[f"{buggy.__name__}-{story.__name__}" for buggy, story in BUGS]
)
def test_case_notices_the_bug(buggy: type[KeyReader], story: Case) -> None:
    """It holds on the car, and fails on the same car with the bug, which otherwise opens to its owner."""
    key_beside_the_car_unlocks(buggy)
    owner_locks_from_afar(buggy)
    story(KeyReader)

    with pytest.raises(AssertionError):
        story(buggy)
