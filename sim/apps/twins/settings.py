"""Settings that a household sets on its devices: one name, one type and one range for all of them.

Which of them a device has, its twin declares (`sim.apps.twins.twin`). A setting means the same everywhere,
so that one wish can be meant for every screen of a person.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias, get_args, get_type_hints

from pydantic import Field, ValidationError

from sim.core.declarations import Arguments
from sim.core.units import Celsius, Percent, fact_name

Value: TypeAlias = bool | int | float | str
"""What a setting can be, as JSON has it."""

WORD_CHARACTERS_MAX = 64
"""Longest name or word of a setting that is looked at."""


class SettingError(ValueError):
    """Raised when a setting is not known, or cannot be what it shall be; one sentence."""


class Settings(Arguments):
    """Every setting there is; None is one that is not spoken of."""

    volume_percent: Percent | None = Field(default=None, ge=0, le=100)
    """How loud it plays, of what it can."""
    language: Literal["en", "zh"] | None = None
    """In which language it speaks and writes."""
    temperature_unit: Literal["celsius", "fahrenheit"] | None = None
    """In which unit it shows temperatures."""
    comfort_c: Celsius | None = Field(default=None, ge=16, le=30)
    """Favourite temperature of the car's cabin; its bounds are those of the climate units of the home."""
    do_not_disturb: bool | None = None
    """Whether it keeps quiet about whatever arrives."""


DEFAULTS: Mapping[str, Value] = {
    "volume_percent": 30.0,
    "language": "zh",
    "temperature_unit": "celsius",
    "comfort_c": 21.0,
    "do_not_disturb": False,
}
"""What devices come with (assumption)."""


def checked(setting: str, value: object) -> Value:
    """Return the value of a setting in its one spelling: a whole number of degrees becomes a float.

    Raises:
        SettingError: when there is no such setting, or it cannot have this value.
    """
    if setting not in DEFAULTS:
        msg = f"there is no setting `{setting[:WORD_CHARACTERS_MAX]}`; there are {', '.join(DEFAULTS)}"
        raise SettingError(msg)
    if isinstance(value, str) and len(value) > WORD_CHARACTERS_MAX:
        msg = f"`{setting}` has at most {WORD_CHARACTERS_MAX} characters"
        raise SettingError(msg)
    spelt: Value | None = None
    try:
        read = Settings.model_validate({setting: value}, strict=True, by_alias=False, by_name=True)
        spelt = getattr(read, setting)
    except ValidationError as error:
        msg = f"`{setting}` cannot be {value!r}: {error.errors()[0]['msg'].lower()}"
        raise SettingError(msg) from None
    # A quantity as text has its unit only in people's files.
    if spelt is None or isinstance(spelt, str) != isinstance(value, str):
        msg = f"`{setting}` cannot be {value!r}"
        raise SettingError(msg)
    return spelt


_HINTS = get_type_hints(Settings, include_extras=True)


def annotation_of(setting: str) -> Any:
    """Return the type of a setting with its unit and bounds, as a field of a report or a scenario has it."""
    alone = get_args(_HINTS[setting])[0]
    bounds = Settings.model_fields[setting].metadata
    return Annotated[(alone, *bounds)] if bounds else alone


def fact_of(setting: str) -> str:
    """Return what a scenario calls a setting: `volume_percent` is `volume`."""
    return fact_name(setting)
