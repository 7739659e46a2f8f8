"""Decisions of a recording, each as the request it was: what was decided can be asked again."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from sim.analysis.question import Question, Uid
from sim.core.device import Config, Device, Presence, Role, Voice
from sim.core.errors import RecordingError
from sim.core.household import DeviceEntry, Household, Person
from sim.policy.cedar import CedarDecisionPoint
from sim.policy.decision import AccessRequest, Kind, Layer
from sim.policy.rules import RuleBook

Record = Mapping[str, Any]


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)


class _DeviceForm(_Form):
    kind: str
    owner: str | None
    enrolled: bool


class _RunForm(_Form):
    """What the record of a run says of its household."""

    file: str
    case: str
    household: str
    people: dict[str, Role]
    devices: dict[str, _DeviceForm]


class _ToldForm(_Form):
    authenticated: bool
    fresh: bool
    built_in: bool
    expires_in_ms: int
    worn: bool | None
    voice: Voice | None = None
    circumstances: dict[str, bool | int | str | None]


class _AnswerForm(_Form):
    """What whoever explains a decision wants to know of it."""

    kind: Kind
    allowed: bool
    rules: list[str]
    reason: str
    layer: Layer | None
    code: str | None
    because: str


class _DecisionForm(_Form):
    """What the record of a decision says of it."""

    t: int
    device: str
    action: str
    sender: str
    by: str | None
    decision: _AnswerForm
    request: _ToldForm


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
            if record["kind"] in {"run", "decision"}:
                json.dumps(dict(record), ensure_ascii=False).encode()  # half a character is none
            if record["kind"] == "run":
                run = _RunForm.model_validate(dict(record))
                file, case = run.file, run.case
                roster = json.dumps([record["people"], record["devices"]])
                if roster not in points:
                    points[roster] = CedarDecisionPoint(book, _household(run))
                point = points[roster]
                entities = point.entities
            elif record["kind"] == "decision":
                made = _DecisionForm.model_validate(dict(record))
                question = None if point is None else _question(made, point, kinds, entities)
                yield Recorded(file, case, record, question)
        except (LookupError, TypeError, ValueError) as wrong:  # pydantic's errors are ValueErrors
            sentence = f"record {record.get('n')} does not say what a decision rests on: {_why(wrong)}"
            help_text = "record the run again with this version of carhome"
            raise RecordingError(sentence, help_text=help_text) from None


def _why(wrong: Exception) -> str:
    """Return what is wrong with a record, in a few words."""
    if isinstance(wrong, ValidationError):
        first = wrong.errors(include_url=False, include_input=False)[0]
        return f"`{'.'.join(map(str, first['loc']))}`: {first['msg'].lower()}"
    return str(wrong)


def _household(run: _RunForm) -> Household:
    """Return the household of a run, as far as rules can know it."""
    people = {name: Person(role=role) for name, role in run.people.items()}
    for name, one in run.devices.items():
        if one.owner is not None and one.owner not in people:
            sentence = f"`{name}` belongs to `{one.owner}`, who is not there"
            raise ValueError(sentence)
    devices = {
        name: DeviceEntry(name, one.kind, Config(owner=one.owner), enrolled=one.enrolled)
        for name, one in run.devices.items()
    }
    return Household(run.household, people, {}, devices)


def _question(
    made: _DecisionForm,
    point: CedarDecisionPoint,
    kinds: Mapping[str, type[Device]],
    entities: list[dict[str, Any]],
) -> Question:
    """Return what the rules were asked."""
    told = made.request
    kind = point.household.devices[made.device].kind
    request = AccessRequest(
        action=made.action,
        principal=made.by,
        authenticated=told.authenticated,
        sender=made.sender,
        resource=made.device,
        circumstances=kinds[kind].Circumstances(**told.circumstances),  # type: ignore[arg-type]  # the engine judges them
        presence=Presence(told.worn),
        voice=told.voice,
        expires_in_ms=told.expires_in_ms,
        fresh=told.fresh,
        built_in=told.built_in,
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
