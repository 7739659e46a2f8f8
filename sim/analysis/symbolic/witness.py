"""A model of the solver, written down as a request and the entities it is about."""

import re
from collections.abc import Mapping
from typing import Any

import z3

from sim.analysis.evaluation.words import Environment
from sim.analysis.question import Question, Uid
from sim.analysis.symbolic.facts import Store
from sim.analysis.symbolic.footprint import Footprint
from sim.analysis.symbolic.formulas import LONG_MAX, LONG_MIN, Formula, string_text
from sim.analysis.symbolic.shapes import (
    Plain,
    RecordOf,
    Reference,
    SetOf,
    Shape,
    UnsupportedError,
)
from sim.analysis.symbolic.sorts import Sorts, path_to
from sim.analysis.symbolic.values import Entity

ENTITIES_MAX = 500
"""More than this nobody reads; a model has a few."""

_BEFORE_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Witness:
    """Reads one model.

    Args:
        sorts: of the schema, in the context of the model.
        model: what the solver chose.
        footprint: the terms it had to choose for, in the same context.
        fixed: entities to be written as they are given.
    """

    def __init__(self, sorts: Sorts, model: z3.ModelRef, footprint: Footprint, fixed: Store) -> None:
        self._sorts = sorts
        self._model = model
        self._fixed = fixed
        self._looked_at = {self._key(entity) for entity in footprint.entities.values()}
        self._names = {self._key(entity): uid.id for uid, entity in footprint.literals.items()}
        self._taken = {*footprint.literals}
        self._entities = dict(footprint.entities)
        self._met: dict[Uid, Entity] = {}
        self._unread: list[tuple[Uid, Entity]] = []
        self._replaced: dict[int, int] = {}

    def question(self, environment: Environment) -> Question:
        """Return the request and the store that the model describes.

        Raises:
            UnsupportedError: when the model holds what cannot be written down.
        """
        sorts = self._sorts
        context = sorts.shapes.actions[environment.action].context
        principal = self._uid(sorts.principal(environment))
        resource = self._uid(sorts.resource(environment))
        facts = self._record(context, "context", None)
        for entity in self._entities.values():
            self._uid(entity)
        entities = self._store()
        return Question(principal, environment.action, resource, facts, entities)

    def _store(self) -> list[dict[str, Any]]:
        """Return every entity that is there, in the order in which they were met."""
        found: dict[Uid, dict[str, Any]] = {}
        ancestors: dict[Uid, list[Uid]] = {}
        while self._unread:
            uid, entity = self._unread.pop(0)
            if len(found) > ENTITIES_MAX:
                raise UnsupportedError(construct=f"stores of more than {ENTITIES_MAX} entities")
            if uid in self._fixed:
                found[uid] = dict(self._fixed.entities[uid])
                ancestors[uid] = [*self._fixed.ancestors(uid)]
                self._meet_fixed(found[uid])
            elif self._is_there(entity):
                found[uid] = {"uid": uid.to_json(), "attrs": self._attributes(entity)}
                ancestors[uid] = self._ancestors(entity)
        for uid, written in found.items():
            if uid not in self._fixed:
                written["parents"] = [parent.to_json() for parent in _direct(ancestors[uid], ancestors)]
        return list(found.values())

    def _is_there(self, entity: Entity) -> bool:
        """Say whether the store has an entity; one that nothing looks at is there, which looks natural."""
        return self._key(entity) not in self._looked_at or self._holds(self._sorts.exists(entity))

    def _attributes(self, entity: Entity) -> dict[str, Any]:
        return self._record(self._sorts.shapes.entities[entity.type], entity.type, entity)

    def _ancestors(self, entity: Entity) -> list[Uid]:
        """Return everything an entity is in; the laws say nothing of one that nothing looks at."""
        if self._key(entity) not in self._looked_at:
            return []
        return [
            self._uid(Entity(above, member))
            for above in self._sorts.shapes.above[entity.type]
            for member in self._members(self._sorts.ancestors(entity, above))
        ]

    def _meet_fixed(self, entity: Mapping[str, Any]) -> None:
        """Meet what a fixed entity is in, which is fixed as well."""
        for parent in entity.get("parents", ()):
            uid = Uid.of(parent)
            self._uid(self._sorts.literal(uid))

    # --- values -------------------------------------------------------------------------------------

    def _value_of(self, formula: Formula) -> Formula:
        return self._model.eval(formula, model_completion=True)

    def _holds(self, formula: Formula) -> bool:
        return bool(z3.is_true(self._value_of(formula)))

    def _key(self, entity: Entity) -> tuple[str, str]:
        """Return which entity of the model a term is."""
        return entity.type, self._value_of(entity.formula).decl().name()

    def _uid(self, entity: Entity) -> Uid:
        """Return the name of an entity: the one rules call it by, or a new one such as `person1`."""
        key = self._key(entity)
        if key not in self._names:
            self._names[key] = self._new_name(entity.type)
        uid = Uid(entity.type, self._names[key])
        if uid not in self._met:
            self._met[uid] = entity
            self._unread.append((uid, entity))
        return uid

    def _new_name(self, type_name: str) -> str:
        stem = _BEFORE_CAPITAL.sub("_", type_name).lower()
        number = 1
        while (uid := Uid(type_name, f"{stem}{number}")) in self._taken:
            number += 1
        self._taken.add(uid)
        return uid.id

    def _record(self, shape: RecordOf, path: str, owner: Entity | None) -> dict[str, Any]:
        """Return the attributes of an entity, or of the context, as Cedar's JSON."""
        record: dict[str, Any] = {}
        for name, attribute in shape.attributes.items():
            inner = path_to(path, name)
            if not attribute.required and not self._holds(self._sorts.present(inner, owner)):
                continue
            if isinstance(attribute.shape, RecordOf):
                record[name] = self._record(attribute.shape, inner, owner)
            else:
                term = self._sorts.value(inner, attribute.shape, owner)
                record[name] = self._value(attribute.shape, term)
        return record

    def _value(self, shape: Shape, term: Formula) -> Any:
        if isinstance(shape, Reference):
            return {"__entity": self._uid(Entity(shape.entity, term)).to_json()}
        if isinstance(shape, SetOf):
            return [self._value(shape.element, member) for member in self._members(term)]
        # INVARIANT: a term of any other type there is none, as its sort was refused.
        assert isinstance(shape, Plain)
        if shape.kind == "Boolean":
            return self._holds(term)
        chosen = self._value_of(term)
        return self._long(chosen.as_long()) if shape.kind == "Long" else _writable(string_text(chosen))

    def _long(self, number: int) -> int:
        """Return a number; one beyond 64 bits is some element of a set that no term can be equal to."""
        if LONG_MIN <= number <= LONG_MAX:
            return number
        return self._replaced.setdefault(number, LONG_MAX - len(self._replaced))

    def _members(self, array: Formula) -> list[Formula]:
        """Return the elements of a set."""
        value = self._value_of(array)
        stored = []
        while z3.is_store(value):
            value, element, held = value.children()
            stored.append((element, held))
        if not z3.is_K(value) or not z3.is_false(value.arg(0)):
            raise UnsupportedError(construct="sets without end")
        # What is stored last stands outermost and counts.
        last = {element.get_id(): (element, held) for element, held in reversed(stored)}
        return [element for element, held in last.values() if z3.is_true(held)]


def _direct(ancestors: list[Uid], of_all: Mapping[Uid, list[Uid]]) -> list[Uid]:
    """Return those ancestors that are not reached through another one."""
    reached = {above for middle in ancestors for above in of_all.get(middle, ())}
    return [uid for uid in ancestors if uid not in reached]


def _writable(text: str) -> str:
    """Return a string, unless it has half a character, which no file can hold."""
    if any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        raise UnsupportedError(construct="halves of characters")
    return text
