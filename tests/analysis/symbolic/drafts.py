"""Random stores, requests and rules that conform to a schema, drawn from a seed."""

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cedarpy
from cedarpy import pst

from sim.analysis.evaluation.words import Environment
from sim.analysis.question import Question, Uid
from sim.analysis.symbolic.shapes import (
    Attribute,
    Plain,
    RecordOf,
    Reference,
    SetOf,
    Shape,
    Shapes,
)

BOOLEAN, LONG, STRING = Plain("Boolean"), Plain("Long"), Plain("String")
LONGS = (0, 1, -1, 2, 3, 99, 100, 101, 2**62, 2**63 - 1, -(2**63), 2**63 - 100)
STRINGS = ("", "a", "b", "ab", "abc", "home", "homes/é", "a\nb", "a*b", "\\u{41}", "A", "日本", "car", '"')
PATTERNS = ('"*"', '"a*"', '"*b"', '"a*b"', '"*o*"', '"h*m*s*"', '"a\\*b"', '"abc"', '"*é"', '"*\\u{41}"')
NAMES = 2


def _type(name: str, /, **more: Any) -> dict[str, Any]:
    return {"type": name, "required": True, **more}


def _maybe(name: str, /, **more: Any) -> dict[str, Any]:
    return {"type": name, "required": False, **more}


def _record(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "Record", "attributes": dict(attributes)}


def _applies(groups: Sequence[str], principals: Sequence[str], context: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "memberOf": [{"id": group} for group in groups],
        "appliesTo": {
            "principalTypes": list(principals),
            "resourceTypes": ["Doc", "Team"],
            "context": _record(context),
        },
    }


SCHEMA: dict[str, Any] = {
    "": {
        "entityTypes": {
            "Org": {"memberOfTypes": ["Org"]},
            "Team": {"memberOfTypes": ["Org"], "shape": _record({"lead": _maybe("Entity", name="User")})},
            "User": {
                "memberOfTypes": ["Team"],
                "shape": _record(
                    {
                        "age": _type("Long"),
                        "name": _type("String"),
                        "adult": _type("Boolean"),
                        "boss": _maybe("Entity", name="User"),
                        "limit": _maybe("Long"),
                        "words": _type("Set", element={"type": "String"}),
                        "friends": _type("Set", element={"type": "Entity", "name": "User"}),
                        "home": {**_record({"zip": _type("Long"), "city": _maybe("String")})},
                    }
                ),
            },
            "Bot": {"shape": _record({"owner": _type("Entity", name="User"), "on": _maybe("Boolean")})},
            "Doc": {
                "memberOfTypes": ["Team"],
                "shape": _record({"owner": _type("Entity", name="User"), "title": _type("String")}),
            },
        },
        "actions": {
            "read": {"memberOf": [{"id": "all"}]},
            "write": {"memberOf": [{"id": "all"}]},
            "all": {},
            "view": _applies(
                ["read"],
                ["User", "Bot"],
                {
                    "n": _type("Long"),
                    "m": _maybe("Long"),
                    "s": _type("String"),
                    "on": _type("Boolean"),
                    "by": _maybe("Entity", name="Bot"),
                    "who": _type("Set", element={"type": "Entity", "name": "User"}),
                    "teams": _type("Set", element={"type": "Entity", "name": "Team"}),
                    "words": _type("Set", element={"type": "String"}),
                    "numbers": _maybe("Set", element={"type": "Long"}),
                    "at": {**_record({"x": _type("Long"), "y": _maybe("Long")})},
                },
            ),
            "edit": _applies(
                ["write"],
                ["User"],
                {"on": _maybe("Boolean"), "peer": _maybe("Entity", name="User"), "n": _type("Long")},
            ),
        },
    }
}
"""Hierarchies of one and two levels, sets, records, attributes of attributes, optional ones everywhere."""


def rules_of(text: str) -> dict[str, pst.Template]:
    """Return rules as trees, under `policy0`, `policy1` and so on."""
    return dict(cedarpy.PolicySet.from_str(text).to_pst().static_policies)


@dataclass(frozen=True, slots=True)
class _Path:
    """An expression over what an environment has, and its type."""

    text: str
    shape: Shape


class Drafts:
    """Draws everything at random for one schema.

    Args:
        shapes: the schema.
        seed: the same seed draws the same.
    """

    def __init__(self, shapes: Shapes, seed: int) -> None:
        self.shapes = shapes
        self.rng = random.Random(seed)  # noqa: S311  # drawn for tests
        self._environments = tuple(shapes.environments())

    def environment(self) -> Environment:
        """Draw a kind of request."""
        return self.rng.choice(self._environments)

    # --- data ---------------------------------------------------------------------------------------

    def uid(self, type_name: str) -> Uid:
        """Draw a name of an entity."""
        return Uid(type_name, f"{type_name.lower()}{self.rng.randrange(NAMES)}")

    def names(self) -> list[Uid]:
        """Return every name that can be drawn."""
        return [
            Uid(name, f"{name.lower()}{number}") for name in self.shapes.entities for number in range(NAMES)
        ]

    def store(self, missing: float) -> list[dict[str, Any]]:
        """Draw a store in which some entities are missing, though others may refer to them."""
        return [
            self._entity(type_name, number)
            for type_name in self.shapes.entities
            for number in range(NAMES)
            if self.rng.random() >= missing
        ]

    def _entity(self, type_name: str, number: int) -> dict[str, Any]:
        above = [name for name in self.shapes.above[type_name] if self.rng.random() < 0.5]
        # Nobody is in somebody of the same type and a smaller number, so nobody is in themselves.
        first = {name: number + 1 if name == type_name else 0 for name in above}
        parents = [
            Uid(name, f"{name.lower()}{self.rng.randrange(first[name], NAMES)}")
            for name in above
            if first[name] < NAMES
        ]
        return {
            "uid": Uid(type_name, f"{type_name.lower()}{number}").to_json(),
            "attrs": self._value(self.shapes.entities[type_name]),
            "parents": [parent.to_json() for parent in parents],
        }

    def question(self, environment: Environment, store: Sequence[Mapping[str, Any]]) -> Question:
        """Draw a request of an environment."""
        context = self._value(self.shapes.actions[environment.action].context)
        principal, resource = self.uid(environment.principal), self.uid(environment.resource)
        return Question(principal, environment.action, resource, context, store)

    def _value(self, shape: Shape) -> Any:
        match shape:
            case Plain(kind="Boolean"):
                return self.rng.random() < 0.5
            case Plain(kind="Long"):
                return self.rng.choice(LONGS)
            case Plain(kind="String"):
                return self.rng.choice(STRINGS)
            case Reference(entity=name):
                return {"__entity": self.uid(name).to_json()}
            case SetOf(element=element):
                return [self._value(element) for _ in range(self.rng.randrange(3))]
            case RecordOf(attributes=attributes):
                return {
                    name: self._value(attribute.shape)
                    for name, attribute in attributes.items()
                    if attribute.required or self.rng.random() < 0.6
                }
            case _:
                raise AssertionError(shape)

    # --- rules --------------------------------------------------------------------------------------

    def rules(self, environment: Environment, count: int, *, depth: int = 3) -> str:
        """Draw rules that are well typed in one environment; those that name no action run in all."""
        return "\n".join(self._rule(environment, depth) for _ in range(count))

    def _rule(self, environment: Environment, depth: int) -> str:
        draft = _Conditions(self, environment)
        action = self.rng.choice(
            ("action", f'action == Action::"{environment.action}"', self._group(environment))
        )
        principal = self._scope("principal", environment.principal)
        resource = self._scope("resource", environment.resource)
        clauses = " ".join(
            f"{self.rng.choice(('when', 'when', 'unless'))} {{ {draft.boolean(depth)} }}"
            for _ in range(self.rng.choice((1, 1, 2)))
        )
        return f"{self.rng.choice(('permit', 'forbid'))} ({principal}, {action}, {resource}) {clauses};"

    def _group(self, environment: Environment) -> str:
        groups = sorted(self.shapes.actions[environment.action].groups)
        return f'action in Action::"{self.rng.choice(groups)}"'

    def _scope(self, variable: str, type_name: str) -> str:
        """Draw what a rule says of the principal or the resource; often it says nothing."""
        above = self.shapes.above[type_name]
        choices = [variable, variable, variable, f"{variable} is {type_name}"]
        choices.append(f"{variable} == {self.uid(type_name)}")
        for name in above:
            choices += [f"{variable} in {self.uid(name)}", f"{variable} is {type_name} in {self.uid(name)}"]
        return self.rng.choice(choices)


class _Conditions:
    """Draws conditions over what one environment has."""

    def __init__(self, drafts: Drafts, environment: Environment) -> None:
        self._drafts = drafts
        self._rng = drafts.rng
        self._shapes = drafts.shapes
        context = self._shapes.actions[environment.action].context
        self._paths = [
            *self._reach("principal", Reference(environment.principal), 2),
            *self._reach("resource", Reference(environment.resource), 2),
            *self._reach("context", context, 3),
        ]
        self._has = [text for path in self._paths for text in self._presences(path)]
        self._sets = [path.shape for path in self._paths if isinstance(path.shape, SetOf)]
        self._kinds: tuple[Callable[[int], str], ...] = (
            self._both,
            self._one,
            lambda depth: f"!({self.boolean(depth)})",
            lambda depth: self._choice(BOOLEAN, depth),
            self._comparison,
            self._comparison,
            self._same_string,
            self._like,
            self._same_entity,
            self._membership,
            self._membership,
            self._is,
            self._of_sets,
            self._of_sets,
            self._same_record,
            self._of_action,
        )
        self._actions = sorted(drafts.shapes.actions)

    def _attributes(self, shape: Shape) -> Mapping[str, Attribute]:
        match shape:
            case RecordOf(attributes=attributes):
                return attributes
            case Reference(entity=name):
                return self._shapes.entities[name].attributes
            case _:
                return {}

    def _reach(self, text: str, shape: Shape, depth: int) -> Iterator[_Path]:
        """Yield every path of attributes of some length."""
        yield _Path(text, shape)
        if depth:
            for name, attribute in self._attributes(shape).items():
                yield from self._reach(f"{text}.{name}", attribute.shape, depth - 1)

    def _presences(self, path: _Path) -> Iterator[str]:
        for name, attribute in self._attributes(path.shape).items():
            yield f"{path.text} has {name}"
            for inner in self._attributes(attribute.shape):
                yield f"{path.text} has {name}.{inner}"

    def expression(self, shape: Shape, depth: int) -> str:
        """Draw an expression of a type."""
        if shape == BOOLEAN:
            return self.boolean(depth)
        if isinstance(shape, Plain | Reference) and depth and self._rng.random() < 0.12:
            return self._choice(shape, depth - 1)
        if shape == LONG and depth and self._rng.random() < 0.3:
            return self._number(depth - 1)
        known = [path.text for path in self._paths if path.shape == shape]
        if known and self._rng.random() < 0.65:
            return self._rng.choice(known)
        return self._literal(shape)

    def _literal(self, shape: Shape) -> str:
        match shape:
            case Plain(kind="Long"):
                number = self._rng.choice(LONGS)
                return str(number) if number >= 0 else f"({number})"
            case Plain():
                return _quoted(self._rng.choice(STRINGS))
            case Reference(entity=name):
                return str(self._drafts.uid(name))
            case SetOf(element=element):
                items = (self.expression(element, 0) for _ in range(self._rng.randrange(1, 3)))
                return f"[{', '.join(items)}]"
            case _:
                raise AssertionError(shape)

    def boolean(self, depth: int) -> str:
        """Draw a condition."""
        if not depth or self._rng.random() < 0.15:
            truths = [path.text for path in self._paths if path.shape == BOOLEAN]
            return self._rng.choice((self._rng.choice(self._has), self._rng.choice(truths or ["true"])))
        return self._rng.choice(self._kinds)(depth - 1)

    def _both(self, depth: int) -> str:
        return f"({self.boolean(depth)} && {self.boolean(depth)})"

    def _one(self, depth: int) -> str:
        return f"({self.boolean(depth)} || {self.boolean(depth)})"

    def _choice(self, shape: Shape, depth: int) -> str:
        yes, no = self.expression(shape, depth), self.expression(shape, depth)
        return f"(if {self.boolean(depth)} then {yes} else {no})"

    def _number(self, depth: int) -> str:
        if self._rng.random() < 0.2:
            return f"(-({self.expression(LONG, depth)}))"
        sign = self._rng.choice("++--*")
        return f"({self.expression(LONG, depth)} {sign} {self.expression(LONG, depth)})"

    def _comparison(self, depth: int) -> str:
        sign = self._rng.choice(("<", "<=", ">", ">=", "==", "!="))
        return f"({self.expression(LONG, depth)} {sign} {self.expression(LONG, depth)})"

    def _same_string(self, depth: int) -> str:
        sign = self._rng.choice(("==", "!="))
        return f"({self.expression(STRING, depth)} {sign} {self.expression(STRING, depth)})"

    def _like(self, depth: int) -> str:
        return f"({self.expression(STRING, depth)} like {self._rng.choice(PATTERNS)})"

    def _same_entity(self, depth: int) -> str:
        shape = Reference(self._rng.choice(list(self._shapes.entities)))
        sign = self._rng.choice(("==", "!="))
        return f"({self.expression(shape, depth)} {sign} {self.expression(shape, depth)})"

    def _membership(self, depth: int) -> str:
        lower = self._rng.choice([name for name, above in self._shapes.above.items() if above])
        upper = Reference(self._rng.choice((*self._shapes.above[lower], lower)))
        entity = self.expression(Reference(lower), depth)
        match self._rng.randrange(4):
            case 0 if SetOf(upper) in self._sets:
                return f"({entity} in {self.expression(SetOf(upper), depth)})"
            case 1:
                one, other = self.expression(upper, depth), self.expression(upper, depth)
                return f"({entity} in [{one}, {other}])"
            case _:
                return f"({entity} in {self.expression(upper, depth)})"

    def _is(self, depth: int) -> str:
        name = self._rng.choice([name for name, above in self._shapes.above.items() if above])
        entity = self.expression(Reference(self._rng.choice(list(self._shapes.entities))), depth)
        if self._rng.random() < 0.5:
            return f"({entity} is {name})"
        upper = self._rng.choice(self._shapes.above[name])
        return f"({entity} is {name} in {self.expression(Reference(upper), depth)})"

    def _of_sets(self, depth: int) -> str:
        if not self._sets:
            return self._membership(depth)
        shape = self._rng.choice(self._sets)
        whole, part = self.expression(shape, depth), self.expression(shape, depth)
        match self._rng.randrange(5):
            case 0:
                return f"{whole}.contains({self.expression(shape.element, depth)})"
            case 1:
                return f"{whole}.containsAll({part})"
            case 2:
                return f"{whole}.containsAny({part})"
            case 3:
                return f"{whole}.isEmpty()"
            case _:
                return f"({whole} {self._rng.choice(('==', '!='))} {part})"

    def _same_record(self, depth: int) -> str:
        """Draw two records that are compared, or a field of one that is written out."""
        known = [path for path in self._paths if isinstance(path.shape, RecordOf) and path.text != "context"]
        number = self.expression(LONG, depth)
        if not known or self._rng.random() < 0.3:
            return f'({{a: {number}, "b c": true}}.a > {self.expression(LONG, depth)})'
        one, other = self._rng.choice(known), self._rng.choice(known)
        return f"({one.text} == {self._rng.choice((other.text, f'{{x: {number}}}', f'{{zip: {number}}}'))})"

    def _of_action(self, _: int) -> str:
        """Draw a condition on the action, of which everything is known."""
        one, other = (f'Action::"{self._rng.choice(self._actions)}"' for _ in range(2))
        forms = (
            f"(action == {one})",
            f"(action in {one})",
            f"(action in [{one}, {other}])",
            f"[{one}, {other}].contains(action)",
            f"(action is Action in {one})",
            f"({self.boolean(0)} && action != {one})",
        )
        return self._rng.choice(forms)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
