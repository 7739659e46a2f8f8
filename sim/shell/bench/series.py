"""Repeated measurements, their ratios, and the targets the ratios are held against."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of some values, and how far they lie apart."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        """Return the spread of at least one value."""
        return cls(median(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class Measured:
    """What one repetition of one measurement gave.

    Attributes:
        series: which measurement, such as `run over Mosquitto`.
        unit: of what, such as `messages/s`.
        value: how much of it.
    """

    series: str
    unit: str
    value: float


@dataclass(frozen=True, slots=True)
class Target:
    """What two measurements are meant to have between them.

    Attributes:
        name: for people.
        measured: the series it is about.
        against: the series it is held against; None when it is about the values themselves.
        bound: what the median must be.
        at_least: whether `bound` is the least it must be; otherwise it is the most it may be.
        difference: whether the two are subtracted instead of divided.
        unit: of the bound; empty for a ratio.
    """

    name: str
    measured: str
    against: str | None
    bound: float
    at_least: bool = True
    difference: bool = False
    unit: str = ""

    def met_by(self, spread: Spread) -> bool:
        """Say whether a spread reaches the target."""
        return spread.median >= self.bound if self.at_least else spread.median <= self.bound


@dataclass(slots=True)
class Results:
    """Everything that was measured, by series, in the order in which it was first measured.

    The repetitions of all series are interleaved, so the n-th value of each was measured at about the
    same time: ratios are taken between values with the same n, and drift of the machine cancels out.
    """

    values: dict[str, list[float]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)

    def add(self, measured: Measured) -> None:
        """Add one repetition."""
        self.units[measured.series] = measured.unit
        self.values.setdefault(measured.series, []).append(measured.value)

    def spread(self, series: str) -> Spread:
        """Return the spread of a series that was measured."""
        return Spread.of(self.values[series])

    def ratio(self, series: str, against: str) -> Spread | None:
        """Return how many times as much one series is as another; None if one was not measured."""
        pairs = self._pairs(series, against)
        return Spread.of([one / other for one, other in pairs]) if pairs else None

    def reached(self, target: Target) -> Spread | None:
        """Return what a target is held against; None if it was not measured."""
        if target.against is None:
            return self.spread(target.measured) if target.measured in self.values else None
        if not target.difference:
            return self.ratio(target.measured, target.against)
        pairs = self._pairs(target.measured, target.against)
        return Spread.of([one - other for one, other in pairs]) if pairs else None

    def to_json(self) -> Mapping[str, object]:
        """Return the raw numbers."""
        return {name: {"unit": self.units[name], "values": values} for name, values in self.values.items()}

    def _pairs(self, one: str, other: str) -> list[tuple[float, float]]:
        return list(zip(self.values.get(one, []), self.values.get(other, []), strict=False))
