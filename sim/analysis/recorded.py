"""Decisions of a recording, each as the request it was: what was decided can be asked again."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sim.analysis.question import Question, Uid
from sim.core.device import Config, Device, Presence
from sim.core.errors import RecordingError
from sim.core.household import DeviceEntry, Household, Person
from sim.policy.cedar import CedarDecisionPoint
from sim.policy.decision import AccessRequest
from sim.policy.rules import RuleBook

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One decision of a recording.

    Attributes:
        file: the scenario's file.
        case: the scenario's case; empty when there is only one.
        record: the record of the decision.
        question: what the rules were asked, or would have been had the check before them held; None in a
            piece of a recording that does not say whose household it was.
    """

    file: str
    case: str
    record: Record
    question: Question | None

    @property
    def decision(self) -> Mapping[str, Any]:
        """What was decided, as it was recorded."""
        decision: Mapping[str, Any] = self.record["decision"]
        return decision


def recorded_decisions(
    records: Iterable[Record], kinds: Mapping[str, type[Device]], book: RuleBook
) -> Iterator[Recorded]:
    """Yield every decision of some recordings, in order.

    Args:
        records: the records of one or more runs, one after the other.
        kinds: every kind of device.
        book: the rules, whose words the requests are put in.

    Raises:
        RecordingError: when the records do not say who was asked by whom, or by other words than today's.
    """
    points: dict[str, CedarDecisionPoint] = {}
    point: CedarDecisionPoint | None = None
    entities: list[dict[str, Any]] = []
    file = case = ""
    for record in records:
        try:
            if record["kind"] == "run":
                file, case = record["file"], record["case"]
                roster = json.dumps([record["people"], record["devices"]])
                if roster not in points:
                    points[roster] = CedarDecisionPoint(book, _household(record))
                point = points[roster]
                entities = point.entities
            elif record["kind"] == "decision":
                question = None if point is None else _question(record, point, kinds, entities)
                yield Recorded(file, case, record, question)
        except (KeyError, TypeError) as missing:
            sentence = f"record {record.get('n')} does not say what a decision rests on: {missing}"
            help_text = "record the run again with this version of carhome"
            raise RecordingError(sentence, help_text=help_text) from None


def _household(run: Record) -> Household:
    """Return the household of a run, as far as rules can know it."""
    people = {name: Person(role=role) for name, role in run["people"].items()}
    devices = {
        name: DeviceEntry(name, one["kind"], Config(owner=one["owner"]), enrolled=one["enrolled"])
        for name, one in run["devices"].items()
    }
    return Household(run["household"], people, {}, devices)


def _question(
    record: Record,
    point: CedarDecisionPoint,
    kinds: Mapping[str, type[Device]],
    entities: list[dict[str, Any]],
) -> Question:
    """Return what the rules were asked."""
    told = record["request"]
    kind = point.household.devices[record["device"]].kind
    request = AccessRequest(
        action=record["action"],
        principal=record["by"],
        authenticated=told["authenticated"],
        sender=record["sender"],
        resource=record["device"],
        circumstances=kinds[kind].Circumstances(**told["circumstances"]),
        presence=Presence(told["worn"]),
        expires_in_ms=told["expires_in_ms"],
        fresh=told["fresh"],
        built_in=told["built_in"],
    )
    asked = point.question(request)
    return Question(
        principal=Uid(**asked["principal"]),
        action=asked["action"]["id"],
        resource=Uid(**asked["resource"]),
        context=_with_entities(json.loads(asked["context"])),
        entities=entities,
    )


def _with_entities(context: dict[str, Any]) -> dict[str, Any]:
    """Return a context in which entities are marked as such; the engine also takes them bare."""
    return {
        name: {"__entity": value} if isinstance(value, dict) else value for name, value in context.items()
    }
