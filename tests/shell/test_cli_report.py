"""`carhome report` and `run --report`: one page from a run and from its recording, and what cannot be."""

from pathlib import Path

import pytest

from tests.shell.carhome import HELD, Command

FILE = "a.scenario.yaml"


def test_run_and_its_recording_give_the_same_report(home: Path, here: Command) -> None:
    """Byte for byte; where it is goes to standard error, so that `--json` stays records only."""
    (home / FILE).write_text(HELD)

    ran = here("run", FILE, "--broker", "memory", "--json", "--report", "a.html", "--record", "a.ndjson")
    told = here("report", "a.ndjson", "-o", "b.html")

    assert (ran.code, told.code, told.out) == (0, 0, "")
    assert all(line.startswith("{") for line in ran.lines)
    assert "report: a.html, " in ran.err
    assert "report: b.html, " in told.err
    assert (home / "a.html").read_bytes() == (home / "b.html").read_bytes()
    assert "1 passed" in (home / "a.html").read_text(encoding="utf-8")


def test_report_of_a_failed_run_is_written_and_shows_the_line(home: Path, here: Command) -> None:
    """The exit code stays that of the run."""
    (home / FILE).write_text(HELD.replace("su7.locked: false", "su7.locked: true"))

    ended = here("run", FILE, "--broker", "memory", "--report", "a.html")

    page = (home / "a.html").read_text(encoding="utf-8")
    assert ended.code == 1
    assert "1 failed" in page
    assert "<mark>expect</mark>" in page
    assert "expected true, got false within 5 s" in page


def test_report_that_cannot_be_written_is_a_fault_of_the_machine(home: Path, here: Command) -> None:
    """A name that is too long is noticed at the end only; the run was told before."""
    (home / FILE).write_text(HELD)

    ended = here("run", FILE, "--broker", "memory", "--report", "a" * 300)

    assert ended.code == 4
    assert "1 passed" in ended.out
    assert "cannot be written: file name too long" in ended.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("run", FILE, "--report", FILE),
            "the report `a.scenario.yaml` would overwrite a file that this command reads",
        ),
        (
            ("run", FILE, "--record", "b", "--report", "b"),
            "the recording and the report would both be written to `b`",
        ),
        (("run", FILE, "--report", "folder"), "'folder' is a directory"),
        (
            ("run", FILE, "--report", "no/a.html"),
            "the report `no/a.html` cannot be written: its folder is not there",
        ),
        (
            ("report", "good", "-o", "good"),
            "the report `good` would overwrite a file that this command reads",
        ),
        (("report", "nowhere", "-o", "a.html"), "there is no file or folder `nowhere`"),
        (("report", "bad", "-o", "a.html"), "line 1 of `bad` is no record of a run, or only a piece of one"),
        (("report", "empty", "-o", "a.html"), "the recording is empty"),
        (("report", "piece", "-o", "a.html"), "the recording does not begin with a run"),
    ],
)
def test_what_cannot_be_reported_is_one_sentence_and_no_file(
    home: Path, here: Command, words: tuple[str, ...], sentence: str
) -> None:
    """Nothing is played for a report that could not be written."""
    (home / FILE).write_text(HELD)
    (home / "folder").mkdir()
    (home / "good").write_text('{"n":1,"t":0,"kind":"run"}\n')
    (home / "bad").write_text("no record\n")
    (home / "empty").write_text("")
    (home / "piece").write_text('{"n":7,"t":0,"kind":"step"}\n')

    ended = here(*words)

    assert ended.code == 2
    assert sentence in ended.err
    assert ended.out == ""
    assert not (home / "a.html").exists()
    assert not (home / "b").exists()
