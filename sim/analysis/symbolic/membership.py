"""`in`: who is in what."""

import z3

from sim.analysis.symbolic.equality import overlapping
from sim.analysis.symbolic.formulas import FALSE, Formula, constant, either, equality
from sim.analysis.symbolic.shapes import Reference
from sim.analysis.symbolic.sorts import Sorts
from sim.analysis.symbolic.values import ActionName, Entity, SymbolicSet


def member(sorts: Sorts, entity: Entity | ActionName, of: Entity | ActionName) -> Formula:
    """Return when an entity is another or is in it; that of actions is written in the schema."""
    match entity, of:
        case ActionName(name=name), ActionName(name=group):
            known = sorts.shapes.actions.get(name)
            return constant(value=name == group or (known is not None and group in known.groups))
        case Entity(), Entity():
            return either(itself(entity, of), _below(sorts, entity, of))
        case _:
            return FALSE


def itself(entity: Entity, of: Entity) -> Formula:
    """Return when an entity is another: everything is in itself."""
    return equality(entity.formula, of.formula) if entity.type == of.type else FALSE


def _below(sorts: Sorts, entity: Entity, of: Entity) -> Formula:
    """Return when an entity is in another one."""
    if of.type not in sorts.shapes.above[entity.type]:
        return FALSE
    return z3.Select(sorts.ancestors(entity, of.type), of.formula)


def member_of_any(sorts: Sorts, entity: Entity | ActionName, container: SymbolicSet) -> Formula:
    """Return when an entity is in one of a set of entities."""
    if not isinstance(entity, Entity) or not isinstance(container.element, Reference):
        return FALSE
    name = container.element.entity
    equal = z3.Select(container.formula, entity.formula) if entity.type == name else FALSE
    if name not in sorts.shapes.above[entity.type]:
        return equal
    return either(equal, overlapping(sorts.ancestors(entity, name), container.formula))
