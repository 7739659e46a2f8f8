"""Which terms of the open store some formulas look at: what the axioms must be about, and no more.

Cedar has no quantifiers, so a rule looks at finitely many entities, each reached by name or by a path of
attributes. The laws of stores need to hold only among these; the rest of a store can be made to fit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sim.analysis.question import Uid
from sim.analysis.symbolic.formulas import Formula
from sim.analysis.symbolic.values import Entity


@dataclass(slots=True)
class Footprint:
    """Terms in the order in which they were met.

    Attributes:
        entities: every entity term, by type and the term's number.
        literals: those that are names.
        longs: terms that stand for a Long of the context or of an entity.
        strings: the same for strings.
        sets: the same for sets.
        options: whether an optional attribute is there.
        words: strings that rules name.
    """

    entities: dict[tuple[str, int], Entity] = field(default_factory=dict)
    literals: dict[Uid, Entity] = field(default_factory=dict)
    longs: dict[int, Formula] = field(default_factory=dict)
    strings: dict[int, Formula] = field(default_factory=dict)
    sets: dict[int, Formula] = field(default_factory=dict)
    options: dict[int, Formula] = field(default_factory=dict)
    words: dict[str, None] = field(default_factory=dict)

    @classmethod
    def union(cls, footprints: Iterable["Footprint"]) -> "Footprint":
        """Return one that has everything of several."""
        whole = cls()
        for footprint in footprints:
            whole.include(footprint)
        return whole

    def include(self, other: "Footprint") -> None:
        """Take in everything another has."""
        self.entities |= other.entities
        self.literals |= other.literals
        self.longs |= other.longs
        self.strings |= other.strings
        self.sets |= other.sets
        self.options |= other.options
        self.words |= other.words

    def add_entity(self, entity: Entity) -> Entity:
        """Note an entity, and return it."""
        return self.entities.setdefault((entity.type, entity.formula.get_id()), entity)

    def add_literal(self, uid: Uid, entity: Entity) -> Entity:
        """Note an entity that is called by its name, and return it."""
        self.literals[uid] = entity
        return self.add_entity(entity)

    def of_type(self, name: str) -> list[Entity]:
        """Return the entities of one type."""
        return [entity for entity in self.entities.values() if entity.type == name]

    def types(self) -> tuple[str, ...]:
        """Return the types of the entities, in the order in which they were met."""
        return tuple(dict.fromkeys(entity.type for entity in self.entities.values()))

    def translated(self, context: Any) -> "Footprint":
        """Return the entities and their names in another context of the solver."""
        copy = Footprint()
        for entity in self.entities.values():
            copy.add_entity(Entity(entity.type, entity.formula.translate(context)))
        for uid, entity in self.literals.items():
            copy.add_literal(uid, Entity(entity.type, entity.formula.translate(context)))
        return copy
