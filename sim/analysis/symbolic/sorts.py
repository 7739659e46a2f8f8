"""What a schema says, as sorts and functions of the solver.

An entity type is a sort of its own. Its attributes are functions, one to say whether an optional
attribute is there and one for its value; `exists` says whether the store has an entity, and `ancestors`
is the set of everything of one type that an entity is in.
"""

import json

import z3

from sim.analysis.evaluation.words import Environment
from sim.analysis.question import Uid
from sim.analysis.symbolic.formulas import Formula
from sim.analysis.symbolic.shapes import Plain, Reference, SetOf, Shape, Shapes, UnsupportedError
from sim.analysis.symbolic.values import Entity


class Sorts:
    """The sorts and functions of one schema in one context of the solver.

    Args:
        shapes: the schema.
        copied: the same sorts in the solver's main context, to be copied into another; None to make them.
        context: of the solver; None for its main one.
    """

    def __init__(
        self, shapes: Shapes, *, copied: "Sorts | None" = None, context: z3.Context | None = None
    ) -> None:
        self.shapes = shapes
        self._plain = {
            "Boolean": z3.BoolSort(context),
            "Long": z3.IntSort(context),
            "String": z3.StringSort(context),
        }
        # z3 tells sorts apart by the order of their making too: one made anew would not be the same.
        self._entities = {
            name: z3.DeclareSort(f"entity {name}")
            if copied is None
            else copied.entity(name).translate(context)
            for name in shapes.entities
        }
        self._functions: dict[str, Formula] = {}
        self._ancestors: dict[tuple[int, str], Formula] = {}
        self.upwards: dict[tuple[int, int, str], Formula] = {}
        """The law of transitivity for two entities and a type, by the entities' numbers.

        Each is asked for again with every request that is searched for. A law holds on to its entities, so
        that no number is given to another term.
        """

    def copy(self, context: z3.Context) -> "Sorts":
        """Return the same in another context."""
        return Sorts(self.shapes, copied=self, context=context)

    def entity(self, name: str) -> Formula:
        """Return the sort of a type of entity.

        Raises:
            UnsupportedError: when the schema has no such type.
        """
        if name not in self._entities:
            raise UnsupportedError(construct=f"entity type `{name}`")
        return self._entities[name]

    def of(self, shape: Shape) -> Formula:
        """Return the sort of anything that is no record.

        Raises:
            UnsupportedError: for what the prover does not model.
        """
        match shape:
            case Plain(kind=kind):
                return self._plain[kind]
            case Reference(entity=name):
                return self.entity(name)
            case SetOf(element=Plain() | Reference() as element):
                return z3.ArraySort(self.of(element), self._plain["Boolean"])
            case _:
                raise UnsupportedError(construct=construct_of(shape))

    def literal(self, uid: Uid) -> Entity:
        """Return the entity of a name."""
        return Entity(uid.type, z3.Const(str(uid), self.entity(uid.type)))

    def principal(self, environment: Environment) -> Entity:
        """Return who asks."""
        return Entity(environment.principal, z3.Const("principal", self.entity(environment.principal)))

    def resource(self, environment: Environment) -> Entity:
        """Return what is asked."""
        return Entity(environment.resource, z3.Const("resource", self.entity(environment.resource)))

    def value(self, path: str, shape: Shape, owner: Entity | None) -> Formula:
        """Return the value of an attribute of an entity, or of the context."""
        return self._term(path, self.of(shape), owner)

    def present(self, path: str, owner: Entity | None) -> Formula:
        """Return whether an optional attribute of an entity, or of the context, is there."""
        return self._term(f"has {path}", self._plain["Boolean"], owner)

    def exists(self, entity: Entity) -> Formula:
        """Return whether the store has an entity."""
        return self._term(f"{entity.type} exists", self._plain["Boolean"], entity)

    def ancestors(self, entity: Entity, above: str) -> Formula:
        """Return everything of type `above` that an entity is in."""
        key = (entity.formula.get_id(), above)
        known = self._ancestors.get(key)
        if known is None:
            sort = z3.ArraySort(self.entity(above), self._plain["Boolean"])
            known = self._ancestors[key] = self._term(f"{entity.type} in {above}", sort, entity)
        return known

    def nothing(self, element: str) -> Formula:
        """Return the empty set of entities of one type."""
        return z3.EmptySet(self.entity(element))

    def _term(self, name: str, sort: Formula, owner: Entity | None) -> Formula:
        """Return a constant of the context, or what a function of the same name makes of an entity."""
        if owner is None:
            return z3.Const(name, sort)
        function = self._functions.get(name)
        if function is None:
            function = self._functions[name] = z3.Function(name, owner.formula.sort(), sort)
        return function(owner.formula)


def path_to(parent: str, name: str) -> str:
    """Return where an attribute stands; unlike a dot, the brackets can be in no name."""
    return f"{parent}[{json.dumps(name)}]"


def construct_of(shape: Shape) -> str:
    """Return what a type that the prover does not model is called."""
    match shape:
        case SetOf():
            return "sets of sets, of records or of extension types"
        case _:
            return f"the type `{getattr(shape, 'name', 'Record')}`"
