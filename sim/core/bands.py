"""What a vehicle file promises of its model: bands that others have measured or told, with their sources.

A band says what is looked at and between which bounds it lies. How sure that is, its `basis` says: somebody
published it for this model; the maker claims it; it was derived from what is published, of this car or of
others; or it is an assumption of who wrote the file. A model that leaves a band of its own file is refused.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from sim.core.units import (
    Celsius,
    Kmh,
    KwhPer100Km,
    Metres,
    Milliseconds,
    Percent,
    Watts,
    fact_name,
)

BANDS_MAX = 64
"""Most bands of a file."""
_STRICT = ConfigDict(
    frozen=True, extra="forbid", alias_generator=fact_name, validate_by_name=True, validate_by_alias=True
)

Weather = Annotated[Celsius, Field(ge=-40, le=50)]
Charge = Annotated[Percent, Field(ge=0, le=100)]
Share = Annotated[float, Field(gt=0, le=2, strict=True)]


class Band(BaseModel):
    """What every band has."""

    model_config = _STRICT

    basis: Literal["published", "claimed", "derived", "assumed"]
    source: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    note: str = Field(default="", max_length=300)
    """How it was derived, or of which other car it is."""
    outdoor_c: Weather
    """Temperature of the air, °C."""

    @property
    def bounds(self) -> tuple[float, float]:
        """Its bounds, in the unit of what is looked at."""
        least, most = (getattr(self, name) for name in _bound_names(type(self)))
        return least, most

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        least, most = self.bounds
        if least >= most:
            kind = "band"
            raise PydanticCustomError(kind, "{reason}", {"reason": "`least` of a band is below its `most`"})
        if self.basis == "derived" and not self.note:
            kind = "band"
            raise PydanticCustomError(
                kind, "{reason}", {"reason": "a derived band says in `note` how it was derived"}
            )
        return self


def _bound_names(band: type[Band]) -> tuple[str, str]:
    fields = [name for name in band.model_fields if fact_name(name) in {"least", "most"}]
    return fields[0], fields[1]


class RangeBand(Band):
    """How far a full battery goes in mixed driving."""

    measure: Literal["range"]
    pack_c: Weather
    least_m: Metres
    most_m: Metres


class ShareBand(Band):
    """How far that is as a share of the same at 23 °C; the battery begins at `pack`."""

    measure: Literal["share of range"]
    pack_c: Weather
    least: Share
    most: Share


class ConsumptionBand(Band):
    """What a steady speed on the flat takes, without heating and cooling."""

    measure: Literal["consumption"]
    speed_kmh: Annotated[Kmh, Field(gt=0, le=250)]
    least_kwh_per_100km: KwhPer100Km
    most_kwh_per_100km: KwhPer100Km


class HeatingBand(Band):
    """The electricity that holds the cabin at a temperature."""

    measure: Literal["heating"]
    cabin_c: Weather
    least_w: Watts
    most_w: Watts


class ChargingBand(Band):
    """How long charging takes between two charges, with pack and air as warm as said."""

    measure: Literal["charging time"]
    pack_c: Weather
    power_w: Annotated[Watts, Field(gt=0)]
    """Of the charger."""
    from_percent: Charge
    to_percent: Charge
    least_ms: Milliseconds
    most_ms: Milliseconds


class PowerBand(Band):
    """The mean power into the battery between two charges."""

    measure: Literal["charging power"]
    pack_c: Weather
    power_w: Annotated[Watts, Field(gt=0)]
    from_percent: Charge
    to_percent: Charge
    least_w: Watts
    most_w: Watts


AnyBand = Annotated[
    RangeBand | ShareBand | ConsumptionBand | HeatingBand | ChargingBand | PowerBand,
    Field(discriminator="measure"),
]
"""A band of any measure."""
