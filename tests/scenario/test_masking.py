"""What is private in a scenario is masked in every line, name and sentence that is shown of it."""

from typing import Annotated, Any

import pytest

from sim.core.declarations import Act, Command, Private, is_private
from sim.core.errors import Place, ScenarioError
from sim.core.units import Milliseconds
from sim.documents.reading import read_document
from sim.scenario.cases import MASK
from sim.scenario.masking import Privacy
from sim.scenario.model import Do, Step
from sim.scenario.snippets import unread_lines_masked
from tests.scenario.stories import HEAD, KINDS, STEPS, WANG, load, play, refusal

SECRET = "Quokka-7131"  # noqa: S105  # a marker that is searched for
COPY = f"  - do: phone.copy\n    with: {{text: {SECRET}, secret: true}}\n"
ONE_LINE = f"  - {{do: phone.copy, with: {{text: {SECRET}, secret: true}}, as: copied}}\n"


class Note(Command, group="Screen"):
    """Write something down."""

    words: Annotated[str, Private()]
    other: str = ""


class Whisper(Act):
    """Say something to somebody."""

    to: str
    words: Annotated[str, Private()]
    after_ms: Annotated[Milliseconds, Private()] = 0


def places(text: str) -> list[str]:
    """Return every line that the steps of a story could show."""
    (case,) = load(text).cases
    return [line for step in case.steps for line in (step.text, step.place.source_line)]


def test_private_argument_is_known_by_both_of_its_names() -> None:
    """As a field, and as a scenario writes it."""
    assert [is_private(Whisper, name) for name in ("words", "after_ms", "after", "to", "by")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_private_argument_is_in_no_repr() -> None:
    """What a traceback prints of an act leaves it out."""
    said = repr(Whisper(to="mei", words=SECRET))

    assert "mei" in said
    assert SECRET not in said


def test_private_argument_of_a_command_is_masked_where_a_device_is_asked() -> None:
    """As one of an act is: what the command declares counts."""
    household = WANG.household("wang")
    assert household is not None
    kind = type("Noted", (KINDS["dashboard"],), {"commands": (Note,)})
    step = f"{{device: dash, action: note, arguments: {{words: {SECRET}, other: x}}}}"
    text = f"steps:\n  - do: phone.ask\n    with: {step}\n"
    document = read_document("a.scenario.yaml", text, ScenarioError)

    masked = Privacy(household, {**KINDS, "dashboard": kind}).masked(document)
    line = masked.at(["steps", 0, "with", "device"]).place.source_line
    assert line == f"    with: {step.replace(SECRET, MASK)}"


@pytest.mark.parametrize("steps", [COPY, ONE_LINE])
def test_device_gets_what_the_lines_do_not_show(steps: str) -> None:
    """The value is as it was written, and masked wherever it stands."""
    (case,) = load(STEPS + steps).cases
    (step,) = case.steps

    assert isinstance(step, Do)
    act: Any = step.act
    assert act.text == SECRET
    assert SECRET not in "".join(places(STEPS + steps)) + repr(step)


def test_failing_step_in_one_line_underlines_what_it_did() -> None:
    """The mask is as wide as it is, and what is underlined moves with it."""
    flow = f"  - {{with: {{text: {SECRET}}}, do: phone.copy}}\n"
    (case,) = load(STEPS + flow).cases
    place = case.steps[0].place

    assert place.source_line == f"  - {{with: {{text: {MASK}}}, do: phone.copy}}"
    assert place.source_line[place.column - 1 :][: place.length] == "do"


@pytest.mark.parametrize(
    "steps",
    [
        f'  - do: phone.copy\n    with:\n      text: "{SECRET}\n        {SECRET}"\n      secret: true\n',
        f'  - do: phone.copy\n    with: {{text: "{SECRET}\n        {SECRET}", secret: true}}\n',
        f"  - do: phone.copy\n    with:\n      text: |\n        {SECRET}\n        {SECRET}\n",
        f"  - do: phone.copy\n    with:\n      text: >-\n        {SECRET}\n      secret: false\n",
    ],
)
def test_text_over_several_lines_is_masked_to_its_end(steps: str) -> None:
    """Also where something else begins in its last line."""
    expect = "  - expect: {phone.clipboard: empty}\n"
    result = play(STEPS + steps + expect)

    assert result.verdict == "fail"
    assert SECRET not in repr(result.failure)
    wrong = refusal(STEPS + steps.replace("secret:", "secrt:") + "  - do: phone.dance\n")
    assert wrong.place is not None
    assert SECRET not in wrong.place.source_line + str(wrong)


def test_case_is_named_without_what_is_private_in_it() -> None:
    """Whether the whole argument comes from the row, or a part of it."""
    rows = f"cases:\n  - {{words: {SECRET}, name: {SECRET}x, other: plain}}\n"
    steps = (
        "  - do: phone.copy\n    with: {text: $words}\n"
        "  - do: phone.copy\n    with: {text: it is $name}\n"
        "  - do: phone.ask\n    with: {device: dash, action: paste}\n    as: $other\n"
    )
    (case,) = load(HEAD + rows + "steps:\n" + steps).cases

    assert case.name == f"words={MASK}, name={MASK}, other=plain"
    assert SECRET not in "".join(step.text + step.place.source_line for step in case.steps)


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        (f"  - do: phone.copy\n    with: {{text: [{SECRET}]}}\n", "SC103"),
        (f"  - do: phone.copy\n    with: {{text: {SECRET * 200}}}\n", "SC103"),
        (f"  - do: phone.copy\n    with: {{text: {SECRET}, secret: maybe}}\n", "SC103"),
        (f"  - {{do: phone.copy, with: {{text: {SECRET}}}, wth: 1}}\n", "SC101"),
        (f"  - {{do: phone.copy, with: {{text: {SECRET}, more: 1}}}}\n", "SC101"),
    ],
)
def test_mistake_is_shown_without_what_is_private(steps: str, code: str) -> None:
    """The sentence and the line of the error; what is not private is shown as ever."""
    error = refusal(STEPS + steps)

    assert error.code == code
    assert error.place is not None
    assert SECRET not in str(error) + error.place.source_line


TITLED = f"device: dash, action: play_msic, arguments: {{title: {SECRET}}}"


@pytest.mark.parametrize(
    ("steps", "shown"),
    [
        (f"  - do: phone.copy\n    wiht: {{text: {SECRET}}}\n", "    wiht: •••"),
        (
            f"  - do: phone.copy\n    with: {{txt: {SECRET}, secret: true}}\n",
            "    with: {txt: •••, secret: true}",
        ),
        (f"  - do: phone.ask\n    with: {{{TITLED}}}\n", "play_msic, arguments: {title: •••}}"),
        (
            f"  - {{do: phone.ask, with: {{device: dash, action: x, arguments: {SECRET}}}}}\n",
            "arguments: •••}}",
        ),
        (
            f"  - {{do: phone.ask, with: {{device: dsh, action: x, arguments: {{title: {SECRET}}}}}}}\n",
            "{title: •••}}}",
        ),
        (f"  - {{do: phone.ask, with: {{device: dash, actn: {SECRET}}}}}\n", "actn: •••}}"),
        (f"  - {{do: phon.copy, with: {{text: {SECRET}}}}}\n", "  - {do: phon.copy, with: {text: •••}}"),
        (f"  - {{do: phone.cpy, with: {{text: {SECRET}}}}}\n", "  - {do: phone.cpy, with: {text: •••}}"),
        (f"  - {{do: phone.copy, with: {SECRET}}}\n", "  - {do: phone.copy, with: •••}"),
        (f"  - {{duh: phone.copy, with: {{text: {SECRET}}}}}\n", "  - {duh: phone.copy, with: •••}"),
        (f'  - do: phone.copy\n    with: {{text: "{SECRET}", text: "{SECRET}"}}\n', "{text: •••, text: •••}"),
        (f'  - do: phone.copy\n    with: {{text: "{SECRET}}}\n', "    with: {text: •••"),
        (f"  - do: phone.copy\n    with: {{text: &a {SECRET}}}\n", "    with: {text: •••}"),
        (f"  - do: phone.copy\n    with: {{text: !!python/{SECRET} x}}\n", "    with: {text: •••}"),
        (f"  - do: phone.copy\n    with: {{text: {SECRET}: b}}\n", "    with: {text: •••}"),
        (
            f"  - {{do: phone.copy, with: {{'text': &a {SECRET}}}}}\n",
            "  - {do: phone.copy, with: {'text': •••}}",
        ),
        (f"  - {{do: {SECRET}: x}}\n", "  - {do: •••}"),
        (f"  - expect: {{x: 1}}\n    with: {{text: *{SECRET}}}\n", "    with: {text: •••}"),
        (f"  -\n    do: phone.copy\n    with: {{text: *{SECRET}}}\n", "    with: {text: •••}"),
    ],
)
def test_mistyped_step_keeps_what_may_be_private(steps: str, shown: str) -> None:
    """Whether it is no YAML, or no act that anybody knows; what was mistyped is seen."""
    error = refusal(STEPS + steps)

    assert error.place is not None
    assert error.place.source_line.endswith(shown)
    assert SECRET not in str(error) + error.place.source_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"cases:\n  - {{words: {SECRET}, x: 1}}\nsteps:\n", "  - {words: •••, x: •••}"),
        (f"cases:\n  - {{words: {SECRET}, words: 1}}\nsteps:\n", "  - {words: •••, words: •••}"),
        (f"matrix: {{words: [{SECRET}], x: [1]}}\nsteps:\n", "matrix: {words: [•••], x: [•••]}"),
    ],
)
def test_row_of_cases_keeps_its_values(text: str, shown: str) -> None:
    """They may be private wherever they are used."""
    error = refusal(HEAD + text + "  - do: phone.copy\n    with: {text: $words}\n")

    assert error.place is not None
    assert error.place.source_line == shown
    assert SECRET not in str(error)


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        ("matrix: {gear: [P, Q], x: [1]}", "matrix: {gear: [P, Q], x: [1]}"),
        ("cases:\n  - {gear: Q, x: 1}", "  - {gear: Q, x: 1}"),
    ],
)
def test_rows_that_tell_nothing_private_are_shown_as_they_are(rows: str, shown: str) -> None:
    """What is beside the mistake as well; where a row fills in a secret it is masked, as above."""
    says = f"  - do: phone.copy\n    with: {{text: {SECRET}}}\n  - advance: $x s\n"
    error = refusal(HEAD + rows + "\nsteps:\n" + says + "  - expect: {su7.gear: $gear}\n")

    assert error.sentence.startswith("`su7.gear`: `Q` is not one of")
    assert error.place is not None
    assert error.place.source_line == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("steps:\n  - expect: {su7.locked: &a true}\n", "  - expect: {su7.locked: &a true}"),
        ("given: {phone: *a}\nsteps:\n", "given: {phone: *a}"),
        ("", "household: wang"),
        ("steps:\n  - {do: su7.dance, with: {to: x}}\n", "  - {do: su7.dance, with: {to: x}}"),
    ],
)
def test_what_tells_nothing_is_shown_as_it_is(text: str, shown: str) -> None:
    """A condition, a given fact; and an act of something without secrets."""
    error = refusal(HEAD + text)

    assert error.place is None or MASK not in error.place.source_line, shown


def test_error_about_another_file_is_raised_as_it_is() -> None:
    """And one without a place: their lines are not the scenario's."""
    for place in (None, Place("other.yaml", 1, 1, 1, "steps: secret")):
        raised = ScenarioError("x", place=place)
        with pytest.raises(ScenarioError) as caught, unread_lines_masked("a.yaml", "steps: secret", ()):
            raise raised
        assert caught.value is raised


def test_line_outside_of_every_section_is_masked() -> None:
    """Nobody knows what it is."""
    place = Place("a.yaml", 1, 3, 4, f"{{do: {SECRET}}}")
    refused = ScenarioError("x", place=place)
    with pytest.raises(ScenarioError) as caught, unread_lines_masked("a.yaml", place.source_line, ("do",)):
        raise refused
    assert caught.value.place is not None
    assert caught.value.place.source_line == "{do: •••}"


@pytest.mark.parametrize(
    "step",
    [
        "  - do: phone.copy\n",
        "  - do: lin.walk\n    with: {to: home}\n",
        "  - do: lin.dance\n    with: {to: hello}\n",
        "  - do: weather.dance\n    with: {to: hello}\n",
        "  - do: phone.ask\n    with: {device: dash}\n",
        "  - {do: su7.dance, with: {text: hello}}\n",
        "  - do: phone.ask\n    with: {device: dash, action: paste}\n",
        "  - do: [phone]\n    with: {text: hello}\n",
    ],
)
def test_what_is_not_private_is_shown(step: str) -> None:
    """Also in a step that makes no sense."""
    try:
        steps: tuple[Step, ...] = load(STEPS + step).cases[0].steps
        shown = "".join(one.place.source_line for one in steps)
    except Exception as error:  # noqa: BLE001  # whichever mistake it is
        shown = str(getattr(error, "place", None) and error.place.source_line)  # type: ignore[attr-defined]
    assert MASK not in shown
