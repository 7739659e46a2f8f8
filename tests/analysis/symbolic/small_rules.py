"""A few rules of a home, small enough to know what is true of them, and the words they use."""

import json
from collections.abc import Mapping
from typing import Any

import cedarpy
from cedarpy import pst

from sim.analysis.question import Question, ask
from sim.analysis.symbolic import Finding, Prover
from sim.policy.engine import Verdict
from sim.policy.source import policies_of
from tests.analysis.symbolic.drafts import rules_of
from tests.analysis.symbolic.small_book import ROLES

_CONTEXT: dict[str, Any] = {
    "type": "Record",
    "attributes": {
        "moving": {"type": "Boolean"},
        "fresh": {"type": "Boolean"},
        "distance_cm": {"type": "Long", "required": False},
        "amount": {"type": "Long", "required": False},
        "key_role": {"type": "String", "required": False},
        "sender": {"type": "Entity", "name": "Device", "required": False},
    },
}


def _action(*groups: str, resources: tuple[str, ...] = ("Car",)) -> dict[str, Any]:
    return {
        "memberOf": [{"id": group} for group in groups],
        "appliesTo": {
            "principalTypes": ["Person", "Stranger"],
            "resourceTypes": list(resources),
            "context": _CONTEXT,
        },
    }


_OWNED: dict[str, Any] = {
    "shape": {
        "type": "Record",
        "attributes": {"owner": {"type": "Entity", "name": "Person", "required": False}},
    }
}

SCHEMA: dict[str, Any] = {
    "": {
        "entityTypes": {
            "Role": {"memberOfTypes": ["Role"]},
            "Person": {"memberOfTypes": ["Role"]},
            "Stranger": {},
            "Device": {
                "shape": {
                    "type": "Record",
                    "attributes": {"kind": {"type": "String"}, "enrolled": {"type": "Boolean"}},
                }
            },
            "Car": _OWNED,
            "AirConditioner": _OWNED,
        },
        "actions": {
            "RemoteDriving": {},
            "NearAccess": {},
            "HomeControl": {},
            "steer": _action("RemoteDriving"),
            "unlock": _action("NearAccess"),
            "start": _action("NearAccess"),
            "heat": _action("HomeControl", resources=("AirConditioner",)),
        },
    }
}

TEXT = """
@id("no-remote-driving")
forbid (principal, action in Action::"RemoteDriving", resource);

@id("near-only")
forbid (principal, action in Action::"NearAccess", resource)
unless { context has distance_cm && context.distance_cm <= 200 };

@id("no-child-at-the-wheel")
forbid (principal in Role::"child", action == Action::"start", resource);

@id("fresh-only")
forbid (principal, action, resource) unless { context.fresh };

@id("household-key")
permit (principal in Role::"member", action in Action::"NearAccess", resource);

@id("shared-key")
permit (principal, action == Action::"unlock", resource is Car)
when { context has key_role && context.key_role == "friend" };

@id("heating")
permit (principal in Role::"member", action == Action::"heat", resource is AirConditioner)
when { context.sender.enrolled };
"""


def named(text: str) -> dict[str, pst.Template]:
    """Return rules as trees, under their `@id`s."""
    return {rule.annotations["id"]: rule for rule in rules_of(text).values()}


def area(scope: str, condition: str = "true") -> dict[str, pst.Template]:
    """Return one rule that says which requests are meant."""
    return rules_of(f"permit ({scope}) when {{ {condition} }};")


def but(old: str, new: str) -> dict[str, pst.Template]:
    """Return the rules with one piece of their text replaced."""
    assert TEXT.count(old) == 1, old
    return named(TEXT.replace(old, new))


RULES = named(TEXT)
UNLOCK = 'principal, action == Action::"unlock", resource'


def prover(**options: Any) -> Prover:
    """Return a prover for these words, in which roles are what they are."""
    return Prover(SCHEMA, fixed=ROLES, **options)


def asked(rules: Mapping[str, pst.Template], finding: Finding) -> Verdict:
    """Return what Cedar answers to the question of a finding."""
    assert finding.outcome == "refuted", finding
    assert isinstance(finding.question, Question)
    return ask(policies_of(rules), cedarpy.Schema.from_json_str(json.dumps(SCHEMA)), finding.question)
