"""Storage: what a device writes so that it is still there when the power has gone.

A device asks for a write by the effect `Persist`, and is told by the stimulus `Persisted`. In between the
power may go, at three moments that a device must be ready for: before the write, when nothing is written;
after it, when everything is written and nobody was told; and after it was told. There is no fourth, because
a storage performs a write whole or not at all.

What a kind of device needs it says by `Device.storage`: a class whose instances follow `Storage`. When it
starts, `new` finds in `given["storage"]` what the storage's `snapshot` says.
"""

from typing import Any, Protocol

from sim.core.declarations import Config


class Storage(Protocol):
    """What one device writes to; it belongs to the world around the device, and survives its crash."""

    def __init__(self, device: str, config: Config) -> None:
        """Make the storage as it leaves the factory.

        Args:
            device: name of the device whose storage it is.
            config: the device's entry in the household file.
        """
        ...

    def write_ms(self, write: Any) -> int:
        """Return how long a write takes, in milliseconds; at least 1."""
        ...

    def write(self, write: Any) -> Any:
        """Perform a write whole or not at all, and return what the device is told of it.

        What a device can do wrong is a result, never an exception.
        """
        ...

    def snapshot(self) -> Any:
        """Return what a device that starts finds; later writes do not change it."""
        ...
