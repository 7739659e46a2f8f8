"""The translation against Cedar itself, in the sizes that count; each shard is a seed and can run alone."""

from collections import Counter

import pytest

from tests.analysis.symbolic.drafts import SCHEMA
from tests.analysis.symbolic.small_book import small_book
from tests.analysis.symbolic.trials import (
    REQUESTS_PER_BATCH,
    Tally,
    guided_trial,
    like_trial,
    random_trial,
)

SHARDS = range(8)
REQUESTS_MIN = 10_000
REPLAYS_MIN = 5_000
PAIRS_MIN = 2_000

BATCHES = -(-REQUESTS_MIN // (REQUESTS_PER_BATCH * len(SHARDS)))
"""Of random rules in each shard, rounded up."""

RULES_PER_SHARD = 306
"""Drawn rules in each shard; each gives at most three replays, and a bit over two as a rule."""


def _agreed(tally: Tally) -> None:
    """Check what holds of every trial: nothing differed, was too late, and hardly a rule was refused."""
    assert tally.mismatches == []
    assert tally.late == 0
    assert tally.refused * 100 <= tally.requests


@pytest.mark.parametrize("shard", SHARDS)
def test_random_requests_are_answered_as_cedar_does(shard: int) -> None:
    """Of every drawn rule and every drawn request, both sides say whether it matches, and whether it errs."""
    tally = random_trial(SCHEMA, 100 + shard, BATCHES)

    _agreed(tally)
    assert tally.requests * len(SHARDS) >= REQUESTS_MIN
    # The drawing would be worthless if everything were out of scope.
    assert min(tally.fates[fate] for fate in ("matches", "errs", "neither")) > tally.requests // 10


@pytest.mark.parametrize("shard", SHARDS)
def test_chosen_requests_end_as_the_solver_says(shard: int) -> None:
    """Where the solver picks the request and the store, Cedar does with the rule just what was to happen."""
    tally = guided_trial(SCHEMA, 200 + shard, RULES_PER_SHARD)

    _agreed(tally)
    assert tally.requests * len(SHARDS) >= REPLAYS_MIN
    assert min(tally.fates[fate] for fate in ("matches", "errs", "neither")) > tally.requests // 10


@pytest.mark.parametrize("shard", range(4))
def test_like_matches_the_strings_that_cedar_matches(shard: int) -> None:
    """Wildcards, escapes, line breaks and letters beyond ASCII: a pattern matches the same strings."""
    tally = like_trial(300 + shard, PAIRS_MIN // 4)

    _agreed(tally)
    assert tally.requests * 4 >= PAIRS_MIN
    assert min(Counter(tally.fates).values()) > tally.requests // 5


@pytest.mark.parametrize("shard", range(4))
def test_shipped_rules_are_answered_as_cedar_does(shard: int) -> None:
    """The rules as they ship, over random households and random requests of any kind."""
    book = small_book()

    tally = random_trial(book.schema, 400 + shard, 16, rules=book.rules)

    _agreed(tally)
    assert tally.requests == 16 * REQUESTS_PER_BATCH
    assert tally.fates["matches"] > tally.requests


def test_shipped_rules_end_as_the_solver_says() -> None:
    """For each rule as it ships, in each kind of request, Cedar does just what the solver says."""
    book = small_book()

    tally = guided_trial(book.schema, 500, 0, texts=book.texts)

    _agreed(tally)
    assert tally.fates["matches"] >= len(book.rules)
