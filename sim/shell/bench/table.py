"""The results as text: what was measured, with units and spread, and which targets are met."""

from collections.abc import Iterable, Sequence

from sim.shell.bench.series import Results, Spread, Target
from sim.shell.bench.speeds import bare_in_rounds

NOT_MEASURED = "not measured"
_INTEGERS_FROM = 100
"""From here on digits behind the point say nothing."""


def measurements(results: Results, brokers: Sequence[str]) -> str:
    """Return every series with its spread; messages per second also beside the ceiling in lock-step.

    Args:
        results: what was measured.
        brokers: the brokers there were; the first is what the others are compared with.
    """
    ceiling = bare_in_rounds(brokers[0]) if brokers else ""
    lines = [("", "median", "least", "most", "unit", f"x {ceiling}" if ceiling in results.values else "")]
    for series, unit in results.units.items():
        spread = results.spread(series)
        same_unit = results.units.get(ceiling) == unit
        ratio = results.ratio(series, ceiling) if same_unit else None
        beside = "" if ratio is None else f"{ratio.median:.2f}"
        lines.append((series, *_shown(spread), unit, beside))
    return _aligned(lines)


def targets(results: Results, wanted: Iterable[Target]) -> str:
    """Return every target beside what was reached."""
    lines = [("", "target", "median", "least", "most", "")]
    for target in wanted:
        spread = results.reached(target)
        bound = f"{'>=' if target.at_least else '<='} {_number(target.bound)} {target.unit}".rstrip()
        if spread is None:
            lines.append((target.name, bound, "", "", "", NOT_MEASURED))
        else:
            met = "met" if target.met_by(spread) else "NOT met"
            lines.append((target.name, bound, *_shown(spread), met))
    return _aligned(lines)


def _shown(spread: Spread) -> tuple[str, str, str]:
    return _number(spread.median), _number(spread.least), _number(spread.most)


def _number(value: float) -> str:
    if value >= _INTEGERS_FROM or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}"


def _aligned(lines: Sequence[tuple[str, ...]]) -> str:
    """Return lines with their columns under each other, numbers to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    last = len(widths) - 1
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index in {0, last} or not _is_number(cell) else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _is_number(cell: str) -> bool:
    return cell.replace(",", "").replace(".", "").isdigit() or cell in {"median", "least", "most"}
