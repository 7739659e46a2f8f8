"""The protocol, case by case: each refusal has its own code, and nothing is authorised beside it."""

import pytest

from sim.trust.digital_key import KeyReader
from tests.trust.digital_key import key_cases, near_cases, remote_cases
from tests.trust.digital_key.cases import CASES, Case

MODULES = (near_cases, remote_cases, key_cases)


@pytest.mark.parametrize("story", CASES.values(), ids=CASES.keys())
def test_case(story: Case) -> None:
    """What the case's own first sentence says."""
    story(KeyReader)


def test_every_case_says_what_it_shows() -> None:
    """A name, a sentence, and a place in one of the three files; at least 56 of them."""
    assert all(story.__doc__ for story in CASES.values())
    assert {story.__module__ for story in CASES.values()} == {module.__name__ for module in MODULES}
    assert len(CASES) >= 56
