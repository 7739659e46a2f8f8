"""What a schema says: which requests there can be, and what each of them tells.

The schema is Cedar's JSON form, without namespaces:
https://docs.cedarpolicy.com/schema/json-schema.html
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple, TypeAlias

from cedarpy import pst

Attributes: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Name of each attribute to its type, as the schema has it."""


class Environment(NamedTuple):
    """One sort of request: who asks, what for, and what is asked.

    Attributes:
        principal: type of who asks.
        action: name of the action.
        resource: type of what is asked.
    """

    principal: str
    action: str
    resource: str

    def __str__(self) -> str:
        """`Person unlock Car`."""
        return f"{self.principal} {self.action} {self.resource}"


class Words:
    """A schema, looked up.

    Args:
        schema: Cedar's JSON schema, without namespaces.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._types: Mapping[str, Any] = schema[""]["entityTypes"]
        self._actions: Mapping[str, Any] = schema[""]["actions"]
        parents = {name: known.get("memberOfTypes", ()) for name, known in self._types.items()}
        self._above = {name: _reached(parents[name], parents) for name in self._types}
        groups = {
            name: [group["id"] for group in known.get("memberOf", ())]
            for name, known in self._actions.items()
        }
        self._groups = {name: _reached((name,), groups) for name in self._actions}

    @cached_property
    def environments(self) -> tuple[Environment, ...]:
        """Every sort of request there can be, in the order of the schema."""
        return tuple(
            Environment(principal, action, resource)
            for action, known in self._actions.items()
            for principal, resource in product(
                *(known.get("appliesTo", {}).get(side, ()) for side in ("principalTypes", "resourceTypes"))
            )
        )

    @cached_property
    def principals(self) -> tuple[str, ...]:
        """Every type that can ask."""
        return tuple(dict.fromkeys(one.principal for one in self.environments))

    @cached_property
    def resources(self) -> tuple[str, ...]:
        """Every type that can be asked."""
        return tuple(dict.fromkeys(one.resource for one in self.environments))

    @property
    def actions(self) -> tuple[str, ...]:
        """Return the name of every action."""
        return tuple(self._actions)

    @property
    def types(self) -> tuple[str, ...]:
        """Every type of entity."""
        return tuple(self._types)

    def attributes(self, type_name: str) -> Attributes:
        """Return the attributes of an entity type."""
        return _attributes(self._types[type_name].get("shape", {}))

    def context(self, action: str) -> Attributes:
        """Return the attributes of an action's context; nothing for what is no action."""
        return _attributes(self._actions.get(action, {}).get("appliesTo", {}).get("context", {}))

    @cached_property
    def contexts(self) -> Mapping[str, tuple[Mapping[str, Any], ...]]:
        """Return each attribute of any action's context, with every type it has in one of them."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for action in self._actions:
            for name, attribute in self.context(action).items():
                types = found.setdefault(name, [])
                if attribute not in types:
                    types.append(attribute)
        return {name: tuple(types) for name, types in found.items()}

    def types_above(self, type_name: str) -> tuple[str, ...]:
        """Return the types that an entity of a type can be in."""
        return self._above[type_name]

    def groups(self, action: str) -> tuple[str, ...]:
        """Return an action and every group it is in."""
        return self._groups[action]


def _attributes(record: Mapping[str, Any]) -> Attributes:
    found: Attributes = record.get("attributes", {})
    return found


def _reached(starts: Iterable[str], steps: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return what some names lead to, step by step, with the names themselves."""
    found = dict.fromkeys(starts)
    waiting = list(found)
    while waiting:
        for name in steps[waiting.pop()]:
            if name not in found:
                found[name] = None
                waiting.append(name)
    return tuple(found)


# --- scopes -----------------------------------------------------------------------------------------


def fits(rule: pst.Template, environment: Environment, words: Words) -> bool:
    """Say whether the scope of a rule can be true in an environment, as far as types and actions tell."""
    return (
        _action_fits(rule.action, environment.action, words)
        and _type_fits(rule.principal, environment.principal, words)
        and _type_fits(rule.resource, environment.resource, words)
    )


def reach(rule: pst.Template, words: Words) -> frozenset[Environment]:
    """Return every environment in which the scope of a rule can be true: all that it `fits`."""
    actions = {one for one in words.actions if _action_fits(rule.action, one, words)}
    principals = {one for one in words.principals if _type_fits(rule.principal, one, words)}
    resources = {one for one in words.resources if _type_fits(rule.resource, one, words)}
    return frozenset(
        one
        for one in words.environments
        if one.action in actions and one.principal in principals and one.resource in resources
    )


def _action_fits(constraint: pst.ActionConstraint, action: str, words: Words) -> bool:
    match constraint:
        case pst.ActionEq(entity):
            return entity.id == action
        case pst.ActionIn(entities):
            return any(entity.id in words.groups(action) for entity in entities)
        case _:
            return True


def _type_fits(constraint: pst.PrincipalOrResourceConstraint, type_name: str, words: Words) -> bool:
    match constraint:
        case pst.ScopeEq(pst.EntityUid(type=only)) | pst.ScopeIs(only):
            return str(only) == type_name
        case pst.ScopeIn(pst.EntityUid(type=above)):
            return str(above) in (type_name, *words.types_above(type_name))
        case pst.ScopeIsIn(only, pst.EntityUid(type=above)):
            return str(only) == type_name and str(above) in (type_name, *words.types_above(type_name))
        case _:
            return True
