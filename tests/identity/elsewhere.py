"""Plays the first case of every scenario, as a process, and writes what it records.

`PYTHONHASHSEED=0 python -m tests.identity.elsewhere RECORDS [SCENARIO…]` salts no hashes, so that sets have
another order than in the process of a test. It plays over the embedded broker, but the scenarios that are
named in memory.
"""

import json
import sys
from collections.abc import Collection
from pathlib import Path

from tests.identity.comparison import played_in_memory, played_over
from tests.recordings import FILES, Stories


def main(records: Path, in_memory: Collection[str]) -> None:
    """Write the records of each scenario, by its file."""
    assert not sys.flags.hash_randomization, "PYTHONHASHSEED=0 is not set"
    stories = Stories()
    over_broker = [file for file in FILES if file not in in_memory]
    played = {
        **played_in_memory(stories, in_memory),
        **played_over("embedded", stories, over_broker, first_only=True),
    }
    records.write_text(json.dumps(played), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
