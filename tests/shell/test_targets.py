"""Files that commands write: never one that the command reads, never two in one, and whole or as before."""

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.core.errors import MachineError, UsageError
from sim.shell.files import Shelf
from sim.shell.targets import Target, check_folders, check_targets, write_whole
from tests.scenario.stories import PROJECT
from tests.shell.carhome import HELD, HOUSEHOLD, Command

FILE = "a.scenario.yaml"
WANG = "households/wang.household.yaml"
VEHICLE = "mine.vehicle.yaml"
CALENDAR = "lin.ics"
WITH_FILES = HOUSEHOLD.replace("su7-luxury", "mine") + "  phone: {kind: phone, owner: lin}\n"
RULES = """\
@id("guests-walk")
@reason("guests open nothing")
@instead("ring the bell")
forbid (principal in Role::"guest", action == Action::"unlock", resource);
"""
SUITE = """\
suite: mine
contexts: {usual: {authenticated: true, fresh: true, built_in: false, moving: false, expires_in_ms: 30000}}
tests:
  - name: nobody drives from afar
    principal: lin
    action: summon
    resource: Car::su7
    expect: deny
    because: [no-remote-driving]
"""
CLAIMS = """\
claims:
  - name: nobody is let drive from afar
    rows: [M01]
    never: permit (principal, action in Action::"RemoteDriving", resource);
"""


READ = (FILE, WANG, f"households/{VEHICLE}", CALENDAR, "mine/rules.cedar", "mine/mine_test.yaml")
"""What a scenario and a folder of rules lead to."""
GIVEN = ("households/wang.household.yaml", "password", "ca.pem", "certificates/su7.key")
"""What is refused on the command line here, that of a broker above all."""
MEMORY = ("--broker", "memory")
BROKER = ("--broker", "mqtts://lin@127.0.0.1:1", "--password-file", "password", "--ca-file", "ca.pem")


@pytest.fixture
def inputs(home: Path) -> Path:
    """A folder with everything that a run can read."""
    shipped = PROJECT / "sim" / "vehicles" / "su7-luxury.vehicle.yaml"
    files = {
        FILE: HELD.replace("given:\n", f"given:\n  phone: {{calendar: {CALENDAR}}}\n"),
        WANG: WITH_FILES,
        f"households/{VEHICLE}": shipped.read_text(encoding="utf-8").replace("su7-luxury", "mine"),
        CALENDAR: (PROJECT / "scenarios" / "calendar" / "trip.ics").read_text(encoding="utf-8"),
        "password": "secret",
        "ca.pem": "none",
        "certificates/su7.key": "none",
        "mine/rules.cedar": RULES,
        "mine/mine_test.yaml": SUITE,
        "mine/mine.claims.yaml": CLAIMS,
    }
    for name, text in files.items():
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")
    return home


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with what is in it."""
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


# --- what must not be overwritten -----------------------------------------------------------------


def test_run_overwrites_none_of_its_inputs(inputs: Path, here: Command) -> None:
    """Household, password, certificates: a sentence, 2, and nothing is run."""
    before = snapshot(inputs)
    words = ("run", FILE, *BROKER, "--certificates", "certificates", "--policies", "mine")

    for name in GIVEN:
        ended = here(*words, "--report", name)

        assert (ended.code, ended.out) == (2, ""), name
        assert f"the report `{name}` would overwrite a file that this command reads" in ended.err
    ended = here(*words, "--record", WANG)
    assert (ended.code, ended.out) == (2, "")
    assert f"the recording `{WANG}` would overwrite a file that this command reads" in ended.err
    assert snapshot(inputs) == before


def test_everything_that_a_scenario_leads_to_is_an_input(
    inputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scenario, household, car, calendar, the folder of rules: no report and no recording may be there."""
    monkeypatch.chdir(inputs)
    shelf = Shelf(Path("mine"))
    shelf.scenario(Path(FILE))

    assert {one.resolve() for one in shelf.inputs} >= {(inputs / one).resolve() for one in READ}
    for name in READ:
        for what in ("the report", "the recording"):
            with pytest.raises(UsageError, match=f"{what} `{name}` would overwrite a file that this"):
                check_targets([Target(what, Path(name))], shelf.inputs)


def test_an_input_is_known_by_any_name(inputs: Path, here: Command) -> None:
    """A link, a second name of the same file and a way around lead to it as well."""
    (inputs / "link").symlink_to(WANG)
    os.link(inputs / WANG, inputs / "second")
    before = snapshot(inputs)

    for name in ("link", "second", "households/../households/wang.household.yaml", str(inputs / WANG)):
        with pytest.raises(UsageError, match="would overwrite a file that this command reads"):
            check_targets([Target("the report", Path(name))], [Path(WANG)])
    assert here("run", FILE, *MEMORY, "--report", "second").code == 2
    assert snapshot(inputs) == before


def test_what_comes_with_the_program_is_not_overwritten() -> None:
    """Its rules and models of cars are inputs of every run; a new file in its folder is nobody's."""
    shipped = PROJECT / "sim" / "vehicles" / "su7-base.vehicle.yaml"

    with pytest.raises(UsageError, match="would overwrite a file that this command reads"):
        check_targets([Target("the report", shipped)], [])
    check_targets([Target("the report", shipped.with_name("a.html"))], [])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--record", "a", "--report", "./a"), "the recording and the report would both be written to `a`"),
        (("--record", "a", "--ledger", "a"), "the recording and the ledger would both be written to `a`"),
        (("--report", "a", "--ledger", "a"), "the report and the ledger would both be written to `a`"),
    ],
)
def test_two_outputs_are_not_one_file(
    inputs: Path, here: Command, words: tuple[str, ...], sentence: str
) -> None:
    """Whichever was written last would be all there is."""
    ended = here("run", FILE, *MEMORY, *words)

    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err
    assert not (inputs / "a").exists()


@pytest.mark.usefixtures("inputs")
def test_what_is_no_file_takes_everything(here: Command) -> None:
    """`/dev/null` is overwritten by nothing, however many write to it; and it is one afterwards."""
    ended = here("run", FILE, *MEMORY, "--record", os.devnull, "--report", os.devnull)

    assert ended.code == 0, ended.err
    assert Path(os.devnull).is_char_device()


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("policy", "test", "mine/mine_test.yaml", "--junit"), "mine/mine_test.yaml"),
        (("policy", "test", "mine", "--policies", "mine", "--junit"), "mine/rules.cedar"),
        (("policy", "prove", "mine/mine.claims.yaml", "--junit"), "mine/mine.claims.yaml"),
        (("policy", "coverage", "mine/mine_test.yaml", "--lcov"), "mine/mine_test.yaml"),
    ],
)
def test_commands_about_rules_overwrite_none_of_their_inputs(
    inputs: Path, here: Command, words: tuple[str, ...], name: str
) -> None:
    """Suites, claims and rules stay; a folder that is not there is told before the work is done."""
    before = snapshot(inputs)

    ended = here(*words, name)
    nowhere = here(*words, "no/where")

    assert (ended.code, ended.out) == (2, "")
    assert f"`{name}` would overwrite a file that this command reads" in ended.err
    assert (nowhere.code, nowhere.out) == (2, "")
    assert "`no/where` cannot be written: its folder is not there" in nowhere.err
    assert snapshot(inputs) == before


def test_rules_that_claims_name_are_inputs_too(inputs: Path, here: Command) -> None:
    """`same-as` reads a file, or a folder of them, that no word of the command line says."""
    same = "claims:\n  - {name: these, same-as: rules.cedar}\n  - {name: those, same-as: more}\n"
    (inputs / "mine" / "mine.claims.yaml").write_text(same)
    (inputs / "mine" / "more").mkdir()
    (inputs / "mine" / "more" / "more.cedar").write_text(RULES)

    for name in ("mine/rules.cedar", "mine/more/more.cedar"):
        ended = here("policy", "prove", "mine/mine.claims.yaml", "--junit", name)
        assert (ended.code, ended.out) == (2, "")
        assert f"the JUnit report `{name}` would overwrite" in ended.err
        assert (inputs / name).read_text() == RULES


# --- whole, or as before --------------------------------------------------------------------------


@pytest.fixture
def full_after() -> Iterator[None]:
    """No file may become longer than 50 bytes, as under `ulimit -f`."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.usefixtures("full_after")
def test_file_that_does_not_fit_leaves_the_old_one_and_no_stub(tmp_path: Path) -> None:
    """A full disk is a fault of the machine; what was there before is there still."""
    old = tmp_path / "a.html"
    old.write_bytes(b"old")

    for name in ("a.html", "b.html"):
        with pytest.raises(MachineError, match=f"the report `.*{name}` cannot be written: file too large"):
            write_whole(Target("the report", tmp_path / name), b"x" * 51)

    assert snapshot(tmp_path) == {"a.html": b"old"}
    write_whole(Target("the report", old), b"x" * 50)
    assert snapshot(tmp_path) == {"a.html": b"x" * 50}


def test_file_is_replaced_and_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    """A new one has the mode of any file of the user's; whoever had the old one open reads it to its end."""
    old, link, new = tmp_path / "old", tmp_path / "link", tmp_path / "new"
    old.write_bytes(b"old")
    old.chmod(0o640)
    link.symlink_to("old")
    new.touch()

    with old.open("rb") as reader:
        write_whole(Target("the report", link), b"changed")
        write_whole(Target("the report", tmp_path / "made"), b"made")
        assert reader.read() == b"old"

    assert link.is_symlink()
    assert (old.read_bytes(), old.stat().st_mode & 0o777) == (b"changed", 0o640)
    assert (tmp_path / "made").stat().st_mode == new.stat().st_mode
    assert sorted(snapshot(tmp_path)) == ["link", "made", "new", "old"]


def test_interrupted_file_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the middle is no reason to leave a piece."""

    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(Target("the report", tmp_path / "a"), b"a")
    assert snapshot(tmp_path) == {}


def test_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    """Before the work, and after it if it went meanwhile."""
    away = Target("the report", tmp_path / "away" / "a.html")

    with pytest.raises(UsageError, match="its folder is not there"):
        check_folders([away])
    with pytest.raises(MachineError, match="cannot be written: no such file or directory"):
        write_whole(away, b"a")


def test_report_and_junit_that_do_not_fit_keep_what_was_there(inputs: Path, here: Command) -> None:
    """From the command line: exit code 4, and the old files byte for byte."""
    for name in ("a.html", "a.xml", "a.info"):
        (inputs / name).write_text("old")
    here("run", FILE, *MEMORY, "--record", "a.ndjson")
    before = snapshot(inputs)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, limits[1]))
    try:
        ended = [
            here("report", "a.ndjson", "-o", "a.html"),
            here("policy", "test", "mine/mine_test.yaml", "--json", "-k", "drives", "--junit", "a.xml"),
            here("policy", "coverage", "mine/mine_test.yaml", "--lcov", "a.info"),
        ]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert [one.code for one in ended] == [4, 4, 4]
    assert all("cannot be written: file too large" in one.err for one in ended)
    assert snapshot(inputs) == before


@pytest.mark.usefixtures("inputs")
def test_terminal_is_told_how_far_a_long_report_is(here: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """In place, and gone when it is written; a file that takes standard error has the last line only."""
    here("run", FILE, *MEMORY, "--record", "a.ndjson")
    monkeypatch.setattr("sim.shell.reporting.QUIET_SECONDS", -1.0)

    quiet = here("report", "a.ndjson", "-o", "a.html")
    monkeypatch.setattr("sim.shell.reporting.is_terminal", lambda: True)
    told = here("report", "a.ndjson", "-o", "b.html")

    assert quiet.err.startswith("report: a.html, ")
    assert "\r\x1b[Kreport: 1 record read\r\x1b[Kreport: 2 records read" in told.err
    assert "\r\x1b[Kreport: b.html, " in told.err
