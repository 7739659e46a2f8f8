"""The command as a process of its own, as a user starts it: its output, its children, its end."""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
SECONDS_MAX = 60.0
"""How long a command may take; a bound for broken ones, never reached by sound ones."""

# A shell that starts tests in the background has its children ignore Ctrl-C, which Python would inherit.
_MAIN = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
{before}
from sim.shell.cli import main
main()
"""

HOUSEHOLD = """\
household: wang
people:
  lin: {role: owner}
  tao: {role: child}
homes:
  home:
    position: [40.0150, 116.4800]
    rooms:
      living_room: {volume: 75 m³, heat_loss: 120 W/K, heat_capacity: 1.8 MJ/K}
devices:
  su7: {kind: car, model: su7-luxury, owner: lin}
  watch: {kind: watch, owner: lin}
"""

HELD = """\
scenario: The watch opens the car
tags: [M03]
household: wang
given:
  su7: {locked: true}
  lin: {from_su7: 1 m}
  watch: {on_wrist: true, wearer: lin}
steps:
  - do: watch.unlock
    with: {car: su7}
    as: opened
  - expect: {opened: done, su7.locked: false}
    within: 5s
"""

LONG = """\
scenario: A long afternoon
tags: [M07]
household: wang
given:
  su7: {locked: true}
steps:
  - advance: 20h
  - expect: {su7.locked: true}
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended.

    Attributes:
        code: exit code, negative for the signal that killed it.
        out: standard output.
        err: standard error.
    """

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """The lines of standard output."""
        return self.out.splitlines()


Command = Callable[..., Ended]
"""Runs the command in this process, in the folder of the test; for what starts nothing."""


def environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables of a user with a place of their own for temporary files."""
    temporary = home / "temporary"
    temporary.mkdir(exist_ok=True)
    temporary.chmod(0o777)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(PROJECT),
        "PYTHONUTF8": "1",
        "TMPDIR": str(temporary),
        **(more or {}),
    }


def command(*words: str, before: str = "") -> list[str]:
    """Return the words that start the command; `before` is Python to run first, to plant something."""
    return [sys.executable, "-c", _MAIN.format(before=before), *words]


def carhome(home: Path, *words: str, before: str = "", variables: Mapping[str, str] | None = None) -> Ended:
    """Run a command in a folder to its end."""
    ended = subprocess.run(  # our own command
        command(*words, before=before),
        cwd=home,
        env=environment(home, variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


def held_against(*words: str) -> "subprocess.CompletedProcess[str]":
    """Hold files against a JSON Schema, by the words of `check-jsonschema`."""
    program = shutil.which("check-jsonschema", path=Path(sys.executable).parent)
    assert program is not None, "check-jsonschema is among the development dependencies"
    return subprocess.run((program, *words), capture_output=True, text=True, check=False)


class Running:
    """A command under way, whose standard error is read as it comes."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process
        self._heard = b""

    def wait_for(self, words: str) -> None:
        """Wait until it has said something on standard error."""
        assert self.process.stderr is not None
        end = time.monotonic() + SECONDS_MAX
        while words.encode() not in self._heard:
            ready, _, _ = select.select([self.process.stderr], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"it never said `{words}`, only {self._heard!r}"
            piece = os.read(self.process.stderr.fileno(), 65_536)
            assert piece, f"it ended and never said `{words}`, only {self._heard!r}"
            self._heard += piece

    def wait_for_output(self, words: str) -> None:
        """Wait until a line of standard output has some words in it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if words in line.decode():
                return
        message = f"it ended and never said `{words}`"
        raise AssertionError(message)

    def end(self, sent: signal.Signals | None = None) -> Ended:
        """Send a signal, and wait until it has ended."""
        if sent is not None:
            self.process.send_signal(sent)
        out, err = self.process.communicate(timeout=SECONDS_MAX)
        return Ended(self.process.returncode, (out or b"").decode(), (self._heard + err).decode())


@contextlib.contextmanager
def running(home: Path, *words: str, before: str = "") -> Iterator[Running]:
    """Start a command in a folder; it is killed with the block, if it has not ended by then."""
    process = subprocess.Popen(  # our own command
        command(*words, before=before),
        cwd=home,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            yield Running(process)
        finally:
            process.kill()


def descendants(process: int) -> list[int]:
    """Return every process below one, as `ps` knows them."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, check=True, text=True)  # noqa: S607  # wherever it is
    parents = {
        int(child): int(parent) for child, parent in (line.split() for line in listed.stdout.splitlines())
    }
    found = [process]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def is_alive(process: int) -> bool:
    """Say whether a process is there."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def left_behind(home: Path) -> list[str]:
    """Return the names of temporary files that are still there."""
    return sorted(one.name for one in (home / "temporary").iterdir())
