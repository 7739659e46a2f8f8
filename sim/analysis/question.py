"""One request with everything it rests on, and Cedar's own answer to it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import cedarpy

from sim.policy.engine import Verdict, judge

FindingOutcome: TypeAlias = Literal["proved", "refuted", "unknown"]


class Uid(NamedTuple):
    """The name of an entity: `Person` and `lin`."""

    type: str
    id: str

    @classmethod
    def of(cls, written: Mapping[str, str]) -> "Uid":
        """Return the name that Cedar's JSON writes as `type` and `id`."""
        return cls(written["type"], written["id"])

    def __str__(self) -> str:
        """Cedar's way to write it."""
        return f"{self.type}::{json.dumps(self.id, ensure_ascii=False)}"

    def to_json(self) -> dict[str, str]:
        """Return it as the engine takes it."""
        return {"type": self.type, "id": self.id}


def references(value: Any) -> Iterator[Uid]:
    """Yield every entity that a value of a context or an attribute, in Cedar's JSON, refers to."""
    match value:
        case {"__entity": entity}:
            yield Uid.of(entity)
        case Mapping():
            for inner in value.values():
                yield from references(inner)
        case list():
            for inner in value:
                yield from references(inner)
        case _:
            pass


@dataclass(frozen=True, slots=True)
class Question:
    """One request and the entities it is asked about.

    Attributes:
        principal: who asks.
        action: the action's name.
        resource: what is asked.
        context: what is known of the moment, as JSON values; an entity is
            `{"__entity": {"type": …, "id": …}}`.
        entities: every entity that is there, as Cedar's entity JSON: `uid`, `attrs`, `parents`.
    """

    principal: Uid
    action: str
    resource: Uid
    context: Mapping[str, Any]
    entities: Sequence[Mapping[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """Return the request, without the entities, as the engine takes it."""
        return {
            "principal": self.principal.to_json(),
            "action": {"type": "Action", "id": self.action},
            "resource": self.resource.to_json(),
            "context": json.dumps(self.context, ensure_ascii=False),
        }

    def to_record(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        entities = [dict(one) for one in self.entities]
        return {**self.to_json(), "context": dict(self.context), "entities": entities}

    def __str__(self) -> str:
        """Return who asks what, and the context, as a sentence has them."""
        context = json.dumps(self.context, ensure_ascii=False)
        return f"{self.principal} asks {self.resource} to {self.action}, context {context}"


def ask(policies: cedarpy.PolicySet, schema: cedarpy.Schema, question: Question) -> Verdict:
    """Return the engine's answer, failing closed as everywhere."""
    entities = cedarpy.Entities.from_json_str(json.dumps(list(question.entities), ensure_ascii=False), schema)
    return judge(question.to_json(), policies, entities, schema)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a search over all requests came to.

    Attributes:
        outcome: `proved`, there is no request of the kind that was looked for; `refuted`, there is one;
            `unknown`, nobody can tell, which is never a proof.
        question: the request that was found, which the engine has confirmed.
        note: one sentence; why nothing is known, or how far was looked.
        environments: how many sorts of requests were searched for it, where that was counted.
    """

    outcome: FindingOutcome
    question: Question | None = None
    note: str = ""
    environments: int = 0
