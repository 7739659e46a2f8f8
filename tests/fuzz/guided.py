"""The search that coverage guides: `python -m tests.fuzz.guided TARGET FOLDER`, started by `tests.fuzz`.

Only what is fuzzed is instrumented, as it is imported; what comes after it runs at full speed.
"""

import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import atheris

with atheris.instrument_imports(include=["sim", "tests.fuzz"]):
    from tests.fuzz.readers import showing
    from tests.fuzz.targets import TARGETS

from tests.fuzz.mutation import reworded  # not instrumented, nor the stage behind the seeds
from tests.fuzz.seeds import seeds, write_corpus, write_words  # as above

_BYTES_MAX: Final = 8_192
"""Largest input: more than any reader takes of a command."""


def mutator(name: str) -> Callable[[bytes, int, int], bytes]:
    """Return what makes another input of one: libFuzzer's own change, or one that keeps its form.

    A third of the inputs is one step away from a seed: guidance soon prefers what is refused in rare ways,
    and the mistakes that matter are hidden in what is nearly accepted.
    """
    pristine = seeds(name)

    def mutated(data: bytes, bytes_max: int, seed: int) -> bytes:
        chance = random.Random(seed)  # noqa: S311  # the search repeats, nothing is secret
        match chance.randrange(3):
            case 0:
                return reworded(chance.choice(pristine), chance)[:bytes_max]
            case 1:
                return reworded(data, chance)[:bytes_max]
            case _:
                changed: bytes = atheris.Mutate(data, bytes_max)
                return changed

    return mutated


def main(name: str, folder: Path, options: list[str]) -> None:
    """Search until the runs are over, or something is found; never return."""
    target = TARGETS[name]
    corpus, words = folder / "corpus", folder / "words"
    write_corpus(corpus, target.seeds)
    write_words(words, target.seeds)
    # The artefact of a finding goes with the folder; `showing` has printed it by then.
    ours = [f"-dict={words}", f"-max_len={_BYTES_MAX}", f"-artifact_prefix={folder}/"]
    atheris.Setup(
        [name, *ours, *options, str(corpus)],
        showing(target.check),
        custom_mutator=mutator(target.seeds),
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
