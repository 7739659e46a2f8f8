"""Hundreds of runs of the real purse and the real service: every toll is charged, and none twice.

The profile `nightly` plays 10,000 of them. Every planted bug must be found, or a check that finds nothing
would prove nothing.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings

from sim.core.books import balances
from tests.services import toll_network
from tests.services.toll_network import (
    TOLLS,
    DedupeInMemory,
    KeyAfterCharge,
    NoDedupe,
    Run,
    TakesPubackForDone,
)

SEEDS = 10_000 if settings.get_current_profile_name() == "nightly" else 500
PLANTED_SEEDS = 40
STORMS = SEEDS // 20


def test_every_toll_is_charged_once_and_answered() -> None:
    """Through losses, doubles, disorder and crashes at every moment, each of which must have happened."""
    happened: Counter[str] = Counter()
    wrong = {}
    for seed in range(SEEDS):
        run = Run(seed)
        found = run.play()
        if found:
            wrong[seed] = found
        happened += run.happened
        assert len(run.entries()) == TOLLS or found
        assert sum(balances(run.entries()).values()) == 0
    assert wrong == {}
    assert happened["posted"] <= SEEDS * TOLLS
    assert all(
        happened[what] >= SEEDS for what in ("lost", "doubled", "crash car", "crash pay", "repeated")
    ), happened


@pytest.mark.parametrize(("loss", "double", "crash"), [(0.0, 1.0, 0.9), (0.6, 0.5, 0.7), (0.8, 0.9, 0.9)])
def test_no_storm_is_too_strong(
    monkeypatch: pytest.MonkeyPatch, loss: float, double: float, crash: float
) -> None:
    """Power that goes again while one recovers, eight of ten messages lost, each one doubled."""
    for name, value in (("LOSS", loss), ("DOUBLE", double), ("CRASH", crash)):
        monkeypatch.setattr(toll_network, name, value)
    for seed in range(20_000, 20_000 + STORMS):
        run = Run(seed)
        assert run.play() == [], seed
        assert len(run.entries()) == TOLLS
        assert sum(balances(run.entries()).values()) == 0


def test_a_crash_has_come_between_charge_and_answer() -> None:
    """A charge that was booked and never told is `repeated` when it is asked for again."""
    untold = 0
    for seed in range(min(SEEDS, 100)):
        run = Run(seed)
        run.play()
        untold += len(run.entries()) - run.happened["posted"]
    assert untold > 10


def test_the_same_seed_is_the_same_run() -> None:
    """To the last entry and the last message."""
    first, second = Run(7), Run(7)
    first.play()
    second.play()
    assert (first.entries(), first.happened) == (second.entries(), second.happened)


@pytest.mark.parametrize(
    ("planted", "promise"),
    [
        ({"books": NoDedupe}, "charged twice"),
        ({"books": DedupeInMemory}, "charged twice"),
        ({"books": KeyAfterCharge}, "charged twice"),
        ({"purse": TakesPubackForDone, "repeats": False}, "never charged"),
    ],
    ids=["no dedupe", "dedupe in memory", "crash between charge and key", "PUBACK taken for done"],
)
def test_planted_bugs_are_found(planted: dict[str, Callable[..., Any]], promise: str) -> None:
    """Each breaks the promise that it must break, in at least one run in four."""
    broken = sum(promise in Run(seed, **planted).play() for seed in range(PLANTED_SEEDS))  # type: ignore[arg-type]
    assert broken >= PLANTED_SEEDS / 4
