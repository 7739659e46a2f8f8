"""What the reader of an output stream is: a terminal with colours, or something else."""

import os
from typing import TextIO


def sees_colour(stream: TextIO) -> bool:
    """Say whether colours may be sent: `NO_COLOR` and `FORCE_COLOR` decide, else whether it is a terminal.

    See https://no-color.org and https://force-color.org.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"
