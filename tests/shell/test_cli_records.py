"""What a run writes: records for machines, lines for people, colours for terminals, and nothing else."""

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from sim.shell.schemas import SCHEMAS
from tests.shell.carhome import HELD, LONG, PROJECT, Command, carhome, command, environment, held_against

FILE = "a.scenario.yaml"
TWO_CASES = HELD.replace("1 m}", "$far}") + "cases:\n  - {far: 1 m}\n  - {far: 1.5 m}\n"
CHANCE = LONG.replace(
    "steps:\n",
    "  watch: {on_wrist: true, wearer: lin}\n  lin: {from_su7: 1 m}\n"
    "steps:\n  - fault: {link: watch, loss: 40 %, for: 30m}\n"
    "  - do: watch.unlock\n    with: {car: su7, expires_in: 10m}\n    as: opened\n"
    "  - advance: 1h\n  - do: watch.lock\n    with: {car: su7}\n    as: locked\n"
    "  - expect: {locked: done}\n    within: 1m\n",
)


@pytest.mark.parametrize("broker", ["memory", "mosquitto"])
def test_json_is_one_record_a_line_and_nothing_else(home: Path, broker: str) -> None:
    """Standard output holds records only; the broker's line goes to standard error."""
    (home / FILE).write_text(TWO_CASES)

    ended = carhome(home, "run", FILE, "--broker", broker, "--json", "--record", "records")

    records = [json.loads(line) for line in ended.lines]
    assert ended.code == 0
    assert [one["case"] for one in records if one["kind"] == "run"] == ["far=1 m", "far=1.5 m"]
    assert [one["verdict"] for one in records if one["kind"] == "verdict"] == ["pass", "pass"]
    assert all({"n", "t", "kind", "cause"} <= one.keys() for one in records)
    assert ended.err.startswith("broker: ")
    assert (home / "records").read_bytes() == ended.out.encode()


def test_json_of_a_failed_run_is_nothing_but_records_too(home: Path, here: Command) -> None:
    """A failure is a record as well, and the exit code says it."""
    (home / FILE).write_text(HELD.replace("su7.locked: false", "su7.locked: true"))

    ended = here("run", FILE, "--broker", "memory", "--json")

    last = json.loads(ended.lines[-1])
    assert ended.code == 1
    assert (last["kind"], last["verdict"]) == ("verdict", "fail")
    assert last["text"] == "`su7.locked`: expected true, got false within 5 s"


def test_recording_is_the_same_for_the_same_seed_only(home: Path, here: Command) -> None:
    """A seed given on the command line decides about chance, and the same one repeats everything."""
    (home / FILE).write_text(CHANCE)

    recorded = [
        here("run", FILE, "--broker", "memory", "--seed", seed, "--json").out for seed in ("1", "1", "2", "3")
    ]
    own = here("run", FILE, "--broker", "memory", "--json").out

    assert recorded[0] == recorded[1] == own
    assert len(set(recorded)) == 3
    assert '"seed":2,' in recorded[2]


@pytest.mark.parametrize("broker", ["memory", "mosquitto"])
def test_paced_run_is_recorded_like_an_unpaced_one(home: Path, broker: str) -> None:
    """A presenter's pace changes when things happen for people, and nothing in the records."""
    (home / FILE).write_text(LONG.replace("20h", "20m"))

    carhome(home, "run", FILE, "--broker", "memory", "--record", "quick")
    paced = carhome(home, "run", FILE, "--broker", broker, "--speed", "100000", "--record", "paced")

    assert paced.code == 0
    assert (home / "paced").read_bytes() == (home / "quick").read_bytes()
    assert ("watch it: XDG_CONFIG_HOME=" in paced.err) is (broker == "mosquitto")


def test_recording_replaces_an_older_one(home: Path, here: Command) -> None:
    """A recording holds one run."""
    (home / FILE).write_text(HELD)
    (home / "records").write_text("something older, and longer" * 10_000)

    here("run", FILE, "--broker", "memory", "--record", "records")

    assert all(json.loads(line) for line in (home / "records").read_text().splitlines())


def test_selection_by_text_finds_files_titles_and_cases(home: Path, here: Command) -> None:
    """`-k` selects by what people read, in any case of letters."""
    (home / FILE).write_text(TWO_CASES)
    (home / "b.scenario.yaml").write_text(LONG)

    def played(*words: str) -> list[str]:
        lines = here("run", ".", "--broker", "memory", "--json", *words).lines
        runs = [json.loads(line) for line in lines if '"kind":"run"' in line]
        return [f"{one['file']} {one['case']}".strip() for one in runs]

    assert played("-k", "B.SCENARIO") == ["b.scenario.yaml"]
    assert played("-k", "watch opens") == ["a.scenario.yaml far=1 m", "a.scenario.yaml far=1.5 m"]
    assert played("-k", "far=1.5") == ["a.scenario.yaml far=1.5 m"]
    assert played("--tag", "M03", "-k", "far=1 m") == ["a.scenario.yaml far=1 m"]
    assert played("--tag", "M07", "--tag", "M03") == [*played("-k", "far="), "b.scenario.yaml"]


def test_case_that_is_selected_alone_shows_its_refusals_whole(home: Path, here: Command) -> None:
    """Beside others a case only names the rule; alone it says everything."""
    denied = HELD.replace("{opened: done, su7.locked: false}", "{opened: denied, rule: key-in-range}")
    (home / FILE).write_text(denied.replace("1 m}", "$far}") + "cases:\n  - {far: 50 m}\n  - {far: 3 km}\n")

    many = here("run", FILE, "--broker", "memory")
    one = here("run", FILE, "--broker", "memory", "-k", "3 km")

    assert "  ✓ pass  far=50 m  refused by key-in-range (TOO_FAR)" in many.lines
    assert "instead: " not in many.out
    assert "instead: come within 2 m of the car" in one.out


def test_run_stops_at_the_first_that_does_not_pass(home: Path, here: Command) -> None:
    """`-x` plays nothing after it."""
    for name in "abc":
        (home / f"{name}.scenario.yaml").write_text(
            HELD.replace("locked: false", f"locked: {name > 'a'}".lower())
        )

    ended = here("run", ".", "--broker", "memory", "-x")

    assert ended.code == 1
    assert ended.lines[-1].startswith("1 passed, 1 failed;")
    assert "c.scenario.yaml" not in ended.out


def test_tag_that_no_scenario_has_is_a_mistake(home: Path, here: Command) -> None:
    """A misspelt tag never looks like success, and the nearest one is named."""
    (home / FILE).write_text(HELD)

    ended = here("run", FILE, "--broker", "memory", "--tag", "M30")

    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "error[US100]: no scenario has the tag `M30`\n  = help: did you mean `M03`?\n"


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, False),
    ],
)
def test_colours_follow_the_reader(home: Path, variables: dict[str, str], coloured: bool) -> None:  # noqa: FBT001  # a row
    """A pipe gets no colours unless they are forced; NO_COLOR always wins."""
    (home / FILE).write_text(HELD)
    (home / "b.scenario.yaml").write_text(HELD.replace("true}", "truth}"))

    held = carhome(home, "run", FILE, "--broker", "memory", variables=variables)
    broken = carhome(home, "check", "b.scenario.yaml", variables=variables)

    assert ("\x1b[" in held.out) is coloured
    assert ("\x1b[" in broken.err) is coloured


@pytest.mark.parametrize(
    ("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_terminal_gets_colours(home: Path, variables: dict[str, str], coloured: bool) -> None:  # noqa: FBT001  # a row
    """A terminal gets colours unless it, or its user, wants none."""
    (home / FILE).write_text(HELD)
    ours, theirs = pty.openpty()

    with os.fdopen(ours, "rb"), os.fdopen(theirs, "wb") as terminal:
        subprocess.run(  # our own command
            command("run", FILE, "--broker", "memory"),
            cwd=home,
            env=environment(home, {"TERM": "xterm", **variables}),
            stdout=terminal,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        shown = os.read(ours, 65_536).decode()

    assert ("\x1b[32m✓ pass\x1b[0m" in shown) is coloured
    assert ("\x1b" in shown) is coloured


def test_check_says_what_it_found(home: Path, here: Command) -> None:
    """`check` counts what makes sense, and runs nothing."""
    (home / FILE).write_text(HELD)
    one = here("check", ".")
    (home / "b.scenario.yaml").write_text(TWO_CASES)
    two = here("check", ".")

    assert (one.code, one.out) == (0, "✓ 1 scenario with 1 case makes sense\n")
    assert (two.code, two.out) == (0, "✓ 2 scenarios with 3 cases make sense\n")


def test_diff_shows_the_first_difference(home: Path, here: Command) -> None:
    """Two recordings are the same, or differ first in one place, which is shown."""
    (home / FILE).write_text(CHANCE)
    for seed in ("1", "2"):
        here("run", FILE, "--broker", "memory", "--seed", seed, "--record", f"seed{seed}")

    same = here("diff", "seed1", "seed1")
    other = here("diff", "seed1", "seed2")

    assert (same.code, same.out) == (0, "seed1 and seed1 are the same\n")
    assert (other.code, other.out) == (
        1,
        "line 1, run at 0 ms at `seed`:\n  seed1: 1\n  seed2: 2\n",
    )


@pytest.mark.parametrize("content", [b"no record\n", b"\xff\n", b"[1]\n", b"[" * 5_000 + b"\n"])
def test_diff_with_what_is_no_recording_is_a_mistake(home: Path, here: Command, content: bytes) -> None:
    """A file that is no recording is told as such."""
    (home / "records").write_bytes(content)
    (home / "others").write_bytes(b'{"n":1}\n')

    ended = here("diff", "records", "others")

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error[RE100]: ")
    assert "`carhome run --record`" in ended.err


def test_help_names_every_command_and_exit_code(here: Command) -> None:
    """Whoever asks for help learns the commands and what each exit code means."""
    ended = here("--help")

    assert ended.code == 0
    for word in ("run", "check", "diff", "devices", "doctor", "schema", "0 held", "4 the machine", "130"):
        assert word in ended.out


def test_version_is_printed(here: Command) -> None:
    """`--version` names the program and its version."""
    assert here("--version").out.startswith("carhome, version ")


@pytest.mark.parametrize("what", SCHEMAS)
def test_schemas_are_those_in_the_repository(what: str, here: Command) -> None:
    """The schema of each sort of file is printed for editors, and written down by `make schema`."""
    printed = here("schema", what).out

    assert json.loads(printed)["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert (PROJECT / "docs" / "schema" / f"{what}.schema.json").read_text(encoding="utf-8") == printed


@pytest.mark.parametrize(
    ("what", "files"),
    [("suite", "rules/tests/*_test.yaml"), ("claims", "rules/*.claims.yaml")],
)
def test_shipped_files_about_rules_are_as_editors_expect(what: str, files: str) -> None:
    """An editor with the schema underlines nothing in them."""
    found = sorted(map(str, (PROJECT / "sim" / "policy").glob(files)))
    schema = PROJECT / "docs" / "schema" / f"{what}.schema.json"

    checked = held_against("--schemafile", str(schema), *found)

    assert found
    assert checked.returncode == 0, checked.stdout


def test_foreseen_words_are_as_editors_expect(home: Path) -> None:
    """An editor with the schema underlines a fact of a wrong type in them, and otherwise nothing."""
    schema = PROJECT / "docs" / "schema" / "vocabulary.schema.json"
    command = "kinds: {toaster: {toast: {groups: [Kitchen], tier: anytime, facts: {minutes?: %s}}}}\n"
    sound, broken = home / "sound.yaml", home / "broken.yaml"
    sound.write_text(command % "Long")
    broken.write_text(command % "Float")

    assert held_against("--schemafile", str(schema), str(sound)).returncode == 0
    assert "Float" in held_against("--schemafile", str(schema), str(broken)).stdout


@pytest.mark.mosquitto
def test_doctor_finds_everything_that_is_installed_here(home: Path) -> None:
    """What a run needs is there, and the broker that `auto` would use is named."""
    ended = carhome(home, "doctor")

    assert (ended.code, ended.err) == (0, "")
    assert "`--broker auto` uses it" in ended.out
    assert not any(line.startswith("✗") for line in ended.lines)


def test_shipped_scenarios_are_found_from_the_project(here: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """`check` passes on what is shipped, with the households beside it."""
    monkeypatch.chdir(PROJECT)

    assert here("check", "scenarios/watch-key").code == 0
