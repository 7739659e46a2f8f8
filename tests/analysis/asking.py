"""Requests to the small home under the shipped rules, and to a till under rules of a test's own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.analysis.explanation.neighbourhood import PreparedBook
from sim.analysis.question import Question, Uid
from sim.analysis.symbolic import Prover
from sim.core.device import Circumstances, Command
from sim.policy.cedar import CedarDecisionPoint
from sim.policy.decision import AccessRequest
from sim.policy.rules import RuleBook
from sim.policy.schema import Vocabulary
from tests.policy.small_home import KINDS, Inert, household, shipped_rules

SHIPPED = PreparedBook(RuleBook.read(shipped_rules(), Vocabulary.of(KINDS)))
POINT = CedarDecisionPoint(SHIPPED.book, household())
ROLES = [entity for entity in POINT.entities if entity["uid"]["type"] == "Role"]
PROVER = Prover(SHIPPED.schema, fixed=ROLES)


def question(request: AccessRequest) -> Question:
    """Return a request to the small home with everything it rests on."""
    put = POINT.question(request)
    context = {
        name: {"__entity": value} if isinstance(value, dict) else value
        for name, value in json.loads(put["context"]).items()
    }
    return Question(
        Uid(**put["principal"]), put["action"]["id"], Uid(**put["resource"]), context, POINT.entities
    )


# --- a till: numbers that are weighed against each other ------------------------------------------------


class Pay(Command, group="Payment", tier="anytime"):
    """Pay an amount."""


class Refund(Command, group="Payment", tier="anytime"):
    """Give an amount back."""


@dataclass(frozen=True, slots=True)
class TillCircumstances(Circumstances):
    """What the till adds."""

    amount: int = 0
    cap: int = 0
    spent: int | None = None
    channel: str | None = None
    approved: bool = False


@dataclass(frozen=True)
class Till(Inert):
    """A till."""

    kind = "till"
    Circumstances = TillCircumstances
    commands = (Pay, Refund)


VOCABULARY = Vocabulary.of([Till])
OWNER, MEMBER = ({"type": "Role", "id": role} for role in ("owner", "member"))
PEOPLE: list[Mapping[str, Any]] = [
    {"uid": {"type": "Role", "id": "owner"}, "attrs": {}, "parents": [{"type": "Role", "id": "member"}]},
    *({"uid": {"type": "Role", "id": role}, "attrs": {}, "parents": []} for role in ("member", "guest")),
    *(
        {"uid": {"type": "Person", "id": name}, "attrs": {}, "parents": [{"type": "Role", "id": role}]}
        for name, role in (("lin", "owner"), ("mei", "member"), ("jun", "guest"))
    ),
    {"uid": {"type": "Device", "id": "phone"}, "attrs": {"kind": "phone", "enrolled": True}, "parents": []},
    {"uid": {"type": "Device", "id": "watch"}, "attrs": {"kind": "watch", "enrolled": True}, "parents": []},
    {"uid": {"type": "Till", "id": "till"}, "attrs": {}, "parents": []},
]
USUAL = {
    "authenticated": True,
    "fresh": True,
    "built_in": False,
    "moving": False,
    "expires_in_ms": 30_000,
    "amount": 90,
    "cap": 100,
    "approved": False,
}


def till(*rules: str) -> PreparedBook:
    """Return rules about the till; each is given from its effect on."""
    named = [f'@id("r{number}") @reason("x") {rule}' for number, rule in enumerate(rules)]
    return PreparedBook(RuleBook.read([("till.cedar", "\n".join(named))], VOCABULARY))


def at_till(who: str = "lin", action: str = "pay", **facts: Any) -> Question:
    """Return a request to the till; a fact that is None is not told."""
    context = {name: value for name, value in {**USUAL, **facts}.items() if value is not None}
    return Question(Uid("Person", who), action, Uid("Till", "till"), context, PEOPLE)


def permit(condition: str) -> str:
    """Return a rule that permits under a condition."""
    return f'permit (principal, action in Action::"Payment", resource) when {{ {condition} }};'


def forbid(condition: str) -> str:
    """Return a rule that forbids under a condition."""
    return f'forbid (principal, action in Action::"Payment", resource) when {{ {condition} }};'


ANYBODY = "permit (principal, action, resource);"
