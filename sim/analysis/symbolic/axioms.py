"""The laws of every store, for the terms that some formulas look at.

A law that is missing lets the solver invent stores that cannot be, which replaying shows. A law that says
too much hides stores that can be, and makes false proofs: each is held against random real stores.
"""

from collections.abc import Iterator

import z3

from sim.analysis.symbolic.footprint import Footprint
from sim.analysis.symbolic.formulas import LONG_MAX, LONG_MIN, Formula, opposite
from sim.analysis.symbolic.sorts import Sorts
from sim.analysis.symbolic.values import Entity


def laws(sorts: Sorts, footprint: Footprint, *, closed: bool) -> list[Formula]:
    """Return what holds in every store that conforms to the schema.

    Args:
        sorts: of the schema.
        footprint: the terms it should hold for.
        closed: whether every entity that is referred to is there.
    """
    return [
        *_different_names(footprint),
        *_long_ranges(footprint),
        *_finite_sets(footprint),
        *_hierarchy(sorts, footprint),
        *_absence(sorts, footprint, closed=closed),
    ]


def _different_names(footprint: Footprint) -> Iterator[Formula]:
    """Different names are different entities."""
    for type_name in dict.fromkeys(uid.type for uid in footprint.literals):
        same_type = [entity for uid, entity in footprint.literals.items() if uid.type == type_name]
        if len(same_type) > 1:
            yield z3.Distinct(*(entity.formula for entity in same_type))


def _long_ranges(footprint: Footprint) -> Iterator[Formula]:
    """A Long has 64 bits."""
    for number in footprint.longs.values():
        yield number >= LONG_MIN
        yield number <= LONG_MAX


def _finite_sets(footprint: Footprint) -> Iterator[Formula]:
    """What a set does not list is not in it."""
    for array in footprint.sets.values():
        yield opposite(z3.Default(array))


def _hierarchy(sorts: Sorts, footprint: Footprint) -> Iterator[Formula]:
    """Everybody is in finitely many others, never in themselves, and in whatever those are in."""
    for entity in footprint.entities.values():
        for above in sorts.shapes.above[entity.type]:
            ancestors = sorts.ancestors(entity, above)
            yield opposite(z3.Default(ancestors))
            if above == entity.type:
                yield _not_in_itself(ancestors, entity)
            yield from _transitivity(sorts, footprint, entity, above)


def _not_in_itself(ancestors: Formula, entity: Entity) -> Formula:
    """Nobody is in themselves; with transitivity, there are no circles at all."""
    return opposite(z3.Select(ancestors, entity.formula))


def _transitivity(sorts: Sorts, footprint: Footprint, entity: Entity, above: str) -> Iterator[Formula]:
    """Whoever is in somebody is in whatever that one is in.

    It is enough to say so of the terms: any other ancestor of a witness can be left without its own.
    """
    for middle in footprint.of_type(above):
        for top in sorts.shapes.above[above]:
            key = (entity.formula.get_id(), middle.formula.get_id(), top)
            if key not in sorts.upwards:
                inside = z3.Select(sorts.ancestors(entity, above), middle.formula)
                whole, part = sorts.ancestors(entity, top), sorts.ancestors(middle, top)
                sorts.upwards[key] = z3.Implies(inside, z3.IsSubset(part, whole))
            yield sorts.upwards[key]


def _absence(sorts: Sorts, footprint: Footprint, *, closed: bool) -> Iterator[Formula]:
    """What is not there is in nothing."""
    for entity in footprint.entities.values():
        exists = sorts.exists(entity)
        if closed:
            yield exists
            continue
        for above in sorts.shapes.above[entity.type]:
            yield z3.Implies(opposite(exists), sorts.ancestors(entity, above) == sorts.nothing(above))
