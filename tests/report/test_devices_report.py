"""The kinds of devices described: for people in a few lines, for machines as JSON, both complete."""

import json

import pytest

from sim.report.devices import describe_kind, kind_lines
from sim.report.style import COLOURED, PLAIN
from sim.world.kinds import kinds


@pytest.mark.parametrize("name", kinds())
def test_description_of_a_kind_is_complete_json(name: str) -> None:
    """Everything a kind declares is in its description, which survives a trip through JSON."""
    kind = kinds()[name]

    described = describe_kind(kind)

    assert json.loads(json.dumps(described)) == described
    assert described["kind"] == name
    assert described["what"]
    assert [one["action"] for one in described["commands"]] == [one.action for one in kind.commands]
    assert [one["verb"] for one in described["acts"]] == [one.verb for one in kind.acts]
    assert all(one["what"] for one in [*described["commands"], *described["acts"]])


@pytest.mark.parametrize("name", kinds())
def test_lines_of_a_kind_name_everything(name: str) -> None:
    """People see every fact, command and act; colours add nothing but colour."""
    described = describe_kind(kinds()[name])

    lines = kind_lines(described, PLAIN)

    for named in (*described["physical"], *described["reports"]):
        assert f"{named}: " in lines
    for command in described["commands"]:
        assert f"{command['action']}(" in lines
    for act in described["acts"]:
        assert f"{act['verb']}(" in lines
    coloured = kind_lines(described, COLOURED)
    for code in ("\x1b[2m", "\x1b[1m", "\x1b[0m"):
        coloured = coloured.replace(code, "")
    assert coloured == lines


def test_car_is_described_with_its_limits() -> None:
    """Who reads it learns when a command is allowed, and whether one must be near."""
    lines = kind_lines(describe_kind(kinds()["car"]), PLAIN).splitlines()

    assert "  command  unlock(proof): only parked, only near" in lines
    assert "  command  lock(proof): any time" in lines
    assert "  command  key_hello(hello, grant): any time" in lines
    assert lines[0].startswith("car  ")
