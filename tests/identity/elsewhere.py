"""Plays the first case of every scenario over the embedded broker and writes what it records, as a process.

`PYTHONHASHSEED=0 python -m tests.identity.elsewhere FILE` salts no hashes, so that sets have another order
than in the process of a test.
"""

import json
import sys
from pathlib import Path

from tests.identity.comparison import played_over
from tests.recordings import Stories


def main(file: Path) -> None:
    """Write the records of each scenario, by its file."""
    assert not sys.flags.hash_randomization, "PYTHONHASHSEED=0 is not set"
    file.write_text(json.dumps(played_over("embedded", Stories(), first_only=True)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
