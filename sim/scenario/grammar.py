"""The shape of a scenario file: which keys there are and what may stand behind them.

These models say what a file looks like, not what it means; the JSON Schema that editors use is made
from them, and `loading` gives the names in them their meaning.
"""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticKnownError

from sim.core.declarations import DataKind
from sim.core.device import Status
from sim.core.units import Milliseconds, Percent
from sim.scenario.households import as_written


def _form(pattern: str, what: str) -> AfterValidator:
    """Return the check of a text's form; whoever writes another is told in words, not by the pattern."""

    def check(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            msg = f"`{text}` is not {what}"
            raise ValueError(msg)
        return text

    return AfterValidator(check)


_NAME = "[a-z][a-z0-9_]{0,31}"
_ACTOR_VERB = r"[^.\s]+\.[^.\s]+"
_PLACEHOLDER: dict[str, Any] = {"type": "string", "pattern": r"\$[a-z]"}
"""A text with a `$name` whose value stands in `cases` or `matrix`."""

Name = Annotated[
    str,
    _form(_NAME, "a name: 1 to 32 of a-z, 0-9 and _, beginning with a letter"),
    Field(json_schema_extra={"pattern": f"^{_NAME}$"}),
]
ActorVerb = Annotated[
    str,
    _form(_ACTOR_VERB, "who and what, such as `watch.unlock`"),
    Field(json_schema_extra={"pattern": f"^{_ACTOR_VERB}$"}),
]

VERBS = ("do", "expect", "never", "advance", "fault", "say")
"""The whole language: one of these per step."""

_SHAPE = ConfigDict(extra="forbid", frozen=True)


def _in_our_time(start: datetime) -> datetime:
    if not 1970 < start.year < 2200:
        msg = f"`{start.year}` is no year of a household; take one from 1971 to 2199"
        raise ValueError(msg)
    return start


def _as_text(value: object) -> object:
    """Refuse a bare number, which pydantic would take for the seconds since 1970."""
    if isinstance(value, int | float):
        raise PydanticKnownError("datetime_type")  # noqa: EM101  # it is a name, not a message
    return value


class ExtendedHousehold(BaseModel):
    """A household from a file, with more in it for this scenario only."""

    model_config = _SHAPE

    extends: str = Field(description="Name of a file in households/.")
    people: dict[str, Any] = Field(default_factory=dict, description="More people.")
    homes: dict[str, Any] = Field(default_factory=dict, description="More homes.")
    places: dict[str, Any] = Field(default_factory=dict, description="More places to drive to.")
    roads: dict[str, Any] = Field(default_factory=dict, description="More roads.")
    devices: dict[str, Any] = Field(default_factory=dict, description="More devices.")
    strangers: dict[str, Any] = Field(default_factory=dict, description="More strangers.")


class ScenarioShape(BaseModel):
    """A scenario: people and devices act, and what must hold is asserted."""

    model_config = _SHAPE

    scenario: str = Field(min_length=1, max_length=200, description="What it is about, as a sentence.")
    tags: list[str] = Field(default_factory=list, max_length=32, description="Words to select it by: [M13].")
    source: str | None = Field(default=None, description="The article it comes from, and its words.")
    seed: int = Field(default=1, strict=True, ge=0, le=2**31, description="Of every chance in the run.")
    household: str | ExtendedHousehold = Field(
        description="Name of a file in households/, or {extends: name} with what this scenario adds."
    )
    start: Annotated[AwareDatetime, BeforeValidator(_as_text), AfterValidator(_in_our_time)] = Field(
        default=datetime.fromisoformat("2026-01-12T08:00:00+08:00"),
        description="When it begins, with the zone of the household's clocks.",
    )
    needs: list[Literal["permissions"]] = Field(
        default_factory=list, description="What the link must offer, else the scenario is skipped."
    )
    given: dict[str, Any] = Field(
        default_factory=dict, description="How the world is at the start: su7: {gear: P}."
    )
    steps: list[Any] = Field(min_length=1, max_length=1_000, description="What happens, in order.")
    always: list[Any] = Field(default_factory=list, max_length=100, description="What holds throughout.")
    cases: list[dict[str, Any]] = Field(
        default_factory=list, max_length=1_000, description="Rows whose names are used as $name."
    )
    matrix: dict[str, list[Any]] = Field(
        default_factory=dict, description="Lists whose every combination is run; names are used as $name."
    )


Named = str | Annotated[list[str], Field(min_length=1)]
"""A device, a kind of device or a person, or several."""


class FlowShape(BaseModel):
    """A datum that went from somebody to somebody, behind `flows:`."""

    model_config = _SHAPE

    kind: DataKind = Field(description="What sort of datum.")
    from_: Named | None = Field(
        default=None, alias="from", description="Whose: a device, a kind of device or a person, or several."
    )
    to: Named | None = Field(default=None, description="Who has received it, likewise.")
    not_to: Named | None = Field(default=None, description="Anybody but these has received it.")
    since: Name | None = Field(default=None, description="A named act: what came before it does not count.")


Conditions = Annotated[dict[str, Any], Field(min_length=1)]
"""Facts and commands with what they must be; behind `flows`, data with their ways."""


class DoShape(BaseModel):
    """Somebody acts."""

    model_config = _SHAPE

    do: ActorVerb = Field(description="Who and what: watch.unlock, lin.walk, weather.set.")
    with_: dict[str, Any] = Field(default_factory=dict, alias="with", description="Arguments of the act.")
    as_: Name | None = Field(default=None, alias="as", description="A name for what becomes of it.")
    by: str | None = Field(default=None, description="The person who uses the device.")


class ExpectShape(BaseModel):
    """All of these hold at one moment."""

    model_config = _SHAPE

    expect: Conditions = Field(description="Facts, commands and flows, and what they must be.")
    within: Milliseconds | None = Field(default=None, description="Virtual time to wait for it.")
    unless: list[Status] = Field(
        default_factory=list, description="Ends of a command at which to stop waiting, as failed."
    )


class NeverShape(BaseModel):
    """None of these holds."""

    model_config = _SHAPE

    never: Conditions = Field(description="Facts and flows, and what they must not be.")
    for_: Milliseconds = Field(default=0, alias="for", description="Virtual time to watch.")


class UntilShape(BaseModel):
    """Time passes until these hold."""

    model_config = _SHAPE

    until: Conditions = Field(description="Facts, commands and flows, and what they must be.")


class AdvanceShape(BaseModel):
    """Time passes."""

    model_config = _SHAPE

    advance: UntilShape | Milliseconds = Field(description="How long, or {until: {…}}.")
    within: Milliseconds | None = Field(default=None, description="At most this long; with `until`.")


class FaultDetail(BaseModel):
    """What breaks; exactly one of link, crash, sensor, jam and clock."""

    model_config = _SHAPE

    link: str | None = Field(default=None, description="A device whose link is damaged.")
    partition: Literal[True] | None = Field(default=None, description="The link is cut.")
    loss: Percent | None = Field(default=None, le=100, description="Share of messages that vanish.")
    delay: Milliseconds | None = Field(default=None, description="How much later messages come.")
    duplicate: Percent | None = Field(default=None, le=100, description="Share of messages that come twice.")
    reorder: Milliseconds | None = Field(default=None, description="Messages are late by up to this.")
    direction: Literal["both", "out", "in"] | None = Field(default=None, description="Seen from the device.")
    crash: str | None = Field(default=None, description="A device, or device.controller, without power.")
    sensor: str | None = Field(default=None, description="device.fact whose sensor is blind.")
    jam: str | None = Field(default=None, description="device.fact that does not move.")
    clock: str | None = Field(default=None, description="A device whose clock is wrong.")
    ahead: Milliseconds | None = Field(default=None, description="How far the clock is ahead.")
    behind: Milliseconds | None = Field(default=None, description="How far the clock is behind.")
    for_: Milliseconds | None = Field(default=None, alias="for", description="When it is mended again.")


class FaultShape(BaseModel):
    """Something breaks."""

    model_config = _SHAPE

    fault: FaultDetail


class SayShape(BaseModel):
    """Somebody says something."""

    model_config = _SHAPE

    say: str = Field(min_length=1, max_length=500, description="The sentence.")
    by: str = Field(description="Who speaks: a person, or `stranger`.")
    lang: Literal["en", "zh"] | None = Field(default=None, description="Told by its characters if left out.")
    from_: str = Field(
        alias="from", description="The device that hears it, `outside` it (`outside dash`), or `outside`."
    )
    as_: Name | None = Field(default=None, alias="as", description="A name for what becomes of it.")


class AlwaysNeverShape(BaseModel):
    """None of these ever holds."""

    model_config = _SHAPE

    never: Conditions


class AlwaysExpectShape(BaseModel):
    """All of these always hold."""

    model_config = _SHAPE

    expect: Conditions


STEP_SHAPES: dict[str, type[BaseModel]] = {
    "do": DoShape,
    "expect": ExpectShape,
    "never": NeverShape,
    "advance": AdvanceShape,
    "fault": FaultShape,
    "say": SayShape,
}

ALWAYS_SHAPES: dict[str, type[BaseModel]] = {"never": AlwaysNeverShape, "expect": AlwaysExpectShape}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft-07) of a scenario file, for yaml-language-server.

    A step is told by its verb with `if`/`then`, because editors list every verb then; with `oneOf` they
    list those of the first branch only.
    """
    schema = ScenarioShape.model_json_schema(ref_template="#/definitions/{model}")
    definitions = schema.setdefault("definitions", schema.pop("$defs", {}))
    definitions[FlowShape.__name__] = FlowShape.model_json_schema()
    for shapes, key in ((STEP_SHAPES, "steps"), (ALWAYS_SHAPES, "always")):
        schema["properties"][key]["items"] = {
            "type": "object",
            "allOf": [
                {"if": {"required": [verb]}, "then": _inlined(shape, definitions)}
                for verb, shape in shapes.items()
            ],
            "anyOf": [{"required": [verb]} for verb in shapes],
        }
    for definition in (FaultDetail, FlowShape, UntilShape):
        definitions[definition.__name__] = _templated(definitions[definition.__name__])
    _name_flows(definitions[UntilShape.__name__])
    title = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "A scenario for carhome"}
    untitled = {key: value for key, value in schema.items() if key != "title"}
    written: dict[str, Any] = as_written(untitled)
    return {**title, **written}


def _inlined(shape: type[BaseModel], definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of one step; what it refers to is added to the shared definitions."""
    schema = shape.model_json_schema(ref_template="#/definitions/{model}")
    definitions.update(schema.pop("$defs", {}))
    _name_flows(schema)
    return _templated(schema)


def _templated(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an object in which a `$name` may stand in the place of every value, or in it."""
    properties = {name: _or_placeholder(inner) for name, inner in schema["properties"].items()}
    return {**schema, "properties": properties}


def _or_placeholder(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that also takes a `$name`; what editors show of it stays outside."""
    shown: dict[str, Any] = {
        name: schema[name] for name in ("title", "description", "default") if name in schema
    }
    wanted = {name: inner for name, inner in schema.items() if name not in shown}
    either = wanted["anyOf"] if wanted.keys() == {"anyOf"} else [wanted]
    return {**shown, "anyOf": [*either, _PLACEHOLDER]}


def _name_flows(schema: dict[str, Any]) -> None:
    """Say in the schema of a step what stands behind `flows`, wherever it has conditions."""
    flow = {"$ref": f"#/definitions/{FlowShape.__name__}"}
    for verb in {"expect", "never", "until"} & schema["properties"].keys():
        schema["properties"][verb]["properties"] = {
            "flows": {"anyOf": [flow, {"type": "array", "items": flow, "minItems": 1}]}
        }
