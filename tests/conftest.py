"""How hard hypothesis tries, and what becomes of tests that need Mosquitto where it is not installed.

Hypothesis has its profile `default` at a desk, its built-in `ci` where CI is set, and `nightly` on request:
`pytest --hypothesis-profile nightly` looks for longer, and prints what reproduces a finding.
"""

import gc
import os
from typing import Any

import pytest
from hypothesis import settings

from sim.shell.brokers.mosquitto import find_mosquitto
from sim.shell.cli import SWEEPS
from tests.recordings import PROJECT, Recordings

settings.register_profile("default", settings.get_profile("default"), deadline=None)
settings.register_profile("nightly", deadline=None, max_examples=10_000, print_blob=True)
if settings.get_current_profile_name() == "default":
    settings.load_profile("default")  # as it is registered now; a slow machine breaks no test

LONGEST = (
    "tests/identity/test_over_embedded.py",
    "tests/identity/test_over_mosquitto.py",
    "tests/identity/test_in_memory.py",
    "tests/analysis/test_publishing.py",
    "tests/shell/test_compose.py",
    "tests/test_readme.py",
    "tests/shell/test_cli_policy.py",
    "tests/analysis/test_compiled.py",
    "tests/shell/test_broker_config.py",
    "tests/services/test_assistant.py",
    "tests/analysis/test_explained_scenarios.py",
    "tests/fuzz/test_fuzz_smoke.py",
)
"""The files that take longest, longest first: begun last, one of them would keep everybody waiting."""

_LEFT_OUT = pytest.StashKey[int]()
_REPORT = "left_out"
"""Under which word a worker tells how much it left out; every worker leaves out the same."""


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Recordings:
    """What every shipped scenario records in memory, played once for all workers."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if hasattr(request.config, "workerinput") else base
    folder = shared / "recordings"
    folder.mkdir(exist_ok=True)
    return Recordings(folder)


def pytest_configure() -> None:
    """End at once where CI lacks Mosquitto, or where a file that is to begin early is not there."""
    gc.set_threshold(*SWEEPS)
    gone = [name for name in LONGEST if not (PROJECT / name).exists()]
    if gone:
        pytest.exit(f"LONGEST names what is not there: {gone}", returncode=4)
    if find_mosquitto() is None and os.environ.get("CI"):
        pytest.exit("Mosquitto is not installed, and CI must not leave its tests out", returncode=4)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest; leave out, aloud, what needs Mosquitto where there is none."""
    begun = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: begun.get(item.nodeid.split("::")[0], len(begun)))
    if find_mosquitto() is not None:
        return
    left_out = [item for item in items if _needs_mosquitto(item)]
    config.stash[_LEFT_OUT] = len(left_out)
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that waits for this one how much was left out."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_REPORT] = session.config.stash.get(_LEFT_OUT, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Note how much a process that ran tests has left out."""
    node.config.stash[_LEFT_OUT] = getattr(node, "workeroutput", {}).get(_REPORT, 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how much was not tested."""
    left_out = config.stash.get(_LEFT_OUT, 0)
    if left_out:
        sentence = f"{left_out} tests need Mosquitto, which is not installed: they were NOT run"
        terminalreporter.write_line(sentence, yellow=True)


def _needs_mosquitto(item: pytest.Item) -> bool:
    callspec = getattr(item, "callspec", None)
    parameters = callspec.params.values() if callspec is not None else ()
    return item.get_closest_marker("mosquitto") is not None or "mosquitto" in map(str, parameters)
