"""Cases: one document and a table become many documents, each with its name."""

from sim.core.errors import ScenarioError
from sim.documents.reading import Node, read_document
from sim.scenario.cases import case_name, fill, placeholders
from tests.scenario.stories import HEAD, load, passes, play


def read(text: str) -> Node:
    """Read a document."""
    return read_document("a.scenario.yaml", text, ScenarioError)


def row(text: str) -> dict[str, Node]:
    """Read the values of one row."""
    return {name: entry.value for name, entry in read(text).entries.items()}


def test_placeholders_are_found_in_keys_values_and_lists() -> None:
    """Every `$name` is found wherever it stands, with the first place at which it does."""
    found = placeholders(read("$a: [x, $b]\nc: {d: '$a-$e', $b: 1}\nf: 5\ng: $1\n"))

    assert {name: node.place.line for name, node in found.items()} == {"a": 1, "b": 1, "e": 2}


def test_fill_replaces_a_whole_value_by_whatever_the_row_has() -> None:
    """A value that is nothing but `$name` becomes a list, a mapping, a number or nothing."""
    filled = fill(read("a: $x\nb: [$y, $z]\nc: $w\nd: 7\n"), row("{x: [1, 2], y: {k: v}, z: ~, w: true}"))

    assert filled.plain() == {"a": [1, 2], "b": [{"k": "v"}, None], "c": True, "d": 7}


def test_fill_writes_values_into_texts_and_keys_as_they_are_written() -> None:
    """Inside a text, a number keeps its digits and a truth value its spelling; keys are always text."""
    filled = fill(
        read("a: $x °C\nb: $y.$z\n$y: 1\n$n: 2\n"), row("{x: 1.50, y: phone, z: 'request', n: true}")
    )

    assert filled.plain() == {"a": "1.50 °C", "b": "phone.request", "phone": 1, "true": 2}


def test_fill_points_at_the_row_for_a_value_and_at_the_use_for_a_text() -> None:
    """An error about a value is shown where the value was written."""
    values = row("x:\n  P\n")
    filled = fill(read("a: $x\nb: in $x\n"), values)

    assert filled.entries["a"].value.place == values["x"].place
    assert filled.entries["b"].value.place.line == 2


def test_case_name_tells_the_rows_apart() -> None:
    """A case is called by its values, long ones cut short."""
    values = row("{sender: phone, loss: 5 %, steps: [1, 2], quiet: true, text: " + "a" * 80 + "}")

    assert case_name(values) == f"sender=phone, loss=5 %, steps=[1, 2], quiet=true, text={'a' * 59}…"


def test_cases_are_one_run_per_row() -> None:
    """A table of rows makes one case per row, in order, each with its own verdict."""
    text = HEAD + "cases:\n  - {gear: P}\n  - {gear: D}\nsteps:\n  - expect: {su7.gear: $gear}\n"

    assert [case.name for case in load(text).cases] == ["gear=P", "gear=D"]
    assert [play(text, case=number).verdict for number in (0, 1)] == ["pass", "fail"]


def test_matrix_is_one_run_per_combination() -> None:
    """Lists make every combination of their values, the last list fastest."""
    text = HEAD + (
        "matrix:\n  who: [phone, watch]\n  what: [steer, brake]\nsteps:\n"
        "  - do: $who.request\n    with: {car: su7, action: $what}\n    as: drive\n"
        "  - expect: {drive: denied, rule: no-remote-driving}\n"
    )

    assert [case.name for case in load(text).cases] == [
        "who=phone, what=steer",
        "who=phone, what=brake",
        "who=watch, what=steer",
        "who=watch, what=brake",
    ]
    assert {play(text, case=number).verdict for number in range(4)} == {"pass"}


def test_cases_that_are_empty_are_one_run() -> None:
    """A table without rows is as good as none."""
    for table in ("", "cases: []\n", "matrix: {}\n"):
        assert [case.name for case in load(HEAD + table + "steps: [{advance: 1s}]\n").cases] == [""]


def test_cases_may_fill_any_part_of_a_story() -> None:
    """`$name` works in the world at the start, in arguments and in durations."""
    text = HEAD + (
        "cases:\n  - {given: {asleep: true}, far: 50, time: 1s}\n"
        "given:\n  su7: $given\n  lin: {from_su7: $far m}\nsteps:\n"
        "  - advance: $time\n  - expect: {su7.asleep: true, lin.from_su7: 50 m}\n"
    )

    assert passes(text).simulated_ms == 1_000
