"""Over the embedded broker, in a process that orders sets differently, every scenario records the same.

It plays the first case of each scenario; every case is played over Mosquitto, see `test_over_mosquitto`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.identity.comparison import BROKER_SECONDS_MAX, assert_same, first_case
from tests.recordings import FILES, PROJECT, Recordings

pytestmark = [pytest.mark.network]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What every scenario records over the embedded broker, where hashes are not salted."""
    written: Path = tmp_path_factory.mktemp("elsewhere") / "records.json"
    run = subprocess.run(  # our own module
        [sys.executable, "-m", "tests.identity.elsewhere", str(written)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"},
        capture_output=True,
        check=False,
        timeout=BROKER_SECONDS_MAX,
    )
    assert run.returncode == 0, run.stderr.decode()
    found: dict[str, list[str]] = json.loads(written.read_text(encoding="utf-8"))
    return found


def test_this_process_salts_its_hashes() -> None:
    """Else the two processes would order sets alike, and show nothing."""
    assert sys.flags.hash_randomization, "PYTHONHASHSEED=0 is set: unset it"


@pytest.mark.parametrize("file", FILES)
def test_records_over_the_embedded_broker_are_those_in_memory(
    recordings: Recordings, played: dict[str, list[str]], file: str
) -> None:
    """The broker adds, loses and reorders nothing; having no permissions, it is not asked for them."""
    if "permissions" in recordings.stories.scenario(file).needs:
        assert file not in played
        return

    assert_same(first_case(recordings.lines(file)), played[file], ("memory", "embedded, without salt"))
