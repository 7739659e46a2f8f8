"""Over the embedded broker every scenario records what it records in memory, byte for byte."""

import pytest

from tests.identity.comparison import assert_same, played_over
from tests.recordings import FILES, Recordings

pytestmark = [pytest.mark.network]


@pytest.fixture(scope="module")
def played(recordings: Recordings) -> dict[str, list[str]]:
    """What every scenario records over the embedded broker."""
    return played_over("embedded", recordings.stories)


@pytest.mark.parametrize("file", FILES)
def test_records_over_the_embedded_broker_are_those_in_memory(
    recordings: Recordings, played: dict[str, list[str]], file: str
) -> None:
    """The broker adds, loses and reorders nothing; having no permissions, it is not asked for them."""
    if "permissions" in recordings.stories.scenario(file).needs:
        assert file not in played
        return

    assert_same(recordings.lines(file), played[file], ("memory", "embedded"))
