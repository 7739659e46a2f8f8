"""Random entities and requests that conform to a schema, made of the literals of some rules; seeded."""

import json
import random
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import cedarpy
from cedarpy import pst

from sim.analysis.evaluation.compiled import CompiledRules
from sim.analysis.evaluation.tree import nodes
from sim.analysis.question import Question, Uid
from sim.policy.engine import Verdict, judge
from sim.policy.rules import RuleBook
from sim.shell import files

EDGES = (0, 1, -1, 2**63 - 1, -(2**63), 2**62)
"""Numbers near which something may go wrong."""


@cache
def shipped() -> RuleBook:
    """Return the rules as they ship."""
    return files.Shelf().rules


def trees(text: str) -> Mapping[str, pst.Template]:
    """Return rules as trees; their ids are `policy0` and so on."""
    return cedarpy.PolicySet.from_str(text).to_pst().static_policies


def policies_of(rules: Mapping[str, pst.Template]) -> cedarpy.PolicySet:
    """Return rules as the engine takes them."""
    return cedarpy.PolicySet.from_pst(pst.PolicySet(pst.FrozenMap(), pst.FrozenMap(rules), ()))


def disagreements(
    rules: Mapping[str, pst.Template], schema: Mapping[str, Any], seed: int, stores: int, requests: int
) -> Iterator[tuple[Question, Verdict, Verdict]]:
    """Yield what the compiled rules answer in another way than Cedar: request, Cedar's answer, theirs.

    Args:
        rules: the rules.
        schema: Cedar's schema in its JSON form.
        seed: of the requests.
        stores: how many sets of entities to ask about.
        requests: how many requests to make about each.
    """
    draw = RandomRequests(seed, schema, rules.values())
    compiled = CompiledRules(rules, schema)
    policies, words = policies_of(rules), cedarpy.Schema.from_json_str(json.dumps(schema))
    for _ in range(stores):
        things = draw.entities()
        store, entities = compiled.store(things), cedarpy.Entities.from_json_str(json.dumps(things), words)
        for _ in range(requests):
            asked = draw.question(things)
            wanted = judge(asked.to_json(), policies, entities, words)
            got = compiled.answer_in(store, asked.principal, asked.action, asked.resource, asked.context)
            if not alike(wanted, got):
                yield asked, wanted, got


def alike(one: Verdict, other: Verdict) -> bool:
    """Say whether two answers differ at most in the wording of errors."""
    return (one.outcome, one.rules, len(one.errors)) == (other.outcome, other.rules, len(other.errors))


class RandomRequests:
    """Draws entities and requests.

    Args:
        seed: the same seed draws the same.
        schema: Cedar's schema in its JSON form; records, sets and entities may be nested.
        rules: whose literals are used, so that conditions come out true and false.
    """

    def __init__(self, seed: int, schema: Mapping[str, Any], rules: Iterable[pst.Template]) -> None:
        self.chance = random.Random(seed)  # noqa: S311  # a test, not a secret
        self._types: Mapping[str, Any] = schema[""]["entityTypes"]
        self._actions: Mapping[str, Any] = schema[""]["actions"]
        self._ids: dict[str, list[str]] = {name: ["a", "b"] for name in self._types}
        self._texts = ["", "other"]
        self._numbers = [*EDGES, 0, 1, 0, 1]  # often enough the same
        for rule in rules:
            self._learn(rule)
        self.environments = [
            (principal, name, resource)
            for name, action in self._actions.items()
            if "appliesTo" in action
            for principal in action["appliesTo"]["principalTypes"]
            for resource in action["appliesTo"]["resourceTypes"]
        ]

    def entities(self, present: float = 0.8) -> list[dict[str, Any]]:
        """Return some of the entities there can be; they may refer to others that are not there."""
        everything = [Uid(name, one) for name, ids in self._ids.items() for one in ids]
        return [
            {
                "uid": uid.to_json(),
                "attrs": self._record(self._types[uid.type].get("shape", {})),
                # In none of its own type that comes later, so that none is in itself.
                "parents": [
                    other.to_json()
                    for other in everything
                    if other.type in self._types[uid.type].get("memberOfTypes", ())
                    and (other.type != uid.type or other.id < uid.id)
                    and self.chance.random() < 0.4
                ],
            }
            for uid in everything
            if self.chance.random() < present
        ]

    def question(self, entities: list[dict[str, Any]]) -> Question:
        """Return a request about entities that may or may not be there."""
        principal, action, resource = self.chance.choice(self.environments)
        context = self._actions[action]["appliesTo"].get("context", {})
        return Question(self._uid(principal), action, self._uid(resource), self._record(context), entities)

    def _uid(self, name: str) -> Uid:
        return Uid(name, self.chance.choice(self._ids[name]))

    def _record(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: self._value(attribute)
            for name, attribute in declared.get("attributes", {}).items()
            if attribute.get("required", True) or self.chance.random() < 0.7
        }

    def _value(self, declared: Mapping[str, Any]) -> Any:
        kind = declared["name"] if declared["type"] == "EntityOrCommon" else declared["type"]
        match kind:
            case "Boolean" | "Bool" | "Long" | "String":
                ready: dict[str, list[Any]] = {"Long": self._numbers, "String": self._texts}
                return self.chance.choice(ready.get(kind, [True, False]))
            case "Entity" | "User":
                return {"__entity": self._uid(declared["name"]).to_json()}
            case "Set":
                return [self._value(declared["element"]) for _ in range(self.chance.randrange(3))]
            case "Spot":
                return {"n": self._value({"type": "Long"})}
            case _:
                return self._record(declared)

    def _learn(self, rule: pst.Template) -> None:
        for entity in sorted(pst.entity_uids(rule), key=str):
            known = self._ids.get(str(entity.type), [entity.id])
            known += [entity.id] if entity.id not in known else []
        for node in nodes(rule):
            match node:
                case pst.StringLit(value=text) if text not in self._texts:
                    self._texts.append(text)
                case pst.LongLit(value=number):
                    near = (number - 1, number, number + 1)
                    self._numbers += [one for one in near if abs(one) < 2**63]
                case _:
                    pass


WIDE: dict[str, Any] = {
    "": {
        "commonTypes": {"Spot": {"type": "Record", "attributes": {"n": {"type": "Long"}}}},
        "entityTypes": {
            "Group": {"memberOfTypes": ["Group"]},
            "User": {
                "memberOfTypes": ["Group"],
                "shape": {
                    "type": "Record",
                    "attributes": {
                        "flag": {"type": "Boolean"},
                        "boss": {"type": "EntityOrCommon", "name": "User", "required": False},
                        "teams": {"type": "Set", "element": {"type": "Entity", "name": "Group"}},
                        "size": {"type": "Long", "required": False},
                    },
                },
            },
            "Colour": {"enum": ["a", "b"]},
        },
        "actions": {
            "act": {},
            "see": {
                "memberOf": [{"id": "act"}],
                "appliesTo": {
                    "principalTypes": ["User"],
                    "resourceTypes": ["User", "Colour"],
                    "context": {
                        "type": "Record",
                        "attributes": {
                            "b": {"type": "EntityOrCommon", "name": "Bool", "required": False},
                            "n": {"type": "Long"},
                            "m": {"type": "Long", "required": False},
                            "s": {"type": "String", "required": False},
                            "u": {"type": "Entity", "name": "User", "required": False},
                            "ns": {"type": "Set", "element": {"type": "Long"}},
                            "bs": {"type": "Set", "element": {"type": "Boolean"}, "required": False},
                            "ss": {"type": "Set", "element": {"type": "String"}, "required": False},
                            "r": {
                                "type": "Record",
                                "attributes": {
                                    "b": {"type": "Boolean", "required": False},
                                    "spot": {"type": "EntityOrCommon", "name": "Spot"},
                                },
                            },
                            "spots": {"type": "Set", "element": {"type": "Spot"}, "required": False},
                        },
                    },
                },
            },
        },
    }
}
"""A schema with everything that rules can be about."""

_LEAVES = {
    "boolean": ("true", "false", "context.b", "context.r.b", "principal.flag", "principal.boss.flag"),
    "long": ("0", "1", "-1", "3037000500", "9223372036854775807", "context.n", "context.m", "resource.size"),
    "string": ('""', '"a"', '"b*"', '"a\\nb"', "context.s"),
    "entity": ("principal", "resource", "action", 'User::"a"', 'Group::"b"', "principal.boss", "context.u"),
    "set": (
        "context.ns",
        "context.bs",
        "context.ss",
        "[]",
        "[1, true]",
        "principal.teams",
        "[{a: 1}, {a: true}]",
    ),
    "record": ("context.r", "context.r.spot", "{n: 1}", "{n: true}", "{b: true, spot: {n: 0}}"),
}
_FORMS = {
    "boolean": (
        ("({} && {})", "boolean", "boolean"),
        ("({} || {})", "boolean", "boolean"),
        ("!({})", "boolean"),
        ("({} == {})", "long", "long"),
        ("({} == {})", "set", "set"),
        ("({} != {})", "record", "record"),
        ("({} == {})", "entity", "entity"),
        ("({} == {})", "boolean", "long"),
        ("[0, 1, {}].contains({})", "string", "boolean"),
        ("({} < {})", "long", "long"),
        ("({} <= {})", "long", "long"),
        ("({} > {})", "long", "long"),
        ("({} >= {})", "long", "long"),
        ("({} in {})", "entity", "entity"),
        ("({} in [{}, {}])", "entity", "entity", "entity"),
        ("({} in principal.teams)", "entity"),
        ("({} is User)", "entity"),
        ("({} is User in {})", "entity", "entity"),
        ("(principal has boss.boss.flag && {})", "boolean"),
        ("({} has flag)", "entity"),
        ("({} has b)", "record"),
        ("({} has n)", "record"),
        ("({}).b", "record"),
        ("(context has s && {})", "boolean"),
        ('({} like "*")', "string"),
        ('({} like "a*b")', "string"),
        ('({} like "b\\*")', "string"),
        ("({}).contains({})", "set", "long"),
        ("({}).contains({})", "set", "record"),
        ("({}).contains({})", "set", "boolean"),
        ("({}).containsAll({})", "set", "set"),
        ("({}).containsAny({})", "set", "set"),
        ("({}).isEmpty()", "set"),
        ("(if {} then {} else {})", "boolean", "boolean", "boolean"),
    ),
    "long": (
        ("({} + {})", "long", "long"),
        ("({} - {})", "long", "long"),
        ("({} * {})", "long", "long"),
        ("(-({}))", "long"),
        ("({}).n", "record"),
        ("(if {} then {} else {})", "boolean", "long", "long"),
    ),
    "entity": (("(if {} then {} else {})", "boolean", "entity", "entity"),),
    "set": (("[{}, {}]", "long", "boolean"), ("[{}, {}]", "entity", "entity"), ("[{}]", "set")),
    "record": (("{{n: {}}}", "long"), ("{{b: {}, spot: {}}}", "boolean", "record")),
}


class RandomConditions:
    """Draws conditions over `WIDE`, most of which no validator would let pass.

    Args:
        seed: the same seed draws the same.
    """

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311  # a test, not a secret

    def text(self, kind: str = "boolean", depth: int = 3) -> str:
        """Return a condition as Cedar text."""
        if self.chance.random() < 0.03:  # where another type is expected
            kind = self.chance.choice(sorted(_LEAVES))
        forms = _FORMS.get(kind, ())
        if not depth or not forms or self.chance.random() < 0.2:
            return self.chance.choice(_LEAVES[kind])
        form, *parts = self.chance.choice(forms)
        return form.format(*(self.text(part, depth - 1) for part in parts))

    def rules(self, count: int) -> str:
        """Return rules as Cedar text."""
        return "\n".join(self._rule() for _ in range(count))

    def _rule(self) -> str:
        scope = self.chance.choice(_SCOPES)
        clauses = (
            f"{self.chance.choice(('when', 'unless'))} {{ {self.text()} }}"
            for _ in range(self.chance.randrange(3))
        )
        return f"{self.chance.choice(('permit', 'forbid'))} ({scope}) {' '.join(clauses)};"


_SCOPES = (
    "principal, action, resource",
    "principal, action, resource",
    'principal in Group::"a", action in Action::"act", resource is User',
    'principal is User in Group::"b", action == Action::"see", resource in Group::"b"',
    'principal == User::"a", action in [Action::"see"], resource == Colour::"a"',
    'principal is Group, action == Action::"act", resource',
)
