"""The decision point of one household: what the engine makes of a request, in words for people."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, Literal

import cedarpy

from sim.core.device import COMMAND_TTL_MS, Circumstances, Presence
from sim.core.errors import PolicyError
from sim.core.household import DeviceEntry, Household
from sim.policy.clauses import Probes
from sim.policy.decision import AccessRequest, Decision, FailedClause
from sim.policy.engine import judge
from sim.policy.rules import RuleBook
from sim.policy.schema import UNKNOWN

_Uid = dict[str, str]


def _uid(type_name: str, name: str) -> _Uid:
    return {"type": type_name, "id": name}


def _entity(uid: _Uid, attributes: dict[str, Any], parents: tuple[_Uid, ...]) -> dict[str, Any]:
    return {"uid": uid, "attrs": attributes, "parents": list(parents)}


ROLES: tuple[dict[str, Any], ...] = (
    *(_entity(_uid("Role", role), {}, ()) for role in ("member", "child", "guest")),
    _entity(_uid("Role", "owner"), {}, (_uid("Role", "member"),)),
)
"""The roles as entities; they are the same in every household."""


@dataclass(frozen=True, slots=True)
class _Target:
    """A device that can be asked: its entity, and for each command the entity and the facts that count."""

    kind: str
    uid: _Uid
    commands: Mapping[str, tuple[_Uid, tuple[str, ...]]]


class CedarDecisionPoint:
    """Decides for one household by one book of rules; holds no state, so one serves any number of runs.

    Attributes:
        household: people with their roles, devices with their kinds and owners.

    Args:
        book: the rules.
        household: the household.

    Raises:
        PolicyError: when the rules would let a message drive the car as soon as any rule permitted it.
    """

    def __init__(self, book: RuleBook, household: Household) -> None:
        self._book = book
        self.household = household
        self._weights = {rule: weight for weight, rule in enumerate(book.rules)}
        self._people = {name: _uid("Person", name) for name in household.people}
        self._senders = {name: _uid("Device", name) for name in household.devices}
        self._targets = {entry.name: self._target(entry) for entry in household.devices.values()}
        # Parsed WITH the schema: only then do the action groups exist in them.
        self._entities = cedarpy.Entities.from_json_str(json.dumps(self._entity_list()), book.schema)
        self._refuse_to_start_unless_driving_is_forbidden()

    def decide(self, request: AccessRequest) -> Decision:
        """Answer, refusing whatever is in doubt; never raises on a well-formed request."""
        target = self._targets.get(request.resource)
        if target is None:
            return _not_evaluated([f"the household has no device `{request.resource}`"])
        question = self._question(request, target)
        rules_in_scope = self._book.about(question["action"]["id"])
        verdict = judge(question, rules_in_scope, self._entities, self._book.schema)
        rules = sorted(verdict.rules, key=self._weights.__getitem__)
        match verdict.outcome:
            case "forbidden":
                return self._determined("forbidden", rules, verdict.errors)
            case "not_evaluated":
                return _not_evaluated(verdict.errors)
            case "permitted" if request.action in target.commands:
                return self._determined("permitted", rules, verdict.errors)
            case _:
                return self._not_permitted(request, target, question)

    def question(self, request: AccessRequest) -> dict[str, Any]:
        """Return a request to a device of the household as the engine takes it, its context as JSON text."""
        return self._question(request, self._targets[request.resource])

    @property
    def entities(self) -> list[dict[str, Any]]:
        """The household as the engine takes it."""
        return self._entity_list()

    def _question(self, request: AccessRequest, target: _Target) -> dict[str, Any]:
        """Return a request as the engine takes it."""
        action, facts = target.commands.get(request.action, (_UNKNOWN_ACTION, ()))
        circumstances = request.circumstances
        context: dict[str, Any] = {
            "authenticated": request.authenticated,
            "moving": circumstances.moving,
            "expires_in_ms": request.expires_in_ms,
            "fresh": request.fresh,
            "built_in": request.built_in,
        }
        if circumstances.code is not None:
            context["code"] = circumstances.code
        if request.sender in self._senders:
            context["sender"] = self._senders[request.sender]
        if request.voice is not None:
            context["voice"] = request.voice
        if request.presence.worn is not None:
            context["worn"] = request.presence.worn
        for fact in facts:
            value = getattr(circumstances, fact)
            if value is not None:
                context[fact] = value
        return {
            "principal": self._principal(request),
            "action": action,
            "resource": target.uid,
            "context": json.dumps(context),
        }

    def _principal(self, request: AccessRequest) -> _Uid:
        """Return the person asking; a stranger unless an enrolled device proves to ask for somebody known."""
        sender = self.household.devices.get(request.sender)
        if (
            request.authenticated
            and sender is not None
            and sender.enrolled
            and request.principal in self._people
        ):
            return self._people[request.principal]
        return _uid("Stranger", request.sender)

    def _determined(
        self, kind: Literal["permitted", "forbidden"], rules: list[str], errors: Iterable[str]
    ) -> Decision:
        """Return the decision that some rules determine; the first of them speaks for all."""
        first = self._book.rules[rules[0]]
        return Decision(
            kind=kind,
            rules=tuple(rules),
            reason=first.reason,
            article=first.article,
            quote=first.quote,
            instead=first.instead,
            errors=tuple(sorted(errors)),
        )

    def _not_permitted(self, request: AccessRequest, target: _Target, question: dict[str, Any]) -> Decision:
        """Return the denial of what no rule permits, with what the nearest permits would have needed."""
        if request.action not in target.commands:
            reason = f"{_a(target.kind)} has no command `{request.action}`"
            return Decision("not_permitted", (), reason, clauses=(FailedClause(None, reason),))
        reason = f"no rule permits `{request.action}` for {self._who(question)} on {_a(target.kind)}"
        answer = cedarpy.is_authorized(question, self._probes.policies, self._entities, self._book.schema)
        clauses = self._probes.failed(answer.diagnostics.reasons) or (FailedClause(None, reason),)
        hints = (self._book.rules[clause.rule].instead for clause in clauses if clause.rule)
        instead = next((hint for hint in hints if hint), None)
        return Decision("not_permitted", (), reason, instead=instead, clauses=clauses)

    @cached_property
    def _probes(self) -> Probes:
        return Probes.into(self._book.rules.values())

    def _who(self, question: dict[str, Any]) -> str:
        """Return the asker as people would say it: `a guest`."""
        principal = question["principal"]
        if principal["type"] == "Stranger":
            return "a stranger"
        return _a(self.household.people[principal["id"]].role)

    def _target(self, entry: DeviceEntry) -> _Target:
        """Return one device as it can be asked."""
        vocabulary = self._book.vocabulary
        commands = {
            action: (_uid("Action", action), facts)
            for action in vocabulary.actions
            if (facts := vocabulary.facts(entry.kind, action)) is not None
        }
        return _Target(entry.kind, _uid(vocabulary.types[entry.kind], entry.name), commands)

    def _entity_list(self) -> list[dict[str, Any]]:
        """Return the household as entities; each device is one as a sender and one as what is asked."""
        household = self.household
        entities = list(ROLES)
        for name, person in household.people.items():
            entities.append(_entity(self._people[name], {}, (_uid("Role", person.role),)))
        for name, entry in household.devices.items():
            owner = entry.config.owner
            owned = {} if owner is None else {"owner": {"__entity": _uid("Person", owner)}}
            sender = {"kind": entry.kind, "enrolled": entry.enrolled, **owned}
            entities.append(_entity(self._senders[name], sender, ()))
            entities.append(_entity(self._targets[name].uid, owned, ()))
        return entities

    def _refuse_to_start_unless_driving_is_forbidden(self) -> None:
        """Add a rule that permits everything, and see that an absolute rule still refuses all driving.

        An absolute rule asks neither who nor which nor when, so what it refuses of one device to one
        person it refuses always; asking the engine shows that it really finds the actions.
        """
        for request in self._temptations():
            question = self._question(request, self._targets[request.resource])
            in_scope = self._book.about(question["action"]["id"])
            blanket = in_scope.with_added_str("permit (principal, action, resource);")
            verdict = judge(question, blanket, self._entities, self._book.schema)
            known = (self._book.rules.get(rule) for rule in verdict.rules)
            if verdict.allowed or not any(rule is not None and rule.absolute for rule in known):
                msg = f"nothing starts, as no rule always forbids `{request.action}`"
                raise PolicyError(msg, help_text="forbid it to everybody and without any condition")

    def _temptations(self) -> Iterator[AccessRequest]:
        """Yield every request to drive, by an owner and by nobody known, as harmless as it can look."""
        people = self.household.people
        owner = next((name for name, person in people.items() if person.role == "owner"), None)
        never = (action.name for action in self._book.vocabulary.actions.values() if action.never)
        for action, principal, device in product(never, (owner, None), list(self._targets)[:1]):
            yield AccessRequest(
                action=action,
                principal=principal,
                authenticated=True,
                sender=device,
                resource=device,
                circumstances=Circumstances(moving=False),
                presence=Presence(worn=True),
                expires_in_ms=COMMAND_TTL_MS,
            )


_UNKNOWN_ACTION = _uid("Action", UNKNOWN)


def _not_evaluated(errors: Iterable[str]) -> Decision:
    """Return the denial of what the engine could not judge, or not without an error."""
    reason = "the rules could not be evaluated, so the answer is no"
    return Decision("not_evaluated", (), reason, errors=tuple(sorted(errors)))


def _a(word: str) -> str:
    """Return a word with its article: `a car`, `an owner`."""
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word.replace('_', ' ')}"
