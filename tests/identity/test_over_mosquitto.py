"""Over Mosquitto every scenario records what it records in memory, byte for byte."""

import pytest

from tests.identity.comparison import assert_same, played_over
from tests.recordings import FILES, Recordings

pytestmark = [pytest.mark.network, pytest.mark.mosquitto]


@pytest.fixture(scope="module")
def played(recordings: Recordings) -> dict[str, list[str]]:
    """What every scenario records over Mosquitto."""
    return played_over("mosquitto", recordings.stories, FILES)


@pytest.mark.parametrize("file", FILES)
def test_records_over_mosquitto_are_those_in_memory(
    recordings: Recordings, played: dict[str, list[str]], file: str
) -> None:
    """The broker adds, loses and reorders nothing."""
    assert_same(recordings.lines(file), played[file], ("memory", "mosquitto"))
