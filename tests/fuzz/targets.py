"""All targets by name: those that must hold, and those with a bug on purpose."""

from typing import Final

from tests.fuzz.calendars import CALENDARS
from tests.fuzz.keys import KEYS
from tests.fuzz.letters import LETTERS
from tests.fuzz.planted import PLANTED
from tests.fuzz.readers import READERS, Target

HOLDING: Final[dict[str, Target]] = {**READERS, **KEYS, **LETTERS, **CALENDARS}
"""What must hold."""
TARGETS: Final[dict[str, Target]] = {**HOLDING, **PLANTED}
"""What can be asked for."""
