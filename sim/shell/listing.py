"""`carhome devices`: the kinds there are."""

import json
import sys

from sim.core.errors import UsageError, did_you_mean
from sim.report.devices import describe_kind, kind_lines
from sim.report.style import style_for
from sim.shell.exits import Exit
from sim.shell.terminal import sees_colour
from sim.world.kinds import kinds


def list_devices(kind: str | None, *, as_json: bool) -> Exit:
    """Print every kind of device, or one.

    Raises:
        UsageError: when there is no such kind.
    """
    known = kinds()
    if kind is not None and kind not in known:
        sentence = f"there is no kind of device `{kind}`"
        raise UsageError(sentence, help_text=did_you_mean(kind, known))
    style = style_for(colour=sees_colour(sys.stdout))
    for name in [kind] if kind is not None else known:
        described = describe_kind(known[name])
        text = json.dumps(described, ensure_ascii=False) if as_json else kind_lines(described, style)
        sys.stdout.write(text + "\n")
    return Exit.HELD
