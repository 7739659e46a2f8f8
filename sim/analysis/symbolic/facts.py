"""What is known of a store or a context, said to the solver exactly as it is."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import z3

from sim.analysis.question import Uid
from sim.analysis.symbolic.footprint import Footprint
from sim.analysis.symbolic.formulas import Formula, constant, equality, string_literal
from sim.analysis.symbolic.shapes import Plain, RecordOf, Reference, SetOf, Shape, UnsupportedError
from sim.analysis.symbolic.sorts import Sorts, construct_of, path_to
from sim.analysis.symbolic.values import Entity
from sim.core.errors import PolicyError


class Store:
    """Entities as Cedar's JSON lists them.

    Args:
        entities: `uid`, `attrs` and `parents` of each.
    """

    def __init__(self, entities: Iterable[Mapping[str, Any]]) -> None:
        self.entities = {Uid.of(entity["uid"]): entity for entity in entities}
        self._parents = {
            uid: tuple(Uid.of(parent) for parent in entity.get("parents", ()))
            for uid, entity in self.entities.items()
        }

    def __contains__(self, uid: Uid) -> bool:
        return uid in self.entities

    def ancestors(self, uid: Uid) -> tuple[Uid, ...]:
        """Return everything an entity is in; of what is not in the store, nothing further is known."""
        found: dict[Uid, None] = {}
        waiting = list(self._parents.get(uid, ()))
        while waiting:
            here = waiting.pop()
            if here not in found:
                found[here] = None
                waiting.extend(self._parents.get(here, ()))
        return tuple(found)


class Fixed(Store):
    """Entities that are in every store, exactly as they are given.

    Args:
        entities: as of any store; whatever they are in must be among them.

    Raises:
        PolicyError: when one is in something that is not among them.
    """

    def __init__(self, entities: Iterable[Mapping[str, Any]]) -> None:
        super().__init__(entities)
        for parents in self._parents.values():
            for parent in parents:
                if parent not in self.entities:
                    msg = f"`{parent}` is not among the entities that are always there"
                    raise PolicyError(msg, help_text="add it, or leave out that something is in it")

    def add_to(self, footprint: Footprint, facts: "Facts") -> None:
        """Note those entities that the terms of a footprint might be or be in."""
        missing = list(self.entities)
        while True:
            near = {*footprint.types()}
            near |= {above for name in near for above in facts.sorts.shapes.above[name]}
            found = [uid for uid in missing if uid.type in near]
            if not found:
                return
            missing = [uid for uid in missing if uid not in found]
            for uid in found:
                facts.tell_entity(self, uid)


class Facts:
    """What is said to the solver about single entities and a context.

    Args:
        sorts: of the schema.
        footprint: where the entities that are named are noted.
    """

    def __init__(self, sorts: Sorts, footprint: Footprint) -> None:
        self.sorts = sorts
        self.told: list[Formula] = []
        self._footprint = footprint

    def literal(self, uid: Uid) -> Entity:
        """Return the term of a name, and note it."""
        return self._footprint.add_literal(uid, self.sorts.literal(uid))

    def tell_entity(self, store: Store, uid: Uid) -> None:
        """Say whether an entity is there, what it is in, and its attributes."""
        entity = self.literal(uid)
        self.told.append(equality(self.sorts.exists(entity), constant(value=uid in store)))
        ancestors = store.ancestors(uid)
        for above in self.sorts.shapes.above[uid.type]:
            members = [self.literal(other).formula for other in ancestors if other.type == above]
            self.told.append(
                self.sorts.ancestors(entity, above) == _array(self.sorts.nothing(above), members)
            )
        if uid in store:
            attributes = store.entities[uid].get("attrs", {})
            self.tell_record(self.sorts.shapes.entities[uid.type], uid.type, entity, attributes)

    def tell_record(self, shape: RecordOf, path: str, owner: Entity | None, given: Mapping[str, Any]) -> None:
        """Say which attributes of an entity, or of the context, are there, and their values."""
        for name, attribute in shape.attributes.items():
            inner = path_to(path, name)
            if not attribute.required:
                present = self.sorts.present(inner, owner)
                self.told.append(equality(present, constant(value=name in given)))
            if name not in given:
                continue
            if isinstance(attribute.shape, RecordOf):
                self.tell_record(attribute.shape, inner, owner, given[name])
            else:
                value = self._value(attribute.shape, given[name])
                self.told.append(self.sorts.value(inner, attribute.shape, owner) == value)

    def _value(self, shape: Shape, given: Any) -> Formula:
        match shape:
            case Plain(kind="Boolean"):
                return constant(value=given)
            case Plain(kind="Long"):
                return z3.IntVal(given)
            case Plain(kind="String"):
                return string_literal(given)
            case Reference():
                return self.literal(Uid.of(given["__entity"])).formula
            case SetOf(element=element):
                empty = z3.EmptySet(self.sorts.of(element))
                return _array(empty, [self._value(element, item) for item in given])
            case _:
                raise UnsupportedError(construct=construct_of(shape))


def _array(empty: Formula, members: Sequence[Formula]) -> Formula:
    array = empty
    for member in members:
        array = z3.SetAdd(array, member)
    return array
