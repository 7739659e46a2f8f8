"""A vehicle file of a user's own: it runs, is updated, and its mistakes are said."""

from pathlib import Path

import pytest

from sim.documents.vehicles import built_in_texts
from tests.shell.carhome import HOUSEHOLD, Command

KIT = (
    built_in_texts()["su7-base"]
    .replace("model: su7-base", "model: kit-car")
    .replace("Xiaomi SU7, base", "Kit car")
)
WITH_KIT = HOUSEHOLD.replace("model: su7-luxury", "model: kit-car") + (
    "  phone: {kind: phone, owner: lin}\n"
    "  updates:\n"
    "    kind: updates\n"
    "    releases:\n"
    "      - {version: 1.1.0, counter: 2, hardware: kit-car, size_bytes: 60000}\n"
    "      - {version: 2.0.0, counter: 3, hardware: su7-base, size_bytes: 60000}\n"
)
STORY = """\
scenario: A car of one's own drives, tells its range, and gets the software made for it
tags: [M30]
household: wang
given:
  weather: {outdoor: 23 °C}
  su7: {locked: false, gear: P, driver: lin, battery: 100 %}
steps:
  - expect: {phone.shows.su7.range: 600 .. 720 km, su7.software_version: 1.0.0, su7.software_offered: 1.1.0}
    within: 5s
  - do: phone.ask
    with: {device: su7, action: install_update, arguments: {version: 1.1.0}}
  - expect: {su7.software_version: 1.1.0}
    within: 5m
  - do: lin.drives
    with: {car: su7, speed: 60 km/h}
  - advance: 10m
  - expect: {su7.battery: 90 .. 99.5 %}
"""


@pytest.fixture
def kit(home: Path) -> Path:
    """The file of a car that nobody has heard of, a household with one, and a story about it."""
    (home / "households" / "wang.household.yaml").write_text(WITH_KIT)
    (home / "households" / "vehicles").mkdir()
    (home / "kit.scenario.yaml").write_text(STORY)
    own = home / "households" / "vehicles" / "kit-car.vehicle.yaml"
    own.write_text(KIT)
    return own


@pytest.mark.usefixtures("kit")
def test_a_car_of_one_s_own_runs_and_is_updated(home: Path, here: Command) -> None:
    """Its hardware is called as its file says, in releases, in the record and in the report."""
    checked = here("check", "kit.scenario.yaml")
    assert checked.code == 0, checked.err
    ran = here(
        "run", "kit.scenario.yaml", "--broker", "memory", "--record", "kit.ndjson", "--report", "kit.html"
    )

    assert ran.code == 0, ran.out + ran.err
    record = (home / "kit.ndjson").read_text(encoding="utf-8")
    assert '"software_version":"1.1.0"' in record
    assert "cells:" not in record, "the whole file is told where its name would do"
    assert "cells:" not in (home / "kit.html").read_text(encoding="utf-8")


def test_a_car_beside_a_scenario_that_adds_it(home: Path, kit: Path, here: Command) -> None:
    """Also a scenario that extends a household names it."""
    story = STORY.replace(
        "household: wang\n",
        "household:\n  extends: wang\n  devices: {mine: {kind: car, model: kit-car, owner: lin}}\n",
    )
    (home / "kit.scenario.yaml").write_text(story)
    (home / "vehicles").mkdir()
    kit.rename(home / "vehicles" / kit.name)
    (home / "households" / "wang.household.yaml").write_text(WITH_KIT.replace("kit-car", "su7-base"))

    ran = here("check", "kit.scenario.yaml")
    assert ran.code == 0, ran.out + ran.err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "mass: [1980 kg, filing]",
            "mass: 1980 kg",
            ("`mass` does not say where its", "assumed"),
        ),
        ("[1980 kg, filing]", "[1e300 kg, filing]", ("entry 1 of `mass` is `1e300 kg`", "the limits")),
        (
            "least: 14 min",
            "least: 17 min",
            ("the charging time is 16.1 min, outside", "or the band"),
        ),
    ],
)
def test_a_mistake_in_it_is_said_with_its_place(
    kit: Path, here: Command, old: str, new: str, said: tuple[str, str]
) -> None:
    """By `check`, before anything runs."""
    kit.write_text(KIT.replace(old, new, 1))
    ended = here("check", "kit.scenario.yaml")

    assert ended.code == 2
    assert "households/vehicles/kit-car.vehicle.yaml:" in ended.err + ended.out
    assert all(words in ended.err + ended.out for words in said)


def test_a_file_with_the_name_of_one_that_comes_with_the_program_is_refused(
    home: Path, kit: Path, here: Command
) -> None:
    """Which of the two is meant nobody could tell from the household."""
    text = KIT.replace("model: kit-car", "model: su7-base")
    kit.with_name("su7-base.vehicle.yaml").write_text(text)
    (home / "households" / "wang.household.yaml").write_text(WITH_KIT.replace("kit-car", "su7-base"))
    ended = here("check", "kit.scenario.yaml")

    assert ended.code == 2
    assert "`su7-base` comes with the program" in ended.err + ended.out
    assert "call your own otherwise" in ended.err + ended.out
