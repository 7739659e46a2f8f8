"""README's table of what is acted out: every row has its stories, and every story its row."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).parents[1]
ROWS = tuple(f"M{number:02}" for number in range(1, 38))
SUFFIX = ".scenario.yaml"

Table = Mapping[str, tuple[str, ...]]
Tags = Mapping[str, frozenset[str]]


def table(readme: str) -> dict[str, tuple[str, ...]]:
    """Return row to the files and folders that its line in the table names.

    A name without a folder is in the folder of the name before it; one that ends in a slash is a folder.
    """
    found: dict[str, tuple[str, ...]] = {}
    for row, cell in re.findall(r"^\| (M\d\d) \|[^|]*\|([^|]*)\|", readme, re.MULTILINE):
        names: list[str] = []
        folder = ""
        for name in re.findall(r"`([^`]+)`", cell):
            if "/" in name:
                folder = name.rsplit("/", 1)[0]
            names.append(name if "/" in name else f"{folder}/{name}")
        found[row] = tuple(names)
    return found


def tags() -> dict[str, frozenset[str]]:
    """Return each scenario, as `folder/name`, to its tags."""
    found = {}
    for path in sorted((PROJECT / "scenarios").rglob(f"*{SUFFIX}")):
        name = path.relative_to(PROJECT / "scenarios").as_posix().removesuffix(SUFFIX)
        found[name] = frozenset(yaml.safe_load(path.read_text(encoding="utf-8"))["tags"])
    return found


def named(entry: str, files: Tags) -> list[str]:
    """Return the scenarios that an entry of the table names."""
    return [file for file in files if file == entry or (entry.endswith("/") and file.startswith(entry))]


def complaints(rows: Table, files: Tags) -> Iterator[str]:
    """Yield what does not fit between the table and the scenarios."""
    for row in ROWS:
        if row not in rows:
            yield f"{row} has no line in the table"
        if row in rows and not any(row in files[file] for entry in rows[row] for file in named(entry, files)):
            yield f"{row} lacks its file"
        for entry in rows.get(row, ()):
            found = named(entry, files)
            if not found:
                yield f"{row} names `{entry}`, which is not there"
            yield from (f"`{file}` is not tagged {row}" for file in found if row not in files[file])
    for file, its in files.items():
        mission = sorted(tag for tag in its if tag in ROWS)
        if mission and not any(file in named(entry, files) for row in mission for entry in rows.get(row, ())):
            yield f"`{file}` lacks its row"


def test_table_and_scenarios_name_each_other() -> None:
    """A row without a file, a file without a row, and a file in the wrong row are all found."""
    assert list(complaints(table((PROJECT / "README.md").read_text(encoding="utf-8")), tags())) == []


GOOD = {**{row: (f"story/{row}",) for row in ROWS}}
FILES = {f"story/{row}": frozenset({row}) for row in GOOD}


@pytest.mark.parametrize(
    ("rows", "files", "complaint"),
    [
        ({**GOOD, "M01": ()}, FILES, "M01 lacks its file"),
        ({row: it for row, it in GOOD.items() if row != "M05"}, FILES, "M05 has no line in the table"),
        ({**GOOD, "M01": ("story/M01", "story/gone")}, FILES, "M01 names `story/gone`, which is not there"),
        ({**GOOD, "M01": ("story/M01", "story/M02")}, FILES, "`story/M02` is not tagged M01"),
        (GOOD, {**FILES, "new/one": frozenset({"M01", "X01"})}, "`new/one` lacks its row"),
    ],
)
def test_comparison_notices_what_is_planted(rows: Table, files: Tags, complaint: str) -> None:
    """Each of the ways in which table and files can part is told."""
    assert list(complaints(GOOD, FILES)) == []
    assert complaint in list(complaints(rows, files))


def test_table_is_read_as_it_is_written() -> None:
    """A name without a folder belongs to the folder before it, and a slash at the end is a folder."""
    line = "| M01 | the home | `warm-home/on-the-way`, `link-cut`, `home-air/` |\n| row | x | `a/b` |\n"

    assert table(line) == {"M01": ("warm-home/on-the-way", "warm-home/link-cut", "home-air/")}
