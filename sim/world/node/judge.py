"""A device's judge: puts a command to the rules, and keeps the record of what they say."""

from dataclasses import replace
from typing import Any

from sim.core.device import Asked, Device, Moment
from sim.core.topics import decision_topic
from sim.policy.decision import AccessRequest, Decision, Layer
from sim.trust.digital_key import SENTENCES
from sim.world.node.port import Port
from sim.world.node.surroundings import Surroundings
from sim.world.node.writing import Writer


class Judge:
    """Judges what one device is asked.

    Args:
        name: the device's name.
        shared: what all nodes share, the rules among it.
        port: the stage.
        write: writes the device's messages.
    """

    def __init__(self, name: str, shared: Surroundings, port: Port, write: Writer) -> None:
        self._name = name
        self._shared = shared
        self._port = port
        self._write = write

    def person(self, sender: str, by: str | None) -> str | None:
        """Return on whose behalf a device of the household asks, or None.

        Args:
            sender: the device; one that belongs to a person asks for that person only.
            by: whom it says it asks for.
        """
        entry = self._shared.household.devices.get(sender)
        if entry is None:
            return None
        asks_for = by if self._shared.kinds[entry.kind].shared else entry.config.owner
        return asks_for if asks_for in self._shared.household.people else None

    def request(
        self,
        device: Device,
        moment: Moment,
        asked: Asked,
        *,
        authenticated: bool,
        expires_in_ms: int,
        fresh: bool = True,
    ) -> AccessRequest:
        """Return a command as the rules are asked about it.

        Args:
            device: the device that is asked, as it is now.
            moment: now, and what the device senses.
            asked: the command.
            authenticated: whether the signature proves the sender.
            expires_in_ms: how much longer it may be carried out.
            fresh: whether it is of now.
        """
        sender = self._shared.household.devices.get(asked.sender)
        return AccessRequest(
            action=asked.action,
            principal=asked.by,
            authenticated=authenticated,
            sender=asked.sender,
            resource=self._name,
            circumstances=device.circumstances(moment, asked),
            presence=asked.presence,
            expires_in_ms=expires_in_ms,
            fresh=fresh,
            built_in=sender is not None and self._name in {sender.name, sender.car},
            voice=asked.voice,
        )

    def decide(self, request: AccessRequest) -> Decision:
        """Return what the rules say; what they refuse for the key's sake is the key's refusal."""
        decision = self._shared.policy.decide(request)
        if decision.allowed:
            return decision
        code = request.circumstances.code
        if code is None:
            return replace(decision, layer="policy")
        return replace(decision, layer="key", code=code, because=SENTENCES.get(code, ""))

    def turn_away(
        self, device: Device, moment: Moment, asked: Asked, layer: Layer, code: str, sentence: str
    ) -> None:
        """Record that a check before the rules refused.

        What the rules would have been asked is noted all the same, so that a recording can say what they
        would have answered had the check held.
        """
        decision = Decision("refused", (), sentence, layer=layer, code=code)
        fresh = layer != "freshness"
        request = self.request(device, moment, asked, authenticated=True, expires_in_ms=0, fresh=fresh)
        order_id = asked.ticket or None
        self.record(asked, decision, request, order_id, order_id)

    def record(
        self,
        asked: Asked,
        decision: Decision,
        request: AccessRequest,
        order_id: str | None,
        cause: str | None,
    ) -> None:
        """Publish a decision, and note it together with what the rules were told, which stays here."""
        record: dict[str, Any] = {
            "command": order_id,
            "device": self._name,
            "action": asked.action,
            "sender": asked.sender,
            "by": asked.by,
            "decision": decision.to_record(),
        }
        self._port.note("decision", cause, **record, request=request.to_record())
        topic = decision_topic(self._shared.household.name, self._name)
        self._port.publish(self._write.frame(topic, "decision", record, cause))
