"""Places and roads as data: the map that cars and phones come with.

A map says what does not change from day to day: where places are, which roads join them, how fast one drives
there at which time of the day. That a road is closed today is in no map (see `sim.world.traffic`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from sim.core.units import Kmh, Metres, Watts, fact_name

DAY_MS = 86_400_000
MINUTE_MS = 60_000
PRICES_MAX = 24
"""Times of the day at which a charger may have a price of its own: one for every hour."""
RUSHES_MAX = 8
"""Times of the day at which a road may have a speed of its own."""
ROAD_M_MAX = 1_000_000.0
"""Longest road: farther than any car goes without a stop."""

Position = tuple[Annotated[float, Field(ge=-90, le=90)], Annotated[float, Field(ge=-180, le=180)]]
"""Latitude and longitude, degrees (WGS 84)."""

_CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")

_STRICT = ConfigDict(
    frozen=True, extra="forbid", alias_generator=fact_name, validate_by_name=True, validate_by_alias=True
)


def _clock(value: object) -> object:
    """Return milliseconds since midnight for `07:30`; `24:00` is the end of the day."""
    if not isinstance(value, str):
        return value
    found = _CLOCK.fullmatch(value)
    clock_ms = -1 if found is None else (int(found[1]) * 60 + int(found[2])) * MINUTE_MS
    if not 0 <= clock_ms <= DAY_MS:
        msg = "clock"
        raise PydanticCustomError(
            msg, "{reason}", {"reason": f"`{value[:20]}` is no time of the day, write it as `07:30`"}
        )
    return clock_ms


TimeOfDay = Annotated[int, Field(ge=0, le=DAY_MS), BeforeValidator(_clock, json_schema_input_type=str)]
"""Milliseconds since midnight by the clocks of the household; `07:30` in a file."""


class PriceWindow(BaseModel):
    """A time of every day at which electricity has another price; it may go over midnight."""

    model_config = _STRICT

    from_ms: TimeOfDay
    until_ms: TimeOfDay
    price: int = Field(ge=0, le=1_000_000)


class ChargingPoint(BaseModel):
    """A charger: how strong it is, and what a kilowatt hour costs there.

    Prices are whole numbers in the smallest unit of the currency, such as fen. A charger tells both to a car
    over the cable, as ISO 15118-2:2014 has it (SAScheduleList with its SalesTariff).

    Attributes:
        power_w: the most it gives, W.
        price: of a kilowatt hour; None where nothing is said of prices.
        tariff: times of the day with another price.
    """

    model_config = _STRICT

    power_w: Watts = Field(gt=0, le=1_000_000)
    price: int | None = Field(default=None, ge=0, le=1_000_000)
    tariff: list[PriceWindow] = Field(default=[], max_length=PRICES_MAX)

    @model_validator(mode="after")
    def _one_price_at_a_time(self) -> Self:
        if self.tariff and self.price is None:
            reason = "a tariff needs a `price` for the rest of the day"
            msg = "tariff"
            raise PydanticCustomError(msg, "{reason}", {"reason": reason})
        spans = sorted(span for one in self.tariff for span in _spans(one))
        if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
            msg = "tariff"
            raise PydanticCustomError(msg, "{reason}", {"reason": "two times of a tariff overlap"})
        return self

    def price_at(self, clock_ms: int) -> int | None:
        """Return the price at a time of the day, in milliseconds since midnight; None where there is none."""
        for window in self.tariff:
            if any(begin <= clock_ms < end for begin, end in _spans(window)):
                return window.price
        return self.price

    @property
    def edges_ms(self) -> tuple[int, ...]:
        """Times of the day at which the price may change, in order."""
        return tuple(sorted({edge for one in self.tariff for span in _spans(one) for edge in span}))


def _spans(window: PriceWindow) -> list[tuple[int, int]]:
    """Return when a price holds within one day; equal ends are the whole day."""
    if window.from_ms < window.until_ms:
        return [(window.from_ms, window.until_ms)]
    return [(window.from_ms, DAY_MS), (0, window.until_ms)]


class SpotOnMap(BaseModel):
    """A place with a name that one drives to: an office, a crossing, a service area."""

    model_config = _STRICT

    position: Position
    charger: ChargingPoint | None = None


class Rush(BaseModel):
    """A time of every day at which a road has another speed."""

    model_config = _STRICT

    from_ms: TimeOfDay
    until_ms: TimeOfDay
    speed_kmh: Kmh = Field(gt=0, le=250)

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.from_ms >= self.until_ms:
            msg = "rush"
            reason = "a rush begins before it ends; one over midnight is written as two"
            raise PydanticCustomError(msg, "{reason}", {"reason": reason})
        return self


class Road(BaseModel):
    """A road between two places or homes.

    Attributes:
        from_: where it begins.
        to: where it ends.
        length_m: along its bends, metres.
        speed_kmh: how fast one drives there when it is not crowded, km/h.
        rush: when it is crowded, and how fast one drives then.
        both_ways: whether it is driven in both directions.
    """

    model_config = _STRICT

    from_: str = Field(alias="from")
    to: str
    length_m: Metres = Field(gt=0, le=ROAD_M_MAX)
    speed_kmh: Kmh = Field(gt=0, le=250)
    rush: list[Rush] = Field(default=[], max_length=RUSHES_MAX)
    both_ways: bool = True

    @model_validator(mode="after")
    def _one_speed_at_a_time(self) -> Self:
        times = sorted((one.from_ms, one.until_ms) for one in self.rush)
        if any(later[0] < earlier[1] for earlier, later in pairwise(times)):
            msg = "rush"
            raise PydanticCustomError(msg, "{reason}", {"reason": "two rushes of a road overlap"})
        return self

    def speed_at_kmh(self, clock_ms: int) -> float:
        """Return how fast one drives at a time of the day, given in milliseconds since midnight."""
        return next(
            (one.speed_kmh for one in self.rush if one.from_ms <= clock_ms < one.until_ms), self.speed_kmh
        )

    def next_change_ms(self, clock_ms: int) -> int:
        """Return when the speed may next change, ms since that midnight; `DAY_MS` at the latest."""
        edges = [edge for one in self.rush for edge in (one.from_ms, one.until_ms) if edge > clock_ms]
        return min([*edges, DAY_MS])


@dataclass(frozen=True, slots=True)
class RoadMap:
    """What a navigation system knows of the world.

    Attributes:
        positions: every home and place, latitude and longitude, degrees.
        chargers: which of them have a charger, and how strong it is, W.
        roads: name to road, in file order.
    """

    positions: Mapping[str, Position] = field(default_factory=dict)
    chargers: Mapping[str, float] = field(default_factory=dict)
    roads: Mapping[str, Road] = field(default_factory=dict)

    @property
    def origin(self) -> Position:
        """What is (0, 0) on the plane of metres: the first home or place."""
        return next(iter(self.positions.values()), (0.0, 0.0))


NO_MAP = RoadMap()
"""The map of a household that names no roads."""
