"""Numbers of records for people: with their unit, and with as many digits as say something."""

from math import floor, log10
from typing import Any, Final

from sim.core.units import DIMENSIONS, DURATION, Dimension, fact_name, show_duration

DIGITS: Final = 4
"""How many digits are told: 3.866 kW; more than any sensor of the household has."""
_LARGER: Final = {"m": "km", "W": "kW"}
"""What people say from a thousand of a unit on: 359 km, 7 kW."""


def dimension_of(name: str) -> Dimension | None:
    """Return what a field measures by the ending of its name, the longest there is; None without a unit."""
    return next((one for one in DIMENSIONS if _ends(name, one)), None)


def _ends(name: str, dimension: Dimension) -> bool:
    return name.endswith(dimension.suffix) and fact_name(name) == name[: -len(dimension.suffix)]


def rounded(value: float) -> str:
    """Return a number with `DIGITS` digits at most, never as a power of ten: 3866, 21.34, 0.05."""
    if value == 0:
        return "0"
    decimals = DIGITS - 1 - floor(log10(abs(value)))
    if decimals <= 0:
        return f"{value:.0f}"
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".")


def measured(value: float, dimension: Dimension, most: float | None = None) -> str:
    """Return a value with its unit.

    Args:
        value: in the unit of the dimension.
        dimension: what it measures.
        most: the greatest value beside which it is shown, so that all have one unit; itself if None.
    """
    if dimension is DURATION:
        return show_duration(round(value)) if value >= 0 else f"-{show_duration(round(-value))}"
    larger = _LARGER.get(dimension.unit)
    if larger is not None and abs(value if most is None else most) >= 1_000:
        return f"{rounded(value / 1_000)} {larger}"
    return f"{rounded(value)} {dimension.unit}"


def field_shown(name: str, value: Any) -> str:
    """Return a field of a record: `heat 3.866 kW` for `heat_w`, `locked true`."""
    if isinstance(value, bool):
        return f"{name} {str(value).lower()}"
    if not isinstance(value, int | float):
        return f"{name} {value}"
    dimension = dimension_of(name)
    if dimension is None:
        return f"{name} {value if isinstance(value, int) else rounded(value)}"
    return f"{fact_name(name)} {measured(value, dimension)}"
