"""Shapes: what does not fit a model is said in the user's words, at its place."""

from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, AwareDatetime, BaseModel, Discriminator, Field, Tag, TypeAdapter
from pydantic_core import PydanticCustomError

from sim.core.device import Arguments
from sim.core.errors import ScenarioError
from sim.core.units import Celsius, Milliseconds
from sim.documents.reading import read_document
from sim.documents.shape import validate


class Seat(Enum):
    """A choice as an enumeration."""

    FRONT = "front"
    REAR = "rear"


def calm(text: str) -> str:
    """Refuse shouting, with a sentence of our own."""
    if text.isupper():
        msg = f"`{text}` is shouted"
        raise ValueError(msg)
    return text


def even(number: int) -> int:
    """Refuse odd numbers, as pydantic's custom error."""
    if number % 2:
        kind = "odd"
        raise PydanticCustomError(kind, "{number} is odd", {"number": number})
    return number


class Lamp(Arguments):
    """One branch of a union told apart by a key."""

    kind: Literal["lamp"]
    level: int = Field(default=0, ge=0, le=100)


class Fan(Arguments):
    """The other branch."""

    kind: Literal["fan"]
    for_ms: Milliseconds = 0


class Do(BaseModel, extra="forbid"):
    """A step whose union branch is called like its key."""

    do: str
    arguments: dict[str, str] = Field(default={}, alias="with")


class Advance(BaseModel, extra="forbid"):
    """The other sort of step."""

    advance: Milliseconds


def verb(step: Any) -> str | None:
    """Return which branch a step belongs to."""
    return next((name for name in ("do", "advance") if name in step), None)


ShortWord = Annotated[str, Field(max_length=4)]
Thing = Annotated[Lamp | Fan, Field(discriminator="kind")]
Step = Annotated[Annotated[Do, Tag("do")] | Annotated[Advance, Tag("advance")], Discriminator(verb)]


class Tree(Arguments):
    """A model that holds itself."""

    leaf: int = 0
    inner: "Tree | None" = None


class Story(Arguments):
    """A model with every sort of field."""

    target_c: Celsius = 0.0
    hold: Celsius | Literal["off"] = 0.0
    gear: Literal["P", "R", "N", "D"] = "P"
    only: Literal["this"] = "this"
    seat: Seat = Seat.FRONT
    text: str = ""
    flag: bool = False
    count: int = 0
    ratio: float = Field(default=0.5, gt=0, lt=1)
    start: AwareDatetime | None = None
    end: datetime | None = None
    position: tuple[float, float] = (0, 0)
    temperatures: list[Celsius] = Field(default=[], max_length=2)
    code: str = Field(default="", pattern="^[a-z]*$", max_length=3)
    quiet: Annotated[str, AfterValidator(calm)] = ""
    pair: Annotated[int, AfterValidator(even)] = 0
    things: dict[ShortWord, Thing] = Field(default={})
    steps: list[Step] = Field(default=[])
    tree: Tree | None = None
    either: Lamp | str | list[str] = ""
    web: bytes = b""


def story(text: str) -> Story:
    """Read and validate a story."""
    return validate(read_document("s.yaml", text, ScenarioError), Story, ScenarioError)


BAD_STORIES = [
    ("txet: a\n", "SC101", 1, 1, "unknown key `txet`", "did you mean `text`?"),
    ("tarjet: 1 °C\n", "SC101", 1, 1, "unknown key `tarjet`", "did you mean `target`?"),
    ("target: 21\n", "SC103", 1, 9, "`21` has no unit, write a temperature as `20 °C`", None),
    (
        "target: 21 m\n",
        "SC103",
        1,
        9,
        "`m` is not a unit of temperature; use one of `°C`, `C`, `K`, `°F`",
        None,
    ),
    ("target: 1e999 K\n", "SC103", 1, 9, "`1e999 K` is too large", None),
    (
        "hold: of\n",
        "SC103",
        1,
        7,
        "`of` is not a temperature, write it as `20 °C`, or `off`",
        "did you mean `off`?",
    ),
    ("gear: X\n", "SC103", 1, 7, "`gear` is `X`, expected one of `P`, `R`, `N`, `D`", None),
    ("gear: p\n", "SC103", 1, 7, "`gear` is `p`, expected one of `P`, `R`, `N`, `D`", None),
    ("only: tihs\n", "SC103", 1, 7, "`only` is `tihs`, expected `this`", "did you mean `this`?"),
    (
        "seat: frond\n",
        "SC103",
        1,
        7,
        "`seat` is `frond`, expected one of `front`, `rear`",
        "did you mean `front`?",
    ),
    ("text: 007\n", "SC103", 1, 7, "`text` is `007`, expected text", 'put it in quotes: `"007"`'),
    ("text:\n", "SC103", 1, 1, "`text` is empty, expected text", None),
    ("text: [a]\n", "SC103", 1, 7, "`text` is a list of 1, expected text", None),
    ("text: {a: 1}\n", "SC103", 1, 7, "`text` has 1 key, expected text", None),
    ("flag: maybe\n", "SC103", 1, 7, "`flag` is `maybe`, expected `true` or `false`", None),
    ("count: many\n", "SC103", 1, 8, "`count` is `many`, expected a whole number", None),
    ("count: 1.5\n", "SC103", 1, 8, "`count` is `1.5`, expected a whole number", None),
    ("ratio: x\n", "SC103", 1, 8, "`ratio` is `x`, expected a number", None),
    ("ratio: 0\n", "SC103", 1, 8, "`ratio` is `0`, expected more than 0", None),
    ("ratio: 1\n", "SC103", 1, 8, "`ratio` is `1`, expected less than 1", None),
    (
        *("start: 2026-01-12T17\n", "SC103", 1, 8),
        "`start` is `2026-01-12T17`, expected a time such as `2026-01-12T17:40:00+08:00`",
        None,
    ),
    (
        "end: noon\n",
        "SC103",
        1,
        6,
        "`end` is `noon`, expected a time such as `2026-01-12T17:40:00+08:00`",
        None,
    ),
    ("position: [1]\n", "SC103", 1, 11, "`position` is a list of 1, expected at least 2", None),
    ("position: [1, 2, 3]\n", "SC103", 1, 11, "`position` is a list of 3, expected at most 2", None),
    ("position: [1, x]\n", "SC103", 1, 15, "entry 2 of `position` is `x`, expected a number", None),
    ("position:\n  - 1\n  - x\n", "SC103", 3, 5, "entry 2 of `position` is `x`, expected a number", None),
    ("temperatures: 3\n", "SC103", 1, 15, "`temperatures` is `3`, expected a list", None),
    ("temperatures: [1 K, 2]\n", "SC103", 1, 21, "`2` has no unit, write a temperature as `20 °C`", None),
    ("code: A\n", "SC103", 1, 7, "`code` is `A`, expected text of the form `^[a-z]*$`", None),
    ("code: abcd\n", "SC103", 1, 7, "`code` is `abcd`, expected at most 3 characters", None),
    ("quiet: HELP\n", "SC103", 1, 8, "`HELP` is shouted", None),
    ("pair: 3\n", "SC103", 1, 7, "3 is odd", None),
    ("web: 3\n", "SC103", 1, 6, "`web` is `3`, which does not fit here", None),
    ("things: {a: {kind: lamp, levl: 3}}\n", "SC101", 1, 26, "unknown key `levl`", "did you mean `level`?"),
    (
        "things: {a: {kind: lamp, level: 300}}\n",
        "SC103",
        1,
        33,
        "`level` is `300`, expected at most 100",
        None,
    ),
    ("things: {a: {knd: lamp}}\n", "SC102", 1, 10, "key `kind` is missing in `a`", None),
    (
        "things: {a: {kind: lamb}}\n",
        "SC103",
        1,
        20,
        "`kind` is `lamb`, expected one of `lamp`, `fan`",
        "did you mean `lamp`?",
    ),
    (
        "things: {a: {kind: fan, for: 3}}\n",
        "SC103",
        1,
        30,
        "`3` has no unit, write a duration as `20 ms`",
        None,
    ),
    (
        "things: {a: lamp}\n",
        "SC103",
        1,
        13,
        "`a` is `lamp`, expected keys with values, such as `key: value`",
        None,
    ),
    (
        "things: {abcde: {kind: fan}}\n",
        "SC103",
        1,
        10,
        "`abcde` has 1 key, expected at most 4 characters",
        None,
    ),
    ("steps:\n  - do: x\n    wiht: {}\n", "SC101", 3, 5, "unknown key `wiht`", "did you mean `with`?"),
    ("steps:\n  - do: 3\n", "SC103", 2, 9, "`do` is `3`, expected text", 'put it in quotes: `"3"`'),
    (
        "steps:\n  - do: x\n    with: {a: 3}\n",
        "SC103",
        3,
        15,
        "`a` is `3`, expected text",
        'put it in quotes: `"3"`',
    ),
    ("steps:\n  - go: x\n", "SC103", 2, 5, "entry 1 of `steps` has 1 key, which does not fit here", None),
    ("tree: {inner: {inner: {laef: 1}}}\n", "SC101", 1, 24, "unknown key `laef`", "did you mean `leaf`?"),
    ("either: {kind: lamp, level: -1}\n", "SC103", 1, 29, "`level` is `-1`, expected at least 0", None),
    ("either: {level: 1}\n", "SC102", 1, 1, "key `kind` is missing in `either`", None),
    (
        "either: [a, 1]\n",
        "SC103",
        1,
        13,
        "entry 2 of `either` is `1`, expected text",
        'put it in quotes: `"1"`',
    ),
    (
        *("either: 5\n", "SC103", 1, 9),
        "`either` is `5`, expected keys with values, such as `key: value` or text or a list",
        'put it in quotes: `"5"`',
    ),
    ("count: x\nflag: x\n", "SC103", 1, 8, "`count` is `x`, expected a whole number", None),
    ("flag: x\ncount: x\n", "SC103", 1, 7, "`flag` is `x`, expected `true` or `false`", None),
]


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "sentence", "help_text"),
    BAD_STORIES,
    ids=[row[0].splitlines()[-1].strip() for row in BAD_STORIES],
)
def test_shape_that_does_not_fit_is_refused(
    text: str, code: str, line: int, column: int, sentence: str, help_text: str | None
) -> None:
    """Whatever does not fit a model is refused with its code, its place, one sentence and its help."""
    with pytest.raises(ScenarioError) as caught:
        story(text)

    error = caught.value
    assert error.place is not None
    assert (error.code, error.place.line, error.place.column) == (code, line, column)
    assert (error.sentence, error.help_text) == (sentence, help_text)


def test_shape_that_fits_becomes_an_instance() -> None:
    """A document that fits is the model's instance, quantities in the unit of their field."""
    found = story(
        "target: 300 K\nsteps: [{do: x, with: {a: b}}, {advance: 3 h}]\nthings: {a: {kind: lamp}}\n"
    )

    assert found.target_c == pytest.approx(26.85)
    assert found.steps == [Do(do="x", **{"with": {"a": "b"}}), Advance(advance=10_800_000)]
    assert found.things == {"a": Lamp(kind="lamp")}


def test_shape_missing_in_a_part_is_reported_at_its_key() -> None:
    """What a part of a document lacks is reported at the key that leads to the part."""
    root = read_document("s.yaml", "lamp: {level: 1}\n", ScenarioError)
    entry = root.entries["lamp"]

    with pytest.raises(ScenarioError, match="key `kind` is missing in `lamp`") as caught:
        validate(entry.value, Lamp, ScenarioError, key=entry.key)

    assert caught.value.place == entry.key.place


def test_shape_missing_in_the_document_is_reported_at_its_beginning() -> None:
    """What the whole document lacks is reported at its first key; one that is no mapping, as a whole."""
    with pytest.raises(ScenarioError, match="key `kind` is missing in the document") as caught:
        validate(read_document("s.yaml", "level: 1\n", ScenarioError), Lamp, ScenarioError)

    assert caught.value.place is not None
    assert (caught.value.place.line, caught.value.place.column) == (1, 1)
    with pytest.raises(ScenarioError, match="the document is a list of 1, expected keys with values"):
        validate(read_document("s.yaml", "- a\n", ScenarioError), Lamp, ScenarioError)


def test_shape_of_any_type_is_checked_by_its_adapter() -> None:
    """An adapter stands for types that are no models, with or without units."""
    adapter = TypeAdapter(dict[str, Celsius])
    root = read_document("s.yaml", "a: 3\n", ScenarioError)

    assert validate(root, adapter, ScenarioError, context=None) == {"a": 3.0}
    with pytest.raises(ScenarioError, match="`3` has no unit"):
        validate(root, adapter, ScenarioError)
