"""The command plays every scenario alike in processes that order sets differently, and its output fits."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.report.folding import COLUMNS_MAX, columns_of
from tests.identity.comparison import assert_same
from tests.recordings import FILES, PROJECT, Recordings

PROCESS_SECONDS_MAX = 600.0
"""A bound for a process that hangs; all scenarios take some tens of seconds where nobody else works."""


def run_everything(hash_seed: str, *options: str) -> str:
    """Return what `carhome run` prints about all scenarios in a process with a hash seed."""
    code = "from sim.shell.cli import main; main()"
    settings = {"PYTHONPATH": str(PROJECT), "PYTHONHASHSEED": hash_seed, "PYTHONUTF8": "1", "NO_COLOR": "1"}
    run = subprocess.run(  # our own command
        [sys.executable, "-c", code, "run", "scenarios", "--broker", "memory", *options],
        cwd=PROJECT,
        env={**os.environ, **settings},
        capture_output=True,
        check=False,
        timeout=PROCESS_SECONDS_MAX,
    )
    assert run.returncode in {0, 1}, run.stderr.decode()  # what does not hold is told by another test
    return run.stdout.decode()


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first process records."""
    return tmp_path_factory.mktemp("recorded") / "seed-0.ndjson"


@pytest.fixture(scope="module")
def shown(recording: Path) -> str:
    """What the first process prints for people, while it records."""
    return run_everything("0", "--record", str(recording))


def test_records_do_not_depend_on_hash_seeds(recordings: Recordings, recording: Path, shown: str) -> None:
    """Two processes that order sets differently record the same, which is what this one recorded."""
    assert shown
    first = recording.read_text(encoding="utf-8").split("\n")[:-1]
    second = run_everything("1", "--json").split("\n")[:-1]
    ours = [line for file in FILES for line in recordings.lines(file)]

    assert_same(first, second, ("hash seed 0", "hash seed 1"))
    assert_same(first, ours, ("hash seed 0", "this process"))


def test_shipped_scenarios_fit_the_terminal(shown: str) -> None:
    """No line of a run of everything is wider than 80 columns, unless it holds a path."""
    lines = shown.splitlines()
    assert len(lines) > 100
    assert [line for line in lines if columns_of(line) > COLUMNS_MAX and "/" not in line] == []
