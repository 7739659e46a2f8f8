"""A model of a car as data: what its body, cells, pack and charger can do, and where each number is from.

A vehicle file holds everything that tells one model from another; a new model is one file. Every number is
written with its unit and the key of its source, `mass: [1980 kg, evkx]`, and a row of numbers once for all of
them. `assumed` is a source too: it says that nothing published was found, and is counted.

The limits of the numbers are wide: what lies beyond them no road vehicle has, from a light quadricycle (EU
168/2013: 450 kg, 15 kW) to a bus (assumptions, but for alternating current: IEC 61851-1, 43.5 kW).
"""

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from sim.core.bands import BANDS_MAX, AnyBand
from sim.core.units import (
    Celsius,
    JoulesPerKelvin,
    Kelvins,
    Kilograms,
    KilowattHours,
    Percent,
    PerHour,
    SquareMetres,
    Volts,
    Watts,
    WattsPerKelvin,
    fact_name,
)

UNKNOWN = "unknown"
"""The chip of a controller of which nobody says where it runs."""
ASSUMED = "assumed"
"""The source of what nobody has published."""
POINTS_MAX = 64
"""Most points of a curve."""

_STRICT = ConfigDict(
    frozen=True, extra="forbid", alias_generator=fact_name, validate_by_name=True, validate_by_alias=True
)
_Value = TypeVar("_Value", bound=float | str)
_Point = TypeVar("_Point", bound=tuple[float, float])

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Sourced = tuple[_Value, Key]
"""A number, and the key of where it is from."""
Number = Annotated[float, Field(strict=True)]
"""A number as such: no text, and neither `true` nor `false`."""
Share = Annotated[Number, Field(ge=0, le=1)]

Points = Annotated[tuple[_Point, ...], Field(min_length=2, max_length=POINTS_MAX)]
"""Points of a curve that is straight between them; `documents.curves` says which ones can be."""


class Curve(BaseModel):
    """A row of numbers with one source."""

    model_config = _STRICT

    source: Key


class ByCharge(Curve):
    """Volts over the state of charge."""

    points: Points[tuple[Percent, Volts]]


class PowerByCharge(Curve):
    """Power over the state of charge, from 0 to 100 %."""

    points: Points[tuple[Percent, Watts]]


class ShareByWarmth(Curve):
    """A share over the temperature of the cells."""

    points: Points[tuple[Celsius, Share]]


class RateByWarmth(Curve):
    """The most charge rate over the cells' temperature; above the last point the charge alone limits."""

    points: Points[tuple[Celsius, PerHour]]


class Publication(BaseModel):
    """Where numbers are from: enough to find it again."""

    model_config = _STRICT

    title: str = Field(min_length=3, max_length=200)
    publisher: str = Field(min_length=2, max_length=100)
    address: str | None = Field(default=None, max_length=200)
    claim: Annotated[bool, Field(strict=True)] = False
    """Whether it is the maker's own word, which nobody else has measured."""


class Body(BaseModel):
    """What moving it takes."""

    model_config = _STRICT

    mass_kg: Sourced[Annotated[Kilograms, Field(ge=200, le=10_000)]]
    """Ready to drive, without people."""
    payload_kg: Sourced[Annotated[Kilograms, Field(le=5_000)]]
    """Who and what is in it."""
    drag_coefficient: Sourced[Annotated[Number, Field(ge=0.1, le=1.5)]]
    frontal_area_m2: Sourced[Annotated[SquareMetres, Field(ge=0.5, le=12)]]
    rolling_resistance: Sourced[Annotated[Number, Field(ge=0.002, le=0.05)]]
    """Force over weight, at 25 °C."""
    rolling_per_kelvin: Sourced[Annotated[Number, Field(ge=0, le=0.03)]]
    """By which share it grows for each kelvin below 25 °C."""
    rotating_mass: Sourced[Annotated[Number, Field(ge=1, le=1.5)]]
    """By which factor what turns makes it harder to speed up."""
    to_wheel: Sourced[Annotated[Number, Field(ge=0.4, le=1)]]
    """Which share of what leaves the battery gets to the wheels."""
    from_wheel: Sourced[Share]
    """Which share of what the wheels give gets back into the battery."""
    auxiliaries_w: Sourced[Annotated[Watts, Field(le=5_000)]]
    """What its electronics, pumps and lamps draw while it drives."""
    ventilation_w_per_k: Sourced[Annotated[WattsPerKelvin, Field(le=500)]]
    """What the fresh air for people takes out of the cabin."""


class Cells(BaseModel):
    """What the chemistry of its battery does, whatever the size."""

    model_config = _STRICT

    chemistry: Literal["lithium iron phosphate", "sodium ion", "nickel manganese cobalt"]
    nominal_v: Sourced[Annotated[Volts, Field(ge=1, le=5)]]
    volts_at_1c_v: Sourced[Annotated[Volts, Field(le=0.5)]]
    """Resistance times charge at 25 °C: by how much the voltage of a cell sinks at 1C."""
    resistance_by_warmth_k: Sourced[Annotated[Kelvins, Field(le=6_000)]]
    """Arrhenius: the resistance is multiplied by exp(B (1/T - 1/298.15 K))."""
    open_circuit: ByCharge
    usable: ShareByWarmth
    """Which share of its energy at 25 °C it gives away."""
    charge_rate: RateByWarmth


class PackHeater(BaseModel):
    """What warms the battery before it is charged."""

    model_config = _STRICT

    power_w: Sourced[Annotated[Watts, Field(ge=100, le=50_000)]]
    until_c: Sourced[Annotated[Celsius, Field(ge=-30, le=40)]]


class Pack(BaseModel):
    """The battery."""

    model_config = _STRICT

    capacity_kwh: Sourced[Annotated[KilowattHours, Field(ge=2, le=500)]]
    """What it gives at 25 °C."""
    heat_capacity_j_per_k: Sourced[Annotated[JoulesPerKelvin, Field(ge=2_000, le=20_000_000)]]
    heat_loss_w_per_k: Sourced[Annotated[WattsPerKelvin, Field(le=200)]]
    """To outdoors."""
    heater: PackHeater | None = None


class Charger(BaseModel):
    """How it is charged."""

    model_config = _STRICT

    ac_w: Sourced[Annotated[Watts, Field(ge=500, le=43_500)]]
    """The most its own charger draws."""
    ac_efficiency: Sourced[Annotated[Number, Field(ge=0.3, le=1)]]
    """From the plug to battery and loads."""
    dc_efficiency: Sourced[Annotated[Number, Field(ge=0.3, le=1)]]
    dc: PowerByCharge
    """The most a warm battery takes."""


class Controllers(BaseModel):
    """Which of its chips each controller runs on; `unknown` where nobody says."""

    model_config = _STRICT

    gateway: Sourced[Key]
    body: Sourced[Key]
    powertrain: Sourced[Key]
    cabin: Sourced[Key]
    cockpit: Sourced[Key]
    pilot: Sourced[Key]


class Machines(BaseModel):
    """What it sees and thinks with."""

    model_config = _STRICT

    lidars: Sourced[Annotated[int, Field(ge=0, le=8, strict=True)]]
    chips: dict[Key, Sourced[Annotated[int, Field(ge=1, le=64, strict=True)]]] = Field(max_length=32)
    """Which chips, and how many of each."""
    controllers: Controllers


class VehicleModel(BaseModel):
    """One model of a car."""

    model_config = _STRICT

    model: str = Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")
    """Its name in household files, and in the name of its own file."""
    name: str = Field(min_length=1, max_length=80)
    sources: dict[Key, Publication] = Field(max_length=64)
    body: Body
    cells: Cells
    pack: Pack
    charging: Charger
    machines: Machines
    bands: tuple[AnyBand, ...] = Field(default=(), max_length=BANDS_MAX)
    """What others say that such a car does; the model lies within."""
