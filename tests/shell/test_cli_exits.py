"""Exit codes: each says one thing, and each is reached by what it stands for."""

from pathlib import Path

import pytest

from sim.shell.brokers.child import free_port
from tests.shell.carhome import HELD, Command, carhome

WRONG = HELD.replace("su7.locked: false", "su7.locked: true")
NOTHING_ASSERTED = HELD.partition("  - expect")[0]
NEEDS_PERMISSIONS = HELD.replace("household: wang", "household: wang\nneeds: [permissions]")
BUG = """
from sim.devices.watch import Watch
def broken(*_):
    raise ZeroDivisionError("a planted bug")
Watch.step = broken
"""
NO_MOSQUITTO = """
import sim.shell.brokers.mosquitto
sim.shell.brokers.mosquitto._SYSTEM_PLACES = ()
"""


def test_exit_is_0_when_everything_held(home: Path, here: Command) -> None:
    """A run whose assertions all held ends with 0, and says how much it did."""
    (home / "a.scenario.yaml").write_text(HELD)

    ended = here("run", "a.scenario.yaml", "--broker", "memory")

    assert (ended.code, ended.err) == (0, "broker: none, in memory by the rules of MQTT\n")
    assert "✓ pass  1 held" in ended.out
    assert ended.lines[-1].startswith("1 passed; 0 refusals, ")


def test_exit_is_1_when_an_assertion_failed(home: Path, here: Command) -> None:
    """A failed run ends with 1 and shows the step, what was expected, what was so, and how to repeat it."""
    (home / "a.scenario.yaml").write_text(WRONG)

    ended = here("run", "a.scenario.yaml", "--broker", "memory", "--seed", "3")

    assert ended.code == 1
    assert "✗ fail" in ended.out
    assert "--> a.scenario.yaml:12:5" in ended.out
    assert "✗ su7.locked: expected true, got false" in ended.out
    assert "again: carhome run a.scenario.yaml --broker memory --seed 3" in ended.out
    assert ended.lines[-1].startswith("0 passed, 1 failed")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("run", "nowhere"), "there is no file or folder `nowhere`"),
        (("run", "a.scenario.yml"), "did you mean `a.scenario.yaml`?"),
        (("run", "a.scenario.yaml", "--broker", "mosquito"), "did you mean `mosquitto`?"),
        (("run", "a.scenario.yaml", "--broker", "http://host"), "the broker's URL is not one of a broker"),
        (("run", "a.scenario.yaml", "--broker", "memory", "--tag", "M3"), "no scenario has the tag `M3`"),
        (
            ("run", "a.scenario.yaml", "--broker", "memory", "--speed", "0"),
            "0.0 is not in the range 0.001<=x<=1000000",
        ),
        (("run", "a.scenario.yaml", "--broker", "memory", "--seed", "-1"), "-1 is not in the range"),
        (("run", "a.scenario.yaml", "--sed", "1"), "'--seed'"),
        (("run", "a.scenario.yaml", "--broker", "memory", "--record", "no/where"), "cannot be written"),
        (("run", "a.scenario.yaml", "--broker", "mosquitto", "--clean"), "go with a broker's URL"),
        (("run", "a.scenario.yaml", "--broker", "memory", "--clean"), "go with a broker's URL"),
        (("run",), "Missing argument"),
        (("diff", "a.scenario.yaml", "nowhere"), "`nowhere` cannot be read"),
        (("devices", "cra"), "did you mean `car`?"),
        (("schema", "car"), "is not one of 'scenario', 'household', 'suite'"),
        (("dance",), "No such command 'dance'"),
    ],
)
def test_exit_is_2_when_the_command_line_is_wrong(
    home: Path, here: Command, words: tuple[str, ...], sentence: str
) -> None:
    """What cannot be asked for is told in a sentence, and nothing runs."""
    (home / "a.scenario.yaml").write_text(HELD)

    ended = here(*words)

    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err
    assert "broker:" not in ended.err


@pytest.mark.parametrize("broker", ["memory", "mosquitto"])
def test_exit_is_3_for_a_bug(home: Path, broker: str) -> None:
    """A bug is shown as one, with where it happened, and never as a verdict on the user's file."""
    (home / "a.scenario.yaml").write_text(HELD)

    ended = carhome(home, "run", "a.scenario.yaml", "--broker", broker, before=BUG)

    assert ended.code == 3
    assert "ZeroDivisionError: a planted bug" in ended.err
    assert ended.err.endswith(
        "this is a bug in carhome, not in your input; please report it with the lines above\n"
    )
    assert "pass" not in ended.out
    assert "fail" not in ended.out
    assert list((home / "temporary").iterdir()) == []


def test_exit_is_4_when_nobody_answers_at_a_url(home: Path) -> None:
    """A broker that is not there is the machine's fault."""
    (home / "a.scenario.yaml").write_text(HELD)
    url = f"mqtt://127.0.0.1:{free_port()}"

    ended = carhome(home, "run", "a.scenario.yaml", "--broker", url)

    assert ended.code == 4
    assert ended.err.startswith(f"error[EN200]: {url.removeprefix('mqtt://')} cannot be reached: ")
    assert "pass" not in ended.out


def test_exit_is_4_when_the_broker_asked_for_is_not_installed(home: Path) -> None:
    """A missing program is named, with what to do about it."""
    (home / "a.scenario.yaml").write_text(HELD)

    ended = carhome(
        home, "run", "a.scenario.yaml", "--broker", "mosquitto", before=NO_MOSQUITTO, variables={"PATH": ""}
    )

    assert ended.code == 4
    assert "error[EN300]: the program `mosquitto` is not installed" in ended.err
    assert "help: install it, or choose `--broker embedded`" in ended.err


def test_auto_falls_back_to_the_embedded_broker(home: Path) -> None:
    """Where Mosquitto is not installed `auto` says that and why it uses the embedded broker."""
    (home / "a.scenario.yaml").write_text(HELD)

    ended = carhome(home, "run", "a.scenario.yaml", before=NO_MOSQUITTO, variables={"PATH": ""})

    assert ended.code == 0
    assert ended.err.startswith("broker: embedded (iotcore) on 127.0.0.1:")
    assert ended.err.endswith(
        ", because mosquitto is not installed; development only, it enforces no permissions\n"
    )


def test_exit_is_5_when_nothing_matched(home: Path, here: Command) -> None:
    """A selection that leaves nothing is no success."""
    (home / "a.scenario.yaml").write_text(HELD)

    ended = here("run", "a.scenario.yaml", "-k", "climate")

    assert (ended.code, ended.out, ended.err) == (5, "", "nothing matched: no case is left to run\n")


@pytest.mark.parametrize("what", ["run", "check"])
def test_exit_is_5_when_a_folder_holds_no_scenario(here: Command, what: str) -> None:
    """A folder without scenarios is no success."""
    assert here(what, "households").code == 5


def test_exit_is_5_when_nothing_was_asserted(home: Path, here: Command) -> None:
    """A run that asserts nothing proves nothing."""
    (home / "a.scenario.yaml").write_text(NOTHING_ASSERTED)

    ended = here("run", "a.scenario.yaml", "--broker", "memory")

    assert ended.code == 5
    assert "? unknown" in ended.out
    assert "nothing was asserted" in ended.out


def test_exit_is_5_when_everything_was_skipped(home: Path) -> None:
    """A scenario that needs permissions is skipped, with the reason, where a broker has none."""
    (home / "a.scenario.yaml").write_text(NEEDS_PERMISSIONS)

    ended = carhome(home, "run", "a.scenario.yaml", "--broker", "embedded")

    assert ended.code == 5
    assert "- skipped  " in ended.out
    assert "it needs a broker that enforces permissions" in ended.out


def test_a_failure_outweighs_what_was_skipped_or_not_asserted(home: Path, here: Command) -> None:
    """With several verdicts the worst decides: failed before not asserted."""
    for name, text in (("a", WRONG), ("b", NOTHING_ASSERTED), ("c", HELD)):
        (home / f"{name}.scenario.yaml").write_text(text)

    ended = here("run", ".", "--broker", "memory")

    assert ended.code == 1
    assert ended.lines[-1].startswith("1 passed, 1 failed, 1 unknown")


def test_one_case_not_asserted_is_no_success(home: Path, here: Command) -> None:
    """A run is not held as long as one of its cases asserted nothing."""
    for name, text in (("b", NOTHING_ASSERTED), ("c", HELD)):
        (home / f"{name}.scenario.yaml").write_text(text)

    assert here("run", ".", "--broker", "memory").code == 5
