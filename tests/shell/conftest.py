"""A folder of a user's own, with a household in it, and the command inside of this process."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.shell.cli import main
from tests.shell.carhome import HOUSEHOLD, Command, Ended


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that a broker of another user may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "households").mkdir()
        (folder / "households" / "wang.household.yaml").write_text(HOUSEHOLD)
        yield folder


@pytest.fixture
def here(home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """The command in this process, which is quicker where no broker and no signal is needed."""
    monkeypatch.chdir(home)
    monkeypatch.delenv("FORCE_COLOR", raising=False)

    def run(*words: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["carhome", *words])
        code = 0
        try:
            main()
        except SystemExit as left:
            code = int(left.code or 0)
        return Ended(code, *capfd.readouterr())

    return run
