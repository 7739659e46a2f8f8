"""What one device writes: its messages as CloudEvents with ids of their own, and its lines in the trace."""

from collections.abc import Mapping
from typing import Any

from sim.core.messages import CloudEvent, Frame
from sim.core.topics import ROOT, online_topic
from sim.world.node.port import Port


class Writer:
    """See the module.

    Args:
        home: the household.
        device: who writes.
        boot: how often it has started; ids never repeat across a restart.
        port: its clock and its trace.
    """

    def __init__(self, home: str, device: str, boot: int, port: Port) -> None:
        self._home = home
        self._device = device
        self.boot = boot
        self._port = port
        self._messages = 0
        self._visits = 0

    def event(self, event_id: str, kind: str, data: Mapping[str, Any], cause: str | None) -> CloudEvent:
        """Return a message under an id that is given."""
        source = f"{ROOT}/{self._home}/{self._device}"
        return CloudEvent(event_id, source, f"carhome.{kind}", self._port.now_ms(), dict(data), cause)

    def frame(self, topic: str, kind: str, data: Mapping[str, Any], cause: str | None) -> Frame:
        """Return a message under the next id, ready for the link."""
        self._messages += 1
        event_id = f"{self._device}-{self.boot}-{self._messages}"
        return Frame(topic, self.event(event_id, kind, data, cause).to_json())

    def will(self) -> Frame:
        """Return the retained message for the broker to say once the connection that begins now is gone."""
        self._visits += 1
        return self._presence(online=False)

    def online(self) -> Frame:
        """Return the retained message that says that the device is there."""
        return self._presence(online=True)

    def _presence(self, *, online: bool) -> Frame:
        """Say it with boot and visit, which count up: a doubled message that comes late is known by them."""
        topic = online_topic(self._home, self._device)
        data = {"online": online, "boot": self.boot, "visit": self._visits}
        frame = self.frame(topic, "online", data, None)
        return Frame(frame.topic, frame.payload, retain=True)

    def status(
        self,
        ticket: str,
        status: str,
        reason: str,
        denial: Mapping[str, Any] | None = None,
        *,
        cause: str | None,
    ) -> None:
        """Note how far a command has come, as its sender knows it."""
        self._port.note(
            "command",
            cause,
            command=ticket,
            device=self._device,
            status=status,
            reason=reason,
            denial=denial,
        )

    def warning(self, sentence: str) -> None:
        """Note something that should not have come."""
        self._port.note("warning", None, device=self._device, text=sentence)
