"""Files that scenarios and households name: their text is what a device gets."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from sim.core.errors import CalendarError, HouseholdError, ScenarioError, SimError
from sim.devices.phone import Phone
from sim.scenario.attachments import no_files
from sim.scenario.households import household_of
from sim.scenario.loading import load_scenario
from sim.shell.files import Shelf
from tests.documents.test_appointments import REVIEW, calendar
from tests.scenario.stories import HEAD, KINDS, WANG

FILES: Mapping[str, str] = {"lin.ics": calendar(REVIEW), "bad.ics": calendar("UID:x")}


def load(text: str) -> object:
    """Load a scenario beside some files."""
    library = replace(WANG.library(), files=lambda name: (name, FILES[name]) if name in FILES else None)
    return load_scenario("a.scenario.yaml", text, library)


def refusal(text: str) -> SimError:
    """Return the error a scenario beside some files is refused with."""
    with pytest.raises((ScenarioError, HouseholdError, CalendarError)) as caught:
        load(text)
    return caught.value


GIVEN = HEAD + "given: {{phone: {{calendar: {name}}}}}\nsteps:\n  - expect: {{phone.plan_for: public}}\n"
ACT = HEAD + "steps:\n  - do: phone.receive_calendar\n    with: {{calendar: {name}}}\n"
CONFIG = (
    "scenario: A story\nhousehold:\n  extends: wang\n"
    "  devices: {{new_phone: {{kind: phone, owner: lin, calendar: {name}}}}}\nsteps:\n  - advance: 1s\n"
)


@pytest.mark.parametrize("text", [GIVEN, ACT, CONFIG], ids=["given", "act", "config"])
def test_a_file_becomes_its_text_wherever_it_is_named(text: str) -> None:
    """At the start, on the way and in the household."""
    assert "Design review" in repr(load(text.format(name="lin.ics"))) or load(text.format(name="lin.ics"))


@pytest.mark.parametrize("text", [GIVEN, ACT, CONFIG], ids=["given", "act", "config"])
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("mei.ics", "there is no file `mei.ics`"),
        ("lin.txt", "`lin.txt` is no `.ics` file"),
        ("bad.ics", "the appointment has no `DTSTART`"),
    ],
)
def test_a_file_that_cannot_be_is_refused_before_anything_runs(text: str, name: str, sentence: str) -> None:
    """With the place of its name, or of the line in it."""
    error = refusal(text.format(name=name))

    assert error.sentence == sentence
    assert error.place is not None
    assert error.place.file == ("bad.ics" if name == "bad.ics" else "a.scenario.yaml")


def test_where_nothing_is_run_the_names_stay() -> None:
    """Keys and passwords of a household need no calendar."""
    document = WANG.document("wang")
    assert document is not None
    assert no_files("lin.ics") is None
    assert household_of(document, KINDS).devices["phone"].config == Phone.Config(owner="lin")


def test_files_lie_beside_the_scenario_or_the_household(tmp_path: Path) -> None:
    """And nowhere outside of them."""
    scenario = tmp_path / "a.scenario.yaml"
    (tmp_path / "lin.ics").write_text(calendar(REVIEW))
    folder = tmp_path / "households"
    folder.mkdir()
    (folder / "own.household.yaml").write_text(
        "household: own\npeople: {lin: {role: owner}}\n"
        "devices: {phone: {kind: phone, owner: lin, calendar: mei.ics}}\n"
    )
    (folder / "mei.ics").write_text(calendar(REVIEW.replace("Design", "Second")))

    scenario.write_text(GIVEN.format(name="lin.ics").replace("wang", "own"))
    loaded = Shelf().scenario(scenario)
    assert "Design review" in str(loaded.cases[0].given.state["phone"]["calendar"])
    assert "Second review" in getattr(loaded.household.devices["phone"].config, "calendar", "")

    scenario.write_text(GIVEN.format(name="../lin.ics").replace("wang", "own"))
    with pytest.raises(ScenarioError, match="there is no file"):
        Shelf().scenario(scenario)
