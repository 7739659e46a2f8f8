"""What twins and the household's cloud say to each other: commands of the cloud, and what it answers.

As in AWS IoT's device shadows, Azure's device twins and Eclipse Ditto's desired properties, a twin has a
desired and a reported state. Unlike there every setting is a register of its own: the newest intent wins it,
and the version says when the cloud took it, so that whoever was away asks for what came after what it has.

    AWS IoT       https://docs.aws.amazon.com/iot/latest/developerguide/device-shadow-document.html
    Azure         https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins
    Eclipse Ditto https://eclipse.dev/ditto/basic-feature.html
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sim.apps.twins.settings import WORD_CHARACTERS_MAX, Value
from sim.core.declarations import Command
from sim.core.messages import INTEGER_MAX

INTENTS_AT_ONCE_MAX = 4
"""How many intents one command carries: each takes some 500 of its 4,096 bytes."""
SETTINGS_MAX = 8
"""How many settings a device may have; a command with all of them fits its bytes, too."""
REFUSED_MAX = 4
"""How many refused intents a device tells of at once; the oldest are forgotten."""
NOTICES_MAX = 8
"""How many notices wait for a device; the oldest go first."""
SENTENCE_CHARACTERS_MAX = 120
"""Longest sentence about an intent; what is longer is cut."""

Instant = Annotated[int, Field(ge=0, le=INTEGER_MAX)]
Word = Annotated[str, Field(max_length=WORD_CHARACTERS_MAX)]
Sentence = Annotated[str, Field(max_length=SENTENCE_CHARACTERS_MAX)]

_STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)


class Reported(BaseModel):
    """What a setting is, as the device itself says."""

    model_config = _STRICT

    value: Value
    at_ms: Instant
    """Since when, by the device's clock, milliseconds since 1970."""
    intent: Word | None = None
    """The intent that made it so; None for what it came with."""


class SetDesired(Command, group="DeviceSettings", tier="anytime"):
    """Hand on intents for one device, or for every device of their author."""

    scope: Word
    intents: list[dict[str, Any]] = Field(min_length=1, max_length=INTENTS_AT_ONCE_MAX)
    """Sealed, see `sim.apps.twins.intents`."""


class Sync(Command, group="Sync", tier="anytime"):
    """Say what the settings of a device are, and ask what they shall be."""

    since: Instant
    """Latest version that the device has; 0 asks for everything."""
    changes: Instant
    """How often anything has changed at the device; an older report that comes later is none."""
    reported: dict[Word, Reported] = Field(max_length=SETTINGS_MAX)
    refused: dict[Word, Sentence] = Field(default={}, max_length=REFUSED_MAX)
    """Intents that the device's own rules refused, and why."""


class Outcome(BaseModel):
    """What became of one intent at the cloud."""

    model_config = _STRICT

    became: Literal["newest", "superseded", "ahead", "refused"]
    """`ahead`: its stamp is of the future."""
    why: str = ""


class Taken(BaseModel):
    """The cloud's answer to `SetDesired`."""

    model_config = _STRICT

    time_ms: Instant
    """The cloud's clock, milliseconds since 1970."""
    outcomes: dict[str, Outcome] = Field(max_length=INTENTS_AT_ONCE_MAX)
    """By the intents' ids."""


class Delta(BaseModel):
    """The cloud's answer to `Sync`: what is new since the version that the device had."""

    model_config = _STRICT

    time_ms: Instant
    """The cloud's clock, milliseconds since 1970."""
    version: Instant
    desired: list[dict[str, Any]] = Field(max_length=SETTINGS_MAX)
    notices: list[Sentence] = Field(max_length=NOTICES_MAX)
    """What the author is to know of earlier intents: superseded by whom, or refused and why."""
