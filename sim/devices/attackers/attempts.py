"""What becomes of an attempt: an attacker reads it in the decisions that devices publish."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from sim.core.device import Answer, Effect, Overheard, Settle
from sim.core.messages import CloudEvent, MalformedMessageError
from sim.core.topics import parse_topic


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that no decision was seen of yet.

    Attributes:
        ticket: of the act.
        sender: in whose name it asks.
        target: device that is asked; None for any.
        action: what it is asked; None for anything.
        command: id of the command; None for any.
    """

    ticket: str
    sender: str
    target: str | None = None
    action: str | None = None
    command: str | None = None

    def met_by(self, decision: Mapping[str, Any]) -> bool:
        """Say whether a decision record is about this attempt."""
        return (
            decision.get("sender") == self.sender
            and self.target in {None, decision.get("device")}
            and self.action in {None, decision.get("action")}
            and self.command in {None, decision.get("command")}
        )


Attempts: TypeAlias = tuple[Attempt, ...]


def settled(attempts: Attempts, passing: Overheard) -> tuple[Attempts, tuple[Effect, ...]]:
    """Return the attempts that are still open, and answers for those that a passing decision is about.

    Where it is about none, the attempts are the very same.
    """
    record = _decision(passing) if attempts else None
    met = () if record is None else tuple(one for one in attempts if one.met_by(record))
    if record is None or not met:
        return attempts, ()
    rest = tuple(one for one in attempts if one not in met)
    return rest, tuple(Settle(one.ticket, _answer(record["decision"])) for one in met)


def _decision(passing: Overheard) -> Mapping[str, Any] | None:
    topic = parse_topic(passing.topic)
    if topic is None or topic.channel != "decision":
        return None
    try:
        record = CloudEvent.from_json(passing.payload).data
    except MalformedMessageError:
        return None
    return record if isinstance(record.get("decision"), Mapping) else None


def _answer(decision: Mapping[str, Any]) -> Answer:
    if decision.get("allowed") is True:
        return Answer("done")
    return Answer("denied", str(decision.get("reason", "")), denial=decision)
