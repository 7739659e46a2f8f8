"""The storages of a run's devices: each write takes its time, and those of one device happen in order.

A storage belongs to the stage, as a disk belongs to the world: a crash of its device does not touch it. But
a write that has not begun, and the word that one is done, are gone with the power.
"""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sim.core.books import Books
from sim.core.device import Device, Persist
from sim.core.household import DeviceEntry
from sim.core.storage import Storage
from sim.world.books import MemoryBooks
from sim.world.timeline import Timeline

ACK_MS = 3
"""How long after a write its device is told (assumption: a scheduler's turn and a journal's page)."""

StorageMaker: TypeAlias = Callable[[str, Any], Storage]
"""Makes a storage for a device's name and its entry in the household file."""

IN_MEMORY: Mapping[type[Any], StorageMaker] = {Books: MemoryBooks}
"""What makes a storage that a kind can only declare, unless a run brings something else."""


class Storages:
    """Every storage of a run.

    Args:
        timeline: the clock.
        tell: called with device, ticket and result when a device is told of a write.
    """

    def __init__(self, timeline: Timeline, tell: Callable[[str, str, Any], None]) -> None:
        self._timeline = timeline
        self._tell = tell
        self._storages: dict[str, Storage] = {}
        self._waiting: dict[str, deque[Persist]] = {}
        self._cancel: dict[str, Callable[[], None]] = {}

    def install(
        self, entry: DeviceEntry, kind: type[Device], makers: Mapping[type[Any], StorageMaker]
    ) -> None:
        """Give a device the storage that its kind declares, if it does, as it leaves the factory.

        Args:
            entry: the device.
            kind: its class.
            makers: what makes a declared storage; one that is not in here is made by its own class.
        """
        if kind.storage is not None:
            make = makers.get(kind.storage) or IN_MEMORY.get(kind.storage, kind.storage)
            self._storages[entry.name] = make(entry.name, entry.config)
            self._waiting[entry.name] = deque()

    def found(self, device: str) -> dict[str, Any]:
        """Return what a device that starts is given of its storage; nothing when it has none."""
        storage = self._storages.get(device)
        return {} if storage is None else {"storage": storage.snapshot()}

    def of(self, device: str) -> Storage | None:
        """Return a device's storage, for whoever looks at the world; None when it has none."""
        return self._storages.get(device)

    def persist(self, device: str, wanted: Persist) -> None:
        """Write after what was asked for before."""
        assert device in self._storages, f"the kind of {device} declares no storage"  # INVARIANT
        waiting = self._waiting[device]
        waiting.append(wanted)
        if len(waiting) == 1:
            self._begin(device)

    def lose_power(self, device: str) -> None:
        """Forget what was not written, and whom to tell of what was."""
        if waiting := self._waiting.get(device):
            waiting.clear()
            self._cancel.pop(device)()

    def _begin(self, device: str) -> None:
        wanted = self._waiting[device][0]
        self._after(self._storages[device].write_ms(wanted.write), device, lambda: self._write(device))

    def _write(self, device: str) -> None:
        result = self._storages[device].write(self._waiting[device][0].write)
        self._after(ACK_MS, device, lambda: self._told(device, result))

    def _told(self, device: str, result: Any) -> None:
        waiting = self._waiting[device]
        ticket = waiting.popleft().ticket
        if waiting:
            self._begin(device)
        else:
            del self._cancel[device]
        self._tell(device, ticket, result)

    def _after(self, delay_ms: int, device: str, action: Callable[[], None]) -> None:
        self._cancel[device] = self._timeline.at(self._timeline.now_ms + delay_ms, action)
