"""Files: which scenarios a path means, where households are looked for, and what cannot be read."""

from pathlib import Path

import pytest

from sim.core.errors import HouseholdError, ScenarioError, UsageError
from sim.shell.files import FILE_BYTES_MAX, Shelf, find_scenarios, read_text, rule_files
from tests.shell.carhome import HELD, HOUSEHOLD


def test_folder_means_every_scenario_below_it_in_order(tmp_path: Path) -> None:
    """Files come sorted, each once, however often and in whatever way it is named; others do not count."""
    for name in ("b/2.scenario.yaml", "b/1.scenario.yaml", "a/deep/down/3.scenario.yaml", "b/x.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    found = find_scenarios([str(tmp_path / "b" / "2.scenario.yaml"), str(tmp_path), str(tmp_path / "b")])

    assert [str(path.relative_to(tmp_path)) for path in found] == [
        "b/2.scenario.yaml",
        "a/deep/down/3.scenario.yaml",
        "b/1.scenario.yaml",
    ]


def test_file_that_is_named_is_taken_whatever_it_is_called(tmp_path: Path) -> None:
    """The suffix matters only for finding files in folders."""
    (tmp_path / "story.txt").touch()

    assert find_scenarios([str(tmp_path / "story.txt")]) == [tmp_path / "story.txt"]


@pytest.mark.parametrize("word", ["household", "vehicle"])
def test_file_that_is_part_of_a_story_is_none(tmp_path: Path, word: str) -> None:
    """Whoever names a household or a car is told what to name."""
    file = tmp_path / f"own.{word}.yaml"
    file.write_text("")

    with pytest.raises(UsageError, match=f"is a {word} file, and no scenario"):
        find_scenarios([str(file)])


def test_path_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    """The nearest name in the same folder is offered."""
    (tmp_path / "near.scenario.yaml").touch()

    with pytest.raises(UsageError) as refused:
        find_scenarios([str(tmp_path / "near.scenari.yaml")])

    assert refused.value.help_text == f"did you mean `{tmp_path}/near.scenario.yaml`?"


def test_text_of_the_largest_size_is_read(tmp_path: Path) -> None:
    """The bound itself is allowed, one byte more is not."""
    path = tmp_path / "a"
    path.write_bytes(b"#" * FILE_BYTES_MAX)
    assert len(read_text(path)) == FILE_BYTES_MAX

    path.write_bytes(b"#" * (FILE_BYTES_MAX + 1))
    with pytest.raises(UsageError, match="larger than 1,048,576 bytes"):
        read_text(path)


@pytest.mark.parametrize(
    ("raw", "line", "column", "shown"),
    [
        (b"\xff", 1, 1, "\udcff"),
        ("one\nzwei: ü".encode() + b"\xe9 three\nfour", 2, 8, "zwei: ü\udce9 three"),
        (b"cut \xe6\xb1", 1, 5, "cut \udce6\udcb1"),
    ],
)
def test_byte_that_is_no_text_is_told_with_its_place(
    tmp_path: Path, raw: bytes, line: int, column: int, shown: str
) -> None:
    """The place counts characters, as editors do, up to the byte that does not fit."""
    path = tmp_path / "a"
    path.write_bytes(raw)

    with pytest.raises(UsageError) as refused:
        read_text(path)

    place = refused.value.place
    assert place is not None
    assert (place.line, place.column, place.length, place.source_line) == (line, column, 1, shown)


def test_folder_is_no_text(tmp_path: Path) -> None:
    """What the system refuses to read is told in its words."""
    with pytest.raises(UsageError, match="cannot be read: is a directory"):
        read_text(tmp_path)


def test_nearest_household_wins(tmp_path: Path) -> None:
    """A household beside a scenario counts before one of the same name further up."""
    for folder, role in ((tmp_path, "member"), (tmp_path / "stories", "owner")):
        (folder / "households").mkdir(parents=True)
        text = HOUSEHOLD.replace("lin: {role: owner}", f"lin: {{role: {role}}}")
        (folder / "households" / "wang.household.yaml").write_text(text)
    for story in ("near.scenario.yaml", "stories/deep/near.scenario.yaml"):
        (tmp_path / story).parent.mkdir(exist_ok=True)
        (tmp_path / story).write_text(HELD)

    shelf = Shelf()
    roles = [
        shelf.scenario(tmp_path / story).household.people["lin"].role
        for story in ("near.scenario.yaml", "stories/deep/near.scenario.yaml", "near.scenario.yaml")
    ]
    assert roles == ["member", "owner", "member"]


def test_household_is_read_once(home: Path) -> None:
    """Scenarios of one household share it, so that one broker serves them all."""
    for name in "ab":
        (home / f"{name}.scenario.yaml").write_text(HELD)

    shelf = Shelf()
    one, other = (shelf.scenario(home / f"{name}.scenario.yaml").household for name in "ab")
    assert one is other
    assert shelf.policy(one) is shelf.policy(other)


@pytest.mark.parametrize("name", ["../wang", "../households/wang", "/etc/passwd", "wang.household", "."])
def test_household_is_never_looked_for_elsewhere(home: Path, name: str) -> None:
    """A household's name is a name: it cannot lead out of the folder."""
    (home / "wang.household.yaml").write_text(HOUSEHOLD)
    (home / "a.scenario.yaml").write_text(HELD.replace("household: wang", f'household: "{name}"'))

    with pytest.raises(ScenarioError):
        Shelf().scenario(home / "a.scenario.yaml")


def test_link_out_of_the_folder_is_not_followed(home: Path, tmp_path: Path) -> None:
    """A household that lies elsewhere is not there."""
    (tmp_path / "li.household.yaml").write_text(HOUSEHOLD.replace("household: wang", "household: li"))
    (home / "households" / "li.household.yaml").symlink_to(tmp_path / "li.household.yaml")
    (home / "a.scenario.yaml").write_text(HELD.replace("household: wang", "household: li"))

    with pytest.raises(ScenarioError, match="there is no household `li`"):
        Shelf().scenario(home / "a.scenario.yaml")


def test_household_with_another_name_than_its_file_is_a_mistake(home: Path) -> None:
    """The name in the file is the first level of its topics, so it must be the one that was asked for."""
    (home / "households" / "li.household.yaml").write_text(HOUSEHOLD)
    (home / "a.scenario.yaml").write_text(HELD.replace("household: wang", "household: li"))

    with pytest.raises(HouseholdError, match="is called `wang`, not `li`"):
        Shelf().scenario(home / "a.scenario.yaml")


def test_built_in_rules_are_found_in_order() -> None:
    """Rules come with the program, sorted by name."""
    names = [name for name, _ in rule_files()]

    assert names == sorted(names)
    assert "rules/remote_motion.cedar" in names
