"""Quantities with units: `21 °C` in a file becomes a float in a field that knows its dimension.

A field says its unit twice, for two readers: in its type (`Celsius`), which the loader and the
checks of a scenario use, and as the end of its name (`room_c`), which people and machines on the
broker read. `fact_name` strips that ending, so that a scenario says `heater.room: 21 °C`.

Each dimension accepts its own units only, because the same letters mean different things: `10 m`
is a distance in a position and ten minutes in a duration.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated

from pydantic import BeforeValidator, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

_NUMBER = re.compile(r"\s*([+-]?(?:\d+(?:_\d+)*)(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.DOTALL)


@dataclass(frozen=True)
class Dimension:
    """One kind of quantity.

    Attributes:
        name: what it measures, for error texts.
        unit: the unit values are kept in.
        suffix: how field names of this dimension end.
        units: every accepted unit with (factor, offset): value in `unit` = number * factor + offset.
        least: the smallest value that exists, in `unit`; None when there is no such bound.
        most: the largest value a file may say, in `unit`; None when there is no such bound.
        whole: True when values are kept as int (milliseconds).
    """

    name: str
    unit: str
    suffix: str
    units: Mapping[str, tuple[float, float]] = field(compare=False)
    least: float | None = None
    most: float | None = None
    whole: bool = False

    def parse(self, text: str) -> float:
        """Return the value of `text` in this dimension's unit.

        Raises:
            ValueError: with one sentence that says which unit was expected.
        """
        match = _NUMBER.fullmatch(text)
        if match is None:
            msg = f"`{text}` is not a {self.name}, write it as {self.example}"
            raise ValueError(msg)
        number, unit = match.groups()
        if not unit:
            msg = f"`{text}` has no unit, write a {self.name} as {self.example}"
            raise ValueError(msg)
        if unit not in self.units:
            known = ", ".join(f"`{known}`" for known in self.units)
            msg = f"`{unit}` is not a unit of {self.name}; use one of {known}"
            raise ValueError(msg)
        factor, offset = self.units[unit]
        value = float(number.replace("_", "")) * factor + offset
        if not math.isfinite(value):
            msg = f"`{text}` is too large"
            raise ValueError(msg)
        if self.most is not None and value > self.most:
            msg = f"`{text}` is above the largest {self.name} there can be, {self.show(self.most)}"
            raise ValueError(msg)
        if self.least is not None and value < self.least:
            if math.isclose(value, self.least, rel_tol=1e-12):
                return self.least  # -459.67 °F is absolute zero, but for the last bit of the conversion
            msg = f"`{text}` is below the least {self.name} there is, {self.show(self.least)}"
            raise ValueError(msg)
        return round(value) if self.whole else value

    @property
    def example(self) -> str:
        """A quantity of this dimension, as a person would write it."""
        return f"`20 {self.unit}`"

    def show(self, value: float) -> str:
        """Return `value`, given in this dimension's unit, for people."""
        if self.whole and self is DURATION:
            return show_duration(int(value))
        text = f"{value:.3f}".rstrip("0").rstrip(".")
        return f"{'0' if text == '-0' else text} {self.unit}"


_ZERO_C_IN_K = 273.15

DURATION = Dimension(
    "duration",
    "ms",
    "_ms",
    {
        "ms": (1, 0),
        "s": (1_000, 0),
        "m": (60_000, 0),
        "min": (60_000, 0),
        "h": (3_600_000, 0),
        "d": (86_400_000, 0),
    },
    least=0,
    most=400 * 86_400_000,  # longer than any story: a year, and a month more
    whole=True,
)
TEMPERATURE = Dimension(
    "temperature",
    "°C",
    "_c",
    {"°C": (1, 0), "C": (1, 0), "K": (1, -_ZERO_C_IN_K), "°F": (5 / 9, -160 / 9)},
    least=-_ZERO_C_IN_K,
)
ANGLE = Dimension("angle", "°", "_deg", {"°": (1, 0)})
LENGTH = Dimension(
    "distance", "m", "_m", {"m": (1, 0), "cm": (0.01, 0), "mm": (0.001, 0), "km": (1_000, 0)}, least=0
)
SPEED = Dimension("speed", "km/h", "_kmh", {"km/h": (1, 0), "m/s": (3.6, 0)}, least=0)
POWER = Dimension("power", "W", "_w", {"W": (1, 0), "kW": (1_000, 0)}, least=0)
ENERGY = Dimension("energy", "kWh", "_kwh", {"kWh": (1, 0), "Wh": (0.001, 0), "MJ": (1 / 3.6, 0)}, least=0)
RATIO = Dimension("ratio", "%", "_percent", {"%": (1, 0)}, least=0)
SLOPE = Dimension("slope", "%", "_percent", {"%": (1, 0)})
"""Metres up for a hundred ahead; unlike other ratios it can be below 0."""
VOLUME = Dimension("volume", "m³", "_m3", {"m³": (1, 0), "m3": (1, 0), "l": (0.001, 0)}, least=0)
HEAT_LOSS = Dimension("heat loss", "W/K", "_w_per_k", {"W/K": (1, 0), "kW/K": (1_000, 0)}, least=0)
HEAT_CAPACITY = Dimension(
    "heat capacity", "J/K", "_j_per_k", {"J/K": (1, 0), "kJ/K": (1e3, 0), "MJ/K": (1e6, 0)}, least=0
)
FLOW = Dimension("flow", "m³/h", "_m3_per_h", {"m³/h": (1, 0), "m3/h": (1, 0), "l/s": (3.6, 0)}, least=0)
MASS_CONCENTRATION = Dimension(
    "concentration",
    "µg/m³",
    "_ug_per_m3",
    {"µg/m³": (1, 0), "μg/m³": (1, 0), "ug/m3": (1, 0), "mg/m³": (1_000, 0)},  # the sign for micro, and mu
    least=0,
)
MASS = Dimension("mass", "mg", "_mg", {"mg": (1, 0), "g": (1_000, 0)}, least=0)
COLOUR_TEMPERATURE = Dimension("colour temperature", "K", "_k", {"K": (1, 0)}, least=0)
LUMINOUS_FLUX = Dimension("luminous flux", "lm", "_lm", {"lm": (1, 0)}, least=0)
CONSUMPTION = Dimension(
    "consumption", "kWh/100km", "_kwh_per_100km", {"kWh/100km": (1, 0), "Wh/km": (0.1, 0)}, least=0
)

WEIGHT = Dimension("weight", "kg", "_kg", {"kg": (1, 0), "t": (1_000, 0)}, least=0)
"""Of cars; dust and filters are weighed in `MASS`."""
AREA = Dimension("area", "m²", "_m2", {"m²": (1, 0), "m2": (1, 0)}, least=0)
VOLTAGE = Dimension("voltage", "V", "_v", {"V": (1, 0), "mV": (0.001, 0)}, least=0)
CHARGE_RATE = Dimension("charge rate", "C", "_c_rate", {"C": (1, 0)}, least=0)
"""Power over energy, 1/h: at 1 C an empty battery is full within an hour."""
ACCELERATION = Dimension("acceleration", "m/s²", "_m_per_s2", {"m/s²": (1, 0), "m/s2": (1, 0)}, least=0)
RAINFALL = Dimension("rainfall", "mm/h", "_mm_per_h", {"mm/h": (1, 0)}, least=0)

DIMENSIONS = (
    DURATION,
    TEMPERATURE,
    SPEED,
    POWER,
    ENERGY,
    RATIO,
    VOLUME,
    HEAT_LOSS,
    HEAT_CAPACITY,
    FLOW,
    MASS_CONCENTRATION,
    MASS,
    COLOUR_TEMPERATURE,
    LUMINOUS_FLUX,
    CONSUMPTION,
    ACCELERATION,
    RAINFALL,
    WEIGHT,
    AREA,
    VOLTAGE,
    CHARGE_RATE,
    ANGLE,
    LENGTH,
)

_SUFFIXES = tuple(sorted((d.suffix for d in DIMENSIONS), key=len, reverse=True))

NAMES_KEPT_MAX = 4_096
"""How many names of fields are kept without their suffix."""


@lru_cache(maxsize=NAMES_KEPT_MAX)
def fact_name(field_name: str) -> str:
    """Return the name a scenario uses for a field: `room_c` is `room`, `speed_kmh` is `speed`."""
    for suffix in _SUFFIXES:
        if field_name.endswith(suffix) and len(field_name) > len(suffix):
            return field_name[: -len(suffix)]
    return field_name


@dataclass(frozen=True)
class Measured:
    """Marks a field as a quantity: `Annotated[float, Measured(TEMPERATURE), …]`."""

    dimension: Dimension

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Name the unit in JSON Schema, which has no word of its own for it."""
        return {**handler(schema), "x-unit": self.dimension.unit}


WRITTEN_BY_A_PERSON = {"written_by": "person"}
"""Validation context for files: every quantity needs its unit there. JSON on the wire has bare numbers."""


def _reader(dimension: Dimension) -> BeforeValidator:
    """Return the validator that reads text with a unit, and refuses a bare number in a person's file."""

    def read(value: object, info: ValidationInfo) -> object:
        by_person = info.context == WRITTEN_BY_A_PERSON
        if not isinstance(value, str) and not by_person:
            return value
        try:
            return dimension.parse(str(value))
        except ValueError as error:
            msg = "quantity"
            raise PydanticCustomError(msg, "{reason}", {"reason": str(error)}) from None

    return BeforeValidator(read)


Milliseconds = Annotated[int, Measured(DURATION), _reader(DURATION)]
Celsius = Annotated[float, Measured(TEMPERATURE), _reader(TEMPERATURE)]
Degrees = Annotated[float, Measured(ANGLE), _reader(ANGLE)]
Metres = Annotated[float, Measured(LENGTH), _reader(LENGTH)]
Kmh = Annotated[float, Measured(SPEED), _reader(SPEED)]
Watts = Annotated[float, Measured(POWER), _reader(POWER)]
KilowattHours = Annotated[float, Measured(ENERGY), _reader(ENERGY)]
Percent = Annotated[float, Measured(RATIO), _reader(RATIO)]
CubicMetres = Annotated[float, Measured(VOLUME), _reader(VOLUME)]
WattsPerKelvin = Annotated[float, Measured(HEAT_LOSS), _reader(HEAT_LOSS)]
JoulesPerKelvin = Annotated[float, Measured(HEAT_CAPACITY), _reader(HEAT_CAPACITY)]
CubicMetresPerHour = Annotated[float, Measured(FLOW), _reader(FLOW)]
MicrogramsPerCubicMetre = Annotated[float, Measured(MASS_CONCENTRATION), _reader(MASS_CONCENTRATION)]
Milligrams = Annotated[float, Measured(MASS), _reader(MASS)]
Kelvins = Annotated[float, Measured(COLOUR_TEMPERATURE), _reader(COLOUR_TEMPERATURE)]
Lumens = Annotated[float, Measured(LUMINOUS_FLUX), _reader(LUMINOUS_FLUX)]
MetresPerSecondSquared = Annotated[float, Measured(ACCELERATION), _reader(ACCELERATION)]
MillimetresPerHour = Annotated[float, Measured(RAINFALL), _reader(RAINFALL)]
KwhPer100Km = Annotated[float, Measured(CONSUMPTION), _reader(CONSUMPTION)]
SlopePercent = Annotated[float, Measured(SLOPE), _reader(SLOPE)]
Kilograms = Annotated[float, Measured(WEIGHT), _reader(WEIGHT)]
SquareMetres = Annotated[float, Measured(AREA), _reader(AREA)]
Volts = Annotated[float, Measured(VOLTAGE), _reader(VOLTAGE)]
PerHour = Annotated[float, Measured(CHARGE_RATE), _reader(CHARGE_RATE)]


def show_duration(duration_ms: int) -> str:
    """Return a duration for people: `1.2 s`, `3 m 20 s`, `2 h 5 m`, `1 d`."""
    if duration_ms < 60_000:
        return f"{duration_ms} ms" if duration_ms < 1_000 else f"{duration_ms / 1000:g} s"
    parts = []
    rest = duration_ms
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])
