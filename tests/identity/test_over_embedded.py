"""Over the embedded broker, in a process that orders sets differently, scenarios record the same.

That process plays the first case of each scenario, the longest in memory unless it is night; every case of
all of them is played over Mosquitto, see `test_over_mosquitto`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from tests.identity.comparison import BROKER_SECONDS_MAX, assert_same, first_case
from tests.recordings import FILES, PROJECT, Recordings

pytestmark = [pytest.mark.network]


LINES_MAX = 7_000
LONGEST = (
    "scenarios/calendar/recurring.scenario.yaml",
    "scenarios/family-day/monday.scenario.yaml",
    "scenarios/field-reports/licence-expires.scenario.yaml",
    "scenarios/habits/across-devices.scenario.yaml",
    "scenarios/habits/two-weeks.scenario.yaml",
    "scenarios/home-appliances/filter.scenario.yaml",
    "scenarios/home-appliances/haze.scenario.yaml",
    "scenarios/house-day/tuesday.scenario.yaml",
    "scenarios/parking/restarted.scenario.yaml",
    "scenarios/streaming/link-lost.scenario.yaml",
    "scenarios/subscriptions/cancelled-trial.scenario.yaml",
    "scenarios/subscriptions/expires-mid-drive.scenario.yaml",
    "scenarios/tablet/passenger-film.scenario.yaml",
    "scenarios/winter-test/heater.scenario.yaml",
)
"""Scenarios whose first case records more lines than that: half of all the lines there are."""
IN_MEMORY = () if settings.get_current_profile_name() == "nightly" else LONGEST


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What every scenario records over the embedded broker or in memory, where hashes are not salted."""
    written: Path = tmp_path_factory.mktemp("elsewhere") / "records.json"
    run = subprocess.run(  # our own module
        [sys.executable, "-m", "tests.identity.elsewhere", str(written), *IN_MEMORY],
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
def test_records_elsewhere_are_those_in_memory(
    recordings: Recordings, played: dict[str, list[str]], file: str
) -> None:
    """The broker adds, loses and reorders nothing; having no permissions, it is not asked for them."""
    if file not in IN_MEMORY and "permissions" in recordings.stories.scenario(file).needs:
        assert file not in played
        return

    assert_same(first_case(recordings.lines(file)), played[file], ("memory", "without salt"))


def test_longest_are_the_longest(recordings: Recordings) -> None:
    """No other is left out, and none for nothing."""
    long = [file for file in FILES if len(first_case(recordings.lines(file))) > LINES_MAX]

    assert sorted(long) == sorted(LONGEST)
