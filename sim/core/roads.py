"""Places and roads as data: the map that cars and phones come with.

A map says what does not change from day to day: where places are, which roads join them, how fast one drives
there at which time of the day. That a road is closed today is in no map (see `sim.world.truth.traffic`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from sim.core.dues import Currency, Merchant, Parking, Toll
from sim.core.units import WRITTEN_BY_A_PERSON, Kmh, Metres, SlopePercent, Watts, fact_name

DAY_MS = 86_400_000
MINUTE_MS = 60_000
PRICES_MAX = 24
"""Times of the day at which a charger may have a price of its own: one for every hour."""
RUSHES_MAX = 8
"""Times of the day at which a road may have a speed of its own."""
BENDS_MAX = 64
"""Bends that a road may name."""
ROAD_M_MAX = 1_000_000.0
"""Longest road: farther than any car goes without a stop."""

Position = tuple[Annotated[float, Field(ge=-90, le=90)], Annotated[float, Field(ge=-180, le=180)]]
"""Latitude and longitude, degrees (WGS 84)."""

_CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")

_STRICT = ConfigDict(
    frozen=True, extra="forbid", alias_generator=fact_name, validate_by_name=True, validate_by_alias=True
)


def _clock(value: object, info: ValidationInfo) -> object:
    """Return milliseconds since midnight for `07:30`; `24:00` is the end of the day.

    A bare number is milliseconds on the wire, and nothing that a person would have meant in a file.
    """
    by_person = info.context == WRITTEN_BY_A_PERSON
    if not isinstance(value, str) and (not by_person or isinstance(value, (dict, list, type(None)))):
        return value
    value = str(value)
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
        operator: who demands the price of whoever charges there; None where it is on the house's own bill.
        currency: of the prices.
    """

    model_config = _STRICT

    power_w: Watts = Field(gt=0, le=1_000_000)
    price: int | None = Field(default=None, ge=0, le=1_000_000)
    tariff: list[PriceWindow] = Field(default=[], max_length=PRICES_MAX)
    operator: Merchant | None = None
    currency: Currency = "CNY"

    @model_validator(mode="after")
    def _one_price_at_a_time(self) -> Self:
        if self.operator is not None and self.price is None:
            reason = "who has an `operator` has a `price` too"
            msg = "operator"
            raise PydanticCustomError(msg, "{reason}", {"reason": reason})
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
    parking: Parking | None = None


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


class BendOfRoad(BaseModel):
    """A bend of a road.

    Attributes:
        at_m: where it begins, metres from the beginning of the road.
        length_m: how long it is, clothoids included, metres.
        radius_m: its least radius, metres. Chinese roads have at least 650 m at 120 km/h, 400 m at 100, 250 m
            at 80, 125 m at 60 and 60 m at 40 (JTG D20-2017).
        turns: to which side, as seen from the beginning of the road.
    """

    model_config = _STRICT

    at_m: Metres = Field(ge=0, le=ROAD_M_MAX)
    length_m: Metres = Field(gt=0, le=10_000)
    radius_m: Metres = Field(ge=20, le=20_000)
    turns: Literal["left", "right"] = "left"


class Road(BaseModel):
    """A road between two places or homes.

    Attributes:
        from_: where it begins.
        to: where it ends.
        length_m: along its bends, metres.
        speed_kmh: how fast one drives there when it is not crowded, km/h.
        rush: when it is crowded, and how fast one drives then.
        both_ways: whether it is driven in both directions.
        toll: the gate at its end; None where it is free.
        lanes: how many marked lanes it has in each direction; None where none are marked.
        separated: whether the directions are separated by a barrier, as on motorways.
        limit_kmh: what its signs allow; None where there are none.
        bends: those that matter to whoever steers or slows down.
        slope_percent: how much it climbs from its beginning to its end, metres for a hundred.
        stops: how often one brakes to a standstill and speeds up again, for each kilometre.
    """

    model_config = _STRICT

    from_: str = Field(alias="from")
    to: str
    length_m: Metres = Field(gt=0, le=ROAD_M_MAX)
    speed_kmh: Kmh = Field(gt=0, le=250)
    rush: list[Rush] = Field(default=[], max_length=RUSHES_MAX)
    both_ways: bool = True
    toll: Toll | None = None
    lanes: int | None = Field(default=None, ge=1, le=8)
    separated: bool = False
    limit_kmh: Kmh | None = Field(default=None, gt=0, le=250)
    bends: list[BendOfRoad] = Field(default=[], max_length=BENDS_MAX)
    slope_percent: SlopePercent = Field(default=0.0, ge=-20, le=20)
    stops: float = Field(default=0.0, ge=0, le=20)

    @model_validator(mode="after")
    def _bends_one_after_the_other(self) -> Self:
        spans = sorted((one.at_m, one.at_m + one.length_m) for one in self.bends)
        if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
            msg = "bends"
            raise PydanticCustomError(msg, "{reason}", {"reason": "two bends of a road overlap"})
        if spans and spans[-1][1] > self.length_m:
            msg = "bends"
            raise PydanticCustomError(
                msg, "{reason}", {"reason": "a bend goes on behind the end of its road"}
            )
        return self

    @model_validator(mode="after")
    def _one_speed_at_a_time(self) -> Self:
        times = sorted((one.from_ms, one.until_ms) for one in self.rush)
        if any(later[0] < earlier[1] for earlier, later in pairwise(times)):
            msg = "rush"
            raise PydanticCustomError(msg, "{reason}", {"reason": "two rushes of a road overlap"})
        return self

    def climbs(self, start: str) -> float:
        """Return metres up for each metre ahead, driven from one of its ends."""
        return (1 if start == self.from_ else -1) * self.slope_percent / 100

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
