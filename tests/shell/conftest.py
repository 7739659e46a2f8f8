"""A folder of a user's own, with a household in it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shell.carhome import HOUSEHOLD


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that a broker of another user may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "households").mkdir()
        (folder / "households" / "wang.household.yaml").write_text(HOUSEHOLD)
        yield folder
