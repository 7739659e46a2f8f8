"""What one device says of itself: retained, published when it changes and again on every connect."""

from sim.core.device import Device, Facet
from sim.core.messages import Frame
from sim.core.topics import state_topic
from sim.world.node.port import Port
from sim.world.node.writing import Writer


class Statements:
    """See the module.

    Args:
        device: who speaks, as it leaves the factory.
        home: the household.
        write: writes its messages; how often it has started is part of every version.
        port: the link.
    """

    def __init__(self, device: Device, home: str, write: Writer, port: Port) -> None:
        self._home = home
        self._write = write
        self._port = port
        self._sequence = 0
        self._said: dict[str, Facet] = {}
        self._latest: tuple[Device, tuple[Facet, ...]] = (device, device.report())

    def of(self, device: Device) -> tuple[Facet, ...]:
        """Return what the device says in a state; the same state always says the same."""
        known, reports = self._latest
        if known is not device:
            reports = device.report()
            self._latest = (device, reports)
        return reports

    def publish(self, device: Device, cause: str | None, *, again: str | None = None) -> None:
        """Publish what is new, and one facet whether it is or not: what was measured again has a new age."""
        if again is not None:
            self._said.pop(again, None)
        for report in self.of(device):
            known = self._said.get(report.facet)
            # Mostly it is the very same one, and pydantic is slow to compare.
            if known is report or known == report:
                continue
            self._said[report.facet] = report
            self._sequence += 1
            data = {"boot": self._write.boot, "seq": self._sequence, "values": report.model_dump()}
            topic = state_topic(self._home, device.name, report.facet)
            frame = self._write.frame(topic, "state", data, cause)
            self._port.publish(Frame(frame.topic, frame.payload, retain=True))

    def repeat(self, device: Device) -> None:
        """Publish everything once more: the broker may have lost what it kept."""
        self._said.clear()
        self.publish(device, None)
