"""Operations of a round in batches of one sort, played by a link in the order in which they matter."""

from collections.abc import Iterator
from typing import TypeAlias

from sim.world.network.link import Connect, Leave, Operation, Publish, Subscribe

Queued: TypeAlias = tuple[Operation, str | None]
"""An operation, and the ticket of the command it carries."""

_PHASES: tuple[type[Operation], ...] = (Connect, Subscribe, Publish, Leave)


def batches(operations: list[Queued]) -> Iterator[list[Queued]]:
    """Yield operations of one sort at a time, each device's in the order in which it wanted them.

    A device whose connection breaks and is made again in the same instant thus ends up connected.
    """
    while operations:
        for phase in _PHASES:
            batch, rest = [], []
            waiting: dict[str, bool] = {}
            for queued in operations:
                device = queued[0].device
                if isinstance(queued[0], phase) and device not in waiting:
                    batch.append(queued)
                else:
                    waiting[device] = True
                    rest.append(queued)
            operations = rest
            if batch:
                yield batch
