"""A small schema with rules, and a suite over it in which everything is right."""

from collections.abc import Mapping
from typing import Any, Literal

import cedarpy

from sim.analysis.suites.reading import Suite, read_suite
from sim.policy.source import policy_set


def _attribute(kind: str, *, required: bool = True, **more: Any) -> dict[str, Any]:
    return {"type": kind, "required": required, **more}


def _action(resources: list[str], facts: dict[str, Any], *groups: str) -> dict[str, Any]:
    context = {"type": "Record", "attributes": {"fresh": _attribute("Boolean"), **facts}}
    applies = {"principalTypes": ["Person", "Stranger"], "resourceTypes": resources, "context": context}
    return {"memberOf": [{"id": group} for group in groups], "appliesTo": applies}


_OWNER = {"owner": _attribute("Entity", name="Person", required=False)}
_DEVICE = {"kind": _attribute("String"), "enrolled": _attribute("Boolean"), **_OWNER}
_DISTANCE = {"distance_cm": _attribute("Long", required=False)}
_SIZE = {"width": {"type": "Long"}, "note": {"type": "String", "required": False}}
_LOAD = {
    "tags": _attribute("Set", element={"type": "String"}, required=False),
    "size": _attribute("Record", attributes=_SIZE, required=False),
    "sender": _attribute("Entity", name="Device", required=False),
}


def _shape(attributes: dict[str, Any]) -> dict[str, Any]:
    return {"shape": {"type": "Record", "attributes": attributes}}


SCHEMA: Mapping[str, Any] = {
    "": {
        "entityTypes": {
            "Role": {"memberOfTypes": ["Role"]},
            "Person": {"memberOfTypes": ["Role"], **_shape({"age": _attribute("Long", required=False)})},
            "Stranger": {},
            "Device": _shape(_DEVICE),
            "Car": _shape(_OWNER),
            "AirCooler": _shape(_OWNER),
            "Box": _shape({"weight": {"type": "Long"}}),
        },
        "actions": {
            "Access": {"memberOf": [{"id": "Anything"}]},
            "Anything": {},
            "Nothing": {},
            "unlock": _action(["Car"], _DISTANCE, "Access"),
            "start": _action(["Car"], {**_DISTANCE, "seated": _attribute("Boolean")}, "Access"),
            "heat": _action(["Car", "AirCooler"], {}),
            "load": _action(["Box"], _LOAD),
        },
    }
}
"""Roles, people, senders and three sorts of things; a box has a weight, so no suite begins with one."""

RULES = {
    "fresh-only": "forbid (principal, action, resource) unless { context.fresh };",
    "in-range": 'forbid (principal, action == Action::"unlock", resource)\n'
    "unless { context has distance_cm && context.distance_cm <= 200 };",
    "household": 'permit (principal in Role::"member", action in Action::"Access", resource);',
    "own-car": 'permit (principal, action == Action::"heat", resource is Car)\n'
    "when { resource has owner && resource.owner == principal };",
    "light": 'permit (principal, action == Action::"load", resource) when { resource.weight + 1 < 100 };',
}
"""Id to text. The last rule errs for the heaviest box there can be."""

EFFECTS: dict[str, Literal["permit", "forbid"]] = {
    rule: "permit" if text.startswith("permit") else "forbid" for rule, text in RULES.items()
}

GOOD = """\
suite: the small home
contexts:
  usual: {fresh: true, seated: true}
  near: {distance_cm: 200}
groups:
  family: [lin, mei]
tests:
  - name: the family opens
    principals: [family, jun]
    actions: [unlock, start]
    resource: Car::su7
    context: near
    expect: {family *: allow, "*": deny}
"""
"""A suite in which everything is right; most mistakes are one line of it changed."""


def policies(rules: Mapping[str, str] = RULES) -> cedarpy.PolicySet:
    """Return rules as the engine takes them."""
    return policy_set(rules)


def suite(text: str = GOOD) -> Suite:
    """Return a suite over the small schema."""
    return read_suite("a_test.yaml", text, SCHEMA, EFFECTS)
