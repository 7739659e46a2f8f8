"""Sorts of requests that some rules cannot tell apart: what holds for one of them holds for all.

Rules see of what is asked its type, as far as they name it, and its attributes. Two types with the same
attributes that no rule in scope names are the same to them, and so are two actions in the same of the
groups they name. An action that every device can be asked in vain, such as one of remote driving, is one
sort of request and not one for every kind of device.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

from cedarpy import pst

from sim.analysis.evaluation.tree import nodes
from sim.analysis.evaluation.words import Environment, Words, reach

PROFILES_MAX: Final = 4_096
"""How many rules are remembered; thousands of mutants are asked about, each once."""

_ACTION: Final = "Action"


class Likeness:
    """Says which sorts of requests are alike.

    Args:
        schema: Cedar's JSON schema, without namespaces.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._words = Words(schema)
        self._schema = schema[""]
        # Types that the store itself tells apart: askers, groups, and what attributes refer to.
        self._named = {*self._words.principals, *_referred(self._schema)}
        self._profiles: dict[pst.Template, _Profile] = {}

    def representatives(
        self, requests: Sequence[Environment], rules: Iterable[pst.Template]
    ) -> tuple[Environment, ...]:
        """Return the first of each class of sorts of requests that are alike to some rules.

        Args:
            requests: sorts of requests.
            rules: every rule that is going to be asked.
        """
        profiles = [self._profile(rule) for rule in dict.fromkeys(rules)]
        found: dict[_Key, Environment] = {}
        for request in requests:
            inside = frozenset(number for number, one in enumerate(profiles) if request in one.inside)
            found.setdefault(self._key(request, inside, [profiles[number] for number in inside]), request)
        return tuple(found.values())

    def _key(self, request: Environment, inside: frozenset[int], profiles: Sequence["_Profile"]) -> "_Key":
        principal, action, resource = request
        groups = self._words.groups(action)
        actions = frozenset(name for one in profiles for name in one.actions if name in groups)
        named = resource in self._named or any(resource in one.types for one in profiles)
        shape = resource if named else self._shapes[resource]
        return _Key(principal, inside, actions, self._contexts[action], shape)

    def _profile(self, rule: pst.Template) -> "_Profile":
        if rule not in self._profiles:
            if len(self._profiles) >= PROFILES_MAX:
                self._profiles.clear()
            self._profiles[rule] = _Profile(reach(rule, self._words), *_named_in(rule))
        return self._profiles[rule]

    @cached_property
    def _contexts(self) -> Mapping[str, str]:
        # As it is written: a type of the schema's own may stand for it, under any name.
        return {
            name: _text(one.get("appliesTo", {}).get("context", {}))
            for name, one in self._schema["actions"].items()
        }

    @cached_property
    def _shapes(self) -> Mapping[str, str]:
        return {name: _text(one) for name, one in self._schema["entityTypes"].items()}


class _Key(NamedTuple):
    """What rules can see of a sort of request."""

    principal: str
    inside: frozenset[int]
    actions: frozenset[str]
    context: str
    resource: str


class _Profile(NamedTuple):
    """The sorts of requests a rule is about, and the types and actions that its clauses name."""

    inside: frozenset[Environment]
    types: frozenset[str]
    actions: frozenset[str]


def _named_in(rule: pst.Template) -> tuple[frozenset[str], frozenset[str]]:
    """Return the types and the actions that the clauses of a rule name."""
    types: set[str] = set()
    actions: set[str] = set()
    for node in nodes(rule):
        match node:
            case pst.Is(entity_type=entity_type):
                types.add(str(entity_type))
            case pst.EntityLit(value=uid) if str(uid.type) == _ACTION:
                actions.add(uid.id)
            case pst.EntityLit(value=uid):
                types.add(str(uid.type))
            case _:
                pass
    return frozenset(types), frozenset(actions)


def _referred(schema: Mapping[str, Any]) -> set[str]:
    """Return the types that the schema mentions anywhere but as what can be asked."""
    found: set[str] = set()

    def visit(part: Any) -> None:
        match part:
            case {"type": str(), "name": str(name)}:
                found.add(name)
            case {"type": str(name)}:
                found.add(name)
            case _:
                pass
        for inner in part.values() if isinstance(part, Mapping) else part if isinstance(part, list) else ():
            visit(inner)

    for entity_type in schema["entityTypes"].values():
        found.update(entity_type.get("memberOfTypes", ()))
        visit(entity_type.get("shape", {}))
    for action in schema["actions"].values():
        visit(action.get("appliesTo", {}).get("context", {}))
    visit(schema.get("commonTypes", {}))
    return found


def _text(part: Any) -> str:
    return json.dumps(part, sort_keys=True)
