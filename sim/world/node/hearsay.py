"""What one device hears of the others: their reports become its beliefs, and news for it when it heeds them.

Whoever carries a report is not believed to have kept the order: a state has a version, and that somebody came
or went a count of its own. What does not fit its kind is noted and believed by nobody.
"""

from sim.core.beliefs import Beliefs
from sim.core.device import Device, Learned
from sim.core.messages import CloudEvent, Frame
from sim.core.topics import Topic
from sim.world.node.port import Port
from sim.world.node.reports import belief_of, cause_of, says_online, visit_of
from sim.world.node.surroundings import Surroundings
from sim.world.node.writing import Writer


class Hearsay:
    """See the module.

    Args:
        device: whose ears these are, as it leaves the factory.
        shared: what all nodes share.
        port: where beliefs are recorded.
        write: where it is noted what is not believed.
    """

    def __init__(self, device: Device, shared: Surroundings, port: Port, write: Writer) -> None:
        self.beliefs = Beliefs()
        self._name = device.name
        self._listener = type(device)
        self._shared = shared
        self._port = port
        self._write = write
        heeded = device.reads if device.heeds is None else device.heeds
        self._heeded = frozenset(shared.household.others(device.name, heeded))
        self._visits: dict[str, tuple[int, int, bool]] = {}

    def lose_touch(self) -> None:
        """Forget who is there: the device's own connection is gone."""
        self.beliefs = self.beliefs.out_of_reach()

    def take(self, topic: Topic, frame: Frame) -> tuple[Learned, str | None] | None:
        """Take what has come on a state or an online topic.

        Returns:
            What the device is told, and the id of its cause; None when it is no news, or none that it heeds.
        """
        kind = self._shared.kind_of(topic.device)
        if kind is None or topic.channel not in {"state", "online"}:
            # A broker that enforces permissions delivers none of these; one that does not is not trusted.
            self._write.warning(f"ignored a message on `{frame.topic}`, which {self._name} does not read")
            return None
        try:
            event = CloudEvent.from_json(frame.payload)
            cause = cause_of(topic, event)
            beliefs = self._believe(topic, kind, event, frame.payload, cause)
        except (ValueError, KeyError, TypeError):  # pydantic's and our own errors are ValueErrors
            self._write.warning(f"ignored a report on `{frame.topic}` that does not fit its kind")
            return None
        if beliefs is self.beliefs:
            return None
        before, self.beliefs = self.beliefs.about(topic.device), beliefs
        if topic.channel == "online" or topic.words[0] not in before.facets:
            return Learned(topic.device), cause
        if topic.device not in self._heeded:
            return None
        entry = self._shared.household.devices[topic.device]
        parts = self._listener.parts_heeding(entry.kind, in_home=entry.home is not None)
        return Learned(topic.device, parts), cause

    def _believe(
        self, topic: Topic, kind: type[Device], event: CloudEvent, payload: bytes, cause: str | None
    ) -> Beliefs:
        if topic.channel == "online":
            visit = visit_of(event)
            if visit < self._visits.get(topic.device, visit):
                return self.beliefs  # It was doubled on its way, and comes after what followed it.
            self._visits[topic.device] = visit
            online = says_online(event)
            self._port.believe_online(topic.device, cause, online=online)
            return self.beliefs.online(topic.device, online=online)
        facet = kind.facet_named(topic.words[0])
        belief = belief_of(facet, payload)
        beliefs = self.beliefs.heard(topic.device, facet.facet, belief)
        if beliefs is not self.beliefs:
            self._port.believe(topic.device, facet.facet, belief, cause)
        return beliefs
