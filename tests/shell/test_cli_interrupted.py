"""A run that is cut off, by its reader, its user or its broker: how it ends, and what stays behind."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.shell.carhome import HELD, LONG, Running, carhome, descendants, is_alive, left_behind, running

pytestmark = pytest.mark.network

FILE = "a.scenario.yaml"
END_SECONDS_MAX = 5.0
BROKERS = ["memory", "embedded", "mosquitto"]
SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]

# The process sends the signal to itself at the moment that matters, so that no clock is involved.
WHEN_FILES_ARE_WRITTEN = """
import os, signal
from pathlib import Path
from sim.shell.brokers import child
plain = child.child
def interrupted(*words):
    os.kill(os.getpid(), signal.{signal})
    return plain(*words)
child.child = interrupted
"""
WHEN_THE_BROKER_IS_AWAITED = """
import os, signal
from sim.shell.brokers import child
plain = child.answers
async def interrupted(*words):
    os.kill(os.getpid(), signal.{signal})
    return await plain(*words)
child.answers = interrupted
"""


def under_way(run: Running) -> list[int]:
    """Wait until a run plays its scenario; return the processes below it."""
    run.wait_for("broker: ")
    run.wait_for_output("A long afternoon")
    return descendants(run.process.pid)


@pytest.mark.parametrize("speed", ["1", "2000"])
@pytest.mark.parametrize("broker", ["embedded", "mosquitto"])
def test_broker_that_is_killed_ends_the_run_at_once(home: Path, broker: str, speed: str) -> None:
    """The run ends with 4 and the broker's name, whether messages were on their way or nothing happened."""
    (home / FILE).write_text(LONG)

    with running(home, "run", FILE, "--broker", broker, "--speed", speed) as run:
        (process,) = under_way(run)
        killed_s = time.monotonic()
        os.kill(process, signal.SIGKILL)
        ended = run.end()

    assert ended.code == 4
    assert time.monotonic() - killed_s < END_SECONDS_MAX
    assert "! error  " in ended.out
    label = ended.err.partition("broker: ")[2].partition(" on 127.0.0.1")[0]
    assert label in " ".join(ended.out.split())
    assert "Traceback" not in ended.err
    assert left_behind(home) == []
    assert not is_alive(process)


@pytest.mark.parametrize("broker", BROKERS)
@pytest.mark.parametrize(("sent", "code"), SIGNALS, ids=["SIGINT", "SIGTERM"])
def test_interrupted_run_leaves_nothing_behind(
    home: Path, broker: str, sent: signal.Signals, code: int
) -> None:
    """Ctrl-C ends a run with 130 and SIGTERM with 143; broker and files go with it, and nothing is judged."""
    (home / FILE).write_text(LONG)

    with running(home, "run", FILE, "--broker", broker, "--speed", "2000") as run:
        processes = under_way(run)
        interrupted_s = time.monotonic()
        ended = run.end(sent)

    assert ended.code == code
    assert time.monotonic() - interrupted_s < END_SECONDS_MAX
    assert len(processes) == (0 if broker == "memory" else 1)
    assert [process for process in processes if is_alive(process)] == []
    assert left_behind(home) == []
    assert "Traceback" not in ended.err
    assert "passed" not in ended.out


@pytest.mark.parametrize("broker", ["embedded", "mosquitto"])
@pytest.mark.parametrize("moment", [WHEN_FILES_ARE_WRITTEN, WHEN_THE_BROKER_IS_AWAITED])
@pytest.mark.parametrize(("sent", "code"), SIGNALS, ids=["SIGINT", "SIGTERM"])
def test_interrupted_start_leaves_nothing_behind(
    home: Path, broker: str, moment: str, sent: signal.Signals, code: int
) -> None:
    """A broker that is only just starting goes as well."""
    (home / FILE).write_text(HELD)

    ended = carhome(home, "run", FILE, "--broker", broker, before=moment.format(signal=sent.name))

    assert ended.code == code
    assert left_behind(home) == []
    assert "Traceback" not in ended.err
    assert ended.out == ""


@pytest.mark.mosquitto
def test_interrupted_twice_still_leaves_nothing_behind(home: Path) -> None:
    """An impatient second Ctrl-C ends the broker at once."""
    (home / FILE).write_text(LONG)

    with running(home, "run", FILE, "--broker", "mosquitto", "--speed", "2000") as run:
        (broker,) = under_way(run)
        run.process.send_signal(signal.SIGINT)
        ended = run.end(signal.SIGINT)

    assert ended.code == 130
    assert not is_alive(broker)
    assert left_behind(home) == []


def test_interrupted_loading_says_so(home: Path) -> None:
    """Ctrl-C before anything has started ends with 130 as well, without a traceback."""
    before = "import os, sim.shell.running as r\nr.run = lambda _: os.kill(os.getpid(), signal.SIGINT)"
    (home / FILE).write_text(HELD)

    ended = carhome(home, "run", FILE, before=before)

    assert (ended.code, ended.out) == (130, "")
    assert ended.err.strip() == "interrupted"


@pytest.mark.parametrize("broker", BROKERS)
def test_closed_output_ends_the_run_quietly(home: Path, broker: str) -> None:
    """When the reader of the records has seen enough, as `head` has, the run ends without a word."""
    # Far more than a pipe holds.
    many = f"matrix:\n  time: [{', '.join(f'{hours}h' for hours in range(1, 60))}]\n"
    (home / FILE).write_text(LONG.replace("20h", "$time") + many)

    with running(home, "run", FILE, "--broker", broker, "--json") as run:
        assert run.process.stdout is not None
        first = run.process.stdout.readline()
        run.process.stdout.close()
        run.process.stdout = None
        ended = run.end()

    assert first.startswith(b'{"n":1,')
    assert ended.code == 141
    assert ended.err.count("\n") == 1
    assert ended.err.startswith("broker: ")
    assert left_behind(home) == []


@pytest.mark.parametrize("words", [("devices",), ("schema", "scenario"), ("run", "--help"), ("doctor",)])
def test_output_that_nobody_reads_ends_quietly(home: Path, words: tuple[str, ...]) -> None:
    """Also what fits into one buffer, which is written only at the end."""
    with running(home, *words) as run:
        assert run.process.stdout is not None
        run.process.stdout.close()
        run.process.stdout = None
        ended = run.end()

    assert (ended.code, ended.err) == (141, "")
