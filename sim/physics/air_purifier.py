"""An air purifier: the clean air it delivers, the power that takes, and how its filter clogs."""

CADR_M3_PER_H = 400.0
"""Clean air at the highest speed with a new filter (Xiaomi Smart Air Purifier 4, data sheet)."""
RATED_W = 30.0
"""What it draws then (the same)."""
STANDBY_W = 2.0
"""What it draws while its fan stands still and it listens to the network: the most it may (Commission
Regulation (EU) No 801/2013, Annex II)."""
FILTER_CAPACITY_MG = 12_000.0
"""Cumulate clean mass of its filter: the dust after which it delivers half the clean air that it did when
new; the least of the best class, P4 (GB/T 18801-2015)."""

SPEEDS = {0: 0.0, 1: 0.35, 2: 0.65, 3: 1.0}
"""Share of the highest speed of the fan at each level (assumption)."""


def delivered_m3_per_h(cadr_m3_per_h: float, level: int, filter_mg: float) -> float:
    """Return the clean air it delivers, m³/h.

    The flow of a fan follows its speed (first affinity law; Bleier: Fan Handbook, 1998, chapter 5). A filter
    clogs in a straight line, also when it is more than full, until nothing gets through (assumption).

    Args:
        cadr_m3_per_h: at the highest speed with a new filter.
        level: of the fan, 0 (off) to 3.
        filter_mg: the dust in the filter, 0 or more.
    """
    return cadr_m3_per_h * SPEEDS[level] * max(0.0, 1 - 0.5 * filter_mg / FILTER_CAPACITY_MG)


def purifier_w(level: int) -> float:
    """Return its electrical power at a level of the fan, 0 to 3, W.

    The power of a fan follows the cube of its speed (third affinity law, the same source).
    """
    return STANDBY_W + (RATED_W - STANDBY_W) * SPEEDS[level] ** 3


def remaining_percent(filter_mg: float) -> float:
    """Return how much of a filter is left, 0 to 100 %."""
    return max(0.0, 100 * (1 - filter_mg / FILTER_CAPACITY_MG))
