"""A gate house: a small schema with every sort of attribute, and rules over it."""

import json
from typing import Any

import cedarpy

from sim.analysis.sampling.enumeration import Trees

_DEVICE = {
    "kind": {"type": "String"},
    "trusted": {"type": "Boolean", "required": True},
    "owner": {"type": "Entity", "name": "Person", "required": False},
}
_CONTEXT = {
    "distance": {"type": "Long", "required": False},
    "moving": {"type": "Boolean", "required": True},
    "word": {"type": "String", "required": True},
    "sender": {"type": "Entity", "name": "Device", "required": False},
    "tags": {"type": "Set", "element": {"type": "String"}, "required": True},
    "spent": {"type": "Long", "required": True},
    "cap": {"type": "Long", "required": True},
    "first": {"type": "String", "required": True},
    "second": {"type": "String", "required": True},
    "place": {
        "type": "Record",
        "attributes": {"floor": {"type": "Long"}, "room": {"type": "String", "required": False}},
        "required": True,
    },
}


def _record(attributes: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Record", "attributes": attributes}


def _applies(groups: list[str], context: dict[str, Any]) -> dict[str, Any]:
    return {
        "memberOf": [{"id": group} for group in groups],
        "appliesTo": {
            "principalTypes": ["Person", "Stranger"],
            "resourceTypes": ["Gate", "Lamp"],
            "context": _record(context),
        },
    }


SCHEMA: dict[str, Any] = {
    "": {
        "entityTypes": {
            "Role": {"memberOfTypes": ["Role"]},
            "Person": {"memberOfTypes": ["Role"]},
            "Stranger": {},
            "Device": {"shape": _record(_DEVICE)},
            "Gate": {"shape": _record({"level": {"type": "Long"}, "owner": _DEVICE["owner"]})},
            "Lamp": {},
        },
        "actions": {
            "Use": {},
            "Access": {"memberOf": [{"id": "Use"}]},
            "open": _applies(["Access"], _CONTEXT),
            "close": _applies(["Use"], {"moving": _CONTEXT["moving"]}),
        },
    }
}
"""Persons and strangers open and close gates and lamps."""

ENGINE_SCHEMA = cedarpy.Schema.from_json_str(json.dumps(SCHEMA))


def trees(text: str) -> Trees:
    """Return rules as trees, under the ids of their annotations, or numbered from `policy0`."""
    return {
        rule.annotations.get("id", name): rule
        for name, rule in cedarpy.policies_to_pst(text).static_policies.items()
    }


def when(condition: str, action: str = "open") -> Trees:
    """Return a permit with a condition, valid by the schema."""
    return checked(
        f'@id("it") permit (principal, action == Action::"{action}", resource) when {{ {condition} }};'
    )


def checked(text: str) -> Trees:
    """Return rules that Cedar's strict validation lets pass."""
    result = cedarpy.validate_policies(text, ENGINE_SCHEMA)
    assert result.validation_passed, result.errors
    return trees(text)


MEMBER_OF_OWNER: list[dict[str, Any]] = [
    {"uid": {"type": "Role", "id": "member"}, "attrs": {}, "parents": []},
    {"uid": {"type": "Role", "id": "owner"}, "attrs": {}, "parents": [{"type": "Role", "id": "member"}]},
]
"""An owner is a member."""
