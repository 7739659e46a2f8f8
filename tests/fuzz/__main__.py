"""Fuzz one reader: `python -m tests.fuzz TARGET -runs=100000 -seed=1`; without a target, the list of them.

With atheris the search is guided by coverage, and every further option is libFuzzer's. Where atheris has no
wheel, or with `--drawn`, hypothesis draws inputs from the same seeds and words, and the run says so. The
inputs of a run follow from `-runs` and `-seed`; it leaves no files behind, and ends with 0 when every check
held, with 77 when one did not. To run a finding again: `python -m tests.fuzz TARGET --input BASE64`.
"""

import argparse
import base64
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.drawn import draw
from tests.fuzz.targets import HOLDING, TARGETS

FOUND = 77
"""Exit code of a finding, as libFuzzer has it."""
NOT_GUIDED = "NOT guided by coverage: {why}; hypothesis draws from the same seeds and words instead"


def guidance() -> bool:
    """Say whether atheris is installed; it has wheels for Linux on x86-64."""
    return find_spec("atheris") is not None


def main(arguments: Sequence[str]) -> int:
    """Fuzz a target, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__, allow_abbrev=False)
    parser.add_argument("target", nargs="?", choices=TARGETS, metavar="TARGET")
    parser.add_argument("--drawn", action="store_true", help="do not look for atheris")
    parser.add_argument("--input", help="check this one input, in base64")
    asked, options = parser.parse_known_args(arguments)
    if asked.target is None:
        _say("\n".join(HOLDING))
        return 0
    target = TARGETS[asked.target]
    if asked.input is not None:
        _say("accepted" if target.check(base64.b64decode(asked.input)) else "refused")
        return 0
    if guidance() and not asked.drawn:
        return _guided(asked.target, options)
    _say(NOT_GUIDED.format(why="as asked" if asked.drawn else "atheris is not installed here"))
    numbers = argparse.ArgumentParser(prog="python -m tests.fuzz TARGET", allow_abbrev=False)
    numbers.add_argument("-runs", type=int, default=10_000)
    numbers.add_argument("-seed", type=int, default=1)
    wanted = numbers.parse_args(options)
    return 0 if draw(target, runs=wanted.runs, seed=wanted.seed) else FOUND


def _guided(name: str, options: list[str]) -> int:
    """Search in a process of its own: libFuzzer ends the one it runs in, and its folder must be cleared."""
    with tempfile.TemporaryDirectory(prefix="carhome-fuzz-") as folder:
        guided = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.guided", name, folder, *options],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": "0"},  # so that a seed means the same search again
            check=False,
        )
    return guided.returncode


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  # what the run has to say


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
