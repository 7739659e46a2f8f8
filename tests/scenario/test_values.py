"""Values and conditions: what a person writes, held against what is so."""

from typing import Annotated, Any, Literal

import pytest

from sim.core.beliefs import UNKNOWN
from sim.core.units import DURATION, TEMPERATURE, Celsius, Milliseconds
from sim.scenario.values import (
    BOOLEAN,
    NAMES,
    NUMBER,
    POSITION,
    TEXT,
    Choice,
    Quantity,
    ValueType,
    WrongValueError,
    condition,
    show,
    value_type,
)

GEAR = Choice(("P", "R", "N", "D"))
SHOWN = Choice(("known", UNKNOWN))
ROOM = Quantity(TEMPERATURE)
AGE = Quantity(DURATION)


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (bool, BOOLEAN),
        (bool | None, BOOLEAN),
        (int, NUMBER),
        (float, NUMBER),
        (str, TEXT),
        (str | None, TEXT),
        (list[str], NAMES),
        (tuple[str, ...], NAMES),
        (Literal["on", "off"], Choice(("on", "off"))),
        (Literal["on", "off"] | None, Choice(("on", "off"))),
        (Celsius, ROOM),
        (Celsius | None, ROOM),
        (Milliseconds, AGE),
        (Annotated[bool, "a mark of somebody else's"], BOOLEAN),
    ],
)
def test_value_type_follows_the_field(annotation: object, kind: ValueType) -> None:
    """A field's type says what a scenario may compare it with; `None` is `unknown` and always allowed."""
    assert value_type(annotation) == kind


HOLDS: list[tuple[object, ValueType, object, bool]] = [
    (True, BOOLEAN, True, True),
    (True, BOOLEAN, False, False),
    ("true", BOOLEAN, True, True),
    ("!= true", BOOLEAN, False, True),
    ("!= false", BOOLEAN, False, False),
    (True, BOOLEAN, None, False),
    (True, BOOLEAN, UNKNOWN, False),
    ("!= true", BOOLEAN, UNKNOWN, True),
    ("!= true", BOOLEAN, None, True),
    ("unknown", BOOLEAN, None, True),
    ("unknown", BOOLEAN, UNKNOWN, True),
    ("unknown", BOOLEAN, False, False),
    ("!= unknown", BOOLEAN, False, True),
    ("!= unknown", BOOLEAN, None, False),
    ("== unknown", ROOM, UNKNOWN, True),
    ("!= unknown", ROOM, 20.0, True),
    ("P", GEAR, "P", True),
    ("== P", GEAR, "P", True),
    ("!= P", GEAR, "D", True),
    (["D", "R"], GEAR, "R", True),
    (["D", "R"], GEAR, "P", False),
    (["D", "unknown"], GEAR, None, True),
    ("known", SHOWN, "known", True),
    ("known", SHOWN, UNKNOWN, False),
    ("!= known", SHOWN, UNKNOWN, True),
    ("20 °C", ROOM, 20.0, True),
    ("293.15 K", ROOM, 20.0, True),
    ("20 °C", ROOM, 20.00000000001, True),
    ("20 °C", ROOM, 20.001, False),
    ("!= 20 °C", ROOM, 20.00000000001, False),
    ("!= 20 °C", ROOM, None, True),
    (">= 20 °C", ROOM, 20.0, True),
    (">= 20 °C", ROOM, 19.999, False),
    ("> 20 °C", ROOM, 20.0, False),
    ("> 20 °C", ROOM, 20.00000000001, False),
    ("<= 20 °C", ROOM, 20.0, True),
    ("< 20 °C", ROOM, 19.0, True),
    (">= 20 °C", ROOM, None, False),
    ("<= 20 °C", ROOM, UNKNOWN, False),
    ("20..22 °C", ROOM, 20.0, True),
    ("20 .. 22 °C", ROOM, 22.0, True),
    ("-5..5 °C", ROOM, 0.0, True),
    ("20..22 °C", ROOM, 22.1, False),
    ("20..22 °C", ROOM, 19.9, False),
    ("20..22 °C", ROOM, None, False),
    ("20..22 °C", ROOM, UNKNOWN, False),
    ("> 5 s", AGE, 6_000, True),
    (3, NUMBER, 3, True),
    (0.5, NUMBER, 0.5, True),
    (">= 3", NUMBER, 3, True),
    ("< 3", NUMBER, 3, False),
    ("!= 3", NUMBER, 4, True),
    ("home", TEXT, "home", True),
    ("> home", TEXT, "> home", True),
    ("none", TEXT, None, True),
    ("home", TEXT, None, False),
    ("mei", NAMES, ["mei", "tao"], True),
    ("mei", NAMES, ("tao",), False),
    ("!= mei", NAMES, ["tao"], True),
    ("!= mei", NAMES, ["mei"], False),
]


@pytest.mark.parametrize(("written", "kind", "value", "holds"), HOLDS)
def test_condition_holds_as_written(written: object, kind: ValueType, value: object, holds: bool) -> None:  # noqa: FBT001  # a column of the table
    """Comparisons, ranges, lists and `unknown` mean what they say, also of values that nobody knows."""
    assert condition(written, kind).holds(value, None) is holds


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (True, False, True),
        ("P", "P", False),
        (20.0, 20.1, True),
        (None, "P", True),
        (["mei"], ["mei"], False),
        ((0.0, 0.0), (0.005, 0.0), False),
        ((0.0, 0.0), (0.0, 0.02), True),
        ((), ("mei",), True),
    ],
)
def test_condition_changed_compares_with_the_beginning_of_the_step(
    before: object,
    after: object,
    changed: bool,  # noqa: FBT001  # a column of the table
) -> None:
    """`changed` is about any difference, of a position about more than a centimetre."""
    assert condition("changed", POSITION).holds(after, before) is changed


@pytest.mark.parametrize(
    ("written", "kind", "text"),
    [
        (True, BOOLEAN, "true"),
        ("P", GEAR, "P"),
        ("!= P", GEAR, "!= P"),
        (["D", "R"], GEAR, "D or R"),
        (">= 20 °C", ROOM, ">= 20 °C"),
        ("20..22 °C", ROOM, "20 to 22 °C"),
        ("!= unknown", ROOM, "!= unknown"),
        ("unknown", ROOM, "unknown"),
        ("changed", ROOM, "changed"),
        (3, NUMBER, "3"),
    ],
)
def test_condition_reads_as_people_would_say_it(written: object, kind: ValueType, text: str) -> None:
    """A report repeats what was expected in the words of the file."""
    assert condition(written, kind).text == text


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, ROOM, "unknown"),
        (UNKNOWN, BOOLEAN, "unknown"),
        (20.0, ROOM, "20 °C"),
        (90_000, AGE, "1 m 30 s"),
        (False, BOOLEAN, "false"),
        ("P", GEAR, "P"),
        (3, NUMBER, "3"),
        ((12.04, -3.0), POSITION, "(12.0 m east, -3.0 m north)"),
    ],
)
def test_show_says_a_value_for_people(value: Any, kind: ValueType, text: str) -> None:
    """A report says what is, with its unit."""
    assert show(value, kind) == text


@pytest.mark.parametrize("kind", [NUMBER, ROOM, GEAR, BOOLEAN], ids=["number", "quantity", "choice", "truth"])
@pytest.mark.parametrize("written", ["3..4", ">= many", "inf", "> nan", [], None, {"a": 1}])
def test_condition_that_could_never_hold_is_refused(written: object, kind: ValueType) -> None:
    """What no value could ever fulfil is a mistake of whoever wrote it."""
    with pytest.raises(WrongValueError):
        condition(written, kind)


def test_empty_list_is_none() -> None:
    """A list of names that is empty can be asserted, and shows as what one writes."""
    empty = condition("none", NAMES)

    assert empty.holds((), None)
    assert not empty.holds(("badaling",), None)
    assert condition("!= none", NAMES).holds(("badaling",), None)
    assert condition("badaling", NAMES).holds(("badaling", "office"), None)
    assert (show((), NAMES), show(("badaling", "office"), NAMES)) == ("none", "badaling, office")
