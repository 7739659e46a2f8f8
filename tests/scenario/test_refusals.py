"""Files that cannot be: each is refused with one sentence at its place, and nothing of it is run."""

from dataclasses import replace

import pytest

from sim.core.errors import HouseholdError, ScenarioError
from sim.scenario.loading import load_scenario
from tests.scenario.mistakes import KEY, Mistake, by_sentence, told
from tests.scenario.stories import HEAD, KINDS, STEPS, WANG, House, load, refusal

HEAD_MISTAKES: list[Mistake] = [
    ("stesp: []\n", "SC101", 3, 1, "unknown key `stesp`"),
    (
        "start: 2026-01-12T07:30:00\n",
        "SC103",
        3,
        8,
        (
            "`start` is `2026-01-12T07:30:00`, expected a time "
            "with its zone, such as `2026-01-12T17:40:00+08:00`"
        ),
    ),
    (
        "start: 1768203000\n",
        "SC103",
        3,
        8,
        "`start` is `1768203000`, expected a time such as `2026-01-12T17:40:00+08:00`",
    ),
    (
        "start: 2026-01-12\n",
        "SC103",
        3,
        8,
        "`start` is `2026-01-12`, expected a time with its zone, such as `2026-01-12T17:40:00+08:00`",
    ),
    ("seed: many\n", "SC103", 3, 7, "`seed` is `many`, expected a whole number"),
    ("seed: true\n", "SC103", 3, 7, "`seed` is `true`, expected a whole number"),
    ("seed: -1\n", "SC103", 3, 7, "`seed` is `-1`, expected at least 0"),
    ("needs: [permission]\n", "SC103", 3, 9, "entry 1 of `needs` is `permission`, expected `permissions`"),
    ("given: {su8: {locked: true}}\n", "SC201", 3, 9, "there is no `su8` in household wang"),
    ("given: {su7: {loked: true}}\n", "SC201", 3, 15, "`su7` has no `loked` that can be given"),
    (
        "given: {su7: {driver: alice}}\n",
        "SC103",
        3,
        23,
        "`driver` is `alice`, expected one of `lin`, `mei`, `tao`, `jun`, `none`",
    ),
    ("given: {weather: {wind: 3}}\n", "SC201", 3, 19, "`weather` has no `wind` that can be given"),
    ("given: {weather: {outdoor: 99 °C}}\n", "SC103", 3, 28, "`outdoor` is `99 °C`, expected at most 60"),
    ("given: {home: {kitchen: {lamp: on}}}\n", "SC201", 3, 16, "`home` has no `kitchen` that can be given"),
    (
        "given: {home: {bedroom: 20 °C}}\n",
        "SC103",
        3,
        25,
        "`bedroom` is `20 °C`, expected keys with values, such as `key: value`",
    ),
    (
        "given: {home: {bedroom: {light: on}}}\n",
        "SC201",
        3,
        26,
        "`home.bedroom` has no `light` that can be given",
    ),
    (
        "given: {home: {bedroom: {lamp: dim}}}\n",
        "SC103",
        3,
        32,
        "`lamp` is `dim`, expected one of `on`, `off`",
    ),
    ("given: {lin: {mood: good}}\n", "SC201", 3, 15, "`lin` has no `mood` that can be given"),
    (
        "given: {lin: {at: moon}}\n",
        "SC103",
        3,
        19,
        (
            "`at` is `moon`, expected one of `home`, `office`, `badaling`"
            ", `zhangjiakou`, `hohhot`, `xilinhot`, `kinmen`"
        ),
    ),
    (
        "given: {lin: {from_su7: 80 m, from_home: 5 m}}\n",
        "SC202",
        3,
        31,
        "where `lin` is, is already said by `from_su7`",
    ),
    (
        "given: {phone: {from_su7: 80 m, from_home: 5 m}}\n",
        "SC202",
        3,
        33,
        "where `phone` is, is already said by `from_su7`",
    ),
    ("given: {heater: {from_su7: 80 m}}\n", "SC201", 3, 18, "`heater` has no `from_su7` that can be given"),
    ("given: {lin: {from_su7: 80}}\n", "SC103", 3, 25, "`80` has no unit, write a distance as `20 m`"),
    ("given: {su7: {gear: X}}\n", "SC103", 3, 21, "`gear` is `X`, expected one of `P`, `R`, `N`, `D`"),
    ("given: {heater: {target: 60 °C}}\n", "SC103", 3, 26, "`target` is `60 °C`, expected at most 30"),
    (
        "given: {su7: parked}\n",
        "SC103",
        3,
        14,
        "`su7` is `parked`, expected keys with values, such as `key: value`",
    ),
]

FILE_MISTAKES: list[Mistake] = [
    ("steps: []\n", "SC103", 3, 8, "`steps` is a list of 0, expected at least 1"),
    ("", "SC102", 1, 1, "key `steps` is missing in the document"),
    (
        "scenario: A\nhousehold: wnag\nsteps: [{advance: 1s}]\n",
        "SC201",
        2,
        12,
        "there is no household `wnag`",
    ),
    (
        "scenario: A\nhousehold: 5\nsteps: [{advance: 1s}]\n",
        "SC103",
        2,
        12,
        "`household` is `5`, expected text or keys with values, such as `key: value`",
    ),
    (
        "always: [{never: {key: done}}]\nsteps:\n  - do: watch.unlock\n    with: {car: su7}\n    as: key\n",
        "SC204",
        3,
        19,
        "`key` is a command; what always holds is about facts",
    ),
    (
        "always: [{do: lin.walk}]\nsteps:\n  - do: watch.unlock\n    with: {car: su7}\n    as: key\n",
        "SC101",
        3,
        11,
        "unknown verb `do`",
    ),
    (
        (
            "always: [{never: {su7.locked: true}, for: 5s}]\nsteps:\n"
            "  - do: watch.unlock\n    with: {car: su7}\n    as: key\n"
        ),
        "SC101",
        3,
        38,
        "unknown key `for`",
    ),
    (
        "cases: [{x: 1}]\nmatrix: {x: [1]}\nsteps: [{advance: $x s}]\n",
        "SC204",
        4,
        1,
        "a scenario has `cases` or a `matrix`, not both",
    ),
    ("cases: [{x: 1, y: 2}]\nsteps: [{advance: $x s}]\n", "SC201", 3, 16, "`y` is never used"),
    ("matrix: {x: [1], y: [2]}\nsteps: [{advance: $x s}]\n", "SC201", 3, 18, "`y` is never used"),
    ("cases: [{x: 1}, {x: 2, y: 2}]\nsteps: [{advance: $x s}]\n", "SC201", 3, 24, "`y` is never used"),
    (
        "cases: [{xx: 1}]\nsteps: [{advance: $x s}, {advance: $xx s}]\n",
        "SC201",
        4,
        19,
        "`$x` has no value in `cases` or `matrix`",
    ),
    (
        "matrix: {x: []}\nsteps: [{advance: $x s}]\n",
        "SC103",
        3,
        1,
        "the matrix has 0 cases; between 1 and 1,000 can be run",
    ),
    (
        "matrix: {x: [[1]]}\nsteps: [{advance: $x s}]\n",
        "SC103",
        3,
        14,
        "`$x` stands inside a text, where only text or a number can be",
    ),
    (
        "cases: [{x: ~}]\nsteps: [{advance: $x s}]\n",
        "SC103",
        3,
        13,
        "`$x` stands inside a text, where only text or a number can be",
    ),
    (
        "cases: [{x: {a: 1}}]\nsteps: [{expect: {$x: true}}]\n",
        "SC103",
        3,
        13,
        "`$x` stands inside a text, where only text or a number can be",
    ),
    (
        "cases: [{x: su7.locked}]\nsteps: [{expect: {$x: true, su7.locked: true}}]\n",
        "SC008",
        4,
        29,
        "key `su7.locked` comes twice once every `$name` is filled in",
    ),
    (
        "cases:\n  - {gear: P}\n  - {gear: X}\nsteps:\n  - expect: {su7.gear: $gear}\n",
        "SC103",
        5,
        12,
        "`su7.gear`: `X` is not one of `P`, `R`, `N`, `D`",
    ),
    (
        (
            "cases:\n  - {nr: 000}\nsteps:\n  - do: watch.unlock\n    with: "
            "{car: su7}\n    as: key\n  - expect: {key: denied, article: $nr}\n"
        ),
        "SC103",
        4,
        10,
        "`article` is text",
    ),
    (
        "scenario: A\nhousehold: {extends: wnag}\nsteps: [{advance: 1s}]\n",
        "SC201",
        2,
        22,
        "there is no household `wnag`",
    ),
]


@pytest.mark.parametrize("mistake", HEAD_MISTAKES, ids=by_sentence(HEAD_MISTAKES))
def test_beginning_that_cannot_be_is_refused(mistake: Mistake) -> None:
    """When, how seeded and in which world it begins is checked like everything else."""
    text = HEAD + mistake[0] + "steps: [{advance: 1s}]\n"

    assert told(text) == (text, *mistake[1:])


@pytest.mark.parametrize("mistake", FILE_MISTAKES, ids=by_sentence(FILE_MISTAKES))
def test_file_that_cannot_be_is_refused(mistake: Mistake) -> None:
    """Sections that are missing, contradict each other or do not fill each other's gaps are refused."""
    text = mistake[0] if mistake[0].startswith("scenario") else HEAD + mistake[0]

    assert told(text) == (text, *mistake[1:])


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (
            f"matrix: {{x: [{', '.join('1' * 101)}], y: [{', '.join('1' * 10)}]}}\n",
            "the matrix has 1,010 cases; between 1 and 1,000 can be run",
        ),
        (
            f"cases: [{', '.join(['{x: 1, y: 1}'] * 1001)}]\n",
            "`cases` is a list of 1001, expected at most 1000",
        ),
    ],
    ids=["matrix", "cases"],
)
def test_file_with_too_many_cases_is_refused(table: str, sentence: str) -> None:
    """A scenario has a thousand cases at most, however they are written."""
    error = refusal(HEAD + table + "steps: [{advance: $x s}, {advance: $y s}]\n")

    assert error.sentence == sentence
    assert error.place is not None
    assert error.place.line == 3


@pytest.mark.parametrize(
    ("step", "help_text"),
    [
        ("  - expcet: {su7.locked: true}\n", "did you mean `expect`?"),
        ("  - do: wacth.unlock\n", "did you mean `watch`?"),
        ("  - do: watch.unlok\n", "did you mean `unlock`?"),
        ("  - expect: {su7.lokced: true}\n", "did you mean `locked`?"),
        ("  - do: lin.goes_into\n    with: {room: bedrom}\n", "did you mean `bedroom`?"),
        ("  - expect: {su7.locked: true}\n    unless: [denied]\n", "name one, or delete it"),
        (KEY + "  - expect: {key: denied, rule: key-in-rnage}\n", "did you mean `key-in-range`?"),
        (KEY + "  - expect: {key: denied, article: 000}\n", 'put it in quotes: `"000"`'),
        (KEY + "  - expect: {key.status: done}\n", "write `key: done`"),
        ("  - fault: {sensor: phone}\n", "known here: `phone.carrier`"),
        ("  - do: phone.ask\n    with: {device: mallory, action: wind}\n", "it can be asked nothing"),
    ],
)
def test_refusal_says_what_to_do(step: str, help_text: str) -> None:
    """Where something near would have been right, the error names it."""
    assert refusal(STEPS + step).help_text == help_text


def test_household_that_is_nowhere_is_refused_with_what_to_do() -> None:
    """The error names the households there are, and says where one belongs when there are none."""
    text = "scenario: A\nhousehold: xyz\nsteps: [{advance: 1s}]\n"
    with pytest.raises(ScenarioError) as caught:
        load_scenario("a.scenario.yaml", text, replace(WANG.library(), household_names=()))

    assert refusal(text).help_text == "known here: `wang`"
    assert caught.value.help_text == "put one into households/"


BROKEN = House("broken", "household: broken\npeople: {}\ndevices: {x: {kind: toaster}}\n", KINDS)


def test_household_that_is_broken_is_its_own_error() -> None:
    """A mistake in the household's file is shown there, not in the scenario."""
    with pytest.raises(HouseholdError, match="there is no kind of device called `toaster`") as caught:
        load("scenario: A\nhousehold: broken\nsteps: [{advance: 1s}]\n", BROKEN)

    assert caught.value.place is not None
    assert caught.value.place.file == "households/broken.household.yaml"


def test_household_a_scenario_adds_to_has_both() -> None:
    """`extends` takes a household from a file and adds people, homes, devices and strangers to it."""
    scenario = load(
        "scenario: A\nhousehold:\n  extends: wang\n  people: {zoe: {role: guest}}\n"
        "  devices: {ring: {kind: watch, owner: zoe}}\nsteps: [{expect: {ring.on_wrist: true}}]\n"
    )

    assert {"lin", "zoe"} <= set(scenario.household.people)
    assert {"su7", "ring"} <= set(scenario.household.devices)
    assert "zoe" not in load(STEPS + "  - advance: 1s\n").household.people


def test_household_a_scenario_adds_to_keeps_its_names() -> None:
    """A name that the household already has is refused where the scenario writes it."""
    with pytest.raises(HouseholdError, match="the household already has `lin`") as caught:
        load(
            "scenario: A\nhousehold:\n  extends: wang\n  people: {lin: {role: guest}}\n"
            "steps: [{advance: 1s}]\n"
        )

    assert caught.value.place is not None
    assert (caught.value.place.line, caught.value.place.column) == (4, 12)


def test_refusal_of_one_case_refuses_the_whole_file() -> None:
    """A mistake that only the last case has is found before the first one runs."""
    with pytest.raises(ScenarioError, match="`X` is not one of"):
        load(HEAD + "cases: [{g: P}, {g: X}]\nsteps: [{expect: {su7.gear: $g}}]\n")


@pytest.mark.parametrize("start", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
def test_start_lies_in_our_time(start: str) -> None:
    """A year that no household has is refused before a clock overflows."""
    error = refusal(f"scenario: s\nhousehold: wang\nstart: {start}\nsteps: [{{advance: 1s}}]\n")

    assert "is no year of a household" in error.sentence


def test_personal_device_is_used_by_its_owner_only() -> None:
    """A phone signs for its owner: a scenario cannot say that somebody else asked."""
    steps = "steps:\n  - do: phone.refresh\n    with: {car: su7}\n    by: tao\n"

    error = refusal(f"scenario: s\nhousehold: wang\n{steps}")

    assert error.sentence == "`phone` acts as its owner, lin, and for nobody else"
    assert error.place is not None
    assert error.place.line == 6


def test_device_of_nobody_is_used_by_nobody() -> None:
    """What people do not share and nobody owns cannot speak for anybody."""
    household = "household: {extends: wang, devices: {spare: {kind: phone}}}"
    steps = "steps:\n  - do: spare.refresh\n    with: {car: su7}\n    by: lin\n"

    error = refusal(f"scenario: s\n{household}\n{steps}")

    assert error.sentence == "`spare` is nobody's, and acts for nobody"
