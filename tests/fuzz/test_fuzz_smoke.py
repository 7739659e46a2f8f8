"""A short search of every reader, the same on every machine, and proof that such a search finds bugs.

How far a search comes depends on its number of runs, never on how fast they are. Longer ones are for the
command line: `python -m tests.fuzz TARGET -runs=1000000`.
"""

import base64
import re
from pathlib import Path

import pytest

from sim.core.messages import MalformedMessageError, from_rfc3339
from tests.fuzz import __main__ as fuzz
from tests.fuzz import seeds
from tests.fuzz.targets import HOLDING, TARGETS

PROJECT = Path(__file__).parents[2]
RUNS = 6_000 if fuzz.guidance() else 500
RUNS_OF = {"calendar": 2_000 if fuzz.guidance() else 500}
"""Fewer where libraries read most of it, which guidance does not see into, and which take their time."""
RUNS_PLANTED = 100_000
RUNS_DRAWN = 100
RUNS_DRAWN_PLANTED = 5_000
ACCEPTED_AT_LEAST = 4


@pytest.mark.parametrize("name", HOLDING)
def test_reader_takes_or_refuses_whatever_is_found(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    """No input of a bounded search makes a reader raise, or accept what is not what it was written as."""
    runs = RUNS_OF.get(name, RUNS)
    code = fuzz.main([name, f"-runs={runs}", "-seed=1"])

    printed = "".join(capfd.readouterr())
    assert code == 0, printed
    assert re.search(rf"#{runs}\s+DONE|{runs} inputs drawn", printed), printed
    assert ("NOT guided" in printed) is not fuzz.guidance()


@pytest.mark.parametrize("name", HOLDING)
def test_reader_accepts_what_the_search_begins_with(name: str) -> None:
    """A search from inputs that are all refused would never get past the front door."""
    accepted = [TARGETS[name].check(seed) for seed in seeds.seeds(TARGETS[name].seeds)]

    assert sum(accepted) >= ACCEPTED_AT_LEAST


@pytest.mark.parametrize(
    ("name", "error"),
    [("planted-lax-json", "AssertionError"), ("planted-maze", "LookupError: the way through the maze")],
)
def test_search_finds_a_planted_bug(name: str, error: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A reader that lets NaN through breaks an invariant, and guidance finds what is hidden from chance."""
    if name == "planted-maze" and not fuzz.guidance():
        pytest.skip("only guidance by coverage finds the way, and atheris is not installed here")
    code = fuzz.main([name, f"-runs={RUNS_PLANTED}", "-seed=1"])

    printed = "".join(capfd.readouterr())
    assert code == fuzz.FOUND, printed
    assert error in printed
    found = re.search(r"^--input (\S+)$", printed, re.MULTILINE)
    assert found is not None
    with pytest.raises((AssertionError, LookupError)):
        fuzz.main([name, "--input", found[1]])


def test_drawn_search_finds_a_planted_bug(capfd: pytest.CaptureFixture[str]) -> None:
    """Without guidance the invariants bite as well, and the run says that it was not guided."""
    code = fuzz.main(["planted-lax-json", "--drawn", f"-runs={RUNS_DRAWN_PLANTED}", "-seed=1"])

    printed = "".join(capfd.readouterr())
    assert code == fuzz.FOUND
    assert "NOT guided by coverage: as asked" in printed
    assert "=== Uncaught Python exception: ===" in printed


@pytest.mark.parametrize("name", HOLDING)
def test_drawn_search_holds(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Where atheris is missing every reader is still searched."""
    assert fuzz.main([name, "--drawn", f"-runs={RUNS_DRAWN}", "-seed=1"]) == 0, "".join(capfd.readouterr())


def test_search_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the corpus nor the artefact of a finding stays, wherever it runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = sorted(PROJECT.iterdir())

    assert fuzz.main(["planted-lax-json", f"-runs={RUNS_PLANTED}", "-seed=1"]) == fuzz.FOUND

    assert list(tmp_path.iterdir()) == []
    assert sorted(PROJECT.iterdir()) == before


def test_targets_are_listed_and_one_input_can_be_checked(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a target the run says which there are; with an input it says what becomes of that."""
    assert fuzz.main([]) == 0
    assert fuzz.main(["json", "--input", base64.b64encode(b"{}").decode()]) == 0
    assert fuzz.main(["json", "--input", base64.b64encode(b"NaN").decode()]) == 0

    assert capsys.readouterr().out.split() == [*HOLDING, "accepted", "refused"]


# --- what was found -------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999-23:59"])
def test_time_that_could_not_be_written_is_not_read(text: str) -> None:
    """A time whose zone carries it out of the years 1 to 9999 is no time; the fuzzer found it."""
    with pytest.raises(MalformedMessageError, match="RFC 3339"):
        from_rfc3339(text)
