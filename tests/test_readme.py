"""The README is true: what it shows runs, and what it says to write works as written."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _files_to_write() -> dict[str, str]:
    """Return every file that the section "Extend it" tells to write: path to text."""
    section = README.split("## Extend it")[1].split("\n## ")[0]
    pattern = re.compile(r"`([\w./-]+\.(?:py|cedar|yaml))`:\n\n```\w+\n(.*?)```", re.DOTALL)
    return dict(pattern.findall(section))


def _carhome(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = "from sim.shell.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project that may be changed."""
    for folder in ("sim", "households", "scenarios/watch-key"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in _files_to_write():  # Somebody may have followed the section already.
        (tmp_path / path).unlink(missing_ok=True)
    return tmp_path


def test_extending_it_takes_one_file_each() -> None:
    """A device, a rule and a scenario are one file each."""
    suffixes = [Path(path).suffix for path in _files_to_write()]

    assert suffixes == [".py", ".cedar", ".yaml"]


def test_whoever_follows_the_section_gets_a_green_run(copy: Path) -> None:
    """The three files, written as shown, play the story with its refusal, and nothing else changes."""
    for path, text in _files_to_write().items():
        target = copy / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    run = _carhome(copy, "run", "scenarios", "--broker", "memory")

    assert run.returncode == 0, run.stdout + run.stderr
    assert "blind-not-when-frozen" in run.stdout


def test_the_device_of_the_section_is_left_out_without_its_file(copy: Path) -> None:
    """The run is green because of the files: without the device the scenario is refused."""
    files = _files_to_write()
    scenario = next(path for path in files if path.endswith(".yaml"))
    (copy / scenario).parent.mkdir(parents=True)
    (copy / scenario).write_text(files[scenario], encoding="utf-8")

    run = _carhome(copy, "run", scenario, "--broker", "memory")

    assert run.returncode == 2
    assert "there is no kind of device called `blind`" in run.stderr


def test_the_example_scenario_passes(copy: Path) -> None:
    """The scenario that the README shows is a scenario, and passes."""
    text = README.split("## A scenario")[1].split("```yaml\n")[1].split("```")[0]
    (copy / "shown.scenario.yaml").write_text(text, encoding="utf-8")

    run = _carhome(copy, "run", "shown.scenario.yaml", "--broker", "memory")

    assert run.returncode == 0, run.stdout + run.stderr
