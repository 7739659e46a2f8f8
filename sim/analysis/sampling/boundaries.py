"""Values worth trying: what the rules compare with, and what lies just beside it.

Of a whole number that is compared with 200 the values 199, 200 and 201 are worth trying, and 0; of a
text every text it is compared with and one other; of a truth both values; of what may be absent, that
it is. People are one in each role that a rule names, one in none, and whoever a rule names. What no
rule reads has one value. Everything is chosen from the rules and the schema alone and always the same.

    Boundaries      from rules and a schema to the values of an attribute
    Space           every question that those values make up in one environment
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple, TypeAlias

from cedarpy import pst

from sim.analysis.evaluation.words import Environment, Words, fits
from sim.analysis.question import Question, Uid, references
from sim.analysis.sampling.combinations import Row, Rows, some_rows
from sim.analysis.sampling.literals import Key, Literals, literals_of
from sim.core.errors import PolicyError

LONG_MIN, LONG_MAX = -(2**63), 2**63 - 1
"""Smallest and largest whole number of Cedar."""
MEMBERS_MAX = 24
"""Most entities of one type beside those that rules name."""
UNIVERSES_MAX = 12
"""Most ways to give named entities their parents and attributes."""
RECORDS_MAX = 16
"""Most values of one record."""

Value: TypeAlias = Any
"""A JSON value as a context has it, or None where an attribute is absent."""


class Case(NamedTuple):
    """One question in parts, for whoever asks very many of them.

    Attributes:
        universe: which of the stores of its space holds the entities.
        principal: who asks.
        resource: what is asked.
        context: what is known of the moment.
    """

    universe: int
    principal: Uid
    resource: Uid
    context: Mapping[str, Any]


@dataclass(frozen=True)
class Space:
    """Every question that boundary values make up in one environment.

    Attributes:
        environment: principal type, action and resource type.
        attributes: names of the attributes of the context, in the order of the schema.
        choices: what there is to choose from: the store, the principal, the resource, then a value for
            each attribute.
        universes: the stores: all entities, as Cedar's entity JSON.
        named: entities that are part of every question.
    """

    environment: Environment
    attributes: tuple[str, ...]
    choices: tuple[tuple[Value, ...], ...]
    universes: tuple[tuple[Mapping[str, Any], ...], ...]
    named: tuple[Uid, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many choices each dimension has."""
        return tuple(len(choices) for choices in self.choices)

    @property
    def size(self) -> int:
        """How many questions there are."""
        return prod(self.sizes)

    def rows(self, limit: int) -> Rows:
        """Return all rows, or where there are more than `limit` every pair of values and a sample."""
        return some_rows(self.sizes, limit)

    def case(self, row: Row) -> Case:
        """Return what a row of choices stands for."""
        universe, principal, resource, *values = (
            choices[position] for choices, position in zip(self.choices, row, strict=True)
        )
        return Case(universe, principal, resource, _present(self.attributes, values))

    def question(self, row: Row) -> Question:
        """Return a row of choices as a question, with the entities it can reach."""
        case = self.case(row)
        store = {Uid.of(entity["uid"]): entity for entity in self.universes[case.universe]}
        roots = [*self.named, case.principal, case.resource, *references(case.context)]
        return Question(
            case.principal, self.environment.action, case.resource, case.context, _reachable(roots, store)
        )


class Boundaries:
    """The values worth trying for some rules.

    Args:
        rules: the rules.
        schema: the schema they are written in, as Cedar's JSON.
        fixed: entities that are exactly as given, as Cedar's entity JSON; what they refer to as a
            parent must be among them.

    Raises:
        PolicyError: when the schema has a type that is not known here.
    """

    def __init__(
        self,
        rules: Iterable[pst.Template],
        schema: Mapping[str, Any],
        *,
        fixed: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.words = Words(schema)
        self._rules = tuple(rules)
        self._read = tuple(literals_of(rule, self.words) for rule in self._rules)
        self._population = _Population(
            self.words, _named(self._rules), fixed, _Choices(self.words, Literals.joined(self._read))
        )
        self._choices: dict[tuple[int, ...], _Choices] = {}
        self._spaces: dict[Environment, Space] = {}

    @property
    def environments(self) -> tuple[Environment, ...]:
        """Every environment of the schema."""
        return self.words.environments

    def fitting(self, environment: Environment) -> tuple[pst.Template, ...]:
        """Return the rules whose scope some request of an environment can fit."""
        return tuple(self._rules[position] for position in self._positions(environment))

    def values(self, action: str, attribute: str) -> tuple[Value, ...]:
        """Return what is worth trying for an attribute of an action's context.

        Returns:
            JSON values; None, which comes first, stands for absent. One value if no rule about the
            action reads the attribute.

        Raises:
            PolicyError: when the action has no such attribute.
        """
        known = self.words.context(action)
        if attribute not in known:
            msg = f"action `{action}` knows no `{attribute}`"
            raise PolicyError(msg)
        found: dict[str, Value] = {}
        for environment in self.environments:
            if environment.action == action:
                for value in self._values(environment, attribute, known[attribute]):
                    found.setdefault(repr(value), value)
        return tuple(found.values())

    def members(self, type_name: str) -> tuple[Uid, ...]:
        """Return the entities of a type: those that rules or the caller name, then one of each sort."""
        return self._population.members(type_name)

    @property
    def universes(self) -> tuple[tuple[Mapping[str, Any], ...], ...]:
        """Every store: all entities, in each way that those named by rules can be."""
        return self._population.universes

    def space(self, environment: Environment) -> Space:
        """Return the questions of one environment."""
        if environment not in self._spaces:
            context = self.words.context(environment.action)
            values = tuple(self._values(environment, name, known) for name, known in context.items())
            choices = (
                tuple(range(len(self.universes))),
                self.members(environment.principal),
                self.members(environment.resource),
                *values,
            )
            named = self._population.named
            self._spaces[environment] = Space(environment, tuple(context), choices, self.universes, named)
        return self._spaces[environment]

    def _values(self, environment: Environment, name: str, attribute: Mapping[str, Any]) -> tuple[Value, ...]:
        positions = self._positions(environment)
        if positions not in self._choices:
            read = Literals.joined([self._read[position] for position in positions])
            self._choices[positions] = _Choices(self.words, read)
        return self._choices[positions].of(("context", name), attribute, self._population.members)

    def _positions(self, environment: Environment) -> tuple[int, ...]:
        return tuple(
            position for position, rule in enumerate(self._rules) if fits(rule, environment, self.words)
        )


# --- values -----------------------------------------------------------------------------------------


_Members: TypeAlias = Callable[[str], tuple[Uid, ...]]
"""Gives the entities of a type."""


class _Choices:
    """The values of attributes, by what some rules read and compare."""

    def __init__(self, words: Words, literals: Literals) -> None:
        self._words = words
        self._literals = literals

    def of(self, key: Key, attribute: Mapping[str, Any], members: _Members) -> tuple[Value, ...]:
        """Return the values of an attribute; absent first, where it may be.

        Args:
            key: which attribute.
            attribute: its type, as the schema has it.
            members: gives the entities of a type.
        """
        values = self._present(key, attribute, members)
        optional = not attribute.get("required", True)
        if not self._literals.reads(key):
            return (None,) if optional else values[:1]
        return (None, *values) if optional else values

    def _present(self, key: Key, attribute: Mapping[str, Any], members: _Members) -> tuple[Value, ...]:
        match attribute:
            case {"type": "Boolean"}:
                return (False, True)
            case {"type": "Long"}:
                return self._numbers(key)
            case {"type": "String"}:
                return self._texts(key)
            case {"type": "Entity", "name": name}:
                return tuple({"__entity": member.to_json()} for member in members(name))
            case {"type": "Set", "element": element}:
                each = self._present(key, element, members)
                return ([], *([value] for value in each), *([list(each)] if len(each) > 1 else []))
            case {"type": "Record", "attributes": attributes}:
                return self._records(key, attributes, members)
            case _:
                msg = f"type `{attribute.get('type')}` of the schema is not known here"
                raise PolicyError(msg)

    def _numbers(self, key: Key) -> tuple[int, ...]:
        constants = [one for one in self._literals.of(key) if isinstance(one, int)]
        if self._literals.compares(key):
            constants.append(0)  # so that one of two numbers can be the larger one
        near = {0, *(value for one in constants for value in (one - 1, one, one + 1))}
        if self._literals.calculates(key):
            near |= {LONG_MIN, LONG_MAX}
        return tuple(sorted(value for value in near if LONG_MIN <= value <= LONG_MAX))

    def _texts(self, key: Key) -> tuple[str, ...]:
        known = [one for one in self._literals.of(key) if isinstance(one, str)]
        fresh = (name for name in _numbered("other") if name not in known)
        # Two attributes that are compared with each other can differ, and neither be a text of the rules.
        return (*known, *(next(fresh) for _ in range(2 if self._literals.compares(key) else 1)))

    def _records(
        self, key: Key, attributes: Mapping[str, Mapping[str, Any]], members: _Members
    ) -> tuple[dict[str, Any], ...]:
        choices = [self.of((*key, name), attribute, members) for name, attribute in attributes.items()]
        rows = some_rows([len(one) for one in choices], RECORDS_MAX).rows
        return tuple(_present(attributes, _picked(choices, row)) for row in rows)


def _picked(choices: Sequence[Sequence[Value]], row: Sequence[int]) -> list[Value]:
    return [values[position] for values, position in zip(choices, row, strict=True)]


def _numbered(word: str) -> Iterator[str]:
    """Yield a word, then the same with numbers from 2."""
    yield word
    count = 2
    while True:
        yield f"{word}-{count}"
        count += 1


# --- entities ---------------------------------------------------------------------------------------


class _Shape(NamedTuple):
    """One way an entity can be."""

    parents: tuple[Uid, ...]
    attributes: Mapping[str, Any]


class _Population:
    """Entities for every sort that rules tell apart.

    Args:
        words: the schema.
        named: entities that rules name.
        fixed: entities that are as given.
        choices: values of attributes.
    """

    def __init__(
        self,
        words: Words,
        named: Iterable[Uid],
        fixed: Sequence[Mapping[str, Any]],
        choices: _Choices,
    ) -> None:
        self._words = words
        self._choices = choices
        self._fixed = {Uid.of(entity["uid"]): entity for entity in fixed}
        self.named = tuple(dict.fromkeys((*self._fixed, *named)))
        self._plain = {name: self._plain_of(name) for name in words.types}
        self._varied = {name: self._varied_of(name) for name in words.types}
        self.universes = self._universes()

    def members(self, type_name: str) -> tuple[Uid, ...]:
        """Return the entities of a type."""
        varied = self._varied[type_name]
        named = (uid for uid in self._plain[type_name] if uid not in varied)
        return (*named, *varied)

    def _plain_of(self, type_name: str) -> tuple[Uid, ...]:
        """Return what attributes may refer to: the named entities of a type, and one with each parent."""
        named = [uid for uid in self.named if uid.type == type_name]
        words = [f"some-{parent.id}" for parent in self._parents(type_name)]
        return (*named, *_fresh(type_name, [f"some-{type_name.lower()}", *words], named))

    def _parents(self, type_name: str) -> tuple[Uid, ...]:
        above = self._words.types_above(type_name)
        return tuple(uid for uid in self.named if uid.type in above)

    def _varied_of(self, type_name: str) -> dict[Uid, _Shape]:
        """Return the entities that no rule names, in every way they can be: first the plain ones."""
        named = [uid for uid in self._plain[type_name] if uid in self.named]
        plain = self._plain[type_name][len(named) :]
        shapes = self._shapes(type_name)
        uids = (
            *plain,
            *_fresh(type_name, [plain[0].id] * (len(shapes) - len(plain)), self._plain[type_name]),
        )
        return dict(zip(uids, shapes, strict=True))

    def _shapes(self, type_name: str) -> tuple[_Shape, ...]:
        """Return every way an entity of a type can be: first the plain ones, without and with each parent."""
        attributes = self._words.attributes(type_name)
        parents = ((), *((parent,) for parent in self._parents(type_name)))
        choices = [
            self._choices.of((type_name, name), attribute, self._plain.__getitem__)
            for name, attribute in attributes.items()
        ]
        sizes = [len(parents), *(len(values) for values in choices)]
        plain = [(position, *(0 for _ in choices)) for position in range(len(parents))]
        rows = dict.fromkeys((*plain, *some_rows(sizes, MEMBERS_MAX).rows))
        return tuple(
            _Shape(parents[position], _present(attributes, _picked(choices, row)))
            for position, *row in list(rows)[: max(MEMBERS_MAX, len(plain))]
        )

    def _universes(self) -> tuple[tuple[Mapping[str, Any], ...], ...]:
        """Return the stores: in each one, every named entity is in another way."""
        others = [uid for uid in self.named if uid not in self._fixed]
        ways = {uid: [one for one in self._shapes(uid.type) if _is_above(one, uid)] for uid in others}
        count = min(UNIVERSES_MAX, max((len(shapes) for shapes in ways.values()), default=1))
        anonymous = [_entity(uid, shape) for varied in self._varied.values() for uid, shape in varied.items()]
        return tuple(
            (
                *self._fixed.values(),
                # Each begins elsewhere, so that two named people are not always in the same role.
                *(
                    _entity(uid, shapes[(turn + start) % len(shapes)])
                    for start, (uid, shapes) in enumerate(ways.items())
                ),
                *anonymous,
            )
            for turn in range(count)
        )


def _named(rules: Iterable[pst.Template]) -> tuple[Uid, ...]:
    """Return the entities that rules name, without actions, sorted."""
    found = {
        Uid(str(uid.type), uid.id)
        for rule in rules
        for uid in pst.entity_uids(rule)
        if str(uid.type) != "Action"
    }
    return tuple(sorted(found))


def _fresh(type_name: str, words: Iterable[str], taken: Iterable[Uid]) -> tuple[Uid, ...]:
    """Return names that are not taken, each like its word."""
    used = dict.fromkeys(uid.id for uid in taken)
    found = []
    for word in words:
        name = next(name for name in _numbered(word) if name not in used)
        used[name] = None
        found.append(Uid(type_name, name))
    return tuple(found)


def _is_above(shape: _Shape, uid: Uid) -> bool:
    """Say whether an entity can have a shape's parents; the order of names rules out circles."""
    return all(parent.type != uid.type or parent < uid for parent in shape.parents)


def _present(names: Iterable[str], values: Iterable[Value]) -> dict[str, Any]:
    """Return the attributes that are there."""
    return {name: value for name, value in zip(names, values, strict=True) if value is not None}


def _entity(uid: Uid, shape: _Shape) -> Mapping[str, Any]:
    parents = [parent.to_json() for parent in shape.parents]
    return {"uid": uid.to_json(), "attrs": shape.attributes, "parents": parents}


def _reachable(roots: Iterable[Uid], store: Mapping[Uid, Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Return some entities, and all that those refer to, in the order of the store."""
    found = dict.fromkeys(uid for uid in roots if uid in store)
    waiting = list(found)
    while waiting:
        entity = store[waiting.pop()]
        for uid in (*map(Uid.of, entity["parents"]), *references(entity["attrs"])):
            if uid in store and uid not in found:
                found[uid] = None
                waiting.append(uid)
    return tuple(entity for uid, entity in store.items() if uid in found)
