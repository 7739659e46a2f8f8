"""The schemas that editors use: they take every file that ships, and refuse what the reader refuses."""

import json
from pathlib import Path
from typing import Any

import pytest

from sim.core.errors import ScenarioError
from sim.documents.reading import read_document
from sim.scenario.grammar import STEP_SHAPES, VERBS, json_schema
from sim.scenario.households import household_schema
from tests.scenario.drafts import fits
from tests.scenario.stories import HEAD, KINDS, PROJECT, STEPS

SCENARIOS = sorted((PROJECT / "scenarios").rglob("*.scenario.yaml"))
HOUSEHOLDS = sorted((PROJECT / "households").glob("*.household.yaml"))


def plain(text: str) -> Any:
    """Return a document as JSON values."""
    return read_document("a.yaml", text, ScenarioError).plain()


def taken(text: str) -> bool:
    """Say whether the scenario schema takes a text."""
    schema = json_schema()
    return fits(schema, plain(text), schema)


def test_schema_has_every_verb() -> None:
    """What the language has, the schema has, and it is plain JSON of draft 7."""
    schema = json.loads(json.dumps(json_schema()))

    assert tuple(STEP_SHAPES) == VERBS
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert [one["if"]["required"] for one in schema["properties"]["steps"]["items"]["allOf"]] == [
        [verb] for verb in VERBS
    ]


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: f"{path.parent.name}-{path.name.split('.')[0]}")
def test_schema_takes_every_scenario_that_ships(path: Path) -> None:
    """No editor underlines anything in a file of the project."""
    assert taken(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", HOUSEHOLDS, ids=lambda path: path.name.split(".")[0])
def test_schema_takes_every_household_that_ships(path: Path) -> None:
    """The same for households."""
    schema = household_schema(KINDS)

    assert fits(schema, plain(path.read_text(encoding="utf-8")), schema)


GOOD = [
    STEPS + "  - advance: 5s\n",
    STEPS + "  - advance: {until: {su7.locked: true}}\n    within: 90m\n",
    STEPS + "  - expect: {key: done}\n    within: 5 min\n    unless: [denied, failed]\n",
    STEPS + "  - never: {su7.locked: true}\n    for: 1h\n",
    STEPS + "  - do: watch.unlock\n    with: {car: su7}\n    as: key\n    by: lin\n",
    STEPS + "  - fault: {link: phone, loss: 5 %, delay: 20 ms, direction: out, for: 1m}\n",
    STEPS + "  - say: Hello\n    by: lin\n    from: dash\n    lang: en\n",
    HEAD + "always:\n  - never: {su7.locked: true}\n  - expect: {su7.gear: P}\nsteps: [{advance: 1s}]\n",
    HEAD + "cases: [{x: 1, y: 2 h}]\nsteps:\n  - advance: $x s\n  - fault: {link: tv, loss: 5 %, for: $y}\n",
    HEAD + "given: {su7: {gear: P}}\ncases: [{x: 1}]\nsteps: [{advance: 1s}]\n",
]


@pytest.mark.parametrize("text", GOOD)
def test_schema_takes_what_can_be(text: str) -> None:
    """Every verb with its keys, and quantities as people write them."""
    assert taken(text)


BAD = [
    STEPS + "  - expcet: {su7.locked: true}\n",
    STEPS + "  - expect: {su7.locked: true}\n    do: lin.walk\n",
    STEPS + "  - expect: {su7.locked: true}\n    witin: 5s\n",
    STEPS + "  - expect: {su7.locked: true}\n    within: 5\n",
    STEPS + "  - expect: {su7.locked: true}\n    within: 5 °C\n",
    STEPS + "  - expect: {su7.locked: true}\n    unless: [denyed]\n",
    STEPS + "  - expect: {}\n",
    STEPS + "  - advance: {unitl: {su7.locked: true}}\n",
    STEPS + "  - do: unlock\n",
    STEPS + "  - do: watch.unlock\n    as: Key 1\n",
    STEPS + "  - fault: {link: phone, los: 5 %}\n",
    STEPS + "  - fault: {link: phone, direction: up}\n",
    STEPS + "  - say: Hello\n    from: dash\n",
    STEPS + "  - wait\n",
    HEAD + "steps: []\n",
    HEAD,
    HEAD + "stesp: []\nsteps: [{advance: 1s}]\n",
    HEAD + "seed: many\nsteps: [{advance: 1s}]\n",
    HEAD + "needs: [permission]\nsteps: [{advance: 1s}]\n",
    HEAD + "always: [{do: lin.walk}]\nsteps: [{advance: 1s}]\n",
]


@pytest.mark.parametrize("text", BAD)
def test_schema_refuses_what_cannot_be(text: str) -> None:
    """A misspelt key, a wrong unit or a missing part is underlined in the editor already."""
    assert not taken(text)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("kind: car", "kind: cra"),
        ("role: owner", "role: onwer"),
        ("2.5 kW", "2.5"),
        ("75 m³", "75 °C"),
        ("owner: lin", "owenr: lin"),
        ("household: wang", "houshold: wang"),
    ],
)
def test_schema_refuses_a_wrong_household(right: str, wrong: str) -> None:
    """The same for households."""
    schema = household_schema(KINDS)
    text = HOUSEHOLDS[-1].read_text(encoding="utf-8")

    assert right in text
    assert not fits(schema, plain(text.replace(right, wrong, 1)), schema)
