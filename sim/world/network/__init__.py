"""The rules of MQTT as brokers apply them: who receives what, retained messages, wills, permissions.

The stage asks this model what every operation must cause. In memory its answer is the delivery; over
a broker it is the ledger against which the real deliveries are held. Where a real broker differs,
this model is wrong. Rules: MQTT 5.0 (OASIS, 2019), sections 3.1.2.5 (will), 3.3.1.3 (retain),
3.8.4 (retained on subscribe) and 4.7 (filters).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sim.core.messages import Frame
from sim.core.topics import matches
from sim.world.network.link import Connect, Delivery, Grants, Leave, Operation, Publish, Subscribe

_ROUTES_MAX = 4_096
"""Topics whose receivers are remembered; replies have a topic each, so the memory is bounded."""


@dataclass(slots=True)
class _Session:
    will: Frame
    filters: tuple[str, ...] = ()


class Network:
    """One broker's state.

    Args:
        grants: device to what it may write and read.
        enforced: whether the broker has permissions at all.
    """

    def __init__(self, grants: Mapping[str, Grants], *, enforced: bool = True) -> None:
        self._grants = grants
        self._enforced = enforced
        self._sessions: dict[str, _Session] = {}
        self._retained: dict[str, bytes] = {}
        self._routes: dict[str, tuple[str, ...]] = {}

    def may_write(self, device: str, topic: str) -> bool:
        """Say whether the permissions let a device publish on a topic."""
        return not self._enforced or _covered(self._grants[device].write, topic)

    def may_read(self, device: str, topic: str) -> bool:
        """Say whether the permissions let a device receive from a topic."""
        return not self._enforced or _covered(self._grants[device].read, topic)

    def connected(self, device: str) -> bool:
        """Say whether a device has a connection."""
        return device in self._sessions

    def retained(self) -> Mapping[str, bytes]:
        """Return the kept messages, topic to payload."""
        return self._retained

    def apply(self, operation: Operation) -> list[Delivery]:
        """Carry one operation out and return the deliveries it causes, by receiver name."""
        match operation:
            case Connect(device=device, will=will):
                assert device not in self._sessions, "a device connects twice"  # INVARIANT
                self._sessions[device] = _Session(will)
                return []
            case Subscribe(device=device, filters=filters):
                return self._subscribe(device, filters)
            case Publish(frame=frame, allowed=allowed):
                return self._publish(frame) if allowed else []
            case Leave(device=device, graceful=graceful):  # pragma: no branch  # there is no fifth operation
                return self._leave(device, graceful=graceful)

    def _subscribe(self, device: str, filters: tuple[str, ...]) -> list[Delivery]:
        session = self._sessions[device]
        session.filters = (*session.filters, *filters)
        self._routes.clear()
        return [
            Delivery(device, Frame(topic, payload, retain=True))
            for topic, payload in self._retained.items()
            if _covered(filters, topic) and self.may_read(device, topic)
        ]

    def _publish(self, frame: Frame) -> list[Delivery]:
        if frame.retain and frame.payload:
            self._retained[frame.topic] = frame.payload
        elif frame.retain:
            self._retained.pop(frame.topic, None)
        live = Frame(frame.topic, frame.payload)
        return [Delivery(receiver, live) for receiver in self._receivers(frame.topic)]

    def _leave(self, device: str, *, graceful: bool) -> list[Delivery]:
        will = self._sessions.pop(device).will
        self._routes.clear()
        if graceful or not self.may_write(device, will.topic):
            return []
        return self._publish(will)

    def _receivers(self, topic: str) -> tuple[str, ...]:
        known = self._routes.get(topic)
        if known is None:
            if len(self._routes) >= _ROUTES_MAX:
                self._routes.clear()
            known = tuple(
                sorted(
                    device
                    for device, session in self._sessions.items()
                    if _covered(session.filters, topic) and self.may_read(device, topic)
                )
            )
            self._routes[topic] = known
        return known


def _covered(filters: tuple[str, ...], topic: str) -> bool:
    for one in filters:  # noqa: SIM110  # asked of every receiver, and a generator takes twice as long
        if matches(one, topic):
            return True
    return False
