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


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the other process records."""
    return tmp_path_factory.mktemp("recorded") / "all.ndjson"


@pytest.fixture(scope="module")
def shown(recording: Path) -> str:
    """What `carhome run` prints about all scenarios, in a process that does not salt its hashes."""
    code = "from sim.shell.cli import main; main()"
    settings = {"PYTHONPATH": str(PROJECT), "PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "NO_COLOR": "1"}
    run = subprocess.run(  # our own command
        [sys.executable, "-c", code, "run", "scenarios", "--broker", "memory", "--record", str(recording)],
        cwd=PROJECT,
        env={**os.environ, **settings},
        capture_output=True,
        check=False,
        timeout=PROCESS_SECONDS_MAX,
    )
    assert run.returncode in {0, 1}, run.stderr.decode()  # what does not hold is told by another test
    return run.stdout.decode()


def test_records_do_not_depend_on_hash_seeds(recordings: Recordings, recording: Path, shown: str) -> None:
    """Two processes that order sets differently record the same: the other salts no hashes, this one does."""
    assert shown
    assert sys.flags.hash_randomization, "PYTHONHASHSEED=0 is set: the two processes would order sets alike"
    theirs = recording.read_text(encoding="utf-8").split("\n")[:-1]
    ours = [line for file in FILES for line in recordings.lines(file)]

    assert_same(theirs, ours, ("without salt", "this session"))


def test_shipped_scenarios_fit_the_terminal(shown: str) -> None:
    """No line of a run of everything is wider than 80 columns, unless it holds a path."""
    lines = shown.splitlines()
    assert len(lines) > 100
    assert [line for line in lines if columns_of(line) > COLUMNS_MAX and "/" not in line] == []
