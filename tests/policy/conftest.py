"""The shipped rules over the small home."""

import pytest

from sim.policy.cedar import CedarDecisionPoint
from sim.policy.rules import RuleBook
from sim.policy.schema import Vocabulary
from tests.policy.small_home import KINDS, household, shipped_rules


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """The words of the small kinds."""
    return Vocabulary.of(KINDS)


@pytest.fixture(scope="session")
def book(vocabulary: Vocabulary) -> RuleBook:
    """The shipped rules over the small kinds."""
    return RuleBook.read(shipped_rules(), vocabulary)


@pytest.fixture(scope="session")
def point(book: RuleBook) -> CedarDecisionPoint:
    """The decision point of the small household under the shipped rules."""
    return CedarDecisionPoint(book, household())
