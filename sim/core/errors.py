"""The errors a user can mend; anything else that is raised is a bug and may crash.

SimError
├── ScenarioError      a scenario file says something that cannot be
├── HouseholdError     a household file does
├── PolicyError        a rule file does
├── CalendarError      a calendar file does
├── VehicleError       a vehicle file does
├── RecordingError     a recording cannot be read
├── UsageError         the command line does
└── MachineError   the machine or the broker is not as the run needs it
    ├── BrokerError    the broker refused, vanished or is not reachable
    └── MissingPartError  an optional library is not installed
"""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands.

    `line` and `column` count from 1; `length` is the number of characters to underline.
    `source_line` is the text of that line, so that a snippet needs no second look at the file.
    """

    file: str
    line: int
    column: int
    length: int = 1
    source_line: str = ""

    def __str__(self) -> str:
        """`file:line:column`, as editors and terminals link it."""
        return f"{self.file}:{self.line}:{self.column}"


class SimError(Exception):
    """Something the user can mend, as one sentence: lower case, no full stop, own words in backticks.

    Args:
        sentence: what is wrong.
        place: where it stands, when there is a file to point at.
        help_text: what to do about it.
        code: what the mistake is called, when it has a name of its own beside its class's.
    """

    code: str = "E000"

    def __init__(
        self,
        sentence: str,
        *,
        place: Place | None = None,
        help_text: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(sentence)
        self.code = code or type(self).code
        self.sentence = sentence
        self.place = place
        self.help_text = help_text

    def __str__(self) -> str:
        """The place first, then the sentence, then the help."""
        where = f"{self.place}: " if self.place else ""
        what_to_do = f" ({self.help_text})" if self.help_text else ""
        return f"{where}{self.sentence}{what_to_do}"


class ScenarioError(SimError):
    """Raised when a scenario file cannot be run as it is written."""

    code = "SC100"


class HouseholdError(SimError):
    """Raised when a household file does not describe a household."""

    code = "HH100"


class PolicyError(SimError):
    """Raised when a rule cannot be loaded."""

    code = "PO100"


class CalendarError(SimError):
    """Raised when a calendar file has no appointments that could be read."""

    code = "CA100"


class VehicleError(SimError):
    """Raised when a vehicle file does not describe a car."""

    code = "VE100"


class RecordingError(SimError):
    """Raised when a recording is not one, or is damaged."""

    code = "RE100"


class UsageError(SimError):
    """Raised when the command line asks for something that cannot be."""

    code = "US100"


class MachineError(SimError):
    """Raised when the machine, not the input, stands in the way."""

    code = "EN100"


class BrokerError(MachineError):
    """Raised when a broker cannot be reached, refuses, or is lost in the middle of a run."""

    code = "EN200"


class MissingPartError(MachineError):
    """Raised when an optional library that the run needs is not installed."""

    code = "EN300"


def nearest(word: str, known: "Iterable[str]") -> str | None:
    """Return the known word that `word` was probably meant to be, or None when none is near."""
    near = get_close_matches(word, sorted(set(known)), n=1, cutoff=0.6)
    return near[0] if near else None


def did_you_mean(word: str, known: "Iterable[str]") -> str | None:
    """Return a help text that names the nearest known words, or lists a few of them.

    Args:
        word: what the user wrote.
        known: every word that would have been right.

    Returns:
        `did you mean …?`, or `known: …` when nothing is near, or None when nothing is known.
    """
    choices = sorted(set(known))
    near = nearest(word, choices)
    if near:
        return f"did you mean `{near}`?"
    if not choices:
        return None
    shown = ", ".join(f"`{choice}`" for choice in choices[:12])
    more = f" and {len(choices) - 12} more" if len(choices) > 12 else ""
    return f"known here: {shown}{more}"
