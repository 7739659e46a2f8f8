"""How long a command takes from the start of its process to its end."""

import subprocess
import sys
import time
from collections.abc import Iterator

from sim.shell.bench.series import Measured

MILLISECONDS = "ms"
BARE_PYTHON = "python -c pass"
HELP = "carhome --help"
SMALL_RUN = "carhome run, one small scenario in memory"


def measure(small_scenario: str) -> Iterator[Measured]:
    """Start each command once."""
    yield _started(BARE_PYTHON, "-c", "pass")
    yield _started(HELP, "-m", "sim.shell", "--help")
    yield _started(SMALL_RUN, "-m", "sim.shell", "run", small_scenario, "--broker", "memory")


def _started(series: str, *arguments: str) -> Measured:
    began_s = time.perf_counter()
    subprocess.run((sys.executable, *arguments), check=True, capture_output=True)  # noqa: S603  # our own commands
    return Measured(series, MILLISECONDS, (time.perf_counter() - began_s) * 1_000)
