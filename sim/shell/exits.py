"""How a command ends, for scripts and CI."""

from enum import IntEnum

from sim.core.errors import MachineError, SimError


class Exit(IntEnum):
    """Exit codes; each means one thing."""

    HELD = 0
    FAILED = 1
    BAD_INPUT = 2
    INTERNAL = 3
    ENVIRONMENT = 4
    NOTHING = 5
    """Nothing matched, or nothing was asserted."""
    INTERRUPTED = 130
    TERMINATED = 143

    @classmethod
    def of_error(cls, error: SimError) -> "Exit":
        """Return the code of an error a user can mend: the machine's fault or the input's."""
        return cls.ENVIRONMENT if isinstance(error, MachineError) else cls.BAD_INPUT
